package opportunity_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/crmplus/crmplus/adapters/sqlite"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/testutil"
)

// planner is a database driver that asks SQLite for the plan of each statement before it runs it.
type planner struct {
	driver.Driver
	mu    sync.Mutex
	plans map[string]string // statement -> plan
}

func (p *planner) Open(name string) (driver.Conn, error) {
	c, err := p.Driver.Open(name)
	if err != nil {
		return nil, err
	}
	return &plannedConn{c, p}, nil
}

type plannedConn struct {
	driver.Conn
	p *planner
}

func (c *plannedConn) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	return c.Conn.(driver.ConnBeginTx).BeginTx(ctx, o)
}

func (c *plannedConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if err := c.explain(ctx, query, args); err != nil {
		return nil, err
	}
	return c.Conn.(driver.ExecerContext).ExecContext(ctx, query, args)
}

func (c *plannedConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if err := c.explain(ctx, query, args); err != nil {
		return nil, err
	}
	return c.Conn.(driver.QueryerContext).QueryContext(ctx, query, args)
}

func (c *plannedConn) explain(ctx context.Context, query string, args []driver.NamedValue) error {
	verb, _, _ := strings.Cut(query, " ")
	if verb != "SELECT" && verb != "UPDATE" && verb != "DELETE" {
		return nil
	}
	rows, err := c.Conn.(driver.QueryerContext).QueryContext(ctx, "EXPLAIN QUERY PLAN "+query, args)
	if err != nil {
		return fmt.Errorf("%w, in: %s", err, query)
	}
	defer rows.Close()
	var plan strings.Builder
	row := make([]driver.Value, len(rows.Columns()))
	for rows.Next(row) == nil {
		fmt.Fprintln(&plan, row[len(row)-1])
	}
	c.p.mu.Lock()
	defer c.p.mu.Unlock()
	c.p.plans[query] = plan.String()
	return nil
}

// planned gives a world on a database that keeps the plans of all statements.
func planned(t *testing.T) (*world, *planner) {
	env := testutil.SQLite(t)
	p := &planner{Driver: env.DB.SQL().Driver(), plans: map[string]string{}}
	name := "sqlite-planned-" + filepath.Base(filepath.Dir(env.File)) + fmt.Sprint(os.Getpid())
	sql.Register(name, p)
	db, err := sql.Open(name, sqlite.DSN(env.File))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	env.DB = sqlite.Use(db).WithClock(env.Clock.Now)
	return newWorld(t, env), p
}

// TestNoStatementScans runs the reading operations, with all orders and for narrow and wide sight, and
// the changing ones, and reads the plan of each statement they send: no table is read from end to end,
// the totals are read from one index alone, and pages come out of their index in order.
func TestNoStatementScans(t *testing.T) {
	w, p := planned(t)
	stages := w.pipeline().Stages
	o := w.create(func(d *opportunity.Draft) {
		d.Lines = []opportunity.Line{{Name: "x", Quantity: quantity("1"), UnitPrice: amount("10")}}
		d.Competitors = []opportunity.Competitor{{Name: "Fényár"}}
	})
	_, err := w.opps.Move(w.anna, o.ID, opportunity.Step{Stage: stages[1].ID})
	w.ok(err)
	_, err = w.opps.SetLines(w.anna, o.ID, 0, nil)
	w.ok(err)
	_, err = w.opps.SetCompetitors(w.anna, o.ID, 0, nil)
	w.ok(err)
	_, err = w.opps.Comment(w.anna, o.ID, "@szabo")
	w.ok(err)
	_, err = w.opps.CloseLost(w.anna, o.ID, opportunity.Loss{Reason: "ár", Competitor: "x", Lesson: "x"})
	w.ok(err)
	_, err = w.opps.Reopen(w.anna, o.ID, opportunity.Reopening{})
	w.ok(err)
	_, err = w.opps.Pipelines().AddStage(w.admin, w.pipeline().ID, opportunity.StageDraft{Name: "x", Kind: opportunity.Open})
	w.ok(err)
	_, err = w.opps.Pipelines().ArchiveStage(w.admin, stages[3].ID)
	w.ok(err)

	open := []opportunity.State{opportunity.Open}
	sights := []context.Context{w.anna, w.admin, w.As("szabo", actor.Seller, actor.Team, "pest", "buda")}
	for _, ctx := range sights {
		for _, f := range []opportunity.Filter{
			{}, {States: open}, {Sort: opportunity.ByCreated}, {Sort: opportunity.ByRevenue},
			{Sort: opportunity.ByStageSince, Stage: stages[1].ID, States: open}, {Owner: "szabo"}, {Party: w.minta.ID},
			{Stage: stages[1].ID}, {Pipeline: w.pipeline().ID}, {CloseFrom: civil.Date{Year: 2026, Month: 1, Day: 1}},
		} {
			if f.Party.IsZero() || ctx != sights[2] { // szabo may not see the party
				w.walkPages(ctx, f, 1)
			}
		}
		for _, scope := range []opportunity.Scope{{}, {Pipeline: w.pipeline().ID}, {Owner: "szabo"}, {State: opportunity.Won}} {
			_, err := w.opps.Totals(ctx, scope)
			w.ok(err)
		}
		_, err := w.opps.Board(ctx, opportunity.View{})
		w.ok(err)
	}
	_, err = w.opps.Comments(w.anna, o.ID, store.Page{After: store.Cursor(w.Clock.Now(), o.ID)})
	w.ok(err)
	_, err = w.opps.Get(w.anna, o.ID)
	w.ok(err)

	if len(p.plans) < 60 {
		t.Errorf("only %d statements were seen", len(p.plans))
	}
	covered := 0
	for query, plan := range p.plans {
		for line := range strings.Lines(plan) {
			if strings.HasPrefix(line, "SCAN ") && !strings.Contains(line, "CONSTANT ROW") {
				t.Errorf("a scan: %s\n%s", query, plan)
			}
		}
		wide := !strings.Contains(query, "crm_opportunity_seller") && strings.Contains(query, "crm_opportunity")
		if wide && strings.Contains(query, "GROUP BY") {
			covered++
			if !strings.Contains(plan, "COVERING INDEX ix_opportunity_totals") || strings.Contains(plan, "TEMP B-TREE") {
				t.Errorf("totals that are not read from their index: %s\n%s", query, plan)
			}
		}
		if wide && strings.Contains(query, "NOT NULL") && !strings.Contains(query, "owner_user =") && !strings.Contains(query, "party_id IN") && !strings.Contains(query, "stage_id =") && strings.Contains(plan, "TEMP B-TREE") {
			t.Errorf("a page that is sorted instead of read in order: %s\n%s", query, plan)
		}
	}
	if covered < 3 {
		t.Errorf("only %d totals were seen", covered)
	}
}
