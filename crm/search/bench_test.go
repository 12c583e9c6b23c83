package search_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/search"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/testutil"
)

// benchRows is the number of leads of the benchmarks: CRMPLUS_BENCH_ROWS, 20,000 without it.
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

var (
	families = strings.Fields("Nagy Kovács Tóth Szabó Horváth Varga Kiss Molnár Németh Farkas Balogh Papp Takács Juhász Lakatos Mészáros Oláh Simon Rácz Fekete Szilágyi Török Fehér Balázs Gál Kis Szűcs Kocsis Orsós Pintér Fodor Szalai Sipos Magyar Lukács Gulyás Biró Király Katona László Иванов Смирнов Παπαδόπουλος כהן Müller Smith")
	givens   = strings.Fields("Anna Mária Katalin Erzsébet Ilona Éva Zsuzsanna Margit Judit Ágnes Andrea Ildikó Julianna László István József János Zoltán Sándor Gábor Ferenc Attila Péter Tamás Zsolt Tibor András Csaba Imre Lajos György Balázs")
	trades   = strings.Fields("Építő Villamos Kereskedelmi Szállító Informatikai Mérnöki Élelmiszer Gépipari Faipari Textil Nyomda Logisztika")
	towns    = strings.Fields("Budapest Budapest Budapest Debrecen Szeged Miskolc Pécs Győr Nyíregyháza Kecskemét Székesfehérvár")
)

// sellers is how many users share the leads of the benchmarks.
const sellers = 500

// fill writes n leads with their people straight into the tables.
func (w *world) fill(b *testing.B, n int) {
	b.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	pick := func(from []string) string { return from[random.IntN(len(from))] }
	at := w.DB.Now()
	for from := 0; from < n; from += 500 {
		w.write(b, func(ctx context.Context, s *store.Session) error {
			var people []party.Party
			var leads []lead.Lead
			for i := from; i < min(from+500, n); i++ {
				owner, team := fmt.Sprintf("user%d", i%sellers), fmt.Sprintf("team%d", i%20)
				family, given := pick(families), pick(givens)
				p := party.Party{
					ID: store.NewKey[party.Tag](s), Kind: party.Person, DisplayName: family + " " + given, SortKey: []byte(family + given), Given: given, Family: family,
					Language: locale.Hungarian, Email: fmt.Sprintf("%s%d@%s", party.Fold(given), i, []string{"gmail.com", "gmail.com", "freemail.hu", fmt.Sprintf("ceg%d.hu", i/5)}[random.IntN(4)]),
					Mobile: fmt.Sprintf("+3630%07d", i), City: pick(towns), OwnerUser: owner, OwnerTeam: team,
				}
				l := lead.Lead{
					ID: store.NewKey[lead.Tag](s), PartyID: p.ID, Organization: fmt.Sprintf("%s %s %d Kft.", pick(families), pick(trades), i/5), Status: lead.StatusNew,
					ArrivedAt: at, OwnerUser: owner, OwnerTeam: team, Currency: "HUF", Source: "vásár",
				}
				people, leads = append(people, p), append(leads, l)
			}
			if err := s.InsertMany(ctx, &people); err != nil {
				return err
			}
			return s.InsertMany(ctx, &leads)
		})
	}
}

// measure asks again and again and reports the median and the 99th of 100.
func measure(b *testing.B, name string, ask func() int) {
	b.Helper()
	var took []float64
	hits := 0
	for b.Loop() {
		start := time.Now()
		hits = ask()
		took = append(took, float64(time.Since(start).Microseconds())/1000)
	}
	slices.Sort(took)
	b.ReportMetric(took[len(took)/2], name+"p50-ms")
	b.ReportMetric(took[len(took)*99/100], name+"p99-ms")
	b.ReportMetric(float64(hits), name+"hits")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkFind measures first hits among many leads, beside the bare question to FTS5 for the same rows.
func BenchmarkFind(b *testing.B) {
	n := benchRows(b)
	env := testutil.SQLite(b)
	env.DB = env.DB.WithClock(time.Now)
	w := newWorld(b, env)
	w.fill(b, n)
	start := time.Now()
	read, err := w.search.Rebuild(w.boss())
	if err != nil {
		b.Fatal(err)
	}
	took := time.Since(start)
	var bytes, words int64
	if err := w.DB.SQL().QueryRow("SELECT SUM(LENGTH(block)) FROM crm_search_fts_data").Scan(&bytes); err != nil {
		b.Fatal(err)
	}
	if err := w.DB.SQL().QueryRow("SELECT SUM(LENGTH(words)) FROM crm_search").Scan(&words); err != nil {
		b.Fatal(err)
	}
	b.Logf("%d leads with their people: built in %s, %.0f leads/s, %.0f records read/s, index %d MB, words %d MB", n, took, float64(n)/took.Seconds(), float64(read)/took.Seconds(), bytes>>20, words>>20)
	boss, seller := w.boss(), w.As("user7", actor.Seller, actor.Own)
	team := w.As("user7", actor.Seller, actor.Team, "team7", "team8")
	for _, q := range []struct {
		name, text string
		ctx        context.Context
	}{
		{"name", "kov an", boss},
		{"three words", "kovács anna építő", boss},
		{"one letter", "k", boss},
		{"a word in every row", "kft", boss},
		{"a long common word", "budapest", boss},
		{"its beginning", "budapes", boss},
		{"long, nobody", "budapestx", boss},
		{"gmail", "gmail.com", boss},
		{"long common words", "freemail budapest kereskedelmi", boss},
		{"four common names", "kovács tóth anna nagy", boss},
		{"phone", "06 30 001 2345", boss},
		{"end of a phone", "0012345", boss},
		{"e-mail", "anna77@gmail.com", boss},
		{"nobody", "xyzzy", boss},
		{"own, one letter", "k", seller},
		{"own, in every row", "kft budapest", seller},
		{"own, rare", "kovács anna", seller},
		{"own, nobody", "kovács xyzzy", seller},
		{"team, in every row", "kft", team},
	} {
		b.Run(strings.ReplaceAll(q.name, " ", "_"), func(b *testing.B) {
			measure(b, "", func() (hits int) {
				out, err := w.search.Find(q.ctx, search.Query{Text: q.text})
				if err != nil {
					b.Fatal(err)
				}
				for _, g := range out.Groups {
					hits += len(g.Hits)
				}
				return hits
			})
			bare := search.Match(q.text)
			start := time.Now()
			rows, err := w.DB.SQL().Query("SELECT rowid FROM crm_search_fts WHERE crm_search_fts MATCH ? ORDER BY rowid DESC LIMIT 9", bare)
			if err != nil {
				b.Fatal(err)
			}
			for rows.Next() {
			}
			rows.Close()
			b.ReportMetric(float64(time.Since(start).Microseconds())/1000, "bare-ms")
		})
	}
}

// BenchmarkRefresh measures what the background does for one captured lead.
func BenchmarkRefresh(b *testing.B) {
	env := testutil.SQLite(b)
	env.DB = env.DB.WithClock(time.Now)
	w := newWorld(b, env)
	w.fill(b, benchRows(b))
	if _, err := w.search.Rebuild(w.boss()); err != nil {
		b.Fatal(err)
	}
	for i := 0; b.Loop(); i++ {
		b.StopTimer()
		w.capture(b, lead.Draft{Name: "Újhelyi Réka", Organization: fmt.Sprintf("Réka %d Kft.", i), Emails: []string{fmt.Sprintf("reka%d@uj.hu", i)}})
		b.StartTimer()
		w.index(b)
	}
}
