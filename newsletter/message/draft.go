package message

import (
	"mime"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/newsletter/merge"
)

// The bounds of a draft, in bytes.
const (
	// MaxText is of text and of HTML each, before encoding. Gmail cuts what it shows at 102 KB.
	MaxText = 1 << 20
	// MaxAttached is of all files and images together; most servers take 20 to 25 MB of base64.
	MaxAttached = mail.MaxAttached
)

// Draft is a newsletter in one variant and language, before it is anybody's.
type Draft struct {
	// From is the sender, ReplyTo who gets answers; without one they go to the sender.
	From, ReplyTo mail.Address
	// Date is when it was finished; it stays the same however often a message is tried.
	Date time.Time
	// Language may be empty.
	Language locale.Language
	// Subject, Text and HTML are merged with the reader's values. Text must be given, HTML may be nil. Links
	// are counted over all of them.
	Subject, Text, HTML *merge.Program
	// Attachments are files beside the text. Images are shown inside of it, as src="cid:…".
	Attachments []mail.Attachment
	Images      []Image
	// List says which newsletter it is; the zero List says nothing.
	List List
	// UnsubscribeMail is an address that takes unsubscribing mails, for mail programs that cannot use the
	// reader's link; it may be empty.
	UnsubscribeMail string
	// FeedbackID groups complaints in the senders' reports, from the finest group to the sender:
	// "campaign:newsletter:brand:crm". It may be empty.
	FeedbackID string
	// Automatic marks what a program sends because something happened to the reader, such as a step of a
	// sequence (Auto-Submitted, RFC 3834); a newsletter that somebody wrote and sent is none.
	Automatic bool
	// Keys sign; none leaves it to the server.
	Keys []Key
}

// List names a newsletter (RFC 2919).
type List struct {
	// ID stays the same for ever: "tanacsok.news.example.hu". Name is for people, and may be empty.
	ID, Name string
}

// Image is a picture that the HTML shows.
type Image struct {
	// ID is what the HTML calls it: src="cid:ID". It has letters, digits, dots, hyphens and at most one @.
	ID   string
	Name string
	// Type is the media type: "image/png".
	Type    string
	Content []byte
}

// Recipient is one reader.
type Recipient struct {
	// Name is shown beside the address in To; "" shows the address alone.
	Name, Address string
	// Subject, Text and HTML are values in the order of the Fields of the program of that name.
	Subject, Text, HTML []string
	// MessageID has no angle brackets. The same campaign and reader have the same one at each try.
	MessageID string
	// Unsubscribe is the page that a POST unsubscribes at once (RFC 8058); only https promises that in the
	// headers. "" offers none.
	Unsubscribe string
	// Link appends the address that stands for a counted link; nil writes links as they are.
	Link func(dst []byte, link int) []byte
	// Pixel is the address of the picture that counts openings; "" has none.
	Pixel string
}

var (
	listForm     = regexp.MustCompile(`^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)+$`)
	feedbackForm = regexp.MustCompile(`^[A-Za-z0-9._-]*(:[A-Za-z0-9._-]*){0,2}:[A-Za-z0-9._-]+$`)
	contentForm  = regexp.MustCompile(`^[A-Za-z0-9._-]+(@[A-Za-z0-9._-]+)?$`)
)

// check finds everything that is wrong, and brings addresses into the form they travel in.
func (d *Draft) check() fault.List {
	var faults fault.List
	checkMailbox(&faults, "from", &d.From)
	if !d.ReplyTo.IsZero() {
		checkMailbox(&faults, "reply_to", &d.ReplyTo)
	}
	if d.Date.IsZero() || d.Date.Year() < 1900 || d.Date.Year() > 9999 {
		faults.Add("date", "required", "is missing; give when the newsletter was finished")
	}
	if !isPlain(string(d.Language)) || len(d.Language) > 35 {
		faults.Add("language", "choice", "%.40q is no language; write it as hu", string(d.Language))
	}
	for _, p := range []struct {
		path    string
		program *merge.Program
	}{{"subject", d.Subject}, {"text", d.Text}, {"html", d.HTML}} {
		checkProgram(&faults, p.path, p.program)
	}
	if d.List.ID != "" && (!listForm.MatchString(d.List.ID) || len(d.List.ID) > 255) {
		faults.Add("list.id", "list.form", "%.80q is no list id; write it as tips.news.example.com", d.List.ID)
	}
	if d.List.Name != "" && d.List.ID == "" {
		faults.Add("list.id", "required", "is missing; it belongs to the name of the list")
	}
	checkName(&faults, "list.name", d.List.Name)
	if d.UnsubscribeMail != "" {
		a := mail.Address{Email: d.UnsubscribeMail}
		checkMailbox(&faults, "unsubscribe_mail", &a)
		if d.UnsubscribeMail = a.Email; !isPlain(a.Email) {
			faults.Add("unsubscribe_mail", "email.form", "%.80q has letters beyond ASCII; give one that every mail program can write to", a.Email)
		}
	}
	if d.FeedbackID != "" && (!feedbackForm.MatchString(d.FeedbackID) || len(d.FeedbackID) > 200) {
		faults.Add("feedback_id", "feedback.form", "%.80q is none; write it as campaign:newsletter:brand:sender, of letters, digits, dots and hyphens", d.FeedbackID)
	}
	d.checkFiles(&faults)
	for i, k := range d.Keys {
		faults.Merge("keys["+strconv.Itoa(i)+"]", k.check(d.From.Email))
	}
	return faults
}

func checkMailbox(faults *fault.List, path string, a *mail.Address) {
	email, _, err := mailbox(a.Email)
	if err != nil {
		for _, f := range fault.Of(err) {
			faults.Add(path, f.Code, "%s", f.Message)
		}
	}
	a.Email, a.Name = email, strings.TrimSpace(a.Name)
	checkName(faults, path+".name", a.Name)
}

func checkName(faults *fault.List, path, name string) {
	if strings.ContainsFunc(name, func(r rune) bool {
		return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || r == utf8.RuneError
	}) {
		faults.Add(path, "text.line", "has line breaks or control characters; write it in one line")
	}
	if utf8.RuneCountInString(name) > mail.MaxName {
		faults.Add(path, "text.length", "is longer than %d characters; shorten it", mail.MaxName)
	}
}

// checkProgram sees that a program can be run on whatever values come.
func checkProgram(faults *fault.List, path string, p *merge.Program) {
	if p == nil || len(p.Ops) == 0 {
		if path != "html" {
			faults.Add(path, "required", "is missing; it has to be given")
		}
		return
	}
	size := 0
	for i, op := range p.Ops {
		size += len(op.Text)
		bad := false
		switch op.Kind {
		case merge.Literal:
			if strings.IndexByte(op.Text, 0) >= 0 || !utf8.ValidString(op.Text) {
				faults.Add(path, "text.form", "holds bytes that are not text; remove them")
			}
		case merge.Field:
			bad = op.Field < 0 || op.Field >= len(p.Fields)
		case merge.Link:
			bad = op.Link < 0 || op.Link >= len(p.Links)
		case merge.If, merge.Unless:
			bad = op.Field < 0 || op.Field >= len(p.Fields) || op.Jump <= i || op.Jump > len(p.Ops)
		default:
			bad = true
		}
		if bad {
			faults.Add(path, "program.form", "its step %d leads nowhere; parse the text again", i)
		}
	}
	if size > MaxText {
		faults.Add(path, "text.length", "has %d bytes, at most %d are taken; shorten it", size, MaxText)
	}
}

func (d *Draft) checkFiles(faults *fault.List) {
	size, seen := 0, map[string]bool{}
	file := func(path, name, kind string, content []byte) {
		faults.Required(path+".name", name)
		if utf8.RuneCountInString(name) > mail.MaxSubject || oneLine(name) != name {
			faults.Add(path+".name", "text.line", "is no name for a file; write up to %d characters in one line", mail.MaxSubject)
		}
		if parsed, _, err := mime.ParseMediaType(kind); err != nil || !strings.Contains(parsed, "/") || !isPlain(kind) || len(kind) > 200 {
			faults.Add(path+".type", "mime.form", "%.60q is no media type; write it as application/pdf", kind)
		}
		if len(content) == 0 {
			faults.Add(path+".content", "required", "is empty; give what the file holds")
		}
		size += len(content)
	}
	for i, a := range d.Attachments {
		file("attachments["+strconv.Itoa(i)+"]", a.Name, a.Type, a.Content)
	}
	for i, m := range d.Images {
		path := "images[" + strconv.Itoa(i) + "]"
		file(path, m.Name, m.Type, m.Content)
		if !contentForm.MatchString(m.ID) || len(m.ID) > 200 || seen[m.ID] {
			faults.Add(path+".id", "content.form", "%.80q is no id of its own; write it as logo@example.com", m.ID)
		}
		seen[m.ID] = true
	}
	if len(d.Images) > 0 && d.HTML == nil {
		faults.Add("images", "html", "have no HTML that shows them; attach them instead")
	}
	if n := len(d.Attachments) + len(d.Images); n > mail.MaxAttachments {
		faults.Add("attachments", "count", "are %d files with the images, at most %d are taken; leave some out", n, mail.MaxAttachments)
	}
	if size > MaxAttached {
		faults.Add("attachments", "size", "have %d MB together, at most %d MB are taken; put them where the reader can fetch them", size>>20, MaxAttached>>20)
	}
}

// oneClick reports whether the address unsubscribes as RFC 8058 promises, known whether it may stand in
// the header at all.
func oneClick(address string) (oneClick, known bool) {
	if len(address) > hardLine-100 || !isPlain(address) || strings.ContainsAny(address, " <>\",\\") {
		return false, false
	}
	oneClick = strings.HasPrefix(address, "https://") && len(address) > len("https://")
	return oneClick, oneClick || strings.HasPrefix(address, "http://") && len(address) > len("http://")
}
