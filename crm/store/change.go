package store

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"
)

// Topic is something that key figures are counted from. Triggers number its changes in the transaction that makes
// them, whoever writes: verbs, other processes, the host's own SQL.
type Topic string

// The topics. Those of records with a day are numbered by month (UTC).
const (
	// LeadChanges are those of leads, by their arrival.
	LeadChanges Topic = "lead"
	// ActivityChanges are those of activities, by when they are.
	ActivityChanges Topic = "activity"
	// OpportunityChanges are those of opportunities, their lines, sellers and competitors, by the month of their
	// creation and that of their closing.
	OpportunityChanges Topic = "opportunity"
	// MoveChanges are those of the steps of opportunities, by when they were taken.
	MoveChanges Topic = "move"
	// CostChanges are those of what lines cost.
	CostChanges Topic = "cost"
	// RateChanges are those of exchange rates.
	RateChanges Topic = "rate"
	// CustomChanges are those of the values of custom fields.
	CustomChanges Topic = "custom"
	// SightChanges are those of whose a party is, whom it belongs to and whom it is shared with.
	SightChanges Topic = "sight"
)

// change is a row of the numbers.
type change struct {
	bun.BaseModel `bun:"table:crm_change,alias:change"`

	Slot    int    `bun:"slot,pk"`
	Company string `bun:"company,pk,type:nvarchar(40)"`
	Topic   Topic  `bun:"topic,pk,type:nvarchar(12)"`
	Part    string `bun:"part,pk,type:nvarchar(7)"`
	N       int64  `bun:"n"`
	Mark    int64  `bun:"mark"`
}

// State is one state of records: while it is the same, they are. It says nothing of what comes first.
type State struct{ N, Mark int64 }

// Changes are the states of all topics of the companies of a session.
type Changes struct{ rows []change }

// Changes reads the states. What is read on SQLite in a session of [DB.Read] after it is of these states; on SQL
// Server it is when a second look finds the same.
func (s *Session) Changes(ctx context.Context) (Changes, error) {
	var c Changes
	err := s.Query(ctx, &c.rows, From[change]("c"), "SELECT c.topic, c.part, SUM(c.n) AS n, SUM(c.mark) AS mark FROM crm_change AS c WHERE {scope} GROUP BY c.topic, c.part")
	slices.SortFunc(c.rows, func(a, b change) int { return strings.Compare(string(a.Topic)+a.Part, string(b.Topic)+b.Part) })
	return c, err
}

// Of is the state of all records of a topic.
func (c Changes) Of(t Topic) State { return c.between(t, "", "9999-12") }

// Within is the state of the records of a topic whose instant is one from from up to to, which is not among them.
func (c Changes) Within(t Topic, from, to time.Time) State {
	return c.between(t, from.UTC().Format("2006-01"), to.Add(-time.Millisecond).UTC().Format("2006-01"))
}

func (c Changes) between(t Topic, first, last string) State {
	var sum State
	for _, row := range c.rows {
		if row.Topic == t && row.Part >= first && row.Part <= last {
			sum.N += row.N
			sum.Mark += row.Mark
		}
	}
	return sum
}

// Reading reports whether the session is that of a Read in a transaction of its own: nothing that it reads can still
// be rolled back.
func (s *Session) Reading() bool { return s.reading }

// Sight is the predicate that {scope} stands for in a statement that reads.
func (s *Session) Sight(from Source) (Predicate, error) {
	table, err := s.tableOf(from.model)
	if err != nil {
		return Predicate{}, err
	}
	return s.scope(table, from.alias, reading), nil
}
