package tablehost_test

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/erpbridge/tablehost"
	"github.com/crmplus/crmplus/testutil"
)

// traced makes a host that keeps the statements it sends.
func traced(t *testing.T, s shop, mapping tablehost.Mapping) (host erpbridge.Host, sent *[]tablehost.Statement) {
	t.Helper()
	sent = &[]tablehost.Statement{}
	host, err := tablehost.New(t.Context(), s.db, mapping, tablehost.Options{Trace: func(st tablehost.Statement) { *sent = append(*sent, st) }})
	if err != nil {
		t.Fatal(err)
	}
	return host, sent
}

// TestConversionIsFewStatements holds how many statements a conversion takes, and that what its calls answer
// is what reading gives.
func TestConversionIsFewStatements(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		m := loaded(t, "example.yaml")
		s := openShop(t, env, m)
		host, sent := traced(t, s, m)
		s.work(t, func(ctx context.Context, session erpbridge.Session) error { return convert(ctx, host, session, 1) }) // begins the series
		var customer erpbridge.Customer
		calls := []struct {
			name       string
			statements int
			create     func(ctx context.Context, session erpbridge.Session) (any, error)
			read       func(ctx context.Context, session erpbridge.Session, made any) (any, error)
		}{
			{"customer", 4, func(ctx context.Context, session erpbridge.Session) (_ any, err error) {
				customer, err = host.Customers.Create(ctx, session, erpbridge.Customer{Name: "Őrsi és Társa Bt.", Email: "orsi@example.com", Phone: "+36201234567", Address: erpbridge.Address{Country: "HU"}})
				return customer, err
			}, func(ctx context.Context, session erpbridge.Session, _ any) (any, error) {
				return host.Customers.Customer(ctx, session, customer.Key)
			}},
			{"contact", 7, func(ctx context.Context, session erpbridge.Session) (any, error) {
				return host.Contacts.CreateContact(ctx, session, erpbridge.Contact{Customer: customer.Key, Name: "Γιώργος Παπαδόπουλος", Email: "g@example.com"})
			}, func(ctx context.Context, session erpbridge.Session, _ any) (any, error) {
				list, err := host.Contacts.ContactsOf(ctx, session, customer.Key)
				if len(list) != 1 {
					t.Fatalf("%d contacts", len(list))
				}
				return list[0], err
			}},
			{"order", 9, func(ctx context.Context, session erpbridge.Session) (any, error) {
				return host.Documents.Create(ctx, session, erpbridge.Document{
					Ref: erpbridge.Ref{Kind: erpbridge.Order}, Customer: customer.Key, Date: session.Today, Currency: "HUF", Reference: "заказ 7", Lines: []erpbridge.DocumentLine{
						{Product: "P-200", Quantity: money.MustQuantity("2.5"), UnitPrice: money.MustAmount("1000.5"), Discount: money.MustPercent("12.5")},
						{Product: "P-100", Quantity: money.MustQuantity("1"), UnitPrice: money.MustAmount("0")},
					},
				})
			}, func(ctx context.Context, session erpbridge.Session, made any) (any, error) {
				return host.Documents.Document(ctx, session, made.(erpbridge.Document).Ref)
			}},
		}
		for _, c := range calls {
			t.Run(c.name, func(t *testing.T) {
				var made any
				*sent = nil
				s.work(t, func(ctx context.Context, session erpbridge.Session) (err error) {
					made, err = c.create(ctx, session)
					return err
				})
				if len(*sent) != c.statements {
					t.Errorf("it takes %d statements, want %d:\n%v", len(*sent), c.statements, *sent)
				}
				s.work(t, func(ctx context.Context, session erpbridge.Session) error {
					read, err := c.read(ctx, session, made)
					if !reflect.DeepEqual(made, read) {
						t.Errorf("answered is %+v, read %+v", made, read)
					}
					return err
				})
			})
		}
	})
}

// TestStatements holds what is sent against golden texts, on both databases: no name without quotes, no value
// in the text, each parameter in the cast of its column, keys and counts in the batch that made them.
func TestStatements(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		m := loaded(t, "example.yaml")
		m.Customers.Token, m.Customers.Set["token"] = "", tablehost.Value{Formula: "token"}
		m.Customers.Match["phone"] = tablehost.Match{Column: "phone"}
		s := openShop(t, env, m)
		host, sent := traced(t, s, m)
		calls := []struct {
			name string
			call func(ctx context.Context, session erpbridge.Session) error
		}{
			{"create a customer", func(ctx context.Context, session erpbridge.Session) error {
				_, err := host.Customers.Create(ctx, session, erpbridge.Customer{Name: "Kovács és Társa Bt.", Email: "kovacs@example.com", PriceList: "VIP"})
				return err
			}},
			{"create a contact", func(ctx context.Context, session erpbridge.Session) error {
				_, err := host.Contacts.CreateContact(ctx, session, erpbridge.Contact{Customer: s.customer, Name: "Nagy Péter"})
				return err
			}},
			{"fill what is empty", func(ctx context.Context, session erpbridge.Session) error {
				_, err := host.Customers.FillEmpty(ctx, session, s.customer, erpbridge.Customer{Phone: "+3615550001"})
				return err
			}},
			{"match", func(ctx context.Context, session erpbridge.Session) error {
				_, err := host.Customers.Match(ctx, session, []erpbridge.MatchKey{{Email: "kovacs@example.com", Phone: "+3615550001", Name: party.NameKey("Kovács")}})
				return err
			}},
			{"search behind a customer", func(ctx context.Context, session erpbridge.Session) error {
				_, err := host.Customers.(erpbridge.CustomerList).Search(ctx, session, "42%", s.customer, 20)
				return err
			}},
			{"price", func(ctx context.Context, session erpbridge.Session) error {
				_, err := host.Prices.Price(ctx, session, erpbridge.PriceQuestion{Product: "P-100", Customer: s.customer, Currency: "HUF", Date: session.Today})
				return err
			}},
			{"products", func(ctx context.Context, session erpbridge.Session) error {
				_, err := host.Catalogue.Products(ctx, session, "asztal", 10)
				return err
			}},
			{"customer card", func(ctx context.Context, session erpbridge.Session) error {
				if _, err := host.Documents.(erpbridge.DocumentHistory).History(ctx, session, s.customer, 10); err != nil {
					return err
				}
				if _, err := host.Documents.(erpbridge.OpenItems).OpenItems(ctx, session, s.customer); err != nil {
					return err
				}
				_, err := host.Documents.(erpbridge.Payments).Payments(ctx, session, s.customer, 10)
				if len(*sent) > 3 {
					t.Errorf("the customer card takes %d statements; it may take 3", len(*sent))
				}
				return err
			}},
		}
		var b strings.Builder
		for _, c := range calls {
			*sent = nil
			s.work(t, c.call)
			fmt.Fprintf(&b, "-- %s\n", c.name)
			for _, st := range *sent {
				fmt.Fprintf(&b, "%s\n", st.Text)
			}
		}
		testutil.Golden(t, "statements."+string(env.DB.Dialect())+".sql", []byte(b.String()))
	})
}
