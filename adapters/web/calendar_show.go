package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/store"
)

func (s *screens) calendarRoutes() []route {
	return []route{{Pattern: "GET /calendar", Right: actor.ActivityRead, Do: s.showCalendar}}
}

// calendarView is the page of activities: a day, a week or a month as a grid, or the list of what is to be
// done.
type calendarView struct {
	Form  *input
	View  string
	Title string
	// Views and Windows are the tabs; Who whose activities are shown.
	Views, Windows []calendarTab
	Who            []option
	Prev, Next     string
	Today          string
	// Days are the columns of a day or week, Hours its rows.
	Days  []calendarDay
	Hours []calendarHour
	// Weeks are the rows of a month; Names the names of the days of the week.
	Weeks [][]calendarDay
	Names []string
	// List are the entries of a list of tasks, More where it goes on.
	List    []timelineEntry
	More    string
	Summary activity.Summary
	Part    string
	Write   bool
	// Cut says that there were more activities than a calendar shows.
	Cut  bool
	Book bookLink
}

type calendarTab struct {
	Key, Path string
	On        bool
	Count     int
}

type calendarDay struct {
	Date civil.Date
	// Number is the day of the month, Name that of the week, Label all of it for screen readers.
	Number, Name, Label string
	Today, Other        bool
	// Items are those of a month's cell, Hidden how many more there are, Tasks those that have no hour of
	// their own in a day or week.
	Items, Tasks []calendarItem
	Hidden       int
	Path, New    string
}

type calendarHour struct {
	Label string
	Cells []calendarCell
}

type calendarCell struct {
	Items []calendarItem
	New   string
	Label string
}

type calendarItem struct {
	activity.Item
	Icon, Path, Time, Title string
	Late, Done              bool
	Owner                   string
}

var calendarViews = []string{"day", "week", "month", "list"}

// calendarWindows are the lists of tasks.
var calendarWindows = []string{"overdue", "today", "week", "all", "accept", "delegated"}

func (s *screens) showCalendar(v *visit) error {
	f := v.asked()
	d := calendarView{Form: f, View: calendarViewOf(f), Write: v.may(actor.ActivityWrite), Book: v.bookLink("/reports/activities.xlsx")}
	for _, view := range calendarViews {
		q := url.Values{"view": {view}}
		for _, keep := range []string{"date", "who"} {
			if f.text(keep) != "" && view != "list" {
				q.Set(keep, f.text(keep))
			}
		}
		d.Views = append(d.Views, calendarTab{Key: "calendar." + view, Path: v.link("/calendar") + "?" + q.Encode(), On: view == d.View})
	}
	var err error
	if d.View == "list" {
		err = v.taskList(&d)
	} else {
		err = v.calendarGrid(&d)
	}
	if err != nil {
		return err
	}
	d.Part = (&url.URL{Path: v.r.URL.Path, RawQuery: v.r.URL.RawQuery}).String()
	if v.part() && v.target() == "calendar" {
		return v.fill(http.StatusOK, "calendar", "grid", d)
	}
	return v.show(http.StatusOK, "calendar", head{Title: v.t("menu.activities"), Section: "calendar", Wide: d.View == "week" || d.View == "month", Scripts: timelineScripts}, d)
}

// calendarViewOf is the view that a form asks for.
func calendarViewOf(f *input) string {
	view := f.text("view")
	if f.text("window") != "" {
		view = "list"
	}
	if !slices.Contains(calendarViews, view) {
		view = "week"
	}
	return view
}

// whose gives the owner and team of a calendar.
func (v *visit) whose(d *calendarView) (owner, team string, err error) {
	who := d.Form.text("who")
	if who == "" {
		who = "me"
	}
	d.Who = v.options("calendar.who.", who, "me", "team", "all")
	users, err := v.colleagues()
	if err != nil {
		return "", "", err
	}
	if v.Actor.Team() == "" {
		d.Who = slices.Delete(d.Who, 1, 2)
	}
	for _, u := range users {
		if u.ID != v.Actor.UserID && v.Actor.See != actor.Own {
			d.Who = append(d.Who, option{Value: u.ID, Label: u.Name, On: u.ID == who})
		}
	}
	switch who {
	case "me":
		return v.Actor.UserID, "", nil
	case "team":
		return "", v.Actor.Team(), nil
	case "all":
		return activity.Everyone, "", nil
	}
	return who, "", nil
}

// firstWeekday is the day that a week begins with for readers of a language.
func firstWeekday(l locale.Language) time.Weekday {
	if l == locale.Hebrew {
		return time.Sunday
	}
	return time.Monday
}

// calendarGrid fills a day, a week or a month.
func (v *visit) calendarGrid(d *calendarView) error {
	at, today := v.calendarDate(d)
	first, days := v.calendarRange(d, at)
	owner, team, err := v.whose(d)
	if err != nil {
		return err
	}
	filter := activity.CalendarFilter{From: midnight(first, v.zone()), Until: midnight(first.AddDays(days), v.zone()), Owner: owner, Team: team}
	found, err := v.module().Activities.Calendar(v.ctx(), filter)
	if err != nil {
		return err
	}
	d.Cut = found.More
	names, err := v.names()
	if err != nil {
		return err
	}
	by := map[civil.Date][]calendarItem{}
	for _, item := range found.Items {
		if !item.Kind.Plannable() {
			continue // a calendar is no timeline
		}
		day := civil.In(item.At, v.zone())
		by[day] = append(by[day], v.calendarItem(item, names, owner))
	}
	d.Today = v.calendarPath(d, today)
	all := make([]calendarDay, days)
	for i := range all {
		all[i] = v.calendarDay(d, first.AddDays(i), today, by)
		all[i].Other = d.View == "month" && all[i].Date.Time(nil).Month() != at.Time(nil).Month()
	}
	if d.View == "month" {
		for week := range slices.Chunk(all, 7) {
			d.Weeks = append(d.Weeks, week)
		}
		for _, day := range d.Weeks[0] {
			d.Names = append(d.Names, day.Name)
		}
		return nil
	}
	d.Days = all
	v.calendarHours(d, by)
	return nil
}

// calendarDate is the day that is asked for, today where it is none.
func (v *visit) calendarDate(d *calendarView) (at, today civil.Date) {
	today = civil.In(v.s.now(), v.zone())
	at, err := v.Locale.Language.ParseDate(d.Form.text("date"))
	if err != nil || at.IsZero() || at.Time(nil).Year() < 1990 || at.Time(nil).Year() > 2200 {
		at = today
	}
	return at, today
}

// calendarRange says which days are shown, and what stands around them.
func (v *visit) calendarRange(d *calendarView, at civil.Date) (civil.Date, int) {
	t := at.Time(nil)
	switch d.View {
	case "day":
		d.Title = v.dayLabel(at)
		d.Prev, d.Next = v.calendarPath(d, at.AddDays(-1)), v.calendarPath(d, at.AddDays(1))
		return at, 1
	case "month":
		first := civil.Of(time.Date(t.Year(), t.Month(), 1, 12, 0, 0, 0, time.UTC))
		next := civil.Of(time.Date(t.Year(), t.Month()+1, 1, 12, 0, 0, 0, time.UTC))
		d.Title = v.t("calendar.monthyear", t.Year(), v.t("month."+strconv.Itoa(int(t.Month()))))
		d.Prev, d.Next = v.calendarPath(d, civil.Of(time.Date(t.Year(), t.Month()-1, 1, 12, 0, 0, 0, time.UTC))), v.calendarPath(d, next)
		begin := v.weekStart(first)
		return begin, (begin.DaysUntil(next) + 6) / 7 * 7
	}
	begin := v.weekStart(at)
	d.Title = v.Locale.Language.Date(begin) + " – " + v.Locale.Language.Date(begin.AddDays(6))
	d.Prev, d.Next = v.calendarPath(d, at.AddDays(-7)), v.calendarPath(d, at.AddDays(7))
	return begin, 7
}

func (v *visit) weekStart(at civil.Date) civil.Date {
	back := (int(at.Time(nil).Weekday()) - int(firstWeekday(v.Locale.Language)) + 7) % 7
	return at.AddDays(-back)
}

func (v *visit) calendarPath(d *calendarView, at civil.Date) string {
	q := url.Values{"view": {d.View}, "date": {at.String()}}
	if who := d.Form.text("who"); who != "" {
		q.Set("who", who)
	}
	return v.link("/calendar") + "?" + q.Encode()
}

func midnight(d civil.Date, zone *time.Location) time.Time {
	t := d.Time(nil)
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, zone)
}

func (v *visit) dayLabel(d civil.Date) string {
	return v.t("weekday."+strconv.Itoa(int(d.Time(nil).Weekday()))) + ", " + v.Locale.Language.Date(d)
}

// monthItems is how many activities a day of a month shows.
const monthItems = 3

func (v *visit) calendarDay(d *calendarView, date, today civil.Date, by map[civil.Date][]calendarItem) calendarDay {
	day := calendarDay{
		Date: date, Number: strconv.Itoa(date.Time(nil).Day()), Name: v.t("weekday.short." + strconv.Itoa(int(date.Time(nil).Weekday()))),
		Label: v.dayLabel(date), Today: date == today, Items: by[date],
	}
	q := url.Values{"view": {"day"}, "date": {date.String()}}
	if who := d.Form.text("who"); who != "" {
		q.Set("who", who)
	}
	day.Path = v.link("/calendar") + "?" + q.Encode()
	if d.Write {
		day.New = v.newAt(date, "")
	}
	if len(day.Items) > monthItems+1 {
		day.Hidden = len(day.Items) - monthItems
		day.Items = day.Items[:monthItems]
	}
	return day
}

// newAt is where an activity of a day and hour is made.
func (v *visit) newAt(date civil.Date, clock string) string {
	q := url.Values{"kind": {"meeting"}, "when": {date.String()}, "next": {v.here()}}
	if clock == "" {
		q.Set("kind", "task")
	} else {
		q.Set("when_time", clock)
	}
	return v.link("/activities/new") + "?" + q.Encode()
}

func (v *visit) calendarItem(item activity.Item, names map[string]string, owner string) calendarItem {
	out := calendarItem{
		Item: item, Icon: kindIcons[item.Kind], Path: v.link("/activities", item.ID.String()), Time: item.At.In(v.zone()).Format("15:04"), Title: item.Subject,
		Late: item.State.Open() && item.At.Before(v.s.now()), Done: !item.State.Open(),
	}
	if out.Title == "" {
		out.Title = firstLine(item.Body)
	}
	if owner != item.OwnerUser {
		out.Owner = names[item.OwnerUser]
	}
	return out
}

// The hours that a day shows at least.
const firstHour, lastHour = 8, 17

// calendarHours puts calls and meetings into the hours of the days, tasks above them.
func (v *visit) calendarHours(d *calendarView, by map[civil.Date][]calendarItem) {
	from, to := firstHour, lastHour
	for i := range d.Days {
		for _, item := range by[d.Days[i].Date] {
			if item.Kind != activity.Task {
				from, to = min(from, item.At.In(v.zone()).Hour()), max(to, item.At.In(v.zone()).Hour())
			}
		}
	}
	for hour := from; hour <= to; hour++ {
		clock := time.Date(2000, 1, 1, hour, 0, 0, 0, time.UTC).Format("15:04")
		row := calendarHour{Label: clock}
		for i := range d.Days {
			cell := calendarCell{Label: d.Days[i].Label + " " + clock}
			if d.Write {
				cell.New = v.newAt(d.Days[i].Date, clock)
			}
			for _, item := range by[d.Days[i].Date] {
				if item.Kind != activity.Task && item.At.In(v.zone()).Hour() == hour {
					cell.Items = append(cell.Items, item)
				}
			}
			row.Cells = append(row.Cells, cell)
		}
		d.Hours = append(d.Hours, row)
	}
	for i := range d.Days {
		for _, item := range by[d.Days[i].Date] {
			if item.Kind == activity.Task {
				d.Days[i].Tasks = append(d.Days[i].Tasks, item)
			}
		}
	}
}

// taskFilter says which activities a list of what is to be done holds, and in which window.
func (v *visit) taskFilter(d *calendarView) (activity.ListFilter, string, error) {
	window := d.Form.text("window")
	if !slices.Contains(calendarWindows, window) {
		window = "all"
	}
	owner, team, err := v.whose(d)
	if err != nil {
		return activity.ListFilter{}, "", err
	}
	filter := activity.ListFilter{Owner: owner, Team: team, Page: store.Page{Limit: listPage, After: d.Form.text("after")}}
	switch window {
	case "delegated":
		filter.Delegated = true
	case "accept":
		filter.Waiting, filter.Owner, filter.Team = true, v.Actor.UserID, ""
	default:
		filter.Window = activity.Window(window)
	}
	return filter, window, nil
}

// taskList fills the list of what is to be done.
func (v *visit) taskList(d *calendarView) error {
	var err error
	if d.Summary, err = v.module().Activities.Today(v.ctx()); err != nil {
		return err
	}
	filter, window, err := v.taskFilter(d)
	if err != nil {
		return err
	}
	mine := d.Form.text("who") == "" || d.Form.text("who") == "me"
	counts := map[string]int{"overdue": d.Summary.Overdue, "today": d.Summary.Today, "week": d.Summary.Week, "all": d.Summary.Open, "accept": d.Summary.ToAccept, "delegated": d.Summary.Delegated}
	for _, w := range calendarWindows {
		tab := calendarTab{Key: "calendar.window." + w, Path: withQuery(v.link("/calendar"), "window", w, "who", d.Form.text("who")), On: w == window}
		if mine {
			tab.Count = counts[w]
		}
		d.Windows = append(d.Windows, tab)
	}
	list, err := v.module().Activities.List(v.ctx(), filter)
	if err != nil {
		return err
	}
	names, err := v.names()
	if err != nil {
		return err
	}
	for _, item := range list.Items {
		e := v.entry(item, subject{Path: v.here()}, names, nil)
		if e.Link == "" {
			e.Link = v.link("/parties", item.PartyID.String())
		}
		d.List = append(d.List, e)
	}
	if list.Next != "" {
		d.More = withAfter(v.r.URL.String(), list.Next)
	}
	return nil
}
