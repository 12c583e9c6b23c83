package regulation

import "github.com/crmplus/crmplus/crm/locale"

// Texts name steps and standings.
var Texts = locale.Texts{
	"step.captured":  locale.Row("Érdeklődő beérkezett", "Lead came in", "ליד התקבל", "Лид поступил", "Ήρθε υποψήφιος"),
	"step.answered":  locale.Row("Első válasz az érdeklődőnek", "First answer to the lead", "מענה ראשון לליד", "Первый ответ лиду", "Πρώτη απάντηση στον υποψήφιο"),
	"step.spoken":    locale.Row("Hívás vagy találkozó", "Call or meeting", "שיחה או פגישה", "Звонок или встреча", "Κλήση ή συνάντηση"),
	"step.opened":    locale.Row("Lehetőség létrejött", "Opportunity made", "הזדמנות נוצרה", "Сделка создана", "Δημιουργία ευκαιρίας"),
	"step.entered":   locale.Row("Szakaszba lépett", "Stage entered", "כניסה לשלב", "Вход на этап", "Είσοδος σε στάδιο"),
	"step.quoted":    locale.Row("Ajánlat kiadva", "Quote issued", "הצעת מחיר הופקה", "Предложение выпущено", "Έκδοση προσφοράς"),
	"step.sent":      locale.Row("Ajánlat elküldve", "Quote sent", "הצעת מחיר נשלחה", "Предложение отправлено", "Αποστολή προσφοράς"),
	"step.accepted":  locale.Row("Ajánlat elfogadva", "Quote accepted", "הצעת מחיר התקבלה", "Предложение принято", "Αποδοχή προσφοράς"),
	"step.won":       locale.Row("Lehetőség megnyerve", "Opportunity won", "הזדמנות נסגרה בזכייה", "Сделка выиграна", "Κερδισμένη ευκαιρία"),
	"step.ordered":   locale.Row("Rendelés rögzítve", "Order made", "הזמנה נרשמה", "Заказ оформлен", "Καταχώριση παραγγελίας"),
	"step.delivered": locale.Row("Szállítólevél elkészült", "Delivery noted", "תעודת משלוח הופקה", "Отгрузка оформлена", "Δελτίο αποστολής"),
	"step.invoiced":  locale.Row("Számla kiállítva", "Invoiced", "חשבונית הופקה", "Счёт выставлен", "Τιμολόγηση"),

	"standing.kept":   locale.Row("betartva", "kept", "קוים", "соблюдён", "τηρήθηκε"),
	"standing.broken": locale.Row("megszegve", "broken", "הופר", "нарушен", "παραβιάστηκε"),
	"standing.late":   locale.Row("késésben", "late", "באיחור", "просрочен", "εκπρόθεσμο"),
	"standing.open":   locale.Row("folyamatban", "open", "פתוח", "идёт", "ανοιχτό"),
	"standing.void":   locale.Row("tárgytalan", "void", "בטל", "отпал", "άκυρο"),
}

// In names a standing.
func (s Standing) In(l locale.Language) string { return Texts.T(l, "standing."+string(s)) }
