package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/quote"
)

// sale is the one that goes all the way.
type sale struct {
	lead        lead.Lead
	task        activity.ID
	opportunity opportunity.ID
	quote       quote.Quote
	lines       []quote.Line
	converted
}

// offer is a quote to be made: who makes it, for whom, in which words.
type offer struct {
	company, seller string
	language        locale.Language
	title, cover    string
	// draft is captured by hand; it is empty for the lead that was worked.
	draft lead.Draft
}

var offers = []offer{
	{company: hungary, seller: "kovacs", language: locale.Hungarian, title: "12 munkahely bútorozása", cover: "Köszönjük megkeresését! Ajánlatunkat a felmérés alapján állítottuk össze."},
	{
		company: greece, seller: "brown", language: locale.English, title: "Twelve workplaces", cover: "Thank you for visiting our showroom. Prices include delivery to your office.",
		draft: lead.Draft{Name: "Harriet Whitfield", Organization: "Kestrel Analytics Ltd", Emails: []string{"harriet.whitfield@kestrel.test"}, JobTitle: "Office Manager"},
	},
	{
		company: israel, seller: "mizrahi", language: locale.Hebrew, title: "ריהוט ל-12 עמדות עבודה", cover: "תודה על פנייתך. המחירים כוללים הובלה למשרד.",
		draft: lead.Draft{Name: "יעל שפירא", Organization: `אופק תוכנה בע"מ`, Emails: []string{"yael@ofek.test"}, Phones: []string{"03-555-2040"}},
	},
	{
		company: israel, seller: "petrov", language: locale.Russian, title: "Мебель на 12 рабочих мест", cover: "Благодарим за обращение. Цены указаны с доставкой до офиса.",
		draft: lead.Draft{Name: "Елена Сергеевна Орлова", Organization: "Кармель Тех", Emails: []string{"orlova@karmel.test"}},
	},
	{
		company: greece, seller: "dimitriou", language: locale.Greek, title: "Επίπλωση 12 θέσεων εργασίας", cover: "Σας ευχαριστούμε για το ενδιαφέρον σας. Οι τιμές περιλαμβάνουν παράδοση.",
		draft: lead.Draft{Name: "Ελένη Καραγιάννη", Organization: "Αργώ Ναυτιλιακή ΑΕ", Emails: []string{"eleni@argo.test"}},
	},
}

// makeQuotes drafts a quote in each language from the host's price list, issues it and keeps the PDF.
func (s *story) makeQuotes(ctx context.Context) error {
	for i, o := range offers {
		ctx, err := s.as(ctx, o.company, o.seller)
		if err != nil {
			return err
		}
		who := s.sale.lead.PartyID
		if i > 0 {
			o.draft.Language = o.language
			captured, err := s.module.Leads.Capture(ctx, o.draft)
			if err != nil {
				return err
			}
			who = captured.Party
		}
		card, err := s.issue(ctx, o, who)
		if err != nil {
			return err
		}
		if i == 0 {
			s.sale.quote, s.sale.lines = card.Quote, card.Lines
		}
	}
	return nil
}

func (s *story) issue(ctx context.Context, o offer, who party.ID) (quote.Card, error) {
	card, err := s.module.Quotes.Draft(ctx, quote.DraftInput{
		Party:  who,
		Header: quote.Header{Title: o.title, Language: o.language, Cover: o.cover},
		Lines: []quote.DraftLine{
			{Product: "DSK-050", Quantity: money.MustQuantity("12")},
			{Product: "CHR-040", Quantity: money.MustQuantity("12")},
			{Product: "LMP-050", Quantity: money.MustQuantity("12"), Discount: percent("5")},
			{Product: "TEC-100", Quantity: money.MustQuantity("2")},
			{Product: "SRV-010", Quantity: money.MustQuantity("7.5")},
			{Kind: quote.Optional, Product: "STO-020", Quantity: money.MustQuantity("3")},
		},
	})
	if err != nil {
		return card, err
	}
	if card, err = s.module.Quotes.Issue(ctx, card.Quote.ID); err != nil {
		return card, err
	}
	sheet, err := s.module.Quotes.PDF(ctx, card.Quote.ID)
	if err != nil {
		return card, err
	}
	q := card.Quote
	name := "quote-" + string(o.language) + ".pdf"
	s.say("%s  %s  gross %s  %s", q.Number, o.language, o.language.Money(q.Gross, q.Currency), name)
	if err := same("the quote's gross", q.Net.Add(q.VAT).String(), q.Gross.String()); err != nil {
		return card, err
	}
	return card, os.WriteFile(filepath.Join(s.out, name), sheet, 0o644)
}

func percent(text string) *money.Percent {
	p := money.MustPercent(text)
	return &p
}

// acceptQuote notes the customer's yes, and the task that led to it as done.
func (s *story) acceptQuote(ctx context.Context) error {
	ctx, err := s.as(ctx, hungary, "kovacs")
	if err != nil {
		return err
	}
	if _, err := s.module.Activities.Complete(ctx, s.sale.task, activity.Completion{Outcome: "Elküldve: " + s.sale.quote.Number}); err != nil {
		return err
	}
	decision, err := s.module.Quotes.Accept(ctx, s.sale.quote.ID, quote.Answer{By: "Őri Győző", Note: "Telefonon elfogadta"})
	if err != nil {
		return err
	}
	s.say("%s is %s by %s", decision.Number, decision.State, decision.By)

	_, err = s.module.Quotes.Edit(ctx, s.sale.quote.ID, 0, quote.Header{Title: "12 munkahely, olcsóbban"})
	if !errors.Is(err, fault.Invalid) {
		return errors.New("an accepted quote could be changed")
	}
	s.say("a change after that is refused: %s", firstFault(err))
	return nil
}

// firstFault is the part of an error that a person reads first.
func firstFault(err error) string {
	if all := fault.Of(err); len(all) > 0 {
		return all[0].Message
	}
	return err.Error()
}
