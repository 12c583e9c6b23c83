package web

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/reports/buying"
	"github.com/crmplus/crmplus/reports/value"
)

// valueList is the page of what customers are worth.
type valueList struct {
	Tabs            customerTabs
	Form            *input
	Groups          []valueGroup
	Classes, Owners []option
	Rows            []valueRow
	First, Next     string
	Counted         string
	Unknown         bool
	Book            bookLink
}

type valueGroup struct {
	Class, Path, Revenue, Share string
	Customers, Quiet            int
}

type valueRow struct {
	Path, Name, Owner, Class, RFM, Revenue, Last, Was string
	Orders, Gap, Silent                               int
	Quiet                                             bool
}

// valueFilter reads what narrows the list from its form, and fills the choices.
func (v *visit) valueFilter(d *valueList) (value.Filter, error) {
	f := d.Form
	d.Classes = []option{{Label: v.t("value.class.any")}}
	for _, c := range buying.Classes {
		d.Classes = append(d.Classes, option{Value: string(c), Label: v.t("value.class", string(c)), On: string(c) == f.text("class")})
	}
	var err error
	d.Owners, err = v.ownersOr(f.text("owner"))
	return value.Filter{Class: buying.Class(f.text("class")), Quiet: f.text("quiet") != "", Owner: f.text("owner"), Page: store.Page{Limit: listPage, After: f.text("after")}}, err
}

func (s *screens) listValues(v *visit) error {
	d := valueList{Tabs: customerTabs{"values"}, Form: v.asked(), Unknown: !v.module().Values.Known(), Book: v.bookLink("/reports/values.xlsx")}
	filter, err := v.valueFilter(&d)
	if err != nil {
		return err
	}
	list, err := v.module().Values.List(v.ctx(), filter)
	if err != nil {
		return err
	}
	if d.Rows, err = v.valueRows(list.Rows); err != nil {
		return err
	}
	if list.Next != "" {
		d.Next = withAfter(v.r.URL.String(), list.Next)
	}
	if filter.Page.After != "" {
		d.First = withAfter(v.r.URL.String(), "")
	}
	if v.part() && v.target() == "list" {
		d.Book.Swap = true
		return v.fill(http.StatusOK, "value_list", "listpart", d)
	}
	sum, err := v.module().Values.Summary(v.ctx())
	if err != nil {
		return err
	}
	d.groups(v, sum)
	return v.show(http.StatusOK, "value_list", head{Title: v.t("value.title"), Section: "customers"}, d)
}

func (d *valueList) groups(v *visit, sum value.Summary) {
	var all money.Amount
	for _, g := range sum.Groups {
		all = all.Add(g.Revenue)
	}
	for _, g := range sum.Groups {
		row := valueGroup{
			Class: v.t("value.class", string(g.Class)), Path: v.link("/values") + "?class=" + string(g.Class), Revenue: shortMoney(v.Locale.Language, g.Revenue, v.Locale.Currency),
			Customers: g.Customers, Quiet: g.Quiet,
		}
		if all.IsPositive() {
			row.Share = v.Locale.Language.Percent(money.NewPercent(g.Revenue.Shift(2).DivRound(all.Decimal, 0)))
		}
		d.Groups = append(d.Groups, row)
	}
	if !sum.CountedOn.IsZero() {
		d.Counted = v.t("value.counted", v.Locale.Language.Date(sum.CountedOn), countText(v.Locale.Language, sum.Orders))
	}
}

func (v *visit) valueRows(list []value.Row) ([]valueRow, error) {
	names, err := v.names()
	if err != nil {
		return nil, err
	}
	label, err := customerLabels(v, list, func(r value.Row) (key, name string) { return r.Customer, r.Name })
	if err != nil {
		return nil, err
	}
	rows := make([]valueRow, len(list))
	for i, r := range list {
		row := valueRow{
			Path: v.link("/customers", r.Customer), Name: label(r.Customer, r.Name), Owner: nameIn(names, r.Owner), Class: string(r.Class), RFM: fmt.Sprintf("%d-%d-%d", r.Recency, r.Frequency, r.Value.Money),
			Revenue: shortMoney(v.Locale.Language, r.Revenue, v.Locale.Currency), Last: v.Locale.Language.Date(r.Last), Orders: r.Orders, Gap: r.Gap, Silent: r.Silent, Quiet: r.Quiet,
		}
		if r.WasClass != "" {
			row.Was = v.t("value.was", string(r.WasClass), v.Locale.Language.Date(r.ClassSince))
		}
		rows[i] = row
	}
	return rows, nil
}

const valuePlanPage = "/settings/values"

// valuePlan is the form of how customers are judged and spoken to.
type valuePlan struct {
	Version int64
	Known   bool
}

// planNumbers are the whole numbers of the form by their fields.
func planNumbers(p *value.Plan) map[string]*int {
	return map[string]*int{
		"months": &p.Months, "support": &p.Support, "contact_a": &p.ContactA, "contact_b": &p.ContactB, "contact_c": &p.ContactC, "per_day": &p.PerDay,
	}
}

func planPercents(p *value.Plan) map[string]*money.Percent {
	return map[string]*money.Percent{"a": &p.A, "b": &p.B, "late": &p.Late, "confidence": &p.Confidence, "lift": &p.Lift}
}

func (s *screens) showValuePlan(v *visit) error {
	doc, err := v.module().Values.Plan(v.ctx())
	if err != nil {
		return err
	}
	f := v.blank()
	for name, n := range planNumbers(&doc.Plan) {
		if f.Values.Set(name, strconv.Itoa(*n)); *n == 0 && strings.HasPrefix(name, "contact_") {
			f.Values.Set(name, "") // never
		}
	}
	for name, p := range planPercents(&doc.Plan) {
		f.Values.Set(name, v.Locale.Language.Quantity(p.Decimal))
	}
	return s.drawValuePlan(v, f, doc.Version)
}

func (s *screens) drawValuePlan(v *visit, f *input, version int64) error {
	return v.showSetting(f.statusOf(), "settings_values", valuePlanPage, f, valuePlan{Version: version, Known: v.module().Values.Known()})
}

func (s *screens) saveValuePlan(v *visit) error {
	f := v.posted()
	var p value.Plan
	for name, n := range planNumbers(&p) {
		*n = f.count(name)
	}
	for name, to := range planPercents(&p) {
		if share := f.percent(name); share != nil {
			*to = *share
		}
	}
	if !f.bad() {
		if _, err := v.module().Values.Publish(v.ctx(), f.version("version"), p); err != nil {
			if err := v.refuse(f, err); err != nil {
				return err
			}
		}
	}
	if f.bad() {
		return s.drawValuePlan(v, f, f.version("version"))
	}
	v.done("settings.saved")
	return v.redirect(v.link(valuePlanPage))
}
