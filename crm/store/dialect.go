package store

import (
	"strings"
	"time"

	"github.com/uptrace/bun/dialect/mssqldialect"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	"github.com/uptrace/bun/schema"
)

// Dialect names the database behind a [DB].
type Dialect string

// The databases.
const (
	SQLite Dialect = "sqlite"
	MSSQL  Dialect = "mssql"
)

// timeForms are how instants stand in SQL text: UTC, cut to milliseconds, of fixed width (so that
// SQLite, which compares text, orders them right), and for SQL Server in the T form that it reads
// the same under every DATEFORMAT.
var timeForms = map[Dialect]string{
	SQLite: "2006-01-02 15:04:05.000",
	MSSQL:  "2006-01-02T15:04:05.000",
}

// UTC cuts an instant to what the database keeps: UTC, whole milliseconds.
func UTC(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Millisecond)
}

func (d Dialect) appendTime(b []byte, t time.Time) []byte {
	b = append(b, '\'')
	b = UTC(t).AppendFormat(b, timeForms[d])
	return append(b, '\'')
}

func (d Dialect) bun() schema.Dialect {
	if d == MSSQL {
		return &mssqlDialect{mssqldialect.New()}
	}
	return &sqliteDialect{sqlitedialect.New()}
}

type sqliteDialect struct{ *sqlitedialect.Dialect }

func (*sqliteDialect) AppendTime(b []byte, t time.Time) []byte { return SQLite.appendTime(b, t) }

type mssqlDialect struct{ *mssqldialect.Dialect }

func (*mssqlDialect) AppendTime(b []byte, t time.Time) []byte { return MSSQL.appendTime(b, t) }

// AppendString writes an N” literal. T-SQL takes a backslash before a line break as a continuation
// and deletes both, so the literal is split there.
func (d *mssqlDialect) AppendString(b []byte, s string) []byte {
	if !strings.Contains(s, "\\\n") && !strings.Contains(s, "\\\r") {
		return d.Dialect.AppendString(b, s)
	}
	b = append(b, '(')
	for {
		i := strings.Index(s, "\\\n")
		if j := strings.Index(s, "\\\r"); j >= 0 && (i < 0 || j < i) {
			i = j
		}
		if i < 0 {
			break
		}
		b = d.Dialect.AppendString(b, s[:i+1])
		b = append(b, '+')
		s = s[i+1:]
	}
	b = d.Dialect.AppendString(b, s)
	return append(b, ')')
}
