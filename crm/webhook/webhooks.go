package webhook

import (
	"cmp"
	"context"
	"crypto/tls"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
)

// Config says how webhooks are delivered; the zero Config works.
type Config struct {
	// Plain lets webhooks have addresses without TLS.
	Plain bool
	// Allow are networks of the host's own that may be called beside the public internet.
	Allow []netip.Prefix
	// TLS is used for every call, for receivers whose certificates are the host's own; nil for the usual.
	TLS *tls.Config
	// Timeout bounds one delivery, from the dial to the answer's head; 10 seconds where it is 0.
	Timeout time.Duration
	// Senders is how many webhooks one process delivers to at once; 16 where it is 0.
	Senders int
	// Keep is how long deliveries stay in the list; 30 days where it is 0.
	Keep time.Duration
	// Kinds are the kinds of the host's own events.
	Kinds []Kind
	// Log gets warnings of the background; slog.Default where it is nil.
	Log *slog.Logger
}

func (c Config) timeout() time.Duration { return cmp.Or(c.Timeout, 10*time.Second) }
func (c Config) senders() int           { return cmp.Or(c.Senders, 16) }

func (c Config) log() *slog.Logger {
	if c.Log == nil {
		return slog.Default()
	}
	return c.Log
}

// Check names what is wrong with the values.
func (c Config) Check() []fault.Fault {
	var faults fault.List
	if c.Timeout < 0 || c.Timeout > lease/2 {
		faults.Add("timeout", "range", "is %s; give at most %s, or zero for the usual", c.Timeout, lease/2)
	}
	if c.Senders < 0 {
		faults.Add("senders", "negative", "is %d; give how many, or zero for the usual", c.Senders)
	}
	if c.Keep != 0 && c.Keep < 7*24*time.Hour {
		faults.Add("keep", "range", "is %s; deliveries are tried for days, so keep them for a week at least", c.Keep)
	}
	for _, k := range c.Kinds {
		noun, verb, ok := strings.Cut(k.Name, ".")
		if !ok || noun == "" || verb == "" || strings.ContainsAny(k.Name, "*, ") || len(k.Name) > 60 {
			faults.Add("kinds", "form", "%q is no kind of event; write noun.verb", k.Name)
		}
	}
	return faults
}

// Webhooks are a company's webhooks and what is delivered to them.
type Webhooks struct {
	db     *store.DB
	config Config
	client *http.Client
	rests  *rests
}

// New makes the webhooks of a database.
func New(db *store.DB, config Config) *Webhooks {
	return &Webhooks{db: db, config: config, client: newClient(config), rests: &rests{by: map[ID]rest{}}}
}

// On gives the same webhooks on another view of the database: the same connections, the same rests.
func (w *Webhooks) On(db *store.DB) *Webhooks {
	view := *w
	view.db = db
	return &view
}

// In gives a view that works inside an open session.
func (w *Webhooks) In(s *store.Session) *Webhooks { return w.On(s.Inside()) }

// Register adds the handler that writes deliveries.
func (w *Webhooks) Register(r *event.Registry) {
	r.On(event.Handler{Name: "webhook", Kinds: []string{"*"}, Wanted: w.wanted, Do: w.collect})
}

func (w *Webhooks) wanted(ctx context.Context, s *store.Session, e event.Event) (bool, error) {
	if isInternal(e.Kind) {
		return false, nil
	}
	list, err := wanting(ctx, s, e.Kind)
	return len(list) > 0, err
}

// wanting are the webhooks of the company that an event of a kind is collected for.
func wanting(ctx context.Context, s *store.Session, kind string) ([]Webhook, error) {
	var all, list []Webhook
	err := s.Select(&all).Where("webhook.state <> ?", Disabled).OrderExpr("webhook.id").Scan(ctx)
	for _, w := range all {
		if w.wants(kind) {
			list = append(list, w)
		}
	}
	return list, err
}

// collect writes a delivery for each webhook that wants the event, in the transaction that notes that it did.
func (w *Webhooks) collect(ctx context.Context, s *store.Session, e event.Event) error {
	list, err := wanting(ctx, s, e.Kind)
	if err != nil || len(list) == 0 {
		return err
	}
	rows := make([]Delivery, len(list))
	for i, hook := range list {
		rows[i] = Delivery{
			ID: store.NewKey[DeliveryTag](s), WebhookID: hook.ID, EventID: e.ID, Kind: e.Kind,
			RecordVersion: e.RecordVersion, CreatedAt: s.Now, State: Pending, DueAt: s.Now,
		}
		if err := rows[i].RecordID.Scan(e.RecordID); err != nil {
			return err
		}
	}
	s.Wake()
	return s.InsertQuiet(ctx, &rows)
}

// rests remembers which receivers did not answer several times in a row, so that a receiver that is down is
// not asked for each of the thousands of events that wait for it. It is of this process only.
type rests struct {
	mu sync.Mutex
	by map[ID]rest
}

type rest struct {
	failures int
	until    time.Time
}

// restAfter is how many failures in a row make a webhook rest: for a second, doubled each time up to restMost.
const (
	restAfter = 10
	restMost  = 5 * time.Minute
)

func (r *rests) resting(id ID, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return now.Before(r.by[id].until)
}

func (r *rests) note(id ID, ok bool, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if ok {
		delete(r.by, id)
		return
	}
	one := r.by[id]
	one.failures++
	if one.failures >= restAfter {
		one.until = now.Add(min(time.Second<<min(one.failures-restAfter, 20), restMost))
	}
	r.by[id] = one
}
