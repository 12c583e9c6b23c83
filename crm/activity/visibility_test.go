package activity_test

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// seen is what an operation gave away: a number of records, or an error.
type seen struct {
	n   int
	err error
}

// operation is one public operation, tried on records of Anna's.
type operation struct {
	name string
	// lists is set where the unseen is left out instead of refused.
	lists bool
	write bool
	do    func(ctx context.Context) seen
}

func operations(w *world, id party.ID, open, done activity.ID, file activity.AttachmentID, opp activity.OpportunityID) []operation {
	list := func(l activity.List, err error) seen { return seen{len(l.Items), err} }
	one := func(_ any, err error) seen { return seen{1, err} }
	text := "átírva"
	page := store.Page{}
	return []operation{
		{"Get", false, false, func(ctx context.Context) seen { return one(w.acts.Get(ctx, done)) }},
		{"Timeline", false, false, func(ctx context.Context) seen { return list(w.acts.Timeline(ctx, id, nil, page)) }},
		{"Upcoming", false, false, func(ctx context.Context) seen { return list(w.acts.Upcoming(ctx, id, page)) }},
		{"OpportunityTimeline", true, false, func(ctx context.Context) seen { return list(w.acts.OpportunityTimeline(ctx, opp, nil, page)) }},
		{"OpportunityUpcoming", true, false, func(ctx context.Context) seen { return list(w.acts.OpportunityUpcoming(ctx, opp, page)) }},
		{"CountDone", true, false, func(ctx context.Context) seen {
			counts, err := w.acts.CountDone(ctx, opp)
			return seen{len(counts), err}
		}},
		{"NextSteps", true, false, func(ctx context.Context) seen {
			steps, err := w.acts.NextSteps(ctx, []activity.OpportunityID{opp})
			return seen{len(steps), err}
		}},
		{"List", true, false, func(ctx context.Context) seen {
			return list(w.acts.List(ctx, activity.ListFilter{Owner: activity.Everyone}))
		}},
		{"List", true, false, func(ctx context.Context) seen {
			return list(w.acts.List(ctx, activity.ListFilter{Team: "north", Window: activity.AllOpen}))
		}},
		{"Tasks", true, false, func(ctx context.Context) seen { return list(w.acts.Tasks(ctx, "anna", activity.AllOpen, page)) }},
		{"Tasks", true, false, func(ctx context.Context) seen {
			return list(w.acts.Tasks(ctx, activity.Everyone, activity.AllOpen, page))
		}},
		{"Delegated", true, false, func(ctx context.Context) seen { return list(w.acts.Delegated(ctx, page)) }},
		{"Today", true, false, func(ctx context.Context) seen {
			sum, err := w.acts.Today(ctx)
			return seen{sum.Open, err}
		}},
		{"Calendar", true, false, func(ctx context.Context) seen {
			c, err := w.acts.Calendar(ctx, activity.CalendarFilter{From: w.now().Add(-time.Hour), Until: w.now().Add(72 * time.Hour), Owner: activity.Everyone})
			return seen{len(c.Items), err}
		}},
		{"Calendar", true, false, func(ctx context.Context) seen {
			c, err := w.acts.Calendar(ctx, activity.CalendarFilter{From: w.now().Add(-time.Hour), Until: w.now().Add(72 * time.Hour), Team: "north"})
			return seen{len(c.Items), err}
		}},
		{"Files", true, false, func(ctx context.Context) seen {
			l, err := w.acts.Files(ctx, activity.FileFilter{})
			return seen{len(l.Files), err}
		}},
		{"Files", true, false, func(ctx context.Context) seen {
			l, err := w.acts.Files(ctx, activity.FileFilter{Opportunity: opp, Sort: activity.ByFileName})
			return seen{len(l.Files), err}
		}},
		{"Download", false, false, func(ctx context.Context) seen { return one(w.acts.Download(ctx, file)) }},
		{"Plan", false, true, func(ctx context.Context) seen {
			return one(w.acts.Plan(ctx, activity.Plan{Party: id, Kind: activity.Task, Subject: text, Due: w.now(), Owner: "eva"}))
		}},
		{"Record", false, true, func(ctx context.Context) seen {
			return one(w.acts.Record(ctx, activity.Deed{Party: id, Kind: activity.Note, Subject: text}))
		}},
		{"Log", false, true, func(ctx context.Context) seen {
			return one(nil, w.acts.Log(ctx, activity.Entry{Party: id, Kind: activity.Quote, Subject: text}))
		}},
		{"Edit", false, true, func(ctx context.Context) seen { return one(w.acts.Edit(ctx, done, activity.Edit{Subject: &text})) }},
		{"Attach", false, true, func(ctx context.Context) seen {
			return one(w.acts.Attach(ctx, done, activity.File{Name: "a.txt", Content: []byte("a")}))
		}},
		{"Detach", false, true, func(ctx context.Context) seen { return one(nil, w.acts.Detach(ctx, file)) }},
		{"Snooze", false, true, func(ctx context.Context) seen { return one(w.acts.Snooze(ctx, open, w.now().Add(time.Minute))) }},
		{"Delegate", false, true, func(ctx context.Context) seen {
			return one(w.acts.Delegate(ctx, open, activity.Delegation{To: "eva"}))
		}},
		{"Accept", false, true, func(ctx context.Context) seen { return one(w.acts.Accept(ctx, open)) }},
		{"Decline", false, true, func(ctx context.Context) seen { return one(w.acts.Decline(ctx, open, text)) }},
		{"Complete", false, true, func(ctx context.Context) seen { return one(w.acts.Complete(ctx, open, activity.Completion{})) }},
		{"Cancel", false, true, func(ctx context.Context) seen { return one(w.acts.Cancel(ctx, open, text)) }},
		{"Reopen", false, true, func(ctx context.Context) seen { return one(w.acts.Reopen(ctx, done)) }},
		{"DueReminders", true, true, func(ctx context.Context) seen {
			n, err := w.acts.DueReminders(ctx)
			return seen{n, err}
		}},
	}
}

// Nothing of another company, or beyond what a user sees, is read, counted or changed by any public
// operation; none works without its right.
func TestNobodyPassesHisLimits(t *testing.T) {
	inWorlds(t, func(t *testing.T, w *world) {
		id := w.person("Kovács Anna ügyfele", "anna")
		opp := activity.OpportunityID{15: 9}
		open := w.plan(w.anna, activity.Plan{Party: id, Opportunity: opp, Remind: w.now()})
		done := w.record(w.anna, activity.Deed{Party: id, Opportunity: opp, Kind: activity.Meeting, Files: []activity.File{{Name: "terv.txt", Content: []byte("titok")}}})
		all := operations(w, id, open.ID, done.Activity.ID, done.Files[0].ID, opp)

		covered := map[string]bool{"In": true, "Register": true, "Offer": true, "Guarded": true}
		for _, op := range all {
			covered[op.name] = true
		}
		methods := reflect.TypeOf(w.acts)
		for i := range methods.NumMethod() {
			if name := methods.Method(i).Name; !covered[name] {
				t.Errorf("the public operation %s is not tried here", name)
			}
		}

		stranger := actor.User{Company: w.Company + "-other", ID: "anna", Rights: actor.Admin, See: actor.All, Teams: []string{"north"}}.Actor()
		outsiders := map[string]context.Context{
			"same user name in another company": actor.With(context.Background(), stranger),
			"boris, who sees only his own":      w.boris,
			"a seller of another team":          w.As("dora", actor.Seller, actor.Team, "west"),
		}
		for name, ctx := range outsiders {
			for _, op := range all {
				got := op.do(ctx)
				if op.lists && (got.n != 0 || got.err != nil) || !op.lists && !errors.Is(got.err, fault.NotFound) {
					t.Errorf("%s: %s gave %d records, %v", name, op.name, got.n, got.err)
				}
			}
		}
		reader := w.As("anna", actor.Reader, actor.All)
		for _, op := range all {
			if got := op.do(reader); op.write && !errors.Is(got.err, fault.Forbidden) || !op.write && got.err != nil {
				t.Errorf("a reader: %s gave %v", op.name, got.err)
			}
			for name, ctx := range map[string]context.Context{"nobody": context.Background(), "the public": actor.With(context.Background(), actor.Public(w.Company))} {
				if got := op.do(ctx); !errors.Is(got.err, fault.Forbidden) {
					t.Errorf("%s: %s gave %v", name, op.name, got.err)
				}
			}
		}
		for _, act := range []activity.Activity{open, done.Activity} {
			if got, err := w.acts.Get(w.clara, act.ID); err != nil || got.Version != 1 || !got.RemindedAt.IsZero() {
				t.Errorf("after all that the %s is %+v, %v", act.Kind, got, err)
			}
		}
		if got := w.timeline(w.clara, id); len(got) != 1 || len(got[0].Files) != 1 {
			t.Errorf("after all that the timeline is %v", subjects(got))
		}
	})
}

// A team's leader sees what his team does, also for parties of others; a group's reader reads the other
// company and writes nothing there.
func TestTeamAndGroup(t *testing.T) {
	inWorlds(t, func(t *testing.T, w *world) {
		id := w.person("Németh Lili", "clara")
		act := w.plan(w.System(), activity.Plan{Party: id, Owner: "anna", Team: "north"})
		leader := w.As("zita", actor.Manager, actor.Team, "south", "north")
		if list, err := w.acts.Tasks(leader, "anna", activity.AllOpen, store.Page{}); err != nil || len(list.Items) != 1 {
			t.Errorf("the leader sees %v, %v", subjects(list.Items), err)
		}
		holding := actor.User{Company: w.Company + "-holding", ID: "owner", Rights: actor.Manager, See: actor.All, Group: []string{w.Company}}.Actor()
		ctx := actor.With(context.Background(), holding)
		if list, err := w.acts.Upcoming(ctx, id, store.Page{}); err != nil || len(list.Items) != 1 {
			t.Errorf("the group sees %v, %v", subjects(list.Items), err)
		}
		if _, err := w.acts.Cancel(ctx, act.ID, "x"); !errors.Is(err, fault.NotFound) {
			t.Errorf("the group cancelled: %v", err)
		}
	})
}

func TestActions(t *testing.T) {
	inWorlds(t, func(t *testing.T, w *world) {
		r := event.NewRegistry()
		w.acts.Register(r)
		if want := []string{activity.ActionPlan, activity.ActionRecord}; !slices.Equal(r.Actions(), want) {
			t.Fatalf("actions %v, want %v", r.Actions(), want)
		}
		id := w.person("Host Ügyfél", "anna")
		ask := func(key, kind, payload string) {
			t.Helper()
			_, err := w.DB.SQL().Exec("INSERT INTO crm_request (request_key, company, kind, payload) VALUES ('" + key + w.Company + "', '" + w.Company + "', '" + kind + "', '" + payload + "')")
			if err != nil {
				t.Fatal(err)
			}
		}
		ask("a", activity.ActionPlan, `{"party":"`+id.String()+`","kind":"task","subject":"Szamla kikuldese","due_at":"2026-07-20T08:00:00Z","owner":"anna"}`)
		ask("b", activity.ActionPlan, `{"party":"`+id.String()+`","subjekt":"elgepelve"}`)
		worker := event.Worker{DB: w.DB, Registry: r}
		if _, err := worker.RunOnce(w.System()); err != nil {
			t.Fatal(err)
		}
		list, err := w.acts.Tasks(w.anna, "", activity.AllOpen, store.Page{})
		if err != nil || len(list.Items) != 1 || list.Items[0].Subject != "Szamla kikuldese" {
			t.Errorf("anna's tasks %v, %v", subjects(list.Items), err)
		}
	})
}
