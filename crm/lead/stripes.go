package lead

import (
	"context"
	"fmt"
	"hash/fnv"
	"slices"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
)

// captureStripes is how many captures of one company can be under way at once without waiting.
const captureStripes = 64

// lockRow is a row that captures of the same keys wait for each other on.
type lockRow struct {
	bun.BaseModel `bun:"table:crm_capture_lock,alias:capture_lock"`

	Company string `bun:"company,pk,type:nvarchar(40)"`
	Stripe  int    `bun:"stripe,pk"`
	Taken   int64  `bun:"taken"`
}

// serialize makes captures that share a key wait for each other until the end of the transaction. Two
// people who are captured at once have no row yet that could be locked, so each key locks one of a
// fixed number of rows, in their order, so that no two captures wait for each other in a circle.
// Different keys that fall on one row wait without need, which costs them one capture's time. Where only one
// transaction writes at a time there is nothing to wait for.
func (l *Leads) serialize(ctx context.Context, s *store.Session, keys []string) error {
	if s.Sole() {
		return nil
	}
	for _, stripe := range stripesOf(keys) {
		for {
			n, err := s.Exec(ctx, store.From[lockRow](""), "UPDATE crm_capture_lock SET taken = taken + 1 WHERE {scope} AND stripe = ?", stripe)
			if err != nil {
				return fmt.Errorf("waiting for other captures: %w", err)
			}
			if n > 0 {
				break
			}
			if err := addStripes(ctx, s); err != nil {
				return err
			}
		}
	}
	return nil
}

// serializeAll is serialize for all keys at once: an import's chunk.
func (l *Leads) serializeAll(ctx context.Context, s *store.Session) error {
	if s.Sole() {
		return nil
	}
	n, err := s.Exec(ctx, store.From[lockRow](""), "UPDATE crm_capture_lock SET taken = taken + 1 WHERE {scope}")
	if err != nil {
		return fmt.Errorf("waiting for other captures: %w", err)
	}
	if n == 0 {
		return addStripes(ctx, s)
	}
	return nil
}

// addStripes makes the rows of a company at its first capture. Of two that do so at once the second
// one begins anew.
func addStripes(ctx context.Context, s *store.Session) error {
	rows := make([]lockRow, captureStripes)
	for i := range rows {
		rows[i].Stripe = i + 1
	}
	err := s.InsertQuiet(ctx, &rows)
	if err != nil && s.Duplicate(err) {
		return fault.Wrap(err, fault.Retryable, "the first lead of the company is just being taken in")
	}
	return err
}

// stripesOf gives the rows, counted from 1, that keys fall on, each once, in their order.
func stripesOf(keys []string) []int {
	stripes := make([]int, 0, len(keys))
	for _, key := range keys {
		h := fnv.New32a()
		_, _ = h.Write([]byte(key)) // never fails
		stripes = append(stripes, 1+int(h.Sum32()%captureStripes))
	}
	slices.Sort(stripes)
	return slices.Compact(stripes)
}
