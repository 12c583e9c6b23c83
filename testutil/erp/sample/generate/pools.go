package main

import (
	"fmt"
	"strconv"
	"strings"
)

// house is one company of the example.
type house struct {
	code, name, taxID, euVAT, line1, postal, city, country string
	phone, email, website, bank, iban, domain              string
	language, zone, currency                               string
	days                                                   int
	// rate is what an euro costs, in hundredths; prices are rounded to step hundredths.
	rate, step int
	users      []user
	vat        [][5]string
	// reduced is the index of the VAT code for books.
	reduced           int
	lists             [3]string
	customers, orders int
	sold              map[string]product
}

var listCodes = [3]string{"STD", "VIP", "EXP"}

// price gives an amount of euros as a price in the company's currency, in hundredths.
func (h house) price(euro int) int { return (euro*h.rate + h.step - 1) / h.step * h.step }

func (h house) inEuro(price int) int { return price * 100 / h.rate }

type user struct{ id, name, title, role, teams, language string }

var houses = []house{
	{
		code: "HU01", name: "Fehérló Irodabútor Kft.", taxID: huTax("2345678", "-2-41"), euVAT: "HU" + huTax("2345678", ""), line1: "Váci út 99.", postal: "1139", city: "Budapest", country: "HU",
		phone: "+36 1 555 0100", email: "iroda@feherlo.test", website: "https://www.feherlo.test", bank: "11700024-20000000-00000000", iban: iban("HU", "117000242000000000000000"), domain: "feherlo.test",
		language: "hu", zone: "Europe/Budapest", currency: "HUF", days: 8, rate: 39000, step: 10000, customers: 70, orders: 150,
		users: []user{
			{"admin-hu", "Szabó Katalin", "rendszergazda", "admin", "iroda", "hu"},
			{"manager-hu", "Tóth Gábor", "értékesítési vezető", "manager", "budapest videk", "hu"},
			{"kovacs", "Kovács Anna", "értékesítő", "seller", "budapest", "hu"},
			{"nagy", "Nagy Péter", "értékesítő", "seller", "videk", "hu"},
			{"smith", "John Smith", "export sales", "seller", "export", "en"},
			{"ivanova", "Иванова Ольга", "менеджер по экспорту", "seller", "export", "ru"},
			{"fekete", "Fekete Zsuzsanna", "főkönyvelő", "accountant", "iroda", "hu"},
		},
		vat: [][5]string{
			{"27", "27 % általános", "27", "", ""},
			{"18", "18 % kedvezményes", "18", "", ""},
			{"5", "5 % kedvezményes", "5", "", ""},
			{"AAM", "alanyi adómentes", "0", "", ""},
			{"RU20", "НДС 20 % (orosz adószám)", "20", "2019-01-01", "2025-12-31"},
			{"RU22", "НДС 22 % (orosz adószám)", "22", "2026-01-01", ""},
		},
		reduced: 2, lists: [3]string{"Listaár", "Kiemelt partnerek", "Export (EUR)"}, sold: map[string]product{},
	},
	{
		code: "GR01", name: "Αιγαίο Έπιπλα Γραφείου ΑΕ", taxID: "EL" + grTax("09876543"), euVAT: "EL" + grTax("09876543"), line1: "Λεωφόρος Κηφισίας 120", postal: "11526", city: "Αθήνα", country: "GR",
		phone: "+30 210 555 0100", email: "info@aigaio.test", website: "https://www.aigaio.test", iban: iban("GR", "01101250000000012300695"), domain: "aigaio.test",
		language: "el", zone: "Europe/Athens", currency: "EUR", days: 30, rate: 100, step: 100, customers: 40, orders: 90,
		users: []user{
			{"admin-gr", "Γεωργίου Ελένη", "διαχειριστής", "admin", "grafeio", "el"},
			{"manager-gr", "Παπαδόπουλος Νίκος", "διευθυντής πωλήσεων", "manager", "athina thessaloniki", "el"},
			{"dimitriou", "Δημητρίου Μαρία", "πωλήσεις", "seller", "athina", "el"},
			{"brown", "Emily Brown", "export sales", "seller", "export", "en"},
			{"vlachou", "Βλάχου Κατερίνα", "λογίστρια", "accountant", "grafeio", "el"},
		},
		vat:     [][5]string{{"24", "ΦΠΑ 24 %", "24", "", ""}, {"13", "ΦΠΑ 13 %", "13", "", ""}, {"6", "ΦΠΑ 6 %", "6", "", ""}, {"0", "Απαλλαγή", "0", "", ""}},
		reduced: 2, lists: [3]string{"Τιμοκατάλογος", "Μεγάλοι πελάτες", "Εξαγωγές"}, sold: map[string]product{},
	},
	{
		code: "IL01", name: `ארז ריהוט משרדי בע"מ`, taxID: ilTax("51617915"), line1: "דרך מנחם בגין 100", postal: "6701001", city: "תל אביב", country: "IL",
		phone: "+972 3 555 0100", email: "office@erez.test", website: "https://www.erez.test", bank: "10-800-1234567", iban: iban("IL", "0108000000099999999"), domain: "erez.test",
		language: "he", zone: "Asia/Jerusalem", currency: "ILS", days: 30, rate: 400, step: 100, customers: 40, orders: 80,
		users: []user{
			{"admin-il", "רונית לוי", "מנהלת מערכת", "admin", "misrad", "he"},
			{"manager-il", "יוסי כהן", "מנהל מכירות", "manager", "merkaz tzafon", "he"},
			{"mizrahi", "דנה מזרחי", "אשת מכירות", "seller", "merkaz", "he"},
			{"petrov", "Сергей Петров", "менеджер по продажам", "seller", "tzafon", "ru"},
			{"shapira", "מיכל שפירא", "חשבת", "accountant", "misrad", "he"},
		},
		vat:     [][5]string{{"18", `מע"מ 18 %`, "18", "", ""}, {"0", "פטור", "0", "", ""}},
		reduced: 0, lists: [3]string{"מחירון", "לקוחות מועדפים", "יצוא"}, sold: map[string]product{},
	},
}

type goodsGroup struct {
	prefix  string
	service bool
	name    map[string]string
	unit    map[string]string
	nouns   []goodsNoun
}

type goodsNoun struct {
	// price is in euros.
	price   int
	reduced bool
	name    map[string]string
	text    map[string]string
	models  []string
}

func words(hu, el, he string) map[string]string {
	return map[string]string{"hu": hu, "el": el, "he": he}
}

var piece, hour = words("db", "τεμ.", "יח'"), words("óra", "ώρα", "שעה")

var goods = []goodsGroup{
	{"DSK", false, words("Asztalok", "Γραφεία και τραπέζια", "שולחנות"), piece, []goodsNoun{
		{260, false, words("Íróasztal", "Γραφείο", "שולחן כתיבה"), words("Tölgy vagy fehér lap, acélváz.", "Επιφάνεια δρυς ή λευκή, μεταλλικός σκελετός.", "לוח אלון או לבן, שלד פלדה."), []string{"Nova 120", "Nova 140", "Nova 160", "Nova 180", "Lift 140", "Lift 160", "Basic '19"}},
		{540, false, words("Tárgyalóasztal", "Τραπέζι συσκέψεων", "שולחן ישיבות"), words("Hat–tizennégy főre.", "Για έξι έως δεκατέσσερα άτομα.", "לשישה עד ארבעה עשר אנשים."), []string{"Forum 6", "Forum 8", "Forum 10", "Forum 14"}},
	}},
	{"CHR", false, words("Székek", "Καθίσματα", "כיסאות"), piece, []goodsNoun{
		{190, false, words("Irodai szék", "Κάθισμα γραφείου", "כיסא משרדי"), words("Állítható magasság és háttámla.", "Ρυθμιζόμενο ύψος και πλάτη.", "גובה ומשענת מתכווננים."), []string{"Ergo S", "Ergo M", "Ergo L", "Ergo Pro", "Mesh 1", "Mesh 2", "Boss '19"}},
		{85, false, words("Vendégszék", "Κάθισμα επισκέπτη", "כיסא אורח"), words("Egymásba rakható.", "Στοιβαζόμενο.", "נערם."), []string{"Duo", "Duo Plus", "Trio", "Solo"}},
	}},
	{"STO", false, words("Tárolás", "Αποθήκευση", "אחסון"), piece, []goodsNoun{
		{220, false, words("Zárható szekrény", "Ερμάριο με κλειδαριά", "ארון ננעל"), words("Két kulccsal.", "Με δύο κλειδιά.", "עם שני מפתחות."), []string{"Safe 80", "Safe 100", "Safe 120", "Safe 160"}},
		{140, false, words("Könyvespolc", "Βιβλιοθήκη", "כוננית ספרים"), words("Öt polc, falra rögzíthető.", "Πέντε ράφια, στερεώνεται στον τοίχο.", "חמישה מדפים, ניתן לקיבוע לקיר."), []string{"Liber 60", "Liber 80", "Liber 100", "Liber 120"}},
		{95, false, words("Görgős konténer", "Συρταριέρα με ρόδες", "מגירון נייד"), words("Három fiókkal.", "Με τρία συρτάρια.", "עם שלוש מגירות."), []string{"Roll 3", "Roll 4"}},
	}},
	{"LMP", false, words("Világítás", "Φωτισμός", "תאורה"), piece, []goodsNoun{
		{48, false, words("Asztali lámpa", "Φωτιστικό γραφείου", "מנורת שולחן"), words("LED, szabályozható fényerő.", "LED, ρυθμιζόμενη ένταση.", "לד עם עמעם."), []string{"Lux 1", "Lux 2", "Lux 3", "Lux 4", "Arc"}},
		{160, false, words("Állólámpa", "Φωτιστικό δαπέδου", "מנורה עומדת"), words("Közvetett fény.", "Έμμεσος φωτισμός.", "אור עקיף."), []string{"Sol 1", "Sol 2", "Sol 3", "Luna 1", "Luna 2"}},
	}},
	{"TEC", false, words("Technika", "Τεχνολογία", "טכנולוגיה"), piece, []goodsNoun{
		{230, false, words("Monitor", "Οθόνη", "מסך"), words("Magasságban állítható talppal.", "Με βάση ρυθμιζόμενου ύψους.", "עם מעמד מתכוונן."), []string{"V24", "V27", "V27 4K", "V32 4K", "V34 Ultra"}},
		{120, false, words("Dokkoló", "Σταθμός σύνδεσης", "תחנת עגינה"), words("USB-C, két kijelzőhöz.", "USB-C, για δύο οθόνες.", "USB-C, לשני מסכים."), []string{"Port 8", "Port 10", "Port 12", "Port 14"}},
		{24, true, words("Ergonómiai kézikönyv", "Εγχειρίδιο εργονομίας", "מדריך ארגונומיה"), words("Nyomtatott könyv.", "Έντυπο βιβλίο.", "ספר מודפס."), []string{"I.", "II.", "III."}},
	}},
	{"SRV", true, words("Szolgáltatások", "Υπηρεσίες", "שירותים"), hour, []goodsNoun{
		{38, false, words("Összeszerelés", "Συναρμολόγηση", "הרכבה"), words("Helyszínen.", "Στον χώρο του πελάτη.", "באתר הלקוח."), []string{"A", "B", "C", "24/7"}},
		{65, false, words("Irodatervezés", "Μελέτη γραφείου", "תכנון משרד"), words("Alaprajz és látványterv.", "Κάτοψη και απεικόνιση.", "תוכנית והדמיה."), []string{"Start", "Plus", "Max", "Studio"}},
	}},
}

type nation struct {
	country, dot                                         string
	given, family, words, trades, firms, streets, titles []string
	places                                               [][2]string
	full                                                 func(given, family string) string
	taxID                                                func(*generator) string
	phone                                                func(n int) string
	latin                                                func(string) string
}

func split(s string) []string { return strings.Split(s, ", ") }

func west(given, family string) string { return given + " " + family }

var people = map[string]nation{
	"hu": {
		country: "HU", dot: ".",
		given:   split("Anna, Péter, Katalin, Gábor, Zsófia, László, Ágnes, Bence, Éva, Tamás, Júlia, Áron, Réka, Mátyás, Erzsébet, Győző"),
		family:  split("Kovács, Szabó, Tóth, Nagy, Horváth, Varga, Kiss, Molnár, Németh, Farkas, Balogh, Szőke, Őri, Fűzfa, Kovács-Tóth, Dombóvári"),
		words:   split("Duna, Tisza, Bükkfa, Mátra, Őrség, Vadrózsa, Kékes, Sólyom, Gólya, Füredi, Napraforgó, Zengő, Tölgy, Hópehely"),
		trades:  split("Építő, Kereskedelmi, Mérnöki, Szállítmányozó, Könyvelő, Nyomda, Informatikai, Tanácsadó"),
		firms:   []string{"{name} {trade} Kft.", "{name} {trade} Kft.", "{name} {trade} Zrt.", "{family} és Társa Bt.", "{name} Nyrt."},
		streets: split("Kossuth Lajos utca, Petőfi Sándor utca, Fő utca, Rákóczi út, Ady Endre utca, Jókai utca, Szőlő utca, Árpád út"),
		titles:  split("beszerző, ügyvezető, irodavezető, pénzügyi vezető, gondnok"),
		places:  [][2]string{{"1051", "Budapest"}, {"1117", "Budapest"}, {"4024", "Debrecen"}, {"6720", "Szeged"}, {"7621", "Pécs"}, {"9021", "Győr"}, {"3525", "Miskolc"}, {"8000", "Székesfehérvár"}},
		full:    func(given, family string) string { return family + " " + given },
		taxID: func(g *generator) string {
			return huTax(strconv.Itoa(1000000+g.rand.IntN(8999999)), "-2-"+pick(g, []string{"41", "42", "43", "13", "06"}))
		},
		phone: func(n int) string { return fmt.Sprintf("+36 1 555 %04d", 1000+n) },
		latin: func(s string) string { return s },
	},
	"en": {
		country: "GB",
		given:   split("John, Emily, Oliver, Grace, Harry, Charlotte, James, Amelia, George, Sophie"),
		family:  split("Smith, Brown, Taylor, O'Brien, Wilson, Clarke, Walker, Hughes, Edwards, Thompson"),
		words:   split("Northgate, Riverside, Oakwood, Silverline, Kingfisher, Harbour, Meadow, Beacon"),
		trades:  split("Trading, Engineering, Design, Logistics, Consulting, Print"),
		firms:   []string{"{name} {trade} Ltd", "{name} {trade} Ltd", "{family} & Sons Ltd", "{name} {trade} plc"},
		streets: split("High Street, Station Road, Church Lane, Victoria Road, Mill Lane, Park Avenue"),
		titles:  split("office manager, buyer, managing director, facilities manager"),
		places:  [][2]string{{"SW1A 1AA", "London"}, {"M1 1AE", "Manchester"}, {"B1 1HQ", "Birmingham"}, {"EH1 1YZ", "Edinburgh"}},
		full:    west,
		taxID:   func(g *generator) string { return gbTax(fmt.Sprint(1000000 + g.rand.IntN(8999999))) },
		phone:   func(n int) string { return fmt.Sprintf("+44 20 7946 0%03d", n%1000) },
		latin:   func(s string) string { return s },
	},
	"he": {
		country: "IL",
		given:   split("דוד, רחל, משה, שרה, יוסף, נועה, אברהם, תמר, איתן, מיכל, אורי, יעל"),
		family:  split("כהן, לוי, מזרחי, פרץ, ביטון, דהן, אברהמי, פרידמן, גולן, שפירא, רוזן, בן-דוד"),
		words:   split("הגליל, כרמל, תבור, שקד, זית, רימון, גפן, אלון, נחל, שחף"),
		trades:  split("הנדסה, שיווק, לוגיסטיקה, ייעוץ, דפוס, בנייה"),
		firms:   []string{`{name} {trade} בע"מ`, `{name} {trade} בע"מ`, `{family} ובניו בע"מ`, `{name} {trade}`},
		streets: split("רחוב הרצל, רחוב ז'בוטינסקי, שדרות רוטשילד, רחוב ויצמן, רחוב אלנבי, דרך יפו"),
		titles:  split(`מנכ"ל, מנהלת משרד, קניין, מנהל כספים`),
		places:  [][2]string{{"6688102", "תל אביב"}, {"9426513", "ירושלים"}, {"3303139", "חיפה"}, {"8410501", "באר שבע"}},
		full:    west,
		taxID:   func(g *generator) string { return ilTax(fmt.Sprint(51000000 + g.rand.IntN(999999))) },
		phone:   func(n int) string { return fmt.Sprintf("+972 3 555 %04d", 1000+n) },
		latin:   hebrew,
	},
	"ru": {
		country: "RU",
		given:   split("Иван, Ольга, Сергей, Наталья, Дмитрий, Елена, Алексей, Анна, Фёдор, Юлия"),
		family:  split("Иваненко, Петренко, Черных, Седых, Коваленко, Шевчук, Долгих, Савчук, Белых, Тимошенко"),
		words:   split("Ромашка, Берёзка, Заря, Волна, Восток, Сокол, Маяк, Родник"),
		trades:  split("Строй, Торг, Сервис, Логистика, Проект, Мебель"),
		firms:   []string{"ООО «{name}-{trade}»", "ООО «{name}»", "АО «{name} {trade}»"},
		streets: split("улица Ленина, Невский проспект, улица Мира, Садовая улица, улица Гагарина"),
		titles:  split("директор, менеджер по закупкам, главный бухгалтер, офис-менеджер"),
		places:  [][2]string{{"101000", "Москва"}, {"190000", "Санкт-Петербург"}, {"630000", "Новосибирск"}, {"420000", "Казань"}},
		full:    west,
		taxID:   func(g *generator) string { return ruTax(fmt.Sprint(770000000 + g.rand.IntN(9999999))) },
		phone:   func(n int) string { return fmt.Sprintf("+7 495 000-%02d-%02d", n/100%100, n%100) },
		latin:   cyrillic,
	},
	"el": {
		country: "GR",
		given:   split("Γιώργος, Μαρία, Νίκος, Ελένη, Δημήτρης, Κατερίνα, Κώστας, Σοφία, Γιάννης, Άννα, Οδυσσέας, Θάλεια"),
		family:  split("Παπαδάκης, Νικολάου, Γεωργίου, Δημητρίου, Ιωάννου, Κωνσταντίνου, Αθανασίου, Βασιλείου, Οικονόμου, Χατζηιωάννου"),
		words:   split("Όλυμπος, Αιγαίο, Ήλιος, Δελφίνι, Πήγασος, Άτλας, Θάλασσα, Ερμής, Ίρις, Νηρεύς"),
		trades:  split("Εμπορική, Κατασκευαστική, Τεχνική, Μεταφορική, Εκδοτική, Συμβουλευτική"),
		firms:   []string{"{name} {trade} ΑΕ", "{name} {trade} ΕΠΕ", "{name} {trade} ΙΚΕ", "{family} και Σία ΟΕ"},
		streets: split("Πανεπιστημίου, Σταδίου, Ερμού, Τσιμισκή, Βασιλίσσης Σοφίας, Αριστοτέλους"),
		titles:  split("διευθυντής, υπεύθυνη προμηθειών, λογιστής, γραμματέας διοίκησης"),
		places:  [][2]string{{"10564", "Αθήνα"}, {"54624", "Θεσσαλονίκη"}, {"26221", "Πάτρα"}, {"71201", "Ηράκλειο"}},
		full:    west,
		taxID:   func(g *generator) string { return "EL" + grTax(fmt.Sprintf("09%06d", g.rand.IntN(999999))) },
		phone:   func(n int) string { return fmt.Sprintf("+30 210 555 %04d", 1000+n) },
		latin:   greek,
	},
}
