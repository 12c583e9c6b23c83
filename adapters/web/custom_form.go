package web

import (
	"net/url"
	"strings"

	"github.com/crmplus/crmplus/crm/custom"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/store"
)

// customPrefix begins the names of custom fields in forms, as it does the paths of their faults.
const customPrefix = "custom."

// customFields are the company's custom fields of a kind of record.
func (v *visit) customFields(kind string) ([]store.CustomField, error) {
	return v.module().Fields.List(v.ctx(), kind)
}

// putCustom puts values into a form, "" for those that are missing.
func (v *visit) putCustom(f *input, fields []store.CustomField, values map[string]any) {
	for _, one := range fields {
		f.Values.Set(customPrefix+one.Name, custom.Input(values[one.Name], v.Locale))
	}
}

// takeCustom puts the values of another record into the fields of the same name and type.
func (v *visit) takeCustom(f *input, fields []store.CustomField, from store.CustomSheet) {
	for _, one := range fields {
		if other, err := store.FieldNamed(from.Fields, one.Name); err == nil && other.Type == one.Type {
			f.Values.Set(customPrefix+one.Name, custom.Input(from.Values[one.Name], v.Locale))
		}
	}
}

// sharedCustom are the values of another record that the fields of the same name and type of a kind of record take.
func (v *visit) sharedCustom(kind string, from store.CustomSheet) (map[string]any, error) {
	fields, err := v.customFields(kind)
	out := map[string]any{}
	for _, f := range fields {
		other, none := store.FieldNamed(from.Fields, f.Name)
		if none != nil || other.Type != f.Type || from.Values[f.Name] == nil {
			continue
		}
		if value, faults := f.Check(from.Values[f.Name]); len(faults) == 0 {
			out[f.Name] = value
		}
	}
	return out, err
}

// customInputs are custom fields as a form draws them.
func (v *visit) customInputs(f *input, fields []store.CustomField) []field {
	out := make([]field, len(fields))
	for i, one := range fields {
		out[i] = newField(f, customPrefix+one.Name, one.Text(v.Locale.Language), v.customLook(one, f.Get(customPrefix+one.Name))...)
	}
	return out
}

// longText is from which length on a text gets several lines.
const longText = 200

// customLook is what newField takes for a custom field that holds a value.
func (v *visit) customLook(f store.CustomField, value string) []any {
	var out []any
	if f.Rules.Required {
		out = append(out, "required")
	}
	switch f.Type {
	case store.NumberField, store.MoneyField:
		out = append(out, "ltr")
	case store.DateField:
		out = append(out, "type=date")
	case store.TimeField:
		out = append(out, "type=datetime-local")
	case store.YesNoField, store.ChoiceField:
		out = append(out, v.customOptions(f, value))
	case store.LinkField:
		out = append(out, "type=url", "ltr")
	case store.EmailField:
		out = append(out, "type=email", "ltr")
	case store.TextField:
		if f.Rules.MaxLength >= longText {
			out = append(out, "rows=3", "wide")
		} else {
			out = append(out, "dir=auto")
		}
	}
	return out
}

// customOptions are what can be chosen in a field of choices or of yes and no.
func (v *visit) customOptions(f store.CustomField, value string) []option {
	out := []option{{Label: "–"}}
	if f.Type == store.YesNoField {
		return append(out, option{Value: "1", Label: custom.Text(f, true, v.Locale)}, option{Value: "0", Label: custom.Text(f, false, v.Locale)})
	}
	for _, c := range f.Rules.Choices {
		if !c.Archived {
			out = append(out, option{Value: c.Value, Label: c.Text(v.Locale.Language)})
		}
	}
	return withValue(out, value, f.Rules.ChoiceText(v.Locale.Language, value))
}

// readCustom reads the custom fields that a form has; faults stand at their fields.
func (v *visit) readCustom(f *input, fields []store.CustomField) map[string]any {
	texts := map[string]string{}
	for _, one := range fields {
		if f.has(customPrefix + one.Name) {
			texts[one.Name] = f.text(customPrefix + one.Name)
		}
	}
	values, faults := custom.Read(fields, texts, v.Locale)
	for _, one := range faults {
		if of, err := store.FieldNamed(fields, strings.TrimPrefix(one.Path, customPrefix)); err == nil {
			f.Faults[one.Path] = append(f.Faults[one.Path], v.customFault(of, one))
		}
	}
	return values
}

// customFault says what is wrong with a value in the reader's language, with the limit that it passed.
func (v *visit) customFault(f store.CustomField, one fault.Fault) string {
	r, lang := f.Rules, v.Locale.Language
	switch one.Code {
	case "text.short":
		return v.t("custom.fault.short", countText(lang, r.MinLength))
	case "text.length":
		most := store.MaxCustomText
		if r.MaxLength > 0 {
			most = r.MaxLength
		}
		return v.t("custom.fault.long", countText(lang, most))
	case "range.low":
		if !r.Earliest.IsZero() {
			return v.t("custom.fault.early", lang.Date(r.Earliest))
		}
		return v.t("custom.fault.low", limitText(f, r.Min, v.Locale))
	case "range.high":
		if !r.Latest.IsZero() {
			return v.t("custom.fault.late", lang.Date(r.Latest))
		}
		return v.t("custom.fault.high", limitText(f, r.Max, v.Locale))
	case "pattern":
		return v.t("custom.fault.pattern", r.Example)
	case "choice":
		return v.t("custom.fault.choice")
	}
	return v.faultText(one)
}

// limitText is a bound of a field as its values are written.
func limitText(f store.CustomField, q *money.Quantity, l locale.Locale) string {
	if q == nil {
		return ""
	}
	if f.Type == store.MoneyField {
		return custom.Text(f, money.NewAmount(q.Decimal), l)
	}
	return custom.Text(f, *q, l)
}

// customFacts are custom fields as a card shows them.
func (v *visit) customFacts(sheet store.CustomSheet) []cardFact {
	var out []cardFact
	for _, f := range sheet.Fields {
		fact := cardFact{Label: f.Text(v.Locale.Language), Value: custom.Text(f, sheet.Values[f.Name], v.Locale)}
		switch f.Type {
		case store.LinkField:
			fact.Ltr = true
			if fact.Value != "" {
				fact.Href = webAddress(fact.Value)
			}
		case store.EmailField:
			fact.Ltr = true
			if fact.Value != "" {
				fact.Href = "mailto:" + fact.Value
			}
		case store.TextField:
			fact.Lines = f.Rules.MaxLength >= longText
		case store.NumberField, store.MoneyField, store.DateField, store.TimeField, store.YesNoField, store.ChoiceField:
		}
		out = append(out, fact)
	}
	return out
}

// customGroupFields are custom fields as a group of a card edits them.
func (v *visit) customGroupFields(sheet store.CustomSheet) []groupField {
	var out []groupField
	for _, f := range sheet.Fields {
		out = append(out, groupField{customPrefix + f.Name, f.Text(v.Locale.Language), v.customLook(f, custom.Input(sheet.Values[f.Name], v.Locale))})
	}
	return out
}

// customShared are custom fields that two people may change at once.
func (v *visit) customShared(fields []store.CustomField) []shared {
	var out []shared
	for _, f := range fields {
		out = append(out, shared{Name: customPrefix + f.Name, Label: f.Text(v.Locale.Language), Show: func(text string) string {
			value, err := custom.Parse(f, text, v.Locale)
			if err != nil {
				return text
			}
			return custom.Text(f, value, v.Locale)
		}})
	}
	return out
}

// customFilters reads the filters by custom fields that an address holds: custom.name for a value, custom.name.from
// and custom.name.until for bounds. What cannot be read is passed over.
func (v *visit) customFilters(values url.Values, fields []store.CustomField) []store.CustomFilter {
	var out []store.CustomFilter
	for _, f := range fields {
		filter := store.CustomFilter{Field: f.Name}
		for end, to := range map[string]*any{"": &filter.Is, ".from": &filter.From, ".until": &filter.Until} {
			if text := values.Get(customPrefix + f.Name + end); text != "" {
				if value, err := custom.Parse(f, text, v.Locale); err == nil {
					*to = value
				}
			}
		}
		if filter.Is != nil || filter.From != nil || filter.Until != nil {
			out = append(out, filter)
		}
	}
	return out
}
