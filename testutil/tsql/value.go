package tsql

import (
	"crypto/sha256"
	"database/sql/driver"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/golang-sql/civil"
	mssql "github.com/microsoft/go-mssqldb"
)

// longArgument is from how many bytes on an argument is shown by its beginning and its sum.
const longArgument = 256

// argument is one line of the file: the parameter, the type it travels by, its value as a literal.
func argument(nv driver.NamedValue) string {
	name := nv.Name
	if name == "" {
		name = "p" + strconv.Itoa(nv.Ordinal)
	}
	return "@" + name + " " + typed(nv.Value)
}

// typed renders a value after the driver's CheckNamedValue. Types are those go-mssqldb chooses.
func typed(value any) string {
	switch v := value.(type) {
	case nil:
		return "untyped = NULL"
	case int, int64:
		return fmt.Sprintf("bigint = %d", v)
	case int32:
		return fmt.Sprintf("int = %d", v)
	case int16:
		return fmt.Sprintf("smallint = %d", v)
	case int8, uint8:
		return fmt.Sprintf("tinyint = %d", v)
	case bool:
		if v {
			return "bit = 1"
		}
		return "bit = 0"
	case float64:
		return "float = " + strconv.FormatFloat(v, 'g', -1, 64)
	case float32:
		return "real = " + strconv.FormatFloat(float64(v), 'g', -1, 32)
	case []byte:
		return "varbinary = " + bytesLiteral(v)
	case civil.DateTime:
		return "datetime2 = '" + v.String() + "'"
	case civil.Date:
		return "date = '" + v.String() + "'"
	case civil.Time:
		return "time = '" + v.String() + "'"
	case mssql.DateTime1:
		return "datetime = '" + time.Time(v).Format("2006-01-02T15:04:05.000") + "'"
	case mssql.DateTimeOffset:
		return "datetimeoffset = '" + time.Time(v).Format(time.RFC3339Nano) + "'"
	case time.Time:
		return "datetimeoffset = '" + v.Format(time.RFC3339Nano) + "'"
	}
	return typedText(value)
}

func typedText(value any) string {
	switch v := value.(type) {
	case string:
		return "nvarchar = " + textLiteral("N", v)
	case mssql.NVarCharMax:
		return "nvarchar(max) = " + textLiteral("N", string(v))
	case mssql.NChar:
		return "nchar = " + textLiteral("N", string(v))
	case mssql.VarChar:
		return "varchar = " + textLiteral("", string(v))
	case mssql.VarCharMax:
		return "varchar(max) = " + textLiteral("", string(v))
	case driver.Valuer:
		inner, err := driver.DefaultParameterConverter.ConvertValue(v)
		if err == nil && inner != nil {
			return typed(inner)
		}
		return fmt.Sprintf("%T = NULL", value)
	}
	return fmt.Sprintf("%T = %#v", value, value)
}

func bytesLiteral(b []byte) string {
	switch {
	case b == nil:
		return "NULL"
	case len(b) > longArgument:
		return "0x" + hex.EncodeToString(b[:16]) + "..." + sum(b)
	}
	return "0x" + hex.EncodeToString(b)
}

// textLiteral is a T-SQL literal on one line: characters that a reader would not see stand as
// NCHAR(n).
func textLiteral(prefix, s string) string {
	tail := ""
	if len(s) > longArgument {
		tail = "..." + sum([]byte(s))
		end := 64
		for !utf8.RuneStart(s[end]) {
			end--
		}
		s = s[:end]
	}
	var b strings.Builder
	b.WriteString(prefix + "'")
	for i, r := range s {
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD"):
			fmt.Fprintf(&b, "'+0x%02x+%s'", s[i], prefix) // not UTF-8
		case r == '\'':
			b.WriteString("''")
		case !unicode.IsPrint(r):
			fmt.Fprintf(&b, "'+NCHAR(%d)+%s'", r, prefix)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteString("'")
	return b.String() + tail
}

func sum(b []byte) string {
	h := sha256.Sum256(b)
	return fmt.Sprintf(" (%d bytes, SHA-256 %x)", len(b), h[:8])
}

// cell is one value of a row in the file's JSON. Which Go type a value has must survive.
type cell struct {
	Hex   *string `json:"hex,omitempty"`
	Text  *string `json:"text,omitempty"`
	Time  *string `json:"time,omitempty"`
	Float *string `json:"float,omitempty"`
}

func encodeRow(row []driver.Value, columns []column) (string, error) {
	cells := make([]any, len(row))
	for i, value := range row {
		switch v := value.(type) {
		case nil, int64, bool, string:
			cells[i] = v
		case []byte:
			text := hex.EncodeToString(v)
			cells[i] = cell{Hex: &text}
			if columns[i].holdsDecimals() {
				text = string(v)
				cells[i] = cell{Text: &text}
			}
		case time.Time:
			text := v.Format(time.RFC3339Nano)
			cells[i] = cell{Time: &text}
		case float64:
			text := strconv.FormatFloat(v, 'g', -1, 64)
			cells[i] = cell{Float: &text}
		default:
			return "", fmt.Errorf("column %s has a %T, which the file cannot hold", columns[i].name, value)
		}
		if s, ok := value.(string); ok && !utf8.ValidString(s) {
			return "", fmt.Errorf("column %s is no UTF-8", columns[i].name)
		}
	}
	return encodeJSON(cells)
}

// encodeJSON keeps < > & as they are: statements and answers are read by people.
func encodeJSON(v any) (string, error) {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return strings.TrimSuffix(b.String(), "\n"), err
}

func decodeRow(text string, width int) ([]driver.Value, error) {
	var raw []json.RawMessage
	if err := json.Unmarshal([]byte(text), &raw); err != nil {
		return nil, fmt.Errorf("is no JSON array: %w", err)
	}
	if len(raw) != width {
		return nil, fmt.Errorf("has %d values for %d columns", len(raw), width)
	}
	row := make([]driver.Value, len(raw))
	for i, r := range raw {
		v, err := decodeCell(r)
		if err != nil {
			return nil, fmt.Errorf("value %d: %w", i+1, err)
		}
		row[i] = v
	}
	return row, nil
}

func decodeCell(raw json.RawMessage) (driver.Value, error) {
	switch raw[0] {
	case 'n':
		return nil, nil
	case 't', 'f':
		return raw[0] == 't', nil
	case '"':
		var s string
		err := json.Unmarshal(raw, &s)
		return s, err
	case '{':
		var c cell
		if err := json.Unmarshal(raw, &c); err != nil {
			return nil, err
		}
		switch {
		case c.Hex != nil:
			return hex.DecodeString(*c.Hex)
		case c.Text != nil:
			return []byte(*c.Text), nil
		case c.Time != nil:
			return time.ParseInLocation(time.RFC3339Nano, *c.Time, time.UTC)
		case c.Float != nil:
			return strconv.ParseFloat(*c.Float, 64)
		}
		return nil, fmt.Errorf("%s has none of hex, text, time, float", raw)
	}
	return strconv.ParseInt(string(raw), 10, 64)
}
