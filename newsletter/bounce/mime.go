package bounce

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	"mime/quotedprintable"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
)

// The limits on a mail that is read. Whoever writes to the address of returns is not trusted.
const (
	// rawLimit is how much of a mail is looked at.
	rawLimit = 1 << 20
	// partsLimit is how many parts are looked at, depthLimit how deep they are nested.
	partsLimit = 50
	depthLimit = 6
	// headerLimit is how many fields of a header are read.
	headerLimit = 500
	// lineLimit is how long a field may be.
	lineLimit = 16 << 10
)

// header is a mail's header, read without complaint: keys in lower case, fields in order.
type header []field

type field struct{ key, value string }

// get gives the first field of a name, "" for none.
func (h header) get(key string) string {
	for _, f := range h {
		if f.key == key {
			return f.value
		}
	}
	return ""
}

// all gives all fields of a name.
func (h header) all(key string) []string {
	var found []string
	for _, f := range h {
		if f.key == key {
			found = append(found, f.value)
		}
	}
	return found
}

// readHeader reads fields up to the first empty line and gives what follows. Lines that are no fields are
// passed over; a block of text that holds none has an empty header.
func readHeader(raw []byte) (h header, rest []byte) {
	for len(raw) > 0 {
		var row []byte
		row, raw = cutLine(raw)
		if len(row) == 0 {
			return h, raw
		}
		if (row[0] == ' ' || row[0] == '\t') && len(h) > 0 {
			if last := &h[len(h)-1]; len(last.value)+len(row) < lineLimit {
				last.value += " " + string(bytes.TrimSpace(row))
			}
			continue
		}
		key, value, ok := bytes.Cut(row, []byte(":"))
		if !ok || len(key) == 0 || len(key) > 100 || bytes.ContainsAny(key, " \t") || len(h) >= headerLimit {
			continue
		}
		h = append(h, field{strings.ToLower(string(key)), string(bytes.TrimSpace(value[:min(len(value), lineLimit)]))})
	}
	return h, nil
}

// cutLine gives the first line without its end, and what follows.
func cutLine(raw []byte) (row, rest []byte) {
	row, rest, _ = bytes.Cut(raw, []byte("\n"))
	return bytes.TrimSuffix(row, []byte("\r")), rest
}

// part is a leaf of a mail, or a multipart before its leaves.
type part struct {
	header header
	// kind is the media type in lower case, "text/plain" where none is given.
	kind   string
	params map[string]string
	// body is decoded: its transfer encoding, and for text its character set.
	body []byte
}

// mailParts are the parts of a mail in the order in which they stand.
type mailParts struct {
	header header
	// kind and params are of the whole mail.
	kind   string
	params map[string]string
	leaves []part
}

func readMail(raw []byte) mailParts {
	raw = raw[:min(len(raw), rawLimit)]
	h, body := readHeader(raw)
	m := mailParts{header: h}
	m.kind, m.params = mediaType(h.get("content-type"))
	m.walk(h, body, 0)
	return m
}

// walk adds the leaves below one part.
func (m *mailParts) walk(h header, body []byte, depth int) {
	if len(m.leaves) >= partsLimit {
		return
	}
	kind, params := mediaType(h.get("content-type"))
	boundary := params["boundary"]
	if strings.HasPrefix(kind, "multipart/") && boundary != "" && depth < depthLimit {
		for _, piece := range pieces(body, boundary) {
			inner, content := readHeader(piece)
			m.walk(inner, content, depth+1)
		}
		return
	}
	p := part{header: h, kind: kind, params: params, body: decoded(body, h.get("content-transfer-encoding"))}
	if strings.HasPrefix(kind, "text/") || kind == "" {
		p.body = inUTF8(p.body, params["charset"])
	}
	m.leaves = append(m.leaves, p)
}

// pieces cuts a multipart's body at its boundary (RFC 2046, section 5.1.1); one that is never closed ends with
// the mail.
func pieces(body []byte, boundary string) [][]byte {
	mark := []byte("--" + boundary)
	var found [][]byte
	begin := -1
	for at := 0; at < len(body) && len(found) < partsLimit; {
		row, rest := cutLine(body[at:])
		next := len(body) - len(rest)
		if bytes.HasPrefix(row, mark) {
			end := bytes.TrimRight(row[len(mark):], " \t")
			if len(end) == 0 || bytes.Equal(end, []byte("--")) {
				if begin >= 0 {
					found = append(found, body[begin:max(begin, at-lineEnd(body[:at]))])
				}
				if begin = next; len(end) > 0 {
					return found
				}
			}
		}
		at = next
	}
	if begin >= 0 && begin < len(body) && len(found) < partsLimit {
		found = append(found, body[begin:])
	}
	return found
}

// lineEnd is the length of the line break at the end, which belongs to the boundary.
func lineEnd(b []byte) int {
	switch {
	case bytes.HasSuffix(b, []byte("\r\n")):
		return 2
	case bytes.HasSuffix(b, []byte("\n")):
		return 1
	}
	return 0
}

// mediaType reads a Content-Type; where its parameters are broken, its type.
func mediaType(text string) (string, map[string]string) {
	if text == "" {
		return "text/plain", nil
	}
	kind, params, err := mime.ParseMediaType(text)
	if err != nil && kind == "" {
		kind, _, _ = strings.Cut(text, ";")
		kind = strings.ToLower(strings.TrimSpace(kind))
	}
	if params == nil {
		params = map[string]string{}
	}
	if params["boundary"] == "" {
		if _, rest, ok := strings.Cut(text, "boundary="); ok {
			b, _, _ := strings.Cut(rest, ";")
			params["boundary"] = strings.Trim(strings.TrimSpace(b), `"`)
		}
	}
	return kind, params
}

// decoded takes the transfer encoding off; what breaks off is kept up to there.
func decoded(body []byte, encoding string) []byte {
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "base64":
		out, _ := io.ReadAll(base64.NewDecoder(base64.StdEncoding, bytes.NewReader(body)))
		return out
	case "quoted-printable":
		out, err := io.ReadAll(quotedprintable.NewReader(bytes.NewReader(body)))
		if err != nil && len(out) == 0 {
			return body
		}
		return out
	}
	return body
}

// inUTF8 gives a text in UTF-8.
func inUTF8(text []byte, set string) []byte {
	if set == "" && utf8.Valid(text) {
		return text
	}
	if set == "" {
		set = "windows-1252"
	}
	if e, name := charset.Lookup(set); e != nil && name != "utf-8" {
		if out, err := e.NewDecoder().Bytes(text); err == nil {
			return out
		}
	}
	return bytes.ToValidUTF8(text, []byte("\uFFFD"))
}

// words2047 decodes encoded words (RFC 2047) in any character set that browsers know.
var words2047 = mime.WordDecoder{CharsetReader: charset.NewReaderLabel}

// readableHeader gives a header's text, decoded, in one line.
func readableHeader(text string) string {
	if out, err := words2047.DecodeHeader(text); err == nil {
		text = out
	}
	return line(text)
}
