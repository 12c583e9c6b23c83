package activity_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/testutil"
)

// world is a company with sellers and parties.
type world struct {
	t *testing.T
	*testutil.Env
	parties *party.Parties
	acts    *activity.Activities
	// anna and boris sell and see their own; clara sees everything.
	anna, boris, clara context.Context
}

func budapest(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Budapest")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func newWorld(t *testing.T, env *testutil.Env) *world {
	t.Helper()
	zone := budapest(t)
	parties := party.New(env.DB, func(string) locale.Locale {
		return locale.Locale{Language: locale.Hungarian, Zone: zone, Currency: "HUF"}
	})
	return &world{
		t: t, Env: env, parties: parties, acts: activity.New(env.DB, parties),
		anna:  env.As("anna", actor.Seller, actor.Own, "north"),
		boris: env.As("boris", actor.Seller, actor.Own, "south"),
		clara: env.As("clara", actor.Manager, actor.All),
	}
}

// inWorlds runs the test on each database.
func inWorlds(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) { test(t, newWorld(t, env)) })
}

func (w *world) person(name, owner string) party.ID {
	w.t.Helper()
	return w.add(party.Draft{Kind: party.Person, FullName: name, Owner: party.Owner{User: owner}})
}

func (w *world) add(d party.Draft) party.ID {
	w.t.Helper()
	p, err := w.parties.Add(w.System(), d)
	if err != nil {
		w.t.Fatal(err)
	}
	return p.ID
}

func (w *world) now() time.Time { return w.Clock.Now() }

func (w *world) plan(ctx context.Context, p activity.Plan) activity.Activity {
	w.t.Helper()
	if p.Kind == "" {
		p.Kind = activity.Task
	}
	if p.Subject == "" {
		p.Subject = "Ajánlat elküldése"
	}
	if p.Due.IsZero() {
		p.Due = w.now().Add(24 * time.Hour)
	}
	act, err := w.acts.Plan(ctx, p)
	if err != nil {
		w.t.Fatal(err)
	}
	return act
}

func (w *world) record(ctx context.Context, d activity.Deed) activity.Result {
	w.t.Helper()
	if d.Kind == "" {
		d.Kind = activity.Note
	}
	if d.Subject == "" {
		d.Subject = "Bemutatta a szalagot"
	}
	out, err := w.acts.Record(ctx, d)
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

// events lists the kinds of the events about a record, in order.
func (w *world) events(id activity.ID) []string {
	w.t.Helper()
	var kinds []string
	for _, e := range w.eventRows(id) {
		kinds = append(kinds, strings.TrimPrefix(e.Kind, "activity."))
	}
	return kinds
}

func (w *world) eventRows(id activity.ID) []event.Event {
	w.t.Helper()
	var rows []event.Event
	err := w.DB.Read(w.System(), func(ctx context.Context, s *store.Session) error {
		return s.Select(&rows).Where("event.record_id = ?", id).OrderExpr("event.id").Scan(ctx)
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return rows
}

func (w *world) timeline(ctx context.Context, id party.ID, kinds ...activity.Kind) []activity.Item {
	w.t.Helper()
	list, err := w.acts.Timeline(ctx, id, kinds, store.Page{})
	if err != nil {
		w.t.Fatal(err)
	}
	return list.Items
}

func subjects(items []activity.Item) []string {
	var all []string
	for _, i := range items {
		all = append(all, i.Subject)
	}
	return all
}

func equal[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// paths lists what is wrong, sorted.
func paths(err error) []string {
	var all []string
	for _, f := range fault.Of(err) {
		all = append(all, f.Path+" "+f.Code)
	}
	slices.Sort(all)
	return all
}

func TestPlanReadBack(t *testing.T) {
	names := []struct{ name, subject string }{
		{"Kovács-Szőke Örs", "Árajánlat egyeztetése, ű és ő betűvel"},
		{"Mary O'Brien", "Call back about the O'Brien & Sons tender"},
		{"משה כהן", "לחזור לגבי הצעת המחיר 12/2026"},
		{"Сидоров Иван Петрович", "Отправить договор на подпись"},
		{"Μαρία Παπαδοπούλου", "Να σταλεί η προσφορά για τις κάρτες"},
	}
	inWorlds(t, func(t *testing.T, w *world) {
		for _, row := range names {
			t.Run(row.name, func(t *testing.T) {
				id := w.person(row.name, "anna")
				due := time.Date(2026, 7, 14, 10, 0, 0, 123_456_789, time.UTC)
				act := w.plan(w.anna, activity.Plan{Party: id, Kind: activity.Meeting, Subject: "  " + row.subject + " ", Body: "C:\\\nD", Due: due, Remind: due.Add(-time.Hour), Minutes: 45})
				got, err := w.acts.Get(w.anna, act.ID)
				if err != nil {
					t.Fatal(err)
				}
				want := act
				equal(t, "activity", got.Activity, want)
				equal(t, "subject", got.Subject, row.subject)
				equal(t, "body", got.Body, "C:\\\nD")
				equal(t, "due, in milliseconds", got.DueAt, store.UTC(due))
				equal(t, "party name", got.PartyName, row.name)
				equal(t, "state", got.State, activity.Planned)
				equal(t, "events", w.events(act.ID), []string{"planned"})
				list, err := w.acts.Upcoming(w.anna, id, store.Page{})
				if err != nil || len(list.Items) != 1 || list.Items[0].ID != act.ID {
					t.Errorf("upcoming: %v, %v", subjects(list.Items), err)
				}
				if history := w.timeline(w.anna, id); len(history) != 0 {
					t.Errorf("a planned meeting stands in the history: %v", subjects(history))
				}
			})
		}
	})
}

func TestAllFaultsAtOnce(t *testing.T) {
	long := strings.Repeat("ő", 241)
	inWorlds(t, func(t *testing.T, w *world) {
		id := w.person("Nagy Ilona", "anna")
		now := w.now()
		plan := func(p activity.Plan) func() error {
			return func() error { _, err := w.acts.Plan(w.anna, p); return err }
		}
		record := func(d activity.Deed) func() error {
			return func() error { _, err := w.acts.Record(w.anna, d); return err }
		}
		rows := []struct {
			name string
			do   func() error
			want []string
		}{
			{"nothing planned", plan(activity.Plan{}), []string{"due_at required", "kind choice", "party required", "subject required"}},
			{"note planned", plan(activity.Plan{Party: id, Kind: activity.Note, Subject: "x", Due: now}), []string{"kind choice"}},
			{
				"reminder after due, negative time, long subject",
				plan(activity.Plan{Party: id, Kind: activity.Task, Subject: long, Due: now, Remind: now.Add(time.Minute), Minutes: -1}),
				[]string{"minutes minutes.range", "remind_at remind.after_due", "subject text.length"},
			},
			{"year typed wrong", plan(activity.Plan{Party: id, Kind: activity.Task, Subject: "x", Due: time.Date(26, 7, 1, 0, 0, 0, 0, time.UTC)}), []string{"due_at time.range"}},
			{"NUL", plan(activity.Plan{Party: id, Kind: activity.Task, Subject: "a\x00b", Body: "\xff", Due: now}), []string{"body text.form", "subject text.form"}},
			{"call without direction", record(activity.Deed{Party: id, Kind: activity.Call, Subject: "x"}), []string{"direction choice"}},
			{"note with direction", record(activity.Deed{Party: id, Kind: activity.Note, Subject: "x", Direction: activity.In}), []string{"direction choice"}},
			{"future call of 25 hours", record(activity.Deed{Party: id, Kind: activity.Call, Direction: activity.Out, Subject: "x", At: now.Add(time.Hour), Minutes: 1500}), []string{"at at.future", "minutes minutes.range"}},
			{"logged kind recorded", record(activity.Deed{Party: id, Kind: activity.Quote, Subject: "x"}), []string{"kind choice"}},
			{"file entry without file", record(activity.Deed{Party: id, Kind: activity.FileEntry, Subject: "x"}), []string{"files required"}},
			{
				"bad follow-up beside a bad deed, the party named once",
				record(activity.Deed{Kind: activity.Meeting, FollowUp: &activity.Plan{Kind: activity.Letter}}),
				[]string{"follow_up.due_at required", "follow_up.kind choice", "follow_up.subject required", "party required", "subject required"},
			},
		}
		for _, row := range rows {
			t.Run(row.name, func(t *testing.T) {
				err := row.do()
				if !errors.Is(err, fault.Invalid) {
					t.Fatalf("got %v, want faults", err)
				}
				equal(t, "faults", paths(err), row.want)
			})
		}
		if items := w.timeline(w.anna, id); len(items) != 0 {
			t.Errorf("something was written: %v", subjects(items))
		}
	})
}

func TestRecordTellsAboutHumanContact(t *testing.T) {
	inWorlds(t, func(t *testing.T, w *world) {
		id := w.person("Иванова Ольга", "anna")
		rows := []struct {
			kind      activity.Kind
			direction activity.Direction
			contact   bool
		}{
			{activity.Call, activity.Out, true},
			{activity.Call, activity.In, true},
			{activity.Meeting, "", true},
			{activity.Mail, activity.Out, true},
			{activity.Mail, activity.In, false},
			{activity.Letter, activity.Out, true},
			{activity.Letter, activity.In, false},
			{activity.Note, "", false},
			{activity.Task, "", false},
		}
		for _, row := range rows {
			t.Run(string(row.kind)+" "+string(row.direction), func(t *testing.T) {
				at := w.now().Add(-3 * time.Hour)
				out := w.record(w.anna, activity.Deed{Party: id, Kind: row.kind, Direction: row.direction, At: at, Minutes: 12})
				rows := w.eventRows(out.Activity.ID)
				if len(rows) != 1 || rows[0].Kind != activity.EventDone {
					t.Fatalf("events %v, want one activity.done", rows)
				}
				var n activity.Notice
				if err := rows[0].Decode(&n); err != nil {
					t.Fatal(err)
				}
				equal(t, "notice", n, activity.Notice{ID: out.Activity.ID, Party: id, Kind: row.kind, Direction: row.direction,
					Subject: out.Activity.Subject, At: at, Owner: "anna", Contact: row.contact, Minutes: 12})
			})
		}
	})
}

func TestCompleteWithFollowUp(t *testing.T) {
	inWorlds(t, func(t *testing.T, w *world) {
		id := w.person("Tóth Gábor", "anna")
		opp := activity.OpportunityID{15: 7}
		act := w.plan(w.anna, activity.Plan{Party: id, Opportunity: opp, Kind: activity.Call, Remind: w.now().Add(time.Hour)})
		w.Clock.Advance(2 * time.Hour)
		out, err := w.acts.Complete(w.anna, act.ID, activity.Completion{Outcome: "Kéri az ajánlatot", Minutes: 15,
			FollowUp: &activity.Plan{Kind: activity.Task, Subject: "Ajánlat", Due: w.now().Add(48 * time.Hour)}})
		if err != nil {
			t.Fatal(err)
		}
		got, err := w.acts.Get(w.anna, act.ID)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "as returned and as stored", out.Activity, got.Activity)
		equal(t, "state", got.State, activity.Done)
		equal(t, "done at", got.DoneAt, w.now())
		equal(t, "reminder left", got.RemindAt, time.Time{})
		equal(t, "events", w.events(act.ID), []string{"planned", "done"})
		next, err := w.acts.Get(w.anna, out.FollowUp.ID)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "follows", next.FollowsID, act.ID)
		equal(t, "opportunity inherited", next.OpportunityID, opp)
		equal(t, "party inherited", next.PartyID, id)
		equal(t, "follow-up's events", w.events(next.ID), []string{"planned"})

		_, err = w.acts.Complete(w.anna, act.ID, activity.Completion{FollowUp: &activity.Plan{Kind: activity.Task, Subject: "Ajánlat", Due: w.now()}})
		if !errors.Is(err, fault.Invalid) {
			t.Errorf("completed twice: %v", err)
		}
		equal(t, "faults", paths(err), []string{"state state.done"})
	})
}

func TestCancelReopen(t *testing.T) {
	inWorlds(t, func(t *testing.T, w *world) {
		id := w.person("Δημήτρης Νικολάου", "anna")
		act := w.plan(w.anna, activity.Plan{Party: id, Kind: activity.Meeting, Due: w.now().Add(72 * time.Hour)})
		if _, err := w.acts.Cancel(w.anna, act.ID, " "); !errors.Is(err, fault.Invalid) {
			t.Errorf("cancelled without a reason: %v", err)
		}
		if _, err := w.acts.Cancel(w.anna, act.ID, "Ασθένεια"); err != nil {
			t.Fatal(err)
		}
		items := w.timeline(w.anna, id)
		if len(items) != 1 || items[0].State != activity.Cancelled || items[0].Outcome != "Ασθένεια" || !items[0].At.Equal(w.now()) {
			t.Fatalf("timeline %+v, want the cancelled meeting at the time it was cancelled", items)
		}
		back, err := w.acts.Reopen(w.anna, act.ID)
		if err != nil {
			t.Fatal(err)
		}
		if back.State != activity.Planned || !back.At.Equal(act.DueAt) || !back.DoneAt.IsZero() {
			t.Errorf("reopened %+v", back)
		}
		if _, err := w.acts.Reopen(w.anna, act.ID); !errors.Is(err, fault.Invalid) {
			t.Errorf("reopened twice: %v", err)
		}
		equal(t, "events", w.events(act.ID), []string{"planned", "cancelled", "planned"})
		note := w.record(w.anna, activity.Deed{Party: id})
		if _, err := w.acts.Reopen(w.anna, note.Activity.ID); !errors.Is(err, fault.Invalid) {
			t.Errorf("a note was reopened: %v", err)
		}
	})
}

func TestEdit(t *testing.T) {
	inWorlds(t, func(t *testing.T, w *world) {
		id := w.person("Fekete Péter", "anna")
		due := w.now().Add(24 * time.Hour)
		act := w.plan(w.anna, activity.Plan{Party: id, Due: due, Remind: due.Add(-time.Hour)})

		later, subject := due.Add(48*time.Hour), "Új tárgy"
		moved, err := w.acts.Edit(w.anna, act.ID, activity.Edit{Version: act.Version, Due: &later, Subject: &subject})
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "the reminder goes along", moved.RemindAt, later.Add(-time.Hour))
		got, _ := w.acts.Get(w.anna, act.ID)
		equal(t, "stored", got.Activity, moved)

		other := "Régi űrlap"
		_, err = w.acts.Edit(w.clara, act.ID, activity.Edit{Version: act.Version, Subject: &other})
		if !errors.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "anna") || !strings.Contains(err.Error(), subject) {
			t.Errorf("stale edit: %v, want a conflict that names anna and her change", err)
		}

		future, empty, minutes := w.now().Add(time.Hour), "", 2000
		_, err = w.acts.Edit(w.anna, act.ID, activity.Edit{At: &future, Subject: &empty, Minutes: &minutes})
		equal(t, "faults", paths(err), []string{"at state.open", "minutes minutes.range", "subject required"})

		done := w.record(w.anna, activity.Deed{Party: id, Kind: activity.Call, Direction: activity.Out})
		_, err = w.acts.Edit(w.anna, done.Activity.ID, activity.Edit{Due: &later, Remind: &later, At: &future})
		equal(t, "faults of a done one", paths(err), []string{"at at.future", "due_at state.done", "remind_at state.done"})

		right := w.person("Fekete Pál", "anna")
		if _, err := w.acts.Edit(w.anna, done.Activity.ID, activity.Edit{Party: &right}); err != nil {
			t.Fatal(err)
		}
		if len(w.timeline(w.anna, right)) != 1 || len(w.timeline(w.anna, id)) != 0 {
			t.Error("the call did not move to the right party")
		}
	})
}

func TestDelegateAcceptDecline(t *testing.T) {
	inWorlds(t, func(t *testing.T, w *world) {
		id := w.person("רחל לוי", "anna")
		act := w.plan(w.anna, activity.Plan{Party: id})
		if _, err := w.acts.Get(w.boris, act.ID); !errors.Is(err, fault.NotFound) {
			t.Fatalf("boris sees anna's task: %v", err)
		}
		if _, err := w.acts.Delegate(w.anna, act.ID, activity.Delegation{To: "anna"}); !errors.Is(err, fault.Invalid) {
			t.Errorf("delegated to its owner: %v", err)
		}
		given, err := w.acts.Delegate(w.anna, act.ID, activity.Delegation{To: "boris", Team: "south"})
		if err != nil {
			t.Fatal(err)
		}
		if given.State != activity.Waiting || given.OwnerUser != "boris" || given.DelegatedBy != "anna" {
			t.Errorf("delegated %+v", given)
		}
		if _, err := w.parties.Get(w.boris, id); err != nil {
			t.Errorf("boris does not see the party of his task: %v", err)
		}
		sum, err := w.acts.Today(w.boris)
		if err != nil || sum.ToAccept != 1 {
			t.Errorf("boris has %d to accept, %v", sum.ToAccept, err)
		}
		if sum, _ := w.acts.Today(w.anna); sum.Delegated != 1 || sum.Open != 0 {
			t.Errorf("anna's day %+v, want one delegated", sum)
		}
		if list, err := w.acts.Delegated(w.anna, store.Page{}); err != nil || len(list.Items) != 1 {
			t.Errorf("delegated by anna: %v, %v", subjects(list.Items), err)
		}
		if _, err := w.acts.Accept(w.clara, act.ID); !errors.Is(err, fault.Forbidden) {
			t.Errorf("clara accepted for boris: %v", err)
		}
		if _, err := w.acts.Decline(w.boris, act.ID, ""); !errors.Is(err, fault.Invalid) {
			t.Errorf("declined without a reason: %v", err)
		}
		back, err := w.acts.Decline(w.boris, act.ID, "Szabadságon vagyok")
		if err != nil {
			t.Fatal(err)
		}
		if back.State != activity.Planned || back.OwnerUser != "anna" || back.DeclineReason != "Szabadságon vagyok" {
			t.Errorf("declined %+v, want it back with anna", back)
		}
		if _, err := w.acts.Delegate(w.anna, act.ID, activity.Delegation{To: "boris"}); err != nil {
			t.Fatal(err)
		}
		taken, err := w.acts.Accept(w.boris, act.ID)
		if err != nil || taken.State != activity.Planned || taken.AcceptedAt.IsZero() || taken.DeclineReason != "" {
			t.Errorf("accepted %+v, %v", taken, err)
		}
		if _, err := w.acts.Accept(w.boris, act.ID); !errors.Is(err, fault.Invalid) {
			t.Errorf("accepted twice: %v", err)
		}
		equal(t, "events", w.events(act.ID), []string{"planned", "delegated", "declined", "delegated", "accepted"})
	})
}

func TestPlanForAnother(t *testing.T) {
	inWorlds(t, func(t *testing.T, w *world) {
		id := w.person("Szabó Dóra", "anna")
		asked := w.plan(w.anna, activity.Plan{Party: id, Owner: "boris"})
		if asked.State != activity.Waiting || asked.DelegatedBy != "anna" {
			t.Errorf("planned by a person for another: %+v, want it to wait", asked)
		}
		out, err := w.acts.Complete(w.boris, asked.ID, activity.Completion{})
		if err != nil || out.Activity.AcceptedAt.IsZero() {
			t.Errorf("completing what waits accepts it: %+v, %v", out.Activity, err)
		}
		given := w.plan(w.System(), activity.Plan{Party: id, Owner: "boris"})
		if given.State != activity.Planned {
			t.Errorf("planned by the system: %s, want planned", given.State)
		}
		_, err = w.acts.Plan(w.System(), activity.Plan{Party: id, Kind: activity.Task, Subject: "x", Due: w.now()})
		equal(t, "the system names an owner", paths(err), []string{"owner required"})
	})
}
