package tablehost

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/fault"
)

// small is a mapping that is right; tests break it.
const small = `version: 1
name: Small
customers:
  table: Customers
  key: {column: ID, identity: true}
  fields:
    name: NAME
    country: {column: COUNTRY, values: {HU: Hungary, GR: Greece}}
    blocked: BLOCKED
  set: {CREATED: now, KIND: 1, ACTIVE: true, NOTE: null}
documents:
  order:
    table: Orders
    key: {column: ID, identity: true}
    fields: {customer: CUSTOMER, date: DAY}
    set: {TEXT: "'Order of ' + customer.name"}
    lines:
      table: Lines
      parent: ORDER_ID
      fields: {product: PRODUCT, quantity: QUANTITY, unit_price: PRICE}
`

func TestLoad(t *testing.T) {
	m, err := Load(strings.NewReader(small))
	if err != nil {
		t.Fatal(err)
	}
	set := m.Customers.Set
	if m.Customers.Fields["name"].Column != "NAME" || m.Customers.Fields["country"].Values["GR"] != "Greece" || !m.Customers.Key.Identity {
		t.Errorf("fields and key: %+v", m.Customers)
	}
	if set["CREATED"].Formula != "now" || set["KIND"].Formula != "1" || set["ACTIVE"].Formula != "true" || set["NOTE"].Formula != "nil" {
		t.Errorf("short forms of values: %+v", set)
	}
	if l := m.Documents["order"].Lines; l.Parent != "ORDER_ID" || l.Table != "Lines" {
		t.Errorf("lines: %+v", l)
	}
}

func TestLoadMerges(t *testing.T) {
	m, err := Load(strings.NewReader(strings.Replace(small, "  order:\n", `  quote: &head
    table: Orders
    key: {column: ID, identity: true}
    fields: {customer: CUSTOMER, date: DAY}
    where: {KIND: "'Q'"}
    set: {A: 1}
  invoice:
    <<: *head
    where: {KIND: "'I'"}
    set: {B: 2}
  order:
`, 1)))
	if err != nil {
		t.Fatal(err)
	}
	invoice := m.Documents["invoice"]
	if invoice.Table != "Orders" || !invoice.Key.Identity || invoice.Where["KIND"].Value != "'I'" {
		t.Errorf("what is merged: %+v", invoice)
	}
	if len(invoice.Set) != 1 || invoice.Set["B"].Formula != "2" {
		t.Errorf("a key of its own stands instead of the merged one: %+v", invoice.Set)
	}
}

func TestLoadRefuses(t *testing.T) {
	for _, row := range []struct {
		name string
		// old is replaced by new in small.
		old, new string
		path     string
		says     []string
	}{
		{"an unknown key", "  table: Customers", "  tabel: Customers", "customers.tabel", []string{"line 4", "did you mean table?"}},
		{"an unknown key in braces", "identity: true}\n  fields", "idenity: true}\n  fields", "customers.key.idenity", []string{"line 5", "did you mean identity"}},
		{"an unknown part", "documents:", "document:", "document", []string{"line 11", "did you mean documents?"}},
		{"an unknown kind", "  order:", "  ordre:", "documents.ordre", []string{"line 12", "did you mean order"}},
		{"an unknown field", "    name: NAME", "    nmae: NAME", "customers.fields.nmae", []string{"line 7", "there is no field \"nmae\""}},
		{"a key given twice", "    blocked: BLOCKED", "    name: TITLE", "customers.fields.name", []string{"line 9", "given twice"}},
		{"text where a yes/no stands", "identity: true}\n    fields", "identity: maybe}\n    fields", "documents.order.key.identity", []string{"line 14", "true or false"}},
		{"text where a list stands", "  set: {CREATED", "  search: NAME\n  set: {CREATED", "customers.search", []string{"line 10", "[NAME]"}},
		{"text where keys stand", "      parent: ORDER_ID", "      parent: ORDER_ID\n      after: x", "documents.order.lines.after", []string{"list is expected"}},
		{"keys where text stands", "name: Small", "name: {a: b}", "name", []string{"line 2", "one value"}},
		{"another version", "version: 1", "version: 2", "version", []string{"line 1", "version: 1"}},
		{"no name", "name: Small\n", "", "name", []string{"missing"}},
		{"no customers", small[strings.Index(small, "customers:"):strings.Index(small, "documents:")], "", "customers", []string{"missing"}},
		{"a formula with a wrong name", "customer.name\"", "customer.nmae\"", "documents.order.set.TEXT", []string{"line 16", "did you mean name?"}},
		{"a formula with a wrong kind", "customer.name\"", "document.date\"", "documents.order.set.TEXT", []string{"line 16", "text(...)"}},
		{"a name of another place", "customer.name\"", "line.name\"", "documents.order.set.TEXT", []string{`there is no "line"`}},
		{"an unknown counter", "identity: true}\n    fields", "counter: {counter: numbers}}\n    fields", "documents.order.key.counter", []string{"line 14", `no counter "numbers"`}},
		{"two ways to a key", "identity: true}\n    fields", "identity: true, guid: true}\n    fields", "documents.order.key", []string{"one way"}},
		{"an unknown state", "    set: {TEXT", "    initial: opened\n    set: {TEXT", "documents.order.initial", []string{"line 16", "did you mean open"}},
		{"an unknown comparison", "    set: {TEXT", "    where: {KIND: {op: like, value: \"'a'\"}}\n    set: {TEXT", "documents.order.where.KIND", []string{"no comparison"}},
		{"an endless formula", "customer.name\"", "join(map(1..1000000000, #), '')\"", "documents.order.set.TEXT", []string{"ranges"}},
		{"a step that does two things", "      parent: ORDER_ID", "      parent: ORDER_ID\n      after: [{insert: A, update: B}]", "documents.order.lines.after[0]", []string{"two things"}},
		{"an alias of nothing", "country: {column: COUNTRY, values: {HU: Hungary, GR: Greece}}", "country: *land", "customers.fields.country", []string{"line 8", "&land"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			broken := strings.Replace(small, row.old, row.new, 1)
			if broken == small {
				t.Fatalf("%q does not stand in the mapping", row.old)
			}
			_, err := Load(strings.NewReader(broken))
			if !errors.Is(err, fault.Invalid) {
				t.Fatalf("got %v", err)
			}
			for _, f := range fault.Of(err) {
				if !strings.HasPrefix(f.Path, row.path) {
					continue
				}
				for _, part := range row.says {
					if !strings.Contains(f.Message, part) {
						t.Errorf("%s does not say %q", f, part)
					}
				}
				return
			}
			t.Errorf("no fault at %s: %v", row.path, err)
		})
	}
}

func TestLoadNamesEverythingAtOnce(t *testing.T) {
	broken := strings.NewReplacer("  table: Customers", "  tabel: Customers", "parent:", "parnet:", "quantity:", "quanttiy:").Replace(small)
	_, err := Load(strings.NewReader(broken))
	if n := len(fault.Of(err)); n != 2 { // the fields are looked at when the keys are right
		t.Errorf("%d faults: %v", n, err)
	}
}

func TestLoadBoundsWhatItReads(t *testing.T) {
	bomb := "version: 1\nname: B\nlookups:\n"
	above := "[a, a, a, a, a, a, a, a, a, a]"
	for i := range 12 {
		name := string(rune('a' + i))
		bomb += "  " + name + ": {table: T, column: C, where: {}, parameters: &" + name + " " + above + "}\n"
		above = strings.Replace("[*, *, *, *, *, *, *, *, *, *]", "*", "*"+name, 10)
	}
	merges := "version: 1\nname: B\n"
	for i := range 30 {
		merges += "x" + string(rune('a'+i%26)) + string(rune('a'+i/26)) + ": &m" + string(rune('a'+i)) + " {<<: [" + strings.TrimSuffix(strings.Repeat("*m"+string(rune('a'+i-1))+", ", 9), ", ") + "]}\n"
	}
	for _, row := range []struct{ name, yaml string }{
		{"aliases of aliases", bomb},
		{"merges of merges", merges},
		{"an alias of itself", "version: 1\nname: A\nusers: &u {join: [*u]}\n"},
		{"deep brackets", "a: " + strings.Repeat("[", 100_000)},
		{"deep braces", "a: " + strings.Repeat("{a: ", 50_000)},
		{"deep lines", func() string {
			var b strings.Builder
			for i := range 700 {
				b.WriteString(strings.Repeat(" ", i) + "a:\n")
			}
			return b.String()
		}()},
		{"deep dashes", strings.Repeat("- ", 100_000)},
		{"a long file", "version: 1\nname: " + strings.Repeat("x", MaxFile)},
	} {
		t.Run(row.name, func(t *testing.T) {
			start := time.Now()
			_, err := Load(strings.NewReader(row.yaml))
			if err == nil {
				t.Error("it is taken")
			}
			if took := time.Since(start); took > 10*time.Second {
				t.Errorf("it took %s", took)
			}
			if err != nil && len(err.Error()) > 20_000 {
				t.Errorf("the error has %d bytes", len(err.Error()))
			}
		})
	}
}

func TestLoadNoYAML(t *testing.T) {
	for _, row := range []struct{ name, yaml, says string }{
		{"nothing", "", "empty"},
		{"comments only", "# nothing\n", "empty"},
		{"a list", "- a\n", "further keys"},
		{"two documents", "version: 1\n---\nversion: 1\n", "several"},
		{"a bracket that is not closed", "version: 1\nusers: {table: U\n", "no YAML"},
		{"a tab", "version: 1\nusers:\n\ttable: U\n", "no YAML"},
		{"bytes", "\xff\xfe\x00", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := Load(strings.NewReader(row.yaml))
			if err == nil || !strings.Contains(err.Error(), row.says) {
				t.Errorf("got %v, want %q", err, row.says)
			}
		})
	}
}

func TestLine(t *testing.T) {
	for path, want := range map[string]int{
		"customers.fields.country.values.GR": 8, "documents.order.lines.fields.product": 20, "documents.order.lines.nothing.here": 17, "": 0, "nothing": 0,
	} {
		if got := Line([]byte(small), path); got != want {
			t.Errorf("%s stands in line %d, want %d", path, got, want)
		}
	}
}

// FuzzLoad feeds foreign files: they are refused or taken, soon and without a panic.
func FuzzLoad(f *testing.F) {
	f.Add([]byte(small))
	files, err := filepath.Glob("mappings/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte("version: 1\nname: &a [*a]\n<<: *a\n"))
	f.Add([]byte("? {a: b}\n: c\n"))
	f.Add([]byte("version: !!str 1\nname: >-\n  folded\n  text\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := Parse(data)
		if err == nil && m.Validate() != nil {
			t.Error("what Parse takes Validate refuses")
		}
		if code := fault.CodeOf(err); err != nil && code != fault.Invalid && code != fault.Limit {
			t.Errorf("%v has no code", err)
		}
	})
}
