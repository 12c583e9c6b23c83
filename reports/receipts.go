package reports

import (
	"context"
	"io"
	"strings"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/reports/kpi"
	"github.com/crmplus/crmplus/reports/receipt"
	"github.com/crmplus/crmplus/reports/workbook"
)

// Receipts writes what money will come in as a workbook: the weeks or months, what is owed by age, and every document and
// opportunity, ready for a pivot table. It needs actor.ReportRead.
func (r *Reports) Receipts(ctx context.Context, w io.Writer, receipts *receipt.Receipts, q receipt.Query, b FigureBook) error {
	q.Behind = receipt.Everywhere
	t, err := receipts.Table(ctx, q)
	if err != nil {
		return err
	}
	return r.write(ctx, w, Query{Language: b.Language}, about("receipts", "receipts", b.Filter), func(l locale.Locale) []table {
		notes := ""
		switch {
		case !t.Known:
			notes = texts.T(l.Language, "receipt.unknown")
		case t.More:
			notes = texts.T(l.Language, "receipt.more")
		}
		lines := [][2]string{{"note", notes}, {"currency", t.Currency}, {"missing", strings.Join(t.Missing, ", ")}, {"made", moment(l, r.db.Now())}}
		items := receiptItems(l, t, b)
		return []table{coverOf(l, lines), receiptPeriods(l, t, items.behind()), receiptAges(l, t), items}
	})
}

// owedBetween is what documents among the items bring from one day to another, and how many they are.
func owedBetween(t receipt.Table, first, last civil.Date) (sum money.Amount, n int64) {
	for _, one := range t.Listed {
		if one.Opportunity.IsZero() && !one.Expected.IsZero() && !one.Expected.Before(first) && !one.Expected.After(last) {
			sum, n = sum.Add(one.Amount), n+1
		}
	}
	return sum, n
}

// receiptPeriods has a row for each week or month. What the documents among the items add up to exactly is a formula over
// them.
func receiptPeriods(l locale.Locale, t receipt.Table, items behind) table {
	c := columns{l.Language}
	cols := []workbook.Column{c.text("time"), c.date("first"), c.date("last")}
	for _, key := range []string{"owed", "commit_in", "weighted_in", "best_in"} {
		cols = append(cols, amountColumn(l, key))
	}
	cols = append(cols, c.count("open_items"), c.count("open_deals"))
	row := func(name string, first, last workbook.Value, one receipt.Cell) []workbook.Value {
		return []workbook.Value{workbook.Text(name), first, last, workbook.Money(one.Owed, l.Currency), workbook.Money(one.Commit, l.Currency), workbook.Money(one.Weighted, l.Currency),
			workbook.Money(one.Best, l.Currency), workbook.Integer(one.Items), workbook.Integer(one.Deals)}
	}
	var rows [][]workbook.Value
	for i, p := range t.Periods {
		one := row(l.Language.Date(p.First), workbook.Date(p.First), workbook.Date(p.Last), t.Cells[i])
		if sum, n := owedBetween(t, p.First, p.Last); sum.Equal(t.Cells[i].Owed) && n == t.Cells[i].Items {
			here := []when{{"what_is", "=", `"` + texts.T(l.Language, "receipt.document") + `"`}, {"expected_on", ">=", cellAt(1, i)}, {"expected_on", "<=", cellAt(2, i)}}
			one[3], one[7] = items.sum(one[3], "amount", here...), items.count(one[7], here...)
		}
		rows = append(rows, one)
	}
	for _, one := range []struct {
		place receipt.Place
		cell  receipt.Cell
	}{{receipt.Later, t.Later}, {receipt.Overdue, t.Overdue}, {receipt.Undated, t.Undated}} {
		rows = append(rows, row(texts.T(l.Language, "receipt."+string(one.place)), workbook.Empty(), workbook.Empty(), one.cell))
	}
	out := sheetOf(l, "receipts", cols, rows)
	out.charts = []workbook.Chart{{Kind: workbook.ColumnChart, Title: texts.T(l.Language, "report.receipts"), Category: "time", Values: []string{"owed", "weighted_in", "best_in"}}}
	return out
}

func receiptAges(l locale.Locale, t receipt.Table) table {
	c := columns{l.Language}
	days := c.of("late_from", workbook.KindInteger)
	days.Total = workbook.None
	var rows [][]workbook.Value
	for _, a := range t.Ages {
		rows = append(rows, []workbook.Value{workbook.Integer(int64(a.Days)), workbook.Money(a.Owed, l.Currency), workbook.Integer(a.Items)})
	}
	return sheetOf(l, "ages", []workbook.Column{days, amountColumn(l, "owed"), c.count("open_items")}, rows)
}

func receiptItems(l locale.Locale, t receipt.Table, b FigureBook) table {
	c := columns{l.Language}
	late := c.of("usually_late", workbook.KindInteger)
	late.Total = workbook.None
	cols := []workbook.Column{c.text("what_is"), c.text("name"), c.text("customer_key"), c.text("party"), c.text("owner"), c.date("due_on"), late, c.date("expected_on"), c.percent("chance"), amountColumn(l, "amount"), amountColumn(l, "weighted_in"), c.text("vat")}
	var rows [][]workbook.Value
	for _, one := range t.Listed {
		what, tax := "document", "with"
		if !one.Opportunity.IsZero() {
			what = "opportunity"
		}
		if one.Net {
			tax = "without"
		}
		day := func(zero bool, v workbook.Value) workbook.Value {
			if zero {
				return workbook.Empty()
			}
			return v
		}
		rows = append(rows, []workbook.Value{
			workbook.Text(texts.T(l.Language, "receipt."+what)), workbook.Text(one.Name), workbook.Text(one.Customer), workbook.Text(one.CustomerName), workbook.Text(b.label(kpi.Seller, one.Owner, one.Owner)),
			day(one.Due.IsZero(), workbook.Date(one.Due)), workbook.Integer(int64(one.Late)), day(one.Expected.IsZero(), workbook.Date(one.Expected)), workbook.Percent(one.Chance),
			workbook.Money(one.Amount, l.Currency), workbook.Money(one.Weighted, l.Currency), workbook.Text(texts.T(l.Language, "receipt.tax."+tax)),
		})
	}
	return sheetOf(l, "receipt_items", cols, rows)
}

// receiptTexts are the words of the workbook of receipts.
var receiptTexts = locale.Texts{
	"report.receipts":     locale.Row("Várható bevételek", "Expected receipts", "תקבולים צפויים", "Ожидаемые поступления", "Αναμενόμενες εισπράξεις"),
	"sheet.receipts":      locale.Row("Bevételek", "Receipts", "תקבולים", "Поступления", "Εισπράξεις"),
	"sheet.ages":          locale.Row("Tartozások korosítva", "Debts by age", "חובות לפי גיל", "Долги по срокам", "Οφειλές ανά ηλικία"),
	"sheet.receipt_items": locale.Row("Tételek", "Items", "פריטים", "Позиции", "Στοιχεία"),
	"cover.note":          locale.Row("Megjegyzés", "Note", "הערה", "Примечание", "Σημείωση"),
	"column.owed":         locale.Row("Kintlévőség", "Owed", "חובות לקוחות", "Задолженность", "Οφειλές"),
	"column.commit_in":    locale.Row("Biztosra vehetővel", "With what is as good as sure", "כולל הכמעט ודאי", "С почти верным", "Με τα σχεδόν βέβαια"),
	"column.weighted_in":  locale.Row("Súlyozva", "Weighted", "משוקלל", "Взвешенно", "Σταθμισμένα"),
	"column.best_in":      locale.Row("Legjobb esetben", "Best case", "במקרה הטוב", "В лучшем случае", "Στην καλύτερη περίπτωση"),
	"column.open_items":   locale.Row("Nyitott tételek", "Open items", "פריטים פתוחים", "Открытые позиции", "Ανοικτά στοιχεία"),
	"column.open_deals":   locale.Row("Lehetőségek", "Opportunities", "הזדמנויות", "Сделки", "Ευκαιρίες"),
	"column.late_from":    locale.Row("Lejárat óta legalább (nap)", "Days past due, at least", "ימי פיגור, לפחות", "Дней просрочки, от", "Ημέρες καθυστέρησης, από"),
	"column.usually_late": locale.Row("Szokásos késés (nap)", "Usual delay (days)", "איחור רגיל (ימים)", "Обычная задержка (дней)", "Συνήθης καθυστέρηση (ημέρες)"),
	"column.what_is":      locale.Row("Fajta", "Kind", "סוג", "Вид", "Είδος"),
	"column.customer_key": locale.Row("Vevőkód", "Customer code", "קוד לקוח", "Код клиента", "Κωδικός πελάτη"),
	"column.due_on":       locale.Row("Lejárat, zárás", "Due, closing", "מועד, סגירה", "Срок, закрытие", "Λήξη, κλείσιμο"),
	"column.expected_on":  locale.Row("Várható befolyás", "Expected on", "צפוי ב", "Ожидается", "Αναμένεται στις"),
	"column.vat":          locale.Row("ÁFA", "VAT", "מע\"מ", "НДС", "ΦΠΑ"),
	"receipt.document":    locale.Row("Bizonylat", "Document", "מסמך", "Документ", "Παραστατικό"),
	"receipt.opportunity": locale.Row("Lehetőség", "Opportunity", "הזדמנות", "Сделка", "Ευκαιρία"),
	"receipt.tax.with":    locale.Row("áfával", "with VAT", "כולל מע\"מ", "с НДС", "με ΦΠΑ"),
	"receipt.tax.without": locale.Row("áfa nélkül", "without VAT", "ללא מע\"מ", "без НДС", "χωρίς ΦΠΑ"),
	"receipt.overdue":     locale.Row("Elmaradt", "Overdue", "באיחור", "Просрочено", "Ληξιπρόθεσμα"),
	"receipt.undated":     locale.Row("Dátum nélkül vagy elmúlt", "Undated or past", "ללא תאריך או שעבר", "Без даты или прошло", "Χωρίς ημερομηνία ή παρελθόν"),
	"receipt.later":       locale.Row("Később", "Later", "מאוחר יותר", "Позже", "Αργότερα"),
	"receipt.unknown":     locale.Row("A kintlévőség nincs benne.", "What customers owe is not in it.", "חובות הלקוחות אינם כלולים.", "Задолженность клиентов не учтена.", "Οι οφειλές πελατών δεν περιλαμβάνονται."),
	"receipt.more":        locale.Row("Nem minden kintlévőség fért bele.", "Not all that is owed was read.", "לא כל החובות נקראו.", "Учтена не вся задолженность.", "Δεν διαβάστηκαν όλες οι οφειλές."),
}
