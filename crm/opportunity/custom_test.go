package opportunity_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/testutil"
)

func TestStageAsksForACustomField(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		w.ok(w.DB.Write(w.System(), func(ctx context.Context, s *store.Session) error {
			return s.AddField(ctx, &store.CustomField{RecordKind: "opportunity", Name: "tender", Label: "Közbeszerzési szám", Type: store.TextField})
		}))
		proposal := w.pipeline().Stages[2]
		_, err := w.opps.Pipelines().EditStage(w.admin, proposal.ID, opportunity.StageEdit{RequiredFields: ptr([]string{"custom.tender"})})
		w.ok(err)
		o := w.create(nil)
		_, err = w.opps.Move(w.anna, o.ID, opportunity.Step{Stage: proposal.ID})
		same(t, "moving", codes(err), []string{"custom.tender stage.field"})
		_, err = w.opps.Edit(w.anna, o.ID, opportunity.Edit{Custom: map[string]any{"tender": "EKR-000123"}})
		w.ok(err)
		o, err = w.opps.Move(w.anna, o.ID, opportunity.Step{Stage: proposal.ID})
		w.ok(err)
		same(t, "version", o.Version, int64(3))
		same(t, "value", w.card(o.ID).Sheet.Values["tender"], any("EKR-000123"))
		second := w.create(func(d *opportunity.Draft) { d.Stage, d.Custom = proposal.ID, map[string]any{"tender": "EKR-000124"} })
		same(t, "given at once", w.card(second.ID).Sheet.Values["tender"], any("EKR-000124"))
	})
}

// TestAPersonIsHisOwnContact: a stage that needs a contact needs none where a person is the customer.
func TestAPersonIsHisOwnContact(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		stage := w.pipeline().Stages[2]
		_, err := w.opps.Pipelines().EditStage(w.admin, stage.ID, opportunity.StageEdit{RequiredFields: ptr([]string{"contact_id"})})
		w.ok(err)
		ofCompany := w.create(nil)
		_, err = w.opps.Move(w.anna, ofCompany.ID, opportunity.Step{Stage: stage.ID})
		same(t, "of a company", codes(err), []string{"contact_id stage.field"})
		person, err := w.parties.Add(w.anna, party.Draft{Kind: party.Person, FullName: "Szabó Éva", Owner: party.Owner{User: "kovacs.anna"}})
		w.ok(err)
		ofPerson := w.create(func(d *opportunity.Draft) { d.PartyID = person.ID })
		_, err = w.opps.Move(w.anna, ofPerson.ID, opportunity.Step{Stage: stage.ID})
		w.ok(err)
		w.create(func(d *opportunity.Draft) { d.PartyID, d.Stage = person.ID, stage.ID })
	})
}

func TestListIsNarrowedByCustomFields(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		for name, kind := range map[string]store.FieldType{"tender": store.TextField, "lamps": store.NumberField} {
			w.ok(w.DB.Write(w.System(), func(ctx context.Context, s *store.Session) error {
				return s.AddField(ctx, &store.CustomField{RecordKind: "opportunity", Name: name, Label: name, Type: kind})
			}))
		}
		for i, lamps := range []string{"40", "75", "120"} {
			w.create(func(d *opportunity.Draft) {
				d.Name = lamps
				d.Custom = map[string]any{"lamps": money.MustQuantity(lamps), "tender": []string{"EKR-1", "ekr-2", "NAP-3"}[i]}
				if i > 0 {
					d.ExpectedClose = civil.Date{Year: 2027, Month: 3, Day: i}
				}
			})
		}
		w.create(nil)
		names := func(ctx context.Context, f opportunity.Filter) []string {
			t.Helper()
			out := []string{}
			for f.Page.Limit = 1; ; {
				l, err := w.opps.List(ctx, f)
				w.ok(err)
				for _, r := range l.Rows {
					out = append(out, r.Name+" "+store.CustomShown(r.Custom["lamps"]))
				}
				if f.Page.After = l.Next; l.Next == "" {
					return out
				}
			}
		}
		fifty := store.CustomFilter{Field: "lamps", From: money.MustQuantity("50")}
		for _, sort := range []opportunity.Sort{opportunity.ByClose, opportunity.ByRevenue} {
			same(t, "from 50, "+string(sort), len(names(w.anna, opportunity.Filter{Custom: []store.CustomFilter{fifty}, Sort: sort})), 2)
		}
		show := []string{"lamps", "gone"}
		same(t, "from 50", names(w.anna, opportunity.Filter{Custom: []store.CustomFilter{fifty}, Show: show}), []string{"75 75", "120 120"})
		same(t, "two fields", names(w.anna, opportunity.Filter{Custom: []store.CustomFilter{fifty, {Field: "tender", Is: "EKR"}}, Show: show, States: []opportunity.State{opportunity.Open}}), []string{"75 75"})
		same(t, "begins with, none shown", names(w.anna, opportunity.Filter{Custom: []store.CustomFilter{{Field: "tender", Is: "ekr"}}}), []string{"75 ", "40 "})
		same(t, "somebody else's", names(env.As("boris", actor.Seller, actor.Own, "south"), opportunity.Filter{Custom: []store.CustomFilter{fifty}}), []string{})
		_, err := w.opps.List(w.anna, opportunity.Filter{Custom: []store.CustomFilter{{Field: "gone", Is: "x"}}})
		same(t, "no such field", codes(err), []string{"custom.gone unknown"})
	})
}

func TestTextsThatDoNotFitAreNamed(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	long := strings.Repeat("ő", 300)
	_, err := w.opps.Create(w.anna, opportunity.Draft{PartyID: w.minta.ID, Name: long})
	same(t, "record", codes(err), []string{"name text.length"})
	o := w.create(nil)
	line := opportunity.Line{Name: "x", Quantity: quantity("1")}
	tooLong := line
	tooLong.Name = long
	_, err = w.opps.SetLines(w.anna, o.ID, 0, []opportunity.Line{line, tooLong})
	same(t, "line", codes(err), []string{"lines[1].name text.length"})
	same(t, "nothing was kept", len(w.card(o.ID).Lines), 0)
	same(t, "version", w.card(o.ID).Version, int64(1))
}

// TestHostRollsBack works inside a host's own transaction, which is then given up.
func TestHostRollsBack(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		kept := w.create(nil)
		tx, err := env.DB.SQL().Begin()
		w.ok(err)
		inside := opportunity.New(env.DB.Bind(tx), opportunity.Config{Locale: hungarian})
		o, err := inside.Create(w.anna, opportunity.Draft{PartyID: w.minta.ID, Name: "Semmivé lesz"})
		w.ok(err)
		_, err = inside.CloseWon(w.anna, o.ID, opportunity.Win{})
		w.ok(err)
		_, err = inside.CloseWon(w.anna, kept.ID, opportunity.Win{})
		w.ok(err)
		w.ok(tx.Rollback())
		if _, err := w.opps.Get(w.admin, o.ID); !errors.Is(err, fault.NotFound) {
			t.Errorf("it is still there: %v", err)
		}
		same(t, "the other one", w.card(kept.ID).State, opportunity.Open)
		same(t, "events", len(w.events(kept.ID.Bytes())), 1)
	})
}

func TestReopenWhereTheFormerStageIsGone(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	p := w.pipeline()
	o := w.create(func(d *opportunity.Draft) { d.Stage = p.Stages[1].ID })
	_, err := w.opps.CloseWon(w.anna, o.ID, opportunity.Win{})
	w.ok(err)
	_, err = w.opps.Pipelines().ArchiveStage(w.admin, p.Stages[1].ID)
	w.ok(err)
	o, err = w.opps.Reopen(w.anna, o.ID, opportunity.Reopening{})
	w.ok(err)
	same(t, "stage and chance", []string{o.StageID.String(), o.Chance.String()}, []string{p.Stages[0].ID.String(), "10"})
}
