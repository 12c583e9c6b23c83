package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
)

// Queue is a table whose rows are work for the background: it has the columns company, state, attempts,
// due_at, lease_until and lease_owner. Several processes share it: a row is claimed by a conditional
// UPDATE that carries a lease, and a row whose lease ran out (its process died) is claimed again.
type Queue struct {
	Table string
	// Key is the primary-key column.
	Key string
	// Order is what rows of equal due time are claimed by.
	Order string
	// Ready is a further condition, "" for none; the table has no alias.
	Ready string
	// Lane is the column whose equal values are dealt with one after the other, "" for none.
	Lane string
}

// The states of a queue's rows.
const (
	StateNew     = "new"
	StateClaimed = "claimed"
	StateDone    = "done"
	StateDead    = "dead"
)

// Claimed is a row that this process holds until the lease ends.
type Claimed struct {
	Key      any
	Company  string
	Attempts int
	// Lease marks the row as ours; give it back with [Session.Release].
	Lease string
	// Lane is the value of the queue's lane.
	Lane string
}

// sideBySide is how many claimed rows are dealt with at once: enough for writers to share commits, few enough for a
// clerk's write not to wait long behind them.
const sideBySide = 8

// SideBySide deals with claimed rows, those of different lanes side by side as several processes would, those of one
// lane in the order in which they were claimed. It reports how many were dealt with; after an error no further one is
// begun.
func SideBySide(claimed []Claimed, deal func(Claimed) error) (int, error) {
	var lanes []string
	byLane := map[string][]Claimed{}
	for i, c := range claimed {
		lane := c.Lane
		if lane == "" {
			lane = strconv.Itoa(i)
		}
		if byLane[lane] == nil {
			lanes = append(lanes, lane)
		}
		byLane[lane] = append(byLane[lane], c)
	}
	var all sync.WaitGroup
	var next, dealt atomic.Int64
	var over atomic.Bool
	failed := make(chan error, sideBySide)
	for range min(sideBySide, len(lanes)) {
		all.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(lanes)); i = next.Add(1) - 1 {
				for _, c := range byLane[lanes[i]] {
					if over.Load() {
						return
					}
					if err := deal(c); err != nil {
						over.Store(true)
						failed <- err
						return
					}
					dealt.Add(1)
				}
			}
		})
	}
	all.Wait()
	close(failed)
	var err error
	for e := range failed {
		err = errors.Join(err, e)
	}
	return int(dealt.Load()), err
}

// Claim takes up to n due rows of all companies, oldest first. It is for background workers: what it
// returns says only where work waits, and the work itself is done by sessions of the row's company.
func (db *DB) Claim(ctx context.Context, q Queue, n int, lease time.Duration) ([]Claimed, error) {
	for try := 0; ; try++ {
		rows, err := db.claimOnce(ctx, q, n, lease)
		if err == nil || !db.driver.Retryable(err) || try == maxTries {
			return rows, db.translate(ctx, err)
		}
		if err := pause(ctx, try+1); err != nil {
			return nil, db.translate(ctx, err)
		}
	}
}

func (db *DB) claimOnce(ctx context.Context, q Queue, n int, lease time.Duration) (claimed []Claimed, err error) {
	tx, err := db.sql.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = tx.Rollback()
		}
	}()
	now := db.Now()
	token := uuid.UUID(db.newID()).String()
	// Each of the parts is read in the order of the index on state and due_at, and ends at its n-th row, however long
	// the queue is. The outer condition re-checks the state: on SQL Server two workers may read the same keys, and the
	// second one waits for the row and then finds it taken.
	parts := []string{"state = 'new' AND due_at IS NULL", "state = 'new' AND due_at <= ?", "state = 'claimed' AND lease_until < ?"}
	ready := ""
	if q.Ready != "" {
		ready = " AND " + q.Ready
	}
	top, limit := "", fmt.Sprintf(" LIMIT %d", n)
	if db.Dialect() == MSSQL {
		top, limit = fmt.Sprintf("TOP (%d) ", n), ""
	}
	chosen := make([]string, len(parts))
	for i, part := range parts {
		chosen[i] = fmt.Sprintf("SELECT * FROM (SELECT %s%s, due_at FROM %s WHERE %s%s ORDER BY due_at, %s%s) AS part%d", top, q.Key, q.Table, part, ready, q.Order, limit, i)
	}
	update := fmt.Sprintf("UPDATE %s SET state = 'claimed', attempts = attempts + 1, lease_owner = ?, lease_until = ?"+
		" WHERE %s IN (SELECT %s%s FROM (%s) AS due ORDER BY due_at, %s%s) AND ((%s))%s", q.Table, q.Key, top, q.Key,
		strings.Join(chosen, " UNION ALL "), q.Order, limit, strings.Join(parts, ") OR ("), ready)
	s := &Session{db: db, tx: tx}
	changed, err := s.exec(ctx, update, []any{token, now.Add(lease), now, now, now, now})
	if err != nil {
		return nil, err
	}
	if changed > 0 {
		if claimed, err = s.claimedBy(ctx, q, token); err != nil {
			return nil, err
		}
	}
	return claimed, tx.Commit()
}

func (s *Session) claimedBy(ctx context.Context, q Queue, token string) ([]Claimed, error) {
	lane := "NULL"
	if q.Lane != "" {
		lane = q.Lane
	}
	query := fmt.Sprintf("SELECT %s, company, attempts, %s FROM %s WHERE state = 'claimed' AND lease_owner = ? ORDER BY due_at, %s", q.Key, lane, q.Table, q.Order)
	rows, err := s.tx.QueryContext(ctx, s.positional(query), token)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Claimed
	for rows.Next() {
		c := Claimed{Lease: token}
		var lane []byte
		if err := rows.Scan(&c.Key, &c.Company, &c.Attempts, &lane); err != nil {
			return nil, err
		}
		c.Lane = string(lane)
		if b, ok := c.Key.([]byte); ok {
			c.Key = append([]byte(nil), b...)
		}
		all = append(all, c)
	}
	return all, rows.Err()
}

// Release gives a claimed row back in a new state, inside the transaction of the work that was done
// for it. It reports false where the lease was lost meanwhile: somebody else has the row, and the
// caller must roll back.
func (s *Session) Release(ctx context.Context, q Queue, c Claimed, state string, set ...Predicate) (bool, error) {
	var text strings.Builder
	args := []any{state}
	for _, p := range set {
		text.WriteString(", " + p.SQL)
		args = append(args, p.Args...)
	}
	args = append(args, c.Key, c.Lease, s.Actor.Company)
	n, err := s.exec(ctx, "UPDATE "+q.Table+" SET state = ?, lease_until = NULL"+text.String()+
		" WHERE "+q.Key+" = ? AND lease_owner = ? AND state = 'claimed' AND company = ?", args)
	return n == 1, wrapSQL(err, "releasing "+q.Table)
}

// Purge deletes up to n rows of a queue in a final state that were due before an instant, of all
// companies; it reports how many went.
func (db *DB) Purge(ctx context.Context, q Queue, before time.Time, n int) (int64, error) {
	tx, err := db.sql.BeginTx(ctx, nil)
	if err != nil {
		return 0, db.translate(ctx, err)
	}
	defer func() { _ = ignoreDone(tx.Rollback()) }()
	s := &Session{db: db, tx: tx}
	where := "state IN ('done', 'dead') AND due_at < ?"
	query := fmt.Sprintf("DELETE FROM %s WHERE %s IN (SELECT %s FROM %s WHERE %s ORDER BY due_at, %s LIMIT %d)", q.Table, q.Key, q.Key, q.Table, where, q.Order, n)
	if db.Dialect() == MSSQL {
		query = fmt.Sprintf("DELETE TOP (%d) FROM %s WHERE %s", n, q.Table, where)
	}
	gone, err := s.exec(ctx, query, []any{UTC(before)})
	if err == nil {
		err = tx.Commit()
	}
	return gone, db.translate(ctx, err)
}

// Companies lists the companies that have rows in a table of CRM+ with an index that begins with
// company, for background jobs that work company by company. It costs one seek per company.
func (db *DB) Companies(ctx context.Context, table string) ([]string, error) {
	s := &Session{db: db}
	query := s.positional("SELECT MIN(company) FROM " + table + " WHERE company > ?")
	var all []string
	for last := ""; ; {
		var next sql.NullString
		if err := db.sql.QueryRowContext(ctx, query, last).Scan(&next); err != nil {
			return nil, db.translate(ctx, err)
		}
		if !next.Valid {
			return all, nil
		}
		last = next.String
		all = append(all, last)
	}
}
