// Package schedule sends word of reports at set times: a mail with a link to the page where the workbook is made
// for whoever opens it, with that reader's rights at that moment. Figures never travel by mail.
//
// A [Schedule] says which report with which question, and when in the company's zone. [Schedules.Due] is the
// background: each time is claimed, its mail queued and the next time set in one transaction, under a key of the
// schedule and the time, so that a crash between two of them loses and doubles nothing. Times that passed while
// nothing ran are made up for by one mail.
package schedule

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	crmmail "github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// Report is what can be scheduled.
type Report string

// The reports.
const (
	KPIs Report = "kpis"
	// Dashboard is a PDF file of tiles, which the question names.
	Dashboard Report = "dashboard"
	Forecast  Report = "forecast"
	Quotas    Report = "quotas"
	Sales     Report = "sales"
	// Plan is the business plan, Values what customers are worth.
	Regulations Report = "regulations"
	Commission  Report = "commission"
	Plan        Report = "plan"
	Receipts    Report = "receipts"
	Quantities  Report = "quantities"
	Values      Report = "values"
	Suggestions Report = "suggestions"
	// Retention is who of the host's customers ordered again.
	Retention Report = "retention"
)

// Reports are all of them.
var Reports = []Report{KPIs, Dashboard, Forecast, Quotas, Sales, Regulations, Commission, Plan, Receipts, Quantities, Values, Suggestions, Retention}

// Rhythm is how often.
type Rhythm string

// The rhythms.
const (
	Daily   Rhythm = "day"
	Weekly  Rhythm = "week"
	Monthly Rhythm = "month"
)

// Rhythms are all of them.
var Rhythms = []Rhythm{Daily, Weekly, Monthly}

// Tag is the noun of a schedule's id.
type Tag struct{}

// ID identifies a schedule.
type ID = store.Key[Tag]

// Schedule is a report that is sent word of.
type Schedule struct {
	bun.BaseModel `bun:"table:crm_report_schedule,alias:report_schedule"`

	ID ID `bun:"id,pk" json:"id"`
	store.Record
	Report Report `bun:"report,type:nvarchar(20)" json:"report"`
	Name   string `bun:"name,type:nvarchar(120)" json:"name"`
	// Question is the query of the report's page, as after the question mark of its address.
	Question string `bun:"question,type:nvarchar(1000)" json:"question"`
	Rhythm   Rhythm `bun:"rhythm,type:nvarchar(10)" json:"rhythm"`
	// Weekday is 0 for Sunday to 6, MonthDay 1 to 31; the last day of shorter months.
	Weekday  int `bun:"weekday" json:"weekday"`
	MonthDay int `bun:"month_day" json:"month_day"`
	// Minute is the minute of the day in the company's zone, 480 for eight o'clock.
	Minute    int             `bun:"minute_of_day" json:"minute"`
	Recipient string          `bun:"recipient,type:nvarchar(254)" json:"recipient"`
	Language  locale.Language `bun:"language,type:nvarchar(2)" json:"language"`
	NextAt    time.Time       `bun:"next_at,nullzero" json:"next_at"`
	LastAt    time.Time       `bun:"last_at,nullzero" json:"last_at"`
	OwnerUser string          `bun:"owner_user,type:nvarchar(64)" json:"owner"`
	OwnerTeam string          `bun:"owner_team,type:nvarchar(64)" json:"-"`
}

// Guard shows a schedule to who made it.
func (Schedule) Guard(a actor.Actor, alias string) store.Predicate {
	return store.Predicate{SQL: alias + ".owner_user = ?", Args: []any{a.UserID}}
}

// Config says how mails are sent.
type Config struct {
	Locales func(company string) locale.Locale
	Mails   *crmmail.Mails
	// Sender is the mailbox that a company's reports come from.
	Sender func(company string) crmmail.Address
	// Link is the address at which a schedule's report is opened; nil where the screens cannot be reached from a
	// mail: then nothing can be scheduled.
	Link func(company string, id ID) string
}

// Schedules keeps the schedules of one database.
type Schedules struct {
	db     *store.DB
	config Config
}

// New makes Schedules on a database.
func New(db *store.DB, c Config) *Schedules { return &Schedules{db: db, config: c} }

// In gives a view that works inside an open session.
func (t *Schedules) In(s *store.Session) *Schedules { return New(s.Inside(), t.config) }

// Ready reports whether there is a way to send.
func (t *Schedules) Ready() bool { return t.config.Link != nil && t.config.Sender != nil }

// Draft describes a schedule; the fields are those of [Schedule].
type Draft struct {
	Report    Report          `json:"report"`
	Name      string          `json:"name"`
	Question  string          `json:"question"`
	Rhythm    Rhythm          `json:"rhythm"`
	Weekday   int             `json:"weekday"`
	MonthDay  int             `json:"month_day"`
	Minute    int             `json:"minute"`
	Recipient string          `json:"recipient"`
	Language  locale.Language `json:"language"`
}

func (d Draft) check() fault.List {
	var faults fault.List
	if !slices.Contains(Reports, d.Report) {
		faults.Add("report", "choice", "%.20q is none; choose one of %q", string(d.Report), Reports)
	}
	faults.Required("name", d.Name)
	if !slices.Contains(Rhythms, d.Rhythm) {
		faults.Add("rhythm", "choice", "%.20q is none; choose one of %q", string(d.Rhythm), Rhythms)
	}
	if d.Rhythm == Weekly && (d.Weekday < 0 || d.Weekday > 6) {
		faults.Add("weekday", "range", "is %d; give 0 for Sunday to 6 for Saturday", d.Weekday)
	}
	if d.Rhythm == Monthly && (d.MonthDay < 1 || d.MonthDay > 31) {
		faults.Add("month_day", "range", "is %d; give 1 to 31", d.MonthDay)
	}
	if d.Minute < 0 || d.Minute >= 24*60 {
		faults.Add("minute", "range", "is %d; give a minute of the day, 480 for eight o'clock", d.Minute)
	}
	if _, err := mail.ParseAddress(d.Recipient); err != nil {
		faults.Add("recipient", "email", "%.60q is no e-mail address", d.Recipient)
	}
	return faults
}

// Add makes a schedule. It needs actor.ReportRead.
func (t *Schedules) Add(ctx context.Context, d Draft) (Schedule, error) {
	return store.Write(ctx, t.db, actor.ReportRead, func(ctx context.Context, s *store.Session) (Schedule, error) {
		d := d
		d.Name, d.Recipient = strings.TrimSpace(d.Name), strings.TrimSpace(d.Recipient)
		faults := d.check()
		if !t.Ready() {
			faults.Add("report", "link", "cannot be sent: the host has not said at which address the screens are reached, or from whom reports come; give crm.FigureConfig a ScreensURL and a Sender")
		}
		if err := faults.Err("the report cannot be scheduled"); err != nil {
			return Schedule{}, err
		}
		if _, ok := locale.ParseLanguage(string(d.Language)); !ok {
			d.Language = t.config.Locales(s.Actor.Company).Language
		}
		row := Schedule{
			ID: store.NewKey[Tag](s), Report: d.Report, Name: d.Name, Question: d.Question, Rhythm: d.Rhythm, Weekday: d.Weekday, MonthDay: d.MonthDay,
			Minute: d.Minute, Recipient: d.Recipient, Language: d.Language, OwnerUser: s.Actor.UserID, OwnerTeam: s.Actor.Team(),
		}
		row.NextAt = store.UTC(row.next(s.Now, t.config.Locales(s.Actor.Company).Location()))
		return row, s.Insert(ctx, &row)
	})
}

// Remove takes a schedule away.
func (t *Schedules) Remove(ctx context.Context, id ID) error {
	return t.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		if err := s.Actor.Require(actor.ReportRead); err != nil {
			return err
		}
		var row Schedule
		if err := s.Lock(ctx, &row, id); err != nil {
			return err
		}
		return s.Delete(ctx, &row)
	})
}

// Get gives one schedule of the company, whoever's it is: the link in a mail is opened with the reader's own
// rights on the figures, and the schedule only says which question to ask.
func (t *Schedules) Get(ctx context.Context, id ID) (Schedule, error) {
	var out Schedule
	err := t.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		var rows []Schedule
		err := s.Query(ctx, &rows, store.From[all]("r"), "SELECT r.* FROM crm_report_schedule AS r WHERE {scope} AND r.id = ?", id)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			return fault.New(fault.NotFound, "there is no such report any more")
		}
		out = rows[0]
		return nil
	})
	return out, err
}

// all is the scope of the company's schedules.
type all struct {
	bun.BaseModel `bun:"table:crm_report_schedule,alias:report_schedule"`

	Company string `bun:"company"`
}

// List gives the schedules that the actor made, by name.
func (t *Schedules) List(ctx context.Context) ([]Schedule, error) {
	return store.Read(ctx, t.db, actor.ReportRead, func(ctx context.Context, s *store.Session) ([]Schedule, error) {
		var rows []Schedule
		err := s.Select(&rows).Where("report_schedule.owner_user = ?", s.Actor.UserID).OrderExpr("report_schedule.name, report_schedule.id").Scan(ctx)
		return rows, err
	})
}

// next is the first time of the rhythm after an instant. A time that a change of the clocks leaves out is the
// hour after; one that it doubles is the first of the two.
func (r Schedule) next(after time.Time, zone *time.Location) time.Time {
	day := civil.In(after, zone)
	for range 63 { // two months have every day of a rhythm
		if r.on(day) {
			at := time.Date(day.Year, day.Month, day.Day, r.Minute/60, r.Minute%60, 0, 0, zone)
			if earlier := at.Add(-time.Hour); earlier.Hour() == at.Hour() {
				at = earlier
			}
			if at.After(after) {
				return at
			}
		}
		day = day.AddDays(1)
	}
	return time.Time{}
}

// on reports whether a day is one of the rhythm.
func (r Schedule) on(day civil.Date) bool {
	switch r.Rhythm {
	case Weekly:
		return int(day.Time(time.UTC).Weekday()) == r.Weekday
	case Monthly:
		return day.Day == r.MonthDay || day.Day < r.MonthDay && day.AddDays(1).Day == 1
	case Daily:
	}
	return true
}

// Due queues the mails of the times that have come, and reports how many. It is background work; several
// processes may do it at once.
func (t *Schedules) Due(ctx context.Context) (int, error) {
	if !t.Ready() {
		return 0, nil
	}
	var due []Schedule
	err := t.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		due = nil
		return s.Query(ctx, &due, store.From[all]("r"), "SELECT r.id FROM crm_report_schedule AS r WHERE {scope} AND r.company = ? AND r.next_at <= ? ORDER BY r.next_at, r.id"+s.Limit(100), s.Actor.Company, s.Now)
	})
	if err != nil {
		return 0, err
	}
	sent := 0
	var failed error
	for _, one := range due {
		done := 0
		err := t.db.Write(ctx, func(ctx context.Context, s *store.Session) (err error) {
			done, err = t.send(ctx, s, one.ID)
			return err
		})
		if err != nil { // the others go out
			failed = errors.Join(failed, fmt.Errorf("report %s: %w", one.ID, err))
			continue
		}
		sent += done
	}
	return sent, failed
}

func (t *Schedules) send(ctx context.Context, s *store.Session, id ID) (int, error) {
	if s.Actor.Kind != actor.KindSystem {
		return 0, s.Actor.Require(actor.Settings)
	}
	claimed, err := s.Exec(ctx, store.From[Schedule](""), "UPDATE crm_report_schedule SET last_at = last_at WHERE {scope} AND id = ? AND next_at <= ?", id, s.Now)
	if err != nil || claimed == 0 { // another process was faster, or it was removed
		return 0, err
	}
	var row Schedule
	if err := s.Get(ctx, &row, id); err != nil {
		return 0, err
	}
	zone := t.config.Locales(row.Company).Location()
	message, err := t.message(ctx, s, row)
	if err != nil {
		return 0, err
	}
	if _, err := t.config.Mails.In(s).Queue(ctx, message); err != nil {
		return 0, err
	}
	_, err = s.Exec(ctx, store.From[Schedule](""), "UPDATE crm_report_schedule SET last_at = next_at, next_at = ? WHERE {scope} AND id = ?", row.next(s.Now, zone), id)
	return 1, err
}

func (t *Schedules) message(ctx context.Context, s *store.Session, row Schedule) (crmmail.Message, error) {
	template, err := t.config.Mails.In(s).Template(ctx, Purpose.Key, row.Language)
	if err != nil {
		return crmmail.Message{}, err
	}
	words, err := Purpose.Merge(crmmail.Words{Subject: template.Subject, Body: template.Body}, row.Language, map[string]crmmail.Value{
		"report.name": crmmail.TextValue(row.Name), "report.date": crmmail.DateValue(civil.In(row.NextAt, t.config.Locales(row.Company).Location())),
		"report.link": crmmail.TextValue(t.config.Link(row.Company, row.ID)), "report.workbook": crmmail.TextValue(t.config.Link(row.Company, row.ID) + "?as=workbook"),
	})
	if err != nil {
		return crmmail.Message{}, err
	}
	return crmmail.Message{
		From: t.config.Sender(row.Company), To: []crmmail.Address{{Email: row.Recipient}}, Subject: words.Subject, Text: words.Body, Language: row.Language,
		Key: fmt.Sprintf("report-%s-%d", row.ID, row.NextAt.Unix()), Purpose: Purpose.Key, RecordKind: "report_schedule", Record: crmmail.RecordID(row.ID),
		Owner: party.Owner{User: row.OwnerUser, Team: row.OwnerTeam},
	}, nil
}
