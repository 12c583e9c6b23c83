package imap

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"time"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"github.com/crmplus/crmplus/crm/fault"
)

// dialPatience is how long connecting may take.
const dialPatience = 30 * time.Second

// connect opens a connection and signs on.
func (r *Reader) connect(ctx context.Context) (*imapclient.Client, error) {
	dialing, cancel := context.WithTimeout(ctx, dialPatience)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(dialing, "tcp", r.config.Address)
	if err != nil {
		return nil, cut(err, "connecting")
	}
	// The greeting, the handshake and the sign-on end with the context, too.
	stop := context.AfterFunc(dialing, func() { _ = conn.Close() })
	defer stop()
	var c *imapclient.Client
	switch r.config.Security {
	case TLS:
		secure := tls.Client(conn, r.config.TLS)
		if err := secure.HandshakeContext(dialing); err != nil {
			_ = conn.Close()
			return nil, cut(err, "agreeing on TLS")
		}
		c = imapclient.New(secure, nil)
	case StartTLS:
		if c, err = imapclient.NewStartTLS(conn, &imapclient.Options{TLSConfig: r.config.TLS}); err != nil {
			_ = conn.Close()
			return nil, cut(err, "agreeing on TLS")
		}
	default:
		c = imapclient.New(conn, nil)
	}
	if err := c.Login(r.config.Username, r.config.Password).Wait(); err != nil {
		_ = c.Close()
		var answer *goimap.Error
		if errors.As(err, &answer) {
			return nil, fault.Wrap(err, fault.Forbidden, "the mail server refuses %s; check name and password", r.config.Username)
		}
		return nil, cut(err, "signing on")
	}
	return c, nil
}
