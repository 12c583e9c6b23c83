package workbook

import (
	"strconv"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"
)

// TestDoubleKeepsFifteenDigits: what counts as exact reads back from the shortest text of the
// double; the double is the nearest in any case.
func TestDoubleKeepsFifteenDigits(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		d := decimal.New(rapid.Int64().Draw(r, "coefficient"), rapid.Int32Range(-30, 30).Draw(r, "exponent"))
		f, places, exact := double(d)
		nearest, err := strconv.ParseFloat(d.String(), 64)
		if err != nil || f != nearest {
			r.Fatalf("%s became %g, the nearest is %g, %v", d, f, nearest, err)
		}
		if back := decimal.RequireFromString(strconv.FormatFloat(f, 'f', -1, 64)); exact && !back.Equal(d) {
			r.Fatalf("%s is called exact and reads back as %s", d, back)
		}
		if places != decimals(d) || !d.Round(places).Equal(d) || places > 0 && d.Round(places-1).Equal(d) {
			r.Fatalf("%s has not %d decimals", d, places)
		}
	})
}

func TestExactBorder(t *testing.T) {
	for text, want := range map[string]bool{
		"0": true, "999999999999999": true, "-0.000000000000001": true, "123456789012345": true, "123456789012345000000": true,
		"1234567890123456": false, "0.1234567890123456": false, "922337203685477.5807": false, "1000000000000000000000000": true,
	} {
		if _, _, exact := double(decimal.RequireFromString(text)); exact != want {
			t.Errorf("%s: exact is %v, want %v", text, exact, want)
		}
	}
}
