package campaign_test

import (
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/newsletter/campaign"
	"github.com/crmplus/crmplus/newsletter/message"
	"github.com/crmplus/crmplus/testutil"
)

// TestDatabaseGoneInTheMiddle: what was under way when the database went is kept until it is back; nobody is lost,
// nobody gets two, and of nobody it is unknown.
func TestDatabaseGoneInTheMiddle(t *testing.T) {
	env, faults := testutil.Faulty(t)
	w := newWorld(t, env, nil)
	w.readers(300)
	row := w.scheduled(plan(), oneContent)
	var n atomic.Int64
	back := make(chan struct{})
	w.sink.set(func(message.Envelope) error {
		if n.Add(1) == 77 {
			faults.Set(testutil.Gone)
			go func() {
				defer close(back)
				for faults.Refused() < 5 {
					time.Sleep(time.Millisecond)
				}
				faults.Set(testutil.None)
			}()
		}
		return nil
	})
	_, _ = w.campaigns.Work(w.system) // an error where nothing was under way whose end could be kept
	<-back
	if got := w.sink.messages(t); got < 77 || got > 77+10 {
		t.Errorf("%d had left when the database was back", got)
	}
	w.Clock.Advance(5 * time.Minute)
	w.work()
	f := w.consistent(row.ID)
	if f.Sent != 300 || f.Unknown != 0 || w.sink.messages(t) != 300 || w.get(row.ID).State != campaign.Done {
		t.Errorf("it ended with %+v, %d have arrived", f, w.sink.messages(t))
	}
}

// TestDiskFullInTheMiddle: nothing leaves that cannot be written down.
func TestDiskFullInTheMiddle(t *testing.T) {
	env, faults := testutil.Faulty(t)
	w := newWorld(t, env, nil)
	w.readers(300)
	row := w.scheduled(plan(), oneContent)
	faults.Set(testutil.Full)
	var full error
	for range 100 { // until the free room inside of the file is used up
		if _, full = w.campaigns.Work(w.system); full != nil || w.get(row.ID).State == campaign.Done {
			break
		}
		w.Clock.Advance(time.Minute)
	}
	if !errors.Is(full, fault.Unavailable) {
		t.Fatalf("a full disk gave %v", full)
	}
	faults.Set(testutil.None)
	w.Clock.Advance(5 * time.Minute)
	w.work()
	f := w.consistent(row.ID)
	if f.Sent+f.Unknown != 300 || f.Unknown > 10 || w.sink.messages(t) < int(f.Sent) || w.get(row.ID).State != campaign.Done {
		t.Errorf("it ended with %+v, %d have arrived", f, w.sink.messages(t))
	}
}

// TestClockJumps: the clock goes back by two days, and forward by five hours, while a campaign is sent.
func TestClockJumps(t *testing.T) {
	for name, jump := range map[string]time.Duration{"back": -48 * time.Hour, "forward": 5 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, testutil.SQLite(t), nil)
			w.readers(300)
			var n atomic.Int64
			w.sink.set(func(message.Envelope) error {
				if n.Add(1) == 77 {
					w.Clock.Advance(jump)
				}
				return nil
			})
			row := w.scheduled(plan(), oneContent)
			for range 5 {
				w.work()
				w.Clock.Advance(5 * time.Minute)
			}
			f := w.consistent(row.ID)
			if f.Sent != 300 || w.sink.messages(t) != 300 || w.get(row.ID).State != campaign.Done {
				t.Errorf("it ended with %+v, %d have arrived", f, w.sink.messages(t))
			}
		})
	}
}
