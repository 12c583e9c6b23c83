package main

import (
	"context"
	"crypto/rand"
	"net/http"
	"slices"
	"strings"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/erpbridge/convert"
	"github.com/crmplus/crmplus/testutil/erp"
)

// routeHost are the ERP's own pages: what it had before CRM+ moved in.
func (s *server) routeHost(on func(pattern string, p page)) {
	on("GET /erp/customers", s.listCustomers)
	on("GET /erp/customers/{key}", s.showCustomer)
	on("GET /erp/products", s.listProducts)
	on("GET /erp/documents/{kind}", s.listDocuments)
	on("GET /erp/documents/{kind}/{number}", s.showDocument)
	on("POST /erp/invoices/{number}/post", s.postInvoice)
}

// customerList is the ERP's page of customers.
type customerList struct {
	Rows []erpbridge.Customer
	Form *form
	Next string
}

func (s *server) listCustomers(v *visit) error {
	query := v.r.URL.Query()
	rows, err := v.findCustomers(query.Get("text"), query.Get("after"), pageSize)
	if err != nil {
		return err
	}
	view := customerList{Rows: rows, Form: v.blank("text", query.Get("text"))}
	if len(rows) == pageSize {
		view.Next = pagePath(v.r.URL, rows[len(rows)-1].Key)
	}
	return v.show(http.StatusOK, "customers.html", "menu.customers", view)
}

// customerCard is a customer with contacts and documents.
type customerCard struct {
	Customer  erpbridge.Customer
	Contacts  []erpbridge.Contact
	Documents []erpbridge.Document
	Timeline  timeline
	Known     bool
}

func (s *server) showCustomer(v *visit) error {
	var view customerCard
	host := s.books.Host()
	err := v.host(func(ctx context.Context, hs erpbridge.Session) (err error) {
		if view.Customer, err = host.Customers.Customer(ctx, hs, v.r.PathValue("key")); err != nil {
			return err
		}
		if view.Contacts, err = host.Contacts.ContactsOf(ctx, hs, view.Customer.Key); err != nil {
			return err
		}
		if history, ok := host.Documents.(erpbridge.DocumentHistory); ok {
			view.Documents, err = history.History(ctx, hs, view.Customer.Key, 30)
		}
		return err
	})
	if err != nil {
		return err
	}
	who, err := s.module.Parties.ByRole(v.ctx(), party.Link{Role: party.Customer, HostKey: view.Customer.Key})
	switch {
	case err == nil:
		view.Known = true
		if view.Timeline, err = s.timelineOf(v, who.ID, v.blank(), ""); err != nil {
			return err
		}
		if view.Timeline.Users, err = v.users(); err != nil {
			return err
		}
	case fault.CodeOf(err) != fault.NotFound:
		return err
	}
	return v.show(http.StatusOK, "customer.html", view.Customer.Name, view)
}

// productList is the ERP's page of products.
type productList struct {
	Rows     []product
	Groups   map[string]string
	Currency string
	Form     *form
}

func (s *server) listProducts(v *visit) error {
	text := v.r.URL.Query().Get("text")
	view := productList{Currency: s.locale(v.login.company).Currency, Form: v.blank("text", text), Groups: map[string]string{}}
	err := v.host(func(ctx context.Context, hs erpbridge.Session) error {
		host := s.books.Host()
		groups, err := host.Catalogue.Groups(ctx, hs)
		if err != nil {
			return err
		}
		for _, g := range groups {
			view.Groups[g.Key] = g.Name
		}
		found, err := host.Catalogue.Products(ctx, hs, text, 200)
		if err != nil {
			return err
		}
		for _, p := range found {
			price, err := priceToday(ctx, host, hs, erpbridge.PriceQuestion{Product: p.Key, Quantity: money.MustQuantity("1"), Currency: view.Currency})
			if err != nil {
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

// documentList is the ERP's page of orders, delivery notes or invoices.
type documentList struct {
	Kind  erpbridge.Kind
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
	view := documentList{Kind: kind, Names: map[string]string{}}
	err = v.host(func(ctx context.Context, hs erpbridge.Session) (err error) {
		view.Rows, err = s.books.ListDocuments(ctx, hs, erp.DocumentPage{Kind: kind, After: v.r.URL.Query().Get("after"), Limit: pageSize})
		if err != nil {
			return err
		}
		for _, d := range view.Rows {
			if view.Names[d.Customer] == "" {
				c, err := s.books.Host().Customers.Customer(ctx, hs, d.Customer)
				if err != nil {
					return err
				}
				view.Names[d.Customer] = c.Name
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if len(view.Rows) == pageSize {
		view.Next = pagePath(v.r.URL, view.Rows[len(view.Rows)-1].Number)
	}
	return v.show(http.StatusOK, "documents.html", documentTitles[kind], view)
}

// documentView is a document of the ERP, with what CRM+ can make of it.
type documentView struct {
	erpbridge.Document
	Customer erpbridge.Customer
	VAT      []erp.VATTotal
	// Conversion made the document; zero where it does not come from CRM+.
	Conversion   convert.ID
	Follow       []convert.Link
	Form         *form
	DeliverLeft  bool
	InvoiceLeft  bool
	Key          string
	MayBePosted  bool
	ReferenceURL string
}

func (s *server) showDocument(v *visit) error {
	kind, err := documentKind(v)
	if err != nil {
		return err
	}
	return s.drawDocument(v, http.StatusOK, erpbridge.Ref{Kind: kind, Key: v.r.PathValue("number")}, v.blank())
}

func (s *server) drawDocument(v *visit, status int, ref erpbridge.Ref, f *form) error {
	view := documentView{Form: f, Key: rand.Text()}
	err := v.host(func(ctx context.Context, hs erpbridge.Session) (err error) {
		host := s.books.Host()
		if view.Document, err = host.Documents.Document(ctx, hs, ref); err != nil {
			return err
		}
		if view.Customer, err = host.Customers.Customer(ctx, hs, view.Document.Customer); err != nil {
			return err
		}
		if ref.Kind == erpbridge.Invoice {
			view.VAT, err = s.books.VATSummary(ctx, hs, view.Number)
		}
		return err
	})
	if err != nil {
		return err
	}
	view.MayBePosted = ref.Kind == erpbridge.Invoice && view.State == erpbridge.Open
	for _, l := range view.Lines {
		view.DeliverLeft = view.DeliverLeft || ref.Kind == erpbridge.Order && l.Delivered.Cmp(l.Quantity) < 0
		view.InvoiceLeft = view.InvoiceLeft || ref.Kind != erpbridge.Invoice && l.Invoiced.Cmp(l.Quantity) < 0
	}
	if err := s.findConversion(v, &view); err != nil {
		return err
	}
	return v.show(status, "document.html", view.Number, view)
}

// findConversion looks for the conversion that made the document, and for what followed it.
func (s *server) findConversion(v *visit, view *documentView) error {
	who, err := s.module.Parties.ByRole(v.ctx(), party.Link{Role: party.Customer, HostKey: view.Customer.Key})
	if fault.CodeOf(err) == fault.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	links, err := s.module.Convert.LinksOfParty(v.ctx(), who.ID)
	if err != nil {
		return err
	}
	for _, l := range links {
		if l.HostKind != string(view.Kind) || l.HostKey != view.Ref.Key {
			continue
		}
		view.Conversion = l.ConversionID
		switch l.RecordKind {
		case convert.Quote:
			view.ReferenceURL = "/quotes/" + l.RecordID.String()
		case convert.Opportunity:
			view.ReferenceURL = "/opportunities/" + l.RecordID.String()
		case convert.Lead, convert.Conversion:
		}
		view.Follow, err = s.module.Convert.Links(v.ctx(), convert.Subject{Kind: convert.Conversion, ID: convert.SubjectID(l.ConversionID)})
		return err
	}
	return nil
}

// deliver makes a delivery note of the quantities that were typed at the order's lines.
func (s *server) deliver(v *visit) error {
	return s.follow(v, func(ctx context.Context, input convert.DocumentInput) (convert.Result, error) {
		return s.module.Convert.Deliver(ctx, input)
	}, "delivered")
}

// invoice makes an invoice of what was not invoiced yet.
func (s *server) invoice(v *visit) error {
	return s.follow(v, func(ctx context.Context, input convert.DocumentInput) (convert.Result, error) {
		return s.module.Convert.Invoice(ctx, input)
	}, "invoiced")
}

func (s *server) follow(v *visit, do func(context.Context, convert.DocumentInput) (convert.Result, error), done string) error {
	id, err := pathID[convert.Tag](v)
	if err != nil {
		return err
	}
	f := v.posted()
	input := convert.DocumentInput{From: convert.Subject{Kind: convert.Conversion, ID: convert.SubjectID(id)}, Key: f.text("key")}
	for name := range f.Values {
		line, ok := lineOf(name)
		if !ok || f.text(name) == "" {
			continue
		}
		if q := f.quantity(name); !q.IsZero() {
			input.Lines = append(input.Lines, convert.LineChoice{Line: line, Quantity: q})
		}
	}
	slices.SortFunc(input.Lines, func(a, b convert.LineChoice) int { return strings.Compare(a.Line, b.Line) })
	from := erpbridge.Ref{Kind: erpbridge.Kind(f.text("from_kind")), Key: f.text("from_number")}
	if f.wrong() {
		return s.drawDocument(v, http.StatusUnprocessableEntity, from, f)
	}
	made, err := do(v.ctx(), input)
	if err != nil {
		if err := v.refuse(f, err); err != nil {
			return err
		}
		return s.drawDocument(v, http.StatusUnprocessableEntity, from, f)
	}
	return v.redirect("/erp/documents/" + string(made.Document.Kind) + "/" + made.Document.Number + "?done=" + done)
}

// lineOf reads the key of a line from the name of its field, "take:1".
func lineOf(name string) (string, bool) {
	const prefix = "take:"
	if len(name) <= len(prefix) || name[:len(prefix)] != prefix {
		return "", false
	}
	return name[len(prefix):], true
}

// postInvoice is the ERP's own: it posts to the ledger, and then tells CRM+ what became of its document.
func (s *server) postInvoice(v *visit) error {
	number := v.r.PathValue("number")
	var posted erpbridge.Document
	err := v.host(func(ctx context.Context, hs erpbridge.Session) (err error) {
		posted, err = s.books.PostInvoice(ctx, hs, number)
		return err
	})
	if err != nil {
		return err
	}
	if err := s.module.Convert.DocumentChanged(v.ctx(), posted.Ref, posted.State); err != nil {
		return err
	}
	return v.redirect("/erp/documents/invoice/" + number + "?done=posted")
}
