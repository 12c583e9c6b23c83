package api

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/reports/quota"
	"github.com/crmplus/crmplus/reports/schedule"
)

// Quota is what one is to reach in a period.
type Quota struct {
	ID       ID     `json:"id"`
	Version  int64  `json:"version"`
	Last     Date   `json:"last" doc:"The last day of its period."`
	Currency string `json:"currency,omitempty" doc:"Of revenue."`
	QuotaDraft
}

// QuotaDraft says what one is to reach.
type QuotaDraft struct {
	Kind     string  `json:"kind" enum:"seller,team,group,company" doc:"Whose it is; group is a product group."`
	Subject  string  `json:"subject,omitempty" maxLength:"80" doc:"The user, the team or the host's product group; none for the company."`
	Team     string  `json:"team,omitempty" maxLength:"64" doc:"Of a seller: those who see it besides him."`
	Measure  string  `json:"measure" enum:"revenue,margin,count,activities"`
	StartsOn Date    `json:"starts_on" doc:"The first day of a month." example:"2026-07-01"`
	Months   int     `json:"months" enum:"1,3,12"`
	Target   Decimal `json:"target"`
}

// draft reads it; at stands before the paths of its faults.
func (b QuotaDraft) draft(n *numbers, at string) quota.Draft {
	return quota.Draft{
		Kind: quota.Kind(b.Kind), Subject: b.Subject, Team: b.Team, Measure: quota.Measure(b.Measure), StartsOn: day(b.StartsOn), Months: b.Months, Target: n.amount(at+"target", b.Target),
	}
}

// quotaDraftsOf reads several.
func quotaDraftsOf(list []QuotaDraft) ([]quota.Draft, error) {
	var n numbers
	out := make([]quota.Draft, len(list))
	for i, b := range list {
		out[i] = b.draft(&n, fmt.Sprintf("quotas[%d].", i))
	}
	return out, n.err()
}

// QuotaState is a quota and how far it has come.
type QuotaState struct {
	Quota
	Attained Decimal `json:"attained" doc:"By the team's split of each opportunity; in full, also where the key does not see each sale."`
	Share    Decimal `json:"share" doc:"What was attained of the target, in percent."`
	Pace     Decimal `json:"pace" doc:"What was attained of what the days gone by would ask for, in percent."`
	Gap      Decimal `json:"gap" doc:"What is missing to the target."`
	Landing  Decimal `json:"landing" doc:"Where it ends if it goes on like this."`
	Elapsed  Decimal `json:"elapsed" doc:"How much of the period is over, in percent."`
}

func quotaOf(q quota.Quota) Quota {
	return Quota{
		ID: idOf(q.ID), Version: q.Version, Last: dateOf(q.Period().Last), Currency: q.Currency,
		QuotaDraft: QuotaDraft{string(q.Kind), q.Subject, q.OwnerTeam, string(q.Measure), dateOf(q.StartsOn), q.Months, decimalOf(q.Target)},
	}
}

// QuotaDay picks quotas by a day of their period.
type QuotaDay struct {
	On Date `query:"on" doc:"Any day of the period; today where it is left out."`
}

func (a *server) quotas() {
	write := rights(actor.LeadAssign)
	r := get("list-quotas", "/quotas", figureTag, "List the quotas whose period holds a day, with what was attained")
	r.Rights = rights(actor.OpportunityRead)
	add(a, r, func(ctx context.Context, m *crm.Module, in *struct {
		Fields
		QuotaDay
	}) (*Listed[QuotaState], error) {
		rows, err := m.Quotas.Table(ctx, day(in.On))
		return listed(callOf(ctx), each(rows, func(r quota.Row) QuotaState {
			return QuotaState{quotaOf(r.Quota), decimalOf(r.Attained), decimalOf(r.Share), decimalOf(r.Pace), decimalOf(r.Gap), decimalOf(r.Landing), decimalOf(r.Elapsed)}
		}), ""), err
	})
	add(a, route{ID: "set-quota", Method: http.MethodPut, Path: "/quotas", Tag: figureTag, Rights: write, Summary: "Set a quota", Doc: "One of the same subject, measure and period gets the new target."},
		func(ctx context.Context, m *crm.Module, in *struct{ Body QuotaDraft }) (*Tagged[Quota], error) {
			var n numbers
			d := in.Body.draft(&n, "")
			if err := n.err(); err != nil {
				return nil, err
			}
			q, err := m.Quotas.Set(ctx, d)
			return &Tagged[Quota]{etag(q.Version), quotaOf(q)}, err
		})
	add(a, route{ID: "remove-quota", Method: http.MethodDelete, Path: "/quotas/{id}", Tag: figureTag, Rights: write, Summary: "Take a quota away"},
		func(ctx context.Context, m *crm.Module, in *ByID) (*Empty, error) {
			return nil, m.Quotas.Remove(ctx, keyOf[quota.Tag](in.ID))
		})
}

// ReportSchedule is a report that is sent word of from time to time.
type ReportSchedule struct {
	ID     ID        `json:"id"`
	NextAt time.Time `json:"next_at,omitzero"`
	LastAt time.Time `json:"last_at,omitzero"`
	ReportScheduleDraft
}

// ReportScheduleDraft says which report is sent when and to whom. The mail holds a link; the workbook is made for whoever
// opens it, with that reader's rights.
type ReportScheduleDraft struct {
	Report    string `json:"report" enum:"kpis,dashboard,forecast,quotas,sales,regulations,commission,plan,receipts,quantities,values,suggestions,retention"`
	Name      string `json:"name" maxLength:"120"`
	Question  string `json:"question,omitempty" maxLength:"1000" doc:"The filter, as it stands behind the question mark in the address of the report's page." example:"span=month&team=north"`
	Rhythm    string `json:"rhythm" enum:"day,week,month"`
	Weekday   int    `json:"weekday,omitempty" minimum:"0" maximum:"6" doc:"Of week: 0 for Sunday."`
	MonthDay  int    `json:"month_day,omitempty" minimum:"0" maximum:"31" doc:"Of month: the last day of shorter months."`
	Minute    int    `json:"minute" minimum:"0" maximum:"1439" doc:"The minute of the day in the company's zone." example:"480"`
	Recipient string `json:"recipient" maxLength:"254"`
	Language  string `json:"language,omitempty" enum:"hu,en,he,ru,el" doc:"The company's where it is left out."`
}

func reportScheduleOf(s schedule.Schedule) ReportSchedule {
	return ReportSchedule{
		idOf(s.ID), s.NextAt, s.LastAt,
		ReportScheduleDraft{string(s.Report), s.Name, s.Question, string(s.Rhythm), s.Weekday, s.MonthDay, s.Minute, s.Recipient, string(s.Language)},
	}
}

func (a *server) schedules() {
	may := rights(actor.ReportRead)
	r := get("list-report-schedules", "/report-schedules", "Reports", "List the reports that the key's user has sent from time to time, by name")
	r.Rights = may
	add(a, r, func(ctx context.Context, m *crm.Module, _ *struct{ Fields }) (*Listed[ReportSchedule], error) {
		all, err := m.Schedules.List(ctx)
		return listed(callOf(ctx), each(all, reportScheduleOf), ""), err
	})
	r = post("add-report-schedule", "/report-schedules", "Reports", "Have a report sent from time to time")
	r.Rights, r.Status = may, http.StatusCreated
	add(a, r, func(ctx context.Context, m *crm.Module, in *struct{ Body ReportScheduleDraft }) (*Out[ReportSchedule], error) {
		b := in.Body
		s, err := m.Schedules.Add(ctx, schedule.Draft{
			Report: schedule.Report(b.Report), Name: b.Name, Question: b.Question, Rhythm: schedule.Rhythm(b.Rhythm), Weekday: b.Weekday, MonthDay: b.MonthDay, Minute: b.Minute,
			Recipient: b.Recipient, Language: locale.Language(b.Language),
		})
		return &Out[ReportSchedule]{reportScheduleOf(s)}, err
	})
	add(a, route{ID: "remove-report-schedule", Method: http.MethodDelete, Path: "/report-schedules/{id}", Tag: "Reports", Rights: may, Summary: "Send a report no more"},
		func(ctx context.Context, m *crm.Module, in *ByID) (*Empty, error) {
			return nil, m.Schedules.Remove(ctx, keyOf[schedule.Tag](in.ID))
		})
}
