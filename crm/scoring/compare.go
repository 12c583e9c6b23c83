package scoring

import (
	"context"
	"slices"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/rule"
	"github.com/crmplus/crmplus/crm/store"
)

// MaxCompared is how many leads [Scores.Compare] looks at.
const MaxCompared = 5000

// Comparison holds a model against what became of past leads.
type Comparison struct {
	// Leads is how many were looked at, Won how many of them were converted.
	Leads int `json:"leads"`
	Won   int `json:"won"`
	// Bands are those of the model in rising order, the first one for what lies below them.
	Bands []Share `json:"bands"`
}

// Share is what became of the leads of a band.
type Share struct {
	Band Band `json:"band"`
	// Lowest is set on what lies below the first band.
	Lowest bool `json:"lowest,omitempty"`
	Leads  int  `json:"leads"`
	Won    int  `json:"won"`
}

// Percent is the share of won leads in whole percent, rounded half up; 0 without leads.
func (s Share) Percent() int { return percent(s.Won, s.Leads) }

// OfWon is which share of all won leads the band had, in whole percent, rounded half up; 0 where none was won.
func (c Comparison) OfWon(s Share) int { return percent(s.Won, c.Won) }

func percent(part, of int) int {
	if of == 0 {
		return 0
	}
	return (200*part + of) / (2 * of)
}

// Compare counts the last leads that are closed, at most [MaxCompared], by a model as they stood when they were
// closed, and says which share of each band was won. What was done later does not count; what the lead's own fields say
// is as of now. It writes nothing and needs actor.Settings.
func (c *Scores) Compare(ctx context.Context, m Model) (Comparison, error) {
	return rule.Within(ctx, func(ctx context.Context) (Comparison, error) { return c.compare(ctx, m) })
}

func (c *Scores) compare(ctx context.Context, m Model) (Comparison, error) {
	return store.Read(ctx, c.db, actor.Settings, func(ctx context.Context, s *store.Session) (Comparison, error) {
		var out Comparison
		env, err := c.terms.Environment(ctx, s)
		if err != nil {
			return out, err
		}
		if err := m.check(env, s.Actor).Err("the model cannot be used"); err != nil {
			return out, err
		}
		counter, err := ready(m, env)
		if err != nil {
			return out, err
		}
		s.Actor.See, s.Actor.Group = actor.All, nil // the session ends here
		out.Bands = append(out.Bands, Share{Lowest: true})
		for _, b := range m.Bands {
			out.Bands = append(out.Bands, Share{Band: b})
		}
		var leads []subjectOf
		err = s.Query(ctx, &leads, store.From[lead.Lead]("l"), "SELECT l.id, l.score, l.status, l.updated_at, l.converted_at FROM crm_lead AS l WHERE {scope} AND l.company = ? AND l.status IN (?, ?) AND l.merged_into IS NULL ORDER BY l.arrived_at DESC, l.id DESC"+s.Limit(MaxCompared),
			s.Actor.Company, lead.StatusConverted, lead.StatusDisqualified)
		if err != nil {
			return out, err
		}
		for part := range slices.Chunk(leads, rule.Chunk) {
			if err := out.add(ctx, s, counter, part, c.terms.At(s)); err != nil {
				return out, err
			}
		}
		return out, nil
	})
}

func (c *Comparison) add(ctx context.Context, s *store.Session, by *counter, leads []subjectOf, at rule.At) error {
	keys := make([][16]byte, len(leads))
	for i, l := range leads {
		keys[i] = l.ID
	}
	values, err := by.all.Load(ctx, s, at, keys)
	if err != nil {
		return err
	}
	for _, l := range leads {
		at.Now = l.until(time.Time{})
		got, err := by.count(at, values[l.ID])
		if err != nil {
			return err
		}
		i := 0
		for i+1 < len(c.Bands) && got.score >= c.Bands[i+1].Band.From {
			i++
		}
		c.Leads++
		c.Bands[i].Leads++
		if l.Status == lead.StatusConverted {
			c.Won++
			c.Bands[i].Won++
		}
	}
	return nil
}
