package buying

import (
	"cmp"
	"slices"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/money"
)

// Kind says why something is suggested.
type Kind string

// The kinds.
const (
	// Quiet: the customer did not order for longer than is usual with him.
	Quiet Kind = "quiet"
	// Less: he orders for less than half of what he did, a quarter of a year against the year before it.
	Less Kind = "less"
	// Lapsed: he still orders, but no longer a product that he bought regularly.
	Lapsed Kind = "lapsed"
	// Renewal: a product that he buys once a year is due.
	Renewal Kind = "renewal"
	// Similar: most customers who buy what he buys also buy something that he does not.
	Similar Kind = "similar"
)

// Kinds are all kinds.
var Kinds = []Kind{Quiet, Less, Lapsed, Renewal, Similar}

// Suggestion is something that a customer may want.
type Suggestion struct {
	Kind Kind `json:"kind"`
	// Product is the key of the product in question, "" where it is all that he buys.
	Product string `json:"product"`
	Items   []Item `json:"items"`
	// Worth is what it may bring, without VAT in the company's currency, by what such orders brought before.
	Worth money.Amount `json:"worth"`
	// Due is when it was, or will be, time for it; zero for Less and Similar.
	Due     civil.Date `json:"due"`
	Because Because    `json:"because"`
}

// Item is a product that may be sold again, in the quantity of an average order.
type Item struct {
	Product  string         `json:"product"`
	Name     string         `json:"name"`
	Quantity money.Quantity `json:"quantity"`
}

// Because are the numbers behind a suggestion; those that its kind does not need are zero.
type Because struct {
	// Times is on how many days he bought, Gap the days that usually lie between, Since the days since Last.
	Times int        `json:"times,omitempty"`
	Gap   int        `json:"gap,omitempty"`
	Since int        `json:"since,omitempty"`
	Last  civil.Date `json:"last,omitzero"`
	// Usual is what a quarter brought in the year before, Recent what the last one did.
	Usual  money.Amount `json:"usual,omitzero"`
	Recent money.Amount `json:"recent,omitzero"`
	// Both of Of customers who buy With also buy the product; Also of All customers do.
	With     string `json:"with,omitempty"`
	WithName string `json:"with_name,omitempty"`
	Both     int    `json:"both,omitempty"`
	Of       int    `json:"of,omitempty"`
	Also     int    `json:"also,omitempty"`
	All      int    `json:"all,omitempty"`
}

const (
	// perKind is how many suggestions of a kind a customer gets.
	perKind = 3
	// quarter and year are the days that Less compares.
	quarter, year = 90, 365
	// A product is bought yearly where this many days lie between; it is due some time before and after.
	yearlyLeast, yearlyMost = 300, 430
	dueBefore, dueAfter     = 45, 90
	// forgotten is after how many days without an order nobody is asked any more.
	forgotten = 730
)

// wants finds what the customer's own rhythm suggests, the most worth of each kind first.
func (p *Pass) wants(c *Customer) []Suggestion {
	var out []Suggestion
	if c.Silent <= forgotten {
		switch {
		case c.Quiet:
			out = append(out, Suggestion{Kind: Quiet, Items: p.usual(), Worth: each(p.now.total, c.Days), Due: c.Last.AddDays(c.Gap), Because: Because{Times: c.Days, Gap: c.Gap, Since: c.Silent, Last: c.Last}})
		case p.now.ordersBefore > gapsNeeded && p.now.recent*2*year < p.now.before*quarter:
			usual := money.AmountFromScaled(p.now.before * quarter / year)
			recent := money.AmountFromScaled(p.now.recent)
			out = append(out, Suggestion{Kind: Less, Items: p.usual(), Worth: usual.Sub(recent), Because: Because{Times: c.Days, Last: c.Last, Since: c.Silent, Usual: usual, Recent: recent}})
		}
	}
	var lapsed, renewals []Suggestion
	for i := range p.now.bought {
		b := &p.now.bought[i]
		gap, since := median(b.gaps), p.today-b.last
		s := Suggestion{
			Product: p.products[b.product].key, Items: []Item{p.item(b)}, Worth: each(b.net, b.times), Due: dayOf(b.last + gap),
			Because: Because{Times: b.times, Gap: gap, Since: since, Last: dayOf(b.last)},
		}
		switch {
		case b.times < 2 || since > forgotten:
		case gap >= yearlyLeast && gap <= yearlyMost:
			if due := since - gap; due >= -dueBefore && due <= dueAfter {
				s.Kind = Renewal
				renewals = append(renewals, s)
			}
		case !c.Quiet && b.times > gapsNeeded && late(since, gap, p.late):
			s.Kind = Lapsed
			lapsed = append(lapsed, s)
		}
	}
	return slices.Concat(out, best(lapsed), best(renewals))
}

// best are the few that are worth most.
func best(list []Suggestion) []Suggestion {
	slices.SortFunc(list, func(x, y Suggestion) int {
		return cmp.Or(y.Worth.Cmp(x.Worth), cmp.Compare(x.Product, y.Product))
	})
	return list[:min(len(list), perKind)]
}

// each is the mean of a scaled sum, rounded down.
func each(sum int64, n int) money.Amount {
	if n == 0 {
		return money.Amount{}
	}
	return money.AmountFromScaled(sum / int64(n))
}

// usual are the products that the customer ordered on most days.
func (p *Pass) usual() []Item {
	most := slices.Clone(p.now.bought)
	slices.SortFunc(most, func(x, y bought) int {
		return cmp.Or(y.times-x.times, cmp.Compare(p.products[x.product].key, p.products[y.product].key))
	})
	var items []Item
	for i := range most[:min(len(most), perKind)] {
		items = append(items, p.item(&most[i]))
	}
	return items
}

// item is a product in the mean quantity of the days on which it was bought, in whole units from one on.
func (p *Pass) item(b *bought) Item {
	return Item{p.products[b.product].key, p.products[b.product].name, perDay(b.quantity, b.times)}
}

func perDay(sum int64, times int) money.Quantity {
	const one = 1_000_000
	mean := sum / int64(times)
	if mean > one {
		mean = (mean + one/2) / one * one
	}
	return money.QuantityFromScaled(max(mean, 1))
}
