package tablehost

import (
	"context"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/erpbridge/catalog"
)

// The statements that make keys and numbers; see sql.go.

// made is the name of the column in which a batch gives a key or a count.
const made = "crm_made"

// insertMade writes one row and gives the key that the database made.
func (w work) insertMade(ctx context.Context, t *table, key *column, row []assignment) (v any, err error) {
	s := w.script(t.path)
	if len(w.complete(t, row)) == 0 {
		s.add("INSERT INTO ", t.name, " DEFAULT VALUES")
	} else {
		s = w.inserting(t, row)
	}
	values := func() {
		if len(w.complete(t, row)) > 0 {
			s.add(" VALUES ")
			w.valuesOf(s, t, row)
		}
	}
	switch {
	case s.dialect == catalog.SQLite:
		values()
		s.add(" RETURNING ", key.name, " AS ", made)
	case key.Identity:
		// Right whatever triggers insert elsewhere, and allowed where they are.
		values()
		s.add("; SELECT CAST(SCOPE_IDENTITY() AS bigint) AS ", made)
	default:
		text := s.String()
		s.Reset()
		s.add("DECLARE @made TABLE (", made, " ", key.Type.String(), "); ", text, " OUTPUT INSERTED.", key.name, " INTO @made")
		values()
		s.add("; SELECT ")
		if key.Type.Family == catalog.GUID { // the driver's bytes are in an order that only the connection string tells
			s.add("CAST(", made, " AS char(36)) AS ")
		}
		s.add(made, " FROM @made")
	}
	err = w.query(ctx, s, shape{1, made}, func(raw []any) (err error) {
		v, err = key.Value(w.h.dialect, raw[0], key.storage)
		return err
	})
	if err == nil && v == nil {
		err = fault.New(fault.Invalid, "%s: the database gave no key for the new row of %s; a trigger that writes in its place hides it, so take the key from a counter or a sequence", t.path, t.Table)
	}
	return v, err
}

// last is the highest value of a column, of the company; nil where there are no rows.
func (w work) last(ctx context.Context, t *table, c *column) (v any, err error) {
	s := w.script(t.path).add("SELECT MAX(", c.name, ") FROM ", t.name)
	if !w.where(s, t, nil, false) {
		return nil, nil
	}
	err = w.query(ctx, s, shape{n: 1}, func(raw []any) (err error) {
		v, err = c.Value(w.h.dialect, raw[0], c.storage)
		return err
	})
	return v, err
}

// countUp counts a counter up by one and gives what it then holds.
func (w work) countUp(ctx context.Context, c *counter, where []cond) (n int64, found bool, err error) {
	s := w.script(c.path).add("UPDATE ", c.name, " SET ", c.last.name, " = ", c.last.name, " + 1")
	if !w.where(s, c.table, where, false) {
		return 0, false, nil
	}
	if w.h.dialect == catalog.SQLite {
		s.add(" RETURNING ", c.last.name, " AS ", made)
	} else {
		s.add("; SELECT ", c.last.name, " AS ", made, " FROM ", c.name)
		w.where(s, c.table, where, false)
	}
	err = w.query(ctx, s, shape{1, made}, func(raw []any) error {
		v, err := c.last.Value(w.h.dialect, raw[0], c.last.storage)
		n, found = numberOf(v).IntPart(), true
		return err
	})
	return n, found, err
}

// next takes the next value of a sequence.
func (w work) next(ctx context.Context, k *key) (n int64, err error) {
	s := w.script(k.path).add("SELECT CAST(NEXT VALUE FOR ", k.sequence, " AS bigint) AS ", made)
	err = w.query(ctx, s, shape{1, made}, func(raw []any) error {
		n, _ = raw[0].(int64)
		return nil
	})
	return n, err
}
