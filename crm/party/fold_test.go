package party

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

func TestFold(t *testing.T) {
	for _, test := range []struct{ name, in, want string }{
		{"Hungarian long vowels", "Őrült TŰZ Éva", "orult tuz eva"},
		{"decomposed", "Kova\u0301cs O\u030bz", "kovacs oz"},
		{"hyphen", "Kovács-Tóth", "kovacs toth"},
		{"apostrophes", "O'Brien O’Brien", "o brien o brien"},
		{"German", "Große Straße", "grosse strasse"},
		{"ligatures", "Ærø ﬁx Œuvre", "aero fix oeuvre"},
		{"Polish, Czech, Turkish", "Łódź Dvořák İstanbul ısı", "lodz dvorak istanbul isi"},
		{"Greek tonos and final sigma", "Γιώργος ΠΑΠΑΔΌΠΟΥΛΟΣ", "γιωργοσ παπαδοπουλοσ"},
		{"Russian yo", "Фёдор Ковалёв", "федор ковалев"},
		{"short i stays", "Андрей Йод", "андрей йод"},
		{"short i decomposed", "Андреи\u0306", "андрей"},
		{"Hebrew points and quotes", "שָׁלוֹם בע\"מ ד״ר", "שלום בע מ ד ר"},
		{"wide letters", "ＡＢＣ　１２", "abc 12"},
		{"direction marks and soft hyphen", "\u200fanna\u00ad bel\u202ela", "anna bella"},
		{"blanks", "\t  a \u00a0 b \n", "a b"},
		{"NUL and broken bytes", "a\x00b\xffc", "a b c"},
		{"empty", "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := Fold(test.in); got != test.want {
				t.Errorf("Fold(%q) = %q, want %q", test.in, got, test.want)
			}
		})
	}
}

func TestNameKey(t *testing.T) {
	for _, test := range []struct {
		name string
		same []string
	}{
		{"word order and title", []string{"Anna Kovács", "Kovács Anna", "KOVACS ANNA", "dr. Kovács Anna", "Kovács, Anna"}},
		{"Hungarian company", []string{"Minta", "Minta Kft.", "MINTA K.f.t.", "Minta kft", "Minta Korlátolt Felelősségű Társaság", "Minta, Kft", "MINTA KFT."}},
		{"Hungarian share company", []string{"Pannon Gép", "Pannon Gép Zrt.", "Pannon Gép Zártkörűen Működő Részvénytársaság", "Pannon Gép Nyrt."}},
		{"Hungarian others", []string{"Duna", "Duna Bt.", "Duna Kkt.", "Duna Betéti Társaság", "Duna ev.", "Duna E.V."}},
		{"English", []string{"Acme Trading", "Acme Trading Ltd", "Acme Trading Limited", "ACME Trading, Inc.", "Acme Trading L.L.C."}},
		{"German", []string{"Müller", "Müller GmbH", "Müller AG", "Müller GmbH & Co. KG", "Müller G.m.b.H."}},
		{"Italian", []string{"Rossi", "Rossi S.r.l.", "Rossi SpA", "Rossi S.p.A."}},
		{"Polish, Croatian", []string{"Nowak", "Nowak Sp. z o.o.", "Nowak d.o.o."}},
		{"Russian", []string{"Ромашка", "ООО «Ромашка»", "Ромашка, ООО", "Общество с ограниченной ответственностью «Ромашка»", "АО Ромашка", "ПАО \"Ромашка\""}},
		{"Russian sole trader", []string{"Иванов Иван", "ИП Иванов Иван", "Иван Иванов"}},
		{"Greek", []string{"Αιγαίο", "ΑΙΓΑΙΟ Α.Ε.", "Αιγαίο ΑΕ", "Αιγαίο Ι.Κ.Ε.", "Αιγαίο ΕΠΕ", "Αιγαίο Ο.Ε.", "Αιγαίο Ανώνυμη Εταιρεία"}},
		{"Hebrew", []string{"אור הגליל", "אור הגליל בע\"מ", "אור הגליל בע״מ", "אור הגליל בעמ"}},
		{"nothing but a form", []string{"Kft.", "kft"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			want := NameKey(test.same[0])
			if want == "" {
				t.Fatalf("NameKey(%q) is empty", test.same[0])
			}
			for _, name := range test.same[1:] {
				if got := NameKey(name); got != want {
					t.Errorf("NameKey(%q) = %q, want %q", name, got, want)
				}
			}
		})
	}
	for _, pair := range [][2]string{{"Kovács Anna", "Kovács Éva"}, {"AG Motor", "Motor"}, {"Minta 1 Kft.", "Minta 2 Kft."}, {"Ао Ли Ма", "Ли"}} {
		if NameKey(pair[0]) == NameKey(pair[1]) {
			t.Errorf("%q and %q have one key %q", pair[0], pair[1], NameKey(pair[0]))
		}
	}
}

func TestTransliterate(t *testing.T) {
	for in, want := range map[string]string{
		"Иванов": "ivanov", "Щербакова Юлия": "shcherbakova yuliya", "Объедков": "obedkov", "Παπαδόπουλος": "papadopoulos",
		"Ευάγγελος": "evaggelos", "Μπάμπης": "bampis", "Kovács Őze": "kovacs oze", "כהן": "כהן", "": "",
	} {
		if got := Transliterate(in); got != want {
			t.Errorf("Transliterate(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestClean(t *testing.T) {
	for _, test := range []struct {
		name, in string
		max      int
		want     string
	}{
		{"as it is", "Kovács Anna", 100, "Kovács Anna"},
		{"blanks", "  Kovács\t\n Anna\u00a0", 100, "Kovács Anna"},
		{"composed", "Kova\u0301cs", 100, "Kovács"},
		{"control, NUL, broken", "An\x00n\x07a\xff\u0085!", 100, "Anna !"},
		{"direction override", "an\u202ena", 100, "anna"},
		{"Hebrew mark stays", "א\u200fב", 100, "א\u200fב"},
		{"cut by runes", "Őőőőő", 3, "Őőő"},
		{"no blank at the cut", "ab cd", 3, "ab"},
		{"nothing allowed", "ab", 0, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := Clean(test.in, test.max); got != test.want {
				t.Errorf("Clean(%q, %d) = %q, want %q", test.in, test.max, got, test.want)
			}
		})
	}
}

func TestFoldedTextIsStable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "text")
		checkFolded(t, s)
		if a, b := Fold(norm.NFC.String(s)), Fold(norm.NFD.String(s)); a != b && utf8.ValidString(s) {
			t.Fatalf("composed gives %q, decomposed %q", a, b)
		}
	})
}

type failer interface {
	Fatalf(format string, args ...any)
}

// checkFolded asserts what holds for every text.
func checkFolded(t failer, s string) {
	f := Fold(s)
	if Fold(f) != f {
		t.Fatalf("Fold(%q) = %q, folded again %q", s, f, Fold(f))
	}
	key := NameKey(s)
	for _, got := range append(BlockKeys(s), f, key, Transliterate(s), Clean(s, 50)) {
		if !utf8.ValidString(got) || strings.ContainsFunc(got, unicode.IsControl) || len(got) > 8*foldLimit {
			t.Fatalf("%q gives unsound %q", s, got)
		}
	}
	if utf8.RuneCountInString(Clean(s, 50)) > 50 || Clean(Clean(s, 50), 50) != Clean(s, 50) {
		t.Fatalf("Clean(%q) = %q is not stable", s, Clean(s, 50))
	}
	if key != "" && (key[0] == ' ' || strings.Contains(key, "  ")) {
		t.Fatalf("NameKey(%q) = %q has stray blanks", s, key)
	}
	if keys := BlockKeys(s); len(keys) > 2 {
		t.Fatalf("BlockKeys(%q) gives %d keys", s, len(keys))
	}
}

func FuzzFold(f *testing.F) {
	for _, s := range []string{"Kovács-Tóth ÁRON Kft.", "ООО «Ромашка»", "Γεώργιος Α.Ε.", "בע\"מ", "И\u0306", "ﷺ", "ϓ ẞ ŉ ǅ", "\xff\x00", "Sp. z o.o.", "á́́́", "가각", "\u202e"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { checkFolded(t, s) })
}

var sink string

func BenchmarkFold(b *testing.B) {
	for _, bench := range []struct{ name, in string }{
		{"folded", "kovacs anna"}, {"ascii", "Smith, John"}, {"hungarian", "Kovácsné Tóth Éva"}, {"russian", "Иванов Иван Петрович"}, {"greek", "Γεώργιος Παπαδόπουλος"},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				sink = Fold(bench.in)
			}
		})
	}
	b.Run("bare strings.ToLower", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			sink = strings.ToLower("Kovácsné Tóth Éva")
		}
	})
}

func BenchmarkNameKey(b *testing.B) {
	for _, bench := range []struct{ name, in string }{
		{"person", "Dr. Kovács Anna"}, {"company", "Minta Kereskedelmi és Szolgáltató Kft."}, {"russian", "ООО «Ромашка»"},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				sink = NameKey(bench.in)
			}
		})
	}
}

func BenchmarkBlockKeys(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		sink = BlockKeys("Dr. Kovács Anna")[0]
	}
}
