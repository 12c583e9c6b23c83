package subscription

import (
	"context"
	"strings"

	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/crm/store"
)

// Texter takes a short message into an outbox, as part of the session's transaction, and gives the id under which its
// delivery is known.
type Texter interface {
	Text(ctx context.Context, s *store.Session, to, text string) (messageID string, err error)
}

// Purposes are the letters of the package, for mail.Config.Purposes.
var Purposes = []mail.Purpose{ConfirmPurpose, KnownPurpose}

// ConfirmPurpose is the letter with the link by which a request is confirmed. It holds nothing that the one who asked
// has typed: it may go to somebody else.
var ConfirmPurpose = mail.Purpose{
	Key: "subscription.confirm", Fields: fields(),
	Defaults: map[locale.Language]mail.Words{
		locale.Hungarian: {
			Subject: "Kérjük, erősítse meg a feliratkozását – {company.name}",
			Body: "Jó napot kívánunk!\n\nEzzel a címmel feliratkozást kértek a következőre: {topics}.\n\nHa Ön kérte, erősítse meg itt:\n{link}\n\n" +
				"Ha nem Ön kérte, nincs teendője: megerősítés nélkül nem írunk Önnek.\n\n{company.name}",
		},
		locale.English: {
			Subject: "Please confirm your subscription – {company.name}",
			Body: "Hello,\n\nSomebody asked to subscribe this address to: {topics}.\n\nIf it was you, please confirm here:\n{link}\n\n" +
				"If it was not you, there is nothing to do: without a confirmation we will not write to you.\n\n{company.name}",
		},
		locale.Hebrew: {
			Subject: "נא לאשר את ההרשמה – {company.name}",
			Body: "שלום רב,\n\nהתקבלה בקשה לרשום כתובת זו אל: {topics}.\n\nאם הבקשה היא שלך, אפשר לאשר אותה כאן:\n{link}\n\n" +
				"אם הבקשה אינה שלך, אין צורך לעשות דבר: ללא אישור לא נשלח אליך הודעות.\n\n{company.name}",
		},
		locale.Russian: {
			Subject: "Подтвердите, пожалуйста, подписку – {company.name}",
			Body: "Здравствуйте!\n\nНа этот адрес запрошена подписка: {topics}.\n\nЕсли это были Вы, подтвердите её здесь:\n{link}\n\n" +
				"Если это были не Вы, ничего делать не нужно: без подтверждения мы писать не будем.\n\n{company.name}",
		},
		locale.Greek: {
			Subject: "Παρακαλούμε επιβεβαιώστε την εγγραφή σας – {company.name}",
			Body: "Γεια σας,\n\nΖητήθηκε η εγγραφή αυτής της διεύθυνσης σε: {topics}.\n\nΑν το ζητήσατε εσείς, επιβεβαιώστε το εδώ:\n{link}\n\n" +
				"Αν δεν το ζητήσατε, δεν χρειάζεται να κάνετε τίποτα: χωρίς επιβεβαίωση δεν θα σας γράψουμε.\n\n{company.name}",
		},
	},
}

// KnownPurpose is the letter to somebody who asks for what he has already, so that the answer on the page is the same for
// everybody.
var KnownPurpose = mail.Purpose{
	Key: "subscription.known", Fields: fields(),
	Defaults: map[locale.Language]mail.Words{
		locale.Hungarian: {
			Subject: "Ön már feliratkozott – {company.name}",
			Body:    "Jó napot kívánunk!\n\nEzzel a címmel már feliratkozott a következőre: {topics}.\n\nBeállításait itt módosíthatja:\n{link}\n\n{company.name}",
		},
		locale.English: {
			Subject: "You are subscribed already – {company.name}",
			Body:    "Hello,\n\nThis address is subscribed already to: {topics}.\n\nYou can change your choices here:\n{link}\n\n{company.name}",
		},
		locale.Hebrew: {
			Subject: "כתובת זו כבר רשומה – {company.name}",
			Body:    "שלום רב,\n\nכתובת זו כבר רשומה אל: {topics}.\n\nאפשר לשנות את ההעדפות כאן:\n{link}\n\n{company.name}",
		},
		locale.Russian: {
			Subject: "Вы уже подписаны – {company.name}",
			Body:    "Здравствуйте!\n\nЭтот адрес уже подписан: {topics}.\n\nИзменить настройки можно здесь:\n{link}\n\n{company.name}",
		},
		locale.Greek: {
			Subject: "Είστε ήδη εγγεγραμμένοι – {company.name}",
			Body:    "Γεια σας,\n\nΑυτή η διεύθυνση είναι ήδη εγγεγραμμένη σε: {topics}.\n\nΜπορείτε να αλλάξετε τις επιλογές σας εδώ:\n{link}\n\n{company.name}",
		},
	},
}

func fields() []mail.Field {
	return []mail.Field{
		{Name: "topics", Label: Texts["field.topics"]},
		{Name: "link", Label: Texts["field.link"], Required: true},
		{Name: "company.name", Label: Texts["field.company.name"]},
	}
}

// accent is the colour of the button in the letters.
const accent, onAccent = "#1f3a5f", "#ffffff"

// letter queues one of the letters, and gives the Message-ID that its reader can be shown.
func (n *Subscriptions) letter(ctx context.Context, s *store.Session, p mail.Purpose, r request, topics []Topic, link string) (string, error) {
	mails := n.config.Mails.In(s)
	template, err := mails.Template(ctx, p.Key, r.Language)
	if err != nil {
		return "", err
	}
	names := make([]string, len(topics))
	for i, t := range topics {
		text, _ := t.In(r.Language)
		names[i] = text.Name
	}
	from := n.config.Sender(s.Actor.Company)
	words, err := p.Merge(mail.Words{Subject: template.Subject, Body: template.Body}, r.Language, map[string]mail.Value{
		"topics": mail.TextValue(strings.Join(names, ", ")), "link": mail.TextValue(link), "company.name": mail.TextValue(n.companyName(s.Actor.Company)),
	})
	if err != nil {
		return "", err
	}
	queued, err := mails.Queue(ctx, mail.Message{
		From: from, To: []mail.Address{{Email: r.Address}}, Subject: words.Subject, Text: words.Body, Language: r.Language,
		HTML: mail.HTML(words.Body, mail.Look{
			Language: r.Language, Accent: accent, OnAccent: onAccent, Links: []mail.Link{{URL: link, Label: Texts.T(r.Language, "button."+p.Key)}},
		}),
		Key: "subscription:" + r.ID.String(), Purpose: p.Key, RecordKind: "subscription", Record: mail.RecordID(r.ID), Party: r.PartyID,
	})
	if err != nil {
		return "", err
	}
	m, err := queued.Message()
	return m.MessageID, err
}
