package erp_test

import (
	"bytes"
	"context"
	"image/png"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/testutil"
	"github.com/crmplus/crmplus/testutil/erp"
)

// The example is loaded by the ERP's own checks, so that a fault in a file fails the load. On SQL
// Server the history is left out: its statements take as long as all other tests together.
func TestSeed(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		books := erp.New(env.DB.SQL(), string(env.DB.Dialect())).WithClock(env.Clock.Now)
		if err := books.Install(t.Context()); err != nil {
			t.Fatal(err)
		}
		sample := erp.Sample{Prefix: env.Company + "-", SkipHistory: env.File == ""}
		for range 2 { // loading again changes nothing
			begin := time.Now()
			if err := books.Seed(t.Context(), sample); err != nil {
				t.Fatal(err)
			}
			t.Logf("loaded in %v", time.Since(begin))
		}
		host := books.Host()
		for _, want := range []struct {
			company, currency           string
			language                    locale.Language
			users, customers, documents int
		}{
			{"HU01", "HUF", locale.Hungarian, 7, 70, 150},
			{"GR01", "EUR", locale.Greek, 5, 40, 90},
			{"IL01", "ILS", locale.Hebrew, 5, 40, 80},
		} {
			t.Run(want.company, func(t *testing.T) {
				who := erp.Clerk{Company: sample.Prefix + want.company, User: "admin"}
				err := books.Work(t.Context(), who, func(ctx context.Context, s erpbridge.Session) error {
					c, err := host.Companies.Company(ctx, s)
					if err != nil {
						return err
					}
					if c.Locale.Currency != want.currency || c.Locale.Language != want.language || c.Locale.Zone.String() == "UTC" {
						t.Errorf("the locale is %+v", c.Locale)
					}
					if img, err := png.Decode(bytes.NewReader(c.Logo)); err != nil || img.Bounds().Dx() != 240 {
						t.Errorf("the logo is no picture of 240 points (%v)", err)
					}
					users, err := books.LoginUsers(ctx, s)
					if err != nil {
						return err
					}
					products, err := host.Catalogue.Products(ctx, s, "", 1000)
					if err != nil {
						return err
					}
					groups, err := host.Catalogue.Groups(ctx, s)
					if err != nil {
						return err
					}
					customers, err := host.Customers.(erpbridge.CustomerList).Search(ctx, s, "", "", 1000)
					if err != nil {
						return err
					}
					if len(users) != want.users || len(products) != 62 || len(groups) != 6 || len(customers) != want.customers {
						t.Errorf("%d users, %d products, %d groups, %d customers", len(users), len(products), len(groups), len(customers))
					}
					for _, p := range products {
						price, err := host.Prices.Price(ctx, s, erpbridge.PriceQuestion{Product: p.Key, Quantity: money.MustQuantity("1"), Currency: want.currency})
						if err != nil {
							return err
						}
						if price.Unit.Cmp(*p.Cost) <= 0 {
							t.Errorf("%s costs %s and is sold for %s", p.Code, p.Cost, price.Unit)
						}
					}
					if sample.SkipHistory {
						return nil
					}
					return history(ctx, t, s, books, want.documents)
				})
				if err != nil {
					t.Fatal(err)
				}
			})
		}
	})
}

// history asserts that the documents of the example agree with each other.
func history(ctx context.Context, t *testing.T, s erpbridge.Session, books *erp.ERP, orders int) error {
	states := map[erpbridge.Kind]map[erpbridge.State]int{}
	for _, kind := range books.Host().Documents.Kinds() {
		states[kind] = map[erpbridge.State]int{}
		after := ""
		for {
			page, err := books.ListDocuments(ctx, s, erp.DocumentPage{Kind: kind, After: after, Limit: 40})
			if err != nil {
				return err
			}
			for _, d := range page {
				states[kind][d.State]++
				states[kind][""]++
				after = d.Number
				if kind != erpbridge.Invoice && kind != erpbridge.CreditNote {
					continue
				}
				summary, err := books.VATSummary(ctx, s, d.Number)
				if err != nil {
					return err
				}
				var net, vat money.Amount
				for _, v := range summary {
					net, vat = net.Add(v.Net), vat.Add(v.VAT)
				}
				if !net.Equal(d.Net) || !vat.Equal(d.VAT) || !d.Gross.Equal(d.Net.Add(d.VAT)) {
					t.Errorf("%s: the VAT summary gives %s + %s, the header %s + %s = %s", d.Number, net, vat, d.Net, d.VAT, d.Gross)
				}
			}
			if len(page) < 40 {
				break
			}
		}
	}
	if states[erpbridge.Order][""] != orders || states[erpbridge.Order][erpbridge.Completed] < orders*8/10 || states[erpbridge.Order][erpbridge.Partial] == 0 ||
		states[erpbridge.Order][erpbridge.Open] == 0 || states[erpbridge.Order][erpbridge.Cancelled] == 0 {
		t.Errorf("orders by state: %v", states[erpbridge.Order])
	}
	invoices := states[erpbridge.Invoice]
	if invoices[erpbridge.Paid] == 0 || invoices[erpbridge.Posted] == 0 || invoices[erpbridge.Open] == 0 || invoices[erpbridge.Credited] != states[erpbridge.CreditNote][""] {
		t.Errorf("invoices by state: %v, %d credit notes", invoices, states[erpbridge.CreditNote][""])
	}
	return nil
}
