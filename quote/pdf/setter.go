package pdf

import (
	"strings"
	"unicode"

	"github.com/go-text/typesetting/bidi"
	unibidi "golang.org/x/text/unicode/bidi"
)

// mm of a point.
const point = 25.4 / 72

// style is how text looks: face, size in points, distance of lines in mm, and colour.
type style struct {
	face    face
	size    float64
	leading float64
	ink     Color
}

// line is one printed line: its characters from left to right, whatever their language, and its
// width in mm.
type line struct {
	text  string
	width float64
}

// direction of a paragraph.
type direction uint8

const (
	// auto takes the direction of the first letter, and the page's where there is none (UAX #9, P2).
	auto direction = iota
	// leftToRight is for what is read so in every language: numbers, phones, addresses of the net.
	leftToRight
	// pageWise is for labels and for what they are mixed with.
	pageWise
)

// setter breaks paragraphs into lines and orders their characters. It serves one document.
type setter struct {
	advances    *[faces][lastCovered]uint16
	rightToLeft bool
	paragraph   bidi.Paragraph
	runes       []rune
	levels      []uint8
	visual      []rune
	build       strings.Builder
}

// width measures text in mm.
func (t *setter) width(text string, st style) float64 {
	units := 0
	for _, r := range text {
		units += t.advance(r, st.face)
	}
	return float64(units) * st.size * point / 1000
}

func (t *setter) advance(r rune, f face) int {
	if r >= lastCovered || isMark(r) {
		return 0
	}
	if a := t.advances[f][r]; a != notCovered {
		return int(a)
	}
	return 0
}

// one sets text on a single line.
func (t *setter) one(text string, st style, d direction) line {
	if !t.reorders(text, d) {
		return line{text, t.width(text, st)}
	}
	t.resolve(text, d)
	visual := t.order(0, len(t.runes))
	return line{visual, t.width(visual, st)}
}

// wrap breaks text into lines of at most the given width in mm; \n starts a new line, and an empty
// line is kept. A word that is wider is broken between characters.
func (t *setter) wrap(text string, st style, width float64, d direction) []line {
	var lines []line
	for rest, more := text, true; more; {
		var paragraph string
		paragraph, rest, more = strings.Cut(rest, "\n")
		lines = t.wrapParagraph(lines, paragraph, st, width, d)
	}
	return lines
}

func (t *setter) wrapParagraph(lines []line, text string, st style, width float64, d direction) []line {
	unit := st.size * point / 1000
	limit := int(width/unit + 0.001)
	ordered := t.reorders(text, d)
	if ordered {
		t.resolve(text, d)
	} else {
		t.runes = append(t.runes[:0], []rune(text)...)
	}
	emit := func(start, end int) {
		for end > start && t.runes[end-1] == ' ' {
			end--
		}
		var s string
		if ordered {
			s = t.order(start, end)
		} else {
			s = string(t.runes[start:end])
		}
		lines = append(lines, line{s, t.width(s, st)})
	}
	start, used := 0, 0
	chance := -1   // the last place where the line may end
	inked := false // something but blanks stands on the line
	for i := 0; i < len(t.runes); i++ {
		r := t.runes[i]
		a := t.advance(r, st.face)
		for used+a > limit && r != ' ' && i > start && !unicode.Is(unicode.M, r) {
			end := i
			if chance > start {
				end = chance
			}
			emit(start, end)
			for start = end; start < i && t.runes[start] == ' '; start++ {
			}
			chance, used, inked = -1, 0, start < i
			for _, c := range t.runes[start:i] {
				used += t.advance(c, st.face)
			}
		}
		used += a
		inked = inked || r != ' '
		if inked && mayEnd(t.runes, i) {
			chance = i + 1
		}
	}
	emit(start, len(t.runes))
	return lines
}

// mayEnd reports whether a line may end after character i: after a blank, and after a hyphen, dash
// or slash between letters.
func mayEnd(runes []rune, i int) bool {
	switch runes[i] {
	case ' ':
		return true
	case '-', '–', '—', '/', '‐':
		return i > 0 && i+1 < len(runes) && unicode.IsLetter(runes[i-1]) && unicode.IsLetter(runes[i+1])
	}
	return false
}

// fit sets text on one line of at most the given width: smaller where it has to be, down to 6/10,
// and with an ellipsis where that is not enough.
func (t *setter) fit(text string, st style, width float64, d direction) (line, style) {
	l := t.one(text, st, d)
	if l.width <= width {
		return l, st
	}
	full := st
	st.size = max(full.size*width/l.width*0.999, full.size*0.6)
	if l = t.one(text, st, d); l.width <= width {
		return l, st
	}
	// the longest beginning that fits; each character is at least as wide as none, so this ends
	runes := []rune(text)
	keep, used := 0, t.width("…", st)
	for keep < len(runes) {
		used += t.width(string(runes[keep]), st)
		if used > width {
			break
		}
		keep++
	}
	return t.one(strings.TrimRight(string(runes[:keep]), " ")+"…", st, d), st
}

// shrink sets text on one line of at most the given width, as small as that takes: an amount is never
// cut.
func (t *setter) shrink(text string, st style, width float64, d direction) (line, style) {
	l := t.one(text, st, d)
	if l.width > width {
		st.size *= width / l.width * 0.999
		l = t.one(text, st, d)
	}
	return l, st
}

// atMost wraps text to at most n lines; the last one ends in an ellipsis where text is left over.
func (t *setter) atMost(n int, text string, st style, width float64) []line {
	lines := t.wrap(text, st, width, auto)
	if len(lines) <= n {
		return lines
	}
	for cut := len([]rune(text)); len(lines) > n; cut = cut * 9 / 10 {
		lines = t.wrap(strings.TrimRight(string([]rune(text)[:cut]), " ")+"…", st, width, auto)
	}
	return lines
}

// reorders reports whether the visual order can differ from the logical one.
func (t *setter) reorders(text string, d direction) bool {
	if t.rightToLeft && d != leftToRight {
		return true
	}
	for _, r := range text {
		if r >= 0x0590 && r <= 0x08FF || isMark(r) {
			return true
		}
	}
	return false
}

// resolve fills runes and their levels (UAX #9, up to I2).
func (t *setter) resolve(text string, d direction) {
	t.runes = append(t.runes[:0], []rune(text)...)
	base := bidi.LeftToRight
	if d == pageWise && t.rightToLeft || d == auto && t.startsRightToLeft() {
		base = bidi.RightToLeft
	}
	runs := t.paragraph.Segment(t.runes, base)
	t.levels = t.levels[:0]
	for i := range runs.NumRuns() {
		run := runs.Run(i)
		level := uint8(run.Level)
		if base == bidi.LeftToRight && level == 2 {
			level = 0
		}
		for range run.End - run.Start {
			t.levels = append(t.levels, level)
		}
	}
	for len(t.levels) < len(t.runes) { // after a paragraph separator, which cleaned text has none of
		t.levels = append(t.levels, 0)
	}
	if base == bidi.LeftToRight {
		t.liftNumbers()
	}
}

// liftNumbers gives numbers that follow right-to-left letters in a left-to-right paragraph their
// level of 2: they move with those letters. The runs of the bidi package cannot tell them from their
// neighbours of level 0, as both are even.
func (t *setter) liftNumbers() {
	follows := false // the last letter is a right-to-left one (W2, W7)
	for i := 0; i < len(t.runes); {
		switch class(t.runes[i]) {
		case unibidi.L:
			follows = false
		case unibidi.R, unibidi.AL:
			follows = true
		case unibidi.EN, unibidi.ET:
			end, digits := t.numberEnd(i)
			for ; i < end; i++ {
				if follows && digits && t.levels[i] == 0 {
					t.levels[i] = 2
				}
			}
			continue
		}
		i++
	}
}

// startsRightToLeft applies rules P2 and P3 to runes.
func (t *setter) startsRightToLeft() bool {
	for _, r := range t.runes {
		switch class(r) {
		case unibidi.L:
			return false
		case unibidi.R, unibidi.AL:
			return true
		}
	}
	return t.rightToLeft
}

// numberEnd finds where a number ends that begins at start, with its signs and separators (W1, W4,
// W5), and whether it has digits at all.
func (t *setter) numberEnd(start int) (end int, digits bool) {
	for i := start; i < len(t.runes); i++ {
		switch class(t.runes[i]) {
		case unibidi.EN:
			digits = true
		case unibidi.ET, unibidi.NSM, unibidi.BN:
		case unibidi.ES, unibidi.CS:
			if i == start || i+1 == len(t.runes) || class(t.runes[i-1]) != unibidi.EN || class(t.runes[i+1]) != unibidi.EN {
				return i, digits
			}
		default:
			return i, digits
		}
	}
	return len(t.runes), digits
}

func class(r rune) unibidi.Class {
	p, _ := unibidi.LookupRune(r)
	return p.Class()
}

// order gives the characters of a line from left to right (UAX #9, L2 and L4), without marks.
func (t *setter) order(start, end int) string {
	levels := t.levels[start:end]
	t.visual = append(t.visual[:0], t.runes[start:end]...)
	var highest uint8
	for i, level := range levels {
		highest = max(highest, level)
		if level%2 == 1 {
			t.visual[i] = mirrored(t.visual[i])
		}
	}
	// Reversing a run moves whole runs of higher levels; the levels move with their characters.
	moved := append([]uint8(nil), levels...)
	for level := highest; level >= 1; level-- {
		for i := 0; i < len(moved); i++ {
			if moved[i] < level {
				continue
			}
			j := i
			for j < len(moved) && moved[j] >= level {
				j++
			}
			for a, b := i, j-1; a < b; a, b = a+1, b-1 {
				t.visual[a], t.visual[b] = t.visual[b], t.visual[a]
				moved[a], moved[b] = moved[b], moved[a]
			}
			i = j
		}
	}
	t.build.Reset()
	for _, r := range t.visual {
		if !isMark(r) {
			t.build.WriteRune(r)
		}
	}
	return t.build.String()
}

// mirrored is the counterpart of a character that is mirrored in right-to-left text.
func mirrored(r rune) rune {
	const pairs = "()[]{}<>«»‹›≤≥"
	runes := []rune(pairs)
	for i, c := range runes {
		if c == r {
			return runes[i^1]
		}
	}
	return r
}
