package merge

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// The longest values in runes; what is longer is cut and ends in "…". A line of a header has to stay
// readable in a list of mails.
const (
	MaxValue       = 1000
	MaxHeaderValue = 120
	// maxAddress is in bytes; Outlook cuts at 2,083.
	maxAddress = 2000
)

// Append writes the value behind dst so that it is nothing but words where it stands. In every context
// control characters, bytes that are no UTF-8, and the invisible characters that reorder or hide text
// (bidirectional overrides and isolates, U+202A to U+202E and U+2066 to U+2069) are left out, a line break
// is a blank, and long values are cut. "://" is taken apart where a mail program would make a link of it.
func (e Escape) Append(dst []byte, value string) []byte {
	switch e {
	case Address, HTMLAddress:
		return e.appendAddress(dst, value)
	case Header:
		value = shorten(value, MaxHeaderValue)
	default:
		value = shorten(value, MaxValue)
	}
	from, start := len(dst), 0
	for i := 0; i < len(value); {
		c := value[i]
		if c < utf8.RuneSelf {
			if plain[c] && (e != Query || unreserved[c]) {
				i++
				continue
			}
			dst = append(dst, value[start:i]...)
			dst = e.appendByte(dst, from, c)
			i++
			start = i
			continue
		}
		r, size := utf8.DecodeRuneInString(value[i:])
		if kept(r, size) && e != Query {
			i += size
			continue
		}
		dst = append(dst, value[start:i]...)
		switch {
		case r == '\u2028' || r == '\u2029' || r == '\u0085':
			dst = e.appendBlank(dst, from)
		case kept(r, size):
			for _, b := range []byte(value[i : i+size]) {
				dst = appendPercent(dst, b)
			}
		}
		i += size
		start = i
	}
	return append(dst, value[start:]...)
}

// plain are the bytes that are written as they are everywhere but in a query.
var plain = func() (set [utf8.RuneSelf]bool) {
	for c := range set {
		set[c] = c >= ' ' && c < 0x7f && !strings.ContainsRune(`&<>"'/`, rune(c))
	}
	return set
}()

// unreserved are the bytes that mean themselves in an address (RFC 3986, section 2.3), and @, which behind
// the server is a letter like others and in mailto has to stay one (RFC 6068, section 2).
var unreserved = func() (set [utf8.RuneSelf]bool) {
	for c := range set {
		set[c] = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("-._~@", rune(c))
	}
	return set
}()

// appendByte writes one byte of ASCII that needs a look.
func (e Escape) appendByte(dst []byte, from int, c byte) []byte {
	switch {
	case c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f':
		return e.appendBlank(dst, from)
	case c < ' ' || c == 0x7f:
		return dst
	case e == Query:
		return appendPercent(dst, c)
	case c == '/' && len(dst) >= from+2 && string(dst[len(dst)-2:]) == ":/":
		return append(dst[:len(dst)-1], " //"...)
	case e == HTML:
		return appendMarkup(dst, c)
	}
	return append(dst, c)
}

// appendBlank writes one blank for a run of line breaks.
func (e Escape) appendBlank(dst []byte, from int) []byte {
	if e == Query {
		if len(dst) >= from+3 && string(dst[len(dst)-3:]) == "%20" {
			return dst
		}
		return append(dst, "%20"...)
	}
	if len(dst) > from && dst[len(dst)-1] == ' ' {
		return dst
	}
	return append(dst, ' ')
}

func appendPercent(dst []byte, b byte) []byte {
	const hex = "0123456789ABCDEF"
	return append(dst, '%', hex[b>>4], hex[b&15])
}

// appendMarkup escapes the five characters that mean something in HTML.
func appendMarkup(dst []byte, c byte) []byte {
	switch c {
	case '&':
		return append(dst, "&amp;"...)
	case '<':
		return append(dst, "&lt;"...)
	case '>':
		return append(dst, "&gt;"...)
	case '"':
		return append(dst, "&#34;"...)
	case '\'':
		return append(dst, "&#39;"...)
	}
	return append(dst, c)
}

// appendAllMarkup escapes an address for HTML.
func appendAllMarkup(dst []byte, s string) []byte {
	for i := range len(s) {
		dst = appendMarkup(dst, s[i])
	}
	return dst
}

// kept reports whether a rune beyond ASCII may be part of a value. The joiners and direction marks U+200C
// to U+200F stay: names in Persian and Hebrew, and joined emoji, need them.
func kept(r rune, size int) bool {
	switch {
	case r == utf8.RuneError:
		return size > 1
	case r == '\u2028' || r == '\u2029':
		return false
	case r < 0xa0: // C1 control characters
		return false
	case r < 0x0590 && r != 0xad: // Latin, Greek, Cyrillic
		return true
	case r >= 0x200c && r <= 0x200f:
		return true
	}
	return !unicode.Is(unicode.Cf, r) && !unicode.Is(unicode.Noncharacter_Code_Point, r)
}

// shorten cuts a value to so many runes, the last of them "…".
func shorten(value string, limit int) string {
	if len(value) <= limit {
		return value
	}
	n, before := 0, 0
	for i := range value {
		if n++; n == limit {
			before = i
		}
		if n > limit {
			return value[:before] + "…"
		}
	}
	return value
}

// appendAddress writes an address that is one, and nothing else.
func (e Escape) appendAddress(dst []byte, value string) []byte {
	value = strings.TrimSpace(value)
	if !whole(value) {
		return dst
	}
	if e == HTMLAddress {
		return appendAllMarkup(dst, value)
	}
	return append(dst, value...)
}

// whole reports whether the value is one address that leads to a page: a server without user or password,
// and no character that could end the address.
func whole(value string) bool {
	if len(value) > maxAddress || !hasWebScheme(value) || !utf8.ValidString(value) {
		return false
	}
	for _, r := range value {
		if r < utf8.RuneSelf && !addressed[r] || r >= utf8.RuneSelf && (!kept(r, utf8.RuneLen(r)) || unicode.IsSpace(r)) {
			return false
		}
	}
	_, host, _ := strings.Cut(value, "://")
	if end := strings.IndexAny(host, "/?#"); end >= 0 {
		host = host[:end]
	}
	return host != "" && host[0] != ':' && !strings.Contains(host, "@")
}

// addressed are the bytes that an address may have.
var addressed = func() (set [utf8.RuneSelf]bool) {
	for c := range set {
		set[c] = c > ' ' && c < 0x7f && !strings.ContainsRune("<>\"'`\\^{|}", rune(c))
	}
	return set
}()

// hasWebScheme reports an address of http or https.
func hasWebScheme(address string) bool {
	scheme, _, ok := strings.Cut(address, "://")
	return ok && (strings.EqualFold(scheme, "http") || strings.EqualFold(scheme, "https"))
}
