package civil_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/crmplus/crmplus/crm/civil"
)

func TestDatesAreReadInEveryForm(t *testing.T) {
	want := civil.Date{Year: 2026, Month: time.July, Day: 13}
	for _, src := range []any{"2026-07-13", []byte("2026-07-13 00:00:00"), time.Date(2026, 7, 13, 23, 59, 0, 0, time.UTC)} {
		var d civil.Date
		if err := d.Scan(src); err != nil || d != want {
			t.Errorf("%v: got %v, %v", src, d, err)
		}
	}
	var none civil.Date
	if err := none.Scan(nil); err != nil || !none.IsZero() || none.String() != "" {
		t.Errorf("NULL gives %v, %v", none, err)
	}
	for _, bad := range []any{"2026-13-01", "13/07/2026", 42} {
		if err := none.Scan(bad); err == nil {
			t.Errorf("%v was taken", bad)
		}
	}
}

func TestTheDayDependsOnTheZone(t *testing.T) {
	budapest, err := time.LoadLocation("Europe/Budapest")
	if err != nil {
		t.Skip("no zones on this machine")
	}
	at := time.Date(2026, 7, 13, 22, 30, 0, 0, time.UTC)
	if got := civil.In(at, budapest).String(); got != "2026-07-14" {
		t.Errorf("in Budapest it is %s", got)
	}
	if got := civil.In(at, nil).String(); got != "2026-07-13" {
		t.Errorf("in UTC it is %s", got)
	}
}

func TestDaysAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := civil.Date{Year: 2000, Month: 1, Day: 1}.AddDays(rapid.IntRange(-40000, 40000).Draw(t, "start"))
		n := rapid.IntRange(-5000, 5000).Draw(t, "days")
		later := d.AddDays(n)
		if d.DaysUntil(later) != n || later.After(d) != (n > 0) || later.Before(d) != (n < 0) {
			t.Fatalf("%s + %d = %s, %d days apart", d, n, later, d.DaysUntil(later))
		}
		v, err := later.Value()
		var back civil.Date
		if err != nil || back.Scan(v) != nil || back != later {
			t.Fatalf("%s stored as %v is read as %s", later, v, back)
		}
	})
}
