package tabular

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"unicode/utf8"
)

// check reads a table to its end and holds what must be true of any.
func check(t *testing.T, content []byte) {
	table, err := Open(bytes.NewReader(content), Options{Limits: Limits{MaxField: 200, MaxRow: 1000, MaxColumns: 50, MaxUnzipped: 8 << 20}})
	if err != nil {
		return
	}
	defer table.Close()
	seen := map[string]bool{}
	for _, name := range table.Header {
		if name == "" || seen[name] || !utf8.ValidString(name) {
			t.Fatalf("header %q", table.Header)
		}
		seen[name] = true
	}
	sample, err := table.Peek(5)
	if err != nil {
		return
	}
	lang := GuessLanguage(table.Header, sample)
	fields := map[Field]bool{}
	for _, g := range GuessMapping(table.Header, sample, lang) {
		if g.Field != "" && fields[g.Field] {
			t.Fatalf("%s twice", g.Field)
		}
		fields[g.Field] = true
	}
	last := 0
	for {
		row, err := table.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			return
		}
		if row.Line <= last || row.Line <= table.HeaderLine {
			t.Fatalf("line %d after line %d, header on %d", row.Line, last, table.HeaderLine)
		}
		last = row.Line
		if row.Err == nil && len(row.Cells) != len(table.Header) {
			t.Fatalf("%d cells, %d columns", len(row.Cells), len(table.Header))
		}
		if row.Err != nil && (row.Err.Reason == "" || row.Err.Line != row.Line) {
			t.Fatalf("%+v", row.Err)
		}
		for _, c := range row.Cells {
			if !utf8.ValidString(c) {
				t.Fatalf("invalid UTF-8 %q", c)
			}
		}
	}
}

func FuzzTabularText(f *testing.F) {
	files, err := filepath.Glob("testdata/*.*")
	if err != nil || len(files) == 0 {
		f.Fatal("no seeds", err)
	}
	for _, name := range files {
		content, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(content)
	}
	for _, s := range []string{"a;\"b\nc;\"\"x\n", "sep=;\r\na;b\n", "\xff\xfea\x00;\x00b", "CRM+ line;CRM+ column;CRM+ reason;a\n1;2;3;'=x\n", "a\rb\r\"c\rd"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		if bytes.HasPrefix(content, []byte("PK\x03\x04")) {
			t.Skip()
		}
		check(t, content)
	})
}

// FuzzXLSX changes the sheet and the styles of a small workbook: mutating the zip itself would
// nearly always end at its checksums.
func FuzzXLSX(f *testing.F) {
	seed := workbookOf(f, [][]any{{"Név", "E-mail", "Dátum"}, {"Szűcs Ágnes", "agnes@example.hu", 46216}, {"Kis Pál", "pal@example.hu", 46217.5}},
		map[string]string{"C2": "yyyy-mm-dd", "C3": "yyyy-mm-dd hh:mm"})
	parts := map[string]string{"xl/worksheets/sheet1.xml": "", "xl/sharedStrings.xml": "", "xl/styles.xml": ""}
	for name := range parts {
		rezip(f, seed, name, func(s string) string {
			parts[name] = s
			return s
		})
	}
	f.Add(parts["xl/worksheets/sheet1.xml"], parts["xl/sharedStrings.xml"], parts["xl/styles.xml"])
	f.Add(`<worksheet><sheetData><row r="5"><c r="B5" t="s"><v>99</v></c></row><row r="2"><c r="ZZZ1"><v>1</v></c></row></sheetData></worksheet>`, "<sst/>", "<styleSheet/>")
	f.Fuzz(func(t *testing.T, sheet, texts, styles string) {
		content := rezip(t, seed, "xl/worksheets/sheet1.xml", func(string) string { return sheet })
		content = rezip(t, content, "xl/sharedStrings.xml", func(string) string { return texts })
		content = rezip(t, content, "xl/styles.xml", func(string) string { return styles })
		check(t, content)
	})
}
