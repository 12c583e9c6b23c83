package process

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
)

// TemplateTag is the noun of ids of templates.
type TemplateTag struct{}

// TemplateID identifies a template.
type TemplateID = store.Key[TemplateTag]

// Noun says what a process is on.
type Noun string

// The nouns.
const (
	Lead        Noun = "lead"
	Opportunity Noun = "opportunity"
	Party       Noun = "party"
)

// Nouns are all nouns.
var Nouns = []Noun{Lead, Opportunity, Party}

// Who says who does a step: [Owner], or [User] or [Team] with a key behind.
type Who string

// Whom a step can be for.
const (
	Owner Who = "owner"
	User  Who = "user:"
	Team  Who = "team:"
)

// After is what stands behind a prefix, false where it is another one.
func (w Who) After(prefix Who) (string, bool) { return strings.CutPrefix(string(w), string(prefix)) }

// Plan are the templates of a company.
type Plan struct {
	Templates []Template `json:"templates"`
}

// Template is what a process is made of.
type Template struct {
	// ID is given by [Processes.Save].
	ID   TemplateID `json:"id"`
	Name string     `json:"name"`
	// On are the records it can be started on; none for all.
	On    []Noun     `json:"on,omitempty"`
	Steps []StepPlan `json:"steps"`
}

// For reports whether the template can be started on records of a noun.
func (t Template) For(n Noun) bool { return len(t.On) == 0 || slices.Contains(t.On, n) }

// StepPlan is one step of a template.
type StepPlan struct {
	Name string `json:"name"`
	Who  Who    `json:"who"`
	// Days are working days: the step is due when work ends on that day after it opens, or after the process began where
	// FromStart is set.
	Days      int  `json:"days"`
	FromStart bool `json:"from_start,omitempty"`
	// Along opens the step together with the one before it.
	Along bool `json:"along,omitempty"`
	// Skippable lets people leave the step out.
	Skippable bool `json:"skippable,omitempty"`
}

const (
	maxTemplates = 50
	maxSteps     = 40
	maxDays      = 366
	maxName      = 120
	maxReason    = 240
)

func (p *Plan) check() fault.List {
	var faults fault.List
	if len(p.Templates) > maxTemplates {
		faults.Add("templates", "list.length", "are %d, at most %d are kept", len(p.Templates), maxTemplates)
		return faults
	}
	for i := range p.Templates {
		t, at := &p.Templates[i], fmt.Sprintf("templates[%d]", i)
		checkName(&faults, at+".name", &t.Name)
		for _, n := range t.On {
			if !slices.Contains(Nouns, n) {
				faults.Add(at+".on", "choice", "%.20q is nothing that a process can be on; choose among %v", string(n), Nouns)
			}
		}
		if n := len(t.Steps); n == 0 || n > maxSteps {
			faults.Add(at+".steps", "list.length", "are %d; give 1 to %d", n, maxSteps)
		}
		for k := range t.Steps {
			t.Steps[k].check(&faults, fmt.Sprintf("%s.steps[%d]", at, k))
		}
	}
	return faults
}

func (s *StepPlan) check(faults *fault.List, at string) {
	checkName(faults, at+".name", &s.Name)
	if s.Days < 0 || s.Days > maxDays {
		faults.Add(at+".days", "range", "are %d; give at most %d working days", s.Days, maxDays)
	}
	user, isUser := s.Who.After(User)
	team, isTeam := s.Who.After(Team)
	if s.Who != Owner && (!isUser || user == "" || len(user) > 64) && (!isTeam || team == "" || len(team) > 64) {
		faults.Add(at+".who", "choice", "%.40q is nobody; choose the owner, a user or a team", string(s.Who))
	}
}

func checkName(faults *fault.List, at string, name *string) {
	*name = strings.TrimSpace(*name)
	faults.Required(at, *name)
	if n := utf8.RuneCountInString(*name); n > maxName {
		faults.Add(at, "text.length", "is %d characters long, at most %d fit; shorten it", n, maxName)
	}
}
