package apihost_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
	generator "github.com/invopop/jsonschema"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/crmplus/crmplus/erpbridge/apihost"
)

var update = flag.Bool("update", false, "write the golden files and the schema anew")

// golden compares with a file, or writes it.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s is not what is made now; look and run with -update (-file +now):\n%s", name, diff)
	}
}

func TestShippedDescriptionsAreRight(t *testing.T) {
	for _, name := range apihost.Shipped() {
		t.Run(name, func(t *testing.T) {
			d, err := apihost.Open(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range apihost.Check(d) {
				t.Error(f)
			}
			golden(t, "testdata/explained-"+name+".txt", []byte(apihost.Explain(d)))
		})
	}
}

// TestSchema makes schema.json from the Go structs and their comments, and holds the shipped
// descriptions against it.
func TestSchema(t *testing.T) {
	r := &generator.Reflector{FieldNameTag: "yaml"}
	if err := r.AddGoComments("github.com/crmplus/crmplus/erpbridge/apihost", "."); err != nil {
		t.Fatal(err)
	}
	made := r.Reflect(&apihost.Description{})
	made.ID = "https://github.com/crmplus/crmplus/erpbridge/apihost/schema.json"
	data, err := json.MarshalIndent(made, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "schema.json", append(data, '\n'))

	parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", parsed); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range apihost.Shipped() {
		text, err := apihost.Source(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(instance(t, text)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := schema.Validate(instance(t, []byte("name: x\ncustomer: {}\n"))); err == nil {
		t.Error("the schema takes a field that there is not")
	}
}

func instance(t *testing.T, text []byte) any {
	t.Helper()
	data, err := yaml.YAMLToJSON(text)
	if err != nil {
		t.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestUnknownNamesAreRefusedWithTheirLine(t *testing.T) {
	_, err := apihost.Parse([]byte("version: 1\nname: X\nbsae: https://x\n"))
	if err == nil || !strings.Contains(err.Error(), "bsae") || !strings.Contains(err.Error(), "3") {
		t.Errorf("got %v, want an error that names bsae and its line", err)
	}
}
