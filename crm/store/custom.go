package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
)

// FieldType is the type of a custom field.
type FieldType string

// The types of custom fields, with what their values are in Go.
const (
	// TextField holds a string of at most [MaxCustomText] characters.
	TextField FieldType = "text"
	// NumberField holds a money.Quantity; whole numbers may be written as int, too.
	NumberField FieldType = "number"
	// MoneyField holds a money.Amount in the field's currency.
	MoneyField FieldType = "money"
	// DateField holds a civil.Date.
	DateField FieldType = "date"
	// TimeField holds a time.Time.
	TimeField FieldType = "time"
	// YesNoField holds a bool; no is not the same as no answer.
	YesNoField FieldType = "yesno"
	// ChoiceField holds the value of one of the field's choices.
	ChoiceField FieldType = "choice"
	// LinkField holds an address that begins with http:// or https://.
	LinkField FieldType = "link"
	// EmailField holds an e-mail address.
	EmailField FieldType = "email"
)

// FieldTypes are all types.
var FieldTypes = []FieldType{TextField, NumberField, MoneyField, DateField, TimeField, YesNoField, ChoiceField, LinkField, EmailField}

// CustomKinds are the nouns that can have custom fields. Those of a party are shown on contacts and customers.
var CustomKinds = []string{"lead", "opportunity", "quote", "party", "activity"}

// MaxCustomFields is how many fields one kind of record has at most, removed ones included.
const MaxCustomFields = 100

// FieldTag is the noun of custom-field ids.
type FieldTag struct{}

// CustomField is a field that a company added to a kind of record.
type CustomField struct {
	bun.BaseModel `bun:"table:crm_custom_field,alias:custom_field"`

	ID Key[FieldTag] `bun:"id,pk"`
	Record
	// RecordKind is the noun the field belongs to, one of [CustomKinds].
	RecordKind string `bun:"record_kind,type:nvarchar(40)"`
	// Name is the field's own key: lower-case letters, digits and _.
	Name string `bun:"name,type:nvarchar(60)"`
	// Label is what people read whose language has no label of its own.
	Label string    `bun:"label,type:nvarchar(120)"`
	Type  FieldType `bun:"field_type,type:nvarchar(10)"`
	// Personal says that the values are personal data: they are exported and erased with the person.
	Personal bool `bun:"personal"`
	// Position orders the fields of a kind.
	Position int64 `bun:"position"`
	// Rules say which values are taken.
	Rules FieldRules `bun:"rules"`
	// RemovedAt is set when the field was taken away; its values stay until they are purged.
	RemovedAt time.Time `bun:"removed_at,nullzero"`
	// PurgedAt is when purging its values began; such a field cannot be restored any more.
	PurgedAt time.Time `bun:"purged_at,nullzero"`
}

// Text is the label for readers of a language.
func (f CustomField) Text(l locale.Language) string {
	if text := f.Rules.Labels[l]; text != "" {
		return text
	}
	return f.Label
}

// Called reports whether a text is the field's name or one of its labels, in whatever case.
func (f CustomField) Called(text string) bool {
	text = strings.TrimSpace(text)
	if strings.EqualFold(text, f.Name) || strings.EqualFold(text, f.Label) {
		return true
	}
	for _, label := range f.Rules.Labels {
		if strings.EqualFold(text, label) {
			return true
		}
	}
	return false
}

// Column is the column of crm_custom_value that holds the field's values.
func (f CustomField) Column() string {
	switch f.Type {
	case NumberField, MoneyField, YesNoField:
		return "number_value"
	case DateField, TimeField:
		return "time_value"
	case TextField, ChoiceField, LinkField, EmailField:
	}
	return "text_value"
}

// AddField adds a custom field behind those of its kind; it needs the right actor.Settings.
func (s *Session) AddField(ctx context.Context, f *CustomField) error {
	if err := s.Actor.Require(actor.Settings); err != nil {
		return err
	}
	var faults fault.List
	faults.Required("record_kind", f.RecordKind)
	if f.RecordKind != "" && !slices.Contains(CustomKinds, f.RecordKind) {
		faults.Add("record_kind", "choice", "%.40q has no custom fields; choose one of %v", f.RecordKind, CustomKinds)
	}
	if !fieldName(f.Name) {
		faults.Add("name", "name.form", "%q is no field name; use lower-case letters, digits and _, starting with a letter", f.Name)
	}
	if !slices.Contains(FieldTypes, f.Type) {
		faults.Add("field_type", "choice", "%q is no type; choose one of %v", f.Type, FieldTypes)
	}
	faults.Merge("", f.CheckRules())
	all, err := s.AllFields(ctx, f.RecordKind)
	if err != nil {
		return err
	}
	for _, other := range all {
		f.Position = max(f.Position, other.Position+1)
		switch {
		case other.Name != f.Name:
		case other.RemovedAt.IsZero():
			faults.Add("name", "duplicate", "there already is a field %q; choose another name", f.Name)
		default:
			faults.Add("name", "field.removed", "a removed field %q still has its values; restore it, purge it, or choose another name", f.Name)
		}
	}
	if len(all) >= MaxCustomFields {
		faults.Add("record_kind", "list.length", "has %d custom fields, at most that many are kept; purge removed ones", len(all))
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

// Fields gives the company's custom fields of a kind of record in their order, without removed ones.
func (s *Session) Fields(ctx context.Context, recordKind string) ([]CustomField, error) {
	var fields []CustomField
	err := s.Select(&fields).Where("custom_field.record_kind = ?", recordKind).Where("custom_field.removed_at IS NULL").
		OrderExpr("custom_field.position, custom_field.id").Scan(ctx)
	return fields, wrapSQL(err, "reading custom fields")
}

// EachKind gives the company's custom fields of all kinds of records as [Session.Fields] does, by one statement.
func (s *Session) EachKind(ctx context.Context) (map[string][]CustomField, error) {
	var fields []CustomField
	err := s.Select(&fields).Where("custom_field.removed_at IS NULL").OrderExpr("custom_field.position, custom_field.id").Scan(ctx)
	out := map[string][]CustomField{}
	for _, f := range fields {
		out[f.RecordKind] = append(out[f.RecordKind], f)
	}
	return out, wrapSQL(err, "reading custom fields")
}

// AllFields is Fields with the removed ones.
func (s *Session) AllFields(ctx context.Context, recordKind string) ([]CustomField, error) {
	var fields []CustomField
	err := s.Select(&fields).Where("custom_field.record_kind = ?", recordKind).OrderExpr("custom_field.position, custom_field.id").Scan(ctx)
	return fields, wrapSQL(err, "reading custom fields")
}

// FieldNamed finds a field by its name; the fault at path says that there is none.
func FieldNamed(fields []CustomField, name string) (CustomField, error) {
	for _, f := range fields {
		if f.Name == name {
			return f, nil
		}
	}
	return CustomField{}, fmt.Errorf("there is no custom field %.60q; add it in the settings", name)
}
