package convert

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
)

// Send makes the calls to a host that is elsewhere which are due for the actor's company, at most limit
// of them, or all where it is 0, and reports how many it dealt with; what the host answered stands in
// each call. It is background work: only the system may, and never inside a transaction. Several
// processes may do it at once.
//
// Where the host said when to come back (an error with RetryAt() time.Time in its chain), neither the
// call is made again before that time nor does this process make another one for the company, so that
// calls which wait do not use up their attempts. More than an hour is not waited.
//
// When the context ends, calls that are under way get [grace] to come to an answer, so that a restart
// leaves no doubt behind.
func (c *Conversions) Send(ctx context.Context, limit int) (int, error) {
	a, err := actor.From(ctx)
	if err != nil {
		return 0, err
	}
	if a.Kind != actor.KindSystem {
		return 0, fault.New(fault.Forbidden, "only the background sends calls to the host; use Retry to have one sent now")
	}
	if c.db.Bound() {
		return 0, fault.New(fault.Invalid, "calls to the host are sent outside of transactions")
	}
	var taken, done atomic.Int64
	var wg sync.WaitGroup
	errs := make([]error, c.config.Outbox.senders())
	for i := range errs {
		wg.Go(func() {
			for ctx.Err() == nil && !c.rests.resting(a.Company, c.db.Now()) && (limit <= 0 || taken.Add(1) <= int64(limit)) {
				call, err := c.claim(ctx)
				if err == nil && call != nil {
					err = c.deliver(ctx, *call)
				}
				if errs[i] = err; err != nil || call == nil {
					return
				}
				done.Add(1)
			}
		})
	}
	wg.Wait()
	return int(done.Load()), errors.Join(errs...)
}

// Forget removes calls that came to their end before an instant, of the actor's company, a thousand at
// a time, and reports how many. What they did stands in their conversions. Only the system may.
func (c *Conversions) Forget(ctx context.Context, before time.Time) (int, error) {
	var n int64
	err := c.db.Write(ctx, func(ctx context.Context, s *store.Session) (err error) {
		if s.Actor.Kind != actor.KindSystem {
			return fault.New(fault.Forbidden, "only the background tidies the calls to the host")
		}
		n, err = s.Exec(ctx, store.From[Call](""), "DELETE FROM crm_host_call WHERE {scope} AND id IN (SELECT c.id FROM crm_host_call AS c"+
			" WHERE c.company = ? AND c.created_at < ? AND c.state IN ('done', 'abandoned') AND c.finished_at < ? ORDER BY c.created_at, c.id"+s.Limit(1000)+")",
			s.Actor.Company, before, before)
		return err
	})
	return int(n), err
}

// grace is how long calls under way may go on when the process is to stop.
const grace = 10 * time.Second

// claimable are the states in which a call has a due time, those first that were begun.
var claimable = []CallState{CallSending, CallUnknown, CallPending}

// inLane lets a call be begun when no earlier one of its lane is on its way, and none at all is being
// made. What a process left behind was begun, and is always taken over.
const inLane = " AND NOT EXISTS (SELECT 1 FROM crm_host_call AS o WHERE o.company = c.company AND o.lane_id = c.lane_id" +
	" AND o.state IN ('pending', 'sending', 'unknown') AND o.due_at IS NOT NULL AND o.id <> c.id AND (o.id < c.id OR o.state = 'sending'))"

// claim takes the call that is due longest and comes first in its lane, or gives nil. The outer
// condition re-checks the state: on SQL Server two processes may read the same key, and the second one
// waits for the row and then finds it taken.
func (c *Conversions) claim(ctx context.Context) (*Call, error) {
	var claimed []Call
	err := c.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		claimed = nil
		token := uuid.UUID(s.NewID()).String()
		for _, state := range claimable {
			lane := inLane
			if state == CallSending {
				lane = ""
			}
			n, err := s.Exec(ctx, store.From[Call](""), "UPDATE crm_host_call SET state = 'sending', attempts = attempts + 1, lease_owner = ?, due_at = ?,"+
				" version = version + 1, updated_at = ? WHERE {scope} AND id IN (SELECT c.id FROM crm_host_call AS c WHERE c.company = ? AND c.state = ? AND c.due_at <= ?"+
				lane+" ORDER BY c.due_at, c.id"+s.Limit(1)+") AND state = ? AND due_at <= ?",
				token, s.Now.Add(c.lease()), s.Now, s.Actor.Company, state, s.Now, state, s.Now)
			if err != nil {
				return err
			}
			if n > 0 {
				return s.Select(&claimed).Where("host_call.state = ?", CallSending).Where("host_call.lease_owner = ?", token).Scan(ctx)
			}
		}
		return nil
	})
	if err != nil || len(claimed) == 0 {
		return nil, err
	}
	return &claimed[0], nil
}

// lease is how long a call belongs to one process: when it has run out, the last thing that the process
// can have sent has settled.
func (c *Conversions) lease() time.Duration {
	return c.config.Outbox.patience() + c.config.Outbox.settle()
}
