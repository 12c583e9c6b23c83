package tablehost_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

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
