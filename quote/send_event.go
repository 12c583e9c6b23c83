package quote

import (
	"context"
	"strings"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/crm/store"
)

// The events of quotes that go out. Their payload is a [Notice].
const (
	// EventSent: the mail server has taken the letter.
	EventSent = "quote.sent"
	// EventOpened: a link was opened for the first time.
	EventOpened = "quote.opened"
	// EventAsked: the reader has a question.
	EventAsked = "quote.asked"
	// EventNotSent: the letter failed, or nobody knows what became of it.
	EventNotSent = "quote.not_sent"
)

// Notice is what these events tell of.
type Notice struct {
	Summary
	Sending    SendingID  `json:"sending"`
	Recipients Recipients `json:"recipients,omitempty"`
	// By and Question belong to a question.
	By       string `json:"by,omitempty"`
	Question string `json:"question,omitempty"`
	// MailState and Reason say why a letter was not sent.
	MailState mail.State `json:"mail_state,omitempty"`
	Reason    string     `json:"reason,omitempty"`
}

// story is a question with its asker.
func (n Notice) story() string {
	text := n.By
	if len(n.Recipients) > 0 && n.Recipients[0].Email != "" {
		text += " (" + n.Recipients[0].Email + ")"
	}
	return text + "\n\n" + n.Question
}

// registerSending adds the handlers of what goes out by mail.
func (q *Quotes) registerSending(r *event.Registry) {
	r.On(event.Handler{Name: "quote.mailed", Kinds: []string{mail.EventSent, mail.EventFailed, mail.EventUnknown}, Do: q.mailed})
	r.On(event.Handler{Name: "quote.asked", Kinds: []string{EventAsked}, Do: q.asked})
}

// mailed notes what became of a quote's letter.
func (q *Quotes) mailed(ctx context.Context, s *store.Session, e event.Event) error {
	var n mail.Notice
	if err := e.Decode(&n); err != nil {
		return err
	}
	if n.Purpose != SentPurpose.Key || n.RecordKind != recordKind || q.config.Mails == nil {
		return nil
	}
	var sent []Sending
	if err := s.Select(&sent).Where("sending.company = ?", e.Company).Where("sending.mail_id = ?", n.ID).Scan(ctx); err != nil || len(sent) == 0 {
		return err
	}
	if e.Kind == mail.EventSent {
		return q.noteSent(ctx, s, sent[0], n)
	}
	return q.noteFailure(ctx, s, sent[0], n)
}

// noteSent writes the letter onto the timeline, as one that went out to the party. The link stands for
// nobody but its reader, and is left out.
func (q *Quotes) noteSent(ctx context.Context, s *store.Session, sent Sending, n mail.Notice) error {
	if err := q.tell(ctx, s, EventSent, sent.QuoteID, Notice{Sending: sent.ID, Recipients: sent.Recipients}); err != nil {
		return err
	}
	letters, err := q.config.Mails.In(s).Of(ctx, []mail.ID{n.ID})
	if err != nil {
		return err
	}
	row := letters[n.ID]
	letter, err := row.Message()
	if err != nil {
		return err
	}
	var of Quote
	if err := s.Get(ctx, &of, sent.QuoteID); err != nil {
		return err
	}
	text := letter.Text
	if link := q.link(of.Company, sent.ID); link != "" {
		text = strings.ReplaceAll(text, link, sendTexts.T(q.locale(s).Language, "link"))
	}
	deed := activity.Deed{
		Party: of.PartyID, Opportunity: of.OpportunityID, Kind: activity.Mail, Direction: activity.Out, Subject: cutTo(letter.Subject, 200),
		Body: n.Recipients + "\n\n" + cutTo(text, 10_000), At: row.SentAt, Owner: row.OwnerUser, Team: row.OwnerTeam,
	}
	if deed.Owner == "" {
		deed.Owner = of.OwnerUser
	}
	for _, a := range letter.Attachments {
		content, err := s.Blob(ctx, a.Hash)
		if err != nil {
			return err
		}
		deed.Files = append(deed.Files, activity.File{Name: a.Name, Content: content})
	}
	_, err = q.config.Activities.In(s).Record(ctx, deed)
	return err
}

// noteFailure tells whoever sent a quote that its letter is in trouble, with a task.
func (q *Quotes) noteFailure(ctx context.Context, s *store.Session, sent Sending, n mail.Notice) error {
	notice := Notice{Sending: sent.ID, Recipients: sent.Recipients, MailState: n.State, Reason: n.Reason}
	if err := q.tell(ctx, s, EventNotSent, sent.QuoteID, notice); err != nil {
		return err
	}
	var of Quote
	if err := s.Get(ctx, &of, sent.QuoteID); err != nil {
		return err
	}
	kind := "failed"
	if n.State == mail.NoAnswer {
		kind = "unknown"
	}
	owner, team := n.Owner, ""
	if owner == "" {
		owner, team = of.OwnerUser, of.OwnerTeam
	}
	l := q.locale(s).Language
	return q.task(ctx, s, of, activity.Plan{
		Subject: cutTo(sendTexts.T(l, "task."+kind, of.Number, n.Recipients), 200), Body: sendTexts.T(l, "help."+kind, n.Reason), Owner: owner, Team: team,
	})
}

// asked gives the seller the task to answer a question.
func (q *Quotes) asked(ctx context.Context, s *store.Session, e event.Event) error {
	var n Notice
	if err := e.Decode(&n); err != nil {
		return err
	}
	row, ok, err := told(ctx, s, e)
	if err != nil || !ok {
		return err
	}
	return q.task(ctx, s, row, activity.Plan{
		Subject: sendTexts.T(q.locale(s).Language, "task.asked", row.Number), Body: n.story(), Owner: row.OwnerUser, Team: row.OwnerTeam,
	})
}

// task plans what a quote's news ask somebody to do; nothing where there is nobody.
func (q *Quotes) task(ctx context.Context, s *store.Session, of Quote, p activity.Plan) error {
	if p.Owner == "" {
		return nil
	}
	p.Party, p.Opportunity, p.Kind, p.Due = of.PartyID, of.OpportunityID, activity.Task, s.Now.AddDate(0, 0, answerDays)
	_, err := q.config.Activities.In(s).Plan(ctx, p)
	return err
}
