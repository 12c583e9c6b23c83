package campaign

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/store"
)

// EditionID is the key of an edition.
type EditionID = store.Key[Edition]

// Edition is a content as it once was saved.
type Edition struct {
	bun.BaseModel `bun:"table:crm_campaign_edition,alias:campaign_edition"`

	ID         EditionID `bun:"id,pk" json:"id"`
	Company    string    `bun:"company,type:nvarchar(40)" json:"-"`
	CampaignID ID        `bun:"campaign_id" json:"-"`
	// BegunAt is when it was saved first, SavedAt when last, SavedBy by whom.
	BegunAt  time.Time       `bun:"begun_at" json:"begun_at"`
	SavedAt  time.Time       `bun:"saved_at" json:"saved_at"`
	SavedBy  string          `bun:"saved_by,type:nvarchar(64)" json:"saved_by"`
	Variant  string          `bun:"variant,type:nvarchar(10)" json:"variant"`
	Language locale.Language `bun:"language,type:nvarchar(5)" json:"language"`
	Subject  string          `bun:"subject,type:nvarchar(400)" json:"subject"`
	// Design is as that of [Content]; [Campaigns.Editions] leaves it out.
	Design string `bun:"design" json:"design,omitempty"`
}

const (
	// editionTime is how long what one person saves goes into the same edition.
	editionTime = 5 * time.Minute
	// MostEditions is how many a content keeps, the newest.
	MostEditions = 50
)

// content is what the edition says.
func (e Edition) content() Content {
	return Content{Variant: e.Variant, Language: e.Language, Subject: e.Subject, Design: e.Design}
}

// Editions lists what the contents of a campaign were, without their designs, the newest first: of each variant and
// language the last [MostEditions], also of those that were taken out. What one person saves within five minutes is one
// edition. It needs [Read].
func (c *Campaigns) Editions(ctx context.Context, id ID) ([]Edition, error) {
	return store.Read(ctx, c.db, Read, func(ctx context.Context, s *store.Session) ([]Edition, error) {
		var row Campaign
		if err := s.Get(ctx, &row, id); err != nil {
			return nil, err
		}
		var list []Edition
		err := s.Select(&list).ExcludeColumn("design").Where("campaign_edition.campaign_id = ?", id).
			OrderExpr("campaign_edition.begun_at DESC, campaign_edition.id DESC").Scan(ctx)
		return list, err
	})
}

// Edition reads one with its design; fault.NotFound where the campaign has none. It needs [Read].
func (c *Campaigns) Edition(ctx context.Context, id ID, edition EditionID) (Edition, error) {
	return store.Read(ctx, c.db, Read, func(ctx context.Context, s *store.Session) (Edition, error) {
		var row Campaign
		if err := s.Get(ctx, &row, id); err != nil {
			return Edition{}, err
		}
		return editionOf(ctx, s, id, edition)
	})
}

func editionOf(ctx context.Context, s *store.Session, id ID, edition EditionID) (Edition, error) {
	var list []Edition
	err := s.Select(&list).Where("campaign_edition.campaign_id = ?", id).Where("campaign_edition.id = ?", edition).Scan(ctx)
	if err == nil && len(list) == 0 {
		return Edition{}, fault.New(fault.NotFound, "the campaign has no such edition")
	}
	if err != nil {
		return Edition{}, err
	}
	return list[0], nil
}

// Restore makes a draft say again what an edition says, in its variant and language, and raises its version. What was
// there before stays among the editions. It needs [Write].
func (c *Campaigns) Restore(ctx context.Context, id ID, version int64, edition EditionID) (Campaign, error) {
	return c.setContents(ctx, id, version, true, func(ctx context.Context, s *store.Session, now []Content) ([]Content, error) {
		e, err := editionOf(ctx, s, id, edition)
		if err != nil {
			return nil, err
		}
		if p := at(now, e.content()); p != nil {
			*p = e.content()
			return now, nil
		}
		return append(now, e.content()), nil
	})
}

// editor writes editions while the contents of a campaign change.
type editor struct {
	s        *store.Session
	campaign ID
	// anew says that an edition of its own begins, whoever saved the last one.
	anew bool
}

// note keeps what a content becomes; was is what it is now, nil where it is new.
func (e editor) note(ctx context.Context, was *Content, next Content) error {
	if was != nil && was.Subject == next.Subject && was.Design == next.Design {
		return nil
	}
	var kept []Edition
	err := e.s.Select(&kept).ExcludeColumn("design").Where("campaign_edition.campaign_id = ?", e.campaign).
		Where("campaign_edition.variant = ?", next.Variant).Where("campaign_edition.language = ?", next.Language).
		OrderExpr("campaign_edition.begun_at DESC, campaign_edition.id DESC").Scan(ctx)
	if err != nil {
		return err
	}
	if len(kept) > 0 && !e.anew && kept[0].SavedBy == e.s.Actor.UserID && e.s.Now.Sub(kept[0].BegunAt) < editionTime {
		_, err := e.s.Exec(ctx, store.From[Edition](""), "UPDATE crm_campaign_edition SET subject = ?, design = ?, saved_at = ? WHERE {scope} AND id = ?",
			next.Subject, next.Design, e.s.Now, kept[0].ID)
		return err
	}
	var fresh []Edition
	if len(kept) == 0 && was != nil { // it was written before there were editions, or copied
		fresh = append(fresh, e.edition(*was, was.UpdatedAt, was.UpdatedBy))
	}
	fresh = append(fresh, e.edition(next, e.s.Now, e.s.Actor.UserID))
	if err := e.s.InsertQuiet(ctx, &fresh); err != nil {
		return err
	}
	for _, old := range kept[min(len(kept), MostEditions-len(fresh)):] {
		if _, err := e.s.Exec(ctx, store.From[Edition](""), "DELETE FROM crm_campaign_edition WHERE {scope} AND id = ?", old.ID); err != nil {
			return err
		}
	}
	return nil
}

func (e editor) edition(p Content, at time.Time, by string) Edition {
	return Edition{
		ID: store.NewKey[Edition](e.s), CampaignID: e.campaign, BegunAt: at, SavedAt: at, SavedBy: by,
		Variant: p.Variant, Language: p.Language, Subject: p.Subject, Design: p.Design,
	}
}
