package bounce

import "time"

// Kind says what a mail is.
type Kind string

// The kinds.
const (
	// Delivery is a report of a mail server on one or several recipients: failed, delayed or delivered.
	Delivery Kind = "delivery"
	// Complaint is a reader's "this is spam", passed on by his provider.
	Complaint Kind = "complaint"
	// OutOfOffice is an automatic answer of somebody who is away.
	OutOfOffice Kind = "out_of_office"
	// AutoReply is another automatic answer, such as a receipt.
	AutoReply Kind = "auto_reply"
	// Other is anything else: most likely a letter of a person, which a person should read.
	Other Kind = "other"
)

// Action is what a server did, in the words of RFC 3464, section 2.3.3.
type Action string

// The actions.
const (
	Failed    Action = "failed"
	Delayed   Action = "delayed"
	Delivered Action = "delivered"
	Relayed   Action = "relayed"
	Expanded  Action = "expanded"
)

// Report is what a mail says about others that were sent.
type Report struct {
	Kind Kind `json:"kind"`
	// Recipients are the addresses it is about; for a complaint those that are named, which may be none.
	Recipients []Recipient `json:"recipients,omitempty"`
	Reference  Reference   `json:"reference"`
	// Complaint is what the reader's provider says, for Kind Complaint.
	Complaint *Feedback `json:"complaint,omitempty"`
	// Subject is that of the mail itself, for people.
	Subject string `json:"subject,omitempty"`
}

// Recipient is one address of a report.
type Recipient struct {
	// Address is the one that failed; Original the one the mail was sent to, where the report names it, which
	// differs when a reader forwards his mail.
	Address  string `json:"address,omitempty"`
	Original string `json:"original,omitempty"`
	Action   Action `json:"action,omitempty"`
	// Status is the code of RFC 3463, zero where none is given.
	Status Code `json:"status,omitzero"`
	// Reply is the SMTP code (RFC 5321, section 4.2), 0 where none is given.
	Reply int `json:"reply,omitempty"`
	// Text is what the server said, in one line of at most 500 bytes.
	Text string `json:"text,omitempty"`
	// Server is the one that said it.
	Server string `json:"server,omitempty"`
	Class  Class  `json:"class"`
}

// Reference is how the mail that came back is found.
type Reference struct {
	// Addresses are those the report was delivered to, the likeliest first: one of them is the return path of
	// the mail that came back, if that had one of its own.
	Addresses []string `json:"addresses,omitempty"`
	// MessageIDs are those of the mail that came back, without angle brackets, the likeliest first.
	MessageIDs []string `json:"message_ids,omitempty"`
	// EnvelopeID is the one given with the mail (RFC 3461).
	EnvelopeID string `json:"envelope_id,omitempty"`
	// To, Subject and ListID are headers of the mail that came back.
	To      string `json:"to,omitempty"`
	Subject string `json:"subject,omitempty"`
	ListID  string `json:"list_id,omitempty"`
}

// Feedback is what a complaint says beside the mail it is about (RFC 5965, section 3).
type Feedback struct {
	// Type is "abuse", "fraud", "virus", "not-spam", "opt-out" or another word of the registry.
	Type string `json:"type"`
	// Agent is the provider's program, Source the address of the server the mail came from.
	Agent  string    `json:"agent,omitempty"`
	Source string    `json:"source,omitempty"`
	At     time.Time `json:"at,omitzero"`
}

// Find gives what read finds in the first of the report's addresses in which it finds something: the
// campaign and the reader of a return path (track.Keys.ReadReturnPath).
func (r Reference) Find(read func(address string) (campaign int64, seq uint32, ok bool)) (campaign int64, seq uint32, ok bool) {
	for _, a := range r.Addresses {
		if campaign, seq, ok := read(a); ok {
			return campaign, seq, true
		}
	}
	return 0, 0, false
}
