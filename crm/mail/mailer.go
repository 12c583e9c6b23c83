package mail

import (
	"context"
	"errors"
	"fmt"

	"github.com/crmplus/crmplus/crm/fault"
)

// Mailer hands messages to a mail server. testutil/mailtest has the suite that every implementation
// passes.
type Mailer interface {
	// Send gives the message to the server, for all of its recipients or for none, and returns nil when
	// the server has taken it. Otherwise the error has a [*Failure] in its chain; any other error counts as
	// [Unknown]. It is safe for many goroutines and ends soon after the context.
	Send(ctx context.Context, m Message) error
}

// Outcome says what a failed attempt means for the message.
type Outcome string

// The outcomes of an attempt that did not succeed.
const (
	// Temporary: the server has certainly not taken it, and may take it later.
	Temporary Outcome = "temporary"
	// Permanent: the server has certainly not taken it, and will not.
	Permanent Outcome = "permanent"
	// Unknown: the server may have taken it; the connection died before its answer came.
	Unknown Outcome = "unknown"
)

// Failure is why a message was not sent.
type Failure struct {
	Outcome Outcome
	// Down says that there was no talking to the server at all, so that other messages would fare no
	// better at the moment.
	Down bool
	// Reason is a sentence for people, without secrets: what the server said, and to what.
	Reason string
	// Cause is the error below, for logs.
	Cause error
}

// NewFailure makes a Failure.
func NewFailure(o Outcome, cause error, format string, args ...any) *Failure {
	return &Failure{Outcome: o, Reason: fmt.Sprintf(format, args...), Cause: cause}
}

// Error is the reason, with its cause.
func (f *Failure) Error() string {
	if f.Cause == nil {
		return f.Reason
	}
	return f.Reason + " (" + f.Cause.Error() + ")"
}

// Unwrap gives the cause.
func (f *Failure) Unwrap() error { return f.Cause }

// failureOf is the failure in an error's chain. Where there is none, nobody knows.
func failureOf(err error) *Failure {
	var f *Failure
	if errors.As(err, &f) {
		return f
	}
	var e *fault.Error
	if errors.As(err, &e) && e.Code == fault.Invalid {
		return &Failure{Outcome: Permanent, Reason: e.Error(), Cause: err}
	}
	return &Failure{Outcome: Unknown, Reason: "the mail server gave no answer", Cause: err}
}
