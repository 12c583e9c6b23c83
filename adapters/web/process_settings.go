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

func (s *screens) showTemplates(v *visit) error {
	doc, err := v.module().Processes.Plan(v.ctx())
	if err != nil {
		return err
	}
	return s.drawTemplates(v, v.blank(), doc)
}

func (s *screens) drawTemplates(v *visit, f *input, doc process.Document) error {
	versions, err := v.module().Processes.Versions(v.ctx())
	if err != nil {
		return err
	}
	names, err := v.names()
	if err != nil {
		return err
	}
	d := templateSettings{policyState: policyState{Action: v.link(processPage), Version: doc.Version, Published: doc.Version > 0, SavedAt: doc.SavedAt, SavedBy: nameIn(names, doc.SavedBy), Direct: true}}
	d.Versions = policyVersions(versions, names, func(p process.Plan) []string { return v.sayTemplates(p, names) })
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

func (s *screens) changeTemplates(v *visit) error {
	f := v.posted()
	doc, err := v.module().Processes.Plan(v.ctx())
	if err != nil {
		return err
	}
	p := process.Plan{Templates: slices.Clone(doc.Plan.Templates)}
	verb, which, _ := strings.Cut(f.text("do"), ":")
	if verb == "version" {
		if p, err = stateOf(v.ctx(), which, v.module().Processes.Versions); err != nil {
			return err
		}
	} else if !listStep(&p.Templates, verb, which) {
		return errNoPage
	}
	if err := s.keepTemplates(v, f, doc, p); err != nil && !v.overtaken(f, err, doc.Version) {
		if err := v.refuse(f, err); err != nil {
			return err
		}
	}
	if f.bad() {
		return s.drawTemplates(v, f, doc)
	}
	return v.redirect(v.link(processPage))
}

// keepTemplates puts templates in force, with the way back to what held before.
func (s *screens) keepTemplates(v *visit, f *input, was process.Document, p process.Plan) error {
	saved, err := v.module().Processes.Save(v.ctx(), f.version("version"), p)
	if err != nil {
		return err
	}
	said := toast{Text: v.t("process.templates.saved")}
	if was.Version > 0 && saved.Version > was.Version {
		said.Undo, said.Fields = v.link(processPage), map[string]string{"do": "version:" + formatVersion(was.Version), "version": formatVersion(saved.Version)}
	}
	v.toast(said)
	return nil
}

// templateEditor is the page of one template.
type templateEditor struct {
	Form   *input
	Action string
	On     []option
	Steps  []templateStep
}

// templateStep is one line of the steps; the fields have its number behind.
type templateStep struct {
	N                           int
	Name, Days                  string
	Who                         []option
	FromStart, Along, Skippable bool
}

// spareSteps are the empty lines below the steps.
const spareSteps = 3

func (s *screens) templateAt(v *visit) (process.Document, process.Template, int, error) {
	doc, err := v.module().Processes.Plan(v.ctx())
	all, which := doc.Plan.Templates, v.r.PathValue("index")
	if err != nil || which == newRoute {
		return doc, process.Template{}, len(all), err
	}
	at, err := strconv.Atoi(which)
	if err != nil || at < 0 || at >= len(all) {
		return doc, process.Template{}, 0, errNoPage
	}
	return doc, all[at], at, nil
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
		line := templateStep{N: i + 1, Who: slices.Clone(people)}
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
		if f.text(at("days")) != "" {
			step.Days = f.count(at("days"))
		}
		one.Steps = append(one.Steps, step)
	}
	if f.Get("was") != was.ID.String() { // the list has changed, and this is another one
		f.Faults[""] = append(f.Faults[""], v.t("error.conflict.do"))
	}
	p := process.Plan{Templates: slices.Clone(doc.Plan.Templates)}
	if at == len(p.Templates) {
		p.Templates = append(p.Templates, one)
	} else {
		p.Templates[at] = one
	}
	if !f.bad() {
		err = s.keepTemplates(v, f, doc, p)
		if err == nil {
			return v.redirect(v.link(processPage))
		}
		if !v.overtaken(f, err, doc.Version) {
			if err := v.refuse(f, inForm(err, fmt.Sprintf("templates[%d]", at), nil)); err != nil {
				return err
			}
		}
	}
	return s.drawTemplate(v, f, one)
}
