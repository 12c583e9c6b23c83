package crm_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/testutil"
)

// TestFirstContactEndsTheClock: a call that was written down answers the lead, a note does not.
func TestFirstContactEndsTheClock(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	ctx := w.boss()
	captured, err := w.module.Leads.Capture(ctx, lead.Draft{Name: "Őri Győző", Emails: []string{"gyozo@ori.test"}})
	if err != nil {
		t.Fatal(err)
	}
	answered := func() bool {
		t.Helper()
		if _, err := w.module.RunOnce(t.Context()); err != nil {
			t.Fatal(err)
		}
		card, err := w.module.Leads.Get(ctx, captured.Lead)
		if err != nil {
			t.Fatal(err)
		}
		return !card.Lead.FirstResponseAt.IsZero()
	}
	for _, step := range []struct {
		deed activity.Deed
		want bool
	}{
		{activity.Deed{Kind: activity.Note, Subject: "Honlapról jött"}, false},
		{activity.Deed{Kind: activity.Call, Direction: activity.Out, Subject: "Bemutatkozás"}, true},
	} {
		step.deed.Party = captured.Party
		if _, err := w.module.Activities.Record(ctx, step.deed); err != nil {
			t.Fatal(err)
		}
		if got := answered(); got != step.want {
			t.Errorf("after a %s the lead is answered: %v, want %v", step.deed.Kind, got, step.want)
		}
	}
}

// TestTheTimeOfAnAnswerIsThatOfTheContact: whenever it was written down and the worker came to it, and whatever status the
// lead had by then.
func TestTheTimeOfAnAnswerIsThatOfTheContact(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		ctx := w.boss()
		type row struct {
			name string
			// call is when it was, after the arrival; it is written down an hour after that.
			call, want time.Duration
			status     lead.Status
		}
		called := map[lead.ID]row{}
		for i, c := range []row{
			{"new", 10 * time.Minute, 10 * time.Minute, ""},
			{"taken up before", 20 * time.Minute, 20 * time.Minute, lead.StatusWorking},
			{"nurtured before", 30 * time.Minute, 30 * time.Minute, lead.StatusNurturing},
			{"called before it came in", -time.Hour, time.Hour, ""},
		} {
			captured, err := w.module.Leads.Capture(ctx, lead.Draft{Name: "Őri " + c.name, Emails: []string{fmt.Sprintf("lead%d@ori.test", i)}})
			if err != nil {
				t.Fatal(c.name, err)
			}
			called[captured.Lead] = c
			arrived := env.Clock.Now()
			if c.status != "" {
				if _, err := w.module.Leads.SetStatus(ctx, captured.Lead, 0, lead.Move{To: c.status}); err != nil {
					t.Fatal(c.name, err)
				}
			}
			env.Clock.Advance(time.Hour)
			deed := activity.Deed{Party: captured.Party, Kind: activity.Call, Direction: activity.Out, Subject: "Bemutatkozás", At: arrived.Add(c.call)}
			if _, err := w.module.Activities.Record(ctx, deed); err != nil {
				t.Fatal(c.name, err)
			}
		}
		env.Clock.Advance(2 * time.Hour) // nothing worked meanwhile
		if _, err := w.module.RunOnce(t.Context()); err != nil && (env.DB.Dialect() == store.SQLite || strings.Contains(err.Error(), w.company)) {
			t.Fatal(err)
		}
		for id, c := range called {
			card, err := w.module.Leads.Get(ctx, id)
			if err != nil {
				t.Fatal(c.name, err)
			}
			if got := card.Lead.FirstResponseAt.Sub(card.Lead.ArrivedAt); card.Lead.FirstResponseAt.IsZero() || got != c.want {
				t.Errorf("%s: answered after %s (%s), want %s", c.name, got, card.Lead.FirstResponseAt, c.want)
			}
		}
	})
}

// TestNextSteps: what is planned for an opportunity is its next step, the soonest first; what is done is not.
func TestNextSteps(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	ctx := w.boss()
	captured, err := w.module.Leads.Capture(ctx, lead.Draft{Name: "Őri Győző", Emails: []string{"gyozo@ori.test"}})
	if err != nil {
		t.Fatal(err)
	}
	var ids []activity.OpportunityID
	for _, name := range []string{"Bővítés", "Gépcsere"} {
		o, err := w.module.Opportunities.Create(ctx, opportunity.Draft{PartyID: captured.Party, Name: name})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, activity.OpportunityID(o.ID))
	}
	soon := store.UTC(w.db.Now().Add(24 * time.Hour))
	for _, due := range []time.Time{soon.Add(time.Hour), soon} {
		if _, err := w.module.Activities.Plan(ctx, activity.Plan{Party: captured.Party, Opportunity: ids[0], Kind: activity.Call, Subject: "Ár", Due: due}); err != nil {
			t.Fatal(err)
		}
	}
	got, err := w.module.Activities.NextSteps(ctx, ids)
	if err != nil || len(got) != 1 || !got[ids[0]].Equal(soon) {
		t.Errorf("got %v, %v, want %s for the first alone", got, err, soon)
	}
}
