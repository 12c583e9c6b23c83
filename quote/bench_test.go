package quote_test

import (
	"testing"

	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/quote"
	"github.com/crmplus/crmplus/testutil"
)

// BenchmarkIssue compares the whole issue of a quote of ten lines (checks, number, frozen document, files,
// event, timeline, commit) with its largest part, drawing the PDF: that of the draft, which differs by the
// word across the page.
func BenchmarkIssue(b *testing.B) {
	w := newWorld(b, testutil.SQLite(b))
	ten := func(in *quote.DraftInput) {
		in.Lines = nil
		for range 10 {
			in.Lines = append(in.Lines, quote.DraftLine{Product: "POLE", Quantity: money.MustQuantity("3")})
		}
	}
	b.Run("drawing", func(b *testing.B) {
		id := w.draft(ten).Quote.ID
		for b.Loop() {
			_, err := w.quotes.PDF(w.anna, id)
			w.ok(err)
		}
	})
	b.Run("issue", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			id := w.draft(ten).Quote.ID
			b.StartTimer()
			_, err := w.quotes.Issue(w.anna, id)
			w.ok(err)
		}
	})
}
