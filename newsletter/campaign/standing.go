package campaign

import (
	"context"
	"slices"
	"time"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// A standing campaign has no audience of its own: another package (newsletter/sequence) puts its readers into the
// ledger one by one, while it runs. All else is that of every campaign: the letter, its links, the ledger, the
// leases, what came back. It ends when that package says so.

// standingVariant is what all readers of a standing campaign get.
const standingVariant = "A"

// Opening is what a standing campaign is made of.
type Opening struct {
	Name string
	// Of is the campaign whose contents, sender and bounds it takes, as they are now.
	Of ID
	// Audience says in the words of [Config.Audience] whose readers its readers are; none are frozen from it.
	Audience string
}

// Open begins a standing campaign. It works on [Campaigns.In] only, and needs [Send].
func (c *Campaigns) Open(ctx context.Context, o Opening) (Campaign, error) {
	if !c.db.Bound() {
		return Campaign{}, fault.New(fault.Forbidden, "a standing campaign is opened by the package that fills it, inside its own session")
	}
	return store.Write(ctx, c.db, Send, func(ctx context.Context, s *store.Session) (Campaign, error) {
		var source Campaign
		if err := s.Get(ctx, &source, o.Of); err != nil {
			return Campaign{}, err
		}
		contents, err := contentsOf(ctx, s, o.Of)
		if err != nil {
			return Campaign{}, err
		}
		contents = slices.DeleteFunc(contents, func(p Content) bool { return p.Variant != standingVariant })
		if !slices.ContainsFunc(contents, func(p Content) bool { return p.Language == source.Language }) {
			var faults fault.List
			faults.Add("letter", "language", "%q says nothing in %s, the language of readers whose own is unknown; write it", source.Name, source.Language)
			return Campaign{}, faults.Err("the letter cannot be sent")
		}
		row := source
		row.Record = store.Record{}
		row.ID, row.Number, row.Name, row.State, row.ReasonCode, row.Standing = store.NewKey[Tag](s), newNumber(s), cut(o.Name, mostTitle), Running, "", true
		row.Audience = o.Audience
		row.ScheduledAt, row.StartedAt, row.EndedAt = s.Now, s.Now, time.Time{}
		row.SeedLines, row.Winner, row.TestShare, row.DecideAfter = "", "", 0, 0
		if err := s.Insert(ctx, &row); err != nil {
			return Campaign{}, err
		}
		rows := make([]Content, len(contents))
		for i, p := range contents {
			rows[i] = Content{ID: store.NewKey[Content](s), CampaignID: row.ID, Variant: p.Variant, Language: p.Language, Subject: p.Subject, Design: p.Design}
		}
		if err := s.InsertQuiet(ctx, &rows); err != nil {
			return Campaign{}, err
		}
		if err := s.InsertQuiet(ctx, &run{CampaignID: row.ID, Frozen: 1, NextTest: 1, NextRest: 1}); err != nil {
			return Campaign{}, err
		}
		return row, s.InsertQuiet(ctx, &count{CampaignID: row.ID, Variant: standingVariant})
	})
}

// Addressee is somebody who is to get the letter of a standing campaign.
type Addressee struct {
	Party party.ID
	// Address is as party.NormalizeEmail gives it, or a phone number in E.164.
	Address  string
	Name     string
	Language locale.Language
}

// Add puts a reader into the ledger of a standing campaign, as part of the session of the package that asks
// ([Campaigns.In]): the letter leaves when that commits, and never when it does not. It gives the reader's number.
// Nobody gets a letter twice: an address that is there already keeps its row.
func (c *Campaigns) Add(ctx context.Context, id ID, to Addressee) (int, error) {
	if !c.db.Bound() {
		return 0, fault.New(fault.Forbidden, "readers are added by the package that fills the campaign, inside its own session")
	}
	return store.Write(ctx, c.db, Send, func(ctx context.Context, s *store.Session) (int, error) {
		progress, err := lockRun(ctx, s, id)
		if err != nil {
			return 0, err
		}
		var row Campaign
		if err := s.Get(ctx, &row, id); err != nil {
			return 0, err
		}
		if !row.Standing || row.State != Running && row.State != Paused {
			return 0, wrongState(row, "filled", "open a standing campaign")
		}
		var there []int
		err = s.Query(ctx, &there, store.From[Recipient]("r"), "SELECT r.seq FROM crm_campaign_recipient AS r WHERE {scope} AND r.campaign_id = ? AND r.address = ?", id, to.Address)
		if err != nil || len(there) > 0 {
			return first(there), err
		}
		seq := int(progress.Total) + 1
		err = s.InsertQuiet(ctx, &Recipient{CampaignID: id, Seq: seq, PartyID: to.Party, Address: to.Address, Name: cut(to.Name, mostName), Language: to.Language, Variant: standingVariant, State: Pending})
		if err != nil {
			return 0, err
		}
		if _, err := s.Exec(ctx, store.From[run](""), "UPDATE crm_campaign_run SET total = ? WHERE {scope} AND campaign_id = ?", seq, id); err != nil {
			return 0, err
		}
		_, err = s.Exec(ctx, store.From[count](""), "UPDATE crm_campaign_count SET pending = pending + 1 WHERE {scope} AND campaign_id = ? AND variant = ?", id, standingVariant)
		s.Wake()
		return seq, err
	})
}

// How much of a reader's name the ledger keeps, and of a campaign's its row.
const (
	mostName  = 120
	mostTitle = 200
)

func first(list []int) int {
	if len(list) == 0 {
		return 0
	}
	return list[0]
}

// End ends a standing campaign: whoever has not got his letter yet gets it no more. It works on [Campaigns.In]
// only; one that has ended stays so.
func (c *Campaigns) End(ctx context.Context, id ID) error {
	return c.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		if !c.db.Bound() {
			return fault.New(fault.Forbidden, "a standing campaign is ended by the package that fills it, inside its own session")
		}
		var row Campaign
		if err := s.Get(ctx, &row, id); err != nil || !row.Standing || row.State != Running && row.State != Paused {
			return err
		}
		_, err := c.move(ctx, s, id, move{kind: EventDone, from: []State{Running, Paused}, done: "ended", remedy: "it has ended",
			change: func(_ context.Context, s *store.Session, next *Campaign) error {
				next.State, next.ReasonCode, next.EndedAt = Done, "", s.Now
				return nil
			}})
		return err
	})
}

// Dated is the date of a campaign's letters: when it was started; of a standing one, which goes on for years, now.
func (c Campaign) Dated(now time.Time) time.Time {
	if c.Standing {
		return now
	}
	return c.StartedAt
}

// due leaves out the standing campaigns that have nothing to send: to compose their letters at each look would
// cost more than all the rest.
func (c *Campaigns) due(ctx context.Context, s *store.Session, rows []Campaign) ([]Campaign, error) {
	if !slices.ContainsFunc(rows, func(row Campaign) bool { return row.Standing }) {
		return rows, nil
	}
	var ids []ID
	err := s.Query(ctx, &ids, store.From[Campaign]("c"), "SELECT c.id FROM crm_campaign AS c JOIN crm_campaign_count AS n ON n.campaign_id = c.id"+
		" WHERE {scope} AND c.state = ? AND c.standing = ? AND (n.pending + n.sending + n.deferred > 0 OR n.unknown > 0 AND c.unknown_policy = ?)", string(Running), true, string(Again))
	return slices.DeleteFunc(rows, func(row Campaign) bool { return row.Standing && !slices.Contains(ids, row.ID) }), err
}
