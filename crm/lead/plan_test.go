package lead_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	sqlite3 "modernc.org/sqlite"

	"github.com/crmplus/crmplus/adapters/sqlite"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/testutil"
)

// listener is a driver that hears every statement.
type listener struct {
	mu         sync.Mutex
	statements map[string]int
}

func (l *listener) hear(query string, args int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.statements[query] = args
}

func (l *listener) Open(name string) (driver.Conn, error) {
	conn, err := new(sqlite3.Driver).Open(name)
	return &heard{conn.(conversation), l}, err
}

// conversation is what SQLite's connection can do.
type conversation interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
}

type heard struct {
	conversation
	l *listener
}

func (c *heard) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	c.l.hear(query, strings.Count(query, "?"))
	return c.conversation.PrepareContext(ctx, query)
}

func (c *heard) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	c.l.hear(query, len(args))
	return c.conversation.ExecContext(ctx, query, args)
}

func (c *heard) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	c.l.hear(query, len(args))
	return c.conversation.QueryContext(ctx, query, args)
}

var hearing = sync.OnceValue(func() *listener {
	l := &listener{statements: map[string]int{}}
	sql.Register("sqlite-heard", l)
	return l
})

// whole are the searches that read through all rows of a company.
var whole = regexp.MustCompile(`SEARCH (lead|p|party|touch|k|crm_lead|crm_party|crm_touch|crm_party_key|event) .*\(company=\?\)`)

// Every operation is run once, and the plan of every statement it sent is read: none may read through
// a table, and only the lists, which stop after a page, may begin with nothing but the company.
func TestNoStatementReadsThroughATable(t *testing.T) {
	env := testutil.SQLite(t)
	l := hearing()
	db, err := sql.Open("sqlite-heard", sqlite.DSN(env.File))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	env.DB = sqlite.Use(db).WithClock(env.Clock.Now)
	w := newWorld(t, env, erpbridge.Host{})
	clear(l.statements)
	everyOperation(t, w)
	statements := map[string]int{}
	for query, args := range l.statements {
		statements[query] = args
	}
	if len(statements) < 60 {
		t.Fatalf("only %d statements were heard", len(statements))
	}
	for query, n := range statements {
		verb, _, _ := strings.Cut(strings.TrimSpace(query), " ")
		if !slices.Contains([]string{"SELECT", "UPDATE", "DELETE"}, strings.ToUpper(verb)) {
			continue
		}
		for _, step := range explain(t, db, query, n) {
			scan := strings.HasPrefix(step, "SCAN ") && !strings.Contains(step, "CONSTANT ROW") && !strings.HasPrefix(step, "SCAN (") && step != "SCAN found"
			all := whole.MatchString(step) && !strings.Contains(query, "LIMIT")
			if scan || all {
				t.Errorf("%s\n\tin %s", step, query)
			}
		}
	}
}

func explain(t *testing.T, db *sql.DB, query string, n int) []string {
	t.Helper()
	rows, err := db.Query("EXPLAIN QUERY PLAN "+query, make([]any, n)...)
	if err != nil {
		t.Fatalf("%v: %s", err, query)
	}
	defer rows.Close()
	var steps []string
	for rows.Next() {
		var id, parent, unused int
		var step string
		if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, step)
	}
	return steps
}

// everyOperation calls each public operation, as those who see little and as those who see all.
func everyOperation(t *testing.T, w world) {
	t.Helper()
	boss, seller := w.As("vezeto", actor.Manager, actor.All), w.As("anna", actor.Seller, actor.Team, "t1", "t2")
	must := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	a := w.capture(t, seller, lead.Draft{Name: "Kiss Éva", Organization: "Minta Kft.", Emails: []string{"eva@minta.hu"}, Phones: []string{"+36 30 111 2233", "+36 1 222 3344"}, Token: "t"})
	w.capture(t, seller, lead.Draft{Name: "Kiss Éva", Emails: []string{"eva@minta.hu"}, TaxID: "12345676-1-11", Interest: "még"})
	b := w.capture(t, seller, lead.Draft{Name: "Kis Éva", Organization: "Minta Kft.", Emails: []string{"eva2@minta.hu"}})
	for _, ctx := range []context.Context{boss, seller, w.seller("anna")} {
		for _, order := range []lead.Sort{lead.ByArrival, lead.ByScore, lead.ByName} {
			for _, f := range []lead.Filter{
				{}, {Statuses: []lead.Status{lead.StatusNew}}, {OwnerUser: "anna"}, {OwnerTeam: "t1"}, {Source: "hand"}, {Campaign: "x"}, {Name: "Ki"}, {Unowned: true},
				{From: w.Clock.Now(), Until: w.Clock.Now()},
			} {
				list, err := w.leads.List(ctx, f, order, store.Page{Limit: 1})
				must(list, err)
				must(w.leads.List(ctx, f, order, store.Page{Limit: 1, After: list.Next}))
			}
		}
		must(w.leads.Count(ctx, lead.Filter{}))
		must(w.leads.Duplicates(ctx, a.Lead))
		must(w.leads.Get(ctx, a.Lead))
		must(w.leads.Touches(ctx, a.Lead, store.Page{}))
	}
	card := w.get(t, a.Lead)
	must(w.leads.Edit(seller, a.Lead, card.Lead.Version, lead.Patch{Interest: point("x"), Organization: point("Más Zrt.")}))
	must(w.leads.SetStatus(seller, a.Lead, 0, lead.Move{To: lead.StatusWorking}))
	must(w.leads.Responded(seller, a.Lead))
	must(w.leads.Assign(boss, a.Lead, 0, anna))
	merge, err := w.leads.Merge(boss, a.Lead, b.Lead)
	must(merge, err)
	must(nil, w.leads.Unmerge(boss, merge))
	must(w.leads.MarkConverted(boss, b.Lead, [16]byte{1}))
	must(w.leads.UnmarkConverted(boss, b.Lead, [16]byte{1}))
	out := w.importAs(t, source("mixed.csv", mixed), lead.MergeKnown)
	must(w.leads.Imports(boss, store.Page{}))
	must(w.leads.GetImport(boss, out.ID))
	must(w.leads.Rejects(boss, out.ID, new(strings.Builder)))
	must(w.leads.UndoImport(boss, out.ID))
}
