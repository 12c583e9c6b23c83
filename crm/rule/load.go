package rule

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
)

// Chunk is how many records are read at once where Go evaluates.
const Chunk = 200

// Pick gives those of the records, by their keys and in their order, for which the condition is true. It reads
// what the condition needs of them; records that the actor may not see are left out.
func (c *Condition) Pick(ctx context.Context, s *store.Session, at At, keys [][16]byte) ([][16]byte, error) {
	return c.pick(ctx, s, at, keys, func(err error) (bool, error) { return false, err })
}

// PickWithin is Pick that goes on behind a record of which the condition looks at too much ([MaxSteps]): over says whether
// such a record is among those that are given.
func (c *Condition) PickWithin(ctx context.Context, s *store.Session, at At, keys [][16]byte, over bool) ([][16]byte, error) {
	return c.pick(ctx, s, at, keys, func(err error) (bool, error) {
		if errors.Is(err, fault.Limit) {
			return over, nil
		}
		return false, err
	})
}

// pick asks failed what is to be done with a record of which the condition cannot be asked.
func (c *Condition) pick(ctx context.Context, s *store.Session, at At, keys [][16]byte, failed func(error) (bool, error)) ([][16]byte, error) {
	var picked [][16]byte
	for part := range slices.Chunk(keys, Chunk) {
		values, err := c.Load(ctx, s, at, part)
		if err != nil {
			return nil, err
		}
		for _, key := range part {
			v, seen := values[key]
			if !seen {
				continue
			}
			holds, err := c.Holds(at, v)
			if err != nil {
				holds, err = failed(err)
			}
			if err != nil {
				return nil, err
			}
			if holds {
				picked = append(picked, key)
			}
		}
	}
	return picked, nil
}

// Load reads the values that the condition looks at, of at most [Chunk] records.
func (c *Condition) Load(ctx context.Context, s *store.Session, at At, keys [][16]byte) (map[[16]byte]Values, error) {
	out := make(map[[16]byte]Values, len(keys))
	if len(keys) == 0 {
		return out, nil
	}
	subject := c.env.subject
	fields := sorted(c.uses.fields)
	rows, err := c.read(ctx, s, reading{fields: fields, from: subject.From, key: subject.Key, keys: keys})
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		v := Values{}
		for i, f := range fields {
			v[f.path] = r.values[i]
		}
		out[r.key] = v
	}
	for _, name := range slices.Sorted(maps.Keys(c.uses.lists)) {
		if err := c.loadList(ctx, s, at, loading{list: c.env.byList[name], fields: sorted(c.uses.lists[name]), keys: keys, into: out}); err != nil {
			return nil, err
		}
	}
	return out, nil
}

type loading struct {
	list   *list
	fields []*field
	keys   [][16]byte
	into   map[[16]byte]Values
}

func (c *Condition) loadList(ctx context.Context, s *store.Session, at At, l loading) error {
	if l.list.Load != nil {
		found, err := l.list.Load(ctx, s, l.keys)
		if err != nil {
			return err
		}
		for key, rows := range found {
			if v, seen := l.into[key]; seen {
				v[l.list.Name] = rows
			}
		}
		return nil
	}
	own, keys, of := l.list.Key, slices.Clone(l.keys), map[[16]byte][16]byte{}
	if l.list.Own != "" {
		var err error
		if of, err = c.env.subject.Aliases(ctx, s, l.keys); err != nil {
			return err
		}
		own = l.list.Own
		keys = append(keys, slices.SortedFunc(maps.Keys(of), func(a, b [16]byte) int { return bytes.Compare(a[:], b[:]) })...)
	}
	inner := (&writer{scope: ScopeOf(s, at), subject: c.env.subject}).rows(l.list, "1", always.Predicate, false)
	_, where, _ := strings.Cut(inner.SQL, " WHERE ")
	for part := range slices.Chunk(keys, Chunk) {
		rows, err := c.read(ctx, s, reading{fields: l.fields, from: l.list.From, key: own, keys: part, and: store.Predicate{SQL: where, Args: inner.Args}})
		if err != nil {
			return err
		}
		for _, r := range rows {
			if subject, merged := of[r.key]; merged {
				r.key = subject
			}
			if v, seen := l.into[r.key]; seen {
				v.add(l.list.Name, l.fields, r.values)
			}
		}
	}
	return nil
}

func (v Values) add(list string, fields []*field, values []any) {
	row := make(Values, len(fields))
	for i, f := range fields {
		row[f.Name] = values[i]
	}
	rows, _ := v[list].([]Values)
	v[list] = append(rows, row)
}

func sorted(fields map[string]*field) []*field {
	var out []*field
	for _, name := range fieldNames(fields) {
		out = append(out, fields[name])
	}
	return out
}

type reading struct {
	fields    []*field
	from, key string
	keys      [][16]byte
	and       store.Predicate
}

type row struct {
	key    [16]byte
	values []any
}

// read reads fields as they stand in SQL.
func (c *Condition) read(ctx context.Context, s *store.Session, r reading) ([]row, error) {
	var b strings.Builder
	var args []any
	b.WriteString("SELECT " + r.key + " AS k")
	for i, f := range r.fields {
		fmt.Fprintf(&b, ", %s AS v%d", f.Column, i)
		args = append(args, f.Args...)
	}
	b.WriteString(" FROM " + r.from + " WHERE " + r.key + " IN (" + store.In(len(r.keys)) + ")")
	for i := range r.keys {
		args = append(args, r.keys[i][:])
	}
	if r.and.SQL == "" {
		b.WriteString(" AND {scope}")
	} else { // rows of subjects that were read before, and so are seen
		b.WriteString(" AND " + r.and.SQL + " AND EXISTS (SELECT 1 FROM " + c.env.subject.From + " WHERE {scope})")
		args = append(args, r.and.Args...)
	}
	var found []map[string]any
	if err := s.Query(ctx, &found, c.env.subject.Source, b.String(), args...); err != nil {
		return nil, err
	}
	out := make([]row, len(found))
	for i, m := range found {
		key, ok := m["k"].([]byte)
		if !ok || len(key) != len(out[i].key) {
			return nil, fmt.Errorf("rule: %s is no key", r.key)
		}
		copy(out[i].key[:], key)
		out[i].values = make([]any, len(r.fields))
		for n, f := range r.fields {
			v, err := scan(m[fmt.Sprintf("v%d", n)], f)
			if err != nil {
				return nil, err
			}
			out[i].values[n] = v
		}
	}
	return out, nil
}

// scan brings what a driver gives to the Go type of the field's kind.
func scan(v any, f *field) (any, error) {
	if b, ok := v.([]byte); ok {
		v = string(b)
	}
	switch x := v.(type) {
	case nil:
		return nil, nil
	case int64:
		switch f.Kind {
		case Number:
			return decimal.New(x, -f.Places), nil
		case YesNo:
			return x != 0, nil
		}
	case bool:
		if f.Kind == YesNo {
			return x, nil
		}
	case time.Time:
		switch f.Kind {
		case Date:
			return civil.Of(x), nil
		case Moment:
			return x, nil
		}
	case string:
		switch f.Kind {
		case Text:
			return x, nil
		case Date:
			return civil.Parse(x)
		case Moment:
			return time.Parse("2006-01-02 15:04:05.999", x)
		}
	}
	return nil, fmt.Errorf("rule: %s is a %s, and %T came from the database", f.path, f.Kind, v)
}
