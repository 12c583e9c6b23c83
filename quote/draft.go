package quote

import (
	"context"
	"errors"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// Header is what people write above and below the lines. All fields may be empty.
type Header struct {
	// Contact is the person at the party who reads the quote.
	Contact     party.ID      `json:"contact"`
	Opportunity OpportunityID `json:"opportunity"`
	Title       string        `json:"title"`
	// Language defaults to the party's, else to the company's.
	Language locale.Language `json:"language"`
	// ValidUntil defaults to today and [Config.ValidityDays].
	ValidUntil civil.Date `json:"valid_until"`
	// Cover and Closing may name fields, in braces; see [TextPurpose].
	Cover         string `json:"cover"`
	Closing       string `json:"closing"`
	Terms         string `json:"terms"`
	DeliveryTerms string `json:"delivery_terms"`
	// Owner is the host's user who answers for the quote, Team his team. A new quote without them
	// belongs to the actor, one that the system drafts to the party's owner; an edit keeps them.
	Owner string `json:"owner"`
	Team  string `json:"team"`
	// Custom are values of custom fields, nil to clear one; fields that are not named stay. What of them a text names is
	// printed, else nothing.
	Custom map[string]any `json:"custom"`
}

// DraftInput describes a new quote. Party must be given.
type DraftInput struct {
	Party party.ID `json:"party"`
	Header
	// Currency defaults to the customer's, else to the company's. It stays as it is: prices that were
	// set by hand have no other.
	Currency string      `json:"currency"`
	Lines    []DraftLine `json:"lines"`
}

// DraftLine describes a line. A product fills what is left empty.
type DraftLine struct {
	// Kind defaults to Item.
	Kind             Kind   `json:"kind"`
	AlternativeGroup string `json:"alternative_group"`
	// Product is the host's key, "" for free text, which needs Name, UnitPrice and VATRate.
	Product     string         `json:"product"`
	Code        string         `json:"code"`
	Name        string         `json:"name"`
	Description string         `json:"description"`
	Quantity    money.Quantity `json:"quantity"`
	Unit        string         `json:"unit"`
	// UnitPrice is net; nil takes the price list's.
	UnitPrice *money.Amount `json:"unit_price"`
	// Discount is in percent; nil takes the price list's.
	Discount *money.Percent `json:"discount"`
	// VATCode and VATRate default to the product's. A code without a rate is refused unless it is the
	// product's own.
	VATCode string         `json:"vat_code"`
	VATRate *money.Percent `json:"vat_rate"`
}

// Draft makes a quote that can be changed, priced by the host's price list: the customer's own where
// the party, or the company it works for, is a customer of the host, else the standard one. It needs
// actor.QuoteWrite.
func (q *Quotes) Draft(ctx context.Context, in DraftInput) (Card, error) {
	return store.Write(ctx, q.db, actor.QuoteWrite, func(ctx context.Context, s *store.Session) (Card, error) {
		card, err := q.compose(ctx, s, in)
		if err != nil {
			return Card{}, err
		}
		if err := s.Insert(ctx, &card.Quote); err != nil {
			return Card{}, err
		}
		if err := insertLines(ctx, s, card.Quote.ID, card.Lines); err != nil {
			return Card{}, err
		}
		if len(in.Custom) > 0 {
			if err := s.SetCustom(ctx, recordKind, card.Quote.ID.Bytes(), in.Custom); err != nil {
				return Card{}, err
			}
		}
		if card.Sheet, err = s.CustomSheet(ctx, recordKind, card.Quote.ID.Bytes()); err != nil {
			return Card{}, err
		}
		card.Versions = []Version{card.Quote.version()}
		return card, emit(ctx, s, EventDrafted, card.Quote)
	})
}

// Preview gives what Draft would write, and writes nothing. It needs actor.QuoteWrite.
func (q *Quotes) Preview(ctx context.Context, in DraftInput) (Card, error) {
	return store.Read(ctx, q.db, actor.QuoteWrite, func(ctx context.Context, s *store.Session) (Card, error) {
		return q.compose(ctx, s, in)
	})
}

// compose makes header, lines and totals of a new quote, or all faults at once.
func (q *Quotes) compose(ctx context.Context, s *store.Session, in DraftInput) (Card, error) {
	var faults fault.List
	today := q.today(s)
	row := Quote{
		ID: store.NewKey[Tag](s), Revision: 1, State: Draft, Currency: in.Currency, PriceDate: today,
		ValidUntil: today.AddDays(q.config.ValidityDays), Language: q.locale(s).Language,
		OwnerUser: s.Actor.UserID, OwnerTeam: s.Actor.Team(),
	}
	row.BaseID = row.ID
	buyer, err := q.reach(ctx, s, &faults, "party", in.Party)
	if err != nil {
		return Card{}, err
	}
	if in.Party.IsZero() {
		faults.Add("party", "required", "is missing; choose who gets the quote")
	}
	row.PartyID = buyer.ID
	if buyer.Language != "" {
		row.Language = buyer.Language
	}
	if s.Actor.Kind == actor.KindSystem {
		row.OwnerUser, row.OwnerTeam = buyer.OwnerUser, buyer.OwnerTeam
	}
	if err := q.applyHeader(ctx, s, &faults, &row, in.Header); err != nil {
		return Card{}, err
	}
	list, err := q.priceList(ctx, s, &row, buyer)
	if err != nil {
		return Card{}, err
	}
	if !money.ValidCurrency(row.Currency) {
		faults.Add("currency", "currency.form", "%.20q is not a currency; write its three letters, as EUR", row.Currency)
		return Card{}, faults.Err("the quote cannot be drafted")
	}
	lines, totals, err := list.compute(ctx, &faults, in.Lines)
	if err != nil {
		return Card{}, err
	}
	row.setTotals(totals)
	return Card{Quote: row, Lines: lines, VAT: totals.ByRate}, faults.Err("the quote cannot be drafted")
}

func (q *Quote) setTotals(t Totals) {
	q.Net, q.VAT, q.Gross, q.OptionalNet = t.Net, t.VAT, t.Gross, t.Optional
}

// applyHeader writes the header into the row and collects what is wrong with it.
func (q *Quotes) applyHeader(ctx context.Context, s *store.Session, faults *fault.List, row *Quote, h Header) error {
	if row.ContactID != h.Contact { // one that stays may have come from somebody who sees more
		contact, err := q.reach(ctx, s, faults, "contact", h.Contact)
		if err != nil {
			return err
		}
		row.ContactID = contact.ID
	}
	if row.OpportunityID != h.Opportunity {
		row.OpportunityID = h.Opportunity
		if err := q.reachOpportunity(ctx, s, faults, h.Opportunity); err != nil {
			return err
		}
	}
	row.Title, row.Terms, row.DeliveryTerms = oneLine(h.Title), paragraphs(h.Terms), paragraphs(h.DeliveryTerms)
	row.Cover, row.Closing = paragraphs(h.Cover), paragraphs(h.Closing)
	checkText(faults, "title", row.Title, 200)
	checkText(faults, "terms", row.Terms, 400)
	checkText(faults, "delivery_terms", row.DeliveryTerms, 400)
	checkText(faults, "cover", row.Cover, maxParagraphs)
	checkText(faults, "closing", row.Closing, maxParagraphs)
	if err := q.checkWords(ctx, s, faults, *row); err != nil {
		return err
	}
	if h.Language != "" {
		row.Language = h.Language
	}
	if _, known := locale.ParseLanguage(string(row.Language)); !known {
		faults.Add("language", "choice", "%.20q is not a language that quotes are printed in; choose one of %v", row.Language, locale.Languages)
	}
	if !h.ValidUntil.IsZero() {
		row.ValidUntil = h.ValidUntil
		checkDate(faults, "valid_until", row.ValidUntil)
	}
	wrong, err := s.CustomFaults(ctx, recordKind, h.Custom)
	faults.Merge("", wrong)
	if err != nil || h.Owner == "" {
		return err
	}
	row.OwnerUser, row.OwnerTeam = h.Owner, h.Team
	checkText(faults, "owner", h.Owner, 64)
	checkText(faults, "team", h.Team, 64)
	if q.config.Host.Users == nil {
		return nil
	}
	_, err = q.config.Host.Users.User(ctx, q.session(s), h.Owner)
	if errors.Is(err, fault.NotFound) {
		faults.Add("owner", "unknown", "%.64q is no user of the company; choose one from the list", h.Owner)
		return nil
	}
	return err
}

// reach gives the party that stands for id today; the zero ID gives none.
func (q *Quotes) reach(ctx context.Context, s *store.Session, faults *fault.List, path string, id party.ID) (party.Party, error) {
	if id.IsZero() {
		return party.Party{}, nil
	}
	p, err := q.config.Parties.In(s).Get(ctx, id)
	if errors.Is(err, fault.NotFound) || err == nil && p.Company != s.Actor.Company { // a group reads more than it may write
		faults.Add(path, "unknown", "there is no such person or company, or you may not see it; choose another one")
		return party.Party{}, nil
	}
	return p, err
}

func (q *Quotes) reachOpportunity(ctx context.Context, s *store.Session, faults *fault.List, id OpportunityID) error {
	if id.IsZero() || q.config.Advancer == nil {
		return nil
	}
	err := q.config.Advancer.Reach(ctx, s, id)
	if errors.Is(err, fault.NotFound) {
		faults.Add("opportunity", "unknown", "there is no such opportunity, or you may not see it; choose another one")
		return nil
	}
	return err
}
