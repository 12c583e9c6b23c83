package newsletter

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter/campaign"
	"github.com/crmplus/crmplus/newsletter/content"
	"github.com/crmplus/crmplus/newsletter/message"
)

// MaxTrials is how many addresses a test goes to at once.
const MaxTrials = campaign.MaxSeeds

// TrialMark stands before the subject of a test.
const TrialMark = "[Test]"

// trialTime is how long the server may take to accept the tests.
const trialTime = 30 * time.Second

// Trial is a letter that goes to the one who wrote it, and to others who look at it, before any reader gets it.
type Trial struct {
	Campaign campaign.ID     `json:"campaign"`
	Variant  string          `json:"variant"`
	Language locale.Language `json:"language"`
	// Reader is whose name and values the letter carries; zero for nobody in particular.
	Reader party.ID `json:"reader,omitzero"`
	// To are where it goes: the writer's own address, the seeds of the campaign; at most [MaxTrials].
	To []string `json:"to"`
}

// SendTest sends a letter as a reader would get it, by the campaign's own way out and signed as it will be, with
// [TrialMark] before its subject. Nothing of it is kept: it stands in no ledger, its links lead where they were
// written, opening it counts nothing, and its way out leads to nobody's subscription. It needs campaign.Write.
// fault.Invalid names what is wrong with the letter and the addresses, fault.Unavailable says that the server did
// not take it, with the server's words.
func (n *Newsletters) SendTest(ctx context.Context, t Trial) error {
	to, err := trialAddresses(t.To)
	if err != nil {
		return err
	}
	if err := n.refresh(ctx); err != nil {
		return err
	}
	letter, err := store.Read(ctx, n.db, campaign.Write, func(ctx context.Context, s *store.Session) (trialLetter, error) {
		return n.composeTrial(ctx, s, t)
	})
	if err != nil {
		return err
	}
	way, ok := n.config.Transports[letter.campaign.Transport]
	if !ok {
		return fault.New(fault.Unavailable, "there is no way out for letters; set up a mail server first")
	}
	envelopes := make([]message.Envelope, len(to))
	for i, address := range to {
		if envelopes[i], err = letter.to(address, i); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, trialTime)
	defer cancel()
	conn, err := way.Dial(ctx)
	if err != nil {
		return undelivered(err)
	}
	return handOver(ctx, conn, envelopes)
}

// handOver sends over one connection, and says what the server refused.
func handOver(ctx context.Context, conn message.Conn, envelopes []message.Envelope) error {
	ends := make([]error, len(envelopes))
	for i, e := range envelopes {
		if err := conn.Send(ctx, e, func(err error) { ends[i] = err }); err != nil {
			return errors.Join(undelivered(err), conn.Close(ctx))
		}
	}
	closing := conn.Close(ctx) // until here ends may come
	for i, err := range ends {
		if err != nil {
			return undelivered(fmt.Errorf("%s: %w", envelopes[i].To, err))
		}
	}
	if closing != nil {
		return undelivered(closing)
	}
	return nil
}

// trialAddresses brings addresses into the form they travel in.
func trialAddresses(list []string) ([]string, error) {
	var faults fault.List
	var out []string
	for i, text := range list {
		address, err := party.NormalizeEmail(text)
		for _, f := range fault.Of(err) {
			faults.Add("to["+strconv.Itoa(i)+"]", f.Code, "%s", f.Message)
		}
		out = append(out, address)
	}
	if len(list) == 0 {
		faults.Add("to", "required", "is missing; say where the test goes")
	}
	if len(list) > MaxTrials {
		faults.Add("to", "limit", "are %d addresses; at most %d are taken", len(list), MaxTrials)
	}
	return out, faults.Err("the test cannot be sent")
}

// undelivered is what a server said, for the person who waits for it.
func undelivered(err error) error {
	var failure *mail.Failure
	if errors.As(err, &failure) {
		return fault.Wrap(err, fault.Unavailable, "the test was not taken: %s", failure.Reason)
	}
	return fault.Wrap(err, fault.Unavailable, "the test could not be handed to the server")
}

// trialLetter is a test, ready for any address.
type trialLetter struct {
	campaign campaign.Campaign
	template *message.Template
	values   content.Values
	at       time.Time
}

func (l trialLetter) to(address string, number int) (message.Envelope, error) {
	_, domain, _ := strings.Cut(l.campaign.SenderAddress, "@")
	e, err := l.template.Compose(nil, message.Recipient{
		Address: address, Subject: l.values.Subject, HTML: l.values.HTML, Text: l.values.Text,
		MessageID: fmt.Sprintf("test.%s.%d.%d@%s", strconv.FormatInt(l.campaign.Number, 36), l.at.UnixNano(), number, domain),
	})
	e.From = l.campaign.SenderAddress
	return e, err
}

func (n *Newsletters) composeTrial(ctx context.Context, s *store.Session, t Trial) (trialLetter, error) {
	out := trialLetter{at: s.Now}
	all := n.Campaigns.In(s)
	var err error
	if out.campaign, err = all.Get(ctx, t.Campaign); err != nil {
		return out, err
	}
	contents, err := all.Contents(ctx, t.Campaign)
	if err != nil {
		return out, err
	}
	known, err := fields(ctx, s)
	if err != nil {
		return out, err
	}
	var programs content.Programs
	var files []mail.Attachment
	found := false
	for _, p := range contents {
		if p.Variant != t.Variant || p.Language != t.Language {
			continue
		}
		found = true
		design, err := content.Decode(p.Design, p.Language, p.Subject)
		if err != nil {
			return out, err
		}
		if programs, err = design.Compile(known); err != nil {
			return out, err
		}
		if files, err = campaign.Attached(ctx, s, design.Files); err != nil {
			return out, err
		}
		if programs, err = programs.MarkSubject(TrialMark, design.Subject, known); err != nil {
			return out, err
		}
	}
	if !found {
		return out, fault.List{{Path: "language", Code: "language", Message: "has no content in this variant; write and save it first"}}.Err("the test cannot be sent")
	}
	reader, err := n.trialReader(ctx, s, programs, t)
	if err != nil {
		return out, err
	}
	out.values = programs.Values(&reader)
	d := message.Draft{
		From: mail.Address{Name: out.campaign.SenderName, Email: out.campaign.SenderAddress}, Date: s.Now, Language: programs.Language,
		Subject: programs.Subject, Text: programs.Text, HTML: programs.HTML,
		Attachments: files,
	}
	if out.campaign.ReplyTo != "" {
		d.ReplyTo = mail.Address{Email: out.campaign.ReplyTo}
	}
	if n.config.Keys != nil {
		d.Keys = n.config.Keys(out.campaign)
	}
	out.template, err = message.Compile(d)
	return out, err
}

// trialReader is a reader whose pages are nobody's: who presses "unsubscribe" in a test unsubscribes nobody.
func (n *Newsletters) trialReader(ctx context.Context, s *store.Session, p content.Programs, t Trial) (content.Reader, error) {
	found, err := n.known(ctx, s, p.Language, p.Fields(), []campaign.Recipient{{PartyID: t.Reader, Language: p.Language}})
	if err != nil {
		return content.Reader{}, err
	}
	out, nowhere := found[0], n.config.PublicURL+SubscriptionPath+"test"
	out.Unsubscribe, out.Preference, out.View = nowhere, nowhere, nowhere
	return out, nil
}
