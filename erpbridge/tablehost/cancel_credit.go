package tablehost

import (
	"cmp"
	"context"
	"fmt"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/erpbridge"
)

// credit writes the document that takes another one back, with the lines in reverse. Its token is the
// document itself: there is never a second one.
func (k *desk) credit(ctx context.Context, r *retraction) error {
	c := k.h.papers[r.way.spec.Credit]
	own := *k
	own.Token = "storno " + r.Number
	key, err := own.made(ctx, c, own.Token)
	if err != nil {
		return err
	}
	ref := erpbridge.Ref{Kind: c.kind, Key: key, Number: key}
	if key == "" {
		s := &sheet{Document: reversed(r.Document), of: c, from: r.sheet.from}
		s.Ref, s.Source, s.CancelledBy = erpbridge.Ref{Kind: c.kind}, &r.Ref, nil
		s.Date, s.Due, s.Note, s.State = k.today(), k.today(), r.reason, cmp.Or(c.spec.Initial, erpbridge.Open)
		s.Paid = s.Gross // it is set off against what it takes back
		for i := range s.Lines {
			l := &s.Lines[i]
			l.SourceLine, l.Key, l.Delivered, l.Invoiced = l.Key, "", money.Quantity{}, money.Quantity{}
		}
		with := parties{source: r.file, goods: k.goods, reason: r.reason}
		var what dossier
		if err := k.addressee(ctx, r.Customer, &with, &what); err != nil {
			return err
		}
		if err := own.fill(ctx, s, with); err != nil {
			return err
		}
		var faults fault.List
		if err := own.fits(ctx, s, &faults); err != nil {
			return err
		}
		if err := own.guards(ctx, s, &faults); err != nil {
			return err
		}
		if err := faults.Err("the %s of %s %s cannot be written", c.kind, r.Kind, r.Number); err != nil {
			return err
		}
		if err := own.write(ctx, s); err != nil {
			return err
		}
		ref = s.Ref
	}
	r.sheet.with["credit"] = map[string]any{"kind": string(ref.Kind), "key": ref.Key, "number": ref.Number}
	return nil
}

// tellsCredited reports whether a header can say that the document was credited.
func (d *paper) tellsCredited() bool {
	f := d.head.fields["state"]
	return f != nil && (f.host == nil || f.host[string(erpbridge.Credited)] != "")
}

// creditsOf reads the credit notes of a document; none where its kind is not credited.
func (k *desk) creditsOf(ctx context.Context, f *file) ([]*file, error) {
	c := k.h.papers[f.of.creditKind()]
	if c == nil {
		return nil, nil
	}
	return k.following(ctx, c, f.Kind, []*file{f})
}

// creditedLines adds up by line what credit notes took of a document.
func creditedLines(notes []*file, key string) map[string]money.Quantity {
	by := map[string][]followed{}
	collectFollowed(notes, by)
	sums := map[string]money.Quantity{}
	for _, one := range by[key] {
		sums[one.line] = sums[one.line].Sub(one.quantity) // which are below zero
	}
	return sums
}

// creditedBy reports whether nothing is left of a document.
func (f *file) creditedBy(lines map[string]money.Quantity) bool {
	for _, l := range f.Lines {
		if lines[l.Key].Cmp(l.Quantity) < 0 {
			return false
		}
	}
	return len(f.Lines) > 0
}

// creditable reads what of an invoice can still be credited.
func (k *desk) creditable(ctx context.Context, d *paper, invoice *file, what *dossier) error {
	notes, err := k.creditsOf(ctx, invoice)
	if err != nil {
		return err
	}
	what.credited = creditedLines(notes, invoice.Key)
	way := invoice.of.wayBack(invoice.State)
	posted := invoice.State == erpbridge.Posted || invoice.State == erpbridge.Paid
	if !posted && !over(invoice.State) && (way == nil || way.spec.Credit != d.kind) {
		what.uncreditable = fmt.Sprintf("%s %s is %s; a credit note follows one that is posted", invoice.Kind, invoice.Number, invoice.State)
	}
	return nil
}

// creditPart counts a credit note of some lines: what it takes back may be invoiced again, and a posted
// invoice of which nothing is left is credited, as if it had been cancelled.
func (k *desk) creditPart(ctx context.Context, s *sheet, invoice *file) error {
	trails, err := k.trails(ctx, invoice)
	if err != nil {
		return err
	}
	part := *invoice
	part.Lines, part.sources = nil, nil
	for _, l := range s.Lines {
		for i, from := range invoice.Lines {
			if from.Key != l.SourceLine {
				continue
			}
			if i < len(invoice.sources) {
				part.sources = append(part.sources, invoice.sources[i])
			}
			from.Quantity = money.NewQuantity(l.Quantity.Neg())
			part.Lines = append(part.Lines, from)
		}
	}
	if err := k.follow(ctx, &part, trails, back); err != nil {
		return err
	}
	notes, err := k.creditsOf(ctx, invoice)
	if err != nil || invoice.State != erpbridge.Posted || !invoice.creditedBy(creditedLines(notes, invoice.Key)) {
		return err
	}
	way := invoice.of.wayBack(invoice.State)
	if way == nil || way.spec.Credit != s.Kind {
		return nil
	}
	sheet, err := k.sheetOf(ctx, invoice, trails, s.Note)
	if err != nil {
		return err
	}
	sheet.with["credit"] = map[string]any{"kind": string(s.Kind), "key": s.Key, "number": s.Number}
	set, err := k.settings(ctx, way.set, sheet.with)
	if err != nil {
		return err
	}
	return k.changeHeader(ctx, invoice, set, sheet.with)
}

// creditedBefore looks for credit notes of a document that is to be cancelled: one of which nothing is left is
// cancelled already, though its host cannot say so; one of which a part is left is not cancelled any more.
func (k *desk) creditedBefore(ctx context.Context, f *file) (fault.List, error) {
	notes, err := k.creditsOf(ctx, f)
	if err != nil || len(notes) == 0 {
		return nil, err
	}
	if f.creditedBy(creditedLines(notes, f.Key)) {
		f.State, f.CancelledBy = erpbridge.Credited, &notes[len(notes)-1].Ref
		return nil, nil
	}
	var faults fault.List
	faults.Add("state", "document.credited", "it is credited in part by %s; credit the rest of it", notes[0].Number)
	return faults, nil
}
