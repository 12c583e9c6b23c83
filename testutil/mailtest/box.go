// Package mailtest is for tests of what sends mail: a [Box] that keeps messages in memory, a mail server
// in the test's own process ([Server]), and the conformance suite that every mail.Mailer passes ([Run]).
package mailtest

import (
	"context"
	"sync"

	"github.com/crmplus/crmplus/crm/mail"
)

// Box is a Mailer that keeps messages.
type Box struct {
	// Refuse is asked before a message is kept; nil takes everything.
	Refuse func(m mail.Message) error

	mu       sync.Mutex
	messages []mail.Message
}

var _ mail.Mailer = (*Box)(nil)

// Send keeps the message. One that is refused with mail.Unknown is kept all the same: the reader has it.
func (b *Box) Send(ctx context.Context, m mail.Message) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	var err error
	if b.Refuse != nil {
		err = b.Refuse(m)
	}
	if OutcomeOf(err) == "" || OutcomeOf(err) == mail.Unknown {
		b.messages = append(b.messages, m)
	}
	return err
}

// Messages are those that were taken, in order.
func (b *Box) Messages() []mail.Message {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]mail.Message(nil), b.messages...)
}
