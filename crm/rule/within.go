package rule

import (
	"context"
	"errors"
	"time"

	"github.com/crmplus/crmplus/crm/fault"
)

// Patience is how long a condition that somebody tries is asked: the language has no loops, so that it always comes to an
// end, but many records take long.
const Patience = 30 * time.Second

type patienceKey struct{}

// Patient gives trials in a context another limit than [Patience].
func Patient(ctx context.Context, limit time.Duration) context.Context {
	return context.WithValue(ctx, patienceKey{}, limit)
}

// Within tries something for as long as [Patience] lasts, and says so where it was stopped.
func Within[T any](ctx context.Context, try func(context.Context) (T, error)) (T, error) {
	limit, set := ctx.Value(patienceKey{}).(time.Duration)
	if !set {
		limit = Patience
	}
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	out, err := try(limited)
	if err != nil && ctx.Err() == nil && errors.Is(limited.Err(), context.DeadlineExceeded) {
		var none T
		return none, fault.New(fault.Limit, "the trial took longer than %s and was stopped; have the condition ask for less, or for fewer records", limit)
	}
	return out, err
}
