package formula

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/fault"
)

// FuzzFormula feeds foreign text: it is refused or it runs, soon and without a panic, and what goes wrong
// is an error of this package.
func FuzzFormula(f *testing.F) {
	for _, seed := range []string{
		`0.1 + 0.2`, `"C" + pad(number, 6)`, `customer.tax_id startsWith "HU" ? customer.name : row["Company Name"]`,
		`sum(lines, #.unit_price * #.quantity)`, `let x = total; x / (x - x)`, `1..1000000000`, `map(lines, #index)[1]`,
		`((((((((((1 ?: 2) ?: 3) ?: 4) ?: 5) ?: 6) ?: 7) ?: 8) ?: 9) ?: 10) ?: 11`, `$env["customer"]`, `customer.Address.City()`,
		`replace(replace(customer.name, "", "x"), "x", "xxxxxxxxxxxxxxxxxxxxxxx")`, `1e9999999999`, `9223372036854775807 + 1`,
		`-9223372036854775808 % -1`, `if customer.person { 1 } else { 2 }`, `tags | join(",") | upper()`, `a?.b?.c`, "`raw\n`", `now > today`,
		`format(now, "2006")`, `"\u0000\xff"`, `count(lines)`, `any(lines, .name matches "(a+)+$")`, `not not not true`, `[1,[2]]`, `{"a":{}}`, `0x1F + 0b11`,
	} {
		f.Add(seed)
	}
	env, vars := sample(), values()
	f.Fuzz(func(t *testing.T, source string) {
		start := time.Now()
		for _, want := range []Kind{Any, Text, Number} {
			p, err := env.Compile(source, want)
			if err != nil {
				if !errors.Is(err, fault.Invalid) && !errors.Is(err, fault.Limit) {
					t.Fatalf("%q: %v", source, err)
				}
				continue
			}
			got, err := p.Run(context.Background(), vars)
			if err != nil {
				if !errors.Is(err, fault.Invalid) && !errors.Is(err, fault.Limit) {
					t.Fatalf("%q: %v", source, err)
				}
				continue
			}
			if k := kindOf(got); want != Any && k != want && k != none {
				t.Fatalf("%q gives a %s instead of a %s", source, k, want)
			}
		}
		if took := time.Since(start); took > 5*time.Second {
			t.Fatalf("%q took %s", source, took)
		}
	})
}
