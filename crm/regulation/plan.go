package regulation

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/store"
)

// Step is a moment that a regulation can begin or end with.
type Step string

// The steps.
const (
	// Captured: a lead came in; those of a file do not count, they asked for nothing.
	Captured Step = "captured"
	// Answered: a lead got its first answer.
	Answered Step = "answered"
	// Spoken: a call or a meeting took place.
	Spoken Step = "spoken"
	// Opened: an opportunity was made. Entered: it came into a stage. Won: it was won.
	Opened  Step = "opened"
	Entered Step = "entered"
	// Quoted, Sent and Accepted are of quotes: issued, gone out by mail, accepted.
	Quoted   Step = "quoted"
	Sent     Step = "sent"
	Accepted Step = "accepted"
	// Ordered, Delivered and Invoiced: the host has the document.
	Ordered   Step = "ordered"
	Delivered Step = "delivered"
	Invoiced  Step = "invoiced"
	Won       Step = "won"
)

// Steps are all steps, in the order of a sale.
var Steps = []Step{Captured, Answered, Spoken, Opened, Entered, Quoted, Sent, Accepted, Won, Ordered, Delivered, Invoiced}

// In names a step.
func (s Step) In(l locale.Language) string { return Texts.T(l, "step."+string(s)) }

// Tag is the noun of ids.
type Tag struct{}

// ID identifies a regulation; one that begins or ends with another step gets a new one.
type ID = store.Key[Tag]

// Moment is a step, and where it is [Entered], the stage.
type Moment struct {
	Step  Step                `json:"step"`
	Stage opportunity.StageID `json:"stage,omitzero"`
}

// Regulation is one limit between two steps.
type Regulation struct {
	// ID and Since are given by [Regulations.Save].
	ID   ID     `json:"id"`
	Name string `json:"name"`
	From Moment `json:"from"`
	To   Moment `json:"to"`
	// Days are working days: the limit is when work ends on that day after the first step. Where they are 0, Minutes of
	// working time are.
	Days    int `json:"days,omitempty"`
	Minutes int `json:"minutes,omitempty"`
	// Remind is how many minutes of working time before the limit the owner is told, 0 for at the limit.
	Remind int `json:"remind,omitempty"`
	// Pipeline narrows it to opportunities of one, zero for none.
	Pipeline opportunity.PipelineID `json:"pipeline,omitzero"`
	// Since is from when on steps begin it.
	Since time.Time `json:"since"`
}

// same reports whether two regulations count the same passages.
func (r Regulation) same(o Regulation) bool {
	return r.From == o.From && r.To == o.To && r.Pipeline == o.Pipeline
}

// Plan are a company's regulations.
type Plan struct {
	Regulations []Regulation `json:"regulations"`
}

const (
	maxRegulations = 50
	maxMinutes     = 366 * 24 * 60
	maxDays        = 366
	maxName        = 120
)

func (p *Plan) check(stages map[opportunity.StageID]bool) fault.List {
	var faults fault.List
	if len(p.Regulations) > maxRegulations {
		faults.Add("regulations", "list.length", "are %d, at most %d are kept", len(p.Regulations), maxRegulations)
		return faults
	}
	for i := range p.Regulations {
		r, at := &p.Regulations[i], fmt.Sprintf("regulations[%d]", i)
		r.Name = strings.TrimSpace(r.Name)
		faults.Required(at+".name", r.Name)
		if n := utf8.RuneCountInString(r.Name); n > maxName {
			faults.Add(at+".name", "text.length", "is %d characters long, at most %d fit; shorten it", n, maxName)
		}
		r.From.check(&faults, at+".from", stages)
		r.To.check(&faults, at+".to", stages)
		if r.From == r.To {
			faults.Add(at+".to", "choice", "is the step that it begins with; choose another one")
		}
		if r.Days < 0 || r.Days > maxDays {
			faults.Add(at+".days", "range", "are %d; give at most %d working days", r.Days, maxDays)
		}
		if r.Minutes < 0 || r.Minutes > maxMinutes || r.Remind < 0 || r.Remind > maxMinutes {
			faults.Add(at+".minutes", "range", "are no working time; give at most %d minutes", maxMinutes)
		}
		switch {
		case r.Days == 0 && r.Minutes == 0:
			faults.Required(at+".minutes", "")
		case r.Days > 0:
			r.Minutes = 0
		case r.Remind >= r.Minutes && r.Remind > 0:
			faults.Add(at+".remind", "range", "is %d minutes before a limit of %d; give less, or 0", r.Remind, r.Minutes)
		}
	}
	return faults
}

func (m *Moment) check(faults *fault.List, at string, stages map[opportunity.StageID]bool) {
	switch {
	case !slices.Contains(Steps, m.Step):
		faults.Add(at, "choice", "%.20q is no step; choose among %v", string(m.Step), Steps)
	case m.Step != Entered:
		m.Stage = opportunity.StageID{}
	case !stages[m.Stage]:
		faults.Add(at+"_stage", "choice", "is no stage; choose one from the list")
	}
}
