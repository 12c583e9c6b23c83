package smtp_test

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/textproto"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/crmplus/crmplus/adapters/smtp"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/testutil/mailtest"
)

// bulk is one to a server of the options.
func bulk(t testing.TB, host string, port int, change func(*smtp.BulkConfig)) *smtp.Bulk {
	t.Helper()
	c := smtp.BulkConfig{Config: smtp.Config{Host: host, Port: port, TLS: smtp.None, Timeout: 10 * time.Second, HELO: "crm.example.com"}}
	if change != nil {
		change(&c)
	}
	b, err := smtp.NewBulk(c)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// keeper remembers what a sink takes.
type keeper struct {
	mu  sync.Mutex
	all []mailtest.Delivery
}

func (k *keeper) take(d mailtest.Delivery) {
	k.mu.Lock()
	defer k.mu.Unlock()
	d.Data = bytes.Clone(d.Data)
	k.all = append(k.all, d)
}

func (k *keeper) deliveries() []mailtest.Delivery {
	k.mu.Lock()
	defer k.mu.Unlock()
	return append([]mailtest.Delivery(nil), k.all...)
}

func refusing(s mailtest.Step, address string) mailtest.Reply {
	if s == mailtest.AtRecipient && strings.HasPrefix(address, "refused@") {
		return mailtest.Reply{Code: 550, Text: "5.1.1 no such mailbox"}
	}
	return mailtest.Reply{}
}

// manners are those of a sink.
var manners = map[mailtest.Manner]mailtest.SinkOptions{
	mailtest.Takes: {}, mailtest.Later: {Misbehave: at(mailtest.AfterData, mailtest.Reply{Code: 451, Text: "4.7.1 try later"})},
	mailtest.Never: {Misbehave: at(mailtest.AfterData, mailtest.Reply{Code: 554, Text: "5.7.1 looks like spam"})}, mailtest.NotToAll: {Misbehave: refusing},
	mailtest.Mute: {Misbehave: at(mailtest.AfterData, mailtest.Reply{Drop: true})}, mailtest.Asleep: {Misbehave: at(mailtest.AtMail, mailtest.Reply{Hang: true})},
	mailtest.Closes: {PerConnection: 3}, mailtest.Careless: {Misbehave: refusing, Careless: true}, mailtest.Latin: {NoUTF8: true},
}

func TestBulkConformance(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*smtp.BulkConfig, *mailtest.SinkOptions)
	}{
		{"with PIPELINING", func(*smtp.BulkConfig, *mailtest.SinkOptions) {}},
		{"without PIPELINING", func(_ *smtp.BulkConfig, o *mailtest.SinkOptions) { o.NoPipelining = true }},
		{"step by step", func(c *smtp.BulkConfig, _ *mailtest.SinkOptions) { c.StepByStep = true }},
		{"with TLS", func(c *smtp.BulkConfig, o *mailtest.SinkOptions) { c.TLS, o.TLS = smtp.StartTLS, true }},
		{"two messages a connection", func(c *smtp.BulkConfig, _ *mailtest.SinkOptions) { c.PerConnection = 2 }},
	} {
		t.Run(c.name, func(t *testing.T) {
			mailtest.RunTransport(t, func(t *testing.T, m mailtest.Manner) mailtest.BulkService {
				var k keeper
				o, config := manners[m], smtp.BulkConfig{}
				o.Taken = k.take
				c.change(&config, &o)
				s := mailtest.StartSink(t, o)
				port := s.Port
				if m == mailtest.Gone {
					port = 1
				}
				t.Cleanup(func() {
					if n := s.Empty.Load(); n > 0 {
						t.Errorf("%d empty mails were sent", n)
					}
				})
				return mailtest.BulkService{Taken: k.deliveries, Transport: bulk(t, s.Host, port, func(b *smtp.BulkConfig) {
					b.RootCAs, b.StepByStep, b.PerConnection = s.Roots, config.StepByStep, config.PerConnection
					if config.TLS != "" {
						b.TLS = config.TLS
					}
				})}
			})
		})
	}
}

// The whole server of another library, with a login.
func TestBulkToAnotherServer(t *testing.T) {
	for _, security := range []smtp.Security{smtp.StartTLS, smtp.Implicit} {
		t.Run(string(security), func(t *testing.T) {
			s := mailtest.Start(t, mailtest.Options{TLS: security == smtp.StartTLS, Implicit: security == smtp.Implicit, User: "crm", Password: "titok", Misbehave: refusing})
			b := bulk(t, s.Host, s.Port, func(c *smtp.BulkConfig) { c.TLS, c.RootCAs, c.Username, c.Password = security, s.Roots, "crm", "titok" })
			ends := mailtest.SendAll(t, b, "a@example.com", "refused@example.com", "олег@example.com", "b@example.com")
			var got []string
			for _, d := range s.Deliveries() {
				got = append(got, d.To[0])
				if want := mailtest.Issue(d.To[0]); string(d.Data) != string(want.Data) || d.Login != "crm" || d.UTF8 != want.UTF8 {
					t.Errorf("%+v", d)
				}
			}
			if len(ends) != 4 || mailtest.OutcomeOf(ends[1].Err) != mail.Permanent || strings.Join(got, " ") != "a@example.com олег@example.com b@example.com" {
				t.Errorf("%v, %v", ends, got)
			}
		})
	}
}

func TestBulkLoginRefused(t *testing.T) {
	s := mailtest.Start(t, mailtest.Options{User: "crm", Password: "other"})
	_, err := bulk(t, s.Host, s.Port, func(c *smtp.BulkConfig) { c.Username, c.Password = "crm", "nagyon-titkos" }).Dial(t.Context())
	var f *mail.Failure
	if !errors.As(err, &f) || f.Outcome != mail.Temporary || !f.Down || strings.Contains(err.Error(), "titkos") {
		t.Error(err)
	}
}

// Each way a server can misbehave, at the first message of a connection and at a later one.
func TestBulkStepsThatBreak(t *testing.T) {
	drop, hang := mailtest.Reply{Drop: true}, mailtest.Reply{Hang: true}
	for _, c := range []struct {
		name  string
		step  mailtest.Step
		reply mailtest.Reply
		want  mail.Outcome
		down  bool
		// later is the outcome where the connection had worked before: it gets another.
		later mail.Outcome
	}{
		{"dropped at the sender", mailtest.AtMail, drop, mail.Temporary, true, ""},
		{"dropped at the recipient", mailtest.AtRecipient, drop, mail.Temporary, true, ""},
		{"dropped at DATA", mailtest.AtData, drop, mail.Temporary, true, ""},
		{"dropped after the last line", mailtest.AfterData, drop, mail.Unknown, false, mail.Unknown},
		{"silent at the sender", mailtest.AtMail, hang, mail.Temporary, true, mail.Temporary},
		{"silent after the last line", mailtest.AfterData, hang, mail.Unknown, false, mail.Unknown},
		{"leaving at the sender", mailtest.AtMail, mailtest.Reply{Code: 421, Text: "too busy"}, mail.Temporary, true, ""},
		{"leaving at the recipient", mailtest.AtRecipient, mailtest.Reply{Code: 421, Text: "too busy"}, mail.Temporary, true, ""},
		{"leaving after the last line", mailtest.AfterData, mailtest.Reply{Code: 421, Text: "too busy"}, mail.Temporary, true, mail.Temporary},
		{"login wanted", mailtest.AtMail, mailtest.Reply{Code: 530, Text: "log in"}, mail.Temporary, true, mail.Temporary},
		{"sender refused", mailtest.AtMail, mailtest.Reply{Code: 550, Text: "not yours"}, mail.Permanent, false, mail.Permanent},
		{"sender deferred", mailtest.AtMail, mailtest.Reply{Code: 451, Text: "not now"}, mail.Temporary, false, mail.Temporary},
		{"recipient refused", mailtest.AtRecipient, mailtest.Reply{Code: 550, Text: "5.1.1 nobody"}, mail.Permanent, false, mail.Permanent},
		{"recipient deferred", mailtest.AtRecipient, mailtest.Reply{Code: 450, Text: "greylisted"}, mail.Temporary, false, mail.Temporary},
		{"bad sequence at the recipient", mailtest.AtRecipient, mailtest.Reply{Code: 503, Text: "not you"}, mail.Permanent, false, mail.Permanent},
		{"DATA refused", mailtest.AtData, mailtest.Reply{Code: 554, Text: "no"}, mail.Permanent, false, mail.Permanent},
		{"content refused", mailtest.AfterData, mailtest.Reply{Code: 552, Text: "too large"}, mail.Permanent, false, mail.Permanent},
		{"content deferred", mailtest.AfterData, mailtest.Reply{Code: 452, Text: "disk full"}, mail.Temporary, false, mail.Temporary},
		{"content refused, and gone", mailtest.AfterData, mailtest.Reply{Code: 552, Text: "too large", Drop: true}, mail.Permanent, false, mail.Permanent},
		{"recipient refused, and gone", mailtest.AtRecipient, mailtest.Reply{Code: 550, Text: "nobody", Drop: true}, mail.Permanent, false, mail.Permanent},
		{"gone where the content should come", mailtest.AtData, mailtest.Reply{Code: 354, Text: "go on", Drop: true}, mail.Unknown, false, mail.Unknown},
		{"an answer to something else", mailtest.AtRecipient, mailtest.Reply{Code: 354, Text: "what"}, mail.Temporary, true, ""},
		{"an answer before the content", mailtest.AtData, mailtest.Reply{Code: 354, Text: "go on\r\n250 2.0.0 taken"}, mail.Temporary, true, ""},
		{"an answer that is none", mailtest.AfterData, mailtest.Reply{Code: 999, Text: "what"}, mail.Unknown, false, mail.Unknown},
	} {
		for _, pipelining := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, pipelining %v", c.name, pipelining), func(t *testing.T) {
				patience := 10 * time.Second
				if c.reply.Hang {
					t.Parallel()
					patience = 250 * time.Millisecond
				}
				for _, first := range []int{0, 2} {
					var k keeper
					var steps atomic.Int64
					s := mailtest.StartSink(t, mailtest.SinkOptions{NoPipelining: !pipelining, Taken: k.take, Misbehave: func(step mailtest.Step, _ string) mailtest.Reply {
						if step == c.step && steps.Add(1) == int64(first)+1 {
							return c.reply
						}
						return mailtest.Reply{}
					}})
					to := []string{"a@example.com", "b@example.com", "c@example.com", "d@example.com"}
					ends := mailtest.SendAll(t, bulk(t, s.Host, s.Port, func(c *smtp.BulkConfig) { c.Timeout = patience }), to...)
					got := map[string]int{}
					for _, d := range k.deliveries() {
						got[d.To[0]]++
					}
					if len(ends) <= first {
						t.Fatalf("%d ends", len(ends))
					}
					want, e := c.want, ends[first]
					if first > 0 {
						want = c.later
					}
					if mailtest.OutcomeOf(e.Err) != want || want == c.want && e.Failure.Down != c.down {
						t.Errorf("message %d: %v, want %q, down %v", first, e.Err, want, c.down)
					}
					var said *textproto.Error
					if c.reply.Code >= 400 && c.reply.Code < 600 && want != "" && (!errors.As(e.Err, &said) || said.Code != c.reply.Code || !strings.Contains(e.Failure.Reason, c.reply.Text)) {
						t.Errorf("%v does not quote the server", e.Err)
					}
					for _, e := range ends {
						o := mailtest.OutcomeOf(e.Err)
						if n := got[e.To]; o == "" && n != 1 || o != "" && o != mail.Unknown && n != 0 || n > 1 {
							t.Errorf("%s has %d messages, the end says %q", e.To, n, o)
						}
						if e.To != to[first] && e.Err != nil && !e.Failure.Down {
							t.Errorf("%s suffers for another: %v", e.To, e.Err)
						}
					}
					if s.Empty.Load() > 0 {
						t.Error("an empty mail was sent")
					}
				}
			})
		}
	}
}

func TestBulkTakesOneWayPerMessage(t *testing.T) {
	var to []string
	for i := range 60 {
		to = append(to, fmt.Sprintf("reader%d@example.com", i))
	}
	s := mailtest.StartSink(t, mailtest.SinkOptions{})
	mailtest.SendAll(t, bulk(t, s.Host, s.Port, nil), to...)
	if reads := s.Reads.Load(); s.Messages.Load() != 60 || reads > 150 || s.Connections.Load() != 1 || s.Resets.Load() != 0 {
		t.Errorf("%d messages took %d waits, %d connections, %d resets", s.Messages.Load(), reads, s.Connections.Load(), s.Resets.Load())
	}
}

func TestBulkResetsOnlyWhatIsOpen(t *testing.T) {
	for _, c := range []struct {
		step mailtest.Step
		want int64
	}{{mailtest.AtMail, 0}, {mailtest.AtRecipient, 1}, {mailtest.AtData, 1}, {mailtest.AfterData, 0}} {
		for _, pipelining := range []bool{true, false} {
			var n atomic.Int64
			s := mailtest.StartSink(t, mailtest.SinkOptions{NoPipelining: !pipelining, Misbehave: func(step mailtest.Step, _ string) mailtest.Reply {
				if step == c.step && n.Add(1) == 2 {
					return mailtest.Reply{Code: 550, Text: "no"}
				}
				return mailtest.Reply{}
			}})
			ends := mailtest.SendAll(t, bulk(t, s.Host, s.Port, nil), "a@example.com", "b@example.com", "c@example.com")
			if len(ends) != 3 || ends[2].Err != nil || s.Resets.Load() != c.want || s.Connections.Load() != 1 {
				t.Errorf("%s, pipelining %v: %v, %d resets, want %d, %d connections", c.step, pipelining, ends, s.Resets.Load(), c.want, s.Connections.Load())
			}
		}
	}
}

func TestBulkGivesConnectionsBack(t *testing.T) {
	s := mailtest.StartSink(t, mailtest.SinkOptions{})
	b := bulk(t, s.Host, s.Port, func(c *smtp.BulkConfig) { c.PerConnection = 3 })
	for _, e := range mailtest.SendAll(t, b, strings.Fields(strings.Repeat("a@example.com ", 10))...) {
		if e.Err != nil {
			t.Error(e.Err)
		}
	}
	if s.Connections.Load() != 4 || s.Messages.Load() != 10 || s.Goodbyes.Load() != 4 {
		t.Errorf("%d connections for %d messages of 3 each, %d goodbyes", s.Connections.Load(), s.Messages.Load(), s.Goodbyes.Load())
	}
}

func TestBulkGivesConnectionsBackThatItDoesNotUse(t *testing.T) {
	s := mailtest.StartSink(t, mailtest.SinkOptions{})
	conn, err := bulk(t, s.Host, s.Port, func(c *smtp.BulkConfig) { c.Idle = time.Millisecond }).Dial(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i := range int64(2) {
		ended := make(chan error, 1)
		if err := conn.Send(t.Context(), mailtest.Issue("eva@example.com"), func(err error) { ended <- err }); err != nil {
			t.Fatal(err)
		}
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		for s.Goodbyes.Load() <= i {
			runtime.Gosched()
		}
	}
	if err := conn.Close(t.Context()); err != nil || s.Connections.Load() < 2 {
		t.Errorf("%v, %d connections", err, s.Connections.Load())
	}
}

func TestBulkIsCarefulWithTheCareless(t *testing.T) {
	s := mailtest.StartSink(t, mailtest.SinkOptions{Careless: true, Misbehave: refusing})
	b := bulk(t, s.Host, s.Port, nil)
	ends := mailtest.SendAll(t, b, strings.Fields(strings.Repeat("a@example.com refused@example.com ", 5))...)
	if len(ends) != 10 || s.Messages.Load() != 5 || s.Empty.Load() != 0 || s.Connections.Load() != 2 {
		t.Errorf("%d messages, %d of them empty, %d connections: it is to ask step by step after the first time", s.Messages.Load(), s.Empty.Load(), s.Connections.Load())
	}
}

func TestBulkRefusesWhatTheServerDoesNotTake(t *testing.T) {
	for _, c := range []struct {
		name    string
		options mailtest.SinkOptions
		data    string
		reason  string
	}{
		{"too large", mailtest.SinkOptions{MaxSize: 10}, "Subject: x\r\n\r\nlong\r\n", "takes at most"},
		{"bytes beyond ASCII", mailtest.SinkOptions{NoEightBit: true}, "Subject: x\r\n\r\nő\r\n", "ASCII"},
		{"bytes beyond ASCII, offered", mailtest.SinkOptions{}, "Subject: x\r\n\r\nő long enough to be looked at by words\r\n", ""},
		{"a bare line feed", mailtest.SinkOptions{}, "Subject: x\r\n\r\n.\n", "CR LF"},
		{"an end within", mailtest.SinkOptions{}, "Subject: x\r\n\r\nx\n.\r\nMAIL FROM:<>\r\n", "CR LF"},
		{"a bare carriage return", mailtest.SinkOptions{}, "Subject: x\r\n\r\nx\r.\r\n", "CR LF"},
		{"no end", mailtest.SinkOptions{}, "Subject: x", "CR LF"},
		{"nothing", mailtest.SinkOptions{}, "", "CR LF"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var k keeper
			c.options.Taken = k.take
			s := mailtest.StartSink(t, c.options)
			conn, err := bulk(t, s.Host, s.Port, nil).Dial(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			var log mailtest.Log
			e := mailtest.Issue("eva@example.com")
			e.Data = []byte(c.data)
			if err := errors.Join(conn.Send(t.Context(), e, log.Of("eva")), conn.Close(t.Context())); err != nil {
				t.Fatal(err)
			}
			end := log.Ends()[0]
			if c.reason == "" {
				if end.Err != nil || len(k.deliveries()) != 1 || string(k.deliveries()[0].Data) != c.data {
					t.Errorf("%v, %v", end.Err, k.deliveries())
				}
				return
			}
			if mailtest.OutcomeOf(end.Err) != mail.Permanent || !strings.Contains(end.Failure.Reason, c.reason) || s.Messages.Load() != 0 {
				t.Errorf("%v, %d messages", end.Err, s.Messages.Load())
			}
		})
	}
}

// A large message goes out in several pieces.
func TestBulkLargeMessage(t *testing.T) {
	var k keeper
	s := mailtest.StartSink(t, mailtest.SinkOptions{Taken: k.take})
	conn, err := bulk(t, s.Host, s.Port, nil).Dial(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	e := mailtest.Issue("eva@example.com")
	for _, end := range []string{"", ".\r\n", "..", "...."} {
		e.Data = []byte(strings.Repeat(".line that begins with a dot\r\n"+end, 20_000))
		if !bytes.HasSuffix(e.Data, []byte("\r\n")) {
			e.Data = append(e.Data, '\r', '\n')
		}
		ended := make(chan error, 1)
		if err := conn.Send(t.Context(), e, func(err error) { ended <- err }); err != nil {
			t.Fatal(err)
		}
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		if all := k.deliveries(); !bytes.Equal(all[len(all)-1].Data, e.Data) {
			t.Errorf("%q: %d bytes came, %d were sent", end, len(all[len(all)-1].Data), len(e.Data))
		}
	}
	if err := conn.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

// A server that does not wait for the end of the content has no message.
func TestBulkBrokenOffWithinTheContent(t *testing.T) {
	s := mailtest.StartSink(t, mailtest.SinkOptions{Misbehave: at(mailtest.AtData, mailtest.Reply{Code: 354, Text: "go on", Drop: true})})
	conn, err := bulk(t, s.Host, s.Port, nil).Dial(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var log mailtest.Log
	e := mailtest.Issue("eva@example.com")
	e.Data = bytes.Repeat(e.Data, 20<<20/len(e.Data)) // more than the way there holds
	if err := errors.Join(conn.Send(t.Context(), e, log.Of("eva")), conn.Close(t.Context())); err != nil {
		t.Fatal(err)
	}
	if ends := log.Ends(); len(ends) != 1 || mailtest.OutcomeOf(ends[0].Err) != mail.Temporary || !ends[0].Failure.Down {
		t.Errorf("%v", ends)
	}
}

func TestBulkConfigurationFaultsAllAtOnce(t *testing.T) {
	_, err := smtp.NewBulk(smtp.BulkConfig{Config: smtp.Config{Host: "mail example", Port: 70000}, PerConnection: -1})
	var got []string
	for _, f := range fault.Of(err) {
		got = append(got, f.Path)
	}
	if strings.Join(got, " ") != "host port per_connection" {
		t.Errorf("%v, %v", got, err)
	}
}

// A server that is killed while many connections send leaves no goroutine behind, and everybody an end.
func TestBulkServerDies(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	var k keeper
	var s *mailtest.Sink
	var n atomic.Int64
	s, stop, err := mailtest.ListenSink(mailtest.SinkOptions{Taken: k.take, Misbehave: func(step mailtest.Step, _ string) mailtest.Reply {
		if step == mailtest.AtMail && n.Add(1)%40 == 0 {
			s.Kill()
		}
		return mailtest.Reply{}
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	b := bulk(t, s.Host, s.Port, nil)
	var log mailtest.Log
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for k := 0; k < 50; {
				conn, err := b.Dial(t.Context())
				if err != nil {
					continue
				}
				for err == nil && k < 50 {
					to := fmt.Sprintf("r%d.%d@example.com", i, k)
					k++
					err = conn.Send(t.Context(), mailtest.Issue(to), log.Of(to))
				}
				_ = conn.Close(t.Context())
			}
		})
	}
	wg.Wait()
	taken, ended := map[string]int{}, map[string]int{}
	for _, d := range k.deliveries() {
		taken[d.To[0]]++
	}
	for _, e := range log.Ends() {
		ended[e.To]++
		if o := mailtest.OutcomeOf(e.Err); o == "" && taken[e.To] != 1 || o == mail.Temporary && taken[e.To] != 0 || o == mail.Permanent || ended[e.To] > 1 {
			t.Errorf("%s: %q, %d taken, %d ends (%v)", e.To, o, taken[e.To], ended[e.To], e.Err)
		}
	}
	if len(ended) != 200 || s.Empty.Load() > 0 {
		t.Errorf("%d ends, %d empty mails", len(ended), s.Empty.Load())
	}
}

// Some are refused, some put off, and connections end after a few messages: everybody gets his one.
func TestBulkAmongFaults(t *testing.T) {
	for _, pipelining := range []bool{true, false} {
		var k keeper
		share := &mailtest.Share{Refused: 20, Deferred: 10}
		s := mailtest.StartSink(t, mailtest.SinkOptions{Taken: k.take, Misbehave: share.Misbehave, PerConnection: 7, NoPipelining: !pipelining})
		b := bulk(t, s.Host, s.Port, nil)
		var all, again []string
		for i := range 300 {
			all = append(all, fmt.Sprintf("reader%d@example.com", i))
		}
		want := 0
		for _, e := range mailtest.SendAll(t, b, all...) {
			refused, deferred := share.Refuses(e.To), share.Defers(e.To)
			switch o := mailtest.OutcomeOf(e.Err); {
			case refused != (o == mail.Permanent) || deferred != (o == mail.Temporary) || !refused && !deferred && e.Err != nil:
				t.Errorf("%s: %v", e.To, e.Err)
			case deferred:
				again = append(again, e.To)
			}
			if !refused {
				want++
			}
		}
		for _, e := range mailtest.SendAll(t, b, again...) {
			if e.Err != nil {
				t.Errorf("%s, the second time: %v", e.To, e.Err)
			}
		}
		taken := map[string]int{}
		for _, d := range k.deliveries() {
			taken[d.To[0]]++
		}
		if len(taken) != want || len(k.deliveries()) != want || want == 300 || len(again) == 0 || s.Empty.Load() > 0 {
			t.Errorf("%d readers got %d messages, want one for each of %d; %d were put off", len(taken), len(k.deliveries()), want, len(again))
		}
	}
}

// TLS that is cut in the middle of a message.
func TestBulkTLSIsCut(t *testing.T) {
	var cut atomic.Bool
	s := mailtest.StartSink(t, mailtest.SinkOptions{Implicit: true})
	front, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer front.Close()
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() { // passes bytes on, until it is to cut
		client, err := front.Accept()
		if err != nil {
			return
		}
		defer client.Close()
		server, err := net.Dial("tcp", net.JoinHostPort(s.Host, fmt.Sprint(s.Port)))
		if err != nil {
			return
		}
		defer server.Close()
		wg.Go(func() { relay(client, server, nil) })
		relay(server, client, &cut)
	})
	at := netip.MustParseAddrPort(front.Addr().String())
	b := bulk(t, at.Addr().String(), int(at.Port()), func(c *smtp.BulkConfig) { c.TLS, c.RootCAs = smtp.Implicit, s.Roots })
	conn, err := b.Dial(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	cut.Store(true)
	var log mailtest.Log
	_ = conn.Send(t.Context(), mailtest.Issue("eva@example.com"), log.Of("eva"))
	_ = conn.Close(t.Context())
	if ends := log.Ends(); len(ends) != 1 || mailtest.OutcomeOf(ends[0].Err) != mail.Temporary || !ends[0].Failure.Down || s.Messages.Load() != 0 {
		t.Errorf("%v", ends)
	}
	_ = front.Close()
}

func relay(to, from net.Conn, cut *atomic.Bool) {
	buffer := make([]byte, 4096)
	for {
		n, err := from.Read(buffer)
		if err != nil || cut != nil && cut.Load() {
			if cut != nil {
				_, _ = to.Write(buffer[:n/2])
				_ = from.Close()
			}
			_ = to.Close()
			return
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}
