package api

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/crm/setting"
)

// Choice is one entry of a list.
type Choice struct {
	Value    string            `json:"value" maxLength:"60" doc:"What records hold, in every language."`
	Texts    map[string]string `json:"texts" doc:"What readers see, by language."`
	Archived bool              `json:"archived,omitempty" doc:"It is no longer offered, but still has its text."`
}

// ChoiceList is a list in its order.
type ChoiceList struct {
	Name    string   `json:"name" enum:"lead_source,lost_reason,tag"`
	Version int64    `json:"version" doc:"0 while the list is the built-in one."`
	Choices []Choice `json:"choices"`
}

// Choices replace those of a list.
type Choices struct {
	Choices []Choice `json:"choices" maxItems:"200" doc:"In their order. One that is left out is gone: archive it, so that old records keep their text."`
}

func choiceListOf(l setting.ChoiceList) ChoiceList {
	return ChoiceList{string(l.Name), l.Version, each(l.Choices, func(c setting.Choice) Choice {
		return Choice{c.Value, textsOf(c.Texts), c.Archived}
	})}
}

func (c Choices) choices() []setting.Choice {
	return each(c.Choices, func(c Choice) setting.Choice {
		texts := make(map[locale.Language]string, len(c.Texts))
		for lang, text := range c.Texts {
			texts[locale.Language(lang)] = text
		}
		return setting.Choice{Value: c.Value, Texts: texts, Archived: c.Archived}
	})
}

// CompanyText is a text in one language as the company uses it.
type CompanyText struct {
	Name     string `json:"name" enum:"quote.cover,quote.closing,quote.terms,form.thanks"`
	Language string `json:"language" enum:"hu,en,he,ru,el"`
	Body     string `json:"body"`
	Own      bool   `json:"own" doc:"The company worded it; otherwise it is the built-in text."`
	Version  int64  `json:"version" doc:"0 for a built-in text."`
}

func companyTextOf(t setting.CompanyText) CompanyText {
	return CompanyText{string(t.Name), string(t.Language), t.Body, t.Own, t.Version}
}

// TextBody is what a text says.
type TextBody struct {
	Body string `json:"body" maxLength:"20000" doc:"Empty goes back to the built-in text."`
}

// MailTemplate is what mails of one purpose say in one language.
type MailTemplate struct {
	Purpose  string `json:"purpose" example:"quote.sent"`
	Language string `json:"language" enum:"hu,en,he,ru,el"`
	Subject  string `json:"subject"`
	Body     string `json:"body" doc:"Plain text; {quote.number} is a merge field, {{ a brace."`
	Own      bool   `json:"own" doc:"The company worded it; otherwise it is the built-in text."`
	Version  int64  `json:"version" doc:"0 for built-in words."`
}

func mailTemplateOf(t mail.Template) MailTemplate {
	return MailTemplate{t.Purpose, string(t.Language), t.Subject, t.Body, t.Own(), t.Version}
}

// MailWords are what a template says.
type MailWords struct {
	Subject string `json:"subject" maxLength:"200"`
	Body    string `json:"body" maxLength:"60000"`
}

// UserRights are what CRM+ keeps about one of the host's users: what he may do and see.
type UserRights struct {
	User       string    `json:"user" doc:"The host's key of the user."`
	Version    int64     `json:"version"`
	Name       string    `json:"name"`
	Role       string    `json:"role" enum:"reader,seller,manager,admin,listed"`
	Rights     []string  `json:"rights" doc:"What he may do now."`
	See        string    `json:"see" enum:"own,team,all"`
	Teams      []string  `json:"teams" doc:"The first is stamped on new records."`
	DisabledAt time.Time `json:"disabled_at,omitzero" doc:"Set on a user who may do nothing."`
	UpdatedAt  time.Time `json:"updated_at"`
	UpdatedBy  string    `json:"updated_by"`
}

func userRightsOf(u setting.User) UserRights {
	return UserRights{
		u.UserID, u.Version, u.Name, string(u.Role), each(u.Rights(), func(r actor.Right) string { return string(r) }), string(u.See),
		some([]string(u.Teams)), u.DisabledAt, u.UpdatedAt, u.UpdatedBy,
	}
}

// UserRightsDraft sets what a user may do.
type UserRightsDraft struct {
	Name     string   `json:"name" maxLength:"120"`
	Role     string   `json:"role" enum:"reader,seller,manager,admin,listed" doc:"listed: the rights are named one by one."`
	Rights   []string `json:"rights,omitempty" maxItems:"50" doc:"Of the role listed."`
	See      string   `json:"see,omitempty" enum:"own,team,all" doc:"own where it is left out."`
	Teams    []string `json:"teams,omitempty" maxItems:"20" maxLength:"64"`
	Disabled bool     `json:"disabled,omitempty" doc:"Takes all rights and keeps the rest."`
}

func (a *server) company() {
	a.choices()
	a.customFields()
	a.texts()
	a.templates()
	a.userRights()
}

const settings = "Settings"

func (a *server) choices() {
	add(a, route{ID: "list-choice-lists", Method: http.MethodGet, Path: "/choice-lists", Tag: settings, Rights: readers, Summary: "List all lists of choices"},
		func(ctx context.Context, m *crm.Module, _ *struct{}) (*Listed[ChoiceList], error) {
			var all []ChoiceList
			for _, name := range setting.Lists {
				l, err := m.Settings.Choices(ctx, name)
				if err != nil {
					return nil, err
				}
				all = append(all, choiceListOf(l))
			}
			return listed(callOf(ctx), all, ""), nil
		})
	add(a, route{ID: "get-choice-list", Method: http.MethodGet, Path: "/choice-lists/{name}", Tag: settings, Rights: readers, Summary: "Read a list of choices; the built-in one where nobody has changed it"},
		func(ctx context.Context, m *crm.Module, in *struct {
			Name string `path:"name" enum:"lead_source,lost_reason,tag"`
		}) (*Tagged[ChoiceList], error) {
			l, err := m.Settings.Choices(ctx, setting.ListName(in.Name))
			return &Tagged[ChoiceList]{etag(l.Version), choiceListOf(l)}, err
		})
	add(a, route{ID: "set-choice-list", Method: http.MethodPut, Path: "/choice-lists/{name}", Tag: settings, Rights: rights(actor.Settings), Summary: "Replace a list of choices", Doc: "If-Match is \"0\" while the list is the built-in one."},
		func(ctx context.Context, m *crm.Module, in *struct {
			Name string `path:"name" enum:"lead_source,lost_reason,tag"`
			Match
			Body Choices
		}) (*Tagged[ChoiceList], error) {
			was, err := m.Settings.Choices(ctx, setting.ListName(in.Name))
			if err == nil {
				err = in.holds(was.Version)
			}
			if err != nil {
				return nil, err
			}
			l, err := m.Settings.SetChoices(ctx, setting.ChoiceList{Name: was.Name, Version: was.Version, Choices: in.Body.choices()})
			return &Tagged[ChoiceList]{etag(l.Version), choiceListOf(l)}, err
		})
}

func (a *server) texts() {
	add(a, route{ID: "list-company-texts", Method: http.MethodGet, Path: "/company-texts", Tag: settings, Rights: readers, Summary: "List all texts of the company in all languages"},
		func(ctx context.Context, m *crm.Module, _ *struct{ Fields }) (*Listed[CompanyText], error) {
			all, err := m.Settings.CompanyTexts(ctx)
			return listed(callOf(ctx), each(all, companyTextOf), ""), err
		})
	add(a, route{ID: "set-company-text", Method: http.MethodPut, Path: "/company-texts/{name}/{language}", Tag: settings, Rights: rights(actor.Settings), Summary: "Word a text for the company", Doc: "If-Match is \"0\" while the text is the built-in one."},
		func(ctx context.Context, m *crm.Module, in *struct {
			Name     string `path:"name" enum:"quote.cover,quote.closing,quote.terms,form.thanks"`
			Language string `path:"language" enum:"hu,en,he,ru,el"`
			Match
			Body TextBody
		}) (*Tagged[CompanyText], error) {
			all, err := m.Settings.CompanyTexts(ctx)
			if err != nil {
				return nil, err
			}
			i := slices.IndexFunc(all, func(t setting.CompanyText) bool {
				return string(t.Name) == in.Name && string(t.Language) == in.Language
			})
			if err := in.holds(all[i].Version); err != nil {
				return nil, err
			}
			all[i].Body = in.Body.Body
			t, err := m.Settings.SetText(ctx, all[i])
			return &Tagged[CompanyText]{etag(t.Version), companyTextOf(t)}, err
		})
}

func (a *server) templates() {
	add(a, route{ID: "list-mail-templates", Method: http.MethodGet, Path: "/mail-templates", Tag: settings, Rights: rights(actor.ActivityRead), Summary: "List what mails say, by purpose and language"},
		func(ctx context.Context, m *crm.Module, _ *struct{ Fields }) (*Listed[MailTemplate], error) {
			var all []MailTemplate
			letters, err := m.Mails.Letters(ctx)
			if err != nil {
				return nil, err
			}
			for _, p := range m.Mails.Purposes() {
				letters = append(letters, p.Key)
			}
			for _, key := range letters {
				some, err := m.Mails.Templates(ctx, key)
				if err != nil {
					return nil, err
				}
				all = append(all, each(some, mailTemplateOf)...)
			}
			return listed(callOf(ctx), all, ""), nil
		})
	add(a, route{ID: "set-mail-template", Method: http.MethodPut, Path: "/mail-templates/{purpose}/{language}", Tag: settings, Rights: rights(actor.Settings), Summary: "Word a mail for the company", Doc: "If-Match is \"0\" while the words are the built-in ones, or there are none: rule.<noun>.<name> words a letter that rules send in the language of its reader."},
		func(ctx context.Context, m *crm.Module, in *struct {
			Purpose  string `path:"purpose" maxLength:"40"`
			Language string `path:"language" enum:"hu,en,he,ru,el"`
			Match
			Body MailWords
		}) (*Tagged[MailTemplate], error) {
			was, err := wording(ctx, m, in.Purpose, in.Language)
			if err == nil {
				err = in.holds(was.Version)
			}
			if err != nil {
				return nil, err
			}
			was.Subject, was.Body = in.Body.Subject, in.Body.Body
			t, err := m.Mails.SetTemplate(ctx, was)
			return &Tagged[MailTemplate]{etag(t.Version), mailTemplateOf(t)}, err
		})
	add(a, route{ID: "reset-mail-template", Method: http.MethodDelete, Path: "/mail-templates/{purpose}/{language}", Tag: settings, Rights: rights(actor.Settings), Summary: "Go back to the built-in words of a mail", Doc: "Done twice it changes nothing."},
		func(ctx context.Context, m *crm.Module, in *struct {
			Purpose  string `path:"purpose" maxLength:"40"`
			Language string `path:"language" enum:"hu,en,he,ru,el"`
		}) (*Empty, error) {
			was, err := wording(ctx, m, in.Purpose, in.Language)
			if err != nil || !was.Own() {
				return nil, err
			}
			return nil, m.Mails.ResetTemplate(ctx, was.ID, was.Version)
		})
}

// wording gives the words of a purpose in a language to whoever may change them.
func wording(ctx context.Context, m *crm.Module, purpose, language string) (mail.Template, error) {
	_, _, letter := mail.ReadLetter(purpose)
	if !letter && !slices.ContainsFunc(m.Mails.Purposes(), func(p mail.Purpose) bool { return p.Key == purpose }) {
		return mail.Template{}, fault.New(fault.NotFound, "there are no mails for %.40q; GET /mail-templates lists what mails are for", purpose)
	}
	return m.Mails.Template(ctx, purpose, locale.Language(language))
}

func (a *server) userRights() {
	may := rights(actor.Settings)
	add(a, route{ID: "list-user-rights", Method: http.MethodGet, Path: "/user-rights", Tag: settings, Rights: may, Summary: "List the users for whom CRM+ keeps rights, by name"},
		func(ctx context.Context, m *crm.Module, _ *struct{ Fields }) (*Listed[UserRights], error) {
			all, err := m.Settings.Users(ctx)
			return listed(callOf(ctx), each(all, userRightsOf), ""), err
		})
	add(a, route{ID: "set-user-rights", Method: http.MethodPut, Path: "/user-rights/{user}", Tag: settings, Rights: may, Summary: "Set what a user may do and see", Doc: "If-Match is \"0\" for a user for whom nothing is kept yet. A change that would leave nobody who may change settings is refused."},
		func(ctx context.Context, m *crm.Module, in *struct {
			User string `path:"user" maxLength:"64" doc:"The host's key of the user."`
			Match
			Body UserRightsDraft
		}) (*Tagged[UserRights], error) {
			all, err := m.Settings.Users(ctx)
			if err != nil {
				return nil, err
			}
			var was setting.User
			if i := slices.IndexFunc(all, func(u setting.User) bool { return u.UserID == in.User }); i >= 0 {
				was = all[i]
			}
			if err := in.holds(was.Version); err != nil {
				return nil, err
			}
			b := in.Body
			u, err := m.Settings.SetUser(ctx, setting.UserDraft{
				Version: was.Version, UserID: in.User, Name: b.Name, Role: setting.Role(b.Role), Rights: words[actor.Right](b.Rights),
				See: actor.Visibility(b.See), Teams: b.Teams, Disabled: b.Disabled,
			})
			return &Tagged[UserRights]{etag(u.Version), userRightsOf(u)}, err
		})
	add(a, route{ID: "remove-user-rights", Method: http.MethodDelete, Path: "/user-rights/{user}", Tag: settings, Rights: may, Summary: "Forget what a user may do; the host's own answer counts again"},
		func(ctx context.Context, m *crm.Module, in *struct {
			User string `path:"user" maxLength:"64"`
		}) (*Empty, error) {
			return nil, m.Settings.RemoveUser(ctx, in.User)
		})
}
