package campaign

import (
	"errors"
	"math/rand/v2"
	"net/textproto"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/newsletter/bounce"
	"github.com/crmplus/crmplus/newsletter/sms"
)

// The codes that say why a recipient was not simply sent to.
const (
	// codeLater: the server said "later".
	codeLater = "temporary"
	// codeRefused: the server refused it.
	codeRefused = "permanent"
	// codeGaveUp: "later" for too long.
	codeGaveUp = "gave_up"
	// codeContent: the message could not be made for this reader.
	codeContent = "content"
	// codeWithdrawn: the reader withdrew before it left.
	codeWithdrawn = "withdrawn"
	// codeQuiet and codeThrottle: it waits for the morning, or for its turn.
	codeQuiet    = "quiet"
	codeThrottle = "throttle"
	// codeBack: it never left.
	codeBack = "returned"
)

// mostReturns is how often a connection may break under one message before that counts as "later": perhaps
// it is the message that breaks it.
const mostReturns = 5

// longestPause bounds the pause between two tries of a recipient.
const longestPause = 4 * time.Hour

// judge says what becomes of parcels.
func (v *server) judge(ends []ending) []entry {
	list := make([]entry, len(ends))
	for i, e := range ends {
		list[i] = v.verdict(e)
	}
	return list
}

func (v *server) verdict(e ending) entry {
	p := e.p
	out := entry{p: p, from: Sending, to: Sent, receipt: e.receipt}
	if e.back {
		out.to, out.back, out.code = p.home, true, codeBack
		return out
	}
	var unfit *unfitError
	var f *mail.Failure
	switch {
	case e.err == nil:
		p.attempts++
		return out
	case errors.As(e.err, &unfit):
		out.to, out.code, out.reason = Failed, codeContent, unfit.Error()
		return out
	case !errors.As(e.err, &f):
		f = &mail.Failure{Outcome: mail.Unknown, Reason: "the server gave no answer", Cause: e.err}
	}
	out.reason = f.Reason
	switch f.Outcome {
	case mail.Temporary:
		if f.Down && p.returns < mostReturns {
			p.returns++
			out.to, out.back, out.code = p.home, true, codeBack
			return out
		}
		p.attempts++
		v.later(&out, f)
	case mail.Permanent:
		p.attempts++
		out.to, out.code = Failed, codeRefused
		if v.gateway != nil {
			if errors.Is(e.err, sms.ErrNoNumber) {
				out.to, out.answer = Bounced, bounce.Answer{Class: bounce.Hard, Text: noNumber(f.Reason)}
			}
			return out
		}
		if out.answer = refusal(f); out.answer.Class == bounce.Hard || out.answer.Class == bounce.Soft {
			out.to = Bounced
		}
	default:
		p.attempts++
		out.to, out.code = Unknown, codeNoAnswer
		if (v.row.UnknownPolicy == Again || v.repeats) && p.attempts < v.c.config.Attempts {
			out.due = v.c.db.Now().Add(v.c.config.Lease)
		}
	}
	return out
}

// later puts a recipient off, or gives him up.
func (v *server) later(out *entry, f *mail.Failure) {
	now := v.c.db.Now()
	if !f.Down {
		v.gate.later(now, out.p.domain)
	}
	d := min(v.c.config.Pause<<min(max(out.p.attempts-1, 0), 12), longestPause)
	out.to, out.code = Deferred, codeLater
	out.due = now.Add(d/2 + rand.N(d/2+1)) // those that failed together do not come back together
	if out.p.attempts >= v.c.config.Attempts || out.due.After(out.p.giveUp) {
		out.to, out.code, out.due = Failed, codeGaveUp, time.Time{}
	}
}

// refusal reads what a server said for good. It is about the mailbox, and a bounce, or about us: who we are, or
// what we sent.
func refusal(f *mail.Failure) bounce.Answer {
	var said *textproto.Error
	if errors.As(f.Cause, &said) {
		return bounce.ParseAnswer(said.Error())
	}
	return bounce.ParseAnswer(f.Reason)
}

// cut shortens a text to n UTF-16 code units.
func cut(text string, n int) string {
	text = strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", ""), "?")
	if len(utf16.Encode([]rune(text))) <= n {
		return text
	}
	size := 1 // the ellipsis
	for i, r := range text {
		size += utf16.RuneLen(r)
		if size > n {
			return text[:i] + "…"
		}
	}
	return text
}
