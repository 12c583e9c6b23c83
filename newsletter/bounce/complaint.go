package bounce

import (
	"bytes"
	"net/mail"
	"strings"
)

// complaint reads a report of abuse (RFC 5965).
func (m *mailParts) complaint(r *Report) bool {
	for i := range m.leaves {
		p := &m.leaves[i]
		if p.kind != "message/feedback-report" {
			continue
		}
		h, _ := readHeader(bytes.TrimLeft(p.body, "\r\n"))
		kind := strings.ToLower(line(h.get("feedback-type")))
		if kind == "" {
			continue
		}
		r.Complaint = &Feedback{Type: kind, Agent: line(h.get("user-agent")), Source: line(h.get("source-ip"))}
		for _, key := range []string{"arrival-date", "received-date"} {
			if at, err := mail.ParseDate(h.get(key)); err == nil && r.Complaint.At.IsZero() {
				r.Complaint.At = at.UTC()
			}
		}
		// Our return path stands in the report itself, however the report was addressed.
		r.Reference.Addresses = append(addresses(h.get("original-mail-from")), r.Reference.Addresses...)
		r.Reference.EnvelopeID = line(h.get("original-envelope-id"))
		for _, to := range append(h.all("original-rcpt-to"), h.all("removal-recipient")...) {
			if a := first(to); a != "" && len(r.Recipients) < recipientLimit {
				r.Recipients = append(r.Recipients, Recipient{Address: a, Class: None})
			}
		}
		return true
	}
	return m.forwarded(r)
}

// forwarded reads a complaint of Outlook.com, which comes as the mail itself, with a field that names the
// reader.
func (m *mailParts) forwarded(r *Report) bool {
	const field = "x-hmxmroriginalrecipient"
	to := first(m.header.get(field))
	for i := range m.leaves {
		if p := &m.leaves[i]; to == "" && p.kind == "message/rfc822" {
			h, _ := readHeader(bytes.TrimLeft(p.body, "\r\n"))
			to = first(h.get(field))
		}
	}
	if to == "" {
		return false
	}
	r.Complaint = &Feedback{Type: "abuse", Agent: "outlook.com"}
	r.Recipients = []Recipient{{Address: to, Class: None}}
	return true
}
