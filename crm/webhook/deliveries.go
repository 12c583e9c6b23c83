package webhook

import (
	"context"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
)

// Filter chooses deliveries of one webhook.
type Filter struct {
	Webhook ID
	// State is one state, "" for all.
	State DeliveryState
	Page  store.Page
}

// List is a page of deliveries, the newest first.
type List struct {
	Rows []Delivery
	// Next is the cursor of the next page, "" on the last one.
	Next string
}

// Deliveries lists the deliveries of a webhook.
func (w *Webhooks) Deliveries(ctx context.Context, f Filter) (List, error) {
	return store.Read(ctx, w.db, actor.Settings, func(ctx context.Context, s *store.Session) (List, error) {
		var out List
		q := s.Select(&out.Rows).Where("webhook_delivery.webhook_id = ?", f.Webhook)
		if f.State != "" {
			q = q.Where("webhook_delivery.state = ?", f.State)
		}
		err := s.Paged(q, store.Order{Column: "webhook_delivery.created_at", ID: "webhook_delivery.id", Desc: true}, f.Page).Scan(ctx)
		if n := len(out.Rows); err == nil && n == f.Page.Size() {
			last := out.Rows[n-1]
			out.Next = store.Cursor(last.CreatedAt, last.ID)
		}
		return out, err
	})
}

// Redeliver sends a delivery again, with the same webhook-id and all its tries. What is on its way already
// is sent at once instead of later.
func (w *Webhooks) Redeliver(ctx context.Context, id DeliveryID) error {
	_, err := store.Write(ctx, w.db, actor.Settings, func(ctx context.Context, s *store.Session) (none struct{}, err error) {
		n, err := s.Exec(ctx, store.From[Delivery](""), "UPDATE crm_webhook_delivery SET state = 'pending', attempts = 0, due_at = ?"+
			" WHERE {scope} AND id = ? AND state <> 'sending'", s.Now, id)
		if err != nil {
			return none, err
		}
		if n == 0 {
			var row Delivery
			if err := s.Get(ctx, &row, id); err != nil {
				return none, err
			}
			return none, fault.New(fault.Conflict, "the delivery is being sent at this moment; look again in a minute")
		}
		s.Wake()
		return none, s.Audit(ctx, store.Entry{Action: "redeliver", Kind: "webhook delivery", Record: id.Bytes()})
	})
	return err
}

// Recover sends again what failed for good since an instant, and reports how much that is: for a receiver
// that is back after its webhook was disabled.
func (w *Webhooks) Recover(ctx context.Context, id ID, since time.Time) (int, error) {
	return store.Write(ctx, w.db, actor.Settings, func(ctx context.Context, s *store.Session) (int, error) {
		var hook Webhook
		if err := s.Lock(ctx, &hook, id); err != nil {
			return 0, err
		}
		n, err := s.Exec(ctx, store.From[Delivery](""), "UPDATE crm_webhook_delivery SET state = 'pending', attempts = 0, due_at = ?"+
			" WHERE {scope} AND webhook_id = ? AND created_at >= ? AND state = 'failed'", s.Now, id, since)
		s.Wake()
		return int(n), err
	})
}

// Ping sends a test to a webhook at once, whatever its state, and gives what came of it. Its type is
// webhook.ping; it is not listed and not repeated. It must not be called inside a transaction.
func (w *Webhooks) Ping(ctx context.Context, id ID) (Attempt, error) {
	if w.db.Bound() {
		return Attempt{}, fault.New(fault.Invalid, "a test is sent outside of transactions")
	}
	l, err := store.Read(ctx, w.db, actor.Settings, func(ctx context.Context, s *store.Session) (l letter, err error) {
		var hook Webhook
		if err := s.Get(ctx, &hook, id); err != nil {
			return l, err
		}
		secrets, err := secretsOf(ctx, s, id)
		if err != nil {
			return l, err
		}
		ping := store.NewKey[DeliveryTag](s)
		body, err := w.body(event.Event{ID: event.ID(ping), Company: hook.Company, Kind: EventPing, RecordID: id.Bytes(), RecordVersion: hook.Version, At: s.Now, Payload: "{}"})
		return letter{url: hook.URL, secrets: secrets, message: Message{ID: ping.String(), At: s.Now, Body: body}}, err
	})
	if err != nil {
		return Attempt{}, err
	}
	return w.post(ctx, l), nil
}

// Tidy removes deliveries that are older than [Config.Keep], and secrets that do not sign any more, of all
// companies. It is background work.
func (w *Webhooks) Tidy(ctx context.Context) error {
	companies, err := w.db.Companies(ctx, "crm_webhook")
	if err != nil {
		return err
	}
	keep := w.config.Keep
	if keep == 0 {
		keep = 30 * 24 * time.Hour
	}
	for _, company := range companies {
		as := actor.With(ctx, actor.System(company, "webhook"))
		for more := true; more; {
			err := w.db.Write(as, func(ctx context.Context, s *store.Session) error {
				n, err := s.Exec(ctx, store.From[Delivery](""), "DELETE FROM crm_webhook_delivery WHERE {scope} AND id IN (SELECT d.id FROM crm_webhook_delivery AS d"+
					" WHERE d.company = ? AND d.created_at < ? ORDER BY d.created_at, d.id"+s.Limit(tidied)+")", s.Actor.Company, s.Now.Add(-keep))
				if more = n == tidied; err != nil || more {
					return err
				}
				_, err = s.Exec(ctx, store.From[secret](""), "DELETE FROM crm_webhook_secret WHERE {scope} AND valid_until < ?", s.Now)
				return err
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// tidied is how many rows one transaction of Tidy removes.
const tidied = 1000
