package campaign_test

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/newsletter/message"
)

// wire is a way out to a server in another process: for each message its length, its recipient and its text,
// answered by one byte. It is what SMTP comes to, without SMTP, whose transport has tests of its own.
type wire struct{ address string }

func (w wire) Dial(ctx context.Context) (message.Conn, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", w.address)
	if err != nil {
		f := mail.NewFailure(mail.Temporary, err, "the server cannot be reached")
		f.Down = true
		return nil, f
	}
	c := &wireConn{conn: conn, waiting: make(chan func(error), 64), done: make(chan struct{})}
	go c.read()
	return c, nil
}

type wireConn struct {
	conn    net.Conn
	waiting chan func(error)
	done    chan struct{}
	out     []byte
}

// read tells the ends in order.
func (c *wireConn) read() {
	defer close(c.done)
	in := bufio.NewReader(c.conn)
	broken := false
	for end := range c.waiting {
		if broken {
			end(mail.NewFailure(mail.Unknown, nil, "the connection broke"))
			continue
		}
		b, err := in.ReadByte()
		switch {
		case err != nil:
			broken = true
			_ = c.conn.Close()
			end(mail.NewFailure(mail.Unknown, err, "the connection broke"))
		case b == '4':
			end(mail.NewFailure(mail.Temporary, nil, "the mail server put it off (451 4.7.1 later)"))
		case b == '5':
			end(mail.NewFailure(mail.Permanent, nil, "the mail server refused it (550 5.1.1 no such mailbox)"))
		default:
			end(nil)
		}
	}
	_ = c.conn.Close()
}

func (c *wireConn) Send(_ context.Context, e message.Envelope, end func(error)) error {
	c.out = binary.BigEndian.AppendUint32(c.out[:0], uint32(len(e.To)+1+len(e.Data)))
	c.out = append(append(append(c.out, e.To...), '\n'), e.Data...)
	c.waiting <- end
	if _, err := c.conn.Write(c.out); err != nil {
		close(c.waiting)
		<-c.done
		return err
	}
	return nil
}

func (c *wireConn) Close(context.Context) error {
	close(c.waiting)
	<-c.done
	return nil
}

// office is the server behind a wire.
type office struct {
	listener net.Listener
	mu       sync.Mutex
	got      map[string]int
	total    int
	// answer says what a message is answered with, at its nth try; arrived hears how many were taken, before
	// the last one is answered.
	answer  func(to string, try int) byte
	tries   map[string]int
	arrived func(total int)
}

func openOffice(t testing.TB, answer func(to string, try int) byte) *office {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	o := &office{listener: l, got: map[string]int{}, tries: map[string]int{}, answer: answer}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go o.serve(conn)
		}
	}()
	return o
}

func (o *office) serve(conn net.Conn) {
	defer conn.Close()
	in := bufio.NewReader(conn)
	for {
		to, err := readMessage(in)
		if err != nil {
			return
		}
		if _, err := conn.Write([]byte{o.take(to)}); err != nil {
			return
		}
	}
}

func readMessage(in *bufio.Reader) (to string, err error) {
	var size [4]byte
	if _, err := io.ReadFull(in, size[:]); err != nil {
		return "", err
	}
	text := make([]byte, binary.BigEndian.Uint32(size[:]))
	if _, err := io.ReadFull(in, text); err != nil {
		return "", err
	}
	to, data, ok := strings.Cut(string(text), "\n")
	if !ok || !strings.HasSuffix(data, "\r\n") {
		return "", errors.New("half a message")
	}
	return to, nil
}

func (o *office) take(to string) byte {
	o.mu.Lock()
	o.tries[to]++
	code := byte('2')
	if o.answer != nil {
		code = o.answer(to, o.tries[to])
	}
	if code == '2' {
		o.got[to]++
		o.total++
	}
	total, arrived := o.total, o.arrived
	o.mu.Unlock()
	if code == '2' && arrived != nil {
		arrived(total)
	}
	return code
}

// counting is a server that takes everything and forgets it.
type counting struct{ n atomic.Int64 }

func (k *counting) Dial(context.Context) (message.Conn, error) { return k, nil }
func (k *counting) Close(context.Context) error                { return nil }
func (k *counting) Send(_ context.Context, _ message.Envelope, end func(error)) error {
	k.n.Add(1)
	end(nil)
	return nil
}
