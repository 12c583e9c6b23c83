package tablehost

import (
	"cmp"
	"context"
	"slices"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/erpbridge"
)

// file is a document with the rows it was read from.
type file struct {
	erpbridge.Document
	of   *paper
	head record
	rows []record
	// sources are the keys of the documents that the lines follow, where that stands on the lines.
	sources []string
}

// reading says how much of documents is read.
type reading struct {
	// headers: lines are read only where the header does not tell totals and state.
	headers bool
	// bare: nothing is made out that the rows do not say themselves.
	bare bool
}

// open reads one document with everything; fault.NotFound where there is none.
func (k *desk) open(ctx context.Context, ref erpbridge.Ref) (*file, error) {
	d, err := k.kind(ref.Kind)
	if err != nil {
		return nil, err
	}
	list, err := k.keyed(ctx, d, []any{ref.Key}, reading{})
	if err == nil && len(list) == 0 {
		err = fault.New(fault.NotFound, "there is no %s %q", ref.Kind, ref.Key)
	}
	if err != nil {
		return nil, err
	}
	return list[0], nil
}

// keyed reads the documents of the keys that exist.
func (k *desk) keyed(ctx context.Context, d *paper, keys []any, how reading) ([]*file, error) {
	var all []*file
	for len(keys) > 0 {
		n := min(len(keys), mostKeys)
		where := cond{column: d.head.key.column, op: "in", values: keys[:n]}
		if n == 1 {
			where = d.head.key.is(textOf(keys[0]))
		}
		list, err := k.files(ctx, d, question{of: d.head, where: []cond{where}}, how)
		if err != nil {
			return nil, err
		}
		all, keys = append(all, list...), keys[n:]
	}
	return all, nil
}

// files reads the documents that answer a question.
func (k *desk) files(ctx context.Context, d *paper, q question, how reading) ([]*file, error) {
	heads, err := k.read(ctx, q)
	if err != nil {
		return nil, err
	}
	list := make([]*file, 0, len(heads))
	for _, r := range heads {
		happened, err := k.happened(ctx, d, r)
		if err != nil {
			return nil, err
		}
		if happened {
			list = append(list, d.headerOf(r))
		}
	}
	if how.headers && !d.lacksTotals() && !d.makesState() {
		return list, k.complete(ctx, d, list)
	}
	if err := k.readLines(ctx, d, list); err != nil || how.bare {
		return list, err
	}
	if err := k.completeLines(ctx, d, list); err != nil {
		return nil, err
	}
	return list, k.complete(ctx, d, list)
}

// happened reports whether the row is a document of the kind: a change of another's row may not have
// happened yet.
func (k *desk) happened(ctx context.Context, d *paper, r record) (bool, error) {
	if d.of == nil {
		return true, nil
	}
	v, err := k.run(ctx, d.path+".done", d.done, k.vars(vars{"row": r.row()}))
	yes, _ := v.(bool)
	return yes, err
}

// headerOf makes a document of its header.
func (d *paper) headerOf(r record) *file {
	doc := erpbridge.Document{
		Ref: erpbridge.Ref{Kind: d.kind, Key: r.key, Number: r.key}, Customer: r.text("customer"), Date: r.day("date"), Due: r.day("due"),
		Currency: r.text("currency"), Reference: r.text("reference"), Note: r.text("note"), Net: r.amount("net"), VAT: r.amount("vat"), Gross: r.amount("gross"),
		State: erpbridge.State(r.text("state")), Paid: r.amount("paid"),
	}
	if d.head.fields["number"] != nil {
		doc.Number = r.text("number")
	}
	if d.flips() {
		doc.Net, doc.VAT, doc.Gross, doc.Paid = negative(doc.Net), negative(doc.VAT), negative(doc.Gross), negative(doc.Paid)
	}
	switch {
	case d.of != nil:
		doc.Source = &erpbridge.Ref{Kind: d.of.kind, Key: r.key, Number: doc.Number}
	case d.source != nil && !d.source.spec.OnLines:
		doc.Source = d.source.ref(r)
	}
	return &file{Document: doc, of: d, head: r}
}

// flips reports whether the host keeps the amounts of the kind with the other sign: ours are negative on
// credit notes only.
func (d *paper) flips() bool { return d.spec.Negative != (d.kind == erpbridge.CreditNote) }

// ref gives the followed document that a row names; nil for none.
func (s *sourceColumns) ref(r record) *erpbridge.Ref {
	if s.keyAt < 0 {
		return nil
	}
	key := keyOf(s.key, r.raw[s.keyAt])
	if key == "" {
		return nil
	}
	kind := s.spec.From[0]
	if s.kindAt >= 0 {
		host := textOf(r.raw[s.kindAt])
		kind = erpbridge.Kind(cmp.Or(s.ours[host], host))
	}
	return &erpbridge.Ref{Kind: kind, Key: key, Number: key}
}

// keyOf is a key that a column holds; a number that cannot be NULL says by 0 that there is none.
func keyOf(c *column, raw any) string {
	key := textOf(raw)
	if key == "0" && !c.Nullable {
		return ""
	}
	return key
}

// readLines reads the lines of all the documents, a few hundred documents at a time.
func (k *desk) readLines(ctx context.Context, d *paper, list []*file) error {
	l := d.lines
	if l == nil || len(list) == 0 {
		return nil
	}
	byKey := make(map[string]*file, len(list))
	keys := make([]any, len(list))
	for i, f := range list {
		byKey[f.Key], keys[i] = f, f.Key
	}
	q := question{of: l.entity}
	for _, c := range []*column{l.parent, l.row, l.keyColumn()} {
		if c != nil && !slices.Contains(q.order, order{column: c}) {
			q.order = append(q.order, order{column: c})
		}
	}
	for len(keys) > 0 {
		n := min(len(keys), mostKeys)
		q.where = []cond{{column: l.parent, op: "in", values: keys[:n]}}
		if n == 1 {
			q.where = []cond{{column: l.parent, value: keys[0]}}
		}
		rows, err := k.read(ctx, q)
		if err != nil {
			return err
		}
		for _, r := range rows {
			if f := byKey[textOf(r.raw[l.parentAt])]; f != nil {
				if err := f.addLine(d, r); err != nil {
					return err
				}
			}
		}
		keys = keys[n:]
	}
	return nil
}

// keyColumn tells a line apart within its document: the key, the row number, or else the product.
func (l *linesPart) keyColumn() *column {
	switch {
	case l.key != nil:
		return l.key.column
	case l.row != nil:
		return l.row
	case l.has("product"):
		return l.fields["product"].column
	}
	return nil
}

// addLine makes a line of its row.
func (f *file) addLine(d *paper, r record) error {
	l := erpbridge.DocumentLine{
		Key: r.key, Product: r.text("product"), Name: r.text("name"), Quantity: money.NewQuantity(r.number("quantity")), Unit: r.text("unit"),
		UnitPrice: r.amount("unit_price"), VATCode: r.text("vat_code"), VATRate: money.NewPercent(r.number("vat_rate")), Net: r.amount("net"),
		Delivered: money.NewQuantity(r.number("delivered")), Invoiced: money.NewQuantity(r.number("invoiced")),
	}
	if d.lines.key == nil {
		l.Key = l.Product
		if d.lines.row != nil {
			l.Key = textOf(r.raw[d.lines.rowAt])
		}
	}
	if d.flips() && d.of == nil {
		l.Quantity, l.Net = money.NewQuantity(l.Quantity.Neg()), negative(l.Net)
	}
	if f.of.of != nil { // the lines are the order's own
		l.SourceLine, l.Delivered, l.Invoiced = l.Key, money.Quantity{}, money.Quantity{}
	}
	if s := d.source; s != nil {
		if s.lineAt >= 0 {
			l.SourceLine = keyOf(s.line, r.raw[s.lineAt])
		}
		if s.spec.OnLines {
			ref := s.ref(r)
			if ref != nil && f.Source == nil {
				f.Source = ref
			}
			key := ""
			if ref != nil {
				key = ref.Key
			}
			f.sources = append(f.sources, key)
		}
	}
	discount := d.lines.fields["discount"]
	if discount != nil {
		var err error
		if l.Discount, err = discountRead(discount.rest(), r.value("discount"), l); err != nil {
			return at(discount.path, err)
		}
	}
	f.Lines, f.rows = append(f.Lines, l), append(f.rows, r)
	return nil
}

// rest is the form of a discount that reading the row could not make out without the line: an amount.
func (f *field) rest() string {
	if f.as == asAmount {
		return asAmount
	}
	return asPercent
}

// creditKind is the kind that takes documents of this one back, "" for none.
func (d *paper) creditKind() erpbridge.Kind {
	for _, way := range d.cancel {
		if way.spec.Credit != "" {
			return way.spec.Credit
		}
	}
	return ""
}

// follows are the conditions for what follows any of the keys of a kind.
func (s *sourceColumns) follows(kind erpbridge.Kind, keys []any) []cond {
	where := []cond{{column: s.key, op: "in", values: keys}}
	if s.kind != nil {
		where = append(where, cond{column: s.kind, value: s.hostKind(kind)})
	}
	return where
}

// hostKind is how the host calls the kind of a followed document.
func (s *sourceColumns) hostKind(kind erpbridge.Kind) string {
	return cmp.Or(s.spec.Values[string(kind)], string(kind))
}
