package web

import (
	"cmp"
	"context"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/reports/kpi"
	"github.com/crmplus/crmplus/reports/receipt"
)

func (s *screens) receiptRoutes() []route {
	return []route{
		{Pattern: "GET /receipts", Right: actor.OpportunityRead, Do: s.listReceipts},
		{Pattern: "GET /reports/receipts.xlsx", Right: actor.ReportRead, Do: s.downloadReceipts},
	}
}

// receiptPage shows what money will come in.
type receiptPage struct {
	Tabs    figureTabs
	Steps   []option
	Columns []receiptColumn
	Rows    []receiptRow
	Cards   []forecastCard
	Chart   lines
	Ages    []string
	Owed    string
	Items   []receiptItem
	// Behind names what Items are of; More says that there are more.
	Behind string
	More   bool
	// Known says whether what is owed is told; Partial that there is more than was read; Habits of how many customers it is
	// known how they pay.
	Known, Partial bool
	Habits         int
	Missing        []string
	Excel          string
}

type receiptColumn struct {
	Label, Path string
	Shown       bool
}

type receiptRow struct {
	Label, Hint string
	Cells       []string
}

type receiptItem struct {
	Name, Path, Customer, CustomerPath, Owner, Due, Expected, Note, Chance, Amount, Weighted string
	Deal                                                                                     bool
}

// receiptQuery reads what is asked for.
func (v *visit) receiptQuery() receipt.Query {
	q := receipt.Query{Step: receipt.ByMonth, FirstDay: firstWeekday(v.Locale.Language), Behind: receipt.Place(v.asked().text("behind"))}
	if v.asked().text("step") == string(receipt.ByWeek) {
		q.Step = receipt.ByWeek
	}
	if q.Behind == receipt.Everywhere {
		q.Behind = receipt.Nowhere
	}
	return q
}

func (s *screens) listReceipts(v *visit) error {
	q := v.receiptQuery()
	t, err := v.module().Receipts.Table(v.ctx(), q)
	if err != nil {
		return err
	}
	lang := v.Locale.Language
	d := receiptPage{
		Tabs: figureTabs{"receipts"}, Steps: v.options("receipt.step.", string(q.Step), string(receipt.ByWeek), string(receipt.ByMonth)), Known: t.Known, Partial: t.More, Habits: t.Habits, Missing: t.Missing,
		Excel: v.link("/reports/receipts.xlsx") + "?step=" + url.QueryEscape(string(q.Step)),
	}
	cells, labels := append(slices.Clone(t.Cells), t.Sum, t.Overdue, t.Undated, t.Later), []string{}
	column := func(label string, place receipt.Place) {
		c := receiptColumn{Label: label, Shown: place == q.Behind && place != receipt.Nowhere}
		if place != receipt.Nowhere {
			c.Path = v.link("/receipts") + "?" + url.Values{"step": {string(q.Step)}, "behind": {string(place)}}.Encode() + "#receipt-items"
		}
		if c.Shown {
			d.Behind = label
		}
		d.Columns = append(d.Columns, c)
	}
	for _, p := range t.Periods {
		label, tick := monthNumber(lang, p.First), p.First.String()[5:7]
		switch {
		case q.Step == receipt.ByWeek:
			label, tick = lang.Date(p.First), p.First.String()[5:]
		case len(labels) == 0 || p.First.Month == time.January:
			tick += " " + strconv.Itoa(p.First.Year)
		}
		column(label, receipt.Place(p.First.String()))
		labels = append(labels, tick)
	}
	column(v.t("forecast.sum"), receipt.Nowhere)
	for _, place := range []receipt.Place{receipt.Overdue, receipt.Undated, receipt.Later} {
		column(v.t("receipt."+string(place)), place)
	}
	var data []lineData
	for _, m := range []struct {
		name string
		of   func(receipt.Cell) money.Amount
	}{
		{"owed", func(c receipt.Cell) money.Amount { return c.Owed }},
		{"commit", func(c receipt.Cell) money.Amount { return c.Commit }},
		{"weighted", func(c receipt.Cell) money.Amount { return c.Weighted }},
		{"best", func(c receipt.Cell) money.Amount { return c.Best }},
	} {
		row := receiptRow{Label: v.t("receipt.show." + m.name), Hint: v.t("receipt.hint." + m.name)}
		for _, c := range cells {
			text := ""
			if a := m.of(c); !a.IsZero() {
				text = lang.Money(a, t.Currency)
			}
			row.Cells = append(row.Cells, text)
		}
		d.Rows = append(d.Rows, row)
		if m.name == "commit" {
			continue
		}
		line := lineData{Name: row.Label}
		for _, c := range t.Cells {
			line.Values, line.Texts = append(line.Values, m.of(c).Decimal), append(line.Texts, lang.Money(m.of(c), t.Currency))
		}
		data = append(data, line)
	}
	slices.Reverse(data) // the highest line first
	d.Chart = newLines(v.t("menu.receipts"), "", labels, data, kpi.AxisMoney(lang, t.Currency))
	var owed money.Amount
	for _, a := range t.Ages {
		owed = owed.Add(a.Owed)
		d.Ages = append(d.Ages, lang.Money(a.Owed, t.Currency))
	}
	d.Owed = lang.Money(owed, t.Currency)
	if t.Known {
		d.Cards = append(d.Cards, forecastCard{v.t("receipt.show.owed"), shortMoney(lang, owed, t.Currency)}, forecastCard{v.t("receipt.overdue"), shortMoney(lang, t.Overdue.Owed, t.Currency)})
	}
	d.Cards = append(d.Cards, forecastCard{v.t("receipt.show.commit"), shortMoney(lang, t.Sum.Commit, t.Currency)}, forecastCard{v.t("receipt.show.weighted"), shortMoney(lang, t.Sum.Weighted, t.Currency)},
		forecastCard{v.t("receipt.show.best"), shortMoney(lang, t.Sum.Best, t.Currency)})
	if err := v.receiptItems(&d, t); err != nil {
		return err
	}
	return v.show(http.StatusOK, "receipts", head{Title: v.t("menu.receipts"), Section: "dashboard", Wide: true}, d)
}

// mostReceipts is how many items the page lists; the workbook has all.
const mostReceipts = 200

func (v *visit) receiptItems(d *receiptPage, t receipt.Table) error {
	if len(t.Listed) == 0 {
		return nil
	}
	d.More = len(t.Listed) > mostReceipts
	list := t.Listed[:min(len(t.Listed), mostReceipts)]
	var keys []string
	for _, one := range list {
		if one.CustomerName == "" && !slices.Contains(keys, one.Customer) {
			keys = append(keys, one.Customer)
		}
	}
	customers, err := v.module().CustomerNames(v.ctx(), keys)
	if err != nil {
		return err
	}
	names, err := v.names()
	if err != nil {
		return err
	}
	lang := v.Locale.Language
	for _, one := range list {
		row := receiptItem{
			Name: one.Name, Path: v.s.documentLink(one.Document), Customer: cmp.Or(one.CustomerName, customers[one.Customer], one.Customer), Chance: lang.Percent(one.Chance),
			Amount: lang.Money(one.Amount, t.Currency), Weighted: lang.Money(one.Weighted, t.Currency),
		}
		if one.Customer != "" {
			row.CustomerPath = v.link("/customers", one.Customer)
		}
		if !one.Opportunity.IsZero() {
			row.Deal, row.Path, row.Owner = true, v.link("/opportunities", one.Opportunity.String()), nameIn(names, one.Owner)
		}
		if !one.Due.IsZero() {
			row.Due = lang.Date(one.Due)
		}
		if !one.Expected.IsZero() {
			row.Expected = lang.Date(one.Expected)
		}
		switch {
		case one.Net && one.Late > 0:
			row.Note = v.t("receipt.net") + " · " + v.t("receipt.late", one.Late)
		case one.Net:
			row.Note = v.t("receipt.net")
		case one.Late > 0:
			row.Note = v.t("receipt.late", one.Late)
		}
		d.Items = append(d.Items, row)
	}
	return nil
}

func (s *screens) downloadReceipts(v *visit) error {
	q := v.receiptQuery()
	book, err := v.figureBook(figureFilter{})
	if err != nil {
		return err
	}
	return v.download("receipts.xlsx", workbookMIME, func(ctx context.Context, w io.Writer) error {
		return s.module.Reports.Receipts(ctx, w, s.module.Receipts, q, book)
	})
}
