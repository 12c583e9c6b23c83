package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"
)

// Depth is how much waits in an outbox.
type Depth struct {
	// Queue names the outbox: events, requests, host_calls, webhooks, mails.
	Queue string
	// Waiting is what is yet to be done, or being done.
	Waiting int64
	// Failed is what was given up, or waits for a person, and is still kept.
	Failed int64
	// Oldest is when the one that waits longest was due; zero where nothing waits. It is in the future where
	// everything waits for its next try.
	Oldest time.Time
}

// outboxes are the tables whose rows are work, with the states that wait and those that failed. They are
// counted company by company where the index begins with the company.
var outboxes = []struct {
	queue, table    string
	waiting, failed []string
	byCompany       bool
}{
	{"events", "crm_event", []string{StateNew, StateClaimed}, []string{StateDead}, false},
	{"requests", "crm_request", []string{StateNew, StateClaimed}, []string{StateDead}, false},
	{"host_calls", "crm_host_call", []string{"pending", "sending", "unknown"}, []string{"failed"}, true},
	{"webhooks", "crm_webhook_delivery", []string{"pending", "sending"}, []string{"failed"}, false},
	{"mails", "crm_mail", []string{"queued", "sending", "deferred"}, []string{"failed", "unknown"}, true},
}

// Backlog counts what waits in each outbox, of all companies, for those who watch over the background.
func (db *DB) Backlog(ctx context.Context) ([]Depth, error) {
	list := make([]Depth, len(outboxes))
	for i, o := range outboxes {
		list[i].Queue = o.queue
		where, args := "", [][]any{nil}
		if o.byCompany {
			companies, err := db.Companies(ctx, o.table)
			if err != nil {
				return nil, err
			}
			where, args = "company = ? AND ", args[:0]
			for _, c := range companies {
				args = append(args, []any{c})
			}
		}
		for _, of := range args {
			for _, state := range slices.Concat(o.waiting, o.failed) {
				n, oldest, err := db.waiting(ctx, "FROM "+o.table+" WHERE "+where+"state = ?", append(slices.Clone(of), state))
				if err != nil {
					return nil, db.translate(ctx, err)
				}
				if slices.Contains(o.failed, state) {
					list[i].Failed += n
					continue
				}
				list[i].Waiting += n
				if list[i].Oldest.IsZero() || !oldest.IsZero() && oldest.Before(list[i].Oldest) {
					list[i].Oldest = oldest
				}
			}
		}
	}
	return list, nil
}

// waiting counts rows, and reads the earliest time at which one of them is due.
func (db *DB) waiting(ctx context.Context, from string, args []any) (n int64, oldest time.Time, err error) {
	s := &Session{db: db}
	if err := db.sql.QueryRowContext(ctx, s.positional("SELECT COUNT(*) "+from), args...).Scan(&n); err != nil || n == 0 {
		return n, oldest, err
	}
	var due sql.NullTime
	err = db.sql.QueryRowContext(ctx, s.positional("SELECT due_at "+from+" AND due_at IS NOT NULL ORDER BY due_at"+s.Limit(1)), args...).Scan(&due)
	if errors.Is(err, sql.ErrNoRows) { // done meanwhile, or due at once
		err = nil
	}
	return n, due.Time, err
}
