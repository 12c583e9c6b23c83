package party

import (
	"fmt"
	"slices"
	"strings"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/locale"
)

// Identity is what two records are compared by. E-mails, phones and the tax id are the normalised
// ones ([NormalizeEmail], [NormalizePhone], [TaxID].Key), names and places as they are shown. Any
// field may be empty.
type Identity struct {
	// Name is the person's, Company the firm's; a company without a contact has only the latter.
	Name, Company    string
	Emails, Phones   []string
	TaxID            string
	City, PostalCode string
	Birth            civil.Date
}

// Match says how sure it is that two records are one and the same, and why.
type Match struct {
	// Score is 0 to 100.
	Score int
	// Reasons are in the order in which they were looked at; their points add up to the score,
	// which is then kept within 0 and 100.
	Reasons []Reason
}

// Reason is one thing that speaks for or against two records being one.
type Reason struct {
	// Code is a key of [ReasonTexts].
	Code string
	// Points are added to the score; below zero for a conflict.
	Points int
	// Detail is what agrees or differs: "anna@example.hu", "93 %".
	Detail string
}

// Text says the reason in the reader's language: "Same e-mail: anna@example.hu".
func (r Reason) Text(lang locale.Language) string {
	text := ReasonTexts.T(lang, r.Code)
	if r.Detail == "" { // a colleague's, of whom nothing is told
		return text
	}
	detail := r.Detail
	if share, ok := strings.CutSuffix(detail, " %"); ok && lang != locale.Russian {
		detail = share + "%"
	}
	return text + ": " + detail
}

// The scores from which two records are treated as one.
const (
	// Certain is reached by two independent strong agreements, such as the e-mail and the name: an
	// import may merge without asking.
	Certain = 90
	// Likely is reached by one personal means of contact, or by the name together with the company,
	// the phone or the birth date: a person is asked, the answer is preset.
	Likely = 65
	// Possible is reached by the name alone: it is shown in the list of possible duplicates.
	Possible = 35
)

// The points. One agreement that names one person gives Likely; the name alone, which many people
// share, gives Possible.
const (
	pointsEmail       = 65
	pointsSharedEmail = 30 // info@ and the like are many people's
	pointsPhone       = 40 // a family's or a switchboard's
	pointsTaxID       = 60
	pointsName        = 35
	pointsSimilarName = 10 // at similarEnough, growing to pointsName
	pointsCompany     = 30
	pointsCity        = 5
	pointsPostalCode  = 5
	pointsBirth       = 30
	pointsOtherTaxID  = -40
	pointsOtherBirth  = -40
	pointsOtherName   = -30
)

// similarEnough is the [Similarity] from which two names may be one, differentName the one below
// which they are two.
const (
	similarEnough = 0.86
	differentName = 0.70
)

// sharedMailboxes are local parts behind which many people read.
var sharedMailboxes = wordSet("info,office,iroda,sales,admin,hello,contact,kapcsolat,titkarsag,mail,support,ertekesites,post,postmaster,penzugy,szamla,invoice,marketing,hr")

// maxContacts bounds the comparison of e-mails and phones; no party has as many.
const maxContacts = 50

// Compare says how sure it is that a and b are one and the same. It is symmetric but for the
// details. Reasons for and against are added up:
//
//	same e-mail +65 (a shared mailbox +30), phone +40, tax id +60, birth date +30
//	name +35, similar name +10 to +35, company +30 (+35 where a person's name is missing)
//	city +5, postal code +5
//	another tax id of the same country -40, another birth date -40, clearly another name -30
func Compare(a, b Identity) Match { return comparer(a)(b) }

// comparer compares one identity with many.
func comparer(a Identity) func(b Identity) Match {
	name, company := nameOf(a.Name), nameOf(a.Company)
	return func(b Identity) Match { return compareWith(a, b, name, company) }
}

func compareWith(a, b Identity, name, company similarName) Match {
	var m Match
	if email, ok := common(a.Emails, b.Emails); ok {
		if local, _, _ := strings.Cut(email, "@"); sharedMailboxes[titleKey(local)] {
			m.add("match.email.shared", pointsSharedEmail, Clean(email, emailLimit))
		} else {
			m.add("match.email", pointsEmail, Clean(email, emailLimit))
		}
	}
	if phone, ok := common(a.Phones, b.Phones); ok {
		m.add("match.phone", pointsPhone, Clean(phone, 40))
	}
	m.compareTaxID(a.TaxID, b.TaxID)
	m.compareNames(a, b, name, company)
	if key := Fold(a.City); key != "" && key == Fold(b.City) {
		m.add("match.city", pointsCity, Clean(a.City, addressLimit))
	}
	if key := Fold(a.PostalCode); key != "" && key == Fold(b.PostalCode) {
		m.add("match.postal_code", pointsPostalCode, Clean(a.PostalCode, addressLimit))
	}
	if !a.Birth.IsZero() && !b.Birth.IsZero() {
		if a.Birth == b.Birth {
			m.add("match.birth", pointsBirth, a.Birth.String())
		} else {
			m.add("match.birth.other", pointsOtherBirth, a.Birth.String()+" ≠ "+b.Birth.String())
		}
	}
	for _, r := range m.Reasons {
		m.Score += r.Points
	}
	m.Score = max(0, min(100, m.Score))
	return m
}

func (m *Match) add(code string, points int, detail string) {
	m.Reasons = append(m.Reasons, Reason{Code: code, Points: points, Detail: detail})
}

// compareTaxID takes two ids of different countries as no conflict: a firm can be registered in both.
func (m *Match) compareTaxID(a, b string) {
	switch {
	case a == "" || b == "":
	case a == b:
		m.add("match.tax_id", pointsTaxID, Clean(a, 40))
	case len(a) > 2 && len(b) > 2 && a[:2] == b[:2]:
		m.add("match.tax_id.other", pointsOtherTaxID, Clean(a, 40)+" ≠ "+Clean(b, 40))
	}
}

func (m *Match) compareNames(a, b Identity, name, company similarName) {
	full := pointsCompany
	if a.Name == "" || b.Name == "" {
		full = pointsName // the firm is all there is to go by
	}
	if points, alike := namePoints(company, b.Company, full); points > 0 {
		m.add("match.company", points, percent(alike))
	}
	points, alike := namePoints(name, b.Name, pointsName)
	switch {
	case points == pointsName:
		m.add("match.name", points, Clean(a.Name, nameLimit))
	case points > 0:
		m.add("match.name.similar", points, percent(alike))
	case alike < differentName && NameKey(a.Name) != "" && NameKey(b.Name) != "":
		m.add("match.name.other", pointsOtherName, Clean(a.Name, 60)+" ≠ "+Clean(b.Name, 60))
	}
}

// namePoints gives the points of two names of which full is the most, and their similarity.
func namePoints(a similarName, b string, full int) (int, float64) {
	if a.text == "" || b == "" {
		return 0, 1
	}
	alike := a.similarity(nameOf(b))
	if alike < similarEnough {
		return 0, alike
	}
	share := (alike - similarEnough) / (1 - similarEnough)
	return pointsSimilarName + int(share*float64(full-pointsSimilarName)), alike
}

func percent(share float64) string { return fmt.Sprintf("%d %%", int(share*100)) }

// common gives the smallest value that both lists hold, so that the order of the lists does not
// change the result; personal mailboxes go before shared ones.
func common(a, b []string) (string, bool) {
	found, shared := "", false
	a, b = a[:min(len(a), maxContacts)], b[:min(len(b), maxContacts)]
	for _, v := range a {
		if v == "" || !slices.Contains(b, v) {
			continue
		}
		local, _, _ := strings.Cut(v, "@")
		s := sharedMailboxes[titleKey(local)]
		if found == "" || shared && !s || s == shared && v < found {
			found, shared = v, s
		}
	}
	return found, found != ""
}

// ReasonTexts are the texts of [Reason] codes.
var ReasonTexts = locale.Texts{
	"match.email":        locale.Row("Azonos e-mail-cím", "Same e-mail", "אותו דואר אלקטרוני", "Тот же адрес эл. почты", "Ίδιο e-mail"),
	"match.email.shared": locale.Row("Azonos közös postafiók", "Same shared mailbox", "אותה תיבת דואר משותפת", "Тот же общий почтовый ящик", "Ίδιο κοινόχρηστο e-mail"),
	"match.phone":        locale.Row("Azonos telefonszám", "Same phone", "אותו טלפון", "Тот же телефон", "Ίδιο τηλέφωνο"),
	"match.tax_id":       locale.Row("Azonos adószám", "Same tax id", "אותו מספר עוסק", "Тот же ИНН", "Ίδιο ΑΦΜ"),
	"match.tax_id.other": locale.Row("Eltérő adószám", "Different tax id", "מספר עוסק שונה", "Другой ИНН", "Διαφορετικό ΑΦΜ"),
	"match.name":         locale.Row("Azonos név", "Same name", "אותו שם", "То же имя", "Ίδιο όνομα"),
	"match.name.similar": locale.Row("Hasonló név", "Similar name", "שם דומה", "Похожее имя", "Παρόμοιο όνομα"),
	"match.name.other":   locale.Row("Eltérő név", "Different name", "שם שונה", "Другое имя", "Διαφορετικό όνομα"),
	"match.company":      locale.Row("Azonos vagy hasonló cég", "Same or similar company", "אותה חברה או חברה דומה", "Та же или похожая компания", "Ίδια ή παρόμοια εταιρεία"),
	"match.city":         locale.Row("Azonos település", "Same city", "אותה עיר", "Тот же город", "Ίδια πόλη"),
	"match.postal_code":  locale.Row("Azonos irányítószám", "Same postal code", "אותו מיקוד", "Тот же индекс", "Ίδιος ταχυδρομικός κώδικας"),
	"match.birth":        locale.Row("Azonos születési dátum", "Same birth date", "אותו תאריך לידה", "Та же дата рождения", "Ίδια ημερομηνία γέννησης"),
	"match.birth.other":  locale.Row("Eltérő születési dátum", "Different birth date", "תאריך לידה שונה", "Другая дата рождения", "Διαφορετική ημερομηνία γέννησης"),
}
