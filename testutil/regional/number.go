package regional

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/crmplus/crmplus/crm/civil"
)

// Series names the numbers of one kind of document in one fiscal year.
type Series struct {
	// Kind is BIZTIPUS: [Order], [Invoice] ...
	Kind string
	Year int
	// Name is SOROZAT; "" is the usual series "A".
	Name string
}

func (s Series) name() string {
	if s.Name == "" {
		return "A"
	}
	return s.Name
}

// Counter is how far a series has come.
type Counter struct {
	// Taken are the numbers that documents have, ascending.
	Taken []int
	// Last is the last number that the number table gave.
	Last int
}

// Numbers gives the numbers of a series.
func (b Books) Numbers(ctx context.Context, s Series) (Counter, error) {
	var c Counter
	err := b.in(ctx, func(l ledger) error {
		err := l.rows(ctx, func(r *sql.Rows) error {
			var n int
			err := r.Scan(&n)
			c.Taken = append(c.Taken, n)
			return err
		}, "SELECT SORSZAM FROM BIZFEJ WHERE CEGKOD = ? AND UZLETIEV = ? AND SOROZAT = ? AND BIZTIPUS = ? ORDER BY SORSZAM", l.Company, s.Year, s.name(), s.Kind)
		if err != nil {
			return err
		}
		return l.row(ctx, "the series", []any{&c.Last}, "SELECT UTOLSO FROM SORSZAMOK WHERE CEGKOD = ? AND UZLETIEV = ? AND SOROZAT = ? AND BIZTIPUS = ?",
			l.Company, s.Year, s.name(), s.Kind)
	})
	return c, err
}

// Gapless reports what is wrong with the numbers of a series: a hole, a double, or a last number that no
// document has; nil where nothing is.
func (b Books) Gapless(ctx context.Context, s Series) error {
	c, err := b.Numbers(ctx, s)
	if err != nil {
		return err
	}
	for i, n := range c.Taken {
		if n != i+1 {
			return fmt.Errorf("regional: series %s of %d: after %d documents comes the number %d: %v", s.Kind, s.Year, i, n, c.Taken)
		}
	}
	if c.Last != len(c.Taken) {
		return fmt.Errorf("regional: series %s of %d: the last number is %d, but there are %d documents", s.Kind, s.Year, c.Last, len(c.Taken))
	}
	return nil
}

// take locks the row of a series, as everybody does who takes a number, and gives the next one.
func (l ledger) take(ctx context.Context, s Series) (int, error) {
	err := l.exec(ctx, "UPDATE SORSZAMOK SET UTOLSO = UTOLSO + 1 WHERE CEGKOD = ? AND UZLETIEV = ? AND SOROZAT = ? AND BIZTIPUS = ?", l.Company, s.Year, s.name(), s.Kind)
	if err != nil {
		return 0, err
	}
	var n int
	err = l.row(ctx, fmt.Sprintf("the number table has no series %s of %d", s.Kind, s.Year), []any{&n},
		"SELECT UTOLSO FROM SORSZAMOK WHERE CEGKOD = ? AND UZLETIEV = ? AND SOROZAT = ? AND BIZTIPUS = ?", l.Company, s.Year, s.name(), s.Kind)
	return n, err
}

// FiscalYear is the year in which the company's fiscal year began that holds the day.
func (b Books) FiscalYear(ctx context.Context, day civil.Date) (year int, err error) {
	err = b.in(ctx, func(l ledger) error {
		year, err = l.fiscalYear(ctx, day)
		return err
	})
	return year, err
}

func (l ledger) fiscalYear(ctx context.Context, day civil.Date) (int, error) {
	var month int
	if err := l.row(ctx, "company "+l.Company, []any{&month}, "SELECT EVKEZDET FROM CEGTORZS WHERE CEGKOD = ?", l.Company); err != nil {
		return 0, err
	}
	if int(day.Month) < month {
		return day.Year - 1, nil
	}
	return day.Year, nil
}
