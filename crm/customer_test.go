package crm_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/testutil"
)

func TestCustomerCard(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		anna := w.as("manager-hu", actor.Seller, actor.Own)
		got, err := w.module.Leads.Capture(anna, lead.Draft{Name: "Kiss Éva", Organization: "Minta Kft.", Emails: []string{"eva@minta.hu"}})
		if err != nil {
			t.Fatal(err)
		}
		row, err := w.module.Leads.Get(anna, got.Lead)
		if err != nil {
			t.Fatal(err)
		}
		firm := row.Lead.OrganizationID
		if _, err := w.module.Opportunities.Create(anna, opportunity.Draft{PartyID: firm, Name: "Új raktár"}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.module.Activities.Plan(anna, activity.Plan{Party: got.Party, Kind: activity.Call, Subject: "Visszahívás", Due: w.db.Now().Add(time.Hour)}); err != nil {
			t.Fatal(err)
		}
		card, err := w.module.CustomerCard(anna, firm)
		if err != nil {
			t.Fatal(err)
		}
		if card.Party.ID != firm || len(card.People) != 1 || len(card.Leads) != 1 || len(card.Opportunities) != 1 || len(card.Quotes) != 0 || len(card.Upcoming) != 1 {
			t.Errorf("the company's card is %+v", card)
		}
		person, err := w.module.CustomerCard(anna, got.Party)
		if err != nil || len(person.Leads) != 1 || len(person.People) != 0 || len(person.Upcoming) != 1 {
			t.Errorf("the person's card is %+v, %v", person, err)
		}
		some := w.as("manager-hu", actor.Rights{actor.LeadRead}, actor.Own)
		if part, err := w.module.CustomerCard(some, firm); err != nil || len(part.Leads) != 1 || len(part.Opportunities) != 0 || len(part.Upcoming) != 0 {
			t.Errorf("with the right to leads alone: %+v, %v", part, err)
		}
		if _, err := w.module.CustomerCard(w.as("boris", actor.Seller, actor.Own), firm); !errors.Is(err, fault.NotFound) {
			t.Errorf("another's customer: %v", err)
		}
	})
}

// A lead given to a colleague is on his screen, in his notices, and its reading is on record.
func TestScreensAreTold(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		anna, boris := w.as("anna", actor.Admin, actor.All), w.as("boris", actor.Seller, actor.Own)
		got, err := w.module.Leads.Capture(anna, lead.Draft{Name: "Kiss Éva", Emails: []string{"eva@minta.hu"}})
		if err != nil {
			t.Fatal(err)
		}
		sub, err := w.module.Live.Subscribe(boris, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		defer sub.Close()
		if _, err := w.module.Leads.Assign(anna, got.Lead, 0, party.Owner{User: "boris"}); err != nil {
			t.Fatal(err)
		}
		if err := w.module.Reads.Note(boris, "lead", got.Lead.Bytes()); err != nil {
			t.Fatal(err)
		}
		if _, err := w.module.RunOnce(context.Background()); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		told := map[string]bool{}
		for !told["lead.assigned"] || !told["notice.made"] {
			batch, err := sub.Next(ctx)
			if err != nil {
				t.Fatalf("only told of %v: %v", told, err)
			}
			for _, c := range batch.Changes {
				told[c.Kind] = true
			}
		}
		if n, err := w.module.Notices.Unread(boris); err != nil || n != 1 {
			t.Errorf("%d unread notices, %v", n, err)
		}
		if rows, err := w.module.Reads.Of(anna, got.Lead.Bytes(), 0); err != nil || len(rows) != 1 || rows[0].UserID != "boris" {
			t.Errorf("read by %v, %v", rows, err)
		}
	})
}
