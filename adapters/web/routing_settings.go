package web

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/routing"
)

func (s *screens) routingRoutes() []route {
	return []route{
		{Pattern: "GET /settings/routing", Right: actor.Settings, Do: s.routingPolicy().show},
		{Pattern: "POST /settings/routing", Right: actor.Settings, Do: s.routingPolicy().change},
		{Pattern: "GET /settings/routing/rules/{key}", Right: actor.Settings, Do: s.editRoute},
		{Pattern: "POST /settings/routing/rules/{key}", Right: actor.Settings, Do: s.saveRoute},
	}
}

const routingPage = "/settings/routing"

// The rules in addresses that are none of the plan's: one that is to be made, and what gets the rest.
const (
	newRoute      = "new"
	fallbackRoute = "fallback"
)

// routingView is the company's list of rules.
type routingView struct {
	policyState

	Rules    []routeLine
	Fallback string
	Trial    *routeTrial
}

type routeLine struct {
	Key, Name, When, Areas, To string
	Off, First, Last           bool
}

// routeTrial is what the plan would have done.
type routeTrial struct {
	Leads, Elsewhere int
	Rules, People    []routeTally
	Rows             []routeTried
}

type routeTally struct {
	Name     string
	N, Share int
}

type routeTried struct {
	matchRow

	Rule, Now string
}

func (s *screens) routingPolicy() policyPage[routing.Plan] {
	return policyPage[routing.Plan]{path: routingPage, keeper: s.module.Routing.Keeper, holds: "policy.published", draw: s.drawRouting, step: routingStep}
}

func (s *screens) drawRouting(v *visit, f *input, doc routing.Document) error {
	names, err := v.names()
	if err != nil {
		return err
	}
	env, err := v.module().Routing.Environment(v.ctx())
	if err != nil {
		return err
	}
	words, err := v.wordsOf(env)
	if err != nil {
		return err
	}
	p := doc.Shown()
	state, err := s.routingPolicy().state(v, doc, names, func(p routing.Plan) []string { return v.sayRouting(p, words, names) })
	if err != nil {
		return err
	}
	d := routingView{policyState: state}
	for i, r := range p.Rules {
		d.Rules = append(d.Rules, routeLine{
			Key: r.Key, Name: r.Name, When: words(r.When, ""), Areas: strings.ReplaceAll(areasText(r.Areas), "\n", ", "), To: v.targetText(r.To, names),
			Off: r.Off, First: i == 0, Last: i == len(p.Rules)-1,
		})
	}
	d.Fallback = v.targetText(p.Fallback, names)
	if v.asked().on("try") {
		if d.Trial, err = v.trialOf(p, names); err != nil {
			return err
		}
	}
	return v.showSetting(f.statusOf(), "settings_routing", routingPage, f, d)
}

// targetText says who gets a lead.
func (v *visit) targetText(t routing.Target, names map[string]string) string {
	switch t.Method {
	case "":
		return v.t("routing.nobody")
	case routing.ToUser:
		return nameIn(names, t.User)
	case routing.ToTeam:
		return v.t("routing.team", t.Team)
	case routing.ToKnown:
		return v.t("routing.to.known")
	case routing.InTurn, routing.ByLoad:
	}
	members := make([]string, len(t.Members))
	alike := len(t.Members) > 1 && t.Members[0].Cap > 0 && !slices.ContainsFunc(t.Members, func(m routing.Member) bool { return m.Cap != t.Members[0].Cap })
	for i, m := range t.Members {
		if members[i] = nameIn(names, m.User); m.Cap > 0 && !alike {
			members[i] += " (" + v.t("routing.cap.short", m.Cap) + ")"
		}
	}
	text := v.t("routing.to."+string(t.Method)) + ": " + strings.Join(members, ", ")
	if alike {
		text += " (" + v.t("routing.cap.each", t.Members[0].Cap) + ")"
	}
	return text
}

func (v *visit) trialOf(p routing.Plan, names map[string]string) (*routeTrial, error) {
	t, err := v.module().Routing.Try(v.ctx(), p)
	if err != nil {
		return nil, err
	}
	out := &routeTrial{Leads: t.Leads, Elsewhere: t.Elsewhere}
	tally := func(name string, n int) routeTally {
		share := 0
		if t.Leads > 0 {
			share = (200*n + t.Leads) / (2 * t.Leads)
		}
		return routeTally{name, n, share}
	}
	for i, r := range t.Rules {
		name := r.Name
		if i == len(t.Rules)-1 {
			name = v.t("rhythm.fallback")
		}
		out.Rules = append(out.Rules, tally(name, r.N))
	}
	for _, r := range t.People {
		out.People = append(out.People, tally(firstText(nameIn(names, r.Name), v.t("owner.none")), r.N))
	}
	for _, r := range t.Rows[:min(len(t.Rows), 50)] {
		row := routeTried{matchRow: matchRow{ID: r.Lead, Name: r.Name, At: r.ArrivedAt, Owner: firstText(nameIn(names, r.Decision.User), r.Decision.Team)}, Rule: r.Decision.RuleName, Now: nameIn(names, r.Owner)}
		if row.Rule == "" && row.Owner != "" {
			row.Rule = v.t("rhythm.fallback")
		}
		out.Rows = append(out.Rows, row)
	}
	return out, nil
}

// routingStep changes the list: a rule by its key goes up, down, off, on or away, or one that was taken away comes back.
func routingStep(v *visit, f *input, p *routing.Plan, said *toast) (ok bool) {
	verb, which, _ := strings.Cut(f.text("do"), ":")
	if verb == "put" {
		p.Rules, ok = routes.step(v, p.Rules, f.text("do"), said)
		return ok
	}
	at := slices.IndexFunc(p.Rules, func(r routing.Rule) bool { return r.Key == which })
	if at >= 0 && (verb == "off" || verb == "on") {
		p.Rules[at].Off = verb == "off"
		return true
	}
	p.Rules, ok = routes.step(v, p.Rules, verb+":"+strconv.Itoa(at), said)
	return ok
}

// routes are the rules of the page; the first that fits holds.
var routes = ruleList[routing.Rule]{page: routingPage, ordered: true, name: func(r routing.Rule) string { return r.Name }}

// routeEditor is the page of one rule, or of what gets the rest.
type routeEditor struct {
	conditionForm

	Action   string
	Fallback bool
	Methods  []option
	Users    []option
	Teams    []string
	Members  []memberLine
	Look     matchLook
}

// memberLine is a colleague who may share leads.
type memberLine struct {
	User, Name string
	On         bool
	Cap        string
	Faults     []string
}

// CapField is the name of the field of his monthly share.
func (m memberLine) CapField() string { return "cap." + m.User }

// routeAt finds the rule that an address names, and its place; -1 for a new one and for the fallback.
func (v *visit) routeAt(p routing.Plan) (routing.Rule, int, error) {
	switch which := v.r.PathValue("key"); which {
	case newRoute:
		return routing.Rule{To: routing.Target{Method: routing.InTurn}}, -1, nil
	case fallbackRoute:
		return routing.Rule{Name: v.t("routing.fallback"), To: p.Fallback}, -1, nil
	default:
		at := slices.IndexFunc(p.Rules, func(r routing.Rule) bool { return r.Key == which })
		if at < 0 {
			return routing.Rule{}, -1, errNoPage
		}
		return p.Rules[at], at, nil
	}
}

func (s *screens) editRoute(v *visit) error {
	doc, err := v.module().Routing.Plan(v.ctx())
	if err != nil {
		return err
	}
	one, _, err := v.routeAt(doc.Shown())
	if err != nil {
		return err
	}
	env, err := v.module().Routing.Environment(v.ctx())
	if err != nil {
		return err
	}
	f := v.blank("version", formatVersion(doc.Version), "name", one.Name, "areas", areasText(one.Areas), "method", string(one.To.Method), "user", one.To.User, "team", one.To.Team)
	if one.Off {
		f.Values.Set("off", "on")
	}
	for _, m := range one.To.Members {
		f.Values.Add("member", m.User)
		if m.Cap > 0 {
			f.Values.Set("cap."+m.User, strconv.Itoa(m.Cap))
		}
	}
	return s.drawRoute(v, routeEditor{conditionForm: v.conditionOf(env, f, one.When, "")})
}

func (s *screens) drawRoute(v *visit, e routeEditor) error {
	env, err := v.module().Routing.Environment(v.ctx())
	if err != nil {
		return err
	}
	if err := v.dressCondition(env, &e.conditionForm); err != nil {
		return err
	}
	if v.part() && v.target() == rulesTarget {
		return v.fill(http.StatusOK, "settings_route", "rules", e)
	}
	f := e.Form
	e.Action, e.Fallback = v.link(routingPage+"/rules", v.r.PathValue("key")), v.r.PathValue("key") == fallbackRoute
	methods := []string{string(routing.InTurn), string(routing.ByLoad), string(routing.ToUser), string(routing.ToTeam), string(routing.ToKnown)}
	if e.Fallback {
		methods = append([]string{""}, methods...)
	}
	e.Methods = v.options("routing.to.", f.Get("method"), methods...)
	if err := v.routePeople(&e); err != nil {
		return err
	}
	title := firstText(f.text("name"), v.t("routing.rule.new"))
	return v.show(f.statusOf(), "settings_route", head{Title: title, Section: "settings", Wide: true, Crumbs: []crumb{{v.t("settings.routing"), v.link(routingPage)}}}, e)
}

// routePeople are those who can get leads; who left the host stays visible in the rules that name him.
func (v *visit) routePeople(e *routeEditor) error {
	users, err := v.colleagues()
	if err != nil {
		return err
	}
	f := e.Form
	chosen := f.Values["member"]
	for _, u := range users {
		e.Users = append(e.Users, option{Value: u.ID, Label: u.Name, On: u.ID == f.Get("user")})
		e.Members = append(e.Members, memberLine{User: u.ID, Name: u.Name, On: slices.Contains(chosen, u.ID)})
		for _, team := range u.Teams {
			if !slices.Contains(e.Teams, team) {
				e.Teams = append(e.Teams, team)
			}
		}
	}
	for _, id := range append(slices.Clone(chosen), f.Get("user")) {
		if id != "" && !slices.ContainsFunc(e.Members, func(m memberLine) bool { return m.User == id }) {
			e.Members = append(e.Members, memberLine{User: id, Name: id, On: slices.Contains(chosen, id)})
			e.Users = append(e.Users, option{Value: id, Label: id})
		}
	}
	for i := range e.Members {
		m := &e.Members[i]
		m.Cap, m.Faults = f.Get(m.CapField()), f.Faults[m.CapField()]
	}
	return nil
}

// routePosted is the rule as the form says it, with what cannot be read put at its field.
func (v *visit) routePosted(f *input) routing.Rule {
	one := routing.Rule{Name: f.text("name"), Off: f.on("off"), To: routing.Target{Method: routing.Method(f.Get("method")), User: f.Get("user"), Team: f.text("team")}}
	areas, bad := areasOf(f.Get("areas"))
	if bad != "" {
		f.wrong("areas", "routing.areas.bad", bad)
	}
	one.Areas = areas
	for _, id := range f.Values["member"] {
		m := routing.Member{User: id}
		if text := f.text("cap." + id); text != "" {
			n, err := strconv.Atoi(text)
			if err != nil || n < 0 {
				f.wrong("cap."+id, "fault.number")
			}
			m.Cap = n
		}
		one.To.Members = append(one.To.Members, m)
	}
	return one
}

// saveRoute takes the form of a rule: a step of its condition, a look at past leads, or the end.
func (s *screens) saveRoute(v *visit) error {
	doc, err := v.module().Routing.Plan(v.ctx())
	if err != nil {
		return err
	}
	p := doc.Shown()
	was, at, err := v.routeAt(p)
	if err != nil {
		return err
	}
	env, err := v.module().Routing.Environment(v.ctx())
	if err != nil {
		return err
	}
	f := v.posted()
	e := routeEditor{conditionForm: postedCondition(f, "")}
	taken := v.takeCondition(env, &e.conditionForm)
	if taken.Step == stepDraw {
		return s.drawRoute(v, e)
	}
	one := v.routePosted(f)
	one.Key, one.When = was.Key, taken.Text
	if taken.Step == stepLook {
		e.Look = v.lookAtLeads(e.conditionForm, routing.Rule{When: one.When, Areas: one.Areas}, taken.Good)
		if v.part() {
			return v.fill(http.StatusOK, "settings_route", "look", e)
		}
		return s.drawRoute(v, e)
	}
	if f.bad() {
		return s.drawRoute(v, e)
	}
	p.Rules = slices.Clone(p.Rules)
	prefix := "fallback"
	switch {
	case v.r.PathValue("key") == fallbackRoute:
		p.Fallback = one.To
	case at < 0:
		prefix = fmt.Sprintf("rules[%d]", len(p.Rules))
		p.Rules = append(p.Rules, one)
	default:
		prefix = fmt.Sprintf("rules[%d]", at)
		p.Rules[at] = one
	}
	done, err := s.routingPolicy().put(v, f, doc, p, prefix, map[string]string{"to.user": "user", "to.team": "team", "to.members": "members", "user": "user", "team": "team", "areas": "areas"})
	if done || err != nil {
		return err
	}
	return s.drawRoute(v, e)
}

// inForm names the fields of the form for faults of one part of a document, by the path of the part and the names of
// its fields.
func inForm(err error, prefix string, fields map[string]string) error {
	found := fault.Of(err)
	if len(found) == 0 {
		return err
	}
	out := make(fault.List, len(found))
	for i, one := range found {
		if path, ok := strings.CutPrefix(one.Path, prefix+"."); ok {
			name, _, _ := strings.Cut(path, "[")
			one.Path = firstText(fields[name], name)
		}
		out[i] = one
	}
	return out.Err("it cannot be saved")
}

// areasText writes areas as people type them, one a line: "HU 1000-1999", "AT".
func areasText(areas []routing.Area) string {
	lines := make([]string, len(areas))
	for i, a := range areas {
		lines[i] = a.Country
		if a.From != "" {
			lines[i] += " " + a.From
		}
		if a.To != a.From {
			lines[i] += "-" + a.To
		}
	}
	return strings.Join(lines, "\n")
}

// areasOf reads them back; bad is the first line that is none.
func areasOf(text string) (areas []routing.Area, bad string) {
	for _, line := range strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == ',' || r == ';' }) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		country, codes, _ := strings.Cut(line, " ")
		from, to, _ := strings.Cut(strings.ReplaceAll(codes, "–", "-"), "-")
		a := routing.Area{Country: strings.ToUpper(country), From: strings.TrimSpace(from), To: strings.TrimSpace(to)}
		if len(a.Country) != 2 || len(a.From) > 20 || len(a.To) > 20 {
			return nil, line
		}
		areas = append(areas, a)
	}
	return areas, ""
}
