package sequence

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter/subscription"
)

// Drafting is a sequence as people write it.
type Drafting struct {
	Name  string
	Topic subscription.TopicID
	Plan  Plan
}

func (d Drafting) onto(ctx context.Context, s *store.Session, row *Sequence) error {
	var faults fault.List
	row.Name = strings.TrimSpace(d.Name)
	faults.Required("name", row.Name)
	if len([]rune(row.Name)) > mostName {
		faults.Add("name", "length", "is longer than %d characters; shorten it", mostName)
	}
	if row.Live > 0 && d.Topic != row.TopicID {
		faults.Add("topic", "fixed", "cannot be changed once the sequence was started; copy the steps into a new one")
	}
	row.TopicID = d.Topic
	if d.Topic.IsZero() {
		faults.Add("topic", "required", "is missing; choose the topic that the readers have asked for")
	} else if err := topicExists(ctx, s, d.Topic); err != nil {
		if fault.CodeOf(err) != fault.NotFound {
			return err
		}
		faults.Add("topic", "choice", "there is no such topic; choose another one")
	}
	if d.Plan.End.Do == "" {
		d.Plan.End.Do = Stay
	}
	faults = append(faults, d.Plan.Check()...)
	if err := faults.Err("the sequence cannot be saved"); err != nil {
		return err
	}
	raw, err := json.Marshal(d.Plan)
	row.PlanJSON = string(raw)
	return err
}

func topicExists(ctx context.Context, s *store.Session, id subscription.TopicID) error {
	var topic subscription.Topic
	return s.Get(ctx, &topic, id)
}

// Create writes a new draft. It needs [Write].
func (q *Sequences) Create(ctx context.Context, d Drafting) (Sequence, error) {
	return store.Write(ctx, q.db, Write, func(ctx context.Context, s *store.Session) (Sequence, error) {
		row := Sequence{ID: store.NewKey[Tag](s), State: Draft, OwnerUser: s.Actor.UserID, OwnerTeam: s.Actor.Team()}
		if err := d.onto(ctx, s, &row); err != nil {
			return Sequence{}, err
		}
		return row, s.Insert(ctx, &row)
	})
}

// Edit changes a draft, or what the next version of a sequence will be; readers under way notice nothing before it
// is started. version is the one that was read. It needs [Write].
func (q *Sequences) Edit(ctx context.Context, id ID, version int64, d Drafting) (Sequence, error) {
	return store.Write(ctx, q.db, Write, func(ctx context.Context, s *store.Session) (Sequence, error) {
		var row Sequence
		if err := s.LockVersion(ctx, &row, id, version); err != nil {
			return row, err
		}
		if row.State == Archived {
			return row, wrongState(row, "changed")
		}
		next := row
		if err := d.onto(ctx, s, &next); err != nil {
			return row, err
		}
		return next, s.Save(ctx, &row, &next)
	})
}

// Get reads one sequence. It needs [Read].
func (q *Sequences) Get(ctx context.Context, id ID) (Sequence, error) {
	return store.Read(ctx, q.db, Read, func(ctx context.Context, s *store.Session) (Sequence, error) {
		var row Sequence
		return row, s.Get(ctx, &row, id)
	})
}

// Versions reads the versions of a sequence, the newest first. It needs [Read].
func (q *Sequences) Versions(ctx context.Context, id ID) ([]Version, error) {
	return store.Read(ctx, q.db, Read, func(ctx context.Context, s *store.Session) ([]Version, error) {
		var row Sequence
		if err := s.Get(ctx, &row, id); err != nil {
			return nil, err
		}
		var rows []Version
		err := s.Select(&rows).Where("sequence_version.sequence_id = ?", id).OrderExpr("sequence_version.number DESC").Scan(ctx)
		return rows, err
	})
}

// Filter picks sequences; zero fields do not narrow it.
type Filter struct {
	State State
	Page  store.Page
}

// Listing is one page of sequences, the newest first.
type Listing struct {
	Rows []Sequence `json:"rows"`
	// Next asks for the page behind this one; "" where there is none.
	Next string `json:"next,omitempty"`
}

// List reads one page of the company's sequences. It needs [Read].
func (q *Sequences) List(ctx context.Context, f Filter) (Listing, error) {
	return store.Read(ctx, q.db, Read, func(ctx context.Context, s *store.Session) (Listing, error) {
		var out Listing
		query := s.Select(&out.Rows)
		if f.State != "" {
			query = query.Where("sequence.state = ?", f.State)
		}
		err := s.Paged(query, store.Order{Column: "sequence.created_at", ID: "sequence.id", Desc: true}, f.Page).Scan(ctx)
		if n := len(out.Rows); err == nil && n == f.Page.Size() {
			out.Next = store.Cursor(out.Rows[n-1].CreatedAt, out.Rows[n-1].ID)
		}
		return out, err
	})
}

func wrongState(row Sequence, done string) error {
	var faults fault.List
	faults.Add("state", "sequence.state", "the sequence is %s and cannot be %s", row.State, done)
	return faults.Err("the sequence %q stays as it is", row.Name)
}

// usualGap is the gap of a company that has not said anything.
const usualGap = 24

// Rule reads what holds for all sequences of the company. It needs [Read].
func (q *Sequences) Rule(ctx context.Context) (Rule, error) {
	return store.Read(ctx, q.db, Read, ruleOf)
}

func ruleOf(ctx context.Context, s *store.Session) (Rule, error) {
	var rows []Rule
	err := s.Select(&rows).Where("sequence_rule.company = ?", s.Actor.Company).Scan(ctx)
	if err != nil || len(rows) == 0 {
		return Rule{GapHours: usualGap}, err
	}
	return rows[0], nil
}

// SetGap says how many hours lie at least between two steps of different sequences for one reader, 0 for none, at
// most 30 days. It needs [Send].
func (q *Sequences) SetGap(ctx context.Context, hours int) (Rule, error) {
	return store.Write(ctx, q.db, Send, func(ctx context.Context, s *store.Session) (Rule, error) {
		var faults fault.List
		within(&faults, "gap_hours", hours, 0, 30*24)
		if err := faults.Err("the rule cannot be saved"); err != nil {
			return Rule{}, err
		}
		was, err := ruleOf(ctx, s)
		if err != nil {
			return Rule{}, err
		}
		next := was
		next.GapHours = hours
		if was.ID.IsZero() {
			next.ID = store.NewKey[RuleTag](s)
			return next, s.Insert(ctx, &next)
		}
		return next, s.Save(ctx, &was, &next)
	})
}
