package quote

import (
	"context"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// The kinds of events. Their payload is a [Summary].
const (
	EventDrafted    = "quote.drafted"
	EventChanged    = "quote.changed"
	EventIssued     = "quote.issued"
	EventAccepted   = "quote.accepted"
	EventDeclined   = "quote.declined"
	EventExpired    = "quote.expired"
	EventSuperseded = "quote.superseded"
	EventWithdrawn  = "quote.withdrawn"
)

// Summary is a quote as events tell of it.
type Summary struct {
	ID            ID            `json:"id"`
	BaseID        ID            `json:"base_id"`
	Revision      int           `json:"revision"`
	Number        string        `json:"number"`
	State         State         `json:"state"`
	PartyID       party.ID      `json:"party_id"`
	ContactID     party.ID      `json:"contact_id"`
	OpportunityID OpportunityID `json:"opportunity_id"`
	Title         string        `json:"title"`
	Currency      string        `json:"currency"`
	Net           money.Amount  `json:"net"`
	Gross         money.Amount  `json:"gross"`
	ValidUntil    civil.Date    `json:"valid_until"`
	Owner         string        `json:"owner"`
	// DecidedBy and Note belong to an answer.
	DecidedBy string `json:"decided_by,omitempty"`
	Note      string `json:"note,omitempty"`
}

func (q Quote) summary() Summary {
	return Summary{
		ID: q.ID, BaseID: q.BaseID, Revision: q.Revision, Number: q.Number, State: q.State, PartyID: q.PartyID, ContactID: q.ContactID,
		OpportunityID: q.OpportunityID, Title: q.Title, Currency: q.Currency, Net: q.Net, Gross: q.Gross, ValidUntil: q.ValidUntil,
		Owner: q.OwnerUser, DecidedBy: q.DecidedBy, Note: q.DecisionNote,
	}
}

func emit(ctx context.Context, s *store.Session, kind string, q Quote) error {
	return event.Emit(ctx, s, event.Fact{Kind: kind, Record: q.ID.Bytes(), Version: q.Version, Payload: q.summary()})
}

// log notes on the party's timeline what happened to the quote, in the company's language.
func (q *Quotes) log(ctx context.Context, s *store.Session, row Quote) error {
	l := q.locale(s).Language
	return q.config.Activities.In(s).Log(ctx, activity.Entry{
		Party: row.PartyID, Opportunity: row.OpportunityID, Kind: activity.Quote,
		Subject: Texts.T(l, "log."+string(row.State), row.Number, l.Money(row.Gross, row.Currency)),
		Body:    row.story(), RefKind: recordKind, RefID: activity.RefID(row.ID), RefText: row.Number,
	})
}

// story is the title, and what was said when the quote was answered.
func (q Quote) story() string {
	text := q.Title
	for _, part := range []string{q.DecidedBy, q.DecisionNote} {
		if part != "" {
			text += "\n" + part
		}
	}
	return text
}

// answerDays is how long the seller has for the task that an answer brings.
const answerDays = 1

// Register adds the handlers of the package: one tells the [Config.Advancer] that a quote of an
// opportunity was issued, accepted or declined; others give the owner a task when a reader answered or
// asked by link, note on the timeline that a quote was sent, and tell the sender when it was not.
func (q *Quotes) Register(r *event.Registry) {
	if q.config.Advancer != nil {
		r.On(event.Handler{Name: "quote.advance", Kinds: []string{EventIssued, EventAccepted, EventDeclined}, Do: q.advance})
	}
	q.registerSending(r)
	r.On(event.Handler{Name: "quote.answered", Kinds: []string{EventAccepted, EventDeclined}, Do: q.answered})
}

func (q *Quotes) advance(ctx context.Context, s *store.Session, e event.Event) error {
	row, ok, err := told(ctx, s, e)
	if err != nil || !ok || row.OpportunityID.IsZero() {
		return err
	}
	return q.config.Advancer.Advance(ctx, s, row)
}

func (q *Quotes) answered(ctx context.Context, s *store.Session, e event.Event) error {
	row, ok, err := told(ctx, s, e)
	if err != nil || !ok || row.OwnerUser == "" || e.ByUser == row.OwnerUser {
		return err
	}
	_, err = q.config.Activities.In(s).Plan(ctx, activity.Plan{
		Party: row.PartyID, Opportunity: row.OpportunityID, Kind: activity.Task,
		Subject: Texts.T(q.locale(s).Language, "task."+string(row.State), row.Number), Body: row.story(),
		Due: s.Now.AddDate(0, 0, answerDays), Owner: row.OwnerUser, Team: row.OwnerTeam,
	})
	return err
}

// told reads the quote of an event, with the state that the event tells of: it can have moved on since.
// It reports false for a quote that is gone.
func told(ctx context.Context, s *store.Session, e event.Event) (Quote, bool, error) {
	var p Summary
	if err := e.Decode(&p); err != nil {
		return Quote{}, false, err
	}
	var rows []Quote
	if err := s.Select(&rows).Where("quote.id = ?", p.ID).Scan(ctx); err != nil || len(rows) == 0 {
		return Quote{}, false, err
	}
	rows[0].State = p.State
	return rows[0], true, nil
}
