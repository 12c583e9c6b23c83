package web

import "github.com/crmplus/crmplus/crm/locale"

// receiptTexts are the words of the page of receipts.
var receiptTexts = locale.Texts{
	"menu.receipts":         locale.Row("Bevételek", "Receipts", "תקבולים", "Поступления", "Εισπράξεις"),
	"receipt.step":          locale.Row("Bontás", "Step", "פירוט", "Шаг", "Ανά"),
	"receipt.step.week":     locale.Row("Hetente", "By week", "לפי שבוע", "По неделям", "Ανά εβδομάδα"),
	"receipt.step.month":    locale.Row("Havonta", "By month", "לפי חודש", "По месяцам", "Ανά μήνα"),
	"receipt.about":         locale.Row("A kintlévőség a lejárat napján számít, annyi nappal később, amennyivel a vevő fizetni szokott. A lehetőség a zárás, a számlázás és a fizetési határidő után. Ajánlat nélkül az összeg áfa nélküli.", "What is owed counts on its due date, and as many days later as the customer usually pays. An opportunity counts after closing, the invoice and the term of payment; without a quote its sum is without VAT.", "החוב נספר ביום הפירעון, בתוספת הימים שהלקוח נוהג לאחר. הזדמנות נספרת אחרי הסגירה, החשבונית ותנאי התשלום; ללא הצעת מחיר הסכום אינו כולל מע\"מ.", "Долг учтён в день срока и на столько дней позже, на сколько клиент обычно задерживает. Сделка — после закрытия, счёта и срока оплаты; без предложения сумма без НДС.", "Οι οφειλές μετρούν στη λήξη τους και όσες ημέρες αργότερα συνηθίζει να πληρώνει ο πελάτης. Η ευκαιρία μετά το κλείσιμο, το τιμολόγιο και τον όρο πληρωμής· χωρίς προσφορά το ποσό είναι χωρίς ΦΠΑ."),
	"receipt.unknown":       locale.Row("A kintlévőség itt nem látszik: a gazdálkodási rendszer nem mondja meg, vagy nem minden adatot lát. Csak a lehetőségek számítanak.", "What customers owe is not shown here: the ERP does not tell it, or you may not see it. Only opportunities are counted.", "חובות הלקוחות אינם מוצגים כאן: מערכת ה-ERP אינה מוסרת אותם, או שאינך רשאי לראותם. נספרו הזדמנויות בלבד.", "Задолженность здесь не показана: ERP её не сообщает, или вам она не видна. Учтены только сделки.", "Οι οφειλές δεν εμφανίζονται εδώ: το ERP δεν τις δίνει ή δεν επιτρέπεται να τις δείτε. Μετρούν μόνο οι ευκαιρίες."),
	"receipt.partial":       locale.Row("Túl sok a nyitott tétel, nem mind számít bele.", "There are too many open items; not all are counted.", "יש יותר מדי פריטים פתוחים; לא כולם נספרו.", "Открытых позиций слишком много, учтены не все.", "Τα ανοικτά στοιχεία είναι πάρα πολλά· δεν μετρούν όλα."),
	"receipt.habits":        locale.Row("A fizetési szokás %d vevőnél ismert, legalább három kifizetett számlából.", "How late they pay is known of %d customers, from at least three paid invoices.", "הרגלי התשלום ידועים לגבי %d לקוחות, לפי שלוש חשבוניות ששולמו לפחות.", "Привычки оплаты известны у %d клиентов, не менее чем по трём оплаченным счетам.", "Οι συνήθειες πληρωμής είναι γνωστές για %d πελάτες, από τουλάχιστον τρία πληρωμένα τιμολόγια."),
	"receipt.what":          locale.Row("Bevétel", "Receipts", "תקבולים", "Поступления", "Εισπράξεις"),
	"receipt.show.owed":     locale.Row("Kintlévőség", "Owed", "חובות לקוחות", "Задолженность", "Οφειλές"),
	"receipt.show.commit":   locale.Row("Biztosra vehető", "Commit", "מחויב", "Надёжно", "Βέβαια"),
	"receipt.show.weighted": locale.Row("Súlyozott", "Weighted", "משוקלל", "Взвешенно", "Σταθμισμένα"),
	"receipt.show.best":     locale.Row("Legjobb eset", "Best case", "התרחיש הטוב", "Лучший случай", "Καλύτερη περίπτωση"),
	"receipt.hint.owed":     locale.Row("számlák", "invoices", "חשבוניות", "счета", "τιμολόγια"),
	"receipt.hint.commit":   locale.Row("+ biztos lehetőségek", "+ as good as sure", "+ כמעט ודאי", "+ почти наверняка", "+ σχεδόν βέβαια"),
	"receipt.hint.weighted": locale.Row("+ minden az esélyével", "+ all by chance", "+ הכול לפי סיכוי", "+ всё по шансам", "+ όλα κατά πιθανότητα"),
	"receipt.hint.best":     locale.Row("+ ami bejöhet", "+ what may come", "+ מה שעשוי להגיע", "+ что может прийти", "+ ό,τι μπορεί να έρθει"),
	"receipt.overdue":       locale.Row("Elmaradt", "Overdue", "באיחור", "Просрочено", "Ληξιπρόθεσμα"),
	"receipt.undated":       locale.Row("Lejárt vagy dátum nélkül", "Overdue or undated", "באיחור או ללא תאריך", "Просрочено или без даты", "Ληγμένα ή χωρίς ημερομηνία"),
	"receipt.later":         locale.Row("Később", "Later", "מאוחר יותר", "Позже", "Αργότερα"),
	"receipt.items":         locale.Row("Tételek", "Items", "פריטים", "Позиции", "Στοιχεία"),
	"receipt.item":          locale.Row("Bizonylat vagy lehetőség", "Document or opportunity", "מסמך או הזדמנות", "Документ или сделка", "Παραστατικό ή ευκαιρία"),
	"receipt.due":           locale.Row("Lejárat, zárás", "Due, closing", "מועד, סגירה", "Срок, закрытие", "Λήξη, κλείσιμο"),
	"receipt.expected":      locale.Row("Várható", "Expected", "צפוי", "Ожидается", "Αναμένεται"),
	"receipt.amount":        locale.Row("Összeg", "Amount", "סכום", "Сумма", "Ποσό"),
	"receipt.net":           locale.Row("áfa nélkül", "without VAT", "ללא מע\"מ", "без НДС", "χωρίς ΦΠΑ"),
	"receipt.late":          locale.Row("%d nappal később szokott fizetni", "usually pays %d days late", "נוהג לשלם באיחור של %d ימים", "обычно платит на %d дн. позже", "πληρώνει συνήθως %d ημέρες αργότερα"),
	"receipt.listed":        locale.Row("Csak az első 200 látszik; a munkafüzetben mind benne van.", "Only the first 200 are shown; the workbook has all.", "מוצגים 200 הראשונים בלבד; בחוברת נמצאים כולם.", "Показаны первые 200; в книге есть все.", "Εμφανίζονται μόνο τα πρώτα 200· το βιβλίο εργασίας τα έχει όλα."),
}
