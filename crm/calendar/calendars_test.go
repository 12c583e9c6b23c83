package calendar_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/calendar"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/testutil"
)

func TestACompanyKeepsItsCalendarInVersions(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		jerusalem, err := time.LoadLocation("Asia/Jerusalem")
		if err != nil {
			t.Fatal(err)
		}
		calendars := calendar.New(env.DB, func(string) locale.Locale {
			return locale.Locale{Language: locale.Hebrew, Zone: jerusalem, Currency: "ILS"}
		})
		admin, seller := env.As("כהן", actor.Admin, actor.All), env.As("לוי", actor.Seller, actor.Own)
		first, err := calendars.Plan(seller)
		if err != nil || first.Version != 0 || len(first.Plan.Week[time.Sunday]) != 1 || len(first.Plan.Week[time.Friday]) != 0 {
			t.Fatalf("before anybody decides it is %+v, %v", first, err)
		}
		next, err := first.Plan.Load("IL", 2026, locale.Hebrew)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := calendars.Publish(seller, 0, next); !errors.Is(err, fault.Forbidden) {
			t.Errorf("a seller changes the calendar: %v", err)
		}
		saved, err := calendars.Publish(admin, 0, next)
		if err != nil || saved.Version != 1 {
			t.Fatalf("saved %d, %v", saved.Version, err)
		}
		if _, err := calendars.Publish(admin, 0, next); !errors.Is(err, fault.Conflict) {
			t.Errorf("a second first version: %v", err)
		}
		later := saved.Plan
		later.Days = append(slices.Clone(later.Days), calendar.Day{Date: day("2026-09-20"), Name: "ערב יום כיפור", Spans: spans(t, "8-12")})
		if _, err = calendars.Publish(admin, 1, later); err != nil {
			t.Fatal(err)
		}
		if _, err := calendars.Publish(admin, 1, next); !errors.Is(err, fault.Conflict) {
			t.Errorf("a stale change: %v", err)
		}
		states, err := calendars.Versions(admin)
		if err != nil || len(states) != 2 || states[0].Number != 2 || len(states[0].Plan.Days) != 10 || len(states[1].Plan.Days) != 9 || states[0].SavedBy != "כהן" {
			t.Errorf("the versions are %+v, %v", states, err)
		}
		c, err := calendars.Current(seller)
		if err != nil {
			t.Fatal(err)
		}
		due, ok := c.Add(at(t, "Asia/Jerusalem", "2026-09-20 11:00"), 2*time.Hour)
		if want := at(t, "Asia/Jerusalem", "2026-09-22 10:00"); !ok || !due.Equal(want) {
			t.Errorf("over the Day of Atonement it is due %s, want %s", due, want)
		}
	})
}
