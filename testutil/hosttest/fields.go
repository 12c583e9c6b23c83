package hosttest

import (
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"github.com/crmplus/crmplus/erpbridge"
)

// customerTexts are the texts of a customer by their paths.
func customerTexts(c *erpbridge.Customer) map[string]*string {
	return map[string]*string{
		"name": &c.Name, "given": &c.Given, "family": &c.Family, "tax_id": &c.TaxID, "eu_vat_id": &c.EUVatID, "email": &c.Email, "phone": &c.Phone,
		"website": &c.Website, "address.line1": &c.Address.Line1, "address.line2": &c.Address.Line2, "address.postal_code": &c.Address.PostalCode,
		"address.city": &c.Address.City, "address.region": &c.Address.Region, "address.country": &c.Address.Country, "currency": &c.Currency, "price_list": &c.PriceList,
	}
}

// contactTexts are those of a contact.
func contactTexts(c *erpbridge.Contact) map[string]*string {
	return map[string]*string{
		"contact.name": &c.Name, "contact.given": &c.Given, "contact.family": &c.Family, "contact.job_title": &c.JobTitle,
		"contact.email": &c.Email, "contact.phone": &c.Phone, "contact.mobile": &c.Mobile,
	}
}

// keptCustomer is a customer without what the host drops, to compare by.
func (b *bench) keptCustomer(c erpbridge.Customer) erpbridge.Customer {
	for path, text := range customerTexts(&c) {
		if b.drops(path) {
			*text = ""
		}
	}
	if b.drops("person") {
		c.Person = false
	}
	if b.drops("payment_days") {
		c.PaymentDays = 0
	}
	if b.drops("language") {
		c.Language = ""
	}
	return c
}

func (b *bench) keptContact(c erpbridge.Contact) erpbridge.Contact {
	for path, text := range contactTexts(&c) {
		if b.drops(path) {
			*text = ""
		}
	}
	if b.drops("contact.language") {
		c.Language = ""
	}
	return c
}

// keptDocument is a document without what the host drops.
func (b *bench) keptDocument(d erpbridge.Document) erpbridge.Document {
	for path, text := range map[string]*string{"document.currency": &d.Currency, "document.reference": &d.Reference, "document.note": &d.Note} {
		if b.drops(path) {
			*text = ""
		}
	}
	if b.drops("document.due") {
		d.Due = d.Date
	}
	d.Lines = slices.Clone(d.Lines)
	for i := range d.Lines {
		l := &d.Lines[i]
		for path, text := range map[string]*string{"document.lines.name": &l.Name, "document.lines.unit": &l.Unit, "document.lines.vat_code": &l.VATCode} {
			if b.drops(path) {
				*text = ""
			}
		}
	}
	return d
}

// paths are those that the host keeps: it cannot find a fault in what it drops.
func (b *bench) paths(paths ...string) []string {
	return slices.DeleteFunc(paths, b.drops)
}

// fit cuts a text to what a field takes; the end, which is unique, stays.
func (b *bench) fit(path, text, end string) string {
	limit, short := b.Lengths[path]
	if !short {
		return text + end
	}
	runes := []rune(text)
	for len(runes) > 0 && len(utf16.Encode(runes))+len(utf16.Encode([]rune(end))) > limit {
		runes = runes[:len(runes)-1]
	}
	if len(runes) < len([]rune(text)) {
		text = strings.TrimSpace(string(runes))
	}
	return text + end
}

// fitted cuts all texts of a draft to what the host takes.
func (b *bench) fitted(c erpbridge.Customer) erpbridge.Customer {
	for path, text := range customerTexts(&c) {
		if path != "name" { // whose end is unique
			*text = b.fit(path, *text, "")
		}
	}
	return c
}

// part gives the quantity that has decimals, or the whole one where the host takes no other.
func (b *bench) part(fraction, whole string) string {
	if b.lacks(Fractions) {
		return whole
	}
	return fraction
}

// delivered gives the part that is delivered, or the whole where the host delivers no parts.
func (b *bench) delivered(part, whole string) string {
	if b.lacks(PartDeliveries) {
		return whole
	}
	return part
}

// discount gives the first percentage that the host can keep.
func (b *bench) discount(fine, plain string) string {
	switch {
	case b.lacks(Discounts):
		return "0"
	case b.lacks(FineDiscounts):
		return plain
	}
	return fine
}

func (b *bench) sameCustomer(draft, got erpbridge.Customer) string {
	return cmp.Diff(b.keptCustomer(draft), b.keptCustomer(got))
}
