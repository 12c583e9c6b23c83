package imap_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"

	"github.com/crmplus/crmplus/adapters/imap"
	"github.com/crmplus/crmplus/crm/fault"
)

// office is a mail server on this machine with one mailbox of returns.
type office struct {
	t       *testing.T
	user    *imapmemserver.User
	address string
	tls     *tls.Config
	// cutAfter is after how many bytes of answers the next connections are cut; 0 for never.
	cutAfter atomic.Int64
	// connections is how many were made.
	connections atomic.Int64
}

func newOffice(t *testing.T, caps ...goimap.Cap) *office {
	t.Helper()
	o := &office{t: t, user: imapmemserver.NewUser("returns", "secret")}
	for _, name := range []string{"INBOX", "Done"} {
		if err := o.user.Create(name, nil); err != nil {
			t.Fatal(err)
		}
	}
	memory := imapmemserver.New()
	memory.AddUser(o.user)
	set := goimap.CapSet{goimap.CapIMAP4rev1: {}}
	for _, c := range caps {
		set[c] = struct{}{}
	}
	web := httptest.NewTLSServer(nil) // for its certificate
	t.Cleanup(web.Close)
	o.tls = web.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	server := imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return memory.NewSession(), nil, nil
		},
		Caps: set, InsecureAuth: true, TLSConfig: &tls.Config{Certificates: web.TLS.Certificates}, Logger: log.New(io.Discard, "", 0),
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	o.address = listener.Addr().String()
	go func() { _ = server.Serve(cutting{listener, o}) }()
	t.Cleanup(func() { _ = server.Close() })
	return o
}

// cutting cuts connections after a number of bytes.
type cutting struct {
	net.Listener
	office *office
}

func (l cutting) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l.office.connections.Add(1)
	return &cutConn{Conn: c, left: l.office.cutAfter.Load()}, nil
}

type cutConn struct {
	net.Conn
	left int64
}

func (c *cutConn) Write(b []byte) (int, error) {
	if c.left == 0 {
		return c.Conn.Write(b)
	}
	n := min(int64(len(b)), c.left-1)
	written, err := c.Conn.Write(b[:n])
	if c.left -= n; c.left == 1 {
		_ = c.Close()
		return written, io.ErrClosedPipe
	}
	return written, err
}

type literal struct{ *strings.Reader }

func (o *office) deliver(bodies ...string) {
	o.t.Helper()
	for _, body := range bodies {
		text := "From: MAILER-DAEMON@pelda.hu\r\nSubject: failure notice\r\n\r\n" + body
		if _, err := o.user.Append("INBOX", literal{strings.NewReader(text)}, &goimap.AppendOptions{}); err != nil {
			o.t.Fatal(err)
		}
	}
}

func (o *office) count(mailbox string) (all, unseen uint32) {
	o.t.Helper()
	d, err := o.user.Status(mailbox, &goimap.StatusOptions{NumMessages: true, NumUnseen: true})
	if err != nil {
		o.t.Fatal(err)
	}
	return *d.NumMessages, *d.NumUnseen
}

func (o *office) reader(change func(*imap.Config)) *imap.Reader {
	o.t.Helper()
	c := imap.Config{Address: o.address, Security: imap.Plain, Username: "returns", Password: "secret", Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
	if change != nil {
		change(&c)
	}
	r, err := imap.New(c)
	if err != nil {
		o.t.Fatal(err)
	}
	return r
}

// taken collects bodies.
type taken struct{ bodies []string }

func (k *taken) take(_ context.Context, m imap.Mail) error {
	_, body, _ := strings.Cut(string(m.Raw), "\r\n\r\n")
	k.bodies = append(k.bodies, body)
	return nil
}

func TestMailsAreHandedOnOnce(t *testing.T) {
	tests := []struct {
		name   string
		caps   []goimap.Cap
		moveTo string
		inbox  uint32
		unseen uint32
		done   uint32
	}{
		{name: "marked", inbox: 3},
		{name: "moved", caps: []goimap.Cap{goimap.CapMove, goimap.CapUIDPlus}, moveTo: "Done", done: 3},
		{name: "moved by a server without MOVE", caps: []goimap.Cap{goimap.CapUIDPlus}, moveTo: "Done", done: 3},
		{name: "moved by a server with nothing", moveTo: "Done", inbox: 3, done: 3},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			o := newOffice(t, test.caps...)
			o.deliver("a", "b")
			r := o.reader(func(c *imap.Config) { c.MoveTo = test.moveTo })
			var k taken
			for _, want := range []int{2, 0} {
				if n, err := r.Poll(t.Context(), k.take); err != nil || n != want {
					t.Fatalf("%d mails, %v; want %d", n, err, want)
				}
			}
			o.deliver("c")
			if n, err := r.Poll(t.Context(), k.take); err != nil || n != 1 {
				t.Fatalf("%d mails, %v", n, err)
			}
			if !slices.Equal(k.bodies, []string{"a", "b", "c"}) {
				t.Errorf("handed on were %q", k.bodies)
			}
			if all, unseen := o.count("INBOX"); all != test.inbox || unseen != 0 {
				t.Errorf("the mailbox has %d mails, %d of them not read", all, unseen)
			}
			if all, _ := o.count("Done"); all != test.done {
				t.Errorf("%d mails were moved", all)
			}
		})
	}
}

func TestRefusedMailComesAgain(t *testing.T) {
	o := newOffice(t, goimap.CapMove)
	o.deliver("a", "b", "c")
	r := o.reader(func(c *imap.Config) { c.MoveTo = "Done" })
	var k taken
	broken := errors.New("the database is away")
	n, err := r.Poll(t.Context(), func(ctx context.Context, m imap.Mail) error {
		if strings.HasSuffix(string(m.Raw), "b") {
			return broken
		}
		return k.take(ctx, m)
	})
	if n != 1 || !errors.Is(err, broken) {
		t.Errorf("%d mails, %v", n, err)
	}
	if all, _ := o.count("Done"); all != 1 {
		t.Errorf("%d mails were moved", all)
	}
	if n, err := r.Poll(t.Context(), k.take); n != 2 || err != nil || !slices.Equal(k.bodies, []string{"a", "b", "c"}) {
		t.Errorf("%d mails, %v: %q", n, err, k.bodies)
	}
}

// TestCutConnections: wherever the connection is cut, every mail is handed on once and marked.
func TestCutConnections(t *testing.T) {
	for _, after := range []int64{1, 50, 200, 400, 700, 900, 1100, 1400, 1700, 2000} {
		t.Run(fmt.Sprintf("after %d bytes", after), func(t *testing.T) {
			o := newOffice(t, goimap.CapMove)
			o.deliver("a", "b", "c", "d", "e")
			r := o.reader(func(c *imap.Config) { c.MoveTo = "Done" })
			o.cutAfter.Store(after)
			var k taken
			n, err := r.Poll(t.Context(), k.take)
			if err != nil && !errors.Is(err, fault.Unavailable) {
				t.Errorf("the error is %v", err)
			}
			if err != nil && n == 0 && o.connections.Load() != 3 {
				t.Errorf("%d connections were tried", o.connections.Load())
			}
			o.cutAfter.Store(0)
			more, err := r.Poll(t.Context(), k.take)
			if err != nil {
				t.Fatal(err)
			}
			slices.Sort(k.bodies)
			if distinct := slices.Compact(slices.Clone(k.bodies)); !slices.Equal(distinct, []string{"a", "b", "c", "d", "e"}) || n+more != len(k.bodies) {
				t.Errorf("handed on were %d and %d: %q", n, more, k.bodies)
			}
			if all, _ := o.count("Done"); all != 5 {
				t.Errorf("%d mails were moved", all)
			}
		})
	}
}

// positions keeps a position as a database would.
type positions struct{ at imap.Position }

func (p *positions) Position(context.Context) (imap.Position, error) { return p.at, nil }
func (p *positions) SetPosition(_ context.Context, at imap.Position) error {
	p.at = at
	return nil
}

func TestPositionIsKept(t *testing.T) {
	o := newOffice(t)
	o.deliver("a", "b")
	var p positions
	var k taken
	keep := func(c *imap.Config) { c.Positions = &p }
	if n, err := o.reader(keep).Poll(t.Context(), k.take); n != 2 || err != nil {
		t.Fatalf("%d mails, %v", n, err)
	}
	if p.at.Last != 2 || p.at.Validity == 0 {
		t.Errorf("the position is %+v", p.at)
	}
	o.deliver("c")
	if n, err := o.reader(keep).Poll(t.Context(), k.take); n != 1 || err != nil {
		t.Errorf("another reader is handed %d mails, %v", n, err)
	}
	p.at.Validity++ // the mailbox was made anew
	o.deliver("d")
	if n, err := o.reader(keep).Poll(t.Context(), k.take); n != 1 || err != nil || k.bodies[3] != "d" {
		t.Errorf("from a mailbox made anew %d mails, %v: %q", n, err, k.bodies)
	}
}

func TestOnlyTheBeginningOfLargeMails(t *testing.T) {
	o := newOffice(t)
	o.deliver(strings.Repeat("x", 100000))
	r := o.reader(func(c *imap.Config) { c.Largest = 2048 })
	n, err := r.Poll(t.Context(), func(_ context.Context, m imap.Mail) error {
		if len(m.Raw) != 2048 || !strings.HasPrefix(string(m.Raw), "From: MAILER-DAEMON") || m.Received.IsZero() {
			t.Errorf("got %d bytes, received %s", len(m.Raw), m.Received)
		}
		return nil
	})
	if n != 1 || err != nil {
		t.Errorf("%d mails, %v", n, err)
	}
}

func TestStartTLS(t *testing.T) {
	o := newOffice(t)
	o.deliver("a")
	var k taken
	secure := func(c *imap.Config) { c.Security, c.TLS = imap.StartTLS, o.tls }
	if n, err := o.reader(secure).Poll(t.Context(), k.take); n != 1 || err != nil {
		t.Errorf("%d mails, %v", n, err)
	}
	unknown := func(c *imap.Config) { c.Security = imap.StartTLS }
	if n, err := o.reader(unknown).Poll(t.Context(), k.take); n != 0 || !errors.Is(err, fault.Unavailable) {
		t.Errorf("with a certificate nobody knows %d mails, %v", n, err)
	}
}

func TestRefusals(t *testing.T) {
	o := newOffice(t)
	tests := []struct {
		name   string
		change func(*imap.Config)
		want   fault.Code
	}{
		{"a wrong password", func(c *imap.Config) { c.Password = "other" }, fault.Forbidden},
		{"a mailbox that is not there", func(c *imap.Config) { c.Mailbox = "Elsewhere" }, fault.Unavailable},
		{"no server", func(c *imap.Config) { c.Address = "127.0.0.1:1" }, fault.Unavailable},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := o.reader(test.change).Poll(t.Context(), nil)
			if !errors.Is(err, test.want) || strings.Contains(err.Error(), "other") {
				t.Errorf("the error is %v", err)
			}
		})
	}
}

func TestConfigIsChecked(t *testing.T) {
	_, err := imap.New(imap.Config{Address: "imap.example.com", Security: imap.Plain, Mailbox: "A", MoveTo: "A", Largest: 5})
	var paths []string
	for _, f := range fault.Of(err) {
		paths = append(paths, f.Path)
	}
	if want := "address username password security move_to largest"; strings.Join(paths, " ") != want {
		t.Errorf("faults at %v, want %s", paths, want)
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	o := newOffice(t)
	o.deliver("a")
	ctx, cancel := context.WithCancel(t.Context())
	r := o.reader(func(c *imap.Config) { c.Every = time.Hour })
	var k taken
	err := r.Run(ctx, func(ctx context.Context, m imap.Mail) error {
		defer cancel()
		return k.take(ctx, m)
	})
	if err != nil || len(k.bodies) != 1 {
		t.Errorf("ended with %v after %q", err, k.bodies)
	}
}
