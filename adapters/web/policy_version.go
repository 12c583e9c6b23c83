package web

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/clock"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/policy"
	"github.com/crmplus/crmplus/crm/process"
	"github.com/crmplus/crmplus/crm/regulation"
	"github.com/crmplus/crmplus/crm/routing"
	"github.com/crmplus/crmplus/crm/scoring"
	"github.com/crmplus/crmplus/crm/workflow"
	"github.com/crmplus/crmplus/reports/commission"
)

// policyVersion is one version of what a company has decided: what it said in lines, each with what the next version made
// of it.
type policyVersion struct {
	Number int64
	At     time.Time
	By     string
	Now    bool
	Lines  []versionLine
}

// versionLine is one thing that a version said.
type versionLine struct {
	Text string
	// Gone says that the next version does not say it any more, Came that only the next version says it.
	Gone, Came bool
}

// Parts are what the line joins: names and words of different scripts, each with a direction of its own.
func (l versionLine) Parts() []string { return strings.Split(l.Text, partMark) }

const partMark = " · "

// policyVersions are the latest versions of a document, the newest first; say puts what one says into lines.
func policyVersions[T any](all []policy.State[T], names map[string]string, say func(T) []string) []policyVersion {
	var out []policyVersion
	var next []string
	for i, one := range all[:min(len(all), 20)] {
		lines := slices.DeleteFunc(say(one.Plan), func(text string) bool { return text == "" })
		v := policyVersion{Number: one.Number, At: one.SavedAt, By: nameIn(names, one.SavedBy), Now: i == 0}
		if i == 0 {
			next = lines
		}
		v.Lines, next = compared(lines, next), lines
		out = append(out, v)
	}
	return out
}

// compared are the lines of a version beside those of the next one, in their order: the longest run of lines that both
// have stays, the others went or came.
func compared(was, next []string) []versionLine {
	longest := make([][]int, len(was)+1)
	for i := range longest {
		longest[i] = make([]int, len(next)+1)
	}
	for i := len(was) - 1; i >= 0; i-- {
		for j := len(next) - 1; j >= 0; j-- {
			if longest[i][j] = max(longest[i+1][j], longest[i][j+1]); was[i] == next[j] {
				longest[i][j] = longest[i+1][j+1] + 1
			}
		}
	}
	var out []versionLine
	i, j := 0, 0
	for i < len(was) || j < len(next) {
		switch {
		case i < len(was) && j < len(next) && was[i] == next[j]:
			out = append(out, versionLine{Text: was[i]})
			i, j = i+1, j+1
		case j == len(next) || i < len(was) && longest[i+1][j] >= longest[i][j+1]:
			out = append(out, versionLine{Text: was[i], Gone: true})
			i++
		default:
			out = append(out, versionLine{Text: next[j], Came: true})
			j++
		}
	}
	return out
}

// line joins what is said of one thing; what is empty is left out.
func line(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), partMark)
}

// labelled is a value with what it is, "" where there is none.
func (v *visit) labelled(key, value string) string {
	if value == "" {
		return ""
	}
	return v.t(key) + ": " + value
}

// sayClocks puts a plan of limits into lines.
func (v *visit) sayClocks(p clock.Plan, words func(condition, list string) string, names map[string]string) []string {
	var out []string
	for _, r := range v.answerLines(p, words) {
		out = append(out, line(r.Name, r.When, r.Within, r.Remind))
	}
	rest := v.answerLine(p.Otherwise, words)
	out = append(out, line(v.t("clocks.otherwise"), rest.Within, rest.Remind))
	stages := []string{v.t("clocks.stages"), v.labelled("clocks.after", v.workTime(p.Stages.ManagerAfter))}
	if p.Stages.Planned {
		stages = append(stages, v.t("clocks.planned"))
	}
	for _, r := range p.Stages.Reset {
		stages = append(stages, v.t("clocks.reset")+": "+v.t("clocks.reset."+string(r)))
	}
	return append(out, line(v.labelled("clocks.manager", nameIn(names, p.Manager))), line(stages...))
}

// sayRegulations puts regulations into lines.
func (v *visit) sayRegulations(p regulation.Plan, stages stageList) []string {
	var out []string
	for _, r := range v.regulationLines(p, stages) {
		out = append(out, line(r.Name, r.From+" → "+r.To, r.Within, v.beforeText(p.Regulations[r.Index].Remind), r.Pipeline))
	}
	return out
}

// beforeText says how long before a limit somebody is reminded, "" for never.
func (v *visit) beforeText(minutes int) string {
	if minutes == 0 {
		return ""
	}
	return v.t("clocks.before", v.workTime(minutes))
}

// sayTemplates puts templates of processes into lines, one for each and one for each of its steps.
func (v *visit) sayTemplates(p process.Plan, names map[string]string) []string {
	var out []string
	for _, r := range v.templateLines(p) {
		out = append(out, line(r.Name, r.On))
		for i, step := range p.Templates[r.Index].Steps {
			parts := []string{r.Name + " " + strconv.Itoa(i+1) + ". " + step.Name, v.stepOwner(step.Who, names), v.labelled("process.days", strconv.Itoa(step.Days))}
			for key, on := range map[string]bool{"process.from_start": step.FromStart, "process.along": step.Along, "process.skippable": step.Skippable} {
				if on {
					parts = append(parts, v.t(key))
				}
			}
			slices.Sort(parts[3:])
			out = append(out, line(parts...))
		}
	}
	return out
}

// stepOwner says who does a step.
func (v *visit) stepOwner(who process.Who, names map[string]string) string {
	if user, is := who.After(process.User); is {
		return nameIn(names, user)
	}
	if team, is := who.After(process.Team); is {
		return v.t("quota.kind.team") + ": " + team
	}
	return v.t("process.who.owner")
}

// sayScoring puts a model into lines.
func (v *visit) sayScoring(m scoring.Model) ([]string, error) {
	rules, err := v.scoreLines(m)
	var out []string
	for _, r := range rules {
		out = append(out, line(r.Name, r.Points, r.When, r.About, r.Fades, r.Group))
	}
	for _, g := range m.Groups {
		most := ""
		if g.Cap > 0 {
			most = strconv.Itoa(g.Cap)
		}
		out = append(out, line(v.labelled("scoring.group", g.Name), v.labelled("scoring.cap", most)))
	}
	for _, b := range m.Bands {
		out = append(out, line(v.labelled("scoring.band", b.Name), v.labelled("scoring.from", strconv.Itoa(b.From)), b.Action))
	}
	return out, err
}

// sayRouting puts the rules of assignment into lines.
func (v *visit) sayRouting(p routing.Plan, words func(condition, list string) string, names map[string]string) []string {
	var out []string
	for _, r := range p.Rules {
		off := ""
		if r.Off {
			off = v.t("policy.off")
		}
		out = append(out, line(r.Name, words(r.When, ""), strings.ReplaceAll(areasText(r.Areas), "\n", ", "), v.targetText(r.To, names), off))
	}
	return append(out, line(v.labelled("rhythm.fallback", v.targetText(p.Fallback, names))))
}

// sayCommission puts a plan of commission into lines.
func (v *visit) sayCommission(p commission.Plan, words func(condition, list string) string) []string {
	starts := ""
	if !p.Starts.IsZero() {
		starts = v.Locale.Language.Date(p.Starts)
	}
	out := []string{line(v.labelled("commission.starts", starts), v.t("commission.earned."+string(p.Earned)))}
	for _, r := range v.commissionLines(p, words) {
		out = append(out, line(r.Name, r.When, r.Where, r.Rate+" "+r.Base, r.Steps))
	}
	return out
}

// sayWorkflow puts a rule into lines: what sets it off, when, and what it does.
func (v *visit) sayWorkflow(e *workflowEditor, p workflow.Plan, words func(condition, list string) string, names map[string]string) []string {
	r := *e.Rule
	r.Plan = p
	out := []string{line(v.t("wf.trigger")+": "+v.triggerText(e.env, r), v.unlessText(p.Trigger)), v.labelled("segment.rules", words(p.When, ""))}
	for i, a := range p.Actions {
		parts := []string{v.t("wf.act.n", i+1) + ": " + v.ruleStep(a.Step)}
		for _, name := range slices.Sorted(maps.Keys(a.Given)) {
			parts = append(parts, v.t("wf.given."+name)+": "+v.givenText(e, name, a.Given[name], names))
		}
		out = append(out, line(parts...))
	}
	return out
}

func (v *visit) unlessText(t workflow.Trigger) string {
	if t.Kind != workflow.After || t.Unless == workflow.Nothing {
		return ""
	}
	return v.t("wf.unless") + " " + v.t("wf.unless."+string(t.Unless))
}

// givenText is a parameter of an action as people read it.
func (v *visit) givenText(e *workflowEditor, name, value string, names map[string]string) string {
	if user, is := strings.CutPrefix(value, event.User); is {
		return nameIn(names, user)
	}
	if key := "wf.who." + value; name == "to" && texts[key] != nil {
		return v.t(key)
	}
	if own, is := e.own[value]; is && name == "field" {
		return own.Text(v.Locale.Language)
	}
	for _, o := range e.chosen {
		if o.Value == value {
			return o.Label
		}
	}
	return v.choiceText(name, strings.Join(strings.Fields(value), " "))
}
