package pdf

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
)

// Limits that keep a document printable and its cost bounded.
const (
	maxOneLine      = 500
	maxParagraphs   = 100_000
	maxText         = 2 << 20
	maxLines        = 10_000
	maxAddressLines = 8
	maxVATRows      = 200
	maxTerms        = 50
)

// field is one text of a document. Its path is only spelled out for faults.
type field struct {
	group string // "seller", "lines[%d]"
	index int
	name  string
	text  *string
	// paragraphs keep their line breaks.
	paragraphs bool
}

func (f field) path() string {
	group := f.group
	if strings.Contains(group, "%d") {
		group = fmt.Sprintf(group, f.index)
	}
	if group == "" || f.name == "" {
		return group + f.name
	}
	return group + "." + f.name
}

// fields visits every text of the document.
func (d *Document) fields(visit func(field)) {
	one := func(group, name string, text *string) { visit(field{group: group, name: name, text: text}) }
	s, a, g := &d.Seller, &d.Addressee, &d.Signatory
	one("seller", "name", &s.Name)
	one("seller", "tax_id", &s.TaxID)
	one("seller", "eu_vat_id", &s.EUVatID)
	one("seller", "phone", &s.Phone)
	one("seller", "email", &s.Email)
	one("seller", "web", &s.Web)
	one("seller", "bank_account", &s.BankAccount)
	one("seller", "iban", &s.IBAN)
	one("addressee", "name", &a.Name)
	one("addressee", "attention", &a.Attention)
	one("addressee", "tax_id", &a.TaxID)
	one("", "number", &d.Number)
	one("", "reference", &d.Reference)
	one("", "title", &d.Title)
	one("signatory", "name", &g.Name)
	one("signatory", "title", &g.Title)
	one("signatory", "phone", &g.Phone)
	one("signatory", "email", &g.Email)
	visit(field{name: "cover_text", text: &d.CoverText, paragraphs: true})
	visit(field{name: "closing_text", text: &d.ClosingText, paragraphs: true})
	for i := range s.AddressLines {
		visit(field{group: "seller.address_lines[%d]", index: i, text: &s.AddressLines[i]})
	}
	for i := range a.AddressLines {
		visit(field{group: "addressee.address_lines[%d]", index: i, text: &a.AddressLines[i]})
	}
	for i := range d.Lines {
		l := &d.Lines[i]
		for _, f := range [...]field{
			{name: "position", text: &l.Position}, {name: "code", text: &l.Code}, {name: "name", text: &l.Name},
			{name: "unit", text: &l.Unit}, {name: "vat_label", text: &l.VATLabel}, {name: "alternative", text: &l.Alternative},
			{name: "description", text: &l.Description, paragraphs: true},
		} {
			f.group, f.index = "lines[%d]", i
			visit(f)
		}
	}
	for i := range d.VATSummary {
		visit(field{group: "vat_summary[%d]", index: i, name: "label", text: &d.VATSummary[i].Label})
	}
	for i := range d.Terms {
		visit(field{group: "terms[%d]", index: i, name: "label", text: &d.Terms[i].Label})
		visit(field{group: "terms[%d]", index: i, name: "text", text: &d.Terms[i].Text, paragraphs: true})
	}
}

// check finds everything that keeps the document from being drawn.
func check(d *Document) error {
	var faults fault.List
	if !slices.Contains(locale.Languages, d.Language) {
		faults.Add("language", "language.unknown", "%.20q is not one of %v", string(d.Language), locale.Languages)
	}
	if !money.ValidCurrency(d.Currency) {
		faults.Add("currency", "currency.form", "%.20q is not a currency; write its three letters, as EUR", d.Currency)
	}
	faults.Required("seller.name", d.Seller.Name)
	faults.Required("addressee.name", d.Addressee.Name)
	checkDates(d, &faults)
	checkCounts(d, &faults)
	if len(faults) == 0 { // counts bound what follows
		checkTexts(d, &faults)
		checkNumbers(d, &faults)
	}
	if len(d.Seller.Logo) > 0 {
		if _, err := prepare(d.Seller.Logo); err != nil {
			faults.Add("seller.logo", "logo.form", "%v", err)
		}
	}
	if d.AcceptLink != "" {
		if _, err := linkTarget(d.AcceptLink); err != nil {
			faults.Add("accept_link", "link.form", "%v", err)
		}
	}
	return faults.Err("the quote cannot be drawn")
}

func checkDates(d *Document, faults *fault.List) {
	date := func(path string, v civil.Date) {
		if !v.IsZero() && (v.Year < 1 || v.Year > 9999 || civil.Of(v.Time(nil)) != v) {
			faults.Add(path, "date.range", "%d-%d-%d is not a date between the years 1 and 9999", v.Year, int(v.Month), v.Day)
		}
	}
	date("issue_date", d.IssueDate)
	date("valid_until", d.ValidUntil)
	if !d.CreatedAt.IsZero() && (d.CreatedAt.UTC().Year() < 1 || d.CreatedAt.UTC().Year() > 9999) {
		faults.Add("created_at", "date.range", "is not between the years 1 and 9999")
	}
	if d.CreatedAt.IsZero() && d.IssueDate.IsZero() {
		faults.Add("created_at", "required", "is missing; give it or the issue date, so that the same quote gives the same file")
	}
}

func checkCounts(d *Document, faults *fault.List) {
	count := func(path string, n, most int) {
		if n > most {
			faults.Add(path, "count", "has %d entries; at most %d can be printed", n, most)
		}
	}
	count("lines", len(d.Lines), maxLines)
	count("vat_summary", len(d.VATSummary), maxVATRows)
	count("terms", len(d.Terms), maxTerms)
	count("seller.address_lines", len(d.Seller.AddressLines), maxAddressLines)
	count("addressee.address_lines", len(d.Addressee.AddressLines), maxAddressLines)
}

func checkTexts(d *Document, faults *fault.List) {
	total := 0
	d.fields(func(f field) {
		most := maxOneLine
		if f.paragraphs {
			most = maxParagraphs
		}
		total += len(*f.text)
		if len(*f.text) > most {
			faults.Add(f.path(), "too_long", "has %d bytes; at most %d can be printed", len(*f.text), most)
		}
	})
	if total > maxText {
		faults.Add("", "too_long", "all texts together have %d bytes; at most %d can be printed", total, maxText)
	}
}

// checkNumbers refuses what could not be stored either, before anything is rounded: rounding a
// decimal with an exponent of a billion would not end.
func checkNumbers(d *Document, faults *fault.List) {
	number := func(f field, v decimal.Decimal) {
		if v.Exponent() < -40 || v.Exponent() > 18 || v.NumDigits() > 60 || v.Abs().GreaterThan(largest) {
			faults.Add(f.path(), "number.range", "is not a number that can be printed; at most %s with 40 decimals can", largest)
		}
	}
	percent := func(f field, v decimal.Decimal) {
		before := len(*faults)
		if number(f, v); len(*faults) == before && v.Abs().GreaterThan(thousand) {
			faults.Add(f.path(), "number.range", "is %s %%; at most 1000 can be printed", v)
		}
	}
	for i := range d.Lines {
		l := &d.Lines[i]
		number(field{group: "lines[%d]", index: i, name: "quantity"}, l.Quantity.Decimal)
		number(field{group: "lines[%d]", index: i, name: "unit_price"}, l.UnitPrice.Decimal)
		percent(field{group: "lines[%d]", index: i, name: "discount_percent"}, l.DiscountPercent.Decimal)
		percent(field{group: "lines[%d]", index: i, name: "vat_rate"}, l.VATRate.Decimal)
		number(field{group: "lines[%d]", index: i, name: "net"}, l.Net.Decimal)
	}
	for i := range d.VATSummary {
		r := &d.VATSummary[i]
		percent(field{group: "vat_summary[%d]", index: i, name: "rate"}, r.Rate.Decimal)
		number(field{group: "vat_summary[%d]", index: i, name: "net"}, r.Net.Decimal)
		number(field{group: "vat_summary[%d]", index: i, name: "vat"}, r.VAT.Decimal)
		number(field{group: "vat_summary[%d]", index: i, name: "gross"}, r.Gross.Decimal)
	}
	number(field{name: "net"}, d.Net.Decimal)
	number(field{name: "vat"}, d.VAT.Decimal)
	number(field{name: "gross"}, d.Gross.Decimal)
	number(field{name: "optional_total"}, d.OptionalTotal.Decimal)
}

// largest is one digit more than an amount or a quantity can have in the database.
var largest, thousand = decimal.New(1, 16), decimal.New(1, 3)

// linkTarget gives the address in the escaped form that a PDF holds.
func linkTarget(link string) (string, error) {
	const want = "write it as https://example.com/quote/…"
	if len(link) > 2000 {
		return "", fmt.Errorf("has %d bytes; at most 2000 can be used", len(link))
	}
	u, err := url.Parse(link)
	if err != nil {
		return "", fmt.Errorf("is not a web address; %s", want)
	}
	if u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return "", fmt.Errorf("is not an http or https address; %s", want)
	}
	if !plain(u.Host) {
		return "", fmt.Errorf("has a host outside ASCII; write it in its xn-- form")
	}
	return u.String(), nil
}

// created is the time for the metadata.
func (d *Document) created() time.Time {
	if d.CreatedAt.IsZero() {
		return d.IssueDate.Time(nil)
	}
	return d.CreatedAt.UTC()
}
