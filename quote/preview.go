package quote

import (
	"context"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/store"
)

// PreviewPDF draws what Draft would write, with the word "draft" across each page, and writes nothing: the
// page beside an editor. It needs actor.QuoteWrite.
func (q *Quotes) PreviewPDF(ctx context.Context, in DraftInput) ([]byte, error) {
	return store.Read(ctx, q.db, actor.QuoteWrite, func(ctx context.Context, s *store.Session) ([]byte, error) {
		card, err := q.compose(ctx, s, in)
		if err != nil {
			return nil, err
		}
		card.Quote.Company, card.Quote.UpdatedAt = s.Actor.Company, s.Now
		if card.Sheet.Fields, err = s.Fields(ctx, recordKind); err != nil {
			return nil, err
		}
		card.Sheet.Values, _ = store.CheckCustom(card.Sheet.Fields, in.Custom)
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
