package web

import (
	"net/http"
	"net/url"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/search"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
)

// buyer is whom something is sold to, as an address or a form names him: a party, a lead, an opportunity or
// a customer of the host, who gets a party when something is written.
type buyer struct {
	Party    party.ID
	Contact  party.ID
	Lead     *lead.Card
	Deal     *opportunity.Card
	Customer *erpbridge.Customer
	// Colleague says that a colleague deals with the customer, who is nobody to sell to then: his card says so.
	Colleague bool
	// Name is how he is called, Language the one he reads.
	Name     string
	Language locale.Language
}

// Fields are the hidden fields by which a form carries him on.
func (b buyer) Fields() map[string]string {
	switch {
	case b.Deal != nil:
		return map[string]string{"opportunity": b.Deal.ID.String()}
	case b.Lead != nil:
		return map[string]string{"lead": b.Lead.Lead.ID.String()}
	case b.Customer != nil:
		return map[string]string{"customer": b.Customer.Key}
	case !b.Party.IsZero():
		return map[string]string{"party": b.Party.String()}
	}
	return nil
}

// Known reports whether somebody was named.
func (b buyer) Known() bool { return b.Fields() != nil }

// buyerOf reads who is named; nobody where nothing names him. Ids that are none are pages that do not exist.
func (v *visit) buyerOf(values url.Values) (buyer, error) {
	var b buyer
	if text := values.Get("opportunity"); text != "" {
		id, err := store.ParseKey[opportunity.Tag](text)
		if err != nil {
			return b, errNoPage
		}
		card, err := v.module().Opportunities.Get(v.ctx(), id)
		b.Deal, b.Party, b.Contact, b.Name = &card, card.PartyID, card.ContactID, card.PartyName
		return b, err
	}
	if text := values.Get("lead"); text != "" {
		id, err := store.ParseKey[lead.Tag](text)
		if err != nil {
			return b, errNoPage
		}
		card, err := v.module().Leads.Get(v.ctx(), id)
		if err != nil {
			return b, err
		}
		b.Lead, b.Party, b.Name, b.Language = &card, card.Party.ID, card.Party.DisplayName, card.Party.Language
		if card.Employer != nil {
			b.Party, b.Contact, b.Name = card.Employer.ID, card.Party.ID, card.Employer.DisplayName
		}
		return b, nil
	}
	if text := values.Get("customer"); text != "" {
		c, err := v.module().Customer(v.ctx(), text)
		if err != nil {
			return b, err
		}
		b.Customer, b.Name, b.Language = &c, c.Name, c.Language
		b.Colleague, err = v.module().Parties.Hidden(v.ctx(), party.Link{Role: party.Customer, HostKey: c.Key})
		return b, err
	}
	if text := values.Get("party"); text != "" {
		id, err := store.ParseKey[party.Tag](text)
		if err != nil || id.IsZero() {
			return b, errNoPage
		}
		p, err := v.module().Parties.Get(v.ctx(), id)
		if err != nil {
			return b, err
		}
		b.Party, b.Name, b.Language = p.ID, p.DisplayName, p.Language
		if !p.EmployerID.IsZero() {
			if company, err := v.module().Parties.Get(v.ctx(), p.EmployerID); err == nil {
				b.Party, b.Contact, b.Name = company.ID, p.ID, company.DisplayName
			} else if fault.CodeOf(err) != fault.NotFound {
				return b, err
			}
		}
	}
	return b, nil
}

// settle gives the buyer his party; a customer of the host gets one at the first touch.
func (b *buyer) settle(v *visit) error {
	if b.Customer == nil {
		return nil
	}
	p, err := v.module().Parties.OfCustomer(v.ctx(), *b.Customer)
	b.Party = p.ID
	return err
}

// finder is the search for a buyer: what was typed, and who was found.
type finder struct {
	Text  string
	Found []foundBuyer
	// Path is the page that the choice leads to.
	Path string
	// Asked says that somebody searched.
	Asked bool
}

type foundBuyer struct {
	Name, Note, Path, Icon string
}

// findBuyers looks for customers of the host, contacts and leads.
func (v *visit) findBuyers(text, path string) (finder, error) {
	d := finder{Text: text, Path: path, Asked: text != ""}
	if text == "" {
		return d, nil
	}
	if !v.may(actor.LeadRead) {
		return d, nil
	}
	result, err := v.module().Search.Find(v.ctx(), search.Query{Text: text, Kinds: []search.Kind{search.Customer, search.Contact, search.Lead}, Limit: 10})
	if err != nil {
		return d, err
	}
	for _, g := range result.Groups {
		for _, hit := range g.Hits {
			one := foundBuyer{Name: hit.Title, Note: hit.Subtitle, Icon: "building-2", Path: withValues(path, url.Values{"customer": {hit.HostKey}})}
			switch {
			case g.Kind == search.Lead:
				one.Icon, one.Path = "user-round-plus", withValues(path, url.Values{"lead": {hit.ID.String()}})
			case g.Kind == search.Contact || hit.HostKey == "":
				one.Icon, one.Path = "user-round", withValues(path, url.Values{"party": {hit.PartyID.String()}})
			}
			d.Found = append(d.Found, one)
		}
	}
	return d, nil
}

func (s *screens) saleRoutes() []route {
	return []route{{Pattern: "GET /products", Right: actor.QuoteRead, Do: s.searchProducts}}
}

// productRow is a product as the line editor offers it.
type productRow struct {
	erpbridge.Product
	Price    string
	Stock    string
	Out      bool
	Currency string
}

// searchProducts finds products of the host by code or name, with stock and the buyer's price.
func (s *screens) searchProducts(v *visit) error {
	q := v.r.URL.Query()
	found, err := v.module().Products(v.ctx(), q.Get("q"), 12)
	if err != nil {
		return err
	}
	currency := q.Get("currency")
	if !money.ValidCurrency(currency) {
		currency = v.Locale.Currency
	}
	id, err := store.ParseKey[party.Tag](q.Get("party"))
	if err != nil {
		return errNoPage
	}
	customer, err := v.customerKey(id)
	if err != nil {
		return err
	}
	lang := v.Locale.Language
	var rows []productRow
	for _, p := range found {
		if p.Discontinued || len(rows) == 8 {
			continue
		}
		row := productRow{Product: p, Currency: currency}
		if p.Stock != nil {
			row.Stock, row.Out = lang.Quantity(p.Stock.Decimal), !p.Stock.IsPositive()
		}
		price, err := v.module().Price(v.ctx(), erpbridge.PriceQuestion{Product: p.Key, Customer: customer, Quantity: money.MustQuantity("1"), Currency: currency})
		switch {
		case err == nil:
			row.Price = lang.UnitPrice(price.Unit, currency)
		case fault.CodeOf(err) != fault.NotFound:
			return err
		}
		rows = append(rows, row)
	}
	return v.fill(http.StatusOK, "sale_products", "products", rows)
}
