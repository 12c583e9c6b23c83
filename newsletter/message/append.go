package message

import (
	"slices"

	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/newsletter/merge"
)

// Compose writes the message of a reader behind dst, and gives the envelope for it but for its return path:
// what was appended, the address as servers take it, and whether that needs SMTPUTF8. Errors are those of
// Append.
func (t *Template) Compose(dst []byte, r Recipient) (Envelope, error) {
	address, utf8, err := mailbox(r.Address)
	if err != nil {
		return Envelope{}, refused(err, "the address %.254q cannot be written to", r.Address)
	}
	out, err := t.Append(dst, r)
	if err != nil {
		return Envelope{}, err
	}
	return Envelope{To: address, Data: out[len(dst):], UTF8: utf8 || t.utf8}, nil
}

// Append writes the whole message of a reader behind dst. Its lines end with CRLF, the last one too.
// Errors are a *mail.Failure that says what is wrong with this reader, mail.Permanent; dst is returned as
// it was. They leave out that a value is missing, which merge.Program.Missing finds before.
func (t *Template) Append(dst []byte, r Recipient) ([]byte, error) {
	w := t.work.Get().(*work)
	defer t.work.Put(w)
	start := len(dst)
	out := slices.Grow(dst, t.size)
	for _, s := range t.signatures {
		out = append(out, s.text...)
	}
	out = append(out, t.head...)
	from := len(out)
	out, err := t.appendOwn(out, w, &r)
	if err != nil {
		return dst, err
	}
	to := len(out)
	out = append(out, '\r', '\n')
	w.hash.Reset()
	out = t.appendBody(out, w, &r)
	if len(t.signatures) == 0 {
		return out, nil
	}
	var sum [64]byte
	hash := w.hash.Sum(sum[:0])
	w.headers = appendRelaxed(append(w.headers[:0], t.relaxed...), out[from:to])
	at := start
	for _, s := range t.signatures {
		if w.scratch, err = s.fill(out[at:], hash, w.headers, w.scratch); err != nil {
			return dst, mail.NewFailure(mail.Temporary, err, "the message could not be signed for %s", s.key.Domain)
		}
		at += len(s.text)
	}
	return out, nil
}

func refused(cause error, format string, args ...any) error {
	return mail.NewFailure(mail.Permanent, cause, format, args...)
}

// appendOwn writes the headers that are the reader's own, in the order of the list own.
func (t *Template) appendOwn(dst []byte, w *work, r *Recipient) ([]byte, error) {
	address, _, err := mailbox(r.Address)
	if err != nil {
		return dst, refused(err, "the address %.254q cannot be written to", r.Address)
	}
	w.scratch = nameOf(w.scratch[:0], r.Name)
	dst = appendMailbox(dst, "To", string(w.scratch), address)
	if t.subject == nil {
		dst = append(dst, t.subjectLine...)
	} else {
		w.scratch = t.subject.Append(w.scratch[:0], r.Subject, r.Link)
		before := len(dst)
		if dst = subjectLine(dst, string(w.scratch)); len(dst) == before {
			return dst, refused(nil, "the subject is empty for %.254q; give its fields defaults", r.Address)
		}
	}
	if id := r.MessageID; !isMessageID(id) {
		return dst, refused(nil, "%.254q is no message id; it has the form name@example.com", id)
	}
	dst = append(append(append(dst, "Message-ID: <"...), r.MessageID...), ">\r\n"...)
	if r.Unsubscribe == "" {
		if t.unsubscribe != "" {
			dst = append(append(append(dst, "List-Unsubscribe: "...), t.unsubscribe...), '\r', '\n')
		}
		return dst, nil
	}
	once, known := oneClick(r.Unsubscribe)
	if !known {
		return dst, refused(nil, "%.200q is no page for unsubscribing; it has the form https://example.com/…", r.Unsubscribe)
	}
	dst = append(append(append(dst, "List-Unsubscribe: <"...), r.Unsubscribe...), '>')
	if t.unsubscribe != "" {
		dst = append(append(dst, ",\r\n "...), t.unsubscribe...)
	}
	dst = append(dst, '\r', '\n')
	if once {
		dst = append(dst, "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"...)
	}
	return dst, nil
}

// isMessageID reports a dot-atom on each side of the @ (RFC 5322, section 3.6.4).
func isMessageID(id string) bool {
	at := -1
	for i := range len(id) {
		switch c := id[i]; {
		case c == '@' && at < 0:
			at = i
		case c <= ' ' || c > '~' || c == '<' || c == '>' || c == '@' || c == '"' || c == '(' || c == ')' || c == '\\':
			return false
		}
	}
	return at > 0 && at < len(id)-1 && len(id) <= 250
}

// appendBody runs the steps. What signatures see is hashed along: dst from hashed on is still to come.
func (t *Template) appendBody(dst []byte, w *work, r *Recipient) []byte {
	hashed, column := len(dst), 0
	for i := 0; i < len(t.steps); {
		s := &t.steps[i]
		i++
		switch s.act {
		case frame, fixedText:
			if s.act == fixedText && column > 0 {
				dst = append(dst, softBreak...)
			}
			before := len(dst)
			dst = append(dst, s.text...)
			if s.relaxed != nil && len(t.signatures) > 0 {
				_, _ = w.hash.Write(dst[hashed:before])
				_, _ = w.hash.Write(s.relaxed)
				hashed = len(dst)
			}
			column = s.column
		case fieldText:
			w.scratch = s.op.AppendValue(w.scratch[:0], value(r, s))
			dst, column = appendQuoted(dst, w.scratch, column, true)
		case linkText:
			w.scratch = s.one.Append(w.scratch[:0], nil, r.Link)
			dst, column = appendQuoted(dst, w.scratch, column, true)
		case jump:
			if s.op.Jumps(value(r, s)) {
				i = s.jump
			}
		case pixel:
			const open = `<img src="`
			w.scratch = merge.HTMLAddress.Append(append(w.scratch[:0], open...), r.Pixel)
			if len(w.scratch) > len(open) {
				w.scratch = append(w.scratch, `" width="1" height="1" alt="" style="display:block;border:0;width:1px;height:1px">`...)
				dst, column = appendQuoted(dst, w.scratch, column, true)
			}
		}
	}
	if len(t.signatures) > 0 {
		_, _ = w.hash.Write(dst[hashed:])
	}
	return dst
}

// value is the reader's for a step; what is missing counts as empty.
func value(r *Recipient, s *step) string {
	values := r.Text
	if s.html {
		values = r.HTML
	}
	if s.op.Field < len(values) {
		return values[s.op.Field]
	}
	return ""
}
