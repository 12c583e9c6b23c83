package web

import (
	"slices"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/reports/exchange"
)

func (s *screens) rateRoutes() []route {
	return []route{
		{Pattern: "GET /settings/rates", Right: actor.Settings, Do: s.showRates},
		{Pattern: "POST /settings/rates", Right: actor.Settings, Do: s.noteRate},
		{Pattern: "POST /settings/rates/remove", Right: actor.Settings, Do: s.removeRate},
	}
}

const ratePage = "/settings/rates"

// shownRates is how many rates the page lists.
const shownRates = 100

// rateView are the rates of the last year, the newest first.
type rateView struct {
	Own  string
	Rows []rateLine
	// More is how many the list leaves out.
	More int
}

type rateLine struct {
	Currency, Rate string
	Day            civil.Date
}

func (s *screens) showRates(v *visit) error {
	return s.drawRates(v, v.blank("currency", "", "day", s.today(v).String(), "rate", ""))
}

// today is the day in the company's zone.
func (s *screens) today(v *visit) civil.Date {
	return civil.In(s.now(), v.module().Parties.Locale(v.Actor.Company).Location())
}

func (s *screens) drawRates(v *visit, f *input) error {
	today := s.today(v)
	found, err := v.module().Rates.Noted(v.ctx(), "", today.AddDays(2-exchange.MaxNoted), today.AddDays(1))
	if err != nil {
		return err
	}
	slices.SortStableFunc(found, func(a, b exchange.Quote) int { return b.Day.Compare(a.Day) })
	d := rateView{Own: v.module().Parties.Locale(v.Actor.Company).Currency, More: max(0, len(found)-shownRates)}
	for _, q := range found[:len(found)-d.More] {
		d.Rows = append(d.Rows, rateLine{Currency: q.Currency, Day: q.Day, Rate: v.Locale.Language.Quantity(q.Rate.Decimal)})
	}
	return v.showSetting(f.statusOf(), "settings_rates", ratePage, f, d)
}

// rateAt is what the form says; was is the rate that the day has by now, with an empty currency where it has none.
func (s *screens) rateAt(v *visit, f *input) (one, was exchange.Quote, err error) {
	one = exchange.Quote{Currency: f.text("currency"), Day: f.day("day")}
	if one.Day.IsZero() || f.bad() {
		return one, was, nil
	}
	all, err := v.module().Rates.Noted(v.ctx(), one.Currency, one.Day, one.Day)
	if i := slices.IndexFunc(all, func(q exchange.Quote) bool { return q.Currency == one.Currency }); i >= 0 {
		was = all[i]
	}
	return one, was, err
}

// noteRate takes the rate of a day, with the way back to what there was.
func (s *screens) noteRate(v *visit) error {
	f := v.posted()
	one, was, err := s.rateAt(v, f)
	if err != nil {
		return err
	}
	if worth, ok := f.number("rate"); ok {
		one.Rate = money.NewRate(worth)
	}
	if f.bad() {
		return s.drawRates(v, f)
	}
	if err := v.module().Rates.Note(v.ctx(), one); err != nil {
		if err := v.refuse(f, inForm(err, "rates[0]", nil)); err != nil {
			return err
		}
		return s.drawRates(v, f)
	}
	said := toast{Text: v.t("settings.saved"), Undo: v.link(ratePage, "remove"), Fields: rateFields(one)}
	if was.Currency != "" {
		said.Undo, said.Fields = v.link(ratePage), rateFields(was)
	}
	v.toast(said)
	return v.redirect(v.link(ratePage))
}

func rateFields(q exchange.Quote) map[string]string {
	return map[string]string{"currency": q.Currency, "day": q.Day.String(), "rate": q.Rate.String()}
}

func (s *screens) removeRate(v *visit) error {
	f := v.posted()
	one, was, err := s.rateAt(v, f)
	if err != nil {
		return err
	}
	if f.bad() {
		return s.drawRates(v, f)
	}
	if err := v.module().Rates.Remove(v.ctx(), one.Currency, one.Day); err != nil {
		return err
	}
	said := toast{Text: v.t("rates.removed")}
	if was.Currency != "" {
		said.Undo, said.Fields = v.link(ratePage), rateFields(was)
	}
	v.toast(said)
	return v.redirect(v.link(ratePage))
}

var rateTexts = locale.Texts{
	"settings.rates":          locale.Row("Árfolyamok", "Exchange rates", "שערי חליפין", "Курсы валют", "Ισοτιμίες"),
	"rates.hint":              locale.Row("Ezeken számolják át a kimutatások a más pénznemű összegeket erre: %s. Egy napi árfolyam a következőig él; ha egyet kijavít, a múlt számai is követik.", "Reports turn sums in other currencies into %s by these. A rate holds until the next one; where you mend one, figures of the past follow.", "לפי אלה מומרים סכומים במטבעות אחרים ל-%s בדוחות. שער בתוקף עד לשער הבא; אם מתקנים שער, גם נתוני העבר משתנים.", "По ним отчёты пересчитывают суммы в других валютах в %s. Курс действует до следующего; если его исправить, изменятся и прошлые показатели.", "Με αυτές οι αναφορές μετατρέπουν ποσά άλλων νομισμάτων σε %s. Μια ισοτιμία ισχύει ως την επόμενη· αν διορθώσετε μία, ακολουθούν και τα περασμένα μεγέθη."),
	"rates.none":              locale.Row("Az elmúlt évből nincs árfolyam.", "There is no rate of the last year.", "אין שערים מהשנה האחרונה.", "За последний год курсов нет.", "Δεν υπάρχει ισοτιμία του τελευταίου έτους."),
	"rates.more":              locale.Row("További %d korábbi árfolyam.", "%d earlier rates more.", "עוד %d שערים קודמים.", "Ещё более ранних курсов: %d.", "Άλλες %d παλαιότερες ισοτιμίες."),
	"rates.currency":          locale.Row("Pénznem", "Currency", "מטבע", "Валюта", "Νόμισμα"),
	"rates.currency.hint":     locale.Row("Hárombetűs kód, például EUR.", "A code of three letters, as EUR.", "קוד בן שלוש אותיות, למשל EUR.", "Код из трёх букв, например EUR.", "Κωδικός τριών γραμμάτων, π.χ. EUR."),
	"rates.day":               locale.Row("Ettől a naptól", "From this day", "החל מיום", "С этого дня", "Από αυτή την ημέρα"),
	"rates.rate":              locale.Row("Egy egység értéke", "What one is worth", "שווי יחידה אחת", "Стоимость единицы", "Αξία μίας μονάδας"),
	"rates.add":               locale.Row("Árfolyam felvétele", "Note a rate", "הוספת שער", "Добавить курс", "Καταχώριση ισοτιμίας"),
	"rates.remove":            locale.Row("Törlés", "Remove", "הסרה", "Удалить", "Διαγραφή"),
	"rates.removed":           locale.Row("Az árfolyam törölve.", "The rate was removed.", "השער הוסר.", "Курс удалён.", "Η ισοτιμία διαγράφηκε."),
	"rates.go":                locale.Row("Árfolyam megadása", "Note a rate", "הוספת שער", "Указать курс", "Καταχώριση ισοτιμίας"),
	"fault.currency.currency": locale.Row("Ilyen pénznem nincs; hárombetűs kódot adjon meg, például EUR", "There is no such currency; give a code of three letters, as EUR", "אין מטבע כזה; יש לתת קוד בן שלוש אותיות, למשל EUR", "Такой валюты нет; укажите код из трёх букв, например EUR", "Δεν υπάρχει τέτοιο νόμισμα· δώστε κωδικό τριών γραμμάτων, π.χ. EUR"),
	"fault.own.currency":      locale.Row("Ez a cég saját pénzneme, annak nincs árfolyama", "This is the company's own currency, which has no rate", "זה המטבע של החברה עצמה, ואין לו שער", "Это собственная валюта компании, у неё нет курса", "Αυτό είναι το νόμισμα της εταιρείας και δεν έχει ισοτιμία"),
	"fault.range.rate":        locale.Row("Nullánál nagyobb számot adjon meg", "Give a number above zero", "יש לתת מספר גדול מאפס", "Укажите число больше нуля", "Δώστε αριθμό μεγαλύτερο του μηδενός"),
}
