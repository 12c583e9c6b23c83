package paper_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/reports/paper"
)

func sample(tiles, rows int) paper.Board {
	b := paper.Board{Language: locale.Hungarian, Company: "Fehérló Irodabútor Kft.", Title: "Irányítópult", Period: "2026. 10. 01. – 2026. 12. 31.", At: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)}
	for i := range tiles {
		t := paper.Tile{Name: "Megnyert érték", Value: "3 875 701 Ft", By: "Értékesítő", Trend: i%2 == 1, Grid: []string{"0 Ft", "5 M Ft"}, Change: paper.Change{Text: "+12%", Mood: 1 - i%3}}
		for n := range rows {
			part := paper.Part{Label: fmt.Sprint(n + 1), Value: "12", Size: float64(n) / float64(rows)}
			t.Parts, t.Rows = append(t.Parts, part), append(t.Rows, paper.Row{Label: "Иванова Ольга", Value: "12"})
		}
		b.Tiles = append(b.Tiles, t)
	}
	return b
}

func pages(t *testing.T, b paper.Board) int {
	t.Helper()
	var file bytes.Buffer
	if err := paper.Render(&file, b); err != nil {
		t.Fatal(err)
	}
	return strings.Count(file.String(), "/Type /Page\n")
}

func TestTilesStandOnOnePageAndTablesBehind(t *testing.T) {
	for _, row := range []struct {
		name               string
		tiles, rows, pages int
	}{
		{"one figure", 1, 3, 2}, {"the usual eight", 8, 6, 2}, {"twelve", 12, 3, 2}, {"thirteen take two", 13, 3, 3},
		{"nothing happened", 4, 0, 1}, {"long tables", 2, 250, 3},
	} {
		if got := pages(t, sample(row.tiles, row.rows)); got != row.pages {
			t.Errorf("%s: %d pages, want %d", row.name, got, row.pages)
		}
	}
}

// TestNoteStandsOnTheFirstPage: in one line or two, also where no tile is left.
func TestNoteStandsOnTheFirstPage(t *testing.T) {
	for _, note := range []string{"", "Kimaradt: Érdeklődők", "Kimaradt: " + strings.Repeat("Megnyert érték, ", 40)} {
		b := sample(8, 6)
		b.Note = note
		if got := pages(t, b); got != 2 {
			t.Errorf("%d pages with the note %q", got, note)
		}
		if b.Tiles = nil; note != "" && pages(t, b) != 1 {
			t.Errorf("%d pages without tiles", pages(t, b))
		}
	}
}

func TestEveryLanguageIsPrintedAndTheSameTwice(t *testing.T) {
	for _, l := range locale.Languages {
		b := sample(5, 4)
		b.Language, b.Tiles[0].Name = l, "עסקאות \u202e שנסגרו 🙂\x00"
		var first, second bytes.Buffer
		if err := paper.Render(&first, b); err != nil {
			t.Fatal(err)
		}
		if err := paper.Render(&second, b); err != nil || !bytes.Equal(first.Bytes(), second.Bytes()) {
			t.Errorf("%s: the second file differs, %v", l, err)
		}
		direction := "/L2R"
		if l.RightToLeft() {
			direction = "/R2L"
		}
		if !strings.Contains(first.String(), direction) {
			t.Errorf("%s: the file does not say %s", l, direction)
		}
	}
}

func TestWhatIsWrongIsNamedAtOnce(t *testing.T) {
	var file bytes.Buffer
	err := paper.Render(&file, paper.Board{Language: "xx"})
	if got := fault.Of(err); len(got) != 2 || file.Len() > 0 {
		t.Errorf("the faults are %v, %d bytes were written", got, file.Len())
	}
}
