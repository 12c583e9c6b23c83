package reports

import (
	"maps"

	"github.com/crmplus/crmplus/crm/locale"
)

// texts are the words of all reports.
var texts = func() locale.Texts {
	all := maps.Clone(salesTexts)
	maps.Copy(all, newsletterTexts)
	maps.Copy(all, sequenceTexts)
	maps.Copy(all, figureTexts)
	maps.Copy(all, valueTexts)
	maps.Copy(all, regulationTexts)
	maps.Copy(all, planTexts)
	maps.Copy(all, quantityTexts)
	maps.Copy(all, receiptTexts)
	maps.Copy(all, commissionTexts)
	maps.Copy(all, pastTexts)
	maps.Copy(all, listTexts)
	maps.Copy(all, retentionTexts)
	return all
}()

var newsletterTexts = locale.Texts{
	"report.campaign": locale.Row("Kampánykimutatás", "Campaign report", "דוח קמפיין", "Отчёт о рассылке", "Αναφορά καμπάνιας"),
	"report.topic":    locale.Row("Hírlevél-kimutatás", "Newsletter report", "דוח רשימת תפוצה", "Отчёт о подписке", "Αναφορά ενημερωτικού δελτίου"),

	"sheet.cover":               locale.Row("Előlap", "Cover", "שער", "Титул", "Εξώφυλλο"),
	"sheet.readers":             locale.Row("Olvasók", "Readers", "קוראים", "Читатели", "Αναγνώστες"),
	"sheet.standings":           locale.Row("Kézbesítés", "Delivery", "מסירה", "Доставка", "Παράδοση"),
	"sheet.links":               locale.Row("Linkek", "Links", "קישורים", "Ссылки", "Σύνδεσμοι"),
	"sheet.hours":               locale.Row("Óránként", "By hour", "לפי שעה", "По часам", "Ανά ώρα"),
	"sheet.variants":            locale.Row("Változatok", "Variants", "גרסאות", "Варианты", "Παραλλαγές"),
	"sheet.returns":             locale.Row("Megtérülés", "Return", "החזר", "Окупаемость", "Απόδοση"),
	"sheet.outcome.opportunity": locale.Row("Új lehetőségek", "New opportunities", "הזדמנויות חדשות", "Новые сделки", "Νέες ευκαιρίες"),
	"sheet.outcome.won":         locale.Row("Megnyert lehetőségek", "Won opportunities", "הזדמנויות שנסגרו בהצלחה", "Выигранные сделки", "Κερδισμένες ευκαιρίες"),
	"sheet.outcome.invoice":     locale.Row("Számlák", "Invoices", "חשבוניות", "Счета", "Τιμολόγια"),
	"sheet.growth":              locale.Row("Növekedés", "Growth", "צמיחה", "Рост", "Ανάπτυξη"),
	"sheet.basis":               locale.Row("Jogalapok", "Legal grounds", "בסיסים משפטיים", "Правовые основания", "Νομικές βάσεις"),
	"sheet.source":              locale.Row("Források", "Sources", "מקורות", "Источники", "Πηγές"),
	"sheet.language":            locale.Row("Nyelvek", "Languages", "שפות", "Языки", "Γλώσσες"),
	"chart.hours":               locale.Row("Megnyitások és kattintások óránként", "Opens and clicks by hour", "פתיחות והקלקות לפי שעה", "Открытия и клики по часам", "Ανοίγματα και κλικ ανά ώρα"),

	"cover.name":        locale.Row("Kampány", "Campaign", "קמפיין", "Рассылка", "Καμπάνια"),
	"cover.state":       locale.Row("Állapot", "State", "מצב", "Состояние", "Κατάσταση"),
	"cover.topics":      locale.Row("Hírlevelek", "Newsletters", "רשימות תפוצה", "Подписки", "Ενημερωτικά δελτία"),
	"cover.segment":     locale.Row("Szegmens", "Segment", "פלח", "Сегмент", "Τμήμα"),
	"cover.sender":      locale.Row("Feladó", "Sender", "שולח", "Отправитель", "Αποστολέας"),
	"cover.started":     locale.Row("Küldés kezdete", "Sending began", "תחילת השליחה", "Начало отправки", "Έναρξη αποστολής"),
	"cover.ended":       locale.Row("Küldés vége", "Sending ended", "סיום השליחה", "Окончание отправки", "Λήξη αποστολής"),
	"cover.cost":        locale.Row("Költség", "Cost", "עלות", "Стоимость", "Κόστος"),
	"cover.model":       locale.Row("Jóváírás módja", "Credited by", "שיטת הייחוס", "Модель атрибуции", "Μοντέλο απόδοσης"),
	"cover.touch":       locale.Row("Érintésnek számít", "What counts as a touch", "מה נחשב למגע", "Что считается касанием", "Τι μετρά ως επαφή"),
	"cover.window":      locale.Row("Időablak", "Window", "חלון זמן", "Окно", "Παράθυρο"),
	"cover.days":        locale.Row("%d nap", "%d days", "%d ימים", "%d дн.", "%d ημέρες"),
	"cover.partial":     locale.Row("Megjegyzés", "Note", "הערה", "Примечание", "Σημείωση"),
	"cover.partial.is":  locale.Row("Több az eredmény, mint amennyit a kimutatás figyelembe vesz.", "There is more than this report takes into account.", "יש יותר ממה שהדוח מביא בחשבון.", "Результатов больше, чем учтено в отчёте.", "Υπάρχουν περισσότερα από όσα λαμβάνει υπόψη η αναφορά."),
	"cover.made":        locale.Row("Készült", "Made", "הופק", "Составлен", "Συντάχθηκε"),
	"cover.topic":       locale.Row("Hírlevél", "Newsletter", "רשימת תפוצה", "Подписка", "Ενημερωτικό δελτίο"),
	"cover.code":        locale.Row("Kód", "Code", "קוד", "Код", "Κωδικός"),
	"cover.channel":     locale.Row("Csatorna", "Channel", "ערוץ", "Канал", "Κανάλι"),
	"cover.description": locale.Row("Leírás", "Description", "תיאור", "Описание", "Περιγραφή"),
	"cover.consent":     locale.Row("Hozzájárulás szövege", "Text of the consent", "נוסח ההסכמה", "Текст согласия", "Κείμενο συγκατάθεσης"),
	"cover.version":     locale.Row("Szövegváltozat", "Version of the text", "גרסת הנוסח", "Версия текста", "Έκδοση κειμένου"),
	"cover.months":      locale.Row("Hónapok száma", "Months shown", "חודשים בדוח", "Месяцев в отчёте", "Μήνες στην αναφορά"),

	"model.first":   locale.Row("az első érintésnek", "the first touch", "המגע הראשון", "первому касанию", "στην πρώτη επαφή"),
	"model.last":    locale.Row("az utolsó érintésnek", "the last touch", "המגע האחרון", "последнему касанию", "στην τελευταία επαφή"),
	"model.linear":  locale.Row("minden érintésnek egyenlően", "all touches alike", "כל המגעים בשווה", "всем касаниям поровну", "σε όλες τις επαφές εξίσου"),
	"touch.click":   locale.Row("kattintás", "a click", "הקלקה", "клик", "κλικ"),
	"touch.open":    locale.Row("megnyitás vagy kattintás", "an open or a click", "פתיחה או הקלקה", "открытие или клик", "άνοιγμα ή κλικ"),
	"touch.sent":    locale.Row("kiküldés", "being sent", "שליחה", "отправка", "αποστολή"),
	"channel.email": locale.Row("e-mail", "e-mail", "דוא״ל", "эл. почта", "e-mail"),
	"channel.sms":   locale.Row("SMS", "SMS", "מסרון", "SMS", "SMS"),
	"unknown":       locale.Row("(nem ismert)", "(not known)", "(לא ידוע)", "(неизвестно)", "(άγνωστο)"),

	"sheet.texts":        locale.Row("SMS", "SMS", "SMS", "SMS", "SMS"),
	"figure.priced":      locale.Row("Előre számolt SMS-rész", "Parts priced before", "חלקים שתומחרו מראש", "Частей по оценке", "Τμήματα κατ' εκτίμηση"),
	"figure.parts":       locale.Row("Elküldött SMS-rész", "Parts sent", "חלקים שנשלחו", "Отправлено частей", "Τμήματα που στάλθηκαν"),
	"figure.delivered":   locale.Row("Kézbesítve", "Delivered", "נמסרו", "Доставлено", "Παραδόθηκαν"),
	"figure.undelivered": locale.Row("Nem kézbesíthető", "Not delivered", "לא נמסרו", "Не доставлено", "Δεν παραδόθηκαν"),
	"figure.lost":        locale.Row("Nem tudni, mi lett vele", "Given up", "לא ידוע מה עלה בגורלן", "Судьба неизвестна", "Άγνωστη έκβαση"),

	"figure.sent":     locale.Row("Elküldve", "Sent", "נשלחו", "Отправлено", "Στάλθηκαν"),
	"figure.open":     locale.Row("Megnyitotta", "Opened", "פתחו", "Открыли", "Άνοιξαν"),
	"figure.click":    locale.Row("Kattintott", "Clicked", "הקליקו", "Перешли", "Έκαναν κλικ"),
	"verdict.genuine": locale.Row("valódi", "genuine", "אמיתי", "настоящие", "γνήσια"),
	"verdict.person":  locale.Row("ebből ember", "of these people", "מתוכם אנשים", "из них люди", "εκ των οποίων άνθρωποι"),
	"verdict.proxy":   locale.Row("ebből képszerveren át", "of these by an image proxy", "מתוכם דרך שרת תמונות", "из них через прокси изображений", "εκ των οποίων μέσω διακομιστή εικόνων"),
	"verdict.relay":   locale.Row("előre letöltve (nem számít)", "fetched ahead (not counted)", "הורדה מראש (לא נספר)", "загружено заранее (не считается)", "προφόρτωση (δεν μετρά)"),
	"verdict.scanner": locale.Row("ellenőrző program (nem számít)", "scanners (not counted)", "תוכנת סריקה (לא נספר)", "сканеры (не считается)", "σαρωτές (δεν μετρούν)"),

	"outcome.opportunity": locale.Row("Új lehetőség", "New opportunity", "הזדמנות חדשה", "Новая сделка", "Νέα ευκαιρία"),
	"outcome.won":         locale.Row("Megnyert lehetőség", "Won opportunity", "הזדמנות שנסגרה בהצלחה", "Выигранная сделка", "Κερδισμένη ευκαιρία"),
	"outcome.invoice":     locale.Row("Számla", "Invoice", "חשבונית", "Счёт", "Τιμολόγιο"),

	"column.what":         locale.Row("Adat", "Item", "פריט", "Показатель", "Στοιχείο"),
	"column.said":         locale.Row("Érték", "Value", "ערך", "Значение", "Τιμή"),
	"column.figure":       locale.Row("Mutató", "Figure", "מדד", "Показатель", "Δείκτης"),
	"column.readers":      locale.Row("Olvasó", "Readers", "קוראים", "Читателей", "Αναγνώστες"),
	"column.of_sent":      locale.Row("Az elküldöttek %-a", "% of sent", "% מהנשלחים", "% отправленных", "% των απεσταλμένων"),
	"column.of_all":       locale.Row("Az összes %-a", "% of all", "% מהכול", "% всех", "% του συνόλου"),
	"column.of_clickers":  locale.Row("A kattintók %-a", "% of clickers", "% מהמקליקים", "% перешедших", "% όσων έκαναν κλικ"),
	"column.raw_readers":  locale.Row("Olvasó (nyersen)", "Readers (raw)", "קוראים (גולמי)", "Читателей (всего)", "Αναγνώστες (ακατέργαστα)"),
	"column.raw_events":   locale.Row("Esemény (nyersen)", "Events (raw)", "אירועים (גולמי)", "Событий (всего)", "Συμβάντα (ακατέργαστα)"),
	"column.events":       locale.Row("Kattintás", "Clicks", "הקלקות", "Кликов", "Κλικ"),
	"column.standing":     locale.Row("Hol tart", "Standing", "מצב", "Состояние", "Κατάσταση"),
	"column.recipients":   locale.Row("Címzett", "Recipients", "נמענים", "Получателей", "Παραλήπτες"),
	"column.nr":           locale.Row("Sorszám", "No.", "מס׳", "№", "Α/Α"),
	"column.link":         locale.Row("Link", "Link", "קישור", "Ссылка", "Σύνδεσμος"),
	"column.hour":         locale.Row("Óra", "Hour", "שעה", "Час", "Ώρα"),
	"column.opened":       locale.Row("Megnyitotta", "Opened", "פתחו", "Открыли", "Άνοιξαν"),
	"column.clicked":      locale.Row("Kattintott", "Clicked", "הקליקו", "Перешли", "Έκαναν κλικ"),
	"column.raw_opens":    locale.Row("Megnyitás (nyersen)", "Opens (raw)", "פתיחות (גולמי)", "Открытий (всего)", "Ανοίγματα (ακατέργαστα)"),
	"column.raw_clicks":   locale.Row("Kattintás (nyersen)", "Clicks (raw)", "הקלקות (גולמי)", "Кликов (всего)", "Κλικ (ακατέργαστα)"),
	"column.variant":      locale.Row("Változat", "Variant", "גרסה", "Вариант", "Παραλλαγή"),
	"column.sent":         locale.Row("Elküldve", "Sent", "נשלחו", "Отправлено", "Στάλθηκαν"),
	"column.winner":       locale.Row("Nyertes", "Winner", "מנצחת", "Победитель", "Νικητής"),
	"column.outcome":      locale.Row("Eredmény", "Outcome", "תוצאה", "Результат", "Αποτέλεσμα"),
	"column.whole":        locale.Row("Teljes érték", "Whole value", "ערך מלא", "Полная сумма", "Συνολική αξία"),
	"column.credited":     locale.Row("Jóváírva", "Credited", "מיוחס", "Зачтено", "Αποδοθέν"),
	"column.cost":         locale.Row("Költség", "Cost", "עלות", "Стоимость", "Κόστος"),
	"column.return":       locale.Row("Megtérülés", "Return", "החזר", "Окупаемость", "Απόδοση"),
	"column.when":         locale.Row("Mikor", "When", "מועד", "Когда", "Πότε"),
	"column.share":        locale.Row("Rész", "Share", "חלק", "Доля", "Μερίδιο"),
	"column.month":        locale.Row("Hónap", "Month", "חודש", "Месяц", "Μήνας"),
	"column.asked":        locale.Row("Új feliratkozás", "New subscriptions", "הרשמות חדשות", "Новых подписок", "Νέες εγγραφές"),
	"column.confirmed":    locale.Row("Megerősítve", "Confirmed", "אושרו", "Подтверждено", "Επιβεβαιώθηκαν"),
	"column.ended":        locale.Row("Leiratkozott", "Ended", "הסתיימו", "Отписались", "Έληξαν"),
	"column.net":          locale.Row("Nettó növekedés", "Net growth", "גידול נטו", "Чистый прирост", "Καθαρή αύξηση"),
	"column.basis_is":     locale.Row("Jogalap", "Legal ground", "בסיס משפטי", "Правовое основание", "Νομική βάση"),
	"column.source_is":    locale.Row("Forrás", "Source", "מקור", "Источник", "Πηγή"),
	"column.language_is":  locale.Row("Nyelv", "Language", "שפה", "Язык", "Γλώσσα"),
	"column.active":       locale.Row("Feliratkozott", "Subscribed", "רשומים", "Подписаны", "Εγγεγραμμένοι"),
	"column.pending":      locale.Row("Megerősítésre vár", "Waiting", "ממתינים לאישור", "Ожидают", "Αναμένουν"),
	"column.unsubscribed": locale.Row("Leiratkozott", "Unsubscribed", "הוסרו", "Отписались", "Διαγράφηκαν"),
	"column.suppressed":   locale.Row("Tiltólistán", "Suppressed", "חסומים", "В стоп-листе", "Αποκλεισμένοι"),
}
