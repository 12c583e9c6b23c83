package web

import (
	"cmp"
	"net/http"
	"net/url"
	"strings"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/store"
)

func (s *screens) customerRoutes() []route {
	return []route{
		{Pattern: "GET /customers", Right: actor.LeadRead, Do: s.listCustomers},
		{Pattern: "GET /customers/{key}", Right: actor.LeadRead, Do: s.showCustomer},
		{Pattern: "GET /customers/{key}/documents", Right: actor.Convert, Do: s.showCustomerDocuments},
		{Pattern: "POST /customers/{key}/open", Right: actor.LeadWrite, Do: s.openCustomer},
	}
}

// listPage is how many rows the lists of customers, contacts and files show.
const listPage = 50

// customerList is the page of customers.
type customerList struct {
	Tabs customerTabs
	Form *input
	Rows []customerRow
	// First and Next are addresses of pages, "" where there is none.
	First, Next, Shown string
	// Known says that the host cannot be searched: only customers that we know are listed.
	Known bool
	Book  bookLink
}

type customerRow struct {
	Path, Name, Code, City, Phone, Email, TaxID string
	Blocked                                     bool
}

func (s *screens) listCustomers(v *visit) error {
	f := v.asked()
	d := customerList{Tabs: customerTabs{"customers"}, Form: f, Book: v.bookLink("/reports/customers.xlsx")}
	list, err := v.module().ListCustomers(v.ctx(), f.text("find"), store.Page{After: f.text("after"), Limit: listPage})
	if err != nil {
		return err
	}
	d.Known = list.Known
	for _, c := range list.Rows {
		d.Rows = append(d.Rows, customerRow{Path: v.link("/customers", c.Key), Name: c.Name, Code: cmp.Or(c.Code, c.Key), City: c.Address.City, Phone: c.Phone, Email: c.Email, TaxID: c.TaxID, Blocked: c.Blocked})
	}
	if list.Next != "" {
		d.Next = withAfter(v.r.URL.String(), list.Next)
	}
	if f.text("after") != "" {
		d.First = withAfter(v.r.URL.String(), "")
	}
	if v.part() && v.target() == "list" {
		d.Book.Swap = true
		return v.fill(http.StatusOK, "customer_list", "listpart", d)
	}
	return v.show(http.StatusOK, "customer_list", head{Title: v.t("menu.customers"), Section: "customers"}, d)
}

// withAfter is an address with another page of its list.
func withAfter(address, after string) string {
	out := queryWith(address, "after", "")
	if after == "" {
		return out
	}
	glue := "?"
	if strings.Contains(out, "?") {
		glue = "&"
	}
	return out + glue + url.Values{"after": {after}}.Encode()
}
