package store_test

import (
	"strings"
	"testing"

	"github.com/crmplus/crmplus/crm/store"
)

type leaf struct{}

func TestParseKey(t *testing.T) {
	const usual = "0190a3c2-8f4e-7cc3-98c4-dc0c0c07398f"
	for name, c := range map[string]struct {
		text string
		want string
	}{
		"usual":                 {usual, usual},
		"as SQL writes it":      {strings.ToUpper(strings.ReplaceAll(usual, "-", "")), usual},
		"none":                  {"", ""},
		"in braces":             {"{" + usual + "}", "refused"},
		"as a URN":              {"urn:uuid:" + usual, "refused"},
		"too short":             {usual[:35], "refused"},
		"with something else":   {strings.Replace(usual, "f", "g", 1), "refused"},
		"with blanks around it": {" " + usual, "refused"},
	} {
		t.Run(name, func(t *testing.T) {
			key, err := store.ParseKey[leaf](c.text)
			if (err != nil) != (c.want == "refused") {
				t.Fatalf("got %v and the error %v", key, err)
			}
			if err == nil && key.String() != c.want {
				t.Errorf("got %s, want %s", key, c.want)
			}
		})
	}
}
