package live

import (
	"context"
	"sync"
	"time"

	"github.com/crmplus/crmplus/crm/fault"
)

// Subscription is one screen that listens. Next and Close may be called by different goroutines.
type Subscription struct {
	hub           *Hub
	company, user string
	since         time.Time
	limit         int
	stop          func() bool

	signal chan struct{}
	closed chan struct{}
	once   sync.Once

	mu      sync.Mutex
	pending Batch
}

// Next waits for what happens next. It fails with fault.Unavailable when the subscription or the context has
// ended.
func (s *Subscription) Next(ctx context.Context) (Batch, error) {
	for {
		select {
		case <-s.closed:
			return Batch{}, fault.New(fault.Unavailable, "the subscription has ended")
		default:
		}
		if b := s.drain(); b.Reload || len(b.Changes) > 0 {
			return b, nil
		}
		select {
		case <-s.signal:
		case <-s.closed:
		case <-ctx.Done():
			return Batch{}, fault.Wrap(ctx.Err(), fault.Unavailable, "nobody waits any more")
		}
	}
}

// Close ends the subscription. It may be called again.
func (s *Subscription) Close() {
	s.once.Do(func() {
		s.hub.mu.Lock()
		delete(s.hub.subs, s)
		stop := s.stop
		s.hub.mu.Unlock()
		if stop != nil {
			stop()
		}
		close(s.closed)
		s.hub.Wake() // it may rest now
	})
}

func (s *Subscription) drain() Batch {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.pending
	s.pending = Batch{}
	return b
}

// offer takes a change that may be older than the page.
func (s *Subscription) offer(c Change) {
	if !c.At.Before(s.since) {
		s.take(c)
	}
}

// take keeps a change until the listener comes for it; too many become one wish to reload.
func (s *Subscription) take(c Change) {
	if c.company != s.company || c.user != "" && c.user != s.user {
		return
	}
	s.mu.Lock()
	switch {
	case s.pending.Reload:
	case len(s.pending.Changes) >= s.limit:
		s.pending = Batch{Reload: true}
	default:
		s.pending.Changes = append(s.pending.Changes, c)
	}
	s.mu.Unlock()
	s.ring()
}

func (s *Subscription) reload() {
	s.mu.Lock()
	s.pending = Batch{Reload: true}
	s.mu.Unlock()
	s.ring()
}

func (s *Subscription) ring() {
	select {
	case s.signal <- struct{}{}:
	default:
	}
}
