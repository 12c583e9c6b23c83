package web

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/reports/forecast"
	"github.com/crmplus/crmplus/reports/kpi"
	"github.com/crmplus/crmplus/reports/quota"
)

// planPage shows the business plan of a year: the company and its product groups, period by period.
type planPage struct {
	Tabs                      figureTabs
	Form                      *input
	Years, Measures, Lengths  []option
	Subjects                  []option
	Columns                   []string
	Rows                      []planRow
	Sellers                   []string
	Basis, Excel, SubjectName string
	// Fields are those of the form, one for each period; Address is the plan that is shown.
	Fields  []field
	Whole   bool
	Address string
	Shown   quota.PlanQuery
}

type planRow struct {
	Label, Path                   string
	Cells                         []planCell
	Target, Attained, Share, Pace string
	Mood, Note                    string
	Bar                           int64
	Company, Planned              bool
}

type planCell struct{ Attained, Target, Title, Mood string }

// planQuery reads which plan is asked for.
func (v *visit) planQuery() (quota.PlanQuery, error) {
	f := v.asked()
	q := quota.PlanQuery{Measure: quota.Measure(f.text("measure"))}
	q.Year, _ = strconv.Atoi(f.text("year"))
	q.Months, _ = strconv.Atoi(f.text("months"))
	if !slices.Contains([]int{1, 3, 12}, q.Months) {
		q.Months = 3
	}
	if !slices.Contains(quota.Measures[:3], q.Measure) {
		q.Measure = quota.Revenue
	}
	if q.Year < 2000 || q.Year > 2200 {
		today, err := v.module().KPIs.Today(v.ctx())
		if err != nil {
			return q, err
		}
		q.Year = today.Year
	}
	groups, err := v.module().ProductGroups(v.ctx())
	for _, g := range groups {
		q.Groups = append(q.Groups, g.Key)
	}
	return q, err
}

func (s *screens) showPlan(v *visit) error { return s.drawPlan(v, nil) }

func (s *screens) drawPlan(v *visit, f *input) error {
	q, err := v.planQuery()
	if err != nil {
		return err
	}
	plan, err := v.module().Quotas.Plan(v.ctx(), q)
	if err != nil {
		return err
	}
	if f == nil {
		f = v.blank("subject", v.asked().text("subject"))
		v.planValues(f, plan)
	}
	today, err := v.module().KPIs.Today(v.ctx())
	if err != nil {
		return err
	}
	name, err := v.groupNames()
	if err != nil {
		return err
	}
	d := planPage{
		Tabs: figureTabs{"plan"}, Form: f, Measures: v.options("plan.measure.", string(q.Measure), "revenue", "margin", "count"),
		Lengths: v.options("quota.months.", strconv.Itoa(q.Months), "1", "3", "12"), Whole: q.Months < 12, Shown: q, Address: planAddress(q),
		Excel: v.link("/reports/plan.xlsx") + "?" + planAddress(q),
	}
	for y := today.Year - 2; y <= today.Year+1; y++ {
		d.Years = append(d.Years, option{Value: strconv.Itoa(y), Label: strconv.Itoa(y), On: y == q.Year})
	}
	for i, p := range plan.Periods {
		label := strconv.Itoa(p.First.Year)
		switch q.Months {
		case 1:
			label = monthNumber(v.Locale.Language, p.First)
		case 3:
			label = v.column(p, forecast.ByQuarter)
		}
		d.Columns = append(d.Columns, label)
		at := planField(i)
		d.Fields = append(d.Fields, field{ID: "f-" + at, Name: at, Label: label, Value: f.Get(at), Type: "text", Direction: "ltr", Faults: f.Faults[at]})
		d.Sellers = append(d.Sellers, v.planText(plan.Sellers[i].Decimal, plan))
	}
	for _, r := range plan.Rows {
		label := name(r.Kind, r.Subject)
		d.Rows = append(d.Rows, v.planRow(r, plan, label, planAddress(q), today))
		d.Subjects = append(d.Subjects, option{Value: r.Subject, Label: label, On: r.Subject == f.text("subject")})
		if r.Subject == f.text("subject") {
			d.SubjectName = label
		}
	}
	if company := plan.Rows[0]; company.Now.Basis == quota.Sold {
		d.Basis = v.t("plan.basis.sold", v.Locale.Language.Date(company.Now.CountedOn))
	} else {
		d.Basis = v.t("plan.basis.won")
	}
	return v.show(f.statusOf(), "plan", head{Title: v.t("menu.plan"), Section: "dashboard", Wide: true}, d)
}

func planAddress(q quota.PlanQuery) string {
	return fmt.Sprintf("year=%d&measure=%s&months=%d", q.Year, q.Measure, q.Months)
}

// groupNames names the company and product groups.
func (v *visit) groupNames() (func(kind quota.Kind, subject string) string, error) {
	labels, err := v.partLabels(kpi.ProductGroup)
	return func(kind quota.Kind, subject string) string {
		if kind == quota.Company {
			return v.t("plan.company")
		}
		return labels(kpi.Row{Key: subject, Label: subject})
	}, err
}

func (v *visit) planText(d decimal.Decimal, p quota.Plan) string {
	if p.Measure.Money() {
		return shortMoney(v.Locale.Language, money.NewAmount(d), p.Currency)
	}
	return v.Locale.Language.Quantity(d)
}

// planMood judges a share of the plan.
func planMood(p money.Percent) string {
	switch n := p.IntPart(); {
	case n >= 100:
		return "good"
	case n >= 80:
		return "watch"
	}
	return "bad"
}

func (v *visit) planRow(r quota.PlanRow, p quota.Plan, label, address string, today civil.Date) planRow {
	lang := v.Locale.Language
	out := planRow{
		Label: label, Path: v.link("/plan") + "?" + address + "&subject=" + r.Subject + "#plan-edit", Company: r.Kind == quota.Company,
		Attained: v.planText(r.Attained, p), Planned: r.Target.IsPositive(),
	}
	if out.Planned {
		out.Target, out.Share, out.Bar = v.planText(r.Target.Decimal, p), lang.Percent(r.Now.Share), min(100, max(0, r.Now.Share.IntPart()))
		switch {
		case r.Now.Pace.IsPositive():
			out.Pace, out.Mood = lang.Percent(r.Now.Pace), planMood(r.Now.Pace)
		case !p.Periods[0].First.After(today):
			out.Note = v.t("plan.half")
		}
	}
	for i, c := range r.Cells {
		cell := planCell{Target: v.t("plan.no")}
		if !p.Periods[i].First.After(today) {
			cell.Attained = v.planText(c.Attained, p)
		}
		if c.Target.IsPositive() {
			cell.Target = v.planText(c.Target.Decimal, p)
			cell.Title = v.t("plan.cell", cell.Target, v.planText(c.Attained, p), lang.Percent(c.Share))
			if !p.Periods[i].First.After(today) {
				cell.Mood = planMood(c.Pace)
			}
		}
		out.Cells = append(out.Cells, cell)
	}
	return out
}

// planValues puts the plan of the chosen subject into the form.
func (v *visit) planValues(f *input, p quota.Plan) {
	for _, r := range p.Rows {
		if r.Subject != f.text("subject") {
			continue
		}
		for i, c := range r.Cells {
			if c.Target.IsPositive() {
				f.Values.Set(planField(i), v.Locale.Language.Quantity(c.Target.Decimal))
			}
		}
	}
}

// planField is the form's field of a period.
func planField(i int) string { return fmt.Sprintf("p%d", i) }

func (s *screens) setPlan(v *visit) error {
	f := v.posted()
	q, err := v.planQuery()
	if err != nil {
		return err
	}
	subject := f.text("subject")
	d := quota.Draft{Kind: quota.ProductGroup, Subject: subject, Measure: q.Measure, Months: q.Months}
	if subject == "" {
		d.Kind = quota.Company
	}
	var drafts []quota.Draft
	add := func(i int, name string, target money.Amount) {
		if !target.IsPositive() {
			f.wrong(name, "fault.positive")
		}
		one := d
		one.Target, one.StartsOn = target, civil.Date{Year: q.Year, Month: time.Month(1 + i*q.Months), Day: 1}
		drafts = append(drafts, one)
	}
	for i := range 12 / q.Months {
		if target := f.amount(planField(i)); target != nil {
			add(i, planField(i), *target)
		}
	}
	if whole := f.amount("whole"); whole != nil && len(drafts) == 0 && !f.bad() {
		parts, err := money.Split(*whole, v.Locale.Currency, slices.Repeat([]money.Percent{money.MustPercent("1")}, 12/q.Months))
		if err != nil {
			return err
		}
		for i, part := range parts {
			add(i, "whole", part)
		}
	}
	if len(drafts) == 0 && !f.bad() {
		f.wrong("", "plan.empty")
	}
	if !f.bad() {
		if err := v.module().Quotas.SetAll(v.ctx(), drafts); err != nil {
			if err := v.refuse(f, err); err != nil {
				return err
			}
		}
	}
	if f.bad() {
		return s.drawPlan(v, f)
	}
	v.done("plan.saved")
	return v.redirect(v.link("/plan") + "?" + planAddress(q))
}
