package catalog

import (
	"context"
	"database/sql"
	"errors"
	"reflect"
	"strconv"
	"strings"

	"github.com/crmplus/crmplus/crm/fault"
)

// Dialect is the SQL that a database speaks.
type Dialect string

// The dialects.
const (
	SQLite Dialect = "sqlite"
	MSSQL  Dialect = "mssql"
)

// DialectOf tells the dialect of a database by its driver, "" where the driver is of neither.
func DialectOf(db *sql.DB) Dialect {
	t := reflect.TypeOf(db.Driver())
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	name := strings.ToLower(t.PkgPath() + "." + t.Name())
	switch {
	case strings.Contains(name, "sqlite"):
		return SQLite
	case strings.Contains(name, "mssql"), strings.Contains(name, "sqlserver"):
		return MSSQL
	}
	return ""
}

// Detect asks the database which dialect it speaks; a transaction of SQL Server survives the question.
func Detect(ctx context.Context, q Queryer) (Dialect, error) {
	if db, ok := q.(*sql.DB); ok {
		if d := DialectOf(db); d != "" {
			return d, nil
		}
	}
	// SQLite refuses the first question before anything happens; SQL Server is never asked the second.
	failed := each(ctx, q, "SELECT @@VERSION", func(*sql.Rows) error { return nil })
	if failed == nil {
		return MSSQL, nil
	}
	if err := each(ctx, q, "SELECT sqlite_version()", func(*sql.Rows) error { return nil }); err != nil {
		return "", fault.Wrap(errors.Join(failed, err), fault.Unavailable, "the database is neither SQL Server nor SQLite, or does not answer")
	}
	return SQLite, nil
}

// Numbered turns each "?" into @p1, @p2 ... on SQL Server, where go-mssqldb wants numbered parameters;
// for SQLite the text stays as it is. A "?" within a literal, a quoted name or a comment is none.
func Numbered(d Dialect, query string) string {
	if d != MSSQL || !strings.Contains(query, "?") {
		return query
	}
	var b strings.Builder
	b.Grow(len(query) + 16)
	n := 0
	for i := 0; i < len(query); {
		if end := skipQuoted(query, i); end > i {
			b.WriteString(query[i:end])
			i = end
			continue
		}
		if query[i] == '?' {
			n++
			b.WriteString("@p")
			b.WriteString(strconv.Itoa(n))
		} else {
			b.WriteByte(query[i])
		}
		i++
	}
	return b.String()
}

// skipQuoted gives the end of the literal, quoted name or comment that begins at i, or i where none does.
func skipQuoted(s string, i int) int {
	switch {
	case strings.IndexByte("'\"[`", s[i]) >= 0:
		if end := quotedEnd(s[i:]); end > 0 {
			return i + end
		}
		return len(s)
	case strings.HasPrefix(s[i:], "--"):
		if k := strings.IndexByte(s[i:], '\n'); k >= 0 {
			return i + k
		}
		return len(s)
	case strings.HasPrefix(s[i:], "/*"):
		if k := strings.Index(s[i+2:], "*/"); k >= 0 {
			return i + k + 4
		}
		return len(s)
	}
	return i
}
