package main

import (
	"context"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/reports/commission"
	"github.com/crmplus/crmplus/reports/quota"
)

// quarterly is what a company sells in a usual quarter, and what is left of it, by product group.
var quarterly = map[string]map[string][2]int64{
	"HU01": {"01": {12_500_000, 4_000_000}, "02": {26_000_000, 7_300_000}, "03": {1_900_000, 520_000}, "04": {1_200_000, 340_000}, "05": {1_400_000, 250_000}, "06": {420_000, 110_000}},
	"GR01": {"01": {11_500, 4_600}, "02": {3_200, 1_200}, "03": {2_800, 1_100}, "04": {1_500, 600}, "05": {2_100, 850}, "06": {700, 290}},
	"IL01": {"01": {95_000, 27_000}, "02": {235_000, 70_000}, "03": {3_400, 850}, "04": {14_500, 5_200}, "05": {6_400, 2_200}, "06": {2_200, 700}},
}

// planOf is the business plan of a year by quarters: that of each product group, a little higher each time, and the
// company's, which is their sum.
func planOf(company string, year int) []quota.Draft {
	var drafts []quota.Draft
	for quarter := range 4 {
		first := civil.Date{Year: year, Month: time.Month(1 + 3*quarter), Day: 1}
		for i, measure := range []quota.Measure{quota.Revenue, quota.Margin} {
			var whole int64
			for group, usual := range quarterly[company] {
				target := usual[i] * int64(96+4*quarter) / 100
				whole += target
				drafts = append(drafts, quota.Draft{Kind: quota.ProductGroup, Subject: group, Measure: measure, StartsOn: first, Months: 3, Target: money.NewAmount(decimal.NewFromInt(target))})
			}
			drafts = append(drafts, quota.Draft{Kind: quota.Company, Measure: measure, StartsOn: first, Months: 3, Target: money.NewAmount(decimal.NewFromInt(whole))})
		}
	}
	return drafts
}

// commissionRules are the names of the three rules by which sellers are paid, in the company's language.
var commissionRules = map[string][3]string{
	"HU01": {"Új vevő", "Asztalok a fedezet után", "Minden más"}, "GR01": {"Νέος πελάτης", "Γραφεία επί του περιθωρίου", "Όλα τα άλλα"}, "IL01": {"לקוח חדש", "שולחנות לפי הרווח", "כל השאר"},
}

// commissions pays the sellers since five months ago, and settles the months that are over but the last one.
func (sc *scene) commissions(ctx context.Context) error {
	admin := actor.With(ctx, actor.User{Company: sc.company, ID: "admin-" + strings.ToLower(sc.company[:2]), Rights: actor.Admin, See: actor.All}.Actor())
	first := civil.Of(time.Date(sc.today.Year(), sc.today.Month()-5, 1, 0, 0, 0, 0, time.UTC))
	names := commissionRules[sc.company]
	_, err := sc.module.Commissions.Publish(admin, 0, commission.Plan{Starts: first, Earned: commission.Won, Rules: []commission.Rule{
		{Name: names[0], When: "not opportunity.bought_before", Where: ".discount <= 5", Base: commission.Revenue, Rate: money.MustPercent("4")},
		{Name: names[1], Where: `.group == "01"`, Base: commission.Margin, Rate: money.MustPercent("6"), Steps: []commission.Step{{From: money.MustPercent("100"), Rate: money.MustPercent("8")}}},
		{Name: names[2], Base: commission.Revenue, Rate: money.MustPercent("1.5"), Steps: []commission.Step{{From: money.MustPercent("80"), Rate: money.MustPercent("2")}, {From: money.MustPercent("100"), Rate: money.MustPercent("2.5")}}},
	}})
	if err != nil {
		return err
	}
	if _, err := sc.module.Costs.Work(actor.With(ctx, actor.System(sc.company, "example year"))); err != nil {
		return err
	}
	for range 4 {
		if _, err := sc.module.Commissions.Close(admin, first); err != nil {
			return err
		}
		first = civil.Of(time.Date(first.Year, first.Month+1, 1, 0, 0, 0, 0, time.UTC))
	}
	return nil
}
