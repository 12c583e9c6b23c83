package mail

import (
	"mime"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// The bounds of a message. Most servers take 20 to 25 MB, of which base64 needs a third.
const (
	// MaxRecipients counts To, Cc and Bcc together.
	MaxRecipients = 50
	// MaxAttachments is how many files one message has, MaxAttached how many bytes they have together.
	MaxAttachments = 20
	MaxAttached    = 15 << 20
	// MaxSubject and MaxName are in UTF-16 code units, MaxText in bytes, of text and of HTML each.
	MaxSubject = 200
	MaxName    = 120
	MaxText    = 256 << 10
)

// Address is somebody's mailbox.
type Address struct {
	// Name may be empty.
	Name  string `json:"name,omitempty"`
	Email string `json:"email"`
}

// String is how people write it: Szabó Éva <eva@example.hu>.
func (a Address) String() string {
	if a.Name == "" {
		return a.Email
	}
	return a.Name + " <" + a.Email + ">"
}

// IsZero reports whether nobody is named.
func (a Address) IsZero() bool { return a == Address{} }

// Attachment is a file of the company that goes with a message.
type Attachment struct {
	Name string `json:"name"`
	// Type is the media type: "application/pdf".
	Type string     `json:"type"`
	Hash store.Hash `json:"hash"`
	Size int64      `json:"size"`
	// Content is filled in for the [Mailer]; it is not kept with the message.
	Content []byte `json:"-"`
}

// Message is one letter as it goes out.
type Message struct {
	// MessageID is what the header of this name says, without angle brackets. Queue makes it; it stays the
	// same however often the message is tried.
	MessageID string `json:"message_id"`
	// Date is when it was asked for.
	Date    time.Time `json:"date"`
	From    Address   `json:"from"`
	ReplyTo Address   `json:"reply_to,omitzero"`
	To      []Address `json:"to"`
	Cc      []Address `json:"cc,omitempty"`
	Bcc     []Address `json:"bcc,omitempty"`
	Subject string    `json:"subject"`
	// Text is the plain text, HTML the same with markup, "" for none; see [HTML].
	Text        string          `json:"text"`
	HTML        string          `json:"html,omitempty"`
	Attachments []Attachment    `json:"attachments,omitempty"`
	Language    locale.Language `json:"language"`

	// Key makes asking repeatable: a second message of the company with the same key is not queued. "" for
	// none.
	Key string `json:"-"`
	// Purpose says what it is for: "quote.sent".
	Purpose string `json:"-"`
	// RecordKind and Record are the noun and the id of the record it belongs to.
	RecordKind string   `json:"-"`
	Record     RecordID `json:"-"`
	// Party is on whose timeline it stands; whoever sees the party's records sees the mail.
	Party party.ID `json:"-"`
	// Owner is who is told what became of it; the one who asks where it is empty.
	Owner party.Owner `json:"-"`
}

// RecordTag is the noun of [RecordID].
type RecordTag struct{}

// RecordID is the id of the record that a message belongs to, whatever its noun: mail.RecordID(quote.ID).
type RecordID = store.Key[RecordTag]

// Recipients are the addresses of the envelope, each once.
func (m Message) Recipients() []string {
	var all []string
	seen := map[string]bool{}
	for _, list := range [][]Address{m.To, m.Cc, m.Bcc} {
		for _, a := range list {
			if !seen[a.Email] {
				seen[a.Email] = true
				all = append(all, a.Email)
			}
		}
	}
	return all
}

// Check finds everything that is wrong with the message, and brings addresses into the form they are
// sent to: lower case, domains in ASCII (IDNA). Nothing that passes can start a header of its own
// (RFC 5322, section 2.2).
func (m *Message) Check() []fault.Fault {
	var faults fault.List
	checkAddress(&faults, "from", &m.From)
	if !m.ReplyTo.IsZero() {
		checkAddress(&faults, "reply_to", &m.ReplyTo)
	}
	count := 0
	for _, list := range []struct {
		path string
		of   []Address
	}{{"to", m.To}, {"cc", m.Cc}, {"bcc", m.Bcc}} {
		for i := range list.of {
			checkAddress(&faults, list.path+"["+strconv.Itoa(i)+"]", &list.of[i])
		}
		count += len(list.of)
	}
	if len(m.To) == 0 {
		faults.Add("to", "required", "is missing; give at least one recipient")
	}
	if count > MaxRecipients {
		faults.Add("to", "count", "has %d recipients with the copies, at most %d are taken; send a newsletter to more", count, MaxRecipients)
	}
	faults.Required("subject", m.Subject)
	checkLine(&faults, "subject", m.Subject, MaxSubject)
	faults.Required("text", m.Text)
	for path, text := range map[string]string{"text": m.Text, "html": m.HTML} {
		if len(text) > MaxText {
			faults.Add(path, "text.length", "has %d bytes, at most %d are taken; shorten it, or attach it as a file", len(text), MaxText)
		}
		if strings.IndexByte(text, 0) >= 0 || !utf8.ValidString(text) {
			faults.Add(path, "text.form", "holds bytes that are not text; remove them")
		}
	}
	m.checkFiles(&faults)
	return faults
}

func (m *Message) checkFiles(faults *fault.List) {
	if n := len(m.Attachments); n > MaxAttachments {
		faults.Add("attachments", "count", "are %d files, at most %d are taken; join some of them", n, MaxAttachments)
	}
	var size int64
	for i, a := range m.Attachments {
		at := "attachments[" + strconv.Itoa(i) + "]"
		faults.Required(at+".name", a.Name)
		checkLine(faults, at+".name", a.Name, MaxSubject)
		if kind, _, err := mime.ParseMediaType(a.Type); err != nil || !strings.Contains(kind, "/") || strings.ContainsAny(a.Type, "\r\n") {
			faults.Add(at+".type", "mime.form", "%.60q is no media type; write it as application/pdf", a.Type)
		}
		if a.Hash == "" {
			faults.Add(at+".hash", "required", "is missing; keep the file first")
		}
		size += a.Size
	}
	if size > MaxAttached {
		faults.Add("attachments", "size", "have %d MB together, at most %d MB are taken; leave some out, or put them where the reader can fetch them",
			(size+1<<20-1)>>20, MaxAttached>>20)
	}
}

func checkAddress(faults *fault.List, path string, a *Address) {
	email, err := party.NormalizeEmail(a.Email)
	if err != nil {
		for _, f := range fault.Of(err) {
			faults.Add(path, f.Code, "%s", f.Message)
		}
	} else {
		a.Email = email
	}
	a.Name = strings.TrimSpace(a.Name)
	checkLine(faults, path+".name", a.Name, MaxName)
}

// checkLine refuses what is no single line of text.
func checkLine(faults *fault.List, path, text string, most int) {
	bad := func(r rune) bool {
		return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || r == utf8.RuneError
	}
	if strings.ContainsFunc(text, bad) {
		faults.Add(path, "text.line", "has line breaks or control characters; write it in one line")
	}
	if n := utf16Length(text); n > most {
		faults.Add(path, "text.length", "is %d characters long, at most %d fit; shorten it", n, most)
	}
}

func utf16Length(s string) int {
	if len(s) == 0 {
		return 0
	}
	return len(utf16.Encode([]rune(s)))
}
