package web

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/setting"
	"github.com/crmplus/crmplus/crm/store"
)

// signer signs what comes back from the browser.
type signer struct{ key []byte }

func (s signer) sign(purpose, text string) string {
	mac := hmac.New(sha256.New, s.key)
	mac.Write([]byte(purpose + "\x00" + text))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func (s signer) holds(purpose, text, signature string) bool {
	return hmac.Equal([]byte(s.sign(purpose, text)), []byte(signature))
}

// masked is a signature that looks different in each answer: it stands in pages that are compressed together
// with what came from the address, and from the length of those one that stayed the same could be guessed
// letter by letter (BREACH).
func (s signer) masked(purpose, text string) string {
	mac, err := base64.RawURLEncoding.DecodeString(s.sign(purpose, text))
	if err != nil {
		panic(err) // sign has just written it
	}
	out := make([]byte, 2*len(mac))
	_, _ = rand.Read(out[:len(mac)]) // never fails
	subtle.XORBytes(out[len(mac):], out, mac)
	return base64.RawURLEncoding.EncodeToString(out)
}

// holdsMasked is holds for what [signer.masked] gave.
func (s signer) holdsMasked(purpose, text, signature string) bool {
	raw, err := base64.RawURLEncoding.DecodeString(signature)
	if err != nil || len(raw) != 2*sha256.Size {
		return false
	}
	mac := make([]byte, sha256.Size)
	subtle.XORBytes(mac, raw, raw[sha256.Size:])
	return s.holds(purpose, text, base64.RawURLEncoding.EncodeToString(mac))
}

// visit is one request of one person.
type visit struct {
	Visitor
	s      *screens
	w      http.ResponseWriter
	r      *http.Request
	toasts []toast
	// token is that of the answer's forms, "" before one is drawn.
	token string
	// prefs are what the visitor chose for himself; Locale holds what of it concerns reading.
	prefs setting.Preferences
	// workday is how long the company's usual working day is, once that was asked.
	workday *time.Duration
}

func (s *screens) enter(w http.ResponseWriter, r *http.Request) (*visit, error) {
	who, err := s.config.Visitor(r)
	if err != nil {
		return nil, err
	}
	v := &visit{Visitor: who, s: s, w: w, r: r}
	if who.Actor.Kind == actor.KindUser {
		if v.prefs, err = s.module.Settings.Preferences(v.ctx()); err != nil {
			return nil, err
		}
		v.Locale = v.prefs.Locale(v.Locale)
	}
	return v, nil
}

// ctx carries who acts into every call of CRM+.
func (v *visit) ctx() context.Context { return actor.With(v.r.Context(), v.Actor) }

func (v *visit) module() *crm.Module { return v.s.module }

func (v *visit) may(r actor.Right) bool { return v.Actor.May(r) }

// csrf is the token that every form of this answer carries.
func (v *visit) csrf() string {
	if v.token == "" {
		v.token = v.s.tokens.masked("csrf", v.Session)
	}
	return v.token
}

// t gives a text in the reader's language.
func (v *visit) t(key string, args ...any) string { return texts.T(v.Locale.Language, key, args...) }

// sentence begins with a capital letter and ends with a stop, whatever an error's message does.
func (v *visit) sentence(text string) string {
	out := capital(strings.TrimSpace(text))
	if out == "" {
		return ""
	}
	if !strings.ContainsAny(out[len(out)-1:], ".!?:") {
		out += "."
	}
	return out
}

// capital begins a text with a capital letter.
func capital(text string) string {
	if text == "" {
		return ""
	}
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}

// link is the address of a page: link("/leads", id).
func (v *visit) link(path string, more ...string) string { return v.s.link(path, more...) }

func (s *screens) link(path string, more ...string) string {
	out := s.path + path
	for _, m := range more {
		out += "/" + url.PathEscape(m)
	}
	return out
}

// part reports whether htmx asks for a part of a page rather than the page.
func (v *visit) part() bool { return v.r.Header.Get("Hx-Request") != "" }

// target is the id of the element that htmx will fill.
func (v *visit) target() string { return v.r.Header.Get("Hx-Target") }

// here is the address of the page, for coming back to it.
func (v *visit) here() string {
	if current, err := url.Parse(v.r.Header.Get("Hx-Current-Url")); v.part() && err == nil && current.Path != "" {
		return (&url.URL{Path: current.Path, RawQuery: current.RawQuery}).String()
	}
	return (&url.URL{Path: v.r.URL.Path, RawQuery: v.r.URL.RawQuery}).String()
}

// back is where a form's page wants to go after it was sent: a path of ours, or otherwise.
func (v *visit) back(otherwise string) string { return v.ours(v.r.PostFormValue("next"), otherwise) }

// ours is an address that came from outside where it is one of the screens', and otherwise the other one.
func (v *visit) ours(next, otherwise string) string {
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || u.Opaque != "" || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t") ||
		!strings.HasPrefix(u.Path, v.s.path+"/") || path.Clean(u.Path) != strings.TrimSuffix(u.Path, "/") {
		return otherwise
	}
	return next
}

// redirect sends the browser to a page after a POST, so that reloading does nothing twice. htmx is told to
// load the page as a whole.
func (v *visit) redirect(path string) error {
	v.keepToasts()
	v.takeDraft()
	if v.part() {
		v.w.Header().Set("Hx-Redirect", path)
		v.w.WriteHeader(http.StatusNoContent)
		return nil
	}
	http.Redirect(v.w, v.r, path, http.StatusSeeOther) //nolint:gosec // a path of ours, see back
	return nil
}

// takeDraft tells the browser that what it kept of a form has arrived, so that it need not keep it any longer.
func (v *visit) takeDraft() {
	if draft := v.r.PostFormValue("draft"); draft != "" && len(draft) < 200 {
		http.SetCookie(v.w, &http.Cookie{ //nolint:gosec // the screens' script reads it; Secure where the connection is
			Name: "crm_taken", Value: url.QueryEscape(draft), Path: v.s.path + "/", MaxAge: 60, SameSite: http.SameSiteLaxMode, Secure: v.r.TLS != nil,
		})
	}
}

// key reads the id in the address; one that is none is a page that does not exist.
func key[Noun any](v *visit, name string) (store.Key[Noun], error) {
	k, err := store.ParseKey[Noun](v.r.PathValue(name))
	if err != nil {
		return k, errNoPage
	}
	return k, nil
}

// send answers with a file; inline ones are shown by the browser, in a sandbox.
func (v *visit) send(f download) error {
	h := v.w.Header()
	h.Set("Content-Type", f.Type)
	disposition := "attachment"
	if f.Inline {
		disposition = "inline"
	} else {
		h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	}
	h.Set("Content-Disposition", disposition+"; filename*=UTF-8''"+url.PathEscape(f.Name))
	v.w.WriteHeader(http.StatusOK)
	_, err := v.w.Write(f.Content)
	return err
}

// download is a file on its way to the browser.
type download struct {
	Name, Type string
	Inline     bool
	Content    []byte
}

func (v *visit) zone() *time.Location { return v.Locale.Location() }
