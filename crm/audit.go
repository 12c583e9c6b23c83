package crm

import (
	"context"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
)

// AuditQuery asks the audit log.
type AuditQuery struct {
	// Record is the key of one record (id.Bytes()); nil asks for all of the company.
	Record []byte
	Page   store.Page
}

// AuditPage is a page of the audit log, newest first.
type AuditPage struct {
	Entries []store.AuditEntry
	// Next is the Page.After of the next page, "" where this is the last one.
	Next string
}

// Audit reads who did what to which record. It needs the right actor.AuditRead.
func (m *Module) Audit(ctx context.Context, q AuditQuery) (AuditPage, error) {
	var out AuditPage
	err := m.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		if err := s.Actor.Require(actor.AuditRead); err != nil {
			return err
		}
		query := s.Select(&out.Entries)
		order := store.Order{Column: "audit.at", ID: "audit.id", Desc: true}
		if q.Record != nil {
			if len(q.Record) != 16 {
				return fault.New(fault.Invalid, "a record's key has 16 bytes, not %d", len(q.Record))
			}
			query = query.Where("audit.record_id = ?", q.Record)
			order.Column = "audit.record_version"
		}
		if err := s.Paged(query, order, q.Page).Scan(ctx); err != nil {
			return err
		}
		if n := len(out.Entries); n == q.Page.Size() {
			last := out.Entries[n-1]
			out.Next = store.Cursor(last.At, last.ID)
			if q.Record != nil {
				out.Next = store.Cursor(last.RecordVersion, last.ID)
			}
		}
		return nil
	})
	return out, err
}
