package web

import (
	"slices"
	"strings"

	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/leadrule"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/rule"
	"github.com/crmplus/crmplus/crm/workflow"
	"github.com/crmplus/crmplus/quote"
)

// changeable are the columns of a noun's audit log that people know by name and change, the company's own fields apart.
var changeable = map[leadrule.Noun][]string{
	leadrule.Lead: {"status", "status_reason", "owner_user", "owner_team", "expected_value", "currency", "interest", "source", "medium", "campaign", "first_response_at"},
	leadrule.Opportunity: {
		"stage_id", "state", "owner_user", "owner_team", "expected_revenue", "currency", "chance", "expected_close", "next_step_at", "name", "goal", "contact_id", "source", "campaign",
		"lost_reason", "lost_to",
	},
	leadrule.Quote: {"state", "owner_user", "owner_team", "title", "net", "gross", "currency", "language", "valid_until", "terms", "delivery_terms", "contact_id"},
	leadrule.Party: {
		"name", "job_title", "email", "phone", "mobile", "website", "tax_id", "line1", "postal_code", "city", "country", "language", "birth_date", "employer_id", "owner_user", "owner_team",
	},
}

// dressChange offers which field changes, and from what to what where the field has few values.
func (v *visit) dressChange(env *rule.Environment, e *workflowEditor) error {
	f := e.Form
	if e.Kind != workflow.OnChange {
		return nil
	}
	if text := f.text("trigger.field"); strings.Contains(text, ".") && !strings.HasPrefix(text, customPrefix) {
		f.Values.Del("trigger.field") // the day of a trigger that was chosen before
	}
	e.Fields = []option{{Label: v.t("segment.choose")}}
	for _, column := range changeable[e.Noun] {
		e.Fields = append(e.Fields, option{Value: column, Label: v.triggerField(env, e.Noun, column)})
	}
	own, err := v.module().Fields.List(v.ctx(), string(e.Noun))
	if err != nil {
		return err
	}
	for _, one := range own {
		e.Fields = append(e.Fields, option{Value: customPrefix + one.Name, Label: one.Text(v.Locale.Language)})
	}
	chosen := f.text("trigger.field")
	e.Fields = withValue(e.Fields, chosen, v.triggerField(env, e.Noun, chosen)) // a column that a program has named
	values, err := v.changeValues(env, e.Noun, chosen)
	if err != nil || len(values) == 0 {
		return err
	}
	e.Values = append([]option{{Label: v.t("wf.value.any")}}, values...)
	for _, name := range []string{"trigger.from", "trigger.to"} {
		if text := f.text(name); !slices.ContainsFunc(values, func(o option) bool { return o.Value == text }) {
			f.Values.Del(name) // of the field that was chosen before
		}
	}
	return nil
}

// changeValues are the values that a column of the audit log has, nil where they are any.
func (v *visit) changeValues(env *rule.Environment, noun leadrule.Noun, column string) ([]option, error) {
	var out []option
	add := func(value string) {
		out = append(out, option{Value: value, Label: v.changeValue(env, noun, column, value)})
	}
	switch {
	case column == "status" && noun == leadrule.Lead:
		for _, status := range lead.Statuses {
			add(string(status))
		}
	case column == "state" && noun == leadrule.Opportunity:
		for _, state := range []opportunity.State{opportunity.Open, opportunity.Won, opportunity.Lost} {
			add(string(state))
		}
	case column == "state" && noun == leadrule.Quote:
		for _, state := range quote.States {
			add(string(state))
		}
	case column == "owner_user":
		colleagues, err := v.colleagues()
		if err != nil {
			return nil, err
		}
		for _, u := range colleagues {
			out = append(out, option{Value: u.ID, Label: u.Name})
		}
	case column == "stage_id" && noun == leadrule.Opportunity:
		stages, err := v.stageList()
		for _, id := range stages.all {
			out = append(out, option{Value: id.String(), Label: stages.names[id]})
		}
		return out, err
	case strings.HasPrefix(column, customPrefix):
		if f, known := env.Field(string(noun) + "." + column); known && f.Own != nil {
			for _, c := range f.Own.Rules.Choices {
				add(c.Value)
			}
		}
	}
	return out, nil
}

// changeValue is a value of a column in the reader's language; one that has no words stands as it is.
func (v *visit) changeValue(env *rule.Environment, noun leadrule.Noun, column, value string) string {
	if f, known := env.Field(string(noun) + "." + column); known && f.Own != nil {
		if text := f.Own.Rules.ChoiceText(v.Locale.Language, value); text != "" {
			return text
		}
	}
	if prefix := auditStates[string(noun)]; (column == "status" || column == "state") && texts[prefix+value] != nil {
		return v.t(prefix + value)
	}
	return value
}
