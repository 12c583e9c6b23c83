package mailtest

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// SinkOptions say what a [Sink] is like; the zero SinkOptions take everything, with PIPELINING.
type SinkOptions struct {
	// TLS is offered by STARTTLS, or from the first byte where Implicit.
	TLS, Implicit bool
	// NoPipelining, NoUTF8 and NoEightBit hide what is otherwise offered. MaxSize is announced where it is
	// set.
	NoPipelining, NoUTF8, NoEightBit bool
	MaxSize                          int
	// Delay is how late answers come, as over a long way: those to commands that came together come
	// together.
	Delay time.Duration
	// PerConnection ends a connection without a word after so many messages; 0 never does.
	PerConnection int
	// Careless asks for content though no recipient was taken, and takes it.
	Careless bool
	// Misbehave is asked at each step with the recipient, or at AtConnect and AtMail with "" and the sender;
	// a zero Reply goes on, one with a Code says that first and drops or hangs then. It is called by many
	// goroutines.
	Misbehave func(s Step, address string) Reply
	// Taken is told each message that was taken, before the client is; Data is valid until it returns. It is
	// called by many goroutines.
	Taken func(d Delivery)
}

// Sink is a mail server for many messages: it costs next to nothing, keeps nothing, and counts.
type Sink struct {
	Host string
	Port int
	// Roots vouch for its certificate.
	Roots *x509.CertPool
	// Messages counts what was taken, Empty what had no content, Connections those who came, Resets the
	// RSETs, Goodbyes the QUITs, Reads how often it had to wait for the client.
	Messages, Empty, Connections, Resets, Goodbyes, Reads atomic.Int64

	options SinkOptions
	tls     *tls.Config
	done    chan struct{}

	mu   sync.Mutex
	open map[net.Conn]bool
}

// StartSink runs a sink until the test ends.
func StartSink(t testing.TB, o SinkOptions) *Sink {
	t.Helper()
	s, stop, err := ListenSink(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return s
}

// ListenSink runs a sink until stop is called.
func ListenSink(o SinkOptions) (s *Sink, stop func(), err error) {
	s = &Sink{options: o, done: make(chan struct{}), open: map[net.Conn]bool{}}
	if o.TLS || o.Implicit {
		if s.tls, s.Roots, err = certificate(); err != nil {
			return nil, nil, err
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	at := netip.MustParseAddrPort(l.Addr().String())
	s.Host, s.Port = at.Addr().String(), int(at.Port())
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			s.Connections.Add(1)
			if !s.keep(conn) {
				return
			}
			serving.Go(func() {
				_ = (&sinkConn{sink: s, conn: conn, raw: conn}).serve()
				s.forget(conn)
			})
		}
	})
	return s, func() {
		close(s.done)
		_ = l.Close()
		s.mu.Lock()
		for conn := range s.open {
			_ = conn.Close()
		}
		s.open = nil
		s.mu.Unlock()
		serving.Wait()
	}, nil
}

// Kill breaks all connections off; new ones are taken.
func (s *Sink) Kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for conn := range s.open {
		_ = conn.Close()
	}
}

func (s *Sink) keep(conn net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open == nil {
		_ = conn.Close()
		return false
	}
	s.open[conn] = true
	return true
}

func (s *Sink) forget(conn net.Conn) {
	_ = conn.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, conn)
}

// sinkConn is one client. What it sent lies in buf from r to w.
type sinkConn struct {
	sink      *Sink
	conn, raw net.Conn
	buf       []byte
	r, w      int
	out       []byte

	from, to string
	utf8     bool
	begun    bool
	messages int
}

func (c *sinkConn) serve() error {
	c.buf = make([]byte, 32<<10)
	if c.sink.options.Implicit {
		c.conn = tls.Server(c.conn, c.sink.tls)
	}
	if err := c.answer(AtConnect, "", "220 sink.test ESMTP\r\n"); err != nil {
		return err
	}
	for {
		line, err := c.line()
		if err != nil {
			return err
		}
		if err := c.command(line); err != nil {
			return err
		}
	}
}

func (c *sinkConn) command(line []byte) error {
	o := &c.sink.options
	verb := string(bytes.ToUpper(line[:min(4, len(line))]))
	switch verb {
	case "MAIL":
		if c.begun {
			return c.say("503 5.5.1 nested MAIL\r\n")
		}
		c.from, c.to, c.utf8 = c.address(line), "", bytes.Contains(line, []byte(" SMTPUTF8"))
		before := len(c.out)
		err := c.answer(AtMail, c.from, "250 2.1.0 ok\r\n")
		c.begun = err == nil && c.out[before] == '2'
		return err
	case "RCPT":
		if !c.begun {
			return c.say("503 5.5.1 no sender\r\n")
		}
		to, before := c.address(line), len(c.out)
		err := c.answer(AtRecipient, to, "250 2.1.5 ok\r\n")
		if err == nil && c.out[before] == '2' {
			c.to = to
		}
		return err
	case "DATA":
		return c.data()
	case "RSET":
		c.sink.Resets.Add(1)
		c.begun, c.to = false, ""
		return c.say("250 2.0.0 ok\r\n")
	case "EHLO", "HELO":
		return c.hello()
	case "STAR":
		if !o.TLS {
			return c.say("502 5.5.1 no TLS\r\n")
		}
		c.out = append(c.out, "220 2.0.0 go on\r\n"...)
		if err := c.flush(); err != nil {
			return err
		}
		c.conn, c.r, c.w = tls.Server(c.raw, c.sink.tls), 0, 0
		return nil
	case "NOOP":
		return c.say("250 2.0.0 ok\r\n")
	case "QUIT":
		c.sink.Goodbyes.Add(1)
		c.out = append(c.out, "221 2.0.0 bye\r\n"...)
		_ = c.flush()
		return io.EOF
	}
	return c.say("500 5.5.2 unknown command\r\n")
}

func (c *sinkConn) hello() error {
	o := &c.sink.options
	for _, offer := range []struct {
		name string
		is   bool
	}{
		{"sink.test", true}, {"PIPELINING", !o.NoPipelining}, {"8BITMIME", !o.NoEightBit}, {"SMTPUTF8", !o.NoUTF8},
		{"STARTTLS", o.TLS && c.conn == c.raw}, {fmt.Sprintf("SIZE %d", o.MaxSize), o.MaxSize > 0},
	} {
		if offer.is {
			c.out = append(append(append(c.out, "250-"...), offer.name...), '\r', '\n')
		}
	}
	return c.say("250 ENHANCEDSTATUSCODES\r\n")
}

// address is what stands between < and >. It is read only where somebody asks.
func (c *sinkConn) address(line []byte) string {
	from, to := bytes.IndexByte(line, '<'), bytes.IndexByte(line, '>')
	switch {
	case from < 0 || to < from:
		return "?"
	case c.sink.options.Misbehave == nil && c.sink.options.Taken == nil:
		return "somebody"
	}
	return string(line[from+1 : to])
}

func (c *sinkConn) data() error {
	o := &c.sink.options
	if c.to == "" && !o.Careless {
		return c.say("554 5.5.1 no valid recipients\r\n")
	}
	before := len(c.out)
	if err := c.answer(AtData, c.to, "354 go on\r\n"); err != nil {
		return err
	}
	if c.out[before] != '3' {
		return nil
	}
	content, err := c.content()
	if err != nil {
		return err
	}
	reply := Reply{}
	if o.Misbehave != nil {
		reply = o.Misbehave(AfterData, c.to)
	}
	if reply.Code == 0 && !reply.Hang {
		c.sink.Messages.Add(1)
		if len(content) == 0 {
			c.sink.Empty.Add(1)
		}
		if o.Taken != nil {
			if bytes.HasPrefix(content, []byte("..")) {
				content = content[1:]
			}
			o.Taken(Delivery{From: c.from, To: []string{c.to}, Data: bytes.ReplaceAll(content, []byte("\r\n.."), []byte("\r\n.")), UTF8: c.utf8})
		}
	}
	c.begun, c.to = false, ""
	c.messages++
	if err := c.misbehave(reply, "250 2.0.0 taken\r\n"); err != nil {
		return err
	}
	if c.messages == o.PerConnection {
		_ = c.flush()
		return io.EOF
	}
	return nil
}

// answer asks how to misbehave, and says something.
func (c *sinkConn) answer(s Step, address, usual string) error {
	if c.sink.options.Misbehave == nil {
		return c.say(usual)
	}
	return c.misbehave(c.sink.options.Misbehave(s, address), usual)
}

func (c *sinkConn) misbehave(r Reply, usual string) error {
	if r.Code != 0 {
		usual = fmt.Sprintf("%d %s\r\n", r.Code, r.Text)
	}
	if !r.Drop && !r.Hang {
		return c.say(usual)
	}
	if r.Code != 0 {
		_ = c.say(usual)
	}
	_ = c.flush()
	if r.Hang {
		<-c.sink.done
	}
	return io.EOF
}

// say collects an answer; it goes out when nothing more has come in.
func (c *sinkConn) say(text string) error {
	c.out = append(c.out, text...)
	return nil
}

// line gives the next line without its end.
func (c *sinkConn) line() ([]byte, error) {
	for from := c.r; ; {
		if n := bytes.IndexByte(c.buf[from:c.w], '\n'); n >= 0 {
			line := bytes.TrimSuffix(c.buf[c.r:from+n], []byte("\r"))
			c.r = from + n + 1
			return line, nil
		}
		seen := c.w - c.r
		if err := c.fill(); err != nil {
			return nil, err
		}
		from = c.r + seen
	}
}

// content gives what comes before the dot that stands alone.
func (c *sinkConn) content() ([]byte, error) {
	end := []byte("\r\n.\r\n")
	for seen := 0; ; {
		have := c.buf[c.r:c.w]
		if bytes.HasPrefix(have, end[2:]) {
			c.r += 3
			return nil, nil
		}
		if n := bytes.Index(have[seen:], end); n >= 0 {
			c.r += seen + n + len(end)
			return have[:seen+n+2], nil
		}
		seen = max(0, len(have)-len(end))
		if err := c.fill(); err != nil {
			return nil, err
		}
	}
}

// fill waits for more, having said what there was to say.
func (c *sinkConn) fill() error {
	if err := c.flush(); err != nil {
		return err
	}
	if c.r > 0 {
		c.w = copy(c.buf, c.buf[c.r:c.w])
		c.r = 0
	}
	if c.w == len(c.buf) {
		c.buf = append(c.buf, make([]byte, len(c.buf))...)
	}
	c.sink.Reads.Add(1)
	n, err := c.conn.Read(c.buf[c.w:])
	c.w += n
	if n > 0 {
		return nil
	}
	return err
}

func (c *sinkConn) flush() error {
	if len(c.out) == 0 {
		return nil
	}
	if d := c.sink.options.Delay; d > 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-c.sink.done:
			return io.EOF
		}
	}
	_, err := c.conn.Write(c.out)
	c.out = c.out[:0]
	return err
}
