package retention_test

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/big"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/reports/retention"
	"github.com/crmplus/crmplus/testutil"
)

// asked says that the number of histories was given.
var asked bool

func TestMain(m *testing.M) {
	flag.Parse()
	flag.Visit(func(f *flag.Flag) { asked = asked || f.Name == "rapid.checks" })
	if !asked {
		_ = flag.Set("rapid.checks", "12") // each is a company with some counts
	}
	os.Exit(m.Run())
}

var companies atomic.Int64

// ordered is an order as the test remembers it.
type ordered struct {
	customer, key, currency string
	day                     string // 2026-07-13
	net                     *big.Rat
}

// shop is a company whose orders the test remembers and counts one by one, in fractions, by the text of their days.
type shop struct {
	t       *rapid.T
	env     testutil.Env
	parties *party.Parties
	orders  []ordered
	// kept are those that the last whole count saw, with those that had fallen out of its window by then; knownFrom is the
	// first day of the first count.
	kept      []ordered
	knownFrom civil.Date
	// family says who stands for a customer, owner who looks after him.
	family map[string]int
	ids    map[string]party.ID
	owner  map[string]string
	merged map[int]bool
	n      int
}

// Of so many customers CRM+ does not know those from strangers on.
const customers, strangers = 10, 6

func newShop(t *rapid.T, env *testutil.Env) *shop {
	s := &shop{t: t, env: *env, family: map[string]int{}, ids: map[string]party.ID{}, owner: map[string]string{}, merged: map[int]bool{}}
	s.env.Company = fmt.Sprintf("%s-%d", env.Company, companies.Add(1))
	s.env.Clock = testutil.NewClock(env.Clock.Now())
	s.env.DB = env.DB.WithClock(s.env.Clock.Now)
	s.parties = party.New(s.env.DB, func(string) locale.Locale {
		return locale.Locale{Language: locale.Hungarian, Zone: time.UTC, Currency: "HUF"}
	})
	for i := range customers {
		s.family[customer(i)] = i
		if i >= strangers {
			continue
		}
		one, err := s.parties.Add(s.env.System(), party.Draft{Kind: party.Company, FullName: fmt.Sprintf("Vevő %d Kft.", i)})
		s.ok(err)
		owner := rapid.SampledFrom([]string{"anna", "béla", ""}).Draw(t, "owner")
		s.ok(s.parties.Assign(s.env.System(), one.ID, party.Owner{User: owner}))
		s.ok(s.parties.SetRole(s.env.System(), one.ID, party.Link{Role: party.Customer, HostKey: customer(i)}, [16]byte{}))
		s.ids[customer(i)], s.owner[customer(i)] = one.ID, owner
	}
	return s
}

func customer(i int) string { return fmt.Sprintf("V%03d", i) }

func (s *shop) ok(err error) {
	if err != nil {
		s.t.Helper()
		s.t.Fatal(err)
	}
}

func (s *shop) today() civil.Date { return civil.Of(s.env.Clock.Now()) }

// trade adds some orders and cancels others.
func (s *shop) trade() {
	for range rapid.IntRange(0, 25).Draw(s.t, "orders") {
		back := rapid.IntRange(-3, 420).Draw(s.t, "days ago")
		if rapid.Bool().Draw(s.t, "at the border of a month") {
			first := civil.Date{Year: s.today().Year, Month: s.today().Month, Day: 1}
			back = first.AddDays(-rapid.IntRange(0, 1).Draw(s.t, "before")).DaysUntil(s.today())
		}
		s.n++
		s.orders = append(s.orders, ordered{
			customer: customer(rapid.IntRange(0, customers-1).Draw(s.t, "customer")), key: fmt.Sprintf("R%05d", s.n), day: s.today().AddDays(-back).String(),
			currency: rapid.SampledFrom([]string{"HUF", "HUF", "EUR", "XAU"}).Draw(s.t, "currency"), net: big.NewRat(int64(rapid.IntRange(-200, 90_000).Draw(s.t, "net")), 100),
		})
	}
	s.orders = slices.DeleteFunc(s.orders, func(ordered) bool { return rapid.IntRange(0, 9).Draw(s.t, "cancelled") == 0 })
}

// rate is what one of a currency is worth; of gold none is known.
var rate = map[string]*big.Rat{"HUF": big.NewRat(1, 1), "EUR": big.NewRat(400, 1)}

// merge links a customer whom CRM+ does not know to the party of another, which was merged into a new one before, or not.
func (s *shop) merge() {
	known, fresh := customer(rapid.IntRange(0, strangers-1).Draw(s.t, "known")), customer(rapid.IntRange(strangers, customers-1).Draw(s.t, "unknown"))
	if s.ids[fresh] != (party.ID{}) {
		return
	}
	of := s.family[known]
	if !s.merged[of] && rapid.Bool().Draw(s.t, "into a new one") {
		one, err := s.parties.Add(s.env.System(), party.Draft{Kind: party.Company, FullName: "Utód Zrt."})
		s.ok(err)
		_, err = s.parties.Merge(s.env.System(), one.ID, s.ids[known])
		s.ok(err)
		one, err = s.parties.Get(s.env.System(), one.ID)
		s.ok(err)
		s.owner[customer(of)], s.merged[of] = one.OwnerUser, true
		for key, family := range s.family {
			if family == of {
				s.ids[key] = one.ID
			}
		}
	}
	s.ok(s.parties.SetRole(s.env.System(), s.ids[known], party.Link{Role: party.Customer, HostKey: fresh}, [16]byte{}))
	s.family[fresh], s.ids[fresh] = of, s.ids[known]
}

var errKilled = errors.New("killed")

// count goes through the orders; it is killed before its write number kill, if that is not 0. Whenever it writes, look is
// called.
func (s *shop) count(kill int, look func()) error {
	writes, today := 0, s.today()
	from := retention.Months(civil.Date{Year: today.Year, Month: today.Month, Day: 1}, -12)
	k, err := retention.Begin(s.env.System(), s.env.DB, retention.Pass{
		From: from, Today: today, Currency: "HUF",
		Worth: func(net money.Amount, currency string, _ civil.Date) (money.Amount, bool) {
			switch currency {
			case "HUF":
				return net, true
			case "EUR":
				return money.NewAmount(net.Mul(money.MustAmount("400").Decimal)), true
			}
			return money.Amount{}, false
		},
		Own: func(context.Context, *store.Session) error {
			if writes++; writes == kill {
				return errKilled
			}
			return nil
		},
	})
	if err != nil {
		return err
	}
	k.InChunksOf(rapid.IntRange(1, 30).Draw(s.t, "rows of a chunk"))
	list := slices.Clone(s.orders)
	slices.SortFunc(list, func(a, b ordered) int {
		return cmp.Or(strings.Compare(a.customer, b.customer), strings.Compare(a.day, b.day), strings.Compare(a.key, b.key))
	})
	shown := map[string]bool{}
	for _, o := range list {
		if o.day < from.String() {
			continue
		}
		shown[o.customer] = true
		day, err := civil.Parse(o.day)
		s.ok(err)
		half := new(big.Rat).Quo(o.net, big.NewRat(2, 1)) // an order of two lines
		net := money.MustAmount(half.FloatString(4))
		if err := k.Add(s.env.System(), erpbridge.Sale{Customer: o.customer, Key: o.key, Date: day, Currency: o.currency, Lines: []erpbridge.SoldLine{{Net: net}, {Net: net}}}); err != nil {
			return err
		}
		look()
	}
	if err := k.End(s.env.System(), func(key string) bool { return shown[key] }); err != nil {
		return err
	}
	s.kept = slices.DeleteFunc(s.kept, func(o ordered) bool { return o.day >= from.String() })
	for _, o := range s.orders {
		if o.day >= from.String() && o.day <= today.String() {
			s.kept = append(s.kept, o)
		}
	}
	if s.knownFrom.IsZero() {
		s.knownFrom = from
	}
	return nil
}

// told is all that is said of the orders of today, as text.
func (s *shop) told(ctx context.Context, today civil.Date) string {
	var out strings.Builder
	s.ok(s.env.DB.Read(ctx, func(ctx context.Context, ses *store.Session) error {
		c, err := retention.Counted(ctx, ses)
		if err != nil {
			return err
		}
		out.Reset()
		for _, q := range s.questions(today) {
			parts, err := retention.Read(ctx, ses, c, q)
			if err != nil {
				return err
			}
			slices.SortFunc(parts, func(a, b retention.Sums) int { return strings.Compare(a.Key, b.Key) })
			for _, p := range parts {
				if p.AtRisk+p.Fresh > 0 {
					fmt.Fprintf(&out, "%s %q %d %d %d: %s %s %s %s %s\n", q.First, p.Key, p.AtRisk, p.Again, p.Fresh, fixed(p.Was), fixed(p.Lost), fixed(p.Less), fixed(p.More), fixed(p.FreshNet))
				}
			}
			for _, kind := range retention.Kinds {
				fmt.Fprintf(&out, "%s:", kind)
				page := store.Page{Limit: 2}
				for {
					list, err := retention.List(ctx, ses, c, retention.Behind{Question: retention.Question{Turn: q.Turn, Of: q.Of}, Kind: kind, Page: page})
					if err != nil {
						return err
					}
					for _, one := range list.Rows {
						fmt.Fprintf(&out, " %s %s %s", one.Key, fixed(one.Was), fixed(one.Net))
					}
					if page.After = list.Next; list.Next == "" {
						break
					}
				}
				out.WriteByte('\n')
			}
		}
		cohorts, err := retention.Cohorts(ctx, ses, c, retention.CohortQuestion{Step: 3, Most: 5}, today)
		for _, one := range cohorts {
			fmt.Fprintf(&out, "since %s:", one.First)
			for _, turn := range one.Turns {
				fmt.Fprintf(&out, " %d %s", turn.Customers, fixed(turn.Net))
			}
			out.WriteByte('\n')
		}
		return err
	}))
	return out.String()
}

func fixed(a money.Amount) string { return a.StringFixed(4) }

// questions are of months and of quarters, of all and of one seller's, whole and by seller.
func (s *shop) questions(today civil.Date) []retention.Question {
	this := civil.Date{Year: today.Year, Month: today.Month, Day: 1}
	var out []retention.Question
	for _, months := range []int{1, 3, 5} {
		turn := retention.Turn{Before: retention.Months(this, 1-2*months), First: retention.Months(this, 1-months), Behind: retention.Months(this, 1)}
		out = append(out, retention.Question{Turn: turn}, retention.Question{Turn: turn, By: retention.BySeller}, retention.Question{Turn: turn, Of: retention.Filter{Seller: "anna"}})
	}
	return out
}

// recount is told, counted from what the test remembers: sees says whose customers the reader sees.
func (s *shop) recount(today civil.Date, sees func(owner string, known bool) bool) string {
	var out strings.Builder
	// bought is by family, then by month.
	type one struct {
		net    *big.Rat
		orders int
	}
	bought := map[int]map[string]*one{}
	for _, o := range s.kept {
		of := s.family[o.customer]
		if owner, known := s.owner[customer(of)]; !sees(owner, known) {
			continue
		}
		if bought[of] == nil {
			bought[of] = map[string]*one{}
		}
		m := bought[of][o.day[:7]]
		if m == nil {
			m = &one{net: new(big.Rat)}
			bought[of][o.day[:7]] = m
		}
		m.orders++
		if r := rate[o.currency]; r != nil {
			m.net.Add(m.net, new(big.Rat).Mul(o.net, r))
		}
	}
	least := func(family int) string { // the key by which a family is listed
		var keys []string
		for key, of := range s.family {
			if of == family {
				keys = append(keys, key)
			}
		}
		return slices.Min(keys)
	}
	in := func(family int, from, behind civil.Date) (*big.Rat, bool) {
		sum, any := new(big.Rat), false
		for month, m := range bought[family] {
			if month >= from.String()[:7] && month < behind.String()[:7] {
				sum.Add(sum, m.net)
				any = any || m.orders > 0
			}
		}
		return sum, any
	}
	zero := func() []*big.Rat {
		return []*big.Rat{new(big.Rat), new(big.Rat), new(big.Rat), new(big.Rat), new(big.Rat)}
	}
	for _, q := range s.questions(today) {
		counts, sums := map[string][3]int{}, map[string][]*big.Rat{}
		type row struct {
			key      string
			was, net *big.Rat
		}
		lists := map[retention.Kind][]row{}
		for family := range bought {
			owner := s.owner[customer(family)]
			if q.Of.Seller != "" && owner != q.Of.Seller {
				continue
			}
			key := ""
			if q.By == retention.BySeller {
				key = owner
			}
			was, before := in(family, q.Before, q.First)
			net, now := in(family, q.First, q.Behind)
			if sums[key] == nil {
				sums[key] = zero()
			}
			n, sum, listed := counts[key], sums[key], row{least(family), was, net}
			add := func(kinds ...retention.Kind) {
				for _, kind := range kinds {
					lists[kind] = append(lists[kind], listed)
				}
			}
			change := new(big.Rat).Sub(net, was)
			switch {
			case before && !now:
				n[0]++
				sum[0].Add(sum[0], was)
				sum[1].Add(sum[1], was)
				add(retention.AtRisk, retention.Gone)
			case before:
				n[0]++
				n[1]++
				sum[0].Add(sum[0], was)
				add(retention.AtRisk, retention.Again)
				if change.Sign() < 0 {
					sum[2].Sub(sum[2], change)
					add(retention.Less)
				} else if change.Sign() > 0 {
					sum[3].Add(sum[3], change)
					add(retention.More)
				}
			case now:
				n[2]++
				sum[4].Add(sum[4], net)
				add(retention.Fresh)
			}
			counts[key] = n
		}
		for _, key := range slices.Sorted(maps.Keys(counts)) {
			if n := counts[key]; n[0]+n[2] > 0 {
				fmt.Fprintf(&out, "%s %q %d %d %d:", q.First, key, n[0], n[1], n[2])
				for _, sum := range sums[key] {
					out.WriteString(" " + sum.FloatString(4))
				}
				out.WriteByte('\n')
			}
		}
		for _, kind := range retention.Kinds {
			slices.SortFunc(lists[kind], func(a, b row) int {
				if kind == retention.Fresh {
					return cmp.Or(b.net.Cmp(a.net), strings.Compare(a.key, b.key))
				}
				return cmp.Or(b.was.Cmp(a.was), strings.Compare(a.key, b.key))
			})
			fmt.Fprintf(&out, "%s:", kind)
			for _, r := range lists[kind] {
				fmt.Fprintf(&out, " %s %s %s", r.key, r.was.FloatString(4), r.net.FloatString(4))
			}
			out.WriteByte('\n')
		}
	}
	begin := func(d civil.Date) civil.Date {
		return civil.Date{Year: d.Year, Month: (d.Month-1)/3*3 + 1, Day: 1}
	}
	earliest := begin(s.knownFrom)
	if latest := retention.Months(begin(today), -12); earliest.Before(latest) {
		earliest = latest // five are asked for
	}
	for first := earliest; !first.After(today); first = retention.Months(first, 3) {
		fmt.Fprintf(&out, "since %s:", first)
		for turn := first; !turn.After(today); turn = retention.Months(turn, 3) {
			n, sum := 0, new(big.Rat)
			for family, months := range bought {
				begun := slices.Min(slices.Collect(maps.Keys(months)))
				if begun < first.String()[:7] || begun >= retention.Months(first, 3).String()[:7] {
					continue
				}
				if net, any := in(family, turn, retention.Months(turn, 3)); any {
					n++
					sum.Add(sum, net)
				}
			}
			fmt.Fprintf(&out, " %d %s", n, sum.FloatString(4))
		}
		out.WriteByte('\n')
	}
	return out.String()
}

func all(string, bool) bool { return true }

// TestWhoOrderedAgain holds what is told of random histories against a recount: orders in several currencies, at the borders
// of months, in the future, cancelled since; customers that are merged, owned by several or unknown. And the invariant: a
// count is seen whole or not at all, whatever is killed and whenever somebody looks.
func TestWhoOrderedAgain(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		if !asked && env.File == "" { // a server takes a thousand statements for each
			_ = flag.Set("rapid.checks", "2")
		}
		rapid.Check(t, func(t *rapid.T) {
			s := newShop(t, env)
			s.trade()
			s.ok(s.count(0, func() {}))
			for range rapid.IntRange(1, 3).Draw(t, "days") {
				before, day := s.told(s.env.System(), s.today()), s.today()
				s.trade()
				for range rapid.IntRange(0, 2).Draw(t, "killed") {
					err := s.count(rapid.IntRange(1, 6).Draw(t, "kill"), func() {
						if rapid.IntRange(0, 9).Draw(t, "look") > 0 {
							return
						}
						if now := s.told(s.env.System(), day); now != before {
							t.Fatalf("half a count is seen, which before was:\n%s", differing(now, before))
						}
					})
					if err != nil && !errors.Is(err, errKilled) {
						t.Fatal(err)
					}
					if err == nil {
						before = s.told(s.env.System(), day)
					}
					if now := s.told(s.env.System(), day); now != before {
						t.Fatalf("a count that was killed is seen, which before was:\n%s", differing(now, before))
					}
					s.trade()
				}
				s.env.Clock.Advance(time.Duration(rapid.IntRange(1, 40).Draw(t, "days on")) * 24 * time.Hour)
				if rapid.Bool().Draw(t, "merged") {
					s.merge()
				}
				s.ok(s.count(0, func() {}))
				s.held()
			}
		})
	})
}

// differing are the lines of one text that are not those of the other.
func differing(told, want string) string {
	a, b := strings.Split(told, "\n"), strings.Split(want, "\n")
	var out []string
	for i := range max(len(a), len(b)) {
		if line, should := at(a, i), at(b, i); line != should {
			out = append(out, line, should, "")
		}
	}
	return strings.Join(out, "\n")
}

func at(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "nothing"
}

// held compares what is told with the recount, as everybody and as a seller sees it.
func (s *shop) held() {
	if told, want := s.told(s.env.System(), s.today()), s.recount(s.today(), all); told != want {
		s.t.Fatalf("everybody is told, and should be:\n%s", differing(told, want))
	}
	own := s.env.As("anna", actor.Manager, actor.Own)
	if told, want := s.told(own, s.today()), s.recount(s.today(), func(owner string, known bool) bool { return known && owner == "anna" }); told != want {
		s.t.Fatalf("anna is told, and should be:\n%s", differing(told, want))
	}
}
