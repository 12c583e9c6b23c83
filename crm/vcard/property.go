package vcard

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	utf "golang.org/x/text/encoding/unicode"
)

// property is one unfolded line: group.NAME;PARAM=value:value.
type property struct {
	line   int
	name   string // upper case, without group
	params []param
	value  []byte
	// inAgent: the line before was an AGENT without a value, so a card within the card follows.
	inAgent bool
}

type param struct{ name, value string }

func (p property) is(name, value string) bool {
	return p.name == name && strings.EqualFold(strings.TrimSpace(string(p.value)), value)
}

// param gives the first value of a parameter.
func (p property) param(name string) string {
	for _, q := range p.params {
		if q.name == name {
			return q.value
		}
	}
	return ""
}

// quotedPrintable and base64 take ENCODING=X and the bare X of 2.1.
func (p property) quotedPrintable() bool { return p.encoded("QUOTED-PRINTABLE", "Q") }
func (p property) base64() bool          { return p.encoded("BASE64", "B") }

func (p property) encoded(names ...string) bool {
	for _, q := range p.params {
		if q.name != "ENCODING" && q.name != "" {
			continue
		}
		for i, n := range names {
			if strings.EqualFold(q.value, n) && (i == 0 || q.name != "") {
				return true
			}
		}
	}
	return false
}

// types are TYPE=work,cell; TYPE="work,cell"; the bare WORK;CELL of 2.1; and PREF=1 as "pref".
func (p property) types() []string {
	var types []string
	add := func(t string) {
		t = strings.ToLower(clean(t))
		if t != "" && len(t) <= 64 && !slices.Contains(types, t) {
			types = append(types, t)
		}
	}
	for _, q := range p.params {
		switch q.name {
		case "TYPE":
			for t := range strings.SplitSeq(q.value, ",") {
				add(t)
			}
		case "":
			if !slices.Contains(encodings, strings.ToUpper(q.value)) {
				add(q.value)
			}
		case "PREF":
			add("pref")
		}
	}
	return types
}

// encodings are the bare parameters of 2.1 that are no types.
var encodings = []string{"QUOTED-PRINTABLE", "BASE64", "8BIT", "7BIT"}

// media are the properties that hold pictures, sounds and keys. They are passed over.
var media = []string{"PHOTO", "LOGO", "SOUND", "KEY"}

// lines unfolds the file into properties.
type lines struct {
	in     *bufio.Reader
	limits Limits
	line   int
	begun  bool
	agent  bool
}

func newLines(r io.Reader, limits Limits) *lines {
	return &lines{in: bufio.NewReaderSize(r, 64<<10), limits: limits}
}

// start skips a byte order mark and turns UTF-16 into UTF-8.
func (l *lines) start() error {
	l.begun = true
	head, err := l.in.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	order, wide := utf.LittleEndian, false
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		_, err = l.in.Discard(3)
		return err
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.Equal(head, []byte("B\x00E\x00")):
		wide = true
	case bytes.HasPrefix(head, []byte("\xfe\xff")), bytes.Equal(head, []byte("\x00B\x00E")):
		order, wide = utf.BigEndian, true
	}
	if wide {
		l.in = bufio.NewReaderSize(utf.UTF16(order, utf.UseBOM).NewDecoder().Reader(l.in), 64<<10)
	}
	return nil
}

// physical reads one line without its end. What goes beyond keep bytes is read and dropped; the
// second result is the length of the whole line.
func (l *lines) physical(keep int) ([]byte, int, error) {
	var line []byte
	length := 0
	for {
		chunk, err := l.in.ReadSlice('\n')
		length += len(chunk)
		if room := keep - len(line); room > 0 {
			line = append(line, chunk[:min(room, len(chunk))]...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && length > 0, err == nil:
			l.line++
			return bytes.TrimRight(line, "\r\n"), length, nil
		default:
			return nil, 0, err
		}
	}
}

// continues reports whether the next line is folded onto this one: RFC 6350, 3.2.
func (l *lines) continues() bool {
	next, err := l.in.Peek(1)
	return err == nil && (next[0] == ' ' || next[0] == '\t')
}

// next gives the next property, or an *Error for one that cannot be read.
func (l *lines) next() (property, error) { //nolint:gocognit // one loop over the forms a line can have
	if !l.begun {
		if err := l.start(); err != nil {
			return property{}, err
		}
	}
	for {
		raw, total, err := l.physical(l.limits.MaxCard + 1)
		if err != nil {
			return property{}, err
		}
		at := l.line
		if len(bytes.TrimSpace(raw)) == 0 {
			continue
		}
		p, ok := parse(raw)
		p.line = at
		skipped := slices.Contains(media, p.name)
		// Quoted-printable of 2.1 goes on after a "=" at the end of the line, unindented.
		soft := ok && !skipped && p.quotedPrintable()
		base64 := ok && p.base64()
		for l.continues() || (soft && bytes.HasSuffix(raw, []byte("="))) || (base64 && l.inBase64()) {
			more, n, err := l.physical(l.limits.MaxCard + 1)
			if err != nil {
				break
			}
			total += n
			if skipped || len(raw) > l.limits.MaxCard {
				continue
			}
			if soft && bytes.HasSuffix(raw, []byte("=")) {
				raw = raw[:len(raw)-1]
			}
			if len(more) > 0 && (more[0] == ' ' || more[0] == '\t') && !soft {
				more = more[1:]
			}
			raw = append(raw, more...)
		}
		switch {
		case skipped && total > l.limits.MaxMedia:
			return property{}, &Error{Line: at, Code: "card.media", Reason: p.name + " is too large; take the picture out of the card"}
		case skipped:
			continue
		case len(raw) > l.limits.MaxCard:
			return property{}, &Error{Line: at, Code: "card.long", Reason: "the line is too long; shorten the card's notes"}
		}
		if p, ok = parse(raw); !ok {
			return property{}, &Error{Line: at, Code: "card.property", Reason: "the line is no property (NAME:value); a line that continues the one above begins with a space"}
		}
		p.line, p.inAgent = at, l.agent
		l.agent = p.name == "AGENT" && len(bytes.TrimSpace(p.value)) == 0
		return p, nil
	}
}

// inBase64 reports whether the next line goes on with base64 though it is not indented, as some
// phones write it: it has no colon and is not blank.
func (l *lines) inBase64() bool {
	next, _ := l.in.Peek(80)
	if i := bytes.IndexByte(next, '\n'); i >= 0 {
		next = next[:i]
	}
	next = bytes.TrimSpace(next)
	return len(next) > 0 && !bytes.ContainsAny(next, ":;")
}

// parse takes a line apart. A colon or semicolon within quotes belongs to the parameter.
func parse(raw []byte) (property, bool) {
	colon, inQuote := -1, false
	cuts := []int{}
	for i, b := range raw {
		switch {
		case b == '"':
			inQuote = !inQuote
		case b == ';' && !inQuote:
			cuts = append(cuts, i)
		case b == ':' && !inQuote:
			colon = i
		}
		if colon >= 0 {
			break
		}
	}
	if colon < 0 {
		return property{}, false
	}
	head := append(cuts, colon)
	name := strings.ToUpper(strings.TrimSpace(string(raw[:head[0]])))
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		name = name[i+1:]
	}
	for _, r := range name {
		if r >= utf8.RuneSelf || !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '-' && r != '_' {
			return property{}, false
		}
	}
	if name == "" {
		return property{}, false
	}
	p := property{name: name, value: raw[colon+1:]}
	for i := range len(head) - 1 {
		key, value, ok := strings.Cut(string(raw[head[i]+1:head[i+1]]), "=")
		if !ok {
			key, value = "", key
		}
		value = strings.Trim(strings.TrimSpace(value), `"`)
		p.params = append(p.params, param{strings.ToUpper(strings.TrimSpace(key)), value})
	}
	return p, true
}

// decode makes UTF-8 of a value: by its CHARSET, as it is where it is UTF-8, else by the fallback.
func (l *lines) decode(raw []byte, charset string, fallback encoding.Encoding) string {
	if charset != "" && !strings.EqualFold(charset, "utf-8") {
		if e, err := htmlindex.Get(charset); err == nil {
			if text, err := e.NewDecoder().Bytes(raw); err == nil {
				return strings.ToValidUTF8(string(text), "\uFFFD")
			}
		}
	}
	if utf8.Valid(raw) {
		return string(raw)
	}
	text, err := fallback.NewDecoder().Bytes(raw)
	if err != nil {
		text = raw
	}
	return strings.ToValidUTF8(string(text), "\uFFFD")
}

// unquote decodes quoted-printable (RFC 2045, 6.7); what is malformed stays as it is.
func unquote(b []byte) []byte {
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); i++ {
		if b[i] == '=' && i+2 < len(b) {
			high, low := hex(b[i+1]), hex(b[i+2])
			if high >= 0 && low >= 0 {
				out = append(out, byte(high<<4|low))
				i += 2
				continue
			}
		}
		if b[i] == '=' && i == len(b)-1 {
			break
		}
		out = append(out, b[i])
	}
	return out
}

func hex(c byte) int {
	return strings.IndexByte("0123456789ABCDEF", upper(c))
}

func upper(c byte) byte {
	if c >= 'a' && c <= 'z' {
		return c - 'a' + 'A'
	}
	return c
}

func unbase64(b []byte) ([]byte, bool) {
	packed := make([]byte, 0, len(b))
	for _, c := range b {
		if c > ' ' && c != '=' {
			packed = append(packed, c)
		}
	}
	out, err := base64.RawStdEncoding.DecodeString(string(packed))
	return out, err == nil
}

// split cuts at a separator that is not escaped.
func split(text string, separator byte) []string {
	var parts []string
	from := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case separator:
			parts = append(parts, text[from:i])
			from = i + 1
		}
	}
	return append(parts, text[min(from, len(text)):])
}

// components are the parts of N or ADR, exactly n; values of one part (comma) are joined by a space.
func components(text string, n int) []string {
	out := make([]string, n)
	for i, part := range split(text, ';') {
		if i < n {
			out[i] = strings.Join(list(part), " ")
			if n == 7 { // a comma in an address is a comma
				out[i] = unescape(part)
			}
		}
	}
	return out
}

// list cuts at commas and leaves out empty values.
func list(text string) []string {
	var out []string
	for _, v := range split(text, ',') {
		if v = unescape(v); v != "" {
			out = append(out, v)
		}
	}
	return out
}

// unescape resolves \n \, \; \\ (RFC 6350, 3.4) and cleans the text.
func unescape(text string) string {
	if !strings.Contains(text, `\`) {
		return clean(text)
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' || i+1 == len(text) {
			b.WriteByte(text[i])
			continue
		}
		i++
		switch text[i] {
		case 'n', 'N':
			b.WriteByte('\n')
		case '\\', ',', ';', ':':
			b.WriteByte(text[i])
		default: // no escape: a Windows path in a note
			b.WriteByte('\\')
			b.WriteByte(text[i])
		}
	}
	return clean(b.String())
}

// clean takes control characters out, save line breaks and tabs, and spaces around.
func clean(text string) string {
	text = strings.ToValidUTF8(strings.ReplaceAll(text, "\r\n", "\n"), "\uFFFD")
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, text))
}

func words(parts ...string) string {
	return strings.Join(strings.Fields(strings.Join(parts, " ")), " ")
}
