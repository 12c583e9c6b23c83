package locale_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
)

func TestMoneyIsWrittenAsTheLanguageDoes(t *testing.T) {
	for _, c := range []struct {
		language locale.Language
		amount   string
		currency string
		want     string
	}{
		{locale.Hungarian, "1234567", "HUF", "1 234 567 Ft"},
		{locale.Hungarian, "1234", "HUF", "1234 Ft"},
		{locale.Hungarian, "-1234.5", "EUR", "−1234,50 €"},
		{locale.English, "1234.5", "EUR", "€1,234.50"},
		{locale.English, "-1234.5", "USD", "−$1,234.50"},
		{locale.English, "1234.5", "CHF", "1,234.50 CHF"},
		{locale.Hebrew, "1234.5", "ILS", "1,234.50 ₪"},
		{locale.Russian, "1234567.891", "RUB", "1 234 567,89 ₽"},
		{locale.Greek, "1234567.5", "EUR", "1.234.567,50 €"},
	} {
		got := strings.ReplaceAll(c.language.Money(money.MustAmount(c.amount), c.currency), "\u00a0", " ")
		if got != c.want {
			t.Errorf("%s %s %s: got %q, want %q", c.language, c.amount, c.currency, got, c.want)
		}
	}
}

func TestUnitPriceKeepsItsDecimals(t *testing.T) {
	for amount, want := range map[string]string{"12.5": "12,5 Ft", "12": "12 Ft", "0.1234": "0,1234 Ft", "0.12344": "0,1234 Ft"} {
		got := strings.ReplaceAll(locale.Hungarian.UnitPrice(money.MustAmount(amount), "HUF"), "\u00a0", " ")
		if got != want {
			t.Errorf("%s: got %q, want %q", amount, got, want)
		}
	}
}

func TestParseNumber(t *testing.T) {
	for _, c := range []struct {
		language locale.Language
		text     string
		want     string // "" for refused
	}{
		{locale.Hungarian, "1 234,56", "1234.56"},
		{locale.Hungarian, "1234.56", "1234.56"},
		{locale.Hungarian, "1.234,56", "1234.56"},
		{locale.Hungarian, "1.234.567", "1234567"},
		{locale.Hungarian, "12,5-", "-12.5"},
		{locale.Hungarian, "(12,50)", "-12.5"},
		{locale.Hungarian, "1\u00a0234\u00a0567,00", "1234567"},
		{locale.English, "1,234.56", "1234.56"},
		{locale.English, "1,234", "1234"},
		{locale.English, "12,5", "12.5"},
		{locale.English, "1234,56", "1234.56"},
		{locale.Greek, "1.234", "1234"},
		{locale.Greek, "1.23", "1.23"},
		{locale.Russian, "−5,25", "-5.25"},
		{locale.Hebrew, "\u200e1,234.5", "1234.5"},
		{locale.English, ".5", "0.5"},
		{locale.English, "", ""},
		{locale.English, ".", ""},
		{locale.English, "1,2,3", ""},
		{locale.English, "12a", ""},
		{locale.English, "1e9", ""},
		{locale.English, "1.2.3,4,5", ""},
		{locale.English, "1,23.4", ""},
		{locale.Hungarian, strings.Repeat("1", 65), ""},
	} {
		got, err := c.language.ParseNumber(c.text)
		if (err != nil) != (c.want == "") {
			t.Errorf("%s %q: error %v, want %q", c.language, c.text, err, c.want)
			continue
		}
		if err == nil && !got.Equal(decimal.RequireFromString(c.want)) {
			t.Errorf("%s %q: got %s, want %s", c.language, c.text, got, c.want)
		}
	}
}

func TestWrittenNumbersAreReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := rapid.SampledFrom(locale.Languages).Draw(t, "language")
		d := decimal.New(rapid.Int64().Draw(t, "digits"), -int32(rapid.IntRange(2, 2).Draw(t, "places")))
		got, err := l.ParseNumber(l.Number(d, 2))
		if err != nil || !got.Equal(d) {
			t.Fatalf("%s: %q gave %s, %v", l, l.Number(d, 2), got, err)
		}
	})
}

func TestParseDate(t *testing.T) {
	for _, c := range []struct {
		language locale.Language
		text     string
		want     string
	}{
		{locale.Hungarian, "2026. 07. 13.", "2026-07-13"},
		{locale.Hungarian, "2026.07.13 10:30", "2026-07-13"},
		{locale.Hungarian, "20260713", "2026-07-13"},
		{locale.Russian, "13.07.2026", "2026-07-13"},
		{locale.Greek, "13/7/26", "2026-07-13"},
		{locale.English, "07/13/2026", "2026-07-13"},
		{locale.English, "2026-07-13T10:30:00Z", "2026-07-13"},
		{locale.Hebrew, "31.12.1949", "1949-12-31"},
		{locale.Hebrew, "1.1.50", "1950-01-01"},
		{locale.English, "31/02/2026", ""},
		{locale.English, "tomorrow", ""},
		{locale.English, "", ""},
		{locale.English, "2026-13-40", ""},
	} {
		got, err := c.language.ParseDate(c.text)
		if (err != nil) != (c.want == "") || got.String() != c.want {
			t.Errorf("%s %q: got %s, %v, want %q", c.language, c.text, got, err, c.want)
		}
	}
}

func TestWrittenDatesAreReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := rapid.SampledFrom(locale.Languages).Draw(t, "language")
		d := civil.Date{Year: 1950, Month: time.January, Day: 1}.AddDays(rapid.IntRange(0, 36000).Draw(t, "day"))
		got, err := l.ParseDate(l.Date(d))
		if err != nil || got != d {
			t.Fatalf("%s: %q gave %s, %v", l, l.Date(d), got, err)
		}
	})
}

func TestSortKeysFollowTheLanguage(t *testing.T) {
	for language, want := range map[locale.Language][]string{
		locale.Hungarian: {"Ábel", "Cukor", "Csaba", "Nagy", "Nyári", "Ödön", "Ördög", "Zala", "Zsolt"},
		locale.Russian:   {"Абрамов", "Ежов", "Ёлкин", "Жуков", "Яшин"},
		locale.Greek:     {"Άννα", "Βασίλης", "Έλενα", "Ωραία"},
		locale.Hebrew:    {"אבן", "בר", "תמר"},
	} {
		got := slices.Clone(want)
		slices.Reverse(got)
		slices.SortFunc(got, func(a, b string) int { return slices.Compare(language.SortKey(a), language.SortKey(b)) })
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", language, got, want)
		}
	}
	if n := len(locale.Hungarian.SortKey(strings.Repeat("árvíztűrő", 1000))); n > locale.SortKeyLimit {
		t.Errorf("a sort key has %d bytes", n)
	}
}

func TestMissingTextsAreNamed(t *testing.T) {
	texts := locale.Texts{"a": locale.Row("á", "a", "א", "а", "α"), "b": {locale.English: "b"}}
	if got := texts.Missing(); len(got) != 4 || got[0] != "b (hu)" {
		t.Errorf("got %v", got)
	}
	if got := texts.T(locale.Hungarian, "b"); got != "b" {
		t.Errorf("a missing text falls back to %q", got)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"1 234,56", "1,234.56", "2026. 07. 13.", "13/7/26", "(1)", "--1", "٫5", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, l := range locale.Languages {
			if d, err := l.ParseNumber(s); err == nil && d.Exponent() < -64 {
				t.Errorf("%q has %d decimals", s, -d.Exponent())
			}
			if d, err := l.ParseDate(s); err == nil && civil.Of(d.Time(nil)) != d {
				t.Errorf("%q gave %v", s, d)
			}
		}
	})
}
