package web

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/setting"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter/segment"
	"github.com/crmplus/crmplus/newsletter/sequence"
	"github.com/crmplus/crmplus/newsletter/subscription"
)

// sequenceRoutes are there where the module sends newsletters.
func (s *screens) sequenceRoutes() []route {
	if s.module.Newsletters == nil {
		return nil
	}
	read, write, send := sequence.Read, sequence.Write, sequence.Send
	return []route{
		{Pattern: "GET /sequences", Right: read, Do: s.listSequences},
		{Pattern: "GET /sequences/new", Right: write, Do: s.newSequence},
		{Pattern: "POST /sequences/new", Right: write, Do: s.createSequence},
		{Pattern: "GET /sequences/gap", Right: send, Do: s.askGap},
		{Pattern: "POST /sequences/gap", Right: send, Do: s.setGap},
		{Pattern: "GET /sequences/enter", Right: send, Do: s.askEnter},
		{Pattern: "POST /sequences/enter", Right: send, Do: s.enterSequence},
		{Pattern: "GET /sequences/{id}", Right: read, Do: s.showSequence},
		{Pattern: "GET /sequences/{id}/edit", Right: write, Do: s.editSequence},
		{Pattern: "POST /sequences/{id}/edit", Right: write, Do: s.saveSequence},
		{Pattern: "GET /sequences/{id}/steps/{step}", Right: write, Do: s.editStep},
		{Pattern: "POST /sequences/{id}/steps/{step}", Right: write, Do: s.saveStep},
		{Pattern: "POST /sequences/{id}/steps/{step}/do/{verb}", Right: write, Do: s.moveStep},
		{Pattern: "GET /sequences/{id}/start", Right: send, Do: s.askStart},
		{Pattern: "POST /sequences/{id}/start", Right: send, Do: s.startSequence},
		{Pattern: "GET /sequences/{id}/archive", Right: send, Do: s.askArchive},
		{Pattern: "POST /sequences/{id}/do/{verb}", Right: send, Do: s.moveSequence},
		{Pattern: "GET /sequences/{id}/readers", Right: read, Do: s.listSequenceReaders},
		{Pattern: "GET /sequences/{id}/readers/{party}", Right: read, Do: s.showSequenceReader},
		{Pattern: "POST /sequences/{id}/readers/{party}/do/{verb}", Right: send, Do: s.moveSequenceReader},
	}
}

// sequenceDots are the states of sequences as dots.
var sequenceDots = map[sequence.State]string{sequence.Draft: "quiet", sequence.Running: "good", sequence.Paused: "watch", sequence.Archived: "quiet"}

// sequenceList is the page of sequences.
type sequenceList struct {
	Form        *input
	Tabs        []menuItem
	States      []option
	Rows        []sequenceRow
	First, Next string
	Filtered    bool
	Gap         int
}

type sequenceRow struct {
	sequence.Sequence
	Owner, Dot, Topic                 string
	Steps, Active, Resting, Done, Out int64
}

func (v *visit) sequenceCrumbs(more ...crumb) []crumb {
	return v.campaignCrumbs(append([]crumb{{v.t("sequence.list"), v.link("/sequences")}}, more...)...)
}

func (s *screens) listSequences(v *visit) error {
	f, all := v.asked(), s.module.Newsletters.Sequences
	l := sequenceList{Form: f, Tabs: v.newsletterTabs("/sequences")}
	filter := sequence.Filter{Page: store.Page{After: f.text("after"), Limit: campaignPage}}
	if state := sequence.State(f.text("state")); slices.Contains(sequence.States, state) {
		filter.State, l.Filtered = state, true
	}
	l.States = []option{{Label: v.t("button.all"), On: filter.State == ""}}
	for _, one := range sequence.States {
		l.States = append(l.States, option{Value: string(one), Label: one.In(v.Locale.Language), On: one == filter.State})
	}
	found, err := all.List(v.ctx(), filter)
	if err != nil {
		return err
	}
	if l.Rows, err = v.sequenceRows(found.Rows); err != nil {
		return err
	}
	rule, err := all.Rule(v.ctx())
	if err != nil {
		return err
	}
	l.Gap = rule.GapHours
	if found.Next != "" {
		l.Next = addressWith(v.r.URL, "after", found.Next)
	}
	if filter.Page.After != "" {
		l.First = addressWith(v.r.URL, "after", "")
	}
	if v.part() && v.target() == "list" {
		return v.fill(http.StatusOK, "sequence_list", "rows", l)
	}
	return v.show(http.StatusOK, "sequence_list", head{Title: v.t("sequence.list"), Section: "campaigns", Crumbs: v.campaignCrumbs()}, l)
}

func (v *visit) sequenceRows(rows []sequence.Sequence) ([]sequenceRow, error) {
	ids := make([]sequence.ID, len(rows))
	for i, row := range rows {
		ids[i] = row.ID
	}
	counts, err := v.s.module.Newsletters.Sequences.Summary(v.ctx(), ids)
	if err != nil {
		return nil, err
	}
	names, err := v.names()
	if err != nil {
		return nil, err
	}
	topics, err := v.topicNames()
	if err != nil {
		return nil, err
	}
	out := make([]sequenceRow, len(rows))
	for i, row := range rows {
		plan, err := row.Plan()
		if err != nil {
			return nil, err
		}
		n := counts[row.ID]
		out[i] = sequenceRow{Sequence: row, Owner: nameIn(names, row.OwnerUser), Dot: sequenceDots[row.State], Topic: topics[row.TopicID], Steps: int64(len(plan.Steps)),
			Active: n[sequence.Active], Resting: n[sequence.Resting], Done: n[sequence.Done], Out: n[sequence.Left]}
	}
	return out, nil
}

// topicNames are the names of the topics, for those who may see them.
func (v *visit) topicNames() (map[subscription.TopicID]string, error) {
	out := map[subscription.TopicID]string{}
	if !v.may(subscription.Read) {
		return out, nil
	}
	topics, err := v.s.module.Newsletters.Subscriptions.Topics(v.ctx())
	for _, t := range topics {
		text, _ := t.In(v.Locale.Language)
		out[t.ID] = text.Name
	}
	return out, err
}

// sequenceForm is the page on which a sequence is begun, or what holds for all its steps is changed.
type sequenceForm struct {
	Form                                        *input
	Sequence                                    *sequence.Sequence
	Topics, TextTopics, Segments, Sources, Ends []option
	Action                                      string
}

func (s *screens) newSequence(v *visit) error {
	return s.drawSequenceForm(v, v.blank("name", "", "topic", "", "text_topic", "", "segment", "", "enter_topic", "", "enter_capture", "", "lead_source", "",
		"replied", "on", "converted", "on", "customer", "", "goal", "", "end", string(sequence.Nurture), "days", "14", "laps", ""), nil)
}

func (s *screens) drawSequenceForm(v *visit, f *input, row *sequence.Sequence) error {
	d := sequenceForm{Form: f, Sequence: row, Action: v.link("/sequences/new"), TextTopics: []option{{Label: v.t("sequence.text_topic.none")}}}
	topics, err := s.module.Newsletters.Subscriptions.Topics(v.ctx())
	if err != nil {
		return err
	}
	for _, t := range topics {
		text, _ := t.In(v.Locale.Language)
		one := option{Value: t.ID.String(), Label: text.Name}
		if !t.Open() && one.Value != f.text("topic") && one.Value != f.text("text_topic") {
			continue
		}
		d.Topics = append(d.Topics, one)
		if t.Channel == subscription.SMS {
			d.TextTopics = append(d.TextTopics, one)
		}
	}
	if d.Segments, err = v.segmentOptions("sequence.segment.none"); err != nil {
		return err
	}
	sources, err := v.module().Settings.Choices(v.ctx(), setting.LeadSources)
	if err != nil {
		return err
	}
	d.Sources = []option{{Label: v.t("leads.source.any")}}
	for _, c := range sources.Offered() {
		d.Sources = append(d.Sources, option{Value: c.Value, Label: c.Text(v.Locale.Language)})
	}
	d.Sources = withValue(d.Sources, f.text("lead_source"), sources.Text(v.Locale.Language, f.text("lead_source")))
	for _, e := range sequence.Endings {
		d.Ends = append(d.Ends, option{Value: string(e), Label: v.t("sequence.end." + string(e))})
	}
	h := head{Title: v.t("sequence.new"), Section: "campaigns", Crumbs: v.sequenceCrumbs()}
	if row != nil {
		d.Action = v.link("/sequences", row.ID.String(), "edit")
		h.Title, h.Crumbs = v.t("sequence.edit"), v.sequenceCrumbs(crumb{row.Name, v.link("/sequences", row.ID.String())})
	}
	return v.show(f.statusOf(), "sequence_edit", h, d)
}

// drafting is what the form says, on top of the steps.
func (v *visit) drafting(f *input, p sequence.Plan) sequence.Drafting {
	d := sequence.Drafting{Name: f.text("name"), Plan: p}
	d.Topic = pickID[subscription.TopicTag](f, "topic")
	d.Plan.TextTopic = pickID[subscription.TopicTag](f, "text_topic")
	d.Plan.Entry = sequence.Entry{Segment: pickID[segment.Tag](f, "segment"), Topic: f.on("enter_topic"), Capture: f.on("enter_capture"), LeadSource: f.text("lead_source")}
	d.Plan.Exit = sequence.Exit{Replied: f.on("replied"), Converted: f.on("converted"), Customer: f.on("customer"), Goal: f.text("goal")}
	d.Plan.End = sequence.End{Do: sequence.Ending(f.text("end")), Days: f.whole("days"), Laps: f.whole("laps")}
	return d
}

// pickID reads the id that a select gave; zero where nothing was chosen.
func pickID[Noun any](f *input, name string) store.Key[Noun] {
	text := f.text(name)
	if text == "" {
		return store.Key[Noun]{}
	}
	id, err := store.ParseKey[Noun](text)
	if err != nil {
		f.wrong(name, "fault.choice")
	}
	return id
}

// sequenceFaults are the names of the form's fields for those of the plan.
var sequenceFaults = map[string]string{
	"end.do": "end", "end.days": "days", "end.laps": "laps", "exit.goal": "goal", "entry.segment": "segment", "if.of": "of", "if.number": "number", "if.asks": "asks",
	"wait.count": "count", "wait.unit": "unit", "wait.at": "at",
}

func (s *screens) createSequence(v *visit) error {
	f := v.posted()
	d := v.drafting(f, sequence.Plan{})
	if !f.bad() {
		row, err := s.module.Newsletters.Sequences.Create(v.ctx(), d)
		if err == nil {
			return v.redirect(v.link("/sequences", row.ID.String()))
		}
		if err := v.refusePlan(f, err); err != nil {
			return err
		}
	}
	return s.drawSequenceForm(v, f, nil)
}

// sequenceOf reads the sequence of the address.
func (v *visit) sequenceOf() (sequence.Sequence, error) {
	id, err := key[sequence.Tag](v, "id")
	if err != nil {
		return sequence.Sequence{}, err
	}
	return v.s.module.Newsletters.Sequences.Get(v.ctx(), id)
}

// plannedSequence reads the sequence of the address with its plan.
func (v *visit) plannedSequence() (sequence.Sequence, sequence.Plan, error) {
	row, err := v.sequenceOf()
	if err != nil {
		return row, sequence.Plan{}, err
	}
	p, err := row.Plan()
	return row, p, err
}

func (s *screens) editSequence(v *visit) error {
	row, p, err := v.plannedSequence()
	if err != nil {
		return err
	}
	on := map[bool]string{true: "on"}
	id := func(zero bool, text string) string {
		if zero {
			return ""
		}
		return text
	}
	number := func(n int) string { return id(n == 0, strconv.Itoa(n)) }
	return s.drawSequenceForm(v, v.blank("name", row.Name, "topic", row.TopicID.String(), "text_topic", id(p.TextTopic.IsZero(), p.TextTopic.String()),
		"segment", id(p.Entry.Segment.IsZero(), p.Entry.Segment.String()), "enter_topic", on[p.Entry.Topic], "enter_capture", on[p.Entry.Capture], "lead_source", p.Entry.LeadSource,
		"replied", on[p.Exit.Replied], "converted", on[p.Exit.Converted], "customer", on[p.Exit.Customer], "goal", p.Exit.Goal,
		"end", string(p.End.Do), "days", number(p.End.Days), "laps", number(p.End.Laps), "version", strconv.FormatInt(row.Version, 10)), &row)
}

func (s *screens) saveSequence(v *visit) error {
	row, p, err := v.plannedSequence()
	if err != nil {
		return err
	}
	f := v.posted()
	d := v.drafting(f, p)
	if f.bad() {
		return s.drawSequenceForm(v, f, &row)
	}
	_, err = s.module.Newsletters.Sequences.Edit(v.ctx(), row.ID, f.version("version"), d)
	if fault.CodeOf(err) == fault.Conflict {
		f.wrong("", "sequence.changed")
		f.Values.Set("version", strconv.FormatInt(row.Version, 10))
		return s.drawSequenceForm(v, f, &row)
	}
	if err != nil {
		if err := v.refusePlan(f, err); err != nil {
			return err
		}
		return s.drawSequenceForm(v, f, &row)
	}
	v.done("sequence.saved")
	return v.redirect(v.link("/sequences", row.ID.String()))
}

// gapDialog asks for what holds between all sequences.
type gapDialog struct {
	Form   *input
	Action string
}

func (s *screens) askGap(v *visit) error {
	rule, err := s.module.Newsletters.Sequences.Rule(v.ctx())
	if err != nil {
		return err
	}
	return s.drawGap(v, v.blank("gap_hours", strconv.Itoa(rule.GapHours)))
}

func (s *screens) drawGap(v *visit, f *input) error {
	return s.saleDialog(v, f.statusOf(), "sequence_gap", head{Title: v.t("sequence.gap"), Section: "campaigns", Crumbs: v.sequenceCrumbs()}, gapDialog{Form: f, Action: v.link("/sequences/gap")})
}

func (s *screens) setGap(v *visit) error {
	f := v.posted()
	if n := f.whole("gap_hours"); !f.bad() {
		_, err := s.module.Newsletters.Sequences.SetGap(v.ctx(), n)
		if err == nil {
			v.done("sequence.gap.saved")
			return v.redirect(v.link("/sequences"))
		}
		if err := v.refuse(f, err); err != nil {
			return err
		}
	}
	return s.drawGap(v, f)
}
