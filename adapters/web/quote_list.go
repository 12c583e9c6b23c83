package web

import (
	"net/http"
	"slices"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/setting"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/quote"
)

func (s *screens) quoteRoutes() []route {
	read, write, issue := actor.QuoteRead, actor.QuoteWrite, actor.QuoteIssue
	return []route{
		{Pattern: "GET /quotes", Right: read, Do: s.listQuotes},
		{Pattern: "GET /quotes/new", Right: write, Do: s.newQuote},
		{Pattern: "POST /quotes/new", Right: write, Do: s.createQuote},
		{Pattern: "GET /quotes/{id}", Right: read, Do: s.showQuote},
		{Pattern: "POST /quotes/{id}", Right: write, Do: s.saveQuote},
		{Pattern: "POST /quotes/{id}/sums", Right: write, Do: s.sumQuote},
		{Pattern: "POST /quotes/{id}/sheet", Right: write, Do: s.drawSheet},
		{Pattern: "GET /quotes/{id}/pdf", Right: read, Do: s.quotePDF},
		{Pattern: "POST /quotes/{id}/reprice", Right: write, Do: s.repriceQuote},
		{Pattern: "POST /quotes/{id}/issue", Right: issue, Do: s.issueQuote},
		{Pattern: "POST /quotes/{id}/version", Right: write, Do: s.newVersion},
		{Pattern: "GET /quotes/{id}/delete", Right: write, Do: s.askDelete},
		{Pattern: "POST /quotes/{id}/delete", Right: write, Do: s.deleteQuote},
		{Pattern: "GET /quotes/{id}/withdraw", Right: issue, Do: s.askWithdraw},
		{Pattern: "POST /quotes/{id}/withdraw", Right: issue, Do: s.withdrawQuote},
		{Pattern: "GET /quotes/{id}/accept", Right: write, Do: s.askAccept},
		{Pattern: "POST /quotes/{id}/accept", Right: write, Do: s.acceptQuote},
		{Pattern: "GET /quotes/{id}/decline", Right: write, Do: s.askDecline},
		{Pattern: "POST /quotes/{id}/decline", Right: write, Do: s.declineQuote},
		{Pattern: "GET /quotes/{id}/send", Right: write, Do: s.askSend},
		{Pattern: "POST /quotes/{id}/send", Right: write, Do: s.sendQuote, Body: 26 << 20},
		{Pattern: "POST /quotes/{id}/sendings/{sending}/{what}", Right: write, Do: s.onSending},
	}
}

// quoteList is the page of quotes.
type quoteList struct {
	Form        *input
	States      []option
	Owners      []option
	Rows        []quoteRow
	Address     string
	First, Next string
	Filtered    bool
	// Own are the company's custom fields.
	Own  ownList
	Book bookLink
}

type quoteRow struct {
	quote.Row
	Owner, StateText, Dot string
	// Soon says that an issued quote is valid for three more days at most.
	Soon bool
	// Cells are the custom fields that the visitor wants to see.
	Cells []leadCell
}

// quoteDots are the states of quotes as dots.
var quoteDots = map[quote.State]string{
	quote.Draft: "quiet", quote.Issued: "busy", quote.Accepted: "good", quote.Declined: "bad", quote.Expired: "watch", quote.Superseded: "quiet", quote.Withdrawn: "quiet",
}

// quoteFilter reads what narrows the list from its form, and fills the choices.
func (v *visit) quoteFilter(l *quoteList) (quote.Filter, error) {
	f := l.Form
	filter := quote.Filter{Owner: f.text("owner"), Custom: l.Own.Filter, Show: l.Own.Show, From: f.day("from"), To: f.day("to"), Page: store.Page{After: f.text("after"), Limit: salePage}}
	state := quote.State(f.text("state"))
	if slices.Contains(quote.States, state) {
		filter.States = []quote.State{state}
	}
	l.Filtered = len(filter.States) > 0 || filter.Owner != "" || !filter.From.IsZero() || !filter.To.IsZero() || l.Own.Narrowed()
	l.States = []option{{Label: v.t("button.all"), On: len(filter.States) == 0}}
	for _, one := range quote.States {
		l.States = append(l.States, option{Value: string(one), Label: one.In(v.Locale.Language), On: one == state})
	}
	var err error
	l.Owners, err = v.ownerFilter(filter.Owner)
	return filter, err
}

func (s *screens) listQuotes(v *visit) error {
	own, err := v.ownList("quotes")
	if err != nil {
		return err
	}
	l := quoteList{Form: v.asked(), Own: own, Address: v.r.URL.Path + "?" + v.r.URL.RawQuery, Book: v.bookLink("/reports/quotes.xlsx")}
	filter, err := v.quoteFilter(&l)
	if err != nil {
		return err
	}
	found, err := v.module().Quotes.List(v.ctx(), filter)
	if err != nil {
		return err
	}
	names, err := v.names()
	if err != nil {
		return err
	}
	soon := civil.In(v.s.now(), v.zone()).AddDays(3)
	for _, row := range found.Rows {
		l.Rows = append(l.Rows, quoteRow{
			Row: row, Owner: nameIn(names, row.OwnerUser), StateText: row.State.In(v.Locale.Language), Dot: quoteDots[row.State],
			Soon: row.State == quote.Issued && !row.ValidUntil.After(soon), Cells: l.Own.Cells(row.Custom),
		})
	}
	if found.Next != "" {
		l.Next = addressWith(v.r.URL, "after", found.Next)
	}
	if filter.Page.After != "" {
		l.First = addressWith(v.r.URL, "after", "")
	}
	if v.part() && v.target() == "list" {
		l.Own.Swap, l.Book.Swap = true, true
		return v.fill(http.StatusOK, "quote_list", "rowspart", l)
	}
	return v.show(http.StatusOK, "quote_list", head{Title: v.t("menu.quotes"), Section: "quotes"}, l)
}

// newQuotePage asks for whom a quote is, and begins it.
type newQuotePage struct {
	Form      *input
	Buyer     buyer
	Finder    finder
	Languages []option
	// Lines is how many lines of the opportunity come along.
	Lines int
}

func (s *screens) newQuote(v *visit) error {
	b, err := v.buyerOf(v.r.URL.Query())
	if err != nil {
		return err
	}
	if b.Colleague {
		return v.redirect(v.link("/customers", b.Customer.Key))
	}
	title := ""
	switch {
	case b.Deal != nil:
		title = b.Deal.Name
	case b.Known():
		title = v.t("quote.title.for", b.Name)
	}
	return s.drawNewQuote(v, v.blank("title", title, "language", string(b.Language), "currency", ""), b)
}

func (s *screens) drawNewQuote(v *visit, f *input, b buyer) error {
	d := newQuotePage{Form: f, Buyer: b}
	var err error
	if !b.Known() {
		if d.Finder, err = v.findBuyers(v.asked().text("q"), v.link("/quotes/new")); err != nil {
			return err
		}
		if v.part() && v.target() == "buyers" {
			return v.fill(http.StatusOK, "quote_new", "buyers", d.Finder)
		}
	}
	if b.Deal != nil {
		d.Lines = len(b.Deal.Lines)
	}
	d.Languages = append([]option{{Label: v.t("quote.language.theirs")}}, languageOptions(f.text("language"))...)
	return v.show(f.statusOf(), "quote_new", head{Title: v.t("quote.new"), Section: "quotes", Crumbs: []crumb{{v.t("menu.quotes"), v.link("/quotes")}}}, d)
}

func languageOptions(chosen string) []option {
	var out []option
	for _, l := range locale.Languages {
		out = append(out, option{Value: string(l), Label: l.Name(), On: string(l) == chosen})
	}
	return out
}

// createQuote begins a quote, with the lines of the opportunity where it is for one.
func (s *screens) createQuote(v *visit) error {
	f := v.posted()
	b, err := v.buyerOf(v.r.PostForm)
	if err != nil {
		return err
	}
	if b.Colleague {
		return v.redirect(v.link("/customers", b.Customer.Key))
	}
	if !b.Known() {
		f.wrong("", "deal.new.who")
		return s.drawNewQuote(v, f, b)
	}
	if err := b.settle(v); err != nil {
		return err
	}
	in := quote.DraftInput{Party: b.Party, Currency: f.text("currency"), Header: quote.Header{
		Title: f.text("title"), Language: locale.Language(f.text("language")), Contact: b.Contact,
	}}
	if b.Deal != nil {
		in.Opportunity, in.Currency = quote.OpportunityID(b.Deal.ID), b.Deal.Currency
		if in.Title == "" {
			in.Title = b.Deal.Name
		}
		in.Lines = dealLines(*b.Deal)
		if in.Custom, err = v.sharedCustom("quote", b.Deal.Sheet); err != nil {
			return err
		}
	}
	if in.Title == "" {
		in.Title = v.t("quote.title.for", b.Name)
	}
	if err := v.usualWords(&in.Header, b.Language); err != nil {
		return err
	}
	card, err := v.module().Quotes.Draft(v.ctx(), in)
	if err != nil && b.Deal != nil && len(in.Lines) > 0 { // what the host does not sell any more is left to the editor
		in.Lines = nil
		if card, err = v.module().Quotes.Draft(v.ctx(), in); err == nil {
			v.toast(toast{Text: v.t("quote.lines.left"), Bad: true})
		}
	}
	if err != nil {
		if err := v.refuse(f, err); err != nil {
			return err
		}
		return s.drawNewQuote(v, f, b)
	}
	return v.redirect(v.link("/quotes", card.Quote.ID.String()))
}

// usualWords puts what the company usually writes above and below the lines of a quote into a new one, in the
// quote's language; whoever writes it may word it otherwise there.
func (v *visit) usualWords(h *quote.Header, theirs locale.Language) error {
	l := h.Language
	if l == "" {
		l = theirs
	}
	if l == "" {
		company, err := v.module().Company(v.ctx())
		if err != nil {
			return err
		}
		l = company.Locale.Language
	}
	for name, field := range map[setting.TextName]*string{setting.QuoteCover: &h.Cover, setting.QuoteClosing: &h.Closing, setting.QuoteTerms: &h.Terms} {
		text, err := v.module().Settings.Text(v.ctx(), name, l)
		if fault.CodeOf(err) == fault.Invalid { // a language that we do not speak: the draft itself says so
			return nil
		}
		if err != nil {
			return err
		}
		*field = text
	}
	return nil
}

// dealLines are the lines of an opportunity as lines of a quote; products take the price list's price
// unless the opportunity has another one.
func dealLines(card opportunity.Card) []quote.DraftLine {
	var out []quote.DraftLine
	for _, l := range card.Lines {
		line := quote.DraftLine{Product: l.ProductKey, Name: l.Name, Quantity: l.Quantity, Unit: l.Unit}
		if price := l.UnitPrice; !price.IsZero() {
			line.UnitPrice = &price
		}
		if discount := l.Discount; !discount.IsZero() {
			line.Discount = &discount
		}
		out = append(out, line)
	}
	return out
}
