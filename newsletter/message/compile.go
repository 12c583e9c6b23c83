package message

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"mime"
	"net/url"
	"strings"
	"sync"

	"github.com/crmplus/crmplus/newsletter/merge"
)

// Template is a draft ready to be written for any number of readers. It does not change, and serves many
// goroutines.
type Template struct {
	// head are the headers that all readers get alike, relaxed how signatures see them.
	head, relaxed string
	// subject is nil where the subject is the same for all, and in head's place as subjectLine.
	subject     *merge.Program
	subjectLine string
	// unsubscribe is what List-Unsubscribe says after the reader's own page.
	unsubscribe string
	steps       []step
	signatures  []*signature
	utf8        bool
	// size is a little more than what a message takes without its values.
	size int
	work sync.Pool
}

// Size is about how many bytes a message has, without the values of its reader.
func (t *Template) Size() int { return t.size }

// act is what a step of the body does.
type act uint8

const (
	// frame is what stands around the parts; it begins with the end of a line.
	frame act = iota
	// fixedText, fieldText and linkText are the ops of a merge.Program, jump its conditions.
	fixedText
	fieldText
	linkText
	jump
	pixel
)

// step is a piece of the body.
type step struct {
	act act
	// text is encoded, relaxed how signatures see it, column where it ends.
	text    string
	relaxed []byte
	column  int
	op      *merge.Op
	// html says of which part the values are.
	html bool
	// one writes the link of a linkText.
	one  *merge.Program
	jump int
}

// work is memory for one message at a time.
type work struct {
	hash             hash.Hash
	headers, scratch []byte
}

// Compile checks a draft, encodes what all readers get alike, and prepares the rest. The error has a fault
// for everything that is wrong.
func Compile(d Draft) (*Template, error) {
	if err := d.check().Err("the newsletter cannot be sent"); err != nil {
		return nil, err
	}
	t := &Template{utf8: !isPlain(d.From.Email + d.ReplyTo.Email)}
	t.work.New = func() any { return &work{hash: sha256.New()} }
	kind := t.body(&d)
	t.headers(&d, kind)
	for _, k := range d.Keys {
		t.signatures = append(t.signatures, newSignature(k))
		t.size += len(t.signatures[len(t.signatures)-1].text)
	}
	t.size += len(t.head) + 1024
	for i := range t.steps {
		t.size += len(t.steps[i].text) + len(softBreak)
	}
	return t, nil
}

func (t *Template) headers(d *Draft, contentType string) {
	head := appendMailbox(nil, "From", d.From.Name, d.From.Email)
	if !d.ReplyTo.IsZero() {
		head = appendMailbox(head, "Reply-To", d.ReplyTo.Name, d.ReplyTo.Email)
	}
	add := func(name, value string) {
		head = append(append(append(append(head, name...), ": "...), value...), "\r\n"...)
	}
	add("Date", d.Date.Format("Mon, 02 Jan 2006 15:04:05 -0700"))
	if d.List.ID != "" {
		head = appendMailbox(head, "List-Id", d.List.Name, d.List.ID)
	}
	if d.FeedbackID != "" {
		add("Feedback-ID", d.FeedbackID)
	}
	add("Precedence", "bulk")
	if d.Automatic {
		add("Auto-Submitted", "auto-generated")
	}
	if d.Language != "" {
		add("Content-Language", string(d.Language))
	}
	add("MIME-Version", "1.0")
	add("Content-Type", contentType)
	t.head, t.relaxed = string(head), string(appendRelaxed(nil, head))
	if d.UnsubscribeMail != "" {
		local, domain, _ := strings.Cut(d.UnsubscribeMail, "@")
		t.unsubscribe = "<mailto:" + url.PathEscape(local) + "@" + domain + ">"
	}
	t.subject = d.Subject
	if !varies(d.Subject) {
		if line := subjectLine(nil, string(d.Subject.Append(nil, nil, nil))); len(line) > 0 {
			t.subject, t.subjectLine = nil, string(line)
		}
	}
}

func varies(p *merge.Program) bool {
	for i := range p.Ops {
		if p.Ops[i].Kind != merge.Literal {
			return true
		}
	}
	return false
}

// subjectLine writes the header, or nothing where no words are left.
func subjectLine(dst []byte, subject string) []byte {
	if oneLine(subject) == "" {
		return dst
	}
	dst, _ = appendLine(append(dst, "Subject: "...), subject, len("Subject: "))
	return append(dst, '\r', '\n')
}

// body lays out the parts, and returns the type of the whole: mixed(alternative(text, related(html,
// images)), files), of which only those are there that are needed. There is always one, since its last line
// is the same whatever the text ends with. Boundaries have "=_", which no encoded line can have.
func (t *Template) body(d *Draft) (contentType string) {
	sum := sha256.Sum256([]byte(d.From.Email + d.Date.String() + string(d.Subject.Append(nil, nil, nil))))
	boundary := func(part string) string { return "=_" + hex.EncodeToString(sum[:9]) + "_" + part }
	multipart := func(kind, boundary string) string {
		if kind == "related" {
			kind += "; type=\"text/html\"" // RFC 2387, section 3.1
		}
		return "multipart/" + kind + ";\r\n boundary=\"" + boundary + "\""
	}
	mixed, alternative, related := boundary("m"), boundary("a"), boundary("r")
	// before is what opens the part that stands next, in the order of opening; end closes it all.
	before, end := "", ""
	open := func(kind, boundary string) {
		if contentType == "" {
			contentType = multipart(kind, boundary)
		} else {
			before += "Content-Type: " + multipart(kind, boundary) + "\r\n\r\n"
		}
		before += "--" + boundary + "\r\n"
	}
	if len(d.Attachments) > 0 || d.HTML == nil {
		open("mixed", mixed)
		end = "\r\n--" + mixed + "--\r\n"
	}
	if d.HTML != nil {
		open("alternative", alternative)
		end = "\r\n--" + alternative + "--" + files(mixed, d) + or(end, "\r\n")
	} else {
		end = files(mixed, d) + end
	}
	t.frame(before + "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n")
	t.program(d.Text, false)
	if d.HTML != nil {
		before = "\r\n--" + alternative + "\r\n"
		if len(d.Images) > 0 {
			open("related", related)
			images := ""
			for _, m := range d.Images {
				images += "\r\n--" + related + "\r\n" + file(m.Name, m.Type, m.Content, "inline", m.ID)
			}
			end = images + "\r\n--" + related + "--" + end
		}
		t.frame(before + "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n")
		t.program(d.HTML, true)
	}
	t.frame(end)
	return contentType
}

func or(text, other string) string {
	if text == "" {
		return other
	}
	return text
}

func files(boundary string, d *Draft) string {
	var b strings.Builder
	for _, a := range d.Attachments {
		b.WriteString("\r\n--" + boundary + "\r\n" + file(a.Name, a.Type, a.Content, "attachment", ""))
	}
	return b.String()
}

// file is a part without the end of its last line.
func file(name, kind string, content []byte, disposition, id string) string {
	parsed, params, _ := mime.ParseMediaType(kind) // was checked
	var b strings.Builder
	b.WriteString("Content-Type: " + mime.FormatMediaType(parsed, params) + "\r\n")
	if id != "" {
		b.WriteString("Content-ID: <" + id + ">\r\n")
	}
	b.WriteString("Content-Disposition: " + disposition + fileName(name) + "\r\nContent-Transfer-Encoding: base64\r\n\r\n")
	text := base64.StdEncoding.EncodeToString(content)
	for len(text) > foldAt {
		b.WriteString(text[:foldAt] + "\r\n")
		text = text[foldAt:]
	}
	b.WriteString(text)
	return b.String()
}

// fileName is the parameter with a file's name (RFC 2231: letters beyond ASCII, and lines that are short).
func fileName(name string) string {
	if isPlain(name) && len(name) < foldAt-16 && !strings.ContainsAny(name, `"\`) {
		return ";\r\n filename=\"" + name + "\""
	}
	var lines []string
	line := "UTF-8''"
	for _, r := range name {
		piece := ""
		for _, c := range []byte(string(r)) {
			if quotedSize(c) == 1 && c != ' ' && c != '*' && c != '/' || c == '.' {
				piece += string(c)
			} else {
				piece += fmt.Sprintf("%%%02X", c)
			}
		}
		if len(line)+len(piece) > foldAt-16 {
			lines, line = append(lines, line), ""
		}
		line += piece
	}
	lines = append(lines, line)
	if len(lines) == 1 {
		return ";\r\n filename*=" + line
	}
	out := ""
	for i, l := range lines {
		out += fmt.Sprintf(";\r\n filename*%d*=%s", i, l)
	}
	return out
}

func (t *Template) frame(text string) {
	t.steps = append(t.steps, step{act: frame, text: text, relaxed: relax(text)})
}

// program adds the steps of one part. The picture that counts openings stands at the end of the HTML's
// body.
func (t *Template) program(p *merge.Program, html bool) {
	at, cut := -1, 0 // where the picture goes
	for i := range p.Ops {
		if k := strings.LastIndex(strings.ToLower(p.Ops[i].Text), "</body"); html && p.Ops[i].Kind == merge.Literal && k >= 0 && len(strings.ToLower(p.Ops[i].Text)) == len(p.Ops[i].Text) {
			at, cut = i, k
		}
	}
	first := len(t.steps)
	places := make([]int, len(p.Ops)+1)
	for i := range p.Ops {
		places[i] = len(t.steps)
		op := &p.Ops[i]
		switch op.Kind {
		case merge.Literal:
			text := op.Text
			if i == at {
				t.literal(text[:cut])
				t.steps = append(t.steps, step{act: pixel, html: true})
				text = text[cut:]
			}
			t.literal(text)
		case merge.Field:
			t.steps = append(t.steps, step{act: fieldText, op: op, html: html})
		case merge.Link:
			t.steps = append(t.steps, step{act: linkText, one: &merge.Program{Ops: []merge.Op{*op}, Links: p.Links}})
		case merge.If, merge.Unless:
			t.steps = append(t.steps, step{act: jump, op: op, html: html, jump: op.Jump})
		}
	}
	places[len(p.Ops)] = len(t.steps)
	for i := first; i < len(t.steps); i++ {
		if t.steps[i].act == jump {
			t.steps[i].jump = places[t.steps[i].jump]
		}
	}
	if html && at < 0 {
		t.steps = append(t.steps, step{act: pixel, html: true})
	}
}

func (t *Template) literal(text string) {
	if text == "" {
		return
	}
	encoded, column := appendQuoted(nil, text, 0, false)
	t.steps = append(t.steps, step{act: fixedText, text: string(encoded), relaxed: relax(string(encoded)), column: column})
}
