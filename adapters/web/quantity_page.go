package web

import (
	"cmp"
	"context"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/reports/kpi"
	"github.com/crmplus/crmplus/reports/quantity"
)

func (s *screens) quantityRoutes() []route {
	return []route{
		{Pattern: "GET /quantities", Right: actor.OpportunityRead, Do: s.listQuantities},
		{Pattern: "GET /reports/quantities.xlsx", Right: actor.ReportRead, Do: s.downloadQuantities},
	}
}

// quantityPage shows which products will be needed.
type quantityPage struct {
	Tabs                  figureTabs
	Groups, Shown, Months []option
	Columns               []string
	Rows                  []quantityRow
	Product, Excel        string
	Deals                 []quantityDeal
	Orders                []quantityOrder
	// Known says whether orders are told; More that not all were read.
	Known, More bool
}

type quantityRow struct {
	Name, Note, Path    string
	Cells               []quantityCell
	Sum, Undated, Later quantityCell
}

// quantityCell is what is expected, and what is ordered.
type quantityCell struct{ Expected, Ordered string }

type quantityDeal struct{ Name, Path, Customer, Owner, Close, Chance, Quantity string }

type quantityOrder struct {
	Number, Path, Customer, CustomerPath, Date, Due, Left string
	Late                                                  bool
}

// quantityMeasures are what the cells can show.
var quantityMeasures = []string{"weighted", "commit", "best", "all"}

// quantityQuery reads what is asked for.
func (v *visit) quantityQuery() quantity.Query {
	f := v.asked()
	q := quantity.Query{Group: f.text("group"), Months: 6}
	if n, _ := strconv.Atoi(f.text("months")); slices.Contains([]int{3, 6, 12}, n) {
		q.Months = n
	}
	return q
}

func (s *screens) listQuantities(v *visit) error {
	f, q := v.asked(), v.quantityQuery()
	table, err := v.module().Quantities.Table(v.ctx(), q)
	if err != nil {
		return err
	}
	group, err := v.partLabels(kpi.ProductGroup)
	if err != nil {
		return err
	}
	groups, err := v.module().ProductGroups(v.ctx())
	if err != nil {
		return err
	}
	shown := quantityMeasures[0]
	if slices.Contains(quantityMeasures, f.text("show")) {
		shown = f.text("show")
	}
	address := url.Values{"group": {q.Group}, "months": {strconv.Itoa(q.Months)}}
	d := quantityPage{
		Tabs: figureTabs{"quantities"}, Shown: v.options("quantity.show.", shown, quantityMeasures...), Months: v.options("quantity.months.", strconv.Itoa(q.Months), "3", "6", "12"),
		Groups: []option{{Label: v.t("figures.groups"), On: q.Group == ""}}, Excel: v.link("/reports/quantities.xlsx") + "?" + address.Encode(), Known: table.Known, More: table.More,
	}
	for _, g := range groups {
		d.Groups = append(d.Groups, option{Value: g.Key, Label: g.Name, On: g.Key == q.Group})
	}
	for _, p := range table.Periods {
		d.Columns = append(d.Columns, monthNumber(v.Locale.Language, p.First))
	}
	address.Set("show", shown)
	for _, r := range table.Rows {
		address.Set("product", r.Product)
		row := quantityRow{
			Name: r.Name, Note: r.Product + " · " + group(kpi.Row{Key: r.Group, Label: r.Group}) + " · " + r.Unit, Path: v.link("/quantities") + "?" + address.Encode() + "#quantity-behind",
			Sum: v.quantityCell(r.Sum, shown), Undated: v.quantityCell(r.Undated, shown), Later: v.quantityCell(r.Later, shown),
		}
		for _, c := range r.Cells {
			row.Cells = append(row.Cells, v.quantityCell(c, shown))
		}
		d.Rows = append(d.Rows, row)
		if r.Product == f.text("product") {
			d.Product = r.Name
		}
	}
	if d.Product != "" {
		if err := v.quantityBehind(&d, f.text("product")); err != nil {
			return err
		}
	}
	return v.show(http.StatusOK, "quantities", head{Title: v.t("menu.quantities"), Section: "dashboard", Wide: true}, d)
}

func (v *visit) quantityCell(c quantity.Cell, shown string) quantityCell {
	var out quantityCell
	expected := map[string]money.Quantity{"weighted": c.Weighted, "commit": c.Commit, "best": c.Best, "all": c.All}[shown]
	if !expected.IsZero() {
		out.Expected = v.Locale.Language.Quantity(expected.Round(2))
	}
	if !c.Ordered.IsZero() {
		out.Ordered = v.t("quantity.ordered.is", v.Locale.Language.Quantity(c.Ordered.Round(2)))
	}
	return out
}

func (v *visit) quantityBehind(d *quantityPage, product string) error {
	behind, err := v.module().Quantities.Behind(v.ctx(), product)
	if err != nil {
		return err
	}
	names, err := v.names()
	if err != nil {
		return err
	}
	lang := v.Locale.Language
	for _, one := range behind.Deals {
		row := quantityDeal{Name: one.Name, Path: v.link("/opportunities", one.ID.String()), Customer: one.Customer, Owner: nameIn(names, one.Owner), Chance: lang.Percent(one.Chance), Quantity: lang.Quantity(one.Quantity.Decimal) + " " + one.Unit}
		switch {
		case one.State == opportunity.Won:
			row.Close, row.Chance = v.t("quantity.won"), ""
		case !one.ExpectedClose.IsZero():
			row.Close = lang.Date(one.ExpectedClose)
		}
		d.Deals = append(d.Deals, row)
	}
	var keys []string
	for _, one := range behind.Orders {
		if !slices.Contains(keys, one.Customer) {
			keys = append(keys, one.Customer)
		}
	}
	customers, err := v.module().CustomerNames(v.ctx(), keys)
	if err != nil {
		return err
	}
	today, err := v.module().KPIs.Today(v.ctx())
	if err != nil {
		return err
	}
	for _, one := range behind.Orders {
		row := quantityOrder{
			Number: one.Document.Number, Path: v.s.documentLink(one.Document), Customer: cmp.Or(customers[one.Customer], one.Customer), CustomerPath: v.link("/customers", one.Customer),
			Date: lang.Date(one.Date), Left: lang.Quantity(one.Left.Decimal) + " " + one.Unit, Late: !one.Due.IsZero() && one.Due.Before(today),
		}
		if !one.Due.IsZero() {
			row.Due = lang.Date(one.Due)
		}
		d.Orders = append(d.Orders, row)
	}
	return nil
}

func (s *screens) downloadQuantities(v *visit) error {
	q := v.quantityQuery()
	book, err := v.figureBook(figureFilter{})
	if err != nil {
		return err
	}
	return v.download("quantities.xlsx", workbookMIME, func(ctx context.Context, w io.Writer) error {
		return s.module.Reports.Quantities(ctx, w, s.module.Quantities, q, book)
	})
}

// quantityTexts are the words of the page of quantities.
var quantityTexts = locale.Texts{
	"menu.quantities":        locale.Row("Mennyiségek", "Quantities", "כמויות", "Количества", "Ποσότητες"),
	"quantity.product":       locale.Row("Termék", "Product", "מוצר", "Товар", "Προϊόν"),
	"quantity.show":          locale.Row("Mit mutasson", "What to show", "מה להציג", "Что показать", "Τι να δείξει"),
	"quantity.show.weighted": locale.Row("Esély szerint súlyozva", "Weighted by chance", "משוקלל לפי סיכוי", "Взвешено по шансу", "Σταθμισμένες"),
	"quantity.show.commit":   locale.Row("Biztosra vehető", "As good as sure", "כמעט ודאי", "Почти наверняка", "Σχεδόν βέβαιες"),
	"quantity.show.best":     locale.Row("Legjobb esetben", "Best case", "במקרה הטוב", "В лучшем случае", "Στην καλύτερη περίπτωση"),
	"quantity.months":        locale.Row("Meddig", "How far", "לכמה זמן", "На сколько", "Ορίζοντας"),
	"quantity.months.3":      locale.Row("3 hónap", "3 months", "3 חודשים", "3 месяца", "3 μήνες"),
	"quantity.months.6":      locale.Row("6 hónap", "6 months", "6 חודשים", "6 месяцев", "6 μήνες"),
	"quantity.months.12":     locale.Row("12 hónap", "12 months", "12 חודשים", "12 месяцев", "12 μήνες"),
	"quantity.ordered.is":    locale.Row("+ %s rendelve", "+ %s ordered", "+ %s הוזמנו", "+ %s заказано", "+ %s σε παραγγελία"),
	"quantity.ordered.no":    locale.Row("A megrendelt, még le nem szállított mennyiség itt nem látszik: a gazdálkodási rendszer nem mondja meg, vagy nem minden adatot lát.", "What is ordered and not delivered yet is not shown here: the ERP does not tell it, or you do not see all records.", "מה שהוזמן וטרם סופק אינו מוצג כאן: מערכת ה-ERP אינה מוסרת זאת, או שאינך רואה את כל הרשומות.", "Заказанное, но не отгруженное здесь не показано: ERP этого не сообщает, или вам видны не все записи.", "Ό,τι παραγγέλθηκε και δεν παραδόθηκε δεν εμφανίζεται εδώ: το ERP δεν το δίνει ή δεν βλέπετε όλες τις εγγραφές."),
	"quantity.ordered.more":  locale.Row("Csak az 5000 legrégebbi nyitott rendelés számít.", "Only the 5,000 oldest open orders are counted.", "נספרו רק 5,000 ההזמנות הפתוחות הוותיקות ביותר.", "Учтены только 5000 самых старых открытых заказов.", "Μετρούν μόνο οι 5.000 παλαιότερες ανοικτές παραγγελίες."),
	"quantity.orders":        locale.Row("Még szállítandó rendelések", "Orders still to be delivered", "הזמנות שטרם סופקו", "Заказы к отгрузке", "Παραγγελίες προς παράδοση"),
	"quantity.order":         locale.Row("Rendelés", "Order", "הזמנה", "Заказ", "Παραγγελία"),
	"quantity.customer":      locale.Row("Ügyfél", "Customer", "לקוח", "Клиент", "Πελάτης"),
	"quantity.placed":        locale.Row("Kelte", "Date", "תאריך", "Дата", "Ημερομηνία"),
	"quantity.due":           locale.Row("Szállítási határidő", "Delivery due", "מועד אספקה", "Срок поставки", "Προθεσμία παράδοσης"),
	"quantity.late":          locale.Row("késik", "late", "באיחור", "просрочен", "καθυστερεί"),
	"quantity.left":          locale.Row("Hátralévő", "Left", "יתרה", "Осталось", "Υπόλοιπο"),
	"quantity.show.all":      locale.Row("Minden lehetőség", "All opportunities", "כל ההזדמנויות", "Все сделки", "Όλες οι ευκαιρίες"),
	"quantity.hint":          locale.Row("Nyitott lehetőségek és kiadott ajánlatok tételei a várható zárás hónapjában; ami megnyert, de még nincs megrendelve, most esedékes. Alatta, ami meg van rendelve és még nincs leszállítva, a vállalt hónapban.", "Lines of open opportunities and issued quotes in the month of the expected close; what is won and not ordered yet is due now. Below, what is ordered and not delivered yet, in the month it is promised for.", "שורות של הזדמנויות פתוחות והצעות שהוצאו, בחודש הסגירה הצפוי; מה שזכה וטרם הוזמן נדרש כעת. מתחת: מה שהוזמן וטרם סופק, בחודש שהובטח.", "Строки открытых сделок и выставленных предложений в месяце ожидаемого закрытия; выигранное, но не заказанное нужно сейчас. Ниже — заказанное, но не отгруженное, в обещанном месяце.", "Γραμμές ανοικτών ευκαιριών και εκδοθεισών προσφορών στον μήνα του αναμενόμενου κλεισίματος· ό,τι κερδήθηκε χωρίς παραγγελία οφείλεται τώρα. Από κάτω, ό,τι παραγγέλθηκε και δεν παραδόθηκε, στον μήνα που υποσχέθηκε."),
	"quantity.won":           locale.Row("megnyert, rendelésre vár", "won, to be ordered", "זכתה, ממתינה להזמנה", "выиграна, ждёт заказа", "κερδήθηκε, προς παραγγελία"),
	"quantity.deals":         locale.Row("Lehetőségek e mögött", "Opportunities behind it", "ההזדמנויות שמאחור", "Сделки за этим", "Ευκαιρίες πίσω από αυτό"),
	"quantity.amount":        locale.Row("Mennyiség", "Quantity", "כמות", "Количество", "Ποσότητα"),
	"quantity.close":         locale.Row("Várható zárás", "Expected close", "סגירה צפויה", "Ожидаемое закрытие", "Αναμενόμενο κλείσιμο"),
	"quantity.chance":        locale.Row("Esély", "Chance", "סיכוי", "Шанс", "Πιθανότητα"),
	"quantity.none":          locale.Row("Nincs várható mennyiség.", "No quantities are expected.", "אין כמויות צפויות.", "Ожидаемых количеств нет.", "Δεν αναμένονται ποσότητες."),
}
