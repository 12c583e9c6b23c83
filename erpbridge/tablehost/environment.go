package tablehost

import (
	"fmt"
	"slices"

	"github.com/crmplus/crmplus/crm/formula"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/party"
)

// environments are what the formulas of a mapping see at its several places. Names and kinds are those
// of package erpbridge; extra are the columns that the mapping itself adds.
type environments struct {
	// common is there everywhere.
	common *formula.Env
	// read is for what is read: Field.Read and Field.Value, and Done.
	read *formula.Env
	// customer, contact, header, line and tax are for what is written of them.
	customer, contact, header, line, tax *formula.Env
	// counter finds the row of a number table, fiscal gives the fiscal year of a date, due the days until
	// payment; cancel is for taking a document back.
	counter, fiscal, due, cancel *formula.Env
}

// environments gives the environments of the mapping that is being compiled.
func (c *compiler) environments() *environments { return environmentsOf(c.mapping) }

func environmentsOf(m *Mapping) *environments {
	e := &environments{}
	e.common = formula.NewEnv().Func(partyFunctions...).
		With(recordOf("company", "the company of the session", companyPart, m.Companies)).
		With(recordOf("user", "the user who acts", userPart, m.Users, idField)).
		Var("now", formula.Moment, "the local date and time of the company").
		Var("today", formula.Date, "the business date").
		Var("token", formula.Text, "the token of the conversion, the same when it is tried again")
	e.read = e.common.
		With(formula.Field{Name: "row", Kind: formula.Record, Open: true, Doc: "the row that is read, by column: `row.City`, `row[\"Company Name\"]`, `row[\"address.CITY\"]` of a join; only column and columns of the field are there"}).
		Var("value", formula.Any, "the value of the field's own column")

	writes := e.common.
		Var("value", formula.Any, "in write: the value of ours that is written").
		Var("try", formula.Whole, "in the template of a key: 0, and one more each time the code is taken").
		With(formula.Field{Name: "steps", Kind: formula.Record, Open: true, Doc: "keys that earlier steps made, by the name of the step: `steps.address`"})
	e.customer = writes.With(recordOf("customer", "the customer: the draft that is written, or the one whose document it is", customerPart, m.customerEntity()))
	e.contact = e.customer.With(recordOf("contact", "the contact person that is written", contactPart, m.contactEntity()))
	document := recordOf("document", "the document that is written", documentPart, nil, documentFields...)
	for _, kind := range sorted(m.Documents) {
		if d := m.Documents[kind]; d != nil {
			document = extended(document, d.Extra)
		}
	}
	e.header = e.customer.With(document, renamed(document, "source", "the document that this one follows; no value where it follows none")).
		Var("date", formula.Date, "the date of the document").
		Var("reason", formula.Text, "why a document is taken back, also in the credit note that does it")
	line, source := m.lineRecords()
	e.line = e.header.With(line, source, recordOf("product", "the product of the line; no value for a line of free text", productPart, m.Products))
	e.tax = e.header.With(recordOf("tax", "the sum of one VAT code", taxPart, nil))
	e.counter = e.common.With(numberFields...)
	e.fiscal = e.common.Var("date", formula.Date, "the date of the document")
	e.due = e.customer.Var("date", formula.Date, "the date of the document")
	e.cancel = e.header.With(renamed(document, "credit", "the document that takes this one back; no value before it is written"))
	return e
}

// each adds what a repeated step sees: "line" or "tax".
func (e *environments) each(env *formula.Env, what string) *formula.Env {
	from, names := e.line, []string{"line", "sourceline", "product"}
	if what == "tax" {
		from, names = e.tax, []string{"tax"}
	}
	for _, f := range from.Vars() {
		if slices.Contains(names, f.Name) {
			env = env.With(f)
		}
	}
	return env
}

// format adds what makes a number out of a count.
func (e *environments) format(env *formula.Env) *formula.Env { return env.With(numberFields...) }

// lookup gives the parameters of a lookup.
func (e *environments) lookup(l Lookup) *formula.Env {
	env := e.common
	for i, name := range l.Parameters {
		env = env.Var(name, formula.Any, fmt.Sprintf("parameter %d of the lookup", i+1))
	}
	return env
}

var idField = formula.Field{Name: "id", Kind: formula.Text, Doc: "the same as key"}

// documentFields are those that a document has beside its fields in the mapping.
var documentFields = []formula.Field{
	{Name: "kind", Kind: formula.Text, Doc: "quote, order, delivery, invoice, credit, payment_request, advance_invoice or completion_act"},
	{Name: "year", Kind: formula.Whole, Doc: "the fiscal year of its date"},
	{Name: "series", Kind: formula.Text, Doc: "the series of its number"},
	{Name: "serial", Kind: formula.Whole, Doc: "the whole number that its counter gave"},
}

// numberFields are for what makes and finds numbers.
var numberFields = []formula.Field{
	{Name: "n", Kind: formula.Whole, Doc: "the number that the counter gave"},
	{Name: "series", Kind: formula.Text, Doc: "the series that the numbering names"},
	{Name: "year", Kind: formula.Whole, Doc: "the fiscal year of the document's date"},
	{Name: "date", Kind: formula.Date, Doc: "the date of the document"},
	{Name: "kind", Kind: formula.Text, Doc: "the kind of the document, \"\" for customers and contacts"},
}

// recordOf declares a record with the fields of a part, its key, and the columns that the mapping adds.
func recordOf(name, doc string, p part, e *Entity, more ...formula.Field) formula.Field {
	f := formula.Field{Name: name, Kind: formula.Record, Doc: doc}
	f.Fields = append(f.Fields, formula.Field{Name: "key", Kind: formula.Text, Doc: "the host's key"})
	f.Fields = append(f.Fields, more...)
	for _, field := range sorted(p) {
		f.Fields = append(f.Fields, formula.Field{Name: field, Kind: p[field].kind(), Doc: meaning(field)})
	}
	if e != nil {
		f = extended(f, e.Extra)
	}
	return f
}

// extended adds columns of the mapping to the extra of a record.
func extended(f formula.Field, columns map[string]string) formula.Field {
	if len(columns) == 0 {
		return f
	}
	f.Fields = slices.Clone(f.Fields)
	at := slices.IndexFunc(f.Fields, func(x formula.Field) bool { return x.Name == "extra" })
	if at < 0 {
		at = len(f.Fields)
		f.Fields = append(f.Fields, formula.Field{Name: "extra", Kind: formula.Record, Doc: "columns that the mapping adds under extra"})
	}
	extra := f.Fields[at]
	extra.Fields = slices.Clone(extra.Fields)
	for _, name := range sorted(columns) {
		if !slices.ContainsFunc(extra.Fields, func(x formula.Field) bool { return x.Name == name }) {
			extra.Fields = append(extra.Fields, formula.Field{Name: name, Kind: formula.Any, Doc: "column " + columns[name]})
		}
	}
	f.Fields[at] = extra
	return f
}

// renamed is the same record under another name.
func renamed(f formula.Field, name, doc string) formula.Field {
	f.Name, f.Doc = name, doc
	return f
}

// lineRecords declare a line and the line that it follows, with the extra columns of all kinds.
func (m *Mapping) lineRecords() (line, source formula.Field) {
	line = recordOf("line", "the line that is written", linePart, nil,
		formula.Field{Name: "row", Kind: formula.Whole, Doc: "its row number"})
	for _, kind := range sorted(m.Documents) {
		if d := m.Documents[kind]; d != nil && d.Lines != nil {
			line = extended(line, d.Lines.Extra)
		}
	}
	return line, renamed(line, "sourceline", "the line of the followed document that this one follows; no value where there is none")
}

func (m *Mapping) customerEntity() *Entity {
	if m.Customers == nil {
		return nil
	}
	return &m.Customers.Entity
}

func (m *Mapping) contactEntity() *Entity {
	if m.Contacts == nil {
		return nil
	}
	return &m.Contacts.Entity
}

// kind is how formulas see what a field holds.
func (h holds) kind() formula.Kind {
	switch h {
	case ofText:
		return formula.Text
	case ofMoney, ofQuantity, ofPercent:
		return formula.Number
	case ofWhole:
		return formula.Whole
	case ofFlag:
		return formula.Bool
	case ofDay:
		return formula.Date
	}
	return formula.Any
}

// partyFunctions bring texts to the form in which CRM+ compares them.
var partyFunctions = []formula.Func{
	{
		Name: "fold", Doc: "small letters without accents and punctuation, for comparing", Result: formula.Text,
		Params: []formula.Field{{Name: "text", Kind: formula.Text}},
		Call:   func(args []any) (any, error) { return party.Fold(argument(args, 0)), nil },
	},
	{
		Name: "name_key", Doc: "a name without its legal form, folded, its words sorted", Result: formula.Text,
		Params: []formula.Field{{Name: "text", Kind: formula.Text}},
		Call:   func(args []any) (any, error) { return party.NameKey(argument(args, 0)), nil },
	},
	{
		Name: "email_key", Doc: "an e-mail address in small letters; empty where it is none", Result: formula.Text,
		Params: []formula.Field{{Name: "text", Kind: formula.Text}},
		Call: func(args []any) (any, error) {
			key, err := party.NormalizeEmail(argument(args, 0))
			return orEmpty(key, err), nil
		},
	},
	{
		Name: "phone_key", Doc: "a phone number as +3612345678 (E.164); country is where it is dialled without a prefix; empty where it is none", Result: formula.Text,
		Params: []formula.Field{{Name: "text", Kind: formula.Text}, {Name: "country", Kind: formula.Text}},
		Call: func(args []any) (any, error) {
			key, err := party.NormalizePhone(argument(args, 0), argument(args, 1))
			return orEmpty(key, err), nil
		},
	},
	{
		Name: "tax_key", Doc: "a tax or VAT number with its country, HU12345676; empty where it is none", Result: formula.Text,
		Params: []formula.Field{{Name: "text", Kind: formula.Text}, {Name: "country", Kind: formula.Text}},
		Call: func(args []any) (any, error) {
			id, err := party.NormalizeTaxID(argument(args, 0), argument(args, 1))
			return orEmpty(id.Key, err), nil
		},
	},
	{
		Name: "sort_key", Doc: "the bytes by which names sort in the language (hu en he ru el), for a binary column", Result: formula.Any,
		Params: []formula.Field{{Name: "text", Kind: formula.Text}, {Name: "language", Kind: formula.Text}},
		Call: func(args []any) (any, error) {
			return locale.Language(argument(args, 1)).SortKey(argument(args, 0)), nil
		},
	},
}

// argument is a parameter of the kind text, which always comes as a string.
func argument(args []any, i int) string {
	s, _ := args[i].(string)
	return s
}

// orEmpty drops what is not well formed: such a text is found by nobody.
func orEmpty(key string, err error) string {
	if err != nil {
		return ""
	}
	return key
}

// meaning says what a field holds.
func meaning(field string) string { return meanings[field] }

var meanings = map[string]string{
	"absent":       "whether the user is away",
	"amount":       "what was owed at first, or came in",
	"bank_account": "the account customers pay to, as printed",
	"blocked":      "whether nothing may be sold to the customer",
	"cancelled_by": "the key of the document that took it back",
	"city":         "the town",
	"code":         "what people call it by, where that is not the key; of a tax the VAT code",
	"cost":         "what one unit costs the host",
	"country":      "ISO 3166-1 alpha-2: HU",
	"currency":     "ISO 4217: HUF",
	"customer":     "the host's key of the customer",
	"date":         "the date of the document",
	"delivered":    "how much of an order's line was delivered so far",
	"description":  "a longer text",
	"discontinued": "whether it is no longer sold",
	"discount":     "in percent: 10 is 10 %",
	"document":     "the key of the document",
	"due":          "the last day of payment or delivery",
	"email":        "the e-mail address",
	"eu_vat_id":    "the VAT number for trade in the EU: HU12345676",
	"family":       "the family name of a person",
	"from":         "the first day it holds",
	"given":        "the given names of a person",
	"gross":        "with VAT, in the document's currency",
	"group":        "the key of the group",
	"iban":         "the account's IBAN",
	"invoiced":     "how much of an order's line was invoiced so far",
	"job_title":    "the position in the firm",
	"kind":         "the kind of the document",
	"language":     "hu en he ru el",
	"line1":        "street and number",
	"line2":        "the second line of the address",
	"list":         "the key of the price list",
	"logo":         "a PNG or JPEG",
	"manager":      "the key of the superior",
	"min_quantity": "from how many units it holds",
	"mobile":       "the mobile phone",
	"name":         "the name",
	"net":          "without VAT, in the document's currency",
	"note":         "a text for people",
	"number":       "the number as printed",
	"open":         "what is not paid yet",
	"paid":         "how much of the gross total came in",
	"payment_days": "days until payment",
	"person":       "whether it is a natural person",
	"phone":        "the phone number",
	"postal_code":  "the postal code",
	"price":        "the net price of one unit",
	"price_list":   "the key of the customer's own price list",
	"product":      "the host's key of the product",
	"quantity":     "how many units",
	"rate":         "VAT in percent: 27 is 27 %",
	"reference":    "our number: that of the quote",
	"region":       "county or state",
	"search":       "party.Fold of code and name",
	"standard":     "whether the list holds for everybody",
	"state":        "open partial completed posted paid cancelled credited",
	"stock":        "what is on hand",
	"tax_id":       "the tax number as the country writes it",
	"teams":        "the names of the teams, blanks between them",
	"to":           "the last day it holds",
	"unit":         "the unit of quantity; in prices the net price of one",
	"unit_price":   "the price of one unit before discount, net",
	"vat":          "the VAT, in the document's currency",
	"vat_code":     "the host's VAT code",
	"vat_rate":     "VAT in percent: 27 is 27 %",
	"website":      "the address of the website",
	"zone":         "the time zone: Europe/Budapest",
}
