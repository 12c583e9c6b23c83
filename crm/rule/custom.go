package rule

import "github.com/crmplus/crmplus/crm/store"

// Custom are a company's own fields of a record as conditions speak of them, custom.name, read by the record's key:
// one seek each. Dates are moments at midnight UTC.
func Custom(key string, fields []store.CustomField) []Field {
	var out []Field
	for _, f := range fields {
		if !f.RemovedAt.IsZero() {
			continue
		}
		field := Field{Name: "custom." + f.Name, Doc: f.Label, Optional: true, Args: []any{f.ID.Bytes()}, Own: &f}
		value := "own." + f.Column()
		switch f.Type {
		case store.NumberField, store.MoneyField:
			field.Kind, field.Places = Number, 6
		case store.YesNoField:
			field.Kind, value = YesNo, value+" / 1000000"
		case store.DateField, store.TimeField:
			field.Kind = Moment
		case store.ChoiceField:
			field.Kind, field.Shown = Text, true
			for _, c := range f.Rules.Choices {
				field.Choices = append(field.Choices, c.Value)
			}
		case store.TextField, store.LinkField, store.EmailField:
			field.Kind, field.Shown = Text, true
		default:
			continue
		}
		field.Column = "(SELECT " + value + " FROM crm_custom_value AS own WHERE own.record_id = " + key + " AND own.field_id = ?)"
		out = append(out, field)
	}
	return out
}
