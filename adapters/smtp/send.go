package smtp

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/textproto"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/crmplus/crmplus/crm/mail"
)

// The bounds of keeping connections: so many at rest, and so many messages on one, after which servers
// like to see a new one.
const (
	kept       = 4
	perSession = 50
)

// Mailer gives messages to one server. It is safe for many goroutines.
type Mailer struct {
	config Config

	mu   sync.Mutex
	rest []*session
}

var _ mail.Mailer = (*Mailer)(nil)

// New makes a Mailer; it does not connect yet. The error has a fault for everything that is wrong with the
// configuration, and no secret.
func New(c Config) (*Mailer, error) {
	c = c.withDefaults()
	if err := c.check().Err("mails cannot be sent with this configuration"); err != nil {
		return nil, err
	}
	return &Mailer{config: c}, nil
}

// Check connects and logs in, so that a settings page can say whether the configuration works.
func (m *Mailer) Check(ctx context.Context) error {
	s, err := m.config.open(ctx)
	if err != nil {
		return err
	}
	m.keep(s)
	return nil
}

// Close says goodbye on the connections that are kept.
func (m *Mailer) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, s := range m.rest {
		s.quit()
	}
	m.rest = nil
	return nil
}

// Send composes the message, signs it, and gives it to the server. Errors are *mail.Failure.
func (m *Mailer) Send(ctx context.Context, msg mail.Message) error {
	content, err := compose(msg, m.config.DKIM)
	if err != nil {
		return mail.NewFailure(mail.Permanent, err, "the message cannot be composed")
	}
	s, err := m.session(ctx)
	if err != nil {
		return err
	}
	stop := s.watch(ctx)
	err = s.transmit(ctx, msg, content)
	calm := stop()
	s.sent++
	switch {
	case err == nil && calm && s.sent < perSession:
		m.keep(s)
	case err != nil && calm && s.settled(ctx, err):
		m.keep(s)
	default:
		s.drop()
	}
	return err
}

// session takes a connection that still answers, or opens one.
func (m *Mailer) session(ctx context.Context) (*session, error) {
	for {
		m.mu.Lock()
		n := len(m.rest)
		if n == 0 {
			m.mu.Unlock()
			return m.config.open(ctx)
		}
		s := m.rest[n-1]
		m.rest = m.rest[:n-1]
		m.mu.Unlock()
		if time.Since(s.since) < m.config.Idle && s.step(ctx, min(m.config.Timeout, 5*time.Second)) == nil && s.client.Noop() == nil {
			return s, nil
		}
		s.drop()
	}
}

// keep puts a connection aside for the next message.
func (m *Mailer) keep(s *session) {
	s.since = time.Now()
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.rest) >= kept {
		s.quit()
		return
	}
	m.rest = append(m.rest, s)
}

// settled gets the server's mind off a message that it has refused.
func (s *session) settled(ctx context.Context, err error) bool {
	var reply *textproto.Error
	return errors.As(err, &reply) && reply.Code != 421 && s.step(ctx, s.config.Timeout) == nil && s.client.Reset() == nil
}

// transmit is one mail transaction (RFC 5321, section 3.3).
func (s *session) transmit(ctx context.Context, msg mail.Message, content []byte) error {
	c := s.config
	recipients := msg.Recipients()
	if err := s.fits(msg, recipients, len(content)); err != nil {
		return err
	}
	if err := s.step(ctx, c.Timeout); err != nil {
		return s.failed(err, "the sender %s", msg.From.Email)
	}
	if err := s.client.Mail("<" + msg.From.Email + ">"); err != nil {
		return s.failed(err, "the sender %s", msg.From.Email)
	}
	var refused []error
	for _, to := range recipients {
		err := s.step(ctx, c.Timeout)
		if err == nil {
			err = s.client.Rcpt("<" + to + ">")
		}
		if err != nil {
			refused = append(refused, s.failed(err, "the recipient %s", to))
			if !isReply(err) {
				break
			}
		}
	}
	if len(refused) > 0 {
		return joined(refused)
	}
	if err := s.step(ctx, c.Timeout); err != nil {
		return s.failed(err, "the message")
	}
	w, err := s.client.Data()
	if err != nil {
		return s.failed(err, "the message")
	}
	for len(content) > 0 {
		n := min(len(content), 64<<10)
		err := s.step(ctx, c.Timeout)
		if err == nil {
			_, err = w.Write(content[:n])
		}
		if err != nil { // the last line was not sent, so the server has no message
			return s.failed(err, "the message")
		}
		content = content[n:]
	}
	return s.finish(ctx, w.Close)
}

// finish sends the last line. From here on only the server's answer tells what became of the message.
func (s *session) finish(ctx context.Context, end func() error) error {
	if err := s.step(ctx, 4*s.config.Timeout); err != nil {
		return s.failed(err, "the message")
	}
	err := end()
	switch {
	case err == nil:
		return nil
	case isReply(err):
		return s.failed(err, "the message")
	}
	return mail.NewFailure(mail.Unknown, s.config.veil(err), "the connection to %s broke before it said whether it took the message", s.config.Host)
}

// fits refuses what the server has said it does not take.
func (s *session) fits(msg mail.Message, recipients []string, size int) error {
	if ok, limit := s.client.Extension("SIZE"); ok {
		if n, err := strconv.Atoi(limit); err == nil && n > 0 && size > n {
			return mail.NewFailure(mail.Permanent, nil, "the message has %d MB with its files, and %s takes at most %d MB; leave some out", size>>20, s.config.Host, n>>20)
		}
	}
	utf8 := false
	for _, a := range append([]string{msg.From.Email}, recipients...) {
		utf8 = utf8 || strings.ContainsFunc(a, func(r rune) bool { return r > 0x7e })
	}
	s.client.SkipSMTPUTF8(!utf8)
	if ok, _ := s.client.Extension("SMTPUTF8"); utf8 && !ok {
		return mail.NewFailure(mail.Permanent, nil, "%s takes only addresses in Latin letters; use another address of the recipient", s.config.Host)
	}
	return nil
}

// notOurs are replies that say nothing about the message: the server is going down, or wants another login
// or other commands.
var notOurs = []int{421, 454, 500, 502, 503, 530, 534, 535, 538}

// failed says what a step's error means: 4xx later, 5xx never, a lost connection later.
func (s *session) failed(err error, format string, args ...any) error {
	what := fmt.Sprintf(format, args...)
	var reply *textproto.Error
	if !errors.As(err, &reply) {
		return down(s.config.veil(err), "the connection to the mail server %s broke at %s", s.config.Host, what)
	}
	f := mail.NewFailure(mail.Permanent, err, "the mail server %s refused %s%s", s.config.Host, what, said(err))
	switch {
	case slices.Contains(notOurs, reply.Code):
		f.Outcome, f.Down = mail.Temporary, true
	case reply.Code < 500:
		f.Outcome = mail.Temporary
	}
	return f
}

func isReply(err error) bool {
	var reply *textproto.Error
	return errors.As(err, &reply)
}

// joined makes one failure of those of several recipients. One that never works decides: the message
// does not go out until somebody has corrected it.
func joined(all []error) error {
	var first *mail.Failure
	var reasons []string
	for _, err := range all {
		var f *mail.Failure
		if !errors.As(err, &f) {
			continue
		}
		reasons = append(reasons, f.Reason)
		if first == nil || first.Outcome == mail.Temporary && f.Outcome == mail.Permanent {
			first = f
		}
	}
	out := *first
	out.Reason = strings.Join(reasons, "; ")
	return &out
}

// veil takes secrets out of an error, in case a server repeats what it was told.
func (c *Config) veil(err error) error {
	if err == nil || c.Password == "" {
		return err
	}
	text := err.Error()
	clean := text
	for _, secret := range []string{
		c.Password, base64.StdEncoding.EncodeToString([]byte(c.Password)),
		base64.StdEncoding.EncodeToString([]byte("\x00" + c.Username + "\x00" + c.Password)),
	} {
		clean = strings.ReplaceAll(clean, secret, "***")
	}
	if clean == text {
		return err
	}
	var reply *textproto.Error
	if errors.As(err, &reply) {
		return &textproto.Error{Code: reply.Code, Msg: strings.TrimPrefix(clean, strconv.Itoa(reply.Code)+" ")}
	}
	return errors.New(clean)
}
