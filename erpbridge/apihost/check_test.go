package apihost_test

import (
	"strings"
	"testing"

	"github.com/crmplus/crmplus/erpbridge/apihost"
)

// TestCheckNamesEverythingAtOnce plants one fault after the other into a description and wants each named
// at its place, also when all are there together.
func TestCheckNamesEverythingAtOnce(t *testing.T) {
	cases := []struct {
		name    string
		old, by string
		path    string
		code    string
	}{
		{"version", "version: 1", "version: 2", "version", "version"},
		{"address", "base: ${ACME_URL}/api", "base: erp.example", "base", "url"},
		{"values", "values: plain", "values: raw", "values", "values"},
		{"setting", "${ACME_KEY}", "${ACME_PASS}", "login.key", "setting"},
		{"secret in the text", `key: "${ACME_KEY}"`, "key: abc", "login.key", "secret"},
		{"kind of login", "kind: header, header", "kind: magic, header", "login.kind", "login"},
		{"length of tokens", "token: {length: 0}", "token: {length: 5}", "token.length", "range"},
		{"path", `id, name: title`, `"lines[", name: title`, "customers.read.key", "path"},
		{"unknown field of ours", "line1: address.street}\n  get", "street: address.street}\n  get", "customers.read.street", "field"},
		{"missing key", "{key: id, name", "{name", "customers.read.key", "required"},
		{"unknown variable", "{customer.key}\"}\n  create", "{client.key}\"}\n  create", "customers.get.path", "template"},
		{"brace", "{customer.key}\"}\n  create", "{customer.key\"}\n  create", "customers.get.path", "template"},
		{"misspelt field in a formula", "=customer.website", "=customer.webside", "customers.create[0].body", "formula"},
		{"broken formula", "=customer.line1", "=customer.line1 +", "customers.create[0].body", "formula"},
		{"method", "method: POST", "method: SEND", "customers.create[0].method", "method"},
		{"path with a query", "path: /customers\n", "path: /customers?x=1\n", "customers.create[0].path", "path"},
		{"no token", "      idempotency: Idempotency-Key\n", "", "customers.find", "token"},
		{"meaning of a rule", "means: exists", "means: maybe", "errors.rules[0].means", "means"},
		{"field that is written", "write: {line1", "write: {lane1", "customers.write.lane1", "field"},
		{"value of what is not written", "values_of: {email", "values_of: {phone", "customers.values_of.phone", "field"},
		{"limits", "pages: 3", "pages: -3", "limits", "range"},
	}
	all := acme
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if !strings.Contains(acme, c.old) {
				t.Fatalf("the description has no %q", c.old)
			}
			named(t, strings.Replace(acme, c.old, c.by, 1), c.path, c.code)
		})
		if next := strings.Replace(all, c.old, c.by, 1); c.name != "missing key" && c.name != "brace" && c.name != "kind of login" && c.name != "secret in the text" {
			all = next
		}
	}
	for _, c := range cases {
		if c.name != "missing key" && c.name != "brace" && c.name != "kind of login" && c.name != "secret in the text" {
			named(t, all, c.path, c.code)
		}
	}
}

func named(t *testing.T, text, path, code string) {
	t.Helper()
	d, err := apihost.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	faults := apihost.Check(d)
	for _, f := range faults {
		if f.Path == path && f.Code == code {
			return
		}
	}
	t.Errorf("no fault %s at %s; the faults are %v", code, path, faults)
}

func TestDocumentFaultsAreNamed(t *testing.T) {
	d, err := apihost.Open("sap-business-one")
	if err != nil {
		t.Fatal(err)
	}
	order := d.Documents["order"]
	order.Find = nil
	order.Translate["state"] = map[string]string{"x": "lost"}
	order.Read["nonsense"] = "x"
	order.LineRead["quantity"] = ""
	order.Ways[0].Steps[0].Each = "page"
	order.Ways[0].Steps[0].IfMatch = "nobody"
	order.Cancel[0].Refuse = "no"
	order.Fields.Required = []string{"customer", "weight"}
	d.Documents["bill"] = order
	want := []string{"order.ways[0]", "order.translate.state", "order.read.nonsense", "order.line_read.quantity", "order.ways[0].steps[0].each", "order.ways[0].steps[0].if_match", "order.cancel[0]", "order.fields.required", "bill"}
	faults := apihost.Check(d)
	for _, path := range want {
		found := false
		for _, f := range faults {
			found = found || f.Path == "documents."+path
		}
		if !found {
			t.Errorf("nothing is named at documents.%s: %v", path, faults)
		}
	}
}
