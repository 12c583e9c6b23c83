package buying

import (
	"cmp"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/money"
)

// Class is A, B or C.
type Class string

// The classes.
const (
	A Class = "A"
	B Class = "B"
	C Class = "C"
)

// Classes are all classes, the best first.
var Classes = []Class{A, B, C}

// Customer is what a pass found of one customer.
type Customer struct {
	Key         string
	First, Last civil.Date
	// Orders and Revenue are those of the window, in the company's currency; Unrated says that money of a currency
	// without a rate is not in it.
	Orders  int
	Revenue money.Amount
	Unrated bool
	// Days is on how many days there were orders in the whole history, Gap the median of the days between them, 0 with
	// fewer than four days.
	Days, Gap int
	// Silent is how many days ago the last order was, Quiet that this is longer than is usual with him.
	Silent int
	Quiet  bool
	// Class is by revenue; Recency, Frequency and Money are quintiles, 5 the best.
	Class                     Class
	Recency, Frequency, Money int
	// Wants are suggestions by his own rhythm.
	Wants []Suggestion

	basket []uint32
}

// gapsNeeded is how many gaps make a rhythm.
const gapsNeeded = 3

// soonest is after how many days at least a customer is quiet or a product lapsed: who orders daily is not lost after
// a weekend.
const soonest = 14

// median is that of days in rising order; the mean of the middle two, rounded down.
func median(gaps []int) int {
	if len(gaps) == 0 {
		return 0
	}
	slices.Sort(gaps)
	m := len(gaps) / 2
	if len(gaps)%2 == 1 {
		return gaps[m]
	}
	return (gaps[m-1] + gaps[m]) / 2
}

// share reports whether part is more than percent of whole.
func share(part, whole int, percent int64) bool { return int64(part)*1_000_000 > int64(whole)*percent }

// late reports whether a gap since the last time is longer than the rhythm allows.
func late(since, gap int, percent int64) bool {
	return gap > 0 && since >= soonest && share(since, gap, percent)
}

// classify gives the classes to all customers.
func (f *Found) classify() error {
	order := make([]int, len(f.Customers))
	total := decimal.Zero
	for i, c := range f.Customers {
		order[i] = i
		if c.Revenue.IsPositive() {
			total = total.Add(c.Revenue.Decimal)
		}
	}
	slices.SortFunc(order, func(i, k int) int {
		x, y := f.Customers[i], f.Customers[k]
		return cmp.Or(y.Revenue.Cmp(x.Revenue), cmp.Compare(x.Key, y.Key))
	})
	a, b, before := total.Mul(f.Terms.A.Decimal), total.Mul(f.Terms.B.Decimal), decimal.Zero
	for _, i := range order {
		c := &f.Customers[i]
		switch seen := before.Shift(2); {
		case !c.Revenue.IsPositive():
			c.Class = C
		case seen.LessThan(a):
			c.Class = A
		case seen.LessThan(b):
			c.Class = B
		default:
			c.Class = C
		}
		if c.Revenue.IsPositive() {
			before = before.Add(c.Revenue.Decimal)
		}
	}
	return f.quintiles()
}

// quintiles gives recency, frequency and money their marks.
func (f *Found) quintiles() error {
	n := len(f.Customers)
	marks := func(measure func(c *Customer) (int64, error), mark func(c *Customer) *int) error {
		all := make([]int64, n)
		for i := range f.Customers {
			v, err := measure(&f.Customers[i])
			if err != nil {
				return err
			}
			all[i] = v
		}
		sorted := slices.Clone(all)
		slices.Sort(sorted)
		for i := range f.Customers {
			worse, _ := slices.BinarySearch(sorted, all[i])
			*mark(&f.Customers[i]) = 1 + 5*worse/n
		}
		return nil
	}
	for _, m := range []struct {
		measure func(c *Customer) (int64, error)
		mark    func(c *Customer) *int
	}{
		{func(c *Customer) (int64, error) { return -int64(c.Silent), nil }, func(c *Customer) *int { return &c.Recency }},
		{func(c *Customer) (int64, error) { return int64(c.Orders), nil }, func(c *Customer) *int { return &c.Frequency }},
		{func(c *Customer) (int64, error) { return c.Revenue.Scaled() }, func(c *Customer) *int { return &c.Money }},
	} {
		if err := marks(m.measure, m.mark); err != nil {
			return err
		}
	}
	return nil
}
