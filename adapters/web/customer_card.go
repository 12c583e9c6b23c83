package web

import (
	"net/http"
	"slices"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/process"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/erpbridge/convert"
	"github.com/crmplus/crmplus/quote"
)

// customerCard is the card of a customer of the host.
type customerCard struct {
	Customer erpbridge.Customer
	// Party is the customer as CRM+ knows him, nil where nobody dealt with him here yet.
	Party *party.Party
	// Colleague says that somebody deals with the customer whose records the visitor does not see.
	Colleague bool
	// Processes are those on the customer; nil where there is nothing to show.
	Processes *cardProcesses
	Owner     string
	People    []party.Party
	Timeline  timelineView
	Quotes    []quote.Row
	Deals     []opportunity.Row
	Stages    map[opportunity.StageID]string
	Reach     reach
	Address   []string
	// Path is the card's address, Host that of the host's own page.
	Path, Host        string
	NewDeal, NewQuote string
	Money             *hostMoney
	// Own are the company's own fields, nil where there are none.
	Own *cardGroup
	// Silent says that the host did not answer about documents and money.
	Silent bool
	customerWorth
}

// hostMoney is what the host says about a customer's documents and debts.
type hostMoney struct {
	Documents []hostDocument
	Open      []openItem
	Payments  []erpbridge.Payment
	Sums      []debtSum
	Lacks     []string
}

type hostDocument struct {
	erpbridge.Document
	Path, StateText string
}

// openItem is a debt; Days is how long it is overdue, below one where it is not.
type openItem struct {
	erpbridge.OpenItem
	Path string
	Days int
}

// debtSum is what is owed in one currency, by age: not due yet, up to 30, 60, 90 days, and older.
type debtSum struct {
	Currency      string
	Owed, Overdue money.Amount
	Ages          [5]money.Amount
}

// customerOf reads the customer of the address, and his party where there is one.
func (v *visit) customerOf() (customerCard, error) {
	var d customerCard
	c, err := v.module().Customer(v.ctx(), v.r.PathValue("key"))
	if err != nil {
		return d, err
	}
	d.Customer, d.Path, d.Host = c, v.link("/customers", c.Key), hostLink(v.s.config.Links, "customer", c.Key)
	p, err := v.module().Parties.ByRole(v.ctx(), party.Link{Role: party.Customer, HostKey: c.Key})
	if fault.CodeOf(err) == fault.NotFound {
		d.Colleague, err = v.module().Parties.Hidden(v.ctx(), party.Link{Role: party.Customer, HostKey: c.Key})
		return d, err
	}
	d.Party = &p
	return d, err
}

func (s *screens) showCustomer(v *visit) error {
	d, err := v.customerOf()
	if err != nil {
		return err
	}
	c := d.Customer
	a := party.Address{Line1: c.Address.Line1, PostalCode: c.Address.PostalCode, City: c.Address.City, Country: c.Address.Country}
	d.Address = a.Lines(v.Locale.Language)
	d.Reach = reach{Phone: c.Phone, Email: c.Email, Map: mapLink(a)}
	if v.may(actor.OpportunityWrite) && !d.Colleague {
		d.NewDeal = v.link("/opportunities/new") + "?customer=" + c.Key
	}
	if v.may(actor.QuoteWrite) && !d.Colleague {
		d.NewQuote = v.link("/quotes/new") + "?customer=" + c.Key
	}
	if d.Party != nil {
		if err := v.knownCustomer(&d); err != nil {
			return err
		}
		if d.Processes, err = v.processesOn(process.Party, process.RecordID(d.Party.ID)); err != nil {
			return err
		}
	}
	if err := v.worthOf(&d); err != nil {
		return err
	}
	return v.show(http.StatusOK, "customer_card", head{
		Title: c.Name, Section: "customers", Crumbs: []crumb{{v.t("menu.customers"), v.link("/customers")}}, Scripts: timelineScripts,
	}, d)
}

// knownCustomer fills what CRM+ knows of a customer.
func (v *visit) knownCustomer(d *customerCard) error {
	if err := v.module().Reads.Note(v.ctx(), "customer", d.Party.ID.Bytes()); err != nil {
		return err
	}
	d.Reach.Note = v.reachOf(*d.Party).Note
	names, err := v.names()
	if err != nil {
		return err
	}
	if d.Owner = names[d.Party.OwnerUser]; d.Owner == "" {
		d.Owner = d.Party.OwnerUser
	}
	if d.People, err = v.module().Parties.People(v.ctx(), d.Party.ID); err != nil {
		return err
	}
	sheet, err := v.module().Parties.Sheet(v.ctx(), d.Party.ID)
	if err != nil {
		return err
	}
	if len(sheet.Fields) > 0 {
		own := v.contactGroup(contactSheet{*d.Party, sheet}, "custom")
		own.Card = d.Path
		d.Own = &own
	}
	if d.Quotes, d.Deals, d.Stages, err = v.salesOf(d.Party.ID); err != nil {
		return err
	}
	if d.Money, d.Silent, err = v.hostMoney(d.Party.ID, &d.Customer); err != nil {
		return err
	}
	d.Timeline, err = v.timeline(subject{Party: d.Party.ID, Path: d.Path})
	return err
}

// hostMoney asks the host for documents and debts of a customer that it has just told; nil for who may not know, or where the host is silent.
func (v *visit) hostMoney(id party.ID, known *erpbridge.Customer) (*hostMoney, bool, error) {
	if !v.may(actor.Convert) {
		return nil, false, nil
	}
	card, err := v.module().Convert.HostCardOf(v.ctx(), id, known)
	if code := fault.CodeOf(err); code == fault.Unavailable || code == fault.Unknown || code == fault.NotFound {
		return nil, true, nil
	}
	if err != nil {
		return nil, false, err
	}
	m := &hostMoney{Payments: card.Payments, Lacks: card.Lacks}
	today := civil.In(v.s.now(), v.zone())
	for _, doc := range card.Documents {
		m.Documents = append(m.Documents, hostDocument{doc, v.s.documentLink(doc.Ref), convert.Texts.T(v.Locale.Language, "state."+string(doc.State))})
	}
	for _, item := range card.Open {
		one := openItem{OpenItem: item, Path: v.s.documentLink(item.Document)}
		if !item.Due.IsZero() {
			one.Days = item.Due.DaysUntil(today)
		}
		m.Open = append(m.Open, one)
		m.add(one)
	}
	return m, false, nil
}

func (m *hostMoney) add(item openItem) {
	at := slices.IndexFunc(m.Sums, func(s debtSum) bool { return s.Currency == item.Currency })
	if at < 0 {
		at, m.Sums = len(m.Sums), append(m.Sums, debtSum{Currency: item.Currency})
	}
	sum := &m.Sums[at]
	sum.Owed = sum.Owed.Add(item.Open)
	age := 0
	switch {
	case item.Days > 90:
		age = 4
	case item.Days > 60:
		age = 3
	case item.Days > 30:
		age = 2
	case item.Days > 0:
		age = 1
	}
	sum.Ages[age] = sum.Ages[age].Add(item.Open)
	if age > 0 {
		sum.Overdue = sum.Overdue.Add(item.Open)
	}
}

func (s *screens) showCustomerDocuments(v *visit) error {
	d, err := v.customerOf()
	if err != nil {
		return err
	}
	if d.Party != nil {
		if d.Money, d.Silent, err = v.hostMoney(d.Party.ID, &d.Customer); err != nil {
			return err
		}
	}
	return v.show(http.StatusOK, "customer_documents", head{
		Title: v.t("customer.documents"), Section: "customers", Crumbs: []crumb{{v.t("menu.customers"), v.link("/customers")}, {d.Customer.Name, d.Path}},
	}, d)
}

// openCustomer takes a customer of the host into CRM+, so that something can be noted with him.
func (s *screens) openCustomer(v *visit) error {
	c, err := v.module().Customer(v.ctx(), v.r.PathValue("key"))
	if err != nil {
		return err
	}
	if _, err := v.module().Parties.OfCustomer(v.ctx(), c); err != nil {
		return err
	}
	return v.redirect(v.link("/customers", c.Key))
}
