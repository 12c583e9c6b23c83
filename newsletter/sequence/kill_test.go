package sequence_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/crmplus/crmplus/adapters/sqlite"
	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter"
	"github.com/crmplus/crmplus/newsletter/sequence"
	"github.com/crmplus/crmplus/newsletter/subscription"
	"github.com/crmplus/crmplus/testutil"
)

// childVariable makes a process a worker: the database file and the company.
const childVariable = "CRMPLUS_SEQUENCE_CHILD"

func TestMain(m *testing.M) {
	if what := os.Getenv(childVariable); what != "" {
		file, company, _ := strings.Cut(what, "|")
		if err := child(file, company); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// hasty are sequences that take a process for dead after a moment.
func hasty(db *store.DB, n *newsletter.Newsletters) (*sequence.Sequences, error) {
	parties := party.New(db, hungarian)
	return sequence.New(db, sequence.Config{
		Campaigns: n.Campaigns, Segments: n.Segments, Activities: activity.New(db, parties), Leads: lead.New(db, lead.Config{Parties: parties}), Locales: hungarian, Log: quiet,
		Audience: func(t subscription.TopicID) string {
			return newsletter.Choice{Topics: []subscription.TopicID{t}}.String()
		},
		Claim: 7, Lease: 200 * time.Millisecond,
	})
}

// child works until it is killed.
func child(file, company string) error {
	db, err := sqlite.Open(file)
	if err != nil {
		return err
	}
	n, err := letters(db, nil)
	if err != nil {
		return err
	}
	q, err := hasty(db, n)
	if err != nil {
		return err
	}
	ctx := actor.With(context.Background(), actor.System(company, "worker"))
	fmt.Println("ready")
	for {
		worked, err := q.Work(ctx)
		if err != nil {
			return err
		}
		if worked == 0 {
			time.Sleep(5 * time.Millisecond)
		}
	}
}

// worker starts a process that works.
func worker(t *testing.T, env *testutil.Env) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run", "^$")
	cmd.Env = append(os.Environ(), childVariable+"="+env.File+"|"+env.Company)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err == nil {
		_, err = bufio.NewReader(out).ReadString('\n')
	}
	if err != nil {
		t.Fatal(err)
	}
	return cmd
}

// steps are what each reader of the tests below goes through without a pause.
func (w *world) steps() []sequence.Step {
	return []sequence.Step{w.mail("1"), {Key: "2", Kind: sequence.Task, Subject: "Felhívni"}, w.mail("3"), {Key: "4", Kind: sequence.Condition, If: sequence.Question{Asks: sequence.Answered}, Else: "5"}, w.mail("5")}
}

// crowd are n readers in a sequence.
func (w *world) crowd(row sequence.Sequence, n int) {
	w.t.Helper()
	list := make([]sequence.Who, n)
	for i := range list {
		subs, err := w.n.Subscriptions.Enter(w.system, subscription.Entry{Address: fmt.Sprintf("olvaso%d@pelda.example", i), Person: subscription.Person{Name: "Olvasó Éva"}, Topics: []subscription.TopicID{w.topic.ID},
			Ground: subscription.Ground{Basis: subscription.Consent, Source: "BNV", Statement: "Kérem."}})
		w.ok(err)
		list[i].Party = subs[0].PartyID
	}
	out, err := w.n.Sequences.Enter(w.vera, row.ID, list)
	w.ok(err)
	is(w.t, "entered", out.In, n)
}

func (w *world) number(query string) int {
	w.t.Helper()
	n := 0
	w.ok(w.DB.SQL().QueryRow(strings.ReplaceAll(query, "COMPANY", w.Company)).Scan(&n))
	return n
}

// whole holds what is in the database against each of n readers having been through all steps once.
func (w *world) whole(row sequence.Sequence, n int) {
	w.t.Helper()
	f, err := w.n.Sequences.Figures(w.vera, row.ID)
	w.ok(err)
	is(w.t, "readers who are through", f.States[sequence.Done], n)
	is(w.t, "deeds", w.number("SELECT COUNT(*) FROM crm_sequence_deed WHERE company = 'COMPANY'"), 5*n)
	is(w.t, "rows of ledgers", w.number("SELECT COUNT(*) FROM crm_campaign_recipient WHERE company = 'COMPANY'"), 3*n)
	is(w.t, "what the ledgers count", w.number("SELECT SUM(pending) FROM crm_campaign_count WHERE company = 'COMPANY'"), 3*n)
	is(w.t, "tasks", w.number("SELECT COUNT(*) FROM crm_activity WHERE kind = 'task' AND company = 'COMPANY'"), n)
}

// TestManyWorkers has several workers take the steps of the same readers.
func TestManyWorkers(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		const readers = 24
		w := newWorld(t, env)
		row := w.started("Sokan", sequence.Plan{Steps: w.steps()})
		w.crowd(row, readers)
		var all sync.WaitGroup
		for range 4 {
			q, err := hasty(env.DB, w.n)
			w.ok(err)
			all.Go(func() {
				for {
					n, err := q.Work(w.system)
					if err != nil {
						t.Error(err)
					}
					if err != nil || n == 0 {
						return
					}
				}
			})
		}
		all.Wait()
		w.whole(row, readers)
	})
}

// TestKillWhileWorking kills worker processes, two of which work at a time, at any moment.
func TestKillWhileWorking(t *testing.T) {
	const readers, kills = 60, 3
	env := testutil.SQLite(t)
	env.DB = env.DB.WithClock(time.Now) // leases run in the children's time
	w := newWorld(t, env)
	row := w.started("Halál", sequence.Plan{Steps: w.steps()})
	w.crowd(row, readers)
	workers := []*exec.Cmd{worker(t, env), worker(t, env)}
	through := func() int {
		return w.number("SELECT COUNT(*) FROM crm_sequence_reader WHERE state = 'done' AND company = 'COMPANY'")
	}
	reach := func(n int) {
		for range 60_000 {
			if through() >= n {
				return
			}
			time.Sleep(time.Millisecond)
		}
		t.Fatalf("%d of %d readers came through", through(), n)
	}
	for i := range kills {
		reach(min(readers, i*readers/kills+rand.IntN(readers/kills)))
		_ = workers[0].Process.Kill()
		_ = workers[0].Wait() // it was killed
		workers = append(workers[1:], worker(t, env))
	}
	reach(readers)
	for _, cmd := range workers {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
	w.whole(row, readers)
}
