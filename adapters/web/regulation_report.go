package web

import (
	"cmp"
	"context"
	"io"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/regulation"
	"github.com/crmplus/crmplus/crm/store"
)

// regulationReport is the page of who kept the limits between two steps.
type regulationReport struct {
	Tabs    figureTabs
	Filter  figureFilter
	Rows    []keptLine
	Sellers bars
	Months  lines
	Trend   bool
	Open    []passageRow
	// All is the page of all that is open, None the page on which limits are set.
	All, Excel, None string
}

// keptLine is how one regulation, or one seller, was kept.
type keptLine struct {
	Name, Share, Mean, Mood string
	Bar                     int64
	Kept, Broken            int64
	Path, KeptAt, BrokenAt  string

	seconds, ended int64
}

func (k *keptLine) add(r regulation.Result) {
	k.Kept, k.Broken, k.seconds, k.ended = k.Kept+r.Kept, k.Broken+r.Broken, k.seconds+r.Seconds, k.ended+r.Ended
}

func (k keptLine) share() decimal.Decimal {
	if k.Kept+k.Broken == 0 {
		return decimal.Zero
	}
	return decimal.NewFromInt(100*k.Kept).DivRound(decimal.NewFromInt(k.Kept+k.Broken), 1)
}

// dress writes the figures for people.
func (v *visit) dress(k *keptLine) {
	share := k.share()
	k.Share, k.Bar, k.Mood, k.Mean = v.Locale.Language.Percent(money.NewPercent(share)), share.IntPart(), "bad", "–"
	switch {
	case k.Bar >= 90:
		k.Mood = "good"
	case k.Bar >= 75:
		k.Mood = "watch"
	}
	if k.ended > 0 {
		k.Mean = v.workText(k.seconds / k.ended)
	}
}

// passageFilter is what the page is narrowed by.
func (v *visit) passageFilter(f figureFilter) regulation.Filter {
	out := regulation.Filter{From: f.Query.Period.First.Time(v.companyZone()), Until: f.Query.Period.Last.AddDays(1).Time(v.companyZone()), Owner: f.Query.Of.Seller}
	out.Regulation, _ = store.ParseKey[regulation.Tag](f.Form.text("regulation"))
	return out
}

// companyZone is where the company's months begin.
func (v *visit) companyZone() *time.Location {
	return v.module().Parties.Locale(v.Actor.Company).Location()
}

func (s *screens) reportRegulations(v *visit) error {
	filter, err := v.figureFilter()
	if err != nil {
		return err
	}
	found, err := v.module().Regulations.Results(v.ctx(), v.passageFilter(filter))
	if err != nil {
		return err
	}
	names, err := v.names()
	if err != nil {
		return err
	}
	d := regulationReport{Tabs: figureTabs{"regulations"}, Filter: filter, Excel: withValues(v.link("/reports/regulations.xlsx"), filter.Asked), All: v.link("/regulations/rows") + "?" + onlyOf(filter, "standing", "open"), None: v.link(regulationPage)}
	rows := v.link("/regulations/rows")
	var all []*keptLine
	of := map[regulation.ID]*keptLine{}
	sellers, months := map[string]*keptLine{}, map[time.Time]*keptLine{}
	for _, r := range found {
		one := of[r.Regulation]
		if one == nil {
			asked := func(standing regulation.Standing) string {
				return rows + "?" + filter.with("regulation", r.Regulation.String(), "standing", string(standing))
			}
			one = &keptLine{Name: r.Name, Path: rows + "?" + filter.with("regulation", r.Regulation.String()), KeptAt: asked(regulation.Kept), BrokenAt: asked(regulation.Broken)}
			of[r.Regulation], all = one, append(all, one)
		}
		if sellers[r.Owner] == nil {
			sellers[r.Owner] = &keptLine{Name: firstText(nameIn(names, r.Owner), v.t("owner.none")), Path: rows + "?" + filter.with("seller", r.Owner)}
		}
		one.add(r)
		sellers[r.Owner].add(r)
		if r.Month.After(v.s.now()) { // kept before its time; how that month will be is not known
			continue
		}
		if months[r.Month] == nil {
			months[r.Month] = &keptLine{}
		}
		months[r.Month].add(r)
	}
	for _, one := range all {
		v.dress(one)
		d.Rows = append(d.Rows, *one)
	}
	d.Sellers, d.Months, d.Trend = v.keptBars(sellers), v.keptLines(months), len(months) > 1
	running, err := v.module().Regulations.List(v.ctx(), regulation.Filter{Owner: filter.Query.Of.Seller, Standing: regulation.Late, Page: store.Page{Limit: 8}})
	if err != nil {
		return err
	}
	ahead, err := v.module().Regulations.List(v.ctx(), regulation.Filter{Owner: filter.Query.Of.Seller, Standing: regulation.Open, Page: store.Page{Limit: 12 - len(running.Rows)}})
	if err != nil {
		return err
	}
	for _, r := range slices.Concat(running.Rows, ahead.Rows) {
		d.Open = append(d.Open, v.passageRow(r, names))
	}
	return v.show(filter.Form.statusOf(), "regulations", head{Title: v.t("menu.regulations"), Section: "dashboard", Wide: true}, d)
}

// onlyOf is a query with the filter's seller alone, for what is not bound to a period.
func onlyOf(f figureFilter, pairs ...string) string {
	out := url.Values{}
	if f.Query.Of.Seller != "" {
		out.Set("seller", f.Query.Of.Seller)
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		out.Set(pairs[i], pairs[i+1])
	}
	return out.Encode()
}

func (v *visit) keptBars(sellers map[string]*keptLine) bars {
	var list []*keptLine
	for _, one := range sellers {
		v.dress(one)
		list = append(list, one)
	}
	slices.SortFunc(list, func(a, b *keptLine) int {
		return cmp.Or(b.share().Cmp(a.share()), cmp.Compare(b.Kept, a.Kept), strings.Compare(a.Name, b.Name))
	})
	var rows []barRow
	var sizes []decimal.Decimal
	for _, one := range list[:min(len(list), mostBars)] {
		rows = append(rows, barRow{Label: clip(one.Name, 20), Value: one.Share, Note: v.t("regulations.of", one.Kept, one.Kept+one.Broken), Path: one.Path})
		sizes = append(sizes, one.share())
	}
	return newBars(v.t("regulations.by_seller"), v.t("regulations.share"), rows, sizes)
}

func (v *visit) keptLines(months map[time.Time]*keptLine) lines {
	var order []time.Time
	for at := range months {
		order = append(order, at)
	}
	slices.SortFunc(order, time.Time.Compare)
	data := lineData{}
	var labels []string
	for i, at := range order {
		label := at.Format("01")
		if i == 0 || label == "01" {
			label += " " + at.Format("2006")
		}
		one := months[at]
		v.dress(one)
		labels, data.Values, data.Texts = append(labels, label), append(data.Values, one.share()), append(data.Texts, one.Share)
	}
	return newLines(v.t("regulations.by_month"), v.t("regulations.share"), labels, []lineData{data}, func(value, _ decimal.Decimal) string {
		return v.Locale.Language.Percent(money.NewPercent(value))
	})
}

// passageRow is one passage for people.
type passageRow struct {
	Name, Regulation, Owner, Path string
	Standing, Mood                string
	// Left is the working time until the limit, or after it.
	Left            string
	Start, Due, End time.Time
	Spent           string
}

var standingMoods = map[regulation.Standing]string{regulation.Kept: "good", regulation.Broken: "bad", regulation.Late: "bad", regulation.Open: "busy", regulation.Void: "quiet"}

func (v *visit) passageRow(r regulation.Row, names map[string]string) passageRow {
	standing := r.Standing(v.s.now())
	row := passageRow{
		Name: r.Name, Regulation: r.RuleName, Owner: nameIn(names, r.OwnerUser), Standing: standing.In(v.Locale.Language), Mood: standingMoods[standing], Start: r.StartedAt, Due: r.DueAt, End: r.StoppedAt,
		Path: v.link(recordPages[r.Noun], r.RecordID.String()),
	}
	switch standing {
	case regulation.Open:
		row.Left = v.workText(int64(r.Left / time.Second))
	case regulation.Late:
		row.Left = v.t("regulations.over", v.workText(int64(-r.Left/time.Second)))
	case regulation.Kept, regulation.Broken:
		row.Spent = v.workText(r.Spent)
	case regulation.Void:
	}
	return row
}

// passageList lists passages.
type passageList struct {
	Tabs        figureTabs
	Period      string
	Standings   []option
	Regulations []option
	Filter      figureFilter
	Rows        []passageRow
	First, Next string
}

func (s *screens) listPassages(v *visit) error {
	filter, err := v.figureFilter()
	if err != nil {
		return err
	}
	f := filter.Form
	q := v.passageFilter(filter)
	q.Standing, q.Page = regulation.Standing(f.text("standing")), store.Page{After: f.text("after"), Limit: salePage}
	if q.Standing == regulation.Open || q.Standing == regulation.Late { // of whatever day
		q.From, q.Until = time.Time{}, time.Time{}
	}
	found, err := v.module().Regulations.List(v.ctx(), q)
	if err != nil {
		return err
	}
	names, err := v.names()
	if err != nil {
		return err
	}
	doc, err := v.module().Regulations.Plan(v.ctx())
	if err != nil {
		return err
	}
	d := passageList{Tabs: figureTabs{"regulations"}, Filter: filter, Period: v.periodText(filter.Query.Period), Standings: []option{{Label: v.t("regulations.standings")}}, Regulations: []option{{Label: v.t("regulations.all")}}}
	for _, one := range regulation.Standings {
		d.Standings = append(d.Standings, option{Value: string(one), Label: one.In(v.Locale.Language), On: one == q.Standing})
	}
	for _, one := range doc.Plan.Regulations {
		d.Regulations = append(d.Regulations, option{Value: one.ID.String(), Label: one.Name, On: one.ID == q.Regulation})
	}
	for _, r := range found.Rows {
		d.Rows = append(d.Rows, v.passageRow(r, names))
	}
	if found.Next != "" {
		d.Next = addressWith(v.r.URL, "after", found.Next)
	}
	if f.text("after") != "" {
		d.First = addressWith(v.r.URL, "after", "")
	}
	return v.show(f.statusOf(), "regulation_rows", head{Title: v.t("regulations.rows"), Section: "dashboard", Wide: true, Crumbs: []crumb{{v.t("menu.regulations"), v.link("/regulations") + "?" + filter.with()}}}, d)
}

func (s *screens) downloadRegulations(v *visit) error {
	filter, err := v.figureFilter()
	if err != nil {
		return err
	}
	book, err := v.figureBook(filter)
	if err != nil {
		return err
	}
	return v.download("regulations.xlsx", workbookMIME, func(ctx context.Context, w io.Writer) error {
		return s.module.Reports.Regulations(ctx, w, s.module.Regulations, v.passageFilter(filter), book)
	})
}
