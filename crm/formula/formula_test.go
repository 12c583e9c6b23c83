package formula

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
)

type tongue string

type address struct{ Line1, City, Country string }

type customer struct {
	Code     string
	Name     string
	TaxID    string
	EUVatID  string
	Person   bool
	Address  address
	Language tongue
	Days     int
	secret   string
}

type line struct {
	Product   string
	Name      string
	Quantity  money.Quantity
	UnitPrice money.Amount
	Stock     *money.Quantity
}

func sample() *Env {
	return NewEnv().
		Var("customer", Record, "the customer",
			Field{Name: "name", Kind: Text, Doc: "its name"},
			Field{Name: "tax_id", Kind: Text, Doc: "its tax id"},
			Field{Name: "eu_vat_id", Kind: Text},
			Field{Name: "person", Kind: Bool, Doc: "whether it is a natural person"},
			Field{Name: "language", Kind: Text},
			Field{Name: "days", Kind: Whole, Doc: "days of payment"},
			Field{Name: "address", Kind: Record, Doc: "where it is", Fields: []Field{{Name: "city", Kind: Text}, {Name: "country", Kind: Text}}}).
		Var("number", Whole, "the counter").
		Var("today", Date, "the business date").
		Var("now", Moment, "the instant").
		Var("total", Number, "the total").
		With(Field{Name: "row", Kind: Record, Doc: "the row of the table", Open: true, Fields: []Field{{Name: "NAME", Kind: Text}}}).
		Var("source", Record, "the document before", Field{Name: "number", Kind: Text}).
		Var("lines", List, "the lines",
			Field{Name: "name", Kind: Text}, Field{Name: "quantity", Kind: Number}, Field{Name: "unit_price", Kind: Number}, Field{Name: "stock", Kind: Number}).
		With(Field{Name: "tags", Kind: List, Elem: Text, Doc: "labels"})
}

func values() map[string]any {
	return map[string]any{
		"customer": customer{Name: "Kovács és Társa Kft.", TaxID: "HU12345676", Person: false, Language: "hu", Days: 8, Address: address{City: "Őriszentpéter", Country: "HU"}},
		"number":   42, "today": civil.Date{Year: 2026, Month: 7, Day: 13}, "total": money.MustAmount("1234.5"),
		"now": civil.DateTime{Date: civil.Date{Year: 2026, Month: 7, Day: 13}, Hour: 9, Minute: 5},
		"row": map[string]any{"NAME": nil, "DISCOUNT": 0.1, "ID": int32(7), "Company Name": "Ελλάς Α.Ε.", "ACTIVE": int64(1)},
		"lines": []line{
			{Name: "Chai", Quantity: money.MustQuantity("3"), UnitPrice: money.MustAmount("0.1")},
			{Name: "Chang", Quantity: money.MustQuantity("0.5"), UnitPrice: money.MustAmount("19")},
		},
		"tags": []string{"vip", "új"},
	}
}

func TestRun(t *testing.T) {
	for _, row := range []struct {
		name, source string
		want         Kind
		gives        string // as fmt prints it, with the Go type before
	}{
		{"decimals are exact", `0.1 + 0.2`, Number, "decimal.Decimal 0.3"},
		{"a literal keeps all its digits", `12345678901234567.89`, Number, "decimal.Decimal 12345678901234567.89"},
		{"a literal behind letters of two bytes", `"őű" == "őű" ? 0.12345678901234567891 : 1.0`, Number, "decimal.Decimal 0.12345678901234567891"},
		{"whole numbers stay whole", `2 * 3 + 4 % 3`, Any, "int64 7"},
		{"a whole number is a number", `2 * 3`, Number, "decimal.Decimal 6"},
		{"division leaves the whole numbers", `7 / 2`, Any, "decimal.Decimal 3.5"},
		{"division rounds at 16 places", `2 / 3.0`, Any, "decimal.Decimal 0.6666666666666667"},
		{"rest keeps the sign of the left", `-7 % 3`, Any, "int64 -1"},
		{"rest of decimals", `7.5 % 2`, Any, "decimal.Decimal 1.5"},
		{"price times quantity", `lines[0].unit_price * lines[0].quantity`, Number, "decimal.Decimal 0.3"},
		{"money and literal", `round(total * 0.27, 0)`, Number, "decimal.Decimal 333"},
		{"code from a counter", `"C" + pad(number, 6)`, Text, "string C000042"},
		{"a whole number is hung on a text", `"RE" + year(today) + "/" + number`, Text, "string RE2026/42"},
		{"pad keeps the sign first", `pad(-5, 4)`, Text, "string -005"},
		{"a field", `customer.tax_id`, Text, "string HU12345676"},
		{"a field of a field", `upper(customer.address.city)`, Text, "string ŐRISZENTPÉTER"},
		{"a Go string type", `customer.language`, Text, "string hu"},
		{"a Go int", `customer.days`, Whole, "int64 8"},
		{"condition on a text", `customer.tax_id startsWith "HU" ? "belföld" : "EU"`, Text, "string belföld"},
		{"not and and", `not customer.person and customer.days > 5`, Bool, "bool true"},
		{"missing equals empty", `row.NAME == "" and row.NAME == nil and customer.eu_vat_id == nil`, Bool, "bool true"},
		{"coalesce skips empty texts", `coalesce(customer.eu_vat_id, row.NAME, "none")`, Text, "string none"},
		{"?? skips empty texts", `customer.eu_vat_id ?? "none"`, Text, "string none"},
		{"no value is the empty text for texts", `upper(row.NAME) + "x"`, Text, "string x"},
		{"no value passes where a value is wanted", `row.NAME`, Text, "<nil> <nil>"},
		{"a record that is missing", `source.number`, Text, "<nil> <nil>"},
		{"a field of a record that depends", `(number == 42 ? nil : customer).name ?? "nobody"`, Text, "string nobody"},
		{"a field of a record or another", `(nil ?? customer).name`, Text, "string Kovács és Társa Kft."},
		{"a field of a named record", `let c = customer; c.address.city`, Text, "string Őriszentpéter"},
		{"a float of the database", `1 - row.DISCOUNT`, Number, "decimal.Decimal 0.9"},
		{"an int of the database", `row.ID + 1`, Whole, "int64 8"},
		{"a column with a blank", `ascii(row["Company Name"])`, Text, "string Ellas A.E."},
		{"a column in other letters", `row.id + row.Id`, Whole, "int64 14"},
		{"comparing what is known late", `row.ACTIVE == 1`, Bool, "bool true"},
		{"in", `customer.address.country in ["HU", "SK"] and number not in [1, 2.5]`, Bool, "bool true"},
		{"in a list of texts", `"új" in tags`, Bool, "bool true"},
		{"matches", `customer.tax_id matches "^[A-Z]{2}[0-9]{8}$"`, Bool, "bool true"},
		{"let", `let x = total * 2; x + x`, Number, "decimal.Decimal 4938"},
		{"date arithmetic", `addDays(today, customer.days)`, Date, "civil.Date 2026-07-21"},
		{"parts of a date", `year(today) * 100 + month(today)`, Whole, "int64 202607"},
		{"end of last year", `date(text(year(today) - 1) + "-12-31")`, Date, "civil.Date 2025-12-31"},
		{"a moment comes back as it is", `now`, Moment, "civil.DateTime 2026-07-13T09:05:00"},
		{"a moment's date", `date(now) == today`, Bool, "bool true"},
		{"format", `format(now, "0601 15:04")`, Text, "string 2607 09:05"},
		{"dates compare", `today >= date("2026-07-13") ? today : date("2026-01-01")`, Date, "civil.Date 2026-07-13"},
		{"sum of lines", `sum(lines, #.unit_price * #.quantity)`, Number, "decimal.Decimal 9.8"},
		{"sum skips what is missing", `sum(lines, #.stock)`, Number, "decimal.Decimal 0"},
		{"count", `count(lines, #.unit_price > 1)`, Whole, "int64 1"},
		{"any, all, none", `any(lines, #.name == "Chai") and all(lines, #.quantity > 0) and none(lines, #.name == "")`, Bool, "bool true"},
		{"join", `join(map(filter(lines, #.quantity < 5), #.name), ", ")`, Text, "string Chai, Chang"},
		{"index in a walk", `join(map(lines, #index + 1), "/")`, Text, "string 1/2"},
		{"a list of texts", `join(tags, "+") + tags[1] + (tags[5] ?? "?")`, Text, "string vip+újúj?"},
		{"left of letters, not bytes", `left("Őrség", 2) + right("Őrség", 1) + mid("Őrség", 3, 2)`, Text, "string Őrgsé"},
		{"cut past the end", `left("a", 9) + right("a", 9) + mid("a", 5)`, Text, "string aa"},
		{"ascii", `ascii("Árvíztűrő Straße Щука Ψυχή שלום №1")`, Text, "string Arvizturo Strasse Shchuka Psychi shlvm No1"},
		{"min leaves out what is missing", `min(row.NAME ?? nil, "b", "a")`, Text, "string a"},
		{"a pipe", `customer.name | lower() | left(6)`, Text, "string kovács"},
	} {
		t.Run(row.name, func(t *testing.T) {
			p, err := sample().Compile(row.source, row.want)
			if err != nil {
				t.Fatal(err)
			}
			got, err := p.Run(t.Context(), values())
			if err != nil {
				t.Fatal(err)
			}
			if s := fmt.Sprintf("%T %v", got, got); s != row.gives {
				t.Errorf("got %s, want %s", s, row.gives)
			}
		})
	}
}

func TestCompileRefuses(t *testing.T) {
	for _, row := range []struct {
		name, source string
		want         Kind
		says         []string
	}{
		{"an unknown name", `custmer.name`, Any, []string{"at character 1", `there is no "custmer"`, "did you mean customer?"}},
		{"a field without its record", `tax_id`, Any, []string{"did you mean customer.tax_id?"}},
		{"an unknown field", `customer.taxid`, Any, []string{"at character 10", "did you mean tax_id?"}},
		{"a Go name", `customer.TaxID`, Any, []string{"did you mean tax_id?"}},
		{"a hidden field", `customer.secret`, Any, []string{`no field "secret"`}},
		{"a method", `customer.String()`, Any, []string{"only the functions of the language"}},
		{"a method of a decimal", `total.Neg()`, Any, []string{"only the functions"}},
		{"everything at once", `custmer.name + taxes`, Any, []string{"custmer", "taxes"}},
		{"the wrong kind", `customer.name`, Number, []string{"it gives a text, and a number is asked for; write number(...) around it"}},
		{"a number where text is wanted", `number + 1`, Text, []string{"text(...)"}},
		{"a text plus a number", `"C" + total`, Text, []string{"at character 5", "text and a number", "text(...)"}},
		{"a number where a condition stands", `number ? 1 : 2`, Any, []string{"yes/no", "x == 1"}},
		{"two kinds behind a condition", `customer.person ? 1 : "a"`, Any, []string{"either a whole number or a text"}},
		{"text compared with number", `customer.name == 1`, Bool, []string{"cannot be compared"}},
		{"a date compared with a text", `today > "2026-01-01"`, Bool, []string{"date(...)"}},
		{"dates subtracted", `today - today`, Any, []string{"daysBetween"}},
		{"a range", `1..1000000000`, Any, []string{"ranges"}},
		{"a walk over a range", `map(1..1000000000, #)`, Any, []string{"ranges"}},
		{"a walk in a walk", `sum(lines, sum(lines, #.quantity))`, Any, []string{"inside another walk"}},
		{"an endless text", `repeat("a", 1000000000)`, Any, []string{"no function"}},
		{"a power", `9 ** 9 ** 9`, Any, []string{"cannot be used"}},
		{"the environment itself", `$env`, Any, []string{"there is no"}},
		{"the environment by name", `$env["customer"]`, Any, []string{"there is no"}},
		{"a map", `{"a": 1}`, Any, []string{"{...}"}},
		{"an unknown function", `uper("a")`, Any, []string{"did you mean upper?"}},
		{"a function without brackets", `upper`, Any, []string{"write upper(text)"}},
		{"too few arguments", `pad(1)`, Any, []string{"write pad(x, n, fill)"}},
		{"a wrong argument", `left(customer.name, "3")`, Any, []string{"left takes a whole number", "whole(...)"}},
		{"an unfinished formula", `1 +`, Any, []string{"ends too early"}},
		{"rubbish", `)(`, Any, []string{"not expected"}},
		{"nothing", `  `, Any, []string{"empty"}},
		{"a NUL", "\"a\x00\"", Any, []string{"UTF-8"}},
		{"a constant that divides by zero", `1 / 0`, Any, []string{"divides by zero"}},
		{"a number of a million digits", `1e1000000`, Any, []string{"invalid float"}},
		{"a number that is too large", `1e40`, Any, []string{"too large"}},
		{"a whole number that is too large", `99999999999999999999`, Any, []string{"invalid integer"}},
		{"an invalid pattern", `customer.name matches "("`, Any, []string{"missing closing"}},
		{"a computed pattern", `customer.name matches customer.tax_id`, Any, []string{"constant pattern"}},
		{"the elvis operator", `customer.name ?: "a"`, Any, []string{"a ?? b"}},
		{"a name that is taken", `let upper = 1; 2`, Any, []string{"taken"}},
		{"a name that hides the run", `let $env = 1; number`, Any, []string{"taken"}},
		{"a list where a value is wanted", `lines`, Text, []string{"gives a list"}},
		{"two formulas", `1; 2`, Any, []string{"take out the ;"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := sample().Compile(row.source, row.want)
			if err == nil {
				t.Fatal("it was taken")
			}
			if !errors.Is(err, fault.Invalid) {
				t.Errorf("%v is not fault.Invalid", err)
			}
			for _, part := range row.says {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q does not say %q", err, part)
				}
			}
		})
	}
}

func TestRunRefuses(t *testing.T) {
	long := strings.Repeat("á", 20_000)
	for _, row := range []struct {
		name, source string
		vars         map[string]any
		code         fault.Code
		says         string
	}{
		{"division by zero", `total / (number - 42)`, nil, fault.Invalid, "divides by zero"},
		{"rest by zero", `number % (number - 42)`, nil, fault.Invalid, "divides by zero"},
		{"a whole number overflows", `number * 9223372036854775807`, nil, fault.Invalid, "too large"},
		{"a decimal overflows", `let a = total * 1e25; a * a`, nil, fault.Invalid, "at most 30 digits"},
		{"a sum with no value", `row.MISSING + 1`, nil, fault.Invalid, "x ?? 0"},
		{"a condition with no value", `row.MISSING ? 1 : 2`, nil, fault.Invalid, "x ?? false"},
		{"comparing no value", `row.MISSING > 1`, nil, fault.Invalid, "no value to compare"},
		{"a kind known late", `upper(row.ID)`, nil, fault.Invalid, "text(...)"},
		{"a wrong value of the program", `customer.name`, map[string]any{"customer": 5}, fault.Invalid, "a record is asked for"},
		{"a wrong kind of the program", `number`, map[string]any{"number": "a"}, fault.Invalid, "whole number is asked for"},
		{"text that is no number", `number(customer.name)`, nil, fault.Invalid, "is not a number"},
		{"text that is no date", `date(customer.name)`, nil, fault.Invalid, "is not a date"},
		{"a date past the calendar", `addDays(today, 3000000)`, nil, fault.Invalid, "calendar"},
		{"a text that doubles for ever", `let a = row.LONG + row.LONG; let b = a + a; let c = b + b; c`, map[string]any{"row": map[string]any{"LONG": long}}, fault.Limit, "longer than"},
		{"a replacement that explodes", `replace(row.LONG, "á", row.LONG)`, map[string]any{"row": map[string]any{"LONG": long}}, fault.Limit, "longer than"},
		{"a list without end", `sum(lines, 1)`, map[string]any{"lines": make([]line, MaxList+1)}, fault.Limit, "at most 10000"},
		{"much work in a walk", `count(lines, upper(row.LONG) == lower(row.LONG))`, map[string]any{"lines": make([]line, MaxList), "row": map[string]any{"LONG": long}}, fault.Limit, "too much work"},
		{"infinity from a float", `row.X * 2`, map[string]any{"row": map[string]any{"X": 1e300}}, fault.Invalid, "too large"},
	} {
		t.Run(row.name, func(t *testing.T) {
			p, err := sample().Compile(row.source, Any)
			if err != nil {
				t.Fatal(err)
			}
			vars := values()
			for k, v := range row.vars {
				vars[k] = v
			}
			got, err := p.Run(t.Context(), vars)
			if err == nil {
				t.Fatalf("it gave %v", got)
			}
			if !errors.Is(err, row.code) || !strings.Contains(err.Error(), row.says) {
				t.Errorf("got %v, want %s: %s", err, row.code, row.says)
			}
		})
	}
}

func TestRunStopsWithItsContext(t *testing.T) {
	p, err := sample().Compile(`count(lines, #.name == "x")`, Whole)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Run(ctx, values()); !errors.Is(err, context.Canceled) {
		t.Errorf("before: %v", err)
	}
	vars := values()
	vars["lines"] = make([]line, MaxList)
	if _, err := p.Run(&expiring{Context: t.Context(), looks: 2}, vars); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("during: %v", err)
	}
}

// expiring is a context whose time is over after some looks at it.
type expiring struct {
	context.Context
	looks int
}

func (e *expiring) Err() error {
	if e.looks--; e.looks < 0 {
		return context.DeadlineExceeded
	}
	return nil
}

func TestProgramNames(t *testing.T) {
	p, err := sample().Compile(`customer.address.city + (row["Company Name"] ?? "") + text(sum(lines, #.quantity))`, Text)
	if err != nil {
		t.Fatal(err)
	}
	want := "customer customer.address customer.address.city lines lines[].quantity row row.Company Name"
	if got := strings.Join(p.Names(), " "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if p.Constant() {
		t.Error("it counts as constant")
	}
	c, err := sample().Compile(`upper("a")`, Text)
	if err != nil || !c.Constant() {
		t.Errorf("constant: %v %v", c.Constant(), err)
	}
}

func TestLanguageExamplesAreTrue(t *testing.T) {
	env := NewEnv().Var("lines", List, "", Field{Name: "name", Kind: Text}, Field{Name: "price", Kind: Number}, Field{Name: "quantity", Kind: Whole})
	vars := map[string]any{"lines": []any{
		map[string]any{"name": "Chai", "price": decimal.RequireFromString("18"), "quantity": 2},
		map[string]any{"name": "Chang", "price": decimal.RequireFromString("3.5"), "quantity": 3},
	}}
	check := func(name, example, gives string) {
		t.Run(name, func(t *testing.T) {
			p, err := env.Compile(example, Any)
			if err != nil {
				t.Fatal(err)
			}
			got, err := p.Run(t.Context(), vars)
			if err != nil {
				t.Fatal(err)
			}
			if fmt.Sprint(got) != gives {
				t.Errorf("%s is %v, the guide says %s", example, got, gives)
			}
		})
	}
	for _, f := range functionList {
		check(f.name, f.example, f.gives)
	}
	for _, w := range walks {
		check(w.signature, w.example, w.gives)
	}
}

func TestEnvExtends(t *testing.T) {
	base := NewEnv().Var("a", Whole, "first")
	more := base.Var("b", Whole, "second | or")
	if len(base.Vars()) != 1 {
		t.Error("the old environment changed")
	}
	want := "| Name | Kind | Meaning |\n|---|---|---|\n| `a` | whole number | first |\n| `b` | whole number | second \\| or |\n"
	if got := more.Document(); got != want {
		t.Errorf("got %s", got)
	}
}

func TestEnvFunc(t *testing.T) {
	env := sample().Func(Func{
		Name: "greet", Doc: "a greeting", Result: Text,
		Params: []Field{{Name: "name", Kind: Text}, {Name: "times", Kind: Whole}},
		Call: func(args []any) (any, error) {
			if args[1] == int64(13) {
				return nil, errors.New("thirteen greetings are not given")
			}
			return strings.Repeat("hi "+args[0].(string)+" ", int(args[1].(int64))), nil
		},
	})
	for _, row := range []struct{ name, source, gives, says string }{
		{"it is called", `greet(left(customer.name, 6), 2) + "!"`, "hi Kovács hi Kovács !", ""},
		{"no value is the empty text", `greet(row.NAME, 1)`, "hi  ", ""},
		{"its error is shown with the place", `"a" + greet("b", 13)`, "", "at character 7: thirteen"},
		{"too many arguments", `greet("b", 1, 2)`, "", "write greet(name, times)"},
		{"a wrong kind", `greet("b", "c")`, "", "greet takes a whole number"},
		{"without brackets", `greet`, "", "write greet(name, times)"},
		{"misspelt", `gret("b", 1)`, "", "did you mean greet?"},
		{"an endless text", `greet("b", 100000)`, "", "longer than"},
	} {
		t.Run(row.name, func(t *testing.T) {
			p, err := env.Compile(row.source, Text)
			var got any
			if err == nil {
				got, err = p.Run(t.Context(), values())
			}
			switch {
			case row.says == "" && (err != nil || got != row.gives):
				t.Errorf("got %v %v", got, err)
			case row.says != "" && (err == nil || !strings.Contains(err.Error(), row.says)):
				t.Errorf("got %v %v, want %q", got, err, row.says)
			}
		})
	}
	if doc := env.Document(); !strings.Contains(doc, "| `greet(name, times)` | a greeting |") {
		t.Error(doc)
	}
}

func TestSnake(t *testing.T) {
	for in, want := range map[string]string{"TaxID": "tax_id", "EUVatID": "eu_vat_id", "VATCode": "vat_code", "Line1": "line1", "IBAN": "iban", "UnitPrice": "unit_price", "ID": "id"} {
		if got := snake(in); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

var _ = customer{secret: ""}
