package reports

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/reports/kpi"
	"github.com/crmplus/crmplus/reports/retention"
	"github.com/crmplus/crmplus/reports/workbook"
)

// Retention writes who of the host's customers ordered again as a workbook: a row for each period, with the shares as
// formulas over its counts and sums, every customer of the last period that is over, and the cohorts, as a table to read and as
// rows for a pivot table. It needs actor.ReportRead.
func (r *Reports) Retention(ctx context.Context, w io.Writer, kpis *kpi.KPIs, q kpi.RetentionQuery, b CustomerBook) error {
	a, err := actor.From(ctx)
	if err != nil {
		return err
	}
	t, err := kpis.Retention(ctx, q)
	if err != nil {
		return err
	}
	cohorts, err := kpis.Cohorts(ctx, q)
	if err != nil {
		return err
	}
	l := r.localeOf(a, b.Language)
	lines := [][2]string{{"filter", b.Filter}, {"currency", t.Currency}, {"missing", strings.Join(t.Missing, ", ")}, {"note", t.Why.In(l.Language)}}
	if t.Why == "" {
		lines = append(lines, [2]string{"known_from", l.Language.Date(t.KnownFrom)}, [2]string{"counted_on", l.Language.Date(t.CountedOn)})
	}
	tables := []table{coverOf(l, append(lines, [2]string{"made", moment(l, r.db.Now())}))}
	if t.Why == "" {
		tables = append(tables, retentionSheet(l, t))
		for i := len(t.Periods) - 1; i >= 0; i-- {
			if p := t.Periods[i]; !p.Running && p.Known {
				tables = append(tables, r.retained(l, kpis, p, q.Of, b))
				break
			}
		}
		tables = append(tables, cohortSheet(l, cohorts), cohortRows(l, cohorts))
	}
	what := about("retention", "retention", b.Filter)
	made, err := r.fill(ctx, nil, bookOptions(a, l, what, r.db.Now()), tables) // names are the host's: nobody waits for them inside a transaction
	if err != nil {
		return err
	}
	return r.hand(ctx, w, what, made)
}

// plainly are columns without sums: what periods add up to says nothing.
func plainly(list ...workbook.Column) []workbook.Column {
	for i := range list {
		list[i].Total = workbook.None
	}
	return list
}

// retentionSheet has a row for each period.
func retentionSheet(l locale.Locale, t kpi.Retention) table {
	c := columns{l.Language}
	cols := []workbook.Column{c.text("time"), c.text("period_state")}
	for _, code := range kpi.OrderCodes {
		d, _ := kpi.Defined(code)
		one := c.percent(string(code))
		one.Heading = d.Name(l.Language)
		cols = append(cols, one)
	}
	cols = append(cols, c.count("at_risk"), c.count("again"), c.count("gone"), c.count("fresh"))
	for _, key := range []string{"was", "lost", "less", "more", "fresh_net", "ordered_net"} {
		cols = append(cols, amountColumn(l, key))
	}
	cols = append(cols, c.date("first"), c.date("last"))
	var rows [][]workbook.Value
	for i, p := range t.Periods {
		row := make([]workbook.Value, 2, len(cols))
		row[0] = workbook.Text(monthSpan(p.Period))
		switch {
		case p.Running:
			row[1] = workbook.Text(texts.T(l.Language, "retention.running"))
		case !p.Known:
			row[1] = workbook.Text(kpi.Unknown.In(l.Language))
		}
		if p.Known {
			row = retentionCells(l, row, p, func(column int) string { return cellAt(column, i) })
		}
		row = append(row, make([]workbook.Value, len(cols)-2-len(row))...)
		rows = append(rows, append(row, workbook.Date(p.First), workbook.Date(p.Last)))
	}
	out := sheetOf(l, "retention", plainly(cols...), rows)
	out.charts = []workbook.Chart{{Kind: workbook.ColumnChart, Title: texts.T(l.Language, "report.retention"), Category: "time", Values: []string{string(kpi.OrderRetention), string(kpi.NetRevenueRetention)}}}
	return out
}

// retentionCells are the shares of a period, as formulas over the counts and sums behind them.
func retentionCells(l locale.Locale, row []workbook.Value, p kpi.RetentionPeriod, at func(column int) string) []workbook.Value {
	formulas := []string{at(7) + "/" + at(6), at(8) + "/" + at(6), at(11) + "/" + at(10), "(" + at(10) + "-" + at(11) + "-" + at(12) + "+" + at(13) + ")/" + at(10)}
	for n, value := range p.Values {
		cell := workbook.Empty()
		if value.Known {
			cell = workbook.Computed(workbook.Percent(money.NewPercent(value.Round(2))), "ROUND("+formulas[n]+",4)")
		}
		row = append(row, cell)
	}
	s := p.Sums
	for _, n := range []int64{s.AtRisk, s.Again, s.Gone(), s.Fresh} {
		row = append(row, workbook.Integer(n))
	}
	for _, sum := range []money.Amount{s.Was, s.Lost, s.Less, s.More, s.FreshNet, s.Net()} {
		row = append(row, workbook.Money(sum, l.Currency))
	}
	return row
}

// monthSpan names a period of whole months by its ends: 2026-07 – 2026-09.
func monthSpan(p kpi.Period) string {
	first, last := p.First.String()[:7], p.Last.String()[:7]
	if first == last {
		return first
	}
	return first + " – " + last
}

// retained lists the customers of a period and of the one before.
func (r *Reports) retained(l locale.Locale, kpis *kpi.KPIs, p kpi.RetentionPeriod, of kpi.Filter, b CustomerBook) table {
	c := columns{l.Language}
	cols := []workbook.Column{c.text("customer_key"), c.text("customer"), c.text("owner"), c.text("class"), c.text("happened"), amountColumn(l, "was"), amountColumn(l, "now_net"), amountColumn(l, "moved"), c.date("last_month")}
	return table{name: texts.T(l.Language, "sheet.retained") + " " + p.First.String()[:7], columns: cols, rows: func(ctx context.Context, _ *store.Session, each func(...workbook.Value) error) error {
		for _, kind := range []retention.Kind{retention.AtRisk, retention.Fresh} {
			for page := (store.Page{Limit: store.MaxLimit}); ; {
				found, err := kpis.Customers(ctx, kpi.CustomersQuery{Period: p.Period, Of: of, Kind: kind, Page: page})
				if err != nil {
					return err
				}
				rows, err := call(ctx, b, found.Rows, func(c retention.Customer) (key, name string) { return c.Key, c.Name })
				if err != nil {
					return err
				}
				for _, one := range rows {
					err := each(workbook.Text(one.row.Key), workbook.Text(one.name), b.Label.of(kpi.Seller, one.row.Owner), workbook.Text(one.row.Class), workbook.Text(texts.T(l.Language, "column."+cameOf(kind, one.row))),
						workbook.Money(one.row.Was, l.Currency), workbook.Money(one.row.Net, l.Currency), workbook.Money(one.row.Net.Sub(one.row.Was), l.Currency), workbook.Date(one.row.Last))
					if err != nil {
						return err
					}
				}
				if page.After = found.Next; page.After == "" {
					break
				}
			}
		}
		return nil
	}}
}

// cameOf says what a customer did: came again, stayed away or was not there before.
func cameOf(kind retention.Kind, c retention.Customer) string {
	switch {
	case kind == retention.Fresh:
		return "fresh"
	case c.Again:
		return "again"
	}
	return "gone"
}

// cohortSheet is the cohorts as people read them: a row for each, a column for each later period.
func cohortSheet(l locale.Locale, t kpi.Cohorts) table {
	c := columns{l.Language}
	cols := []workbook.Column{c.date("first_order"), c.text("cohort_note"), c.count("customers")}
	most := 0
	for _, one := range t.Cohorts {
		most = max(most, len(one.Turns))
	}
	for n := 1; n < most; n++ {
		one := c.percent(fmt.Sprintf("turn%d", n))
		one.Heading, one.Places = fmt.Sprintf("+%d", n), 1
		cols = append(cols, one)
	}
	var rows [][]workbook.Value
	for _, one := range t.Cohorts {
		note := workbook.Empty()
		if one.Earlier {
			note = workbook.Text(texts.T(l.Language, "cohort.earlier"))
		}
		row := []workbook.Value{workbook.Date(one.First), note, workbook.Integer(one.Customers())}
		for n := 1; n < most; n++ {
			cell := workbook.Empty()
			if n < len(one.Turns) && one.Customers() > 0 {
				cell = workbook.Percent(money.NewPercent(decimal.NewFromInt(one.Turns[n].Customers).Shift(2).DivRound(decimal.NewFromInt(one.Customers()), 1)))
			}
			row = append(row, cell)
		}
		rows = append(rows, row)
	}
	return sheetOf(l, "cohorts", plainly(cols...), rows)
}

// cohortRows are the cohorts period by period.
func cohortRows(l locale.Locale, t kpi.Cohorts) table {
	c := columns{l.Language}
	cols := []workbook.Column{c.date("first_order"), c.date("ordered_in"), c.of("turn", workbook.KindInteger), c.count("cohort_size"), c.count("customers"), amountColumn(l, "ordered_net")}
	var rows [][]workbook.Value
	for _, one := range t.Cohorts {
		for n, turn := range one.Turns {
			rows = append(rows, []workbook.Value{
				workbook.Date(one.First), workbook.Date(retention.Months(one.First, n*t.Step)), workbook.Integer(int64(n)), workbook.Integer(one.Customers()), workbook.Integer(turn.Customers), workbook.Money(turn.Net, l.Currency),
			})
		}
	}
	return sheetOf(l, "cohort_rows", plainly(cols...), rows)
}

// retentionTexts are the words of the workbook of who ordered again.
var retentionTexts = locale.Texts{
	"report.retention":    locale.Row("Vevőmegtartás", "Customer retention", "שימור לקוחות", "Удержание клиентов", "Διατήρηση πελατών"),
	"sheet.retention":     locale.Row("Megtartás", "Retention", "שימור", "Удержание", "Διατήρηση"),
	"sheet.retained":      locale.Row("Vevők", "Customers", "לקוחות", "Клиенты", "Πελάτες"),
	"sheet.cohorts":       locale.Row("Első rendelés szerint", "By first order", "לפי הזמנה ראשונה", "По первому заказу", "Κατά πρώτη παραγγελία"),
	"sheet.cohort_rows":   locale.Row("Első rendelés, sorok", "By first order, rows", "הזמנה ראשונה, שורות", "Первый заказ, строки", "Πρώτη παραγγελία, γραμμές"),
	"cover.known_from":    locale.Row("Rendelések ettől", "Orders from", "הזמנות החל מ", "Заказы с", "Παραγγελίες από"),
	"cover.counted_on":    locale.Row("Számolva", "Counted on", "חושב ב", "Посчитано", "Υπολογίστηκε"),
	"column.period_state": locale.Row("Megjegyzés", "Note", "הערה", "Примечание", "Σημείωση"),
	"column.at_risk":      locale.Row("Előző időszak vevői", "Customers of the period before", "לקוחות התקופה הקודמת", "Клиенты прошлого периода", "Πελάτες προηγούμενης περιόδου"),
	"column.again":        locale.Row("Újra rendelt", "Ordered again", "הזמינו שוב", "Заказали снова", "Παρήγγειλαν ξανά"),
	"column.gone":         locale.Row("Elmaradt", "Stayed away", "לא חזרו", "Не вернулись", "Δεν επέστρεψαν"),
	"column.fresh":        locale.Row("Új vagy visszatért", "New or back", "חדשים או חוזרים", "Новые или вернувшиеся", "Νέοι ή επέστρεψαν"),
	"column.was":          locale.Row("Előző időszak, nettó", "Period before, net", "תקופה קודמת, נטו", "Прошлый период, без НДС", "Προηγούμενη περίοδος, καθαρά"),
	"column.lost":         locale.Row("Elmaradtaké", "Of those who stayed away", "של מי שלא חזרו", "Не вернувшихся", "Όσων δεν επέστρεψαν"),
	"column.less":         locale.Row("Kevesebbet vettek", "Ordered less by", "הזמינו פחות ב", "Заказали меньше на", "Λιγότερα κατά"),
	"column.more":         locale.Row("Többet vettek", "Ordered more by", "הזמינו יותר ב", "Заказали больше на", "Περισσότερα κατά"),
	"column.fresh_net":    locale.Row("Újaké, visszatérőké", "Of new and returned", "של חדשים וחוזרים", "Новых и вернувшихся", "Νέων και όσων επέστρεψαν"),
	"column.ordered_net":  locale.Row("Rendelések, nettó", "Orders, net", "הזמנות, נטו", "Заказы, без НДС", "Παραγγελίες, καθαρά"),
	"column.now_net":      locale.Row("Ez az időszak, nettó", "This period, net", "תקופה זו, נטו", "Этот период, без НДС", "Αυτή η περίοδος, καθαρά"),
	"column.moved":        locale.Row("Változás", "Change", "שינוי", "Изменение", "Μεταβολή"),
	"column.happened":     locale.Row("Mi történt", "What happened", "מה קרה", "Что произошло", "Τι έγινε"),
	"column.last_month":   locale.Row("Utolsó rendelés hónapja", "Month of the last order", "חודש ההזמנה האחרונה", "Месяц последнего заказа", "Μήνας τελευταίας παραγγελίας"),
	"column.first_order":  locale.Row("Első rendelés időszaka", "Period of the first order", "תקופת ההזמנה הראשונה", "Период первого заказа", "Περίοδος πρώτης παραγγελίας"),
	"column.cohort_note":  locale.Row("Megjegyzés", "Note", "הערה", "Примечание", "Σημείωση"),
	"column.customers":    locale.Row("Vevők", "Customers", "לקוחות", "Клиенты", "Πελάτες"),
	"column.cohort_size":  locale.Row("Első rendelők", "First ordered then", "הזמינו לראשונה", "Заказали впервые", "Πρώτη παραγγελία τότε"),
	"column.ordered_in":   locale.Row("Rendelés időszaka", "Period of the orders", "תקופת ההזמנות", "Период заказов", "Περίοδος παραγγελιών"),
	"column.turn":         locale.Row("Hányadik időszak", "Which period after", "איזו תקופה אחרי", "Какой период после", "Ποια περίοδος μετά"),
	"retention.running":   locale.Row("folyamatban", "so far", "עד כה", "пока", "έως τώρα"),
	"cohort.earlier":      locale.Row("vagy korábban", "or before", "או קודם", "или раньше", "ή νωρίτερα"),
}
