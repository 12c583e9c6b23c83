package tsql_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/golang-sql/civil"
	mssql "github.com/microsoft/go-mssqldb"

	"github.com/crmplus/crmplus/testutil"
	"github.com/crmplus/crmplus/testutil/tsql"
)

// TestValues sends and reads one value of each type. It runs the same on a server and from the file,
// so what it reads has the driver's types in both.
func TestValues(t *testing.T) {
	db := tsql.Open(t, "values")
	at := time.Date(2026, 7, 13, 8, 30, 0, 123e6, time.UTC)
	tests := []struct {
		name, as string
		arg      any
		want     any
	}{
		{"text", "NVARCHAR(80)", "Ügyfél's \\\nלקוח\t👍", "Ügyfél's \\\nלקוח\t👍"},
		{"empty text", "NVARCHAR(80)", "", ""},
		{"text that looks like a line of the file", "NVARCHAR(80)", "a\n\n-- 2 query\n-- row: [1]", "a\n\n-- 2 query\n-- row: [1]"},
		{"bytes", "VARBINARY(20)", []byte{0, 255, 39}, []byte{0, 255, 39}},
		{"no bytes", "VARBINARY(20)", []byte{}, []byte{}},
		{"null bytes", "VARBINARY(20)", []byte(nil), nil},
		{"bigint", "BIGINT", int64(-1 << 63), int64(-1 << 63)},
		{"int", "INT", 42, int64(42)},
		{"smallint", "SMALLINT", int16(-7), int64(-7)},
		{"bit", "BIT", true, true},
		{"float", "FLOAT", 0.1, 0.1},
		{"whole float", "FLOAT", 2.0, 2.0},
		{"decimal", "DECIMAL(18,4)", "12345678901234.5678", []byte("12345678901234.5678")},
		{"instant", "DATETIME2(3)", civil.DateTimeOf(at), at},
		{"day", "DATE", civil.DateOf(at), at.Truncate(24 * time.Hour)},
		{"null", "INT", nil, nil},
		{"valuer", "NVARCHAR(20)", sql.NullString{String: "Σ", Valid: true}, "Σ"},
		{"null valuer", "NVARCHAR(20)", sql.NullString{}, nil},
		{"long text", "NVARCHAR(MAX)", strings.Repeat("ő", 300), strings.Repeat("ő", 300)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got any
			if err := db.QueryRow("SELECT CAST(@p1 AS "+test.as+") AS value", test.arg).Scan(&got); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %T %v, want %T %v", got, got, test.want, test.want)
			}
		})
	}
}

// TestAnswers shows several result sets, rows affected, errors and named parameters, and that
// Prepare finds what it made.
func TestAnswers(t *testing.T) {
	db := tsql.Open(t, "answers", func(ctx context.Context, db *sql.DB) error {
		_, err := db.ExecContext(ctx, "CREATE TABLE host_order (id INT NOT NULL CONSTRAINT pk_host_order PRIMARY KEY, note NVARCHAR(40) NOT NULL); INSERT INTO host_order (id, note) VALUES (1, N'első')")
		return err
	})
	result, err := db.Exec("INSERT INTO host_order (id, note) VALUES (@id, @note), (3, N'három')", sql.Named("id", 2), sql.Named("note", "második"))
	if err != nil {
		t.Fatal(err)
	}
	if n, err := result.RowsAffected(); n != 2 || err != nil {
		t.Errorf("%d rows affected, %v; want 2", n, err)
	}
	rows, err := db.Query("SELECT note FROM host_order ORDER BY id; SELECT COUNT(*) FROM host_order")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var seen []string
	for more := true; more; more = rows.NextResultSet() {
		for rows.Next() {
			var s string
			if err := rows.Scan(&s); err != nil {
				t.Fatal(err)
			}
			seen = append(seen, s)
		}
	}
	if got := strings.Join(seen, " "); got != "első második három 3" {
		t.Errorf("read %q", got)
	}
	_, err = db.Exec("INSERT INTO host_order (id, note) VALUES (1, N'')")
	var refused mssql.Error
	if !errors.As(err, &refused) || refused.Number != 2627 {
		t.Errorf("got %v, want error 2627", err)
	}
	prepared, err := db.Prepare("SELECT note FROM host_order WHERE id = @p1")
	if err != nil {
		t.Fatal(err)
	}
	defer prepared.Close()
	var note string
	if err := prepared.QueryRow(3).Scan(&note); err != nil || note != "három" {
		t.Errorf("read %q, %v; want három", note, err)
	}
}

// listener is the test that a script fails.
type listener struct {
	testing.TB
	faults  []string
	cleanup []func()
}

func (l *listener) Helper()          {}
func (l *listener) Cleanup(f func()) { l.cleanup = append(l.cleanup, f) }
func (l *listener) Errorf(form string, a ...any) {
	l.faults = append(l.faults, fmt.Sprintf(form, a...))
}
func (l *listener) Failed() bool                 { return len(l.faults) > 0 }
func (l *listener) Skipped() bool                { return false }
func (l *listener) Fatalf(form string, a ...any) { l.Errorf(form, a...); panic(l) }

const file = `-- what a test sends

-- 1 begin

-- 2 query
SELECT id, note FROM host_order WHERE id = @p1
-- @p1 bigint = 1
-- columns: ["id INT","note NVARCHAR"]
-- row: [1,"első"]

-- 3 exec
DELETE FROM host_order WHERE id = @p1
-- @p1 bigint = 1
-- affected: 1

-- 4 commit
`

func find(tx *sql.Tx, id int) error {
	var note string
	return tx.QueryRow("SELECT id, note FROM host_order WHERE id = @p1", id).Scan(&id, &note)
}

func remove(tx *sql.Tx, id int) error {
	_, err := tx.Exec("DELETE FROM host_order WHERE id = @p1", id)
	return err
}

// TestDifference replays a file to programs that have changed since it was written.
func TestDifference(t *testing.T) {
	tests := []struct {
		name string
		work func(tx *sql.Tx) error
		// want are parts of the one fault; none means that the program has not changed.
		want []string
	}{
		{"the same", func(tx *sql.Tx) error { return errors.Join(find(tx, 1), remove(tx, 1), tx.Commit()) }, nil},
		{"other argument", func(tx *sql.Tx) error { return errors.Join(find(tx, 2), tx.Commit()) }, []string{"order.tsql:5: statement 2 differs", "bigint = 2"}},
		{"other statement", func(tx *sql.Tx) error { return errors.Join(remove(tx, 1), tx.Commit()) }, []string{"order.tsql:5: statement 2 differs", "DELETE"}},
		{"other type of argument", func(tx *sql.Tx) error {
			var n int
			return tx.QueryRow("SELECT id, note FROM host_order WHERE id = @p1", "1").Scan(&n, &n)
		}, []string{"statement 2 differs", "nvarchar = N'1'"}},
		{"rolled back", func(tx *sql.Tx) error { return errors.Join(find(tx, 1), remove(tx, 1), tx.Rollback()) }, []string{"order.tsql:16: statement 4 differs", "rollback"}},
		{"less", func(tx *sql.Tx) error { return find(tx, 1) }, []string{"order.tsql:11", "2 more statements", "DELETE"}},
		{"more", func(tx *sql.Tx) error { return errors.Join(find(tx, 1), remove(tx, 1), tx.Commit()) }, []string{"the file ends", "SELECT 1"}},
		{"statement while rows are open", func(tx *sql.Tx) error {
			rows, err := tx.Query("SELECT id, note FROM host_order WHERE id = @p1", 1)
			if err != nil {
				return err
			}
			defer rows.Close()
			return remove(tx, 1)
		}, []string{"rows of another statement are open"}},
		{"time as an argument", func(tx *sql.Tx) error {
			_, err := tx.Query("SELECT id FROM host_order WHERE at < @p1", time.Unix(0, 0).UTC())
			return err
		}, []string{"datetimeoffset"}},
		{"statement against the rules", func(tx *sql.Tx) error {
			_, err := tx.Query("SELECT id FROM host_order LIMIT 1")
			return err
		}, []string{"LIMIT"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Setenv(testutil.MSSQLVariable, "")
			t.Chdir(t.TempDir())
			if err := os.Mkdir("testdata", 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join("testdata", "order.tsql"), []byte(file), 0o644); err != nil {
				t.Fatal(err)
			}
			l := &listener{TB: t}
			db := tsql.Open(l, "order")
			tx, err := db.Begin()
			if err != nil {
				t.Fatal(err)
			}
			err = test.work(tx)
			if test.name == "more" {
				_, err = db.Exec("SELECT 1")
			}
			for _, f := range l.cleanup {
				f()
			}
			if len(test.want) == 0 && (err != nil || len(l.faults) > 0) {
				t.Fatalf("failed: %v, %q", err, l.faults)
			}
			if len(test.want) > 0 && len(l.faults) == 0 {
				t.Fatal("passed")
			}
			for _, want := range test.want {
				if !strings.Contains(l.faults[0], want) {
					t.Errorf("said %s\nwant %q in it", l.faults[0], want)
				}
			}
		})
	}
}

func TestMissingFile(t *testing.T) {
	t.Setenv(testutil.MSSQLVariable, "")
	l := &listener{TB: t}
	defer func() {
		if recover() != l || len(l.faults) != 1 || !bytes.Contains([]byte(l.faults[0]), []byte("-update")) {
			t.Errorf("said %q, want how to write the file", l.faults)
		}
	}()
	tsql.Open(l, "there-is-none")
}
