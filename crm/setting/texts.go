package setting

import "github.com/crmplus/crmplus/crm/locale"

// Texts are the built-in choices and company texts, and the names of roles, rights and visibilities.
var Texts = locale.Texts{
	"lead_source.web":      locale.Row("Weboldal", "Website", "אתר האינטרנט", "Сайт", "Ιστοσελίδα"),
	"lead_source.phone":    locale.Row("Telefon", "Phone", "טלפון", "Телефон", "Τηλέφωνο"),
	"lead_source.email":    locale.Row("E-mail", "E-mail", "דוא\"ל", "Эл. почта", "E-mail"),
	"lead_source.referral": locale.Row("Ajánlás", "Referral", "המלצה", "Рекомендация", "Σύσταση"),
	"lead_source.fair":     locale.Row("Vásár, rendezvény", "Trade fair or event", "תערוכה או אירוע", "Выставка, мероприятие", "Έκθεση ή εκδήλωση"),
	"lead_source.campaign": locale.Row("Kampány", "Campaign", "קמפיין", "Рекламная кампания", "Καμπάνια"),
	"lead_source.partner":  locale.Row("Partner", "Partner", "שותף עסקי", "Партнёр", "Συνεργάτης"),
	"lead_source.social":   locale.Row("Közösségi média", "Social media", "רשתות חברתיות", "Социальные сети", "Κοινωνικά δίκτυα"),
	"lead_source.walk-in":  locale.Row("Személyes megkeresés", "Walk-in", "הגעה למשרד", "Личное обращение", "Επίσκεψη στον χώρο μας"),
	"lead_source.other":    locale.Row("Egyéb", "Other", "אחר", "Другое", "Άλλο"),
	// What stands there when nobody says where a lead is from: the way it came in.
	"lead_source.form":       locale.Row("Webűrlap", "Web form", "טופס באתר", "Веб-форма", "Φόρμα ιστού"),
	"lead_source.suggestion": locale.Row("Javaslat", "Suggestion", "הצעה של המערכת", "Подсказка", "Πρόταση"),
	"lead_source.hand":       locale.Row("Kézi felvétel", "Typed in", "הוקלד", "Введён вручную", "Καταχωρίστηκε"),
	"lead_source.file":       locale.Row("Fájlból", "From a file", "מקובץ", "Из файла", "Από αρχείο"),
	"lead_source.card":       locale.Row("Névjegy", "Business card", "כרטיס ביקור", "Визитка", "Κάρτα"),
	"lead_source.ad":         locale.Row("Hirdetés", "Advertisement", "פרסומת", "Реклама", "Διαφήμιση"),
	"lead_source.host":       locale.Row("ERP", "ERP", "ERP", "ERP", "ERP"),
	"lead_source.meeting":    locale.Row("Személyesen", "In person", "פנים אל פנים", "Лично", "Αυτοπροσώπως"),

	"lost_reason.price":       locale.Row("Magas ár", "Price too high", "מחיר גבוה מדי", "Высокая цена", "Υψηλή τιμή"),
	"lost_reason.competitor":  locale.Row("Versenytársat választott", "Chose a competitor", "בחר במתחרה", "Выбрал конкурента", "Επέλεξε ανταγωνιστή"),
	"lost_reason.no_budget":   locale.Row("Nincs rá keret", "No budget", "אין תקציב", "Нет бюджета", "Δεν υπάρχει προϋπολογισμός"),
	"lost_reason.no_decision": locale.Row("Nem született döntés", "No decision was made", "לא התקבלה החלטה", "Решение не принято", "Δεν ελήφθη απόφαση"),
	"lost_reason.timing":      locale.Row("Elhalasztotta", "Postponed", "נדחה למועד אחר", "Отложено", "Αναβλήθηκε"),
	"lost_reason.no_need":     locale.Row("Nincs rá szüksége", "No need", "אין צורך", "Нет потребности", "Δεν υπάρχει ανάγκη"),
	"lost_reason.features":    locale.Row("Hiányzó képesség", "Something was missing in the product", "חסרה יכולת במוצר", "Не хватило возможностей", "Έλειπε κάποια δυνατότητα"),
	"lost_reason.terms":       locale.Row("Szállítási vagy fizetési feltételek", "Delivery or payment terms", "תנאי אספקה או תשלום", "Условия поставки или оплаты", "Όροι παράδοσης ή πληρωμής"),
	"lost_reason.no_answer":   locale.Row("Nem elérhető", "No answer", "אין מענה", "Не отвечает", "Δεν απαντά"),
	"lost_reason.other":       locale.Row("Egyéb", "Other", "אחר", "Другое", "Άλλο"),

	"tag.vip":      locale.Row("Kiemelt", "Key account", "לקוח מפתח", "Ключевой клиент", "Βασικός πελάτης"),
	"tag.partner":  locale.Row("Partner", "Partner", "שותף עסקי", "Партнёр", "Συνεργάτης"),
	"tag.reseller": locale.Row("Viszonteladó", "Reseller", "משווק", "Реселлер", "Μεταπωλητής"),
	"tag.press":    locale.Row("Sajtó", "Press", "עיתונות", "Пресса", "Τύπος"),
	"tag.supplier": locale.Row("Szállító", "Supplier", "ספק", "Поставщик", "Προμηθευτής"),

	"quote.cover": locale.Row(
		"Köszönjük érdeklődését. Az alábbi ajánlatot tesszük:",
		"Thank you for your enquiry. We are pleased to offer the following:",
		"תודה על פנייתך. אנו שמחים להציע את הדברים הבאים:",
		"Благодарим Вас за обращение. Предлагаем следующее:",
		"Σας ευχαριστούμε για το ενδιαφέρον σας. Σας προσφέρουμε τα ακόλουθα:"),
	"quote.closing": locale.Row(
		"Kérdés esetén készséggel állunk rendelkezésére.",
		"Please get in touch if you have any questions.",
		"נשמח לעמוד לרשותך בכל שאלה.",
		"Если у Вас возникнут вопросы, мы с радостью на них ответим.",
		"Είμαστε στη διάθεσή σας για κάθε διευκρίνιση."),
	"quote.terms": locale.Row(
		"Átutalás, a számla keltétől számított 8 napon belül.",
		"Bank transfer within 8 days of the invoice date.",
		"העברה בנקאית תוך 8 ימים מתאריך החשבונית.",
		"Банковский перевод в течение 8 дней с даты счёта.",
		"Τραπεζική μεταφορά εντός 8 ημερών από την ημερομηνία του τιμολογίου."),
	"form.thanks": locale.Row(
		"Köszönjük, megkaptuk az üzenetét. Hamarosan jelentkezünk.",
		"Thank you, we have received your message. We will be in touch soon.",
		"תודה, הודעתך התקבלה. ניצור קשר בקרוב.",
		"Спасибо, мы получили Ваше сообщение и скоро свяжемся с Вами.",
		"Ευχαριστούμε, λάβαμε το μήνυμά σας. Θα επικοινωνήσουμε σύντομα μαζί σας."),

	"role.reader":  locale.Row("Olvasó", "Reader", "צפייה בלבד", "Читатель", "Αναγνώστης"),
	"role.seller":  locale.Row("Értékesítő", "Seller", "איש מכירות", "Менеджер по продажам", "Πωλητής"),
	"role.manager": locale.Row("Értékesítési vezető", "Sales manager", "מנהל מכירות", "Руководитель продаж", "Υπεύθυνος πωλήσεων"),
	"role.admin":   locale.Row("Rendszergazda", "Administrator", "מנהל מערכת", "Администратор", "Διαχειριστής"),
	"role.listed":  locale.Row("Egyenként megadott jogok", "Chosen one by one", "הרשאות לפי בחירה", "Права по выбору", "Επιλεγμένα δικαιώματα"),

	"see.own":  locale.Row("A saját rekordjait", "Own records", "הרשומות שלו", "Свои записи", "Τις δικές του εγγραφές"),
	"see.team": locale.Row("A csapatáét és a gazdátlanokat is", "Those of the team and unowned ones too", "גם של הצוות וללא אחראי", "Также записи команды и без ответственного", "Και της ομάδας και όσες δεν έχουν υπεύθυνο"),
	"see.all":  locale.Row("Mindent", "Everything", "הכול", "Все записи", "Όλες τις εγγραφές"),

	"right.lead.read":         locale.Row("Érdeklődők megtekintése", "See leads", "צפייה בלידים", "Просмотр лидов", "Προβολή υποψήφιων πελατών"),
	"right.lead.write":        locale.Row("Érdeklődők szerkesztése", "Edit leads", "עריכת לידים", "Изменение лидов", "Επεξεργασία υποψήφιων πελατών"),
	"right.lead.capture":      locale.Row("Érdeklődők felvétele", "Add leads", "הוספת לידים", "Добавление лидов", "Προσθήκη υποψήφιων πελατών"),
	"right.lead.assign":       locale.Row("Érdeklődők kiosztása", "Assign leads", "הקצאת לידים", "Назначение лидов", "Ανάθεση υποψήφιων πελατών"),
	"right.lead.import":       locale.Row("Érdeklődők importálása", "Import leads", "ייבוא לידים", "Импорт лидов", "Εισαγωγή υποψήφιων πελατών"),
	"right.opportunity.read":  locale.Row("Lehetőségek megtekintése", "See opportunities", "צפייה בהזדמנויות", "Просмотр сделок", "Προβολή ευκαιριών"),
	"right.opportunity.write": locale.Row("Lehetőségek szerkesztése", "Edit opportunities", "עריכת הזדמנויות", "Изменение сделок", "Επεξεργασία ευκαιριών"),
	"right.activity.read":     locale.Row("Tevékenységek megtekintése", "See activities", "צפייה בפעילויות", "Просмотр активностей", "Προβολή δραστηριοτήτων"),
	"right.activity.write":    locale.Row("Tevékenységek szerkesztése", "Edit activities", "עריכת פעילויות", "Изменение активностей", "Επεξεργασία δραστηριοτήτων"),
	"right.quote.read":        locale.Row("Ajánlatok megtekintése", "See quotes", "צפייה בהצעות מחיר", "Просмотр предложений", "Προβολή προσφορών"),
	"right.quote.write":       locale.Row("Ajánlatok szerkesztése", "Edit quotes", "עריכת הצעות מחיר", "Изменение предложений", "Επεξεργασία προσφορών"),
	"right.quote.issue":       locale.Row("Ajánlatok kiadása", "Issue quotes", "הפקת הצעות מחיר", "Выпуск предложений", "Έκδοση προσφορών"),
	"right.convert":           locale.Row("Átadás az ügyvitelnek", "Convert into the ERP", "העברה למערכת הניהול", "Передача в учётную систему", "Μεταφορά στο ERP"),
	"right.convert.undo":      locale.Row("Átadás visszavonása", "Undo conversions", "ביטול העברות", "Отмена передачи", "Αναίρεση μεταφορών"),
	"right.newsletter.read":   locale.Row("Hírlevelek olvasóinak megtekintése", "See readers of newsletters", "צפייה בקוראי הניוזלטרים", "Просмотр подписчиков рассылок", "Προβολή αναγνωστών ενημερωτικών δελτίων"),
	"right.newsletter.write":  locale.Row("Hírlevelek olvasóinak kezelése", "Manage readers of newsletters", "ניהול קוראי הניוזלטרים", "Управление подписчиками рассылок", "Διαχείριση αναγνωστών ενημερωτικών δελτίων"),
	"right.campaign.read":     locale.Row("Kampányok megtekintése", "See campaigns", "צפייה בקמפיינים", "Просмотр кампаний", "Προβολή καμπανιών"),
	"right.campaign.write":    locale.Row("Kampányok szerkesztése", "Edit campaigns", "עריכת קמפיינים", "Редактирование кампаний", "Επεξεργασία καμπανιών"),
	"right.campaign.send":     locale.Row("Kampányok küldése", "Send campaigns", "שליחת קמפיינים", "Отправка кампаний", "Αποστολή καμπανιών"),
	"right.commission.read":   locale.Row("Mások jutalékának megtekintése", "See commissions of others", "צפייה בעמלות של אחרים", "Просмотр комиссионных других", "Προβολή προμηθειών άλλων"),
	"right.report.read":       locale.Row("Kimutatások megtekintése", "See reports", "צפייה בדוחות", "Просмотр отчётов", "Προβολή αναφορών"),
	"right.settings":          locale.Row("Beállítások módosítása", "Change settings", "שינוי הגדרות", "Изменение настроек", "Αλλαγή ρυθμίσεων"),
	"right.audit.read":        locale.Row("Napló megtekintése", "See the audit log", "צפייה ביומן הביקורת", "Просмотр журнала аудита", "Προβολή αρχείου ελέγχου"),
	"right.field.purge":       locale.Row("Törölt mezők értékeinek végleges törlése", "Purge values of removed fields", "מחיקה סופית של ערכי שדות שהוסרו", "Окончательное удаление значений убранных полей", "Οριστική διαγραφή τιμών καταργημένων πεδίων"),
	"right.privacy":           locale.Row("Adatvédelmi műveletek", "Privacy requests", "טיפול בבקשות פרטיות", "Запросы о персональных данных", "Αιτήματα προσωπικών δεδομένων"),
}

// RoleText is the name of a role in a language.
func RoleText(r Role, l locale.Language) string { return Texts.T(l, "role."+string(r)) }
