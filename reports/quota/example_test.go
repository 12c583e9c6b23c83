package quota_test

import (
	"fmt"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/reports/quota"
	"github.com/crmplus/crmplus/testutil/embedded"
)

// Quotas are set together or not at all, and held against what was won.
func ExampleQuotas_SetAll() {
	shop, err := embedded.Open()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer shop.Close()
	module := shop.Module

	july := civil.Date{Year: 2026, Month: 7, Day: 1}
	err = module.Quotas.SetAll(shop.Manager, []quota.Draft{
		{Kind: quota.Seller, Subject: "kovacs", Team: "budapest", Measure: quota.Revenue, StartsOn: july, Months: 1, Target: money.MustAmount("1000000")},
		{Kind: quota.Team, Subject: "budapest", Measure: quota.Deals, StartsOn: july, Months: 3, Target: money.MustAmount("12")},
	})
	if err != nil {
		fmt.Println(err)
		return
	}

	who, err := module.Parties.Add(shop.Seller, party.Draft{Kind: party.Company, FullName: "Minta Kft."})
	if err != nil {
		fmt.Println(err)
		return
	}
	worth := money.MustAmount("400000")
	deal, err := module.Opportunities.Create(shop.Seller, opportunity.Draft{PartyID: who.ID, Name: "Shelves", ExpectedRevenue: &worth})
	if err == nil {
		_, err = module.Opportunities.CloseWon(shop.Seller, deal.ID, opportunity.Win{})
	}
	if err != nil {
		fmt.Println(err)
		return
	}

	rows, err := module.Quotas.Table(shop.Manager, july)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range rows {
		fmt.Printf("%s %s: %s of %s, %s %%\n", r.Subject, r.Measure, r.Attained, r.Target, r.Share)
	}
	// Output:
	// budapest count: 1 of 12, 8.3 %
	// kovacs revenue: 400000 of 1000000, 40 %
}
