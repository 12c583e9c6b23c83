package quote

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
)

func item(kind Kind, group, net, rate string) Line {
	return Line{Kind: kind, AlternativeGroup: group, Net: money.MustAmount(net), VATRate: money.MustPercent(rate), VATCode: rate}
}

func TestTotal(t *testing.T) {
	for _, row := range []struct {
		name                      string
		currency                  string
		lines                     []Line
		net, vat, gross, optional string
		rates                     int
	}{
		{"nothing", "HUF", nil, "0", "0", "0", "0", 0},
		{"VAT of the sum, not of lines: 3 x 27 % of 5 is 4.05, not 3", "HUF", []Line{item(Item, "", "5", "27"), item(Item, "", "5", "27"), item(Item, "", "5", "27")}, "15", "4", "19", "0", 1},
		{"euro cents", "EUR", []Line{item(Item, "", "0.10", "24"), item(Item, "", "0.05", "13")}, "0.15", "0.03", "0.18", "0", 2},
		{"optional beside", "HUF", []Line{item(Item, "", "1000", "27"), item(Optional, "", "500", "27"), item(Text, "", "0", "0")}, "1000", "270", "1270", "500", 1},
		{"first alternative counts", "HUF", []Line{item(Item, "A", "1000", "27"), item(Item, "A", "700", "27"), item(Item, "B", "10", "0"), item(Item, "B", "20", "0")}, "1010", "270", "1280", "0", 2},
		{"group of optional lines", "HUF", []Line{item(Item, "", "100", "0"), item(Optional, "A", "30", "27"), item(Optional, "A", "40", "27")}, "100", "0", "100", "30", 1},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := Total(row.lines, row.currency)
			if err != nil {
				t.Fatal(err)
			}
			want := []string{row.net, row.vat, row.gross, row.optional}
			if diff := cmp.Diff(want, []string{got.Net.String(), got.VAT.String(), got.Gross.String(), got.Optional.String()}); diff != "" {
				t.Error(diff)
			}
			if len(got.ByRate) != row.rates {
				t.Errorf("%d rates, want %d", len(got.ByRate), row.rates)
			}
		})
	}
}

func TestChosen(t *testing.T) {
	lines := []Line{
		item(Heading, "", "0", "0"), item(Item, "", "1000", "27"), item(Item, "A", "500", "27"), item(Item, "A", "700", "5"),
		item(Optional, "", "50", "27"), item(Optional, "B", "30", "27"), item(Optional, "B", "40", "27"),
	}
	for i := range lines {
		lines[i].Position = i + 1
	}
	card := Card{Quote: Quote{Currency: "HUF"}, Lines: lines}
	for _, row := range []struct {
		name          string
		options       []int
		positions     []int
		net, optional string
		faults        []string
	}{
		{"nothing chosen", nil, []int{2, 3}, "1500", "80", nil},
		{"other alternative", []int{4}, []int{2, 4}, "1700", "80", nil},
		{"option", []int{5}, []int{2, 3, 5}, "1550", "30", nil},
		{"optional alternative", []int{7}, []int{2, 3, 7}, "1540", "50", nil},
		{"what counts anyway", []int{2, 3, 3}, []int{2, 3}, "1500", "80", nil},
		{"everything possible", []int{7, 5, 4}, []int{2, 4, 5, 7}, "1790", "0", nil},
		{"two of one group, a heading, nothing there", []int{6, 7, 1, 99}, nil, "", "", []string{"options[1]", "options[2]", "options[3]"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, totals, err := card.Chosen(row.options)
			var at []string
			for _, f := range fault.Of(err) {
				at = append(at, f.Path)
			}
			if !slices.Equal(at, row.faults) {
				t.Fatalf("faults %v, want %v (%v)", at, row.faults, err)
			}
			if err != nil {
				return
			}
			var positions []int
			for _, l := range got {
				positions = append(positions, l.Position)
			}
			if !slices.Equal(positions, row.positions) || totals.Net.String() != row.net || totals.Optional.String() != row.optional {
				t.Errorf("positions %v net %s optional %s, want %v %s %s", positions, totals.Net, totals.Optional, row.positions, row.net, row.optional)
			}
		})
	}
}

// linesGen makes computed lines of a few rates.
func linesGen(currency string) *rapid.Generator[[]Line] {
	return rapid.Custom(func(t *rapid.T) []Line {
		lines := make([]Line, rapid.IntRange(0, 40).Draw(t, "n"))
		for i := range lines {
			l := &lines[i]
			l.Kind = rapid.SampledFrom([]Kind{Item, Item, Optional, Text}).Draw(t, "kind")
			l.VATRate = money.MustPercent(rapid.SampledFrom([]string{"27", "18", "5", "0", "25.5"}).Draw(t, "rate"))
			l.VATCode = l.VATRate.String()
			l.Quantity = money.QuantityFromScaled(rapid.Int64Range(1, 1e9).Draw(t, "quantity"))
			l.UnitPrice = money.AmountFromScaled(rapid.Int64Range(0, 1e10).Draw(t, "price"))
			l.Discount = money.MustPercent(rapid.SampledFrom([]string{"0", "12.5", "33.3333", "100"}).Draw(t, "discount"))
			var err error
			if l.Net, err = LineNet(*l, currency); err != nil {
				t.Fatal(err)
			}
		}
		return lines
	})
}

func TestTotalProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		currency := rapid.SampledFrom([]string{"HUF", "EUR", "KWD"}).Draw(t, "currency")
		lines := linesGen(currency).Draw(t, "lines")
		got, err := Total(lines, currency)
		if err != nil {
			t.Fatal(err)
		}
		var net, vat, gross, byLine money.Amount
		for _, r := range got.ByRate {
			net, vat, gross = net.Add(r.Net), vat.Add(r.VAT), gross.Add(r.Gross)
			if !r.VAT.Equal(money.Round(r.VAT, currency)) || !r.Gross.Equal(r.Net.Add(r.VAT)) {
				t.Fatalf("row %+v is not rounded or does not add up", r)
			}
		}
		for _, l := range lines {
			if l.Kind == Item {
				byLine = byLine.Add(l.Net)
			}
		}
		if !net.Equal(got.Net) || !vat.Equal(got.VAT) || !gross.Equal(got.Gross) || !byLine.Equal(got.Net) || !got.Gross.Equal(got.Net.Add(got.VAT)) {
			t.Fatalf("totals %+v do not add up", got)
		}
		seed := rapid.Uint64().Draw(t, "seed")
		other := slices.Clone(lines)
		rand.New(rand.NewPCG(seed, 1)).Shuffle(len(other), func(i, j int) { other[i], other[j] = other[j], other[i] })
		shuffled, err := Total(other, currency)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(got, shuffled); diff != "" {
			t.Fatalf("the order of lines changes the totals: %s", diff)
		}
	})
}

func TestTotalOverflow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := Line{Kind: Item, Quantity: money.QuantityFromScaled(rapid.Int64Min(1).Draw(t, "quantity")), UnitPrice: money.AmountFromScaled(rapid.Int64Min(0).Draw(t, "price"))}
		net, err := LineNet(l, "EUR")
		if exact := money.Round(money.Times(l.UnitPrice, l.Quantity), "EUR"); err == nil && !net.Equal(exact) {
			t.Fatalf("%s x %s gave %s", l.UnitPrice, l.Quantity, net)
		}
		if err != nil {
			return
		}
		l.Net, l.VATRate = net, money.MustPercent("27")
		totals, err := Total([]Line{l, l, l}, "EUR")
		if err != nil && !errors.Is(err, fault.Invalid) {
			t.Fatal(err)
		}
		if _, kept := totals.Gross.Scaled(); (kept == nil) != (err == nil) {
			t.Fatalf("gross %s, error %v", totals.Gross, err)
		}
	})
}
