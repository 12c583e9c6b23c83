package pdf

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
)

// FuzzRender puts hostile text and numbers into every field: the document has faults or is drawn,
// within its margins.
func FuzzRender(f *testing.F) {
	f.Add("Raktári polcrendszer", "Őrség\nmásodik sor", uint8(0), int64(125_000), int32(-4), "https://example.com/q")
	f.Add("מלונות (Carmel) 12-34\u202e", "א\n\nב (c) 5%", uint8(2), int64(-1), int32(12), "javascript:1")
	f.Add("🙂\x00\xff漢", ") Tj ET \\ (", uint8(3), int64(1<<62), int32(2_000_000_000), "")
	f.Add("WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW", "\u0301\u0301", uint8(4), int64(999_999_999_999), int32(-3), "http://[::1]/")
	f.Fuzz(func(t *testing.T, one, many string, language uint8, coefficient int64, exponent int32, link string) {
		d := quoteOf(locale.Languages[int(language)%len(locale.Languages)], 3)
		d.fields(func(f field) {
			if *f.text = one; f.paragraphs {
				*f.text = many
			}
		})
		d.Seller.Name, d.Addressee.Name = "x"+one, "x"+one
		d.AcceptLink, d.Draft = link, language >= 128
		n := decimal.New(coefficient, exponent)
		d.Net, d.Gross, d.VATSummary[0].VAT = money.NewAmount(n), money.NewAmount(n), money.NewAmount(n)
		d.Lines[1].Quantity, d.Lines[1].UnitPrice, d.Lines[1].Net = money.NewQuantity(n), money.NewAmount(n), money.NewAmount(n)
		var marks []mark
		file, err := compose(d, &marks)
		if err != nil {
			if !errors.Is(err, fault.Invalid) {
				t.Fatal(err)
			}
			return
		}
		if !bytes.HasPrefix(file, []byte("%PDF-1.4")) || pages(file) == 0 {
			t.Error("the file has no pages")
		}
		checkSheet(t, marks)
		if err := Render(io.Discard, d); err != nil {
			t.Error("the same document is refused the second time:", err)
		}
	})
}
