package quote

import (
	"context"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
)

// Issue gives a draft its number, freezes addressee, lines and totals, and makes the PDF; the version
// before, if it is still waiting for an answer, is superseded. Everything that is wrong is named at
// once, and then nothing is written. The same call again gives the quote as it is. It needs
// actor.QuoteIssue.
func (q *Quotes) Issue(ctx context.Context, id ID) (Card, error) {
	return store.Write(ctx, q.db, actor.QuoteIssue, func(ctx context.Context, s *store.Session) (Card, error) {
		row, err := lockChain(ctx, s, id)
		if err != nil {
			return Card{}, err
		}
		card, err := q.card(ctx, s, row)
		if err != nil || row.State != Draft {
			return card, err
		}
		if err := q.freeze(ctx, s, &card); err != nil {
			return Card{}, err
		}
		if err := s.Save(ctx, &row, &card.Quote); err != nil {
			return Card{}, err
		}
		if err := emit(ctx, s, EventIssued, card.Quote); err != nil {
			return Card{}, err
		}
		if err := q.log(ctx, s, card.Quote); err != nil {
			return Card{}, err
		}
		return q.card(ctx, s, card.Quote)
	})
}

// freeze checks the draft and fills everything that its issue fixes. The number is taken last: until
// then nothing that others wait for is locked.
func (q *Quotes) freeze(ctx context.Context, s *store.Session, card *Card) error {
	row := &card.Quote
	row.State, row.IssuedAt, row.IssuedOn, row.UpdatedAt = Issued, s.Now, q.today(s), s.Now
	others, err := versionsOf(ctx, s, row.BaseID)
	if err != nil {
		return err
	}
	doc, how, err := q.document(ctx, s, *card)
	if err != nil {
		return err
	}
	row.Addressee = doc.Addressee
	var faults fault.List
	checkIssue(&faults, *card, doc)
	if err := q.checkWords(ctx, s, &faults, *row); err != nil {
		return err
	}
	for _, o := range others {
		if o.State == Accepted {
			faults.Add("state", "state.accepted", "%s was accepted on %s; make a new quote instead of a new version", o.Number, o.DecidedAt.Format("2006-01-02"))
		}
	}
	totals, err := settle(card.Lines, row.Currency, &faults)
	if err != nil {
		return err
	}
	if err := faults.Err("the quote cannot be issued"); err != nil {
		return err
	}
	row.setTotals(totals)
	doc.Totals = totals
	for _, o := range others {
		if o.State == Issued {
			if err := q.supersede(ctx, s, o); err != nil {
				return err
			}
		}
	}
	var first sealed
	if len(others) > 0 {
		first = others[0]
	}
	if row.Number, err = q.number(ctx, s, *row, first); err != nil {
		return err
	}
	doc.Number = row.Number
	if err := q.word(ctx, s, *card, &doc); err != nil {
		return err
	}
	return keepFiles(ctx, s, row, doc, how)
}

// keepFiles stores the frozen document and its PDF.
func keepFiles(ctx context.Context, s *store.Session, row *Quote, doc Document, how look) error {
	text, err := doc.canonical()
	if err != nil {
		return err
	}
	file, err := doc.render(how)
	if err != nil {
		return err
	}
	if row.DocumentHash, err = s.PutBlob(ctx, text); err != nil {
		return err
	}
	row.PDFHash, err = s.PutBlob(ctx, file)
	return err
}

// checkIssue finds what a draft may lack but a quote must have.
func checkIssue(faults *fault.List, card Card, doc Document) {
	row := card.Quote
	faults.Required("addressee", doc.Addressee.Name)
	faults.Required("seller.name", doc.Seller.Name)
	priced := false
	for _, l := range card.Lines {
		priced = priced || l.Kind.Priced()
	}
	if !priced {
		faults.Add("lines", "required", "are missing; add at least one with a price")
	}
	switch {
	case row.ValidUntil.IsZero():
		faults.Add("valid_until", "required", "is missing; say how long the quote is valid")
	case row.ValidUntil.Before(row.IssuedOn):
		faults.Add("valid_until", "date.past", "%s is past; choose today or a later day", row.ValidUntil)
	}
}

// lockChain locks the first version of a quote and then the one asked for, so that what is done to the
// versions of one quote follows each other.
func lockChain(ctx context.Context, s *store.Session, id ID) (Quote, error) {
	var row Quote
	if err := s.Get(ctx, &row, id); err != nil {
		return row, err
	}
	if row.BaseID != id {
		var first sealed
		if err := s.Lock(ctx, &first, row.BaseID); err != nil {
			return row, err
		}
	}
	row = Quote{}
	err := s.Lock(ctx, &row, id)
	return row, err
}

// versionsOf locks and reads the issued versions of a quote, whoever owns them, the first one first.
// Nobody can answer one of them until the transaction ends.
func versionsOf(ctx context.Context, s *store.Session, base ID) ([]sealed, error) {
	var ids []ID
	err := s.Query(ctx, &ids, store.From[sealed]("quote"),
		"SELECT quote.id FROM crm_quote AS quote WHERE {scope} AND quote.base_id = ? AND quote.state <> ? ORDER BY quote.revision", base, string(Draft))
	if err != nil {
		return nil, err
	}
	rows := make([]sealed, len(ids))
	for i, id := range ids {
		if err := s.Lock(ctx, &rows[i], id); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// supersede closes a version that a later one takes the place of.
func (q *Quotes) supersede(ctx context.Context, s *store.Session, row sealed) error {
	next := row
	next.State = Superseded
	if err := s.Save(ctx, &row, &next); err != nil {
		return err
	}
	return emit(ctx, s, EventSuperseded, Quote(next))
}

// NewVersion copies an issued quote into a draft with the next revision, with its prices, and with a
// validity that begins today. Where the quote already has a draft, that one is given. An accepted quote
// has no further versions. It needs actor.QuoteWrite.
func (q *Quotes) NewVersion(ctx context.Context, id ID) (Card, error) {
	return store.Write(ctx, q.db, actor.QuoteWrite, func(ctx context.Context, s *store.Session) (Card, error) {
		row, err := lockChain(ctx, s, id)
		if err != nil {
			return Card{}, err
		}
		var all []sealed
		if err := s.Select(&all).Where("quote.base_id = ?", row.BaseID).OrderExpr("quote.revision").Scan(ctx); err != nil {
			return Card{}, err
		}
		for _, v := range all {
			switch v.State {
			case Draft:
				var has Quote
				if err := s.Get(ctx, &has, v.ID); err != nil {
					return Card{}, err
				}
				return q.card(ctx, s, has)
			case Accepted:
				var faults fault.List
				faults.Add("state", "state.accepted", "%s was accepted; make a new quote instead of a new version", v.Number)
				return Card{}, faults.Err("there can be no new version")
			}
		}
		return q.copy(ctx, s, row, all[len(all)-1].Revision+1)
	})
}

// copy writes a draft with the lines of a quote.
func (q *Quotes) copy(ctx context.Context, s *store.Session, from Quote, revision int) (Card, error) {
	next := Quote{
		ID: store.NewKey[Tag](s), PartyID: from.PartyID, ContactID: from.ContactID, OpportunityID: from.OpportunityID, BaseID: from.BaseID,
		Revision: revision, State: Draft, Title: from.Title, Language: from.Language, Currency: from.Currency, PriceDate: from.PriceDate,
		ValidUntil: from.ValidUntil, Cover: from.Cover, Closing: from.Closing, Terms: from.Terms, DeliveryTerms: from.DeliveryTerms,
		Net: from.Net, VAT: from.VAT, Gross: from.Gross, OptionalNet: from.OptionalNet, OwnerUser: from.OwnerUser, OwnerTeam: from.OwnerTeam,
	}
	if usual := q.today(s).AddDays(q.config.ValidityDays); next.ValidUntil.Before(usual) {
		next.ValidUntil = usual
	}
	lines, err := linesOf(ctx, s, from.ID)
	if err != nil {
		return Card{}, err
	}
	if err := s.Insert(ctx, &next); err != nil {
		return Card{}, err
	}
	if err := insertLines(ctx, s, next.ID, lines); err != nil {
		return Card{}, err
	}
	sheet, err := s.CustomSheet(ctx, recordKind, from.ID.Bytes())
	if err != nil {
		return Card{}, err
	}
	if err := s.AddCustom(ctx, sheet.Fields, map[[16]byte]map[string]any{next.ID: sheet.Values}); err != nil { // even those that newer rules refuse
		return Card{}, err
	}
	if err := emit(ctx, s, EventDrafted, next); err != nil {
		return Card{}, err
	}
	return q.card(ctx, s, next)
}
