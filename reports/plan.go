package reports

import (
	"context"
	"io"
	"strconv"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/reports/kpi"
	"github.com/crmplus/crmplus/reports/quota"
	"github.com/crmplus/crmplus/reports/workbook"
)

// Plan writes the business plan of a year as a workbook: a row for each period of the company and of each group, ready
// for a pivot table, and the year of each with its sums. It needs actor.ReportRead.
func (r *Reports) Plan(ctx context.Context, w io.Writer, quotas *quota.Quotas, q quota.PlanQuery, b FigureBook) error {
	p, err := quotas.Plan(ctx, q)
	if err != nil {
		return err
	}
	return r.write(ctx, w, Query{Language: b.Language}, about("plan", "plan", strconv.Itoa(p.Year), b.Filter), func(l locale.Locale) []table {
		lines := [][2]string{{"period", strconv.Itoa(p.Year)}, {"filter", texts.T(l.Language, "measure."+string(p.Measure))}, {"currency", p.Currency}, {"made", moment(l, r.db.Now())}}
		return []table{coverOf(l, lines), planYear(l, p, b), planCells(l, p, b)}
	})
}

// figureColumn is money where the measure is, otherwise a number, with a sum below.
func figureColumn(l locale.Locale, key string, m quota.Measure) workbook.Column {
	if m.Money() {
		return amountColumn(l, key)
	}
	c := columns{l.Language}.of(key, workbook.KindQuantity)
	c.Total = workbook.Sum
	return c
}

func figureCell(l locale.Locale, d decimal.Decimal, m quota.Measure) workbook.Value {
	if m.Money() {
		return workbook.Money(money.NewAmount(d), l.Currency)
	}
	return workbook.Quantity(money.NewQuantity(d))
}

func planSubject(l locale.Locale, kind quota.Kind, subject string, b FigureBook) workbook.Value {
	if kind == quota.Company {
		return workbook.Text(texts.T(l.Language, "plan.company"))
	}
	return workbook.Text(b.label(kpi.ProductGroup, subject, subject))
}

// planYear has the groups' years; the company's own row stands in the sheet of periods, so that the sums are of groups.
func planYear(l locale.Locale, p quota.Plan, b FigureBook) table {
	c := columns{l.Language}
	cols := []workbook.Column{c.text("part"), figureColumn(l, "target", p.Measure), figureColumn(l, "attained", p.Measure), c.percent("share"), c.percent("pace")}
	var rows [][]workbook.Value
	for _, r := range p.Rows {
		if r.Kind == quota.ProductGroup {
			rows = append(rows, []workbook.Value{planSubject(l, r.Kind, r.Subject, b), figureCell(l, r.Target.Decimal, p.Measure), figureCell(l, r.Attained, p.Measure), workbook.Percent(r.Now.Share), workbook.Percent(r.Now.Pace)})
		}
	}
	out := sheetOf(l, "plan", cols, rows)
	out.charts = []workbook.Chart{{Kind: workbook.BarChart, Title: texts.T(l.Language, "report.plan"), Category: "part", Values: []string{"target", "attained"}}}
	return out
}

func planCells(l locale.Locale, p quota.Plan, b FigureBook) table {
	c := columns{l.Language}
	cols := []workbook.Column{c.text("part"), c.date("first"), c.date("last"), figureColumn(l, "target", p.Measure), figureColumn(l, "attained", p.Measure), c.percent("share"), figureColumn(l, "gap", p.Measure)}
	for i := range cols {
		cols[i].Total = workbook.None // the company and its groups are no sum
	}
	var rows [][]workbook.Value
	for _, r := range p.Rows {
		for i, cell := range r.Cells {
			row := []workbook.Value{planSubject(l, r.Kind, r.Subject, b), workbook.Date(p.Periods[i].First), workbook.Date(p.Periods[i].Last), workbook.Empty(), figureCell(l, cell.Attained, p.Measure), workbook.Empty(), workbook.Empty()}
			if cell.Target.IsPositive() {
				row[3], row[5], row[6] = figureCell(l, cell.Target.Decimal, p.Measure), workbook.Percent(cell.Share), figureCell(l, cell.Gap, p.Measure)
			}
			rows = append(rows, row)
		}
	}
	return sheetOf(l, "periods", cols, rows)
}

// planTexts are the words of the workbook of the plan.
var planTexts = locale.Texts{
	"report.plan":    locale.Row("Üzleti terv", "Business plan", "תוכנית עסקית", "Бизнес-план", "Επιχειρηματικό πλάνο"),
	"sheet.plan":     locale.Row("Termékcsoportok", "Product groups", "קבוצות מוצרים", "Группы товаров", "Ομάδες προϊόντων"),
	"sheet.periods":  locale.Row("Időszakok", "Periods", "תקופות", "Периоды", "Περίοδοι"),
	"plan.company":   locale.Row("Az egész cég", "The whole company", "החברה כולה", "Вся компания", "Όλη η εταιρεία"),
	"measure.margin": locale.Row("Fedezet", "Margin", "רווח גולמי", "Маржа", "Περιθώριο"),
}
