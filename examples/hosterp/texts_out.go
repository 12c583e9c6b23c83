package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	adapter "github.com/crmplus/crmplus/adapters/sms"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/newsletter"
	"github.com/crmplus/crmplus/newsletter/campaign"
	"github.com/crmplus/crmplus/newsletter/sms"
)

// textsOut is how campaigns on SMS leave: to a gateway of the program itself, whose messages lie beside the
// mails, and which reports and answers at the address that a real one would call.
func (s *shop) textsOut() newsletter.TextConfig {
	return newsletter.TextConfig{
		Gateways: map[string]campaign.Gateway{"": {Gateway: phonebox{s.keepText}, Sender: "+36201112233"}},
		Tariff: func(string) sms.Tariff {
			return sms.Tariff{Currency: "HUF", Prices: []sms.Price{
				{Prefix: "+36", Part: money.MustAmount("18.5")}, {Prefix: "+972", Part: money.MustAmount("32")}, {Prefix: "+30", Part: money.MustAmount("27")},
				{Prefix: "+7", Part: money.MustAmount("41")}, {Prefix: "+49", Part: money.MustAmount("35")}, {Prefix: "+", Part: money.MustAmount("49")},
			}}
		},
		Received: func(_ context.Context, m sms.Inbound) error {
			slog.Info("a message came that is for a person to read", "from", m.From, "text", m.Text)
			return nil
		},
	}
}

// phonebox stands for a gateway of text messages.
type phonebox struct {
	keep func(context.Context, sms.Message) error
}

// Send implements sms.Gateway.
func (b phonebox) Send(ctx context.Context, m sms.Message) (sms.Receipt, error) {
	if err := b.keep(ctx, m); err != nil {
		return sms.Receipt{}, mail.NewFailure(mail.Temporary, err, "the message cannot be kept")
	}
	return sms.Receipt{GatewayID: "box-" + m.ID}, nil
}

// textSubject marks messages among the mails.
const textSubject = "SMS "

// keepText lays a message beside the mails, and reports a little later that it was delivered.
func (s *shop) keepText(ctx context.Context, m sms.Message) error {
	from := s.letters().Sender(lettersCompany)
	if err := s.mails.Send(ctx, mail.Message{From: from, To: []mail.Address{{Email: m.To}}, Subject: textSubject + m.To, Text: m.Text}); err != nil {
		return err
	}
	go s.tellHook(context.WithoutCancel(ctx), map[string]string{"reference": m.ID, "status": "DELIVRD"})
	return nil
}

// hookHeader is the header with the gateway's secret.
const hookHeader = "X-Gateway-Key"

// hook says how the gateway tells; a real one's stands in its manual.
const hook = `{"format": "json", "check": {"by": "header", "name": "` + hookHeader + `"},
	"report": {"id": "reference", "status": "status", "states": {"DELIVRD": "delivered", "UNDELIV": "undelivered", "UNKNOWN": "no_such_number"}},
	"message": {"from": "from", "to": "to", "text": "text"}}`

// newTextHook is the address that the gateway calls.
func (s *shop) newTextHook() (http.Handler, error) {
	h, err := adapter.ParseHook([]byte(hook))
	if err != nil {
		return nil, err
	}
	return adapter.NewHandler(h, adapter.HandlerConfig{Company: lettersCompany, Secret: s.hookKey, Receiver: s.module.Newsletters.Texts()})
}

// newHookKey draws the gateway's secret.
func newHookKey() string {
	key := make([]byte, 24)
	_, _ = rand.Read(key) // never fails, says its documentation
	return fmt.Sprintf("%x", key)
}

// tellHook calls as the gateway would: it tries again for a while.
func (s *shop) tellHook(ctx context.Context, what map[string]string) {
	body, err := json.Marshal(what)
	if err != nil {
		return // words always can
	}
	for pause := time.Second; pause < time.Minute; pause *= 2 {
		time.Sleep(pause)
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.address+"/n/"+newsletter.TextPath, bytes.NewReader(body))
		if err != nil {
			slog.Error("the gateway cannot call", "error", err)
			return
		}
		request.Header.Set(hookHeader, s.hookKey)
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			continue
		}
		_ = answer.Body.Close()
		if answer.StatusCode < http.StatusInternalServerError {
			return
		}
	}
}

// answerText answers a message of the page as its reader would on his phone.
func (s *server) answerText(v *visit) error {
	number, text := v.r.PostFormValue("number"), v.r.PostFormValue("text")
	if !strings.HasPrefix(number, "+") {
		return v.redirect("/mails")
	}
	go s.tellHook(context.WithoutCancel(v.r.Context()), map[string]string{"from": number, "text": text})
	return v.redirect("/mails")
}
