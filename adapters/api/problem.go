package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/crmplus/crmplus/crm/apikey"
	"github.com/crmplus/crmplus/crm/fault"
)

// Problem is what every refusal looks like: application/problem+json, RFC 9457.
type Problem struct {
	Type   string `json:"type" format:"uri" doc:"Names the kind of problem; it ends in the code." example:"urn:crmplus:problem:invalid"`
	Title  string `json:"title" doc:"The kind of problem, in the reader's language." example:"Something in the request is wrong"`
	Status int    `json:"status" doc:"The HTTP status." example:"422"`
	Code   string `json:"code" doc:"Stable; programs branch on it." example:"invalid"`
	Detail string `json:"detail,omitempty" doc:"What happened, in a sentence." example:"the lead cannot be taken in"`
	// RequestID finds the request in the log.
	RequestID string  `json:"request_id" doc:"Finds the request in the server's log." example:"0190a3c2-8f4e-7cc3-98c4-dc0c0c07398f"`
	Faults    []Fault `json:"faults,omitempty" doc:"All that is wrong, at once."`

	retry string
}

// Fault is one thing that is wrong, at one place.
type Fault struct {
	Path    string `json:"path" doc:"Names the field." example:"emails[0]"`
	Code    string `json:"code" doc:"Stable; names the rule that is broken." example:"email.form"`
	Message string `json:"message" doc:"What is wrong and what to do, for people."`
}

// Error makes a Problem an error.
func (p *Problem) Error() string { return p.Title + ": " + p.Detail }

// GetStatus is the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is that of RFC 9457.
func (p *Problem) ContentType(string) string { return problemType }

// GetHeaders says when to come back.
func (p *Problem) GetHeaders() http.Header {
	if p.retry == "" {
		return nil
	}
	return http.Header{"Retry-After": {p.retry}}
}

const problemType = "application/problem+json"

// refusal is a problem before it is told in a language: its code is a key of [titles].
type refusal struct {
	status int
	code   string
	detail string
	faults []fault.Fault
	// retry is after how many seconds to come back, "" for never.
	retry string
}

func (r *refusal) Error() string { return r.code + ": " + r.detail }

// The refusals of the door.
var (
	errNoKey        = &refusal{status: http.StatusUnauthorized, code: "key.missing", detail: "send an API key in the header Authorization: Bearer crmp_…"}
	errBadKey       = &refusal{status: http.StatusUnauthorized, code: "key.invalid", detail: "the API key is unknown, has expired or was revoked"}
	errTooMany      = &refusal{status: http.StatusTooManyRequests, code: "limit", detail: "this key sends too many requests; Retry-After says when to come back"}
	errTooManyWrong = &refusal{status: http.StatusTooManyRequests, code: "key.attempts", detail: "this address has shown too many keys that are none; Retry-After says when to come back"}
	errNoRoute      = &refusal{status: http.StatusNotFound, code: "route.unknown", detail: "the document at /openapi.json lists all paths"}
	errNoMethod     = &refusal{status: http.StatusMethodNotAllowed, code: "method", detail: "the header Allow lists the methods of this path"}
	errInside       = &refusal{status: http.StatusInternalServerError, code: "internal", detail: "nothing was written; the request_id finds the reason in the server's log"}
	errTooLarge     = &refusal{status: http.StatusRequestEntityTooLarge, code: "too_large", detail: "the body is larger than this path takes"}
	errType         = &refusal{status: http.StatusUnsupportedMediaType, code: "media_type", detail: "send the body as the type that the document names for this path"}
	errNoMatch      = &refusal{status: http.StatusPreconditionRequired, code: "precondition.required", detail: `send the version that you read in the header If-Match: "3", or If-Match: * to change whatever is there`}
	errBadMatch     = &refusal{status: http.StatusBadRequest, code: "precondition.form", detail: `If-Match holds one ETag as it was read, such as "3", or *`}
)

// statuses are those of the codes of CRM+.
var statuses = map[fault.Code]int{
	fault.NotFound: http.StatusNotFound, fault.Conflict: http.StatusConflict, fault.Forbidden: http.StatusForbidden,
	fault.Invalid: http.StatusUnprocessableEntity, fault.Retryable: http.StatusServiceUnavailable, fault.Limit: http.StatusTooManyRequests,
	fault.Unavailable: http.StatusServiceUnavailable, fault.Unknown: http.StatusGatewayTimeout,
}

// problem tells an error in the caller's language. What is no refusal of ours and no fault is not told at
// all: it goes to the log.
func (a *server) problem(c *call, err error) *Problem {
	var refused *refusal
	var known *fault.Error
	switch {
	case errors.As(err, &refused):
	case errors.As(err, &known):
		refused = a.refusalOf(c, err, known)
	default:
		a.config.Log.Error("the API failed", "request", c.id, "method", c.r.Method, "route", c.pattern(), "error", err)
		refused = errInside
	}
	lang := c.language()
	p := &Problem{
		Type: "urn:crmplus:problem:" + refused.code, Title: titles.T(lang, refused.code), Status: refused.status, Code: refused.code,
		Detail: refused.detail, RequestID: c.id, retry: refused.retry,
	}
	for _, f := range refused.faults {
		p.Faults = append(p.Faults, Fault{Path: f.Path, Code: f.Code, Message: messageIn(lang, f)})
	}
	return p
}

func (a *server) refusalOf(c *call, err error, known *fault.Error) *refusal {
	r := &refusal{status: statuses[known.Code], code: string(known.Code), detail: known.Message, faults: known.Faults}
	switch {
	case errors.Is(err, apikey.Running):
		r.code, r.retry = "request.running", "1"
	case errors.Is(err, apikey.Reused):
		r.code = "token.reused"
	case errors.Is(err, errChanged):
		r.status, r.code = http.StatusPreconditionFailed, "precondition.failed"
	case known.Code == fault.Retryable || known.Code == fault.Unavailable:
		r.retry = "1"
		a.config.Log.Warn("the API could not serve a request", "request", c.id, "method", c.r.Method, "route", c.pattern(), "error", err)
		if known.Code == fault.Unavailable {
			r.detail = "something that is needed does not answer; nothing was written"
		}
	case r.status == 0:
		r.status = http.StatusInternalServerError
	}
	return r
}

// errChanged marks the conflict of a record that is not of the version named in If-Match.
var errChanged = errors.New("the record was changed since")

// refuse answers with a problem outside of a handler of huma.
func (a *server) refuse(w http.ResponseWriter, c *call, err error) {
	p := a.problem(c, err)
	h := w.Header()
	h.Set("Content-Type", problemType)
	if p.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="crmplus"`)
	}
	if p.retry != "" {
		h.Set("Retry-After", p.retry)
	}
	w.WriteHeader(p.Status)
	if c.r.Method != http.MethodHead {
		_ = json.NewEncoder(w).Encode(p) // the caller has gone away
	}
}

// transform is the last step before an answer is written: problems that huma found are told as ours, and
// an answer is cut to the fields that were asked for.
func (a *server) transform(ctx huma.Context, _ string, v any) (any, error) {
	if m, ok := v.(*huma.ErrorModel); ok {
		return a.problem(callOf(ctx.Context()), refusalOfSchema(m)), nil
	}
	c, ok := ctx.Context().Value(callKey{}).(*call)
	if !ok || len(c.fields) == 0 {
		return v, nil
	}
	if _, refused := v.(*Problem); refused {
		return v, nil
	}
	return cut(v, c.fields)
}

// refusalOfSchema reads what huma found wrong with a request: its messages are a closed set of English
// sentences.
func refusalOfSchema(m *huma.ErrorModel) *refusal {
	r := &refusal{status: m.Status, detail: "the request does not fit the document"}
	switch m.Status {
	case http.StatusRequestEntityTooLarge:
		return errTooLarge
	case http.StatusUnsupportedMediaType:
		return errType
	case http.StatusRequestTimeout:
		return &refusal{status: m.Status, code: "timeout", detail: "the body did not arrive in time"}
	case http.StatusBadRequest:
		r.code = "malformed"
	case http.StatusUnprocessableEntity:
		r.code = string(fault.Invalid)
	default:
		return errInside
	}
	for _, e := range m.Errors {
		if e == nil {
			continue
		}
		path := strings.TrimPrefix(strings.TrimPrefix(e.Location, "body."), "body")
		code, message := schemaFault(e.Message)
		if code == "required" {
			if _, name, ok := strings.Cut(e.Message, "required property "); ok {
				name, _, _ = strings.Cut(name, " ")
				path = strings.TrimPrefix(path+"."+name, ".")
			}
		}
		r.faults = append(r.faults, fault.Fault{Path: path, Code: code, Message: message})
	}
	return r
}

// schemaFault gives a sentence of huma's a code of ours, and a remedy.
func schemaFault(message string) (code, text string) {
	for _, f := range []struct{ begins, code, text string }{
		{"unexpected property", "unknown", "there is no such field; leave it out"},
		{"unknown query parameter", "unknown", "there is no such parameter; leave it out"},
		{"expected required property", "required", "is missing; it has to be given"},
		{"required ", "required", "is missing; it has to be given"},
		{"expected value to be one of", "choice", "is none of the allowed values; choose one of " + strings.Trim(after(message, "one of "), `"`)},
		{"expected length <=", "text.length", "is too long; at most" + after(message, "<=") + " characters fit"},
		{"expected length >=", "text.length", "is too short; give at least" + after(message, ">=") + " characters"},
		{"expected array length", "count", "has too many or too few entries; the document says how many"},
		{"expected number", "range", "is out of range; " + message},
		{"expected string to match pattern", "form", "is not of the form that the document names"},
		{"expected string to be RFC 3339 date-time", "time.form", "is no time; write it like 2026-07-13T10:00:00Z"},
		{"expected string to be RFC 3339 date", "date.form", "is no date; write it like 2026-07-13"},
		{"expected string to be", "form", "is not of the right form; " + message},
		{"expected ", "type", "is of the wrong type; " + message},
		{"invalid ", "form", "cannot be read; " + message},
		{"request body is required", "required", "is missing; send a JSON object"},
	} {
		if strings.HasPrefix(message, f.begins) {
			return f.code, f.text
		}
	}
	if strings.Contains(message, "NUL") || strings.Contains(message, "UTF-8") {
		return "text.form", "holds bytes that are not text; remove them"
	}
	return "json", "is no valid JSON"
}

func after(text, mark string) string {
	_, rest, _ := strings.Cut(text, mark)
	return rest
}

// invalid is a refusal of this package's own, with one fault.
func invalid(path, code, format string, args ...any) error {
	return &fault.Error{
		Code: fault.Invalid, Message: "the request cannot be carried out",
		Faults: []fault.Fault{{Path: path, Code: code, Message: fmt.Sprintf(format, args...)}},
	}
}

// told makes a Problem of an error where huma can write it.
func (a *server) told(ctx context.Context, err error) error { return a.problem(callOf(ctx), err) }
