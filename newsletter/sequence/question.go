package sequence

import (
	"context"

	"github.com/crmplus/crmplus/crm/rule"
	"github.com/crmplus/crmplus/crm/store"
)

// same is the condition that a party in a column is the reader r, or whom he was merged with; p is his party.
func same(column string) string { return column + " IN (p.id, p.merged_into)" }

// holds answers a condition for a reader.
func (q *Sequences) holds(ctx context.Context, s *store.Session, r Reader, ask Question) (bool, error) {
	if ask.Asks == ByRule {
		return q.picks(ctx, s, ask.Of, r)
	}
	text, args := question(r, ask)
	var found []int
	err := s.Query(ctx, &found, store.From[sealed]("r"), "SELECT 1 AS one FROM crm_sequence_reader AS r JOIN crm_party AS p ON p.id = r.party_id"+
		" WHERE {scope} AND r.sequence_id = ? AND r.party_id = ? AND EXISTS ("+text+")", append([]any{r.SequenceID, r.PartyID}, args...)...)
	return len(found) > 0, err
}

func question(r Reader, ask Question) (string, []any) {
	switch ask.Asks {
	case Opened, Clicked:
		did := "opens"
		if ask.Asks == Clicked {
			did = "clicks"
		}
		return read(did, ask.Of)
	case Answered:
		return answered("r.entered_at"), nil
	case Scored:
		return "SELECT 1 FROM crm_lead AS lead WHERE lead.company = r.company AND " + same("lead.party_id") + " AND lead.merged_into IS NULL AND lead.score >= ?", []any{ask.Number}
	case AtStage:
		return "SELECT 1 FROM crm_opportunity AS o JOIN crm_stage AS stage ON stage.id = o.stage_id WHERE o.company = r.company AND " + same("o.party_id") +
			" AND o.state = 'open' AND stage.name = ?", []any{ask.Of}
	default: // Quit
		return "SELECT 1 FROM crm_subscription AS u WHERE u.company = r.company AND " + same("u.party_id") + " AND u.state = 'unsubscribed' AND u.ended_at > r.entered_at", nil
	}
}

// read finds genuine opens or clicks of the letters of the lap.
func read(did, step string) (string, []any) {
	text := "SELECT 1 FROM crm_sequence_deed AS d JOIN crm_campaign AS c ON c.id = d.campaign_id JOIN crm_track_reader AS t ON t.campaign = c.number AND t.seq = d.seq" +
		" WHERE d.sequence_id = r.sequence_id AND d.party_id = r.party_id AND d.lap = r.lap AND t." + did + " > 0"
	if step == "" {
		return text, nil
	}
	return text + " AND d.step = ?", []any{step}
}

// answered finds what the reader said after an instant.
func answered(since string) string {
	return "SELECT 1 FROM crm_activity AS a WHERE a.company = r.company AND " + same("a.party_id") + " AND a.is_open = 0 AND a.direction = 'in' AND a.at > " + since
}

// picks reports whether a rule is true for a reader.
func (q *Sequences) picks(ctx context.Context, s *store.Session, text string, readers ...Reader) (bool, error) {
	found, err := q.pick(ctx, s, text, readers)
	return len(found) > 0, err
}

// pick gives the readers for whom a rule is true.
func (q *Sequences) pick(ctx context.Context, s *store.Session, text string, readers []Reader) ([]Reader, error) {
	env, err := q.config.Segments.In(s).Environment(ctx)
	if err != nil {
		return nil, err
	}
	c, err := env.Parse(text)
	if err != nil {
		return nil, err
	}
	keys := make([][16]byte, len(readers))
	by := make(map[[16]byte]Reader, len(readers))
	for i, r := range readers {
		keys[i] = r.PartyID
		by[keys[i]] = r
	}
	keys, err = c.Pick(ctx, s, rule.At{Now: s.Now, Zone: q.config.Locales(s.Actor.Company).Location()}, keys)
	out := make([]Reader, len(keys))
	for i, key := range keys {
		out[i] = by[key]
	}
	return out, err
}
