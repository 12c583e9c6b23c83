package crm

import (
	"context"
	"slices"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/reports"
)

// Colleagues lists the host's users of the actor's company, none where the host does not tell.
func (m *Module) Colleagues(ctx context.Context) ([]erpbridge.User, error) {
	if m.config.Host.Users == nil {
		return nil, nil
	}
	all, err := ask(ctx, m, "", m.config.Host.Users.ListUsers)
	if a, _ := actor.From(ctx); err == nil && m.config.Host.Place == erpbridge.Elsewhere {
		m.staffs.keep(a.Company, all)
	}
	return all, err
}

// Company is the company that the actor works in, as its documents show it. Where the host does not tell,
// it is the company's key and locale.
func (m *Module) Company(ctx context.Context) (erpbridge.Company, error) {
	if m.config.Host.Companies == nil {
		a, err := actor.From(ctx)
		return erpbridge.Company{Key: a.Company, Name: a.Company, Locale: m.config.Locale(a.Company)}, err
	}
	return ask(ctx, m, "", m.config.Host.Companies.Company)
}

// Products searches the host's catalogue by code or name, in the order of codes, at most limit.
func (m *Module) Products(ctx context.Context, text string, limit int) ([]erpbridge.Product, error) {
	if m.config.Host.Catalogue == nil {
		return nil, nil
	}
	return ask(ctx, m, actor.QuoteRead, func(ctx context.Context, s erpbridge.Session) ([]erpbridge.Product, error) {
		return m.config.Host.Catalogue.Products(ctx, s, text, limit)
	})
}

// VATCodes lists the VAT codes that lines without a product may have: those the host tells, else those of its
// first two hundred products, each once.
func (m *Module) VATCodes(ctx context.Context) ([]erpbridge.VATCode, error) {
	if codes, ok := m.config.Host.Catalogue.(erpbridge.VATCodes); ok {
		return ask(ctx, m, actor.QuoteRead, codes.VATCodes)
	}
	found, err := m.Products(ctx, "", 200)
	var out []erpbridge.VATCode
	for _, p := range found {
		if !slices.ContainsFunc(out, func(c erpbridge.VATCode) bool { return c.Code == p.VATCode }) {
			out = append(out, erpbridge.VATCode{Code: p.VATCode, Rate: p.VATRate})
		}
	}
	return out, err
}

// ProductGroups lists the groups of the host's catalogue.
func (m *Module) ProductGroups(ctx context.Context) ([]erpbridge.ProductGroup, error) {
	if m.config.Host.Catalogue == nil {
		return nil, nil
	}
	return ask(ctx, m, actor.OpportunityRead, m.config.Host.Catalogue.Groups)
}

// Price asks the host's price list; fault.NotFound where it has no price for the question.
func (m *Module) Price(ctx context.Context, q erpbridge.PriceQuestion) (erpbridge.Price, error) {
	if m.config.Host.Prices == nil {
		return erpbridge.Price{}, fault.New(fault.NotFound, "the host has no price lists")
	}
	return ask(ctx, m, actor.QuoteRead, func(ctx context.Context, s erpbridge.Session) (erpbridge.Price, error) {
		if q.Date.IsZero() {
			q.Date = s.Today
		}
		return m.config.Host.Prices.Price(ctx, s, q)
	})
}

// Customers searches the host's customers by name, code, e-mail, phone or tax id, in the order of their
// names, at most limit, after the key after; fault.NotFound where the host cannot be searched.
func (m *Module) Customers(ctx context.Context, text, after string, limit int) ([]erpbridge.Customer, error) {
	list, ok := m.config.Host.Customers.(erpbridge.CustomerList)
	if !ok {
		return nil, fault.New(fault.NotFound, "the customers of the host cannot be searched")
	}
	return ask(ctx, m, actor.LeadRead, func(ctx context.Context, s erpbridge.Session) ([]erpbridge.Customer, error) {
		return list.Search(ctx, s, text, after, limit)
	})
}

// CustomerPage is a page of a list of customers.
type CustomerPage struct {
	Rows []erpbridge.Customer
	// Next is the store.Page.After of the next page, "" after the last one.
	Next string
	// Known says that the host cannot be searched: the list has those customers of it that CRM+ knows and the actor sees.
	Known bool
}

// ListCustomers gives a page of the host's customers by name, code, e-mail, phone or tax id, in the order of their names, or
// where the host cannot be searched those that CRM+ knows. It needs actor.LeadRead.
func (m *Module) ListCustomers(ctx context.Context, text string, page store.Page) (CustomerPage, error) {
	if _, searched := m.config.Host.Customers.(erpbridge.CustomerList); !searched {
		return m.knownCustomers(ctx, text, page)
	}
	rows, err := m.Customers(ctx, text, page.After, page.Size()+1)
	if err != nil || len(rows) <= page.Size() {
		return CustomerPage{Rows: rows}, err
	}
	rows = rows[:page.Size()]
	return CustomerPage{Rows: rows, Next: rows[len(rows)-1].Key}, nil
}

// CustomerPages gives the pages of [Module.ListCustomers], for a workbook of them.
func (m *Module) CustomerPages(text string) reports.CustomerPages {
	return func(ctx context.Context, page store.Page) ([]erpbridge.Customer, string, error) {
		list, err := m.ListCustomers(ctx, text, page)
		return list.Rows, list.Next, err
	}
}

func (m *Module) knownCustomers(ctx context.Context, text string, page store.Page) (CustomerPage, error) {
	if err := require(ctx, actor.LeadRead); err != nil {
		return CustomerPage{}, err
	}
	list, err := m.Parties.ListCustomers(ctx, party.CustomerFilter{Name: text, Page: page})
	out := CustomerPage{Next: list.Next, Known: true}
	for _, r := range list.Rows {
		out.Rows = append(out.Rows, erpbridge.Customer{
			Key: r.HostKey, Code: r.Number, Name: r.Name, TaxID: r.TaxID, Email: r.Email, Phone: r.Phone, Address: erpbridge.Address{City: r.City},
		})
	}
	return out, err
}

// require asks for a right of the actor in the context.
func require(ctx context.Context, r actor.Right) error {
	a, err := actor.From(ctx)
	if err != nil {
		return err
	}
	return a.Require(r)
}

// Customer reads one customer of the host.
func (m *Module) Customer(ctx context.Context, key string) (erpbridge.Customer, error) {
	return ask(ctx, m, actor.LeadRead, func(ctx context.Context, s erpbridge.Session) (erpbridge.Customer, error) {
		return m.config.Host.Customers.Customer(ctx, s, key)
	})
}

// Host says what the host can do: a port that is nil it does not have.
func (m *Module) Host() erpbridge.Host { return m.config.Host }

// ask puts a question to the host on behalf of the actor, who needs the right where one is named. A host
// in the same database answers inside a reading transaction; nobody waits for a network inside one.
func ask[T any](ctx context.Context, m *Module, r actor.Right, question func(context.Context, erpbridge.Session) (T, error)) (T, error) {
	var answer T
	a, err := actor.From(ctx)
	if err == nil && r != "" {
		err = a.Require(r)
	}
	if err != nil {
		return answer, err
	}
	hs := erpbridge.Session{Company: a.Company, UserID: a.HostUser(), Now: m.db.Now()}
	hs.Today = civil.In(hs.Now, m.config.Locale(a.Company).Location())
	if m.config.Host.Place == erpbridge.Elsewhere {
		return question(ctx, hs)
	}
	err = m.db.Read(ctx, func(ctx context.Context, s *store.Session) (err error) {
		hs.Tx = s.Tx()
		answer, err = question(ctx, hs)
		return err
	})
	return answer, err
}
