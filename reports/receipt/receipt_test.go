package receipt_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/big"
	"os"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/reports/exchange"
	"github.com/crmplus/crmplus/reports/receipt"
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

// books are a host that tells what is owed, two customers at a time, and how they paid.
type books struct {
	erpbridge.Documents
	owed    []erpbridge.Receivable
	settled []erpbridge.Settled
	terms   map[string]int
	// silent: the host does not tell what is owed.
	silent bool
}

func (b books) Receivables(_ context.Context, s erpbridge.Session, q erpbridge.ReceivablesQuery) (page []erpbridge.Receivable, err error) {
	if s.Tx == nil {
		return nil, errors.New("a host in the same database works in a transaction")
	}
	if b.silent {
		return nil, fault.New(fault.NotFound, "nobody knows")
	}
	seen := 0
	for i, r := range b.owed {
		if r.Customer <= q.After {
			continue
		}
		if i == 0 || b.owed[i-1].Customer != r.Customer {
			seen++
		}
		if seen <= 2 {
			page = append(page, r)
		}
	}
	return page, nil
}

func (b books) Settled(_ context.Context, _ erpbridge.Session, customers []string, since civil.Date) (list []erpbridge.Settled, err error) {
	for _, s := range b.settled {
		if slices.Contains(customers, s.Customer) && !s.Paid.Before(since) {
			list = append(list, s)
		}
	}
	return list, nil
}

type customers = erpbridge.Customers

type people struct {
	customers
	terms map[string]int
}

func (p people) Customers(_ context.Context, _ erpbridge.Session, keys []string) (list []erpbridge.Customer, err error) {
	for _, key := range keys {
		if days, ok := p.terms[key]; ok {
			list = append(list, erpbridge.Customer{Key: key, PaymentDays: days})
		}
	}
	return list, nil
}

// whole rounds to forints as the law does, half up; no sum here is negative but by -100.
func whole(r *big.Rat) *big.Rat {
	twice := new(big.Rat).Add(new(big.Rat).Mul(r, big.NewRat(2, 1)), big.NewRat(1, 1))
	return new(big.Rat).SetInt(new(big.Int).Div(twice.Num(), new(big.Int).Mul(twice.Denom(), big.NewInt(2))))
}

func rat(s string) *big.Rat {
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		panic(s)
	}
	return r
}

type world struct {
	*testutil.Env
	opps    *opportunity.Opportunities
	parties *party.Parties
	locales func(string) locale.Locale
	books   books
	firms   []party.ID
	today   civil.Date
}

func (w *world) receipts() *receipt.Receipts {
	return receipt.New(w.DB, receipt.Config{Host: erpbridge.Host{Documents: w.books, Customers: people{terms: w.books.terms}}, Locales: w.locales, Parties: w.parties, InvoiceDays: 10, PaymentDays: 20})
}

func newWorld(env testutil.Env, company string, fatal func(...any)) *world {
	env.Company = company
	w := &world{Env: &env, locales: func(string) locale.Locale { return locale.Locale{Language: locale.Hungarian, Currency: "HUF"} }}
	w.opps, w.parties = opportunity.New(env.DB, opportunity.Config{Locale: w.locales}), party.New(env.DB, w.locales)
	w.today = civil.Of(env.Clock.Now())
	for i, name := range []string{"Minta Kft.", "Παράδειγμα ΑΕ", "ООО Ромашка"} {
		firm, err := w.parties.Add(env.System(), party.Draft{Kind: party.Company, FullName: name})
		if err == nil && i < 2 {
			err = w.parties.SetRole(env.System(), firm.ID, party.Link{Role: party.Customer, HostKey: fmt.Sprintf("C%d", i)}, [16]byte{})
		}
		if err != nil {
			fatal(err)
		}
		w.firms = append(w.firms, firm.ID)
	}
	if err := exchange.New(env.DB, w.locales).Note(env.System(), exchange.Quote{Currency: "EUR", Day: w.today, Rate: money.MustRate("391.37")}); err != nil {
		fatal(err)
	}
	return w
}

// TestReceiptsEqualARecount adds up what each item brings by hand, by the day it comes in.
func TestReceiptsEqualARecount(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, shared *testutil.Env) {
		n := 0
		rapid.Check(t, func(t *rapid.T) {
			n++
			w := newWorld(*shared, fmt.Sprintf("%s-%d", shared.Company, n), t.Fatal)
			ok := func(err error) {
				t.Helper()
				if err != nil {
					t.Fatal(err)
				}
			}
			boss := w.As("vezető", actor.Admin, actor.All)
			rates := map[string]*big.Rat{"HUF": rat("1"), "EUR": rat("391.37")}
			late := map[string]int{}
			w.books.terms = map[string]int{"C0": 8, "C1": 0}
			for _, customer := range []string{"C0", "C1", "C2"} {
				var days []int
				for i := range rapid.IntRange(0, 6).Draw(t, "paid") {
					due := w.today.AddDays(-40 - 30*i)
					d := rapid.IntRange(-9, 30).Draw(t, "late")
					w.books.settled = append(w.books.settled, erpbridge.Settled{Customer: customer, Due: due, Paid: due.AddDays(d)})
					days = append(days, d)
				}
				sort.Ints(days)
				if len(days) >= 3 {
					late[customer] = max(0, days[(len(days)+1)/2-1])
				}
				w.books.settled = append(w.books.settled, erpbridge.Settled{Customer: customer, Due: w.today.AddDays(-800), Paid: w.today.AddDays(-400)})
			}
			type sums struct{ owed, commit, best, weighted *big.Rat }
			byDay := map[string]*sums{} // "2026-07-13", overdue, undated
			of := func(day string) *sums {
				if byDay[day] == nil {
					byDay[day] = &sums{new(big.Rat), new(big.Rat), new(big.Rat), new(big.Rat)}
				}
				return byDay[day]
			}
			open := new(big.Rat)
			for _, customer := range []string{"C0", "C1", "C2"} {
				for i := range rapid.IntRange(0, 4).Draw(t, "items") {
					r := erpbridge.Receivable{Customer: customer, OpenItem: erpbridge.OpenItem{Document: erpbridge.Ref{Kind: erpbridge.Invoice, Key: fmt.Sprint(customer, i)}, Currency: rapid.SampledFrom([]string{"HUF", "EUR", "USD"}).Draw(t, "currency")}}
					sum := rapid.SampledFrom([]string{"1000", "333.33", "-100", "7"}).Draw(t, "sum")
					r.Amount, r.Open = money.MustAmount(sum), money.MustAmount(sum)
					day := "undated"
					if due := rapid.IntRange(-100, 90).Draw(t, "due"); due < 80 {
						r.Due = w.today.AddDays(due)
						if day = r.Due.AddDays(late[customer]).String(); day < w.today.String() {
							day = "overdue"
						}
					}
					w.books.owed = append(w.books.owed, r)
					if rates[r.Currency] == nil {
						continue
					}
					worth := whole(new(big.Rat).Mul(rat(sum), rates[r.Currency]))
					if strings.HasPrefix(sum, "-") {
						worth.Neg(whole(new(big.Rat).Mul(rat(sum[1:]), rates[r.Currency])))
					}
					open.Add(open, worth)
					s := of(day)
					for _, to := range []*big.Rat{s.owed, s.commit, s.best, s.weighted} {
						to.Add(to, worth)
					}
				}
			}
			for range rapid.IntRange(0, 8).Draw(t, "deals") {
				firm := rapid.IntRange(0, 2).Draw(t, "firm")
				chance, sum := rapid.SampledFrom([]string{"0", "33.3333", "80"}).Draw(t, "chance"), rapid.SampledFrom([]string{"1001", "49.99"}).Draw(t, "revenue")
				percent, amount := money.MustPercent(chance), money.MustAmount(sum)
				d := opportunity.Draft{PartyID: w.firms[firm], Name: "Iroda", Chance: &percent, ExpectedRevenue: &amount, Currency: rapid.SampledFrom([]string{"HUF", "EUR"}).Draw(t, "currency"), Team: opportunity.Team{Owner: "anna"}}
				ahead := rapid.IntRange(-20, 120).Draw(t, "close")
				if ahead < 110 {
					d.ExpectedClose = w.today.AddDays(ahead)
				}
				o, err := w.opps.Create(boss, d)
				ok(err)
				days := []int{8 + late["C0"], 0 + late["C1"], 20}[firm]
				day := w.today.AddDays(ahead + 10 + days).String()
				switch rapid.SampledFrom([]string{"open", "open", "won", "lost"}).Draw(t, "state") {
				case "won":
					_, err = w.opps.CloseWon(boss, o.ID, opportunity.Win{})
					chance, day = "100", w.today.AddDays(10+days).String()
				case "lost":
					_, err = w.opps.CloseLost(boss, o.ID, opportunity.Loss{Reason: "ár", Competitor: opportunity.NoCompetitor, Lesson: "olcsóbban"})
					chance = ""
				default:
					if ahead < 0 || ahead >= 110 {
						day = "undated"
					}
				}
				ok(err)
				if chance == "" {
					continue
				}
				worth, s := whole(new(big.Rat).Mul(rat(sum), rates[d.Currency])), of(day)
				s.weighted.Add(s.weighted, whole(new(big.Rat).Quo(new(big.Rat).Mul(worth, rat(chance)), rat("100"))))
				if rat(chance).Cmp(rat("30")) >= 0 {
					s.best.Add(s.best, worth)
				}
				if rat(chance).Cmp(rat("80")) >= 0 {
					s.commit.Add(s.commit, worth)
				}
			}
			q := receipt.Query{Step: rapid.SampledFrom([]receipt.Step{receipt.ByWeek, receipt.ByMonth}).Draw(t, "step"), Columns: rapid.IntRange(1, 5).Draw(t, "columns"), FirstDay: time.Monday, Behind: receipt.Everywhere}
			got, err := w.receipts().Table(boss, q)
			ok(err)
			cells := map[string]receipt.Cell{"overdue": got.Overdue, "undated": got.Undated, "later": got.Later}
			for i, p := range got.Periods {
				cells[p.First.String()] = got.Cells[i]
			}
			want := map[string]*sums{}
			for place := range cells {
				want[place] = &sums{new(big.Rat), new(big.Rat), new(big.Rat), new(big.Rat)}
			}
			for day, s := range byDay {
				place := day
				if len(day) == 10 {
					place = "later"
					for _, p := range got.Periods {
						if day >= p.First.String() && day <= p.Last.String() {
							place = p.First.String()
						}
					}
				}
				to := want[place]
				to.owed.Add(to.owed, s.owed)
				to.commit.Add(to.commit, s.commit)
				to.best.Add(to.best, s.best)
				to.weighted.Add(to.weighted, s.weighted)
			}
			listed := map[string]*big.Rat{}
			for _, item := range got.Listed {
				if listed[string(item.Place)] == nil {
					listed[string(item.Place)] = new(big.Rat)
				}
				listed[string(item.Place)].Add(listed[string(item.Place)], rat(item.Weighted.String()))
			}
			for place, c := range cells {
				s := want[place]
				for what, pair := range map[string][2]*big.Rat{"owed": {rat(c.Owed.String()), s.owed}, "commit": {rat(c.Commit.String()), s.commit}, "best": {rat(c.Best.String()), s.best}, "weighted": {rat(c.Weighted.String()), s.weighted}} {
					if pair[0].Cmp(pair[1]) != 0 {
						t.Fatalf("%s at %s is %s, counted by hand %s", what, place, pair[0].FloatString(2), pair[1].FloatString(2))
					}
				}
				if sum := listed[place]; sum != nil && sum.Cmp(s.weighted) != 0 || sum == nil && s.weighted.Sign() != 0 {
					t.Fatalf("the items at %s add up to %v, the cell says %s", place, sum, s.weighted.FloatString(2))
				}
			}
			aged := new(big.Rat)
			for _, a := range got.Ages {
				aged.Add(aged, rat(a.Owed.String()))
			}
			if aged.Cmp(open) != 0 || !got.Known {
				t.Fatalf("aged are %s of %s; what is owed is told: %t", aged.FloatString(2), open.FloatString(2), got.Known)
			}
		})
	})
}

// TestWhoSeesHisOwnIsNotToldWhatIsOwed: what everybody owes is for those who see everything and may see the host's money.
func TestWhoSeesHisOwnIsNotToldWhatIsOwed(t *testing.T) {
	env := testutil.SQLite(t)
	w := newWorld(*env, env.Company, t.Fatal)
	w.books.owed = []erpbridge.Receivable{
		{Customer: "C0", OpenItem: erpbridge.OpenItem{Due: w.today.AddDays(-45), Currency: "HUF", Amount: money.MustAmount("500"), Open: money.MustAmount("400")}},
		{Customer: "C1", OpenItem: erpbridge.OpenItem{Due: w.today, Currency: "HUF", Amount: money.MustAmount("70"), Open: money.MustAmount("70")}},
	}
	for name, c := range map[string]struct {
		ctx   context.Context
		known bool
		owed  string
	}{
		"the manager":              {w.As("vezető", actor.Admin, actor.All), true, "70"},
		"a seller of his own":      {w.As("anna", actor.Admin, actor.Own), false, "0"},
		"who sees no host's money": {w.As("olvasó", actor.Rights{actor.OpportunityRead}, actor.All), false, "0"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := w.receipts().Table(c.ctx, receipt.Query{Behind: receipt.Overdue})
			if err != nil || got.Known != c.known || got.Sum.Owed.String() != c.owed {
				t.Fatalf("is told of %s: %t, %v; want %s", got.Sum.Owed, got.Known, err, c.owed)
			}
			if c.known && (got.Ages[2].Owed.String() != "400" || got.Ages[0].Owed.String() != "70" || len(got.Listed) != 1 || got.Overdue.Owed.String() != "400") {
				t.Errorf("45 days late is %+v, listed %+v", got.Ages, got.Listed)
			}
		})
	}
	w.books.silent = true
	if got, err := w.receipts().Table(w.As("vezető", actor.Admin, actor.All), receipt.Query{}); err != nil || got.Known || got.More || !got.Sum.Owed.IsZero() {
		t.Errorf("a host that does not tell makes it %+v, %v", got, err)
	}
	if _, err := w.receipts().Table(w.As("vezető", actor.Admin, actor.All), receipt.Query{Step: "year", FirstDay: 9}); err == nil || !strings.Contains(err.Error(), "first_day") || !strings.Contains(err.Error(), "step") {
		t.Errorf("a wrong question gives %v", err)
	}
}
