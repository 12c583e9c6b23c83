package quote

import (
	"database/sql/driver"
	"fmt"

	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/quote/pdf"
)

// Recipients are kept as JSON.
type Recipients []mail.Address

// Value stores JSON.
func (r Recipients) Value() (driver.Value, error) { return toJSON(r, len(r) == 0) }

// Scan reads JSON.
func (r *Recipients) Scan(src any) error { return fromJSON(src, r) }

// Annexes are kept as JSON.
type Annexes []Annex

// Value stores JSON.
func (a Annexes) Value() (driver.Value, error) { return toJSON(a, len(a) == 0) }

// Scan reads JSON.
func (a *Annexes) Scan(src any) error { return fromJSON(src, a) }

// values fill the fields of [SentPurpose].
func (q *Quotes) values(row Quote, doc Document, reader party.Party, linked bool) map[string]mail.Value {
	return plain(map[string]mail.Value{
		"reader.greeting":   reader.Greeting,
		"reader.name":       func(l locale.Language) string { return oneLine(nameOf(reader, l)) },
		"customer.name":     mail.TextValue(doc.Addressee.Name),
		"quote.number":      mail.TextValue(row.Number),
		"quote.title":       mail.TextValue(row.Title),
		"quote.net":         mail.MoneyValue(row.Net, row.Currency),
		"quote.gross":       mail.MoneyValue(row.Gross, row.Currency),
		"quote.valid_until": mail.DateValue(row.ValidUntil),
		"quote.link": func(locale.Language) string {
			if !linked {
				return ""
			}
			return LinkField
		},
		"seller.name":     mail.TextValue(doc.Signatory.Name),
		"seller.title":    mail.TextValue(doc.Signatory.Title),
		"seller.phone":    func(l locale.Language) string { return leftToRight(l, oneLine(doc.Signatory.Phone)) },
		"seller.email":    mail.TextValue(doc.Signatory.Email),
		"company.name":    mail.TextValue(doc.Seller.Name),
		"company.website": mail.TextValue(doc.Seller.Website),
	})
}

// leftToRight keeps a phone number together in a text that is read from the right, where its groups of digits
// would stand in the wrong order: in an isolate of Unicode's bidirectional algorithm (UAX #9).
func leftToRight(l locale.Language, number string) string {
	if number == "" || !l.RightToLeft() {
		return number
	}
	return "\u2066" + number + "\u2069"
}

// DefaultAccent is the colour of what a company has no colour for.
var DefaultAccent = pdf.Color{R: 31, G: 58, B: 95}

// accentOf gives a colour, and the one of black and white that is easier to read on it, as #rrggbb.
func accentOf(c pdf.Color) (accent, ink string) {
	if c == (pdf.Color{}) {
		c = DefaultAccent
	}
	ink = "#ffffff"
	if 299*int(c.R)+587*int(c.G)+114*int(c.B) > 150_000 {
		ink = "#000000"
	}
	return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B), ink
}
