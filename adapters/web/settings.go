package web

import (
	"net/http"
	"slices"
	"strings"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/notice"
	"github.com/crmplus/crmplus/crm/setting"
)

func (s *screens) settingRoutes() []route {
	return slices.Concat(s.fieldRoutes(), []route{
		{Pattern: "GET /settings", Do: s.showPersonal},
		{Pattern: "POST /settings", Do: s.savePersonal},
		{Pattern: "GET /settings/lists", Right: actor.Settings, Do: s.showLists},
		{Pattern: "POST /settings/lists/{name}", Right: actor.Settings, Do: s.saveList},
		{Pattern: "GET /settings/texts", Right: actor.Settings, Do: s.showTexts},
		{Pattern: "POST /settings/texts", Right: actor.Settings, Do: s.saveText},
		{Pattern: "GET /settings/users", Right: actor.Settings, Do: s.showUsers},
		{Pattern: "GET /settings/users/{id}", Right: actor.Settings, Do: s.editUser},
		{Pattern: "POST /settings/users/{id}", Right: actor.Settings, Do: s.saveUser},
		{Pattern: "POST /settings/users/{id}/remove", Right: actor.Settings, Do: s.removeUser},
	}, s.workdayRoutes(), s.routingRoutes(), s.absenceRoutes(), s.rateRoutes(), s.scoringRoutes(), s.clockRoutes(), s.pipelineRoutes(), s.connectionRoutes())
}

// settingTabs are the pages of settings that the visitor may see.
func (v *visit) settingTabs(here string) []menuItem {
	var out []menuItem
	for _, m := range []menuEntry{
		{"/settings", "settings.personal", "user", ""}, {"/settings/pipelines", "settings.pipelines", "square-kanban", actor.Settings},
		{"/settings/calendar", "settings.calendar", "calendar", actor.Settings}, {routingPage, "settings.routing", "split", actor.Settings}, {scoringPage, "settings.scoring", "target", actor.Settings}, {clockPage, "settings.clocks", "timer", actor.Settings}, {regulationPage, "settings.regulations", "hourglass", actor.Settings}, {processPage, "settings.processes", "clipboard-check", actor.Settings}, {absencePage, "settings.absences", "user-x", actor.LeadWrite}, {valuePlanPage, "settings.values", "star", actor.Settings}, {commissionSettings, "settings.commission", "percent", actor.Settings}, {ratePage, "settings.rates", "landmark", actor.Settings}, {"/settings/lists", "settings.lists", "list", actor.Settings}, {"/settings/texts", "settings.texts", "languages", actor.Settings},
		{"/settings/mails", "settings.mails", "mail", actor.Settings},
		{"/settings/fields", "settings.fields", "columns-3", actor.Settings}, {"/settings/users", "settings.users", "users", actor.Settings}, {"/settings/connections", "settings.connections", "plug", actor.Settings},
	} {
		if m.needs == "" || v.may(m.needs) {
			out = append(out, menuItem{Path: v.link(m.path), Key: m.key, Icon: m.icon, Here: m.path == here})
		}
	}
	return out
}

// settingPage is what every page of settings has.
type settingPage struct {
	Tabs []menuItem
	Form *input
	V    any
}

func (v *visit) showSetting(status int, name, at string, f *input, data any) error {
	if f == nil {
		f = v.blank()
	}
	return v.show(status, name, head{Title: v.t("menu.settings"), Section: "settings"}, settingPage{Tabs: v.settingTabs(at), Form: f, V: data})
}

// personalForm is what a user sets for himself.
type personalForm struct {
	Languages, Themes, Densities []option
	Zones                        []string
	Notices                      []option
}

// zones are offered; any other of the IANA database can be typed.
var zones = []string{"Europe/Budapest", "Europe/Athens", "Asia/Jerusalem", "Europe/Moscow", "Europe/London", "Europe/Berlin", "Europe/Bucharest", "Europe/Kyiv", "America/New_York", "UTC"}

func (s *screens) showPersonal(v *visit) error {
	p := v.prefs
	return s.drawPersonal(v, v.blank("language", string(p.Language), "zone", p.Zone, "theme", string(p.Theme), "density", string(p.Density)), p.Muted)
}

func (s *screens) drawPersonal(v *visit, f *input, muted []string) error {
	d := personalForm{
		Languages: []option{{Label: v.t("settings.as_host")}}, Zones: zones,
		Themes:    v.options("theme.", f.Get("theme"), "auto", "light", "dark"),
		Densities: v.options("density.", f.Get("density"), "comfortable", "compact"),
	}
	for _, l := range locale.Languages {
		d.Languages = append(d.Languages, option{Value: string(l), Label: l.Name()})
	}
	for _, k := range notice.Kinds {
		d.Notices = append(d.Notices, option{Value: string(k), Label: notice.Texts.T(v.Locale.Language, string(k)), On: !slices.Contains(muted, string(k))})
	}
	return v.showSetting(f.statusOf(), "settings_personal", "/settings", f, d)
}

func (s *screens) savePersonal(v *visit) error {
	f := v.posted()
	language, zone := locale.Language(f.Get("language")), f.text("zone")
	theme, density := setting.Theme(f.Get("theme")), setting.Density(f.Get("density"))
	if theme == "auto" {
		theme = ""
	}
	muted := []string{}
	for _, k := range notice.Kinds {
		if !slices.Contains(f.Values["notice"], string(k)) {
			muted = append(muted, string(k))
		}
	}
	_, err := v.module().Settings.SetPreferences(v.ctx(), setting.Patch{Language: &language, Zone: &zone, Theme: &theme, Density: &density, Muted: &muted})
	if err != nil {
		if err := v.refuse(f, err); err != nil {
			return err
		}
		return s.drawPersonal(v, f, muted)
	}
	v.done("settings.saved")
	return v.redirect(v.link("/settings"))
}

// choiceLists are the company's lists of choices.
type choiceLists struct{ Lists []choiceList }

type choiceList struct {
	setting.ChoiceList
	Title     string
	Languages []locale.Language
}

func (s *screens) showLists(v *visit) error {
	return s.drawLists(v, v.blank(), nil)
}

func (s *screens) drawLists(v *visit, f *input, typed *setting.ChoiceList) error {
	var d choiceLists
	for _, name := range setting.Lists {
		l, err := v.module().Settings.Choices(v.ctx(), name)
		if err != nil {
			return err
		}
		if typed != nil && typed.Name == name {
			l.Choices = typed.Choices
		}
		d.Lists = append(d.Lists, choiceList{ChoiceList: l, Title: v.t("list." + string(name)), Languages: locale.Languages})
	}
	return v.showSetting(f.statusOf(), "settings_lists", "/settings/lists", f, d)
}

// saveList takes a list as it stands in the form: a row whose texts are all empty is left out.
func (s *screens) saveList(v *visit) error {
	f := v.posted()
	name := setting.ListName(v.r.PathValue("name"))
	if !slices.Contains(setting.Lists, name) {
		return errNoPage
	}
	l := setting.ChoiceList{Name: name, Version: f.version("version")}
	values, archived := f.Values["value"], f.Values["archived"]
	for i, value := range values {
		c := setting.Choice{Value: strings.TrimSpace(value), Texts: map[locale.Language]string{}, Archived: slices.Contains(archived, value) && value != ""}
		for _, language := range locale.Languages {
			if texts := f.Values["text_"+string(language)]; i < len(texts) && strings.TrimSpace(texts[i]) != "" {
				c.Texts[language] = strings.TrimSpace(texts[i])
			}
		}
		if len(c.Texts) == 0 {
			continue
		}
		if c.Value == "" {
			c.Value = valueOf(c.Texts[v.Locale.Language], c.Texts)
		}
		l.Choices = append(l.Choices, c)
	}
	if _, err := v.module().Settings.SetChoices(v.ctx(), l); err != nil {
		if err := v.refuse(f, err); err != nil {
			return err
		}
		return s.drawLists(v, f, &l)
	}
	v.done("settings.saved")
	return v.redirect(v.link("/settings/lists"))
}

// valueOf is what records hold of a choice that was typed in: its text, in the typist's language.
func valueOf(own string, all map[locale.Language]string) string {
	if own == "" {
		for _, l := range locale.Languages {
			if own == "" {
				own = all[l]
			}
		}
	}
	if runes := []rune(own); len(runes) > 60 {
		own = string(runes[:60])
	}
	return own
}

// companyTexts are the texts that a company words for itself, in one language.
type companyTexts struct {
	Language  locale.Language
	Languages []option
	Texts     []companyText
}

type companyText struct {
	setting.CompanyText
	Title string
	// Fields are those that the text may name.
	Fields []option
	// Faults are what is wrong with what was just posted.
	Faults []string
}

func (s *screens) showTexts(v *visit) error {
	language, ok := locale.ParseLanguage(v.r.URL.Query().Get("language"))
	if !ok {
		language = v.Locale.Language
	}
	return s.drawTexts(v, v.blank(), language)
}

func (s *screens) drawTexts(v *visit, f *input, language locale.Language) error {
	all, err := v.module().Settings.CompanyTexts(v.ctx())
	if err != nil {
		return err
	}
	d := companyTexts{Language: language}
	for _, l := range locale.Languages {
		d.Languages = append(d.Languages, option{Value: string(l), Label: l.Name(), On: l == language})
	}
	for _, t := range all {
		if t.Language != language {
			continue
		}
		one := companyText{CompanyText: t, Title: v.t("text." + string(t.Name))}
		if f.Get("name") == string(t.Name) {
			one.Body, one.Faults = f.Get("body"), f.Faults["body"]
		}
		if (t.Name == setting.QuoteCover || t.Name == setting.QuoteClosing) && v.may(actor.QuoteRead) {
			if one.Fields, err = v.quoteMergeFields(); err != nil {
				return err
			}
		}
		d.Texts = append(d.Texts, one)
	}
	return v.showSetting(f.statusOf(), "settings_texts", "/settings/texts", f, d)
}

func (s *screens) saveText(v *visit) error {
	f := v.posted()
	language, _ := locale.ParseLanguage(f.Get("language"))
	_, err := v.module().Settings.SetText(v.ctx(), setting.CompanyText{Name: setting.TextName(f.Get("name")), Language: language, Body: f.text("body"), Version: f.version("version")})
	if err != nil {
		if err := v.refuse(f, err); err != nil {
			return err
		}
		return s.drawTexts(v, f, language)
	}
	v.done("settings.saved")
	return v.redirect(v.link("/settings/texts") + "?language=" + string(language))
}

// userRights is the page of users: those of the host, with what CRM+ keeps about them.
type userRights struct{ Rows []userRow }

type userRow struct {
	ID, Name, Title, Role, See string
	Disabled, Kept             bool
}

func (s *screens) showUsers(v *visit) error {
	kept, err := v.module().Settings.Users(v.ctx())
	if err != nil {
		return err
	}
	colleagues, err := v.colleagues()
	if err != nil {
		return err
	}
	var d userRights
	for _, u := range colleagues {
		row := userRow{ID: u.ID, Name: u.Name, Title: u.JobTitle}
		if at := slices.IndexFunc(kept, func(k setting.User) bool { return k.UserID == u.ID }); at >= 0 {
			row = v.keptRow(row, kept[at])
			kept = slices.Delete(kept, at, at+1)
		}
		d.Rows = append(d.Rows, row)
	}
	for _, k := range kept {
		d.Rows = append(d.Rows, v.keptRow(userRow{ID: k.UserID, Name: k.Name}, k))
	}
	return v.showSetting(http.StatusOK, "settings_users", "/settings/users", nil, d)
}

func (v *visit) keptRow(row userRow, k setting.User) userRow {
	row.Kept, row.Disabled = true, !k.DisabledAt.IsZero()
	row.Role, row.See = setting.RoleText(k.Role, v.Locale.Language), setting.Texts.T(v.Locale.Language, "see."+string(k.See))
	return row
}

// userForm is the dialog of one user's rights.
type userForm struct {
	ID, Name   string
	Form       *input
	Roles, See []option
	Rights     []option
	Kept       bool
}

func (s *screens) editUser(v *visit) error {
	id := v.r.PathValue("id")
	kept, err := v.module().Settings.Users(v.ctx())
	if err != nil {
		return err
	}
	f := v.blank("role", string(setting.SellerRole), "see", string(actor.Own))
	var rights []string
	if at := slices.IndexFunc(kept, func(k setting.User) bool { return k.UserID == id }); at >= 0 {
		k := kept[at]
		f = v.blank("role", string(k.Role), "see", string(k.See), "teams", strings.Join(k.Teams, ", "), "version", formatVersion(k.Version))
		if !k.DisabledAt.IsZero() {
			f.Values.Set("disabled", "on")
		}
		rights = k.RightList
		return s.drawUser(v, f, userForm{ID: id, Name: k.Name, Kept: true}, rights)
	}
	names, err := v.names()
	if err != nil {
		return err
	}
	if names[id] == "" {
		return errNoPage
	}
	return s.drawUser(v, f, userForm{ID: id, Name: names[id]}, nil)
}

func (s *screens) drawUser(v *visit, f *input, d userForm, rights []string) error {
	d.Form = f
	for _, r := range setting.Roles {
		d.Roles = append(d.Roles, option{Value: string(r), Label: setting.RoleText(r, v.Locale.Language)})
	}
	for _, see := range []actor.Visibility{actor.Own, actor.Team, actor.All} {
		d.See = append(d.See, option{Value: string(see), Label: setting.Texts.T(v.Locale.Language, "see."+string(see))})
	}
	for _, r := range setting.AllRights {
		d.Rights = append(d.Rights, option{Value: string(r), Label: setting.Texts.T(v.Locale.Language, "right."+string(r)), On: slices.Contains(rights, string(r))})
	}
	if v.part() {
		return v.fill(f.statusOf(), "settings_user", "dialog", d)
	}
	return v.show(f.statusOf(), "settings_user", head{Title: d.Name, Section: "settings", Crumbs: []crumb{{v.t("settings.users"), v.link("/settings/users")}}}, d)
}

func (s *screens) saveUser(v *visit) error {
	f := v.posted()
	id := v.r.PathValue("id")
	names, err := v.names()
	if err != nil {
		return err
	}
	if names[id] == "" {
		kept, err := v.module().Settings.Users(v.ctx())
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(kept, func(k setting.User) bool { return k.UserID == id }) {
			return errNoPage
		}
	}
	d := setting.UserDraft{UserID: id, Name: names[id], Version: f.version("version"), Role: setting.Role(f.Get("role")), See: actor.Visibility(f.Get("see")), Disabled: f.on("disabled")}
	if d.Name == "" {
		d.Name = id
	}
	for team := range strings.SplitSeq(f.Get("teams"), ",") {
		if team = strings.TrimSpace(team); team != "" {
			d.Teams = append(d.Teams, team)
		}
	}
	if d.Role == setting.Listed {
		for _, r := range f.Values["right"] {
			d.Rights = append(d.Rights, actor.Right(r))
		}
	}
	if _, err := v.module().Settings.SetUser(v.ctx(), d); err != nil {
		if err := v.refuse(f, err); err != nil {
			return err
		}
		return s.drawUser(v, f, userForm{ID: id, Name: d.Name, Kept: d.Version > 0}, f.Values["right"])
	}
	v.done("settings.saved")
	return v.redirect(v.link("/settings/users"))
}

func (s *screens) removeUser(v *visit) error {
	if err := v.module().Settings.RemoveUser(v.ctx(), v.r.PathValue("id")); err != nil {
		return err
	}
	v.done("settings.saved")
	return v.redirect(v.link("/settings/users"))
}
