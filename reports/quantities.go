package reports

import (
	"context"
	"io"

	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/reports/kpi"
	"github.com/crmplus/crmplus/reports/quantity"
	"github.com/crmplus/crmplus/reports/workbook"
)

// Quantities writes the products that will be needed as a workbook: a row for each product with its sums, and one for
// each product and month, ready for a pivot table. It needs actor.ReportRead.
func (r *Reports) Quantities(ctx context.Context, w io.Writer, quantities *quantity.Quantities, q quantity.Query, b FigureBook) error {
	t, err := quantities.Table(ctx, q)
	if err != nil {
		return err
	}
	return r.write(ctx, w, Query{Language: b.Language}, about("quantities", "quantities", b.Filter), func(l locale.Locale) []table {
		c := columns{l.Language}
		sums := []workbook.Column{c.of("weighted_quantity", workbook.KindQuantity), c.of("commit_quantity", workbook.KindQuantity), c.of("best_quantity", workbook.KindQuantity), c.of("all_quantity", workbook.KindQuantity), c.of("ordered_quantity", workbook.KindQuantity)}
		head := []workbook.Column{c.text("product_code"), c.text("product"), c.text("part"), c.text("unit")}
		cells := func(one quantity.Cell) []workbook.Value {
			ordered := workbook.Empty()
			if t.Known {
				ordered = workbook.Quantity(one.Ordered)
			}
			return []workbook.Value{workbook.Quantity(one.Weighted), workbook.Quantity(one.Commit), workbook.Quantity(one.Best), workbook.Quantity(one.All), ordered}
		}
		var whole, months [][]workbook.Value
		for _, row := range t.Rows {
			of := []workbook.Value{workbook.Text(row.Product), workbook.Text(row.Name), workbook.Text(b.label(kpi.ProductGroup, row.Group, row.Group)), workbook.Text(row.Unit)}
			whole = append(whole, append(append([]workbook.Value{}, of...), append(cells(row.Sum), append(cells(row.Undated)[:1], cells(row.Later)[0])...)...))
			for i, p := range t.Periods {
				months = append(months, append(append([]workbook.Value{}, of...), append([]workbook.Value{workbook.Date(p.First)}, cells(row.Cells[i])...)...))
			}
		}
		for i := range sums {
			sums[i].Total = workbook.Sum
		}
		products := append(append([]workbook.Column{}, head...), append(append([]workbook.Column{}, sums...), c.of("undated_quantity", workbook.KindQuantity), c.of("later_quantity", workbook.KindQuantity))...)
		first := sheetOf(l, "quantities", products, whole)
		first.charts = []workbook.Chart{{Kind: workbook.BarChart, Title: texts.T(l.Language, "report.quantities"), Category: "product", Values: []string{"weighted_quantity", "commit_quantity", "ordered_quantity"}}}
		byMonth := append(append([]workbook.Column{}, head...), append([]workbook.Column{c.date("first")}, sums...)...)
		return []table{coverOf(l, [][2]string{{"filter", b.Filter}, {"made", moment(l, r.db.Now())}}), first, sheetOf(l, "quantity_months", byMonth, months)}
	})
}

// quantityTexts are the words of the workbook of quantities.
var quantityTexts = locale.Texts{
	"report.quantities":        locale.Row("Várható mennyiségek", "Expected quantities", "כמויות צפויות", "Ожидаемые количества", "Αναμενόμενες ποσότητες"),
	"sheet.quantities":         locale.Row("Termékek", "Products", "מוצרים", "Товары", "Προϊόντα"),
	"sheet.quantity_months":    locale.Row("Hónapok", "Months", "חודשים", "Месяцы", "Μήνες"),
	"column.product_code":      locale.Row("Cikkszám", "Product code", "קוד מוצר", "Код товара", "Κωδικός προϊόντος"),
	"column.product":           locale.Row("Termék", "Product", "מוצר", "Товар", "Προϊόν"),
	"column.unit":              locale.Row("Egység", "Unit", "יחידה", "Единица", "Μονάδα"),
	"column.weighted_quantity": locale.Row("Súlyozott", "Weighted", "משוקלל", "Взвешенное", "Σταθμισμένη"),
	"column.commit_quantity":   locale.Row("Biztosra vehető", "Commit", "מחויב", "Надёжно", "Βέβαιη"),
	"column.best_quantity":     locale.Row("Legjobb esetben", "Best case", "במקרה הטוב", "В лучшем случае", "Καλύτερη περίπτωση"),
	"column.ordered_quantity":  locale.Row("Rendelve, szállítandó", "Ordered, to deliver", "הוזמן, לאספקה", "Заказано, к отгрузке", "Παραγγελμένη, προς παράδοση"),
	"column.all_quantity":      locale.Row("Összes", "All", "הכול", "Всё", "Όλη"),
	"column.undated_quantity":  locale.Row("Dátum nélkül", "Undated", "ללא תאריך", "Без даты", "Χωρίς ημερομηνία"),
	"column.later_quantity":    locale.Row("Később", "Later", "מאוחר יותר", "Позже", "Αργότερα"),
}
