package testutil

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/crmplus/crmplus/adapters/sqlite"
)

// Plans are the query plans that SQLite made for the statements of a test.
type Plans struct {
	mu sync.Mutex
	// byStatement is the plan of each statement, a step a line.
	byStatement map[string]string
}

// Each gives every statement that was seen with its plan.
func (p *Plans) Each(yield func(statement, plan string) bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for statement, plan := range p.byStatement {
		if !yield(statement, plan) {
			return
		}
	}
}

// Scans gives the statements that read a whole table or index from end to end, each with its plan.
// Reading what another step of the same statement has made is no scan.
func (p *Plans) Scans() []string {
	var scans []string
	for statement, plan := range p.Each {
		if scansTable(plan) {
			scans = append(scans, statement+"\n"+plan)
		}
	}
	return scans
}

func scansTable(plan string) bool {
	made := map[string]bool{}
	for line := range strings.Lines(plan) {
		if verb, name, _ := strings.Cut(strings.TrimSpace(line), " "); verb == "CO-ROUTINE" || verb == "MATERIALIZE" {
			made[name] = true
		}
	}
	for line := range strings.Lines(plan) {
		words := strings.Fields(line)
		if len(words) > 1 && words[0] == "SCAN" && !made[words[1]] && !ofSQLite(words[1]) && !strings.Contains(line, "CONSTANT ROW") {
			return true
		}
	}
	return false
}

// ofSQLite are tables of SQLite's own, as long as the schema.
func ofSQLite(table string) bool {
	return strings.HasPrefix(table, "sqlite_") || strings.HasPrefix(table, "pragma_")
}

var planners atomic.Int64

// Planned is [SQLite] with a database that keeps the plan of each SELECT, UPDATE and DELETE it is sent,
// made without statistics, as for a table nobody has analysed.
func Planned(t testing.TB) (*Env, *Plans) {
	t.Helper()
	env := SQLite(t)
	p := &Plans{byStatement: map[string]string{}}
	name := fmt.Sprintf("sqlite-planned-%d", planners.Add(1))
	sql.Register(name, &planner{env.DB.SQL().Driver(), p})
	db, err := sql.Open(name, sqlite.DSN(env.File))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	env.DB = sqlite.Use(db).WithClock(env.Clock.Now)
	return env, p
}

// planner is a driver that asks SQLite for the plan of each statement before it runs it.
type planner struct {
	driver.Driver
	plans *Plans
}

func (p *planner) Open(name string) (driver.Conn, error) {
	c, err := p.Driver.Open(name)
	if err != nil {
		return nil, err
	}
	return &plannedConn{c, p.plans}, nil
}

type plannedConn struct {
	driver.Conn
	plans *Plans
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
	c.plans.mu.Lock()
	defer c.plans.mu.Unlock()
	c.plans.byStatement[query] = plan.String()
	return nil
}
