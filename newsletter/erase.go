package newsletter

import (
	"context"
	"strconv"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter/campaign"
	"github.com/crmplus/crmplus/newsletter/segment"
)

// answerRow is what newsletter/campaign keeps of a recipient beside the ledger.
type answerRow struct {
	bun.BaseModel `bun:"table:crm_campaign_answer,alias:campaign_answer"`

	Company string `bun:"company,type:nvarchar(40)"`
}

// Erase removes what newsletters know of a person whose data are erased (Regulation (EU) 2016/679, article 17): his
// subscriptions, what he opened and clicked, his places in lists, and his name and address in the ledgers of campaigns,
// whose figures stay. His addresses go onto the suppression list as hashes, and the evidence of what he agreed to stays,
// because it names nobody. It is called before the party's own data are emptied, and may be called twice: the rows of a
// campaign that has not come to him yet are emptied by the second time, as nothing is sent to them any more. It needs
// actor.Privacy.
func (n *Newsletters) Erase(ctx context.Context, id party.ID) error {
	return n.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		if err := s.Actor.Require(actor.Privacy); err != nil {
			return err
		}
		if err := n.Subscriptions.In(s).Erase(ctx, id); err != nil {
			return err
		}
		var rows []struct {
			Campaign campaign.ID `bun:"campaign_id"`
			Number   int64       `bun:"number"`
			Seq      int         `bun:"seq"`
		}
		err := s.Query(ctx, &rows, store.From[campaign.Recipient]("r"), "SELECT r.campaign_id, c.number, r.seq FROM crm_campaign_recipient AS r JOIN crm_campaign AS c ON c.id = r.campaign_id"+
			" WHERE {scope} AND r.party_id IN (SELECT p.id FROM crm_party AS p WHERE p.id = ? OR p.merged_into = ?) AND r.state NOT IN ('pending', 'sending', 'deferred')", id, id)
		if err != nil {
			return err
		}
		tracking := n.Tracking.In(s)
		for _, r := range rows {
			if err := tracking.Forget(ctx, r.Number, uint32(r.Seq)); err != nil {
				return err
			}
			// An address is unique in its campaign; what stands for it is none.
			_, err := s.Exec(ctx, store.From[campaign.Recipient](""), "UPDATE crm_campaign_recipient SET address = ?, name = '', party_id = NULL WHERE {scope} AND campaign_id = ? AND seq = ?",
				"erased "+strconv.Itoa(r.Seq), r.Campaign, r.Seq)
			if err != nil {
				return err
			}
			if _, err = s.Exec(ctx, store.From[answerRow](""), "UPDATE crm_campaign_answer SET reason = '' WHERE {scope} AND campaign_id = ? AND seq = ?", r.Campaign, r.Seq); err != nil {
				return err
			}
		}
		_, err = s.Exec(ctx, store.From[segment.Member](""), "DELETE FROM crm_segment_member WHERE {scope} AND party_id IN (SELECT p.id FROM crm_party AS p WHERE p.id = ? OR p.merged_into = ?)", id, id)
		return err
	})
}
