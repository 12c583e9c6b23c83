package erpapi

import (
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/shopspring/decimal"
)

// row is a record as JSON has it: texts, json.Number, bool, nil, lists and records.
type row map[string]any

// world is what a server keeps: tables by company and name, and its counters.
type world struct {
	Tables   map[string][]row
	Counters map[string]int64
}

func newWorld() *world { return &world{Tables: map[string][]row{}, Counters: map[string]int64{}} }

// next counts a series on.
func (w *world) next(series string) int64 {
	w.Counters[series]++
	return w.Counters[series]
}

// id makes a GUID that is the same in every run.
func (w *world) id() string {
	n := w.next("guid")
	return fmt.Sprintf("%08x-5717-4562-b3fc-2c963f66%04x", n, n&0xffff)
}

func (w *world) add(table string, r row) row {
	w.Tables[table] = append(w.Tables[table], r)
	return r
}

// find gives the row in which a field has the value, nil for none.
func (w *world) find(table, field, value string) row {
	for _, r := range w.Tables[table] {
		if r.text(field) == value {
			return r
		}
	}
	return nil
}

func (w *world) remove(table, field, value string) {
	w.Tables[table] = slices.DeleteFunc(w.Tables[table], func(r row) bool { return r.text(field) == value })
}

func (r row) text(field string) string {
	switch x := r[field].(type) {
	case string:
		return x
	case json.Number:
		return x.String()
	case bool:
		return fmt.Sprint(x)
	}
	return ""
}

func (r row) number(field string) decimal.Decimal {
	d, err := decimal.NewFromString(r.text(field))
	if err != nil {
		return decimal.Zero
	}
	return d
}

func (r row) list(field string) []row {
	var out []row
	switch x := r[field].(type) {
	case []row:
		return x
	case []any:
		for _, item := range x {
			switch m := item.(type) {
			case map[string]any:
				out = append(out, row(m))
			case row:
				out = append(out, m)
			}
		}
	}
	return out
}

func (r row) copy() row {
	out := make(row, len(r))
	for k, v := range r {
		out[k] = v
	}
	return out
}

func num(d decimal.Decimal) json.Number { return json.Number(d.String()) }

func whole(n int64) json.Number { return json.Number(fmt.Sprint(n)) }

var hundred = decimal.NewFromInt(100)

// order sorts rows by "a desc,b".
func order(rows []row, by string) {
	if by == "" {
		return
	}
	keys := strings.Split(by, ",")
	sort.SliceStable(rows, func(i, j int) bool {
		for _, k := range keys {
			field, direction, _ := strings.Cut(strings.TrimSpace(k), " ")
			n := compare(rows[i][field], rows[j][field])
			if strings.EqualFold(strings.TrimSpace(direction), "desc") {
				n = -n
			}
			if n != 0 {
				return n < 0
			}
		}
		return false
	})
}

// compare orders two values: numbers by size, all else as text.
func compare(a, b any) int {
	x, y := row{"v": a}, row{"v": b}
	if _, ok := a.(json.Number); ok {
		return x.number("v").Cmp(y.number("v"))
	}
	return strings.Compare(x.text("v"), y.text("v"))
}
