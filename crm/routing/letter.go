package routing

import (
	"context"
	"time"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// letter is what somebody who was given a lead is written.
type letter struct {
	user, name, rule, key string
	due                   time.Time
	lead                  lead.Lead
	locale                locale.Locale
}

// write queues the letter; errNoAddress where nobody knows where it should go, or from whom.
func (r *Routes) write(ctx context.Context, s *store.Session, l letter) error {
	if r.config.Mails == nil || r.config.Staff == nil || r.config.Sender == nil {
		return errNoAddress
	}
	to, err := r.config.Staff(ctx, s, l.user)
	if ignoreMissing(err) != nil {
		return err
	}
	from, err := r.config.Sender(ctx, s)
	if err != nil {
		return err
	}
	if to.Email == "" || from.Email == "" {
		return errNoAddress
	}
	language := l.locale.Language
	text := Texts.T(language, "mail.text", l.name)
	if l.lead.Interest != "" {
		text += "\n\n" + Texts.T(language, "mail.interest") + "\n" + l.lead.Interest
	}
	if !l.due.IsZero() {
		at := l.due.In(l.locale.Location())
		text += "\n\n" + Texts.T(language, "mail.due", language.Date(civil.Of(at))+" "+at.Format("15:04"))
	}
	if l.rule != "" {
		text += "\n\n" + Texts.T(language, "mail.rule", l.rule)
	}
	msg := mail.Message{
		From: from, To: []mail.Address{{Name: to.Name, Email: to.Email}}, Subject: party.Clean(Texts.T(language, "mail.subject", l.name), mail.MaxSubject),
		Language: language, Key: l.key, Purpose: "lead.routed", RecordKind: "lead", Record: mail.RecordID(l.lead.ID), Owner: party.Owner{User: l.user},
	}
	look := mail.Look{Language: language}
	if r.config.Link != nil {
		if link := r.config.Link(s.Actor.Company, l.lead.ID); link != "" {
			text += "\n\n" + link
			look.Links = []mail.Link{{URL: link, Label: Texts.T(language, "mail.open")}}
		}
	}
	msg.Text, msg.HTML = text, mail.HTML(text, look)
	_, err = r.config.Mails.In(s).Queue(ctx, msg)
	return err
}

// Texts are the words of tasks and mails.
var Texts = locale.Texts{
	"task.subject":  locale.Row("Válaszoljon az érdeklődőnek: %s", "Answer the lead: %s", "מענה לליד: %s", "Ответить лиду: %s", "Απαντήστε στον υποψήφιο πελάτη: %s"),
	"mail.subject":  locale.Row("Új érdeklődő Önnek: %s", "A new lead for you: %s", "ליד חדש עבורך: %s", "Новый лид для Вас: %s", "Νέος υποψήφιος πελάτης για εσάς: %s"),
	"mail.text":     locale.Row("Ön kapta ezt az érdeklődőt: %s.", "This lead is yours: %s.", "הליד הזה הוקצה לך: %s.", "Вам назначен лид: %s.", "Αυτός ο υποψήφιος πελάτης είναι δικός σας: %s."),
	"mail.interest": locale.Row("Ez érdekli:", "What is wanted:", "מה מבקשים:", "Что интересует:", "Τι ζητά:"),
	"mail.due":      locale.Row("Válaszoljon eddig: %s.", "Please answer by %s.", "נא להשיב עד %s.", "Ответьте, пожалуйста, до %s.", "Παρακαλούμε απαντήστε έως %s."),
	"mail.rule":     locale.Row("A szabály, amely Önnek adta: %s.", "The rule that gave it to you: %s.", "הכלל שהקצה אותו לך: %s.", "Правило, по которому он назначен: %s.", "Ο κανόνας που σας τον ανέθεσε: %s."),
	"mail.open":     locale.Row("Az érdeklődő megnyitása", "Open the lead", "פתיחת הליד", "Открыть лид", "Άνοιγμα υποψήφιου πελάτη"),
}
