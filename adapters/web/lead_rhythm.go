package web

import (
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/clock"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/routing"
	"github.com/crmplus/crmplus/crm/scoring"
	"github.com/crmplus/crmplus/crm/store"
)

// leadRhythm is how promising a lead is, by when it is to be answered, and why who has it has it.
type leadRhythm struct {
	Path  string
	Score *scoreView
	Clock *clockView
	Route *routeView
	// Routes says that the visitor may have the rules decide again.
	Routes bool
}

type scoreView struct {
	Score        int
	Band, Action string
	Parts        []scorePart
	Capped       []scorePart
	Stopped      []string
	// History are the last changes, the newest first.
	History []scoreChange
}

// scoreChange is one change of a score, with the parts that made it.
type scoreChange struct {
	At       time.Time
	Old, New int
	Parts    []scorePart
}

type scorePart struct {
	Name, Group, Points string
	Rows                int
}

type clockView struct {
	Text, Dot string
	// Can is what the visitor may do with it: hold, resume or nothing.
	Can string
}

type routeView struct {
	Rule, User string
	At         time.Time
	Steps      []string
}

func (v *visit) rhythmOf(card lead.Card, names map[string]string) (*leadRhythm, error) {
	d := &leadRhythm{Path: v.link("/leads", card.Lead.ID.String()), Routes: v.may(actor.LeadAssign) && card.Lead.Status.Open()}
	m := v.module()
	score, err := m.Scores.Of(v.ctx(), card.Lead.ID)
	switch {
	case err == nil:
		d.Score = &scoreView{Score: score.Score.Score, Band: score.Score.Band, Action: score.Action, Stopped: score.Score.Detail.Stopped}
		for _, p := range score.Score.Detail.Parts {
			d.Score.Parts = append(d.Score.Parts, scorePart{p.Rule, p.Group, v.points(p.Points), p.Rows})
		}
		for _, p := range score.Score.Detail.Capped {
			d.Score.Capped = append(d.Score.Capped, scorePart{Group: p.Group, Points: v.points(-p.Points)})
		}
		d.Score.History = v.scoreHistory(score.History)
	case !errors.Is(err, fault.NotFound):
		return nil, err
	}
	clocks, err := m.Clocks.Of(v.ctx(), clock.Answer, clock.RecordID(card.Lead.ID))
	if err != nil {
		return nil, err
	}
	if c, has := clocks[clock.RecordID(card.Lead.ID)]; has && c.State != clock.Dropped {
		d.Clock = v.clockView(c)
	}
	routed, err := m.Routing.Decisions(v.ctx(), routing.Filter{Lead: card.Lead.ID, Page: store.Page{Limit: 1}})
	if err != nil {
		return nil, err
	}
	for _, r := range routed.Rows {
		d.Route = &routeView{Rule: r.RuleName, User: nameIn(names, r.User), At: r.At}
		for _, step := range r.Why {
			d.Route.Steps = append(d.Route.Steps, v.stepText(step, names))
		}
	}
	if d.Score == nil && d.Clock == nil && d.Route == nil {
		return nil, nil
	}
	return d, nil
}

// scoreChanges is how many changes of a score a card shows.
const scoreChanges = 10

// scoreHistory says what each change of a score was made of: what came, what went, what faded. Of the oldest one that was
// read it is not known what it followed.
func (v *visit) scoreHistory(all []scoring.Change) []scoreChange {
	sums := func(d scoring.Detail) map[string]int64 {
		out := map[string]int64{}
		for _, p := range d.Parts {
			out[p.Rule] += p.Points
		}
		return out
	}
	var out []scoreChange
	for i, c := range all[:min(len(all), scoreChanges)] {
		one := scoreChange{At: c.At, Old: c.Old, New: c.New}
		if i+1 < len(all) || c.Old == 0 {
			was, is := map[string]int64{}, sums(c.Detail)
			if i+1 < len(all) {
				was = sums(all[i+1].Detail)
			}
			names := slices.Sorted(maps.Keys(is))
			for _, name := range slices.Sorted(maps.Keys(was)) {
				if _, still := is[name]; !still {
					names = append(names, name)
				}
			}
			for _, name := range names {
				if by := is[name] - was[name]; by != 0 {
					one.Parts = append(one.Parts, scorePart{Name: name, Points: v.points(by)})
				}
			}
		}
		out = append(out, one)
	}
	return out
}

// points writes hundredths with their sign.
func (v *visit) points(hundredths int64) string {
	d := decimal.New(hundredths, -2).Round(1)
	places := int32(0)
	if !d.IsInteger() {
		places = 1
	}
	text := locale.Minus(v.Locale.Language.Number(d, places))
	if d.IsPositive() {
		text = "+" + text
	}
	return text
}

func (v *visit) clockView(c clock.Clock) *clockView {
	out := &clockView{}
	due := v.Locale.DateTime(c.DueAt)
	switch {
	case c.State == clock.Running && c.Late(v.s.now()):
		out.Text, out.Dot = v.t("rhythm.late", due), "bad"
	case c.State == clock.Running:
		out.Text, out.Dot = v.t("rhythm.due", due), "busy"
	case c.State == clock.Paused:
		out.Text, out.Dot = v.t("rhythm.paused", v.workText(c.Limit-c.Spent)), "watch"
	case c.State == clock.Held:
		out.Text, out.Dot = v.t("rhythm.held", v.workText(c.Limit-c.Spent)), "watch"
	case c.State == clock.Kept:
		out.Text, out.Dot = v.t("rhythm.kept", v.workText(c.Spent)), "good"
	default:
		out.Text, out.Dot = v.t("rhythm.missed", v.workText(c.Spent)), "bad"
	}
	if v.may(actor.LeadWrite) {
		switch c.State {
		case clock.Running, clock.Paused:
			out.Can = "hold"
		case clock.Held:
			out.Can = "resume"
		case clock.Kept, clock.Missed, clock.Dropped:
		}
	}
	return out
}

// hours writes working time as 2:30.
func (v *visit) hours(seconds int64) string {
	sign := ""
	if seconds < 0 {
		sign, seconds = "−", -seconds
	}
	minutes := (seconds + 30) / 60
	rest := "0" + decimal.NewFromInt(minutes%60).String()
	return sign + decimal.NewFromInt(minutes/60).String() + ":" + rest[len(rest)-2:]
}

// workDay is how long a usual working day of the company is, 0 where it has none.
func (v *visit) workDay() time.Duration {
	if v.workday == nil {
		var day time.Duration
		if cal, err := v.module().Calendars.Current(v.ctx()); err == nil { // without it, times stand in hours
			day = cal.Day()
		}
		v.workday = &day
	}
	return *v.workday
}

// workText says working time that passed or is left: in hours under two working days, as "2:30 h", else in whole days.
func (v *visit) workText(seconds int64) string {
	if day := int64(v.workDay() / time.Second); day > 0 && seconds >= 2*day {
		return v.t("regulations.days", seconds/day)
	}
	return v.t("clocks.hours", v.hours(seconds))
}

// limitText says working time that is allowed: in days where it comes to two or more and nothing over, else in hours.
func (v *visit) limitText(seconds int64) string {
	if day := int64(v.workDay() / time.Second); day > 0 && seconds%day != 0 {
		return v.t("clocks.hours", v.hours(seconds))
	}
	return v.workText(seconds)
}

// stepText says what became of one rule, or one person.
func (v *visit) stepText(step routing.Step, names map[string]string) string {
	text := v.t("rhythm.step." + string(step.Outcome))
	who := nameIn(names, step.User)
	if who == "" {
		who = step.Team
	}
	if who != "" {
		text = who + ": " + text
	}
	rule := step.Rule
	if rule == "" {
		rule = v.t("rhythm.fallback")
	}
	return rule + " – " + text
}

func (s *screens) routeLead(v *visit) error {
	id, err := key[lead.Tag](v, "id")
	if err != nil {
		return err
	}
	d, err := v.module().Routing.Assign(v.ctx(), id)
	if err != nil {
		return err
	}
	names, err := v.names()
	if err != nil {
		return err
	}
	switch {
	case d.User != "":
		v.done("rhythm.routed", nameIn(names, d.User))
	case d.Team != "":
		v.done("rhythm.routed", d.Team)
	default:
		v.done("rhythm.nobody")
	}
	return v.redirect(v.back(v.link("/leads", id.String())))
}

func (s *screens) turnClock(v *visit) error {
	id, err := key[lead.Tag](v, "id")
	if err != nil {
		return err
	}
	clocks, err := v.module().Clocks.Of(v.ctx(), clock.Answer, clock.RecordID(id))
	if err != nil {
		return err
	}
	which, has := clocks[clock.RecordID(id)]
	if !has {
		return fault.New(fault.NotFound, "the lead has no clock")
	}
	turn := v.module().Clocks.Hold
	switch v.r.PathValue("verb") {
	case "hold":
	case "resume":
		turn = v.module().Clocks.Resume
	default:
		return fault.New(fault.NotFound, "a clock is held or resumed")
	}
	if _, err := turn(v.ctx(), which.ID); err != nil {
		return err
	}
	v.done("settings.saved")
	return v.redirect(v.back(v.link("/leads", id.String())))
}
