package crm_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/testutil"
)

func TestAuditSaysWhoChangedWhat(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		id, err := w.completeLead(w.boss(), "Napló")
		if err != nil {
			t.Fatal(err)
		}
		anna := w.as("kovacs", actor.Seller, actor.All, "budapest")
		if _, err := w.module.Leads.SetStatus(anna, id, 0, lead.Move{To: lead.StatusWorking}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.module.Audit(anna, crm.AuditQuery{Record: id.Bytes()}); !errors.Is(err, fault.Forbidden) {
			t.Errorf("a seller reads the audit log: %v", err)
		}
		page, err := w.module.Audit(w.boss(), crm.AuditQuery{Record: id.Bytes(), Page: store.Page{Limit: 1}})
		if err != nil || len(page.Entries) != 1 || page.Next == "" {
			t.Fatalf("%+v, %v", page, err)
		}
		e := page.Entries[0]
		if e.UserID != "kovacs" || e.Action != "update" || e.RecordKind != "lead" || !strings.Contains(e.Changes, `"to":"working"`) {
			t.Errorf("the last entry is %+v", e)
		}
		all, err := w.module.Audit(w.boss(), crm.AuditQuery{})
		if err != nil || len(all.Entries) < 3 {
			t.Errorf("%d entries of the company, %v", len(all.Entries), err)
		}
	})
}
