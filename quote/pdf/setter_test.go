package pdf

import (
	"slices"
	"strings"
	"testing"
	"unicode"
)

func newSetter(t testing.TB, rightToLeft bool) *setter {
	t.Helper()
	table, err := advances()
	if err != nil {
		t.Fatal(err)
	}
	return &setter{advances: table, rightToLeft: rightToLeft}
}

// TestOrder: what is drawn from left to right, for texts of both directions. The expected orders are
// those of the Unicode bidirectional algorithm, as browsers show these texts.
func TestOrder(t *testing.T) {
	tests := []struct {
		name        string
		rightToLeft bool
		dir         direction
		text, want  string
	}{
		{"Hebrew label", true, pageWise, "הצעת מחיר", "ריחמ תעצה"},
		{"number in Hebrew", true, auto, "בתוקף 30 יום", "םוי 30 ףקותב"},
		{"Latin name in brackets", true, auto, "מלונות (Carmel Hotels) בע\"מ", "מ\"עב (Carmel Hotels) תונולמ"},
		{"brackets around Hebrew", true, auto, "א (ב) ג", "ג (ב) א"},
		{"amount with shekel", true, pageWise, "\u200e1,234.50\u00a0₪", "₪\u00a01,234.50"},
		{"negative amount", true, pageWise, "\u200e-1,234.50\u00a0₪", "₪\u00a0-1,234.50"},
		{"phone stays", true, leftToRight, "+972-3-555 0142", "+972-3-555 0142"},
		{"date stays", true, leftToRight, "13.07.2026", "13.07.2026"},
		{"Hebrew company in English", false, auto, "For כרמל תעשיות Ltd", "For תוישעת למרכ Ltd"},
		{"Hebrew then number in English", false, leftToRight, "Tel כרמל 12 abc", "Tel 12 למרכ abc"},
		{"number after a bracket with Hebrew", false, leftToRight, "(א) 1*2", "(א) 2*1"},
		{"first letter decides", false, auto, "מלון 5 Sea", "Sea 5 ןולמ"},
		{"English sentence in a Hebrew quote", true, auto, "Ball valve (brass).", "Ball valve (brass)."},
		{"mark of direction is not drawn", false, auto, "a\u200fb", "ab"},
		{"Hungarian stays", false, auto, "Árvíztűrő (tükör)", "Árvíztűrő (tükör)"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := newSetter(t, tt.rightToLeft).one(tt.text, style{size: 9}, tt.dir).text; got != tt.want {
				t.Errorf("%q is drawn as %q, want %q", tt.text, got, tt.want)
			}
		})
	}
}

func TestWrap(t *testing.T) {
	st := style{size: 10}
	tests := []struct {
		name  string
		width float64
		text  string
		want  []string
	}{
		{"fits", 100, "egy sor", []string{"egy sor"}},
		{"at blanks", 30, "Raktári polcrendszer telepítése", []string{"Raktári", "polcrendszer", "telepítése"}},
		{"a long word is broken", 20, "egy polcrendszer", []string{"egy", "polcrendsz", "er"}},
		{"empty lines stay", 100, "a\n\nb", []string{"a", "", "b"}},
		{"after a hyphen between letters", 20, "Budapest-Kispest", []string{"Budapest-", "Kispest"}},
		{"not inside a phone", 22, "tel 555-0142", []string{"tel", "555-0142"}},
		{"no-break space holds", 22, "ára 12\u00a0500\u00a0Ft", []string{"ára", "12\u00a0500\u00a0Ft"}},
		{"Hebrew lines are ordered by themselves", 22, "אחת שתיים שלוש ארבע", []string{"םייתש תחא", "עברא שולש"}},
		{"narrower than a letter", 0.1, "Wé", []string{"W", "é"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, l := range newSetter(t, false).wrap(tt.text, st, tt.width, auto) {
				got = append(got, l.text)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestFit(t *testing.T) {
	set := newSetter(t, false)
	st := style{size: 10}
	tests := []struct {
		name  string
		width float64
		size  float64
		text  string
	}{
		{"as it is", 60, 10, "Kovács és Társa Ipari Zrt."},
		{"smaller", 35, 7.5, "Kovács és Társa Ipari Zrt."},
		{"shortened", 20, 6, "Kovács és Társa…"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l, got := set.fit("Kovács és Társa Ipari Zrt.", st, tt.width, auto)
			if l.width > tt.width || l.text != tt.text || got.size < tt.size-0.6 || got.size > tt.size+0.6 {
				t.Errorf("%q, %.1f pt, %.1f mm", l.text, got.size, l.width)
			}
		})
	}
}

func TestClean(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"plain", "Ball valve", "Ball valve"},
		{"five languages", "Őrség Ξένος Щука אלון Finch €₪₽", "Őrség Ξένος Щука אלון Finch €₪₽"},
		{"decomposed letters are composed", "A\u0301rvi\u0301z", "Árvíz"},
		{"emoji and flags go", "Polc 🙂🇭🇺!", "Polc !"},
		{"letters without a glyph show that they are missing", "漢字 ab", "□□ ab"},
		{"compatible forms", "ﬁnom ⑫ Ｗ 𝐀", "finom 12 W A"},
		{"control characters go", "a\x00b\x1bc\u007fd", "abcd"},
		{"bidirectional overrides go", "a\u202eb\u2066c\u2069d", "abcd"},
		{"invalid bytes", "a\xff\xfeb", "a□b"},
		{"all blanks are blanks", "a\tb\u2003c\u3000d", "a b c d"},
		{"no-break space stays", "12\u00a0500", "12\u00a0500"},
		{"line breaks become blanks", "a\r\nb\u2028c", "a b c"},
		{"surrogate half", "a\xed\xa0\x80b", "a□b"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := cleanLine(tt.text); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	if got := cleanParagraphs("\r\n első \r\n\r\nmásodik\t\n"); got != " első\n\nmásodik" {
		t.Errorf("paragraphs: %q", got)
	}
}

// FuzzSet: whatever the text, each line fits the width or is a single character, and no character is
// lost or doubled.
func FuzzSet(f *testing.F) {
	for _, s := range []string{"Raktári polcrendszer telepítése", "מלונות (Carmel) 12-34 בע\"מ\n\nx", "Wéőא\u200f1,5%+", "a\u202eb🙂漢\xff", "))((][ג[1]2"} {
		f.Add(s, uint8(30), true)
		f.Add(s, uint8(1), false)
	}
	f.Fuzz(func(t *testing.T, text string, width uint8, rightToLeft bool) {
		text = cleanParagraphs(text)
		set := newSetter(t, rightToLeft)
		st := style{face: bold, size: 9}
		var got []rune
		for _, l := range set.wrap(text, st, float64(width), auto) {
			runes := []rune(l.text)
			base := 0
			for _, r := range runes {
				if !unicode.Is(unicode.M, r) {
					base++
				}
			}
			if l.width > float64(width)+0.01 && base > 1 {
				t.Errorf("%q is %.2f mm wide, want %d", l.text, l.width, width)
			}
			got = append(got, runes...)
		}
		if g, w := letters(got), letters([]rune(text)); g != w {
			t.Errorf("the lines hold %q, want %q", g, w)
		}
		if l, _ := set.fit(cleanLine(text), st, float64(width)+5, auto); l.width > float64(width)+5.01 {
			t.Errorf("%q is %.2f mm wide, want %d", l.text, l.width, width+5)
		}
	})
}

// letters sorts what is drawn, without blanks; brackets count as one, for they are mirrored.
func letters(runes []rune) string {
	var out []rune
	for _, r := range runes {
		if r != ' ' && r != '\n' && !isMark(r) {
			out = append(out, min(r, mirrored(r)))
		}
	}
	slices.Sort(out)
	return string(out)
}

func TestCoverage(t *testing.T) {
	if !slices.IsSortedFunc(coverage, func(a, b [2]rune) int { return int(a[0] - b[0]) }) {
		t.Error("the ranges are not in order")
	}
	for _, text := range []string{
		"aábcdeéfghiíjklmnoóöőpqrstuúüűvwxyzAÁBCDEÉFGHIÍJKLMNOÓÖŐPQRSTUÚÜŰVWXYZ",
		"абвгдеёжзийклмнопрстуфхцчшщъыьэюяАБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ",
		"αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰΆΈΉΊΌΎΏᾳἀἁὰῶ",
		"אבגדהוזחטיכךלמםנןסעפףצץקרשת׳״שָׁלוֹם",
		"€£$¥₪₽₺„”“’‚–—…·•°²³×÷±≤≥≈№™©®¼½¾✓□",
	} {
		for _, r := range text {
			if !covered(r) {
				t.Errorf("the fonts lack %q", r)
			}
		}
	}
	if strings.ContainsFunc("🙂漢ا", covered) {
		t.Error("characters without a glyph count as covered")
	}
}
