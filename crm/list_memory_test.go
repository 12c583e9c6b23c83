package crm_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/reports"
	"github.com/crmplus/crmplus/testutil"
)

// status reads a line of the process's status in MB, 0 where there is none.
func status(name string) float64 {
	all, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range bytes.Lines(all) {
		var kB float64
		if n, _ := fmt.Sscanf(string(line), name+": %f kB", &kB); n == 1 {
			return kB / 1024
		}
	}
	return 0
}

// manyLeads copies one lead until there are so many, a minute apart.
func (w *world) manyLeads(t *testing.T, rows int) {
	t.Helper()
	ctx := w.boss()
	_, err := w.module.Leads.Capture(ctx, lead.Draft{
		Name: "Szőllősy Árpád", Organization: "Kovács és Társa Kft.", Emails: []string{"sok@example.com"}, ExpectedValue: money.MustAmount("1234.56"), Currency: "EUR",
		Interest: "Ajánlatot kér húsz munkahelyre, székekkel és szekrényekkel", Origin: lead.Origin{Source: "web"},
	})
	if err != nil {
		t.Fatal(err)
	}
	names, err := w.db.SQL().Query("SELECT name FROM pragma_table_info('crm_lead')")
	if err != nil {
		t.Fatal(err)
	}
	var columns, values []string
	for names.Next() {
		var name string
		if err := names.Scan(&name); err != nil {
			t.Fatal(err)
		}
		value := map[string]string{"id": "randomblob(16)", "arrived_at": "strftime('%Y-%m-%d %H:%M:%S', one.arrived_at, '-' || n.i || ' minutes') || '.000+00:00'"}[name]
		if value == "" {
			value = "one." + name
		}
		columns, values = append(columns, name), append(values, value)
	}
	if err := names.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = w.db.SQL().Exec("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) INSERT INTO crm_lead ("+strings.Join(columns, ", ")+") SELECT "+
		strings.Join(values, ", ")+" FROM n CROSS JOIN crm_lead AS one WHERE one.company = ?", rows-1, w.company)
	if err != nil {
		t.Fatal(err)
	}
}

// TestListWorkbookStaysSmall: what a workbook of a list takes of memory does not grow with its rows, whether they come from
// the database or from the host: 200,000 stay under 100 MB.
func TestListWorkbookStaysSmall(t *testing.T) {
	if testing.Short() {
		t.Skip("writes 200,000 rows")
	}
	const rows, limit = 200_000, 100.0
	w := newWorld(t, testutil.SQLite(t))
	w.manyLeads(t, rows)
	customers := func(_ context.Context, page store.Page) ([]erpbridge.Customer, string, error) {
		first := 0
		_, _ = fmt.Sscan(page.After, &first)
		out := make([]erpbridge.Customer, page.Limit)
		for i := range out {
			key := fmt.Sprintf("C%06d", first+i)
			out[i] = erpbridge.Customer{Key: key, Name: "Kovács és Társa " + key + " Kft.", Email: key + "@example.com", Phone: "+36301234567", TaxID: "12345678-2-42", Currency: "HUF", Address: erpbridge.Address{PostalCode: "8000", City: "Székesfehérvár", Line1: "Fő utca 1.", Country: "HU"}}
		}
		next := ""
		if first+len(out) < rows {
			next = fmt.Sprint(first + len(out))
		}
		return out, next, nil
	}
	book := reports.FigureBook{Language: "hu"}
	for _, one := range []struct {
		name  string
		write func(w io.Writer) error
	}{
		{"leads", func(out io.Writer) error {
			return w.module.Reports.LeadList(w.boss(), out, w.module.Leads, reports.LeadQuery{}, book)
		}},
		{"customers", func(out io.Writer) error { return w.module.Reports.CustomerList(w.boss(), out, customers, book) }},
	} {
		debug.FreeOSMemory()
		if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil { // begins the peak anew
			t.Skipf("the peak of the memory cannot be read here: %v", err)
		}
		before, begin := status("VmRSS"), time.Now()
		var size counted
		if err := one.write(&size); err != nil {
			t.Fatal(err)
		}
		if log, err := w.module.Audit(w.boss(), crm.AuditQuery{Page: store.Page{Limit: 1}}); err != nil || !strings.Contains(log.Entries[0].Changes, fmt.Sprintf(`"rows","to":"%d"`, rows)) {
			t.Errorf("the workbook of %s has other rows: %+v, %v", one.name, log.Entries, err)
		}
		took, peak := time.Since(begin), status("VmHWM")
		t.Logf("%s: %d rows in %.1f s, %.1f MB of file, %.0f MB at most, %.0f MB of it before", one.name, rows, took.Seconds(), float64(size)/(1<<20), peak, before)
		if peak-before > limit {
			t.Errorf("the workbook of %d %s took %.0f MB, more than %.0f", rows, one.name, peak-before, limit)
		}
	}
}

// counted counts what is written.
type counted int64

func (c *counted) Write(p []byte) (int, error) {
	*c += counted(len(p))
	return len(p), nil
}
