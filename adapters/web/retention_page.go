package web

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/reports"
	"github.com/crmplus/crmplus/reports/kpi"
	"github.com/crmplus/crmplus/reports/retention"
)

func (s *screens) retentionRoutes() []route {
	return []route{
		{Pattern: "GET /retention", Right: actor.ReportRead, Do: s.showRetention},
		{Pattern: "GET /retention/customers", Right: actor.ReportRead, Do: s.listRetained},
		{Pattern: "GET /reports/retention.xlsx", Right: actor.ReportRead, Do: s.downloadRetention},
	}
}

// retentionPage shows which of the host's customers ordered again, period by period.
type retentionPage struct {
	Tabs                  figureTabs
	Filter                figureFilter
	Steps, Shown          []option
	About, Why, Unfit     string
	Missing               []string
	Partly                bool
	Cards                 []retentionCard
	Columns               []retentionColumn
	Figures, Counts, Sums []retentionRow
	Currency              string
	Chart                 lines
	Cohorts               []cohortRow
	After                 []string
	Excel, Mail           string
}

type retentionCard struct {
	Name, Value, Meaning string
	Before               change
}

type retentionColumn struct {
	Label   string
	Running bool
}

type retentionRow struct {
	Label, Hint, Path string
	Cells             []retentionCell
	Strong            bool
}

type retentionCell struct{ Text, Path string }

type cohortRow struct {
	Label, Note, Size string
	Cells             []cohortCell
}

// cohortCell has a level from 0 to 5 by which it is tinted; Running says that its period is not over.
type cohortCell struct {
	Text, Title string
	Level       int
	Running     bool
}

// retentionSteps are how long periods may be, in months.
var retentionSteps = []string{"1", "3", "6", "12"}

// retentionQuery reads what is asked for, and says what the address narrows by that orders know nothing of.
func (v *visit) retentionQuery(d *retentionPage) (kpi.RetentionQuery, error) {
	filter, err := v.figureFilterOf()
	if err != nil {
		return kpi.RetentionQuery{}, err
	}
	f, q := filter.Form, kpi.RetentionQuery{Step: 3}
	if n, _ := strconv.Atoi(f.text("step")); slices.Contains(retentionSteps, strconv.Itoa(n)) {
		q.Step = n
	}
	q.Of = kpi.Filter{Seller: filter.Query.Of.Seller, Team: filter.Query.Of.Team}
	var unfit []string
	for _, used := range filter.Query.Of.Used() {
		if used != kpi.Seller && used != kpi.Team {
			unfit = append(unfit, used.In(v.Locale.Language))
		}
	}
	filter.Asked = url.Values{"step": {strconv.Itoa(q.Step)}}
	for name, value := range map[string]string{"seller": q.Of.Seller, "team": q.Of.Team} {
		if value != "" {
			filter.Asked.Set(name, value)
		}
	}
	d.Filter, d.Unfit, d.Steps = filter, strings.Join(unfit, ", "), v.options("retention.step.", strconv.Itoa(q.Step), retentionSteps...)
	return q, nil
}

func (s *screens) showRetention(v *visit) error {
	d := retentionPage{Tabs: figureTabs{"retention"}}
	q, err := v.retentionQuery(&d)
	if err != nil {
		return err
	}
	table, err := v.module().KPIs.Retention(v.ctx(), q)
	if err != nil {
		return err
	}
	d.Missing, d.Why, d.Currency = table.Missing, table.Why.In(v.Locale.Language), table.Currency
	d.Excel = withValues(v.link("/reports/retention.xlsx"), d.Filter.Asked)
	d.Mail = withValues(v.link("/schedules"), url.Values{"report": {"retention"}, "question": {d.Filter.Asked.Encode()}})
	if table.Why == "" {
		d.About = v.t("retention.about", v.Locale.Language.Date(table.CountedOn), v.Locale.Language.Date(table.KnownFrom))
		v.retentionTable(&d, q, table)
		if err := v.retentionCohorts(&d, q); err != nil {
			return err
		}
	}
	return v.show(http.StatusOK, "retention", head{Title: v.t("menu.retention"), Section: "dashboard", Wide: true}, d)
}

// stepName names a period of some months.
func (v *visit) stepName(first civil.Date, step int) string {
	year := strconv.Itoa(first.Year)
	switch step {
	case 3:
		return v.t("retention.quarter", year, (int(first.Month)+2)/3)
	case 6:
		return v.t("retention.half", year, (int(first.Month)+5)/6)
	case 12:
		return year
	}
	return monthNumber(v.Locale.Language, first)
}

func (v *visit) retentionTable(d *retentionPage, q kpi.RetentionQuery, t kpi.Retention) {
	lang := v.Locale.Language
	behind := func(p kpi.RetentionPeriod, kind retention.Kind) string {
		return v.link("/retention/customers") + "?" + d.Filter.with("first", p.First.String(), "last", p.Last.String(), "kind", string(kind))
	}
	var labels []string
	for i, p := range t.Periods {
		d.Columns = append(d.Columns, retentionColumn{v.stepName(p.First, q.Step), p.Running})
		label := strconv.Itoa(int(p.First.Month))
		if i == 0 || p.First.Year != t.Periods[i-1].First.Year {
			label += " " + strconv.Itoa(p.First.Year)
		}
		if q.Step == 12 {
			label = strconv.Itoa(p.First.Year)
		}
		labels = append(labels, label)
		d.Partly = d.Partly || !p.Known
	}
	cells := func(of func(p kpi.RetentionPeriod) retentionCell) []retentionCell {
		out := make([]retentionCell, len(t.Periods))
		for i, p := range t.Periods {
			if out[i] = (retentionCell{Text: "–"}); p.Known {
				out[i] = of(p)
			}
		}
		return out
	}
	kinds := []retention.Kind{retention.Again, retention.Gone, retention.Gone, retention.AtRisk}
	var data []lineData
	for i, code := range kpi.OrderCodes {
		def, _ := kpi.Defined(code)
		d.Figures = append(d.Figures, retentionRow{Label: def.Name(lang), Hint: def.Formula(lang), Cells: cells(func(p kpi.RetentionPeriod) retentionCell {
			return retentionCell{p.Values[i].Text(def.Unit, v.Locale), behind(p, kinds[i])}
		})})
		if code == kpi.OrderRetention || code == kpi.NetRevenueRetention {
			data = append(data, v.retentionLine(def, i, t.Periods))
		}
		v.retentionCard(d, def, i, t.Periods)
	}
	for i, p := range t.Periods { // the chart begins with what is known
		if p.Known {
			for n := range data {
				data[n].Values, data[n].Texts = data[n].Values[i:], data[n].Texts[i:]
			}
			d.Chart = newLines(v.t("menu.retention"), "", labels[i:], data, kpi.Axis(kpi.Percent, v.Locale))
			break
		}
	}
	count := func(kind retention.Kind, of func(s retention.Sums) int64) {
		d.Counts = append(d.Counts, retentionRow{Label: v.t("retention." + string(kind)), Cells: cells(func(p kpi.RetentionPeriod) retentionCell {
			return retentionCell{countText(lang, int(of(p.Sums))), behind(p, kind)}
		})})
	}
	count(retention.AtRisk, func(s retention.Sums) int64 { return s.AtRisk })
	count(retention.Again, func(s retention.Sums) int64 { return s.Again })
	count(retention.Gone, retention.Sums.Gone)
	count(retention.Fresh, func(s retention.Sums) int64 { return s.Fresh })
	sum := func(key string, kind retention.Kind, sign int64, of func(s retention.Sums) money.Amount) {
		row := retentionRow{Label: v.t("retention." + key), Strong: kind == "" || kind == retention.AtRisk}
		row.Cells = cells(func(p kpi.RetentionPeriod) retentionCell {
			amount := of(p.Sums)
			out := retentionCell{Text: shortMoney(lang, money.NewAmount(amount.Mul(decimal.NewFromInt(sign))), t.Currency)}
			if sign > 0 && kind != "" && kind != retention.AtRisk && !amount.IsZero() {
				out.Text = "+" + out.Text
			}
			if kind != "" {
				out.Path = behind(p, kind)
			}
			return out
		})
		d.Sums = append(d.Sums, row)
	}
	sum("was", retention.AtRisk, 1, func(s retention.Sums) money.Amount { return s.Was })
	sum("gone", retention.Gone, -1, func(s retention.Sums) money.Amount { return s.Lost })
	sum("less", retention.Less, -1, func(s retention.Sums) money.Amount { return s.Less })
	sum("more", retention.More, 1, func(s retention.Sums) money.Amount { return s.More })
	sum("fresh", retention.Fresh, 1, func(s retention.Sums) money.Amount { return s.FreshNet })
	sum("total", "", 1, retention.Sums.Net)
}

func (v *visit) retentionLine(def kpi.Definition, at int, periods []kpi.RetentionPeriod) lineData {
	line := lineData{Name: v.t("retention.line." + string(def.Code))}
	for _, p := range periods {
		value := p.Values[at]
		line.Values = append(line.Values, decimal.Max(decimal.Zero, value.Decimal))
		text := value.Text(def.Unit, v.Locale)
		if p.Running {
			text += " (" + v.t("retention.running") + ")"
		}
		line.Texts = append(line.Texts, text)
	}
	return line
}

// retentionCard is a figure of the last period that is over, beside the one before.
func (v *visit) retentionCard(d *retentionPage, def kpi.Definition, at int, periods []kpi.RetentionPeriod) {
	last := len(periods) - 1
	for last >= 0 && periods[last].Running {
		last--
	}
	if last < 0 || !periods[last].Known {
		return
	}
	card := retentionCard{Name: def.Name(v.Locale.Language), Value: periods[last].Values[at].Text(def.Unit, v.Locale), Meaning: d.Columns[last].Label}
	if last > 0 && periods[last-1].Known {
		card.Before = v.change(def, periods[last].Values[at], periods[last-1].Values[at], periods[last-1].Period)
	}
	d.Cards = append(d.Cards, card)
}

// cohortShown are what the cells of cohorts can show.
var cohortShown = []string{"customers", "money"}

func (v *visit) retentionCohorts(d *retentionPage, q kpi.RetentionQuery) error {
	found, err := v.module().KPIs.Cohorts(v.ctx(), q)
	if err != nil {
		return err
	}
	shown := cohortShown[0]
	if v.asked().text("show") == cohortShown[1] {
		shown = cohortShown[1]
	}
	d.Shown = v.options("cohort.show.", shown, cohortShown...)
	lang := v.Locale.Language
	for i, c := range found.Cohorts {
		if i > 0 {
			d.After = append(d.After, fmt.Sprintf("+%d", i))
		}
		row := cohortRow{Label: v.stepName(c.First, found.Step), Size: countText(lang, int(c.Customers()))}
		if c.Earlier {
			row.Note = v.t("cohort.earlier")
		}
		for n, turn := range c.Turns[1:] {
			over, under := decimal.NewFromInt(turn.Customers), decimal.NewFromInt(c.Customers())
			if shown == "money" {
				over, under = turn.Net.Decimal, c.Turns[0].Net.Decimal
			}
			cell := cohortCell{Text: "–", Running: n == len(c.Turns)-2, Title: v.t("cohort.of", countText(lang, int(c.Customers())), countText(lang, int(turn.Customers)), shortMoney(lang, turn.Net, v.Locale.Currency))}
			if under.IsPositive() {
				share := over.Shift(2).DivRound(under, 0)
				cell.Text, cell.Level = lang.Percent(money.NewPercent(share)), int(min(5, max(0, share.IntPart()+19)/20))
			}
			row.Cells = append(row.Cells, cell)
		}
		d.Cohorts = append(d.Cohorts, row)
	}
	return nil
}

// retainedPage lists customers by whether they ordered again.
type retainedPage struct {
	Tabs        figureTabs
	Kinds       []option
	Hidden      []option
	Period      string
	Before      string
	Rows        []retainedRow
	First, Next string
}

type retainedRow struct {
	Name, Path, Class, Was, Net, Last, Owner, State string
	Gone                                            bool
}

func (s *screens) listRetained(v *visit) error {
	var page retentionPage
	q, err := v.retentionQuery(&page)
	if err != nil {
		return err
	}
	f := page.Filter.Form
	asked := kpi.CustomersQuery{Period: kpi.Period{First: f.day("first"), Last: f.day("last")}, Of: q.Of, Kind: retention.Kind(f.text("kind")), Page: store.Page{Limit: salePage, After: f.text("after")}}
	if asked.Kind == "" {
		asked.Kind = retention.Gone
	}
	found, err := v.module().KPIs.Customers(v.ctx(), asked)
	if err != nil {
		return err
	}
	names, err := v.names()
	if err != nil {
		return err
	}
	label, err := customerLabels(v, found.Rows, func(c retention.Customer) (key, name string) { return c.Key, c.Name })
	if err != nil {
		return err
	}
	d := retainedPage{Tabs: figureTabs{"retention"}, Period: v.shortPeriod(asked.Period), Before: v.shortPeriod(asked.Period.Before())}
	for _, k := range retention.Kinds {
		d.Kinds = append(d.Kinds, option{Value: string(k), Label: v.t("retention." + string(k)), On: k == asked.Kind})
	}
	for _, name := range []string{"first", "last", "step", "seller", "team"} {
		if value := f.text(name); value != "" {
			d.Hidden = append(d.Hidden, option{Value: value, Label: name})
		}
	}
	lang := v.Locale.Language
	for _, c := range found.Rows {
		row := retainedRow{
			Name: label(c.Key, c.Name), Path: v.link("/customers", c.Key), Class: c.Class, Owner: nameIn(names, c.Owner), Last: monthNumber(lang, c.Last),
			Was: lang.Money(c.Was, v.Locale.Currency), Net: lang.Money(c.Net, v.Locale.Currency), Gone: !c.Again, State: v.t("retention.gone"),
		}
		d.Rows = append(d.Rows, row)
	}
	if found.Next != "" {
		d.Next = addressWith(v.r.URL, "after", found.Next)
	}
	if asked.Page.After != "" {
		d.First = addressWith(v.r.URL, "after", "")
	}
	crumbs := []crumb{{v.t("menu.retention"), v.link("/retention") + "?" + page.Filter.with()}}
	return v.show(http.StatusOK, "retention_customers", head{Title: v.t("retention." + string(asked.Kind)), Section: "dashboard", Wide: true, Crumbs: crumbs}, d)
}

func (s *screens) downloadRetention(v *visit) error {
	var d retentionPage
	q, err := v.retentionQuery(&d)
	if err != nil {
		return err
	}
	book, err := v.figureBook(figureFilter{Sellers: d.Filter.Sellers, Teams: d.Filter.Teams})
	if err != nil {
		return err
	}
	return v.download("retention.xlsx", workbookMIME, func(ctx context.Context, w io.Writer) error {
		return s.module.Reports.Retention(ctx, w, s.module.KPIs, q, reports.CustomerBook{FigureBook: book, Names: s.module.CustomerNames})
	})
}
