package tablehost

import (
	"context"
	"slices"

	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/erpbridge"
)

// over reports that a document counts no more.
func over(state erpbridge.State) bool {
	return state == erpbridge.Cancelled || state == erpbridge.Credited
}

// sum adds up what was delivered and invoiced, where nobody keeps that, from the documents that follow.
func (k *desk) sum(ctx context.Context, d *paper, list []*file) error {
	if d.of != nil {
		return nil
	}
	for _, field := range counted {
		kind := countedBy[field]
		if d.lines.counts(field) != countsSum || !k.reaches(d.kind, kind) {
			continue
		}
		by, err := k.followers(ctx, d, list, kind)
		if err != nil {
			return err
		}
		for _, f := range list {
			f.addUp(field, by[f.Key])
		}
	}
	return nil
}

// followed is what of a line was taken by one that follows it; line is "" where the host does not keep that.
type followed struct {
	line, product string
	quantity      money.Quantity
}

// followers gives by the key of each document what documents of the kind took of its lines, directly or by
// way of its deliveries.
func (k *desk) followers(ctx context.Context, d *paper, list []*file, kind erpbridge.Kind) (map[string][]followed, error) {
	found := map[string][]followed{}
	by := k.h.papers[kind]
	if by.of == d {
		return found, k.changes(ctx, by, list, found)
	}
	if slices.Contains(by.follows, d.kind) {
		next, err := k.following(ctx, by, d.kind, list)
		if err != nil {
			return nil, err
		}
		collectFollowed(next, found)
	}
	notes := k.h.papers[erpbridge.DeliveryNote]
	if kind != erpbridge.Invoice || d.kind == erpbridge.DeliveryNote || notes == nil || notes.of != nil ||
		!slices.Contains(notes.follows, d.kind) || !slices.Contains(by.follows, erpbridge.DeliveryNote) {
		return found, nil
	}
	delivered, err := k.following(ctx, notes, d.kind, list)
	if err != nil {
		return nil, err
	}
	invoices, err := k.following(ctx, by, erpbridge.DeliveryNote, delivered)
	if err != nil {
		return nil, err
	}
	ofNotes := map[string][]followed{}
	collectFollowed(invoices, ofNotes)
	for _, note := range delivered {
		for _, one := range ofNotes[note.Key] {
			i := slices.IndexFunc(note.Lines, func(l erpbridge.DocumentLine) bool {
				return one.line != "" && l.Key == one.line || one.line == "" && l.Product == one.product
			})
			if i >= 0 {
				key, line := note.lineSource(i)
				found[key] = append(found[key], followed{line, note.Lines[i].Product, one.quantity})
			}
		}
	}
	return found, nil
}

// changes counts documents that are changes of the followed rows themselves.
func (k *desk) changes(ctx context.Context, by *paper, list []*file, found map[string][]followed) error {
	for _, f := range list {
		happened, err := k.happened(ctx, by, f.head)
		if err != nil {
			return err
		}
		for _, l := range f.Lines {
			if happened {
				found[f.Key] = append(found[f.Key], followed{l.Key, l.Product, l.Quantity})
			}
		}
	}
	return nil
}

// following reads the documents of a kind that follow those of the list and are not taken back, with their
// lines.
func (k *desk) following(ctx context.Context, by *paper, kind erpbridge.Kind, list []*file) ([]*file, error) {
	if len(list) == 0 || by.source == nil || by.source.key == nil {
		return nil, nil
	}
	var all []*file
	keys := make([]any, len(list))
	for i, f := range list {
		keys[i] = f.Key
	}
	for len(keys) > 0 {
		n := min(len(keys), mostKeys)
		where, err := k.whereFollowing(ctx, by, kind, keys[:n])
		if err != nil {
			return nil, err
		}
		if where != nil {
			next, err := k.files(ctx, by, question{of: by.head, where: where}, reading{bare: true})
			if err != nil {
				return nil, err
			}
			all = append(all, next...)
		}
		keys = keys[n:]
	}
	return slices.DeleteFunc(all, func(f *file) bool { return over(f.State) || f.head.text("cancelled_by") != "" }), nil
}

// whereFollowing finds the headers of what follows the keys; nil where nothing does. Where the source stands
// on the lines, they are asked first.
func (k *desk) whereFollowing(ctx context.Context, by *paper, kind erpbridge.Kind, keys []any) ([]cond, error) {
	where := by.source.follows(kind, keys)
	if !by.source.spec.OnLines {
		return where, nil
	}
	rows, err := k.read(ctx, question{of: by.lines.entity, where: where})
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	parents := map[string]bool{}
	for _, r := range rows {
		parents[textOf(r.raw[by.lines.parentAt])] = true
	}
	in := cond{column: by.head.key.column, op: "in"}
	for _, key := range sorted(parents) {
		in.values = append(in.values, key)
	}
	return []cond{in}, nil
}

// lineSource gives the key of the document that a line follows, and the key of its line there.
func (f *file) lineSource(i int) (key, line string) {
	if i < len(f.sources) {
		return f.sources[i], f.Lines[i].SourceLine
	}
	return sourceKey(f), f.Lines[i].SourceLine
}

// collectFollowed notes what documents took, by the key of what they follow.
func collectFollowed(list []*file, found map[string][]followed) {
	for _, f := range list {
		for i, l := range f.Lines {
			key, line := f.lineSource(i)
			if key != "" && (line != "" || !f.of.keepsLine()) {
				found[key] = append(found[key], followed{line, l.Product, l.Quantity})
			}
		}
	}
}

// keepsLine reports whether the host keeps which line a line follows.
func (d *paper) keepsLine() bool { return d.of != nil || d.source != nil && d.source.line != nil }

// addUp adds quantities to the lines they were taken of. Where the host does not keep the line, they fill
// the lines with their product in turn.
func (f *file) addUp(field string, taken []followed) {
	for _, t := range taken {
		rest := t.quantity
		last := -1
		for i := range f.Lines {
			l := &f.Lines[i]
			if t.line != "" && l.Key != t.line || t.line == "" && l.Product != t.product {
				continue
			}
			last = i
			now := countOf(l, field)
			part := rest
			if room := l.Quantity.Sub(*now); t.line == "" && part.Cmp(room) > 0 {
				part = room
			}
			*now, rest = now.Add(part), rest.Sub(part)
		}
		if last >= 0 && !rest.IsZero() { // more than there was
			now := countOf(&f.Lines[last], field)
			*now = now.Add(rest)
		}
	}
}
