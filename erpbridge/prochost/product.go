package prochost

import (
	"context"
	"strings"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/erpbridge"
)

type productPort struct{ h *host }

// Product implements erpbridge.Catalogue.
func (p productPort) Product(ctx context.Context, s erpbridge.Session, key string) (erpbridge.Product, error) {
	list, err := p.read(ctx, s, map[string]any{"key": key, "limit": int64(2)})
	for _, product := range list {
		if product.Key == key {
			return product, nil
		}
	}
	if err == nil {
		err = fault.New(fault.NotFound, "there is no product %q", key)
	}
	return erpbridge.Product{}, err
}

// Products implements erpbridge.Catalogue. The order and the search are the procedure's.
func (p productPort) Products(ctx context.Context, s erpbridge.Session, text string, limit int) ([]erpbridge.Product, error) {
	limit = max(limit, 1)
	list, err := p.read(ctx, s, map[string]any{"text": strings.TrimSpace(text), "limit": int64(limit)})
	return list[:min(limit, len(list))], err
}

func (p productPort) read(ctx context.Context, s erpbridge.Session, vars map[string]any) (list []erpbridge.Product, err error) {
	w, err := p.h.begin(ctx, s)
	if err != nil {
		return nil, err
	}
	records, err := w.with(vars).records(ctx, p.h.products, rowsOf{})
	if err != nil {
		return nil, unlessMisfit(err)
	}
	for _, r := range records {
		product := erpbridge.Product{
			Key: r.text("key"), Code: r.text("code"), Name: r.text("name"), Description: r.text("description"), Group: r.text("group"), Unit: r.text("unit"),
			VATCode: r.text("vat_code"), VATRate: r.percent("vat_rate"), Discontinued: r.flag("discontinued"),
		}
		if product.Code == "" {
			product.Code = product.Key
		}
		if r.values["stock"] != nil {
			stock := r.quantity("stock")
			product.Stock = &stock
		}
		if r.values["cost"] != nil {
			cost := r.amount("cost")
			product.Cost = &cost
		}
		if r.err != nil {
			return nil, r.err
		}
		list = append(list, product)
	}
	return list, nil
}

// Groups implements erpbridge.Catalogue.
func (p productPort) Groups(ctx context.Context, s erpbridge.Session) (list []erpbridge.ProductGroup, err error) {
	w, err := p.h.begin(ctx, s)
	if err != nil {
		return nil, err
	}
	records, err := w.records(ctx, p.h.groups, rowsOf{})
	for _, r := range records {
		list = append(list, erpbridge.ProductGroup{Key: r.text("key"), Name: r.text("name")})
	}
	return list, err
}

type pricePort struct{ h *host }

// Price implements erpbridge.Prices.
func (p pricePort) Price(ctx context.Context, s erpbridge.Session, q erpbridge.PriceQuestion) (erpbridge.Price, error) {
	w, err := p.h.begin(ctx, s)
	if err != nil {
		return erpbridge.Price{}, err
	}
	r, err := w.with(map[string]any{"question": questionVars(q, s.Today)}).one(ctx, p.h.prices)
	if err = unlessMisfit(err); err == nil && (r == nil || r.values["unit"] == nil) {
		err = fault.New(fault.NotFound, "product %q has no price in %s", q.Product, q.Currency)
	}
	if err != nil {
		return erpbridge.Price{}, err
	}
	return erpbridge.Price{Unit: r.amount("unit"), Discount: r.percent("discount"), List: r.text("list")}, r.err
}
