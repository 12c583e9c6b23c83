package kpi

import (
	"container/list"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"sync"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/reports/exchange"
)

// What was counted is kept by what was asked, and shown again for as long as the database says that nothing of what it
// was counted from has changed ([store.Session.Changes]): a figure that is shown always is a full recount. Sums are
// kept by month, so that who writes today leaves those of the months before in place.

// keptCells bounds what one KPIs keeps: some 400 bytes each, 8 MB in all.
const keptCells = 20_000

// question is the hash of all that a sum depends on beside the records.
type question [sha256.Size]byte

// states are those of the topics that a sum is counted from.
type states [5]store.State

type sums struct {
	asked   question
	states  states
	found   cells
	missing []string
}

// size is in cells.
func (s *sums) size() int { return 2 + len(s.found) + len(s.missing) }

// shelf keeps sums, those that were asked for last.
type shelf struct {
	mu    sync.Mutex
	by    map[question]*list.Element
	order *list.List
	cells int
}

func newShelf() *shelf { return &shelf{by: map[question]*list.Element{}, order: list.New()} }

// get gives the sums of a question, nil where there are none of these states. They are shared: nobody changes them.
func (s *shelf) get(asked question, st states) *sums {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := s.by[asked]
	if at == nil || at.Value.(*sums).states != st {
		return nil
	}
	s.order.MoveToFront(at)
	return at.Value.(*sums)
}

func (s *shelf) put(one *sums) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if at := s.by[one.asked]; at != nil {
		s.drop(at)
	}
	s.by[one.asked] = s.order.PushFront(one)
	for s.cells += one.size(); s.cells > keptCells; {
		s.drop(s.order.Back())
	}
}

func (s *shelf) drop(at *list.Element) {
	one := s.order.Remove(at).(*sums)
	s.cells -= one.size()
	delete(s.by, one.asked)
}

// counting is one session's work on figures.
type counting struct {
	k *KPIs
	s *store.Session
	// own is the company's currency.
	own string
	// rates are read when something has to be counted.
	rates *exchange.Book
	// changes are read where sums are kept, and fresh are sums that were counted by them.
	changes store.Changes
	keeps   bool
	fresh   []fresh
	// owned are what custom fields narrow each kind of record to. All figures of one counting have one filter.
	owned map[Kind]store.Predicate
	// orders is what is known of the host's orders.
	orders *orders
}

// fresh are sums that may be kept where the states that they were counted from still are those of now.
type fresh struct {
	*sums
	now func(store.Changes) states
}

func (k *KPIs) begin(ctx context.Context, s *store.Session) (*counting, error) {
	c := &counting{k: k, s: s, own: k.locales(s.Actor.Company).Currency, keeps: k.shelf != nil && s.Reading(), owned: map[Kind]store.Predicate{}, orders: &orders{}}
	var err error
	if c.keeps {
		c.changes, err = s.Changes(ctx)
	}
	return c, err
}

// end keeps what was counted. SQLite shows a session one state; elsewhere that of before and after must be the same.
func (c *counting) end(ctx context.Context) error {
	if len(c.fresh) == 0 {
		return nil
	}
	now := c.changes
	if c.s.Dialect() != store.SQLite {
		var err error
		if now, err = c.s.Changes(ctx); err != nil {
			return err
		}
	}
	for _, one := range c.fresh {
		if one.now(now) == one.states {
			c.k.shelf.put(one.sums)
		}
	}
	return nil
}

func (c *counting) book(ctx context.Context) (*exchange.Book, error) {
	var err error
	if c.rates == nil {
		c.rates, err = exchange.Open(ctx, c.s, c.own)
	}
	return c.rates, err
}

// sources are what the records behind figures are read from. Those of other kinds are not kept: whether a passage was
// kept changes with the hour.
var sources = map[Kind]store.Source{OpportunityKind: opportunities, LeadKind: leadRows, ActivityKind: deeds}

// kept reports whether the sums of a figure are kept.
func (d Definition) kept() bool {
	_, known := sources[d.Of]
	return known && d.Code != CampaignReturn && !d.repeats() // no trigger watches what campaigns have sent so far, nor which customers were merged
}

// monthly reports whether the sums of months make up those of a period, in each part of any breakdown: where each
// record stands in one month.
func (d Definition) monthly() bool { return d.kept() && d.Code != Funnel }

// states are those of what a figure is counted from.
func (d Definition) states(r *reading, now store.Changes) states {
	whose := r.s.Actor.See != actor.All
	var out states
	switch d.Of {
	case LeadKind:
		out[0] = now.Within(store.LeadChanges, r.from, r.to)
		if d.Code == LeadConversion {
			out[1] = now.Of(store.OpportunityChanges)
		}
	case ActivityKind:
		out[0] = now.Within(store.ActivityChanges, r.from, r.to)
		if !r.of.Pipeline.IsZero() || r.of.Source != "" || r.of.ProductGroup != "" {
			out[1] = now.Of(store.OpportunityChanges)
		}
	case OpportunityKind, PassageKind:
		whose = false // opportunities are opened by being their seller
		out[0], out[1] = now.Within(store.OpportunityChanges, r.from, r.to), now.Of(store.RateChanges)
		switch d.Code {
		case Funnel, StageTime:
			out[0], out[1] = now.Within(store.MoveChanges, r.from, r.to), store.State{}
			if !r.alone() {
				out[1] = now.Of(store.OpportunityChanges)
			}
		case WorkTime:
			out[2] = now.Of(store.ActivityChanges)
		case Margin:
			out[2] = now.Of(store.CostChanges)
		default:
		}
	}
	if whose {
		out[3] = now.Of(store.SightChanges)
	}
	if r.own.SQL != "" {
		out[4] = now.Of(store.CustomChanges)
	}
	return out
}

// asked is the question that a reading answers: the figure, the period, what narrows it, what it is broken down to, the
// currency, and what the reader may see.
func (r *reading) asked(d Definition, own string) (question, error) {
	sight, err := r.s.Sight(sources[d.Of])
	if err != nil {
		return question{}, err
	}
	h := sha256.New()
	write := func(text string) {
		_ = binary.Write(h, binary.LittleEndian, int64(len(text))) // a hash takes everything
		_, _ = io.WriteString(h, text)
	}
	f := r.of
	for _, text := range []string{string(d.Code), string(r.by), own, r.s.Actor.Company, f.Seller, f.Team, f.Source, string(f.Pipeline[:]), f.ProductGroup} {
		write(text)
	}
	_ = binary.Write(h, binary.LittleEndian, [2]int64{r.from.UnixMilli(), r.to.UnixMilli()})
	for _, p := range []store.Predicate{sight, r.own} {
		write(p.SQL)
		for _, a := range p.Args {
			write(fmt.Sprintf("%T %+v", a, a))
		}
	}
	var q question
	h.Sum(q[:0])
	return q, nil
}

// measured gives the sums of a period by their keys, and the currencies that are missing in them.
func (c *counting) measured(ctx context.Context, d Definition, r reading) (*sums, error) {
	if !c.keeps || !d.kept() || r.by == Region { // no trigger watches addresses
		return c.count(ctx, d, &r)
	}
	asked, err := r.asked(d, c.own)
	if err != nil {
		return nil, err
	}
	now := d.states(&r, c.changes)
	if known := c.k.shelf.get(asked, now); known != nil {
		return known, nil
	}
	found, err := c.count(ctx, d, &r)
	if err != nil {
		return nil, err
	}
	found.asked, found.states = asked, now
	c.fresh = append(c.fresh, fresh{found, func(now store.Changes) states { return d.states(&r, now) }})
	return found, nil
}

func (c *counting) count(ctx context.Context, d Definition, r *reading) (*sums, error) {
	var err error
	if r.book, err = c.book(ctx); err != nil {
		return nil, err
	}
	r.missing, r.mixed = map[string]bool{}, c.k.mixed
	out := &sums{}
	if out.found, err = d.measure(ctx, r); err != nil {
		return nil, fmt.Errorf("figure %s: %w", d.Code, err)
	}
	for currency := range r.missing {
		out.missing = append(out.missing, currency)
	}
	slices.Sort(out.missing)
	return out, nil
}

// over gives the sums of a period that may be made up of months.
func (c *counting) over(ctx context.Context, d Definition, q Query, by Dimension, own store.Predicate) (*sums, error) {
	parts := []Period{q.Period}
	if c.keeps && d.monthly() && by != Region {
		parts = q.Period.split()
	}
	zone := c.k.locales(c.s.Actor.Company).Location()
	var all *sums
	for _, p := range parts {
		r := reading{s: c.s, of: q.Of, own: own, by: by, orders: c.orders}
		r.cover(p, q.since, zone)
		part, err := c.measured(ctx, d, r)
		if err != nil {
			return nil, err
		}
		if len(parts) == 1 {
			return part, nil
		}
		if all == nil {
			all = &sums{found: cells{}}
		}
		for key, of := range part.found {
			all.found.at(key).add(of)
		}
		all.missing = union(all.missing, part.missing)
	}
	return all, nil
}
