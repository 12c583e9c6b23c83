package catalog_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/erpbridge/catalog"
	"github.com/crmplus/crmplus/testutil"
)

func table(t testing.TB, c *catalog.Catalog, name string) *catalog.Table {
	t.Helper()
	found, err := c.Table(name)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func column(t testing.TB, c *catalog.Catalog, tableName, name string) *catalog.Column {
	t.Helper()
	found, err := table(t, c, tableName).Column(name)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func equal[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// fold makes names comparable: Babelfish gives them in lower case.
func fold(names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = strings.ToUpper(n)
	}
	return out
}

func TestReadTables(t *testing.T) {
	both(t, "host", func(t *testing.T, _ *sql.DB, c *catalog.Catalog) {
		header := table(t, c, "[order header]")
		if header.View || !table(t, c, "V_ORDERS").View {
			t.Error("views and tables are mixed up")
		}
		equal(t, "primary key", fold(header.PrimaryKey), []string{"ID"})
		equal(t, "composite primary key in its order", fold(table(t, c, "CUST").PrimaryKey), []string{"FIRM", "CUSTNO"})
		if len(header.Unique) != 1 || len(header.Unique[0].Columns) != 1 || !strings.EqualFold(header.Unique[0].Columns[0], "NUMBER") {
			t.Errorf("unique constraints of the header: %+v", header.Unique)
		}
		tax := table(t, c, "dbo.CUST").Unique
		if len(tax) != 1 || !strings.EqualFold(tax[0].Name, "UX_TAX") && c.Dialect == catalog.SQLite || !strings.EqualFold(tax[0].Columns[0], "TAXNO") {
			t.Errorf("unique indexes of the customers: %+v", tax)
		}
		if len(header.ForeignKeys) != 1 {
			t.Fatalf("foreign keys of the header: %+v", header.ForeignKeys)
		}
		key := header.ForeignKeys[0]
		equal(t, "foreign key", fold([]string{key.Table, strings.Join(key.Columns, ","), strings.Join(key.Target, ",")}), []string{"CUST", "FIRM,CUSTNO", "FIRM,CUSTNO"})
		line := table(t, c, "ORDLIN")
		if len(line.ForeignKeys) != 1 || !strings.EqualFold(line.ForeignKeys[0].Target[0], "ID") {
			t.Errorf("a reference without columns is to the primary key: %+v", line.ForeignKeys)
		}
		if len(header.Checks) != 1 || !strings.EqualFold(header.Checks[0].Name, "CK_STATE") || !strings.Contains(header.Checks[0].Expression, "'N'") {
			t.Errorf("checks: %+v", header.Checks)
		}
		for _, have := range []*catalog.Table{header, line} {
			if !have.CanSelect || !have.CanInsert || !have.CanUpdate || !have.CanDelete {
				t.Errorf("%s: everything is permitted here, the catalogue says otherwise: %+v", have, have)
			}
		}
	})
}

func TestReadColumns(t *testing.T) {
	both(t, "host", func(t *testing.T, _ *sql.DB, c *catalog.Catalog) {
		for _, row := range []struct {
			name, table, column, want           string
			identity, computed, def, unwritable bool
		}{
			{name: "identity", table: "Order Header", column: "ID", identity: true, unwritable: c.Dialect == catalog.MSSQL},
			{name: "computed", table: "Order Header", column: "GROSS", computed: true, unwritable: true},
			{name: "with a default", table: "Order Header", column: "NET", want: "decimal(18,2) NOT NULL", def: true},
			{name: "char", table: "Order Header", column: "STATE", want: "char(1) NOT NULL"},
			{name: "nvarchar counts characters", table: "CUST", column: "NAME", want: "nvarchar(40) NOT NULL"},
			{name: "nullable", table: "CUST", column: "TAXNO", want: "varchar(13)"},
			{name: "smallint of a composite key", table: "ORDLIN", column: "LINE", want: "smallint NOT NULL"},
		} {
			t.Run(row.name, func(t *testing.T) {
				col := column(t, c, row.table, row.column)
				if row.want != "" {
					if got := col.String(); !strings.HasSuffix(got, " "+row.want) {
						t.Errorf("%s, want %s", got, row.want)
					}
				}
				if col.Identity != row.identity || col.Computed != row.computed || col.HasDefault != row.def || col.Writable() == row.unwritable {
					t.Errorf("%+v", col)
				}
			})
		}
		if c.Dialect == catalog.SQLite {
			equal(t, "collation", column(t, c, "CUST", "NAME").Collation, "NOCASE")
			equal(t, "affinity", column(t, c, "ORDLIN", "QTY").Type.Affinity, "NUMERIC")
			if column(t, c, "ORDLIN", "ORDER_ID").Identity {
				t.Error("a table without rowid counts nothing")
			}
			equal(t, "a quote in a name", column(t, c, "Order Header", `"x""y"`).Name, `x"y`)
			equal(t, "a bracket in a name", column(t, c, "Order Header", `[odd ]] name]`).Name, `odd ] name`)
			return
		}
		equal(t, "alias type", column(t, c, "ALIASED", "CODE").Type.String(), "varchar(8)")
		equal(t, "code page", column(t, c, "CUST", "CUSTNO").Type.CodePage, 1252)
		equal(t, "a point in a name", column(t, c, "Order Header", "x.y").Name, "x.y")
		if sum := column(t, c, "Order Header", "GROSS").Default; !strings.Contains(strings.ToUpper(sum), "NET") {
			t.Errorf("the expression of a computed column is %q", sum)
		}
	})
}

func TestReadTriggers(t *testing.T) {
	both(t, "host", func(t *testing.T, _ *sql.DB, c *catalog.Catalog) {
		got := map[string]catalog.Trigger{}
		for _, tr := range table(t, c, "ORDLIN").Triggers {
			got[strings.ToUpper(tr.Name)] = tr
		}
		sum, forbids := got["TR_SUM"], got["TR_NODELETE"]
		if len(got) != 2 || !sum.Insert || sum.Update || sum.Delete || !forbids.Delete || forbids.Insert || forbids.Update {
			t.Fatalf("%+v", got)
		}
		if sum.Disabled || sum.InsteadOf || sum.RollsBack() || !forbids.RollsBack() {
			t.Errorf("what the triggers do is misread: %+v", got)
		}
	})
}

func TestReadProcedures(t *testing.T) {
	c, err := catalog.Read(context.Background(), database(t, catalog.MSSQL, "host"), catalog.MSSQL)
	if err != nil {
		t.Fatal(err)
	}
	p, err := c.Procedure("new_order")
	if err != nil {
		t.Fatal(err)
	}
	if !p.CanExecute {
		t.Error("the procedure may be executed")
	}
	got := ""
	for _, x := range p.Parameters {
		got += x.Name + " " + x.Type.String()
		if x.Output {
			got += " output"
		}
		if x.HasDefault {
			got += " = " + x.Default
		}
		got += " " + strings.ToUpper(x.TableType) + "\n"
	}
	equal(t, "parameters", got, "custno varchar(8) \nstate char(1) = 'N' \nlimit decimal(18,2) = 0 \nnote nvarchar(100) = NULL \nlines order_lines ORDER_LINES\nnumber varchar(20) output \n")
	lines, err := c.TableType("dbo.ORDER_LINES")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "columns of the table type", len(lines.Columns), 3)
	equal(t, "a column of the table type", lines.Columns[2].Type.String(), "decimal(18,3)")
	if _, err := p.Parameter("@custmo"); !errors.Is(err, fault.NotFound) || !strings.Contains(err.Error(), "did you mean custno") {
		t.Errorf("%v", err)
	}
}

func TestSessionOptions(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) {
		db := sqliteFile(t)
		run(t, db, "CREATE TABLE a (x INT)")
		c, err := catalog.Read(context.Background(), db, catalog.SQLite)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "options", c.Options, catalog.SessionOptions{ForeignKeys: true})
		conn, err := db.Conn(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		for _, pragma := range []string{"PRAGMA foreign_keys = 0", "PRAGMA query_only = 1"} {
			if _, err := conn.ExecContext(context.Background(), pragma); err != nil {
				t.Fatal(err)
			}
		}
		if c, err = catalog.Read(context.Background(), conn, catalog.SQLite); err != nil {
			t.Fatal(err)
		}
		equal(t, "options of another connection", c.Options, catalog.SessionOptions{ReadOnly: true})
		if table(t, c, "a").CanInsert {
			t.Error("a session that only reads may not insert")
		}
	})
	t.Run("mssql", func(t *testing.T) {
		db := tdsDatabase(t)
		conn, err := db.Conn(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		read := func() catalog.SessionOptions {
			c, err := catalog.Read(context.Background(), conn, catalog.MSSQL)
			if err != nil {
				t.Fatal(err)
			}
			return c.Options
		}
		if o := read(); o.NoCount || o.XactAbort || !o.QuotedIdentifier || o.Language == "" || o.Isolation != "read committed" {
			t.Errorf("options as they are: %+v", o)
		}
		for _, set := range []string{"SET NOCOUNT ON", "SET XACT_ABORT ON"} {
			if _, err := conn.ExecContext(context.Background(), set); err != nil {
				t.Fatal(err)
			}
		}
		if o := read(); !o.NoCount || !o.XactAbort {
			t.Errorf("options once set: %+v", o)
		}
	})
}

func TestNotFoundNamesTheNearest(t *testing.T) {
	both(t, "host", func(t *testing.T, _ *sql.DB, c *catalog.Catalog) {
		_, err := c.Table("dbo.ORDLINE")
		if !errors.Is(err, fault.NotFound) || !strings.Contains(strings.ToUpper(err.Error()), "DID YOU MEAN") || !strings.Contains(strings.ToUpper(err.Error()), "ORDLIN?") && !strings.Contains(strings.ToUpper(err.Error()), "ORDLIN OR") {
			t.Errorf("%v", err)
		}
		_, err = table(t, c, "CUST").Column("CUSTNR")
		if !errors.Is(err, fault.NotFound) || !strings.Contains(strings.ToUpper(err.Error()), "CUSTNO") {
			t.Errorf("%v", err)
		}
		_, err = c.Table("xyz")
		if !errors.Is(err, fault.NotFound) || strings.Contains(err.Error(), "did you mean") {
			t.Errorf("nothing is like it: %v", err)
		}
	})
}

func TestOtherDialects(t *testing.T) {
	if _, err := catalog.Read(context.Background(), sqliteFile(t), "postgres"); !errors.Is(err, fault.Invalid) {
		t.Errorf("%v", err)
	}
}

func TestDetect(t *testing.T) {
	for _, d := range []catalog.Dialect{catalog.SQLite, catalog.MSSQL} {
		t.Run(string(d), func(t *testing.T) {
			db := sqliteFile(t)
			if d == catalog.MSSQL {
				db = tdsDatabase(t)
			}
			tx, err := db.Begin()
			if err != nil {
				t.Fatal(err)
			}
			defer tx.Rollback()
			for _, q := range []catalog.Queryer{db, tx} {
				got, err := catalog.Detect(context.Background(), q)
				if err != nil || got != d {
					t.Errorf("%T: %q, %v", q, got, err)
				}
			}
			if _, err := tx.Exec("CREATE TABLE after_it (x int)"); err != nil {
				t.Errorf("the transaction did not survive: %v", err)
			}
		})
	}
	closed := sqliteFile(t)
	tx, err := closed.Begin()
	if err != nil {
		t.Fatal(err)
	}
	_ = tx.Rollback()
	if _, err := catalog.Detect(context.Background(), tx); !errors.Is(err, fault.Unavailable) {
		t.Errorf("%v", err)
	}
}

// TestPermissions: a login that may only read is told so before it fails in the middle.
func TestPermissions(t *testing.T) {
	db := database(t, catalog.MSSQL, "host")
	login := fmt.Sprintf("catalog_reader_%d", os.Getpid())
	run(t, db, "CREATE LOGIN "+login+" WITH PASSWORD = 'Only-Reading-1'")
	t.Cleanup(func() { _, _ = db.Exec("DROP USER " + login); _, _ = db.Exec("DROP LOGIN " + login) })
	run(t, db, "CREATE USER "+login+" FOR LOGIN "+login, "GRANT SELECT ON dbo.CUST TO "+login, "GRANT SELECT, INSERT ON dbo.ORDLIN TO "+login)
	var name string
	if err := db.QueryRow("SELECT DB_NAME()").Scan(&name); err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(os.Getenv(testutil.MSSQLVariable))
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword(login, "Only-Reading-1")
	q := u.Query()
	q.Set("database", name)
	u.RawQuery = q.Encode()
	reader, err := sql.Open("sqlserver", u.String())
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	c, err := catalog.Read(context.Background(), reader, catalog.MSSQL)
	if err != nil {
		t.Fatal(err)
	}
	cust, line := table(t, c, "CUST"), table(t, c, "ORDLIN")
	if !cust.CanSelect || cust.CanInsert || cust.CanUpdate || cust.CanDelete {
		t.Errorf("CUST is only read: %+v", cust)
	}
	if !line.CanSelect || !line.CanInsert || line.CanUpdate {
		t.Errorf("ORDLIN is read and inserted into: %+v", line)
	}
	if _, err := c.Table("Order Header"); !errors.Is(err, fault.NotFound) || !strings.Contains(err.Error(), "the login may not see it") {
		t.Errorf("%v", err)
	}
}
