package prochost_test

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/erpbridge/catalog"
	"github.com/crmplus/crmplus/erpbridge/prochost"
	"github.com/crmplus/crmplus/testutil"
)

// TestCheckFindsWhatDoesNotFit seeds one mistake after the other into a description that fits.
func TestCheckFindsWhatDoesNotFit(t *testing.T) {
	o := open(t)
	cat, err := catalog.Read(t.Context(), o.DB, catalog.MSSQL)
	if err != nil {
		t.Fatal(err)
	}
	if faults := prochost.Check(cat, description(t)); len(faults) > 0 {
		t.Fatalf("the description that fits has faults: %v", faults)
	}
	set := func(c *prochost.Call, name string, p prochost.Parameter) {
		params := map[string]prochost.Parameter{}
		for n, v := range c.Parameters {
			params[n] = v
		}
		params[name] = p
		c.Parameters = params
	}
	rows := func(d *prochost.Description) map[string]string {
		create := &d.Documents[erpbridge.Order].Create.Call
		p := create.Parameters["SOROK"]
		columns := map[string]string{}
		for n, v := range p.Rows {
			columns[n] = v
		}
		p.Rows = columns
		set(create, "SOROK", p)
		return columns
	}
	tests := []struct {
		name       string
		spoil      func(d *prochost.Description)
		path, says string
	}{
		{"a backlog without orders", func(d *prochost.Description) {
			others := maps.Clone(d.Documents)
			delete(others, erpbridge.Order)
			d.Documents = others
		}, "backlog", "documents.order"},
		{"receivables without open items", func(d *prochost.Description) { d.OpenItems = nil }, "receivables", "open_items"},
		{"who has paid without who owes", func(d *prochost.Description) { d.Receivables = nil }, "settled", "receivables"},
		{"what all owe from a table", func(d *prochost.Description) {
			d.Receivables = &prochost.Read{Select: &prochost.Select{Table: "NYITTETEL", Where: map[string]string{"CEGKOD": "company"}}, Fields: d.Receivables.Fields}
		}, "receivables.select", "procedure"},
		{"undelivered without what is left", func(d *prochost.Description) {
			fields := maps.Clone(d.Backlog.Fields)
			delete(fields, "left")
			d.Backlog = &prochost.Read{Call: d.Backlog.Call, Fields: fields}
		}, "backlog.fields.left", "missing"},
		{"unknown version", func(d *prochost.Description) { d.Version = 2 }, "version", "2"},
		{"no name", func(d *prochost.Description) { d.Name = "" }, "name", "missing"},
		{"tolerance", func(d *prochost.Description) { d.Tolerance = "-1" }, "tolerance", "-1"},
		{"no customers", func(d *prochost.Description) { d.Customers = nil }, "customers", "missing"},
		{"no way to read a customer", func(d *prochost.Description) { d.Customers.Read = nil }, "customers.read", "missing"},
		{"unknown procedure", func(d *prochost.Description) { d.Companies.Procedure = "CEGKERESS" }, "companies.procedure", "CEGKERES"},
		{"hostile procedure", func(d *prochost.Description) { d.Companies.Procedure = "CEGKERES; DROP TABLE VEVO" }, "companies.procedure", ""},
		{"no procedure", func(d *prochost.Description) { d.Companies.Procedure = "" }, "companies.procedure", "missing"},
		{"unknown parameter", func(d *prochost.Description) {
			set(&d.Customers.Create.Call, "VEVNEVE", prochost.Parameter{Value: "customer.name"})
		}, "customers.create.parameters.VEVNEVE", "VEVNEV"},
		{"missing parameter", func(d *prochost.Description) {
			set(&d.Customers.Create.Call, "x", prochost.Parameter{})
			delete(d.Customers.Create.Parameters, "x")
			delete(d.Customers.Create.Parameters, "ROGZITO")
		}, "customers.create.parameters", "@ROGZITO varchar(20)"},
		{"parameter twice", func(d *prochost.Description) {
			set(&d.Customers.Read.Call, "@VEVOKOD", prochost.Parameter{Value: "key"})
		}, "customers.read.parameters.", "twice"},
		{"out of a parameter that gives nothing", func(d *prochost.Description) {
			set(&d.Customers.Create.Call, "VEVNEV", prochost.Parameter{Value: "customer.name", Out: "name"})
		}, "customers.create.parameters.VEVNEV", "OUTPUT"},
		{"neither value nor out", func(d *prochost.Description) { set(&d.Customers.Create.Call, "VEVNEV", prochost.Parameter{}) }, "customers.create.parameters.VEVNEV", "needs"},
		{"constant that is too long", func(d *prochost.Description) {
			set(&d.Documents[erpbridge.Order].Read.Call, "BIZTIPUS", prochost.Parameter{Value: "'RENDELES'"})
		}, "documents.order.read.parameters.BIZTIPUS", "char(2)"},
		{"constant of the wrong kind", func(d *prochost.Description) {
			set(&d.Documents[erpbridge.Order].Create.Call, "KELT", prochost.Parameter{Value: "'tegnap'"})
		}, "documents.order.create.parameters.KELT", "datetime"},
		{"formula with an unknown name", func(d *prochost.Description) {
			set(&d.Customers.Create.Call, "VEVNEV", prochost.Parameter{Value: "customer.nam"})
		}, "customers.create.parameters.VEVNEV", "name"},
		{"formula of another place", func(d *prochost.Description) {
			set(&d.Customers.Create.Call, "VEVNEV", prochost.Parameter{Value: "document.note"})
		}, "customers.create.parameters.VEVNEV", "document"},
		{"table without rows", func(d *prochost.Description) {
			set(&d.Documents[erpbridge.Order].Create.Call, "SOROK", prochost.Parameter{Value: "'x'"})
		}, "documents.order.create.parameters.SOROK", "SORLISTA"},
		{"rows for a parameter that is no table", func(d *prochost.Description) {
			set(&d.Documents[erpbridge.Order].Create.Call, "MEGJEGYZES", prochost.Parameter{Rows: map[string]string{"a": "line.name"}})
		}, "documents.order.create.parameters.MEGJEGYZES", "json"},
		{"rows in an unknown form", func(d *prochost.Description) {
			set(&d.Documents[erpbridge.Order].Create.Call, "MEGJEGYZES", prochost.Parameter{As: "csv", Rows: map[string]string{"a": "line.name"}})
		}, "documents.order.create.parameters.MEGJEGYZES", "csv"},
		{"XML attribute", func(d *prochost.Description) {
			set(&d.Documents[erpbridge.Order].Create.Call, "MEGJEGYZES", prochost.Parameter{As: "xml", Rows: map[string]string{`a="b"`: "line.name"}})
		}, `documents.order.create.parameters.MEGJEGYZES.rows.a="b"`, "attribute"},
		{"unknown column of the table type", func(d *prochost.Description) { rows(d)["MENYISEG"] = "line.quantity" }, "documents.order.create.parameters.SOROK.rows.MENYISEG", "MENNYISEG"},
		{"missing column of the table type", func(d *prochost.Description) { delete(rows(d), "SOR") }, "documents.order.create.parameters.SOROK.rows", "SOR"},
		{"return code", func(d *prochost.Description) { d.Prices.Codes = map[int]prochost.Code{3: {Done: "fine"}} }, "prices.codes.3", "fine"},
		{"refusal that is no number", func(d *prochost.Description) {
			d.Customers.Fill.Refusals = map[string]prochost.Refusal{"sok": {}}
		}, "customers.fill.refusals.sok", "51020"},
		{"refusals turned round", func(d *prochost.Description) {
			d.Customers.Fill.Refusals = map[string]prochost.Refusal{"51099-51000": {}}
		}, "customers.fill.refusals.51099-51000", "51000-51099"},
		{"unknown field", func(d *prochost.Description) { d.Users.Fields["emial"] = prochost.Field{Column: "EMAIL"} }, "users.fields.emial", "email"},
		{"field without a column", func(d *prochost.Description) { d.Users.Fields["email"] = prochost.Field{} }, "users.fields.email", "column"},
		{"field that is needed", func(d *prochost.Description) { delete(d.Users.Fields, "name") }, "users.fields.name", "missing"},
		{"no fields", func(d *prochost.Description) { d.Users.Fields = nil }, "users.fields", "missing"},
		{"formula of a field", func(d *prochost.Description) { d.Users.Fields["absent"] = prochost.Field{Read: "row.TAVOL =="} }, "users.fields.absent.read", ""},
		{"unknown table", func(d *prochost.Description) { d.Groups.Select.Table = "CIKKCSOPP" }, "groups.select.table", "CIKKCSOP"},
		{"unknown column of a table", func(d *prochost.Description) { d.Groups.Fields["name"] = prochost.Field{Column: "CSOPNEVE"} }, "groups.fields.name", "CSOPNEV"},
		{"unknown column of a condition", func(d *prochost.Description) { d.Groups.Select.Where["CEG"] = "company" }, "groups.select.where.CEG", "CEGKOD"},
		{"no condition", func(d *prochost.Description) { d.Groups.Select.Where = nil }, "groups.select.where", "company"},
		{"unknown order", func(d *prochost.Description) { d.Groups.Select.Order = []string{"-NEV"} }, "groups.select.order", ""},
		{"select and procedure", func(d *prochost.Description) { d.Groups.Procedure = "CSOPLISTA" }, "groups", "both"},
		{"remove without restore", func(d *prochost.Description) { d.Customers.Restore = nil }, "customers.remove", "together"},
		{"unknown kind of document", func(d *prochost.Description) { d.Documents["receipt"] = &prochost.Document{} }, "documents.receipt", "order"},
		{"empty document", func(d *prochost.Description) { d.Documents[erpbridge.Order] = nil }, "documents.order", "empty"},
		{"header without a state", func(d *prochost.Description) {
			fields := map[string]prochost.Field{}
			for n, f := range d.Documents[erpbridge.Order].Fields {
				fields[n] = f
			}
			delete(fields, "state")
			d.Documents[erpbridge.Order].Fields = fields
		}, "documents.order.read.fields.state", "missing"},
		{"no way to find by token", func(d *prochost.Description) { d.Documents[erpbridge.Order].Find = nil }, "documents.order.find", "missing"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d := description(t)
			test.spoil(&d)
			faults := prochost.Check(cat, d)
			found := false
			for _, f := range faults {
				found = found || strings.HasPrefix(f.Path, test.path) && strings.Contains(strings.ToLower(f.Message), strings.ToLower(test.says))
			}
			if !found {
				t.Errorf("no fault at %s says %q; the faults are %v", test.path, test.says, faults)
			}
			if _, err := prochost.Compile(cat, d, prochost.Options{}); !errors.Is(err, fault.Invalid) {
				t.Errorf("Compile gives %v, want fault.Invalid", err)
			}
		})
	}
}

func TestOnlyForSQLServer(t *testing.T) {
	_, err := prochost.New(t.Context(), testutil.SQLite(t).DB.SQL(), description(t), prochost.Options{})
	if !errors.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "SQL Server") {
		t.Errorf("New on SQLite: %v", err)
	}
	_, err = prochost.Compile(&catalog.Catalog{Dialect: catalog.SQLite}, description(t), prochost.Options{})
	if !errors.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "SQL Server") {
		t.Errorf("Compile for SQLite: %v", err)
	}
}

func TestParseRefuses(t *testing.T) {
	tests := []struct{ name, text, says string }{
		{"unknown key", "version: 1\nnam: x\n", "line 2"},
		{"unknown key of a call", "version: 1\ncompanies:\n  procedure: X\n  parameter: {a: b}\n", "line 4"},
		{"unknown key of a parameter", "companies:\n  procedure: X\n  parameters:\n    A: {valeu: company}\n", "valeu"},
		{"list for a text", "name: [a, b]\n", "line 1"},
		{"text for a number", "version: one\n", "line 1"},
		{"key twice", "name: a\nname: b\n", "line 2"},
		{"no YAML", "name: 'a\n", ""},
		{"unknown alias", "name: *x\n", ""},
		{"too long", strings.Repeat("#", prochost.MaxFile+1), "longer"},
		{"aliases of aliases", bomb(9), "aliases"},
		{"too deep", strings.Repeat("[", 5000), "deeper"},
		{"too deep in one line", strings.Repeat("[", 5000) + strings.Repeat("]", 5000), "deeper"},
		{"too far to the right", strings.Repeat("- ", 5000) + "x", "deeper"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := prochost.Parse([]byte(test.text))
			if code := fault.CodeOf(err); code != fault.Invalid && code != fault.Limit || !strings.Contains(err.Error(), test.says) {
				t.Errorf("got %v, want a fault that says %q", err, test.says)
			}
		})
	}
}

// bomb is a file of a few lines whose aliases stand for 9 to the power of depth values.
func bomb(depth int) string {
	var b strings.Builder
	b.WriteString("companies:\n  parameters:\n    a0: &a0 [x,x,x,x,x,x,x,x,x]\n")
	for i := 1; i <= depth; i++ {
		fmt.Fprintf(&b, "    a%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d,", i-1), 9), ","))
	}
	return b.String()
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"version: 1\nname: x\ncompanies: {procedure: P, parameters: {A: company, B: {out: key}}}\n", "a: &x {b: *x}\n<<: *x\n", "documents:\n  order:\n    create: {codes: {0: done, 1: {path: x}}}\n",
		"companies:\n  fields:\n    <<: {name: A}\n    state: {column: B, values: {open: N}}\n", "\x00\xff", "? [a]\n: b\n", "name: !!binary x\n", "--- a\n--- b\n", "codes: {1.5: done}\n", bomb(2),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := prochost.Parse(data)
		if err != nil && fault.CodeOf(err) == "" {
			t.Errorf("an error without a code: %v", err)
		}
		if err == nil {
			_ = prochost.Check(&catalog.Catalog{Dialect: catalog.MSSQL}, d) // must not panic
		}
	})
}
