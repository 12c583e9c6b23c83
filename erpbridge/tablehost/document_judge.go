package tablehost

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/erpbridge"
)

// CheckDocument implements erpbridge.DocumentCheck.
func (p documents) CheckDocument(ctx context.Context, s erpbridge.Session, draft erpbridge.Document) ([]fault.Fault, error) {
	k, err := p.desk(ctx, s)
	if err != nil {
		return nil, err
	}
	d, faults := k.writable(draft.Kind)
	if len(faults) > 0 {
		return faults, nil
	}
	_, faults, err = k.judge(ctx, d, draft)
	return faults, refused(err)
}

// writable gives the documents of a kind that drafts may be written of, or why not.
func (k *desk) writable(kind erpbridge.Kind) (*paper, fault.List) {
	var faults fault.List
	d := k.h.papers[kind]
	switch {
	case d == nil:
		faults.Add("kind", "document.kind", "%s has no documents of the kind %q; it has %s", k.h.mapping.Name, kind, kindList(documents{k.h}.Kinds()))
	case d.lines == nil:
		faults.Add("kind", "document.kind", "documents of the kind %q are only read; the mapping does not say where their lines stand", kind)
	case d.spec.ReadOnly:
		faults.Add("kind", "document.kind", "documents of the kind %q are made by %s itself; make it there", kind, k.h.mapping.Name)
	case d.credits && (d.source == nil || d.source.line == nil):
		faults.Add("kind", "document.kind", "documents of the kind %q are not written of parts here; cancel the document that is to be taken back", kind)
	}
	return d, faults
}

// judge reads what a draft is judged by, says everything that is wrong with it, and completes it.
func (k *desk) judge(ctx context.Context, d *paper, draft erpbridge.Document) (*sheet, fault.List, error) {
	if draft.Date.IsZero() {
		draft.Date = k.today()
	}
	s := &sheet{of: d}
	var with parties
	what, err := k.dossier(ctx, s, draft, &with)
	if err != nil {
		return nil, nil, err
	}
	r := d.rules
	if d.head.fields["currency"] == nil {
		r.currency = k.memo.locale.Currency
	}
	e, err := examine(r, what, draft)
	if err != nil {
		return nil, nil, err
	}
	faults := e.faults
	s.Document = e.draft
	s.Document.State = cmp.Or(d.spec.Initial, erpbridge.Open)
	once := merged(e.draft.Lines, d.duplicates)
	s.Lines, s.from = once.lines, once.from
	faults = append(faults, once.faults...)
	counting{s.Currency, d.perLine}.count(&s.Document)
	if d.kind == erpbridge.CreditNote {
		s.Document = reversed(s.Document)
	}
	if err := k.fill(ctx, s, with); err != nil {
		return nil, nil, err
	}
	if err := k.fits(ctx, s, &faults); err != nil {
		return nil, nil, err
	}
	if len(faults) == 0 {
		err = k.guards(ctx, s, &faults)
	}
	return s, faults, err
}

// caseOf is what was read for a draft: the rows, and what is judged of them.
type caseOf struct {
	with *parties
	what *dossier
}

// dossier reads what a draft is judged by.
func (k *desk) dossier(ctx context.Context, s *sheet, draft erpbridge.Document, with *parties) (dossier, error) {
	d, what := s.of, dossier{vat: map[string]vatRate{}, products: map[string]erpbridge.Product{}}
	if draft.Source != nil && slices.Contains(d.follows, draft.Source.Kind) {
		t, err := k.trail(ctx, *draft.Source)
		if err != nil {
			return what, err
		}
		if with.source = t.source; t.source != nil {
			s.trail, what.source = []trail{t}, &t.source.Document
		}
		if t.order != nil {
			what.order = &t.order.Document
		}
		if d.kind == erpbridge.CreditNote && t.source != nil {
			if err := k.creditable(ctx, d, t.source, &what); err != nil {
				return what, err
			}
		}
		if draft.Customer == "" && t.source != nil {
			draft.Customer = t.source.Customer
		}
	}
	rates, err := k.vatRates(ctx)
	if err != nil {
		return what, err
	}
	for code, list := range rates {
		what.vat[code], _ = rateOn(list, draft.Date)
	}
	if err := k.addressee(ctx, draft.Customer, with, &what); err != nil {
		return what, err
	}
	what.due = func(doc erpbridge.Document) (civil.Date, error) { return k.dueDate(ctx, d, doc, with.customer) }
	return what, k.goodsOf(ctx, d, draft, caseOf{with, &what})
}

// addressee reads the customer, and what he lacks for an invoice.
func (k *desk) addressee(ctx context.Context, key string, with *parties, what *dossier) error {
	if key == "" || k.h.customers == nil {
		return nil
	}
	r, err := k.customerRow(ctx, key)
	if fault.CodeOf(err) == fault.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	c := customerOf(r)
	with.customer, what.customer, what.missing = r, &c, k.missingForInvoice(c)
	return nil
}

// goodsOf reads the products of the draft, of what it follows, and the one that stands for free text.
func (k *desk) goodsOf(ctx context.Context, d *paper, draft erpbridge.Document, in caseOf) error {
	with, what := in.with, in.what
	keys := map[string]bool{}
	for _, l := range draft.Lines {
		keys[l.Product] = true
	}
	if what.source != nil {
		for _, l := range what.source.Lines {
			keys[l.Product] = true
		}
	}
	if d.lines.text != nil {
		v, err := k.run(ctx, d.lines.path+".text_product", d.lines.text, k.vars(vars{"document": headFields(draft)}))
		if err != nil {
			return err
		}
		what.textProduct = textOf(v)
		keys[what.textProduct] = true
	}
	var err error
	if with.goods, err = k.wares(ctx, keys); err != nil {
		return err
	}
	for key := range keys {
		if r, known := with.goods[key]; known {
			what.products[key] = wareOf(r)
		}
	}
	return nil
}

// wareOf is a product as far as drafts are judged by it.
func wareOf(r record) erpbridge.Product {
	return erpbridge.Product{
		Key: r.key, Code: cmp.Or(r.text("code"), r.key), Name: r.text("name"), Unit: r.text("unit"), VATCode: r.text("vat_code"),
		VATRate: money.NewPercent(r.number("vat_rate")), Discontinued: r.flag("discontinued"),
	}
}

// dueDate is the day of payment or delivery where the draft has none.
func (k *desk) dueDate(ctx context.Context, d *paper, doc erpbridge.Document, customer record) (civil.Date, error) {
	if d.due == nil {
		return doc.Date, nil
	}
	with := vars{"date": doc.Date, "customer": nil}
	if customer.of != nil {
		with["customer"] = customer.fields()
	}
	v, err := k.run(ctx, d.path+".due_days", d.due, k.vars(with))
	if err != nil {
		return civil.Date{}, err
	}
	days := numberOf(v)
	if days.Abs().GreaterThan(maxDays) {
		return civil.Date{}, fault.New(fault.Invalid, "%s.due_days gives %s days; correct the formula, or the customer's terms", d.path, days)
	}
	return doc.Date.AddDays(int(days.IntPart())), nil
}

// maxDays bounds terms of payment: more is a mistake.
var maxDays = decimal.NewFromInt(3660)

// fits notes what the host's columns cannot hold, beside what is wrong already.
func (k *desk) fits(ctx context.Context, s *sheet, faults *fault.List) error {
	known := slices.Clone(*faults)
	note := func(more fault.List, prefix string) {
		for _, f := range more {
			formula := strings.HasPrefix(f.Code, "formula") && len(known) > 0 // it lacks what is named already
			if prefix != "" {
				f.Path = prefix + "." + f.Path
			}
			if !formula && !slices.ContainsFunc(known, func(k fault.Fault) bool { return k.Path == f.Path }) {
				*faults = append(*faults, f)
			}
		}
	}
	if s.of.of != nil { // the row is there, and its fields are its own
		return nil
	}
	var head fault.List
	if _, err := k.assign(ctx, s.of.head, s.of.hostHeader(s.Document), s.with, &head); err != nil {
		return err
	}
	note(head, "")
	for i, l := range s.Lines {
		var line fault.List
		if _, err := k.assign(ctx, s.of.lines.entity, s.of.hostLine(l, s.Currency), s.lined(s.lines[i]), &line); err != nil {
			return err
		}
		note(line, fmt.Sprintf("lines[%d]", s.from[i]))
	}
	return k.lookups(ctx, s, faults)
}

// lookups notes what the host lacks for the further columns of header and lines. What depends on the number
// is not known yet and is found when it is written.
func (k *desk) lookups(ctx context.Context, s *sheet, faults *fault.List) error {
	if len(*faults) > 0 {
		return nil
	}
	try := func(list []*setting, with vars, place string) error {
		for _, one := range list {
			if one.lookup == nil {
				continue
			}
			_, err := k.evaluate(ctx, one.path, one.value, with)
			if err != nil && !collect(faults, place, err) {
				return err
			}
		}
		return nil
	}
	if err := try(s.of.set, s.with, "document"); err != nil {
		return err
	}
	for i := range s.Lines {
		if err := try(s.of.lines.set, s.lined(s.lines[i]), fmt.Sprintf("lines[%d]", s.from[i])); err != nil {
			return err
		}
	}
	return nil
}

// guards are the steps that only read and stand before the first that writes: they are asked with the draft.
func (k *desk) guards(ctx context.Context, s *sheet, faults *fault.List) error {
	for _, st := range s.of.before[:s.of.guarding()] {
		if err := k.perform(ctx, []*step{st}, s, forward); err != nil && !collect(faults, st.path, err) {
			return err
		}
	}
	return nil
}

// guarding is how many of the steps before are guards that stand in front of all others.
func (d *paper) guarding() int {
	i := slices.IndexFunc(d.before, func(s *step) bool { return s.verb != guardVerb && s.verb != refuseVerb })
	if i < 0 {
		return len(d.before)
	}
	return i
}
