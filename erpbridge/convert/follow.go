package convert

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
)

// The states of a link beside those of the host's documents.
const (
	// Missing: the host was asked for the document and does not have it. It is asked again, because it
	// may come back with a restore.
	Missing erpbridge.State = "missing"
	// Gone: a person said that it will not come back; see [Conversions.Repair].
	Gone erpbridge.State = "gone"
)

// How often a link is looked at: soon after it was made or changed, then after twice the time each
// time. What is paid or completed can still be credited, but seldom is.
const (
	lookSoon    = 5 * time.Minute
	lookSeldom  = 24 * time.Hour
	lookSettled = 7 * 24 * time.Hour
	// lookUntil is how long after its making a settled document is still looked at.
	lookUntil = 400 * 24 * time.Hour
)

// never is when final documents are looked at next.
var never = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)

// tracked is a link with what is known of the host's later steps.
type tracked struct {
	bun.BaseModel `bun:"table:crm_link,alias:link"`
	Link
	// Paid is how much of Total came in.
	Paid money.Amount `bun:"paid"`
	// Changes counts what was seen to change; it guards the row and numbers its events.
	Changes int64 `bun:"changes"`
	// LookedAt is when the host was asked last; LookAt when it is asked next.
	LookedAt time.Time `bun:"looked_at,nullzero"`
	LookAt   time.Time `bun:"look_at"`
}

// next is when the link is looked at again.
func (l tracked) next(now time.Time, state erpbridge.State, changed bool) time.Time {
	switch state {
	case erpbridge.Cancelled, erpbridge.Credited, Gone, erpbridge.State(DeletedCustomer):
		return never
	case erpbridge.Paid, erpbridge.Completed:
		if now.Sub(l.CreatedAt) > lookUntil {
			return never
		}
		return now.Add(lookSettled)
	}
	if l.HostKind == string(party.Contact) { // which a host lists by customer only
		return now.Add(lookSettled)
	}
	pause := lookSoon
	if !changed && !l.LookedAt.IsZero() {
		pause = min(max(2*l.LookAt.Sub(l.LookedAt), lookSoon), lookSeldom)
	}
	return now.Add(pause)
}

func (l tracked) document() bool {
	return l.HostKind != string(party.Customer) && l.HostKind != string(party.Contact)
}

func (l tracked) ref() erpbridge.Ref {
	return erpbridge.Ref{Kind: erpbridge.Kind(l.HostKind), Key: l.HostKey, Number: l.HostNumber}
}

// Follow asks the host what became of the records that conversions made: at most limit links, those
// that wait longest first. Each look is a few statements for the whole batch where the host has
// erpbridge.DocumentStates and CustomerStates; the history of a customer is read where one of his documents
// changed or is done in part, and his contacts once a week. What it finds is noted as the host's
// own messages are: see [Conversions.DocumentChanged], [Conversions.DocumentFound] and
// [Conversions.CustomerBlocked]. It reports how many links it looked at; 0 means that nothing is due.
//
// A record that cannot be read is set back and named in the error; the others are followed all the same.
func (c *Conversions) Follow(ctx context.Context, limit int) (int, error) {
	due, err := c.due(ctx, limit)
	if err != nil || len(due) == 0 {
		return 0, err
	}
	seen, err := c.see(ctx, due)
	if err == nil {
		return len(due), c.note(ctx, due, seen)
	}
	if ctx.Err() != nil || errors.Is(err, fault.Forbidden) || errors.Is(err, fault.Conflict) {
		return 0, err
	}
	return c.followEach(ctx, due)
}

// down is after how many failures, and no success, the host is taken to be down.
const down = 3

// followEach looks at links one by one, so that one whose record cannot be read does not hold up the
// others; it is set back.
func (c *Conversions) followEach(ctx context.Context, due []tracked) (int, error) {
	var failed error
	done, bad := 0, 0
	for _, l := range due {
		one := []tracked{l}
		seen, err := c.see(ctx, one)
		if err == nil {
			err = c.note(ctx, one, seen)
		}
		if err == nil {
			done++
			continue
		}
		bad++
		failed = errors.Join(failed, fmt.Errorf("%s %s: %w", l.HostKind, firstOf(l.HostNumber, l.HostKey), err))
		if done == 0 && bad == down || ctx.Err() != nil {
			return 0, failed // all of them stay due
		}
		failed = errors.Join(failed, c.leave(ctx, one))
	}
	return done, failed
}

// due reads the links that are to be looked at.
func (c *Conversions) due(ctx context.Context, limit int) ([]tracked, error) {
	var due []tracked
	err := c.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		if err := s.Actor.Require(actor.Convert); err != nil {
			return err
		}
		page := store.Page{Limit: limit}
		q := s.Select(&due).Where("link.company = ?", s.Actor.Company).Where("link.look_at <= ?", s.Now)
		return s.Paged(q, store.Order{Column: "link.look_at", ID: "link.id"}, page).Scan(ctx)
	})
	return due, err
}

// see asks the host what it knows of the links' records.
func (c *Conversions) see(ctx context.Context, due []tracked) (sight, error) {
	var seen sight
	var around surroundings
	err := c.asking(ctx, func(ctx context.Context, s *store.Session, _ *Conversions) (err error) {
		around, err = surroundingsOf(ctx, s, due)
		return err
	}, func(ctx context.Context, hs erpbridge.Session) (err error) {
		seen, err = c.ask(ctx, hs, due, around)
		return err
	})
	return seen, err
}

// note writes what was seen: each change in a transaction of its own, what did not change in one.
func (c *Conversions) note(ctx context.Context, due []tracked, seen sight) error {
	done := map[string]bool{} // customers and contacts that several links name
	var same []tracked
	var failed error
	for _, l := range due {
		var err error
		var changed bool
		switch {
		case l.document():
			changed, err = c.noteDocument(ctx, l, seen)
		case done[l.HostKind+l.HostKey]:
			changed = false
		default:
			done[l.HostKind+l.HostKey] = true
			if l.HostKind == string(party.Contact) {
				changed, err = c.noteContact(ctx, l, seen)
			} else {
				changed, err = c.noteCustomer(ctx, l, seen)
			}
		}
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s %s: %w", l.HostKind, firstOf(l.HostNumber, l.HostKey), err))
		}
		if !changed && err == nil {
			same = append(same, l)
		}
	}
	failed = errors.Join(failed, c.adoptLater(ctx, seen.later))
	return errors.Join(failed, c.leave(ctx, same))
}

// leave sets when unchanged links are looked at next.
func (c *Conversions) leave(ctx context.Context, same []tracked) error {
	if len(same) == 0 {
		return nil
	}
	return c.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		byTime := map[time.Time][]any{}
		for _, l := range same {
			at := l.next(s.Now, l.HostState, false)
			byTime[at] = append(byTime[at], l.ID)
		}
		for at, ids := range byTime {
			args := append([]any{s.Now, at}, ids...)
			_, err := s.Exec(ctx, store.From[Link](""), "UPDATE crm_link SET looked_at = ?, look_at = ? WHERE {scope} AND id IN ("+store.In(len(ids))+")", args...)
			if err != nil {
				return err
			}
		}
		return nil
	})
}
