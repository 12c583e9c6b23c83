package mailtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// Delivery is a message as a server took it.
type Delivery struct {
	From string
	To   []string
	// Login is the user who was logged in.
	Login string
	Data  []byte
	// UTF8 says that the client asked for SMTPUTF8.
	UTF8 bool
}

// Step is where a server can be told to misbehave.
type Step string

// The steps of a conversation.
const (
	AtConnect   Step = "connect"
	AtMail      Step = "mail"
	AtRecipient Step = "recipient"
	AtData      Step = "data"
	// AfterData is after the last line, before the answer to it.
	AfterData Step = "after data"
)

// Reply is how a server misbehaves.
type Reply struct {
	// Code and Text are what it says; Code 0 says nothing.
	Code int
	Text string
	// Drop breaks the connection off, Hang leaves the client without an answer until the test ends.
	Drop, Hang bool
}

// Options say what a server is like; the zero Options take everything from everybody without TLS.
type Options struct {
	// TLS is offered by STARTTLS, or from the first byte where Implicit.
	TLS, Implicit bool
	// User and Password are asked for where they are set.
	User, Password string
	// NoUTF8 hides SMTPUTF8.
	NoUTF8 bool
	// MaxSize is announced where it is set.
	MaxSize int64
	// Misbehave is asked at each step with the address that it is about; a zero Reply goes on.
	Misbehave func(s Step, address string) Reply
}

// Server is a mail server on this machine.
type Server struct {
	Host string
	Port int
	// Roots vouch for its certificate.
	Roots *x509.CertPool

	options Options
	done    chan struct{}

	mu          sync.Mutex
	deliveries  []Delivery
	connections int
}

// Start runs a server until the test ends.
func Start(t testing.TB, o Options) *Server {
	t.Helper()
	s, stop, err := Listen(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return s
}

// Listen runs a server until stop is called.
func Listen(o Options) (s *Server, stop func(), err error) {
	s = &Server{options: o, done: make(chan struct{})}
	server := smtp.NewServer(s)
	server.Domain, server.AllowInsecureAuth, server.EnableSMTPUTF8, server.MaxMessageBytes = "mail.test", true, !o.NoUTF8, o.MaxSize
	server.ReadTimeout, server.WriteTimeout = time.Minute, time.Minute
	server.ErrorLog = log.New(io.Discard, "", 0)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	at := netip.MustParseAddrPort(l.Addr().String())
	s.Host, s.Port = at.Addr().String(), int(at.Port())
	if o.TLS || o.Implicit {
		config, roots, err := certificate()
		if err != nil {
			return nil, nil, err
		}
		s.Roots = roots
		if o.Implicit {
			l = tls.NewListener(l, config)
		} else {
			server.TLSConfig = config
		}
	}
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(l) })
	return s, func() {
		close(s.done)
		_ = server.Close()
		serving.Wait()
	}, nil
}

// Deliveries are the messages it took, in order.
func (s *Server) Deliveries() []Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Delivery(nil), s.deliveries...)
}

// Connections is how many clients came.
func (s *Server) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.connections
}

// NewSession answers a client.
func (s *Server) NewSession(c *smtp.Conn) (smtp.Session, error) {
	s.mu.Lock()
	s.connections++
	s.mu.Unlock()
	out := &conversation{server: s, conn: c}
	return out, out.at(AtConnect, "")
}

type conversation struct {
	server *Server
	conn   *smtp.Conn
	now    Delivery
	login  string
}

func (c *conversation) at(step Step, address string) error {
	return c.answer(c.reply(step, address))
}

func (c *conversation) reply(step Step, address string) Reply {
	if c.server.options.Misbehave == nil {
		return Reply{}
	}
	return c.server.options.Misbehave(step, address)
}

func (c *conversation) answer(r Reply) error {
	switch {
	case r.Drop:
		_ = c.conn.Conn().Close()
		return errors.New("dropped")
	case r.Hang:
		<-c.server.done
		return errors.New("the test has ended")
	case r.Code != 0:
		return &smtp.SMTPError{Code: r.Code, EnhancedCode: smtp.EnhancedCode{r.Code / 100, 0, 0}, Message: r.Text}
	}
	return nil
}

// AuthMechanisms lists the ways to log in.
func (c *conversation) AuthMechanisms() []string {
	if c.server.options.User == "" {
		return nil
	}
	return []string{sasl.Plain}
}

// Auth checks a login.
func (c *conversation) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != c.server.options.User || password != c.server.options.Password {
			return errors.New("wrong user or password")
		}
		c.login = user
		return nil
	}), nil
}

func (c *conversation) Mail(from string, o *smtp.MailOptions) error {
	if c.server.options.User != "" && c.login == "" {
		return smtp.ErrAuthRequired
	}
	c.now = Delivery{From: from, Login: c.login, UTF8: o != nil && o.UTF8}
	return c.at(AtMail, from)
}

func (c *conversation) Rcpt(to string, _ *smtp.RcptOptions) error {
	if err := c.at(AtRecipient, to); err != nil {
		return err
	}
	c.now.To = append(c.now.To, to)
	return nil
}

func (c *conversation) Data(r io.Reader) error {
	if err := c.at(AtData, c.now.From); err != nil {
		return err
	}
	content, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	c.now.Data = content
	reply := c.reply(AfterData, c.now.From)
	if reply.Drop || reply == (Reply{}) { // whoever drops the connection now has taken the message, before the client hears of it
		c.server.mu.Lock()
		c.server.deliveries = append(c.server.deliveries, c.now)
		c.server.mu.Unlock()
	}
	return c.answer(reply)
}

func (c *conversation) Reset()        { c.now = Delivery{} }
func (c *conversation) Logout() error { return nil }

// certificate makes one for this machine, with the pool that vouches for it.
func certificate() (*tls.Config, *x509.CertPool, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mail.test"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: []string{"localhost"}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, nil, err
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, nil, err
	}
	roots := x509.NewCertPool()
	roots.AddCert(parsed)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, roots, nil
}
