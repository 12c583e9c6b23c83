package erpapi

import (
	"encoding/json"
	"testing"
)

func TestFilters(t *testing.T) {
	r := row{"name": "O'Brien", "city": "Őriszentpéter", "n": json.Number("10"), "date": "2026-03-02", "on": true, "none": nil}
	cases := map[string]bool{
		"name eq 'O''Brien'": true, "name eq 'o''brien'": true, "name ne 'x'": true, "n gt 9": true, "n lt 9.5": false, "n eq 10.0": true, "date ge 2026-03-02": true, "on eq true": true,
		"name eq 'x' or n eq 10": true, "name eq 'x' or n eq 10 and city eq 'y'": false, "(name eq 'x' or n eq 10) and contains(city,'PÉTER')": true,
		"startswith(name,'O''B')": true, "endswith(name,'n')": true, "not contains(name,'z')": true, "missing eq 'x'": false,
	}
	for text, want := range cases {
		f, err := parseFilter(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := f.holds(r); got != want {
			t.Errorf("%s is %v, want %v", text, got, want)
		}
	}
	for _, text := range []string{"", "name", "name eq", "name eq 'x", "name xx 'y'", "(name eq 'x'", "contains(name 'x')", "contains(name,'x'", "name eq 'x' name eq 'y'", "not"} {
		if f, err := parseFilter(text); err == nil {
			t.Errorf("%q is understood as %v", text, f)
		}
	}
}

// FuzzFilter reads any text as a filter.
func FuzzFilter(f *testing.F) {
	for _, seed := range []string{"name eq 'O''Brien'", "(a eq 1 or b eq 2) and not contains(c,'d')", "((((", "'", "a eq"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 4096 {
			return // addresses are no longer
		}
		if got, err := parseFilter(text); err == nil {
			got.holds(row{"a": json.Number("1"), "c": "d"})
			mixes(got)
		}
	})
}
