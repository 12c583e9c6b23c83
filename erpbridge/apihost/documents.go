package apihost

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/erpbridge"
)

// documents is the port of every description with documents; what not every host has is joined to it in
// documentPort.
type documents struct{ *host }

// Kinds lists the documents of the description, in the order of the trade.
func (d documents) Kinds() []erpbridge.Kind {
	var out []erpbridge.Kind
	for _, k := range kinds {
		if d.program.documents[k] != nil {
			out = append(out, k)
		}
	}
	return out
}

func (d documents) plan(kind erpbridge.Kind) (*documentPlan, error) {
	if p := d.program.documents[kind]; p != nil {
		return p, nil
	}
	return nil, fault.New(fault.Invalid, "%s has no documents of the kind %q", d.spec.Name, kind)
}

// drafted gives a document as formulas see it.
func drafted(d document) map[string]any {
	r := documentRecord{document: d, state: string(d.State)}
	if d.Source != nil {
		r.sourceKind, r.sourceKey = string(d.Source.Kind), d.Source.Key
	}
	return values(documentColumns, r)
}

func draftedLines(lines []line) []any {
	out := make([]any, len(lines))
	for i, l := range lines {
		out[i] = values(lineColumns, l)
	}
	return out
}

// raw reads the host's record of a document.
func (d documents) raw(ctx context.Context, s erpbridge.Session, p *documentPlan, key string) (any, error) {
	a, err := d.client.send(ctx, s, p.get, d.scope(s).with("document", drafted(document{Ref: erpbridge.Ref{Key: key}})))
	return a.body, err
}

// read makes a document out of the host's record, sending the requests of More first.
func (d documents) read(ctx context.Context, s erpbridge.Session, kind erpbridge.Kind, raw any) (document, error) {
	r := &run{host: d.host, s: s, vars: d.scope(s).with("answer", raw)}
	if err := r.all(ctx, d.program.documents[kind].more); err != nil {
		return document{}, err
	}
	return d.decode(ctx, kind, r.vars)
}

// decode makes a document out of the answer in vars: the lines first, so that the head can look at them.
func (d documents) decode(ctx context.Context, kind erpbridge.Kind, vars scope) (document, error) {
	p := d.program.documents[kind]
	raw := vars["answer"]
	var lines []line
	for _, item := range p.ours(raw) {
		l, err := read(ctx, p.lineRead, lineColumns, vars.with("answer", item).with("parent", raw))
		if err != nil {
			return document{}, err
		}
		lines = append(lines, l)
	}
	rec, err := read(ctx, p.read, documentColumns, vars.with("lines", draftedLines(lines)))
	if err != nil {
		return document{}, err
	}
	out := rec.document
	out.Kind, out.State, out.Lines = kind, erpbridge.State(rec.state), lines
	if rec.sourceKey != "" && rec.sourceKind != "" {
		out.Source = &erpbridge.Ref{Kind: erpbridge.Kind(rec.sourceKind), Key: rec.sourceKey}
	}
	if rec.cancelledKey != "" && rec.cancelledKind != "" {
		out.CancelledBy = &erpbridge.Ref{Kind: erpbridge.Kind(rec.cancelledKind), Key: rec.cancelledKey}
	}
	if out.Key == "" || !slices.Contains(states, out.State) {
		return out, &failure{means: admin, message: "the host's answer does not fit the description: the document has no key, or a state that is none of ours"}
	}
	return out, nil
}

// ours are the lines of a document that are lines to us.
func (p *documentPlan) ours(document any) []any {
	var out []any
	for _, item := range p.lines.list(document) {
		if fits(item, p.spec.Where) {
			out = append(out, item)
		}
	}
	return out
}

// fits reports whether a line is one of ours: comments and totals among the lines are not.
func fits(item any, where map[string]string) bool {
	m, ok := item.(map[string]any)
	for k, v := range where {
		if !ok || plain(m[k]) != v {
			return false
		}
	}
	return ok
}

// Document reads one.
func (d documents) Document(ctx context.Context, s erpbridge.Session, ref erpbridge.Ref) (erpbridge.Document, error) {
	p, err := d.plan(ref.Kind)
	if err != nil {
		return document{}, err
	}
	raw, err := d.raw(ctx, s, p, ref.Key)
	if err != nil {
		return document{}, say(err, "reading %s %s", ref.Kind, ref.Key)
	}
	out, err := d.read(ctx, s, ref.Kind, raw)
	return out, say(err, "reading %s %s", ref.Kind, ref.Key)
}

// States reads several, one by one.
func (d documents) States(ctx context.Context, s erpbridge.Session, refs []erpbridge.Ref) ([]erpbridge.Document, error) {
	out := make([]document, 0, len(refs))
	for _, ref := range refs {
		if d.program.documents[ref.Kind] == nil {
			continue
		}
		one, err := d.Document(ctx, s, ref)
		if fault.CodeOf(err) == fault.NotFound {
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, nil
}

// made gives the host's whole record of what the token made, nil for none.
func (d documents) made(ctx context.Context, s erpbridge.Session, kind erpbridge.Kind) (any, error) {
	p := d.program.documents[kind]
	item, err := d.find(ctx, s, p.find)
	if item == nil || err != nil {
		return nil, err
	}
	head, err := d.decode(ctx, kind, d.scope(s).with("answer", item))
	if err != nil {
		return nil, err
	}
	return d.raw(ctx, s, p, head.Key)
}

// FindDocument gives the document that was made under the token.
func (d documentLookup) FindDocument(ctx context.Context, s erpbridge.Session, kind erpbridge.Kind, token string) (erpbridge.Document, error) {
	p, err := d.plan(kind)
	if err != nil {
		return document{}, err
	}
	if p.find == nil {
		return document{}, fault.New(fault.Unavailable, "%s cannot be searched for the %s of a token", d.spec.Name, kind)
	}
	s.Token = token
	raw, err := d.made(ctx, s, kind)
	if err == nil && raw == nil {
		return document{}, fault.New(fault.NotFound, "%s has no %s under the token %s", d.spec.Name, kind, token)
	}
	if err != nil {
		return document{}, say(err, "looking for a %s", kind)
	}
	out, err := d.read(ctx, s, kind, raw)
	return out, say(err, "looking for a %s", kind)
}

// Cancel takes a document back by the first way of the description that fits. What is cancelled already is
// given as it is, so that a repeated call does nothing.
func (d documents) Cancel(ctx context.Context, s erpbridge.Session, ref erpbridge.Ref, reason string) (erpbridge.Document, error) {
	p, err := d.plan(ref.Kind)
	if err != nil {
		return document{}, err
	}
	defer d.hold(s, "cancel "+string(ref.Kind)+ref.Key)()
	doing := fmt.Sprintf("cancelling %s %s", ref.Kind, ref.Key)
	raw, err := d.raw(ctx, s, p, ref.Key)
	if means(err) == missing && s.Attempt > 0 && slices.ContainsFunc(p.cancel, func(c cancelPlan) bool { return c.spec.Gone }) {
		return document{Ref: ref, State: erpbridge.Cancelled}, nil // an earlier attempt deleted it
	}
	if err != nil {
		return document{}, say(err, "%s", doing)
	}
	has, err := d.read(ctx, s, ref.Kind, raw)
	if err != nil || has.State == erpbridge.Cancelled || has.State == erpbridge.Credited {
		return has, say(err, "%s", doing)
	}
	vars := d.scope(s).with("document", drafted(has)).with("lines", draftedLines(has.Lines)).with("found", raw).with("reason", reason).with("customer", values(customerColumns, customer{Key: has.Customer}))
	for _, way := range p.cancel {
		if way.when != nil {
			if holds, err := way.when.Run(ctx, vars); err != nil || holds != true {
				continue
			}
		}
		if way.spec.Refuse != "" {
			return document{}, fault.List{{Path: "state", Code: "state", Message: way.spec.Refuse}}.Err("%s", doing)
		}
		return d.cancel(ctx, s, &run{host: d.host, s: s, vars: vars}, way, has)
	}
	return document{}, fault.List{{Path: "state", Code: "state", Message: fmt.Sprintf("%s has no way to take back a %s that is %s", d.spec.Name, ref.Kind, has.State)}}.Err("%s", doing)
}

func (d documents) cancel(ctx context.Context, s erpbridge.Session, r *run, way cancelPlan, has document) (document, error) {
	doing := fmt.Sprintf("cancelling %s %s", has.Kind, has.Number)
	if err := r.all(ctx, way.steps); err != nil {
		if means(err) == missing && way.spec.Gone {
			has.State = erpbridge.Cancelled
			return has, nil
		}
		return document{}, say(r.settled(err), "%s", doing)
	}
	if way.spec.Gone {
		has.State = erpbridge.Cancelled
		return has, nil
	}
	raw, err := d.raw(ctx, s, d.program.documents[has.Kind], has.Key)
	var out document
	if err == nil {
		out, err = d.read(ctx, s, has.Kind, raw)
	}
	return out, say(r.settled(err), "%s", doing)
}

// History joins the lists of the kinds, the newest first.
func (d documentHistory) History(ctx context.Context, s erpbridge.Session, customerKey string, limit int) ([]erpbridge.Document, error) {
	vars := d.scope(s).with("customer", values(customerColumns, customer{Key: customerKey})).with("limit", int64(limit))
	var out []document
	for _, kind := range d.Kinds() {
		p := d.program.documents[kind]
		if p.history == nil {
			continue
		}
		items, err := d.client.list(ctx, s, p.history, vars, limit)
		if err != nil {
			return nil, say(err, "reading the history of customer %s", customerKey)
		}
		for _, item := range items {
			one, err := d.decode(ctx, kind, d.scope(s).with("answer", item))
			if err != nil {
				return nil, say(err, "reading the history of customer %s", customerKey)
			}
			out = append(out, one)
		}
	}
	slices.SortStableFunc(out, func(a, b document) int {
		if n := b.Date.Compare(a.Date); n != 0 {
			return n
		}
		return strings.Compare(b.Number, a.Number)
	})
	return out[:min(max(limit, 0), len(out))], nil
}

// OpenItems joins the lists of the kinds, the oldest due date first.
func (d openItems) OpenItems(ctx context.Context, s erpbridge.Session, customerKey string) ([]erpbridge.OpenItem, error) {
	vars := d.scope(s).with("customer", values(customerColumns, customer{Key: customerKey})).with("limit", int64(1000))
	var out []erpbridge.OpenItem
	for _, kind := range d.Kinds() {
		p := d.program.documents[kind]
		if p.open == nil {
			continue
		}
		items, err := d.client.list(ctx, s, p.open, vars, 0)
		if err != nil {
			return nil, say(err, "reading what customer %s owes", customerKey)
		}
		page, err := many(ctx, p.openRead, openColumns, d.scope(s), items)
		if err != nil {
			return nil, say(err, "reading what customer %s owes", customerKey)
		}
		for _, one := range page {
			one.Document.Kind = kind
			out = append(out, one.OpenItem)
		}
	}
	slices.SortStableFunc(out, func(a, b erpbridge.OpenItem) int { return a.Due.Compare(b.Due) })
	return out, nil
}
