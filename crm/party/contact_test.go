package party

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers"
	"golang.org/x/net/idna"
	"pgregory.net/rapid"

	"github.com/crmplus/crmplus/crm/fault"
)

// codeOf is the code of the one fault of a refusal.
func codeOf(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	faults := fault.Of(err)
	if len(faults) != 1 || !errors.Is(err, fault.Invalid) {
		t.Fatalf("%v is not one fault of invalid input", err)
	}
	return faults[0].Code
}

func TestNormalizeEmail(t *testing.T) {
	long := strings.Repeat("a", 64)
	for _, test := range []struct{ name, in, want, code string }{
		{"plain", "Anna.Kovacs@Example.HU", "anna.kovacs@example.hu", ""},
		{"blanks", " \tanna@example.hu\r\n", "anna@example.hu", ""},
		{"display name", "Kovács Anna <anna@example.hu>", "anna@example.hu", ""},
		{"quoted display name", `"a@b <c>" <anna@example.hu>`, "anna@example.hu", ""},
		{"mailto", "mailto:anna@example.hu", "anna@example.hu", ""},
		{"plus and apostrophe", "o'brien+crm@example.ie", "o'brien+crm@example.ie", ""},
		{"Hungarian domain", "info@Őrség.hu", "info@xn--rsg-cma13c.hu", ""},
		{"Russian domain", "info@почта.рф", "info@xn--80a1acny.xn--p1ai", ""},
		{"Greek domain", "info@παράδειγμα.ελ", "info@xn--hxajbheg2az3al.xn--qxam", ""},
		{"Hebrew domain", "info@דוגמה.ישראל", "info@xn--6dbbec0c.xn--4dbrk0ce", ""},
		{"international local part", "Árvíz@example.hu", "árvíz@example.hu", ""},
		{"root dot", "anna@example.hu.", "anna@example.hu", ""},
		{"longest local part", long + "@example.hu", long + "@example.hu", ""},
		{"missing", "  ", "", "required"},
		{"no at", "anna.example.hu", "", "email.form"},
		{"nothing before", "@example.hu", "", "email.form"},
		{"nothing after", "anna@", "", "email.form"},
		{"two ats", "a@b@example.hu", "", "email.form"},
		{"blank inside", "anna kovacs@example.hu", "", "email.form"},
		{"two dots", "anna..k@example.hu", "", "email.form"},
		{"dot at the end", "anna.@example.hu", "", "email.form"},
		{"quoted", `"anna k"@example.hu`, "", "email.form"},
		{"no dot in the domain", "anna@localhost", "", "email.domain"},
		{"IP address", "anna@10.0.0.1", "", "email.domain"},
		{"bracketed IP address", "anna@[10.0.0.1]", "", "email.domain"},
		{"underscore", "anna@exa_mple.hu", "", "email.domain"},
		{"hyphen at the end", "anna@example-.hu", "", "email.domain"},
		{"header injection", "anna@example.hu\r\nBcc: b@c.hu", "", "email.form"},
		{"NUL", "anna\x00@example.hu", "", "email.characters"},
		{"broken", "anna\xff@example.hu", "", "email.characters"},
		{"local part too long", long + "a@example.hu", "", "email.long"},
		{"too long", "anna@" + strings.Repeat(long[:59]+".", 4) + "example.hu", "", "email.long"},
		{"far too long", strings.Repeat("a", 5000), "", "email.long"},
		{"two addresses", "a@b.hu, c@d.hu", "", "email.form"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := NormalizeEmail(test.in)
			if got != test.want || codeOf(t, err) != test.code {
				t.Errorf("NormalizeEmail(%q) = %q, %v; want %q, %q", test.in, got, err, test.want, test.code)
			}
		})
	}
}

// The fast way for plain domains has to give what IDNA gives.
func TestPlainDomainIsIDNA(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		domain := rapid.StringMatching(`[a-zA-Z0-9-]{0,4}(\.[a-zA-Z0-9-]{0,6}){0,3}`).Draw(t, "domain")
		got, ok := plainDomain(domain)
		if !ok {
			return
		}
		if want, err := idna.Lookup.ToASCII(domain); err != nil || got != want {
			t.Fatalf("plainDomain(%q) = %q, IDNA gives %q, %v", domain, got, want, err)
		}
	})
}

func FuzzNormalizeEmail(f *testing.F) {
	for _, s := range []string{"Anna <anna@example.hu>", "info@Őrség.hu", "a@xn--a.hu", "a@b@c.hu", "<<>>", "a@\u202e.hu", "\x00@\xff", "A@ß.de", "Å@example.hu"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := NormalizeEmail(s)
		if err != nil {
			if got != "" || !sound(err.Error()) {
				t.Fatalf("%q is refused with %q, %q", s, got, err)
			}
			return
		}
		again, err := NormalizeEmail(got)
		if err != nil || again != got || !sound(got) || len(got) > emailLimit {
			t.Fatalf("%q gives %q, which gives %q, %v", s, got, again, err)
		}
	})
}

func TestParsePhone(t *testing.T) {
	for _, test := range []struct {
		name, in, country string
		want              Phone
		code              string
	}{
		{"Hungarian mobile", "06 30 123 4567", "HU", Phone{E164: "+36301234567"}, ""},
		{"Hungarian with slash", "06-30/123-4567", "hu", Phone{E164: "+36301234567"}, ""},
		{"international", "+36 (30) 123-4567", "", Phone{E164: "+36301234567"}, ""},
		{"double zero", "0036 30 123 4567", "HU", Phone{E164: "+36301234567"}, ""},
		{"plus and trunk", "+36 06 30 123 4567", "HU", Phone{E164: "+36301234567"}, ""},
		{"extension", "+36 1 234 5678 ext. 12", "HU", Phone{"+3612345678", "12"}, ""},
		{"extension x", "01 234 5678 x9", "AT", Phone{"+4312345678", "9"}, ""},
		{"Russian extension", "8 (495) 123-45-67 доб. 101", "RU", Phone{"+74951234567", "101"}, ""},
		{"British", "020 7946 0958", "UK", Phone{E164: "+442079460958"}, ""},
		{"Israeli", "054-123-4567", "IL", Phone{E164: "+972541234567"}, ""},
		{"Greek", "210 123 4567", "GR", Phone{E164: "+302101234567"}, ""},
		{"Italian keeps its zero", "06 1234 5678", "IT", Phone{E164: "+390612345678"}, ""},
		{"no-break blanks", "06\u00a030\u00a0123\u00a04567", "HU", Phone{E164: "+36301234567"}, ""},
		{"wide and Arabic digits", "٠٦٣٠١٢٣٤٥٦٧", "HU", Phone{E164: "+36301234567"}, ""},
		{"missing", " ", "HU", Phone{}, "required"},
		{"a word", "nincs", "HU", Phone{}, "phone.form"},
		{"no country", "06 30 123 4567", "", Phone{}, "phone.form"},
		{"without area code", "123 4567", "HU", Phone{}, "phone.length"},
		{"too short", "+36 30 12", "HU", Phone{}, "phone.length"},
		{"too long", "+36 30 1234 567 89", "HU", Phone{}, "phone.length"},
		{"far too long", strings.Repeat("1", 5000), "HU", Phone{}, "phone.long"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := ParsePhone(test.in, test.country)
			if got != test.want || codeOf(t, err) != test.code {
				t.Errorf("ParsePhone(%q, %q) = %+v, %v; want %+v, %q", test.in, test.country, got, err, test.want, test.code)
			}
		})
	}
}

func TestFormatPhone(t *testing.T) {
	for in, want := range map[string]string{
		"+36301234567": "+36 30 123 4567", "+442079460958": "+44 20 7946 0958", "+972541234567": "+972 54-123-4567", "": "", "nincs\x00": "nincs", "+": "+",
	} {
		if got := FormatPhone(in); got != want {
			t.Errorf("FormatPhone(%q) = %q, want %q", in, got, want)
		}
	}
}

// The library tells numbers apart by their length and first digits, so the plans are compared with
// it over all numbers by their first four national digits.
func TestPlansAgreeWithLibrary(t *testing.T) {
	step := 1
	if testing.Short() {
		step = 7
	}
	for _, p := range plans {
		t.Run(p.region, func(t *testing.T) {
			t.Parallel()
			answered := 0
			for length := range 16 {
				if p.lengths&(1<<length) == 0 {
					continue
				}
				for first := 0; first < 10000; first += step {
					national := fmt.Sprintf("%04d%s", first, "71234567890"[:length-4])
					if samePhone(t, "+"+p.code+national, "") {
						answered++
					}
					samePhone(t, p.trunk+national, p.region)
				}
			}
			if answered*step < 1000 {
				t.Errorf("the plan answers only %d numbers", answered)
			}
		})
	}
}

// samePhone asserts that the fast way, where it answers, answers as the library does, and
// says whether it answers.
func samePhone(t failer, text, country string) bool {
	got, ok := plainPhone(text, country)
	if !ok {
		return false
	}
	want, err := libraryPhone(text, country)
	if err != nil || want != (Phone{E164: got}) {
		t.Fatalf("plainPhone(%q, %q) = %q, the library gives %+v, %v", text, country, got, want, err)
	}
	return true
}

func TestPlainPhoneIsTheLibrarys(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.SampledFrom(plans).Draw(t, "plan")
		lead := rapid.SampledFrom([]string{"+" + p.code, p.trunk, "+", "", "00" + p.code}).Draw(t, "lead")
		rest := rapid.StringMatching(`([-. /()]{0,2}[0-9]){6,12}`).Draw(t, "digits")
		samePhone(t, lead+rest, p.region)
		samePhone(t, lead+rest, "HU")
		samePhone(t, lead+rest, "")
	})
}

func FuzzParsePhone(f *testing.F) {
	for _, s := range []string{"+36301234567", "06 30 123 4567", "tel:+36-1-234-5678;ext=12", "1-800-FLOWERS", "+36 1 234 5678 доб. 12", "12;phone-context=+36", "tel:;phone-context=", "+", "٠٦", "\x00\xff", "+1 ((((", "06 30 123 4567 / 06 20"} {
		f.Add(s, "HU")
		f.Add(s, "")
	}
	f.Fuzz(func(t *testing.T, s, country string) {
		samePhone(t, s, regionOf(country))
		got, err := ParsePhone(s, country)
		if err != nil {
			if got != (Phone{}) || !sound(err.Error()) {
				t.Fatalf("%q is refused with %+v, %q", s, got, err)
			}
			return
		}
		if len(got.E164) < 3 || len(got.E164) > 20 || strings.Trim(got.E164[1:], "0123456789") != "" || !sound(got.Extension) || !sound(FormatPhone(got.E164)) {
			t.Fatalf("%q gives %+v", s, got)
		}
	})
}

func BenchmarkNormalizePhone(b *testing.B) {
	for _, in := range []string{"+36301234567", "06 30 123 4567"} {
		b.Run("ours/"+in, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				sink, _ = NormalizePhone(in, "HU")
			}
		})
		b.Run("library/"+in, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				number, err := phonenumbers.Parse(in, "HU")
				if err != nil || !phonenumbers.IsPossibleNumber(number) {
					b.Fatal(err)
				}
				sink = phonenumbers.Format(number, phonenumbers.E164)
			}
		})
	}
}

func BenchmarkNormalizeEmail(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		sink, _ = NormalizeEmail("Anna.Kovacs@Example.HU")
	}
}
