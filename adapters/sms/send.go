package sms

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/time/rate"

	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/newsletter/sms"
)

// Gateway is a sms.Gateway over HTTP. It is safe for many goroutines.
type Gateway struct {
	d       Description
	secrets Secrets
	client  *http.Client
	limit   *rate.Limiter
	// id, status and reason are the compiled patterns of an answer that is text.
	id, status, reason *regexp.Regexp
	strict             bool
}

// Options are what differs from the usual; zero is usual.
type Options struct {
	// TLS is for certificates of a company's own.
	TLS *tls.Config
}

// mostAnswer is how much of an answer is read.
const mostAnswer = 64 << 10

// New makes a gateway of its description. The error names everything that is wrong with it.
func New(d Description, s Secrets, o Options) (*Gateway, error) {
	if err := d.Check(); err != nil {
		return nil, err
	}
	perSecond := d.PerSecond
	if perSecond == 0 {
		perSecond = 10
	}
	g := &Gateway{d: d, secrets: s, limit: rate.NewLimiter(rate.Limit(perSecond), max(1, int(perSecond)))}
	for _, m := range d.Meanings {
		g.strict = g.strict || m == Taken
	}
	if d.Answer.Text {
		for path, re := range map[string]**regexp.Regexp{d.Answer.ID: &g.id, d.Answer.Status: &g.status, d.Answer.Reason: &g.reason} {
			if path != "" {
				*re = regexp.MustCompile(path) // checked above
			}
		}
	}
	transport := &http.Transport{
		Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, TLSHandshakeTimeout: d.timeout(), ResponseHeaderTimeout: d.timeout(),
		MaxResponseHeaderBytes: 64 << 10, MaxIdleConnsPerHost: 32, IdleConnTimeout: time.Minute,
		DisableKeepAlives: d.method() == http.MethodGet, // the client repeats a GET by itself when a kept connection breaks
	}
	if o.TLS != nil {
		transport.TLSClientConfig = o.TLS.Clone()
	}
	g.client = &http.Client{Transport: transport, Timeout: d.timeout(), CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return g, nil
}

// Close lets go of connections that are kept.
func (g *Gateway) Close() { g.client.CloseIdleConnections() }

// Send hands a message over, as sms.Gateway says.
func (g *Gateway) Send(ctx context.Context, m sms.Message) (sms.Receipt, error) {
	if f := checkMessage(m); f != nil {
		return sms.Receipt{}, f
	}
	if err := g.limit.Wait(ctx); err != nil {
		return sms.Receipt{}, mail.NewFailure(mail.Temporary, err, "the message waited too long for its turn")
	}
	var written atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { written.Store(true) }})
	request, err := g.request(ctx, m)
	if err != nil {
		return sms.Receipt{}, mail.NewFailure(mail.Permanent, nil, "%s: no request can be made of the message", g.d.Name)
	}
	answer, err := g.client.Do(request)
	if err != nil {
		return sms.Receipt{}, g.noAnswer(err, written.Load())
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, mostAnswer))
	if err != nil && g.codeMeans(answer.StatusCode) == Taken && (g.d.Answer.ID != "" || g.d.Answer.Status != "") {
		return sms.Receipt{}, mail.NewFailure(mail.Unknown, hidden(err), "%s: the answer broke off", g.d.Name)
	}
	return g.read(answer.StatusCode, body)
}

func checkMessage(m sms.Message) *mail.Failure {
	switch {
	case m.ID == "":
		return mail.NewFailure(mail.Permanent, nil, "the message has no key of its own")
	case !strings.HasPrefix(m.To, "+") || len(m.To) < 6 || len(m.To) > 16 || strings.Trim(m.To[1:], "0123456789") != "":
		return mail.NewFailure(mail.Permanent, nil, "the number %.20q is not one in international form, as +36301234567", m.To)
	case strings.TrimSpace(m.Text) == "" || !utf8.ValidString(m.Text):
		return mail.NewFailure(mail.Permanent, nil, "the text is empty, or no text")
	case m.Size().Parts > sms.MaxParts:
		return mail.NewFailure(mail.Permanent, nil, "the text is too long")
	}
	return nil
}

func (g *Gateway) request(ctx context.Context, m sms.Message) (*http.Request, error) {
	size := m.Size()
	v := values{
		"to": m.To, "from": m.From, "text": m.Text, "id": m.ID, "encoding": string(size.Encoding), "parts": strconv.Itoa(size.Parts),
		"user": g.secrets.User, "password": g.secrets.Password, "token": g.secrets.Token,
	}
	if g.d.Numbers == "digits" {
		v["to"] = strings.TrimPrefix(m.To, "+")
	}
	var body io.Reader
	if g.d.Body != "" {
		body = strings.NewReader(g.d.body(v))
	}
	request, err := http.NewRequestWithContext(ctx, g.d.method(), address(g.d.URL, v), body)
	if err != nil {
		return nil, err
	}
	if g.d.ContentType != "" {
		request.Header.Set("Content-Type", g.d.ContentType)
	}
	g.prove(request, v)
	return request, nil
}

// prove sets the headers, with the secrets that are among them.
func (g *Gateway) prove(request *http.Request, v values) {
	for name, value := range g.d.Headers {
		request.Header.Set(name, fill(value, v, headerText))
	}
	switch g.d.Auth {
	case "basic":
		request.SetBasicAuth(g.secrets.User, g.secrets.Password)
	case "bearer":
		request.Header.Set("Authorization", "Bearer "+headerText(g.secrets.Token))
	}
}

// noAnswer words a failure without an answer. What was written may have been carried out.
func (g *Gateway) noAnswer(err error, written bool) error {
	f := mail.NewFailure(mail.Temporary, hidden(err), "%s cannot be reached", g.d.Name)
	f.Down = true
	if written {
		f = mail.NewFailure(mail.Unknown, hidden(err), "%s got the message and gave no answer", g.d.Name)
	}
	return f
}

// hidden takes the address, which may hold a secret, out of an error.
func hidden(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}

// codeMeans says what an HTTP status code means (RFC 9110, section 15).
func (g *Gateway) codeMeans(code int) Meaning {
	if m, ok := g.d.Codes[code]; ok {
		return m
	}
	switch {
	case code/100 == 2:
		return Taken
	case code == http.StatusRequestTimeout, code == http.StatusTooManyRequests, code == http.StatusServiceUnavailable, code == http.StatusTooEarly:
		return Temporary
	case code == http.StatusUnauthorized, code == http.StatusPaymentRequired, code == http.StatusForbidden, code == http.StatusNotFound,
		code == http.StatusMethodNotAllowed, code == http.StatusProxyAuthRequired, code/100 == 3:
		return Down
	case code/100 == 5: // it may have broken after the message went on
		return Unknown
	}
	return Permanent
}

// read makes the outcome of an answer.
func (g *Gateway) read(code int, body []byte) (sms.Receipt, error) {
	means, said := g.codeMeans(code), http.StatusText(code)
	var parsed any
	if !g.d.Answer.Text {
		if dec := json.NewDecoder(strings.NewReader(string(body))); len(body) > 0 {
			dec.UseNumber()
			if dec.Decode(&parsed) != nil {
				parsed = nil
			}
		}
	}
	status := g.at(parsed, body, g.d.Answer.Status, g.status)
	if means == Taken && g.d.Answer.Status != "" {
		var named bool
		if means, named = g.d.Meanings[status]; !named {
			means = Taken
			if g.strict || status == "" {
				means = Unknown
			}
		}
	}
	if means == Permanent && g.d.Meanings[status] == NoNumber { // a code tells what is refused, not why
		means = NoNumber
	}
	id := g.at(parsed, body, g.d.Answer.ID, g.id)
	if means == Taken && (g.d.Answer.ID == "" || id != "") {
		return sms.Receipt{GatewayID: cut(id)}, nil
	}
	if reason := g.at(parsed, body, g.d.Answer.Reason, g.reason); reason != "" {
		said = reason
	} else if status != "" {
		said = status
	}
	return sms.Receipt{}, g.failure(means, code, said)
}

func (g *Gateway) failure(means Meaning, code int, said string) error {
	said = g.withoutSecrets(said)
	switch means {
	case Temporary:
		return mail.NewFailure(mail.Temporary, nil, "%s does not take it now: %d %s", g.d.Name, code, said)
	case Permanent:
		return mail.NewFailure(mail.Permanent, nil, "%s refuses it: %d %s", g.d.Name, code, said)
	case NoNumber:
		return mail.NewFailure(mail.Permanent, sms.ErrNoNumber, "%s does not know the number: %d %s", g.d.Name, code, said)
	case Down:
		f := mail.NewFailure(mail.Temporary, nil, "%s takes no messages from us: %d %s; look at the account, its secrets and the address", g.d.Name, code, said)
		f.Down = true
		return f
	case Taken: // without the key that was asked for
		return mail.NewFailure(mail.Unknown, nil, "%s answered %d without its key of the message", g.d.Name, code)
	}
	return mail.NewFailure(mail.Unknown, nil, "%s gave an answer that is not understood: %d %s", g.d.Name, code, said)
}

// withoutSecrets keeps a gateway that repeats what it was sent from putting secrets into reasons.
func (g *Gateway) withoutSecrets(said string) string {
	for _, secret := range []string{g.secrets.Password, g.secrets.Token} {
		if secret != "" {
			said = strings.ReplaceAll(said, secret, "***")
		}
	}
	return cut(said)
}

// at reads a place of an answer.
func (g *Gateway) at(parsed any, body []byte, path string, pattern *regexp.Regexp) string {
	if path == "" {
		return ""
	}
	if pattern != nil {
		if found := pattern.FindSubmatch(body); found != nil {
			return string(found[1])
		}
		return ""
	}
	return lookup(parsed, path)
}

// lookup follows a path through JSON: messages.0.id.
func lookup(v any, path string) string {
	for step := range strings.SplitSeq(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(x) {
				return ""
			}
			v = x[i]
		default:
			return ""
		}
	}
	switch x := v.(type) {
	case string:
		return x
	case json.Number, bool:
		return fmt.Sprint(x)
	}
	return ""
}

// mostSaid is how many characters of what a gateway says are kept.
const mostSaid = 200

// cut brings foreign words to one short line.
func cut(text string) string {
	text = strings.ToValidUTF8(text, "")
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }), " ")
	if r := []rune(text); len(r) > mostSaid {
		text = string(r[:mostSaid-1]) + "…"
	}
	return text
}
