package web

import (
	"crypto/rand"
	"io"
	netmail "net/mail"
	"slices"
	"strings"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/quote"
)

// mayMail reports whether quotes can be sent from here.
func (v *visit) mayMail() bool { return v.may(actor.QuoteWrite) && v.module().Mails != nil }

// sendDialog shows the letter before it goes out: to whom, in which language, with which file and link.
type sendDialog struct {
	Form      *input
	Card      quote.Card
	Proposal  quote.SendProposal
	Languages []option
	// Earlier is how often this version was sent before.
	Earlier int
	Sheet   string
}

func (s *screens) askSend(v *visit) error {
	id, err := key[quote.Tag](v, "id")
	if err != nil {
		return err
	}
	card, err := v.module().Quotes.Get(v.ctx(), id)
	if err != nil {
		return err
	}
	language, known := locale.ParseLanguage(v.r.URL.Query().Get("language"))
	if !known {
		language = "" // the quote's own
	}
	proposal, err := v.module().Quotes.SendPreview(v.ctx(), id, language)
	if err != nil {
		return err
	}
	f := v.blank("to", addressList(proposal.To), "cc", addressList(proposal.Cc), "subject", proposal.Subject, "text", proposal.Text,
		"language", string(proposal.Language), "key", rand.Text())
	return s.drawSend(v, f, card, proposal)
}

func (s *screens) drawSend(v *visit, f *input, card quote.Card, proposal quote.SendProposal) error {
	earlier, err := v.module().Quotes.Sendings(v.ctx(), card.Quote.ID)
	if err != nil {
		return err
	}
	d := sendDialog{
		Form: f, Card: card, Proposal: proposal, Languages: languageOptions(f.text("language")), Earlier: len(earlier),
		Sheet: v.link("/quotes", card.Quote.ID.String(), "pdf"),
	}
	return s.saleDialog(v, f.statusOf(), "quote_send", head{Title: v.t("quote.send"), Section: "quotes"}, d)
}

func addressList(all []mail.Address) string {
	out := make([]string, len(all))
	for i, a := range all {
		out[i] = a.String()
	}
	return strings.Join(out, ", ")
}

// addresses reads a list as people type it: "Szabó Éva <eva@example.com>, iroda@example.com".
func (f *input) addresses(name string) []mail.Address {
	text := f.text(name)
	if text == "" {
		return nil
	}
	text = strings.NewReplacer(";", ",", "\n", ",").Replace(text)
	parsed, err := netmail.ParseAddressList(text)
	var out []mail.Address
	if err == nil {
		for _, a := range parsed {
			out = append(out, mail.Address{Name: a.Name, Email: a.Address})
		}
		return out
	}
	for one := range strings.SplitSeq(text, ",") { // names with letters that the standard wants quoted
		one = strings.TrimSpace(one)
		called, address, found := strings.Cut(one, "<")
		if !found {
			called, address = "", one
		}
		if address = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(address), ">")); address != "" {
			out = append(out, mail.Address{Name: strings.Trim(strings.TrimSpace(called), `"`), Email: address})
		}
	}
	return out
}

func (s *screens) sendQuote(v *visit) error {
	id, err := key[quote.Tag](v, "id")
	if err != nil {
		return err
	}
	card, err := v.module().Quotes.Get(v.ctx(), id)
	if err != nil {
		return err
	}
	f := v.posted()
	if f.text("do") == "language" { // without script: the letter in another language
		return v.redirect(v.link("/quotes", id.String(), "send") + "?language=" + f.text("language"))
	}
	in := quote.SendInput{
		To: f.addresses("to"), Cc: f.addresses("cc"), Subject: f.text("subject"), Text: f.Values.Get("text"), Language: locale.Language(f.text("language")), Key: f.text("key"),
	}
	if len(in.To) == 0 {
		f.wrong("to", "fault.required")
	}
	if in.Annexes, err = v.annexes(); err != nil {
		return err
	}
	if !f.bad() {
		if _, err = v.module().Quotes.Send(v.ctx(), id, in); err == nil {
			v.done("quote.sent.done", addressList(in.To))
			return v.redirect(v.link("/quotes", id.String()))
		}
		if err := v.refuse(f, shortened(err)); err != nil {
			return err
		}
	}
	proposal, err := v.module().Quotes.SendPreview(v.ctx(), id, in.Language)
	if err != nil {
		return err
	}
	return s.drawSend(v, f, card, proposal)
}

// shortened puts the faults of one of several addresses or files at the field that holds them all.
func shortened(err error) error {
	names := map[string]string{}
	for _, one := range fault.Of(err) {
		if name, _, found := strings.Cut(one.Path, "["); found {
			names[one.Path] = name
		}
	}
	return repathed(err, names)
}

// annexes are the files that came with the form.
func (v *visit) annexes() ([]activity.File, error) {
	if v.r.MultipartForm == nil {
		return nil, nil
	}
	var out []activity.File
	for _, header := range v.r.MultipartForm.File["annexes"] {
		file, err := header.Open()
		if err != nil {
			return nil, err
		}
		content, err := io.ReadAll(file)
		_ = file.Close()
		if err != nil {
			return nil, err
		}
		if header.Filename != "" && len(content) > 0 {
			out = append(out, activity.File{Name: header.Filename, Content: content})
		}
	}
	return out, nil
}

// sendingRow is one sending with what became of it.
type sendingRow struct {
	quote.Sending
	StateText, Dot string
	// What a person can do about it.
	Retry, Dismiss, Cancel, Revoke bool
	// Closed says that the link opens nothing any more.
	Closed bool
}

var mailDots = map[mail.State]string{
	mail.Queued: "busy", mail.Sending: "busy", mail.Sent: "good", mail.Deferred: "watch", mail.Failed: "bad", mail.NoAnswer: "bad", mail.Cancelled: "quiet", mail.Dismissed: "quiet",
}

func (v *visit) sendings(id quote.ID) ([]sendingRow, error) {
	all, err := v.module().Quotes.Sendings(v.ctx(), id)
	if err != nil {
		return nil, err
	}
	out := make([]sendingRow, len(all))
	for i, one := range all {
		state, write := one.Mail.State, v.may(actor.QuoteWrite)
		out[i] = sendingRow{
			Sending: one, StateText: state.In(v.Locale.Language), Dot: mailDots[state], Closed: !one.RevokedAt.IsZero() || v.s.now().After(one.ExpiresAt),
			Retry:   write && slices.Contains([]mail.State{mail.Failed, mail.NoAnswer, mail.Deferred}, state),
			Dismiss: write && slices.Contains([]mail.State{mail.Failed, mail.NoAnswer}, state),
			Cancel:  write && slices.Contains([]mail.State{mail.Queued, mail.Deferred}, state),
		}
		out[i].Revoke = write && !out[i].Closed && state != mail.Cancelled
	}
	return out, nil
}

// onSending does something about a sending: tries it again, notes that it was dealt with, takes it back, or
// shuts its link.
func (s *screens) onSending(v *visit) error {
	id, err := key[quote.Tag](v, "id")
	if err != nil {
		return err
	}
	which, err := key[quote.SendingTag](v, "sending")
	if err != nil {
		return err
	}
	all, err := v.module().Quotes.Sendings(v.ctx(), id)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(all, func(one quote.Sending) bool { return one.ID == which })
	if at < 0 {
		return errNoPage
	}
	what := v.r.PathValue("what")
	switch what {
	case "retry":
		_, err = v.module().Mails.Resend(v.ctx(), all[at].MailID)
	case "dismiss":
		_, err = v.module().Mails.Dismiss(v.ctx(), all[at].MailID)
	case "cancel":
		_, err = v.module().Mails.Cancel(v.ctx(), all[at].MailID)
	case "revoke":
		_, err = v.module().Quotes.Revoke(v.ctx(), which)
	default:
		return errNoPage
	}
	if err != nil {
		return err
	}
	v.done("sending." + what + ".done")
	return v.redirect(v.link("/quotes", id.String()))
}
