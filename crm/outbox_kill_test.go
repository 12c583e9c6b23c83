package crm_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/crmplus/crmplus/adapters/sqlite"
	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/erpbridge/convert"
	"github.com/crmplus/crmplus/testutil"
)

// hasty is an outbox for an ERP that never thinks longer than 20 ms.
var hasty = convert.Outbox{Settle: 150 * time.Millisecond, Patience: 500 * time.Millisecond, Pause: 20 * time.Millisecond, Attempts: 200}

// workElsewhere is a child process: it sends what is in the outbox until it is killed.
func workElsewhere(file, address string) error {
	db, err := sqlite.Open(file)
	if err != nil {
		return err
	}
	module, err := crm.New(db, crm.Config{Host: newPort(address).host(), Outbox: hasty, Log: quiet, Poll: 20 * time.Millisecond})
	if err != nil {
		return err
	}
	fmt.Println("ready")
	return module.Run(context.Background())
}

// TestKillElsewhere kills real processes with SIGKILL while they send conversions by HTTP to an ERP in
// another process, which breaks connections besides. The next process finds out what became of each
// call: every customer, contact and order is there once, on both sides. CRMPLUS_SOAK=1 sends 10,000.
func TestKillElsewhere(t *testing.T) {
	conversions := 500
	if os.Getenv("CRMPLUS_SOAK") != "" {
		conversions = 10_000
	} else if testing.Short() {
		conversions = 30
	}
	leads := conversions / 2
	env := testutil.SQLite(t)
	env.DB = env.DB.WithClock(time.Now) // leases run in the children's time
	f := &far{world: &world{db: env.DB, company: env.Company, file: env.File}}
	f.erp = &remote{
		rates: rates{Before: 3, After: 4, Busy: 2, Broken: 3, Refuse: 1, Blind: 3}, random: rand.New(rand.NewPCG(3, 4)), now: time.Now,
		refused: map[string]string{}, kinds: map[string]int{}, slow: 10 * time.Millisecond,
	}
	server := httptest.NewServer(f.erp)
	defer server.Close()
	f.port = newPort(server.URL)
	f.module = f.process(t, hasty)

	var asked []convert.Result
	for i := range leads {
		r, err := f.module.Convert.Lead(f.boss(), f.lead(t, fmt.Sprintf("K%d", i)), f.choice(sold("asztal")))
		if err != nil {
			t.Fatal(err)
		}
		asked = append(asked, r)
	}
	kills := f.untilDone(t, server.URL)
	asked = f.done(t, asked)
	for i, r := range asked {
		ordered, err := f.module.Convert.Order(f.boss(), fromDeal(opportunity.ID(r.Opportunity)))
		if err != nil {
			t.Fatal(err)
		}
		asked[i] = ordered
	}
	kills += f.untilDone(t, server.URL)
	f.done(t, asked)
	f.check(t, leads, leads)
	t.Logf("%d conversions, %d processes killed; the ERP was asked %d times and searched %d times for %d records",
		conversions, kills, f.erp.asked, f.erp.looked, len(f.erp.entries))
	if kills == 0 {
		t.Error("no process was killed at work")
	}
}

// untilDone starts two processes again and again, and kills them, until nothing is left to send.
func (f *far) untilDone(t *testing.T, address string) (kills int) {
	t.Helper()
	start := func() *exec.Cmd {
		cmd := exec.Command(os.Args[0], "-test.run", "^$")
		cmd.Env = append(os.Environ(), childFile+"="+f.file, childRemote+"="+address)
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
	open := f.count(t, "crm_host_call", "state <> 'done'")
	window := 400 * time.Millisecond
	for deadline := time.Now().Add(time.Hour); time.Now().Before(deadline); {
		children := []*exec.Cmd{start(), start()}
		for _, c := range children {
			time.Sleep(rand.N(window)) // the moment of the kill is the point of the test
			_ = c.Process.Kill()
			_ = c.Wait()
			kills++
		}
		for _, c := range f.calls(t, convert.CallFilter{Waiting: convert.WaitingForPerson}) {
			if _, err := f.module.Convert.Retry(f.boss(), c.ID); err != nil {
				t.Fatal(err)
			}
		}
		left := f.count(t, "crm_host_call", "state <> 'done'")
		if left == 0 {
			return kills
		}
		if open-left < 4 { // a busy machine
			window = min(2*window, 5*time.Second)
		}
		open = left
	}
	t.Fatal("the outbox was not emptied within an hour")
	return kills
}

// done expects every conversion to be done, and nothing wrong with the file.
func (f *far) done(t *testing.T, asked []convert.Result) []convert.Result {
	t.Helper()
	f.checkFile(t)
	out := make([]convert.Result, len(asked))
	for i, a := range asked {
		r, err := f.module.Convert.Get(f.boss(), a.ID)
		if err != nil || r.State != convert.Done {
			t.Fatalf("conversion %d: %+v, %v", i, r, err)
		}
		out[i] = r
	}
	return out
}

// BenchmarkElsewhere asks for conversions of leads and sends them: a customer and a contact each, by
// HTTP to an ERP on this machine. The bare limit beside it is the two requests alone.
func BenchmarkElsewhere(b *testing.B) {
	env := testutil.SQLite(b)
	env.DB = env.DB.WithClock(time.Now)
	f := &far{world: &world{db: env.DB, company: env.Company, file: env.File}}
	f.erp = &remote{random: rand.New(rand.NewPCG(5, 6)), now: time.Now, refused: map[string]string{}, kinds: map[string]int{}}
	server := httptest.NewServer(f.erp)
	defer server.Close()
	f.port = newPort(server.URL)
	module, err := crm.New(f.db, crm.Config{Host: f.port.host(), Log: quiet})
	if err != nil {
		b.Fatal(err)
	}
	f.module = module
	system := actor.With(context.Background(), actor.System(f.company, "background"))
	b.Run("ours", func(b *testing.B) {
		ids := make([]lead.ID, b.N)
		for i := range ids {
			if ids[i], err = f.completeLead(f.boss(), fmt.Sprint("B", addresses.Load())); err != nil {
				b.Fatal(err)
			}
		}
		b.ResetTimer()
		for _, id := range ids {
			if _, err := f.module.Convert.Lead(f.boss(), id, f.choice(nil)); err != nil {
				b.Fatal(err)
			}
		}
		if n, err := f.module.Convert.Send(system, 0); err != nil || n != b.N {
			b.Fatal(n, err)
		}
	})
	b.Run("bare", func(b *testing.B) {
		for b.Loop() {
			for _, kind := range []string{"customer", "contact"} {
				if _, err := f.port.write(b.Context(), erpbridge.Session{}, "/make", remoteRequest{Kind: kind}); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
}
