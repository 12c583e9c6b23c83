package web

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/leadrule"
	"github.com/crmplus/crmplus/crm/rule"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/crm/workflow"
)

func (s *screens) workflowRoutes() []route {
	read, write := workflow.Read, workflow.Write
	return []route{
		{Pattern: "GET /rules", Right: read, Do: s.listWorkflows},
		{Pattern: "GET /rules/new", Right: write, Do: s.newWorkflow},
		{Pattern: "POST /rules/new", Right: write, Do: s.saveWorkflow},
		{Pattern: "GET /rules/runs", Right: read, Do: s.listRuns},
		{Pattern: "POST /rules/runs/{run}", Right: write, Do: s.retryRun},
		{Pattern: "GET /rules/{id}", Right: write, Do: s.editWorkflow},
		{Pattern: "POST /rules/{id}", Right: write, Do: s.saveWorkflow},
		{Pattern: "POST /rules/{id}/do/{verb}", Right: write, Do: s.turnWorkflow},
	}
}

// workflowDots are the states of rules as dots, runDots the outcomes of their runs.
var (
	workflowDots = map[workflow.State]string{workflow.Draft: "quiet", workflow.Live: "good", workflow.Off: "watch"}
	runDots      = map[workflow.Outcome]string{workflow.Waiting: "busy", workflow.Acted: "good", workflow.Failed: "bad", workflow.Stopped: "bad"}
)

// workflowList is the page of rules.
type workflowList struct{ Rows []workflowRow }

type workflowRow struct {
	workflow.Row
	Dot, What, Path           string
	Acted, Waiting, WentWrong int64
}

func (s *screens) listWorkflows(v *visit) error {
	found, err := v.module().Workflows.List(v.ctx())
	if err != nil {
		return err
	}
	fields, err := v.fieldsOfRules()
	if err != nil {
		return err
	}
	d := workflowList{}
	for _, r := range found {
		row := workflowRow{Row: r, Dot: workflowDots[r.State], What: v.triggerText(fields[r.Noun], r.Rule), Path: v.link("/rules/runs") + "?rule=" + r.ID.String()}
		if v.may(workflow.Write) {
			row.Path = v.link("/rules", r.ID.String())
		}
		row.Acted, row.Waiting, row.WentWrong = r.Counts[workflow.Acted], r.Counts[workflow.Waiting], r.Counts[workflow.Failed]+r.Counts[workflow.Stopped]
		d.Rows = append(d.Rows, row)
	}
	return v.show(http.StatusOK, "workflow_list", head{Title: v.t("wf.list"), Section: "rules"}, d)
}

// fieldsOfRules are what rules about each noun can speak of.
func (v *visit) fieldsOfRules() (map[leadrule.Noun]*rule.Environment, error) {
	out := map[leadrule.Noun]*rule.Environment{}
	for _, noun := range leadrule.Nouns {
		env, err := v.module().Workflows.Environment(v.ctx(), noun)
		if err != nil {
			return nil, err
		}
		out[noun] = env
	}
	return out, nil
}

// triggerField is a field of a trigger in the reader's language: one that a rule can speak of, or a column of the audit
// log; what is gone is called as it was.
func (v *visit) triggerField(env *rule.Environment, noun leadrule.Noun, path string) string {
	of, name, dotted := strings.Cut(path, ".")
	if f, known := env.Field(path); known && dotted {
		label := v.ruleFieldName(of, f)
		if of != string(noun) {
			label = v.t("wf.noun."+of) + " – " + label
		}
		return label
	}
	if f, known := env.Field(string(noun) + "." + path); known {
		return v.ruleFieldName(string(noun), f)
	}
	for _, key := range []string{"card." + path, "audit.field." + path} {
		if texts[key] != nil {
			return v.t(key)
		}
	}
	return firstText(name, path)
}

// triggerText says what sets a rule off.
func (v *visit) triggerText(env *rule.Environment, r workflow.Rule) string {
	t := r.Plan.Trigger
	events := make([]string, len(t.Events))
	for i, k := range t.Events {
		events[i] = v.t("wf.on." + k)
	}
	switch t.Kind {
	case workflow.OnEvent:
		return strings.Join(events, ", ")
	case workflow.After:
		return strings.Join(events, ", ") + " + " + v.t("wf.unit.n."+string(t.Unit), t.Count)
	case workflow.OnChange:
		text := v.t("wf.kind.change") + ": " + v.triggerField(env, r.Noun, t.Field)
		if t.To != "" {
			text += " → " + v.changeValue(env, r.Noun, t.Field, t.To)
		}
		return text
	case workflow.OnDate:
		text := v.triggerField(env, r.Noun, t.Field)
		if t.Count > 0 {
			sign := " − "
			if t.Behind {
				sign = " + "
			}
			text += sign + v.t("wf.unit.n.days", t.Count)
		}
		return v.t("wf.kind.date") + ": " + text
	case workflow.Idle:
		return v.t("wf.kind.idle") + ": " + v.t("wf.unit.n.days", t.Count)
	}
	return ""
}

// runList is the log of what rules did.
type runList struct {
	Form        *input
	Rules       []option
	Outcomes    []option
	Rows        []runRow
	First, Next string
	Filtered    bool
}

type runRow struct {
	workflow.RunRow
	Dot, Icon, Path, Owner, Set string
	Deeds                       []runDeed
	CanRetry, Late              bool
}

type runDeed struct{ What, Result string }

// recordPaths are where records of a noun are opened, recordIcons what stands for them.
var (
	recordPaths = map[leadrule.Noun]string{leadrule.Lead: "/leads", leadrule.Opportunity: "/opportunities", leadrule.Quote: "/quotes", leadrule.Party: "/parties"}
	recordIcons = map[leadrule.Noun]string{leadrule.Lead: "user-round-plus", leadrule.Opportunity: "square-kanban", leadrule.Quote: "file-text", leadrule.Party: "building-2"}
)

const waitingRuns = "waiting"

func (s *screens) listRuns(v *visit) error {
	f := v.asked()
	d := runList{Form: f}
	filter := workflow.Filter{Page: store.Page{After: f.text("after"), Limit: 40}}
	if id, err := store.ParseKey[workflow.Tag](f.text("rule")); err == nil {
		filter.Rule = id
	}
	switch outcome := f.text("outcome"); {
	case outcome == waitingRuns:
		filter.Open = true
	case slices.Contains(workflow.Outcomes, workflow.Outcome(outcome)):
		filter.Outcome = workflow.Outcome(outcome)
	}
	d.Filtered = !filter.Rule.IsZero() || filter.Open || filter.Outcome != ""
	rules, err := v.module().Workflows.List(v.ctx())
	if err != nil {
		return err
	}
	d.Rules = []option{{Label: v.t("wf.rules.all"), On: filter.Rule.IsZero()}}
	for _, r := range rules {
		d.Rules = append(d.Rules, option{Value: r.ID.String(), Label: r.Name, On: r.ID == filter.Rule})
	}
	d.Outcomes = []option{{Label: v.t("wf.outcomes.all"), On: !filter.Open && filter.Outcome == ""}, {Value: waitingRuns, Label: v.t("wf.outcome.waiting"), On: filter.Open}}
	for _, o := range workflow.Outcomes[1:] {
		d.Outcomes = append(d.Outcomes, option{Value: string(o), Label: v.t("wf.outcome." + string(o)), On: o == filter.Outcome})
	}
	found, err := v.module().Workflows.Runs(v.ctx(), filter)
	if err != nil {
		return err
	}
	names, err := v.names()
	if err != nil {
		return err
	}
	for _, r := range found.Rows {
		d.Rows = append(d.Rows, v.runRow(r, names))
	}
	d.First, d.Next = pages2(v, found.Next)
	if v.part() && v.target() == "list" {
		return v.fill(http.StatusOK, "workflow_runs", "rows", d)
	}
	return v.show(http.StatusOK, "workflow_runs", head{Title: v.t("wf.runs"), Section: "rules", Crumbs: []crumb{{v.t("wf.list"), v.link("/rules")}}}, d)
}

func (v *visit) runRow(r workflow.RunRow, names map[string]string) runRow {
	row := runRow{RunRow: r, Dot: firstText(runDots[r.Outcome], "quiet"), Icon: recordIcons[r.Noun], Owner: nameIn(names, r.OwnerUser)}
	if r.Record.Name != "" {
		row.Path = v.link(recordPaths[r.Noun], r.RecordID.String())
	}
	switch {
	case r.Why.Event != "":
		row.Set = v.t("wf.on." + r.Why.Event)
		by := nameIn(names, r.Why.By)
		if texts["audit.actor."+by] != nil { // no person, but the form of the web site, or the like
			by = v.programName(by)
		}
		if by != "" {
			row.Set += " (" + by + ")"
		}
	case r.Why.Day != "":
		if row.Set = r.Why.Day; len(row.Set) == len(time.DateOnly) {
			if day, err := civil.Parse(row.Set); err == nil {
				row.Set = v.Locale.Language.Date(day)
			}
		}
	}
	if key := "wf.stopped." + string(r.Why.Stopped); texts[key] != nil {
		row.Failure = v.t(key, r.Why.Count)
	}
	for _, deed := range r.Why.Deeds {
		result := nameIn(names, deed.Result)
		if strings.HasPrefix(deed.Result, "rule:") {
			result = ""
		}
		row.Deeds = append(row.Deeds, runDeed{v.ruleStep(deed.Step), result})
	}
	row.CanRetry = r.Outcome == workflow.Failed && v.may(workflow.Write)
	return row
}

// ruleStep names a step; one of the host's own has no other name than its own.
func (v *visit) ruleStep(name string) string {
	if key := "wf.step." + name; texts[key] != nil {
		return v.t(key)
	}
	return name
}

func (s *screens) retryRun(v *visit) error {
	id, err := key[workflow.RunTag](v, "run")
	if err != nil {
		return err
	}
	if _, err := v.module().Workflows.Retry(v.ctx(), id); err != nil {
		return err
	}
	v.done("wf.retried")
	return v.redirect(v.back(v.link("/rules/runs")))
}
