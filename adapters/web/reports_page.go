package web

import (
	"context"
	"io"
	"time"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/reports"
	"github.com/crmplus/crmplus/reports/kpi"
)

func (s *screens) reportRoutes() []route {
	return []route{
		{Pattern: "GET /reports", Right: actor.ReportRead, Do: s.showReports},
		{Pattern: "GET /reports/{name}", Right: actor.ReportRead, Do: s.downloadReport},
	}
}

// reportPage shows the pipeline and the last twelve months, each as a picture and as a table, and gives the
// workbooks.
type reportPage struct {
	Form      *input
	Currency  string
	Funnel    bars
	Stages    []funnelRow
	Trend     lines
	Months    []monthRow
	Open, Won string
	Count     int
}

type funnelRow struct {
	Stage, Sum, Others, Path string
	Count, Entered           int
}

type monthRow struct{ Month, Created, Won, Lost string }

func (s *screens) showReports(v *visit) error { return s.drawReports(v, v.blank("from", "", "to", "")) }

func (s *screens) drawReports(v *visit, f *input) error {
	d := reportPage{Form: f, Currency: v.Locale.Currency}
	if err := v.funnel(&d); err != nil {
		return err
	}
	if err := v.trend(&d); err != nil {
		return err
	}
	return v.show(f.statusOf(), "reports", head{Title: v.t("menu.reports"), Section: "reports"}, d)
}

// funnel draws the open stages of the first pipeline. Amounts of other currencies than the company's stand
// beside the bars and are not added to them.
func (v *visit) funnel(d *reportPage) error {
	stages, err := v.module().Reports.Funnel(v.ctx(), reports.FunnelQuery{})
	if err != nil {
		return err
	}
	var rows []barRow
	var sizes []decimal.Decimal
	total := money.Amount{}
	lang := v.Locale.Language
	for _, st := range stages {
		if st.Kind != opportunity.Open || st.PipelineID != stages[0].PipelineID {
			continue
		}
		sum, others := v.ownAndOthers(st.Open)
		total = total.Add(sum)
		path := v.link("/opportunities") + "?as=list&stage=" + st.StageID.String()
		rows = append(rows, barRow{Label: clip(st.Stage, 22), Value: shortMoney(lang, sum, d.Currency), Note: countText(lang, st.Count), Path: path})
		sizes = append(sizes, sum.Decimal)
		d.Stages = append(d.Stages, funnelRow{Stage: st.Stage, Count: st.Count, Entered: st.Entered, Sum: lang.Money(sum, d.Currency), Others: others, Path: path})
		d.Count += st.Count
	}
	d.Open = lang.Money(total, d.Currency)
	d.Funnel = newBars(v.t("reports.funnel"), v.t("reports.funnel.is", d.Count, d.Open), rows, sizes)
	return nil
}

// ownAndOthers splits sums into that of the company's currency, and the words of all others.
func (v *visit) ownAndOthers(sums []reports.Sum) (own money.Amount, others string) {
	for _, s := range sums {
		if s.Currency == v.Locale.Currency {
			own = s.Revenue
			continue
		}
		if others != "" {
			others += ", "
		}
		others += v.Locale.Language.Money(s.Revenue, s.Currency)
	}
	return own, others
}

func (v *visit) trend(d *reportPage) error {
	months, err := v.module().Reports.Trend(v.ctx(), reports.TrendQuery{})
	if err != nil {
		return err
	}
	created, won, lost := lineData{Name: v.t("reports.created")}, lineData{Name: v.t("reports.won")}, lineData{Name: v.t("reports.lost")}
	var labels []string
	total := money.Amount{}
	lang := v.Locale.Language
	for i, m := range months {
		label := time.Date(m.First.Year, m.First.Month, 1, 0, 0, 0, 0, time.UTC).Format("01")
		if i == 0 || m.First.Month == time.January {
			label += " " + m.First.String()[:4]
		}
		labels = append(labels, label)
		row := monthRow{Month: m.First.String()[:7]}
		for _, one := range []struct {
			sums []reports.Sum
			line *lineData
			text *string
		}{{m.Created, &created, &row.Created}, {m.Won, &won, &row.Won}, {m.Lost, &lost, &row.Lost}} {
			sum, others := v.ownAndOthers(one.sums)
			*one.text = lang.Money(sum, d.Currency)
			if others != "" {
				*one.text += " + " + others
			}
			one.line.Values = append(one.line.Values, sum.Decimal)
			one.line.Texts = append(one.line.Texts, *one.text)
		}
		sum, _ := v.ownAndOthers(m.Won)
		total = total.Add(sum)
		d.Months = append(d.Months, row)
	}
	d.Won = lang.Money(total, d.Currency)
	d.Trend = newLines(v.t("reports.trend"), v.t("reports.trend.is", d.Won), labels, []lineData{created, won, lost}, kpi.AxisMoney(lang, d.Currency))
	return nil
}

// downloadReport writes a report in the reader's language.
func (s *screens) downloadReport(v *visit) error {
	all := s.module.Reports
	known := map[string]struct {
		mime  string
		write func(ctx context.Context, w io.Writer, q reports.Query) error
	}{
		"sales.xlsx": {workbookMIME, all.Sales}, "leads.xlsx": {workbookMIME, all.Leads}, "leads.csv": {"text/csv; charset=utf-8", all.LeadsCSV},
	}
	name := v.r.PathValue("name")
	report, ok := known[name]
	if !ok {
		return errNoPage
	}
	f := v.asked()
	book, err := v.figureBook(figureFilter{})
	if err != nil {
		return err
	}
	query := reports.Query{Language: v.Locale.Language, Label: book.Label}
	if from := f.day("from"); !from.IsZero() {
		query.Period.From = from.Time(v.zone())
	}
	if to := f.day("to"); !to.IsZero() {
		query.Period.To = to.AddDays(1).Time(v.zone())
	}
	if f.bad() {
		return s.drawReports(v, f)
	}
	err = v.download(name, report.mime, func(ctx context.Context, w io.Writer) error { return report.write(ctx, w, query) })
	if err != nil {
		if err := v.refuse(f, err); err != nil {
			return err
		}
		return s.drawReports(v, f)
	}
	return nil
}

var reportTexts = locale.Texts{
	"reports.funnel":    locale.Row("Nyitott lehetőségek szakaszonként", "Open opportunities by stage", "הזדמנויות פתוחות לפי שלב", "Открытые сделки по этапам", "Ανοικτές ευκαιρίες ανά στάδιο"),
	"reports.funnel.is": locale.Row("%d lehetőség, összesen %s", "%d opportunities, %s in all", "%d הזדמנויות, סך הכול %s", "сделок: %d, всего %s", "%d ευκαιρίες, σύνολο %s"),
	"reports.trend":     locale.Row("Az utolsó tizenkét hónap", "The last twelve months", "שנים-עשר החודשים האחרונים", "Последние двенадцать месяцев", "Οι τελευταίοι δώδεκα μήνες"),
	"reports.trend.is":  locale.Row("megnyert összesen %s", "%s won in all", "סך זכיות %s", "всего выиграно %s", "κερδισμένα συνολικά %s"),
	"reports.created":   locale.Row("új", "created", "נוצרו", "создано", "νέες"),
	"reports.won":       locale.Row("megnyert", "won", "זכיות", "выиграно", "κερδισμένες"),
	"reports.lost":      locale.Row("elvesztett", "lost", "הפסדים", "проиграно", "χαμένες"),
	"reports.table":     locale.Row("Táblázat", "Table", "טבלה", "Таблица", "Πίνακας"),
	"reports.stage":     locale.Row("Szakasz", "Stage", "שלב", "Этап", "Στάδιο"),
	"reports.count":     locale.Row("Darab", "Count", "כמות", "Количество", "Πλήθος"),
	"reports.entered":   locale.Row("Valaha itt", "Ever here", "היו כאן", "Были здесь", "Πέρασαν"),
	"reports.sum":       locale.Row("Összeg", "Sum", "סכום", "Сумма", "Ποσό"),
	"reports.others":    locale.Row("Más pénznemben", "In other currencies", "במטבעות אחרים", "В других валютах", "Σε άλλα νομίσματα"),
	"reports.month":     locale.Row("Hónap", "Month", "חודש", "Месяц", "Μήνας"),
	"reports.open":      locale.Row("Nyitott érték", "Open value", "ערך פתוח", "Открытая сумма", "Ανοικτή αξία"),
	"reports.won.12":    locale.Row("Megnyert, 12 hónap", "Won, 12 months", "זכיות, 12 חודשים", "Выиграно за 12 месяцев", "Κερδισμένα, 12 μήνες"),
	"reports.deals":     locale.Row("Nyitott lehetőség", "Open opportunities", "הזדמנויות פתוחות", "Открытых сделок", "Ανοικτές ευκαιρίες"),
	"reports.excel":     locale.Row("Munkafüzetek", "Workbooks", "חוברות עבודה", "Рабочие книги", "Βιβλία εργασίας"),
	"reports.from":      locale.Row("Ettől", "From", "מתאריך", "С", "Από"),
	"reports.to":        locale.Row("Eddig", "To", "עד תאריך", "По", "Έως"),
	"reports.intro":     locale.Row("Üres időszak: minden.", "An empty period means everything.", "תקופה ריקה: הכול.", "Пустой период: всё.", "Κενή περίοδος: όλα."),
	"reports.sales":     locale.Row("Értékesítés (xlsx)", "Sales (xlsx)", "מכירות (xlsx)", "Продажи (xlsx)", "Πωλήσεις (xlsx)"),
	"reports.leads":     locale.Row("Érdeklődők (xlsx)", "Leads (xlsx)", "לידים (xlsx)", "Лиды (xlsx)", "Υποψήφιοι (xlsx)"),
	"reports.csv":       locale.Row("Érdeklődők (csv)", "Leads (csv)", "לידים (csv)", "Лиды (csv)", "Υποψήφιοι (csv)"),
}
