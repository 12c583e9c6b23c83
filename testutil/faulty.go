package testutil

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/crmplus/crmplus/adapters/sqlite"
)

// Trouble is what befalls the database of [Faulty].
type Trouble int64

// The troubles.
const (
	// None: it works.
	None Trouble = iota
	// Gone: it is not to be had.
	Gone
	// Full: its disk is; what needs no room goes on.
	Full
)

// Faults breaks a database and mends it.
type Faults struct {
	now, refused atomic.Int64
}

// Set has the trouble begin, or end by [None].
func (f *Faults) Set(t Trouble) { f.now.Store(int64(t)) }

// Refused is how many statements came while it was [Gone].
func (f *Faults) Refused() int64 { return f.refused.Load() }

// Faulty is [SQLite] with a database that can be broken while it is used.
func Faulty(t testing.TB) (*Env, *Faults) {
	t.Helper()
	f := &Faults{}
	return hooked(t, f.before), f
}

var errDatabaseGone = errors.New("the database is gone")

func (f *Faults) before(ctx context.Context, c driver.Conn, _ string, _ []driver.NamedValue) error {
	pages := 1_073_741_823
	switch Trouble(f.now.Load()) {
	case Gone:
		f.refused.Add(1)
		return errDatabaseGone
	case Full:
		pages = 1 // SQLite takes it for as many as the file has
	case None:
	}
	rows, err := c.(driver.QueryerContext).QueryContext(ctx, fmt.Sprintf("PRAGMA max_page_count = %d", pages), nil)
	if err != nil {
		return err
	}
	return rows.Close()
}

// before is asked before each statement on its connection; an error of it is the statement's.
type before func(ctx context.Context, c driver.Conn, query string, args []driver.NamedValue) error

var hooks atomic.Int64

// hooked is [SQLite] with a database that asks before each statement.
func hooked(t testing.TB, f before) *Env {
	t.Helper()
	env := SQLite(t)
	name := fmt.Sprintf("sqlite-hooked-%d", hooks.Add(1))
	sql.Register(name, &hookedDriver{env.DB.SQL().Driver(), f})
	db, err := sql.Open(name, sqlite.DSN(env.File))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	env.DB = sqlite.Use(db).WithClock(env.Clock.Now)
	return env
}

type hookedDriver struct {
	driver.Driver
	before before
}

func (d *hookedDriver) Open(name string) (driver.Conn, error) {
	c, err := d.Driver.Open(name)
	if err != nil {
		return nil, err
	}
	return &hookedConn{c, d.before}, nil
}

type hookedConn struct {
	driver.Conn
	before before
}

func (c *hookedConn) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	return c.Conn.(driver.ConnBeginTx).BeginTx(ctx, o)
}

func (c *hookedConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if err := c.before(ctx, c.Conn, query, args); err != nil {
		return nil, err
	}
	return c.Conn.(driver.ExecerContext).ExecContext(ctx, query, args)
}

func (c *hookedConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if err := c.before(ctx, c.Conn, query, args); err != nil {
		return nil, err
	}
	return c.Conn.(driver.QueryerContext).QueryContext(ctx, query, args)
}
