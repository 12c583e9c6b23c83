package message

import (
	"io"
	"mime/quotedprintable"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

var pieces = rapid.SampledFrom([]string{" ", "  ", "\t", "\n", "\r\n", "\r", ".", "From ", "=", "a", "szöveg", "שלום", "😀", "\x00", "\xff", "\xe2\x82", strings.Repeat("x", 80), "https://example.hu/l/abc", "</body>"})

func TestAnyTextComesBackFromItsPieces(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var out []byte
		want, column := "", 0
		for range rapid.IntRange(0, 6).Draw(t, "segments") {
			text := strings.Join(rapid.SliceOf(pieces).Draw(t, "text"), "")
			if strings.HasSuffix(text, "\r") {
				text += "\n" // which would otherwise be a break of its own beside one of the next piece
			}
			want += text
			tight := rapid.Bool().Draw(t, "value")
			before := len(out)
			if !tight && column > 0 {
				out, column = append(out, softBreak...), 0
			}
			out, column = appendQuoted(out, text, column, tight)
			if tight && relax(string(out[before:])) != nil {
				t.Fatalf("a signature would see %q differently", out[before:])
			}
			if k := strings.LastIndexByte(string(out), '\n'); column != len(out)-k-1 {
				t.Fatalf("column %d of %q", column, out)
			}
		}
		for _, line := range strings.Split(string(out), "\r\n") {
			if len(line) > 76 || strings.HasSuffix(line, " ") || strings.HasSuffix(line, "\t") || strings.HasPrefix(line, ".") || strings.HasPrefix(line, "From ") {
				t.Fatalf("line %q", line)
			}
		}
		got, err := io.ReadAll(quotedprintable.NewReader(strings.NewReader(string(out))))
		breaks := strings.NewReplacer("\r\n", "\n", "\r", "\n")
		if err != nil || breaks.Replace(string(got)) != breaks.Replace(want) {
			t.Fatalf("%q, want %q, %v", got, want, err)
		}
	})
}
