package imap

import (
	"cmp"
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/crmplus/crmplus/crm/fault"
)

// Security says how the connection is protected.
type Security string

// The ways.
const (
	// TLS from the first byte, port 993 (RFC 8314); the default.
	TLS Security = "tls"
	// StartTLS: the connection is upgraded before anything is said, or given up.
	StartTLS Security = "starttls"
	// Plain: no protection; only to this machine.
	Plain Security = "plain"
)

// Config is what a [Reader] works with. Address, Username and Password must be given.
type Config struct {
	// Address is host:port.
	Address  string
	Security Security
	// TLS is used for TLS and StartTLS; the name of the host and the system's roots where it is nil.
	TLS                *tls.Config
	Username, Password string
	// Mailbox is read; INBOX by default.
	Mailbox string
	// MoveTo is where mails go that were handed on; it must exist. Where it is empty they stay, marked as read.
	MoveTo string
	// Largest is how many bytes of a mail are fetched; 1 MB by default. What comes back with a large
	// attachment says all that matters at its beginning.
	Largest int64
	// Every is the pause between two looks; 1 minute by default.
	Every time.Duration
	// Patience is how long one look may take; 10 minutes by default.
	Patience time.Duration
	// Positions keeps where the reading is; in memory where it is nil, so that after a restart mails that are
	// not marked as read are handed on.
	Positions Positions
	// Log gets failures, without the contents of mails; slog.Default where it is nil.
	Log *slog.Logger
}

// Position is where the reading of a mailbox is: the last UID that was handed on, and the UIDVALIDITY under
// which it was given (RFC 3501, section 2.3.1.1). The zero Position is the beginning.
type Position struct{ Validity, Last uint32 }

// Positions keeps the position of one mailbox.
type Positions interface {
	Position(ctx context.Context) (Position, error)
	SetPosition(ctx context.Context, p Position) error
}

// remembered is a position in memory.
type remembered struct {
	mu sync.Mutex
	at Position
}

func (r *remembered) Position(context.Context) (Position, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.at, nil
}

func (r *remembered) SetPosition(_ context.Context, p Position) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.at = p
	return nil
}

// The defaults.
const (
	defaultLargest  = 1 << 20
	defaultEvery    = time.Minute
	defaultPatience = 10 * time.Minute
)

func (c Config) checked() (Config, error) {
	c.Security = cmp.Or(c.Security, TLS)
	c.Mailbox = cmp.Or(c.Mailbox, "INBOX")
	c.Largest = cmp.Or(c.Largest, defaultLargest)
	c.Every = cmp.Or(c.Every, defaultEvery)
	c.Patience = cmp.Or(c.Patience, defaultPatience)
	if c.Positions == nil {
		c.Positions = &remembered{}
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	var faults fault.List
	host, _, err := net.SplitHostPort(c.Address)
	if err != nil || host == "" {
		faults.Add("address", "form", "%q is not an address; write it as imap.example.com:993", c.Address)
	}
	faults.Required("username", c.Username)
	faults.Required("password", c.Password)
	switch c.Security {
	case TLS, StartTLS:
	case Plain:
		if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			faults.Add("security", "plain", "sends the password unprotected to %s; use %q or %q", host, TLS, StartTLS)
		}
	default:
		faults.Add("security", "unknown", "%q is not known; use %q, %q or %q", c.Security, TLS, StartTLS, Plain)
	}
	if c.Mailbox == c.MoveTo {
		faults.Add("move_to", "same", "is the mailbox that is read; name another one, or none")
	}
	if c.Largest < 1<<10 {
		faults.Add("largest", "range", "is %d bytes; at least 1024 are needed", c.Largest)
	}
	if c.TLS == nil {
		c.TLS = &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12}
	} else if c.TLS.ServerName == "" {
		c.TLS = c.TLS.Clone()
		c.TLS.ServerName = host
	}
	return c, faults.Err("the mailbox cannot be read")
}
