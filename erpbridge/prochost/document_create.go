package prochost

import (
	"context"
	"fmt"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/erpbridge"
)

// drafting is a document on its way to the host.
type drafting struct {
	*work
	calls *documentCalls
	draft erpbridge.Document
	over  rowsOf
}

func (w *work) drafting(draft erpbridge.Document) *drafting {
	if draft.Date.IsZero() {
		draft.Date = w.Today
	}
	d := &drafting{calls: w.documents[draft.Kind], draft: draft, over: rowsOf{name: "line", path: documentPath}}
	for i, l := range draft.Lines {
		d.over.each = append(d.over.each, lineVars(i, l))
	}
	d.work = w.with(map[string]any{"document": documentVars(draft)})
	return d
}

// documentPath is where a field of a document or of its line stands in the draft.
func documentPath(field string, row int) string {
	switch {
	case row >= 0 && field == "":
		return fmt.Sprintf("lines[%d]", row)
	case row >= 0:
		return fmt.Sprintf("lines[%d].%s", row, field)
	case field == "source_kind", field == "source_number":
		return "source"
	}
	return field
}

// CheckDocument implements erpbridge.DocumentCheck.
func (p documentPort) CheckDocument(ctx context.Context, s erpbridge.Session, draft erpbridge.Document) ([]fault.Fault, error) {
	w, err := p.h.begin(ctx, s)
	if err != nil {
		return nil, err
	}
	return w.drafting(draft).check(ctx)
}

// check names everything that is wrong in the draft: what nobody could write, what does not fit the
// parameters, and what the host's own procedure finds.
func (d *drafting) check(ctx context.Context) (fault.List, error) {
	var faults fault.List
	if d.calls == nil || d.calls.create == nil {
		faults.Add("kind", "document.kind", "documents of the kind %q are not written by CRM+", d.draft.Kind)
		return faults, nil
	}
	d.checkDraft(&faults)
	for _, c := range []*call{d.calls.create.call, d.calls.create.finish} {
		if c == nil {
			continue
		}
		b, err := d.batch(ctx, c, d.over)
		if err != nil {
			return nil, err
		}
		faults = append(faults, b.faults...)
	}
	if err := d.checkEachLine(ctx, &faults); err != nil {
		return nil, err
	}
	if d.calls.check == nil {
		return distinct(faults), nil
	}
	over := d.over
	over.lenient = true
	found, err := d.records(ctx, d.calls.check, over)
	for _, r := range found {
		line := -1
		if r.values["line"] != nil {
			line = r.whole("line")
		}
		faults.Add(documentPath(r.text("field"), line), codeOf(r), "%s", r.text("message"))
	}
	return distinct(faults), err
}

var hundred = decimal.NewFromInt(100)

func (d *drafting) checkDraft(faults *fault.List) {
	if d.draft.Customer == "" && d.draft.Source == nil {
		faults.Required("customer", "")
	}
	if d.draft.Date == (civil.Date{}) {
		faults.Required("date", "")
	}
	if len(d.draft.Lines) == 0 {
		faults.Add("lines", "required", "are missing; a document has at least one")
	}
	for i, l := range d.draft.Lines {
		if !l.Quantity.IsPositive() {
			faults.Add(documentPath("quantity", i), "range", "%s is not a quantity; it has to be above zero", l.Quantity)
		}
		if l.UnitPrice.IsNegative() {
			faults.Add(documentPath("unit_price", i), "range", "%s is negative; write a credit note instead", l.UnitPrice)
		}
		if l.Discount.IsNegative() || l.Discount.GreaterThan(hundred) {
			faults.Add(documentPath("discount", i), "range", "%s %% is no discount; it can be 0 to 100", l.Discount)
		}
	}
}

// checkEachLine binds every line to the procedure that is called for it.
func (d *drafting) checkEachLine(ctx context.Context, faults *fault.List) error {
	c := d.calls.create.eachLine
	if c == nil {
		return nil
	}
	for i, line := range d.over.each {
		path := func(field string, _ int) string { return documentPath(field, i) }
		b, err := d.with(map[string]any{"line": line}).batch(ctx, c, rowsOf{path: path})
		if err != nil {
			return err
		}
		*faults = append(*faults, b.faults...)
	}
	return nil
}

// Create implements erpbridge.Documents. The procedure is the last arbiter: what it finds under its locks
// it refuses, whatever the check said before.
func (p documentPort) Create(ctx context.Context, s erpbridge.Session, draft erpbridge.Document) (erpbridge.Document, error) {
	w, err := p.h.begin(ctx, s)
	if err != nil {
		return erpbridge.Document{}, err
	}
	d := w.drafting(draft)
	if made, found, err := d.documentMade(ctx, d.calls); err != nil || found {
		return made, err
	}
	faults, err := d.check(ctx)
	if err != nil {
		return erpbridge.Document{}, err
	}
	if len(faults) > 0 {
		// Somebody with the same token may have been first meanwhile, and taken the quantities.
		if made, found, err := d.documentMade(ctx, d.calls); err != nil || found {
			return made, err
		}
		return erpbridge.Document{}, faults.Err("the %s cannot be written", draft.Kind)
	}
	key, err := d.make(ctx, d.calls.create, d.over)
	if err != nil {
		return erpbridge.Document{}, err
	}
	if key != "" {
		return d.document(ctx, erpbridge.Ref{Kind: draft.Kind, Key: key})
	}
	made, found, err := d.documentMade(ctx, d.calls)
	if err == nil && !found {
		err = notResolved(d.calls.create, d.calls.find)
	}
	return made, err
}
