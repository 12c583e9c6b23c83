package catalog_test

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"github.com/crmplus/crmplus/erpbridge/catalog"
)

// wide makes a catalogue of many tables of 20 columns, each with two keys, a check, a default and every
// fifth with a trigger.
func wide(t testing.TB, d catalog.Dialect, tables int) *sql.DB {
	t.Helper()
	db := sqliteFile(t)
	if d == catalog.MSSQL {
		db = tdsDatabase(t)
	}
	conn, err := db.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	do := func(s string) {
		t.Helper()
		if _, err := conn.ExecContext(context.Background(), s); err != nil {
			t.Fatalf("%v in %s", err, s)
		}
	}
	for i := range tables {
		columns := []string{"id int NOT NULL PRIMARY KEY", "code varchar(20) NOT NULL UNIQUE", "parent int NULL"}
		for k := len(columns); k < 20; k++ {
			columns = append(columns, fmt.Sprintf("c%d %s", k, []string{"nvarchar(40) NULL", "decimal(18,4) NOT NULL DEFAULT 0", "datetime NULL", "char(4) NULL"}[k%4]))
		}
		columns = append(columns, fmt.Sprintf("CONSTRAINT ck_%d CHECK (id > 0)", i))
		if i > 0 {
			columns = append(columns, fmt.Sprintf("CONSTRAINT fk_%d FOREIGN KEY (parent) REFERENCES t%d (id)", i, i-1))
		}
		do(fmt.Sprintf("CREATE TABLE t%d (%s)", i, strings.Join(columns, ", ")))
		switch {
		case i%5 != 0:
		case d == catalog.SQLite:
			do(fmt.Sprintf("CREATE TRIGGER tr%d AFTER INSERT ON t%d BEGIN UPDATE t%d SET parent = NULL WHERE id = NEW.id; END", i, i, i))
		default:
			do(fmt.Sprintf("CREATE TRIGGER tr%d ON t%d AFTER INSERT AS UPDATE t%d SET parent = NULL WHERE id = 0", i, i, i))
		}
	}
	return db
}

// recorder keeps the statements that pass, so that they can be sent again without us.
type recorder struct {
	catalog.Queryer
	queries []string
	args    [][]any
}

func (r *recorder) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	r.queries, r.args = append(r.queries, query), append(r.args, args)
	return r.Queryer.QueryContext(ctx, query, args...)
}

// BenchmarkRead500 reads a catalogue of 500 tables and 10,000 columns; bare is the same statements with
// their rows thrown away.
func BenchmarkRead500(b *testing.B) {
	for _, d := range []catalog.Dialect{catalog.SQLite, catalog.MSSQL} {
		b.Run(string(d), func(b *testing.B) {
			db := wide(b, d, 500)
			r := &recorder{Queryer: db}
			if _, err := catalog.Read(context.Background(), r, d); err != nil {
				b.Fatal(err)
			}
			b.Run("ours", func(b *testing.B) {
				for b.Loop() {
					if c, err := catalog.Read(context.Background(), db, d); err != nil || len(c.Tables) != 500 {
						b.Fatal(err)
					}
				}
			})
			b.Run("bare", func(b *testing.B) {
				for b.Loop() {
					for i, q := range r.queries {
						rows, err := db.Query(q, r.args[i]...)
						if err != nil {
							b.Fatal(err)
						}
						for rows.Next() {
						}
						_ = rows.Close()
					}
				}
			})
		})
	}
}

// TestStatementsAreFew: how many statements are sent does not depend on the number of tables.
func TestStatementsAreFew(t *testing.T) {
	for d, want := range map[catalog.Dialect]int{catalog.SQLite: 5, catalog.MSSQL: 14} {
		t.Run(string(d), func(t *testing.T) {
			r := &recorder{Queryer: wide(t, d, 7)}
			if _, err := catalog.Read(context.Background(), r, d); err != nil {
				t.Fatal(err)
			}
			equal(t, "statements", len(r.queries), want)
		})
	}
}
