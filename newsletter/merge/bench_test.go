package merge_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/crmplus/crmplus/newsletter/merge"
)

// BenchmarkAppend writes a newsletter of 15 KB with ten fields and five counted links for one reader; bare
// is what copying that many bytes takes.
func BenchmarkAppend(b *testing.B) {
	var text strings.Builder
	for i := range 10 {
		fmt.Fprintf(&text, `<tr><td style="padding:8px 24px;font-family:Arial,sans-serif">%s {{field_%d|nobody}}</td></tr>`, strings.Repeat("Őszi kínálat, a műhelyből. ", 45), i)
		if i%2 == 0 {
			fmt.Fprintf(&text, `<tr><td><a href="https://shop.example/products/%d?utm_source=newsletter">Details</a></td></tr>`, i)
		}
	}
	p, err := merge.Parse(merge.Source{Text: text.String(), As: merge.Markup})
	if err != nil {
		b.Fatal(err)
	}
	values := []string{"Tisztelt Kovács Úr!", "Anna", "Kovács", "Győr", "Minta Kft. & Fia", "U-1042", "Szabó Éva", "eva@example.hu", "+36 1 234 5678", ""}
	link := func(dst []byte, n int) []byte {
		return append(append(dst, "https://news.example/c/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"...), byte('a'+n))
	}
	whole := p.Append(nil, values, link)
	dst := make([]byte, 0, 2*len(whole))
	b.Run("ours", func(b *testing.B) {
		b.SetBytes(int64(len(whole)))
		b.ReportAllocs()
		for b.Loop() {
			dst = p.Append(dst[:0], values, link)
		}
	})
	b.Run("bare", func(b *testing.B) {
		b.SetBytes(int64(len(whole)))
		for b.Loop() {
			dst = append(dst[:0], whole...)
		}
	})
}
