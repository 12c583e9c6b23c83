package crm_test

import (
	"bytes"
	"context"
	"fmt"

	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge/convert"
	"github.com/crmplus/crmplus/reports"
	"github.com/crmplus/crmplus/reports/forecast"
	"github.com/crmplus/crmplus/reports/kpi"
	"github.com/crmplus/crmplus/testutil/embedded"
)

// A lead becomes the ERP's customer in a transaction of the ERP's own, with whatever else it writes there.
func ExampleModule_WithTx() {
	shop, err := embedded.Open()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer shop.Close()
	captured, err := shop.Module.Leads.Capture(shop.Seller, lead.Draft{
		Organization: "Minta Kft.", TaxID: "HU12345676", Emails: []string{"iroda@minta.example"},
		Address: party.Address{Country: "HU", PostalCode: "7621", City: "Pécs", Line1: "Fő tér 1."},
	})
	if err != nil {
		fmt.Println(err)
		return
	}

	ctx := context.Background()
	tx, err := shop.DB.SQL().BeginTx(ctx, nil) // the ERP's own
	if err != nil {
		fmt.Println(err)
		return
	}
	defer tx.Rollback()
	result, err := shop.Module.WithTx(tx).Convert.Lead(shop.Seller, captured.Lead, convert.LeadChoice{
		Opportunity: &convert.OpportunityChoice{Draft: opportunity.Draft{Name: "Desks", Lines: []opportunity.Line{
			{ProductKey: "DSK-010", Name: "Desk", Quantity: money.MustQuantity("2"), UnitPrice: money.MustAmount("50000")},
		}}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := tx.Commit(); err != nil { // customer, opportunity and the ERP's rows: all or nothing
		fmt.Println(err)
		return
	}
	shop.Module.Wake()

	deal, err := shop.Module.Opportunities.Get(shop.Seller, opportunity.ID(result.Opportunity))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(result.State, result.Customer.Name, deal.ExpectedRevenue, deal.Currency)
	// Output:
	// done Minta Kft. 100000 HUF
}

// The ERP listens to what happens. A handler and the note that it ran are one transaction, so that what it writes to the
// database is written once for each event, whichever process runs it.
func ExampleModule_events() {
	shop, err := embedded.Open()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer shop.Close()
	shop.Module.Events.On(event.Handler{ // before Run or RunOnce
		Name: "erp.count", Kinds: []string{lead.EventCaptured},
		Do: func(_ context.Context, s *store.Session, e event.Event) error {
			fmt.Println(e.Kind, "by", e.ByUser, "in", s.Actor.Company)
			return nil
		},
	})
	if _, err := shop.Module.Leads.Capture(shop.Seller, lead.Draft{Name: "Szabó Éva", Emails: []string{"eva@example.com"}}); err != nil {
		fmt.Println(err)
		return
	}
	for range 2 { // the second time there is nothing left to do
		if _, err := shop.Module.RunOnce(context.Background()); err != nil {
			fmt.Println(err)
			return
		}
	}
	// Output:
	// lead.captured by kovacs in HU01
}

// What open opportunities may bring, as a table and as a workbook.
func ExampleModule_forecast() {
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
	today, err := module.KPIs.Today(shop.Seller)
	if err != nil {
		fmt.Println(err)
		return
	}
	worth, chance := money.MustAmount("400000"), money.MustPercent("90")
	if _, err := module.Opportunities.Create(shop.Seller, opportunity.Draft{PartyID: who.ID, Name: "Shelves", ExpectedRevenue: &worth, Chance: &chance, ExpectedClose: today.AddDays(30)}); err != nil {
		fmt.Println(err)
		return
	}

	q := forecast.Query{Step: forecast.ByMonth, Columns: 2, By: kpi.Seller}
	table, err := module.Forecasts.Table(shop.Manager, q)
	if err != nil {
		fmt.Println(err)
		return
	}
	for i, p := range table.Periods {
		c := table.Total.Cells[i]
		fmt.Println(p.First, "commit", c.Commit, "weighted", c.Weighted, "of", c.Count)
	}
	var book bytes.Buffer
	if err := module.Reports.Forecast(shop.Manager, &book, module.Forecasts, q, reports.FigureBook{}); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("an Excel file:", bytes.HasPrefix(book.Bytes(), []byte("PK")))
	// Output:
	// 2026-07-01 commit 0 weighted 0 of 0
	// 2026-08-01 commit 400000 weighted 360000 of 1
	// an Excel file: true
}
