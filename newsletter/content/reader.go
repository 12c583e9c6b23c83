package content

import (
	"strings"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/party"
)

// Reader is what is known of somebody who gets a newsletter. Everything may be empty.
type Reader struct {
	Language locale.Language
	Name     party.Name
	Gender   party.Gender
	// Organization says that the reader is a firm and no person: it is greeted as a partner.
	Organization bool
	Email        string
	Company      string
	JobTitle     string
	City         string
	// Country is its ISO 3166-1 alpha-2 code; letters name it in their language.
	Country        string
	CustomerNumber string
	// Owner is who looks after the reader.
	Owner Owner
	// Today is the day of sending in the company's zone.
	Today civil.Date
	// Unsubscribe, Preference and View are the addresses of the reader's own pages.
	Unsubscribe, Preference, View string
	// More are the values of the fields that the catalogue was given, by name: those of the company's own.
	More map[string]string
}

// Owner is the contact person of a reader.
type Owner struct{ Name, Email, Phone string }

// person is the name as far as it is one.
func (r *Reader) person() party.Name {
	n := r.Name
	if r.Organization {
		return party.Name{}
	}
	for _, part := range []string{n.Title, n.Given, n.Middle, n.Patronymic, n.Particle, n.Family, n.Suffix, n.Full} {
		if LinkLike(part) {
			return party.Name{}
		}
	}
	return n
}

// Salutation is the first line of a letter to the reader, in his language, by his name, title and gender as
// far as they are known, with its punctuation; see [party.Name.Salutation]. It never leaves a gap.
func (r *Reader) Salutation(style party.Style) string {
	return r.greet(r.person(), style)
}

func (r *Reader) greet(name party.Name, style party.Style) string {
	gender := r.Gender
	if name == (party.Name{}) {
		gender = party.GenderUnknown
	}
	return name.Salutation(r.Language, gender, style)
}

// Addressee is the name that stands beside the address in To: the person's in the order of the language, the
// firm's where there is no person, "" where neither is known.
func (r *Reader) Addressee() string {
	name := r.person().Display(r.Language)
	if r.Organization {
		name = or(r.Company, r.Name.Full)
	}
	return party.Clean(or(name, r.Company), maxNameValue)
}

// Append writes the reader's values of the fields behind dst, in their order.
func (r *Reader) Append(dst []string, fields []string) []string {
	name := r.person()
	for _, f := range fields {
		dst = append(dst, r.value(f, name))
	}
	return dst
}

// value is that of one field; name is what person gives.
func (r *Reader) value(field string, name party.Name) string {
	if v, ok := r.More[field]; ok {
		return v
	}
	switch field {
	case "salutation":
		return r.greet(name, party.Formal)
	case "salutation_familiar":
		return r.greet(name, party.Friendly)
	case "first_name":
		return party.Clean(name.Given, maxNameValue)
	case "last_name":
		if name.Particle != "" && name.Family != "" {
			return party.Clean(name.Particle+" "+name.Family, maxNameValue)
		}
		return party.Clean(name.Family, maxNameValue)
	case "full_name":
		return party.Clean(name.Display(r.Language), maxNameValue)
	case "email":
		return r.Email
	case "company":
		return r.Company
	case "job_title":
		return r.JobTitle
	case "city":
		return r.City
	case "country":
		return party.CountryName(r.Country, r.Language)
	case "customer_number":
		return r.CustomerNumber
	case "owner_name":
		return r.Owner.Name
	case "owner_email":
		return r.Owner.Email
	case "owner_phone":
		return r.Owner.Phone
	case "today":
		if r.Today.IsZero() {
			return ""
		}
		return r.Language.Date(r.Today)
	case UnsubscribeURL:
		return r.Unsubscribe
	case PreferenceURL:
		return r.Preference
	case ViewURL:
		return r.View
	}
	return ""
}

// LinkLike reports what a mail program would make a link of, and no part of a name: names that say "win at
// evil.example" are a known way to send advertisements through other people's letters.
func LinkLike(text string) bool {
	if !strings.ContainsAny(text, ".:/@") {
		return false
	}
	text = strings.ToLower(text)
	if strings.Contains(text, "//") || strings.Contains(text, "@") || strings.Contains(text, "www.") || strings.Contains(text, "http:") || strings.Contains(text, "https:") {
		return true
	}
	for {
		_, after, ok := strings.Cut(text, ".")
		if !ok {
			return false
		}
		end := strings.IndexFunc(after, func(r rune) bool { return r < 'a' || r > 'z' })
		if end < 0 {
			end = len(after)
		}
		if domains[after[:end]] || end > 1 && strings.HasPrefix(after[end:], "/") {
			return true
		}
		text = after
	}
}

// domains are the ends of servers' names that such letters are known for, and those of our languages.
var domains = func() map[string]bool {
	set := map[string]bool{}
	for _, d := range strings.Fields("com net org info biz xyz top shop site online link click store live club vip win ru su hu gr il eu io me co uk de cn tk") {
		set[d] = true
	}
	return set
}()

// maxNameValue is the longest name that is written, in characters.
const maxNameValue = 120
