package web

import (
	"cmp"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/crmplus/crmplus/crm/setting"
	"github.com/crmplus/crmplus/reports"
	"github.com/crmplus/crmplus/reports/kpi"
)

// tilesList is the list of the preferences that keeps a user's tiles.
const tilesList = "dashboard"

// tiles are those that the address names, else the visitor's own: what is sent to somebody else stays as it was sent.
func (v *visit) tiles() []kpi.Code {
	chosen := v.prefs.Columns[tilesList]
	if named := v.r.URL.Query().Get("tiles"); named != "" {
		chosen = strings.Split(named, ",")
	}
	var out []kpi.Code
	for _, code := range chosen {
		if _, ok := kpi.Defined(kpi.Code(code)); ok {
			out = append(out, kpi.Code(code))
		}
	}
	if len(out) == 0 {
		return reports.UsualTiles(v.Actor)
	}
	return out
}

// dashboard is the page of tiles.
type dashboard struct {
	Tabs   figureTabs
	Filter figureFilter
	Tiles  []tile
	Period string
	// PDF and Mail lead to the dashboard on paper and to sending word of it.
	PDF, Mail string
	// Unfit names the figures that do not go by the filter.
	Unfit string
}

// tile is one figure with its chart.
type tile struct {
	figureRow
	Bars  bars
	Lines lines
	Trend bool
	// Rows stand behind the chart as a table.
	Rows   []figurePart
	ByName string
}

func (s *screens) showDashboard(v *visit) error {
	d, err := v.dashboard()
	if err != nil {
		return err
	}
	if v.part() && v.target() == "list" {
		return v.fill(http.StatusOK, "dashboard", "tiles", d)
	}
	return v.show(http.StatusOK, "dashboard", head{Title: v.t("menu.dashboard"), Section: "dashboard", Wide: true}, d)
}

// boardFilter is what the dashboard is narrowed by: for who sees only his own, to what he sells, alone or with others.
func (v *visit) boardFilter() (figureFilter, error) {
	filter, err := v.figureFilter()
	filter.Query.Of = reports.BoardOf(v.Actor, filter.Query.Of)
	return filter, err
}

func (v *visit) dashboard() (dashboard, error) {
	filter, err := v.boardFilter()
	if err != nil {
		return dashboard{}, err
	}
	d := dashboard{Tabs: figureTabs{"dashboard"}, Filter: filter, Period: v.periodText(filter.Query.Period)}
	chosen := v.tiles()
	named := make([]string, len(chosen))
	for i, code := range chosen {
		named[i] = string(code)
	}
	question := filter.with("tiles", strings.Join(named, ","))
	d.PDF, d.Mail = v.link("/dashboard.pdf")+"?"+question, withValues(v.link("/schedules"), url.Values{"report": {"dashboard"}, "question": {question}})
	if seller := filter.Query.Of.Seller; seller != "" { // other pages are not narrowed by themselves: what a tile says stands where it leads to
		filter.Asked = maps.Clone(filter.Asked)
		filter.Asked.Set("seller", seller)
	}
	var all []kpi.Compared
	for _, code := range chosen {
		def, _ := kpi.Defined(code)
		q := filter.Query
		q.By = reports.TileBy(def, q.Period)
		found, err := v.module().KPIs.Compare(v.ctx(), []kpi.Code{code}, q)
		if err != nil {
			return d, err
		}
		all = append(all, found...)
		for _, one := range found {
			page := figurePage{Filter: filter, Name: def.Name(v.Locale.Language), ByName: q.By.In(v.Locale.Language), Path: v.link("/figures", string(code))}
			one.Rows = slices.Clone(one.Rows)
			if err := v.figureParts(&page, def, q.By, one.Figure); err != nil {
				return d, err
			}
			bars := page.Bars
			if len(bars.Rows) > 6 {
				bars.Rows, bars.Height = bars.Rows[:6], 6*barStep+4
			}
			d.Tiles = append(d.Tiles, tile{figureRow: v.figureRow(one, filter), Bars: bars, Lines: page.Lines, Trend: page.Trend, Rows: page.Rows, ByName: page.ByName})
		}
	}
	d.Unfit = v.unfit(chosen, all)
	return d, nil
}

// tileChoice is one figure that may stand on the dashboard, and where.
type tileChoice struct {
	Code, Name, Meaning string
	On                  bool
	Place               int
}

func (s *screens) askTiles(v *visit) error {
	var rows []tileChoice
	chosen := v.tiles()
	for _, d := range kpi.Definitions() {
		if !v.may(d.Right) {
			continue
		}
		place := slices.Index(chosen, d.Code)
		rows = append(rows, tileChoice{Code: string(d.Code), Name: d.Name(v.Locale.Language), Meaning: d.Meaning(v.Locale.Language), On: place >= 0, Place: place + 1})
	}
	slices.SortStableFunc(rows, func(a, b tileChoice) int {
		rank := func(t tileChoice) int {
			if t.On {
				return t.Place
			}
			return 1000
		}
		return cmp.Compare(rank(a), rank(b))
	})
	if v.part() && v.target() == "crm-dialog-body" {
		return v.fill(http.StatusOK, "dashboard_tiles", "dialog", rows)
	}
	return v.show(http.StatusOK, "dashboard_tiles", head{Title: v.t("dashboard.arrange"), Section: "dashboard", Wide: true, Crumbs: []crumb{{v.t("menu.dashboard"), v.link("/dashboard")}}}, rows)
}

// arrangeTiles keeps the figures that were ticked, in the order of the numbers beside them.
func (s *screens) arrangeTiles(v *visit) error {
	f := v.posted()
	type placed struct {
		code  string
		place int
	}
	var chosen []placed
	for _, d := range kpi.Definitions() {
		if f.on("on-" + string(d.Code)) {
			at := f.count("place-" + string(d.Code))
			if at <= 0 {
				at = 1000
			}
			chosen = append(chosen, placed{string(d.Code), at})
		}
	}
	slices.SortStableFunc(chosen, func(a, b placed) int { return cmp.Compare(a.place, b.place) })
	var list []string
	for _, c := range chosen {
		list = append(list, c.code)
	}
	if _, err := v.module().Settings.SetPreferences(v.ctx(), setting.Patch{Columns: map[string][]string{tilesList: list}}); err != nil {
		return err
	}
	v.done("dashboard.arranged")
	return v.redirect(v.link("/dashboard"))
}
