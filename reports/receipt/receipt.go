// Package receipt says what money will come in, and when.
//
// [Receipts.Table] adds up two things by week or month, in the company's currency. What customers owe, where the host tells
// it (erpbridge.Receivables), comes in on its due date and as many days later as the customer usually pays, by what he paid
// in the last year; what should have come in by that count and has not is overdue, in no column, and aged. What
// opportunities may bring comes in after closing, some days until the invoice, the customer's days to pay and his usual
// delay: weighted by chance, what is as good as sure and the best case, as in package forecast. An opportunity with an
// issued quote counts with the quote's gross total, another one with its revenue, which is without VAT. What is won counts
// in full until it is invoiced; from then on its invoices do.
//
// Each item is rounded to the company's currency, so that what is listed behind a sum adds up to it.
//
// What everybody owes is told to actors who see everything and have actor.Convert, as all of the host's money; others are
// told of their opportunities alone.
package receipt

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/reports/exchange"
	"github.com/crmplus/crmplus/reports/forecast"
	"github.com/crmplus/crmplus/reports/kpi"
)

// Config says who tells what is owed, and what holds where he does not. Zero fields are the defaults.
type Config struct {
	Host    erpbridge.Host
	Locales func(company string) locale.Locale
	Parties *party.Parties
	// Commit is from which chance on an opportunity is as good as sure, 80 %; Best from which on it belongs to the best
	// case, 30 %.
	Commit, Best money.Percent
	// InvoiceDays is how long after closing the invoice goes out, 14; PaymentDays how long those have to pay whom the host
	// does not know as customers, 30.
	InvoiceDays, PaymentDays int
}

// Receipts looks ahead at money.
type Receipts struct {
	db     *store.DB
	config Config
}

// New makes Receipts on a database.
func New(db *store.DB, c Config) *Receipts {
	c.Commit, c.Best = forecast.Bounds(c.Commit, c.Best)
	c.InvoiceDays, c.PaymentDays = cmp.Or(c.InvoiceDays, 14), cmp.Or(c.PaymentDays, 30)
	return &Receipts{db: db, config: c}
}

// In gives a view that works inside an open session. A host that is elsewhere is not asked there: what is owed is not known
// then, nor how customers pay.
func (r *Receipts) In(s *store.Session) *Receipts { return New(s.Inside(), r.config) }

// Step is how long the columns are.
type Step string

// The steps.
const (
	ByWeek  Step = "week"
	ByMonth Step = "month"
)

// Place is where items stand: in a column, named by its first day as 2026-07-13, or in none.
type Place string

// The places beside the columns.
const (
	Nowhere Place = ""
	Overdue Place = "overdue"
	Undated Place = "undated"
	Later   Place = "later"
	// Everywhere asks for all items.
	Everywhere Place = "all"
)

// Query asks for a table.
type Query struct {
	Step Step `json:"step"`
	// Columns is how many, from today's on: 8 weeks or 6 months where it is 0, at most 26.
	Columns int `json:"columns"`
	// FirstDay is that of a week, Sunday where it is not set.
	FirstDay time.Weekday `json:"first_day"`
	// Behind is the place whose items are listed; none are where it is Nowhere.
	Behind Place `json:"behind,omitempty"`
}

// Cell is what comes in in one column.
type Cell struct {
	// Owed is what customers owe; each of the others has it in it.
	Owed money.Amount `json:"owed"`
	// Commit adds what is as good as sure, Best what may come, Weighted all times its chance.
	Commit   money.Amount `json:"commit"`
	Best     money.Amount `json:"best"`
	Weighted money.Amount `json:"weighted"`
	// Items and Deals are how many open items and opportunities that is of.
	Items int64 `json:"items"`
	Deals int64 `json:"deals"`
}

func (c *Cell) add(o Cell) {
	c.Owed, c.Commit, c.Best, c.Weighted = c.Owed.Add(o.Owed), c.Commit.Add(o.Commit), c.Best.Add(o.Best), c.Weighted.Add(o.Weighted)
	c.Items, c.Deals = c.Items+o.Items, c.Deals+o.Deals
}

// Age is what is owed by how long it is past its due date.
type Age struct {
	// Days is from how many days on; 0 is what is not due yet.
	Days  int          `json:"days"`
	Owed  money.Amount `json:"owed"`
	Items int64        `json:"items"`
}

// ages are from how many days past the due date on; the first is what is not due.
var ages = []int{0, 1, 31, 61, 91}

// Table is what will come in.
type Table struct {
	Currency string       `json:"currency"`
	Periods  []kpi.Period `json:"periods"`
	Cells    []Cell       `json:"cells"`
	// Sum is of the cells. Overdue is what should have come in before, Undated what has no date, or of opportunities one
	// that is past, Later what comes behind the last column; they are in no sum.
	Sum     Cell `json:"sum"`
	Overdue Cell `json:"overdue"`
	Undated Cell `json:"undated"`
	Later   Cell `json:"later"`
	// Ages are of all that is owed.
	Ages []Age `json:"ages"`
	// Known says whether what is owed is told; More that there is more than was read.
	Known bool `json:"owed_known"`
	More  bool `json:"more_owed,omitempty"`
	// Habits is of how many customers it is known how late they pay.
	Habits int `json:"habits"`
	// Missing are currencies without a rate: what is in them is in no sum.
	Missing []string `json:"missing,omitempty"`
	// Listed are the items at the place that was asked for, in the order they come in; at most 1,000, where not all are
	// asked for.
	Listed []Item `json:"listed,omitempty"`
}

// Item is one document or opportunity.
type Item struct {
	Place Place `json:"place"`
	// Document is what is owed, and zero for an opportunity.
	Document    erpbridge.Ref  `json:"document"`
	Opportunity opportunity.ID `json:"opportunity_id"`
	Name        string         `json:"name"`
	// Customer is the host's key, "" where the party is none; CustomerName the party's name, "" for documents.
	Customer     string `json:"customer"`
	CustomerName string `json:"customer_name"`
	Owner        string `json:"owner"`
	// Due is a document's due date or an opportunity's closing; Expected when the money is expected, both zero for none.
	Due      civil.Date `json:"due"`
	Expected civil.Date `json:"expected"`
	// Late is how many days the customer usually pays later than he should.
	Late int `json:"late"`
	// Chance is an opportunity's, 100 of what is owed or won.
	Chance money.Percent `json:"chance"`
	// Amount is in the company's currency; Net says that it is without VAT. Weighted is Amount times Chance.
	Amount   money.Amount `json:"amount"`
	Weighted money.Amount `json:"weighted"`
	Net      bool         `json:"net"`
}

// mostListed is how many items are listed of one place.
const mostListed = 1000

func (q *Query) check() error {
	var faults fault.List
	q.Step = cmp.Or(q.Step, ByMonth)
	if q.Columns == 0 {
		q.Columns = map[Step]int{ByWeek: 8, ByMonth: 6}[q.Step]
	}
	if q.Step != ByWeek && q.Step != ByMonth {
		faults.Add("step", "choice", "%.20q is none; choose %s or %s", string(q.Step), ByWeek, ByMonth)
	} else if q.Columns < 1 || q.Columns > 26 {
		faults.Add("columns", "range", "is %d; ask for 1 to 26", q.Columns)
	}
	if q.FirstDay < time.Sunday || q.FirstDay > time.Saturday {
		faults.Add("first_day", "range", "is %d; choose 0 for Sunday to 6 for Saturday", q.FirstDay)
	}
	return faults.Err("what comes in cannot be shown")
}

func (q Query) periods(today civil.Date) []kpi.Period {
	if q.Step != ByWeek {
		return kpi.Months(today, 1, q.Columns)
	}
	back := (int(today.Time(nil).Weekday()) - int(q.FirstDay) + 7) % 7
	out := make([]kpi.Period, q.Columns)
	for i := range out {
		first := today.AddDays(7*i - back)
		out[i] = kpi.Period{First: first, Last: first.AddDays(6)}
	}
	return out
}

// Table makes the table of what the actor may see. It needs actor.OpportunityRead.
func (r *Receipts) Table(ctx context.Context, q Query) (Table, error) {
	if err := q.check(); err != nil {
		return Table{}, err
	}
	t := &tally{config: r.config, query: q, missing: map[string]bool{}}
	var deals []deal
	_, err := store.Read(ctx, r.db, actor.OpportunityRead, func(ctx context.Context, s *store.Session) (none struct{}, err error) {
		home := r.config.Locales(s.Actor.Company)
		t.zone, t.now, t.today = home.Location(), s.Now, civil.In(s.Now, home.Location())
		if t.book, err = exchange.Open(ctx, s, home.Currency); err != nil {
			return none, err
		}
		deals, err = r.deals(ctx, s)
		return none, err
	})
	if err != nil {
		return Table{}, err
	}
	if t.told, err = r.ask(ctx, t.today, deals); err != nil {
		return Table{}, err
	}
	return t.table(deals), nil
}

// tally is a table while it is added up.
type tally struct {
	config  Config
	query   Query
	book    *exchange.Book
	zone    *time.Location
	now     time.Time
	today   civil.Date
	told    told
	missing map[string]bool
	out     Table
}

func (t *tally) table(deals []deal) Table {
	t.out = Table{Currency: t.book.Own, Periods: t.query.periods(t.today), Known: t.told.known, More: t.told.more, Habits: len(t.told.late), Ages: make([]Age, len(ages))}
	t.out.Cells = make([]Cell, len(t.out.Periods))
	for i, days := range ages {
		t.out.Ages[i].Days = days
	}
	for _, one := range t.told.owed {
		t.owed(one)
	}
	for _, one := range deals {
		t.deal(one)
	}
	for _, c := range t.out.Cells {
		t.out.Sum.add(c)
	}
	for currency := range t.missing {
		t.out.Missing = append(t.out.Missing, currency)
	}
	slices.Sort(t.out.Missing)
	slices.SortStableFunc(t.out.Listed, func(a, b Item) int { return cmp.Or(a.Expected.Compare(b.Expected), b.Amount.Cmp(a.Amount)) })
	if t.query.Behind != Everywhere {
		t.out.Listed = t.out.Listed[:min(len(t.out.Listed), mostListed)]
	}
	return t.out
}

// worth is a sum in the company's currency; false where its rate is not known.
func (t *tally) worth(sum money.Amount, currency string) (money.Amount, bool) {
	rate, ok := t.book.Rate(currency, t.now)
	if !ok {
		t.missing[currency] = true
		return money.Amount{}, false
	}
	return t.book.Round(sum.Mul(rate)), true
}

func (t *tally) owed(r erpbridge.Receivable) {
	amount, ok := t.worth(r.Open, r.Currency)
	if !ok {
		return
	}
	item := Item{Document: r.Document, Name: r.Document.Number, Customer: r.Customer, Due: r.Due, Late: t.told.late[r.Customer], Chance: money.MustPercent("100"), Amount: amount, Weighted: amount}
	item.Place = Undated
	age := 0
	if !r.Due.IsZero() {
		for i, days := range ages {
			if i > 0 && r.Due.DaysUntil(t.today) >= days {
				age = i
			}
		}
		item.Expected = r.Due.AddDays(item.Late)
		if item.Place = Overdue; !item.Expected.Before(t.today) {
			item.Place = t.place(item.Expected)
		}
	}
	t.out.Ages[age].Owed, t.out.Ages[age].Items = t.out.Ages[age].Owed.Add(amount), t.out.Ages[age].Items+1
	t.put(item, Cell{Owed: amount, Commit: amount, Best: amount, Weighted: amount, Items: 1})
}

func (t *tally) deal(d deal) {
	amount, ok := t.worth(d.Amount, d.Currency)
	if !ok {
		return
	}
	customer := t.told.keys[d.Party]
	item := Item{Opportunity: d.ID, Name: d.Name, Customer: customer, CustomerName: d.Customer, Owner: d.Owner, Due: d.ExpectedClose, Late: t.told.late[customer], Chance: d.Chance, Amount: amount, Net: !d.Taxed, Place: Undated}
	won := d.State == opportunity.Won
	if won {
		item.Due, item.Chance = civil.In(d.ClosedAt, t.zone), money.MustPercent("100")
	}
	item.Weighted = t.book.Round(amount.Mul(item.Chance.Decimal).Shift(-2))
	if won || !item.Due.Before(t.today) {
		invoice := item.Due.AddDays(t.config.InvoiceDays)
		if invoice.Before(t.today) {
			invoice = t.today // nobody can have it earlier any more
		}
		days, known := t.told.terms[customer]
		if !known {
			days = t.config.PaymentDays
		}
		item.Expected = invoice.AddDays(days + item.Late)
		item.Place = t.place(item.Expected)
	}
	c := Cell{Weighted: item.Weighted, Deals: 1}
	if item.Chance.Cmp(t.config.Commit) >= 0 {
		c.Commit = amount
	}
	if item.Chance.Cmp(t.config.Best) >= 0 {
		c.Best = amount
	}
	t.put(item, c)
}

// place is the column of a day that is not past.
func (t *tally) place(day civil.Date) Place {
	for _, p := range t.out.Periods {
		if !day.After(p.Last) {
			return Place(p.First.String())
		}
	}
	return Later
}

func (t *tally) put(item Item, c Cell) {
	switch item.Place {
	case Overdue:
		t.out.Overdue.add(c)
	case Undated:
		t.out.Undated.add(c)
	case Later:
		t.out.Later.add(c)
	default:
		for i, p := range t.out.Periods {
			if Place(p.First.String()) == item.Place {
				t.out.Cells[i].add(c)
			}
		}
	}
	if t.query.Behind == Everywhere || t.query.Behind != Nowhere && t.query.Behind == item.Place {
		t.out.Listed = append(t.out.Listed, item)
	}
}
