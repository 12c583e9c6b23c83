package opportunity

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/store"
)

// MaxParts bounds the lines, the competitors and the team of one opportunity.
const MaxParts = 500

// SetLines replaces all lines. A line keeps its identity by its ID; position and amount are computed.
// The expected revenue follows unless it was set by hand. Version is the opportunity's that was read,
// 0 for whichever there is. The lines of a closed opportunity are frozen.
func (o *Opportunities) SetLines(ctx context.Context, id ID, version int64, lines []Line) (Opportunity, error) {
	return o.change(ctx, id, version, func(ctx context.Context, s *store.Session, row Opportunity) (Opportunity, error) {
		lines := slices.Clone(lines)
		faults := mustBeOpen(row)
		faults.Merge("", computeLines(lines, row.Currency))
		next := row
		if !row.RevenueManual {
			next.ExpectedRevenue = revenue(&faults, nil, lines)
		}
		if err := faults.Err("the lines cannot be saved"); err != nil {
			return row, err
		}
		next.weigh()
		old, err := linesOf(ctx, s, id)
		if err != nil {
			return row, err
		}
		if err := keep(ctx, s, &row, &next); err != nil {
			return row, err
		}
		if _, err := s.Exec(ctx, store.From[Line](""), "DELETE FROM crm_opportunity_line WHERE {scope} AND opportunity_id = ?", id); err != nil {
			return row, err
		}
		if err := insertLines(ctx, s, id, lines, old); err != nil {
			return row, err
		}
		return next, partsChanged(ctx, s, row, next, store.Change{Field: "lines", From: linesText(old), To: linesText(lines)})
	})
}

// partsChanged leaves the audit entry and the event of a change to the parts of an opportunity.
func partsChanged(ctx context.Context, s *store.Session, before, after Opportunity, c store.Change) error {
	err := s.Audit(ctx, store.Entry{Action: "update", Kind: recordKind, Record: after.ID.Bytes(), Version: after.Version, Changes: []store.Change{c}})
	if err != nil {
		return err
	}
	return emit(ctx, s, EventChanged, after, Changed{Summary: after.summary(), Fields: append(changedFields(before, after), c.Field)})
}

func linesText(lines []Line) string {
	texts := make([]string, 0, len(lines))
	for _, l := range lines {
		texts = append(texts, fmt.Sprintf("%s %s × %s", strings.TrimSpace(l.ProductKey+" "+l.Name), l.Quantity, l.UnitPrice))
	}
	return cut(strings.Join(texts, "; "))
}

// cut bounds what the audit log keeps of a text.
func cut(text string) string {
	if r := []rune(text); len(r) > 500 {
		return string(r[:499]) + "…"
	}
	return text
}

// computeLines checks lines and fills their amounts, each rounded to the currency.
func computeLines(lines []Line, currency string) fault.List {
	var faults fault.List
	if len(lines) > MaxParts {
		faults.Add("lines", "count", "there are %d lines, at most %d fit; group some of them", len(lines), MaxParts)
		return faults
	}
	for i := range lines {
		var own fault.List
		l := &lines[i]
		l.ProductKey, l.ProductGroup = strings.TrimSpace(l.ProductKey), strings.TrimSpace(l.ProductGroup)
		l.Name, l.Unit = strings.TrimSpace(l.Name), strings.TrimSpace(l.Unit)
		l.Position = i + 1
		if l.ProductKey == "" && l.ProductGroup == "" && l.Name == "" {
			own.Add("name", "required", "is missing; give a product, a product group or a text")
		}
		if checkNumber(&own, "quantity", l.Quantity, 6) && l.Quantity.IsZero() {
			own.Add("quantity", "range", "is 0; give more than 0")
		}
		checkNumber(&own, "unit_price", l.UnitPrice, 4)
		checkPercent(&own, "discount", l.Discount)
		l.Amount = money.Amount{}
		if len(own) == 0 {
			gross := money.Times(l.UnitPrice, l.Quantity)
			l.Amount = money.Round(gross.Sub(money.PercentOf(l.Discount, gross)), currency)
			checkNumber(&own, "amount", l.Amount, 4)
		}
		faults.Merge("lines"+index(i), own)
	}
	return faults
}

// scaled is a number as the database keeps it.
type scaled interface {
	Scaled() (int64, error)
	Exponent() int32
	IsNegative() bool
	String() string
}

// checkNumber refuses numbers that are negative or that the database could not keep as they are.
func checkNumber(faults *fault.List, path string, n scaled, places int32) bool {
	// A decimal of a few bytes may stand for billions of digits; nothing may be computed with it.
	if e := n.Exponent(); e > 20 || e < -40 {
		faults.Add(path, "range", "is far out of range; check the number")
		return false
	}
	_, err := n.Scaled()
	switch {
	case err != nil:
		faults.Add(path, "range", "%v", err)
	case n.IsNegative():
		faults.Add(path, "range", "is %s; give 0 or more", n)
	case decimals(n) > places:
		faults.Add(path, "decimals", "%s has more than %d decimals; round it", n, places)
	default:
		return true
	}
	return false
}

// decimals counts those that are not trailing zeros.
func decimals(n scaled) int32 {
	_, behind, _ := strings.Cut(n.String(), ".")
	return int32(len(strings.TrimRight(behind, "0")))
}

// revenue is what was set by hand, or the sum of the lines.
func revenue(faults *fault.List, byHand *money.Amount, lines []Line) money.Amount {
	if byHand != nil {
		checkNumber(faults, "expected_revenue", *byHand, 4)
		return *byHand
	}
	var sum money.Amount
	for _, l := range lines {
		sum = sum.Add(l.Amount)
	}
	checkNumber(faults, "expected_revenue", sum, 4)
	return sum
}

// insertLines writes lines; those that were among old keep their ids.
func insertLines(ctx context.Context, s *store.Session, id ID, lines, old []Line) error {
	known := map[LineID]bool{}
	for _, l := range old {
		known[l.ID] = true
	}
	for i := range lines {
		l := &lines[i]
		if !known[l.ID] {
			l.ID = store.NewKey[LineTag](s)
		}
		known[l.ID] = false // an id that is given twice stays with the first line
		l.OpportunityID = id
	}
	return pathed("lines", s.Insert(ctx, &lines))
}

// pathed puts the name of the part before the paths of faults.
func pathed(path string, err error) error {
	if len(fault.Of(err)) == 0 {
		return err
	}
	var faults fault.List
	faults.Merge(path, fault.Of(err))
	return faults.Err("the opportunity cannot be saved")
}

func linesOf(ctx context.Context, s *store.Session, id ID) ([]Line, error) {
	var lines []Line
	err := s.Select(&lines).Where("line.opportunity_id = ?", id).OrderExpr("line.position, line.id").Scan(ctx)
	return lines, err
}
