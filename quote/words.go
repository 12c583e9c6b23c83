package quote

import (
	"context"
	"errors"
	"maps"
	"strings"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// ownKinds are the records whose fields of the company's own letters and texts may name.
var ownKinds = []string{recordKind, "opportunity", "party"}

// TextPurpose says what the texts above and below the lines may name, in braces as in a letter: {quote.custom.site}. They
// are filled where the document is made, so that a draft follows what changes, and an issued quote never does.
var TextPurpose = mail.Purpose{
	Key: "quote.text", Own: ownKinds,
	Fields: sentFields(
		"reader.greeting", "reader.name", "customer.name", "quote.number", "quote.title", "quote.net", "quote.gross", "quote.valid_until",
		"seller.name", "seller.title", "seller.phone", "seller.email", "company.name", "company.website",
	),
}

// TextFields are what the texts of the company's quotes may name, for whoever writes one. It needs actor.QuoteRead.
func (q *Quotes) TextFields(ctx context.Context) ([]mail.Field, error) {
	return store.Read(ctx, q.db, actor.QuoteRead, func(ctx context.Context, s *store.Session) ([]mail.Field, error) {
		p, err := TextPurpose.With(ctx, s)
		return p.Fields, err
	})
}

// CheckWords finds fields in a text of the company that no quote could fill, for the settings that keep it.
func (q *Quotes) CheckWords(ctx context.Context, s *store.Session, path, text string) ([]fault.Fault, error) {
	var faults fault.List
	if !strings.Contains(text, "{") {
		return nil, nil
	}
	p, err := TextPurpose.With(ctx, s)
	faults.Merge(path, p.CheckText(text))
	return faults, err
}

// checkWords looks at the texts of a quote.
func (q *Quotes) checkWords(ctx context.Context, s *store.Session, faults *fault.List, row Quote) error {
	for _, t := range []struct{ path, text string }{{"cover", row.Cover}, {"closing", row.Closing}} {
		wrong, err := q.CheckWords(ctx, s, t.path, t.text)
		if err != nil {
			return err
		}
		*faults = append(*faults, wrong...)
	}
	return nil
}

// word fills the texts of a document. One that names what there is not stays as it was typed: its draft is not issued.
func (q *Quotes) word(ctx context.Context, s *store.Session, card Card, doc *Document) error {
	if !strings.Contains(doc.Cover+doc.Closing, "{") {
		return nil
	}
	row := card.Quote
	reader := row.ContactID
	if reader.IsZero() {
		reader = row.PartyID
	}
	who, err := q.buyer(ctx, s, reader)
	if err != nil {
		return err
	}
	values := q.values(row, *doc, who, false)
	if err := q.own(ctx, s, card, values, TextPurpose, doc.Cover+"\n"+doc.Closing); err != nil {
		return err
	}
	for _, text := range []*string{&doc.Cover, &doc.Closing} {
		if strings.Contains(*text, "{") && TextPurpose.Fillable(*text) {
			*text = TextPurpose.Fill(*text, doc.Language, values)
		}
	}
	return nil
}

// own adds what the company's own fields say that a text names: of the quote, of its opportunity and of who gets it, the
// last two as far as the actor sees them.
func (q *Quotes) own(ctx context.Context, s *store.Session, card Card, values map[string]mail.Value, p mail.Purpose, text string) error {
	l := q.locale(s)
	add := func(kind string, sheet store.CustomSheet) { maps.Copy(values, plain(mail.OwnValues(kind, sheet, l))) }
	row := card.Quote
	if p.NamesOwn(recordKind, text) {
		add(recordKind, card.Sheet)
	}
	if p.NamesOwn("opportunity", text) && !row.OpportunityID.IsZero() && q.config.Advancer != nil {
		switch err := q.config.Advancer.Reach(ctx, s, row.OpportunityID); {
		case errors.Is(err, fault.NotFound):
		case err != nil:
			return err
		default:
			sheet, err := s.CustomSheet(ctx, "opportunity", row.OpportunityID.Bytes())
			if err != nil {
				return err
			}
			add("opportunity", sheet)
		}
	}
	if !p.NamesOwn("party", text) {
		return nil
	}
	var who party.Party
	who, err := q.config.Parties.In(s).Get(ctx, row.PartyID)
	if errors.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	sheet, err := s.CustomSheet(ctx, "party", who.ID.Bytes())
	if err != nil {
		return err
	}
	add("party", sheet)
	return nil
}

// plain takes out of values what would become a reader's link when the letter is sent: only its template says where that
// stands.
func plain(values map[string]mail.Value) map[string]mail.Value {
	for name, v := range values {
		if name != "quote.link" {
			values[name] = func(l locale.Language) string { return strings.ReplaceAll(v(l), LinkField, "") }
		}
	}
	return values
}
