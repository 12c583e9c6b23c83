package web

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"html/template"
	"log/slog"
	"mime"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/quote"
)

// QuoteReader is what the pages of quotes need; *quote.Quotes is one.
type QuoteReader interface {
	LinkCompany(token string) (string, error)
	Open(ctx context.Context, token string) (quote.Opened, error)
	Look(ctx context.Context, token string) (quote.Opened, error)
	LinkedFile(ctx context.Context, token string, number int) (activity.File, error)
	AcceptByLink(ctx context.Context, token string, a quote.LinkAnswer) (quote.Decision, error)
	DeclineByLink(ctx context.Context, token string, a quote.LinkAnswer) (quote.Decision, error)
	AskByLink(ctx context.Context, token string, a quote.LinkAnswer) error
}

// QuotePagesConfig is what [QuotePages] works with. Secret must be given.
type QuotePagesConfig struct {
	// Secret signs the forms on the page: at least 32 random bytes, the same in all processes and after a
	// restart.
	Secret []byte
	// TrustedProxies are the networks whose X-Forwarded-For is believed.
	TrustedProxies []netip.Prefix
	// ReadRate limits what one address fetches, AnswerRate what it sends: 60 at once and one more each
	// second, 10 at once and one more every 5 seconds by default.
	ReadRate, AnswerRate FormRate
	// MinFill is how long a person needs at least to answer; 2 seconds by default.
	MinFill time.Duration
	// TokenLife is how long a page can stay open before it asks for one more press; 24 hours by default.
	TokenLife time.Duration
	// Now is the clock; time.Now where it is nil.
	Now func() time.Time
	// Log gets refusals and failures, without personal data; slog.Default where it is nil.
	Log *slog.Logger
}

// quotePages serves the pages behind the links of quotes.
type quotePages struct {
	quotes QuoteReader
	config QuotePagesConfig
	// gate signs the page's forms and tells clients apart, as for public forms.
	gate            *Forms
	readers, voices *clientLimits
}

var defaultReadRate = FormRate{Burst: 60, Every: time.Second}

// QuotePages makes the handler of the pages where readers open and answer quotes:
//
//	GET  /q/{token}          the quote, exactly as it was sent
//	POST /q/{token}          accept, decline or ask
//	GET  /q/{token}/pdf      the PDF
//	GET  /q/{token}/file/1   the first annex
//	GET  /q/{token}/logo     the company's logo
//
// It looks at the last parts of a path only, so that the host mounts it under any prefix. No login is
// needed, since the token is the right to it; a GET never answers anything, because programs that look
// through mails follow links; no JavaScript is used. The error has a fault for everything that is wrong with
// the configuration.
func QuotePages(quotes QuoteReader, c QuotePagesConfig) (http.Handler, error) {
	if c.ReadRate == (FormRate{}) {
		c.ReadRate = defaultReadRate
	}
	forms := FormsConfig{
		Secret: slices.Clone(c.Secret), TrustedProxies: c.TrustedProxies, ClientRate: c.AnswerRate, MinFill: c.MinFill, TokenLife: c.TokenLife, Now: c.Now, Log: c.Log,
	}.withDefaults()
	c.AnswerRate, c.Now, c.Log = forms.ClientRate, forms.Now, forms.Log
	faults := forms.check()
	if c.ReadRate.Burst < 1 || c.ReadRate.Every <= 0 {
		faults.Add("read_rate", "rate.form", "is %d at once and one each %s; both must be above zero", c.ReadRate.Burst, c.ReadRate.Every)
	}
	if quotes == nil {
		faults.Add("quotes", "required", "is missing; give the *quote.Quotes of the module")
	}
	if err := faults.Err("the pages of quotes cannot be served"); err != nil {
		return nil, err
	}
	return &quotePages{
		quotes: quotes, config: c, gate: &Forms{config: forms},
		readers: newClientLimits(c.ReadRate, clientsKept), voices: newClientLimits(c.AnswerRate, clientsKept),
	}, nil
}

// quoteVisit is one request for a quote's page or file.
type quoteVisit struct {
	*quotePages
	w     http.ResponseWriter
	r     *http.Request
	token string
	// ctx acts as the public of the token's company.
	ctx context.Context
	now time.Time
}

// ServeHTTP answers one request.
func (q *quotePages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Robots-Tag", "noindex, nofollow")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	token, rest := quotePath(r.URL.Path)
	v := &quoteVisit{quotePages: q, w: w, r: r, token: token, now: q.config.Now()}
	if !q.readers.allow(q.gate.clientOf(r), v.now) {
		v.plain(http.StatusTooManyRequests, "busy")
		return
	}
	company, err := q.quotes.LinkCompany(token)
	if err != nil {
		v.plain(http.StatusNotFound, "gone")
		return
	}
	v.ctx = actor.With(r.Context(), actor.Public(company))
	reading := r.Method == http.MethodGet || r.Method == http.MethodHead
	switch {
	case rest == "" && reading:
		v.page()
	case rest == "" && r.Method == http.MethodPost:
		v.post()
	case reading:
		v.file(rest)
	default:
		h.Set("Allow", "GET, HEAD, POST")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
	}
}

// quotePath finds the token and what follows it in a path that ends like /q/{token}/file/1.
func quotePath(path string) (token, rest string) {
	i := strings.LastIndex(path, "/q/")
	if i < 0 {
		return "", ""
	}
	token, rest, _ = strings.Cut(path[i+len("/q/"):], "/")
	return token, rest
}

// page shows the quote. Only a reader's own visit is noted, not what a browser fetches beforehand.
func (v *quoteVisit) page() {
	show := v.quotes.Open
	if v.r.Method == http.MethodHead || v.r.Header.Get("Sec-Purpose") != "" || v.r.Header.Get("Purpose") == "prefetch" {
		show = v.quotes.Look
	}
	o, err := show(v.ctx, v.token)
	if err != nil {
		v.refuse(err)
		return
	}
	view := v.view(o)
	if v.r.URL.Query().Has("asked") {
		view.Notice = &noticeView{Kind: "good", Title: view.t("asked_title"), Text: view.t("asked")}
	}
	v.render(http.StatusOK, view)
}

// file sends the PDF, an annex, or the logo.
func (v *quoteVisit) file(rest string) {
	number := 0
	if rest == "logo" {
		v.logo()
		return
	}
	if rest != "pdf" {
		text, ok := strings.CutPrefix(rest, "file/")
		n, err := strconv.Atoi(text)
		if !ok || err != nil || n < 1 {
			v.plain(http.StatusNotFound, "gone")
			return
		}
		number = n
	}
	f, err := v.quotes.LinkedFile(v.ctx, v.token, number)
	if err != nil {
		v.refuse(err)
		return
	}
	h := v.w.Header()
	h.Set("Content-Type", f.MIME)
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": f.Name}))
	h.Set("Content-Length", strconv.Itoa(len(f.Content)))
	_, _ = v.w.Write(f.Content) // the reader is gone where it fails
}

func (v *quoteVisit) logo() {
	o, err := v.quotes.Look(v.ctx, v.token)
	if err != nil {
		v.refuse(err)
		return
	}
	kind := quotePicture(o.Logo)
	if kind == "" {
		v.plain(http.StatusNotFound, "gone")
		return
	}
	h := v.w.Header()
	h.Set("Content-Type", kind)
	h.Set("Cache-Control", "private, max-age=3600")
	_, _ = v.w.Write(o.Logo)
}

// quotePicture is the type of a picture that browsers show, "" for anything else.
func quotePicture(content []byte) string {
	kind := http.DetectContentType(content)
	if slices.Contains([]string{"image/png", "image/jpeg", "image/webp"}, kind) {
		return kind
	}
	return ""
}

// refuse answers what went wrong without telling more than the reader may know.
func (v *quoteVisit) refuse(err error) {
	if errors.Is(err, fault.NotFound) {
		v.plain(http.StatusNotFound, "gone")
		return
	}
	v.config.Log.ErrorContext(v.r.Context(), "quote page failed", "code", string(fault.CodeOf(err)), "kind", kindOf(err))
	v.plain(http.StatusServiceUnavailable, "down")
}

// plain is a page that says one thing, in the language of the browser.
func (v *quoteVisit) plain(status int, text string) {
	l := acceptLanguage(v.r.Header.Get("Accept-Language"))
	view := &quoteView{Language: l, Direction: quoteDirection(l), Style: publicStyle("", "", formCSS, quotePageCSS)}
	view.Title = view.t(text + "_title")
	view.Alone = &noticeView{Title: view.Title, Text: view.t(text)}
	if status != http.StatusNotFound {
		v.w.Header().Set("Retry-After", "30")
	}
	v.render(status, view)
}

// acceptLanguage is the first of the five languages that a browser asks for.
func acceptLanguage(header string) locale.Language {
	for _, part := range strings.Split(header, ",") {
		name, _, _ := strings.Cut(part, ";")
		if l, ok := locale.ParseLanguage(name); ok {
			return l
		}
	}
	return locale.English
}

func quoteDirection(l locale.Language) string {
	if l.RightToLeft() {
		return "rtl"
	}
	return "ltr"
}

var (
	//go:embed quote_page.html
	quotePageHTML string
	//go:embed quote_page.css
	quotePageCSS string

	quotePageTemplate = template.Must(template.New("quote").Parse(quotePageHTML))
)

func (v *quoteVisit) render(status int, view *quoteView) {
	var page bytes.Buffer
	if err := quotePageTemplate.Execute(&page, view); err != nil {
		v.config.Log.Error("quote page failed", "kind", kindOf(err))
		http.Error(v.w, "the quote cannot be shown", http.StatusInternalServerError)
		return
	}
	publicPage{Status: status, Language: view.Language, Style: view.Style, Images: true, Body: &page}.send(v.w)
}
