package retention

import (
	"context"
	"slices"
	"strings"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
)

const (
	// chunk is how many customers are written in one transaction, chunkRows after how many rows no more are added to it.
	chunk     = 200
	chunkRows = 300
	// look is how many customers are read at once to find those who have gone.
	look = 1000
)

// Pass is what a count is told.
type Pass struct {
	// From is the first day of the orders that will be shown, the first of a month; Today the day of the count.
	From, Today civil.Date
	// Currency is the company's own; Worth turns a net sum into it, false where no rate is known.
	Currency string
	Worth    func(net money.Amount, currency string, on civil.Date) (money.Amount, bool)
	// Own fails in a transaction that writes where the count has been taken over by another process.
	Own func(ctx context.Context, s *store.Session) error
}

// Keeper makes a count.
type Keeper struct {
	db     *store.DB
	pass   Pass
	before Count
	// number is that of this count.
	number  int64
	missing map[string]bool
	// now is the customer whose orders come, batch those who are to be written, rows what they have.
	now   bought
	batch []bought
	rows  int
	// most is after how many rows a chunk is written.
	most int
}

// bought is what one customer bought.
type bought struct {
	customer string
	months   map[civil.Date]sum
}

type sum struct {
	net    money.Amount
	orders int64
}

// Begin starts a count of the actor's company.
func Begin(ctx context.Context, db *store.DB, p Pass) (*Keeper, error) {
	k := &Keeper{db: db, pass: p, missing: map[string]bool{}, most: chunkRows}
	err := db.Read(ctx, func(ctx context.Context, s *store.Session) (err error) {
		k.before, err = Counted(ctx, s)
		return err
	})
	k.number = k.before.Number + 1
	return k, err
}

// Add counts an order. The orders of a customer come together. Whole chunks are written: it must not be called inside a
// unit of work.
func (k *Keeper) Add(ctx context.Context, sale erpbridge.Sale) error {
	if sale.Customer == "" {
		return nil
	}
	if sale.Customer != k.now.customer { // also where none of his orders counts any more
		if err := k.next(ctx, sale.Customer); err != nil {
			return err
		}
	}
	if sale.Date.Before(k.pass.From) || sale.Date.After(k.pass.Today) {
		return nil
	}
	at := firstOf(sale.Date)
	one := k.now.months[at]
	one.orders++
	for _, l := range sale.Lines {
		net, ok := k.pass.Worth(l.Net, sale.Currency, sale.Date)
		if !ok {
			k.missing[sale.Currency] = true
			continue
		}
		one.net = one.net.Add(net)
	}
	k.now.months[at] = one
	return nil
}

// next puts the customer whose orders have come to those who are to be written.
func (k *Keeper) next(ctx context.Context, customer string) error {
	if k.now.customer != "" {
		k.batch, k.rows = append(k.batch, k.now), k.rows+len(k.now.months)
	}
	k.now = bought{customer, map[civil.Date]sum{}}
	if len(k.batch) < chunk && k.rows < k.most {
		return nil
	}
	return k.flush(ctx)
}

func (k *Keeper) flush(ctx context.Context) error {
	if len(k.batch) == 0 {
		return nil
	}
	err := k.db.Write(store.Alone(ctx), func(ctx context.Context, s *store.Session) error {
		if err := k.pass.Own(ctx, s); err != nil {
			return err
		}
		return k.write(ctx, s)
	})
	k.batch, k.rows = k.batch[:0], 0
	return err
}

// End writes what is left, ends the rows of customers who were not shown, and has readers see the count.
func (k *Keeper) End(ctx context.Context, shown func(customer string) bool) error {
	if err := k.next(ctx, ""); err != nil {
		return err
	}
	if err := k.flush(ctx); err != nil {
		return err
	}
	if err := k.gone(ctx, shown); err != nil {
		return err
	}
	return k.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		if err := k.pass.Own(ctx, s); err != nil {
			return err
		}
		return k.publish(ctx, s)
	})
}

// gone ends the rows of customers who have no orders any more.
func (k *Keeper) gone(ctx context.Context, shown func(string) bool) error {
	for last := ""; ; {
		var keys []string
		err := k.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
			return s.Query(ctx, &keys, store.From[month]("b"), "SELECT DISTINCT b.customer FROM crm_bought_month AS b WHERE {scope} AND b.company = ? AND b.customer > ? AND "+due+" ORDER BY b.customer"+s.Limit(look),
				s.Actor.Company, last, k.pass.From, k.number, k.number)
		})
		if err != nil || len(keys) == 0 {
			return err
		}
		last = keys[len(keys)-1]
		for _, key := range keys {
			if shown(key) {
				continue
			}
			if k.batch = append(k.batch, bought{customer: key}); len(k.batch) == chunk/10 { // each may have three years of rows
				if err := k.flush(ctx); err != nil {
					return err
				}
			}
		}
		if err := k.flush(ctx); err != nil {
			return err
		}
	}
}

func (k *Keeper) publish(ctx context.Context, s *store.Session) error {
	c := Count{Number: k.number, KnownFrom: k.before.KnownFrom, CountedOn: k.pass.Today, Currency: k.pass.Currency}
	if k.number == 1 || k.before.Currency != k.pass.Currency || k.before.CountedOn.Before(k.pass.From) || k.pass.From.Before(c.KnownFrom) {
		c.KnownFrom = k.pass.From // what lies before is not known, or in another currency
	}
	missing := make([]string, 0, len(k.missing))
	for currency := range k.missing {
		missing = append(missing, currency)
	}
	slices.Sort(missing)
	c.Missing = strings.Join(missing[:min(len(missing), 50)], ",")
	if k.number == 1 {
		return s.InsertQuiet(ctx, &c)
	}
	_, err := s.Exec(ctx, store.From[Count](""), "UPDATE crm_bought_count SET number = ?, known_from = ?, counted_on = ?, currency = ?, missing = ? WHERE {scope} AND number = ?",
		c.Number, c.KnownFrom, c.CountedOn, c.Currency, c.Missing, k.before.Number)
	return err
}

// due are the rows "b" that a count looks at: those of its months, and what a count that was given up has left of earlier
// ones.
const due = "(b.month >= ? OR b.from_count = ? OR b.until_count = ?)"

// change is what has to be done to the rows of some customers, by month where that is part of the key.
type change struct {
	// dead: rows that no reader sees are to go. begun: rows of this count are to go. ended: rows that readers see end with
	// this count. again: rows that a count which was given up has ended do not.
	dead                map[string]bool
	begun, ended, again map[civil.Date][]any
	fresh               []month
}

// write brings the rows of the batch to what was counted, in the count to come.
func (k *Keeper) write(ctx context.Context, s *store.Session) error {
	keys := make([]any, len(k.batch))
	for i, one := range k.batch {
		keys[i] = one.customer
	}
	var rows []month
	err := s.Query(ctx, &rows, store.From[month]("b"), "SELECT b.* FROM crm_bought_month AS b WHERE {scope} AND b.company = ? AND "+due+" AND b.customer IN ("+store.In(len(keys))+") ORDER BY b.customer, b.month, b.from_count",
		append([]any{s.Actor.Company, k.pass.From, k.number, k.number}, keys...)...)
	if err != nil {
		return err
	}
	return k.differ(rows).apply(ctx, s, k.number)
}

// differ holds the rows of the batch, in the order of their counts, against what was counted.
func (k *Keeper) differ(rows []month) *change {
	out := &change{dead: map[string]bool{}, begun: map[civil.Date][]any{}, ended: map[civil.Date][]any{}, again: map[civil.Date][]any{}}
	wanted := make(map[string]map[civil.Date]sum, len(k.batch))
	for _, one := range k.batch {
		wanted[one.customer] = one.months
	}
	type place struct {
		customer string
		month    civil.Date
	}
	done := map[place]bool{}
	for _, row := range rows {
		want, any := wanted[row.Customer][row.Month]
		at := place{row.Customer, row.Month}
		if row.Month.Before(k.pass.From) { // it stays as it was
			want, any = sum{row.Net, row.Orders}, row.From != k.number
		}
		same := any && want.orders == row.Orders && want.net.Equal(row.Net) && !done[at]
		switch {
		case row.Until <= k.before.Number:
			out.dead[row.Customer] = true
		case row.From == k.number: // a count that was given up has left it
			if !same {
				out.begun[row.Month] = append(out.begun[row.Month], row.Customer)
			}
		case same && row.Until == k.number:
			out.again[row.Month] = append(out.again[row.Month], row.Customer)
		case !same && row.Until != k.number:
			out.ended[row.Month] = append(out.ended[row.Month], row.Customer)
		}
		done[at] = done[at] || same && row.Until > k.before.Number
	}
	for _, one := range k.batch {
		for at, sum := range one.months {
			if !done[place{one.customer, at}] {
				out.fresh = append(out.fresh, month{Month: at, Customer: one.customer, From: k.number, Until: always, Net: sum.net, Orders: sum.orders})
			}
		}
	}
	slices.SortFunc(out.fresh, func(a, b month) int {
		if c := strings.Compare(a.Month.String(), b.Month.String()); c != 0 {
			return c
		}
		return strings.Compare(a.Customer, b.Customer)
	})
	return out
}

func (c *change) apply(ctx context.Context, s *store.Session, number int64) error {
	if len(c.dead) > 0 {
		args := []any{number - 1}
		for customer := range c.dead {
			args = append(args, customer)
		}
		if _, err := s.Exec(ctx, store.From[month](""), "DELETE FROM crm_bought_month WHERE {scope} AND until_count <= ? AND customer IN ("+store.In(len(args)-1)+")", args...); err != nil {
			return err
		}
	}
	for _, step := range []struct {
		what map[civil.Date][]any
		text string
		args []any
	}{
		{c.begun, "DELETE FROM crm_bought_month WHERE {scope} AND from_count = ?", []any{number}},
		{c.ended, "UPDATE crm_bought_month SET until_count = ? WHERE {scope} AND from_count < ? AND until_count > ?", []any{number, number, number}},
		{c.again, "UPDATE crm_bought_month SET until_count = ? WHERE {scope} AND from_count < ? AND until_count = ?", []any{int64(always), number, number}},
	} {
		for at, customers := range step.what {
			args := append(append(slices.Clone(step.args), at), customers...)
			if _, err := s.Exec(ctx, store.From[month](""), step.text+" AND month = ? AND customer IN ("+store.In(len(customers))+")", args...); err != nil {
				return err
			}
		}
	}
	if len(c.fresh) == 0 {
		return nil
	}
	return s.InsertMany(ctx, &c.fresh)
}
