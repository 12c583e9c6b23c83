package routing_test

import (
	"fmt"

	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/routing"
	"github.com/crmplus/crmplus/testutil/embedded"
)

// A plan is tried on past leads before it holds; who got a lead, and why, is kept with it.
func ExampleRoutes() {
	shop, err := embedded.Open()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer shop.Close()
	routes := shop.Module.Routing

	plan := routing.Plan{
		Rules: []routing.Rule{
			{Name: "Exports", When: `party.country != "HU"`, To: routing.Target{Method: routing.ToUser, User: "smith"}},
			{Name: "Budapest", Areas: []routing.Area{{Country: "HU", From: "1000", To: "1999"}}, To: routing.Target{Method: routing.InTurn, Members: []routing.Member{{User: "kovacs"}, {User: "nagy", Cap: 20}}}},
		},
		Fallback: routing.Target{Method: routing.ToUser, User: "manager-hu"},
	}
	was, err := routes.Plan(shop.Admin)
	if err != nil {
		fmt.Println(err)
		return
	}
	trial, err := routes.Try(shop.Admin, plan) // writes nothing
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("past leads:", trial.Leads)
	if _, err := routes.Publish(shop.Admin, was.Version, plan); err != nil {
		fmt.Println(err)
		return
	}

	// What comes from outside has no owner yet, and is routed in the transaction that takes it in. A user who captures a lead
	// owns it; [routing.Routes.Assign] has the rules decide about that one, too.
	for _, postal := range []string{"1011", "1122", "6720"} {
		made, err := shop.Module.Leads.Capture(shop.Public, lead.Draft{
			Name: "Visitor " + postal, Emails: []string{postal + "@example.com"}, Address: party.Address{Country: "HU", PostalCode: postal}, Origin: lead.Origin{Channel: "form"},
		})
		if err != nil {
			fmt.Println(err)
			return
		}
		decided, err := routes.Decisions(shop.Manager, routing.Filter{Lead: made.Lead})
		if err != nil {
			fmt.Println(err)
			return
		}
		for _, d := range decided.Rows {
			fmt.Printf("%s -> %s (%q)\n", postal, d.User, d.RuleName)
		}
	}
	// Output:
	// past leads: 0
	// 1011 -> kovacs ("Budapest")
	// 1122 -> nagy ("Budapest")
	// 6720 -> manager-hu ("")
}
