package mail

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
)

// longestGrace bounds how long a mail under way may go on when the process is to stop, so that a restart
// leaves no doubt behind.
const longestGrace = 10 * time.Second

func (m *Mails) grace() time.Duration { return min(longestGrace, m.config.Patience) }

// longestPause bounds the pause between two attempts; resting is the pause after the server was not to be
// had at all.
const (
	longestPause = time.Hour
	resting      = 30 * time.Second
)

// Send sends the mails of the actor's company that are due, at most limit of them, or all where it is 0,
// and reports how many it dealt with; what became of them stands in each. It is background work: only the
// system may, and never inside a transaction. Several processes may do it at once.
func (m *Mails) Send(ctx context.Context, limit int) (int, error) {
	a, err := actor.From(ctx)
	if err != nil {
		return 0, err
	}
	if a.Kind != actor.KindSystem {
		return 0, fault.New(fault.Forbidden, "only the background sends mails; use Resend to have one sent again")
	}
	if m.db.Bound() {
		return 0, fault.New(fault.Invalid, "mails are sent outside of transactions")
	}
	lost, err := m.abandoned(ctx)
	if err != nil || !m.Ready() {
		return lost, err
	}
	var taken, done atomic.Int64
	var wg sync.WaitGroup
	errs := make([]error, m.config.Senders)
	for i := range errs {
		wg.Go(func() {
			for ctx.Err() == nil && m.db.Now().UnixMilli() >= m.rest.Load() && (limit <= 0 || taken.Add(1) <= int64(limit)) {
				row, err := m.claim(ctx)
				if err == nil && row != nil {
					err = m.deliver(ctx, *row)
				}
				if errs[i] = err; err != nil || row == nil {
					return
				}
				done.Add(1)
			}
		})
	}
	wg.Wait()
	return lost + int(done.Load()), errors.Join(errs...)
}

// Waiting counts the mails of the actor's company that wait to be sent. Only the system may ask.
func (m *Mails) Waiting(ctx context.Context) (int, error) {
	n := 0
	err := m.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		if s.Actor.Kind != actor.KindSystem {
			return fault.New(fault.Forbidden, "only the background counts what waits; use List")
		}
		return s.Query(ctx, &n, store.From[sealed]("m"), "SELECT COUNT(*) FROM crm_mail AS m WHERE {scope} AND m.state IN (?, ?)", string(Queued), string(Deferred))
	})
	return n, err
}

// lease is how long a mail belongs to one process: when it has run out, the process is dead.
func (m *Mails) lease() time.Duration { return m.config.Patience + 2*m.grace() }

// claim takes the mail that is due longest, or gives nil. The outer condition re-checks the state: on SQL
// Server two processes may read the same key, and the second one waits for the row and then finds it taken.
func (m *Mails) claim(ctx context.Context) (*Mail, error) {
	var claimed []sealed
	err := m.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		claimed = nil
		token := uuid.UUID(s.NewID()).String()
		for _, state := range []State{Queued, Deferred} {
			n, err := s.Exec(ctx, store.From[sealed](""), "UPDATE crm_mail SET state = 'sending', attempts = attempts + 1, lease_owner = ?, due_at = ?,"+
				" version = version + 1, updated_at = ? WHERE {scope} AND id IN (SELECT m.id FROM crm_mail AS m WHERE m.company = ? AND m.state = ? AND m.due_at <= ?"+
				" ORDER BY m.due_at, m.id"+s.Limit(1)+") AND state = ? AND due_at <= ?",
				token, s.Now.Add(m.lease()), s.Now, s.Actor.Company, string(state), s.Now, string(state), s.Now)
			if err != nil {
				return err
			}
			if n > 0 {
				return s.Select(&claimed).Where("mail.state = ?", Sending).Where("mail.lease_owner = ?", token).Scan(ctx)
			}
		}
		return nil
	})
	if err != nil || len(claimed) == 0 {
		return nil, err
	}
	row := Mail(claimed[0])
	return &row, nil
}

// abandoned notes that nobody knows what became of the mails whose process died while it was sending them.
func (m *Mails) abandoned(ctx context.Context) (int, error) {
	n := 0
	err := m.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		n = 0
		var ids []ID
		err := s.Query(ctx, &ids, store.From[sealed]("m"), "SELECT m.id FROM crm_mail AS m WHERE {scope} AND m.state = ? AND m.due_at <= ? ORDER BY m.due_at, m.id"+s.Limit(100),
			string(Sending), s.Now)
		if err != nil {
			return err
		}
		for _, id := range ids {
			var row sealed
			if err := s.Lock(ctx, &row, id); err != nil {
				return err
			}
			if row.State != Sending || row.DueAt.After(s.Now) {
				continue // its process lives, or another one was faster
			}
			next := row
			next.State, next.DueAt, next.ReasonCode = NoAnswer, time.Time{}, "died"
			next.Reason = "the program ended while the mail was being sent; ask the reader, or look into the mail server's log, before it is sent again"
			if err := s.Save(ctx, &row, &next); err != nil {
				return err
			}
			if err := emit(ctx, s, EventUnknown, Mail(next)); err != nil {
				return err
			}
			n++
		}
		return nil
	})
	return n, err
}

// deliver makes one attempt and writes down what became of it.
func (m *Mails) deliver(ctx context.Context, row Mail) error {
	msg, err := m.complete(ctx, row)
	switch {
	case err != nil && ctx.Err() != nil, err == nil && ctx.Err() != nil: // the process is to stop, and nothing was sent
		row.Attempts--
		return m.settle(ctx, row, result{state: Queued, due: m.db.Now()})
	case errors.Is(err, fault.NotFound):
		return m.settle(ctx, row, result{state: Failed, code: "file", reason: "a file that goes with the mail is missing; restore it from a backup"})
	case err != nil:
		return m.settle(ctx, row, m.later(row, &Failure{Outcome: Temporary, Reason: "CRM+ could not read the mail", Cause: err}))
	}
	asked, cancel := m.patiently(ctx)
	defer cancel()
	err = guarded(func() error { return m.config.Mailer.Send(asked, msg) })
	return m.settle(ctx, row, m.judge(row, err))
}

// complete reads the message with its files.
func (m *Mails) complete(ctx context.Context, row Mail) (Message, error) {
	msg, err := row.Message()
	if err != nil || len(msg.Attachments) == 0 {
		return msg, err
	}
	err = m.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		for i := range msg.Attachments {
			a := &msg.Attachments[i]
			content, err := s.Blob(ctx, a.Hash)
			if err != nil {
				return err
			}
			a.Content = content
		}
		return nil
	})
	return msg, err
}

// patiently bounds one attempt. It outlives the end of the context by a grace.
func (m *Mails) patiently(ctx context.Context) (context.Context, context.CancelFunc) {
	asked, cancel := context.WithTimeout(context.WithoutCancel(ctx), m.config.Patience)
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(m.grace(), cancel) })
	return asked, func() { stop(); cancel() }
}

// guarded turns a panic of a foreign Mailer into an error that says nothing is known.
func guarded(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &Failure{Outcome: Unknown, Reason: "the mail program broke off", Cause: fmt.Errorf("panic: %v", p)}
		}
	}()
	return f()
}

// result is what becomes of a mail after an attempt.
type result struct {
	state        State
	due          time.Time
	code, reason string
	cause        error
}

func (m *Mails) judge(row Mail, err error) result {
	if err == nil {
		m.rest.Store(0)
		return result{state: Sent}
	}
	f := failureOf(err)
	switch f.Outcome {
	case Temporary:
		if f.Down {
			m.rest.Store(m.db.Now().Add(min(resting, m.config.Pause)).UnixMilli())
		}
		return m.later(row, f)
	case Permanent:
		return result{state: Failed, code: string(Permanent), reason: f.Reason, cause: err}
	}
	return result{state: NoAnswer, code: "no_answer", reason: f.Reason, cause: err}
}

// later puts a mail off, or gives it up.
func (m *Mails) later(row Mail, f *Failure) result {
	d := min(m.config.Pause<<min(max(row.Attempts-1, 0), 12), longestPause)
	d = d/2 + rand.N(d/2+1) // mails that failed together do not come back together
	out := result{state: Deferred, due: m.db.Now().Add(d), code: string(Temporary), reason: f.Reason, cause: f}
	if out.due.After(row.GiveUpAt) {
		out.state, out.due, out.code = Failed, time.Time{}, "gave_up"
		out.reason = fmt.Sprintf("tried %d times, at last: %s", row.Attempts, f.Reason)
	}
	return out
}

// settle commits what became of a mail, if it is still ours. What is known about it counts also where
// the lease ran out meanwhile and somebody noted that nothing was known.
func (m *Mails) settle(ctx context.Context, row Mail, r result) error {
	if r.cause != nil {
		m.config.Log.Warn("a mail was not sent", "mail", row.ID.String(), "company", row.Company, "attempt", row.Attempts, "state", string(r.state), "reason", r.reason)
	}
	return m.db.Write(context.WithoutCancel(ctx), func(ctx context.Context, s *store.Session) error {
		sent := time.Time{}
		if r.state == Sent {
			sent = s.Now
		}
		n, err := s.Exec(ctx, store.From[sealed](""), "UPDATE crm_mail SET state = ?, attempts = ?, due_at = ?, reason_code = ?, reason = ?, sent_at = ?,"+
			" version = version + 1, updated_at = ? WHERE {scope} AND id = ? AND lease_owner = ? AND state IN ('sending', 'unknown')",
			string(r.state), row.Attempts, r.due, r.code, cut(r.reason, 1000), sent, s.Now, row.ID, row.LeaseOwner)
		if err != nil || n == 0 {
			return err
		}
		kind := map[State]string{Sent: EventSent, Failed: EventFailed, NoAnswer: EventUnknown}[r.state]
		if kind == "" {
			return nil
		}
		var now sealed
		if err := s.Get(ctx, &now, row.ID); err != nil {
			return err
		}
		return emit(ctx, s, kind, Mail(now))
	})
}
