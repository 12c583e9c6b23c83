package web

import "github.com/crmplus/crmplus/crm/locale"

// formTexts are the words of public forms; Hungarian, English, Hebrew, Russian, Greek. Example numbers
// do not break over lines, and stand isolated (UAX #9) in Hebrew.
var formTexts = locale.Texts{
	"title":   locale.Row("Kapcsolatfelvétel", "Contact us", "יצירת קשר", "Свяжитесь с нами", "Επικοινωνία"),
	"intro":   locale.Row("Írja meg, miben segíthetünk, és hamarosan jelentkezünk.", "Tell us what you need and we will get back to you shortly.", "ספרו לנו במה נוכל לעזור, ונחזור אליכם בהקדם.", "Напишите, чем мы можем помочь, и мы скоро ответим.", "Πείτε μας τι χρειάζεστε και θα επικοινωνήσουμε σύντομα μαζί σας."),
	"button":  locale.Row("Üzenet küldése", "Send message", "שליחת הודעה", "Отправить сообщение", "Αποστολή μηνύματος"),
	"sending": locale.Row("Küldés…", "Sending…", "בשליחה…", "Отправка…", "Αποστολή…"),

	"name":        locale.Row("Név", "Name", "שם מלא", "Имя и фамилия", "Ονοματεπώνυμο"),
	"given_name":  locale.Row("Utónév", "First name", "שם פרטי", "Имя", "Όνομα"),
	"family_name": locale.Row("Vezetéknév", "Last name", "שם משפחה", "Фамилия", "Επώνυμο"),
	"company":     locale.Row("Cégnév", "Company", "חברה", "Компания", "Επωνυμία εταιρείας"),
	"job_title":   locale.Row("Beosztás", "Job title", "תפקיד", "Должность", "Θέση"),
	"email":       locale.Row("E-mail-cím", "E-mail", "דוא״ל", "Эл. почта", "E-mail"),
	"phone":       locale.Row("Telefonszám", "Phone", "טלפון", "Телефон", "Τηλέφωνο"),
	"city":        locale.Row("Település", "City", "עיר", "Город", "Πόλη"),
	"postal_code": locale.Row("Irányítószám", "Postal code", "מיקוד", "Индекс", "Τ.Κ."),
	"message":     locale.Row("Üzenet", "Message", "הודעה", "Сообщение", "Μήνυμα"),
	"optional":    locale.Row("nem kötelező", "optional", "לא חובה", "необязательно", "προαιρετικό"),
	"policy":      locale.Row("Adatkezelési tájékoztató", "Privacy notice", "מדיניות הפרטיות", "Политика конфиденциальности", "Δήλωση απορρήτου"),
	"trap":        locale.Row("Ezt a mezőt hagyja üresen", "Leave this field empty", "יש להשאיר שדה זה ריק", "Оставьте это поле пустым", "Αφήστε αυτό το πεδίο κενό"),

	"thanks_title": locale.Row("Köszönjük, megkaptuk", "Thank you, we have received it", "תודה, פנייתכם התקבלה", "Спасибо, мы получили ваше сообщение", "Ευχαριστούμε, το λάβαμε"),
	"thanks":       locale.Row("Kollégánk hamarosan jelentkezik.", "One of our colleagues will contact you shortly.", "נציג מטעמנו יחזור אליכם בהקדם.", "Наш сотрудник скоро свяжется с вами.", "Ένας συνεργάτης μας θα επικοινωνήσει σύντομα μαζί σας."),

	"faults":  locale.Row("Kérjük, javítsa az alábbiakat", "Please correct the following", "נא לתקן את הפרטים הבאים", "Пожалуйста, исправьте следующее", "Διορθώστε τα παρακάτω"),
	"again":   locale.Row("Már csak egy lépés", "One more step", "נותר עוד צעד אחד", "Остался один шаг", "Απομένει ένα βήμα"),
	"failed":  locale.Row("Az üzenetet nem tudtuk elküldeni", "The message was not sent", "ההודעה לא נשלחה", "Сообщение не отправлено", "Το μήνυμα δεν στάλθηκε"),
	"problem": locale.Row("Hiba", "Error", "שגיאה", "Ошибка", "Σφάλμα"),

	"required.name":        locale.Row("Adja meg a nevét.", "Enter your name.", "נא להזין שם מלא.", "Укажите имя и фамилию.", "Συμπληρώστε το ονοματεπώνυμό σας."),
	"required.given_name":  locale.Row("Adja meg az utónevét.", "Enter your first name.", "נא להזין שם פרטי.", "Укажите имя.", "Συμπληρώστε το όνομά σας."),
	"required.family_name": locale.Row("Adja meg a vezetéknevét.", "Enter your last name.", "נא להזין שם משפחה.", "Укажите фамилию.", "Συμπληρώστε το επώνυμό σας."),
	"required.company":     locale.Row("Adja meg a cég nevét.", "Enter your company's name.", "נא להזין את שם החברה.", "Укажите название компании.", "Συμπληρώστε την επωνυμία της εταιρείας."),
	"required.job_title":   locale.Row("Adja meg a beosztását.", "Enter your job title.", "נא להזין תפקיד.", "Укажите должность.", "Συμπληρώστε τη θέση σας."),
	"required.email":       locale.Row("Adja meg az e-mail-címét.", "Enter your e-mail address.", "נא להזין כתובת דוא״ל.", "Укажите адрес эл. почты.", "Συμπληρώστε το e-mail σας."),
	"required.phone":       locale.Row("Adja meg a telefonszámát.", "Enter your phone number.", "נא להזין מספר טלפון.", "Укажите номер телефона.", "Συμπληρώστε το τηλέφωνό σας."),
	"required.city":        locale.Row("Adja meg a települést.", "Enter your city.", "נא להזין עיר.", "Укажите город.", "Συμπληρώστε την πόλη σας."),
	"required.postal_code": locale.Row("Adja meg az irányítószámot.", "Enter your postal code.", "נא להזין מיקוד.", "Укажите индекс.", "Συμπληρώστε τον Τ.Κ."),
	"required.message":     locale.Row("Írja meg, miben segíthetünk.", "Write what we can help you with.", "נא לכתוב במה נוכל לעזור.", "Напишите, чем мы можем помочь.", "Γράψτε μας σε τι μπορούμε να βοηθήσουμε."),
	"newsletter":           locale.Row("Kérem a hírlevelet is. Egy levélben megerősítem.", "Send me the newsletter, too. I confirm it in an e-mail.", "אני רוצה לקבל גם את הניוזלטר. אאשר זאת בדוא״ל.", "Присылайте мне и рассылку. Я подтвержу это в письме.", "Στείλτε μου και το ενημερωτικό δελτίο. Θα το επιβεβαιώσω με e-mail."),
	"required.consent":     locale.Row("A küldéshez fogadja el ezt a nyilatkozatot.", "Tick this box to send the form.", "כדי לשלוח יש לסמן את ההסכמה.", "Чтобы отправить форму, отметьте это поле.", "Για να σταλεί η φόρμα, επιλέξτε αυτό το πλαίσιο."),
	"consent.changed":      locale.Row("A nyilatkozat időközben megváltozott; olvassa el és jelölje be újra.", "This text has changed in the meantime; please read it and tick it again.", "הנוסח השתנה בינתיים; נא לקרוא ולסמן שוב.", "Текст изменился; прочитайте его и отметьте снова.", "Το κείμενο άλλαξε στο μεταξύ· διαβάστε το και επιλέξτε το ξανά."),
	"email.form":           locale.Row("Ellenőrizze az e-mail-címet; ilyen legyen: nev@pelda.hu", "Check the e-mail address; write it as name@example.com", "נא לבדוק את כתובת הדוא״ל, לדוגמה name@example.co.il", "Проверьте адрес; он должен выглядеть как name@example.ru", "Ελέγξτε το e-mail· γράψτε το όπως name@example.gr"),
	"phone.form":           locale.Row("Ellenőrizze a telefonszámot; körzetszámmal írja, például +36\u00a030\u00a0123\u00a04567", "Check the phone number; write it with its area code, as +44\u00a020\u00a07946\u00a00958", "נא לבדוק את מספר הטלפון, כולל קידומת, לדוגמה \u2066+972\u00a050\u00a0123\u00a04567\u2069", "Проверьте номер; укажите его с кодом, например +7\u00a0912\u00a0345\u201167\u201189", "Ελέγξτε το τηλέφωνο· γράψτε το με κωδικό, όπως +30\u00a0210\u00a0123\u00a04567"),
	"text.length":          locale.Row("Legfeljebb %d karakter lehet, most %d.", "At most %d characters fit, there are %d.", "ניתן להזין עד %d תווים, כעת יש %d.", "Не более %d символов, сейчас %d.", "Έως %d χαρακτήρες, τώρα είναι %d."),
	"reach":                locale.Row("Adjon meg egy e-mail-címet vagy telefonszámot, hogy válaszolhassunk.", "Give an e-mail address or a phone number so that we can answer.", "נא להזין דוא״ל או טלפון כדי שנוכל להשיב.", "Укажите эл. почту или телефон, чтобы мы могли ответить.", "Δώστε e-mail ή τηλέφωνο για να μπορέσουμε να απαντήσουμε."),
	"refused":              locale.Row("Ezeket az adatokat nem tudtuk átvenni; ellenőrizze és küldje el újra.", "These details could not be taken; check them and send again.", "לא ניתן היה לקלוט את הפרטים; נא לבדוק ולשלוח שוב.", "Эти данные не удалось принять; проверьте их и отправьте ещё раз.", "Τα στοιχεία δεν έγιναν δεκτά· ελέγξτε τα και στείλτε ξανά."),

	"stale":       locale.Row("Az oldal sokáig volt nyitva. Minden megmaradt, amit beírt: nyomja meg még egyszer a gombot.", "The page was open for a long time. Everything you typed is still here: press the button once more.", "הדף היה פתוח זמן רב. כל מה שהקלדתם נשמר: נא ללחוץ שוב על הכפתור.", "Страница была открыта долго. Всё введённое сохранено: нажмите кнопку ещё раз.", "Η σελίδα έμεινε ανοιχτή πολλή ώρα. Όσα γράψατε διατηρήθηκαν: πατήστε ξανά το κουμπί."),
	"early":       locale.Row("Ez nagyon gyors volt. Ellenőrizze, amit beírt, és nyomja meg még egyszer a gombot.", "That was very quick. Check what you typed and press the button once more.", "זה היה מהיר מאוד. נא לבדוק את מה שהקלדתם וללחוץ שוב על הכפתור.", "Это было очень быстро. Проверьте введённое и нажмите кнопку ещё раз.", "Ήταν πολύ γρήγορο. Ελέγξτε όσα γράψατε και πατήστε ξανά το κουμπί."),
	"busy":        locale.Row("Most túl sok üzenet érkezik. Várjon fél percet, és küldje el újra.", "Too many messages are arriving just now. Wait half a minute and send again.", "מתקבלות כרגע יותר מדי הודעות. נא להמתין חצי דקה ולשלוח שוב.", "Сейчас приходит слишком много сообщений. Подождите полминуты и отправьте ещё раз.", "Φτάνουν πάρα πολλά μηνύματα. Περιμένετε μισό λεπτό και στείλτε ξανά."),
	"unavailable": locale.Row("Átmeneti hiba történt. Minden megmaradt, amit beírt: próbálja újra egy perc múlva.", "Something is down for a moment. Everything you typed is still here: try again in a minute.", "אירעה תקלה זמנית. כל מה שהקלדתם נשמר: נא לנסות שוב בעוד דקה.", "Временный сбой. Всё введённое сохранено: попробуйте ещё раз через минуту.", "Προσωρινή βλάβη. Όσα γράψατε διατηρήθηκαν: δοκιμάστε ξανά σε ένα λεπτό."),
	"forbidden":   locale.Row("Erről az oldalról az űrlap nem küldhető el. Nyissa meg az űrlap saját oldalát.", "The form cannot be sent from this page. Open the form's own page.", "לא ניתן לשלוח את הטופס מדף זה. נא לפתוח את דף הטופס עצמו.", "С этой страницы форму отправить нельзя. Откройте страницу самой формы.", "Η φόρμα δεν μπορεί να σταλεί από αυτή τη σελίδα. Ανοίξτε τη σελίδα της φόρμας."),
	"large":       locale.Row("Az üzenet túl nagy. Rövidítse le, és küldje el újra.", "The message is too large. Shorten it and send again.", "ההודעה גדולה מדי. נא לקצר אותה ולשלוח שוב.", "Сообщение слишком большое. Сократите его и отправьте ещё раз.", "Το μήνυμα είναι πολύ μεγάλο. Συντομεύστε το και στείλτε ξανά."),
	"unreadable":  locale.Row("Az űrlap hibásan érkezett meg. Töltse ki újra.", "The form arrived damaged. Please fill it in again.", "הטופס התקבל פגום. נא למלא אותו שוב.", "Форма пришла повреждённой. Заполните её ещё раз.", "Η φόρμα έφτασε κατεστραμμένη. Συμπληρώστε την ξανά."),
	"open":        locale.Row("Űrlap megnyitása", "Open the form", "פתיחת הטופס", "Открыть форму", "Άνοιγμα φόρμας"),
}
