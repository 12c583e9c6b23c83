package erp_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/testutil"
	"github.com/crmplus/crmplus/testutil/erp"
)

func TestMatchSeeksByIndex(t *testing.T) {
	env := testutil.SQLite(t)
	if err := erp.New(env.DB.SQL(), erp.SQLite).Install(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, column := range []string{"email_key", "phone_key", "tax_key", "name_key"} {
		var id, parent, unused int
		var plan string
		err := env.DB.SQL().QueryRow("EXPLAIN QUERY PLAN SELECT name FROM erp_customer WHERE company = ? AND "+column+" IN (?, ?)", "x", "a", "b").Scan(&id, &parent, &unused, &plan)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(plan, "(company=? AND "+column+"=?)") {
			t.Errorf("%s: %s", column, plan)
		}
	}
}

// BenchmarkMatch looks for 500 keys among 20,000 customers, as an import does for each chunk; the
// bare limit is one prepared seek by e-mail for each key.
func BenchmarkMatch(b *testing.B) {
	env := testutil.SQLite(b)
	books := erp.New(env.DB.SQL(), erp.SQLite)
	if err := books.Install(b.Context()); err != nil {
		b.Fatal(err)
	}
	if err := books.Seed(b.Context(), erp.Sample{SkipHistory: true}); err != nil {
		b.Fatal(err)
	}
	who := erp.Clerk{Company: "HU01", User: "kovacs"}
	keys := make([]erpbridge.MatchKey, 500)
	err := books.Work(b.Context(), who, func(ctx context.Context, s erpbridge.Session) error {
		for i := range 20_000 {
			c := erpbridge.Customer{Name: fmt.Sprintf("Próba %d Kft.", i), Email: fmt.Sprintf("p%d@example.com", i), Phone: fmt.Sprintf("+3620%07d", i)}
			s.Token = c.Email
			if _, err := books.Host().Customers.Create(ctx, s, c); err != nil {
				return err
			}
			if i%40 == 0 {
				keys[i/40] = erpbridge.MatchKey{Email: c.Email, Phone: c.Phone, Name: party.NameKey(c.Name), TaxID: "HU12345676"}
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Run("500 keys", func(b *testing.B) {
		for b.Loop() {
			err := books.Work(b.Context(), who, func(ctx context.Context, s erpbridge.Session) error {
				hits, err := books.Host().Customers.Match(ctx, s, keys)
				if len(hits) != 500 {
					b.Errorf("%d hits", len(hits))
				}
				return err
			})
			if err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("bare 500 seeks by e-mail", func(b *testing.B) {
		stmt, err := env.DB.SQL().Prepare("SELECT name FROM erp_customer WHERE company = ? AND email_key = ?")
		if err != nil {
			b.Fatal(err)
		}
		defer stmt.Close()
		for b.Loop() {
			for _, k := range keys {
				var name string
				if err := stmt.QueryRow("HU01", k.Email).Scan(&name); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
}
