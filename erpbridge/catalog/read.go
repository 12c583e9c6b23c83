package catalog

import (
	"context"
	"database/sql"

	"github.com/crmplus/crmplus/crm/fault"
)

// Read asks the database for its catalogue. It sends 5 statements to SQLite and 14 to SQL Server, whatever
// the number of tables, reads each answer to its end before the next, and writes nothing, so it may run
// within the host's transaction. Tables that the login may not see are not in the answer.
func Read(ctx context.Context, q Queryer, d Dialect) (*Catalog, error) {
	switch d {
	case SQLite:
		return readSQLite(ctx, q)
	case MSSQL:
		return readMSSQL(ctx, q)
	}
	return nil, fault.New(fault.Invalid, "the catalogue can be read of SQLite and SQL Server, not of %s", shown(string(d)))
}

// each reads all rows of a statement; scan is called for each row and must not start another statement.
func each(ctx context.Context, q Queryer, query string, scan func(*sql.Rows) error, args ...any) error {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
