package routing

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/leadrule"
	"github.com/crmplus/crmplus/crm/rule"
)

// Method is how a rule finds who gets a lead.
type Method string

// The methods.
const (
	// ToUser gives it to one user; while he is away to his deputy.
	ToUser Method = "user"
	// ToTeam gives it to a team, in which nobody owns it yet.
	ToTeam Method = "team"
	// InTurn gives it to the member who got one longest ago.
	InTurn Method = "turn"
	// ByLoad gives it to the member with the fewest open leads of the last ninety days.
	ByLoad Method = "load"
	// ToKnown gives it to whoever looks after the person or company already.
	ToKnown Method = "known"
)

// Methods are all methods.
var Methods = []Method{ToUser, ToTeam, InTurn, ByLoad, ToKnown}

// Plan is a company's list of rules.
type Plan struct {
	// Rules are asked in their order.
	Rules []Rule `json:"rules"`
	// Fallback gets what no rule decides; its zero value leaves the lead without an owner.
	Fallback Target `json:"fallback"`
}

// Rule gives some leads to somebody.
type Rule struct {
	// Key names the rule for as long as it lives; its turns are kept under it. "" asks for a new one.
	Key  string `json:"key"`
	Name string `json:"name"`
	// Off leaves it out.
	Off bool `json:"off,omitempty"`
	// When is a condition of package leadrule's environment, "" for every lead.
	When string `json:"when,omitempty"`
	// Areas are the territory, none for the whole world.
	Areas []Area `json:"areas,omitempty"`
	To    Target `json:"to"`
}

// Area is a country, or a range of its postal codes.
type Area struct {
	// Country is the ISO 3166-1 code.
	Country string `json:"country"`
	// From and To are the first and last postal codes, or beginnings of them: "1000" to "1999", "SW1" to "SW9". Both
	// empty mean the whole country.
	From string `json:"from,omitempty"`
	To   string `json:"to,omitempty"`
}

// Target is who gets a lead.
type Target struct {
	Method Method `json:"method,omitempty"`
	// User belongs to [ToUser]; Team is the host's key of the team that is noted with the lead, for [ToTeam] the target.
	User string `json:"user,omitempty"`
	Team string `json:"team,omitempty"`
	// Members belong to [InTurn] and [ByLoad].
	Members []Member `json:"members,omitempty"`
}

// Member is one of those who share leads.
type Member struct {
	User string `json:"user"`
	// Cap is how many leads he gets by this rule in a calendar month, 0 for any number.
	Cap int `json:"cap,omitempty"`
}

// The bounds of a plan.
const (
	MaxRules   = 100
	MaxAreas   = 200
	MaxMembers = 100
	maxName    = 120
	maxUser    = 64
)

// fallbackKey is the pool of the fallback.
const fallbackKey = "fallback"

// check names everything that is wrong with the plan and brings it into its one form; env checks its conditions.
func (p *Plan) check(env *rule.Environment, author actor.Actor, newKey func() string) fault.List {
	var faults fault.List
	if len(p.Rules) > MaxRules {
		faults.Add("rules", "list.length", "are %d, at most %d are kept", len(p.Rules), MaxRules)
		return faults
	}
	seen := map[string]bool{fallbackKey: true}
	for i := range p.Rules {
		r, at := &p.Rules[i], fmt.Sprintf("rules[%d]", i)
		r.Name, r.When, r.Key = strings.TrimSpace(r.Name), strings.TrimSpace(r.When), strings.TrimSpace(r.Key)
		if r.Key == "" {
			r.Key = newKey()
		}
		if seen[r.Key] || len(r.Key) > 40 {
			faults.Add(at+".key", "duplicate", "%.40q comes twice, or is too long; leave it empty for a new rule", r.Key)
		}
		seen[r.Key] = true
		faults.Required(at+".name", r.Name)
		if n := utf8.RuneCountInString(r.Name); n > maxName {
			faults.Add(at+".name", "text.length", "is %d characters long, at most %d fit; shorten it", n, maxName)
		}
		if r.When != "" {
			c, err := leadrule.Parse(env, author, r.When)
			faults.Merge("", leadrule.Refused(at+".when", err))
			if err == nil {
				r.When = c.String()
			}
		}
		r.checkAreas(&faults, at)
		r.To.check(&faults, at+".to")
	}
	if p.Fallback.Method != "" {
		p.Fallback.check(&faults, "fallback")
	}
	return faults
}

func (r *Rule) checkAreas(faults *fault.List, at string) {
	if len(r.Areas) > MaxAreas {
		faults.Add(at+".areas", "list.length", "are %d, at most %d are kept", len(r.Areas), MaxAreas)
		return
	}
	for i := range r.Areas {
		a, at := &r.Areas[i], fmt.Sprintf("%s.areas[%d]", at, i)
		a.Country, a.From, a.To = strings.ToUpper(strings.TrimSpace(a.Country)), postal(a.From), postal(a.To)
		if len(a.Country) != 2 || a.Country[0] < 'A' || a.Country[0] > 'Z' || a.Country[1] < 'A' || a.Country[1] > 'Z' {
			faults.Add(at+".country", "country", "%.10q is no country; give its two letters, as HU", a.Country)
		}
		if a.To == "" {
			a.To = a.From
		}
		if a.From == "" {
			a.From = a.To
		}
		if len(a.From) > 20 || len(a.To) > 20 || a.From > a.To {
			faults.Add(at+".from", "range", "%.20q to %.20q is no range of postal codes; give the lower one first", a.From, a.To)
		}
	}
}

func (t *Target) check(faults *fault.List, at string) {
	t.User, t.Team = strings.TrimSpace(t.User), strings.TrimSpace(t.Team)
	for path, text := range map[string]string{"user": t.User, "team": t.Team} {
		if utf8.RuneCountInString(text) > maxUser {
			faults.Add(at+"."+path, "text.length", "is longer than %d characters", maxUser)
		}
	}
	if t.Method != InTurn && t.Method != ByLoad {
		t.Members = nil
	}
	if t.Method != ToUser {
		t.User = ""
	}
	switch t.Method {
	case ToUser:
		faults.Required(at+".user", t.User)
	case ToTeam:
		faults.Required(at+".team", t.Team)
	case InTurn, ByLoad:
		t.checkMembers(faults, at+".members")
	case ToKnown:
	default:
		faults.Add(at+".method", "choice", "%.20q is no way to choose; choose one of %v", string(t.Method), Methods)
	}
}

func (t *Target) checkMembers(faults *fault.List, at string) {
	if len(t.Members) == 0 {
		faults.Add(at, "required", "are missing; name at least one user")
	}
	if len(t.Members) > MaxMembers {
		faults.Add(at, "list.length", "are %d, at most %d share leads", len(t.Members), MaxMembers)
		return
	}
	for i := range t.Members {
		m, at := &t.Members[i], fmt.Sprintf("%s[%d]", at, i)
		m.User = strings.TrimSpace(m.User)
		faults.Required(at+".user", m.User)
		if utf8.RuneCountInString(m.User) > maxUser {
			faults.Add(at+".user", "text.length", "is longer than %d characters", maxUser)
		}
		if slices.ContainsFunc(t.Members[:i], func(o Member) bool { return o.User == m.User }) {
			faults.Add(at+".user", "duplicate", "%.64q comes twice; leave one out", m.User)
		}
		if m.Cap < 0 || m.Cap > 1_000_000 {
			faults.Add(at+".cap", "range", "is %d; give 0 for any number", m.Cap)
		}
	}
}

// postal brings a postal code into the form in which codes are compared.
func postal(code string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			return r
		}
		return -1
	}, code)
}

// covers reports whether the area holds a place: its postal code, cut to the length of each bound, lies between them.
func (a Area) covers(country, code string) bool {
	if a.Country != country {
		return false
	}
	if a.From == "" {
		return true
	}
	code = postal(code)
	low, high := code[:min(len(code), len(a.From))], code[:min(len(code), len(a.To))]
	return code != "" && a.From <= low && high <= a.To
}
