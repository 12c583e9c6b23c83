package web

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"unicode"
)

// The limits of a post.
const (
	bodyLimit       = 64 << 10
	postFieldLimit  = 64
	fieldNameLimit  = 60
	originTextLimit = 400
)

// entry is what was posted: the texts by their field's name.
type entry map[string]string

var (
	errLarge       = errors.New("the body is larger than 64 KB")
	errUnreadable  = errors.New("the body is damaged, has files or too many fields")
	errUnsupported = errors.New("the content type is none of a form")
)

// decode reads the body of a post.
func decode(w http.ResponseWriter, r *http.Request) (entry, error) {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return nil, errUnsupported
	}
	body := http.MaxBytesReader(w, r.Body, bodyLimit)
	var e entry
	switch kind {
	case "application/x-www-form-urlencoded":
		e, err = decodeQuery(body)
	case "multipart/form-data":
		e, err = decodeParts(body, params["boundary"])
	case "application/json":
		e, err = decodeJSON(body)
	default:
		return nil, errUnsupported
	}
	if err != nil {
		if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
			return nil, errLarge
		}
		return nil, errUnreadable
	}
	return e, nil
}

// put keeps a field; the last of one name counts.
func (e entry) put(name, value string) error {
	if _, again := e[name]; !again && len(e) >= postFieldLimit || len(name) > fieldNameLimit {
		return errUnreadable
	}
	e[name] = readable(value)
	return nil
}

// readable drops what is no text, so that what was typed can be shown again as it was.
func readable(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, ""), "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, s)
}

func decodeQuery(body io.Reader) (entry, error) {
	text, err := io.ReadAll(body)
	if err != nil {
		return nil, err
	}
	if strings.Count(string(text), "&") > 2*postFieldLimit {
		return nil, errUnreadable
	}
	values, err := url.ParseQuery(string(text))
	if err != nil {
		return nil, err
	}
	e := entry{}
	for name, all := range values {
		if err := e.put(name, all[len(all)-1]); err != nil {
			return nil, err
		}
	}
	return e, nil
}

// decodeParts reads multipart/form-data (RFC 7578). A part with a file name is refused, unless it is the
// empty one that browsers send for a file field without a file.
func decodeParts(body io.Reader, boundary string) (entry, error) {
	if boundary == "" {
		return nil, errUnreadable
	}
	parts := multipart.NewReader(body, boundary)
	e := entry{}
	for n := 0; ; n++ {
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return e, nil
		}
		if err != nil {
			return nil, err
		}
		value, err := io.ReadAll(part)
		if err != nil {
			return nil, err
		}
		if n > 2*postFieldLimit || part.FileName() != "" {
			return nil, errUnreadable
		}
		if err := e.put(part.FormName(), string(value)); err != nil {
			return nil, err
		}
	}
}

// decodeJSON reads one flat object of texts; null and false are nothing typed, true is the text "true".
func decodeJSON(body io.Reader) (entry, error) {
	decoder := json.NewDecoder(body)
	var values map[string]any
	if err := decoder.Decode(&values); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		if err == nil {
			err = errUnreadable
		}
		return nil, err
	}
	e := entry{}
	for name, value := range values {
		text := ""
		switch v := value.(type) {
		case string:
			text = v
		case nil:
		case bool:
			if v {
				text = "true"
			}
		default:
			return nil, errUnreadable
		}
		if err := e.put(name, text); err != nil {
			return nil, err
		}
	}
	return e, nil
}
