package api

import (
	"context"
	"fmt"
	"time"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/calendar"
	"github.com/crmplus/crmplus/crm/policy"
)

// WorkingTime is when a company works.
type WorkingTime struct {
	Zone string       `json:"zone" maxLength:"64" example:"Europe/Budapest" doc:"The IANA name of where its days begin."`
	Week WorkingWeek  `json:"week"`
	Days []WorkingDay `json:"days" maxItems:"600" doc:"The dates that differ from the week: holidays, moved and short working days."`
}

// WorkingWeek has the hours of each day as people write them, such as "08:30-12:00, 13:00-17:00"; "" is a day of rest.
type WorkingWeek struct {
	Sunday    string `json:"sunday" maxLength:"200"`
	Monday    string `json:"monday" maxLength:"200" example:"09:00-17:00"`
	Tuesday   string `json:"tuesday" maxLength:"200"`
	Wednesday string `json:"wednesday" maxLength:"200"`
	Thursday  string `json:"thursday" maxLength:"200"`
	Friday    string `json:"friday" maxLength:"200"`
	Saturday  string `json:"saturday" maxLength:"200"`
}

func (w *WorkingWeek) days() [7]*string {
	return [7]*string{&w.Sunday, &w.Monday, &w.Tuesday, &w.Wednesday, &w.Thursday, &w.Friday, &w.Saturday}
}

// WorkingDay is a date that differs from the week.
type WorkingDay struct {
	Date    Date   `json:"date"`
	Name    string `json:"name" maxLength:"120"`
	Hours   string `json:"hours,omitempty" maxLength:"200" doc:"As in the week; left out on a holiday."`
	Country string `json:"country,omitempty" maxLength:"2" doc:"Whose holidays it came with; left out where it was typed in."`
}

func (t WorkingTime) plan() (calendar.Plan, error) {
	out := calendar.Plan{Zone: t.Zone}
	for i, hours := range t.Week.days() {
		spans, err := calendar.ParseSpans(*hours)
		if err != nil {
			return out, invalid("week."+weekdayField(i), "form", "is no list of hours such as 09:00-12:00, 13:00-17:00")
		}
		out.Week[i] = spans
	}
	for i, d := range t.Days {
		spans, err := calendar.ParseSpans(d.Hours)
		if err != nil {
			return out, invalid(fmt.Sprintf("days[%d].hours", i), "form", "is no list of hours such as 09:00-12:00, 13:00-17:00")
		}
		out.Days = append(out.Days, calendar.Day{Date: day(d.Date), Name: d.Name, Spans: spans, Country: d.Country})
	}
	return out, nil
}

func weekdayField(i int) string {
	return [7]string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}[i]
}

func workingTimeOf(p calendar.Plan) WorkingTime {
	out := WorkingTime{Zone: p.Zone, Days: some(each(p.Days, workingDayOf))}
	for i, hours := range out.Week.days() {
		*hours = calendar.FormatSpans(p.Week[i])
	}
	return out
}

func workingDayOf(d calendar.Day) WorkingDay {
	return WorkingDay{dateOf(d.Date), d.Name, calendar.FormatSpans(d.Spans), d.Country}
}

var workingTimePolicy = policyNoun[WorkingTime, calendar.Plan]{
	name: "working-time", of: "when the company works", reads: readers, wire: workingTimeOf, plan: WorkingTime.plan,
	keeper: func(m *crm.Module) policy.Keeper[calendar.Plan] { return m.Calendars.Keeper },
}

// PublicHoliday is a day on which a country rests, or one that its government made a working day.
type PublicHoliday struct {
	Date  Date   `json:"date"`
	Name  string `json:"name"`
	Works bool   `json:"works" doc:"It is a moved working day."`
	Like  int    `json:"like" minimum:"0" maximum:"6" doc:"Of a moved working day: the weekday whose hours it has, 0 for Sunday."`
}

func (a *server) workdays() {
	r := get("list-public-holidays", "/public-holidays", policyTag, "List the public holidays of a country in a year, to be put into the working time")
	r.Rights, r.Doc = readers, "What a government moved by decree is in it where the decree is known."
	add(a, r, func(ctx context.Context, _ *crm.Module, in *struct {
		Country string `query:"country" required:"true" enum:"GB,GR,HU,IL,RU,US" doc:"ISO 3166-1."`
		Year    int    `query:"year" required:"true" minimum:"2024" maximum:"2100"`
	}) (*Listed[PublicHoliday], error) {
		all, err := calendar.Holidays(in.Country, in.Year, callOf(ctx).language())
		return listed(callOf(ctx), each(all, func(h calendar.Holiday) PublicHoliday {
			like := time.Weekday(0)
			if h.Works {
				like = h.Like
			}
			return PublicHoliday{dateOf(h.Date), h.Name, h.Works, int(like)}
		}), ""), err
	})
}
