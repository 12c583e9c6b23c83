package api

import "testing"

func TestTextsExistInAllLanguages(t *testing.T) {
	for _, missing := range [][]string{titles.Missing(), messages.Missing()} {
		if len(missing) > 0 {
			t.Errorf("missing texts: %v", missing)
		}
	}
	for _, r := range []*refusal{errNoKey, errBadKey, errTooMany, errTooManyWrong, errNoRoute, errNoMethod, errInside, errTooLarge, errType, errNoMatch, errBadMatch} {
		if _, ok := titles[r.code]; !ok {
			t.Errorf("%s has no title", r.code)
		}
	}
	for code := range statuses {
		if _, ok := titles[string(code)]; !ok {
			t.Errorf("%s has no title", code)
		}
	}
}
