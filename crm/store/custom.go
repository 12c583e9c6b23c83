package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
)

// FieldType is the type of a custom field.
type FieldType string

// The types of custom fields.
const (
	TextField   FieldType = "text"
	NumberField FieldType = "number"
	TimeField   FieldType = "time"
)

// FieldTag is the noun of custom-field ids.
type FieldTag struct{}

// CustomField is a field that a company added to a kind of record.
type CustomField struct {
	bun.BaseModel `bun:"table:crm_custom_field,alias:custom_field"`

	ID Key[FieldTag] `bun:"id,pk"`
	Record
	// RecordKind is the noun the field belongs to: "lead".
	RecordKind string `bun:"record_kind,type:nvarchar(40)"`
	// Name is the field's own key: lower-case letters, digits and _.
	Name string `bun:"name,type:nvarchar(60)"`
	// Label is what people read.
	Label string    `bun:"label,type:nvarchar(120)"`
	Type  FieldType `bun:"field_type,type:nvarchar(10)"`
	// Personal says that the values are personal data: they are exported and erased with the person.
	Personal bool `bun:"personal"`
	// RemovedAt is set when the field was taken away; its values stay until they are purged.
	RemovedAt time.Time `bun:"removed_at,nullzero"`
}

// customValue is the value of one custom field on one record; one of the three columns is set.
type customValue struct {
	bun.BaseModel `bun:"table:crm_custom_value,alias:custom_value"`

	RecordID []byte         `bun:"record_id,pk"`
	FieldID  Key[FieldTag]  `bun:"field_id,pk"`
	Company  string         `bun:"company,type:nvarchar(40)"`
	Text     string         `bun:"text_value,type:nvarchar(1000)"`
	Number   money.Quantity `bun:"number_value"`
	Time     time.Time      `bun:"time_value,nullzero"`
}

// AddField adds a custom field; it needs the right actor.Settings.
func (s *Session) AddField(ctx context.Context, f *CustomField) error {
	if err := s.Actor.Require(actor.Settings); err != nil {
		return err
	}
	var faults fault.List
	faults.Required("record_kind", f.RecordKind)
	if !fieldName(f.Name) {
		faults.Add("name", "name.form", "%q is no field name; use lower-case letters, digits and _, starting with a letter", f.Name)
	}
	if f.Type != TextField && f.Type != NumberField && f.Type != TimeField {
		faults.Add("field_type", "choice", "%q is no type; choose text, number or time", f.Type)
	}
	var n int
	if err := s.Query(ctx, &n, From[CustomField]("f"), "SELECT COUNT(*) FROM crm_custom_field AS f WHERE {scope} AND f.record_kind = ? AND f.name = ?", f.RecordKind, f.Name); err != nil {
		return err
	}
	if n > 0 {
		faults.Add("name", "duplicate", "there already is a field %q; choose another name", f.Name)
	}
	if err := faults.Err("the field cannot be added"); err != nil {
		return err
	}
	f.ID = NewKey[FieldTag](s)
	return s.Insert(ctx, f)
}

func fieldName(name string) bool {
	for i, r := range name {
		letter := r >= 'a' && r <= 'z'
		if !letter && (i == 0 || r != '_' && (r < '0' || r > '9')) {
			return false
		}
	}
	return name != ""
}

// Fields gives the company's custom fields of a kind of record, in the order they were added.
func (s *Session) Fields(ctx context.Context, recordKind string) ([]CustomField, error) {
	var fields []CustomField
	err := s.Select(&fields).Where("custom_field.record_kind = ?", recordKind).Where("custom_field.removed_at IS NULL").
		OrderExpr("custom_field.id").Scan(ctx)
	return fields, wrapSQL(err, "reading custom fields")
}

// SetCustom sets values of custom fields on a record the caller has locked: text as string, numbers
// as money.Quantity, times as time.Time, nil to clear. Unknown names and wrong types are faults.
func (s *Session) SetCustom(ctx context.Context, recordKind string, record []byte, values map[string]any) error {
	fields, err := s.Fields(ctx, recordKind)
	if err != nil {
		return err
	}
	byName := make(map[string]CustomField, len(fields))
	for _, f := range fields {
		byName[f.Name] = f
	}
	var faults fault.List
	var rows []customValue
	for _, name := range slices.Sorted(maps.Keys(values)) {
		value := values[name]
		f, ok := byName[name]
		if !ok {
			faults.Add("custom."+name, "unknown", "there is no such field; add it in the settings")
			continue
		}
		row := customValue{RecordID: record, FieldID: f.ID}
		if !row.set(f.Type, value) {
			faults.Add("custom."+name, "type", "takes a %s, not %T", f.Type, value)
		}
		rows = append(rows, row)
	}
	if err := faults.Err("the custom fields cannot be saved"); err != nil {
		return err
	}
	for i, row := range rows {
		_, err := s.Exec(ctx, From[customValue](""), "DELETE FROM crm_custom_value WHERE {scope} AND record_id = ? AND field_id = ?", record, row.FieldID)
		if err != nil {
			return wrapSQL(err, "replacing a custom value")
		}
		if row.Text == "" && row.Number.IsZero() && row.Time.IsZero() && values[byID(fields, row.FieldID)] == nil {
			continue
		}
		if err := s.InsertQuiet(ctx, &rows[i]); err != nil {
			return err
		}
	}
	return nil
}

func byID(fields []CustomField, id Key[FieldTag]) string {
	for _, f := range fields {
		if f.ID == id {
			return f.Name
		}
	}
	return ""
}

func (v *customValue) set(t FieldType, value any) bool {
	switch x := value.(type) {
	case nil:
		return true
	case string:
		v.Text = strings.TrimSpace(x)
		return t == TextField
	case money.Quantity:
		v.Number = x
		return t == NumberField
	case time.Time:
		v.Time = UTC(x)
		return t == TimeField
	}
	return false
}

// Custom reads the custom values of a record by the names of their fields.
func (s *Session) Custom(ctx context.Context, recordKind string, record []byte) (map[string]any, error) {
	fields, err := s.Fields(ctx, recordKind)
	if err != nil {
		return nil, err
	}
	var rows []customValue
	if err := s.Select(&rows).Where("custom_value.record_id = ?", record).Scan(ctx); err != nil {
		return nil, fmt.Errorf("reading custom values: %w", err)
	}
	values := make(map[string]any, len(rows))
	for _, f := range fields {
		for _, row := range rows {
			if row.FieldID != f.ID {
				continue
			}
			switch f.Type {
			case TextField:
				values[f.Name] = row.Text
			case NumberField:
				values[f.Name] = row.Number
			case TimeField:
				values[f.Name] = row.Time
			}
		}
	}
	return values, nil
}
