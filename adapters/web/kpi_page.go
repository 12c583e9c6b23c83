package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/regulation"
	"github.com/crmplus/crmplus/crm/setting"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/reports"
	"github.com/crmplus/crmplus/reports/kpi"
)

func (s *screens) figureRoutes() []route {
	return []route{
		{Pattern: "GET /figures", Right: actor.OpportunityRead, Do: s.listFigures},
		{Pattern: "GET /figures/{code}", Right: actor.OpportunityRead, Do: s.showFigure},
		{Pattern: "GET /figures/{code}/rows", Right: actor.OpportunityRead, Do: s.listBehind},
		{Pattern: "GET /dashboard", Right: actor.OpportunityRead, Do: s.showDashboard},
		{Pattern: "GET /dashboard.pdf", Right: actor.OpportunityRead, Do: s.printDashboard},
		{Pattern: "GET /dashboard/tiles", Right: actor.OpportunityRead, Do: s.askTiles},
		{Pattern: "POST /dashboard/tiles", Right: actor.OpportunityRead, Do: s.arrangeTiles},
		{Pattern: "GET /forecast", Right: actor.OpportunityRead, Do: s.showForecast},
		{Pattern: "GET /forecast/deals", Right: actor.OpportunityRead, Do: s.listForecast},
		{Pattern: "GET /forecast/moves", Right: actor.OpportunityRead, Do: s.listMoves},
		{Pattern: "GET /forecast/tested", Right: actor.OpportunityRead, Do: s.listTested},
		{Pattern: "GET /quotas", Right: actor.OpportunityRead, Do: s.listQuotas},
		{Pattern: "POST /quotas", Right: actor.LeadAssign, Do: s.setQuota},
		{Pattern: "POST /quotas/{id}/remove", Right: actor.LeadAssign, Do: s.removeQuota},
		{Pattern: "GET /plan", Right: actor.ReportRead, Do: s.showPlan},
		{Pattern: "POST /plan", Right: actor.LeadAssign, Do: s.setPlan},
		{Pattern: "GET /schedules", Right: actor.ReportRead, Do: s.listSchedules},
		{Pattern: "POST /schedules", Right: actor.ReportRead, Do: s.addSchedule},
		{Pattern: "POST /schedules/{id}/remove", Right: actor.ReportRead, Do: s.removeSchedule},
		{Pattern: "GET /reports/open/{id}", Right: actor.OpportunityRead, Do: s.openReport},
	}
}

// figureTabs are the pages of figures.
type figureTabs struct{ On string }

// figureList is the page of all key figures.
type figureList struct {
	Tabs   figureTabs
	Filter figureFilter
	Rows   []figureRow
	// Missing are currencies without a rate.
	Missing []string
	// Unfit names the figures that do not go by the filter.
	Unfit  string
	Period string
	// Excel is the workbook, Mail the page that sends it from time to time.
	Excel, Mail string
}

// figureRow is one figure beside its earlier values.
type figureRow struct {
	Name, Meaning, Value, Path string
	Before, LastYear           change
}

// change is an earlier value and how far it is off.
type change struct {
	Was, By string
	// Of is the period that it is of.
	Of string
	// Kind is "good", "bad" or "quiet".
	Kind, Icon string
}

func codes() []kpi.Code {
	var out []kpi.Code
	for _, d := range kpi.Definitions() {
		out = append(out, d.Code)
	}
	return out
}

func (s *screens) listFigures(v *visit) error {
	filter, err := v.figureFilter()
	if err != nil {
		return err
	}
	found, err := v.module().KPIs.Compare(v.ctx(), codes(), filter.Query)
	if err != nil {
		return err
	}
	d := figureList{Tabs: figureTabs{"figures"}, Filter: filter, Period: v.periodText(filter.Query.Period), Excel: withValues(v.link("/reports/figures.xlsx"), filter.Asked)}
	d.Mail = withValues(v.link("/schedules"), url.Values{"report": {"kpis"}, "question": {filter.Asked.Encode()}})
	d.Unfit = v.unfit(codes(), found)
	for _, one := range found {
		d.Rows = append(d.Rows, v.figureRow(one, filter))
		for _, m := range one.Missing {
			if !slices.Contains(d.Missing, m) {
				d.Missing = append(d.Missing, m)
			}
		}
	}
	if v.part() && v.target() == "list" {
		return v.fill(http.StatusOK, "figure_list", "rows", d)
	}
	return v.show(filter.Form.statusOf(), "figure_list", head{Title: v.t("menu.figures"), Section: "dashboard", Wide: true}, d)
}

// unfit names the figures that were left out because they do not go by the filter.
func (v *visit) unfit(asked []kpi.Code, found []kpi.Compared) string {
	return strings.Join(reports.Unfit(v.Actor, v.Locale.Language, asked, found), ", ")
}

func (v *visit) periodText(p kpi.Period) string {
	return v.Locale.Language.Date(p.First) + " – " + v.Locale.Language.Date(p.Last)
}

// shortPeriod writes whole months and years without their days, as 11/2026.
func (v *visit) shortPeriod(p kpi.Period) string {
	next := p.Last.AddDays(1)
	switch {
	case p.First.Day != 1 || next.Day != 1:
		return v.periodText(p)
	case p.First.Year == p.Last.Year && p.First.Month == p.Last.Month:
		return monthNumber(v.Locale.Language, p.First)
	case p.First.Month == 1 && p.First.Year == p.Last.Year && p.Last.Month == 12:
		return strconv.Itoa(p.First.Year)
	}
	if p.First.Year == p.Last.Year && v.Locale.Language != locale.Hungarian && v.Locale.Language != locale.Russian {
		return fmt.Sprintf("%02d–%02d/%d", p.First.Month, p.Last.Month, p.Last.Year)
	}
	return monthNumber(v.Locale.Language, p.First) + " – " + monthNumber(v.Locale.Language, p.Last)
}

func (v *visit) figureRow(one kpi.Compared, filter figureFilter) figureRow {
	d, _ := kpi.Defined(one.Code)
	meaning := d.Meaning(v.Locale.Language)
	if one.Why != "" {
		meaning = one.Why.In(v.Locale.Language)
	}
	return figureRow{
		Name: d.Name(v.Locale.Language), Meaning: meaning, Value: v.figureText(one.Unit, one.Value),
		Path:   v.link("/figures", string(one.Code)) + "?" + filter.with(),
		Before: v.change(d, one.Value, one.Before, one.BeforePeriod), LastYear: v.change(d, one.Value, one.LastYear, one.LastYearPeriod),
	}
}

// change says how a value moved.
func (v *visit) change(d kpi.Definition, is, was kpi.Value, of kpi.Period) change {
	out, moved := change{Was: v.figureText(d.Unit, was), Of: v.shortPeriod(of), Kind: "quiet"}, d.Moved(v.Locale.Language, is, was)
	if moved.By == "" {
		return out
	}
	out.By, out.Icon = moved.By, "trending-up"
	if moved.Falls {
		out.Icon = "trending-down"
	}
	switch {
	case moved.Mood > 0:
		out.Kind = "good"
	case moved.Mood < 0:
		out.Kind = "bad"
	}
	return out
}

// figureText is a value as the reader writes it.
func (v *visit) figureText(u kpi.Unit, value kpi.Value) string { return value.Text(u, v.Locale) }

// figurePage is one figure, broken down.
type figurePage struct {
	Tabs                   figureTabs
	Filter                 figureFilter
	Code                   string
	Name, Formula, Meaning string
	Value                  string
	Count                  int64
	Before, LastYear       change
	By                     []option
	ByName                 string
	Bars                   bars
	Lines                  lines
	Trend                  bool
	Rows                   []figurePart
	Path, Period, Excel    string
	Behind                 string
	Missing                []string
	Counted                string
	// Unfit names the figure where it does not go by the filter, Why says why it is not known, Whole that it is of whole
	// months.
	Unfit, Why string
	Whole      bool
}

type figurePart struct {
	Label, Value, Path string
	Count              int64
}

func (s *screens) showFigure(v *visit) error {
	d, ok := kpi.Defined(kpi.Code(v.r.PathValue("code")))
	if !ok {
		return errNoPage
	}
	filter, err := v.figureFilter()
	if err != nil {
		return err
	}
	if err := v.onlyOwn(&filter, d); err != nil {
		return err
	}
	q := filter.Query
	q.By = kpi.Dimension(filter.Form.text("by"))
	if !d.Breaks(q.By) || q.By == kpi.Whole {
		q.By = d.By[0]
	}
	page := figurePage{
		Tabs: figureTabs{"figures"}, Filter: filter, Code: string(d.Code), Name: d.Name(v.Locale.Language), Formula: d.Formula(v.Locale.Language), Meaning: d.Meaning(v.Locale.Language),
		ByName: q.By.In(v.Locale.Language), Path: v.link("/figures", string(d.Code)), Period: v.periodText(q.Period), Counted: v.t("figures.of." + string(d.Of)),
		Behind: withValues(v.link("/figures", string(d.Code), "rows"), filter.Asked),
		Excel:  v.link("/reports/figures.xlsx") + "?" + filter.with("code", string(d.Code), "by", string(q.By)),
	}
	for _, by := range d.By {
		page.By = append(page.By, option{Value: string(by), Label: by.In(v.Locale.Language), On: by == q.By})
	}
	found, err := v.module().KPIs.Compare(v.ctx(), []kpi.Code{d.Code}, q)
	if err != nil {
		return err
	}
	if len(found) == 0 { // narrowed by what it does not go by
		page.Value, page.Unfit, page.Whole = "–", v.unfit([]kpi.Code{d.Code}, nil), d.Of == kpi.CustomerKind && len(filter.Query.Of.Used()) == 0
		return v.show(http.StatusOK, "figure", head{Title: page.Name, Section: "dashboard", Wide: true, Crumbs: []crumb{{v.t("menu.figures"), v.link("/figures")}}}, page)
	}
	one := found[0]
	page.Value, page.Count, page.Missing, page.Why = v.figureText(d.Unit, one.Value), one.Count, one.Missing, one.Why.In(v.Locale.Language)
	page.Before, page.LastYear = v.change(d, one.Value, one.Before, one.BeforePeriod), v.change(d, one.Value, one.LastYear, one.LastYearPeriod)
	if err := v.figureParts(&page, d, q.By, one.Figure); err != nil {
		return err
	}
	return v.show(http.StatusOK, "figure", head{Title: page.Name, Section: "dashboard", Wide: true, Crumbs: []crumb{{v.t("menu.figures"), v.link("/figures") + "?" + filter.with()}}}, page)
}

// partLabels names the keys of a dimension.
func (v *visit) partLabels(by kpi.Dimension) (func(kpi.Row) string, error) {
	plain := func(r kpi.Row) string {
		if r.Label == "" {
			return v.t("figures.none")
		}
		return r.Label
	}
	var list setting.ListName
	switch by {
	case kpi.Seller:
		names, err := v.names()
		return func(r kpi.Row) string {
			if name := names[r.Key]; name != "" {
				return name
			}
			return plain(r)
		}, err
	case kpi.ProductGroup:
		groups, err := v.module().ProductGroups(v.ctx())
		return func(r kpi.Row) string {
			for _, g := range groups {
				if g.Key == r.Key && r.Key != "" {
					return g.Name
				}
			}
			return plain(r)
		}, err
	case kpi.Source:
		list = setting.LeadSources
	case kpi.LostReason:
		list = setting.LostReasons
	default:
		return plain, nil
	}
	choices, err := v.module().Settings.Choices(v.ctx(), list)
	return func(r kpi.Row) string {
		if r.Key == "" {
			return plain(r)
		}
		return choices.Text(v.Locale.Language, r.Key)
	}, err
}

// mostBars is how many rows a chart has.
const mostBars = 12

func (v *visit) figureParts(page *figurePage, d kpi.Definition, by kpi.Dimension, f kpi.Figure) error {
	label, err := v.partLabels(by)
	if err != nil {
		return err
	}
	var rows []barRow
	var sizes []decimal.Decimal
	for _, r := range f.Rows {
		part := figurePart{Label: label(r), Value: v.figureText(d.Unit, r.Value), Count: r.Count, Path: page.Path + "/rows?" + page.Filter.with("by", string(by), "key", r.Key)}
		page.Rows = append(page.Rows, part)
		rows = append(rows, barRow{Label: clip(part.Label, 20), Value: v.shortFigure(d.Unit, r.Value), Path: part.Path})
		sizes = append(sizes, r.Value.Decimal)
	}
	page.Bars = newBars(page.Name, page.ByName, rows[:min(len(rows), mostBars)], sizes[:min(len(sizes), mostBars)])
	if page.Trend = by == kpi.Month && len(f.Rows) > 1; page.Trend {
		page.Lines = v.trendLines(d, f)
	}
	return nil
}

// trendLines draws a figure by month.
func (v *visit) trendLines(d kpi.Definition, f kpi.Figure) lines {
	data := lineData{}
	var labels []string
	for i, r := range f.Rows {
		label := r.Key[5:]
		if i == 0 || label == "01" {
			label += " " + r.Key[:4]
		}
		labels = append(labels, label)
		data.Values = append(data.Values, decimal.Max(decimal.Zero, r.Value.Decimal))
		data.Texts = append(data.Texts, v.figureText(d.Unit, r.Value))
	}
	return newLines(d.Name(v.Locale.Language), "", labels, []lineData{data}, kpi.Axis(d.Unit, v.Locale))
}

func (v *visit) shortFigure(u kpi.Unit, value kpi.Value) string { return value.Short(u, v.Locale) }

// behindPage lists the records behind a figure.
type behindPage struct {
	Tabs        figureTabs
	Figure      string
	Part        string
	Period      string
	Rows        []behindRow
	First, Next string
}

type behindRow struct {
	Name, Party, Owner, State, Value, Path string
	At                                     time.Time
}

func (s *screens) listBehind(v *visit) error {
	d, ok := kpi.Defined(kpi.Code(v.r.PathValue("code")))
	if !ok {
		return errNoPage
	}
	filter, err := v.figureFilter()
	if err != nil {
		return err
	}
	q, key := filter.Query, filter.Form.text("key")
	q.By = kpi.Dimension(filter.Form.text("by"))
	found, err := v.module().KPIs.Behind(v.ctx(), d.Code, q, key, store.Page{After: filter.Form.text("after"), Limit: salePage})
	if err != nil {
		return err
	}
	names, err := v.names()
	if err != nil {
		return err
	}
	page := behindPage{Tabs: figureTabs{"figures"}, Figure: d.Name(v.Locale.Language), Period: v.periodText(q.Period)}
	if q.By != kpi.Whole {
		label, err := v.partLabels(q.By)
		if err != nil {
			return err
		}
		if page.Part = q.By.In(v.Locale.Language); q.By != kpi.Pipeline && q.By != kpi.Stage {
			page.Part += ": " + label(kpi.Row{Key: key, Label: key})
		}
	}
	label, err := customerLabels(v, found.Rows, func(r kpi.Record) (key, name string) {
		if r.Customer == "" {
			return "", " " // no customer's
		}
		return r.Customer, r.Name
	})
	if err != nil {
		return err
	}
	for _, r := range found.Rows {
		if r.Kind == kpi.CustomerKind {
			r.Name = label(r.Customer, r.Name)
		}
		page.Rows = append(page.Rows, v.behindRow(r, names))
	}
	if found.Next != "" {
		page.Next = addressWith(v.r.URL, "after", found.Next)
	}
	if filter.Form.text("after") != "" {
		page.First = addressWith(v.r.URL, "after", "")
	}
	crumbs := []crumb{{v.t("menu.figures"), v.link("/figures") + "?" + filter.with()}, {page.Figure, v.link("/figures", string(d.Code)) + "?" + filter.with("by", string(q.By))}}
	return v.show(http.StatusOK, "figure_rows", head{Title: v.t("figures.behind"), Section: "dashboard", Wide: true, Crumbs: crumbs}, page)
}

func (v *visit) behindRow(r kpi.Record, names map[string]string) behindRow {
	row := behindRow{Name: r.Name, Party: r.Party, Owner: names[r.Owner], At: r.At, State: r.State}
	if row.Owner == "" {
		row.Owner = r.Owner
	}
	switch r.Kind {
	case kpi.OpportunityKind:
		row.Path, row.State = v.link("/opportunities", r.ID.String()), v.t("deal.state."+r.State)
	case kpi.LeadKind:
		row.Path, row.State = v.link("/leads", r.ID.String()), v.t("lead.status."+r.State)
	case kpi.PassageKind:
		row.Path, row.State = v.link(recordPages[r.Noun], r.About.String()), regulation.Texts.T(v.Locale.Language, "standing."+map[string]string{"kept": "kept", "missed": "broken", "running": "late"}[r.State])
	case kpi.CustomerKind:
		row.Path, row.State = v.link("/customers", r.Customer), v.t("retention."+r.State)
	case kpi.ActivityKind:
		row.Path, row.State = v.link("/activities", r.ID.String()), v.t("kind."+r.State)
	}
	if r.Currency != "" && !r.Value.IsZero() {
		row.Value = v.Locale.Language.Money(r.Value, r.Currency)
	}
	if row.Name == "" {
		row.Name = row.State
	}
	return row
}
