package tablehost

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/testutil"
)

// described are the doc comments of the language's structs: by type, "" for the type itself, and by the Go
// name of a field.
type described map[string]map[string]string

// readComments reads the doc comments of mapping.go. A field without one that stands right below another
// shares its comment.
func readComments(t *testing.T) described {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "mapping.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	out := described{}
	for _, decl := range file.Decls {
		gen, ok := decl.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, spec := range gen.Specs {
			ts, ok := spec.(*ast.TypeSpec)
			if !ok {
				continue
			}
			st, ok := ts.Type.(*ast.StructType)
			if !ok {
				continue
			}
			docs := map[string]string{"": plainText(gen.Doc.Text())}
			above := ""
			for _, f := range st.Fields.List {
				if f.Doc != nil {
					above = plainText(f.Doc.Text())
				}
				for _, name := range f.Names {
					docs[name.Name] = above
				}
			}
			out[ts.Name.Name] = docs
		}
	}
	return out
}

func plainText(s string) string {
	return strings.NewReplacer("[", "", "]", "").Replace(strings.Join(strings.Fields(s), " "))
}

// choices are the values of texts that are one of a few.
var choices = map[string][]string{
	"Condition.Op": operators, "Field.As": ways[true][1:], "Step.Each": {"line", "tax"}, "Lines.Duplicates": {"keep", "merge", "refuse"},
	"Lines.Text": {"keep", "refuse", "product"}, "Lines.Counts": {"ours", "host", "sum"}, "Document.Totals": {"ours", "host"},
	"Document.Prices": {"net", "gross"}, "VAT.Round": {"document", "line"}, "Customers.Remove": {"delete", "block"},
}

// partsOf names the fields that the entities have, by the key under which they stand.
var partsOf = map[string]part{
	"Mapping.Companies": companyPart, "Mapping.Users": userPart, "Mapping.Groups": groupPart, "Mapping.Products": productPart,
	"Mapping.OpenItems": openItemPart, "Mapping.Payments": paymentPart, "Prices.Lists": priceListPart, "Prices": pricePart, "VAT": vatPart,
	"Customers": customerPart, "Contacts": contactPart, "Document": documentPart, "Lines": linePart, "Taxes": taxPart,
}

type object = map[string]any

// schemaOf makes the JSON schema of the language from its structs and their comments.
type schemaMaker struct {
	docs described
	defs object
}

func schemaOf(docs described) object {
	m := &schemaMaker{docs: docs, defs: object{}}
	root := m.of(reflect.TypeFor[Mapping]())
	return object{
		"$schema": "https://json-schema.org/draft/2020-12/schema",
		"$id":     "https://crmplus.example/mapping.schema.json",
		"title":   "CRM+ mapping of an ERP's tables",
		"$ref":    root["$ref"],
		"$defs":   m.defs,
	}
}

var anyText = []any{"string", "number", "boolean", "null"}

func (m *schemaMaker) of(t reflect.Type) object {
	switch t.Kind() {
	case reflect.Pointer:
		return m.of(t.Elem())
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Int:
		return object{"type": "integer"}
	case reflect.String:
		switch t {
		case reflect.TypeFor[erpbridge.Kind]():
			return object{"enum": asTexts(documentKinds)}
		case reflect.TypeFor[erpbridge.State]():
			return object{"enum": asTexts(documentStates)}
		}
		return object{"type": anyText}
	case reflect.Slice:
		return object{"type": "array", "items": m.of(t.Elem())}
	case reflect.Map:
		out := object{"type": []any{"object", "null"}, "additionalProperties": m.of(t.Elem())}
		if t.Key() == reflect.TypeFor[erpbridge.Kind]() {
			out["propertyNames"] = m.of(t.Key())
		}
		return out
	}
	name := t.Name()
	if _, done := m.defs[name]; !done {
		m.defs[name] = object{} // a step inside a step ends here
		m.defs[name] = m.structure(t)
	}
	return object{"$ref": "#/$defs/" + name}
}

func (m *schemaMaker) structure(t reflect.Type) object {
	properties := object{}
	for name, k := range keysOf(t) {
		p := m.of(k.of)
		place := k.in.Name() + "." + k.field
		if list := choices[place]; list != nil {
			p = object{"enum": list}
		}
		if own := partsOf[t.Name()]; own != nil && name == "fields" {
			p["propertyNames"] = object{"enum": asTexts(sorted(own))}
		}
		if own := partsOf[place]; own != nil {
			p["properties"] = object{"fields": object{"propertyNames": object{"enum": asTexts(sorted(own))}}}
		}
		if doc := m.docs[k.in.Name()][k.field]; doc != "" {
			p["description"] = doc
		}
		properties[name] = p
	}
	out := object{"type": "object", "additionalProperties": false, "properties": properties, "description": m.docs[t.Name()][""]}
	if short, ok := scalars[t]; ok {
		out = object{
			"description": m.docs[t.Name()][""],
			"anyOf":       []any{object{"type": anyText, "description": "short for {" + short + ": ...}"}, out},
		}
	}
	return out
}

func TestSchema(t *testing.T) {
	made := schemaOf(readComments(t))
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(made); err != nil {
		t.Fatal(err)
	}
	testutil.Golden(t, "../mapping.schema.json", b.Bytes())
}

func TestEveryKeyIsDescribed(t *testing.T) {
	docs, seen := readComments(t), map[reflect.Type]bool{}
	var walk func(reflect.Type)
	walk = func(in reflect.Type) {
		switch in.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Map:
			walk(in.Elem())
		case reflect.Struct:
			if seen[in] {
				return
			}
			seen[in] = true
			if docs[in.Name()][""] == "" {
				t.Errorf("the type %s has no comment", in.Name())
			}
			for name, k := range keysOf(in) {
				_, described := docs[k.in.Name()][k.field]
				if !described {
					t.Errorf("%s.%s (%s) has no comment", k.in.Name(), k.field, name)
				}
				walk(k.of)
			}
		}
	}
	walk(reflect.TypeFor[Mapping]())
}

// compiled gives the schema as editors use it.
func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("mapping.schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("mapping.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// generic reads YAML as editors see it: merges carried out, keys as texts.
func generic(t *testing.T, data []byte) any {
	t.Helper()
	var v any
	if err := yaml.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	out, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestShippedMappingsFollowTheSchema(t *testing.T) {
	files, err := filepath.Glob("mappings/*.yaml")
	if err != nil || len(files) < 3 {
		t.Fatalf("%d mappings, %v", len(files), err)
	}
	s := compiled(t)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Validate(generic(t, data)); err != nil {
				t.Error(err)
			}
			if _, err := Parse(data); err != nil {
				t.Error(strings.ReplaceAll(fmt.Sprint(err), "; ", "\n  "))
			}
		})
	}
}

func TestSchemaRefusesWhatLoadRefuses(t *testing.T) {
	s := compiled(t)
	for _, row := range []struct{ name, yaml string }{
		{"an unknown key", "version: 1\nname: A\ntabel: x\n"},
		{"an unknown key below", "version: 1\nname: A\nusers: {tabel: x}\n"},
		{"an unknown kind", "version: 1\nname: A\ncustomers: {table: C, fields: {name: N}}\ndocuments: {ordre: {table: x}}\n"},
		{"an unknown field", "version: 1\nname: A\ncustomers: {table: C, fields: {nmae: N}}\n"},
		{"a text for a list", "version: 1\nname: A\ncustomers: {table: C, fields: {name: N}, search: N}\n"},
		{"a text for a yes/no", "version: 1\nname: A\nusers: {table: U, key: {column: K, identity: yes please}}\n"},
		{"a list for a text", "version: 1\nname: [A]\n"},
	} {
		t.Run(row.name, func(t *testing.T) {
			if err := s.Validate(generic(t, []byte(row.yaml))); err == nil {
				t.Error("the schema takes it")
			}
			if _, err := Parse([]byte(row.yaml)); err == nil {
				t.Error("Load takes it")
			}
		})
	}
}
