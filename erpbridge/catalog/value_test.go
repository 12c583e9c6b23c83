package catalog_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/erpbridge/catalog"
)

func TestValuesThatDriversGive(t *testing.T) {
	for _, row := range []struct {
		name, typ string
		dialect   catalog.Dialect
		raw, want any
		storage   catalog.Storage
	}{
		{name: "decimal as the driver's text", typ: "decimal(18,4)", dialect: catalog.MSSQL, raw: []byte("12.5000"), want: dec("12.5")},
		{name: "decimal without a leading zero", typ: "decimal(18,4)", dialect: catalog.MSSQL, raw: []byte("-.5000"), want: dec("-0.5")},
		{name: "a sum of fractions", typ: "DECIMAL(18,4)", dialect: catalog.SQLite, raw: 0.1 + 0.2, want: dec("0.3")},
		{name: "a sum of fractions without digits", typ: "FLOAT", dialect: catalog.SQLite, raw: 0.1 + 0.2, want: dec("0.3")},
		{name: "a scaled number", typ: "INTEGER", dialect: catalog.SQLite, raw: int64(125000), want: dec("12.5"), storage: catalog.Storage{Scale: 4}},
		{name: "a scaled number where fractions were allowed", typ: "DECIMAL(18,4)", dialect: catalog.SQLite, raw: 125000.0, want: dec("12.5"), storage: catalog.Storage{Scale: 4}},
		{name: "a text", typ: "TEXT", dialect: catalog.SQLite, raw: "12.50", want: dec("12.5"), storage: catalog.Storage{Text: true}},
		{name: "a padded key", typ: "char(8)", dialect: catalog.MSSQL, raw: "C0001   ", want: "C0001"},
		{name: "blanks of a varchar stay", typ: "varchar(8)", dialect: catalog.MSSQL, raw: "C0001 ", want: "C0001 "},
		{name: "a text that became a number", typ: "STRING", dialect: catalog.SQLite, raw: int64(42), want: "42"},
		{name: "real", typ: "real", dialect: catalog.MSSQL, raw: float64(float32(0.05)), want: dec("0.05")},
		{name: "date", typ: "date", dialect: catalog.MSSQL, raw: time.Date(2026, 7, 13, 0, 0, 0, 0, time.UTC), want: day(2026, 7, 13)},
		{name: "a date with a time", typ: "DATE", dialect: catalog.SQLite, raw: "2026-07-13 10:00:00", want: day(2026, 7, 13)},
		{name: "a text with a blank for the T", typ: "DATETIME", dialect: catalog.SQLite, raw: "1996-07-04 00:00:00", want: at("1996-07-04")},
		{name: "datetimeoffset by its own clock", typ: "datetimeoffset(3)", dialect: catalog.MSSQL, raw: time.Date(2026, 7, 13, 10, 0, 0, 0, time.FixedZone("", 7200)), want: at("2026-07-13T10:00:00")},
		{name: "time", typ: "time(0)", dialect: catalog.MSSQL, raw: time.Date(1, 1, 1, 8, 30, 0, 0, time.UTC), want: "08:30:00"},
		{name: "bool of a driver that knows BOOLEAN", typ: "BOOLEAN", dialect: catalog.SQLite, raw: true, want: true},
		{name: "an expression of a view", typ: "", dialect: catalog.SQLite, raw: 1.25, want: dec("1.25")},
		{name: "GUID as text", typ: "uniqueidentifier", dialect: catalog.MSSQL, raw: "6F9619FF-8B86-D011-B42D-00C04FC964FF", want: "6F9619FF-8B86-D011-B42D-00C04FC964FF"},
		{name: "NULL", typ: "int", dialect: catalog.MSSQL, raw: nil, want: nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			col := catalog.NewColumn(row.dialect, "col", row.typ, "")
			got, err := col.Value(row.dialect, row.raw, row.storage)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(row.want, got, cmp.Comparer(decimal.Decimal.Equal)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestValuesThatTheTypeDoesNotExplain(t *testing.T) {
	for _, row := range []struct {
		name, typ string
		dialect   catalog.Dialect
		raw       any
		storage   catalog.Storage
	}{
		{name: "text in an integer", typ: "INTEGER", dialect: catalog.SQLite, raw: "sok"},
		{name: "a fraction in an integer", typ: "INTEGER", dialect: catalog.SQLite, raw: 1.5},
		{name: "a fraction where text is declared", typ: "TEXT", dialect: catalog.SQLite, raw: 1.5, storage: catalog.Storage{Text: true}},
		{name: "a fraction where a scaled number is declared", typ: "DECIMAL(18,4)", dialect: catalog.SQLite, raw: 12.5, storage: catalog.Storage{Scale: 4}},
		{name: "no number", typ: "TEXT", dialect: catalog.SQLite, raw: "12,50", storage: catalog.Storage{Text: true}},
		{name: "an exponent that takes all memory", typ: "TEXT", dialect: catalog.SQLite, raw: "1e999999999", storage: catalog.Storage{Text: true}},
		{name: "infinity", typ: "FLOAT", dialect: catalog.SQLite, raw: math.Inf(1)},
		{name: "no number at all", typ: "REAL", dialect: catalog.SQLite, raw: math.NaN()},
		{name: "a Julian day", typ: "DATETIME", dialect: catalog.SQLite, raw: 2460000.5},
		{name: "a local date", typ: "DATE", dialect: catalog.SQLite, raw: "13.07.2026"},
		{name: "an empty date", typ: "DATE", dialect: catalog.SQLite, raw: ""},
		{name: "2 is neither true nor false", typ: "BIT", dialect: catalog.SQLite, raw: int64(2)},
		{name: "a GUID in the order of the wire", typ: "uniqueidentifier", dialect: catalog.MSSQL, raw: make([]byte, 16)},
		{name: "bytes in a time", typ: "time(0)", dialect: catalog.MSSQL, raw: []byte("x")},
	} {
		t.Run(row.name, func(t *testing.T) {
			col := catalog.NewColumn(row.dialect, "col", row.typ, "")
			got, err := col.Value(row.dialect, row.raw, row.storage)
			if err == nil || !strings.Contains(err.Error(), "t.col ") {
				t.Errorf("%v, %v", got, err)
			}
		})
	}
}

// FuzzValue: whatever stands in a column, reading does not panic, and gives one of the promised kinds; what
// is read from a text column can be bound again.
func FuzzValue(f *testing.F) {
	types := []string{"TEXT", "CHAR(5)", "INTEGER", "DECIMAL(18,4)", "REAL", "BIT", "DATE", "DATETIME", "TIME", "BLOB", "UNIQUEIDENTIFIER", "STRING", ""}
	for _, s := range []string{"", "0", "-1", "007", "12.50", "-.5", "1e9", "1e999999999", "Inf", "NaN", "0x10", "1_000", "2026-07-13", "2026-02-30", "2026-07-13T10:00:00.123456789",
		"2026-07-13 24:00:00", "10:00", "25:00:00", "\x00", "\xff", "true", "6F9619FF-8B86-D011-B42D-00C04FC964FF", strings.Repeat("9", 400), "őű", "  7  "} {
		for i := range types {
			f.Add(s, i, uint8(0))
			f.Add(s, i, uint8(1))
			f.Add(s, i, uint8(6))
		}
	}
	f.Fuzz(func(t *testing.T, text string, kind int, how uint8) {
		if kind < 0 || kind >= len(types) {
			return
		}
		st := catalog.Storage{Text: how&1 != 0, Scale: int32(how>>1) & 15}
		for _, d := range []catalog.Dialect{catalog.SQLite, catalog.MSSQL} {
			col := catalog.NewColumn(d, "col", types[kind], "")
			for _, raw := range []any{text, []byte(text)} {
				got, err := col.Value(d, raw, st)
				if err != nil {
					continue
				}
				switch v := got.(type) {
				case string, int64, bool, []byte:
				case decimal.Decimal:
					if len(v.String()) > 500 {
						t.Fatalf("%q became a number of %d digits", text, len(v.String()))
					}
				case civil.Date:
					if again, err := civil.Parse(v.String()); err != nil || again != v {
						t.Fatalf("%q became the date %v", text, v)
					}
				case civil.DateTime:
					if again, err := civil.ParseDateTime(v.String()); err != nil || again != v {
						t.Fatalf("%q became the moment %v", text, v)
					}
				default:
					t.Fatalf("%q became a %T", text, got)
				}
			}
			if _, _, err := col.Bind(d, text, st); err != nil && !strings.Contains(err.Error(), "t.col") {
				t.Fatalf("%v does not name the column", err)
			}
		}
	})
}
