package tablehost

import (
	"context"
	"slices"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/erpbridge"
)

// direction is whether a document takes effect or is taken back.
type direction bool

const (
	forward direction = true
	back    direction = false
)

// countOf is what a line says was delivered or invoiced of it.
func countOf(l *erpbridge.DocumentLine, field string) *money.Quantity {
	if field == "delivered" {
		return &l.Delivered
	}
	return &l.Invoiced
}

// trail is what a document follows: its source, and the order behind a delivery.
type trail struct{ source, order *file }

// trails reads what a stored document follows.
func (k *desk) trails(ctx context.Context, f *file) ([]trail, error) {
	if f.Source == nil {
		return nil, nil
	}
	keys := []string{f.Source.Key}
	for _, key := range f.sources {
		if key != "" && !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	var list []trail
	for _, key := range keys {
		t, err := k.trail(ctx, erpbridge.Ref{Kind: f.Source.Kind, Key: key})
		if err != nil {
			return nil, err
		}
		if t.source != nil {
			list = append(list, t)
		}
	}
	return list, nil
}

// trail reads a followed document and what is behind it; source is nil where there is none.
func (k *desk) trail(ctx context.Context, ref erpbridge.Ref) (t trail, err error) {
	if k.h.papers[ref.Kind] == nil {
		return trail{}, nil
	}
	if t.source, err = k.open(ctx, ref); err != nil {
		if fault.CodeOf(err) == fault.NotFound {
			err = nil
		}
		return trail{}, err
	}
	if ref.Kind == erpbridge.DeliveryNote && t.source.Source != nil {
		t.order, err = k.open(ctx, *t.source.Source)
		if fault.CodeOf(err) == fault.NotFound {
			t.order, err = nil, nil
		}
	}
	return t, err
}

// lockTrail locks a followed document and what is behind it, in that order everywhere.
func (k *desk) lockTrail(ctx context.Context, ref *erpbridge.Ref) error {
	if ref == nil || k.h.papers[ref.Kind] == nil {
		return nil
	}
	d := k.h.papers[ref.Kind]
	behind := ref.Kind == erpbridge.DeliveryNote || ref.Kind == erpbridge.Invoice
	if err := k.lock(ctx, d.head.table, []cond{d.head.key.is(ref.Key)}); err != nil || !behind || d.of != nil {
		return err
	}
	list, err := k.keyed(ctx, d, []any{ref.Key}, reading{bare: true, headers: !d.source.onLines()})
	if err != nil || len(list) == 0 {
		return err
	}
	return k.lockTrail(ctx, list[0].Source)
}

func (s *sourceColumns) onLines() bool { return s != nil && s.spec.OnLines }

// follow counts a document's lines on what it follows, and brings the states of that up to date.
func (k *desk) follow(ctx context.Context, f *file, trails []trail, dir direction) error {
	field := ""
	for name, kind := range countedBy {
		if kind == f.Kind {
			field = name
		}
	}
	for _, t := range trails {
		if field != "" {
			if err := k.countOn(ctx, f, t, tally{field: field, dir: dir}); err != nil {
				return err
			}
		}
		for _, s := range []*file{t.source, t.order} {
			if s == nil || field == "" && s.Kind != erpbridge.Quotation {
				continue
			}
			if err := k.refresh(ctx, s, dir); err != nil {
				return err
			}
		}
	}
	return nil
}

// tally is what is counted: how much of which field, in which direction.
type tally struct {
	field    string
	dir      direction
	quantity money.Quantity
}

// countOn adds a document's quantities to the lines it follows, and to those of the order behind a delivery,
// where the mapping says that we keep them. What was read of them is kept up to date.
func (k *desk) countOn(ctx context.Context, f *file, t trail, c tally) error {
	for i, l := range f.Lines {
		if key, _ := f.lineSource(i); key != t.source.Key {
			continue
		}
		from := t.source.lineFor(l)
		if from == nil {
			continue
		}
		c.quantity = l.Quantity
		if err := k.add(ctx, t.source, from, c); err != nil {
			return err
		}
		if t.order == nil {
			continue
		}
		if behind := t.order.lineFor(erpbridge.DocumentLine{SourceLine: from.SourceLine, Product: from.Product}); behind != nil {
			if err := k.add(ctx, t.order, behind, c); err != nil {
				return err
			}
		}
	}
	return nil
}

// lineFor is the line that another one follows: by its key, or by the product where that is not kept.
func (f *file) lineFor(l erpbridge.DocumentLine) *erpbridge.DocumentLine {
	i := slices.IndexFunc(f.Lines, func(s erpbridge.DocumentLine) bool {
		return l.SourceLine != "" && s.Key == l.SourceLine || l.SourceLine == "" && l.Product != "" && s.Product == l.Product
	})
	if i < 0 {
		return nil
	}
	return &f.Lines[i]
}

// add adds to what a line says was delivered or invoiced of it.
func (k *desk) add(ctx context.Context, of *file, l *erpbridge.DocumentLine, c tally) error {
	q := c.quantity
	if c.dir == back {
		q = money.NewQuantity(q.Neg())
	}
	now := countOf(l, c.field)
	*now = now.Add(q)
	lines := of.of.lines
	if of.of.of != nil || lines.counts(c.field) != countsOurs {
		return nil
	}
	amount := assignment{column: lines.fields[c.field].column, value: q.Decimal, add: true, place: lines.path + ".fields." + c.field}
	found, err := k.update(ctx, lines.table, []assignment{amount}, []cond{{column: lines.parent, value: of.Key}, {column: lines.keyColumn(), value: l.Key}})
	if err == nil && !found {
		err = fault.New(fault.Conflict, "line %s of %s %s is gone; read the document again", l.Key, of.Kind, of.Number)
	}
	return err
}

// refresh brings the state of a followed document up to date, where the host's column can say it. What the
// host closed itself stays as it is.
func (k *desk) refresh(ctx context.Context, f *file, dir direction) error {
	d := f.of
	if d.of != nil || d.lines == nil || !d.holdsState(erpbridge.Open) || !d.holdsState(erpbridge.Completed) && !d.holdsState(erpbridge.Partial) {
		return nil
	}
	switch f.State {
	case "", erpbridge.Open, erpbridge.Partial, erpbridge.Completed:
	default:
		return nil
	}
	if d.lines.counts("delivered") == countsHost || d.lines.counts("invoiced") == countsHost {
		again, err := k.open(ctx, f.Ref)
		if err != nil {
			return err
		}
		*f = *again
	}
	state := k.progress(f)
	if f.Kind == erpbridge.Quotation {
		state = map[direction]erpbridge.State{forward: erpbridge.Completed, back: erpbridge.Open}[dir]
	}
	if !d.holdsState(state) {
		state = erpbridge.Open
	}
	if state == f.State {
		return nil
	}
	f.State = state
	with := k.vars(vars{"document": f.seen()})
	var faults fault.List
	set, err := k.assign(ctx, d.head, map[string]any{"state": string(state)}, with, &faults)
	if err == nil {
		err = faults.Err("the state of %s %s cannot be written", f.Kind, f.Number)
	}
	if err != nil {
		return err
	}
	return k.changeHeader(ctx, f, set, with)
}

// changeHeader updates a document's header, with the columns that the mapping sets at every change.
func (k *desk) changeHeader(ctx context.Context, f *file, set []assignment, with vars) error {
	more, err := k.settings(ctx, f.of.changed, with)
	if err != nil {
		return err
	}
	for _, a := range more {
		if !slices.ContainsFunc(set, func(b assignment) bool { return b.column == a.column }) {
			set = append(set, a)
		}
	}
	if len(set) == 0 {
		return nil
	}
	found, err := k.update(ctx, f.of.head.table, set, []cond{f.of.head.key.is(f.Key)})
	if err == nil && !found {
		err = fault.New(fault.Conflict, "%s %s is gone; read it again", f.Kind, f.Number)
	}
	return err
}
