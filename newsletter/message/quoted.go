package message

import (
	"strings"
	"unicode/utf8"
)

// lineLimit is how far a line of quoted-printable reaches before the "=" of a soft break (RFC 2045,
// section 6.7).
const lineLimit = 75

// softBreak ends a line without being part of the text.
const softBreak = "=\r\n"

// clear are the bytes that quoted-printable writes as they are, blanks apart.
var clear = func() (set [256]bool) {
	for c := '!'; c <= '~'; c++ {
		set[c] = c != '='
	}
	return set
}()

// appendQuoted writes text as quoted-printable behind a line that has column bytes already, and returns
// the column where it ends. A break in the text is a line break whichever of LF, CR LF and CR it is. A
// blank is written as it is only where it cannot be lost: not at the end of a line, nor of the text. Tight
// text has no two of them side by side either, so that signing has nothing to fold (see relax). Lines never
// begin with a dot, which transports treat in their own way, nor with "From ", which mailbox files change.
func appendQuoted[T string | []byte](dst []byte, text T, column int, tight bool) ([]byte, int) {
	q := quoter{dst, column}
	for i := 0; i < len(text); {
		c := text[i]
		n := i + 1
		switch {
		case clear[c] && q.column > 0 && q.column < lineLimit:
			for n < len(text) && n-i < lineLimit-q.column && clear[text[n]] {
				n++
			}
			q.dst = append(q.dst, text[i:n]...)
			q.column += n - i
		case clear[c]: // the first of a line
			q.room(1)
			q.put(c, c == '.' || c == 'F' && string(text[i:min(i+5, len(text))]) == "From ")
		case c == '\n' || c == '\r':
			if c == '\r' && n < len(text) && text[n] == '\n' {
				n++
			}
			q.dst, q.column = append(q.dst, '\r', '\n'), 0
		case blank(c):
			last := n == len(text) || text[n] == '\n' || text[n] == '\r'
			q.room(3)
			q.put(c, last || tight && (c == '\t' || i > 0 && blank(text[i-1])))
		default: // control characters, "=", and every byte of other letters, which stay on one line
			for n < len(text) && n-i < utf8.UTFMax && text[n]&0xc0 == 0x80 {
				n++
			}
			q.room(3 * (n - i))
			for k := i; k < n; k++ {
				q.put(text[k], true)
			}
		}
		i = n
	}
	return q.dst, q.column
}

// quoter writes on a line of quoted-printable.
type quoter struct {
	dst    []byte
	column int
}

// room ends the line where so many bytes do not fit any more.
func (q *quoter) room(n int) {
	if q.column+n > lineLimit {
		q.dst, q.column = append(q.dst, softBreak...), 0
	}
}

func (q *quoter) put(c byte, encode bool) {
	if encode {
		q.dst, q.column = appendHex(q.dst, c), q.column+3
		return
	}
	q.dst, q.column = append(q.dst, c), q.column+1
}

func blank(c byte) bool { return c == ' ' || c == '\t' }

func appendHex(dst []byte, c byte) []byte {
	const hex = "0123456789ABCDEF"
	return append(dst, '=', hex[c>>4], hex[c&15])
}

// relax is the form of encoded lines that DKIM's relaxed canonicalization hashes (RFC 6376, section
// 3.4.4): each run of blanks is one space. Encoded lines never end with blanks. It is nil where that is
// what stands there.
func relax(encoded string) []byte {
	if !strings.Contains(encoded, "  ") && !strings.Contains(encoded, "\t") {
		return nil
	}
	out := make([]byte, 0, len(encoded))
	for i := range len(encoded) {
		switch {
		case !blank(encoded[i]):
			out = append(out, encoded[i])
		case i == 0 || !blank(encoded[i-1]):
			out = append(out, ' ')
		}
	}
	return out
}
