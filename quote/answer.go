package quote

import (
	"context"
	"errors"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
)

// Answer is what a reader says to a quote.
type Answer struct {
	// By is the name of whoever answers.
	By       string   `json:"by"`
	Note     string   `json:"note"`
	Evidence Evidence `json:"evidence"`
}

// Decision is how a quote was answered: all that an outsider gets to see.
type Decision struct {
	Number string    `json:"number"`
	State  State     `json:"state"`
	By     string    `json:"by"`
	At     time.Time `json:"at"`
}

func (q sealed) decision() Decision {
	return Decision{Number: q.Number, State: q.State, By: q.DecidedBy, At: q.DecidedAt}
}

// Accept notes that the reader accepts an issued quote that is still valid. The same call again gives
// the first result, whoever is named in it; a quote that was declined, replaced or withdrawn before is
// fault.Conflict. It needs actor.QuoteWrite, or actor.QuoteAnswer: the public actor sees nothing of the
// quote but the decision, so whoever acts for it has to check the reader's link first.
func (q *Quotes) Accept(ctx context.Context, id ID, a Answer) (Decision, error) {
	return q.answer(ctx, id, Accepted, a)
}

// Decline notes that the reader does not want the quote; Note says why. All else is as in
// [Quotes.Accept].
func (q *Quotes) Decline(ctx context.Context, id ID, a Answer) (Decision, error) {
	a.Evidence.Options = nil
	return q.answer(ctx, id, Declined, a)
}

func (q *Quotes) answer(ctx context.Context, id ID, to State, a Answer) (Decision, error) {
	var out Decision
	err := q.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		row, err := lockForAnswer(ctx, s, id)
		if err != nil {
			return err
		}
		if row.State == to {
			out = row.decision()
			return nil
		}
		if err := q.mayDecide(s, row); err != nil {
			return err
		}
		next := row
		if err := q.applyAnswer(ctx, s, &next, a); err != nil {
			return err
		}
		next.State, next.DecidedAt = to, s.Now
		kind := EventAccepted
		if to == Declined {
			kind = EventDeclined
		}
		out = next.decision()
		return q.decide(ctx, s, kind, row, next)
	})
	if err != nil {
		return Decision{}, err
	}
	return out, nil
}

// lockForAnswer locks the quote for an actor who may answer it. A user has to see it; the public, who
// sees nothing, is led to it by the id in its link, and to nothing that was never sent.
func lockForAnswer(ctx context.Context, s *store.Session, id ID) (sealed, error) {
	if !s.Actor.May(actor.QuoteWrite) {
		if err := s.Actor.Require(actor.QuoteAnswer); err != nil {
			return sealed{}, err
		}
	}
	if s.Actor.Kind != actor.KindPublic {
		var row Quote
		err := s.Lock(ctx, &row, id)
		return sealed(row), err
	}
	var row sealed
	err := s.Lock(ctx, &row, id)
	if err == nil && row.State == Draft {
		err = fault.New(fault.NotFound, "there is no quote %s, or you may not see it", id)
	}
	return row, err
}

// mayDecide refuses quotes that cannot be answered or withdrawn (any more).
func (q *Quotes) mayDecide(s *store.Session, row sealed) error {
	switch row.State {
	case Issued:
	case Draft:
		var faults fault.List
		faults.Add("state", "state.draft", "is a draft; issue the quote first")
		return faults.Err("the quote cannot be answered")
	case Expired:
		return expired(row)
	case Superseded:
		return fault.New(fault.Conflict, "%s was replaced by a newer version; answer that one", row.Number)
	default:
		return fault.New(fault.Conflict, "%s was already %s on %s; ask for a new version", row.Number, row.State,
			civil.In(row.DecidedAt, q.locale(s).Location()))
	}
	if q.today(s).After(row.ValidUntil) {
		return expired(row)
	}
	return nil
}

func expired(row sealed) error {
	var faults fault.List
	faults.Add("valid_until", "expired", "%s was valid until %s; ask for a new version", row.Number, row.ValidUntil)
	return faults.Err("the quote has expired")
}

// applyAnswer checks the answer and writes it into the row.
func (q *Quotes) applyAnswer(ctx context.Context, s *store.Session, row *sealed, a Answer) error {
	var faults fault.List
	row.DecidedBy, row.DecisionNote = oneLine(a.By), paragraphs(a.Note)
	row.Evidence = a.Evidence
	row.Evidence.DocumentHash = row.DocumentHash
	faults.Required("by", row.DecidedBy)
	checkText(&faults, "by", row.DecidedBy, 120)
	checkText(&faults, "note", row.DecisionNote, 1000)
	checkText(&faults, "evidence.address", a.Evidence.Address, 100)
	checkText(&faults, "evidence.user_agent", a.Evidence.UserAgent, 500)
	checkText(&faults, "evidence.email", a.Evidence.Email, 254)
	checkText(&faults, "evidence.role", a.Evidence.Role, 120)
	checkText(&faults, "evidence.reference", a.Evidence.Reference, 200)
	if n := len(a.Evidence.Options); n > MaxLines {
		faults.Add("evidence.options", "count", "has %d entries, at most %d fit", n, MaxLines)
	} else if n > 0 {
		lines, err := linesOf(ctx, s, row.ID)
		if err != nil {
			return err
		}
		_, _, err = Card{Quote: Quote(*row), Lines: lines}.Chosen(a.Evidence.Options)
		if err != nil && !errors.Is(err, fault.Invalid) {
			return err
		}
		faults.Merge("evidence", fault.Of(err))
	}
	return faults.Err("the answer cannot be taken")
}

// decide saves a decision, tells of it, and notes it on the timeline.
func (q *Quotes) decide(ctx context.Context, s *store.Session, kind string, row, next sealed) error {
	if err := s.Save(ctx, &row, &next); err != nil {
		return err
	}
	if err := emit(ctx, s, kind, Quote(next)); err != nil {
		return err
	}
	return q.log(ctx, s, Quote(next))
}

// Withdraw takes an issued quote back; the reason is kept. The same call again changes nothing. It
// needs actor.QuoteIssue.
func (q *Quotes) Withdraw(ctx context.Context, id ID, reason string) (Card, error) {
	return store.Write(ctx, q.db, actor.QuoteIssue, func(ctx context.Context, s *store.Session) (Card, error) {
		var row Quote
		if err := s.Lock(ctx, &row, id); err != nil {
			return Card{}, err
		}
		if row.State == Withdrawn {
			return q.card(ctx, s, row)
		}
		if err := q.mayDecide(s, sealed(row)); err != nil {
			return Card{}, err
		}
		next := row
		next.State, next.DecidedAt, next.DecisionNote = Withdrawn, s.Now, paragraphs(reason)
		if next.DecidedBy = s.Actor.Name; next.DecidedBy == "" {
			next.DecidedBy = s.Actor.UserID
		}
		was, is := sealed(row), sealed(next)
		if err := q.decide(ctx, s, EventWithdrawn, was, is); err != nil {
			return Card{}, err
		}
		next = Quote(is)
		return q.card(ctx, s, next)
	})
}

// expireBatch is how many quotes one transaction lets expire, so that nobody waits long for it.
const expireBatch = 20

// ExpireDue closes the quotes of the company whose validity has passed without an answer, and tells
// how many. Background work calls it at least once a day. It needs actor.QuoteWrite.
func (q *Quotes) ExpireDue(ctx context.Context) (int, error) {
	total := 0
	for {
		n, err := store.Write(ctx, q.db, actor.QuoteWrite, q.expireSome)
		total += n
		if err != nil || n < expireBatch {
			return total, err
		}
	}
}

func (q *Quotes) expireSome(ctx context.Context, s *store.Session) (int, error) {
	today := q.today(s)
	var ids []ID
	err := s.Query(ctx, &ids, store.From[Quote]("quote"), "SELECT quote.id FROM crm_quote AS quote WHERE {scope} AND quote.company = ?"+
		" AND quote.state = ? AND quote.valid_until < ? ORDER BY quote.valid_until, quote.id"+s.Limit(expireBatch),
		s.Actor.Company, string(Issued), today)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, id := range ids {
		var row Quote
		if err := s.Lock(ctx, &row, id); err != nil {
			return 0, err
		}
		if row.State != Issued || !row.ValidUntil.Before(today) {
			continue // somebody else was faster
		}
		next := row
		next.State = Expired
		if err := q.decide(ctx, s, EventExpired, sealed(row), sealed(next)); err != nil {
			return 0, err
		}
		n++
	}
	return n, nil
}
