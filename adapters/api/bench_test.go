package api_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/party"
)

// connections is how many clients ask at once.
const connections = 16

// load sends requests over as many connections and reports how many a second were answered, with the
// median and the slowest of a hundred.
func load(b *testing.B, server *httptest.Server, request func(i int) *http.Request) {
	b.Helper()
	client := &http.Client{Transport: &http.Transport{
		MaxIdleConnsPerHost: connections, MaxConnsPerHost: connections,
		DialContext: (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
	}}
	defer client.CloseIdleConnections()
	var next atomic.Int64
	took := make([]time.Duration, b.N)
	var all sync.WaitGroup
	b.ResetTimer()
	for range connections {
		all.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= b.N {
					return
				}
				began := time.Now()
				response, err := client.Do(request(i))
				if err != nil {
					b.Error(err)
					return
				}
				body, err := io.ReadAll(response.Body)
				response.Body.Close()
				if err != nil || response.StatusCode >= 300 {
					b.Errorf("%d %v: %s", response.StatusCode, err, body)
					return
				}
				took[i] = time.Since(began)
			}
		})
	}
	all.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "req/s")
}

func request(b *testing.B, method, url, key string, body []byte) *http.Request {
	b.Helper()
	r, err := http.NewRequestWithContext(context.Background(), method, url, bytes.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	if key != "" {
		r.Header.Set("Authorization", "Bearer "+key)
	}
	if len(body) > 0 {
		r.Header.Set("Content-Type", "application/json")
	}
	return r
}

// bare is what net/http and one prepared statement can do on this machine: the limit.
func bare(b *testing.B, statement string, serve func(w http.ResponseWriter, r *http.Request, s *sql.Stmt)) (*httptest.Server, *world) {
	b.Helper()
	w := newWorld(b)
	db := w.module.DB().SQL()
	if _, err := db.Exec("CREATE TABLE bare (id BLOB PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL, at TEXT NOT NULL)"); err != nil {
		b.Fatal(err)
	}
	s, err := db.Prepare(statement)
	if err != nil {
		b.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { serve(rw, r, s) }))
	b.Cleanup(server.Close)
	return server, w
}

func BenchmarkBareInsert(b *testing.B) {
	server, _ := bare(b, "INSERT INTO bare (id, name, email, at) VALUES (?, ?, ?, ?)", func(w http.ResponseWriter, r *http.Request, s *sql.Stmt) {
		_, _ = io.Copy(io.Discard, r.Body)
		id := uuid.Must(uuid.NewV7())
		if _, err := s.Exec(id[:], "Szabó Éva", "eva@example.hu", "2026-07-13 08:30:00.000"); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		fmt.Fprintf(w, `{"id":%q}`, id)
	})
	load(b, server, func(i int) *http.Request { return request(b, http.MethodPost, server.URL, "", draft(i)) })
}

func BenchmarkBareRead(b *testing.B) {
	server, w := bare(b, "SELECT name, email, at FROM bare WHERE id = ?", func(w http.ResponseWriter, _ *http.Request, s *sql.Stmt) {
		var name, email, at string
		if err := s.QueryRow([]byte("one")).Scan(&name, &email, &at); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		fmt.Fprintf(w, `{"name":%q,"email":%q,"at":%q}`, name, email, at)
	})
	if _, err := w.module.DB().SQL().Exec("INSERT INTO bare VALUES (?, 'Szabó Éva', 'eva@example.hu', '2026-07-13')", []byte("one")); err != nil {
		b.Fatal(err)
	}
	load(b, server, func(int) *http.Request { return request(b, http.MethodGet, server.URL, "", nil) })
}

// draft is a new person each time, with a name that few others share: looking for duplicates is part of
// each capture, and costs more the more people are called alike.
func draft(i int) []byte {
	name := func(n int) string {
		text := ""
		for range 3 {
			text += syllables[n%len(syllables)]
			n /= len(syllables)
		}
		return strings.ToUpper(text[:1]) + text[1:]
	}
	h := i * 2654435761 % 4294967296 // Knuth's multiplicative hash, so that neighbours differ
	return fmt.Appendf(nil, `{"name":"%s %s","emails":["u%d@example.hu"],"phones":["+36 30 %03d %04d"],"interest":"40 lámpatest","origin":{"source":"google","medium":"cpc"}}`,
		name(h), name(h/8191), i, i/10000%1000, i%10000)
}

var syllables = strings.Fields("ba be bi bo da de di do fa fe ga ge ka ke ki ko la le li lo ma me mi mo na ne ni no pa pe ra re ri ro sa se ta te ti to va ve vi za ze zo")

var (
	families = []string{"Nagy", "Kovács", "Tóth", "Szabó", "Horváth", "Varga", "Kiss", "Molnár", "Németh", "Farkas", "Balogh", "Papp", "Takács", "Juhász"}
	firsts   = []string{"Anna", "Mária", "Katalin", "Erzsébet", "Ilona", "Éva", "László", "István", "József", "János", "Zoltán", "Sándor"}
)

func BenchmarkCreateLead(b *testing.B) {
	w := newWorld(b)
	load(b, w.server, func(i int) *http.Request {
		return request(b, http.MethodPost, w.server.URL+base+"/leads", w.seller, draft(i))
	})
}

// benchLeads is how many leads there are when one or fifty of them are read.
func benchLeads(b *testing.B) int {
	if text := os.Getenv("CRMPLUS_BENCH_ROWS"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			b.Fatal(err)
		}
		return n
	}
	return 200_000
}

// filled is a world with many leads, of which the first id is given.
func filled(b *testing.B) (*world, lead.ID) {
	b.Helper()
	w := newWorld(b)
	var file bytes.Buffer
	fmt.Fprintln(&file, "Név;E-mail;Telefon;Város;Forrás")
	n := benchLeads(b)
	for i := range n {
		fmt.Fprintf(&file, "%s %s;u%d@example.hu;+36 30 %03d %04d;Győr;%s\n", families[i%len(families)], firsts[i/7%len(firsts)], i, i/10000%1000, i%10000, []string{"vásár", "web", "google"}[i%3])
	}
	ctx := actor.With(context.Background(), actor.User{Company: w.company, ID: "kovacs", Name: "Kovács Anna", Rights: actor.Admin, See: actor.All}.Actor())
	src := lead.Source{Name: "leads.csv", File: bytes.NewReader(file.Bytes()), Size: int64(file.Len())}
	preview, err := w.module.Leads.Preview(ctx, src, lead.PreviewOptions{})
	if err != nil {
		b.Fatal(err)
	}
	preview.Plan.Owner, preview.Plan.Known = party.Owner{User: "kovacs"}, lead.CreateAnyway
	if _, err := w.module.Leads.Import(ctx, src, preview.Plan); err != nil {
		b.Fatal(err)
	}
	if _, err := w.module.DB().SQL().Exec("PRAGMA wal_checkpoint(TRUNCATE); ANALYZE"); err != nil {
		b.Fatal(err)
	}
	list, err := w.module.Leads.List(ctx, lead.Filter{}, lead.ByArrival, w.first())
	if err != nil {
		b.Fatal(err)
	}
	return w, list.Rows[0].ID
}

func BenchmarkLeads(b *testing.B) {
	w, id := filled(b)
	b.Run("ReadOne", func(b *testing.B) {
		load(b, w.server, func(int) *http.Request {
			return request(b, http.MethodGet, w.server.URL+base+"/leads/"+id.String(), w.admin, nil)
		})
	})
	b.Run("ListFifty", func(b *testing.B) {
		load(b, w.server, func(int) *http.Request {
			return request(b, http.MethodGet, w.server.URL+base+"/leads?status=new&source=web&limit=50", w.admin, nil)
		})
	})
}
