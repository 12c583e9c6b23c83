package schedule_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/reports/schedule"
	"github.com/crmplus/crmplus/testutil"
)

func TestReportsAreToldOfOnce(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		zone, err := time.LoadLocation("Europe/Budapest")
		if err != nil {
			t.Fatal(err)
		}
		mails := mail.New(env.DB, mail.Config{Purposes: []mail.Purpose{schedule.Purpose}})
		config := schedule.Config{
			Locales: func(string) locale.Locale {
				return locale.Locale{Language: locale.Hungarian, Zone: zone, Currency: "HUF"}
			}, Mails: mails,
			Sender: func(string) mail.Address { return mail.Address{Name: "ERP", Email: "erp@example.hu"} },
			Link:   func(_ string, id schedule.ID) string { return "https://erp.example.hu/crm/reports/open/" + id.String() },
		}
		plans := schedule.New(env.DB, config)
		env.Clock.Advance(time.Date(2026, 10, 20, 9, 0, 0, 0, zone).Sub(env.Clock.Now()))
		boss := env.As("vezető", actor.Manager, actor.All)
		add := func(d schedule.Draft) schedule.Schedule {
			t.Helper()
			row, err := plans.Add(boss, d)
			if err != nil {
				t.Fatal(err)
			}
			return row
		}
		weekly := add(schedule.Draft{Report: schedule.KPIs, Name: "Heti számok", Rhythm: schedule.Weekly, Weekday: 0, Minute: 150, Recipient: "boss@example.hu"})
		monthly := add(schedule.Draft{Report: schedule.Forecast, Name: "Hónap", Rhythm: schedule.Monthly, MonthDay: 31, Minute: 480, Recipient: "boss@example.hu", Language: locale.English})
		if want := time.Date(2026, 10, 25, 0, 30, 0, 0, time.UTC); weekly.NextAt != want {
			t.Errorf("the half past two that the clocks double is %s, want the first of the two, %s", weekly.NextAt, want)
		}
		due := func() int {
			t.Helper()
			n, err := plans.Due(env.System())
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		if n := due(); n != 0 {
			t.Errorf("%d were sent before their time", n)
		}
		env.Clock.Advance(15 * 24 * time.Hour) // two Sundays and the end of the month went by unseen
		if n := due(); n != 2 {
			t.Errorf("%d were sent for the times gone by, want one of each", n)
		}
		if n := due(); n != 0 {
			t.Errorf("%d were sent twice", n)
		}
		listed, err := plans.List(boss)
		if err != nil || len(listed) != 2 {
			t.Fatal(listed, err)
		}
		for _, r := range listed {
			if r.ID == monthly.ID && !r.NextAt.Equal(time.Date(2026, 11, 30, 8, 0, 0, 0, zone)) {
				t.Errorf("in November the 31st is %s", r.NextAt.In(zone))
			}
		}
		sent, err := mails.List(boss, mail.Filter{})
		if err != nil || len(sent.Rows) != 2 {
			t.Fatal(sent.Rows, err)
		}
		// Whoever falls over after queueing has queued nothing, and the next one does it.
		env.Clock.Advance(40 * 24 * time.Hour)
		fell := errors.New("the process died")
		err = env.DB.Write(env.System(), func(ctx context.Context, s *store.Session) error {
			if n, err := plans.In(s).Due(ctx); err != nil || n != 2 {
				t.Errorf("%d, %v", n, err)
			}
			return fell
		})
		if !errors.Is(err, fell) {
			t.Fatal(err)
		}
		if n := due(); n != 2 {
			t.Errorf("after the crash %d were sent, want 2", n)
		}
		if _, err := plans.Add(env.As("anna", actor.Seller, actor.Own), schedule.Draft{}); !errors.Is(err, fault.Forbidden) {
			t.Errorf("a seller without reports: %v", err)
		}
		if _, err := plans.Add(boss, schedule.Draft{Minute: -1}); len(fault.Of(err)) != 5 {
			t.Errorf("faults: %v", fault.Of(err))
		}
		for _, r := range listed {
			if err := plans.Remove(boss, r.ID); err != nil {
				t.Fatal(err)
			}
		}
	})
}
