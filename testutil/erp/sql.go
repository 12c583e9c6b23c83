package erp

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/erpbridge"
)

// work is one call on the transaction of a session. Statements have ? for parameters and run alike
// on both databases; rows are read to the end before the next statement, because SQL Server allows
// one at a time.
type work struct {
	erpbridge.Session
	dialect  string
	prepared statements
}

// statements are prepared on first use, in the one transaction that they are for.
type statements map[string]*sql.Stmt

// of gives the statement for a text, nil where nothing is to be prepared.
func (p statements) of(ctx context.Context, tx *sql.Tx, query string) (*sql.Stmt, error) {
	if p == nil || p[query] != nil {
		return p[query], nil
	}
	stmt, err := tx.PrepareContext(ctx, query)
	if err == nil {
		p[query] = stmt
	}
	return stmt, err
}

func (e *ERP) work(s erpbridge.Session) (work, error) {
	if s.Tx == nil {
		return work{}, fault.New(fault.Invalid, "the session has no transaction; this ERP works in the caller's")
	}
	if s.Company == "" {
		return work{}, fault.New(fault.Invalid, "the session names no company")
	}
	if s.Now.IsZero() {
		s.Now = e.now().UTC()
	}
	return work{s, e.dialect, e.prepared}, nil
}

func (w work) exec(ctx context.Context, query string, args ...any) error {
	query, args = w.bind(query, args)
	stmt, err := w.prepared.of(ctx, w.Tx, query)
	switch {
	case err != nil:
	case stmt != nil:
		_, err = stmt.ExecContext(ctx, args...)
	default:
		_, err = w.Tx.ExecContext(ctx, query, args...)
	}
	if err != nil {
		return fmt.Errorf("erp: %s: %w", verb(query), err)
	}
	return nil
}

// rows reads all rows; scan is called for each one and must not start another statement.
func (w work) rows(ctx context.Context, scan func(*sql.Rows) error, query string, args ...any) error {
	query, args = w.bind(query, args)
	rows, err := w.query(ctx, query, args)
	if err != nil {
		return fmt.Errorf("erp: %s: %w", verb(query), err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return fmt.Errorf("erp: reading: %w", err)
		}
	}
	return rows.Err()
}

func (w work) query(ctx context.Context, query string, args []any) (*sql.Rows, error) {
	stmt, err := w.prepared.of(ctx, w.Tx, query)
	if err != nil {
		return nil, err
	}
	if stmt != nil {
		return stmt.QueryContext(ctx, args...)
	}
	return w.Tx.QueryContext(ctx, query, args...)
}

// row reads the first row into dest and reports whether there was one.
func (w work) row(ctx context.Context, dest []any, query string, args ...any) (bool, error) {
	found := false
	err := w.rows(ctx, func(r *sql.Rows) error {
		if found {
			return nil
		}
		found = true
		return r.Scan(dest...)
	}, query, args...)
	return found, err
}

// verb names a statement in errors without its values.
func verb(query string) string {
	words := strings.Fields(query)
	return strings.Join(words[:min(len(words), 3)], " ")
}

// bind turns ? into @p1, @p2 ... for SQL Server, and the values into what each database keeps: there
// decimals travel as text with a CAST, so that nothing becomes a float; SQLite gets scaled integers.
func (w work) bind(query string, args []any) (string, []any) {
	bound := make([]any, len(args))
	casts := make([]string, len(args))
	for i, a := range args {
		bound[i] = a
		switch v := a.(type) {
		case bool:
			bound[i] = 0
			if v {
				bound[i] = 1
			}
		case time.Time:
			bound[i] = v.Format("2006-01-02T15:04:05.000")
		case money.Amount:
			w.asDecimal(&bound[i], &casts[i], v.StringFixed(4), "DECIMAL(18,4)")
		case money.Quantity:
			w.asDecimal(&bound[i], &casts[i], v.StringFixed(6), "DECIMAL(18,6)")
		case money.Percent:
			w.asDecimal(&bound[i], &casts[i], v.StringFixed(4), "DECIMAL(9,4)")
		}
	}
	if w.dialect != MSSQL {
		return query, bound
	}
	var b strings.Builder
	n := 0
	for _, r := range query {
		if r != '?' {
			b.WriteRune(r)
			continue
		}
		p := "@p" + strconv.Itoa(n+1)
		if n < len(casts) && casts[n] != "" {
			p = "CAST(" + p + " AS " + casts[n] + ")"
		}
		b.WriteString(p)
		n++
	}
	return b.String(), bound
}

// asDecimal replaces a number by its text and the CAST that reads it, on SQL Server.
func (w work) asDecimal(value *any, cast *string, text, column string) {
	if w.dialect == MSSQL {
		*value, *cast = text, column
	}
}

// limit ends an ordered SELECT after n rows.
func (w work) limit(n int) string {
	if w.dialect == MSSQL {
		return " OFFSET 0 ROWS FETCH NEXT " + strconv.Itoa(n) + " ROWS ONLY"
	}
	return " LIMIT " + strconv.Itoa(n)
}

// marks gives "?, ?, ?" for n parameters.
func marks(n int) string { return strings.TrimSuffix(strings.Repeat("?, ", n), ", ") }

// contains makes the pattern of LIKE that finds text anywhere; the statement ends in ESCAPE '~'.
func contains(text string) string {
	return "%" + strings.NewReplacer("~", "~~", "%", "~%", "_", "~_", "[", "~[").Replace(text) + "%"
}

// exact reads a number of either database: a scaled integer with that many places, or a DECIMAL.
type exact struct {
	to     *decimal.Decimal
	places int32
}

func price(a *money.Amount) exact    { return exact{&a.Decimal, 4} }
func units(q *money.Quantity) exact  { return exact{&q.Decimal, 6} }
func percent(p *money.Percent) exact { return exact{&p.Decimal, 4} }
func (e exact) parse(s string) error { return e.set(decimal.NewFromString(s)) }
func (e exact) scaled(n int64) error { return e.set(decimal.New(n, -e.places), nil) }
func (e exact) set(d decimal.Decimal, err error) error {
	*e.to = d
	return err
}

// Scan implements sql.Scanner; NULL is zero.
func (e exact) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		return e.scaled(0)
	case int64:
		return e.scaled(v)
	case []byte:
		return e.parse(string(v))
	case string:
		return e.parse(v)
	}
	return fmt.Errorf("a number cannot be read from %T", src)
}
