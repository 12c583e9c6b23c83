package web

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/quote"
)

// quoteCard is the page of a quote that was issued.
type quoteCard struct {
	quote.Card
	// States are those of the versions, in words.
	States      []string
	Party       party.Party
	PartyPath   string
	Contact     string
	Deal, Owner string
	StateText   string
	Dot         string
	Numbers     []string
	// Steps are the way from the draft to the payment.
	Steps    []quoteStep
	Sendings []sendingRow
	Docs     dealView
	// What can be done now.
	Send, Answer, Version, Withdraw bool
	Taken                           []quote.Line
	Newer                           *quote.Version
	Frozen                          bool
	// Own are the company's own fields.
	Own []cardFact
}

type quoteStep struct {
	Text       string
	Past, Here bool
}

func (s *screens) drawQuote(v *visit, card quote.Card) error {
	q := card.Quote
	names, err := v.names()
	if err != nil {
		return err
	}
	d := quoteCard{
		Card: card, Owner: nameIn(names, q.OwnerUser), StateText: q.State.In(v.Locale.Language), Dot: quoteDots[q.State], Numbers: quote.Numbers(card.Lines),
		Frozen: q.State != quote.Draft, Own: v.customFacts(card.Sheet),
	}
	if d.Party, err = v.visible(q.PartyID); err != nil {
		return err
	}
	contact, err := v.visible(q.ContactID)
	if err != nil {
		return err
	}
	d.Contact = contact.DisplayName
	if key, err := v.customerKey(q.PartyID); err == nil && key != "" {
		d.PartyPath = v.link("/customers", key)
	}
	if d.Deal, err = v.dealName(q.OpportunityID); err != nil {
		return err
	}
	open := q.State == quote.Issued
	d.Answer, d.Withdraw = open && v.may(actor.QuoteWrite), open && v.may(actor.QuoteIssue)
	d.Version = d.Frozen && q.State != quote.Accepted && v.may(actor.QuoteWrite)
	for i, one := range card.Versions {
		d.States = append(d.States, one.State.In(v.Locale.Language))
		if one.Revision > q.Revision && one.State != quote.Draft {
			d.Newer = &card.Versions[i]
		}
	}
	if q.State == quote.Accepted {
		if d.Docs, err = v.dealOf(quoteSubject(q.ID), q.PartyID); err != nil {
			return err
		}
		lines, _, err := card.Chosen(q.Evidence.Options)
		if err != nil {
			return err
		}
		d.Taken = lines
	}
	if d.Frozen {
		if d.Sendings, err = v.sendings(q.ID); err != nil {
			return err
		}
		d.Send = open && v.mayMail()
	}
	d.Steps = v.quoteSteps(q, d)
	title := q.Number
	if title == "" {
		title = v.t("quote.draft")
	}
	return v.show(http.StatusOK, "quote_card", head{Title: title, Section: "quotes", Wide: true, Crumbs: []crumb{{v.t("menu.quotes"), v.link("/quotes")}}}, d)
}

// visible is a party, an empty one where the visitor may not see it.
func (v *visit) visible(id party.ID) (party.Party, error) {
	if id.IsZero() {
		return party.Party{}, nil
	}
	p, err := v.module().Parties.Get(v.ctx(), id)
	if errors.Is(err, fault.NotFound) {
		return party.Party{}, nil
	}
	return p, err
}

// quoteSteps are the way of a quote; one that ended before shows how.
func (v *visit) quoteSteps(q quote.Quote, d quoteCard) []quoteStep {
	asks := func(kind erpbridge.Kind) bool { return d.Docs.Next != nil && d.Docs.Next.Kind == kind }
	delivered, invoiced := d.Docs.Delivered && !asks(erpbridge.DeliveryNote), d.Docs.Invoiced && !asks(erpbridge.DeliveryNote) && !asks(erpbridge.Invoice)
	done := []bool{true, len(d.Sendings) > 0, q.State == quote.Accepted, d.Docs.Ordered, delivered, invoiced, q.Progress == opportunity.Paid}
	keys := []string{"quote.step.issued", "quote.step.sent", "quote.step.accepted", "quote.step.ordered", "quote.step.delivered", "quote.step.invoiced", "quote.step.paid"}
	if q.State != quote.Issued && q.State != quote.Accepted {
		return []quoteStep{{Text: v.t("quote.step.issued"), Past: true}, {Text: d.StateText, Here: true}}
	}
	last := 0
	for i, ok := range done {
		if ok {
			last = i
		}
	}
	out := make([]quoteStep, len(keys))
	for i, key := range keys {
		out[i] = quoteStep{Text: v.t(key), Past: done[i] && i < last, Here: i == last}
	}
	return out
}

// newVersion begins the next version of a quote, or opens the draft that there is.
func (s *screens) newVersion(v *visit) error {
	id, err := key[quote.Tag](v, "id")
	if err != nil {
		return err
	}
	card, err := v.module().Quotes.NewVersion(v.ctx(), id)
	if err != nil {
		return err
	}
	return v.redirect(v.link("/quotes", card.Quote.ID.String()))
}

// answerDialog takes down what the reader said, or why a quote is taken back.
type answerDialog struct {
	Form    *input
	Card    quote.Card
	What    string
	Action  string
	Name    string
	Options []makeOption
}

func (s *screens) askAccept(v *visit) error   { return s.askAnswer(v, "accept") }
func (s *screens) askDecline(v *visit) error  { return s.askAnswer(v, "decline") }
func (s *screens) askWithdraw(v *visit) error { return s.askAnswer(v, "withdraw") }
func (s *screens) askDelete(v *visit) error   { return s.askAnswer(v, "delete") }

func (s *screens) askAnswer(v *visit, what string) error {
	id, err := key[quote.Tag](v, "id")
	if err != nil {
		return err
	}
	card, err := v.module().Quotes.Get(v.ctx(), id)
	if err != nil {
		return err
	}
	reader, err := v.visible(card.Quote.ContactID)
	if err != nil {
		return err
	}
	if reader.DisplayName == "" {
		if reader, err = v.visible(card.Quote.PartyID); err != nil {
			return err
		}
	}
	return s.drawAnswer(v, v.blank("by", reader.DisplayName, "note", "", "reference", "", "said_on", "", "how", ""), card, what)
}

func (s *screens) drawAnswer(v *visit, f *input, card quote.Card, what string) error {
	d := answerDialog{Form: f, Card: card, What: what, Action: v.link("/quotes", card.Quote.ID.String(), what), Name: card.Quote.Number}
	if d.Name == "" {
		d.Name = card.Quote.Title
	}
	if what == "accept" {
		var taken []int
		if f.has("chosen") {
			taken = chosenOptions(f)
		}
		d.Options = optionsOf(card, taken)
	}
	return s.saleDialog(v, f.statusOf(), "quote_answer", head{Title: v.t("quote." + what), Section: "quotes"}, d)
}

// onAnswer runs what a dialog asked for, and comes back to the quote.
func (s *screens) onAnswer(v *visit, what string, do func(card quote.Card, f *input) error) error {
	id, err := key[quote.Tag](v, "id")
	if err != nil {
		return err
	}
	card, err := v.module().Quotes.Get(v.ctx(), id)
	if err != nil {
		return err
	}
	f := v.posted()
	if err := do(card, f); err != nil {
		if err := v.refuse(f, repathed(err, map[string]string{"evidence.options": "", "evidence.reference": "reference"})); err != nil {
			return err
		}
	}
	if f.bad() {
		return s.drawAnswer(v, f, card, what)
	}
	v.done("quote."+what+".done", firstText(card.Quote.Number, card.Quote.Title))
	if what == "delete" {
		return v.redirect(v.link("/quotes"))
	}
	return v.redirect(v.link("/quotes", id.String()))
}

func firstText(all ...string) string {
	for _, text := range all {
		if text != "" {
			return text
		}
	}
	return ""
}

// answerWays are how a reader can have answered beside the page behind his link.
var answerWays = []string{"mail", "phone", "meeting", "paper"}

// answerOf is what the reader said, as the seller took it down.
func (v *visit) answerOf(f *input) quote.Answer {
	var said []string
	if how := f.text("how"); slices.Contains(answerWays, how) {
		said = append(said, v.t("quote.how."+how))
	}
	if day := f.day("said_on"); !day.IsZero() {
		said = append(said, v.Locale.Language.Date(day))
	}
	note := f.text("note")
	if len(said) > 0 {
		note = strings.TrimSpace(strings.Join(said, ", ") + "\n" + note)
	}
	return quote.Answer{By: f.text("by"), Note: note, Evidence: quote.Evidence{Reference: f.text("reference")}}
}

func (s *screens) acceptQuote(v *visit) error {
	return s.onAnswer(v, "accept", func(card quote.Card, f *input) error {
		if f.text("by") == "" {
			f.wrong("by", "fault.required")
		}
		answer := v.answerOf(f)
		if f.has("chosen") {
			answer.Evidence.Options = chosenOptions(f)
		}
		if f.bad() {
			return nil
		}
		answer.Evidence.DocumentHash = card.Quote.DocumentHash
		_, err := v.module().Quotes.Accept(v.ctx(), card.Quote.ID, answer)
		return err
	})
}

func (s *screens) declineQuote(v *visit) error {
	return s.onAnswer(v, "decline", func(card quote.Card, f *input) error {
		answer := v.answerOf(f)
		if f.bad() {
			return nil
		}
		_, err := v.module().Quotes.Decline(v.ctx(), card.Quote.ID, answer)
		return err
	})
}

func (s *screens) withdrawQuote(v *visit) error {
	return s.onAnswer(v, "withdraw", func(card quote.Card, f *input) error {
		if f.text("note") == "" {
			f.wrong("note", "fault.required")
			return nil
		}
		_, err := v.module().Quotes.Withdraw(v.ctx(), card.Quote.ID, f.text("note"))
		return err
	})
}

func (s *screens) deleteQuote(v *visit) error {
	return s.onAnswer(v, "delete", func(card quote.Card, _ *input) error {
		return v.module().Quotes.Delete(v.ctx(), card.Quote.ID, 0)
	})
}
