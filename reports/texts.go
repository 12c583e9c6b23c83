package reports

import "github.com/crmplus/crmplus/crm/locale"

var salesTexts = locale.Texts{
	"report.sales": locale.Row("Értékesítési kimutatás", "Sales report", "דוח מכירות", "Отчёт о продажах", "Αναφορά πωλήσεων"),
	"report.leads": locale.Row("Érdeklődők", "Leads", "לידים", "Лиды", "Υποψήφιοι πελάτες"),

	"sheet.pipeline": locale.Row("Értékesítési tölcsér", "Pipeline", "צינור מכירות", "Воронка продаж", "Διοχέτευση πωλήσεων"),
	"sheet.open":     locale.Row("Nyitott lehetőségek", "Open opportunities", "הזדמנויות פתוחות", "Открытые сделки", "Ανοιχτές ευκαιρίες"),
	"sheet.closed":   locale.Row("Lezárt ügyletek", "Closed deals", "עסקאות סגורות", "Закрытые сделки", "Κλειστές συμφωνίες"),
	"sheet.leads":    locale.Row("Érdeklődők", "Leads", "לידים", "Лиды", "Υποψήφιοι πελάτες"),
	"chart.pipeline": locale.Row("Nyitott lehetőségek szakaszonként", "Open opportunities by stage", "הזדמנויות פתוחות לפי שלב", "Открытые сделки по этапам", "Ανοιχτές ευκαιρίες ανά στάδιο"),

	"column.pipeline":       locale.Row("Folyamat", "Pipeline", "תהליך", "Воронка", "Διαδικασία"),
	"column.stage":          locale.Row("Szakasz", "Stage", "שלב", "Этап", "Στάδιο"),
	"column.currency":       locale.Row("Pénznem", "Currency", "מטבע", "Валюта", "Νόμισμα"),
	"column.deals":          locale.Row("Darab", "Number", "מספר", "Количество", "Πλήθος"),
	"column.revenue":        locale.Row("Várható bevétel", "Expected revenue", "הכנסה צפויה", "Ожидаемая выручка", "Αναμενόμενα έσοδα"),
	"column.weighted":       locale.Row("Súlyozott bevétel", "Weighted revenue", "הכנסה משוקללת", "Взвешенная выручка", "Σταθμισμένα έσοδα"),
	"column.name":           locale.Row("Név", "Name", "שם", "Имя", "Όνομα"),
	"column.party":          locale.Row("Partner", "Customer", "לקוח", "Клиент", "Πελάτης"),
	"column.owner":          locale.Row("Felelős", "Owner", "אחראי", "Ответственный", "Υπεύθυνος"),
	"column.chance":         locale.Row("Esély", "Chance", "סיכוי", "Вероятность", "Πιθανότητα"),
	"column.expected_close": locale.Row("Várható zárás", "Expected close", "סגירה צפויה", "Ожидаемое закрытие", "Αναμενόμενο κλείσιμο"),
	"column.created_at":     locale.Row("Létrehozva", "Created", "נוצר", "Создано", "Δημιουργήθηκε"),
	"column.closed_at":      locale.Row("Lezárva", "Closed", "נסגר", "Закрыто", "Έκλεισε"),
	"column.state":          locale.Row("Eredmény", "Result", "תוצאה", "Результат", "Αποτέλεσμα"),
	"column.lost_reason":    locale.Row("Elvesztés oka", "Lost reason", "סיבת ההפסד", "Причина проигрыша", "Λόγος απώλειας"),
	"column.lost_to":        locale.Row("Nyertes versenytárs", "Lost to", "הפסד למתחרה", "Проиграно кому", "Χάθηκε από"),
	"column.arrived_at":     locale.Row("Érkezett", "Arrived", "הגיע", "Поступил", "Άφιξη"),
	"column.organization":   locale.Row("Cég", "Company", "חברה", "Компания", "Εταιρεία"),
	"column.email":          locale.Row("E-mail", "E-mail", "דוא\"ל", "Эл. почта", "E-mail"),
	"column.phone":          locale.Row("Telefon", "Phone", "טלפון", "Телефон", "Τηλέφωνο"),
	"column.city":           locale.Row("Település", "City", "עיר", "Город", "Πόλη"),
	"column.country":        locale.Row("Ország", "Country", "מדינה", "Страна", "Χώρα"),
	"column.status":         locale.Row("Állapot", "Status", "סטטוס", "Статус", "Κατάσταση"),
	"column.source":         locale.Row("Forrás", "Source", "מקור", "Источник", "Πηγή"),
	"column.campaign":       locale.Row("Kampány", "Campaign", "קמפיין", "Кампания", "Καμπάνια"),
	"column.value":          locale.Row("Várható érték", "Expected value", "ערך צפוי", "Ожидаемая сумма", "Αναμενόμενη αξία"),
	"column.first_response": locale.Row("Első válasz", "First response", "מענה ראשון", "Первый ответ", "Πρώτη απάντηση"),
	"column.converted_at":   locale.Row("Átalakítva", "Converted", "הומר", "Конвертирован", "Μετατράπηκε"),

	"state.won":  locale.Row("Megnyert", "Won", "זכייה", "Выиграна", "Κερδήθηκε"),
	"state.lost": locale.Row("Elvesztett", "Lost", "הפסד", "Проиграна", "Χάθηκε"),

	"status.new":          locale.Row("Új", "New", "חדש", "Новый", "Νέος"),
	"status.working":      locale.Row("Folyamatban", "Working", "בטיפול", "В работе", "Σε εξέλιξη"),
	"status.qualified":    locale.Row("Minősített", "Qualified", "מוסמך", "Квалифицирован", "Αξιολογημένος"),
	"status.nurturing":    locale.Row("Gondozás alatt", "Nurturing", "בטיפוח", "Подогрев", "Σε καλλιέργεια"),
	"status.disqualified": locale.Row("Elvetett", "Disqualified", "נפסל", "Отклонён", "Απορρίφθηκε"),
	"status.converted":    locale.Row("Átalakított", "Converted", "הומר", "Конвертирован", "Μετατράπηκε"),
}
