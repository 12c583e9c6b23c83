package web

import (
	"slices"
	"strconv"
	"strings"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/reports/quota"
)

// quotaPage shows what is to be reached and how far it is.
type quotaPage struct {
	Tabs             figureTabs
	Form             *input
	On               *input
	Rows             []quotaRow
	Measures, Months []option
	// Subjects are whose quota may be set, each value a kind, a space and the key.
	Subjects []option
	Excel    string
}

type quotaRow struct {
	ID, Subject, Kind, Measure, Period string
	Target, Attained, Gap, Landing     string
	Share, Pace, Elapsed               string
	// Basis says that what the host sold was counted, and when.
	Basis string
	// Bar is the share, 0 to 100; Mood is "good", "watch" or "bad".
	Bar  int64
	Mood string
	Path string
}

func (s *screens) listQuotas(v *visit) error { return s.drawQuotas(v, nil) }

func (s *screens) drawQuotas(v *visit, f *input) error {
	asked := v.asked()
	today, err := v.module().KPIs.Today(v.ctx())
	if err != nil {
		return err
	}
	on := asked.day("on")
	if on.IsZero() {
		on = today
	}
	asked.Values.Set("on", on.String())
	if f == nil {
		f = v.blank("measure", "revenue", "months", "1", "starts_on", civil.Date{Year: on.Year, Month: on.Month, Day: 1}.String())
	}
	rows, err := v.module().Quotas.Table(v.ctx(), on)
	if err != nil {
		return err
	}
	d := quotaPage{Tabs: figureTabs{"quotas"}, Form: f, On: asked,
		Measures: v.options("quota.measure.", f.text("measure"), "revenue", "margin", "count", "activities"), Months: v.options("quota.months.", f.text("months"), "1", "3", "12"),
		Excel: v.link("/reports/quotas.xlsx") + "?on=" + on.String()}
	names, err := v.names()
	if err != nil {
		return err
	}
	groups, err := v.module().ProductGroups(v.ctx())
	if err != nil {
		return err
	}
	users, err := v.colleagues()
	if err != nil {
		return err
	}
	offer := func(kind quota.Kind, key, label string) {
		value := strings.TrimSpace(string(kind) + " " + key)
		d.Subjects = append(d.Subjects, option{value, label, value == f.text("subject")})
	}
	var teams []string
	for _, u := range users {
		offer(quota.Seller, u.ID, u.Name)
		teams = append(teams, u.Teams...)
	}
	slices.Sort(teams)
	for _, t := range slices.Compact(teams) {
		offer(quota.Team, t, v.t("quota.kind.team")+": "+t)
	}
	for _, g := range groups {
		names["group "+g.Key] = g.Name
		offer(quota.ProductGroup, g.Key, v.t("quota.kind.group")+": "+g.Name)
	}
	offer(quota.Company, "", v.t("quota.subject.all"))
	company, err := v.module().Company(v.ctx())
	if err != nil {
		return err
	}
	names["company"] = company.Name
	for _, r := range rows {
		d.Rows = append(d.Rows, v.quotaRow(r, names))
	}
	return v.show(f.statusOf(), "quotas", head{Title: v.t("menu.quotas"), Section: "dashboard", Wide: true}, d)
}

func (v *visit) quotaRow(r quota.Row, names map[string]string) quotaRow {
	lang := v.Locale.Language
	text := func(a money.Amount) string {
		if r.Measure.Money() {
			return lang.Money(a, r.Currency)
		}
		return lang.Quantity(a.Decimal)
	}
	out := quotaRow{
		ID: r.ID.String(), Subject: r.Subject, Kind: v.t("quota.kind." + string(r.Kind)), Measure: v.t("quota.measure." + string(r.Measure)), Period: v.shortPeriod(r.Period()),
		Target: text(r.Target), Attained: text(money.NewAmount(r.Attained)), Gap: text(money.NewAmount(r.Gap)), Landing: text(money.NewAmount(r.Landing)),
		Share: lang.Percent(r.Share), Pace: lang.Percent(r.Pace), Elapsed: lang.Percent(r.Elapsed), Bar: min(100, r.Share.IntPart()), Mood: "bad",
	}
	switch name := names[r.Subject]; {
	case r.Kind == quota.Company:
		out.Subject = names["company"]
	case r.Kind == quota.ProductGroup && names["group "+r.Subject] != "":
		out.Subject = names["group "+r.Subject]
	case r.Kind == quota.Seller && name != "":
		out.Subject = name
	}
	switch {
	case r.Pace.IntPart() >= 100:
		out.Mood = "good"
	case r.Pace.IntPart() >= 80:
		out.Mood = "watch"
	}
	code := map[quota.Measure]string{quota.Revenue: "revenue", quota.Margin: "margin", quota.Deals: "deals_won", quota.Activities: "meetings"}[r.Measure]
	query := "first=" + r.Period().First.String() + "&last=" + r.Period().Last.String()
	switch r.Kind {
	case quota.Seller:
		query += "&seller=" + r.Subject
	case quota.Team:
		query += "&team=" + r.Subject
	case quota.ProductGroup:
		query += "&group=" + r.Subject
	case quota.Company:
	}
	out.Path = v.link("/figures", code) + "?" + query
	if r.Basis == quota.Sold {
		if out.Basis = v.t("quota.sold.none"); !r.CountedOn.IsZero() {
			out.Basis = v.t("quota.sold", lang.Date(r.CountedOn))
		}
	}
	return out
}

func (s *screens) setQuota(v *visit) error {
	f := v.posted()
	kind, subject, _ := strings.Cut(f.text("subject"), " ")
	d := quota.Draft{Kind: quota.Kind(kind), Subject: subject, Measure: quota.Measure(f.text("measure")), StartsOn: f.day("starts_on")}
	d.Months, _ = strconv.Atoi(f.text("months"))
	if target := f.amount("target"); target != nil {
		d.Target = *target
	}
	if d.Kind == quota.Seller {
		users, err := v.colleagues()
		if err != nil {
			return err
		}
		if i := slices.IndexFunc(users, func(u erpbridge.User) bool { return u.ID == d.Subject }); i >= 0 && len(users[i].Teams) > 0 {
			d.Team = users[i].Teams[0]
		}
	}
	if !f.bad() {
		if _, err := v.module().Quotas.Set(v.ctx(), d); err != nil {
			if err := v.refuse(f, err); err != nil {
				return err
			}
		}
	}
	if f.bad() {
		return s.drawQuotas(v, f)
	}
	v.done("quota.set")
	return v.redirect(v.link("/quotas") + "?on=" + d.StartsOn.String())
}

func (s *screens) removeQuota(v *visit) error {
	id, err := key[quota.Tag](v, "id")
	if err != nil {
		return err
	}
	if err := v.module().Quotas.Remove(v.ctx(), id); err != nil {
		return err
	}
	v.done("quota.removed")
	return v.redirect(v.back(v.link("/quotas")))
}
