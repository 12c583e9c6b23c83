package track

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/crmplus/crmplus/crm/fault"
)

// RecorderConfig is what a [Recorder] works with. Keys must be given.
type RecorderConfig struct {
	// Keys read the tokens.
	Keys *Keys
	// Interval is how long events wait in memory before they are written: half a second by default, so that
	// with the writing a kill loses less than one; 1 second is the most.
	Interval time.Duration
	// Buffer is how many events wait in memory at most; 65,536 by default (some 20 MB).
	Buffer int
	// Patience is how long a request waits for room when the buffer is full, because the database is slow or
	// gone; 200 ms by default. Then the reader goes on to the page and the event is lost, and counted.
	Patience time.Duration
	// Log gets what was lost; slog.Default where it is nil.
	Log *slog.Logger
}

// Recorder takes events in memory and writes them in batches. It is safe for many goroutines.
type Recorder struct {
	tracking *Tracking
	config   RecorderConfig
	known    *known
	queue    *queue[pending]
	// nrs numbers events; it begins at a number that no other process has.
	nrs atomic.Int64
}

// pending is an event that is not written yet.
type pending struct {
	Event
	campaign *Campaign
}

// NewRecorder makes a Recorder, which works until [Recorder.Close]. The error is fault.Invalid with a fault
// for each setting that cannot be.
func NewRecorder(t *Tracking, c RecorderConfig) (*Recorder, error) {
	c.Interval = cmp.Or(c.Interval, time.Second/2)
	c.Buffer = cmp.Or(c.Buffer, 1<<16)
	c.Patience = cmp.Or(c.Patience, 200*time.Millisecond)
	if c.Log == nil {
		c.Log = slog.Default()
	}
	var faults fault.List
	if c.Keys == nil {
		faults.Add("keys", "required", "are missing; make them with NewKeys")
	}
	if c.Interval < 0 || c.Interval > time.Second {
		faults.Add("interval", "range", "is %s; events wait for up to 1s", c.Interval)
	}
	if c.Buffer < 1 {
		faults.Add("buffer", "range", "is %s; give room for one event at least", strconv.Itoa(c.Buffer))
	}
	if err := faults.Err("clicks and opens cannot be recorded"); err != nil {
		return nil, err
	}
	r := &Recorder{tracking: t, config: c, known: newKnown(t)}
	r.nrs.Store(int64(rand.Uint32()>>1) << 32)
	r.queue = newQueue(queueConfig[pending]{interval: c.Interval, room: c.Buffer, patience: c.Patience, batch: batchSize, write: r.write, log: c.Log})
	return r, nil
}

// Request is what is known of who asks.
type Request struct {
	// Address is where the request comes from; only its network is kept, see [Minimise].
	Address netip.Addr
	// Agent is the User-Agent header.
	Agent string
	Flags Flag
	// OptedOut is set where the browser says that its user does not want to be measured (Sec-GPC: 1).
	OptedOut bool
}

// Click gives the address that a token leads to, and remembers that somebody followed it. The error is
// fault.NotFound where the token is not one of ours or the link is gone, and whatever the campaigns answer
// where they cannot be asked; losing the event is no error.
func (r *Recorder) Click(ctx context.Context, token string, by Request) (string, error) {
	t, err := r.config.Keys.Read(Click, token)
	if err != nil {
		if t, err = r.config.Keys.Read(Text, token); err != nil {
			return "", err
		}
		t.Kind = Click
	}
	c, err := r.known.campaign(ctx, t.Campaign)
	if err != nil {
		return "", err
	}
	if int(t.Link) >= len(c.Links) {
		return "", errToken
	}
	address := c.Links[t.Link]
	if address == "" {
		if address, err = r.known.personal(ctx, t); err != nil {
			return "", err
		}
	}
	if address, err = followable(address); err != nil {
		return "", err
	}
	r.record(ctx, t, c, by)
	return address, nil
}

// Open remembers that somebody fetched the pixel. Errors are those of [Recorder.Click].
func (r *Recorder) Open(ctx context.Context, token string, by Request) error {
	t, err := r.config.Keys.Read(Open, token)
	if err != nil {
		return err
	}
	c, err := r.known.campaign(ctx, t.Campaign)
	if err != nil {
		return err
	}
	r.record(ctx, t, c, by)
	return nil
}

func (r *Recorder) record(ctx context.Context, t Token, c *Campaign, by Request) {
	if t.Seq == 0 || t.Unmeasured || by.OptedOut {
		return
	}
	r.queue.put(ctx, pending{campaign: c, Event: Event{
		Campaign: t.Campaign, Seq: t.Seq, Kind: t.Kind, Link: t.Link, At: r.tracking.db.Now(),
		Network: Minimise(by.Address), Agent: readable(by.Agent), Flags: by.Flags, nr: r.nrs.Add(1),
	}})
}

// Flush writes what is in memory now. What the database refuses stays there and is tried again.
func (r *Recorder) Flush(ctx context.Context) error { return r.queue.flush(ctx) }

// Close writes what is in memory and ends the recorder; what comes later is not recorded. When the context
// ends first, the error says how many events were lost.
func (r *Recorder) Close(ctx context.Context) error { return r.queue.close(ctx) }

// Lost is how many events were lost since the recorder began, because there was no room for them or the
// database refused them.
func (r *Recorder) Lost() int64 { return r.queue.lost.Load() }

// batchSize is how many events are written at once before the interval is over.
const batchSize = 8192

// pieceSize is how many events are written in one transaction, so that on SQLite nobody waits long.
const pieceSize = 1000

// write writes a batch, campaign by campaign and in pieces, and gives what is left when the database fails. One
// campaign that cannot be written does not keep others from it. All events of one reader are in one piece, in
// whatever order they came.
func (r *Recorder) write(ctx context.Context, batch []pending) ([]pending, error) {
	slices.SortFunc(batch, func(a, b pending) int {
		return cmp.Or(cmp.Compare(a.Event.Campaign, b.Event.Campaign), cmp.Compare(a.Seq, b.Seq), cmp.Compare(a.nr, b.nr))
	})
	var left []pending
	var failed error
	for len(batch) > 0 {
		n := piece(batch)
		events := make([]Event, n)
		for i := range events {
			events[i] = batch[i].Event
		}
		err := r.tracking.write(ctx, *batch[0].campaign, events)
		switch {
		case err == nil:
		case errors.Is(err, fault.Unavailable), errors.Is(err, fault.Retryable):
			for n < len(batch) && batch[n].Event.Campaign == batch[0].Event.Campaign {
				n++
			}
			left, failed = append(left, batch[:n]...), err
		default: // trying again would give the same answer
			r.queue.lose(n, err)
			failed = err
		}
		batch = batch[n:]
	}
	return left, failed
}

// piece is how many events of a sorted batch are written together.
func piece(batch []pending) int {
	n := 1
	for n < len(batch) && batch[n].Event.Campaign == batch[0].Event.Campaign && (n < pieceSize || batch[n].Seq == batch[n-1].Seq) {
		n++
	}
	return n
}
