package web

import (
	"net/http"
	"testing"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/reports/quota"
)

// TestQuotaOfEachKindIsSetByOneChoice: whose quota it is says of which kind it is, and what is refused stays chosen.
func TestQuotaOfEachKindIsSetByOneChoice(t *testing.T) {
	w := newScreensWorld(t)
	kati := w.browser("kati")
	month := civil.Of(w.Env.Clock.Now())
	month.Day = 1
	for subject, kind := range map[string]quota.Kind{"seller kovacs": quota.Seller, "company": quota.Company, "group " + w.group(): quota.ProductGroup} {
		refused := kati.get("/quotas").ok(http.StatusOK).submit("/quotas", "subject", subject, "measure", "revenue", "target", "sok", "months", "1", "starts_on", month.String()).ok(http.StatusUnprocessableEntity)
		if _, kept := refused.form("/quotas"); kept.Get("subject") != subject {
			t.Errorf("after %q was refused %q is chosen", subject, kept.Get("subject"))
		}
		refused.submit("/quotas", "target", "1 500 000").ok(http.StatusOK)
		rows, err := w.module.Quotas.Table(w.as("kati"), month)
		w.must(err)
		if len(rows) != 1 || rows[0].Kind != kind || rows[0].Target.String() != "1500000" {
			t.Fatalf("%s: set are %+v", subject, rows)
		}
		w.must(w.module.Quotas.Remove(w.as("kati"), rows[0].ID))
	}
}

func (w *screensWorld) group() string {
	groups, err := w.module.ProductGroups(w.as("kati"))
	w.must(err)
	return groups[0].Key
}
