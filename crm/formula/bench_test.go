package formula

import (
	"testing"

	"github.com/expr-lang/expr"
)

// BenchmarkRun puts formulas beside bare expr over the same values in a map of plain Go types: floats
// instead of decimals, no limits. The distance is the price of exactness and of declared records.
func BenchmarkRun(b *testing.B) {
	bare := map[string]any{
		"customer": map[string]any{"tax_id": "HU12345676", "name": "Kovács és Társa Kft."},
		"number":   42,
		"line":     map[string]any{"unit_price": 19.9, "quantity": 3.0, "discount": 10.0},
	}
	env := sample().Var("line", Record, "", Field{Name: "unit_price", Kind: Number}, Field{Name: "quantity", Kind: Number}, Field{Name: "discount", Kind: Number})
	ours := values()
	ours["line"] = struct{ UnitPrice, Quantity, Discount any }{ours["total"], int64(3), int64(10)}
	for _, row := range []struct{ name, bare, ours string }{
		{"field", `customer.tax_id`, `customer.tax_id`},
		{"condition", `customer.tax_id startsWith "HU" ? "27" : "EU"`, `customer.tax_id startsWith "HU" ? "27" : "EU"`},
		{"arithmetic", `line.unit_price * line.quantity * (100 - line.discount) / 100`, `line.unit_price * line.quantity * (100 - line.discount) / 100`},
		{"code", `"C" + string(number)`, `"C" + pad(number, 6)`},
	} {
		b.Run(row.name+"/expr", func(b *testing.B) {
			p, err := expr.Compile(row.bare, expr.Env(bare))
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := expr.Run(p, bare); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(row.name+"/formula", func(b *testing.B) {
			p, err := env.Compile(row.ours, Any)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := p.Run(b.Context(), ours); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkCompile(b *testing.B) {
	env := sample()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := env.Compile(`customer.tax_id startsWith "HU" ? "C" + pad(number, 6) : "E" + pad(number, 6)`, Text); err != nil {
			b.Fatal(err)
		}
	}
}
