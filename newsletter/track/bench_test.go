package track_test

import (
	"context"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter/track"
	"github.com/crmplus/crmplus/testutil"
)

// benchRows is how many readers the benchmark's campaign has: CRMPLUS_BENCH_ROWS, or 20,000.
func benchRows() int {
	if n, err := strconv.Atoi(os.Getenv("CRMPLUS_BENCH_ROWS")); err == nil && n > 0 {
		return n
	}
	return 20000
}

// BenchmarkReportPage reads what the page of a campaign's report shows, beside the bare reading of the same
// rows.
func BenchmarkReportPage(b *testing.B) {
	w := newWorld(b, testutil.SQLite(b), track.Rules{})
	w.ledger.size = uint32(benchRows())
	w.ledger.campaign.Links = []string{"https://a.hu", "https://b.hu", "https://c.hu", "https://d.hu", "https://e.hu"}
	for i := range benchRows() {
		seq := uint32(i + 1)
		if i%(benchRows()/720+1) == 0 { // a month, hour by hour
			w.Clock.Advance(time.Hour)
		}
		by := from("203.0.113.5", firefox)
		w.open(seq, by)
		if i%5 == 0 {
			w.click(seq, uint16(i/5%5), by)
		}
		if i%20000 == 19999 {
			w.flush()
		}
	}
	w.flush()
	now := w.Clock.Now()
	b.Run("page", func(b *testing.B) {
		for b.Loop() {
			if _, err := w.tracking.Figures(w.System(), w.number()); err != nil {
				b.Fatal(err)
			}
			if _, err := w.tracking.Hours(w.System(), w.number(), track.Span{From: now.AddDate(0, 0, -90), Until: now}); err != nil {
				b.Fatal(err)
			}
			if _, err := w.tracking.Readers(w.System(), track.ReaderPage{Campaign: w.number(), Kind: track.Click}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("bare", func(b *testing.B) {
		for b.Loop() {
			err := w.DB.Read(w.System(), func(ctx context.Context, s *store.Session) error {
				rows, err := s.Tx().QueryContext(ctx, "SELECT hour, kind, verdict, events, readers FROM crm_track_hour WHERE campaign = ?", w.number())
				if err != nil {
					return err
				}
				defer rows.Close()
				for rows.Next() {
					var a, b, c, d, e int64
					if err := rows.Scan(&a, &b, &c, &d, &e); err != nil {
						return err
					}
				}
				return rows.Err()
			})
			if err != nil {
				b.Fatal(err)
			}
		}
	})
}
