package quantity_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/big"
	"os"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/reports/quantity"
	"github.com/crmplus/crmplus/testutil"
)

func TestMain(m *testing.M) {
	flag.Parse()
	asked := false
	flag.Visit(func(f *flag.Flag) { asked = asked || f.Name == "rapid.checks" })
	if !asked {
		_ = flag.Set("rapid.checks", "6")
	}
	os.Exit(m.Run())
}

func rat(s string) *big.Rat {
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		panic(s)
	}
	return r
}

// books are a host that tells its orders, a page at a time.
type books struct {
	erpbridge.Documents
	orders []erpbridge.Undelivered
}

func (b books) Backlog(_ context.Context, s erpbridge.Session, q erpbridge.BacklogQuery) ([]erpbridge.Undelivered, error) {
	from := 0
	if q.After != nil {
		from = 1 + slices.IndexFunc(b.orders, func(o erpbridge.Undelivered) bool { return o.Order == q.After.Order })
	}
	if s.Tx == nil || q.From.IsZero() {
		return nil, errors.New("a host in the same database works in a transaction, and is asked for a year")
	}
	return b.orders[from:min(len(b.orders), from+2)], nil
}

// TestQuantitiesEqualARecount counts the lines of each opportunity by hand.
func TestQuantitiesEqualARecount(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, shared *testutil.Env) {
		n := 0
		rapid.Check(t, func(t *rapid.T) {
			n++
			env := *shared
			env.Company = fmt.Sprintf("%s-%d", shared.Company, n)
			ok := func(err error) {
				t.Helper()
				if err != nil {
					t.Fatal(err)
				}
			}
			locales := func(string) locale.Locale { return locale.Locale{Language: locale.Hungarian, Currency: "HUF"} }
			opps, orders := opportunity.New(env.DB, opportunity.Config{Locale: locales}), []erpbridge.Undelivered{}
			boss := env.As("vezető", actor.Admin, actor.All)
			firm, err := party.New(env.DB, locales).Add(env.System(), party.Draft{Kind: party.Company, FullName: "Minta Kft."})
			ok(err)
			today := civil.Of(env.Clock.Now())
			type want struct{ all, weighted, commit, best, ordered *big.Rat }
			months := 3
			wants := map[string]*want{}
			of := func(product, place string) *want {
				key := product + " " + place
				if wants[key] == nil {
					wants[key] = &want{new(big.Rat), new(big.Rat), new(big.Rat), new(big.Rat), new(big.Rat)}
				}
				return wants[key]
			}
			deals := map[string]int{}
			for range rapid.IntRange(1, 12).Draw(t, "deals") {
				chance := money.MustPercent(rapid.SampledFrom([]string{"0", "33.3333", "80", "95"}).Draw(t, "chance"))
				d := opportunity.Draft{PartyID: firm.ID, Name: "Iroda", Chance: &chance, Team: opportunity.Team{Owner: "anna"}}
				ahead := rapid.IntRange(-1, 5).Draw(t, "month")
				if ahead < 5 {
					d.ExpectedClose = civil.Of(time.Date(today.Year, today.Month+time.Month(ahead), 15, 0, 0, 0, 0, time.UTC))
				}
				for range rapid.IntRange(1, 3).Draw(t, "lines") {
					d.Lines = append(d.Lines, opportunity.Line{Name: "tétel", ProductKey: rapid.SampledFrom([]string{"asztal", "szék", ""}).Draw(t, "product"), ProductGroup: "bútor", Unit: "db",
						Quantity: money.MustQuantity(rapid.SampledFrom([]string{"1", "2.5", "40"}).Draw(t, "quantity")), UnitPrice: money.MustAmount("100")})
				}
				o, err := opps.Create(boss, d)
				ok(err)
				state := rapid.SampledFrom([]string{"open", "open", "won", "lost"}).Draw(t, "state")
				switch state {
				case "won":
					_, err = opps.CloseWon(boss, o.ID, opportunity.Win{})
				case "lost":
					_, err = opps.CloseLost(boss, o.ID, opportunity.Loss{Reason: "ár", Competitor: opportunity.NoCompetitor, Lesson: "olcsóbban"})
				}
				ok(err)
				if state == "lost" {
					continue
				}
				share, place := rat(chance.String()), fmt.Sprint(ahead)
				switch {
				case state == "won":
					share, place = rat("100"), "0"
				case ahead < 0 || ahead == 5:
					place = "undated"
				case ahead >= months:
					place = "later"
				}
				counted := map[string]bool{}
				for _, l := range d.Lines {
					if l.ProductKey == "" {
						continue
					}
					w, quantity := of(l.ProductKey, place), rat(l.Quantity.String())
					w.all.Add(w.all, quantity)
					w.weighted.Add(w.weighted, new(big.Rat).Quo(new(big.Rat).Mul(quantity, share), rat("100")))
					if share.Cmp(rat("80")) >= 0 {
						w.commit.Add(w.commit, quantity)
					}
					if share.Cmp(rat("30")) >= 0 {
						w.best.Add(w.best, quantity)
					}
					if !counted[l.ProductKey] {
						counted[l.ProductKey] = true
						deals[l.ProductKey]++
					}
				}
			}
			behindOrders := map[string]int{}
			for n := range rapid.IntRange(0, 7).Draw(t, "orders") {
				o := erpbridge.Undelivered{Order: erpbridge.Ref{Kind: erpbridge.Order, Key: fmt.Sprint(n)}, Date: today}
				ahead, place := rapid.IntRange(-2, 5).Draw(t, "promised"), "0"
				if ahead < 5 {
					o.Due = civil.Of(time.Date(today.Year, today.Month+time.Month(ahead), 28, 0, 0, 0, 0, time.UTC))
				}
				switch {
				case ahead == 5:
					place = "undated"
				case ahead >= months:
					place = "later"
				case ahead > 0:
					place = fmt.Sprint(ahead)
				}
				for _, product := range rapid.SampledFrom([][]string{{"asztal"}, {"szék", "asztal"}, {"lámpa"}}).Draw(t, "ordered") {
					left := rapid.SampledFrom([]string{"0.5", "3", "120"}).Draw(t, "left")
					o.Lines = append(o.Lines, erpbridge.UndeliveredLine{Product: product, Name: product, Unit: "db", Group: "bútor", Left: money.MustQuantity(left)})
					w := of(product, place)
					w.ordered.Add(w.ordered, rat(left))
					behindOrders[product]++
				}
				orders = append(orders, o)
			}
			quantities := quantity.New(env.DB, quantity.Config{Locales: locales, Host: erpbridge.Host{Documents: books{orders: orders}}})
			got, err := quantities.Table(boss, quantity.Query{Months: months})
			ok(err)
			seen, all := 0, len(wants)
			for _, r := range got.Rows {
				places := map[string]quantity.Cell{"undated": r.Undated, "later": r.Later}
				for i, c := range r.Cells {
					places[fmt.Sprint(i)] = c
				}
				for place, c := range places {
					if wants[r.Product+" "+place] != nil {
						seen++
					}
					w := of(r.Product, place)
					for what, pair := range map[string][2]*big.Rat{"all": {rat(c.All.String()), w.all}, "commit": {rat(c.Commit.String()), w.commit}, "weighted": {rat(c.Weighted.String()), w.weighted}, "best": {rat(c.Best.String()), w.best}, "ordered": {rat(c.Ordered.String()), w.ordered}} {
						if pair[0].Cmp(pair[1]) != 0 {
							t.Fatalf("%s of %s in %s is %s, counted by hand %s", what, r.Product, place, pair[0].FloatString(6), pair[1].FloatString(6))
						}
					}
				}
				behind, err := quantities.Behind(boss, r.Product)
				ok(err)
				if len(behind.Deals) != deals[r.Product] || len(behind.Orders) != behindOrders[r.Product] {
					t.Fatalf("behind %s stand %d opportunities and %d orders, want %d and %d", r.Product, len(behind.Deals), len(behind.Orders), deals[r.Product], behindOrders[r.Product])
				}
			}
			if seen != all || !got.Known {
				t.Fatalf("%d of %d quantities are there; the host tells orders: %t", seen, all, got.Known)
			}
			own, err := quantities.Table(env.As("béla", actor.Seller, actor.Own), quantity.Query{})
			if err != nil || len(own.Rows) != 0 || own.Known {
				t.Fatalf("who sees no opportunity sees %d products, and orders: %t, %v", len(own.Rows), own.Known, err)
			}
		})
	})
}
