package buying_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/reports/buying"
)

var today = civil.Date{Year: 2026, Month: 11, Day: 22}

// worth knows forints, and euros at 400.
func worth(net money.Amount, currency string, _ civil.Date) (money.Amount, bool) {
	switch currency {
	case "HUF":
		return net, true
	case "EUR":
		return money.NewAmount(net.Mul(money.MustAmount("400").Decimal)), true
	}
	return money.Amount{}, false
}

func find(t rapid.TB, terms buying.Terms, sales []erpbridge.Sale) *buying.Found {
	t.Helper()
	pass, err := buying.Begin(terms, today, worth)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range sales {
		if err := pass.Add(s); err != nil {
			t.Fatal(err)
		}
	}
	found, err := pass.End()
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func sold(product, quantity, net string) erpbridge.SoldLine {
	return erpbridge.SoldLine{Product: product, Name: "a " + product, Quantity: money.MustQuantity(quantity), Net: money.MustAmount(net)}
}

// every is a sale each so many days, the last one some days ago.
func every(customer string, days, last, times int, lines ...erpbridge.SoldLine) []erpbridge.Sale {
	var out []erpbridge.Sale
	for i := times - 1; i >= 0; i-- {
		out = append(out, erpbridge.Sale{Customer: customer, Key: fmt.Sprintf("%s-%d", customer, times-i), Date: today.AddDays(-last - i*days), Currency: "HUF", Lines: lines})
	}
	return out
}

func TestWhatIsSuggested(t *testing.T) {
	paper, toner := sold("papír", "10", "20000"), sold("toner", "2", "50000")
	together := func(customer string) []erpbridge.Sale { return every(customer, 30, 10, 3, paper, toner) }
	for _, c := range []struct {
		name  string
		sales []erpbridge.Sale
		want  []string
	}{
		{"orders as usual", every("Kovács Kft.", 30, 10, 12, paper), nil},
		{"silent for three months who ordered monthly", every("Kovács Kft.", 30, 95, 12, paper), []string{"quiet/: 12 × 30 days, 95 ago, 20000, papír 10"}},
		{"a rhythm needs four days", every("Kovács Kft.", 30, 95, 3, paper), nil},
		{"daily orders and a long weekend", every("Kovács Kft.", 1, 5, 40, paper), nil},
		{"silent for so long that nobody asks", every("Kovács Kft.", 30, 800, 5, paper), nil},
		{
			"no toner any more",
			merged(every("Kovács Kft.", 30, 5, 13, paper), every("Kovács Kft.", 60, 185, 4, toner)),
			[]string{"lapsed/toner: 4 × 60 days, 185 ago, 50000, toner 2"},
		},
		{"a yearly licence", merged(every("Kovács Kft.", 30, 5, 12, paper), every("Kovács Kft.", 365, 340, 2, toner)), []string{"renewal/toner: 2 × 365 days, 340 ago, 50000, toner 2"}},
		{"a yearly licence that is not due", merged(every("Kovács Kft.", 30, 5, 12, paper), every("Kovács Kft.", 365, 300, 2, toner)), nil},
		{
			"half as much as last year",
			slices.Concat(every("Kovács Kft.", 30, 100, 12, toner), every("Kovács Kft.", 30, 20, 2, paper)),
			[]string{"less/: 14 × 0 days, 20 ago, 107945, toner 2, papír 10", "lapsed/toner: 12 × 30 days, 100 ago, 50000, toner 2"},
		},
		{
			"what others buy",
			slices.Concat(together("Alfa"), together("Béta"), together("Gamma"), every("Delta", 30, 10, 3, paper), every("Epszilon", 30, 10, 3, sold("szék", "1", "9")), every("Zéta", 30, 10, 3, sold("szék", "1", "9"))),
			[]string{"similar/toner: 3 of 4 who buy papír, 50000, toner 2"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			terms := buying.Default()
			terms.Support = 2
			var got []string
			f := find(t, terms, c.sales)
			for i := range f.Customers {
				one := &f.Customers[i]
				for _, s := range slices.Concat(one.Wants, f.Similar(one)) {
					var items []string
					for _, item := range s.Items {
						items = append(items, item.Product+" "+item.Quantity.String())
					}
					b := s.Because
					why := fmt.Sprintf("%d × %d days, %d ago", b.Times, b.Gap, b.Since)
					if s.Kind == buying.Similar {
						why = fmt.Sprintf("%d of %d who buy %s", b.Both, b.Of, b.With)
					}
					got = append(got, fmt.Sprintf("%s/%s: %s, %s, %s", s.Kind, s.Product, why, s.Worth.Truncate(0), strings.Join(items, ", ")))
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// merged puts the orders of one customer in the order of days.
func merged(lists ...[]erpbridge.Sale) []erpbridge.Sale {
	all := slices.Concat(lists...)
	slices.SortStableFunc(all, func(a, b erpbridge.Sale) int { return a.Date.Compare(b.Date) })
	return all
}

func TestAHostThatGivesCustomersTwice(t *testing.T) {
	pass, err := buying.Begin(buying.Default(), today, worth)
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range []string{"A", "B", "A"} {
		err := pass.Add(erpbridge.Sale{Customer: name, Key: "1", Date: today, Currency: "HUF"})
		if (err != nil) != (i == 2) {
			t.Errorf("order %d: %v", i, err)
		}
	}
}

// drawn is a random history.
func drawn(t *rapid.T) []erpbridge.Sale {
	var sales []erpbridge.Sale
	for c := range rapid.IntRange(0, 8).Draw(t, "customers") {
		var own []erpbridge.Sale
		for o := range rapid.IntRange(1, 9).Draw(t, "orders") {
			s := erpbridge.Sale{Customer: fmt.Sprintf("V%02d", c), Key: fmt.Sprint(c, o), Currency: rapid.SampledFrom([]string{"HUF", "HUF", "EUR", "XYZ"}).Draw(t, "currency")}
			s.Date = today.AddDays(-rapid.IntRange(-3, 1000).Draw(t, "age"))
			for range rapid.IntRange(0, 3).Draw(t, "lines") {
				s.Lines = append(s.Lines, sold(rapid.SampledFrom([]string{"a", "b", "c", "d"}).Draw(t, "product"), "1.5", fmt.Sprint(rapid.IntRange(-50, 5000).Draw(t, "net"))))
			}
			own = append(own, s)
		}
		sales = append(sales, merged(own)...)
	}
	return sales
}

// The recount takes one figure at a time from the bare list of orders, and compares customers in pairs.
func TestFiguresAgreeWithARecount(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sales := drawn(t)
		terms := buying.Default()
		terms.Months, terms.Support = rapid.IntRange(1, 36).Draw(t, "months"), rapid.IntRange(2, 3).Draw(t, "support")
		terms.Late = money.MustPercent(rapid.SampledFrom([]string{"101", "150.5", "300"}).Draw(t, "late"))
		found := find(t, terms, sales)
		r := recount{terms, sales}
		names := r.names()
		if len(names) != len(found.Customers) {
			t.Fatalf("there are %d customers, found %d", len(names), len(found.Customers))
		}
		for i := range found.Customers {
			got := &found.Customers[i]
			want := r.customer(got.Key)
			seen := *got
			seen.Wants = nil
			if diff := cmp.Diff(want, seen, cmp.AllowUnexported(), cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".basket" }, cmp.Ignore())); diff != "" {
				t.Errorf("%s (-recount +found):\n%s", got.Key, diff)
			}
			var reasons []string
			for _, s := range found.Similar(got) {
				b := s.Because
				reasons = append(reasons, fmt.Sprint(b.With, ">", s.Product, " ", b.Both, "/", b.Of, " ", b.Also, "/", b.All))
			}
			slices.Sort(reasons)
			if diff := cmp.Diff(r.similar(got.Key), reasons); diff != "" {
				t.Errorf("%s (-recount +found):\n%s", got.Key, diff)
			}
		}
	})
}

type recount struct {
	terms buying.Terms
	sales []erpbridge.Sale
}

func (r recount) orders(customer string) (out []erpbridge.Sale) {
	for _, s := range r.sales {
		if s.Customer == customer && s.Date.DaysUntil(today) >= 0 {
			out = append(out, s)
		}
	}
	return out
}

func (r recount) names() (out []string) {
	for _, s := range r.sales {
		if !slices.Contains(out, s.Customer) && len(r.orders(s.Customer)) > 0 {
			out = append(out, s.Customer)
		}
	}
	return out
}

// within reports whether a day is in the window: whether the same day some months later is after today.
func (r recount) within(d civil.Date) bool {
	for n := range 3000 { // walks from today backwards
		at := today.AddDays(-n)
		if at == d {
			return true
		}
		months := (today.Year-at.Year)*12 + int(today.Month) - int(at.Month)
		if months == r.terms.Months && at.Day == today.Day+1 || months > r.terms.Months {
			return false
		}
	}
	return false
}

func (r recount) revenue(customer string) (sum money.Amount, count int, unrated bool) {
	for _, s := range r.orders(customer) {
		for _, l := range s.Lines {
			net, ok := worth(l.Net, s.Currency, s.Date)
			unrated = unrated || !ok
			if r.within(s.Date) {
				sum = sum.Add(net)
			}
		}
		if r.within(s.Date) {
			count++
		}
	}
	return sum, count, unrated
}

func (r recount) customer(key string) buying.Customer {
	orders := r.orders(key)
	out := buying.Customer{Key: key, First: orders[0].Date, Last: orders[len(orders)-1].Date}
	out.Revenue, out.Orders, out.Unrated = r.revenue(key)
	out.Silent = out.Last.DaysUntil(today)
	days := map[civil.Date]bool{}
	for _, o := range orders {
		days[o.Date] = true
	}
	out.Days = len(days)
	if out.Days >= 4 {
		var gaps []int
		for d := out.First; d != out.Last; {
			n := 1
			for !days[d.AddDays(n)] {
				n++
			}
			gaps, d = append(gaps, n), d.AddDays(n)
		}
		slices.Sort(gaps)
		out.Gap = (gaps[(len(gaps)-1)/2] + gaps[len(gaps)/2]) / 2
	}
	limit := r.terms.Late.Mul(money.MustAmount(fmt.Sprint(out.Gap)).Decimal) // in hundredths of days
	out.Quiet = out.Gap > 0 && out.Silent >= 14 && money.MustAmount(fmt.Sprint(out.Silent*100)).GreaterThan(limit)
	names := r.names()
	mark := func(worse func(other string) bool) int {
		n := 0
		for _, other := range names {
			if worse(other) {
				n++
			}
		}
		return 1 + 5*n/len(names)
	}
	last := func(name string) civil.Date { all := r.orders(name); return all[len(all)-1].Date }
	out.Recency = mark(func(other string) bool { return last(other).Before(out.Last) })
	out.Frequency = mark(func(other string) bool { _, n, _ := r.revenue(other); return n < out.Orders })
	out.Money = mark(func(other string) bool { sum, _, _ := r.revenue(other); return sum.Cmp(out.Revenue) < 0 })
	var all, ahead money.Amount
	for _, other := range names {
		sum, _, _ := r.revenue(other)
		if !sum.IsPositive() {
			continue
		}
		all = all.Add(sum)
		if c := sum.Cmp(out.Revenue); c > 0 || c == 0 && other < key {
			ahead = ahead.Add(sum)
		}
	}
	hundredfold := ahead.Mul(money.MustAmount("100").Decimal)
	switch {
	case !out.Revenue.IsPositive():
		out.Class = buying.C
	case hundredfold.LessThan(all.Mul(r.terms.A.Decimal)):
		out.Class = buying.A
	case hundredfold.LessThan(all.Mul(r.terms.B.Decimal)):
		out.Class = buying.B
	default:
		out.Class = buying.C
	}
	return out
}

func (r recount) buys(customer, product string) bool {
	for _, o := range r.orders(customer) {
		for _, l := range o.Lines {
			if l.Product == product {
				return true
			}
		}
	}
	return false
}

// similar asks of each pair of products how many buy both, and keeps of each the best three reasons.
func (r recount) similar(customer string) []string {
	type reason struct {
		with, other         string
		both, of, also, all int
	}
	var list []reason
	products := []string{"a", "b", "c", "d"}
	for _, other := range products {
		if r.buys(customer, other) {
			continue
		}
		var best *reason
		for _, with := range products {
			if !r.buys(customer, with) {
				continue
			}
			one := reason{with: with, other: other}
			for _, name := range r.names() {
				x, y := r.buys(name, with), r.buys(name, other)
				one.all++
				if x {
					one.of++
				}
				if y {
					one.also++
				}
				if x && y {
					one.both++
				}
			}
			enough := one.both >= r.terms.Support && 2*one.both >= one.of && 100*one.both*one.all >= 130*one.of*one.also
			if enough && (best == nil || one.both*best.of > best.both*one.of || one.both*best.of == best.both*one.of && one.both > best.both) {
				best = &one
			}
		}
		if best != nil {
			list = append(list, *best)
		}
	}
	slices.SortStableFunc(list, func(x, y reason) int {
		if d := y.both*x.of - x.both*y.of; d != 0 {
			return d
		}
		return y.both - x.both
	})
	var out []string
	for _, one := range list[:min(3, len(list))] {
		out = append(out, fmt.Sprint(one.with, ">", one.other, " ", one.both, "/", one.of, " ", one.also, "/", one.all))
	}
	slices.Sort(out)
	return out
}
