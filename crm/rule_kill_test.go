package crm_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/crmplus/crmplus/adapters/sqlite"
	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/clock"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/leadrule"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/workflow"
	"github.com/crmplus/crmplus/reports/schedule"
	"github.com/crmplus/crmplus/testutil"
	"github.com/crmplus/crmplus/testutil/erp"
)

// childRules is by how much the clock of a child process is ahead that does the background's work: rules, clocks, reminders,
// reports.
const childRules = "CRMPLUS_CHILD_RULES"

// workRules does what is due until nothing is.
func workRules(file, company, ahead string) error {
	by, err := time.ParseDuration(ahead)
	if err != nil {
		return err
	}
	db, err := sqlite.Open(file)
	if err != nil {
		return err
	}
	db = db.WithClock(func() time.Time { return time.Now().UTC().Add(by) })
	w := &world{db: db, company: company, file: file, books: erp.New(db.SQL(), string(db.Dialect())).WithClock(db.Now)}
	if err := w.assemble(); err != nil {
		return err
	}
	fmt.Println("ready")
	for idle := 0; idle < 3; {
		n, err := w.module.RunOnce(context.Background())
		if err != nil {
			return err
		}
		if idle++; n > 0 {
			idle = 0
		}
	}
	return nil
}

// TestKillAmidRulesRemindersAndReports kills real processes with SIGKILL while they carry out rules, let clocks tell the
// owner and the manager, ring reminders and send word of reports; in the end two processes share what is left. Each lead has
// the rule's task once, each clock told its owner once and the manager once, each reminder rang once and each report was
// mailed once; none is lost. CRMPLUS_SOAK=1 kills 100 times among more leads.
func TestKillAmidRulesRemindersAndReports(t *testing.T) {
	kills, leads := 6, 30
	switch {
	case os.Getenv("CRMPLUS_SOAK") != "":
		kills, leads = 100, 600
	case testing.Short():
		kills, leads = 3, 12
	}
	env := testutil.SQLite(t)
	past := time.Now().UTC().AddDate(0, 0, -21)
	env.DB = env.DB.WithClock(func() time.Time { past = past.Add(time.Millisecond); return past })
	w := newWorld(t, env)
	prepareRules(t, w, leads)
	for range kills {
		cmd, out, err := startWith(w, childRules+"=0s")
		if err == nil {
			_, err = out.ReadString('\n')
		}
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(rand.N(400 * time.Millisecond)) // the moment of the kill is the point of the test
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
	// What a killed process had claimed is another's once its lease has run out.
	both := make(chan error, 2)
	for range 2 {
		cmd, _, err := startWith(w, childRules+"=1h")
		if err != nil {
			t.Fatal(err)
		}
		go func(cmd *exec.Cmd) { both <- cmd.Wait() }(cmd)
	}
	if err := errors.Join(<-both, <-both); err != nil {
		t.Fatal(err)
	}
	const reports = 3
	for _, one := range []struct {
		what, table, where string
		args               []any
		each, want         int
	}{
		{"tasks of the rule", "crm_activity", "subject = ?", []any{"A szabály feladata"}, leads, leads},
		{"runs that acted", "crm_workflow_run", "outcome = ?", []any{"acted"}, leads, leads},
		{"owners told", "crm_event", "kind = ?", []any{"clock.reminded"}, leads, leads},
		{"managers told", "crm_event", "kind = ?", []any{"clock.escalated"}, leads, leads},
		{"reminders", "crm_event", "kind = ?", []any{activity.EventReminder}, leads, leads},
		{"mails of reports", "crm_mail", "purpose = ?", []any{schedule.Purpose.Key}, reports, reports},
	} {
		if got := w.count(t, one.table, one.where, one.args...); got != one.want {
			t.Errorf("there are %d %s, want %d", got, one.what, one.want)
		}
	}
}

// prepareRules has so many leads wait for an answer, each with a task whose reminder is due, and with rules and reports.
func prepareRules(t *testing.T, w *world, leads int) {
	t.Helper()
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	boss := w.boss()
	rule, err := w.module.Workflows.Save(boss, workflow.Drafting{Name: "Feladat", Noun: leadrule.Lead, Plan: workflow.Plan{
		Trigger: workflow.Trigger{Kind: workflow.OnEvent, Events: []string{lead.EventCaptured}},
		Actions: []workflow.Action{{Step: activity.StepPlan, Given: map[string]string{"subject": "A szabály feladata", "kind": "task", "to": "owner"}}},
	}})
	ok(err)
	_, err = w.module.Workflows.Publish(boss, rule.ID, rule.Version)
	ok(err)
	_, err = w.module.Clocks.Publish(boss, 0, clock.Default())
	ok(err)
	for i := range 3 { // on days that are neither today nor tomorrow, so that an hour ahead none is due again
		_, err = w.module.Schedules.Add(boss, schedule.Draft{Report: schedule.KPIs, Name: fmt.Sprint("Heti ", i), Rhythm: schedule.Weekly, Weekday: (int(time.Now().Weekday()) + 2 + i) % 7, Minute: 480, Recipient: "boss@example.com", Language: locale.Hungarian})
		ok(err)
	}
	for i := range leads {
		got, err := w.module.Leads.Capture(boss, lead.Draft{Name: fmt.Sprint("Érdeklődő ", i), Emails: []string{fmt.Sprintf("rule%d@example.com", i)}, Owner: party.Owner{User: "kovacs", Team: "budapest"}})
		ok(err)
		due := w.db.Now().Add(2 * time.Hour)
		_, err = w.module.Activities.Plan(boss, activity.Plan{Party: got.Party, Kind: activity.Task, Subject: "Emlékeztető", Due: due, Remind: due.Add(-time.Hour)})
		ok(err)
	}
}
