package tablehost

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/erpbridge/catalog"
)

// Only the files sql*.go make SQL, and token.go for a table of CRM+. Names come from the catalogue and are quoted, values are
// parameters in the cast of their column.

// Statement is one that was sent to the host's database, for those who watch: [Options.Trace].
type Statement struct {
	// Path is the place of the mapping that the statement is for.
	Path string
	// Text has the parameters as ? (SQLite) or @p1 (SQL Server), Args are their values.
	Text string
	Args []any
	// Columns names the column of each argument, "" for one that has none.
	Columns []string
}

// script is a statement being written.
type script struct {
	strings.Builder
	dialect catalog.Dialect
	path    string
	args    []any
	columns []*column
	err     error
}

func (w work) script(path string) *script {
	return &script{dialect: w.h.dialect, path: path, args: make([]any, 0, 32), columns: make([]*column, 0, 32)}
}

// add writes text.
func (s *script) add(parts ...string) *script {
	for _, p := range parts {
		_, _ = s.WriteString(p) // a strings.Builder never fails
	}
	return s
}

// bind writes a parameter for a column. The first value that does not fit is the script's error.
func (s *script) bind(c *column, value any) *script {
	text, arg, err := c.Bind(s.dialect, value, c.storage)
	if err != nil && s.err == nil {
		s.err = err
	}
	return s.param(text, arg, c)
}

// assigned writes the parameter of an assignment.
func (s *script) assigned(a assignment) *script {
	if a.bound != nil {
		return s.param(a.bound.text, a.bound.arg, a.column)
	}
	return s.bind(a.column, a.value)
}

func (s *script) param(text string, arg any, c *column) *script {
	_, _ = s.WriteString(text)
	s.args = append(s.args, arg)
	s.columns = append(s.columns, c)
	return s
}

// text is what is sent.
func (s *script) text() string { return catalog.Numbered(s.dialect, s.String()) }

// exec sends a statement that gives no rows.
func (w work) exec(ctx context.Context, s *script) error {
	if s.err != nil {
		return about(s.path, s.err)
	}
	text := s.text()
	w.trace(s, text)
	if _, err := w.Tx.ExecContext(ctx, text, s.args...); err != nil {
		return failed(s, err)
	}
	return nil
}

func (w work) trace(s *script, text string) {
	if w.h.options.Trace == nil {
		return
	}
	names := make([]string, len(s.columns))
	for i, c := range s.columns {
		if c != nil {
			names[i] = c.Table + "." + c.Name
		}
	}
	w.h.options.Trace(Statement{Path: s.path, Text: text, Args: s.args, Columns: names})
}

// query reads the rows of a statement to the end; take is called for each and must not send another one.
// Results of other shapes, which a trigger may send in between, are passed over: those that count have n
// columns, of which the first is called name where that is not "".
func (w work) query(ctx context.Context, s *script, shape shape, take func(raw []any) error) error {
	if s.err != nil {
		return about(s.path, s.err)
	}
	text := s.text()
	w.trace(s, text)
	rows, err := w.Tx.QueryContext(ctx, text, s.args...)
	if err != nil {
		return failed(s, err)
	}
	defer rows.Close()
	raw := make([]any, shape.n)
	into := make([]any, shape.n)
	for i := range raw {
		into[i] = &raw[i]
	}
	for {
		if shape.name != "" {
			if names, err := rows.Columns(); err != nil || len(names) != shape.n || names[0] != shape.name {
				for rows.Next() { // of somebody else
				}
				if !rows.NextResultSet() {
					break
				}
				continue
			}
		}
		for rows.Next() {
			if err := rows.Scan(into...); err != nil {
				return failed(s, err)
			}
			if err := take(raw); err != nil {
				return err
			}
		}
		if !rows.NextResultSet() {
			break
		}
	}
	if err := rows.Err(); err != nil {
		return failed(s, err)
	}
	return nil
}

// shape tells our result from those of triggers.
type shape struct {
	n    int
	name string
}

// failed says where a statement failed, with the driver's error below for the owner of the transaction.
func failed(s *script, err error) error {
	words := strings.Fields(s.String())
	return fmt.Errorf("tablehost: %s: %s: %w", s.path, strings.Join(words[:min(len(words), 3)], " "), err)
}

// about puts the place of the mapping before an error.
func about(path string, err error) error {
	var e *fault.Error
	if errors.As(err, &e) && len(e.Faults) > 0 {
		var l fault.List
		l.Merge(path, e.Faults)
		return l.Err("%s", e.Message)
	}
	return fault.Wrap(err, fault.Invalid, "%s", path)
}

// lock keeps others from the rows until the transaction ends. A column is set to itself, which locks on
// every database. Where a trigger would see that, SQL Server is asked for the lock by a hint, and CRM+
// queues at a lock of its own name besides; SQLite has one writer anyway.
func (w work) lock(ctx context.Context, t *table, where []cond) error {
	if t.locked != nil {
		s := w.script(t.path).add("UPDATE ", t.name, " SET ", t.locked.name, " = ", t.locked.name)
		if !w.where(s, t, where, false) {
			return nil
		}
		return w.exec(ctx, s)
	}
	if w.h.dialect != catalog.MSSQL {
		return nil
	}
	s := w.script(t.path).add("SELECT 1 FROM ", t.name, " WITH (UPDLOCK, HOLDLOCK, ROWLOCK)")
	if !w.where(s, t, where, false) {
		return nil
	}
	if err := w.queue(ctx, t, fmt.Sprint(s.args)); err != nil {
		return err
	}
	return w.query(ctx, s, shape{n: 1}, func([]any) error { return nil })
}

// queue waits for the lock that CRM+ gives the name on SQL Server.
func (w work) queue(ctx context.Context, t *table, name string) error {
	if w.h.dialect != catalog.MSSQL {
		return nil
	}
	s := w.script(t.path).add("DECLARE @r int; EXEC @r = sp_getapplock @Resource = ").param("?", shortened("tablehost "+t.name+" "+name, 250), nil).
		add(", @LockMode = 'Exclusive', @LockOwner = 'Transaction'; SELECT @r AS ", made)
	return w.query(ctx, s, shape{1, made}, func(raw []any) error {
		if n, _ := raw[0].(int64); n < 0 {
			return fault.New(fault.Retryable, "%s: a row of %s is locked by somebody else; try again", t.path, t.Table)
		}
		return nil
	})
}

// shortened is a text of n characters at most.
func shortened(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}

// unsafe sends a statement of the mapping's own.
func (w work) unsafe(ctx context.Context, st *step, args []any) error {
	s := w.script(st.path).add(st.unsafe.text)
	for _, a := range args {
		a = plain(a)
		switch v := a.(type) {
		case decimal.Decimal:
			a = v.String()
		case civil.Date:
			a = v.String()
		case civil.DateTime:
			a = v.String()
		}
		s.args, s.columns = append(s.args, a), append(s.columns, nil)
	}
	return w.exec(ctx, s)
}

// duplicate reports whether the database refused a row because its key or a unique value is taken.
func duplicate(err error) bool {
	var mssql interface{ SQLErrorNumber() int32 }
	if errors.As(err, &mssql) {
		n := mssql.SQLErrorNumber()
		return n == 2601 || n == 2627
	}
	var sqlite interface{ Code() int }
	if errors.As(err, &sqlite) {
		return sqlite.Code() == 1555 || sqlite.Code() == 2067 // SQLITE_CONSTRAINT_PRIMARYKEY, _UNIQUE
	}
	return false
}
