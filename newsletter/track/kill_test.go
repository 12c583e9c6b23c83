package track_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/crmplus/crmplus/adapters/sqlite"
	"github.com/crmplus/crmplus/newsletter/track"
	"github.com/crmplus/crmplus/testutil"
)

// The worker of the test below finds its database file, company and campaign here.
const (
	killFile    = "CRMPLUS_TRACK_FILE"
	killCompany = "CRMPLUS_TRACK_COMPANY"
	killNumber  = "CRMPLUS_TRACK_NUMBER"
)

// killTime is what the worker's clock shows, as that of the test does.
var killTime = time.Date(2026, 7, 13, 8, 30, 0, 0, time.UTC)

// TestKilled kills a process that records: what it said was written is there, and the running counts are those
// of the events.
func TestKilled(t *testing.T) {
	if os.Getenv(killFile) != "" {
		recordForEver(t)
		return
	}
	if testing.Short() {
		t.Skip("kills processes")
	}
	rounds := 2
	if os.Getenv("CRMPLUS_SOAK") != "" {
		rounds = 50
	}
	w := newWorld(t, testutil.SQLite(t), track.Rules{})
	var written int64
	for round := range rounds {
		worker := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKilled$")
		worker.Env = append(os.Environ(), killFile+"="+w.File, killCompany+"="+w.Company, killNumber+"="+strconv.FormatInt(w.number(), 10))
		out, err := worker.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := worker.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for range 5 + round { // it is killed while it writes the next batch
			if !lines.Scan() {
				t.Fatal("the worker ended by itself")
			}
			n, err := strconv.ParseInt(strings.TrimPrefix(lines.Text(), "written "), 10, 64)
			if err != nil {
				t.Fatalf("the worker said %q", lines.Text())
			}
			written += n
		}
		_ = worker.Process.Kill()
		_ = worker.Wait()
		if events, _ := w.count(track.Click, track.AllLinks, track.Any); events < written {
			t.Errorf("%d clicks are there of %d that were written", events, written)
		} else {
			written = events
		}
		w.agrees()
	}
}

func recordForEver(t *testing.T) {
	db, err := sqlite.Open(os.Getenv(killFile))
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, &testutil.Env{DB: db.WithClock(testutil.NewClock(killTime).Now), Company: os.Getenv(killCompany)}, track.Rules{})
	if w.ledger.campaign.Number, err = strconv.ParseInt(os.Getenv(killNumber), 10, 64); err != nil {
		t.Fatal(err)
	}
	for n := 0; ; n++ {
		for k := range 40 {
			w.click(uint32((n*7+k)%500+1), uint16(k%3), from("203.0.113.5", firefox))
		}
		if err := w.recorder.Flush(context.Background()); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(os.Stdout, "written 40")
	}
}
