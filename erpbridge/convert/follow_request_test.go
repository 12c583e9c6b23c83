package convert_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/testutil"
)

// request writes a row as a host in any language does, has it carried out, and gives its failure.
func (f *followed) request(kind, payload string) string {
	f.Helper()
	key := fmt.Sprintf("follow-%s-%d", f.company, followedLeads.Add(1))
	at := "2020-01-01 00:00:00.000"
	if f.env.DB.Dialect() == store.MSSQL {
		at = "2020-01-01T00:00:00.000"
	}
	_, err := f.env.DB.SQL().Exec(fmt.Sprintf("INSERT INTO crm_request (request_key, company, kind, payload, requested_at) VALUES ('%s', '%s', '%s', '%s', '%s')", key, f.company, kind, payload, at))
	f.ok(err)
	_, err = f.module.RunOnce(context.Background())
	f.ok(err)
	var state, failure string
	f.ok(f.env.DB.SQL().QueryRow("SELECT state, failure FROM crm_result WHERE request_key = '"+key+"'").Scan(&state, &failure))
	if state == "done" {
		return ""
	}
	return state + ": " + failure
}

// A host that is written in another language tells what it did by rows in crm_request.
func TestHostTellsByRequests(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		f := follow(t, env)
		customer := f.customer("Anna")
		q, ordered := f.order(customer)
		must := func(kind, payload string) {
			t.Helper()
			if failure := f.request(kind, payload); failure != "" {
				t.Fatalf("%s %s: %s", kind, payload, failure)
			}
		}
		key, gross := ordered.Document.Key, ordered.Document.Gross.String()
		must("document.changed", `{"kind": "order", "key": "`+key+`", "state": "partial"}`)
		f.shows(customer, q, opportunity.Delivering)
		must("document.found", `{"kind": "invoice", "key": "X-1", "number": "2026/1", "state": "posted", "currency": "HUF", "gross": "`+gross+`", "source": {"kind": "order", "key": "`+key+`"}}`)
		f.shows(customer, q, opportunity.Invoiced)
		must("document.changed", `{"kind": "invoice", "key": "X-1", "state": "posted", "paid": "1000"}`)
		f.shows(customer, q, opportunity.Paying)
		must("document.changed", `{"kind": "invoice", "key": "X-1", "state": "paid"}`)
		f.shows(customer, q, opportunity.Paid)
		must("document.changed", `{"kind": "invoice", "key": "Y-1", "state": "paid"}`) // not ours
		if failure := f.request("document.changed", `{"kind": "invoice", "key": "X-1", "state": "fizetve"}`); !strings.Contains(failure, "fizetve") {
			t.Errorf("an unknown state was taken: %q", failure)
		}
		if n := strings.Count(strings.Join(f.timeline(customer), "\n"), "2026/1"); n != 3 {
			t.Errorf("the invoice stands %d times on the timeline, want found, part payment, paid:\n%s", n, strings.Join(f.timeline(customer), "\n"))
		}

		contact := customer.Contacts[0].Key
		person := func(key string) error {
			_, err := f.module.Parties.ByRole(f.boss(), party.Link{Role: party.Contact, HostKey: key})
			return err
		}
		must("contact.renumbered", `{"from": "`+contact+`", "to": "K-9"}`)
		if err := person("K-9"); err != nil {
			t.Errorf("the renumbered contact: %v", err)
		}
		must("contact.deleted", `{"key": "K-9"}`)
		if err := person("K-9"); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("the deleted contact: %v", err)
		}
		must("customer.blocked", `{"key": "`+customer.Customer.Key+`", "state": "blocked"}`)
		must("customer.blocked", `{"key": "`+customer.Customer.Key+`", "state": "unblocked"}`)
	})
}

// A conversion can be taken back after the host renumbered the customer.
func TestUndoAfterRenumbering(t *testing.T) {
	env := testutil.SQLite(t)
	f := follow(t, env)
	customer := f.customer("Béla")
	for _, query := range []string{"UPDATE erp_customer SET code = 'C-NEW' WHERE code = ?", "UPDATE erp_contact SET customer = 'C-NEW' WHERE customer = ?"} {
		if _, err := env.DB.SQL().Exec(query, customer.Customer.Key); err != nil {
			t.Fatal(err)
		}
	}
	f.background() // found by the token
	f.ok(f.module.Convert.Undo(f.boss(), customer.ID, "rossz cég"))
	f.clerk(func(ctx context.Context, s erpbridge.Session) error {
		if _, err := f.books.Host().Customers.Customer(ctx, s, "C-NEW"); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("after the undo the customer is still there: %v", err)
		}
		return nil
	})
}
