package web

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"net/http"
	"slices"
	"strconv"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/quote"
)

// quoteEditor is the page of a draft: the lines, the header, and beside them the page as it will be.
type quoteEditor struct {
	quote.Card
	Party     party.Party
	Deal      string
	Owner     string
	Form      *input
	Lines     lineTable
	Languages []option
	People    []option
	Owners    []option
	MayIssue  bool
	// OldPrices says that the prices are those of an earlier day.
	OldPrices bool
	Customer  string
	// Custom are the company's own fields.
	Custom []field
	// Merge are the fields that the texts may name.
	Merge []option
}

// headerFields are those that others may change too while somebody edits them.
var headerFields = []shared{
	{Name: "title", Label: "quote.subject"}, {Name: "contact", Label: "quote.contact"}, {Name: "language", Label: "quote.language"}, {Name: "valid_until", Label: "quote.valid"},
	{Name: "cover", Label: "quote.cover"}, {Name: "closing", Label: "quote.closing"}, {Name: "terms", Label: "quote.terms"}, {Name: "delivery_terms", Label: "quote.delivery"}, {Name: "owner", Label: "owner"},
}

func (s *screens) showQuote(v *visit) error {
	id, err := key[quote.Tag](v, "id")
	if err != nil {
		return err
	}
	card, err := v.module().Quotes.Get(v.ctx(), id)
	if err != nil {
		return err
	}
	if card.Quote.State == quote.Draft && v.may(actor.QuoteWrite) {
		return s.drawEditor(v, card, nil, nil)
	}
	return s.drawQuote(v, card)
}

// headerForm is what stands in the fields above and below the lines when the editor is opened.
func (v *visit) headerForm(card quote.Card) *input {
	q := card.Quote
	f := v.blank(
		"sum", linesSum(card),
		"title", q.Title, "contact", q.ContactID.String(), "language", string(q.Language), "valid_until", q.ValidUntil.String(), "cover", q.Cover, "closing", q.Closing,
		"terms", q.Terms, "delivery_terms", q.DeliveryTerms, "owner", q.OwnerUser, "version", strconv.FormatInt(q.Version, 10),
	)
	if q.ContactID.IsZero() {
		f.Values.Set("contact", "")
	}
	v.putCustom(f, card.Sheet.Fields, card.Sheet.Values)
	return f
}

// headerOf is the header that a form describes.
func headerOf(f *input, q quote.Quote) quote.Header {
	h := quote.Header{
		Opportunity: q.OpportunityID, Title: f.text("title"), Language: locale.Language(f.text("language")), ValidUntil: f.day("valid_until"),
		Cover: f.Values.Get("cover"), Closing: f.Values.Get("closing"), Terms: f.text("terms"), DeliveryTerms: f.text("delivery_terms"),
	}
	h.Contact, _ = store.ParseKey[party.Tag](f.text("contact")) // nobody else's: the verb looks
	if owner := f.text("owner"); owner != "" && owner != q.OwnerUser {
		h.Owner, h.Team = owner, q.OwnerTeam
	}
	return h
}

// quoteLines is the table of a draft's lines as they were saved.
func (v *visit) quoteLines(card quote.Card) lineTable {
	q := card.Quote
	t := lineTable{
		Quote: true, Write: true, Currency: q.Currency, Sums: v.link("/quotes", q.ID.String(), "sums"),
		Products: withValues(v.link("/products"), map[string][]string{"currency": {q.Currency}, "party": {q.PartyID.String()}}),
		Totals:   lineTotals{Quote: true, Currency: q.Currency, Net: q.Net, VAT: q.VAT, Gross: q.Gross, Optional: q.OptionalNet, ByRate: card.VAT},
	}
	numbers := quote.Numbers(card.Lines)
	for i, l := range card.Lines {
		t.Rows = append(t.Rows, v.quoteRow(l, numbers[i], q.Currency))
	}
	t.Rows = spared(t.Rows)
	return t
}

// drawEditor draws the editor, with what was typed where f and lines are given.
func (s *screens) drawEditor(v *visit, card quote.Card, f *input, lines *lineTable) error {
	q := card.Quote
	d := quoteEditor{Card: card, Form: f, MayIssue: v.may(actor.QuoteIssue), OldPrices: q.PriceDate.Before(civil.In(v.s.now(), v.zone()))}
	if f == nil {
		d.Form = v.headerForm(card)
	}
	d.Custom = v.customInputs(d.Form, card.Sheet.Fields)
	var err error
	if d.Merge, err = v.quoteMergeFields(); err != nil {
		return err
	}
	if d.Lines = v.quoteLines(card); lines != nil {
		d.Lines.Rows, d.Lines.General = lines.Rows, lines.General
		if lines.Totals.Currency != "" {
			d.Lines.Totals = lines.Totals
		}
	}
	codes, err := v.module().VATCodes(v.ctx())
	if err != nil {
		return err
	}
	saved := card.Lines
	if lines != nil { // the rows are what was typed
		saved = nil
	}
	d.Lines.nameRates(v, saved, codes)
	if d.Party, err = v.module().Parties.Get(v.ctx(), q.PartyID); errors.Is(err, fault.NotFound) {
		d.Party, err = party.Party{}, nil // whoever sees the quote need not see the party
	}
	if err != nil {
		return err
	}
	if d.People, err = v.peopleOf(q.PartyID, q.ContactID); err != nil {
		return err
	}
	d.Languages = languageOptions(d.Form.text("language"))
	if d.Owners, err = v.owners(d.Form.text("owner")); err != nil {
		return err
	}
	if d.Deal, err = v.dealName(q.OpportunityID); err != nil {
		return err
	}
	title := q.Title
	if title == "" {
		title = v.t("quote.untitled")
	}
	status := d.Form.statusOf()
	if badRows(d.Lines.Rows) || len(d.Lines.General) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return v.show(status, "quote_edit", head{
		Title: title, Section: "quotes", Wide: true, Crumbs: []crumb{{v.t("menu.quotes"), v.link("/quotes")}}, Scripts: []string{"lines.js"},
	}, d)
}

// dealName is the name of a quote's opportunity, "" where there is none that the visitor sees.
func (v *visit) dealName(id quote.OpportunityID) (string, error) {
	if id.IsZero() || !v.may(actor.OpportunityRead) {
		return "", nil
	}
	card, err := v.module().Opportunities.Get(v.ctx(), opportunity.ID(id))
	if errors.Is(err, fault.NotFound) {
		return "", nil
	}
	return card.Name, err
}

// quoteMergeFields are the fields that the texts of a quote may name, in the visitor's words.
func (v *visit) quoteMergeFields() ([]option, error) {
	all, err := v.module().Quotes.TextFields(v.ctx())
	return v.mergeFields(all), err
}

func (v *visit) mergeFields(all []mail.Field) []option {
	out := make([]option, len(all))
	for i, f := range all {
		out[i] = option{Value: f.Name, Label: f.Label[v.Locale.Language]}
	}
	return out
}

// draft reads the draft of the address.
func (v *visit) draft() (quote.Card, error) {
	id, err := key[quote.Tag](v, "id")
	if err != nil {
		return quote.Card{}, err
	}
	card, err := v.module().Quotes.Get(v.ctx(), id)
	if err == nil && card.Quote.State != quote.Draft {
		err = fault.New(fault.Conflict, "%s", v.t("quote.frozen", card.Quote.State.In(v.Locale.Language)))
	}
	return card, err
}

// saveQuote saves header and lines of a draft, and issues it where that button was pressed.
func (s *screens) saveQuote(v *visit) error { //nolint:gocognit // one button after the other
	card, err := v.draft()
	if err != nil {
		return err
	}
	f := v.posted()
	rows := typedRows(f)
	typed := lineTable{Rows: rows}
	if what := f.text("row"); what != "" { // a button that moves a row, without script
		typed.Rows = arrange(rows, what)
		return s.drawEditor(v, card, f, &typed)
	}
	header := headerOf(f, card.Quote)
	header.Custom = v.readCustom(f, card.Sheet.Fields)
	drafts, at, err := v.draftLines(rows, v.catalogue(), false)
	if err != nil {
		return err
	}
	if f.text("do") == "update" { // without script: what it comes to, unsaved
		if err := v.previewInto(&typed, card, header, rows); err != nil {
			return err
		}
		typed.Rows = spared(rows)
		return s.drawEditor(v, card, f, &typed)
	}
	if f.bad() || badRows(rows) {
		return s.refuseEditor(v, card, f, &typed, rows, header)
	}
	for range 3 {
		err = v.module().DB().Write(v.ctx(), func(ctx context.Context, unit *store.Session) error { // both or neither
			quotes := v.module().Quotes.In(unit)
			if _, err := quotes.Edit(ctx, card.Quote.ID, f.version("version"), header); err != nil {
				return err
			}
			_, err := quotes.SetLines(ctx, card.Quote.ID, 0, drafts)
			return err
		})
		if err == nil {
			if f.text("do") == "issue" {
				return s.issueQuote(v)
			}
			v.done("sale.saved")
			return v.redirect(v.link("/quotes", card.Quote.ID.String()))
		}
		if fault.CodeOf(err) != fault.Conflict {
			break
		}
		now, reading := v.module().Quotes.Get(v.ctx(), card.Quote.ID)
		if reading != nil {
			return reading
		}
		if now.Quote.State != quote.Draft {
			return err
		}
		others := f.Get("sum") != linesSum(now)
		asks, clashing := v.clash(f, v.headerForm(now), now.Quote.Record, append(slices.Clone(headerFields), v.customShared(now.Sheet.Fields)...))
		if clashing != nil {
			return clashing
		}
		if others {
			typed.General = append(typed.General, v.t("line.conflict"))
		}
		if card = now; asks || len(typed.General) > 0 {
			typed.Rows = spared(rows)
			return s.drawEditor(v, card, f, &typed)
		}
		header = headerOf(f, card.Quote)
		header.Custom = v.readCustom(f, card.Sheet.Fields)
	}
	if rest := v.place(err, rows, at); rest != nil {
		if err := v.refuse(f, rest); err != nil {
			return err
		}
	}
	return s.refuseEditor(v, card, f, &typed, rows, header)
}

// linesSum tells the lines that an editor was opened with from those that somebody else saved meanwhile.
func linesSum(card quote.Card) string {
	h := fnv.New64a()
	for _, l := range card.Lines {
		fmt.Fprintln(h, l.Kind, l.AlternativeGroup, l.ProductKey, l.Name, l.Description, l.Quantity, l.UnitPrice, l.Discount, l.VATRate)
	}
	return strconv.FormatUint(h.Sum64(), 36)
}

// refuseEditor draws the editor with what is wrong, and with the sums of what is right.
func (s *screens) refuseEditor(v *visit, card quote.Card, f *input, typed *lineTable, rows []lineRow, header quote.Header) error {
	if err := v.previewInto(typed, card, header, rows); err != nil {
		return err
	}
	typed.Rows = spared(rows)
	if len(f.General()) > 0 {
		typed.General = append(typed.General, f.General()...)
		delete(f.Faults, "")
	}
	return s.drawEditor(v, card, f, typed)
}

// previewOf is what a draft would be with the rows that have no faults; the others say what is wrong.
func (v *visit) previewOf(card quote.Card, header quote.Header, rows []lineRow) (quote.DraftInput, *quote.Card, []int, error) {
	products := v.catalogue()
	in := quote.DraftInput{Party: card.Quote.PartyID, Header: header, Currency: card.Quote.Currency}
	in.Owner, in.Team = card.Quote.OwnerUser, card.Quote.OwnerTeam
	if header.Owner != "" {
		in.Owner = header.Owner
	}
	for range 3 { // each time without the rows that turned out to be wrong
		drafts, at, err := v.draftLines(rows, products, true)
		if err != nil {
			return in, nil, nil, err
		}
		in.Lines = keepPrices(drafts, card)
		before := wrongRows(rows)
		got, err := v.module().Quotes.Preview(v.ctx(), in)
		if err == nil {
			return in, &got, at, nil
		}
		rest := v.place(err, rows, at)
		if rest != nil && fault.CodeOf(rest) != fault.Invalid {
			return in, nil, nil, rest
		}
		if wrongRows(rows) == before { // the header is wrong; its form says so when it is saved
			in.Header = quote.Header{Opportunity: card.Quote.OpportunityID, Language: card.Quote.Language, Contact: card.Quote.ContactID, Title: header.Title}
		}
	}
	return in, nil, nil, nil
}

func wrongRows(rows []lineRow) int {
	n := 0
	for _, r := range rows {
		if len(r.Faults) > 0 {
			n++
		}
	}
	return n
}

// keepPrices gives lines that did not change the prices of the day of the draft, as saving does.
func keepPrices(drafts []quote.DraftLine, card quote.Card) []quote.DraftLine {
	for i, d := range drafts {
		for _, l := range card.Lines {
			if d.Product == "" || l.ProductKey != d.Product || l.PriceManual || !l.Quantity.Equal(d.Quantity) || d.UnitPrice != nil {
				continue
			}
			price, discount := l.ListPrice, l.ListDiscount
			drafts[i].UnitPrice = &price
			if d.Discount == nil {
				drafts[i].Discount = &discount
			}
			break
		}
	}
	return drafts
}

// previewInto writes sums and hints into a table.
func (v *visit) previewInto(t *lineTable, card quote.Card, header quote.Header, rows []lineRow) error {
	_, got, at, err := v.previewOf(card, header, rows)
	if err != nil || got == nil {
		return err
	}
	v.priced(rows, at, got.Lines, card.Quote.Currency)
	q := got.Quote
	t.Totals = lineTotals{Quote: true, Currency: card.Quote.Currency, Net: q.Net, VAT: q.VAT, Gross: q.Gross, Optional: q.OptionalNet, ByRate: got.VAT, Partial: badRows(rows)}
	return nil
}

// sumQuote answers what is typed with nets and totals.
func (s *screens) sumQuote(v *visit) error {
	card, err := v.draft()
	if err != nil {
		return err
	}
	f := v.posted()
	t, rows := lineTable{Totals: lineTotals{Quote: true, Currency: card.Quote.Currency}}, typedRows(f)
	if err := v.previewInto(&t, card, headerOf(f, card.Quote), rows); err != nil {
		return err
	}
	return v.answerSums("quote_edit", rows, t.Totals, nil)
}

// drawSheet draws the page of what is typed, unsaved.
func (s *screens) drawSheet(v *visit) error {
	card, err := v.draft()
	if err != nil {
		return err
	}
	f := v.posted()
	in, got, _, err := v.previewOf(card, headerOf(f, card.Quote), typedRows(f))
	if err != nil {
		return err
	}
	if got == nil {
		return s.quotePDF(v)
	}
	if in.Custom = v.readCustom(f, card.Sheet.Fields); len(f.Faults) > 0 {
		in.Custom = nil // their fields say what is wrong when they are saved
	}
	sheet, err := v.module().Quotes.PreviewPDF(v.ctx(), in)
	if err != nil {
		return err
	}
	return v.send(download{Name: v.t("quote.draft") + ".pdf", Type: "application/pdf", Inline: true, Content: sheet})
}

func (s *screens) quotePDF(v *visit) error {
	id, err := key[quote.Tag](v, "id")
	if err != nil {
		return err
	}
	card, err := v.module().Quotes.Get(v.ctx(), id)
	if err != nil {
		return err
	}
	sheet, err := v.module().Quotes.PDF(v.ctx(), id)
	if err != nil {
		return err
	}
	name := card.Quote.Number
	if name == "" {
		name = v.t("quote.draft")
	}
	return v.send(download{Name: name + ".pdf", Type: "application/pdf", Inline: v.r.URL.Query().Get("save") == "", Content: sheet})
}

func (s *screens) repriceQuote(v *visit) error {
	card, err := v.draft()
	if err != nil {
		return err
	}
	now, err := v.module().Quotes.Reprice(v.ctx(), card.Quote.ID, 0)
	if err != nil {
		return s.refuseDraft(v, card, err)
	}
	v.done("quote.repriced", v.Locale.Language.Money(now.Quote.Gross, now.Quote.Currency))
	return v.redirect(v.link("/quotes", card.Quote.ID.String()))
}

// refuseDraft shows the draft as it is saved, with what is wrong at its fields and rows.
func (s *screens) refuseDraft(v *visit, card quote.Card, err error) error {
	t, f := v.quoteLines(card), v.headerForm(card)
	at := make([]int, len(card.Lines))
	for i := range at {
		at[i] = i
	}
	if rest := v.place(err, t.Rows, at); rest != nil {
		if err := v.refuse(f, rest); err != nil {
			return err
		}
		t.General = append(t.General, f.General()...)
		delete(f.Faults, "")
	}
	return s.drawEditor(v, card, f, &t)
}

func (s *screens) issueQuote(v *visit) error {
	if err := v.Actor.Require(actor.QuoteIssue); err != nil { // saving leads here too
		return err
	}
	id, err := key[quote.Tag](v, "id")
	if err != nil {
		return err
	}
	card, err := v.module().Quotes.Issue(v.ctx(), id)
	if err != nil {
		saved, reading := v.module().Quotes.Get(v.ctx(), id)
		if reading != nil {
			return reading
		}
		return s.refuseDraft(v, saved, err)
	}
	v.done("quote.issued.done", card.Quote.Number)
	return v.redirect(v.link("/quotes", id.String()))
}
