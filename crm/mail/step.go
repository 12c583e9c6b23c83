package mail

import (
	"context"
	"errors"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// StepSend is the step by which rules write mails, and the purpose of those.
const StepSend = "mail.send"

// Sendings is what [Mails.Offer] is told by its surroundings.
type Sendings struct {
	// Sender is the mailbox that a company's rules write from; none sends nothing.
	Sender func(ctx context.Context, s *store.Session) (Address, error)
	// Closed reports whether an address must not be written to; nil for none.
	Closed func(ctx context.Context, s *store.Session, email string) (bool, error)
}

// Offer puts the package's step into the registry.
func (m *Mails) Offer(r *event.Registry, c Sendings) {
	r.Offer(event.Step{
		Name: StepSend, Right: actor.ActivityWrite,
		Parameters: []event.Parameter{
			{Name: "to", Kind: event.Addressee, Required: true},
			{Name: "subject", Kind: event.Line, Required: true, Most: MaxSubject},
			{Name: "body", Kind: event.Long, Required: true},
		},
		Do: func(ctx context.Context, s *store.Session, t event.Task) (string, error) {
			to, err := t.Reach(ctx, t.Given["to"])
			if err != nil || to.Email == "" {
				return event.NobodyThere, err
			}
			from, err := c.Sender(ctx, s)
			if err != nil || from.Email == "" {
				return event.NobodyThere, err
			}
			if c.Closed != nil && to.User == "" {
				if closed, err := c.Closed(ctx, s, to.Email); err != nil || closed {
					return event.NobodyThere, err
				}
			}
			msg := Message{
				From: from, To: []Address{{Name: to.Name, Email: to.Email}}, Subject: party.Clean(t.Given["subject"], MaxSubject), Text: t.Given["body"],
				Language: to.Language, Key: t.Key, Purpose: StepSend, RecordKind: t.Noun, Record: t.Record, Owner: party.Owner{User: t.Owner, Team: t.Team},
			}
			look := Look{Language: to.Language}
			if to.User == "" {
				msg.Party = t.Party
			} else if t.Link != "" {
				msg.Text += "\n\n" + t.Link
				look.Links = []Link{{URL: t.Link, Label: t.Name}}
			}
			msg.HTML = HTML(msg.Text, look)
			if _, err = m.In(s).Queue(ctx, msg); errors.Is(err, fault.Invalid) {
				return "", fault.Wrap(err, fault.Invalid, "the mail to %s cannot be written", to.Email)
			}
			return to.Email, err
		},
	})
}
