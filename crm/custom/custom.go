// Package custom lets a company add typed fields of its own to leads, opportunities, quotes, contacts and customers
// (parties), and activities, and reads and writes their values as people do.
//
//	size, err := module.Fields.Add(ctx, custom.Draft{Kinds: []string{"lead"}, Name: "fleet", Label: "Vehicles", Type: store.NumberField})
//	value, err := custom.Parse(size[0], "1 250", company)   // money.Quantity 1250
//	text := custom.Text(size[0], value, reader)              // "1,250"
//
// A value is written with its record, by that record's own verbs (lead.Patch.Custom and the like), which end in
// store.Session.SetCustom: there each value is held against the rules of its field, and all faults come at once.
//
// A field that is removed disappears from forms, lists and rules; its values stay. [Fields.Restore] brings it back
// with them; [Fields.Purge] deletes them for good, which takes a right of its own.
package custom

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// ID identifies a field.
type ID = store.Key[store.FieldTag]

// Fields keeps the custom fields of all companies.
type Fields struct{ db *store.DB }

// New makes a Fields on a database.
func New(db *store.DB) *Fields { return &Fields{db} }

// In gives a view that works inside an open session.
func (f *Fields) In(s *store.Session) *Fields { return &Fields{s.Inside()} }

// List gives the company's fields of a kind of record in their order, for anybody who acts for it.
func (f *Fields) List(ctx context.Context, kind string) ([]store.CustomField, error) {
	var out []store.CustomField
	err := f.db.Read(ctx, func(ctx context.Context, s *store.Session) (err error) {
		out, err = s.Fields(ctx, kind)
		return err
	})
	return out, err
}

// All gives the fields of all kinds with the removed ones, kind by kind. It needs actor.Settings.
func (f *Fields) All(ctx context.Context) ([]store.CustomField, error) {
	return store.Read(ctx, f.db, actor.Settings, func(ctx context.Context, s *store.Session) ([]store.CustomField, error) {
		var all []store.CustomField
		for _, kind := range store.CustomKinds {
			some, err := s.AllFields(ctx, kind)
			if err != nil {
				return nil, err
			}
			all = append(all, some...)
		}
		return all, nil
	})
}

// Get reads one field, removed or not. It needs actor.Settings.
func (f *Fields) Get(ctx context.Context, id ID) (store.CustomField, error) {
	return store.Read(ctx, f.db, actor.Settings, func(ctx context.Context, s *store.Session) (store.CustomField, error) {
		var row store.CustomField
		return row, s.Get(ctx, &row, id)
	})
}

// Draft is a new field.
type Draft struct {
	// Kinds are the kinds of records that get the field, of store.CustomKinds; each has values of its own.
	Kinds []string `json:"kinds"`
	// Name is the field's key in programs, files and rules: small letters, digits and _. It never changes.
	Name string `json:"name"`
	// Label is what people read whose language has none in Rules.Labels.
	Label string `json:"label"`
	// Type never changes: values are kept in it.
	Type     store.FieldType  `json:"type"`
	Personal bool             `json:"personal"`
	Rules    store.FieldRules `json:"rules"`
}

// Add adds a field to each of the draft's kinds, to all or to none. It needs actor.Settings.
func (f *Fields) Add(ctx context.Context, d Draft) ([]store.CustomField, error) {
	return store.Write(ctx, f.db, actor.Settings, func(ctx context.Context, s *store.Session) ([]store.CustomField, error) {
		if len(d.Kinds) == 0 {
			var faults fault.List
			faults.Add("kinds", "required", "are missing; say which records get the field")
			_, others := f.prepare(d)
			faults.Merge("", others)
			return nil, faults.Err("the field cannot be added")
		}
		kinds := slices.Clone(d.Kinds)
		slices.Sort(kinds)
		var out []store.CustomField
		for _, kind := range slices.Compact(kinds) {
			row, _ := f.prepare(d)
			row.RecordKind = kind
			if err := s.AddField(ctx, &row); err != nil {
				return nil, named(err)
			}
			out = append(out, row)
		}
		return out, nil
	})
}

// named gives the faults of a field the names that they have in a Draft.
func named(err error) error {
	faults := fault.Of(err)
	for i, f := range faults {
		switch f.Path {
		case "record_kind":
			faults[i].Path = "kinds"
		case "field_type":
			faults[i].Path = "type"
		}
	}
	return err
}

// NameOf proposes the name of a field by its label: in Latin letters, "" where the label has none.
func NameOf(label string) string {
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, party.Transliterate(label))
	for strings.Contains(name, "__") {
		name = strings.ReplaceAll(name, "__", "_")
	}
	name = strings.TrimLeft(name, "_0123456789")
	return strings.TrimRight(name[:min(len(name), 40)], "_")
}

func (f *Fields) prepare(d Draft) (store.CustomField, []fault.Fault) {
	row := store.CustomField{Name: strings.TrimSpace(d.Name), Label: strings.TrimSpace(d.Label), Type: d.Type, Personal: d.Personal, Rules: d.Rules}
	return row, row.CheckRules()
}

// Edit changes a field; nil leaves as it is. Values that were written before stay as they are.
type Edit struct {
	// Version is the one that was read.
	Version  int64             `json:"version"`
	Label    *string           `json:"label"`
	Personal *bool             `json:"personal"`
	Rules    *store.FieldRules `json:"rules"`
}

// Edit changes what a field is called and which values it takes. It needs actor.Settings.
func (f *Fields) Edit(ctx context.Context, id ID, e Edit) (store.CustomField, error) {
	return f.change(ctx, id, e.Version, func(_ *store.Session, next *store.CustomField) error {
		if e.Label != nil {
			next.Label = strings.TrimSpace(*e.Label)
		}
		if e.Personal != nil {
			next.Personal = *e.Personal
		}
		if e.Rules != nil {
			next.Rules = *e.Rules
		}
		return fault.List(next.CheckRules()).Err("the field cannot be saved")
	})
}

func (f *Fields) change(ctx context.Context, id ID, version int64, do func(s *store.Session, next *store.CustomField) error) (store.CustomField, error) {
	return store.Write(ctx, f.db, actor.Settings, func(ctx context.Context, s *store.Session) (store.CustomField, error) {
		var was store.CustomField
		if err := s.Lock(ctx, &was, id); err != nil {
			return was, err
		}
		if version != 0 {
			was.Version = version
		}
		next := was
		if err := do(s, &next); err != nil {
			return was, err
		}
		return next, s.Save(ctx, &was, &next)
	})
}

// Arrange puts the fields of a kind in an order: all that are not removed, each once. It needs actor.Settings.
func (f *Fields) Arrange(ctx context.Context, kind string, ids ...ID) error {
	_, err := store.Write(ctx, f.db, actor.Settings, func(ctx context.Context, s *store.Session) (struct{}, error) {
		rows, err := s.Fields(ctx, kind)
		if err != nil {
			return struct{}{}, err
		}
		places := map[ID]int64{}
		for i, id := range ids {
			places[id] = int64(i + 1)
		}
		for _, row := range rows {
			if places[row.ID] == 0 || len(places) != len(rows) {
				return struct{}{}, fault.New(fault.Conflict, "the fields of %s have changed meanwhile; reload them and arrange them again", kind)
			}
		}
		for _, row := range rows {
			next := row
			next.Position = places[row.ID]
			if err := s.Save(ctx, &row, &next); err != nil {
				return struct{}{}, err
			}
		}
		return struct{}{}, nil
	})
	return err
}

// Remove takes a field away from people; its values stay. It needs actor.Settings.
func (f *Fields) Remove(ctx context.Context, id ID) (store.CustomField, error) {
	return f.change(ctx, id, 0, func(s *store.Session, next *store.CustomField) error {
		if next.RemovedAt.IsZero() {
			next.RemovedAt = s.Now
		}
		return nil
	})
}

// Restore brings a removed field back, with its values. It needs actor.Settings.
func (f *Fields) Restore(ctx context.Context, id ID) (store.CustomField, error) {
	return f.change(ctx, id, 0, func(_ *store.Session, next *store.CustomField) error {
		if !next.PurgedAt.IsZero() {
			return fault.New(fault.Invalid, "values of the field %q were purged; purge it again to finish, then add a new one", next.Name)
		}
		next.RemovedAt = time.Time{}
		return nil
	})
}
