package tablehost

import (
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/crmplus/crmplus/crm/formula"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/testutil"
)

// guide is EMBEDDING.md as seen from testdata.
const guide = "../../EMBEDDING.md"

// TestGuideReference keeps the reference sections of the guide true: what stands between its marks is what
// the language says of itself.
func TestGuideReference(t *testing.T) {
	b, err := os.ReadFile("../EMBEDDING.md")
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	for name, content := range map[string]string{"language": formula.Language(), "variables": describeVariables(), "keys": describeKeys(readComments(t))} {
		begin, end := "<!-- generated: "+name+" -->\n", "<!-- end: "+name+" -->"
		from, to := strings.Index(text, begin), strings.Index(text, end)
		if from < 0 || to < from {
			t.Fatalf("the guide has no marks for %s", name)
		}
		text = text[:from+len(begin)] + "\n" + strings.TrimSpace(content) + "\n\n" + text[to:]
	}
	testutil.Golden(t, guide, []byte(text))
}

// describeVariables lists which variables formulas see where, and then each with its fields.
func describeVariables() string {
	e := environmentsOf(&Mapping{})
	var b strings.Builder
	b.WriteString("| Where | Variables |\n|---|---|\n")
	for _, place := range []struct {
		where string
		env   *formula.Env
	}{
		{"`read`, `value` and `done` of what is read", e.read},
		{"`customers`: key template, fields, set, keep, steps", e.customer},
		{"`contacts`: the same", e.contact},
		{"`documents.*`: number, fields, set, steps", e.header},
		{"`documents.*.lines`: fields, set, steps; steps with `each: line`", e.line},
		{"`documents.*.taxes`: fields, set; steps with `each: tax`", e.tax},
		{"`documents.*.cancel`", e.cancel},
		{"`due_days`", e.due},
		{"`fiscal_year`", e.fiscal},
		{"`counters.*.where` and `set`; `series` and `format` of a number, beside those of its place", e.counter},
		{"`lookups.*`: its parameters, and", e.lookup(Lookup{})},
	} {
		var names []string
		for _, v := range place.env.Vars() {
			names = append(names, "`"+v.Name+"`")
		}
		fmt.Fprintf(&b, "| %s | %s |\n", place.where, strings.Join(names, " "))
	}
	b.WriteString("\nWhat they hold (`company`, `user`, `customer`, `contact`, `product`, `document` and `line` have `extra` as well: the columns that the mapping lists there):\n\n")
	all := formula.NewEnv()
	for _, env := range []*formula.Env{e.common, e.contact, e.line, e.tax, e.counter, e.read} {
		for _, v := range env.Vars() {
			if v.Name == "source" || v.Name == "sourceline" {
				v.Fields = nil
			}
			all = all.With(v)
		}
	}
	credit := formula.Field{Name: "credit", Kind: formula.Record, Doc: "in cancel, the document that takes this one back, with the fields of document; no value before it is written"}
	b.WriteString(all.With(credit).Func(partyFunctions...).Document())
	return b.String()
}

// describeKeys lists the keys of the language with the comments of their structs.
func describeKeys(docs described) string {
	var b strings.Builder
	for _, row := range []struct {
		title string
		of    reflect.Type
	}{
		{"The file", reflect.TypeFor[Mapping]()},
		{"locale", reflect.TypeFor[Locale]()},
		{"company", reflect.TypeFor[CompanyScope]()},
		{"storage", reflect.TypeFor[Storage]()},
		{"An entity: companies, users, groups, products, open_items, payments; all others have these keys too", reflect.TypeFor[Entity]()},
		{"key", reflect.TypeFor[Key]()},
		{"join", reflect.TypeFor[Join]()},
		{"fields.*", reflect.TypeFor[Field]()},
		{"set.* (also keep, changed, add, undo, unset)", reflect.TypeFor[Value]()},
		{"where.*", reflect.TypeFor[Condition]()},
		{"counters.*", reflect.TypeFor[Counter]()},
		{"number, and counter of a key", reflect.TypeFor[Numbering]()},
		{"lookups.*", reflect.TypeFor[Lookup]()},
		{"prices", reflect.TypeFor[Prices]()},
		{"vat", reflect.TypeFor[VAT]()},
		{"customers", reflect.TypeFor[Customers]()},
		{"customers.match.*", reflect.TypeFor[Match]()},
		{"contacts", reflect.TypeFor[Contacts]()},
		{"documents.*", reflect.TypeFor[Document]()},
		{"documents.*.source", reflect.TypeFor[DocumentSource]()},
		{"documents.*.lines", reflect.TypeFor[Lines]()},
		{"documents.*.taxes", reflect.TypeFor[Taxes]()},
		{"documents.*.cancel[]", reflect.TypeFor[Cancel]()},
		{"Steps: before, after, steps", reflect.TypeFor[Step]()},
	} {
		fmt.Fprintf(&b, "**%s.** %s\n\n| Key | Holds | Meaning |\n|---|---|---|\n", row.title, docs[row.of.Name()][""])
		describeStruct(&b, docs, row.of)
		b.WriteByte('\n')
	}
	return b.String()
}

// describeStruct writes a row for each comment of a struct.
func describeStruct(b *strings.Builder, docs described, t reflect.Type) {
	var names []string
	flush := func(holds, doc string) {
		if len(names) > 0 {
			fmt.Fprintf(b, "| %s | %s | %s |\n", strings.Join(names, ", "), holds, strings.ReplaceAll(doc, "|", `\|`))
		}
		names = nil
	}
	holds, doc := "", ""
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if options == "inline" || name == "" {
			continue
		}
		h, d := inWords(f.Type), docs[t.Name()][f.Name]
		if h != holds || d != doc {
			flush(holds, doc)
		}
		holds, doc = h, d
		names = append(names, "`"+name+"`")
	}
	flush(holds, doc)
}

func inWords(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Pointer:
		return inWords(t.Elem())
	case reflect.Bool:
		return "true or false"
	case reflect.Int:
		return "whole number"
	case reflect.Slice:
		return "list of " + inWords(t.Elem())
	case reflect.Map:
		return inWords(t.Elem()) + " by name"
	case reflect.Struct:
		return strings.ToLower(t.Name())
	}
	switch t {
	case reflect.TypeFor[erpbridge.Kind]():
		return "kind of document"
	case reflect.TypeFor[erpbridge.State]():
		return "state"
	}
	return "text"
}

// TestEveryFieldHasAMeaning: a field that formulas see is explained in the guide.
func TestEveryFieldHasAMeaning(t *testing.T) {
	for name, p := range map[string]part{
		"companies": companyPart, "users": userPart, "groups": groupPart, "products": productPart, "prices": pricePart, "prices.lists": priceListPart,
		"vat": vatPart, "customers": customerPart, "contacts": contactPart, "documents": documentPart, "lines": linePart, "taxes": taxPart,
		"open_items": openItemPart, "payments": paymentPart,
	} {
		for _, field := range sorted(p) {
			if meanings[field] == "" {
				t.Errorf("%s.fields.%s has no meaning", name, field)
			}
		}
	}
}

// TestEnvironments: what can be seen where, and what cannot.
func TestEnvironments(t *testing.T) {
	m := &Mapping{
		Companies: &Entity{Extra: map[string]string{"fiscal_month": "FM"}},
		Customers: &Customers{Entity: Entity{Extra: map[string]string{"class": "CLASS"}}},
		Documents: map[erpbridge.Kind]*Document{erpbridge.Order: {Entity: Entity{Extra: map[string]string{"period": "PERIOD"}}}},
	}
	e := environmentsOf(m)
	for _, row := range []struct {
		name, source string
		env          *formula.Env
		says         string
	}{
		{"a column that the mapping adds", `customer.extra.class == "A" and company.extra.fiscal_month < 4`, e.customer, ""},
		{"a column that it does not", `customer.extra.clas`, e.customer, "did you mean class?"},
		{"the document a line belongs to", `document.extra.period + line.row + sourceline.quantity`, e.line, ""},
		{"a line where there is none", `line.row`, e.header, `there is no "line"`},
		{"a line in a repeated step", `line.product`, e.each(e.header, "line"), ""},
		{"a tax in a repeated step", `tax.code`, e.each(e.header, "tax"), ""},
		{"no line for a tax", `line.product`, e.each(e.header, "tax"), `there is no "line"`},
		{"a number", `"RE" + year + "/" + pad(n, 5)`, e.format(e.customer), ""},
		{"a parameter", `days + 1 == 9`, e.lookup(Lookup{Parameters: []string{"days"}}), ""},
		{"the credit note", `credit.number + reason`, e.cancel, ""},
		{"normalised keys", `tax_key("12345676-2-41", "HU") + phone_key("1 234 5678", "HU") + email_key("A@B.example") + name_key("Kovács Kft.") + fold("Őr")`, e.customer, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := row.env.Compile(row.source, formula.Any)
			if row.says == "" && err != nil || row.says != "" && (err == nil || !strings.Contains(err.Error(), row.says)) {
				t.Errorf("got %v, want %q", err, row.says)
			}
		})
	}
}

func TestPartyFunctions(t *testing.T) {
	for source, want := range map[string]string{
		`fold("Kovács-Tóth ÁRON")`: "kovacs toth aron", `name_key("Kovács és Társa Kft.")`: "es kovacs tarsa", `email_key("Anna@Example.COM")`: "anna@example.com",
		`email_key("no address")`: "", `phone_key("(1) 234-5678", "HU")`: "+3612345678", `phone_key("x", "HU")`: "", `tax_key("12345676-2-41", "HU")`: "HU12345676",
		`tax_key("1", "HU")`: "", `tax_key(nil, nil)`: "",
	} {
		t.Run(source, func(t *testing.T) {
			p, err := environmentsOf(&Mapping{}).common.Compile(source, formula.Text)
			if err != nil {
				t.Fatal(err)
			}
			got, err := p.Run(t.Context(), nil)
			if err != nil || got != want {
				t.Errorf("got %v %v, want %q", got, err, want)
			}
		})
	}
}
