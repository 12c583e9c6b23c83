// Package policy keeps what a company has decided about how it works: its working calendar, who gets which
// lead, how leads are scored, how long things may take. Each of these is one document per company and kind,
// written as JSON, checked by the package that owns the kind, audited, and kept in all its versions.
//
//	doc, err := policy.Read[Plan](ctx, s, "routing")       // Version 0: nobody has decided yet
//	doc.Body.Rules = append(doc.Body.Rules, next)
//	doc, err = policy.Publish(ctx, s, doc, doc.Body)        // fault.Conflict where somebody else was faster
//
// What is published holds from the next unit of work on. A draft lies beside it ([Draft]), for kinds that are
// tried before they hold; publishing takes it away.
package policy

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/uptrace/bun"

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
	ID   ID     `json:"id"`
	Kind string `json:"kind"`
	// Version is 0 where nobody has decided yet; changes want the one that was read.
	Version int64 `json:"version"`
	// Published says that Body holds; there may be only a draft.
	Published bool `json:"published"`
	Body      T    `json:"body"`
	// Draft is what is being tried, nil for none.
	Draft       *T        `json:"draft,omitempty"`
	PublishedAt time.Time `json:"published_at,omitzero"`
	PublishedBy string    `json:"published_by,omitempty"`

	stored row
}

// Read gives the company's document of a kind.
func Read[T any](ctx context.Context, s *store.Session, kind string) (Document[T], error) {
	var rows []row
	err := s.Select(&rows).Where("policy.company = ?", s.Actor.Company).Where("policy.kind = ?", kind).Scan(ctx)
	if err != nil || len(rows) == 0 {
		return Document[T]{Kind: kind}, err
	}
	return document[T](rows[0])
}

func document[T any](r row) (Document[T], error) {
	d := Document[T]{ID: r.ID, Kind: r.Kind, Version: r.Version, Published: r.Body != "", PublishedAt: r.PublishedAt, PublishedBy: r.PublishedBy, stored: r}
	if r.Body != "" {
		if err := json.Unmarshal([]byte(r.Body), &d.Body); err != nil {
			return d, fmt.Errorf("policy %s: %w", r.Kind, err)
		}
	}
	if r.Draft != "" {
		d.Draft = new(T)
		if err := json.Unmarshal([]byte(r.Draft), d.Draft); err != nil {
			return d, fmt.Errorf("the draft of policy %s: %w", r.Kind, err)
		}
	}
	return d, nil
}

// Publish makes body hold, on top of the document that was read, and takes the draft away.
func Publish[T any](ctx context.Context, s *store.Session, was Document[T], body T) (Document[T], error) {
	return write(ctx, s, was, body, func(next *row, text string) {
		next.Body, next.Draft, next.PublishedAt, next.PublishedBy = text, "", s.Now, s.Actor.UserID
	})
}

// Draft keeps body beside what holds.
func Draft[T any](ctx context.Context, s *store.Session, was Document[T], body T) (Document[T], error) {
	return write(ctx, s, was, body, func(next *row, text string) { next.Draft = text })
}

// Discard takes the draft away.
func Discard[T any](ctx context.Context, s *store.Session, was Document[T]) (Document[T], error) {
	if was.Version == 0 {
		return was, nil
	}
	return write(ctx, s, was, was.Body, func(next *row, _ string) { next.Draft = "" })
}

// MaxBody is the longest document, in bytes of JSON.
const MaxBody = 1 << 20

func write[T any](ctx context.Context, s *store.Session, was Document[T], body T, change func(next *row, text string)) (Document[T], error) {
	text, err := json.Marshal(body)
	if err != nil {
		return was, fmt.Errorf("policy %s: %w", was.Kind, err)
	}
	if len(text) > MaxBody {
		return was, fault.New(fault.Limit, "the document has %d bytes, at most %d are kept; shorten it", len(text), MaxBody)
	}
	before := was.stored
	before.Version = was.Version // the caller's, who may have read it long ago
	next := before
	next.Kind = was.Kind
	change(&next, string(text))
	if was.Version == 0 {
		next.ID = store.NewKey[Tag](s)
		if err := s.Insert(ctx, &next); err != nil {
			if s.Duplicate(err) {
				return was, fault.New(fault.Conflict, "somebody else has just made the first version; look at it and repeat your change")
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
	return document[T](next)
}

// State is one version that held.
type State[T any] struct {
	Number  int64     `json:"number"`
	SavedAt time.Time `json:"saved_at"`
	SavedBy string    `json:"saved_by"`
	Body    T         `json:"body"`
}

// MaxStates is how many versions [States] gives.
const MaxStates = 100

// States gives the versions that held, the newest first, at most the last hundred.
func States[T any](ctx context.Context, s *store.Session, kind string) ([]State[T], error) {
	d, err := Read[json.RawMessage](ctx, s, kind)
	if err != nil || d.Version == 0 {
		return nil, err
	}
	var rows []version
	err = s.Query(ctx, &rows, store.From[version]("v"),
		"SELECT v.* FROM crm_policy_version AS v WHERE {scope} AND v.policy_id = ? ORDER BY v.number DESC"+s.Limit(MaxStates), d.ID)
	out := make([]State[T], len(rows))
	for i, r := range rows {
		out[i] = State[T]{Number: r.Number, SavedAt: r.SavedAt, SavedBy: r.SavedBy}
		if err := json.Unmarshal([]byte(r.Body), &out[i].Body); err != nil {
			return nil, fmt.Errorf("version %d of policy %s: %w", r.Number, kind, err)
		}
	}
	return out, err
}
