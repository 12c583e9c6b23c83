package opportunity

import (
	"context"
	"slices"
	"strings"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
)

// SetCompetitors replaces all competitors. A competitor keeps its identity by its ID. Version is the
// opportunity's that was read, 0 for whichever there is. Closed opportunities take it too: what was
// learnt about a competitor is worth keeping.
func (o *Opportunities) SetCompetitors(ctx context.Context, id ID, version int64, competitors []Competitor) (Opportunity, error) {
	return o.change(ctx, id, version, func(ctx context.Context, s *store.Session, row Opportunity) (Opportunity, error) {
		competitors := slices.Clone(competitors)
		if err := checkCompetitors(competitors).Err("the competitors cannot be saved"); err != nil {
			return row, err
		}
		old, err := competitorsOf(ctx, s, id)
		if err != nil {
			return row, err
		}
		next := row
		if err := keep(ctx, s, &row, &next); err != nil {
			return row, err
		}
		if _, err := s.Exec(ctx, store.From[Competitor](""), "DELETE FROM crm_competitor WHERE {scope} AND opportunity_id = ?", id); err != nil {
			return row, err
		}
		for i := range competitors {
			competitors[i].Won = row.State == Lost && strings.EqualFold(competitors[i].Name, row.LostTo)
		}
		if err := insertCompetitors(ctx, s, id, competitors, old); err != nil {
			return row, err
		}
		return next, partsChanged(ctx, s, row, next, store.Change{Field: "competitors", From: competitorsText(old), To: competitorsText(competitors)})
	})
}

func competitorsText(all []Competitor) string {
	names := make([]string, 0, len(all))
	for _, c := range all {
		names = append(names, c.Name)
	}
	return cut(strings.Join(names, "; "))
}

func checkCompetitors(competitors []Competitor) fault.List {
	var faults fault.List
	if len(competitors) > MaxParts {
		faults.Add("competitors", "count", "there are %d competitors, at most %d fit", len(competitors), MaxParts)
		return faults
	}
	seen := map[string]bool{}
	for i := range competitors {
		var own fault.List
		c := &competitors[i]
		c.Name, c.Won = strings.TrimSpace(c.Name), false
		c.Strengths, c.Weaknesses = strings.TrimSpace(c.Strengths), strings.TrimSpace(c.Weaknesses)
		own.Required("name", c.Name)
		if key := strings.ToLower(c.Name); key != "" && seen[key] {
			own.Add("name", "duplicate", "%q stands twice; leave one out", c.Name)
		} else {
			seen[key] = true
		}
		checkNumber(&own, "price", c.Price, 4)
		faults.Merge("competitors"+index(i), own)
	}
	return faults
}

// insertCompetitors writes competitors; those that were among old keep their ids.
func insertCompetitors(ctx context.Context, s *store.Session, id ID, competitors, old []Competitor) error {
	known := map[CompetitorID]bool{}
	for _, c := range old {
		known[c.ID] = true
	}
	for i := range competitors {
		c := &competitors[i]
		if !known[c.ID] {
			c.ID = store.NewKey[CompetitorTag](s)
		}
		known[c.ID] = false // an id that is given twice stays with the first competitor
		c.OpportunityID = id
	}
	return pathed("competitors", s.Insert(ctx, &competitors))
}

func competitorsOf(ctx context.Context, s *store.Session, id ID) ([]Competitor, error) {
	var all []Competitor
	err := s.Select(&all).Where("competitor.opportunity_id = ?", id).OrderExpr("competitor.id").Scan(ctx)
	return all, err
}
