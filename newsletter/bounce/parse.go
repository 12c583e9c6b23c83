package bounce

import (
	"bytes"
	"slices"
	"strings"
)

// Parse reads a raw mail (RFC 5322) that came to the address of returns. It never fails: what it does not
// understand is [Other]. Of a mail larger than 1 MB the rest is not looked at.
func Parse(raw []byte) Report {
	m := readMail(raw)
	r := Report{Subject: readableHeader(m.header.get("subject"))}
	r.Reference.Addresses = addressesOf(m.header)
	switch {
	case m.complaint(&r):
		r.Kind = Complaint
	case m.delivery(&r):
		r.Kind = Delivery
	case m.prose(&r):
		r.Kind = Delivery
	default:
		r.Kind = m.answer()
		r.Reference.MessageIDs = answered(m.header)
	}
	m.original(&r.Reference)
	r.Reference.MessageIDs = unique(r.Reference.MessageIDs, referenceLimit)
	r.Reference.Addresses = unique(r.Reference.Addresses, referenceLimit)
	return r
}

// referenceLimit is how many ids and addresses are kept of a report.
const referenceLimit = 20

// recipientLimit is how many recipients are kept of a report.
const recipientLimit = 100

// addressesOf gives the addresses that a mail was delivered to, the envelope's first.
func addressesOf(h header) []string {
	var all []string
	for _, key := range []string{"x-original-to", "delivered-to", "envelope-to", "x-envelope-to", "x-rcpt-to", "apparently-to", "to", "cc"} {
		for _, value := range h.all(key) {
			all = append(all, addresses(value)...)
		}
	}
	return all
}

// addresses finds what looks like addresses in a text: around each @ the characters that addresses have.
func addresses(text string) []string {
	var found []string
	for at := 0; len(found) < recipientLimit; {
		i := strings.IndexByte(text[at:], '@')
		if i < 0 {
			break
		}
		i += at
		begin, end := i, i+1
		for begin > 0 && isLocal(text[begin-1]) && i-begin < 254 {
			begin--
		}
		for end < len(text) && isDomain(text[end]) && end-i < 254 {
			end++
		}
		domain := strings.TrimRight(text[i+1:end], ".-")
		local := strings.TrimLeft(text[begin:i], ".'")
		if local != "" && domain != "" && len(local)+len(domain) < 254 {
			found = append(found, local+"@"+domain)
		}
		at = end
	}
	return found
}

func isLocal(c byte) bool {
	return c >= 0x80 || isDomain(c) || strings.IndexByte("!#$%&'*+/=?^_`{|}~", c) >= 0
}

func isDomain(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '.' || c == '-' || c >= 0x80
}

// first is the first address in a text, "" for none.
func first(text string) string {
	if found := addresses(text); len(found) > 0 {
		return found[0]
	}
	return ""
}

// typed takes the type off a typed value of RFC 3464 ("rfc822; anna@example.hu"), and decodes the form that
// addresses beyond ASCII have in reports (utf-8; RFC 6533, section 3).
func typed(text string) string {
	kind, value, ok := strings.Cut(text, ";")
	if !ok {
		return strings.TrimSpace(text)
	}
	value = strings.TrimSpace(value)
	if strings.EqualFold(strings.TrimSpace(kind), "utf-8") {
		return embedded(value)
	}
	return value
}

// embedded decodes \x{XXXX} (RFC 6533, section 3).
func embedded(text string) string {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(text, `\x{`)
		b.WriteString(before)
		digits, after, closed := strings.Cut(rest, "}")
		var r rune
		valid := ok && closed && len(digits) >= 2 && len(digits) <= 6
		for i := 0; valid && i < len(digits); i++ {
			n := strings.IndexByte("0123456789abcdef", digits[i]|0x20)
			valid = n >= 0
			r = r<<4 | rune(n)
		}
		if !valid {
			if ok {
				b.WriteString(`\x{` + rest)
			}
			return b.String()
		}
		b.WriteRune(r)
		text = after
	}
}

// delivery reads a report of standard form (RFC 3464 in the envelope of RFC 6522, or by itself).
func (m *mailParts) delivery(r *Report) bool {
	for i := range m.leaves {
		p := &m.leaves[i]
		if p.kind != "message/delivery-status" && p.kind != "message/global-delivery-status" {
			continue
		}
		message, rest := readHeader(bytes.TrimLeft(p.body, "\r\n"))
		r.Reference.EnvelopeID = line(message.get("original-envelope-id"))
		if message.get("final-recipient") != "" { // a server that forgets the group of the message
			rest = p.body
		}
		for len(bytes.TrimSpace(rest)) > 0 && len(r.Recipients) < recipientLimit {
			var group header
			group, rest = readHeader(bytes.TrimLeft(rest, "\r\n"))
			if found, ok := recipientOf(group); ok {
				found.Server = firstOf(found.Server, line(typed(message.get("reporting-mta"))))
				r.Recipients = append(r.Recipients, found)
			}
		}
	}
	if len(r.Recipients) == 0 {
		return false
	}
	m.explain(r)
	return true
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// recipientOf reads the group of one recipient.
func recipientOf(h header) (Recipient, bool) {
	r := Recipient{
		Address: line(strings.Trim(typed(h.get("final-recipient")), "<>")), Original: line(strings.Trim(typed(h.get("original-recipient")), "<>")),
		Action: Action(strings.ToLower(line(h.get("action")))), Server: line(typed(h.get("remote-mta"))), Text: line(typed(h.get("diagnostic-code"))),
	}
	if a, _, ok := strings.Cut(string(r.Action), " "); ok {
		r.Action = Action(a)
	}
	r.Status, _ = ParseCode(h.get("status"))
	if r.Address == "" && r.Original == "" || r.Action == "" && r.Status.IsZero() && r.Text == "" {
		return r, false
	}
	if a := first(r.Address); a != "" {
		r.Address = a
	}
	if a := first(r.Original); a != "" {
		r.Original = a
	}
	said := ParseAnswer(r.Text)
	r.Reply = said.Reply
	// The status that the reporting server gives is often rougher than what the other one said.
	if r.Status.IsZero() || r.Status.Detail == 0 && said.Status.Class == r.Status.Class && said.Status.Detail != 0 {
		if !said.Status.IsZero() {
			r.Status = said.Status
		}
	}
	r.settle(r.Text)
	return r, true
}

// settle fills in what follows from the rest and what was said: the action, where none is given, and the class.
func (r *Recipient) settle(said string) {
	switch r.Action {
	case Failed, Delayed, Delivered, Relayed, Expanded:
	default:
		r.Action = Failed
		if r.Status.Class == 4 || r.Status.IsZero() && r.Reply/100 == 4 {
			r.Action = Delayed
		}
		if r.Status.Class == 2 {
			r.Action = Delivered
		}
	}
	switch r.Action {
	case Failed:
		if r.Class = given(r.Status, r.Reply, said); r.Class == None { // "failed" with a code of success
			r.Class = Soft
		}
	case Delayed:
		r.Class = Temporary
	default:
		r.Class = None
	}
}

// explain classifies by the words for people where a report gives neither code nor answer that says
// anything.
func (m *mailParts) explain(r *Report) {
	var words string
	for i := range r.Recipients {
		to := &r.Recipients[i]
		if to.Action != Failed || to.Class != Soft || to.Text != "" && to.Status.Detail != 0 {
			continue
		}
		if words == "" {
			words = m.words()
		}
		if c := given(to.Status, to.Reply, words); c == Hard || c == Own {
			to.Class = c
		}
		if to.Text == "" {
			to.Text = line(words)
		}
	}
}

// words is the first text for people.
func (m *mailParts) words() string {
	for i := range m.leaves {
		if p := &m.leaves[i]; p.kind == "text/plain" || p.kind == "text/html" {
			return string(p.body[:min(len(p.body), 8<<10)])
		}
	}
	return ""
}

// original reads the header of the mail that came back, from the part that holds it.
func (m *mailParts) original(ref *Reference) {
	for i := range m.leaves {
		p := &m.leaves[i]
		switch p.kind {
		case "message/rfc822", "message/global", "text/rfc822-headers", "message/rfc822-headers", "message/global-headers":
			h, _ := readHeader(bytes.TrimLeft(p.body, "\r\n"))
			ref.takeFrom(h)
		}
	}
}

// takeFrom takes what a header of the original says.
func (ref *Reference) takeFrom(h header) {
	for _, key := range []string{"message-id", "x-message-id", "x-original-message-id"} {
		ref.MessageIDs = append(ref.MessageIDs, ids(h.get(key))...)
	}
	for _, key := range []string{"return-path", "x-return-path", "sender", "errors-to", "x-envelope-from"} {
		ref.Addresses = append(ref.Addresses, addresses(h.get(key))...)
	}
	ref.To = firstOf(ref.To, first(h.get("to")))
	ref.Subject = firstOf(ref.Subject, readableHeader(h.get("subject")))
	ref.ListID = firstOf(ref.ListID, line(strings.Trim(lastField(h.get("list-id")), "<>")))
}

func lastField(text string) string {
	f := strings.Fields(text)
	if len(f) == 0 {
		return ""
	}
	return f[len(f)-1]
}

// ids gives the message ids in a text, without angle brackets (RFC 5322, section 3.6.4).
func ids(text string) []string {
	var found []string
	for len(found) < referenceLimit {
		_, rest, ok := strings.Cut(text, "<")
		id, after, closed := strings.Cut(rest, ">")
		if !ok || !closed {
			break
		}
		if id = line(id); strings.Contains(id, "@") && !strings.ContainsAny(id, " <") {
			found = append(found, id)
		}
		text = after
	}
	return found
}

// answered gives the ids of the mail that an answer is about, the one it answers first.
func answered(h header) []string {
	found := ids(h.get("in-reply-to"))
	references := ids(h.get("references"))
	slices.Reverse(references)
	return append(found, references...)
}

// unique gives at most n of the texts, each once, in order.
func unique(texts []string, n int) []string {
	var kept []string
	for _, t := range texts {
		if t != "" && len(kept) < n && !slices.Contains(kept, t) {
			kept = append(kept, t)
		}
	}
	return kept
}
