package reports

import (
	"context"
	"io"
	"time"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/regulation"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/reports/kpi"
	"github.com/crmplus/crmplus/reports/workbook"
)

// Regulations writes who kept the limits between two steps as a workbook: by month and seller, and the passages
// themselves. It needs actor.ReportRead and actor.OpportunityRead.
func (r *Reports) Regulations(ctx context.Context, w io.Writer, regulations *regulation.Regulations, f regulation.Filter, b FigureBook) error {
	results, err := regulations.Results(ctx, f)
	if err != nil {
		return err
	}
	found, err := all(func(page store.Page) ([]regulation.Row, string, error) {
		f.Page = page
		list, err := regulations.List(ctx, f)
		return list.Rows, list.Next, err
	})
	if err != nil {
		return err
	}
	return r.write(ctx, w, Query{Language: b.Language}, about("regulations", "regulations", b.Filter), func(l locale.Locale) []table {
		c := columns{l.Language}
		cols := []workbook.Column{c.text("regulation"), c.text("month"), c.text("owner"), c.count("kept"), c.count("broken"), c.percent("share"), c.of("work_hours", workbook.KindQuantity)}
		var rows [][]workbook.Value
		for _, one := range results {
			share := workbook.Empty()
			if n := one.Kept + one.Broken; n > 0 {
				share = workbook.Percent(money.NewPercent(decimal.NewFromInt(100*one.Kept).DivRound(decimal.NewFromInt(n), 2)))
			}
			rows = append(rows, []workbook.Value{workbook.Text(one.Name), workbook.Text(civil.In(one.Month, l.Location()).String()[:7]), workbook.Text(b.label(kpi.Seller, one.Owner, one.Owner)), workbook.Integer(one.Kept), workbook.Integer(one.Broken), share, hours(one.Seconds)})
		}
		sheet := sheetOf(l, "regulations", cols, rows)
		now := r.db.Now()
		cols = []workbook.Column{c.text("regulation"), c.text("about"), c.text("owner"), c.text("standing"), c.time("started"), c.time("due"), c.time("closed_on"), c.of("limit_hours", workbook.KindQuantity), c.of("work_hours", workbook.KindQuantity)}
		rows = nil
		for _, one := range found {
			ended := workbook.Empty()
			if !one.StoppedAt.IsZero() {
				ended = workbook.DateTime(one.StoppedAt)
			}
			rows = append(rows, []workbook.Value{workbook.Text(one.RuleName), workbook.Text(one.Name), workbook.Text(b.label(kpi.Seller, one.OwnerUser, one.OwnerUser)), workbook.Text(one.Standing(now).In(l.Language)), workbook.DateTime(one.StartedAt), workbook.DateTime(one.DueAt), ended, hours(one.Limit), hours(one.Spent)})
		}
		return []table{coverOf(l, [][2]string{{"filter", b.Filter}, {"period", l.Language.Date(civil.In(f.From, l.Location())) + " – " + l.Language.Date(civil.In(f.Until.Add(-time.Second), l.Location()))}, {"made", moment(l, now)}}), sheet, sheetOf(l, "passages", cols, rows)}
	})
}

// mostRows is how many passages a workbook holds: the latest.
const mostRows = 20_000

// all reads a list page by page, at most mostRows of it.
func all[T any](read func(page store.Page) (rows []T, next string, err error)) ([]T, error) {
	var out []T
	for page := (store.Page{Limit: store.MaxLimit}); len(out) < mostRows; {
		rows, next, err := read(page)
		out = append(out, rows...)
		if err != nil || next == "" {
			return out, err
		}
		page.After = next
	}
	return out, nil
}

func hours(seconds int64) workbook.Value {
	return workbook.Quantity(money.NewQuantity(decimal.NewFromInt(seconds).DivRound(decimal.NewFromInt(3600), 2)))
}

// regulationTexts are the words of the workbook about regulations.
var regulationTexts = locale.Texts{
	"report.regulations": locale.Row("Szabályozók", "Regulations", "תקנות זמן", "Регламенты", "Κανονισμοί χρόνου"),
	"sheet.regulations":  locale.Row("Havonta", "By month", "לפי חודש", "По месяцам", "Ανά μήνα"),
	"sheet.passages":     locale.Row("Esetek", "Cases", "מקרים", "Случаи", "Περιπτώσεις"),
	"column.regulation":  locale.Row("Szabályozó", "Regulation", "תקנה", "Регламент", "Κανονισμός"),
	"column.kept":        locale.Row("Betartva", "Kept", "קוימו", "Соблюдено", "Τηρήθηκαν"),
	"column.broken":      locale.Row("Megszegve", "Broken", "הופרו", "Нарушено", "Παραβιάστηκαν"),
	"column.about":       locale.Row("Miről", "About", "על", "О чём", "Για"),
	"column.standing":    locale.Row("Állás", "Standing", "מצב", "Состояние", "Κατάσταση"),
	"column.started":     locale.Row("Kezdete", "Began", "התחלה", "Начало", "Έναρξη"),
	"column.due":         locale.Row("Határidő", "Limit", "מועד", "Срок", "Προθεσμία"),
	"column.closed_on":   locale.Row("Vége", "Ended", "סיום", "Конец", "Τέλος"),
	"column.limit_hours": locale.Row("Időkorlát, munkaóra", "Limit, working hours", "מגבלה, שעות עבודה", "Предел, рабочих часов", "Όριο, ώρες εργασίας"),
	"column.work_hours":  locale.Row("Eltelt munkaóra", "Working hours taken", "שעות עבודה שחלפו", "Прошло рабочих часов", "Ώρες εργασίας που πέρασαν"),
}
