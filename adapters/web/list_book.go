package web

import (
	"context"
	"io"
	"strings"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/reports"
)

func (s *screens) listBookRoutes() []route {
	return []route{
		{Pattern: "GET /reports/quotes.xlsx", Right: actor.ReportRead, Do: s.downloadQuotes},
		{Pattern: "GET /reports/contacts.xlsx", Right: actor.ReportRead, Do: s.downloadContacts},
	}
}

// bookLink leads from a list to its workbook, which is narrowed as the page is; Path is "" for those who may not have one.
type bookLink struct {
	Path string
	// Swap says that it goes out beside a part of the page, and takes the place of the one there.
	Swap bool
}

func (v *visit) bookLink(path string) bookLink {
	if !v.may(actor.ReportRead) {
		return bookLink{}
	}
	query := v.r.URL.Query()
	query.Del("after")
	return bookLink{Path: withValues(v.link(path), query)}
}

// chosen are the words of a filter: those of its options that hold anything back.
func chosen(label string, options []option) []string {
	for _, o := range options {
		if o.On && o.Value != "" {
			return []string{label + ": " + o.Label}
		}
	}
	return nil
}

// days are the words of two days that bound a list, either of which may be missing.
func (v *visit) days(label string, from, to civil.Date) []string {
	if from.IsZero() && to.IsZero() {
		return nil
	}
	var ends []string
	for _, day := range []civil.Date{from, to} {
		text := ""
		if !day.IsZero() {
			text = v.Locale.Language.Date(day)
		}
		ends = append(ends, text)
	}
	return []string{label + ": " + strings.TrimSpace(strings.Join(ends, " – "))}
}

// words are those of the custom fields that narrow a list.
func (l ownList) words() []string {
	var out []string
	for _, chip := range l.Chips {
		if chip.On {
			out = append(out, chip.Is+": "+chip.Value)
		}
	}
	return out
}

// downloadList sends the workbook of a list; words say what it is narrowed by.
func (v *visit) downloadList(name string, words []string, write func(ctx context.Context, w io.Writer, b reports.FigureBook) error) error {
	book, err := v.figureBook(figureFilter{})
	if err != nil {
		return err
	}
	book.Filter = strings.Join(words, ", ")
	return v.download(name, workbookMIME, func(ctx context.Context, w io.Writer) error { return write(ctx, w, book) })
}

func (s *screens) downloadQuotes(v *visit) error {
	if !v.may(actor.QuoteRead) {
		return errNoPage
	}
	own, err := v.ownList("quotes")
	if err != nil {
		return err
	}
	l := quoteList{Form: v.asked(), Own: own}
	filter, err := v.quoteFilter(&l)
	if err != nil {
		return err
	}
	words := append(chosen(v.t("deal.state"), l.States), chosen(v.t("owner"), l.Owners)...)
	words = append(append(words, v.days(v.t("quote.made"), filter.From, filter.To)...), own.words()...)
	return v.downloadList("quotes.xlsx", words, func(ctx context.Context, w io.Writer, b reports.FigureBook) error {
		return v.module().Reports.QuoteList(ctx, w, v.module().Quotes, filter, b)
	})
}

func (s *screens) downloadContacts(v *visit) error {
	if !v.may(actor.LeadRead) {
		return errNoPage
	}
	own, err := v.ownList("contacts")
	if err != nil {
		return err
	}
	filter := contactFilter(v.asked(), own)
	words := []string{v.t("contacts.people")}
	if filter.Kind == party.Company {
		words[0] = v.t("contacts.companies")
	}
	if filter.Name != "" {
		words = append(words, v.t("card.name")+": "+filter.Name)
	}
	return v.downloadList("contacts.xlsx", append(words, own.words()...), func(ctx context.Context, w io.Writer, b reports.FigureBook) error {
		return v.module().Reports.ContactList(ctx, w, v.module().Parties, filter, b)
	})
}
