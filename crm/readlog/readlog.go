// Package readlog keeps who opened the card of which person or company, for whoever has to answer that
// question to the person (Regulation (EU) 2016/679, articles 5(2) and 32).
//
//	module.Reads.Note(ctx, "lead", id.Bytes()) // beside showing the card; costs no query
//	rows, err := module.Reads.Of(ctx, id.Bytes(), store.Page{})
//
// A note goes into memory; the background writes what has gathered every few seconds ([Log.Flush]), one row per
// record, user and day with the number of times and the last one. A clean stop flushes; of a process that is
// killed the last seconds are lost.
package readlog

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
)

// RecordTag is the noun of [RecordID].
type RecordTag struct{}

// RecordID is the id of a lead, an opportunity or a party.
type RecordID = store.Key[RecordTag]

// Reading says that a user opened a record on a day.
type Reading struct {
	bun.BaseModel `bun:"table:crm_read_log,alias:r"`

	Company  string   `bun:"company,pk,type:nvarchar(40)" json:"-"`
	RecordID RecordID `bun:"record_id,pk" json:"record_id"`
	// Day is in UTC.
	Day    civil.Date `bun:"day,pk" json:"day"`
	UserID string     `bun:"user_id,pk,type:nvarchar(64)" json:"user_id"`
	// RecordKind is "lead", "customer", "contact" or "opportunity": the card on which it was first read that day.
	RecordKind string `bun:"record_kind,type:nvarchar(40)" json:"record_kind"`
	// LastAt is the last time of that day, to the minute.
	LastAt time.Time `bun:"last_at" json:"last_at"`
	Times  int       `bun:"times" json:"times"`
}

// key is what one row is for.
type key struct {
	company, user string
	record        RecordID
	day           civil.Date
}

// gathered is what has not been written yet.
type gathered struct {
	kind   string
	lastAt time.Time
	times  int
}

// Config says how a log works; the zero Config is a good one.
type Config struct {
	// Most is how many different notes are gathered before one who notes has to flush; 5,000 where it is 0.
	Most int
}

// Log keeps the readings of all companies. It is safe for many goroutines.
type Log struct {
	db     *store.DB
	config Config

	mu      sync.Mutex
	waiting map[key]gathered
	// flushing is held by whoever writes, so that a stop waits for what is under way.
	flushing sync.Mutex
}

// New makes a log on a database that is not bound to a transaction.
func New(db *store.DB, c Config) *Log {
	if c.Most == 0 {
		c.Most = 5000
	}
	return &Log{db: db, config: c, waiting: map[key]gathered{}}
}

// Note says that the user in the context opened the card of a record, whose kind is "lead", "customer",
// "contact" or "opportunity". It touches no database, except that whoever fills the memory flushes it; so it is
// called outside of transactions. Background work and the public are not noted.
func (l *Log) Note(ctx context.Context, kind string, record []byte) error {
	a, err := actor.From(ctx)
	if err != nil {
		return err
	}
	user := a.HostUser()
	if user == "" {
		return nil
	}
	if len(record) != 16 || kind == "" || len(kind) > 40 {
		return fault.New(fault.Invalid, "a reading is noted for a record with a key of 16 bytes and a kind")
	}
	now := l.db.Now().Truncate(time.Minute)
	k := key{company: a.Company, user: user, record: RecordID(record), day: civil.Of(now)}
	l.mu.Lock()
	g, ok := l.waiting[k]
	if !ok {
		g.kind = kind
	}
	g.times++
	if now.After(g.lastAt) {
		g.lastAt = now
	}
	l.waiting[k] = g
	full := len(l.waiting) >= l.config.Most
	l.mu.Unlock()
	if full {
		_, err = l.Flush(ctx)
	}
	return err
}

// flushChunk is how many rows one transaction writes.
const flushChunk = 200

// Flush writes what has gathered and reports how many rows that were. What cannot be written stays for the next
// time.
func (l *Log) Flush(ctx context.Context) (int, error) {
	l.flushing.Lock()
	defer l.flushing.Unlock()
	l.mu.Lock()
	taken := l.waiting
	l.waiting = map[key]gathered{}
	l.mu.Unlock()
	byCompany := map[string][]Reading{}
	for k, g := range taken {
		byCompany[k.company] = append(byCompany[k.company], Reading{
			Company: k.company, RecordID: k.record, Day: k.day, UserID: k.user, RecordKind: g.kind, LastAt: g.lastAt, Times: g.times,
		})
	}
	total := 0
	var failed error
	for company, rows := range byCompany {
		slices.SortFunc(rows, byKey) // in one order, so that two processes do not wait for each other
		as := actor.With(ctx, actor.System(company, "readlog"))
		for chunk := range slices.Chunk(rows, flushChunk) {
			if err := l.db.Write(as, func(ctx context.Context, s *store.Session) error { return write(ctx, s, chunk) }); err != nil {
				failed = errors.Join(failed, err)
				l.giveBack(chunk)
				continue
			}
			total += len(chunk)
		}
	}
	return total, failed
}

func byKey(a, b Reading) int {
	return cmp.Or(bytes.Compare(a.RecordID[:], b.RecordID[:]), a.Day.Compare(b.Day), cmp.Compare(a.UserID, b.UserID))
}

func write(ctx context.Context, s *store.Session, rows []Reading) error {
	var fresh []Reading
	for _, r := range rows {
		n, err := s.Exec(ctx, store.From[Reading](""), "UPDATE crm_read_log SET times = times + ?, last_at = CASE WHEN last_at < ? THEN ? ELSE last_at END"+
			" WHERE {scope} AND record_id = ? AND day = ? AND user_id = ?", r.Times, r.LastAt, r.LastAt, r.RecordID, r.Day, r.UserID)
		if err != nil {
			return err
		}
		if n == 0 {
			fresh = append(fresh, r)
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	return s.InsertQuiet(ctx, &fresh)
}

// giveBack keeps what could not be written, unless there is too much of it.
func (l *Log) giveBack(rows []Reading) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, r := range rows {
		k := key{company: r.Company, user: r.UserID, record: r.RecordID, day: r.Day}
		g, ok := l.waiting[k]
		if !ok && len(l.waiting) >= 4*l.config.Most {
			continue
		}
		g.kind, g.times = r.RecordKind, g.times+r.Times
		if r.LastAt.After(g.lastAt) {
			g.lastAt = r.LastAt
		}
		l.waiting[k] = g
	}
}

// Of gives who opened a record, the latest days first, at most limit rows (500 where it is 0). It needs
// actor.AuditRead or actor.Privacy.
func (l *Log) Of(ctx context.Context, record []byte, limit int) ([]Reading, error) {
	return l.read(ctx, limit, "r.record_id = ?", record)
}

// By gives what a user opened, the latest days first, at most limit rows (500 where it is 0). It needs
// actor.AuditRead or actor.Privacy.
func (l *Log) By(ctx context.Context, user string, limit int) ([]Reading, error) {
	return l.read(ctx, limit, "r.user_id = ?", user)
}

func (l *Log) read(ctx context.Context, limit int, where string, arg any) ([]Reading, error) {
	if limit <= 0 || limit > store.MaxLimit {
		limit = store.MaxLimit
	}
	if _, err := l.Flush(ctx); err != nil { // what was just read counts
		return nil, err
	}
	var out []Reading
	err := l.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		if s.Actor.Require(actor.Privacy) != nil {
			if err := s.Actor.Require(actor.AuditRead); err != nil {
				return err
			}
		}
		return s.Query(ctx, &out, store.From[Reading]("r"), "SELECT r.* FROM crm_read_log AS r WHERE {scope} AND r.company = ? AND "+where+
			" ORDER BY r.day DESC, r.record_id, r.user_id"+s.Limit(limit), s.Actor.Company, arg)
	})
	return out, err
}

// Keep is how long readings are kept.
const Keep = 2 * 365 * 24 * time.Hour

// Purge removes readings of the actor's company that are older than [Keep], and reports how many went.
func (l *Log) Purge(ctx context.Context) (int, error) {
	var n int64
	err := l.db.Write(ctx, func(ctx context.Context, s *store.Session) (err error) {
		n, err = s.Exec(ctx, store.From[Reading](""), "DELETE FROM crm_read_log WHERE {scope} AND day < ?", civil.Of(s.Now.Add(-Keep)))
		return err
	})
	return int(n), err
}
