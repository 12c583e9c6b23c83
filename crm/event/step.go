package event

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/store"
)

// Step is something that rules can have done about a record: plan a task, write a mail, move it on. The package that
// owns it offers it by [Registry.Offer]; package workflow shows its parameters to the author of a rule and calls Do in
// the transaction of the rule's run. What goes out of the database is queued in it.
type Step struct {
	// Name is noun.verb and stable, since rules are kept with it.
	Name string
	// Nouns are the records it can be done about: lead, opportunity, quote, party; none for all of them.
	Nouns []string
	// Right is what the author of a rule needs for it, "" for nothing beside the making of rules.
	Right      actor.Right
	Parameters []Parameter
	// Check names what is wrong with a task that a rule is saved with, beside what the kinds of its parameters say; nil
	// for nothing. Paths are the names of parameters.
	Check func(ctx context.Context, s *store.Session, t Task) (fault.List, error)
	// Do carries it out, and says in few words or by an id what came of it. fault.Invalid and its like are final, other
	// errors are tried again.
	Do func(ctx context.Context, s *store.Session, t Task) (string, error)
}

// For reports whether the step can be done about records of a noun.
func (p Step) For(noun string) bool { return len(p.Nouns) == 0 || slices.Contains(p.Nouns, noun) }

// ParameterKind says what a parameter of a step holds, and how a form asks for it.
type ParameterKind string

// The kinds of parameters.
const (
	// Line and Long are texts, of one line or of many; places such as {party.name} in them are filled in.
	Line ParameterKind = "line"
	Long ParameterKind = "long"
	// Value is a Line that is put into a field: places in it are filled in as programs write them, 1250.5, 2026-07-13,
	// true, and not as people do.
	Value ParameterKind = "value"
	// Whole is a number without digits behind the point, not negative.
	Whole ParameterKind = "whole"
	// Choice is one of [Parameter.Choices].
	Choice ParameterKind = "choice"
	// Colleague is a user of the host: owner, manager (the owner's) or user: with his key.
	Colleague ParameterKind = "colleague"
	// Addressee is a Colleague or customer, who is the record's person or company.
	Addressee ParameterKind = "addressee"
	// FieldChoice is one of [Parameter.Choices] or "custom." with the name of a custom field.
	FieldChoice ParameterKind = "field"
	// StageChoice and SequenceChoice are ids.
	StageChoice    ParameterKind = "stage"
	SequenceChoice ParameterKind = "sequence"
	// TemplateChoice is the key of a template of the company; [Parameter.Find] gives those that there are.
	TemplateChoice ParameterKind = "template"
)

// Parameter is what the author of a rule says about a step.
type Parameter struct {
	Name     string
	Kind     ParameterKind
	Required bool
	Choices  []string
	// Most is the longest text, or the largest number; 0 for the kind's own.
	Most int
	// Find gives choices that each company has of its own, for records of a noun; nil for none. [Step.Check] judges them.
	Find func(ctx context.Context, s *store.Session, noun string) ([]string, error)
}

// Limits of parameters that say none.
const (
	mostLine  = 240
	mostLong  = 10_000
	mostWhole = 3650
)

func (p Parameter) most() int {
	switch {
	case p.Most > 0:
		return p.Most
	case p.Kind == Long:
		return mostLong
	case p.Kind == Whole:
		return mostWhole
	}
	return mostLine
}

// Task is a step to be done about a record.
type Task struct {
	// Key is unique for each time that a rule has the step done; what goes out carries it, so that it goes once.
	Key string
	// Rule is the name of the rule.
	Rule   string
	Noun   string
	Record [16]byte
	// Party is the record's person or company; Opportunity is zero where there is none.
	Party, Opportunity [16]byte
	// Name is the record's.
	Name string
	// Owner and Team are whose it is, "" for nobody.
	Owner, Team string
	// Link is the address of the record's card, "" where nobody knows it.
	Link string
	// Locale is the company's.
	Locale locale.Locale
	// Read reads fields of the record by their paths ("party.city"), for texts in a language of their own.
	Read func(ctx context.Context, paths []string) (func(path string, l locale.Language) string, error)
	// Given are the parameters by their names, places filled in.
	Given map[string]string
	// Who finds the user that a Colleague stands for, "" where there is none.
	Who func(ctx context.Context, colleague string) (string, error)
	// Reach finds where an Addressee is written to.
	Reach func(ctx context.Context, addressee string) (Contact, error)
}

// Contact is where somebody is written to; what nobody knows is empty.
type Contact struct {
	// User is a colleague's key.
	User string
	Name string
	// Greeting addresses him in a language: "Dear Ms. Kovács,".
	Greeting func(l locale.Language) string
	Email    string
	Mobile   string
	// Language is the one he is written to in.
	Language locale.Language
}

// NobodyThere is what a step says that found nobody to give its work to.
const NobodyThere = "-"

// User is the prefix of a named user in parameters of kind Colleague and Addressee.
const User = "user:"

// Colleagues and the customer, in parameters of kind Colleague and Addressee.
const (
	Owner    = "owner"
	Manager  = "manager"
	Customer = "customer"
)

// Judge names what is wrong with the parameters that a rule is to be saved with, by their names.
func (p Step) Judge(given map[string]string) fault.List {
	var faults fault.List
	for name := range given {
		if !slices.ContainsFunc(p.Parameters, func(one Parameter) bool { return one.Name == name }) {
			faults.Add(name, "unknown", "the step %s has no such parameter", p.Name)
		}
	}
	for _, one := range p.Parameters {
		text := strings.TrimSpace(given[one.Name])
		if text == "" {
			if one.Required {
				faults.Required(one.Name, "")
			}
			continue
		}
		one.judge(&faults, text)
	}
	return faults
}

func (p Parameter) judge(faults *fault.List, text string) {
	switch p.Kind {
	case Line, Long, Value, TemplateChoice:
		if n := len([]rune(text)); n > p.most() {
			faults.Add(p.Name, "text.length", "is %d characters long, at most %d fit; shorten it", n, p.most())
		}
	case Whole:
		n, err := ParseWhole(text)
		if err != nil || n > p.most() {
			faults.Add(p.Name, "number.form", "%.20q is no whole number from 0 to %d", text, p.most())
		}
	case Choice, FieldChoice:
		if !slices.Contains(p.Choices, text) && (p.Kind != FieldChoice || !strings.HasPrefix(text, "custom.")) {
			faults.Add(p.Name, "choice", "%.40q is not among %s", text, strings.Join(p.Choices, ", "))
		}
	case Colleague, Addressee:
		named, isUser := strings.CutPrefix(text, User)
		if text != Owner && text != Manager && (text != Customer || p.Kind != Addressee) && (!isUser || named == "" || len(named) > 64) {
			faults.Add(p.Name, "choice", "%.40q is nobody; choose the owner, the manager or a user", text)
		}
	case StageChoice, SequenceChoice:
		if _, err := store.ParseKey[Tag](text); err != nil {
			faults.Add(p.Name, "choice", "%.40q is no id; choose from the list", text)
		}
	}
}

// OnValue are the faults of a value that a step would set, as those of its parameter value, for [Step.Check].
func OnValue(err error) (fault.List, error) {
	var faults fault.List
	for _, f := range fault.Of(err) {
		faults.Add("value", f.Code, "%s", f.Message)
	}
	if len(faults) > 0 {
		return faults, nil
	}
	return nil, err
}

// Refused is the error of a value that a step cannot set.
func Refused(code, message string) error {
	return fault.List{{Path: "value", Code: code, Message: message}}.Err("the value cannot be set")
}

// Open reports whether the value has places that are still to be filled in, so that it cannot be judged yet. When the step
// is done all are filled in, whatever signs the value has.
func (t Task) Open() bool { return t.Key == "" && strings.Contains(t.Given["value"], "{") }

// Custom reads the value as one of a custom field of the record, and holds it against the field's rules.
func (t Task) Custom(ctx context.Context, s *store.Session, recordKind, name string) (any, error) {
	if !t.Open() {
		return s.ParseCustom(ctx, recordKind, name, t.Given["value"])
	}
	fields, err := s.Fields(ctx, recordKind)
	if err == nil && !slices.ContainsFunc(fields, func(f store.CustomField) bool { return f.Name == name }) {
		err = Refused("unknown", "there is no such field")
	}
	return nil, err
}

// Day reads the value as a day that a step is to set, 2026-07-13, or +30 for thirty days from now.
func (t Task) Day(now time.Time) (civil.Date, error) {
	text := t.Given["value"]
	var day civil.Date
	ahead, relative := strings.CutPrefix(text, "+")
	n, err := ParseWhole(ahead)
	if !relative {
		day, err = civil.Parse(text)
	} else if err == nil {
		day = civil.In(now, t.Locale.Location()).AddDays(n)
	}
	if err != nil && !t.Open() {
		return day, Refused("form", "does not fit the field; write a date as 2026-07-13, or +30 for thirty days from now")
	}
	return day, nil
}

// ParseWhole reads a number that is written with digits alone.
func ParseWhole(text string) (int, error) {
	n := 0
	for _, r := range text {
		if r < '0' || r > '9' || n > 1_000_000 {
			return 0, fmt.Errorf("%q is no whole number", text)
		}
		n = n*10 + int(r-'0')
	}
	return n, nil
}

// Offer puts a step into the registry; a name that is taken is a programming error and panics.
func (r *Registry) Offer(p Step) {
	if _, taken := r.Step(p.Name); taken || p.Name == "" || p.Do == nil {
		panic("event: step " + p.Name + " is offered twice or incomplete")
	}
	r.steps = append(r.steps, p)
}

// Step finds a step by its name.
func (r *Registry) Step(name string) (Step, bool) {
	i := slices.IndexFunc(r.steps, func(p Step) bool { return p.Name == name })
	if i < 0 {
		return Step{}, false
	}
	return r.steps[i], true
}

// Steps lists the steps that can be done about records of a noun, in the order in which they were offered.
func (r *Registry) Steps(noun string) []Step {
	var list []Step
	for _, p := range r.steps {
		if p.For(noun) {
			list = append(list, p)
		}
	}
	return list
}

type depthKey struct{}

// Caused marks a context in which a rule acts: events that are written in it say how many rules stand behind them.
func Caused(ctx context.Context, depth int) context.Context {
	return context.WithValue(ctx, depthKey{}, depth)
}

func depthOf(ctx context.Context) int {
	n, _ := ctx.Value(depthKey{}).(int)
	return n
}
