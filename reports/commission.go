package reports

import (
	"context"
	"io"
	"strings"

	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/reports/commission"
	"github.com/crmplus/crmplus/reports/kpi"
	"github.com/crmplus/crmplus/reports/workbook"
)

// Commissions writes the statements of a month as a workbook: each row with its deal, split, rule and rate, and what each
// seller gets. It needs actor.OpportunityRead and actor.ReportRead.
func (r *Reports) Commissions(ctx context.Context, w io.Writer, commissions *commission.Commissions, q commission.Query, b FigureBook) error {
	st, err := commissions.Statement(ctx, q)
	if err != nil {
		return err
	}
	return r.write(ctx, w, Query{Language: b.Language}, about("commissions", "commission", st.Month.String()[:7], b.Filter), func(l locale.Locale) []table {
		lines := [][2]string{
			{"period", st.Month.String()[:7]}, {"state", texts.T(l.Language, "commission."+string(st.State))}, {"closed", moment(l, st.ClosedAt)},
			{"currency", st.Currency}, {"missing", strings.Join(st.Missing, ", ")}, {"made", moment(l, r.db.Now())},
		}
		entries := commissionRows(l, st, b)
		return []table{coverOf(l, lines), commissionSums(l, st, b, entries.behind()), entries}
	})
}

// commissionSums has a row for each seller. What the entries add up to exactly under his name is a formula over them.
func commissionSums(l locale.Locale, st commission.Statement, b FigureBook, entries behind) table {
	sums := map[string]money.Amount{}
	for _, r := range st.Rows {
		name := strings.ToLower(b.label(kpi.Seller, r.Seller, r.Seller))
		sums[name] = sums[name].Add(r.Amount)
	}
	c := columns{l.Language}
	cols := []workbook.Column{c.text("owner"), c.count("deals"), amountColumn(l, "corrections"), amountColumn(l, "commission")}
	cols[1].Total = workbook.None // a deal of two sellers is one deal
	var rows [][]workbook.Value
	for i, s := range st.Sellers {
		name, amount := b.label(kpi.Seller, s.Seller, s.Seller), workbook.Money(s.Amount, l.Currency)
		if comparable(name) && sums[strings.ToLower(name)].Equal(s.Amount) {
			amount = entries.sum(amount, "commission", when{"owner", "=", cellAt(0, i)})
		}
		rows = append(rows, []workbook.Value{workbook.Text(name), workbook.Integer(int64(s.Deals)), workbook.Money(s.Corrections, l.Currency), amount})
	}
	out := sheetOf(l, "commission_sums", cols, rows)
	out.charts = []workbook.Chart{{Kind: workbook.BarChart, Title: texts.T(l.Language, "report.commissions"), Category: "owner", Values: []string{"commission"}}}
	return out
}

func commissionRows(l locale.Locale, st commission.Statement, b FigureBook) table {
	c := columns{l.Language}
	cols := []workbook.Column{
		c.text("owner"), c.text("deal"), c.text("party"), c.text("part"), c.text("entry"), c.text("rule"), c.date("earned_on"), c.text("base_of"), amountColumn(l, "base"), c.percent("split"), amountColumn(l, "own_part"),
		c.percent("attained_share"), c.percent("rate"), amountColumn(l, "commission"),
	}
	cols[8].Total = workbook.None // stands once for each of the sellers
	var rows [][]workbook.Value
	for _, r := range st.Rows {
		row := []workbook.Value{
			workbook.Text(b.label(kpi.Seller, r.Seller, r.Seller)), workbook.Text(r.Name), workbook.Text(r.Customer), workbook.Empty(), workbook.Text(texts.T(l.Language, "commission.kind."+string(r.Kind))), workbook.Text(r.Rule), workbook.Date(r.EarnedOn),
			workbook.Empty(), workbook.Empty(), workbook.Empty(), workbook.Empty(), workbook.Empty(), workbook.Empty(), workbook.Money(r.Amount, l.Currency),
		}
		if r.Group != "" {
			row[3] = workbook.Text(b.label(kpi.ProductGroup, r.Group, r.Group))
		}
		if r.Kind == commission.Share {
			row[7], row[8], row[9], row[10], row[12] = workbook.Text(texts.T(l.Language, "measure."+string(r.Of))), workbook.Money(r.Base, l.Currency), workbook.Percent(r.Share), workbook.Money(r.Part, l.Currency), workbook.Percent(r.Rate)
			row[11] = workbook.Percent(r.Attained)
		}
		rows = append(rows, row)
	}
	return sheetOf(l, "commission_rows", cols, rows)
}

// commissionTexts are the words of the workbook of commissions.
var commissionTexts = locale.Texts{
	"report.commissions":      locale.Row("Jutalék", "Commissions", "עמלות", "Комиссионные", "Προμήθειες"),
	"sheet.commission_sums":   locale.Row("Értékesítők", "Sellers", "אנשי מכירות", "Продавцы", "Πωλητές"),
	"sheet.commission_rows":   locale.Row("Tételek", "Entries", "פירוט", "Строки", "Εγγραφές"),
	"cover.state":             locale.Row("Állapot", "State", "מצב", "Состояние", "Κατάσταση"),
	"cover.closed":            locale.Row("Lezárva", "Closed", "נסגר", "Закрыто", "Έκλεισε"),
	"commission.none":         locale.Row("Nincs szabályzat", "No plan", "אין תוכנית", "Нет плана", "Χωρίς πλάνο"),
	"commission.open":         locale.Row("Nyitott, még változhat", "Open, may still change", "פתוח, עשוי להשתנות", "Открыт, ещё может измениться", "Ανοικτός, μπορεί να αλλάξει"),
	"commission.due":          locale.Row("Lezárható", "Ready to be closed", "מוכן לסגירה", "Можно закрыть", "Έτοιμος για κλείσιμο"),
	"commission.closed":       locale.Row("Lezárt", "Closed", "סגור", "Закрыт", "Κλειστός"),
	"commission.kind.share":   locale.Row("Jutalék", "Commission", "עמלה", "Комиссионные", "Προμήθεια"),
	"commission.kind.changed": locale.Row("Helyesbítés", "Correction", "תיקון", "Исправление", "Διόρθωση"),
	"commission.kind.back":    locale.Row("Visszavonás", "Taken back", "החזרה", "Отзыв", "Ανάκληση"),
	"column.corrections":      locale.Row("Ebből helyesbítés", "Of it corrections", "מזה תיקונים", "В т. ч. исправления", "Εκ των οποίων διορθώσεις"),
	"column.commission":       locale.Row("Jutalék", "Commission", "עמלה", "Комиссионные", "Προμήθεια"),
	"column.deal":             locale.Row("Lehetőség", "Opportunity", "הזדמנות", "Сделка", "Ευκαιρία"),
	"column.entry":            locale.Row("Tétel", "Entry", "סוג", "Строка", "Εγγραφή"),
	"column.rule":             locale.Row("Szabály", "Rule", "כלל", "Правило", "Κανόνας"),
	"column.earned_on":        locale.Row("Jogosult ettől", "Earned on", "מועד הזכאות", "Заработано", "Ημέρα δικαιώματος"),
	"column.base_of":          locale.Row("Alap", "Base", "בסיס", "База", "Βάση"),
	"column.base":             locale.Row("Alap összege", "Base amount", "סכום הבסיס", "Сумма базы", "Ποσό βάσης"),
	"column.split":            locale.Row("Részesedés", "Split", "חלק", "Доля", "Μερίδιο"),
	"column.own_part":         locale.Row("Saját rész", "Own part", "החלק שלו", "Своя часть", "Δικό του μέρος"),
	"column.attained_share":   locale.Row("Célteljesítés", "Quota attained", "עמידה ביעד", "Выполнение плана", "Επίτευξη στόχου"),
	"column.rate":             locale.Row("Kulcs", "Rate", "שיעור", "Ставка", "Ποσοστό"),
}
