package convert

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"strconv"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
)

// A host that is elsewhere is never called inside a transaction, and yet the code of a conversion is the
// same for every host. It is run with ports that remember ([recorder]): a call whose answer is known is
// answered at once; any other ends the run with a [missing] call. The transaction is rolled back, the
// call is made outside of any, its answer is kept, and the code runs again from the beginning, until
// nothing is missing: that run's transaction writes everything.

// progress is what a host call has achieved so far; it is kept as JSON in the call's row.
type progress struct {
	By asker `json:"by"`
	// Note is the reason of an undo.
	Note string `json:"note,omitempty"`
	// Answers are the host's answers to the writes so far, in the order of the code.
	Answers []answer `json:"answers,omitempty"`
	// Open is the write whose outcome is not known, or that has to be repeated.
	Open *openCall `json:"open,omitempty"`
	// Last is the highest number that a write got; what was refused is asked under a new one.
	Last int `json:"last,omitempty"`
	// Found is what a person found at the host; it answers the next write.
	Found *found `json:"found,omitempty"`
}

// asker is who asked for a conversion, as whom it is carried out.
type asker struct {
	Kind  string   `json:"kind"`
	Name  string   `json:"name"`
	Teams []string `json:"teams,omitempty"`
	// For is the host's user for whom the system asked.
	For string `json:"for,omitempty"`
}

type answer struct {
	Call   string          `json:"call"`
	Number int             `json:"number"`
	Answer json.RawMessage `json:"answer"`
}

type openCall struct {
	Call   string `json:"call"`
	Number int    `json:"number"`
	// Sent is how often it was sent without a known outcome.
	Sent int `json:"sent,omitempty"`
}

type found struct {
	Key    string `json:"key"`
	Number string `json:"number"`
}

// has reports whether the host has, or may have, something of this conversion.
func (p *progress) has() bool {
	return len(p.Answers) > 0 || p.Open != nil && p.Open.Sent > 0
}

// madeUnder gives the token under which a host that is elsewhere made a record, "" where it did not.
func (in *Conversions) madeUnder(token, call string) string {
	if !in.replays() {
		return ""
	}
	made := ""
	for _, a := range in.rec.progress.Answers {
		if a.Call == call && a.Number > 0 {
			made = numbered(token, a.Number)
		}
	}
	return made
}

// numbered is the token of one write among those of a conversion.
func numbered(token string, n int) string { return token + ":" + strconv.Itoa(n) }

// missing ends a run at a call whose answer is not known yet. It is an error only because that is what
// ends a run.
type missing struct {
	call  string
	key   string
	write bool
	// because is the refusal that a write takes something back for.
	because error
	session erpbridge.Session
	ask     func(ctx context.Context, hs erpbridge.Session) (any, error)
	found   func(ctx context.Context, hs erpbridge.Session, f found) (any, error)
}

func (m *missing) Error() string { return "the host has not been asked yet: " + m.call }

func missingIn(err error) *missing {
	var m *missing
	if errors.As(err, &m) {
		return m
	}
	return nil
}

// purpose is what a run is for.
type purpose int

const (
	// replaying carries a conversion out, or reads.
	replaying purpose = iota
	// asking ends at the first call to the host, behind which the conversion waits in the outbox.
	asking
	// rehearsing takes writes for granted, to find what would be refused afterwards; all is rolled back.
	rehearsing
)

// recorder remembers what the host answered.
type recorder struct {
	purpose  purpose
	progress *progress
	memo     map[string]reply
	// at is how many writes this run has passed.
	at int
}

type reply struct {
	value any
	err   error
}

func newRecorder(p purpose, done *progress) *recorder {
	return &recorder{purpose: p, progress: done, memo: map[string]reply{}}
}

// call is one call of a port.
type call[T any] struct {
	name string
	// about tells one reading from another.
	about any
	ask   func(ctx context.Context, hs erpbridge.Session) (T, error)
	// likely is what a rehearsal takes for the answer, nil for what it cannot know.
	likely *T
	// found gives the answer to a write by what a person found at the host; nil takes likely.
	found func(ctx context.Context, hs erpbridge.Session, f found) (T, error)
}

func (c call[T]) missing(hs erpbridge.Session, write bool) *missing {
	m := &missing{call: c.name, write: write, session: hs}
	m.ask = func(ctx context.Context, hs erpbridge.Session) (any, error) { return c.ask(ctx, hs) }
	m.found = func(ctx context.Context, hs erpbridge.Session, f found) (any, error) {
		if c.found == nil {
			return c.likely, nil
		}
		return c.found(ctx, hs, f)
	}
	return m
}

// written answers a write from the progress.
func written[T any](r *recorder, hs erpbridge.Session, c call[T]) (T, error) {
	var out T
	i := r.at
	r.at++
	switch {
	case r.purpose == rehearsing && c.likely != nil:
		return *c.likely, nil
	case r.purpose != replaying || i >= len(r.progress.Answers):
		return out, c.missing(hs, true)
	}
	a := r.progress.Answers[i]
	if a.Call != c.name {
		return out, fault.New(fault.Conflict, "the record changed since the host was asked: it did %q where %q would follow now; change the record back, or resolve the call by hand", a.Call, c.name)
	}
	if err := json.Unmarshal(a.Answer, &out); err != nil {
		return out, fmt.Errorf("the host's answer to %s: %w", a.Call, err)
	}
	return out, nil
}

// read answers a reading from memory.
func read[T any](r *recorder, hs erpbridge.Session, c call[T]) (T, error) {
	var out T
	about, err := json.Marshal(c.about)
	if err != nil {
		return out, err
	}
	key := c.name + " " + string(about)
	if known, ok := r.memo[key]; ok {
		out, _ = known.value.(T)
		return out, known.err
	}
	if r.purpose != replaying && c.likely != nil {
		return *c.likely, nil
	}
	m := c.missing(hs, false)
	m.key = key
	return out, m
}

// look makes a missing reading, outside of any transaction. What the host says for certain is
// remembered, also a refusal; anything else is the error.
func (r *recorder) look(ctx context.Context, m *missing) error {
	hs := m.session
	value, err := guarded(func() (any, error) { return m.ask(ctx, hs) })
	if err != nil && !certain(err) {
		return err
	}
	r.memo[m.key] = reply{value, err}
	return nil
}

// guarded turns a panic of a port, after which nobody knows what the host did, into an error.
func guarded(f func() (any, error)) (value any, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fault.Wrap(fmt.Errorf("panic: %v\n%s", p, debug.Stack()), fault.Unknown, "the port to the host broke down: %v", p)
		}
	}()
	return f()
}

// certain reports whether an error is an answer that asking again would not change.
func certain(err error) bool {
	switch fault.CodeOf(err) {
	case fault.Invalid, fault.NotFound, fault.Forbidden, fault.Conflict:
		return true
	}
	return false
}

// maxLooks bounds how many readings of the host one conversion may need.
const maxLooks = 2000

// reading runs a unit that only reads. A host that is elsewhere is asked between its runs.
func (c *Conversions) reading(ctx context.Context, unit func(ctx context.Context, s *store.Session, in *Conversions) error) error {
	if c.config.Host.Place != erpbridge.Elsewhere {
		return c.db.Read(ctx, func(ctx context.Context, s *store.Session) error { return unit(ctx, s, c.In(s)) })
	}
	rec := newRecorder(replaying, &progress{})
	for range maxLooks {
		err := c.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
			return unit(ctx, s, c.recalling(rec, replaying).In(s))
		})
		m := missingIn(err)
		if m == nil {
			return err
		}
		asked, cancel := context.WithTimeout(ctx, c.config.Outbox.patience())
		err = rec.look(asked, m)
		cancel()
		if err != nil {
			return fault.Wrap(err, fault.Unavailable, "%s cannot be asked", c.config.Host.Name)
		}
	}
	return fault.New(fault.Limit, "more than %d questions to %s", maxLooks, c.config.Host.Name)
}

// recalling gives a view for one run, whose host remembers what was answered in earlier ones; without a
// recorder the host is called as it is.
func (c *Conversions) recalling(rec *recorder, p purpose) *Conversions {
	if rec == nil {
		return c
	}
	view := *c
	view.rec = &recorder{purpose: p, progress: rec.progress, memo: rec.memo}
	view.config.Host = view.rec.ports(c.config.Host)
	return &view
}

// replays reports whether a conversion is being carried out that was asked for before.
func (c *Conversions) replays() bool { return c.rec != nil && c.rec.purpose == replaying }
