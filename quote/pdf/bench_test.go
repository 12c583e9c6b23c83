package pdf

import (
	"bytes"
	"io"
	"testing"

	"github.com/jung-kurt/gofpdf"

	"github.com/crmplus/crmplus/crm/locale"
)

// BenchmarkQuote is a quote of ten lines from the Document to the bytes.
func BenchmarkQuote(b *testing.B) {
	for _, l := range []locale.Language{locale.Hungarian, locale.Hebrew} {
		b.Run(string(l), func(b *testing.B) {
			d := quoteOf(l, 10)
			b.ReportAllocs()
			for b.Loop() {
				if err := Render(io.Discard, d); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkBareGofpdf draws the same marks at the same places by direct calls, from the same fonts:
// the limit that BenchmarkQuote is measured against.
func BenchmarkBareGofpdf(b *testing.B) {
	for _, l := range []locale.Language{locale.Hungarian, locale.Hebrew} {
		b.Run(string(l), func(b *testing.B) {
			_, marks := composed(b, quoteOf(l, 10))
			b.ReportAllocs()
			for b.Loop() {
				if err := bare(marks, io.Discard); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func bare(marks []mark, w io.Writer) error {
	f := gofpdf.New("P", "mm", "A4", "")
	f.SetAutoPageBreak(false, 0)
	f.SetCatalogSort(true)
	if err := load(f); err != nil {
		return err
	}
	page := 0
	var font style
	for _, m := range marks {
		if m.page != page {
			if page = m.page; page > f.PageCount() {
				f.AddPage()
			} else {
				f.SetPage(page)
			}
			font = style{}
		}
		switch m.kind {
		case markText:
			if m.style.face != font.face || m.style.size != font.size || font.size == 0 {
				_, name := m.style.face.ttf()
				f.SetFont(family, name, m.style.size)
			}
			if m.style.ink != font.ink || font.size == 0 {
				f.SetTextColor(int(m.style.ink.R), int(m.style.ink.G), int(m.style.ink.B))
			}
			font = m.style
			f.Text(m.x, m.y, m.text)
		case markRule:
			f.SetDrawColor(int(m.color.R), int(m.color.G), int(m.color.B))
			f.SetLineWidth(m.lineWidth)
			f.Line(m.x, m.y, m.x2, m.y2)
		case markFill:
			f.SetFillColor(int(m.color.R), int(m.color.G), int(m.color.B))
			f.Rect(m.x, m.y, m.x2-m.x, m.y2-m.y, "F")
		case markFrame:
			f.SetDrawColor(int(m.color.R), int(m.color.G), int(m.color.B))
			f.SetLineWidth(m.lineWidth)
			f.RoundedRect(m.x, m.y, m.x2-m.x, m.y2-m.y, 1.2, "1234", "D")
		case markLink:
			f.LinkString(m.x, m.y, m.x2-m.x, m.y2-m.y, m.text)
		case markImage:
		}
	}
	var out bytes.Buffer
	if err := f.Output(&out); err != nil {
		return err
	}
	_, err := w.Write(out.Bytes())
	return err
}

// BenchmarkThousandLines is a quote of 1,000 lines on some 70 pages.
func BenchmarkThousandLines(b *testing.B) {
	d := quoteOf(locale.Hungarian, 1000)
	b.ReportAllocs()
	for b.Loop() {
		if err := Render(io.Discard, d); err != nil {
			b.Fatal(err)
		}
	}
}
