package content_test

import (
	"testing"

	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/newsletter/content"
)

// BenchmarkReader writes subject, HTML (18 KB) and text of the sample for one reader, from his name and data
// on, as a campaign does; bare is what copying that many bytes takes, compile what is done once.
func BenchmarkReader(b *testing.B) {
	p := compiled(b, sample(locale.Hungarian))
	r := reader(locale.Hungarian)
	link := func(dst []byte, n int) []byte {
		return append(append(dst, "https://news.example/c/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"...), byte('a'+n))
	}
	all := func(dst []byte) []byte {
		v := p.Values(&r)
		dst = p.Subject.Append(dst, v.Subject, link)
		dst = p.HTML.Append(dst, v.HTML, link)
		return p.Text.Append(dst, v.Text, link)
	}
	whole := all(nil)
	dst := make([]byte, 0, 2*len(whole))
	b.Run("ours", func(b *testing.B) {
		b.SetBytes(int64(len(whole)))
		b.ReportAllocs()
		for b.Loop() {
			dst = all(dst[:0])
		}
	})
	b.Run("bare", func(b *testing.B) {
		b.SetBytes(int64(len(whole)))
		for b.Loop() {
			dst = append(dst[:0], whole...)
		}
	})
	b.Run("compile", func(b *testing.B) {
		d, fields := sample(locale.Hungarian), content.Catalogue()
		b.ReportAllocs()
		for b.Loop() {
			if _, err := d.Compile(fields); err != nil {
				b.Fatal(err)
			}
		}
	})
}
