package custom

import (
	"context"
	"strconv"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
)

// purgeStep is how many values go in one transaction: nobody's write waits long for it.
const purgeStep = 500

// Count gives how many records have a value in a field. It needs actor.Settings.
func (f *Fields) Count(ctx context.Context, id ID) (int, error) {
	return store.Read(ctx, f.db, actor.Settings, func(ctx context.Context, s *store.Session) (int, error) {
		return countOf(ctx, s, id)
	})
}

// value reads values by the index of their field.
type value struct {
	bun.BaseModel `bun:"table:crm_custom_value,alias:value"`

	RecordID []byte `bun:"record_id"`
	Company  string `bun:"company"`
}

func countOf(ctx context.Context, s *store.Session, id ID) (int, error) {
	var n int
	err := s.Query(ctx, &n, store.From[value]("v"), "SELECT COUNT(*) FROM crm_custom_value AS v WHERE {scope} AND v.field_id = ?", id)
	return n, err
}

// Purge deletes the values of a removed field for good, then the field, and gives how many values there were. It
// commits step by step, so it cannot run inside another transaction; where it breaks off, calling it again finishes.
// It needs actor.FieldPurge; the audit log keeps who did it, and the count.
func (f *Fields) Purge(ctx context.Context, id ID) (int, error) {
	if f.db.Bound() {
		return 0, fault.New(fault.Invalid, "purging commits step by step and cannot run inside another transaction; call it outside")
	}
	n, err := f.beginPurge(ctx, id)
	if err != nil {
		return 0, err
	}
	for {
		left, err := f.purgeSome(ctx, id)
		if err != nil || left == 0 {
			return n, err
		}
	}
}

// beginPurge marks the field, so that it is not restored in between.
func (f *Fields) beginPurge(ctx context.Context, id ID) (int, error) {
	return store.Write(ctx, f.db, actor.FieldPurge, func(ctx context.Context, s *store.Session) (int, error) {
		var was store.CustomField
		if err := s.Lock(ctx, &was, id); err != nil {
			return 0, err
		}
		if was.RemovedAt.IsZero() {
			return 0, fault.New(fault.Invalid, "the field %q is in use; remove it first", was.Name)
		}
		n, err := countOf(ctx, s, id)
		if err != nil {
			return 0, err
		}
		next := was
		next.PurgedAt = s.Now
		if err := s.Save(ctx, &was, &next); err != nil {
			return 0, err
		}
		return n, s.Audit(ctx, store.Entry{Action: "purge", Kind: "custom field", Record: id.Bytes(), Version: next.Version, Changes: []store.Change{
			{Field: was.RecordKind + "." + was.Name, From: strconv.Itoa(n) + " values"},
		}})
	})
}

// purgeSome deletes one step of values, or the field where none are left.
func (f *Fields) purgeSome(ctx context.Context, id ID) (int, error) {
	return store.Write(ctx, f.db, actor.FieldPurge, func(ctx context.Context, s *store.Session) (int, error) {
		var some []value
		err := s.Query(ctx, &some, store.From[value]("v"), "SELECT v.record_id FROM crm_custom_value AS v WHERE {scope} AND v.field_id = ? ORDER BY v.number_value, v.record_id"+s.Limit(purgeStep), id)
		if err != nil {
			return 0, err
		}
		if len(some) == 0 {
			var row store.CustomField
			if err := s.Lock(ctx, &row, id); err != nil {
				return 0, err
			}
			return 0, s.Delete(ctx, &row)
		}
		args := []any{id}
		for _, v := range some {
			args = append(args, v.RecordID)
		}
		_, err = s.Exec(ctx, store.From[value](""), "DELETE FROM crm_custom_value WHERE {scope} AND field_id = ? AND record_id IN ("+store.In(len(some))+")", args...)
		return len(some), err
	})
}
