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

// documentPort gives the port with the optional interfaces that the description has, and no others.
func (h *host) documentPort() erpbridge.Documents {
	some := func(has func(*documentPlan) bool) bool {
		return slices.ContainsFunc(slices.Collect(maps.Values(h.documents)), has)
	}
	has := [3]bool{
		some(func(p *documentPlan) bool { return p.find != nil }),
		some(func(p *documentPlan) bool { return p.history != nil }),
		some(func(p *documentPlan) bool { return p.backlog != nil }),
	}
	switch {
	case len(h.documents) == 0:
		return nil
	case some(func(p *documentPlan) bool { return p.owed != nil }):
		return h.owingPort(has)
	case some(func(p *documentPlan) bool { return p.open != nil }):
		return h.openPort(has)
	}
	return h.plainPort(has)
}

// owingPort tells what one customer and what all customers owe; has says whether it can look documents up, list
// them and tell what is still to be delivered.
func (h *host) owingPort(has [3]bool) erpbridge.Documents {
	d := documents{h}
	switch has {
	case [3]bool{true, true, true}:
		return struct {
			documents
			documentLookup
			documentHistory
			backlogPort
			openItems
			receivablePort
		}{d, documentLookup{d}, documentHistory{d}, backlogPort{d}, openItems{d}, receivablePort{d}}
	case [3]bool{true, true, false}:
		return struct {
			documents
			documentLookup
			documentHistory
			openItems
			receivablePort
		}{d, documentLookup{d}, documentHistory{d}, openItems{d}, receivablePort{d}}
	case [3]bool{true, false, true}:
		return struct {
			documents
			documentLookup
			backlogPort
			openItems
			receivablePort
		}{d, documentLookup{d}, backlogPort{d}, openItems{d}, receivablePort{d}}
	case [3]bool{true, false, false}:
		return struct {
			documents
			documentLookup
			openItems
			receivablePort
		}{d, documentLookup{d}, openItems{d}, receivablePort{d}}
	case [3]bool{false, true, true}:
		return struct {
			documents
			documentHistory
			backlogPort
			openItems
			receivablePort
		}{d, documentHistory{d}, backlogPort{d}, openItems{d}, receivablePort{d}}
	case [3]bool{false, true, false}:
		return struct {
			documents
			documentHistory
			openItems
			receivablePort
		}{d, documentHistory{d}, openItems{d}, receivablePort{d}}
	case [3]bool{false, false, true}:
		return struct {
			documents
			backlogPort
			openItems
			receivablePort
		}{d, backlogPort{d}, openItems{d}, receivablePort{d}}
	case [3]bool{false, false, false}:
		return struct {
			documents
			openItems
			receivablePort
		}{d, openItems{d}, receivablePort{d}}
	}
	return d
}

// openPort tells what one customer owes.
func (h *host) openPort(has [3]bool) erpbridge.Documents {
	d := documents{h}
	switch has {
	case [3]bool{true, true, true}:
		return struct {
			documents
			documentLookup
			documentHistory
			backlogPort
			openItems
		}{d, documentLookup{d}, documentHistory{d}, backlogPort{d}, openItems{d}}
	case [3]bool{true, true, false}:
		return struct {
			documents
			documentLookup
			documentHistory
			openItems
		}{d, documentLookup{d}, documentHistory{d}, openItems{d}}
	case [3]bool{true, false, true}:
		return struct {
			documents
			documentLookup
			backlogPort
			openItems
		}{d, documentLookup{d}, backlogPort{d}, openItems{d}}
	case [3]bool{true, false, false}:
		return struct {
			documents
			documentLookup
			openItems
		}{d, documentLookup{d}, openItems{d}}
	case [3]bool{false, true, true}:
		return struct {
			documents
			documentHistory
			backlogPort
			openItems
		}{d, documentHistory{d}, backlogPort{d}, openItems{d}}
	case [3]bool{false, true, false}:
		return struct {
			documents
			documentHistory
			openItems
		}{d, documentHistory{d}, openItems{d}}
	case [3]bool{false, false, true}:
		return struct {
			documents
			backlogPort
			openItems
		}{d, backlogPort{d}, openItems{d}}
	case [3]bool{false, false, false}:
		return struct {
			documents
			openItems
		}{d, openItems{d}}
	}
	return d
}

// plainPort tells nothing of what is owed.
func (h *host) plainPort(has [3]bool) erpbridge.Documents {
	d := documents{h}
	switch has {
	case [3]bool{true, true, true}:
		return struct {
			documents
			documentLookup
			documentHistory
			backlogPort
		}{d, documentLookup{d}, documentHistory{d}, backlogPort{d}}
	case [3]bool{true, true, false}:
		return struct {
			documents
			documentLookup
			documentHistory
		}{d, documentLookup{d}, documentHistory{d}}
	case [3]bool{true, false, true}:
		return struct {
			documents
			documentLookup
			backlogPort
		}{d, documentLookup{d}, backlogPort{d}}
	case [3]bool{true, false, false}:
		return struct {
			documents
			documentLookup
		}{d, documentLookup{d}}
	case [3]bool{false, true, true}:
		return struct {
			documents
			documentHistory
			backlogPort
		}{d, documentHistory{d}, backlogPort{d}}
	case [3]bool{false, true, false}:
		return struct {
			documents
			documentHistory
		}{d, documentHistory{d}}
	case [3]bool{false, false, true}:
		return struct {
			documents
			backlogPort
		}{d, backlogPort{d}}
	}
	return d
}
