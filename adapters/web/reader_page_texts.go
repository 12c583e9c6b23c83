package web

import "github.com/crmplus/crmplus/crm/locale"

// readerTexts are the words of the pages behind the links in newsletters.
var readerTexts = locale.Texts{
	"address": locale.Row("Cím:", "Address:", "כתובת:", "Адрес:", "Διεύθυνση:"),

	"confirm_title":   locale.Row("Erősítse meg a feliratkozását", "Confirm your subscription", "אישור ההרשמה", "Подтвердите подписку", "Επιβεβαιώστε την εγγραφή σας"),
	"confirm":         locale.Row("Egy gombnyomás van hátra. Addig nem küldünk semmit.", "One press is left. Until then we send nothing.", "נותרה לחיצה אחת. עד אז לא נשלח דבר.", "Осталось одно нажатие. До этого мы ничего не отправляем.", "Απομένει ένα πάτημα. Μέχρι τότε δεν στέλνουμε τίποτα."),
	"do_confirm":      locale.Row("Feliratkozom", "Subscribe", "הרשמה", "Подписаться", "Εγγραφή"),
	"confirmed_title": locale.Row("Feliratkozását megerősítette", "Your subscription is confirmed", "ההרשמה אושרה", "Подписка подтверждена", "Η εγγραφή επιβεβαιώθηκε"),
	"confirmed":       locale.Row("Minden levélben talál egy linket, amellyel leiratkozhat.", "Each letter has a link by which you can unsubscribe.", "בכל הודעה יש קישור להסרה מהרשימה.", "В каждом письме есть ссылка, чтобы отписаться.", "Κάθε μήνυμα έχει σύνδεσμο για διαγραφή."),
	"closed_title":    locale.Row("Erre már nem lehet feliratkozni", "This takes no more subscribers", "לא ניתן עוד להירשם", "Подписка больше не принимается", "Δεν δέχεται άλλες εγγραφές"),
	"closed":          locale.Row("Amit kért, időközben megszűnt.", "What you asked for has ended meanwhile.", "מה שביקשת הופסק בינתיים.", "Запрошенная рассылка тем временем закрыта.", "Αυτό που ζητήσατε έχει πλέον διακοπεί."),

	"choose_title": locale.Row("Mit küldjünk Önnek?", "What may we send you?", "מה לשלוח אליך?", "Что Вам присылать?", "Τι θέλετε να σας στέλνουμε;"),
	"choose":       locale.Row("Jelölje be, amit kér, és mentse el.", "Tick what you want, then save.", "יש לסמן את המבוקש ולשמור.", "Отметьте нужное и сохраните.", "Σημειώστε ό,τι θέλετε και αποθηκεύστε."),
	"do_save":      locale.Row("Mentés", "Save", "שמירה", "Сохранить", "Αποθήκευση"),
	"saved":        locale.Row("Beállításait elmentettük.", "Your choices are saved.", "ההעדפות נשמרו.", "Настройки сохранены.", "Οι επιλογές σας αποθηκεύτηκαν."),
	"left_all":     locale.Row("Mindenről leiratkozott. Ha bejelöl valamit és elmenti, azt újra megkapja.", "You have unsubscribed from everything. What you tick and save you will get again.", "ההרשמה לכל הנושאים בוטלה. מה שיסומן ויישמר יישלח שוב.", "Вы отписались от всего. То, что Вы отметите и сохраните, снова будет приходить.", "Διαγραφήκατε από όλα. Ό,τι σημειώσετε και αποθηκεύσετε θα το λαμβάνετε ξανά."),

	"leave_title":     locale.Row("Leiratkozik?", "Unsubscribe?", "להסיר מהרשימה?", "Отписаться?", "Διαγραφή;"),
	"leave":           locale.Row("Egy gombnyomás, és nem küldjük többet.", "One press, and we send it no more.", "לחיצה אחת ולא נשלח עוד.", "Одно нажатие, и мы больше не будем присылать.", "Ένα πάτημα και δεν θα το στέλνουμε πια."),
	"do_leave":        locale.Row("Leiratkozom", "Unsubscribe", "הסרה מהרשימה", "Отписаться", "Διαγραφή"),
	"leave_all_title": locale.Row("Mindenről leiratkozik?", "Unsubscribe from everything?", "להסיר מכל הרשימות?", "Отписаться от всего?", "Διαγραφή από όλα;"),
	"leave_all":       locale.Row("Egy gombnyomás, és erre a címre nem küldünk többet.", "One press, and we send nothing more to this address.", "לחיצה אחת ולא נשלח עוד לכתובת זו.", "Одно нажатие, и на этот адрес мы больше ничего не отправим.", "Ένα πάτημα και δεν στέλνουμε τίποτα άλλο σε αυτή τη διεύθυνση."),
	"do_leave_all":    locale.Row("Leiratkozás mindenről", "Unsubscribe from everything", "הסרה מכל הרשימות", "Отписаться от всего", "Διαγραφή από όλα"),
	"left_title":      locale.Row("Leiratkozott", "You are unsubscribed", "ההסרה בוצעה", "Вы отписаны", "Διαγραφήκατε"),
	"left":            locale.Row("Nem küldjük többet. Ami már úton van, még megérkezhet.", "We send it no more. What is on its way may still arrive.", "לא נשלח עוד. מה שכבר בדרך עשוי עדיין להגיע.", "Больше не пришлём. Уже отправленное ещё может прийти.", "Δεν θα το στέλνουμε πια. Όσα είναι ήδη καθ’ οδόν μπορεί να φτάσουν."),
	"mistake":         locale.Row("Véletlenül nyomta meg?", "Was it a mistake?", "לחצת בטעות?", "Нажали по ошибке?", "Το πατήσατε κατά λάθος;"),
	"do_take_back":    locale.Row("Visszairatkozom", "Subscribe again", "הרשמה מחדש", "Подписаться снова", "Εγγραφή ξανά"),
	"to_choices":      locale.Row("Összes beállításom", "All my choices", "כל ההעדפות שלי", "Все мои настройки", "Όλες οι επιλογές μου"),

	"gone_title":       locale.Row("Ez a link nem működik", "This link does not work", "הקישור אינו פעיל", "Эта ссылка не работает", "Ο σύνδεσμος δεν λειτουργεί"),
	"gone":             locale.Row("Lehet, hogy lejárt, vagy hiányosan másolta be. Nyissa meg a legutóbbi levelünkből.", "It may have expired, or a part of it is missing. Open the one in our latest letter.", "ייתכן שפג תוקפו או שהועתק חלקית. נא לפתוח את הקישור מההודעה האחרונה שלנו.", "Возможно, она устарела или скопирована не полностью. Откройте ссылку из нашего последнего письма.", "Μπορεί να έληξε ή να λείπει ένα μέρος του. Ανοίξτε αυτόν από το τελευταίο μας μήνυμα."),
	"blocked_title":    locale.Row("Ezt a címet nem írathatja fel", "This address cannot be subscribed", "לא ניתן לרשום כתובת זו", "Этот адрес нельзя подписать", "Η διεύθυνση δεν μπορεί να εγγραφεί"),
	"blocked":          locale.Row("Kérjük, írjon nekünk, ha mégis kéri.", "Please write to us if you want it all the same.", "נא לכתוב לנו אם בכל זאת מעוניינים.", "Напишите нам, если Вы всё же этого хотите.", "Γράψτε μας αν το θέλετε παρ’ όλα αυτά."),
	"busy_title":       locale.Row("Egy pillanat türelmet", "One moment please", "רגע בבקשה", "Минуту", "Μια στιγμή"),
	"busy":             locale.Row("Most túl sok kérés érkezik. Várjon fél percet, és próbálja újra.", "Too many requests are arriving just now. Wait half a minute and try again.", "מתקבלות כרגע יותר מדי בקשות. נא להמתין חצי דקה ולנסות שוב.", "Сейчас слишком много запросов. Подождите полминуты и попробуйте снова.", "Φτάνουν πάρα πολλά αιτήματα. Περιμένετε μισό λεπτό και δοκιμάστε ξανά."),
	"down_title":       locale.Row("Átmeneti hiba történt", "Something is down for a moment", "אירעה תקלה זמנית", "Временный сбой", "Προσωρινή βλάβη"),
	"down":             locale.Row("Próbálja újra egy perc múlva.", "Try again in a minute.", "נא לנסות שוב בעוד דקה.", "Попробуйте ещё раз через минуту.", "Δοκιμάστε ξανά σε ένα λεπτό."),
	"unreadable_title": locale.Row("A kérés hibásan érkezett meg", "The request arrived damaged", "הבקשה התקבלה פגומה", "Запрос пришёл повреждённым", "Το αίτημα έφτασε κατεστραμμένο"),
	"unreadable":       locale.Row("Nyissa meg újra a linket, és próbálja még egyszer.", "Open the link again and try once more.", "נא לפתוח שוב את הקישור ולנסות שוב.", "Откройте ссылку снова и попробуйте ещё раз.", "Ανοίξτε ξανά τον σύνδεσμο και δοκιμάστε πάλι."),
}
