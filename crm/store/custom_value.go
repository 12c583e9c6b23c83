package store

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
)

// customValue is the value of one custom field on one record, in the column that [CustomField.Column] names.
type customValue struct {
	bun.BaseModel `bun:"table:crm_custom_value,alias:custom_value"`

	RecordID []byte         `bun:"record_id,pk"`
	FieldID  Key[FieldTag]  `bun:"field_id,pk"`
	Company  string         `bun:"company,type:nvarchar(40)"`
	Text     string         `bun:"text_value,type:nvarchar(1000)"`
	Number   money.Quantity `bun:"number_value"`
	Time     time.Time      `bun:"time_value,nullzero"`
	// TextKey is what texts are found by; see customKey.
	TextKey string `bun:"text_key,type:nvarchar(60)"`
}

// customKey is a text as it is compared: in small letters, cut to what an index holds.
func customKey(text string) string {
	key := strings.ToLower(text)
	for utf16Length(key) > 60 {
		runes := []rune(key)
		key = string(runes[:min(len(runes)-1, 60)])
	}
	return key
}

func (v *customValue) set(value any) {
	switch x := value.(type) {
	case string:
		v.Text, v.TextKey = x, customKey(x)
	case money.Quantity:
		v.Number = x
	case money.Amount:
		v.Number = money.NewQuantity(x.Decimal)
	case civil.Date:
		v.Time = x.Time(time.UTC)
	case time.Time:
		v.Time = x
	case bool:
		if x {
			v.Number = money.MustQuantity("1")
		}
	}
}

// value is what the row holds, in the type of its field.
func (v *customValue) value(t FieldType) any {
	switch t {
	case NumberField:
		return v.Number
	case MoneyField:
		return money.NewAmount(v.Number.Decimal)
	case YesNoField:
		return !v.Number.IsZero()
	case DateField:
		return civil.In(v.Time, time.UTC)
	case TimeField:
		return v.Time
	case TextField, ChoiceField, LinkField, EmailField:
	}
	return v.Text
}

// CustomShown is a value as logs show it, the same in every language.
func CustomShown(value any) string {
	switch x := value.(type) {
	case nil:
		return ""
	case time.Time:
		return UTC(x).Format(time.RFC3339)
	case money.Quantity:
		return x.String()
	case money.Amount:
		return x.String()
	}
	return fmt.Sprint(value)
}

// CustomRecord is a record that has custom values.
type CustomRecord struct {
	// Kind is one of [CustomKinds].
	Kind string
	ID   []byte
	// Version is the one the record has with the change, for the audit log.
	Version int64
}

// SetCustom sets values of custom fields on a new record, or one that the caller has locked and logs himself:
// values in the types that [FieldType] names, nil to clear. All that is wrong with them is named at once, each as
// custom.<name>.
func (s *Session) SetCustom(ctx context.Context, recordKind string, record []byte, values map[string]any) error {
	_, err := s.setCustom(ctx, recordKind, record, values)
	return err
}

// ChangeCustom is SetCustom with an entry in the audit log for what differs.
func (s *Session) ChangeCustom(ctx context.Context, r CustomRecord, values map[string]any) error {
	if len(values) == 0 {
		return nil
	}
	was, err := s.Custom(ctx, r.Kind, r.ID)
	if err != nil {
		return err
	}
	set, err := s.setCustom(ctx, r.Kind, r.ID, values)
	if err != nil {
		return err
	}
	e := Entry{Action: "update", Kind: r.Kind, Record: r.ID, Version: r.Version}
	for _, name := range slices.Sorted(maps.Keys(set)) {
		if from, to := CustomShown(was[name]), CustomShown(set[name]); from != to {
			e.Changes = append(e.Changes, Change{Field: "custom." + name, From: from, To: to})
		}
	}
	if len(e.Changes) == 0 {
		return nil
	}
	return s.Audit(ctx, e)
}

// SameCustom reports whether there are values and the record has each of them already, so that setting them would change
// nothing: a rule that sets what is there shall not set off the rules that wait for a change.
func (s *Session) SameCustom(ctx context.Context, recordKind string, record []byte, values map[string]any) (bool, error) {
	if len(values) == 0 {
		return false, nil
	}
	fields, err := s.Fields(ctx, recordKind)
	if err != nil {
		return false, err
	}
	set, faults := CheckCustom(fields, values)
	was, err := s.Custom(ctx, recordKind, record)
	for name := range values {
		if len(faults) > 0 || CustomShown(was[name]) != CustomShown(set[name]) {
			return false, err
		}
	}
	return true, err
}

// setCustom writes values and gives them as they are kept.
func (s *Session) setCustom(ctx context.Context, recordKind string, record []byte, values map[string]any) (map[string]any, error) {
	fields, err := s.Fields(ctx, recordKind)
	if err != nil {
		return nil, err
	}
	checked, faults := CheckCustom(fields, values)
	if err := fault.List(faults).Err("the custom fields cannot be saved"); err != nil {
		return nil, err
	}
	var rows []customValue
	for _, f := range fields {
		value, ok := checked[f.Name]
		if !ok {
			continue
		}
		_, err := s.Exec(ctx, From[customValue](""), "DELETE FROM crm_custom_value WHERE {scope} AND record_id = ? AND field_id = ?", record, f.ID)
		if err != nil {
			return nil, wrapSQL(err, "replacing a custom value")
		}
		if value != nil {
			row := customValue{RecordID: record, FieldID: f.ID}
			row.set(value)
			rows = append(rows, row)
		}
	}
	return checked, s.InsertQuiet(ctx, &rows)
}

// CheckCustom holds values by names against fields and gives them as they are kept.
func CheckCustom(fields []CustomField, values map[string]any) (map[string]any, []fault.Fault) {
	var faults fault.List
	out := make(map[string]any, len(values))
	for _, name := range slices.Sorted(maps.Keys(values)) {
		f, err := FieldNamed(fields, name)
		if err != nil {
			faults.Add("custom."+name, "unknown", "there is no such field; add it in the settings")
			continue
		}
		value, found := f.Check(values[name])
		faults.Merge("", found)
		out[name] = value
	}
	return out, faults
}

// CustomFaults finds what is wrong with values that [Session.SetCustom] would refuse, beside a record's other faults.
func (s *Session) CustomFaults(ctx context.Context, recordKind string, values map[string]any) ([]fault.Fault, error) {
	if len(values) == 0 {
		return nil, nil
	}
	fields, err := s.Fields(ctx, recordKind)
	if err != nil {
		return nil, err
	}
	_, faults := CheckCustom(fields, values)
	return faults, nil
}

// AddCustom writes values of many new records at once, as imports do: they were checked by [CheckCustom].
func (s *Session) AddCustom(ctx context.Context, fields []CustomField, values map[[16]byte]map[string]any) error {
	var rows []customValue
	for _, id := range slices.SortedFunc(maps.Keys(values), func(a, b [16]byte) int { return bytes.Compare(a[:], b[:]) }) {
		for _, f := range fields {
			if value := values[id][f.Name]; value != nil {
				row := customValue{RecordID: bytes.Clone(id[:]), FieldID: f.ID}
				row.set(value)
				rows = append(rows, row)
			}
		}
	}
	return s.InsertMany(ctx, &rows)
}

// ForgetCustom deletes all custom values of records that are being deleted, those of removed fields among them.
func (s *Session) ForgetCustom(ctx context.Context, records ...[]byte) error {
	for part := range slices.Chunk(records, MaxLimit) {
		args := make([]any, len(part))
		for i, id := range part {
			args[i] = id
		}
		if _, err := s.Exec(ctx, From[customValue](""), "DELETE FROM crm_custom_value WHERE {scope} AND record_id IN ("+In(len(part))+")", args...); err != nil {
			return wrapSQL(err, "deleting custom values")
		}
	}
	return nil
}

// SheetChange sets custom values on a record alone.
type SheetChange struct {
	// Kind is one of [CustomKinds].
	Kind string
	// Version is the one that was read; 0 is whichever there is.
	Version int64
	Values  map[string]any
}

// ChangeSheet locks a record, reads it into model, and changes custom values of it, with its version.
func (s *Session) ChangeSheet(ctx context.Context, model, id any, c SheetChange) error {
	if err := s.Lock(ctx, model, id); err != nil {
		return err
	}
	r := model.(recorded).record()
	if c.Version != 0 {
		r.Version = c.Version
	}
	if err := s.Touch(ctx, model); err != nil {
		return err
	}
	return s.ChangeCustom(ctx, CustomRecord{Kind: c.Kind, ID: keyBytes(id), Version: r.Version}, c.Values)
}

// CustomSheet are the custom fields of one record: those it can have, in their order, and the values it has.
type CustomSheet struct {
	Fields []CustomField
	// Values are by the names of the fields; fields without a value are left out.
	Values map[string]any
}

// Custom reads the custom values of a record that the caller may see, by the names of their fields.
func (s *Session) Custom(ctx context.Context, recordKind string, record []byte) (map[string]any, error) {
	sheet, err := s.CustomSheet(ctx, recordKind, record)
	return sheet.Values, err
}

// CustomSheet is Custom with the fields.
func (s *Session) CustomSheet(ctx context.Context, recordKind string, record []byte) (CustomSheet, error) {
	fields, err := s.Fields(ctx, recordKind)
	if err != nil || len(fields) == 0 {
		return CustomSheet{Values: map[string]any{}}, err
	}
	var rows []customValue
	if err := s.Select(&rows).Where("custom_value.record_id = ?", record).Scan(ctx); err != nil {
		return CustomSheet{}, fmt.Errorf("reading custom values: %w", err)
	}
	return CustomSheet{fields, customByName(fields, rows)}, nil
}

func customByName(fields []CustomField, rows []customValue) map[string]any {
	values := make(map[string]any, len(rows))
	for _, f := range fields {
		for i := range rows {
			if rows[i].FieldID == f.ID {
				values[f.Name] = rows[i].value(f.Type)
			}
		}
	}
	return values
}

// CustomOf reads the named custom values of the records of one page, by one statement for each 500 of them and one
// for the fields; without names it reads nothing. Names that are no fields are passed over: a list that was kept
// with a column that is gone still opens.
func (s *Session) CustomOf(ctx context.Context, recordKind string, names []string, records [][16]byte) (map[[16]byte]map[string]any, error) {
	if len(names) == 0 || len(records) == 0 {
		return nil, nil
	}
	all, err := s.Fields(ctx, recordKind)
	if err != nil {
		return nil, err
	}
	fields := slices.DeleteFunc(all, func(f CustomField) bool { return !slices.Contains(names, f.Name) })
	if len(fields) == 0 {
		return nil, nil
	}
	found := map[[16]byte][]customValue{}
	for part := range slices.Chunk(records, MaxLimit) {
		args := make([]any, 0, len(part)+len(fields))
		for _, id := range part {
			args = append(args, bytes.Clone(id[:]))
		}
		for _, f := range fields {
			args = append(args, f.ID)
		}
		var rows []customValue
		err := s.Query(ctx, &rows, From[customValue]("v"), "SELECT v.* FROM crm_custom_value AS v WHERE {scope} AND v.record_id IN ("+
			In(len(part))+") AND v.field_id IN ("+In(len(fields))+")", args...)
		if err != nil {
			return nil, fmt.Errorf("reading custom values: %w", err)
		}
		for _, row := range rows {
			found[[16]byte(row.RecordID)] = append(found[[16]byte(row.RecordID)], row)
		}
	}
	out := make(map[[16]byte]map[string]any, len(found))
	for id, rows := range found {
		out[id] = customByName(fields, rows)
	}
	return out, nil
}

// ShowCustom gives the rows of one page their values of the named custom fields, as [Session.CustomOf] reads them; of
// says which record a row is and where its values go.
func ShowCustom[R any](ctx context.Context, s *Session, show CustomShow, rows []R, of func(*R) ([16]byte, *map[string]any)) error {
	ids := make([][16]byte, len(rows))
	for i := range rows {
		ids[i], _ = of(&rows[i])
	}
	values, err := s.CustomOf(ctx, show.Kind, show.Names, ids)
	for i, id := range ids {
		_, to := of(&rows[i])
		*to = values[id]
	}
	return err
}

// CustomShow names the custom fields that a list shows.
type CustomShow struct {
	// Kind is one of [CustomKinds].
	Kind  string
	Names []string
}
