package tablehost

import (
	"context"
	"slices"
	"strconv"

	"github.com/crmplus/crmplus/erpbridge/catalog"
)

// The one statement that reads several kinds of documents; see sql.go.

// branch is what one kind contributes to a union.
type branch struct {
	of *paper
	question
	// slots are the places of its selected columns in the row of the union.
	slots []int
}

// union reads the headers of several kinds with one statement. In its row columns of one type stand in one
// place, those of other types beside them, so that every value keeps the type of its column.
func (k *desk) union(ctx context.Context, branches []branch) ([]*file, error) {
	var slots []*column
	for i := range branches {
		slots = branches[i].settle(slots)
	}
	s := k.script("documents")
	for i, b := range branches {
		if err := k.branch(ctx, s, b, unionRow{i, slots}); err != nil {
			return nil, err
		}
	}
	if s.Len() == 0 {
		return nil, nil
	}
	var list []*file
	err := k.query(ctx, s, shape{n: len(slots) + 1}, func(raw []any) error {
		n, _ := raw[0].(int64)
		b := branches[n]
		own := make([]any, len(b.slots))
		for i, slot := range b.slots {
			own[i] = raw[slot+1]
		}
		if err := k.values(b.question.of.selected, own); err != nil {
			return about(b.of.path, err)
		}
		list = append(list, &file{of: b.of, head: record{of: b.question.of, raw: own}})
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, f := range list {
		if err := k.interpret(ctx, &f.head); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// settle finds a place for each column of the branch, and adds those that are lacking.
func (b *branch) settle(slots []*column) []*column {
	for _, c := range b.question.of.selected {
		at := -1
		for i, s := range slots {
			if s.Type == c.Type && s.Collation == c.Collation && !slices.Contains(b.slots, i) {
				at = i
				break
			}
		}
		if at < 0 {
			at = len(slots)
			slots = append(slots, c)
		}
		b.slots = append(b.slots, at)
	}
	return slots
}

// unionRow is the row of a union, as one branch fills it.
type unionRow struct {
	branch int
	slots  []*column
}

// branch adds the SELECT of one kind to a union; a kind in which no row can answer adds nothing.
func (w work) branch(ctx context.Context, union *script, b branch, row unionRow) error {
	s := w.script(union.path).add("SELECT * FROM (SELECT ")
	if s.dialect == catalog.MSSQL {
		s.add("TOP (", strconv.Itoa(b.limit), ") ")
	}
	s.add(strconv.Itoa(row.branch), " AS b")
	for i, c := range row.slots {
		s.add(", ")
		switch own := slices.Index(b.slots, i); {
		case own >= 0:
			mine := b.question.of.selected[own]
			s.add(mine.Select(mine.alias))
		case s.dialect == catalog.MSSQL:
			s.add("CAST(NULL AS ", c.Type.String(), ")")
		default:
			s.add("NULL")
		}
		s.add(" AS c", strconv.Itoa(i))
	}
	ok, err := w.fromWhere(ctx, s, b.question)
	if err != nil || !ok {
		return err
	}
	s.ends(b.question).add(") AS u", strconv.Itoa(row.branch))
	union.add(between(union.Len(), "", " UNION ALL "))
	union.take(s)
	return nil
}
