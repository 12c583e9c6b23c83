package catalog_test

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/erpbridge/catalog"
	"github.com/crmplus/crmplus/testutil"
)

func dec(s string) decimal.Decimal { return decimal.RequireFromString(s) }

func day(y int, m time.Month, d int) civil.Date { return civil.Date{Year: y, Month: m, Day: d} }

func at(s string) civil.DateTime {
	t, err := civil.ParseDateTime(s)
	if err != nil {
		panic(err)
	}
	return t
}

// TestRoundTrip writes values through Bind and reads them through Select and Value: what comes back is
// what was meant, and a WHERE with the same value finds the row.
func TestRoundTrip(t *testing.T) {
	asText, scaled, float := catalog.Storage{Text: true}, catalog.Storage{Scale: 4}, catalog.Storage{Float: true}
	rows := []struct {
		name, column string
		only         catalog.Dialect
		in, want     any
		storage      catalog.Storage
	}{
		{name: "char loses its filling", column: "c_char", in: "VII", want: "VII"},
		{name: "a leading zero stays", column: "c_varchar", in: "000123", want: "000123"},
		{name: "letters of the code page", column: "c_varchar", in: "Áéíóö", want: "Áéíóö"},
		{name: "Hungarian", column: "c_nvarchar", in: "Űrhajó őr", want: "Űrhajó őr"},
		{name: "Hebrew", column: "c_nvarchar", in: "שלום", want: "שלום"},
		{name: "Greek", column: "c_nvarchar", in: "Αθήνα", want: "Αθήνα"},
		{name: "Russian", column: "c_nvarchar", in: "Москва", want: "Москва"},
		{name: "quotes are letters", column: "c_nvarchar", in: `'; DROP--"`, want: `'; DROP--"`},
		{name: "a backslash at the end of a line", column: "c_nvarchar", in: "a\\\r\nb", want: "a\\\r\nb"},
		{name: "empty text is no NULL", column: "c_varchar", in: "", want: ""},
		{name: "a long text", column: "c_text", in: strings.Repeat("szöveg ", 2000), want: strings.Repeat("szöveg ", 2000)},
		{name: "a number as a code", column: "c_varchar", in: 42, want: "42"},
		{name: "NULL", column: "c_int", in: nil, want: nil},
		{name: "NULL of bytes", column: "c_varbinary", in: nil, want: nil},
		{name: "no date is NULL", column: "c_date", in: civil.Date{}, want: nil},
		{name: "tinyint", column: "c_tinyint", in: 255, want: int64(255)},
		{name: "smallint", column: "c_smallint", in: int64(-32768), want: int64(-32768)},
		{name: "int by its text", column: "c_int", in: "10248", want: int64(10248)},
		{name: "bigint", column: "c_bigint", in: int64(-1 << 63), want: int64(-1 << 63)},
		{name: "a whole decimal", column: "c_int", in: dec("7.000"), want: int64(7)},
		{name: "bool as a number", column: "c_smallint", in: true, want: int64(1)},
		{name: "decimal", column: "c_decimal", only: catalog.MSSQL, in: dec("12345678901234.5678"), want: dec("12345678901234.5678")},
		{name: "decimal below zero", column: "c_decimal", only: catalog.MSSQL, in: money.MustAmount("-0.0001"), want: dec("-0.0001")},
		{name: "numeric", column: "c_numeric", only: catalog.MSSQL, in: "1234567.89", want: dec("1234567.89")},
		{name: "money", column: "c_money", only: catalog.MSSQL, in: dec("922337203685477.5807"), want: dec("922337203685477.5807")},
		{name: "smallmoney", column: "c_smallmoney", only: catalog.MSSQL, in: dec("-214748.3647"), want: dec("-214748.3647")},
		{name: "a whole number in a decimal", column: "c_decimal", in: 250, want: dec("250")},
		{name: "decimal as a scaled number", column: "c_integer", only: catalog.SQLite, storage: scaled, in: dec("12345678901234.5678"), want: dec("12345678901234.5678")},
		{name: "a constant is scaled too", column: "c_integer", only: catalog.SQLite, storage: scaled, in: 3, want: dec("3")},
		{name: "decimal declared, kept scaled", column: "c_decimal", only: catalog.SQLite, storage: scaled, in: money.MustPercent("12.5"), want: dec("12.5")},
		{name: "decimal as text", column: "c_decimal_text", only: catalog.SQLite, storage: asText, in: dec("12345678901234.5678"), want: dec("12345678901234.5678")},
		{name: "decimal as a fraction", column: "c_decimal", only: catalog.SQLite, storage: float, in: dec("1234567.8901"), want: dec("1234567.8901")},
		{name: "numeric without digits as a fraction", column: "c_numeric", only: catalog.SQLite, storage: float, in: dec("0.1"), want: dec("0.1")},
		{name: "float", column: "c_float", in: dec("1234.56789"), want: dec("1234.56789")},
		{name: "real", column: "c_real", in: dec("0.05"), want: dec("0.05")},
		{name: "true", column: "c_bit", in: true, want: true},
		{name: "false by a number", column: "c_bit", in: 0, want: false},
		{name: "date", column: "c_date", in: day(2026, 7, 13), want: day(2026, 7, 13)},
		{name: "date by its text", column: "c_date", in: "2028-02-29", want: day(2028, 2, 29)},
		{name: "a date in datetime", column: "c_datetime", in: day(2026, 7, 13), want: at("2026-07-13")},
		{name: "day and month are not swapped", column: "c_datetime", in: at("2026-02-01T03:04:05"), want: at("2026-02-01T03:04:05")},
		{name: "datetime keeps 1/300 s", column: "c_datetime", only: catalog.MSSQL, in: at("2026-07-13T23:59:59.999"), want: at("2026-07-13T23:59:59.997")},
		{name: "datetime downwards to .003", column: "c_datetime", only: catalog.MSSQL, in: at("2026-07-13T10:00:00.006999"), want: at("2026-07-13T10:00:00.003")},
		{name: "datetime2 is cut", column: "c_datetime2", in: at("2026-07-13T10:00:00.123999"), want: at("2026-07-13T10:00:00.123")},
		{name: "smalldatetime stays on its day", column: "c_smalldatetime", in: at("2026-07-13T23:59:59"), want: at("2026-07-13T23:59")},
		{name: "an instant by its own clock", column: "c_datetime2", in: time.Date(2026, 7, 13, 10, 0, 0, 0, time.FixedZone("CEST", 7200)), want: at("2026-07-13T10:00:00")},
		{name: "time of day", column: "c_time", in: "08:30", want: "08:30:00"},
		{name: "bytes", column: "c_varbinary", in: []byte{0, 1, 0xff}, want: []byte{0, 1, 0xff}},
		{name: "GUID", column: "c_guid", in: "00112233-4455-6677-8899-AABBCCDDEEFF", want: "00112233-4455-6677-8899-AABBCCDDEEFF"},
	}
	both(t, "types", func(t *testing.T, db *sql.DB, c *catalog.Catalog) {
		kinds := table(t, c, "kinds")
		for _, row := range rows {
			if row.only != "" && row.only != c.Dialect {
				continue
			}
			t.Run(row.name, func(t *testing.T) {
				col := column(t, c, "kinds", row.column)
				mark, arg, err := col.Bind(c.Dialect, row.in, row.storage)
				if err != nil {
					t.Fatal(err)
				}
				run(t, db, "DELETE FROM "+kinds.Quoted())
				if _, err := db.Exec(catalog.Numbered(c.Dialect, "INSERT INTO "+kinds.Quoted()+" ("+col.Quoted()+") VALUES ("+mark+")"), arg); err != nil {
					t.Fatal(err)
				}
				query, args := "SELECT "+col.Select("k")+" FROM "+kinds.Quoted()+" AS k", []any{}
				if row.want != nil && col.Type.Name != "text" {
					query, args = query+" WHERE k."+col.Quoted()+" = "+mark, []any{arg}
				}
				var raw any
				if err := db.QueryRow(catalog.Numbered(c.Dialect, query), args...).Scan(&raw); err != nil {
					t.Fatalf("%v: %s", err, query)
				}
				got, err := col.Value(c.Dialect, raw, row.storage)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(row.want, got, cmp.Comparer(decimal.Decimal.Equal)); diff != "" {
					t.Errorf("of %#v (-want +got):\n%s", raw, diff)
				}
			})
		}
	})
}

// refusals are the same on both databases, except where only names one.
var refusals = []struct {
	name, column, code, says string
	only                     catalog.Dialect
	in                       any
	storage                  catalog.Storage
}{
	{name: "NULL into NOT NULL", column: "c_must", in: nil, code: "column.null", says: "takes no NULL"},
	{name: "no date into NOT NULL", column: "c_must", in: civil.Date{}, code: "column.null", says: "takes no NULL"},
	{name: "too long", column: "c_must", in: "27.00", code: "column.length", says: `"27.00" has 5 characters, the column takes 4; shorten it: left(x, 4)`},
	{name: "emoji count twice", column: "c_nvarchar", in: "👍👍👍👍👍👍", code: "column.length", says: "has 12 characters"},
	{name: "a letter the code page lacks", column: "c_varchar", only: catalog.MSSQL, in: "Erdős", code: "column.codepage", says: `has "ő", which the column's code page 1252`},
	{name: "Russian into a Western code page", column: "c_varchar", only: catalog.MSSQL, in: "Иван", code: "column.codepage", says: "make the column nvarchar"},
	{name: "NUL", column: "c_nvarchar", in: "a\x00b", code: "column.kind", says: "NUL"},
	{name: "not UTF-8", column: "c_nvarchar", in: "\xff", code: "column.kind", says: "UTF-8"},
	{name: "smallint above", column: "c_smallint", in: 40000, code: "column.range", says: "-32768 to 32767"},
	{name: "tinyint below", column: "c_tinyint", in: -1, code: "column.range", says: "0 to 255"},
	{name: "int above", column: "c_int", in: int64(1) << 31, code: "column.range", says: "2147483647"},
	{name: "more than 64 bits", column: "c_bigint", in: dec("9223372036854775808"), code: "column.range", says: "9223372036854775807"},
	{name: "a fraction into int", column: "c_int", in: dec("1.5"), code: "column.precision", says: "round(x, 0)"},
	{name: "a code into int", column: "c_int", in: "007", code: "column.kind", says: "not a number"},
	{name: "text into int", column: "c_int", in: "C000123", code: "column.kind", says: "not a number"},
	{name: "an exponent into int", column: "c_int", in: "1e3", code: "column.kind", says: "not a number"},
	{name: "a fifth place", column: "c_decimal", in: dec("0.00001"), code: "column.precision", says: "round(x, 4)"},
	{name: "too many digits", column: "c_decimal", in: dec("100000000000000"), code: "column.range", says: "14 digits before the point"},
	{name: "a date into decimal", column: "c_decimal", in: day(2026, 7, 13), code: "column.kind", says: "not a number"},
	{name: "money's limit", column: "c_money", in: dec("922337203685477.5808"), code: "column.range", says: "±922337203685477.5807"},
	{name: "an absurd number", column: "c_decimal", in: decimal.New(1, 1_000_000_000), code: "column.range", says: "absurd"},
	{name: "an absurdly small number", column: "c_float", in: decimal.New(1, -1_000_000_000), code: "column.range", says: "absurd"},
	{name: "17 digits into float", column: "c_float", in: dec("0.12345678901234567"), code: "column.precision", says: "binary fraction"},
	{name: "9 digits into real", column: "c_real", only: catalog.MSSQL, in: dec("0.123456789"), code: "column.precision", says: "binary fraction"},
	{name: "2 into bit", column: "c_bit", in: 2, code: "column.kind", says: "true or false"},
	{name: "yes into bit", column: "c_bit", in: "igen", code: "column.kind", says: "true or false"},
	{name: "a time into date", column: "c_date", in: at("2026-07-13T10:00:00"), code: "column.precision", says: "keeps none"},
	{name: "a local date", column: "c_date", in: "2026.07.13.", code: "column.kind", says: "2026-07-13"},
	{name: "no such day", column: "c_date", in: day(2026, 2, 30), code: "column.range", says: "no day"},
	{name: "the year 0", column: "c_date", in: day(0, 2, 1), code: "column.range", says: "no day"},
	{name: "before datetime", column: "c_datetime", only: catalog.MSSQL, in: day(1752, 12, 31), code: "column.range", says: "1753-01-01"},
	{name: "after smalldatetime", column: "c_smalldatetime", only: catalog.MSSQL, in: day(2079, 6, 7), code: "column.range", says: "2079-06-06"},
	{name: "a number into datetime", column: "c_datetime", in: 5, code: "column.kind", says: "not a date"},
	{name: "noon", column: "c_time", in: "noon", code: "column.kind", says: "10:00:00"},
	{name: "text into bytes", column: "c_varbinary", in: "x", code: "column.kind", says: "not bytes"},
	{name: "too many bytes", column: "c_varbinary", in: make([]byte, 9), code: "column.length", says: "9 bytes are more than the column's 8"},
	{name: "no GUID", column: "c_guid", in: "{00112233-4455-6677-8899-AABBCCDDEEFF}", code: "column.kind", says: "not a GUID"},
	{name: "decimal into text", column: "c_varchar", in: dec("1.5"), code: "column.storage", says: "storage: text"},
	{name: "bool into text", column: "c_varchar", in: true, code: "column.kind", says: "true and false"},
	{name: "date into text", column: "c_varchar", in: day(2026, 7, 13), code: "column.kind", says: "format(date"},
	{name: "bytes into text", column: "c_varchar", in: []byte("x"), code: "column.kind", says: "no text"},
	{name: "a struct", column: "c_varchar", in: struct{}{}, code: "column.kind", says: "a struct {}"},
	{name: "a float64", column: "c_float", in: 1.5, code: "column.kind", says: "a float64"},
	{name: "a decimal that becomes a binary fraction", column: "c_decimal", only: catalog.SQLite, in: dec("0.1"), code: "column.storage", says: "binary fraction, because SQLite has no decimals"},
	{name: "text storage in a numeric column", column: "c_decimal", only: catalog.SQLite, storage: catalog.Storage{Text: true}, in: dec("0.1"), code: "column.storage", says: "declare the column TEXT"},
	{name: "text storage in an integer column", column: "c_integer", only: catalog.SQLite, storage: catalog.Storage{Text: true}, in: 1, code: "column.storage", says: "correct the mapping's storage"},
	{name: "a fifth place, scaled by 4", column: "c_integer", only: catalog.SQLite, storage: catalog.Storage{Scale: 4}, in: dec("0.00001"), code: "column.precision", says: "round(x, 4)"},
	{name: "scaled beyond 64 bits", column: "c_bigint", only: catalog.SQLite, storage: catalog.Storage{Scale: 4}, in: dec("9000000000000000"), code: "column.range", says: "9223372036854775807"},
	{name: "a code into a column of type STRING", column: "c_string", only: catalog.SQLite, in: "000123", code: "column.storage", says: "affinity NUMERIC"},
	{name: "text of two places with more", column: "c_decimal_text", only: catalog.SQLite, storage: catalog.Storage{Text: true, Scale: 2}, in: dec("1.234"), code: "column.precision", says: "round(x, 2)"},
}

func TestRefused(t *testing.T) {
	both(t, "types", func(t *testing.T, _ *sql.DB, c *catalog.Catalog) {
		for _, row := range refusals {
			if row.only != "" && row.only != c.Dialect {
				continue
			}
			t.Run(row.name, func(t *testing.T) {
				col := column(t, c, "kinds", row.column)
				_, _, err := col.Bind(c.Dialect, row.in, row.storage)
				faults := fault.Of(err)
				if !errors.Is(err, fault.Invalid) || len(faults) != 1 || faults[0].Code != row.code || !strings.Contains(faults[0].Message, row.says) {
					t.Fatalf("%v, want %s and %q", err, row.code, row.says)
				}
				if !strings.Contains(faults[0].Message, "kinds."+row.column+" "+col.Type.String()) {
					t.Errorf("%v does not name the column and its type", err)
				}
			})
		}
	})
}

// TestCastsOnSQLServer holds the T-SQL for every type as golden text, because the server that tests run
// on forgives more than SQL Server does.
func TestCastsOnSQLServer(t *testing.T) {
	var b strings.Builder
	for _, row := range []struct {
		typ, collation string
		in             any
	}{
		{typ: "char(4)", in: "27"}, {typ: "varchar(20)", in: "C000123"}, {typ: "varchar(max)", in: "x"}, {typ: "text", in: "x"},
		{typ: "varchar(20)", collation: "Hungarian_CI_AS", in: "Erdős"}, {typ: "text", collation: "Cyrillic_General_CI_AS", in: "Иван"},
		{typ: "nchar(5)", in: "ALFKI"}, {typ: "nvarchar(40)", in: "Kovács"}, {typ: "nvarchar(max)", in: "x"}, {typ: "ntext", in: "x"}, {typ: "xml", in: "<a/>"},
		{typ: "tinyint", in: 1}, {typ: "smallint", in: 1}, {typ: "int", in: "10248"}, {typ: "bigint", in: 1},
		{typ: "decimal(18,4)", in: dec("12.5")}, {typ: "numeric(9,2)", in: -3}, {typ: "money", in: dec("0.1")}, {typ: "smallmoney", in: dec("0.1")},
		{typ: "float", in: dec("0.1")}, {typ: "real", in: dec("0.05")}, {typ: "bit", in: true},
		{typ: "date", in: day(2026, 7, 13)}, {typ: "datetime", in: day(2026, 7, 13)}, {typ: "datetime", in: at("2026-07-13T10:00:00.999")},
		{typ: "datetime2(0)", in: at("2026-07-13T10:00:00.999")}, {typ: "datetime2(7)", in: at("2026-07-13T10:00:00.123456789")},
		{typ: "smalldatetime", in: at("2026-07-13T10:00:59")}, {typ: "time(3)", in: "10:00:00.5"},
		{typ: "binary(8)", in: []byte{1}}, {typ: "varbinary(16)", in: []byte{1}}, {typ: "varbinary(max)", in: []byte{1}}, {typ: "image", in: []byte{1}},
		{typ: "uniqueidentifier", in: "6f9619ff-8b86-d011-b42d-00c04fc964ff"}, {typ: "timestamp", in: []byte{0, 0, 0, 0, 0, 0, 7, 0xd1}}, {typ: "varchar(20)", in: nil},
	} {
		col := catalog.NewColumn(catalog.MSSQL, "col", row.typ, row.collation)
		mark, arg, err := col.Bind(catalog.MSSQL, row.in, catalog.Storage{})
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "%-18s %-24s %-45s %T %v    SELECT %s\n", row.typ, row.collation, catalog.Numbered(catalog.MSSQL, mark), arg, arg, col.Select("t"))
	}
	testutil.Golden(t, "casts.golden", []byte(b.String()))
}

// TestDecimalsSurvive: whatever decimal fits is the same after a way through SQLite; any other is refused.
func TestDecimalsSurvive(t *testing.T) {
	columns := map[string]catalog.Storage{"c_integer": {Scale: 4}, "c_decimal_text": {Text: true}, "c_decimal": {Float: true}, "c_float": {}}
	names := []string{"c_integer", "c_decimal_text", "c_decimal", "c_float"}
	both(t, "types", func(t *testing.T, db *sql.DB, c *catalog.Catalog) {
		if c.Dialect != catalog.SQLite {
			columns = map[string]catalog.Storage{"c_decimal": {}, "c_money": {}, "c_float": {}, "c_real": {}}
			names = []string{"c_decimal", "c_money", "c_float", "c_real"}
		}
		rapid.Check(t, func(rt *rapid.T) {
			name := rapid.SampledFrom(names).Draw(rt, "column")
			in := decimal.New(rapid.Int64().Draw(rt, "digits"), -rapid.Int32Range(0, 8).Draw(rt, "places"))
			col := column(t, c, "kinds", name)
			mark, arg, err := col.Bind(c.Dialect, in, columns[name])
			if err != nil {
				if !slices.Contains([]string{"column.range", "column.precision"}, fault.Of(err)[0].Code) {
					rt.Fatal(err)
				}
				return
			}
			var raw any
			if err := db.QueryRow(catalog.Numbered(c.Dialect, "SELECT "+mark), arg).Scan(&raw); err != nil {
				rt.Fatal(err)
			}
			got, err := col.Value(c.Dialect, raw, columns[name])
			if err != nil || !got.(decimal.Decimal).Equal(in) {
				rt.Fatalf("%s became %v by %v: %v", in, got, raw, err)
			}
		})
	})
}
