package mail

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
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

// Offer puts the package's step into the registry. What it says are words of its own, in the language of whoever wrote the
// rule, or a letter of the company ([LetterPrefix]) in the language of whom it goes to.
func (m *Mails) Offer(r *event.Registry, c Sendings) {
	r.Offer(event.Step{
		Name: StepSend, Right: actor.ActivityWrite,
		Parameters: []event.Parameter{
			{Name: "to", Kind: event.Addressee, Required: true},
			{Name: "letter", Kind: event.TemplateChoice, Most: mostKey, Find: letters},
			{Name: "subject", Kind: event.Line, Most: MaxSubject},
			{Name: "body", Kind: event.Long},
		},
		Check: func(ctx context.Context, s *store.Session, t event.Task) (fault.List, error) {
			var faults fault.List
			key := t.Given["letter"]
			if key == "" {
				faults.Required("subject", t.Given["subject"])
				faults.Required("body", t.Given["body"])
				return faults, nil
			}
			if t.Given["subject"] != "" || t.Given["body"] != "" {
				faults.Add("letter", "choice", "has words of its own; clear the subject and the text, or choose no letter")
			}
			known, err := letters(ctx, s, t.Noun)
			if !slices.Contains(known, key) {
				faults.Add("letter", "choice", "%.40q is no letter about a %s; choose from the list", key, t.Noun)
			}
			return faults, err
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
			words, language, err := m.worded(ctx, s, t, to)
			if err != nil {
				return "", err
			}
			msg := Message{
				From: from, To: []Address{{Name: to.Name, Email: to.Email}}, Subject: party.Clean(words.Subject, MaxSubject), Text: words.Body,
				Language: language, Key: t.Key, Purpose: StepSend, RecordKind: t.Noun, Record: t.Record, Owner: party.Owner{User: t.Owner, Team: t.Team},
			}
			look := Look{Language: language}
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

// worded is what a mail of a rule says, and in which language: the rule's own words are those of the company.
func (m *Mails) worded(ctx context.Context, s *store.Session, t event.Task, to event.Contact) (Words, locale.Language, error) {
	key := t.Given["letter"]
	if key == "" {
		return Words{t.Given["subject"], t.Given["body"]}, t.Locale.Language, nil
	}
	template, err := wordsFor(ctx, s, key, to.Language, t.Locale.Language)
	if err != nil {
		return Words{}, "", err
	}
	p, err := m.purpose(key)
	if err == nil {
		p, err = p.With(ctx, s)
	}
	if err != nil {
		return Words{}, "", err
	}
	owner, err := t.Reach(ctx, event.Owner)
	if err != nil {
		return Words{}, "", err
	}
	values := map[string]Value{
		"reader.name": TextValue(to.Name), "owner.name": TextValue(owner.Name), "owner.email": TextValue(owner.Email),
		"reader.greeting": func(l locale.Language) string {
			if to.Greeting == nil {
				return ""
			}
			return to.Greeting(l)
		},
	}
	var paths []string
	for _, f := range p.named(template.Subject + "\n" + template.Body) {
		if _, known := values[f]; !known {
			paths = append(paths, f)
		}
	}
	read, err := t.Read(ctx, paths)
	if err != nil {
		return Words{}, "", err
	}
	for _, path := range paths {
		values[path] = func(l locale.Language) string { return TextValue(read(path, l))(l) }
	}
	language := cmp.Or(template.Language, t.Locale.Language)
	words, err := p.Merge(Words{template.Subject, template.Body}, language, values)
	return words, language, err
}

// named are the fields that a text names, each once.
func (p Purpose) named(text string) []string {
	segments, _ := p.tolerant().compile(text)
	var out []string
	for _, s := range segments {
		if s.field != "" && !slices.Contains(out, s.field) {
			out = append(out, s.field)
		}
	}
	return out
}
