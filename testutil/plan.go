package testutil

import (
	"context"
	"database/sql/driver"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
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

// Planned is [SQLite] with a database that keeps the plan of each SELECT, UPDATE and DELETE it is sent,
// made without statistics, as for a table nobody has analysed.
func Planned(t testing.TB) (*Env, *Plans) {
	t.Helper()
	p := &Plans{byStatement: map[string]string{}}
	return hooked(t, p.explain), p
}

func (p *Plans) explain(ctx context.Context, c driver.Conn, query string, args []driver.NamedValue) error {
	verb, _, _ := strings.Cut(query, " ")
	if verb != "SELECT" && verb != "UPDATE" && verb != "DELETE" {
		return nil
	}
	rows, err := c.(driver.QueryerContext).QueryContext(ctx, "EXPLAIN QUERY PLAN "+query, args)
	if err != nil {
		return fmt.Errorf("%w, in: %s", err, query)
	}
	defer rows.Close()
	var plan strings.Builder
	row := make([]driver.Value, len(rows.Columns()))
	for rows.Next(row) == nil {
		fmt.Fprintln(&plan, row[len(row)-1])
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.byStatement[query] = plan.String()
	return nil
}

// Statements are those that a database was sent.
type Statements struct {
	mu   sync.Mutex
	sent []string
}

// Forget begins anew.
func (s *Statements) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sent = nil
}

// With gives those since then in which a text stands, as the prefix of a program's tables.
func (s *Statements) With(text string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(s.sent), func(query string) bool { return !strings.Contains(query, text) })
}

// Counted is [SQLite] with a database that keeps the text of each statement that it is sent.
func Counted(t testing.TB) (*Env, *Statements) {
	t.Helper()
	s := &Statements{}
	return hooked(t, func(_ context.Context, _ driver.Conn, query string, _ []driver.NamedValue) error {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.sent = append(s.sent, query)
		return nil
	}), s
}
