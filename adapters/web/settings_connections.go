package web

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/apikey"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/crm/setting"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/crm/webhook"
	"github.com/crmplus/crmplus/erpbridge/convert"
)

func (s *screens) connectionRoutes() []route {
	return []route{
		{Pattern: "GET /settings/connections", Right: actor.Settings, Do: s.showConnections},
		{Pattern: "POST /settings/keys", Right: actor.Settings, Do: s.addKey},
		{Pattern: "POST /settings/keys/{id}/revoke", Right: actor.Settings, Do: s.revokeKey},
		{Pattern: "POST /settings/webhooks", Right: actor.Settings, Do: s.addWebhook},
		{Pattern: "POST /settings/webhooks/{id}/{verb}", Right: actor.Settings, Do: s.webhookVerb},
		{Pattern: "POST /settings/calls/{id}/retry", Right: actor.Convert, Do: s.retryHostCall},
		{Pattern: "POST /settings/calls/{id}/abandon", Right: actor.Convert, Do: s.abandonHostCall},
		{Pattern: "GET /settings/mails", Right: actor.Settings, Do: s.showMails},
		{Pattern: "POST /settings/mails/templates", Right: actor.Settings, Do: s.saveTemplate},
		{Pattern: "POST /settings/mails/{id}/{verb}", Right: actor.Settings, Do: s.mailVerb},
	}
}

const connectionPage = "/settings/connections"

// connections are the programs that work with CRM+: keys of the API, webhooks, calls to the ERP.
type connections struct {
	Keys     []keyRow
	Webhooks []hookRow
	Calls    []callRow
	Kinds    []string
	Rights   []option
	// Secret is shown this once, with what it is of.
	Secret, SecretOf string
}

type keyRow struct {
	apikey.Key
	State string
}

type hookRow struct {
	webhook.Webhook
	StateText, What string
}

type callRow struct {
	convert.Call
	CanRetry bool
}

func (s *screens) showConnections(v *visit) error {
	return s.drawConnections(v, v.blank(), connections{})
}

func (s *screens) drawConnections(v *visit, f *input, d connections) error {
	m := v.module()
	keys, err := m.Keys.List(v.ctx(), store.Page{Limit: 100})
	if err != nil {
		return err
	}
	for _, k := range keys.Keys {
		d.Keys = append(d.Keys, keyRow{k, string(k.StateAt(s.now()))})
	}
	hooks, err := m.Webhooks.List(v.ctx())
	if err != nil {
		return err
	}
	for _, h := range hooks {
		d.Webhooks = append(d.Webhooks, hookRow{h, h.State.In(v.Locale.Language), strings.Join(h.Kinds(), ", ")})
	}
	for _, k := range m.Webhooks.Kinds() {
		d.Kinds = append(d.Kinds, k.Name)
	}
	calls, err := m.Convert.Calls(v.ctx(), convert.CallFilter{Waiting: convert.WaitingForPerson, Page: store.Page{Limit: 50}})
	if err != nil {
		return err
	}
	for _, c := range calls.Rows {
		d.Calls = append(d.Calls, callRow{c, true})
	}
	for _, r := range v.Actor.Rights {
		d.Rights = append(d.Rights, option{Value: string(r), Label: setting.Texts.T(v.Locale.Language, "right."+string(r)), On: slices.Contains(f.Values["right"], string(r))})
	}
	return v.showSetting(f.statusOf(), "settings_connections", connectionPage, f, d)
}

func (s *screens) addKey(v *visit) error {
	f := v.posted()
	draft := apikey.Draft{Name: f.text("key_name"), See: v.Actor.See, Teams: v.Actor.Teams}
	for _, r := range f.Values["right"] {
		draft.Rights = append(draft.Rights, actor.Right(r))
	}
	if d := f.day("expires"); !d.IsZero() {
		draft.Expires = d.Time(v.zone()).Add(24 * time.Hour)
	}
	if f.bad() {
		return s.drawConnections(v, f, connections{})
	}
	made, err := v.module().Keys.Create(v.ctx(), draft)
	if err != nil {
		if err := v.refuse(f, err); err != nil {
			return err
		}
		return s.drawConnections(v, f, connections{})
	}
	return s.drawConnections(v, v.blank(), connections{Secret: made.Secret, SecretOf: made.Key.Name})
}

func (s *screens) revokeKey(v *visit) error {
	id, err := key[apikey.Tag](v, "id")
	if err != nil {
		return err
	}
	if _, err := v.module().Keys.Revoke(v.ctx(), id); err != nil {
		return err
	}
	v.done("key.revoked")
	return v.redirect(v.link(connectionPage))
}

func (s *screens) addWebhook(v *visit) error {
	f := v.posted()
	draft := webhook.Draft{Name: f.text("hook_name"), URL: f.text("url")}
	for kind := range strings.FieldsFuncSeq(f.Get("kinds"), func(r rune) bool { return r == ',' || r == ' ' || r == '\n' || r == '\r' }) {
		draft.Kinds = append(draft.Kinds, kind)
	}
	made, err := v.module().Webhooks.Create(v.ctx(), draft)
	if err != nil {
		if err := v.refuse(f, err); err != nil {
			return err
		}
		return s.drawConnections(v, f, connections{})
	}
	return s.drawConnections(v, v.blank(), connections{Secret: made.Secret, SecretOf: made.Webhook.Name})
}

func (s *screens) webhookVerb(v *visit) error {
	id, err := key[webhook.Tag](v, "id")
	if err != nil {
		return err
	}
	hooks := v.module().Webhooks
	switch v.r.PathValue("verb") {
	case "ping":
		answer, err := hooks.Ping(v.ctx(), id)
		if err != nil {
			return err
		}
		if answer.OK {
			v.done("hook.pinged", answer.StatusCode)
		} else {
			v.toast(toast{Text: v.sentence(answer.Reason), Bad: true})
		}
	case "pause":
		_, err = hooks.Pause(v.ctx(), id)
	case "resume":
		_, err = hooks.Resume(v.ctx(), id)
	case "rotate":
		var secret string
		if secret, err = hooks.Rotate(v.ctx(), id); err == nil {
			return s.drawConnections(v, v.blank(), connections{Secret: secret, SecretOf: v.t("hook.secret")})
		}
	case "remove":
		err = hooks.Remove(v.ctx(), id)
	default:
		return errNoPage
	}
	if err != nil {
		return err
	}
	return v.redirect(v.link(connectionPage))
}

func (s *screens) retryHostCall(v *visit) error {
	id, err := key[convert.CallTag](v, "id")
	if err != nil {
		return err
	}
	if _, err := v.module().Convert.Retry(v.ctx(), id); err != nil {
		return err
	}
	v.done("call.retried")
	return v.redirect(v.link(connectionPage))
}

func (s *screens) abandonHostCall(v *visit) error {
	id, err := key[convert.CallTag](v, "id")
	if err != nil {
		return err
	}
	if _, err := v.module().Convert.Abandon(v.ctx(), id, convert.Abandonment{Checked: v.r.PostFormValue("checked") != "", Note: v.r.PostFormValue("note")}); err != nil {
		return err
	}
	v.done("call.abandoned")
	return v.redirect(v.link(connectionPage))
}

// mailPage are the company's mail templates in one language, and mails that did not go out.
type mailPage struct {
	Language  locale.Language
	Languages []option
	Templates []mailTemplate
	// Letter is the form of a new letter for rules, nil for who may not word one.
	Letter *input
	Nouns  []option
	Stuck  []mail.Mail
	Ready  bool
}

type mailTemplate struct {
	mail.Template
	// Mark tells the forms of the page apart.
	Mark  string
	Title string
	Own   bool
	// Letter says that the company has made it for its rules, so that there is no built-in text.
	Letter bool
	Fields []option
	// SubjectFaults and BodyFaults are what is wrong with what was just posted.
	SubjectFaults, BodyFaults []string
}

func (s *screens) showMails(v *visit) error {
	language, ok := locale.ParseLanguage(v.r.URL.Query().Get("language"))
	if !ok {
		language = v.Locale.Language
	}
	return s.drawMails(v, v.blank(), language)
}

func (s *screens) drawMails(v *visit, f *input, language locale.Language) error {
	mails := v.module().Mails
	d := mailPage{Language: language, Ready: mails.Ready()}
	for _, l := range locale.Languages {
		d.Languages = append(d.Languages, option{Value: string(l), Label: l.Name(), On: l == language})
	}
	for i, p := range mails.Purposes() {
		one, err := v.mailTemplate(f, p.Key, language)
		if err != nil {
			return err
		}
		one.Mark, one.Title = fmt.Sprintf("mail-%d", i), v.t("mail.purpose."+p.Key)
		d.Templates = append(d.Templates, one)
	}
	if err := v.letters(&d, f, language); err != nil {
		return err
	}
	list, err := mails.List(v.ctx(), mail.Filter{States: []mail.State{mail.Failed, mail.NoAnswer, mail.Deferred}, Page: store.Page{Limit: 50}})
	if err != nil {
		return err
	}
	d.Stuck = list.Rows
	return v.showSetting(f.statusOf(), "settings_mails", "/settings/mails", f, d)
}

func (s *screens) saveTemplate(v *visit) error {
	f := v.posted()
	language, _ := locale.ParseLanguage(f.Get("language"))
	id, err := store.ParseKey[mail.TemplateTag](f.Get("id"))
	if err != nil && f.Get("id") != "" {
		return errNoPage
	}
	if f.Get("reset") != "" {
		err = v.module().Mails.ResetTemplate(v.ctx(), id, f.version("version"))
	} else {
		purpose := f.Get("purpose")
		if purpose == "" { // a new letter
			purpose = mail.Letter(f.text("letter_noun"), f.text("letter_name"))
		}
		t := mail.Template{ID: id, Purpose: purpose, Language: language, Subject: f.text("subject"), Body: strings.ReplaceAll(f.Get("body"), "\r\n", "\n")}
		t.Version = f.version("version")
		_, err = v.module().Mails.SetTemplate(v.ctx(), t)
	}
	if err != nil {
		if err := v.refuse(f, err); err != nil {
			return err
		}
		return s.drawMails(v, f, language)
	}
	v.done("settings.saved")
	return v.redirect(v.link("/settings/mails") + "?language=" + string(language))
}

func (s *screens) mailVerb(v *visit) error {
	id, err := key[mail.Tag](v, "id")
	if err != nil {
		return err
	}
	mails := v.module().Mails
	switch v.r.PathValue("verb") {
	case "resend":
		_, err = mails.Resend(v.ctx(), id)
	case "dismiss":
		_, err = mails.Dismiss(v.ctx(), id)
	case "cancel":
		_, err = mails.Cancel(v.ctx(), id)
	default:
		return errNoPage
	}
	if err != nil {
		return err
	}
	v.done("mail." + v.r.PathValue("verb"))
	return v.redirect(v.back(v.link("/settings/mails")))
}
