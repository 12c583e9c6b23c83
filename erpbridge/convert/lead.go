package convert

import (
	"context"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
)

// LeadChoice is what a clerk decided in the dialog. The zero LeadChoice makes a new customer with a
// contact and no opportunity.
type LeadChoice struct {
	Customer CustomerChoice `json:"customer"`
	Contact  ContactChoice  `json:"contact"`
	// Opportunity is nil for none.
	Opportunity *OpportunityChoice `json:"opportunity,omitempty"`
	// Also are other leads of the same company, whose people become contacts of the same customer.
	Also []lead.ID `json:"also,omitempty"`
}

// CustomerChoice says which customer the lead becomes.
type CustomerChoice struct {
	// Existing is the host's key of a customer to link to; "" makes a new one, unless the party already
	// is a customer.
	Existing string `json:"existing,omitempty"`
	// Fill says whether empty fields of the existing customer are filled.
	Fill Fill `json:"fill,omitempty"`
	// Completed are fields that the clerk completed in the dialog; they count before the lead's own.
	Completed erpbridge.Customer `json:"completed,omitzero"`
}

// Fill says what happens to an existing record of the host.
type Fill string

// The ways to treat an existing record.
const (
	LeaveAsIs Fill = ""
	FillEmpty Fill = "fill_empty"
)

// overlay puts what the clerk completed over the draft.
func (c CustomerChoice) overlay(draft *erpbridge.Customer) {
	done := c.Completed
	for _, f := range []struct {
		to   *string
		text string
	}{
		{&draft.Name, done.Name}, {&draft.TaxID, done.TaxID}, {&draft.EUVatID, done.EUVatID}, {&draft.Email, done.Email},
		{&draft.Phone, done.Phone}, {&draft.Address.Line1, done.Address.Line1}, {&draft.Address.Line2, done.Address.Line2},
		{&draft.Address.PostalCode, done.Address.PostalCode}, {&draft.Address.City, done.Address.City},
		{&draft.Address.Region, done.Address.Region}, {&draft.Address.Country, done.Address.Country},
		{&draft.Currency, done.Currency}, {&draft.PriceList, done.PriceList}, {&draft.Website, done.Website},
	} {
		if f.text != "" {
			*f.to = f.text
		}
	}
	if done.PaymentDays != 0 {
		draft.PaymentDays = done.PaymentDays
	}
}

// ContactChoice says which contact the person becomes.
type ContactChoice struct {
	// Existing is the host's key of a contact to link to; its empty fields are filled.
	Existing string      `json:"existing,omitempty"`
	Skip     ContactSkip `json:"skip,omitempty"`
}

// ContactSkip says whether a contact is made at all.
type ContactSkip string

// SkipContact makes no contact.
const SkipContact ContactSkip = "skip"

// OpportunityChoice says which opportunity the lead goes into.
type OpportunityChoice struct {
	// Existing is an open opportunity of the same party; zero makes a new one from Draft.
	Existing opportunity.ID    `json:"existing,omitzero"`
	Draft    opportunity.Draft `json:"draft,omitzero"`
}

// LeadPreview is what the dialog shows before the clerk decides.
type LeadPreview struct {
	// Party is who becomes the customer, whoever looks after it.
	Party party.ID
	// Customer is what would be created in the host.
	Customer erpbridge.Customer
	Contact  *erpbridge.Contact
	// Already is the host's customer that the party is linked to, nil for none.
	Already *erpbridge.Customer
	// Matches are customers of the host that may be the lead, best first.
	Matches []Matched
	// Missing are the fields that invoicing needs and nobody knows yet.
	Missing []fault.Fault
	// Others are other open leads of the same company.
	Others []lead.Lead
}

// PreviewLead says what a conversion would create and match, and what is missing, without writing.
func (c *Conversions) PreviewLead(ctx context.Context, id lead.ID, choice CustomerChoice) (LeadPreview, error) {
	var out LeadPreview
	err := c.reading(ctx, func(ctx context.Context, s *store.Session, in *Conversions) error {
		out = LeadPreview{}
		if err := s.Actor.Require(actor.Convert); err != nil {
			return err
		}
		var l lead.Lead
		if err := s.Get(ctx, &l, id); err != nil {
			return err
		}
		a, err := in.look(ctx, s, l)
		if err != nil {
			return err
		}
		hs := c.session(s, "")
		out.Party = a.account.ID
		out.Customer = customerDraft(a.account, a.contact, l.Currency)
		choice.overlay(&out.Customer)
		if a.contact != nil {
			contact := contactDraft(*a.contact, a.customer)
			out.Contact = &contact
		}
		if a.customer != "" {
			already, err := in.config.Host.Customers.Customer(ctx, hs, a.customer)
			if err != nil {
				return err
			}
			out.Already = &already
		}
		if out.Matches, err = in.matches(ctx, hs, a); err != nil {
			return err
		}
		if out.Missing, err = in.missing(ctx, hs, out.Customer); err != nil {
			return err
		}
		out.Others, err = in.Others(ctx, id)
		return err
	})
	return out, err
}

// Lead makes the lead a customer of the host, its people contacts, and, if wanted, an opportunity, all
// linked. Called again it gives the first result, whatever the choice says then. Where the host is
// elsewhere the result is [Pending] first, and the opportunity is made when the host has answered.
func (c *Conversions) Lead(ctx context.Context, id lead.ID, choice LeadChoice) (Result, error) {
	return c.run(ctx, actor.Convert, func(ctx context.Context, s *store.Session, in *Conversions) (errand, error) {
		var l lead.Lead
		if err := s.Lock(ctx, &l, id); err != nil {
			return errand{}, err
		}
		subject := Subject{Lead, SubjectID(id)}
		if earlier, err := find(ctx, s, ToCustomer, subject, ""); err != nil || earlier != nil {
			return already(earlier, err)
		}
		if err := mayConvert(l); err != nil {
			return errand{}, err
		}
		r, err := begin(s, ToCustomer, subject, "", choice)
		return errand{operation: LeadCall, row: r, do: func(out *Result) error {
			return in.convertLead(ctx, s, r, l, choice, out)
		}}, err
	})
}

// leadErrand is a lead's conversion that was asked for before.
func (in *Conversions) leadErrand(ctx context.Context, s *store.Session, r *row) (errand, error) {
	var choice LeadChoice
	if err := r.request(&choice); err != nil {
		return errand{}, err
	}
	var l lead.Lead
	if err := s.Lock(ctx, &l, r.SubjectID); err != nil {
		return errand{}, err
	}
	return errand{operation: LeadCall, row: r, do: func(out *Result) error {
		return in.convertLead(ctx, s, r, l, choice, out)
	}}, mayConvert(l)
}

// mayConvert says why a lead cannot be converted.
func mayConvert(l lead.Lead) error {
	var faults fault.List
	if !l.MergedInto.IsZero() {
		faults.Add("lead", "merged", "was merged into another lead; convert that one")
	}
	if !l.ConversionID.IsZero() {
		faults.Add("lead", "converted", "was already converted together with another lead of its company")
	}
	if l.Status == lead.StatusDisqualified {
		faults.Add("status", "disqualified", "is disqualified; reopen the lead first")
	}
	return faults.Err("the lead cannot be converted")
}

// convertLead decides everything that we can decide before the host is called for the first time, and
// writes nothing of ours until then but who may see the parties from now on.
func (in *Conversions) convertLead(ctx context.Context, s *store.Session, r *row, l lead.Lead, choice LeadChoice, out *Result) error {
	a, err := in.look(ctx, s, l)
	if err != nil {
		return err
	}
	out.Party = a.account.ID
	others, err := in.alsoLeads(ctx, s, a, choice.Also)
	if err != nil {
		return err
	}
	if err := in.mayJoin(ctx, l, a, choice.Opportunity); err != nil {
		return err
	}
	for _, each := range append([]around{a}, others...) {
		if err := in.openParties(ctx, each, s.Actor.UserID); err != nil {
			return err
		}
	}
	hs := in.session(s, r.Token)
	if err := in.customer(ctx, hs, a, choice.Customer, out); err != nil {
		return err
	}
	link := party.Link{Role: party.Customer, HostKey: out.Customer.Key}
	if err := in.config.Parties.SetRole(ctx, a.account.ID, link, [16]byte(r.ID)); err != nil {
		return err
	}
	if a.contact != nil {
		if err := in.contact(ctx, hs, *a.contact, choice.Contact, out); err != nil {
			return err
		}
	}
	for _, other := range others {
		if other.contact != nil {
			if err := in.contact(ctx, hs, *other.contact, ContactChoice{}, out); err != nil {
				return err
			}
		}
	}
	if choice.Opportunity != nil {
		if err := in.opportunityOf(ctx, l, a, *choice.Opportunity, out); err != nil {
			return err
		}
	}
	for _, each := range append([]around{a}, others...) {
		out.Leads = append(out.Leads, store.Key[any](each.lead.ID))
		if _, err := in.config.Leads.MarkConverted(ctx, each.lead.ID, [16]byte(r.ID)); err != nil {
			return err
		}
	}
	if err := in.recordLead(ctx, s, r, l, a, out); err != nil {
		return err
	}
	return r.finish(ctx, s, out, manifest{Already: a.customer != "", madeUnder: in.madeUnder(r.Token, "customers.create")})
}

// alsoLeads reads the other leads of the same company whose people become contacts of the same customer.
func (in *Conversions) alsoLeads(ctx context.Context, s *store.Session, a around, also []lead.ID) ([]around, error) {
	var others []around
	var faults fault.List
	for _, id := range also {
		var l lead.Lead
		if err := s.Lock(ctx, &l, id); err != nil {
			return nil, err
		}
		other, err := in.look(ctx, s, l)
		if err != nil {
			return nil, err
		}
		if err := mayConvert(l); err != nil {
			faults.Merge("also."+id.String(), fault.Of(err))
			continue
		}
		if other.account.ID != a.account.ID {
			faults.Add("also."+id.String(), "other_company", "belongs to another company (%s)", other.account.DisplayName)
			continue
		}
		others = append(others, other)
	}
	return others, faults.Err("the leads cannot be converted together")
}

// mayJoin says why the lead cannot go into the opportunity that was picked.
func (in *Conversions) mayJoin(ctx context.Context, l lead.Lead, a around, choice *OpportunityChoice) error {
	if choice == nil || choice.Existing.IsZero() {
		return nil
	}
	card, err := in.config.Opportunities.Get(ctx, choice.Existing)
	if err != nil {
		return err
	}
	if card.PartyID != a.account.ID && card.PartyID != l.PartyID {
		return fault.New(fault.Invalid, "the opportunity %q belongs to somebody else; pick one of %s", card.Name, a.account.DisplayName)
	}
	return nil
}

// opportunityOf makes the opportunity, or takes the lead into the one that was picked.
func (in *Conversions) opportunityOf(ctx context.Context, l lead.Lead, a around, choice OpportunityChoice, out *Result) error {
	if !choice.Existing.IsZero() {
		out.Opportunity = store.Key[any](choice.Existing)
		return nil
	}
	d := choice.Draft
	d.PartyID = a.account.ID
	d.LeadID = opportunity.LeadID(l.ID)
	if a.contact != nil {
		d.ContactID = a.contact.ID
	}
	d.Name = firstOf(d.Name, a.account.DisplayName)
	d.Currency = firstOf(d.Currency, l.Currency, out.Customer.Currency)
	d.Source, d.Campaign = firstOf(d.Source, l.Source), firstOf(d.Campaign, l.Campaign)
	if d.Team.Owner == "" && len(d.Team.Sellers) == 0 {
		d.Team = opportunity.Team{Owner: l.OwnerUser, OwnerTeam: l.OwnerTeam}
	}
	d.Goal = firstOf(d.Goal, l.Interest)
	made, err := in.config.Opportunities.Create(ctx, d)
	if err != nil {
		return under("opportunity", err)
	}
	out.Opportunity = store.Key[any](made.ID)
	return nil
}

// recordLead writes links, timeline and event of a lead's conversion.
func (in *Conversions) recordLead(ctx context.Context, s *store.Session, r *row, l lead.Lead, a around, out *Result) error {
	number := firstOf(out.Customer.Code, out.Customer.Key)
	links := []Link{{
		ID: store.NewKey[Link](s), ConversionID: r.ID, RecordKind: Lead, RecordID: SubjectID(l.ID), PartyID: a.account.ID,
		HostKind: string(party.Customer), HostKey: out.Customer.Key, HostNumber: number, CreatedAt: s.Now,
	}}
	for _, contact := range out.Contacts {
		links = append(links, Link{
			ID: store.NewKey[Link](s), ConversionID: r.ID, RecordKind: Lead, RecordID: SubjectID(l.ID), PartyID: l.PartyID,
			HostKind: string(party.Contact), HostKey: contact.Key, HostNumber: contact.Key, CreatedAt: s.Now,
		})
	}
	if err := s.InsertQuiet(ctx, &links); err != nil {
		return err
	}
	err := in.config.Activities.Log(ctx, activity.Entry{
		Party: l.PartyID, Kind: activity.Conversion, Subject: out.Customer.Name,
		RefKind: string(party.Customer), RefID: activity.RefID(r.ID), RefText: number,
	})
	if err != nil {
		return err
	}
	return event.Emit(ctx, s, event.Fact{Kind: "lead.converted", Record: r.ID.Bytes(), Version: 1, Payload: out})
}
