package sms

import (
	"unicode/utf16"
	"unicode/utf8"

	"github.com/crmplus/crmplus/crm/fault"
)

// Encoding is how a message travels.
type Encoding string

// The encodings.
const (
	// GSM7 is the default alphabet of 3GPP TS 23.038, section 6.2.1, in units of septets. Those of its extension
	// table (section 6.2.1.1) take two.
	GSM7 Encoding = "gsm7"
	// UCS2 is UTF-16, in units of 16 bits.
	UCS2 Encoding = "ucs2"
)

// The units that a message has room for: in one part, and in each of several, which carry a header of six
// octets (3GPP TS 23.040, section 9.2.3.24.1).
const (
	GSMSingle  = 160
	GSMPart    = 153
	UCSSingle  = 70
	UCSPart    = 67
	headerSize = 6
	escape     = 0x1B
	// MaxParts is how many parts a header can number.
	MaxParts = 255
)

// basic is the default alphabet; the place of a rune is its code. 0x1B is the escape to the extension table.
var basic = []rune("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà")

// extension is what follows an escape.
var extension = map[byte]rune{0x0A: '\f', 0x14: '^', 0x28: '{', 0x29: '}', 0x2F: '\\', 0x3C: '[', 0x3D: '~', 0x3E: ']', 0x40: '|', 0x65: '€'}

// septet is a character of the alphabet.
type septet struct {
	code     byte
	extended bool
}

var septets = func() map[rune]septet {
	all := make(map[rune]septet, len(basic)+len(extension))
	for code, r := range basic {
		if code != escape {
			all[r] = septet{code: byte(code)}
		}
	}
	for code, r := range extension {
		all[r] = septet{code: code, extended: true}
	}
	return all
}()

// units is how many units a rune takes, 0 where the alphabet does not have it.
func units(r rune, e Encoding) int {
	if e == UCS2 {
		return max(1, utf16.RuneLen(r)) // what is no character is replaced by one
	}
	s, ok := septets[r]
	switch {
	case !ok:
		return 0
	case s.extended:
		return 2
	}
	return 1
}

// EncodingOf is the encoding that a text needs.
func EncodingOf(text string) Encoding {
	for _, r := range text {
		if units(r, GSM7) == 0 {
			return UCS2
		}
	}
	return GSM7
}

// Size is how long a text is.
type Size struct {
	Encoding Encoding `json:"encoding"`
	// Units are septets, or 16 bits of UCS-2.
	Units int `json:"units"`
	Parts int `json:"parts"`
	// Left is how many units more the last part has room for.
	Left int `json:"left"`
}

// Measure says how long a text is, as it stands after personalising.
func Measure(text string) Size {
	s := Size{Encoding: EncodingOf(text), Parts: 1}
	walk(text, s.Encoding, func(_, taken int) { s.Parts++; s.Units += taken }, &s.Left)
	s.Units += s.Left
	s.Left = room(s.Encoding, s.Parts) - s.Left
	return s
}

func room(e Encoding, parts int) int {
	switch {
	case e == GSM7 && parts == 1:
		return GSMSingle
	case e == GSM7:
		return GSMPart
	case parts == 1:
		return UCSSingle
	}
	return UCSPart
}

// walk goes through the parts of a text. next is called with where a part begins and how many units the one
// before it took; last is set to what the last one takes. No escaped character and no surrogate pair is split.
func walk(text string, e Encoding, next func(at, taken int), last *int) {
	total := 0
	for _, r := range text {
		total += units(r, e)
	}
	if *last = total; total <= room(e, 1) {
		return
	}
	taken := 0
	for i, r := range text {
		n := units(r, e)
		if taken+n > room(e, 2) {
			next(i, taken)
			taken = 0
		}
		taken += n
	}
	*last = taken
}

// Split gives the parts of a text as they are sent.
func Split(text string) []string {
	var parts []string
	from, last := 0, 0
	walk(text, EncodingOf(text), func(at, _ int) { parts, from = append(parts, text[from:at]), at }, &last)
	return append(parts, text[from:])
}

// Septets gives the codes of a text in the default alphabet, an escape before each of the extension table.
func Septets(text string) ([]byte, error) {
	codes := make([]byte, 0, len(text))
	for i, r := range text {
		s, ok := septets[r]
		if !ok {
			return nil, fault.New(fault.Invalid, "the character %q at byte %d is not in the alphabet of GSM 03.38; send the text as UCS-2", r, i)
		}
		if s.extended {
			codes = append(codes, escape)
		}
		codes = append(codes, s.code)
	}
	return codes, nil
}

// FromSeptets reads codes of the default alphabet. A code that the extension table does not have stands for
// that of the basic one, as section 6.2.1.1 asks; an escape at the end, or before an escape, is a blank.
func FromSeptets(codes []byte) string {
	out := make([]byte, 0, len(codes))
	for i := 0; i < len(codes); i++ {
		r := basic[codes[i]&0x7F]
		if codes[i]&0x7F == escape {
			r = ' '
			if i+1 < len(codes) {
				i++
				if code := codes[i] & 0x7F; code != escape {
					var ok bool
					if r, ok = extension[code]; !ok {
						r = basic[code]
					}
				}
			}
		}
		out = utf8.AppendRune(out, r)
	}
	return string(out)
}

// Pack puts septets into octets behind a header of so many octets, as 3GPP TS 23.038, section 6.1.2.1, and
// TS 23.040, section 9.2.3.24, say: the first septet begins on a septet boundary of the whole.
func Pack(codes []byte, header int) []byte {
	fill := (7 - header*8%7) % 7
	out := make([]byte, (fill+len(codes)*7+7)/8)
	for i, code := range codes {
		at := fill + i*7
		wide := uint16(code&0x7F) << (at % 8)
		out[at/8] |= byte(wide)
		if wide > 0xFF {
			out[at/8+1] |= byte(wide >> 8)
		}
	}
	return out
}

// Unpack reads n septets out of octets behind a header; fewer where there are not so many.
func Unpack(octets []byte, header, n int) []byte {
	fill := (7 - header*8%7) % 7
	n = max(0, min(n, (len(octets)*8-fill)/7))
	codes := make([]byte, n)
	for i := range codes {
		at := fill + i*7
		wide := uint16(octets[at/8])
		if at/8+1 < len(octets) {
			wide |= uint16(octets[at/8+1]) << 8
		}
		codes[i] = byte(wide>>(at%8)) & 0x7F
	}
	return codes
}

// Concatenation is the header of one of several parts (TS 23.040, section 9.2.3.24.1), without its length.
func Concatenation(reference byte, parts, part int) [headerSize - 1]byte {
	return [headerSize - 1]byte{0x00, 0x03, reference, byte(parts), byte(part)}
}
