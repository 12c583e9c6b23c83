package pdf

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
)

// product is one line of a sample: name, description, unit, quantity, price, discount.
type product struct{ code, name, detail, unit, quantity, price, discount string }

// sample is a quote with real names in the language.
type sample struct {
	seller    Seller
	addressee Addressee
	currency  string
	vat       string
	title     string
	cover     string
	closing   string
	terms     []Term
	signatory Signatory
	products  []product
	comment   [2]string
}

var samples = map[locale.Language]sample{
	locale.Hungarian: {
		seller: Seller{Name: "Kovács és Társa Ipari Zrt.", AddressLines: []string{"Budafoki út 56.", "1117 Budapest"}, TaxID: "12345676-2-43", EUVatID: "HU12345676",
			Phone: "+36 1 234 5678", Email: "ajanlat@kovacsipari.hu", Web: "www.kovacsipari.hu", BankAccount: "OTP 11742001-20000001-00000000", IBAN: "HU42 1177 3016 1111 1018 0000 0000"},
		addressee: Addressee{Name: "Őrségi Faipari Szövetkezet", Attention: "Szűcs Gyöngyvér", AddressLines: []string{"Fő utca 12.", "9941 Őriszentpéter"}, TaxID: "10773381-2-18"},
		currency:  "HUF", vat: "27", title: "Raktári polcrendszer szállítása és telepítése",
		cover:     "Tisztelt Szűcs Gyöngyvér!\nKöszönjük megkeresését. A július 3-i helyszíni felmérés alapján az alábbi ajánlatot adjuk az őriszentpéteri raktár polcrendszerére, a szállítással és a telepítéssel együtt.",
		closing:   "Kérdés esetén forduljon hozzánk bizalommal. Várjuk megtisztelő megrendelését!",
		terms:     []Term{{"Fizetés", "40% előleg a megrendeléskor, a fennmaradó rész az átadástól számított 15 napon belül, átutalással."}, {"Szállítás", "A megrendeléstől számított 4 hét, az őriszentpéteri telephelyre."}, {"Jótállás", "36 hónap a szerkezetre, 12 hónap a kiegészítőkre."}},
		signatory: Signatory{"Nagy Ákos", "Értékesítési vezető", "+36 30 555 0142", "nagy.akos@kovacsipari.hu"},
		products: []product{
			{"PR-2500", "Raklapos állvány, alapelem", "Magasság 2500 mm, mélység 1100 mm, tűzihorganyzott oszlopokkal, szintenként 3000 kg teherbírással.", "db", "12", "148500", "5"},
			{"PR-2500K", "Raklapos állvány, kiegészítő elem", "Az alapelemhez csatlakozó mező, gerendákkal.", "db", "36", "112900", "5"},
			{"VH-110", "Végütköző", "", "db", "24", "8450", ""},
			{"SD-01", "Sarokvédő, sárga", "400 mm magas, dübelekkel.", "pár", "24", "6200", ""},
			{"RR-27", "Rácspolc", "Horganyzott, 27 × 11 cm-es osztással.", "m²", "148.5", "9870.5", "10"},
			{"TB-3", "Teherbírás-tábla magyar felirattal", "", "db", "6", "3900", ""},
			{"SZ-N", "Szállítás Budapestről", "Kamion emelőhátfallal, lerakodással.", "forduló", "2", "185000", ""},
			{"TEL", "Telepítés, szerelés", "Négyfős szerelőcsapat, szintezéssel és dübelezéssel.", "óra", "96", "11500", ""},
			{"MV-1", "Munkavédelmi felülvizsgálat", "MSZ EN 15635 szerinti első vizsgálat jegyzőkönyvvel.", "alk.", "1", "95000", ""},
			{"OKT", "Targoncás oktatás", "Fél napos oktatás a raktárban, legfeljebb 8 fő részére.", "alk.", "1", "120000", ""},
		},
		comment: [2]string{"Szállítás és telepítés", "A munkák hétköznap 7 és 16 óra között végezhetők."},
	},
	locale.English: {
		seller: Seller{Name: "Hargreaves & Finch Ltd", AddressLines: []string{"14 Station Road", "Leeds LS1 4DY"}, TaxID: "08123456", EUVatID: "GB 123 4567 89",
			Phone: "+44 113 496 0142", Email: "sales@hargreavesfinch.example", Web: "www.hargreavesfinch.example", IBAN: "GB82 WEST 1234 5698 7654 32"},
		addressee: Addressee{Name: "כרמל תעשיות בע\"מ (Carmel Industries)", Attention: "Ms Noa Ben-David", AddressLines: []string{"HaNamal Street 38", "3303138 Haifa", "ISRAEL"}, TaxID: "513456789"},
		currency:  "EUR", vat: "20", title: "Stainless steel valves for the Haifa desalination plant",
		cover:     "Dear Ms Ben-David,\nThank you for your inquiry of 3 July. We are pleased to offer the valves below, tested and certified to EN 10204 3.1 and packed for sea freight.",
		closing:   "We look forward to your order. Should you have questions, please call us at any time.",
		terms:     []Term{{"Payment", "30 days net from the date of the invoice."}, {"Delivery", "CIF Haifa, six weeks after receipt of order."}, {"Warranty", "24 months from delivery."}},
		signatory: Signatory{"Eleanor Finch", "Head of Sales", "+44 113 496 0155", "eleanor.finch@hargreavesfinch.example"},
		products: []product{
			{"BV-50-316", "Ball valve DN 50, AISI 316", "Full bore, PN 40, PTFE seats, with lockable lever.", "pcs", "48", "186.40", "8"},
			{"BV-80-316", "Ball valve DN 80, AISI 316", "Full bore, PN 40, PTFE seats, with ISO 5211 top flange.", "pcs", "16", "412.75", "8"},
			{"CV-50", "Check valve DN 50", "Wafer type, spring loaded.", "pcs", "24", "97.30", ""},
			{"GS-50", "Gasket set DN 50", "", "set", "96", "4.855", ""},
			{"ACT-12", "Pneumatic actuator", "Double acting, 6 bar, with limit switch box.", "pcs", "16", "348.00", "5"},
			{"PIPE-316", "Pipe 60.3 × 2.77 mm", "Seamless, cut to length.", "m", "132.5", "38.20", ""},
			{"FL-50", "Weld neck flange DN 50", "EN 1092-1, PN 40.", "pcs", "64", "41.90", ""},
			{"CERT", "Certificates", "EN 10204 3.1, digital.", "lot", "1", "350.00", ""},
			{"PACK", "Seaworthy packing", "Three crates, heat treated to ISPM 15.", "lot", "1", "640.00", ""},
			{"FRT", "Freight to Haifa", "Including insurance of 110%.", "lot", "1", "1890.00", ""},
		},
		comment: [2]string{"Documents and freight", "Prices of freight hold for 14 days."},
	},
	locale.Greek: {
		seller: Seller{Name: "Παπαδόπουλος Ηλιακά Συστήματα Α.Ε.", AddressLines: []string{"Λεωφόρος Κηφισίας 124", "115 26 Αθήνα"}, TaxID: "094014201", EUVatID: "EL094014201",
			Phone: "+30 210 555 0142", Email: "sales@papadopoulos.example", Web: "www.papadopoulos.example", BankAccount: "Εθνική Τράπεζα", IBAN: "GR16 0110 1250 0000 0001 2300 695"},
		addressee: Addressee{Name: "Ξενοδοχεία Αιγαίου Μον. Ι.Κ.Ε.", Attention: "κ. Ελένη Γεωργίου", AddressLines: []string{"Ακτή Μιαούλη 7", "185 35 Πειραιάς"}, TaxID: "998877665"},
		currency:  "EUR", vat: "24", title: "Φωτοβολταϊκό σύστημα 30 kWp στη Νάξο",
		cover:     "Αξιότιμη κυρία Γεωργίου,\nσας ευχαριστούμε για το ενδιαφέρον σας. Σας υποβάλλουμε την προσφορά μας για το φωτοβολταϊκό σύστημα του ξενοδοχείου σας στη Νάξο.",
		closing:   "Παραμένουμε στη διάθεσή σας για κάθε διευκρίνιση.",
		terms:     []Term{{"Πληρωμή", "40% προκαταβολή, υπόλοιπο με την παράδοση."}, {"Παράδοση", "Έξι εβδομάδες από την ανάθεση, στη Νάξο."}, {"Εγγύηση", "25 έτη στην απόδοση των πλαισίων, 10 έτη στους αντιστροφείς."}},
		signatory: Signatory{"Νίκος Παπαδόπουλος", "Διευθυντής πωλήσεων", "+30 694 555 0101", "nikos@papadopoulos.example"},
		products: []product{
			{"PV-450", "Φωτοβολταϊκό πλαίσιο 450 W", "Μονοκρυσταλλικό, απόδοση 21,3%.", "τεμ.", "68", "142.50", "6"},
			{"INV-15", "Αντιστροφέας 15 kW", "Τριφασικός, δύο MPPT, IP65.", "τεμ.", "2", "2180.00", "6"},
			{"BAT-10", "Συσσωρευτής 10 kWh", "Λιθίου (LiFePO₄), 6000 κύκλοι.", "τεμ.", "3", "3890.00", ""},
			{"STR-AL", "Βάση στήριξης αλουμινίου", "Για δώμα, με έρμα.", "σετ", "34", "58.90", ""},
			{"CAB-6", "Καλώδιο solar 6 mm²", "", "m", "420", "1.245", ""},
			{"DC-B", "Πίνακας DC", "Με απαγωγείς υπερτάσεων.", "τεμ.", "2", "310.00", ""},
			{"AC-B", "Πίνακας AC", "", "τεμ.", "1", "540.00", ""},
			{"MET", "Μετρητής ενέργειας", "", "τεμ.", "1", "265.00", ""},
			{"INST", "Εγκατάσταση", "Συνεργείο τριών ατόμων.", "ημ.", "6", "620.00", ""},
			{"DEDD", "Φάκελος ΔΕΔΔΗΕ", "Σχέδια, αίτηση και παρακολούθηση.", "υπηρ.", "1", "900.00", ""},
		},
		comment: [2]string{"Υπηρεσίες", "Τα έξοδα μετακίνησης περιλαμβάνονται."},
	},
	locale.Russian: {
		seller: Seller{Name: "ООО «Северный станок»", AddressLines: []string{"Невский проспект, д. 88, оф. 14", "191025, Санкт-Петербург"}, TaxID: "7830002293",
			Phone: "+7 812 555-01-42", Email: "zakaz@sevstanok.example", Web: "www.sevstanok.example", BankAccount: "40702810900000012345"},
		addressee: Addressee{Name: "АО «Уральский подшипниковый завод»", Attention: "Щербакову Юрию Фёдоровичу", AddressLines: []string{"ул. Заводская, д. 5", "620014, Екатеринбург"}, TaxID: "6600000123"},
		currency:  "RUB", vat: "20", title: "Поставка и пусконаладка токарного центра",
		cover:     "Уважаемый Юрий Фёдорович!\nБлагодарим за обращение. Предлагаем поставку токарного центра с оснасткой, пусконаладочными работами и обучением операторов.",
		closing:   "Будем рады сотрудничеству и ответим на любые вопросы.",
		terms:     []Term{{"Оплата", "50 % аванс, 50 % по готовности к отгрузке."}, {"Поставка", "90 рабочих дней, DAP Екатеринбург."}, {"Гарантия", "12 месяцев с даты ввода в эксплуатацию."}},
		signatory: Signatory{"Объедкова Анна Сергеевна", "Руководитель отдела продаж", "+7 921 555-01-01", "a.obedkova@sevstanok.example"},
		products: []product{
			{"ТЦ-500", "Токарный центр с ЧПУ ТЦ-500", "Наибольший диаметр 500 мм, приводной инструмент, ось C, стойка на русском языке.", "шт.", "1", "12480000", "3"},
			{"ПР-12", "Револьверная головка", "12 позиций.", "шт.", "1", "864500", ""},
			{"ПТ-210", "Патрон гидравлический 210 мм", "", "шт.", "2", "218900.50", ""},
			{"ЦН-3", "Центр вращающийся", "Конус Морзе 4.", "шт.", "3", "14250", ""},
			{"РЗ-К", "Комплект резцов", "Державки и пластины, 24 позиции.", "компл.", "2", "96400", "10"},
			{"СОЖ", "Эмульсия", "Концентрат, канистра 20 л.", "л", "60", "412.35", ""},
			{"ДСТ", "Доставка до Екатеринбурга", "", "рейс", "1", "245000", ""},
			{"ПНР", "Пусконаладочные работы", "Два инженера.", "дн.", "8", "38500", ""},
			{"ОБУ", "Обучение операторов", "До четырёх человек.", "дн.", "4", "29000", ""},
			{"ЗИП", "Комплект ЗИП", "На два года работы.", "компл.", "1", "318700", ""},
		},
		comment: [2]string{"Услуги", "Проживание инженеров оплачивает заказчик."},
	},
	locale.Hebrew: {
		seller: Seller{Name: "אלון מערכות מיזוג בע\"מ", AddressLines: []string{"רחוב הברזל 24", "תל אביב-יפו 6971024"}, TaxID: "514123456",
			Phone: "+972-3-555-0142", Email: "sales@alon-hvac.example", Web: "www.alon-hvac.example", BankAccount: "בנק לאומי 10-800-1234567", IBAN: "IL62 0108 0000 0009 9999 999"},
		addressee: Addressee{Name: "מלונות הכרמל (Carmel Hotels) בע\"מ", Attention: "גב' נועה בן-דוד", AddressLines: []string{"שדרות הנשיא 112", "חיפה 3463401"}, TaxID: "513456789"},
		currency:  "ILS", vat: "18", title: "החלפת מערכת מיזוג VRF בקומות 3–7",
		cover:     "לכבוד גב' נועה בן-דוד,\nתודה על פנייתך מיום 3.7.2026. בהמשך לסיור שערכנו במלון (קומות 3–7), להלן הצעתנו להחלפת מערכת ה-VRF, כולל 12 יחידות פנימיות מדגם Daikon FXSQ50 והפעלה מלאה.",
		closing:   "נשמח לעמוד לרשותך בכל שאלה.",
		terms:     []Term{{"תשלום", "שוטף + 30 יום; מקדמה של 40% עם ההזמנה."}, {"אספקה", "עד 6 שבועות מיום ההזמנה, DDP חיפה."}, {"אחריות", "36 חודשים על המדחסים, 12 חודשים על יתר החלקים."}},
		signatory: Signatory{"יוסי אלון", "סמנכ\"ל מכירות", "+972-54-555-0101", "yossi@alon-hvac.example"},
		products: []product{
			{"VRF-40", "יחידת עיבוי VRF 40 kW", "מדחס אינוורטר (R-32), עוצמת רעש 58 dB(A), מתח 400V.", "יח'", "2", "48900", "7.5"},
			{"FXSQ50", "יחידה פנימית נסתרת FXSQ50", "ספיקת אוויר 900 מק\"ש, כולל משאבת ניקוז.", "יח'", "12", "4250", "7.5"},
			{"RC-7", "תרמוסטט קיר עם מסך מגע", "ממשק בעברית ובאנגלית (Hebrew/English).", "יח'", "12", "385.5", ""},
			{"CU-38", "צנרת נחושת 3/8\"", "מבודדת, כולל מחברים.", "מטר", "240.5", "62.4", ""},
			{"DR-32", "צנרת ניקוז 32 מ\"מ", "", "מטר", "110", "18.9", ""},
			{"EL-1", "לוח חשמל", "כולל מפסקי פחת 30mA.", "יח'", "1", "5600", ""},
			{"CR-50", "מנוף", "", "יום", "2", "3200", ""},
			{"INS", "התקנה והפעלה", "צוות של 4 טכנאים, עבודה בין 08:00 ל-16:00.", "יום", "9", "5400", ""},
			{"DIS", "פירוק ופינוי המערכת הקיימת", "", "קומפ'", "1", "8700", ""},
			{"SRV", "שירות שנתי", "שני ביקורים בשנה.", "שנה", "1", "4900", ""},
		},
		comment: [2]string{"עבודות באתר", "העבודות יבוצעו בתיאום עם הנהלת המלון."},
	},
}

// quoteOf builds a quote of n lines with right sums.
func quoteOf(l locale.Language, n int) Document {
	s := samples[l]
	d := Document{
		Language: l, Seller: s.seller, Addressee: s.addressee, Number: "AJ-2026/0042", Version: 2, Currency: s.currency,
		IssueDate: civil.Date{Year: 2026, Month: 7, Day: 13}, ValidUntil: civil.Date{Year: 2026, Month: 8, Day: 12},
		Reference: "RFQ-7781", Title: s.title, CoverText: s.cover, ClosingText: s.closing, Terms: s.terms, Signatory: s.signatory,
		AcceptLink: "https://crm.example.com/q/7Hq2vX9k", CreatedAt: time.Date(2026, 7, 13, 9, 30, 0, 0, time.UTC),
	}
	vat := money.MustPercent(s.vat)
	for i := range n {
		p := s.products[i%len(s.products)]
		if i == n-4 {
			d.Lines = append(d.Lines, Line{Comment: true, Name: s.comment[0], Description: s.comment[1]})
		}
		line := Line{Position: fmt.Sprint(i + 1), Code: p.code, Name: p.name, Description: p.detail, Unit: p.unit,
			Quantity: money.MustQuantity(p.quantity), UnitPrice: money.MustAmount(p.price), VATRate: vat, Optional: i == n-1}
		net := money.Times(line.UnitPrice, line.Quantity)
		if p.discount != "" {
			line.DiscountPercent = money.MustPercent(p.discount)
			net = net.Sub(money.PercentOf(line.DiscountPercent, net))
		}
		line.Net = money.Round(net, s.currency)
		if line.Optional {
			d.OptionalTotal = d.OptionalTotal.Add(line.Net)
		} else {
			d.Net = d.Net.Add(line.Net)
		}
		d.Lines = append(d.Lines, line)
	}
	d.VAT = money.Round(money.PercentOf(vat, d.Net), s.currency)
	d.Gross = d.Net.Add(d.VAT)
	d.VATSummary = []VATRow{{Rate: vat, Net: d.Net, VAT: d.VAT, Gross: d.Gross}}
	return d
}

// logoPNG is a picture with an alpha channel.
func logoPNG(t testing.TB, width, height int) []byte {
	t.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			if (x/20+y/20)%2 == 0 {
				img.Set(x, y, color.NRGBA{30, 73, 118, uint8(255 * x / width)})
			}
		}
	}
	return encoded(t, img)
}

func encoded(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
