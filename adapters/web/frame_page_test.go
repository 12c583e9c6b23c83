package web

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
)

func TestPagesAreCompressedForWhoTakesIt(t *testing.T) {
	text := strings.Repeat("Árvíztűrő tükörfúrógép. ", 200)
	for _, row := range []struct {
		name, accepts, by string
		size              int
		packed            bool
	}{
		{"a browser", "gzip, deflate, br", "", len(text), true},
		{"one that would rather not", "br, gzip;q=0.1", "", len(text), true},
		{"one that refuses", "gzip;q=0, identity", "", len(text), false},
		{"one that refuses at length", "gzip; q=0.000", "", len(text), false},
		{"one that says nothing", "", "", len(text), false},
		{"the host compresses itself", "gzip", "gzip", len(text), false},
		{"what fits a packet", "gzip", "", 1000, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodGet, "/crm/today", nil)
			r.Header.Set("Accept-Encoding", row.accepts)
			w := httptest.NewRecorder()
			if row.by != "" {
				w.Header().Set("Content-Encoding", row.by)
			}
			if err := (&visit{w: w, r: r}).write(http.StatusOK, bytes.NewBufferString(text[:row.size])); err != nil {
				t.Fatal(err)
			}
			body := io.Reader(w.Body)
			if packed := w.Body.Len() < row.size; packed != row.packed {
				t.Fatalf("%d bytes came of %d", w.Body.Len(), row.size)
			}
			if row.packed {
				var err error
				if body, err = gzip.NewReader(w.Body); err != nil || w.Header().Get("Content-Encoding") != "gzip" {
					t.Fatal(err, w.Header())
				}
			}
			if got, err := io.ReadAll(body); err != nil || string(got) != text[:row.size] {
				t.Errorf("%v: %.60q came", err, got)
			}
		})
	}
}

func TestTokensDifferAndHold(t *testing.T) {
	s := signer{bytes.Repeat([]byte("k"), 32)}
	one, two := s.masked("csrf", "Anna's session"), s.masked("csrf", "Anna's session")
	if one == two {
		t.Error("two answers have the same token")
	}
	for _, row := range []struct {
		name, session, token string
		holds                bool
	}{
		{"one", "Anna's session", one, true}, {"another", "Anna's session", two, true}, {"somebody else's", "Béla's session", one, false},
		{"cut", "Anna's session", one[:len(one)-2], false}, {"none", "Anna's session", "", false}, {"nonsense", "Anna's session", "שלום", false},
		{"bare", "Anna's session", s.sign("csrf", "Anna's session"), false}, {"changed", "Anna's session", "A" + one[1:len(one)-1] + "A", false},
	} {
		if got := s.holdsMasked("csrf", row.session, row.token); got != row.holds && (row.name != "changed" || row.token != one) {
			t.Errorf("%s: %v, want %v", row.name, got, row.holds)
		}
	}
}

// TestStylesAreWhole: a brace too many or too few takes every rule behind it out of force, without a word.
func TestStylesAreWhole(t *testing.T) {
	text, err := staticFiles.ReadFile("static/app.css")
	if err != nil {
		t.Fatal(err)
	}
	depth := 0
	for _, line := range strings.Split(regexp.MustCompile(`(?s)/\*.*?\*/`).ReplaceAllString(string(text), ""), "\n") {
		if depth > 0 && strings.HasPrefix(line, "@media") {
			t.Errorf("something before %.80q is not closed", line)
		}
		depth += strings.Count(line, "{") - strings.Count(line, "}")
	}
	if depth != 0 {
		t.Errorf("%+d braces are left over", depth)
	}
}

func TestAmountsOnBoardsHaveFourDigitsAtMost(t *testing.T) {
	for amount, want := range map[string]string{
		"0": "0 Ft", "99999": "99 999 Ft", "100000": "100 e Ft", "999499": "999 e Ft", "999500": "1 M Ft", "999999.99": "1 M Ft",
		"1249999": "1,2 M Ft", "12345678": "12,3 M Ft", "999499999": "999 M Ft", "999500000": "1 Mrd Ft", "-999700": "−1 M Ft",
	} {
		if got := strings.ReplaceAll(shortMoney(locale.Hungarian, money.MustAmount(amount), "HUF"), "\u00a0", " "); got != want {
			t.Errorf("%s is written %q, want %q", amount, got, want)
		}
	}
}
