package crm_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/regulation"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/testutil"
)

// Every step from the request to the invoice ends the regulation before it, and an invoice that is taken back opens its
// again.
func TestRegulationsFromLeadToInvoice(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		ctx := w.boss()
		steps := []regulation.Step{regulation.Captured, regulation.Quoted, regulation.Accepted, regulation.Ordered, regulation.Invoiced}
		var all []regulation.Regulation
		for i, from := range steps[:len(steps)-1] {
			all = append(all, regulation.Regulation{Name: fmt.Sprint(i), From: regulation.Moment{Step: from}, To: regulation.Moment{Step: steps[i+1]}, Days: 1})
		}
		_, err := w.module.Regulations.Publish(ctx, 0, regulation.Plan{Regulations: all})
		ok := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		ok(err)
		id, err := w.completeLead(ctx, "Anna")
		ok(err)
		converted, err := w.module.Convert.Lead(ctx, id, w.choice(nil))
		ok(err)
		q, err := w.accepted(ctx, converted.Party, opportunity.ID(converted.Opportunity))
		ok(err)
		ordered := mustDocument(t, ctx, w.module.Convert.Order, fromQuote(q))
		invoiced := mustDocument(t, ctx, w.module.Convert.Invoice, following(ordered))
		expect := func(want ...string) {
			t.Helper()
			// On a server other tests' companies are in the same database, and their hosts are gone.
			if _, err := w.module.RunOnce(ctx); err != nil && (env.DB.Dialect() == store.SQLite || strings.Contains(err.Error(), w.company)) {
				t.Fatal(err)
			}
			list, err := w.module.Regulations.List(ctx, regulation.Filter{})
			ok(err)
			var got []string
			for _, r := range list.Rows {
				got = append(got, r.RuleName+" "+string(r.Standing(env.Clock.Now())))
			}
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
		}
		expect("0 kept", "1 kept", "2 kept", "3 kept")
		ok(w.module.Convert.Undo(ctx, invoiced.ID, "tévedés"))
		expect("0 kept", "1 kept", "2 kept", "3 open")
		ok(w.module.Convert.Undo(ctx, ordered.ID, "tévedés"))
		expect("0 kept", "1 kept", "2 open", "3 void")
	})
}
