package workbook_test

import (
	"encoding/csv"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/reports/workbook"
)

// TestLibreOfficeAgrees lets LibreOffice, which recalculates files of unknown programs, work out
// the formulas, and compares its sums with ours.
func TestLibreOfficeAgrees(t *testing.T) {
	office, err := exec.LookPath("soffice")
	if err != nil {
		t.Skip("SKIPPED: soffice is not installed (Debian: libreoffice-calc), so no second program checked the sums")
	}
	var rows [][]workbook.Value
	sums := map[string]decimal.Decimal{}
	for i := range 500 {
		a, currency := money.AmountFromScaled(int64(i*i*7919-1_000_000)*100), []string{"EUR", "ILS", "RUB"}[i%3]
		sums[currency], sums["HUF"] = sums[currency].Add(a.Decimal), sums["HUF"].Add(a.Shift(2))
		rows = append(rows, []workbook.Value{
			workbook.Text("=SUM(A1)"), workbook.Text("Ő"), workbook.Money(a, currency), workbook.Text(currency),
			workbook.Money(money.NewAmount(a.Shift(2)), "HUF"), workbook.Integer(int64(i)),
		})
	}
	dir := t.TempDir()
	check(t, os.WriteFile(filepath.Join(dir, "deals.xlsx"), write(t, in(locale.English), deals, rows...), 0o600))
	convert := exec.CommandContext(t.Context(), office, "-env:UserInstallation=file://"+filepath.Join(dir, "profile"),
		"--headless", "--convert-to", "csv:Text - txt - csv (StarCalc):44,34,76", "--outdir", dir, filepath.Join(dir, "deals.xlsx"))
	if output, err := convert.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	file, err := os.Open(filepath.Join(dir, "deals.csv"))
	check(t, err)
	defer func() { check(t, file.Close()) }()
	reader := csv.NewReader(file)
	reader.FieldsPerRecord = -1
	records, err := reader.ReadAll()
	check(t, err)
	if records[1][0] != "=SUM(A1)" {
		t.Errorf("text became %q", records[1][0])
	}
	line := slices.IndexFunc(records, func(r []string) bool { return r[0] == "Total" })
	if line < 0 {
		t.Fatal("there is no line of totals")
	}
	equal := func(what, got string, want decimal.Decimal) {
		t.Helper()
		digits := strings.Map(func(r rune) rune { // shown as "€1,094,884,937.41"
			if strings.ContainsRune("-.0123456789", r) {
				return r
			}
			return -1
		}, got)
		if d, err := decimal.NewFromString(digits); err != nil || !d.Equal(want) {
			t.Errorf("%s: LibreOffice has %q, we have %s", what, got, want)
		}
	}
	equal("count", records[line][1], decimal.NewFromInt(500))
	equal("HUF", records[line][4], sums["HUF"])
	equal("pieces", records[line][5], decimal.NewFromInt(499*500/2))
	for i, currency := range []string{"EUR", "ILS", "RUB"} {
		equal(currency, records[line+1+i][2], sums[currency])
	}
}
