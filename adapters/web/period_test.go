package web

import (
	"testing"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/reports/kpi"
)

// TestWholeMonthsAreWrittenWithoutTheirDays: quotas are of months, quarters and years; any other period keeps its days.
func TestWholeMonthsAreWrittenWithoutTheirDays(t *testing.T) {
	v := &visit{}
	v.Locale.Language = locale.English
	for _, row := range []struct{ first, last, want string }{
		{"2026-11-01", "2026-11-30", "11/2026"},
		{"2028-02-01", "2028-02-29", "02/2028"},
		{"2026-10-01", "2026-12-31", "10–12/2026"},
		{"2026-01-01", "2026-12-31", "2026"},
		{"2026-07-01", "2027-06-30", "07/2026 – 06/2027"},
		{"2026-11-01", "2026-11-29", "01/11/2026 – 29/11/2026"},
		{"2026-11-02", "2026-11-30", "02/11/2026 – 30/11/2026"},
	} {
		first, err := civil.Parse(row.first)
		if err != nil {
			t.Fatal(err)
		}
		last, err := civil.Parse(row.last)
		if err != nil {
			t.Fatal(err)
		}
		if got := v.shortPeriod(kpi.Period{First: first, Last: last}); got != row.want {
			t.Errorf("from %s to %s is %s, want %s", row.first, row.last, got, row.want)
		}
	}
}
