package lead_test

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/testutil"
)

// benchRows is the number of leads of the benchmarks: CRMPLUS_BENCH_ROWS, 50,000 without it.
func benchRows(b *testing.B) int {
	text := os.Getenv("CRMPLUS_BENCH_ROWS")
	if text == "" {
		return 50_000
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		b.Fatalf("CRMPLUS_BENCH_ROWS is %q, want a number of rows", text)
	}
	return n
}

var (
	families = strings.Fields("Nagy Kovács Tóth Szabó Horváth Varga Kiss Molnár Németh Farkas Balogh Papp Takács Juhász Lakatos Mészáros Oláh Simon Rácz Fekete Szilágyi Török Fehér Balázs Gál Kis Szűcs Kocsis Orsós Pintér Fodor Szalai Sipos Magyar Lukács Gulyás Biró Király Katona László Jakab Bogdán Balog Sándor Boros Váradi Fazekas Kelemen Antal Orosz Somogyi Fülöp Veres Budai Hegedűs Deák Pap Bálint Pál Illés Szőke Vörös Vass Lengyel Bognár Fábián Bodnár Szűts Hajdu Halász Jónás Kozma Máté Székely Gáspár Pásztor Bakos Dudás Major Virág Orbán Hegedüs Barna Novák Soós Tamás Nemes Pataki Balla Faragó Borbély Kerekes Szekeres Csonka Barta Márton Dobos")
	firsts   = strings.Fields("Anna Mária Katalin Erzsébet Ilona Éva Zsuzsanna Margit Judit Ágnes Andrea Ildikó Julianna László István József János Zoltán Sándor Gábor Ferenc Attila Péter Tamás Zsolt Tibor András Csaba Imre Lajos György Balázs Gyula Dávid Bence Máté Réka Dóra Nóra Lilla")
	trades   = strings.Fields("Építő Villamos Kereskedelmi Szállító Informatikai Mérnöki Élelmiszer Gépipari Faipari Textil Nyomda Logisztika Kertészet Pékség Ingatlan Tanácsadó")
	towns    = strings.Fields("Budapest Debrecen Szeged Miskolc Pécs Győr Nyíregyháza Kecskemét Székesfehérvár Szombathely Szolnok Tatabánya Kaposvár Eger Veszprém Vác")
)

// benchFile writes a file of n rows as a Hungarian trade fair would hand them over: people with their
// companies, one company in five rows, every hundredth row somebody who was there before.
func benchFile(b *testing.B, n int) lead.Source {
	b.Helper()
	f, err := os.Create(filepath.Join(b.TempDir(), "leads.csv"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = f.Close() })
	w := bufio.NewWriter(f)
	fmt.Fprintln(w, "Név;Cég;E-mail;Telefon;Irányítószám;Város;Utca, házszám;Megjegyzés;Forrás;Várható érték")
	random := rand.New(rand.NewPCG(1, 2))
	for i := range n {
		who := i
		if i%100 == 99 {
			who = random.IntN(i)
		}
		family, first := families[who%len(families)], firsts[who/7%len(firsts)]
		firm := who / 5
		fmt.Fprintf(w, "%s %s;%s %s %d Kft.;%d@%s.hu;06 30 %03d %04d;%d;%s;Fő utca %d.;Árajánlat a %d. tételre;vásár;%d\n",
			family, first, families[firm%len(families)], trades[firm%len(trades)], firm, who, "ceg"+strconv.Itoa(firm), 100+who/10000%900, who%10000,
			1000+who%9000, towns[who%len(towns)], who%200, who%500, who%1000*1000)
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	size, err := f.Seek(0, 1)
	if err != nil {
		b.Fatal(err)
	}
	return lead.Source{Name: "leads.csv", File: f, Size: size}
}

// ticking gives an environment the clock of the machine: a file that takes minutes does not arrive at
// one instant.
func ticking(env *testutil.Env) *testutil.Env {
	env.DB = env.DB.WithClock(time.Now)
	return env
}

// BenchmarkImport imports a file with the search for duplicates, and then inserts the very rows that
// came of it with bare database/sql, in the same order, in transactions of the same size, into an
// equal database. Its ratio is what the import may cost at most 1.5 of.
func BenchmarkImport(b *testing.B) {
	n := benchRows(b)
	src := benchFile(b, n)
	for range b.N {
		w := newWorld(b, ticking(testutil.SQLite(b)), erpbridge.Host{})
		peak := watchMemory()
		start := time.Now()
		out := w.importAs(b, src, lead.MergeKnown)
		ours := time.Since(start)
		memory := peak()
		if out.RowsRead != int64(n) || out.RowsBad > 0 {
			b.Fatalf("%d rows were read, %d are bad; want %d and none", out.RowsRead, out.RowsBad, n)
		}
		bare, rows := insertBare(b, w)
		b.ReportMetric(float64(n)/ours.Seconds(), "leads/s")
		b.ReportMetric(float64(ours.Microseconds())/float64(n), "µs/lead")
		b.ReportMetric(float64(bare.Microseconds())/float64(n), "bare-µs/lead")
		b.ReportMetric(ours.Seconds()/bare.Seconds(), "ratio")
		b.ReportMetric(float64(rows)/float64(n), "rows/lead")
		b.ReportMetric(float64(memory)/(1<<20), "peak-MB")
	}
}

// watchMemory gives a function that tells the most memory the process held since, the database's own
// cache among it where the operating system tells.
func watchMemory() func() int64 {
	var most atomic.Int64
	runtime.GC()
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		for {
			most.Store(max(most.Load(), memoryNow()))
			select {
			case <-done:
				return
			case <-tick.C:
			}
		}
	}()
	return func() int64 {
		close(done)
		<-ended
		return most.Load()
	}
}

func memoryNow() int64 {
	if b, err := os.ReadFile("/proc/self/statm"); err == nil {
		var size, resident int64
		if _, err := fmt.Sscan(string(b), &size, &resident); err == nil {
			return resident * int64(os.Getpagesize())
		}
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.Sys - m.HeapReleased)
}

// bareTables are the tables that an import fills, with the condition by which the rows of one chunk
// of leads are read back, and the column it is put to.
var bareTables = []struct{ table, where string }{
	{"crm_party", "rowid > ? AND rowid <= ?"},
	{"crm_party_key", "party_id IN (SELECT id FROM crm_party WHERE rowid > ? AND rowid <= ?)"},
	{"crm_party_point", "party_id IN (SELECT id FROM crm_party WHERE rowid > ? AND rowid <= ?)"},
	{"crm_lead", "party_id IN (SELECT id FROM crm_party WHERE rowid > ? AND rowid <= ?)"},
	{"crm_touch", "party_id IN (SELECT id FROM crm_party WHERE rowid > ? AND rowid <= ?)"},
}

// insertBare gives the time of the inserts alone, and how many rows they were.
func insertBare(b *testing.B, from world) (time.Duration, int) {
	b.Helper()
	ctx := context.Background()
	if _, err := from.DB.SQL().Exec("CREATE INDEX bench_key ON crm_party_key (party_id)"); err != nil {
		b.Fatal(err)
	}
	to := testutil.SQLite(b).DB.SQL()
	var last int64
	if err := from.DB.SQL().QueryRow("SELECT MAX(rowid) FROM crm_party").Scan(&last); err != nil {
		b.Fatal(err)
	}
	var spent time.Duration
	total := 0
	const chunk = 300 // parties: what 250 leads bring, their companies among them
	for at := int64(0); at < last; at += chunk {
		rows := make([][][]any, len(bareTables))
		columns := make([]int, len(bareTables))
		for i, t := range bareTables {
			rows[i], columns[i] = readAll(b, from.DB.SQL(), "SELECT * FROM "+t.table+" WHERE "+t.where, at, at+chunk)
			total += len(rows[i])
		}
		start := time.Now()
		tx, err := to.BeginTx(ctx, nil)
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
	return spent, total
}

func insertRows(b *testing.B, tx *sql.Tx, table string, columns int, rows [][]any) {
	b.Helper()
	per := 2000 / columns
	statement := func(n int) string {
		row := "(?" + strings.Repeat(",?", columns-1) + ")"
		return "INSERT INTO " + table + " VALUES " + row + strings.Repeat(","+row, n-1)
	}
	args := make([]any, 0, per*columns)
	flat := func(part [][]any) []any {
		args = args[:0]
		for _, row := range part {
			args = append(args, row...)
		}
		return args
	}
	full, err := tx.Prepare(statement(per))
	if err != nil {
		b.Fatal(err)
	}
	defer full.Close()
	for ; len(rows) >= per; rows = rows[per:] {
		if _, err := full.Exec(flat(rows[:per])...); err != nil {
			b.Fatal(err)
		}
	}
	if len(rows) > 0 {
		if _, err := tx.Exec(statement(len(rows)), flat(rows)...); err != nil {
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
	types, err := rows.ColumnTypes()
	if err != nil {
		b.Fatal(err)
	}
	var all [][]any
	for rows.Next() {
		row, into := make([]any, len(types)), make([]any, len(types))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			b.Fatal(err)
		}
		for i, v := range row {
			if t, ok := v.(time.Time); ok {
				if row[i] = t.Format("2006-01-02 15:04:05.000"); types[i].DatabaseTypeName() == "DATE" {
					row[i] = t.Format(time.DateOnly)
				}
			}
		}
		all = append(all, row)
	}
	if err := rows.Err(); err != nil {
		b.Fatal(err)
	}
	return all, len(types)
}

// BenchmarkAmongMany measures what clerks wait for when there are many leads.
func BenchmarkAmongMany(b *testing.B) {
	n := benchRows(b)
	w := newWorld(b, ticking(testutil.SQLite(b)), erpbridge.Host{})
	w.importAs(b, benchFile(b, n), lead.MergeKnown)
	boss := w.As("vezeto", actor.Manager, actor.All)
	all := w.list(b, lead.Filter{}, lead.ByArrival)
	for i := range 40 { // some leads of one seller, and some shared
		if _, err := w.leads.Assign(boss, all[i*7].ID, 0, anna); err != nil {
			b.Fatal(err)
		}
		if err := w.parties.Share(w.System(), all[i*11+3].PartyID, "anna"); err != nil {
			b.Fatal(err)
		}
	}
	seller := w.seller("anna")
	page := store.Page{Limit: 50}
	lists := []struct {
		name   string
		ctx    context.Context
		filter lead.Filter
		order  lead.Sort
	}{
		{"newest", boss, lead.Filter{}, lead.ByArrival},
		{"names", boss, lead.Filter{}, lead.ByName},
		{"score", boss, lead.Filter{}, lead.ByScore},
		{"new ones of a source", boss, lead.Filter{Statuses: []lead.Status{lead.StatusNew}, Source: "vásár"}, lead.ByArrival},
		{"a name", boss, lead.Filter{Name: "Mészáros R"}, lead.ByName},
		{"a seller's own and shared", seller, lead.Filter{}, lead.ByArrival},
		{"a seller's by name", seller, lead.Filter{}, lead.ByName},
		{"a seller's of a source that has none", seller, lead.Filter{Source: "google"}, lead.ByArrival},
		{"a source that has none", boss, lead.Filter{Source: "google"}, lead.ByArrival},
	}
	for _, l := range lists {
		b.Run("list/"+l.name, func(b *testing.B) {
			after := ""
			for range b.N {
				list, err := w.leads.List(l.ctx, l.filter, l.order, store.Page{Limit: page.Limit, After: after})
				if err != nil {
					b.Fatal(err)
				}
				after = list.Next
			}
		})
	}
	b.Run("count", func(b *testing.B) {
		for range b.N {
			if _, err := w.leads.Count(boss, lead.Filter{}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("duplicates", func(b *testing.B) {
		for i := range b.N {
			if _, err := w.leads.Duplicates(boss, all[i%len(all)].ID); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("capture", func(b *testing.B) {
		for i := range b.N {
			w.capture(b, boss, lead.Draft{Name: "Újhelyi Réka", Emails: []string{fmt.Sprintf("reka%d@uj.hu", i)}, Phones: []string{fmt.Sprintf("+36 20 %07d", i)}})
		}
	})
	b.Run("get", func(b *testing.B) {
		for i := range b.N {
			if _, err := w.leads.Get(boss, all[i%len(all)].ID); err != nil {
				b.Fatal(err)
			}
		}
	})
}
