package apihost

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crmplus/crmplus/crm/formula"
	"github.com/crmplus/crmplus/crm/money"
)

func TestPaths(t *testing.T) {
	answer, err := decode([]byte(`{"id":7,"a.b":"dot","@odata.etag":"W/1","lines":[{"kind":"note","text":"első"},{"kind":"item","text":"második","n":1.50}],"address":{"city":"Győr"},"no":null,"yes":true}`))
	if err != nil {
		t.Fatal(err)
	}
	cases := map[string]string{
		"id": "7", `a\.b`: "dot", `@odata\.etag`: "W/1", "lines[0].text": "első", "lines[kind=item].text": "második", "lines[1].n": "1.5", "address.city": "Győr", "yes": "true",
		"no": "", "missing.deep[3].er": "", "lines[9].text": "", "lines[kind=none].text": "", "id.x": "", "lines.text": "", "no|missing|address.city": "Győr", "address": "", "": "",
	}
	for source, want := range cases {
		p, err := parsePath(source)
		if err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		if got := plain(p.get(answer)); got != want {
			t.Errorf("%s is %q, want %q", source, got, want)
		}
	}
	for _, source := range []string{".", "a.", "a..b", "a[", "a[x]", "a[-1]", "a[1", "a]b[0]c", "a[0]b", "a|.b"} {
		if p, err := parsePath(source); err == nil && source != "a]b[0]c" {
			t.Errorf("%q is understood as %+v", source, p)
		}
	}
}

func compiled(t *testing.T, text string, at place, odata bool) template {
	t.Helper()
	env := formula.NewEnv().Var("v", formula.Text, "a value")
	out, err := parseTemplate(text, at, odata, func(source string) (*formula.Program, error) { return env.Compile(source, formula.Any) })
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return out
}

func TestTemplates(t *testing.T) {
	cases := []struct {
		name, text string
		at         place
		odata      bool
		value      string
		want       string // "!" for unwritable
	}{
		{"plain path", "/c/{v}", inPath, false, "a/b c", "/c/a%2Fb%20c"},
		{"plain path of dots", "/c/{v}", inPath, false, "..", "!"},
		{"plain path without a value", "/c/{v}", inPath, false, "", "!"},
		{"bare key", "/c({v})", inPath, true, "12", "/c(12)"},
		{"bare key that breaks out", "/c({v})", inPath, true, "1)/x(2", "!"},
		{"quoted key", "/c('{v}')", inPath, true, "O'Neil/x", "/c('O%27%27Neil%2Fx')"},
		{"quoted filter", "a eq '{v}'", inQuery, true, "x' or 1 eq 1 or 'y", "a%20eq%20%27x%27%27%20or%201%20eq%201%20or%20%27%27y%27"},
		{"bare filter", "a eq {v}", inQuery, true, "1 or 1", "!"},
		{"after a quoted text", "a eq 'x' and b eq {v}", inQuery, true, "7", "a%20eq%20%27x%27%20and%20b%20eq%207"},
		{"plain query", "{v}", inQuery, false, "a&b=c", "a%26b%3Dc"},
		{"braces", "{{{v}}}", inQuery, false, "x", "%7Bx%7D"},
		{"formula with a brace in a text", `{v + "}"}`, inQuery, false, "x", "x%7D"},
		{"header", "Bearer {v}", inHeader, false, "abc", "Bearer abc"},
		{"header that breaks out", "{v}", inHeader, false, "a\r\nX: y", "!"},
		{"no text may hold a zero", "'{v}'", inQuery, true, "a\x00", "!"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := compiled(t, c.text, c.at, c.odata).fill(t.Context(), scope{"v": c.value})
			if c.want == "!" {
				if !errors.Is(err, errUnwritable) {
					t.Errorf("got %q, %v", got, err)
				}
				return
			}
			if err != nil || got != c.want {
				t.Errorf("got %q, %v, want %q", got, err, c.want)
			}
		})
	}
	for _, text := range []string{"{v", "v}", `{"}`, "{nobody}", "{}"} {
		env := formula.NewEnv().Var("v", formula.Text, "a value")
		if _, err := parseTemplate(text, inQuery, false, func(source string) (*formula.Program, error) { return env.Compile(source, formula.Any) }); err == nil {
			t.Errorf("%q is understood", text)
		}
	}
}

func TestBodies(t *testing.T) {
	env := formula.NewEnv().Var("name", formula.Text, "a name").With(formula.Field{Name: "line", Kind: formula.Record, Doc: "a line", Fields: fieldsOf(lineColumns)}, formula.Field{Name: "index", Kind: formula.Whole, Doc: "from 0"})
	body := map[string]any{
		"text": "=name", "fixed": "x", "escaped": `\=x`, "flag": true, "none": "=nil", "sum": "=0.1 + 0.2",
		"lines": map[string]any{"$each": "line", "$if": "line.quantity > 0", "n": "=index + 1", "q": "=line.quantity", "t": "=line.name"},
		"one":   []any{map[string]any{"$if": "name == \"nobody\"", "x": 1}, "=name"},
	}
	n, err := parseBody(body, func(source string, want formula.Kind, _ bool) *formula.Program {
		p, err := env.Compile(source, want)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}, false)
	if err != nil {
		t.Fatal(err)
	}
	lines := []line{{Name: `"},{`}, {Name: "két", Quantity: money.MustQuantity("2.50")}}
	tree, err := n.build(t.Context(), scope{"name": "=Ő\"", "lines": draftedLines(lines)})
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(tree)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"escaped":"=x","fixed":"x","flag":true,"lines":[{"n":2,"q":2.5,"t":"két"}],"one":["=Ő\""],"sum":0.3,"text":"=Ő\""}`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("the body (-want +got):\n%s", diff)
	}
	for _, bad := range []any{map[string]any{"$each": "page"}, map[string]any{"$what": 1}, struct{}{}} {
		if _, err := parseBody(bad, nil, false); err == nil {
			t.Errorf("%v is understood", bad)
		}
	}
}

// FuzzTemplate splits any text.
func FuzzTemplate(f *testing.F) {
	for _, s := range []string{"/a({v})", "{{}}", "a eq '{v}' or {v}", `{"}"}`, "{", "}", "'{v"} {
		f.Add(s, "x'y")
	}
	env := formula.NewEnv().Var("v", formula.Text, "a value")
	f.Fuzz(func(t *testing.T, text, value string) {
		for _, at := range []place{inPath, inQuery, inHeader, inCondition} {
			out, err := parseTemplate(text, at, true, func(source string) (*formula.Program, error) { return env.Compile(source, formula.Any) })
			if err != nil {
				continue
			}
			got, err := out.fill(t.Context(), scope{"v": value})
			if err == nil && at == inQuery && strings.ContainsAny(got, "&#'\" ") {
				t.Errorf("%q with %q leaves its place: %s", text, value, got)
			}
		}
	})
}

// FuzzPath reads any text as a path.
func FuzzPath(f *testing.F) {
	for _, s := range []string{"a.b[0].c", `@odata\.etag`, "a[b=c]|d", "$x.y", "[0][1]", "a["} {
		f.Add(s, `{"a":{"b":[{"c":1}]}}`)
	}
	f.Fuzz(func(_ *testing.T, source, answer string) {
		p, err := parsePath(source)
		if err != nil {
			return
		}
		v, err := decode([]byte(answer))
		if err == nil {
			_ = plain(p.get(v))
			_ = p.list(v)
		}
		p.set(map[string]any{}, "x")
	})
}
