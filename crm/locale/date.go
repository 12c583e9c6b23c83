package locale

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/crmplus/crmplus/crm/civil"
)

// Date writes a day as the language does in letters and lists: "2026. 07. 13.", "13/07/2026",
// "13.07.2026". The zero date is "".
func (l Language) Date(d civil.Date) string {
	if d.IsZero() {
		return ""
	}
	switch l {
	case Hungarian:
		return fmt.Sprintf("%04d.\u00a0%02d.\u00a0%02d.", d.Year, int(d.Month), d.Day)
	case Hebrew, Russian:
		return fmt.Sprintf("%02d.%02d.%04d", d.Day, int(d.Month), d.Year)
	case English, Greek:
	}
	return fmt.Sprintf("%02d/%02d/%04d", d.Day, int(d.Month), d.Year)
}

// DateTime writes an instant in the zone: the date and 24-hour time to the minute.
func (l Locale) DateTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	local := t.In(l.Location())
	return l.Language.Date(civil.Of(local)) + " " + local.Format("15:04")
}

// ParseDate reads a day that a person typed: the ISO form and year-first forms in every language,
// otherwise day-month-year ("13.07.2026", "13/7/26"). English month-first dates are only taken when
// the second number cannot be a month. Two-digit years are 1950 to 2049. A time of day after the
// date is ignored.
func (l Language) ParseDate(text string) (civil.Date, error) {
	fail := func() (civil.Date, error) {
		return civil.Date{}, fmt.Errorf("%.40q is not a date; write it as %s", text, l.Date(civil.Date{Year: 2026, Month: 7, Day: 31}))
	}
	if len(text) > 40 {
		return fail()
	}
	s := strings.TrimSpace(text)
	if i := strings.IndexAny(s, "Tt"); i >= 8 {
		s = s[:i]
	}
	var parts []string
	for _, p := range strings.FieldsFunc(s, func(r rune) bool { return r == '.' || r == '/' || r == '-' || unicode.IsSpace(r) }) {
		if strings.Contains(p, ":") {
			break
		}
		parts = append(parts, p)
	}
	if len(parts) == 1 && len(parts[0]) == 8 { // 20260713
		p := parts[0]
		parts = []string{p[:4], p[4:6], p[6:]}
	}
	if len(parts) < 3 {
		return fail()
	}
	var n [3]int
	for i := range n {
		v, err := strconv.Atoi(parts[i])
		if err != nil || v < 0 {
			return fail()
		}
		n[i] = v
	}
	year, month, day := n[2], n[1], n[0]
	if len(parts[0]) == 4 {
		year, month, day = n[0], n[1], n[2]
	} else if l == English && month > 12 && day <= 12 {
		month, day = day, month
	}
	if year < 100 {
		if year >= 50 {
			year += 1900
		} else {
			year += 2000
		}
	}
	d := civil.Date{Year: year, Month: time.Month(month), Day: day}
	if year < 1 || year > 9999 || civil.Of(d.Time(nil)) != d {
		return fail()
	}
	return d, nil
}
