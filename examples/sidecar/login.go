package main

import (
	"errors"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"
	"path"
	"strings"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/signon"
)

// login takes tokens and ends sessions.
type login struct {
	config   config
	tokens   *signon.Tokens
	sessions *sessions
	log      *slog.Logger
}

// home is where who signed in lands.
const home = screensPath + "/"

// localPath keeps a redirect on this service: a path that begins with one slash and leads nowhere else.
func localPath(next string) string {
	u, err := url.Parse(next)
	if err != nil || next == "" || next[0] != '/' || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t\x00") ||
		u.IsAbs() || u.Host != "" || u.Opaque != "" || strings.HasPrefix(path.Clean(u.Path), "//") || path.Clean(u.Path) == "/login" {
		return home
	}
	return next
}

// enter takes a token, by GET (?token=) or, better, by POST, which leaves it in no log and no history.
func (l *login) enter(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	if err := r.ParseForm(); err != nil {
		l.show(w, r, http.StatusBadRequest, "bad")
		return
	}
	next := localPath(r.Form.Get("next"))
	token := r.Form.Get("token")
	if token == "" {
		l.stranger(w, r, next)
		return
	}
	v, err := l.tokens.Redeem(r.Context(), token)
	if err == nil {
		err = l.sessions.begin(w, v.Actor, v.Language)
	}
	switch {
	case errors.Is(err, fault.Forbidden):
		l.log.WarnContext(r.Context(), "a sign-on token was refused", "reason", err.Error())
		l.show(w, r, http.StatusForbidden, "refused")
	case errors.Is(err, fault.Invalid):
		l.log.WarnContext(r.Context(), "a sign-on token cannot be used", "faults", faultPaths(err))
		l.show(w, r, http.StatusForbidden, "bad")
	case err != nil:
		l.log.ErrorContext(r.Context(), "signing on failed", "error", err)
		l.show(w, r, http.StatusServiceUnavailable, "later")
	default:
		http.Redirect(w, r, next, http.StatusSeeOther)
	}
}

// faultPaths names the claims that were wrong, without their values, which are about a person.
func faultPaths(err error) []string {
	var paths []string
	for _, f := range fault.Of(err) {
		paths = append(paths, f.Path+": "+f.Code)
	}
	return paths
}

// stranger is sent to the ERP, or told to come from there.
func (l *login) stranger(w http.ResponseWriter, r *http.Request, next string) {
	if l.config.SignOn.Return == "" || r.Method != http.MethodGet {
		l.show(w, r, http.StatusUnauthorized, "nobody")
		return
	}
	u, err := url.Parse(l.config.SignOn.Return)
	if err != nil {
		l.show(w, r, http.StatusUnauthorized, "nobody")
		return
	}
	q := u.Query()
	q.Set("next", next)
	u.RawQuery = q.Encode()
	http.Redirect(w, r, u.String(), http.StatusSeeOther)
}

// leave signs out and says so.
func (l *login) leave(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	if one, err := l.sessions.read(r); err == nil {
		l.sessions.end(w, one)
	}
	l.show(w, r, http.StatusOK, "left")
}

// language changes the language of the session.
func (l *login) language(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	one, err := l.sessions.read(r)
	if err != nil || r.ParseForm() != nil {
		l.show(w, r, http.StatusUnauthorized, "nobody")
		return
	}
	if known, ok := locale.ParseLanguage(r.PostForm.Get("language")); ok {
		one.Language = known
		if err := l.sessions.write(w, one); err != nil {
			l.show(w, r, http.StatusServiceUnavailable, "later")
			return
		}
	}
	http.Redirect(w, r, localPath(r.PostForm.Get("next")), http.StatusSeeOther)
}

var texts = locale.Texts{
	"nobody":  locale.Row("Nincs bejelentkezve. Nyissa meg a CRM+-t az ügyviteli rendszerből.", "You are not signed in. Open CRM+ from the ERP.", "לא מחוברים. יש לפתוח את CRM+ ממערכת הניהול.", "Вы не вошли. Откройте CRM+ из учётной системы.", "Δεν έχετε συνδεθεί. Ανοίξτε το CRM+ από το ERP."),
	"refused": locale.Row("A belépés lejárt, vagy már felhasználták. Nyissa meg újra a CRM+-t az ügyviteli rendszerből.", "This way in has expired or was used before. Open CRM+ from the ERP again.", "הכניסה פגה או שכבר נעשה בה שימוש. יש לפתוח שוב את CRM+ ממערכת הניהול.", "Ссылка для входа устарела или уже использована. Откройте CRM+ из учётной системы ещё раз.", "Η είσοδος έληξε ή έχει ήδη χρησιμοποιηθεί. Ανοίξτε ξανά το CRM+ από το ERP."),
	"bad":     locale.Row("A belépés adatai hibásak. Szóljon a rendszergazdának.", "The way in is faulty. Tell your administrator.", "פרטי הכניסה שגויים. יש לפנות למנהל המערכת.", "Данные для входа неверны. Сообщите администратору.", "Τα στοιχεία εισόδου είναι λανθασμένα. Ενημερώστε τον διαχειριστή."),
	"later":   locale.Row("Most nem érhető el. Próbálja meg egy perc múlva.", "Not available at the moment. Try again in a minute.", "לא זמין כרגע. יש לנסות שוב בעוד דקה.", "Сейчас недоступно. Попробуйте через минуту.", "Δεν είναι διαθέσιμο αυτή τη στιγμή. Δοκιμάστε ξανά σε ένα λεπτό."),
	"left":    locale.Row("Kijelentkezett.", "You are signed out.", "התנתקתם.", "Вы вышли.", "Αποσυνδεθήκατε."),
	"back":    locale.Row("Vissza az ügyviteli rendszerbe", "Back to the ERP", "חזרה למערכת הניהול", "Назад в учётную систему", "Πίσω στο ERP"),
}

var notice = template.Must(template.New("notice").Parse(`<!doctype html>
<html lang="{{.Language}}" dir="{{.Direction}}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{{.Name}}</title></head>
<body><main><h1>{{.Name}}</h1><p>{{.Text}}</p>{{if .Return}}<p><a href="{{.Return}}">{{.Back}}</a></p>{{end}}</main></body></html>
`))

// show answers with one sentence, in the browser's language.
func (l *login) show(w http.ResponseWriter, r *http.Request, status int, key string) {
	language, _ := locale.ParseLanguage(strings.SplitN(r.Header.Get("Accept-Language"), ",", 2)[0])
	direction := "ltr"
	if language == locale.Hebrew {
		direction = "rtl"
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	err := notice.Execute(w, map[string]any{
		"Language": language, "Direction": direction, "Name": l.config.Screens.Name, "Text": texts.T(language, key),
		"Return": l.config.SignOn.Return, "Back": texts.T(language, "back"),
	})
	if err != nil {
		l.log.DebugContext(r.Context(), "the reader went away", "error", err)
	}
}
