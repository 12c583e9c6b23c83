package quote

import (
	"context"
	"fmt"
	"strings"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// recordKind is the noun in audit entries, references and custom fields.
const recordKind = "quote"

// Edit replaces the header of a draft. Language and ValidUntil stay as they are where they are empty.
// Version is the one that was read, 0 for whichever there is; an older one is fault.Conflict. It needs
// actor.QuoteWrite.
func (q *Quotes) Edit(ctx context.Context, id ID, version int64, h Header) (Card, error) {
	return q.change(ctx, id, version, func(ctx context.Context, s *store.Session, row Quote) (Card, error) {
		var faults fault.List
		next := row
		if err := q.applyHeader(ctx, s, &faults, &next, h); err != nil {
			return Card{}, err
		}
		if err := faults.Err("the quote cannot be changed"); err != nil {
			return Card{}, err
		}
		if err := s.Save(ctx, &row, &next); err != nil {
			return Card{}, err
		}
		if len(h.Custom) > 0 {
			if err := changeCustom(ctx, s, &next, row.Version, h.Custom); err != nil {
				return Card{}, err
			}
		}
		if next.Version != row.Version {
			if err := emit(ctx, s, EventChanged, next); err != nil {
				return Card{}, err
			}
		}
		return q.card(ctx, s, next)
	})
}

// changeCustom sets custom fields of a draft that was saved; was is the version that it had before.
func changeCustom(ctx context.Context, s *store.Session, next *Quote, was int64, values map[string]any) error {
	if next.Version == was {
		if err := s.Touch(ctx, next); err != nil {
			return err
		}
	}
	return s.ChangeCustom(ctx, store.CustomRecord{Kind: recordKind, ID: next.ID.Bytes(), Version: next.Version}, values)
}

// SetLines replaces all lines of a draft. Prices are asked for the day of the draft, so that lines
// which did not change keep theirs; [Quotes.Reprice] moves the day. Version is as in [Quotes.Edit]. It
// needs actor.QuoteWrite.
func (q *Quotes) SetLines(ctx context.Context, id ID, version int64, drafts []DraftLine) (Card, error) {
	return q.change(ctx, id, version, func(ctx context.Context, s *store.Session, row Quote) (Card, error) {
		old, err := linesOf(ctx, s, id)
		if err != nil {
			return Card{}, err
		}
		return q.replaceLines(ctx, s, row, row, old, drafts)
	})
}

// Reprice asks for all prices and discounts that nobody set by hand anew, for today. Version is as in
// [Quotes.Edit]. It needs actor.QuoteWrite.
func (q *Quotes) Reprice(ctx context.Context, id ID, version int64) (Card, error) {
	return q.change(ctx, id, version, func(ctx context.Context, s *store.Session, row Quote) (Card, error) {
		old, err := linesOf(ctx, s, id)
		if err != nil {
			return Card{}, err
		}
		drafts := make([]DraftLine, len(old))
		for i, l := range old {
			drafts[i] = l.again()
		}
		next := row
		next.PriceDate = q.today(s)
		return q.replaceLines(ctx, s, row, next, old, drafts)
	})
}

// replaceLines computes lines for next, and saves both.
func (q *Quotes) replaceLines(ctx context.Context, s *store.Session, row, next Quote, old []Line, drafts []DraftLine) (Card, error) {
	buyer, err := q.buyer(ctx, s, next.PartyID)
	if err != nil {
		return Card{}, err
	}
	list, err := q.priceList(ctx, s, &next, buyer)
	if err != nil {
		return Card{}, err
	}
	var faults fault.List
	lines, totals, err := list.compute(ctx, &faults, drafts)
	if err != nil {
		return Card{}, err
	}
	if err := faults.Err("the lines cannot be saved"); err != nil {
		return Card{}, err
	}
	next.setTotals(totals)
	if err := s.Save(ctx, &row, &next); err != nil {
		return Card{}, err
	}
	if next.Version == row.Version {
		if err := s.Touch(ctx, &next); err != nil {
			return Card{}, err
		}
	}
	if _, err := s.Exec(ctx, store.From[Line](""), "DELETE FROM crm_quote_line WHERE {scope} AND quote_id = ?", next.ID); err != nil {
		return Card{}, err
	}
	if err := insertLines(ctx, s, next.ID, lines); err != nil {
		return Card{}, err
	}
	err = s.Audit(ctx, store.Entry{
		Action: "update", Kind: recordKind, Record: next.ID.Bytes(), Version: next.Version,
		Changes: []store.Change{{Field: "lines", From: linesText(old), To: linesText(lines)}},
	})
	if err != nil {
		return Card{}, err
	}
	if err := emit(ctx, s, EventChanged, next); err != nil {
		return Card{}, err
	}
	return q.card(ctx, s, next)
}

// buyer reads the party of a quote that the actor sees, which he need not see itself: it can belong to
// somebody else.
func (q *Quotes) buyer(ctx context.Context, s *store.Session, id party.ID) (party.Party, error) {
	var p buyerRow
	for range maxMerges {
		p = buyerRow{}
		if err := s.Get(ctx, &p, id); err != nil {
			return party.Party{}, err
		}
		if p.MergedInto.IsZero() {
			break
		}
		id = p.MergedInto
	}
	return party.Party(p), nil
}

// buyerRow is a party without its guard.
type buyerRow party.Party

// maxMerges bounds a chain of merged parties.
const maxMerges = 20

// Delete removes a draft. It needs actor.QuoteWrite.
func (q *Quotes) Delete(ctx context.Context, id ID, version int64) error {
	_, err := q.change(ctx, id, version, func(ctx context.Context, s *store.Session, row Quote) (Card, error) {
		if _, err := s.Exec(ctx, store.From[Line](""), "DELETE FROM crm_quote_line WHERE {scope} AND quote_id = ?", id); err != nil {
			return Card{}, err
		}
		if err := s.ForgetCustom(ctx, id.Bytes()); err != nil {
			return Card{}, err
		}
		return Card{}, s.Delete(ctx, &row)
	})
	return err
}

// change locks a draft and runs a verb on it. A version other than 0 is the one the caller has seen:
// where the record is newer, saving fails with fault.Conflict and names who changed what.
func (q *Quotes) change(ctx context.Context, id ID, version int64, verb func(ctx context.Context, s *store.Session, row Quote) (Card, error)) (Card, error) {
	return store.Write(ctx, q.db, actor.QuoteWrite, func(ctx context.Context, s *store.Session) (Card, error) {
		var row Quote
		if err := s.Lock(ctx, &row, id); err != nil {
			return Card{}, err
		}
		if row.State != Draft {
			var faults fault.List
			faults.Add("state", "state.frozen", "%s is %s and cannot be changed; make a new version", row.Number, row.State)
			return Card{}, faults.Err("the quote is frozen")
		}
		if version != 0 {
			row.Version = version
		}
		return verb(ctx, s, row)
	})
}

// insertLines writes computed lines under new ids.
func insertLines(ctx context.Context, s *store.Session, id ID, lines []Line) error {
	for i := range lines {
		lines[i].ID, lines[i].QuoteID = store.NewKey[LineTag](s), id
	}
	return s.Insert(ctx, &lines)
}

func linesOf(ctx context.Context, s *store.Session, id ID) ([]Line, error) {
	var lines []Line
	err := s.Select(&lines).Where("line.quote_id = ?", id).OrderExpr("line.position, line.id").Scan(ctx)
	return lines, err
}

// linesText is what the audit log keeps of lines.
func linesText(lines []Line) string {
	texts := make([]string, 0, len(lines))
	for _, l := range lines {
		if l.Kind.Priced() {
			texts = append(texts, fmt.Sprintf("%s %s × %s -%s%%", l.Name, l.Quantity, l.UnitPrice, l.Discount))
		} else {
			texts = append(texts, l.Name)
		}
	}
	text := strings.Join(texts, "; ")
	if r := []rune(text); len(r) > 500 {
		return string(r[:499]) + "…"
	}
	return text
}
