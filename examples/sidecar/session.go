package main

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
)

// session is who is at a browser. It is kept by the browser, signed, so that it outlives a restart of the
// service and holds for several processes that share the secret.
type session struct {
	ID       string          `json:"id"`
	Company  string          `json:"c"`
	User     string          `json:"u"`
	Name     string          `json:"n"`
	Teams    []string        `json:"t,omitempty"`
	Group    []string        `json:"g,omitempty"`
	Rights   actor.Rights    `json:"r"`
	See      string          `json:"s"`
	Language locale.Language `json:"l,omitempty"`
	// Begun and Seen are seconds since 1970.
	Begun int64 `json:"b"`
	Seen  int64 `json:"a"`
}

func (s session) actor() actor.Actor {
	return actor.User{
		Company: s.Company, ID: s.User, Name: s.Name, Teams: s.Teams, Group: s.Group, Rights: s.Rights, See: actor.Visibility(s.See),
	}.Actor()
}

// sessions reads and writes the cookie.
type sessions struct {
	config config
	keys   [][]byte
	now    func() time.Time

	mu sync.Mutex
	// ended are sessions that were signed out, until they would have ended by themselves: a copy of their
	// cookie is refused by this process.
	ended map[string]time.Time
}

// The cookie's limits: browsers keep 4096 bytes.
const mostCookie = 3800

// seenEvery is how old the note of the last click may be before the cookie is written anew.
const seenEvery = time.Minute

// newSessions derives the keys of the cookies from the secrets of the tokens, so that there is one secret to
// keep, and a token can never stand for a cookie.
func newSessions(c config, now func() time.Time) (*sessions, error) {
	s := &sessions{config: c, now: now, ended: map[string]time.Time{}}
	for _, text := range c.SignOn.Secrets {
		key, err := derive(text, "crmplus sidecar session")
		if err != nil {
			return nil, err
		}
		s.keys = append(s.keys, key)
	}
	return s, nil
}

// derive makes a key for one purpose from a shared secret (HKDF, RFC 5869).
func derive(secret, purpose string) ([]byte, error) {
	raw, err := base64.StdEncoding.DecodeString(secret)
	if err != nil {
		return nil, err
	}
	return hkdf.Key(sha256.New, raw, nil, purpose, 32)
}

// name is the cookie's. The prefix makes browsers refuse one that is not from this very host over TLS
// (RFC 6265bis, section 4.1.3.2).
func (s *sessions) name() string {
	if s.config.secure() {
		return "__Host-crmplus"
	}
	return "crmplus"
}

func mac(key []byte, text string) []byte {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(text))
	return m.Sum(nil)
}

// begin starts a session for whom a token speaks.
func (s *sessions) begin(w http.ResponseWriter, a actor.Actor, l locale.Language) error {
	now := s.now().Unix()
	return s.write(w, session{
		ID: rand.Text(), Company: a.Company, User: a.UserID, Name: a.Name, Teams: a.Teams, Group: a.Group, Rights: a.Rights, See: string(a.See),
		Language: l, Begun: now, Seen: now,
	})
}

func (s *sessions) write(w http.ResponseWriter, one session) error {
	text, err := json.Marshal(one)
	if err != nil {
		return err
	}
	value := base64.RawURLEncoding.EncodeToString(text)
	value += "." + base64.RawURLEncoding.EncodeToString(mac(s.keys[0], value))
	if len(value) > mostCookie {
		return fault.New(fault.Invalid, "the user has more teams and rights than a session can hold; use a role instead of rights, and fewer teams")
	}
	http.SetCookie(w, s.cookie(value))
	return nil
}

// cookie is the session's cookie. In a frame of another site it must be SameSite=None, and is Partitioned (CHIPS),
// so that it holds for that site's frame alone.
func (s *sessions) cookie(value string) *http.Cookie {
	c := &http.Cookie{Name: s.name(), Value: value, Path: "/", HttpOnly: true, Secure: s.config.secure(), SameSite: http.SameSiteLaxMode}
	if s.config.framed() {
		c.SameSite, c.Partitioned = http.SameSiteNoneMode, true
	}
	return c
}

var errNobody = errors.New("nobody is signed in")

// read gives the session of a request; errNobody where there is none, or where it is over.
func (s *sessions) read(r *http.Request) (session, error) {
	cookie, err := r.Cookie(s.name())
	if err != nil || len(cookie.Value) > mostCookie {
		return session{}, errNobody
	}
	value, signature, _ := strings.Cut(cookie.Value, ".")
	given, err := base64.RawURLEncoding.DecodeString(signature)
	if err != nil {
		return session{}, errNobody
	}
	for _, key := range s.keys {
		if !hmac.Equal(given, mac(key, value)) {
			continue
		}
		var one session
		text, err := base64.RawURLEncoding.DecodeString(value)
		if err != nil || json.Unmarshal(text, &one) != nil || s.over(one) {
			return session{}, errNobody
		}
		return one, nil
	}
	return session{}, errNobody
}

func (s *sessions) over(one session) bool {
	now := s.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ended := s.ended[one.ID]
	return ended || now.Sub(time.Unix(one.Seen, 0)) > s.config.SignOn.Idle || now.Sub(time.Unix(one.Begun, 0)) > s.config.SignOn.Longest
}

// end signs out.
func (s *sessions) end(w http.ResponseWriter, one session) {
	gone := s.cookie("")
	gone.MaxAge = -1
	http.SetCookie(w, gone)
	now := s.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, until := range s.ended {
		if now.After(until) {
			delete(s.ended, id)
		}
	}
	s.ended[one.ID] = time.Unix(one.Begun, 0).Add(s.config.SignOn.Longest)
}

// keep notes the click, so that the session does not end while somebody works. It is around the pages.
func (s *sessions) keep(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if one, err := s.read(r); err == nil && s.now().Sub(time.Unix(one.Seen, 0)) > seenEvery {
			one.Seen = s.now().Unix()
			_ = s.write(w, one) // it was written before, so it fits
		}
		next.ServeHTTP(w, r)
	})
}
