package calendar_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/crmplus/crmplus/crm/calendar"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
)

func at(t testing.TB, zone, text string) time.Time {
	t.Helper()
	loc, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	when, err := time.ParseInLocation("2006-01-02 15:04", text, loc)
	if err != nil {
		t.Fatal(err)
	}
	return when
}

func compiled(t testing.TB, p calendar.Plan) *calendar.Calendar {
	t.Helper()
	c, err := p.Calendar()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func spans(t testing.TB, text string) []calendar.Span {
	t.Helper()
	s, err := calendar.ParseSpans(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func plan(t testing.TB, zone string, week map[time.Weekday]string, days ...calendar.Day) calendar.Plan {
	p := calendar.Plan{Zone: zone, Days: days}
	for day, text := range week {
		p.Week[day] = spans(t, text)
	}
	return p
}

func workdays(first, last time.Weekday, hours string) map[time.Weekday]string {
	week := map[time.Weekday]string{}
	for d := first; d <= last; d++ {
		week[d] = hours
	}
	return week
}

func day(date string) civil.Date {
	d, err := civil.Parse(date)
	if err != nil {
		panic(err)
	}
	return d
}

func TestAdd(t *testing.T) {
	usual := workdays(time.Monday, time.Friday, "9-17")
	holidays := []calendar.Day{{Date: day("2026-08-20"), Name: "Az államalapítás ünnepe"}, {Date: day("2026-08-21"), Name: "Pihenőnap"}, {Date: day("2026-08-08"), Name: "Áthelyezett munkanap", Spans: spans(t, "9-17")}}
	for _, c := range []struct {
		name       string
		plan       calendar.Plan
		from       string
		add        time.Duration
		want, zone string
	}{
		{"Saturday afternoon with one hour is due on Monday at ten", plan(t, "Europe/Budapest", usual), "2026-07-11 15:00", time.Hour, "2026-07-13 10:00", "Europe/Budapest"},
		{"within the day", plan(t, "Europe/Budapest", usual), "2026-07-13 10:10", time.Hour, "2026-07-13 11:10", "Europe/Budapest"},
		{"up to the last minute of the day", plan(t, "Europe/Budapest", usual), "2026-07-10 16:00", time.Hour, "2026-07-10 17:00", "Europe/Budapest"},
		{"over the weekend", plan(t, "Europe/Budapest", usual), "2026-07-10 16:00", 90 * time.Minute, "2026-07-13 09:30", "Europe/Budapest"},
		{"over lunch", plan(t, "Europe/Athens", workdays(time.Monday, time.Friday, "9-12, 13-17")), "2026-07-13 11:30", time.Hour, "2026-07-13 13:30", "Europe/Athens"},
		{"Thursday evening in Israel, whose week begins on Sunday", plan(t, "Asia/Jerusalem", workdays(time.Sunday, time.Thursday, "8-16")), "2026-07-16 18:00", 2 * time.Hour, "2026-07-19 10:00", "Asia/Jerusalem"},
		{"a Hungarian long weekend", plan(t, "Europe/Budapest", usual, holidays...), "2026-08-19 16:00", 2 * time.Hour, "2026-08-24 10:00", "Europe/Budapest"},
		{"a moved working Saturday", plan(t, "Europe/Budapest", usual, holidays...), "2026-08-07 16:00", 2 * time.Hour, "2026-08-08 10:00", "Europe/Budapest"},
		{"a night shift over the change to summer time loses the hour", plan(t, "Europe/Budapest", map[time.Weekday]string{time.Sunday: "0-6"}), "2026-03-29 00:00", 5 * time.Hour, "2026-03-29 06:00", "Europe/Budapest"},
		{"and gains it in autumn", plan(t, "Europe/Budapest", map[time.Weekday]string{time.Sunday: "0-6"}), "2026-10-25 00:00", 7 * time.Hour, "2026-10-25 06:00", "Europe/Budapest"},
		{"a leap day is a day", plan(t, "UTC", workdays(time.Sunday, time.Saturday, "9-17")), "2028-02-28 16:00", 9 * time.Hour, "2028-02-29 17:00", "UTC"},
		{"round the clock", plan(t, "UTC", workdays(time.Sunday, time.Saturday, "0-24")), "2026-07-13 22:00", 36 * time.Hour, "2026-07-15 10:00", "UTC"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, ok := compiled(t, c.plan).Add(at(t, c.zone, c.from), c.add)
			if want := at(t, c.zone, c.want); !ok || !got.Equal(want) {
				t.Errorf("%s + %s is %s, want %s", c.from, c.add, got.In(want.Location()), want)
			}
		})
	}
}

func TestNextAndOpen(t *testing.T) {
	c := compiled(t, plan(t, "Europe/Budapest", workdays(time.Monday, time.Friday, "9-17")))
	monday := at(t, "Europe/Budapest", "2026-07-13 09:00")
	if got, ok := c.Next(at(t, "Europe/Budapest", "2026-07-10 17:00")); !ok || !got.Equal(monday) {
		t.Errorf("after Friday's end work goes on at %s", got)
	}
	if !c.Open(monday) || c.Open(monday.Add(8*time.Hour)) || c.Open(monday.Add(-time.Minute)) {
		t.Error("the day begins at nine and ends before five")
	}
	only := plan(t, "UTC", map[time.Weekday]string{time.Monday: "9-10"})
	if _, ok := compiled(t, only).Add(monday, 2000*time.Hour); ok {
		t.Error("two thousand weeks are no due time")
	}
}

var zones = []string{"Europe/Budapest", "Asia/Jerusalem", "America/New_York", "Australia/Lord_Howe", "America/St_Johns", "Pacific/Apia", "Asia/Kathmandu", "UTC", "Africa/Casablanca"}

// anyPlan draws a week with odd hours and some days that differ.
func anyPlan(t *rapid.T, around civil.Date) calendar.Plan {
	span := rapid.Custom(func(t *rapid.T) []calendar.Span {
		var out []calendar.Span
		last := 0
		for range rapid.IntRange(0, 3).Draw(t, "intervals") {
			from := rapid.IntRange(last, 1439).Draw(t, "from")
			to := rapid.IntRange(from+1, 1440).Draw(t, "to")
			out = append(out, calendar.Span{From: from, To: to})
			if last = to; last >= 1439 {
				break
			}
		}
		return out
	})
	p := calendar.Plan{Zone: rapid.SampledFrom(zones).Draw(t, "zone")}
	for d := range p.Week {
		p.Week[d] = span.Draw(t, "day")
	}
	p.Week[rapid.IntRange(0, 6).Draw(t, "works")] = []calendar.Span{{From: 120, To: 200}}
	seen := map[int]bool{}
	for range rapid.IntRange(0, 3).Draw(t, "days") {
		n := rapid.IntRange(-1, 4).Draw(t, "after")
		if !seen[n] {
			seen[n] = true
			p.Days = append(p.Days, calendar.Day{Date: around.AddDays(n), Name: "nap", Spans: span.Draw(t, "other")})
		}
	}
	return p
}

// recount looks at the clock on the wall minute by minute.
func recount(p calendar.Plan, a, b time.Time) time.Duration {
	zone, err := time.LoadLocation(p.Zone)
	if err != nil {
		panic(err)
	}
	var sum time.Duration
	for ; a.Before(b); a = a.Add(time.Minute) {
		local := a.In(zone)
		spans := p.Week[local.Weekday()]
		for _, d := range p.Days {
			if d.Date == civil.Of(local) {
				spans = d.Spans
			}
		}
		minute := local.Hour()*60 + local.Minute()
		for _, s := range spans {
			if minute >= s.From && minute < s.To {
				sum += time.Minute
			}
		}
	}
	return sum
}

// changes are days around which zones change their clocks, leap days, and the day that Samoa left out.
var changes = []string{"2026-03-29", "2026-10-25", "2026-03-08", "2026-11-01", "2026-03-27", "2026-10-04", "2026-04-05", "2028-02-28", "2011-12-29", "2011-11-06", "2010-03-14", "2026-02-15", "2026-12-31"}

func TestBetweenIsWhatTheClockOnTheWallCounts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		around := day(rapid.SampledFrom(changes).Draw(t, "around"))
		p := anyPlan(t, around)
		c, err := p.Calendar()
		if err != nil {
			t.Fatal(err)
		}
		a := around.Time(nil).Add(time.Duration(rapid.IntRange(-1440, 1440).Draw(t, "start")) * time.Minute)
		b := a.Add(time.Duration(rapid.IntRange(0, 3*1440).Draw(t, "length")) * time.Minute)
		got, want := c.Between(a, b), recount(p, a, b)
		if got != want {
			t.Fatalf("%s: from %s to %s it is %s, the clock says %s", p.Zone, a, b, got, want)
		}
		if back := c.Between(b, a); back != -got {
			t.Fatalf("backwards it is %s", back)
		}
	})
}

func TestAddIsTheFirstInstantByWhichSoMuchWasWorked(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		around := day(rapid.SampledFrom(changes).Draw(t, "around"))
		p := anyPlan(t, around)
		c, err := p.Calendar()
		if err != nil {
			t.Fatal(err)
		}
		a := around.Time(nil).Add(time.Duration(rapid.Int64Range(-int64(30*time.Hour), int64(30*time.Hour)).Draw(t, "start")))
		d := time.Duration(rapid.Int64Range(1, int64(20*time.Hour)).Draw(t, "worked"))
		due, ok := c.Add(a, d)
		if !ok {
			t.Fatalf("%s has no %s of work", p.Zone, d)
		}
		if got := c.Between(a, due); got != d {
			t.Fatalf("until %s it is %s, not %s", due, got, d)
		}
		if got := c.Between(a, due.Add(-1)); got != d-1 {
			t.Fatalf("an earlier instant than %s would do: %s", due, got)
		}
		part := time.Duration(rapid.Int64Range(0, int64(d)).Draw(t, "part"))
		half, _ := c.Add(a, part)
		if whole, ok := c.Add(half, d-part); !ok || !whole.Equal(due) {
			t.Fatalf("in two steps it is %s, at once %s", whole, due)
		}
	})
}

func TestHolidays(t *testing.T) {
	for _, c := range []struct{ country, days string }{
		{"HU 2026", "01-01 01-02 +01-10 03-15 04-03 04-06 05-01 05-25 08-20 08-21 +08-08 10-23 11-01 12-24 12-25 12-26 +12-12"},
		{"HU 2027", "01-01 03-15 03-26 03-29 05-01 05-17 08-20 10-23 11-01 12-25 12-26"},
		{"IL 2024", "04-23 04-29 05-14 06-12 10-03 10-04 10-12 10-17 10-24"},
		{"IL 2025", "04-13 04-19 05-01 06-02 09-23 09-24 10-02 10-07 10-14"},
		{"IL 2026", "04-02 04-08 04-22 05-22 09-12 09-13 09-21 09-26 10-03"},
		{"IL 2027", "04-22 04-28 05-12 06-11 10-02 10-03 10-11 10-16 10-23"},
		{"GR 2024", "01-01 01-06 03-18 03-25 05-01 05-03 05-06 06-24 08-15 10-28 12-25 12-26"},
		{"GR 2026", "01-01 01-06 02-23 03-25 04-10 04-13 05-01 06-01 08-15 10-28 12-25 12-26"},
		{"RU 2026", "01-01 01-02 01-03 01-04 01-05 01-06 01-07 01-08 02-23 03-08 03-09 05-01 05-09 05-11 06-12 11-04"},
		{"GB 2027", "01-01 03-26 03-29 05-03 05-31 08-30 12-25 12-26 12-27 12-28"},
		{"GB 2033", "01-01 01-03 04-15 04-18 05-02 05-30 08-29 12-25 12-26 12-27"},
		{"US 2026", "01-01 01-19 02-16 05-25 06-19 07-03 07-04 09-07 10-12 11-11 11-26 12-25"},
		{"US 2027", "01-01 01-18 02-15 05-31 06-18 06-19 07-04 07-05 09-06 10-11 11-11 11-25 12-24 12-25 12-31"},
	} {
		t.Run(c.country, func(t *testing.T) {
			var year int
			var country string
			if _, err := fmt.Sscan(c.country, &country, &year); err != nil {
				t.Fatal(err)
			}
			got, err := calendar.Holidays(country, year, locale.English)
			if err != nil {
				t.Fatal(err)
			}
			want := map[string]bool{}
			for d := range strings.FieldsSeq(c.days) {
				want[d] = true
			}
			for _, h := range got {
				text := h.Date.String()[5:]
				if h.Works {
					text = "+" + text
				}
				if h.Date.Year != year || h.Name == "" || !want[text] {
					t.Errorf("%s %s is too much", text, h.Name)
				}
				delete(want, text)
			}
			if len(want) > 0 {
				t.Errorf("missing: %v", want)
			}
		})
	}
}

func TestHebrewYearsKeepTheirRules(t *testing.T) {
	for year := calendar.FirstYear; year <= calendar.LastYear; year++ {
		days, err := calendar.Holidays("IL", year, locale.Hebrew)
		if err != nil {
			t.Fatal(err)
		}
		if len(days) != 9 {
			t.Errorf("%d has %d days of rest", year, len(days))
		}
		for _, h := range days {
			w := h.Date.Time(nil).Weekday()
			switch {
			case h.Name == "ראש השנה" && (w == time.Sunday || w == time.Wednesday || w == time.Friday),
				h.Name == "יום כיפור" && (w == time.Friday || w == time.Sunday),
				h.Name == "פסח" && (w == time.Monday || w == time.Wednesday || w == time.Friday),
				h.Name == "יום העצמאות" && w != time.Tuesday && w != time.Wednesday && w != time.Thursday:
				t.Errorf("%s of %d is a %s", h.Name, year, w)
			}
		}
	}
}

func TestLoad(t *testing.T) {
	p := plan(t, "Europe/Budapest", workdays(time.Monday, time.Friday, "8-16:30"), calendar.Day{Date: day("2026-12-24"), Name: "Leltár", Spans: spans(t, "8-12")})
	p, err := p.Load("HU", 2026, locale.Hungarian)
	if err != nil {
		t.Fatal(err)
	}
	again, err := p.Load("HU", 2026, locale.Hungarian)
	if err != nil || len(again.Days) != len(p.Days) {
		t.Errorf("loading twice gives %d days instead of %d: %v", len(again.Days), len(p.Days), err)
	}
	c := compiled(t, p)
	for date, want := range map[string]string{"2026-01-10": "08:00-16:30", "2026-08-20": "", "2026-12-24": "08:00-12:00", "2026-07-13": "08:00-16:30", "2026-07-12": ""} {
		if got := calendar.FormatSpans(c.Of(day(date))); got != want {
			t.Errorf("%s is worked %q, want %q", date, got, want)
		}
	}
	if _, err := p.Load("XX", 1990, locale.English); len(fault.Of(err)) != 2 {
		t.Errorf("an unknown country and a far year: %v", err)
	}
}

func TestCheckNamesAllAtOnce(t *testing.T) {
	p := calendar.Plan{Zone: "Europe/Nowhere", Days: []calendar.Day{
		{Date: day("2026-05-01")}, {Date: day("2026-05-01"), Name: "Majális", Spans: []calendar.Span{{600, 500}}},
	}}
	got := map[string]string{}
	for _, f := range p.Check() {
		got[f.Path] = f.Code
	}
	want := map[string]string{"zone": "calendar.zone", "week": "calendar.empty", "days[0].name": "required", "days[1].date": "duplicate", "days[1].spans": "calendar.span"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestSpansAreReadAsPeopleTypeThem(t *testing.T) {
	for text, want := range map[string]string{
		"9-17": "09:00-17:00", "8:30–12, 13.00 - 17": "08:30-12:00, 13:00-17:00", "": "", "0-24": "00:00-24:00",
		"\u200f09:00-13:00\u200f": "09:00-13:00", "nine": "?", "9": "?", "9-25": "?", "9:60-10": "?", "-9-10": "?",
	} {
		got, err := calendar.ParseSpans(text)
		shown := calendar.FormatSpans(got)
		if err != nil {
			shown = "?"
		}
		if shown != want {
			t.Errorf("%q gives %q, want %q", text, shown, want)
		}
	}
}

func FuzzParseSpans(f *testing.F) {
	for _, seed := range []string{"9-17", "8:30–12, 13.00 - 17", "0-24;1-2\n3-4", "-", "٩-١٧"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		spans, err := calendar.ParseSpans(text)
		if err != nil {
			return
		}
		again, err := calendar.ParseSpans(calendar.FormatSpans(spans))
		if err != nil || fmt.Sprint(again) != fmt.Sprint(spans) {
			t.Errorf("%q is %v, written and read again %v, %v", text, spans, again, err)
		}
	})
}
