package kpi_test

import (
	"encoding/json"
	"fmt"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/reports/kpi"
	"github.com/crmplus/crmplus/testutil/embedded"
)

// A figure is read with its parts, as JSON where the host shows it itself, and down to the records behind a part.
func ExampleKPIs_Figure() {
	shop, err := embedded.Open()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer shop.Close()
	module := shop.Module

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

	july := kpi.Months(civil.Date{Year: 2026, Month: 7, Day: 1}, 1, 1)[0]
	q := kpi.Query{Period: july, By: kpi.Seller}
	figure, err := module.KPIs.Figure(shop.Manager, kpi.Revenue, q)
	if err != nil {
		fmt.Println(err)
		return
	}
	asJSON, err := json.Marshal(figure)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(string(asJSON))
	behind, err := module.KPIs.Behind(shop.Manager, kpi.Revenue, q, "kovacs", store.Page{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range behind.Rows {
		fmt.Println(r.Name, "with", r.Party)
	}
	definition, _ := kpi.Defined(kpi.WinRate)
	fmt.Println(definition.Name(locale.English)+":", definition.Formula(locale.English))
	// Output:
	// {"code":"revenue","unit":"money","currency":"HUF","value":"400000","count":1,"rows":[{"key":"kovacs","label":"kovacs","value":"400000","count":1}]}
	// Shelves with Minta Kft.
	// Win rate (count): Won ÷ (won + lost), by number of opportunities
}
