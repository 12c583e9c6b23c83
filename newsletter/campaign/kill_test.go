package campaign_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/crmplus/crmplus/adapters/sqlite"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/newsletter/campaign"
	"github.com/crmplus/crmplus/testutil"
)

// childVariable makes a process a worker: the database file, the company and the address of the server.
const childVariable = "CRMPLUS_CAMPAIGN_CHILD"

func TestMain(m *testing.M) {
	if what := os.Getenv(childVariable); what != "" {
		if err := child(strings.Split(what, "|")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// killWindow is how many messages are under way at most in a process that is killed.
const killWindow = 20

// hasty are campaigns that take a process for dead after a moment.
func hasty(c *campaign.Config, address string) {
	c.Transports = map[string]campaign.Transport{"": {Transport: wire{address}, Connections: 3}}
	c.Chunk, c.Window, c.Lease, c.Pause, c.Rest = 100, killWindow, 400*time.Millisecond, 20*time.Millisecond, 20*time.Millisecond
}

// child works until it is killed, or told to stop.
func child(what []string) error {
	db, err := sqlite.OpenWith(what[0], sqlite.Options{Cache: 8_000_000})
	if err != nil {
		return err
	}
	config := campaign.Config{Audience: listed, Left: stopped, Composer: composer{}, Log: quietLog}
	hasty(&config, what[2])
	switch {
	case len(what) > 3 && what[3] == "sms":
		byText(&config, what[2])
	case len(what) > 3: // as usual
		config = campaign.Config{Audience: listed, Left: stopped, Composer: composer{}, Log: quietLog, Transports: config.Transports}
	}
	campaigns := campaign.New(db, config)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	ctx = actor.With(ctx, actor.System(what[1], "worker"))
	fmt.Println("ready")
	for ctx.Err() == nil {
		n, err := campaigns.Work(ctx)
		if err != nil && ctx.Err() == nil {
			return err
		}
		if n == 0 {
			time.Sleep(5 * time.Millisecond)
		}
	}
	return db.SQL().Close()
}

// crew are the worker processes of a run.
type crew struct {
	t       testing.TB
	what    string
	mu      sync.Mutex
	workers []*exec.Cmd
	// gone have been sent a signal.
	gone []*exec.Cmd
}

func (c *crew) start() {
	cmd := exec.Command(os.Args[0], "-test.run", "^$")
	cmd.Env = append(os.Environ(), childVariable+"="+c.what)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err == nil {
		_, err = bufio.NewReader(out).ReadString('\n')
	}
	if err != nil {
		c.t.Fatal(err)
	}
	c.mu.Lock()
	c.workers = append(c.workers, cmd)
	c.mu.Unlock()
}

// hit sends a signal to the oldest worker.
func (c *crew) hit(s os.Signal) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.workers) == 0 {
		return
	}
	_ = c.workers[0].Process.Signal(s)
	c.gone, c.workers = append(c.gone, c.workers[0]), c.workers[1:]
}

// dismiss tells all that still work to stop, and waits for everybody. Whoever was told so ends well.
func (c *crew) dismiss(killed bool) {
	c.t.Helper()
	for _, cmd := range c.workers {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil {
			c.t.Errorf("a worker that was told to stop: %v", err)
		}
	}
	for _, cmd := range c.gone {
		if err := cmd.Wait(); err != nil && !killed {
			c.t.Errorf("a worker that was told to stop: %v", err)
		}
	}
}

// TestKillWhileSending sends campaigns by two worker processes at a time and ends them while they work: by
// kill -9, from the server, in the moment in which it has taken a message and has not said so, and at other
// moments, or by SIGTERM. Nobody is lost and nobody gets two; who is unknown is listed, and they are at most
// what was under way in the processes that were killed. CRMPLUS_SOAK=1 does it 100 times with 20,000.
func TestKillWhileSending(t *testing.T) {
	runs, count, hits := 5, 2000, 3
	switch {
	case os.Getenv("CRMPLUS_SOAK") != "":
		runs, count, hits = 100, 20_000, 8
	case testing.Short():
		runs, count, hits = 1, 300, 2
	}
	unknown := 0
	for i := range runs {
		signal := os.Kill
		if i%3 == 2 {
			signal = syscall.SIGTERM
		}
		t.Run(fmt.Sprintf("%d by %s", i, signal), func(t *testing.T) {
			unknown += endWhileSending(t, count, hits, signal)
		})
	}
	t.Logf("%d recipients unknown in %d runs of %d", unknown, runs, count)
}

func endWhileSending(t *testing.T, count, hits int, s os.Signal) (unknown int) {
	env := testutil.SQLite(t)
	env.DB = env.DB.WithClock(time.Now) // leases run in the children's time
	office := openOffice(t, func(to string, try int) byte {
		switch {
		case strings.Contains(to, "31@"):
			return '5'
		case strings.Contains(to, "7@") && try == 1:
			return '4'
		}
		return '2'
	})
	w := newWorld(t, env, func(c *campaign.Config) { hasty(c, office.listener.Addr().String()) })
	w.readers(count)
	row := w.scheduled(plan(), oneContent)

	workers := &crew{t: t, what: env.File + "|" + env.Company + "|" + office.listener.Addr().String()}
	reached := make(chan bool, hits)
	arrived := endings(count, hits, func() { // before the sender hears that the server took the message
		workers.hit(s)
		reached <- true
	}, func() { reached <- false })
	office.mu.Lock()
	office.arrived = arrived
	office.mu.Unlock()
	workers.start()
	workers.start()
	for range hits {
		if !<-reached { // while the ledger is written, or whatever it is at
			workers.hit(s)
		}
		workers.start()
	}
	for range 60_000 {
		if w.get(row.ID).State == campaign.Done {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	workers.dismiss(s == os.Kill)
	for range 60_000 { // a worker that was taken for dead may have given back what it had not sent
		if w.get(row.ID).State == campaign.Done {
			break
		}
		_, err := w.campaigns.Work(w.system)
		w.ok(err)
	}
	is(t, "state", w.get(row.ID).State, campaign.Done)
	return checkEnds(w, row.ID, office, count, hits, s)
}

// endings calls one of two functions each time the count of messages that arrived passes a random mark.
func endings(count, hits int, inside, beside func()) func(total int) {
	marks := make([]int, hits)
	for i := range marks {
		marks[i] = 1 + rand.IntN(count*8/10)
	}
	slices.Sort(marks)
	var mu sync.Mutex
	return func(total int) {
		mu.Lock()
		hit := len(marks) > 0 && total >= marks[0]
		if hit {
			marks = marks[1:]
		}
		mu.Unlock()
		switch {
		case !hit:
		case rand.IntN(2) == 0:
			inside()
		default:
			beside()
		}
	}
}

// checkEnds holds the ledger against what has arrived.
func checkEnds(w *world, id campaign.ID, office *office, count, hits int, s os.Signal) int {
	w.t.Helper()
	f := w.consistent(id)
	arrived := 0
	office.mu.Lock()
	defer office.mu.Unlock()
	for _, r := range w.rows(id, "") {
		n := office.got[r.Address]
		switch {
		case n > 1:
			w.t.Errorf("%s got %d messages (%s)", r.Address, n, r.State)
		case r.State == campaign.Sent && n == 0:
			w.t.Errorf("%s is said to have got his and did not", r.Address)
		case r.State == campaign.Bounced && n > 0:
			w.t.Errorf("%s is said to have refused it and took it", r.Address)
		case r.State == campaign.Unknown:
			arrived += n
		case r.State != campaign.Sent && r.State != campaign.Bounced:
			w.t.Errorf("%s is lost: %s", r.Address, r.State)
		}
	}
	most := int64(hits * killWindow)
	if s != os.Kill {
		most = 0
	}
	if f.Unknown > most {
		w.t.Errorf("%d are unknown, at most %d were under way", f.Unknown, most)
	}
	if f.Bounced == 0 || int(f.Sent+f.Bounced+f.Unknown) != count {
		w.t.Errorf("of %d: %+v", count, f)
	}
	w.t.Logf("%d: %d sent, %d bounced, %d unknown, of whom %d had got theirs", count, f.Sent, f.Bounced, f.Unknown, arrived)
	return int(f.Unknown)
}
