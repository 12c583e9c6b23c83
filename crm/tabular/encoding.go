package tabular

import (
	"bytes"
	"math"
	"slices"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"github.com/crmplus/crmplus/crm/locale"
)

// Encoding is the name of a character encoding as IANA registers it.
type Encoding string

// The encodings that are read.
const (
	UTF8        Encoding = "utf-8"
	UTF16LE     Encoding = "utf-16le"
	UTF16BE     Encoding = "utf-16be"
	Windows1250 Encoding = "windows-1250" // Hungarian and its neighbours
	Windows1251 Encoding = "windows-1251" // Russian
	Windows1252 Encoding = "windows-1252" // western Europe
	Windows1253 Encoding = "windows-1253" // Greek
	Windows1255 Encoding = "windows-1255" // Hebrew
)

// Encodings are all of them, for a list to choose from.
var Encodings = []Encoding{UTF8, UTF16LE, UTF16BE, Windows1250, Windows1251, Windows1252, Windows1253, Windows1255}

func (e Encoding) known() bool { return slices.Contains(Encodings, e) }

var codePages = map[Encoding]*charmap.Charmap{
	Windows1250: charmap.Windows1250,
	Windows1251: charmap.Windows1251,
	Windows1252: charmap.Windows1252,
	Windows1253: charmap.Windows1253,
	Windows1255: charmap.Windows1255,
}

// decoder of the UTF-16 encodings; surrogates without a partner become U+FFFD.
func (e Encoding) decoder() *encoding.Decoder {
	order := unicode.LittleEndian
	if e == UTF16BE {
		order = unicode.BigEndian
	}
	return unicode.UTF16(order, unicode.IgnoreBOM).NewDecoder()
}

// appendUTF8 decodes a text in a code page, or repairs one that should be UTF-8: bytes without a
// meaning become U+FFFD.
func (e Encoding) appendUTF8(out, text []byte) []byte {
	page := codePages[e]
	if page == nil {
		return append(out, bytes.ToValidUTF8(text, []byte("\uFFFD"))...)
	}
	for _, b := range text {
		if b < utf8.RuneSelf {
			out = append(out, b)
		} else {
			out = utf8.AppendRune(out, page.DecodeByte(b))
		}
	}
	return out
}

type mark struct {
	encoding Encoding
	size     int
}

// bomOf finds the byte order mark a text begins with.
func bomOf(b []byte) mark {
	switch {
	case bytes.HasPrefix(b, []byte("\xef\xbb\xbf")):
		return mark{UTF8, 3}
	case bytes.HasPrefix(b, []byte("\xff\xfe")):
		return mark{UTF16LE, 2}
	case bytes.HasPrefix(b, []byte("\xfe\xff")):
		return mark{UTF16BE, 2}
	}
	return mark{}
}

// detect guesses the encoding of a text from its beginning. Order of evidence: a byte order mark;
// zero bytes in every other place; well-formed UTF-8, which other encodings hit by chance only in
// very short texts; the likelihood of the letters in each code page.
func detect(sample []byte, expected locale.Language) Encoding {
	if bom := bomOf(sample); bom.size > 0 {
		return bom.encoding
	}
	if e := detectUTF16(sample); e != "" {
		return e
	}
	good, bad := countUTF8(sample)
	// A file in UTF-8 into which someone pasted rows from another program has a few bad places;
	// those rows are reported. In a code page nearly every letter is a bad place.
	if bad == 0 || good > 20*bad {
		return UTF8
	}
	return detectCodePage(sample, expected)
}

// detectUTF16 recognises UTF-16 without a mark: spaces, digits, delimiters and line ends have a
// zero byte beside them, always on the same side, whatever the script of the letters.
func detectUTF16(sample []byte) Encoding {
	var zeros [2]int
	for i, b := range sample {
		if b == 0 {
			zeros[i%2]++
		}
	}
	half := len(sample) / 2
	switch {
	case half < 2:
		return ""
	case zeros[1]*10 >= half && zeros[0]*20 <= zeros[1]:
		return UTF16LE
	case zeros[0]*10 >= half && zeros[1]*20 <= zeros[0]:
		return UTF16BE
	}
	return ""
}

// countUTF8 counts well-formed sequences of several bytes, and bytes that belong to none. A sequence
// cut by the end of the sample is not counted.
func countUTF8(sample []byte) (int, int) {
	good, bad := 0, 0
	for len(sample) > 0 {
		if sample[0] < utf8.RuneSelf {
			sample = sample[1:]
			continue
		}
		if !utf8.FullRune(sample) {
			// Cut by the end of a full sample; at the end of a short file it is a bad place, but
			// then one that any code page explains as well.
			if len(sample) < utf8.UTFMax && good > 0 {
				return good, bad
			}
		}
		r, size := utf8.DecodeRune(sample)
		if r == utf8.RuneError && size == 1 {
			bad++
		} else {
			good++
		}
		sample = sample[size:]
	}
	return good, bad
}

// detectCodePage takes the code page under which the bytes are likeliest (naive Bayes over the
// letters above ASCII and their neighbours).
func detectCodePage(sample []byte, expected locale.Language) Encoding {
	best, bestScore := Windows1252, math.Inf(-1)
	for _, m := range models {
		score := m.score(sample)
		if expected != "" && m.language == expected {
			score += 12 // about four letters' worth
		}
		if score > bestScore {
			best, bestScore = m.encoding, score
		}
	}
	return best
}
