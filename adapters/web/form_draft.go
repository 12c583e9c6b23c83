package web

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/party"
)

// fieldKind is how a field is shown and how much it takes.
type fieldKind struct {
	// Type and Complete are the attributes type and autocomplete of HTML.
	Type, Complete string
	// Limit counts UTF-16 units, as maxlength does and as NVARCHAR does.
	Limit int
	// Half fields stand two in a row where there is room.
	Half bool
	// Code is set for what is written from left to right in every language.
	Code bool
}

var fieldKinds = map[FieldName]fieldKind{
	FieldFullName:     {Type: "text", Complete: "name", Limit: 200, Half: true},
	FieldGivenName:    {Type: "text", Complete: "given-name", Limit: 80, Half: true},
	FieldFamilyName:   {Type: "text", Complete: "family-name", Limit: 120, Half: true},
	FieldOrganization: {Type: "text", Complete: "organization", Limit: 240, Half: true},
	FieldJobTitle:     {Type: "text", Complete: "organization-title", Limit: 120, Half: true},
	FieldEmail:        {Type: "email", Complete: "email", Limit: 254, Half: true, Code: true},
	FieldPhone:        {Type: "tel", Complete: "tel", Limit: 40, Half: true, Code: true},
	FieldCity:         {Type: "text", Complete: "address-level2", Limit: 80, Half: true},
	FieldPostalCode:   {Type: "text", Complete: "postal-code", Limit: 20, Half: true, Code: true},
	FieldMessage:      {Type: "textarea", Limit: 5000},
}

// The names of posted fields that nobody types into.
const (
	postToken = "form_token"
	// postTrap is the honeypot. Its name is none that browsers or password stores fill by themselves.
	postTrap     = "contact_link"
	postReferrer = "referrer"
	postPage     = "page"
)

// carried are the values of a link that go with the lead, as they are called in links.
var carried = []string{"utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "gclid", "fbclid", "msclkid"}

// check finds everything that is wrong with what was typed, in the form's language.
func (l *liveForm) check(e entry) fault.List {
	var faults fault.List
	add := func(name FieldName, code, text string, args ...any) {
		faults = append(faults, fault.Fault{Path: string(name), Code: code, Message: formTexts.T(l.Language, text, args...)})
	}
	reach, asked := false, FieldEmail
	for _, field := range l.Fields {
		text := strings.TrimSpace(e[string(field.Name)])
		limit := fieldKinds[field.Name].Limit
		if field.Name == FieldEmail || field.Name == FieldPhone {
			reach = reach || text != "" || field.Required
			asked = field.Name
		}
		switch n := len(utf16.Encode([]rune(text))); {
		case text == "" || party.Clean(text, 1) == "":
			if field.Required {
				add(field.Name, "required", "required."+string(field.Name))
			}
		case n > limit:
			add(field.Name, "text.length", "text.length", limit, n)
		case field.Name == FieldEmail:
			if _, err := party.NormalizeEmail(text); err != nil {
				add(field.Name, "email.form", "email.form")
			}
		case field.Name == FieldPhone:
			if _, err := party.NormalizePhone(text, l.Country); err != nil {
				add(field.Name, "phone.form", "phone.form")
			}
		}
	}
	if !reach {
		if l.has(FieldEmail) {
			asked = FieldEmail
		}
		add(asked, "reach", "reach")
	}
	switch ticked := e[string(fieldConsent)]; {
	case l.Consent.Text == "" || ticked == l.Consent.Version:
	case ticked != "":
		add(fieldConsent, "consent.changed", "consent.changed")
	case l.Consent.Required:
		add(fieldConsent, "required", "required.consent")
	}
	return faults
}

func (l *liveForm) has(name FieldName) bool {
	return slices.ContainsFunc(l.Fields, func(f FormField) bool { return f.Name == name })
}

// draft makes the lead of a checked entry. Fields that the form does not show are not taken.
func (l *liveForm) draft(e entry, r *http.Request) lead.Draft {
	shown := map[FieldName]string{}
	for _, field := range l.Fields {
		shown[field.Name] = strings.TrimSpace(e[string(field.Name)])
	}
	d := lead.Draft{
		Name: shown[FieldFullName], Given: shown[FieldGivenName], Family: shown[FieldFamilyName],
		Organization: shown[FieldOrganization], JobTitle: shown[FieldJobTitle], Interest: shown[FieldMessage],
		Language: l.Language, Address: party.Address{City: shown[FieldCity], PostalCode: shown[FieldPostalCode]},
		Origin: l.origin(e, r), Token: l.repeatToken(e),
	}
	if email := shown[FieldEmail]; email != "" {
		d.Emails = []string{email}
	}
	if number := shown[FieldPhone]; number != "" {
		// The company may be at home elsewhere than the form's visitors: the number goes on with its
		// country code.
		if e164, err := party.NormalizePhone(number, l.Country); err == nil {
			number = e164
		}
		d.Phones = []string{number}
	}
	if l.Consent.Text != "" && e[string(fieldConsent)] == l.Consent.Version {
		d.Consent = fmt.Sprintf("%s [%s]", l.Consent.Text, l.Consent.Version)
	}
	return d
}

// origin is where the visitor came from: UTM values first, then the kind of click id that the
// advertiser added, then what the form says of itself.
func (l *liveForm) origin(e entry, r *http.Request) lead.Origin {
	o := lead.Origin{
		Channel: lead.ByForm, Source: e["utm_source"], Medium: e["utm_medium"], Campaign: e["utm_campaign"], Term: e["utm_term"], Content: e["utm_content"],
		Referrer: e[postReferrer], Page: e[postPage],
	}
	for _, click := range []struct{ name, source, medium string }{{"gclid", "google", "cpc"}, {"msclkid", "bing", "cpc"}, {"fbclid", "facebook", "social"}} {
		if e[click.name] == "" || o.ClickID != "" {
			continue
		}
		o.ClickID = e[click.name]
		if o.Source == "" && o.Medium == "" {
			o.Source, o.Medium = click.source, click.medium
		}
	}
	if o.Source == "" {
		o.Source = l.Source
	}
	if o.Campaign == "" {
		o.Campaign = l.Campaign
	}
	if o.Page == "" {
		o.Page = r.Referer()
	}
	return o
}

// repeatToken is what makes the capture repeatable: the token of the rendering and what was typed into
// it. A second press changes neither; a correction is worth an arrival of its own.
func (l *liveForm) repeatToken(e entry) string {
	h := sha256.New()
	for _, field := range append([]FormField{{Name: fieldConsent}}, l.Fields...) {
		text := strings.TrimSpace(e[string(field.Name)])
		fmt.Fprintf(h, "%s %d %s\n", field.Name, len(text), text)
	}
	return "form " + l.Key + " " + e[postToken] + " " + base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:12])
}
