package campaign_test

import (
	"context"
	"errors"
	"net/textproto"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter/campaign"
	"github.com/crmplus/crmplus/newsletter/message"
	"github.com/crmplus/crmplus/testutil"
)

func refused(code int, text string) *mail.Failure {
	f := mail.NewFailure(mail.Permanent, &textproto.Error{Code: code, Msg: text}, "the mail server refused it: %s", text)
	if code < 500 {
		f.Outcome = mail.Temporary
	}
	return f
}

func TestEachAnswerHasItsEnd(t *testing.T) {
	for _, c := range []struct {
		name   string
		reader reader
		err    error
		state  campaign.Standing
		code   string
	}{
		{"taken", reader{Address: "anna@pelda.example", Name: "Kovács Anna"}, nil, campaign.Sent, ""},
		{"no such mailbox", reader{Address: "nincs@pelda.example", Name: "Nincs Ilyen"}, refused(550, "5.1.1 unknown user"), campaign.Bounced, "permanent"},
		{"mailbox full for good", reader{Address: "tele@pelda.example"}, refused(552, "5.2.2 mailbox full"), campaign.Bounced, "permanent"},
		{"no enhanced code", reader{Address: "regi@pelda.example"}, refused(550, "no"), campaign.Bounced, "permanent"},
		{"a domain that takes no mail", reader{Address: "semmi@pelda.example"}, refused(556, "5.1.10 null MX"), campaign.Bounced, "permanent"},
		{"our own fault", reader{Address: "biztos@pelda.example"}, refused(550, "5.7.1 not allowed to send"), campaign.Failed, "permanent"},
		{"the sender's address", reader{Address: "felado@pelda.example"}, refused(550, "5.1.8 bad sender"), campaign.Failed, "permanent"},
		{"later", reader{Address: "kesobb@pelda.example"}, refused(451, "4.7.1 greylisted"), campaign.Deferred, "temporary"},
		{"no answer", reader{Address: "csend@pelda.example"}, mail.NewFailure(mail.Unknown, nil, "the connection broke"), campaign.Unknown, "no_answer"},
		{"an error nobody knows", reader{Address: "furcsa@pelda.example"}, errors.New("boom"), campaign.Unknown, "no_answer"},
		{"a message that cannot be made", reader{Address: "broken@pelda.example"}, nil, campaign.Failed, "content"},
		{"a field is missing", reader{Address: "mezo@pelda.example", Name: "Névtelen"}, nil, campaign.Failed, "content"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var refusals []campaign.Refusal
			w := newWorld(t, testutil.SQLite(t), func(config *campaign.Config) {
				config.Refused = func(_ context.Context, _ *store.Session, list []campaign.Refusal) error {
					refusals = append(refusals, list...)
					return nil
				}
			})
			w.reader(c.reader)
			w.sink.set(func(message.Envelope) error { return c.err })
			row := w.scheduled(plan(), oneContent)
			w.work()
			w.consistent(row.ID)
			got := w.rows(row.ID, "")
			if len(got) != 1 || got[0].State != c.state || got[0].Code != c.code {
				t.Fatalf("the ledger has %+v, want %s %s", got, c.state, c.code)
			}
			var f *mail.Failure
			if errors.As(c.err, &f) && got[0].Reason != f.Reason {
				t.Errorf("the reason is %q, want %q", got[0].Reason, f.Reason)
			}
			is(t, "heard by the sink of bounces", len(refusals) == 1, c.state == campaign.Bounced)
			is(t, "the campaign is done", w.get(row.ID).State == campaign.Done, c.state != campaign.Deferred)
		})
	}
}

func TestLaterIsTriedAgainWithGrowingPausesAndGivenUp(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env, func(c *campaign.Config) { c.Attempts = 4 })
		w.readers(3)
		w.sink.set(func(e message.Envelope) error {
			if e.To == address(2) {
				return refused(451, "4.2.2 mailbox full")
			}
			return nil
		})
		row := w.scheduled(plan(), oneContent)
		w.work()
		var last time.Duration
		for attempt := 1; attempt < 4; attempt++ {
			late := w.rows(row.ID, campaign.Deferred)
			if len(late) != 1 || late[0].Attempts != attempt {
				t.Fatalf("after %d attempts: %+v", attempt, late)
			}
			pause := late[0].DueAt.Sub(w.Clock.Now())
			if full := 2 * time.Minute << (attempt - 1); pause < full/2 || pause > full || pause < last/2 {
				t.Errorf("pause %d is %s, the one before %s", attempt, pause, last)
			}
			last = pause
			asked := w.sink.asked
			w.work()
			is(t, "asked before it is due", w.sink.asked, asked)
			w.Clock.Advance(pause)
			w.work()
		}
		is(t, "standing", w.rows(row.ID, "")[1].State, campaign.Failed)
		is(t, "code", w.rows(row.ID, "")[1].Code, "gave_up")
		is(t, "state", w.get(row.ID).State, campaign.Done)
		is(t, "sent", w.consistent(row.ID).Sent, int64(2))
	})
}

func TestServerThatIsDownMarksNobody(t *testing.T) {
	down := mail.NewFailure(mail.Temporary, nil, "the mail server cannot be reached")
	down.Down = true
	for _, c := range []struct {
		name string
		// when says before which message the server goes down; -1 from the start.
		when int
	}{{"at the start", -1}, {"at 30 per cent", 30}, {"at the last", 99}} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, testutil.SQLite(t), nil)
			w.readers(100)
			var n atomic.Int64
			up := new(atomic.Bool)
			w.sink.dial = func() error {
				if !up.Load() && int(n.Load()) > c.when {
					return down
				}
				return nil
			}
			w.sink.set(func(message.Envelope) error {
				if int(n.Add(1)) > c.when && !up.Load() {
					return down
				}
				return nil
			})
			row := w.scheduled(plan(), oneContent)
			w.work()
			f := w.consistent(row.ID)
			if f.Deferred+f.Failed+f.Unknown+f.Sending+f.Bounced != 0 || f.Pending == 0 || int(f.Sent) != w.sink.messages(t) {
				t.Errorf("while the server is down: %+v, %d have arrived", f, w.sink.messages(t))
			}
			up.Store(true)
			asked := w.sink.asked
			w.work()
			is(t, "asked while the transport rests", w.sink.asked, asked)
			w.Clock.Advance(time.Minute)
			w.work()
			is(t, "sent", w.consistent(row.ID).Sent, int64(100))
			is(t, "arrived", w.sink.messages(t), 100)
			is(t, "state", w.get(row.ID).State, campaign.Done)
		})
	}
}

// TestFaultyServer sends to a server with every bad habit at once.
func TestFaultyServer(t *testing.T) {
	closed := mail.NewFailure(mail.Temporary, nil, "the connection is closed after 20 messages")
	closed.Down = true
	w := newWorld(t, testutil.SQLite(t), nil)
	w.readers(400)
	var n atomic.Int64
	var known sync.Map
	w.sink.set(func(e message.Envelope) error {
		_, again := known.LoadOrStore(e.To, true)
		switch {
		case strings.Contains(e.To, "00@"): // one in a hundred
			return refused(550, "5.1.1 unknown user")
		case strings.Contains(e.To, "7@") && !again: // one in ten, at first
			return refused(451, "4.7.1 later")
		case n.Add(1)%20 == 0:
			return closed
		}
		return nil
	})
	row := w.scheduled(plan(), oneContent)
	for range 400 { // pauses grow where a message is put off again
		if w.work(); w.get(row.ID).State == campaign.Done {
			break
		}
		w.Clock.Advance(5 * time.Minute)
	}
	f := w.consistent(row.ID)
	is(t, "bounced", f.Bounced, int64(4))
	is(t, "sent", f.Sent, int64(396))
	is(t, "arrived", w.sink.messages(t), 396)
	is(t, "state", w.get(row.ID).State, campaign.Done)
}

// TestMessageThatBreaksConnectionsHoldsNobodyUp: one message that the server hangs up on is put off in the
// end, and the others pass.
func TestMessageThatBreaksConnectionsHoldsNobodyUp(t *testing.T) {
	down := mail.NewFailure(mail.Temporary, nil, "the connection broke")
	down.Down = true
	w := newWorld(t, testutil.SQLite(t), nil)
	w.readers(60)
	w.sink.set(func(e message.Envelope) error {
		if e.To == address(30) {
			return down
		}
		return nil
	})
	row := w.scheduled(plan(), oneContent)
	for range 30 {
		w.work()
		w.Clock.Advance(10 * time.Second)
	}
	is(t, "sent", w.consistent(row.ID).Sent, int64(59))
}

func TestStopLeavesNothingUnknown(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t), nil)
	w.readers(300)
	ctx, stop := context.WithCancel(w.system)
	defer stop()
	var n atomic.Int64
	w.sink.set(func(message.Envelope) error {
		if n.Add(1) == 77 {
			stop()
		}
		return nil
	})
	row := w.scheduled(plan(), oneContent)
	if _, err := w.campaigns.Work(ctx); err != nil {
		t.Fatal(err)
	}
	f := w.consistent(row.ID)
	if f.Unknown+f.Sending != 0 || f.Sent < 77 || f.Sent > 77+10 || int(f.Sent) != w.sink.messages(t) {
		t.Errorf("after the stop: %+v, %d have arrived", f, w.sink.messages(t))
	}
	w.work()
	is(t, "sent", w.consistent(row.ID).Sent, int64(300))
	is(t, "arrived", w.sink.messages(t), 300)
}

// TestProcessThatIsSlowIsTakenForDead: a process stands still while messages are under way, its lease runs out,
// and another one takes its chunk over. What the slow one learns in the end counts, and nobody gets two.
func TestProcessThatIsSlowIsTakenForDead(t *testing.T) {
	for _, policy := range []campaign.Policy{campaign.Skip, campaign.Again} {
		t.Run(string(policy), func(t *testing.T) {
			testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
				held, free := make(chan struct{}), make(chan struct{})
				loads := 0
				w := newWorld(t, env, func(c *campaign.Config) {
					c.Window, c.Chunk, c.Turn = 4, 20, time.Hour
					c.Composer = composer{load: func() { // the ledger's keeper stands still at the second chunk
						if loads++; loads == 2 {
							close(held)
							<-free
						}
					}}
				})
				w.readers(30)
				p := plan()
				p.UnknownPolicy = policy
				row := w.scheduled(p, oneContent[:1])
				slow := make(chan error)
				go func() {
					_, err := w.campaigns.Work(w.system)
					slow <- err
				}()
				<-held
				w.Clock.Advance(3 * time.Minute)
				config := w.config
				config.Composer = composer{}
				other := campaign.New(w.DB, config)
				for n := 1; n > 0; {
					var err error
					n, err = other.Work(w.system)
					w.ok(err)
				}
				between := w.consistent(row.ID)
				if between.Unknown == 0 || between.Unknown > 4 || between.Sent != 30-between.Unknown {
					t.Errorf("while the slow process stands still: %+v", between)
				}
				close(free)
				w.ok(<-slow)
				w.work()
				is(t, "sent", w.consistent(row.ID).Sent, int64(30))
				is(t, "arrived", w.sink.messages(t), 30)
			})
		})
	}
}

// TestSlowProcessThatHasSentNothing is taken for dead as well; what it had marked never left, so those are tried
// again though the campaign was over for the others.
func TestSlowProcessThatHasSentNothing(t *testing.T) {
	down := mail.NewFailure(mail.Temporary, nil, "the connection broke")
	down.Down = true
	held, free, asked := make(chan struct{}), make(chan struct{}), make(chan struct{})
	loads := 0
	w := newWorld(t, testutil.SQLite(t), func(c *campaign.Config) {
		c.Window, c.Chunk = 4, 4
		c.Composer = composer{load: func() {
			if loads++; loads == 2 {
				close(held)
				<-free
			}
		}}
	})
	w.config.Transports[""] = campaign.Transport{Transport: w.sink, Connections: 1}
	w.campaigns = campaign.New(w.DB, w.config)
	w.readers(30)
	var n atomic.Int64
	w.sink.set(func(message.Envelope) error {
		if n.Add(1) == 1 {
			close(asked)
			<-free
			return down
		}
		return nil
	})
	row := w.scheduled(plan(), oneContent[:1])
	slow := make(chan error)
	go func() {
		_, err := w.campaigns.Work(w.system)
		slow <- err
	}()
	<-held
	<-asked
	w.Clock.Advance(3 * time.Minute)
	config := w.config
	config.Composer = composer{}
	other := campaign.New(w.DB, config)
	for n := 1; n > 0; {
		var err error
		n, err = other.Work(w.system)
		w.ok(err)
	}
	is(t, "state for the others", w.get(row.ID).State, campaign.Done)
	is(t, "unknown", w.consistent(row.ID).Unknown, int64(4))
	w.sink.mu.Lock()
	w.sink.dial = func() error { return down }
	w.sink.mu.Unlock()
	close(free)
	w.ok(<-slow)
	f := w.consistent(row.ID)
	is(t, "to be tried again", f.Deferred, int64(4))
	is(t, "state", w.get(row.ID).State, campaign.Running)
	w.sink.mu.Lock()
	w.sink.dial = nil
	w.sink.mu.Unlock()
	w.Clock.Advance(time.Minute)
	w.work()
	is(t, "sent", w.consistent(row.ID).Sent, int64(30))
	is(t, "arrived", w.sink.messages(t), 30)
	is(t, "state", w.get(row.ID).State, campaign.Done)
}
