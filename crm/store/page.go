package store

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/fault"
)

// Page asks for one page of an ordered list. The zero Page is the first one.
type Page struct {
	// After is [Cursor] of the page before, "" for the first page.
	After string
	// Limit is the number of rows, 50 where it is 0, at most 500.
	Limit int
}

// The bounds of a page.
const (
	DefaultLimit = 50
	MaxLimit     = 500
)

// Size is the limit within its bounds.
func (p Page) Size() int {
	switch {
	case p.Limit <= 0:
		return DefaultLimit
	case p.Limit > MaxLimit:
		return MaxLimit
	}
	return p.Limit
}

// Order is how a list is sorted: by one column, then by the key, both in one direction, so that a
// page starts with one seek wherever the list is entered.
type Order struct {
	// Column is qualified by its alias: "lead.arrived_at". It must not be NULL in any row.
	Column string
	// ID is the qualified key column: "lead.id".
	ID   string
	Desc bool
}

// Cursor is where a page ends: the value of the order's column and the key of the last row, as
// opaque text for a link.
func Cursor[Noun any](value any, id Key[Noun]) string {
	var v struct {
		Time  *time.Time `json:"t,omitempty"`
		Text  *string    `json:"s,omitempty"`
		Bytes []byte     `json:"b,omitempty"`
		Int   *int64     `json:"i,omitempty"`
		ID    []byte     `json:"k"`
	}
	v.ID = id[:]
	switch x := value.(type) {
	case time.Time:
		t := UTC(x)
		v.Time = &t
	case string:
		v.Text = &x
	case []byte:
		v.Bytes = x
	case int64:
		v.Int = &x
	case int:
		n := int64(x)
		v.Int = &n
	default:
		panic(fmt.Sprintf("store: lists are not sorted by %T", value))
	}
	b, _ := json.Marshal(v)
	return base64.RawURLEncoding.EncodeToString(b)
}

func parseCursor(text string) (value any, id []byte, err error) {
	bad := fault.New(fault.Invalid, "the page link is damaged; start again at the first page")
	if len(text) > 1024 {
		return nil, nil, bad
	}
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return nil, nil, bad
	}
	var v struct {
		Time  *time.Time `json:"t"`
		Text  *string    `json:"s"`
		Bytes []byte     `json:"b"`
		Int   *int64     `json:"i"`
		ID    []byte     `json:"k"`
	}
	if json.Unmarshal(b, &v) != nil || len(v.ID) != 16 {
		return nil, nil, bad
	}
	switch {
	case v.Time != nil:
		value = *v.Time
	case v.Text != nil:
		value = *v.Text
	case v.Int != nil:
		value = *v.Int
	case v.Bytes != nil:
		value = v.Bytes
	default:
		return nil, nil, bad
	}
	return value, v.ID, nil
}

// Paged orders the query and cuts it to one page. The page is full when Size rows came; the cursor of
// the next one is made from the last row.
func (s *Session) Paged(q *bun.SelectQuery, o Order, p Page) *bun.SelectQuery {
	if p.After != "" {
		value, id, err := parseCursor(p.After)
		if err != nil {
			return q.Err(err)
		}
		q = q.Where(seek(o), value, value, id)
	}
	return q.OrderExpr(o.text()).Limit(int64(p.Size()))
}

// PagedSQL is Paged for hand-written SQL: the text to put after the last condition, with its
// parameters.
func (s *Session) PagedSQL(o Order, p Page) (Predicate, error) {
	var pred Predicate
	if p.After != "" {
		value, id, err := parseCursor(p.After)
		if err != nil {
			return pred, err
		}
		pred.SQL = " AND " + seek(o)
		pred.Args = []any{value, value, id}
	}
	pred.SQL += " ORDER BY " + o.text() + s.Limit(p.Size())
	return pred, nil
}

// seek is written so that both databases start at the bound: the first condition is the range of
// the index, the second cuts off the rows that share its value.
func seek(o Order) string {
	op := ">"
	if o.Desc {
		op = "<"
	}
	return strings.NewReplacer("{c}", o.Column, "{k}", o.ID, "{op}", op).Replace("{c} {op}= ? AND ({c} {op} ? OR {k} {op} ?)")
}

func (o Order) text() string {
	if o.Desc {
		return o.Column + " DESC, " + o.ID + " DESC"
	}
	return o.Column + ", " + o.ID
}
