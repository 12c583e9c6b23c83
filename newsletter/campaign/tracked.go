package campaign

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter/track"
)

// Tracked is what newsletter/track asks of campaigns whose mails [Letters] compose. It implements
// track.Campaigns.
type Tracked struct {
	Campaigns *Campaigns
	Letters   *Letters
}

var _ track.Campaigns = Tracked{}

// TrackedCampaign implements track.Campaigns.
func (t Tracked) TrackedCampaign(ctx context.Context, number int64) (track.Campaign, error) {
	row, err := t.Campaigns.Numbered(ctx, number)
	if err != nil {
		return track.Campaign{}, err
	}
	contents, err := t.Campaigns.Contents(actor.With(ctx, actor.System(row.Company, "track")), row.ID)
	if err != nil {
		return track.Campaign{}, err
	}
	links, err := t.Links(row, contents)
	return track.Campaign{Company: row.Company, Number: number, Links: links}, err
}

// Links are the counted links of a campaign of either channel, those of one content behind those of the other.
func (t Tracked) Links(c Campaign, contents []Content) ([]string, error) {
	if c.Channel != SMS {
		return t.Letters.Links(contents)
	}
	if t.Campaigns.config.Messages == nil {
		return nil, nil
	}
	return t.Campaigns.config.Messages.Links(contents)
}

// TrackedReaders implements track.Campaigns.
func (t Tracked) TrackedReaders(ctx context.Context, s *store.Session, number int64, seqs []uint32) ([]track.Reader, error) {
	if len(seqs) == 0 {
		return nil, nil
	}
	var list []track.Reader
	for from := 0; from < len(seqs); from += partyBatch {
		var rows []Recipient
		err := s.Select(&rows).Column("seq", "sent_at").
			Where("campaign_recipient.campaign_id = (SELECT c.id FROM crm_campaign AS c WHERE c.number = ?)", number).
			Where("campaign_recipient.seq IN (?)", bun.List(seqs[from:min(from+partyBatch, len(seqs))])).Scan(ctx)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			list = append(list, track.Reader{Seq: uint32(r.Seq), SentAt: r.SentAt})
		}
	}
	return list, nil
}

// Reader gives the recipient behind a token, for the pages that a reader comes to; fault.NotFound where there is
// none.
func (c *Campaigns) Reader(ctx context.Context, t track.Token) (Recipient, error) {
	row, err := c.Numbered(ctx, t.Campaign)
	if err != nil {
		return Recipient{}, err
	}
	page, err := c.Recipients(actor.With(ctx, actor.System(row.Company, "campaign")), row.ID, Choice{After: int(t.Seq) - 1, Limit: 1})
	if err == nil && (len(page.Rows) == 0 || page.Rows[0].Seq != int(t.Seq)) {
		err = fault.New(fault.NotFound, "campaign %d has no reader %d", t.Campaign, t.Seq)
	}
	if err != nil {
		return Recipient{}, err
	}
	return page.Rows[0].Recipient, nil
}

// Clicks counts the readers of a campaign who pressed a link, by variant, as newsletter/track judged them; for
// [Config.Clicks].
func Clicks(ctx context.Context, s *store.Session, c Campaign) (map[string]int64, error) {
	var found []struct {
		Variant string `bun:"variant"`
		Readers int64  `bun:"readers"`
	}
	err := s.Query(ctx, &found, store.From[Campaign]("c"), "SELECT r.variant, COUNT(*) AS readers FROM crm_campaign AS c"+
		" JOIN crm_track_reader AS t ON t.campaign = c.number JOIN crm_campaign_recipient AS r ON r.campaign_id = c.id AND r.seq = t.seq"+
		" WHERE {scope} AND c.id = ? AND t.clicks > 0 GROUP BY r.variant", c.ID)
	out := make(map[string]int64, len(found))
	for _, one := range found {
		out[one.Variant] = one.Readers
	}
	return out, err
}
