package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/setting"
	"github.com/crmplus/crmplus/newsletter/subscription"
)

// captureTime is how long a capture may take. It goes on when the visitor closes the page: what he sent is
// sent.
const captureTime = 15 * time.Second

// post is one post under way.
type post struct {
	*Forms
	w    http.ResponseWriter
	r    *http.Request
	form *liveForm
	now  time.Time
	// json is set where a program reads the answer, and not a person.
	json  bool
	entry entry
}

func (f *Forms) servePost(w http.ResponseWriter, r *http.Request, form *liveForm) {
	w.Header().Add("Vary", "Origin")
	p := &post{Forms: f, w: w, r: r, form: form, now: f.config.Now(), json: wantsJSON(r)}
	if !f.admits(form, r) {
		f.note(r, form, "origin")
		p.refuse(http.StatusForbidden, "forbidden", nil)
		return
	}
	if origin := r.Header.Get("Origin"); origin != "" {
		w.Header().Set("Access-Control-Allow-Origin", origin)
	}
	allowed := f.clients.allow(f.clientOf(r), p.now) && form.bucket.AllowN(p.now, 1)
	var err error
	p.entry, err = decode(w, r)
	switch {
	case !allowed: // what was typed is shown again all the same
		f.note(r, form, "rate")
		w.Header().Set("Retry-After", "30")
		p.refuse(http.StatusTooManyRequests, "busy", nil)
	case errors.Is(err, errLarge):
		p.refuse(http.StatusRequestEntityTooLarge, "large", nil)
	case errors.Is(err, errUnsupported):
		p.refuse(http.StatusUnsupportedMediaType, "unreadable", nil)
	case err != nil:
		f.note(r, form, "body")
		p.refuse(http.StatusBadRequest, "unreadable", nil)
	case p.entry[postTrap] != "":
		f.note(r, form, "honeypot")
		p.thank()
	default:
		p.take()
	}
}

// take checks an entry and captures the lead.
func (p *post) take() {
	switch p.inspect(p.form.Key, p.entry[postToken], p.now) {
	case tokenEarly:
		p.note(p.r, p.form, "early")
		p.refuse(http.StatusUnprocessableEntity, "early", nil)
		return
	case tokenStale:
		p.note(p.r, p.form, "token")
		p.entry[postToken] = p.renew(p.form.Key, p.now)
		p.refuse(http.StatusUnprocessableEntity, "stale", p.form.check(p.entry))
		return
	case tokenGood:
	}
	if faults := p.form.check(p.entry); len(faults) > 0 {
		p.refuse(http.StatusUnprocessableEntity, "faults", faults)
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(p.r.Context()), captureTime)
	defer cancel()
	err := p.capture(actor.With(ctx, actor.Public(p.form.Company)))
	switch {
	case err == nil:
		p.thank()
	case errors.Is(err, fault.Invalid):
		p.failed(p.r, p.form, err)
		p.refuse(http.StatusUnprocessableEntity, "refused", p.form.translate(fault.Of(err)))
	default:
		p.failed(p.r, p.form, err)
		p.w.Header().Set("Retry-After", "60")
		p.refuse(http.StatusServiceUnavailable, "unavailable", nil)
	}
}

// capture takes the lead in, and the wish for newsletters with it.
func (p *post) capture(ctx context.Context) error {
	d, l := p.form.draft(p.entry, p.r), p.form
	if len(l.Newsletter.Topics) == 0 || p.entry[fieldNewsletter] != newsletterOn || len(d.Emails) == 0 {
		_, err := p.leads.Capture(ctx, d)
		return err
	}
	_, err := p.config.Subscribe(ctx, d, subscription.RequestInput{
		Channel: subscription.Email, Address: d.Emails[0], Topics: l.Newsletter.Topics,
		Person: subscription.Person{Name: strings.TrimSpace(d.Name + " " + d.Given + " " + d.Family), Language: l.Language},
		Visit:  subscription.Visit{IP: p.clientOf(p.r), Source: "form " + l.Key},
	})
	return err
}

// translate keeps the faults of a capture that stand at fields of the form. The form checks more than
// the capture, so that there are none as a rule.
func (l *liveForm) translate(faults []fault.Fault) fault.List {
	var out fault.List
	for _, f := range faults {
		name := FieldName(f.Path)
		if !l.has(name) {
			continue
		}
		text := "refused"
		if name == FieldEmail || name == FieldPhone {
			text = string(name) + ".form"
		}
		out = append(out, fault.Fault{Path: f.Path, Code: f.Code, Message: formTexts.T(l.Language, text)})
	}
	return out
}

// problem is the answer of RFC 9457 to a program.
type problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
	// Code names the reason: faults, stale, early, busy, unavailable, refused, forbidden, large, unreadable.
	Code   string        `json:"code"`
	Faults []fault.Fault `json:"faults,omitempty"`
	// Token is good for the next try; "" where the old one still is.
	Token string `json:"token,omitempty"`
}

// refuse says why there is no lead yet. Code is the key of the text, too.
func (p *post) refuse(status int, code string, faults fault.List) {
	if !p.json {
		p.showAgain(status, code, faults)
		return
	}
	text := func(key string) string { return formTexts.T(p.form.Language, key) }
	answer := problem{Type: "about:blank", Title: text(headingOf(code)), Status: status, Detail: text(code), Code: code, Faults: faults}
	if code == "stale" {
		answer.Token = p.entry[postToken]
	}
	p.w.Header().Set("Content-Type", "application/problem+json")
	p.answer(status, answer)
}

// headingOf is the heading above a message.
func headingOf(code string) string {
	switch code {
	case "faults":
		return "faults"
	case "stale", "early":
		return "again"
	}
	return "failed"
}

// thanks is the answer to a program whose post was taken.
type thanks struct {
	Title    string `json:"title"`
	Text     string `json:"text"`
	Redirect string `json:"redirect,omitempty"`
}

// thank answers a post that was taken, and one of a robot that was not. The page is reached by 303, so
// that reloading it sends nothing.
func (p *post) thank() {
	if p.json {
		title, text := p.thankYou(p.r.Context(), p.form)
		p.w.Header().Set("Content-Type", "application/json")
		p.answer(http.StatusOK, thanks{Title: title, Text: text, Redirect: p.form.RedirectURL})
		return
	}
	// Relative to the form's own link, whatever prefix a proxy or the host's mux took away.
	target := p.form.Key + "?sent=1"
	if p.form.RedirectURL != "" {
		target = p.form.RedirectURL
	}
	p.w.Header().Set("Location", target)
	p.w.WriteHeader(http.StatusSeeOther)
}

func (p *post) answer(status int, value any) {
	p.w.WriteHeader(status)
	_ = json.NewEncoder(p.w).Encode(value) // the visitor is gone where it fails
}

// wantsJSON reports whether a program reads the answer: the snippet, or a page's own script.
func wantsJSON(r *http.Request) bool {
	accept := r.Header.Get("Accept")
	return strings.HasPrefix(strings.ToLower(r.Header.Get("Content-Type")), "application/json") ||
		strings.Contains(accept, "application/json") && !strings.Contains(accept, "text/html")
}

// thankYou is what stands where a form was sent: the form's own words, else the company's, else the usual ones.
func (f *Forms) thankYou(ctx context.Context, l *liveForm) (title, text string) {
	title, text = formTexts.T(l.Language, "thanks_title"), formTexts.T(l.Language, "thanks")
	switch {
	case l.ThankYou != "":
		text = l.ThankYou
	case f.config.Texts != nil:
		own, err := f.config.Texts.Text(actor.With(ctx, actor.System(l.Company, "form")), setting.FormThanks, l.Language)
		if err != nil { // the post was taken; whoever sent it is told that in any case
			f.config.Log.Warn("the words of a form cannot be read", "form", l.Key, "error", err)
			break
		}
		text = own
	}
	return title, text
}
