package tabular

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/crmplus/crmplus/crm/fault"
)

// workbookOf writes rows into a workbook; styles are number formats by cell.
func workbookOf(t testing.TB, rows [][]any, formats map[string]string) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	for i, row := range rows {
		if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &row); err != nil {
			t.Fatal(err)
		}
	}
	for cell, code := range formats {
		style, err := f.NewStyle(&excelize.Style{CustomNumFmt: &code})
		if err != nil {
			t.Fatal(err)
		}
		if err := f.SetCellStyle("Sheet1", cell, cell, style); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestWorkbookValues(t *testing.T) {
	serial := 46216.0 // 2026-07-13
	tests := []struct {
		name, format string
		value        any
		want         string
	}{
		{"text stays", "", "Szűcs Ágnes", "Szűcs Ágnes"},
		{"text of digits stays", "@", "00123", "00123"},
		{"text like a power stays", "", "1E5", "1E5"},
		{"text in a date format stays", "yyyy-mm-dd", "hamarosan", "hamarosan"},
		{"a whole number", "", 1250000, "1250000"},
		{"a phone number typed as number", "", 36301234567, "36301234567"},
		{"a fraction", "", 1.1, "1.1"},
		{"a sum of fractions", "", 0.1 + 0.2, "0.3"},
		{"an amount is not rounded to its format", "# ##0\\ \"Ft\"", 1234.567, "1234.567"},
		{"percent", "0%", 0.27, "0.27"},
		{"scientific", "0.00E+00", 12345.678, "12345.678"},
		{"Hungarian date", "yyyy\\.\\ mm\\.\\ dd\\.", serial, "2026-07-13"},
		{"Russian date", "dd.mm.yyyy", serial, "2026-07-13"},
		{"US date", "[$-409]m/d/yy;@", serial, "2026-07-13"},
		{"month and year", "mmmm yyyy", serial, "2026-07-13"},
		{"date and time", "dd/mm/yyyy hh:mm", serial + 0.75, "2026-07-13 18:00:00"},
		{"date and time at midnight", "dd/mm/yyyy hh:mm", serial, "2026-07-13"},
		{"time", "hh:mm", 0.5, "12:00:00"},
		{"a duration stays a number", "[h]:mm", 1.5, "1.5"},
		{"d in a literal is no date", "0 \"darab\"", 5, "5"},
		{"escaped letters are no date", "0\\ \\d\\b", 5, "5"},
		{"general in a custom format", "General", 5.5, "5.5"},
		{"time.Time", "", time.Date(2026, 7, 13, 0, 0, 0, 0, time.UTC), "2026-07-13"},
		{"a formula's missing value", "", "#N/A", ""},
		{"true", "", true, "TRUE"},
	}
	header, values, formats := []any{}, []any{}, map[string]string{}
	for i, tt := range tests {
		header, values = append(header, tt.name), append(values, tt.value)
		cell, err := excelize.CoordinatesToCellName(i+1, 2)
		if err != nil {
			t.Fatal(err)
		}
		if tt.format != "" {
			formats[cell] = tt.format
		}
	}
	table := open(t, workbookOf(t, [][]any{header, values}, formats), Options{})
	rows := rest(t, table)
	if table.Kind != Workbook || len(rows) != 1 || table.Sheet != "Sheet1" {
		t.Fatalf("%s, sheet %q, %d rows", table.Kind, table.Sheet, len(rows))
	}
	for i, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := rows[0].Cells[i]; got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestWorkbookShape(t *testing.T) {
	content := workbookOf(t, [][]any{
		{"Leads of July"}, {}, {"Name", "E-mail", nil, "City"},
		{"Anna", "anna@example.com", "x", "London"}, {}, {"דוד כהן", "david@cohen.co.il", nil, "חיפה", "beside"},
		{"Παππάς"},
	}, nil)
	table := open(t, content, Options{})
	if diff := cmp.Diff([]string{"Name", "E-mail", "column 3", "City", "column 5"}, table.Header); diff != "" {
		t.Error(diff)
	}
	want := []string{"4 Anna|anna@example.com|x|London|", "6 דוד כהן|david@cohen.co.il||חיפה|beside", "7 Παππάς||||"}
	if diff := cmp.Diff(want, show(rest(t, table))); diff != "" {
		t.Error(diff)
	}
}

func TestWorkbookSheets(t *testing.T) {
	f := excelize.NewFile()
	defer f.Close()
	for _, name := range []string{"Hidden", "Érdeklődők"} {
		if _, err := f.NewSheet(name); err != nil {
			t.Fatal(err)
		}
		if err := f.SetSheetRow(name, "A1", &[]any{"Név", "Email"}); err != nil {
			t.Fatal(err)
		}
		if err := f.SetSheetRow(name, "A2", &[]any{name, "a@b.hu"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.SetSheetVisible("Hidden", false); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		t.Fatal(err)
	}
	if table := open(t, out.Bytes(), Options{}); table.Sheet != "Érdeklődők" || len(table.Sheets) != 3 {
		t.Errorf("chose %q of %q", table.Sheet, table.Sheets)
	}
	if table := open(t, out.Bytes(), Options{Sheet: "Hidden"}); rest(t, table)[0].Cells[0] != "Hidden" {
		t.Error("the named sheet was not read")
	}
	_, err := Open(bytes.NewReader(out.Bytes()), Options{Sheet: "Nincs"})
	if !errors.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "Érdeklődők") {
		t.Errorf("got %v", err)
	}
}

// rezip changes one part of a workbook.
func rezip(t testing.TB, content []byte, name string, change func(string) string) []byte {
	t.Helper()
	in, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, part := range in.File {
		r, err := part.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if part.Name == name {
			text = []byte(change(string(text)))
		}
		p, err := w.Create(part.Name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Write(text); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// zipOf packs one file.
func zipOf(t testing.TB, name, text string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	p, err := w.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(p, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestWorkbookDamage(t *testing.T) {
	var rows [][]any
	for i := range 40 {
		rows = append(rows, []any{fmt.Sprintf("Name %d", i), i})
	}
	whole := workbookOf(t, rows, nil)
	const sheet = "xl/worksheets/sheet1.xml"
	tests := []struct {
		name    string
		content []byte
		limits  Limits
		want    fault.Code
	}{
		{"a control character in row 30", rezip(t, whole, sheet, func(s string) string {
			return strings.Replace(s, `<row r="30">`, `<row r="30">`+"\x01", 1)
		}), Limits{}, fault.Invalid},
		{"broken markup in row 30", rezip(t, whole, sheet, func(s string) string {
			return strings.Replace(s, `<row r="30">`, `<row r="30"><<`, 1)
		}), Limits{}, fault.Invalid},
		{"too large when unpacked", whole, Limits{MaxUnzipped: 1000}, fault.Limit},
		{"too large", whole, Limits{MaxFile: 1000}, fault.Limit},
		{"cut", whole[:len(whole)/2], Limits{}, fault.Invalid},
		{"no workbook in the zip", zipOf(t, "leads.csv", "Name;Email\n"), Limits{}, fault.Invalid},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			table, err := Open(bytes.NewReader(tt.content), Options{Limits: tt.limits})
			for err == nil {
				_, err = table.Next()
			}
			if !errors.Is(err, tt.want) {
				t.Errorf("got %v", err)
			}
			if table != nil {
				if err := table.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
}
