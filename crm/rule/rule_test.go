package rule_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/rule"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/testutil"
	"github.com/crmplus/crmplus/testutil/tsql"
)

// sample is a small environment, as a segment has it.
func sample(t testing.TB) *rule.Environment {
	t.Helper()
	e, err := rule.NewEnvironment(
		rule.Subject{Source: store.From[party.Party]("party"), From: "crm_party AS party", Key: "party.id"},
		[]rule.Record{
			{Name: "party", Fields: []rule.Field{
				{Name: "city", Kind: rule.Text, Doc: "the city", Column: "party.city", Shown: true},
				{Name: "country", Kind: rule.Text, Doc: "the country", Column: "party.country"},
				{Name: "birth_date", Kind: rule.Date, Doc: "the birthday", Column: "party.birth_date", Optional: true},
				{Name: "created_at", Kind: rule.Moment, Doc: "when it came", Column: "party.created_at"},
				{Name: "hot", Kind: rule.YesNo, Doc: "whether a lead is hot", Is: `any(leads, .score > 80)`},
			}},
			{Name: "deal", Fields: []rule.Field{
				{Name: "won", Kind: rule.Number, Doc: "how many were won", Is: `count(deals, .state == "won")`},
				{Name: "last", Kind: rule.Moment, Doc: "when the last was closed", Is: `max(map(deals, .closed_at))`},
			}},
		},
		[]rule.List{
			{Name: "leads", Doc: "leads", From: "crm_lead AS lead", Key: "lead.party_id", Company: "lead.company", Where: "lead.merged_into IS NULL", Fields: []rule.Field{
				{Name: "status", Kind: rule.Text, Doc: "the status", Column: "lead.status", Choices: []string{"new", "working", "qualified"}},
				{Name: "score", Kind: rule.Number, Doc: "the score", Column: "lead.score"},
				{Name: "value", Kind: rule.Number, Doc: "the value", Column: "lead.expected_value", Places: 4},
				{Name: "arrived_at", Kind: rule.Moment, Doc: "when it came", Column: "lead.arrived_at"},
			}},
			{Name: "deals", Doc: "deals", From: "crm_opportunity AS deal", Key: "deal.party_id", Company: "deal.company", Fields: []rule.Field{
				{Name: "state", Kind: rule.Text, Doc: "the state", Column: "deal.state"},
				{Name: "revenue", Kind: rule.Number, Doc: "the revenue", Column: "deal.expected_revenue", Places: 4},
				{Name: "closed_at", Kind: rule.Moment, Doc: "the end", Column: "deal.closed_at", Optional: true},
			}},
		})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// now is half past midnight in Budapest, where it is the day after that of UTC.
var at = rule.At{Now: time.Date(2026, 7, 13, 22, 30, 0, 0, time.UTC), Zone: mustZone("Europe/Budapest")}

func mustZone(name string) *time.Location {
	z, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return z
}

// anna is one record: she has no birth date, and two leads.
func anna() rule.Values {
	return rule.Values{
		"party.city": "Győr", "party.country": "HU", "party.created_at": time.Date(2026, 7, 13, 22, 0, 0, 0, time.UTC),
		"leads": []rule.Values{
			{"status": "new", "score": 10, "value": money.MustAmount("99.5"), "arrived_at": time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)},
			{"status": "qualified", "score": 85, "value": money.MustAmount("0.5"), "arrived_at": time.Date(2026, 7, 12, 0, 0, 0, 0, time.UTC)},
		},
	}
}

func TestTruth(t *testing.T) {
	e := sample(t)
	for _, row := range []struct {
		name, condition string
		want            rule.Truth
	}{
		{"a text is what it is, letter by letter", `party.city == "Győr"`, rule.True},
		{"and not its capitals", `party.city == "GYŐR"`, rule.False},
		{"folded it is found without accents", `fold(party.city) == "gyor"`, rule.True},
		{"nobody knows whether a missing day is before another", `party.birth_date < date("2000-01-01")`, rule.Unknown},
		{"nor whether it is not", `not (party.birth_date < date("2000-01-01"))`, rule.Unknown},
		{"nor whether it is different", `party.birth_date != date("2000-01-01")`, rule.Unknown},
		{"but that it is missing", `party.birth_date == nil`, rule.True},
		{"what is unknown does not hide what is true", `party.birth_date < today() or party.country == "HU"`, rule.True},
		{"nor save what is false", `party.birth_date < today() and party.country == "AT"`, rule.False},
		{"age of nobody knows whom", `age(party.birth_date) >= 18`, rule.Unknown},
		{"one lead that is both", `any(leads, .status == "new" and .score > 50)`, rule.False},
		{"one that is one and one that is the other", `any(leads, .status == "new") and any(leads, .score > 50)`, rule.True},
		{"all of several", `all(leads, .score >= 10)`, rule.True},
		{"all of none", `all(deals, .state == "won")`, rule.True},
		{"none of none", `none(deals, .state == "won")`, rule.True},
		{"count", `count(leads, .score > 50) == 1`, rule.True},
		{"sum is exact", `sum(leads, .value) == 100`, rule.True},
		{"sum of none is 0", `sum(deals, .revenue) == 0`, rule.True},
		{"max of none is unknown", `max(map(deals, .closed_at)) < today()`, rule.Unknown},
		{"a defined yes/no", `party.hot`, rule.True},
		{"a defined number", `deal.won > 0`, rule.False},
		{"a moment is compared with a day by its day in the zone", `party.created_at == date("2026-07-14")`, rule.True},
		{"today is that of the zone", `party.created_at >= today()`, rule.True},
		{"after a day is after its end", `party.created_at > days_ago(1)`, rule.True},
		{"not on the day itself", `party.created_at > today()`, rule.False},
		{"hours are counted exactly", `party.created_at < hours_ago(1)`, rule.False},
		{"everybody", `true`, rule.True},
		{"nobody", `false`, rule.False},
		{"in", `party.country in ["AT", "HU"]`, rule.True},
		{"not in", `party.country not in ["AT", "HU"]`, rule.False},
		{"a pattern", `party.city matches "^Gy.r$"`, rule.True},
		{"constants may stand on the left", `50 < deal.won`, rule.False},
		{"comparison with true", `party.hot == false`, rule.False},
		{"filters add up", `any(filter(leads, .score > 50), .status == "qualified")`, rule.True},
		{"min of filtered", `min(map(filter(leads, .status == "new"), .score)) == 10`, rule.True},
		{"negative numbers", `deal.won > -1`, rule.True},
	} {
		c, err := e.Parse(row.condition)
		if err != nil {
			t.Errorf("%s: %v", row.name, err)
			continue
		}
		if got, err := c.Truth(at, anna()); got != row.want || err != nil {
			t.Errorf("%s: %s gives %d (%v), want %d", row.name, row.condition, got, err, row.want)
		}
		again, err := e.Parse(c.String())
		if err != nil || again.String() != c.String() {
			t.Errorf("%s: %s is printed as %s, which is %v, %v", row.name, row.condition, c, again, err)
		}
	}
}

func TestFaults(t *testing.T) {
	e := sample(t)
	for _, row := range []struct {
		name, condition string
		want            []string // pieces of "path: message", each of which one fault has
	}{
		{"nothing", "", []string{"condition: the condition is empty; write true for everybody"}},
		{"several at once", `party.citty == "Pécs" and leads.status == "new"`, []string{
			`condition:7: at character 7: there is no "party.citty"; did you mean party.city?`, "condition:33", `leads are many; ask any(leads, .status ...)`}},
		{"a row's field of nothing", `party.city == "Pécs" and .score > 1`, []string{"condition:26"}},
		{"a choice", `any(leads, .status == "qualifed")`, []string{`.status is never "qualifed"; did you mean qualified?`}},
		{"kinds", `party.city > 5`, []string{"a text cannot be compared with a number; put it into quotation marks"}},
		{"a date as text", `party.birth_date < "2000-01-01"`, []string{`write date("2026-07-13"), days_ago(30) or today()`}},
		{"order of texts", `party.city < "B"`, []string{"texts have no order"}},
		{"a condition is asked for", `party.city`, []string{"a condition is asked for here, and this is a text"}},
		{"arithmetic", `deal.won + 1 > 2`, []string{"nothing is computed in them"}},
		{"an unknown function", `fould(party.city) == "x"`, []string{`there is no function "fould"; did you mean fold?`}},
		{"a bad date", `party.birth_date == date("13.7.2026")`, []string{`write date("2026-07-13")`}},
		{"lists in lists", `any(leads, any(deals, true))`, []string{"inside a list only the fields of its rows"}},
		{"defined in lists", `any(leads, deal.won > 1)`, []string{"is itself found in a list"}},
		{"syntax", `party.city == `, []string{"ends too early"}},
		{"nil of what is always there", `any(leads, .score == nil)`, []string{"always has a value"}},
		{"two constants", `1 == 1`, []string{"both sides are constants"}},
		{"a pattern", `party.city matches "("`, []string{"no regular expression"}},
		{"huge numbers", `deal.won > 99999999999999999999`, []string{"at most 12 digits"}},
		{"huge floats", `deal.won > 1e300`, []string{"at most 12 digits"}},
		{"too long", strings.Repeat(" ", 4001), []string{"is empty"}},
		{"too many", "true" + strings.Repeat(" and true", 300), []string{"more than 400"}},
	} {
		_, err := e.Parse(row.condition)
		if !errors.Is(err, fault.Invalid) {
			t.Errorf("%s: %v is not refused", row.name, err)
			continue
		}
		for _, want := range row.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v does not say %q", row.name, err, want)
			}
		}
	}
}

func TestFormsAreCheckedByPath(t *testing.T) {
	e := sample(t)
	n, err := rule.DecodeNode([]byte(`{"op":"and","nodes":[{"op":"any","list":"leads","where":{"op":"==","left":{"field":".statsu"},"right":{"text":"new"}}},
		{"op":"in","left":{"field":"party.city"},"values":[{"number":"3"}]},{"op":"==","left":{"field":"party.city"}},{"op":"sideways"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	_, err = e.Build(n)
	for _, want := range []string{
		`condition.nodes[0].where.left: leads have no field "statsu"; did you mean status?`, "condition.nodes[1].values[0]: a text cannot be one of a list with a number",
		"condition.nodes[2]: the right side is missing", `condition.nodes[3]: "sideways" is nothing that a condition can ask`,
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not say %q", err, want)
		}
	}
	for _, bad := range []string{"", "[]", `{"op":"and"} x`, `{"op":"and","extra":1}`, strings.Repeat(`{"op":"not","nodes":[`, 100)} {
		if _, err := rule.DecodeNode([]byte(bad)); err == nil {
			t.Errorf("%.20q is a tree", bad)
		}
	}
}

func TestFormsAndExpressionsAreTheSame(t *testing.T) {
	e := sample(t)
	c, err := e.Parse(`party.country in ["HU", "AT"] and (any(leads, .score >= 1.50 and .arrived_at > days_ago(30)) or not party.hot) and party.birth_date != nil and sum(filter(deals, .state == "won"), .revenue) > 100`)
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.MarshalIndent(c.Node(), "", "\t")
	if err != nil {
		t.Fatal(err)
	}
	testutil.Golden(t, "form.json", b)
	n, err := rule.DecodeNode(b)
	if err != nil {
		t.Fatal(err)
	}
	again, err := e.Build(n)
	if err != nil || again.String() != c.String() {
		t.Errorf("%s came back as %s (%v)", c, again, err)
	}
}

func TestSQLOfBothDialects(t *testing.T) {
	e := sample(t)
	var b strings.Builder
	for _, condition := range []string{
		`true`, `party.city == "Pécs" and party.country != "HU"`, `party.city contains "100%" or party.city startsWith "Kis "`,
		`any(leads, .status == "new" and .score >= 49.5)`, `not any(leads, .value == 0.00001)`, `all(leads, .arrived_at > days_ago(30))`,
		`deal.won >= 2`, `deal.won < 2`, `deal.last < days_ago(90)`, `not (deal.last < days_ago(90))`, `deal.last == nil`,
		`any(leads, .arrived_at > party.created_at)`, `month(party.birth_date) == 7`, `party.created_at == today()`, `fold(party.city) == "gyor" and party.country == "HU"`,
		`sum(deals, .revenue) > max(map(leads, .value))`,
	} {
		c, err := e.Parse(condition)
		if err != nil {
			t.Fatal(err)
		}
		b.WriteString(condition + "\n")
		for _, d := range []store.Dialect{store.SQLite, store.MSSQL} {
			where := c.SQL(rule.Scope{At: at, Dialect: d, Companies: []string{"HU01"}})
			b.WriteString(string(d) + "\t" + where.SQL + "\n")
			if d == store.MSSQL {
				n := 0
				statement := "SELECT party.id FROM crm_party AS party WHERE " + where.SQL
				for strings.Contains(statement, "?") {
					n++
					statement = strings.Replace(statement, "?", fmt.Sprintf("@p%d", n), 1)
				}
				for _, complaint := range tsql.Lint(statement) {
					t.Errorf("%s: %s", condition, complaint)
				}
			}
			if d == store.SQLite {
				args, err := json.Marshal(where.Args)
				if err != nil {
					t.Fatal(err)
				}
				b.WriteString("\t" + string(args) + "\n")
				if !where.Exact {
					b.WriteString("\tand the rest in Go\n")
				}
			}
		}
		b.WriteByte('\n')
	}
	testutil.Golden(t, "sql.txt", []byte(b.String()))
}

func TestDocument(t *testing.T) { testutil.Golden(t, "environment.md", []byte(sample(t).Document())) }

func TestEnvironmentsAreChecked(t *testing.T) {
	subject := rule.Subject{Source: store.From[party.Party]("party"), From: "crm_party AS party", Key: "party.id"}
	field := rule.Field{Name: "city", Kind: rule.Text, Column: "party.city"}
	for _, row := range []struct {
		name    string
		records []rule.Record
		lists   []rule.List
	}{
		{"a field twice", []rule.Record{{Name: "party", Fields: []rule.Field{field, field}}}, nil},
		{"a list that comes from nowhere", nil, []rule.List{{Name: "leads"}}},
		{"a definition that is none", []rule.Record{{Name: "party", Fields: []rule.Field{{Name: "hot", Kind: rule.YesNo, Is: "any(leads"}}}}, nil},
		{"a definition of another kind", []rule.Record{{Name: "party", Fields: []rule.Field{field, {Name: "x", Kind: rule.Number, Is: "party.city"}}}}, nil},
	} {
		if _, err := rule.NewEnvironment(subject, row.records, row.lists); err == nil {
			t.Errorf("%s is taken", row.name)
		}
	}
}

func TestValuesOfAnotherKindAreErrors(t *testing.T) {
	c, err := sample(t).Parse(`party.birth_date == today()`)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Holds(at, rule.Values{"party.birth_date": "2000-01-01"}); err == nil || !strings.Contains(err.Error(), "party.birth_date is a date") {
		t.Errorf("a text as date: %v", err)
	}
	if ok, err := c.Holds(at, rule.Values{"party.birth_date": civil.Date{Year: 2026, Month: 7, Day: 14}}); !ok || err != nil {
		t.Errorf("today: %v, %v", ok, err)
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`party.country in ["HU", "AT"] and any(leads, .status == "qualified" and .score >= 50)`, `not (party.birth_date != nil)`, `max(map(filter(leads, .score > 1e3), .value)) < 5`,
		`count(leads) == 0x1F`, `party.created_at == date("2026-07-14") or hours_ago(1) > party.created_at`, `((((((((true))))))))`, `party?.city == "\u05d0\n\""`, "party.city == `raw`",
		`any(leads, {let x = .score; x > 1})`, `1..5`, `party.city[0:1] == "a"`, `$env.party.city == "x"`, `#.score > 1`, `any(leads, # == nil)`, `filter(leads, true)`, `map(leads, .score) == nil`,
		`party.city | fold() == "x"`, `if party.hot { true } else { false }`, `not not not party.hot`, `party.city matches "(a+)+$"`, `leads`, `-party.city`, `true ? false : true`,
	} {
		f.Add(seed)
	}
	e := sample(f)
	f.Fuzz(func(t *testing.T, source string) {
		c, err := e.Parse(source)
		if err != nil {
			if !errors.Is(err, fault.Invalid) {
				t.Fatalf("%q: %v", source, err)
			}
			return
		}
		again, err := e.Parse(c.String())
		if err != nil || again.String() != c.String() {
			t.Fatalf("%q is printed as %q, which is %v (%v)", source, c, again, err)
		}
		truth, err := c.Truth(at, anna())
		if err != nil {
			t.Fatal(err)
		}
		if other, err := again.Truth(at, anna()); other != truth || err != nil {
			t.Fatalf("%q gives %d, %q gives %d (%v)", source, truth, c, other, err)
		}
		where := c.SQL(rule.Scope{At: at, Dialect: store.MSSQL, Companies: []string{"HU01"}})
		if strings.Count(where.SQL, "?") != len(where.Args) {
			t.Fatalf("%q has %d parameters for %s", source, len(where.Args), where.SQL)
		}
	})
}

func FuzzDecodeNode(f *testing.F) {
	f.Add([]byte(`{"op":"and","nodes":[{"op":"any","list":"leads","where":{"op":"==","left":{"field":".status"},"right":{"text":"new"}}}]}`))
	f.Add([]byte(`{"op":">","left":{"call":"sum","list":"deals","of":".revenue"},"right":{"number":"-0012.50e1"}}`))
	f.Add([]byte(`{"op":"not","nodes":[{"op":"not","nodes":[{"op":"or"}]}]}`))
	f.Add([]byte(`{"op":"in","left":{"field":"party.city","text":"a"},"values":[{"text":""},{"call":"date","args":[{"text":"2026-01-01"}]}]}`))
	e := sample(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		n, err := rule.DecodeNode(b)
		if err != nil {
			return
		}
		c, err := e.Build(n)
		if err != nil {
			return
		}
		again, err := e.Parse(c.String())
		if err != nil || again.String() != c.String() {
			t.Fatalf("%s is printed as %q, which is %v (%v)", b, c, again, err)
		}
	})
}
