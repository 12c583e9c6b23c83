package api

import (
	"context"
	"io"
	"maps"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/setting"
	"github.com/crmplus/crmplus/reports"
	"github.com/crmplus/crmplus/reports/buying"
	"github.com/crmplus/crmplus/reports/kpi"
	"github.com/crmplus/crmplus/reports/suggest"
	"github.com/crmplus/crmplus/reports/value"
)

// spool is an answer that waits in a file: it is made whole before a byte of it is sent, so that one that fails is a problem
// and not half a file, and what it needs of memory does not grow with it.
type spool struct{ file *os.File }

// spooled has a file written.
func spooled(media, name string, write func(w io.Writer) error) (*report, error) {
	f, err := os.CreateTemp("", "crmplus-report-*")
	if err != nil {
		return nil, err
	}
	out := spool{f}
	if err := write(f); err != nil {
		out.drop()
		return nil, err
	}
	return &report{media, disposition(name), out}, nil
}

func (s spool) drop() {
	_ = s.file.Close()
	_ = os.Remove(s.file.Name())
}

// send writes the file once and drops it.
func (s spool) send(w io.Writer) {
	defer s.drop()
	if _, err := s.file.Seek(0, io.SeekStart); err == nil {
		_, _ = io.Copy(w, s.file) // the caller has gone away
	}
}

// report is an answer that is a report.
type report struct {
	ContentType        string `header:"Content-Type"`
	ContentDisposition string `header:"Content-Disposition"`
	Body               spool
}

// labels name what stands as a key in a workbook: users, sources, reasons of losing, groups of products.
func labels(ctx context.Context, m *crm.Module) (reports.Labels, error) {
	names := map[kpi.Dimension]map[string]string{kpi.Seller: {}, kpi.ProductGroup: {}}
	users, err := m.Colleagues(ctx)
	if err != nil {
		return nil, err
	}
	for _, u := range users {
		names[kpi.Seller][u.ID] = u.Name
	}
	a, err := actor.From(ctx)
	if err != nil {
		return nil, err
	}
	if a.May(actor.OpportunityRead) {
		groups, err := m.ProductGroups(ctx)
		if err != nil {
			return nil, err
		}
		for _, g := range groups {
			names[kpi.ProductGroup][g.Key] = g.Name
		}
	}
	lists := map[kpi.Dimension]setting.ChoiceList{}
	for by, list := range map[kpi.Dimension]setting.ListName{kpi.Source: setting.LeadSources, kpi.LostReason: setting.LostReasons} {
		if lists[by], err = m.Settings.Choices(ctx, list); err != nil {
			return nil, err
		}
	}
	language := callOf(ctx).language()
	return func(by kpi.Dimension, key, label string) string {
		if list, chosen := lists[by]; chosen && key != "" {
			return list.Text(language, key)
		}
		if name := names[by][key]; name != "" {
			return name
		}
		return label
	}, nil
}

// asked are the parameters of a request as the cover of a workbook names them.
func asked(query url.Values) string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(query)) {
		if text := strings.Join(query[name], ", "); text != "" && !slices.Contains([]string{"sort", "codes", "first", "last", "by"}, name) {
			out = append(out, name+": "+text)
		}
	}
	return strings.Join(out, "; ")
}

// bookOf says how a workbook speaks to the caller.
func bookOf(ctx context.Context, m *crm.Module) (reports.FigureBook, error) {
	named, err := labels(ctx, m)
	return reports.FigureBook{Language: callOf(ctx).language(), Filter: asked(callOf(ctx).r.URL.Query()), Label: named}, err
}

// bookRoute is the route of a workbook.
func bookRoute(id, path, summary string) route {
	r := get(id, path, "Reports", summary)
	r.Rights, r.Gives, r.Doc = rights(actor.ReportRead), workbookType, bookDoc
	return r
}

// booked has a workbook written, and is given how it speaks to the caller.
func booked(ctx context.Context, m *crm.Module, name string, write func(w io.Writer, b reports.FigureBook) error) (*report, error) {
	b, err := bookOf(ctx, m)
	if err != nil {
		return nil, err
	}
	return spooled(workbookType, name, func(w io.Writer) error { return write(w, b) })
}

// ActivityQuestion asks for activities: what is to be done, by a window, or what lies between two instants.
type ActivityQuestion struct {
	Owner     string    `query:"owner" maxLength:"64" doc:"The key's user where it and team are left out, * for everybody it sees."`
	Team      string    `query:"team" maxLength:"64" doc:"One team's; without an owner whoever of it owns them."`
	Window    string    `query:"window" enum:"overdue,today,week,all" doc:"What is to be done, by when it is due."`
	Delegated bool      `query:"delegated" doc:"What the key's user gave to others and is not done."`
	Waiting   bool      `query:"waiting" doc:"What waits to be accepted."`
	From      time.Time `query:"from" doc:"The first instant; a window has its own."`
	Until     time.Time `query:"until" doc:"The instant after the last."`
	Kind      []string  `query:"kind" enum:"call,meeting,task,note,file,mail,letter,quote,document,conversion,stage,merge,touch" doc:"Any of them, by comma; all where it is left out."`
	Show      string    `query:"show" enum:"planned,done" doc:"Both where it is left out."`
}

func (q ActivityQuestion) filter() activity.ListFilter {
	return activity.ListFilter{
		Owner: q.Owner, Team: q.Team, Window: activity.Window(q.Window), Delegated: q.Delegated, Waiting: q.Waiting, From: q.From, Until: q.Until,
		Kinds: words[activity.Kind](q.Kind), Show: activity.Show(q.Show),
	}
}

const (
	bookDoc     = "In the language of Accept-Language. That it was made is noted in the audit log."
	listBookDoc = "In the language of Accept-Language. Narrowed as the list is; it holds what the key's user sees. That it was made is noted in the audit log."
)

// listBook adds the workbook of a list, which needs the right of the list besides.
func listBook[I any](a *server, r route, write func(ctx context.Context, m *crm.Module, w io.Writer, in *I, b reports.FigureBook) error) {
	r.Doc = listBookDoc
	_, name, _ := strings.Cut(r.Path[1:], "/")
	add(a, r, func(ctx context.Context, m *crm.Module, in *I) (*report, error) {
		return booked(ctx, m, name, func(w io.Writer, b reports.FigureBook) error { return write(ctx, m, w, in, b) })
	})
}

// listBooks adds the workbooks of lists.
func (a *server) listBooks() {
	listBook(a, bookRoute("report-quotes", "/reports/quotes.xlsx", "The list of quotes with their sums by state, as a workbook"), func(ctx context.Context, m *crm.Module, w io.Writer, in *QuoteQuestion, b reports.FigureBook) error {
		filter, err := in.filter(ctx, m)
		if err != nil {
			return err
		}
		return m.Reports.QuoteList(ctx, w, m.Quotes, filter, b)
	})
	listBook(a, bookRoute("report-lead-list", "/reports/lead-list.xlsx", "The list of leads with what they are worth by status, as a workbook"), func(ctx context.Context, m *crm.Module, w io.Writer, in *LeadQuestion, b reports.FigureBook) error {
		filter, err := in.filter(ctx, m)
		if err != nil {
			return err
		}
		return m.Reports.LeadList(ctx, w, m.Leads, reports.LeadQuery{Filter: filter, Order: lead.Sort(in.Sort)}, b)
	})
	listBook(a, bookRoute("report-opportunities", "/reports/opportunities.xlsx", "The list of opportunities with what they are worth by stage, as a workbook"), func(ctx context.Context, m *crm.Module, w io.Writer, in *OpportunityQuestion, b reports.FigureBook) error {
		filter, err := in.filter(ctx, m)
		if err != nil {
			return err
		}
		return m.Reports.OpportunityList(ctx, w, reports.OpportunitySource{Opportunities: m.Opportunities, Activities: m.Activities}, filter, b)
	})
	listBook(a, bookRoute("report-activities", "/reports/activities.xlsx", "A list of activities with their minutes by owner and kind, as a workbook"), func(ctx context.Context, m *crm.Module, w io.Writer, in *ActivityQuestion, b reports.FigureBook) error {
		return m.Reports.ActivityList(ctx, w, m.Activities, in.filter(), b)
	})
	listBook(a, bookRoute("report-contacts", "/reports/contacts.xlsx", "The list of people or companies, as a workbook"), func(ctx context.Context, m *crm.Module, w io.Writer, in *PartyQuestion, b reports.FigureBook) error {
		filter, err := in.filter(ctx, m)
		if err != nil {
			return err
		}
		return m.Reports.ContactList(ctx, w, m.Parties, filter, b)
	})
	listBook(a, bookRoute("report-customers", "/reports/customers.xlsx", "The customers of the host, or those that CRM+ knows where it cannot be searched, as a workbook"), func(ctx context.Context, m *crm.Module, w io.Writer, in *struct {
		Find string `query:"find" maxLength:"200" doc:"What the name, code, e-mail, phone or tax id has."`
	}, b reports.FigureBook) error {
		return m.Reports.CustomerList(ctx, w, m.CustomerPages(in.Find), b)
	})
	listBook(a, bookRoute("report-values", "/reports/customer-values.xlsx", "What customers are worth, as a workbook"), func(ctx context.Context, m *crm.Module, w io.Writer, in *ValueQuestion, b reports.FigureBook) error {
		return m.Reports.Values(ctx, w, m.Values, in.filter(), reports.CustomerBook{FigureBook: b, Names: m.CustomerNames})
	})
	listBook(a, bookRoute("report-suggestions", "/reports/suggestions.xlsx", "What customers may want, as a workbook"), func(ctx context.Context, m *crm.Module, w io.Writer, in *SuggestionQuestion, b reports.FigureBook) error {
		return m.Reports.Suggestions(ctx, w, m.Suggestions, in.filter(), reports.CustomerBook{FigureBook: b, Names: m.CustomerNames})
	})
}

// ValueQuestion asks for what customers are worth.
type ValueQuestion struct {
	Class string `query:"class" enum:"A,B,C"`
	Quiet bool   `query:"quiet" doc:"Only those who are quiet."`
	Owner string `query:"owner" maxLength:"64" doc:"The user whose customers they are."`
}

func (q ValueQuestion) filter() value.Filter {
	return value.Filter{Class: buying.Class(q.Class), Quiet: q.Quiet, Owner: q.Owner}
}

// SuggestionQuestion asks for what customers may want.
type SuggestionQuestion struct {
	Kind     string `query:"kind" enum:"quiet,less,lapsed,renewal,similar"`
	State    string `query:"state" enum:"open,taken,dismissed" default:"open"`
	Customer string `query:"customer" maxLength:"80" doc:"The host's key."`
	Owner    string `query:"owner" maxLength:"64" doc:"The user whose customers they are for."`
}

func (q SuggestionQuestion) filter() suggest.Filter {
	return suggest.Filter{Kind: buying.Kind(q.Kind), State: suggest.State(q.State), Customer: q.Customer, Owner: q.Owner}
}
