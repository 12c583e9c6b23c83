package lead

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// mergeKind is what a merge of leads is recorded under.
const mergeKind = "lead"

// manifest is what taking a merge back needs: the survivor's fields before and after.
type manifest struct {
	// Parties is the merge of the two parties, zero where both leads had one.
	Parties party.MergeID `json:"parties"`
	Before  merged        `json:"before"`
	After   merged        `json:"after"`
}

// merged are the fields of the survivor that a merge may change.
type merged struct {
	Organization    string       `json:"organization"`
	OrganizationID  party.ID     `json:"organization_id"`
	Interest        string       `json:"interest"`
	ExpectedValue   money.Amount `json:"expected_value"`
	Currency        string       `json:"currency"`
	Source          string       `json:"source"`
	Medium          string       `json:"medium"`
	Campaign        string       `json:"campaign"`
	ExternalID      string       `json:"external_id"`
	ArrivedAt       time.Time    `json:"arrived_at"`
	FirstResponseAt time.Time    `json:"first_response_at"`
	Score           int          `json:"score"`
	OwnerUser       string       `json:"owner_user"`
	OwnerTeam       string       `json:"owner_team"`
}

func mergedOf(l Lead) merged {
	return merged{
		l.Organization, l.OrganizationID, l.Interest, l.ExpectedValue, l.Currency, l.Source, l.Medium, l.Campaign,
		l.ExternalID, l.ArrivedAt, l.FirstResponseAt, l.Score, l.OwnerUser, l.OwnerTeam,
	}
}

// Merge says that loser is survivor. Nothing is lost: the parties become one, the survivor takes the
// fields it lacks and both interests, the earlier arrival with its first touch and the earlier response
// count, and the loser's touches, activities and consents stay where they are and are seen from the
// survivor. [Leads.Unmerge] takes it back.
func (l *Leads) Merge(ctx context.Context, survivor, loser ID) (party.MergeID, error) {
	var id party.MergeID
	err := l.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		if err := s.Actor.Require(actor.LeadWrite); err != nil {
			return err
		}
		first, second, err := l.lockPair(ctx, s, survivor, loser)
		if err != nil {
			return err
		}
		if err := mayMerge(first, second); err != nil {
			return err
		}
		id, err = l.In(s).merge(ctx, s, first, second)
		return err
	})
	return id, err
}

// lockPair locks both leads in the order of their ids, so that two merges of one pair cannot wait for
// each other in a circle.
func (l *Leads) lockPair(ctx context.Context, s *store.Session, survivor, loser ID) (first, second Lead, err error) {
	if survivor == loser {
		return first, second, fault.New(fault.Invalid, "a lead cannot be merged into itself; choose two different ones")
	}
	order := []struct {
		into *Lead
		id   ID
	}{{&first, survivor}, {&second, loser}}
	if bytes.Compare(loser[:], survivor[:]) < 0 {
		order[0], order[1] = order[1], order[0]
	}
	for _, o := range order {
		if err := s.Lock(ctx, o.into, o.id); err != nil {
			return first, second, err
		}
	}
	return first, second, nil
}

func mayMerge(survivor, loser Lead) error {
	var faults fault.List
	if !survivor.MergedInto.IsZero() {
		faults.Add("survivor", "merged", "was itself merged into another lead; choose that one")
	}
	if !loser.MergedInto.IsZero() {
		faults.Add("loser", "merged", "was already merged into another lead")
	}
	if loser.Status == StatusConverted {
		faults.Add("loser", "converted", "is converted; merge the other one into it instead, or undo its conversion first")
	}
	return faults.Err("the two leads cannot be merged")
}

func (l *Leads) merge(ctx context.Context, s *store.Session, first, second Lead) (party.MergeID, error) {
	m := manifest{Before: mergedOf(first)}
	if err := l.mergeParties(ctx, s, first, second, &m); err != nil {
		return party.MergeID{}, err
	}
	next := first
	l.absorb(&next, second)
	m.After = mergedOf(next)
	if err := s.Save(ctx, &first, &next); err != nil {
		return party.MergeID{}, err
	}
	if next.Version == first.Version {
		if err := s.Touch(ctx, &next); err != nil {
			return party.MergeID{}, err
		}
	}
	gone := second
	gone.MergedInto = first.ID
	if err := s.Save(ctx, &second, &gone); err != nil {
		return party.MergeID{}, err
	}
	text, err := json.Marshal(m)
	if err != nil {
		return party.MergeID{}, err
	}
	row := party.Merge{
		ID: store.NewKey[party.MergeTag](s), Kind: mergeKind, SurvivorID: store.Key[any](first.ID), LoserID: store.Key[any](second.ID), Manifest: string(text),
	}
	if err := s.Insert(ctx, &row); err != nil {
		return party.MergeID{}, err
	}
	return row.ID, event.Emit(ctx, s, event.Fact{Kind: EventMerged, Record: first.ID[:], Version: next.Version, Payload: MergedFact{Loser: second.ID, Merge: row.ID}})
}

// mergeParties makes the two parties one. Whoever may change both leads may do so, also where a party
// itself belongs to somebody else.
func (l *Leads) mergeParties(ctx context.Context, s *store.Session, first, second Lead, m *manifest) error {
	restore := widen(s)
	defer restore()
	a, err := l.parties.Get(ctx, first.PartyID)
	if err != nil {
		return err
	}
	b, err := l.parties.Get(ctx, second.PartyID)
	if err != nil || a.ID == b.ID {
		return err
	}
	m.Parties, err = l.parties.Merge(ctx, a.ID, b.ID)
	return err
}

// absorb completes the survivor.
func (l *Leads) absorb(next *Lead, from Lead) {
	if next.OrganizationID.IsZero() {
		next.OrganizationID = from.OrganizationID
	}
	if next.Organization == "" {
		next.Organization = from.Organization
	}
	switch {
	case from.Interest == "" || strings.Contains(next.Interest, from.Interest):
	case next.Interest == "":
		next.Interest = from.Interest
	default:
		next.Interest = next.Interest + "\n\n" + from.Interest
	}
	if next.ExpectedValue.IsZero() && !from.ExpectedValue.IsZero() {
		next.ExpectedValue, next.Currency = from.ExpectedValue, from.Currency
	}
	if from.ArrivedAt.Before(next.ArrivedAt) {
		next.ArrivedAt, next.Source, next.Medium, next.Campaign = from.ArrivedAt, from.Source, from.Medium, from.Campaign
	}
	if !from.FirstResponseAt.IsZero() && (next.FirstResponseAt.IsZero() || from.FirstResponseAt.Before(next.FirstResponseAt)) {
		next.FirstResponseAt = from.FirstResponseAt
	}
	if next.ExternalID == "" {
		next.ExternalID = from.ExternalID
	}
	next.Score = max(next.Score, from.Score)
	if next.OwnerUser == "" && next.OwnerTeam == "" {
		next.OwnerUser, next.OwnerTeam = from.OwnerUser, from.OwnerTeam
	}
}

// Unmerge takes a merge back: both leads and both parties are apart again, and fields of the survivor
// that nobody changed since are as they were. Done twice it changes nothing.
func (l *Leads) Unmerge(ctx context.Context, id party.MergeID) error {
	return l.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		if err := s.Actor.Require(actor.LeadWrite); err != nil {
			return err
		}
		var was party.Merge
		if err := s.Lock(ctx, &was, id); err != nil {
			return err
		}
		if was.Kind != mergeKind {
			return fault.New(fault.Invalid, "merge %s is one of a %s, not of leads", id, was.Kind)
		}
		if !was.UndoneAt.IsZero() {
			return nil
		}
		var m manifest
		if err := json.Unmarshal([]byte(was.Manifest), &m); err != nil {
			return fmt.Errorf("the manifest of merge %s: %w", id, err)
		}
		if err := l.In(s).separate(ctx, s, was, m); err != nil {
			return err
		}
		next := was
		next.UndoneAt = s.Now
		return s.Save(ctx, &was, &next)
	})
}

func (l *Leads) separate(ctx context.Context, s *store.Session, row party.Merge, m manifest) error {
	var first, second Lead
	if err := s.Lock(ctx, &first, ID(row.SurvivorID)); err != nil {
		return err
	}
	restore := widen(s) // the loser may have belonged to somebody whom the merge served
	defer restore()
	if err := s.Lock(ctx, &second, ID(row.LoserID)); err != nil {
		return err
	}
	if second.MergedInto != first.ID {
		return fault.New(fault.Conflict, "the lead was merged again since; take the later merge back first")
	}
	if !m.Parties.IsZero() {
		if err := l.parties.Unmerge(ctx, m.Parties); err != nil {
			return err
		}
	}
	next := first
	m.restore(&next)
	if err := s.Save(ctx, &first, &next); err != nil {
		return err
	}
	if next.Version == first.Version {
		if err := s.Touch(ctx, &next); err != nil {
			return err
		}
	}
	again := second
	again.MergedInto = ID{}
	if err := s.Save(ctx, &second, &again); err != nil {
		return err
	}
	return event.Emit(ctx, s, event.Fact{Kind: EventMerged, Record: first.ID[:], Version: next.Version, Payload: MergedFact{Loser: second.ID, Merge: row.ID, Undone: true}})
}

// restore puts back what the merge changed and nobody changed since.
func (m manifest) restore(l *Lead) {
	back(&l.Organization, m.Before.Organization, m.After.Organization)
	back(&l.OrganizationID, m.Before.OrganizationID, m.After.OrganizationID)
	back(&l.Interest, m.Before.Interest, m.After.Interest)
	if l.ExpectedValue.Equal(m.After.ExpectedValue) {
		l.ExpectedValue, l.Currency = m.Before.ExpectedValue, m.Before.Currency
	}
	if l.ArrivedAt.Equal(m.After.ArrivedAt) {
		l.ArrivedAt = m.Before.ArrivedAt
	}
	back(&l.Source, m.Before.Source, m.After.Source)
	back(&l.Medium, m.Before.Medium, m.After.Medium)
	back(&l.Campaign, m.Before.Campaign, m.After.Campaign)
	back(&l.ExternalID, m.Before.ExternalID, m.After.ExternalID)
	if l.FirstResponseAt.Equal(m.After.FirstResponseAt) {
		l.FirstResponseAt = m.Before.FirstResponseAt
	}
	back(&l.Score, m.Before.Score, m.After.Score)
	back(&l.OwnerUser, m.Before.OwnerUser, m.After.OwnerUser)
	back(&l.OwnerTeam, m.Before.OwnerTeam, m.After.OwnerTeam)
}

func back[T comparable](field *T, before, after T) {
	if *field == after {
		*field = before
	}
}
