package quote

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
	"unicode"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/quote/pdf"
)

// DocumentForm names the form of [Document], so that old ones can be read when it grows.
const DocumentForm = "crmplus.quote/1"

// Document is a quote as it was promised. Written as JSON in the order of its fields, without white
// space, with numbers as text, it is what [Quote.DocumentHash] is the SHA-256 of; the JSON is kept as a
// file of the company under that hash.
type Document struct {
	Form       string          `json:"form"`
	ID         ID              `json:"id"`
	Company    string          `json:"company"`
	Number     string          `json:"number"`
	Revision   int             `json:"revision"`
	Language   locale.Language `json:"language"`
	Currency   string          `json:"currency"`
	PriceDate  civil.Date      `json:"price_date"`
	IssuedOn   civil.Date      `json:"issued_on"`
	ValidUntil civil.Date      `json:"valid_until"`
	Seller     Seller          `json:"seller"`
	Signatory  Signatory       `json:"signatory"`
	Addressee  Addressee       `json:"addressee"`
	Title      string          `json:"title"`
	Cover      string          `json:"cover"`
	Lines      []DocumentLine  `json:"lines"`
	Totals     Totals          `json:"totals"`
	Terms      string          `json:"terms"`
	Delivery   string          `json:"delivery_terms"`
	Closing    string          `json:"closing"`
}

// Seller is the host's company, as it stands on the document.
type Seller struct {
	Name        string   `json:"name"`
	Lines       []string `json:"lines"`
	TaxID       string   `json:"tax_id"`
	EUVatID     string   `json:"eu_vat_id"`
	Phone       string   `json:"phone"`
	Email       string   `json:"email"`
	Website     string   `json:"website"`
	BankAccount string   `json:"bank_account"`
	IBAN        string   `json:"iban"`
}

// Signatory is who answers for the quote.
type Signatory struct {
	Name  string `json:"name"`
	Title string `json:"title"`
	Phone string `json:"phone"`
	Email string `json:"email"`
}

// DocumentLine is a line of a [Document].
type DocumentLine struct {
	Position int `json:"position"`
	// Number is printed before the line; see [Numbers].
	Number           string         `json:"number"`
	Kind             Kind           `json:"kind"`
	AlternativeGroup string         `json:"alternative_group"`
	ProductKey       string         `json:"product_key"`
	Code             string         `json:"code"`
	Name             string         `json:"name"`
	Description      string         `json:"description"`
	Quantity         money.Quantity `json:"quantity"`
	Unit             string         `json:"unit"`
	UnitPrice        money.Amount   `json:"unit_price"`
	Discount         money.Percent  `json:"discount"`
	VATCode          string         `json:"vat_code"`
	VATRate          money.Percent  `json:"vat_rate"`
	Net              money.Amount   `json:"net"`
}

// look is what a PDF needs beside the document.
type look struct {
	logo   []byte
	accent pdf.Color
	link   string
	at     time.Time
	draft  bool
}

// document reads what stands on a quote: the company, who signs, and, unless it is frozen already, the
// addressee. Where nobody can be addressed, the name is left empty.
func (q *Quotes) document(ctx context.Context, s *store.Session, card Card) (Document, look, error) {
	row := card.Quote
	company, err := q.company(ctx, s, row.Company)
	if err != nil {
		return Document{}, look{}, err
	}
	signs, err := q.signatory(ctx, s, row)
	if err != nil {
		return Document{}, look{}, err
	}
	if row.Addressee.IsZero() {
		if row.Addressee, err = q.addressee(ctx, s, row); err != nil {
			return Document{}, look{}, err
		}
	}
	doc := Document{
		Form: DocumentForm, ID: row.ID, Company: row.Company, Number: row.Number, Revision: row.Revision, Language: row.Language,
		Currency: row.Currency, PriceDate: row.PriceDate, IssuedOn: row.IssuedOn, ValidUntil: row.ValidUntil,
		Seller: seller(company, row.Language), Signatory: signs, Addressee: row.Addressee,
		Title: row.Title, Cover: row.Cover, Terms: row.Terms, Delivery: row.DeliveryTerms, Closing: row.Closing,
		Totals: Totals{Net: row.Net, VAT: row.VAT, Gross: row.Gross, Optional: row.OptionalNet, ByRate: card.VAT},
	}
	numbers := Numbers(card.Lines)
	for i, l := range card.Lines {
		doc.Lines = append(doc.Lines, DocumentLine{
			Position: l.Position, Number: numbers[i], Kind: l.Kind, AlternativeGroup: l.AlternativeGroup, ProductKey: l.ProductKey, Code: l.Code, Name: l.Name,
			Description: l.Description, Quantity: l.Quantity, Unit: l.Unit, UnitPrice: l.UnitPrice, Discount: l.Discount,
			VATCode: l.VATCode, VATRate: l.VATRate, Net: l.Net,
		})
	}
	how := look{logo: company.Logo, accent: q.config.Theme(row.Company).Accent, at: row.UpdatedAt, draft: row.State == Draft}
	if !how.draft && q.config.AcceptLink != nil {
		how.link = q.config.AcceptLink(row.Company, row.ID)
	}
	return doc, how, nil
}

func (q *Quotes) company(ctx context.Context, s *store.Session, key string) (erpbridge.Company, error) {
	if q.config.Host.Companies == nil {
		return erpbridge.Company{}, fault.New(fault.Unavailable, "the host tells nothing about its companies; set Host.Companies")
	}
	hs := q.session(s)
	hs.Company = key
	c, err := q.config.Host.Companies.Company(ctx, hs)
	if err != nil {
		return c, fmt.Errorf("reading company %s: %w", key, err)
	}
	return c, nil
}

func seller(c erpbridge.Company, l locale.Language) Seller {
	return Seller{
		Name: c.Name, Lines: party.Address(c.Address).Lines(l), TaxID: c.TaxID, EUVatID: c.EUVatID, Phone: c.Phone, Email: c.Email,
		Website: c.Website, BankAccount: c.BankAccount, IBAN: c.IBAN,
	}
}

// signatory is the quote's owner as the host knows him; nobody where the host does not.
func (q *Quotes) signatory(ctx context.Context, s *store.Session, row Quote) (Signatory, error) {
	if q.config.Host.Users == nil || row.OwnerUser == "" {
		return Signatory{}, nil
	}
	u, err := q.config.Host.Users.User(ctx, q.session(s), row.OwnerUser)
	if errors.Is(err, fault.NotFound) {
		return Signatory{}, nil
	}
	if err != nil {
		return Signatory{}, fmt.Errorf("reading user %s: %w", row.OwnerUser, err)
	}
	return Signatory{Name: u.Name, Title: u.JobTitle, Phone: u.Phone, Email: u.Email}, nil
}

// addressee is the party in the quote's language, with the contact to whose attention it goes. A person
// who works for a company reads the quote for it: then the company is addressed, to the person's
// attention, at its own address or, where that is unknown, at the person's.
func (q *Quotes) addressee(ctx context.Context, s *store.Session, row Quote) (Addressee, error) {
	p, err := q.buyer(ctx, s, row.PartyID)
	if err != nil {
		return Addressee{}, err
	}
	a := Addressee{Name: nameOf(p, row.Language), Lines: p.Address().Lines(row.Language), TaxID: p.TaxID}
	if p.Kind == party.Person && !p.EmployerID.IsZero() {
		company, err := q.buyer(ctx, s, p.EmployerID)
		if err != nil {
			return Addressee{}, err
		}
		a.Attention, a.Name, a.TaxID = a.Name, nameOf(company, row.Language), company.TaxID
		if !company.Address().IsZero() {
			a.Lines = company.Address().Lines(row.Language)
		}
	}
	if row.ContactID.IsZero() || row.ContactID == row.PartyID {
		return a, nil
	}
	contact, err := q.buyer(ctx, s, row.ContactID)
	if err != nil {
		return Addressee{}, err
	}
	a.Attention = nameOf(contact, row.Language)
	return a, nil
}

// nameOf is the name of a person in the order of the language, of a company as it is; where only an
// e-mail address is known, that.
func nameOf(p party.Party, l locale.Language) string {
	name := p.DisplayName
	if p.Kind == party.Person {
		name = p.Name().Display(l)
	}
	if name == "" {
		name = p.Email
	}
	return name
}

// canonical is the JSON that is hashed and kept.
func (d Document) canonical() ([]byte, error) { return json.Marshal(d) }

// render draws the document.
func (d Document) render(how look) ([]byte, error) {
	var b bytes.Buffer
	if err := pdf.Render(&b, d.printed(how)); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// printed maps the document to paper.
func (d Document) printed(how look) pdf.Document {
	doc := pdf.Document{
		Language: d.Language, Number: d.Number, Version: d.Revision, IssueDate: d.IssuedOn, ValidUntil: d.ValidUntil, Currency: d.Currency,
		Seller: pdf.Seller{
			Name: d.Seller.Name, AddressLines: d.Seller.Lines, TaxID: d.Seller.TaxID, EUVatID: d.Seller.EUVatID, Phone: d.Seller.Phone,
			Email: d.Seller.Email, Web: d.Seller.Website, BankAccount: d.Seller.BankAccount, IBAN: d.Seller.IBAN, Logo: how.logo,
		},
		Addressee: pdf.Addressee{Name: d.Addressee.Name, Attention: d.Addressee.Attention, AddressLines: d.Addressee.Lines, TaxID: d.Addressee.TaxID},
		Title:     d.Title, CoverText: d.Cover, ClosingText: d.Closing,
		Net: d.Totals.Net, VAT: d.Totals.VAT, Gross: d.Totals.Gross, OptionalTotal: d.Totals.Optional,
		Signatory:  pdf.Signatory(d.Signatory),
		AcceptLink: how.link, CreatedAt: how.at, Draft: how.draft, Accent: how.accent,
	}
	for _, r := range d.Totals.ByRate {
		doc.VATSummary = append(doc.VATSummary, pdf.VATRow{Label: vatLabel(r.Code, r.Rate), Rate: r.Rate, Net: r.Net, VAT: r.VAT, Gross: r.Gross})
	}
	for _, t := range []struct{ key, text string }{{"payment", d.Terms}, {"delivery", d.Delivery}} {
		if t.text != "" {
			doc.Terms = append(doc.Terms, pdf.Term{Label: Texts.T(d.Language, t.key), Text: t.text})
		}
	}
	doc.Lines = d.printedLines()
	return doc
}

// printedLines marks alternatives that do not count as optional, so that the sums which are carried
// from page to page agree with the total.
func (d Document) printedLines() []pdf.Line {
	lines := make([]pdf.Line, len(d.Lines))
	seen := map[string]bool{}
	for i, l := range d.Lines {
		p := pdf.Line{Name: l.Name, Description: l.Description, Comment: !l.Kind.Priced()}
		if l.Kind.Priced() {
			p.Position, p.Code, p.Quantity, p.Unit = l.Number, l.Code, l.Quantity, l.Unit
			p.UnitPrice, p.DiscountPercent, p.Net = l.UnitPrice, l.Discount, l.Net
			p.VATLabel, p.VATRate = vatLabel(l.VATCode, l.VATRate), l.VATRate
			p.Alternative = l.AlternativeGroup
			p.Optional = l.Kind == Optional || l.AlternativeGroup != "" && seen[l.AlternativeGroup]
			seen[l.AlternativeGroup] = true
		}
		lines[i] = p
	}
	return lines
}

// vatLabel is the code of a zero rate, because the reader must see why there is no VAT ("AAM", "EU");
// other rates speak for themselves.
func vatLabel(code string, rate money.Percent) string {
	if !rate.IsZero() {
		return ""
	}
	for _, r := range code {
		if unicode.IsLetter(r) {
			return code
		}
	}
	return ""
}
