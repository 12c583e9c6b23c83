package sequence

import (
	"context"

	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter/campaign"
)

// Figures are how many readers of a sequence stand where.
type Figures struct {
	// States counts by standing, Reasons those who are done or left by reason.
	States  map[Standing]int64 `json:"states"`
	Reasons map[Reason]int64   `json:"reasons"`
	// Steps are the figures of steps by their key, over all versions; "" is behind the last one.
	Steps map[string]StepFigures `json:"steps"`
}

// StepFigures are those of one step.
type StepFigures struct {
	// Waiting are the readers for whom it comes next.
	Waiting int64 `json:"waiting"`
	// Results are how often it came to what.
	Results map[Result]int64 `json:"results"`
	// Mailed, Opened and Clicked are the readers whose letter left, who opened it, who followed a link in it.
	Mailed  int64 `json:"mailed"`
	Opened  int64 `json:"opened"`
	Clicked int64 `json:"clicked"`
	// Letter is the newest campaign that sends it.
	Letter campaign.ID `json:"letter,omitzero"`
}

// Figures counts the readers of a sequence. It needs [Read].
func (q *Sequences) Figures(ctx context.Context, id ID) (Figures, error) {
	return store.Read(ctx, q.db, Read, func(ctx context.Context, s *store.Session) (Figures, error) {
		var row Sequence
		if err := s.Get(ctx, &row, id); err != nil {
			return Figures{}, err
		}
		c := counter{s: s, id: id, out: Figures{States: map[Standing]int64{}, Reasons: map[Reason]int64{}, Steps: map[string]StepFigures{}}}
		for _, part := range []func(context.Context) error{c.readers, c.deeds, c.letters} {
			if err := part(ctx); err != nil {
				return Figures{}, err
			}
		}
		return c.out, nil
	})
}

// Summary counts the readers of some sequences by standing, for lists. It needs [Read].
func (q *Sequences) Summary(ctx context.Context, ids []ID) (map[ID]map[Standing]int64, error) {
	return store.Read(ctx, q.db, Read, func(ctx context.Context, s *store.Session) (map[ID]map[Standing]int64, error) {
		out := make(map[ID]map[Standing]int64, len(ids))
		for _, id := range ids {
			var rows []struct {
				State Standing `bun:"state"`
				N     int64    `bun:"n"`
			}
			err := s.Query(ctx, &rows, store.From[sealed]("r"), "SELECT r.state, COUNT(*) AS n FROM crm_sequence_reader AS r WHERE {scope} AND r.sequence_id = ? GROUP BY r.state", id)
			if err != nil {
				return nil, err
			}
			out[id] = map[Standing]int64{}
			for _, r := range rows {
				out[id][r.State] = r.N
			}
		}
		return out, nil
	})
}

type counter struct {
	s   *store.Session
	id  ID
	out Figures
}

func (c *counter) step(key string, change func(f *StepFigures)) {
	f, known := c.out.Steps[key]
	if !known {
		f.Results = map[Result]int64{}
	}
	change(&f)
	c.out.Steps[key] = f
}

func (c *counter) readers(ctx context.Context) error {
	var rows []struct {
		State  Standing `bun:"state"`
		Step   string   `bun:"step"`
		Reason Reason   `bun:"reason"`
		N      int64    `bun:"n"`
	}
	err := c.s.Query(ctx, &rows, store.From[sealed]("r"), "SELECT r.state, r.step, r.reason, COUNT(*) AS n FROM crm_sequence_reader AS r WHERE {scope} AND r.sequence_id = ? GROUP BY r.state, r.step, r.reason", c.id)
	for _, r := range rows {
		c.out.States[r.State] += r.N
		if r.State == Active || r.State == Resting {
			c.step(r.Step, func(f *StepFigures) { f.Waiting += r.N })
		} else {
			c.out.Reasons[r.Reason] += r.N
		}
	}
	return err
}

func (c *counter) deeds(ctx context.Context) error {
	var rows []struct {
		Step   string `bun:"step"`
		Result Result `bun:"result"`
		N      int64  `bun:"n"`
	}
	err := c.s.Query(ctx, &rows, store.From[Deed]("d"), "SELECT d.step, d.result, COUNT(*) AS n FROM crm_sequence_deed AS d WHERE {scope} AND d.sequence_id = ? GROUP BY d.step, d.result", c.id)
	for _, r := range rows {
		c.step(r.Step, func(f *StepFigures) { f.Results[r.Result] += r.N })
	}
	return err
}

func (c *counter) letters(ctx context.Context) error {
	var rows []struct {
		Step       string      `bun:"step"`
		CampaignID campaign.ID `bun:"campaign_id"`
		Mailed     int64       `bun:"mailed"`
		Opened     int64       `bun:"opened"`
		Clicked    int64       `bun:"clicked"`
	}
	err := c.s.Query(ctx, &rows, store.From[letter]("l"), "SELECT l.step, l.campaign_id, COALESCE((SELECT SUM(n.sent + n.complained) FROM crm_campaign_count AS n WHERE n.campaign_id = l.campaign_id), 0) AS mailed,"+
		" (SELECT COUNT(*) FROM crm_track_reader AS t WHERE t.campaign = c.number AND t.opens > 0) AS opened,"+
		" (SELECT COUNT(*) FROM crm_track_reader AS t WHERE t.campaign = c.number AND t.clicks > 0) AS clicked"+
		" FROM crm_sequence_letter AS l JOIN crm_campaign AS c ON c.id = l.campaign_id WHERE {scope} AND l.sequence_id = ? ORDER BY l.number, l.lap DESC, l.step", c.id)
	for _, r := range rows {
		c.step(r.Step, func(f *StepFigures) {
			f.Mailed, f.Opened, f.Clicked, f.Letter = f.Mailed+r.Mailed, f.Opened+r.Opened, f.Clicked+r.Clicked, r.CampaignID
		})
	}
	return err
}
