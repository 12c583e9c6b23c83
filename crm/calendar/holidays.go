package calendar

import (
	"slices"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
)

// Holiday is a public holiday of a country, or a working day that its government has moved.
type Holiday struct {
	Date civil.Date
	// Name is in the language that was asked for where that is the country's, else in English.
	Name string
	// Works says that it is a moved working day, on which people work as on the weekday Like.
	Works bool
	Like  time.Weekday
}

// Countries are the ISO 3166-1 codes of the countries whose holidays are known.
var Countries = []string{"GB", "GR", "HU", "IL", "RU", "US"}

// The years that holidays are computed for: the rules below are today's.
const (
	FirstYear = 2024
	LastYear  = 2100
)

// Holidays computes the public holidays of a country in a year, in order. They follow the laws named beside
// each rule; what a government moves by decree is known only where the decree is named, and is for an
// administrator to add.
func Holidays(country string, year int, l locale.Language) ([]Holiday, error) {
	var faults fault.List
	rules, ok := countries[country]
	if !ok {
		faults.Add("country", "choice", "%.10q is not among the countries whose holidays are known; choose from %s", country, strings.Join(Countries, ", "))
	}
	if year < FirstYear || year > LastYear {
		faults.Add("year", "range", "is %d; give a year from %d to %d", year, FirstYear, LastYear)
	}
	if err := faults.Err("the holidays cannot be computed"); err != nil {
		return nil, err
	}
	y := &almanac{year: year, own: l == rules.language}
	rules.list(y)
	slices.SortStableFunc(y.days, func(a, b Holiday) int { return a.Date.Compare(b.Date) })
	return y.days, nil
}

var countries = map[string]struct {
	language locale.Language
	list     func(*almanac)
}{
	"GB": {locale.English, (*almanac).britain}, "GR": {locale.Greek, (*almanac).greece}, "HU": {locale.Hungarian, (*almanac).hungary},
	"IL": {locale.Hebrew, (*almanac).israel}, "RU": {locale.Russian, (*almanac).russia}, "US": {locale.English, (*almanac).america},
}

// almanac gathers the holidays of a year.
type almanac struct {
	year int
	own  bool
	days []Holiday
}

// add notes a holiday with its names in the country's language and in English; one that falls on another is
// one day off with both names.
func (a *almanac) add(d civil.Date, own, english string) {
	name := english
	if a.own {
		name = own
	}
	for i := range a.days {
		if a.days[i].Date == d && !a.days[i].Works {
			a.days[i].Name += ", " + name
			return
		}
	}
	if d.Year == a.year {
		a.days = append(a.days, Holiday{Date: d, Name: name})
	}
}

func (a *almanac) on(m time.Month, day int, own, english string) {
	a.add(civil.Date{Year: a.year, Month: m, Day: day}, own, english)
}

func (a *almanac) date(m time.Month, day int) civil.Date {
	return civil.Date{Year: a.year, Month: m, Day: day}
}

func (a *almanac) has(d civil.Date) bool {
	return slices.ContainsFunc(a.days, func(h Holiday) bool { return h.Date == d })
}

func weekday(d civil.Date) time.Weekday { return d.Time(nil).Weekday() }

// nth is the n-th weekday of a month, the last one where n is 0.
func (a *almanac) nth(n int, w time.Weekday, m time.Month) civil.Date {
	if n == 0 {
		d := a.date(m+1, 1).AddDays(-1)
		if m == time.December {
			d = a.date(m, 31)
		}
		return d.AddDays(-int((weekday(d) - w + 7) % 7))
	}
	d := a.date(m, 1)
	return d.AddDays(int((w-weekday(d)+7)%7) + 7*(n-1))
}

// hungary: section 102 of Act I of 2012 on the Labour Code. The working days around holidays are moved by a
// decree of each year.
func (a *almanac) hungary() {
	easter := western(a.year)
	a.on(time.January, 1, "Újév", "New Year's Day")
	a.on(time.March, 15, "Az 1848-as forradalom ünnepe", "1848 Revolution Day")
	a.add(easter.AddDays(-2), "Nagypéntek", "Good Friday")
	a.add(easter.AddDays(1), "Húsvéthétfő", "Easter Monday")
	a.on(time.May, 1, "A munka ünnepe", "Labour Day")
	a.add(easter.AddDays(50), "Pünkösdhétfő", "Whit Monday")
	a.on(time.August, 20, "Az államalapítás ünnepe", "State Foundation Day")
	a.on(time.October, 23, "Az 1956-os forradalom ünnepe", "1956 Revolution Day")
	a.on(time.November, 1, "Mindenszentek", "All Saints' Day")
	a.on(time.December, 25, "Karácsony", "Christmas Day")
	a.on(time.December, 26, "Karácsony másnapja", "Second Day of Christmas")
	for _, m := range movedInHungary[a.year] {
		off, work := a.date(m.off.Month, m.off.Day), a.date(m.work.Month, m.work.Day)
		a.add(off, "Pihenőnap (áthelyezve)", "Day off (moved)")
		name := "Working day (moved)"
		if a.own {
			name = "Áthelyezett munkanap"
		}
		a.days = append(a.days, Holiday{Date: work, Name: name, Works: true, Like: weekday(off)})
	}
}

type monthDay struct {
	Month time.Month
	Day   int
}

// movedInHungary are the days off and the Saturdays that make up for them, by decree: 10/2025. (IV. 30.) NGM
// for 2026.
var movedInHungary = map[int][]struct{ off, work monthDay }{
	2026: {
		{monthDay{time.January, 2}, monthDay{time.January, 10}},
		{monthDay{time.August, 21}, monthDay{time.August, 8}},
		{monthDay{time.December, 24}, monthDay{time.December, 12}},
	},
}

// greece: article 60 of Law 4808/2021, and Clean Monday, Epiphany and Holy Spirit Monday as observed.
func (a *almanac) greece() {
	easter := orthodox(a.year)
	a.on(time.January, 1, "Πρωτοχρονιά", "New Year's Day")
	a.on(time.January, 6, "Θεοφάνεια", "Epiphany")
	a.add(easter.AddDays(-48), "Καθαρά Δευτέρα", "Clean Monday")
	a.on(time.March, 25, "Επέτειος της Επανάστασης του 1821", "Independence Day")
	a.add(easter.AddDays(-2), "Μεγάλη Παρασκευή", "Good Friday")
	a.add(easter.AddDays(1), "Δευτέρα του Πάσχα", "Easter Monday")
	a.on(time.May, 1, "Εργατική Πρωτομαγιά", "Labour Day")
	a.add(easter.AddDays(50), "Αγίου Πνεύματος", "Holy Spirit Monday")
	a.on(time.August, 15, "Κοίμηση της Θεοτόκου", "Assumption Day")
	a.on(time.October, 28, "Επέτειος του Όχι", "Ohi Day")
	a.on(time.December, 25, "Χριστούγεννα", "Christmas Day")
	a.on(time.December, 26, "Σύναξη της Θεοτόκου", "Second Day of Christmas")
}

// britain: the bank holidays of England and Wales, Banking and Financial Dealings Act 1971; one that falls on a
// weekend has the next free weekday as a substitute.
func (a *almanac) britain() {
	easter := western(a.year)
	newYear := a.date(time.January, 1)
	a.add(newYear, "New Year's Day", "New Year's Day")
	a.substitute(newYear, "New Year's Day")
	a.add(easter.AddDays(-2), "Good Friday", "Good Friday")
	a.add(easter.AddDays(1), "Easter Monday", "Easter Monday")
	for _, h := range []struct {
		date civil.Date
		name string
	}{
		{a.nth(1, time.Monday, time.May), "Early May bank holiday"}, {a.nth(0, time.Monday, time.May), "Spring bank holiday"},
		{a.nth(0, time.Monday, time.August), "Summer bank holiday"},
	} {
		a.add(h.date, h.name, h.name)
	}
	christmas, boxing := a.date(time.December, 25), a.date(time.December, 26)
	a.add(christmas, "Christmas Day", "Christmas Day")
	a.add(boxing, "Boxing Day", "Boxing Day")
	a.substitute(christmas, "Christmas Day")
	a.substitute(boxing, "Boxing Day")
}

func free(w time.Weekday) bool { return w == time.Saturday || w == time.Sunday }

// substitute notes the working day instead of a British holiday on a weekend.
func (a *almanac) substitute(d civil.Date, name string) {
	if !free(weekday(d)) {
		return
	}
	for free(weekday(d)) || a.has(d) {
		d = d.AddDays(1)
	}
	a.add(d, name+" (substitute day)", name+" (substitute day)")
}

// america: 5 U.S.C. 6103; a holiday on a Saturday is kept on the Friday before, one on a Sunday on the Monday
// after (Executive Order 11582).
func (a *almanac) america() {
	a.observed(a.date(time.January, 1), "New Year's Day")
	a.observed(civil.Date{Year: a.year + 1, Month: time.January, Day: 1}, "New Year's Day")
	for _, h := range []struct {
		date civil.Date
		name string
	}{
		{a.nth(3, time.Monday, time.January), "Martin Luther King Jr. Day"}, {a.nth(3, time.Monday, time.February), "Washington's Birthday"},
		{a.nth(0, time.Monday, time.May), "Memorial Day"}, {a.nth(1, time.Monday, time.September), "Labor Day"},
		{a.nth(2, time.Monday, time.October), "Columbus Day"}, {a.nth(4, time.Thursday, time.November), "Thanksgiving Day"},
	} {
		a.add(h.date, h.name, h.name)
	}
	a.observed(a.date(time.June, 19), "Juneteenth National Independence Day")
	a.observed(a.date(time.July, 4), "Independence Day")
	a.observed(a.date(time.November, 11), "Veterans Day")
	a.observed(a.date(time.December, 25), "Christmas Day")
}

func (a *almanac) observed(d civil.Date, name string) {
	a.add(d, name, name)
	switch weekday(d) {
	case time.Saturday:
		a.add(d.AddDays(-1), name+" (observed)", name+" (observed)")
	case time.Sunday:
		a.add(d.AddDays(1), name+" (observed)", name+" (observed)")
	case time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday:
	}
}

// russia: article 112 of the Labour Code of 2001. A holiday outside the New Year's ones that falls on a weekend
// moves to the next working day; further moves are decreed each year.
func (a *almanac) russia() {
	for day := 1; day <= 8; day++ {
		if day == 7 {
			a.on(time.January, 7, "Рождество Христово", "Orthodox Christmas")
			continue
		}
		a.on(time.January, day, "Новогодние каникулы", "New Year holidays")
	}
	for _, h := range []struct {
		monthDay
		own, english string
	}{
		{monthDay{time.February, 23}, "День защитника Отечества", "Defender of the Fatherland Day"},
		{monthDay{time.March, 8}, "Международный женский день", "International Women's Day"},
		{monthDay{time.May, 1}, "Праздник Весны и Труда", "Spring and Labour Day"},
		{monthDay{time.May, 9}, "День Победы", "Victory Day"},
		{monthDay{time.June, 12}, "День России", "Russia Day"},
		{monthDay{time.November, 4}, "День народного единства", "Unity Day"},
	} {
		d := a.date(h.Month, h.Day)
		a.add(d, h.own, h.english)
		if free(weekday(d)) {
			for free(weekday(d)) || a.has(d) {
				d = d.AddDays(1)
			}
			a.add(d, h.own+" (перенос)", h.english+" (moved)")
		}
	}
}

// western is Easter Sunday of the Gregorian calendar (the anonymous computus of Nature, 1876, in Meeus,
// Astronomical Algorithms, chapter 8).
func western(year int) civil.Date {
	a, b, c := year%19, year/100, year%100
	d, e := b/4, b%4
	f := (b + 8) / 25
	g := (b - f + 1) / 3
	h := (19*a + b - d - g + 15) % 30
	i, k := c/4, c%4
	l := (32 + 2*e + 2*i - h - k) % 7
	m := (a + 11*h + 22*l) / 451
	n := h + l - 7*m + 114
	return civil.Date{Year: year, Month: time.Month(n / 31), Day: n%31 + 1}
}

// orthodox is Easter Sunday of the Julian calendar (Meeus, as above), as a Gregorian date of 1900 to 2099; in
// 2100 the calendars drift apart by another day after February.
func orthodox(year int) civil.Date {
	a, b, c := year%4, year%7, year%19
	d := (19*c + 15) % 30
	e := (2*a + 4*b - d + 34) % 7
	n := d + e + 114
	julian := civil.Date{Year: year, Month: time.Month(n / 31), Day: n%31 + 1}
	shift := 13
	if year >= 2100 {
		shift = 14
	}
	return julian.AddDays(shift)
}
