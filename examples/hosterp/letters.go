package main

import (
	"bytes"
	"context"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/http"
	netmail "net/mail"
	"strings"

	"github.com/crmplus/crmplus/adapters/web"
	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/newsletter"
	"github.com/crmplus/crmplus/newsletter/campaign"
	"github.com/crmplus/crmplus/newsletter/message"
	"github.com/crmplus/crmplus/newsletter/subscription"
)

// letters are the newsletters of the companies: they leave from the company's own mailbox into that of the
// program, whose readers' pages are below its own address.
func (s *shop) letters() crm.NewsletterConfig {
	return crm.NewsletterConfig{
		PublicURL: s.address + "/n/", Transports: map[string]campaign.Transport{"": {Transport: letterbox{s.mails.Send}}},
		Texts: s.textsOut(),
		Sender: func(company string) mail.Address {
			for _, c := range s.companies {
				if c.Key == company {
					return mail.Address{Name: c.Name, Email: c.Email}
				}
			}
			return mail.Address{}
		},
	}
}

// letterbox stands for a mail server that takes many letters over one connection.
type letterbox struct {
	keep func(context.Context, mail.Message) error
}

// Dial implements message.Transport.
func (b letterbox) Dial(context.Context) (message.Conn, error) { return b, nil }

// Send implements message.Conn.
func (b letterbox) Send(ctx context.Context, e message.Envelope, end func(error)) error {
	m, err := readLetter(e)
	if err == nil {
		err = b.keep(ctx, m)
	}
	if err != nil {
		err = mail.NewFailure(mail.Permanent, err, "the letter cannot be read")
	}
	end(err)
	return nil
}

// Close implements message.Conn.
func (b letterbox) Close(context.Context) error { return nil }

// readLetter takes the subject and the two bodies out of a message.
func readLetter(e message.Envelope) (mail.Message, error) {
	out := mail.Message{To: []mail.Address{{Email: e.To}}}
	raw, err := netmail.ReadMessage(bytes.NewReader(e.Data))
	if err != nil {
		return out, err
	}
	if out.Subject, err = new(mime.WordDecoder).DecodeHeader(raw.Header.Get("Subject")); err != nil {
		return out, err
	}
	if from, err := netmail.ParseAddress(raw.Header.Get("From")); err == nil {
		out.From = mail.Address{Name: from.Name, Email: from.Address}
	}
	_, params, err := mime.ParseMediaType(raw.Header.Get("Content-Type"))
	if err != nil {
		return out, err
	}
	parts := multipart.NewReader(raw.Body, params["boundary"])
	for {
		part, err := parts.NextRawPart()
		if err != nil {
			if err == io.EOF {
				err = nil
			}
			return out, err
		}
		var body io.Reader = part
		if strings.EqualFold(part.Header.Get("Content-Transfer-Encoding"), "quoted-printable") {
			body = quotedprintable.NewReader(part)
		}
		text, err := io.ReadAll(body)
		if err != nil {
			return out, err
		}
		if strings.HasPrefix(part.Header.Get("Content-Type"), "text/html") {
			out.HTML = string(text)
		} else if out.Text == "" {
			out.Text = string(text)
		}
	}
}

// offered is what visitors of a company's web site can ask for: its first public newsletter.
func (s *shop) offered(company string) ([]subscription.TopicID, error) {
	topics, err := s.module.Newsletters.Subscriptions.Topics(actor.With(context.Background(), actor.System(company, "start")))
	for _, t := range topics {
		if t.Offer == subscription.Public && t.Channel == subscription.Email && t.Open() {
			return []subscription.TopicID{t.ID}, err
		}
	}
	return nil, err
}

// routeLetters serves the pages behind the links in newsletters.
func (s *server) routeLetters(mux *http.ServeMux) {
	tracks := web.NewTrackPages(s.recorder, web.TrackConfig{Letter: s.module.Newsletters.View})
	mux.Handle("/n/"+newsletter.SubscriptionPath, s.readers)
	mux.Handle("/n/"+newsletter.TextPath, s.gateway)
	mux.Handle("/n/"+newsletter.BouncePath, s.bounces)
	mux.HandleFunc("/n/"+newsletter.ClickPath, tracks.Click)
	mux.HandleFunc("/n/"+newsletter.PixelPath, tracks.Open)
	mux.HandleFunc("/n/"+newsletter.ViewPath, tracks.View)
}
