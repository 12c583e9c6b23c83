package web

import (
	"net/http"
	"strings"
	"testing"

	"github.com/crmplus/crmplus/crm/locale"
)

func TestDashboardIsPrintedAndSentWordOf(t *testing.T) {
	w := newScreensWorld(t)
	kati := w.browser("kati")
	kati.get("/dashboard").has("PDF")
	for _, l := range locale.Languages {
		page := w.browser("kati", l).get("/dashboard.pdf?tiles=revenue,leads,deals_won&span=year")
		page.ok(http.StatusOK)
		if !strings.HasPrefix(page.Body, "%PDF-1.4") {
			t.Errorf("%s: no PDF but %.40q", l, page.Body)
		}
	}
}
