package tablehost_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/erpbridge/tablehost"
	"github.com/crmplus/crmplus/testutil"
)

// BenchmarkConversion writes what a conversion writes: a customer, a contact and an order with three lines,
// each in a transaction of its own that is committed. The bare limit is the hand-written Go host of
// testutil/erp on the same tables.
func BenchmarkConversion(b *testing.B) {
	env := testutil.SQLite(b)
	s := openShop(b, env, loaded(b, "example.yaml"))
	for _, host := range []struct {
		name string
		erpbridge.Host
	}{{"by mapping", s.host}, {"bare Go host", s.Host()}} {
		b.Run(host.name, func(b *testing.B) {
			n := 0
			for b.Loop() {
				n++
				s.work(b, func(ctx context.Context, session erpbridge.Session) error {
					return convert(ctx, host.Host, session, n)
				})
			}
		})
	}
}

func convert(ctx context.Context, host erpbridge.Host, s erpbridge.Session, n int) error {
	c, err := host.Customers.Create(ctx, s, erpbridge.Customer{
		Name: fmt.Sprintf("Próba %d Kft.", n), Email: fmt.Sprintf("p%d@example.com", n), Phone: fmt.Sprintf("+3620%07d", n), TaxID: "12345676-2-41",
		Address: erpbridge.Address{Line1: "Fő utca 1.", PostalCode: "1011", City: "Budapest", Country: "HU"},
	})
	if err != nil {
		return err
	}
	if _, err := host.Contacts.CreateContact(ctx, s, erpbridge.Contact{Customer: c.Key, Name: "Nagy Péter", Email: "nagy@example.com"}); err != nil {
		return err
	}
	order := erpbridge.Document{Ref: erpbridge.Ref{Kind: erpbridge.Order}, Customer: c.Key, Date: s.Today, Currency: "HUF"}
	for i, product := range []string{"P-100", "P-200", "P-100"} {
		order.Lines = append(order.Lines, erpbridge.DocumentLine{Product: product, Quantity: money.MustQuantity(fmt.Sprint(i + 1)), UnitPrice: money.MustAmount("1000")})
	}
	_, err = host.Documents.Create(ctx, s, order)
	return err
}

// BenchmarkMatch looks for 500 keys among 100,000 customers, as an import does for each chunk: in columns
// that hold what is compared, and in raw ones that are read and compared in memory. The bare limit of the
// latter is reading the same columns.
func BenchmarkMatch(b *testing.B) {
	env := testutil.SQLite(b)
	m := loaded(b, "example.yaml")
	s := openShop(b, env, m)
	raw := m
	customers := *m.Customers
	customers.Match = map[string]tablehost.Match{"email": {Column: "email"}, "phone": {Column: "phone"}, "tax_id": {Column: "tax_id"}, "name": {Column: "name"}}
	raw.Customers = &customers
	keys := make([]erpbridge.MatchKey, 500)
	for i := range keys {
		keys[i] = erpbridge.MatchKey{
			Email: fmt.Sprintf("p%d@example.com", i*200), Phone: fmt.Sprintf("+3620%07d", i*200), Name: party.NameKey(fmt.Sprintf("Próba %d Kft.", i*200)), TaxID: "HU99999999",
		}
	}
	s.work(b, func(ctx context.Context, session erpbridge.Session) error {
		for i := range 100_000 {
			session.Token = fmt.Sprint("m", i)
			_, err := s.Host().Customers.Create(ctx, session, erpbridge.Customer{
				Name: fmt.Sprintf("Próba %d Kft.", i), Email: fmt.Sprintf("p%d@example.com", i), Phone: fmt.Sprintf("+36 20 %03d %04d", i/10000, i%10000), TaxID: "12345676-2-41",
				Address: erpbridge.Address{Country: "HU"},
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	for name, host := range map[string]erpbridge.Host{"normalised": s.host, "raw": mapped(b, s.db, raw)} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				s.work(b, func(ctx context.Context, session erpbridge.Session) error {
					hits, err := host.Customers.Match(ctx, session, keys)
					if len(hits) != len(keys) {
						b.Errorf("%d hits", len(hits))
					}
					return err
				})
			}
		})
	}
	b.Run("bare reading of four columns", func(b *testing.B) {
		for b.Loop() {
			rows, err := s.db.Query("SELECT code, email, phone, tax_id, name, country FROM erp_customer WHERE company = ?", s.company)
			if err != nil {
				b.Fatal(err)
			}
			for rows.Next() {
				var v [6]any
				if err := rows.Scan(&v[0], &v[1], &v[2], &v[3], &v[4], &v[5]); err != nil {
					b.Fatal(err)
				}
			}
			if err := rows.Close(); err != nil {
				b.Fatal(err)
			}
		}
	})
}
