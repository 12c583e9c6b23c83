package lead

import (
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/party"
)

// Draft is what is known of a lead, as it was typed, sent or read from a file. Every field may be
// empty, as long as there is one way to reach the lead.
type Draft struct {
	// Name is a person's whole name, read in the order of Language; parts that are given count before
	// it.
	Name, Title, Given, Middle, Patronymic, Family string
	Gender                                         party.Gender
	BirthDate                                      civil.Date
	JobTitle                                       string
	// Language is what the lead is written to in; the company's where it is empty.
	Language locale.Language

	// Organization is the company's name. With a person it is the employer; alone it is the lead.
	Organization string
	// TaxID belongs to the organization where there is one, else to the person.
	TaxID   string
	Website string

	// Emails and Phones: the first one is the main one. Phones may be written in any habit.
	Emails  []string
	Phones  []string
	Mobile  string
	Address party.Address

	Interest      string
	ExpectedValue money.Amount
	// Currency is an ISO 4217 code; the company's own where it is empty.
	Currency string

	Origin Origin
	// Consent is the text that was agreed to, as it stood beside the box; "" for none.
	Consent string
	// Owner defaults to the user who acts. Leads from the outside world (actor.Public) belong to nobody, and the company's
	// rules of assignment give them to somebody at once; for a user's own, routing.Routes.Assign asks them afterwards.
	Owner party.Owner
	// ExternalID is the lead's key in the system it came from.
	ExternalID string
	// Token makes the call repeatable: a second Capture of the company with the same token changes
	// nothing and gives the first lead. A form carries one per rendering, a mailbox the Message-ID.
	Token string
	// ArrivedAt defaults to now.
	ArrivedAt time.Time
	// Custom are the values of custom fields; see store.Session.SetCustom.
	Custom map[string]any
}

// The longest texts that are taken; what is longer is cut.
const (
	interestLimit = 20000
	consentLimit  = 1000
)

// Prepared is a draft after normalising, ready to be compared and written.
type Prepared struct {
	// primary is who the lead is about; employer is set for a person with a company.
	primary  *party.Prepared
	employer *party.Prepared
	lead     Lead
	touch    Touch
	token    string
	custom   map[string]any

	// firm is the party of the company, and at, counted from 1, the lead's place among those of its
	// chunk; an import sets them.
	firm party.ID
	at   int
	// dated is set where the draft says when the lead came.
	dated bool
}

// customValues are the values of custom fields, nil for a row without a lead.
func (p *Prepared) customValues() map[string]any {
	if p == nil {
		return nil
	}
	return p.custom
}

// Prepare normalises a draft at an instant. The faults are all that is wrong with it; with faults
// nothing of the draft may be written.
func Prepare(d Draft, l locale.Locale, now time.Time) (*Prepared, []fault.Fault) {
	var faults fault.List
	if d.Language == "" {
		d.Language = l.Language
	} else if !slices.Contains(locale.Languages, d.Language) {
		d.Language, _ = locale.ParseLanguage(string(d.Language))
	}
	p := &Prepared{token: d.Token, custom: d.Custom, dated: !d.ArrivedAt.IsZero()}
	faults.Merge("", p.setParties(d, l))
	p.lead = Lead{
		Organization: party.Clean(d.Organization, 240), Status: StatusNew, Interest: cleanText(d.Interest, interestLimit),
		ExpectedValue: d.ExpectedValue, Currency: strings.ToUpper(strings.TrimSpace(d.Currency)),
		ExternalID: party.Clean(d.ExternalID, 80), ArrivedAt: d.ArrivedAt.UTC().Truncate(time.Millisecond), OwnerUser: d.Owner.User, OwnerTeam: d.Owner.Team,
	}
	p.setOrigin(d)
	p.judge(&faults, l, now)
	return p, faults
}

// setParties normalises the person and the company.
func (p *Prepared) setParties(d Draft, l locale.Locale) []fault.Fault {
	named := anyText(d.Name, d.Given, d.Family, d.Middle, d.Patronymic)
	organized := anyText(d.Organization)
	who := party.Draft{
		Language: d.Language, Emails: d.Emails, Phones: d.Phones, Mobile: d.Mobile, Address: d.Address, Owner: d.Owner,
	}
	if organized && !named {
		who.Kind, who.FullName, who.TaxID, who.Website = party.Company, d.Organization, d.TaxID, d.Website
		prepared, faults := party.Prepare(who, l)
		p.primary = &prepared
		return faults
	}
	who.Kind = party.Person
	who.FullName, who.Title, who.Given, who.Middle, who.Patronymic, who.Family = d.Name, d.Title, d.Given, d.Middle, d.Patronymic, d.Family
	who.Gender, who.BirthDate, who.JobTitle = d.Gender, d.BirthDate, d.JobTitle
	if !organized {
		who.TaxID, who.Website = d.TaxID, d.Website
	}
	prepared, faults := party.Prepare(who, l)
	p.primary = &prepared
	if organized {
		firm := party.Draft{Kind: party.Company, FullName: d.Organization, Language: d.Language, TaxID: d.TaxID, Website: d.Website, Address: d.Address, Owner: d.Owner}
		employer, more := party.Prepare(firm, l)
		p.employer = &employer
		faults = append(faults, more...)
	}
	return faults
}

func anyText(texts ...string) bool {
	return slices.ContainsFunc(texts, func(s string) bool {
		return strings.IndexFunc(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) >= 0
	})
}

func (p *Prepared) setOrigin(d Draft) {
	o := d.Origin
	o.Source, o.Medium = strings.ToLower(party.Clean(o.Source, 60)), strings.ToLower(party.Clean(o.Medium, 60))
	o.Campaign, o.Term, o.Content = party.Clean(o.Campaign, 80), party.Clean(o.Term, 120), party.Clean(o.Content, 120)
	o.ClickID, o.Referrer, o.Page = party.Clean(o.ClickID, 160), party.Clean(o.Referrer, 400), party.Clean(o.Page, 400)
	if o.Source == "" {
		if host := hostOf(o.Referrer); host != "" && host != hostOf(o.Page) {
			o.Source = host
			if o.Medium == "" {
				o.Medium = "referral"
			}
		} else {
			o.Source = string(o.Channel)
		}
	}
	for _, text := range []struct {
		to    *string
		limit int
	}{
		{&o.Source, 60}, {&o.Medium, 60}, {&o.Campaign, 80}, {&o.Term, 120}, {&o.Content, 120}, {&o.ClickID, 160}, {&o.Referrer, 400}, {&o.Page, 400},
		{&p.lead.Organization, 240}, {&p.lead.ExternalID, 80},
	} {
		*text.to = fit(*text.to, text.limit)
	}
	p.lead.Source, p.lead.Medium, p.lead.Campaign = o.Source, o.Medium, o.Campaign
	p.touch = Touch{Origin: o, Consent: fit(cleanText(d.Consent, consentLimit), consentLimit)}
}

func hostOf(link string) string {
	u, err := url.Parse(link)
	if err != nil {
		return ""
	}
	return fit(party.Clean(strings.TrimPrefix(strings.ToLower(u.Hostname()), "www."), 60), 60)
}

// judge collects what is wrong beyond the fields that party.Prepare looked at.
func (p *Prepared) judge(faults *fault.List, l locale.Locale, now time.Time) {
	if !p.reachable() && len(*faults) == 0 {
		faults.Add("email", "reach", "no way to reach the lead is given; give an e-mail address, a phone number or a postal address, or a name together with a company")
	}
	if p.lead.Currency == "" {
		p.lead.Currency = l.Currency
	}
	if p.lead.Currency != "" && !money.ValidCurrency(p.lead.Currency) {
		faults.Add("currency", "currency.form", "%q is no currency; give a code such as EUR", party.Clean(p.lead.Currency, 20))
	}
	if p.lead.ExpectedValue.IsNegative() {
		faults.Add("expected_value", "negative", "is %s; an expected value cannot be below zero", p.lead.ExpectedValue)
	} else if _, err := p.lead.ExpectedValue.Scaled(); err != nil {
		faults.Add("expected_value", "number.large", "%s", err)
	}
	if p.touch.Channel != "" && !slices.Contains(Channels, p.touch.Channel) {
		faults.Add("channel", "choice", "%q is no channel; choose one of %v", party.Clean(string(p.touch.Channel), 40), Channels)
	}
	switch {
	case p.lead.ArrivedAt.IsZero():
		p.lead.ArrivedAt = now
	case p.lead.ArrivedAt.After(now.AddDate(0, 0, 1)):
		faults.Add("arrived_at", "date.future", "%s lies in the future; give the day on which the lead came", civil.Of(p.lead.ArrivedAt))
	case p.lead.ArrivedAt.After(now):
		p.lead.ArrivedAt = now // the clock of the sender
	case p.lead.ArrivedAt.Year() < 1980:
		faults.Add("arrived_at", "date.past", "%s lies before any of these systems; give the day on which the lead came", civil.Of(p.lead.ArrivedAt))
	}
	p.touch.At = p.lead.ArrivedAt
	if len(p.lead.OwnerUser) > 64 || len(p.lead.OwnerTeam) > 64 {
		faults.Add("owner", "text.length", "is longer than a key of a user can be")
	}
}

// reachable reports whether somebody could get in touch. A name with its company counts: the company
// is in the phone book.
func (p *Prepared) reachable() bool {
	who := &p.primary.Party
	switch {
	case who.Email != "" || hasDigits(who.Phone) || hasDigits(who.Mobile):
		return true
	case who.Line1 != "" || who.PostalCode != "" && who.City != "":
		return true
	case p.employer != nil:
		return who.DisplayName != "" && p.employer.Party.DisplayName != ""
	}
	return who.Kind == party.Company && (who.TaxID != "" || who.Website != "" || who.City != "")
}

func hasDigits(s string) bool { return strings.ContainsAny(s, "0123456789") }

// lockKeys are what two captures of one person or company have in common; see [Leads.serialize].
func (p *Prepared) lockKeys() []string {
	k := p.primary.Keys()
	keys := slices.Concat(k.Emails, k.Phones)
	if k.TaxID != "" {
		keys = append(keys, k.TaxID)
	}
	if p.employer != nil {
		if id := p.employer.Keys().TaxID; id != "" {
			keys = append(keys, id)
		}
		keys = append(keys, party.NameKey(p.employer.Party.DisplayName))
	}
	if len(keys) == 0 || p.primary.Party.Kind == party.Company {
		keys = append(keys, party.NameKey(p.primary.Party.DisplayName))
	}
	if p.token != "" {
		keys = append(keys, "token "+p.token)
	}
	return keys
}

// employerName is what the person's employer is compared by.
func (p *Prepared) employerName() string {
	if p.employer == nil {
		return ""
	}
	return p.employer.Party.DisplayName
}

// nameless reports whether nothing but ways to reach the lead is known.
func (p *Prepared) nameless() bool { return p.primary.Party.DisplayName == "" && p.employer == nil }

// cleanText makes text of several lines fit to be stored: each line is cleaned, blank lines at both
// ends go, and at most limit runes stay.
func cleanText(text string, limit int) string {
	if text == "" {
		return ""
	}
	if len(text) > 8*limit {
		text = strings.ToValidUTF8(text[:8*limit], "")
	}
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	for i, line := range lines {
		lines[i] = party.Clean(strings.ReplaceAll(line, "\r", " "), limit)
	}
	text = strings.Trim(strings.Join(lines, "\n"), "\n")
	if n := 0; len(text) > limit {
		for i := range text {
			if n == limit {
				return strings.TrimRight(text[:i], " \n")
			}
			n++
		}
	}
	return text
}

// fit shortens a text to n UTF-16 units, which is how NVARCHAR counts.
func fit(text string, n int) string {
	if len(text) <= n {
		return text
	}
	units := 0
	for i, r := range text {
		units++
		if r > 0xFFFF {
			units++
		}
		if units > n {
			return text[:i]
		}
	}
	return text
}
