package hosttest

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/erpbridge"
)

func (b *bench) company(t *testing.T) {
	b.must(t, work{}, func(ctx context.Context, s erpbridge.Session) error {
		c, err := b.Host.Companies.Company(ctx, s)
		if err != nil {
			return err
		}
		if c.Name == "" || c.Address.Country == "" {
			t.Errorf("the company has no name or country: %+v", c)
		}
		if !money.ValidCurrency(c.Locale.Currency) || c.Locale.Language == "" {
			t.Errorf("the company's locale is not complete: %+v", c.Locale)
		}
		return nil
	})
	err := b.do(t.Context(), work{company: "none " + b.run}, func(ctx context.Context, s erpbridge.Session) error {
		_, err := b.Host.Companies.Company(ctx, s)
		return err
	})
	notFound(t, "a company that does not exist", err)
}

func (b *bench) users(t *testing.T) {
	b.must(t, work{}, func(ctx context.Context, s erpbridge.Session) error {
		list, err := b.Host.Users.ListUsers(ctx, s)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(list, func(u erpbridge.User) bool { return u.ID == b.UserID }) {
			t.Errorf("the list of users does not hold %q", b.UserID)
		}
		for _, u := range list {
			one, err := b.Host.Users.User(ctx, s, u.ID)
			if err != nil {
				return err
			}
			if one.ID != u.ID || one.Name != u.Name || one.Name == "" {
				t.Errorf("user %q is %+v alone and %+v in the list", u.ID, one, u)
			}
		}
		_, err = b.Host.Users.User(ctx, s, "nobody "+b.run)
		notFound(t, "a user who does not exist", err)
		return nil
	})
}

func (b *bench) catalogue(t *testing.T) {
	c := b.Host.Catalogue
	b.must(t, work{}, func(ctx context.Context, s erpbridge.Session) error {
		groups, err := c.Groups(ctx, s)
		if err != nil {
			return err
		}
		for _, key := range b.Products {
			p, err := c.Product(ctx, s, key)
			if err != nil {
				return err
			}
			if p.Key != key || p.Name == "" || p.VATCode == "" {
				t.Errorf("product %q is not complete: %+v", key, p)
			}
			if p.Group != "" && !slices.ContainsFunc(groups, func(g erpbridge.ProductGroup) bool { return g.Key == p.Group }) {
				t.Errorf("product %q is in the group %q, which is not in the list of groups", key, p.Group)
			}
			for _, text := range []string{p.Code, p.Name, strings.ToUpper(p.Name)} {
				found, err := c.Products(ctx, s, text, 50)
				if err != nil {
					return err
				}
				if !slices.ContainsFunc(found, func(f erpbridge.Product) bool { return f.Key == key }) {
					t.Errorf("a search for %q does not find product %q", text, key)
				}
				if !slices.IsSortedFunc(found, func(x, y erpbridge.Product) int { return strings.Compare(x.Code, y.Code) }) {
					t.Errorf("a search for %q is not in the order of codes", text)
				}
			}
		}
		two, err := c.Products(ctx, s, "", 2)
		if err != nil {
			return err
		}
		if len(two) != 2 {
			t.Errorf("a list limited to 2 has %d products", len(two))
		}
		for _, text := range []string{"'; DROP TABLE x; --", "%", "_", "[a-z]", "100% gyapjú", "שלום", "~"} {
			if _, err := c.Products(ctx, s, text, 5); err != nil {
				t.Errorf("a search for %q fails: %v", text, err)
			}
		}
		_, err = c.Product(ctx, s, "none "+b.run)
		notFound(t, "a product that does not exist", err)
		return nil
	})
}

func (b *bench) prices(t *testing.T) {
	one := money.MustQuantity("1")
	cases := append([]PriceCase{
		{Name: "currency without prices", Missing: true, Question: erpbridge.PriceQuestion{Product: b.Products[0], Quantity: one, Currency: "XTS", Date: b.today()}},
		{Name: "product that does not exist", Missing: true, Question: erpbridge.PriceQuestion{Product: "none " + b.run, Quantity: one, Currency: b.Currency, Date: b.today()}},
	}, b.Prices...)
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			b.must(t, work{}, func(ctx context.Context, s erpbridge.Session) error {
				got, err := b.Host.Prices.Price(ctx, s, c.Question)
				if c.Missing {
					notFound(t, "the price", err)
					return nil
				}
				if err != nil {
					return err
				}
				if !got.Unit.Equal(c.Unit) || !got.Discount.Equal(c.Discount) {
					t.Errorf("got %s with %s %% off, want %s with %s %%", got.Unit, got.Discount, c.Unit, c.Discount)
				}
				return nil
			})
		})
	}
	for _, key := range b.Products {
		b.must(t, work{}, func(ctx context.Context, s erpbridge.Session) error {
			p, err := b.Host.Prices.Price(ctx, s, erpbridge.PriceQuestion{Product: key, Quantity: one, Currency: b.Currency, Date: b.today()})
			if err == nil && !p.Unit.IsPositive() {
				t.Errorf("product %q costs %s", key, p.Unit)
			}
			if fault.CodeOf(err) == fault.NotFound {
				t.Errorf("product %q has no standard price in %s", key, b.Currency)
				return nil
			}
			return err
		})
	}
}
