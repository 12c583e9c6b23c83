package message

import (
	"encoding/base64"
	"strings"
	"unicode/utf8"

	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/newsletter/merge"
)

// The bounds of a line in a header: what RFC 2047 (section 2) allows where there are encoded words and RFC
// 5322 (section 2.1.1) likes to see anyway, and what no line may pass.
const (
	foldAt   = 76
	hardLine = 998
)

// appendLine writes words that somebody chose into a header that has column bytes already: as they are
// where that is possible, as encoded words (RFC 2047) otherwise. Whatever they hold, they stay part of this
// header: line breaks and control characters become blanks.
func appendLine(dst []byte, text string, column int) ([]byte, int) {
	text = oneLine(text)
	if !isPlain(text) || strings.Contains(text, "=?") || longestWord(text) > hardLine/4 {
		return appendWords(dst, text, column)
	}
	for i := 0; i < len(text); {
		n := len(text)
		if k := strings.IndexByte(text[i+1:], ' '); k >= 0 {
			n = i + 1 + k
		}
		if single := text[i] == ' ' && text[i+1] != ' ' && text[i-1] != ' '; single && column+n-i > foldAt {
			dst, column = append(dst, '\r', '\n'), 0
		}
		dst, column = append(dst, text[i:n]...), column+n-i
		i = n
	}
	return dst, column
}

// appendPhrase writes the name before an address (RFC 5322, section 3.2.5).
func appendPhrase(dst []byte, name string, column int) ([]byte, int) {
	name = oneLine(name)
	switch {
	case !isPlain(name) || strings.Contains(name, "=?") || len(name) > foldAt-16:
		return appendWords(dst, name, column)
	case strings.Trim(name, atoms+" ") == "" && !strings.Contains(name, "  "):
		return append(dst, name...), column + len(name)
	}
	from := len(dst)
	dst = append(dst, '"')
	for i := range len(name) {
		if name[i] == '"' || name[i] == '\\' {
			dst = append(dst, '\\')
		}
		dst = append(dst, name[i])
	}
	dst = append(dst, '"')
	return dst, column + len(dst) - from
}

// appendMailbox writes a whole header with one address.
func appendMailbox(dst []byte, header, name, address string) []byte {
	from := len(dst)
	dst = append(append(dst, header...), ": "...)
	column := len(dst) - from
	if name != "" {
		before := len(dst)
		dst, column = appendPhrase(dst, name, column)
		if len(dst) > before {
			if column+len(address)+3 > foldAt {
				dst = append(dst, '\r', '\n')
			}
			dst = append(dst, ' ')
		}
	}
	return append(append(append(dst, '<'), address...), ">\r\n"...)
}

const (
	openQ, openB, closeWord = "=?utf-8?q?", "=?utf-8?b?", "?="
	// wordSpace is what fits into one encoded word.
	wordSpace = 75 - len(openQ) - len(closeWord)
)

// appendWords writes encoded words, each with whole letters: of the kind Q, which people can half read,
// unless B is shorter by a quarter.
func appendWords(dst []byte, text string, column int) ([]byte, int) {
	q := 0
	for i := range len(text) {
		q += quotedSize(text[i])
	}
	open, b64 := openQ, 3*q > 4*base64.StdEncoding.EncodedLen(len(text))
	if b64 {
		open = openB
	}
	for len(text) > 0 {
		space := min(wordSpace, foldAt-column-len(open)-len(closeWord))
		n, size := 0, 0
		for n < len(text) {
			_, k := utf8.DecodeRuneInString(text[n:])
			more := size
			for i := n; i < n+k && !b64; i++ {
				more += quotedSize(text[i])
			}
			if b64 {
				more = base64.StdEncoding.EncodedLen(n + k)
			}
			if more > space {
				break
			}
			n, size = n+k, more
		}
		if n == 0 { // no room on this line; on an empty one there always is
			dst, column = append(dst, "\r\n "...), 1
			continue
		}
		dst = append(dst, open...)
		if b64 {
			dst = base64.StdEncoding.AppendEncode(dst, []byte(text[:n]))
		} else {
			dst = appendQ(dst, text[:n])
		}
		dst = append(dst, closeWord...)
		column += len(open) + size + len(closeWord)
		if text = text[n:]; len(text) > 0 {
			dst, column = append(dst, "\r\n "...), 1
		}
	}
	return dst, column
}

// quotedSize is how many bytes a byte takes in an encoded word of the kind Q, also within a name (RFC
// 2047, section 5, rule 3).
func quotedSize(c byte) int {
	if c == ' ' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c == '!' || c == '*' || c == '+' || c == '-' || c == '/' {
		return 1
	}
	return 3
}

func appendQ(dst []byte, text string) []byte {
	for i := range len(text) {
		switch c := text[i]; {
		case c == ' ':
			dst = append(dst, '_')
		case quotedSize(c) == 1:
			dst = append(dst, c)
		default:
			dst = appendHex(dst, c)
		}
	}
	return dst
}

// oneLine takes out what cannot stand in a line of text.
func oneLine(text string) string {
	if isPlain(text) {
		return strings.Trim(text, " ")
	}
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, ""))
	return strings.TrimSpace(text)
}

// isPlain reports whether all is printable ASCII.
func isPlain(text string) bool {
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' {
			return false
		}
	}
	return true
}

func longestWord(text string) int {
	longest, n := 0, 0
	for i := range len(text) {
		if n++; text[i] == ' ' {
			n = 0
		}
		longest = max(longest, n)
	}
	return longest
}

const atoms = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-/=?^_`{|}~"

// nameOf is the reader's name as it may stand beside an address: one line without tricks of direction,
// and not longer than a list of mails shows.
func nameOf(dst []byte, name string) []byte { return merge.Header.Append(dst, name) }

// mailbox brings an address into the form it travels in; utf8 reports letters before the @ that only
// SMTPUTF8 carries. Those in the domain become ASCII (IDNA).
func mailbox(address string) (out string, utf8 bool, err error) {
	if !plainMailbox(address) {
		if address, err = party.NormalizeEmail(address); err != nil {
			return "", false, err
		}
	}
	return address, !isPlain(address), nil
}

// plainMailbox takes the fast way for what nearly all addresses look like.
func plainMailbox(address string) bool {
	local, domain, ok := strings.Cut(address, "@")
	if !ok || local == "" || len(local) > 64 || len(domain) < 4 || len(address) > 254 || strings.Contains(address, "..") {
		return false
	}
	for i := range len(local) {
		if c := local[i]; quotedSize(c) != 1 && c != '.' && c != '_' || c == ' ' {
			return false
		}
	}
	dots := 0
	for i := range len(domain) {
		switch c := domain[i]; {
		case c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-':
		case c == '.' && i > 0 && i < len(domain)-1:
			dots++
		default:
			return false
		}
	}
	return dots > 0 && local[0] != '.' && local[len(local)-1] != '.'
}
