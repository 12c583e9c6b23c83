package main

import (
	"context"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/erpbridge"
)

// mailbox stands for a mail server: what CRM+ sends stays here, and the ERP's page of mails shows it, so
// that whoever tries the program can open a quote as its reader does.
type mailbox struct {
	mu   sync.Mutex
	sent []mail.Message
}

const mailsKept = 200

// Send keeps the message; the same one twice would be a fault that the demonstration shows.
func (b *mailbox) Send(_ context.Context, m mail.Message) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sent = append(b.sent, m)
	if len(b.sent) > mailsKept {
		b.sent = slices.Delete(b.sent, 0, len(b.sent)-mailsKept)
	}
	return nil
}

// from gives what a company sent, the latest first.
func (b *mailbox) from(address string) []mail.Message {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []mail.Message
	for _, m := range slices.Backward(b.sent) {
		if strings.EqualFold(m.From.Email, address) {
			out = append(out, m)
		}
	}
	return out
}

// letter is a mail on the page.
type letter struct {
	mail.Message
	// Links are the addresses in the text.
	Links []string
	// Number is that of a text message's reader, "" of a mail.
	Number string
}

var linkInText = regexp.MustCompile(`https?://[^\s<>"]+`)

func (s *server) listMails(v *visit) error {
	var company erpbridge.Company
	err := v.host(func(ctx context.Context, hs erpbridge.Session) (err error) {
		company, err = s.books.Host().Companies.Company(ctx, hs)
		return err
	})
	if err != nil {
		return err
	}
	var view []letter
	for _, m := range s.mails.from(company.Email) {
		one := letter{Message: m, Links: linkInText.FindAllString(m.Text, -1)}
		if number, ok := strings.CutPrefix(m.Subject, textSubject); ok {
			one.Number = number
		}
		view = append(view, one)
	}
	return v.show(http.StatusOK, "mails.html", "menu.mails", view)
}
