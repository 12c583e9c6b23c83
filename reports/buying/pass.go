package buying

import (
	"fmt"
	"slices"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/erpbridge"
)

// Worth turns a net amount of a day into the company's currency; false where no rate is known.
type Worth func(net money.Amount, currency string, on civil.Date) (money.Amount, bool)

// Pass takes the orders of a company's customers.
type Pass struct {
	terms  Terms
	worth  Worth
	day    civil.Date
	today  int
	from   int
	window int
	late   int64

	found    Found
	seen     map[string]bool
	byKey    map[string]uint32
	products []product
	now      current
}

// product is what is known of a product.
type product struct {
	key, name string
	// net is scaled, quantity too; times are the days on which some customer bought it.
	net, quantity int64
	times         int
	// customers is how many bought it.
	customers int
}

// current is the customer whose orders come now.
type current struct {
	key string
	// days are those with orders, rising.
	days                   []int
	revenue, total         int64
	recent, before         int64
	ordersBefore, ordersIn int
	unrated                bool
	bought                 []bought
	at                     map[uint32]int
}

// bought is one product of the current customer.
type bought struct {
	product       uint32
	times, last   int
	gaps          []int
	net, quantity int64
}

// Begin starts a pass for a business day.
func Begin(t Terms, today civil.Date, worth Worth) (*Pass, error) {
	if err := t.Check().Err("customers cannot be judged"); err != nil {
		return nil, err
	}
	percent, err := t.Late.Scaled()
	p := &Pass{
		terms: t, worth: worth, day: today, today: number(today), from: number(From(today)), window: number(t.Since(today)), late: percent,
		seen: map[string]bool{}, byKey: map[string]uint32{},
	}
	p.found = Found{Terms: t, Today: today}
	p.now.at = map[uint32]int{}
	return p, err
}

// number counts days since 1970.
func number(d civil.Date) int { return int(d.Time(nil).Unix() / 86_400) }

var epoch = civil.Date{Year: 1970, Month: 1, Day: 1}

func dayOf(n int) civil.Date { return epoch.AddDays(n) }

// Shown reports whether an order of a customer was given, whether or not it counted.
func (p *Pass) Shown(customer string) bool { return p.seen[customer] }

// Add takes the next order. The orders of a customer come together, in the order of their days; those after today, or
// before [From], do not count.
func (p *Pass) Add(s erpbridge.Sale) error {
	if s.Customer == "" || s.Date.IsZero() {
		return nil
	}
	if s.Customer != p.now.key {
		p.flush()
		if p.seen[s.Customer] {
			return fmt.Errorf("the host gave orders of customer %q in two places", s.Customer)
		}
		p.seen[s.Customer] = true
		p.now.key = s.Customer
	}
	day, c := number(s.Date), &p.now
	if day > p.today || day < p.from {
		return nil
	}
	if n := len(c.days); n == 0 || c.days[n-1] != day {
		if n > 0 && c.days[n-1] > day {
			return fmt.Errorf("the host gave orders of customer %q out of order", s.Customer)
		}
		c.days = append(c.days, day)
	}
	if day >= p.window {
		c.ordersIn++
	}
	age := p.today - day
	if age >= quarter && age < quarter+year {
		c.ordersBefore++
	}
	for i := range s.Lines {
		if err := p.line(&s, &s.Lines[i], day); err != nil {
			return err
		}
	}
	return nil
}

func (p *Pass) line(s *erpbridge.Sale, l *erpbridge.SoldLine, day int) error {
	c := &p.now
	var net int64
	amount, ok := p.worth(l.Net, s.Currency, s.Date)
	if ok {
		var err error
		if net, err = amount.Scaled(); err != nil {
			return fmt.Errorf("order %s: %w", s.Key, err)
		}
	} else {
		c.unrated = true
	}
	c.total += net
	if day >= p.window {
		c.revenue += net
	}
	switch age := p.today - day; {
	case age < quarter:
		c.recent += net
	case age < quarter+year:
		c.before += net
	}
	if l.Product == "" || !l.Quantity.IsPositive() {
		return nil
	}
	quantity, err := l.Quantity.Scaled()
	if err != nil {
		return fmt.Errorf("order %s: %w", s.Key, err)
	}
	id, known := p.byKey[l.Product]
	if !known {
		id = uint32(len(p.products)) // no catalogue has four billion products
		p.byKey[l.Product] = id
		p.products = append(p.products, product{key: l.Product})
	}
	p.products[id].name = l.Name
	at, had := c.at[id]
	if !had {
		at = len(c.bought)
		c.at[id] = at
		c.bought = append(c.bought, bought{product: id, last: -1})
	}
	b := &c.bought[at]
	if b.last != day {
		if b.times > 0 {
			b.gaps = append(b.gaps, day-b.last)
		}
		b.times, b.last = b.times+1, day
	}
	b.net, b.quantity = b.net+net, b.quantity+quantity
	return nil
}

// flush judges the customer whose orders have all come.
func (p *Pass) flush() {
	c := &p.now
	if len(c.days) > 0 {
		out := Customer{
			Key: c.key, First: dayOf(c.days[0]), Last: dayOf(c.days[len(c.days)-1]), Orders: c.ordersIn, Revenue: money.AmountFromScaled(c.revenue), Unrated: c.unrated,
			Days: len(c.days), Silent: p.today - c.days[len(c.days)-1],
		}
		if out.Days > gapsNeeded {
			gaps := make([]int, 0, out.Days-1)
			for i := 1; i < len(c.days); i++ {
				gaps = append(gaps, c.days[i]-c.days[i-1])
			}
			out.Gap = median(gaps)
		}
		out.Quiet = late(out.Silent, out.Gap, p.late)
		out.Wants = p.wants(&out)
		out.basket = make([]uint32, len(c.bought))
		for i, b := range c.bought {
			out.basket[i] = b.product
			one := &p.products[b.product]
			one.customers++
			one.net, one.quantity, one.times = one.net+b.net, one.quantity+b.quantity, one.times+b.times
		}
		slices.Sort(out.basket)
		p.found.Customers = append(p.found.Customers, out)
	}
	clear(c.at)
	*c = current{at: c.at, days: c.days[:0], bought: c.bought[:0]}
}

// End judges all customers together. The pass takes no more.
func (p *Pass) End() (*Found, error) {
	p.flush()
	p.found.products = p.products
	if err := p.found.classify(); err != nil {
		return nil, err
	}
	return &p.found, p.found.relate()
}
