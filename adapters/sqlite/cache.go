package sqlite

import (
	"context"
	"database/sql/driver"
)

// caching makes connections that keep what they prepared: the driver compiles the text of a statement each
// time it is sent, which for our statements costs as much as running them.
type caching struct {
	driver driver.Driver
	dsn    string
}

func (c caching) Driver() driver.Driver { return c.driver }

func (c caching) Connect(context.Context) (driver.Conn, error) {
	conn, err := c.driver.Open(c.dsn)
	if err != nil {
		return nil, err
	}
	full, ok := conn.(connection)
	if !ok { // a driver that lacks something works without
		return conn, nil
	}
	return &cachingConn{connection: full, kept: map[string]*keptStmt{}}, nil
}

// connection is everything that the driver's connections can do for database/sql.
type connection interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// keptStatements is how many statements a connection keeps.
const keptStatements = 256

// cachingConn is used by one goroutine at a time, as database/sql promises.
type cachingConn struct {
	connection
	kept map[string]*keptStmt
}

// statement is everything that the driver's statements can do.
type statement interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

type keptStmt struct {
	statement
	// busy is set while rows of it are being read: the same text is then compiled once more.
	busy bool
}

// bare are the texts without parameters that package store sends for each unit of work.
var bare = map[string]bool{"SAVEPOINT member": true, "RELEASE member": true}

// prepared gives a kept statement for a text that carries parameters; texts without any are as many as
// there are values. It gives nil where the statement has to be sent as it is.
func (c *cachingConn) prepared(ctx context.Context, query string, args int) *keptStmt {
	if args == 0 && !bare[query] {
		return nil
	}
	if s := c.kept[query]; s != nil {
		if s.busy {
			return nil
		}
		return s
	}
	prepared, err := c.connection.PrepareContext(ctx, query)
	if err != nil {
		return nil // sent as it is, it fails with the driver's own words
	}
	full, ok := prepared.(statement)
	if !ok {
		_ = prepared.Close()
		return nil
	}
	if len(c.kept) >= keptStatements {
		c.forget()
	}
	s := &keptStmt{statement: full}
	c.kept[query] = s
	return s
}

// forget closes all statements that are not in use.
func (c *cachingConn) forget() {
	for text, s := range c.kept {
		if !s.busy {
			_ = s.Close()
			delete(c.kept, text)
		}
	}
}

func (c *cachingConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if s := c.prepared(ctx, query, len(args)); s != nil {
		return s.ExecContext(ctx, args)
	}
	return c.connection.ExecContext(ctx, query, args)
}

func (c *cachingConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	s := c.prepared(ctx, query, len(args))
	if s == nil {
		return c.connection.QueryContext(ctx, query, args)
	}
	rows, err := s.QueryContext(ctx, args)
	if err != nil {
		return nil, err
	}
	full, ok := rows.(typedRows)
	if !ok {
		_ = rows.Close()
		return c.connection.QueryContext(ctx, query, args)
	}
	s.busy = true
	return &keptRows{typedRows: full, of: s}, nil
}

func (c *cachingConn) Close() error {
	for _, s := range c.kept {
		_ = s.Close()
	}
	clear(c.kept)
	return c.connection.Close()
}

// typedRows is everything that the driver's rows can do.
type typedRows interface {
	driver.Rows
	driver.RowsColumnTypeDatabaseTypeName
	driver.RowsColumnTypeLength
	driver.RowsColumnTypeNullable
	driver.RowsColumnTypePrecisionScale
	driver.RowsColumnTypeScanType
}

// keptRows gives its statement back when it is closed.
type keptRows struct {
	typedRows
	of *keptStmt
}

func (r *keptRows) Close() error {
	if r.of == nil {
		return nil
	}
	r.of.busy, r.of = false, nil
	return r.typedRows.Close()
}
