package web

import (
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/policy"
	"github.com/crmplus/crmplus/crm/routing"
	"github.com/crmplus/crmplus/crm/rule"
)

// policyState is what a page tells about a document of package policy: whether it holds, what is tried beside it, and
// what held before.
type policyState struct {
	// Action is the address of the page, to which the buttons post.
	Action  string
	Version int64
	// Draft says that what the page shows does not hold yet, Published that something holds.
	Draft, Published bool
	SavedAt          time.Time
	SavedBy          string
	// Direct says that there is no draft: an earlier version holds as soon as it is taken.
	Direct   bool
	Versions []policyVersion
}

// policyPage is a page of the settings on which a company decides of one kind.
type policyPage[T any] struct {
	path   string
	keeper policy.Keeper[T]
	// direct has what is saved hold at once, without a draft.
	direct bool
	// holds is the text that says that a plan holds now.
	holds string
	// form is the form of the page with a plan in it, nil for an empty one.
	form func(v *visit, plan T) *input
	draw func(v *visit, f *input, doc policy.Document[T]) error
	// step changes a plan as the form asks, and reports false where it asks for nothing that the page has. What it writes
	// into is a copy.
	step func(v *visit, f *input, plan *T, said *toast) bool
}

// shown is the plan that the page is about.
func (p policyPage[T]) shown(doc policy.Document[T]) T {
	if p.direct {
		return doc.Plan
	}
	return doc.Shown()
}

func (p policyPage[T]) show(v *visit) error {
	doc, err := p.keeper.Plan(v.ctx())
	if err != nil {
		return err
	}
	f := v.blank()
	if p.form != nil {
		f = p.form(v, p.shown(doc))
	}
	return p.draw(v, f, doc)
}

// state is what the page tells of a document; say puts a plan into lines.
func (p policyPage[T]) state(v *visit, doc policy.Document[T], names map[string]string, say func(T) []string) (policyState, error) {
	versions, err := p.keeper.Versions(v.ctx())
	return policyState{
		Action: v.link(p.path), Version: doc.Version, Draft: doc.Draft != nil && !p.direct, Published: doc.Published, SavedAt: doc.SavedAt, SavedBy: nameIn(names, doc.SavedBy), Direct: p.direct,
		Versions: policyVersions(versions, names, say),
	}, err
}

// change takes a step on the plan, publishes the draft or throws it away, or takes an earlier version again.
func (p policyPage[T]) change(v *visit) error {
	f := v.posted()
	doc, err := p.keeper.Plan(v.ctx())
	if err != nil {
		return err
	}
	said := toast{Text: v.t("policy.drafted")}
	verb, which, _ := strings.Cut(f.text("do"), ":")
	switch {
	case verb == "publish" && !p.direct:
		said.Text = v.t(p.holds)
		_, err = p.keeper.Publish(v.ctx(), f.version("version"), doc.Shown())
	case verb == "discard" && !p.direct:
		said.Text = v.t("policy.discarded")
		_, err = p.keeper.Discard(v.ctx(), f.version("version"))
	case verb == "version":
		var earlier T
		if earlier, err = p.version(v, which); err == nil {
			err = p.keep(v, f, doc, earlier, &said)
		}
	default:
		plan, failed := copied(p.shown(doc))
		if failed != nil {
			return failed
		}
		if !p.step(v, f, &plan, &said) {
			return errNoPage
		}
		if !f.bad() {
			err = p.keep(v, f, doc, plan, &said)
		}
	}
	if err != nil && !v.overtaken(f, err, doc.Version) {
		if err := v.refuse(f, err); err != nil {
			return err
		}
	}
	if f.bad() {
		return p.draw(v, f, doc)
	}
	v.toast(said)
	return v.redirect(v.link(p.path))
}

// copied is a plan that shares nothing with the one it was made from.
func copied[T any](plan T) (T, error) {
	var out T
	text, err := json.Marshal(plan)
	if err == nil {
		err = json.Unmarshal(text, &out)
	}
	return out, err
}

// keep saves a plan on top of the version that the form was made for: as the draft, or to hold at once, with the way back.
func (p policyPage[T]) keep(v *visit, f *input, was policy.Document[T], plan T, said *toast) error {
	save := p.keeper.SaveDraft
	if p.direct {
		save = p.keeper.Publish
	}
	saved, err := save(v.ctx(), f.version("version"), plan)
	if err != nil {
		return err
	}
	if p.direct {
		*said = toast{Text: v.t(p.holds)}
		if was.Published && saved.Version > was.Version {
			said.Undo, said.Fields = v.link(p.path), map[string]string{"do": "version:" + formatVersion(was.Version)}
		}
	}
	if said.Undo != "" {
		said.Fields["version"] = formatVersion(saved.Version)
	}
	return nil
}

// put saves a plan of which the form of another page has changed one part, whose path and fields are given for faults as
// [inForm] wants them, and goes back to the page of the whole; what is wrong with it then stands in the form, and done is
// false.
func (p policyPage[T]) put(v *visit, f *input, was policy.Document[T], plan T, path string, fields map[string]string) (done bool, err error) {
	said := toast{Text: v.t("policy.drafted")}
	err = p.keep(v, f, was, plan, &said)
	if err == nil {
		v.toast(said)
		return true, v.redirect(v.link(p.path))
	}
	if v.overtaken(f, err, was.Version) {
		return false, nil
	}
	return false, v.refuse(f, inForm(err, path, fields))
}

// version finds an earlier plan by the number that a form gives.
func (p policyPage[T]) version(v *visit, number string) (T, error) {
	var none T
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return none, errNoPage
	}
	all, err := p.keeper.Versions(v.ctx())
	if err != nil {
		return none, err
	}
	i := slices.IndexFunc(all, func(s policy.State[T]) bool { return s.Number == n })
	if i < 0 {
		return none, fault.New(fault.NotFound, "there is no such version")
	}
	return all[i].Plan, nil
}

// partAt finds the part of a plan that an address names by its place, and the place; the one behind the last is a new one.
func partAt[R any](v *visit, all []R, fresh R) (R, int, error) {
	which := v.r.PathValue("index")
	if which == newRoute {
		return fresh, len(all), nil
	}
	at, err := strconv.Atoi(which)
	if err != nil || at < 0 || at >= len(all) {
		return fresh, 0, errNoPage
	}
	return all[at], at, nil
}

// withPart is a list with one part put at its place, or behind the last.
func withPart[R any](all []R, at int, one R) []R {
	all = slices.Clone(all)
	if at == len(all) {
		return append(all, one)
	}
	all[at] = one
	return all
}

// overtaken reports whether somebody else has changed the document meanwhile. The form then says so, and takes the
// version that is there now, so that saving it again puts what was written on top.
func (v *visit) overtaken(f *input, err error, version int64) bool {
	var told *fault.Error
	if !errors.As(err, &told) || told.Code != fault.Conflict {
		return false
	}
	f.Values.Set("version", formatVersion(version))
	f.Faults[""] = append(f.Faults[""], v.t("policy.clash"))
	return true
}

// matchLook is which past leads a condition fits, beside the form in which it is written.
type matchLook struct {
	Asked      bool
	Leads, Fit int
	Rows       []matchRow
	Faults     []string
	Expression string
}

type matchRow struct {
	ID          lead.ID
	Name, Owner string
	At          time.Time
}

// lookAtLeads tries a rule on the leads that came in last.
func (v *visit) lookAtLeads(c conditionForm, one routing.Rule, good bool) matchLook {
	look := matchLook{Asked: true, Expression: one.When}
	if !good {
		look.Faults = c.allFaults()
		look.Asked = len(look.Faults) > 0
		return look
	}
	found, err := v.module().Routing.Match(v.ctx(), one)
	if err != nil {
		look.Faults = []string{v.lookFault(err)}
		return look
	}
	names, err := v.names()
	if err != nil {
		look.Faults = []string{v.lookFault(err)}
		return look
	}
	look.Leads, look.Fit = found.Leads, found.Fit
	for _, r := range found.Rows {
		look.Rows = append(look.Rows, matchRow{ID: r.Lead, Name: r.Name, Owner: nameIn(names, r.Owner), At: r.ArrivedAt})
	}
	return look
}

// conditionStep is what the form of a rule asks for.
type conditionStep string

// The steps.
const (
	// stepDraw: the form has a line more or less, or shows its condition the other way.
	stepDraw conditionStep = "draw"
	stepLook conditionStep = "look"
	stepSave conditionStep = "save"
)

// matchTarget is the part of the page that shows what a condition fits.
const matchTarget = "rule-look"

// takenCondition is the condition that was sent with the form of a rule.
type takenCondition struct {
	Step conditionStep
	// Text is "" where every lead is meant.
	Text string
	// Good says that it is one; else what is wrong stands in the form.
	Good bool
}

// takeCondition reads the condition, and does what is asked of the form itself.
func (v *visit) takeCondition(env *rule.Environment, c *conditionForm) takenCondition {
	step := c.Form.text("do")
	taken := takenCondition{Step: stepDraw}
	mode, switched := strings.CutPrefix(step, "mode:")
	switch {
	case step == "look" || v.part() && v.target() == matchTarget:
		taken.Step = stepLook
	case v.part() && v.target() == rulesTarget && !switched:
		return taken
	case step == "" || step == "save":
		taken.Step = stepSave
	case !switched:
		return taken
	}
	taken.Good, c.Writing = true, taken.Step != stepSave
	if !c.blank() {
		taken.Text, taken.Good = v.writtenCondition(env, c)
		taken.Text = kept(taken.Text)
	}
	if switched && taken.Good {
		v.switchMode(env, c, taken.Text, mode)
	}
	if taken.Step == stepSave && !taken.Good {
		c.Form.Faults[""] = append(c.Form.Faults[""], v.t("segment.faulty"))
	}
	return taken
}

// kept is a condition as rules keep it: nothing where it is true for every one.
func kept(condition string) string {
	if condition == "true" {
		return ""
	}
	return condition
}

// wordsOf says conditions of an environment in the reader's language.
func (v *visit) wordsOf(env *rule.Environment) (func(condition, list string) string, error) {
	choices, err := v.ruleChoices(env)
	if err != nil {
		return nil, err
	}
	return func(condition, list string) string {
		if condition == "" {
			return ""
		}
		return v.conditionWords(env, condition, list, choices)
	}, nil
}

// longestUndo is how much of a rule a toast carries; what is longer is taken back by discarding the draft.
const longestUndo = 1200

// ruleList are the rules of a policy, which a page takes away and brings back by their place.
type ruleList[R any] struct {
	page string
	// ordered lets a rule be moved.
	ordered bool
	name    func(R) string
}

// step does what a button asks, as "delete:3"; ok is false where that is none of the list's.
func (l ruleList[R]) step(v *visit, rules []R, do string, said *toast) (out []R, ok bool) {
	verb, which, _ := strings.Cut(do, ":")
	at, err := strconv.Atoi(which)
	if err != nil || at < 0 || at > len(rules) {
		return rules, false
	}
	switch {
	case verb == "put":
		var back R
		if json.Unmarshal([]byte(v.posted().Get("rule")), &back) != nil {
			return rules, false
		}
		return slices.Insert(rules, at, back), true
	case verb == "up" && l.ordered && at > 0 && at < len(rules):
		rules[at-1], rules[at] = rules[at], rules[at-1]
		return rules, true
	case verb == "down" && l.ordered && at+1 < len(rules):
		rules[at+1], rules[at] = rules[at], rules[at+1]
		return rules, true
	case verb == "delete" && at < len(rules):
		said.Text = v.t("policy.deleted", l.name(rules[at]))
		if raw, err := json.Marshal(rules[at]); err == nil && len(raw) <= longestUndo {
			said.Undo, said.Fields = v.link(l.page), map[string]string{"do": "put:" + which, "rule": string(raw)}
		}
		return slices.Delete(rules, at, at+1), true
	}
	return rules, false
}
