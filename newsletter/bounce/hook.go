package bounce

import (
	"cmp"
	"context"
	"crypto/ecdsa"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/fault"
)

// HookConfig is what a [Hook] works with. Provider or Webhook, Take, and Secret or Signature must be given.
type HookConfig struct {
	// Provider is one of [Providers]; Webhook describes another one.
	Provider string
	Webhook  *Webhook
	// Secret lets the provider in: the last part of the path ("/n/b/<secret>"), the password of Basic, or the
	// token of Bearer. At least 16 characters.
	Secret string
	// Signature checks the provider's own signature; see [Signed], [MailgunSigned] and [SendGridSigned]. Where
	// both are given, both must be right.
	Signature func(h http.Header, body []byte) error
	// Take is given what a call reports, all of it at once. It has to bear the same call twice: providers
	// repeat what was not answered with 200. An error has the call repeated, but for fault.Invalid.
	Take func(ctx context.Context, reports []Report) error
	// Largest is how many bytes a call has at most; 1 MB where it is 0.
	Largest int64
	// Log gets calls that were refused, never their contents; slog.Default where it is nil.
	Log *slog.Logger
}

const (
	hookLargest   = 1 << 20
	secretMinimum = 16
	// hookTime is how long the reports of a call are worked on.
	hookTime = 30 * time.Second
)

// Hook is the address that a mail provider calls with what became of mails. It answers 200 where everything
// was taken, 503 where the call is to be repeated, and refuses what has not the secret or the signature.
type Hook struct {
	config  HookConfig
	webhook Webhook
}

var _ http.Handler = (*Hook)(nil)

// NewHook makes a Hook. The error is fault.Invalid with a fault for each setting that cannot be.
func NewHook(c HookConfig) (*Hook, error) {
	c.Largest = cmp.Or(c.Largest, hookLargest)
	if c.Log == nil {
		c.Log = slog.Default()
	}
	h := &Hook{config: c}
	var faults fault.List
	known, ok := Providers[c.Provider]
	switch {
	case c.Webhook != nil:
		h.webhook = *c.Webhook
	case ok:
		h.webhook = known
	default:
		faults.Add("provider", "choice", "%.40q is not known; choose from %v, or describe it", c.Provider, slices.Sorted(maps.Keys(Providers)))
	}
	if c.Secret == "" && c.Signature == nil {
		faults.Add("secret", "required", "is missing, so that anybody could close addresses; give one, or the check of a signature")
	}
	if c.Secret != "" && len(c.Secret) < secretMinimum {
		faults.Add("secret", "length", "has %d characters; give at least %d", len(c.Secret), secretMinimum)
	}
	if c.Take == nil {
		faults.Add("take", "required", "is missing; say what becomes of the reports")
	}
	return h, faults.Err("the provider's calls cannot be taken")
}

// ServeHTTP takes one call.
func (h *Hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	if !h.knows(r) {
		h.refuse(w, http.StatusUnauthorized, "the secret")
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, h.config.Largest))
	if err != nil {
		status := http.StatusBadRequest
		if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
			status = http.StatusRequestEntityTooLarge
		}
		h.refuse(w, status, "the body")
		return
	}
	if h.config.Signature != nil {
		if err := h.config.Signature(r.Header, body); err != nil {
			h.refuse(w, http.StatusUnauthorized, err.Error())
			return
		}
	}
	h.take(w, r, body)
}

func (h *Hook) take(w http.ResponseWriter, r *http.Request, body []byte) {
	reports, err := h.webhook.Read(body)
	if err != nil {
		h.refuse(w, http.StatusBadRequest, "the form of the body")
		return
	}
	if len(reports) > 0 {
		// What was read is worked on to its end, also where the provider hangs up.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), hookTime)
		defer cancel()
		err = h.config.Take(ctx, reports)
	} else {
		h.invited(body)
	}
	switch {
	case err == nil:
		w.WriteHeader(http.StatusOK)
	case errors.Is(err, fault.Invalid):
		h.refuse(w, http.StatusUnprocessableEntity, "what it reports")
	default:
		h.config.Log.ErrorContext(r.Context(), "reports of a mail provider could not be written down; it will repeat them", "provider", h.webhook.Name, "error", err)
		w.Header().Set("Retry-After", "60")
		http.Error(w, "not now", http.StatusServiceUnavailable)
	}
}

// invited tells the administrator of Amazon's question whether this address wants its calls: he opens the
// address once. It is not opened here, because a call would then make us call whatever it names.
func (h *Hook) invited(body []byte) {
	var q struct{ Type, SubscribeURL string }
	if json.Unmarshal(body, &q) == nil && q.Type == "SubscriptionConfirmation" {
		h.config.Log.Warn("the mail provider asks whether it may report here; open the address to agree", "provider", h.webhook.Name, "address", line(q.SubscribeURL))
	}
}

// knows reports whether a call has the secret.
func (h *Hook) knows(r *http.Request) bool {
	if h.config.Secret == "" {
		return true
	}
	_, password, _ := r.BasicAuth()
	bearer, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	right := 0
	for _, said := range []string{path.Base(r.URL.Path), password, bearer} {
		right |= subtle.ConstantTimeCompare([]byte(said), []byte(h.config.Secret))
	}
	return right == 1
}

func (h *Hook) refuse(w http.ResponseWriter, status int, why string) {
	h.config.Log.Warn("a call about bounces was refused", "provider", h.webhook.Name, "status", status, "why", why)
	http.Error(w, http.StatusText(status), status)
}

var errSignature = errors.New("the signature is missing or wrong")

// Signed checks a signature in a header: HMAC-SHA-256 of the body, in hexadecimal digits or base64, with or
// without "sha256=" before it.
func Signed(header string, key []byte) func(h http.Header, body []byte) error {
	return func(h http.Header, body []byte) error {
		mac := hmac.New(sha256.New, key)
		mac.Write(body)
		said := strings.TrimPrefix(h.Get(header), "sha256=")
		got, err := hex.DecodeString(said)
		if err != nil {
			got, err = base64.StdEncoding.DecodeString(said)
		}
		if err != nil || !hmac.Equal(got, mac.Sum(nil)) {
			return errSignature
		}
		return nil
	}
}

// signatureLife is how old a signed call may be, so that nobody repeats one he has seen.
const signatureLife = 15 * time.Minute

// fresh reports whether a time in seconds is near now.
func fresh(seconds string, now time.Time) bool {
	n, err := strconv.ParseInt(seconds, 10, 64)
	return err == nil && now.Sub(time.Unix(n, 0)).Abs() <= signatureLife
}

// MailgunSigned checks the signature in the body of Mailgun's calls (HMAC-SHA-256 of timestamp and token) with the
// account's key for signing; now is time.Now where it is nil.
func MailgunSigned(key []byte, now func() time.Time) func(h http.Header, body []byte) error {
	now = clock(now)
	return func(_ http.Header, body []byte) error {
		var said struct {
			Signature struct{ Timestamp, Token, Signature string }
		}
		err := json.Unmarshal(body, &said)
		s := said.Signature
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(s.Timestamp + s.Token))
		got, wrong := hex.DecodeString(s.Signature)
		if err != nil || wrong != nil || !hmac.Equal(got, mac.Sum(nil)) || !fresh(s.Timestamp, now()) {
			return errSignature
		}
		return nil
	}
}

// SendGridSigned checks the signature in the headers of SendGrid's calls (ECDSA over time and body) with the public
// key that its settings show, base64 of DER. The error is fault.Invalid where that is no key; now is time.Now where
// it is nil.
func SendGridSigned(key string, now func() time.Time) (func(h http.Header, body []byte) error, error) {
	der, err := base64.StdEncoding.DecodeString(strings.TrimSpace(key))
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "the key of SendGrid's signatures is not base64")
	}
	parsed, err := x509.ParsePKIXPublicKey(der)
	public, ok := parsed.(*ecdsa.PublicKey)
	if err != nil || !ok {
		return nil, fault.New(fault.Invalid, "the key of SendGrid's signatures is no ECDSA key; copy it from the settings of its event webhook")
	}
	now = clock(now)
	return func(h http.Header, body []byte) error {
		at := h.Get("X-Twilio-Email-Event-Webhook-Timestamp")
		said, err := base64.StdEncoding.DecodeString(h.Get("X-Twilio-Email-Event-Webhook-Signature"))
		sum := sha256.Sum256(append([]byte(at), body...))
		if err != nil || !ecdsa.VerifyASN1(public, sum[:], said) || !fresh(at, now()) {
			return errSignature
		}
		return nil
	}, nil
}

func clock(now func() time.Time) func() time.Time {
	if now == nil {
		return time.Now
	}
	return now
}
