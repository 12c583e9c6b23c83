package subscription

import "github.com/crmplus/crmplus/crm/locale"

// Texts are the words for states ("state.active"), bases ("basis.consent"), acts ("act.confirmed") and reasons
// ("reason.manual"), and what the package says itself.
var Texts = locale.Texts{
	"state.pending":      locale.Row("Megerősítésre vár", "Waiting for confirmation", "ממתין לאישור", "Ожидает подтверждения", "Αναμένει επιβεβαίωση"),
	"state.active":       locale.Row("Feliratkozott", "Subscribed", "רשום", "Подписан", "Εγγεγραμμένος"),
	"state.unsubscribed": locale.Row("Leiratkozott", "Unsubscribed", "הוסר מהרשימה", "Отписан", "Διαγράφηκε"),
	"state.suppressed":   locale.Row("Tiltólistán", "Suppressed", "חסום לשליחה", "В стоп-листе", "Σε λίστα αποκλεισμού"),

	"basis.consent":             locale.Row("hozzájárulás", "consent", "הסכמה", "согласие", "συγκατάθεση"),
	"basis.contract":            locale.Row("szerződés teljesítése", "performance of a contract", "קיום חוזה", "исполнение договора", "εκτέλεση σύμβασης"),
	"basis.legitimate_interest": locale.Row("jogos érdek", "legitimate interest", "אינטרס לגיטימי", "законный интерес", "έννομο συμφέρον"),

	"act.requested":    locale.Row("Feliratkozást kért", "Asked to subscribe", "ביקש להירשם", "Запросил подписку", "Ζήτησε εγγραφή"),
	"act.confirmed":    locale.Row("Megerősítette a feliratkozást", "Confirmed the subscription", "אישר את ההרשמה", "Подтвердил подписку", "Επιβεβαίωσε την εγγραφή"),
	"act.chosen":       locale.Row("Bejelölte a beállításai között", "Chose it on the preference page", "סימן בדף ההעדפות", "Выбрал на странице настроек", "Το επέλεξε στις προτιμήσεις"),
	"act.resubscribed": locale.Row("Visszavonta a leiratkozást", "Took the unsubscription back", "ביטל את ההסרה", "Отменил отписку", "Αναίρεσε τη διαγραφή"),
	"act.entered":      locale.Row("Munkatárs rögzítette", "Entered by staff", "הוזן בידי עובד", "Внесён сотрудником", "Καταχωρίστηκε από υπάλληλο"),
	"act.imported":     locale.Row("Fájlból érkezett", "Imported from a file", "יובא מקובץ", "Импортирован из файла", "Εισήχθη από αρχείο"),
	"act.ended":        locale.Row("Leiratkozott", "Unsubscribed", "ביטל הרשמה", "Отписался", "Διαγράφηκε"),
	"act.ended_all":    locale.Row("Mindenről leiratkozott", "Unsubscribed from everything", "ביטל את כל ההרשמות", "Отписался от всего", "Διαγράφηκε από όλα"),
	"act.blocked":      locale.Row("Tiltólistára került", "Put on the suppression list", "נוסף לרשימת החסימה", "Добавлен в стоп-лист", "Μπήκε σε λίστα αποκλεισμού"),
	"act.lifted":       locale.Row("Lekerült a tiltólistáról", "Taken off the suppression list", "הוסר מרשימת החסימה", "Удалён из стоп-листа", "Βγήκε από τη λίστα αποκλεισμού"),
	"act.erased":       locale.Row("Adatait töröltük", "Personal data erased", "הנתונים האישיים נמחקו", "Персональные данные удалены", "Τα προσωπικά δεδομένα διαγράφηκαν"),

	"reason.unsubscribed": locale.Row("mindenről leiratkozott", "unsubscribed from everything", "ביטל את כל ההרשמות", "отписался от всего", "διαγράφηκε από όλα"),
	"reason.hard_bounce":  locale.Row("a cím nem fogad levelet", "the address takes no mail", "הכתובת אינה מקבלת דואר", "адрес не принимает почту", "η διεύθυνση δεν δέχεται αλληλογραφία"),
	"reason.complaint":    locale.Row("levélszemétnek jelölte", "reported as spam", "דווח כדואר זבל", "пожаловался на спам", "αναφέρθηκε ως ανεπιθύμητο"),
	"reason.manual":       locale.Row("a cég döntése", "decided by the company", "החלטת החברה", "решение компании", "απόφαση της εταιρείας"),
	"reason.erased":       locale.Row("adatait töröltük", "personal data erased", "הנתונים נמחקו", "данные удалены", "τα δεδομένα διαγράφηκαν"),

	// The usual text of a consent: the topic's name, the company's.
	"consent.email": locale.Row(
		"Hozzájárulok, hogy e-mailben megkapjam a következőt: %[1]s (feladó: %[2]s). Hozzájárulásomat bármikor visszavonhatom a levelekben lévő linkkel; ez a korábbi küldés jogszerűségét nem érinti.",
		"I agree that %[2]s sends me by e-mail: %[1]s. I can withdraw my consent at any time by the link in each letter; what was sent before stays lawful.",
		"אני מסכים/ה ש-%[2]s ישלח לי בדואר אלקטרוני: %[1]s. אפשר לבטל את ההסכמה בכל עת בקישור שבכל הודעה; הביטול אינו פוגע בחוקיות מה שנשלח לפניו.",
		"Я согласен (согласна) получать от %[2]s по электронной почте: %[1]s. Я могу в любое время отозвать согласие по ссылке в каждом письме; отзыв не влияет на законность отправленного ранее.",
		"Συμφωνώ να μου στέλνει η %[2]s με e-mail: %[1]s. Μπορώ να ανακαλέσω τη συγκατάθεσή μου οποτεδήποτε από τον σύνδεσμο κάθε μηνύματος· η ανάκληση δεν θίγει τη νομιμότητα όσων στάλθηκαν πριν."),
	"consent.sms": locale.Row(
		"Hozzájárulok, hogy SMS-ben megkapjam a következőt: %[1]s (feladó: %[2]s). Hozzájárulásomat bármikor visszavonhatom a STOP szóval.",
		"I agree that %[2]s sends me by text message: %[1]s. I can withdraw my consent at any time by answering STOP.",
		"אני מסכים/ה ש-%[2]s ישלח לי במסרון: %[1]s. אפשר לבטל את ההסכמה בכל עת במענה STOP או הסר.",
		"Я согласен (согласна) получать от %[2]s по SMS: %[1]s. Я могу в любое время отозвать согласие, ответив STOP.",
		"Συμφωνώ να μου στέλνει η %[2]s με SMS: %[1]s. Μπορώ να ανακαλέσω τη συγκατάθεσή μου οποτεδήποτε απαντώντας STOP."),

	"button.subscription.confirm": locale.Row("Feliratkozás megerősítése", "Confirm the subscription", "אישור ההרשמה", "Подтвердить подписку", "Επιβεβαίωση εγγραφής"),
	"button.subscription.known":   locale.Row("Beállítások megnyitása", "Open my choices", "פתיחת ההעדפות", "Открыть настройки", "Άνοιγμα προτιμήσεων"),
	"text.subscription.confirm":   locale.Row("%s: erősítse meg feliratkozását: %s", "%s: confirm your subscription: %s", "%s: אישור ההרשמה: %s", "%s: подтвердите подписку: %s", "%s: επιβεβαιώστε την εγγραφή: %s"),
	"text.subscription.known":     locale.Row("%s: már feliratkozott, beállítások: %s", "%s: you are subscribed already, your choices: %s", "%s: כבר רשום, העדפות: %s", "%s: Вы уже подписаны, настройки: %s", "%s: είστε ήδη εγγεγραμμένοι, προτιμήσεις: %s"),

	"field.topics":       locale.Row("a témák neve", "names of the topics", "שמות הנושאים", "названия рассылок", "ονόματα θεμάτων"),
	"field.link":         locale.Row("az oldal linkje", "link to the page", "קישור לדף", "ссылка на страницу", "σύνδεσμος σελίδας"),
	"field.company.name": locale.Row("a cégünk neve", "our company's name", "שם החברה שלנו", "название нашей компании", "επωνυμία της εταιρείας μας"),
}
