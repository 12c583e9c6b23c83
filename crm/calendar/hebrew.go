package calendar

import (
	"time"

	"github.com/crmplus/crmplus/crm/civil"
)

// The Hebrew calendar by its arithmetic rules, as in Reingold and Dershowitz, Calendrical Calculations, chapter
// 8: months begin with the mean new moon, the year's beginning is put off so that the Day of Atonement never
// stands beside a Sabbath.

// hebrewEpoch is 1 Tishri of year 1, 7 October 3761 BCE (Julian), counted from 1 January of year 1 as day 1.
const hebrewEpoch = -1373427

// newYear is how many days after the epoch 1 Tishri of a Hebrew year is.
func newYear(year int) int {
	days := elapsed(year)
	switch {
	case elapsed(year+1)-days == 356: // the year would be too long
		return days + 2
	case days-elapsed(year-1) == 382: // the year before would be too short
		return days + 1
	}
	return days
}

// elapsed counts days by the mean new moon, with the first two of the four postponements.
func elapsed(year int) int {
	months := (235*year - 234) / 19
	parts := 12084 + 13753*months // of the day, 25,920 to one
	days := 29*months + parts/25920
	if 3*(days+1)%7 < 3 {
		days++
	}
	return days
}

// passover is 15 Nisan of a Hebrew year: it stands 163 days before the next year's beginning, whatever the
// lengths of the months before it.
func passover(hebrewYear int) civil.Date { return gregorian(newYear(hebrewYear+1) - 163) }

// gregorian turns a count of days since the epoch into a date.
func gregorian(days int) civil.Date {
	return civil.Date{Year: 1, Month: time.January, Day: 1}.AddDays(days + hebrewEpoch - 1)
}

// israel: the Days of Rest Ordinance of 1948 and the Independence Day Law of 1949, which moves that day off the
// Sabbath and what is beside it.
func (a *almanac) israel() {
	// The feasts of spring belong to the Hebrew year that began in the autumn before.
	spring, autumn := a.year+3760, gregorian(newYear(a.year+3761))
	pesach := passover(spring)
	a.add(pesach, "פסח", "Passover")
	a.add(pesach.AddDays(6), "שביעי של פסח", "Seventh Day of Passover")
	a.add(independence(pesach), "יום העצמאות", "Independence Day")
	a.add(pesach.AddDays(50), "שבועות", "Shavuot")
	a.add(autumn, "ראש השנה", "Rosh Hashanah")
	a.add(autumn.AddDays(1), "ראש השנה, יום שני", "Rosh Hashanah, second day")
	a.add(autumn.AddDays(9), "יום כיפור", "Yom Kippur")
	a.add(autumn.AddDays(14), "סוכות", "Sukkot")
	a.add(autumn.AddDays(21), "שמיני עצרת ושמחת תורה", "Shemini Atzeret and Simchat Torah")
}

// independence is 5 Iyar, 20 days after 15 Nisan: on the Thursday before where that is a Friday or Saturday, on
// the Tuesday after where it is a Monday.
func independence(pesach civil.Date) civil.Date {
	d := pesach.AddDays(20)
	switch weekday(d) {
	case time.Friday:
		return d.AddDays(-1)
	case time.Saturday:
		return d.AddDays(-2)
	case time.Monday:
		return d.AddDays(1)
	case time.Sunday, time.Tuesday, time.Wednesday, time.Thursday:
	}
	return d
}
