package civil_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/crmplus/crmplus/crm/civil"
)

func moment(y int, mo time.Month, d, h, mi, s, ns int) civil.DateTime {
	return civil.DateTime{Date: civil.Date{Year: y, Month: mo, Day: d}, Hour: h, Minute: mi, Second: s, Nanosecond: ns}
}

func TestParseDateTime(t *testing.T) {
	for _, row := range []struct {
		name, text string
		want       civil.DateTime
		form       string
	}{
		{"to the second", "2026-07-13T10:00:05", moment(2026, 7, 13, 10, 0, 5, 0), "2026-07-13T10:00:05"},
		{"milliseconds", "2026-07-13T10:00:05.120", moment(2026, 7, 13, 10, 0, 5, 120_000_000), "2026-07-13T10:00:05.12"},
		{"a blank for the T", "1996-07-04 00:00:00.000", moment(1996, 7, 4, 0, 0, 0, 0), "1996-07-04T00:00:00"},
		{"without seconds", "2026-07-13T10:00", moment(2026, 7, 13, 10, 0, 0, 0), "2026-07-13T10:00:00"},
		{"a date is its midnight", "2028-02-29", moment(2028, 2, 29, 0, 0, 0, 0), "2028-02-29T00:00:00"},
		{"nothing", "", civil.DateTime{}, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := civil.ParseDateTime(row.text)
			if err != nil || got != row.want || got.String() != row.form {
				t.Errorf("%v (%s), %v; want %v", got, got.String(), err, row.want)
			}
		})
	}
	for _, text := range []string{"2026-02-30", "2026-07-13T24:00:00", "2026-07-13T10:00:00Z", "2026-07-13T10:00:00+02:00", "13.07.2026", "2026-07-13T10:00:00,5", "now"} {
		t.Run("refused "+text, func(t *testing.T) {
			if got, err := civil.ParseDateTime(text); err == nil {
				t.Errorf("%s was read as %v", text, got)
			}
		})
	}
}

func TestWallTime(t *testing.T) {
	budapest, err := time.LoadLocation("Europe/Budapest")
	if err != nil {
		t.Fatal(err)
	}
	instant := time.Date(2026, 7, 12, 22, 30, 0, 5, time.UTC)
	want := moment(2026, 7, 13, 0, 30, 0, 5)
	if got := civil.WallIn(instant, budapest); got != want {
		t.Errorf("the clock in Budapest shows %v, want %v", got, want)
	}
	if got := want.In(budapest); !got.Equal(instant) {
		t.Errorf("the instant is %v, want %v", got, instant)
	}
	if got := civil.WallIn(instant, nil); got != moment(2026, 7, 12, 22, 30, 0, 5) {
		t.Errorf("without a zone it is UTC's clock: %v", got)
	}
	if !civil.Wall(instant).Before(want) || !want.After(civil.Wall(instant)) {
		t.Error("22:30 is before half past midnight")
	}
}

func TestDateTimeScan(t *testing.T) {
	for _, row := range []struct {
		name string
		src  any
		want civil.DateTime
	}{
		{"NULL", nil, civil.DateTime{}},
		{"the driver's time, by its own clock", time.Date(2026, 7, 13, 10, 0, 0, 0, time.FixedZone("", 7200)), moment(2026, 7, 13, 10, 0, 0, 0)},
		{"text", "2026-07-13 10:00:00", moment(2026, 7, 13, 10, 0, 0, 0)},
		{"bytes", []byte("2026-07-13"), moment(2026, 7, 13, 0, 0, 0, 0)},
	} {
		t.Run(row.name, func(t *testing.T) {
			got := moment(1, 1, 1, 1, 1, 1, 1)
			if err := got.Scan(row.src); err != nil || got != row.want {
				t.Errorf("%v, %v; want %v", got, err, row.want)
			}
			v, err := got.Value()
			if err != nil || row.want.IsZero() != (v == nil) {
				t.Errorf("it is stored as %v, %v", v, err)
			}
		})
	}
	var d civil.DateTime
	if err := d.Scan(5); err == nil {
		t.Error("a number is no date")
	}
}

// TestDateTimeText: the text of a moment is read as the same moment.
func TestDateTimeText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := civil.Wall(time.Unix(rapid.Int64Range(-62_000_000_000, 250_000_000_000).Draw(t, "seconds"), rapid.Int64Range(0, 999_999_999).Draw(t, "nanoseconds")).UTC())
		text, _ := want.MarshalText()
		var got civil.DateTime
		if err := got.UnmarshalText(text); err != nil || got != want {
			t.Fatalf("%s became %v, %v", text, got, err)
		}
	})
}
