package web

import (
	"context"
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

// stateOf finds a version by the number that the address of the page or its form gives.
func stateOf[T any](ctx context.Context, number string, versions func(context.Context) ([]policy.State[T], error)) (T, error) {
	var none T
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return none, errNoPage
	}
	all, err := versions(ctx)
	if err != nil {
		return none, err
	}
	i := slices.IndexFunc(all, func(s policy.State[T]) bool { return s.Number == n })
	if i < 0 {
		return none, fault.New(fault.NotFound, "there is no such version")
	}
	return all[i].Body, nil
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

// ruleList are the rules of a policy, which a page takes away and brings back by their place.
type ruleList[R any] struct {
	page string
	// ordered lets a rule be moved up.
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
	case verb == "delete" && at < len(rules):
		said.Text = v.t("policy.deleted", l.name(rules[at]))
		if raw, err := json.Marshal(rules[at]); err == nil && len(raw) <= longestUndo {
			said.Undo, said.Fields = v.link(l.page), map[string]string{"do": "put:" + which, "rule": string(raw)}
		}
		return slices.Delete(rules, at, at+1), true
	}
	return rules, false
}
