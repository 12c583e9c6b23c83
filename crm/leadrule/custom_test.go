package leadrule_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/leadrule"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/rule"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter/segment"
	"github.com/crmplus/crmplus/quote"
	"github.com/crmplus/crmplus/testutil"
)

// everyType is a field of each type with a value, and a condition that holds for it alone.
var everyType = []struct {
	field     store.CustomField
	value     any
	condition string
}{
	{store.CustomField{Name: "text", Type: store.TextField}, "Győr", `%s == "Győr"`},
	{store.CustomField{Name: "number", Type: store.NumberField}, money.MustQuantity("12.5"), "%s == 12.5"},
	{store.CustomField{Name: "money", Type: store.MoneyField}, money.MustAmount("990"), "%s >= 990"},
	{store.CustomField{Name: "date", Type: store.DateField}, civil.Of(time.Date(2026, 7, 13, 0, 0, 0, 0, time.UTC)), `%s == moment("2026-07-13T00:00:00Z")`},
	{store.CustomField{Name: "time", Type: store.TimeField}, time.Date(2026, 7, 13, 9, 0, 0, 0, time.UTC), `%s < moment("2026-07-13T09:00:01Z")`},
	{store.CustomField{Name: "sure", Type: store.YesNoField}, true, "%s"},
	{store.CustomField{Name: "choice", Type: store.ChoiceField, Rules: store.FieldRules{Choices: []store.FieldChoice{{Value: "west"}, {Value: "east"}}}}, "west", `%s == "west"`},
	{store.CustomField{Name: "mail", Type: store.EmailField}, "a@example.hu", `%s startsWith "a@"`},
	{store.CustomField{Name: "page", Type: store.LinkField}, "https://example.hu/", `%s endsWith ".hu/"`},
}

// TestConditionsSeeTheCustomFieldsOfEveryRecord asks, in each place that has conditions, for custom fields of each type of
// each record that can be spoken of there, in Go and as SQL.
func TestConditionsSeeTheCustomFieldsOfEveryRecord(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		ctx := env.System()
		ok := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		parties := party.New(env.DB, hungarian)
		got, err := lead.New(env.DB, lead.Config{Parties: parties}).Capture(ctx, lead.Draft{Name: "Kovács Anna", Emails: []string{"anna@example.hu"}, Origin: lead.Origin{Source: "fair"}})
		ok(err)
		deal, err := opportunity.New(env.DB, opportunity.Config{Locale: hungarian}).Create(ctx, opportunity.Draft{PartyID: got.Party, Name: "Lámpák"})
		ok(err)
		done, err := activity.New(env.DB, parties).Record(ctx, activity.Deed{Party: got.Party, Opportunity: activity.OpportunityID(deal.ID), Kind: activity.Note, Body: "x"})
		ok(err)
		offer := quote.Quote{}
		keys := map[string][16]byte{"lead": got.Lead, "party": got.Party, "opportunity": deal.ID, "activity": done.Activity.ID}
		ok(env.DB.Write(ctx, func(ctx context.Context, s *store.Session) error {
			offer = quote.Quote{ID: store.NewKey[quote.Tag](s), PartyID: got.Party, OpportunityID: activity.OpportunityID(deal.ID), State: quote.Draft, Currency: "HUF", Language: "hu", OwnerUser: "anna", Title: "Lámpák", Revision: 1}
			offer.BaseID = offer.ID
			offer.PriceDate = civil.Of(s.Now)
			offer.ValidUntil = offer.PriceDate
			keys["quote"] = offer.ID
			if err := s.Insert(ctx, &offer); err != nil {
				return err
			}
			for _, kind := range store.CustomKinds {
				id := keys[kind]
				for _, one := range everyType {
					f := one.field
					f.RecordKind, f.Label = kind, f.Name
					if err := s.AddField(ctx, &f); err != nil {
						return err
					}
					if err := s.SetCustom(ctx, kind, id[:], map[string]any{f.Name: one.value}); err != nil {
						return err
					}
				}
			}
			return nil
		}))
		terms := leadrule.New(hungarian)
		segments, err := segment.New(env.DB, segment.Config{Locales: hungarian})
		ok(err)
		places := map[string]*rule.Environment{}
		ok(env.DB.Read(ctx, func(ctx context.Context, s *store.Session) error {
			for _, noun := range leadrule.Nouns {
				if places[string(noun)], err = terms.About(ctx, s, noun); err != nil {
					return err
				}
			}
			return nil
		}))
		places["segment"], err = segments.Environment(ctx)
		ok(err)
		// what each place speaks of, and as what
		for place, kinds := range map[string]map[string]string{
			"lead":        {"lead": "", "party": "", "activity": "activities", "opportunity": "opportunities", "quote": "quotes"},
			"opportunity": {"opportunity": "", "party": "", "activity": "activities", "quote": "quotes"},
			"quote":       {"quote": "", "party": "", "activity": "activities"},
			"party":       {"party": "", "activity": "activities", "opportunity": "opportunities", "quote": "quotes"},
			"segment":     {"party": "", "lead": "leads", "activity": "activities", "opportunity": "opportunities", "quote": "quotes"},
		} {
			key := keys[place]
			if place == "segment" {
				key = keys["party"]
			}
			for kind, list := range kinds {
				for _, one := range everyType {
					source := fmt.Sprintf(one.condition, kind+".custom."+one.field.Name)
					if list != "" {
						source = "any(" + list + ", " + fmt.Sprintf(one.condition, ".custom."+one.field.Name) + ")"
					}
					for _, c := range []struct {
						source string
						want   bool
					}{{source, true}, {"not (" + source + ")", false}} {
						holds(t, env, terms, places[place], key, c.source, c.want)
					}
				}
			}
			if _, err := places[place].Parse(`any(activities, .custom.number == "sok")`); len(fault.Of(err)) == 0 {
				t.Errorf("%s: a text is compared with a number", place)
			}
			if _, err := places[place].Parse(`any(activities, .custom.choice == "north")`); len(fault.Of(err)) == 0 {
				t.Errorf("%s: a choice that is none is taken", place)
			}
		}
	})
}

// holds asks a condition about one record, in Go and as SQL.
func holds(t *testing.T, env *testutil.Env, terms *leadrule.Terms, e *rule.Environment, key [16]byte, source string, want bool) {
	t.Helper()
	c, err := e.Parse(source)
	if err != nil {
		t.Errorf("%s: %v", source, err)
		return
	}
	err = env.DB.Read(env.System(), func(ctx context.Context, s *store.Session) error {
		at, subject := terms.At(s), e.Subject()
		found, err := c.Load(ctx, s, at, [][16]byte{key})
		if err != nil {
			return err
		}
		if got, err := c.Holds(at, found[key]); err != nil || got != want {
			t.Errorf("%s is %v, want %v: %v", source, got, want, err)
		}
		where := c.SQL(rule.ScopeOf(s, at))
		var ids []store.Key[any]
		err = s.Query(ctx, &ids, subject.Source, "SELECT "+subject.Key+" AS id FROM "+subject.From+" WHERE {scope} AND "+where.SQL, where.Args...)
		if slices.Contains(ids, key) != want {
			t.Errorf("%s in SQL finds %v, want %v", source, ids, want)
		}
		return err
	})
	if err != nil {
		t.Errorf("%s: %v", source, err)
	}
}
