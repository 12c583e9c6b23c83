package rule

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/crmplus/crmplus/crm/store"
)

// Kind is what a value is.
type Kind string

// The kinds, and the Go types of their values in [Values]; nil is no value in each of them.
const (
	// Text is a string, or a type made of it.
	Text Kind = "text"
	// Number is a decimal.Decimal, one of package money's, or an integer.
	Number Kind = "number"
	// YesNo is a bool.
	YesNo Kind = "yes/no"
	// Date is a civil.Date.
	Date Kind = "date"
	// Moment is a time.Time.
	Moment Kind = "moment"
)

// Field is a field of the record in question, or of the rows of a list.
type Field struct {
	// Name is how conditions write it: lower case, with underscores; custom fields have "custom." in front.
	Name string `json:"name"`
	Kind Kind   `json:"kind"`
	// Doc says in one sentence what it holds, with its unit or form.
	Doc string `json:"doc"`
	// Choices are all values a text can have, where it has few. Others are refused as typing errors.
	Choices []string `json:"choices,omitempty"`
	// Optional says that there may be no value. A text without Optional is empty then.
	Optional bool `json:"optional,omitempty"`
	// Is defines the field by the others: a condition for YesNo, else an aggregate of a list. A defined
	// field has no column.
	Is string `json:"is,omitempty"`
	// Column is the field in SQL, under the alias that its record or list has there, with the parameters
	// Args; "" for what only Go can read. It gives NULL for no value.
	Column string `json:"-"`
	Args   []any  `json:"-"`
	// Places is how many digits after the point a Number has that is kept as a scaled BIGINT.
	Places int32 `json:"-"`
	// Own is the company's own field that it is, with its words in each language; nil for others.
	Own *store.CustomField `json:"-"`
	// Shown says that the column is compared as the database likes, without case on SQL Server: one that
	// is made to be shown. Conditions compare it letter by letter.
	Shown bool `json:"-"`
}

// Record is a group of fields of which the record in question has one value each: "party".
type Record struct {
	Name   string  `json:"name"`
	Doc    string  `json:"doc"`
	Fields []Field `json:"fields"`
}

// List is what a record has any number of: "leads".
type List struct {
	Name   string  `json:"name"`
	Doc    string  `json:"doc"`
	Fields []Field `json:"fields"`

	// From is the table with its alias, and what is joined to it: "crm_lead AS lead". The alias differs from
	// those of the subject and of other lists.
	From string `json:"-"`
	// Key is the column that refers to the subject; it is never NULL in rows that count.
	Key string `json:"-"`
	// Own is the plain column with an index that Key is computed from, where records are merged into others:
	// Key then leads to the subject that a row counts for, and [Subject.Aliases] back. It is "" where Key is
	// that column.
	Own string `json:"-"`
	// Company is the column with the company, "" for a table that has none.
	Company string `json:"-"`
	// Where tells which rows count, "" for all, with the parameters Args.
	Where string `json:"-"`
	Args  []any  `json:"-"`
	// Load reads the rows in Go, for a list that is in no table of this database; From is "" then.
	Load Loader `json:"-"`
}

// Loader gives, for each of the subjects, its rows: values by the names of the fields.
type Loader func(ctx context.Context, s *store.Session, subjects [][16]byte) (map[[16]byte][]Values, error)

// Subject is the record in question, in SQL.
type Subject struct {
	// Source is the model of From's first table, whose company and visibility hold.
	Source store.Source
	// From is the table with its alias, and what is joined to it: "crm_party AS party".
	From string
	// Key is its key, under that alias: "party.id".
	Key string
	// Aliases gives the records that were merged into subjects, with whom each counts for; nil where no list
	// has Own.
	Aliases func(ctx context.Context, s *store.Session, subjects [][16]byte) (map[[16]byte][16]byte, error)
}

// Values are those of one record: for a subject by "record.field", with the rows of a list as []Values under
// its name; for a row by the name of the field.
type Values map[string]any

// Environment says what a condition can speak of. It never changes, and is safe for many goroutines.
type Environment struct {
	subject Subject
	records []Record
	lists   []List
	fields  map[string]*field
	byList  map[string]*list
}

// field is a declared field with what is known after the check.
type field struct {
	Field
	// path is its name in conditions: "party.city", ".status".
	path string
	list *list
	// is is the meaning of a defined field.
	is *definition
}

type definition struct {
	cond *cond
	term *term
}

type list struct {
	*List
	fields map[string]*field
}

// NewEnvironment makes an environment. A mistake in it is one of the program, and an error that says which.
func NewEnvironment(subject Subject, records []Record, lists []List) (*Environment, error) {
	e := &Environment{subject: subject, records: slices.Clone(records), lists: slices.Clone(lists), fields: map[string]*field{}, byList: map[string]*list{}}
	for i := range e.lists {
		l := &list{List: &e.lists[i], fields: map[string]*field{}}
		if e.byList[l.Name] != nil || (l.From == "") == (l.Load == nil) || l.Name == "" {
			return nil, fmt.Errorf("rule: the list %q is there twice, or has not exactly one of From and Load", l.Name)
		}
		e.byList[l.Name] = l
		for _, f := range l.Fields {
			if l.fields[f.Name] != nil || f.Is != "" || (f.Column == "") != (l.From == "") {
				return nil, fmt.Errorf("rule: the field %q of %s is there twice, or has no column", f.Name, l.Name)
			}
			l.fields[f.Name] = &field{Field: f, path: "." + f.Name, list: l}
		}
	}
	for _, r := range e.records {
		for _, f := range r.Fields {
			path := r.Name + "." + f.Name
			if e.fields[path] != nil {
				return nil, fmt.Errorf("rule: the field %s is there twice", path)
			}
			known := &field{Field: f, path: path}
			if f.Is != "" {
				if err := e.define(known); err != nil {
					return nil, err
				}
			}
			e.fields[path] = known
		}
	}
	return e, nil
}

// define gives a field its meaning. It may use the fields before it.
func (e *Environment) define(f *field) error {
	c := &checker{env: e, uses: newUses()}
	p := &parser{source: f.Is}
	if f.Kind == YesNo {
		n := p.condition()
		f.is = &definition{cond: c.condition(&n, 0)}
	} else {
		o := p.operand()
		f.is = &definition{term: c.term(&o, 0)}
		if len(c.faults) == 0 && f.is.term.kind != f.Kind {
			return fmt.Errorf("rule: %s is a %s, not a %s", f.path, f.is.term.kind, f.Kind)
		}
	}
	if err := append(p.faults, c.faults...).Err("rule: the definition of %s", f.path); err != nil {
		return err
	}
	return nil
}

// Records gives the groups of fields in the order of their declaration, for forms.
func (e *Environment) Records() []Record { return slices.Clone(e.records) }

// Lists gives the lists in the order of their declaration, for forms.
func (e *Environment) Lists() []List { return slices.Clone(e.lists) }

// MarshalJSON gives records, lists and functions, from which a form is built.
func (e *Environment) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Records   []Record   `json:"records"`
		Lists     []List     `json:"lists"`
		Functions []Function `json:"functions"`
	}{e.records, e.lists, Functions()})
}

// Document describes all of it as Markdown tables.
func (e *Environment) Document() string {
	var b strings.Builder
	row := func(name string, f Field) {
		doc := strings.ReplaceAll(f.Doc, "|", `\|`)
		if len(f.Choices) > 0 {
			doc += ": " + strings.Join(f.Choices, ", ")
		}
		if f.Optional {
			doc += "; may be nil"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", name, f.Kind, doc)
	}
	b.WriteString("| Name | Kind | Meaning |\n|---|---|---|\n")
	for _, r := range e.records {
		for _, f := range r.Fields {
			row(r.Name+"."+f.Name, f)
		}
	}
	for _, l := range e.lists {
		fmt.Fprintf(&b, "| `%s` | list | %s |\n", l.Name, l.Doc)
		for _, f := range l.Fields {
			row("."+f.Name, f)
		}
	}
	b.WriteString("\n| Function | Kind | Meaning |\n|---|---|---|\n")
	for _, f := range Functions() {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", f.Signature, f.Kind, f.Doc)
	}
	return b.String()
}
