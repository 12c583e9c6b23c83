package reports

import (
	"context"

	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/reports/forecast"
	"github.com/crmplus/crmplus/reports/kpi"
	"github.com/crmplus/crmplus/reports/workbook"
)

// forecastPast is how the forecast moved in the last thirty days and what those of the last twelve months came to. Snapshots
// know seller, team and pipeline; under another filter there is nothing to show.
type forecastPast struct {
	fall  forecast.Waterfall
	tests []forecast.Test
	known bool
}

const (
	fallDays   = 30
	testMonths = 12
)

func (r *Reports) forecastPast(ctx context.Context, f *forecast.Forecasts, of kpi.Filter) (out forecastPast, err error) {
	if of.Source != "" || of.ProductGroup != "" || len(of.Custom) > 0 {
		return out, nil
	}
	today, err := kpi.New(r.db, r.locales).Today(ctx)
	if err != nil {
		return out, err
	}
	if out.fall, err = f.Waterfall(ctx, forecast.WaterfallQuery{From: today.AddDays(-fallDays), To: today, Of: of}); err != nil {
		return out, err
	}
	out.tests, err = f.BackTest(ctx, testMonths, of)
	out.known = err == nil
	return out, err
}

func (p forecastPast) tables(l locale.Locale, b FigureBook) []table {
	if !p.known {
		return nil
	}
	moves := p.moves(l, b)
	return []table{p.reasons(l, moves.behind()), moves, p.tested(l)}
}

// reasons are the waterfall: what was there, what each reason added or took, what is there. What the moves add up to exactly
// is a formula over them.
func (p forecastPast) reasons(l locale.Locale, moves behind) table {
	c := columns{l.Language}
	sums := map[forecast.Reason]money.Amount{}
	for _, m := range p.fall.Moves {
		sums[m.Reason] = sums[m.Reason].Add(m.After.Sub(m.Before))
	}
	amount := amountColumn(l, "fall.change")
	amount.Total = workbook.None
	deals := c.count("deals")
	deals.Total = workbook.None
	rows := [][]workbook.Value{{workbook.Text(texts.T(l.Language, "fall.start")), workbook.Money(p.fall.Start, l.Currency), workbook.Empty()}}
	for _, bar := range p.fall.Bars {
		sum, count := workbook.Money(bar.Sum, l.Currency), workbook.Integer(int64(bar.Count))
		if sums[bar.Reason].Equal(bar.Sum) {
			here := when{"fall.reason", "=", cellAt(0, len(rows))}
			sum, count = moves.sum(sum, "fall.change", here), moves.count(count, here)
		}
		rows = append(rows, []workbook.Value{workbook.Text(texts.T(l.Language, "fall."+string(bar.Reason))), sum, count})
	}
	rows = append(rows, []workbook.Value{workbook.Text(texts.T(l.Language, "fall.end")), workbook.Money(p.fall.End, l.Currency), workbook.Empty()})
	out := sheetOf(l, "fall", []workbook.Column{c.text("fall.reason"), amount, deals}, rows)
	out.charts = []workbook.Chart{{Kind: workbook.ColumnChart, Title: texts.T(l.Language, "sheet.fall"), Category: "fall.reason", Values: []string{"fall.change"}}}
	return out
}

// moves are the opportunities behind the waterfall.
func (p forecastPast) moves(l locale.Locale, b FigureBook) table {
	c := columns{l.Language}
	cols := []workbook.Column{c.text("fall.reason"), c.text("name"), c.text("owner"), amountColumn(l, "fall.was"), amountColumn(l, "fall.is"), amountColumn(l, "fall.change")}
	var rows [][]workbook.Value
	for _, m := range p.fall.Moves {
		rows = append(rows, []workbook.Value{
			workbook.Text(texts.T(l.Language, "fall."+string(m.Reason))), workbook.Text(m.Name), workbook.Text(b.label(kpi.Seller, m.Owner, m.Owner)),
			workbook.Money(m.Before, l.Currency), workbook.Money(m.After, l.Currency), workbook.Money(m.After.Sub(m.Before), l.Currency),
		})
	}
	return sheetOf(l, "moves", cols, rows)
}

// tested are the months that are over: what was forecast on their first day and what came.
func (p forecastPast) tested(l locale.Locale) table {
	c := columns{l.Language}
	cols := []workbook.Column{c.text("time"), amountColumn(l, "commit"), amountColumn(l, "weighted"), amountColumn(l, "best"), amountColumn(l, "test.came"), c.percent("test.off")}
	var rows [][]workbook.Value
	for _, t := range p.tests {
		if !t.Known {
			continue
		}
		off := workbook.Empty()
		if t.Off.Known {
			off = workbook.Percent(money.NewPercent(t.Off.Round(2)))
		}
		rows = append(rows, []workbook.Value{
			workbook.Text(t.Period.First.String()[:7]), workbook.Money(t.Commit, l.Currency), workbook.Money(t.Weighted, l.Currency), workbook.Money(t.Best, l.Currency), workbook.Money(t.Came, l.Currency), off,
		})
	}
	out := sheetOf(l, "tests", cols, rows)
	out.charts = []workbook.Chart{{Kind: workbook.ColumnChart, Title: texts.T(l.Language, "sheet.tests"), Category: "time", Values: []string{"weighted", "test.came"}}}
	return out
}

// pastTexts are the words of the waterfall and of the test of earlier forecasts.
var pastTexts = locale.Texts{
	"sheet.fall":         locale.Row("Változás 30 nap alatt", "Change in 30 days", "שינוי ב-30 יום", "Изменение за 30 дней", "Μεταβολή σε 30 ημέρες"),
	"sheet.moves":        locale.Row("Változások tételei", "What changed", "פירוט השינויים", "Что изменилось", "Τι άλλαξε"),
	"sheet.tests":        locale.Row("Mit mondott, és mi lett", "What it said and what came", "מה נאמר ומה התקבל", "Что обещал и что вышло", "Τι έλεγε και τι ήρθε"),
	"column.fall.reason": locale.Row("Ok", "Reason", "סיבה", "Причина", "Λόγος"),
	"column.fall.change": locale.Row("Változás", "Change", "שינוי", "Изменение", "Μεταβολή"),
	"column.fall.was":    locale.Row("Volt", "Was", "היה", "Было", "Ήταν"),
	"column.fall.is":     locale.Row("Lett", "Is", "כעת", "Стало", "Είναι"),
	"column.test.came":   locale.Row("Valóban", "Came", "בפועל", "Вышло", "Πραγματικά"),
	"column.test.off":    locale.Row("Eltérés", "Off by", "סטייה", "Отклонение", "Απόκλιση"),
	"fall.start":         locale.Row("Nyitott érték 30 napja", "Open value 30 days ago", "ערך פתוח לפני 30 יום", "Открытая сумма 30 дней назад", "Ανοικτή αξία πριν 30 ημέρες"),
	"fall.end":           locale.Row("Nyitott érték ma", "Open value today", "ערך פתוח היום", "Открытая сумма сегодня", "Ανοικτή αξία σήμερα"),
	"fall.new":           locale.Row("Új", "New", "חדש", "Новые", "Νέα"),
	"fall.reopened":      locale.Row("Újranyitott", "Reopened", "נפתח מחדש", "Открыты снова", "Επαναφορά"),
	"fall.moved_in":      locale.Row("Ide került", "Moved in", "נכנס", "Перешли сюда", "Ήρθαν"),
	"fall.changed":       locale.Row("Módosult", "Changed", "השתנה", "Изменились", "Άλλαξαν"),
	"fall.moved_out":     locale.Row("Elkerült", "Moved out", "יצא", "Ушли отсюда", "Έφυγαν"),
	"fall.won":           locale.Row("Megnyert", "Won", "זכייה", "Выиграны", "Κερδήθηκαν"),
	"fall.lost":          locale.Row("Elvesztett", "Lost", "הפסד", "Проиграны", "Χάθηκαν"),
	"fall.removed":       locale.Row("Törölt", "Removed", "הוסר", "Удалены", "Αφαιρέθηκαν"),
}
