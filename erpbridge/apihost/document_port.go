package apihost

import (
	"maps"
	"slices"

	"github.com/crmplus/crmplus/erpbridge"
)

type (
	documentLookup  struct{ documents }
	documentHistory struct{ documents }
	openItems       struct{ documents }
)

// documentPort gives the port with the optional interfaces that the description has, and no others. What only reports ask for,
// backlog and receivables, is always there and says where the description has none.
func (h *host) documentPort() erpbridge.Documents {
	if len(h.documents) == 0 {
		return nil
	}
	some := func(has func(*documentPlan) bool) bool {
		return slices.ContainsFunc(slices.Collect(maps.Values(h.documents)), has)
	}
	d := documents{h}
	lookup, history, open := documentLookup{d}, documentHistory{d}, openItems{d}
	switch [3]bool{
		some(func(p *documentPlan) bool { return p.find != nil }), some(func(p *documentPlan) bool { return p.history != nil }), some(func(p *documentPlan) bool { return p.open != nil }),
	} {
	case [3]bool{true, true, true}:
		return struct {
			documents
			documentLookup
			documentHistory
			openItems
		}{d, lookup, history, open}
	case [3]bool{true, true, false}:
		return struct {
			documents
			documentLookup
			documentHistory
		}{d, lookup, history}
	case [3]bool{true, false, true}:
		return struct {
			documents
			documentLookup
			openItems
		}{d, lookup, open}
	case [3]bool{false, true, true}:
		return struct {
			documents
			documentHistory
			openItems
		}{d, history, open}
	case [3]bool{true, false, false}:
		return struct {
			documents
			documentLookup
		}{d, lookup}
	case [3]bool{false, true, false}:
		return struct {
			documents
			documentHistory
		}{d, history}
	case [3]bool{false, false, true}:
		return struct {
			documents
			openItems
		}{d, open}
	}
	return d
}
