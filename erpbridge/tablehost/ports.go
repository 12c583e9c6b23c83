package tablehost

import (
	"cmp"

	"github.com/crmplus/crmplus/erpbridge"
)

// ports puts what the mapping has into a Host; what it has not stays nil. Each optional interface is
// implemented only by types for hosts that have it.
func (h *host) ports() erpbridge.Host {
	out := erpbridge.Host{
		Name: h.mapping.Name, Place: cmp.Or(h.options.Place, erpbridge.SameDatabase), Tolerance: h.tolerance,
	}
	if h.company != nil {
		out.Companies = companies{h}
	}
	if h.users != nil {
		out.Users = users{h}
	}
	if h.products != nil {
		out.Catalogue = catalogue{h}
	}
	if h.prices != nil || h.products != nil && h.products.fields["price"] != nil {
		out.Prices = priceLists{h}
	}
	if h.customers != nil {
		out.Customers = customerPort{h}
		if h.customers.def.Remove != "" {
			out.Customers = removableCustomers{customerPort{h}}
		}
	}
	if h.contacts != nil {
		out.Contacts = contactPort{h}
	}
	out.Documents = h.withItems()
	return out
}

// withItems gives the documents, with what customers owe and paid where the mapping tells it.
func (h *host) withItems() erpbridge.Documents {
	d, owed, paid := documents{h}, openItemPort{h}, paymentPort{h}
	switch {
	case h.openItems != nil && h.payments != nil:
		return struct {
			documents
			openItemPort
			paymentPort
		}{d, owed, paid}
	case h.openItems != nil:
		return struct {
			documents
			openItemPort
		}{d, owed}
	case h.payments != nil:
		return struct {
			documents
			paymentPort
		}{d, paid}
	case len(h.papers) > 0:
		return d
	}
	return nil
}
