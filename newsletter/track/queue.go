package track

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/crmplus/crmplus/crm/fault"
)

// queueConfig says how a queue works.
type queueConfig[T any] struct {
	interval, patience time.Duration
	// room is how many things wait to be taken, batch how many are taken before they are written.
	room, batch int
	// write writes a batch and gives what has to be tried again.
	write func(ctx context.Context, batch []T) (left []T, err error)
	log   *slog.Logger
}

// queue takes things from many goroutines and writes them in batches from one, at most interval after they
// came. It holds a bounded number: who finds it full waits a moment for room.
type queue[T any] struct {
	config queueConfig[T]
	in     chan T
	ask    chan chan error
	done   chan struct{}
	ctx    context.Context
	stop   context.CancelFunc

	// open is held for reading by those who put something in, and for writing to close.
	open   sync.RWMutex
	closed bool
	lost   atomic.Int64
	told   int64
}

const (
	// The pauses before a batch that failed is tried again.
	firstPause = 100 * time.Millisecond
	lastPause  = 5 * time.Second
	// giveUp is how long a batch is tried: what the database refuses for so long it refuses for ever, and
	// nothing else is recorded meanwhile.
	giveUp = 15 * time.Minute
)

func newQueue[T any](c queueConfig[T]) *queue[T] {
	q := &queue[T]{config: c, in: make(chan T, c.room), ask: make(chan chan error), done: make(chan struct{})}
	q.ctx, q.stop = context.WithCancel(context.Background()) //nolint:gosec // close calls it
	go q.run()
	return q
}

// put adds a thing, or counts it as lost.
func (q *queue[T]) put(ctx context.Context, thing T) {
	q.open.RLock()
	defer q.open.RUnlock()
	if q.closed {
		q.lost.Add(1)
		return
	}
	select {
	case q.in <- thing:
		return
	default:
	}
	t := time.NewTimer(q.config.patience)
	defer t.Stop()
	select {
	case q.in <- thing:
	case <-ctx.Done():
		q.lost.Add(1)
	case <-t.C:
		q.lost.Add(1)
	}
}

// batch is what the queue's goroutine has taken and not yet written.
type batch[T any] struct {
	things []T
	timer  *time.Timer
	// since is when the oldest of what waits may have come: what comes during a write waits for it, too.
	since time.Time
	// pause is how long to wait after the next failure, and failing since when writing fails; zero where it
	// does not.
	pause   time.Duration
	failing time.Time
}

// run writes batches until the queue is closed and empty, or given up. While writing fails it takes a batch and
// no more, so that the buffer fills and those who put something in wait for room.
func (q *queue[T]) run() {
	defer close(q.done)
	b := &batch[T]{timer: time.NewTimer(q.config.interval), pause: firstPause}
	b.timer.Stop()
	for last := false; ; {
		in := q.in
		if last || len(b.things) >= q.config.batch { // so many only while writing fails
			in = nil
		}
		select {
		case thing, more := <-in:
			if more {
				q.take(b, thing)
				break
			}
			last = true
			_ = q.write(b) // what fails is tried again below
		case <-b.timer.C:
			_ = q.write(b)
		case answer := <-q.ask:
			q.drain(b)
			answer <- q.write(b)
		case <-q.ctx.Done():
			b.failing = time.Time{}
			q.drain(b)
			q.lose(len(b.things), q.ctx.Err())
			return
		}
		if last && len(b.things) == 0 {
			return
		}
	}
}

func (q *queue[T]) take(b *batch[T], thing T) {
	if len(b.things) == 0 {
		wait := q.config.interval
		if !b.since.IsZero() {
			wait -= time.Since(b.since)
		}
		b.timer.Reset(max(0, wait))
	}
	if b.things = append(b.things, thing); len(b.things) >= q.config.batch {
		_ = q.write(b)
	}
}

// drain takes what waits, while writing fails no more than a batch.
func (q *queue[T]) drain(b *batch[T]) {
	for b.failing.IsZero() || len(b.things) < q.config.batch {
		select {
		case thing, more := <-q.in:
			if !more {
				return
			}
			b.things = append(b.things, thing)
		default:
			return
		}
	}
}

// write writes what was taken, and sees to it that what is left is tried again.
func (q *queue[T]) write(b *batch[T]) error {
	b.timer.Stop()
	if len(b.things) == 0 {
		return nil
	}
	began := time.Now()
	left, err := q.config.write(q.ctx, b.things)
	b.since = time.Time{}
	if len(q.in) > 0 {
		b.since = began
	}
	if lost := q.lost.Load(); lost > q.told {
		q.config.log.Warn("clicks and opens were lost so far", "events", lost)
		q.told = lost
	}
	if b.failing.IsZero() {
		b.failing = began
	}
	if len(left) > 0 && time.Since(b.failing) > giveUp {
		q.lose(len(left), err)
		left = nil
	}
	b.things = append(b.things[:0], left...)
	if len(left) == 0 {
		b.failing, b.pause = time.Time{}, firstPause
		return err
	}
	q.config.log.Warn("clicks and opens wait for the database", "events", len(left), "error", err)
	b.timer.Reset(b.pause)
	b.pause = min(2*b.pause, lastPause)
	return err
}

// lose counts things that will not be written.
func (q *queue[T]) lose(n int, why error) {
	q.lost.Add(int64(n))
	q.config.log.Error("clicks and opens were lost", "events", n, "error", why)
}

// flush tries to write what is there now and gives the error of that; what fails is tried again later.
func (q *queue[T]) flush(ctx context.Context) error {
	answer := make(chan error, 1)
	select {
	case q.ask <- answer:
	case <-q.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-answer:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// close takes nothing more, and waits until all is written or the context ends.
func (q *queue[T]) close(ctx context.Context) error {
	q.open.Lock()
	if !q.closed {
		q.closed = true
		close(q.in)
	}
	q.open.Unlock()
	defer q.stop()
	before := q.lost.Load()
	select {
	case <-q.done:
	case <-ctx.Done():
		q.stop()
		<-q.done
	}
	if lost := q.lost.Load() - before; lost > 0 {
		return fault.New(fault.Unavailable, "%s", fmt.Sprintf("%d clicks and opens could not be written before the end", lost))
	}
	return nil
}
