package web

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/crmplus/crmplus/crm/fault"
)

// toast is a short word about what was done, at the foot of the next page.
type toast struct {
	Text string `json:"text"`
	// Undo is where a POST takes it back; "" where it cannot be.
	Undo string `json:"undo,omitempty"`
	// Fields are what that POST sends besides the token.
	Fields map[string]string `json:"fields,omitempty"`
	// Link leads to what was made.
	Link string `json:"link,omitempty"`
	Name string `json:"name,omitempty"`
	Bad  bool   `json:"bad,omitempty"`
}

const toastCookie = "crm_toast"

// toast shows a word on this page, or on the one that the visitor is sent to.
func (v *visit) toast(t toast) { v.toasts = append(v.toasts, t) }

// done is the usual toast: a text by its key.
func (v *visit) done(key string, args ...any) { v.toast(toast{Text: v.t(key, args...)}) }

// turn is a verb that moves a record from one state into another, as its pages speak of it.
type turn struct {
	// Done is the key of what is said when it is done, Undo where a POST takes it back, "" where nothing does.
	Done, Undo string
	// Refused is the key of what is said where the state is another one by now, which the page shows.
	Refused string
	// Back is the page afterwards.
	Back string
}

// turned ends such a verb.
func (v *visit) turned(err error, t turn) error {
	switch code := fault.CodeOf(err); {
	case err == nil:
		v.toast(toast{Text: v.t(t.Done), Undo: t.Undo})
	case code == fault.Conflict || code == fault.Invalid:
		v.toast(toast{Text: v.t(t.Refused), Bad: true})
	default:
		return err
	}
	v.module().Wake()
	return v.redirect(t.Back)
}

// keepToasts lets the browser carry them to the next page.
func (v *visit) keepToasts() {
	if len(v.toasts) == 0 {
		return
	}
	raw, err := json.Marshal(v.toasts)
	if err != nil || len(raw) > 2500 {
		return
	}
	text := base64.RawURLEncoding.EncodeToString(raw)
	http.SetCookie(v.w, &http.Cookie{ //nolint:gosec // Secure where the connection is
		Name: toastCookie, Value: text + "." + v.s.tokens.sign("toast", v.Session+text), Path: v.s.path + "/", MaxAge: 60,
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: v.r.TLS != nil,
	})
}

// takeToasts gives those that the browser brought, and those of this page.
func (v *visit) takeToasts() []toast {
	cookie, err := v.r.Cookie(toastCookie)
	if err != nil {
		return v.toasts
	}
	http.SetCookie(v.w, &http.Cookie{Name: toastCookie, Path: v.s.path + "/", MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: v.r.TLS != nil}) //nolint:gosec // Secure where the connection is
	text, signature, _ := strings.Cut(cookie.Value, ".")
	raw, err := base64.RawURLEncoding.DecodeString(text)
	var brought []toast
	if err != nil || !v.s.tokens.holds("toast", v.Session+text, signature) || json.Unmarshal(raw, &brought) != nil {
		return v.toasts
	}
	return append(brought, v.toasts...)
}

// carryToasts tells them to the page that htmx keeps.
func (v *visit) carryToasts() {
	if len(v.toasts) == 0 {
		return
	}
	raw, err := json.Marshal(map[string]any{"crm:toast": map[string]any{"toasts": v.toasts}})
	if err != nil {
		return
	}
	var ascii strings.Builder // headers are ASCII
	for _, r := range string(raw) {
		if r < 128 {
			ascii.WriteRune(r)
			continue
		}
		escaped, _ := json.Marshal(string(r))
		ascii.WriteString(asciiJSON(string(escaped)))
	}
	v.w.Header().Set("Hx-Trigger", ascii.String())
}
