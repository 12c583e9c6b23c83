package tablehost

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/erpbridge"
)

// Cancel implements erpbridge.Documents by the first of the mapping's ways that is for the document's state:
// its header is changed, a credit note with a number of its own takes it back, or what has no number yet is
// deleted. What it counted on other documents and what its steps added is taken back. Cancelling twice
// changes nothing.
func (p documents) Cancel(ctx context.Context, s erpbridge.Session, ref erpbridge.Ref, reason string) (erpbridge.Document, error) {
	k, err := p.desk(ctx, s)
	if err != nil {
		return erpbridge.Document{}, err
	}
	d, err := k.kind(ref.Kind)
	if err != nil {
		return erpbridge.Document{}, err
	}
	f, err := k.locked(ctx, d, ref)
	if err != nil {
		return erpbridge.Document{}, refused(err)
	}
	if over(f.State) {
		return f.Document, nil
	}
	if err := k.cancel(ctx, f, reason); err != nil {
		return erpbridge.Document{}, refused(err)
	}
	return f.Document, nil
}

// locked locks and reads a document that is to be taken back: first the counter of what may take it back,
// then the document, then what it follows.
func (k *desk) locked(ctx context.Context, d *paper, ref erpbridge.Ref) (*file, error) {
	if credit := k.h.papers[d.creditKind()]; credit != nil {
		if err := k.lockSeries(ctx, credit, erpbridge.Document{Ref: erpbridge.Ref{Kind: credit.kind}, Date: k.today()}); err != nil {
			return nil, err
		}
	}
	if err := k.lock(ctx, d.head.table, []cond{d.head.key.is(ref.Key)}); err != nil {
		return nil, err
	}
	f, err := k.open(ctx, ref)
	if fault.CodeOf(err) == fault.NotFound && d.of != nil {
		return k.undone(ctx, d, ref, err)
	}
	if err != nil || over(f.State) || d.of != nil {
		return f, err
	}
	return f, k.lockTrail(ctx, f.Source)
}

// undone gives a document that was a change of another one's row and was taken back before.
func (k *desk) undone(ctx context.Context, d *paper, ref erpbridge.Ref, missing error) (*file, error) {
	heads, err := k.keyedHeads(ctx, d, []any{ref.Key})
	if err != nil {
		return nil, err
	}
	r, there := heads[ref.Key]
	if !there {
		return nil, missing
	}
	f := d.headerOf(r)
	f.State = erpbridge.Cancelled
	return f, nil
}

// retraction is a document being taken back.
type retraction struct {
	*file
	sheet  *sheet
	way    *wayBack
	reason string
	// faults stand against it already.
	faults fault.List
}

func (k *desk) cancel(ctx context.Context, f *file, reason string) error {
	trails, err := k.trails(ctx, f)
	if err != nil {
		return err
	}
	faults, err := k.creditedBefore(ctx, f)
	if err != nil || over(f.State) {
		return err
	}
	r := &retraction{file: f, way: f.of.wayBack(f.State), reason: reason, faults: faults}
	if r.sheet, err = k.sheetOf(ctx, f, trails, reason); err != nil {
		return err
	}
	if err := k.mayCancel(ctx, r); err != nil {
		return err
	}
	if r.way != nil && r.way.spec.Credit != "" {
		if err := k.credit(ctx, r); err != nil {
			return err
		}
	}
	if err := k.takeBack(ctx, r); err != nil {
		return err
	}
	if err := k.follow(ctx, f, trails, back); err != nil {
		return err
	}
	if r.way != nil {
		if err := k.perform(ctx, r.way.steps, r.sheet, forward); err != nil {
			return err
		}
	}
	if f.of.of != nil || r.way != nil && r.way.spec.Delete {
		f.State = erpbridge.Cancelled
		return nil
	}
	again, err := k.open(ctx, f.Ref)
	if err == nil {
		*f = *again
	}
	return err
}

// wayBack is the first way that is for the state, nil where there is none.
func (d *paper) wayBack(state erpbridge.State) *wayBack {
	for i, way := range d.cancel {
		if len(way.spec.From) == 0 || slices.Contains(way.spec.From, state) {
			return &d.cancel[i]
		}
	}
	return nil
}

// sheetOf gives a stored document with what its formulas see.
func (k *desk) sheetOf(ctx context.Context, f *file, trails []trail, reason string) (*sheet, error) {
	s := &sheet{Document: f.Document, of: f.of, trail: trails}
	with := parties{reason: reason}
	if len(trails) > 0 {
		with.source = trails[0].source
	}
	var what dossier
	if err := k.addressee(ctx, f.Customer, &with, &what); err != nil {
		return nil, err
	}
	keys := map[string]bool{}
	for i, l := range f.Lines {
		keys[l.Product] = true
		s.from = append(s.from, i)
	}
	var err error
	if with.goods, err = k.wares(ctx, keys); err != nil {
		return nil, err
	}
	if err := k.fill(ctx, s, with); err != nil {
		return nil, err
	}
	s.doc = f.seen()
	s.doc["year"] = s.with["year"]
	s.with["document"] = s.doc
	return s, nil
}

// mayCancel says everything that stands against it at once, and prepares what the header gets.
func (k *desk) mayCancel(ctx context.Context, r *retraction) error {
	faults := append(refusals(r.Document), r.faults...)
	if err := k.whoFollows(ctx, r.file, &faults); err != nil {
		return err
	}
	faults.Required("reason", r.reason)
	checkText(&faults, "reason", r.reason)
	switch way := r.way; {
	case way == nil && r.of.of == nil:
		if len(faults) == 0 {
			faults.Add("state", "document.state", "is %s; %s takes back no document of the kind %q that has come so far", r.State, k.h.mapping.Name, r.Kind)
		}
	case way == nil:
	case way.spec.Refuse != "":
		if !slices.ContainsFunc(faults, func(f fault.Fault) bool { return f.Path == "state" }) {
			faults.Add("state", "document."+string(cmp.Or(r.State, "state")), "%s", way.spec.Refuse)
		}
	case way.spec.Delete && r.numbered():
		faults.Add("number", "document.numbered", "is %s; a document with a number is never deleted, map a way that keeps it", r.Number)
	}
	if len(faults) == 0 {
		if err := k.prepare(ctx, r, &faults); err != nil {
			return err
		}
	}
	return faults.Err("%s %s cannot be cancelled", r.Kind, r.Number)
}

// prepare evaluates what the header gets, as far as it can be known before a credit note is written.
func (k *desk) prepare(ctx context.Context, r *retraction, faults *fault.List) error {
	list := r.of.unset
	if r.way != nil {
		list = append(slices.Clone(list), r.way.set...)
	}
	set, err := k.settings(ctx, list, r.sheet.with)
	if err != nil {
		if r.way != nil && r.way.spec.Credit != "" { // it may speak of the credit note
			return nil
		}
		return err
	}
	for _, a := range set {
		if a.value == r.reason {
			a.place = "reason"
		}
		k.check(&a, faults)
	}
	return nil
}

// numbered reports whether the document has a number that must not be missing from a series.
func (f *file) numbered() bool {
	own := f.of.number != nil || f.of.head.fields["number"] != nil || f.of.head.key.way == keyNumber || f.of.head.key.way == keyCounter
	return own && f.Number != ""
}

// refusals names what the document itself says against being taken back.
func refusals(d erpbridge.Document) fault.List {
	var faults fault.List
	for i, l := range d.Lines {
		path := fmt.Sprintf("lines[%d]", i)
		if !l.Delivered.IsZero() {
			faults.Add(path, "document.delivered", "%s of %s are delivered; cancel the delivery note first", l.Delivered, l.Name)
		}
		if !l.Invoiced.IsZero() {
			faults.Add(path, "document.invoiced", "%s of %s are invoiced; cancel the invoice first", l.Invoiced, l.Name)
		}
	}
	if d.Kind != erpbridge.CreditNote && d.Paid.IsPositive() {
		faults.Add("state", "document.paid", "%s of it are paid; pay the money back first", d.Paid)
	}
	return faults
}

// whoFollows names what was made of a quote.
func (k *desk) whoFollows(ctx context.Context, f *file, faults *fault.List) error {
	if f.Kind != erpbridge.Quotation {
		return nil
	}
	for _, kind := range trade {
		by := k.h.papers[kind]
		if by == nil || by.of != nil || !slices.Contains(by.follows, f.Kind) {
			continue
		}
		next, err := k.following(ctx, by, f.Kind, []*file{f})
		if err != nil {
			return err
		}
		for _, n := range next {
			faults.Add("state", "document.followed", "%s %s follows it; cancel that first", n.Kind, n.Number)
		}
	}
	return nil
}

// takeBack takes the steps back and changes or deletes the rows.
func (k *desk) takeBack(ctx context.Context, r *retraction) error {
	d := r.of
	if err := k.perform(ctx, d.after, r.sheet, back); err != nil {
		return err
	}
	if d.of == nil && d.lines != nil {
		for i := len(r.Lines) - 1; i >= 0; i-- {
			one := *r.sheet
			one.with = r.sheet.lined(r.sheet.lines[i])
			if err := k.perform(ctx, d.lines.after, &one, back); err != nil {
				return err
			}
		}
	}
	if err := k.perform(ctx, d.before, r.sheet, back); err != nil {
		return err
	}
	if r.way != nil && r.way.spec.Delete {
		return k.delete(ctx, r.file)
	}
	list := slices.Clone(d.unset)
	if r.way != nil {
		list = append(list, r.way.set...)
	}
	set, err := k.settings(ctx, list, r.sheet.with)
	if err != nil {
		return err
	}
	return k.changeHeader(ctx, r.file, set, r.sheet.with)
}

// delete removes the rows of a document without a number.
func (k *desk) delete(ctx context.Context, f *file) error {
	d := f.of
	if d.lines != nil {
		if _, err := k.remove(ctx, d.lines.table, []cond{{column: d.lines.parent, value: f.Key}}); err != nil {
			return err
		}
	}
	if d.taxes != nil {
		if _, err := k.remove(ctx, d.taxes.table, []cond{{column: d.taxes.parent, value: f.Key}}); err != nil {
			return err
		}
	}
	found, err := k.remove(ctx, d.head.table, []cond{d.head.key.is(f.Key)})
	if err == nil && !found {
		err = fault.New(fault.Conflict, "%s %s is gone; read it again", f.Kind, f.Number)
	}
	return err
}
