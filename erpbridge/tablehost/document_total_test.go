package tablehost

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/erpbridge"
)

func lineOf(quantity, price, discount, code, rate string) erpbridge.DocumentLine {
	return erpbridge.DocumentLine{
		Quantity: money.MustQuantity(quantity), UnitPrice: money.MustAmount(price), Discount: money.MustPercent(discount), VATCode: code, VATRate: money.MustPercent(rate),
	}
}

func TestTotalsFollowFromTheLines(t *testing.T) {
	cases := []struct {
		name, currency  string
		perLine         bool
		lines           []erpbridge.DocumentLine
		net, vat, gross string
	}{
		{"forints have no decimals", "HUF", false, []erpbridge.DocumentLine{lineOf("3", "333.33", "0", "27", "27")}, "1000", "270", "1270"},
		{"a discount", "EUR", false, []erpbridge.DocumentLine{lineOf("2", "49.99", "12.5", "24", "24")}, "87.48", "21", "108.48"},
		{
			"VAT is rounded once for each code", "EUR", false,
			[]erpbridge.DocumentLine{lineOf("1", "0.02", "0", "24", "24"), lineOf("1", "0.02", "0", "24", "24"), lineOf("1", "10", "0", "13", "13")},
			"10.04", "1.31", "11.35",
		},
		{
			"VAT is rounded on each line", "EUR", true,
			[]erpbridge.DocumentLine{lineOf("1", "0.02", "0", "24", "24"), lineOf("1", "0.02", "0", "24", "24"), lineOf("1", "10", "0", "13", "13")},
			"10.04", "1.3", "11.34",
		},
		{"no lines", "EUR", false, nil, "0", "0", "0"},
		{"half a fils", "KWD", false, []erpbridge.DocumentLine{lineOf("1", "1.0005", "0", "0", "0")}, "1.001", "0", "1.001"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d := erpbridge.Document{Currency: c.currency, Lines: c.lines}
			counting{c.currency, c.perLine}.count(&d)
			for what, v := range map[string][2]string{"net": {d.Net.String(), c.net}, "VAT": {d.VAT.String(), c.vat}, "gross": {d.Gross.String(), c.gross}} {
				if !money.MustAmount(v[0]).Equal(money.MustAmount(v[1])) {
					t.Errorf("the %s is %s, want %s", what, v[0], v[1])
				}
			}
		})
	}
}

func TestGrossPricesComeBackAsNetOnes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		net := money.NewAmount(money.AmountFromScaled(rapid.Int64Range(0, 1e12).Draw(t, "net")).Decimal)
		rate := money.MustPercent(rapid.SampledFrom([]string{"0", "5", "18", "27", "24", "19.6"}).Draw(t, "rate"))
		if back := netPrice(grossPrice(net, rate, 4), rate); !back.Equal(net) {
			t.Fatalf("%s with %s %% is %s, which is %s net", net, rate, grossPrice(net, rate, 4), back)
		}
	})
	if got := netPrice(money.MustAmount("5"), money.MustPercent("-100")); !got.Equal(money.MustAmount("5")) {
		t.Errorf("a price without a rate becomes %s", got)
	}
}

func TestReversedTwiceIsTheSame(t *testing.T) {
	d := erpbridge.Document{Currency: "EUR", Lines: []erpbridge.DocumentLine{lineOf("2", "49.99", "12.5", "24", "24")}}
	counting{"EUR", false}.count(&d)
	once := reversed(d)
	if !once.Net.IsNegative() || !once.Lines[0].Quantity.IsNegative() || !once.Lines[0].Net.IsNegative() || d.Lines[0].Net.IsNegative() {
		t.Errorf("the reverse of %+v is %+v", d, once)
	}
	if again := reversed(once); !again.Gross.Equal(d.Gross) || !again.Lines[0].Quantity.Equal(d.Lines[0].Quantity) {
		t.Errorf("reversed twice %+v is %+v", d, again)
	}
}
