package campaign_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter/campaign"
	"github.com/crmplus/crmplus/testutil"
)

// benchRows is how many recipients a benchmark has: 20,000, or as CRMPLUS_BENCH_ROWS says.
func benchRows() int {
	if n, err := strconv.Atoi(os.Getenv("CRMPLUS_BENCH_ROWS")); err == nil && n > 0 {
		return n
	}
	return 20_000
}

// processor is the time that this process has kept processors busy.
func processor() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// resident is the memory of this process in MB, with that of SQLite.
func resident() float64 {
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	var size, pages int
	_, _ = fmt.Sscan(string(b), &size, &pages)
	return float64(pages*os.Getpagesize()) / 1e6
}

func benchWorld(b *testing.B, change func(*campaign.Config)) (*world, campaign.Campaign) {
	w := newWorld(b, testutil.SQLite(b), func(c *campaign.Config) {
		c.Chunk, c.Window, c.Turn = 0, 0, time.Hour
		if change != nil {
			change(c)
		}
	})
	w.readers(benchRows())
	return w, w.scheduled(plan(), oneContent)
}

// clerk writes something small every 20 ms until stop is called, which tells how long he waited at most.
func (w *world) clerk() (stop func() time.Duration) {
	ctx, cancel := context.WithCancel(w.vera)
	longest := make(chan time.Duration)
	go func() {
		var most time.Duration
		for ctx.Err() == nil {
			began := time.Now()
			_, err := w.campaigns.Create(context.WithoutCancel(ctx), plan())
			if err != nil {
				w.t.Error(err)
			}
			most = max(most, time.Since(began))
			select {
			case <-ctx.Done():
			case <-time.After(20 * time.Millisecond):
			}
		}
		longest <- most
	}()
	return func() time.Duration {
		cancel()
		return <-longest
	}
}

// BenchmarkFreeze writes the ledger of an audience while a clerk writes, too, beside a bare INSERT ... SELECT of the same rows.
func BenchmarkFreeze(b *testing.B) {
	b.Run("ours", func(b *testing.B) {
		for range b.N {
			b.StopTimer()
			w, row := benchWorld(b, func(c *campaign.Config) { c.Transports = map[string]campaign.Transport{"elsewhere": c.Transports[""]} })
			longest := w.clerk()
			before := processor()
			b.StartTimer()
			w.work()
			b.StopTimer()
			b.ReportMetric(float64((processor()-before).Microseconds())/float64(benchRows()), "us-cpu/row")
			b.ReportMetric(longest().Seconds()*1000, "ms-clerk-max")
			is(b, "frozen", int(w.progress(row.ID).Total), benchRows())
		}
		b.ReportMetric(float64(benchRows())*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		b.ReportMetric(resident(), "MB")
	})
	b.Run("bare", func(b *testing.B) {
		for range b.N {
			b.StopTimer()
			w, row := benchWorld(b, nil)
			before := processor()
			b.StartTimer()
			w.ok(w.DB.Write(w.system, func(ctx context.Context, s *store.Session) error {
				_, err := s.Exec(ctx, store.From[reader]("t"), "INSERT INTO crm_campaign_recipient (campaign_id, seq, company, party_id, address, name, language, country, variant, state)"+
					" SELECT ?, ROW_NUMBER() OVER (ORDER BY t.party_id), t.company, t.party_id, t.address, t.name, t.language, '', 'A', 'pending' FROM test_reader AS t WHERE {scope}", row.ID)
				return err
			}))
			b.StopTimer()
			b.ReportMetric(float64((processor()-before).Microseconds())/float64(benchRows()), "us-cpu/row")
		}
		b.ReportMetric(float64(benchRows())*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
	})
}

// BenchmarkSend sends a frozen campaign to a server in memory that takes everything at once: what the ledger
// costs, at synchronous=FULL.
func BenchmarkSend(b *testing.B) {
	for range b.N {
		b.StopTimer()
		k := &counting{}
		w, row := benchWorld(b, func(c *campaign.Config) { c.Transports = nil })
		w.config.Transports = map[string]campaign.Transport{"elsewhere": {Transport: k}}
		w.campaigns = campaign.New(w.DB, w.config)
		w.work() // freezes, and waits for its transport
		w.config.Transports = map[string]campaign.Transport{"": {Transport: k}}
		w.campaigns = campaign.New(w.DB, w.config)
		runtime.GC()
		before := processor()
		b.StartTimer()
		w.work()
		b.StopTimer()
		b.ReportMetric(float64((processor()-before).Microseconds())/float64(benchRows()), "us-cpu/msg")
		is(b, "sent", int(w.progress(row.ID).All.Sent), benchRows())
		is(b, "arrived", int(k.n.Load()), benchRows())
	}
	b.ReportMetric(float64(benchRows())*float64(b.N)/b.Elapsed().Seconds(), "msg/s")
	b.ReportMetric(resident(), "MB")
}

// BenchmarkMemory sends from a process of its own, and tells how much memory that needed at most.
func BenchmarkMemory(b *testing.B) {
	for range b.N {
		b.StopTimer()
		office := openOffice(b, nil)
		w, row := benchWorld(b, nil)
		w.DB = w.DB.WithClock(time.Now)
		workers := &crew{t: b, what: w.File + "|" + w.Company + "|" + office.listener.Addr().String() + "|usual"}
		b.StartTimer()
		workers.start()
		for w.get(row.ID).State != campaign.Done {
			time.Sleep(50 * time.Millisecond)
		}
		b.StopTimer()
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", workers.workers[0].Process.Pid))
		w.ok(err)
		_, text, _ = bytes.Cut(text, []byte("VmHWM:"))
		var kilobytes float64
		_, err = fmt.Sscan(string(text), &kilobytes)
		w.ok(err)
		b.ReportMetric(kilobytes/1000, "MB-peak")
		workers.dismiss(true)
		is(b, "sent", int(w.progress(row.ID).All.Sent), benchRows())
	}
}
