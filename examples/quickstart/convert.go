package main

import (
	"context"
	"errors"
	"strings"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/erpbridge/convert"
	"github.com/crmplus/crmplus/testutil/erp"
)

// converted is what the lead became.
type converted struct {
	customer erpbridge.Customer
	party    party.ID
	// ordered is the conversion that made the order.
	ordered convert.Result
}

// convertLead makes the lead the ERP's customer with a contact, and an opportunity beside it. The
// preview says first what would be made and what is missing.
func (s *story) convertLead(ctx context.Context) error {
	ctx, err := s.as(ctx, hungary, "kovacs")
	if err != nil {
		return err
	}
	preview, err := s.module.Convert.PreviewLead(ctx, s.sale.lead.ID, convert.CustomerChoice{})
	if err != nil {
		return err
	}
	s.say("preview: %s, %s, %d missing", preview.Customer.Name, preview.Customer.TaxID, len(preview.Missing))

	choice := convert.LeadChoice{Opportunity: &convert.OpportunityChoice{Draft: opportunity.Draft{
		Name: "12 munkahely", Lines: s.opportunityLines(),
	}}}
	result, err := s.module.Convert.Lead(ctx, s.sale.lead.ID, choice)
	if err != nil {
		return err
	}
	s.sale.customer, s.sale.party = *result.Customer, result.Party
	s.sale.opportunity = opportunity.ID(result.Opportunity)
	s.say("customer %s  %s", result.Customer.Key, result.Customer.Name)
	for _, c := range result.Contacts {
		s.say("contact  %s  %s", c.Key, c.Name)
	}

	again, err := s.module.Convert.Lead(ctx, s.sale.lead.ID, choice)
	if err != nil {
		return err
	}
	if err := same("the customer of a second conversion", again.Customer.Key, result.Customer.Key); err != nil {
		return err
	}
	s.say("converted again: the same customer %s", again.Customer.Key)
	return errors.Join(s.checkCustomer(ctx), s.winOpportunity(ctx))
}

func (s *story) opportunityLines() []opportunity.Line {
	var lines []opportunity.Line
	for _, l := range s.sale.lines {
		if l.Kind != "item" {
			continue
		}
		lines = append(lines, opportunity.Line{ProductKey: l.ProductKey, Name: l.Name, Quantity: l.Quantity, Unit: l.Unit, UnitPrice: l.UnitPrice, Discount: l.Discount})
	}
	return lines
}

// checkCustomer looks for the customer where the ERP keeps it.
func (s *story) checkCustomer(ctx context.Context) error {
	return s.books.Work(ctx, erp.Clerk{Company: hungary, User: "kovacs"}, func(ctx context.Context, hs erpbridge.Session) error {
		kept, err := s.books.Host().Customers.Customer(ctx, hs, s.sale.customer.Key)
		if err != nil {
			return err
		}
		contacts, err := s.books.Host().Contacts.ContactsOf(ctx, hs, kept.Key)
		if err != nil {
			return err
		}
		return errors.Join(
			same("the customer's name in the ERP", kept.Name, "Tűzliliom Építésziroda Kft."),
			same("the customer's tax id in the ERP", strings.HasPrefix(kept.TaxID, "HU47110018") || strings.HasPrefix(kept.TaxID, "47110018"), true),
			same("the number of contacts in the ERP", len(contacts), 1),
		)
	})
}

// winOpportunity holds the opportunity against the quote and closes it.
func (s *story) winOpportunity(ctx context.Context) error {
	card, err := s.module.Opportunities.Get(ctx, s.sale.opportunity)
	if err != nil {
		return err
	}
	if err := same("the expected revenue", card.ExpectedRevenue.String(), s.sale.quote.Net.String()); err != nil {
		return err
	}
	won, err := s.module.Opportunities.CloseWon(ctx, s.sale.opportunity, opportunity.Win{})
	if err != nil {
		return err
	}
	s.say("opportunity %q is %s, %s", won.Name, won.State, s.money(won.ExpectedRevenue, won.Currency))
	_, err = s.module.Opportunities.CloseWon(ctx, s.sale.opportunity, opportunity.Win{})
	if !errors.Is(err, fault.Invalid) && !errors.Is(err, fault.Conflict) {
		return errors.New("an opportunity could be won twice")
	}
	return nil
}

func (s *story) money(a money.Amount, currency string) string {
	return s.locale(hungary).Language.Money(a, currency)
}
