package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
)

// jsonFormat reads and writes bodies.
var jsonFormat = huma.Format{
	Marshal: func(w io.Writer, v any) error {
		if raw, ok := v.(json.RawMessage); ok {
			_, err := w.Write(raw)
			return err
		}
		return newEncoder(w).Encode(v)
	},
	Unmarshal: unmarshal,
}

func newEncoder(w io.Writer) *json.Encoder {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc
}

var (
	errNotUTF8 = errors.New("the body is not UTF-8")
	errNUL     = errors.New("a text holds NUL")
)

// unmarshal reads JSON. What no database stores, NUL and broken UTF-8, is refused here, because
// encoding/json would let it pass or mend it silently. It is called twice for each body: first with
// *any, for the check against the schema, then with the struct.
func unmarshal(data []byte, v any) error {
	parsed, first := v.(*any)
	if !first {
		return json.Unmarshal(data, v)
	}
	if !utf8.Valid(data) {
		return errNotUTF8
	}
	if err := json.Unmarshal(data, v); err != nil {
		return err
	}
	if bytes.Contains(data, []byte(`\u0000`)) && hasNUL(*parsed) {
		return errNUL
	}
	return nil
}

func hasNUL(v any) bool {
	switch x := v.(type) {
	case string:
		return strings.IndexByte(x, 0) >= 0
	case []any:
		for _, e := range x {
			if hasNUL(e) {
				return true
			}
		}
	case map[string]any:
		for k, e := range x {
			if strings.IndexByte(k, 0) >= 0 || hasNUL(e) {
				return true
			}
		}
	}
	return false
}

// strict reads JSON that stands inside something else, and refuses unknown fields.
func strict(data []byte, v any) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return err
	}
	if dec.More() {
		return errors.New("something follows the JSON value")
	}
	return nil
}
