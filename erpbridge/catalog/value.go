package catalog

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/civil"
)

// Value turns what a driver gave for the column, read by [Column.Select], into string, int64,
// decimal.Decimal (for decimals and floats, and wherever st says that numbers are kept), bool, civil.Date,
// civil.DateTime, []byte, or nil for NULL. Texts of char(n) lose the blanks that fill them up. A time of day
// is a string, 15:04:05. A value that the column's type does not explain is an error that names the
// column, the value and the remedy; SQLite keeps whatever it was given.
func (c *Column) Value(d Dialect, raw any, st Storage) (any, error) {
	if raw == nil {
		return nil, nil
	}
	var out any
	ok := false
	switch c.Type.Family {
	case Text:
		if st.Text {
			out, ok = exact(raw)
		} else {
			out, ok = c.readText(raw)
		}
	case Integer:
		if d == SQLite && (st.Scale > 0 || st.Text) {
			out, ok = kept(raw, st)
		} else {
			out, ok = readInteger(raw)
		}
	case Decimal:
		out, ok = c.readDecimal(d, raw, st)
	case Float:
		out, ok = c.readFloat(d, raw)
	case Bool:
		out, ok = readBool(raw)
	case Date:
		if t, read := readDateTime(raw); read {
			// A date with a time of day is a mistake of the host's that loses nothing here.
			out, ok = t.Date, true
		}
	case DateTime:
		out, ok = readDateTime(raw)
	case Time:
		out, ok = readClock(raw)
	case Binary, RowVersion:
		out, ok = readBytes(raw)
	case GUID:
		out, ok = readGUID(raw)
	default:
		// A computed column of a view has no type on SQLite.
		if d == SQLite && (st.Scale > 0 || st.Text) {
			out, ok = kept(raw, st)
		} else {
			out, ok = readOther(raw)
		}
	}
	if n, number := out.(decimal.Decimal); !ok || number && !sane(n) {
		return nil, c.refused("column.value", "the database gave "+display(raw)+",", "which is not what its type says; correct the row, or the mapping's storage")
	}
	return out, nil
}

func (c *Column) readText(raw any) (any, bool) {
	var s string
	switch v := raw.(type) {
	case string:
		s = v
	case []byte:
		s = string(v)
	case int64:
		// SQLite, in a column whose affinity took the text for a number.
		s = strconv.FormatInt(v, 10)
	default:
		return nil, false
	}
	if c.Type.Name == "char" || c.Type.Name == "nchar" {
		s = strings.TrimRight(s, " ")
	}
	return s, true
}

func readInteger(raw any) (any, bool) {
	switch v := raw.(type) {
	case int64:
		return v, true
	case bool:
		return bit(v), true
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
			return int64(v), true
		}
	case string, []byte:
		n, ok := readLiteral(v)
		if ok && n.IsInteger() && n.BigInt().IsInt64() {
			return n.IntPart(), true
		}
	}
	return nil, false
}

// kept reads a number that is kept as text or as a scaled whole number.
func kept(raw any, st Storage) (any, bool) {
	if st.Text {
		if _, isFloat := raw.(float64); isFloat {
			return nil, false
		}
		return exact(raw)
	}
	n, ok := readInteger(raw)
	if !ok {
		return nil, false
	}
	return decimal.New(n.(int64), -st.Scale), true
}

// exact reads a number that is not a binary fraction.
func exact(raw any) (any, bool) {
	switch v := raw.(type) {
	case int64:
		return decimal.NewFromInt(v), true
	case string, []byte:
		return readLiteral(v)
	}
	return nil, false
}

// readLiteral reads the text of a number as databases write it: as [literal], but "-.5", "007" and blanks
// around it are let pass.
func readLiteral(raw any) (decimal.Decimal, bool) {
	var s string
	switch v := raw.(type) {
	case string:
		s = v
	case []byte:
		s = string(v)
	}
	s = strings.TrimSpace(s)
	if s == "" || len(s) > 2*mostDigits || strings.ContainsFunc(s, func(r rune) bool { return (r < '0' || r > '9') && r != '.' && r != '-' }) {
		return decimal.Decimal{}, false
	}
	n, err := decimal.NewFromString(s)
	return n, err == nil
}

func (c *Column) readDecimal(d Dialect, raw any, st Storage) (any, bool) {
	if d == SQLite && st.Scale > 0 && !st.Text {
		return kept(raw, st)
	}
	f, isFloat := raw.(float64)
	switch {
	case !isFloat:
		return exact(raw)
	case d == SQLite && st.Text, math.IsNaN(f), math.IsInf(f, 0):
		return nil, false
	}
	n, err := decimal.NewFromString(strconv.FormatFloat(f, 'f', -1, 64))
	if err != nil {
		return nil, false
	}
	if c.Type.Precision > 0 {
		// Sums of binary fractions end in 0000000001; the declared digits are what was meant.
		n = n.Round(int32(c.Type.Scale))
	}
	return n, true
}

func (c *Column) readFloat(d Dialect, raw any) (any, bool) {
	f, isFloat := raw.(float64)
	if !isFloat {
		return exact(raw)
	}
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return nil, false
	}
	bits := 64
	if d == MSSQL && c.Type.Name == "real" {
		bits = 32
	}
	n, err := fromFloat(f, bits)
	return n, err == nil
}

func readBool(raw any) (any, bool) {
	switch v := raw.(type) {
	case bool:
		return v, true
	case int64:
		return v != 0, v == 0 || v == 1
	case string:
		switch strings.ToLower(v) {
		case "0", "false":
			return false, true
		case "1", "true":
			return true, true
		}
	}
	return nil, false
}

func readDateTime(raw any) (civil.DateTime, bool) {
	var s string
	switch v := raw.(type) {
	case time.Time:
		return civil.Wall(v), true
	case string:
		s = v
	case []byte:
		s = string(v)
	default:
		return civil.DateTime{}, false
	}
	t, err := civil.ParseDateTime(strings.TrimSpace(s))
	return t, err == nil && !t.IsZero()
}

func readClock(raw any) (any, bool) {
	switch v := raw.(type) {
	case time.Time:
		return v.Format("15:04:05.999999999"), true
	case string:
		t, err := clock(v)
		return t.Format("15:04:05.999999999"), err == nil
	}
	return nil, false
}

func readBytes(raw any) (any, bool) {
	switch v := raw.(type) {
	case []byte:
		// The driver may use the memory again.
		return append([]byte{}, v...), true
	case string:
		return []byte(v), true
	}
	return nil, false
}

func readGUID(raw any) (any, bool) {
	switch v := raw.(type) {
	case string:
		return strings.TrimRight(v, " "), len(strings.TrimRight(v, " ")) == 36
	case []byte:
		// 16 bytes are in the order of the wire or of the text, which only the host's connection string knows.
		return string(v), len(v) == 36
	}
	return nil, false
}

// readOther passes on what has no declared type: an expression of a view on SQLite.
func readOther(raw any) (any, bool) {
	switch v := raw.(type) {
	case string, int64, bool:
		return v, true
	case []byte:
		return readBytes(v)
	case time.Time:
		return civil.Wall(v), true
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, false
		}
		n, err := fromFloat(v, 64)
		return n, err == nil
	}
	return nil, false
}
