package campaign

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter/content"
)

// ReaderQuery asks what letters can say of readers.
type ReaderQuery struct {
	// Campaign is the zero value in previews that belong to none.
	Campaign Campaign
	Rows     []Recipient
	// Names are the fields that the letter has; what is costly to read is read only where it is named.
	Names []string
	// Locale is the company's, in the language of the letter: the values of its own fields are written as it has them.
	Locale locale.Locale
}

// names reports whether the letter has one of some fields.
func (q ReaderQuery) names(fields ...string) bool {
	return slices.ContainsFunc(fields, func(f string) bool { return slices.Contains(q.Names, f) })
}

// Directory knows what letters can say of readers: what crm/party and the company's own fields have, who looks after
// them, and what they are called by at the host. The zero value knows no colleagues and no host. It is safe for many
// goroutines and must not be copied.
type Directory struct {
	// Colleagues lists the host's users of the actor's company, by their keys. It is asked by Refresh, never inside a
	// transaction.
	Colleagues func(ctx context.Context) (map[string]content.Owner, error)
	// Numbers gives what people call the host's customers by, by their keys, for those that exist. Where it is nil, it
	// is the number that the host gave at the conversion, else the key.
	Numbers func(ctx context.Context, s *store.Session, keys []string) (map[string]string, error)

	mu    sync.Mutex
	rolls map[string]roll
}

// roll are the colleagues of a company as they were told.
type roll struct {
	// until is when the host is asked again.
	until  time.Time
	owners map[string]content.Owner
	err    error
}

// rollAge is after how long the host is asked again who works there.
const rollAge = time.Minute

// Refresh asks for the colleagues of the actor's company where the last answer is older than a minute; a host that let
// itself be waited for in vain is left alone for ten times as long, a minute at most. Call it before the transaction in
// which readers are read. What the host answered last stands until it answers again; where it never
// did, letters that name a colleague are held back with its error, and others go.
func (d *Directory) Refresh(ctx context.Context) error {
	if d.Colleagues == nil {
		return nil
	}
	a, err := actor.From(ctx)
	if err != nil {
		return err
	}
	d.mu.Lock()
	last, known := d.rolls[a.Company]
	d.mu.Unlock()
	began := time.Now()
	if known && began.Before(last.until) {
		return nil
	}
	next := roll{}
	next.owners, next.err = d.Colleagues(ctx)
	next.until = time.Now().Add(rollAge)
	if next.err != nil {
		next.owners, next.until = last.owners, time.Now().Add(min(rollAge, 10*time.Since(began)))
		if next.owners != nil {
			next.err = nil
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.rolls == nil {
		d.rolls = map[string]roll{}
	}
	d.rolls[a.Company] = next
	return nil
}

// partyBatch is how many parties one statement reads.
const partyBatch = 500

// Readers reads what is known of readers, in their order, as far as the actor sees them.
func (d *Directory) Readers(ctx context.Context, s *store.Session, q ReaderQuery) ([]content.Reader, error) {
	list, owners, err := ofParties(ctx, s, q.Rows)
	if err != nil {
		return nil, err
	}
	if q.names("owner_name", "owner_email", "owner_phone") {
		if err := d.introduce(s.Actor.Company, list, owners); err != nil {
			return nil, err
		}
	}
	if q.names("customer_number") {
		if err := d.number(ctx, s, q.Rows, list); err != nil {
			return nil, err
		}
	}
	return list, q.own(ctx, s, list)
}

// introduce says who looks after readers. A user who has left the host is nobody: the letter's default stands.
func (d *Directory) introduce(company string, list []content.Reader, owners []string) error {
	d.mu.Lock()
	known := d.rolls[company]
	d.mu.Unlock()
	if known.err != nil {
		return known.err
	}
	for i, key := range owners {
		if o := known.owners[key]; key != "" {
			o.Name, o.Email, o.Phone = party.Clean(o.Name, maxOwner), party.Clean(o.Email, maxOwner), party.Clean(o.Phone, maxOwner)
			list[i].Owner = o
		}
	}
	return nil
}

// maxOwner is the longest name or address of a colleague, in characters.
const maxOwner = 254

// number says what readers are called by as customers of the host: their own number, else that of the firm they work for.
func (d *Directory) number(ctx context.Context, s *store.Session, rows []Recipient, list []content.Reader) error {
	ids := make([]party.ID, len(rows))
	for i, r := range rows {
		ids[i] = r.PartyID
	}
	customers, err := party.CustomersOf(ctx, s, ids)
	if err != nil {
		return err
	}
	if d.Numbers != nil && len(customers) > 0 {
		keys := map[string]bool{}
		for _, c := range customers {
			keys[c.HostKey] = true
		}
		told, err := d.Numbers(ctx, s, slices.Sorted(maps.Keys(keys)))
		if err != nil {
			return err
		}
		for id, c := range customers {
			c.Number = cmp.Or(told[c.HostKey], c.Number)
			customers[id] = c
		}
	}
	for i, id := range ids {
		c := customers[id]
		list[i].CustomerNumber = cmp.Or(c.Number, c.HostKey)
	}
	return nil
}

// ofParties reads what crm/party knows of readers, and the users who look after them.
func ofParties(ctx context.Context, s *store.Session, rows []Recipient) (list []content.Reader, owners []string, err error) {
	list, owners = make([]content.Reader, len(rows)), make([]string, len(rows))
	at := make(map[party.ID]int, len(rows))
	ids := make([]party.ID, 0, len(rows))
	for i, r := range rows {
		list[i].Language = r.Language
		if !r.PartyID.IsZero() {
			at[r.PartyID] = i
			ids = append(ids, r.PartyID)
		}
	}
	employers := map[party.ID][]int{}
	for part := range slices.Chunk(ids, partyBatch) {
		var found []party.Party
		err := s.Select(&found).Column("id", "kind", "name", "title", "given", "middle", "patronymic", "particle", "family", "suffix", "gender", "job_title", "city", "country", "email", "employer_id", "owner_user").
			Where("party.id IN (?)", bun.List(part)).Scan(ctx)
		if err != nil {
			return nil, nil, err
		}
		for i := range found {
			p := &found[i]
			r := &list[at[p.ID]]
			r.Name, r.Gender, r.Organization, r.JobTitle, r.City, r.Country, r.Email = p.Name(), p.Gender, p.Kind == party.Company, p.JobTitle, p.City, p.Country, p.Email
			owners[at[p.ID]] = p.OwnerUser
			if r.Organization {
				r.Company = p.DisplayName
			} else if !p.EmployerID.IsZero() {
				employers[p.EmployerID] = append(employers[p.EmployerID], at[p.ID])
			}
		}
	}
	for part := range slices.Chunk(slices.Collect(maps.Keys(employers)), partyBatch) {
		var found []party.Party
		if err := s.Select(&found).Column("id", "name", "owner_user").Where("party.id IN (?)", bun.List(part)).Scan(ctx); err != nil {
			return nil, nil, err
		}
		for _, p := range found {
			for _, i := range employers[p.ID] {
				list[i].Company = p.DisplayName
				owners[i] = cmp.Or(owners[i], p.OwnerUser)
			}
		}
	}
	return list, owners, nil
}
