package workbook

import "github.com/crmplus/crmplus/crm/locale"

// texts are the words this package writes itself; headings come from the caller. The page line has
// the codes of a page footer: &P is the page, &N the number of pages. LibreOffice sets the pieces of a footer from left to
// right whatever they hold, and tears a Hebrew sentence with numbers apart; two numbers with nothing but a slash between them
// stand the same way round in both directions.
var texts = locale.Texts{
	"total":      locale.Row("Összesen", "Total", "סה״כ", "Итого", "Σύνολο"),
	"unfiltered": locale.Row("Összesen (szűrés nélkül)", "Total (unfiltered)", "סה״כ (ללא סינון)", "Итого (без фильтра)", "Σύνολο (χωρίς φίλτρο)"),
	"grand":      locale.Row("Mindösszesen (%d lap)", "Grand total (%d sheets)", "סה״כ כללי (%d גיליונות)", "Общий итог (листов: %d)", "Γενικό σύνολο (%d φύλλα)"),
	"continued":  locale.Row("Folytatás a következő lapon: %s", "Continued on sheet: %s", "המשך בגיליון: %s", "Продолжение на листе: %s", "Συνέχεια στο φύλλο: %s"),
	"page":       locale.Row("&P. oldal / &N", "Page &P of &N", "&P/&N", "Страница &P из &N", "Σελίδα &P από &N"),
	"sheet":      locale.Row("Munkalap", "Sheet", "גיליון", "Лист", "Φύλλο"),
	"none":       locale.Row("Nincs adat", "No data", "אין נתונים", "Нет данных", "Δεν υπάρχουν δεδομένα"),
	"yes":        locale.Row("Igen", "Yes", "כן", "Да", "Ναι"),
	"no":         locale.Row("Nem", "No", "לא", "Нет", "Όχι"),
	"digits": locale.Row(
		"A 15 számjegynél hosszabb számok pontosan, szövegként szerepelnek; oszlopuk összege rögzített érték.",
		"Numbers of more than 15 digits are kept exactly, as text; the totals of their columns are fixed figures.",
		"מספרים של יותר מ־15 ספרות נשמרים במדויק כטקסט; סכומי העמודות שלהם הם ערכים קבועים.",
		"Числа длиннее 15 цифр сохранены точно, как текст; итоги их столбцов — фиксированные значения.",
		"Οι αριθμοί με περισσότερα από 15 ψηφία διατηρούνται ακριβείς ως κείμενο· τα σύνολα των στηλών τους είναι σταθερές τιμές."),
}
