package web

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/routing"
	"github.com/crmplus/crmplus/crm/rule"
	"github.com/crmplus/crmplus/crm/scoring"
)

func (s *screens) scoringRoutes() []route {
	return []route{
		{Pattern: "GET /settings/scoring", Right: actor.Settings, Do: s.scoringPolicy().show},
		{Pattern: "POST /settings/scoring", Right: actor.Settings, Do: s.scoringPolicy().change},
		{Pattern: "GET /settings/scoring/rules/{index}", Right: actor.Settings, Do: s.editScoreRule},
		{Pattern: "POST /settings/scoring/rules/{index}", Right: actor.Settings, Do: s.saveScoreRule},
	}
}

const scoringPage = "/settings/scoring"

// scoringView is how a company scores its leads.
type scoringView struct {
	policyState

	Rules []scoreLine
	// Groups and Bands are as many lines as the form has, the last ones empty.
	Groups     []scoreGroup
	Bands      []int
	Comparison *scoreComparison
}

type scoreLine struct {
	Index                      int
	Name, Group, Points, About string
	When, Fades                string
}

type scoreGroup struct {
	Index int
	Key   string
}

// scoreComparison holds the model against what became of past leads, beside the one that holds.
type scoreComparison struct {
	Leads, Won int
	Bands      []scoreShare
	Now        []scoreShare
}

type scoreShare struct {
	Name, From                 string
	Leads, Won, Percent, OfWon int
}

func (s *screens) scoringPolicy() policyPage[scoring.Model] {
	return policyPage[scoring.Model]{path: scoringPage, keeper: s.module.Scores.Keeper, holds: "scoring.published", form: scoringForm, draw: s.drawScoring, step: scoringStep}
}

func scoringForm(v *visit, m scoring.Model) *input {
	f := v.blank()
	for i, g := range m.Groups {
		f.Values.Set(fmt.Sprintf("groups[%d].key", i), g.Key)
		f.Values.Set(fmt.Sprintf("groups[%d].name", i), g.Name)
		if g.Cap > 0 {
			f.Values.Set(fmt.Sprintf("groups[%d].cap", i), strconv.Itoa(g.Cap))
		}
	}
	for i, b := range m.Bands {
		f.Values.Set(fmt.Sprintf("bands[%d].name", i), b.Name)
		f.Values.Set(fmt.Sprintf("bands[%d].from", i), strconv.Itoa(b.From))
		f.Values.Set(fmt.Sprintf("bands[%d].action", i), b.Action)
	}
	return f
}

func (s *screens) drawScoring(v *visit, f *input, doc scoring.Document) error {
	names, err := v.names()
	if err != nil {
		return err
	}
	m := doc.Shown()
	var unsaid error
	state, err := s.scoringPolicy().state(v, doc, names, func(m scoring.Model) []string {
		lines, failed := v.sayScoring(m)
		unsaid = errors.Join(unsaid, failed)
		return lines
	})
	if err = errors.Join(err, unsaid); err != nil {
		return err
	}
	d := scoringView{policyState: state}
	if d.Rules, err = v.scoreLines(m); err != nil {
		return err
	}
	for i := range min(len(m.Groups)+2, scoring.MaxGroups) {
		d.Groups = append(d.Groups, scoreGroup{i, f.Get(fmt.Sprintf("groups[%d].key", i))})
	}
	for i := range min(len(m.Bands)+2, scoring.MaxBands) {
		d.Bands = append(d.Bands, i)
	}
	if v.asked().on("try") {
		if d.Comparison, err = v.compareScores(doc, m); err != nil {
			return err
		}
	}
	return v.showSetting(f.statusOf(), "settings_scoring", scoringPage, f, d)
}

func (v *visit) scoreLines(m scoring.Model) ([]scoreLine, error) {
	env, err := v.module().Scores.Environment(v.ctx())
	if err != nil {
		return nil, err
	}
	words, err := v.wordsOf(env)
	if err != nil {
		return nil, err
	}
	groups := map[string]string{}
	for _, g := range m.Groups {
		groups[g.Key] = g.Name
	}
	var out []scoreLine
	for i, r := range m.Rules {
		line := scoreLine{Index: i, Name: r.Name, Group: groups[r.Group], Points: v.points(int64(r.Points) * 100), When: words(r.When, "")}
		if r.List != "" {
			line.About = v.t("scoring.each", v.listName(env, r.List))
			if where := words(r.Where, r.List); where != "" {
				line.About += ": " + where
			}
		}
		var fades []string
		for _, one := range []struct {
			key string
			n   int
		}{{"scoring.halves", r.HalfLife}, {"scoring.expires", r.Expire}, {"scoring.most.short", r.Most}} {
			if one.n > 0 {
				fades = append(fades, v.t(one.key, one.n))
			}
		}
		line.Fades = strings.Join(fades, "; ")
		out = append(out, line)
	}
	return out, nil
}

func (v *visit) listName(env *rule.Environment, name string) string {
	for _, l := range env.Lists() {
		if l.Name == name {
			return v.ruleListName(l)
		}
	}
	return name
}

func (v *visit) compareScores(doc scoring.Document, m scoring.Model) (*scoreComparison, error) {
	got, err := v.module().Scores.Compare(v.ctx(), m)
	if err != nil {
		return nil, err
	}
	out := &scoreComparison{Leads: got.Leads, Won: got.Won, Bands: v.scoreShares(got)}
	if doc.Published && doc.Draft != nil {
		now, err := v.module().Scores.Compare(v.ctx(), doc.Plan)
		if err != nil {
			return nil, err
		}
		out.Now = v.scoreShares(now)
	}
	return out, nil
}

func (v *visit) scoreShares(c scoring.Comparison) []scoreShare {
	var out []scoreShare
	for _, b := range slices.Backward(c.Bands) {
		share := scoreShare{Name: b.Band.Name, From: strconv.Itoa(b.Band.From), Leads: b.Leads, Won: b.Won, Percent: b.Percent(), OfWon: c.OfWon(b)}
		if b.Lowest {
			share.Name, share.From = v.t("scoring.below"), ""
		}
		out = append(out, share)
	}
	return out
}

// scoringStep changes the groups and bands of the model, or takes a rule away or back.
func scoringStep(v *visit, f *input, m *scoring.Model, said *toast) (ok bool) {
	if f.text("do") == "frame" {
		m.Groups, m.Bands = framePosted(f)
		return true
	}
	m.Rules, ok = scoreRules.step(v, m.Rules, f.text("do"), said)
	return ok
}

// scoreRules are the rules of the page.
var scoreRules = ruleList[scoring.Rule]{page: scoringPage, name: func(r scoring.Rule) string { return r.Name }}

// framePosted are the groups and bands as the form says them; a line without a name is left out.
func framePosted(f *input) (groups []scoring.Group, bands []scoring.Band) {
	number := func(name string) int {
		text := f.text(name)
		n, err := strconv.Atoi(text)
		if err != nil && text != "" {
			f.wrong(name, "fault.number")
		}
		return n
	}
	for i := range scoring.MaxGroups {
		at := fmt.Sprintf("groups[%d].", i)
		if name := f.text(at + "name"); name != "" {
			g := scoring.Group{Key: f.text(at + "key"), Name: name, Cap: number(at + "cap")}
			if g.Key == "" {
				g.Key = freeKey(groups)
			}
			groups = append(groups, g)
		}
	}
	for i := range scoring.MaxBands {
		at := fmt.Sprintf("bands[%d].", i)
		if name := f.text(at + "name"); name != "" {
			bands = append(bands, scoring.Band{From: number(at + "from"), Name: name, Action: f.text(at + "action")})
		}
	}
	return groups, bands
}

// freeKey is one that no group has.
func freeKey(groups []scoring.Group) string {
	for n := len(groups) + 1; ; n++ {
		key := "g" + strconv.Itoa(n)
		if !slices.ContainsFunc(groups, func(g scoring.Group) bool { return g.Key == key }) {
			return key
		}
	}
}

// scoreEditor is the page of one rule of the model.
type scoreEditor struct {
	conditionForm

	Action string
	About  []option
	Groups []option
	Look   matchLook
}

// newScoreRule is what the form of a new rule begins with.
var newScoreRule = scoring.Rule{Points: 10}

func (s *screens) editScoreRule(v *visit) error {
	doc, err := v.module().Scores.Plan(v.ctx())
	if err != nil {
		return err
	}
	one, _, err := partAt(v, doc.Shown().Rules, newScoreRule)
	if err != nil {
		return err
	}
	env, err := v.module().Scores.Environment(v.ctx())
	if err != nil {
		return err
	}
	f := v.blank("version", formatVersion(doc.Version), "was", one.Name, "name", one.Name, "points", strconv.Itoa(one.Points), "group", one.Group, "about", one.List, "when", "",
		"half_life", countOf(one.HalfLife), "expire", countOf(one.Expire), "most", countOf(one.Most))
	condition := one.When
	if one.List != "" {
		f.Values.Set("when", one.When)
		condition = one.Where
	}
	return s.drawScoreRule(v, scoreEditor{conditionForm: v.conditionOf(env, f, condition, one.List)}, doc.Shown())
}

// countOf is a number in a field, empty for none.
func countOf(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func (s *screens) drawScoreRule(v *visit, e scoreEditor, m scoring.Model) error {
	env, err := v.module().Scores.Environment(v.ctx())
	if err != nil {
		return err
	}
	if err := v.dressCondition(env, &e.conditionForm); err != nil {
		return err
	}
	if v.part() && v.target() == rulesTarget {
		return v.fill(http.StatusOK, "settings_score", "rules", e)
	}
	f := e.Form
	e.Action = v.link(scoringPage+"/rules", v.r.PathValue("index"))
	e.About = []option{{Label: v.t("scoring.about.lead"), On: e.List == ""}}
	for _, l := range env.Lists() {
		if slices.ContainsFunc(l.Fields, func(f rule.Field) bool { return f.Kind == rule.Moment }) {
			e.About = append(e.About, option{Value: l.Name, Label: v.t("scoring.each", v.ruleListName(l)), On: l.Name == e.List})
		}
	}
	e.Groups = []option{{Label: v.t("scoring.group.none")}}
	for _, g := range m.Groups {
		e.Groups = append(e.Groups, option{Value: g.Key, Label: g.Name, On: g.Key == f.Get("group")})
	}
	title := firstText(f.text("name"), v.t("scoring.rule.new"))
	return v.show(f.statusOf(), "settings_score", head{Title: title, Section: "settings", Wide: true, Crumbs: []crumb{{v.t("settings.scoring"), v.link(scoringPage)}}}, e)
}

// scorePosted is the rule as the form says it but for its condition, with what cannot be read put at its field.
func scorePosted(f *input) scoring.Rule {
	one := scoring.Rule{Name: f.text("name"), Group: f.Get("group"), List: f.text("about"), When: f.text("when")}
	for name, into := range map[string]*int{"points": &one.Points, "half_life": &one.HalfLife, "expire": &one.Expire, "most": &one.Most} {
		text := strings.ReplaceAll(f.text(name), "−", "-")
		n, err := strconv.Atoi(text)
		if err != nil && text != "" {
			f.wrong(name, "fault.number")
		}
		*into = n
	}
	if one.List == "" {
		one.HalfLife, one.Expire, one.Most = 0, 0, 0
	}
	return one
}

// saveScoreRule takes the form of a rule: a step of its condition, a look at past leads, or the end.
func (s *screens) saveScoreRule(v *visit) error {
	doc, err := v.module().Scores.Plan(v.ctx())
	if err != nil {
		return err
	}
	m := doc.Shown()
	was, at, err := partAt(v, m.Rules, newScoreRule)
	if err != nil {
		return err
	}
	env, err := v.module().Scores.Environment(v.ctx())
	if err != nil {
		return err
	}
	f := v.posted()
	e := scoreEditor{conditionForm: postedCondition(f, f.text("about"))}
	taken := v.takeCondition(env, &e.conditionForm)
	if taken.Step == stepDraw {
		return s.drawScoreRule(v, e, m)
	}
	one := scorePosted(f)
	asked := routing.Rule{When: taken.Text}
	if one.List == "" {
		one.When = taken.Text
	} else {
		one.Where = taken.Text
		asked.When = "any(" + one.List + ", " + firstText(one.Where, "true") + ")"
		if one.When != "" {
			asked.When = "(" + one.When + ") and " + asked.When
		}
	}
	if taken.Step == stepLook {
		e.Look = v.lookAtLeads(e.conditionForm, asked, taken.Good)
		if v.part() {
			return v.fill(http.StatusOK, "settings_score", "look", e)
		}
		return s.drawScoreRule(v, e, m)
	}
	if was.Name != f.Get("was") { // the list has changed, and this is another rule
		f.Faults[""] = append(f.Faults[""], v.t("error.conflict.do"))
	}
	if f.bad() {
		return s.drawScoreRule(v, e, m)
	}
	m.Rules = withPart(m.Rules, at, one)
	done, err := s.scoringPolicy().put(v, f, doc, m, fmt.Sprintf("rules[%d]", at), map[string]string{"list": "about"})
	if done || err != nil {
		return err
	}
	return s.drawScoreRule(v, e, m)
}
