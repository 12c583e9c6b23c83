package clock

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

// Plan says how long things may take in a company.
type Plan struct {
	// Responses are asked in their order; the first one that fits a lead says its limit.
	Responses []Response `json:"responses"`
	// Otherwise holds for leads that none of them fits; its When is not asked.
	Otherwise Response `json:"otherwise"`
	// Manager is told where nobody knows the owner's, "" for nobody.
	Manager string `json:"manager,omitempty"`
	Stages  Stages `json:"stages"`
}

// Response is how soon some leads are to be answered.
type Response struct {
	Name string `json:"name"`
	// When is a condition of package leadrule's environment, "" for every lead.
	When string `json:"when,omitempty"`
	// Minutes of working time from the assignment to the first answer, 0 for no limit.
	Minutes int `json:"minutes"`
	// Remind is how many minutes of working time before that the owner is reminded, 0 for never.
	Remind int `json:"remind,omitempty"`
}

// Stages says what holds for the time limits of stages, which stand with the stages themselves.
type Stages struct {
	// ManagerAfter is how many minutes of working time after the owner his manager is told.
	ManagerAfter int `json:"manager_after"`
	// Planned puts telling off until what is planned next for the opportunity is due.
	Planned bool `json:"planned"`
	// Reset are what starts the clock anew.
	Reset []Reset `json:"reset,omitempty"`
}

// Reset is something that starts the clock of a stage anew.
type Reset string

// The resets.
const (
	// OnContact: a call, a meeting, a mail or letter that was sent.
	OnContact Reset = "contact"
	// OnActivity: anything that was done for the opportunity.
	OnActivity Reset = "activity"
)

// Resets are all resets.
var Resets = []Reset{OnContact, OnActivity}

// Default is the plan of a company that has decided nothing: eight working hours for an answer, the owner reminded an
// hour before; the manager hears of a stage eight hours after the owner, and what is planned counts.
func Default() Plan {
	return Plan{Otherwise: Response{Minutes: 480, Remind: 60}, Stages: Stages{ManagerAfter: 480, Planned: true}}
}

const (
	maxResponses = 50
	maxMinutes   = 366 * 24 * 60
	maxName      = 120
)

func (p *Plan) check(env *rule.Environment, author actor.Actor) fault.List {
	var faults fault.List
	if len(p.Responses) > maxResponses {
		faults.Add("responses", "list.length", "are %d, at most %d are kept", len(p.Responses), maxResponses)
		return faults
	}
	for i := range p.Responses {
		r, at := &p.Responses[i], fmt.Sprintf("responses[%d]", i)
		r.Name, r.When = strings.TrimSpace(r.Name), strings.TrimSpace(r.When)
		faults.Required(at+".name", r.Name)
		if r.When != "" {
			c, err := leadrule.Parse(env, author, r.When)
			faults.Merge("", leadrule.Refused(at+".when", err))
			if err == nil {
				r.When = c.String()
			}
		}
		r.check(&faults, at)
	}
	p.Otherwise.When = ""
	p.Otherwise.check(&faults, "otherwise")
	checkMinutes(&faults, "stages.manager_after", p.Stages.ManagerAfter)
	if p.Manager = strings.TrimSpace(p.Manager); utf8.RuneCountInString(p.Manager) > 64 {
		faults.Add("manager", "text.length", "is longer than 64 characters")
	}
	for i, r := range p.Stages.Reset {
		if !slices.Contains(Resets, r) {
			faults.Add(fmt.Sprintf("stages.reset[%d]", i), "choice", "%.20q resets nothing; choose among %v", string(r), Resets)
		}
	}
	return faults
}

func (r *Response) check(faults *fault.List, at string) {
	if n := utf8.RuneCountInString(r.Name); n > maxName {
		faults.Add(at+".name", "text.length", "is %d characters long, at most %d fit; shorten it", n, maxName)
	}
	checkMinutes(faults, at+".minutes", r.Minutes)
	if checkMinutes(faults, at+".remind", r.Remind); r.Remind > 0 && r.Remind >= r.Minutes {
		faults.Add(at+".remind", "range", "is %d minutes before a limit of %d; give less, or 0 for never", r.Remind, r.Minutes)
	}
}

func checkMinutes(faults *fault.List, at string, n int) {
	if n < 0 || n > maxMinutes {
		faults.Add(at, "range", "is %d; give minutes of working time, at most %d", n, maxMinutes)
	}
}
