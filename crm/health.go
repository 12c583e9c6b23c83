package crm

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/crmplus/crmplus/crm/store"
)

// The names of the pieces of background work.
const (
	own         = "own"
	hostCalls   = "host_calls"
	webhooks    = "webhooks"
	mails       = "mails"
	newsletters = "newsletters"
	values      = "values"
	scores      = "scores"
)

// Beat says how a piece of background work of this process is doing.
type Beat struct {
	// Name is own (events, requests, reminders), host_calls, webhooks, mails, newsletters, values or scores.
	Name string
	// At is when it last began or ended a look for work, by this machine's clock.
	At time.Time
	// Working says that it is at work now; it can take long where much waits.
	Working bool
	// Poll is the pause between two looks.
	Poll time.Duration
	// Failures counts the looks that failed since the process began.
	Failures int64
	// Failing says that the last one failed.
	Failing bool
}

// Alive reports whether the work is still done: it looked for work within the last minute and twice its
// pause, or has been at it for less than ten minutes.
func (b Beat) Alive(now time.Time) bool {
	patience := time.Minute + 2*b.Poll
	if b.Working {
		patience = 10 * time.Minute
	}
	return now.Sub(b.At) < patience
}

// beats are kept by name.
type beats struct {
	mu sync.Mutex
	by map[string]Beat
}

func newBeats() *beats { return &beats{by: map[string]Beat{}} }

func (b *beats) begin(name string, poll time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	one := b.by[name]
	one.Name, one.At, one.Working, one.Poll = name, time.Now(), true, poll
	b.by[name] = one
}

func (b *beats) end(name string, failed bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	one := b.by[name]
	one.At, one.Working, one.Failing = time.Now(), false, failed
	if failed {
		one.Failures++
	}
	b.by[name] = one
}

// Beats says how the background work of this process is doing, by name; none where Run was not called.
func (m *Module) Beats() []Beat {
	m.beats.mu.Lock()
	defer m.beats.mu.Unlock()
	var list []Beat
	for _, b := range m.beats.by {
		list = append(list, b)
	}
	slices.SortFunc(list, func(a, b Beat) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// Backlog counts what waits in each outbox, of all companies: events, requests of the host, calls to a host
// that is elsewhere, webhooks and mails. It is cheap enough to be asked every few seconds.
func (m *Module) Backlog(ctx context.Context) ([]store.Depth, error) { return m.db.Backlog(ctx) }
