package tabular

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
)

func TestRejectsComeBack(t *testing.T) {
	header := []string{"Név", "Telefon", "Megjegyzés"}
	rows := []Row{
		{Line: 4, Cells: []string{"=HYPERLINK(\"http://x\")", "+36 30 123 4567", "@valaki"}},
		{Line: 9, Cells: []string{"דוד; כהן", "'+7", "két\nsor"}},
		{Line: 12, Cells: []string{"", "", "\t=1+1"}, Err: rowError(12, 0, "row.columns", 2000)},
	}
	var file bytes.Buffer
	w := NewRejects(&file, header, RejectsOptions{Language: locale.Hungarian})
	w.Write(rows[0], RowError{Line: 4, Column: 2, ColumnName: "Telefon", Code: "phone.form", Reason: "nem telefonszám"})
	w.Write(rows[1])
	w.Write(rows[2])
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	text := file.String()
	for _, want := range []string{
		"\uFEFFCRM+ line;CRM+ column;CRM+ reason;Név;Telefon;Megjegyzés\r\n",
		"4;Telefon;nem telefonszám;\"'=HYPERLINK(\"\"http://x\"\")\";'+36 30 123 4567;'@valaki\r\n",
		"12;;\"a sorban több mint 2000 oszlop van",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
	table := open(t, file.Bytes(), Options{})
	if diff := cmp.Diff(header, table.Header); diff != "" {
		t.Error(diff)
	}
	for i, row := range rest(t, table) {
		if diff := cmp.Diff(rows[i].Cells, row.Cells); diff != "" || row.Err != nil {
			t.Errorf("row %d: %v %s", i, row.Err, diff)
		}
	}
}

// A value typed without the apostrophe while correcting is taken as it is.
func TestRejectsCorrectedByHand(t *testing.T) {
	file := "CRM+ line;CRM+ column;CRM+ reason;Name;Phone\r\n4;Phone;bad;Anna;+36 30 123 4567\r\n5;;;Béla;\"open\r\n"
	rows := rest(t, open(t, []byte(file), Options{}))
	want := []string{"2 Anna|+36 30 123 4567", "3! quote.open@2 Béla|\"open"}
	if diff := cmp.Diff(want, show(rows)); diff != "" {
		t.Error(diff)
	}
}

func TestRejectsOfFailingWriter(t *testing.T) {
	w := NewRejects(fullDisk{}, []string{"Name"}, RejectsOptions{})
	w.Write(Row{Line: 2, Cells: []string{strings.Repeat("x", 10000)}})
	if err := w.Flush(); !errors.Is(err, errFull) || !errors.Is(err, fault.Unavailable) {
		t.Errorf("got %v", err)
	}
}

var errFull = errors.New("disk full")

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

func TestGuardIsReversible(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cell := rapid.StringMatching(`['=+\-@\t\ra-c ]{0,6}`).Draw(t, "cell")
		guarded := Guard(cell)
		if startsFormula(guarded) {
			t.Fatalf("%q is a formula", guarded)
		}
		if got := Unguard(guarded); got != cell {
			t.Fatalf("%q came back as %q", cell, got)
		}
	})
}

// Every table of text that is written as rejects comes back as it was.
func TestRejectsRoundTrip(t *testing.T) {
	cell := rapid.StringMatching(`[ ;,"'=+\-@\nа-яα-ωא-תő0-9]{0,12}`)
	rapid.Check(t, func(t *rapid.T) {
		header := []string{"Név", "E-mail", "Telefon"}
		delimiter := rapid.SampledFrom([]rune{';', ',', '\t', '|'}).Draw(t, "delimiter")
		rows := rapid.SliceOfN(rapid.SliceOfN(cell, 3, 3), 0, 12).Draw(t, "rows")
		var file bytes.Buffer
		w := NewRejects(&file, header, RejectsOptions{Delimiter: delimiter})
		var want [][]string
		for i, cells := range rows {
			w.Write(Row{Line: i + 2, Cells: cells})
			if !blank(cells) {
				want = append(want, cells)
			}
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		table, err := Open(&file, Options{})
		if err != nil {
			t.Fatal(err)
		}
		var got [][]string
		for {
			row, err := table.Next()
			if err != nil {
				break
			}
			if row.Err != nil {
				t.Fatal(row.Err)
			}
			if !blank(row.Cells) {
				got = append(got, row.Cells)
			}
		}
		if !slices.EqualFunc(want, got, slices.Equal[[]string]) {
			t.Fatalf("got %q, want %q", got, want)
		}
	})
}

func TestTextsAreComplete(t *testing.T) {
	if missing := texts.Missing(); len(missing) > 0 {
		t.Error(missing)
	}
}
