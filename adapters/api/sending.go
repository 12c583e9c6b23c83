package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/quote"
)

// Mailbox is somebody's e-mail address.
type Mailbox struct {
	Name  string `json:"name,omitempty" maxLength:"120"`
	Email string `json:"email" maxLength:"320" example:"eva@example.hu"`
}

func mailboxOf(a mail.Address) Mailbox { return Mailbox{a.Name, a.Email} }

func addresses(all []Mailbox) []mail.Address {
	return each(all, func(m Mailbox) mail.Address { return mail.Address{Name: m.Name, Email: m.Email} })
}

// QuoteLetter is the mail that a quote is sent with.
type QuoteLetter struct {
	To       []Mailbox `json:"to" minItems:"1" maxItems:"50"`
	Cc       []Mailbox `json:"cc,omitempty" maxItems:"50"`
	Subject  string    `json:"subject" maxLength:"200"`
	Text     string    `json:"text" maxLength:"60000" doc:"Plain text; {quote.link} in it becomes the reader's link."`
	Language string    `json:"language,omitempty" enum:"hu,en,he,ru,el" doc:"Of the letter and of the page behind the link; the quote's where it is left out."`
	Files    []ID      `json:"files,omitempty" maxItems:"10" doc:"Files of activities that go with the PDF; they take the right activity.read too."`
	Key      string    `json:"key,omitempty" maxLength:"120" doc:"Makes sending repeatable for good: the same key for the same quote sends nothing more and gives what was sent."`
}

// QuoteProposal is a letter as it is proposed.
type QuoteProposal struct {
	From     *Mailbox  `json:"from,omitempty"`
	ReplyTo  *Mailbox  `json:"reply_to,omitempty"`
	To       []Mailbox `json:"to"`
	Cc       []Mailbox `json:"cc"`
	Subject  string    `json:"subject"`
	Text     string    `json:"text"`
	Language string    `json:"language" enum:"hu,en,he,ru,el"`
	File     string    `json:"file" doc:"The name of the PDF." example:"Q-2026-00017.pdf"`
	Size     int       `json:"size" doc:"The bytes of the PDF."`
	Linked   bool      `json:"linked" doc:"There can be a link to open and answer the quote by."`
	Ready    bool      `json:"ready" doc:"Mails go out at the moment; else they wait."`
}

func mailboxes(a mail.Address) *Mailbox {
	if a.IsZero() {
		return nil
	}
	m := mailboxOf(a)
	return &m
}

// QuoteSending is one sending of a quote, with its link.
type QuoteSending struct {
	ID           ID        `json:"id"`
	Version      int64     `json:"version"`
	QuoteID      ID        `json:"quote_id"`
	Recipients   []Mailbox `json:"recipients" doc:"To and Cc, the first of To first."`
	Language     string    `json:"language" enum:"hu,en,he,ru,el"`
	DocumentHash string    `json:"document_hash" doc:"SHA-256 of the document that was sent."`
	Annexes      []Annex   `json:"annexes"`
	Mail         Mail      `json:"mail" doc:"What became of the letter."`
	ExpiresAt    time.Time `json:"expires_at" doc:"When the link stops to work."`
	RevokedAt    time.Time `json:"revoked_at,omitzero"`
	OpenedAt     time.Time `json:"opened_at,omitzero" doc:"When the page was first opened, by a reader or by a program that looks through his mails."`
	LastOpenedAt time.Time `json:"last_opened_at,omitzero"`
	Openings     int       `json:"openings"`
	Questions    int       `json:"questions"`
	SentBy       string    `json:"sent_by"`
	SentAt       time.Time `json:"sent_at"`
}

// Annex is a file that went with a quote.
type Annex struct {
	Name string `json:"name"`
	Type string `json:"type" example:"application/pdf"`
	Size int64  `json:"size" doc:"In bytes."`
}

func sendingOf(s quote.Sending) QuoteSending {
	return QuoteSending{
		ID: idOf(s.ID), Version: s.Version, QuoteID: idOf(s.QuoteID), Recipients: each(s.Recipients, mailboxOf), Language: string(s.Language),
		DocumentHash: string(s.DocumentHash), Annexes: each(s.Annexes, func(a quote.Annex) Annex { return Annex{a.Name, a.Type, a.Size} }),
		Mail: mailOf(s.Mail), ExpiresAt: s.ExpiresAt, RevokedAt: s.RevokedAt, OpenedAt: s.OpenedAt, LastOpenedAt: s.LastOpenedAt,
		Openings: s.Openings, Questions: s.Questions, SentBy: s.CreatedBy, SentAt: s.CreatedAt,
	}
}

func (a *server) sendings() {
	const tag = "Quotes"
	add(a, route{ID: "propose-quote-letter", Method: http.MethodGet, Path: "/quotes/{id}/sendings/proposal", Tag: tag, Rights: rights(actor.QuoteRead), Summary: "Propose the letter that a quote is sent with", Doc: "In the words of the company's mail template."},
		func(ctx context.Context, m *crm.Module, in *struct {
			ByID
			Language string `query:"language" enum:"hu,en,he,ru,el" doc:"The quote's where it is left out."`
		}) (*Out[QuoteProposal], error) {
			p, err := m.Quotes.SendPreview(ctx, quoteID(in.ID), locale.Language(in.Language))
			return &Out[QuoteProposal]{QuoteProposal{
				mailboxes(p.From), mailboxes(p.ReplyTo), each(p.To, mailboxOf), each(p.Cc, mailboxOf), p.Subject, p.Text, string(p.Language), p.File, p.Size, p.Linked, p.Ready,
			}}, err
		})
	add(a, route{ID: "send-quote", Method: http.MethodPost, Path: "/quotes/{id}/sendings", Tag: tag, Rights: rights(actor.QuoteWrite), Status: http.StatusCreated, Summary: "Send an issued quote by mail, with a link to open and answer it", Doc: "The mail is queued with the change, and goes out a moment later; GET /mails/{id} says what became of it."},
		sendQuote)
	add(a, route{ID: "list-quote-sendings", Method: http.MethodGet, Path: "/quotes/{id}/sendings", Tag: tag, Rights: rights(actor.QuoteRead), Summary: "List the sendings of a quote, the latest first"},
		func(ctx context.Context, m *crm.Module, in *struct{ ByID }) (*Listed[QuoteSending], error) {
			all, err := m.Quotes.Sendings(ctx, quoteID(in.ID))
			return listed(callOf(ctx), each(all, sendingOf), ""), err
		})
	add(a, route{ID: "revoke-sending", Method: http.MethodPost, Path: "/sendings/{id}/revoke", Tag: tag, Rights: rights(actor.QuoteWrite), Summary: "Close the link of a sending for good", Doc: "Done twice it changes nothing."},
		func(ctx context.Context, m *crm.Module, in *struct{ ByID }) (*Empty, error) {
			_, err := m.Quotes.Revoke(ctx, keyOf[quote.SendingTag](in.ID))
			return nil, err
		})
}

func sendQuote(ctx context.Context, m *crm.Module, in *struct {
	ByID
	Body QuoteLetter
}) (*Made[QuoteSending], error) {
	b := in.Body
	letter := quote.SendInput{To: addresses(b.To), Cc: addresses(b.Cc), Subject: b.Subject, Text: b.Text, Language: locale.Language(b.Language), Key: b.Key}
	for i, id := range b.Files {
		f, err := m.Activities.Download(ctx, keyOf[activity.AttachmentTag](id))
		if errors.Is(err, fault.NotFound) {
			err = invalid(at("files", i), "unknown", "there is no such file, or the key may not see it")
		}
		if err != nil {
			return nil, err
		}
		letter.Annexes = append(letter.Annexes, f)
	}
	s, err := m.Quotes.Send(ctx, quoteID(in.ID), letter)
	return &Made[QuoteSending]{etag(s.Version), callOf(ctx).r.URL.Path, sendingOf(s)}, err
}
