package web

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"html/template"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/newsletter/subscription"
)

// NewsletterReader is what the pages of newsletters need; *subscription.Subscriptions is one.
type NewsletterReader interface {
	LinkOf(token string) (subscription.Link, error)
	Confirmation(ctx context.Context, token string) (subscription.Confirmation, error)
	Confirm(ctx context.Context, token string, v subscription.Visit) (subscription.Confirmation, error)
	Preference(ctx context.Context, token string) (subscription.Preference, error)
	Choose(ctx context.Context, token string, choices map[subscription.TopicID]bool, v subscription.Visit) (subscription.Preference, error)
	Unsubscribe(ctx context.Context, token string, v subscription.Visit) (subscription.Preference, error)
	UnsubscribeAll(ctx context.Context, token string, v subscription.Visit) (subscription.Preference, error)
	Resubscribe(ctx context.Context, token string, v subscription.Visit) (subscription.Preference, error)
}

// ReaderPagesConfig is what [ReaderPages] works with; the zero value will do.
type ReaderPagesConfig struct {
	// Look gives the colours of a company's buttons and of the words on them, as #rrggbb; nil means the standard look.
	Look func(company string) (accent, onAccent string)
	// TrustedProxies are the networks whose X-Forwarded-For is believed.
	TrustedProxies []netip.Prefix
	// Rate limits what one address asks for: 60 at once and one more each second by default. One-click requests with a
	// good token are not limited: those of all readers of a large mail provider come from a few addresses.
	Rate FormRate
	// Now is the clock; time.Now where it is nil.
	Now func() time.Time
	// Log gets failures, without personal data; slog.Default where it is nil.
	Log *slog.Logger
}

type readerPages struct {
	reader NewsletterReader
	config ReaderPagesConfig
	// gate tells clients apart, as for public forms.
	gate    *Forms
	clients *clientLimits
}

// ReaderPages makes the handler of the pages behind the links in newsletters:
//
//	GET, POST /s/c/{token}   confirm a subscription
//	GET, POST /s/p/{token}   choose what one gets, or nothing at all
//	GET, POST /s/u/{token}   unsubscribe by one press, also by that of a mail program (RFC 8058), and take it back
//
// It looks at the last parts of a path only, so that the host mounts it under any prefix. No login is needed, since
// the token is the right to it; a GET changes nothing, because programs that look through mails follow links; no
// JavaScript is used. The error has a fault for everything that is wrong with the configuration.
func ReaderPages(reader NewsletterReader, c ReaderPagesConfig) (http.Handler, error) {
	if c.Rate == (FormRate{}) {
		c.Rate = defaultReadRate
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	var faults fault.List
	if c.Rate.Burst < 1 || c.Rate.Every <= 0 {
		faults.Add("rate", "rate.form", "is %d at once and one each %s; both must be above zero", c.Rate.Burst, c.Rate.Every)
	}
	if reader == nil {
		faults.Add("reader", "required", "is missing; give the *subscription.Subscriptions of the module")
	}
	if err := faults.Err("the pages of newsletters cannot be served"); err != nil {
		return nil, err
	}
	return &readerPages{reader: reader, config: c, gate: &Forms{config: FormsConfig{TrustedProxies: c.TrustedProxies}}, clients: newClientLimits(c.Rate, clientsKept)}, nil
}

// readerVisit is one request.
type readerVisit struct {
	*readerPages
	w     http.ResponseWriter
	r     *http.Request
	link  subscription.Link
	token string
	// ctx acts as the public of the token's company.
	ctx context.Context
	// form is what was posted.
	form url.Values
}

// oneClick is what a mail program posts (RFC 8058, section 3.1).
const oneClick = "List-Unsubscribe"

// What the buttons say.
const (
	readerAct     = "act"
	actLeaveAll   = "all"
	actTakeBack   = "back"
	readerShown   = "shown"
	readerTopic   = "topic"
	readerLimit   = 64 << 10
	readerSaved   = "saved"
	pageOfReaders = "newsletter page"
)

// kindsOf are the links by the letter of their page.
var kindsOf = map[string]subscription.LinkKind{
	subscription.ConfirmPage: subscription.ConfirmLink, subscription.PreferencePage: subscription.PreferenceLink, subscription.UnsubscribePage: subscription.UnsubscribeLink,
}

// readerPath finds the page and the token in a path that ends like /s/u/{token}.
func readerPath(path string) (page, token string) {
	i := strings.LastIndexByte(path, '/')
	if i < 2 || path[i-2] != '/' {
		return "", ""
	}
	return path[i-1 : i+1], path[i+1:]
}

// ServeHTTP answers one request.
func (p *readerPages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Robots-Tag", "noindex, nofollow")
	page, token := readerPath(r.URL.Path)
	v := &readerVisit{readerPages: p, w: w, r: r, token: token}
	reading := r.Method == http.MethodGet || r.Method == http.MethodHead
	if !reading && r.Method != http.MethodPost {
		h.Set("Allow", "GET, HEAD, POST")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	var err error
	if v.link, err = p.reader.LinkOf(token); err == nil && kindsOf[page] != v.link.Kind {
		err = fault.New(fault.NotFound, "there is no such page")
	}
	if err == nil && !reading && !v.posted() {
		v.plain(http.StatusBadRequest, "unreadable")
		return
	}
	pressedByProgram := err == nil && v.form.Get(oneClick) != "" && v.link.Kind == subscription.UnsubscribeLink
	if !pressedByProgram && !p.clients.allow(p.gate.clientOf(r), p.config.Now()) {
		v.plain(http.StatusTooManyRequests, "busy")
		return
	}
	if err != nil {
		v.refuse(err)
		return
	}
	v.ctx = actor.With(r.Context(), actor.Public(v.link.Company))
	switch {
	case reading:
		v.show()
	case pressedByProgram:
		v.programPress()
	default:
		v.press()
	}
}

// posted reads the form; mail programs may send it as multipart/form-data.
func (v *readerVisit) posted() bool {
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, readerLimit)
	if kind, _, _ := strings.Cut(v.r.Header.Get("Content-Type"), ";"); strings.EqualFold(strings.TrimSpace(kind), "multipart/form-data") {
		if v.r.ParseMultipartForm(readerLimit) != nil {
			return false
		}
		_ = v.r.MultipartForm.RemoveAll() // nothing of 64 KB lies on the disk
	} else if v.r.ParseForm() != nil {
		return false
	}
	v.form = v.r.PostForm
	return true
}

// show shows the page of the link as things stand.
func (v *readerVisit) show() {
	if v.link.Kind == subscription.ConfirmLink {
		c, err := v.reader.Confirmation(v.ctx, v.token)
		if err != nil {
			v.refuse(err)
			return
		}
		v.render(http.StatusOK, v.confirmView(c))
		return
	}
	p, err := v.reader.Preference(v.ctx, v.token)
	if err != nil {
		v.refuse(err)
		return
	}
	if v.link.Kind == subscription.UnsubscribeLink {
		v.render(http.StatusOK, v.leaveView(p))
		return
	}
	v.render(http.StatusOK, v.choiceView(p))
}

// visit says where a press came from.
func (v *readerVisit) visit(source string) subscription.Visit {
	return subscription.Visit{IP: v.gate.clientOf(v.r), Source: pageOfReaders + ": " + source}
}

// programPress is one press of a mail program: it wants a short answer, no cookies and no redirection.
func (v *readerVisit) programPress() {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(v.ctx), captureTime)
	defer cancel()
	if _, err := v.reader.Unsubscribe(ctx, v.token, v.visit("one-click (RFC 8058)")); err != nil {
		v.refuse(err)
		return
	}
	v.w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = v.w.Write([]byte("unsubscribed\n")) // the program is gone where it fails
}

// press is one press of a reader; he then sees the page as it stands. It goes on when he closes the page.
func (v *readerVisit) press() {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(v.ctx), captureTime)
	defer cancel()
	var err error
	target := v.token
	act := v.form.Get(readerAct)
	switch {
	case v.link.Kind == subscription.ConfirmLink:
		_, err = v.reader.Confirm(ctx, v.token, v.visit("confirm"))
	case act == actLeaveAll:
		_, err = v.reader.UnsubscribeAll(ctx, v.token, v.visit("unsubscribe from all"))
	case v.link.Kind == subscription.PreferenceLink:
		_, err = v.reader.Choose(ctx, v.token, v.choices(), v.visit("preference"))
		target += "?" + readerSaved + "=1"
	case act == actTakeBack:
		_, err = v.reader.Resubscribe(ctx, v.token, v.visit("resubscribe"))
	default:
		_, err = v.reader.Unsubscribe(ctx, v.token, v.visit("unsubscribe"))
	}
	if err != nil {
		v.refuse(err)
		return
	}
	v.w.Header().Set("Location", target) // relative to the page, whatever prefix a proxy took away
	v.w.WriteHeader(http.StatusSeeOther)
}

// choices are the boxes: those that were shown, with those that are ticked.
func (v *readerVisit) choices() map[subscription.TopicID]bool {
	out := map[subscription.TopicID]bool{}
	for _, field := range []string{readerShown, readerTopic} {
		for _, text := range v.form[field] {
			var id subscription.TopicID
			if id.UnmarshalText([]byte(text)) == nil && !id.IsZero() {
				out[id] = field == readerTopic
			}
		}
	}
	return out
}

// refuse answers what went wrong without telling more than the reader may know.
func (v *readerVisit) refuse(err error) {
	switch {
	case errors.Is(err, fault.NotFound):
		v.plain(http.StatusNotFound, "gone")
	case errors.Is(err, fault.Conflict):
		v.plain(http.StatusConflict, "blocked")
	default:
		v.config.Log.ErrorContext(v.r.Context(), pageOfReaders+" failed", "code", string(fault.CodeOf(err)), "kind", kindOf(err))
		v.plain(http.StatusServiceUnavailable, "down")
	}
}

// plain is a page that says one thing, in the language of the browser.
func (v *readerVisit) plain(status int, text string) {
	view := v.newView(acceptLanguage(v.r.Header.Get("Accept-Language")), "")
	view.title(text)
	if status >= http.StatusTooManyRequests {
		v.w.Header().Set("Retry-After", "30")
	}
	v.render(status, view)
}

var (
	//go:embed reader_page.html
	readerPageHTML string
	//go:embed reader_page.css
	readerPageCSS string

	readerPageTemplate = template.Must(template.New("reader").Parse(readerPageHTML))
)

func (v *readerVisit) render(status int, view *readerView) {
	var page bytes.Buffer
	if err := readerPageTemplate.Execute(&page, view); err != nil {
		v.config.Log.Error(pageOfReaders+" failed", "kind", kindOf(err))
		http.Error(v.w, "the page cannot be shown", http.StatusInternalServerError)
		return
	}
	publicPage{Status: status, Language: view.Language, Style: view.Style, Body: &page}.send(v.w)
}
