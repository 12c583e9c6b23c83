package party

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/store"
)

// partyKey is one thing a party is found by when duplicates are looked for.
type partyKey struct {
	bun.BaseModel `bun:"table:crm_party_key,alias:party_key"`

	Company string `bun:"company,pk,type:nvarchar(40)"`
	Kind    string `bun:"kind,pk,type:nvarchar(6)"`
	Value   string `bun:"value,pk,type:nvarchar(254)"`
	PartyID ID     `bun:"party_id,pk"`
}

// pointRow is a further way to reach a party.
type pointRow struct {
	bun.BaseModel `bun:"table:crm_party_point,alias:point"`

	ID      store.Key[pointRow] `bun:"id,pk"`
	Company string              `bun:"company,type:nvarchar(40)"`
	PartyID ID                  `bun:"party_id"`
	Kind    string              `bun:"kind,type:nvarchar(10)"`
	Value   string              `bun:"value,type:nvarchar(254)"`
	Label   string              `bun:"label,type:nvarchar(60)"`
}

// Role is what a party is at the host.
type Role string

// The roles at the host.
const (
	Customer Role = "customer"
	Contact  Role = "contact"
)

// roleRow links a party to a record of the host.
type roleRow struct {
	bun.BaseModel `bun:"table:crm_role,alias:role_row"`

	Company      string                `bun:"company,pk,type:nvarchar(40)"`
	Role         Role                  `bun:"role,pk,type:nvarchar(10)"`
	HostKey      string                `bun:"host_key,pk,type:nvarchar(80)"`
	PartyID      ID                    `bun:"party_id"`
	ConversionID store.Key[conversion] `bun:"conversion_id"`
	CreatedAt    time.Time             `bun:"created_at"`
}

type conversion struct{}

// shareRow lets one more user see a party.
type shareRow struct {
	bun.BaseModel `bun:"table:crm_party_share,alias:share_row"`

	PartyID ID     `bun:"party_id,pk"`
	UserID  string `bun:"user_id,pk,type:nvarchar(64)"`
	Company string `bun:"company,type:nvarchar(40)"`
}

// Parties keeps the parties of all companies.
type Parties struct {
	db      *store.DB
	locales func(company string) locale.Locale
	// trusted is set on a view inside another package's session, whose verb has decided what the actor
	// may do.
	trusted bool
}

// New makes a Parties on a database; locales gives a company's own way of seeing things.
func New(db *store.DB, locales func(company string) locale.Locale) *Parties {
	return &Parties{db: db, locales: locales}
}

// In gives a view that works inside an open session.
func (p *Parties) In(s *store.Session) *Parties {
	return &Parties{db: s.Inside(), locales: p.locales, trusted: true}
}

// LocaleOf is the way the session's company sees things.
func (p *Parties) LocaleOf(s *store.Session) locale.Locale { return p.locales(s.Actor.Company) }

// Add writes a new party.
func (p *Parties) Add(ctx context.Context, d Draft) (Party, error) {
	var out Prepared
	err := p.write(ctx, func(ctx context.Context, s *store.Session) error {
		var faults []fault.Fault
		out, faults = Prepare(d, p.LocaleOf(s))
		if err := fault.List(faults).Err("the person or company cannot be saved"); err != nil {
			return err
		}
		return p.insert(ctx, s, &out)
	})
	return out.Party, err
}

// AddPrepared writes a party that was prepared and judged by the caller.
func (p *Parties) AddPrepared(ctx context.Context, out *Prepared) error {
	return p.inner(p.db.Write)(ctx, func(ctx context.Context, s *store.Session) error { return p.insert(ctx, s, out) })
}

func (p *Parties) insert(ctx context.Context, s *store.Session, out *Prepared) error {
	out.give(s)
	if err := s.Insert(ctx, &out.Party); err != nil {
		return err
	}
	if len(out.keys) > 0 {
		if err := s.InsertQuiet(ctx, &out.keys); err != nil {
			return err
		}
	}
	return p.addPoints(ctx, s, out.Party.ID, out.Points)
}

func (p *Parties) addPoints(ctx context.Context, s *store.Session, id ID, points []Point) error {
	if len(points) == 0 {
		return nil
	}
	rows := make([]pointRow, len(points))
	for i, point := range points {
		rows[i] = pointRow{ID: store.NewKey[pointRow](s), PartyID: id, Kind: point.Kind, Value: point.Value, Label: point.Label}
	}
	return s.InsertQuiet(ctx, &rows)
}

// AddMany writes many prepared parties of an import, without audit entries of their own.
func (p *Parties) AddMany(ctx context.Context, batch []*Prepared) error {
	return p.inner(p.db.Write)(ctx, func(ctx context.Context, s *store.Session) error {
		parties := make([]Party, 0, len(batch))
		var keys []partyKey
		var points []pointRow
		for _, out := range batch {
			out.give(s)
			parties = append(parties, out.Party)
			keys = append(keys, out.keys...)
			for _, point := range out.Points {
				points = append(points, pointRow{ID: store.NewKey[pointRow](s), PartyID: out.Party.ID, Kind: point.Kind, Value: point.Value, Label: point.Label})
			}
		}
		if err := s.InsertMany(ctx, &parties); err != nil {
			return err
		}
		for i := range parties {
			batch[i].Party = parties[i]
		}
		if err := s.InsertMany(ctx, &keys); err != nil {
			return err
		}
		return s.InsertMany(ctx, &points)
	})
}

// Get reads a party; a merged one is followed to the party it stands for.
func (p *Parties) Get(ctx context.Context, id ID) (Party, error) {
	var out Party
	err := p.read(ctx, func(ctx context.Context, s *store.Session) error {
		for range maxAliases {
			out = Party{}
			if err := s.Get(ctx, &out, id); err != nil {
				return err
			}
			if out.MergedInto.IsZero() {
				return nil
			}
			id = out.MergedInto
		}
		return fault.New(fault.Invalid, "the merges of party %s go round in a circle", id)
	})
	return out, err
}

// maxAliases bounds a chain of merges.
const maxAliases = 20

// GetMany reads parties by their ids, in any order, without following merges.
func (p *Parties) GetMany(ctx context.Context, ids []ID) (map[ID]Party, error) {
	found := make(map[ID]Party, len(ids))
	err := p.read(ctx, func(ctx context.Context, s *store.Session) error {
		for part := range chunks(ids, 500) {
			var rows []Party
			if err := s.Select(&rows).Where("party.id IN (?)", bun.List(part)).Scan(ctx); err != nil {
				return fmt.Errorf("reading parties: %w", err)
			}
			for _, row := range rows {
				found[row.ID] = row
			}
		}
		return nil
	})
	return found, err
}

func chunks[T any](all []T, size int) func(yield func([]T) bool) {
	return func(yield func([]T) bool) {
		for from := 0; from < len(all); from += size {
			if !yield(all[from:min(from+size, len(all))]) {
				return
			}
		}
	}
}

// Points reads the further ways to reach a party.
func (p *Parties) Points(ctx context.Context, id ID) ([]Point, error) {
	var points []Point
	err := p.read(ctx, func(ctx context.Context, s *store.Session) error {
		if err := p.visible(ctx, s, id); err != nil {
			return err
		}
		var rows []pointRow
		if err := s.Select(&rows).Where("point.party_id = ?", id).OrderExpr("point.id").Scan(ctx); err != nil {
			return fmt.Errorf("reading contact points: %w", err)
		}
		points = make([]Point, len(rows))
		for i, row := range rows {
			points[i] = Point{Kind: row.Kind, Value: row.Value, Label: row.Label}
		}
		return nil
	})
	return points, err
}

// Change replaces what is known of a party by a draft, whose empty fields become empty. The version is
// the one that was read; an older one is fault.Conflict.
func (p *Parties) Change(ctx context.Context, id ID, version int64, d Draft) (Party, error) {
	var next Party
	err := p.write(ctx, func(ctx context.Context, s *store.Session) error {
		out, faults := Prepare(d, p.LocaleOf(s))
		if err := fault.List(faults).Err("the change cannot be saved"); err != nil {
			return err
		}
		var was Party
		if err := s.Lock(ctx, &was, id); err != nil {
			return err
		}
		next = out.Party
		next.ID, next.Record, next.EmployerID, next.MergedInto, next.ErasedAt = was.ID, was.Record, was.EmployerID, was.MergedInto, was.ErasedAt
		if next.OwnerUser == "" && next.OwnerTeam == "" {
			next.OwnerUser, next.OwnerTeam = was.OwnerUser, was.OwnerTeam
		}
		before := was
		before.Version = version
		if err := s.Save(ctx, &before, &next); err != nil {
			return err
		}
		if err := p.replaceParts(ctx, s, id, &out); err != nil {
			return err
		}
		return next.tell(ctx, s, was.Version)
	})
	return next, err
}

// replaceParts writes the points and lookup keys anew.
func (p *Parties) replaceParts(ctx context.Context, s *store.Session, id ID, out *Prepared) error {
	if _, err := s.Exec(ctx, store.From[pointRow](""), "DELETE FROM crm_party_point WHERE {scope} AND party_id = ?", id); err != nil {
		return err
	}
	if err := p.addPoints(ctx, s, id, out.Points); err != nil {
		return err
	}
	return p.rekey(ctx, s, id, out.keys)
}

// rekey adds the lookup keys that are new. Old ones stay: a person who changed the address is still
// found by the old one.
func (p *Parties) rekey(ctx context.Context, s *store.Session, id ID, keys []partyKey) error {
	for _, k := range keys {
		var n int
		err := s.Query(ctx, &n, store.From[partyKey]("k"), "SELECT COUNT(*) FROM crm_party_key AS k WHERE {scope} AND k.kind = ? AND k.value = ? AND k.party_id = ?", k.Kind, k.Value, id)
		if err != nil {
			return err
		}
		if n > 0 {
			continue
		}
		k.PartyID = id
		if err := s.InsertQuiet(ctx, &k); err != nil {
			return err
		}
	}
	return nil
}

// Assign gives the party another owner.
func (p *Parties) Assign(ctx context.Context, id ID, to Owner) error {
	return p.edit(ctx, id, func(next *Party) { next.OwnerUser, next.OwnerTeam = to.User, to.Team })
}

// Employ says which company a person works for; the zero ID says that nobody knows.
func (p *Parties) Employ(ctx context.Context, person, company ID) error {
	return p.edit(ctx, person, func(next *Party) { next.EmployerID = company })
}

func (p *Parties) edit(ctx context.Context, id ID, change func(*Party)) error {
	return p.write(ctx, func(ctx context.Context, s *store.Session) error {
		var was Party
		if err := s.Lock(ctx, &was, id); err != nil {
			return err
		}
		next := was
		change(&next)
		if err := s.Save(ctx, &was, &next); err != nil || p.trusted { // who changes it with a record of his own tells of that
			return err
		}
		return next.tell(ctx, s, was.Version)
	})
}

// Share lets a user see the party beside its owner: a seller of one of its opportunities, somebody
// with a task for it.
func (p *Parties) Share(ctx context.Context, id ID, user string) error {
	if user == "" {
		return nil
	}
	return p.write(ctx, func(ctx context.Context, s *store.Session) error {
		if err := p.visible(ctx, s, id); err != nil {
			return err
		}
		var n int
		err := s.Query(ctx, &n, store.From[shareRow]("sh"), "SELECT COUNT(*) FROM crm_party_share AS sh WHERE {scope} AND sh.party_id = ? AND sh.user_id = ?", id, user)
		if err != nil || n > 0 {
			return err
		}
		return s.InsertQuiet(ctx, &shareRow{PartyID: id, UserID: user})
	})
}

// Family gives the ids whose records belong to the party: the party that id stands for comes first,
// then parties merged into it, and for a company its people with theirs.
func (p *Parties) Family(ctx context.Context, id ID) ([]ID, error) {
	root, err := p.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	family := []ID{root.ID}
	err = p.read(ctx, func(ctx context.Context, s *store.Session) error {
		seen := map[ID]bool{root.ID: true}
		for fresh := family; len(fresh) > 0 && len(family) < maxFamily; {
			var next []ID
			for part := range chunks(fresh, 100) {
				ids, err := p.below(ctx, s, part)
				if err != nil {
					return err
				}
				for _, id := range ids {
					if !seen[id] && len(family) < maxFamily {
						seen[id] = true
						family, next = append(family, id), append(next, id)
					}
				}
			}
			fresh = next
		}
		return nil
	})
	return family, err
}

// maxFamily bounds how many parties one timeline is made of.
const maxFamily = 1000

// familyRow reads parties below others; the family is seen with its root, so it has no guard of its
// own beyond the company.
type familyRow struct {
	bun.BaseModel `bun:"table:crm_party,alias:p"`

	ID      ID     `bun:"id,pk"`
	Company string `bun:"company"`
}

func (p *Parties) below(ctx context.Context, s *store.Session, ids []ID) ([]ID, error) {
	args := make([]any, 0, 2*len(ids))
	for range 2 {
		for _, id := range ids {
			args = append(args, id)
		}
	}
	in := store.In(len(ids))
	var rows []familyRow
	err := s.Query(ctx, &rows, store.From[familyRow]("p"),
		"SELECT p.id FROM (SELECT m.id FROM crm_party AS o CROSS JOIN crm_party AS m WHERE o.id IN ("+in+") AND m.merged_into = o.id"+
			" UNION ALL SELECT e.id FROM crm_party AS o CROSS JOIN crm_party AS e WHERE o.id IN ("+in+") AND e.employer_id = o.id) AS k"+
			" CROSS JOIN crm_party AS p WHERE {scope} AND p.id = k.id", args...)
	out := make([]ID, len(rows))
	for i, row := range rows {
		out[i] = row.ID
	}
	return out, err
}

// People gives the people of a company, in the order of their names.
func (p *Parties) People(ctx context.Context, company ID) ([]Party, error) {
	var rows []Party
	err := p.read(ctx, func(ctx context.Context, s *store.Session) error {
		return s.Select(&rows).Where("party.employer_id = ?", company).Where("party.merged_into IS NULL").
			OrderExpr("party.sort_key, party.id").Limit(500).Scan(ctx)
	})
	return rows, err
}
