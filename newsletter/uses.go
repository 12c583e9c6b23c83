package newsletter

import (
	"context"

	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter/campaign"
	"github.com/crmplus/crmplus/newsletter/segment"
)

// UseKind says what a segment is used by.
type UseKind string

// The kinds of uses.
const (
	UsedByCampaign UseKind = "campaign"
	UsedBySegment  UseKind = "segment"
)

// Use is something that a segment is used by.
type Use struct {
	Kind UseKind `json:"kind"`
	ID   string  `json:"id"`
	Name string  `json:"name"`
	// State is that of a campaign.
	State string `json:"state,omitempty"`
}

// maxUses is how many campaigns are named.
const maxUses = 50

// SegmentUses lists what a segment is used by, as far as the actor sees it: the latest campaigns that go to it, and
// the segments that leave out its members. It needs segment.Read.
func (n *Newsletters) SegmentUses(ctx context.Context, id segment.ID) ([]Use, error) {
	return store.Read(ctx, n.db, segment.Read, func(ctx context.Context, s *store.Session) ([]Use, error) {
		var out []Use
		var campaigns []campaign.Campaign
		if s.Actor.May(campaign.Read) {
			q := s.Select(&campaigns).Where("campaign.audience LIKE ?", "%"+id.String()+"%")
			if err := s.Paged(q, store.Order{Column: "campaign.created_at", ID: "campaign.id", Desc: true}, store.Page{Limit: maxUses}).Scan(ctx); err != nil {
				return nil, err
			}
		}
		for _, c := range campaigns {
			out = append(out, Use{Kind: UsedByCampaign, ID: c.ID.String(), Name: c.Name, State: string(c.State)})
		}
		others, err := n.Segments.In(s).LeftOutBy(ctx, id)
		for _, g := range others {
			out = append(out, Use{Kind: UsedBySegment, ID: g.ID.String(), Name: g.Name})
		}
		return out, err
	})
}
