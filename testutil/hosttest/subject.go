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
	// Retryable says that a transaction that failed with err may be repeated. Without it every error
	// that is no *fault.Error may, and fault.Retryable.
	Retryable func(err error) bool
	// Lacks are the features that this host does not have.
	Lacks []Feature
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
		{"company", (*bench).company, nil},
		{"users", (*bench).users, []Feature{Users}},
		{"catalogue", (*bench).catalogue, []Feature{Catalogue}},
		{"prices", (*bench).prices, []Feature{Prices}},
		{"customers", (*bench).customers, nil},
		{"customer check", (*bench).customerCheck, []Feature{CustomerCheck}},
		{"customer list", (*bench).customerList, []Feature{CustomerList}},
		{"customer removal", (*bench).customerRemoval, []Feature{CustomerRemoval}},
		{"contacts", (*bench).contacts, []Feature{Contacts}},
		{"orders", (*bench).orders, []Feature{Documents}},
		{"numbers", (*bench).numbers, []Feature{Documents, Gapless, Rollback}},
		{"chain", (*bench).chain, []Feature{Documents, Deliveries, Invoices}},
		{"invoices", (*bench).invoices, []Feature{Documents, Invoices}},
		{"cancel", (*bench).cancel, []Feature{Documents}},
		{"document check", (*bench).documentCheck, []Feature{Documents, DocumentCheck}},
		{"history", (*bench).history, []Feature{Documents, DocumentHistory}},
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

// check names everything that is missing in the subject at once.
func (s Subject) check() error {
	var faults fault.List
	for path, value := range map[string]string{"Company": s.Company, "UserID": s.UserID, "Currency": s.Currency, "Host.Name": s.Host.Name} {
		faults.Required(path, value)
	}
	if s.Host.Place == erpbridge.SameDatabase && s.Begin == nil {
		faults.Add("Begin", "required", "is missing; a host in the same database works in a transaction")
	}
	has := func(f Feature, there bool) {
		lacks := slices.Contains(s.Lacks, f)
		switch {
		case !there && !lacks:
			faults.Add("Host", "feature", "has no %s; where that is meant, name it in Lacks", f)
		case there && lacks:
			faults.Add("Lacks", "feature", "names %s, but the host has it", f)
		}
	}
	if s.Host.Companies == nil || s.Host.Customers == nil {
		faults.Add("Host", "required", "needs the ports Companies and Customers; nothing can be converted without them")
	}
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
	if s.Host.Documents != nil {
		_, ok = s.Host.Documents.(erpbridge.DocumentCheck)
		has(DocumentCheck, ok)
		_, ok = s.Host.Documents.(erpbridge.DocumentHistory)
		has(DocumentHistory, ok)
		has(Deliveries, slices.Contains(s.Host.Documents.Kinds(), erpbridge.DeliveryNote))
		has(Invoices, slices.Contains(s.Host.Documents.Kinds(), erpbridge.Invoice))
		faults.Required("Customer", s.Customer)
		faults.Required("VATCode", s.VATCode)
		if len(s.Products) < 2 {
			faults.Add("Products", "required", "needs two products to sell")
		}
	}
	has(Companies, s.OtherCompany != "")
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

func (b *bench) session(company, token string) erpbridge.Session {
	return erpbridge.Session{Company: company, UserID: b.UserID, Token: token, Now: b.Now, Today: b.today()}
}

func (b *bench) today() civil.Date { return civil.In(b.Now, time.UTC) }

type unit func(ctx context.Context, s erpbridge.Session) error

// work is a call on the host: in which company, under which token; the zero value is the company under
// test and a token of its own.
type work struct {
	company, token string
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
	s := b.session(w.company, w.token)
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
		if err = b.do(ctx, w, do); err == nil || !b.Retryable(err) {
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
