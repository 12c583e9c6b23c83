// Package live tells open screens what changed, within a second: "opportunity 0190… is now in version 7,
// changed by kovacs".
//
//	sub, err := module.Live.Subscribe(ctx, renderedAt)
//	defer sub.Close()
//	for {
//		batch, err := sub.Next(ctx)
//		...
//	}
//
// A [Hub] reads the events of the companies that somebody listens to: at once when a transaction of this
// process has committed ([Hub.Wake]), and every second for those of other processes, by one query for all
// listeners, and by none while nobody listens. Events are written with the instant their transaction began and
// are seen when it commits, so that a later one can be seen first: the hub looks back a minute and remembers
// what it has passed on.
//
// A change carries ids and no content: the screen reads the record again, with its reader's own eyes. It may
// come twice, and for a record that the reader must not see; neither tells him anything.
package live

import (
	"context"
	"encoding/json"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
)

// RecordTag is the noun of [RecordID].
type RecordTag struct{}

// RecordID is the id of whatever record changed; Change.Noun says what it is.
type RecordID = store.Key[RecordTag]

// Change says that something happened to a record.
type Change struct {
	// Noun is what changed: "lead", "opportunity", "quote", "activity", "notice".
	Noun string `json:"noun"`
	// Kind is the event: "opportunity.moved".
	Kind   string   `json:"kind"`
	Record RecordID `json:"record"`
	// Version is the record's, as the change left it.
	Version int64     `json:"version"`
	By      string    `json:"by"`
	At      time.Time `json:"at"`

	company string
	// user alone may know of it, where it is set.
	user string
}

// Batch is what happened since the last one.
type Batch struct {
	Changes []Change `json:"changes,omitempty"`
	// Reload is set where more happened than was kept: everything shown has to be read again.
	Reload bool `json:"reload,omitempty"`
}

// Config says how a hub works; the zero Config is a good one.
type Config struct {
	// Interval is the pause between two looks for what other processes did; 1 second where it is 0.
	Interval time.Duration
	// Buffer is how many changes wait for one listener before he is told to reload; 200 where it is 0.
	Buffer int
	// Most is how many listeners there may be; 10,000 where it is 0.
	Most int
	// Log gets warnings; slog.Default where it is nil.
	Log *slog.Logger
}

const (
	// lookBack is how long a transaction may take and still be passed on.
	lookBack = time.Minute
	// glance is how far most looks go back; every [deepEvery]th goes back all of lookBack.
	glance    = 5 * time.Second
	deepEvery = 10
	// breath is the shortest pause between two looks.
	breath = 100 * time.Millisecond
	// slack is what a new listener gets from before his page was made, for clocks that differ.
	slack = 5 * time.Second
	// most is how many events one look reads; where there are more, everybody reloads.
	most = 2000
)

// Hub passes changes on to those who listen. It is safe for many goroutines, and works while somebody listens.
type Hub struct {
	db     *store.DB
	config Config
	woken  chan struct{}

	mu      sync.Mutex
	subs    map[*Subscription]struct{}
	running bool
	// passed are the changes of the last minute that were passed on, and companies those they are of.
	passed    map[event.ID]Change
	companies map[string]bool
}

// New makes a hub on a database that is not bound to a transaction.
func New(db *store.DB, c Config) *Hub {
	if c.Interval == 0 {
		c.Interval = time.Second
	}
	if c.Buffer == 0 {
		c.Buffer = 200
	}
	if c.Most == 0 {
		c.Most = 10000
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	return &Hub{
		db: db, config: c, woken: make(chan struct{}, 1), subs: map[*Subscription]struct{}{},
		passed: map[event.ID]Change{}, companies: map[string]bool{},
	}
}

// Wake makes the hub look now. It never blocks.
func (h *Hub) Wake() {
	select {
	case h.woken <- struct{}{}:
	default:
	}
}

// Subscribe listens to the actor's company until the context ends or [Subscription.Close]. since is when the
// page was made, or the last change that was received: what happened from then on is delivered first, or, where
// that is more than a minute ago, Batch.Reload. Zero means now.
func (h *Hub) Subscribe(ctx context.Context, since time.Time) (*Subscription, error) {
	a, err := actor.From(ctx)
	if err != nil {
		return nil, err
	}
	if a.Kind == actor.KindPublic {
		return nil, fault.New(fault.Forbidden, "the public does not listen to changes")
	}
	now := h.db.Now()
	if since.IsZero() {
		since = now
	}
	sub := &Subscription{hub: h, company: a.Company, user: a.HostUser(), since: since.Add(-slack), limit: h.config.Buffer, signal: make(chan struct{}, 1), closed: make(chan struct{})}
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.subs) >= h.config.Most {
		return nil, fault.New(fault.Limit, "%d screens listen already; reload from time to time instead", len(h.subs))
	}
	h.subs[sub] = struct{}{}
	if now.Sub(since) > lookBack {
		sub.reload()
	} else {
		for _, c := range slices.SortedFunc(maps.Values(h.passed), byTime) {
			sub.offer(c)
		}
	}
	if !h.running {
		h.running = true
		go h.run()
	}
	sub.stop = context.AfterFunc(ctx, sub.Close)
	h.Wake()
	return sub, nil
}

func byTime(a, b Change) int { return a.At.Compare(b.At) }

// run looks until nobody listens any more.
func (h *Hub) run() {
	tick := time.NewTicker(h.config.Interval)
	defer tick.Stop()
	lastGood := h.db.Now()
	for n := 0; ; n++ {
		companies := h.listened()
		if companies == nil {
			return
		}
		deep := n%deepEvery == 0
		began := h.db.Now()
		if err := h.look(companies, deep); err != nil {
			h.config.Log.Warn("screens are not told what changes; it will be tried again", "error", err)
		} else {
			if began.Sub(lastGood) > lookBack {
				h.reloadAll()
			}
			lastGood = began
		}
		pause := time.NewTimer(breath)
		<-pause.C
		select {
		case <-tick.C:
		case <-h.woken:
		}
	}
}

// listened gives the companies that somebody listens to. Where nobody does it forgets everything, notes that
// the hub rests, and gives nil.
func (h *Hub) listened() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.subs) == 0 {
		h.running = false
		clear(h.passed)
		clear(h.companies)
		return nil
	}
	now := map[string]bool{}
	for sub := range h.subs {
		now[sub.company] = true
	}
	maps.DeleteFunc(h.companies, func(c string, _ bool) bool { return !now[c] })
	maps.DeleteFunc(h.passed, func(_ event.ID, c Change) bool { return !now[c.company] })
	return slices.Sorted(maps.Keys(now))
}

// seen is an event as the hub reads it.
type seen struct {
	bun.BaseModel `bun:"table:crm_event,alias:e"`

	ID      event.ID  `bun:"id,pk"`
	Company string    `bun:"company"`
	Kind    string    `bun:"kind"`
	Record  RecordID  `bun:"record_id"`
	Version int64     `bun:"record_version"`
	At      time.Time `bun:"at"`
	By      string    `bun:"by_user"`
	// Payload is read where the event's record is not what screens show.
	Payload string `bun:"payload"`
}

const recent = "SELECT e.id, e.company, e.kind, e.record_id, e.record_version, e.at, e.by_user," +
	" CASE WHEN e.kind IN ('opportunity.commented', 'notice.made', 'notice.read') THEN e.payload ELSE '' END AS payload" +
	" FROM crm_event AS e WHERE {scope} AND e.at >= ? ORDER BY e.at DESC, e.id DESC"

// look reads what happened and passes on what is new.
func (h *Hub) look(companies []string, deep bool) error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	from := h.db.Now().Add(-lookBack)
	if !deep && h.known(companies) {
		from = h.db.Now().Add(-glance)
	}
	a := actor.System(companies[0], "live")
	a.Group = companies[1:]
	var rows []seen
	err := h.db.Read(actor.With(ctx, a), func(ctx context.Context, s *store.Session) error {
		return s.Query(ctx, &rows, store.From[seen]("e"), recent+s.Limit(most), from)
	})
	if err != nil {
		return err
	}
	if len(rows) == most && !h.hasPassed(rows[most-1]) { // what lies behind it is not read
		h.reloadAll()
	}
	h.pass(companies, rows)
	return nil
}

// known reports whether all companies have been looked at as far back as the hub goes.
func (h *Hub) known(companies []string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return !slices.ContainsFunc(companies, func(c string) bool { return !h.companies[c] })
}

func (h *Hub) hasPassed(row seen) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	_, ok := h.passed[row.ID]
	return ok
}

// pass gives the new ones of rows, which come newest first, to those who listen. Of a company that nobody
// listened to before, listeners get what happened since their page was made.
func (h *Hub) pass(companies []string, rows []seen) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, row := range slices.Backward(rows) {
		if _, old := h.passed[row.ID]; old {
			continue
		}
		c := row.change()
		h.passed[row.ID] = c
		for sub := range h.subs {
			if h.companies[row.Company] {
				sub.take(c)
			} else {
				sub.offer(c)
			}
		}
	}
	for _, c := range companies {
		h.companies[c] = true
	}
	oldest := h.db.Now().Add(-2 * lookBack)
	maps.DeleteFunc(h.passed, func(_ event.ID, c Change) bool { return c.At.Before(oldest) })
}

func (r seen) change() Change {
	noun, _, _ := strings.Cut(r.Kind, ".")
	c := Change{Noun: noun, Kind: r.Kind, Record: r.Record, Version: r.Version, By: r.By, At: r.At, company: r.Company}
	if r.Payload != "" {
		var p struct {
			ID   RecordID `json:"id"`
			User string   `json:"user"`
		}
		if json.Unmarshal([]byte(r.Payload), &p) == nil {
			c.user = p.User
			if !p.ID.IsZero() { // a comment's opportunity, whose version it leaves as it is
				c.Record, c.Version = p.ID, 0
			}
		}
	}
	return c
}

func (h *Hub) reloadAll() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for sub := range h.subs {
		sub.reload()
	}
}
