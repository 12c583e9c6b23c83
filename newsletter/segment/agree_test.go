package segment_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/rule"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter/segment"
	"github.com/crmplus/crmplus/testutil"
)

// draw makes random conditions of an environment.
type draw struct {
	t   *rapid.T
	env *rule.Environment
	// known are the fields whose values the world knows.
	known map[string]bool
}

func text(s string) *rule.Operand { return &rule.Operand{Text: &s} }

func call(name string, args ...rule.Operand) *rule.Operand {
	return &rule.Operand{Call: name, Args: args}
}

func (d draw) condition(depth int, list *rule.List) rule.Node {
	if depth == 0 {
		return d.leaf(depth, list)
	}
	switch rapid.SampledFrom([]string{"leaf", "leaf", "not", "not", "join", "list", "list"}).Draw(d.t, "shape") {
	case "join":
		n := rule.Node{Op: rapid.SampledFrom([]rule.Op{rule.And, rule.Or}).Draw(d.t, "op")}
		for range rapid.IntRange(0, 3).Draw(d.t, "parts") {
			n.Nodes = append(n.Nodes, d.condition(depth-1, list))
		}
		return n
	case "not":
		return rule.Node{Op: rule.Not, Nodes: []rule.Node{d.condition(depth-1, list)}}
	case "list":
		if list == nil {
			l := rapid.SampledFrom(d.env.Lists()).Draw(d.t, "list")
			where := d.condition(depth-1, &l)
			return rule.Node{Op: rapid.SampledFrom([]rule.Op{rule.Any, rule.All, rule.None}).Draw(d.t, "quantifier"), List: l.Name, Where: &where}
		}
	}
	return d.leaf(depth, list)
}

var orders = []rule.Op{rule.Equal, rule.Unequal, rule.Less, rule.AtMost, rule.More, rule.AtLeast}

func (d draw) leaf(depth int, list *rule.List) rule.Node {
	left, f := d.field(list)
	if list == nil && depth > 0 && rapid.IntRange(0, 3).Draw(d.t, "aggregate") == 0 {
		left, f = d.aggregate(depth)
	}
	order := rapid.SampledFrom(orders).Draw(d.t, "order")
	if f.Optional && rapid.IntRange(0, 4).Draw(d.t, "nil") == 0 {
		return rule.Node{Op: rule.Empty, Left: left}
	}
	switch f.Kind {
	case rule.YesNo:
		return rule.Node{Op: rule.Yes, Left: left}
	case rule.Number:
		if rapid.Bool().Draw(d.t, "in") {
			return rule.Node{Op: rule.In, Left: left, Values: []rule.Operand{d.number(), d.number()}}
		}
		n := d.number()
		return rule.Node{Op: order, Left: left, Right: &n}
	case rule.Date:
		return rule.Node{Op: order, Left: left, Right: d.date()}
	case rule.Moment:
		right := d.date()
		if rapid.Bool().Draw(d.t, "moment") {
			right = call("hours_ago", rule.Operand{Number: fmt.Sprint(rapid.IntRange(0, 3000).Draw(d.t, "hours"))})
		}
		return rule.Node{Op: order, Left: left, Right: right}
	}
	return d.text(left, f)
}

func (d draw) text(left *rule.Operand, f rule.Field) rule.Node {
	pool := append(append(append([]string{"A", "P1", "K", "call", "mail", "anna", "1011"}, cities...), countries...), sources...)
	if len(f.Choices) > 0 {
		pool = f.Choices
	}
	switch rapid.IntRange(0, 6).Draw(d.t, "text") {
	case 0:
		return rule.Node{Op: rule.Empty, Left: left}
	case 1:
		return rule.Node{Op: rule.In, Left: left, Values: []rule.Operand{*text(rapid.SampledFrom(pool).Draw(d.t, "a")), *text(rapid.SampledFrom(pool).Draw(d.t, "b"))}}
	case 2:
		part := rapid.SampledFrom([]string{"a", "Kis", "Kis ", "%", "_", "100% N", "Μ", "Θεσ", "ва", "é", "B"}).Draw(d.t, "part")
		return rule.Node{Op: rapid.SampledFrom([]rule.Op{rule.Contains, rule.StartsWith, rule.EndsWith}).Draw(d.t, "where"), Left: left, Right: text(part)}
	case 3:
		if len(f.Choices) > 0 {
			break
		}
		return rule.Node{Op: rule.MatchesText, Left: left, Right: text("^[A-K]")}
	case 4:
		if len(f.Choices) > 0 {
			break
		}
		return rule.Node{Op: rule.Equal, Left: call("fold", *left), Right: text("gyor")}
	}
	return rule.Node{Op: rapid.SampledFrom([]rule.Op{rule.Equal, rule.Unequal}).Draw(d.t, "equal"), Left: left, Right: text(rapid.SampledFrom(pool).Draw(d.t, "value"))}
}

func (d draw) number() rule.Operand {
	return rule.Operand{Number: rapid.SampledFrom([]string{"0", "1", "2", "3.5", "-1", "0.3", "0.00001", "1.50"}).Draw(d.t, "number")}
}

func (d draw) date() *rule.Operand {
	switch rapid.IntRange(0, 3).Draw(d.t, "date") {
	case 0:
		return call("today")
	case 1:
		return call("date", *text("2026-06-01"))
	}
	return call("days_ago", rule.Operand{Number: fmt.Sprint(rapid.IntRange(0, 200).Draw(d.t, "days"))})
}

// field draws a field of the party or of a list.
func (d draw) field(list *rule.List) (*rule.Operand, rule.Field) {
	var names []string
	byName := map[string]rule.Field{}
	add := func(name, path string, f rule.Field) {
		if d.known[path] || f.Is != "" {
			names = append(names, name)
			byName[name] = f
		}
	}
	if list != nil && rapid.IntRange(0, 5).Draw(d.t, "own") > 0 {
		for _, f := range list.Fields {
			add("."+f.Name, list.Name+"."+f.Name, f)
		}
	} else {
		for _, r := range d.env.Records() {
			for _, f := range r.Fields {
				if list == nil || f.Is == "" {
					add(r.Name+"."+f.Name, r.Name+"."+f.Name, f)
				}
			}
		}
	}
	name := rapid.SampledFrom(names).Draw(d.t, "field")
	f := byName[name]
	if f.Is != "" && (f.Kind == rule.Moment || f.Kind == rule.Date) {
		f.Optional = true
	}
	return &rule.Operand{Field: name}, f
}

// aggregate draws count, sum, min or max.
func (d draw) aggregate(depth int) (*rule.Operand, rule.Field) {
	l := rapid.SampledFrom(d.env.Lists()).Draw(d.t, "of")
	o := &rule.Operand{Call: "count", List: l.Name}
	if rapid.Bool().Draw(d.t, "filtered") {
		where := d.condition(depth-1, &l)
		o.Where = &where
	}
	var fields []rule.Field
	for _, f := range l.Fields {
		if d.known[l.Name+"."+f.Name] && f.Kind != rule.Text && f.Kind != rule.YesNo {
			fields = append(fields, f)
		}
	}
	if len(fields) == 0 || rapid.IntRange(0, 2).Draw(d.t, "count") == 0 {
		return o, rule.Field{Kind: rule.Number}
	}
	f := rapid.SampledFrom(fields).Draw(d.t, "aggregated")
	o.Call, o.Of = rapid.SampledFrom([]string{"min", "max"}).Draw(d.t, "function"), "."+f.Name
	if f.Kind == rule.Number && rapid.Bool().Draw(d.t, "sum") {
		o.Call = "sum"
	}
	return o, rule.Field{Kind: f.Kind, Optional: o.Call != "sum"}
}

// knows lists the fields that the world's values have.
func (w *world) knows() map[string]bool {
	known := map[string]bool{"party.custom.grade": true, "leads.custom.size": true, "purchases.product": true, "purchases.net": true, "purchases.on": true}
	for _, f := range []string{"state", "net", "issued_at"} { // nobody has a quote
		known["quotes."+f] = true
	}
	for _, v := range w.values {
		for path, value := range v {
			rows, list := value.([]rule.Values)
			if !list {
				known[path] = true
			}
			for _, r := range rows {
				for name := range r {
					known[path+"."+name] = true
				}
			}
		}
	}
	return known
}

// expected is whom the evaluator means by what the test itself knows of people.
func (w *world) expected(t rapid.TB, c *rule.Condition) []party.ID {
	var out []party.ID
	for _, id := range w.ids {
		holds, err := c.Holds(w.at, w.values[id])
		if err != nil {
			t.Fatal(err)
		}
		if holds {
			out = append(out, id)
		}
	}
	return out
}

// TestSQLAndEvaluationAgree compares random conditions over random people, with missing values, merged
// parties and lists that no table holds: the SQL alone, the SQL with the rest in Go, and the evaluator over
// values that never saw the database must mean the same people.
func TestSQLAndEvaluationAgree(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env, 7, 60)
		known := w.knows()
		rapid.Check(t, func(t *rapid.T) {
			for range 8 { // conditions are cheap, and rare ones matter
				w.agree(t, draw{t: t, env: w.rules, known: known}.condition(rapid.IntRange(0, 4).Draw(t, "depth"), nil))
			}
		})
	})
}

// TestEveryComparisonAgrees goes through all operators, plain and negated, at values that the data has.
func TestEveryComparisonAgrees(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env, 3, 40)
		for _, left := range []struct {
			field  string
			values []string
		}{
			{"party.birth_date", []string{"days_ago(%d)"}},
			{"party.created_at", []string{"today()"}},
			{"count(leads)", []string{"0", "1", "1.5"}},
			{"sum(leads, .score)", []string{"0", "3", "2.5"}},
			{"sum(filter(leads, .status == \"new\"), .custom.size)", []string{"0", "0.5"}},
			{"max(map(leads, .value))", []string{"0.3", "0.00001"}},
			{"min(map(opportunities, .expected_close))", []string{"days_ago(%d)"}},
			{"activity.last_contact_at", []string{"days_ago(%d)"}},
		} {
			for _, value := range left.values {
				if strings.Contains(value, "%d") { // a day that somebody has
					value = fmt.Sprintf(value, w.busyDay(t, left.field))
				}
				for _, op := range orders {
					for _, form := range []string{"%s %s %s", "not (%s %s %s)", "not not (%s %s %s)"} {
						w.agreeOn(t, fmt.Sprintf(form, left.field, op, value))
					}
				}
			}
		}
		for _, op := range orders {
			for _, quantifier := range []string{"any", "all", "none", "not any", "not all", "not none"} {
				for _, row := range []string{".score %s 2", ".value %s 0.3", ".custom.size %s 1.5", "not (.custom.size %s 1)", ".arrived_at %s days_ago(50)", ".score %s 2 and fold(.interest) == \"gyor\"", ".arrived_at %s party.created_at"} {
					w.agreeOn(t, quantifier+"(leads, "+fmt.Sprintf(row, op)+")")
				}
			}
		}
	})
}

// busyDay is a day, in days before today, on which a field with that name lies for somebody.
func (w *world) busyDay(t *testing.T, field string) int {
	t.Helper()
	for n := range 200 {
		c, err := w.rules.Parse(fmt.Sprintf("%s == days_ago(%d)", field, n+5))
		if err != nil {
			t.Fatal(err)
		}
		if len(w.expected(t, c)) > 0 {
			return n + 5
		}
	}
	t.Fatalf("nobody has %s", field)
	return 0
}

func (w *world) agreeOn(t *testing.T, condition string) {
	t.Helper()
	c, err := w.rules.Parse(condition)
	if err != nil {
		t.Fatal(err)
	}
	w.agree(t, c.Node())
}

// agree compares what SQL, SQL with Go, and Go alone make of one condition.
func (w *world) agree(t rapid.TB, node rule.Node) {
	c, err := w.rules.Build(node)
	if err != nil {
		t.Fatalf("%s: %v", node, err)
	}
	roundTrip(t, w.rules, c)
	want := w.expected(t, c)
	err = w.env.DB.Read(w.env.System(), func(ctx context.Context, s *store.Session) error {
		where := c.SQL(rule.ScopeOf(s, w.at))
		var found []party.ID
		err := s.Query(ctx, &found, store.From[party.Party]("party"),
			"SELECT party.id FROM crm_party AS party WHERE {scope} AND party.merged_into IS NULL AND "+where.SQL+" ORDER BY party.id", where.Args...)
		if err != nil {
			return fmt.Errorf("%w in %s", err, where.SQL)
		}
		if !where.Exact {
			for _, id := range want {
				if !slices.Contains(found, id) {
					return fmt.Errorf("%s: the SQL misses somebody: %s", c, where.SQL)
				}
			}
			keys := make([][16]byte, len(found))
			for i, id := range found {
				keys[i] = id
			}
			if keys, err = c.Pick(ctx, s, w.at, keys); err != nil {
				return err
			}
			found = found[:0]
			for _, key := range keys {
				found = append(found, key)
			}
		}
		if !slices.Equal(found, want) {
			return fmt.Errorf("%s\nSQL finds %d, the evaluator %d: %s %v", c, len(found), len(want), where.SQL, where.Args)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func roundTrip(t rapid.TB, env *rule.Environment, c *rule.Condition) {
	again, err := env.Parse(c.String())
	if err != nil {
		t.Fatalf("%s is not understood again: %v", c, err)
	}
	same := cmpopts.IgnoreUnexported(rule.Node{}, rule.Operand{})
	if d := cmp.Diff(c.Node(), again.Node(), same); d != "" {
		t.Fatalf("%s is another tree when parsed: %s", c, d)
	}
	b, err := json.Marshal(c.Node())
	if err != nil {
		t.Fatal(err)
	}
	decoded, err := rule.DecodeNode(b)
	if err != nil {
		t.Fatal(err)
	}
	if built, err := env.Build(decoded); err != nil || built.String() != c.String() {
		t.Fatalf("%s is %s after JSON (%v)", c, built, err)
	}
}

// TestCountsAgree compares what Count, Sample, Fill and Audience say of random conditions.
func TestCountsAgree(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env, 11, 60)
		known := w.knows()
		checks := 0
		rapid.Check(t, func(t *rapid.T) {
			if checks++; checks > 25 {
				return // each costs several transactions
			}
			c, err := w.rules.Build(draw{t: t, env: w.rules, known: known}.condition(3, nil))
			if err != nil {
				t.Fatal(err)
			}
			want := w.expected(t, c)
			n, err := w.segments.Count(env.System(), segment.Selection{Condition: c.String()})
			if err != nil || n != len(want) {
				t.Fatalf("%s: counted %d (%v), want %d", c, n, err, len(want))
			}
			rows, err := w.segments.Sample(env.System(), segment.Selection{Condition: c.String()})
			if err != nil || len(rows) != min(len(want), segment.SampleSize) {
				t.Fatalf("%s: a sample of %d (%v) of %d", c, len(rows), err, len(want))
			}
			for _, r := range rows {
				if !slices.Contains(want, r.ID) {
					t.Fatalf("%s: %s is in the sample", c, r.ID)
				}
			}
		})
	})
}
