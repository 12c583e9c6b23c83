package mail

import "github.com/crmplus/crmplus/crm/locale"

// Texts are the words for states ("state.queued") and for a company's own fields by what has them ("own.quote").
var Texts = locale.Texts{
	"state.queued":    locale.Row("Küldésre vár", "Waiting to be sent", "ממתין לשליחה", "Ожидает отправки", "Αναμένει αποστολή"),
	"state.sending":   locale.Row("Küldés folyamatban", "Being sent", "בשליחה", "Отправляется", "Αποστέλλεται"),
	"state.sent":      locale.Row("Elküldve", "Sent", "נשלח", "Отправлено", "Στάλθηκε"),
	"state.deferred":  locale.Row("Később újra próbáljuk", "Will be tried again", "ננסה שוב מאוחר יותר", "Будет отправлено позже", "Θα επαναληφθεί αργότερα"),
	"state.failed":    locale.Row("Nem sikerült elküldeni", "Not sent", "השליחה נכשלה", "Не отправлено", "Δεν στάλθηκε"),
	"state.unknown":   locale.Row("Nem tudni, megérkezett-e", "Not known whether it arrived", "לא ידוע אם הגיע", "Неизвестно, доставлено ли", "Άγνωστο αν παραδόθηκε"),
	"state.cancelled": locale.Row("Visszavonva küldés előtt", "Taken back before it was sent", "בוטל לפני השליחה", "Отменено до отправки", "Ακυρώθηκε πριν από την αποστολή"),
	"state.dismissed": locale.Row("Elintézve", "Dealt with", "טופל", "Обработано", "Τακτοποιήθηκε"),

	"field.reader.greeting": locale.Row("megszólítás", "greeting", "פנייה", "обращение", "προσφώνηση"),
	"field.reader.name":     locale.Row("az olvasó neve", "reader's name", "שם הנמען", "имя получателя", "όνομα παραλήπτη"),
	"field.owner.name":      locale.Row("a felelős neve", "owner's name", "שם האחראי", "имя ответственного", "όνομα υπευθύνου"),
	"field.owner.email":     locale.Row("a felelős e-mail-címe", "owner's e-mail", "דוא״ל האחראי", "эл. почта ответственного", "e-mail υπευθύνου"),

	"own.lead":        locale.Row("%s (érdeklődő)", "%s (lead)", "%s (ליד)", "%s (лид)", "%s (υποψήφιος)"),
	"own.quote":       locale.Row("%s (árajánlat)", "%s (quote)", "%s (הצעת מחיר)", "%s (предложение)", "%s (προσφορά)"),
	"own.opportunity": locale.Row("%s (lehetőség)", "%s (opportunity)", "%s (הזדמנות)", "%s (сделка)", "%s (ευκαιρία)"),
	"own.party":       locale.Row("%s (partner)", "%s (customer)", "%s (לקוח)", "%s (клиент)", "%s (πελάτης)"),
}
