package tsql_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/crmplus/crmplus/testutil/tsql"
)

func repeated(part, separator string, n int) string {
	return strings.TrimSuffix(strings.Repeat(part+separator, n), separator)
}

func parameters(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, ", @p%d", i+1)
	}
	return b.String()[2:]
}

func TestLint(t *testing.T) {
	const page = " OFFSET 0 ROWS FETCH NEXT 50 ROWS ONLY"
	tests := []struct {
		name, statement string
		// want is a part of the one fault; "" means none.
		want string
	}{
		{"page by key", "SELECT l.id FROM crm_lead AS l ORDER BY l.arrived_at DESC, l.id DESC" + page, ""},
		{"page by quoted key", `SELECT "id" FROM "crm_lead" ORDER BY "lead"."arrived_at", "lead"."id"` + page, ""},
		{"page by text key", "SELECT request_key FROM crm_request ORDER BY due_at, request_key" + page, ""},
		{"page by a key of the host", "SELECT c.name FROM erp_customer AS c ORDER BY c.sort_key, c.code" + page, ""},
		{"page by half a key", "SELECT name FROM erp_price ORDER BY product_code" + page, "ordered by product_code"},
		{"page without key", "SELECT l.id FROM crm_lead AS l ORDER BY l.arrived_at DESC" + page, "ordered by l.arrived_at"},
		{"page without order", "SELECT id FROM crm_lead" + page, "OFFSET without ORDER BY"},
		{"order of the outer select only", "SELECT id FROM crm_lead WHERE id IN (SELECT id FROM crm_lead" + page + ") ORDER BY id", "OFFSET without ORDER BY"},
		{"order inside parentheses", "SELECT id FROM (SELECT id FROM crm_lead ORDER BY id" + page + ") AS t", ""},
		{"key inside a function only", "SELECT id FROM crm_lead ORDER BY COALESCE(a, id)" + page, "end the ORDER BY in the key"},
		{"page of groups", "SELECT source, COUNT(*) FROM crm_lead GROUP BY source HAVING COUNT(*) > 1 ORDER BY COUNT(*) DESC, source" + page, ""},
		{"page of groups that can be equal", "SELECT source, COUNT(*) FROM crm_lead GROUP BY source ORDER BY COUNT(*) DESC" + page, "ordered by source too"},
		{"page of distinct rows", "SELECT DISTINCT city FROM crm_party ORDER BY city" + page, ""},
		{"fetch alone", "SELECT id FROM crm_lead ORDER BY id FETCH NEXT 5 ROWS ONLY", "OFFSET 0 ROWS"},
		{"top by key", "SELECT TOP (5) id FROM crm_lead ORDER BY at, id; SELECT @@ROWCOUNT", ""},
		{"top without order", "SELECT TOP (5) id FROM crm_lead", "TOP without ORDER BY"},
		{"top in exists", "SELECT 1 WHERE EXISTS (SELECT TOP 1 1 FROM crm_lead)", ""},
		{"update top", "UPDATE TOP (20) crm_event SET state = 'claimed' WHERE state = 'new'", ""},
		{"column offset", "SELECT o.offset FROM t AS o", ""},
		{"bun's limit without order", `SELECT 0 AS _temp_sort, "id" FROM "t" ORDER BY "_temp_sort"` + page, "ordered by _temp_sort"},

		{"limit", "SELECT id FROM crm_lead ORDER BY id LIMIT 5", "LIMIT"},
		{"limit in a literal", "SELECT N'LIMIT' FROM crm_lead -- LIMIT\n/* LIMIT */", ""},
		{"column limit", `SELECT l."limit", l.limit, [limit] FROM t AS l`, ""},
		{"returning", "INSERT INTO t (a) VALUES (1) RETURNING id", "RETURNING"},
		{"on conflict", "INSERT INTO t (a) VALUES (1) ON CONFLICT DO NOTHING", "ON CONFLICT"},
		{"true", "SELECT id FROM t WHERE active = TRUE", "TRUE"},
		{"false", "SELECT id FROM t WHERE active = false", "FALSE"},
		{"nulls first", "SELECT id FROM t ORDER BY a NULLS FIRST", "NULLS FIRST"},
		{"nulls last", "SELECT id FROM t ORDER BY a NULLS LAST", "NULLS LAST"},
		{"uniqueidentifier", "DECLARE @id uniqueidentifier", "VARBINARY(16)"},
		{"identity", "INSERT INTO t (a) VALUES (1); SELECT @@IDENTITY", "@@IDENTITY"},
		{"scope identity", "INSERT INTO t (a) VALUES (1); SELECT SCOPE_IDENTITY()", ""},
		{"recursive", "WITH RECURSIVE x AS (SELECT 1 AS a) SELECT a FROM x", "RECURSIVE"},
		{"distinct on", "SELECT DISTINCT ON (a) a FROM t", "DISTINCT ON"},
		{"for update", "SELECT id FROM t FOR UPDATE", "FOR UPDATE"},
		{"cast by colons", "SELECT a::text FROM t", "CAST"},
		{"bars", "SELECT a || b FROM t", "CONCAT"},
		{"length", "SELECT LENGTH(a) FROM t", "LEN"},
		{"length as a name", "SELECT t.length, LEN(t.a) AS length FROM t", ""},
		{"substr", "SELECT substr(a, 1, 2) FROM t", "SUBSTRING"},
		{"tuple before in", "SELECT id FROM t WHERE (a, b) IN (SELECT a, b FROM u)", "tuple"},
		{"tuple before not in", "SELECT id FROM t WHERE x = 1 AND (a, b) NOT IN (SELECT a, b FROM u)", "tuple"},
		{"function before in", "SELECT id FROM t WHERE COALESCE(a, b) IN (1, 2)", ""},
		{"alias in update", "UPDATE crm_lead AS l SET a = 1", "no alias"},
		{"alias in delete", "DELETE FROM crm_lead AS l WHERE l.a = 1", "no alias"},
		{"output", "INSERT INTO t (a) OUTPUT INSERTED.id VALUES (1)", "334"},
		{"output into", "INSERT INTO t (a) OUTPUT INSERTED.id INTO @t VALUES (1)", ""},
		{"session option", "SET NOCOUNT ON; UPDATE t SET a = 1", "SET NOCOUNT"},
		{"column named like an option", "UPDATE t SET language = N'hu' WHERE id = 1", ""},

		{"hebrew without N", "SELECT 'צבע'", "only N'...' keeps"},
		{"hebrew with N", "SELECT N'צבע'", ""},
		{"quote in a literal", "SELECT N'O''Brien', 'it''s' FROM t", ""},
		{"instant with a blank", "SELECT id FROM t WHERE at < '2026-07-13 10:00:00'", "DATEFORMAT"},
		{"instant with T", "SELECT id FROM t WHERE at < '2026-07-13T10:00:00.000'", ""},
		{"a note that looks like an instant", "INSERT INTO t (note) VALUES (N'2026-07-13 10:00 hívni')", ""},
		{"backslash before a line break", "SELECT N'a\\\nb'", "deletes both"},
		{"literal split after the backslash", "SELECT (N'a\\'+N'\nb')", ""},

		{"comparison with null", "UPDATE t SET a = 1 WHERE id = NULL", "IS NULL"},
		{"inequality with null", "SELECT id FROM t WHERE a <> NULL", "IS NULL"},
		{"null as a value", "UPDATE t SET a = NULL, b = 1 WHERE id = 1", ""},
		{"empty list", "SELECT id FROM t WHERE id IN (NULL)", "empty list"},
		{"mark for a parameter", "SELECT id FROM t WHERE id = ?", "?"},
		{"question in a literal", "SELECT N'Miért?'", ""},
		{"scope mark", "SELECT id FROM t WHERE {scope}", "{scope}"},

		{"1000 rows", "INSERT INTO t (a, b) VALUES " + repeated("(1, (2))", ", ", 1000), ""},
		{"1001 rows", "INSERT INTO t (a, b) VALUES " + repeated("(1, (2))", ", ", 1001), "1001 rows"},
		{"2100 parameters", "SELECT id FROM t WHERE a IN (" + parameters(2100) + ") OR b = @p1", ""},
		{"2101 parameters", "SELECT id FROM t WHERE a IN (" + parameters(2101) + ")", "2101 parameters"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			faults := tsql.Lint(test.statement)
			switch {
			case test.want == "" && len(faults) > 0:
				t.Errorf("got %q, want no fault", faults)
			case test.want != "" && (len(faults) != 1 || !strings.Contains(faults[0], test.want)):
				t.Errorf("got %q, want one fault with %q", faults, test.want)
			}
		})
	}
}

func FuzzLint(f *testing.F) {
	for _, seed := range []string{
		"", "'", "N'", "[a", `"a`, "/*", "--", "@", "SELECT a FROM t ORDER BY", "OFFSET 0 ROWS", "SELECT DISTINCT TOP (1) a ORDER",
		"GROUP BY ORDER BY OFFSET 1 ROW", "(a, b) IN (", ")))", "VALUES", "ORDER OFFSET ROWS", "SELECT TOP ORDER", "\xff'\xfe",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, statement string) {
		// A literal that is nobody's business stays so, wherever the statement stood before it.
		if len(tsql.Lint(statement)) == 0 && !strings.ContainsAny(statement, "'\"[/-") {
			if faults := tsql.Lint(statement + " N'LIMIT ? TRUE'"); len(faults) > 0 {
				t.Errorf("%q: words in a literal count: %q", statement, faults)
			}
		}
	})
}
