// Package sqlite opens the embedded database: modernc.org/sqlite, pure Go, one file.
//
// The settings are those of a program that must not lose anything: write-ahead log, synchronous
// FULL, immediate transactions (a writer waits for its turn when it begins, not in the middle), and
// a busy timeout. The *sql.DB is shared with the host, whose own tables live in the same file:
//
//	db, err := sqlite.Open("erp.db")
//	host := db.SQL() // *sql.DB
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	sqlite3 "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
)

// BusyTimeout is how long a transaction waits for the write lock before it fails with
// fault.Retryable.
const BusyTimeout = 5 * time.Second

// connections is how many a process keeps to one file.
const connections = 16

// usualCache is how much of the file each connection keeps in memory, in bytes.
const usualCache = 32_000_000

// Options are what may differ from one process to the other.
type Options struct {
	// Cache is how much of the file each connection may keep in memory, in bytes; 0 is 32 MB, which suits lists
	// and searches. A process that only works in the background, sending campaigns say, does with 8 MB.
	Cache int
}

// Open opens or creates the database file. Close it with db.SQL().Close().
func Open(file string) (*store.DB, error) { return OpenWith(file, Options{}) }

// OpenWith opens or creates the database file as Open does, with options.
func OpenWith(file string, o Options) (*store.DB, error) {
	if o.Cache < 0 {
		return nil, fault.New(fault.Invalid, "the cache of a connection is %d bytes; give 0 or more", o.Cache)
	}
	if strings.TrimSpace(file) == "" || strings.ContainsAny(file, "\x00") {
		return nil, fault.New(fault.Invalid, "the name of the database file is missing")
	}
	registered, err := sql.Open("sqlite", DSN(file)) // opens no file; its driver has what hosts registered with it
	if err == nil {
		err = registered.Close() // else its goroutine would stay for ever
	}
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "the database %s cannot be opened", file)
	}
	db := sql.OpenDB(caching{registered.Driver(), o.dsn(file, "WAL")})
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections) // a new one reads the schema and has prepared nothing
	if err := ping(db); err != nil {
		_ = db.Close()
		return nil, fault.Wrap(err, fault.Unavailable, "the database %s cannot be opened", file)
	}
	return Use(db), nil
}

// ping opens the first connection. The switch to the write-ahead log needs the file alone and does not
// wait for the busy timeout; it is repeated while other processes open the same new file.
func ping(db *sql.DB) error {
	for deadline := time.Now().Add(4 * BusyTimeout); ; time.Sleep(10 * time.Millisecond) {
		err := db.PingContext(context.Background())
		if err == nil || !primary(err, lib.SQLITE_BUSY, lib.SQLITE_LOCKED) || time.Now().After(deadline) {
			return err
		}
	}
}

// Use makes a store on a *sql.DB that the host opened with the driver "sqlite" and the same
// settings; see [DSN].
func Use(db *sql.DB) *store.DB {
	return store.New(db, store.Driver{
		Dialect:   store.SQLite,
		Retryable: func(err error) bool { return primary(err, lib.SQLITE_BUSY, lib.SQLITE_LOCKED) },
		Duplicate: func(err error) bool {
			var e *sqlite3.Error
			return errors.As(err, &e) && (e.Code() == lib.SQLITE_CONSTRAINT_UNIQUE || e.Code() == lib.SQLITE_CONSTRAINT_PRIMARYKEY)
		},
		Full: func(err error) bool { return primary(err, lib.SQLITE_FULL, lib.SQLITE_IOERR) },
		Time: func(t time.Time) any { return t.Format("2006-01-02 15:04:05.000") },
	})
}

// DSN gives the data source name with the settings that CRM+ needs, for hosts that open the file
// themselves.
func DSN(file string) string { return Options{}.dsn(file, "WAL") }

func (o Options) dsn(file, journal string) string {
	cache := o.Cache
	if cache == 0 {
		cache = usualCache
	}
	q := url.Values{}
	q.Set("_txlock", "immediate")
	for _, pragma := range []string{
		fmt.Sprintf("busy_timeout(%d)", BusyTimeout.Milliseconds()), "journal_mode(" + journal + ")", "synchronous(FULL)", "foreign_keys(1)",
		fmt.Sprintf("cache_size(-%d)", cache/1000), "temp_store(MEMORY)", "analysis_limit(400)",
	} {
		q.Add("_pragma", pragma)
	}
	u := url.URL{Scheme: "file", Opaque: (&url.URL{Path: file}).EscapedPath(), RawQuery: q.Encode()}
	return u.String()
}

// primary reports whether err is one of SQLite's primary result codes.
func primary(err error, codes ...int) bool {
	var e *sqlite3.Error
	if !errors.As(err, &e) {
		return false
	}
	for _, c := range codes {
		if e.Code()&0xff == c {
			return true
		}
	}
	return false
}
