package message

import "context"

// Envelope is a message with the addresses that servers go by (RFC 5321, section 2.3.1).
type Envelope struct {
	// From is the return path, where bounces go; "" for none.
	From string
	To   string
	// Data is the message with line ends of CRLF, the last line included. It stays untouched until the end
	// of the attempt is known.
	Data []byte
	// UTF8 says that an address, and so the message, has letters beyond ASCII: only servers that offer
	// SMTPUTF8 (RFC 6531) take it.
	UTF8 bool
}

// Transport reaches a mail server for many messages. testutil/mailtest has the suite that every
// implementation passes.
type Transport interface {
	// Dial opens a connection and logs in. Errors are *mail.Failure.
	Dial(ctx context.Context) (Conn, error)
}

// Conn is one connection, over which messages go one after the other.
type Conn interface {
	// Send hands a message over. End is called exactly once for it, with nil when the server has taken the
	// message, otherwise with a *mail.Failure; perhaps before Send returns, perhaps while a later Send runs,
	// in the order of the Sends, and never by two goroutines at once. An error of Send says that the
	// connection is of no more use, and that end has been called for every message handed to it. When the
	// context ends nothing new is begun, but what was begun is seen through.
	Send(ctx context.Context, e Envelope, end func(error)) error
	// Close waits for the ends of what was handed over, and says goodbye. When the context ends first, the
	// connection is broken off, and the ends say so.
	Close(ctx context.Context) error
}
