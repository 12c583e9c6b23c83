package buying

import (
	"cmp"
	"slices"

	"github.com/crmplus/crmplus/crm/civil"
)

// Found is what a pass found.
type Found struct {
	Terms Terms
	Today civil.Date
	// Customers are in the order in which the host gave them.
	Customers []Customer

	products []product
	// rules are, by product, the others that its buyers buy too.
	rules map[uint32][]relation
}

// relation says that both customers of those who buy one product also buy the other.
type relation struct {
	other uint32
	both  int
}

const (
	// mostProducts is how many products are compared with each other: those that most customers buy. Their pairs take
	// 32 MB.
	mostProducts = 4000
	// mostBasket is how many products of one customer are counted in pairs, the most common ones: a dealer who buys the
	// whole catalogue says nothing of what goes together.
	mostBasket = 400
	// mostRelations is how many of a product's relations are kept.
	mostRelations = 30
)

// relate counts which products are bought by the same customers.
func (f *Found) relate() error {
	confidence, err := f.Terms.Confidence.Scaled()
	if err != nil {
		return err
	}
	lift, err := f.Terms.Lift.Scaled()
	if err != nil {
		return err
	}
	common := f.common()
	rank := make(map[uint32]int32, len(common))
	for i, id := range common {
		rank[id] = int32(i)
	}
	n := len(common)
	pairs := make([]uint32, n*(n-1)/2)
	at := func(low, high int32) int { return int(high)*(int(high)-1)/2 + int(low) }
	var ranks []int32
	for i := range f.Customers {
		ranks = ranks[:0]
		for _, id := range f.Customers[i].basket {
			if r, ok := rank[id]; ok {
				ranks = append(ranks, r)
			}
		}
		slices.Sort(ranks)
		ranks = ranks[:min(len(ranks), mostBasket)]
		for k, high := range ranks {
			row := pairs[at(0, high):]
			for _, low := range ranks[:k] {
				row[low]++
			}
		}
	}
	f.rules = map[uint32][]relation{}
	all := int64(len(f.Customers))
	for high := range int32(n) {
		for low := range high {
			both := int64(pairs[at(low, high)])
			if both < int64(f.Terms.Support) {
				continue
			}
			x, y := common[low], common[high]
			of, also := int64(f.products[x].customers), int64(f.products[y].customers)
			if both*all*1_000_000 < lift*of*also {
				continue
			}
			if both*1_000_000 >= of*confidence {
				f.rules[x] = append(f.rules[x], relation{y, int(both)})
			}
			if both*1_000_000 >= also*confidence {
				f.rules[y] = append(f.rules[y], relation{x, int(both)})
			}
		}
	}
	for id, list := range f.rules {
		slices.SortFunc(list, func(a, b relation) int {
			return cmp.Or(b.both-a.both, cmp.Compare(f.products[a.other].key, f.products[b.other].key))
		})
		f.rules[id] = list[:min(len(list), mostRelations)]
	}
	return nil
}

// common are the products with support enough, those of most customers first.
func (f *Found) common() []uint32 {
	var list []uint32
	for i, p := range f.products {
		if p.customers >= f.Terms.Support {
			list = append(list, uint32(i))
		}
	}
	slices.SortFunc(list, func(a, b uint32) int {
		x, y := f.products[a], f.products[b]
		return cmp.Or(y.customers-x.customers, cmp.Compare(x.key, y.key))
	})
	return list[:min(len(list), mostProducts)]
}

// Similar gives what customers who buy what this one buys also buy, those first of whose buyers most do.
func (f *Found) Similar(c *Customer) []Suggestion {
	type reason struct {
		with, other uint32
		both        int
	}
	share := func(r reason) (int, int) { return r.both, f.products[r.with].customers }
	better := func(x, y reason) int { // negative where x is the better one
		a, of := share(x)
		b, than := share(y)
		return cmp.Or(b*of-a*than, b-a, cmp.Compare(f.products[x.with].key, f.products[y.with].key))
	}
	reasons := map[uint32]reason{}
	for _, with := range c.basket {
		for _, r := range f.rules[with] {
			if _, has := slices.BinarySearch(c.basket, r.other); has {
				continue
			}
			one := reason{with, r.other, r.both}
			if known, ok := reasons[r.other]; !ok || better(one, known) < 0 {
				reasons[r.other] = one
			}
		}
	}
	list := make([]reason, 0, len(reasons))
	for _, r := range reasons {
		list = append(list, r)
	}
	slices.SortFunc(list, func(x, y reason) int {
		return cmp.Or(better(x, y), cmp.Compare(f.products[x.other].key, f.products[y.other].key))
	})
	var out []Suggestion
	for _, r := range list[:min(len(list), perKind)] {
		p, with := f.products[r.other], f.products[r.with]
		out = append(out, Suggestion{
			Kind: Similar, Product: p.key, Items: []Item{{p.key, p.name, perDay(p.quantity, p.times)}}, Worth: each(p.net, p.times),
			Because: Because{With: with.key, WithName: with.name, Both: r.both, Of: with.customers, Also: p.customers, All: len(f.Customers)},
		})
	}
	return out
}
