package campaign

import "github.com/crmplus/crmplus/crm/locale"

// Texts are the words for states of campaigns ("state.draft") and standings of recipients
// ("standing.sent").
var Texts = locale.Texts{
	"state.draft":     locale.Row("Piszkozat", "Draft", "טיוטה", "Черновик", "Πρόχειρο"),
	"state.scheduled": locale.Row("Ütemezve", "Scheduled", "מתוזמן", "Запланирована", "Προγραμματισμένη"),
	"state.freezing":  locale.Row("Címzettek rögzítése", "Fixing the audience", "קיבוע הנמענים", "Фиксация получателей", "Καθορισμός παραληπτών"),
	"state.running":   locale.Row("Küldés folyamatban", "Being sent", "בשליחה", "Отправляется", "Αποστέλλεται"),
	"state.paused":    locale.Row("Szünetel", "Paused", "מושהה", "Приостановлена", "Σε παύση"),
	"state.done":      locale.Row("Befejezve", "Done", "הושלם", "Завершена", "Ολοκληρώθηκε"),
	"state.cancelled": locale.Row("Leállítva", "Cancelled", "בוטל", "Отменена", "Ακυρώθηκε"),

	"standing.pending":    locale.Row("Küldésre vár", "Waiting to be sent", "ממתין לשליחה", "Ожидает отправки", "Αναμένει αποστολή"),
	"standing.sending":    locale.Row("Küldés folyamatban", "Being sent", "בשליחה", "Отправляется", "Αποστέλλεται"),
	"standing.sent":       locale.Row("Elküldve", "Sent", "נשלח", "Отправлено", "Στάλθηκε"),
	"standing.deferred":   locale.Row("Később újra próbáljuk", "Will be tried again", "ננסה שוב מאוחר יותר", "Будет отправлено позже", "Θα επαναληφθεί αργότερα"),
	"standing.failed":     locale.Row("Nem sikerült elküldeni", "Not sent", "השליחה נכשלה", "Не отправлено", "Δεν στάλθηκε"),
	"standing.bounced":    locale.Row("Visszapattant", "Bounced", "חזר", "Возвращено", "Επιστράφηκε"),
	"standing.complained": locale.Row("Kéretlennek jelölték", "Reported as unwanted", "דווח כדואר זבל", "Отмечено как спам", "Αναφέρθηκε ως ανεπιθύμητο"),
	"standing.unknown":    locale.Row("Nem tudni, megérkezett-e", "Not known whether it arrived", "לא ידוע אם הגיע", "Неизвестно, доставлено ли", "Άγνωστο αν παραδόθηκε"),
}
