package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/quote"
)

// What a reader can do, and the limits of what he types.
const (
	quoteAccept  = "accept"
	quoteConfirm = "confirm"
	quoteBack    = "back"
	quoteDecline = "decline"
	quoteAsk     = "ask"

	answerLimit          = 64 << 10
	answerNameLimit      = 120
	answerNoteLimit      = 1000
	answerReferenceLimit = 200
)

// quoteEntry is what was typed and chosen.
type quoteEntry struct {
	Act                       string
	By, Role, Reference, Note string
	Options                   []int
	Token                     string
	NameFault, NoteFault      string
}

// post takes an answer. The page's own form sends a signed token; what comes from another site, and what
// comes too quickly for a person, is shown again and asks for one more press.
func (v *quoteVisit) post() {
	e, err := v.decode()
	if err != nil {
		v.plain(http.StatusBadRequest, "unreadable")
		return
	}
	o, err := v.quotes.Look(v.ctx, v.token)
	if err != nil {
		v.refuse(err)
		return
	}
	view := v.view(o)
	again := func(status int, kind, text string) {
		e.Token = v.gate.renew(v.formKey(), v.now)
		view.fill(e)
		view.Notice = &noticeView{Kind: kind, Title: view.t(text + "_title"), Text: view.t(text)}
		v.render(status, view)
	}
	switch {
	case !v.voices.allow(v.gate.clientOf(v.r), v.now):
		v.w.Header().Set("Retry-After", "30")
		again(http.StatusTooManyRequests, "watch", "busy")
	case v.r.Header.Get("Sec-Fetch-Site") == "cross-site" || v.gate.inspect(v.formKey(), e.Token, v.now) != tokenGood:
		again(http.StatusUnprocessableEntity, "watch", "again")
	case view.Open && !e.check(view):
		again(http.StatusUnprocessableEntity, "bad", "faults")
	case !view.Open && e.Act != quoteAsk: // it was answered, replaced or taken back meanwhile, which the page says
		v.render(http.StatusConflict, view)
	default:
		v.act(o, view, e)
	}
}

func (v *quoteVisit) formKey() string { return "quote " + v.token }

// act does what the reader asks for.
func (v *quoteVisit) act(o quote.Opened, view *quoteView, e quoteEntry) {
	if e.Act == quoteBack || e.Act == quoteAccept && o.Document.Choices() {
		e.Token = v.gate.renew(v.formKey(), v.now)
		view.fill(e)
		if e.Act == quoteAccept {
			view.confirm(o, e)
		}
		v.render(http.StatusOK, view)
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(v.ctx), captureTime)
	defer cancel()
	a := quote.LinkAnswer{
		By: e.By, Role: e.Role, Note: e.Note, Reference: e.Reference, Options: e.Options, Address: v.gate.clientOf(v.r).String(), UserAgent: readable(v.r.UserAgent()),
	}
	var err error
	target := v.token
	switch e.Act {
	case quoteAccept, quoteConfirm:
		_, err = v.quotes.AcceptByLink(ctx, v.token, a)
	case quoteDecline:
		_, err = v.quotes.DeclineByLink(ctx, v.token, a)
	default:
		err = v.quotes.AskByLink(ctx, v.token, a)
		target += "?asked=1"
	}
	switch {
	case err == nil || errors.Is(err, fault.Conflict): // somebody at the reader's was faster; the page says what holds
		v.w.Header().Set("Location", target) // relative to the page, whatever prefix a proxy took away
		v.w.WriteHeader(http.StatusSeeOther)
	case errors.Is(err, fault.Invalid), errors.Is(err, fault.Limit):
		v.config.Log.InfoContext(v.r.Context(), "quote answer refused", "code", string(fault.CodeOf(err)))
		e.Token = v.gate.renew(v.formKey(), v.now)
		view.fill(e)
		view.Notice = &noticeView{Kind: "bad", Title: view.t("refused_title"), Text: view.t("refused")}
		v.render(http.StatusUnprocessableEntity, view)
	default:
		v.refuse(err)
	}
}

var errAnswer = errors.New("the answer cannot be read")

// decode reads the form.
func (v *quoteVisit) decode() (quoteEntry, error) {
	if kind, _, _ := strings.Cut(v.r.Header.Get("Content-Type"), ";"); strings.TrimSpace(strings.ToLower(kind)) != "application/x-www-form-urlencoded" {
		return quoteEntry{}, errAnswer
	}
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, answerLimit)
	if err := v.r.ParseForm(); err != nil {
		return quoteEntry{}, errAnswer
	}
	form := v.r.PostForm
	get := func(name string) string { return strings.TrimSpace(readable(form.Get(name))) }
	e := quoteEntry{Act: form.Get("act"), By: get("name"), Role: get("role"), Reference: get("reference"), Note: get("note"), Token: form.Get(postToken)}
	if !slices.Contains([]string{quoteAccept, quoteConfirm, quoteBack, quoteDecline, quoteAsk}, e.Act) {
		return quoteEntry{}, errAnswer
	}
	for name, values := range form {
		if name != "option" && !strings.HasPrefix(name, "group-") {
			continue
		}
		for _, value := range values {
			if value == "" {
				continue
			}
			n, err := strconv.Atoi(value)
			if err != nil || n < 1 || n > quote.MaxLines {
				return quoteEntry{}, errAnswer
			}
			e.Options = append(e.Options, n)
		}
	}
	slices.Sort(e.Options)
	e.Options = slices.Compact(e.Options)
	return e, nil
}

// check finds what is missing or too long, and reports whether all is well.
func (e *quoteEntry) check(view *quoteView) bool {
	if e.Act == quoteBack {
		return true
	}
	switch {
	case e.By == "":
		e.NameFault = view.t("name_missing")
	case utf8.RuneCountInString(e.By) > answerNameLimit || utf8.RuneCountInString(e.Role) > answerNameLimit || utf8.RuneCountInString(e.Reference) > answerReferenceLimit:
		e.NameFault = view.t("too_long")
	}
	switch {
	case e.Act == quoteAsk && e.Note == "":
		e.NoteFault = view.t("question_missing")
	case utf8.RuneCountInString(e.Note) > answerNoteLimit:
		e.NoteFault = view.t("too_long")
	}
	return e.NameFault == "" && e.NoteFault == ""
}
