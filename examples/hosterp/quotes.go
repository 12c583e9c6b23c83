package main

import (
	"context"
	"net/http"
	"strconv"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge/convert"
	"github.com/crmplus/crmplus/quote"
)

// quoteList is the page of quotes.
type quoteList struct {
	Rows        []quote.Row
	Users       map[string]string
	Chips       []chip
	Next, First string
}

func (s *server) listQuotes(v *visit) error {
	query := v.r.URL.Query()
	filter := quote.Filter{Page: store.Page{After: query.Get("after"), Limit: pageSize}}
	now := query.Get("state")
	if now != "" {
		filter.States = []quote.State{quote.State(now)}
	}
	found, err := s.module.Quotes.List(v.ctx(), filter)
	if err != nil {
		return err
	}
	view := quoteList{Rows: found.Rows, Next: pagePath(v.r.URL, found.Next)}
	if query.Get("after") != "" {
		view.First = pagePath(v.r.URL, "-")
	}
	view.Chips = []chip{{v.t("filter.all"), withQuery(v.r.URL, "state", ""), now == ""}}
	for _, state := range quote.States {
		view.Chips = append(view.Chips, chip{v.t("quote.state." + string(state)), withQuery(v.r.URL, "state", string(state)), now == string(state)})
	}
	if view.Users, err = v.users(); err != nil {
		return err
	}
	return v.show(http.StatusOK, "quotes.html", "menu.quotes", view)
}

// quoteLead begins a quote for a lead.
func (s *server) quoteLead(v *visit) error {
	id, err := leadID(v)
	if err != nil {
		return err
	}
	card, err := s.module.Leads.Get(v.ctx(), id)
	if err != nil {
		return err
	}
	in := quote.DraftInput{Party: card.Party.ID, Header: quote.Header{Title: v.t("quote.title.for", nameOf(card))}}
	if card.Employer != nil {
		in.Party, in.Contact = card.Employer.ID, card.Party.ID
		in.Language = card.Party.Language
	}
	return s.beginQuote(v, in)
}

func nameOf(card lead.Card) string {
	if card.Lead.Organization != "" {
		return card.Lead.Organization
	}
	return card.Party.DisplayName
}

// quoteOpportunity begins a quote with the lines of an opportunity.
func (s *server) quoteOpportunity(v *visit) error {
	id, err := pathID[opportunity.Tag](v)
	if err != nil {
		return err
	}
	card, err := s.module.Opportunities.Get(v.ctx(), id)
	if err != nil {
		return err
	}
	in := quote.DraftInput{Party: card.PartyID, Currency: card.Currency, Header: quote.Header{
		Title: card.Name, Opportunity: quote.OpportunityID(id), Contact: card.ContactID,
	}}
	for _, l := range card.Lines {
		line := quote.DraftLine{Product: l.ProductKey, Name: l.Name, Quantity: l.Quantity, Unit: l.Unit}
		if price := l.UnitPrice; l.ProductKey == "" {
			line.UnitPrice = &price
		}
		if discount := l.Discount; !discount.IsZero() {
			line.Discount = &discount
		}
		in.Lines = append(in.Lines, line)
	}
	return s.beginQuote(v, in)
}

func (s *server) beginQuote(v *visit, in quote.DraftInput) error {
	card, err := s.module.Quotes.Draft(v.ctx(), in)
	if err != nil {
		return err
	}
	return v.redirect("/quotes/" + card.Quote.ID.String())
}

// quoteView is the editor of a draft, or the quote as it was issued.
type quoteView struct {
	quote.Card
	Party     party.Party
	Owner     string
	Form      *form
	Lines     lineEditor
	Languages []option
	Draft     bool
	Links     []convert.Link
	Numbers   []string
	MayIssue  bool
}

func (s *server) showQuote(v *visit) error {
	id, err := pathID[quote.Tag](v)
	if err != nil {
		return err
	}
	return s.drawQuote(v, http.StatusOK, id, nil)
}

func (s *server) drawQuote(v *visit, status int, id quote.ID, f *form) error {
	card, err := s.module.Quotes.Get(v.ctx(), id)
	if err != nil {
		return err
	}
	view := quoteView{Card: card, Draft: card.Quote.State == quote.Draft, Numbers: quote.Numbers(card.Lines), MayIssue: v.may(actor.QuoteIssue)}
	if view.Party, err = s.module.Parties.Get(v.ctx(), card.Quote.PartyID); err != nil {
		return err
	}
	users, err := v.users()
	if err != nil {
		return err
	}
	view.Owner = users[card.Quote.OwnerUser]
	if view.Links, err = s.module.Convert.Links(v.ctx(), convert.Subject{Kind: convert.Quote, ID: convert.SubjectID(id)}); err != nil {
		return err
	}
	if view.Form = f; f == nil {
		view.Form = headerForm(v, card.Quote)
	}
	if view.Draft {
		if view.Lines, err = s.quoteLines(v, card, f); err != nil {
			return err
		}
		for _, language := range locale.Languages {
			view.Languages = append(view.Languages, option{string(language), languageNames[language], view.Form.text("language") == string(language)})
		}
	}
	title := card.Quote.Number
	if title == "" {
		title = "quote.draft"
	}
	return v.show(status, "quote.html", title, view)
}

func headerForm(v *visit, q quote.Quote) *form {
	return v.blank(
		"title", q.Title, "language", string(q.Language), "valid_until", q.ValidUntil.String(), "cover", q.Cover, "closing", q.Closing,
		"terms", q.Terms, "delivery_terms", q.DeliveryTerms, "version", str(q.Version), "by", "", "note", "",
	)
}

// quoteLines is the table in which a draft's lines are typed.
func (s *server) quoteLines(v *visit, card quote.Card, refused *form) (lineEditor, error) {
	editor := lineEditor{Form: refused, Currency: card.Quote.Currency, Open: true}
	for _, kind := range []quote.Kind{quote.Item, quote.Optional, quote.Text, quote.Heading} {
		editor.Kinds = append(editor.Kinds, option{string(kind), v.t("line.kind." + string(kind)), false})
	}
	lang := v.locale.Language
	for i, l := range card.Lines {
		if l.Kind.Priced() {
			editor.Nets = append(editor.Nets, lang.Money(l.Net, card.Quote.Currency))
		} else {
			editor.Nets = append(editor.Nets, "")
		}
		if refused != nil {
			continue
		}
		if editor.Form == nil {
			editor.Form = v.blank()
		}
		editor.set(i, "kind", string(l.Kind))
		editor.set(i, "product", l.ProductKey)
		editor.set(i, "name", l.Name)
		if !l.Kind.Priced() {
			continue
		}
		editor.set(i, "quantity", lang.Quantity(l.Quantity.Decimal))
		editor.set(i, "price", lang.Number(l.UnitPrice.Decimal, digits(card.Quote.Currency)))
		editor.set(i, "discount", lang.Quantity(l.Discount.Decimal))
		editor.set(i, "vat", lang.Quantity(l.VATRate.Decimal))
		editor.set(i, "listed", strconv.FormatBool(!l.PriceManual && l.Discount.Equal(l.ListDiscount)))
	}
	if editor.Form == nil {
		editor.Form = v.blank()
	}
	editor.grow(len(card.Lines))
	var err error
	editor.Products, err = v.products(card.Quote.Currency)
	return editor, err
}

// saveQuote saves header and lines of a draft.
func (s *server) saveQuote(v *visit) error {
	id, err := pathID[quote.Tag](v)
	if err != nil {
		return err
	}
	f := v.posted()
	card, err := s.module.Quotes.Get(v.ctx(), id)
	if err != nil {
		return err
	}
	header := quote.Header{
		Contact: card.Quote.ContactID, Opportunity: card.Quote.OpportunityID, Title: f.text("title"), Language: locale.Language(f.text("language")),
		ValidUntil: f.day("valid_until"), Cover: f.Values.Get("cover"), Closing: f.Values.Get("closing"), Terms: f.text("terms"), DeliveryTerms: f.text("delivery_terms"),
	}
	typed := f.lines()
	drafts := draftLines(v, card, typed)
	if f.wrong() {
		return s.drawQuote(v, http.StatusUnprocessableEntity, id, f)
	}
	err = s.db.Write(v.ctx(), func(ctx context.Context, unit *store.Session) error { // both or neither
		quotes := s.module.Quotes.In(unit)
		if _, err := quotes.SetLines(ctx, id, f.version("version"), drafts); err != nil {
			return err
		}
		_, err := quotes.Edit(ctx, id, 0, header)
		return err
	})
	if err != nil {
		return s.refuseQuote(v, id, f, typed, err)
	}
	if f.text("issue") != "" { // the second button of the form
		return s.issueQuote(v)
	}
	return v.redirect("/quotes/" + id.String() + "?done=saved")
}

// draftLines turns rows into lines. A price or discount that stands as the price list gave it is asked
// for again, so that another quantity gets its own price.
func draftLines(v *visit, card quote.Card, typed []typedLine) []quote.DraftLine {
	lang := v.locale.Language
	var out []quote.DraftLine
	for _, t := range typed {
		d := quote.DraftLine{Kind: quote.Kind(t.kind), Product: t.product, Name: t.name}
		if d.Kind == "" {
			d.Kind = quote.Item
		}
		if !d.Kind.Priced() {
			out = append(out, d)
			continue
		}
		d.Quantity, d.UnitPrice, d.Discount, d.VATRate = t.quantity, t.price, t.discount, t.vat
		if t.row < len(card.Lines) && card.Lines[t.row].ProductKey == t.product && t.product != "" {
			was := card.Lines[t.row]
			d.VATRate, d.Unit, d.Description = nil, was.Unit, was.Description
			if d.UnitPrice != nil && lang.Number(was.UnitPrice.Decimal, digits(card.Quote.Currency)) == lang.Number(d.UnitPrice.Decimal, digits(card.Quote.Currency)) && !was.PriceManual {
				d.UnitPrice = nil
			}
			if d.Discount != nil && d.Discount.Equal(was.Discount) && was.Discount.Equal(was.ListDiscount) {
				d.Discount = nil
			}
		} else if t.product != "" {
			d.VATRate = nil
			if t.row < len(card.Lines) { // another product in the row: its own name and price
				d.Name, d.UnitPrice, d.Discount = "", nil, nil
			}
		}
		out = append(out, d)
	}
	return out
}

// onQuote runs what a button of a quote does, and comes back to the quote.
func (s *server) onQuote(v *visit, done string, do func(id quote.ID, f *form) error) error {
	id, err := pathID[quote.Tag](v)
	if err != nil {
		return err
	}
	f := v.posted()
	if err := do(id, f); err != nil {
		return s.refuseQuote(v, id, nil, nil, err)
	}
	return v.redirect("/quotes/" + id.String() + "?done=" + done)
}

// refuseQuote shows the quote with what is wrong. Without a form of its own it is that of the saved
// quote.
func (s *server) refuseQuote(v *visit, id quote.ID, f *form, typed []typedLine, err error) error {
	if f == nil {
		card, getting := s.module.Quotes.Get(v.ctx(), id)
		if getting != nil {
			return getting
		}
		f = headerForm(v, card.Quote)
		editor, reading := s.quoteLines(v, card, nil)
		if reading != nil {
			return reading
		}
		for name, values := range editor.Form.Values {
			f.Values[name] = values
		}
		for i := range card.Lines {
			typed = append(typed, typedLine{row: i})
		}
	}
	if refused := v.refuse(f, placed(err, typed)); refused != nil {
		return refused
	}
	return s.drawQuote(v, http.StatusUnprocessableEntity, id, f)
}

func (s *server) issueQuote(v *visit) error {
	return s.onQuote(v, "issued", func(id quote.ID, _ *form) error {
		_, err := s.module.Quotes.Issue(v.ctx(), id)
		return err
	})
}

func (s *server) acceptQuote(v *visit) error {
	return s.onQuote(v, "accepted", func(id quote.ID, f *form) error {
		_, err := s.module.Quotes.Accept(v.ctx(), id, quote.Answer{By: f.text("by"), Note: f.text("note")})
		return err
	})
}

func (s *server) declineQuote(v *visit) error {
	return s.onQuote(v, "saved", func(id quote.ID, f *form) error {
		_, err := s.module.Quotes.Decline(v.ctx(), id, quote.Answer{By: f.text("by"), Note: f.text("note")})
		return err
	})
}

func (s *server) newVersion(v *visit) error {
	id, err := pathID[quote.Tag](v)
	if err != nil {
		return err
	}
	card, err := s.module.Quotes.NewVersion(v.ctx(), id)
	if err != nil {
		return err
	}
	return v.redirect("/quotes/" + card.Quote.ID.String())
}

func (s *server) quotePDF(v *visit) error {
	id, err := pathID[quote.Tag](v)
	if err != nil {
		return err
	}
	card, err := s.module.Quotes.Get(v.ctx(), id)
	if err != nil {
		return err
	}
	sheet, err := s.module.Quotes.PDF(v.ctx(), id)
	if err != nil {
		return err
	}
	name := card.Quote.Number
	if name == "" {
		name = v.t("quote.draft")
	}
	return v.send(name+".pdf", "application/pdf", "inline", sheet)
}

// orderQuote makes the ERP's order from an accepted quote, and goes there.
func (s *server) orderQuote(v *visit) error {
	id, err := pathID[quote.Tag](v)
	if err != nil {
		return err
	}
	made, err := s.module.Convert.Order(v.ctx(), convert.DocumentInput{From: convert.Subject{Kind: convert.Quote, ID: convert.SubjectID(id)}})
	if err != nil {
		return s.refuseQuote(v, id, nil, nil, err)
	}
	return v.redirect("/erp/documents/order/" + made.Document.Number + "?done=ordered")
}
