package api

import (
	"net/url"
	"strings"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
)

// ByID names a record in the path.
type ByID struct {
	ID ID `path:"id" doc:"The record's id."`
}

// Match names the version that was read.
type Match struct {
	IfMatch string `header:"If-Match" doc:"The ETag that was read, such as \"3\", or * for whatever is there. Without it the change is refused with 428, with an older one with 412." maxLength:"40" example:"\"3\""`
	version int64
}

func (m *Match) match() (string, *int64) { return m.IfMatch, &m.version }

// holds fails where the version that was read is not the current one, 0 for what is built in.
func (m *Match) holds(current int64) error {
	if m.version == 0 || m.version == current || m.version == builtIn && current == 0 {
		return nil
	}
	return changedError{fault.New(fault.Conflict, "somebody changed it since it was read; read it again and repeat the change")}
}

// Fields cuts an answer.
type Fields struct {
	Fields string `query:"fields" doc:"The fields to give, by comma; of a list, those of its items. All where it is empty." maxLength:"1000" example:"id,name"`
}

func (f *Fields) wanted() string { return f.Fields }

// Paging asks for one page of a list.
type Paging struct {
	After string `query:"after" doc:"Where the page begins: the cursor in the answer before." maxLength:"1024"`
	Limit int    `query:"limit" doc:"How many items a page has." minimum:"1" maximum:"500" default:"50"`
}

func (p Paging) page() store.Page { return store.Page{After: p.After, Limit: p.Limit} }

// Out is an answer without a version.
type Out[T any] struct{ Body T }

// Tagged is a record with its version.
type Tagged[T any] struct {
	ETag string `header:"ETag" doc:"The version, for If-Match and If-None-Match."`
	Body T
}

func (t *Tagged[T]) tag() string { return t.ETag }

// Made is a new record.
type Made[T any] struct {
	ETag     string `header:"ETag" doc:"The version, for If-Match and If-None-Match."`
	Location string `header:"Location" doc:"The address of the new record."`
	Body     T
}

// Empty is an answer without a body.
type Empty struct{}

// Page is one page of a list.
type Page[T any] struct {
	Items []T `json:"items"`
	// Next is left out on the last page.
	Next string `json:"next,omitempty" doc:"The address of the next page; left out on the last one." example:"/leads?after=eyJ0Ijoi&limit=50"`
	// After is the cursor in Next.
	After string `json:"after,omitempty" doc:"The cursor of the next page, for the parameter after; left out on the last page."`
}

// Listed is a page with its Link header (RFC 8288).
type Listed[T any] struct {
	Link string `header:"Link" doc:"The next page, rel=next (RFC 8288)."`
	Body Page[T]
}

// listed makes a page of a list; after is the cursor of the next one, "" on the last.
func listed[T any](c *call, items []T, after string) *Listed[T] {
	out := &Listed[T]{Body: Page[T]{Items: some(items), After: after}}
	if after == "" {
		return out
	}
	q := c.r.URL.Query()
	q.Set("after", after)
	next := url.URL{Path: c.r.URL.Path, RawQuery: q.Encode()}
	out.Body.Next = next.String()
	out.Link = "<" + strings.ReplaceAll(out.Body.Next, ">", "%3E") + `>; rel="next"`
	return out
}
