package apihost

import (
	"context"
	"fmt"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/erpbridge"
)

// Create makes a document, completes one that an earlier attempt began, or gives the one that the token
// made before. The host is always searched for the token first.
func (d documents) Create(ctx context.Context, s erpbridge.Session, draft erpbridge.Document) (erpbridge.Document, error) {
	p, err := d.plan(draft.Kind)
	if err != nil {
		return document{}, err
	}
	defer d.hold(s, "document "+string(draft.Kind))()
	doing := fmt.Sprintf("making a %s", draft.Kind)
	found, err := d.made(ctx, s, draft.Kind)
	if err != nil {
		return document{}, say(err, "%s", doing)
	}
	way, ok := p.way(draft)
	if !ok {
		return document{}, fault.List{{Path: "source", Code: "source", Message: d.noWay(p, draft)}}.Err("%s", doing)
	}
	if found == nil {
		if err := d.mayResend(s, p.find, way.steps); err != nil {
			return document{}, err
		}
		faults, err := d.CheckDocument(ctx, s, draft)
		if err != nil {
			return document{}, err
		}
		if len(faults) > 0 {
			return document{}, fault.List(faults).Err("the %s cannot be made at %s", draft.Kind, d.spec.Name)
		}
	}
	r := &run{host: d.host, s: s, found: found != nil, vars: d.scope(s).with("document", drafted(draft)).with("lines", draftedLines(draft.Lines)).with("customer", values(customerColumns, customer{Key: draft.Customer}))}
	if found != nil {
		r.vars["found"], r.vars["made"] = found, found
	} else if r.vars["source_lines"], err = d.sourceLines(ctx, s, draft, way); err != nil {
		return document{}, err
	}
	out, err := d.write(ctx, r, draft.Kind, way)
	if out.Source == nil && !p.read.has("source_key") {
		out.Source = draft.Source // the host does not tell
	}
	return out, say(err, "%s", doing)
}

// write sends the steps of a way and reads what they made.
func (d documents) write(ctx context.Context, r *run, kind erpbridge.Kind, way wayPlan) (document, error) {
	p := d.program.documents[kind]
	err := r.all(ctx, way.steps)
	if means(err) == exists && !r.found {
		var found any // a late answer to an earlier attempt was faster: go on from there
		if found, err = d.made(ctx, r.s, kind); err == nil && found != nil {
			r.found, r.vars["found"], r.vars["made"] = true, found, found
			err = r.all(ctx, way.steps)
		}
	}
	switch what := means(err); {
	case err != nil && (r.wrote > 0 || r.found && r.s.Attempt > 0) && (what == refused || what == missing):
		return document{}, d.takeBack(ctx, r, way, err)
	case err != nil:
		return document{}, r.settled(err)
	}
	raw := r.vars["made"]
	if !r.found && raw != nil {
		var head document
		if head, err = d.decode(ctx, kind, d.scope(r.s).with("answer", raw)); err == nil {
			raw, err = d.raw(ctx, r.s, p, head.Key)
		}
	} else if !r.found || r.wrote > 0 {
		raw, err = d.made(ctx, r.s, kind)
	}
	if err == nil && raw == nil {
		err = &failure{means: unknown, message: d.spec.Name + " took the document and does not find it under its token"}
	}
	var out document
	if err == nil {
		out, err = d.read(ctx, r.s, kind, raw)
	}
	return out, r.settled(err)
}

// takeBack undoes a document that was begun before the host refused the rest. Only when that worked is
// the refusal final; otherwise the outcome is unknown, and the next attempt finds the begun document.
func (d documents) takeBack(ctx context.Context, r *run, way wayPlan, why error) error {
	if len(way.undo) == 0 {
		return r.settled(why)
	}
	again := &run{host: d.host, s: r.s, vars: r.vars}
	if err := again.all(ctx, way.undo); err != nil && means(err) != missing {
		return r.settled(why)
	}
	final := *why.(*failure) //nolint:errorlint,forcetypeassert // the caller asked for its meaning
	final.means = refused
	return &final
}

// way finds how a draft is made.
func (p *documentPlan) way(draft document) (wayPlan, bool) {
	var from erpbridge.Kind
	if draft.Source != nil {
		from = draft.Source.Kind
	}
	i := slices.IndexFunc(p.ways, func(w wayPlan) bool { return w.from == from })
	if i < 0 {
		return wayPlan{}, false
	}
	return p.ways[i], true
}

func (d documents) noWay(p *documentPlan, draft document) string {
	if len(p.ways) == 0 {
		return fmt.Sprintf("%s makes no %s by its API; it can only be read", d.spec.Name, draft.Kind)
	}
	if draft.Source == nil {
		return fmt.Sprintf("%s makes a %s only from another document", d.spec.Name, draft.Kind)
	}
	return fmt.Sprintf("%s makes no %s from a %s", d.spec.Name, draft.Kind, draft.Source.Kind)
}

// CheckDocument gives everything that is wrong with a draft as far as reading tells: the host itself names
// one thing at a time. Nothing is written.
func (d documents) CheckDocument(ctx context.Context, s erpbridge.Session, draft erpbridge.Document) ([]fault.Fault, error) {
	p, err := d.plan(draft.Kind)
	if err != nil {
		return nil, err
	}
	rec := documentRecord{document: draft}
	faults := fault.List(fieldFaults(documentColumns, p.spec.Fields.Required, p.spec.Fields.Lengths, &rec))
	if err := d.checkCustomer(ctx, s, draft, &faults); err != nil {
		return nil, say(err, "checking a %s", draft.Kind)
	}
	if len(draft.Lines) == 0 {
		faults.Add("lines", "required", "are missing; a %s has at least one line", draft.Kind)
	}
	codes, err := d.vat(ctx, s)
	if err != nil {
		return nil, say(err, "checking a %s", draft.Kind)
	}
	products := map[string]string{} // what is wrong with a product, "" for nothing
	for i, l := range draft.Lines {
		at := fmt.Sprintf("lines[%d]", i)
		faults.Merge(at, fieldFaults(lineColumns, p.spec.Fields.LineRequired, p.spec.Fields.LineLengths, &l))
		if !l.Quantity.IsPositive() {
			faults.Add(at+".quantity", "positive", "is %s; it has to be more than 0", l.Quantity)
		}
		if l.Discount.IsNegative() || l.Discount.GreaterThan(decimal.NewFromInt(100)) {
			faults.Add(at+".discount", "range", "is %s %%; it has to be from 0 to 100", l.Discount)
		}
		if _, ok := codes[l.VATCode]; codes != nil && l.VATCode != "" && !ok {
			faults.Add(at+".vat_code", "unknown", "%s has no VAT code %q", d.spec.Name, l.VATCode)
		}
		wrong, known := products[l.Product]
		if !known {
			if wrong, err = d.wrongProduct(ctx, s, l.Product); err != nil {
				return nil, err
			}
			products[l.Product] = wrong
		}
		if wrong != "" {
			faults.Add(at+".product", "unknown", "%s", wrong)
		}
	}
	if err := d.checkSource(ctx, s, draft, &faults); err != nil {
		return nil, err
	}
	return faults, nil
}

func (d documents) checkCustomer(ctx context.Context, s erpbridge.Session, draft document, faults *fault.List) error {
	if draft.Customer == "" {
		faults.Required("customer", "")
		return nil
	}
	port := customers(d)
	raw, err := port.raw(ctx, s, draft.Customer)
	if means(err) == missing {
		faults.Add("customer", "unknown", "%s has no customer %s", d.spec.Name, draft.Customer)
		return nil
	}
	if err != nil {
		return err
	}
	has, err := port.read(ctx, s, raw)
	if err == nil && has.Blocked {
		faults.Add("customer", "blocked", "customer %s is blocked at %s; release it there, or take another", orText(has.Code, has.Key), d.spec.Name)
	}
	return err
}

func (d documents) wrongProduct(ctx context.Context, s erpbridge.Session, key string) (string, error) {
	if key == "" || d.products == nil {
		return "", nil
	}
	p, err := catalogue(d).Product(ctx, s, key)
	switch {
	case fault.CodeOf(err) == fault.NotFound:
		return fmt.Sprintf("%s has no product %s", d.spec.Name, key), nil
	case err != nil:
		return "", err
	case p.Discontinued:
		return fmt.Sprintf("product %s is no longer sold at %s", p.Code, d.spec.Name), nil
	}
	return "", nil
}

// checkSource compares the draft with the document it follows: nothing can be delivered or invoiced twice.
func (d documents) checkSource(ctx context.Context, s erpbridge.Session, draft document, faults *fault.List) error {
	if draft.Source == nil {
		return nil
	}
	source, err := d.Document(ctx, s, *draft.Source)
	if code := fault.CodeOf(err); code == fault.NotFound || code == fault.Invalid {
		faults.Add("source", "unknown", "%s has no %s %s", d.spec.Name, draft.Source.Kind, draft.Source.Key)
		return nil
	}
	if err != nil {
		return err
	}
	if source.State == erpbridge.Cancelled || source.State == erpbridge.Credited {
		faults.Add("source", "state", "%s %s is %s; nothing can follow it", source.Kind, source.Number, source.State)
		return nil
	}
	taken := map[string]money.Quantity{}
	for i, l := range draft.Lines {
		j := slices.IndexFunc(source.Lines, func(x line) bool { return x.Key == l.SourceLine })
		if j < 0 {
			faults.Add(fmt.Sprintf("lines[%d].source_line", i), "unknown", "%s %s has no line %q", source.Kind, source.Number, l.SourceLine)
			continue
		}
		left := source.Lines[j].Quantity.Sub(taken[l.SourceLine])
		if draft.Kind == erpbridge.DeliveryNote {
			left = left.Sub(source.Lines[j].Delivered)
		} else {
			left = left.Sub(source.Lines[j].Invoiced)
		}
		taken[l.SourceLine] = taken[l.SourceLine].Add(l.Quantity)
		if l.Quantity.GreaterThan(left.Decimal) {
			faults.Add(fmt.Sprintf("lines[%d].quantity", i), "remaining", "is %s, but only %s of that line remain", l.Quantity, left)
		}
	}
	return nil
}

// sourceLines gives the lines of the document that the draft follows, with the quantities that it takes.
func (d documents) sourceLines(ctx context.Context, s erpbridge.Session, draft document, way wayPlan) ([]any, error) {
	if draft.Source == nil || !slices.ContainsFunc(way.steps, func(q *call) bool { return q.spec.Each == "source_line" }) {
		return nil, nil
	}
	source, err := d.Document(ctx, s, *draft.Source)
	if err != nil {
		return nil, err
	}
	for i := range source.Lines {
		source.Lines[i].Quantity = money.Quantity{}
		for _, l := range draft.Lines {
			if l.SourceLine == source.Lines[i].Key {
				source.Lines[i].Quantity = source.Lines[i].Quantity.Add(l.Quantity)
			}
		}
	}
	return draftedLines(source.Lines), nil
}
