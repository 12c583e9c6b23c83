package sequence

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter/segment"
	"github.com/crmplus/crmplus/newsletter/subscription"
)

// Work makes one turn for the sequences of the actor's company: it takes out who has to leave, takes in whom segments
// bring, and takes the steps that are due. It reports how many readers it dealt with; where that is 0, nothing is to
// be done now. It is background work: only the system may, and never inside a transaction. Several processes may do
// it at once.
func (q *Sequences) Work(ctx context.Context) (int, error) {
	a, err := actor.From(ctx)
	if err != nil {
		return 0, err
	}
	if a.Kind != actor.KindSystem {
		return 0, fault.New(fault.Forbidden, "only the background takes the steps of sequences; use Resume to have one go on")
	}
	if q.db.Bound() {
		return 0, fault.New(fault.Invalid, "the steps of sequences are taken outside of transactions")
	}
	var rows []Sequence
	err = q.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		rows = nil
		return s.Select(&rows).Where("sequence.state = ?", Running).OrderExpr("sequence.created_at, sequence.id").Scan(ctx)
	})
	total := 0
	until := time.Now().Add(q.config.Turn)
	for _, row := range rows {
		for _, part := range []func(context.Context, Sequence, time.Time) (int, error){q.sweep, q.advance} {
			n, failed := part(ctx, row, until)
			total += n
			if failed != nil && ctx.Err() == nil {
				err = errors.Join(err, fmt.Errorf("sequence %s: %w", row.ID, failed))
			}
		}
	}
	return total, err
}

// sweep looks at all readers of a sequence, if it is time, and takes in new ones. The times are set before the work:
// one process at a time does it, and what one that died left undone is done the next time.
func (q *Sequences) sweep(ctx context.Context, row Sequence, until time.Time) (total int, err error) {
	var out, in bool
	err = q.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		claim := func(column string, every time.Duration) (bool, error) {
			n, err := s.Exec(ctx, store.From[sweep](""), "UPDATE crm_sequence_sweep SET "+column+" = ? WHERE {scope} AND sequence_id = ? AND "+column+" <= ?", s.Now.Add(every), row.ID, s.Now)
			return n > 0, err
		}
		if out, err = claim("due_at", q.config.Sweep); err != nil {
			return err
		}
		in, err = claim("enter_at", q.config.Enter)
		return err
	})
	if err != nil {
		return 0, err
	}
	if out {
		if total, err = q.takeOut(ctx, row, until); err != nil {
			return total, err
		}
	}
	if !in {
		return total, nil
	}
	n, err := q.takeIn(ctx, row, until)
	return total + n, err
}

// mostTakenOut is how many readers one transaction takes out.
const mostTakenOut = 200

func (q *Sequences) takeOut(ctx context.Context, row Sequence, until time.Time) (total int, err error) {
	var exits map[int]Exit
	err = q.db.Read(ctx, func(ctx context.Context, s *store.Session) (err error) {
		exits, err = row.exits(ctx, s)
		return err
	})
	if err != nil {
		return 0, err
	}
	// A reader leaves by the rules of the version that he is on; what all versions have in common is asked of all.
	common := exits[row.Live]
	for _, e := range exits {
		common.Replied, common.Converted, common.Customer = common.Replied && e.Replied, common.Converted && e.Converted, common.Customer && e.Customer
	}
	for ctx.Err() == nil && time.Now().Before(until) {
		n := 0
		err = q.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
			n = 0
			list, err := q.leavers(ctx, s, row, common, party.ID{}, mostTakenOut)
			for _, g := range list {
				if err == nil {
					_, err = leave(ctx, s, row.ID, g.PartyID, Left, g.Reason, "")
				}
				n++
			}
			return err
		})
		if total += n; err != nil || n < mostTakenOut {
			break
		}
	}
	for number, e := range exits {
		if err == nil && e.Goal != "" {
			var n int
			n, err = q.reached(ctx, row, number, e.Goal, until)
			total += n
		}
	}
	return total, err
}

// exits are the rules of the versions that have readers.
func (row Sequence) exits(ctx context.Context, s *store.Session) (map[int]Exit, error) {
	var numbers []int
	err := s.Query(ctx, &numbers, store.From[Version]("v"), "SELECT v.number FROM crm_sequence_version AS v WHERE {scope} AND v.sequence_id = ?"+
		" AND (v.number = ? OR EXISTS (SELECT 1 FROM crm_sequence_reader AS r WHERE r.sequence_id = v.sequence_id AND r.state IN ('active', 'paused') AND r.number = v.number))", row.ID, row.Live)
	out := make(map[int]Exit, len(numbers))
	for _, n := range numbers {
		if err != nil {
			return nil, err
		}
		var p Plan
		p, err = row.versionPlan(ctx, s, n)
		out[n] = p.Exit
	}
	return out, err
}

// reached takes out the readers of a version who have reached its goal.
func (q *Sequences) reached(ctx context.Context, row Sequence, number int, goal string, until time.Time) (total int, err error) {
	after := []byte{0}
	for ctx.Err() == nil && time.Now().Before(until) {
		var readers []Reader
		err = q.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
			readers = nil
			return s.Query(ctx, &readers, store.From[sealed]("r"), "SELECT r.sequence_id, r.party_id FROM crm_sequence_reader AS r WHERE {scope} AND r.sequence_id = ? AND r.party_id > ?"+
				" AND r.number = ? AND r.state IN ('active', 'paused') ORDER BY r.party_id"+s.Limit(mostTakenOut), row.ID, after, number)
		})
		if err != nil || len(readers) == 0 {
			return total, err
		}
		n := 0
		err = q.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
			n = 0
			found, err := q.pick(ctx, s, goal, readers)
			for _, r := range found {
				if err == nil {
					_, err = leave(ctx, s, row.ID, r.PartyID, Left, Goal, "")
				}
				n++
			}
			return err
		})
		if total += n; err != nil || len(readers) < mostTakenOut {
			return total, err
		}
		after = readers[len(readers)-1].PartyID.Bytes()
	}
	return total, nil
}

func (q *Sequences) takeIn(ctx context.Context, row Sequence, until time.Time) (total int, err error) {
	var p Plan
	err = q.db.Read(ctx, func(ctx context.Context, s *store.Session) (err error) {
		p, err = row.versionPlan(ctx, s, row.Live)
		return err
	})
	if err != nil || p.Entry.Segment.IsZero() {
		return 0, err
	}
	audience, err := q.audience(ctx, row, p)
	if err != nil {
		return 0, err
	}
	for ctx.Err() == nil && time.Now().Before(until) {
		n := 0
		err := q.db.Write(ctx, func(ctx context.Context, s *store.Session) (err error) {
			n, err = q.bring(ctx, s, row, p, audience)
			return err
		})
		if total += n; err != nil || n < mostBrought {
			return total, err
		}
	}
	return total, nil
}

func (q *Sequences) audience(ctx context.Context, row Sequence, p Plan) (segment.Selector, error) {
	by := segment.ByEmail
	err := q.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		var topic subscription.Topic
		err := s.Get(ctx, &topic, row.TopicID)
		if topic.Channel == subscription.SMS {
			by = segment.ByMobile
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	among, err := q.config.Segments.Audience(ctx, p.Entry.Segment, by)
	if err != nil {
		return nil, err
	}
	return among.Of(subscription.Audience{Topics: []subscription.TopicID{row.TopicID}}), nil
}

// advance claims readers who are due and takes them on, until none is, or the turn is over.
func (q *Sequences) advance(ctx context.Context, row Sequence, until time.Time) (total int, err error) {
	plans := map[int]Plan{}
	var failed error
	for ctx.Err() == nil && time.Now().Before(until) {
		token, list, err := q.claim(ctx, row.ID)
		if err != nil || len(list) == 0 {
			return total, errors.Join(failed, err)
		}
		for _, who := range list {
			if ctx.Err() != nil { // the lease gives them back
				return total, failed
			}
			err := q.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
				return q.take(ctx, s, claimed{row: row, token: token, who: who, plans: plans})
			})
			if err != nil { // the others do not wait for him; he is tried again when the lease has run out
				failed = errors.Join(failed, fmt.Errorf("reader %s: %w", who, err))
				continue
			}
			total++
		}
	}
	return total, failed
}

// claim takes some readers who are due. The outer condition asks again: on SQL Server two processes may read the same
// keys, and the second one waits for the row and then finds it taken.
func (q *Sequences) claim(ctx context.Context, id ID) (token string, list []party.ID, err error) {
	err = q.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		list = nil
		token = uuid.UUID(s.NewID()).String()
		n, err := s.Exec(ctx, store.From[sealed](""), "UPDATE crm_sequence_reader SET lease_owner = ?, due_at = ? WHERE {scope} AND sequence_id = ? AND state = 'active' AND due_at <= ?"+
			" AND EXISTS (SELECT 1 FROM crm_sequence AS q WHERE q.id = ? AND q.state = 'running') AND party_id IN (SELECT r.party_id FROM crm_sequence_reader AS r WHERE r.sequence_id = ? AND r.state = 'active' AND r.due_at <= ? ORDER BY r.due_at, r.party_id"+s.Limit(q.config.Claim)+")",
			token, s.Now.Add(q.config.Lease), id, s.Now, id, id, s.Now)
		if err != nil || n == 0 {
			return err
		}
		return s.Query(ctx, &list, store.From[sealed]("r"), "SELECT r.party_id FROM crm_sequence_reader AS r WHERE {scope} AND r.sequence_id = ? AND r.state = 'active' AND r.lease_owner = ? ORDER BY r.party_id",
			id, token)
	})
	return token, list, err
}
