package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/reports/kpi"
)

// salePage is how many rows a page of opportunities or quotes has.
const salePage = 50

// opportunityList is the page of opportunities as a list.
type opportunityList struct {
	Form   *input
	States []option
	Stages []option
	Owners []option
	Sorts  []option
	Rows   []opportunityRow
	// Sums are by currency over all that the filter of state, stage and owner holds.
	Sums []opportunity.Total
	// Address is that of the page with its filter, Board that of the board.
	Address, Board, First, Next string
	Count                       int64
	// Narrowed says that the sums are not those of the list, because its dates narrow it further.
	Narrowed bool
	Filtered bool
	// Own are the company's custom fields.
	Own ownList
	// Others are what narrows the list beside the choices above it: a cell of the forecast leads here with them. Kept
	// are the same as they stand in the address.
	Others []narrowing
	Kept   []option
	// Pipelines are all of the company.
	Pipelines []opportunity.Pipeline
	Book      bookLink
}

// narrowing is what narrows a list beyond the choices above it.
type narrowing struct{ Name, Value string }

// otherFilters are the narrowings of the address that have no choice above the list.
func (v *visit) otherFilters() (shown []narrowing, kept []option) {
	f := v.asked()
	names, err := v.names()
	if err != nil {
		names = nil // the ids stand for themselves
	}
	for _, one := range []struct {
		name string
		by   kpi.Dimension
	}{{"seller", kpi.Seller}, {"team", kpi.Team}, {"source", kpi.Source}, {"group", kpi.ProductGroup}, {"region", kpi.Region}} {
		value := f.text(one.name)
		if value == "" {
			continue
		}
		kept = append(kept, option{Value: value, Label: one.name})
		label, err := v.partLabels(one.by)
		if err == nil && one.by != kpi.Seller {
			value = label(kpi.Row{Key: value, Label: value})
		} else if names[value] != "" {
			value = names[value]
		}
		shown = append(shown, narrowing{one.by.In(v.Locale.Language), value})
	}
	return shown, kept
}

type opportunityRow struct {
	opportunity.Row
	Stage, Owner string
	stageAge
	LateClose, NoStep, LateStep bool
	// Cells are the custom fields that the visitor wants to see.
	Cells []leadCell
}

// opportunityFilter reads what narrows and orders the list from its form.
func (l *opportunityList) opportunityFilter() opportunity.Filter {
	f, own := l.Form, l.Own
	filter := opportunity.Filter{
		Owner: f.text("owner"), Custom: own.Filter, Show: own.Show, CloseFrom: f.day("close_from"), CloseTo: f.day("close_to"),
		Seller: f.text("seller"), Team: f.text("team"), Source: f.text("source"), ProductGroup: f.text("group"), Region: f.text("region"),
		Page: store.Page{After: f.text("after"), Limit: salePage},
	}
	state := opportunity.State(f.text("state"))
	if !slices.Contains([]opportunity.State{opportunity.Open, opportunity.Won, opportunity.Lost}, state) {
		state = opportunity.Open
	}
	filter.States = []opportunity.State{state}
	filter.Stage, _ = store.ParseKey[opportunity.StageTag](f.text("stage"))
	filter.Pipeline, _ = store.ParseKey[opportunity.PipelineTag](f.text("pipeline"))
	filter.Sort = opportunity.Sort(f.text("sort"))
	if sorts := []opportunity.Sort{opportunity.ByClose, opportunity.ByCreated, opportunity.ByRevenue, opportunity.ByStageSince}; !slices.Contains(sorts, filter.Sort) || filter.Sort == opportunity.ByStageSince && filter.Stage.IsZero() {
		filter.Sort = opportunity.ByClose
		if state != opportunity.Open {
			filter.Sort = opportunity.ByCreated
		}
	}
	return filter
}

// words are those of what narrows the list.
func (l *opportunityList) words(v *visit, filter opportunity.Filter) []string {
	out := append(chosen(v.t("deal.state"), l.States), chosen(v.t("deal.stage"), l.Stages)...)
	for _, p := range l.Pipelines {
		if p.ID == filter.Pipeline {
			out = append(out, kpi.Pipeline.In(v.Locale.Language)+": "+p.Name)
		}
	}
	out = append(out, chosen(v.t("owner"), l.Owners)...)
	out = append(out, v.days(v.t("deal.close"), filter.CloseFrom, filter.CloseTo)...)
	for _, other := range l.Others {
		out = append(out, other.Name+": "+other.Value)
	}
	return append(out, l.Own.words()...)
}

func (s *screens) listOpportunities(v *visit) error {
	f := v.asked()
	own, err := v.ownList("opportunities")
	if err != nil {
		return err
	}
	l := opportunityList{Form: f, Own: own, Filtered: f.text("owner") != "" || f.text("stage") != "" || f.text("close_from") != "" || f.text("close_to") != "" || own.Narrowed(), Book: v.bookLink("/reports/opportunities.xlsx")}
	l.Others, l.Kept = v.otherFilters()
	l.Filtered = l.Filtered || len(l.Others) > 0
	filter := l.opportunityFilter()
	found, err := v.module().Opportunities.List(v.ctx(), filter)
	if err != nil {
		return err
	}
	if err := v.opportunityChoices(&l, filter); err != nil {
		return err
	}
	if err := v.opportunityRows(&l, found.Rows); err != nil {
		return err
	}
	l.Address = v.r.URL.Path + "?" + v.r.URL.RawQuery
	l.pages(v.r.URL, found.Next)
	page := url.Values{}
	if filter.Owner != "" {
		page.Set("owner", filter.Owner)
	}
	if !filter.Pipeline.IsZero() {
		page.Set("pipeline", filter.Pipeline.String())
	}
	l.Board = withValues(v.link("/opportunities"), page)
	if v.part() && v.target() == "list" {
		l.Own.Swap, l.Book.Swap = true, true
		return v.fill(http.StatusOK, "opportunity_list", "rowspart", l)
	}
	return v.show(http.StatusOK, "opportunity_list", head{Title: v.t("menu.opportunities"), Section: "opportunities"}, l)
}

func (l *opportunityList) pages(address *url.URL, next string) {
	if next != "" {
		l.Next = addressWith(address, "after", next)
	}
	if address.Query().Get("after") != "" {
		l.First = addressWith(address, "after", "")
	}
}

// addressWith is an address with one value of its query set, or taken away.
func addressWith(address *url.URL, name, value string) string {
	query := address.Query()
	if query.Set(name, value); value == "" {
		query.Del(name)
	}
	return withValues(address.Path, query)
}

func (v *visit) opportunityChoices(l *opportunityList, filter opportunity.Filter) error {
	state := filter.States[0]
	l.States = v.options("deal.state.", string(state), string(opportunity.Open), string(opportunity.Won), string(opportunity.Lost))
	sorts := []string{string(opportunity.ByClose), string(opportunity.ByCreated), string(opportunity.ByRevenue)}
	if !filter.Stage.IsZero() {
		sorts = append(sorts, string(opportunity.ByStageSince))
	}
	l.Sorts = v.options("deal.sort.", string(filter.Sort), sorts...)
	var err error
	if l.Owners, err = v.ownerFilter(filter.Owner); err != nil {
		return err
	}
	if l.Pipelines, err = v.module().Opportunities.Pipelines().List(v.ctx()); err != nil {
		return err
	}
	l.Stages = []option{{Label: v.t("deal.stage.all"), On: filter.Stage.IsZero()}}
	for _, p := range l.Pipelines {
		for _, stage := range p.Stages {
			if stage.Kind != state || !stage.ArchivedAt.IsZero() && stage.ID != filter.Stage || !filter.Pipeline.IsZero() && p.ID != filter.Pipeline {
				continue
			}
			label := stage.Name
			if len(l.Pipelines) > 1 {
				label = p.Name + " · " + label
			}
			l.Stages = append(l.Stages, option{Value: stage.ID.String(), Label: label, On: stage.ID == filter.Stage})
		}
	}
	totals, err := v.module().Opportunities.Totals(v.ctx(), opportunity.Scope{Pipeline: filter.Pipeline, State: state, Owner: filter.Owner})
	if err != nil {
		return err
	}
	sums := map[string]int{}
	for _, t := range totals {
		if !filter.Stage.IsZero() && t.StageID != filter.Stage {
			continue
		}
		l.Count += t.Count
		at, ok := sums[t.Currency]
		if !ok {
			sums[t.Currency] = len(l.Sums)
			l.Sums = append(l.Sums, opportunity.Total{Currency: t.Currency, Count: t.Count, Revenue: t.Revenue, Weighted: t.Weighted})
			continue
		}
		l.Sums[at].Count += t.Count
		l.Sums[at].Revenue = money.NewAmount(l.Sums[at].Revenue.Decimal.Add(t.Revenue.Decimal))
		l.Sums[at].Weighted = money.NewAmount(l.Sums[at].Weighted.Decimal.Add(t.Weighted.Decimal))
	}
	l.Narrowed = l.Own.Narrowed() || len(l.Others) > 0 || !filter.CloseFrom.IsZero() || !filter.CloseTo.IsZero()
	return nil
}

func (v *visit) opportunityRows(l *opportunityList, rows []opportunity.Row) error {
	names, err := v.names()
	if err != nil {
		return err
	}
	stages, limits := map[opportunity.StageID]string{}, map[opportunity.StageID]int{}
	for _, p := range l.Pipelines {
		for _, stage := range p.Stages {
			stages[stage.ID], limits[stage.ID] = stage.Name, stage.LimitHours
		}
	}
	if err := v.plannedSteps(rows); err != nil {
		return err
	}
	ages, err := v.ageing(rows, limits)
	if err != nil {
		return err
	}
	now := v.s.now()
	today := civil.In(now, v.zone())
	for _, row := range rows {
		open := row.State == opportunity.Open
		one := opportunityRow{Row: row, Stage: stages[row.StageID], Owner: nameIn(names, row.OwnerUser), Cells: l.Own.Cells(row.Custom)}
		if open {
			one.stageAge = ages.of(row, now)
			one.LateClose = !row.ExpectedClose.IsZero() && row.ExpectedClose.Before(today)
			one.NoStep, one.LateStep = row.NextStepAt.IsZero(), !row.NextStepAt.IsZero() && row.NextStepAt.Before(now)
		}
		l.Rows = append(l.Rows, one)
	}
	return nil
}

// Shown says how much of the list stands on the page; of a narrowed one only how much that is.
func (l opportunityList) Shown(of string) string {
	if l.Narrowed || l.Count == 0 {
		return strconv.Itoa(len(l.Rows))
	}
	return of
}

// mayConvert reports whether the visitor can make documents of the host.
func (v *visit) mayConvert() bool { return v.may(actor.Convert) && v.module().Host().Documents != nil }
