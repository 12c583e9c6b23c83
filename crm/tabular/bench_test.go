package tabular

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// benchFile has 12 columns and 20,000 rows, one cell in twelve in quotes.
func benchFile() string {
	var b strings.Builder
	b.WriteString("Név;Cégnév;Adószám;E-mail;Telefon;Irsz;Város;Utca;Ország;Forrás;Érték;Megjegyzés\n")
	for i := range 20000 {
		fmt.Fprintf(&b, "Szűcs Ágnes %d;Őszibarack Kft.;12345676-2-41;agnes%d@example.hu;+36 30 123 4567;6720;Szeged;Kárász u. 12.;HU;web;%d;\"ajánlatot kér; sürgős\"\n", i, i, i*100)
	}
	return b.String()
}

// BenchmarkText reads the same rows by encoding/csv (UTF-8, nothing checked) and by a Table.
func BenchmarkText(b *testing.B) {
	utf8File := []byte(benchFile())
	files := []struct {
		name    string
		content []byte
	}{{"utf-8", utf8File}, {"windows-1250", encode(b, Windows1250, string(utf8File))}, {"utf-16le", encode(b, UTF16LE, string(utf8File))}}
	b.Run("bare=encoding/csv", func(b *testing.B) {
		b.SetBytes(int64(len(utf8File)))
		b.ReportAllocs()
		for b.Loop() {
			r := csv.NewReader(bytes.NewReader(utf8File))
			r.Comma = ';'
			for {
				if _, err := r.Read(); errors.Is(err, io.EOF) {
					break
				} else if err != nil {
					b.Fatal(err)
				}
			}
		}
	})
	for _, f := range files {
		b.Run("ours="+f.name, func(b *testing.B) {
			b.SetBytes(int64(len(utf8File)))
			b.ReportAllocs()
			for b.Loop() {
				drain(b, f.content, 20000)
			}
		})
	}
}

// BenchmarkWorkbook reads 5,000 rows by the bare iterator of excelize and by a Table.
func BenchmarkWorkbook(b *testing.B) {
	var rows [][]any
	for i := range 5001 {
		rows = append(rows, []any{"Szűcs Ágnes", fmt.Sprintf("agnes%d@example.hu", i), "Szeged", i, 46216})
	}
	content := workbookOf(b, rows, nil)
	b.Run("bare=excelize", func(b *testing.B) {
		for b.Loop() {
			f, err := excelize.OpenReader(bytes.NewReader(content))
			if err != nil {
				b.Fatal(err)
			}
			it, err := f.Rows("Sheet1")
			if err != nil {
				b.Fatal(err)
			}
			for it.Next() {
				if _, err := it.Columns(); err != nil {
					b.Fatal(err)
				}
			}
			if err := errors.Join(it.Close(), f.Close()); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("ours", func(b *testing.B) {
		for b.Loop() {
			drain(b, content, 5001) // without a header, for the first row holds an e-mail address
		}
	})
}

func drain(b *testing.B, content []byte, want int) {
	table, err := Open(bytes.NewReader(content), Options{})
	if err != nil {
		b.Fatal(err)
	}
	n := 0
	for {
		row, err := table.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil || row.Err != nil {
			b.Fatal(err, row.Err)
		}
		n++
	}
	if err := table.Close(); err != nil || n != want {
		b.Fatal(n, err)
	}
}
