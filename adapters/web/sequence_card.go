package web

import (
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/setting"
	"github.com/crmplus/crmplus/newsletter/campaign"
	"github.com/crmplus/crmplus/newsletter/sequence"
)

// sequenceCard is the page of a sequence: its steps from top to bottom, with who stands where.
type sequenceCard struct {
	sequence.Sequence
	Dot, Owner, Topic, Segment, Source string
	Plan                               sequence.Plan
	Steps                              []flowStep
	Kinds                              []flowKind
	// Waiting are those who are behind the last step and may still answer.
	Waiting int64
	Figures sequence.Figures
	Outs    []flowOut
	// Standings are how many stand where, each with the list of them.
	Standings []flowStanding
	// Changed says that the plan differs from the version that readers begin on.
	Changed bool
	// Edit, Start, Pause, Resume and Archive are what the visitor may do now.
	Edit, Start, Pause, Resume, Archive bool
}

// flowStep is one step as the card shows it.
type flowStep struct {
	sequence.Step
	N                   sequence.StepFigures
	Number              int
	Icon, Title, Detail string
	// Otherwise says what a condition does with those for whom it is not true.
	Otherwise   string
	Yes, No     int64
	Planned     int64
	First, Last bool
}

type flowKind struct {
	Kind sequence.Kind
	Icon string
}

// flowOut is how many left for a reason.
type flowOut struct {
	Text string
	N    int64
}

// flowStanding is how many readers stand somewhere.
type flowStanding struct {
	State sequence.Standing
	Text  string
	N     int64
}

var stepIcons = map[sequence.Kind]string{sequence.Mail: "mail", sequence.Text: "message-square", sequence.Task: "clipboard-check", sequence.Wait: "hourglass", sequence.Condition: "split"}

func (s *screens) showSequence(v *visit) error {
	row, err := v.sequenceOf()
	if err != nil {
		return err
	}
	d := sequenceCard{Sequence: row, Dot: sequenceDots[row.State]}
	if d.Plan, err = row.Plan(); err != nil {
		return err
	}
	if d.Figures, err = s.module.Newsletters.Sequences.Figures(v.ctx(), row.ID); err != nil {
		return err
	}
	if err := d.name(v); err != nil {
		return err
	}
	if d.Steps, err = v.flow(d.Plan, d.Figures); err != nil {
		return err
	}
	d.Waiting = d.Figures.Steps[""].Waiting
	for _, one := range []struct {
		state sequence.Standing
		key   string
	}{{sequence.Active, "sequence.underway.n"}, {sequence.Resting, "sequence.paused.n"}, {sequence.Done, "sequence.done.n"}, {sequence.Left, "sequence.left.n"}} {
		d.Standings = append(d.Standings, flowStanding{one.state, v.t(one.key), d.Figures.States[one.state]})
	}
	for _, r := range sequence.Reasons {
		if n := d.Figures.Reasons[r]; n > 0 {
			d.Outs = append(d.Outs, flowOut{r.In(v.Locale.Language), n})
		}
	}
	for _, k := range sequence.Kinds {
		d.Kinds = append(d.Kinds, flowKind{k, stepIcons[k]})
	}
	if row.Live > 0 {
		versions, err := s.module.Newsletters.Sequences.Versions(v.ctx(), row.ID)
		if err != nil {
			return err
		}
		d.Changed = len(versions) > 0 && versions[0].PlanJSON != row.PlanJSON
	}
	send := v.may(sequence.Send)
	d.Edit = v.may(sequence.Write) && row.State != sequence.Archived
	d.Start = send && (row.State == sequence.Draft || d.Changed && row.State != sequence.Archived)
	d.Pause, d.Resume, d.Archive = send && row.State == sequence.Running, send && row.State == sequence.Paused, send && row.State != sequence.Archived
	return v.show(http.StatusOK, "sequence_card", head{Title: row.Name, Section: "campaigns", Crumbs: v.sequenceCrumbs()}, d)
}

// name finds the names of what the sequence refers to.
func (d *sequenceCard) name(v *visit) error {
	names, err := v.names()
	if err != nil {
		return err
	}
	d.Owner = nameIn(names, d.OwnerUser)
	topics, err := v.topicNames()
	if err != nil {
		return err
	}
	d.Topic = topics[d.TopicID]
	sources, err := v.module().Settings.Choices(v.ctx(), setting.LeadSources)
	if err != nil {
		return err
	}
	d.Source = sources.Text(v.Locale.Language, d.Plan.Entry.LeadSource)
	if d.Plan.Entry.Segment.IsZero() {
		return nil
	}
	g, err := v.s.module.Newsletters.Segments.Get(v.ctx(), d.Plan.Entry.Segment)
	if code := fault.CodeOf(err); code == fault.NotFound || code == fault.Forbidden {
		return nil
	}
	d.Segment = g.Name
	return err
}

// flow draws the steps of a plan.
func (v *visit) flow(p sequence.Plan, figures sequence.Figures) ([]flowStep, error) {
	out := make([]flowStep, len(p.Steps))
	for i, t := range p.Steps {
		row := flowStep{Step: t, N: figures.Steps[t.Key], Number: i + 1, Icon: stepIcons[t.Kind], First: i == 0, Last: i == len(p.Steps)-1}
		row.Title = t.Kind.In(v.Locale.Language)
		switch t.Kind {
		case sequence.Mail, sequence.Text:
			if t.Letter.IsZero() {
				row.Detail = v.t("sequence.letter.none")
				break
			}
			c, err := v.s.module.Newsletters.Campaigns.Get(v.ctx(), t.Letter)
			if err != nil && fault.CodeOf(err) != fault.NotFound {
				return nil, err
			}
			if row.Detail = c.Name; c.Name == "" {
				row.Detail = v.t("sequence.letter.gone")
			}
		case sequence.Task:
			row.Detail, row.Planned = t.Subject, row.N.Results[sequence.Planned]
		case sequence.Wait:
			row.Detail = t.Wait.In(v.Locale.Language)
		case sequence.Condition:
			row.Detail, row.Yes, row.No = p.Asked(t.If, v.Locale.Language), row.N.Results[sequence.True], row.N.Results[sequence.False]
			row.Otherwise = v.t("sequence.else.leave")
			if at := p.Number(t.Else); at > 0 {
				row.Otherwise = v.t("sequence.else.step", at)
			}
		}
		out[i] = row
	}
	return out, nil
}

// stepPath are the places of faults in steps.
var stepPath = regexp.MustCompile(`^steps\[(\d+)\]\.(.*)$`)

// refusePlan puts the faults of a plan at the fields of a form: those of steps are said with their number where the
// form has no such field.
func (v *visit) refusePlan(f *input, err error) error {
	var told *fault.Error
	if !errors.As(err, &told) || len(told.Faults) == 0 {
		return v.refuse(f, err)
	}
	list := slices.Clone(told.Faults)
	for i := range list {
		name, step := list[i].Path, 0
		if m := stepPath.FindStringSubmatch(name); m != nil {
			step, _ = strconv.Atoi(m[1])
			step, name = step+1, m[2]
		}
		if known := sequenceFaults[name]; known != "" {
			name = known
		}
		if !f.has(name) && step > 0 {
			list[i].Message = v.t("sequence.step.n", step) + ": " + v.faultText(list[i])
			list[i].Code, name = "", ""
		}
		list[i].Path = name
	}
	return v.refuse(f, fault.List(list).Err("the sequence stays as it is"))
}

// startDialog asks what becomes of readers under way.
type startDialog struct {
	Form     *input
	Sequence sequence.Sequence
	Underway int64
	Action   string
	// Ready says that letters can be sent.
	Ready bool
}

func (s *screens) askStart(v *visit) error {
	row, err := v.sequenceOf()
	if err != nil {
		return err
	}
	return s.drawStart(v, v.blank("underway", string(sequence.Finish), "version", strconv.FormatInt(row.Version, 10)), row)
}

func (s *screens) drawStart(v *visit, f *input, row sequence.Sequence) error {
	d := startDialog{Form: f, Sequence: row, Action: v.link("/sequences", row.ID.String(), "start"), Ready: s.module.Newsletters.Campaigns.Ready()}
	counts, err := s.module.Newsletters.Sequences.Summary(v.ctx(), []sequence.ID{row.ID})
	if err != nil {
		return err
	}
	d.Underway = counts[row.ID][sequence.Active] + counts[row.ID][sequence.Resting]
	return s.saleDialog(v, f.statusOf(), "sequence_start", head{Title: v.t("sequence.start"), Section: "campaigns", Crumbs: v.sequenceCrumbs(crumb{row.Name, v.link("/sequences", row.ID.String())})}, d)
}

func (s *screens) startSequence(v *visit) error {
	row, err := v.sequenceOf()
	if err != nil {
		return err
	}
	f := v.posted()
	_, err = s.module.Newsletters.Sequences.Start(v.ctx(), row.ID, f.version("version"), sequence.Underway(f.text("underway")))
	if fault.CodeOf(err) == fault.Conflict {
		f.wrong("", "sequence.changed")
		f.Values.Set("version", strconv.FormatInt(row.Version, 10))
		return s.drawStart(v, f, row)
	}
	if err != nil {
		if err := v.refusePlan(f, err); err != nil {
			return err
		}
		return s.drawStart(v, f, row)
	}
	s.module.Wake()
	v.done("sequence.started")
	return v.redirect(v.link("/sequences", row.ID.String()))
}

func (s *screens) askArchive(v *visit) error {
	row, err := v.sequenceOf()
	if err != nil {
		return err
	}
	d := startDialog{Sequence: row, Action: v.link("/sequences", row.ID.String(), "do", "archive")}
	counts, err := s.module.Newsletters.Sequences.Summary(v.ctx(), []sequence.ID{row.ID})
	if err != nil {
		return err
	}
	d.Underway = counts[row.ID][sequence.Active] + counts[row.ID][sequence.Resting]
	return s.saleDialog(v, http.StatusOK, "sequence_archive", head{Title: v.t("sequence.archive"), Section: "campaigns", Crumbs: v.sequenceCrumbs(crumb{row.Name, v.link("/sequences", row.ID.String())})}, d)
}

func (s *screens) moveSequence(v *visit) error {
	id, err := key[sequence.Tag](v, "id")
	if err != nil {
		return err
	}
	all, verb, undo := s.module.Newsletters.Sequences, v.r.PathValue("verb"), ""
	switch verb {
	case "pause":
		_, err = all.Pause(v.ctx(), id)
		undo = v.link("/sequences", id.String(), "do", "resume")
	case "resume":
		_, err = all.Resume(v.ctx(), id)
		undo = v.link("/sequences", id.String(), "do", "pause")
	case "archive":
		_, err = all.Archive(v.ctx(), id)
	default:
		return errNoPage
	}
	return v.turned(err, turn{Done: "sequence." + verb + ".done", Undo: undo, Refused: "sequence.stateless", Back: v.link("/sequences", id.String())})
}

// letterOptions are the campaigns whose letter a step may send.
func (v *visit) letterOptions(ch campaign.Channel) ([]option, error) {
	out := []option{{Label: v.t("sequence.letter.choose")}}
	found, err := v.s.module.Newsletters.Campaigns.List(v.ctx(), campaign.Filter{})
	for _, c := range found.Rows {
		if c.Channel == ch && c.State != campaign.Cancelled {
			out = append(out, option{Value: c.ID.String(), Label: strings.TrimSpace(c.Name)})
		}
	}
	return out, err
}
