package sms

import (
	"context"
	"errors"
	"time"

	"github.com/crmplus/crmplus/crm/mail"
)

// Message is one text message to one number.
type Message struct {
	// ID is our own key of the message, the same however often it is tried; a gateway that takes one back shows
	// it in its reports.
	ID string
	// From is the sender's number or name: up to 11 letters and digits, where the country allows it.
	From string
	// To is in E.164.
	To   string
	Text string
}

// Size is how long the message is.
func (m Message) Size() Size { return Measure(m.Text) }

// Receipt is what a gateway says when it has taken a message.
type Receipt struct {
	// GatewayID is its own key, under which it reports; "" where it reports under [Message.ID].
	GatewayID string
}

// Gateway carries messages.
type Gateway interface {
	// Send hands a message over. The error is a *mail.Failure: Temporary where it may be tried again, Permanent
	// where this message never can be sent, Unknown where the gateway may have taken it, with Down where the
	// next one would fare no better. It is called by many goroutines, and returns soon after ctx ends.
	Send(ctx context.Context, m Message) (Receipt, error)
}

// Finder is a [Gateway] that can be asked what became of a message of which nobody knows whether it was taken.
type Finder interface {
	Gateway
	// Find gives the report of a message by our own key; fault.NotFound where the gateway never got it, and
	// any other error where it cannot be said now.
	Find(ctx context.Context, id string) (Report, error)
}

// Repeater is a [Gateway] that carries messages with one key once, however often they are sent.
type Repeater interface {
	Gateway
	// Repeats reports whether it does.
	Repeats() bool
}

// ErrNoNumber is the cause of a Permanent [Failure] that is about the number: it does not exist, or takes no
// messages, so that no other one will arrive either.
var ErrNoNumber = errors.New("no message arrives at this number")

// Failure is why a message was not sent; it is that of mails, so that campaigns treat both alike.
type Failure = mail.Failure

// State is what became of a message after the gateway took it.
type State string

// The states.
const (
	// Carried: it is on its way.
	Carried State = "carried"
	// Delivered: the phone has it.
	Delivered State = "delivered"
	// Undelivered: it did not get there, and will not.
	Undelivered State = "undelivered"
	// NoSuchNumber: nor will any other, since the number does not exist or takes none.
	NoSuchNumber State = "no_such_number"
	// Lost: the gateway says that it does not know.
	Lost State = "lost"
)

// Final reports whether nothing comes after the state.
func (s State) Final() bool { return s != Carried && s != "" }

// Report is what a gateway tells about a message later.
type Report struct {
	// ID is ours where the gateway gives it back, GatewayID its own; one of them is set.
	ID, GatewayID string
	State         State
	// At is when it happened, zero where it does not say.
	At time.Time
	// Reason is its own code or words, at most 200 characters.
	Reason string
}

// Inbound is a message that somebody sent to us.
type Inbound struct {
	GatewayID string
	// From is the number in E.164 where the gateway writes it so.
	From, To string
	Text     string
	At       time.Time
}

// Answer is what it asks.
func (i Inbound) Answer() Answer { return ReadAnswer(i.Text) }

// Receiver takes what gateways tell. An error makes the gateway tell it again later; what was taken before may
// so come twice.
type Receiver interface {
	Reported(ctx context.Context, reports []Report) error
	Received(ctx context.Context, messages []Inbound) error
}
