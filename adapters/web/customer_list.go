package web

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/party"
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
}

type customerRow struct {
	Path, Name, Code, City, Phone, Email, TaxID string
	Blocked                                     bool
}

func (s *screens) listCustomers(v *visit) error {
	f := v.asked()
	d := customerList{Tabs: customerTabs{"customers"}, Form: f}
	text, after := f.text("find"), f.text("after")
	found, err := v.module().Customers(v.ctx(), text, after, listPage+1)
	if fault.CodeOf(err) == fault.NotFound {
		err = v.knownCustomers(&d)
	}
	if err != nil {
		return err
	}
	for i, c := range found {
		if i == listPage {
			d.Next = withAfter(v.r.URL.String(), found[i-1].Key)
			break
		}
		code := c.Code
		if code == "" {
			code = c.Key
		}
		d.Rows = append(d.Rows, customerRow{Path: v.link("/customers", c.Key), Name: c.Name, Code: code, City: c.Address.City, Phone: c.Phone, Email: c.Email, TaxID: c.TaxID, Blocked: c.Blocked})
	}
	if after != "" {
		d.First = withAfter(v.r.URL.String(), "")
	}
	if v.part() && v.target() == "list" {
		return v.fill(http.StatusOK, "customer_list", "list", d)
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

// knownCustomers lists the customers that CRM+ has met, for hosts that cannot be searched.
func (v *visit) knownCustomers(d *customerList) error {
	d.Known = true
	list, err := v.module().Parties.ListCustomers(v.ctx(), party.CustomerFilter{Name: d.Form.text("find"), Page: store.Page{Limit: listPage, After: d.Form.text("after")}})
	if err != nil {
		return err
	}
	for _, r := range list.Rows {
		code := r.Number
		if code == "" {
			code = r.HostKey
		}
		d.Rows = append(d.Rows, customerRow{Path: v.link("/customers", r.HostKey), Name: r.Name, Code: code, City: r.City, Phone: r.Phone, Email: r.Email, TaxID: r.TaxID})
	}
	if list.Next != "" {
		d.Next = withAfter(v.r.URL.String(), list.Next)
	}
	return nil
}
