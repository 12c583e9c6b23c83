package subscription_test

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter/subscription"
	"github.com/crmplus/crmplus/testutil"
)

// benchRows is the number of subscribers of the benchmarks: CRMPLUS_BENCH_ROWS, 20,000 without it.
func benchRows(b *testing.B) int {
	text := os.Getenv("CRMPLUS_BENCH_ROWS")
	if text == "" {
		return 20_000
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		b.Fatalf("CRMPLUS_BENCH_ROWS is %q, want a number of rows", text)
	}
	return n
}

var families = strings.Fields("Nagy Kovács Tóth Szabó Horváth Varga Kiss Molnár Németh Farkas Balogh Papp Takács Juhász Mészáros Simon Rácz Fekete")

// subscribers is a file as another newsletter program writes it.
func subscribers(n int) io.Reader {
	var text strings.Builder
	text.WriteString("E-mail;Név;Nyelv\n")
	for i := range n {
		fmt.Fprintf(&text, "olvaso%d@ceg%d.hu;%s %s %d;hu\n", i, i/7, families[i%len(families)], families[i/len(families)%len(families)], i)
	}
	return strings.NewReader(text.String())
}

func (w *world) imported(b *testing.B, n int) {
	b.Helper()
	got, err := w.n.Import(w.anna, subscription.ImportPlan{Topics: []subscription.TopicID{w.news.ID}, Ground: fair}, subscribers(n))
	w.ok(err)
	if got.Subscribed != int64(n) {
		b.Fatalf("%+v", got)
	}
}

// BenchmarkImport imports a file, and then inserts the very rows that came of it with bare database/sql, in the same order,
// in transactions of the same size, into an equal database. Its ratio is what the import may cost at most 1.5 of.
func BenchmarkImport(b *testing.B) {
	n := benchRows(b)
	for range b.N {
		w := newWorld(b, testutil.SQLite(b))
		start := time.Now()
		w.imported(b, n)
		ours := time.Since(start)
		bare := insertBare(b, w)
		b.ReportMetric(float64(n)/ours.Seconds(), "readers/s")
		b.ReportMetric(float64(ours.Microseconds())/float64(n), "µs/reader")
		b.ReportMetric(float64(bare.Microseconds())/float64(n), "bare-µs/reader")
		b.ReportMetric(ours.Seconds()/bare.Seconds(), "ratio")
	}
}

// bareTables are what an import fills, with the condition by which the rows of a chunk are read back.
var bareTables = []struct{ table, where string }{
	{"crm_party", "rowid > ? AND rowid <= ?"},
	{"crm_party_key", "party_id IN (SELECT id FROM crm_party WHERE rowid > ? AND rowid <= ?)"},
	{"crm_subscription", "rowid > ? AND rowid <= ?"},
	{"crm_consent", "rowid > ? AND rowid <= ?"},
}

func insertBare(b *testing.B, from *world) time.Duration {
	b.Helper()
	if _, err := from.DB.SQL().Exec("CREATE INDEX bench_key ON crm_party_key (party_id)"); err != nil {
		b.Fatal(err)
	}
	to := testutil.SQLite(b).DB.SQL()
	var last int
	from.ok(from.DB.SQL().QueryRow("SELECT MAX(rowid) FROM crm_party").Scan(&last))
	var spent time.Duration
	const chunk = 250
	for at := 0; at < last; at += chunk {
		rows, columns := make([][][]any, len(bareTables)), make([]int, len(bareTables))
		for i, t := range bareTables {
			rows[i], columns[i] = readAll(b, from.DB.SQL(), "SELECT * FROM "+t.table+" WHERE "+t.where, at, at+chunk)
		}
		start := time.Now()
		tx, err := to.BeginTx(context.Background(), nil)
		if err != nil {
			b.Fatal(err)
		}
		for i, t := range bareTables {
			insertRows(b, tx, t.table, columns[i], rows[i])
		}
		if err := tx.Commit(); err != nil {
			b.Fatal(err)
		}
		spent += time.Since(start)
	}
	return spent
}

func insertRows(b *testing.B, tx *sql.Tx, table string, columns int, rows [][]any) {
	b.Helper()
	per := 2000 / columns
	statement := func(n int) string {
		row := "(?" + strings.Repeat(",?", columns-1) + ")"
		return "INSERT INTO " + table + " VALUES " + row + strings.Repeat(","+row, n-1)
	}
	full, err := tx.Prepare(statement(per))
	if err != nil {
		b.Fatal(err)
	}
	defer full.Close()
	args := make([]any, 0, per*columns)
	for len(rows) > 0 {
		part := rows[:min(per, len(rows))]
		rows, args = rows[len(part):], args[:0]
		for _, row := range part {
			args = append(args, row...)
		}
		if len(part) == per {
			_, err = full.Exec(args...)
		} else {
			_, err = tx.Exec(statement(len(part)), args...)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}

// readAll reads rows as the driver stores them: times as the text they are in the file.
func readAll(b *testing.B, db *sql.DB, query string, args ...any) ([][]any, int) {
	b.Helper()
	rows, err := db.Query(query, args...)
	if err != nil {
		b.Fatal(err)
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		b.Fatal(err)
	}
	var all [][]any
	for rows.Next() {
		row, into := make([]any, len(names)), make([]any, len(names))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			b.Fatal(err)
		}
		for i, v := range row {
			if t, ok := v.(time.Time); ok {
				row[i] = t.Format("2006-01-02 15:04:05.000")
			}
		}
		all = append(all, row)
	}
	if err := rows.Err(); err != nil {
		b.Fatal(err)
	}
	return all, len(names)
}

// BenchmarkAudience reads the whole audience of a newsletter in pages, and beside it the subscriptions alone.
func BenchmarkAudience(b *testing.B) {
	n := benchRows(b)
	w := newWorld(b, testutil.SQLite(b))
	w.imported(b, n)
	walk := func(b *testing.B, text string, args []any) {
		b.Helper()
		for range b.N {
			seen := 0
			w.ok(w.DB.Read(w.system, func(ctx context.Context, s *store.Session) error {
				for last := []byte{0}; ; {
					var rows []reached
					err := s.Query(ctx, &rows, store.From[subscription.Topic]("t"), "SELECT a.party_id FROM ("+text+
						") AS a WHERE a.party_id > ? AND EXISTS (SELECT 1 FROM crm_topic AS t WHERE {scope}) ORDER BY a.party_id"+s.Limit(2000), append(append([]any{}, args...), last)...)
					if err != nil || len(rows) == 0 {
						return err
					}
					seen += len(rows)
					last = rows[len(rows)-1].PartyID.Bytes()
				}
			}))
			if seen != n {
				b.Fatalf("%d readers, want %d", seen, n)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/reader")
	}
	b.Run("ours", func(b *testing.B) {
		var text string
		var args []any
		w.ok(w.DB.Read(w.system, func(_ context.Context, s *store.Session) (err error) {
			text, args, err = subscription.Audience{Topics: []subscription.TopicID{w.news.ID}}.Select(s)
			return err
		}))
		walk(b, text, args)
	})
	b.Run("bare", func(b *testing.B) {
		walk(b, "SELECT x.party_id FROM crm_subscription AS x WHERE x.company = ? AND x.topic_id = ? AND x.state = 'active'", []any{w.Company, w.news.ID})
	})
}

func BenchmarkLinks(b *testing.B) {
	w := newWorld(b, testutil.SQLite(b))
	l := subscription.Letter{Company: w.Company, Topic: w.news.ID, Channel: subscription.Email, Address: "eva@minta.example", At: w.Clock.Now()}
	for b.Loop() {
		w.n.Links(l)
	}
}
