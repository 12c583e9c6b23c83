package scoring

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/leadrule"
	"github.com/crmplus/crmplus/crm/rule"
)

// Model is how a company scores its leads.
type Model struct {
	Groups []Group `json:"groups"`
	Rules  []Rule  `json:"rules"`
	// Bands are what scores mean, in rising order.
	Bands []Band `json:"bands"`
}

// Group holds rules together that measure the same.
type Group struct {
	// Key names the group for its rules.
	Key  string `json:"key"`
	Name string `json:"name"`
	// Cap is the most points the group gives, 0 for no limit. Points that are taken away are not capped.
	Cap int `json:"cap,omitempty"`
}

// Rule gives points.
type Rule struct {
	Name string `json:"name"`
	// Group is the key of a group, "" for none.
	Group string `json:"group,omitempty"`
	// When is a condition about the lead, "" for every lead.
	When string `json:"when,omitempty"`
	// List makes it a rule about each row of a list of package leadrule's environment: "touches". Where is the condition
	// on a row, with its fields written as .channel, "" for every row.
	List  string `json:"list,omitempty"`
	Where string `json:"where,omitempty"`
	// Points are given once, or for each row; they may be negative.
	Points int `json:"points"`
	// HalfLife and Expire are in days: by how many the points of a row have become half, after how many they are gone; 0
	// for never.
	HalfLife int `json:"half_life,omitempty"`
	Expire   int `json:"expire,omitempty"`
	// Most is how many rows count, the latest ones, 0 for all.
	Most int `json:"most,omitempty"`
}

// Band is a range of scores that begins at From and ends where the next one begins.
type Band struct {
	From int    `json:"from"`
	Name string `json:"name"`
	// Action is what to do next, in words.
	Action string `json:"action,omitempty"`
}

// The bounds of a model.
const (
	MaxRules  = 100
	MaxGroups = 30
	MaxBands  = 10
	maxPoints = 10_000
	maxDays   = 3660
	maxName   = 120
	maxBand   = 60
)

// moments is the field of each list that says when a row happened.
func moments(env *rule.Environment) map[string]string {
	out := map[string]string{}
	for _, l := range env.Lists() {
		for _, f := range l.Fields {
			if f.Kind == rule.Moment && (out[l.Name] == "" || f.Name == "at") {
				out[l.Name] = f.Name
			}
		}
	}
	return out
}

// check names everything that is wrong with the model and brings it into its one form.
func (m *Model) check(env *rule.Environment, author actor.Actor) fault.List {
	var faults fault.List
	for _, limit := range []struct {
		path    string
		n, most int
	}{{"rules", len(m.Rules), MaxRules}, {"groups", len(m.Groups), MaxGroups}, {"bands", len(m.Bands), MaxBands}} {
		if limit.n > limit.most {
			faults.Add(limit.path, "list.length", "are %d, at most %d are kept", limit.n, limit.most)
		}
	}
	if len(faults) > 0 {
		return faults
	}
	groups := map[string]bool{"": true}
	for i := range m.Groups {
		g, at := &m.Groups[i], fmt.Sprintf("groups[%d]", i)
		g.Key, g.Name = strings.TrimSpace(g.Key), strings.TrimSpace(g.Name)
		faults.Required(at+".key", g.Key)
		checkName(&faults, at+".name", g.Name, maxName)
		if groups[g.Key] && g.Key != "" || len(g.Key) > 40 {
			faults.Add(at+".key", "duplicate", "%.40q comes twice, or is too long", g.Key)
		}
		groups[g.Key] = true
		checkRange(&faults, at+".cap", g.Cap, 0, maxPoints)
	}
	at := moments(env)
	for i := range m.Rules {
		m.Rules[i].check(&faults, fmt.Sprintf("rules[%d]", i), surroundings{env, author, groups, at})
	}
	for i := range m.Bands {
		b, at := &m.Bands[i], fmt.Sprintf("bands[%d]", i)
		b.Name, b.Action = strings.TrimSpace(b.Name), strings.TrimSpace(b.Action)
		checkName(&faults, at+".name", b.Name, maxBand)
		if utf8.RuneCountInString(b.Action) > maxName {
			faults.Add(at+".action", "text.length", "is longer than %d characters; shorten it", maxName)
		}
		checkRange(&faults, at+".from", b.From, -1_000_000, 1_000_000)
		if slices.ContainsFunc(m.Bands[:i], func(o Band) bool { return o.From == b.From }) {
			faults.Add(at+".from", "duplicate", "%d begins two bands; change one of them", b.From)
		}
	}
	slices.SortFunc(m.Bands, func(a, b Band) int { return cmp.Compare(a.From, b.From) })
	return faults
}

type surroundings struct {
	env     *rule.Environment
	author  actor.Actor
	groups  map[string]bool
	moments map[string]string
}

func (r *Rule) check(faults *fault.List, at string, in surroundings) {
	r.Name, r.When, r.Where, r.List = strings.TrimSpace(r.Name), strings.TrimSpace(r.When), strings.TrimSpace(r.Where), strings.TrimSpace(r.List)
	checkName(faults, at+".name", r.Name, maxName)
	if !in.groups[r.Group] {
		faults.Add(at+".group", "choice", "%.40q is no group of this model; add it, or leave it empty", r.Group)
	}
	if r.When != "" {
		c, err := leadrule.Parse(in.env, in.author, r.When)
		faults.Merge("", leadrule.Refused(at+".when", err))
		if err == nil {
			r.When = c.String()
		}
	}
	if r.Points == 0 || r.Points < -maxPoints || r.Points > maxPoints {
		faults.Add(at+".points", "range", "are %d; give from -%d to %d, but not 0", r.Points, maxPoints, maxPoints)
	}
	if r.List == "" {
		if r.Where != "" || r.HalfLife != 0 || r.Expire != 0 || r.Most != 0 {
			faults.Add(at+".list", "required", "is missing; only what was done at some time fades, expires and is counted")
		}
		return
	}
	if in.moments[r.List] == "" {
		faults.Add(at+".list", "choice", "%.40q is no list with times; choose another one", r.List)
		return
	}
	if r.Where != "" {
		_, err := leadrule.Parse(in.env, in.author, each(r.List, r.Where))
		faults.Merge("", leadrule.Refused(at+".where", err))
	}
	checkRange(faults, at+".half_life", r.HalfLife, 0, maxDays)
	checkRange(faults, at+".expire", r.Expire, 0, maxDays)
	checkRange(faults, at+".most", r.Most, 0, 1000)
}

// each is the condition that a list has a row of a kind.
func each(list, where string) string { return "any(" + list + ", " + where + ")" }

func checkName(faults *fault.List, at, name string, most int) {
	faults.Required(at, name)
	if n := utf8.RuneCountInString(name); n > most {
		faults.Add(at, "text.length", "is %d characters long, at most %d fit; shorten it", n, most)
	}
}

func checkRange(faults *fault.List, at string, n, low, high int) {
	if n < low || n > high {
		faults.Add(at, "range", "is %d; give from %d to %d", n, low, high)
	}
}

// Band is the band that a score lies in; the zero Band below the first one.
func (m Model) Band(score int) Band {
	var in Band
	for _, b := range m.Bands {
		if score >= b.From {
			in = b
		}
	}
	return in
}
