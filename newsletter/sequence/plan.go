package sequence

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/newsletter/campaign"
	"github.com/crmplus/crmplus/newsletter/segment"
	"github.com/crmplus/crmplus/newsletter/subscription"
)

// The bounds of a plan.
const (
	MaxSteps = 50
	MaxLaps  = 12
	MaxText  = 4000
	// MaxWait is how many hours, days or working days a step waits.
	MaxWait = 1000
	// MaxDays is how long a task or an answer has.
	MaxDays = 365

	mostKey     = 12
	mostSubject = 200
	mostName    = 120
	minutesADay = 24 * 60
)

// Plan is what a sequence does.
type Plan struct {
	Steps []Step `json:"steps"`
	Entry Entry  `json:"entry"`
	Exit  Exit   `json:"exit"`
	End   End    `json:"end"`
	// TextTopic is the topic for short messages: who does not get it skips them. Zero where there are none.
	TextTopic subscription.TopicID `json:"text_topic,omitzero"`
}

// Kind says what a step is.
type Kind string

// The kinds of steps.
const (
	Mail      Kind = "mail"
	Text      Kind = "sms"
	Task      Kind = "task"
	Wait      Kind = "wait"
	Condition Kind = "condition"
)

// Kinds are all kinds of steps.
var Kinds = []Kind{Mail, Text, Task, Wait, Condition}

// Step is one step of a plan.
type Step struct {
	// Key is unique in the plan and stays the same in later versions: by it a step is known to have been taken.
	Key  string `json:"key"`
	Kind Kind   `json:"kind"`
	// Letter is the campaign whose content a mail or short message is; it is copied when the version is started.
	Letter campaign.ID `json:"letter,omitzero"`
	// Subject and Body are a task's, which is due in Days working days.
	Subject string `json:"subject,omitempty"`
	Body    string `json:"body,omitempty"`
	Days    int    `json:"days,omitempty"`
	// Wait is how long a wait takes.
	Wait Pause `json:"wait,omitzero"`
	// If is a condition's question. Where it is true, the next step follows; else the one with the key Else,
	// which comes later in the plan, or, where that is "", the reader leaves.
	If   Question `json:"if,omitzero"`
	Else string   `json:"else,omitempty"`
}

// touches reports whether a reader, or somebody who then speaks to him, notices the step.
func (t Step) touches() bool { return t.Kind == Mail || t.Kind == Text || t.Kind == Task }

// Unit is what a wait is counted in.
type Unit string

// The units.
const (
	Hours       Unit = "hours"
	Days        Unit = "days"
	WorkingDays Unit = "working_days"
)

// Units are all units.
var Units = []Unit{Hours, Days, WorkingDays}

// Pause is how long a wait takes.
type Pause struct {
	Count int  `json:"count"`
	Unit  Unit `json:"unit"`
	// At is the time of the day at which it ends, in the company's zone, as "09:30"; "" leaves it at the time at
	// which it began. It is for days and working days.
	At string `json:"at,omitempty"`
}

// minute is the minute of the day of At, -1 where there is none.
func (p Pause) minute() (int, bool) {
	if p.At == "" {
		return -1, true
	}
	t, err := time.Parse("15:04", p.At)
	if err != nil {
		return -1, false
	}
	return t.Hour()*60 + t.Minute(), true
}

// Asks says what a condition asks.
type Asks string

// What conditions ask of a reader.
const (
	// Opened and Clicked: whether he opened a letter of this lap, or followed a link in it. [Question.Of] is the
	// key of its step, "" for any.
	Opened  Asks = "opened"
	Clicked Asks = "clicked"
	// Answered: whether he wrote or called since he came in.
	Answered Asks = "replied"
	// Scored: whether a lead of his has a score of at least [Question.Number].
	Scored Asks = "score"
	// AtStage: whether an opportunity of his is at the stage with the name in Of.
	AtStage Asks = "stage"
	// Quit: whether he ended any subscription.
	Quit Asks = "unsubscribed"
	// ByRule: whether the condition in Of, in the language of crm/rule, is true for him.
	ByRule Asks = "rule"
)

// Asked are all that conditions ask.
var Asked = []Asks{Opened, Clicked, Answered, Scored, AtStage, Quit, ByRule}

// Question is what a condition asks.
type Question struct {
	Asks   Asks   `json:"asks"`
	Of     string `json:"of,omitempty"`
	Number int    `json:"number,omitempty"`
}

// Entry says who comes in by himself, among those who get the topic; each of them once.
type Entry struct {
	// Segment brings in whoever is in it; zero for none.
	Segment segment.ID `json:"segment,omitzero"`
	// Topic brings in whoever subscribes after the sequence was started.
	Topic bool `json:"topic,omitempty"`
	// Capture brings in whose lead arrives after the sequence was started, from LeadSource where that is not "".
	Capture    bool   `json:"capture,omitempty"`
	LeadSource string `json:"lead_source,omitempty"`
}

// Exit says what takes a reader out, beside what always does: that he unsubscribed, that his address is closed,
// that his data were erased.
type Exit struct {
	// Replied: he wrote or called. Converted: a lead of his became an opportunity or customer. Customer: he became
	// a customer of the host. All of them after he came in.
	Replied   bool `json:"replied,omitempty"`
	Converted bool `json:"converted,omitempty"`
	Customer  bool `json:"customer,omitempty"`
	// Goal is a condition in the language of crm/rule, "" for none.
	Goal string `json:"goal,omitempty"`
}

// Ending says what becomes of a reader who never answered, nor followed a link.
type Ending string

// The endings.
const (
	// Stay leaves his lead as it is.
	Stay Ending = "stay"
	// Nurture and Disqualify move his lead to that status.
	Nurture    Ending = "nurture"
	Disqualify Ending = "disqualify"
	// Again begins at the top, until he was through Laps times; then his lead is nurtured.
	Again Ending = "again"
)

// Endings are all endings.
var Endings = []Ending{Stay, Nurture, Disqualify, Again}

// End says what comes after the last step.
type End struct {
	Do Ending `json:"do"`
	// Days is how long he has to answer.
	Days int `json:"days,omitempty"`
	// Laps is how often he goes through at most.
	Laps int `json:"laps,omitempty"`
}

// place is the index of a step, len(Steps) for "" and for a key that is not there.
func (p Plan) place(key string) int {
	if i := slices.IndexFunc(p.Steps, func(t Step) bool { return t.Key == key }); i >= 0 {
		return i
	}
	return len(p.Steps)
}

// key is the key of the step at an index, "" behind the last one.
func (p Plan) key(at int) string {
	if at < len(p.Steps) {
		return p.Steps[at].Key
	}
	return ""
}

// Number is the place of a step, counted from 1; 0 where there is none with that key.
func (p Plan) Number(key string) int {
	if i := p.place(key); i < len(p.Steps) {
		return i + 1
	}
	return 0
}

// Step finds a step by its key.
func (p Plan) Step(key string) (Step, bool) {
	if i := p.place(key); i < len(p.Steps) {
		return p.Steps[i], true
	}
	return Step{}, false
}

// NewKey gives a key that no step of the plan, and none of before, has: the next number.
func (p Plan) NewKey(before ...Plan) string {
	most := 0
	for _, one := range append(before, p) {
		for _, t := range one.Steps {
			if n, err := strconv.Atoi(t.Key); err == nil {
				most = max(most, n)
			}
		}
	}
	return strconv.Itoa(most + 1)
}

// Check names what is wrong with a plan by itself: what can be saved. [Sequences.Start] looks at the letters and
// rules besides.
func (p Plan) Check() []fault.Fault {
	var faults fault.List
	if len(p.Steps) > MaxSteps {
		faults.Add("steps", "count", "are %d, at most %d are taken; leave some out", len(p.Steps), MaxSteps)
		return faults
	}
	seen := map[string]bool{}
	for i, t := range p.Steps {
		at := "steps[" + strconv.Itoa(i) + "]"
		if t.Key == "" || len(t.Key) > mostKey || seen[t.Key] {
			faults.Add(at+".key", "duplicate", "%.20q is no key of its own; give each step another one", t.Key)
		}
		seen[t.Key] = true
		p.checkStep(&faults, at, i)
	}
	if !slices.Contains(Endings, p.End.Do) {
		faults.Add("end.do", "choice", "%.20q is no ending; choose from %v", string(p.End.Do), Endings)
	}
	least := 0
	if p.End.Do == Again { // or all laps would come at once
		least = 1
	}
	within(&faults, "end.days", p.End.Days, least, MaxDays)
	if p.End.Do == Again {
		within(&faults, "end.laps", p.End.Laps, 2, MaxLaps)
	}
	if len(p.Exit.Goal) > MaxText {
		faults.Add("exit.goal", "length", "is longer than %d characters", MaxText)
	}
	return faults
}

func within(faults *fault.List, path string, n, least, most int) {
	if n < least || n > most {
		faults.Add(path, "range", "is %d; it goes from %d to %d", n, least, most)
	}
}

func (p Plan) checkStep(faults *fault.List, at string, i int) {
	t := p.Steps[i]
	switch t.Kind {
	case Mail, Text:
	case Task:
		faults.Required(at+".subject", strings.TrimSpace(t.Subject))
		if len([]rune(t.Subject)) > mostSubject || len(t.Body) > MaxText {
			faults.Add(at+".subject", "length", "is too long; at most %d characters, and %d below it", mostSubject, MaxText)
		}
		within(faults, at+".days", t.Days, 0, MaxDays)
	case Wait:
		within(faults, at+".wait.count", t.Wait.Count, 0, MaxWait)
		if !slices.Contains(Units, t.Wait.Unit) {
			faults.Add(at+".wait.unit", "choice", "%.20q is no unit; choose from %v", string(t.Wait.Unit), Units)
		}
		if _, ok := t.Wait.minute(); !ok {
			faults.Add(at+".wait.at", "time.form", "%.20q is no time of the day; write it as 09:30", t.Wait.At)
		}
	case Condition:
		p.checkQuestion(faults, at, i)
	default:
		faults.Add(at+".kind", "choice", "%.20q is no kind of step; choose from %v", string(t.Kind), Kinds)
	}
}

func (p Plan) checkQuestion(faults *fault.List, at string, i int) {
	t := p.Steps[i]
	switch t.If.Asks {
	case Opened, Clicked:
		if of := p.place(t.If.Of); t.If.Of != "" && (of >= i || p.Steps[of].Kind != Mail) {
			faults.Add(at+".if.of", "choice", "%.20q is no mail before the condition", t.If.Of)
		}
	case Scored:
		within(faults, at+".if.number", t.If.Number, 1, 1_000_000)
	case AtStage, ByRule:
		faults.Required(at+".if.of", t.If.Of)
		if len(t.If.Of) > MaxText {
			faults.Add(at+".if.of", "length", "is longer than %d characters", MaxText)
		}
	case Answered, Quit:
	default:
		faults.Add(at+".if.asks", "choice", "%.20q is no question; choose from %v", string(t.If.Asks), Asked)
	}
	if to := p.place(t.Else); t.Else != "" && (to <= i || to == len(p.Steps)) {
		faults.Add(at+".else", "choice", "%.20q is no later step", t.Else)
	}
}
