// Package store is the only way CRM+ reaches its database: SQL Server or SQLite, in a transaction
// of its own or in the host's.
//
// A [DB] opens sessions. A [Session] is one unit of work: a transaction, who acts, and the instant
// it happens. Everything that reads or writes goes through it, and it adds what must never be
// forgotten: the company predicate on every row, the visibility predicate on rows that have an
// owner, the version check on every update, and the audit entry.
//
//	err := db.Write(ctx, func(ctx context.Context, s *store.Session) error {
//		var l Lead
//		if err := s.Lock(ctx, &l, id); err != nil { // row lock, then read
//			return err
//		}
//		next := l
//		next.Status = Working
//		return s.Save(ctx, &l, &next) // only what changed, version checked, audited
//	})
//
// [DB.Write] opens a transaction and repeats the function while the database says that another try
// can succeed. A DB bound to the host's transaction by [DB.Bind] runs the function once inside it
// and leaves commit, rollback and retry to the host.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
)

// Driver is what an adapter tells the store about its database driver.
type Driver struct {
	Dialect Dialect
	// Retryable reports whether a transaction that failed with err can succeed when it is repeated
	// (deadlock, busy, snapshot conflict).
	Retryable func(err error) bool
	// Duplicate reports whether err is the violation of a unique key.
	Duplicate func(err error) bool
	// Full reports whether err says that the disk or the database is full.
	Full func(err error) bool
	// Time turns an instant into a parameter that compares with DATETIME2(3) (or its text form)
	// without converting the column.
	Time func(t time.Time) any
}

// DB opens sessions on one database. It is safe for many goroutines.
type DB struct {
	sql     *sql.DB
	bun     *bun.DB
	driver  Driver
	now     func() time.Time
	newID   func() [16]byte
	wake    func()
	writers *writers
	// forms are the columns of each table as rows of it are written; see bulkOf.
	forms *sync.Map

	// bound is set on a view that works inside somebody else's transaction.
	bound *sql.Tx
	// unbound is set on a view that was to work inside a transaction and was given none.
	unbound bool
	// inside is set on a view that works inside a session that is already open.
	inside *Session
}

// New makes a DB from what an adapter opened. It is called by adapters/mssql and adapters/sqlite.
func New(db *sql.DB, driver Driver) *DB {
	return &DB{
		sql: db, bun: bun.NewDB(db, driver.Dialect.bun(), bun.WithDiscardUnknownColumns()), driver: driver,
		now:     time.Now,
		newID:   func() [16]byte { return uuid.Must(uuid.NewV7()) },
		writers: new(writers),
		forms:   new(sync.Map),
	}
}

// WithClock gives a view of the DB whose sessions take the time from now.
func (db *DB) WithClock(now func() time.Time) *DB {
	view := *db
	view.now = now
	return &view
}

// WithIDs gives a view of the DB whose sessions take new ids from next; ids must never repeat.
func (db *DB) WithIDs(next func() [16]byte) *DB {
	view := *db
	view.newID = next
	return &view
}

// WithWake gives a view of the DB that calls wake after a transaction of its own has left work for
// the background.
func (db *DB) WithWake(wake func()) *DB {
	view := *db
	view.wake = wake
	return &view
}

// Bind gives a view of the DB that works inside the host's transaction. It never begins, commits or
// retries; after an error the host rolls back. Without a transaction (nil) the view refuses all work: the host would roll
// back nothing of it.
func (db *DB) Bind(tx *sql.Tx) *DB {
	view := *db
	view.bound, view.inside, view.unbound = tx, nil, tx == nil
	return &view
}

// SQL is the *sql.DB below, shared with the host.
func (db *DB) SQL() *sql.DB { return db.sql }

// Dialect says which database this is.
func (db *DB) Dialect() Dialect { return db.driver.Dialect }

// Now is the current instant, as the database keeps it.
func (db *DB) Now() time.Time { return UTC(db.now()) }

// Bound reports whether the DB works inside a transaction it does not own.
func (db *DB) Bound() bool { return db.bound != nil || db.inside != nil || db.unbound }

// Unit is a piece of work inside one session.
type Unit func(ctx context.Context, s *Session) error

// maxTries bounds how often Write repeats a unit of work.
const maxTries = 10

// Write runs the unit in a transaction: committed when it returns nil, rolled back otherwise. The
// database's wishes to try again are followed up to ten times with growing, random pauses; then, and
// inside a host's transaction at once, the error is fault.Retryable. The unit must not keep state
// from a failed try. On SQLite units that come at once share one commit, each with its own outcome; a
// context from [Alone] keeps out of that.
func (db *DB) Write(ctx context.Context, unit Unit) error {
	return db.run(ctx, unit, writing)
}

// Read runs the unit in a read-only snapshot (on SQL Server: in a transaction of the database's
// default isolation).
func (db *DB) Read(ctx context.Context, unit Unit) error {
	return db.run(ctx, unit, reading)
}

// errReading is told where a verb that writes is called inside a session that reads: on SQLite it would wait for the
// writers' lock while it holds a snapshot, and could only fail.
var errReading = errors.New("store: a verb that writes was called inside Read; call it inside Write, or by itself")

type mode int

const (
	reading mode = iota
	writing
)

func (db *DB) run(ctx context.Context, unit Unit, m mode) error {
	a, err := actor.From(ctx)
	if err != nil {
		return err
	}
	if db.unbound {
		return fault.New(fault.Invalid, "no transaction was given to work in; begin one and give it to WithTx")
	}
	if db.inside != nil {
		if db.inside.Actor.Company != a.Company {
			return fault.New(fault.Forbidden, "a session of company %s cannot work for %s", db.inside.Actor.Company, a.Company)
		}
		if m == writing && db.inside.reading {
			return errReading
		}
		return unit(ctx, db.inside)
	}
	if db.bound != nil {
		s := db.session(db.bound, a)
		return db.translate(ctx, unit(ctx, s))
	}
	var failed error
	for try := range maxTries {
		if errors.Is(failed, errLost) {
			ctx = Alone(ctx) //nolint:fatcontext // once for each try
		} else if try > 0 {
			if err := pause(ctx, try); err != nil {
				return db.translate(ctx, errors.Join(failed, err))
			}
		}
		failed = db.once(ctx, a, unit, m)
		if failed == nil || !db.mayRetry(failed, try) {
			break
		}
	}
	return db.translate(ctx, failed)
}

// once runs the unit in one transaction of our own.
func (db *DB) once(ctx context.Context, a actor.Actor, unit Unit, m mode) (err error) {
	var opts *sql.TxOptions
	if db.driver.Dialect == SQLite {
		if m == writing {
			return db.inTurn(ctx, a, unit)
		}
		opts = &sql.TxOptions{ReadOnly: true} // begins without the write lock
	}
	tx, err := db.sql.BeginTx(ctx, opts)
	if err != nil {
		return err
	}
	s := db.session(tx, a)
	s.reading = m == reading
	defer func() {
		if err != nil {
			_ = tx.Rollback() // the error of the unit is the one that counts
			return
		}
		if err = tx.Commit(); err == nil {
			for _, f := range s.committed {
				f()
			}
		}
	}()
	defer func() {
		if p := recover(); p != nil {
			_ = tx.Rollback()
			panic(p)
		}
	}()
	return unit(ctx, s)
}

func (db *DB) session(tx *sql.Tx, a actor.Actor) *Session {
	return &Session{db: db, tx: tx, Actor: a, Now: db.Now()}
}

// lostRaces is how often a violated unique key is taken for a race that was lost: the winner's row is
// seen in the next try, so that more of them are a fault of the unit of work.
const lostRaces = 3

func (db *DB) mayRetry(err error, try int) bool {
	if errors.Is(err, errLost) || errors.Is(err, fault.Retryable) || db.driver.Retryable(err) {
		return true
	}
	return db.driver.Duplicate(err) && try < lostRaces
}

// translate makes every error that leaves the store a *fault.Error.
func (db *DB) translate(ctx context.Context, err error) error {
	var known *fault.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &known):
		return err
	case ctx.Err() != nil:
		return fault.Wrap(errors.Join(ctx.Err(), err), fault.Unavailable, "the work was cancelled; nothing was written")
	case db.driver.Retryable(err):
		return fault.Wrap(err, fault.Retryable, "the database asks to repeat the transaction")
	case db.driver.Full(err):
		return fault.Wrap(err, fault.Unavailable, "the database has no room left; nothing was written")
	case db.driver.Duplicate(err):
		return fault.Wrap(err, fault.Retryable, "somebody else wrote the same record first; repeat the transaction")
	}
	return fault.Wrap(err, fault.Unavailable, "the database refused the work; nothing was written")
}

// pause waits before the next try: 5 ms doubled each time up to 320 ms, half of it random.
func pause(ctx context.Context, try int) error {
	d := 5 * time.Millisecond << min(try-1, 6)
	d = d/2 + rand.N(d/2)
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return fmt.Errorf("while waiting to repeat the transaction: %w", ctx.Err())
	case <-t.C:
		return nil
	}
}
