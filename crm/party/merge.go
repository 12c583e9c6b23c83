package party

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
)

// MergeTag is the noun of merge ids.
type MergeTag struct{}

// MergeID identifies a merge, for undoing it.
type MergeID = store.Key[MergeTag]

// Merge is the record of two parties, or leads, that were found to be one.
type Merge struct {
	bun.BaseModel `bun:"table:crm_merge,alias:merge_row"`

	ID MergeID `bun:"id,pk"`
	store.Record
	// Kind is party or lead.
	Kind       string         `bun:"kind,type:nvarchar(20)"`
	SurvivorID store.Key[any] `bun:"survivor_id"`
	LoserID    store.Key[any] `bun:"loser_id"`
	// Manifest is JSON: what the merge changed on the survivor.
	Manifest string    `bun:"manifest"`
	UndoneAt time.Time `bun:"undone_at,nullzero"`
}

// manifest is what an undo needs.
type manifest struct {
	// Filled are the fields of the survivor that were empty and were taken from the loser.
	Filled map[string]string     `json:"filled"`
	Points []store.Key[pointRow] `json:"points"`
	// Employer is set when the loser's employer was taken.
	Employer bool `json:"employer"`
}

// Merge says that loser is survivor: the loser becomes an alias, its empty-handed survivor takes the
// fields it lacks, and everything that hangs on the loser (activities, subscriptions, consents) stays
// where it is and is seen from the survivor. Two parties that are both customers of the host are
// refused: those are merged in the host first.
func (p *Parties) Merge(ctx context.Context, survivor, loser ID) (MergeID, error) {
	var id MergeID
	err := p.write(ctx, func(ctx context.Context, s *store.Session) error {
		first, second, err := p.lockPair(ctx, s, survivor, loser)
		if err != nil {
			return err
		}
		if err := p.mayMerge(ctx, s, first, second); err != nil {
			return err
		}
		m, err := p.absorb(ctx, s, first, second)
		if err != nil {
			return err
		}
		text, err := json.Marshal(m)
		if err != nil {
			return err
		}
		row := Merge{ID: store.NewKey[MergeTag](s), Kind: "party", SurvivorID: store.Key[any](survivor), LoserID: store.Key[any](loser), Manifest: string(text)}
		id = row.ID
		return s.Insert(ctx, &row)
	})
	return id, err
}

// lockPair locks both rows in the order of their ids, so that two merges of the same pair cannot
// wait for each other.
func (p *Parties) lockPair(ctx context.Context, s *store.Session, survivor, loser ID) (first, second Party, err error) {
	if survivor == loser {
		return first, second, fault.New(fault.Invalid, "a party cannot be merged into itself; choose two different ones")
	}
	lock := func(into *Party, id ID) {
		if err == nil {
			err = s.Lock(ctx, into, id)
		}
	}
	if string(survivor[:]) < string(loser[:]) {
		lock(&first, survivor)
		lock(&second, loser)
	} else {
		lock(&second, loser)
		lock(&first, survivor)
	}
	return first, second, err
}

func (p *Parties) mayMerge(ctx context.Context, s *store.Session, survivor, loser Party) error {
	var faults fault.List
	if !survivor.MergedInto.IsZero() {
		faults.Add("survivor", "merged", "was itself merged into another party; choose that one")
	}
	if !loser.MergedInto.IsZero() {
		faults.Add("loser", "merged", "was already merged into another party")
	}
	if survivor.Kind != loser.Kind {
		faults.Add("loser", "kind", "is a %s and the other a %s; a person and a company are never the same", loser.Kind, survivor.Kind)
	}
	a, err := p.In(s).Links(ctx, survivor.ID)
	if err != nil {
		return err
	}
	b, err := p.In(s).Links(ctx, loser.ID)
	if err != nil {
		return err
	}
	if x, y := customerOf(a), customerOf(b); x != "" && y != "" {
		faults.Add("loser", "customers", "both are customers of the host (%s and %s); merge them in the host first", x, y)
	}
	return faults.Err("the two cannot be merged")
}

func customerOf(links []Link) string {
	for _, l := range links {
		if l.Role == Customer {
			return l.HostKey
		}
	}
	return ""
}

// mergeable are the fields that a survivor takes from the loser where its own are empty.
func mergeable(p *Party) map[string]*string {
	return map[string]*string{
		"title": &p.Title, "given": &p.Given, "middle": &p.Middle, "patronymic": &p.Patronymic, "family": &p.Family,
		"email": &p.Email, "phone": &p.Phone, "mobile": &p.Mobile, "website": &p.Website, "job_title": &p.JobTitle, "tax_id": &p.TaxID,
		"line1": &p.Line1, "line2": &p.Line2, "postal_code": &p.PostalCode, "city": &p.City, "region": &p.Region, "country": &p.Country,
		"owner_user": &p.OwnerUser, "owner_team": &p.OwnerTeam,
	}
}

func (p *Parties) absorb(ctx context.Context, s *store.Session, survivor, loser Party) (manifest, error) {
	m := manifest{Filled: map[string]string{}}
	next := survivor
	to, from := mergeable(&next), mergeable(&loser)
	for name, field := range to {
		if *field == "" && *from[name] != "" {
			*field = *from[name]
			m.Filled[name] = *field
		}
	}
	if next.EmployerID.IsZero() && !loser.EmployerID.IsZero() && loser.EmployerID != survivor.ID {
		next.EmployerID, m.Employer = loser.EmployerID, true
	}
	if next.DisplayName == "" {
		next.DisplayName, next.SortKey = loser.DisplayName, loser.SortKey
		m.Filled["name"] = next.DisplayName
	}
	if err := s.Save(ctx, &survivor, &next); err != nil {
		return m, err
	}
	points, err := p.In(s).Points(ctx, survivor.ID)
	if err != nil {
		return m, err
	}
	known := append(points, Point{keyEmail, next.Email, ""}, Point{keyPhone, next.Phone, ""}, Point{keyPhone, next.Mobile, ""})
	for _, extra := range []Point{{keyEmail, loser.Email, ""}, {keyPhone, loser.Phone, ""}, {keyPhone, loser.Mobile, ""}} {
		if extra.Value == "" || hasPoint(known, extra) {
			continue
		}
		row := pointRow{ID: store.NewKey[pointRow](s), PartyID: survivor.ID, Kind: extra.Kind, Value: extra.Value}
		if err := s.InsertQuiet(ctx, &row); err != nil {
			return m, err
		}
		m.Points = append(m.Points, row.ID)
	}
	gone := loser
	gone.MergedInto = survivor.ID
	return m, s.Save(ctx, &loser, &gone)
}

func hasPoint(points []Point, want Point) bool {
	for _, p := range points {
		if p.Kind == want.Kind && p.Value == want.Value {
			return true
		}
	}
	return false
}

// Unmerge takes a merge back: the loser is a party of its own again, and fields that the survivor took
// and nobody changed since become empty.
func (p *Parties) Unmerge(ctx context.Context, id MergeID) error {
	return p.write(ctx, func(ctx context.Context, s *store.Session) error {
		var was Merge
		if err := s.Lock(ctx, &was, id); err != nil {
			return err
		}
		if !was.UndoneAt.IsZero() {
			return nil
		}
		if was.Kind != "party" {
			return fault.New(fault.Invalid, "merge %s is one of %ss; take it back there", id, was.Kind)
		}
		var m manifest
		if err := json.Unmarshal([]byte(was.Manifest), &m); err != nil {
			return fmt.Errorf("the manifest of merge %s: %w", id, err)
		}
		if err := p.separate(ctx, s, ID(was.SurvivorID), ID(was.LoserID), m); err != nil {
			return err
		}
		next := was
		next.UndoneAt = s.Now
		return s.Save(ctx, &was, &next)
	})
}

func (p *Parties) separate(ctx context.Context, s *store.Session, survivorID, loserID ID, m manifest) error {
	survivor, loser, err := p.lockPair(ctx, s, survivorID, loserID)
	if err != nil {
		return err
	}
	if loser.MergedInto != survivorID {
		return fault.New(fault.Conflict, "the party was merged again since; take the later merge back first")
	}
	next := survivor
	fields := mergeable(&next)
	for name, taken := range m.Filled {
		if f, ok := fields[name]; ok && *f == taken {
			*f = ""
		}
	}
	if name, ok := m.Filled["name"]; ok && next.DisplayName == name {
		next.DisplayName, next.SortKey = "", next.Language.SortKey("")
	}
	if m.Employer && next.EmployerID == loser.EmployerID {
		next.EmployerID = ID{}
	}
	if err := s.Save(ctx, &survivor, &next); err != nil {
		return err
	}
	for _, point := range m.Points {
		if _, err := s.Exec(ctx, store.From[pointRow](""), "DELETE FROM crm_party_point WHERE {scope} AND id = ?", point); err != nil {
			return err
		}
	}
	again := loser
	again.MergedInto = ID{}
	return s.Save(ctx, &loser, &again)
}
