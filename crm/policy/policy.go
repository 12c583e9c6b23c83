// Package policy keeps what a company has decided about how it works: its working calendar, who gets which
// lead, how leads are scored, how long things may take. Each of these is one document per company and kind,
// written as JSON, checked by the package that owns the kind, audited, and kept in all its versions.
//
// A package names its kind once, reads by it inside its own units of work, and gives its service a [Keeper], by which
// people read, draft, publish and look back:
//
//	var plans = policy.Kind[Plan]{Name: "routing", Noun: "the rules", Reads: actor.LeadRead}
//
//	doc, err := plans.Read(ctx, s)                          // Version 0: nobody has decided yet
//	doc.Plan.Rules = append(doc.Plan.Rules, next)
//	doc, err = routes.Publish(ctx, doc.Version, doc.Plan)   // fault.Conflict where somebody else was faster
//
// What is published holds from the next unit of work on. A draft lies beside it; publishing takes it away.
package policy

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
)

// Tag is the noun of policy ids.
type Tag struct{}

// ID identifies a policy.
type ID = store.Key[Tag]

// row is a policy as it is kept.
type row struct {
	bun.BaseModel `bun:"table:crm_policy,alias:policy"`

	ID ID `bun:"id,pk"`
	store.Record
	Kind        string    `bun:"kind,type:nvarchar(20)"`
	Body        string    `bun:"body"`
	Draft       string    `bun:"draft"`
	PublishedAt time.Time `bun:"published_at,nullzero"`
	PublishedBy string    `bun:"published_by,type:nvarchar(64)"`
}

// version is one published state; rows are only added.
type version struct {
	bun.BaseModel `bun:"table:crm_policy_version,alias:policy_version"`

	PolicyID ID        `bun:"policy_id,pk"`
	Number   int64     `bun:"number,pk"`
	Company  string    `bun:"company,type:nvarchar(40)"`
	SavedAt  time.Time `bun:"saved_at"`
	SavedBy  string    `bun:"saved_by,type:nvarchar(64)"`
	Body     string    `bun:"body"`
}

// Document is what a company has decided of one kind.
type Document[T any] struct {
	// Version is 0 where nobody has decided yet; changes want the one that was read.
	Version int64 `json:"version"`
	// Published says that the company itself decided what Plan says.
	Published bool `json:"published"`
	// Plan is what holds: what the kind has as default where nothing was published.
	Plan T `json:"plan"`
	// Draft is what is being tried, nil for none.
	Draft *T `json:"draft,omitempty"`
	// SavedAt and SavedBy are of what was published last.
	SavedAt time.Time `json:"saved_at,omitzero"`
	SavedBy string    `json:"saved_by,omitempty"`

	stored row
}

// Shown is the plan that is being worked on: the draft, or what holds.
func (d Document[T]) Shown() T {
	if d.Draft != nil {
		return *d.Draft
	}
	return d.Plan
}

// Kind is a kind of document.
type Kind[T any] struct {
	// Name is the kind as it is stored, at most 20 characters.
	Name string
	// Noun is what errors call a document: "the rules".
	Noun string
	// Reads is the right that reading by a [Keeper] needs, "" where whoever acts may.
	Reads actor.Right
	// Default is what holds where a company has not decided; nil for the zero T.
	Default func(company string) T
}

// Read gives the document of the session's company.
func (k Kind[T]) Read(ctx context.Context, s *store.Session) (Document[T], error) {
	var rows []row
	err := s.Select(&rows).Where("policy.company = ?", s.Actor.Company).Where("policy.kind = ?", k.Name).Scan(ctx)
	if err != nil {
		return Document[T]{}, err
	}
	if len(rows) == 0 {
		rows = []row{{Kind: k.Name}}
	}
	return k.document(rows[0], s.Actor.Company)
}

func (k Kind[T]) document(r row, company string) (Document[T], error) {
	d := Document[T]{Version: r.Version, Published: r.Body != "", SavedAt: r.PublishedAt, SavedBy: r.PublishedBy, stored: r}
	switch {
	case r.Body != "":
		if err := json.Unmarshal([]byte(r.Body), &d.Plan); err != nil {
			return d, fmt.Errorf("policy %s: %w", r.Kind, err)
		}
	case k.Default != nil:
		d.Plan = k.Default(company)
	}
	if r.Draft != "" {
		d.Draft = new(T)
		if err := json.Unmarshal([]byte(r.Draft), d.Draft); err != nil {
			return d, fmt.Errorf("the draft of policy %s: %w", r.Kind, err)
		}
	}
	return d, nil
}

// MaxBody is the longest document, in bytes of JSON.
const MaxBody = 1 << 20

func (k Kind[T]) write(ctx context.Context, s *store.Session, was Document[T], body T, change func(next *row, text string)) (Document[T], error) {
	text, err := json.Marshal(body)
	if err != nil {
		return was, fmt.Errorf("policy %s: %w", k.Name, err)
	}
	if len(text) > MaxBody {
		return was, fault.New(fault.Limit, "the document has %d bytes, at most %d are kept; shorten it", len(text), MaxBody)
	}
	before := was.stored
	before.Version = was.Version // the caller's, who may have read it long ago
	next := before
	change(&next, string(text))
	if was.Version == 0 {
		next.ID = store.NewKey[Tag](s)
		if err := s.Insert(ctx, &next); err != nil {
			if s.Duplicate(err) {
				return was, k.overtaken()
			}
			return was, err
		}
	} else if err := s.Save(ctx, &before, &next); err != nil {
		return was, err
	}
	if next.Body != "" && next.Body != before.Body {
		err = s.InsertQuiet(ctx, &version{PolicyID: next.ID, Number: next.Version, SavedAt: s.Now, SavedBy: s.Actor.UserID, Body: next.Body})
		if err != nil {
			return was, err
		}
	}
	return k.document(next, s.Actor.Company)
}

func (k Kind[T]) overtaken() error {
	return fault.New(fault.Conflict, "somebody else has changed %s meanwhile; look again and repeat your change", k.Noun)
}

// State is one version that held.
type State[T any] struct {
	Number  int64     `json:"number"`
	SavedAt time.Time `json:"saved_at"`
	SavedBy string    `json:"saved_by"`
	Plan    T         `json:"plan"`
}

// MaxStates is how many versions [Kind.States] gives.
const MaxStates = 100

// States gives the versions that held, the newest first, at most [MaxStates].
func (k Kind[T]) States(ctx context.Context, s *store.Session) ([]State[T], error) {
	var rows []version
	err := s.Query(ctx, &rows, store.From[version]("v"),
		"SELECT v.* FROM crm_policy_version AS v JOIN crm_policy AS p ON p.id = v.policy_id WHERE {scope} AND p.company = ? AND p.kind = ? ORDER BY v.number DESC"+s.Limit(MaxStates), s.Actor.Company, k.Name)
	out := make([]State[T], len(rows))
	for i, r := range rows {
		out[i] = State[T]{Number: r.Number, SavedAt: r.SavedAt, SavedBy: r.SavedBy}
		if err := json.Unmarshal([]byte(r.Body), &out[i].Plan); err != nil {
			return nil, fmt.Errorf("version %d of policy %s: %w", r.Number, k.Name, err)
		}
	}
	return out, err
}
