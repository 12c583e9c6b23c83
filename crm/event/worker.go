package event

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
)

// Worker hands events to handlers and carries out requests. Several processes may run one each.
type Worker struct {
	DB       *store.DB
	Registry *Registry
	Log      *slog.Logger
	// Lease is how long a process may work on one batch before another may take it over; 2 minutes
	// where it is 0.
	Lease time.Duration
	// MaxAttempts is how often an event or request is tried before it is set aside as dead; 12 where
	// it is 0. Pauses grow from 10 seconds to 1 hour.
	MaxAttempts int
	// Keep is how long finished events stay; 90 days where it is 0.
	Keep time.Duration
}

const batch = 64

var events = store.Queue{
	Table: "crm_event", Key: "id", Order: "id",
	// Events of one record wait for the earlier ones of that record.
	Ready: "NOT EXISTS (SELECT 1 FROM crm_event AS earlier WHERE earlier.record_id = crm_event.record_id" +
		" AND earlier.record_version < crm_event.record_version AND earlier.state IN ('new', 'claimed'))",
	Lane: "record_id",
}

var requests = store.Queue{Table: "crm_request", Key: "request_key", Order: "request_key"}

// done notes that a handler has dealt with an event.
type done struct {
	bun.BaseModel `bun:"table:crm_event_done,alias:event_done"`

	EventID ID        `bun:"event_id,pk"`
	Handler string    `bun:"handler,pk,type:nvarchar(80)"`
	Company string    `bun:"company,type:nvarchar(40)"`
	At      time.Time `bun:"at"`
}

// RunOnce works until nothing is due and reports how many events and requests it finished.
func (w *Worker) RunOnce(ctx context.Context) (int, error) {
	total := 0
	for {
		n, err := w.round(ctx)
		total += n
		if err != nil || n == 0 {
			return total, err
		}
	}
}

func (w *Worker) round(ctx context.Context) (int, error) {
	n := 0
	claimedRequests, err := w.DB.Claim(ctx, requests, batch, w.lease())
	if err != nil {
		return n, err
	}
	for _, c := range claimedRequests {
		if err := w.carryOut(ctx, c); err != nil {
			return n, err
		}
		n++
	}
	claimedEvents, err := w.DB.Claim(ctx, events, batch, w.lease())
	if err != nil {
		return n, err
	}
	delivered, err := store.SideBySide(claimedEvents, func(c store.Claimed) error { return w.deliver(ctx, c) })
	return n + delivered, err
}

// Tidy removes finished events that are older than Keep, a thousand at a time.
func (w *Worker) Tidy(ctx context.Context) error {
	keep := w.Keep
	if keep == 0 {
		keep = 90 * 24 * time.Hour
	}
	for {
		n, err := w.DB.Purge(ctx, events, w.DB.Now().Add(-keep), 1000)
		if err != nil || n == 0 {
			return err
		}
	}
}

func (w *Worker) lease() time.Duration {
	if w.Lease == 0 {
		return 2 * time.Minute
	}
	return w.Lease
}

func (w *Worker) as(ctx context.Context, company string) context.Context {
	return actor.With(ctx, actor.System(company, "worker"))
}

// deliver hands one event to each handler that wants it and has not had it, then marks it as done.
func (w *Worker) deliver(ctx context.Context, c store.Claimed) error {
	ctx = w.as(ctx, c.Company)
	var e Event
	var handlers []Handler
	var failed error
	err := w.DB.Read(ctx, func(ctx context.Context, s *store.Session) error {
		id, err := keyOf(c.Key)
		if err == nil {
			err = s.Get(ctx, &e, id)
		}
		if err == nil {
			handlers, failed = w.wanting(ctx, s, e)
		}
		return err
	})
	if err != nil {
		return err
	}
	for i, h := range handlers {
		if failed == nil && i == len(handlers)-1 {
			if err = w.handle(ctx, h, e, w.close(c)); err == nil || errors.Is(err, errTaken) {
				return nil
			}
		} else {
			err = w.handle(ctx, h, e, nil)
		}
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s: %w", h.Name, err))
		}
	}
	return w.finish(ctx, events, c, failed)
}

// errTaken says that another process has taken an event over, and deals with it.
var errTaken = errors.New("another process took the event over")

// close marks an event as done, in the transaction of the last that is done about it.
func (w *Worker) close(c store.Claimed) store.Unit {
	return func(ctx context.Context, s *store.Session) error {
		ours, err := s.Release(ctx, events, c, store.StateDone, store.Predicate{SQL: "failure = ''"})
		if err == nil && !ours {
			return errTaken
		}
		return err
	}
}

// wanting are the handlers that want an event; one that cannot say whether it does has failed.
func (w *Worker) wanting(ctx context.Context, s *store.Session, e Event) (list []Handler, failed error) {
	for _, h := range w.Registry.handlers {
		if !h.wants(e.Kind) {
			continue
		}
		wanted := true
		err := guarded(func() (err error) {
			if h.Wanted != nil {
				wanted, err = h.Wanted(ctx, s, e)
			}
			return err
		})
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s: %w", h.Name, err))
		} else if wanted {
			list = append(list, h)
		}
	}
	return list, failed
}

func keyOf(v any) (ID, error) {
	var id ID
	return id, id.Scan(v)
}

// handle has a handler deal with an event, unless it has before; end is what its transaction ends with, nil for nothing.
func (w *Worker) handle(ctx context.Context, h Handler, e Event, end store.Unit) error {
	return w.DB.Write(ctx, func(ctx context.Context, s *store.Session) error {
		var n int
		err := s.Query(ctx, &n, store.From[done]("d"), "SELECT COUNT(*) FROM crm_event_done AS d WHERE {scope} AND d.event_id = ? AND d.handler = ?", e.ID, h.Name)
		if err != nil {
			return err
		}
		if n == 0 {
			if err := s.InsertQuiet(ctx, &done{EventID: e.ID, Handler: h.Name, At: s.Now}); err != nil {
				return err
			}
			if err := guarded(func() error { return h.Do(ctx, s, e) }); err != nil {
				return err
			}
		}
		if end == nil {
			return nil
		}
		return end(ctx, s)
	})
}

// guarded turns a panic of foreign code into an error, so that one bad handler does not stop the rest.
func guarded(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return f()
}

// finish gives the row back: done, to be tried again later, or dead.
func (w *Worker) finish(ctx context.Context, q store.Queue, c store.Claimed, failed error) error {
	err := w.DB.Write(ctx, func(ctx context.Context, s *store.Session) error {
		state, set := store.StateDone, store.Predicate{SQL: "failure = ''"}
		if failed != nil {
			state = w.failedState(c)
			set = store.Predicate{SQL: "failure = ?, due_at = ?", Args: []any{cut(failed.Error(), 1000), s.Now.Add(backoff(c.Attempts))}}
		}
		_, err := s.Release(ctx, q, c, state, set)
		return err
	})
	if failed != nil {
		w.log().Warn("an event was not handled", "key", fmt.Sprintf("%x", c.Key), "company", c.Company, "attempt", c.Attempts, "error", failed)
	}
	return err
}

func (w *Worker) failedState(c store.Claimed) string {
	limit := w.MaxAttempts
	if limit == 0 {
		limit = 12
	}
	if c.Attempts >= limit {
		return store.StateDead
	}
	return store.StateNew
}

func (w *Worker) log() *slog.Logger {
	if w.Log == nil {
		return slog.Default()
	}
	return w.Log
}

// backoff is the pause after the given number of attempts: 10 s doubled each time up to 1 h.
func backoff(attempts int) time.Duration {
	return min(10*time.Second<<min(max(attempts-1, 0), 12), time.Hour)
}

func cut(text string, n int) string {
	r := []rune(strings.ReplaceAll(text, "\x00", ""))
	if len(r) > n {
		r = append(r[:n-1], '…')
	}
	return string(r)
}

// request is a row that a host wrote in its own transaction.
type request struct {
	bun.BaseModel `bun:"table:crm_request,alias:request"`

	Key         string `bun:"request_key,pk,type:nvarchar(64)"`
	Company     string `bun:"company,type:nvarchar(40)"`
	Kind        string `bun:"kind,type:nvarchar(40)"`
	Payload     string `bun:"payload"`
	RequestedBy string `bun:"requested_by,type:nvarchar(64)"`
}

// result answers a request.
type result struct {
	bun.BaseModel `bun:"table:crm_result,alias:result"`

	Key        string    `bun:"request_key,pk,type:nvarchar(64)"`
	Company    string    `bun:"company,type:nvarchar(40)"`
	State      string    `bun:"state,type:nvarchar(10)"`
	Result     string    `bun:"result"`
	Failure    string    `bun:"failure"`
	FinishedAt time.Time `bun:"finished_at"`
}

// The states of a result.
const (
	ResultDone   = "done"
	ResultFailed = "failed"
)

// carryOut runs the action that a request names. Action, result and the request's new state are one
// transaction, so a request is carried out once. What cannot succeed (bad input, missing right) is
// answered with the faults; what may succeed later is tried again.
func (w *Worker) carryOut(ctx context.Context, c store.Claimed) error {
	ctx = w.as(ctx, c.Company)
	err := w.DB.Write(ctx, func(ctx context.Context, s *store.Session) error {
		var rows []request
		if err := s.Select(&rows).Where("request.request_key = ?", c.Key).Scan(ctx); err != nil {
			return err
		}
		if len(rows) == 0 {
			return fault.New(fault.NotFound, "request %v is gone", c.Key)
		}
		req := rows[0]
		s.Actor.UserID = "request:" + req.RequestedBy
		s.Actor.Name, s.Actor.OnBehalfOf = req.RequestedBy, req.RequestedBy
		action, ok := w.Registry.actions[req.Kind]
		if !ok {
			return fault.New(fault.Invalid, "there is no action %q; there are: %s", req.Kind, strings.Join(w.Registry.Actions(), ", "))
		}
		var answer any
		err := guarded(func() (err error) {
			answer, err = action(ctx, s, json.RawMessage(req.Payload))
			return err
		})
		if err != nil {
			return err
		}
		text, err := json.Marshal(answer)
		if err != nil {
			return err
		}
		if err := s.InsertQuiet(ctx, &result{Key: req.Key, State: ResultDone, Result: string(text), FinishedAt: s.Now}); err != nil {
			return err
		}
		return mine(s.Release(ctx, requests, c, store.StateDone))
	})
	if err == nil {
		return nil
	}
	return w.refuse(ctx, c, err)
}

func mine(ours bool, err error) error {
	if err == nil && !ours {
		return fault.New(fault.Retryable, "another process took the request over")
	}
	return err
}

// refuse answers a request that failed, or schedules its next try.
func (w *Worker) refuse(ctx context.Context, c store.Claimed, failed error) error {
	final := w.failedState(c) == store.StateDead
	switch fault.CodeOf(failed) {
	case fault.Invalid, fault.Forbidden, fault.NotFound, fault.Limit, fault.Conflict:
		final = true
	}
	w.log().Warn("a request failed", "request", c.Key, "company", c.Company, "attempt", c.Attempts, "final", final, "error", failed)
	return w.DB.Write(ctx, func(ctx context.Context, s *store.Session) error {
		if !final {
			_, err := s.Release(ctx, requests, c, store.StateNew, store.Predicate{SQL: "due_at = ?", Args: []any{s.Now.Add(backoff(c.Attempts))}})
			return err
		}
		text, err := json.Marshal(map[string]any{"message": cut(failed.Error(), 1000), "code": fault.CodeOf(failed), "faults": fault.Of(failed)})
		if err != nil {
			return err
		}
		if err := s.InsertQuiet(ctx, &result{Key: fmt.Sprint(c.Key), State: ResultFailed, Result: "{}", Failure: string(text), FinishedAt: s.Now}); err != nil {
			return err
		}
		_, err = s.Release(ctx, requests, c, store.StateDead)
		return err
	})
}
