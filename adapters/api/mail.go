package api

import (
	"context"
	"net/http"
	"time"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/mail"
)

// Mail is a letter that CRM+ sends for a user, with what became of it.
type Mail struct {
	ID         ID        `json:"id"`
	Version    int64     `json:"version"`
	Purpose    string    `json:"purpose" example:"quote.sent"`
	RecordKind string    `json:"record_kind,omitempty" doc:"The noun of the record it belongs to." example:"quote"`
	RecordID   ID        `json:"record_id,omitempty"`
	PartyID    ID        `json:"party_id,omitempty"`
	State      string    `json:"state" enum:"queued,sending,sent,deferred,failed,unknown,cancelled,dismissed" doc:"unknown: nobody knows whether the server has taken it, and a person decides."`
	Subject    string    `json:"subject"`
	Recipients string    `json:"recipients" doc:"As people read them, shortened."`
	Attempts   int       `json:"attempts"`
	DueAt      time.Time `json:"due_at,omitzero" doc:"When it is tried next."`
	GiveUpAt   time.Time `json:"give_up_at,omitzero"`
	ReasonCode string    `json:"reason_code,omitempty" doc:"temporary, permanent, gave_up, no_answer, died or file."`
	Reason     string    `json:"reason,omitempty" doc:"What went wrong last, as the server said it."`
	SentAt     time.Time `json:"sent_at,omitzero"`
	OwnerUser  string    `json:"owner_user"`
	CreatedAt  time.Time `json:"created_at"`
	CreatedBy  string    `json:"created_by"`
}

func mailOf(m mail.Mail) Mail {
	return Mail{
		ID: idOf(m.ID), Version: m.Version, Purpose: m.Purpose, RecordKind: m.RecordKind, RecordID: idOf(m.RecordID), PartyID: idOf(m.PartyID),
		State: string(m.State), Subject: m.Subject, Recipients: m.Recipients, Attempts: m.Attempts, DueAt: m.DueAt, GiveUpAt: m.GiveUpAt,
		ReasonCode: m.ReasonCode, Reason: m.Reason, SentAt: m.SentAt, OwnerUser: m.OwnerUser, CreatedAt: m.CreatedAt, CreatedBy: m.CreatedBy,
	}
}

// WholeMail is a mail with its content.
type WholeMail struct {
	Mail
	From    Mailbox   `json:"from"`
	ReplyTo *Mailbox  `json:"reply_to,omitempty"`
	To      []Mailbox `json:"to"`
	Cc      []Mailbox `json:"cc"`
	Text    string    `json:"text"`
	Files   []Annex   `json:"files"`
}

func mailID(id ID) mail.ID { return keyOf[mail.Tag](id) }

func (a *server) mails() {
	const tag = "Mails"
	read, write := rights(actor.ActivityRead), rights(actor.ActivityWrite)
	add(a, route{ID: "list-mails", Method: http.MethodGet, Path: "/mails", Tag: tag, Rights: read, Summary: "List mails, the newest first"},
		func(ctx context.Context, m *crm.Module, in *struct {
			Fields
			Paging
			State  []string `query:"state" enum:"queued,sending,sent,deferred,failed,unknown,cancelled,dismissed" doc:"Any of them, by comma."`
			Record ID       `query:"record" doc:"The record they belong to."`
			Party  ID       `query:"party"`
		}) (*Listed[Mail], error) {
			list, err := m.Mails.List(ctx, mail.Filter{States: words[mail.State](in.State), Record: keyOf[mail.RecordTag](in.Record), Party: partyID(in.Party), Page: in.page()})
			return listed(callOf(ctx), each(list.Rows, mailOf), list.Next), err
		})
	add(a, route{ID: "get-mail", Method: http.MethodGet, Path: "/mails/{id}", Tag: tag, Rights: read, Summary: "Read a mail with its content"},
		func(ctx context.Context, m *crm.Module, in *struct {
			ByID
			Fields
		}) (*Tagged[WholeMail], error) {
			one, err := m.Mails.Get(ctx, mailID(in.ID))
			if err != nil {
				return nil, err
			}
			msg, err := one.Message()
			return &Tagged[WholeMail]{etag(one.Version), WholeMail{
				mailOf(one), mailboxOf(msg.From), mailboxes(msg.ReplyTo), each(msg.To, mailboxOf), each(msg.Cc, mailboxOf), msg.Text,
				each(msg.Attachments, func(f mail.Attachment) Annex { return Annex{f.Name, f.Type, f.Size} }),
			}}, err
		})
	for _, step := range []struct {
		name, summary, doc string
		do                 func(m *mail.Mails) func(context.Context, mail.ID) (mail.Mail, error)
	}{
		{"resend", "Send a mail again, or now", "One that failed, after what was wrong has been corrected; one without an answer, after somebody has found out that it did not arrive; one that was put off or taken back. It keeps its Message-ID.",
			func(m *mail.Mails) func(context.Context, mail.ID) (mail.Mail, error) { return m.Resend }},
		{"dismiss", "Say that a mail that failed or has no answer was dealt with", "Done twice it changes nothing.",
			func(m *mail.Mails) func(context.Context, mail.ID) (mail.Mail, error) { return m.Dismiss }},
		{"cancel", "Take back a mail that has not gone out yet", "Done twice it changes nothing.",
			func(m *mail.Mails) func(context.Context, mail.ID) (mail.Mail, error) { return m.Cancel }},
	} {
		add(a, route{ID: step.name + "-mail", Method: http.MethodPost, Path: "/mails/{id}/" + step.name, Tag: tag, Rights: write, Summary: step.summary, Doc: step.doc},
			func(ctx context.Context, m *crm.Module, in *struct{ ByID }) (*Tagged[Mail], error) {
				one, err := step.do(m.Mails)(ctx, mailID(in.ID))
				return &Tagged[Mail]{etag(one.Version), mailOf(one)}, err
			})
	}
}
