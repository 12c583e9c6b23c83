// Package mssql puts CRM+ on SQL Server, on the *sql.DB that the host already has or on one of its
// own.
//
//	db := mssql.Use(hostDB)          // the host's *sql.DB, driver "sqlserver"
//	db, err := mssql.Open("sqlserver://user:password@server?database=erp")
//
// Nothing is assumed about the host's session options: row counts are read in the batch of their
// statement, literals do not depend on DATEFORMAT, and no SET is ever sent.
package mssql

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/golang-sql/civil"
	driver "github.com/microsoft/go-mssqldb"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
)

// Open connects to SQL Server. The password never appears in an error. Connections that were used in the last minutes are
// kept, up to 16: database/sql keeps two, so that more clerks than that would sign on to the server for most of what they
// do. The caller may set other limits on its SQL().
func Open(dsn string) (*store.DB, error) {
	connector, err := driver.NewConnector(dsn)
	if err != nil {
		return nil, fault.New(fault.Invalid, "the data source name is not understood; write it as sqlserver://user:password@server?database=name")
	}
	db := sql.OpenDB(connector)
	db.SetMaxIdleConns(16)
	db.SetConnMaxIdleTime(5 * time.Minute)
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := db.PingContext(ctx); err != nil {
		_ = db.Close()
		return nil, fault.Wrap(err, fault.Unavailable, "%s", remedy(err))
	}
	return Use(db), nil
}

// Use makes a store on the host's *sql.DB (github.com/microsoft/go-mssqldb, driver "sqlserver").
func Use(db *sql.DB) *store.DB {
	return store.New(db, store.Driver{
		Dialect: store.MSSQL,
		// 1205 deadlock, 1222 lock timeout, 3960 snapshot update conflict, 413xx memory-optimised tables.
		Retryable: func(err error) bool { return number(err, 1205, 1222, 3960, 41302, 41305, 41325, 41839) },
		Duplicate: func(err error) bool { return number(err, 2601, 2627) },
		// 1105 filegroup full, 9002 log full, 1101 no new page.
		Full: func(err error) bool { return number(err, 1105, 9002, 1101) },
		Time: func(t time.Time) any { return civil.DateTimeOf(t) },
	})
}

func number(err error, numbers ...int32) bool {
	var e driver.Error
	if !errors.As(err, &e) {
		return false
	}
	for _, n := range numbers {
		if e.Number == n {
			return true
		}
	}
	return false
}
