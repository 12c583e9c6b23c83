package web

import "github.com/crmplus/crmplus/crm/locale"

// planTexts are the words of the page of the business plan.
var planTexts = locale.Texts{
	"menu.plan":            locale.Row("Üzleti terv", "Business plan", "תוכנית עסקית", "Бизнес-план", "Επιχειρηματικό πλάνο"),
	"quota.sold.none":      locale.Row("az ERP-ben még nincs rá rendelés", "no orders in the ERP yet", "אין עדיין הזמנות במערכת", "заказов в ERP пока нет", "δεν υπάρχουν ακόμη παραγγελίες στο ERP"),
	"quota.sold":           locale.Row("az ERP rendelései szerint, %s", "by the ERP's orders, %s", "לפי הזמנות המערכת, %s", "по заказам ERP, %s", "κατά τις παραγγελίες του ERP, %s"),
	"plan.year":            locale.Row("Év", "Year", "שנה", "Год", "Έτος"),
	"plan.what":            locale.Row("Terv", "Plan", "תוכנית", "План", "Πλάνο"),
	"plan.company":         locale.Row("Az egész cég", "The whole company", "החברה כולה", "Вся компания", "Όλη η εταιρεία"),
	"plan.sellers":         locale.Row("Az értékesítők céljai", "The sellers' quotas", "יעדי אנשי המכירות", "Планы продавцов", "Στόχοι πωλητών"),
	"plan.basis.sold":      locale.Row("Tény: az ERP rendelései nettó értéken (%s)", "Attained: the ERP's orders, net (%s)", "ביצוע: הזמנות המערכת, נטו (%s)", "Факт: заказы ERP без НДС (%s)", "Πραγματικά: παραγγελίες του ERP, χωρίς ΦΠΑ (%s)"),
	"plan.basis.won":       locale.Row("Tény: megnyert lehetőségek", "Attained: opportunities won", "ביצוע: הזדמנויות שזכו", "Факт: выигранные сделки", "Πραγματικά: κερδισμένες ευκαιρίες"),
	"plan.measure.revenue": locale.Row("Nettó forgalom", "Net revenue", "מחזור נטו", "Оборот без НДС", "Καθαρός τζίρος"),
	"plan.measure.margin":  locale.Row("Fedezet", "Margin", "רווח גולמי", "Маржа", "Περιθώριο"),
	"plan.measure.count":   locale.Row("Eladások száma", "Number of sales", "מספר מכירות", "Число продаж", "Πλήθος πωλήσεων"),
	"plan.cell":            locale.Row("terv %s, tény %s, teljesítés %s", "plan %s, attained %s, attainment %s", "תוכנית %s, ביצוע %s, עמידה %s", "план %s, факт %s, выполнение %s", "πλάνο %s, πραγματικά %s, επίτευξη %s"),
	"plan.whole":           locale.Row("Egész év", "Whole year", "כל השנה", "Весь год", "Όλο το έτος"),
	"plan.whole.is":        locale.Row("Egész év, egyenlően elosztva", "Whole year, spread evenly", "כל השנה, בחלוקה שווה", "Весь год, поровну", "Όλο το έτος, ισομερώς"),
	"plan.whole.hint":      locale.Row("Csak akkor kell, ha az időszakok üresek.", "Needed only where the periods are empty.", "נחוץ רק אם התקופות ריקות.", "Нужно, только если периоды пусты.", "Χρειάζεται μόνο όταν οι περίοδοι είναι κενές."),
	"plan.edit":            locale.Row("Terv megadása", "Set the plan", "קביעת התוכנית", "Задать план", "Ορισμός πλάνου"),
	"plan.choose":          locale.Row("Kinek a tervét", "Whose plan", "התוכנית של", "Чей план", "Ποιου το πλάνο"),
	"plan.show":            locale.Row("Megnyitás", "Open", "פתיחה", "Открыть", "Άνοιγμα"),
	"plan.saved":           locale.Row("A terv elmentve.", "The plan is saved.", "התוכנית נשמרה.", "План сохранён.", "Το πλάνο αποθηκεύτηκε."),
	"plan.empty":           locale.Row("Adjon meg legalább egy számot", "Give at least one figure", "יש להזין לפחות מספר אחד", "Укажите хотя бы одно число", "Δώστε τουλάχιστον έναν αριθμό"),
	"plan.no":              locale.Row("nincs terv", "no plan", "אין תוכנית", "нет плана", "χωρίς πλάνο"),
	"plan.half":            locale.Row("nem minden időszaknak van terve", "not all periods have a plan", "לא לכל התקופות יש תוכנית", "план есть не на все периоды", "δεν έχουν όλες οι περίοδοι πλάνο"),
}
