package workbook

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
)

var overflowing = SheetSpec{Name: "Számlák", Columns: []Column{
	{Key: "name", Heading: "Vevő", Kind: KindText},
	{Key: "amount", Heading: "Összeg", Kind: KindMoney, CurrencyColumn: "currency", Total: Sum},
	{Key: "currency", Heading: "Pénznem", Kind: KindText},
	{Key: "pieces", Heading: "Darab", Kind: KindInteger, Total: Sum},
}}

// TestRowsGoOnOnTheNextSheet fills sheets of 3 rows with 8 rows.
func TestRowsGoOnOnTheNextSheet(t *testing.T) {
	for name, limit := range map[string]func(*Book){
		"by rows":  func(b *Book) { b.rowLimit = 3 },
		"by bytes": func(b *Book) { b.byteLimit = 3*4*48 - 1 },
	} {
		t.Run(name, func(t *testing.T) {
			book, err := New(Options{Locale: locale.Locale{Language: locale.Hungarian}})
			must(t, err)
			limit(book)
			sheet, err := book.Sheet(overflowing)
			must(t, err)
			for i := range 8 {
				currency := []string{"EUR", "HUF"}[i%2]
				must(t, sheet.Append(Text("Őrsi"), Money(money.MustAmount("1.1"), currency), Text(currency), Integer(int64(i))))
			}
			must(t, sheet.Close())
			if sheet.Name() != "Számlák (3)" {
				t.Errorf("the last part is called %q", sheet.Name())
			}
			var out bytes.Buffer
			_, err = book.WriteTo(&out)
			must(t, err)
			must(t, book.Close())

			f, err := excelize.OpenReader(&out)
			must(t, err)
			if got := strings.Join(f.GetSheetList(), ", "); got != "Számlák, Számlák (2), Számlák (3)" {
				t.Fatalf("the sheets are %s", got)
			}
			want := []struct{ sheet, ref, formula, value string }{
				{"Számlák", "A1", "", "Vevő"},
				{"Számlák", "D6", "SUBTOTAL(109,D2:D4)", "3"},
				{"Számlák", "B7", `SUMIF($C$2:$C$4,"EUR",B$2:B$4)`, "2.2"},
				{"Számlák", "A9", "", "Folytatás a következő lapon: Számlák (2)"},
				{"Számlák (2)", "A1", "", "Vevő"},
				{"Számlák (2)", "D6", "SUBTOTAL(109,D2:D4)", "12"},
				{"Számlák (3)", "D5", "SUBTOTAL(109,D2:D3)", "13"},
				{"Számlák (3)", "A9", "", "Mindösszesen (3 lap)"},
				{"Számlák (3)", "D9", "'Számlák'!D6+'Számlák (2)'!D6+'Számlák (3)'!D5", "28"},
				{"Számlák (3)", "B10", "'Számlák'!B7+'Számlák (2)'!B7+'Számlák (3)'!B6", "4.4"},
				{"Számlák (3)", "B11", "'Számlák'!B8+'Számlák (2)'!B8+'Számlák (3)'!B7", "4.4"},
			}
			for _, w := range want {
				value, err := f.GetCellValue(w.sheet, w.ref, excelize.Options{RawCellValue: true})
				must(t, err)
				formula, err := f.GetCellFormula(w.sheet, w.ref)
				must(t, err)
				if value != w.value || formula != w.formula {
					t.Errorf("%s %s is %q by %q, want %q by %q", w.sheet, w.ref, value, formula, w.value, w.formula)
				}
			}
			if calculated, err := f.CalcCellValue("Számlák (3)", "D9"); err != nil || calculated != "28" {
				t.Errorf("the grand total calculates to %s, %v", calculated, err)
			}
		})
	}
}

func TestTooManyCurrencies(t *testing.T) {
	book, err := New(Options{})
	must(t, err)
	sheet, err := book.Sheet(overflowing)
	must(t, err)
	n := 0
	for ; err == nil && n < 26*26; n++ {
		currency := "A" + string(rune('A'+n/26)) + string(rune('A'+n%26))
		err = sheet.Append(Empty(), Money(money.MustAmount("1"), currency), Text(currency), Empty())
	}
	if !errors.Is(err, fault.Limit) || n != currencyLimit+1 {
		t.Errorf("currency %d gives %v", n, err)
	}
	must(t, sheet.Close())
	must(t, book.Close())
}

// TestTemporaryFiles: what spilled to the disk is gone after Close, and a failing output is an error.
func TestTemporaryFiles(t *testing.T) {
	dir := t.TempDir()
	book, err := New(Options{TempDir: dir})
	must(t, err)
	sheet, err := book.Sheet(SheetSpec{Name: "x", Columns: []Column{{Key: "a", Heading: "A", Kind: KindText}}})
	must(t, err)
	text := strings.Repeat("Székesfehérvár ", 2000)
	for range 800 {
		must(t, sheet.Append(Text(text)))
	}
	if _, err := book.WriteTo(&full{}); !errors.Is(err, fault.Invalid) {
		t.Errorf("an open sheet gives %v", err)
	}
	must(t, sheet.Close())
	if files, err := os.ReadDir(dir); err != nil || len(files) != 1 {
		t.Errorf("%d files hold the rows, %v; want 1", len(files), err)
	}
	if _, err := book.WriteTo(&full{left: 1000}); !errors.Is(err, fault.Unavailable) || !errors.Is(err, errFull) {
		t.Errorf("a full disk gives %v", err)
	}
	if n, err := book.WriteTo(&full{left: 1 << 20}); err != nil || n == 0 {
		t.Errorf("a second try gives %d bytes, %v", n, err)
	}
	must(t, book.Close())
	must(t, book.Close())
	if files, err := os.ReadDir(dir); err != nil || len(files) != 0 {
		t.Errorf("%d files are left, %v", len(files), err)
	}
	if err := sheet.Append(Text("late")); !errors.Is(err, fault.Invalid) {
		t.Errorf("a row after Close gives %v", err)
	}
}

var errFull = errors.New("no space left on device")

// full is a disk with so many bytes left.
type full struct{ left int }

func (f *full) Write(p []byte) (int, error) {
	if len(p) > f.left {
		n := f.left
		f.left = 0
		return n, errFull
	}
	f.left -= len(p)
	return len(p), nil
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
