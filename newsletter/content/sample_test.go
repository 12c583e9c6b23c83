package content_test

import (
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/newsletter/content"
)

// words are what the sample newsletter says in a language.
type words struct {
	subject, preheader, title, intro, point1, point2, read, button  string
	left, leftText, right, rightText                                string
	product, description, price, product2, description2, price2     string
	customers, strangers, note, company, address, reason, alt, city string
}

var samples = map[locale.Language]words{
	locale.Hungarian: {
		"{{first_name|Kedves Olvasónk}}, itt az őszi kínálat", "Ingyenes szállítás október végéig.", "Őszi újdonságok a műhelyből",
		"Összeállítottuk, mi <strong>változott a nyár óta</strong>: új gépek, rövidebb határidők és egy őszinte írás arról, mit rontottunk el.",
		"Két új fűrészgép <em>raktárról</em>, azonnal", "Szerviz 48 órán belül ({{city|az ön közelében}} is)", "Olvassa el a részleteket", "Megnézem a kínálatot",
		"Bemutatóterem", "Hétköznap 8 és 16 óra között várjuk, bejelentkezés nélkül.", "Szerviz", "Hívjon, és két napon belül ott vagyunk.",
		"Asztali körfűrész 254 mm", "Puha indítás, porelszívás, két év jótállás.", "129 990 Ft", "Akkus csavarozó", "Két akkuval, kofferban.", "42 500 Ft",
		"Ügyfélszáma: {{customer_number}}", "Még nem vásárolt nálunk? Az első rendelés szállítása ingyenes.", "Az árak az áfát tartalmazzák.",
		"Fűrész és Fia Kft.", "1117 Budapest, Budafoki út 56.", "Azért kapja ezt a levelet, mert feliratkozott a fureszesfia.example oldalon.", "Műhely őszi fényben", "Győr",
	},
	locale.English: {
		"{{first_name|Dear reader}}, the autumn range is here", "Free delivery until the end of October.", "New from the workshop this autumn",
		"We put together what has <strong>changed since summer</strong>: new machines, shorter lead times and an honest piece on what we got wrong.",
		"Two new saws <em>from stock</em>, at once", "Service within 48 hours, also in {{city|your area}}", "Read the details", "See the range",
		"Showroom", "Weekdays from 8 am to 4 pm, no appointment needed.", "Service", "Call us, and we are there within two days.",
		"Table saw 254 mm", "Soft start, dust extraction, two years of warranty.", "£299.00", "Cordless screwdriver", "With two batteries, in a case.", "£99.50",
		"Your customer number: {{customer_number}}", "Not a customer yet? Delivery of your first order is free.", "Prices include VAT.",
		"Saw & Son Ltd", "56 Mill Lane, Leeds LS1 4AB", "You get this letter because you subscribed at sawandson.example.", "The workshop in autumn light", "Leeds",
	},
	locale.Hebrew: {
		"{{first_name|שלום}}, קולקציית הסתיו כבר כאן", "משלוח חינם עד סוף אוקטובר.", "חדש בסדנה בסתיו הזה",
		"ריכזנו את כל מה <strong>שהשתנה מאז הקיץ</strong>: מכונות חדשות, זמני אספקה קצרים יותר, ומאמר כן על הטעויות שלנו.",
		"שני מסורים חדשים <em>מהמלאי</em>, מיד", "שירות בתוך 48 שעות, גם ב{{city|אזור שלכם}}", "לקריאת הפרטים", "לצפייה במוצרים",
		"אולם תצוגה", "ימים א׳–ה׳, 8:00–16:00, ללא תיאום מראש.", "שירות", "התקשרו, ואנחנו אצלכם בתוך יומיים.",
		"מסור שולחן 254 מ״מ", "התנעה רכה, שאיבת אבק, שנתיים אחריות.", "1,290 ₪", "מברגה נטענת", "עם שתי סוללות, במזוודה.", "449 ₪",
		"מספר הלקוח שלך: {{customer_number}}", "עדיין לא לקוחות? המשלוח הראשון חינם.", "המחירים כוללים מע״מ.",
		"מסור ובנו בע״מ", "רחוב הברזל 12, תל אביב", "קיבלת מכתב זה כי נרשמת באתר saw.example.", "הסדנה באור סתווי", "חיפה",
	},
	locale.Russian: {
		"{{first_name|Уважаемый читатель}}, осенняя коллекция уже здесь", "Бесплатная доставка до конца октября.", "Новинки мастерской этой осенью",
		"Мы собрали всё, что <strong>изменилось с лета</strong>: новые станки, короткие сроки и честный рассказ о наших ошибках.",
		"Две новые пилы <em>со склада</em>, сразу", "Сервис за 48 часов: {{city|в вашем городе}}", "Читать подробнее", "Посмотреть каталог",
		"Выставочный зал", "По будням с 8 до 16 часов, без записи.", "Сервис", "Позвоните, и мы приедем за два дня.",
		"Настольная пила 254 мм", "Плавный пуск, пылеудаление, два года гарантии.", "29 990 ₽", "Аккумуляторный шуруповёрт", "С двумя батареями, в кейсе.", "9 450 ₽",
		"Ваш номер клиента: {{customer_number}}", "Ещё не покупали у нас? Доставка первого заказа бесплатна.", "Цены указаны с НДС.",
		"ООО «Пила и сын»", "125009, Москва, Тверская ул., 7", "Вы получили это письмо, потому что подписались на сайте pila.example.", "Мастерская в осеннем свете", "Казань",
	},
	locale.Greek: {
		"{{first_name|Αγαπητοί αναγνώστες}}, ήρθε η φθινοπωρινή σειρά", "Δωρεάν αποστολή έως το τέλος Οκτωβρίου.", "Τα νέα του εργαστηρίου αυτό το φθινόπωρο",
		"Συγκεντρώσαμε ό,τι <strong>άλλαξε από το καλοκαίρι</strong>: νέα μηχανήματα, μικρότεροι χρόνοι παράδοσης και ένα ειλικρινές κείμενο για τα λάθη μας.",
		"Δύο νέα πριόνια <em>από απόθεμα</em>, αμέσως", "Σέρβις σε 48 ώρες και {{city|στην περιοχή σας}}", "Διαβάστε περισσότερα", "Δείτε τη σειρά",
		"Έκθεση", "Καθημερινές 8:00–16:00, χωρίς ραντεβού.", "Σέρβις", "Καλέστε μας και ερχόμαστε μέσα σε δύο μέρες.",
		"Επιτραπέζιο πριόνι 254 mm", "Ομαλή εκκίνηση, απορρόφηση σκόνης, δύο χρόνια εγγύηση.", "299,00 €", "Κατσαβίδι μπαταρίας", "Με δύο μπαταρίες, σε βαλίτσα.", "99,50 €",
		"Ο αριθμός πελάτη σας: {{customer_number}}", "Δεν είστε ακόμη πελάτης; Η πρώτη αποστολή είναι δωρεάν.", "Οι τιμές περιλαμβάνουν ΦΠΑ.",
		"Πριόνι και Υιός Α.Ε.", "Σταδίου 10, 105 64 Αθήνα", "Λαμβάνετε αυτό το μήνυμα επειδή εγγραφήκατε στο prioni.example.", "Το εργαστήριο στο φως του φθινοπώρου", "Πάτρα",
	},
}

// sample is a newsletter with every kind of block.
func sample(lang locale.Language) content.Design {
	w := samples[lang]
	text := func(html string) content.Block { return content.Block{Text: &content.Text{HTML: html}} }
	column := func(title, words string) content.Column {
		return content.Column{Blocks: []content.Block{{Heading: &content.Heading{Text: title, Level: 3}}, text(words)}}
	}
	return content.Design{
		Language: lang, Subject: w.subject, Preheader: w.preheader, Theme: content.Theme{Accent: "#b45309"},
		Blocks: []content.Block{
			{Image: &content.Image{URL: "https://img.example/logo.png", Alt: w.company, Width: 140, Plate: true}},
			{Heading: &content.Heading{Text: w.title, Level: 1}},
			text("<p>{{salutation}}</p><p>" + w.intro + `</p><ul><li>` + w.point1 + "</li><li>" + w.point2 + `</li></ul><p><a href="https://shop.example/blog?id=7&amp;city={{city}}">` + w.read + "</a></p>"),
			{Image: &content.Image{URL: "https://img.example/workshop.jpg", Alt: w.alt, Link: "https://shop.example/workshop"}},
			{Button: &content.Button{Label: w.button, URL: "https://shop.example/autumn", Align: content.Center}},
			{Divider: &content.Divider{}},
			{Columns: &content.Columns{Columns: []content.Column{column(w.left, w.leftText), column(w.right, w.rightText)}}},
			{Divider: &content.Divider{}},
			{Product: &content.Product{Key: "254", Name: w.product, Description: w.description, Price: w.price, Image: "https://img.example/saw.jpg", URL: "https://shop.example/p/254"}},
			{Product: &content.Product{Name: w.product2, Description: w.description2, Price: w.price2, Image: "https://img.example/driver.jpg", URL: "https://shop.example/p/18v"}},
			{If: "customer_number", Text: &content.Text{HTML: w.customers}},
			{Unless: "customer_number", Text: &content.Text{HTML: w.strangers}},
			{HTML: &content.HTML{HTML: `<table style="width:100%"><tr><td style="padding:8px;font-size:13px" onclick="x()">` + w.note + `</td></tr></table><script>alert(1)</script>`}},
			{Footer: &content.Footer{Company: w.company, Address: w.address, Reason: w.reason}},
		},
	}
}

// readers are people who get the sample.
var readers = map[locale.Language]content.Reader{
	locale.Hungarian: {Name: party.ParseName("dr. Kovács Péter", locale.Hungarian), Gender: party.Male, CustomerNumber: "U-1042"},
	locale.English:   {Name: party.ParseName("John Berg", locale.English), Gender: party.Male, CustomerNumber: "C-77"},
	locale.Hebrew:    {Name: party.ParseName("דנה לוי", locale.Hebrew), Gender: party.Female},
	locale.Russian:   {Name: party.ParseName("Иванова Анна Петровна", locale.Russian), CustomerNumber: "К-15"},
	locale.Greek:     {Name: party.ParseName("Νίκος Παπαδόπουλος", locale.Greek), Gender: party.Male},
}

// reader is the one of a language, with all his pages.
func reader(lang locale.Language) content.Reader {
	r := readers[lang]
	r.Language, r.City, r.Email = lang, samples[lang].city, "reader@example.com"
	r.Today = civil.Date{Year: 2026, Month: 11, Day: 22}
	r.Unsubscribe, r.Preference, r.View = "https://news.example/u/abc", "https://news.example/p/abc", "https://news.example/v/abc"
	return r
}
