package track

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// sink is what a queue writes to.
type sink struct {
	mu      sync.Mutex
	written []int
	at      []time.Time
	broken  bool
	took    time.Duration
}

func (s *sink) write(_ context.Context, batch []int) ([]int, error) {
	time.Sleep(s.took) // of the clock in the bubble
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken {
		return batch, errors.New("the database is gone")
	}
	for _, n := range batch {
		s.written, s.at = append(s.written, n), append(s.at, time.Now())
	}
	return nil, nil
}

func (s *sink) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.written)
}

func (s *sink) set(broken bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.broken = broken
}

func queueOf(s *sink, room, batch int) *queue[int] {
	return newQueue(queueConfig[int]{interval: time.Second / 2, patience: 200 * time.Millisecond, room: room, batch: batch, write: s.write, log: slog.New(slog.NewTextHandler(io.Discard, nil))})
}

// TestWrittenWithinASecond: whenever something comes, also while others are being written, it is written
// within a second.
func TestWrittenWithinASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &sink{took: 400 * time.Millisecond}
		q := queueOf(s, 1000, 1000)
		var came []time.Time
		for n := range 200 {
			time.Sleep(time.Duration(n*7%50) * time.Millisecond)
			came = append(came, time.Now())
			q.put(context.Background(), n)
		}
		if err := q.close(context.Background()); err != nil {
			t.Fatal(err)
		}
		if s.count() != 200 {
			t.Fatalf("%d of 200 were written", s.count())
		}
		for i, n := range s.written {
			if late := s.at[i].Sub(came[n]); late > time.Second {
				t.Errorf("%d was written after %s", n, late)
			}
		}
	})
}

// TestFullBuffer: while the database is gone whoever comes waits for room no longer than he has patience, and
// what was taken is written when it is back.
func TestFullBuffer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &sink{broken: true}
		q := queueOf(s, 10, 5)
		q.put(context.Background(), 0)
		time.Sleep(time.Second) // it has failed once
		for n := range 14 {     // 5 are taken, 10 wait
			q.put(context.Background(), n+1)
		}
		before := time.Now()
		q.put(context.Background(), 15)
		if waited := time.Since(before); waited != 200*time.Millisecond || q.lost.Load() != 1 {
			t.Errorf("waited %s, %d lost", waited, q.lost.Load())
		}
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		q.put(ctx, 16)
		if q.lost.Load() != 2 {
			t.Errorf("%d lost", q.lost.Load())
		}
		time.Sleep(time.Minute)
		s.set(false)
		time.Sleep(10 * time.Second)
		if s.count() != 15 {
			t.Errorf("%d were written, want 15", s.count())
		}
		q.put(context.Background(), 17)
		if err := q.close(context.Background()); err != nil || s.count() != 16 || q.lost.Load() != 2 {
			t.Errorf("closing gives %v after %d, %d lost", err, s.count(), q.lost.Load())
		}
		q.put(context.Background(), 18)
		if err := q.close(context.Background()); err != nil || q.lost.Load() != 3 {
			t.Errorf("closing again gives %v, %d lost", err, q.lost.Load())
		}
	})
}

// TestGivenUp: what is refused for a quarter of an hour is dropped and counted, and the rest goes on.
func TestGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &sink{broken: true}
		q := queueOf(s, 10, 5)
		for n := range 3 {
			q.put(context.Background(), n)
		}
		time.Sleep(16 * time.Minute)
		if q.lost.Load() != 3 {
			t.Errorf("%d lost, want 3", q.lost.Load())
		}
		s.set(false)
		q.put(context.Background(), 4)
		time.Sleep(time.Second)
		if s.count() != 1 {
			t.Errorf("%d written", s.count())
		}
		if err := q.close(context.Background()); err != nil {
			t.Error(err)
		}
	})
}
