package convert

import (
	"context"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/quote"
)

func (in *Conversions) lockQuote(ctx context.Context, s *store.Session, id SubjectID) error {
	var q quote.Quote
	return s.Lock(ctx, &q, id)
}

func (in *Conversions) lockOpportunity(ctx context.Context, s *store.Session, id SubjectID) error {
	var o opportunity.Opportunity
	return s.Lock(ctx, &o, id)
}

// fromQuote makes the draft of a document from an accepted quote: the lines that count, with those the
// reader took beside or instead.
func (in *Conversions) fromQuote(ctx context.Context, s *store.Session, input DocumentInput, out *Result) (source, error) {
	card, err := in.config.Quotes.Get(ctx, quote.ID(input.From.ID))
	if err != nil {
		return source{}, err
	}
	q := card.Quote
	if q.State != quote.Accepted {
		var faults fault.List
		faults.Add("state", "state", "quote %s is %s; only an accepted one becomes a document", q.Number, q.State)
		return source{}, faults.Err("the document cannot be made")
	}
	options := input.Options
	if len(options) == 0 {
		options = q.Evidence.Options
	}
	lines, totals, err := card.Chosen(options)
	if err != nil {
		return source{}, err
	}
	customer, err := in.customerOf(ctx, s, q.PartyID)
	if err != nil {
		return source{}, err
	}
	out.Party, out.Opportunity = q.PartyID, SubjectID(q.OpportunityID)
	src := source{expected: &totals.Gross}
	src.draft = erpbridge.Document{
		Customer: customer, Currency: q.Currency, Reference: q.Number, Net: totals.Net, VAT: totals.VAT, Gross: totals.Gross,
	}
	for _, l := range lines {
		src.draft.Lines = append(src.draft.Lines, erpbridge.DocumentLine{
			Product: l.ProductKey, Name: l.Name, Quantity: l.Quantity, Unit: l.Unit, UnitPrice: l.UnitPrice, Discount: l.Discount,
			VATCode: l.VATCode, VATRate: l.VATRate, Net: l.Net,
		})
	}
	return src, nil
}

// fromOpportunity makes the draft of a document from the lines of an opportunity. They carry no VAT:
// the host's products say it, so only the net total can be compared.
func (in *Conversions) fromOpportunity(ctx context.Context, s *store.Session, hs erpbridge.Session, input DocumentInput, out *Result) (source, error) {
	card, err := in.config.Opportunities.Get(ctx, opportunity.ID(input.From.ID))
	if err != nil {
		return source{}, err
	}
	var faults fault.List
	if card.State == opportunity.Lost {
		faults.Add("state", "state", "the opportunity is lost; reopen it first")
	}
	if len(card.Lines) == 0 {
		faults.Add("lines", "required", "the opportunity has no lines; add what is sold")
	}
	if err := faults.Err("the document cannot be made"); err != nil {
		return source{}, err
	}
	customer, err := in.customerOf(ctx, s, card.PartyID)
	if err != nil {
		return source{}, err
	}
	out.Party, out.Opportunity = card.PartyID, SubjectID(card.ID)
	src := source{}
	src.draft = erpbridge.Document{Customer: customer, Currency: card.Currency, Reference: card.Name}
	var net money.Amount
	for _, l := range card.Lines {
		line := erpbridge.DocumentLine{
			Product: l.ProductKey, Name: l.Name, Quantity: l.Quantity, Unit: l.Unit, UnitPrice: l.UnitPrice, Discount: l.Discount, Net: l.Amount,
		}
		if l.ProductKey != "" && in.config.Host.Catalogue != nil {
			p, err := in.config.Host.Catalogue.Product(ctx, hs, l.ProductKey)
			if err != nil {
				return source{}, err
			}
			line.VATCode, line.VATRate, line.Unit = p.VATCode, p.VATRate, firstOf(line.Unit, p.Unit)
		}
		src.draft.Lines = append(src.draft.Lines, line)
		net = net.Add(l.Amount)
	}
	src.expectedNet = &net
	return src, nil
}

// win closes an open opportunity as won with what was really sold, and reports whether it did.
func (in *Conversions) win(ctx context.Context, id SubjectID, made erpbridge.Document) (bool, error) {
	card, err := in.config.Opportunities.Get(ctx, opportunity.ID(id))
	if err != nil || card.State != opportunity.Open {
		return false, err
	}
	w := opportunity.Win{}
	if made.Currency == card.Currency {
		w.Revenue = &made.Net
	}
	_, err = in.config.Opportunities.CloseWon(ctx, opportunity.ID(id), w)
	return err == nil, err
}
