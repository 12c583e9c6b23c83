package api

import (
	"context"
	"time"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/policy"
	"github.com/crmplus/crmplus/crm/scoring"
)

// ScoringModel is how leads are scored.
type ScoringModel struct {
	Groups []ScoringGroup `json:"groups"`
	Rules  []ScoringRule  `json:"rules"`
	Bands  []ScoringBand  `json:"bands" doc:"What scores mean."`
}

// ScoringGroup holds rules together that measure the same.
type ScoringGroup struct {
	Key  string `json:"key" doc:"Names the group for its rules."`
	Name string `json:"name"`
	Cap  int    `json:"cap,omitempty" doc:"The most points the group gives; no limit where it is left out."`
}

// ScoringRule gives points.
type ScoringRule struct {
	Name     string `json:"name"`
	Group    string `json:"group,omitempty" doc:"The key of a group."`
	When     string `json:"when,omitempty" doc:"A condition about the lead; every lead where it is left out." example:"party.country == \"HU\""`
	List     string `json:"list,omitempty" doc:"Makes it a rule about each row of a list, such as touches."`
	Where    string `json:"where,omitempty" doc:"A condition on a row, with its fields written as .channel."`
	Points   int    `json:"points" doc:"Given once, or for each row; they may be negative."`
	HalfLife int    `json:"half_life,omitempty" doc:"By how many days the points of a row have become half."`
	Expire   int    `json:"expire,omitempty" doc:"After how many days they are gone."`
	Most     int    `json:"most,omitempty" doc:"How many rows count, the latest ones."`
}

// ScoringBand is a range of scores that ends where the next one begins.
type ScoringBand struct {
	From   int    `json:"from"`
	Name   string `json:"name"`
	Action string `json:"action,omitempty" doc:"What to do next."`
}

func (m ScoringModel) model() (scoring.Model, error) {
	return scoring.Model{
		Groups: each(m.Groups, func(g ScoringGroup) scoring.Group { return scoring.Group(g) }),
		Rules:  each(m.Rules, func(r ScoringRule) scoring.Rule { return scoring.Rule(r) }),
		Bands:  each(m.Bands, func(b ScoringBand) scoring.Band { return scoring.Band(b) }),
	}, nil
}

func scoringModelOf(m scoring.Model) ScoringModel {
	return ScoringModel{
		each(m.Groups, func(g scoring.Group) ScoringGroup { return ScoringGroup(g) }),
		each(m.Rules, func(r scoring.Rule) ScoringRule { return ScoringRule(r) }),
		each(m.Bands, func(b scoring.Band) ScoringBand { return ScoringBand(b) }),
	}
}

var scoringPolicy = policyNoun[ScoringModel, scoring.Model]{
	name: "scoring", of: "how leads are scored", reads: rights(actor.LeadRead), wire: scoringModelOf, plan: ScoringModel.model,
	keeper: func(m *crm.Module) policy.Keeper[scoring.Model] { return m.Scores.Keeper }, drafts: true,
}

// ScoringTrial holds a model against what became of past leads.
type ScoringTrial struct {
	Leads int            `json:"leads" doc:"How many closed leads were looked at."`
	Won   int            `json:"won" doc:"How many of them were converted."`
	Bands []ScoringShare `json:"bands" doc:"In rising order; the first one is what lies below all bands."`
}

// ScoringShare is what became of the leads of a band.
type ScoringShare struct {
	Name    string `json:"name,omitempty"`
	From    int    `json:"from,omitempty"`
	Leads   int    `json:"leads"`
	Won     int    `json:"won"`
	Percent int    `json:"percent" doc:"The share of those won, in whole percent."`
	OfWon   int    `json:"of_won" doc:"Which share of all that were won the band had, in whole percent."`
}

func (a *server) tryScoring() {
	r := post("try-scoring-policy", "/policies/scoring/try", policyTag, "Hold a model against what became of the last 5000 closed leads")
	r.Rights, r.Doc = rights(actor.Settings), "Writes nothing."
	add(a, r, func(ctx context.Context, m *crm.Module, in *struct{ Body ScoringModel }) (*Out[ScoringTrial], error) {
		model, err := in.Body.model()
		if err != nil {
			return nil, err
		}
		c, err := m.Scores.Compare(ctx, model)
		return &Out[ScoringTrial]{ScoringTrial{c.Leads, c.Won, each(c.Bands, func(s scoring.Share) ScoringShare {
			return ScoringShare{s.Band.Name, s.Band.From, s.Leads, s.Won, s.Percent(), c.OfWon(s)}
		})}}, err
	})
}

// LeadScore is a lead's score, how it came to be, and how it was before.
type LeadScore struct {
	Score        int           `json:"score"`
	Band         string        `json:"band,omitempty"`
	Action       string        `json:"action,omitempty" doc:"What the band says to do next."`
	Parts        []ScorePart   `json:"parts" doc:"What each rule gave."`
	Capped       []ScorePart   `json:"capped" doc:"What was cut off of groups that reached their most."`
	Stopped      []string      `json:"stopped" doc:"Rules that gave nothing because their conditions looked at too much of the lead."`
	ModelVersion int64         `json:"model_version"`
	ScoredAt     time.Time     `json:"scored_at" doc:"The instant it is true for."`
	NextAt       time.Time     `json:"next_at,omitzero" doc:"Until when time does not change it."`
	History      []ScoreChange `json:"history" doc:"The last changes, the newest first."`
}

// ScorePart is what one rule gave.
type ScorePart struct {
	Rule   string  `json:"rule,omitempty"`
	Group  string  `json:"group,omitempty"`
	Points Decimal `json:"points" doc:"As they are at that time, with what has faded taken off."`
	Rows   int     `json:"rows,omitempty" doc:"How many rows counted."`
}

// ScoreChange is one change of a score.
type ScoreChange struct {
	At           time.Time   `json:"at"`
	Old          int         `json:"old"`
	New          int         `json:"new"`
	ModelVersion int64       `json:"model_version"`
	Parts        []ScorePart `json:"parts" doc:"What each rule gave then."`
}

func scorePartOf(p scoring.Part) ScorePart {
	return ScorePart{p.Rule, p.Group, decimalOf(decimal.New(p.Points, -2)), p.Rows}
}

func (a *server) scores() {
	r := get("get-lead-score", "/leads/{id}/score", "Leads", "Read a lead's score, how it came to be and how it changed")
	r.Rights = rights(actor.LeadRead)
	add(a, r, func(ctx context.Context, m *crm.Module, in *one) (*Out[LeadScore], error) {
		c, err := m.Scores.Of(ctx, leadID(in.ID))
		if err != nil {
			return nil, err
		}
		s := c.Score
		return &Out[LeadScore]{LeadScore{
			s.Score, s.Band, c.Action, each(s.Detail.Parts, scorePartOf), each(s.Detail.Capped, scorePartOf), append([]string{}, s.Detail.Stopped...), s.ModelVersion, s.ScoredAt, s.NextAt,
			each(c.History, func(h scoring.Change) ScoreChange {
				return ScoreChange{h.At, h.Old, h.New, h.ModelVersion, each(h.Detail.Parts, scorePartOf)}
			}),
		}}, nil
	})
}
