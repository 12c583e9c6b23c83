package api

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/custom"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/store"
)

// convertCustom turns the values of custom fields, as JSON has them, into those of their types: text as
// it is, numbers from decimals as text, times from RFC 3339, null for none.
func convertCustom(ctx context.Context, m *crm.Module, kind string, values map[string]any) error {
	if len(values) == 0 {
		return nil
	}
	return m.DB().Read(ctx, func(ctx context.Context, s *store.Session) error {
		fields, err := s.Fields(ctx, kind)
		if err != nil {
			return err
		}
		var faults fault.List
		for _, name := range slices.Sorted(maps.Keys(values)) {
			f, err := store.FieldNamed(fields, name)
			if err != nil || values[name] == nil { // an unknown name is refused by whoever keeps it
				continue
			}
			values[name] = customValue(&faults, f, values[name])
		}
		return faults.Err("the custom fields cannot be saved")
	})
}

// customValue turns one value; those that are of their type already, because the unit of work is repeated, stay.
func customValue(faults *fault.List, f store.CustomField, value any) any {
	text, isText := value.(string)
	path := "custom." + f.Name
	switch f.Type {
	case store.TextField, store.ChoiceField, store.LinkField, store.EmailField:
		if !isText {
			faults.Add(path, "type", "takes text")
		}
	case store.NumberField, store.MoneyField:
		switch value.(type) {
		case money.Quantity, money.Amount:
			return value
		}
		if !isText || !decimalForm.MatchString(text) {
			faults.Add(path, "form", "is no number; write it as text like \"-1234.50\"")
			return nil
		}
		var n numbers
		q := number(&n, path, Decimal(text), money.ParseQuantity)
		*faults = append(*faults, n.faults...)
		return q
	case store.DateField:
		if d, ok := value.(civil.Date); ok {
			return d
		}
		d, err := civil.Parse(text)
		if !isText || err != nil {
			faults.Add(path, "date.form", "is no date; write it like 2026-07-13")
		}
		return d
	case store.TimeField:
		if at, ok := value.(time.Time); ok {
			return at
		}
		at, err := time.Parse(time.RFC3339, text)
		if !isText || err != nil {
			faults.Add(path, "time.form", "is no time; write it like 2026-07-13T10:00:00Z")
		}
		return at
	case store.YesNoField:
		if _, ok := value.(bool); !ok {
			faults.Add(path, "type", "takes true or false")
		}
	}
	return value
}

// OwnFilter narrows by custom fields.
type OwnFilter struct {
	Custom []string `query:"custom" doc:"Narrows by custom fields, as name:value, by comma; of texts the beginning. Numbers, money, dates and times also take bounds: name:from..until, where one of both may be left out." example:"branch:food"`
}

// own reads the filter for some kinds of records; a name means the field of the first kind that has it.
func (q OwnFilter) own(ctx context.Context, m *crm.Module, kinds ...string) ([]store.CustomFilter, error) {
	if len(q.Custom) == 0 {
		return nil, nil
	}
	var fields []store.CustomField
	for _, kind := range kinds {
		more, err := m.Fields.List(ctx, kind)
		if err != nil {
			return nil, err
		}
		fields = append(fields, more...)
	}
	var faults fault.List
	var out []store.CustomFilter
	for _, part := range q.Custom {
		name, text, _ := strings.Cut(part, ":")
		f, err := store.FieldNamed(fields, name)
		if err != nil {
			faults.Add("custom", "unknown", "there is no custom field %.60q of this kind of record; write name:value", name)
			continue
		}
		filter := store.CustomFilter{Field: name}
		first, last, bounds := strings.Cut(text, "..")
		switch {
		case f.Type == store.YesNoField:
			filter.Is = text == "true"
		case !bounds || f.Column() == "text_value":
			filter.Is = customValue(&faults, f, text)
		default:
			if first != "" {
				filter.From = customValue(&faults, f, first)
			}
			if last != "" {
				filter.Until = customValue(&faults, f, last)
			}
		}
		out = append(out, filter)
	}
	return out, faults.Err("the list cannot be narrowed")
}

// customOf writes the values of custom fields.
func customOf(values map[string]any) map[string]any {
	out := make(map[string]any, len(values))
	for name, v := range values {
		switch x := v.(type) {
		case money.Quantity:
			out[name] = decimalOf(x)
		case money.Amount:
			out[name] = decimalOf(x)
		case civil.Date:
			out[name] = x.String()
		default:
			out[name] = x
		}
	}
	return out
}

// CustomField is a field that the company added to a kind of record.
type CustomField struct {
	ID        ID        `json:"id"`
	Version   int64     `json:"version"`
	Kind      string    `json:"kind" enum:"lead,opportunity,quote,party,activity"`
	Name      string    `json:"name" doc:"Its key in \"custom\" of a record, in files and in rules as custom.name."`
	Type      string    `json:"type" enum:"text,number,money,date,time,yesno,choice,link,email" doc:"Values are text; numbers and money are decimals as text, dates like 2026-07-13, times as RFC 3339, yesno true or false."`
	RemovedAt time.Time `json:"removed_at,omitzero" doc:"When it was taken away; its values stay until they are purged."`
	CustomFieldForm
}

// CustomFieldForm is what can be changed about a field.
type CustomFieldForm struct {
	Label     string            `json:"label" maxLength:"120" doc:"What readers see whose language has none in labels."`
	Labels    map[string]string `json:"labels,omitempty" doc:"By language."`
	Required  bool              `json:"required,omitempty" doc:"It is asked for on forms and cannot be cleared; a record that does not name it is taken."`
	Personal  bool              `json:"personal,omitempty" doc:"Values are exported and erased with the person."`
	MinLength int               `json:"min_length,omitempty" minimum:"0"`
	MaxLength int               `json:"max_length,omitempty" minimum:"0"`
	Pattern   string            `json:"pattern,omitempty" doc:"A regular expression (RE2) for the whole text."`
	Example   string            `json:"example,omitempty"`
	Min       Decimal           `json:"min,omitempty"`
	Max       Decimal           `json:"max,omitempty"`
	Earliest  Date              `json:"earliest,omitempty"`
	Latest    Date              `json:"latest,omitempty"`
	Currency  string            `json:"currency,omitempty" doc:"Of money; the company's own where it is left out."`
	Choices   []Choice          `json:"choices,omitempty"`
}

// CustomFieldDraft is a new field.
type CustomFieldDraft struct {
	Kinds []string `json:"kinds" minItems:"1" enum:"lead,opportunity,quote,party,activity" doc:"Each gets the field, with values of its own."`
	Name  string   `json:"name" doc:"Small letters, digits and _; it never changes." example:"fleet"`
	Type  string   `json:"type" enum:"text,number,money,date,time,yesno,choice,link,email" doc:"It never changes."`
	CustomFieldForm
}

func (f CustomFieldForm) rules() (store.FieldRules, error) {
	var n numbers
	bound := func(path string, d Decimal) *money.Quantity {
		if d == "" {
			return nil
		}
		return optional(&n, path, &d, money.ParseQuantity)
	}
	out := store.FieldRules{
		Labels: byLanguage(f.Labels), Required: f.Required, MinLength: f.MinLength, MaxLength: f.MaxLength, Pattern: f.Pattern, Example: f.Example,
		Min: bound("min", f.Min), Max: bound("max", f.Max), Earliest: day(f.Earliest), Latest: day(f.Latest), Currency: f.Currency,
	}
	for _, c := range f.Choices {
		out.Choices = append(out.Choices, store.FieldChoice{Value: c.Value, Texts: byLanguage(c.Texts), Archived: c.Archived})
	}
	return out, n.err()
}

func customFieldOf(f store.CustomField) CustomField {
	r := f.Rules
	out := CustomField{
		ID: idOf(f.ID), Version: f.Version, Kind: f.RecordKind, Name: f.Name, Type: string(f.Type), RemovedAt: f.RemovedAt,
		CustomFieldForm: CustomFieldForm{
			Label: f.Label, Labels: textsOf(r.Labels), Required: r.Required, Personal: f.Personal, MinLength: r.MinLength, MaxLength: r.MaxLength, Pattern: r.Pattern,
			Example: r.Example, Earliest: dateOf(r.Earliest), Latest: dateOf(r.Latest), Currency: r.Currency,
		},
	}
	if r.Min != nil {
		out.Min = decimalOf(*r.Min)
	}
	if r.Max != nil {
		out.Max = decimalOf(*r.Max)
	}
	for _, c := range r.Choices {
		out.Choices = append(out.Choices, Choice{c.Value, textsOf(c.Texts), c.Archived})
	}
	return out
}

// byLanguage reads texts by language.
func byLanguage(texts map[string]string) map[locale.Language]string {
	out := make(map[locale.Language]string, len(texts))
	for l, text := range texts {
		out[locale.Language(l)] = text
	}
	return out
}

// textsOf are texts by language as JSON has them.
func textsOf(texts map[locale.Language]string) map[string]string {
	out := make(map[string]string, len(texts))
	for l, text := range texts {
		out[string(l)] = text
	}
	return out
}

func fieldID(id ID) custom.ID { return keyOf[store.FieldTag](id) }

var fieldNoun = noun[store.CustomField, CustomField]{customFieldOf, func(f store.CustomField) (string, int64) { return f.ID.String(), f.Version }}

// CustomOrder puts the fields of a kind of record into an order.
type CustomOrder struct {
	Kind string `json:"kind" enum:"lead,opportunity,quote,party,activity"`
	IDs  []ID   `json:"ids" maxItems:"100" doc:"All that are not removed, each once."`
}

func (a *server) customFields() {
	const path = "/custom-fields"
	may := rights(actor.Settings)
	r := get("list-custom-fields", path, settings, "List the company's custom fields of a kind of record")
	r.Rights, r.Doc = readers, "In the order of forms. Removed ones take the right `settings`."
	add(a, r, func(ctx context.Context, m *crm.Module, in *struct {
		Kind    string `query:"kind" required:"true" enum:"lead,opportunity,quote,party,activity"`
		Removed bool   `query:"removed" doc:"With those that were taken away."`
	},
	) (*Listed[CustomField], error) {
		read := func() ([]store.CustomField, error) { return m.Fields.List(ctx, in.Kind) }
		if in.Removed {
			read = func() ([]store.CustomField, error) {
				all, err := m.Fields.All(ctx)
				return slices.DeleteFunc(all, func(f store.CustomField) bool { return f.RecordKind != in.Kind }), err
			}
		}
		fields, err := read()
		return listed(callOf(ctx), each(fields, customFieldOf), ""), err
	})
	r = post("add-custom-field", path, settings, "Add a custom field to kinds of records")
	r.Rights, r.Status, r.Doc = may, http.StatusCreated, "Gives one for each kind."
	add(a, r, func(ctx context.Context, m *crm.Module, in *struct{ Body CustomFieldDraft }) (*Listed[CustomField], error) {
		b := in.Body
		rules, err := b.rules()
		if err != nil {
			return nil, err
		}
		made, err := m.Fields.Add(ctx, custom.Draft{Kinds: b.Kinds, Name: b.Name, Label: b.Label, Type: store.FieldType(b.Type), Personal: b.Personal, Rules: rules})
		return listed(callOf(ctx), each(made, customFieldOf), ""), err
	})
	r = get("get-custom-field", path+"/{id}", settings, "Read a custom field")
	r.Rights = may
	add(a, r, func(ctx context.Context, m *crm.Module, in *one) (*Tagged[CustomField], error) {
		return fieldNoun.tagged(m.Fields.Get(ctx, fieldID(in.ID)))
	})
	add(a, route{ID: "edit-custom-field", Method: http.MethodPut, Path: path + "/{id}", Tag: settings, Rights: may, Summary: "Change what a custom field is called and which values it takes", Doc: "Values that were written before stay as they are."},
		func(ctx context.Context, m *crm.Module, in *changing[CustomFieldForm]) (*Tagged[CustomField], error) {
			rules, err := in.Body.rules()
			if err != nil {
				return nil, err
			}
			var now store.CustomField
			if err := locked(ctx, m, &now, fieldID(in.ID), in.version); err != nil {
				return nil, err
			}
			return fieldNoun.tagged(m.Fields.Edit(ctx, now.ID, custom.Edit{Version: now.Version, Label: &in.Body.Label, Personal: &in.Body.Personal, Rules: &rules}))
		})
	add(a, route{ID: "arrange-custom-fields", Method: http.MethodPut, Path: path + "/order", Tag: settings, Rights: may, Summary: "Put the custom fields of a kind of record into a new order"},
		func(ctx context.Context, m *crm.Module, in *struct{ Body CustomOrder }) (*Empty, error) {
			return nil, m.Fields.Arrange(ctx, in.Body.Kind, keysOf[store.FieldTag](in.Body.IDs)...)
		})
	for _, step := range []struct {
		id, method, path, summary string
		do                        func(*custom.Fields) func(context.Context, custom.ID) (store.CustomField, error)
	}{
		{"remove-custom-field", http.MethodDelete, "", "Take a custom field away; its values stay", func(f *custom.Fields) func(context.Context, custom.ID) (store.CustomField, error) { return f.Remove }},
		{"restore-custom-field", http.MethodPost, "/restore", "Bring a removed custom field back, with its values", func(f *custom.Fields) func(context.Context, custom.ID) (store.CustomField, error) {
			return f.Restore
		}},
	} {
		add(a, route{ID: step.id, Method: step.method, Path: path + "/{id}" + step.path, Tag: settings, Rights: may, Summary: step.summary, Doc: "Done twice it changes nothing."},
			func(ctx context.Context, m *crm.Module, in *ByID) (*Tagged[CustomField], error) {
				return fieldNoun.tagged(step.do(m.Fields)(ctx, fieldID(in.ID)))
			})
	}
	add(a, route{ID: "purge-custom-field", Method: http.MethodDelete, Path: path + "/{id}/values", Tag: settings, Rights: rights(actor.FieldPurge), Apart: true, Summary: "Delete the values of a removed custom field for good, then the field; gives how many there were"},
		func(ctx context.Context, m *crm.Module, in *ByID) (*Out[Affected], error) {
			n, err := m.Fields.Purge(ctx, fieldID(in.ID))
			return &Out[Affected]{Affected{n}}, err
		})
}
