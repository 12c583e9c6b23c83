package store

import (
	"context"

	"github.com/crmplus/crmplus/crm/actor"
)

// Verb is an operation that gives a result.
type Verb[T any] func(ctx context.Context, s *Session) (T, error)

// Write runs a verb that changes something, if the actor has the right, and gives its result; the zero T
// beside an error.
func Write[T any](ctx context.Context, db *DB, r actor.Right, verb Verb[T]) (T, error) {
	return run(ctx, db.Write, r, verb)
}

// Read runs a verb that changes nothing, as [Write] does.
func Read[T any](ctx context.Context, db *DB, r actor.Right, verb Verb[T]) (T, error) {
	return run(ctx, db.Read, r, verb)
}

func run[T any](ctx context.Context, in func(context.Context, Unit) error, r actor.Right, verb Verb[T]) (T, error) {
	var result, none T
	err := in(ctx, func(ctx context.Context, s *Session) error {
		err := s.Actor.Require(r)
		if err == nil {
			result, err = verb(ctx, s)
		}
		return err
	})
	if err != nil {
		return none, err
	}
	return result, nil
}
