package workbook

import (
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"
)

func TestTextsAreComplete(t *testing.T) {
	if missing := texts.Missing(); len(missing) > 0 {
		t.Errorf("missing: %s", strings.Join(missing, ", "))
	}
}

func TestSheetNames(t *testing.T) {
	tests := map[string]struct {
		wanted []string
		want   []string
	}{
		"plain":                {[]string{"Nyitott ügyek", "Закрытые"}, []string{"Nyitott ügyek", "Закрытые"}},
		"forbidden characters": {[]string{`2026/07 [a]:*?\b`}, []string{"2026-07 -a-----b"}},
		"apostrophes":          {[]string{"'O'Brien'"}, []string{"’O’Brien’"}},
		"longer than 31":       {[]string{"Ανοιχτές ευκαιρίες τρίτου τριμήνου"}, []string{"Ανοιχτές ευκαιρίες τρίτου τριμή"[:len("Ανοιχτές ευκαιρίες τρίτου τριμ")] + "…"}},
		"same but for case":    {[]string{"Leads", "LEADS", "leads"}, []string{"Leads", "LEADS (2)", "leads (3)"}},
		"numbered and long":    {[]string{strings.Repeat("x", 31), strings.Repeat("x", 31)}, []string{strings.Repeat("x", 31), strings.Repeat("x", 26) + " (2)"}},
		"Excel's own name":     {[]string{"History"}, []string{"History (2)"}},
		"surrogate pairs":      {[]string{strings.Repeat("😀", 16)}, []string{strings.Repeat("😀", 15) + "…"}},
		"control characters":   {[]string{"a\x00b\tc\n\u2028d"}, []string{"ab c d"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			taken := sheetNames{}
			for i, wanted := range test.wanted {
				if got := taken.numbered(sheetName(wanted), 1); got != test.want[i] {
					t.Errorf("%q became %q, want %q", wanted, got, test.want[i])
				}
			}
		})
	}
}

func TestLooksLikeFormula(t *testing.T) {
	for _, s := range []string{
		"=1+1", "+36 30 123 4567", "-5", "@SUM(A1)", "\t=1", "\r=1", "\nx", " =1", "\u00a0=1", "\ufeff=1", "\u200b@x", "\u200f=1", "＝1", "−1",
		"=cmd|' /C calc'!A0", "\x00=1",
	} {
		if !looksLikeFormula(s) {
			t.Errorf("%q passes", s)
		}
	}
	for _, s := range []string{"", "Kovács Kft.", "1+1", "'=1", "a=b", "é", " x", "שלום", "100%", "(+36) 30"} {
		if looksLikeFormula(s) {
			t.Errorf("%q is held for a formula", s)
		}
	}
}

func TestCleanText(t *testing.T) {
	long := strings.Repeat("ő", cellLimit)
	tests := map[string]struct{ in, want string }{
		"line breaks":         {"a\r\nb\rc\nd", "a\nb\nc\nd"},
		"control characters":  {"a\x00b\x0bc\x1fd\te", "abcd\te"},
		"forbidden in XML":    {"a\ufffeb\uffffc", "abc"},
		"broken UTF-8":        {"a\xff\xfeb", "a\ufffdb"},
		"fits exactly":        {long, long},
		"one too many":        {long + "x", long[:2*(cellLimit-1)] + "…"},
		"emoji at the border": {strings.Repeat("x", cellLimit-2) + "😀😀", strings.Repeat("x", cellLimit-2) + "…"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := clean(test.in); got != test.want {
				t.Errorf("got %.60q of %d bytes, want %.60q of %d", got, len(got), test.want, len(test.want))
			}
		})
	}
}

func FuzzClean(f *testing.F) {
	for _, s := range []string{"", "=1+1", "a\x00\r\n", "\xff\ufffe", "_x0041_", strings.Repeat("😀", 20_000), " <&>\"' "} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := clean(s)
		if !utf8.ValidString(got) || len(utf16.Encode([]rune(got))) > cellLimit {
			t.Fatalf("%.60q is no text for a cell", got)
		}
		for _, r := range got {
			if r < ' ' && r != '\t' && r != '\n' || r == 0xfffe || r == 0xffff {
				t.Fatalf("%.60q holds %U", got, r)
			}
		}
		if again := clean(got); again != got {
			t.Fatalf("cleaned twice %.60q differs from once %.60q", again, got)
		}
		if name := sheetName(s); len(utf16.Encode([]rune(name))) > nameLimit || strings.ContainsAny(name, `[]:*?/\'`) {
			t.Fatalf("%q is no sheet name", name)
		}
		if g := guard(s); looksLikeFormula(g) {
			t.Fatalf("%q is still a formula", g)
		}
	})
}
