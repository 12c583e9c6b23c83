package reports

import (
	"cmp"
	"context"
	"io"
	"strings"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/reports/kpi"
	"github.com/crmplus/crmplus/reports/suggest"
	"github.com/crmplus/crmplus/reports/value"
	"github.com/crmplus/crmplus/reports/workbook"
)

// CustomerBook asks for a workbook about customers.
type CustomerBook struct {
	FigureBook
	// Names gives customers of the host by their keys, for those whom CRM+ does not know; nil for none.
	Names func(ctx context.Context, keys []string) (map[string]string, error)
}

// called is a row with the name of its customer.
type called[Row any] struct {
	row  Row
	name string
}

// call names the customers of a page: as CRM+ knows them, else as the host does.
func call[Row any](ctx context.Context, b CustomerBook, rows []Row, of func(Row) (key, name string)) ([]called[Row], error) {
	var strange []string
	for _, row := range rows {
		if key, name := of(row); name == "" {
			strange = append(strange, key)
		}
	}
	names := map[string]string{}
	if len(strange) > 0 && b.Names != nil {
		var err error
		if names, err = b.Names(ctx, strange); err != nil {
			return nil, err
		}
	}
	out := make([]called[Row], len(rows))
	for i, row := range rows {
		key, name := of(row)
		out[i] = called[Row]{row, cmp.Or(name, names[key])}
	}
	return out, nil
}

// Values writes what customers are worth as a workbook, those of most worth first. f narrows it as it does the screen; its
// page is not looked at. It needs actor.ReportRead.
func (r *Reports) Values(ctx context.Context, w io.Writer, values *value.Values, f value.Filter, b CustomerBook) error {
	return writeList(ctx, r, w, b.FigureBook, func(l locale.Locale) list[called[value.Row]] {
		type line = called[value.Row]
		c := columns{l.Language}
		whole := func(key string, of func(v value.Row) int) column[line] {
			return column[line]{c.of(key, workbook.KindInteger), func(v line) workbook.Value { return workbook.Integer(int64(of(v.row))) }}
		}
		return list[line]{
			name: "values", kind: "customer", right: actor.ReportRead, outside: true,
			columns: []column[line]{
				{c.text("customer_key"), func(v line) workbook.Value { return workbook.Text(v.row.Customer) }},
				{c.text("customer"), func(v line) workbook.Value { return workbook.Text(v.name) }},
				{c.text("owner"), func(v line) workbook.Value { return b.Label.of(kpi.Seller, v.row.Owner) }},
				{c.text("class"), func(v line) workbook.Value { return workbook.Text(string(v.row.Class)) }},
				whole("recency", func(v value.Row) int { return v.Recency }),
				whole("frequency", func(v value.Row) int { return v.Frequency }),
				whole("money", func(v value.Row) int { return v.Value.Money }),
				{c.text("currency"), func(line) workbook.Value { return workbook.Text(l.Currency) }},
				{c.money("net_revenue"), func(v line) workbook.Value { return workbook.Money(v.row.Revenue, l.Currency) }},
				{c.count("orders"), func(v line) workbook.Value { return workbook.Integer(int64(v.row.Orders)) }},
				{c.date("last_order"), func(v line) workbook.Value { return workbook.Date(v.row.Last) }},
				{c.of("usual_gap", workbook.KindInteger), func(v line) workbook.Value {
					if v.row.Gap == 0 { // a single order has no rhythm
						return workbook.Empty()
					}
					return workbook.Integer(int64(v.row.Gap))
				}},
				whole("silent", func(v value.Row) int { return v.Silent }),
				{c.of("quiet", workbook.KindBool), func(v line) workbook.Value { return workbook.Bool(v.row.Quiet) }},
			},
			read: func(ctx context.Context, _ *store.Session, page store.Page) ([]line, string, error) {
				f.Page = page
				found, err := values.List(ctx, f)
				if err != nil {
					return nil, "", err
				}
				rows, err := call(ctx, b, found.Rows, func(v value.Row) (key, name string) { return v.Customer, v.Name })
				return rows, found.Next, err
			},
			sums: &summary{by: []string{"class", "currency"}, of: []string{"net_revenue", "orders"}},
		}
	})
}

// Suggestions writes suggestions as a workbook, those of most worth first. f narrows it as it does the screen; its page is
// not looked at. It needs actor.ReportRead and actor.OpportunityRead.
func (r *Reports) Suggestions(ctx context.Context, w io.Writer, suggestions *suggest.Suggestions, f suggest.Filter, b CustomerBook) error {
	return writeList(ctx, r, w, b.FigureBook, func(l locale.Locale) list[called[suggest.Suggestion]] {
		type line = called[suggest.Suggestion]
		c := columns{l.Language}
		wide := func(col workbook.Column, width float64) workbook.Column {
			col.Width, col.Wrap = width, true
			return col
		}
		return list[line]{
			name: "suggestions", kind: "customer", right: actor.OpportunityRead, outside: true,
			columns: []column[line]{
				{c.text("customer_key"), func(s line) workbook.Value { return workbook.Text(s.row.Customer) }},
				{c.text("customer"), func(s line) workbook.Value { return workbook.Text(s.name) }},
				{c.text("owner"), func(s line) workbook.Value { return b.Label.of(kpi.Seller, s.row.Owner) }},
				{c.text("suggested"), func(s line) workbook.Value { return workbook.Text(s.row.Kind.In(l.Language)) }},
				{wide(c.text("products"), 44), func(s line) workbook.Value {
					items := make([]string, len(s.row.Items))
					for i, item := range s.row.Items {
						items[i] = l.Language.Quantity(item.Quantity.Decimal) + " × " + item.Name
					}
					return workbook.Text(strings.Join(items, ", "))
				}},
				{wide(c.text("because"), 60), func(s line) workbook.Value { return workbook.Text(s.row.Why(l)) }},
				{c.date("due_on"), func(s line) workbook.Value { return workbook.Date(s.row.Due) }},
				{c.text("currency"), func(line) workbook.Value { return workbook.Text(l.Currency) }},
				{c.money("expected"), func(s line) workbook.Value { return workbook.Money(s.row.Worth, l.Currency) }},
			},
			read: func(ctx context.Context, _ *store.Session, page store.Page) ([]line, string, error) {
				f.Page = page
				found, err := suggestions.List(ctx, f)
				if err != nil {
					return nil, "", err
				}
				rows, err := call(ctx, b, found.Rows, func(s suggest.Suggestion) (key, name string) { return s.Customer, s.Name })
				return rows, found.Next, err
			},
			sums: &summary{by: []string{"suggested", "currency"}, of: []string{"expected"}},
		}
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
