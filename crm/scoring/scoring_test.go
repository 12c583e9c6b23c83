package scoring_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/leadrule"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/scoring"
	"github.com/crmplus/crmplus/testutil"
)

type world struct {
	*testutil.Env
	t             testing.TB
	scores        *scoring.Scores
	leads         *lead.Leads
	acts          *activity.Activities
	events        event.Worker
	admin, seller context.Context
}

func hungarian(string) locale.Locale {
	return locale.Locale{Language: locale.Hungarian, Currency: "HUF"}
}

func newWorld(t testing.TB, env *testutil.Env) *world {
	parties := party.New(env.DB, hungarian)
	w := &world{
		Env: env, t: t, leads: lead.New(env.DB, lead.Config{Parties: parties}), acts: activity.New(env.DB, parties), scores: scoring.New(env.DB, leadrule.New(hungarian)),
		admin: env.As("admin", actor.Admin, actor.All), seller: env.As("anna", actor.Seller, actor.All),
	}
	registry := event.NewRegistry()
	w.scores.Register(registry)
	w.events = event.Worker{DB: env.DB, Registry: registry}
	return w
}

func (w *world) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) run() {
	w.t.Helper()
	_, err := w.events.RunOnce(context.Background())
	w.ok(err)
	for {
		n, err := w.scores.Work(w.System())
		w.ok(err)
		if n == 0 {
			return
		}
	}
}

func (w *world) publish(m scoring.Model) {
	w.t.Helper()
	was, err := w.scores.Plan(w.admin)
	w.ok(err)
	_, err = w.scores.Publish(w.admin, was.Version, m)
	w.ok(err)
}

func (w *world) capture(n int, source string) lead.Result {
	w.t.Helper()
	out, err := w.leads.Capture(w.seller, lead.Draft{
		Name: fmt.Sprintf("Иванов Пётр %d", n), Emails: []string{fmt.Sprintf("p%d@example.ru", n)}, Origin: lead.Origin{Channel: lead.ByForm, Source: source},
	})
	w.ok(err)
	return out
}

func (w *world) score(id lead.ID) scoring.Card {
	w.t.Helper()
	card, err := w.scores.Of(w.seller, id)
	w.ok(err)
	return card
}

var model = scoring.Model{
	Groups: []scoring.Group{{Key: "did", Name: "Viselkedés", Cap: 50}},
	Rules: []scoring.Rule{
		{Name: "Hirdetés", When: `lead.source == "googleads"`, Points: 10},
		{Name: "Űrlap", Group: "did", List: "touches", Where: `.channel == "form"`, Points: 20, HalfLife: 30},
		{Name: "Találkozó", Group: "did", List: "activities", Where: `.kind == "meeting" and .state == "done"`, Points: 25, Expire: 60, Most: 2},
		{Name: "Levél nélkül", When: `none(activities, .reply)`, Points: -5},
	},
	Bands: []scoring.Band{{From: 0, Name: "Hideg", Action: "Gondozás"}, {From: 40, Name: "Forró", Action: "Hívja most"}},
}

func TestAScoreExplainsItselfAndFades(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		before := w.capture(1, "googleads")
		w.run()
		if _, err := w.scores.Of(w.seller, before.Lead); !errors.Is(err, fault.NotFound) {
			t.Errorf("without a model there is a score: %v", err)
		}
		w.publish(model)
		w.run()
		card := w.score(before.Lead)
		if card.Score.Score != 25 || card.Score.Band != "Hideg" || card.Action != "Gondozás" || len(card.Score.Detail.Parts) != 3 || len(card.History) != 1 {
			t.Fatalf("the first count gives %+v", card)
		}
		for range 3 {
			_, err := w.acts.Record(w.seller, activity.Deed{Party: before.Party, Kind: activity.Meeting, Subject: "Bemutató"})
			w.ok(err)
		}
		w.run()
		card = w.score(before.Lead)
		if card.Score.Score != 55 || card.Score.Band != "Forró" || card.Action != "Hívja most" || len(card.Score.Detail.Capped) != 1 || card.Score.Detail.Capped[0].Points != 2000 {
			t.Errorf("after meetings, capped: %+v", card.Score)
		}
		if l, err := w.leads.Get(w.seller, before.Lead); err != nil || l.Lead.Score != 55 || l.Lead.Version != 1 {
			t.Errorf("the lead has %d in version %d, %v", l.Lead.Score, l.Lead.Version, err)
		}
		w.Clock.Advance(60 * 24 * time.Hour)
		w.run()
		card = w.score(before.Lead)
		if card.Score.Score != 10 { // 10 for the source, a quarter of 20, the meetings are gone, 5 less
			t.Errorf("after two months: %+v", card.Score)
		}
		if len(card.History) != 3 && len(card.History) != 5 || card.History[0].New != 10 {
			t.Errorf("the history is %+v", card.History)
		}
	})
}

func TestDraftsAreComparedWithWhatBecameOfLeads(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		for i := range 6 {
			source := "newsletter"
			if i%2 == 0 {
				source = "googleads"
			}
			out := w.capture(i, source)
			if i < 4 {
				_, err := w.leads.SetStatus(w.admin, out.Lead, 0, lead.Move{To: lead.StatusDisqualified, Reason: "nincs keret"})
				w.ok(err)
			}
		}
		draft := scoring.Model{Rules: []scoring.Rule{{Name: "Hirdetés", When: `lead.source == "googleads"`, Points: 50}}, Bands: []scoring.Band{{From: 30, Name: "Jó"}}}
		got, err := w.scores.Compare(w.admin, draft)
		w.ok(err)
		if got.Leads != 4 || got.Won != 0 || got.Bands[0].Leads != 2 || got.Bands[1].Leads != 2 {
			t.Errorf("the comparison is %+v", got)
		}
		doc, err := w.scores.SaveDraft(w.admin, 0, draft)
		w.ok(err)
		if doc.Published || doc.Draft == nil || doc.Version != 1 {
			t.Errorf("the draft is %+v", doc)
		}
		w.run()
		if _, err := w.scores.SaveDraft(w.admin, 0, draft); !errors.Is(err, fault.Conflict) {
			t.Errorf("a stale draft: %v", err)
		}
		if doc, err = w.scores.Publish(w.admin, 1, draft); err != nil || !doc.Published || doc.Draft != nil {
			t.Errorf("published: %+v, %v", doc, err)
		}
		if _, err := w.scores.Compare(w.seller, draft); !errors.Is(err, fault.Forbidden) {
			t.Errorf("a seller compares: %v", err)
		}
	})
}

func TestABandIsToldByWhatItWonAndByItsPartOfAllThatWasWon(t *testing.T) {
	c := scoring.Comparison{Leads: 205, Won: 8, Bands: []scoring.Share{{Leads: 200, Won: 5}, {Leads: 5, Won: 3}}}
	for i, want := range []struct{ of, part int }{{3, 63}, {60, 38}} { // 2.5, 62.5, 37.5, rounded half up
		if b := c.Bands[i]; b.Percent() != want.of || c.OfWon(b) != want.part {
			t.Errorf("band %d won %d %%, %d %% of all that was won; want %+v", i, b.Percent(), c.OfWon(b), want)
		}
	}
	if none := (scoring.Comparison{}); none.OfWon(scoring.Share{}) != 0 {
		t.Error("a share of nothing")
	}
}

// fact is what the recount knows of a lead.
type fact struct {
	source          string
	forms, meetings []time.Time
	replies         int
	party           party.ID
}

// recount is written from the meaning of the model, not from the code.
func (f fact) recount(at time.Time) int {
	age := func(t time.Time) float64 { return math.Floor(at.Sub(t).Hours() / 24) }
	did := 0.0
	for _, t := range f.forms {
		did += math.Round(2000*math.Pow(0.5, age(t)/30)) / 100
	}
	counted := 0
	for _, t := range slices.Backward(f.meetings) {
		if counted++; counted <= 2 && age(t) < 60 {
			did += 25
		}
	}
	total := math.Min(did, 50)
	if f.source == "googleads" {
		total += 10
	}
	if f.replies == 0 {
		total -= 5
	}
	return int(math.Round(total))
}

func TestWhatIsStoredIsWhatAFullCountGives(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		w.publish(model)
		random := rand.New(rand.NewPCG(7, 11))
		facts := map[lead.ID]*fact{}
		var ids []lead.ID
		for i := range 6 {
			out := w.capture(i, []string{"googleads", "fair"}[i%2])
			ids = append(ids, out.Lead)
			facts[out.Lead] = &fact{source: []string{"googleads", "fair"}[i%2], forms: []time.Time{w.Clock.Now()}, party: out.Party}
		}
		for step := range 24 {
			w.Clock.Advance(time.Duration(random.IntN(200)) * time.Hour)
			n := random.IntN(len(ids))
			f := facts[ids[n]]
			switch random.IntN(4) {
			case 0:
				w.capture(n, "whatever")
				f.forms = append(f.forms, w.Clock.Now())
			case 1:
				_, err := w.acts.Record(w.seller, activity.Deed{Party: f.party, Kind: activity.Meeting, Subject: "Συνάντηση"})
				w.ok(err)
				f.meetings = append(f.meetings, w.Clock.Now())
			case 2:
				_, err := w.acts.Record(w.seller, activity.Deed{Party: f.party, Kind: activity.Mail, Direction: activity.In, Subject: "תשובה"})
				w.ok(err)
				f.replies++
			case 3:
				_, err := w.acts.Plan(w.seller, activity.Plan{Party: f.party, Kind: activity.Meeting, Subject: "Tervezett", Due: w.Clock.Now().Add(24 * time.Hour)})
				w.ok(err)
			}
			w.run()
			for _, id := range ids {
				got := w.score(id).Score
				if want := facts[id].recount(w.Clock.Now()); got.Score != want {
					t.Fatalf("step %d: stored is %d, a full count gives %d (%+v)", step, got.Score, want, got)
				}
			}
		}
	})
}

func TestSaveNamesEverythingThatIsWrong(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	_, err := w.scores.SaveDraft(w.admin, 0, scoring.Model{
		Groups: []scoring.Group{{Key: "a", Cap: -1}},
		Rules:  []scoring.Rule{{Group: "b", When: "lead.x == 1"}, {Name: "Ok", Points: 1, List: "leads"}, {Name: "Ok", Points: 1, HalfLife: 3}, {Name: "Ok", Points: 1, List: "touches", Where: ".nothing == 1", Expire: -1}},
		Bands:  []scoring.Band{{From: 1, Name: "A"}, {From: 1, Name: "B"}},
	})
	got := map[string]bool{}
	for _, f := range fault.Of(err) {
		got[f.Path] = true
	}
	for _, want := range []string{"groups[0].name", "groups[0].cap", "rules[0].name", "rules[0].group", "rules[0].when", "rules[0].points", "rules[1].list", "rules[2].list", "rules[3].where", "rules[3].expire", "bands[1].from"} {
		if !got[want] {
			t.Errorf("%s is not named in %v", want, got)
		}
	}
}

// TestADraftKeepsBrokenConditions: a field that is gone does not keep the rest from being mended, but nothing of it holds.
func TestADraftKeepsBrokenConditions(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	broken := scoring.Model{Rules: []scoring.Rule{{Name: "Régi mező", When: "lead.custom.gone == 1", Points: 5}}}
	doc, err := w.scores.SaveDraft(w.admin, 0, broken)
	if err != nil || doc.Draft == nil || doc.Published {
		t.Fatalf("the draft is %+v: %v", doc, err)
	}
	if _, err := w.scores.Publish(w.admin, doc.Version, broken); fault.CodeOf(err) != fault.Invalid {
		t.Errorf("a broken model is published: %v", err)
	}
	if doc, err = w.scores.Discard(w.admin, doc.Version); err != nil || doc.Draft != nil || doc.Published {
		t.Errorf("after it was discarded there is %+v: %v", doc, err)
	}
}
