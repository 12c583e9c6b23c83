package web

import (
	"net/http"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// contactSheet is a person or company with its custom fields.
type contactSheet struct {
	party.Party
	Sheet store.CustomSheet
}

// contactFields are the fields of a group of a person's or company's card; nil for a group that is none.
func (v *visit) contactFields(p contactSheet, name string) []groupField {
	switch name {
	case "custom":
		return v.customGroupFields(p.Sheet)
	case "contact":
		fields := []groupField{{"name", "card.name", []any{"required", "wide"}}}
		if p.Kind == party.Person {
			fields = append(fields, groupField{"job_title", "card.job_title", []any{"wide"}})
		}
		return append(fields, groupField{"email", "card.email", []any{"type=email", "ltr", "wide"}}, groupField{"phone", "card.phone", []any{"type=tel", "ltr"}},
			groupField{"mobile", "card.mobile", []any{"type=tel", "ltr"}}, groupField{"website", "card.website", []any{"ltr"}}, groupField{"language", "card.language", []any{spokenLanguages()}})
	case "billing":
		return []groupField{{"tax_id", "card.tax_id", []any{"ltr", "wide"}}, {"line1", "card.line1", []any{"wide"}}, {"line2", "card.line2", []any{"wide"}},
			{"postal_code", "card.postal_code", []any{"ltr"}}, {"city", "card.city", nil}, {"country", "card.country", []any{"wide"}}}
	}
	return nil
}

func (v *visit) contactGroups(p party.Party) ([]cardGroup, error) {
	sheet, err := v.module().Parties.Sheet(v.ctx(), p.ID)
	of := contactSheet{p, sheet}
	out := []cardGroup{v.contactGroup(of, "contact"), v.contactGroup(of, "billing")}
	if len(sheet.Fields) > 0 {
		out = append(out, v.contactGroup(of, "custom"))
	}
	return out, err
}

func (v *visit) contactGroup(p contactSheet, name string) cardGroup {
	path := v.link("/contacts", p.ID.String())
	g := cardGroup{Name: name, Title: v.t("card.group." + name), Path: path + "/group/" + name, Card: path, CSRF: v.csrf(), Edit: v.may("lead.write")}
	if name == "custom" {
		g.Facts = v.customFacts(p.Sheet)
		return g
	}
	f := v.contactForm(p, name)
	for _, field := range v.contactFields(p, name) {
		if fact, ok := v.fact(field, f.text(field.name)); ok {
			g.Facts = append(g.Facts, fact)
		}
	}
	return g
}

func (v *visit) contactForm(p contactSheet, name string) *input {
	version := formatVersion(p.Version)
	if name == "custom" {
		f := v.blank("party_version", version)
		v.putCustom(f, p.Sheet.Fields, p.Sheet.Values)
		return f
	}
	if name == "billing" {
		return v.blank("party_version", version, "tax_id", p.TaxID, "line1", p.Line1, "line2", p.Line2, "postal_code", p.PostalCode, "city", p.City, "country", party.CountryName(p.Country, v.Locale.Language))
	}
	return v.blank("party_version", version, "name", p.DisplayName, "job_title", p.JobTitle, "email", p.Email, "phone", party.FormatPhone(p.Phone), "mobile", party.FormatPhone(p.Mobile), "website", p.Website, "language", string(p.Language))
}

func (v *visit) contactGroupOf() (contactSheet, string, error) {
	id, err := key[party.Tag](v, "id")
	if err != nil {
		return contactSheet{}, "", err
	}
	p, err := v.contactSheet(id)
	name := v.r.PathValue("name")
	if err == nil && v.contactFields(p, name) == nil {
		err = errNoPage
	}
	return p, name, err
}

func (v *visit) contactSheet(id party.ID) (contactSheet, error) {
	p, err := v.module().Parties.Get(v.ctx(), id)
	if err != nil {
		return contactSheet{}, err
	}
	sheet, err := v.module().Parties.Sheet(v.ctx(), id)
	return contactSheet{p, sheet}, err
}

func (s *screens) askContactGroup(v *visit) error {
	p, name, err := v.contactGroupOf()
	if err != nil {
		return err
	}
	return v.drawContactGroup(http.StatusOK, p, name, v.contactForm(p, name))
}

func (s *screens) showContactGroup(v *visit) error {
	p, name, err := v.contactGroupOf()
	if err != nil {
		return err
	}
	if !v.part() {
		return v.redirect(v.link("/contacts", p.ID.String()))
	}
	return v.fill(http.StatusOK, "lead_group", "shown", v.contactGroup(p, name))
}

func (v *visit) drawContactGroup(status int, p contactSheet, name string, f *input) error {
	g := v.contactGroup(p, name)
	g.Form = f
	for _, one := range v.contactFields(p, name) {
		g.Fields = append(g.Fields, newField(f, one.name, one.label, one.more...))
	}
	if v.part() {
		return v.fill(status, "lead_group", "form", g)
	}
	return v.show(status, "lead_group", head{Title: g.Title, Section: "contacts", Crumbs: []crumb{{v.t("menu.contacts"), v.link("/contacts")}, {p.DisplayName, g.Card}}}, g)
}

func (s *screens) saveContactGroup(v *visit) error {
	p, name, err := v.contactGroupOf()
	if err != nil {
		return err
	}
	f := v.posted()
	err = v.writeContact(p, name, f)
	if fault.CodeOf(err) == fault.Conflict {
		var fields []shared
		for _, one := range v.contactFields(p, name) {
			fields = append(fields, shared{Name: one.name, Label: one.label})
		}
		if name == "custom" {
			fields = v.customShared(p.Sheet.Fields)
		}
		asks, err := v.clash(f, v.contactForm(p, name), p.Record, fields)
		if err == nil && asks {
			return v.drawContactGroup(http.StatusConflict, p, name, f)
		}
		if err == nil {
			err = v.writeContact(p, name, f)
		}
		if err != nil {
			return err
		}
	} else if err != nil {
		if err := v.refuse(f, err); err != nil {
			return err
		}
	}
	if f.bad() {
		return v.drawContactGroup(http.StatusUnprocessableEntity, p, name, f)
	}
	now, err := v.contactSheet(p.ID)
	if err != nil {
		return err
	}
	v.done("card.saved")
	if !v.part() || name == "contact" {
		return v.redirect(v.link("/contacts", p.ID.String()))
	}
	return v.fill(http.StatusOK, "lead_group", "shown", v.contactGroup(now, name))
}

func (v *visit) writeContact(p contactSheet, name string, f *input) error {
	if name == "custom" {
		values := v.readCustom(f, p.Sheet.Fields)
		if f.bad() {
			return nil
		}
		_, err := v.module().Parties.SetCustom(v.ctx(), p.ID, f.version("party_version"), values)
		return err
	}
	points, err := v.module().Parties.Points(v.ctx(), p.ID)
	if err != nil {
		return err
	}
	draft := draftOf(p.Party, points)
	if name == "billing" {
		draft.TaxID, draft.Address = f.text("tax_id"), f.address()
		draft.Address.Region = p.Region
	} else {
		contactDraft(&draft, p.Party, f)
	}
	if f.bad() {
		return nil
	}
	_, err = v.module().Parties.Change(v.ctx(), p.ID, f.version("party_version"), draft)
	return err
}

// contactDraft takes the fields of the contact group into a draft of a party.
func contactDraft(draft *party.Draft, p party.Party, f *input) {
	draft.FullName, draft.JobTitle, draft.Mobile, draft.Website = f.text("name"), f.text("job_title"), f.text("mobile"), f.text("website")
	draft.Language = locale.Language(f.text("language"))
	draft.Emails, draft.Phones = replaceFirst(draft.Emails, f.text("email"), p.Email), replaceFirst(draft.Phones, f.text("phone"), p.Phone)
}
