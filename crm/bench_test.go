package crm_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/testutil"
)

// BenchmarkConvertLead converts complete leads into customer, contact and opportunity. The bare limit
// beside it inserts the same rows, found by comparing the tables before and after one conversion, by
// prepared statements of database/sql in one transaction with the same settings.
func BenchmarkConvertLead(b *testing.B) {
	w := newWorld(b, testutil.SQLite(b))
	ctx := w.boss()
	id, err := w.completeLead(ctx, "Minta")
	if err != nil {
		b.Fatal(err)
	}
	if _, err := w.module.Convert.Lead(ctx, id, w.choice(nil)); err != nil {
		b.Fatal(err)
	}
	// The second conversion is the one whose rows count: the first made the default pipeline.
	if id, err = w.completeLead(ctx, "Minta 2"); err != nil {
		b.Fatal(err)
	}
	before := tableRows(b, w.db.SQL())
	if _, err := w.module.Convert.Lead(ctx, id, w.choice(nil)); err != nil {
		b.Fatal(err)
	}
	rows := newRows(before, tableRows(b, w.db.SQL()))

	b.Run("ours", func(b *testing.B) {
		ids := make([]lead.ID, b.N)
		for i := range ids {
			if ids[i], err = w.completeLead(ctx, fmt.Sprint("B", addresses.Load())); err != nil {
				b.Fatal(err)
			}
		}
		b.ResetTimer()
		for _, id := range ids {
			if _, err := w.module.Convert.Lead(ctx, id, w.choice(nil)); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(len(rows)), "rows")
	})
	b.Run("bare", func(b *testing.B) {
		for b.Loop() {
			if err := insertBare(w.db.SQL(), rows); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(len(rows)), "rows")
	})
}

// tableRow is a row with its table and columns.
type tableRow struct {
	table   string
	columns []string
	cells   []any
}

func (r tableRow) key() string { return fmt.Sprintf("%s|%v", r.table, r.cells) }

func tableRows(b *testing.B, db *sql.DB) map[string]tableRow {
	b.Helper()
	names, err := db.Query("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
	if err != nil {
		b.Fatal(err)
	}
	var tables []string
	for names.Next() {
		var n string
		if err := names.Scan(&n); err != nil {
			b.Fatal(err)
		}
		tables = append(tables, n)
	}
	names.Close()
	all := map[string]tableRow{}
	for _, table := range tables {
		rows, err := db.Query("SELECT * FROM " + table)
		if err != nil {
			b.Fatal(err)
		}
		columns, _ := rows.Columns()
		for rows.Next() {
			cells := make([]any, len(columns))
			targets := make([]any, len(columns))
			for i := range cells {
				targets[i] = &cells[i]
			}
			if err := rows.Scan(targets...); err != nil {
				b.Fatal(err)
			}
			r := tableRow{table, columns, cells}
			all[r.key()] = r
		}
		rows.Close()
	}
	return all
}

// newRows are the rows that were inserted; rows that were updated count too, as one more row each.
func newRows(before, after map[string]tableRow) []tableRow {
	var rows []tableRow
	for key, r := range after {
		if _, ok := before[key]; !ok {
			rows = append(rows, r)
		}
	}
	slices.SortFunc(rows, func(a, b tableRow) int { return strings.Compare(a.table, b.table) })
	return rows
}

// insertBare inserts the rows with other keys: each id is replaced by a new one, each text key gets a
// new ending.
func insertBare(db *sql.DB, rows []tableRow) error {
	tx, err := db.BeginTx(context.Background(), nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	fresh := map[string][]byte{}
	ending := rand.Text()[:12]
	for _, r := range rows {
		query := "INSERT INTO " + r.table + " VALUES (" + strings.TrimSuffix(strings.Repeat("?, ", len(r.cells)), ", ") + ")"
		args := make([]any, len(r.cells))
		for i, c := range r.cells {
			args[i] = c
			switch v := c.(type) {
			case []byte:
				if len(v) == 16 {
					if fresh[string(v)] == nil {
						id := make([]byte, 16)
						_, _ = rand.Read(id)
						fresh[string(v)] = id
					}
					args[i] = fresh[string(v)]
				}
			case string:
				if i < 3 && v != "" {
					args[i] = v + ending
				}
			}
		}
		if _, err := tx.Exec(query, args...); err != nil {
			return fmt.Errorf("%s: %w", r.table, err)
		}
	}
	return tx.Commit()
}
