package web

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/clock"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/routing"
)

func (s *screens) clockRoutes() []route {
	return []route{
		{Pattern: "GET /settings/clocks", Right: actor.Settings, Do: s.clockPolicy().show},
		{Pattern: "POST /settings/clocks", Right: actor.Settings, Do: s.clockPolicy().change},
		{Pattern: "GET /settings/clocks/answers/{index}", Right: actor.Settings, Do: s.editResponse},
		{Pattern: "POST /settings/clocks/answers/{index}", Right: actor.Settings, Do: s.saveResponse},
	}
}

const clockPage = "/settings/clocks"

// clockSettings are how long things may take.
type clockSettings struct {
	policyState

	Answers  []answerLine
	Managers []option
	Resets   []option
	Stages   []stageLimit
}

type answerLine struct {
	Index                      int
	Name, When, Within, Remind string
	First, Last                bool
}

type stageLimit struct {
	ID                    opportunity.StageID
	Pipeline, Name, Limit string
}

func (s *screens) clockPolicy() policyPage[clock.Plan] {
	return policyPage[clock.Plan]{path: clockPage, keeper: s.module.Clocks.Keeper, direct: true, holds: "clocks.saved", form: clockForm, draw: s.drawClocks, step: clockStep}
}

func clockForm(v *visit, p clock.Plan) *input {
	f := v.blank("otherwise.minutes", v.workTime(p.Otherwise.Minutes), "otherwise.remind", v.workTime(p.Otherwise.Remind), "manager", p.Manager, "stages.manager_after", v.workTime(p.Stages.ManagerAfter))
	if p.Stages.Planned {
		f.Values.Set("planned", "on")
	}
	for _, r := range p.Stages.Reset {
		f.Values.Add("reset", string(r))
	}
	return f
}

// workTime writes working time as people type it: 8:00, "" for none.
func (v *visit) workTime(n int) string {
	if n == 0 {
		return ""
	}
	return v.hours(int64(n) * 60)
}

// workingTime reads it back: "8", "1:30".
func (f *input) workingTime(name string) int {
	text := f.text(name)
	if text == "" {
		return 0
	}
	whole, part, _ := strings.Cut(text, ":")
	hours, err := strconv.Atoi(whole)
	minutes := 0
	if err == nil && part != "" {
		minutes, err = strconv.Atoi(part)
	}
	if err != nil || hours < 0 || hours > 9000 || minutes < 0 || minutes > 59 {
		f.wrong(name, "clocks.bad")
		return 0
	}
	return hours*60 + minutes
}

func (s *screens) drawClocks(v *visit, f *input, doc clock.Document) error {
	names, err := v.names()
	if err != nil {
		return err
	}
	env, err := v.module().Clocks.Environment(v.ctx())
	if err != nil {
		return err
	}
	words, err := v.wordsOf(env)
	if err != nil {
		return err
	}
	state, err := s.clockPolicy().state(v, doc, names, func(p clock.Plan) []string { return v.sayClocks(p, words, names) })
	if err != nil {
		return err
	}
	d := clockSettings{policyState: state}
	d.Answers = v.answerLines(doc.Plan, words)
	if d.Managers, err = v.owners(f.Get("manager")); err != nil {
		return err
	}
	d.Managers = append([]option{{Label: v.t("absence.nobody")}}, d.Managers...)
	for _, r := range clock.Resets {
		d.Resets = append(d.Resets, option{Value: string(r), Label: v.t("clocks.reset." + string(r)), On: slices.Contains(f.Values["reset"], string(r))})
	}
	if d.Stages, err = v.stageLimits(); err != nil {
		return err
	}
	return v.showSetting(f.statusOf(), "settings_clocks", clockPage, f, d)
}

// answerLines are the responses of a plan as rows.
func (v *visit) answerLines(p clock.Plan, words func(condition, list string) string) []answerLine {
	out := make([]answerLine, len(p.Responses))
	for i, r := range p.Responses {
		out[i] = v.answerLine(r, words)
		out[i].Index, out[i].First, out[i].Last = i, i == 0, i == len(p.Responses)-1
	}
	return out
}

func (v *visit) answerLine(r clock.Response, words func(condition, list string) string) answerLine {
	out := answerLine{Name: r.Name, When: words(r.When, ""), Within: v.t("clocks.none"), Remind: v.beforeText(r.Remind)}
	if r.Minutes > 0 {
		out.Within = v.limitText(int64(r.Minutes) * 60)
	}
	return out
}

// stageLimits are the open stages with their limits, which are kept with the stages.
func (v *visit) stageLimits() ([]stageLimit, error) {
	lines, err := v.module().Opportunities.Pipelines().List(v.ctx())
	if err != nil {
		return nil, err
	}
	var out []stageLimit
	for _, p := range lines {
		for _, st := range p.Stages {
			if !p.ArchivedAt.IsZero() || !st.ArchivedAt.IsZero() || st.Kind != opportunity.Open {
				continue
			}
			one := stageLimit{ID: st.ID, Pipeline: p.Name, Name: st.Name, Limit: v.t("clocks.none")}
			if st.LimitHours > 0 {
				one.Limit = v.limitText(int64(st.LimitHours) * 3600)
			}
			out = append(out, one)
		}
	}
	return out, nil
}

// clockStep takes what the form says of all answers and of stages, moves an answer, or takes one away.
func clockStep(v *visit, f *input, p *clock.Plan, said *toast) (ok bool) {
	if do := f.text("do"); do != "" && do != "save" {
		p.Responses, ok = clockAnswers.step(v, p.Responses, do, said)
		return ok
	}
	p.Otherwise.Minutes, p.Otherwise.Remind = f.workingTime("otherwise.minutes"), f.workingTime("otherwise.remind")
	p.Manager = f.Get("manager")
	p.Stages = clock.Stages{ManagerAfter: f.workingTime("stages.manager_after"), Planned: f.on("planned")}
	for _, r := range f.Values["reset"] {
		p.Stages.Reset = append(p.Stages.Reset, clock.Reset(r))
	}
	return true
}

// clockAnswers are the answers of the page; the first that fits holds.
var clockAnswers = ruleList[clock.Response]{page: clockPage, ordered: true, name: func(r clock.Response) string { return r.Name }}

// answerEditor is the page of one response.
type answerEditor struct {
	conditionForm

	Action string
	Look   matchLook
}

func (s *screens) editResponse(v *visit) error {
	doc, err := v.module().Clocks.Plan(v.ctx())
	if err != nil {
		return err
	}
	one, _, err := partAt(v, doc.Plan.Responses, clock.Response{})
	if err != nil {
		return err
	}
	env, err := v.module().Clocks.Environment(v.ctx())
	if err != nil {
		return err
	}
	f := v.blank("version", formatVersion(doc.Version), "was", one.Name, "name", one.Name, "minutes", v.workTime(one.Minutes), "remind", v.workTime(one.Remind))
	return s.drawResponse(v, answerEditor{conditionForm: v.conditionOf(env, f, one.When, "")})
}

func (s *screens) drawResponse(v *visit, e answerEditor) error {
	env, err := v.module().Clocks.Environment(v.ctx())
	if err != nil {
		return err
	}
	if err := v.dressCondition(env, &e.conditionForm); err != nil {
		return err
	}
	if v.part() && v.target() == rulesTarget {
		return v.fill(http.StatusOK, "settings_answer", "rules", e)
	}
	e.Action = v.link(clockPage+"/answers", v.r.PathValue("index"))
	title := firstText(e.Form.text("name"), v.t("clocks.new"))
	return v.show(e.Form.statusOf(), "settings_answer", head{Title: title, Section: "settings", Wide: true, Crumbs: []crumb{{v.t("settings.clocks"), v.link(clockPage)}}}, e)
}

// saveResponse takes the form of a response: a step of its condition, a look at past leads, or the end.
func (s *screens) saveResponse(v *visit) error {
	doc, err := v.module().Clocks.Plan(v.ctx())
	if err != nil {
		return err
	}
	p := doc.Plan
	was, at, err := partAt(v, p.Responses, clock.Response{})
	if err != nil {
		return err
	}
	env, err := v.module().Clocks.Environment(v.ctx())
	if err != nil {
		return err
	}
	f := v.posted()
	e := answerEditor{conditionForm: postedCondition(f, "")}
	taken := v.takeCondition(env, &e.conditionForm)
	switch taken.Step {
	case stepLook:
		e.Look = v.lookAtLeads(e.conditionForm, routing.Rule{When: taken.Text}, taken.Good)
		if v.part() {
			return v.fill(http.StatusOK, "settings_answer", "look", e)
		}
		return s.drawResponse(v, e)
	case stepDraw:
		return s.drawResponse(v, e)
	case stepSave:
	}
	one := clock.Response{Name: f.text("name"), When: taken.Text, Minutes: f.workingTime("minutes"), Remind: f.workingTime("remind")}
	if was.Name != f.Get("was") { // the list has changed, and this is another one
		f.Faults[""] = append(f.Faults[""], v.t("error.conflict.do"))
	}
	if f.bad() {
		return s.drawResponse(v, e)
	}
	p.Responses = withPart(p.Responses, at, one)
	done, err := s.clockPolicy().put(v, f, doc, p, fmt.Sprintf("responses[%d]", at), nil)
	if done || err != nil {
		return err
	}
	return s.drawResponse(v, e)
}
