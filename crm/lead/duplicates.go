package lead

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
)

// Duplicate is a lead, a party or a customer of the host that may be the one that was looked at.
type Duplicate struct {
	// Party is zero for a customer of the host that CRM+ has not met yet.
	Party party.ID
	// Lead is the party's newest lead, zero where it has none.
	Lead   ID
	Status Status
	// Customer is the host's key, "" where the party is no customer.
	Customer string
	Name     string
	Owner    party.Owner
	Match    party.Match
	// Hidden is set where the actor may not see the record. Then Name and the details of the reasons
	// are withheld, and Owner says whom to ask.
	Hidden bool
}

// Duplicates looks for who may be the same as a lead: other parties, whether leads or not, and customers
// of the host, the likeliest first.
func (l *Leads) Duplicates(ctx context.Context, id ID) ([]Duplicate, error) {
	var out []Duplicate
	err := l.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		if err := s.Actor.Require(actor.LeadRead); err != nil {
			return err
		}
		inside := l.In(s)
		lead, err := inside.get(ctx, s, id)
		if err != nil {
			return err
		}
		restore := widen(s)
		defer restore()
		who, err := inside.parties.Prepared(ctx, lead.PartyID)
		if err != nil {
			return err
		}
		found, err := inside.parties.Find(ctx, who, lead.Organization)
		if err != nil {
			return err
		}
		p := &Prepared{primary: &who, lead: lead}
		answer, err := inside.askHost(ctx, inside.hostSession(s), p)
		if err != nil {
			return err
		}
		restore()
		out, err = inside.explain(ctx, s, found, answer.hits(who.Identity(lead.Organization)), lead.PartyID)
		return err
	})
	return out, err
}

// explain turns candidates into what the actor may see of them; self is left out.
func (l *Leads) explain(ctx context.Context, s *store.Session, found []party.Candidate, hits []hostHit, self party.ID) ([]Duplicate, error) {
	found = slices.DeleteFunc(slices.Clone(found), func(c party.Candidate) bool { return c.Party.ID == self })
	out, err := l.known(ctx, s, found)
	if err != nil {
		return nil, err
	}
	for _, hit := range hits {
		if hit.Match.Score < party.Possible || slices.ContainsFunc(out, func(d Duplicate) bool { return d.Customer == hit.Customer.Key }) {
			continue
		}
		linked, err := l.parties.ByRole(ctx, party.Link{Role: party.Customer, HostKey: hit.Customer.Key})
		if err != nil && !errors.Is(err, fault.NotFound) {
			return nil, err
		}
		if linked.ID == self {
			continue
		}
		// The host's customers are the host's to show; whoever may read leads works with them.
		out = append(out, Duplicate{Party: linked.ID, Customer: hit.Customer.Key, Name: hit.Customer.Name, Match: hit.Match})
	}
	slices.SortStableFunc(out, func(a, b Duplicate) int { return cmp.Compare(b.Match.Score, a.Match.Score) })
	return out, nil
}

// known reads what belongs to the candidates among our parties, and hides what the actor may not see.
func (l *Leads) known(ctx context.Context, s *store.Session, found []party.Candidate) ([]Duplicate, error) {
	if len(found) == 0 {
		return nil, nil
	}
	ids := make([]party.ID, len(found))
	for i, c := range found {
		ids[i] = c.Party.ID
	}
	restore := widen(s)
	leads, err := l.newestLeads(ctx, s, ids)
	var customers map[party.ID]string
	if err == nil {
		customers, err = l.parties.Customers(ctx, ids)
	}
	restore()
	if err != nil {
		return nil, err
	}
	out := make([]Duplicate, len(found))
	for i, c := range found {
		d := &out[i]
		*d = Duplicate{Party: c.Party.ID, Name: c.Party.DisplayName, Owner: party.Owner{User: c.Party.OwnerUser, Team: c.Party.OwnerTeam}, Match: c.Match, Customer: customers[c.Party.ID]}
		if lead, ok := leads[c.Party.ID]; ok {
			d.Lead, d.Status, d.Owner = lead.ID, lead.Status, lead.Owner()
		}
	}
	return out, l.hide(ctx, s, out)
}

// newestLeads gives the latest lead of each party.
func (l *Leads) newestLeads(ctx context.Context, s *store.Session, ids []party.ID) (map[party.ID]Lead, error) {
	var rows []Lead
	if err := s.Select(&rows).Where("lead.party_id IN (?)", bun.List(ids)).Where("lead.merged_into IS NULL").Scan(ctx); err != nil {
		return nil, fmt.Errorf("reading the leads of candidates: %w", err)
	}
	newest := make(map[party.ID]Lead, len(rows))
	for _, row := range rows {
		if before, ok := newest[row.PartyID]; !ok || row.ArrivedAt.After(before.ArrivedAt) {
			newest[row.PartyID] = row
		}
	}
	return newest, nil
}

// hide takes the names and details away of what the actor may not see: the lead or, where there is
// none, the party.
func (l *Leads) hide(ctx context.Context, s *store.Session, out []Duplicate) error {
	if s.Actor.See == actor.All {
		return nil
	}
	leads, parties := []ID{{}}, []party.ID{{}} // never an empty list
	for _, d := range out {
		if d.Lead.IsZero() {
			parties = append(parties, d.Party)
		} else {
			leads = append(leads, d.Lead)
		}
	}
	var seenLeads []ID
	if err := s.Select((*Lead)(nil)).Column("lead.id").Where("lead.id IN (?)", bun.List(leads)).Scan(ctx, &seenLeads); err != nil {
		return fmt.Errorf("reading which candidates may be seen: %w", err)
	}
	var seenParties []party.ID
	if err := s.Select((*party.Party)(nil)).Column("party.id").Where("party.id IN (?)", bun.List(parties)).Scan(ctx, &seenParties); err != nil {
		return fmt.Errorf("reading which candidates may be seen: %w", err)
	}
	for i := range out {
		d := &out[i]
		if slices.Contains(seenLeads, d.Lead) || slices.Contains(seenParties, d.Party) {
			continue
		}
		d.Hidden, d.Name = true, ""
		d.Match.Reasons = slices.Clone(d.Match.Reasons)
		for i := range d.Match.Reasons {
			d.Match.Reasons[i].Detail = ""
		}
	}
	return nil
}

// hostHit is a customer of the host that was compared.
type hostHit struct {
	Customer erpbridge.Customer
	Match    party.Match
	identity party.Identity
}

// hostAnswer is what the host said about a draft.
type hostAnswer struct {
	asked, failed bool
	customers     []erpbridge.Customer
	locale        locale.Locale
}

// hits compares the customers with an identity, the best first.
func (a hostAnswer) hits(want party.Identity) []hostHit {
	out := make([]hostHit, len(a.customers))
	for i, c := range a.customers {
		got := identityOf(c, a.locale)
		out[i] = hostHit{Customer: c, Match: party.Compare(want, got), identity: got}
	}
	slices.SortStableFunc(out, func(x, y hostHit) int { return cmp.Compare(y.Match.Score, x.Match.Score) })
	return out
}

// identityOf normalises a customer of the host; what cannot be read is left out.
func identityOf(c erpbridge.Customer, l locale.Locale) party.Identity {
	country := c.Address.Country
	if country == "" {
		country = l.Language.Country()
	}
	id := party.Identity{City: c.Address.City, PostalCode: c.Address.PostalCode, Company: c.Name}
	if c.Person {
		id.Name, id.Company = c.Name, ""
	}
	if email, err := party.NormalizeEmail(c.Email); err == nil {
		id.Emails = []string{email}
	}
	if phone, err := party.NormalizePhone(c.Phone, country); err == nil {
		id.Phones = []string{phone}
	}
	if tax, err := party.NormalizeTaxID(c.TaxID, country); err == nil {
		id.TaxID = tax.Key
	}
	return id
}

// matchKeys are the questions to the host about a draft.
func (p *Prepared) matchKeys() []erpbridge.MatchKey {
	k := p.primary.Keys()
	name := party.NameKey(p.primary.Party.DisplayName)
	first := erpbridge.MatchKey{TaxID: k.TaxID, Name: name}
	var keys []erpbridge.MatchKey
	for i := range max(len(k.Emails), len(k.Phones), 1) {
		key := first
		if i < len(k.Emails) {
			key.Email = k.Emails[i]
		}
		if i < len(k.Phones) {
			key.Phone = k.Phones[i]
		}
		if key != (erpbridge.MatchKey{}) {
			keys = append(keys, key)
		}
		first = erpbridge.MatchKey{}
	}
	if p.employer != nil {
		keys = append(keys, erpbridge.MatchKey{TaxID: p.employer.Party.TaxID, Name: party.NameKey(p.employer.Party.DisplayName)})
	}
	return keys
}

func (p *Prepared) primaryIdentity() party.Identity { return p.primary.Identity(p.employerName()) }

// askHost asks a host for customers that answer the draft's keys.
func (l *Leads) askHost(ctx context.Context, h erpbridge.Session, p *Prepared) (hostAnswer, error) {
	answer := hostAnswer{asked: true, locale: l.parties.Locale(h.Company)}
	if l.host.Customers == nil {
		return answer, nil
	}
	keys := p.matchKeys()
	if len(keys) == 0 {
		return answer, nil
	}
	matches, err := l.host.Customers.Match(ctx, h, keys)
	if err != nil {
		if l.host.Place == erpbridge.Elsewhere {
			answer.failed = true // no lead is lost because the ERP does not answer
			return answer, nil
		}
		return answer, err
	}
	for _, m := range matches {
		if !slices.ContainsFunc(answer.customers, func(c erpbridge.Customer) bool { return c.Key == m.Customer.Key }) {
			answer.customers = append(answer.customers, m.Customer)
		}
	}
	return answer, nil
}

// askElsewhere asks a host that does not share our transaction before that begins, so that nobody
// waits for a network while rows are locked.
func (l *Leads) askElsewhere(ctx context.Context, d Draft) (hostAnswer, error) {
	if l.host.Place != erpbridge.Elsewhere || l.host.Customers == nil {
		return hostAnswer{}, nil
	}
	a, err := actor.From(ctx)
	if err != nil {
		return hostAnswer{}, err
	}
	if err := a.Require(actor.LeadCapture); err != nil {
		return hostAnswer{}, err
	}
	loc := l.parties.Locale(a.Company)
	now := l.db.Now()
	p, faults := Prepare(withDefaults(d, a), loc, now)
	if len(faults) > 0 {
		return hostAnswer{}, nil // reported by Capture itself
	}
	return l.askHost(ctx, erpbridge.Session{Company: a.Company, UserID: a.HostUser(), Now: now, Today: civil.In(now, loc.Location())}, p)
}
