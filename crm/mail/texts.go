package mail

import "github.com/crmplus/crmplus/crm/locale"

// Texts are the words for states ("state.queued").
var Texts = locale.Texts{
	"state.queued":    locale.Row("Küldésre vár", "Waiting to be sent", "ממתין לשליחה", "Ожидает отправки", "Αναμένει αποστολή"),
	"state.sending":   locale.Row("Küldés folyamatban", "Being sent", "בשליחה", "Отправляется", "Αποστέλλεται"),
	"state.sent":      locale.Row("Elküldve", "Sent", "נשלח", "Отправлено", "Στάλθηκε"),
	"state.deferred":  locale.Row("Később újra próbáljuk", "Will be tried again", "ננסה שוב מאוחר יותר", "Будет отправлено позже", "Θα επαναληφθεί αργότερα"),
	"state.failed":    locale.Row("Nem sikerült elküldeni", "Not sent", "השליחה נכשלה", "Не отправлено", "Δεν στάλθηκε"),
	"state.unknown":   locale.Row("Nem tudni, megérkezett-e", "Not known whether it arrived", "לא ידוע אם הגיע", "Неизвестно, доставлено ли", "Άγνωστο αν παραδόθηκε"),
	"state.cancelled": locale.Row("Visszavonva küldés előtt", "Taken back before it was sent", "בוטל לפני השליחה", "Отменено до отправки", "Ακυρώθηκε πριν από την αποστολή"),
	"state.dismissed": locale.Row("Elintézve", "Dealt with", "טופל", "Обработано", "Τακτοποιήθηκε"),
}
