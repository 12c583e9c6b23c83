package lead

import (
	"bytes"
	"errors"
	"io"
	"path"
	"strings"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/tabular"
	"github.com/crmplus/crmplus/crm/vcard"
)

// rawRow is a row of a table or a card.
type rawRow struct {
	line  int
	cells []string
	card  *vcard.Card
	err   *tabular.RowError
}

// rowFile gives row after row until io.EOF.
type rowFile interface {
	next() (rawRow, error)
	Close() error
}

// open opens a file as the plan says.
func (src Source) open(plan Plan) (rowFile, error) {
	if plan.Format == VCard {
		return cardFile{vcard.NewDecoder(src.reader(), vcard.Options{Language: plan.Language})}, nil
	}
	table, err := tabular.Open(src.reader(), tabular.Options{Encoding: plan.Encoding, Delimiter: plan.Delimiter, Sheet: plan.Sheet, Language: plan.Language})
	if err != nil {
		return nil, err
	}
	if len(table.Header) != len(plan.Header) {
		return nil, errors.Join(
			fault.New(fault.Invalid, "the file has %d columns, the plan %d; make a preview of this very file first", len(table.Header), len(plan.Header)), table.Close())
	}
	return tableFile{table}, nil
}

type tableFile struct{ *tabular.Table }

func (f tableFile) next() (rawRow, error) {
	row, err := f.Next()
	return rawRow{line: row.Line, cells: row.Cells, err: row.Err}, err
}

type cardFile struct{ cards *vcard.Decoder }

func (cardFile) Close() error { return nil }

func (f cardFile) next() (rawRow, error) {
	card, err := f.cards.Next()
	var bad *vcard.Error
	if errors.As(err, &bad) {
		return rawRow{line: bad.Line, cells: make([]string, len(cardHeader())), err: &tabular.RowError{Line: bad.Line, Code: bad.Code, Reason: bad.Reason}}, nil
	}
	return rawRow{line: card.Line, cells: cardCells(card), card: &card}, err
}

// formatOf tells a file of cards from a table.
func formatOf(src Source) (Format, error) {
	head := make([]byte, 512)
	n, err := src.reader().Read(head)
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fault.Wrap(err, fault.Unavailable, "the file %s cannot be read", src.Name)
	}
	plain := bytes.ToUpper(bytes.ReplaceAll(head[:n], []byte{0}, nil)) // UTF-16 in ASCII's clothes
	if bytes.Contains(plain, []byte("BEGIN:VCARD")) || strings.EqualFold(path.Ext(src.Name), ".vcf") {
		return VCard, nil
	}
	if bytes.HasPrefix(head[:n], []byte("PK\x03\x04")) {
		return Workbook, nil
	}
	return CSV, nil
}

// cardFields are the columns in which cards that were not taken in are given back.
var cardFields = []tabular.Field{
	tabular.FullName, tabular.GivenName, tabular.FamilyName, tabular.JobTitle, tabular.Company, tabular.Email, tabular.Phone, tabular.Mobile,
	tabular.Street, tabular.PostalCode, tabular.City, tabular.Country, tabular.Website, tabular.BirthDate, tabular.Interest,
}

func cardHeader() []string {
	names := make([]string, len(cardFields))
	for i, f := range cardFields {
		names[i] = strings.ReplaceAll(string(f), "_", " ")
	}
	return names
}

func cardCells(c vcard.Card) []string {
	d := cardDraft(c, locale.English)
	return []string{
		d.Name, d.Given, d.Family, d.JobTitle, d.Organization, strings.Join(d.Emails, ", "), strings.Join(d.Phones, ", "), d.Mobile,
		d.Address.Line1, d.Address.PostalCode, d.Address.City, d.Address.Country, d.Website, c.Birthday, d.Interest,
	}
}

// cardDraft reads a business card.
func cardDraft(c vcard.Card, l locale.Language) Draft {
	d := Draft{
		Name: c.FormattedName, Title: c.Prefixes, Given: c.Given, Middle: c.Additional, Family: c.Family, JobTitle: c.JobTitle,
		Organization: c.Organization, Interest: c.Note, ExternalID: c.UID, Origin: Origin{Channel: ByCard}, Language: l,
	}
	if c.Given == "" && c.Family == "" {
		d.Title, d.Middle = "", "" // the whole name holds them
		if c.FormattedName == c.Organization {
			d.Name = "" // the card of a company
		}
	}
	if language, ok := locale.ParseLanguage(c.Language); ok && c.Language != "" {
		d.Language = language
	}
	d.BirthDate, _ = civil.Parse(c.Birthday) // a day without a year is no date
	switch c.Gender {
	case "M":
		d.Gender = party.Male
	case "F":
		d.Gender = party.Female
	}
	for _, e := range c.Emails {
		d.Emails = append(d.Emails, e.Value)
	}
	for _, p := range c.Phones {
		switch {
		case p.Has("fax"):
		case p.Has("cell") && d.Mobile == "":
			d.Mobile = p.Value
		default:
			d.Phones = append(d.Phones, p.Value)
		}
	}
	if len(c.URLs) > 0 {
		d.Website = c.URLs[0].Value
	}
	if len(c.Addresses) > 0 {
		at := c.Addresses[0]
		for _, other := range c.Addresses {
			if other.Has("work") {
				at = other
				break
			}
		}
		d.Address = party.Address{Line1: at.Street, PostalCode: at.PostalCode, City: at.City, Region: at.Region, Country: at.Country}
	}
	return d
}
