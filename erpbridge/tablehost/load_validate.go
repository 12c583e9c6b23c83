package tablehost

import (
	"reflect"
	"slices"
	"strings"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/erpbridge/catalog"
)

// mappingVersion is the version of the mapping language.
const mappingVersion = 1

// kinds are the kinds of documents of the language, states the states they can have.
var (
	documentKinds = []erpbridge.Kind{
		erpbridge.Quotation, erpbridge.Order, erpbridge.DeliveryNote, erpbridge.Invoice, erpbridge.CreditNote, erpbridge.PaymentRequest,
		erpbridge.AdvanceInvoice, erpbridge.CompletionAct,
	}
	documentStates = []erpbridge.State{
		erpbridge.Open, erpbridge.Partial, erpbridge.Completed, erpbridge.Posted, erpbridge.Paid, erpbridge.Cancelled, erpbridge.Credited,
	}
)

// Validate finds what is wrong with a mapping whatever the database is: formulas that do not compile where
// they stand, names of counters, lookups, fields, kinds and states that do not exist, parts that are
// missing. All faults come at once. What depends on the database is found by [New] and [Check].
func (m Mapping) Validate() error {
	var faults fault.List
	if m.Version != mappingVersion {
		faults.Add("version", "version", "is %d; this is version %d of the language: write version: %d", m.Version, mappingVersion, mappingVersion)
	}
	faults.Required("name", m.Name)
	m.validateDocuments(&faults)
	if m.Customers == nil && len(m.Documents) > 0 {
		faults.Add("customers", "required", "is missing; documents are written for customers")
	}
	c := &compiler{mapping: &m, catalog: m.imagined(), options: Options{AllowUnsafeSQL: true}}
	c.compile()
	for _, f := range c.faults {
		if !ofDatabase(f.Code) && !slices.Contains(faults, f) {
			faults = append(faults, f)
		}
	}
	return faults.Err("the mapping cannot be used")
}

// ofDatabase tells the faults that only a real catalogue can judge.
func ofDatabase(code string) bool {
	return strings.HasPrefix(code, "table.") || strings.HasPrefix(code, "column.") && code != "column.table"
}

func (m Mapping) validateDocuments(faults *fault.List) {
	for _, kind := range sorted(m.Documents) {
		path, d := "documents."+string(kind), m.Documents[kind]
		knownKind(faults, path, kind)
		if d == nil {
			faults.Add(path, "required", "is empty; give it a table, or of")
			continue
		}
		if d.Table == "" && d.Of == "" {
			faults.Add(path+".table", "required", "is missing; name the table of the headers, or with of the document that it is a change of")
		}
		if d.Source != nil {
			for _, from := range d.Source.From {
				knownKind(faults, path+".source.from", from)
			}
			for _, from := range sorted(d.Source.Values) {
				knownKind(faults, path+".source.values", erpbridge.Kind(from))
			}
		}
		if f, ok := d.Fields["state"]; ok {
			for _, state := range sorted(f.Values) {
				knownState(faults, path+".fields.state.values", erpbridge.State(state))
			}
		}
		if d.Initial != "" {
			knownState(faults, path+".initial", d.Initial)
		}
		for _, way := range d.Cancel {
			for _, state := range way.From {
				knownState(faults, path+".cancel", state)
			}
		}
	}
}

func knownKind(faults *fault.List, path string, kind erpbridge.Kind) {
	if !slices.Contains(documentKinds, kind) {
		faults.Add(path, "kind.unknown", "%q is no kind of document%s", kind, catalog.Nearest(string(kind), asTexts(documentKinds)))
	}
}

func knownState(faults *fault.List, path string, state erpbridge.State) {
	if !slices.Contains(documentStates, state) {
		faults.Add(path, "state.unknown", "%q is no state of a document%s", state, catalog.Nearest(string(state), asTexts(documentStates)))
	}
}

func asTexts[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = string(v)
	}
	return out
}

// imagined is a catalogue that has whatever the mapping could mean: every text in it as a table, and
// each of those with every text as a column. What a mapping does wrong in it, it does wrong everywhere.
func (m Mapping) imagined() *catalog.Catalog {
	found := map[string]bool{}
	gather(reflect.ValueOf(m), found)
	cat := &catalog.Catalog{Dialect: catalog.SQLite}
	var columns []catalog.Column
	tables := map[string]bool{}
	for _, name := range sorted(found) {
		columns = append(columns, catalog.Column{Name: name, Nullable: true, Type: catalog.Type{Name: "any", Family: catalog.Other}})
	}
	for _, name := range sorted(found) {
		parts, err := catalog.ParseName(name)
		if err != nil || len(parts) == 0 {
			continue
		}
		bare := parts[len(parts)-1]
		if tables[bare] {
			continue
		}
		tables[bare] = true
		cat.Tables = append(cat.Tables, catalog.Table{Name: bare, CanSelect: true, CanInsert: true, CanUpdate: true, CanDelete: true, Columns: columns})
	}
	return cat
}

// gather collects the short texts of a value; of "address.CITY" also the part behind the point.
func gather(v reflect.Value, found map[string]bool) {
	switch v.Kind() {
	case reflect.String:
		s := v.String()
		if s == "" || len(s) > 128 {
			return
		}
		found[s] = true
		if i := strings.LastIndexByte(s, '.'); i >= 0 && i < len(s)-1 {
			found[s[i+1:]] = true
		}
	case reflect.Pointer:
		if !v.IsNil() {
			gather(v.Elem(), found)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			gather(v.Field(i), found)
		}
	case reflect.Slice:
		for i := range v.Len() {
			gather(v.Index(i), found)
		}
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			gather(it.Key(), found)
			gather(it.Value(), found)
		}
	}
}
