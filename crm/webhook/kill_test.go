package webhook_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"sync/atomic"
	"testing"
	"time"

	"github.com/crmplus/crmplus/adapters/sqlite"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/webhook"
	"github.com/crmplus/crmplus/testutil"
)

// childFile makes the test binary a process that delivers from a database file until it is killed.
const childFile = "CRMPLUS_WEBHOOK_CHILD"

func TestMain(m *testing.M) {
	if file := os.Getenv(childFile); file != "" {
		if err := child(file); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func child(file string) error {
	db, err := sqlite.Open(file)
	if err != nil {
		return err
	}
	started := time.Now()
	db = db.WithClock(func() time.Time { return epoch.Add(time.Since(started)) })
	_, err = webhook.New(db, local).Send(context.Background())
	return err
}

var epoch = time.Date(2026, 7, 13, 8, 30, 0, 0, time.UTC)

// TestKilledInTheMiddle kills a process with SIGKILL while the receiver holds its answers back. What it had
// taken is sent again by another process with the same ids when the lease is over; nothing is lost.
func TestKilledInTheMiddle(t *testing.T) {
	w, r := newWorld(testutil.SQLite(t), local), newReceiver(t)
	w.create(t, r.URL, "lead.status")
	const records = 30
	for n := range byte(records) {
		w.emit(t, n, 1, "lead.status")
		w.emit(t, n, 2, "lead.status")
	}
	worker := &event.Worker{DB: w.DB, Registry: w.registry, Log: quiet}
	if _, err := worker.RunOnce(context.Background()); err != nil {
		t.Fatal(err)
	}
	var answered atomic.Int64
	enough := make(chan struct{})
	r.says(func(_ message, rw http.ResponseWriter, rq *http.Request) {
		if answered.Add(1) > 20 { // from here on nobody is answered
			if answered.Load() == 22 {
				close(enough)
			}
			<-rq.Context().Done()
			return
		}
		rw.WriteHeader(http.StatusNoContent)
	})
	cmd := exec.Command(os.Args[0], "-test.run", "^$")
	cmd.Env = append(os.Environ(), childFile+"="+w.File)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-enough:
	case <-time.After(time.Minute):
		t.Fatal("the process sends nothing")
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	r.says(nil)
	w.work(t) // what the dead process holds is left alone
	w.Clock.Advance(3 * time.Minute)
	w.work(t)
	ids, last := map[string]int64{}, map[string]int64{}
	for _, m := range r.messages() {
		id := m.header.Get(webhook.HeaderID)
		if v, again := ids[id]; again && v != m.Version {
			t.Errorf("%s came as version %d and %d", id, v, m.Version)
		}
		ids[id] = m.Version
		if m.Version < last[m.Record] {
			t.Errorf("%s: version %d after %d", m.Record, m.Version, last[m.Record])
		}
		last[m.Record] = m.Version
	}
	if len(ids) != 2*records {
		t.Errorf("%d of %d deliveries came", len(ids), 2*records)
	}
	if n := len(r.messages()); n > 2*records+16 {
		t.Errorf("%d messages for %d deliveries", n, 2*records)
	}
}
