package tabular

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/crmplus/crmplus/crm/locale"
)

// names are the headers that people, and the exports of Salesforce, HubSpot, Outlook, Google
// Contacts and Pipedrive, put above a column: Hungarian, English, Hebrew, Russian, Greek. Case,
// accents, punctuation and spaces do not count, nor does the number in "Phone 2".
var names = map[Field][5]string{
	FullName: {"név, teljes név, kapcsolattartó, kapcsolattartó neve, ügyfél neve, ügyfél, érdeklődő neve, érdeklődő, partner neve",
		"name, full name, contact, contact name, contact person, person, person name, lead name, customer name, display name, file as, client name",
		"שם, שם מלא, איש קשר, שם איש קשר, שם הלקוח, שם לקוח", "имя и фамилия, фио, ф.и.о., полное имя, контакт, контактное лицо, клиент, имя клиента",
		"ονοματεπώνυμο, πλήρες όνομα, όνομα επαφής, επαφή, υπεύθυνος επικοινωνίας, πελάτης, όνομα πελάτη"},
	GivenName:  {"keresztnév, utónév", "first name, given name, forename, firstname", "שם פרטי", "имя", "όνομα, μικρό όνομα"},
	FamilyName: {"vezetéknév, családnév", "last name, family name, surname, lastname", "שם משפחה", "фамилия", "επώνυμο, επίθετο"},
	Patronymic: {"második keresztnév, középső név", "patronymic, middle name, additional name", "שם אמצעי, שם האב", "отчество", "πατρώνυμο, όνομα πατρός"},
	Title:      {"megszólítás, titulus, előtag", "salutation, name prefix, honorific, prefix, title", "תואר", "обращение", "προσφώνηση"},
	JobTitle: {"beosztás, munkakör, pozíció", "title, job title, position, role, organization title, job position", "תפקיד",
		"должность", "θέση εργασίας, θέση, ιδιότητα"},
	Company: {"cég, cégnév, cég neve, vállalat, vállalat neve, vállalkozás, szervezet, munkahely, partner",
		"company, company name, account, account name, organization, organisation, organization name, business name, firm, employer, associated company",
		"חברה, שם חברה, שם החברה, ארגון, שם עסק, שם העסק", "компания, название компании, организация, название организации, наименование организации, фирма, предприятие",
		"εταιρεία, εταιρία, επωνυμία, επωνυμία εταιρείας, επιχείρηση, οργανισμός"},
	TaxID: {"adószám, adóazonosító, cég adószáma, közösségi adószám, eu adószám", "tax id, tax number, vat, vat number, vat id, vat no, tin, tax registration number",
		"ח.פ., ח\"פ, מספר חברה, עוסק מורשה, מספר עוסק, ע.מ., מס חברה, חפ", "инн, налоговый номер", "αφμ, α.φ.μ., αριθμός φορολογικού μητρώου"},
	Email: {"e-mail, email, e-mail cím, email cím, elektronikus levélcím, emailcím, villámposta",
		"email, e-mail address, email address, mail, work email, e-mail value, business email, primary email",
		"אימייל, דוא\"ל, דואל, דואר אלקטרוני, מייל, כתובת מייל, כתובת אימייל, כתובת דואל", "электронная почта, почта, эл. почта, е-mail, адрес электронной почты, имейл, эл. адрес",
		"ηλεκτρονικό ταχυδρομείο, ηλ. ταχυδρομείο, email επικοινωνίας, διεύθυνση email, ηλεκτρονική διεύθυνση, μέιλ"},
	Phone: {"telefon, telefonszám, tel, tel.szám, vezetékes telefon, telefon szám, céges telefon, munkahelyi telefon",
		"phone, phone number, telephone, tel, business phone, work phone, company phone, primary phone, phone value, home phone, main phone, company main phone, telephone number",
		"טלפון, מספר טלפון, טל, טל', טלפון בעבודה, טלפון קווי", "телефон, номер телефона, тел, рабочий телефон, городской телефон, контактный телефон, телефон рабочий",
		"τηλέφωνο, τηλ, τηλ., αριθμός τηλεφώνου, σταθερό, σταθερό τηλέφωνο, τηλέφωνο εργασίας"},
	Mobile: {"mobil, mobiltelefon, mobilszám, mobil telefon, mobil telefonszám", "mobile, mobile phone, mobile phone number, cell, cell phone, cellphone, mobile number",
		"נייד, טלפון נייד, סלולרי, פלאפון, מספר נייד", "мобильный, мобильный телефон, сотовый, моб. телефон, моб., сотовый телефон", "κινητό, κινητό τηλέφωνο, αριθμός κινητού, κιν"},
	Street: {"utca, cím, utca házszám, utca, házszám, közterület, lakcím, levelezési cím, székhely",
		"street, address, street address, mailing street, business street, address street, address line, home street, billing street, primary address street",
		"רחוב, כתובת, רחוב ומספר", "улица, адрес, почтовый адрес, юридический адрес, улица дом", "οδός, διεύθυνση, οδός και αριθμός, ταχυδρομική διεύθυνση"},
	City: {"város, település, helység, helységnév", "city, town, mailing city, business city, address city, home city, billing city, locality",
		"עיר, ישוב, יישוב", "город, населенный пункт", "πόλη, δήμος"},
	PostalCode: {"irányítószám, irsz, ir.szám, irszám", "zip, zip code, postal code, postcode, mailing zip postal code, zip postal code, business postal code, mailing postal code, address postal code, mailing zip, home postal code",
		"מיקוד", "индекс, почтовый индекс", "τκ, τ.κ., ταχυδρομικός κώδικας, ταχ. κώδικας"},
	Country: {"ország", "country, country region, mailing country, business country region, business country, address country, home country region", "מדינה, ארץ", "страна", "χώρα"},
	Region: {"megye, régió, tartomány", "state, region, province, county, state region, state province, mailing state province, business state, address region, mailing state", "מחוז, אזור",
		"область, регион, край, район", "νομός, περιφέρεια, περιοχή"},
	Website: {"weboldal, honlap, weblap, web, céges weboldal", "website, web site, web page, url, website url, homepage, website value, company domain name", "אתר, אתר אינטרנט, כתובת אתר",
		"сайт, веб-сайт, адрес сайта", "ιστοσελίδα, ιστότοπος, ιστοχώρος"},
	BirthDate: {"születési dátum, születésnap, született, születési idő", "birth date, date of birth, birthday, birthdate, dob", "תאריך לידה, יום הולדת",
		"дата рождения, день рождения, д.р.", "ημερομηνία γέννησης, γενέθλια, ημ. γέννησης"},
	Gender:   {"nem, neme", "gender, sex", "מין, מגדר", "пол", "φύλο"},
	Language: {"nyelv, anyanyelv", "language, preferred language, locale", "שפה", "язык", "γλώσσα"},
	Source: {"forrás, érdeklődés forrása, honnan jött, megkeresés forrása", "source, lead source, original source, origin, original traffic source", "מקור, מקור ליד, מקור הליד, מקור הגעה",
		"источник, источник лида, откуда узнали", "πηγή, προέλευση, πηγή επαφής"},
	Campaign: {"kampány, kampány neve", "campaign, campaign name, most recent campaign", "קמפיין, שם קמפיין, מסע פרסום", "кампания, рекламная кампания, название кампании", "καμπάνια, εκστρατεία"},
	Interest: {"megjegyzés, érdeklődés, érdeklődés tárgya, leírás, üzenet, jegyzet, jegyzetek, megjegyzések, mire kíváncsi, igény",
		"interest, notes, note, comment, comments, message, description, remarks, product interest, details", "הערות, הערה, הודעה, תיאור, התעניינות, פרטים, במה מתעניין",
		"примечание, примечания, комментарий, комментарии, сообщение, описание, интерес, заметки, заметка, интересует", "σημειώσεις, σχόλια, μήνυμα, περιγραφή, ενδιαφέρον, παρατηρήσεις, σχόλιο"},
	Status: {"státusz, állapot, státus", "status, lead status, stage", "סטטוס, מצב", "статус, состояние, стадия", "κατάσταση, στάδιο"},
	Owner: {"felelős, értékesítő, üzletkötő, ügyintéző, tulajdonos", "owner, lead owner, contact owner, account owner, assigned to, sales rep, salesperson, responsible", "אחראי, איש מכירות, מטפל, נציג, בעלים",
		"ответственный, менеджер, владелец, продавец", "υπεύθυνος, πωλητής, υπεύθυνος πωλήσεων, ιδιοκτήτης"},
	ExpectedValue: {"várható érték, várható bevétel, érték, összeg, várható összeg, becsült érték, várható árbevétel", "expected value, value, amount, deal value, expected revenue, budget, estimated value, deal amount, annual revenue",
		"שווי צפוי, סכום, שווי, תקציב, הכנסה צפויה", "ожидаемая сумма, сумма, бюджет, ожидаемый доход, стоимость, сумма сделки", "αναμενόμενη αξία, αξία, ποσό, προϋπολογισμός, αναμενόμενα έσοδα"},
	Currency: {"pénznem, deviza, valuta, devizanem", "currency, currency code, lead currency, deal currency", "מטבע", "валюта", "νόμισμα"},
	Consent: {"hozzájárulás, hírlevél, hírlevél hozzájárulás, marketing hozzájárulás, feliratkozott, gdpr, adatkezelési hozzájárulás",
		"consent, marketing consent, opt in, newsletter, subscribed, gdpr consent, email opt in, legal basis for processing contacts data", "הסכמה, אישור דיוור, הסכמה לדיוור, דיוור, הרשמה לניוזלטר",
		"согласие, согласие на рассылку, подписка, рассылка, согласие на обработку персональных данных", "συγκατάθεση, ενημερωτικό δελτίο, συναίνεση, συγκατάθεση μάρκετινγκ"},
	UTMSource:   {"", "utm source, utmsource", "", "", ""},
	UTMMedium:   {"", "utm medium, utmmedium", "", "", ""},
	UTMCampaign: {"", "utm campaign, utmcampaign", "", "", ""},
	CreatedAt: {"létrehozva, létrehozás dátuma, rögzítés dátuma, dátum, érkezett, beérkezés, felvétel dátuma, időbélyeg", "created, created at, created date, create date, creation date, date added, date, timestamp, submitted at, added on, lead created",
		"תאריך, תאריך יצירה, נוצר, נוצר בתאריך, תאריך פנייה", "дата создания, дата, создан, дата добавления, дата обращения, отметка времени", "ημερομηνία, ημερομηνία δημιουργίας, δημιουργήθηκε, ημ. δημιουργίας"},
	ExternalID: {"azonosító, ügyfélkód, ügyfélazonosító, partnerkód, kód, sorszám, vevőkód", "id, external id, lead id, contact id, record id, customer id, customer number, code, account id, record id contact", "מזהה, מספר לקוח, קוד לקוח, מס לקוח",
		"идентификатор, код, код клиента, ид, номер клиента, айди", "κωδικός, κωδικός πελάτη, αναγνωριστικό, αριθμός πελάτη, αα"},
}

type meaning struct {
	field    Field
	language locale.Language
}

// meanings are the fields by folded header; a name may mean the same in several languages.
var meanings = func() map[string][]meaning {
	m := make(map[string][]meaning)
	for _, field := range Fields {
		for i, list := range names[field] {
			for name := range strings.SplitSeq(list, ", ") {
				if key, _ := fold(name); key != "" {
					m[key] = append(m[key], meaning{field, locale.Languages[i]})
				}
			}
		}
	}
	return m
}()

// found is what a header says.
type found struct {
	meanings []meaning
	// part: only a part of the header is a known name.
	part bool
	// number is that of "Phone 2"; 0 where there is none, or no known name.
	number int
	// letters is how long the known name is: "Job Title" says more than "Title".
	letters int
}

// lookUp reads a header: as a whole, without what stands in brackets, or at its head noun, which is
// the end in Hungarian and English ("Céges telefon") and the beginning elsewhere ("Телефон офиса").
func lookUp(header string) found {
	key, number := fold(header)
	if m := meanings[key]; m != nil {
		return found{meanings: m, number: number, letters: len(key)}
	}
	if i := strings.IndexAny(header, "([{"); i > 0 {
		if key, _ := fold(header[:i]); meanings[key] != nil {
			return found{meanings: meanings[key], number: number, letters: len(key)}
		}
	}
	words := strings.FieldsFunc(header, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsMark(r) && r != '-' && r != '.' && r != '\''
	})
	for drop := 1; drop < len(words) && drop < 8; drop++ {
		if m := inLanguages(joined(words[drop:]), true); m != nil {
			return found{meanings: m, number: number, part: true}
		}
		if m := inLanguages(joined(words[:len(words)-drop]), false); m != nil {
			return found{meanings: m, number: number, part: true}
		}
	}
	return found{}
}

func joined(words []string) string {
	key, _ := fold(strings.Join(words, " "))
	return key
}

// inLanguages gives the meanings of a name in languages whose head noun comes last, or first.
func inLanguages(key string, headLast bool) []meaning {
	var m []meaning
	for _, candidate := range meanings[key] {
		last := candidate.language == locale.Hungarian || candidate.language == locale.English
		if last == headLast {
			m = append(m, candidate)
		}
	}
	return m
}

// fold reduces a header to its letters, lower case and without accents, and gives the number in it.
func fold(header string) (string, int) {
	var b strings.Builder
	number := 0
	for _, r := range norm.NFKD.String(strings.ToLower(header)) {
		switch {
		case r >= '0' && r <= '9':
			if number < 1000 {
				number = number*10 + int(r-'0')
			}
		case r == 'ς':
			b.WriteRune('σ')
		case unicode.IsLetter(r):
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String(), number
}
