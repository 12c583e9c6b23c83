package web

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/locale"
)

func TestRatesAreNotedByHand(t *testing.T) {
	w := newScreensWorld(t)
	kati := w.browser("kati")
	today := civil.In(w.Clock.Now(), time.UTC).String()
	kati.get("/settings/rates").ok(http.StatusOK).has("Az elmúlt évből nincs árfolyam", "HUF")
	kati.post("/settings/rates", "currency", "euró", "day", today, "rate", "0").ok(http.StatusUnprocessableEntity).has("hárombetűs kódot adjon meg", "Nullánál nagyobb")
	kati.post("/settings/rates", "currency", "HUF", "day", "tegnap", "rate", "sok").ok(http.StatusUnprocessableEntity).has("Nem szám")
	kati.post("/settings/rates", "currency", "HUF", "day", today, "rate", "1").ok(http.StatusUnprocessableEntity).has("a cég saját pénzneme")
	kati.post("/settings/rates", "currency", "EUR", "day", today, "rate", "391,25").ok(http.StatusOK).has("EUR", "391,25")
	page := kati.post("/settings/rates", "currency", "EUR", "day", today, "rate", "400").ok(http.StatusOK).has("400")
	undo := func(page *shown, to string) *shown {
		t.Helper()
		for n := range page.root.Descendants() {
			if at, _ := attribute(n, "action"); n.Data == "form" && strings.HasSuffix(at, to) && fieldsIn(n).Get("currency") == "EUR" {
				return kati.send(to, fieldsIn(n)).ok(http.StatusOK)
			}
		}
		t.Fatalf("there is no way back by %s: %s", to, page.text())
		return nil
	}
	undo(page, "/settings/rates").has("391,25")
	page = undo(kati.get("/settings/rates"), "/settings/rates/remove").has("Az árfolyam törölve.", "Az elmúlt évből nincs árfolyam")
	undo(page, "/settings/rates").has("391,25")
	w.browser("anna").get("/settings/rates").ok(http.StatusForbidden)
	w.browser("anna").post("/settings/rates/remove", "currency", "EUR", "day", today).ok(http.StatusForbidden)
	for _, l := range locale.Languages {
		w.browser("kati", l).get("/settings/rates").ok(http.StatusOK)
	}
}
