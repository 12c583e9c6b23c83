package convert

import (
	"context"
	"errors"
	"slices"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
)

func list[T any](values []T) schema.QueryAppender { return bun.List(values) }

// customerDraft is the customer that a party would become. Links to people of the company fill what
// the company itself lacks to be reached by.
func customerDraft(p party.Party, contact *party.Party, currency string) erpbridge.Customer {
	c := erpbridge.Customer{
		Person: p.Kind == party.Person, Name: p.DisplayName, Given: p.Given, Family: p.Family,
		Email: p.Email, Phone: firstOf(p.Phone, p.Mobile), Website: p.Website,
		Address: erpbridge.Address(p.Address()), Currency: currency, Language: p.Language,
	}
	if id, err := party.NormalizeTaxID(p.TaxID, p.Country); err == nil {
		c.TaxID = id.Text
		if c.Address.Country == "" {
			c.Address.Country = id.Country
		}
	}
	if contact != nil {
		c.Email = firstOf(c.Email, contact.Email)
		c.Phone = firstOf(c.Phone, contact.Phone, contact.Mobile)
		if c.Address == (erpbridge.Address{}) || c.Address == (erpbridge.Address{Country: c.Address.Country}) {
			country := c.Address.Country
			c.Address = erpbridge.Address(contact.Address())
			c.Address.Country = firstOf(country, c.Address.Country)
		}
	}
	return c
}

func contactDraft(p party.Party, customer string) erpbridge.Contact {
	return erpbridge.Contact{
		Customer: customer, Name: p.DisplayName, Given: p.Given, Family: p.Family, JobTitle: p.JobTitle,
		Email: p.Email, Phone: p.Phone, Mobile: p.Mobile, Language: p.Language,
	}
}

func firstOf(texts ...string) string {
	i := slices.IndexFunc(texts, func(s string) bool { return s != "" })
	if i < 0 {
		return ""
	}
	return texts[i]
}

// around is a lead with everyone around it.
type around struct {
	lead lead.Lead
	// account is who becomes the customer: the company, or the person of a lead without one.
	account party.Party
	// contact is the person of a lead with a company, nil for none.
	contact *party.Party
	// customer is the host's key where the account already is a customer.
	customer string
	// hidden are those of them whom the actor may not see but through the lead.
	hidden []party.ID
}

// look reads the parties of a lead and the role the account has at the host. Whoever sees the lead converts
// it with what is known of them, whoever looks after the parties themselves.
func (in *Conversions) look(ctx context.Context, s *store.Session, l lead.Lead) (around, error) {
	a := around{lead: l}
	person, err := in.whoever(ctx, s, l.PartyID, &a)
	if err != nil {
		return a, err
	}
	a.account = person
	company := l.OrganizationID
	if company.IsZero() {
		company = person.EmployerID
	}
	if !company.IsZero() && person.Kind == party.Person {
		if a.account, err = in.whoever(ctx, s, company, &a); err != nil {
			return a, err
		}
		a.contact = &person
	}
	links, err := in.config.Parties.Links(ctx, a.account.ID)
	for _, link := range links {
		if link.Role == party.Customer {
			a.customer = link.HostKey
		}
	}
	return a, err
}

// whoever reads a party that the actor may not see but through the lead, and puts those down.
func (in *Conversions) whoever(ctx context.Context, s *store.Session, id party.ID, a *around) (party.Party, error) {
	p, err := in.config.Parties.Get(ctx, id)
	if fault.CodeOf(err) != fault.NotFound {
		return p, err
	}
	defer widen(s)()
	if p, err = in.config.Parties.Get(ctx, id); err == nil {
		a.hidden = append(a.hidden, p.ID)
	}
	return p, err
}

// widen lets the session see all parties of its company until restore is called.
func widen(s *store.Session) (restore func()) {
	was := s.Actor
	s.Actor.See, s.Actor.Group = actor.All, nil
	return func() { s.Actor = was }
}

// openParties shows a colleague's parties to whoever converts the lead and to its owner from now on: the customer
// that it becomes is theirs to see too, and keeps its owner.
func (in *Conversions) openParties(ctx context.Context, a around, who string) error {
	for _, id := range a.hidden {
		for _, user := range []string{who, a.lead.OwnerUser} {
			if err := in.config.Parties.Share(ctx, id, user); err != nil {
				return err
			}
		}
	}
	return nil
}

// Others gives the other open leads of the same company, which are offered to be converted together.
func (c *Conversions) Others(ctx context.Context, id lead.ID) ([]lead.Lead, error) {
	var others []lead.Lead
	err := c.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		in := c.In(s)
		var l lead.Lead
		if err := s.Get(ctx, &l, id); err != nil {
			return err
		}
		a, err := in.look(ctx, s, l)
		if err != nil || a.account.Kind != party.Company {
			return err
		}
		restore := widen(s) // of the family only leads that he sees are given
		family, err := in.config.Parties.Family(ctx, a.account.ID)
		restore()
		if err != nil {
			return err
		}
		return s.Select(&others).Where("lead.party_id IN (?)", list(family)).Where("lead.id <> ?", id).
			Where("lead.conversion_id IS NULL").Where("lead.merged_into IS NULL").OrderExpr("lead.id").Scan(ctx)
	})
	return others, err
}

// Matched is a customer of the host that may be the lead.
type Matched struct {
	Customer erpbridge.Customer
	Match    party.Match
}

// matches asks the host for customers that may be the account, best first.
func (in *Conversions) matches(ctx context.Context, hs erpbridge.Session, a around) ([]Matched, error) {
	key := erpbridge.MatchKey{
		Email: a.account.Email, Phone: firstOf(a.account.Phone, a.account.Mobile), TaxID: a.account.TaxID, Name: party.NameKey(a.account.DisplayName),
	}
	keys := []erpbridge.MatchKey{key}
	if a.contact != nil {
		keys = append(keys, erpbridge.MatchKey{Email: a.contact.Email, Phone: firstOf(a.contact.Phone, a.contact.Mobile)})
	}
	hits, err := in.config.Host.Customers.Match(ctx, hs, keys)
	if err != nil {
		return nil, err
	}
	want := identity(customerDraft(a.account, a.contact, ""))
	var out []Matched
	for _, hit := range hits {
		if slices.ContainsFunc(out, func(m Matched) bool { return m.Customer.Key == hit.Customer.Key }) {
			continue
		}
		if m := party.Compare(want, identity(hit.Customer)); m.Score >= party.Possible {
			out = append(out, Matched{hit.Customer, m})
		}
	}
	slices.SortStableFunc(out, func(a, b Matched) int { return b.Match.Score - a.Match.Score })
	return out, nil
}

func identity(c erpbridge.Customer) party.Identity {
	id := party.Identity{City: c.Address.City, PostalCode: c.Address.PostalCode}
	if c.Person {
		id.Name = c.Name
	} else {
		id.Company = c.Name
	}
	if email, err := party.NormalizeEmail(c.Email); err == nil {
		id.Emails = []string{email}
	}
	if number, err := party.NormalizePhone(c.Phone, c.Address.Country); err == nil {
		id.Phones = []string{number}
	}
	if tax, err := party.NormalizeTaxID(c.TaxID, c.Address.Country); err == nil {
		id.TaxID = tax.Key
	}
	return id
}

// missing are the faults that keep a draft from becoming a customer who can be invoiced.
func (in *Conversions) missing(ctx context.Context, hs erpbridge.Session, draft erpbridge.Customer) ([]fault.Fault, error) {
	check, ok := can[erpbridge.CustomerCheck](in.config.Host.Customers)
	if !ok {
		return nil, nil
	}
	return check.Check(ctx, hs, draft)
}

// customer makes or picks the host's customer.
func (in *Conversions) customer(ctx context.Context, hs erpbridge.Session, a around, choice CustomerChoice, out *Result) error {
	if in.config.Host.Customers == nil {
		return fault.New(fault.Invalid, "the host %s takes no customers from outside", in.config.Host.Name)
	}
	key := firstOf(choice.Existing, a.customer)
	draft := customerDraft(a.account, a.contact, a.lead.Currency)
	choice.overlay(&draft)
	if key == "" {
		missing, err := in.missing(ctx, hs, draft)
		if err != nil {
			return err
		}
		var faults fault.List
		faults.Merge("customer", missing)
		if err := faults.Err("the lead cannot become a customer yet"); err != nil {
			return err
		}
		made, err := in.config.Host.Customers.Create(ctx, hs, draft)
		if err != nil {
			return under("customer", err)
		}
		out.Customer, out.CreatedCustomer = &made, true
		return nil
	}
	if a.customer != "" && choice.Existing != "" && choice.Existing != a.customer {
		return fault.New(fault.Invalid, "%s is already customer %s of the host and cannot become %s", a.account.DisplayName, a.customer, choice.Existing)
	}
	if choice.Fill == FillEmpty {
		filled, err := in.config.Host.Customers.FillEmpty(ctx, hs, key, draft)
		if err != nil {
			return under("customer", err)
		}
		out.Filled = filled
	}
	has, err := in.config.Host.Customers.Customer(ctx, hs, key)
	if err != nil {
		return under("customer", err)
	}
	if has.Blocked {
		return fault.New(fault.Invalid, "customer %s is blocked at the host; unblock it or pick another one", firstOf(has.Code, has.Key))
	}
	out.Customer = &has
	return nil
}

// under puts a path before the faults of the host's answer.
func under(path string, err error) error {
	var e *fault.Error
	if !errors.As(err, &e) || len(e.Faults) == 0 {
		return err
	}
	var faults fault.List
	faults.Merge(path, e.Faults)
	return &fault.Error{Code: e.Code, Message: e.Message, Faults: faults, Cause: e.Cause}
}

// contacts makes the people contacts of the customer; those who already are stay as they are.
func (in *Conversions) contact(ctx context.Context, hs erpbridge.Session, p party.Party, choice ContactChoice, out *Result) error {
	port := in.config.Host.Contacts
	if port == nil || choice.Skip == SkipContact {
		return nil
	}
	links, err := in.config.Parties.Links(ctx, p.ID)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(links, func(l party.Link) bool { return l.Role == party.Contact }) {
		return nil
	}
	draft := contactDraft(p, out.Customer.Key)
	made := draft
	if choice.Existing != "" {
		if _, err := port.FillEmptyContact(ctx, hs, choice.Existing, draft); err != nil {
			return under("contact", err)
		}
		made.Key = choice.Existing
	} else if made, err = port.CreateContact(ctx, hs, draft); err != nil {
		return under("contact", err)
	}
	out.Contacts = append(out.Contacts, made)
	return in.config.Parties.SetRole(ctx, p.ID, party.Link{Role: party.Contact, HostKey: made.Key}, [16]byte(out.ID))
}
