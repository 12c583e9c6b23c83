package apihost

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/crmplus/crmplus/crm/fault"
)

// What an answer that is no success means.
const (
	refused = "refused" // for good
	later   = "later"   // nothing was done
	unknown = "unknown" // it may have been done
	missing = "missing" // there is no such record
	changed = "changed" // somebody was faster, nothing was done
	exists  = "exists"  // the key or token was used before
	relogin = "login"   // the session ended, nothing was done
	admin   = "admin"   // rights or set-up; nothing was done
)

// Later is the cause of a fault.Unavailable that says when to try again.
type Later struct{ At time.Time }

// Error says when.
func (l *Later) Error() string { return "try again after " + l.At.UTC().Format(time.RFC3339) }

// RetryAt is the instant before which it is no use to try again.
func (l *Later) RetryAt() time.Time { return l.At }

// failure is an answer, or the lack of one, that is no success.
type failure struct {
	means   string
	status  int
	code    string
	message string
	field   string
	// line is the number of the line the message is about, from 1; 0 for none.
	line int
	at   time.Time
	// cause is kept for logs; it never holds a secret, because transports name addresses only.
	cause error
}

func (f *failure) Error() string { return f.fault().Error() }

// fault gives the failure as the contract of ports has it.
func (f *failure) fault() error {
	switch f.means {
	case refused, exists:
		code := "host"
		if f.code != "" {
			code = "host." + f.code
		}
		return &fault.Error{Code: fault.Invalid, Message: "the host refuses it", Faults: []fault.Fault{{Path: f.path(), Code: code, Message: f.message}}}
	case missing:
		return fault.New(fault.NotFound, "the host has no such record: %s", f.message)
	case changed:
		return fault.New(fault.Retryable, "somebody else changed it at the host first: %s", f.message)
	case unknown:
		return &fault.Error{Code: fault.Unknown, Message: f.message, Cause: f.cause}
	}
	e := &fault.Error{Code: fault.Unavailable, Message: f.message, Cause: f.cause}
	if !f.at.IsZero() {
		e.Cause = &Later{At: f.at}
	}
	return e
}

// path is the field with the number of the line in it: lines[2].quantity.
func (f *failure) path() string {
	if rest, ok := strings.CutPrefix(f.field, "lines."); ok && f.line > 0 {
		return fmt.Sprintf("lines[%d].%s", f.line-1, rest)
	}
	if f.field == "" && f.line > 0 {
		return fmt.Sprintf("lines[%d]", f.line-1)
	}
	return f.field
}

// byStatus says what a status means that no rule of the description names.
func byStatus(status int) string {
	switch {
	case status == http.StatusUnauthorized:
		return relogin
	case status == http.StatusForbidden, status == http.StatusProxyAuthRequired, status >= 300 && status < 400:
		return admin
	case status == http.StatusNotFound, status == http.StatusGone:
		return missing
	case status == http.StatusConflict, status == http.StatusPreconditionFailed:
		return changed
	case status == http.StatusRequestTimeout, status == http.StatusTooEarly, status == http.StatusTooManyRequests, status == http.StatusServiceUnavailable:
		return later
	case status >= 400 && status < 500:
		return refused
	}
	return unknown
}

// classify tells what an answer with a bad status means.
func (c *client) classify(status int, header http.Header, body any) *failure {
	f := &failure{status: status, means: byStatus(status), code: plain(c.code.get(body)), message: c.say(plain(c.message.get(body)))}
	if f.message == "" {
		f.message = fmt.Sprintf("%s answers %d %s", c.name, status, http.StatusText(status))
	}
	for _, r := range c.rules {
		if (r.Status == 0 || r.Status == status) && (r.Code == "" || r.Code == f.code) && strings.Contains(strings.ToLower(f.message), strings.ToLower(r.Message)) {
			f.means, f.field = r.Means, r.Field
			break
		}
	}
	f.line = lineIn(c.line, f.message)
	if f.means == later {
		f.at = retryAfter(header, c.now())
		f.message = fmt.Sprintf("%s takes nothing at the moment: %s", c.name, f.message)
	}
	switch {
	case status >= 300 && status < 400:
		f.message = fmt.Sprintf("%s answers with a redirect (%d), which is not followed; an administrator has to look at the address", c.name, status)
	case f.means == admin || f.means == relogin:
		f.message = fmt.Sprintf("%s does not let us in (%d); an administrator has to look at the login and its rights: %s", c.name, status, f.message)
	}
	return f
}

func lineIn(re *regexp.Regexp, message string) int {
	if re == nil {
		return 0
	}
	if m := re.FindStringSubmatch(message); len(m) == 2 {
		n, err := strconv.Atoi(m[1])
		if err == nil && n > 0 && n < 100_000 {
			return n
		}
	}
	return 0
}

// longestWait bounds Retry-After: a host that says "next year" is asked again after an hour.
const longestWait = time.Hour

// retryAfter reads the header, seconds or a date; zero where there is none.
func retryAfter(header http.Header, now time.Time) time.Time {
	text := strings.TrimSpace(header.Get("Retry-After"))
	if text == "" {
		return time.Time{}
	}
	wait := longestWait
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		if n < int64(longestWait/time.Second) {
			wait = time.Duration(max(n, 0)) * time.Second
		}
	} else if at, err := http.ParseTime(text); err == nil {
		wait = min(max(at.Sub(now), 0), longestWait)
	} else {
		return time.Time{}
	}
	return now.Add(wait)
}

// say makes a host's message fit to show: without control signs and secrets, cut short.
func (c *client) say(message string) string {
	for _, secret := range c.secrets {
		message = strings.ReplaceAll(message, secret, "***")
	}
	message = strings.Join(strings.FieldsFunc(message, func(r rune) bool { return unicode.IsControl(r) || r == ' ' }), " ")
	if r := []rune(message); len(r) > 400 {
		message = string(r[:400]) + "…"
	}
	return message
}
