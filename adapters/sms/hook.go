package sms

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/newsletter/sms"
)

// Hook says how a gateway tells of deliveries and of messages that come in.
type Hook struct {
	// Format is json, or form for values in a posted form or in the query, with which GET is taken too.
	Format string `json:"format"`
	// List is the path of the list of what is told, "" where one thing is, or a list is all there is.
	List string `json:"list,omitempty"`
	// Report and Message say where things are in each; one of them may be nil. What has a status is a report.
	Report  *ReportFields  `json:"report,omitempty"`
	Message *MessageFields `json:"message,omitempty"`
	// Times is the layout of instants as Go writes them, "" for RFC 3339 or seconds or milliseconds since 1970.
	Times string `json:"times,omitempty"`
	Check Check  `json:"check"`
	// Answer is the body that the gateway wants to hear, "" for none.
	Answer string `json:"answer,omitempty"`
}

// ReportFields are where things are in a report.
type ReportFields struct {
	ID        string `json:"id,omitempty"`
	GatewayID string `json:"gateway_id,omitempty"`
	Status    string `json:"status"`
	At        string `json:"at,omitempty"`
	Reason    string `json:"reason,omitempty"`
	// States say what a status is; one that is not named is sms.Carried.
	States map[string]sms.State `json:"states"`
}

// MessageFields are where things are in a message that comes in.
type MessageFields struct {
	GatewayID string `json:"gateway_id,omitempty"`
	From      string `json:"from"`
	To        string `json:"to,omitempty"`
	Text      string `json:"text"`
	At        string `json:"at,omitempty"`
}

// Check is how a call proves that it comes from the gateway.
type Check struct {
	// By is header (its value is the secret, after Prefix), query (a parameter is), basic (the password is), or
	// hmac (a header holds the HMAC-SHA-256 of the body, after Prefix).
	By string `json:"by"`
	// Name is that of the header or parameter.
	Name   string `json:"name,omitempty"`
	Prefix string `json:"prefix,omitempty"`
	// Encoding of an hmac is hex or base64.
	Encoding string `json:"encoding,omitempty"`
}

// The bounds of a call.
const (
	mostCall    = 256 << 10
	mostTold    = 1000
	mostText    = 4000
	mostNumber  = 40
	leastSecret = 16
)

// ParseHook reads a hook from JSON.
func ParseHook(text []byte) (Hook, error) {
	var h Hook
	return h, decodeStrictly(text, &h)
}

// Handler is the address that the gateway calls. It is safe for many goroutines.
type Handler struct {
	hook     Hook
	company  string
	secret   string
	receiver sms.Receiver
}

// HandlerConfig is what a handler is told by its surroundings.
type HandlerConfig struct {
	// Company is whose messages they are; the receiver is called as its system.
	Company string
	// Secret is what the gateway shows, at least 16 characters; at random, and for nothing else.
	Secret   string
	Receiver sms.Receiver
}

// NewHandler makes the handler of a hook. The error names everything that is wrong.
func NewHandler(h Hook, c HandlerConfig) (*Handler, error) {
	var faults fault.List
	if h.Format != "json" && h.Format != "form" {
		faults.Add("format", "choice", "%.10q is none; choose json or form", h.Format)
	}
	if h.Report == nil && h.Message == nil {
		faults.Add("report", "required", "and message are both missing; nothing would be understood")
	}
	if r := h.Report; r != nil {
		faults.Required("report.status", r.Status)
		if r.ID == "" && r.GatewayID == "" {
			faults.Add("report.id", "required", "and gateway_id are both missing; a report would belong to no message")
		}
		for status, state := range r.States {
			if !slices.Contains(states, state) {
				faults.Add("report.states."+status, "choice", "%.20q is no state", string(state))
			}
		}
	}
	if m := h.Message; m != nil {
		faults.Required("message.from", m.From)
		faults.Required("message.text", m.Text)
	}
	h.Check.check(&faults)
	if len(c.Secret) < leastSecret {
		faults.Add("secret", "length", "has %d characters; at least %d are needed, at random", len(c.Secret), leastSecret)
	}
	faults.Required("company", c.Company)
	if c.Receiver == nil {
		faults.Add("receiver", "required", "is missing")
	}
	if err := faults.Err("the gateway cannot be listened to"); err != nil {
		return nil, err
	}
	return &Handler{hook: h, company: c.Company, secret: c.Secret, receiver: c.Receiver}, nil
}

func (c Check) check(faults *fault.List) {
	switch c.By {
	case "basic":
	case "header", "query":
		faults.Required("check.name", c.Name)
	case "hmac":
		faults.Required("check.name", c.Name)
		if c.Encoding != "hex" && c.Encoding != "base64" {
			faults.Add("check.encoding", "choice", "%.10q is none; choose hex or base64", c.Encoding)
		}
	default:
		faults.Add("check.by", "choice", "%.10q is none; choose header, query, basic or hmac", c.By)
	}
}

// ServeHTTP takes one call: 401 without the secret, 400 for what is not understood, 503 where the receiver
// could not keep it, so that the gateway calls again.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost && (r.Method != http.MethodGet || h.hook.Format != "form") {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "this is called with POST", http.StatusMethodNotAllowed)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, mostCall))
	if err != nil {
		code := http.StatusBadRequest
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			code = http.StatusRequestEntityTooLarge
		}
		http.Error(w, "the call cannot be read", code)
		return
	}
	if !h.proves(r, body) {
		http.Error(w, "the call does not prove where it comes from", http.StatusUnauthorized)
		return
	}
	told, err := h.hook.read(r.URL, body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if err := h.pass(r.Context(), told); err != nil {
		http.Error(w, "it could not be kept; call again", http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, h.hook.Answer) // a gateway that is gone calls again
}

func (h *Handler) pass(ctx context.Context, told told) error {
	ctx = actor.With(ctx, actor.System(h.company, "sms"))
	if len(told.reports) > 0 {
		if err := h.receiver.Reported(ctx, told.reports); err != nil {
			return err
		}
	}
	if len(told.messages) > 0 {
		return h.receiver.Received(ctx, told.messages)
	}
	return nil
}

// proves compares in constant time.
func (h *Handler) proves(r *http.Request, body []byte) bool {
	c := h.hook.Check
	var shown string
	switch c.By {
	case "basic":
		_, shown, _ = r.BasicAuth()
	case "query":
		shown = r.URL.Query().Get(c.Name)
	default:
		var ok bool
		if shown, ok = strings.CutPrefix(r.Header.Get(c.Name), c.Prefix); !ok {
			return false
		}
	}
	if c.By != "hmac" {
		return subtle.ConstantTimeCompare([]byte(shown), []byte(h.secret)) == 1
	}
	decode := hex.DecodeString
	if c.Encoding == "base64" {
		decode = base64.StdEncoding.DecodeString
	}
	given, err := decode(shown)
	mac := hmac.New(sha256.New, []byte(h.secret))
	mac.Write(body)
	return err == nil && hmac.Equal(given, mac.Sum(nil))
}

// told is what a call says.
type told struct {
	reports  []sms.Report
	messages []sms.Inbound
}

// read understands a call.
func (h Hook) read(u *url.URL, body []byte) (told, error) {
	items, err := h.items(u, body)
	if err != nil {
		return told{}, err
	}
	var out told
	for i, item := range items {
		switch {
		case h.Report != nil && item(h.Report.Status) != "":
			report := h.report(item)
			if report.ID == "" && report.GatewayID == "" {
				return told{}, fmt.Errorf("number %d has a status and no key", i)
			}
			out.reports = append(out.reports, report)
		case h.Message != nil && item(h.Message.From) != "":
			out.messages = append(out.messages, h.message(item))
		default:
			return told{}, fmt.Errorf("number %d is neither a report nor a message", i)
		}
	}
	return out, nil
}

func (h Hook) report(item func(string) string) sms.Report {
	f := h.Report
	status := item(f.Status)
	r := sms.Report{ID: short(item(f.ID)), GatewayID: short(item(f.GatewayID)), State: f.States[status], At: h.time(item(f.At)), Reason: cut(item(f.Reason))}
	if r.State == "" {
		r.State = sms.Carried
	}
	if r.Reason == "" {
		r.Reason = cut(status)
	}
	return r
}

func (h Hook) message(item func(string) string) sms.Inbound {
	f := h.Message
	text := strings.ReplaceAll(strings.ToValidUTF8(item(f.Text), "\uFFFD"), "\x00", "")
	if r := []rune(text); len(r) > mostText {
		text = string(r[:mostText])
	}
	return sms.Inbound{GatewayID: short(item(f.GatewayID)), From: number(item(f.From)), To: number(item(f.To)), Text: text, At: h.time(item(f.At))}
}

func short(key string) string {
	if key = cut(key); len(key) > mostSaid {
		return ""
	}
	return key
}

// number is a number in E.164 where it is one without its +.
func number(text string) string {
	text = cut(strings.TrimSpace(text))
	if r := []rune(text); len(r) > mostNumber {
		text = string(r[:mostNumber])
	}
	const least, most = 8, 15 // what is shorter is a short number of its country
	if digits := strings.TrimPrefix(text, "00"); len(digits) >= least && len(digits) <= most && strings.Trim(digits, "0123456789") == "" && digits[0] != '0' {
		return "+" + digits
	}
	return text
}

func (h Hook) time(text string) time.Time {
	if text == "" {
		return time.Time{}
	}
	layout := h.Times
	if layout == "" {
		layout = time.RFC3339
		if n, err := strconv.ParseInt(text, 10, 64); err == nil && n > 0 {
			const secondsEnd = 100_000_000_000 // the year 5138; later ones are milliseconds
			if n < secondsEnd {
				return time.Unix(n, 0).UTC()
			}
			return sane(time.UnixMilli(n))
		}
	}
	t, err := time.Parse(layout, text)
	if err != nil {
		return time.Time{}
	}
	return sane(t)
}

func sane(t time.Time) time.Time {
	if y := t.UTC().Year(); y < 2000 || y > 2200 {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Millisecond)
}

// items gives what is told, each as a way to read its fields.
func (h Hook) items(u *url.URL, body []byte) ([]func(string) string, error) {
	if h.Format == "form" {
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return nil, errors.New("the form cannot be read")
		}
		query := u.Query()
		return []func(string) string{func(path string) string {
			if path == "" {
				return ""
			}
			if form.Has(path) {
				return form.Get(path)
			}
			return query.Get(path)
		}}, nil
	}
	var v any
	dec := json.NewDecoder(strings.NewReader(string(body)))
	dec.UseNumber()
	if dec.Decode(&v) != nil {
		return nil, errors.New("this is no JSON")
	}
	if h.List != "" {
		for step := range strings.SplitSeq(h.List, ".") {
			m, ok := v.(map[string]any)
			if !ok {
				return nil, fmt.Errorf("there is no list at %s", h.List)
			}
			v = m[step]
		}
	}
	list, ok := v.([]any)
	if !ok {
		if h.List != "" {
			return nil, fmt.Errorf("there is no list at %s", h.List)
		}
		list = []any{v}
	}
	if len(list) > mostTold {
		return nil, fmt.Errorf("%d things are told at once; at most %d are taken", len(list), mostTold)
	}
	out := make([]func(string) string, len(list))
	for i, item := range list {
		out[i] = func(path string) string {
			if path == "" {
				return ""
			}
			return lookup(item, path)
		}
	}
	return out, nil
}
