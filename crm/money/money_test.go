package money_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/crmplus/crmplus/crm/money"
)

func TestStoredAndReadBack(t *testing.T) {
	for _, text := range []string{"0", "12.5", "-12.5", "922337203685477.5807", "-922337203685477.5807", "0.0001"} {
		a := money.MustAmount(text)
		v, err := a.Value()
		if err != nil {
			t.Fatal(err)
		}
		var back money.Amount
		if err := back.Scan(v); err != nil || !back.Equal(a) {
			t.Errorf("%s: stored as %v, read as %s, %v", text, v, back, err)
		}
	}
}

func TestRefused(t *testing.T) {
	for _, text := range []string{"", "x", "1e5", "922337203685477.5808", "1,5", "99999999999999999999", "NaN"} {
		if a, err := money.ParseAmount(text); err == nil {
			t.Errorf("%q was taken as %s", text, a)
		}
	}
}

func TestRounding(t *testing.T) {
	for _, c := range []struct{ amount, currency, total, cash string }{
		{"12.5", "HUF", "13", "15"},
		{"-12.5", "HUF", "-13", "-15"},
		{"12.4", "HUF", "12", "10"},
		{"12.345", "EUR", "12.35", "12.35"},
		{"12.33", "CHF", "12.33", "12.35"},
		{"12.3455", "KWD", "12.346", "12.346"},
		{"12.5", "JPY", "13", "13"},
	} {
		a := money.MustAmount(c.amount)
		if got := money.Round(a, c.currency); !got.Equal(money.MustAmount(c.total)) {
			t.Errorf("Round(%s %s) = %s, want %s", c.amount, c.currency, got, c.total)
		}
		if got := money.RoundCash(a, c.currency); !got.Equal(money.MustAmount(c.cash)) {
			t.Errorf("RoundCash(%s %s) = %s, want %s", c.amount, c.currency, got, c.cash)
		}
	}
}

func TestSplitAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		currency := rapid.SampledFrom([]string{"HUF", "EUR", "KWD"}).Draw(t, "currency")
		total := money.AmountFromScaled(rapid.Int64Range(-1e15, 1e15).Draw(t, "total"))
		weights := make([]money.Percent, rapid.IntRange(1, 9).Draw(t, "parts"))
		for i := range weights {
			weights[i] = money.MustPercent(rapid.SampledFrom([]string{"0", "0.0001", "33.3333", "50", "100"}).Draw(t, "weight"))
		}
		weights[0] = money.MustPercent("1")
		parts, err := money.Split(total, currency, weights)
		if err != nil {
			t.Fatal(err)
		}
		var sum money.Amount
		for i, p := range parts {
			sum = sum.Add(p)
			if weights[i].IsZero() && !p.IsZero() {
				t.Fatalf("weight 0 got %s", p)
			}
		}
		if !sum.Equal(money.Round(total, currency)) {
			t.Fatalf("parts %v add up to %s, not %s", parts, sum, money.Round(total, currency))
		}
	})
}

func TestNothingToSplitBy(t *testing.T) {
	for name, weights := range map[string][]money.Percent{"none": nil, "zero": {money.MustPercent("0")}, "negative": {money.MustPercent("-1"), money.MustPercent("2")}} {
		if _, err := money.Split(money.MustAmount("10"), "EUR", weights); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := money.Ratio(money.MustAmount("1"), money.Amount{}); err == nil {
		t.Error("division by zero gave no error")
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"1.5", "-0.00001", "1e999999999", "922337203685477.5808", "0x10"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if a, err := money.ParseAmount(s); err == nil {
			if _, err := a.Scaled(); err != nil {
				t.Errorf("%q was taken but cannot be stored: %v", s, err)
			}
		}
	})
}
