package smtp

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"strconv"
	"strings"
	"time"

	wire "github.com/wneessen/go-mail/smtp"

	"github.com/crmplus/crmplus/crm/mail"
)

// session is a connection to the server, logged in.
type session struct {
	raw    net.Conn
	client *wire.Client
	config *Config
	// since is when it was last used, sent how many messages it has taken.
	since time.Time
	sent  int
}

// open connects, protects the connection and logs in.
func (c *Config) open(ctx context.Context) (*session, error) {
	address := net.JoinHostPort(c.Host, strconv.Itoa(c.Port))
	dialer := net.Dialer{Timeout: c.Timeout}
	raw, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, down(err, "the mail server %s cannot be reached", address)
	}
	s := &session{raw: raw, config: c}
	stop := s.watch(ctx)
	defer stop()
	if err := s.greet(ctx, raw); err != nil {
		s.drop()
		return nil, err
	}
	return s, nil
}

// watch breaks the connection off when the context ends, so that no step outlives it.
func (s *session) watch(ctx context.Context) (stop func() bool) {
	return context.AfterFunc(ctx, func() { _ = s.raw.SetDeadline(time.Unix(1, 0)) })
}

// step begins a step of the conversation: from now on it has its time.
func (s *session) step(ctx context.Context, patience time.Duration) error {
	if err := s.raw.SetDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	return ctx.Err() // asked after the deadline was set: the context's end sets its own
}

func (s *session) greet(ctx context.Context, conn net.Conn) error {
	c := s.config
	secure := &tls.Config{ServerName: c.Host, RootCAs: c.RootCAs, MinVersion: tls.VersionTLS12}
	steps := []struct {
		what string
		do   func() error
	}{
		{"its certificate", func() error {
			if c.TLS != Implicit {
				return nil
			}
			over := tls.Client(conn, secure)
			conn = over
			return over.HandshakeContext(ctx)
		}},
		{"the greeting", func() (err error) { s.client, err = wire.NewClient(conn, c.Host); return err }},
		{"EHLO", func() error { return s.client.Hello(c.HELO) }},
		{"STARTTLS", func() error {
			if c.TLS != StartTLS {
				return nil
			}
			if ok, _ := s.client.Extension("STARTTLS"); !ok {
				return errors.New("the server does not offer STARTTLS")
			}
			return s.client.StartTLS(secure)
		}},
		{"the login", s.login},
	}
	for _, step := range steps {
		err := s.step(ctx, c.Timeout)
		if err == nil {
			err = step.do()
		}
		if err != nil {
			return down(c.veil(err), "the mail server %s did not accept %s", c.Host, step.what)
		}
	}
	return nil
}

// login chooses how to log in, and does. A refused login is no fault of the message: it is tried again
// until somebody has mended the configuration.
func (s *session) login() error {
	c := s.config
	if c.Username == "" {
		return nil
	}
	ok, offered := s.client.Extension("AUTH")
	if !ok {
		return errors.New("the server offers no login here")
	}
	how := c.Auth
	if how == AuthAuto {
		how = best(offered)
	}
	free := c.TLS == None // allowed by the configuration, which was checked
	switch how {
	case AuthPlain:
		return s.client.Auth(wire.PlainAuth("", c.Username, c.Password, c.Host, free))
	case AuthLogin:
		return s.client.Auth(wire.LoginAuth(c.Username, c.Password, c.Host, free))
	case AuthCRAMMD5:
		return s.client.Auth(wire.CRAMMD5Auth(c.Username, c.Password))
	case AuthSCRAMSHA256:
		return s.client.Auth(wire.ScramSHA256Auth(c.Username, c.Password))
	case AuthXOAUTH2:
		return s.client.Auth(wire.XOAuth2Auth(c.Username, c.Password))
	}
	return fmt.Errorf("the server offers only %.100s", offered)
}

// best is the strongest of the offered ways that work with a password.
func best(offered string) Auth {
	has := " " + strings.ToUpper(offered) + " "
	for _, way := range []struct {
		name string
		auth Auth
	}{{"SCRAM-SHA-256", AuthSCRAMSHA256}, {"PLAIN", AuthPlain}, {"LOGIN", AuthLogin}, {"CRAM-MD5", AuthCRAMMD5}} {
		if strings.Contains(has, " "+way.name+" ") {
			return way.auth
		}
	}
	return AuthAuto
}

// drop closes the connection without a word.
func (s *session) drop() { _ = s.raw.Close() }

// quit says goodbye.
func (s *session) quit() {
	if s.raw.SetDeadline(time.Now().Add(time.Second)) == nil {
		_ = s.client.Quit()
	}
	s.drop()
}

// down is a failure that has nothing to do with the message.
func down(cause error, format string, args ...any) error {
	f := mail.NewFailure(mail.Temporary, cause, format, args...)
	f.Down = true
	f.Reason += said(cause)
	return f
}

// said quotes the server, for the reason.
func said(err error) string {
	var reply *textproto.Error
	if errors.As(err, &reply) {
		return fmt.Sprintf(": %d %s", reply.Code, oneLine(reply.Msg))
	}
	return ""
}

func oneLine(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > 400 {
		text = strings.ToValidUTF8(text[:400], "") + "…"
	}
	return text
}
