package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
)

// writers lets those of one process who write to a SQLite file go one after the other, in the order they
// came: SQLite lets one transaction write at a time and makes the others ask again and again, so that an
// import that writes chunk after chunk would get in before a clerk every time.
//
// Whoever is done while others wait hands his open transaction on instead of committing it, and waits
// until the last of the group has committed for all: what a commit costs, the sync of the log and the
// pages that all of them changed, is paid once. Each member but the first works behind a savepoint, so
// that one that fails takes nothing of the others with it, and nobody is told of success before it is on
// the disk.
type writers struct {
	mu    sync.Mutex
	busy  bool
	queue []*waiter
}

type waiter struct {
	alone bool
	// turn is sent to once: the open group, or nil where there is none.
	turn chan *group
}

// The bounds of a group: how many, and for how long it takes in more. Clerks wait for no longer than they
// would for as many commits.
const (
	groupMembers = 32
	groupTime    = 25 * time.Millisecond
)

// longestTurn is how long a writer waits for the others of its process. Whoever waits longer is most
// likely waiting for himself, by writing inside a unit of work on the outer DB instead of
// [Session.Inside].
const longestTurn = 30 * time.Second

type aloneKey struct{}

// Alone marks a context for units of work that take long, such as the chunks of an import: on SQLite they
// are committed by themselves, so that nobody with less to do waits for them to end.
func Alone(ctx context.Context) context.Context { return context.WithValue(ctx, aloneKey{}, true) }

// errLost is what members of a group are told whose transaction came to nothing by no fault of theirs.
var errLost = errors.New("the transaction that was shared with others was lost")

// group is a transaction that several units of work share.
type group struct {
	// conn is what tx runs on.
	conn  *sql.Conn
	tx    *sql.Tx
	alone bool
	began time.Time
	// members are those whose work is done and who wait for the commit. A group that is handed on has some.
	members []chan error
	over    bool
}

// inTurn runs the unit in a transaction of our own, in turn with the other writers.
func (db *DB) inTurn(ctx context.Context, a actor.Actor, unit Unit) error {
	alone := ctx.Value(aloneKey{}) != nil
	g, err := db.writers.enter(ctx, alone)
	if err != nil {
		return err
	}
	handed := false
	defer func() {
		if !handed {
			db.writers.goOn(g)
		}
	}()
	if g == nil {
		if err := ctx.Err(); err != nil {
			return err
		}
		if g, err = db.open(context.WithoutCancel(ctx), alone); err != nil { // one member's end is not the others'
			return err
		}
	}
	s := db.session(g.tx, a)
	s.sole = true
	if !alone {
		s.shared = g.conn
	}
	if err := g.work(ctx, func() error { return unit(ctx, s) }); err != nil {
		return err
	}
	outcome := make(chan error, 1)
	g.members = append(g.members, outcome)
	handed = true
	db.writers.goOn(g)
	if err := <-outcome; err != nil {
		return err
	}
	for _, f := range s.committed {
		f()
	}
	return nil
}

// open begins a group's transaction.
func (db *DB) open(ctx context.Context, alone bool) (*group, error) {
	conn, err := db.sql.Conn(ctx)
	if err != nil {
		return nil, err
	}
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return &group{conn: conn, tx: tx, alone: alone, began: time.Now()}, nil
}

// enter waits for the turn. It gives the group to join, nil where there is none.
func (w *writers) enter(ctx context.Context, alone bool) (*group, error) {
	w.mu.Lock()
	if !w.busy {
		w.busy = true
		w.mu.Unlock()
		return nil, nil
	}
	me := &waiter{alone: alone, turn: make(chan *group, 1)}
	w.queue = append(w.queue, me)
	w.mu.Unlock()
	t := time.NewTimer(longestTurn)
	defer t.Stop()
	var err error
	select {
	case g := <-me.turn:
		return g, nil
	case <-ctx.Done():
		err = fmt.Errorf("while waiting to write: %w", ctx.Err())
	case <-t.C:
		err = fault.New(fault.Unavailable, "others have been writing for %s; try again", longestTurn)
	}
	w.mu.Lock()
	i := slices.Index(w.queue, me)
	if i >= 0 {
		w.queue = slices.Delete(w.queue, i, i+1)
	}
	w.mu.Unlock()
	if i < 0 { // the turn came in the same moment
		w.goOn(<-me.turn)
	}
	return nil, err
}

// goOn ends a turn: the group goes to the next in the queue or is committed.
func (w *writers) goOn(g *group) {
	if g == nil {
		w.pass(nil)
		return
	}
	if g.over {
		_ = g.conn.Close() // gives it back
		w.pass(nil)
		return
	}
	if w.pass(g) {
		return
	}
	err := g.tx.Commit()
	if err != nil {
		_ = g.tx.Rollback() // the error of the commit is the one that counts
	}
	_ = g.conn.Close() // gives it back
	w.pass(nil)
	g.tell(err)
}

// pass gives the turn to the next in the queue; with a group, only where that one may join it.
func (w *writers) pass(g *group) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.queue) == 0 {
		w.busy = g != nil
		return g == nil
	}
	next := w.queue[0]
	if g != nil && (g.alone || next.alone || len(g.members) >= groupMembers || time.Since(g.began) > groupTime) {
		return false
	}
	w.queue = slices.Delete(w.queue, 0, 1)
	next.turn <- g
	return true
}

// work runs one member's unit, of which nothing stays where it fails, panics or ends its goroutine.
func (g *group) work(ctx context.Context, unit func() error) (err error) {
	always := context.WithoutCancel(ctx)
	joined := len(g.members) > 0
	if joined {
		if _, err := g.tx.ExecContext(always, "SAVEPOINT member"); err != nil {
			g.lose(err)
			return err
		}
	}
	ended := false
	defer func() {
		switch {
		case ended && err == nil && joined:
			if _, err = g.tx.ExecContext(always, "RELEASE member"); err != nil {
				g.lose(err)
			}
		case ended && err == nil:
		case joined:
			if _, lost := g.tx.ExecContext(always, "ROLLBACK TO member; RELEASE member"); lost != nil {
				g.lose(lost)
			}
		default:
			g.lose(err)
		}
	}()
	if err = unit(); err == nil {
		err = ctx.Err() // whoever asked is gone
	}
	ended = true
	return err
}

// lose rolls the whole group back: its only member failed, or SQLite itself did so, as it does when a
// statement that writes is interrupted or finds the disk full.
func (g *group) lose(why error) {
	_ = g.tx.Rollback() // it may be gone already
	g.over = true
	for _, m := range g.members {
		m <- fmt.Errorf("%w: %w", errLost, why)
	}
}

// tell gives the members the outcome of the commit. Where it failed, each tries again alone, so that only
// the one it failed for hears of it.
func (g *group) tell(err error) {
	if err != nil && len(g.members) > 1 {
		err = fmt.Errorf("%w: %w", errLost, err)
	}
	for _, m := range g.members {
		m <- err
	}
}
