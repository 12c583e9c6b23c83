package web

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/leadrule"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/reports/commission"
)

const commissionSettings = "/settings/commission"

// commissionPlan is how a company pays for sales.
type commissionPlan struct {
	policyState

	Earned []option
	Rules  []commissionRuleLine
	Trial  *commissionTrial
}

type commissionRuleLine struct {
	Index                                int
	Name, When, Where, Rate, Steps, Base string
}

// commissionTrial is what a plan would have paid in the last months.
type commissionTrial struct {
	What, Total, Now string
	Held             bool
	Sellers          []commissionTried
	Rules            []commissionTried
	Notes            []string
}

type commissionTried struct {
	Name, Amount, Now string
	Lines             int
}

func (s *screens) commissionPolicy() policyPage[commission.Plan] {
	return policyPage[commission.Plan]{path: commissionSettings, keeper: s.module.Commissions.Keeper, holds: "commission.published", form: commissionForm, draw: s.drawCommissionPlan, step: commissionStep}
}

func commissionForm(v *visit, p commission.Plan) *input {
	f := v.blank("earned", string(p.Earned))
	if !p.Starts.IsZero() {
		f.Values.Set("starts", p.Starts.String())
	}
	return f
}

func (s *screens) drawCommissionPlan(v *visit, f *input, doc commission.Document) error {
	names, err := v.names()
	if err != nil {
		return err
	}
	env, err := v.module().Commissions.Environment(v.ctx())
	if err != nil {
		return err
	}
	words, err := v.wordsOf(env)
	if err != nil {
		return err
	}
	p := doc.Shown()
	state, err := s.commissionPolicy().state(v, doc, names, func(p commission.Plan) []string { return v.sayCommission(p, words) })
	if err != nil {
		return err
	}
	d := commissionPlan{policyState: state, Earned: v.options("commission.earned.", f.text("earned"), "won", "invoiced", "paid")}
	d.Rules = v.commissionLines(p, words)
	if v.asked().on("try") && len(p.Rules) > 0 && v.may(actor.CommissionRead) {
		if d.Trial, err = v.tryCommissions(p, names); err != nil {
			return err
		}
	}
	return v.showSetting(f.statusOf(), "settings_commission", commissionSettings, f, d)
}

// commissionLines are the rules of a plan as rows.
func (v *visit) commissionLines(p commission.Plan, words func(condition, list string) string) []commissionRuleLine {
	var out []commissionRuleLine
	lang := v.Locale.Language
	for i, r := range p.Rules {
		line := commissionRuleLine{Index: i, Name: r.Name, When: words(r.When, ""), Where: words(r.Where, leadrule.Lines), Rate: lang.Percent(r.Rate), Base: v.t("commission.of." + string(r.Base))}
		var steps []string
		for _, one := range r.Steps {
			steps = append(steps, v.t("commission.step", lang.Percent(one.From), lang.Percent(one.Rate)))
		}
		if r.Cap.IsPositive() {
			steps = append(steps, v.t("commission.cap.is", lang.Money(r.Cap, v.Locale.Currency)))
		}
		line.Steps = strings.Join(steps, "; ")
		out = append(out, line)
	}
	return out
}

// tryCommissions holds a plan against the last six whole months.
func (v *visit) tryCommissions(p commission.Plan, names map[string]string) (*commissionTrial, error) {
	today, err := v.module().KPIs.Today(v.ctx())
	if err != nil {
		return nil, err
	}
	to := civil.Date{Year: today.Year, Month: today.Month, Day: 1}.AddDays(-1)
	from := to
	for range 5 {
		from = civil.Date{Year: from.Year, Month: from.Month, Day: 1}.AddDays(-1)
	}
	got, err := v.module().Commissions.Try(v.ctx(), p, commission.Period{From: from, To: to})
	lang := v.Locale.Language
	if err != nil {
		f := v.blank()
		if err := v.refuse(f, err); err != nil {
			return nil, err
		}
		return &commissionTrial{Notes: f.General()}, nil
	}
	sum := func(a money.Amount) string { return lang.Money(a, got.Currency) }
	out := &commissionTrial{What: v.t("commission.trial.what", monthNumber(lang, from), monthNumber(lang, to), got.Deals), Total: sum(got.Total), Now: sum(got.Now), Held: got.Held}
	for _, one := range got.Sellers {
		out.Sellers = append(out.Sellers, commissionTried{Name: nameIn(names, one.Seller), Amount: sum(one.Amount), Now: sum(one.Now)})
	}
	for _, one := range got.Rules {
		out.Rules = append(out.Rules, commissionTried{Name: one.Rule, Amount: sum(one.Amount), Lines: one.Lines})
	}
	if got.Uncosted > 0 {
		out.Notes = append(out.Notes, v.t("commission.uncosted", got.Uncosted))
	}
	if got.Unruled > 0 {
		out.Notes = append(out.Notes, v.t("commission.unruled", got.Unruled))
	}
	return out, nil
}

// commissionStep changes what the plan says of all rules, or takes a rule away or back.
func commissionStep(v *visit, f *input, p *commission.Plan, said *toast) (ok bool) {
	if f.text("do") == "frame" {
		p.Starts, p.Earned = f.day("starts"), commission.Earned(f.text("earned"))
		return true
	}
	p.Rules, ok = commissionRules.step(v, p.Rules, f.text("do"), said)
	return ok
}

// commissionRules are the rules of the page; the first that fits holds.
var commissionRules = ruleList[commission.Rule]{page: commissionSettings, ordered: true, name: func(r commission.Rule) string { return r.Name }}

// commissionRuleEditor is the page of one rule.
type commissionRuleEditor struct {
	conditionForm

	Action       string
	About, Bases []option
	// Steps are as many lines as the form has.
	Steps []int
}

// newCommissionRule is what the form of a new rule begins with.
var newCommissionRule = commission.Rule{Base: commission.Revenue}

func (s *screens) editCommissionRule(v *visit) error {
	doc, err := v.module().Commissions.Plan(v.ctx())
	if err != nil {
		return err
	}
	one, _, err := partAt(v, doc.Shown().Rules, newCommissionRule)
	if err != nil {
		return err
	}
	env, err := v.module().Commissions.Environment(v.ctx())
	if err != nil {
		return err
	}
	lang := v.Locale.Language
	f := v.blank("version", formatVersion(doc.Version), "was", one.Name, "name", one.Name, "base", string(one.Base), "about", leadrule.Lines, "other", one.When)
	if one.Name != "" {
		f.Values.Set("rate", lang.Quantity(one.Rate.Decimal))
	}
	if one.Cap.IsPositive() {
		f.Values.Set("cap", lang.Quantity(one.Cap.Decimal))
	}
	for i, step := range one.Steps {
		f.Values.Set(fmt.Sprintf("steps[%d].from", i), lang.Quantity(step.From.Decimal))
		f.Values.Set(fmt.Sprintf("steps[%d].rate", i), lang.Quantity(step.Rate.Decimal))
	}
	about, condition := leadrule.Lines, one.Where
	if one.Where == "" && one.When != "" {
		about, condition = "", one.When
		f.Values.Set("about", "")
		f.Values.Set("other", "")
	}
	return s.drawCommissionRule(v, commissionRuleEditor{conditionForm: v.conditionOf(env, f, condition, about)})
}

func (s *screens) drawCommissionRule(v *visit, e commissionRuleEditor) error {
	env, err := v.module().Commissions.Environment(v.ctx())
	if err != nil {
		return err
	}
	if err := v.dressCondition(env, &e.conditionForm); err != nil {
		return err
	}
	if v.part() && v.target() == rulesTarget {
		return v.fill(http.StatusOK, "settings_commission_rule", "rules", e)
	}
	f := e.Form
	e.Action = v.link(commissionSettings+"/rules", v.r.PathValue("index"))
	e.About = []option{{Value: leadrule.Lines, Label: v.t("commission.about.lines"), On: e.List != ""}, {Value: "", Label: v.t("commission.about.deal"), On: e.List == ""}}
	e.Bases = v.options("commission.of.", f.text("base"), "revenue", "margin")
	for i := range 4 {
		e.Steps = append(e.Steps, i)
	}
	title := firstText(f.text("name"), v.t("commission.rule.new"))
	return v.show(f.statusOf(), "settings_commission_rule", head{Title: title, Section: "settings", Wide: true, Crumbs: []crumb{{v.t("settings.commission"), v.link(commissionSettings)}}}, e)
}

// commissionPosted is the rule as the form says it but for its condition.
func commissionPosted(f *input) commission.Rule {
	one := commission.Rule{Name: f.text("name"), Base: commission.Base(f.text("base"))}
	if rate := f.percent("rate"); rate != nil {
		one.Rate = *rate
	} else if !f.bad() {
		f.wrong("rate", "fault.required")
	}
	if most := f.amount("cap"); most != nil {
		one.Cap = *most
	}
	for i := range commission.MaxSteps {
		from, rate := f.percent(fmt.Sprintf("steps[%d].from", i)), f.percent(fmt.Sprintf("steps[%d].rate", i))
		if from != nil && rate != nil {
			one.Steps = append(one.Steps, commission.Step{From: *from, Rate: *rate})
		}
	}
	return one
}

// saveCommissionRule takes the form of a rule: a step of its condition, or the end.
func (s *screens) saveCommissionRule(v *visit) error {
	doc, err := v.module().Commissions.Plan(v.ctx())
	if err != nil {
		return err
	}
	p := doc.Shown()
	was, at, err := partAt(v, p.Rules, newCommissionRule)
	if err != nil {
		return err
	}
	env, err := v.module().Commissions.Environment(v.ctx())
	if err != nil {
		return err
	}
	f := v.posted()
	about := f.text("about")
	if about != leadrule.Lines {
		about = ""
	}
	e := commissionRuleEditor{conditionForm: postedCondition(f, about)}
	taken := v.takeCondition(env, &e.conditionForm)
	if taken.Step != stepSave {
		return s.drawCommissionRule(v, e)
	}
	one := commissionPosted(f)
	if about == "" {
		one.When, one.Where = taken.Text, f.text("other")
	} else {
		one.Where, one.When = taken.Text, f.text("other")
	}
	if was.Name != f.Get("was") { // the list has changed, and this is another rule
		f.Faults[""] = append(f.Faults[""], v.t("error.conflict.do"))
	}
	if f.bad() {
		return s.drawCommissionRule(v, e)
	}
	if doc.Version == 0 { // the first rule begins a plan, from this month on
		today, err := v.module().KPIs.Today(v.ctx())
		if err != nil {
			return err
		}
		p.Earned, p.Starts = commission.Won, civil.Date{Year: today.Year, Month: today.Month, Day: 1}
	}
	p.Rules = withPart(p.Rules, at, one)
	done, err := s.commissionPolicy().put(v, f, doc, p, fmt.Sprintf("rules[%d]", at), map[string]string{"when": "other", "where": "other"})
	if done || err != nil {
		return err
	}
	return s.drawCommissionRule(v, e)
}
