package hosttest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/erpbridge"
)

// Feature is something that not every host has.
type Feature string

// The features that may be lacking.
const (
	// Companies: the host keeps several companies apart.
	Companies Feature = "companies"
	// Users: the host tells its users.
	Users Feature = "users"
	// Contacts: the host has contact persons.
	Contacts Feature = "contacts"
	// Catalogue and Prices: the host has products and price lists.
	Catalogue Feature = "catalogue"
	Prices    Feature = "prices"
	// CustomerRemoval, CustomerCheck, CustomerList, DocumentCheck and DocumentHistory are the optional
	// interfaces of erpbridge.
	CustomerRemoval Feature = "customer removal"
	CustomerCheck   Feature = "customer check"
	CustomerList    Feature = "customer list"
	DocumentCheck   Feature = "document check"
	DocumentHistory Feature = "document history"
	// Documents: the host takes orders; Deliveries and Invoices: it takes those too.
	Documents  Feature = "documents"
	Deliveries Feature = "deliveries"
	Invoices   Feature = "invoices"
	// Gapless: the numbers of documents have no holes. The last digits of a number are the counter.
	Gapless Feature = "gapless numbers"
	// CustomerLookup, CustomerStates, OpenItems, Payments, DocumentLookup and DocumentStates are further
	// optional interfaces.
	CustomerLookup Feature = "customer lookup"
	CustomerStates Feature = "customer states"
	OpenItems      Feature = "open items"
	Payments       Feature = "payments"
	DocumentLookup Feature = "document lookup"
	DocumentStates Feature = "document states"
	Sales          Feature = "sales"
	// Backlog: the host tells which orders are still to be delivered, where it has no delivery notes those that are
	// still to be invoiced; Receivables: what all customers owe.
	Backlog     Feature = "backlog"
	Receivables Feature = "receivables"
	// Quotations, CreditNotes, PaymentRequests, AdvanceInvoices and CompletionActs are kinds of documents.
	// A credit note is at least what Cancel makes of a posted invoice.
	Quotations      Feature = "quotations"
	CreditNotes     Feature = "credit notes"
	PaymentRequests Feature = "payment requests"
	AdvanceInvoices Feature = "advance invoices"
	CompletionActs  Feature = "completion acts"
	// PartialCredits: a credit note can be written of some lines of an invoice.
	PartialCredits Feature = "partial credit notes"
	// PartDeliveries: an order can be delivered in parts.
	PartDeliveries Feature = "deliveries in parts"
	// KeptCancelled: a cancelled document can still be read. Without it the host deletes what has no number.
	KeptCancelled Feature = "cancelled documents"
	// CompanyData: the host tells name, address and locale of its companies.
	CompanyData Feature = "company data"
	// Fractions: quantities have decimals. Without them a fraction is refused, never rounded.
	Fractions Feature = "fractions of quantities"
	// Discounts: lines have a discount; FineDiscounts: with four decimals of a percent.
	Discounts     Feature = "discounts"
	FineDiscounts Feature = "fine discounts"
	// FreeText: lines without a product are taken.
	FreeText Feature = "free text lines"
	// Unicode: every text keeps all its characters.
	Unicode Feature = "unicode"
	// Rollback: the host works in the caller's transaction.
	Rollback Feature = "rollback"
)

// Subject is the host under test and what it holds.
type Subject struct {
	Host erpbridge.Host
	// Begin opens a transaction on the host's database; nil for a host that is Elsewhere.
	Begin func(ctx context.Context) (*sql.Tx, error)
	// Company is the key of the company to test in, OtherCompany that of a second one.
	Company, OtherCompany string
	// UserID is a user of Company.
	UserID string
	// Customer is a customer who may get every document, BlockedCustomer one who may get none ("" where
	// the host does not block).
	Customer, BlockedCustomer string
	// Products are at least two products with a standard price, of which 100 can be delivered.
	Products []string
	// VATCode is a code that is in force on Now, Currency that of Company.
	VATCode, Currency string
	// Prices are questions with the answers the host's price lists give.
	Prices []PriceCase
	// Now is the instant the test happens at; zero means the present.
	Now time.Time
	// Drops are the fields that this host does not keep: what is written into them reads as empty. They
	// are named by the paths of faults, those of documents with the document's noun before them:
	// "given", "tax_id", "address.line2", "contact.mobile", "document.note", "document.lines.unit".
	Drops []string
	// Lengths are the longest texts, in UTF-16 code units as NVARCHAR counts, of fields that are shorter here than 60: "name",
	// "address.line1", "document.reference". Longer ones must be refused, never cut.
	Lengths map[string]int
	// SameProduct says what happens to two lines of one product on a document; Products then must name
	// at least four.
	SameProduct SameProduct
	// Clerk are things that people do at the host and that no port can do. What is nil is not tested.
	Clerk Clerk
	// Retryable says that a transaction that failed with err may be repeated. Without it every error
	// that is no *fault.Error may, and fault.Retryable.
	Retryable func(err error) bool
	// Lacks are the features that this host does not have.
	Lacks []Feature
}

// SameProduct says what a host does with two lines of one product.
type SameProduct string

// The ways to treat two lines of one product.
const (
	// Apart: both stand on the document.
	Apart SameProduct = ""
	// Merged: they become one line with both quantities where price and discount are alike; others are
	// refused at the second one's product.
	Merged SameProduct = "merged"
	// Refused: the second one's product is named as a fault.
	Refused SameProduct = "refused"
)

// Clerk are the acts of people at the host. The session is as for a port.
type Clerk struct {
	// Post posts an invoice; Pay notes that an amount of it came in.
	Post func(ctx context.Context, s erpbridge.Session, invoice erpbridge.Ref) error
	Pay  func(ctx context.Context, s erpbridge.Session, invoice erpbridge.Ref, amount money.Amount) error
	// Block and Unblock close and open the account of a customer.
	Block   func(ctx context.Context, s erpbridge.Session, customer string) error
	Unblock func(ctx context.Context, s erpbridge.Session, customer string) error
}

// PriceCase is a question for a price and the answer to expect.
type PriceCase struct {
	Name     string
	Question erpbridge.PriceQuestion
	// Unit and Discount are the answer; Missing says that it is fault.NotFound.
	Unit     money.Amount
	Discount money.Percent
	Missing  bool
}

// Run runs the suite.
func Run(t *testing.T, subject Subject) {
	t.Helper()
	if subject.Now.IsZero() {
		subject.Now = time.Now()
	}
	subject.Now = subject.Now.UTC().Truncate(time.Millisecond)
	if subject.Retryable == nil {
		subject.Retryable = func(err error) bool {
			return errors.Is(err, fault.Retryable) || fault.CodeOf(err) == ""
		}
	}
	if err := subject.check(); err != nil {
		t.Fatal(err)
	}
	b := &bench{Subject: subject, run: fmt.Sprintf("%x", rand.Uint32()), phones: 100_000 + rand.Int64N(800_000)}
	groups := []struct {
		name string
		test func(*bench, *testing.T)
		need []Feature
	}{
		{"company", (*bench).company, []Feature{CompanyData}},
		{"users", (*bench).users, []Feature{Users}},
		{"catalogue", (*bench).catalogue, []Feature{Catalogue}},
		{"prices", (*bench).prices, []Feature{Prices}},
		{"customers", (*bench).customers, nil},
		{"customer check", (*bench).customerCheck, []Feature{CustomerCheck}},
		{"customer list", (*bench).customerList, []Feature{CustomerList}},
		{"customer removal", (*bench).customerRemoval, []Feature{CustomerRemoval}},
		{"customer lookup", (*bench).customerLookup, []Feature{CustomerLookup}},
		{"customer states", (*bench).customerStates, []Feature{CustomerStates}},
		{"blocking", (*bench).blocking, []Feature{Documents}},
		{"lengths", (*bench).lengths, nil},
		{"contacts", (*bench).contacts, []Feature{Contacts}},
		{"orders", (*bench).orders, []Feature{Documents}},
		{"numbers", (*bench).numbers, []Feature{Documents, Gapless, Rollback}},
		{"chain", (*bench).chain, []Feature{Documents, Deliveries, PartDeliveries, Invoices}},
		{"invoices", (*bench).invoices, []Feature{Documents, Invoices}},
		{"cancel", (*bench).cancel, []Feature{Documents}},
		{"document check", (*bench).documentCheck, []Feature{Documents, DocumentCheck}},
		{"history", (*bench).history, []Feature{Documents, DocumentHistory}},
		{"sales", (*bench).sales, []Feature{Documents, Sales}},
		{"backlog", (*bench).backlog, []Feature{Documents, Backlog}},
		{"document lookup", (*bench).documentLookup, []Feature{Documents, DocumentLookup}},
		{"document states", (*bench).documentStates, []Feature{Documents, DocumentStates}},
		{"lines", (*bench).lines, []Feature{Documents}},
		{"open items", (*bench).openItems, []Feature{Documents, Invoices, OpenItems}},
		{"receivables", (*bench).receivables, []Feature{Documents, Invoices, OpenItems, Receivables}},
		{"payments", (*bench).payments, []Feature{Documents, Invoices, Payments}},
		{"credit notes", (*bench).creditNotes, []Feature{Documents, Invoices, CreditNotes}},
		{"quotations", (*bench).quotations, []Feature{Documents, Quotations}},
		{"payment requests", paper(erpbridge.PaymentRequest), []Feature{Documents, PaymentRequests}},
		{"advance invoices", paper(erpbridge.AdvanceInvoice), []Feature{Documents, AdvanceInvoices}},
		{"completion acts", paper(erpbridge.CompletionAct), []Feature{Documents, CompletionActs}},
	}
	for _, g := range groups {
		t.Run(g.name, func(t *testing.T) {
			for _, f := range g.need {
				b.need(t, f)
			}
			g.test(b, t)
		})
	}
}

// kindFeatures are the features that the host's list of kinds tells.
var kindFeatures = []struct {
	kind    erpbridge.Kind
	feature Feature
}{
	{erpbridge.DeliveryNote, Deliveries}, {erpbridge.Invoice, Invoices}, {erpbridge.Quotation, Quotations}, {erpbridge.CreditNote, CreditNotes},
	{erpbridge.PaymentRequest, PaymentRequests}, {erpbridge.AdvanceInvoice, AdvanceInvoices}, {erpbridge.CompletionAct, CompletionActs},
}

// check names everything that is missing in the subject at once.
func (s Subject) check() error {
	var faults fault.List
	for path, value := range map[string]string{"Company": s.Company, "UserID": s.UserID, "Currency": s.Currency, "Host.Name": s.Host.Name} {
		faults.Required(path, value)
	}
	if s.Host.Place != erpbridge.Elsewhere && s.Begin == nil {
		faults.Add("Begin", "required", "is missing; a host in the same database works in a transaction")
	}
	has := func(f Feature, there bool) {
		lacks := slices.Contains(s.Lacks, f)
		switch {
		case !there && !lacks:
			faults.Add("Host", "feature", "has no %s; where that is meant, name %q in Lacks", f, f)
		case there && lacks:
			faults.Add("Lacks", "feature", "names %s, but the host has it", f)
		}
	}
	if s.Host.Customers == nil {
		faults.Add("Host", "required", "needs the port Customers; nothing can be converted without it")
	}
	has(CompanyData, s.Host.Companies != nil)
	has(Users, s.Host.Users != nil)
	has(Contacts, s.Host.Contacts != nil)
	has(Catalogue, s.Host.Catalogue != nil)
	has(Prices, s.Host.Prices != nil)
	has(Documents, s.Host.Documents != nil)
	_, ok := s.Host.Customers.(erpbridge.CustomerRemoval)
	has(CustomerRemoval, ok)
	_, ok = s.Host.Customers.(erpbridge.CustomerCheck)
	has(CustomerCheck, ok)
	_, ok = s.Host.Customers.(erpbridge.CustomerList)
	has(CustomerList, ok)
	_, ok = s.Host.Customers.(erpbridge.CustomerLookup)
	has(CustomerLookup, ok)
	_, ok = s.Host.Customers.(erpbridge.CustomerStates)
	has(CustomerStates, ok)
	if s.Host.Documents != nil {
		_, ok = s.Host.Documents.(erpbridge.DocumentCheck)
		has(DocumentCheck, ok)
		_, ok = s.Host.Documents.(erpbridge.DocumentHistory)
		has(DocumentHistory, ok)
		_, ok = s.Host.Documents.(erpbridge.Sales)
		has(Sales, ok)
		_, ok = s.Host.Documents.(erpbridge.Backlog)
		has(Backlog, ok)
		_, ok = s.Host.Documents.(erpbridge.DocumentLookup)
		has(DocumentLookup, ok)
		_, ok = s.Host.Documents.(erpbridge.DocumentStates)
		has(DocumentStates, ok)
		_, ok = s.Host.Documents.(erpbridge.OpenItems)
		has(OpenItems, ok)
		_, ok = s.Host.Documents.(erpbridge.Receivables)
		has(Receivables, ok)
		_, ok = s.Host.Documents.(erpbridge.Payments)
		has(Payments, ok)
		for _, k := range kindFeatures {
			has(k.feature, slices.Contains(s.Host.Documents.Kinds(), k.kind))
		}
		faults.Required("Customer", s.Customer)
		if !slices.Contains(s.Drops, "document.lines.vat_code") {
			faults.Required("VATCode", s.VATCode)
		}
		if len(s.Products) < 2 {
			faults.Add("Products", "required", "needs two products to sell")
		}
		if s.SameProduct != Apart && len(s.Products) < 4 {
			faults.Add("Products", "required", "needs four products where two lines of one are %s", s.SameProduct)
		}
	}
	if s.OtherCompany == "" && !slices.Contains(s.Lacks, Companies) {
		faults.Add("OtherCompany", "required", "is missing; name a second company, which must not see the first one's, or %q in Lacks where the host has one alone", Companies)
	}
	if s.OtherCompany != "" {
		has(Companies, true)
	}
	has(Rollback, s.Begin != nil)
	slices.SortFunc(faults, func(a, b fault.Fault) int { return strings.Compare(a.Path+a.Message, b.Path+b.Message) })
	return faults.Err("the subject is not complete")
}

// bench is one run of the suite.
type bench struct {
	Subject
	// run makes the names and addresses of this run different from those of others.
	run     string
	counter atomic.Int64
	// phones is where the run's phone numbers begin.
	phones int64
}

func (b *bench) lacks(f Feature) bool { return slices.Contains(b.Lacks, f) }

func (b *bench) drops(path string) bool { return slices.Contains(b.Drops, path) }

func (b *bench) need(t *testing.T, f Feature) {
	t.Helper()
	if slices.Contains(b.Lacks, f) {
		t.Skipf("the host has no %s", f)
	}
}

// unique gives a word that no other call gives.
func (b *bench) unique(word string) string {
	return fmt.Sprintf("%s%s%d", word, b.run, b.counter.Add(1))
}

func (b *bench) session(w work) erpbridge.Session {
	return erpbridge.Session{Company: w.company, UserID: b.UserID, Token: w.token, Attempt: w.attempt, Now: b.Now, Today: b.today()}
}

func (b *bench) today() civil.Date { return civil.In(b.Now, time.UTC) }

type unit func(ctx context.Context, s erpbridge.Session) error

// work is a call on the host: in which company, under which token; the zero value is the company under
// test and a token of its own.
type work struct {
	company, token string
	// attempt counts the tries before, where the host is Elsewhere.
	attempt int
	// rollback undoes the transaction in the end, however the unit went.
	rollback bool
}

// do runs one unit in one transaction and gives its error.
func (b *bench) do(ctx context.Context, w work, do unit) error {
	if w.company == "" {
		w.company = b.Company
	}
	if w.token == "" {
		w.token = b.unique("token-")
	}
	s := b.session(w)
	if b.Begin == nil {
		return do(ctx, s)
	}
	tx, err := b.Begin(ctx)
	if err != nil {
		return err
	}
	defer tx.Rollback() // after the commit it does nothing
	s.Tx = tx
	if err := do(ctx, s); err != nil || w.rollback {
		return err
	}
	return tx.Commit()
}

// must runs one unit that has to succeed, repeating it as the owner of a transaction does.
func (b *bench) must(t *testing.T, w work, do unit) {
	t.Helper()
	if err := b.persist(t.Context(), w, do); err != nil {
		t.Fatal(err)
	}
}

// persist repeats the unit while the database asks for it.
func (b *bench) persist(ctx context.Context, w work, do unit) error {
	if w.token == "" {
		w.token = b.unique("token-") // the same one for every try
	}
	var err error
	for range 20 {
		err = b.do(ctx, w, do)
		switch {
		case err == nil:
			return nil
		case b.Begin == nil && errors.Is(err, fault.Unknown): // it may have done it: it is told so
			w.attempt++
		case b.Begin == nil && errors.Is(err, fault.Unavailable): // it certainly did nothing
		case !b.Retryable(err):
			return err
		}
	}
	return err
}

// at asserts that err is fault.Invalid and names all the paths.
func at(t *testing.T, err error, paths ...string) {
	t.Helper()
	if !errors.Is(err, fault.Invalid) {
		t.Fatalf("got %v, want fault.Invalid that names %v", err, paths)
	}
	named(t, fault.Of(err), paths...)
}

func named(t *testing.T, faults []fault.Fault, paths ...string) {
	t.Helper()
	for _, path := range paths {
		if !slices.ContainsFunc(faults, func(f fault.Fault) bool { return f.Path == path }) {
			t.Errorf("no fault names %q; the faults are %v", path, faults)
		}
	}
	for _, f := range faults {
		if f.Code == "" || f.Message == "" {
			t.Errorf("the fault at %q has no code or no message: %+v", f.Path, f)
		}
	}
}

func notFound(t *testing.T, what string, err error) {
	t.Helper()
	if !errors.Is(err, fault.NotFound) {
		t.Errorf("%s: got %v, want fault.NotFound", what, err)
	}
}
