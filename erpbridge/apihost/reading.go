package apihost

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/erpbridge"
)

type (
	companies struct{ *host }
	catalogue struct{ *host }
	prices    struct{ *host }
	users     struct{ *host }
)

// Company reads the company of the session.
func (c companies) Company(ctx context.Context, s erpbridge.Session) (erpbridge.Company, error) {
	const doing = "reading the company"
	p := c.program.company
	a, err := c.client.send(ctx, s, p.get, c.scope(s))
	if err != nil {
		return erpbridge.Company{}, say(err, doing)
	}
	raw := a.body
	if list := c.items.list(raw); c.items.source != "" && c.items.get(raw) != nil {
		if len(list) == 0 {
			return erpbridge.Company{}, fault.New(fault.NotFound, "%s has no company %s", c.spec.Name, s.Company)
		}
		raw = list[0]
	}
	r, err := read(ctx, p.read, companyColumns, c.scope(s).with("answer", raw))
	if err != nil {
		return erpbridge.Company{}, say(err, doing)
	}
	l := c.spec.Company.Locale
	out := r.Company
	if out.Key == "" {
		out.Key = s.Company
	}
	out.Locale = locale.Locale{Language: r.language, Currency: orText(r.currency, l.Currency)}
	if zone := orText(r.zone, l.Zone); zone != "" {
		if out.Locale.Zone, err = time.LoadLocation(zone); err != nil {
			return out, fault.New(fault.Unavailable, "%s: %q is no time zone; write it like Europe/Budapest", doing, zone)
		}
	}
	if out.Locale.Language == "" {
		out.Locale.Language, _ = locale.ParseLanguage(l.Language)
	}
	return out, nil
}

func orText(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// Product reads one.
func (c catalogue) Product(ctx context.Context, s erpbridge.Session, key string) (erpbridge.Product, error) {
	p := c.program.products
	a, err := c.client.send(ctx, s, p.get, c.scope(s).with("product", values(productColumns, product{Key: key})))
	if err != nil {
		return product{}, say(err, "reading product %s", key)
	}
	out, err := read(ctx, p.read, productColumns, c.scope(s).with("answer", a.body))
	if err != nil {
		return out, say(err, "reading product %s", key)
	}
	return c.rated(ctx, s, out), nil
}

// rated adds the rate of the product's VAT code where the product itself does not tell it.
func (h *host) rated(ctx context.Context, s erpbridge.Session, p product) product {
	if h.products.read.has("vat_rate") {
		return p
	}
	if codes, err := h.vat(ctx, s); err == nil && codes != nil {
		p.VATRate = codes[p.VATCode].rate
	}
	return p
}

// Products searches, in the order of codes.
func (c catalogue) Products(ctx context.Context, s erpbridge.Session, searched string, limit int) ([]erpbridge.Product, error) {
	p := c.program.products
	vars := c.scope(s).with("text", searched).with("limit", int64(limit))
	seen := map[string]bool{}
	var all []product
	for _, q := range p.search {
		if skip, err := (&run{host: c.host, s: s, vars: vars}).skip(ctx, q, vars); err != nil || skip {
			if err != nil {
				return nil, say(err, "searching products")
			}
			continue
		}
		items, err := c.client.list(ctx, s, q, vars, limit)
		if err != nil {
			return nil, say(err, "searching products")
		}
		page, err := many(ctx, p.read, productColumns, c.scope(s), items)
		if err != nil {
			return nil, say(err, "searching products")
		}
		for _, one := range page {
			if !seen[one.Key] {
				seen[one.Key] = true
				all = append(all, c.rated(ctx, s, one))
			}
		}
	}
	slices.SortFunc(all, func(a, b product) int { return strings.Compare(a.Code, b.Code) })
	return all[:min(max(limit, 0), len(all))], nil
}

// Groups lists the groups of products.
func (c catalogue) Groups(ctx context.Context, s erpbridge.Session) ([]erpbridge.ProductGroup, error) {
	p := c.program.products
	if p.groups == nil {
		return nil, nil
	}
	items, err := c.client.list(ctx, s, p.groups, c.scope(s), 0)
	if err != nil {
		return nil, say(err, "reading groups of products")
	}
	out, err := many(ctx, p.groupRead, groupColumns, c.scope(s), items)
	return out, say(err, "reading groups of products")
}

// freshVAT is how long VAT codes are kept.
const freshVAT = 5 * time.Minute

// vat gives the host's VAT codes, nil where the description does not list them.
func (h *host) vat(ctx context.Context, s erpbridge.Session) (map[string]vatCode, error) {
	if h.products == nil || h.products.vat == nil {
		return nil, nil
	}
	h.mu.Lock()
	known, ok := h.codes[s.Company]
	h.mu.Unlock()
	if ok && h.now().Before(known.until) {
		return known.rates, nil
	}
	items, err := h.client.list(ctx, s, h.products.vat, h.scope(s), 0)
	if err != nil {
		return nil, err
	}
	list, err := many(ctx, h.products.vatRead, vatColumns, h.scope(s), items)
	if err != nil {
		return nil, err
	}
	rates := make(map[string]vatCode, len(list))
	for _, v := range list {
		rates[v.code] = v
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.codes[s.Company] = vatCodes{rates: rates, until: h.now().Add(freshVAT)}
	return rates, nil
}

// Price asks for the price that holds for the question.
func (c prices) Price(ctx context.Context, s erpbridge.Session, q erpbridge.PriceQuestion) (erpbridge.Price, error) {
	p := c.program.prices
	question := map[string]any{"product": q.Product, "customer": q.Customer, "currency": q.Currency, "quantity": q.Quantity.Decimal, "date": q.Date}
	r := &run{host: c.host, s: s, vars: c.scope(s).with("question", question)}
	err := r.all(ctx, p.more)
	var a answer
	if err == nil {
		a, err = c.client.send(ctx, s, p.get, r.vars)
	}
	if err != nil {
		return erpbridge.Price{}, say(err, "reading the price of product %s", q.Product)
	}
	out, err := read(ctx, p.read, priceColumns, r.vars.with("answer", a.body))
	if err != nil {
		return erpbridge.Price{}, say(err, "reading the price of product %s", q.Product)
	}
	if !out.Unit.IsPositive() || out.currency != "" && out.currency != q.Currency {
		return erpbridge.Price{}, fault.New(fault.NotFound, "product %s has no price in %s", q.Product, q.Currency)
	}
	return out.Price, nil
}

// ListUsers lists the users.
func (u users) ListUsers(ctx context.Context, s erpbridge.Session) ([]erpbridge.User, error) {
	items, err := u.client.list(ctx, s, u.program.users.list, u.scope(s), 0)
	if err != nil {
		return nil, say(err, "reading users")
	}
	out, err := many(ctx, u.program.users.read, userColumns, u.scope(s), items)
	return out, say(err, "reading users")
}

// User reads one.
func (u users) User(ctx context.Context, s erpbridge.Session, id string) (erpbridge.User, error) {
	list, err := u.ListUsers(ctx, s)
	if err != nil {
		return erpbridge.User{}, err
	}
	for _, one := range list {
		if one.ID == id {
			return one, nil
		}
	}
	return erpbridge.User{}, fault.New(fault.NotFound, "%s has no user %s", u.spec.Name, id)
}
