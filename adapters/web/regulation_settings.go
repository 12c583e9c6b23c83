package web

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/regulation"
	"github.com/crmplus/crmplus/crm/store"
)

func (s *screens) regulationRoutes() []route {
	return []route{
		{Pattern: "GET /settings/regulations", Right: actor.Settings, Do: s.regulationPolicy().show},
		{Pattern: "POST /settings/regulations", Right: actor.Settings, Do: s.regulationPolicy().change},
		{Pattern: "GET /settings/regulations/{index}", Right: actor.Settings, Do: s.editRegulation},
		{Pattern: "POST /settings/regulations/{index}", Right: actor.Settings, Do: s.saveRegulation},
		{Pattern: "GET /regulations", Right: actor.OpportunityRead, Do: s.reportRegulations},
		{Pattern: "GET /regulations/rows", Right: actor.OpportunityRead, Do: s.listPassages},
		{Pattern: "GET /reports/regulations.xlsx", Right: actor.ReportRead, Do: s.downloadRegulations},
	}
}

const regulationPage = "/settings/regulations"

// regulationSettings are the limits between two steps.
type regulationSettings struct {
	policyState

	Rows []regulationLine
}

type regulationLine struct {
	Index                            int
	Name, From, To, Within, Pipeline string
	First, Last                      bool
}

func (s *screens) regulationPolicy() policyPage[regulation.Plan] {
	return policyPage[regulation.Plan]{path: regulationPage, keeper: s.module.Regulations.Keeper, direct: true, holds: "regulations.saved", draw: s.drawRegulations, step: regulationStep}
}

// stageList are all stages with their pipelines; all and order are theirs and the open ones', as pipelines have them.
type stageList struct {
	names      map[opportunity.StageID]string
	pipelines  map[opportunity.PipelineID]string
	all, order []opportunity.StageID
}

func (v *visit) stageList() (stageList, error) {
	lines, err := v.module().Opportunities.Pipelines().List(v.ctx())
	out := stageList{names: map[opportunity.StageID]string{}, pipelines: map[opportunity.PipelineID]string{}}
	for _, p := range lines {
		out.pipelines[p.ID] = p.Name
		for _, st := range p.Stages {
			out.all = append(out.all, st.ID)
			out.names[st.ID] = st.Name
			if len(lines) > 1 {
				out.names[st.ID] = p.Name + " – " + st.Name
			}
			if st.ArchivedAt.IsZero() && p.ArchivedAt.IsZero() && st.Kind == opportunity.Open {
				out.order = append(out.order, st.ID)
			}
		}
	}
	return out, err
}

// momentText names a step, with its stage.
func (v *visit) momentText(m regulation.Moment, stages map[opportunity.StageID]string) string {
	text := m.Step.In(v.Locale.Language)
	if m.Step == regulation.Entered {
		text += ": " + stages[m.Stage]
	}
	return text
}

// withinText says how long a regulation allows.
func (v *visit) withinText(r regulation.Regulation) string {
	if r.Days > 0 {
		return v.t("regulations.days", r.Days)
	}
	return v.limitText(int64(r.Minutes) * 60)
}

func (s *screens) drawRegulations(v *visit, f *input, doc regulation.Document) error {
	names, err := v.names()
	if err != nil {
		return err
	}
	stages, err := v.stageList()
	if err != nil {
		return err
	}
	state, err := s.regulationPolicy().state(v, doc, names, func(p regulation.Plan) []string { return v.sayRegulations(p, stages) })
	if err != nil {
		return err
	}
	d := regulationSettings{policyState: state}
	d.Rows = v.regulationLines(doc.Plan, stages)
	return v.showSetting(f.statusOf(), "settings_regulations", regulationPage, f, d)
}

// regulationLines are regulations as rows.
func (v *visit) regulationLines(p regulation.Plan, stages stageList) []regulationLine {
	var out []regulationLine
	all := p.Regulations
	for i, r := range all {
		out = append(out, regulationLine{Index: i, Name: r.Name, From: v.momentText(r.From, stages.names), To: v.momentText(r.To, stages.names), Within: v.withinText(r), Pipeline: stages.pipelines[r.Pipeline], First: i == 0, Last: i == len(all)-1})
	}
	return out
}

// regulationStep moves one or takes one away.
func regulationStep(v *visit, f *input, p *regulation.Plan, said *toast) (ok bool) {
	p.Regulations, ok = regulationList.step(v, p.Regulations, f.text("do"), said)
	return ok
}

var regulationList = ruleList[regulation.Regulation]{page: regulationPage, ordered: true, name: func(r regulation.Regulation) string { return r.Name }}

// regulationEditor is the page of one regulation.
type regulationEditor struct {
	Form                       *input
	Action                     string
	From, To, Units, Pipelines []option
}

func (s *screens) regulationAt(v *visit) (regulation.Document, regulation.Regulation, int, error) {
	doc, err := v.module().Regulations.Plan(v.ctx())
	if err != nil {
		return doc, regulation.Regulation{}, 0, err
	}
	one, at, err := partAt(v, doc.Plan.Regulations, regulation.Regulation{From: regulation.Moment{Step: regulation.Captured}, To: regulation.Moment{Step: regulation.Quoted}, Days: 1})
	return doc, one, at, err
}

func (s *screens) editRegulation(v *visit) error {
	doc, one, _, err := s.regulationAt(v)
	if err != nil {
		return err
	}
	f := v.blank("version", formatVersion(doc.Version), "was", one.ID.String(), "name", one.Name, "from", momentValue(one.From), "to", momentValue(one.To), "remind", v.workTime(one.Remind), "unit", "days", "limit", strconv.Itoa(one.Days))
	if one.Days == 0 {
		f.Values.Set("unit", "hours")
		f.Values.Set("limit", v.workTime(one.Minutes))
	}
	if !one.Pipeline.IsZero() {
		f.Values.Set("pipeline", one.Pipeline.String())
	}
	return s.drawRegulation(v, f)
}

// momentValue is a step as the form has it: the stage stands behind a colon.
func momentValue(m regulation.Moment) string {
	if m.Step != regulation.Entered {
		return string(m.Step)
	}
	return string(m.Step) + ":" + m.Stage.String()
}

func momentOf(text string) regulation.Moment {
	step, stage, _ := strings.Cut(text, ":")
	m := regulation.Moment{Step: regulation.Step(step)}
	m.Stage, _ = store.ParseKey[opportunity.StageTag](stage)
	return m
}

func (s *screens) drawRegulation(v *visit, f *input) error {
	stages, err := v.stageList()
	if err != nil {
		return err
	}
	e := regulationEditor{Form: f, Action: v.link(regulationPage, v.r.PathValue("index")), Units: v.options("regulations.unit.", f.text("unit"), "days", "hours"), Pipelines: []option{{Label: v.t("figures.pipelines")}}}
	moments := func(chosen string) []option {
		var out []option
		for _, step := range regulation.Steps {
			if step != regulation.Entered {
				out = append(out, option{Value: string(step), Label: step.In(v.Locale.Language), On: string(step) == chosen})
				continue
			}
			for _, id := range stages.order {
				m := regulation.Moment{Step: step, Stage: id}
				out = append(out, option{Value: momentValue(m), Label: v.momentText(m, stages.names), On: momentValue(m) == chosen})
			}
		}
		return out
	}
	e.From, e.To = moments(f.text("from")), moments(f.text("to"))
	for id, name := range stages.pipelines {
		e.Pipelines = append(e.Pipelines, option{Value: id.String(), Label: name, On: id.String() == f.text("pipeline")})
	}
	slices.SortFunc(e.Pipelines[1:], func(a, b option) int { return strings.Compare(a.Label, b.Label) })
	title := firstText(f.text("name"), v.t("regulations.new"))
	return v.show(f.statusOf(), "settings_regulation", head{Title: title, Section: "settings", Crumbs: []crumb{{v.t("settings.regulations"), v.link(regulationPage)}}}, e)
}

func (s *screens) saveRegulation(v *visit) error {
	doc, was, at, err := s.regulationAt(v)
	if err != nil {
		return err
	}
	f := v.posted()
	one := regulation.Regulation{ID: was.ID, Name: f.text("name"), From: momentOf(f.text("from")), To: momentOf(f.text("to")), Remind: f.workingTime("remind")}
	one.Pipeline, _ = store.ParseKey[opportunity.PipelineTag](f.text("pipeline"))
	if f.text("unit") == "hours" {
		one.Minutes = f.workingTime("limit")
	} else {
		one.Days = f.count("limit")
	}
	if f.Get("was") != was.ID.String() { // the list has changed, and this is another one
		f.Faults[""] = append(f.Faults[""], v.t("error.conflict.do"))
	}
	if f.bad() {
		return s.drawRegulation(v, f)
	}
	p := regulation.Plan{Regulations: withPart(doc.Plan.Regulations, at, one)}
	done, err := s.regulationPolicy().put(v, f, doc, p, fmt.Sprintf("regulations[%d]", at), map[string]string{"minutes": "limit", "days": "limit", "from_stage": "from", "to_stage": "to"})
	if done || err != nil {
		return err
	}
	return s.drawRegulation(v, f)
}
