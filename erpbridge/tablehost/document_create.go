package tablehost

import (
	"context"
	"fmt"
	"strings"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/erpbridge/catalog"
)

// Create implements erpbridge.Documents. Locks are taken in the order counter, token, delivery note, order,
// and then in that of the steps, by everybody.
func (p documents) Create(ctx context.Context, s erpbridge.Session, draft erpbridge.Document) (erpbridge.Document, error) {
	k, err := p.desk(ctx, s)
	if err != nil {
		return erpbridge.Document{}, err
	}
	if !k.ours() {
		return erpbridge.Document{}, fault.New(fault.NotFound, "there is no company %q", k.Company)
	}
	d, faults := k.writable(draft.Kind)
	if err := faults.Err("the document cannot be written"); err != nil {
		return erpbridge.Document{}, err
	}
	f, err := k.create(ctx, d, draft)
	if err != nil {
		return erpbridge.Document{}, refused(err)
	}
	return f.Document, nil
}

func (k *desk) create(ctx context.Context, d *paper, draft erpbridge.Document) (*file, error) {
	if draft.Date.IsZero() {
		draft.Date = k.today()
	}
	if err := k.lockSeries(ctx, d, draft); err != nil {
		return nil, err
	}
	key, err := k.made(ctx, d, k.Token)
	if err != nil {
		return nil, err
	}
	if key != "" {
		return k.open(ctx, erpbridge.Ref{Kind: d.kind, Key: key})
	}
	if err := k.lockTrail(ctx, draft.Source); err != nil {
		return nil, err
	}
	s, faults, err := k.judge(ctx, d, draft)
	if err == nil {
		err = faults.Err("the %s cannot be written", draft.Kind)
	}
	if err != nil {
		return nil, err
	}
	if err := k.write(ctx, s); err != nil {
		return nil, err
	}
	if d.kind == erpbridge.CreditNote && len(s.trail) > 0 {
		if err := k.creditPart(ctx, s, s.trail[0].source); err != nil {
			return nil, err
		}
	}
	if f, err := k.unread(ctx, s); f != nil || err != nil {
		return f, err
	}
	return k.open(ctx, s.Ref)
}

// lockSeries locks the counter of a kind before anything else, so that two with one token come one after
// the other. A series that has no row yet is begun by whoever is first, and the other one tries again.
func (k *desk) lockSeries(ctx context.Context, d *paper, draft erpbridge.Document) error {
	if d.number == nil || d.number.counter == nil {
		return nil
	}
	s := &sheet{Document: draft, of: d}
	s.Lines = nil
	if err := k.fill(ctx, s, parties{}); err != nil {
		return err
	}
	n := d.number
	if err := k.series(ctx, n, s.with); err != nil {
		return nil //nolint:nilerr // it depends on what is only known later; the number's own UPDATE locks then
	}
	set, err := k.settings(ctx, n.counter.where, s.with)
	if err != nil {
		return nil //nolint:nilerr // as above
	}
	where := make([]cond, len(set))
	for i, a := range set {
		where[i] = cond{column: a.column, value: a.value}
	}
	return k.lock(ctx, n.counter.table, where)
}

func (d *paper) claim(token string) claim {
	return claim{kind: string(d.kind), token: token, column: d.token, unique: d.unique}
}

// made gives the key of what a token made, "" where it made nothing or that is gone.
func (k *desk) made(ctx context.Context, d *paper, token string) (string, error) {
	if token == "" {
		return "", nil
	}
	if d.token != nil {
		r, found, err := k.one(ctx, question{of: d.head, where: []cond{{column: d.token, value: token}}})
		if err != nil || found {
			return r.key, err
		}
	}
	key, err := k.remembered(ctx, d.claim(token))
	if err != nil || key == "" {
		return "", err
	}
	list, err := k.keyed(ctx, d, []any{key}, reading{headers: true, bare: true})
	if err != nil || len(list) == 0 {
		return "", err
	}
	return key, nil
}

// write writes a document that was judged: it takes its number as late as it can.
func (k *desk) write(ctx context.Context, s *sheet) error {
	d, token := s.of, s.of.claim(k.Token)
	stale, err := k.remembered(ctx, token)
	if err == nil {
		err = k.claim(ctx, token, stale)
	}
	if err != nil {
		return err
	}
	if err := k.perform(ctx, d.before[d.guarding():], s, forward); err != nil {
		return err
	}
	if d.of != nil {
		err = k.writeChange(ctx, s)
	} else {
		err = k.writeRows(ctx, s)
	}
	if err != nil {
		return err
	}
	if err := k.note(ctx, token, s.Key); err != nil {
		return err
	}
	if err := k.perform(ctx, d.after, s, forward); err != nil {
		return err
	}
	return k.follow(ctx, &file{Document: s.Document, of: d}, s.trail, forward)
}

// writeChange writes a document that is a change of the followed one's row.
func (k *desk) writeChange(ctx context.Context, s *sheet) error {
	s.Ref = erpbridge.Ref{Kind: s.Kind, Key: s.Source.Key, Number: s.Source.Number}
	s.renamed()
	own := map[string]any{}
	for name, v := range s.of.hostHeader(s.Document) {
		if _, given := s.of.spec.Fields[name]; given {
			own[name] = v
		}
	}
	var faults fault.List
	set, err := k.assign(ctx, s.of.head, own, s.with, &faults)
	if err == nil {
		err = faults.Err("the %s cannot be written", s.Kind)
	}
	if err != nil {
		return err
	}
	more, err := k.settings(ctx, s.of.set, s.with)
	if err != nil {
		return err
	}
	return k.changeHeader(ctx, &file{Document: s.Document, of: s.of}, unite(more, set), s.with)
}

// renamed tells formulas the key and number that the document got.
func (s *sheet) renamed() { s.doc["key"], s.doc["number"] = s.Key, s.Number }

// writeRows takes the number and writes header, lines and taxes.
func (k *desk) writeRows(ctx context.Context, s *sheet) error {
	d := s.of
	if d.number != nil {
		number, err := k.take(ctx, d.number, s.with)
		if err != nil {
			return err
		}
		s.Number = number
		s.doc["serial"], s.doc["series"] = s.with["n"], s.with["series"]
		s.renamed()
	}
	if err := k.writeHeader(ctx, s); err != nil {
		return err
	}
	s.renamed()
	if err := k.writeLines(ctx, s); err != nil {
		return err
	}
	return k.writeTaxes(ctx, s)
}

func (k *desk) writeHeader(ctx context.Context, s *sheet) error {
	d, e := s.of, s.of.head
	var faults fault.List
	values, err := k.assign(ctx, e, d.hostHeader(s.Document), s.with, &faults)
	if err != nil {
		return err
	}
	if e.key.way == keyNumber {
		values = append(values, assignment{column: e.key.column, value: e.key.column.fit(s.Number), place: "number"})
		k.check(&values[len(values)-1], &faults)
	}
	if err := faults.Err("the %s cannot be written", s.Kind); err != nil {
		return err
	}
	values = unite(values, d.source.columns(s.Source, d.source.onLines()))
	values, err = k.furnished(ctx, newRow{e, values, d.set}, s.with)
	if err != nil {
		return err
	}
	row := freshRow{table: e.table, key: e.key, values: values}
	if err = k.identify(ctx, &row, s.with); err == nil {
		err = k.placeWithToken(ctx, &row, d.token)
	}
	if err != nil {
		return k.taken(err, s)
	}
	s.Key, s.row = row.made, &row
	if d.number == nil && e.fields["number"] == nil || e.key.way == keyNumber {
		s.Number = row.made
	}
	return nil
}

// newRow is a row of an entity with the values of its fields, and what the mapping sets beside them.
type newRow struct {
	of     *entity
	values []assignment
	set    []*setting
}

// furnished adds the further columns of a new row, and those that make it meet the entity's conditions.
func (k *desk) furnished(ctx context.Context, r newRow, with vars) ([]assignment, error) {
	more, err := k.settings(ctx, r.set, with)
	if err != nil {
		return nil, err
	}
	conds, err := k.conds(ctx, r.of.where, with)
	if err != nil {
		return nil, err
	}
	// What the mapping sets beside the fields goes before them.
	return unite(unite(more, r.values), equal(conds)), nil
}

// taken explains a header that the database refused because another one has its number or its token.
func (k *desk) taken(err error, s *sheet) error {
	if !duplicate(err) {
		return err
	}
	text := err.Error()
	if s.of.token != nil && k.Token != "" && (strings.Contains(text, s.of.token.Name) || strings.Contains(text, k.Token)) {
		return fault.Wrap(err, fault.Retryable, "the same %s is being written by somebody else; the next try finds it", s.Kind)
	}
	var faults fault.List
	faults.Add("number", "number.taken", "%s is taken already in %s; the counter is behind, set it to the highest number that was given", s.Number, s.of.head.Table)
	return fault.Wrap(&fault.Error{Code: fault.Invalid, Message: fmt.Sprintf("the %s cannot be written", s.Kind), Faults: faults, Cause: err}, fault.Invalid, "the number is not free")
}

// columns are the columns that name the followed document; lines says whether those of lines are meant.
func (s *sourceColumns) columns(ref *erpbridge.Ref, elsewhere bool) []assignment {
	if s == nil || elsewhere {
		return nil
	}
	var kind, key string
	if ref != nil {
		kind, key = s.hostKind(ref.Kind), ref.Key
	}
	return append(keyed(s.kind, kind), keyed(s.key, key)...)
}

// keyed gives a column a key, or what says that there is none.
func keyed(c *column, key string) []assignment {
	if c == nil {
		return nil
	}
	v := c.fit(key)
	if v == nil && !c.Nullable && !c.HasDefault {
		v = int64(0)
	}
	if v == nil && c.HasDefault && !c.Nullable {
		return nil
	}
	return []assignment{{column: c, value: v, place: c.Name}}
}

func (k *desk) writeLines(ctx context.Context, s *sheet) error {
	l := s.of.lines
	rows := make([][]assignment, len(s.Lines))
	for i := range s.Lines {
		row, err := k.lineRow(ctx, s, i)
		if err != nil {
			return err
		}
		rows[i] = row
	}
	s.rows = rows
	if l.together(k.h.dialect, rows) {
		return k.insertRows(ctx, l.table, rows)
	}
	for i, row := range rows {
		with := s.lined(s.lines[i])
		key, err := k.insert(ctx, l.table, l.key, row, with)
		if err != nil {
			return err
		}
		if key != "" {
			s.Lines[i].Key = key
			s.fields[i]["key"] = key
		}
		if err := k.performLine(ctx, s, i); err != nil {
			return err
		}
	}
	return nil
}

// together reports whether all lines can be written by one statement: they bring their keys, nothing is to
// be done after each, and no trigger looks at them that may be made for one row only, as many are.
func (l *linesPart) together(dialect catalog.Dialect, rows [][]assignment) bool {
	if len(l.after) > 0 || l.key != nil && l.key.way != keyGiven {
		return false
	}
	for _, t := range l.Triggers {
		if t.Insert && !t.Disabled && dialect == catalog.MSSQL {
			return false
		}
	}
	for _, row := range rows {
		if len(row) != len(rows[0]) {
			return false
		}
		for i := range row {
			if row[i].column != rows[0][i].column {
				return false
			}
		}
	}
	return len(rows) > 0
}

// performLine runs the steps of one line.
func (k *desk) performLine(ctx context.Context, s *sheet, i int) error {
	one := *s
	one.with = s.lined(s.lines[i])
	return k.perform(ctx, s.of.lines.after, &one, forward)
}

// lineRow gives the columns of a line.
func (k *desk) lineRow(ctx context.Context, s *sheet, i int) ([]assignment, error) {
	d, l, line := s.of, s.of.lines, s.Lines[i]
	with := s.lined(s.lines[i])
	var faults fault.List
	values, err := k.assign(ctx, l.entity, d.hostLine(line, s.Currency), with, &faults)
	if err != nil {
		return nil, err
	}
	if err := faults.Err("line %d cannot be written", i+1); err != nil {
		return nil, err
	}
	values = append(values, assignment{column: l.parent, value: l.parent.fit(s.Key), place: "key"})
	if l.row != nil {
		values = unite(values, []assignment{{column: l.row, value: l.row.fit(l.number(i)), place: "row"}})
	}
	if src := d.source; src != nil {
		if src.onLines() {
			values = unite(values, src.columns(s.Source, false))
		}
		values = unite(values, keyed(src.line, line.SourceLine))
	}
	return k.furnished(ctx, newRow{l.entity, values, l.set}, with)
}

func (k *desk) writeTaxes(ctx context.Context, s *sheet) error {
	t := s.of.taxes
	if t == nil {
		return nil
	}
	for i, sum := range s.taxes {
		with := s.lined(s.sums[i])
		var faults fault.List
		values, err := k.assign(ctx, t.entity, s.of.hostTax(sum), with, &faults)
		if err != nil {
			return err
		}
		if err := faults.Err("the sum of VAT code %s cannot be written", sum.Code); err != nil {
			return err
		}
		values = append(values, assignment{column: t.parent, value: t.parent.fit(s.Key), place: "key"})
		if values, err = k.furnished(ctx, newRow{t.entity, values, t.set}, with); err != nil {
			return err
		}
		if _, err := k.insert(ctx, t.table, t.key, values, with); err != nil {
			return err
		}
	}
	return nil
}
