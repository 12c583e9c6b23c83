package party

import (
	"context"
	"fmt"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
)

// Link is a role that a party has at the host.
type Link struct {
	Role    Role
	HostKey string
}

// SetRole links the party to a record of the host. A record that already belongs to another party is
// fault.Conflict; one that already belongs to this party is left as it is.
func (p *Parties) SetRole(ctx context.Context, id ID, link Link, conversionID [16]byte) error {
	return p.inner(p.db.Write)(ctx, func(ctx context.Context, s *store.Session) error {
		has, ok, err := p.byRole(ctx, s, link)
		switch {
		case err != nil:
			return err
		case ok && has == id:
			return nil
		case ok:
			return fault.New(fault.Conflict, "%s %s of the host already belongs to another party; merge the two", link.Role, link.HostKey)
		}
		row := roleRow{Role: link.Role, HostKey: link.HostKey, PartyID: id, ConversionID: store.Key[conversion](conversionID), CreatedAt: s.Now}
		return s.InsertQuiet(ctx, &row)
	})
}

// RemoveRole unlinks the party from a record of the host.
func (p *Parties) RemoveRole(ctx context.Context, id ID, link Link) error {
	return p.inner(p.db.Write)(ctx, func(ctx context.Context, s *store.Session) error {
		_, err := s.Exec(ctx, store.From[roleRow](""), "DELETE FROM crm_role WHERE {scope} AND role = ? AND host_key = ? AND party_id = ?", link.Role, link.HostKey, id)
		return err
	})
}

// Rekey follows a record of the host that got another key.
func (p *Parties) Rekey(ctx context.Context, link Link, newKey string) error {
	return p.inner(p.db.Write)(ctx, func(ctx context.Context, s *store.Session) error {
		n, err := s.Exec(ctx, store.From[roleRow](""), "UPDATE crm_role SET host_key = ? WHERE {scope} AND role = ? AND host_key = ?", newKey, link.Role, link.HostKey)
		if err == nil && n == 0 {
			return fault.New(fault.NotFound, "no party is linked to %s %s", link.Role, link.HostKey)
		}
		return err
	})
}

// Links gives the roles of a party and of the parties merged into it.
func (p *Parties) Links(ctx context.Context, id ID) ([]Link, error) {
	var links []Link
	err := p.read(ctx, func(ctx context.Context, s *store.Session) error {
		if err := p.visible(ctx, s, id); err != nil {
			return err
		}
		var rows []roleRow
		err := s.Query(ctx, &rows, store.From[roleRow]("r"),
			"SELECT r.role, r.host_key FROM crm_role AS r WHERE {scope} AND (r.party_id = ? OR r.party_id IN (SELECT a.id FROM crm_party AS a WHERE a.merged_into = ?)) ORDER BY r.role, r.host_key", id, id)
		for _, row := range rows {
			links = append(links, Link{row.Role, row.HostKey})
		}
		return err
	})
	return links, err
}

// ByRole finds the party of a record of the host; fault.NotFound where it has none yet.
func (p *Parties) ByRole(ctx context.Context, link Link) (Party, error) {
	var out Party
	err := p.read(ctx, func(ctx context.Context, s *store.Session) error {
		id, ok, err := p.byRole(ctx, s, link)
		if err != nil {
			return err
		}
		if !ok {
			return fault.New(fault.NotFound, "no party is linked to %s %s", link.Role, link.HostKey)
		}
		out, err = p.In(s).Get(ctx, id)
		return err
	})
	return out, err
}

// Hidden reports whether a record of the host has a party that the actor does not see: a colleague's.
func (p *Parties) Hidden(ctx context.Context, link Link) (bool, error) {
	hidden := false
	err := p.read(ctx, func(ctx context.Context, s *store.Session) error {
		id, ok, err := p.byRole(ctx, s, link)
		if err != nil || !ok {
			return err
		}
		if _, err = p.In(s).Get(ctx, id); fault.CodeOf(err) == fault.NotFound {
			hidden, err = true, nil
		}
		return err
	})
	return hidden, err
}

func (p *Parties) byRole(ctx context.Context, s *store.Session, link Link) (ID, bool, error) {
	var rows []roleRow
	err := s.Query(ctx, &rows, store.From[roleRow]("r"), "SELECT r.party_id FROM crm_role AS r WHERE {scope} AND r.role = ? AND r.host_key = ?", link.Role, link.HostKey)
	if err != nil || len(rows) == 0 {
		return ID{}, false, err
	}
	return rows[0].PartyID, true, nil
}

// OfCustomer gives the party of a customer of the host and makes one at the first touch.
func (p *Parties) OfCustomer(ctx context.Context, c erpbridge.Customer) (Party, error) {
	var out Party
	err := p.write(ctx, func(ctx context.Context, s *store.Session) error {
		inside := p.In(s)
		link := Link{Customer, c.Key}
		id, ok, err := p.byRole(ctx, s, link)
		if err != nil {
			return err
		}
		if ok {
			out, err = inside.Get(ctx, id)
			return err
		}
		if out, err = inside.addHosts(ctx, s, draftOf(c)); err != nil {
			return fmt.Errorf("customer %s: %w", c.Key, err)
		}
		return inside.SetRole(ctx, out.ID, link, [16]byte{})
	})
	return out, err
}

// addHosts writes a party from the host's data. What the host keeps is true for us even where it would
// not pass our own checks, so faulty fields are left empty.
func (p *Parties) addHosts(ctx context.Context, s *store.Session, d Draft) (Party, error) {
	out, faults := Prepare(d, p.LocaleOf(s))
	if len(faults) > 0 {
		d.Emails, d.TaxID = nil, ""
		if out, faults = Prepare(d, p.LocaleOf(s)); len(faults) > 0 {
			return Party{}, fault.List(faults).Err("the host's data cannot be kept")
		}
	}
	err := p.insert(ctx, s, &out)
	return out.Party, err
}

func draftOf(c erpbridge.Customer) Draft {
	d := Draft{
		Kind: Company, FullName: c.Name, Emails: []string{c.Email}, Phones: []string{c.Phone}, Website: c.Website, TaxID: c.TaxID,
		Address: Address(c.Address), Language: c.Language,
	}
	if c.Person {
		d.Kind, d.Given, d.Family = Person, c.Given, c.Family
	}
	return d
}
