package testutil

import (
	"encoding/binary"
	"sync"
	"sync/atomic"
	"time"
)

// Clock is a clock that moves only when told.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock makes a clock that shows t.
func NewClock(t time.Time) *Clock { return &Clock{now: t} }

// Now is the time the clock shows.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the clock; a negative d moves it back, as clocks of real machines do at times.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// IDs gives UUIDs that are the same in every run: version 7 bits, and a counter.
func IDs() func() [16]byte {
	var n atomic.Uint64
	return func() [16]byte {
		var id [16]byte
		binary.BigEndian.PutUint64(id[:8], 0x0190a3c200007000+n.Load()>>48)
		binary.BigEndian.PutUint64(id[8:], 0x8000000000000000+n.Add(1))
		return id
	}
}
