package catalog_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/erpbridge/catalog"
)

func TestNamesAsPeopleWriteThem(t *testing.T) {
	for _, row := range []struct {
		name, text string
		want       []string
	}{
		{"bare", "Orders", []string{"Orders"}},
		{"with its schema", "dbo.Orders", []string{"dbo", "Orders"}},
		{"with blanks and no quotes", " Order Details ", []string{"Order Details"}},
		{"in brackets", "[Order Details]", []string{"Order Details"}},
		{"in brackets with a closing one inside", "[a]]b]", []string{"a]b"}},
		{"only a closing bracket", "[]]]", []string{"]"}},
		{"in quotes", `"x""y"`, []string{`x"y`}},
		{"both parts quoted", `[dbo]."Vevő.törzs"`, []string{"dbo", "Vevő.törzs"}},
		{"a quote within brackets", `[it's "here"]`, []string{`it's "here"`}},
		{"Greek", "Πελάτες", []string{"Πελάτες"}},
		{"Hebrew", "[הזמנות]", []string{"הזמנות"}},
		{"Russian", "dbo.Заказы", []string{"dbo", "Заказы"}},
		{"SQL is only a strange name", "Orders; DROP TABLE Orders --", []string{"Orders; DROP TABLE Orders --"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := catalog.ParseName(row.text)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestNamesThatAreNone(t *testing.T) {
	for _, row := range []struct{ name, text, says string }{
		{"empty", "", "empty"},
		{"blank", "  ", "empty"},
		{"an empty part", "dbo.", "empty"},
		{"an empty first part", ".Orders", "empty"},
		{"empty brackets", "[]", "empty"},
		{"open brackets", "[Orders", "not closed"},
		{"an escaped end", "[Orders]]", "not closed"},
		{"an open quote", `"Orders`, "not closed"},
		{"more after the quote", `"Orders"x`, "point or the end"},
		{"a bracket in the middle", "Orders[x]", "quote the whole name"},
		{"another database", "erp.dbo.Orders", "synonym"},
		{"another server", "srv.erp.dbo.Orders", "synonym"},
		{"a NUL", "Ord\x00ers", "control"},
		{"a quoted NUL", "[Ord\x00ers]", "control"},
		{"a line end", "Ord\ners", "control"},
		{"not UTF-8", "Ord\xffers", "UTF-8"},
		{"too long", strings.Repeat("a", 129), "128"},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := catalog.ParseName(row.text)
			if !errors.Is(err, fault.Invalid) || !strings.Contains(err.Error(), row.says) {
				t.Errorf("%v does not say %q", err, row.says)
			}
		})
	}
}

func TestQuoted(t *testing.T) {
	for _, row := range []struct{ name, plain, mssql, sqlite string }{
		{"plain", "Orders", "[Orders]", `"Orders"`},
		{"blank", "Order Details", "[Order Details]", `"Order Details"`},
		{"closing bracket", "a]b", "[a]]b]", `"a]b"`},
		{"double quote", `x"y`, `[x"y]`, `"x""y"`},
		{"SQL", `x"; DROP TABLE t; --]`, `[x"; DROP TABLE t; --]]]`, `"x""; DROP TABLE t; --]"`},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := catalog.Quote(catalog.MSSQL, row.plain); got != row.mssql {
				t.Errorf("SQL Server: %s, want %s", got, row.mssql)
			}
			if got := catalog.Quote(catalog.SQLite, row.plain); got != row.sqlite {
				t.Errorf("SQLite: %s, want %s", got, row.sqlite)
			}
		})
	}
}

func TestParametersAreNumbered(t *testing.T) {
	for _, row := range []struct{ name, query, want string }{
		{"in their order", "a = ? AND b = CAST(? AS int)", "a = @p1 AND b = CAST(@p2 AS int)"},
		{"none in a literal", "a = 'what?' AND b = ?", "a = 'what?' AND b = @p1"},
		{"none after a doubled mark", "a = 'isn''t it?' AND b = ?", "a = 'isn''t it?' AND b = @p1"},
		{"none in a name", `[paid?] = ? AND "due?" = ?`, `[paid?] = @p1 AND "due?" = @p2`},
		{"none in comments", "? -- why?\n+ ? /* why? */ + ?", "@p1 -- why?\n+ @p2 /* why? */ + @p3"},
		{"an open literal to the end", "? + 'x?", "@p1 + 'x?"},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := catalog.Numbered(catalog.MSSQL, row.query); got != row.want {
				t.Errorf("%s, want %s", got, row.want)
			}
			if got := catalog.Numbered(catalog.SQLite, row.query); got != row.query {
				t.Errorf("on SQLite it became %s", got)
			}
		})
	}
}

// FuzzName: whatever is taken for a name comes back the same through both ways of quoting, and a quoted
// name stays one word of the statement, so that a "?" after it is still the first parameter.
func FuzzName(f *testing.F) {
	for _, s := range []string{"Orders", "dbo.Orders", "[a]]b]", `"x""y"`, "[]]]", "[", `"`, "a.b.c", "[x].[y]", "\x00", "a\x00b", `[a"b].c`, "''", "[--", "/*", "Vevő.[Cím ]] 2]"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		parts, err := catalog.ParseName(text)
		if err != nil {
			return
		}
		for _, d := range []catalog.Dialect{catalog.MSSQL, catalog.SQLite} {
			quoted := make([]string, len(parts))
			for i, p := range parts {
				quoted[i] = catalog.Quote(d, p)
			}
			again, err := catalog.ParseName(strings.Join(quoted, "."))
			if err != nil {
				t.Fatalf("%q is refused once quoted: %v", text, err)
			}
			if diff := cmp.Diff(parts, again); diff != "" {
				t.Fatal(diff)
			}
			query := catalog.Numbered(catalog.MSSQL, "SELECT "+strings.Join(quoted, ".")+" + ?")
			if want := "SELECT " + strings.Join(quoted, ".") + " + @p1"; query != want {
				t.Fatalf("%s, want %s", query, want)
			}
		}
	})
}
