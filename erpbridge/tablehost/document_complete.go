package tablehost

import (
	"cmp"
	"context"
	"slices"

	"github.com/crmplus/crmplus/erpbridge"
)

// completeLines makes out what the rows of lines do not say: names, units and VAT from the product, rates
// from the code, net prices from gross ones, nets, and how much followed.
func (k *desk) completeLines(ctx context.Context, d *paper, list []*file) error {
	if d.lines == nil {
		return nil
	}
	fields := d.lines.fields
	lacks := func(names ...string) bool {
		return slices.ContainsFunc(names, func(name string) bool { return fields[name] == nil })
	}
	if lacks("name", "unit", "vat_code") {
		if err := k.fromProducts(ctx, list); err != nil {
			return err
		}
	}
	if lacks("vat_rate") {
		if err := k.fromRates(ctx, list); err != nil {
			return err
		}
	}
	for _, f := range list {
		f.Currency = cmp.Or(f.Currency, k.memo.locale.Currency)
		for i := range f.Lines {
			l := &f.Lines[i]
			if d.spec.Prices == pricesGross {
				l.UnitPrice = netPrice(l.UnitPrice, l.VATRate)
			}
			if lacks("net") {
				l.Net = netOf(*l, f.Currency)
			}
		}
	}
	return k.sum(ctx, d, list)
}

// pricesGross is the value of Document.Prices by which unit prices are kept with VAT.
const pricesGross = "gross"

func (k *desk) fromProducts(ctx context.Context, list []*file) error {
	keys := map[string]bool{}
	for _, f := range list {
		for _, l := range f.Lines {
			keys[l.Product] = true
		}
	}
	goods, err := k.wares(ctx, keys)
	if err != nil {
		return err
	}
	for _, f := range list {
		for i := range f.Lines {
			l := &f.Lines[i]
			if r, known := goods[l.Product]; known {
				l.Name, l.Unit, l.VATCode = cmp.Or(l.Name, r.text("name")), cmp.Or(l.Unit, r.text("unit")), cmp.Or(l.VATCode, r.text("vat_code"))
			}
		}
	}
	return nil
}

func (k *desk) fromRates(ctx context.Context, list []*file) error {
	rates, err := k.vatRates(ctx)
	if err != nil {
		return err
	}
	for _, f := range list {
		for i := range f.Lines {
			l := &f.Lines[i]
			v, _ := rateOn(rates[l.VATCode], f.Date)
			l.VATRate = v.Rate
		}
	}
	return nil
}

// lacksTotals reports whether the header leaves a total to the lines.
func (d *paper) lacksTotals() bool {
	return d.head.fields["net"] == nil || d.head.fields["vat"] == nil || d.head.fields["gross"] == nil
}

// complete makes out what the headers do not say: currency, totals, state, and what took them back.
func (k *desk) complete(ctx context.Context, d *paper, list []*file) error {
	for _, f := range list {
		f.Currency = cmp.Or(f.Currency, k.memo.locale.Currency)
		if d.lacksTotals() {
			k.total(f)
		}
		k.makeState(f)
	}
	if err := k.sourceNumbers(ctx, list); err != nil {
		return err
	}
	return k.takenBack(ctx, d, list)
}

// total counts those totals that have no field.
func (k *desk) total(f *file) {
	counted := f.Document
	counting{f.Currency, f.of.perLine}.sum(&counted)
	fields := f.of.head.fields
	if fields["net"] == nil {
		f.Net = counted.Net
	}
	switch {
	case fields["vat"] != nil:
	case fields["gross"] != nil:
		f.VAT = f.Gross.Sub(f.Net)
	default:
		f.VAT = counted.VAT
	}
	if fields["gross"] == nil {
		f.Gross = f.Net.Add(f.VAT)
	}
}

// sourceNumbers gives followed documents their numbers, where those are not their keys.
func (k *desk) sourceNumbers(ctx context.Context, list []*file) error {
	asked := map[erpbridge.Kind][]any{}
	for _, f := range list {
		if f.Source == nil {
			continue
		}
		if s := k.h.papers[f.Source.Kind]; s != nil && s.head.fields["number"] != nil {
			asked[f.Source.Kind] = append(asked[f.Source.Kind], f.Source.Key)
		}
	}
	for _, kind := range sorted(asked) {
		heads, err := k.keyedHeads(ctx, k.h.papers[kind], asked[kind])
		if err != nil {
			return err
		}
		for _, f := range list {
			if r, found := heads[sourceKey(f)]; found && f.Source.Kind == kind {
				f.Source.Number = r.text("number")
			}
		}
	}
	return nil
}

func sourceKey(f *file) string {
	if f.Source == nil {
		return ""
	}
	return f.Source.Key
}

// keyedHeads reads header rows by key.
func (k *desk) keyedHeads(ctx context.Context, d *paper, keys []any) (map[string]record, error) {
	heads := make(map[string]record, len(keys))
	for len(keys) > 0 {
		n := min(len(keys), mostKeys)
		list, err := k.read(ctx, question{of: d.head, where: []cond{{column: d.head.key.column, op: "in", values: keys[:n]}}})
		if err != nil {
			return nil, err
		}
		for _, r := range list {
			heads[r.key] = r
		}
		keys = keys[n:]
	}
	return heads, nil
}

// takenBack names the documents that took others back: those that the header names, or else those that
// follow what is credited.
func (k *desk) takenBack(ctx context.Context, d *paper, list []*file) error {
	credit := k.h.papers[d.creditKind()]
	if credit == nil {
		return nil
	}
	var asked []*file
	for _, f := range list {
		switch key := f.head.text("cancelled_by"); {
		case key != "":
			f.CancelledBy = &erpbridge.Ref{Kind: credit.kind, Key: key, Number: key}
		case d.head.fields["cancelled_by"] == nil && (f.State == erpbridge.Credited || !d.tellsCredited() && !over(f.State)):
			asked = append(asked, f)
		}
	}
	by, err := k.following(ctx, credit, d.kind, asked)
	if err != nil {
		return err
	}
	for _, f := range asked {
		for _, c := range by {
			if key := sourceKey(c); key == f.Key && (f.State == erpbridge.Credited || f.creditedBy(creditedLines(by, f.Key))) {
				f.CancelledBy, f.State = &c.Ref, erpbridge.Credited
			}
		}
	}
	return nil
}
