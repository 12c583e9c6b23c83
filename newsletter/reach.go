package newsletter

import (
	"context"

	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter/campaign"
)

// Reach is how many people a campaign would go to if it began now.
type Reach struct {
	Readers int64 `json:"readers"`
	// Languages are the readers by their own language, "" for those of whom it is not known.
	Languages map[locale.Language]int64 `json:"languages"`
}

// Reach counts the audience of a campaign, by the statement that would freeze it. Whose readers they are does not
// matter: it is only counted. It needs subscription.Read, and a campaign that the actor sees.
func (n *Newsletters) Reach(ctx context.Context, id campaign.ID) (Reach, error) {
	out := Reach{Languages: map[locale.Language]int64{}}
	c, err := n.Campaigns.Get(ctx, id)
	if err != nil {
		return out, err
	}
	if ctx, err = n.counting(ctx, c); err != nil {
		return out, err
	}
	var rows []struct {
		Language locale.Language `bun:"language"`
		Readers  int64           `bun:"n"`
	}
	err = n.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		audience, err := n.audience(ctx, s, c)
		if err != nil {
			return err
		}
		text, args, err := audience.Select(s)
		if err != nil {
			return err
		}
		return s.Query(ctx, &rows, store.From[campaign.Campaign]("c"), "SELECT a.language AS language, COUNT(*) AS n FROM ("+text+") AS a"+
			" WHERE EXISTS (SELECT 1 FROM crm_campaign AS c WHERE {scope} AND c.id = ?) GROUP BY a.language", append(append([]any{}, args...), c.ID)...)
	})
	for _, r := range rows {
		out.Readers += r.Readers
		out.Languages[r.Language] += r.Readers
	}
	return out, err
}
