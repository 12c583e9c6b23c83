package kpi_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/reports/kpi"
	"github.com/crmplus/crmplus/reports/paper"
)

// marks are those of an axis, without the blanks that hold them together.
func marks(lang locale.Language, top, currency string) []string {
	end, axis := decimal.RequireFromString(top), kpi.AxisMoney(lang, currency)
	var out []string
	for i := range int64(5) {
		out = append(out, strings.ReplaceAll(axis(end.Mul(decimal.NewFromInt(i)).Div(decimal.NewFromInt(4)), end), "\u00a0", " "))
	}
	return out
}

func TestAnAxisIsWrittenInOneForm(t *testing.T) {
	for _, c := range []struct {
		lang          locale.Language
		top, currency string
		want          []string
	}{
		{"el", "100000", "EUR", []string{"0 €", "25 χιλ. €", "50 χιλ. €", "75 χιλ. €", "100 χιλ. €"}},
		{"hu", "100000", "HUF", []string{"0 Ft", "25 e Ft", "50 e Ft", "75 e Ft", "100 e Ft"}},
		{"hu", "1000000", "HUF", []string{"0 Ft", "250 e Ft", "500 e Ft", "750 e Ft", "1000 e Ft"}},
		{"hu", "2000000", "HUF", []string{"0 Ft", "0,5 M Ft", "1,0 M Ft", "1,5 M Ft", "2,0 M Ft"}},
		{"ru", "250000", "EUR", []string{"0 €", "62,5 тыс. €", "125,0 тыс. €", "187,5 тыс. €", "250,0 тыс. €"}},
		{"en", "10000", "EUR", []string{"€0", "€2,500", "€5,000", "€7,500", "€10,000"}},
		{"en", "25", "EUR", []string{"€0", "€6.25", "€12.50", "€18.75", "€25.00"}},
	} {
		if got := marks(c.lang, c.top, c.currency); !slices.Equal(got, c.want) {
			t.Errorf("%s up to %s: %q, want %q", c.lang, c.top, got, c.want)
		}
	}
	// what stands around the digits is the same on each mark, whatever the language and the size
	digits := func(mark string) string {
		return strings.Map(func(r rune) rune {
			if strings.ContainsRune("0123456789.,\u202f ", r) {
				return -1
			}
			return r
		}, mark)
	}
	for _, lang := range locale.Languages {
		for most := decimal.NewFromInt(7); most.LessThan(decimal.NewFromInt(10_000_000_000)); most = most.Mul(decimal.RequireFromString("1.9")) {
			top := paper.Top(most)
			all := marks(lang, top.String(), "HUF")
			for _, mark := range all[2:] {
				if digits(mark) != digits(all[1]) {
					t.Errorf("%s up to %s: %q", lang, top, all)
					break
				}
			}
		}
	}
}
