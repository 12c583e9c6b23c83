package prochost_test

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"

	"github.com/goccy/go-yaml"
	generate "github.com/invopop/jsonschema"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/crmplus/crmplus/erpbridge/prochost"
	"github.com/crmplus/crmplus/testutil"
)

// shorthands are the structs that a plain text, number or truth value can stand for.
var shorthands = []string{"Parameter", "Field", "Code"}

// schema makes the JSON Schema of the language from the structs and their comments.
func schema(t *testing.T) []byte {
	t.Helper()
	r := &generate.Reflector{FieldNameTag: "yaml", RequiredFromJSONSchemaTags: true}
	if err := r.AddGoComments("github.com/crmplus/crmplus/erpbridge/prochost", "."); err != nil {
		t.Fatal(err)
	}
	s := r.Reflect(prochost.Description{})
	s.ID, s.Title = "https://github.com/crmplus/crmplus/erpbridge/prochost/description.schema.json", "ERP by stored procedures"
	for _, name := range shorthands {
		full := s.Definitions[name]
		if full == nil {
			t.Fatalf("the schema has no %s", name)
		}
		s.Definitions[name] = &generate.Schema{Description: full.Description, OneOf: []*generate.Schema{{Type: "string"}, {Type: "number"}, {Type: "boolean"}, full}}
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "\t")
	if err := e.Encode(s); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestSchema keeps description.schema.json in step with the structs (go test -update writes it), and holds
// the description of the regional ERP against it.
func TestSchema(t *testing.T) {
	text := schema(t)
	testutil.Golden(t, "../description.schema.json", text)
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("description.schema.json", doc); err != nil {
		t.Fatal(err)
	}
	compiled, err := c.Compile("description.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile("descriptions/regional.yaml")
	if err != nil {
		t.Fatal(err)
	}
	valid := func(data []byte) error {
		asJSON, err := yaml.YAMLToJSON(data)
		if err != nil {
			t.Fatal(err)
		}
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(asJSON))
		if err != nil {
			t.Fatal(err)
		}
		return compiled.Validate(value)
	}
	if err := valid(data); err != nil {
		t.Errorf("descriptions/regional.yaml: %v", err)
	}
	for name, wrong := range map[string]string{
		"unknown key":             "nam: x\n",
		"unknown key of a read":   "companies: {procedur: X}\n",
		"unknown key of a field":  "companies: {procedure: X, fields: {name: {colum: A}}}\n",
		"text for a version":      "version: one\n",
		"unknown key of a column": "customers: {create: {procedure: X, parameters: {A: {valeu: x}}}}\n",
	} {
		if valid([]byte(wrong)) == nil {
			t.Errorf("%s: the schema takes %q", name, wrong)
		}
	}
}
