package regional

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/civil"
)

// Books is the ERP of one company, as the people of its office use it. Each of its calls is a transaction
// of its own.
type Books struct {
	DB *sql.DB
	// Dialect is [SQLite] or [MSSQL].
	Dialect string
	// Company is CEGKOD, at most 38 characters.
	Company string
}

// Second gives the company that [Books.Seed] makes beside the first.
func (b Books) Second() Books {
	b.Company += "-2"
	return b
}

// Clerk is who writes what [Books] writes.
const Clerk = "KOVACSA"

// ledger is a transaction of the company.
type ledger struct {
	Books
	tx *sql.Tx
}

// in runs do in a transaction: committed when it returns nil, rolled back otherwise.
func (b Books) in(ctx context.Context, do func(ledger) error) error {
	tx, err := b.DB.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("regional: %w", err)
	}
	defer tx.Rollback() // after the commit it does nothing
	if err := do(ledger{b, tx}); err != nil {
		return fmt.Errorf("regional: %w", err)
	}
	return tx.Commit()
}

// number is a decimal on its way into a column with that many places.
type number struct {
	decimal.Decimal
	places int32
}

func price(d decimal.Decimal) number    { return number{d, 4} }
func total(d decimal.Decimal) number    { return number{d, 2} }
func quantity(d decimal.Decimal) number { return number{d, 3} }

// bind gives a statement with ? and its values the form of the database.
func (b Books) bind(query string, args []any) (string, []any) {
	bound := make([]any, len(args))
	var text strings.Builder
	rest := query
	for i, a := range args {
		mark := "?"
		if b.Dialect == MSSQL {
			mark = "@p" + strconv.Itoa(i+1)
		}
		switch v := a.(type) {
		case number:
			bound[i] = v.Shift(v.places).Round(0).IntPart()
			if b.Dialect == MSSQL {
				bound[i] = v.StringFixed(v.places)
				mark = fmt.Sprintf("CAST(%s AS DECIMAL(15,%d))", mark, v.places)
			}
		case civil.Date:
			bound[i] = v.String()
		case time.Time:
			bound[i] = v.Format("2006-01-02T15:04:05.000")
		default:
			bound[i] = v
		}
		before, after, _ := strings.Cut(rest, "?")
		text.WriteString(before + mark)
		rest = after
	}
	return text.String() + rest, bound
}

func (l ledger) exec(ctx context.Context, query string, args ...any) error {
	query, args = l.bind(query, args)
	_, err := l.tx.ExecContext(ctx, query, args...)
	return err
}

// rows reads all rows before it returns; scan must not start another statement.
func (l ledger) rows(ctx context.Context, scan func(*sql.Rows) error, query string, args ...any) error {
	query, args = l.bind(query, args)
	rows, err := l.tx.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// row reads exactly one row; what is told in the error of its absence.
func (l ledger) row(ctx context.Context, what string, dest []any, query string, args ...any) error {
	n := 0
	err := l.rows(ctx, func(r *sql.Rows) error { n++; return r.Scan(dest...) }, query, args...)
	if err == nil && n != 1 {
		err = fmt.Errorf("%s: %d rows, one was expected", what, n)
	}
	return err
}

// exact reads a DECIMAL with that many places; NULL is zero.
type exact struct {
	to     *decimal.Decimal
	places int32
}

// Scan implements sql.Scanner.
func (e exact) Scan(src any) (err error) {
	switch v := src.(type) {
	case nil:
		*e.to = decimal.Zero
	case int64:
		*e.to = decimal.New(v, -e.places)
	case []byte:
		*e.to, err = decimal.NewFromString(string(v))
	case string:
		*e.to, err = decimal.NewFromString(v)
	default:
		err = fmt.Errorf("a number cannot be read from %T", src)
	}
	return err
}

// day reads a DATE or DATETIME.
type day struct{ to *civil.Date }

// Scan implements sql.Scanner.
func (d day) Scan(src any) error {
	if text, ok := src.(string); ok && len(text) > 10 {
		src = text[:10]
	}
	return d.to.Scan(src)
}

// midnight is how a day stands in a DATETIME.
func midnight(d civil.Date) time.Time { return d.Time(time.UTC) }
