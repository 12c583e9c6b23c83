package main

import (
	"context"
	"net/http"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/testutil/erp"
)

// routeERP are the ERP's own pages: what it had before CRM+ moved in.
func (s *server) routeERP(on func(pattern string, p page)) {
	on("GET /erp/customers", s.listCustomers)
	on("GET /erp/customers/{key}", s.showCustomer)
	on("GET /erp/products", s.listProducts)
	on("GET /erp/documents/{kind}", s.listDocuments)
	on("GET /erp/documents/{kind}/{number}", s.showDocument)
	on("POST /erp/invoices/{number}/post", s.postInvoice)
}

// pageSize is how many rows a list shows.
const pageSize = 40

// customerList is the page of customers.
type customerList struct {
	Rows       []erpbridge.Customer
	Text, Next string
}

func (s *server) listCustomers(v *visit) error {
	query := v.r.URL.Query()
	view := customerList{Text: query.Get("text")}
	err := v.host(func(ctx context.Context, hs erpbridge.Session) (err error) {
		view.Rows, err = s.books.Host().Customers.(erpbridge.CustomerList).Search(ctx, hs, view.Text, query.Get("after"), pageSize)
		return err
	})
	if err != nil {
		return err
	}
	if n := len(view.Rows); n == pageSize {
		view.Next = pagePath(v.r.URL, view.Rows[n-1].Key)
	}
	return v.show(http.StatusOK, "customers.html", "menu.customers", view)
}

// customerCard is a customer with contacts and documents.
type customerCard struct {
	erpbridge.Customer
	Contacts  []erpbridge.Contact
	Documents []erpbridge.Document
}

func (s *server) showCustomer(v *visit) error {
	var view customerCard
	host := s.books.Host()
	err := v.host(func(ctx context.Context, hs erpbridge.Session) (err error) {
		if view.Customer, err = host.Customers.Customer(ctx, hs, v.r.PathValue("key")); err != nil {
			return err
		}
		if view.Contacts, err = host.Contacts.ContactsOf(ctx, hs, view.Key); err != nil {
			return err
		}
		view.Documents, err = host.Documents.(erpbridge.DocumentHistory).History(ctx, hs, view.Key, 30)
		return err
	})
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, "customer.html", view.Name, view)
}

// productList is the page of products.
type productList struct {
	Rows     []product
	Groups   map[string]string
	Currency string
	Text     string
}

// product is one with its price today.
type product struct {
	erpbridge.Product
	Price money.Amount
}

func (s *server) listProducts(v *visit) error {
	view := productList{Currency: s.locale(v.login.company).Currency, Text: v.r.URL.Query().Get("text"), Groups: map[string]string{}}
	host := s.books.Host()
	err := v.host(func(ctx context.Context, hs erpbridge.Session) error {
		groups, err := host.Catalogue.Groups(ctx, hs)
		if err != nil {
			return err
		}
		for _, g := range groups {
			view.Groups[g.Key] = g.Name
		}
		found, err := host.Catalogue.Products(ctx, hs, view.Text, 200)
		if err != nil {
			return err
		}
		for _, p := range found {
			price, err := host.Prices.Price(ctx, hs, erpbridge.PriceQuestion{Product: p.Key, Quantity: money.MustQuantity("1"), Currency: view.Currency, Date: hs.Today})
			if err != nil && fault.CodeOf(err) != fault.NotFound {
				return err
			}
			view.Rows = append(view.Rows, product{p, price.Unit})
		}
		return nil
	})
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, "products.html", "menu.products", view)
}

// documentList is the page of orders, delivery notes or invoices.
type documentList struct {
	Rows  []erpbridge.Document
	Names map[string]string
	Next  string
}

// documentTitles are the kinds that have pages.
var documentTitles = map[erpbridge.Kind]string{erpbridge.Order: "menu.orders", erpbridge.DeliveryNote: "menu.deliveries", erpbridge.Invoice: "menu.invoices"}

func documentKind(v *visit) (erpbridge.Kind, error) {
	kind := erpbridge.Kind(v.r.PathValue("kind"))
	if documentTitles[kind] == "" {
		return "", fault.New(fault.NotFound, "there is no such page")
	}
	return kind, nil
}

func (s *server) listDocuments(v *visit) error {
	kind, err := documentKind(v)
	if err != nil {
		return err
	}
	view := documentList{Names: map[string]string{}}
	err = v.host(func(ctx context.Context, hs erpbridge.Session) (err error) {
		view.Rows, err = s.books.ListDocuments(ctx, hs, erp.DocumentPage{Kind: kind, After: v.r.URL.Query().Get("after"), Limit: pageSize})
		if err != nil {
			return err
		}
		for _, d := range view.Rows {
			if view.Names[d.Customer] != "" {
				continue
			}
			c, err := s.books.Host().Customers.Customer(ctx, hs, d.Customer)
			if err != nil {
				return err
			}
			view.Names[d.Customer] = c.Name
		}
		return nil
	})
	if err != nil {
		return err
	}
	if n := len(view.Rows); n == pageSize {
		view.Next = pagePath(v.r.URL, view.Rows[n-1].Number)
	}
	return v.show(http.StatusOK, "documents.html", documentTitles[kind], view)
}

// documentPage is a document.
type documentPage struct {
	erpbridge.Document
	Buyer       erpbridge.Customer
	Rates       []erp.VATTotal
	MayBePosted bool
}

func (s *server) showDocument(v *visit) error {
	kind, err := documentKind(v)
	if err != nil {
		return err
	}
	var view documentPage
	err = v.host(func(ctx context.Context, hs erpbridge.Session) (err error) {
		host := s.books.Host()
		if view.Document, err = host.Documents.Document(ctx, hs, erpbridge.Ref{Kind: kind, Key: v.r.PathValue("number")}); err != nil {
			return err
		}
		if view.Buyer, err = host.Customers.Customer(ctx, hs, view.Document.Customer); err != nil {
			return err
		}
		if kind == erpbridge.Invoice {
			view.Rates, err = s.books.VATSummary(ctx, hs, view.Number)
		}
		return err
	})
	if err != nil {
		return err
	}
	view.MayBePosted = kind == erpbridge.Invoice && view.State == erpbridge.Open
	return v.show(http.StatusOK, "document.html", view.Number, view)
}

// postInvoice posts to the ledger, and then tells CRM+ what became of its document.
func (s *server) postInvoice(v *visit) error {
	number := v.r.PathValue("number")
	var posted erpbridge.Document
	err := v.write(func(ctx context.Context, hs erpbridge.Session) (err error) {
		posted, err = s.books.PostInvoice(ctx, hs, number)
		return err
	})
	if err != nil {
		return err
	}
	if err := s.module.Convert.DocumentChanged(v.ctx(), posted.Ref, posted.State); err != nil {
		return err
	}
	return v.redirect("/erp/documents/invoice/" + number)
}
