package opportunity_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/opportunity"
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
