package tablehost

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/erpbridge/catalog"
)

// mostTries is how many codes a template may make before one is free.
const mostTries = 200

// freshRow is a row that is to be written.
type freshRow struct {
	*table
	key    *key
	values []assignment
	// made is its key, "" before the database makes it.
	made string
}

// insert writes a row and gives its key; with are the variables of the key's formulas. The key stands in
// values already where it is given or is the document's number.
func (w work) insert(ctx context.Context, t *table, k *key, values []assignment, with vars) (string, error) {
	row := freshRow{table: t, key: k, values: values}
	if err := w.identify(ctx, &row, with); err != nil {
		return "", err
	}
	err := w.place(ctx, &row)
	return row.made, err
}

// identify makes the key of a row, unless the database makes it with the row.
func (w work) identify(ctx context.Context, row *freshRow, with vars) error {
	k := row.key
	switch {
	case k == nil || k.way == keyIdentity:
		return nil
	case k.way == keyGiven || k.way == keyNumber:
		i := slices.IndexFunc(row.values, func(a assignment) bool { return a.column == k.column })
		if i < 0 {
			return fault.New(fault.Invalid, "%s: nothing says how a new row of %s gets its key; name one of identity, sequence, counter, template, guid, number and highest", k.path, row.Table)
		}
		row.made = textOf(row.values[i].value)
		return nil
	}
	v, err := w.newKey(ctx, row.table, k, with)
	if err != nil {
		return err
	}
	row.made = textOf(v)
	row.values = append([]assignment{{column: k.column, value: k.column.fit(v), place: k.path}}, row.values...)
	return nil
}

// place writes a row that has its key, or gets it so.
func (w work) place(ctx context.Context, row *freshRow) error {
	k := row.key
	if k != nil && k.way == keyIdentity {
		v, err := w.insertMade(ctx, row.table, k.column, row.values)
		row.made = textOf(v)
		return err
	}
	err := w.insertRows(ctx, row.table, [][]assignment{row.values})
	if k != nil && (k.way == keyTemplate || k.way == keyHighest) && duplicate(err) {
		err = fault.Wrap(err, fault.Retryable, "the key %s was taken by somebody else at the same moment", row.made)
	}
	return err
}

// newKey makes a key before the insert.
func (w work) newKey(ctx context.Context, t *table, k *key, with vars) (any, error) {
	switch k.way {
	case keySequence:
		if w.h.dialect == catalog.SQLite { // it has none
			return w.highest(ctx, t, k, with)
		}
		return w.next(ctx, k)
	case keyCounter:
		// What is no document is counted for ever, in the year 0.
		for name, v := range (vars{"year": int64(0), "date": w.today(), "kind": ""}) {
			if _, given := with[name]; !given {
				with[name] = v
			}
		}
		return w.take(ctx, k.counter, with)
	case keyTemplate:
		return w.code(ctx, t, k, with)
	case keyGUID:
		if w.h.dialect == catalog.MSSQL && k.column.Type.Family == catalog.GUID {
			return strings.ToUpper(uuid.NewString()), nil // as it is read again
		}
		return uuid.NewString(), nil
	case keyHighest:
		return w.highest(ctx, t, k, with)
	}
	return nil, fmt.Errorf("tablehost: %s: no key is made this way", k.path)
}

// code makes keys by the template until one is free.
func (w work) code(ctx context.Context, t *table, k *key, with vars) (string, error) {
	last := ""
	for try := range mostTries {
		with["try"] = try
		v, err := w.run(ctx, k.path+".template", k.template, with)
		if err != nil {
			return "", err
		}
		code := textOf(v)
		var faults fault.List
		switch code {
		case "":
			faults.Add(k.path+".template", "key.template", "the template gives no code; give it something to fall back on: left(letters(ascii(customer.name)) + 'XXXXX', 5)")
		case last:
			faults.Add(k.path+".template", "key.template", "the code %q is taken, and the template gives no other; let it depend on try, which counts 0, 1, 2", code)
		default:
			w.check(&assignment{column: k.column, value: k.column.fit(code), place: k.path + ".template"}, &faults)
		}
		if err := faults.Err("no key can be made"); err != nil {
			return "", err
		}
		n, err := w.count(ctx, t, []cond{k.is(code)})
		if err != nil || n == 0 {
			return code, err
		}
		last = code
	}
	return "", fault.New(fault.Invalid, "%s.template: %d codes are all taken, the last was %q; give the template more letters or digits", k.path, mostTries, last)
}

// highest takes the highest key plus one. Whoever does so waits for the one before him.
func (w work) highest(ctx context.Context, t *table, k *key, with vars) (any, error) {
	if err := w.queue(ctx, t, "highest "+w.Company); err != nil {
		return nil, err
	}
	last, err := w.last(ctx, t, k.column)
	if err != nil {
		return nil, err
	}
	text := textOf(last)
	head := strings.TrimRight(text, "0123456789")
	n := int64(0)
	if digits := text[len(head):]; digits != "" {
		if n, err = strconv.ParseInt(digits, 10, 64); err != nil {
			return nil, fault.New(fault.Invalid, "%s: the highest key %q of %s does not end in a number that can be counted on", k.path, text, t.Table)
		}
	}
	n++
	if k.counter != nil && k.counter.format != nil {
		with["n"] = n
		return w.run(ctx, k.counter.path+".format", k.counter.format, with)
	}
	if k.column.Type.Family == catalog.Text {
		return fmt.Sprintf("%s%0*d", head, len(text)-len(head), n), nil
	}
	return n, nil
}

// take gives the next number of a series as text. The counter's row is locked by it until the transaction
// ends; a rollback gives the number back.
func (w work) take(ctx context.Context, n *numbering, with vars) (string, error) {
	if err := w.series(ctx, n, with); err != nil {
		return "", err
	}
	c := n.counter
	set, err := w.settings(ctx, c.where, with)
	if err != nil {
		return "", err
	}
	where := make([]cond, len(set))
	for i, a := range set {
		where[i] = cond{column: a.column, value: a.value}
	}
	given, found, err := w.countUp(ctx, c, where)
	if err == nil && !found {
		if err = w.begin(ctx, c, set, with); err == nil {
			given, found, err = w.countUp(ctx, c, where)
		}
	}
	if err != nil {
		return "", err
	}
	if !found {
		return "", fault.New(fault.Invalid, "%s: the row of %s that was just written is not found again", c.path, c.Table)
	}
	if c.next {
		given--
	}
	if n.format == nil {
		return strconv.FormatInt(given, 10), nil
	}
	with["n"] = given
	v, err := w.run(ctx, n.path+".format", n.format, with)
	return textOf(v), err
}

// series puts the numbering's series among the variables.
func (w work) series(ctx context.Context, n *numbering, with vars) error {
	if n.series == nil {
		return nil
	}
	v, err := w.run(ctx, n.path+".series", n.series, with)
	with["series"] = v
	return err
}

// begin writes the row of a series that has none yet.
func (w work) begin(ctx context.Context, c *counter, row []assignment, with vars) error {
	if !c.create {
		texts := make([]string, len(row))
		for i, a := range row {
			texts[i] = fmt.Sprintf("%s = %s", a.column.Name, textOf(a.value))
		}
		var faults fault.List
		faults.Add(c.path, "counter.missing", "%s has no row with %s; open the series at the host first, or let the counter create it (create: true)", c.Table, strings.Join(texts, ", "))
		return faults.Err("no number can be taken")
	}
	set, err := w.settings(ctx, c.set, with)
	if err != nil {
		return err
	}
	start := int64(0)
	if c.next {
		start = 1
	}
	row = append(append(append([]assignment{}, row...), set...), assignment{column: c.last, value: c.last.fit(start), place: c.path})
	err = w.insertRows(ctx, c.table, [][]assignment{row})
	if duplicate(err) {
		err = fault.Wrap(err, fault.Retryable, "the series was begun by somebody else at the same moment")
	}
	return err
}
