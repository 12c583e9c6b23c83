package web

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/leadrule"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/policy"
	"github.com/crmplus/crmplus/crm/rule"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/crm/workflow"
	"github.com/crmplus/crmplus/newsletter/sequence"
)

// workflowEditor is the page on which a rule is written.
type workflowEditor struct {
	conditionForm

	Rule   *workflow.Rule
	Noun   leadrule.Noun
	Nouns  []option
	Action string
	Kind   workflow.TriggerKind
	Kinds  []option
	// Events are boxes, Dates the dates that can be reached.
	Events, Dates, Units, Unlesses, Hours []option
	// Fields are those whose change sets the rule off, Values what the chosen one can hold where that is little.
	Fields, Values []option
	Acts           []workflowAct
	Steps          []option
	Dot            string
	// Changed says that the draft is not what holds.
	Changed  bool
	Look     workflowLook
	Versions []policyVersion
	Clash    string

	// env, own and chosen are what the versions are worded with.
	env    *rule.Environment
	own    map[string]store.CustomField
	chosen []option
}

// workflowAct is one action as the form shows it. Its fields are named as the faults of the domain are.
type workflowAct struct {
	Index, Number int
	Step          string
	Steps         []option
	Fields        []field
	Faults        []string
	First, Last   bool
}

// At is the name of a field of the action.
func (a workflowAct) At(part string) string { return fmt.Sprintf("actions[%d].%s", a.Index, part) }

type workflowLook struct {
	Asked  bool
	Trial  workflow.Trial
	Rows   []workflowMatch
	Faults []string
}

type workflowMatch struct{ Name, Path, Owner string }

// The parts of the page that are drawn again by themselves.
const (
	triggerTarget = "rule-trigger"
	actsTarget    = "rule-acts"
	trialTarget   = "rule-look"
)

func (s *screens) newWorkflow(v *visit) error {
	noun := leadrule.Noun(v.asked().text("noun"))
	if !slices.Contains(leadrule.Nouns, noun) {
		noun = leadrule.Lead
	}
	f := v.blank("noun", string(noun), "trigger.kind", string(workflow.OnEvent), "trigger.hour", "8", "trigger.count", "2", "acts", "1")
	return s.drawWorkflow(v, workflowEditor{conditionForm: emptyCondition(f, ""), Noun: noun})
}

func (v *visit) workflowOf() (workflow.Rule, error) {
	id, err := key[workflow.Tag](v, "id")
	if err != nil {
		return workflow.Rule{}, err
	}
	return v.module().Workflows.Get(v.ctx(), id)
}

func (s *screens) editWorkflow(v *visit) error {
	r, err := v.workflowOf()
	if err != nil {
		return err
	}
	t := r.Plan.Trigger
	f := v.blank("name", r.Name, "version", strconv.FormatInt(r.Version, 10), "trigger.kind", string(t.Kind), "trigger.field", t.Field, "trigger.from", t.From, "trigger.to", t.To,
		"trigger.count", strconv.Itoa(t.Count), "trigger.unit", string(t.Unit), "trigger.unless", string(t.Unless), "trigger.hour", strconv.Itoa(t.Hour), "acts", strconv.Itoa(len(r.Plan.Actions)))
	for name, on := range map[string]bool{"trigger.behind": t.Behind, "trigger.yearly": t.Yearly} {
		if on {
			f.Values.Set(name, "on")
		}
	}
	f.Values["trigger.events"] = t.Events
	for i, a := range r.Plan.Actions {
		act := workflowAct{Index: i}
		f.Values.Set(act.At("step"), a.Step)
		for name, text := range a.Given {
			f.Values.Set(act.At("given."+name), text)
		}
	}
	env, err := v.module().Workflows.Environment(v.ctx(), r.Noun)
	if err != nil {
		return err
	}
	return s.drawWorkflow(v, workflowEditor{conditionForm: v.conditionOf(env, f, r.Plan.When, ""), Rule: &r, Noun: r.Noun})
}

// posted reads the plan from the form, its condition apart.
func (e *workflowEditor) posted() workflow.Plan {
	f := e.Form
	p := workflow.Plan{Trigger: workflow.Trigger{
		Kind: workflow.TriggerKind(f.text("trigger.kind")), Field: f.text("trigger.field"), From: f.text("trigger.from"), To: f.text("trigger.to"), Count: f.count("trigger.count"),
		Unit: workflow.Unit(f.text("trigger.unit")), Unless: workflow.Unless(f.text("trigger.unless")), Behind: f.on("trigger.behind"), Yearly: f.on("trigger.yearly"), Hour: f.count("trigger.hour"),
	}}
	switch p.Trigger.Kind {
	case workflow.OnEvent, workflow.After:
		p.Trigger.Events, p.Trigger.Field = f.Values["trigger.events"], ""
	default:
	}
	for i := range min(f.count("acts"), 20) {
		act := workflowAct{Index: i}
		a := workflow.Action{Step: f.text(act.At("step")), Given: map[string]string{}}
		for name := range f.Values {
			if given, ok := strings.CutPrefix(name, act.At("given.")); ok {
				a.Given[given] = f.text(name)
			}
		}
		p.Actions = append(p.Actions, a)
	}
	return p
}

// rearranged takes a step with the actions: one more, one less, one up.
func rearranged(f *input, actions []workflow.Action, step string) []workflow.Action {
	verb, at, _ := strings.Cut(strings.TrimPrefix(step, "act:"), ":")
	i, err := strconv.Atoi(at)
	switch {
	case verb == "add":
		actions = append(actions, workflow.Action{})
	case err != nil || i < 0 || i >= len(actions):
		return actions
	case verb == "delete":
		actions = slices.Delete(actions, i, i+1)
	case verb == "up" && i > 0:
		actions[i-1], actions[i] = actions[i], actions[i-1]
	}
	for name := range f.Values {
		if strings.HasPrefix(name, "actions[") {
			f.Values.Del(name)
		}
	}
	for i, a := range actions {
		act := workflowAct{Index: i}
		f.Values.Set(act.At("step"), a.Step)
		for name, text := range a.Given {
			f.Values.Set(act.At("given."+name), text)
		}
	}
	f.Values.Set("acts", strconv.Itoa(len(actions)))
	return actions
}

// saveWorkflow takes the form: a step of it, a look at what it would match, or the end.
func (s *screens) saveWorkflow(v *visit) error {
	f := v.posted()
	e := workflowEditor{conditionForm: postedCondition(f, ""), Noun: leadrule.Noun(f.text("noun"))}
	if v.r.PathValue("id") != "" {
		r, err := v.workflowOf()
		if err != nil {
			return err
		}
		e.Rule, e.Noun = &r, r.Noun
	} else if !slices.Contains(leadrule.Nouns, e.Noun) {
		e.Noun = leadrule.Lead
	}
	env, err := v.module().Workflows.Environment(v.ctx(), e.Noun)
	if err != nil {
		return err
	}
	step, plan := f.text("do"), e.posted()
	if strings.HasPrefix(step, "act:") {
		plan.Actions = rearranged(f, plan.Actions, step)
		return s.drawWorkflow(v, e)
	}
	look := step == "look" || v.part() && v.target() == trialTarget
	if step != "" && step != "save" && !look && !strings.HasPrefix(step, "mode:") || v.part() && v.target() != trialTarget && !strings.HasPrefix(step, "mode:") {
		return s.drawWorkflow(v, e)
	}
	condition, good := "true", true
	e.Writing = step != "" && step != "save" || look
	if !e.blank() { // nothing asked is always
		condition, good = v.writtenCondition(env, &e.conditionForm)
	}
	if plan.When = condition; condition == "true" {
		plan.When = ""
	}
	switch {
	case look:
		v.tryWorkflow(&e, plan, good)
		if v.part() {
			return v.fill(http.StatusOK, "workflow_edit", "look", e)
		}
		return s.drawWorkflow(v, e)
	case strings.HasPrefix(step, "mode:"):
		if good {
			v.switchMode(env, &e.conditionForm, condition, strings.TrimPrefix(step, "mode:"))
		}
		return s.drawWorkflow(v, e)
	case !good:
		f.Faults[""] = append(f.Faults[""], v.t("segment.faulty"))
		return s.drawWorkflow(v, e)
	}
	return s.keepWorkflow(v, e, plan)
}

func (s *screens) keepWorkflow(v *visit, e workflowEditor, plan workflow.Plan) error {
	d := workflow.Drafting{Name: e.Form.text("name"), Noun: e.Noun, Plan: plan}
	if e.Rule != nil {
		d.ID, d.Version = e.Rule.ID, e.Form.version("version")
	}
	saved, err := v.module().Workflows.Save(v.ctx(), d)
	if fault.CodeOf(err) == fault.Conflict && e.Rule != nil { // what was written stays, and can be saved over the other's
		names, err := v.names()
		if err != nil {
			return err
		}
		e.Clash = v.t("conflict.title", nameIn(names, e.Rule.UpdatedBy), whenText(v.Locale, e.Rule.UpdatedAt))
		e.Form.Values.Set("version", strconv.FormatInt(e.Rule.Version, 10))
		return s.drawWorkflow(v, e)
	}
	if err != nil {
		if err := v.refuse(e.Form, err); err != nil {
			return err
		}
		return s.drawWorkflow(v, e)
	}
	v.done("wf.saved", saved.Name)
	return v.redirect(v.link("/rules", saved.ID.String()))
}

// turnWorkflow publishes a rule, switches it off, or removes it.
func (s *screens) turnWorkflow(v *visit) error {
	r, err := v.workflowOf()
	if err != nil {
		return err
	}
	version, to := v.posted().version("version"), v.link("/rules", r.ID.String())
	flows := v.module().Workflows
	switch v.r.PathValue("verb") {
	case "publish":
		_, err = flows.Publish(v.ctx(), r.ID, version)
		v.done("wf.published", r.Name)
	case "stop":
		_, err = flows.Stop(v.ctx(), r.ID, version)
		v.done("wf.stopped", r.Name)
	case "remove":
		err = flows.Remove(v.ctx(), r.ID, version)
		v.done("wf.removed", r.Name)
		to = v.link("/rules")
	default:
		return fault.New(fault.NotFound, "there is no such page")
	}
	if err != nil {
		return err
	}
	return v.redirect(to)
}

// tryWorkflow asks what the rule would match.
func (v *visit) tryWorkflow(e *workflowEditor, plan workflow.Plan, good bool) {
	if e.Look.Asked = true; !good {
		e.Look.Faults = e.allFaults()
		e.Look.Asked = len(e.Look.Faults) > 0
		return
	}
	var err error
	if e.Look.Trial, err = v.module().Workflows.Try(v.ctx(), e.Noun, plan); err != nil {
		unfinished := false
		for _, f := range fault.Of(err) {
			if f.Code == "required" {
				unfinished = true
			} else if !strings.HasPrefix(f.Path, "name") {
				e.Look.Faults = append(e.Look.Faults, v.faultText(f))
			}
		}
		switch {
		case len(e.Look.Faults) > 0:
		case unfinished: // what is only missing is told when the rule is to be saved
			e.Look.Asked = false
		default:
			e.Look.Faults = []string{v.lookFault(err)}
		}
		return
	}
	names, _ := v.names() // keys stand for names that nobody knows
	for _, r := range e.Look.Trial.Rows[:min(len(e.Look.Trial.Rows), 20)] {
		e.Look.Rows = append(e.Look.Rows, workflowMatch{r.Name, v.link(recordPaths[e.Noun], r.ID.String()), nameIn(names, r.OwnerUser)})
	}
}

func (s *screens) drawWorkflow(v *visit, e workflowEditor) error {
	f := e.Form
	h := head{Title: v.t("wf.new"), Section: "rules", Wide: true, Crumbs: []crumb{{v.t("wf.list"), v.link("/rules")}}}
	e.Action = v.link("/rules/new")
	env, err := v.module().Workflows.Environment(v.ctx(), e.Noun)
	if err != nil {
		return err
	}
	if e.Rule != nil {
		e.env, e.Action, h.Title, e.Dot = env, v.link("/rules", e.Rule.ID.String()), e.Rule.Name, workflowDots[e.Rule.State]
		if err := v.workflowVersions(&e); err != nil {
			return err
		}
	}
	if err := v.dressCondition(env, &e.conditionForm); err != nil {
		return err
	}
	e.Kind = workflow.TriggerKind(f.text("trigger.kind"))
	v.dressTrigger(env, &e)
	if err := v.dressChange(env, &e); err != nil {
		return err
	}
	if err := v.dressActs(&e); err != nil {
		return err
	}
	if v.part() {
		switch v.target() {
		case rulesTarget:
			return v.fill(http.StatusOK, "workflow_edit", "rules", e)
		case triggerTarget:
			return v.fill(http.StatusOK, "workflow_edit", "trigger", e)
		case actsTarget:
			return v.fill(http.StatusOK, "workflow_edit", "acts", e)
		}
	}
	status := f.statusOf()
	if e.Clash != "" {
		status = http.StatusConflict
	}
	return v.show(status, "workflow_edit", h, e)
}

func (v *visit) workflowVersions(e *workflowEditor) error {
	all, err := v.module().Workflows.Versions(v.ctx(), e.Rule.ID)
	if err != nil {
		return err
	}
	names, err := v.names()
	if err != nil || len(all) == 0 {
		e.Changed = true
		return err
	}
	words, err := v.wordsOf(e.env)
	if err != nil {
		return err
	}
	if e.own, err = v.ownFields(e.Noun); err != nil {
		return err
	}
	choices, err := v.stepChoices()
	if err != nil {
		return err
	}
	e.chosen = slices.Concat(choices[event.StageChoice], choices[event.SequenceChoice])
	states := make([]policy.State[workflow.Plan], len(all))
	for i, one := range all {
		states[i] = policy.State[workflow.Plan]{Number: one.Number, SavedAt: one.SavedAt, SavedBy: one.SavedBy, Plan: one.Plan}
	}
	e.Versions = policyVersions(states, names, func(p workflow.Plan) []string { return v.sayWorkflow(e, p, words, names) })
	e.Changed = len(all) == 0 || fmt.Sprint(all[0].Plan) != fmt.Sprint(e.Rule.Plan)
	return err
}

func (v *visit) dressTrigger(env *rule.Environment, e *workflowEditor) {
	f := e.Form
	for _, n := range leadrule.Nouns {
		e.Nouns = append(e.Nouns, option{Value: string(n), Label: v.t("wf.noun." + string(n)), On: n == e.Noun})
	}
	for _, k := range workflow.TriggerKinds {
		if k != workflow.Idle || e.Noun != leadrule.Party {
			e.Kinds = append(e.Kinds, option{Value: string(k), Label: v.t("wf.kind." + string(k)), On: k == e.Kind})
		}
	}
	for _, k := range workflow.Events(e.Noun) {
		e.Events = append(e.Events, option{Value: k, Label: v.t("wf.on." + k), On: slices.Contains(f.Values["trigger.events"], k)})
	}
	for _, r := range env.Records() {
		for _, one := range r.Fields {
			if one.Column != "" && (one.Kind == rule.Date || one.Kind == rule.Moment) {
				e.Dates = append(e.Dates, option{Value: r.Name + "." + one.Name, Label: v.ruleFieldName(r.Name, one)})
			}
		}
	}
	for _, u := range workflow.Units {
		e.Units = append(e.Units, option{Value: string(u), Label: v.t("wf.unit." + string(u))})
	}
	for _, u := range workflow.Unlesses {
		e.Unlesses = append(e.Unlesses, option{Value: string(u), Label: v.t("wf.unless." + firstText(string(u), "nothing"))})
	}
	for hour := range 24 {
		e.Hours = append(e.Hours, option{Value: strconv.Itoa(hour), Label: fmt.Sprintf("%02d:00", hour)})
	}
}

// dressActs gives each action the fields that its step asks for.
func (v *visit) dressActs(e *workflowEditor) error {
	f := e.Form
	n := max(1, min(f.count("acts"), 20))
	f.Values.Set("acts", strconv.Itoa(n))
	steps, err := v.module().Workflows.Steps(v.ctx(), e.Noun)
	if err != nil {
		return err
	}
	own, err := v.ownFields(e.Noun)
	if err != nil {
		return err
	}
	var choices map[event.ParameterKind][]option
	for i := range n {
		act := workflowAct{Index: i, Number: i + 1, First: i == 0, Last: i == n-1}
		act.Step = f.text(act.At("step"))
		act.Faults = f.Faults[act.At("step")]
		act.Steps = []option{{Label: v.t("segment.choose"), On: act.Step == ""}}
		for _, p := range steps {
			if p.Right != "" && !v.may(p.Right) && p.Name != act.Step {
				continue
			}
			act.Steps = append(act.Steps, option{Value: p.Name, Label: v.ruleStep(p.Name), On: p.Name == act.Step})
			if p.Name != act.Step {
				continue
			}
			if choices == nil {
				var err error
				if choices, err = v.stepChoices(); err != nil {
					return err
				}
			}
			for _, one := range p.Parameters {
				if one.Kind == event.Value {
					act.Fields = append(act.Fields, v.valueFields(f, act, one, own)...)
					continue
				}
				act.Fields = append(act.Fields, v.parameterField(f, act, one, stepWords{choices, own}))
			}
		}
		e.Acts = append(e.Acts, act)
	}
	return nil
}

// stepWords are what parameters of steps are chosen from, and what the company's own fields are called.
type stepWords struct {
	choices map[event.ParameterKind][]option
	own     map[string]store.CustomField
}

// ownFields are the company's own fields of a noun, by the names that steps give them.
func (v *visit) ownFields(noun leadrule.Noun) (map[string]store.CustomField, error) {
	all, err := v.module().Fields.List(v.ctx(), string(noun))
	out := make(map[string]store.CustomField, len(all))
	for _, f := range all {
		out["custom."+f.Name] = f
	}
	return out, err
}

// parameterField is a parameter of a step as a field.
func (v *visit) parameterField(f *input, act workflowAct, p event.Parameter, words stepWords) field {
	name := act.At("given." + p.Name)
	more := []any{"id=" + fmt.Sprintf("act-%d-%s", act.Index, p.Name)}
	if p.Required {
		more = append(more, "required")
	}
	var options []option
	switch p.Kind {
	case event.Long:
		more = append(more, "rows=4", "wide", "hint=wf.places")
	case event.Line:
		if p.Most != 400 {
			more = append(more, "wide")
		}
	case event.TemplateChoice:
		more = append(more, "hint=wf.letter.hint")
		for _, c := range p.Choices {
			_, name, _ := mail.ReadLetter(c)
			options = append(options, option{Value: c, Label: name})
		}
	case event.Whole:
		more = append(more, "ltr")
	case event.Choice, event.FieldChoice:
		if p.Kind == event.FieldChoice { // its value is typed by what it is
			more = append(more, "redraw=#rule-acts")
		}
		for _, c := range p.Choices {
			label := v.choiceText(p.Name, c)
			if own, there := words.own[c]; there {
				label = own.Text(v.Locale.Language)
			}
			options = append(options, option{Value: c, Label: label})
		}
	case event.Colleague, event.Addressee, event.StageChoice, event.SequenceChoice:
		options = slices.Clone(words.choices[p.Kind])
	}
	if options != nil || slices.Contains([]event.ParameterKind{event.SequenceChoice, event.StageChoice, event.TemplateChoice}, p.Kind) {
		value := f.Get(name)
		if value != "" && !slices.ContainsFunc(options, func(o option) bool { return o.Value == value }) {
			options = append(options, option{Value: value, Label: value})
		}
		if none := "wf.usual"; !p.Required {
			if p.Kind == event.TemplateChoice {
				none = "wf.letter.own"
			}
			options = append([]option{{Label: v.t(none)}}, options...)
		}
		more = append(more, options)
	}
	out := newField(f, name, "wf.given."+p.Name, more...)
	return out
}

// valueTypes are the types of the fields that steps set, beside those of the company; others are texts.
var valueTypes = map[string]store.FieldType{
	"valid_until": store.DateField, "expected_close": store.DateField, "birth_date": store.DateField, "language": store.ChoiceField,
	"value": store.NumberField, "revenue": store.NumberField, "chance": store.NumberField,
}

// valueFields are the value of a field that a step sets, typed as the field is, and a tick for those who would rather
// write it: a place for a field of the record, or days from today.
func (v *visit) valueFields(f *input, act workflowAct, p event.Parameter, own map[string]store.CustomField) []field {
	name, free, chosen := act.At("given."+p.Name), act.At("free"), f.text(act.At("given.field"))
	id := "id=" + fmt.Sprintf("act-%d-%s", act.Index, p.Name)
	written := newField(f, name, "wf.given."+p.Name, id, "wide", "hint=wf.value.hint")
	typed, value := valueTypes[chosen], f.text(name)
	theirs, custom := own[chosen]
	if custom {
		typed = theirs.Type
	}
	var out field
	var fits bool
	switch typed {
	case store.DateField:
		_, err := civil.Parse(value)
		out, fits = newField(f, name, "wf.given."+p.Name, id, "type=date"), err == nil
	case store.NumberField, store.MoneyField:
		_, err := decimal.NewFromString(value)
		out, fits = newField(f, name, "wf.given."+p.Name, id, "type=number", "ltr"), err == nil
	case store.YesNoField, store.ChoiceField:
		options := v.valueChoices(typed, theirs)
		fits = slices.ContainsFunc(options, func(o option) bool { return o.Value == value })
		out = newField(f, name, "wf.given."+p.Name, id, options)
	default:
		return append([]field{}, written)
	}
	if value != "" && !fits {
		f.Values.Set(free, "on")
	}
	tick := newField(f, free, "wf.free", "id="+fmt.Sprintf("act-%d-free", act.Index), "type=checkbox", "redraw=#rule-acts")
	if f.text(free) != "" {
		out = written
	}
	return append([]field{}, out, tick)
}

// valueChoices are what a field may be set to, with nothing first, which clears it.
func (v *visit) valueChoices(typed store.FieldType, own store.CustomField) []option {
	out := []option{{Label: "–"}}
	switch {
	case typed == store.YesNoField:
		out = append(out, option{Value: "true", Label: v.t("audit.yes")}, option{Value: "false", Label: v.t("audit.no")})
	case own.Name == "":
		for _, l := range locale.Languages {
			out = append(out, option{Value: string(l), Label: l.Name()})
		}
	default:
		for _, c := range own.Rules.Choices {
			if !c.Archived {
				out = append(out, option{Value: c.Value, Label: c.Text(v.Locale.Language)})
			}
		}
	}
	return out
}

func (v *visit) choiceText(parameter, value string) string {
	for _, key := range []string{"wf.choice." + parameter + "." + value, "lead.status." + value} {
		if texts[key] != nil {
			return v.t(key)
		}
	}
	return value
}

// stepChoices are the people, stages and sequences that parameters are chosen from.
func (v *visit) stepChoices() (map[event.ParameterKind][]option, error) {
	k, err := v.known()
	if err != nil {
		return nil, err
	}
	people := []option{{Value: event.Owner, Label: v.t("wf.who.owner")}, {Value: event.Manager, Label: v.t("wf.who.manager")}}
	for _, u := range k.users {
		people = append(people, option{Value: event.User + u.ID, Label: u.Name})
	}
	out := map[event.ParameterKind][]option{
		event.Colleague: people, event.Addressee: append([]option{{Value: event.Customer, Label: v.t("wf.who.customer")}}, people...),
	}
	pipelines, err := v.module().Opportunities.Pipelines().List(v.ctx())
	if err != nil && fault.CodeOf(err) != fault.Forbidden {
		return nil, err
	}
	for _, p := range pipelines {
		for _, st := range p.Stages {
			if st.Kind == opportunity.Open {
				out[event.StageChoice] = append(out[event.StageChoice], option{Value: st.ID.String(), Label: p.Name + " – " + st.Name})
			}
		}
	}
	if v.module().Newsletters == nil || !v.may(sequence.Read) {
		return out, nil
	}
	found, err := v.module().Newsletters.Sequences.List(v.ctx(), sequence.Filter{State: sequence.Running, Page: store.Page{Limit: store.MaxLimit}})
	for _, q := range found.Rows {
		out[event.SequenceChoice] = append(out[event.SequenceChoice], option{Value: q.ID.String(), Label: q.Name})
	}
	return out, err
}
