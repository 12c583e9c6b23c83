package workflow_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/leadrule"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/crm/workflow"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/quote"
	"github.com/crmplus/crmplus/testutil"
)

// firm is the little of an ERP that quotes need.
type firm struct{ erpbridge.Companies }

func (firm) Company(context.Context, erpbridge.Session) (erpbridge.Company, error) {
	return erpbridge.Company{Name: "Fényforrás Zrt.", Address: erpbridge.Address{City: "Budapest", Country: "HU"}}, nil
}

// offering gives the world quotes.
func (w *world) offering() *quote.Quotes {
	q := quote.New(w.DB, quote.Config{Host: erpbridge.Host{Name: "próba", Companies: firm{}}, Parties: w.parties, Activities: activity.New(w.DB, w.parties), Locales: hungarian})
	q.Offer(w.events.Registry)
	w.parties.Offer(w.events.Registry)
	return q
}

func (w *world) field(f store.CustomField) {
	w.t.Helper()
	f.Label = f.Name
	w.ok(w.DB.Write(w.admin, func(ctx context.Context, s *store.Session) error { return s.AddField(ctx, &f) }))
}

func set(noun, field, value string) workflow.Action {
	return workflow.Action{Step: noun + ".set", Given: map[string]string{"field": field, "value": value}}
}

func (w *world) draft(q *quote.Quotes, who party.ID) quote.Card {
	w.t.Helper()
	price, rate := money.MustAmount("100"), money.MustPercent("27")
	card, err := q.Draft(w.admin, quote.DraftInput{Party: who, Header: quote.Header{Title: "Lámpák"}, Lines: []quote.DraftLine{{Name: "Lámpa", Quantity: money.MustQuantity("1"), UnitPrice: &price, VATRate: &rate}}})
	w.ok(err)
	return card
}

// happened counts the events of a kind.
func (w *world) happened(kind string) int {
	w.t.Helper()
	var n int
	w.ok(w.DB.Read(w.admin, func(ctx context.Context, s *store.Session) error {
		return s.Query(ctx, &n, store.From[event.Event]("e"), "SELECT COUNT(*) FROM crm_event AS e WHERE {scope} AND e.kind = ?", kind)
	}))
	return n
}

// history is what the audit log has of changes of a record's field, and who made them.
func (w *world) history(record []byte, field string) []string {
	w.t.Helper()
	var rows []store.AuditEntry
	w.ok(w.DB.Read(w.admin, func(ctx context.Context, s *store.Session) error {
		return s.Select(&rows).Where("audit.record_id = ?", record).OrderExpr("audit.id").Scan(ctx)
	}))
	var out []string
	for _, r := range rows {
		if strings.Contains(r.Changes, `"`+field+`"`) {
			out = append(out, r.UserName)
		}
	}
	return out
}

func TestRulesSetFieldsOfDraftsAsPeopleDo(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		quotes := w.offering()
		w.field(store.CustomField{RecordKind: "quote", Name: "site", Type: store.TextField})
		w.live("kitölt", leadrule.Quote, workflow.Plan{
			Trigger: on(quote.EventDrafted), When: `quote.state == "draft"`,
			Actions: []workflow.Action{set("quote", "custom.site", "{party.city}"), set("quote", "valid_until", "+10"), set("quote", "terms", "8 nap, {party.name}")},
		})
		who, err := w.parties.Add(w.admin, party.Draft{Kind: party.Company, FullName: "Minta Kft.", Address: party.Address{City: "Győr", Country: "HU"}})
		w.ok(err)
		card := w.draft(quotes, who.ID)
		w.run()
		w.run()
		now, err := quotes.Get(w.admin, card.Quote.ID)
		w.ok(err)
		until := civil.In(w.Clock.Now(), budapest).AddDays(10)
		if now.Sheet.Values["site"] != "Győr" || now.Quote.ValidUntil != until || now.Quote.Terms != "8 nap, Minta Kft." || now.Quote.Title != "Lámpák" || len(now.Lines) != 1 {
			t.Errorf("the draft is %+v with %v", now.Quote, now.Sheet.Values)
		}
		if n := w.happened(quote.EventChanged); n != 3 {
			t.Errorf("%d changes were told of, want one for each field", n)
		}
		for _, field := range []string{"custom.site", "valid_until", "terms"} {
			if by := w.history(card.Quote.ID.Bytes(), field); !slices.Equal(by[len(by)-1:], []string{"kitölt"}) {
				t.Errorf("%s was changed by %q", field, by)
			}
		}
		rows := w.runs(workflow.Filter{})
		if len(rows) != 1 || rows[0].Outcome != workflow.Acted || rows[0].Why.Deeds[0].Result != "custom.site = Győr" {
			t.Errorf("listed: %+v", rows)
		}
		trial, err := w.flows.Try(w.admin, leadrule.Quote, workflow.Plan{Trigger: on(quote.EventDrafted), When: `quote.custom.site == "Győr"`, Actions: []workflow.Action{set("quote", "title", "x")}})
		if err != nil || trial.Matched != 1 {
			t.Errorf("tried: %+v, %v", trial, err)
		}
	})
}

func TestRulesChangeNoQuoteThatIsIssued(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	quotes := w.offering()
	w.live("késő", leadrule.Quote, workflow.Plan{Trigger: on(quote.EventIssued), Actions: []workflow.Action{set("quote", "title", "Más")}})
	who, err := w.parties.Add(w.admin, party.Draft{Kind: party.Company, FullName: "Minta Kft."})
	w.ok(err)
	card := w.draft(quotes, who.ID)
	_, err = quotes.Issue(w.admin, card.Quote.ID)
	w.ok(err)
	w.run()
	now, err := quotes.Get(w.admin, card.Quote.ID)
	w.ok(err)
	rows := w.runs(workflow.Filter{Outcome: workflow.Failed})
	if now.Quote.Title != "Lámpák" || len(rows) != 1 || rows[0].Attempts != 1 || !strings.Contains(rows[0].Failure, "issued and cannot be changed; make a new version") {
		t.Errorf("the title is %q, listed: %+v", now.Quote.Title, rows)
	}
}

func TestRulesSetFieldsOfPersonsAndCompanies(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		w.offering()
		w.field(store.CustomField{RecordKind: "party", Name: "branch", Type: store.ChoiceField, Rules: store.FieldRules{Choices: []store.FieldChoice{{Value: "west"}, {Value: "east"}}}})
		w.live("nyugat", leadrule.Party, workflow.Plan{
			Trigger: workflow.Trigger{Kind: workflow.OnChange, Field: "city", To: "Győr"},
			Actions: []workflow.Action{set("party", "custom.branch", "west"), set("party", "region", "Győr-Moson-Sopron"), set("party", "phone", "06 96 555 010"), set("party", "language", "en")},
		})
		draft := party.Draft{Title: "Dr.", Given: "Anna Mária", Family: "Kis Nagy", Emails: []string{"a@example.hu", "b@example.hu"}, Phones: []string{"+3612345678", "+3696555010"}, Language: "hu"}
		who, err := w.parties.Add(w.admin, draft)
		w.ok(err)
		draft.Address = party.Address{City: "Győr", Country: "HU"}
		who, err = w.parties.Change(w.admin, who.ID, who.Version, draft)
		w.ok(err)
		w.run()
		w.run()
		now, err := w.parties.Get(w.admin, who.ID)
		w.ok(err)
		sheet, err := w.parties.Sheet(w.admin, who.ID)
		w.ok(err)
		points, err := w.parties.Points(w.admin, who.ID)
		w.ok(err)
		if sheet.Values["branch"] != "west" || now.Region != "Győr-Moson-Sopron" || now.Phone != "+3696555010" || now.City != "Győr" || now.Email != "a@example.hu" {
			t.Errorf("it is %+v with %v", now, sheet.Values)
		}
		if now.Family != "Kis Nagy" || now.Given != "Anna Mária" || now.DisplayName != "Dr. Anna Mária Kis Nagy" {
			t.Errorf("the name became %q (%q, %q)", now.DisplayName, now.Given, now.Family)
		}
		if len(points) != 1 || points[0].Value != "b@example.hu" {
			t.Errorf("further ways to reach her: %+v", points)
		}
		if n := w.happened(party.EventChanged); n != 5 { // the clerk's and four of the rule's
			t.Errorf("%d changes were told of", n)
		}
		if by := w.history(who.ID.Bytes(), "custom.branch"); !slices.Equal(by, []string{"nyugat"}) {
			t.Errorf("the branch was changed by %q", by)
		}
		found, err := w.parties.Find(w.System(), prepared(t, party.Draft{Phones: []string{"+3696555010"}}), "")
		w.ok(err)
		if len(found) != 1 {
			t.Errorf("by the phone that the rule set are found %v", found)
		}
	})
}

func prepared(t *testing.T, d party.Draft) party.Prepared {
	t.Helper()
	out, faults := party.Prepare(d, hungarian(""))
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	return out
}

func TestRulesThatSetFieldsOfPartiesInACircleAreStopped(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		w.offering()
		w.field(store.CustomField{RecordKind: "party", Name: "known", Type: store.YesNoField})
		change := func(field, to string) workflow.Trigger {
			return workflow.Trigger{Kind: workflow.OnChange, Field: field, To: to}
		}
		w.live("oda", leadrule.Party, workflow.Plan{Trigger: change("city", "Pest"), Actions: []workflow.Action{set("party", "city", "Buda")}})
		w.live("vissza", leadrule.Party, workflow.Plan{Trigger: change("city", "Buda"), Actions: []workflow.Action{set("party", "city", "Pest")}})
		// sets off itself once, and then finds what it sets
		calm := w.live("ismert", leadrule.Party, workflow.Plan{Trigger: on(party.EventChanged), When: `party.city == "Vác"`, Actions: []workflow.Action{set("party", "custom.known", "true")}})
		for _, city := range []string{"Pest", "Vác"} {
			who, err := w.parties.Add(w.admin, party.Draft{FullName: "Kovács Anna"})
			w.ok(err)
			_, err = w.parties.Change(w.admin, who.ID, who.Version, party.Draft{FullName: "Kovács Anna", Address: party.Address{City: city}})
			w.ok(err)
		}
		w.run()
		if acted, stopped := w.runs(workflow.Filter{Outcome: workflow.Acted}), w.runs(workflow.Filter{Outcome: workflow.Stopped}); len(acted) != workflow.MaxDepth+2 || len(stopped) != 1 || !strings.Contains(stopped[0].Failure, "circle") || stopped[0].Why.Stopped != workflow.Circle || stopped[0].Why.Count != workflow.MaxDepth {
			t.Errorf("acted %d times, stopped %+v", len(acted), stopped)
		}
		if rows := w.runs(workflow.Filter{Rule: calm.ID}); len(rows) != 2 || rows[0].Outcome != workflow.Acted || rows[1].Outcome != workflow.Acted {
			t.Errorf("what sets what is there goes on: %+v", rows)
		}
	})
}

func TestValuesThatCannotBeSetAreRefusedWhenTheRuleIsSaved(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	w.offering()
	most := money.MustQuantity("10")
	for _, kind := range []string{"quote", "party"} {
		w.field(store.CustomField{RecordKind: kind, Name: "size", Type: store.NumberField, Rules: store.FieldRules{Max: &most}})
		w.field(store.CustomField{RecordKind: kind, Name: "branch", Type: store.ChoiceField, Rules: store.FieldRules{Choices: []store.FieldChoice{{Value: "west"}}}})
	}
	for _, row := range []struct{ noun, field, value, wrong string }{
		{"party", "email", "nem cím", "value"},
		{"party", "tax_id", "HU12345", "value"},
		{"party", "language", "klingon", "value"},
		{"party", "birth_date", "tegnap", "value"},
		{"party", "country", "Narnia", "value"},
		{"party", "name", "Más", "field"},
		{"party", "custom.size", "11", "value"},
		{"party", "custom.size", "sok", "value"},
		{"party", "custom.branch", "north", "value"},
		{"party", "custom.colour", "red", "value"},
		{"quote", "valid_until", "holnap", "value"},
		{"quote", "language", "klingon", "value"},
		{"quote", "title", strings.Repeat("x", 201), "value"},
		{"quote", "net", "5", "field"},
		{"quote", "custom.branch", "north", "value"},
		{"quote", "custom.size", "11", "value"},
		{"party", "custom.size", "{party.custom.size}", ""},
		{"party", "email", "{party.email}", ""},
		{"party", "country", "Ausztria", ""},
		{"quote", "custom.branch", "west", ""},
		{"quote", "valid_until", "+5", ""},
	} {
		t.Run(row.noun+" "+row.field+" "+row.value[:min(len(row.value), 12)], func(t *testing.T) {
			event := quote.EventDrafted
			if row.noun == "party" {
				event = party.EventChanged
			}
			_, err := w.flows.Save(w.admin, workflow.Drafting{Name: "x", Noun: leadrule.Noun(row.noun), Plan: workflow.Plan{Trigger: on(event), Actions: []workflow.Action{set(row.noun, row.field, row.value)}}})
			if row.wrong == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if faults := fault.Of(err); len(faults) != 1 || faults[0].Path != "actions[0].given."+row.wrong || faults[0].Message == "" {
				t.Errorf("refused with %v", err)
			}
		})
	}
}

// TestValuesOfRecordsAreNoPlaces: what somebody wrote into a record may look like a place that is still to be filled in; the
// field it does not fit keeps what it has.
func TestValuesOfRecordsAreNoPlaces(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	w.offering()
	for _, f := range []store.CustomField{{Name: "size", Type: store.NumberField}, {Name: "note", Type: store.TextField}, {Name: "copy", Type: store.TextField}} {
		f.RecordKind = "party"
		w.field(f)
	}
	who, err := w.parties.Add(w.admin, party.Draft{Kind: party.Company, FullName: "Minta Kft."})
	w.ok(err)
	_, err = w.parties.SetCustom(w.admin, who.ID, 0, map[string]any{"size": money.MustQuantity("7"), "note": "{nagy"})
	w.ok(err)
	day := civil.Date{Year: 2026, Month: 12, Day: 24}
	worth := money.MustAmount("500")
	deal, err := w.opps.Create(w.admin, opportunity.Draft{PartyID: who.ID, Name: "Polcok", ExpectedClose: day, ExpectedRevenue: &worth})
	w.ok(err)
	w.run()
	changed := workflow.Trigger{Kind: workflow.OnEvent, Events: []string{opportunity.EventChanged}}
	w.live("nap", leadrule.Opportunity, workflow.Plan{Trigger: changed, Actions: []workflow.Action{set("opportunity", "expected_close", "{party.custom.note}")}})
	w.live("összeg", leadrule.Opportunity, workflow.Plan{Trigger: changed, Actions: []workflow.Action{set("opportunity", "revenue", "{party.custom.note}")}})
	w.live("méret", leadrule.Party, workflow.Plan{Trigger: on(party.EventChanged), Actions: []workflow.Action{set("party", "custom.size", "{party.custom.note}")}})
	w.live("másolat", leadrule.Party, workflow.Plan{Trigger: on(party.EventChanged), Actions: []workflow.Action{set("party", "custom.copy", "{party.custom.note}")}})
	goal := "x"
	_, err = w.opps.Edit(w.admin, deal.ID, opportunity.Edit{Goal: &goal})
	w.ok(err)
	w.ok(w.parties.Assign(w.admin, who.ID, party.Owner{User: "anna"}))
	w.run()
	now, err := w.opps.Get(w.admin, deal.ID)
	w.ok(err)
	if now.ExpectedClose != day || !now.ExpectedRevenue.Equal(worth) {
		t.Errorf("the opportunity has %s and %s", now.ExpectedClose, now.ExpectedRevenue)
	}
	sheet, err := w.parties.Sheet(w.admin, who.ID)
	w.ok(err)
	if size, is := sheet.Values["size"].(money.Quantity); !is || !size.Equal(money.MustQuantity("7")) || sheet.Values["copy"] != "{nagy" {
		t.Errorf("the party has %v", sheet.Values)
	}
	failed := w.runs(workflow.Filter{Outcome: workflow.Failed})
	if len(failed) < 3 {
		t.Errorf("what could not be set is not told: %+v", failed)
	}
}

func TestPositionIsNotSetOnACompany(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	w.offering()
	w.live("beosztás", leadrule.Party, workflow.Plan{Trigger: on(party.EventChanged), Actions: []workflow.Action{set("party", "job_title", "igazgató")}})
	who, err := w.parties.Add(w.admin, party.Draft{Kind: party.Company, FullName: "Minta Kft."})
	w.ok(err)
	w.Clock.Advance(time.Minute)
	w.ok(w.parties.Assign(w.admin, who.ID, party.Owner{User: "anna"}))
	w.run()
	rows := w.runs(workflow.Filter{})
	if len(rows) != 1 || rows[0].Outcome != workflow.Failed || !strings.Contains(rows[0].Failure, `party.kind == "person"`) {
		t.Errorf("listed: %+v", rows)
	}
}
