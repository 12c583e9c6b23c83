package schedule

import (
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/mail"
)

// Purpose is the mail that tells of a report.
var Purpose = mail.Purpose{
	Key: "report.ready",
	Fields: []mail.Field{
		{Name: "report.name", Label: locale.Row("A kimutatás neve", "Name of the report", "שם הדוח", "Название отчёта", "Όνομα αναφοράς")},
		{Name: "report.date", Label: locale.Row("A nap", "The day", "היום", "День", "Η ημέρα")},
		{Name: "report.link", Label: locale.Row("A kimutatás címe", "Address of the report", "כתובת הדוח", "Адрес отчёта", "Διεύθυνση αναφοράς"), Required: true},
		{Name: "report.workbook", Label: locale.Row("A munkafüzet címe", "Address of the workbook", "כתובת חוברת העבודה", "Адрес книги Excel", "Διεύθυνση βιβλίου εργασίας")},
	},
	Defaults: map[locale.Language]mail.Words{
		locale.Hungarian: {Subject: "{report.name} – {report.date}", Body: "Elkészült a kért kimutatás: {report.name}, {report.date}.\n\nItt nyithatja meg, a saját jogosultságaival:\n{report.link}\n\nMunkafüzetként:\n{report.workbook}"},
		locale.English:   {Subject: "{report.name} – {report.date}", Body: "The report you asked for is ready: {report.name}, {report.date}.\n\nOpen it here, with your own rights:\n{report.link}\n\nAs a workbook:\n{report.workbook}"},
		locale.Hebrew:    {Subject: "{report.name} – {report.date}", Body: "הדוח שביקשת מוכן: {report.name}, {report.date}.\n\nאפשר לפתוח אותו כאן, בהרשאות שלך:\n{report.link}\n\nכחוברת עבודה:\n{report.workbook}"},
		locale.Russian:   {Subject: "{report.name} – {report.date}", Body: "Запрошенный отчёт готов: {report.name}, {report.date}.\n\nОткройте его здесь, со своими правами:\n{report.link}\n\nКнигой Excel:\n{report.workbook}"},
		locale.Greek:     {Subject: "{report.name} – {report.date}", Body: "Η αναφορά που ζητήσατε είναι έτοιμη: {report.name}, {report.date}.\n\nΑνοίξτε την εδώ, με τα δικά σας δικαιώματα:\n{report.link}\n\nΩς βιβλίο εργασίας:\n{report.workbook}"},
	},
}
