package convert_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/erpbridge/convert"
	"github.com/crmplus/crmplus/testutil"
)

// seller is a user who sees what is his own, and may convert.
func (f *followed) seller(id string) context.Context {
	rights := append(slices.Clone(actor.Seller), actor.Convert)
	return actor.With(f.Context(), actor.User{Company: f.company, ID: id, Name: id, Rights: rights, See: actor.Own}.Actor())
}

// Two sellers have leads at one company, which belongs to the first of them. The second converts his own
// lead: the customer is made, he sees it from then on, and it stays with whom it was.
func TestCompanyOfAColleague(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		f := follow(t, env)
		capture := func(who, name, email string) lead.ID {
			got, err := f.module.Leads.Capture(f.seller(who), lead.Draft{
				Name: name, Organization: "Pipacs Műhely Kft.", TaxID: "47110018-2-41", Emails: []string{email}, Owner: party.Owner{User: who},
				Address: party.Address{Line1: "Fő utca 1.", PostalCode: "1011", City: "Budapest", Country: "HU"},
			})
			f.ok(err)
			return got.Lead
		}
		his := capture("nagy", "Őrsi Zsófia", "zsofia@pipacs.example")
		mine := capture("kovacs", "Ács Ödön", "odon@pipacs.example")
		ctx := f.seller("kovacs")
		card, err := f.module.Leads.Get(ctx, mine)
		f.ok(err)
		firm := card.Lead.OrganizationID
		if _, err := f.module.Parties.Get(ctx, firm); !errors.Is(err, fault.NotFound) {
			t.Fatalf("the company is not a colleague's: %v", err)
		}

		preview, err := f.module.Convert.PreviewLead(ctx, mine, convert.CustomerChoice{})
		f.ok(err)
		if preview.Party != firm || preview.Customer.Name != "Pipacs Műhely Kft." || len(preview.Others) != 0 {
			t.Errorf("the preview is %+v: another's lead is not his to see", preview)
		}
		if _, err := f.module.Convert.PreviewLead(ctx, his, convert.CustomerChoice{}); !errors.Is(err, fault.NotFound) {
			t.Errorf("a colleague's lead is shown: %v", err)
		}
		if _, err := f.module.Parties.Get(ctx, firm); !errors.Is(err, fault.NotFound) {
			t.Errorf("looking alone opened the company: %v", err)
		}

		made, err := f.module.Convert.Lead(ctx, mine, convert.LeadChoice{
			Customer:    convert.CustomerChoice{Completed: erpbridge.Customer{TaxID: "47110018-2-41"}},
			Opportunity: &convert.OpportunityChoice{Draft: opportunity.Draft{Name: "12 munkahely"}},
		})
		f.ok(err)
		if !made.CreatedCustomer || made.Party != firm || made.Opportunity.IsZero() {
			t.Errorf("made %+v", made)
		}
		seen, err := f.module.Convert.Get(ctx, made.ID)
		if err != nil || seen.Customer.Key != made.Customer.Key {
			t.Errorf("he does not see what he made: %+v, %v", seen, err)
		}
		after, err := f.module.Parties.Get(ctx, firm)
		if err != nil || after.OwnerUser != "nagy" {
			t.Errorf("the company belongs to %q, %v", after.OwnerUser, err)
		}
		if _, err := f.module.Leads.Get(ctx, his); !errors.Is(err, fault.NotFound) {
			t.Errorf("the colleague's lead was opened too: %v", err)
		}
	})
}
