package value

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/reports/buying"
	"github.com/crmplus/crmplus/reports/exchange"
	"github.com/crmplus/crmplus/reports/retention"
	"github.com/crmplus/crmplus/reports/sold"
)

const (
	// page is how many orders are read at once, chunk how many customers are written in one transaction.
	page  = 500
	chunk = 200
	// lease is how long the count of a company is left to one process that says nothing.
	lease = 5 * time.Minute
)

// job is one count of a company.
type job struct {
	*Values
	owner   string
	plan    Plan
	version int64
	today   civil.Date
	until   time.Time
	orders  int
	// from is the first day of the orders, sold their sums by month, kept those of customers; shown reports whether a
	// customer has any.
	from  civil.Date
	sold  *sold.Tally
	kept  *retention.Keeper
	shown func(customer string) bool
}

// Work counts the customers of the actor's company, if that is due, and plans the contacts of the day; it reports how
// many tasks it made. It is background work; where another process is at it, it does nothing.
func (v *Values) Work(ctx context.Context) (int, error) {
	a, err := actor.From(ctx)
	if err != nil {
		return 0, err
	}
	if a.Kind != actor.KindSystem {
		return 0, fault.New(fault.Forbidden, "only background work counts customers")
	}
	sales, ok := v.config.Host.Documents.(erpbridge.Sales)
	if !ok {
		return 0, nil
	}
	j, due, err := v.begin(ctx)
	if err != nil || !due {
		return 0, err
	}
	found, err := j.read(ctx, sales)
	if err == nil {
		err = j.write(ctx, found)
	}
	tasks := 0
	if err == nil {
		tasks, err = j.contacts(ctx)
	}
	if err != nil {
		return tasks, err
	}
	return tasks, j.update(ctx, func(r *run, now time.Time) {
		r.CountedOn, r.PlanVersion, r.LeaseUntil, r.FinishedAt, r.Customers, r.Orders = j.today, j.version, time.Time{}, now, len(found.Customers), j.orders
	})
}

// begin takes the lease; due is false where there is nothing to do today, or somebody else does it.
func (v *Values) begin(ctx context.Context) (*job, bool, error) {
	j := &job{Values: v, owner: uuid.NewString()}
	due := false
	look := func(ctx context.Context, s *store.Session) ([]run, error) {
		d, err := plans.Read(ctx, s)
		if err != nil {
			return nil, err
		}
		j.plan, j.version, j.today, j.until = d.Plan, d.Version, v.today(s), s.Now.Add(lease)
		var rows []run
		err = s.Select(&rows).Where("run.company = ?", s.Actor.Company).Scan(ctx)
		if err != nil || len(rows) == 0 {
			due = err == nil
			return rows, err
		}
		bought, err := retention.Counted(ctx, s)
		due = (rows[0].CountedOn != j.today || rows[0].PlanVersion != j.version || bought.Number == 0) && !rows[0].LeaseUntil.After(s.Now)
		return rows, err
	}
	err := v.db.Read(ctx, func(ctx context.Context, s *store.Session) error { // most looks find nothing to do
		_, err := look(ctx, s)
		return err
	})
	if err != nil || !due {
		return nil, false, err
	}
	err = v.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		rows, err := look(ctx, s)
		if err != nil || !due {
			return err
		}
		if len(rows) == 0 {
			return s.InsertQuiet(ctx, &run{LeaseOwner: j.owner, LeaseUntil: j.until})
		}
		n, err := s.Exec(ctx, store.From[run](""), "UPDATE crm_value_run SET lease_owner = ?, lease_until = ? WHERE {scope} AND (lease_until IS NULL OR lease_until <= ?)", j.owner, j.until, s.Now)
		due = n == 1
		return err
	})
	return j, due, err
}

// update writes the state of the count, as long as the lease is ours.
func (j *job) update(ctx context.Context, change func(r *run, now time.Time)) error {
	return j.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		var r run
		err := s.Select(&r).Where("run.company = ?", s.Actor.Company).Scan(ctx)
		if err != nil {
			return err
		}
		change(&r, s.Now)
		n, err := s.Exec(ctx, store.From[run](""), "UPDATE crm_value_run SET counted_on = ?, plan_version = ?, lease_until = ?, finished_at = ?, customers = ?, orders = ? WHERE {scope} AND lease_owner = ?",
			r.CountedOn, r.PlanVersion, r.LeaseUntil, r.FinishedAt, r.Customers, r.Orders, j.owner)
		if err == nil && n == 0 {
			return errTaken
		}
		return err
	})
}

// own fails where another process has taken over; until the transaction ends none can.
func (j *job) own(ctx context.Context, s *store.Session) error {
	n, err := s.Exec(ctx, store.From[run](""), "UPDATE crm_value_run SET lease_owner = lease_owner WHERE {scope} AND lease_owner = ?", j.owner)
	if err == nil && n == 0 {
		return errTaken
	}
	return err
}

var errTaken = fault.New(fault.Conflict, "another process has taken over the count of customers")

// hold renews the lease when a good part of it has gone.
func (j *job) hold(ctx context.Context) error {
	now := j.db.Now()
	if now.Before(j.until.Add(-lease / 2)) {
		return nil
	}
	j.until = now.Add(lease)
	return j.update(ctx, func(r *run, _ time.Time) { r.LeaseUntil = j.until })
}

// read takes the orders page by page: in transactions of their own where the host is in them, so that no snapshot is
// held for long.
func (j *job) read(ctx context.Context, sales erpbridge.Sales) (*buying.Found, error) {
	var book *exchange.Book
	var hs erpbridge.Session
	elsewhere := j.config.Host.Place == erpbridge.Elsewhere
	err := j.db.Read(ctx, func(ctx context.Context, s *store.Session) (err error) {
		home := j.config.Locales(s.Actor.Company)
		hs = erpbridge.Session{Company: s.Actor.Company, Now: s.Now, Today: j.today}
		book, err = exchange.Open(ctx, s, home.Currency)
		return err
	})
	if err != nil {
		return nil, err
	}
	zone := j.config.Locales(hs.Company).Location()
	worth := func(net money.Amount, currency string, on civil.Date) (money.Amount, bool) {
		if currency == book.Own {
			return net, true
		}
		rate, ok := book.Rate(currency, on.Time(zone))
		return book.Round(net.Mul(rate)), ok
	}
	pass, err := buying.Begin(j.plan.Terms, j.today, worth)
	if err != nil {
		return nil, err
	}
	costs := map[string]*money.Amount{}
	j.from, j.shown = buying.From(j.today), pass.Shown
	j.from.Day = 1 // what is kept by month is of whole months
	j.kept, err = retention.Begin(ctx, j.db, retention.Pass{From: j.from, Today: j.today, Currency: book.Own, Worth: worth, Own: j.own})
	if err != nil {
		return nil, err
	}
	j.sold = sold.Begin(worth, func(product string) (money.Amount, bool) {
		if unit := costs[product]; unit != nil {
			return *unit, true
		}
		return money.Amount{}, false
	})
	ask := erpbridge.SalesQuery{From: j.from, Limit: page}
	for {
		var list []erpbridge.Sale
		if elsewhere {
			list, err = sales.Sales(ctx, hs, ask)
		} else {
			err = j.db.Read(ctx, func(ctx context.Context, s *store.Session) (err error) {
				hs.Tx = s.Tx()
				if list, err = sales.Sales(ctx, hs, ask); err != nil {
					return err
				}
				return j.costs(ctx, hs, list, costs)
			})
		}
		if err != nil {
			return nil, err
		}
		if len(list) == 0 {
			return pass.End()
		}
		for _, sale := range list {
			if err := pass.Add(sale); err != nil {
				return nil, fault.Wrap(err, fault.Unavailable, "the host's orders cannot be read")
			}
			j.sold.Add(sale)
			if err := j.kept.Add(ctx, sale); err != nil {
				return nil, err
			}
		}
		j.orders += len(list)
		last := list[len(list)-1]
		ask.After = &erpbridge.Sale{Customer: last.Customer, Date: last.Date, Key: last.Key}
		if err := j.hold(ctx); err != nil {
			return nil, err
		}
	}
}

// costs asks what the products of a page cost that were not met yet. A host that is elsewhere is not asked: that would be
// a call for each product.
func (j *job) costs(ctx context.Context, hs erpbridge.Session, list []erpbridge.Sale, known map[string]*money.Amount) error {
	if j.config.Host.Catalogue == nil {
		return nil
	}
	for _, sale := range list {
		for _, l := range sale.Lines {
			if _, met := known[l.Product]; met {
				continue
			}
			p, err := j.config.Host.Catalogue.Product(ctx, hs, l.Product)
			if err != nil && !errors.Is(err, fault.NotFound) {
				return err
			}
			known[l.Product] = p.Cost
		}
	}
	return nil
}

// write brings the rows of all customers to what was found, and takes those away who have gone.
func (j *job) write(ctx context.Context, found *buying.Found) error {
	all := make([]*buying.Customer, len(found.Customers))
	known := make(map[string]bool, len(all))
	for i := range found.Customers {
		all[i] = &found.Customers[i]
		known[all[i].Key] = true
	}
	for some := range slices.Chunk(all, chunk) {
		if err := j.hold(ctx); err != nil {
			return err
		}
		err := j.db.Write(store.Alone(ctx), func(ctx context.Context, s *store.Session) error {
			if err := j.values(ctx, s, some); err != nil {
				return err
			}
			return j.also(ctx, s, found, some)
		})
		if err != nil {
			return err
		}
	}
	if err := j.forget(ctx, found, known); err != nil {
		return err
	}
	err := j.db.Write(store.Alone(ctx), func(ctx context.Context, s *store.Session) error { return j.sold.Write(ctx, s, j.from, j.today) })
	if err != nil {
		return err
	}
	return j.kept.End(ctx, j.shown)
}

func (j *job) also(ctx context.Context, s *store.Session, found *buying.Found, some []*buying.Customer) error {
	if j.config.Also == nil {
		return nil
	}
	return j.config.Also(ctx, s, found, some)
}

func (j *job) values(ctx context.Context, s *store.Session, some []*buying.Customer) error {
	args := make([]any, len(some))
	for i, c := range some {
		args[i] = c.Key
	}
	var rows []Value
	err := s.Query(ctx, &rows, store.From[Value]("v"), "SELECT v.* FROM crm_customer_value AS v WHERE {scope} AND v.customer IN ("+store.In(len(args))+")", args...)
	if err != nil {
		return err
	}
	was := make(map[string]Value, len(rows))
	for _, r := range rows {
		was[r.Customer] = r
	}
	var fresh []Value
	for _, c := range some {
		next := of(c)
		before, known := was[c.Key]
		if !known {
			next.ID, next.ClassSince = store.NewKey[Tag](s), j.today
			fresh = append(fresh, next)
			continue
		}
		if next.follows(before, j.today) {
			continue
		}
		_, err := s.Exec(ctx, store.From[Value](""), "UPDATE crm_customer_value SET class = ?, was_class = ?, class_since = ?, recency = ?, frequency = ?, money = ?, revenue = ?, orders = ?, order_days = ?, gap = ?, first_on = ?, last_on = ?, quiet = ?, unrated = ? WHERE {scope} AND id = ?",
			string(next.Class), string(next.WasClass), next.ClassSince, next.Recency, next.Frequency, next.Money, next.Revenue, next.Orders, next.Days, next.Gap, next.First, next.Last, next.Quiet, next.Unrated, next.ID)
		if err != nil {
			return err
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	return s.InsertMany(ctx, &fresh)
}

// forget takes away customers without orders in the history.
func (j *job) forget(ctx context.Context, found *buying.Found, known map[string]bool) error {
	last := ""
	for {
		var keys []string
		err := j.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
			return s.Query(ctx, &keys, store.From[Value]("v"), "SELECT v.customer FROM crm_customer_value AS v WHERE {scope} AND v.company = ? AND v.customer > ? ORDER BY v.customer"+s.Limit(5*chunk), s.Actor.Company, last)
		})
		if err != nil || len(keys) == 0 {
			return err
		}
		last = keys[len(keys)-1]
		gone := slices.DeleteFunc(keys, func(key string) bool { return known[key] })
		for some := range slices.Chunk(gone, chunk) {
			err := j.db.Write(store.Alone(ctx), func(ctx context.Context, s *store.Session) error {
				args, who := make([]any, len(some)), make([]*buying.Customer, len(some))
				for i, key := range some {
					args[i], who[i] = key, &buying.Customer{Key: key}
				}
				if _, err := s.Exec(ctx, store.From[Value](""), "DELETE FROM crm_customer_value WHERE {scope} AND customer IN ("+store.In(len(args))+")", args...); err != nil {
					return err
				}
				return j.also(ctx, s, found, who)
			})
			if err != nil {
				return err
			}
		}
	}
}

// byWorth orders customers by class, the largest revenue first.
func byWorth(a, b contact) int {
	return cmp.Or(cmp.Compare(a.Class, b.Class), b.Revenue.Cmp(a.Revenue), cmp.Compare(a.Customer, b.Customer))
}
