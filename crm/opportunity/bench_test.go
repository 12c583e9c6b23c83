package opportunity_test

import (
	"context"
	"database/sql"
	"fmt"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/testutil"
)

const benchRows = 100_000

// crowded is a world with 100,000 opportunities in the default pipeline.
func crowded(b *testing.B) *world {
	w := newWorld(b, testutil.SQLite(b))
	p := w.pipeline()
	err := w.DB.Write(w.System(), func(ctx context.Context, s *store.Session) error {
		rows := make([]opportunity.Opportunity, 0, 2000)
		var sellers []opportunity.Seller
		for i := range benchRows {
			st := p.Stages[i%6]
			revenue := amount(fmt.Sprint(1000 + i%9999))
			row := opportunity.Opportunity{
				ID: store.NewKey[opportunity.Tag](s), PartyID: w.minta.ID, PipelineID: p.ID, StageID: st.ID, State: st.Kind, Name: fmt.Sprint("Ügy ", i),
				Chance: st.Chance, ExpectedRevenue: revenue, Weighted: money.Round(money.PercentOf(st.Chance, revenue), "HUF"), Currency: "HUF",
				ExpectedClose: civil.Of(s.Now).AddDays(i % 365), StageSince: s.Now.Add(-time.Duration(i) * time.Minute), OwnerUser: fmt.Sprint("user", i%200),
			}
			rows = append(rows, row)
			sellers = append(sellers, opportunity.Seller{OpportunityID: row.ID, User: row.OwnerUser, Role: "owner", Share: percent("100")})
			if len(rows) == cap(rows) {
				if err := s.InsertQuiet(ctx, &rows); err != nil {
					return err
				}
				if err := s.InsertQuiet(ctx, &sellers); err != nil {
					return err
				}
				rows, sellers = rows[:0], sellers[:0]
			}
		}
		return nil
	})
	w.ok(err)
	// What a database of this size has after a while: the log written back, and statistics.
	for _, tidy := range []string{"PRAGMA wal_checkpoint(TRUNCATE)", "ANALYZE"} {
		_, err := w.DB.SQL().Exec(tidy)
		w.ok(err)
	}
	bareTotals(b, w.DB.SQL(), w.Company, p.ID)
	return w
}

// BenchmarkHundredThousand measures the pipeline totals beside the bare query that reads the same
// columns from the same index through database/sql, then pages of 50 and the board, for a manager and
// for a seller with 500 of the opportunities.
func BenchmarkHundredThousand(b *testing.B) {
	w := crowded(b)
	p := w.pipeline()
	seller := w.As("user7", actor.Reader, actor.Own)
	// Both by turns, so that what else the machine does falls on both alike.
	b.Run("totals/all", func(b *testing.B) {
		var bare, ours time.Duration
		for b.Loop() {
			start := time.Now()
			if n := bareTotals(b, w.DB.SQL(), w.Company, p.ID); n != 4 {
				b.Fatal(n)
			}
			between := time.Now()
			if found, err := w.opps.Totals(w.admin, opportunity.Scope{Pipeline: p.ID}); err != nil || len(found) != 4 {
				b.Fatal(found, err)
			}
			bare, ours = bare+between.Sub(start), ours+time.Since(between)
		}
		b.ReportMetric(float64(bare.Microseconds())/float64(b.N)/1000, "bare-ms/op")
		b.ReportMetric(float64(ours.Microseconds())/float64(b.N)/1000, "ours-ms/op")
		b.ReportMetric(float64(ours)/float64(bare), "x-bare")
	})
	b.Run("totals/own", func(b *testing.B) {
		for b.Loop() {
			if found, err := w.opps.Totals(seller, opportunity.Scope{Pipeline: p.ID}); err != nil || len(found) == 0 {
				b.Fatal(found, err)
			}
		}
	})
	for _, who := range []struct {
		name string
		ctx  context.Context
	}{{"all", w.admin}, {"own", seller}} {
		for _, sort := range []opportunity.Sort{opportunity.ByClose, opportunity.ByCreated, opportunity.ByRevenue} {
			b.Run("list/"+string(sort)+"/"+who.name, func(b *testing.B) {
				for b.Loop() {
					l, err := w.opps.List(who.ctx, opportunity.Filter{States: []opportunity.State{opportunity.Open}, Sort: sort})
					if err != nil || len(l.Rows) != 50 {
						b.Fatal(len(l.Rows), err)
					}
				}
			})
		}
		b.Run("board/"+who.name, func(b *testing.B) {
			for b.Loop() {
				if _, err := w.opps.Board(who.ctx, opportunity.View{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func bareTotals(b *testing.B, db *sql.DB, company string, p opportunity.PipelineID) int {
	rows, err := db.Query("SELECT pipeline_id, stage_id, currency, COUNT(*), SUM(expected_revenue), SUM(weighted) FROM crm_opportunity"+
		" WHERE company = ? AND state = 'open' AND pipeline_id = ? GROUP BY pipeline_id, stage_id, currency", company, p[:])
	if err != nil {
		b.Fatal(err)
	}
	defer rows.Close()
	n := 0
	for rows.Next() {
		var pipeline, stage []byte
		var currency string
		var count, revenue, weighted int64
		if err := rows.Scan(&pipeline, &stage, &currency, &count, &revenue, &weighted); err != nil {
			b.Fatal(err)
		}
		n++
	}
	return n
}
