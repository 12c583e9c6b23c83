package party

import (
	"slices"
	"strings"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/store"
)

// Draft is what is known of a person or company, as it was typed or read from a file. Every field may
// be empty.
type Draft struct {
	Kind Kind
	// FullName is read in the order of the language; parts that are given count before it. For a
	// company it is the company's name.
	FullName string
	Title    string
	Given    string
	Middle   string
	// Patronymic is the Russian отчество.
	Patronymic string
	Family     string
	Gender     Gender
	// Language is the language the party is written to; the default where it is empty.
	Language  locale.Language
	BirthDate civil.Date
	// Emails and Phones: the first one is the main one.
	Emails   []string
	Phones   []string
	Mobile   string
	Website  string
	JobTitle string
	// TaxID is read as one of Address.Country unless it has a prefix.
	TaxID   string
	Address Address
	Owner   Owner
}

// Owner is who looks after a record.
type Owner struct{ User, Team string }

// Point is a further way to reach a party.
type Point struct {
	Kind  string // email, phone
	Value string
	Label string
}

// Prepared is a draft after normalising, ready to be written.
type Prepared struct {
	Party  Party
	Points []Point
	keys   []partyKey
}

// Keys are what duplicates are found by.
type Keys struct {
	Emails, Phones []string
	TaxID          string
	// Names are block keys; see [BlockKeys].
	Names []string
}

// Kinds of lookup keys.
const (
	keyEmail = "email"
	keyPhone = "phone"
	keyTax   = "tax"
	keyName  = "name"
	// keyFirm is the whole name of a company, as in NameKey.
	keyFirm = "firm"
)

// Prepare normalises a draft. Faults are bad e-mail addresses and tax ids, and texts that do not fit;
// a phone number that cannot be read is kept as it was typed, for a clerk to put right, and found by
// nothing.
func Prepare(d Draft, l locale.Locale) (Prepared, []fault.Fault) {
	var faults fault.List
	p := Party{
		Kind: d.Kind, Gender: d.Gender, Language: d.Language, BirthDate: d.BirthDate,
		Website: Clean(d.Website, 200), JobTitle: Clean(d.JobTitle, 120), OwnerUser: d.Owner.User, OwnerTeam: d.Owner.Team,
	}
	if p.Kind == "" {
		p.Kind = Person
	}
	if p.Language == "" {
		p.Language = l.Language
	}
	p.setAddress(d.Address)
	p.setName(d)
	out := Prepared{}
	country := p.Country
	if country == "" {
		country = l.Language.Country()
	}
	out.setEmails(&p, d.Emails, &faults)
	out.setPhones(&p, d, country)
	if strings.TrimSpace(d.TaxID) != "" {
		id, err := NormalizeTaxID(d.TaxID, country)
		faults.Merge("", fault.Of(err))
		p.TaxID = id.Key
	}
	out.Party = p
	out.keys = out.lookupKeys()
	return out, faults
}

func (p *Party) setAddress(a Address) {
	p.Line1, p.Line2 = Clean(a.Line1, 120), Clean(a.Line2, 120)
	p.PostalCode, p.City, p.Region = Clean(a.PostalCode, 20), Clean(a.City, 80), Clean(a.Region, 80)
	p.Country = CountryOf(a.Country)
}

// setName fills the parts of the name and the display name; parts that were given count before what
// is read from the full name.
func (p *Party) setName(d Draft) {
	if p.Kind == Company {
		p.DisplayName = Clean(d.FullName, 240)
	} else {
		n := Name{}
		if d.Given == "" && d.Family == "" {
			n = ParseName(d.FullName, p.Language)
		}
		for _, part := range []struct {
			given string
			to    *string
		}{{d.Title, &n.Title}, {d.Given, &n.Given}, {d.Middle, &n.Middle}, {d.Patronymic, &n.Patronymic}, {d.Family, &n.Family}} {
			if s := Clean(part.given, 80); s != "" {
				*part.to = s
			}
		}
		p.Title, p.Given, p.Middle = cutTo(n.Title, 40), cutTo(n.Given, 80), cutTo(n.Middle, 80)
		p.Patronymic, p.Particle, p.Family, p.Suffix = cutTo(n.Patronymic, 80), cutTo(n.Particle, 40), cutTo(n.Family, 120), cutTo(n.Suffix, 40)
		p.DisplayName = Clean(n.Display(p.Language), 240)
		if p.Gender == GenderUnknown {
			p.Gender = n.Gender()
		}
	}
	p.SortKey = p.Language.SortKey(p.sortName())
}

// sortName is the name as lists are sorted: family name first.
func (p *Party) sortName() string {
	if p.Kind == Company || p.Family == "" {
		return p.DisplayName
	}
	return strings.Join(strings.Fields(p.Family+" "+p.Given+" "+p.Middle+" "+p.Patronymic), " ")
}

func cutTo(s string, n int) string { return Clean(s, n) }

func (out *Prepared) setEmails(p *Party, emails []string, faults *fault.List) {
	for i, text := range emails {
		if strings.TrimSpace(text) == "" {
			continue
		}
		key, err := NormalizeEmail(text)
		if err != nil {
			path := "email"
			if i > 0 {
				path = "email" + string(rune('1'+min(i, 8)))
			}
			for _, f := range fault.Of(err) {
				faults.Add(path, f.Code, "%s", f.Message)
			}
			continue
		}
		switch {
		case p.Email == "":
			p.Email = key
		case p.Email != key:
			out.Points = append(out.Points, Point{Kind: keyEmail, Value: key})
		}
	}
}

func (out *Prepared) setPhones(p *Party, d Draft, country string) {
	read := func(text string) string {
		if e164, err := NormalizePhone(text, country); err == nil {
			return e164
		}
		return Clean(text, 40)
	}
	p.Mobile = read(d.Mobile)
	for _, text := range d.Phones {
		number := read(text)
		switch {
		case number == "" || number == p.Phone || number == p.Mobile:
		case p.Phone == "":
			p.Phone = number
		default:
			out.Points = append(out.Points, Point{Kind: keyPhone, Value: number})
		}
	}
}

// lookupKeys are the rows of crm_party_key.
func (out *Prepared) lookupKeys() []partyKey {
	p := &out.Party
	var keys []partyKey
	add := func(kind, value string) {
		k := partyKey{Kind: kind, Value: cutBytes(value, 254)}
		if value != "" && !slices.Contains(keys, k) {
			keys = append(keys, k)
		}
	}
	add(keyEmail, p.Email)
	for _, number := range []string{p.Phone, p.Mobile} {
		if strings.HasPrefix(number, "+") {
			add(keyPhone, number)
		}
	}
	for _, point := range out.Points {
		if point.Kind == keyEmail || strings.HasPrefix(point.Value, "+") {
			add(point.Kind, point.Value)
		}
	}
	add(keyTax, p.TaxID)
	for _, k := range BlockKeys(p.DisplayName) {
		add(keyName, k)
	}
	if p.Kind == Company {
		add(keyFirm, NameKey(p.DisplayName))
	}
	return keys
}

func cutBytes(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}

// Identity is what the party is compared by.
func (out Prepared) Identity(employer string) Identity {
	return out.Party.identity(out.Points, employer)
}

func (p Party) identity(points []Point, employer string) Identity {
	id := Identity{TaxID: p.TaxID, City: p.City, PostalCode: p.PostalCode, Birth: p.BirthDate, Company: employer}
	if p.Kind == Company {
		id.Company = p.DisplayName
	} else {
		id.Name = p.DisplayName
	}
	for _, email := range []string{p.Email} {
		if email != "" {
			id.Emails = append(id.Emails, email)
		}
	}
	for _, number := range []string{p.Phone, p.Mobile} {
		if strings.HasPrefix(number, "+") {
			id.Phones = append(id.Phones, number)
		}
	}
	for _, point := range points {
		if point.Kind == keyEmail {
			id.Emails = append(id.Emails, point.Value)
		} else {
			id.Phones = append(id.Phones, point.Value)
		}
	}
	return id
}

// Keys gives what duplicates of the draft are looked for by.
func (out Prepared) Keys() Keys {
	var k Keys
	for _, key := range out.keys {
		switch key.Kind {
		case keyEmail:
			k.Emails = append(k.Emails, key.Value)
		case keyPhone:
			k.Phones = append(k.Phones, key.Value)
		case keyTax:
			k.TaxID = key.Value
		case keyName:
			k.Names = append(k.Names, key.Value)
		}
	}
	return k
}

// give sets ids and the session's company on everything that belongs to the party.
func (out *Prepared) give(s *store.Session) {
	if out.Party.ID.IsZero() {
		out.Party.ID = store.NewKey[Tag](s)
	}
	for i := range out.keys {
		out.keys[i].PartyID = out.Party.ID
	}
}
