package crm_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/clock"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/leadrule"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/routing"
	"github.com/crmplus/crmplus/crm/rule"
	"github.com/crmplus/crmplus/crm/scoring"
	"github.com/crmplus/crmplus/crm/workflow"
	"github.com/crmplus/crmplus/newsletter/segment"
	"github.com/crmplus/crmplus/quote"
	"github.com/crmplus/crmplus/reports/commission"
	"github.com/crmplus/crmplus/testutil"
)

// rulePlace is somewhere that people write conditions.
type rulePlace struct {
	// save makes a condition hold, try asks what it matches; nil where nothing is tried.
	save, try func(ctx context.Context, condition string) error
	// quotes is a condition about quotes there, by whose net sum one could read them.
	quotes string
	// path is where a fault of the condition stands.
	path string
}

func rulePlaces(r *newsroom) map[string]rulePlace {
	m := r.module
	anyQuote := "any(quotes, .net > 5)"
	model := func(when string) scoring.Model {
		return scoring.Model{Rules: []scoring.Rule{{Name: "x", When: when, Points: 5}}}
	}
	rules := func(when string) routing.Plan {
		return routing.Plan{Rules: []routing.Rule{{Name: "x", When: when, To: routing.Target{Method: routing.ToKnown}}}}
	}
	flow := func(when string) workflow.Plan {
		return workflow.Plan{Trigger: workflow.Trigger{Kind: workflow.OnEvent, Events: []string{lead.EventCaptured}}, When: when, Actions: []workflow.Action{{Step: "notice.tell", Given: map[string]string{"to": "owner", "text": "x"}}}}
	}
	earn := func(when string) commission.Plan {
		return commission.Plan{Starts: civil.Date{Year: 2026, Month: 1, Day: 1}, Earned: commission.Earnings[0], Rules: []commission.Rule{{Name: "x", When: when, Base: commission.Bases[0], Rate: money.MustPercent("1")}}}
	}
	return map[string]rulePlace{
		"scoring": {
			save: func(ctx context.Context, when string) error {
				_, err := m.Scores.Publish(ctx, 0, model(when))
				return err
			},
			try: func(ctx context.Context, when string) error {
				_, err := m.Scores.Compare(ctx, model(when))
				return err
			},
			quotes: anyQuote, path: "rules[0].when",
		},
		"a draft of scoring": {
			save: func(ctx context.Context, when string) error {
				if !strings.Contains(when, "quotes") {
					return fault.List{{Path: "rules[0].when", Message: "kept until it is published"}}.Err("-")
				}
				_, err := m.Scores.SaveDraft(ctx, 0, model(when))
				return err
			},
			quotes: anyQuote, path: "rules[0].when",
		},
		"routing": {
			save: func(ctx context.Context, when string) error {
				_, err := m.Routing.Publish(ctx, 0, rules(when))
				return err
			},
			try: func(ctx context.Context, when string) error {
				_, err := m.Routing.Match(ctx, rules(when).Rules[0])
				return err
			},
			quotes: anyQuote, path: "rules[0].when",
		},
		"segments": {
			save: func(ctx context.Context, when string) error {
				_, err := r.n.Segments.Save(ctx, segment.Draft{Name: "x", Condition: when})
				return err
			},
			try: func(ctx context.Context, when string) error {
				_, err := r.n.Segments.Count(ctx, segment.Selection{Condition: when})
				return err
			},
			quotes: anyQuote, path: "condition",
		},
		"clocks": {
			save: func(ctx context.Context, when string) error {
				_, err := m.Clocks.Publish(ctx, 0, clock.Plan{Responses: []clock.Response{{Name: "x", When: when, Minutes: 60}}})
				return err
			},
			quotes: anyQuote, path: "responses[0].when",
		},
		"workflow": {
			save: func(ctx context.Context, when string) error {
				_, err := m.Workflows.Save(ctx, workflow.Drafting{Name: "x", Noun: leadrule.Lead, Plan: flow(when)})
				return err
			},
			try: func(ctx context.Context, when string) error {
				_, err := m.Workflows.Try(ctx, leadrule.Lead, flow(when))
				return err
			},
			quotes: anyQuote, path: "when",
		},
		"commission": {
			save: func(ctx context.Context, when string) error {
				_, err := m.Commissions.Publish(ctx, 0, earn(when))
				return err
			},
			try: func(ctx context.Context, when string) error {
				day := civil.In(r.env.Clock.Now(), time.UTC)
				_, err := m.Commissions.Try(ctx, earn(when), commission.Period{From: day, To: day})
				return err
			},
			quotes: anyQuote, path: "rules[0].when",
		},
	}
}

// TestBadRulesAreStoppedInEveryPlace: a rule that loops, runs for ever, divides by zero or reads what its author may not
// see is refused with a message where it is written, and nothing of it holds.
func TestBadRulesAreStoppedInEveryPlace(t *testing.T) {
	r := newNewsroom(t, testutil.SQLite(t))
	boss := r.boss()
	blind := r.as("vak", slices.DeleteFunc(slices.Clone(actor.Admin), func(right actor.Right) bool { return right == actor.QuoteRead }), actor.All)
	deep := strings.Repeat("not (", 60) + "true" + strings.Repeat(")", 60)
	for name, place := range rulePlaces(r) {
		for _, bad := range []struct {
			what, condition string
			as              context.Context
			says            string
		}{
			{"a division by zero", "1 / 0 > 1", boss, "nothing is computed in them"},
			{"a rest of a division by zero", "1 % 0 == 1", boss, "nothing is computed in them"},
			{"a division by what may be zero", `any(activities, 1 / 0 > 1)`, boss, ""},
			{"a loop over numbers", "any(1..1000000000, # > 1)", boss, ""},
			{"a loop in a loop", `any(activities, any(activities, .state == "done"))`, boss, ""},
			{"a variable that is built from itself", `let x = "a"; x + x == "b"`, boss, ""},
			{"a function that runs for ever", `reduce(1..1000000000, #acc + #, 0) > 1`, boss, ""},
			{"more than anybody reads", strings.Repeat("true and ", 500) + "true", boss, ""},
			{"deeper than anybody thinks", deep, boss, ""},
			{"what its author may not see", place.quotes, blind, "which you may not see; it needs the right " + string(actor.QuoteRead)},
		} {
			err := place.save(bad.as, bad.condition)
			found := false
			for _, f := range fault.Of(err) {
				at, _, _ := strings.Cut(f.Path, ":")
				found = found || at == place.path && f.Message != "" && (strings.Contains(f.Message, bad.says) || strings.HasPrefix(f.Message, "kept"))
			}
			if fault.CodeOf(err) != fault.Invalid || !found {
				t.Errorf("%s: %s is answered by %v", name, bad.what, err)
			}
			if place.try == nil {
				continue
			}
			if err := place.try(bad.as, bad.condition); fault.CodeOf(err) != fault.Invalid {
				t.Errorf("%s: %s is tried: %v", name, bad.what, err)
			}
		}
		if place.try == nil {
			continue
		}
		err := place.try(rule.Patient(boss, time.Nanosecond), place.quotes)
		if fault.CodeOf(err) != fault.Limit || !strings.Contains(err.Error(), "longer than 1ns and was stopped") {
			t.Errorf("%s: a trial without end is answered by %v", name, err)
		}
		if err := place.try(boss, place.quotes); err != nil {
			t.Errorf("%s: who may see quotes asks for them: %v", name, err)
		}
	}
}

// TestRulesAreWrittenAboutWhatTheirAuthorMaySee: who may not see quotes has no rule tell him what stands in them, neither by
// the places of its texts nor by a letter nor by what a trial finds.
func TestRulesAreWrittenAboutWhatTheirAuthorMaySee(t *testing.T) {
	r := newNewsroom(t, testutil.SQLite(t))
	about := map[leadrule.Noun]struct {
		right actor.Right
		event string
	}{
		leadrule.Lead: {actor.LeadRead, lead.EventCaptured}, leadrule.Opportunity: {actor.OpportunityRead, opportunity.EventCreated},
		leadrule.Quote: {actor.QuoteRead, quote.EventDrafted}, leadrule.Party: {"", party.EventChanged},
	}
	for _, noun := range leadrule.Nouns {
		blind := r.as("vak", slices.DeleteFunc(slices.Clone(actor.Admin), func(right actor.Right) bool { return right == about[noun].right }), actor.All)
		p := workflow.Plan{Trigger: workflow.Trigger{Kind: workflow.OnEvent, Events: []string{about[noun].event}}, Actions: []workflow.Action{{Step: "notice.tell", Given: map[string]string{"to": "user:vak", "text": "{party.name}"}}}}
		_, saved := r.module.Workflows.Save(blind, workflow.Drafting{Name: "x", Noun: noun, Plan: p})
		_, tried := r.module.Workflows.Try(blind, noun, p)
		for _, err := range []error{saved, tried} {
			if faults := fault.Of(err); about[noun].right == "" && err != nil || about[noun].right != "" && (len(faults) != 1 || faults[0].Path != "noun" || faults[0].Code != "forbidden") {
				t.Errorf("a rule about a %s without %q: %v", noun, about[noun].right, err)
			}
		}
		if _, err := r.module.Workflows.Save(r.boss(), workflow.Drafting{Name: "x", Noun: noun, Plan: p}); err != nil {
			t.Errorf("a rule about a %s: %v", noun, err)
		}
	}
}

// TestWorstConditionComesToAnEnd asks the longest conditions that are taken about many rows: nothing in the language takes
// longer than its rows times its words.
func TestWorstConditionComesToAnEnd(t *testing.T) {
	e, err := rule.NewEnvironment(rule.Subject{From: "t AS t", Key: "t.id"}, nil, []rule.List{{
		Name: "rows", Doc: "rows", From: "rows AS r", Key: "r.t_id", Fields: []rule.Field{{Name: "text", Kind: rule.Text, Doc: "a text", Column: "r.text"}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	rows := make([]rule.Values, 2000)
	for i := range rows {
		rows[i] = rule.Values{"text": strings.Repeat("a", 60) + "b"}
	}
	part := `.text matches "(a+)+$"` // which takes for ever where patterns go back
	c, err := e.Parse("any(rows, " + strings.Repeat(part+" or ", 60) + part + ")")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		_, err := c.Truth(rule.At{Now: time.Now()}, rule.Values{"rows": rows})
		done <- err
	}()
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(30 * time.Second):
		t.Error("it runs on")
	}
}
