package erp

import (
	"context"
	"fmt"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
)

// series is one counter: documents count per fiscal year, codes of customers for ever (year 0).
type series struct {
	name string
	year int
}

// lock locks the counter's row until the transaction ends. Whoever creates something locks its
// counter before it looks for its token, so that two with one token come one after the other. The
// lock is an UPDATE, because that locks on every database.
func (w work) lock(ctx context.Context, n series) error {
	const touch = "UPDATE erp_number SET last_number = last_number WHERE company = ? AND fiscal_year = ? AND series = ?"
	const exists = "SELECT last_number FROM erp_number WHERE company = ? AND fiscal_year = ? AND series = ?"
	var last int64
	for _, first := range []bool{true, false} {
		if err := w.exec(ctx, touch, w.Company, n.year, n.name); err != nil {
			return err
		}
		found, err := w.row(ctx, []any{&last}, exists, w.Company, n.year, n.name)
		if err != nil || found {
			return err
		}
		if !first {
			break
		}
		// The first of a series: two of them must not insert the row at once, so they queue at the
		// company's.
		if err := w.exec(ctx, "UPDATE erp_company SET code = code WHERE code = ?", w.Company); err != nil {
			return err
		}
	}
	return w.exec(ctx, "INSERT INTO erp_number (company, fiscal_year, series, last_number) VALUES (?, ?, ?, 0)", w.Company, n.year, n.name)
}

// take gives the next number of a locked series. A rollback gives it back, so there are no gaps.
func (w work) take(ctx context.Context, n series) (int64, error) {
	const up = "UPDATE erp_number SET last_number = last_number + 1 WHERE company = ? AND fiscal_year = ? AND series = ?"
	if err := w.exec(ctx, up, w.Company, n.year, n.name); err != nil {
		return 0, err
	}
	var last int64
	found, err := w.row(ctx, []any{&last}, "SELECT last_number FROM erp_number WHERE company = ? AND fiscal_year = ? AND series = ?", w.Company, n.year, n.name)
	if err == nil && !found {
		err = fmt.Errorf("erp: the series %s of %d was not locked", n.name, n.year)
	}
	return last, err
}

// fiscalYear is the year in which the company's fiscal year began that holds the day.
func (w work) fiscalYear(ctx context.Context, day civil.Date) (int, error) {
	var month int
	found, err := w.row(ctx, []any{&month}, "SELECT fiscal_month FROM erp_company WHERE code = ?", w.Company)
	if err != nil {
		return 0, err
	}
	if !found {
		return 0, fault.New(fault.NotFound, "there is no company %q", w.Company)
	}
	if int(day.Month) < month {
		return day.Year - 1, nil
	}
	return day.Year, nil
}
