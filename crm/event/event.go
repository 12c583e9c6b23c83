// Package event is what happened, kept for whoever has to know, and what can be asked for by name.
//
// A verb of a domain package writes an [Event] in the transaction of its change ([Emit]); after the
// commit the [Worker] hands it to each [Handler] that wants its kind. A handler runs in a transaction
// that also notes that it ran, so what it writes to the database is written exactly once per event;
// what it does outside happens at least once, with the event's id to recognise a repetition. Events of
// one record arrive in the order they happened.
//
// An [Action] is something that can be asked for by name: by a host in any language through a row in
// crm_request, by a rule, by a workflow. The packages that own actions register them. A [Step] is one that people
// choose for the rules of package workflow, with parameters that a form can ask for.
package event

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/store"
)

// Tag is the noun of event ids.
type Tag struct{}

// ID identifies an event; receivers outside use it to recognise repetitions.
type ID = store.Key[Tag]

// Event is one thing that happened to one record.
type Event struct {
	bun.BaseModel `bun:"table:crm_event,alias:event"`

	ID      ID     `bun:"id,pk"`
	Company string `bun:"company,type:nvarchar(40)"`
	// Kind is noun.verb in the past: "lead.captured".
	Kind string `bun:"kind,type:nvarchar(60)"`
	// RecordID and RecordVersion say which record, in which of its versions; together with Kind they
	// are unique.
	RecordID      []byte    `bun:"record_id"`
	RecordVersion int64     `bun:"record_version"`
	At            time.Time `bun:"at"`
	ByUser        string    `bun:"by_user,type:nvarchar(64)"`
	// Payload is a JSON object.
	Payload string `bun:"payload"`
	// Depth is how many rules stand behind it, one caused by the next: 0 for what people and programs do.
	Depth int `bun:"depth"`

	State      string    `bun:"state,type:nvarchar(10)"`
	Attempts   int       `bun:"attempts"`
	DueAt      time.Time `bun:"due_at"`
	LeaseUntil time.Time `bun:"lease_until,nullzero"`
	LeaseOwner string    `bun:"lease_owner,type:nvarchar(64)"`
	// Failure is why the last attempt failed.
	Failure string `bun:"failure,type:nvarchar(1000)"`
}

// Fact is what a verb says about its change.
type Fact struct {
	Kind    string
	Record  []byte
	Version int64
	// Payload is marshalled to a JSON object; nil gives {}.
	Payload any
}

// Emit writes the event into the session's transaction.
func Emit(ctx context.Context, s *store.Session, f Fact) error {
	return write(ctx, s, f, store.StateNew)
}

func write(ctx context.Context, s *store.Session, f Fact, state string) error {
	payload := []byte("{}")
	if f.Payload != nil {
		var err error
		if payload, err = json.Marshal(f.Payload); err != nil {
			return fmt.Errorf("event %s: %w", f.Kind, err)
		}
	}
	row := Event{
		ID: store.NewKey[Tag](s), Kind: f.Kind, RecordID: f.Record, RecordVersion: f.Version,
		At: s.Now, ByUser: s.Actor.UserID, Payload: string(payload), Depth: depthOf(ctx), State: state, DueAt: s.Now,
	}
	if err := s.InsertQuiet(ctx, &row); err != nil {
		return fmt.Errorf("event %s: %w", f.Kind, err)
	}
	s.Wake()
	return nil
}

// Note writes an event that no handler is to have, only those who look at what changes: the live feed of
// screens. It costs the worker nothing.
func Note(ctx context.Context, s *store.Session, f Fact) error {
	return write(ctx, s, f, store.StateDone)
}

// Decode reads the payload into a struct.
func (e Event) Decode(into any) error {
	if err := json.Unmarshal([]byte(e.Payload), into); err != nil {
		return fmt.Errorf("event %s %s: %w", e.Kind, e.ID, err)
	}
	return nil
}

// Handler is told about events.
type Handler struct {
	// Name is unique and stable: it is noted per event that this handler ran.
	Name string
	// Kinds are full kinds ("lead.captured"), nouns with a point ("lead.") for all of theirs, or "*" for
	// every event.
	Kinds []string
	// Wanted, where it is set, is asked before Do in a session that only reads. An event that is not wanted
	// costs no transaction and leaves no note, so that it is asked again should the event be delivered again.
	Wanted func(ctx context.Context, s *store.Session, e Event) (bool, error)
	// Do runs as the system of the event's company, in a transaction of its own.
	Do func(ctx context.Context, s *store.Session, e Event) error
}

func (h Handler) wants(kind string) bool {
	return slices.ContainsFunc(h.Kinds, func(k string) bool {
		return k == kind || k == "*" || strings.HasSuffix(k, ".") && strings.HasPrefix(kind, k)
	})
}

// Action is something that can be asked for by name. It runs in a transaction that also keeps its
// result; the request is JSON, the result is marshalled to JSON.
type Action func(ctx context.Context, s *store.Session, request json.RawMessage) (any, error)

// Registry holds handlers and actions by name. It is filled while the module is put together and
// only read afterwards.
type Registry struct {
	handlers []Handler
	actions  map[string]Action
	steps    []Step
}

// NewRegistry makes an empty registry.
func NewRegistry() *Registry { return &Registry{actions: map[string]Action{}} }

// On registers a handler; a name that is taken is a programming error and panics.
func (r *Registry) On(h Handler) {
	if h.Name == "" || h.Do == nil || slices.ContainsFunc(r.handlers, func(o Handler) bool { return o.Name == h.Name }) {
		panic("event: handler " + h.Name + " is registered twice or incomplete")
	}
	r.handlers = append(r.handlers, h)
}

// Action registers an action; a name that is taken is a programming error and panics.
func (r *Registry) Action(name string, a Action) {
	if _, taken := r.actions[name]; taken || name == "" || a == nil {
		panic("event: action " + name + " is registered twice or incomplete")
	}
	r.actions[name] = a
}

// Actions lists the names of all actions, sorted.
func (r *Registry) Actions() []string {
	names := make([]string, 0, len(r.actions))
	for n := range r.actions {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}
