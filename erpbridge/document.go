package erpbridge

import (
	"context"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
)

// Kind is the kind of a host document.
type Kind string

// The kinds of documents.
const (
	Order        Kind = "order"
	DeliveryNote Kind = "delivery"
	Invoice      Kind = "invoice"
	CreditNote   Kind = "credit"
)

// Documents writes and reads the host's documents.
type Documents interface {
	// Kinds lists the documents the host has.
	Kinds() []Kind
	// Create writes a document and gives it as the host keeps it: key, number, lines with their keys,
	// totals. Everything that is wrong is fault.Invalid with one fault per place, before anything is
	// written.
	Create(ctx context.Context, s Session, draft Document) (Document, error)
	// Document reads one; fault.NotFound where there is none.
	Document(ctx context.Context, s Session, ref Ref) (Document, error)
	// Cancel cancels a document by the host's own means: a storno, a credit note, or deletion of what
	// has no number yet. It gives the document as it is afterwards, or fault.Invalid with the reason
	// why the host refuses (posted, delivered, paid).
	Cancel(ctx context.Context, s Session, ref Ref, reason string) (Document, error)
}

// DocumentCheck is implemented beside [Documents] by hosts that can judge a draft without writing.
type DocumentCheck interface {
	CheckDocument(ctx context.Context, s Session, draft Document) ([]fault.Fault, error)
}

// DocumentHistory is implemented beside [Documents] by hosts that can list a customer's documents and
// open items, newest first.
type DocumentHistory interface {
	History(ctx context.Context, s Session, customer string, limit int) ([]Document, error)
}

// Ref names a document of the host.
type Ref struct {
	Kind   Kind   `json:"kind"`
	Key    string `json:"key"`
	Number string `json:"number"`
}

// State is how far a document of the host has come.
type State string

// The states of documents.
const (
	Open      State = "open"
	Partial   State = "partial"
	Completed State = "completed"
	Posted    State = "posted"
	Paid      State = "paid"
	Cancelled State = "cancelled"
	Credited  State = "credited"
)

// Document is a document of the host, or the draft of one.
type Document struct {
	Ref
	Customer string     `json:"customer"`
	Date     civil.Date `json:"date"`
	// Due is the date of payment or delivery, zero for the host's own rule.
	Due      civil.Date `json:"due"`
	Currency string     `json:"currency"`
	// Reference is ours: the number of the quote.
	Reference string `json:"reference"`
	Note      string `json:"note"`
	// Source is the document this one follows: the order of a delivery note, the delivery note or
	// order of an invoice.
	Source *Ref           `json:"source,omitempty"`
	Lines  []DocumentLine `json:"lines"`
	// Totals are what the host computed; in a draft what we expect.
	Net   money.Amount `json:"net"`
	VAT   money.Amount `json:"vat"`
	Gross money.Amount `json:"gross"`
	State State        `json:"state"`
}

// DocumentLine is a line of a document.
type DocumentLine struct {
	// Key is the host's key of the line.
	Key string `json:"key"`
	// SourceLine is the key of the line of the source document that this one follows.
	SourceLine string `json:"source_line,omitempty"`
	// Product is the host's key, "" for a line of free text, which not every host takes.
	Product   string         `json:"product"`
	Name      string         `json:"name"`
	Quantity  money.Quantity `json:"quantity"`
	Unit      string         `json:"unit"`
	UnitPrice money.Amount   `json:"unit_price"`
	Discount  money.Percent  `json:"discount"`
	VATCode   string         `json:"vat_code"`
	VATRate   money.Percent  `json:"vat_rate"`
	Net       money.Amount   `json:"net"`
	// Delivered and Invoiced are how much of an order's line followed so far.
	Delivered money.Quantity `json:"delivered"`
	Invoiced  money.Quantity `json:"invoiced"`
}
