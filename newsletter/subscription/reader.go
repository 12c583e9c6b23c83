package subscription

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// partyRow is a party whoever owns it; the readers' own pages, and verbs that have asked before, need no guard.
type partyRow struct {
	bun.BaseModel `bun:"table:crm_party,alias:p"`

	ID         party.ID        `bun:"id,pk"`
	Company    string          `bun:"company"`
	Name       string          `bun:"name"`
	Language   locale.Language `bun:"language"`
	Email      string          `bun:"email"`
	Phone      string          `bun:"phone"`
	Mobile     string          `bun:"mobile"`
	MergedInto party.ID        `bun:"merged_into"`
	ErasedAt   time.Time       `bun:"erased_at,nullzero"`
}

// maxMerges bounds a chain of merges, maxAliases how many parties one reader is.
const (
	maxMerges  = 20
	maxAliases = 200
)

func partyOf(ctx context.Context, s *store.Session, id party.ID) (partyRow, error) {
	var rows []partyRow
	err := s.Query(ctx, &rows, store.From[partyRow]("p"),
		"SELECT p.id, p.company, p.name, p.language, p.email, p.phone, p.mobile, p.merged_into, p.erased_at FROM crm_party AS p WHERE {scope} AND p.id = ?", id)
	if err == nil && len(rows) == 0 {
		err = fault.New(fault.NotFound, "there is no person or company %s", id)
	}
	if err != nil {
		return partyRow{}, err
	}
	return rows[0], nil
}

// root is the party that id stands for.
func root(ctx context.Context, s *store.Session, id party.ID) (partyRow, error) {
	var row partyRow
	for range maxMerges {
		var err error
		if row, err = partyOf(ctx, s, id); err != nil || row.MergedInto.IsZero() {
			return row, err
		}
		id = row.MergedInto
	}
	return row, fault.New(fault.Invalid, "the merges of party %s go round in a circle", id)
}

// reader gives the parties that are one reader: the one that id stands for first, then those merged into it.
func reader(ctx context.Context, s *store.Session, id party.ID) ([]party.ID, error) {
	top, err := root(ctx, s, id)
	if err != nil {
		return nil, err
	}
	all := []party.ID{top.ID}
	for at := 0; at < len(all) && len(all) < maxAliases; at++ {
		var below []party.ID
		err := s.Query(ctx, &below, store.From[partyRow]("p"), "SELECT p.id FROM crm_party AS p WHERE {scope} AND p.merged_into = ? ORDER BY p.id", all[at])
		if err != nil {
			return nil, err
		}
		all = append(all, below...)
	}
	return all, nil
}

// ofReader reads the subscriptions of a reader.
func ofReader(ctx context.Context, s *store.Session, ids []party.ID) ([]sealed, error) {
	var rows []sealed
	err := s.Select(&rows).Where("subscription.company = ?", s.Actor.Company).Where("subscription.party_id IN (?)", bun.List(ids)).
		OrderExpr("subscription.id").Scan(ctx)
	return rows, err
}

// ofAddress reads the subscriptions of an address, on its channel. Topics are few, and each is one seek.
func ofAddress(ctx context.Context, s *store.Session, hash Hash) ([]sealed, error) {
	var rows []sealed
	err := s.Select(&rows).Where("subscription.company = ?", s.Actor.Company).
		Where("subscription.topic_id IN (SELECT t.id FROM crm_topic AS t WHERE t.company = ?)", s.Actor.Company).
		Where("subscription.address_hash = ?", hash).OrderExpr("subscription.id").Scan(ctx)
	return rows, err
}

// Person is who subscribes, where it is not known yet.
type Person struct {
	Name     string          `json:"name"`
	Language locale.Language `json:"language"`
}

// draft is the party of a bare address.
func (p Person) draft(ch Channel, address string) party.Draft {
	d := party.Draft{FullName: p.Name, Language: p.Language}
	if ch == SMS {
		d.Mobile = address
	} else {
		d.Emails = []string{address}
	}
	return d
}

// partyOfAddress finds the reader that an address belongs to, and makes a party where there is none. The name that
// came with it is not compared: strangers type anything.
func (n *Subscriptions) partyOfAddress(ctx context.Context, s *store.Session, to destination, who Person) (partyRow, error) {
	known, err := ofAddress(ctx, s, to.hash)
	if err != nil {
		return partyRow{}, err
	}
	if len(known) > 0 {
		return root(ctx, s, known[0].PartyID)
	}
	parties := n.config.Parties.In(s)
	bare, faults := party.Prepare(Person{}.draft(to.channel, to.address), n.config.Parties.LocaleOf(s))
	if err := fault.List(faults).Err("the reader cannot be kept"); err != nil {
		return partyRow{}, err
	}
	found, err := parties.Find(ctx, bare, "")
	if err != nil {
		return partyRow{}, err
	}
	for _, c := range found {
		if row, err := root(ctx, s, c.Party.ID); err != nil || row.ErasedAt.IsZero() {
			return row, err
		}
	}
	added, err := parties.Add(ctx, who.draft(to.channel, to.address))
	if err != nil {
		return partyRow{}, err
	}
	return partyOf(ctx, s, added.ID)
}

// destination is an address of a channel.
type destination struct {
	channel Channel
	address string
	hash    Hash
}

// destination reads an address as people write it.
func (n *Subscriptions) destination(s *store.Session, ch Channel, address string) (destination, []fault.Fault) {
	normal, faults := normalize(ch, address, n.language(s).Country())
	return destination{ch, normal, n.hasherOf(s.Actor.Company).hash(ch, normal)}, faults
}
