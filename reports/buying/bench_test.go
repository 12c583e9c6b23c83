//go:build unix

package buying_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/crmplus/crmplus/adapters/sqlite"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/reports/buying"
	"github.com/crmplus/crmplus/testutil/erp"
)

// The ERP of the benchmark: so many lines (CRMPLUS_BENCH_ROWS, 500,000 without it), 50 for each customer, in orders of 5
// lines over three years, of 2,000 products. $1 is the number of orders or lines, $2 that of customers.
const (
	fillOrders = `WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < $1 - 1)
INSERT INTO erp_order (company, number, token, customer, doc_date, due_date, currency, reference, note, source_kind, source_number, net, vat, gross, state, cancel_reason, created_by, created_at)
SELECT 'B', printf('O%07d', i), i, printf('C%06d', i % $2), date('2026-11-22', printf('-%d days', (i * 37) % 1080)), '2026-11-22', 'HUF', '', '', '', '', 0, 0, 0, 'open', '', '', '' FROM n`
	fillLines = `WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < $1 - 1)
INSERT INTO erp_order_line (company, number, row_no, source_row, product, name, quantity, unit, unit_price, discount, vat_code, vat_rate, net, delivered, invoiced)
SELECT 'B', printf('O%07d', i / 5), i % 5, 0, printf('P%05d', (i * 7919 + i / 5 % $2 * 31) % 2000), 'Product', 2000000, 'db', 1000000, 0, '27', 270000, 2000000 + i % 977 * 10000, 0, 0 FROM n`
	bareSQL = `SELECT o.customer, o.doc_date, l.product, l.quantity, l.net FROM erp_order AS o JOIN erp_order_line AS l ON l.company = o.company AND l.number = o.number
WHERE o.company = 'B' AND o.state <> 'cancelled' ORDER BY o.customer, o.doc_date, o.number, l.row_no`
)

// benchLines is the number of order lines.
func benchLines(b *testing.B) int {
	text := os.Getenv("CRMPLUS_BENCH_ROWS")
	if text == "" {
		return 500_000
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1000 {
		b.Fatalf("CRMPLUS_BENCH_ROWS is %q, want a number of lines from 1000 on", text)
	}
	return n
}

// BenchmarkOrders reads the order lines: "bare" is the one statement, its rows scanned and thrown away,
// "pass" is pages through the port with everything counted. Processor time is that of the process, and so is the peak of its memory, with SQLite's pages in it.
func BenchmarkOrders(b *testing.B) {
	ctx := context.Background()
	db, err := sqlite.Open(filepath.Join(b.TempDir(), "erp.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer db.SQL().Close()
	books := erp.New(db.SQL(), erp.SQLite)
	if err := books.Install(ctx); err != nil {
		b.Fatal(err)
	}
	lines := benchLines(b)
	for fill, n := range map[string]int{fillOrders: lines / 5, fillLines: lines} {
		if _, err := db.SQL().Exec(fill, n, lines/50); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("bare", func(b *testing.B) {
		measure(b, func() error { return bare(db.SQL()) })
	})
	b.Run("pass", func(b *testing.B) {
		measure(b, func() error { return whole(ctx, db.SQL(), books) })
	})
}

func measure(b *testing.B, do func() error) {
	debug.FreeOSMemory()
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) // begins the peak anew, where there is one
	before := processor(b)
	for b.Loop() {
		if err := do(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64((processor(b)-before).Milliseconds())/float64(b.N), "cpu-ms/op")
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return
	}
	for line := range bytes.Lines(status) {
		var kB float64
		if n, _ := fmt.Sscanf(string(line), "VmHWM: %f kB", &kB); n == 1 {
			b.ReportMetric(kB/1024, "peak-MB")
		}
	}
}

func processor(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func bare(db *sql.DB) error {
	rows, err := db.Query(bareSQL)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var customer, day, product string
		var quantity, net int64
		if err := rows.Scan(&customer, &day, &product, &quantity, &net); err != nil {
			return err
		}
	}
	return rows.Err()
}

func whole(ctx context.Context, db *sql.DB, books *erp.ERP) error {
	pass, err := buying.Begin(buying.Default(), today, worth)
	if err != nil {
		return err
	}
	ask := erpbridge.SalesQuery{From: buying.From(today), Limit: 500}
	for {
		tx, err := db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
		if err != nil {
			return err
		}
		list, err := books.Host().Documents.(erpbridge.Sales).Sales(ctx, erpbridge.Session{Company: "B", Tx: tx}, ask)
		_ = tx.Rollback()
		if err != nil {
			return err
		}
		if len(list) == 0 {
			break
		}
		for _, s := range list {
			if err := pass.Add(s); err != nil {
				return err
			}
		}
		ask.After = &list[len(list)-1]
	}
	found, err := pass.End()
	if err != nil {
		return err
	}
	for i := range found.Customers {
		found.Similar(&found.Customers[i])
	}
	return nil
}
