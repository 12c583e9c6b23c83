package catalog

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
)

// Bind prepares a value for the column: sqlText has one "?" within the CAST that the column's type needs
// ("CAST(? AS decimal(18,4))"; on SQLite the "?" alone), arg is what goes to the driver. It serves in
// VALUES, SET and WHERE alike: with the cast the database compares in the column's own type, so that an
// index on the column is used.
//
// Values are string, int, int32, int64, decimal.Decimal, money.Amount, Quantity, Percent and Rate, bool, civil.Date,
// civil.DateTime, time.Time (of which is taken what its own clock shows: convert it to the host's zone
// first), []byte and nil. The zero civil.Date and civil.DateTime are NULL. A text is read as a number, a date
// or a truth value where the column is one and the text is exactly that (12, -3.50, 2026-07-13): keys
// and constants of a mapping are texts.
//
// Refused, as fault.Invalid with one fault: NULL for a column that takes none (column.null), a value of
// another kind (column.kind), too long a text (column.length), letters that the code page lacks
// (column.codepage), a number or date out of range (column.range), one that would be rounded
// (column.precision), and on SQLite one that the column would keep as something else (column.storage).
// Only a time of day is cut to what the column keeps, because no clock is that exact: to 1/300 of a second for
// datetime, to the minute for smalldatetime, always downwards, so that 23:59:59.999 stays on its day.
func (c *Column) Bind(d Dialect, value any, st Storage) (sqlText string, arg any, err error) {
	plain, err := c.plain(value)
	if err != nil {
		return "", nil, err
	}
	if plain == nil {
		if !c.Nullable {
			return "", nil, c.refused("column.null", "NULL", "the column takes no NULL; map it to a value, or give it a default")
		}
		return c.cast(d), nil, nil
	}
	switch c.Type.Family {
	case Text:
		arg, err = c.bindText(d, plain, st)
	case Integer:
		arg, err = c.bindInteger(d, plain, st)
	case Decimal:
		arg, err = c.bindDecimal(d, plain, st)
	case Float:
		arg, err = c.bindFloat(d, plain)
	case Bool:
		arg, err = c.bindBool(plain)
	case Date, DateTime, Time:
		arg, err = c.bindTime(d, plain)
	case Binary, RowVersion:
		arg, err = c.bindBinary(plain)
	case GUID:
		arg, err = c.bindGUID(d, plain)
	default:
		err = c.refused("column.kind", display(plain), "values of the type %s cannot be written by a mapping; leave the column out", c.Type)
	}
	if err != nil {
		return "", nil, err
	}
	return c.cast(d), arg, nil
}

// plain brings a value to one of string, int64, decimal.Decimal, bool, civil.DateTime, civil.Date, []byte
// and nil.
func (c *Column) plain(value any) (any, error) {
	switch v := value.(type) {
	case nil, string, int64, bool, decimal.Decimal:
		return v, nil
	case int:
		return int64(v), nil
	case int32:
		return int64(v), nil
	case money.Amount:
		return v.Decimal, nil
	case money.Quantity:
		return v.Decimal, nil
	case money.Percent:
		// Amount and Percent have the same scale and are types of their own all the same.
		return v.Decimal, nil
	case money.Rate:
		return v.Decimal, nil
	case civil.Date:
		if v.IsZero() {
			return nil, nil
		}
		return v, nil
	case civil.DateTime:
		if v.IsZero() {
			return nil, nil
		}
		return v, nil
	case time.Time:
		return civil.Wall(v), nil
	case []byte:
		if v == nil {
			return nil, nil
		}
		return v, nil
	}
	return nil, c.refused("column.kind", fmt.Sprintf("a %T", value), "only texts, numbers, dates, truth values and bytes can be written")
}

// cast is the expression for the parameter.
func (c *Column) cast(d Dialect) string {
	if d != MSSQL {
		return "?"
	}
	switch name := c.Type.Name; {
	case name == "text", name == "varchar" && c.Type.Length < 0:
		return "CAST(" + c.recoded() + " AS varchar(max))"
	case name == "char", name == "varchar":
		return "CAST(" + c.recoded() + " AS " + c.Type.String() + ")"
	case name == "ntext", name == "sysname", name == "json":
		return "CAST(? AS nvarchar(max))"
	case name == "image":
		return "CAST(? AS varbinary(max))"
	case c.Type.Family == RowVersion:
		return "CAST(? AS binary(8))"
	case c.Type.Family == Other:
		return "?"
	}
	return "CAST(? AS " + c.Type.String() + ")"
}

var collationName = regexp.MustCompile(`^[A-Za-z0-9_]+$`)

// recoded is the parameter, in the column's collation where its code page is not the database's: a CAST
// to varchar keeps only the letters of the collation of what it casts.
func (c *Column) recoded() string {
	if !c.recode || !collationName.MatchString(c.Collation) {
		return "?"
	}
	return "? COLLATE " + c.Collation
}

// refused is the error for one value; the sentence names the column with its type, the value and, in the
// format, what is wrong and what to do.
func (c *Column) refused(code, value, format string, args ...any) error {
	var l fault.List
	l.Add("", code, "%s: %s %s", c, value, fmt.Sprintf(format, args...))
	return l.Err("a value does not fit its column")
}

// display writes a value for a message.
func display(value any) string {
	switch v := value.(type) {
	case string:
		return shown(v)
	case []byte:
		return fmt.Sprintf("%d bytes", len(v))
	case decimal.Decimal:
		if !sane(v) {
			return "a number of absurd size"
		}
		return v.String()
	}
	return fmt.Sprint(value)
}

func (c *Column) bindBool(value any) (any, error) {
	switch v := value.(type) {
	case bool:
		return bit(v), nil
	case int64:
		if v == 0 || v == 1 {
			return v, nil
		}
	case decimal.Decimal:
		if v.IsZero() || v.Equal(decimal.NewFromInt(1)) {
			return v.IntPart(), nil
		}
	case string:
		switch v {
		case "0", "false":
			return int64(0), nil
		case "1", "true":
			return int64(1), nil
		}
	}
	return nil, c.refused("column.kind", display(value), "is not a truth value; write true or false, or 1 or 0")
}

func bit(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

func (c *Column) bindBinary(value any) (any, error) {
	b, ok := value.([]byte)
	if !ok {
		return nil, c.refused("column.kind", display(value), "is not bytes; a column of the type %s takes only those", c.Type)
	}
	if c.Type.Length > 0 && len(b) > c.Type.Length {
		return nil, c.refused("column.length", display(value), "are more than the column's %d", c.Type.Length)
	}
	return b, nil
}

func (c *Column) bindGUID(d Dialect, value any) (any, error) {
	s, ok := value.(string)
	if !ok {
		return nil, c.refused("column.kind", display(value), "is not a GUID; give it as text, 6f9619ff-8b86-d011-b42d-00c04fc964ff")
	}
	id, err := uuid.Parse(s)
	if err != nil || len(s) != 36 {
		return nil, c.refused("column.kind", display(value), "is not a GUID; write it as 6f9619ff-8b86-d011-b42d-00c04fc964ff")
	}
	if d == MSSQL {
		return strings.ToUpper(id.String()), nil
	}
	// SQLite compares texts, and the host may write either case.
	return s, nil
}
