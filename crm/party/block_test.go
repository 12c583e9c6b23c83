package party

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func sharesKey(keys, others []string) bool {
	return slices.ContainsFunc(keys, func(k string) bool { return slices.Contains(others, k) })
}

// recall is the share of names that are found again after a change.
func recall(name func(*rand.Rand) string, change func(*rand.Rand, string) string) float64 {
	r := rand.New(rand.NewPCG(1, 2))
	const tries = 20000
	found := 0
	for range tries {
		n := name(r)
		if sharesKey(BlockKeys(n), BlockKeys(change(r, n))) {
			found++
		}
	}
	return float64(found) / tries
}

func TestBlockKeysRecall(t *testing.T) {
	swapped := func(_ *rand.Rand, n string) string { return swapWords(n) }
	both := func(r *rand.Rand, n string) string { return swapWords(mistype(r, n)) }
	for _, test := range []struct {
		name   string
		make   func(*rand.Rand) string
		change func(*rand.Rand, string) string
		least  float64
	}{
		{"people, words swapped", somebody, swapped, 1},
		{"people, one typing error", somebody, mistype, 0.97},
		{"people, swapped and mistyped", somebody, both, 0.97},
		{"companies, words swapped", someCompany, swapped, 1},
		{"companies, one typing error", someCompany, mistype, 0.97},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := recall(test.make, test.change)
			t.Logf("recall %.1f %%", 100*got)
			if got < test.least {
				t.Errorf("recall is %.3f, want at least %.3f", got, test.least)
			}
		})
	}
	// How many of a million people share a key with one person bounds the cost of a lookup.
	r := rand.New(rand.NewPCG(3, 4))
	people := map[string]int{}
	const sample = 100000
	for range sample {
		for _, k := range BlockKeys(somebody(r)) {
			people[k]++
		}
	}
	pairs := 0
	for range 1000 {
		for _, k := range BlockKeys(somebody(r)) {
			pairs += people[k]
		}
	}
	if got := float64(pairs) / 1000 / sample; got > 0.002 {
		t.Errorf("a person shares a key with %.2f %% of all, want at most 0.2 %%", got*100)
	}
	t.Logf("a person shares a key with %.2f %% of the people of %d names (%.2f %% have the very name)", float64(pairs)/1000/sample*100,
		len(familyNames)*len(givenNames), 100/float64(len(familyNames)*len(givenNames)))
}
