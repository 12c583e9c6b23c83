package tablehost

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/crmplus/crmplus/erpbridge/catalog"
)

// contains makes the pattern of LIKE that finds a text anywhere; signs mean themselves.
func contains(text string) string {
	return "%" + strings.NewReplacer("~", "~~", "%", "~%", "_", "~_", "[", "~[").Replace(text) + "%"
}

// named gives the columns of those fields that have one.
func (e *entity) named(names ...string) []*column {
	var list []*column
	for _, name := range names {
		if e.has(name) {
			list = append(list, e.fields[name].column)
		}
	}
	return list
}

// anywhere finds a text in any of the columns.
func anywhere(text string, columns []*column, more ...*column) cond {
	var any cond
	for _, c := range append(columns, more...) {
		for _, t := range c.spellings(text) {
			any.or = append(any.or, cond{column: c, op: "like", value: contains(t)})
		}
	}
	return any
}

// spellings are the forms in which a column may hold a text: where it tells capitals apart, as typed, in
// small and in capital letters, and with a capital first. SQLite's LIKE does so beyond ASCII only.
func (c *column) spellings(text string) []string {
	exact := c.Collation == "" || strings.Contains(c.Collation, "_BIN") || strings.Contains(c.Collation, "_CS_")
	if !exact || c.Type.Family != catalog.Text {
		return []string{text}
	}
	list := []string{text}
	first, size := utf8.DecodeRuneInString(text)
	for _, form := range []string{strings.ToLower(text), strings.ToUpper(text), string(unicode.ToTitle(first)) + strings.ToLower(text[size:])} {
		known := false
		for _, had := range list {
			known = known || had == form
		}
		if !known {
			list = append(list, form)
		}
	}
	return list
}
