package main

import (
	"context"
	"net/http"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/erpbridge/convert"
)

// convertView is the dialog in which a lead becomes a customer: what will be created, what was
// matched, what is missing.
type convertView struct {
	Lead    lead.Card
	Preview convert.LeadPreview
	Matches []match
	Others  []otherLead
	Form    *form
	Open    []opportunity.Row
}

// otherLead is another lead of the same company, with the name of its person.
type otherLead struct {
	lead.Lead
	Name string
}

// match is a customer of the ERP that may be the lead, with the reasons in the reader's language.
type match struct {
	erpbridge.Customer
	Score   int
	Reasons []string
}

func (s *server) askConvert(v *visit) error {
	id, err := leadID(v)
	if err != nil {
		return err
	}
	preview, err := s.module.Convert.PreviewLead(v.ctx(), id, convert.CustomerChoice{})
	if err != nil {
		return err
	}
	c := preview.Customer
	f := v.blank(
		"existing", "", "fill", "yes", "name", c.Name, "tax_id", c.TaxID, "email", c.Email, "phone", party.FormatPhone(c.Phone),
		"line1", c.Address.Line1, "postal_code", c.Address.PostalCode, "city", c.Address.City, "country", c.Address.Country, "currency", c.Currency,
		"deal", "new", "deal_name", c.Name, "deal_value", "", "deal_close", "",
	)
	card, err := s.module.Leads.Get(v.ctx(), id)
	if err != nil {
		return err
	}
	if !card.Lead.ExpectedValue.IsZero() {
		f.Values.Set("deal_value", v.locale.Language.Number(card.Lead.ExpectedValue.Decimal, digits(card.Lead.Currency)))
	}
	return s.drawConvert(v, http.StatusOK, id, f)
}

// drawConvert draws the dialog. What is missing stands at its field from the first look on.
func (s *server) drawConvert(v *visit, status int, id lead.ID, f *form) error {
	card, err := s.module.Leads.Get(v.ctx(), id)
	if err != nil {
		return err
	}
	view := convertView{Lead: card, Form: f}
	if view.Preview, err = s.module.Convert.PreviewLead(v.ctx(), id, convert.CustomerChoice{Completed: completed(f)}); err != nil {
		return err
	}
	if status == http.StatusOK && view.Preview.Already == nil {
		if err := v.refuse(f, &fault.Error{Code: fault.Invalid, Faults: view.Preview.Missing}); err != nil {
			return err
		}
		delete(f.Faults, "") // an empty list of faults leaves an empty message
	}
	for _, m := range view.Preview.Matches {
		one := match{Customer: m.Customer, Score: m.Match.Score}
		for _, reason := range m.Match.Reasons {
			one.Reasons = append(one.Reasons, reason.Text(v.locale.Language))
		}
		view.Matches = append(view.Matches, one)
	}
	if view.Others, err = s.named(v, view.Preview.Others); err != nil {
		return err
	}
	if text := f.text("search"); text != "" {
		found, err := v.findCustomers(text, "", 8)
		if err != nil {
			return err
		}
		for _, c := range found {
			view.Matches = append(view.Matches, match{Customer: c})
		}
	}
	whom := card.Party.ID
	if card.Employer != nil {
		whom = card.Employer.ID
	}
	open, err := s.module.Opportunities.List(v.ctx(), opportunity.Filter{Party: whom, States: []opportunity.State{opportunity.Open}, Page: store.Page{Limit: 20}})
	if err != nil {
		return err
	}
	view.Open = open.Rows
	return v.show(status, "convert.html", "convert.title", view)
}

// named gives leads with the names of their people.
func (s *server) named(v *visit, leads []lead.Lead) ([]otherLead, error) {
	ids := make([]party.ID, len(leads))
	for i, l := range leads {
		ids[i] = l.PartyID
	}
	people, err := s.module.Parties.GetMany(v.ctx(), ids)
	out := make([]otherLead, len(leads))
	for i, l := range leads {
		out[i] = otherLead{l, people[l.PartyID].DisplayName}
	}
	return out, err
}

// completed is what the clerk typed into the dialog.
func completed(f *form) erpbridge.Customer {
	return erpbridge.Customer{
		Name: f.text("name"), TaxID: f.text("tax_id"), Email: f.text("email"), Phone: f.text("phone"), Currency: f.text("currency"),
		Address: erpbridge.Address{Line1: f.text("line1"), PostalCode: f.text("postal_code"), City: f.text("city"), Country: party.CountryOf(f.text("country"))},
	}
}

func (s *server) doConvert(v *visit) error {
	id, err := leadID(v)
	if err != nil {
		return err
	}
	f := v.posted()
	if f.text("find") != "" { // the button beside the search for another customer
		return s.drawConvert(v, http.StatusOK, id, f)
	}
	choice, err := leadChoice(f)
	if err != nil {
		return err
	}
	if f.wrong() {
		return s.drawConvert(v, http.StatusUnprocessableEntity, id, f)
	}
	done, err := s.module.Convert.Lead(v.ctx(), id, choice)
	if err != nil {
		if err := v.refuse(f, err); err != nil {
			return err
		}
		return s.drawConvert(v, http.StatusUnprocessableEntity, id, f)
	}
	if !done.Opportunity.IsZero() {
		return v.redirect("/opportunities/" + done.Opportunity.String() + "?done=converted")
	}
	return v.redirect("/erp/customers/" + done.Customer.Key + "?done=converted")
}

// leadChoice is what the clerk decided.
func leadChoice(f *form) (convert.LeadChoice, error) {
	choice := convert.LeadChoice{Customer: convert.CustomerChoice{Existing: f.text("existing")}}
	if choice.Customer.Existing == "" || f.text("fill") != "" {
		choice.Customer.Completed = completed(f)
	}
	if choice.Customer.Existing != "" && f.text("fill") != "" {
		choice.Customer.Fill = convert.FillEmpty
	}
	for _, text := range f.Values["also"] {
		also, err := store.ParseKey[lead.Tag](text)
		if err != nil {
			return choice, fault.New(fault.Invalid, "%s", err)
		}
		choice.Also = append(choice.Also, also)
	}
	switch deal := f.text("deal"); deal {
	case "none":
	case "new":
		choice.Opportunity = &convert.OpportunityChoice{Draft: opportunity.Draft{
			Name: f.text("deal_name"), ExpectedRevenue: f.amount("deal_value"), ExpectedClose: f.day("deal_close"),
		}}
	default:
		existing, err := store.ParseKey[opportunity.Tag](deal)
		if err != nil {
			return choice, fault.New(fault.Invalid, "%s", err)
		}
		choice.Opportunity = &convert.OpportunityChoice{Existing: existing}
	}
	return choice, nil
}

// findCustomers searches the ERP's customers.
func (v *visit) findCustomers(text, after string, limit int) ([]erpbridge.Customer, error) {
	list, ok := v.s.books.Host().Customers.(erpbridge.CustomerList)
	if !ok {
		return nil, nil
	}
	var found []erpbridge.Customer
	err := v.host(func(ctx context.Context, hs erpbridge.Session) (err error) {
		found, err = list.Search(ctx, hs, text, after, limit)
		return err
	})
	return found, err
}
