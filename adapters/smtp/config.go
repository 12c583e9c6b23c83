// Package smtp gives mails to a mail server by SMTP (RFC 5321), with TLS, a login and DKIM signatures.
//
//	mailer, err := smtp.New(smtp.Config{Host: "mail.example.com", Username: "crm", Password: secret})
//	module, err := crm.New(db, crm.Config{Mailer: mailer, ...})
//
// A message goes this way: it is composed and signed before anything is said to the server, so that
// nothing breaks off half-way; a connection is taken from the few that are kept, or opened; sender and
// recipients are named, and one refused recipient refuses the message for all; the content is sent; and
// the answer to its last line decides. Each step has a deadline. What goes wrong before the last line
// certainly did not send the message; what goes wrong after it is mail.Unknown.
//
// For tries without a server, [Folder] writes messages as files that mail programs open.
package smtp

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"fmt"
	"log/slog"
	"net"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/idna"

	gomail "github.com/wneessen/go-mail"

	"github.com/crmplus/crmplus/crm/fault"
)

// Security says how the connection is protected.
type Security string

// The ways to protect a connection.
const (
	// StartTLS begins in the clear and insists on TLS before anything else is said; usually port 587.
	StartTLS Security = "starttls"
	// Implicit is TLS from the first byte (RFC 8314); usually port 465.
	Implicit Security = "implicit"
	// None is no protection at all, for a relay on this machine; usually port 25.
	None Security = "none"
)

// Auth says how to log in.
type Auth string

// The ways to log in.
const (
	// AuthAuto takes the best that the server offers of the ones below; no login without a Username.
	AuthAuto        Auth = ""
	AuthPlain       Auth = "plain"
	AuthLogin       Auth = "login"
	AuthCRAMMD5     Auth = "cram-md5"
	AuthSCRAMSHA256 Auth = "scram-sha-256"
	// AuthXOAUTH2 sends Password as an access token.
	AuthXOAUTH2 Auth = "xoauth2"
)

// Config says which server, and how. Host must be given.
type Config struct {
	Host string
	// Port is the usual one of TLS where it is 0.
	Port int
	// TLS is StartTLS where it is empty.
	TLS Security
	// RootCAs are who may vouch for the server; those of the system where it is nil.
	RootCAs *x509.CertPool
	// AllowCleartext lets TLS be None to a server that is not on this machine. Everybody on the way can
	// then read the mails, and the login.
	AllowCleartext bool

	Auth     Auth
	Username string
	Password string

	// Timeout is how long each step may take: connecting, each command, each piece of the content. 30 seconds
	// where it is 0. The answer to the last line may take four times as long, since servers look for viruses
	// then.
	Timeout time.Duration
	// HELO is how this machine calls itself; its host name where it is empty.
	HELO string
	// Idle is how long a connection is kept for the next message; 20 seconds where it is 0.
	Idle time.Duration
	// DKIM signs messages; nil does not.
	DKIM *DKIM
}

// DKIM says how messages are signed (RFC 6376).
type DKIM struct {
	// Domain is who signs; messages from other domains are not signed. Selector says where in its DNS the
	// public key is: selector._domainkey.domain.
	Domain, Selector string
	// Key is an RSA or Ed25519 (RFC 8463) private key.
	Key crypto.Signer
	// PEM is the key as text, where Key is nil: "PRIVATE KEY" or "RSA PRIVATE KEY".
	PEM []byte
}

// Signer gives the key, read from PEM where Key is nil; the error names everything that is wrong with the values. It is
// for messages that are signed elsewhere, as those of newsletters are.
func (d DKIM) Signer() (crypto.Signer, error) {
	d = d.read()
	faults := fault.List(d.check())
	return d.Key, faults.Err("messages cannot be signed with this key")
}

// read is the same with the key read and the domain as DNS compares it.
func (d DKIM) read() DKIM {
	if d.Key == nil && len(d.PEM) > 0 {
		d.Key, _ = gomail.PrivKeyFromPEM(d.PEM) // what is wrong with it is found by check
	}
	d.Domain = strings.ToLower(d.Domain)
	return d
}

// String names the server, never the login.
func (c Config) String() string { return fmt.Sprintf("smtp %s:%d", c.Host, c.Port) }

// GoString is String, so that a printed configuration tells no secrets.
func (c Config) GoString() string { return c.String() }

// LogValue is String for logs.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

var hostForm = regexp.MustCompile(`^[A-Za-z0-9_:]([A-Za-z0-9._:-]{0,252})$`)

// withDefaults fills what is left empty.
func (c Config) withDefaults() Config {
	if c.TLS == "" {
		c.TLS = StartTLS
	}
	if c.Port == 0 {
		c.Port = map[Security]int{StartTLS: 587, Implicit: 465, None: 25}[c.TLS]
	}
	if c.Timeout == 0 {
		c.Timeout = 30 * time.Second
	}
	if c.Idle == 0 {
		c.Idle = 20 * time.Second
	}
	if ascii, err := idna.Lookup.ToASCII(c.Host); err == nil {
		c.Host = ascii
	}
	if c.HELO == "" {
		c.HELO = "localhost"
		if name, err := os.Hostname(); err == nil && hostForm.MatchString(name) {
			c.HELO = name
		}
	}
	if c.DKIM != nil {
		d := c.DKIM.read()
		c.DKIM = &d
	}
	return c
}

// check finds everything that is wrong. Messages never repeat a secret.
func (c Config) check() fault.List {
	var faults fault.List
	faults.Required("host", c.Host)
	if c.Host != "" && !hostForm.MatchString(c.Host) {
		faults.Add("host", "host.form", "%.80q is no host name; write it as mail.example.com", c.Host)
	}
	if c.Port < 1 || c.Port > 65535 {
		faults.Add("port", "range", "is %d; give 1 to 65535, or 0 for the usual one", c.Port)
	}
	if !slices.Contains([]Security{StartTLS, Implicit, None}, c.TLS) {
		faults.Add("tls", "choice", "%.20q is unknown; say %s, %s or %s", string(c.TLS), StartTLS, Implicit, None)
	}
	if c.TLS == None && !c.AllowCleartext && !c.local() {
		faults.Add("tls", "cleartext", "is none, and %s is not this machine; use starttls or implicit, or set AllowCleartext if the way there is safe", c.Host)
	}
	if !slices.Contains([]Auth{AuthAuto, AuthPlain, AuthLogin, AuthCRAMMD5, AuthSCRAMSHA256, AuthXOAUTH2}, c.Auth) {
		faults.Add("auth", "choice", "%.20q is unknown; leave it empty, or say plain, login, cram-md5, scram-sha-256 or xoauth2", string(c.Auth))
	}
	switch {
	case c.Username == "" && (c.Password != "" || c.Auth != AuthAuto):
		faults.Add("username", "required", "is missing; it belongs to the password")
	case c.Username != "" && c.Password == "":
		faults.Add("password", "required", "is missing; it belongs to the user name")
	}
	if strings.ContainsAny(c.Username+c.Password, "\r\n\x00") {
		faults.Add("password", "text.line", "or the user name has a line break or NUL; take it off")
	}
	if c.Timeout < 0 {
		faults.Add("timeout", "negative", "is %s; give how long a step may take", c.Timeout)
	}
	if c.Idle < 0 {
		faults.Add("idle", "negative", "is %s; give how long a connection is kept", c.Idle)
	}
	if !hostForm.MatchString(c.HELO) {
		faults.Add("helo", "host.form", "%.80q is no host name; write it as crm.example.com", c.HELO)
	}
	if c.DKIM != nil {
		faults.Merge("dkim", c.DKIM.check())
	}
	return faults
}

func (d DKIM) check() []fault.Fault {
	var faults fault.List
	for _, f := range []struct{ name, value string }{{"domain", d.Domain}, {"selector", d.Selector}} {
		faults.Required(f.name, f.value)
		if f.value != "" && !hostForm.MatchString(f.value) {
			faults.Add(f.name, "host.form", "%.80q cannot stand in DNS; write it as example.com", f.value)
		}
	}
	switch key := d.Key.(type) {
	case ed25519.PrivateKey:
	case *rsa.PrivateKey:
		if key.N.BitLen() < 1024 {
			faults.Add("key", "weak", "has %d bits; receivers ignore keys under 1024 (RFC 8301), make one of 2048", key.N.BitLen())
		}
	case nil:
		faults.Add("key", "required", "is missing or unreadable; give an RSA or Ed25519 private key in PEM")
	default:
		faults.Add("key", "choice", "is a %T; give an RSA or Ed25519 private key", key)
	}
	return faults
}

// local reports whether the server is on this machine.
func (c Config) local() bool {
	if strings.EqualFold(c.Host, "localhost") {
		return true
	}
	ip := net.ParseIP(c.Host)
	return ip != nil && ip.IsLoopback()
}
