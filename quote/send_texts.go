package quote

import (
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/mail"
)

// sendTexts are what the package says when quotes go out.
var sendTexts = locale.Texts{
	"button.open": locale.Row("Árajánlat megnyitása", "Open the quote", "פתיחת הצעת המחיר", "Открыть предложение", "Άνοιγμα προσφοράς"),
	"link":        locale.Row("[az ajánlat linkje]", "[link to the quote]", "[קישור להצעה]", "[ссылка на предложение]", "[σύνδεσμος προσφοράς]"),

	"task.failed":  locale.Row("%s árajánlat nem ment el: %s", "Quote %s was not sent: %s", "הצעת מחיר %s לא נשלחה: %s", "Предложение %s не отправлено: %s", "Η προσφορά %s δεν στάλθηκε: %s"),
	"task.unknown": locale.Row("%s árajánlat: kérdezze meg, megérkezett-e: %s", "Quote %s: ask whether it arrived: %s", "הצעת מחיר %s: יש לברר אם התקבלה: %s", "Предложение %s: уточните, получено ли оно: %s", "Προσφορά %s: ρωτήστε αν παραλήφθηκε: %s"),
	"help.failed":  locale.Row("A levelezőkiszolgáló válasza: %s\nJavítsa a címet vagy a beállítást, majd küldje el újra.", "The mail server said: %s\nCorrect the address or the setting, then send it again.", "תשובת שרת הדואר: %s\nיש לתקן את הכתובת או את ההגדרה ולשלוח שוב.", "Ответ почтового сервера: %s\nИсправьте адрес или настройку и отправьте ещё раз.", "Απάντηση του διακομιστή: %s\nΔιορθώστε τη διεύθυνση ή τη ρύθμιση και στείλτε ξανά."),
	"help.unknown": locale.Row("A kapcsolat a küldés végén megszakadt: %s\nHa nem érkezett meg, küldje el újra; ha igen, jelölje elintézettnek.", "The connection broke at the end of sending: %s\nIf it did not arrive, send it again; if it did, mark it as dealt with.", "החיבור נותק בסוף השליחה: %s\nאם ההודעה לא התקבלה יש לשלוח שוב, ואם התקבלה יש לסמן כטופל.", "Связь прервалась в конце отправки: %s\nЕсли письмо не дошло, отправьте его снова; если дошло, отметьте как обработанное.", "Η σύνδεση διακόπηκε στο τέλος της αποστολής: %s\nΑν δεν παραλήφθηκε, στείλτε ξανά· αν παραλήφθηκε, σημειώστε το ως τακτοποιημένο."),

	"log.asked":  locale.Row("Kérdés a %s árajánlathoz", "Question about quote %s", "שאלה על הצעת מחיר %s", "Вопрос по предложению %s", "Ερώτηση για την προσφορά %s"),
	"task.asked": locale.Row("Válaszoljon: kérdés a %s árajánlathoz", "Answer the question about quote %s", "יש להשיב לשאלה על הצעת מחיר %s", "Ответьте на вопрос по предложению %s", "Απαντήστε στην ερώτηση για την προσφορά %s"),

	"field.reader.greeting":   locale.Row("megszólítás", "greeting", "פנייה", "обращение", "προσφώνηση"),
	"field.reader.name":       locale.Row("az olvasó neve", "reader's name", "שם הנמען", "имя получателя", "όνομα παραλήπτη"),
	"field.customer.name":     locale.Row("az ügyfél neve", "customer's name", "שם הלקוח", "название клиента", "επωνυμία πελάτη"),
	"field.quote.number":      locale.Row("az ajánlat száma", "quote number", "מספר ההצעה", "номер предложения", "αριθμός προσφοράς"),
	"field.quote.title":       locale.Row("az ajánlat tárgya", "quote title", "נושא ההצעה", "предмет предложения", "θέμα προσφοράς"),
	"field.quote.net":         locale.Row("nettó összeg", "net amount", "סכום ללא מע״מ", "сумма без НДС", "καθαρό ποσό"),
	"field.quote.gross":       locale.Row("bruttó összeg", "gross amount", "סכום כולל מע״מ", "сумма с НДС", "μικτό ποσό"),
	"field.quote.valid_until": locale.Row("érvényesség vége", "valid until", "בתוקף עד", "действительно до", "ισχύει έως"),
	"field.quote.link":        locale.Row("az ajánlat linkje", "link to the quote", "קישור להצעה", "ссылка на предложение", "σύνδεσμος προσφοράς"),
	"field.seller.name":       locale.Row("az értékesítő neve", "seller's name", "שם איש המכירות", "имя менеджера", "όνομα πωλητή"),
	"field.seller.title":      locale.Row("az értékesítő beosztása", "seller's job title", "תפקיד איש המכירות", "должность менеджера", "θέση πωλητή"),
	"field.seller.phone":      locale.Row("az értékesítő telefonja", "seller's phone", "טלפון איש המכירות", "телефон менеджера", "τηλέφωνο πωλητή"),
	"field.seller.email":      locale.Row("az értékesítő e-mail-címe", "seller's e-mail", "דוא״ל איש המכירות", "эл. почта менеджера", "e-mail πωλητή"),
	"field.company.name":      locale.Row("a cégünk neve", "our company's name", "שם החברה שלנו", "название нашей компании", "επωνυμία της εταιρείας μας"),
	"field.company.website":   locale.Row("a cégünk honlapja", "our website", "האתר שלנו", "наш сайт", "ο ιστότοπός μας"),
}

// signature ends the built-in letters.
const signature = "\n\n{seller.name}\n{seller.title}\n{company.name}\n{seller.phone}\n{seller.email}"

// SentPurpose is the letter that a quote is sent with.
var SentPurpose = mail.Purpose{
	Key: "quote.sent", Own: ownKinds,
	Fields: sentFields(
		"reader.greeting", "reader.name", "customer.name", "quote.number", "quote.title", "quote.net", "quote.gross", "quote.valid_until", "quote.link",
		"seller.name", "seller.title", "seller.phone", "seller.email", "company.name", "company.website",
	),
	Defaults: map[locale.Language]mail.Words{
		locale.Hungarian: {
			Subject: "{quote.number} árajánlat – {company.name}",
			Body: "{reader.greeting}\n\nKöszönjük megkeresését. Mellékelten küldjük {quote.number} számú árajánlatunkat {quote.gross} bruttó összeggel.\n\n" +
				"Az ajánlatot itt is megtekintheti, elfogadhatja, vagy kérdezhet róla:\n{quote.link}\n\nAz ajánlat {quote.valid_until} napjáig érvényes.\n\n" +
				"Üdvözlettel:" + signature,
		},
		locale.English: {
			Subject: "Quote {quote.number} – {company.name}",
			Body: "{reader.greeting}\n\nThank you for your enquiry. Please find attached our quote {quote.number}, {quote.gross} including VAT.\n\n" +
				"You can also read it online, accept it or ask a question:\n{quote.link}\n\nThe quote is valid until {quote.valid_until}.\n\n" +
				"Kind regards," + signature,
		},
		locale.Hebrew: {
			Subject: "הצעת מחיר {quote.number} – {company.name}",
			Body: "{reader.greeting}\n\nתודה על פנייתכם. מצורפת הצעת המחיר שלנו מספר {quote.number} בסך {quote.gross} כולל מע״מ.\n\n" +
				"ניתן גם לעיין בהצעה באינטרנט, לאשר אותה או לשאול שאלה:\n{quote.link}\n\nההצעה בתוקף עד {quote.valid_until}.\n\n" +
				"בברכה," + signature,
		},
		locale.Russian: {
			Subject: "Коммерческое предложение {quote.number} – {company.name}",
			Body: "{reader.greeting}\n\nБлагодарим за обращение. Направляем коммерческое предложение {quote.number} на сумму {quote.gross} с НДС.\n\n" +
				"Его можно также открыть онлайн, принять или задать вопрос:\n{quote.link}\n\nПредложение действительно до {quote.valid_until}.\n\n" +
				"С уважением," + signature,
		},
		locale.Greek: {
			Subject: "Προσφορά {quote.number} – {company.name}",
			Body: "{reader.greeting}\n\nΣας ευχαριστούμε για το ενδιαφέρον σας. Επισυνάπτουμε την προσφορά μας {quote.number}, συνολικού ποσού {quote.gross} με ΦΠΑ.\n\n" +
				"Μπορείτε επίσης να τη δείτε ηλεκτρονικά, να την αποδεχθείτε ή να μας ρωτήσετε:\n{quote.link}\n\nΗ προσφορά ισχύει έως {quote.valid_until}.\n\n" +
				"Με εκτίμηση," + signature,
		},
	},
}

func sentFields(names ...string) []mail.Field {
	fields := make([]mail.Field, len(names))
	for i, name := range names {
		fields[i] = mail.Field{Name: name, Label: sendTexts["field."+name]}
	}
	return fields
}
