package pdf

import (
	"time"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
)

// Document is everything that stands in the PDF. Nothing is calculated from it but the sums that
// are carried from page to page; totals are printed as they are given.
//
// Texts of one line hold at most 500 bytes, paragraphs (CoverText, ClosingText, descriptions, terms)
// at most 100,000 and all of them together 2 MiB; line breaks in paragraphs are kept.
type Document struct {
	// Language of labels, numbers and dates, and the direction of the page.
	Language  locale.Language
	Seller    Seller
	Addressee Addressee
	// Number of the quote; empty in drafts that have none yet.
	Number string
	// Version is printed from 2 on.
	Version    int
	IssueDate  civil.Date
	ValidUntil civil.Date
	// Currency of all amounts, an ISO 4217 code.
	Currency string
	// Reference is the addressee's own: his inquiry or order number.
	Reference string
	// Title is the subject, below the heading.
	Title     string
	CoverText string
	// Lines in printing order, at most 10,000.
	Lines []Line
	// VATSummary has one row for each rate, at most 200.
	VATSummary []VATRow
	// Net, VAT and Gross of all lines that are not optional.
	Net, VAT, Gross money.Amount
	// OptionalTotal is the net sum of optional lines, printed where it is not zero.
	OptionalTotal money.Amount
	// Terms are printed as a list of labels and texts: payment, delivery, warranty; at most 50.
	Terms       []Term
	ClosingText string
	Signatory   Signatory
	// AcceptLink is an http or https address where the quote can be accepted; "" prints none.
	AcceptLink string
	// CreatedAt goes into the file's metadata in UTC; the zero time means midnight of IssueDate.
	CreatedAt time.Time
	// Draft prints the word "draft" across each page.
	Draft bool
	// Accent colours headings and rules; the zero value is a dark blue. A colour too light to be
	// read on white is darkened until its contrast is 4.5 : 1 (WCAG 2.2, 1.4.3).
	Accent Color
}

// Color is an sRGB colour.
type Color struct{ R, G, B uint8 }

// Seller stands in the letterhead, in the line above the address and in the footer of each page.
type Seller struct {
	Name         string
	AddressLines []string
	// TaxID is the domestic one, EUVatID the one of Directive 2006/112/EC, with country prefix.
	TaxID   string
	EUVatID string
	Phone   string
	Email   string
	Web     string
	// BankAccount is the domestic form, with the bank's name if wanted.
	BankAccount string
	IBAN        string
	// Logo is a PNG or JPEG, at most 2 MiB and 4000 pixels a side, drawn at most 60 mm x 20 mm;
	// without one the name is set as a word mark.
	Logo []byte
}

// Addressee is who gets the quote, for the window of an envelope.
type Addressee struct {
	Name         string
	Attention    string
	AddressLines []string
	TaxID        string
}

// Line is one row of the table.
type Line struct {
	// Position is the printed number: "1", "2.1".
	Position        string
	Code            string
	Name            string
	Description     string
	Quantity        money.Quantity
	Unit            string
	UnitPrice       money.Amount
	DiscountPercent money.Percent
	// VATLabel is printed instead of VATRate where it is given: "AAM", "ΦΠΑ 24%".
	VATLabel string
	VATRate  money.Percent
	Net      money.Amount
	// Optional lines are marked and not counted in the sums that are carried.
	Optional bool
	// Alternative names the group of lines of which one will be taken: "A".
	Alternative string
	// Comment lines print Name as a heading and Description below it, without numbers.
	Comment bool
}

// VATRow is one row of the VAT summary.
type VATRow struct {
	// Label is printed instead of Rate where it is given.
	Label           string
	Rate            money.Percent
	Net, VAT, Gross money.Amount
}

// Term is a condition: Label "Payment", Text "30 days net".
type Term struct{ Label, Text string }

// Signatory is who answers for the quote; also the contact in the block beside the address.
type Signatory struct{ Name, Title, Phone, Email string }
