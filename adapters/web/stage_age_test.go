package web

import (
	"net/http"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/clock"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/opportunity"
)

// TestAgesAreInWorkingTime: over a weekend an opportunity does not grow older, on the board, in the list, on its card and
// on the first page; what was held stays as it was.
func TestAgesAreInWorkingTime(t *testing.T) {
	w := newScreensWorld(t)
	monday := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC) // nine o'clock in Budapest
	for i, at := range []struct {
		now  time.Time
		left string
		late bool
	}{
		{monday, "még 10 munkanap", false}, {monday.Add(3 * time.Hour), "még 9 munkanap", false}, {monday.AddDate(0, 0, 5), "még 5 munkanap", false}, {monday.AddDate(0, 0, 7), "még 5 munkanap", false},
		{monday.AddDate(0, 0, 11), "még 8:00 óra", false}, {monday.AddDate(0, 0, 14).Add(90 * time.Minute), "késés: 1:30 óra", true}, {monday.AddDate(0, 0, 16), "késés: 2 munkanap", true},
	} {
		w.Clock.Advance(at.now.Sub(w.Clock.Now()))
		if i == 0 {
			pipelines, err := w.module.Opportunities.Pipelines().List(w.system())
			w.must(err)
			stage, limit := pipelines[0].Stages[0], 80
			_, err = w.module.Opportunities.Pipelines().EditStage(w.system(), stage.ID, opportunity.StageEdit{Version: stage.Version, LimitHours: &limit})
			w.must(err)
			got, err := w.module.Leads.Capture(w.as("anna"), lead.Draft{Name: "Kiss Ilona", Emails: []string{"ilona@example.hu"}})
			w.must(err)
			_, err = w.module.Opportunities.Create(w.as("anna"), opportunity.Draft{PartyID: got.Party, Name: "Bővítés"})
			w.must(err)
			_, err = w.module.RunOnce(w.system())
			w.must(err)
		}
		anna := w.browser("anna")
		anna.get("/today").ok(http.StatusOK).has("Lehetőségek, amelyeknek tovább kell lépniük", "Bővítés", at.left)
		for _, page := range []string{"/opportunities", "/opportunities?as=list"} {
			if shown := anna.get(page).ok(http.StatusOK); at.late {
				shown.has("túl régóta áll")
			} else {
				shown.has(at.left)
			}
		}
	}
	mine, err := w.module.Clocks.Mine(w.as("anna"))
	w.must(err)
	if len(mine) != 1 || mine[0].Name != "Bővítés" || mine[0].Kind != clock.Stage {
		t.Fatalf("anna watches %+v", mine)
	}
	if others, err := w.module.Clocks.Mine(w.as("peter")); err != nil || len(others) != 0 {
		t.Errorf("peter watches %+v (%v)", others, err)
	}
	cal, err := w.module.Calendars.Current(w.as("anna"))
	w.must(err)
	if got := mine[0].Left(cal, monday.AddDate(0, 0, 14)); got != 0 {
		t.Errorf("at its limit %v are left", got)
	}
}
