package tablehost

import (
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/erpbridge"
)

func TestDiscountsAreReadInEveryForm(t *testing.T) {
	line := erpbridge.DocumentLine{Quantity: money.MustQuantity("4"), UnitPrice: money.MustAmount("250")}
	cases := []struct {
		name, form string
		value      any
		want       string
	}{
		{"percent", asPercent, decimal.RequireFromString("12.5"), "12.5"},
		{"percent where the form is not given", "", int64(10), "10"},
		{"fraction", asFraction, decimal.RequireFromString("0.125"), "12.5"},
		{"fraction of a binary column", asFraction, decimal.RequireFromString("0.150000006"), "15"},
		{"factor", asFactor, decimal.RequireFromString("0.875"), "12.5"},
		{"factor that is missing", asFactor, nil, "0"},
		{"amount of the line", asAmount, decimal.RequireFromString("125"), "12.5"},
		{"amount that does not divide", asAmount, decimal.RequireFromString("333.3333"), "33.3333"},
		{"cascade", asCascade, "10+5", "14.5"},
		{"cascade as people write it", asCascade, " 10 % + 5,5 %", "14.95"},
		{"cascade of one", asCascade, "33.3333", "33.3333"},
		{"empty cascade", asCascade, "", "0"},
		{"missing", asPercent, nil, "0"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := discountRead(c.form, c.value, line)
			if err != nil || !got.Equal(money.MustPercent(c.want)) {
				t.Errorf("%v is read as %s %%, %v; want %s %%", c.value, got, err, c.want)
			}
		})
	}
	for _, bad := range []string{"ten", "10+", "10+101", "-5", "1+1+1+1+1+1+1+1+1", "10+1e9"} {
		if got, err := discountRead(asCascade, bad, line); err == nil {
			t.Errorf("the cascade %q was read as %s", bad, got)
		}
	}
	if got, err := discountRead(asAmount, decimal.NewFromInt(5), erpbridge.DocumentLine{}); err != nil || !got.IsZero() {
		t.Errorf("a discount on a line without a price is %s, %v", got, err)
	}
}

func TestDiscountsComeBackAsTheyWereWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line := erpbridge.DocumentLine{
			Quantity:  money.QuantityFromScaled(rapid.Int64Range(1, 1e9).Draw(t, "quantity")),
			UnitPrice: money.AmountFromScaled(rapid.Int64Range(1, 1e9).Draw(t, "price")),
			Discount:  money.NewPercent(decimal.New(rapid.Int64Range(0, 1e6).Draw(t, "discount"), -4)),
		}
		for _, form := range []string{asPercent, asFraction, asFactor, asCascade} {
			got, err := discountRead(form, discountWritten(form, line, 4), line)
			if err != nil || !got.Equal(line.Discount) {
				t.Fatalf("%s %% as %s comes back as %s, %v", line.Discount, form, got, err)
			}
		}
		// An amount is rounded to the places of its column, so that what comes back gives the same amount again.
		read := line
		var err error
		if read.Discount, err = discountRead(asAmount, discountWritten(asAmount, line, 4), line); err != nil {
			t.Fatal(err)
		}
		// Half a ten-thousandth, and what four decimals of a percentage cannot say of a large price.
		off := decimal.New(1, -4).Add(fullPrice(line).Shift(-6))
		if money.PercentOf(read.Discount, fullPrice(line)).Sub(money.PercentOf(line.Discount, fullPrice(line))).Abs().GreaterThan(off) {
			t.Fatalf("a discount of %s %% on %s is read as %s %%", line.Discount, fullPrice(line), read.Discount)
		}
	})
}

func FuzzCascade(f *testing.F) {
	for _, s := range []string{"10+5", "10 % + 5,5 %", "", "+", "100+100", "0.0001+99.9999", "1e5", "10＋5"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := cascade(s)
		if err == nil && (p.IsNegative() || p.GreaterThan(hundred)) {
			t.Errorf("the cascade %q gives %s %%", s, p)
		}
	})
}
