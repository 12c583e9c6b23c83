package web

import (
	"net/http"
	"strings"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/quote"
)

func (s *screens) contactRoutes() []route {
	return []route{
		{Pattern: "GET /contacts", Right: actor.LeadRead, Do: s.listContacts},
		{Pattern: "GET /contacts/{id}", Right: actor.LeadRead, Do: s.showContact},
		{Pattern: "GET /contacts/{id}/group/{name}", Right: actor.LeadWrite, Do: s.askContactGroup},
		{Pattern: "GET /contacts/{id}/group/{name}/shown", Right: actor.LeadRead, Do: s.showContactGroup},
		{Pattern: "POST /contacts/{id}/group/{name}", Right: actor.LeadWrite, Do: s.saveContactGroup},
		{Pattern: "GET /parties/{id}", Right: actor.LeadRead, Do: s.showParty},
	}
}

// contactList is the page of people, or of companies.
type contactList struct {
	Form        *input
	Rows        []contactRow
	First, Next string
	Companies   bool
	People      string
	Firms       string
	// Own are the company's custom fields.
	Own  ownList
	Book bookLink
}

type contactRow struct {
	party.ListRow
	Path, EmployerPath string
	// Cells are the custom fields that the visitor wants to see.
	Cells []leadCell
}

// contactFilter reads what narrows the list from its form.
func contactFilter(f *input, own ownList) party.ListFilter {
	filter := party.ListFilter{Kind: party.Person, Name: f.text("find"), Custom: own.Filter, Show: own.Show, Page: store.Page{Limit: listPage, After: f.text("after")}}
	if f.text("kind") == string(party.Company) {
		filter.Kind = party.Company
	}
	return filter
}

func (s *screens) listContacts(v *visit) error {
	f := v.asked()
	own, err := v.ownList("contacts")
	if err != nil {
		return err
	}
	d := contactList{Form: f, Own: own, Companies: f.text("kind") == string(party.Company), Book: v.bookLink("/reports/contacts.xlsx")}
	d.People, d.Firms = queryWith(v.r.URL.String(), "kind", ""), queryWith(v.r.URL.String(), "kind", "company")
	filter := contactFilter(f, own)
	list, err := v.module().Parties.List(v.ctx(), filter)
	if err != nil {
		return err
	}
	for _, r := range list.Rows {
		row := contactRow{ListRow: r, Path: v.link("/contacts", r.ID.String()), Cells: own.Cells(r.Custom)}
		if r.Role == party.Customer {
			row.Path = v.link("/customers", r.HostKey)
		}
		if !r.EmployerID.IsZero() {
			row.EmployerPath = v.link("/parties", r.EmployerID.String())
		}
		d.Rows = append(d.Rows, row)
	}
	if list.Next != "" {
		d.Next = withAfter(v.r.URL.String(), list.Next)
	}
	if f.text("after") != "" {
		d.First = withAfter(v.r.URL.String(), "")
	}
	if v.part() && v.target() == "list" {
		d.Own.Swap, d.Book.Swap = true, true
		return v.fill(http.StatusOK, "contact_list", "listpart", d)
	}
	return v.show(http.StatusOK, "contact_list", head{Title: v.t("menu.contacts"), Section: "contacts"}, d)
}

// contactCard is the card of a person, or of a company that is no customer.
type contactCard struct {
	Party    party.Party
	Points   []party.Point
	Employer *party.Party
	// EmployerPath leads to the employer's card.
	EmployerPath string
	People       []party.Party
	Leads        []lead.Row
	Quotes       []quote.Row
	Deals        []opportunity.Row
	Stages       map[opportunity.StageID]string
	Groups       []cardGroup
	Timeline     timelineView
	Reach        reach
	Owner, Path  string
	Links        []hostRecord
	NewDeal      string
	NewQuote     string
}

func (s *screens) showContact(v *visit) error {
	id, err := key[party.Tag](v, "id")
	if err != nil {
		return err
	}
	p, err := v.module().Parties.Get(v.ctx(), id)
	if err != nil {
		return err
	}
	if p.ID != id { // it was merged
		return v.redirect(v.link("/contacts", p.ID.String()))
	}
	if err := v.module().Reads.Note(v.ctx(), "contact", id.Bytes()); err != nil {
		return err
	}
	d, err := v.contactCard(p)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, "contact_card", head{
		Title: p.DisplayName, Section: "contacts", Crumbs: []crumb{{v.t("menu.contacts"), v.link("/contacts")}}, Scripts: timelineScripts,
	}, d)
}

func (v *visit) contactCard(p party.Party) (contactCard, error) {
	d := contactCard{Party: p, Path: v.link("/contacts", p.ID.String()), Reach: v.reachOf(p)}
	names, err := v.names()
	if err != nil {
		return d, err
	}
	if d.Owner = names[p.OwnerUser]; d.Owner == "" {
		d.Owner = p.OwnerUser
	}
	if d.Points, err = v.module().Parties.Points(v.ctx(), p.ID); err != nil {
		return d, err
	}
	if !p.EmployerID.IsZero() {
		employer, err := v.module().Parties.Get(v.ctx(), p.EmployerID)
		if err == nil {
			d.Employer, d.EmployerPath = &employer, v.link("/parties", employer.ID.String())
		} else if fault.CodeOf(err) != fault.NotFound {
			return d, err
		}
	}
	if p.Kind == party.Company {
		if d.People, err = v.module().Parties.People(v.ctx(), p.ID); err != nil {
			return d, err
		}
	}
	if v.may(actor.OpportunityWrite) {
		d.NewDeal = v.link("/opportunities/new") + "?party=" + p.ID.String()
	}
	if v.may(actor.QuoteWrite) {
		d.NewQuote = v.link("/quotes/new") + "?party=" + p.ID.String()
	}
	if d.Groups, err = v.contactGroups(p); err != nil {
		return d, err
	}
	if d.Leads, err = v.leadsOf(p); err != nil {
		return d, err
	}
	if d.Quotes, d.Deals, d.Stages, err = v.salesOf(p.ID); err != nil {
		return d, err
	}
	if d.Links, err = v.hostRecords(p.ID); err != nil {
		return d, err
	}
	d.Timeline, err = v.timeline(subject{Party: p.ID, Path: d.Path})
	return d, err
}

// leadsOf are the leads of a person or company.
func (v *visit) leadsOf(p party.Party) ([]lead.Row, error) {
	filter := lead.Filter{Organization: p.ID}
	if p.Kind == party.Person {
		filter = lead.Filter{Name: strings.TrimSpace(p.Family + " " + p.Given)}
		if !p.EmployerID.IsZero() {
			filter = lead.Filter{Organization: p.EmployerID}
		} else if filter.Name == "" {
			filter.Name = p.DisplayName
		}
	}
	list, err := v.module().Leads.List(v.ctx(), filter, lead.ByArrival, store.Page{Limit: listPage})
	var out []lead.Row
	for _, r := range list.Rows {
		if p.Kind == party.Company || r.PartyID == p.ID {
			out = append(out, r)
		}
	}
	return out, err
}
