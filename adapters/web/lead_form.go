package web

import (
	"slices"
	"strconv"
	"strings"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/setting"
	"github.com/crmplus/crmplus/crm/store"
)

// leadForm is the page on which a lead is typed in or changed.
type leadForm struct {
	Form *input
	// Card is the lead that is changed, nil for a new one.
	Card       *lead.Card
	Languages  []option
	Sources    []option
	Currencies []option
	Owners     []option
	// Similar are those who may be the same.
	Similar []similarRow
	// Custom are the company's own fields.
	Custom []field
	// OwnTax is set where tax id and website belong to whom the lead is about, not to his employer.
	OwnTax bool
}

func formatVersion(n int64) string { return strconv.FormatInt(n, 10) }

// amountText is an amount as a field holds it: digits and a point, which every language reads.
func amountText(a money.Amount) string {
	if a.IsZero() {
		return ""
	}
	return a.String()
}

func given(texts ...string) []string {
	return slices.DeleteFunc(texts, func(s string) bool { return s == "" })
}

func (s *screens) newLead(v *visit) error {
	q := v.asked()
	f := v.blank("language", string(v.module().Parties.Locale(v.Actor.Company).Language), "currency", v.Locale.Currency, "owner", v.Actor.UserID)
	for _, name := range leadTexts { // a page may propose some
		if value := q.text(name); value != "" {
			f.Values.Set(name, value)
		}
	}
	return v.drawLeadForm(f, nil)
}

// leadTexts are the fields of a lead that are text as typed.
var leadTexts = []string{
	"name", "job_title", "organization", "tax_id", "website", "email", "phone", "mobile", "line1", "line2", "postal_code", "city", "country", "interest", "source",
}

// leadCustom are the custom fields of leads; a card has them at hand.
func (v *visit) leadCustom(card *lead.Card) ([]store.CustomField, error) {
	if card != nil {
		return card.Sheet.Fields, nil
	}
	return v.customFields("lead")
}

func (v *visit) drawLeadForm(f *input, card *lead.Card, similar ...similarRow) error {
	d := leadForm{Form: f, Card: card, Similar: similar, OwnTax: true}
	var err error
	if err = d.fill(v); err != nil {
		return err
	}
	h := head{Title: v.t("leads.new"), Section: "leads", Crumbs: []crumb{{v.t("menu.leads"), v.link("/leads")}}}
	fields, err := v.leadCustom(card)
	if err != nil {
		return err
	}
	d.Custom = v.customInputs(f, fields)
	if card != nil {
		h.Title = v.t("leads.edit")
		h.Crumbs = append(h.Crumbs, crumb{card.Party.DisplayName, v.link("/leads", card.Lead.ID.String())})
		d.OwnTax = card.Employer == nil || card.Party.Kind == party.Company || card.Party.TaxID != "" || card.Party.Website != ""
	}
	return v.show(f.statusOf(), "lead_form", h, d)
}

// fill gives the lists to choose from.
func (d *leadForm) fill(v *visit) error {
	for _, language := range locale.Languages {
		d.Languages = append(d.Languages, option{Value: string(language), Label: language.Name()})
	}
	list, err := v.module().Settings.Choices(v.ctx(), setting.LeadSources)
	if err != nil {
		return err
	}
	d.Sources = []option{{Value: "", Label: "–"}}
	for _, c := range list.Offered() {
		d.Sources = append(d.Sources, option{Value: c.Value, Label: c.Text(v.Locale.Language)})
	}
	d.Sources = withValue(d.Sources, d.Form.text("source"), list.Text(v.Locale.Language, d.Form.text("source")))
	for _, code := range []string{v.Locale.Currency, "EUR", "USD", "GBP", "HUF", "ILS", "RUB", d.Form.text("currency")} {
		d.Currencies = withValue(d.Currencies, code, code)
	}
	if d.Card == nil && v.may("lead.assign") {
		d.Owners, err = v.owners(d.Form.text("owner"))
		d.Owners = append([]option{{Value: "", Label: v.t("owner.none")}}, d.Owners...)
	}
	return err
}

// withValue adds a value to a list that may not have it.
func withValue(list []option, value, label string) []option {
	if value == "" || slices.ContainsFunc(list, func(o option) bool { return o.Value == value }) {
		return list
	}
	return append(list, option{Value: value, Label: label})
}

// address reads the fields of an address. A country that nobody knows is a fault.
func (f *input) address() party.Address {
	a := party.Address{Line1: f.text("line1"), Line2: f.text("line2"), PostalCode: f.text("postal_code"), City: f.text("city"), Country: party.CountryOf(f.text("country"))}
	if f.text("country") != "" && a.Country == "" {
		f.wrong("country", "fault.country.code")
	}
	return a
}

// leadDraft reads a lead as it was typed.
func (v *visit) leadDraft(f *input) lead.Draft {
	d := lead.Draft{
		Name: f.text("name"), JobTitle: f.text("job_title"), Organization: f.text("organization"), TaxID: f.text("tax_id"), Website: f.text("website"),
		Emails: given(f.text("email")), Phones: given(f.text("phone")), Mobile: f.text("mobile"), Address: f.address(),
		Interest: f.text("interest"), Currency: f.text("currency"), Language: locale.Language(f.text("language")),
		Origin: lead.Origin{Channel: lead.ByHand, Source: f.text("source")},
	}
	if value := f.amount("expected_value"); value != nil {
		d.ExpectedValue = *value
	}
	if f.has("owner") {
		d.Owner = v.ownerOf(f.text("owner"), party.Owner{})
	}
	if f.has("token") {
		d.Token = v.Session + f.text("token")
	}
	return d
}

// createLead takes a lead in that was typed by hand. Where somebody may be the same whom the person has not
// been shown yet, it asks first.
func (s *screens) createLead(v *visit) error {
	f := v.posted()
	draft := v.leadDraft(f)
	fields, err := v.leadCustom(nil)
	if err != nil {
		return err
	}
	draft.Custom = v.readCustom(f, fields)
	if f.bad() {
		return v.drawLeadForm(f, nil)
	}
	if into := f.text("into"); into != "" {
		if err := v.addToLead(draft, into); err != nil {
			if err := v.refuse(f, err); err != nil {
				return err
			}
			return v.drawLeadForm(f, nil)
		}
		return nil
	}
	if v.may("lead.read") {
		found, err := v.similar(draft)
		if err != nil {
			return err
		}
		if !seenAll(found, f.text("seen")) {
			f.Faults[""] = append(f.Faults[""], v.t("similar.ask"))
			return v.drawLeadForm(f, nil, found...)
		}
	}
	done, err := v.module().Leads.Capture(v.ctx(), draft)
	if err != nil {
		if err := v.refuse(f, err); err != nil {
			return err
		}
		return v.drawLeadForm(f, nil)
	}
	v.module().Wake()
	v.done("leads.outcome." + string(done.Outcome))
	if !v.may("lead.read") {
		return v.redirect(v.link("/leads/new"))
	}
	return v.redirect(v.link("/leads", done.Lead.String()))
}

// leadInput is a form with what is known of a lead.
func (v *visit) leadInput(card lead.Card) *input {
	p, l := card.Party, card.Lead
	f := v.blank(
		"name", p.DisplayName, "job_title", p.JobTitle, "organization", l.Organization, "email", p.Email, "phone", party.FormatPhone(p.Phone),
		"mobile", party.FormatPhone(p.Mobile), "website", p.Website, "tax_id", p.TaxID, "line1", p.Line1, "line2", p.Line2, "postal_code", p.PostalCode,
		"city", p.City, "country", party.CountryName(p.Country, v.Locale.Language), "language", string(p.Language), "interest", l.Interest, "source", l.Source,
		"expected_value", amountText(l.ExpectedValue), "currency", l.Currency, "version", formatVersion(l.Version), "party_version", formatVersion(p.Version),
	)
	v.putCustom(f, card.Sheet.Fields, card.Sheet.Values)
	return f
}

func (s *screens) editLead(v *visit) error {
	id, err := key[lead.Tag](v, "id")
	if err != nil {
		return err
	}
	card, err := v.module().Leads.Get(v.ctx(), id)
	if err != nil {
		return err
	}
	return v.drawLeadForm(v.leadInput(card), &card)
}

// saveLead changes a lead and who it is about, in one go.
func (s *screens) saveLead(v *visit) error {
	id, err := key[lead.Tag](v, "id")
	if err != nil {
		return err
	}
	card, err := v.module().Leads.Get(v.ctx(), id)
	if err != nil {
		return err
	}
	f := v.posted()
	patch := v.leadPatch(f, card)
	if f.bad() {
		return v.drawLeadForm(f, &card)
	}
	_, err = v.module().Leads.Edit(v.ctx(), id, f.version("version"), patch)
	if fault.CodeOf(err) == fault.Conflict {
		var asks bool
		if asks, err = v.clash(f, v.leadInput(card), changed(card), append(v.leadShared(), v.customShared(card.Sheet.Fields)...)); err != nil {
			return err
		}
		if !asks {
			_, err = v.module().Leads.Edit(v.ctx(), id, f.version("version"), v.leadPatch(f, card))
		}
	}
	if err != nil {
		if err := v.refuse(f, err); err != nil {
			return err
		}
	}
	if f.bad() || f.Conflict != nil {
		return v.drawLeadForm(f, &card)
	}
	v.done("leads.saved", f.text("name"))
	return v.redirect(v.back(v.link("/leads", id.String())))
}

// leadPatch is the change that a form asks for; what it does not show stays as it is.
func (v *visit) leadPatch(f *input, card lead.Card) lead.Patch {
	p := card.Party
	value := f.amount("expected_value")
	if value == nil {
		value = new(money.Amount)
	}
	draft := party.Draft{
		Kind: p.Kind, FullName: f.text("name"), Language: locale.Language(f.text("language")), Gender: p.Gender, BirthDate: p.BirthDate,
		Emails: given(f.text("email")), Phones: given(f.text("phone")), Mobile: f.text("mobile"), JobTitle: f.text("job_title"),
		Website: p.Website, TaxID: p.TaxID, Address: f.address(), Owner: card.Lead.Owner(),
	}
	draft.Address.Region = p.Region
	if f.has("tax_id") {
		draft.Website, draft.TaxID = f.text("website"), f.text("tax_id")
	}
	if draft.FullName == p.DisplayName && p.Particle == "" && p.Suffix == "" { // as somebody took it apart
		draft.Title, draft.Given, draft.Middle, draft.Patronymic, draft.Family = p.Title, p.Given, p.Middle, p.Patronymic, p.Family
	}
	for _, point := range card.Points {
		if point.Kind == "email" {
			draft.Emails = append(draft.Emails, point.Value)
		} else {
			draft.Phones = append(draft.Phones, point.Value)
		}
	}
	patch := lead.Patch{
		Interest: pointer(f.text("interest")), Source: pointer(f.text("source")), ExpectedValue: value, Party: &draft, PartyVersion: f.version("party_version"), Custom: v.readCustom(f, card.Sheet.Fields),
	}
	if currency := strings.ToUpper(f.text("currency")); currency != "" {
		patch.Currency = &currency
	}
	if p.Kind == party.Person {
		patch.Organization = pointer(f.text("organization"))
	}
	return patch
}

func pointer[T any](v T) *T { return &v }

// leadShared are the fields that two people may change at once.
func (v *visit) leadShared() []shared {
	var out []shared
	for _, name := range append(slices.Clone(leadTexts), "expected_value", "currency", "language") {
		one := shared{Name: name, Label: "lead." + name}
		if name == "language" {
			one.Show = func(value string) string { return locale.Language(value).Name() }
		}
		out = append(out, one)
	}
	return out
}

// changed is who changed a lead or its party last.
func changed(card lead.Card) store.Record {
	if card.Party.UpdatedAt.After(card.Lead.UpdatedAt) {
		return card.Party.Record
	}
	return card.Lead.Record
}
