package tsql

import (
	"database/sql/driver"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	mssql "github.com/microsoft/go-mssqldb"
	"pgregory.net/rapid"
)

// TestFileHoldsEverything writes any statements and answers and reads them back.
func TestFileHoldsEverything(t *testing.T) {
	anyText := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"\n-- 2 query\n", "-- @p1 bigint = 1", "a\r\nb\n\n", " ", "Ügyfél 'לקוח'"}))
	kinds := []kind{query, exec, begin, commit, rollback}
	value := rapid.Custom(func(t *rapid.T) driver.Value {
		switch rapid.IntRange(0, 6).Draw(t, "type") {
		case 0:
			return anyText.Draw(t, "text")
		case 1:
			return rapid.SliceOf(rapid.Byte()).Draw(t, "bytes")
		case 2:
			return rapid.Int64().Draw(t, "int")
		case 3:
			return rapid.Float64().Draw(t, "float")
		case 4:
			return rapid.Bool().Draw(t, "bool")
		case 5:
			return time.Unix(rapid.Int64Range(-6e10, 2e11).Draw(t, "seconds"), rapid.Int64Range(0, 999999999).Draw(t, "ns")).UTC()
		}
		return nil
	})
	rapid.Check(t, func(t *rapid.T) {
		var entries []entry
		for range rapid.IntRange(0, 5).Draw(t, "entries") {
			e := entry{request: request{kind: rapid.SampledFrom(kinds).Draw(t, "kind")}}
			if e.kind == query || e.kind == exec {
				e.statement = anyText.Draw(t, "statement")
				for i, a := range rapid.SliceOfN(value, 0, 3).Draw(t, "arguments") {
					e.arguments = append(e.arguments, argument(driver.NamedValue{Ordinal: i + 1, Value: a}))
				}
			}
			if e.kind == query {
				columns := []column{{"note", "NVARCHAR"}, {"", "BIGINT"}}
				set := resultSet{columns: columns}
				for range rapid.IntRange(0, 2).Draw(t, "rows") {
					set.rows = append(set.rows, []driver.Value{value.Draw(t, "a"), value.Draw(t, "b")})
				}
				e.sets = []resultSet{set, {columns: []column{}}}
			}
			if e.kind == exec {
				e.affected = rapid.Int64().Draw(t, "affected")
			}
			if rapid.IntRange(0, 3).Draw(t, "failed") == 0 {
				e.affected, e.err = 0, &mssql.Error{Number: 1205, State: 51, Class: 13, Message: anyText.Draw(t, "message")}
			}
			entries = append(entries, e)
		}
		text, err := format(entries)
		if err != nil {
			t.Fatal(err)
		}
		got, err := parse(text)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		for i := range got {
			got[i].line = 0
		}
		if diff := cmp.Diff(entries, got, cmp.AllowUnexported(entry{}, request{}, answer{}, resultSet{}, column{})); diff != "" {
			t.Fatalf("(-written +read)\n%s\n%s", diff, text)
		}
	})
}

func TestDamagedFile(t *testing.T) {
	tests := []struct{ name, file, want string }{
		{"statement is missing", "\n-- 2 begin\n", "line 2: statement 1 should begin here"},
		{"kind is unknown", "\n-- 1 ask\n", "not query, exec"},
		{"statement is cut off", "\n-- 1 query, 9 lines\nSELECT 1\n", "cut off"},
		{"lines are no number", "\n-- 1 query, many lines\nSELECT 1\n", "no number of lines"},
		{"row without columns", "\n-- 1 query\nSELECT 1\n-- row: [1]\n", "line 4: a row without columns"},
		{"row too short", "\n-- 1 query\nSELECT 1\n-- columns: [\"a INT\"]\n-- row: []\n", "0 values for 1 columns"},
		{"row is no JSON", "\n-- 1 query\nSELECT 1\n-- columns: [\"a INT\"]\n-- row: [\n", "no JSON array"},
		{"value is unknown", "\n-- 1 query\nSELECT 1\n-- columns: [\"a INT\"]\n-- row: [{\"x\":1}]\n", "none of hex"},
		{"answer is unknown", "\n-- 1 exec\nSELECT 1\n-- changed: 1\n", "not columns, row"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if _, err := parse(test.file); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add(preamble + "\n-- 1 query, 2 lines\nSELECT\n1\n-- @p1 bigint = 1\n-- columns: [\"a INT\",\" X\"]\n-- row: [1,{\"hex\":\"00\"}]\n-- error: {\"number\":1205}\n")
	f.Add("\n-- 1 begin Serializable\n\n-- 2 exec\nDELETE\n-- affected: 3\n\n-- 3 commit\n")
	f.Add("\n-- 1 query\nSELECT\n-- columns: [\"a DECIMAL\"]\n-- row: [{\"text\":\"1.5\"}]\n-- row: [{\"time\":\"2026-07-13T08:30:00+02:00\"}]\n-- row: [{\"float\":\"NaN\"}]\n")
	f.Fuzz(func(t *testing.T, text string) {
		entries, err := parse(text)
		if err != nil {
			return
		}
		once, err := format(entries)
		if err != nil {
			return // what was read has values that are never recorded
		}
		again, err := parse(once)
		if err != nil {
			t.Fatalf("%v\n%s", err, once)
		}
		if twice, err := format(again); err != nil || twice != once {
			t.Errorf("written, read and written again, the file differs (%v):\n%s\n%s", err, once, twice)
		}
	})
}
