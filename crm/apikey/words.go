package apikey

import (
	"database/sql/driver"
	"fmt"
	"slices"
	"strings"
)

// Words is a list of words without commas, kept in one column.
type Words []string

// Value joins the words by commas.
func (w Words) Value() (driver.Value, error) { return strings.Join(w, ","), nil }

// Scan reads what Value wrote.
func (w *Words) Scan(src any) error {
	var text string
	switch v := src.(type) {
	case nil:
	case string:
		text = v
	case []byte:
		text = string(v)
	default:
		return fmt.Errorf("apikey: cannot read words from %T", src)
	}
	*w = nil
	if text != "" {
		*w = strings.Split(text, ",")
	}
	return nil
}

// Equal reports whether both hold the same words; nil equals empty.
func (w Words) Equal(o Words) bool { return slices.Equal(w, o) }
