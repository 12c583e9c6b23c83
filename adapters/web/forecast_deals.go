package web

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/reports/forecast"
	"github.com/crmplus/crmplus/reports/kpi"
)

// forecastDeals is the page of the opportunities that one number of a forecast is made of.
type forecastDeals struct {
	Tabs figureTabs
	// What names the number: the row, the column, the measure.
	What []string
	Sum  string
	// Count says how many opportunities it is made of.
	Count   string
	Rows    []forecastDeal
	Moved   bool
	Missing []string

	First, Next string
}

type forecastDeal struct {
	Name, Party, Owner, State, Close, Value, Chance, Part, Path string
	Before, After                                               string
}

// forecastLinks makes the addresses of what numbers of a forecast are made of.
type forecastLinks struct {
	v *visit
	// asked is what narrows the forecast, with the table's own questions.
	asked url.Values
}

// cell is the address of what a number of the table is made of: of the row of a key, or of the total where by is kpi.Whole.
func (l forecastLinks) cell(by kpi.Dimension, key, column, measure string) string {
	return l.to("/forecast/deals", "by", string(by), "row", key, "column", column, "show", measure)
}

// narrowedBy are the names of what a forecast is narrowed by, beside custom fields.
var narrowedBy = []string{"seller", "team", "source", "group", "pipeline"}

func (l forecastLinks) to(page string, pairs ...string) string {
	out := url.Values{}
	for name, values := range l.asked {
		if slices.Contains(narrowedBy, name) || strings.HasPrefix(name, customPrefix) || page == "/forecast/deals" && slices.Contains([]string{"step", "from", "columns"}, name) {
			out[name] = values
		}
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" || pairs[i] == "row" {
			out.Set(pairs[i], pairs[i+1])
		}
	}
	return withValues(l.v.link(page), out)
}

// listForecast shows what a number of the table is made of.
func (s *screens) listForecast(v *visit) error {
	filter, err := v.figureFilterOf(kpi.OpportunityKind)
	if err != nil {
		return err
	}
	f := filter.Form
	columns, _ := strconv.Atoi(f.text("columns"))
	q := forecast.DealQuery{
		Query: forecast.Query{Of: filter.Query.Of, By: kpi.Dimension(f.text("by")), Step: forecast.Step(f.text("step")), From: f.day("from"), Columns: columns},
		Row:   f.text("row"), Column: cmp.Or(f.text("column"), forecast.SumColumn), Measure: cmp.Or(forecast.Measure(f.text("show")), forecast.WeightedSum),
	}
	found, err := v.module().Forecasts.Deals(v.ctx(), q, store.Page{After: f.text("after"), Limit: salePage})
	if err != nil {
		return err
	}
	d, err := v.forecastDeals(found)
	if err != nil {
		return err
	}
	row := v.t("forecast.total")
	if q.By != kpi.Whole {
		if row, err = v.rowName(q.By, q.Row); err != nil {
			return err
		}
	}
	column := map[string]string{forecast.SumColumn: v.t("forecast.sum"), forecast.UndatedColumn: v.t("forecast.undated"), forecast.LaterColumn: v.t("forecast.later")}[q.Column]
	if first, err := civil.Parse(q.Column); err == nil {
		column = v.column(kpi.Period{First: first}, q.Step)
	}
	d.What = []string{row, column, v.t("forecast.show." + string(q.Measure))}
	return v.showForecastDeals(filter, d)
}

// rowName is what a row of a forecast is called.
func (v *visit) rowName(by kpi.Dimension, key string) (string, error) {
	name := key
	if by == kpi.Pipeline {
		all, err := v.module().Opportunities.Pipelines().List(v.ctx())
		if err != nil {
			return "", err
		}
		for _, p := range all {
			if p.ID.String() == key {
				name = p.Name
			}
		}
	}
	label, err := v.partLabels(by)
	if err != nil {
		return "", err
	}
	return by.In(v.Locale.Language) + ": " + label(kpi.Row{Key: key, Label: name}), nil
}

func (v *visit) showForecastDeals(filter figureFilter, d forecastDeals) error {
	if filter.Form.text("after") != "" {
		d.First = addressWith(v.r.URL, "after", "")
	}
	d.Next = addressNext(v.r.URL, d.Next)
	back := url.Values{}
	for _, name := range []string{"by", "step", "show", "since", "until", "target", "weighted"} {
		if value := filter.Form.text(name); value != "" {
			back.Set(name, value)
		}
	}
	for name, values := range filter.Asked {
		back[name] = values
	}
	crumbs := []crumb{{v.t("menu.forecast"), withValues(v.link("/forecast"), back)}}
	return v.show(http.StatusOK, "forecast_deals", head{Title: v.t("figures.behind"), Section: "dashboard", Wide: true, Crumbs: crumbs}, d)
}

// addressNext is the address of the next page, "" where there is none.
func addressNext(u *url.URL, next string) string {
	if next == "" {
		return ""
	}
	return addressWith(u, "after", next)
}

// forecastDeals writes deals as the reader does; First and What are left to the page.
func (v *visit) forecastDeals(found forecast.Deals) (forecastDeals, error) {
	lang := v.Locale.Language
	d := forecastDeals{Tabs: figureTabs{"forecast"}, Sum: lang.Money(found.Sum, found.Currency), Missing: found.Missing, Next: found.Next}
	d.Count = v.t("forecast.deals", countText(lang, int64(found.Count)))
	names, err := v.names()
	if err != nil {
		return d, err
	}
	for _, one := range found.Rows {
		row := forecastDeal{
			Name: one.Name, Party: one.Party, Owner: nameIn(names, one.Owner), State: one.Stage, Close: lang.Date(one.Close), Value: lang.Money(one.Value, one.Currency), Chance: lang.Percent(one.Chance),
			Part: lang.Money(one.Part, found.Currency),
		}
		if one.State != opportunity.Open || row.State == "" {
			row.State = v.t("deal.state." + string(one.State))
		}
		if one.State == opportunity.Won {
			row.Chance = ""
		}
		d.Rows = append(d.Rows, v.reachable(row, one.Name, one.ID))
	}
	return d, nil
}

// reachable has the way to an opportunity that the reader sees; what he sees no longer has no name.
func (v *visit) reachable(row forecastDeal, name string, id opportunity.ID) forecastDeal {
	if name == "" {
		row.Name = v.t("forecast.unseen")
		return row
	}
	row.Path = v.link("/opportunities", id.String())
	return row
}

// The ends of a waterfall, beside its reasons.
const fallStart, fallEnd = "start", "end"

// listMoves shows what a bar of the waterfall is made of.
func (s *screens) listMoves(v *visit) error {
	filter, err := v.figureFilterOf(kpi.OpportunityKind)
	if err != nil {
		return err
	}
	f := filter.Form
	of := filter.Query.Of
	of.Source, of.ProductGroup = "", ""
	w, err := v.waterfallDays(f)
	if err != nil {
		return err
	}
	w.Of, w.Target = of, kpi.Period{First: f.day("first_close"), Last: f.day("last_close")}
	page := store.Page{After: f.text("after"), Limit: salePage}
	lang := v.Locale.Language
	what := cmp.Or(f.text("reason"), fallEnd)
	if what == fallStart || what == fallEnd {
		on := map[string]civil.Date{fallStart: w.From, fallEnd: w.To}[what]
		found, err := v.module().Forecasts.Stood(v.ctx(), forecast.StoodQuery{On: on, Target: w.Target, Weighted: w.Weighted, Of: of}, page)
		if err != nil {
			return err
		}
		d, err := v.forecastDeals(found)
		if err != nil {
			return err
		}
		d.What = []string{v.t("forecast.show.open"), lang.Date(on)}
		return v.showForecastDeals(filter, d)
	}
	if !slices.Contains(forecast.Reasons, forecast.Reason(what)) {
		return errNoPage
	}
	fall, err := v.module().Forecasts.Waterfall(v.ctx(), w)
	if err != nil {
		return err
	}
	d, err := v.movedDeals(fall, forecast.Reason(what), page)
	if err != nil {
		return err
	}
	d.What = []string{v.t("forecast.reason." + what), lang.Date(w.From) + " – " + lang.Date(w.To)}
	return v.showForecastDeals(filter, d)
}

// movedDeals are the opportunities behind one reason, with what they were and are worth in the forecast.
func (v *visit) movedDeals(fall forecast.Waterfall, reason forecast.Reason, page store.Page) (forecastDeals, error) {
	lang := v.Locale.Language
	d := forecastDeals{Tabs: figureTabs{"forecast"}, Moved: true, Missing: fall.Missing}
	moves := slices.DeleteFunc(slices.Clone(fall.Moves), func(m forecast.Move) bool { return m.Reason != reason })
	d.Count = v.t("forecast.deals", countText(lang, int64(len(moves))))
	var sum money.Amount
	for _, m := range moves {
		sum = sum.Add(m.After.Sub(m.Before))
	}
	d.Sum = lang.Money(sum, fall.Currency)
	at, _ := strconv.Atoi(page.After)
	at = min(max(at, 0), len(moves))
	end := min(at+page.Size(), len(moves))
	if end < len(moves) {
		d.Next = strconv.Itoa(end)
	}
	names, err := v.names()
	if err != nil {
		return d, err
	}
	for _, m := range moves[at:end] {
		row := forecastDeal{Name: m.Name, Owner: nameIn(names, m.Owner), Before: lang.Money(m.Before, fall.Currency), After: lang.Money(m.After, fall.Currency), Part: lang.Money(m.After.Sub(m.Before), fall.Currency)}
		d.Rows = append(d.Rows, v.reachable(row, m.Name, m.ID))
	}
	return d, nil
}

// listTested shows what a forecast of a month that is over was made of, or what came.
func (s *screens) listTested(v *visit) error {
	filter, err := v.figureFilterOf(kpi.OpportunityKind)
	if err != nil {
		return err
	}
	f := filter.Form
	q := forecast.TestedQuery{Month: f.day("month"), Measure: cmp.Or(forecast.Measure(f.text("measure")), forecast.WeightedSum), Of: filter.Query.Of}
	q.Of.Source, q.Of.ProductGroup = "", ""
	if q.Month.IsZero() {
		today, err := v.module().KPIs.Today(v.ctx())
		if err != nil {
			return err
		}
		q.Month = civil.Date{Year: today.Year, Month: today.Month, Day: 1}.AddDays(-1)
	}
	found, err := v.module().Forecasts.Tested(v.ctx(), q, store.Page{After: f.text("after"), Limit: salePage})
	if err != nil {
		return err
	}
	d, err := v.forecastDeals(found)
	if err != nil {
		return err
	}
	name := v.t("forecast.show." + string(q.Measure))
	if q.Measure == forecast.WonSum {
		name = v.t("forecast.came")
	}
	d.What = []string{monthNumber(v.Locale.Language, q.Month), name}
	return v.showForecastDeals(filter, d)
}
