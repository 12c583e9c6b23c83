package webhook

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unicode"
)

// userAgent names the sender to the receiver's log.
const userAgent = "CRMplus-Webhook/1"

// mostAnswer is how much of an answer's body is read; mostShown how much of it is kept when it is a refusal.
const (
	mostAnswer = 64 << 10
	mostShown  = 300
)

// special are networks that are not the public internet though Go does not call them private: RFC 6890 and
// the registries of special-purpose addresses that it began, and forms that carry an IPv4 address inside.
var special = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("192.88.99.0/24"), netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("100::/64"),
	netip.MustParsePrefix("2001::/23"), netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("fec0::/10"),
}

// mayCall reports whether an address is on the public internet or in a network that is allowed.
func (c Config) mayCall(ip netip.Addr) bool {
	ip = ip.Unmap().WithZone("")
	if slices.ContainsFunc(c.Allow, func(p netip.Prefix) bool { return p.Contains(ip) }) {
		return true
	}
	return ip.IsGlobalUnicast() && !ip.IsPrivate() && !slices.ContainsFunc(special, func(p netip.Prefix) bool { return p.Contains(ip) })
}

// errNetwork refuses a connection.
type errNetwork struct{ address string }

func (e errNetwork) Error() string {
	return "the address leads to " + e.address + ", which is not on the public internet"
}

// newClient makes the client of all deliveries. Each connection is judged when it is dialled, by the address
// that it really goes to; a proxy of the environment would hide that address, so none is used.
func newClient(c Config) *http.Client {
	dialer := &net.Dialer{Timeout: c.timeout(), Control: func(_, address string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err != nil || !c.mayCall(to.Addr()) {
			return errNetwork{address}
		}
		return nil
	}}
	transport := &http.Transport{
		DialContext: dialer.DialContext, ForceAttemptHTTP2: true, TLSHandshakeTimeout: c.timeout(), ResponseHeaderTimeout: c.timeout(),
		MaxResponseHeaderBytes: 64 << 10, MaxIdleConnsPerHost: batch, IdleConnTimeout: time.Minute, DisableCompression: true,
	}
	if c.TLS != nil {
		transport.TLSClientConfig = c.TLS.Clone()
	}
	return &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// Attempt is what came of sending once.
type Attempt struct {
	// OK says that the receiver took it: an answer of 2xx.
	OK bool
	// StatusCode is the answer's, 0 where there was none.
	StatusCode int
	Took       time.Duration
	// Reason is what went wrong, in a sentence; it holds the beginning of the answer.
	Reason string
	// retryAfter is what the receiver asked for.
	retryAfter time.Duration
}

// letter is a delivery ready to be sent.
type letter struct {
	url     string
	message Message
	secrets []string
}

// post sends once.
func (w *Webhooks) post(ctx context.Context, l letter) Attempt {
	ctx, cancel := context.WithTimeout(ctx, w.config.timeout())
	defer cancel()
	started := time.Now()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, l.url, bytes.NewReader(l.message.Body))
	if err != nil {
		return Attempt{Reason: "the address is not understood"}
	}
	signatures := make([]string, len(l.secrets))
	for i, s := range l.secrets {
		if signatures[i], err = Sign(l.message, s); err != nil {
			return Attempt{Reason: "a secret of the webhook is damaged; make a new one"}
		}
	}
	h := request.Header
	h.Set("Content-Type", "application/json")
	h.Set("User-Agent", userAgent)
	h.Set(HeaderID, l.message.ID)
	h.Set(HeaderTimestamp, strconv.FormatInt(l.message.At.Unix(), 10))
	h.Set(HeaderSignature, strings.Join(signatures, " "))
	answer, err := w.client.Do(request)
	if err != nil {
		return Attempt{Took: time.Since(started), Reason: w.noAnswer(err)}
	}
	defer answer.Body.Close()
	a := Attempt{StatusCode: answer.StatusCode, OK: answer.StatusCode/100 == 2, retryAfter: retryAfter(answer, w.db.Now())}
	text, _ := io.ReadAll(io.LimitReader(answer.Body, mostAnswer)) // whole, so that the connection can be used again
	a.Took = time.Since(started)
	switch {
	case a.OK:
	case answer.StatusCode/100 == 3:
		a.Reason = fmt.Sprintf("the receiver answered %s; redirects are not followed, so give the address that it leads to", status(answer))
	default:
		a.Reason = strings.TrimRight(fmt.Sprintf("the receiver answered %s: %s", status(answer), readable(text)), ": ")
	}
	return a
}

func status(r *http.Response) string {
	return strings.TrimSpace(strconv.Itoa(r.StatusCode) + " " + http.StatusText(r.StatusCode))
}

// noAnswer words a failure without an answer, without the address, which may hold what is not for a log.
func (w *Webhooks) noAnswer(err error) string {
	var refused errNetwork
	var timeout net.Error
	var wrapped *url.Error
	switch {
	case errors.As(err, &refused):
		return refused.Error()
	case errors.As(err, &timeout) && timeout.Timeout():
		return fmt.Sprintf("the receiver did not answer within %s", w.config.timeout())
	case errors.As(err, &wrapped):
		err = wrapped.Err
	}
	return cut("the receiver could not be reached: "+err.Error(), mostReason)
}

// readable is the beginning of an answer on one line, for a person.
func readable(body []byte) string {
	text := strings.ToValidUTF8(string(body[:min(len(body), 4*mostShown)]), "")
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }), " ")
	return cut(text, mostShown)
}

func cut(text string, n int) string {
	r := []rune(strings.ReplaceAll(text, "\x00", ""))
	if len(r) > n {
		r = append(r[:n-1], '…')
	}
	return string(r)
}

// retryAfter reads the header of that name, in seconds or as a date (RFC 9110, section 10.2.3).
func retryAfter(r *http.Response, now time.Time) time.Duration {
	text := r.Header.Get("Retry-After")
	if n, err := strconv.Atoi(text); err == nil && n >= 0 {
		return min(time.Duration(min(n, 1<<20))*time.Second, longestPause)
	}
	if at, err := http.ParseTime(text); err == nil {
		return min(max(at.Sub(now), 0), longestPause)
	}
	return 0
}
