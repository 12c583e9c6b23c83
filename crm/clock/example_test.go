package clock_test

import (
	"fmt"
	"time"

	"github.com/crmplus/crmplus/crm/clock"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/testutil/embedded"
)

// How soon leads are to be answered is counted in the company's working time, with the holidays of its country.
func ExampleClocks() {
	shop, err := embedded.Open()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer shop.Close()
	module := shop.Module

	hours, err := module.Calendars.Plan(shop.Admin)
	if err == nil {
		hours.Plan, err = hours.Plan.Load("HU", 2026, locale.English)
	}
	if err == nil {
		hours, err = module.Calendars.Publish(shop.Admin, hours.Version, hours.Plan)
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	calendar, err := hours.Plan.Calendar()
	if err != nil {
		fmt.Println(err)
		return
	}
	budapest := calendar.Zone()
	saturday := time.Date(2026, 7, 11, 15, 0, 0, 0, budapest)
	due, _ := calendar.Add(saturday, time.Hour)
	fmt.Println("one hour from Saturday 15:00 on:", due.In(budapest).Format("Monday 15:04"))

	was, err := module.Clocks.Plan(shop.Admin) // the default one, as long as nobody has decided
	if err != nil {
		fmt.Println(err)
		return
	}
	was.Plan.Responses = []clock.Response{{Name: "From the fair", When: `lead.source == "fair"`, Minutes: 60, Remind: 15}}
	if _, err := module.Clocks.Publish(shop.Admin, was.Version, was.Plan); err != nil {
		fmt.Println(err)
		return
	}
	made, err := module.Leads.Capture(shop.Seller, lead.Draft{Name: "Szabó Éva", Emails: []string{"eva@example.com"}, Origin: lead.Origin{Source: "fair"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err := module.RunOnce(shop.Admin); err != nil {
		fmt.Println(err)
		return
	}
	one, err := module.Clocks.Of(shop.Seller, clock.Answer, clock.RecordID(made.Lead))
	if err != nil {
		fmt.Println(err)
		return
	}
	c := one[clock.RecordID(made.Lead)]
	fmt.Println(c.RuleName, c.State, c.DueAt.In(budapest).Format("15:04"))
	// Output:
	// one hour from Saturday 15:00 on: Monday 10:00
	// From the fair running 11:00
}
