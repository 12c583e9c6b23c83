package workflow

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/leadrule"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/rule"
	"github.com/crmplus/crmplus/crm/store"
)

// Plan is what a rule says.
type Plan struct {
	Trigger Trigger `json:"trigger"`
	// When is a condition of leadrule.Terms.About for the rule's noun, "" for always.
	When string `json:"when,omitempty"`
	// Actions are done in their order, all of them or none.
	Actions []Action `json:"actions"`
}

// TriggerKind says what sets a rule off.
type TriggerKind string

// The kinds of triggers.
const (
	// OnEvent: one of Events happens.
	OnEvent TriggerKind = "event"
	// OnChange: Field of the record changes, From and To a value where they are given.
	OnChange TriggerKind = "change"
	// After: Count Units have passed since one of Events, and Unless was not done meanwhile.
	After TriggerKind = "after"
	// OnDate: Field, a date of the record, is Count days ahead (or behind, where Behind), each year where Yearly; it
	// is looked for at Hour.
	OnDate TriggerKind = "date"
	// Idle: nothing was done with an open record for Count days, and nothing is planned; it is looked for at Hour, and
	// told again after as many days.
	Idle TriggerKind = "idle"
)

// TriggerKinds are all kinds of triggers.
var TriggerKinds = []TriggerKind{OnEvent, OnChange, After, OnDate, Idle}

// Unit is what [Trigger.Count] counts when it waits.
type Unit string

// The units.
const (
	Hours        Unit = "hours"
	Days         Unit = "days"
	WorkingHours Unit = "working_hours"
	WorkingDays  Unit = "working_days"
)

// Units are all units.
var Units = []Unit{Hours, Days, WorkingHours, WorkingDays}

// Unless is what takes the reason away while a rule waits.
type Unless string

// What takes it away.
const (
	// Nothing does; the condition is still asked when the time has come.
	Nothing Unless = ""
	// Contact: somebody called, met or wrote.
	Contact Unless = "contact"
	// Planned: anything was done or planned.
	Planned Unless = "planned"
)

// Unlesses are all that take it away.
var Unlesses = []Unless{Nothing, Contact, Planned}

// Trigger is what sets a rule off.
type Trigger struct {
	Kind   TriggerKind `json:"kind"`
	Events []string    `json:"events,omitempty"`
	// Field is a column of the record in the audit log for OnChange ("expected_close", "custom.size"), a path of the
	// condition language for OnDate ("party.birth_date").
	Field  string `json:"field,omitempty"`
	From   string `json:"from,omitempty"`
	To     string `json:"to,omitempty"`
	Count  int    `json:"count,omitempty"`
	Unit   Unit   `json:"unit,omitempty"`
	Unless Unless `json:"unless,omitempty"`
	Behind bool   `json:"behind,omitempty"`
	Yearly bool   `json:"yearly,omitempty"`
	// Hour is of the company's day, 0 to 23.
	Hour int `json:"hour,omitempty"`
}

// Daily reports whether the rule looks for its records once a day.
func (t Trigger) Daily() bool { return t.Kind == OnDate || t.Kind == Idle }

// Action is one thing that a rule does.
type Action struct {
	// Step is the name of an event.Step.
	Step string `json:"step"`
	// Given are its parameters.
	Given map[string]string `json:"given,omitempty"`
}

const (
	maxActions = 10
	maxEvents  = 10
	maxCount   = 3650
)

// kinds are the events that rules about records of a noun can wait for. An event of another noun concerns the record
// that its payload names.
var kinds = map[leadrule.Noun][]string{
	leadrule.Lead: {
		"lead.captured", "lead.returned", "lead.changed", "lead.status", "lead.assigned", "lead.responded", "lead.imported", "clock.reminded", "clock.escalated",
		"activity.done", "activity.planned", "activity.cancelled", "mail.failed",
	},
	leadrule.Opportunity: {
		"opportunity.created", "opportunity.changed", "opportunity.moved", "opportunity.won", "opportunity.lost", "opportunity.reopened", "opportunity.progressed", "opportunity.commented",
		"quote.issued", "quote.sent", "quote.opened", "quote.asked", "quote.accepted", "quote.declined", "quote.expired", "clock.reminded", "clock.escalated", "activity.done", "activity.planned", "activity.cancelled",
	},
	leadrule.Quote: {
		"quote.drafted", "quote.changed", "quote.issued", "quote.sent", "quote.not_sent", "quote.opened", "quote.asked", "quote.accepted", "quote.declined", "quote.expired", "quote.withdrawn", "quote.progressed",
	},
	leadrule.Party: {
		party.EventChanged, "lead.captured", "lead.converted", "opportunity.created", "opportunity.won", "opportunity.lost", "quote.accepted", "activity.done", "activity.planned", "document.made", "document.changed", "document.gone", "customer.changed",
	},
}

// Events are the kinds of events that rules about records of a noun can wait for.
func Events(noun leadrule.Noun) []string { return slices.Clone(kinds[noun]) }

// place is where a value of the record is filled in.
var place = regexp.MustCompile(`\{([a-z][a-z0-9_]*(?:\.[a-z0-9_]+)+)\}`)

// draft is a rule that is being judged.
type draft struct {
	name string
	noun leadrule.Noun
	plan Plan
	env  *rule.Environment
}

// check brings the plan to its one form and names everything that is wrong with it.
func (w *Workflows) check(ctx context.Context, s *store.Session, d *draft) (fault.List, error) {
	var faults fault.List
	d.name = strings.TrimSpace(d.name)
	faults.Required("name", d.name)
	if n := utf8.RuneCountInString(d.name); n > 120 {
		faults.Add("name", "text.length", "is %d characters long, at most 120 fit; shorten it", n)
	}
	if !slices.Contains(leadrule.Nouns, d.noun) {
		faults.Add("noun", "choice", "%.20q is nothing that rules can be about; choose among %v", string(d.noun), leadrule.Nouns)
		return faults, nil
	}
	if right := d.noun.Right(); right != "" && !s.Actor.May(right) { // places in texts tell what stands in a record, trials what it is called
		faults.Add("noun", "forbidden", "is a %s, which you may not see; it needs the right %s", string(d.noun), string(right))
	}
	var err error
	if d.env, err = w.config.Terms.About(ctx, s, d.noun); err != nil {
		return faults, err
	}
	d.checkTrigger(&faults)
	if d.plan.When = strings.TrimSpace(d.plan.When); d.plan.When != "" {
		c, err := leadrule.Parse(d.env, s.Actor, d.plan.When)
		faults.Merge("", leadrule.Refused("when", err))
		if err == nil {
			d.plan.When = c.String()
		}
	}
	return faults, w.checkActions(ctx, s, d, &faults)
}

func (d *draft) checkTrigger(faults *fault.List) {
	t := &d.plan.Trigger
	count := func(least, most int) {
		if t.Count < least || t.Count > most {
			faults.Add("trigger.count", "range", "is %d; give %d to %d", t.Count, least, most)
		}
	}
	if t.Daily() && (t.Hour < 0 || t.Hour > 23) {
		faults.Add("trigger.hour", "range", "is %d; give an hour of the day, 0 to 23", t.Hour)
	}
	switch t.Kind {
	case OnEvent, After:
		d.checkEvents(faults)
		if t.Kind == After {
			count(1, maxCount)
			if !slices.Contains(Units, t.Unit) {
				faults.Add("trigger.unit", "choice", "%.20q is no unit; choose among %v", string(t.Unit), Units)
			}
			if !slices.Contains(Unlesses, t.Unless) {
				faults.Add("trigger.unless", "choice", "%.20q takes nothing away; choose among contact and planned", string(t.Unless))
			}
		}
	case OnChange:
		if t.Field = strings.TrimSpace(t.Field); t.Field == "" || len(t.Field) > 80 {
			faults.Add("trigger.field", "required", "is missing; say which field of the %s changes", string(d.noun))
		}
	case OnDate:
		count(0, maxCount)
		if f, known := d.env.Field(t.Field); !known || f.Column == "" || f.Kind != rule.Date && f.Kind != rule.Moment {
			faults.Add("trigger.field", "choice", "%.80q is no date of the %s; choose among %s", t.Field, string(d.noun), strings.Join(dates(d.env), ", "))
		}
	case Idle:
		count(1, maxCount)
		if d.noun == leadrule.Party {
			faults.Add("trigger.kind", "choice", "persons and companies have no end; choose leads, opportunities or quotes")
		}
	default:
		faults.Add("trigger.kind", "choice", "%.20q sets nothing off; choose among %v", string(t.Kind), TriggerKinds)
	}
}

func (d *draft) checkEvents(faults *fault.List) {
	known, events := kinds[d.noun], d.plan.Trigger.Events
	if len(events) == 0 || len(events) > maxEvents {
		faults.Add("trigger.events", "required", "are %d; choose from one to %d", len(events), maxEvents)
	}
	for i, k := range events {
		if !slices.Contains(known, k) {
			faults.Add(fmt.Sprintf("trigger.events[%d]", i), "choice", "%.60q concerns no %s; choose among %s", k, string(d.noun), strings.Join(known, ", "))
		}
	}
}

// dates are the fields of an environment that are dates or moments.
func dates(env *rule.Environment) []string {
	var out []string
	for _, r := range env.Records() {
		for _, f := range r.Fields {
			if f.Column != "" && (f.Kind == rule.Date || f.Kind == rule.Moment) {
				out = append(out, r.Name+"."+f.Name)
			}
		}
	}
	return out
}

// offered are the names of the actions about a noun.
func (w *Workflows) offered(noun leadrule.Noun) string {
	var names []string
	for _, s := range w.config.Steps.Steps(string(noun)) {
		names = append(names, s.Name)
	}
	return strings.Join(names, ", ")
}

func (w *Workflows) checkActions(ctx context.Context, s *store.Session, d *draft, faults *fault.List) error {
	if n := len(d.plan.Actions); n == 0 || n > maxActions {
		faults.Add("actions", "required", "are %d; a rule does from one to %d things", n, maxActions)
	}
	for i := range d.plan.Actions {
		a, at := &d.plan.Actions[i], fmt.Sprintf("actions[%d]", i)
		step, known := w.config.Steps.Step(a.Step)
		switch {
		case !known:
			faults.Add(at+".step", "choice", "there is no action %.60q; there are: %s", a.Step, w.offered(d.noun))
			continue
		case !step.For(string(d.noun)):
			faults.Add(at+".step", "choice", "%s is not for a %s; for one there are: %s", a.Step, string(d.noun), w.offered(d.noun))
			continue
		case step.Right != "" && !s.Actor.May(step.Right):
			faults.Add(at+".step", "forbidden", "%s is not yours to do; it needs the right %s", a.Step, string(step.Right))
		}
		a.Given = trimmed(a.Given)
		wrong := step.Judge(a.Given)
		for _, name := range slices.Sorted(maps.Keys(a.Given)) {
			for _, path := range places(a.Given[name]) {
				if _, err := d.env.Reading(path); err != nil {
					wrong.Add(name, "unknown", "{%s} is no field of the %s that can be filled in", path, string(d.noun))
				}
			}
		}
		if step.Check != nil && len(wrong) == 0 {
			found, err := step.Check(ctx, s, event.Task{Noun: string(d.noun), Given: a.Given, Locale: w.config.Locales(s.Actor.Company)})
			if err != nil {
				return err
			}
			wrong = append(wrong, found...)
		}
		faults.Merge(at+".given", wrong)
	}
	return nil
}

func trimmed(given map[string]string) map[string]string {
	out := make(map[string]string, len(given))
	for name, text := range given {
		if text = strings.TrimSpace(text); text != "" {
			out[name] = text
		}
	}
	return out
}

// places are the fields that a text has filled in, each once.
func places(text string) []string {
	var out []string
	for _, m := range place.FindAllStringSubmatch(text, -1) {
		if !slices.Contains(out, m[1]) {
			out = append(out, m[1])
		}
	}
	return out
}
