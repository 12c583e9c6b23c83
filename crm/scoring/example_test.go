package scoring_test

import (
	"fmt"

	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/scoring"
	"github.com/crmplus/crmplus/testutil/embedded"
)

// A model is drafted, held against what became of past leads, and published; from then on each lead has a score that says
// how it came to be.
func ExampleScores() {
	shop, err := embedded.Open()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer shop.Close()
	scores := shop.Module.Scores

	model := scoring.Model{
		Groups: []scoring.Group{{Key: "fit", Name: "Fits us", Cap: 40}},
		Rules: []scoring.Rule{
			{Name: "Works in Hungary", Group: "fit", When: `party.country == "HU"`, Points: 20},
			{Name: "Large", Group: "fit", When: `lead.value >= 1000000`, Points: 30},
			{Name: "Sent a form", List: "touches", Where: `.channel == "form"`, Points: 10, HalfLife: 30},
		},
		Bands: []scoring.Band{{From: 0, Name: "Cold"}, {From: 40, Name: "Hot", Action: "Call today"}},
	}
	was, err := scores.Plan(shop.Admin)
	if err != nil {
		fmt.Println(err)
		return
	}
	past, err := scores.Compare(shop.Admin, model) // which share of each band was won
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("closed leads to compare with:", past.Leads)
	if _, err := scores.Publish(shop.Admin, was.Version, model); err != nil { // everything that is wrong at once, each at its place
		fmt.Println(err)
		return
	}

	made, err := shop.Module.Leads.Capture(shop.Seller, lead.Draft{
		Name: "Szabó Éva", Emails: []string{"eva@example.com"}, Address: party.Address{Country: "HU"}, Origin: lead.Origin{Channel: "form"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	card, err := scores.Recount(shop.Seller, made.Lead) // the background does it otherwise, within seconds
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(card.Score.Score, card.Score.Band)
	for _, p := range card.Score.Detail.Parts {
		fmt.Printf("%s: %d\n", p.Rule, p.Points/100)
	}
	// Output:
	// closed leads to compare with: 0
	// 30 Cold
	// Works in Hungary: 20
	// Sent a form: 10
}
