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
	// Quotation is a quote that the host keeps itself.
	Quotation    Kind = "quote"
	Order        Kind = "order"
	DeliveryNote Kind = "delivery"
	Invoice      Kind = "invoice"
	CreditNote   Kind = "credit"
	// PaymentRequest asks for money before the invoice and is no tax document: díjbekérő, счёт на оплату,
	// προτιμολόγιο, proforma.
	PaymentRequest Kind = "payment_request"
	// AdvanceInvoice is the tax document of a payment on account: előlegszámla, счёт-фактура на аванс.
	AdvanceInvoice Kind = "advance_invoice"
	// CompletionAct is what customer and supplier sign when a service is done: teljesítési igazolás, акт
	// выполненных работ.
	CompletionAct Kind = "completion_act"
)

// Documents writes and reads the host's documents.
type Documents interface {
	// Kinds lists the documents the host has.
	Kinds() []Kind
	// Create writes a document and gives it as the host keeps it: key, number, lines with their keys,
	// totals. Everything that is wrong is fault.Invalid with one fault per place, before anything is
	// written: an unknown or blocked customer ("customer"), an unknown product, a quantity that is not
	// above zero or more than what is left of the line it follows ("lines[2].quantity"), a line that the
	// source does not have ("lines[2].source_line"), a source that does not exist or was cancelled
	// ("source"). The same Session.Token again gives the same document, also to two who come at once.
	Create(ctx context.Context, s Session, draft Document) (Document, error)
	// Document reads one; fault.NotFound where there is none.
	Document(ctx context.Context, s Session, ref Ref) (Document, error)
	// Cancel cancels a document by the host's own means: a storno, a credit note, or deletion of what
	// has no number yet. It gives the document as it is afterwards, or fault.Invalid with the reason
	// why the host refuses (posted, delivered, paid, followed by a document that holds). What is
	// cancelled is cancelled again without doing anything; what was delivered or invoiced by it is open
	// again on the document it followed.
	Cancel(ctx context.Context, s Session, ref Ref, reason string) (Document, error)
}

// DocumentCheck is implemented beside [Documents] by hosts that can judge a draft without writing.
type DocumentCheck interface {
	CheckDocument(ctx context.Context, s Session, draft Document) ([]fault.Fault, error)
}

// DocumentHistory is implemented beside [Documents] by hosts that can list a customer's documents.
type DocumentHistory interface {
	// History gives the newest documents of all kinds first, at most limit; their lines may be left out.
	History(ctx context.Context, s Session, customer string, limit int) ([]Document, error)
}

// OpenItems is implemented beside [Documents] by hosts that tell what a customer still owes.
type OpenItems interface {
	// OpenItems gives what is not paid yet, the oldest due date first.
	OpenItems(ctx context.Context, s Session, customer string) ([]OpenItem, error)
}

// OpenItem is an amount that is not paid yet; an overpayment or a credit is negative.
type OpenItem struct {
	Document Ref        `json:"document"`
	Date     civil.Date `json:"date"`
	Due      civil.Date `json:"due"`
	Currency string     `json:"currency"`
	// Amount is what was owed at first, Open what is left of it.
	Amount money.Amount `json:"amount"`
	Open   money.Amount `json:"open"`
}

// Payments is implemented beside [Documents] by hosts that tell what a customer paid.
type Payments interface {
	// Payments gives the newest first, at most limit.
	Payments(ctx context.Context, s Session, customer string, limit int) ([]Payment, error)
}

// Payment is money that came in.
type Payment struct {
	Key      string       `json:"key"`
	Date     civil.Date   `json:"date"`
	Currency string       `json:"currency"`
	Amount   money.Amount `json:"amount"`
	// Document is what was paid, the zero Ref where the host does not say.
	Document Ref `json:"document"`
}

// DocumentLookup is implemented beside [Documents] by hosts that can find what a token made.
type DocumentLookup interface {
	// FindDocument gives the document of the kind that was made under the token; fault.NotFound where
	// there is none.
	FindDocument(ctx context.Context, s Session, kind Kind, token string) (Document, error)
}

// DocumentStates is implemented beside [Documents] by hosts that can read the headers of many documents
// at once, to follow what became of them.
type DocumentStates interface {
	// States gives those of the documents that exist, in no order; their lines may be left out.
	States(ctx context.Context, s Session, refs []Ref) ([]Document, error)
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
	// Open: nothing followed it yet. Partial: a part of an order was delivered or invoiced. Completed: all of it was.
	Open      State = "open"
	Partial   State = "partial"
	Completed State = "completed"
	// Posted: an invoice is in the books. Paid: nothing of it is owed any more.
	Posted State = "posted"
	Paid   State = "paid"
	// Cancelled: it was taken back. Credited: by another document, which Document.CancelledBy names.
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
	// Paid is how much of the gross total came in so far, where the host tells.
	Paid money.Amount `json:"paid,omitzero"`
	// CancelledBy is the document that took this one back: the credit note of an invoice.
	CancelledBy *Ref `json:"cancelled_by,omitempty"`
}

// DocumentLine is a line of a document.
type DocumentLine struct {
	// Key is the host's key of the line.
	Key string `json:"key"`
	// SourceLine is the key of the line of the source document that this one follows.
	SourceLine string `json:"source_line,omitempty"`
	// Product is the host's key, "" for a line of free text, which not every host takes.
	Product string `json:"product"`
	// Name is what the line calls it; "" in a draft takes the product's own name.
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
