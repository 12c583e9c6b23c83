package kpi

import (
	"context"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/reports/exchange"
	"github.com/crmplus/crmplus/reports/retention"
)

// Why says why a figure of the host's orders is not known.
type Why string

// The reasons.
const (
	// Untold: the host does not tell its orders. Uncounted: they were not counted yet, which is done once a day. Unknown:
	// the period before begins before the first order that is known.
	Untold    Why = "untold"
	Uncounted Why = "uncounted"
	Unknown   Why = "unknown"
)

// In says a reason in words.
func (w Why) In(l locale.Language) string {
	if w == "" {
		return ""
	}
	return texts.T(l, "why."+string(w))
}

// orders is what one session knows of the host's orders: figures of one period are of the same sums.
type orders struct {
	count retention.Count
	read  bool
	sums  map[retention.Question][]retention.Sums
}

func (o *orders) counted(ctx context.Context, s *store.Session) (retention.Count, error) {
	var err error
	if !o.read {
		o.count, err = retention.Counted(ctx, s)
		o.read = err == nil
	}
	return o.count, err
}

func (o *orders) of(ctx context.Context, s *store.Session, q retention.Question) ([]retention.Sums, error) {
	if known, ok := o.sums[q]; ok {
		return known, nil
	}
	count, err := o.counted(ctx, s)
	if err != nil || q.Before.Before(count.KnownFrom) {
		return nil, err
	}
	found, err := retention.Read(ctx, s, count, q)
	if err != nil {
		return nil, err
	}
	if o.sums == nil {
		o.sums = map[retention.Question][]retention.Sums{}
	}
	o.sums[q] = found
	return found, nil
}

// why says why a figure of orders is not known, "" where it is.
func (c *counting) why(ctx context.Context, q Query) (Why, error) {
	if c.k.untold {
		return Untold, nil
	}
	count, err := c.orders.counted(ctx, c.s)
	return because(count, q.Period), err
}

func because(count retention.Count, p Period) Why {
	switch {
	case count.Number == 0:
		return Uncounted
	case p.Before().First.Before(count.KnownFrom):
		return Unknown
	}
	return ""
}

// parts are the dimensions by the names that package retention has for them; a month is a period of its own.
var parts = map[Dimension]retention.By{Whole: retention.Whole, Month: retention.Whole, Seller: retention.BySeller, Team: retention.ByTeam, Region: retention.ByRegion}

func (f Filter) customers() retention.Filter { return retention.Filter{Seller: f.Seller, Team: f.Team} }

// ordersOf measures a figure of the host's orders.
func ordersOf(code Code) func(ctx context.Context, r *reading) (cells, error) {
	return func(ctx context.Context, r *reading) (cells, error) {
		found, err := r.orders.of(ctx, r.s, retention.Question{Turn: r.turn, Of: r.of.customers(), By: parts[r.by]})
		if err != nil {
			return nil, err
		}
		out := cells{}
		for _, one := range found {
			if one.AtRisk > 0 {
				*out.at(one.Key) = share(code, one)
			}
		}
		for _, currency := range r.orders.count.Unrated() {
			r.missing[currency] = true
		}
		return out, nil
	}
}

// share is what a figure of the host's orders is computed from: each of them is defined here, and here alone.
func share(code Code, s retention.Sums) cell {
	n := s.AtRisk
	over, under := decimal.Decimal{}, whole(s.AtRisk)
	switch code {
	case OrderRetention:
		over = whole(s.Again)
	case OrderChurn:
		over, n = whole(s.Gone()), s.Gone()
	case OrderRevenueChurn:
		over, under, n = s.Lost.Decimal, s.Was.Decimal, s.Gone()
	case NetRevenueRetention:
		over, under = s.Kept().Decimal, s.Was.Decimal
	default:
	}
	return cell{over: over, under: under, n: n}
}

// listed is which customers stand behind a figure.
func (d Definition) listed() retention.Kind {
	if d.Code == OrderChurn || d.Code == OrderRevenueChurn {
		return retention.Gone
	}
	return retention.AtRisk
}

func (k *KPIs) customersBehind(ctx context.Context, s *store.Session, d Definition, q Query, key string, page store.Page) (Listing, error) {
	home := k.locales(s.Actor.Company)
	list, err := k.customersOf(ctx, s, retention.Behind{Question: turnOf(q.part(key), q.Of, q.By), Key: key, Kind: d.listed(), Page: page})
	out := Listing{Next: list.Next}
	for _, one := range list.Rows {
		row := Record{Kind: CustomerKind, ID: store.Key[RecordTag](one.PartyID), Customer: one.Key, Name: one.Name, Owner: one.Owner, At: one.Last.Time(home.Location()), State: "gone", Value: one.Was, Currency: home.Currency}
		if one.Again {
			row.State = "again"
		}
		out.Rows = append(out.Rows, row)
	}
	return out, err
}

// turnOf asks of a period against the one before.
func turnOf(p Period, of Filter, by Dimension) retention.Question {
	return retention.Question{Turn: retention.Turn{Before: p.Before().First, First: p.First, Behind: p.Last.AddDays(1)}, Of: of.customers(), By: parts[by]}
}

func (k *KPIs) customersOf(ctx context.Context, s *store.Session, b retention.Behind) (retention.Listing, error) {
	if k.untold {
		return retention.Listing{}, nil
	}
	count, err := retention.Counted(ctx, s)
	if err != nil || count.Number == 0 || b.Before.Before(count.KnownFrom) {
		return retention.Listing{}, err
	}
	return retention.List(ctx, s, count, b)
}

// OrderCodes are the figures of the host's orders.
var OrderCodes = []Code{OrderRetention, OrderChurn, OrderRevenueChurn, NetRevenueRetention}

// RetentionQuery asks who of the host's customers ordered again, period by period.
type RetentionQuery struct {
	// Step is how many months a period has: 1, 3, 6 or 12, 3 where it is 0; periods end with those of the calendar year.
	Step int
	// Columns is how many periods there are, the last one running, and how many cohorts; what Step allows where it is 0.
	Columns int
	// Of narrows by seller and team, by who looks after the customer. All else is refused: the host's orders know nothing of
	// it.
	Of Filter
}

// usual is how many periods are shown of each length, of three years what fits on a page.
var usual = map[int]int{1: 12, 3: 8, 6: 5, 12: 3}

func (q RetentionQuery) check() (RetentionQuery, error) {
	var faults fault.List
	if q.Step == 0 {
		q.Step = 3
	}
	if usual[q.Step] == 0 {
		faults.Add("step", "choice", "is %d months; choose 1, 3, 6 or 12", q.Step)
	}
	if q.Columns == 0 {
		q.Columns = usual[q.Step]
	}
	if q.Columns < 1 || q.Columns > 40 {
		faults.Add("columns", "range", "is %d; give 1 to 40 periods", q.Columns)
	}
	for _, used := range q.Of.Used() {
		if !slices.Contains(customerFilters, used) {
			faults.Add(string(used), "filter", "narrows nothing that the host's orders are known by; leave it empty")
		}
	}
	return q, faults.Err("who ordered again cannot be told")
}

// Told is what is known of the host's orders.
type Told struct {
	// Why is not "" where nothing is.
	Why      Why    `json:"why,omitempty"`
	Currency string `json:"currency"`
	// KnownFrom is the day of the first order that may be known, CountedOn that of the last count.
	KnownFrom civil.Date `json:"known_from"`
	CountedOn civil.Date `json:"counted_on"`
	Missing   []string   `json:"missing,omitempty"`
}

// Retention is who ordered again, period by period.
type Retention struct {
	Told
	Periods []RetentionPeriod `json:"periods"`
}

// RetentionPeriod is one of them.
type RetentionPeriod struct {
	Period
	// Running says that it is not over: who has not ordered yet may still.
	Running bool `json:"running"`
	// Known is false where orders of the period before are not known.
	Known bool           `json:"known"`
	Sums  retention.Sums `json:"sums"`
	// Values are those of [OrderCodes], in their order.
	Values []Value `json:"values"`
}

func (k *KPIs) told(ctx context.Context, s *store.Session) (retention.Count, Told, error) {
	out := Told{Currency: k.locales(s.Actor.Company).Currency}
	if k.untold {
		out.Why = Untold
		return retention.Count{}, out, nil
	}
	count, err := retention.Counted(ctx, s)
	if count.Number == 0 {
		out.Why = Uncounted
	}
	out.KnownFrom, out.CountedOn, out.Missing = count.KnownFrom, count.CountedOn, count.Unrated()
	return count, out, err
}

// Retention reads who of the host's customers ordered again, the latest period last. It needs actor.ReportRead.
func (k *KPIs) Retention(ctx context.Context, q RetentionQuery) (Retention, error) {
	q, err := q.check()
	if err != nil {
		return Retention{}, err
	}
	return store.Read(ctx, k.db, actor.ReportRead, func(ctx context.Context, s *store.Session) (Retention, error) {
		count, told, err := k.told(ctx, s)
		out := Retention{Told: told}
		if err != nil || told.Why != "" {
			return out, err
		}
		today := k.today(s)
		for _, p := range q.periods(today) {
			one := RetentionPeriod{Period: p, Running: !p.Last.Before(today), Values: make([]Value, len(OrderCodes))}
			if one.Known = because(count, p) == ""; one.Known {
				sums, err := retention.Read(ctx, s, count, turnOf(p, q.Of, Whole))
				if err != nil {
					return out, err
				}
				one.Sums = sums[0]
				for i, code := range OrderCodes {
					d, _ := Defined(code)
					c := share(code, one.Sums)
					one.Values[i] = d.value(&exchange.Book{}, &c)
				}
			}
			out.Periods = append(out.Periods, one)
		}
		return out, nil
	})
}

// periods are those that are asked for, the last with a day.
func (q RetentionQuery) periods(today civil.Date) []Period {
	last := civil.Date{Year: today.Year, Month: (today.Month-1)/time.Month(q.Step)*time.Month(q.Step) + 1, Day: 1}
	return Months(addMonths(last, -q.Step*(q.Columns-1)), q.Step, q.Columns)
}

// Customers lists customers of the host by whether they ordered in a period of whole months and in the one before. It needs
// actor.ReportRead.
func (k *KPIs) Customers(ctx context.Context, q CustomersQuery) (retention.Listing, error) {
	d, _ := Defined(OrderRetention)
	if err := (Query{Period: q.Period, Of: q.Of}).check(d); err != nil {
		return retention.Listing{}, err
	}
	return store.Read(ctx, k.db, actor.ReportRead, func(ctx context.Context, s *store.Session) (retention.Listing, error) {
		return k.customersOf(ctx, s, retention.Behind{Question: turnOf(q.Period, q.Of, Whole), Kind: q.Kind, Page: q.Page})
	})
}

// CustomersQuery asks for customers.
type CustomersQuery struct {
	Period Period
	Of     Filter
	Kind   retention.Kind
	Page   store.Page
}

// Cohorts are customers by the period of their first order.
type Cohorts struct {
	Told
	Step    int                `json:"step"`
	Cohorts []retention.Cohort `json:"cohorts"`
}

// Cohorts reads which share of the customers who first ordered in a period ordered in each later one, the earliest first. It
// needs actor.ReportRead.
func (k *KPIs) Cohorts(ctx context.Context, q RetentionQuery) (Cohorts, error) {
	if q.Columns == 0 {
		q.Columns = map[int]int{1: 12, 3: 13, 6: 8, 12: 6}[max(q.Step, 1)]
		if q.Step == 0 {
			q.Columns = 13
		}
	}
	q, err := q.check()
	if err != nil {
		return Cohorts{}, err
	}
	return store.Read(ctx, k.db, actor.ReportRead, func(ctx context.Context, s *store.Session) (Cohorts, error) {
		count, told, err := k.told(ctx, s)
		out := Cohorts{Told: told, Step: q.Step}
		if err != nil || told.Why != "" {
			return out, err
		}
		out.Cohorts, err = retention.Cohorts(ctx, s, count, retention.CohortQuestion{Step: q.Step, Most: q.Columns, Of: q.Of.customers()}, k.today(s))
		return out, err
	})
}
