package web

import (
	"slices"
	"strconv"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/newsletter/campaign"
	"github.com/crmplus/crmplus/newsletter/sequence"
)

// newStep is the step of the address of a step that is not there yet.
const newStep = "new"

// stepForm is the page on which one step is written.
type stepForm struct {
	Form                                *input
	Sequence                            sequence.Sequence
	Kind                                sequence.Kind
	Asks                                sequence.Asks
	Letters, Units, Questions, Of, Else []option
	Action, Letter                      string
}

func (s *screens) editStep(v *visit) error {
	row, p, err := v.plannedSequence()
	if err != nil {
		return err
	}
	asked, t := v.asked(), sequence.Step{}
	if v.r.PathValue("step") == newStep {
		t.Kind = sequence.Kind(asked.text("kind"))
		if !slices.Contains(sequence.Kinds, t.Kind) {
			return errNoPage
		}
		t.Wait, t.If.Asks, t.Days = sequence.Pause{Count: 3, Unit: sequence.WorkingDays, At: "09:30"}, sequence.Clicked, 1
	} else if found, ok := p.Step(v.r.PathValue("step")); ok {
		t = found
	} else {
		return errNoPage
	}
	if asks := sequence.Asks(asked.text("asks")); slices.Contains(sequence.Asked, asks) {
		t.If = sequence.Question{Asks: asks}
	}
	letter := ""
	if !t.Letter.IsZero() {
		letter = t.Letter.String()
	}
	return s.drawStep(v, v.blank("kind", string(t.Kind), "letter", letter, "subject", t.Subject, "body", t.Body, "days", strconv.Itoa(t.Days), "count", strconv.Itoa(t.Wait.Count),
		"unit", string(t.Wait.Unit), "at", t.Wait.At, "asks", string(t.If.Asks), "of", t.If.Of, "number", number(t.If.Number), "else", t.Else, "version", strconv.FormatInt(row.Version, 10)), row, p)
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func (s *screens) drawStep(v *visit, f *input, row sequence.Sequence, p sequence.Plan) error {
	step := v.r.PathValue("step")
	d := stepForm{Form: f, Sequence: row, Kind: sequence.Kind(f.text("kind")), Asks: sequence.Asks(f.text("asks")), Action: v.link("/sequences", row.ID.String(), "steps", step)}
	var err error
	switch d.Kind {
	case sequence.Mail, sequence.Text:
		ch := campaign.Email
		if d.Kind == sequence.Text {
			ch = campaign.SMS
		}
		if d.Letters, err = v.letterOptions(ch); err != nil {
			return err
		}
		if id := f.text("letter"); id != "" {
			d.Letter = v.link("/campaigns", id)
		}
	case sequence.Wait:
		for _, u := range sequence.Units {
			d.Units = append(d.Units, option{Value: string(u), Label: v.t("sequence.unit." + string(u))})
		}
	case sequence.Condition:
		if err := d.questions(v, p, step); err != nil {
			return err
		}
	case sequence.Task:
	}
	title := d.Kind.In(v.Locale.Language)
	if n := p.Number(step); n > 0 {
		title = v.t("sequence.step.n", n) + ": " + title
	}
	return v.show(f.statusOf(), "sequence_step", head{Title: title, Section: "campaigns", Crumbs: v.sequenceCrumbs(crumb{row.Name, v.link("/sequences", row.ID.String())})}, d)
}

// questions are what a condition may ask, and where it may lead.
func (d *stepForm) questions(v *visit, p sequence.Plan, step string) error {
	for _, q := range sequence.Asked {
		d.Questions = append(d.Questions, option{Value: string(q), Label: v.t("sequence.asks." + string(q)), On: q == d.Asks})
	}
	d.Of, d.Else = []option{{Label: v.t("sequence.of.any")}}, []option{{Label: v.t("sequence.else.leave")}}
	rows, err := v.flow(p, sequence.Figures{})
	if err != nil {
		return err
	}
	at := p.Number(step)
	if at == 0 {
		at = len(p.Steps) + 1
	}
	for _, r := range rows {
		label := strconv.Itoa(r.Number) + ". " + r.Title + ": " + r.Detail
		if r.Number < at && r.Kind == sequence.Mail {
			d.Of = append(d.Of, option{Value: r.Key, Label: label})
		}
		if r.Number > at {
			d.Else = append(d.Else, option{Value: r.Key, Label: label})
		}
	}
	return nil
}

// stepOf is what the form says.
func (v *visit) stepOf(f *input, key string) sequence.Step {
	t := sequence.Step{Key: key, Kind: sequence.Kind(f.text("kind"))}
	switch t.Kind {
	case sequence.Mail, sequence.Text:
		if t.Letter = pickID[campaign.Tag](f, "letter"); t.Letter.IsZero() && len(f.Faults["letter"]) == 0 {
			f.wrong("letter", "fault.required")
		}
	case sequence.Task:
		t.Subject, t.Body, t.Days = f.text("subject"), f.text("body"), f.whole("days")
	case sequence.Wait:
		t.Wait = sequence.Pause{Count: f.whole("count"), Unit: sequence.Unit(f.text("unit")), At: f.text("at")}
		if t.Wait.Unit == sequence.Hours {
			t.Wait.At = ""
		}
	case sequence.Condition:
		t.If, t.Else = sequence.Question{Asks: sequence.Asks(f.text("asks")), Of: f.text("of"), Number: f.whole("number")}, f.text("else")
	}
	return t
}

func (s *screens) saveStep(v *visit) error {
	row, p, err := v.plannedSequence()
	if err != nil {
		return err
	}
	f, key := v.posted(), v.r.PathValue("step")
	next := p
	next.Steps = slices.Clone(p.Steps)
	at := p.Number(key) - 1
	switch {
	case key == newStep:
		versions, err := s.module.Newsletters.Sequences.Versions(v.ctx(), row.ID)
		if err != nil {
			return err
		}
		var before []sequence.Plan // keys of steps that are gone are never used again
		for _, one := range versions {
			old, err := one.Plan()
			if err != nil {
				return err
			}
			before = append(before, old)
		}
		next.Steps = append(next.Steps, v.stepOf(f, p.NewKey(before...)))
	case at < 0:
		return errNoPage
	default:
		next.Steps[at] = v.stepOf(f, key)
	}
	if f.bad() {
		return s.drawStep(v, f, row, p)
	}
	_, err = s.module.Newsletters.Sequences.Edit(v.ctx(), row.ID, f.version("version"), sequence.Drafting{Name: row.Name, Topic: row.TopicID, Plan: next})
	if fault.CodeOf(err) == fault.Conflict {
		f.wrong("", "sequence.changed")
		f.Values.Set("version", strconv.FormatInt(row.Version, 10))
		return s.drawStep(v, f, row, p)
	}
	if err != nil {
		if err := v.refusePlan(f, err); err != nil {
			return err
		}
		return s.drawStep(v, f, row, p)
	}
	v.done("sequence.saved")
	return v.redirect(v.link("/sequences", row.ID.String()))
}

// moveStep moves a step up or down, or takes it out.
func (s *screens) moveStep(v *visit) error {
	row, p, err := v.plannedSequence()
	if err != nil {
		return err
	}
	steps, at := slices.Clone(p.Steps), p.Number(v.r.PathValue("step"))-1
	switch verb := v.r.PathValue("verb"); {
	case at < 0:
		return errNoPage
	case verb == "up" && at > 0:
		steps[at-1], steps[at] = steps[at], steps[at-1]
	case verb == "down" && at < len(steps)-1:
		steps[at+1], steps[at] = steps[at], steps[at+1]
	case verb == "remove":
		steps = slices.Delete(steps, at, at+1)
	default:
		return errNoPage
	}
	p.Steps = steps
	_, err = s.module.Newsletters.Sequences.Edit(v.ctx(), row.ID, v.posted().version("version"), sequence.Drafting{Name: row.Name, Topic: row.TopicID, Plan: p})
	switch fault.CodeOf(err) {
	case fault.Conflict:
		v.toast(toast{Text: v.t("sequence.changed"), Bad: true})
	case fault.Invalid: // a condition would lead back, or ask about what comes later
		v.toast(toast{Text: v.t("sequence.move.refused"), Bad: true})
	default:
		if err != nil {
			return err
		}
	}
	return v.redirect(v.link("/sequences", row.ID.String()))
}
