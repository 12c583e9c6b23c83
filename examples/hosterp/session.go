package main

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"
	"time"

	"github.com/crmplus/crmplus/adapters/web"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/testutil/erp"
)

// The cookies. The demo has no passwords: whoever may open the page chooses who to be.
const (
	loginCookie    = "hosterp_login"
	languageCookie = "hosterp_language"
	loginLife      = 12 * time.Hour
)

// signer signs cookies and form tokens with a key of the shop's.
type signer struct{ key []byte }

func (s signer) sign(purpose, text string) string {
	mac := hmac.New(sha256.New, s.key)
	mac.Write([]byte(purpose + "\x00" + text))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func (s signer) holds(purpose, text, signature string) bool {
	return hmac.Equal([]byte(s.sign(purpose, text)), []byte(signature))
}

// login is what the cookie says: company, user, and a random number that tells sessions apart.
type login struct{ company, user, nonce string }

func (l login) text() string { return l.company + "|" + l.user + "|" + l.nonce }

func (s *server) readLogin(r *http.Request) (login, bool) {
	cookie, err := r.Cookie(loginCookie)
	if err != nil {
		return login{}, false
	}
	text, signature, ok := strings.Cut(cookie.Value, ".")
	if !ok || !s.signer.holds("login", text, signature) {
		return login{}, false
	}
	plain, err := base64.RawURLEncoding.DecodeString(text)
	parts := strings.Split(string(plain), "|")
	if err != nil || len(parts) != 3 {
		return login{}, false
	}
	return login{parts[0], parts[1], parts[2]}, true
}

func (s *server) writeLogin(w http.ResponseWriter, l login) {
	text := base64.RawURLEncoding.EncodeToString([]byte(l.text()))
	http.SetCookie(w, &http.Cookie{
		Name: loginCookie, Value: text + "." + s.signer.sign("login", text), Path: "/", HttpOnly: true,
		SameSite: http.SameSiteLaxMode, MaxAge: int(loginLife.Seconds()),
	})
}

// visit is one request of one person.
type visit struct {
	s      *server
	w      http.ResponseWriter
	r      *http.Request
	login  login
	who    erp.User
	locale locale.Locale
}

// enter recognises the person behind a request; nobody is an empty visit with a language.
func (s *server) enter(w http.ResponseWriter, r *http.Request) (*visit, error) {
	v := &visit{s: s, w: w, r: r, locale: locale.Locale{Language: locale.English}}
	l, ok := s.readLogin(r)
	if ok {
		who, err := s.user(r.Context(), l.company, l.user)
		if err != nil && fault.CodeOf(err) != fault.NotFound {
			return nil, err
		}
		if err == nil {
			v.login, v.who, v.locale = l, who, s.locale(l.company)
			v.locale.Language = who.Language
		}
	}
	if cookie, err := r.Cookie(languageCookie); err == nil {
		if language, known := locale.ParseLanguage(cookie.Value); known {
			v.locale.Language = language
		}
	} else if v.who.ID == "" {
		v.locale.Language, _ = locale.ParseLanguage(strings.SplitN(r.Header.Get("Accept-Language"), ",", 2)[0])
	}
	return v, nil
}

// ctx carries who acts into every call of CRM+.
func (v *visit) ctx() context.Context {
	return actor.With(v.r.Context(), actorOf(v.login.company, v.who))
}

// csrf is the token that every form of this session carries.
func (v *visit) csrf() string { return v.s.signer.sign("csrf", v.login.text()) }

// host reads in the ERP itself.
func (v *visit) host(do func(ctx context.Context, hs erpbridge.Session) error) error {
	return v.s.books.Look(v.r.Context(), v.clerk(), do)
}

func (v *visit) clerk() erp.Clerk { return erp.Clerk{Company: v.login.company, User: v.login.user} }

// write changes something in the ERP itself, in turn with whoever writes into the same file: a transaction
// that the ERP began for itself would wait outside the row, and be turned away when there is much to do.
func (v *visit) write(do func(ctx context.Context, hs erpbridge.Session) error) error {
	return v.s.db.Write(v.ctx(), func(ctx context.Context, s *store.Session) error {
		hs, err := v.s.books.Session(ctx, s.Tx(), v.clerk())
		if err != nil {
			return err
		}
		return do(ctx, hs)
	})
}

// user is asked for by every request, and of the example's users none ever changes: each is read once.
func (s *shop) user(ctx context.Context, company, id string) (erp.User, error) {
	if known, ok := s.users.Load(company + "/" + id); ok {
		return known.(erp.User), nil
	}
	var who erp.User
	err := s.books.Look(ctx, erp.Clerk{Company: company, User: id}, func(ctx context.Context, hs erpbridge.Session) (err error) {
		who, err = s.books.LoginUser(ctx, hs, id)
		return err
	})
	if err == nil {
		s.users.Store(company+"/"+id, who)
	}
	return who, err
}

// loginView is the page on which the demo's visitor chooses who to be.
type loginView struct {
	Companies []loginCompany
}

type loginCompany struct {
	Key, Name string
	Users     []erp.User
}

func (s *server) showLogin(v *visit) error {
	var view loginView
	for _, c := range s.companies {
		one := loginCompany{Key: c.Key, Name: c.Name}
		err := s.books.Look(v.r.Context(), erp.Clerk{Company: c.Key}, func(ctx context.Context, hs erpbridge.Session) (err error) {
			one.Users, err = s.books.LoginUsers(ctx, hs)
			return err
		})
		if err != nil {
			return err
		}
		view.Companies = append(view.Companies, one)
	}
	return v.show(http.StatusOK, "login.html", "login.title", view)
}

func (s *server) doLogin(v *visit) error {
	company, user, _ := strings.Cut(v.r.PostFormValue("who"), "/")
	if _, err := s.user(v.r.Context(), company, user); err != nil {
		return err
	}
	s.writeLogin(v.w, login{company, user, rand.Text()})
	http.SetCookie(v.w, &http.Cookie{Name: languageCookie, Path: "/", MaxAge: -1})
	return v.redirect("/crm/today")
}

func (s *server) doLogout(v *visit) error {
	http.SetCookie(v.w, &http.Cookie{Name: loginCookie, Path: "/", MaxAge: -1})
	return v.redirect("/login")
}

// doLanguage switches the language of the pages and comes back to where the reader was.
func (s *server) doLanguage(v *visit) error {
	language, _ := locale.ParseLanguage(v.r.PostFormValue("language"))
	http.SetCookie(v.w, &http.Cookie{Name: languageCookie, Value: string(language), Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, MaxAge: 365 * 24 * 3600})
	return v.redirect(localPath(v.r.PostFormValue("back")))
}

// visitor tells the screens of CRM+ who is behind a request.
func (s *server) visitor(r *http.Request) (web.Visitor, error) {
	v, err := s.enter(nil, r)
	if err != nil || v.who.ID == "" {
		return web.Visitor{}, err
	}
	return web.Visitor{Actor: actorOf(v.login.company, v.who), Locale: v.locale, Session: v.login.text()}, nil
}
