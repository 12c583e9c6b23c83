package reports

import "github.com/crmplus/crmplus/crm/locale"

// figureTexts are the words of the workbooks of figures, forecasts and quotas.
var figureTexts = locale.Texts{
	"report.dashboard": locale.Row("Irányítópult", "Dashboard", "לוח מחוונים", "Панель показателей", "Πίνακας ελέγχου"),
	"board.none":       locale.Row("Nincs megjeleníthető mutató", "There is no figure to show", "אין מדד להצגה", "Нет показателей", "Δεν υπάρχει δείκτης"),
	"report.figures":   locale.Row("Mutatók", "Key figures", "מדדים", "Показатели", "Δείκτες"),
	"report.forecast":  locale.Row("Előrejelzés", "Forecast", "תחזית", "Прогноз", "Πρόβλεψη"),
	"report.quotas":    locale.Row("Célok", "Quotas", "יעדים", "Планы", "Στόχοι"),

	"sheet.figures":  locale.Row("Mutatók", "Figures", "מדדים", "Показатели", "Δείκτες"),
	"sheet.parts":    locale.Row("Bontás", "Breakdown", "פילוח", "В разрезе", "Ανάλυση"),
	"sheet.part":     locale.Row("Bontás", "Breakdown", "פילוח", "В разрезе", "Ανάλυση"),
	"sheet.forecast": locale.Row("Előrejelzés", "Forecast", "תחזית", "Прогноз", "Πρόβλεψη"),
	"sheet.chances":  locale.Row("Esélyek", "Chances", "סיכויים", "Шансы", "Πιθανότητες"),
	"sheet.quotas":   locale.Row("Célok", "Quotas", "יעדים", "Планы", "Στόχοι"),

	"cover.period":   locale.Row("Időszak", "Period", "תקופה", "Период", "Περίοδος"),
	"cover.before":   locale.Row("Előző időszak", "Period before", "תקופה קודמת", "Предыдущий период", "Προηγούμενη περίοδος"),
	"cover.year":     locale.Row("Egy éve", "A year ago", "לפני שנה", "Год назад", "Πριν ένα έτος"),
	"cover.filter":   locale.Row("Szűrés", "Filter", "סינון", "Фильтр", "Φίλτρο"),
	"cover.currency": locale.Row("Pénznem", "Currency", "מטבע", "Валюта", "Νόμισμα"),
	"cover.unfit":    locale.Row("Így nem szűkíthető, kimaradt", "Left out, not narrowed by this", "הושמט, המסנן אינו חל עליו", "Не подчиняется фильтру, не показано", "Παραλείφθηκε, δεν φιλτράρεται έτσι"),
	"cover.missing":  locale.Row("Árfolyam nélkül kimaradt", "Left out for want of a rate", "הושמט בהיעדר שער", "Не учтено, нет курса", "Παραλείφθηκε, χωρίς ισοτιμία"),

	"column.figure":       locale.Row("Mutató", "Figure", "מדד", "Показатель", "Δείκτης"),
	"column.time":         locale.Row("Időszak", "Period", "תקופה", "Период", "Περίοδος"),
	"column.part":         locale.Row("Bontás", "Part", "חלק", "Часть", "Μέρος"),
	"column.number":       locale.Row("Darab", "Count", "כמות", "Количество", "Πλήθος"),
	"column.amount":       locale.Row("Összeg", "Amount", "סכום", "Сумма", "Ποσό"),
	"column.share":        locale.Row("Arány", "Share", "שיעור", "Доля", "Ποσοστό"),
	"column.hours":        locale.Row("Óra", "Hours", "שעות", "Часы", "Ώρες"),
	"column.records":      locale.Row("Tételek", "Records", "רשומות", "Записей", "Εγγραφές"),
	"column.formula":      locale.Row("Számítás", "Formula", "נוסחה", "Формула", "Τύπος"),
	"column.won":          locale.Row("Megnyert", "Won", "זכיות", "Выиграно", "Κερδισμένα"),
	"column.commit":       locale.Row("Biztosra vehető", "Commit", "מחויב", "Надёжно", "Βέβαια"),
	"column.best":         locale.Row("Legjobb eset", "Best case", "התרחיש הטוב", "Лучший случай", "Καλύτερη περίπτωση"),
	"column.learnt_sum":   locale.Row("Tanult eséllyel", "By learnt chance", "לפי סיכוי נלמד", "По выученным шансам", "Κατά μαθημένη πιθανότητα"),
	"column.open_sum":     locale.Row("Nyitott", "Open", "פתוח", "Открыто", "Ανοικτά"),
	"column.set":          locale.Row("Beállított esély", "Chance set", "סיכוי שנקבע", "Заданный шанс", "Ορισμένη πιθανότητα"),
	"column.learnt":       locale.Row("Tanult esély", "Chance learnt", "סיכוי נלמד", "Выученный шанс", "Μαθημένη πιθανότητα"),
	"column.low":          locale.Row("Legalább", "At least", "לפחות", "Не меньше", "Τουλάχιστον"),
	"column.high":         locale.Row("Legfeljebb", "At most", "לכל היותר", "Не больше", "Το πολύ"),
	"column.won_count":    locale.Row("Megnyert (db)", "Won (count)", "זכיות (כמות)", "Выиграно (число)", "Κερδισμένες (πλήθος)"),
	"column.closed_count": locale.Row("Lezárt (db)", "Closed (count)", "נסגרו (כמות)", "Закрыто (число)", "Κλειστές (πλήθος)"),
	"column.measure":      locale.Row("Mérték", "Measure", "מדד", "Мера", "Μέτρο"),
	"column.first":        locale.Row("Első nap", "First day", "יום ראשון בתקופה", "Первый день", "Πρώτη ημέρα"),
	"column.last":         locale.Row("Utolsó nap", "Last day", "יום אחרון בתקופה", "Последний день", "Τελευταία ημέρα"),
	"column.target":       locale.Row("Cél", "Target", "יעד", "План", "Στόχος"),
	"column.attained":     locale.Row("Elért", "Attained", "הושג", "Достигнуто", "Επιτεύχθηκε"),
	"column.pace":         locale.Row("Ütem", "Pace", "קצב", "Темп", "Ρυθμός"),
	"column.gap":          locale.Row("Hiányzik", "Gap", "פער", "Не хватает", "Υπόλοιπο"),
	"column.landing":      locale.Row("Várható", "Landing", "צפי", "Ожидается", "Αναμένεται"),

	"time.now":    locale.Row("Időszak", "Period", "תקופה", "Период", "Περίοδος"),
	"time.before": locale.Row("Előző időszak", "Period before", "תקופה קודמת", "Предыдущий период", "Προηγούμενη περίοδος"),
	"time.year":   locale.Row("Egy éve", "A year ago", "לפני שנה", "Год назад", "Πριν ένα έτος"),

	"measure.revenue":    locale.Row("Megnyert érték", "Revenue won", "הכנסה שנסגרה", "Выигранная выручка", "Κερδισμένα έσοδα"),
	"measure.count":      locale.Row("Megnyert lehetőségek", "Opportunities won", "הזדמנויות שזכו", "Выигранные сделки", "Κερδισμένες ευκαιρίες"),
	"measure.activities": locale.Row("Hívások és találkozók", "Calls and meetings", "שיחות ופגישות", "Звонки и встречи", "Κλήσεις και συναντήσεις"),
}
