package web

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/crmplus/crmplus/crm/process"
)

const processPage = "/settings/processes"

type templateSettings struct {
	policyState

	Rows []templateLine
}

type templateLine struct {
	Index       int
	Name, On    string
	Steps       string
	First, Last bool
}

func (s *screens) processPolicy() policyPage[process.Plan] {
	return policyPage[process.Plan]{path: processPage, keeper: s.module.Processes.Keeper, direct: true, holds: "process.templates.saved", draw: s.drawTemplates, step: templateStep}
}

func (s *screens) drawTemplates(v *visit, f *input, doc process.Document) error {
	names, err := v.names()
	if err != nil {
		return err
	}
	state, err := s.processPolicy().state(v, doc, names, func(p process.Plan) []string { return v.sayTemplates(p, names) })
	if err != nil {
		return err
	}
	d := templateSettings{policyState: state}
	d.Rows = v.templateLines(doc.Plan)
	return v.showSetting(f.statusOf(), "settings_processes", processPage, f, d)
}

// templateLines are templates as rows.
func (v *visit) templateLines(p process.Plan) []templateLine {
	var out []templateLine
	all := p.Templates
	for i, t := range all {
		line := templateLine{Index: i, Name: t.Name, First: i == 0, Last: i == len(all)-1}
		var on, steps []string
		for _, n := range process.Nouns {
			if t.For(n) {
				on = append(on, v.t("process.on."+string(n)))
			}
		}
		for _, one := range t.Steps {
			steps = append(steps, one.Name)
		}
		line.On, line.Steps = strings.Join(on, ", "), strings.Join(steps, " → ")
		out = append(out, line)
	}
	return out
}

// templateStep moves one or takes one away.
func templateStep(v *visit, f *input, p *process.Plan, said *toast) (ok bool) {
	p.Templates, ok = templateList.step(v, p.Templates, f.text("do"), said)
	return ok
}

var templateList = ruleList[process.Template]{page: processPage, ordered: true, name: func(t process.Template) string { return t.Name }}

// templateEditor is the page of one template.
type templateEditor struct {
	Form   *input
	Action string
	On     []option
	Steps  []stepLine
}

// stepLine is one line of the steps; the fields have its number behind.
type stepLine struct {
	N                           int
	Name, Days                  string
	Who                         []option
	FromStart, Along, Skippable bool
}

// spareSteps are the empty lines below the steps.
const spareSteps = 3

func (s *screens) templateAt(v *visit) (process.Document, process.Template, int, error) {
	doc, err := v.module().Processes.Plan(v.ctx())
	if err != nil {
		return doc, process.Template{}, 0, err
	}
	one, at, err := partAt(v, doc.Plan.Templates, process.Template{})
	return doc, one, at, err
}

func (s *screens) editTemplate(v *visit) error {
	doc, one, _, err := s.templateAt(v)
	if err != nil {
		return err
	}
	return s.drawTemplate(v, v.blank("version", formatVersion(doc.Version), "was", one.ID.String(), "name", one.Name), one)
}

func (s *screens) drawTemplate(v *visit, f *input, one process.Template) error {
	users, err := v.colleagues()
	if err != nil {
		return err
	}
	e := templateEditor{Form: f, Action: v.link(processPage, v.r.PathValue("index"))}
	for _, n := range process.Nouns {
		e.On = append(e.On, option{Value: string(n), Label: v.t("process.on." + string(n)), On: one.For(n)})
	}
	people := []option{{Value: string(process.Owner), Label: v.t("process.who.owner")}}
	teams := map[string]bool{}
	for _, u := range users {
		people = append(people, option{Value: string(process.User) + u.ID, Label: u.Name})
	}
	for _, u := range users {
		for _, t := range u.Teams {
			if !teams[t] {
				teams[t] = true
				people = append(people, option{Value: string(process.Team) + t, Label: v.t("quota.kind.team") + ": " + t})
			}
		}
	}
	for i := range len(one.Steps) + spareSteps {
		line := stepLine{N: i + 1, Who: slices.Clone(people)}
		if i < len(one.Steps) {
			step := one.Steps[i]
			line.Name, line.Days, line.FromStart, line.Along, line.Skippable = step.Name, strconv.Itoa(step.Days), step.FromStart, step.Along, step.Skippable
			for k := range line.Who {
				line.Who[k].On = line.Who[k].Value == string(step.Who)
			}
		}
		e.Steps = append(e.Steps, line)
	}
	return v.show(f.statusOf(), "settings_process", head{Title: firstText(f.text("name"), v.t("process.templates.new")), Section: "settings", Wide: true, Crumbs: []crumb{{v.t("settings.processes"), v.link(processPage)}}}, e)
}

func (s *screens) saveSteps(v *visit) error {
	doc, was, at, err := s.templateAt(v)
	if err != nil {
		return err
	}
	f := v.posted()
	one := process.Template{ID: was.ID, Name: f.text("name")}
	for _, n := range f.Values["on"] {
		one.On = append(one.On, process.Noun(n))
	}
	for n := 1; f.has(fmt.Sprintf("step.%d", n)); n++ {
		at := func(name string) string { return fmt.Sprintf("%s.%d", name, n) }
		if f.text(at("step")) == "" { // a line without a name is left out
			continue
		}
		step := process.StepPlan{Name: f.text(at("step")), Who: process.Who(f.text(at("who"))), FromStart: f.on(at("start")), Along: f.on(at("along")), Skippable: f.on(at("skip"))}
		if text := f.text(at("days")); text != "" {
			days, err := strconv.Atoi(text)
			if err != nil {
				f.Faults[""] = append(f.Faults[""], v.t("process.fault.days", step.Name, text))
			}
			step.Days = days
		}
		one.Steps = append(one.Steps, step)
	}
	if f.Get("was") != was.ID.String() { // the list has changed, and this is another one
		f.Faults[""] = append(f.Faults[""], v.t("error.conflict.do"))
	}
	if f.bad() {
		return s.drawTemplate(v, f, one)
	}
	done, err := s.processPolicy().put(v, f, doc, process.Plan{Templates: withPart(doc.Plan.Templates, at, one)}, fmt.Sprintf("templates[%d]", at), nil)
	if done || err != nil {
		return err
	}
	return s.drawTemplate(v, f, one)
}
