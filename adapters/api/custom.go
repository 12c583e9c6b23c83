package api

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/civil"
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
	ID        ID                `json:"id"`
	Kind      string            `json:"kind" enum:"lead,opportunity,quote,party,activity"`
	Name      string            `json:"name" doc:"Its key in \"custom\" of a record, in files and in rules as custom.name."`
	Label     string            `json:"label" doc:"What readers see whose language has none in labels."`
	Labels    map[string]string `json:"labels" doc:"By language."`
	Type      string            `json:"type" enum:"text,number,money,date,time,yesno,choice,link,email" doc:"Values are text; numbers and money are decimals as text, dates like 2026-07-13, times as RFC 3339, yesno true or false."`
	Required  bool              `json:"required" doc:"It is asked for on forms and cannot be cleared; a record that does not name it is taken."`
	Personal  bool              `json:"personal"`
	MinLength int               `json:"min_length,omitempty"`
	MaxLength int               `json:"max_length,omitempty"`
	Pattern   string            `json:"pattern,omitempty" doc:"A regular expression (RE2) for the whole text."`
	Example   string            `json:"example,omitempty"`
	Min       Decimal           `json:"min,omitempty"`
	Max       Decimal           `json:"max,omitempty"`
	Earliest  string            `json:"earliest,omitempty" format:"date"`
	Latest    string            `json:"latest,omitempty" format:"date"`
	Currency  string            `json:"currency,omitempty" doc:"Of money; the company's own where it is left out."`
	Choices   []Choice          `json:"choices,omitempty"`
}

func customFieldOf(f store.CustomField) CustomField {
	r := f.Rules
	out := CustomField{
		ID: idOf(f.ID), Kind: f.RecordKind, Name: f.Name, Label: f.Label, Labels: textsOf(r.Labels), Type: string(f.Type), Required: r.Required, Personal: f.Personal,
		MinLength: r.MinLength, MaxLength: r.MaxLength, Pattern: r.Pattern, Example: r.Example, Earliest: r.Earliest.String(), Latest: r.Latest.String(), Currency: r.Currency,
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

// textsOf are texts by language as JSON has them.
func textsOf(texts map[locale.Language]string) map[string]string {
	out := make(map[string]string, len(texts))
	for l, text := range texts {
		out[string(l)] = text
	}
	return out
}

func (a *server) customFields() {
	add(a, route{ID: "list-custom-fields", Method: http.MethodGet, Path: "/custom-fields", Tag: settings, Rights: readers, Summary: "List the company's custom fields of a kind of record", Doc: "In the order of forms; without removed ones. Administrators define them on the screens."},
		func(ctx context.Context, m *crm.Module, in *struct {
			Kind string `query:"kind" required:"true" enum:"lead,opportunity,quote,party,activity"`
		},
		) (*Listed[CustomField], error) {
			fields, err := m.Fields.List(ctx, in.Kind)
			return listed(callOf(ctx), each(fields, customFieldOf), ""), err
		})
}
