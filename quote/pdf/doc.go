// Package pdf draws a quote as an A4 document in Hungarian, English, Greek, Russian or Hebrew.
//
// It is a pure renderer: a [Document] holds plain values, prices and totals already calculated, and
// [Render] writes the file. The same Document gives the same bytes, so that a frozen quote can be
// compared with what was sent.
//
// A value's way: check (all faults at once) -> clean (only characters that the fonts hold) ->
// the setter wraps and orders each paragraph into lines -> the sheet draws lines at places counted
// from the start edge, which is the right one in Hebrew -> gofpdf writes the file -> finish adds
// the language to its catalogue.
//
// Text comes from strangers and never breaks a document. Control characters, bidirectional
// overrides, emoji and other symbols without a glyph are left out; letters, digits and bytes that
// cannot be shown become □, so that a reader sees that something is missing. Text is composed (NFC)
// first, and a character without a glyph is replaced by its compatible form where that can be shown
// ("ﬁ" becomes "fi"). Words that are too long are broken, numbers that are too wide are set smaller.
//
// Right-to-left text follows the Unicode bidirectional algorithm (UAX #9) in every language: a
// Hebrew company name stands right in an English quote.
//
// The page follows DIN 5008 form B: address window 45 mm from the top, margins of 25 and 20 mm. The
// fonts are DejaVu Sans and DejaVu Sans Bold, cut to the characters of the five languages; each file
// embeds only the glyphs it uses.
package pdf

//go:generate go run ./fonts/cut.go
