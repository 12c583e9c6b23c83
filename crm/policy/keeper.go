package policy

import (
	"context"
	"slices"
	"strings"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
)

// Keeper is the part of a service by which people read and change the documents of its kind. It is safe for many
// goroutines.
type Keeper[T any] struct {
	db    *store.DB
	kind  Kind[T]
	terms Terms[T]
}

// Terms are what the package that owns a kind demands of a plan.
type Terms[T any] struct {
	// Check names all that is wrong with a plan, which it may complete.
	Check func(ctx context.Context, s *store.Session, plan *T) (fault.List, error)
	// Publishing is called in the same transaction before a checked plan holds: to complete it, to put right what stood
	// on the one before, or to refuse it. Nil for nothing.
	Publishing func(ctx context.Context, s *store.Session, was Document[T], plan *T) error
}

// Keep makes a Keeper of a kind on a database.
func Keep[T any](db *store.DB, k Kind[T], t Terms[T]) Keeper[T] {
	return Keeper[T]{db: db, kind: k, terms: t}
}

// Plan reads the company's document. Who may is said where the kind is kept; mostly whoever acts.
func (k Keeper[T]) Plan(ctx context.Context) (Document[T], error) {
	var out Document[T]
	err := k.db.Read(ctx, func(ctx context.Context, s *store.Session) (err error) {
		if k.kind.Reads != "" {
			err = s.Actor.Require(k.kind.Reads)
		}
		if err == nil {
			out, err = k.kind.Read(ctx, s)
		}
		return err
	})
	return out, err
}

// SaveDraft keeps a plan beside the one that holds. version is the one that was read; another one is fault.Conflict.
// Conditions that name what is gone may stay in it until it is published, so that one rule after the other can be
// mended. It needs actor.Settings.
func (k Keeper[T]) SaveDraft(ctx context.Context, version int64, plan T) (Document[T], error) {
	return k.change(ctx, version, func(ctx context.Context, s *store.Session, was Document[T]) (Document[T], error) {
		faults, err := k.terms.Check(ctx, s, &plan)
		if err == nil && !keeps(faults) {
			err = faults.Err("%s cannot be kept", k.kind.Noun)
		}
		if err != nil {
			return was, err
		}
		return k.kind.write(ctx, s, was, plan, func(next *row, text string) { next.Draft = text })
	})
}

// keeps reports whether a draft with the faults can be kept: nothing but conditions is wrong with it.
func keeps(faults fault.List) bool {
	return !slices.ContainsFunc(faults, func(f fault.Fault) bool { return !strings.HasPrefix(f.Code, "rule.") })
}

// Discard takes the draft away, by the same rules.
func (k Keeper[T]) Discard(ctx context.Context, version int64) (Document[T], error) {
	return k.change(ctx, version, func(ctx context.Context, s *store.Session, was Document[T]) (Document[T], error) {
		if was.Version == 0 {
			return was, nil
		}
		return k.kind.write(ctx, s, was, was.Plan, func(next *row, _ string) { next.Draft = "" })
	})
}

// Publish makes a plan hold from now on, and takes the draft away. version is the one that was read; another one is
// fault.Conflict. It needs actor.Settings.
func (k Keeper[T]) Publish(ctx context.Context, version int64, plan T) (Document[T], error) {
	return k.change(ctx, version, func(ctx context.Context, s *store.Session, was Document[T]) (Document[T], error) {
		faults, err := k.terms.Check(ctx, s, &plan)
		if err == nil {
			err = faults.Err("%s cannot be used", k.kind.Noun)
		}
		if err == nil && k.terms.Publishing != nil {
			err = k.terms.Publishing(ctx, s, was, &plan)
		}
		if err != nil {
			return was, err
		}
		s.Wake() // much in the background goes by it
		return k.kind.write(ctx, s, was, plan, func(next *row, text string) {
			next.Body, next.Draft, next.PublishedAt, next.PublishedBy = text, "", s.Now, s.Actor.UserID
		})
	})
}

func (k Keeper[T]) change(ctx context.Context, version int64, how func(context.Context, *store.Session, Document[T]) (Document[T], error)) (Document[T], error) {
	return store.Write(ctx, k.db, actor.Settings, func(ctx context.Context, s *store.Session) (Document[T], error) {
		was, err := k.kind.Read(ctx, s)
		if err != nil {
			return was, err
		}
		if was.Version != version && (was.Version == 0 || version == 0) {
			return was, k.kind.overtaken()
		}
		was.Version = version
		return how(ctx, s, was)
	})
}

// Versions gives the plans that held, the newest first, at most [MaxStates]. It needs actor.Settings.
func (k Keeper[T]) Versions(ctx context.Context) ([]State[T], error) {
	return store.Read(ctx, k.db, actor.Settings, k.kind.States)
}
