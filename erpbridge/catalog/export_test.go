package catalog

import (
	"strconv"
	"strings"
)

// NewColumn makes a column of a declared type; a collation is taken as one whose code page is not the
// database's.
func NewColumn(d Dialect, name, declared, collation string) *Column {
	c := &Column{Name: name, Table: "t", Type: sqliteType(declared), Nullable: true, Collation: collation, dialect: d}
	if d == SQLite {
		return c
	}
	bare, arguments, _ := strings.Cut(strings.TrimSuffix(declared, ")"), "(")
	var n [2]int
	for i, a := range strings.SplitN(arguments, ",", 2) {
		if a == "max" {
			n[i] = -1
		} else {
			n[i], _ = strconv.Atoi(a)
		}
	}
	length := n[0]
	if wide[bare] && length > 0 {
		length *= 2
	}
	precision, scale := n[0], n[1]
	if fractional[bare] {
		scale = n[0]
	}
	c.Type = mssqlType(bare, length, precision, scale)
	c.RowVersion = c.Type.Family == RowVersion
	if coded[bare] {
		c.Type.CodePage = map[string]int{"Hungarian_CI_AS": 1250, "Cyrillic_General_CI_AS": 1251}[collation]
		c.recode = collation != ""
	}
	return c
}
