package web

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/crmplus/crmplus/reports"
	"github.com/crmplus/crmplus/reports/kpi"
	"github.com/crmplus/crmplus/reports/schedule"
)

// schedulePage shows which reports are sent word of.
type schedulePage struct {
	Tabs                       figureTabs
	Form                       *input
	Rows                       []scheduleRow
	Reports, Rhythms, Weekdays []option
	Ready                      bool
}

type scheduleRow struct {
	ID, Name, Report, Rhythm, To, Path string
	Next, Last                         time.Time
}

func (s *screens) listSchedules(v *visit) error {
	email := ""
	users, err := v.colleagues()
	if err != nil {
		return err
	}
	for _, u := range users {
		if u.ID == v.Actor.UserID {
			email = u.Email
		}
	}
	asked := v.asked()
	return s.drawSchedules(v, v.blank("report", asked.text("report"), "question", asked.text("question"), "rhythm", "week", "weekday", "1", "month_day", "1", "at", "08:00", "recipient", email))
}

func (s *screens) drawSchedules(v *visit, f *input) error {
	rows, err := v.module().Schedules.List(v.ctx())
	if err != nil {
		return err
	}
	reports := make([]string, len(schedule.Reports))
	for i, r := range schedule.Reports {
		reports[i] = string(r)
	}
	d := schedulePage{Tabs: figureTabs{"schedules"}, Form: f, Ready: v.module().Schedules.Ready(), Reports: v.options("schedule.report.", f.text("report"), reports...),
		Rhythms: v.options("schedule.rhythm.", f.text("rhythm"), "day", "week", "month"), Weekdays: v.options("schedule.day.", f.text("weekday"), "1", "2", "3", "4", "5", "6", "0")}
	for _, r := range rows {
		row := scheduleRow{ID: r.ID.String(), Name: r.Name, Report: v.t("schedule.report." + string(r.Report)), To: r.Recipient, Next: r.NextAt, Last: r.LastAt, Path: v.reportAddress(r)}
		at := strconv.Itoa(r.Minute/60) + ":" + strconv.Itoa(100 + r.Minute%60)[1:]
		switch r.Rhythm {
		case schedule.Daily:
			row.Rhythm = v.t("schedule.daily", at)
		case schedule.Weekly:
			row.Rhythm = v.t("schedule.weekly", v.t("schedule.day."+strconv.Itoa(r.Weekday)), at)
		case schedule.Monthly:
			row.Rhythm = v.t("schedule.monthly", r.MonthDay, at)
		}
		d.Rows = append(d.Rows, row)
	}
	return v.show(f.statusOf(), "schedules", head{Title: v.t("menu.schedules"), Section: "dashboard", Wide: true}, d)
}

// reportPages are where the reports are shown, each with its workbook.
var reportPages = map[schedule.Report]string{
	schedule.KPIs: "/figures", schedule.Dashboard: "/dashboard.pdf", schedule.Forecast: "/forecast", schedule.Quotas: "/quotas", schedule.Sales: "/reports", schedule.Regulations: "/regulations",
	schedule.Commission: "/commission", schedule.Plan: "/plan", schedule.Receipts: "/receipts", schedule.Quantities: "/quantities", schedule.Values: "/values", schedule.Suggestions: "/suggestions", schedule.Retention: "/retention",
}

// reportAddress is the page of a scheduled report.
func (v *visit) reportAddress(r schedule.Schedule) string {
	path := reportPages[r.Report]
	out := v.link(path)
	if r.Question != "" {
		out += "?" + r.Question
	}
	return v.ours(out, v.link(path))
}

func (s *screens) addSchedule(v *visit) error {
	f := v.posted()
	d := schedule.Draft{Report: schedule.Report(f.text("report")), Name: f.text("name"), Question: f.text("question"), Rhythm: schedule.Rhythm(f.text("rhythm")), Weekday: f.count("weekday"), MonthDay: f.count("month_day"), Recipient: f.text("recipient"), Language: v.Locale.Language, Minute: -1}
	if t, err := time.Parse("15:04", f.text("at")); err == nil {
		d.Minute = t.Hour()*60 + t.Minute()
	} else {
		f.wrong("at", "fault.time")
	}
	if d.Name == "" && d.Report != "" {
		d.Name = v.t("schedule.report." + string(d.Report))
	}
	if !f.bad() {
		if _, err := v.module().Schedules.Add(v.ctx(), d); err != nil {
			if err := v.refuse(f, err); err != nil {
				return err
			}
		}
	}
	if f.bad() {
		return s.drawSchedules(v, f)
	}
	v.done("schedule.added")
	return v.redirect(v.link("/schedules"))
}

func (s *screens) removeSchedule(v *visit) error {
	id, err := key[schedule.Tag](v, "id")
	if err != nil {
		return err
	}
	if err := v.module().Schedules.Remove(v.ctx(), id); err != nil {
		return err
	}
	v.done("schedule.removed")
	return v.redirect(v.link("/schedules"))
}

// openReport is where the link in a mail leads: to the report as whoever opens it may see it.
func (s *screens) openReport(v *visit) error {
	id, err := key[schedule.Tag](v, "id")
	if err != nil {
		return err
	}
	r, err := v.module().Schedules.Get(v.ctx(), id)
	if err != nil {
		return err
	}
	address := v.reportAddress(r)
	if v.asked().text("as") == "workbook" {
		address = v.workbookAddress(r)
	}
	http.Redirect(v.w, v.r, address, http.StatusSeeOther) //nolint:gosec // a path of ours, see reportAddress
	return nil
}

func workbookOf(r schedule.Report) string {
	if r == schedule.KPIs || r == schedule.Dashboard {
		return "figures.xlsx"
	}
	return string(r) + ".xlsx"
}

// workbookAddress is the workbook of a scheduled report; that of a dashboard has all figures, narrowed as the reader's
// dashboard is.
func (v *visit) workbookAddress(r schedule.Schedule) string {
	path, question := v.link("/reports", workbookOf(r.Report)), r.Question
	if r.Report == schedule.Dashboard {
		if asked, err := url.ParseQuery(question); err == nil {
			if of := reports.BoardOf(v.Actor, kpi.Filter{Seller: asked.Get("seller")}); of.Seller != "" {
				asked.Set("seller", of.Seller)
			}
			question = asked.Encode()
		}
	}
	if question == "" {
		return path
	}
	return v.ours(path+"?"+question, path)
}
