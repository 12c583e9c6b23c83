package smtp

import (
	"bytes"
	netmail "net/mail"
	"strings"

	gomail "github.com/wneessen/go-mail"

	"github.com/crmplus/crmplus/crm/mail"
)

// signed are the headers that a signature covers; go-mail's own list lacks the addresses of answers and
// copies. They must fit into one line: go-mail 0.8.1 folds a longer list inside a name, but signs it
// unfolded, and no such signature verifies.
var signed = []string{"From", "To", "Cc", "Reply-To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type"}

// compose writes the message as RFC 5322 and MIME have it, all in ASCII unless an address itself is not.
// A signer is made for each message: one that is shared races.
func compose(m mail.Message, d *DKIM) ([]byte, error) {
	msg := gomail.NewMsg(gomail.WithCharset(gomail.CharsetUTF8), gomail.WithEncoding(gomail.EncodingQP), gomail.WithNoDefaultUserAgent())
	msg.FromMailAddress(header(m.From))
	msg.ToMailAddress(headers(m.To)...)
	if len(m.Cc) > 0 {
		msg.CcMailAddress(headers(m.Cc)...)
	}
	if !m.ReplyTo.IsZero() {
		msg.ReplyToMailAddress(header(m.ReplyTo))
	}
	msg.Subject(m.Subject)
	msg.SetMessageIDWithValue(m.MessageID)
	msg.SetDateWithValue(m.Date)
	if m.Language != "" {
		msg.SetGenHeader("Content-Language", string(m.Language))
	}
	msg.SetBodyString(gomail.TypeTextPlain, crlf(m.Text))
	if m.HTML != "" {
		msg.AddAlternativeString(gomail.TypeTextHTML, crlf(m.HTML))
	}
	for _, a := range m.Attachments {
		if err := msg.AttachReader(a.Name, bytes.NewReader(a.Content), gomail.WithFileContentType(gomail.ContentType(a.Type))); err != nil {
			return nil, err
		}
	}
	if d != nil && within(m.From.Email, d.Domain) {
		signer := gomail.NewDKIMSigner(d.Domain, d.Selector, d.Key)
		signer.SignHeaders(signed...)
		msg.SetDKIM(signer)
	}
	var b bytes.Buffer
	_, err := msg.WriteTo(&b)
	return b.Bytes(), err
}

func header(a mail.Address) *netmail.Address {
	return &netmail.Address{Name: a.Name, Address: a.Email}
}

func headers(list []mail.Address) []*netmail.Address {
	out := make([]*netmail.Address, len(list))
	for i, a := range list {
		out[i] = header(a)
	}
	return out
}

// within reports whether an address is of a domain or of one below it.
func within(email, domain string) bool {
	_, d, _ := strings.Cut(email, "@")
	return d == domain || strings.HasSuffix(d, "."+domain)
}

// crlf gives a text the line ends of mail.
func crlf(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n"), "\n", "\r\n")
}
