// Package fault is the one kind of error CRM+ hands to its callers.
//
// An [Error] has a [Code] that programs branch on, a message a person can act on, and any number
// of [Fault]s, each with the path of the field it is about and a stable code of its own that
// screens translate. Validation collects every fault before it answers, so that a form is
// corrected once:
//
//	var faults fault.List
//	faults.Add("email", "email.form", "%q is not an e-mail address; write it as name@example.com", in.Email)
//	faults.Add("split", "split.sum", "the split adds up to %s %%, it must be 100 %%", sum)
//	return faults.Err("the lead cannot be saved")
//
// Branch on the kind of an error with the sentinels: errors.Is(err, fault.Conflict).
package fault

import (
	"errors"
	"fmt"
	"strings"
)

// Code says which kind of failure an [Error] is.
type Code string

// The kinds of failure. They double as sentinels: errors.Is(err, fault.NotFound).
const (
	// NotFound means that the record does not exist, or not for this actor.
	NotFound Code = "not_found"
	// Conflict means that somebody else changed the record first; the message says who and when.
	Conflict Code = "conflict"
	// Forbidden means that the actor lacks the right, or that no actor was given.
	Forbidden Code = "forbidden"
	// Invalid means that the input, or the state of the record, does not allow the operation;
	// the faults say which field and what to do.
	Invalid Code = "invalid"
	// Retryable means that the database gave up on the transaction (deadlock, busy, lost race);
	// the same call in a new transaction can succeed. Operations that open their own transaction
	// have already tried again; under a host's transaction the host decides.
	Retryable Code = "retryable"
	// Limit means that a limit on size or rate was passed.
	Limit Code = "limit"
	// Unavailable means that something outside (disk, host, mail server) failed.
	Unavailable Code = "unavailable"
	// Unknown means that something outside was asked to write and gave no answer: it may have done it
	// or not. It has to be looked up before it is asked again.
	Unknown Code = "unknown"
)

// Error makes a Code usable as the target of errors.Is.
func (c Code) Error() string { return string(c) }

// Fault is one thing that is wrong, at one place.
type Fault struct {
	// Path names the field: "email", "lines[2].quantity", "customer.tax_id".
	Path string `json:"path"`
	// Code is stable and names the rule that is broken: "email.form", "required".
	Code string `json:"code"`
	// Message says in English what is wrong and what to do.
	Message string `json:"message"`
}

func (f Fault) String() string {
	if f.Path == "" {
		return f.Message
	}
	return f.Path + ": " + f.Message
}

// Error is what every operation of CRM+ returns when it fails.
type Error struct {
	Code    Code
	Message string
	Faults  []Fault
	// Cause is the error below, kept for logs; its text is not part of the message.
	Cause error
}

// Error joins the message and all faults in one line.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Message)
	for i, f := range e.Faults {
		if i == 0 {
			b.WriteString(": ")
		} else {
			b.WriteString("; ")
		}
		b.WriteString(f.String())
	}
	if e.Cause != nil {
		b.WriteString(" (")
		b.WriteString(e.Cause.Error())
		b.WriteString(")")
	}
	return b.String()
}

// Unwrap gives errors.As and errors.Is the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Is reports whether target is this error's [Code].
func (e *Error) Is(target error) bool {
	c, ok := target.(Code)
	return ok && c == e.Code
}

// New makes an Error without faults.
func New(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Wrap makes an Error with a cause; a nil cause gives nil. A cause that already is an *Error
// keeps its code and faults and gets the message in front.
func Wrap(cause error, code Code, format string, args ...any) error {
	if cause == nil {
		return nil
	}
	msg := fmt.Sprintf(format, args...)
	var inner *Error
	if errors.As(cause, &inner) {
		return &Error{Code: inner.Code, Message: msg + ": " + inner.Message, Faults: inner.Faults, Cause: inner.Cause}
	}
	return &Error{Code: code, Message: msg, Cause: cause}
}

// CodeOf gives the code of err, or "" where err is no *Error.
func CodeOf(err error) Code {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// Of gives the faults of err, or nil.
func Of(err error) []Fault {
	var e *Error
	if errors.As(err, &e) {
		return e.Faults
	}
	return nil
}

// List collects faults. The zero value is ready.
type List []Fault

// Add records a fault.
func (l *List) Add(path, code, format string, args ...any) {
	*l = append(*l, Fault{Path: path, Code: code, Message: fmt.Sprintf(format, args...)})
}

// Required records that a field must be given when value is empty or only blanks.
func (l *List) Required(path, value string) {
	if strings.TrimSpace(value) == "" {
		l.Add(path, "required", "is missing; it has to be given")
	}
}

// Merge records the faults of another validation below a path: Merge("lines[2]", faults).
func (l *List) Merge(prefix string, other []Fault) {
	for _, f := range other {
		switch {
		case prefix == "":
		case f.Path == "":
			f.Path = prefix
		case strings.HasPrefix(f.Path, "["):
			f.Path = prefix + f.Path
		default:
			f.Path = prefix + "." + f.Path
		}
		*l = append(*l, f)
	}
}

// Err gives an Invalid error with all faults, or nil where there is none.
func (l List) Err(format string, args ...any) error {
	if len(l) == 0 {
		return nil
	}
	return &Error{Code: Invalid, Message: fmt.Sprintf(format, args...), Faults: append([]Fault(nil), l...)}
}
