package segment_test

import (
	"database/sql"
	"fmt"
	"testing"

	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/newsletter/segment"
	"github.com/crmplus/crmplus/testutil"
)

// benchPeople is how many parties the benchmark counts among; each has two leads, every fourth an opportunity.
const benchPeople = 100_000

func crowd(b *testing.B) (*testutil.Env, *segment.Segments) {
	b.Helper()
	env := testutil.SQLite(b)
	fill := func(table string, given map[string]string, rows int) {
		columns, values := "", ""
		found, err := env.DB.SQL().Query("SELECT name, type, \"notnull\" FROM pragma_table_info('" + table + "')")
		if err != nil {
			b.Fatal(err)
		}
		defer found.Close()
		for found.Next() {
			var name, kind string
			var needed bool
			if err := found.Scan(&name, &kind, &needed); err != nil {
				b.Fatal(err)
			}
			value, is := given[name]
			switch {
			case is:
			case !needed:
				value = "NULL"
			case kind == "INTEGER":
				value = "0"
			case kind == "DATETIME":
				value = "strftime('%Y-%m-%d %H:%M:%f', '2026-07-13', '-' || (n % 400) || ' days')"
			default:
				value = "''"
			}
			columns, values = columns+", "+name, values+", "+value
		}
		text := fmt.Sprintf("WITH RECURSIVE c(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM c WHERE n < %d) INSERT INTO %s (%s) SELECT %s FROM c", rows-1, table, columns[2:], values[2:])
		if _, err := env.DB.SQL().Exec(text); err != nil {
			b.Fatal(err)
		}
	}
	key := func(of string) string { return "CAST(printf('%016d', " + of + ") AS BLOB)" }
	company := "'" + env.Company + "'"
	fill("crm_party", map[string]string{
		"id": key("n"), "company": company, "kind": "'person'", "sort_key": key("n * 7919 % 100003"), "language": "'hu'", "email": "'p' || n || '@example.hu'",
		"country": "CASE n % 10 WHEN 0 THEN 'AT' WHEN 1 THEN 'IL' ELSE 'HU' END", "city": "CASE n % 50 WHEN 0 THEN 'Győr' ELSE 'Budapest' END", "version": "1",
	}, benchPeople)
	fill("crm_lead", map[string]string{
		"id": key("n"), "company": company, "party_id": key(fmt.Sprintf("n * 7919 %% %d", benchPeople)), "status": "CASE n % 20 WHEN 0 THEN 'qualified' WHEN 1 THEN 'new' ELSE 'working' END", "score": "n % 100",
	}, 2*benchPeople)
	fill("crm_opportunity", map[string]string{
		"id": key("n"), "company": company, "party_id": key("n * 4"), "state": "CASE n % 3 WHEN 0 THEN 'won' ELSE 'open' END", "expected_revenue": "n * 10000", "currency": "'HUF'",
	}, benchPeople/4)
	g, err := segment.New(env.DB, segment.Config{Locales: func(string) locale.Locale { return locale.Locale{Currency: "HUF"} }})
	if err != nil {
		b.Fatal(err)
	}
	return env, g
}

// BenchmarkCount counts segments among 100,000 parties with 200,000 leads: the SQL that one would write by hand
// beside ours, which is parsed, checked, translated and guarded in the time shown.
func BenchmarkCount(b *testing.B) {
	env, g := crowd(b)
	const of = "SELECT COUNT(*) FROM crm_party AS p WHERE p.company = ? AND p.merged_into IS NULL AND p.erased_at IS NULL AND "
	for _, row := range []struct {
		name, condition, bare string
		args                  []any
	}{
		{"country", `party.country == "AT"`, of + "p.country = ?", []any{"AT"}},
		{"5% by lead", `any(leads, .status == "qualified")`,
			of + "p.id IN (SELECT l.party_id FROM crm_lead l WHERE l.company = ? AND l.status = ? AND l.merged_into IS NULL)", []any{env.Company, "qualified"}},
		{"5% by lead, exists", `any(leads, .status == "qualified")`,
			of + "EXISTS (SELECT 1 FROM crm_lead l WHERE l.party_id = p.id AND l.status = ? AND l.merged_into IS NULL)", []any{"qualified"}},
		{"not by lead", `none(leads, .status == "qualified")`,
			of + "NOT EXISTS (SELECT 1 FROM crm_lead l WHERE l.party_id = p.id AND l.status = ? AND l.merged_into IS NULL)", []any{"qualified"}},
		{"won sum", `opportunity.won_sum > 10000 and party.country == "HU"`,
			of + "p.country = ? AND (SELECT SUM(o.expected_revenue) FROM crm_opportunity o WHERE o.party_id = p.id AND o.state = 'won' AND o.currency = 'HUF') > ?", []any{"HU", 100_000_000}},
		{"half in Go", `fold(party.city) == "gyor" and party.country == "AT"`, of + "p.country = ? AND p.city = ?", []any{"AT", "Győr"}},
	} {
		b.Run(row.name+"/bare", func(b *testing.B) {
			var n int
			for b.Loop() {
				n = bareCount(b, env.DB.SQL(), row.bare, append([]any{env.Company}, row.args...))
			}
			b.ReportMetric(float64(n), "parties")
		})
		b.Run(row.name+"/segment", func(b *testing.B) {
			var n int
			for b.Loop() {
				var err error
				if n, err = g.Count(env.System(), segment.Selection{Condition: row.condition}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(n), "parties")
		})
	}
	b.Run("sample", func(b *testing.B) {
		for b.Loop() {
			if rows, err := g.Sample(env.System(), segment.Selection{Condition: `any(leads, .status == "qualified")`}); err != nil || len(rows) != segment.SampleSize {
				b.Fatal(len(rows), err)
			}
		}
	})
}

func bareCount(b *testing.B, db *sql.DB, text string, args []any) (n int) {
	b.Helper()
	if err := db.QueryRow(text, args...).Scan(&n); err != nil {
		b.Fatal(err)
	}
	return n
}
