package prochost

import (
	"context"
	"slices"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/erpbridge"
)

type documentPort struct{ h *host }

// Kinds implements erpbridge.Documents.
func (p documentPort) Kinds() (list []erpbridge.Kind) {
	for _, kind := range kinds {
		if p.h.documents[kind] != nil {
			list = append(list, kind)
		}
	}
	return list
}

func (r *record) document(kind erpbridge.Kind) (erpbridge.Document, error) {
	d := erpbridge.Document{
		Ref: erpbridge.Ref{Kind: kind, Key: r.text("key"), Number: r.text("number")}, Customer: r.text("customer"), Date: r.date("date"), Due: r.date("due"),
		Currency: r.text("currency"), Reference: r.text("reference"), Note: r.text("note"), Net: r.amount("net"), VAT: r.amount("vat"), Gross: r.amount("gross"),
		State: erpbridge.State(r.text("state")), Paid: r.amount("paid"),
	}
	if d.Number == "" {
		d.Number = d.Key
	}
	if source := r.text("source"); source != "" {
		d.Source = &erpbridge.Ref{Kind: erpbridge.Kind(r.text("source_kind")), Key: source, Number: r.text("source_number")}
		if d.Source.Number == "" {
			d.Source.Number = source
		}
	}
	if by := r.text("cancelled_by"); by != "" {
		d.CancelledBy = &erpbridge.Ref{Kind: erpbridge.CreditNote, Key: by, Number: by}
	}
	if r.err == nil && !slices.Contains(states, d.State) {
		r.wrong("state", "state of a document")
	}
	return d, r.err
}

var states = []erpbridge.State{erpbridge.Open, erpbridge.Partial, erpbridge.Completed, erpbridge.Posted, erpbridge.Paid, erpbridge.Cancelled, erpbridge.Credited}

func (r *record) line() (erpbridge.DocumentLine, error) {
	return erpbridge.DocumentLine{
		Key: r.text("key"), SourceLine: r.text("source_line"), Product: r.text("product"), Name: r.text("name"), Quantity: r.quantity("quantity"), Unit: r.text("unit"),
		UnitPrice: r.amount("unit_price"), Discount: r.percent("discount"), VATCode: r.text("vat_code"), VATRate: r.percent("vat_rate"), Net: r.amount("net"),
		Delivered: r.quantity("delivered"), Invoiced: r.quantity("invoiced"),
	}, r.err
}

// Document implements erpbridge.Documents.
func (p documentPort) Document(ctx context.Context, s erpbridge.Session, ref erpbridge.Ref) (erpbridge.Document, error) {
	w, err := p.h.begin(ctx, s)
	if err != nil {
		return erpbridge.Document{}, err
	}
	return w.document(ctx, ref)
}

func (w *work) document(ctx context.Context, ref erpbridge.Ref) (erpbridge.Document, error) {
	c := w.documents[ref.Kind]
	if c == nil {
		return erpbridge.Document{}, fault.New(fault.NotFound, "this ERP has no documents of the kind %q", ref.Kind)
	}
	d, found, err := w.with(map[string]any{"key": ref.Key}).whole(ctx, c, c.read)
	if err == nil && (!found || d.Key != ref.Key) {
		err = fault.New(fault.NotFound, "there is no %s %q", ref.Kind, ref.Key)
	}
	if err != nil {
		return erpbridge.Document{}, err
	}
	return d, nil
}

// whole reads a header with its lines.
func (w *work) whole(ctx context.Context, c *documentCalls, r *read) (d erpbridge.Document, found bool, err error) {
	headers, a, err := w.recordsBeside(ctx, r, rowsOf{})
	if err != nil || len(headers) == 0 {
		return d, false, unlessMisfit(err)
	}
	if d, err = headers[0].document(c.kind); err != nil {
		return d, false, err
	}
	var lines []*record
	switch {
	case c.lines != nil:
		lines, err = w.with(map[string]any{"key": d.Key}).records(ctx, c.lines, rowsOf{})
	case a != nil && r.set+1 < len(a.sets):
		lines, err = recordsOf(ctx, c.lineFields, a.sets[r.set+1])
	default:
		err = fault.New(fault.Unavailable, "%s: %s gave no result set of lines behind the header's", r.path, r.procedure)
	}
	for _, rec := range lines {
		l, lineErr := rec.line()
		if lineErr != nil {
			return d, false, lineErr
		}
		d.Lines = append(d.Lines, l)
	}
	return d, err == nil, err
}

// FindDocument implements erpbridge.DocumentLookup.
func (p documentPort) FindDocument(ctx context.Context, s erpbridge.Session, kind erpbridge.Kind, token string) (erpbridge.Document, error) {
	w, err := p.h.begin(ctx, s)
	if err != nil {
		return erpbridge.Document{}, err
	}
	d, found, err := w.with(map[string]any{"token": token}).documentMade(ctx, p.h.documents[kind])
	if err == nil && !found {
		err = fault.New(fault.NotFound, "no %s was made under the token %q", kind, token)
	}
	return d, err
}

// documentMade gives the document that was made under the token.
func (w *work) documentMade(ctx context.Context, c *documentCalls) (d erpbridge.Document, found bool, err error) {
	if c == nil || c.find == nil || textOf(w.vars["token"]) == "" {
		return d, false, nil
	}
	return w.whole(ctx, c, c.find)
}

// States implements erpbridge.DocumentStates.
func (p documentPort) States(ctx context.Context, s erpbridge.Session, refs []erpbridge.Ref) (list []erpbridge.Document, err error) {
	w, err := p.h.begin(ctx, s)
	if err != nil {
		return nil, err
	}
	for _, ref := range refs {
		d, err := w.document(ctx, ref)
		switch {
		case err == nil:
			list = append(list, d)
		case fault.CodeOf(err) != fault.NotFound:
			return nil, err
		}
	}
	return list, nil
}

// Cancel implements erpbridge.Documents. What is cancelled already is left as it is.
func (p documentPort) Cancel(ctx context.Context, s erpbridge.Session, ref erpbridge.Ref, reason string) (erpbridge.Document, error) {
	w, err := p.h.begin(ctx, s)
	if err != nil {
		return erpbridge.Document{}, err
	}
	d, err := w.document(ctx, ref)
	if err != nil || d.State == erpbridge.Cancelled || d.State == erpbridge.Credited {
		return d, err
	}
	var faults fault.List
	cancel := p.h.documents[ref.Kind].cancel
	if cancel == nil {
		faults.Add("kind", "document.kind", "documents of the kind %s are not cancelled by CRM+; do it in %s", ref.Kind, p.h.name)
	}
	faults.Required("reason", reason)
	if err := faults.Err("%s %s cannot be cancelled", d.Kind, d.Number); err != nil {
		return erpbridge.Document{}, err
	}
	path := func(field string, _ int) string {
		if field == "" {
			return "reason"
		}
		return field
	}
	_, err = w.with(map[string]any{"key": ref.Key, "reason": reason, "document": documentVars(d)}).call(ctx, cancel, rowsOf{path: path})
	if err != nil {
		return erpbridge.Document{}, err
	}
	return w.document(ctx, ref)
}
