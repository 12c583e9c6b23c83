package web

import (
	"context"
	"io"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/reports"
)

func (s *screens) listBookRoutes() []route {
	return []route{
		{Pattern: "GET /reports/quotes.xlsx", Right: actor.ReportRead, Do: s.downloadQuotes},
		{Pattern: "GET /reports/contacts.xlsx", Right: actor.ReportRead, Do: s.downloadContacts},
		{Pattern: "GET /reports/customers.xlsx", Right: actor.ReportRead, Do: s.downloadCustomers},
		{Pattern: "GET /reports/lead-list.xlsx", Right: actor.ReportRead, Do: s.downloadLeads},
		{Pattern: "GET /reports/opportunities.xlsx", Right: actor.ReportRead, Do: s.downloadOpportunities},
		{Pattern: "GET /reports/activities.xlsx", Right: actor.ReportRead, Do: s.downloadActivities},
		{Pattern: "GET /reports/values.xlsx", Right: actor.ReportRead, Do: s.downloadValues},
		{Pattern: "GET /reports/suggestions.xlsx", Right: actor.ReportRead, Do: s.downloadSuggestions},
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

func (s *screens) downloadCustomers(v *visit) error {
	if !v.may(actor.LeadRead) {
		return errNoPage
	}
	find := v.asked().text("find")
	var words []string
	if find != "" {
		words = []string{v.t("compose.search") + ": " + find}
	}
	return v.downloadList("customers.xlsx", words, func(ctx context.Context, w io.Writer, b reports.FigureBook) error {
		return v.module().Reports.CustomerList(ctx, w, v.module().CustomerPages(find), b)
	})
}

func (s *screens) downloadLeads(v *visit) error {
	if !v.may(actor.LeadRead) {
		return errNoPage
	}
	q, err := v.leadQuery(v.r.URL.Query())
	if err != nil {
		return err
	}
	asked, sought, err := v.soughtLeads(q)
	if err != nil {
		return err
	}
	return v.downloadList("leads.xlsx", append(sought, q.words()...), func(ctx context.Context, w io.Writer, b reports.FigureBook) error {
		return v.module().Reports.LeadList(ctx, w, v.module().Leads, asked, b)
	})
}

func (s *screens) downloadOpportunities(v *visit) error {
	if !v.may(actor.OpportunityRead) {
		return errNoPage
	}
	own, err := v.ownList("opportunities")
	if err != nil {
		return err
	}
	l := opportunityList{Form: v.asked(), Own: own}
	l.Others, _ = v.otherFilters()
	filter := l.opportunityFilter()
	if err := v.opportunityChoices(&l, filter); err != nil {
		return err
	}
	m := v.module()
	return v.downloadList("opportunities.xlsx", l.words(v, filter), func(ctx context.Context, w io.Writer, b reports.FigureBook) error {
		return m.Reports.OpportunityList(ctx, w, reports.OpportunitySource{Opportunities: m.Opportunities, Activities: m.Activities}, filter, b)
	})
}

// downloadActivities gives what the page of activities shows: a list of what is to be done, or the calls, meetings and tasks
// of a day, a week or a month without those of the weeks around it.
func (s *screens) downloadActivities(v *visit) error {
	if !v.may(actor.ActivityRead) {
		return errNoPage
	}
	d := calendarView{Form: v.asked()}
	d.View = calendarViewOf(d.Form)
	var filter activity.ListFilter
	var words []string
	if d.View == "list" {
		var window string
		var err error
		if filter, window, err = v.taskFilter(&d); err != nil {
			return err
		}
		words = []string{v.t("calendar.list") + ": " + v.t("calendar.window."+window)}
	} else {
		at, _ := v.calendarDate(&d)
		first, days := v.calendarRange(&d, at)
		if d.View == "month" {
			first = at.AddDays(1 - at.Day)
			days = time.Date(at.Year, at.Month+1, 0, 0, 0, 0, 0, time.UTC).Day()
		}
		owner, team, err := v.whose(&d)
		if err != nil {
			return err
		}
		filter = activity.ListFilter{Owner: owner, Team: team, From: midnight(first, v.zone()), Until: midnight(first.AddDays(days), v.zone())}
		for _, kind := range activity.Kinds {
			if kind.Plannable() {
				filter.Kinds = append(filter.Kinds, kind)
			}
		}
		words = v.days(v.t("calendar."+d.View), first, first.AddDays(days-1))
	}
	words = append(words, chosen(v.t("calendar.who"), d.Who)...)
	return v.downloadList("activities.xlsx", words, func(ctx context.Context, w io.Writer, b reports.FigureBook) error {
		return v.module().Reports.ActivityList(ctx, w, v.module().Activities, filter, b)
	})
}

// downloadCustomerList is downloadList for lists of customers, whose names the host may know.
func (v *visit) downloadCustomerList(name string, words []string, write func(ctx context.Context, w io.Writer, b reports.CustomerBook) error) error {
	return v.downloadList(name, words, func(ctx context.Context, w io.Writer, b reports.FigureBook) error {
		return write(ctx, w, reports.CustomerBook{FigureBook: b, Names: v.module().CustomerNames})
	})
}

func (s *screens) downloadValues(v *visit) error {
	d := valueList{Form: v.asked()}
	filter, err := v.valueFilter(&d)
	if err != nil {
		return err
	}
	words := append(chosen(v.t("value.abc"), d.Classes), chosen(v.t("value.owner"), d.Owners)...)
	if filter.Quiet {
		words = append(words, v.t("value.quiet"))
	}
	return v.downloadCustomerList("values.xlsx", words, func(ctx context.Context, w io.Writer, b reports.CustomerBook) error {
		return v.module().Reports.Values(ctx, w, v.module().Values, filter, b)
	})
}

func (s *screens) downloadSuggestions(v *visit) error {
	if !v.may(actor.OpportunityRead) {
		return errNoPage
	}
	d := suggestionList{Form: v.asked()}
	filter, err := v.suggestionFilter(&d)
	if err != nil {
		return err
	}
	words := append(chosen(v.t("suggest.kind"), d.Kinds), chosen(v.t("value.owner"), d.Owners)...)
	return v.downloadCustomerList("suggestions.xlsx", words, func(ctx context.Context, w io.Writer, b reports.CustomerBook) error {
		return v.module().Reports.Suggestions(ctx, w, v.module().Suggestions, filter, b)
	})
}
