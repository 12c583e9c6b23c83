package web

import (
	"strings"

	"github.com/crmplus/crmplus/crm/rule"
)

// conditionWords says a condition in the reader's language, as "Source is: web and Country (HU) is one of: HU, AT"; one
// that cannot be read as it stands. choices are those of [visit.ruleChoices].
func (v *visit) conditionWords(env *rule.Environment, condition, list string, choices map[string][]option) string {
	n, faults := v.parsed(env, condition, list)
	if len(faults) > 0 {
		return condition
	}
	rows := v.dressRows(env, ruleRows(env, n, list), choices)
	return strings.TrimSpace(v.groupWords(rows, 0))
}

// groupWords says what stands in a group or list.
func (v *visit) groupWords(rows []ruleRow, i int) string {
	var parts []string
	end := ruleSpan(rows, i)
	for at := i + 1; at < end; at = ruleSpan(rows, at) {
		text := v.lineWords(rows, at)
		if rows[at].Kind == "group" && ruleSpan(rows, at) > at+2 {
			text = "(" + text + ")"
		}
		parts = append(parts, text)
	}
	how := rows[i].Op
	if rows[i].Kind == "list" {
		how = rows[i].Match
	}
	switch how {
	case "any":
		return strings.Join(parts, " "+v.t("condition.or")+" ")
	case "none":
		return v.t("condition.not", strings.Join(parts, " "+v.t("condition.or")+" "))
	}
	return strings.Join(parts, " "+v.t("condition.and")+" ")
}

func (v *visit) lineWords(rows []ruleRow, i int) string {
	r := rows[i]
	switch r.Kind {
	case "group":
		return v.groupWords(rows, i)
	case "list":
		text := labelOf(r.Ops) + " " + labelOf(r.Lists)
		if within := v.groupWords(rows, i); within != "" {
			text += " (" + within + ")"
		}
		return text
	case "expr":
		return r.Value
	}
	value := r.Value
	if len(r.Choices) > 0 {
		var names []string
		for _, o := range r.Choices {
			if o.On {
				names = append(names, o.Label)
			}
		}
		value = strings.Join(names, ", ")
	}
	text := r.Field
	for _, g := range r.Fields {
		for _, o := range g.Fields {
			if o.Value == r.Field {
				text = o.Label
			}
		}
	}
	switch {
	case value == "" && r.Op == "is":
		return text + " " + v.t("segment.op.empty")
	case value == "" && r.Op == "isnot":
		return text + " " + v.t("segment.op.filled")
	case r.Op == "yes", r.Op == "no":
		return text + ": " + v.t("segment.op."+r.Op)
	}
	text += " " + labelOf(r.Ops)
	switch r.Input {
	case "":
	case "days":
		text += " " + value + " " + v.t("segment.days")
	default:
		text += " " + value
	}
	return text
}

// labelOf is the label of the one that is chosen.
func labelOf(all []option) string {
	for _, o := range all {
		if o.On {
			return o.Label
		}
	}
	return ""
}
