package quote

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/crm/store"
)

// Opened is what the reader of a link sees: exactly the version that was sent to him.
type Opened struct {
	Sending SendingID `json:"sending"`
	Company string    `json:"company"`
	// Language is that of the letter; the document has its own.
	Language locale.Language `json:"language"`
	Document Document        `json:"document"`
	// State is where the version stands today; what waits behind its last day is [Expired].
	State State `json:"state"`
	// Decision is how it was answered, zero where it was not.
	Decision Decision `json:"decision,omitzero"`
	// Chosen are the positions of optional and alternative lines that were taken.
	Chosen []int `json:"chosen,omitempty"`
	// Newer is the token of a newer version that the same reader was sent, "" for none.
	Newer string `json:"newer,omitempty"`
	// File is the name of the PDF; Annexes are the other files.
	File    string  `json:"file"`
	Annexes []Annex `json:"annexes"`
	// Accent and OnAccent are the company's colours as #rrggbb, Logo its picture, nil for none.
	Accent   string `json:"accent"`
	OnAccent string `json:"on_accent"`
	Logo     []byte `json:"-"`
	// Zone is the company's, for the time of a decision.
	Zone *time.Location `json:"-"`
}

// minuteOfVisit is how long visits count as one.
const minuteOfVisit = time.Minute

// Open shows a quote to the reader of a link, and notes that it was opened. A token that is forged, revoked
// or too old is fault.NotFound. It needs actor.QuoteAnswer, which the public actor of the token's company
// has; see [Quotes.LinkCompany].
func (q *Quotes) Open(ctx context.Context, token string) (Opened, error) {
	return store.Write(ctx, q.db, actor.QuoteAnswer, func(ctx context.Context, s *store.Session) (Opened, error) {
		sent, row, err := q.follow(ctx, s, token)
		if err != nil {
			return Opened{}, err
		}
		if err := q.noteVisit(ctx, s, sent, row.ID); err != nil {
			return Opened{}, err
		}
		return q.opened(ctx, s, sent, row)
	})
}

// Look is Open without a note, for pages that are shown again.
func (q *Quotes) Look(ctx context.Context, token string) (Opened, error) {
	return store.Read(ctx, q.db, actor.QuoteAnswer, func(ctx context.Context, s *store.Session) (Opened, error) {
		sent, row, err := q.follow(ctx, s, token)
		if err != nil {
			return Opened{}, err
		}
		return q.opened(ctx, s, sent, row)
	})
}

// LinkedFile is a file behind a link: number 0 is the PDF, 1 the first annex. All else is as in
// [Quotes.Open].
func (q *Quotes) LinkedFile(ctx context.Context, token string, number int) (activity.File, error) {
	return store.Read(ctx, q.db, actor.QuoteAnswer, func(ctx context.Context, s *store.Session) (activity.File, error) {
		sent, row, err := q.follow(ctx, s, token)
		if err != nil {
			return activity.File{}, err
		}
		f, hash := activity.File{Name: fileName(Quote(row)), MIME: "application/pdf"}, row.PDFHash
		switch {
		case number < 0 || number > len(sent.Annexes):
			return activity.File{}, errLink
		case number > 0:
			a := sent.Annexes[number-1]
			f, hash = activity.File{Name: a.Name, MIME: a.Type}, a.Hash
		}
		f.Content, err = s.Blob(ctx, hash)
		return f, err
	})
}

// noteVisit counts an opening; the first one is told.
func (q *Quotes) noteVisit(ctx context.Context, s *store.Session, sent Sending, id ID) error {
	if s.Now.Sub(sent.LastOpenedAt) < minuteOfVisit {
		return nil
	}
	first, err := s.Exec(ctx, store.From[Sending](""), "UPDATE crm_quote_sending SET opened_at = ? WHERE {scope} AND id = ? AND opened_at IS NULL", s.Now, sent.ID)
	if err != nil {
		return err
	}
	if _, err := s.Exec(ctx, store.From[Sending](""), "UPDATE crm_quote_sending SET last_opened_at = ?, openings = openings + 1 WHERE {scope} AND id = ?", s.Now, sent.ID); err != nil || first == 0 {
		return err
	}
	return q.tell(ctx, s, EventOpened, id, Notice{Sending: sent.ID, Recipients: sent.Recipients})
}

// tell emits an event of a quote that does not change it.
func (q *Quotes) tell(ctx context.Context, s *store.Session, kind string, id ID, n Notice) error {
	var row sealed
	if err := s.Lock(ctx, &row, id); err != nil {
		return err
	}
	if err := s.Touch(ctx, &row); err != nil {
		return err
	}
	n.Summary = Quote(row).summary()
	return event.Emit(ctx, s, event.Fact{Kind: kind, Record: row.ID.Bytes(), Version: row.Version, Payload: n})
}

func (q *Quotes) opened(ctx context.Context, s *store.Session, sent Sending, row sealed) (Opened, error) {
	text, err := s.Blob(ctx, sent.DocumentHash)
	if err != nil {
		return Opened{}, fault.Wrap(err, fault.Unavailable, "the document of %s is missing; restore it from a backup", row.Number)
	}
	out := Opened{
		Sending: sent.ID, Company: row.Company, Language: sent.Language, State: row.State, File: fileName(Quote(row)), Annexes: sent.Annexes, Zone: q.locale(s).Location(),
	}
	if err := json.Unmarshal(text, &out.Document); err != nil {
		return Opened{}, fmt.Errorf("the document of %s: %w", row.Number, err)
	}
	switch {
	case row.State == Issued && q.overdue(s, row.ValidUntil):
		out.State = Expired
	case row.State == Accepted, row.State == Declined:
		out.Decision, out.Chosen = row.decision(), row.Evidence.Options
	case row.State == Superseded:
		if out.Newer, err = q.newer(ctx, s, sent, row); err != nil {
			return Opened{}, err
		}
	}
	company, err := q.company(ctx, s, row.Company)
	if err != nil {
		return Opened{}, err
	}
	out.Logo = company.Logo
	out.Accent, out.OnAccent = accentOf(q.config.Theme(row.Company).Accent)
	return out, nil
}

// newer finds the last version that the same reader was sent, if it is later than this one.
func (q *Quotes) newer(ctx context.Context, s *store.Session, sent Sending, row sealed) (string, error) {
	var all []Sending
	err := s.Select(&all).Where("sending.company = ?", row.Company).Where("sending.base_id = ?", sent.BaseID).Where("sending.recipient_key = ?", sent.RecipientKey).
		OrderExpr("sending.id DESC").Scan(ctx)
	if err != nil || q.config.Mails == nil {
		return "", err
	}
	ids := make([]mail.ID, len(all))
	for i := range all {
		ids[i] = all[i].MailID
	}
	letters, err := q.config.Mails.In(s).Of(ctx, ids)
	if err != nil {
		return "", err
	}
	for _, other := range all {
		if state := letters[other.MailID].State; state != mail.Sent && state != mail.Dismissed || other.closed(s.Now) {
			continue
		}
		var version sealed
		if err := s.Get(ctx, &version, other.QuoteID); err != nil {
			return "", err
		}
		if version.Revision > row.Revision {
			return q.token(row.Company, other.ID), nil
		}
	}
	return "", nil
}

// LinkAnswer is what a reader says through a link.
type LinkAnswer struct {
	// By is his name, which is needed; Role what he is at his company.
	By, Role string
	// Note is a comment, or why he declines.
	Note string
	// Reference is his own order number.
	Reference string
	// Options are the positions of optional and alternative lines that he takes; see [Card.Chosen].
	Options []int
	// Address and UserAgent are where the answer came from.
	Address, UserAgent string
}

func (a LinkAnswer) answer(sent Sending) Answer {
	e := Evidence{
		Address: a.Address, UserAgent: cutTo(a.UserAgent, 500), Email: sent.RecipientKey, Role: oneLine(a.Role), Reference: oneLine(a.Reference),
		Options: a.Options, Sending: sent.ID,
	}
	return Answer{By: a.By, Note: a.Note, Evidence: e}
}

// AcceptByLink accepts the version behind a link, as [Quotes.Accept] does, and keeps as evidence which
// document it was, when, from where, and to whom the link was sent. The seller is told, and gets the task to
// make the order. Errors about the token are as in [Quotes.Open].
func (q *Quotes) AcceptByLink(ctx context.Context, token string, a LinkAnswer) (Decision, error) {
	return q.answerByLink(ctx, token, Accepted, a)
}

// DeclineByLink declines the version behind a link. All else is as in [Quotes.AcceptByLink].
func (q *Quotes) DeclineByLink(ctx context.Context, token string, a LinkAnswer) (Decision, error) {
	a.Options = nil
	return q.answerByLink(ctx, token, Declined, a)
}

func (q *Quotes) answerByLink(ctx context.Context, token string, to State, a LinkAnswer) (Decision, error) {
	return store.Write(ctx, q.db, actor.QuoteAnswer, func(ctx context.Context, s *store.Session) (Decision, error) {
		sent, row, err := q.follow(ctx, s, token)
		if err != nil {
			return Decision{}, err
		}
		return q.In(s).answer(ctx, row.ID, to, a.answer(sent))
	})
}

// maxQuestions is how many questions come through one link; then the reader writes a mail.
const maxQuestions = 20

// AskByLink takes a question of the reader: it stands on the timeline, and the seller gets the task to
// answer. By and Note of the answer are needed. Errors about the token are as in [Quotes.Open].
func (q *Quotes) AskByLink(ctx context.Context, token string, a LinkAnswer) error {
	_, err := store.Write(ctx, q.db, actor.QuoteAnswer, func(ctx context.Context, s *store.Session) (struct{}, error) {
		sent, row, err := q.follow(ctx, s, token)
		if err != nil {
			return struct{}{}, err
		}
		return struct{}{}, q.ask(ctx, s, sent, row, a)
	})
	return err
}

func (q *Quotes) ask(ctx context.Context, s *store.Session, sent Sending, row sealed, a LinkAnswer) error {
	by, text := oneLine(a.By), paragraphs(a.Note)
	var faults fault.List
	faults.Required("by", by)
	faults.Required("note", text)
	checkText(&faults, "by", by, 120)
	checkText(&faults, "note", text, 2000)
	if err := faults.Err("the question cannot be taken"); err != nil {
		return err
	}
	n, err := s.Exec(ctx, store.From[Sending](""), "UPDATE crm_quote_sending SET questions = questions + 1 WHERE {scope} AND id = ? AND questions < ?", sent.ID, maxQuestions)
	if err != nil {
		return err
	}
	if n == 0 {
		return fault.New(fault.Limit, "more than %d questions came through this link; write to the sender instead", maxQuestions)
	}
	notice := Notice{Sending: sent.ID, Recipients: sent.Recipients, By: by, Question: text}
	if err := q.tell(ctx, s, EventAsked, row.ID, notice); err != nil {
		return err
	}
	return q.config.Activities.In(s).Log(ctx, activity.Entry{
		Party: row.PartyID, Opportunity: row.OpportunityID, Kind: activity.Quote, Subject: sendTexts.T(q.locale(s).Language, "log.asked", row.Number),
		Body: notice.story(), RefKind: recordKind, RefID: activity.RefID(row.ID), RefText: row.Number,
	})
}

// cutTo shortens a text to n characters.
func cutTo(text string, n int) string {
	if r := []rune(text); len(r) > n {
		return string(r[:n])
	}
	return text
}
