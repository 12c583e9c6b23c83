package quote

import (
	"context"
	"errors"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
)

// Get reads a quote with its lines, VAT summary and versions. It needs actor.QuoteRead.
func (q *Quotes) Get(ctx context.Context, id ID) (Card, error) {
	return store.Read(ctx, q.db, actor.QuoteRead, func(ctx context.Context, s *store.Session) (Card, error) {
		var row Quote
		if err := s.Get(ctx, &row, id); err != nil {
			return Card{}, err
		}
		return q.card(ctx, s, row)
	})
}

// card reads what belongs to a quote that the actor may see.
func (q *Quotes) card(ctx context.Context, s *store.Session, row Quote) (Card, error) {
	lines, err := linesOf(ctx, s, row.ID)
	if err != nil {
		return Card{}, err
	}
	totals, err := Total(lines, row.Currency)
	if err != nil {
		return Card{}, err
	}
	card := Card{Quote: row, Lines: lines, VAT: totals.ByRate}
	if card.Sheet, err = s.CustomSheet(ctx, recordKind, row.ID.Bytes()); err != nil {
		return Card{}, err
	}
	err = s.Query(ctx, &card.Versions, store.From[Quote]("quote"), "SELECT quote.id, quote.revision, quote.number, quote.state, quote.issued_on,"+
		" quote.currency, quote.gross FROM crm_quote AS quote WHERE {scope} AND quote.base_id = ? ORDER BY quote.revision", row.BaseID)
	return card, err
}

func (q Quote) version() Version {
	return Version{ID: q.ID, Revision: q.Revision, Number: q.Number, State: q.State, IssuedOn: q.IssuedOn, Currency: q.Currency, Gross: q.Gross}
}

// PDF gives the quote as a file: from its issue on always the same bytes; a draft is drawn as it stands,
// with the word "draft" across each page. It needs actor.QuoteRead.
func (q *Quotes) PDF(ctx context.Context, id ID) ([]byte, error) {
	return store.Read(ctx, q.db, actor.QuoteRead, func(ctx context.Context, s *store.Session) ([]byte, error) {
		var row Quote
		if err := s.Get(ctx, &row, id); err != nil {
			return nil, err
		}
		if row.PDFHash != "" {
			return q.blob(ctx, s, row)
		}
		card, err := q.card(ctx, s, row)
		if err != nil {
			return nil, err
		}
		doc, look, err := q.document(ctx, s, card)
		if err == nil {
			err = q.word(ctx, s, card, &doc)
		}
		if err != nil {
			return nil, err
		}
		return doc.render(look)
	})
}

// blob reads the file of a quote, which another company of the actor's group may keep.
func (q *Quotes) blob(ctx context.Context, s *store.Session, row Quote) ([]byte, error) {
	file, err := s.Blob(ctx, row.PDFHash)
	if errors.Is(err, fault.NotFound) {
		return nil, fault.New(fault.Unavailable, "the file of %s is missing; restore it from a backup (SHA-256 %s)", row.Number, row.PDFHash)
	}
	return file, err
}
