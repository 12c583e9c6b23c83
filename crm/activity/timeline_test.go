package activity_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/testutil"
)

// A company's timeline shows its people and everything from before merges, as one list.
func TestTimelineOfTheFamily(t *testing.T) {
	inWorlds(t, func(t *testing.T, w *world) {
		firm := w.add(party.Draft{Kind: party.Company, FullName: "Ελληνικά Τρόφιμα ΑΕ", Owner: party.Owner{User: "anna"}})
		maria := w.person("Μαρία Παπαδοπούλου", "boris")
		twin := w.person("Maria Papadopoulou", "boris")
		triplet := w.person("M. Papadopoulou", "boris")
		stranger := w.person("Kiss Béla", "anna")
		if err := w.parties.Employ(w.System(), maria, firm); err != nil {
			t.Fatal(err)
		}
		note := func(id party.ID, subject string) activity.ID {
			w.Clock.Advance(time.Minute)
			return w.record(w.System(), activity.Deed{Party: id, Subject: subject}).Activity.ID
		}
		note(triplet, "webes űrlap")
		note(twin, "card from the fair")
		note(maria, "γνωριμία")
		note(stranger, "máshoz tartozik")
		merged := note(twin, "before the merge")
		for _, pair := range [][2]party.ID{{twin, triplet}, {maria, twin}} {
			if _, err := w.parties.Merge(w.System(), pair[0], pair[1]); err != nil {
				t.Fatal(err)
			}
		}
		note(twin, "after the merge, by an old link")
		note(firm, "on the firm")

		want := []string{"on the firm", "after the merge, by an old link", "before the merge", "γνωριμία", "card from the fair", "webes űrlap"}
		equal(t, "the firm's timeline", subjects(w.timeline(w.anna, firm)), want)
		equal(t, "Maria's, by her alias' alias", subjects(w.timeline(w.clara, triplet)), want[1:])
		if got, err := w.acts.Get(w.anna, merged); err != nil || got.Subject != "before the merge" {
			t.Errorf("what stands on a visible timeline cannot be opened: %v", err)
		}
		_, err := w.acts.Timeline(w.boris, firm, nil, store.Page{})
		if !errors.Is(err, fault.NotFound) {
			t.Errorf("boris reads the timeline of anna's firm: %v", err)
		}
	})
}

func TestTimelineFiltersAndLogs(t *testing.T) {
	inWorlds(t, func(t *testing.T, w *world) {
		id := w.person("Смирнова Анна Игоревна", "anna")
		opp := activity.OpportunityID{15: 3}
		err := w.DB.Write(w.boris, func(ctx context.Context, s *store.Session) error {
			return w.acts.In(s).Log(ctx,
				activity.Entry{Party: id, Opportunity: opp, Kind: activity.Quote, RefKind: "quote", RefID: activity.RefID{1: 2}, RefText: "A-2026/17"},
				activity.Entry{Party: id, Kind: activity.Stage, Subject: "Переговоры"})
		})
		if err != nil {
			t.Fatal(err)
		}
		w.Clock.Advance(time.Minute)
		w.record(w.anna, activity.Deed{Party: id, Opportunity: opp, Kind: activity.Call, Direction: activity.Out, Subject: "звонок"})
		w.Clock.Advance(time.Minute)
		w.record(w.anna, activity.Deed{Party: id, Opportunity: opp, Kind: activity.Call, Direction: activity.In, Subject: "ответ"})
		w.plan(w.anna, activity.Plan{Party: id, Opportunity: opp, Kind: activity.Meeting, Subject: "встреча"})

		calls := w.timeline(w.anna, id, activity.Call)
		equal(t, "calls", subjects(calls), []string{"ответ", "звонок"})
		logged := w.timeline(w.anna, id, activity.Quote, activity.Stage)
		if len(logged) != 2 || logged[1].RefText+logged[0].RefText != "A-2026/17" {
			t.Errorf("logged %+v", logged)
		}
		subject := "подделка"
		for _, item := range logged {
			if _, err := w.acts.Edit(w.anna, item.ID, activity.Edit{Subject: &subject}); !errors.Is(err, fault.Invalid) {
				t.Errorf("a logged %s was edited: %v", item.Kind, err)
			}
		}
		counts, err := w.acts.CountDone(w.anna, opp)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "done for the opportunity", counts, map[activity.Kind]int{activity.Call: 2, activity.Quote: 1})
		list, err := w.acts.OpportunityTimeline(w.anna, opp, []activity.Kind{activity.Call, activity.Quote}, store.Page{})
		if err != nil || len(list.Items) != 3 {
			t.Errorf("the opportunity's timeline: %v, %v", subjects(list.Items), err)
		}
		if list, err := w.acts.OpportunityUpcoming(w.anna, opp, store.Page{}); err != nil || len(list.Items) != 1 {
			t.Errorf("planned for the opportunity: %v, %v", subjects(list.Items), err)
		}
		if _, err := w.acts.Timeline(w.anna, id, []activity.Kind{"fax"}, store.Page{}); !errors.Is(err, fault.Invalid) {
			t.Errorf("unknown kind: %v", err)
		}
		err = w.acts.Log(w.boris, activity.Entry{Party: id, Kind: activity.Quote, RefText: "A-2026/18"})
		if !errors.Is(err, fault.NotFound) {
			t.Errorf("outside a session boris wrote on a party he does not see: %v", err)
		}
		err = w.acts.Log(w.anna, activity.Entry{}, activity.Entry{Party: id, Kind: activity.Call, Subject: "x"})
		equal(t, "faults", paths(err), []string{"[0].kind choice", "[0].party required", "[0].subject required", "[1].kind choice"})
	})
}

// Whatever the family, the page size and the order in which things were noted, the pages together are
// all entries once, newest first: also where many share one instant.
func TestTimelinePagesAreTheWholeHistory(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	rapid.Check(t, func(r *rapid.T) {
		var firm party.ID
		var all []activity.Activity
		err := w.DB.Write(w.System(), func(ctx context.Context, s *store.Session) error {
			var family []party.ID
			all = nil
			for i := range rapid.IntRange(1, 5).Draw(r, "parties") {
				p, err := w.parties.In(s).Add(ctx, party.Draft{Kind: []party.Kind{party.Company, party.Person}[min(i, 1)], FullName: "Próba Pál"})
				if err != nil {
					return err
				}
				if family = append(family, p.ID); i == 0 {
					firm = p.ID
				} else if err := w.parties.In(s).Employ(ctx, p.ID, firm); err != nil {
					return err
				}
			}
			for range rapid.IntRange(0, 30).Draw(r, "entries") {
				ago := time.Duration(rapid.IntRange(0, 9).Draw(r, "ms ago")) * time.Millisecond
				out, err := w.acts.In(s).Record(ctx, activity.Deed{Party: rapid.SampledFrom(family).Draw(r, "party"), Kind: activity.Note, Subject: "x", At: w.now().Add(-ago)})
				if err != nil {
					return err
				}
				all = append(all, out.Activity)
			}
			return nil
		})
		if err != nil {
			r.Fatal(err)
		}
		slices.SortFunc(all, func(x, y activity.Activity) int {
			if c := y.At.Compare(x.At); c != 0 {
				return c
			}
			return strings.Compare(y.ID.String(), x.ID.String())
		})
		var got, want []activity.ID
		for _, x := range all {
			want = append(want, x.ID)
		}
		page := store.Page{Limit: rapid.IntRange(1, 12).Draw(r, "limit")}
		for {
			list, err := w.acts.Timeline(w.System(), firm, nil, page)
			if err != nil {
				r.Fatal(err)
			}
			for _, item := range list.Items {
				got = append(got, item.ID)
			}
			if page.After = list.Next; page.After == "" {
				break
			}
		}
		if !slices.Equal(got, want) {
			r.Fatalf("got %d entries, want %d, in this order:\n%v\n%v", len(got), len(want), got, want)
		}
	})
}

// More people than one statement reads: the pages still join without a seam.
func TestTimelineOfABigCompany(t *testing.T) {
	inWorlds(t, func(t *testing.T, w *world) {
		firm := w.add(party.Draft{Kind: party.Company, FullName: "Nagy Holding Zrt."})
		const people = 230
		err := w.DB.Write(w.System(), func(ctx context.Context, s *store.Session) error {
			staff := make([]*party.Prepared, people)
			for i := range staff {
				p, faults := party.Prepare(party.Draft{Kind: party.Person, FullName: fmt.Sprintf("Dolgozó %03d", i)}, w.parties.LocaleOf(s))
				if len(faults) > 0 {
					return fault.List(faults).Err("the staff cannot be taken on")
				}
				p.Party.EmployerID = firm
				staff[i] = &p
			}
			if err := w.parties.In(s).AddMany(ctx, staff); err != nil {
				return err
			}
			for i := range people {
				p := staff[i].Party
				at, name := time.Duration(i-people)*time.Second, fmt.Sprint(i)
				if _, err := w.acts.In(s).Record(ctx, activity.Deed{Party: p.ID, Kind: activity.Note, Subject: name, At: w.now().Add(at)}); err != nil {
					return err
				}
				if _, err := w.acts.In(s).Plan(ctx, activity.Plan{Party: p.ID, Kind: activity.Task, Owner: "anna", Subject: name, Due: w.now().Add(at)}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		var history, planned []string
		for page := (store.Page{Limit: 60}); ; {
			list, err := w.acts.Timeline(w.System(), firm, []activity.Kind{activity.Note}, page)
			if err != nil {
				t.Fatal(err)
			}
			history = append(history, subjects(list.Items)...)
			if page.After = list.Next; page.After == "" {
				break
			}
		}
		for page := (store.Page{Limit: 60}); ; {
			list, err := w.acts.Upcoming(w.System(), firm, page)
			if err != nil {
				t.Fatal(err)
			}
			planned = append(planned, subjects(list.Items)...)
			if page.After = list.Next; page.After == "" {
				break
			}
		}
		var up, down []string
		for i := range people {
			up = append(up, fmt.Sprint(i))
			down = append(down, fmt.Sprint(people-1-i))
		}
		equal(t, "history, newest first", history, down)
		equal(t, "planned, soonest first", planned, up)
	})
}

func TestTaskWindows(t *testing.T) {
	inWorlds(t, func(t *testing.T, w *world) {
		id := w.person("Varga Zoltán", "anna")
		zone := budapest(t)
		// The clock shows Monday 2026-07-13 10:30 in Budapest.
		local := func(day, hour, minute int) time.Time { return time.Date(2026, 7, day, hour, minute, 0, 0, zone) }
		for _, row := range []struct {
			subject string
			due     time.Time
		}{
			{"last week", local(8, 12, 0)},
			{"first minute of today", local(13, 0, 0)},
			{"an hour ago", local(13, 9, 30)},
			{"last minute of today", local(13, 23, 59)},
			{"first minute of tomorrow", local(14, 0, 0)},
			{"Sunday night", local(19, 23, 59)},
			{"next Monday", local(20, 0, 0)},
		} {
			w.plan(w.anna, activity.Plan{Party: id, Subject: row.subject, Due: row.due})
		}
		w.plan(w.clara, activity.Plan{Party: id, Subject: "Clara's", Due: local(13, 12, 0)})
		done := w.plan(w.anna, activity.Plan{Party: id, Subject: "done", Due: local(13, 9, 0)})
		if _, err := w.acts.Complete(w.anna, done.ID, activity.Completion{}); err != nil {
			t.Fatal(err)
		}
		for _, row := range []struct {
			window activity.Window
			want   []string
		}{
			{activity.Overdue, []string{"last week", "first minute of today", "an hour ago"}},
			{activity.Today, []string{"first minute of today", "an hour ago", "last minute of today"}},
			{activity.Week, []string{"first minute of today", "an hour ago", "last minute of today", "first minute of tomorrow", "Sunday night"}},
			{activity.AllOpen, []string{"last week", "first minute of today", "an hour ago", "last minute of today", "first minute of tomorrow", "Sunday night", "next Monday"}},
		} {
			t.Run(string(row.window), func(t *testing.T) {
				list, err := w.acts.Tasks(w.anna, "", row.window, store.Page{})
				if err != nil {
					t.Fatal(err)
				}
				equal(t, "tasks", subjects(list.Items), row.want)
			})
		}
		sum, err := w.acts.Today(w.anna)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "summary", sum, activity.Summary{Overdue: 3, Today: 3, Week: 5, Open: 7})
		everyone, err := w.acts.Tasks(w.clara, activity.Everyone, activity.Today, store.Page{})
		if err != nil || len(everyone.Items) != 4 {
			t.Errorf("everyone's day: %v, %v", subjects(everyone.Items), err)
		}
		if _, err := w.acts.Tasks(w.anna, "", "someday", store.Page{}); !errors.Is(err, fault.Invalid) {
			t.Errorf("unknown window: %v", err)
		}
		nobody := w.As("eva", actor.Seller, actor.Own)
		if sum, err := w.acts.Today(nobody); err != nil || sum != (activity.Summary{}) {
			t.Errorf("a day without tasks: %+v, %v", sum, err)
		}
	})
}
