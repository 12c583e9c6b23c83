package opportunity_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/testutil"
)

func diff(got, want any) string { return cmp.Diff(want, got) }

func TestFromFirstIdeaToSale(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		o := w.create(func(d *opportunity.Draft) {
			d.ExpectedClose = civil.Date{Year: 2026, Month: 9, Day: 30}
			d.Lines = []opportunity.Line{
				{ProductKey: "LED-40", Name: "LED lámpatest", Quantity: quantity("40"), Unit: "db", UnitPrice: amount("12990"), Discount: percent("7.5")},
				{Name: "Beüzemelés", Quantity: quantity("1.5"), Unit: "nap", UnitPrice: amount("90000")},
			}
		})
		same(t, "revenue", o.ExpectedRevenue.String(), "615630") // 480630 + 135000
		same(t, "weighted at 10 %", o.Weighted.String(), "61563")
		stages := w.pipeline().Stages
		same(t, "first stage", o.StageID, stages[0].ID)

		env.Clock.Advance(26 * time.Hour)
		o, err := w.opps.Move(w.anna, o.ID, opportunity.Step{Stage: stages[2].ID})
		w.ok(err)
		same(t, "chance of the stage", o.Chance.String(), "50")
		same(t, "weighted", o.Weighted.String(), "307815")

		env.Clock.Advance(time.Hour)
		o, err = w.opps.CloseWon(w.anna, o.ID, opportunity.Win{Revenue: ptr(amount("600000"))})
		w.ok(err)
		if o.State != opportunity.Won || o.Chance.String() != "100" || !o.Weighted.Equal(amount("600000")) || !o.ClosedAt.Equal(env.Clock.Now()) {
			t.Errorf("won: %+v", o)
		}

		c := w.card(o.ID)
		same(t, "names", []string{c.PartyName, c.Stage.Name, c.Pipeline.Name}, []string{"Minta Világítás Kft.", "Megnyert", "Értékesítés"})
		same(t, "path", []int64{c.Path[stages[0].ID], c.Path[stages[2].ID]}, []int64{26 * 3600, 3600})
		same(t, "lines", []string{c.Lines[0].Amount.String(), c.Lines[1].Amount.String()}, []string{"480630", "135000"})
		var kinds []string
		for _, e := range w.events(o.ID.Bytes()) {
			kinds = append(kinds, e.Kind)
		}
		same(t, "events", kinds, []string{"opportunity.created", "opportunity.moved", "opportunity.won"})
		var won opportunity.Moved
		w.ok(w.events(o.ID.Bytes())[2].Decode(&won))
		if won.From != stages[2].ID || won.Seconds != 3600 || won.ID != o.ID || won.Owner != "kovacs.anna" {
			t.Errorf("payload %+v", won)
		}
	})
}

func TestCreateNamesEveryFault(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	stages := w.pipeline().Stages
	other, err := w.opps.Pipelines().Add(w.admin, opportunity.PipelineDraft{Name: "Másik"})
	w.ok(err)
	huge := money.NewPercent(decimal.New(1, 1_000_000_000))
	for _, row := range []struct {
		name  string
		draft opportunity.Draft
		want  []string
	}{
		{"nothing given", opportunity.Draft{}, []string{"name required", "party_id required"}},
		{"bad numbers", opportunity.Draft{
			PartyID: w.minta.ID, Name: "x", Chance: ptr(percent("101")), ExpectedRevenue: ptr(amount("-1")), Currency: "Ft",
			Lines: []opportunity.Line{{Quantity: quantity("0"), Discount: percent("100.5")}, {Name: "x", Quantity: quantity("1"), UnitPrice: amount("922337203685477")}, {Name: "x", Quantity: quantity("900"), UnitPrice: amount("922337203685477")}},
		}, []string{"chance range", "currency currency.form", "expected_revenue range", "lines[0].discount range", "lines[0].name required", "lines[0].quantity range", "lines[2].amount range"}},
		{"people", opportunity.Draft{
			PartyID: party.ID{1}, ContactID: party.ID{2}, Name: "x",
			Team: opportunity.Team{Owner: "szabo", Sellers: []opportunity.Seller{{User: "senki", Share: percent("99.9999")}}},
		}, []string{"contact_id unknown", "party_id unknown", "team.sellers owner", "team.sellers split.sum", "team.sellers[0] user.unknown"}},
		{"competitors", opportunity.Draft{
			PartyID: w.minta.ID, Name: "x", Competitors: []opportunity.Competitor{{Name: "Fényár Zrt."}, {Name: "fényár ZRT. "}, {Price: amount("-1")}},
		}, []string{"competitors[1].name duplicate", "competitors[2].name required", "competitors[2].price range"}},
		{"closed stage", opportunity.Draft{PartyID: w.minta.ID, Name: "x", Stage: stages[4].ID}, []string{"stage_id stage.closed"}},
		{"no such stage", opportunity.Draft{PartyID: w.minta.ID, Stage: opportunity.StageID{9}}, []string{"name required", "stage_id unknown"}},
		{"no such pipeline", opportunity.Draft{Name: "x", Pipeline: opportunity.PipelineID{9}}, []string{"party_id required", "pipeline_id unknown"}},
		{"a stage of another pipeline", opportunity.Draft{PartyID: w.minta.ID, Name: "x", Pipeline: other.ID, Stage: stages[0].ID}, []string{"stage_id stage.elsewhere"}},
		{"a number of a billion digits", opportunity.Draft{
			PartyID: w.minta.ID, Name: "x", Chance: &huge, ExpectedRevenue: ptr(money.NewAmount(huge.Decimal)),
			Lines: []opportunity.Line{{Name: "x", Quantity: money.NewQuantity(huge.Decimal), UnitPrice: amount("1")}},
		}, []string{"chance range", "expected_revenue range", "lines[0].quantity range"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := w.opps.Create(w.anna, row.draft)
			same(t, "faults", codes(err), row.want)
		})
	}
	l, err := w.opps.List(w.admin, opportunity.Filter{})
	w.ok(err)
	if len(l.Rows) != 0 {
		t.Errorf("%d opportunities were written by refused calls", len(l.Rows))
	}
}

func TestChanceByHandSurvivesEdits(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		stages := w.pipeline().Stages
		o := w.create(func(d *opportunity.Draft) { d.ExpectedRevenue = ptr(amount("1000")) })
		edit := func(e opportunity.Edit) {
			t.Helper()
			var err error
			o, err = w.opps.Edit(w.anna, o.ID, e)
			w.ok(err)
		}
		expect := func(what, chance, weighted string, manual bool) {
			t.Helper()
			if o.Chance.String() != chance || o.Weighted.String() != weighted || o.ChanceManual != manual {
				t.Errorf("%s: chance %s, weighted %s, manual %v", what, o.Chance, o.Weighted, o.ChanceManual)
			}
		}
		expect("new", "10", "100", false)
		edit(opportunity.Edit{Chance: ptr(percent("33.5"))})
		expect("set by hand", "33.5", "335", true)
		edit(opportunity.Edit{Name: ptr("Új név"), ExpectedRevenue: ptr(amount("2000"))})
		expect("edited", "33.5", "670", true)
		var err error
		o, err = w.opps.SetLines(w.anna, o.ID, o.Version, []opportunity.Line{{ProductGroup: "lámpák", Quantity: quantity("2"), UnitPrice: amount("50")}})
		w.ok(err)
		expect("lines do not touch a revenue set by hand", "33.5", "670", true)
		edit(opportunity.Edit{LineRevenue: true})
		expect("revenue of the lines", "33.5", "34", true) // 33.5 Ft rounds to 34
		o, err = w.opps.Move(w.anna, o.ID, opportunity.Step{Stage: stages[1].ID, KeepChance: true})
		w.ok(err)
		expect("moved, chance kept", "33.5", "34", true)
		o, err = w.opps.Move(w.anna, o.ID, opportunity.Step{Stage: stages[2].ID})
		w.ok(err)
		expect("moved", "50", "50", false)
		o, err = w.opps.Move(w.anna, o.ID, opportunity.Step{Stage: stages[1].ID, Chance: ptr(percent("70"))})
		w.ok(err)
		expect("moved with a chance", "70", "70", true)
		edit(opportunity.Edit{StageChance: true})
		expect("back to the stage's", "25", "25", false)
		version := o.Version
		edit(opportunity.Edit{Name: ptr("Új név")})
		if o.Version != version {
			t.Errorf("an edit that changes nothing raised the version")
		}
	})
}

func TestStaleEditNamesWhoChangedWhat(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		o := w.create(nil)
		_, err := w.opps.Edit(w.admin, o.ID, opportunity.Edit{Version: o.Version, Goal: ptr("Fele áramköltség")})
		w.ok(err)
		for name, stale := range map[string]func() error{
			"edit": func() error {
				_, err := w.opps.Edit(w.anna, o.ID, opportunity.Edit{Version: o.Version, Name: ptr("más")})
				return err
			},
			"lines": func() error { _, err := w.opps.SetLines(w.anna, o.ID, o.Version, nil); return err },
			"team": func() error {
				_, err := w.opps.SetTeam(w.anna, o.ID, o.Version, opportunity.Team{Owner: "szabo"})
				return err
			},
			"rivals": func() error {
				_, err := w.opps.SetCompetitors(w.anna, o.ID, o.Version, []opportunity.Competitor{{Name: "Fényár"}})
				return err
			},
		} {
			err := stale()
			if !errors.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "admin") || !strings.Contains(err.Error(), "Fele áramköltség") {
				t.Errorf("%s: %v, want a conflict that names admin and the new goal", name, err)
			}
		}
		_, err = w.opps.Move(w.anna, o.ID, opportunity.Step{Stage: w.pipeline().Stages[1].ID, From: w.pipeline().Stages[2].ID})
		if !errors.Is(err, fault.Conflict) {
			t.Errorf("moving from another stage than seen: %v", err)
		}
		if c := w.card(o.ID); c.Version != 2 || len(c.Sellers) != 1 || len(c.Competitors) != 0 {
			t.Errorf("a refused change left something: %+v", c)
		}
	})
}

func TestStageAsksForFieldsAndActivities(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		p, err := w.opps.Pipelines().Add(w.admin, opportunity.PipelineDraft{Name: "Προσφορές", Currency: "EUR", Stages: []opportunity.StageDraft{
			{Name: "Νέα", Kind: opportunity.Open, Chance: percent("5"), RequiredFields: []string{"source"}},
			{Name: "Προσφορά", Kind: opportunity.Open, Chance: percent("40"), RequiredActivities: []string{"meeting", "call", "meeting"},
				RequiredFields: []string{"goal", "expected_close", "lines", "competitors", "contact_id"}},
			{Name: "Κερδισμένη", Kind: opportunity.Won, RequiredFields: []string{"expected_revenue"}},
			{Name: "Χαμένη", Kind: opportunity.Lost, Chance: percent("30")},
		}})
		w.ok(err)
		same(t, "chances of the ends", []string{p.Stages[2].Chance.String(), p.Stages[3].Chance.String()}, []string{"100", "0"})

		draft := opportunity.Draft{PartyID: w.minta.ID, Name: "Φωτιστικά", Pipeline: p.ID}
		_, err = w.opps.Create(w.anna, draft)
		same(t, "creating without a source", codes(err), []string{"source stage.field"})
		draft.Source, draft.Stage = "fair", p.Stages[1].ID
		_, err = w.opps.Create(w.anna, draft)
		same(t, "creating in the second stage", len(codes(err)), 7)
		draft.Stage = opportunity.StageID{}
		o, err := w.opps.Create(w.anna, draft)
		w.ok(err)

		w.done["call"], w.done["meeting"] = 1, 1
		_, err = w.opps.Move(w.anna, o.ID, opportunity.Step{Stage: p.Stages[1].ID})
		same(t, "moving with nothing filled", codes(err), []string{
			"activities.meeting stage.activity", "competitors stage.field", "contact_id stage.field",
			"expected_close stage.field", "goal stage.field", "lines stage.field",
		})
		person, err := w.parties.Add(w.anna, party.Draft{Kind: party.Person, FullName: "Δημήτρης Παπαδόπουλος", Owner: party.Owner{User: "kovacs.anna"}})
		w.ok(err)
		_, err = w.opps.Edit(w.anna, o.ID, opportunity.Edit{Goal: ptr("Λιγότερο ρεύμα"), ExpectedClose: ptr(civil.Date{Year: 2026, Month: 10, Day: 1}), ContactID: &person.ID})
		w.ok(err)
		_, err = w.opps.SetLines(w.anna, o.ID, 0, []opportunity.Line{{Name: "Φωτιστικό", Quantity: quantity("3"), UnitPrice: amount("33.335")}})
		w.ok(err)
		_, err = w.opps.SetCompetitors(w.anna, o.ID, 0, []opportunity.Competitor{{Name: "Φως ΑΕ", Strengths: "τιμή", Weaknesses: "παράδοση"}})
		w.ok(err)
		w.done["meeting"] = 2
		o, err = w.opps.Move(w.anna, o.ID, opportunity.Step{Stage: p.Stages[1].ID})
		w.ok(err)
		same(t, "weighted in cents", o.Weighted.String(), "40") // 100.005 -> 100.01 (half away from zero); 40 % = 40.004
		_, err = w.opps.Move(w.anna, o.ID, opportunity.Step{Stage: p.Stages[2].ID})
		same(t, "moving into a won stage", codes(err), []string{"stage_id stage.closed"})
		_, err = w.opps.SetLines(w.anna, o.ID, 0, nil)
		w.ok(err)
		_, err = w.opps.CloseWon(w.anna, o.ID, opportunity.Win{})
		same(t, "winning without revenue", codes(err), []string{"expected_revenue stage.field"})
	})
}

func TestLostRecordsWhyAndReopens(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		stages := w.pipeline().Stages
		o := w.create(func(d *opportunity.Draft) {
			d.ExpectedRevenue = ptr(amount("5000"))
			d.Competitors = []opportunity.Competitor{{Name: "Свет и Ко", Strengths: "цена"}, {Name: "Fényár"}}
		})
		_, err := w.opps.Move(w.anna, o.ID, opportunity.Step{Stage: stages[1].ID, Chance: ptr(percent("42"))})
		w.ok(err)
		_, err = w.opps.CloseLost(w.anna, o.ID, opportunity.Loss{Reason: " ", Stage: stages[4].ID})
		same(t, "nothing said", codes(err), []string{"lesson required", "lost_reason required", "lost_to required", "stage_id stage.kind"})
		o, err = w.opps.CloseLost(w.anna, o.ID, opportunity.Loss{Reason: "ár", Competitor: "свет и ко", Lesson: "Korábban kell ajánlani"})
		w.ok(err)
		same(t, "lost", []string{string(o.State), o.Chance.String(), o.Weighted.String(), o.LostReason}, []string{"lost", "0", "0", "ár"})
		winner := func() (names []string) {
			for _, c := range w.card(o.ID).Competitors {
				if c.Won {
					names = append(names, c.Name)
				}
			}
			return names
		}
		same(t, "winner", winner(), []string{"Свет и Ко"})
		for name, refused := range map[string]func() error{
			"won":   func() error { _, err := w.opps.CloseWon(w.anna, o.ID, opportunity.Win{}); return err },
			"lines": func() error { _, err := w.opps.SetLines(w.anna, o.ID, 0, nil); return err },
			"move":  func() error { _, err := w.opps.Move(w.anna, o.ID, opportunity.Step{Stage: stages[0].ID}); return err },
			"money": func() error {
				_, err := w.opps.Edit(w.anna, o.ID, opportunity.Edit{Chance: ptr(percent("5"))})
				return err
			},
		} {
			if got := codes(refused()); !slices.Contains(got, "state state.closed") {
				t.Errorf("%s on a lost opportunity: %v", name, got)
			}
		}
		o, err = w.opps.Reopen(w.anna, o.ID, opportunity.Reopening{})
		w.ok(err)
		if o.StageID != stages[1].ID || o.Chance.String() != "42" || !o.ChanceManual || o.Weighted.String() != "2100" || o.LostTo != "" || !o.ClosedAt.IsZero() {
			t.Errorf("reopened: %+v", o)
		}
		same(t, "no winner any more", winner(), []string(nil))
		_, err = w.opps.Reopen(w.anna, o.ID, opportunity.Reopening{})
		same(t, "reopening an open one", codes(err), []string{"state state.open"})
		o, err = w.opps.CloseLost(w.anna, o.ID, opportunity.Loss{Reason: "elhalasztva", Competitor: opportunity.NoCompetitor, Lesson: "-"})
		w.ok(err)
		same(t, "nobody won", len(w.card(o.ID).Competitors), 2)
		o, err = w.opps.Reopen(w.anna, o.ID, opportunity.Reopening{Stage: stages[3].ID})
		w.ok(err)
		same(t, "reopened in a given stage", []string{o.StageID.String(), o.Chance.String()}, []string{stages[3].ID.String(), "75"})
		history, err := w.opps.History(w.anna, o.ID)
		w.ok(err)
		same(t, "moves", len(history), 6)
	})
}

func TestTeamSharesThePartyAndTheCommentsMention(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		o := w.create(func(d *opportunity.Draft) { d.ExpectedRevenue = ptr(amount("1000")) })
		szabo := env.As("szabo", actor.Seller, actor.Own)
		if _, err := w.opps.Get(szabo, o.ID); !errors.Is(err, fault.NotFound) {
			t.Fatalf("before he is in the team: %v", err)
		}
		_, err := w.opps.SetTeam(w.anna, o.ID, o.Version, opportunity.Team{Owner: "kovacs.anna", Sellers: []opportunity.Seller{
			{User: "kovacs.anna", Share: percent("66.6667")}, {User: "szabo", Role: "presales", Share: percent("33.3333")}}})
		w.ok(err)
		c, err := w.opps.Get(szabo, o.ID)
		w.ok(err)
		same(t, "roles", []string{c.Sellers[0].Role, c.Sellers[1].Role, c.OwnerTeam}, []string{"owner", "presales", "pest"})
		parts, err := c.Divided()
		w.ok(err)
		same(t, "parts", []string{parts[0].String(), parts[1].String()}, []string{"667", "333"})
		if _, err := w.parties.Get(szabo, w.minta.ID); err != nil {
			t.Errorf("the party was not shared: %v", err)
		}

		comment, err := w.opps.Comment(szabo, o.ID, "@kovacs.anna, kérlek hívd fel (info@minta.hu). @иванов és @כהן is tudja.")
		w.ok(err)
		same(t, "mentions", []string(comment.Mentions), []string{"kovacs.anna", "иванов", "כהן"})
		_, err = w.opps.Comment(szabo, o.ID, "@senki @[másik senki]")
		same(t, "unknown", codes(err), []string{"body mention.unknown", "body mention.unknown"})
		_, err = w.opps.Comment(szabo, o.ID, " \n")
		same(t, "empty", codes(err), []string{"body required"})
		var said opportunity.Commented
		events := w.events(comment.ID.Bytes())
		w.ok(events[0].Decode(&said))
		if said.By != "szabo" || said.ID != o.ID || len(said.Mentions) != 3 {
			t.Errorf("payload %+v", said)
		}

		// Whoever takes himself out no longer sees it.
		o, err = w.opps.SetTeam(szabo, o.ID, 0, opportunity.Team{Owner: "kovacs.anna"})
		w.ok(err)
		if _, err := w.opps.Get(szabo, o.ID); !errors.Is(err, fault.NotFound) {
			t.Errorf("after he left the team: %v", err)
		}
		var changed opportunity.Changed
		events = w.events(o.ID.Bytes())
		w.ok(events[len(events)-1].Decode(&changed))
		same(t, "removed", changed.SellersRemoved, []string{"szabo"})
	})
}

func TestPartsKeepTheirIdentity(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	o := w.create(func(d *opportunity.Draft) {
		d.Lines = []opportunity.Line{{Name: "a", Quantity: quantity("1"), UnitPrice: amount("10")}, {Name: "b", Quantity: quantity("1"), UnitPrice: amount("20")}}
	})
	lines := w.card(o.ID).Lines
	given := []opportunity.Line{lines[1], lines[1], {ID: opportunity.LineID{7}, Name: "c", Quantity: quantity("1")}}
	given[0].UnitPrice = amount("25")
	_, err := w.opps.SetLines(w.anna, o.ID, 0, given)
	w.ok(err)
	after := w.card(o.ID).Lines
	same(t, "names", []string{after[0].Name, after[1].Name, after[2].Name}, []string{"b", "b", "c"})
	if after[0].ID != lines[1].ID || after[1].ID == lines[1].ID || after[2].ID == (opportunity.LineID{7}) {
		t.Errorf("ids %v", after)
	}
	same(t, "the caller's lines are his own", given[2].ID, opportunity.LineID{7})
	same(t, "revenue", w.card(o.ID).ExpectedRevenue.String(), "45")
	_, err = w.opps.Edit(w.anna, o.ID, opportunity.Edit{Currency: ptr("EUR")})
	same(t, "currency with lines", codes(err), []string{"currency currency.lines"})
}
