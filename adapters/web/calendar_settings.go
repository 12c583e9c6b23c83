package web

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/calendar"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
)

func (s *screens) workdayRoutes() []route {
	return []route{
		{Pattern: "GET /settings/calendar", Right: actor.Settings, Do: s.showWorkdays},
		{Pattern: "POST /settings/calendar", Right: actor.Settings, Do: s.saveWeek},
		{Pattern: "POST /settings/calendar/load", Right: actor.Settings, Do: s.loadHolidays},
		{Pattern: "POST /settings/calendar/days", Right: actor.Settings, Do: s.addWorkday},
		{Pattern: "POST /settings/calendar/days/{date}/remove", Right: actor.Settings, Do: s.removeWorkday},
	}
}

const workdayPage = "/settings/calendar"

// workdays is the company's working calendar.
type workdays struct {
	Version int64
	Zones   []string
	Week    []weekRow
	Year    int
	// Earlier and Later lead to the years beside it.
	Earlier, Later string
	Days           []workdayRow
	Countries      []option
	SavedBy        string
}

type weekRow struct{ Field, Label string }

type workdayRow struct {
	Date              civil.Date
	When, Name, Hours string
	Country           string
}

// countryOf is the country whose holidays are offered first: that of the last ones, or the company's.
func (v *visit) countryOf(d calendar.Document) string {
	for _, day := range slices.Backward(d.Plan.Days) {
		if day.Country != "" {
			return day.Country
		}
	}
	if company, err := v.module().Company(v.ctx()); err == nil && slices.Contains(calendar.Countries, company.Address.Country) {
		return company.Address.Country
	}
	return v.Locale.Language.Country()
}

func weekField(day int) string { return fmt.Sprintf("week[%d]", day) }

func (s *screens) showWorkdays(v *visit) error {
	d, err := v.module().Calendars.Plan(v.ctx())
	if err != nil {
		return err
	}
	return s.drawWorkdays(v, v.weekForm(d), d)
}

// weekForm is the form as the calendar stands.
func (v *visit) weekForm(d calendar.Document) *input {
	f := v.blank("zone", d.Plan.Zone, "date", "", "name", "", "spans", "", "country", "", "year", "")
	for day, spans := range d.Plan.Week {
		f.Values.Set(weekField(day), calendar.FormatSpans(spans))
	}
	return f
}

func (s *screens) drawWorkdays(v *visit, f *input, doc calendar.Document) error {
	today := civil.In(s.now(), v.Locale.Location())
	d := workdays{Version: doc.Version, Zones: zones, Year: today.Year, SavedBy: doc.SavedBy}
	year := v.r.URL.Query().Get("year")
	if year == "" {
		year = f.Get("year")
	}
	if n, err := strconv.Atoi(year); err == nil && n >= calendar.FirstYear && n <= calendar.LastYear {
		d.Year = n
	}
	if d.Year > calendar.FirstYear {
		d.Earlier = v.link(workdayPage) + "?year=" + strconv.Itoa(d.Year-1)
	}
	if d.Year < calendar.LastYear {
		d.Later = v.link(workdayPage) + "?year=" + strconv.Itoa(d.Year+1)
	}
	first := int(firstWeekday(v.Locale.Language))
	for i := range 7 {
		day := (first + i) % 7
		d.Week = append(d.Week, weekRow{weekField(day), v.t("weekday." + strconv.Itoa(day))})
	}
	for _, day := range doc.Plan.Year(d.Year) {
		row := workdayRow{Date: day.Date, Name: day.Name, Hours: calendar.FormatSpans(day.Spans), Country: day.Country}
		row.When = v.t("weekday.short."+strconv.Itoa(int(day.Date.Time(nil).Weekday()))) + " " + v.Locale.Language.Date(day.Date)
		d.Days = append(d.Days, row)
	}
	offered := f.Get("country")
	if offered == "" {
		offered = v.countryOf(doc)
	}
	for _, country := range calendar.Countries {
		d.Countries = append(d.Countries, option{Value: country, Label: v.t("workday.country." + country), On: country == offered})
	}
	return v.showSetting(f.statusOf(), "settings_calendar", workdayPage, f, d)
}

// changeWorkdays saves what change makes of the calendar; its faults are put on the form, which is drawn again.
func (s *screens) changeWorkdays(v *visit, f *input, change func(*calendar.Plan) error) error {
	calendars := v.module().Calendars
	doc, err := calendars.Plan(v.ctx())
	if err != nil {
		return err
	}
	next := doc.Plan
	next.Days = slices.Clone(next.Days)
	version := doc.Version
	if f.has("version") {
		version = f.version("version")
	}
	if err = change(&next); err == nil && !f.bad() {
		_, err = calendars.Publish(v.ctx(), version, next)
	}
	if err != nil {
		if err := v.refuse(f, ofDay(err)); err != nil {
			return err
		}
	}
	if f.bad() {
		for name, values := range v.weekForm(doc).Values { // what the form at hand did not have
			if !f.has(name) {
				f.Values[name] = values
			}
		}
		return s.drawWorkdays(v, f, doc)
	}
	v.done("settings.saved")
	back := v.link(workdayPage)
	if year := f.Get("year"); year != "" {
		back += "?year=" + strconv.Itoa(f.count("year"))
	}
	return v.redirect(back)
}

// ofDay names the field of the form for a fault of any of the calendar's days.
func ofDay(err error) error {
	found := fault.Of(err)
	if len(found) == 0 {
		return err
	}
	out := make(fault.List, len(found))
	for i, one := range found {
		if strings.HasPrefix(one.Path, "days[") {
			if _, field, ok := strings.Cut(one.Path, "."); ok {
				one.Path, _, _ = strings.Cut(field, "[")
			}
		}
		out[i] = one
	}
	return out.Err("the calendar cannot be saved")
}

func (s *screens) saveWeek(v *visit) error {
	f := v.posted()
	return s.changeWorkdays(v, f, func(p *calendar.Plan) error {
		p.Zone = f.text("zone")
		for day := range p.Week {
			p.Week[day] = v.spans(f, weekField(day))
		}
		return nil
	})
}

// spans reads the hours of a day.
func (v *visit) spans(f *input, name string) []calendar.Span {
	spans, err := calendar.ParseSpans(f.Get(name))
	if err != nil {
		f.wrong(name, "fault.calendar.span")
	}
	return spans
}

func (s *screens) loadHolidays(v *visit) error {
	f := v.posted()
	return s.changeWorkdays(v, f, func(p *calendar.Plan) error {
		next, err := p.Load(f.Get("country"), f.count("year"), v.Locale.Language)
		if err == nil {
			*p = next
		}
		return err
	})
}

// addWorkday notes a day that differs from the week, instead of what was noted for it.
func (s *screens) addWorkday(v *visit) error {
	f := v.posted()
	return s.changeWorkdays(v, f, func(p *calendar.Plan) error {
		day := calendar.Day{Date: f.day("date"), Name: f.text("name"), Spans: v.spans(f, "spans")}
		p.Days = slices.DeleteFunc(p.Days, func(d calendar.Day) bool { return d.Date == day.Date })
		p.Days = append(p.Days, day)
		f.Values.Set("year", strconv.Itoa(max(day.Date.Year, calendar.FirstYear)))
		return nil
	})
}

func (s *screens) removeWorkday(v *visit) error {
	date, err := civil.Parse(v.r.PathValue("date"))
	if err != nil || date.IsZero() {
		return fault.New(fault.NotFound, "there is no such day")
	}
	f := v.posted()
	f.Values.Set("year", strconv.Itoa(date.Year))
	return s.changeWorkdays(v, f, func(p *calendar.Plan) error {
		p.Days = slices.DeleteFunc(p.Days, func(d calendar.Day) bool { return d.Date == date })
		return nil
	})
}
