package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/setting"
	"github.com/crmplus/crmplus/crm/store"
)

// cardGroup is a group of details that is edited in its place.
type cardGroup struct {
	Name, Title string
	Facts       []cardFact
	// Form is set while it is edited.
	Form   *input
	Fields []field
	// Path is the address of its form, Card that of the card; Edit says that the visitor may.
	Path, Card string
	Edit       bool
	CSRF       string
	Needs      *checklist
}

// cardFact is one detail; Value "" is one that nobody knows yet.
type cardFact struct {
	Label, Value, Href string
	Ltr, Lines         bool
}

// groupField is one field of a group: its name, the key of its label, and what newField takes besides.
type groupField struct {
	name, label string
	more        []any
}

// groupNames are the groups of a lead's card, in their order.
var groupNames = []string{"contact", "billing", "interest", "origin", "custom"}

func (v *visit) groupFields(card lead.Card, name string) []groupField {
	switch name {
	case "contact":
		fields := []groupField{{"name", "card.name", []any{"required", "wide"}}}
		if card.Party.Kind == party.Person {
			fields = append(fields, groupField{"job_title", "card.job_title", []any{"wide"}})
		}
		fields = append(fields, groupField{"email", "card.email", []any{"type=email", "ltr", "wide"}}, groupField{"phone", "card.phone", []any{"type=tel", "ltr"}}, groupField{"mobile", "card.mobile", []any{"type=tel", "ltr"}})
		return append(fields, groupField{"website", "card.website", []any{"ltr"}}, groupField{"language", "card.language", []any{spokenLanguages()}})
	case "billing":
		var fields []groupField
		if card.Party.Kind == party.Person {
			fields = append(fields, groupField{"organization", "card.organization", []any{"wide"}})
		}
		return append(fields, groupField{"tax_id", "card.tax_id", []any{"ltr", "wide"}}, groupField{"line1", "card.line1", []any{"wide"}}, groupField{"line2", "card.line2", []any{"wide"}},
			groupField{"postal_code", "card.postal_code", []any{"ltr"}}, groupField{"city", "card.city", nil}, groupField{"country", "card.country", []any{"wide"}})
	case "interest":
		return []groupField{{"interest", "card.interest", []any{"rows=4", "wide"}}, {"expected_value", "card.value", nil}, {"currency", "card.currency", []any{"ltr"}}}
	case "origin":
		return []groupField{{"source", "card.source", nil}, {"medium", "card.medium", nil}, {"campaign", "card.campaign", []any{"wide"}}}
	case "custom":
		return v.customGroupFields(card.Sheet)
	}
	return nil
}

func spokenLanguages() []option {
	var out []option
	for _, l := range locale.Languages {
		out = append(out, option{Value: string(l), Label: l.Name()})
	}
	return out
}

// leadGroups are the groups as they are read.
func (v *visit) leadGroups(card lead.Card) ([]cardGroup, error) {
	var out []cardGroup
	for _, name := range groupNames {
		if name != "custom" || len(card.Sheet.Fields) > 0 {
			g, err := v.leadGroup(card, name)
			if err != nil {
				return nil, err
			}
			out = append(out, g)
		}
	}
	return out, nil
}

func (v *visit) leadGroup(card lead.Card, name string) (cardGroup, error) {
	path := v.link("/leads", card.Lead.ID.String())
	g := cardGroup{
		Name: name, Title: v.t("card.group." + name), Path: path + "/group/" + name, Card: path, CSRF: v.csrf(),
		Edit: v.may("lead.write"),
	}
	if name == "custom" {
		g.Facts = v.customFacts(card.Sheet)
		return g, nil
	}
	f := v.groupForm(card, name)
	for _, field := range v.groupFields(card, name) {
		if fact, ok := v.fact(field, f.text(field.name)); ok {
			if field.name == "expected_value" && fact.Value != "" {
				fact.Value = v.Locale.Language.Money(card.Lead.ExpectedValue, card.Lead.Currency)
			}
			if field.name == "source" {
				sources, err := v.module().Settings.Choices(v.ctx(), setting.LeadSources)
				if err != nil {
					return g, err
				}
				fact.Value = sources.Text(v.Locale.Language, fact.Value)
			}
			g.Facts = append(g.Facts, fact)
		}
	}
	return g, nil
}

// fact is a field as it is read; false for one that is not shown while it is empty.
func (v *visit) fact(field groupField, value string) (cardFact, bool) {
	fact := cardFact{Label: v.t(field.label), Value: value}
	switch field.name {
	case "email":
		if fact.Ltr = true; value != "" {
			fact.Href = "mailto:" + value
		}
	case "phone", "mobile":
		if fact.Ltr = true; value != "" {
			fact.Href = "tel:" + strings.ReplaceAll(value, " ", "")
		}
	case "website":
		if fact.Ltr = true; value != "" {
			fact.Href = webAddress(value)
		}
	case "language":
		fact.Value = locale.Language(value).Name()
	case "line2", "medium", "campaign":
		return fact, value != ""
	case "currency":
		return fact, false // stands with the amount
	case "interest":
		fact.Lines = true
	case "tax_id", "postal_code":
		fact.Ltr = true
	}
	return fact, true
}

// webAddress is a website as a link; "" for what no browser should open.
func webAddress(text string) string {
	if !strings.Contains(text, "://") {
		text = "https://" + text
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return ""
	}
	return u.String()
}

// groupForm is the form of a group with what is known.
func (v *visit) groupForm(card lead.Card, name string) *input {
	p, a, l := card.Party, account(card), card.Lead
	f := v.blank("version", formatVersion(l.Version), "party_version", formatVersion(p.Version), "account_version", formatVersion(a.Version))
	set := func(pairs ...string) {
		for i := 0; i+1 < len(pairs); i += 2 {
			f.Values.Set(pairs[i], pairs[i+1])
		}
	}
	switch name {
	case "contact":
		set("name", p.DisplayName, "job_title", p.JobTitle, "email", p.Email, "phone", party.FormatPhone(p.Phone), "mobile", party.FormatPhone(p.Mobile), "website", p.Website, "language", string(p.Language))
	case "billing":
		set("organization", l.Organization, "tax_id", a.TaxID, "line1", a.Line1, "line2", a.Line2, "postal_code", a.PostalCode, "city", a.City, "country", party.CountryName(a.Country, v.Locale.Language))
	case "interest":
		set("interest", l.Interest, "currency", l.Currency, "expected_value", amountText(l.ExpectedValue))
	case "origin":
		set("source", l.Source, "medium", l.Medium, "campaign", l.Campaign)
	case "custom":
		v.putCustom(f, card.Sheet.Fields, card.Sheet.Values)
	}
	return f
}

// groupOf reads which group of which lead is asked for.
func (v *visit) groupOf() (lead.Card, string, error) {
	id, err := key[lead.Tag](v, "id")
	if err != nil {
		return lead.Card{}, "", err
	}
	card, err := v.module().Leads.Get(v.ctx(), id)
	if err == nil && v.groupFields(card, v.r.PathValue("name")) == nil {
		err = errNoPage
	}
	return card, v.r.PathValue("name"), err
}

func (s *screens) askLeadGroup(v *visit) error {
	card, name, err := v.groupOf()
	if err != nil {
		return err
	}
	return v.drawGroup(http.StatusOK, card, name, v.groupForm(card, name))
}

// showLeadGroup draws a group as it is read, for who gave up editing.
func (s *screens) showLeadGroup(v *visit) error {
	card, name, err := v.groupOf()
	if err != nil {
		return err
	}
	if !v.part() {
		return v.redirect(v.link("/leads", card.Lead.ID.String()))
	}
	g, err := v.leadGroup(card, name)
	if err != nil {
		return err
	}
	return v.fill(http.StatusOK, "lead_group", "shown", g)
}

// drawGroup draws the form of a group, in the group's place or as a page.
func (v *visit) drawGroup(status int, card lead.Card, name string, f *input) error {
	g, err := v.leadGroup(card, name)
	if err != nil {
		return err
	}
	g.Form = f
	for _, one := range v.groupFields(card, name) {
		g.Fields = append(g.Fields, newField(f, one.name, one.label, one.more...))
	}
	if v.part() {
		return v.fill(status, "lead_group", "form", g)
	}
	return v.show(status, "lead_group", head{Title: g.Title, Section: "leads", Crumbs: []crumb{
		{v.t("menu.leads"), v.link("/leads")}, {card.Party.DisplayName, g.Card},
	}}, g)
}

func (s *screens) saveLeadGroup(v *visit) error {
	card, name, err := v.groupOf()
	if err != nil {
		return err
	}
	f := v.posted()
	err = v.writeGroup(card, name, f)
	if fault.CodeOf(err) == fault.Conflict {
		return v.groupClash(card, name, f, err)
	}
	if err != nil {
		if err := v.refuse(f, err); err != nil {
			return err
		}
	}
	if f.bad() {
		return v.drawGroup(http.StatusUnprocessableEntity, card, name, f)
	}
	return v.groupSaved(card, name)
}

// groupClash brings what was typed together with what a colleague saved meanwhile.
func (v *visit) groupClash(card lead.Card, name string, f *input, cause error) error {
	var fields []shared
	for _, one := range v.groupFields(card, name) {
		fields = append(fields, shared{Name: one.name, Label: one.label})
	}
	if name == "custom" {
		fields = v.customShared(card.Sheet.Fields)
	}
	record := card.Lead.Record
	for _, r := range []store.Record{card.Party.Record, account(card).Record} {
		if r.UpdatedAt.After(record.UpdatedAt) {
			record = r
		}
	}
	asks, err := v.clash(f, v.groupForm(card, name), record, fields)
	if err != nil {
		return err
	}
	if asks {
		return v.drawGroup(http.StatusConflict, card, name, f)
	}
	if err := v.writeGroup(card, name, f); err != nil {
		return errors.Join(err, cause)
	}
	return v.groupSaved(card, name)
}

func (v *visit) groupSaved(was lead.Card, name string) error {
	path := v.link("/leads", was.Lead.ID.String())
	card, err := v.module().Leads.Get(v.ctx(), was.Lead.ID)
	if err != nil {
		return err
	}
	v.done("card.saved")
	headChanged := card.Party.DisplayName != was.Party.DisplayName || card.Party.JobTitle != was.Party.JobTitle || card.Lead.Organization != was.Lead.Organization ||
		card.Party.Email != was.Party.Email || card.Party.Phone != was.Party.Phone || card.Party.Mobile != was.Party.Mobile
	if !v.part() || headChanged {
		return v.redirect(path)
	}
	g, err := v.leadGroup(card, name)
	if err != nil {
		return err
	}
	if g.Needs, err = v.needs(card.Lead.ID); err != nil {
		return err
	}
	if g.Needs != nil {
		g.Needs.OOB = true
	}
	return v.fill(http.StatusOK, "lead_group", "shown", g)
}

// writeGroup saves a group in one unit of work: a lead and its company are changed together or not at all.
func (v *visit) writeGroup(card lead.Card, name string, f *input) error {
	value, own := f.amount("expected_value"), v.readCustom(f, card.Sheet.Fields)
	if f.bad() {
		return nil
	}
	patch := lead.Patch{PartyVersion: f.version("party_version")}
	texts := func(into ...any) {
		for i := 0; i+1 < len(into); i += 2 {
			if field := into[i].(string); f.has(field) {
				text := f.text(field)
				*into[i+1].(**string) = &text
			}
		}
	}
	switch name {
	case "contact":
		draft := draftOf(card.Party, card.Points)
		contactDraft(&draft, card.Party, f)
		patch.Party = &draft
	case "billing":
		return v.writeBilling(card, f)
	case "interest":
		texts("interest", &patch.Interest, "currency", &patch.Currency)
		if patch.ExpectedValue = value; value == nil {
			patch.ExpectedValue = new(money.Amount)
		}
		if patch.Currency != nil {
			code := strings.ToUpper(*patch.Currency)
			patch.Currency = &code
		}
	case "origin":
		texts("source", &patch.Source, "medium", &patch.Medium, "campaign", &patch.Campaign)
	case "custom":
		patch.Custom = own
	}
	_, err := v.module().Leads.Edit(v.ctx(), card.Lead.ID, f.version("version"), patch)
	return err
}

// writeBilling saves whom invoices go to: the company's own record where there is a company, else the
// person's. A company that is named for the first time is made first.
func (v *visit) writeBilling(card lead.Card, f *input) error {
	return v.module().DB().Write(v.ctx(), func(ctx context.Context, s *store.Session) error {
		m := v.module().In(s)
		who, version := account(card), f.version("account_version")
		if organization := f.text("organization"); card.Party.Kind == party.Person && organization != card.Lead.Organization {
			patch := lead.Patch{Organization: &organization}
			if _, err := m.Leads.Edit(ctx, card.Lead.ID, f.version("version"), patch); err != nil {
				return err
			}
			now, err := m.Leads.Get(ctx, card.Lead.ID)
			if err != nil {
				return err
			}
			if next := account(now); next.ID != who.ID {
				who, version = next, next.Version
			}
		}
		points, err := m.Parties.Points(ctx, who.ID)
		if err != nil {
			return err
		}
		draft := draftOf(who, points)
		draft.TaxID = f.text("tax_id")
		draft.Address = f.address()
		draft.Address.Region = who.Region
		_, err = m.Parties.Change(ctx, who.ID, version, draft)
		return err
	})
}

// draftOf is a party as a draft, so that a part of it can be changed.
func draftOf(p party.Party, points []party.Point) party.Draft {
	d := party.Draft{
		Kind: p.Kind, FullName: p.DisplayName, Gender: p.Gender, Language: p.Language, BirthDate: p.BirthDate, Mobile: p.Mobile, Website: p.Website,
		JobTitle: p.JobTitle, TaxID: p.TaxID, Address: p.Address(), Owner: party.Owner{User: p.OwnerUser, Team: p.OwnerTeam},
	}
	if p.Email != "" {
		d.Emails = append(d.Emails, p.Email)
	}
	if p.Phone != "" {
		d.Phones = append(d.Phones, p.Phone)
	}
	for _, point := range points {
		if point.Kind == "email" {
			d.Emails = append(d.Emails, point.Value)
		} else {
			d.Phones = append(d.Phones, point.Value)
		}
	}
	return d
}

// replaceFirst puts what was typed in the place of the first of several; was is the one that stood there.
func replaceFirst(all []string, typed, was string) []string {
	var out []string
	if typed != "" {
		out = append(out, typed)
	}
	for _, one := range all {
		if one != was {
			out = append(out, one)
		}
	}
	return out
}
