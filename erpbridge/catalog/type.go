package catalog

import (
	"fmt"
)

// Family groups types by the Go values that they hold.
type Family string

// The families, with the Go type that [Column.Value] gives.
const (
	Text       Family = "text"       // string
	Integer    Family = "integer"    // int64
	Decimal    Family = "decimal"    // decimal.Decimal
	Float      Family = "float"      // decimal.Decimal
	Bool       Family = "bool"       // bool
	Date       Family = "date"       // civil.Date
	DateTime   Family = "datetime"   // civil.DateTime
	Time       Family = "time"       // string, 15:04:05
	Binary     Family = "binary"     // []byte
	GUID       Family = "guid"       // string
	RowVersion Family = "rowversion" // []byte
	Other      Family = "other"      // refused
)

// Type is a column's type.
type Type struct {
	// Name is in lower case and without lengths: "nvarchar".
	Name string
	// Length is in characters for text and in bytes for binary types; -1 is without limit.
	Length int
	// Precision is the number of digits, of a fraction of a second for times; Scale those behind the point.
	Precision, Scale int
	Family           Family
	// Affinity is what SQLite turns values of the column into: TEXT, NUMERIC, INTEGER, REAL or BLOB; ""
	// on SQL Server, and for a STRICT table the type that it insists on.
	Affinity string
	// CodePage is that of a char, varchar or text column on SQL Server: 1250, 65001 for UTF-8; 0 where it
	// is not known or does not matter.
	CodePage int
}

// String gives the type as it is declared: "nvarchar(40)", "decimal(18,4)".
func (t Type) String() string {
	switch t.Family {
	case Text, Binary:
		switch {
		case t.Length < 0 && !unlimited[t.Name]:
			return t.Name + "(max)"
		case t.Length > 0:
			return fmt.Sprintf("%s(%d)", t.Name, t.Length)
		}
	case Decimal:
		if t.Precision > 0 && !fixedDecimal[t.Name] {
			return fmt.Sprintf("%s(%d,%d)", t.Name, t.Precision, t.Scale)
		}
	case DateTime, Time:
		if fractional[t.Name] {
			return fmt.Sprintf("%s(%d)", t.Name, t.Scale)
		}
	}
	return t.Name
}

var (
	// unlimited are the types that have no limit and say none.
	unlimited = map[string]bool{"text": true, "ntext": true, "image": true, "xml": true, "blob": true, "clob": true, "json": true}
	// fixedDecimal are decimals whose digits cannot be declared.
	fixedDecimal = map[string]bool{"money": true, "smallmoney": true}
	// fractional are the times with a declared number of digits behind the second.
	fractional = map[string]bool{"datetime2": true, "datetimeoffset": true, "time": true}
)

// Storage says how a host keeps decimals where the database has no type for them. The zero Storage goes
// by the declared type; on SQLite a decimal with a fraction is then refused, unless the column is declared
// REAL, FLOAT or DOUBLE, because a column of the type DECIMAL keeps a binary fraction.
//
// On SQL Server columns go by their own types whatever the Storage says, so that one mapping serves both
// databases; only a number that goes into a text column needs Text there too.
type Storage struct {
	// Text: as text, 12.5. On SQLite the column has to have the affinity TEXT or BLOB. With a Scale there
	// are always that many digits behind the point: 12.50.
	Text bool
	// Scale: as a whole number, multiplied by 10 to this power: 12.5 is 125000 with the scale 4.
	Scale int32
	// Float: as the binary fraction that the declared type leads to; up to 15 significant digits come back as
	// they were, more are refused. Sums by the database are not exact.
	Float bool
}
