package catalog

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/shopspring/decimal"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

const utf8Page = 65001

// pages are the code pages of SQL Server's collations.
var pages = map[int]encoding.Encoding{
	437: charmap.CodePage437, 850: charmap.CodePage850, 874: charmap.Windows874,
	932: japanese.ShiftJIS, 936: simplifiedchinese.GBK, 949: korean.EUCKR, 950: traditionalchinese.Big5,
	1250: charmap.Windows1250, 1251: charmap.Windows1251, 1252: charmap.Windows1252, 1253: charmap.Windows1253,
	1254: charmap.Windows1254, 1255: charmap.Windows1255, 1256: charmap.Windows1256, 1257: charmap.Windows1257, 1258: charmap.Windows1258,
}

func (c *Column) bindText(d Dialect, value any, st Storage) (any, error) {
	switch v := value.(type) {
	case string:
		return c.text(d, v)
	case int64:
		return c.text(d, strconv.FormatInt(v, 10))
	case decimal.Decimal:
		if !st.Text {
			return nil, c.refused("column.storage", display(v),
				`is a number, and the column keeps text; say that it keeps numbers so (storage: text), or make a text of it: text(x), or fixed(x, 2)`)
		}
		s, err := c.decimalText(v, st)
		if err != nil {
			return nil, err
		}
		return c.text(d, s)
	case bool:
		return nil, c.refused("column.kind", display(v), "is a truth value, and the column keeps text; say what the host writes for true and false, 'I' and 'N'")
	case []byte:
		return nil, c.refused("column.kind", display(v), "are no text")
	}
	return nil, c.refused("column.kind", display(value), `is a date, and the column keeps text; say how the host writes it: format(date, "20060102")`)
}

// decimalText writes a decimal as text in the form that st asks for.
func (c *Column) decimalText(v decimal.Decimal, st Storage) (string, error) {
	if !sane(v) {
		return "", c.refused("column.range", display(v), "cannot be written")
	}
	if st.Scale <= 0 {
		return v.String(), nil
	}
	if !v.Equal(v.Truncate(st.Scale)) {
		return "", c.refused("column.precision", display(v), "has more than the %d digits behind the point that the mapping declares; round it first: round(x, %d)", st.Scale, st.Scale)
	}
	return v.StringFixed(st.Scale), nil
}

func (c *Column) text(d Dialect, s string) (any, error) {
	switch {
	case !utf8.ValidString(s):
		return nil, c.refused("column.kind", shown(s), "is not UTF-8 text")
	case strings.ContainsRune(s, 0):
		return nil, c.refused("column.kind", shown(s), "holds a NUL character, which ends a text for many programs; remove it")
	}
	length, unit, err := c.measure(d, s)
	if err != nil {
		return nil, err
	}
	if limit := c.Type.Length; limit > 0 && length > limit {
		return nil, c.refused("column.length", shown(s), "has %d %s, the column takes %d; shorten it: left(x, %d)", length, unit, limit, limit)
	}
	if d == SQLite && c.Type.Affinity != "TEXT" && c.Type.Affinity != "BLOB" && c.Type.Affinity != "" && numberLike(s) {
		return nil, c.refused("column.storage", shown(s),
			"would be turned into a number by the column's affinity %s, and lose its form; declare the column TEXT or VARCHAR", c.Type.Affinity)
	}
	return s, nil
}

// measure counts what the column's limit is in: bytes of the code page for varchar, else UTF-16 code
// units, of which SQL Server counts two for characters such as emoji.
func (c *Column) measure(d Dialect, s string) (n int, unit string, err error) {
	if d == MSSQL && coded[c.Type.Name] {
		if c.Type.CodePage == utf8Page {
			return len(s), "bytes of UTF-8", nil
		}
		if page := pages[c.Type.CodePage]; page != nil {
			n, err = c.encoded(page, s)
			return n, "characters", err
		}
	}
	for _, r := range s {
		n++
		if r > 0xffff {
			n++
		}
	}
	return n, "characters", nil
}

// encoded counts the bytes of the text in a code page. A letter that the page lacks would become another
// letter or a question mark without a word from the server.
func (c *Column) encoded(page encoding.Encoding, s string) (int, error) {
	b, err := page.NewEncoder().String(s)
	if err == nil {
		return len(b), nil
	}
	lacking := ""
	for _, r := range s {
		if _, err := page.NewEncoder().String(string(r)); err != nil && !strings.ContainsRune(lacking, r) {
			lacking += string(r)
		}
	}
	return 0, c.refused("column.codepage", shown(s), "has %s, which the column's code page %d (%s) lacks; make the column nvarchar, or write ascii(x)",
		shown(lacking), c.Type.CodePage, c.Collation)
}

// numberLike reports whether SQLite's NUMERIC affinity would take the text for a number: an optional
// sign, digits with or without a point, an exponent, blanks around it.
func numberLike(s string) bool {
	s = strings.Trim(s, " \t\n\v\f\r")
	if s == "" {
		return false
	}
	if _, err := strconv.ParseFloat(s, 64); err != nil {
		return false
	}
	// Go's ParseFloat also reads Inf, NaN, 0x1p3 and 1_000; they are texts for SQLite.
	return !strings.ContainsFunc(s, func(r rune) bool {
		return (r < '0' || r > '9') && !strings.ContainsRune("+-.eE", r)
	})
}
