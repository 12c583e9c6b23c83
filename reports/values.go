package reports

import (
	"cmp"
	"context"
	"io"
	"strings"

	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/reports/suggest"
	"github.com/crmplus/crmplus/reports/value"
	"github.com/crmplus/crmplus/reports/workbook"
)

// CustomerBook says how a workbook about customers speaks to the reader.
type CustomerBook struct {
	// Language is the reader's; the company's own where it is empty.
	Language locale.Language
	// Names gives customers of the host by their keys, for those whom CRM+ does not know; nil for none.
	Names func(ctx context.Context, keys []string) (map[string]string, error)
	// Why words the reason of a suggestion, Kind its kind.
	Why  func(s suggest.Suggestion) string
	Kind func(s suggest.Suggestion) string
	// Owners are the names of users by their ids.
	Owners map[string]string
}

// mostRows is how many customers or suggestions a workbook holds: those of most worth.
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

// names asks for the customers of a list that CRM+ has no name of.
func names[T any](ctx context.Context, b CustomerBook, list []T, of func(T) (key, name string)) (map[string]string, error) {
	var keys []string
	for _, one := range list {
		if key, name := of(one); name == "" {
			keys = append(keys, key)
		}
	}
	out := map[string]string{}
	for len(keys) > 0 && b.Names != nil {
		n := min(len(keys), store.MaxLimit)
		some, err := b.Names(ctx, keys[:n])
		if err != nil {
			return nil, err
		}
		for key, name := range some {
			out[key] = name
		}
		keys = keys[n:]
	}
	return out, nil
}

// Values writes what customers are worth as a workbook. It needs actor.ReportRead.
func (r *Reports) Values(ctx context.Context, w io.Writer, values *value.Values, b CustomerBook) error {
	found, err := all(func(page store.Page) ([]value.Row, string, error) {
		list, err := values.List(ctx, value.Filter{Page: page})
		return list.Rows, list.Next, err
	})
	if err != nil {
		return err
	}
	names, err := names(ctx, b, found, func(v value.Row) (key, name string) { return v.Customer, v.Name })
	if err != nil {
		return err
	}
	return r.write(ctx, w, Query{Language: b.Language}, "report.values", func(l locale.Locale) []table {
		c := columns{l.Language}
		cols := []workbook.Column{
			c.text("customer_key"), c.text("customer"), c.text("owner"), c.text("class"), c.of("recency", workbook.KindInteger), c.of("frequency", workbook.KindInteger), c.of("money", workbook.KindInteger),
			c.text("currency"), c.money("net_revenue"), c.count("orders"), c.date("last_order"), c.of("usual_gap", workbook.KindInteger), c.of("silent", workbook.KindInteger), c.of("quiet", workbook.KindBool),
		}
		var rows [][]workbook.Value
		for _, v := range found {
			gap := workbook.Empty() // a single order has no rhythm
			if v.Gap > 0 {
				gap = workbook.Integer(int64(v.Gap))
			}
			rows = append(rows, []workbook.Value{
				workbook.Text(v.Customer), workbook.Text(cmp.Or(v.Name, names[v.Customer])), workbook.Text(cmp.Or(b.Owners[v.Owner], v.Owner)), workbook.Text(string(v.Class)),
				workbook.Integer(int64(v.Recency)), workbook.Integer(int64(v.Frequency)), workbook.Integer(int64(v.Value.Money)), workbook.Text(l.Currency), workbook.Money(v.Revenue, l.Currency), workbook.Integer(int64(v.Orders)),
				workbook.Date(v.Last), gap, workbook.Integer(int64(v.Silent)), workbook.Bool(v.Quiet),
			})
		}
		return []table{coverOf(l, [][2]string{{"currency", l.Currency}, {"made", moment(l, r.db.Now())}}), sheetOf(l, "values", cols, rows)}
	})
}

// Suggestions writes the open suggestions as a workbook. It needs actor.ReportRead and actor.OpportunityRead.
func (r *Reports) Suggestions(ctx context.Context, w io.Writer, suggestions *suggest.Suggestions, b CustomerBook) error {
	found, err := all(func(page store.Page) ([]suggest.Suggestion, string, error) {
		list, err := suggestions.List(ctx, suggest.Filter{Page: page})
		return list.Rows, list.Next, err
	})
	if err != nil {
		return err
	}
	names, err := names(ctx, b, found, func(s suggest.Suggestion) (key, name string) { return s.Customer, s.Name })
	if err != nil {
		return err
	}
	return r.write(ctx, w, Query{Language: b.Language}, "report.suggestions", func(l locale.Locale) []table {
		c := columns{l.Language}
		cols := []workbook.Column{c.text("customer_key"), c.text("customer"), c.text("owner"), c.text("suggested"), c.text("products"), c.text("because"), c.date("due_on"), c.text("currency"), c.money("expected")}
		cols[4].Width, cols[4].Wrap, cols[5].Width, cols[5].Wrap = 44, true, 60, true
		var rows [][]workbook.Value
		for _, s := range found {
			items := make([]string, len(s.Items))
			for i, item := range s.Items {
				items[i] = l.Language.Quantity(item.Quantity.Decimal) + " × " + item.Name
			}
			rows = append(rows, []workbook.Value{
				workbook.Text(s.Customer), workbook.Text(cmp.Or(s.Name, names[s.Customer])), workbook.Text(cmp.Or(b.Owners[s.Owner], s.Owner)), workbook.Text(b.Kind(s)),
				workbook.Text(strings.Join(items, ", ")), workbook.Text(b.Why(s)), workbook.Date(s.Due), workbook.Text(l.Currency), workbook.Money(s.Worth, l.Currency),
			})
		}
		return []table{coverOf(l, [][2]string{{"currency", l.Currency}, {"made", moment(l, r.db.Now())}}), sheetOf(l, "suggestions", cols, rows)}
	})
}

// valueTexts are the words of the workbooks about customers.
var valueTexts = locale.Texts{
	"report.values":       locale.Row("Vevőérték", "Customer value", "ערך לקוח", "Ценность клиентов", "Αξία πελατών"),
	"report.suggestions":  locale.Row("Javaslatok", "Suggestions", "הצעות", "Предложения", "Προτάσεις"),
	"sheet.values":        locale.Row("Vevők", "Customers", "לקוחות", "Клиенты", "Πελάτες"),
	"sheet.suggestions":   locale.Row("Javaslatok", "Suggestions", "הצעות", "Предложения", "Προτάσεις"),
	"column.customer_key": locale.Row("Vevőkód", "Customer code", "קוד לקוח", "Код клиента", "Κωδικός πελάτη"),
	"column.customer":     locale.Row("Vevő", "Customer", "לקוח", "Клиент", "Πελάτης"),
	"column.class":        locale.Row("Osztály", "Class", "דרגה", "Класс", "Κατηγορία"),
	"column.recency":      locale.Row("Frissesség (1–5)", "Recency (1–5)", "עדכניות (1–5)", "Давность (1–5)", "Πρόσφατο (1–5)"),
	"column.frequency":    locale.Row("Gyakoriság (1–5)", "Frequency (1–5)", "תדירות (1–5)", "Частота (1–5)", "Συχνότητα (1–5)"),
	"column.money":        locale.Row("Forgalom (1–5)", "Money (1–5)", "מחזור (1–5)", "Сумма (1–5)", "Τζίρος (1–5)"),
	"column.net_revenue":  locale.Row("Nettó forgalom", "Net revenue", "מחזור נטו", "Оборот без НДС", "Καθαρός τζίρος"),
	"column.orders":       locale.Row("Rendelések", "Orders", "הזמנות", "Заказов", "Παραγγελίες"),
	"column.last_order":   locale.Row("Utolsó rendelés", "Last order", "הזמנה אחרונה", "Последний заказ", "Τελευταία παραγγελία"),
	"column.usual_gap":    locale.Row("Szokásos köz, nap", "Usual gap, days", "מרווח רגיל, ימים", "Обычный интервал, дн.", "Σύνηθες διάστημα, ημέρες"),
	"column.silent":       locale.Row("Napok az utolsó óta", "Days since the last", "ימים מהאחרונה", "Дней с последнего", "Ημέρες από την τελευταία"),
	"column.quiet":        locale.Row("Elmaradt", "Silent", "נעלם", "Замолчал", "Σιωπά"),
	"column.suggested":    locale.Row("Javaslat", "Suggestion", "הצעה", "Предложение", "Πρόταση"),
	"column.products":     locale.Row("Termékek", "Products", "מוצרים", "Товары", "Προϊόντα"),
	"column.because":      locale.Row("Miért", "Why", "סיבה", "Почему", "Γιατί"),
	"column.due_on":       locale.Row("Esedékes", "Due", "מועד", "Срок", "Λήξη"),
	"column.expected":     locale.Row("Várható", "Expected", "צפי", "Ожидается", "Αναμενόμενο"),
}
