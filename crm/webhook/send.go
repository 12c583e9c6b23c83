package webhook

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
)

const (
	// batch is how many deliveries of one webhook, each of another record, are sent at once.
	batch = 8
	// lease is how long they belong to one process.
	lease = 2 * time.Minute
	// turn is how long one call of Send works for one webhook before it looks at all of them again.
	turn = 10 * time.Second
	// mostReason is how long a reason is at most.
	mostReason = 1000
)

// pauses are the times between the tries of a delivery, 77 hours in all; up to a fifth is added at random, so
// that receivers that come back are not met by everything at once.
var pauses = []time.Duration{
	10 * time.Second, time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour,
	longestPause, longestPause, longestPause, longestPause, longestPause,
}

const longestPause = 12 * time.Hour

// MaxAttempts is how often a delivery is tried before it is given up.
var MaxAttempts = len(pauses) + 1

// pause is how long a delivery waits after its nth try.
func pause(n int, asked time.Duration) time.Duration {
	p := max(pauses[min(max(n, 1), len(pauses))-1], asked)
	return p + rand.N(p/5)
}

// Send makes one round of deliveries that are due, of all companies, and reports how many it sent; where it
// is 0, nothing is due. It is background work, outside of any transaction; several processes may do it at
// once. When the context ends, what is under way comes to its end.
func (w *Webhooks) Send(ctx context.Context) (int, error) {
	if w.db.Bound() {
		return 0, fault.New(fault.Invalid, "deliveries are sent outside of transactions")
	}
	companies, err := w.db.Companies(ctx, "crm_webhook")
	if err != nil {
		return 0, err
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	var sent atomic.Int64
	var failed error
	places := make(chan struct{}, w.config.senders())
	for _, company := range companies {
		as := actor.With(ctx, actor.System(company, "webhook"))
		due, err := w.due(as)
		if err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		for _, id := range due {
			wg.Go(func() {
				places <- struct{}{}
				defer func() { <-places }()
				n, err := w.serve(as, id)
				sent.Add(int64(n))
				if err != nil {
					mu.Lock()
					defer mu.Unlock()
					failed = errors.Join(failed, fmt.Errorf("webhook %s: %w", id, err))
				}
			})
		}
	}
	wg.Wait()
	return int(sent.Load()), failed
}

// due are the active webhooks of a company that something waits for.
func (w *Webhooks) due(ctx context.Context) (list []ID, err error) {
	err = w.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		var rows []Webhook
		err := s.Select(&rows).Column("id").Where("webhook.state = ?", Active).
			Where("EXISTS (SELECT 1 FROM crm_webhook_delivery AS d WHERE d.webhook_id = webhook.id AND d.due_at <= ?)", s.Now).
			OrderExpr("webhook.id").Scan(ctx)
		for _, r := range rows {
			if !w.rests.resting(r.ID, s.Now) {
				list = append(list, r.ID)
			}
		}
		return err
	})
	return list, err
}

// serve delivers to one webhook until nothing is due for it, it rests, or its turn is over.
func (w *Webhooks) serve(ctx context.Context, id ID) (total int, err error) {
	for end := time.Now().Add(turn); ctx.Err() == nil && time.Now().Before(end) && !w.rests.resting(id, w.db.Now()); {
		round, err := w.claim(ctx, id)
		if err != nil || len(round) == 0 {
			return total, err
		}
		// Whoever is told to stop lets the receivers answer, so that a restart leaves nothing sent and not noted.
		ctx := context.WithoutCancel(ctx)
		var wg sync.WaitGroup
		for i := range round {
			wg.Go(func() { round[i].attempt = w.try(ctx, round[i]) })
		}
		wg.Wait()
		if err := w.settle(ctx, round); err != nil {
			return total, err
		}
		total += len(round)
	}
	return total, nil
}

// parcel is a delivery that this process holds.
type parcel struct {
	Delivery
	letter
	// unfit says why it cannot be sent at all.
	unfit   string
	attempt Attempt
	// lost says that another process took it over meanwhile, whose word counts.
	lost bool
}

// inOrder lets a delivery be sent when no earlier one of its record is on its way.
const inOrder = " AND NOT EXISTS (SELECT 1 FROM crm_webhook_delivery AS o WHERE o.webhook_id = d.webhook_id AND o.record_id = d.record_id" +
	" AND o.state IN ('pending', 'sending') AND (o.record_version < d.record_version OR (o.record_version = d.record_version AND o.id < d.id)))"

// claim takes deliveries of a webhook that are due, each the first of its record, with what is to be sent.
// The outer condition re-checks the time: on SQL Server two processes may read the same keys, and the second
// one waits for the row and then finds it taken.
func (w *Webhooks) claim(ctx context.Context, id ID) (round []parcel, err error) {
	err = w.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		round = nil
		var hooks []Webhook
		if err := s.Select(&hooks).Where("webhook.id = ?", id).Where("webhook.state = ?", Active).Scan(ctx); err != nil || len(hooks) == 0 {
			return err
		}
		token := uuid.UUID(s.NewID()).String()
		n, err := s.Exec(ctx, store.From[Delivery](""), "UPDATE crm_webhook_delivery SET state = 'sending', attempts = attempts + 1, lease_owner = ?, due_at = ?"+
			" WHERE {scope} AND id IN (SELECT d.id FROM crm_webhook_delivery AS d WHERE d.webhook_id = ? AND d.due_at <= ?"+inOrder+
			" ORDER BY d.due_at, d.id"+s.Limit(batch)+") AND due_at <= ?", token, s.Now.Add(lease), id, s.Now, s.Now)
		if err != nil || n == 0 {
			return err
		}
		var rows []Delivery
		err = s.Select(&rows).Where("webhook_delivery.webhook_id = ?", id).Where("webhook_delivery.due_at = ?", s.Now.Add(lease)).
			Where("webhook_delivery.lease_owner = ?", token).OrderExpr("webhook_delivery.id").Scan(ctx)
		if err != nil {
			return err
		}
		round, err = w.pack(ctx, s, hooks[0], rows)
		return err
	})
	return round, err
}

// pack reads what is to be sent.
func (w *Webhooks) pack(ctx context.Context, s *store.Session, hook Webhook, rows []Delivery) ([]parcel, error) {
	secrets, err := secretsOf(ctx, s, hook.ID)
	if err != nil {
		return nil, err
	}
	ids := make([]event.ID, len(rows))
	for i, r := range rows {
		ids[i] = r.EventID
	}
	var events []event.Event
	if err := s.Select(&events).Where("event.id IN (?)", bun.List(ids)).Scan(ctx); err != nil {
		return nil, err
	}
	round := make([]parcel, len(rows))
	for i, r := range rows {
		round[i] = parcel{Delivery: r, unfit: "the event is not kept any more"}
		for _, e := range events {
			if e.ID != r.EventID {
				continue
			}
			round[i].unfit = ""
			body, err := w.body(e)
			if err != nil {
				round[i].unfit = "the event is damaged"
			}
			round[i].letter = letter{url: hook.URL, secrets: secrets, message: Message{ID: r.ID.String(), At: s.Now, Body: body}}
		}
	}
	return round, nil
}

func (w *Webhooks) try(ctx context.Context, p parcel) Attempt {
	if p.unfit != "" {
		return Attempt{Reason: p.unfit}
	}
	return w.post(ctx, p.letter)
}

// settle notes what came of a round, and disables the webhook where nothing more is to be hoped for.
func (w *Webhooks) settle(ctx context.Context, round []parcel) error {
	id := round[0].WebhookID
	err := w.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		through := false
		for i := range round {
			p := &round[i]
			through = through || p.attempt.OK
			if err := p.note(ctx, s); err != nil {
				return err
			}
		}
		if through {
			_, err := s.Exec(ctx, store.From[Webhook](""), "UPDATE crm_webhook SET delivered_at = ? WHERE {scope} AND id = ?", s.Now, id)
			if err != nil {
				return err
			}
		}
		for _, p := range round {
			if p.lost || p.state() != Failed {
				continue
			}
			if err := w.giveUp(ctx, s, p); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, p := range round {
		if p.unfit != "" {
			continue
		}
		w.rests.note(id, p.attempt.OK, w.db.Now())
		if !p.attempt.OK {
			w.config.log().Warn("a webhook was not delivered", "webhook", id.String(), "delivery", p.ID.String(), "company", p.Company,
				"attempt", p.Attempts, "status", p.attempt.StatusCode, "state", string(p.state()))
		}
	}
	return nil
}

// state is what the delivery becomes.
func (p parcel) state() DeliveryState {
	switch {
	case p.attempt.OK:
		return Delivered
	case p.unfit != "" || p.attempt.StatusCode == gone || p.Attempts >= MaxAttempts:
		return Failed
	}
	return Pending
}

// gone is the status that says that the receiver wants nothing more (410).
const gone = 410

// note writes what came of a try.
func (p *parcel) note(ctx context.Context, s *store.Session) error {
	var due time.Time
	if p.state() == Pending {
		due = s.Now.Add(pause(p.Attempts, p.attempt.retryAfter))
	}
	n, err := s.Exec(ctx, store.From[Delivery](""), "UPDATE crm_webhook_delivery SET state = ?, due_at = ?, sent_at = ?, status_code = ?, took_ms = ?, reason = ?"+
		" WHERE {scope} AND id = ? AND lease_owner = ? AND state = 'sending'",
		p.state(), due, s.Now, p.attempt.StatusCode, p.attempt.Took.Milliseconds(), cut(p.attempt.Reason, mostReason), p.ID, p.LeaseOwner)
	p.lost = n == 0
	return err
}

// giveUp tells the webhook's owner that a delivery failed for good, and disables the webhook where the
// receiver is gone or took nothing else since that delivery was written.
func (w *Webhooks) giveUp(ctx context.Context, s *store.Session, p parcel) error {
	var hook Webhook
	err := s.Lock(ctx, &hook, p.WebhookID)
	if errors.Is(err, fault.NotFound) || err == nil && hook.State == Disabled {
		return nil
	}
	if err != nil {
		return err
	}
	n := Notice{Webhook: hook.ID, Name: hook.Name, Owner: hook.OwnerUser, Delivery: p.ID, ReasonCode: "exhausted", Reason: p.attempt.Reason}
	switch {
	case p.attempt.StatusCode == gone:
		n.ReasonCode = "gone"
	case p.unfit != "":
		n.ReasonCode = "unfit"
	}
	if n.ReasonCode == "unfit" || n.ReasonCode == "exhausted" && hook.DeliveredAt.After(p.CreatedAt) {
		return event.Emit(ctx, s, event.Fact{Kind: EventFailed, Record: p.ID.Bytes(), Version: s.Now.UnixMilli(), Payload: n})
	}
	next := hook
	next.State, next.ReasonCode, next.Reason = Disabled, n.ReasonCode, cut(n.Reason, mostReason)
	if err := s.Save(ctx, &hook, &next); err != nil {
		return err
	}
	return event.Emit(ctx, s, event.Fact{Kind: EventDisabled, Record: hook.ID.Bytes(), Version: next.Version, Payload: n})
}
