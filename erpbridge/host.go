// Package erpbridge is the border to the host: the ports through which CRM+ reads the host's
// customers, products and prices and writes the host's customers and documents, and the values that
// cross it. It holds no rules.
//
// A [Host] is a struct of small ports; a nil port means that this host does not have it. Each call
// carries a [Session] with the company, the raw transaction that CRM+ works in, and a token that makes
// the call repeatable. A host in the same database writes through Session.Tx, so that its rows are
// committed or rolled back together with those of CRM+.
package erpbridge

import (
	"context"
	"database/sql"
	"time"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
)

// Host is one ERP, as far as CRM+ can reach it.
type Host struct {
	// Name is shown to people: "Northwind", "Acme ERP".
	Name string
	// Place says where the host's tables are, seen from those of CRM+; SameDatabase where it is empty.
	Place Place
	// Tolerance is how far the host's total of a document may lie from ours, in units of the
	// document's currency; more is refused. Zero means exactly equal.
	Tolerance money.Amount

	Companies  Companies
	Customers  Customers
	Contacts   Contacts
	Catalogue  Catalogue
	Prices     Prices
	Documents  Documents
	Users      Users
	Completion Completion
}

// Place says whether the host shares our transaction.
type Place string

// The places of the host's tables.
const (
	// SameDatabase: one transaction holds the host's rows and ours; a conversion is done when it commits.
	SameDatabase Place = "same_database"
	// SameServer: the tables of CRM+ are in another database of the host's server, reached under their
	// own names by synonyms (SQL Server) or as an attached database (SQLite); one transaction on the
	// host's connection holds the rows of both.
	SameServer Place = "same_server"
	// Elsewhere: the host is reached by an API after our commit; a conversion is pending first.
	Elsewhere Place = "elsewhere"
)

// Session is what a call to the host carries.
type Session struct {
	// Company is the host's key of the company.
	Company string
	// Tx is the transaction of this unit of work; nil for a host that is [Elsewhere]. The host never
	// commits or rolls it back.
	Tx *sql.Tx
	// Token is unique for the conversion; a host that is asked twice with one token answers with what
	// it did the first time.
	Token string
	// Attempt counts how often a host that is [Elsewhere] was sent this very call before without a known
	// outcome. Where it is more than zero the host is searched for the token before it is asked again.
	Attempt int
	// UserID is the host's key of the user who acts, "" where a background job does.
	UserID string
	// Now is the instant of the unit of work, UTC.
	Now time.Time
	// Today is the business date in the company's zone.
	Today civil.Date
}

// Companies tells about the host's companies.
type Companies interface {
	// Company gives one company's own data, as it stands on documents.
	Company(ctx context.Context, s Session) (Company, error)
}

// Company is one company of the host.
type Company struct {
	Key     string
	Name    string
	TaxID   string
	EUVatID string
	Address Address
	Phone   string
	Email   string
	Website string
	// BankAccount is the number customers pay to, as printed.
	BankAccount string
	IBAN        string
	// Logo is a PNG or JPEG, nil for none.
	Logo   []byte
	Locale locale.Locale
}

// Address is a postal address.
type Address struct {
	Line1, Line2, PostalCode, City, Region string
	// Country is the ISO 3166-1 alpha-2 code.
	Country string
}

// Customers reads and writes the host's customers.
type Customers interface {
	// Match finds customers by any of the keys, for many at once: the index of each hit says which
	// key it answers. Names match when they are similar enough to show to a clerk.
	Match(ctx context.Context, s Session, keys []MatchKey) ([]CustomerMatch, error)
	// Customer reads one; fault.NotFound where there is none.
	Customer(ctx context.Context, s Session, key string) (Customer, error)
	// Create makes a customer and gives it as the host keeps it, with its key. Missing or wrong data
	// is fault.Invalid with a fault per field, before anything is written.
	Create(ctx context.Context, s Session, draft Customer) (Customer, error)
	// FillEmpty writes the fields of the draft that are empty at the host, and no others; it gives the
	// names of the fields it filled, with the values they had.
	FillEmpty(ctx context.Context, s Session, key string, draft Customer) ([]FilledField, error)
}

// CustomerRemoval is implemented beside [Customers] by hosts that can take back a customer which was
// created by a conversion and has no documents. Without it an undo only unlinks.
type CustomerRemoval interface {
	// Remove deletes or blocks the customer; an error says why it cannot.
	Remove(ctx context.Context, s Session, key string) error
	// Restore puts back what FillEmpty filled.
	Restore(ctx context.Context, s Session, key string, fields []FilledField) error
}

// CustomerCheck is implemented beside [Customers] by hosts that can say what is missing before a
// clerk presses the button.
type CustomerCheck interface {
	// Check gives a fault for each field that invoicing needs and the draft lacks.
	Check(ctx context.Context, s Session, draft Customer) ([]fault.Fault, error)
}

// CustomerList is implemented beside [Customers] by hosts whose customers can be searched and paged
// by people.
type CustomerList interface {
	// Search gives customers whose name, code, e-mail, phone or tax id begins with or contains the
	// text, in the order of their names, at most limit, after the key after. The text is what people
	// typed: % and _ in it are looked for as they stand.
	Search(ctx context.Context, s Session, text, after string, limit int) ([]Customer, error)
}

// CustomerLookup is implemented beside [Customers] by hosts that can find what a token made: after a
// call without an answer, or when one of two databases was restored alone.
type CustomerLookup interface {
	// FindCustomer gives the customer that was made under the token; fault.NotFound where there is none.
	FindCustomer(ctx context.Context, s Session, token string) (Customer, error)
}

// CustomerStates is implemented beside [Customers] by hosts that can read many customers at once, to
// see which were blocked, renumbered or deleted.
type CustomerStates interface {
	// Customers gives those of the keys that exist, in no order.
	Customers(ctx context.Context, s Session, keys []string) ([]Customer, error)
}

// MatchKey is what a customer is looked for by; empty fields are not looked for.
type MatchKey struct {
	// Email is in lower case, Phone in E.164, TaxID normalised with its country ("HU12345676").
	Email, Phone, TaxID string
	// Name is a name key as made by party.NameKey: folded, legal form removed, words sorted.
	Name string
}

// CustomerMatch is a customer that answers a key.
type CustomerMatch struct {
	// Key is the index into the keys that were asked for.
	Key      int
	Customer Customer
}

// Customer is a customer of the host, or the draft of one.
type Customer struct {
	Key string
	// Code is what people call it by, where that is not the key.
	Code string
	// Person says that the customer is a natural person.
	Person bool
	Name   string
	// Given and Family are set for persons.
	Given, Family string
	TaxID         string
	EUVatID       string
	Email         string
	Phone         string
	Website       string
	Address       Address
	Currency      string
	// PriceList is the host's key of the customer's own price list, "" for the standard one.
	PriceList string
	// PaymentDays is the usual term of payment.
	PaymentDays int
	Language    locale.Language
	Blocked     bool
}

// FilledField is one field of the host that a conversion filled.
type FilledField struct {
	Field string `json:"field"`
	From  string `json:"from"`
	To    string `json:"to"`
}

// Contacts reads and writes the contact persons of the host's customers.
type Contacts interface {
	ContactsOf(ctx context.Context, s Session, customer string) ([]Contact, error)
	CreateContact(ctx context.Context, s Session, draft Contact) (Contact, error)
	FillEmptyContact(ctx context.Context, s Session, key string, draft Contact) ([]FilledField, error)
	RemoveContact(ctx context.Context, s Session, key string) error
}

// Contact is a contact person of a customer.
type Contact struct {
	Key      string
	Customer string
	Name     string
	Given    string
	Family   string
	JobTitle string
	Email    string
	Phone    string
	Mobile   string
	Language locale.Language
}

// Users tells about the host's users.
type Users interface {
	User(ctx context.Context, s Session, id string) (User, error)
	ListUsers(ctx context.Context, s Session) ([]User, error)
}

// User is a user of the host.
type User struct {
	ID, Name, Email, Phone, JobTitle string
	Teams                            []string
	// Manager is the ID of the user's superior.
	Manager string
	Absent  bool
}

// Completion completes the data of a company from an official register or a data provider.
type Completion interface {
	// Complete finds a company by tax id; fault.NotFound where the register has none.
	Complete(ctx context.Context, country, taxID string) (Customer, error)
}
