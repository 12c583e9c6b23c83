package web

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/newsletter/track"
)

// TrackRecorder is what the addresses in newsletters need; *track.Recorder is one.
type TrackRecorder interface {
	Click(ctx context.Context, token string, by track.Request) (string, error)
	Open(ctx context.Context, token string, by track.Request) error
}

// TrackConfig is what [TrackPages] works with; the zero value is a good one.
type TrackConfig struct {
	// TrustedProxies are the networks whose X-Forwarded-For is believed.
	TrustedProxies []netip.Prefix
	// Language is that of the page behind a link that no longer leads anywhere, for browsers that ask for
	// none of ours; English where it is empty.
	Language locale.Language
	// Letter gives a letter as a page, by the token of its link; newsletter.Newsletters.View does. Without it
	// [TrackPages.View] finds nothing.
	Letter func(ctx context.Context, token string) ([]byte, error)
	// Log gets failures, without personal data; slog.Default where it is nil.
	Log *slog.Logger
}

// TrackPages serve the links and pixels of newsletters. Both take the token from the last part of the path,
// so that the host mounts them under any prefix, and answer nothing but GET and HEAD:
//
//	mux.HandleFunc("/n/c/", pages.Click)
//	mux.HandleFunc("/n/o/", pages.Open)
//	mux.HandleFunc("/n/v/", pages.View)
type TrackPages struct {
	recorder TrackRecorder
	config   TrackConfig
	gate     *Forms
}

// NewTrackPages makes the pages of a recorder.
func NewTrackPages(r TrackRecorder, c TrackConfig) *TrackPages {
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.Language == "" {
		c.Language = locale.English
	}
	return &TrackPages{recorder: r, config: c, gate: &Forms{config: FormsConfig{TrustedProxies: c.TrustedProxies}}}
}

// pixel is a transparent GIF of one pixel.
const pixel = "GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\x00\x00\x00!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"

// Click sends the reader on to the address that the campaign has for his link, never to one from the URL:
//
//	302  on to the page; 404  no link of ours; 405  another method; 503  the database is away, try again
//
// The answer is never cached, tells the page nothing of where the reader comes from (the token is personal),
// and is the same for HEAD, with which programs check links.
func (p *TrackPages) Click(w http.ResponseWriter, r *http.Request) {
	if !p.reads(w, r) {
		return
	}
	address, err := p.recorder.Click(r.Context(), lastPart(r.URL.Path), p.request(r))
	if err == nil {
		w.Header()["Location"] = []string{address}
		w.Header()["Content-Length"] = []string{"0"}
		w.WriteHeader(http.StatusFound)
		return
	}
	p.fail(w, r, err)
}

// View shows a letter to the reader whose mail program does not. It is a page of the company's own making: it runs
// nothing, sends nothing, and shows pictures and styles alone.
func (p *TrackPages) View(w http.ResponseWriter, r *http.Request) {
	if !p.reads(w, r) {
		return
	}
	err := error(fault.New(fault.NotFound, "letters are not shown here"))
	var page []byte
	if p.config.Letter != nil {
		page, err = p.config.Letter(r.Context(), lastPart(r.URL.Path))
	}
	if err != nil {
		p.fail(w, r, err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation; default-src 'none'; img-src https: data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	if r.Method != http.MethodHead {
		_, _ = w.Write(page) // the reader may be gone
	}
}

// fail says in the reader's language that a link leads nowhere, or not now.
func (p *TrackPages) fail(w http.ResponseWriter, r *http.Request, err error) {
	status, key := http.StatusNotFound, "gone"
	if !errors.Is(err, fault.NotFound) {
		p.config.Log.Error("a link of a newsletter could not be followed", "error", err)
		status, key = http.StatusServiceUnavailable, "away"
		w.Header().Set("Retry-After", "10")
	}
	language := p.language(r)
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Content-Language", string(language))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = io.WriteString(w, trackTexts.T(language, key)+"\n") //nolint:gosec // plain text of ours; the reader may be gone
	}
}

// Open gives the pixel, whatever the token says: a mail shall not show a broken picture, and nobody shall
// learn by trying which tokens are good.
func (p *TrackPages) Open(w http.ResponseWriter, r *http.Request) {
	if !p.reads(w, r) {
		return
	}
	if err := p.recorder.Open(r.Context(), strings.TrimSuffix(lastPart(r.URL.Path), ".gif"), p.request(r)); err != nil && !errors.Is(err, fault.NotFound) {
		p.config.Log.Error("an open of a newsletter was not recorded", "error", err)
	}
	h := w.Header()
	h["Content-Type"] = []string{"image/gif"}
	h["Content-Length"] = []string{"43"}
	// The picture may be shown by any webmail (it holds nothing).
	h["Cross-Origin-Resource-Policy"] = []string{"cross-origin"}
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		_, _ = io.WriteString(w, pixel) // the reader may be gone
	}
}

// reads refuses what is neither GET nor HEAD, and sets the headers of all answers.
func (p *TrackPages) reads(w http.ResponseWriter, r *http.Request) bool {
	h := w.Header()
	h["Cache-Control"] = []string{"no-store, no-cache, must-revalidate, private, max-age=0"}
	h["Expires"] = []string{"0"}
	h["Referrer-Policy"] = []string{"no-referrer"}
	h["X-Robots-Tag"] = []string{"noindex, nofollow"}
	h["X-Content-Type-Options"] = []string{"nosniff"}
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return true
	}
	h.Set("Allow", "GET, HEAD")
	w.WriteHeader(http.StatusMethodNotAllowed)
	return false
}

// request is what is recorded of a request.
func (p *TrackPages) request(r *http.Request) track.Request {
	by := track.Request{Address: p.gate.clientOf(r), Agent: r.UserAgent(), OptedOut: r.Header.Get("Sec-GPC") == "1"}
	if r.Method == http.MethodHead {
		by.Flags |= track.Head
	}
	for _, name := range []string{"Sec-Purpose", "Purpose", "X-Moz", "X-Purpose"} {
		if v := r.Header.Get(name); v != "" && strings.Contains(strings.ToLower(v), "prefetch") {
			by.Flags |= track.Prefetched
		}
	}
	return by
}

// lastPart is what follows the last slash of a path.
func lastPart(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

// language is the first of our languages that the browser names.
func (p *TrackPages) language(r *http.Request) locale.Language {
	for _, part := range strings.SplitN(r.Header.Get("Accept-Language"), ",", 20) {
		name, _, _ := strings.Cut(part, ";")
		name, _, _ = strings.Cut(strings.TrimSpace(name), "-")
		if l, ok := locale.ParseLanguage(name); ok {
			return l
		}
	}
	return p.config.Language
}

// trackTexts are the words behind links that lead nowhere; Hungarian, English, Hebrew, Russian, Greek.
var trackTexts = locale.Texts{
	"gone": locale.Row(
		"Ez a hivatkozás nem él. Nyissa meg újra a levélből; ha úgy sem működik, a levél már túl régi.",
		"This link does not lead anywhere. Open it from the mail again; if that does not help, the mail is too old.",
		"הקישור אינו פעיל. נא לפתוח אותו שוב מתוך ההודעה; אם זה לא עוזר, ההודעה ישנה מדי.",
		"Эта ссылка никуда не ведёт. Откройте её из письма ещё раз; если не поможет, письмо слишком старое.",
		"Αυτός ο σύνδεσμος δεν οδηγεί πουθενά. Ανοίξτε τον ξανά από το μήνυμα· αν δεν βοηθήσει, το μήνυμα είναι πολύ παλιό."),
	"away": locale.Row(
		"Átmeneti hiba történt. Próbálja újra egy perc múlva.",
		"Something is down for a moment. Try again in a minute.",
		"אירעה תקלה זמנית. נא לנסות שוב בעוד דקה.",
		"Временный сбой. Попробуйте ещё раз через минуту.",
		"Προσωρινή βλάβη. Δοκιμάστε ξανά σε ένα λεπτό."),
}
