package store

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"
)

// AuditTag is the noun of audit ids.
type AuditTag struct{}

// AuditEntry is one line of the audit log: who did what to which record, and when.
type AuditEntry struct {
	bun.BaseModel `bun:"table:crm_audit,alias:audit"`

	ID            Key[AuditTag] `bun:"id,pk"`
	Company       string        `bun:"company,type:nvarchar(40)"`
	At            time.Time     `bun:"at"`
	ActorKind     string        `bun:"actor_kind,type:nvarchar(10)"`
	UserID        string        `bun:"user_id,type:nvarchar(64)"`
	UserName      string        `bun:"user_name,type:nvarchar(120)"`
	Action        string        `bun:"action,type:nvarchar(40)"`
	RecordKind    string        `bun:"record_kind,type:nvarchar(40)"`
	RecordID      []byte        `bun:"record_id"`
	RecordVersion int64         `bun:"record_version"`
	// Changes is JSON: a list of [Change].
	Changes string `bun:"changes"`
}

// Change is one field of an update.
type Change struct {
	Field string `json:"field"`
	From  string `json:"from,omitempty"`
	To    string `json:"to,omitempty"`
}

// Entry is what a verb adds to the audit log beside the entries that Insert, Save and Delete write.
type Entry struct {
	// Action is the verb: "view", "export", "merge".
	Action string
	// Kind is the noun: "lead".
	Kind    string
	Record  []byte
	Version int64
	Changes []Change
}

// Audit writes an entry to the audit log.
func (s *Session) Audit(ctx context.Context, e Entry) error {
	row, err := s.auditEntry(e)
	if err != nil {
		return err
	}
	_, err = s.db.bun.NewInsert().Conn(s.tx).Model(&row).Exec(ctx)
	return wrapSQL(err, "writing the audit log")
}

func (s *Session) auditEntry(e Entry) (AuditEntry, error) {
	changes := ""
	if len(e.Changes) > 0 {
		b, err := json.Marshal(e.Changes)
		if err != nil {
			return AuditEntry{}, err
		}
		changes = string(b)
	}
	return AuditEntry{
		ID: Key[AuditTag](s.NewID()), Company: s.Actor.Company, At: s.Now,
		ActorKind: string(s.Actor.Kind), UserID: s.Actor.UserID, UserName: s.Actor.Name,
		Action: e.Action, RecordKind: e.Kind, RecordID: e.Record, RecordVersion: e.Version, Changes: changes,
	}, nil
}

// auditInserts writes one "create" entry for each new record that people change; rows without a
// version are parts of a record and have none of their own.
func (s *Session) auditInserts(ctx context.Context, models any) error {
	table, err := s.tableOf(models)
	if err != nil {
		return err
	}
	rows, err := each(models)
	if err != nil {
		return err
	}
	id := table.FieldMap["id"]
	var entries []AuditEntry
	for _, row := range rows {
		if _, ok := row.Addr().Interface().(recorded); !ok || id == nil {
			return nil
		}
		e, err := s.auditEntry(Entry{Action: "create", Kind: Noun(table.Name), Record: keyBytes(id.Value(row).Interface()), Version: 1})
		if err != nil {
			return err
		}
		entries = append(entries, e)
	}
	if len(entries) == 0 {
		return nil
	}
	return s.InsertQuiet(ctx, &entries)
}

func (s *Session) auditChange(ctx context.Context, table *schema.Table, changed []*schema.Field, before, after reflect.Value, version int64) error {
	e := Entry{Action: "update", Kind: Noun(table.Name), Record: keyBytes(table.FieldMap["id"].Value(after).Interface()), Version: version}
	for _, f := range changed {
		if _, binary := f.Value(after).Interface().([]byte); binary {
			continue // sort keys and the like say nothing to a reader
		}
		e.Changes = append(e.Changes, Change{Field: f.Name, From: shown(f.Value(before)), To: shown(f.Value(after))})
	}
	return s.Audit(ctx, e)
}

// shown is a value as text of bounded length.
func shown(v reflect.Value) string {
	var text string
	switch x := v.Interface().(type) {
	case time.Time:
		if !x.IsZero() {
			text = UTC(x).Format(time.RFC3339)
		}
	default:
		text = fmt.Sprint(x)
	}
	const most = 500
	if r := []rune(text); len(r) > most {
		text = string(r[:most]) + "…"
	}
	return text
}

// changesSince reads the last change of every field after a version.
func (s *Session) changesSince(ctx context.Context, id []byte, version int64) []Change {
	var entries []AuditEntry
	err := s.db.bun.NewSelect().Conn(s.tx).Model(&entries).
		Where("audit.company = ?", s.Actor.Company).Where("audit.record_id = ?", id).Where("audit.record_version > ?", version).
		OrderExpr("audit.record_version, audit.id").Limit(100).Scan(ctx)
	if err != nil {
		return nil // the conflict stands without its details
	}
	var changes []Change
	for _, e := range entries {
		var part []Change
		if json.Unmarshal([]byte(e.Changes), &part) == nil {
			changes = append(changes, part...)
		}
	}
	return changes
}
