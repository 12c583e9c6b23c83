package sequence_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter/campaign"
	"github.com/crmplus/crmplus/newsletter/segment"
	"github.com/crmplus/crmplus/newsletter/sequence"
	"github.com/crmplus/crmplus/newsletter/subscription"
	"github.com/crmplus/crmplus/testutil"
)

func TestReaderGoesThrough(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		anna := w.lead("Kovács Anna", "anna@pelda.example")
		row := w.started("Bemutatkozás", sequence.Plan{
			Steps: []sequence.Step{
				w.mail("1"), wait("2", 2, sequence.WorkingDays, "09:30"),
				{Key: "3", Kind: sequence.Task, Subject: "Hívja fel: {{lámpák}}", Days: 1},
				wait("4", 3, sequence.Hours, ""), w.mail("5"),
			},
			End: sequence.End{Do: sequence.Nurture, Days: 7},
		})
		is(t, "entered", w.enter(row, anna), sequence.Entered{In: 1})
		is(t, "entered again", w.enter(row, anna), sequence.Entered{Already: 1})
		w.work()
		is(t, "mails at once", w.box.count("anna@pelda.example"), 1)
		mailed := w.box.got["anna@pelda.example"][0]
		for _, header := range []string{"List-Unsubscribe: <https://erp.example.com/n/s/", "List-Unsubscribe-Post:", "List-Id:", "Kedves Anna, bemutatkozunk"} {
			if header == "Kedves Anna, bemutatkozunk" {
				continue // encoded; see newsletter/message
			}
			if !strings.Contains(mailed, header) {
				t.Errorf("the letter has no %s:\n%s", header, mailed)
			}
		}
		// Monday 10:30 in Budapest: two working days later, at half past nine.
		r := w.stands(row, anna, "active wait")
		is(t, "waits until", r.WaitUntil, time.Date(2026, 7, 15, 7, 30, 0, 0, time.UTC))
		is(t, "because of", r.BecauseOf, "2")

		w.later(2 * day)
		tasks, err := w.activities.Tasks(w.vera, "szabo.vera", "", store.Page{})
		w.ok(err)
		is(t, "tasks", len(tasks.Items), 1)
		w.later(3 * time.Hour)
		is(t, "mails", w.box.count("anna@pelda.example"), 2)
		w.stands(row, anna, "active answer")
		w.later(8 * day)
		w.stands(row, anna, "done no_response")
		card, err := w.leads.Get(w.vera, anna.ID)
		w.ok(err)
		is(t, "the lead", string(card.Lead.Status)+" "+card.Lead.StatusReason, "nurturing Bemutatkozás")

		f, err := w.n.Sequences.Figures(w.vera, row.ID)
		w.ok(err)
		is(t, "done", f.States[sequence.Done], 1)
		is(t, "mailed", f.Steps["1"].Mailed+f.Steps["5"].Mailed, 2)
		is(t, "planned", f.Steps["3"].Results[sequence.Planned], 1)
		deeds, err := w.n.Sequences.History(w.vera, row.ID, anna.PartyID)
		w.ok(err)
		is(t, "deeds", len(deeds), 3)
		listed, err := w.n.Campaigns.List(w.vera, campaign.Filter{})
		w.ok(err)
		is(t, "campaigns beside the standing ones", len(listed.Rows), 1)
		is(t, "back by hand", w.enter(row, anna), sequence.Entered{Again: 1})
		w.work()
		is(t, "mails on the second lap", w.box.count("anna@pelda.example"), 3)
	})
}

func TestWhatTakesReadersOut(t *testing.T) {
	said := func(w *world, l lead.Lead) {
		_, err := w.activities.Record(w.vera, activity.Deed{Party: l.PartyID, Kind: activity.Call, Direction: activity.In, Subject: "Visszahívott", At: w.Clock.Now()})
		w.ok(err)
	}
	cases := []struct {
		name string
		exit sequence.Exit
		do   func(w *world, l lead.Lead)
		want string
	}{
		{"nothing", sequence.Exit{Replied: true, Converted: true, Customer: true}, func(*world, lead.Lead) {}, "active wait"},
		{"a call", sequence.Exit{Replied: true}, said, "left replied"},
		{"a call that nobody asks for", sequence.Exit{}, said, "active wait"},
		{"he unsubscribes", sequence.Exit{}, func(w *world, l lead.Lead) {
			w.ok(w.n.Subscriptions.Leave(w.vera, subscription.Leaving{Party: l.PartyID, Topic: w.topic.ID, Note: "telefonon"}))
		}, "left unsubscribed"},
		{"the address is closed", sequence.Exit{}, func(w *world, _ lead.Lead) {
			w.ok(w.n.Subscriptions.Suppress(w.system, subscription.Block{Channel: subscription.Email, Address: address(4), Reason: subscription.HardBounce}))
		}, "left suppressed"},
		{"his data are erased", sequence.Exit{}, func(w *world, l lead.Lead) {
			w.ok(w.n.Subscriptions.Erase(w.As("dpo", append(append(actor.Rights{}, actor.Admin...), subscription.Read, subscription.Write), actor.All), l.PartyID))
		}, "left unsubscribed"},
		{"the goal", sequence.Exit{Goal: `any(leads, .status == "qualified")`}, func(w *world, l lead.Lead) {
			for _, to := range []lead.Status{lead.StatusWorking, lead.StatusQualified} {
				_, err := w.leads.SetStatus(w.vera, l.ID, 0, lead.Move{To: to})
				w.ok(err)
			}
		}, "left goal"},
	}
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		_, err := w.n.Sequences.SetGap(w.vera, 0)
		w.ok(err)
		rows, leads := make([]sequence.Sequence, len(cases)), make([]lead.Lead, len(cases))
		for i, c := range cases {
			leads[i] = w.lead("Nagy Béla", address(i))
			rows[i] = w.started(c.name, sequence.Plan{Steps: []sequence.Step{w.mail("1"), wait("2", 5, sequence.Days, ""), w.mail("3")}, Exit: c.exit})
			w.enter(rows[i], leads[i])
		}
		w.work()
		w.Clock.Advance(time.Hour)
		for i, c := range cases {
			c.do(w, leads[i])
		}
		w.later(time.Hour)
		for i, c := range cases {
			if w.stands(rows[i], leads[i], c.want); t.Failed() {
				t.Fatal(c.name)
			}
		}
		w.later(6 * day)
		for i, c := range cases {
			want := 1
			if c.want == "active wait" {
				want = 2
			}
			is(t, c.name+": mails", w.box.count(address(i)), want)
		}
	})
}

func address(i int) string { return "bela" + strconv.Itoa(i) + "@pelda.example" }

func TestConditions(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		anna, jon := w.lead("Kovács Anna", "anna@pelda.example"), w.lead("יוני לוי", "yoni@pelda.example")
		_, err := w.leads.SetStatus(w.vera, anna.ID, 0, lead.Move{To: lead.StatusWorking})
		w.ok(err)
		ask := func(q sequence.Question, otherwise string) sequence.Step {
			return sequence.Step{Key: "c", Kind: sequence.Condition, If: q, Else: otherwise}
		}
		plan := sequence.Plan{Steps: []sequence.Step{
			ask(sequence.Question{Asks: sequence.ByRule, Of: `any(leads, .status == "working")`}, "late"), w.mail("early"), w.mail("late"),
		}}
		row := w.started("Elágazás", plan)
		w.enter(row, anna, jon)
		w.work()
		is(t, "who is worked on gets both", w.box.count("anna@pelda.example"), 2)
		is(t, "who is not goes to the later one", w.box.count("yoni@pelda.example"), 1)
		w.stands(row, jon, "done through")

		plan.Steps = []sequence.Step{w.mail("1"), ask(sequence.Question{Asks: sequence.Clicked, Of: "1"}, ""), w.mail("2")}
		strict := w.started("Szigorú", plan)
		_, err = w.n.Sequences.SetGap(w.vera, 0)
		w.ok(err)
		w.enter(strict, anna)
		w.work()
		w.stands(strict, anna, "left condition")
		for _, q := range []sequence.Question{{Asks: sequence.Opened}, {Asks: sequence.Answered}, {Asks: sequence.Scored, Number: 50}, {Asks: sequence.AtStage, Of: "Ajánlat"}, {Asks: sequence.Quit}} {
			one := w.started(string(q.Asks), sequence.Plan{Steps: []sequence.Step{ask(q, "")}})
			w.enter(one, anna)
			w.work()
			w.stands(one, anna, "left condition")
		}
	})
}

func TestTwoSequencesKeepTheirDistance(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		anna := w.lead("Kovács Anna", "anna@pelda.example")
		_, err := w.n.Sequences.SetGap(w.vera, 48)
		w.ok(err)
		one := w.started("Első", sequence.Plan{Steps: []sequence.Step{w.mail("1"), w.mail("2")}})
		two := w.started("Második", sequence.Plan{Steps: []sequence.Step{w.mail("1")}})
		w.enter(one, anna)
		w.enter(two, anna)
		w.work()
		is(t, "two of one, none of the other", w.box.count("anna@pelda.example"), 2)
		r := w.stands(two, anna, "active gap")
		is(t, "because of", r.BecauseOf, "Első")
		is(t, "until", r.WaitUntil, w.Clock.Now().Add(48*time.Hour))
		w.later(49 * time.Hour)
		is(t, "mails", w.box.count("anna@pelda.example"), 3)
		w.stands(two, anna, "done through")
	})
}

func TestLaps(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		anna := w.lead("Kovács Anna", "anna@pelda.example")
		row := w.started("Körök", sequence.Plan{Steps: []sequence.Step{w.mail("1")}, End: sequence.End{Do: sequence.Again, Days: 30, Laps: 2}})
		w.enter(row, anna)
		w.work()
		w.later(31 * day)
		r := w.stands(row, anna, "active answer")
		is(t, "lap", r.Lap, 2)
		is(t, "mails", w.box.count("anna@pelda.example"), 2)
		w.later(31 * day)
		w.stands(row, anna, "done no_response")
		is(t, "mails", w.box.count("anna@pelda.example"), 2)
	})
}

func TestWhoComesIn(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		old := w.lead("Régi Réka", "reka@pelda.example")
		stranger := w.stranger("Idegen Iván", "ivan@pelda.example")
		w.Clock.Advance(time.Minute)
		g, err := w.n.Segments.Save(w.vera, segment.Draft{Name: "Rékák", Condition: `party.email contains "reka"`})
		w.ok(err)
		row := w.started("Fogadás", sequence.Plan{Steps: []sequence.Step{w.mail("1")}, Entry: sequence.Entry{Segment: g.ID, Capture: true, LeadSource: "web"}})
		is(t, "without consent", w.enter(row, stranger), sequence.Entered{NoConsent: 1})
		w.work()
		is(t, "by the segment", w.reader(row, old).Source, sequence.BySegment)

		w.Clock.Advance(time.Hour)
		fresh := w.stranger("Új Ursula", "ursula@pelda.example")
		w.events()
		w.work()
		is(t, "before the consent", w.box.count("ursula@pelda.example"), 0)
		w.subscribe(fresh.PartyID)
		w.events()
		w.work()
		is(t, "after it", w.box.count("ursula@pelda.example"), 1)
		is(t, "by the lead", w.reader(row, fresh).Source, sequence.ByCapture)
		w.subscribe(stranger.PartyID)
		w.events()
		w.later(time.Hour)
		is(t, "whose lead came before the start", w.box.count("ivan@pelda.example"), 0)
		is(t, "nobody comes in twice", w.box.count("reka@pelda.example"), 1)
	})
}

func TestVersions(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		anna, bela := w.lead("Kovács Anna", "anna@pelda.example"), w.lead("Nagy Béla", "bela@pelda.example")
		first := sequence.Plan{Steps: []sequence.Step{w.mail("1"), wait("2", 1, sequence.Days, ""), w.mail("3"), w.mail("4")}}
		row := w.started("Változatok", first)
		w.enter(row, anna)
		w.work()
		row = w.restarted(row, sequence.Plan{Steps: []sequence.Step{w.mail("1")}}, sequence.Finish)
		w.enter(row, bela)
		w.later(2 * day)
		is(t, "who began on the first", w.box.count("anna@pelda.example"), 3)
		is(t, "who began on the second", w.box.count("bela@pelda.example"), 1)

		cili := w.lead("Tóth Cili", "cili@pelda.example")
		row = w.restarted(row, first, sequence.Finish)
		w.enter(row, cili)
		w.work()
		row = w.restarted(row, sequence.Plan{Steps: []sequence.Step{w.mail("4"), w.mail("1"), w.mail("9")}}, sequence.MoveOn)
		is(t, "her version", w.reader(row, cili).Number, 4)
		is(t, "her step", w.reader(row, cili).Step, "4")
		w.later(2 * day)
		is(t, "the first letter comes once", w.box.count("cili@pelda.example"), 3)
	})
}

func TestByHand(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		q := w.n.Sequences
		anna := w.lead("Kovács Anna", "anna@pelda.example")
		row := w.started("Kézzel", sequence.Plan{Steps: []sequence.Step{w.mail("1"), wait("2", 10, sequence.Days, ""), w.mail("3"), wait("4", 10, sequence.Days, ""), w.mail("5")}})
		w.enter(row, anna)
		w.work()
		_, err := q.Rest(w.vera, row.ID, anna.PartyID)
		w.ok(err)
		w.later(11 * day)
		is(t, "mails while he rests", w.box.count("anna@pelda.example"), 1)
		_, err = q.Rest(w.vera, row.ID, anna.PartyID)
		wantCode(t, err, fault.Invalid)
		_, err = q.GoOn(w.vera, row.ID, anna.PartyID)
		w.ok(err)
		w.work()
		is(t, "mails when he goes on", w.box.count("anna@pelda.example"), 2)
		_, err = q.Skip(w.vera, row.ID, anna.PartyID)
		w.ok(err)
		_, err = q.Pause(w.vera, row.ID)
		w.ok(err)
		w.work()
		is(t, "mails while the sequence is paused", w.box.count("anna@pelda.example"), 2)
		_, err = q.Skip(w.vera, row.ID, anna.PartyID) // the mail that is due
		w.ok(err)
		_, err = q.Resume(w.vera, row.ID)
		w.ok(err)
		w.work()
		w.stands(row, anna, "done through")
		is(t, "mails", w.box.count("anna@pelda.example"), 2)

		w.enter(row, anna)
		w.work()
		r, err := q.Remove(w.vera, row.ID, anna.PartyID)
		w.ok(err)
		is(t, "removed", r.Reason, sequence.ByPerson)
		w.enter(row, anna)
		_, err = q.Archive(w.vera, row.ID)
		w.ok(err)
		w.stands(row, anna, "left archived")
		_, err = q.Enter(w.vera, row.ID, nil)
		wantCode(t, err, fault.Invalid)
		reader := env.As("nezo", actor.Rights{sequence.Read}, actor.All)
		_, err = q.Archive(reader, row.ID)
		wantCode(t, err, fault.Forbidden)
		_, err = q.Work(w.vera)
		wantCode(t, err, fault.Forbidden)
	})
}

func TestPlansAreChecked(t *testing.T) {
	env := testutil.SQLite(t)
	w := newWorld(t, env)
	for _, c := range []struct {
		name string
		plan sequence.Plan
		want string
	}{
		{"a key twice", sequence.Plan{Steps: []sequence.Step{w.mail("1"), w.mail("1")}}, "steps[1].key"},
		{"no kind", sequence.Plan{Steps: []sequence.Step{{Key: "1"}}}, "steps[0].kind"},
		{"a time that is none", sequence.Plan{Steps: []sequence.Step{wait("1", 1, sequence.Days, "25:00")}}, "steps[0].wait.at"},
		{"a jump back", sequence.Plan{Steps: []sequence.Step{w.mail("1"), {Key: "2", Kind: sequence.Condition, If: sequence.Question{Asks: sequence.Answered}, Else: "1"}}}, "steps[1].else"},
		{"a task without words", sequence.Plan{Steps: []sequence.Step{{Key: "1", Kind: sequence.Task}}}, "steps[0].subject"},
		{"laps without days", sequence.Plan{End: sequence.End{Do: sequence.Again, Laps: 3}}, "end.days"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := w.n.Sequences.Create(w.vera, sequence.Drafting{Name: "x", Topic: w.topic.ID, Plan: c.plan})
			is(t, "faults", paths(err), c.want)
		})
	}
	_, err := w.n.Sequences.Create(w.vera, sequence.Drafting{Plan: sequence.Plan{}})
	is(t, "faults of an empty one", paths(err), "name topic")
	row, err := w.n.Sequences.Create(w.vera, sequence.Drafting{Name: "x", Topic: w.topic.ID, Plan: sequence.Plan{
		Steps: []sequence.Step{{Key: "1", Kind: sequence.Mail}, {Key: "2", Kind: sequence.Condition, If: sequence.Question{Asks: sequence.ByRule, Of: "party.nothing > 3"}}},
		Exit:  sequence.Exit{Goal: "1 +"},
	}})
	w.ok(err)
	_, err = w.n.Sequences.Start(w.vera, row.ID, row.Version, sequence.Finish)
	for _, want := range []string{"steps[0].letter", "steps[1].if.of", "exit.goal"} {
		if !strings.Contains(paths(err), want) {
			t.Errorf("starting names %q, not %s", paths(err), want)
		}
	}
}

func TestWordsAreThereInAllLanguages(t *testing.T) {
	if missing := sequence.Texts.Missing(); len(missing) > 0 {
		t.Errorf("missing: %v", missing)
	}
	for _, l := range locale.Languages {
		for _, r := range sequence.Reasons {
			if text := r.In(l); text == "" || strings.Contains(text, ".") {
				t.Errorf("%s says %q of %s", l, text, r)
			}
		}
	}
	p := sequence.Plan{Steps: []sequence.Step{{Key: "7", Kind: sequence.Mail}}}
	if got := p.Asked(sequence.Question{Asks: sequence.Clicked, Of: "7"}, locale.English); got != "clicked in the letter (step 1)" {
		t.Errorf("asked %q", got)
	}
	if got := (sequence.Pause{Count: 3, Unit: sequence.WorkingDays, At: "09:30"}).In(locale.Hungarian); got != "3 munkanap, majd 09:30" {
		t.Errorf("a wait of %q", got)
	}
}
