package api

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/newsletter"
	"github.com/crmplus/crmplus/newsletter/sequence"
)

const sequenceTag = "Sequences"

// Sequence is a way through letters and tasks, for each reader at his own pace.
type Sequence struct {
	ID        ID        `json:"id"`
	Version   int64     `json:"version"`
	Name      string    `json:"name"`
	State     string    `json:"state" enum:"draft,running,paused,archived"`
	TopicID   ID        `json:"topic_id" doc:"What its readers get."`
	Live      int       `json:"live" doc:"The number of the version that new readers start on; 0 where it was never started."`
	StartedAt time.Time `json:"started_at,omitzero"`
	OwnerUser string    `json:"owner_user"`
	OwnerTeam string    `json:"owner_team"`
}

func sequenceOf(q sequence.Sequence) Sequence {
	return Sequence{idOf(q.ID), q.Version, q.Name, string(q.State), idOf(q.TopicID), q.Live, q.StartedAt, q.OwnerUser, q.OwnerTeam}
}

// SequenceCard is a sequence with what it does, as it is being written.
type SequenceCard struct {
	Sequence
	SequencePlan
}

// SequenceDraft is a sequence as people write it.
type SequenceDraft struct {
	Name    string `json:"name" maxLength:"120"`
	TopicID ID     `json:"topic_id" doc:"What its readers get; fixed once the sequence was started."`
	SequencePlan
}

// SequencePlan is what a sequence does.
type SequencePlan struct {
	Steps       []SequenceStep   `json:"steps" maxItems:"50"`
	Entry       SequenceCriteria `json:"entry,omitzero" doc:"Who comes in by himself, among those who get the topic; each once."`
	Exit        SequenceExit     `json:"exit,omitzero" doc:"What takes readers out, beside that they unsubscribed or cannot be written to any more."`
	End         SequenceEnd      `json:"end,omitzero" doc:"What becomes of those who never answered."`
	TextTopicID ID               `json:"text_topic_id,omitempty" doc:"The topic for short messages: who does not get it skips them."`
}

// SequenceCriteria say who comes into a sequence by himself.
type SequenceCriteria struct {
	SegmentID  ID     `json:"segment_id,omitempty" doc:"Whoever is in it."`
	Topic      bool   `json:"topic,omitempty" doc:"Whoever subscribes after the start."`
	Capture    bool   `json:"capture,omitempty" doc:"Whose lead arrives after the start."`
	LeadSource string `json:"lead_source,omitempty" maxLength:"60" doc:"Only leads from this source."`
}

// SequenceExit says what takes a reader out, all of it after he came in.
type SequenceExit struct {
	Replied   bool   `json:"replied,omitempty" doc:"He wrote or called."`
	Converted bool   `json:"converted,omitempty" doc:"A lead of his was converted."`
	Customer  bool   `json:"customer,omitempty" doc:"He became a customer of the ERP."`
	Goal      string `json:"goal,omitempty" maxLength:"4000" doc:"A condition in the language of segments." example:"any(quotes, .state == \"accepted\")"`
}

// SequenceStep is one step.
type SequenceStep struct {
	Key      string            `json:"key,omitempty" maxLength:"12" doc:"Stays the same in later versions, and is not used again for another step; a step that is written without one gets the next number."`
	Kind     string            `json:"kind" enum:"mail,sms,task,wait,condition"`
	LetterID ID                `json:"letter_id,omitempty" doc:"The campaign whose content a mail or short message is."`
	Subject  string            `json:"subject,omitempty" doc:"Of a task."`
	Body     string            `json:"body,omitempty"`
	Days     int               `json:"days,omitempty" doc:"In how many working days a task is due."`
	Wait     *SequencePause    `json:"wait,omitempty" doc:"Of a wait."`
	If       *SequenceQuestion `json:"if,omitempty" doc:"Where it is true, the next step follows."`
	Else     string            `json:"else,omitempty" doc:"Else the step with this key; without one the reader leaves."`
}

// SequencePause is how long a wait takes.
type SequencePause struct {
	Count int    `json:"count"`
	Unit  string `json:"unit" enum:"hours,days,working_days"`
	At    string `json:"at,omitempty" doc:"The time of the day at which it ends." example:"09:30"`
}

// SequenceQuestion is what a condition asks of a reader.
type SequenceQuestion struct {
	Asks   string `json:"asks" enum:"opened,clicked,replied,score,stage,unsubscribed,rule"`
	Of     string `json:"of,omitempty" doc:"The step of a letter, the name of a stage, or a condition."`
	Number int    `json:"number,omitempty"`
}

// SequenceEnd says what comes after the last step.
type SequenceEnd struct {
	Do   string `json:"do,omitempty" enum:"stay,nurture,disqualify,again" doc:"stay where it is left out."`
	Days int    `json:"days,omitempty" minimum:"0" maximum:"365" doc:"How long a reader has to answer."`
	Laps int    `json:"laps,omitempty" minimum:"0" maximum:"12" doc:"Of again: how often he goes through at most."`
}

// SequenceStart says what becomes of readers under way when a new version is started.
type SequenceStart struct {
	Underway string `json:"underway,omitempty" enum:"finish,move" doc:"finish, also where it is left out: they go through the version on which they began; move: they go on at the same step of the new one."`
}

// SequenceVersion is a plan that was started; it never changes.
type SequenceVersion struct {
	Number    int       `json:"number"`
	StartedAt time.Time `json:"started_at"`
	StartedBy string    `json:"started_by"`
	SequencePlan
}

// SequenceRule is what holds for all sequences of the company.
type SequenceRule struct {
	Version  int64 `json:"version" doc:"0 where nobody has decided yet."`
	GapHours int   `json:"gap_hours" doc:"How many hours lie at least between two steps of different sequences for one reader; 0 for none."`
}

// SequenceRuleDraft is that rule as people write it.
type SequenceRuleDraft struct {
	GapHours int `json:"gap_hours" minimum:"0" maximum:"720"`
}

func sequenceRuleOf(r sequence.Rule, err error) (*Tagged[SequenceRule], error) {
	return &Tagged[SequenceRule]{etag(r.Version), SequenceRule{r.Version, r.GapHours}}, err
}

func sequenceStepOf(s sequence.Step) SequenceStep {
	out := SequenceStep{Key: s.Key, Kind: string(s.Kind), LetterID: idOf(s.Letter), Subject: s.Subject, Body: s.Body, Days: s.Days, Else: s.Else}
	if s.Kind == sequence.Wait {
		out.Wait = &SequencePause{s.Wait.Count, string(s.Wait.Unit), s.Wait.At}
	}
	if s.Kind == sequence.Condition {
		out.If = &SequenceQuestion{string(s.If.Asks), s.If.Of, s.If.Number}
	}
	return out
}

func sequencePlanOf(p sequence.Plan) SequencePlan {
	return SequencePlan{
		each(p.Steps, sequenceStepOf), SequenceCriteria{idOf(p.Entry.Segment), p.Entry.Topic, p.Entry.Capture, p.Entry.LeadSource},
		SequenceExit(p.Exit), SequenceEnd{string(p.End.Do), p.End.Days, p.End.Laps}, idOf(p.TextTopic),
	}
}

func (t SequenceStep) step() sequence.Step {
	out := sequence.Step{Key: t.Key, Kind: sequence.Kind(t.Kind), Letter: campaignID(t.LetterID), Subject: t.Subject, Body: t.Body, Days: t.Days, Else: t.Else}
	if t.Wait != nil {
		out.Wait = sequence.Pause{Count: t.Wait.Count, Unit: sequence.Unit(t.Wait.Unit), At: t.Wait.At}
	}
	if t.If != nil {
		out.If = sequence.Question{Asks: sequence.Asks(t.If.Asks), Of: t.If.Of, Number: t.If.Number}
	}
	return out
}

// drafting is what was written; before are the plans whose steps have had their keys.
func (d SequenceDraft) drafting(before ...sequence.Plan) sequence.Drafting {
	p := sequence.Plan{
		Steps:     each(d.Steps, SequenceStep.step),
		Entry:     sequence.Entry{Segment: segmentID(d.Entry.SegmentID), Topic: d.Entry.Topic, Capture: d.Entry.Capture, LeadSource: d.Entry.LeadSource},
		Exit:      sequence.Exit(d.Exit),
		End:       sequence.End{Do: sequence.Ending(d.End.Do), Days: d.End.Days, Laps: d.End.Laps},
		TextTopic: topicID(d.TextTopicID),
	}
	for i := range p.Steps {
		if p.Steps[i].Key == "" {
			p.Steps[i].Key = p.NewKey(before...)
		}
	}
	return sequence.Drafting{Name: d.Name, Topic: topicID(d.TopicID), Plan: p}
}

// SequenceFigures are how many readers stand where.
type SequenceFigures struct {
	States  map[string]int64     `json:"states" doc:"By standing."`
	Reasons map[string]int64     `json:"reasons" doc:"Those who are done or left, by why."`
	Steps   []SequenceStepFigure `json:"steps" doc:"In the order of the plan; steps of earlier versions behind them."`
}

// SequenceStepFigure are the figures of one step, over all versions.
type SequenceStepFigure struct {
	Key     string           `json:"key" doc:"Empty for what is behind the last step."`
	Waiting int64            `json:"waiting" doc:"Readers for whom it comes next."`
	Results map[string]int64 `json:"results" doc:"How often it came to what."`
	Mailed  int64            `json:"mailed"`
	Opened  int64            `json:"opened"`
	Clicked int64            `json:"clicked"`
}

// counted writes counts by their names.
func counted[K ~string](counts map[K]int64) map[string]int64 {
	out := make(map[string]int64, len(counts))
	for k, n := range counts {
		out[string(k)] = n
	}
	return out
}

func sequenceFiguresOf(p sequence.Plan, f sequence.Figures) SequenceFigures {
	out := SequenceFigures{counted(f.States), counted(f.Reasons), []SequenceStepFigure{}}
	add := func(key string) {
		if s, ok := f.Steps[key]; ok {
			out.Steps = append(out.Steps, SequenceStepFigure{key, s.Waiting, counted(s.Results), s.Mailed, s.Opened, s.Clicked})
		}
	}
	planned := map[string]bool{}
	for _, s := range p.Steps {
		add(s.Key)
		planned[s.Key] = true
	}
	for _, key := range slices.Sorted(maps.Keys(f.Steps)) {
		if !planned[key] {
			add(key)
		}
	}
	return out
}

// SequenceReader is somebody in a sequence.
type SequenceReader struct {
	PartyID   ID        `json:"party_id"`
	Name      string    `json:"name,omitempty"`
	LeadID    ID        `json:"lead_id,omitempty" doc:"The lead that he came in by."`
	State     string    `json:"state" enum:"active,paused,done,left"`
	Number    int       `json:"number" doc:"The version that he is on."`
	Step      string    `json:"step,omitempty" doc:"What comes next; left out behind the last step."`
	Lap       int       `json:"lap" doc:"Counts from 1 how often he began at the top."`
	Source    string    `json:"source" enum:"hand,segment,topic,capture"`
	EnteredAt time.Time `json:"entered_at"`
	Because   string    `json:"because,omitempty" enum:"turn,wait,gap,answer" doc:"What he waits for."`
	BecauseOf string    `json:"because_of,omitempty"`
	WaitUntil time.Time `json:"wait_until,omitzero"`
	Reason    string    `json:"reason,omitempty" doc:"Why he is done or left."`
	LeftAt    time.Time `json:"left_at,omitzero"`
}

func sequenceReaderOf(r sequence.Reader) SequenceReader {
	return SequenceReader{
		PartyID: idOf(r.PartyID), LeadID: idOf(r.LeadID), State: string(r.State), Number: r.Number, Step: r.Step, Lap: r.Lap, Source: string(r.Source), EnteredAt: r.EnteredAt,
		Because: string(r.Because), BecauseOf: r.BecauseOf, WaitUntil: r.WaitUntil, Reason: string(r.Reason), LeftAt: r.LeftAt,
	}
}

func sequenceRowOf(r sequence.Row) SequenceReader {
	out := sequenceReaderOf(r.Reader)
	out.Name = r.Name
	return out
}

// SequenceDeed is a step that was taken for a reader.
type SequenceDeed struct {
	Lap        int       `json:"lap"`
	Step       string    `json:"step"`
	Number     int       `json:"number"`
	Kind       string    `json:"kind" enum:"mail,sms,task,wait,condition"`
	Result     string    `json:"result,omitempty" enum:"sent,planned,true,false,skipped,no_address,no_owner"`
	At         time.Time `json:"at"`
	ActivityID ID        `json:"activity_id,omitempty"`
}

// SequenceEntry names who is to come in.
type SequenceEntry struct {
	Leads   []ID `json:"leads,omitempty" maxItems:"1000"`
	Parties []ID `json:"parties,omitempty" maxItems:"1000"`
}

// SequenceEntered says what became of them.
type SequenceEntered struct {
	In        int `json:"in"`
	Again     int `json:"again" doc:"Came in once more."`
	Already   int `json:"already" doc:"Are in it."`
	NoConsent int `json:"no_consent" doc:"Do not get the topic, or are suppressed."`
}

// ofSequence names a reader of a sequence in the path.
type ofSequence struct {
	ByID
	Party ID `path:"party" doc:"The reader's party."`
}

func sequenceID(id ID) sequence.ID { return keyOf[sequence.Tag](id) }

var sequenceNoun = noun[sequence.Sequence, Sequence]{sequenceOf, func(q sequence.Sequence) (string, int64) { return q.ID.String(), q.Version }}

// sequenceCard is the answer of what reads and writes the plan of a sequence.
func sequenceCard(q sequence.Sequence, err error) (*Tagged[SequenceCard], error) {
	if err != nil {
		return nil, err
	}
	p, err := q.Plan()
	return &Tagged[SequenceCard]{etag(q.Version), SequenceCard{sequenceOf(q), sequencePlanOf(p)}}, err
}

func (a *server) sequences() {
	read, send := rights(sequence.Read), rights(sequence.Send)
	r := get("list-sequences", "/sequences", sequenceTag, "List the sequences, the newest first")
	r.Rights = read
	add(a, r, news(func(ctx context.Context, n *newsletter.Newsletters, in *struct {
		Fields
		Paging
		State string `query:"state" enum:"draft,running,paused,archived"`
	}) (*Listed[Sequence], error) {
		list, err := n.Sequences.List(ctx, sequence.Filter{State: sequence.State(in.State), Page: in.page()})
		return listed(callOf(ctx), each(list.Rows, sequenceOf), list.Next), err
	}))
	r = get("get-sequence", "/sequences/{id}", sequenceTag, "Read a sequence with its steps, as it is being written")
	r.Rights = read
	add(a, r, news(func(ctx context.Context, n *newsletter.Newsletters, in *one) (*Tagged[SequenceCard], error) {
		return sequenceCard(n.Sequences.Get(ctx, sequenceID(in.ID)))
	}))
	r = get("get-sequence-figures", "/sequences/{id}/figures", sequenceTag, "Count the readers of a sequence, and what they did, step by step")
	r.Rights = read
	add(a, r, news(func(ctx context.Context, n *newsletter.Newsletters, in *one) (*Out[SequenceFigures], error) {
		q, err := n.Sequences.Get(ctx, sequenceID(in.ID))
		if err != nil {
			return nil, err
		}
		p, err := q.Plan()
		if err != nil {
			return nil, err
		}
		f, err := n.Sequences.Figures(ctx, q.ID)
		return &Out[SequenceFigures]{sequenceFiguresOf(p, f)}, err
	}))
	for _, step := range []struct {
		name, summary string
		do            func(*sequence.Sequences) func(context.Context, sequence.ID) (sequence.Sequence, error)
	}{
		{"pause", "Have nobody come in and no step taken", func(q *sequence.Sequences) func(context.Context, sequence.ID) (sequence.Sequence, error) {
			return q.Pause
		}},
		{"resume", "Let a paused sequence go on", func(q *sequence.Sequences) func(context.Context, sequence.ID) (sequence.Sequence, error) {
			return q.Resume
		}},
		{"archive", "End a sequence for all its readers, for good", func(q *sequence.Sequences) func(context.Context, sequence.ID) (sequence.Sequence, error) {
			return q.Archive
		}},
	} {
		r := post(step.name+"-sequence", "/sequences/{id}/"+step.name, sequenceTag, step.summary)
		r.Rights = send
		add(a, r, sequenceNoun.moves(func(ctx context.Context, n *newsletter.Newsletters, id ID) (sequence.Sequence, error) {
			return step.do(n.Sequences)(ctx, sequenceID(id))
		}))
	}
	a.sequenceDrafts()
	a.sequenceReaders()
}

// sequenceDrafts adds what writes sequences.
func (a *server) sequenceDrafts() {
	read, write, send := rights(sequence.Read), rights(sequence.Write), rights(sequence.Send)
	r := post("create-sequence", "/sequences", sequenceTag, "Draft a sequence")
	r.Rights, r.Status = write, http.StatusCreated
	add(a, r, news(func(ctx context.Context, n *newsletter.Newsletters, in *struct{ Body SequenceDraft }) (*Made[SequenceCard], error) {
		made, err := sequenceCard(n.Sequences.Create(ctx, in.Body.drafting()))
		if err != nil {
			return nil, err
		}
		return &Made[SequenceCard]{made.ETag, callOf(ctx).r.URL.Path + "/" + string(made.Body.ID), made.Body}, nil
	}))
	add(a, route{ID: "edit-sequence", Method: http.MethodPut, Path: "/sequences/{id}", Tag: sequenceTag, Rights: write, Summary: "Write a sequence anew", Doc: "Readers under way notice nothing before the sequence is started again."},
		onSequence(func(ctx context.Context, n *newsletter.Newsletters, now sequence.Sequence, b SequenceDraft) (sequence.Sequence, error) {
			versions, err := n.Sequences.Versions(ctx, now.ID)
			if err != nil {
				return now, err
			}
			before, err := sequencePlans(versions)
			if err != nil {
				return now, err
			}
			written, err := now.Plan()
			if err != nil {
				return now, err
			}
			return n.Sequences.Edit(ctx, now.ID, now.Version, b.drafting(append(before, written)...))
		}))
	r = post("start-sequence", "/sequences/{id}/start", sequenceTag, "Make a version of a sequence as it is written, and let readers begin on it")
	r.Rights, r.Doc = send, "Everything that is missing is named at once. What its letters say is copied."
	add(a, r, onSequence(func(ctx context.Context, n *newsletter.Newsletters, now sequence.Sequence, b SequenceStart) (sequence.Sequence, error) {
		underway := sequence.Finish
		if b.Underway != "" {
			underway = sequence.Underway(b.Underway)
		}
		return n.Sequences.Start(ctx, now.ID, now.Version, underway)
	}))
	r = get("list-sequence-versions", "/sequences/{id}/versions", sequenceTag, "List the versions that were started, the newest first")
	r.Rights = read
	add(a, r, news(func(ctx context.Context, n *newsletter.Newsletters, in *one) (*Listed[SequenceVersion], error) {
		versions, err := n.Sequences.Versions(ctx, sequenceID(in.ID))
		if err != nil {
			return nil, err
		}
		plans, err := sequencePlans(versions)
		if err != nil {
			return nil, err
		}
		out := make([]SequenceVersion, len(versions))
		for i, v := range versions {
			out[i] = SequenceVersion{v.Number, v.StartedAt, v.StartedBy, sequencePlanOf(plans[i])}
		}
		return listed(callOf(ctx), out, ""), nil
	}))
	r = get("get-sequence-rule", "/sequence-rule", sequenceTag, "Read what holds for all sequences")
	r.Rights = read
	add(a, r, news(func(ctx context.Context, n *newsletter.Newsletters, _ *struct{ Fields }) (*Tagged[SequenceRule], error) {
		return sequenceRuleOf(n.Sequences.Rule(ctx))
	}))
	add(a, route{ID: "set-sequence-rule", Method: http.MethodPut, Path: "/sequence-rule", Tag: sequenceTag, Rights: send, Summary: "Say what holds for all sequences"},
		news(func(ctx context.Context, n *newsletter.Newsletters, in *struct {
			Match
			Body SequenceRuleDraft
		}) (*Tagged[SequenceRule], error) {
			now, err := n.Sequences.Rule(ctx)
			if err == nil {
				err = in.holds(now.Version)
			}
			if err != nil {
				return nil, err
			}
			return sequenceRuleOf(n.Sequences.SetGap(ctx, in.Body.GapHours))
		}))
}

// onSequence makes a verb of a function that changes a sequence under the version that was read.
func onSequence[B any](do func(ctx context.Context, n *newsletter.Newsletters, now sequence.Sequence, body B) (sequence.Sequence, error)) verb[changing[B], Tagged[SequenceCard]] {
	return func(ctx context.Context, m *crm.Module, in *changing[B]) (*Tagged[SequenceCard], error) {
		if m.Newsletters == nil {
			return nil, errNoNewsletters
		}
		var now sequence.Sequence
		if err := locked(ctx, m, &now, sequenceID(in.ID), in.version); err != nil {
			return nil, err
		}
		return sequenceCard(do(ctx, m.Newsletters, now, in.Body))
	}
}

func sequencePlans(versions []sequence.Version) ([]sequence.Plan, error) {
	plans := make([]sequence.Plan, len(versions))
	for i, v := range versions {
		var err error
		if plans[i], err = v.Plan(); err != nil {
			return nil, err
		}
	}
	return plans, nil
}

func (a *server) sequenceReaders() {
	read, send := rights(sequence.Read), rights(sequence.Send)
	r := get("list-sequence-readers", "/sequences/{id}/readers", sequenceTag, "List the readers of a sequence, as far as the key sees them")
	r.Rights = read
	add(a, r, news(func(ctx context.Context, n *newsletter.Newsletters, in *struct {
		ByID
		Fields
		State string `query:"state" enum:"active,paused,done,left"`
		Step  string `query:"step" maxLength:"12" doc:"With a state: for whom this step comes next."`
		After ID     `query:"after" doc:"Where the page begins: the cursor in the answer before."`
		Limit int    `query:"limit" minimum:"1" maximum:"500" default:"50"`
	}) (*Listed[SequenceReader], error) {
		if _, err := n.Sequences.Get(ctx, sequenceID(in.ID)); err != nil {
			return nil, err
		}
		page, err := n.Sequences.Readers(ctx, sequenceID(in.ID), sequence.Choice{State: sequence.Standing(in.State), Step: in.Step, After: partyID(in.After), Limit: in.Limit})
		return listed(callOf(ctx), each(page.Rows, sequenceRowOf), string(idOf(page.Next))), err
	}))
	r = post("enter-sequence", "/sequences/{id}/readers", sequenceTag, "Put people into a sequence by hand")
	r.Rights, r.Doc = send, "Only who gets the topic comes in; who was through or left begins at the top."
	add(a, r, news(func(ctx context.Context, n *newsletter.Newsletters, in *struct {
		ByID
		Body SequenceEntry
	}) (*Out[SequenceEntered], error) {
		var who []sequence.Who
		for _, id := range in.Body.Leads {
			who = append(who, sequence.Who{Lead: leadID(id)})
		}
		for _, id := range in.Body.Parties {
			who = append(who, sequence.Who{Party: partyID(id)})
		}
		e, err := n.Sequences.Enter(ctx, sequenceID(in.ID), who)
		return &Out[SequenceEntered]{SequenceEntered(e)}, err
	}))
	r = get("list-sequence-deeds", "/sequences/{id}/readers/{party}", sequenceTag, "List what a sequence did for a reader, the latest first")
	r.Rights = read
	add(a, r, news(func(ctx context.Context, n *newsletter.Newsletters, in *ofSequence) (*Listed[SequenceDeed], error) {
		all, err := n.Sequences.History(ctx, sequenceID(in.ID), partyID(in.Party))
		return listed(callOf(ctx), each(all, func(d sequence.Deed) SequenceDeed {
			return SequenceDeed{d.Lap, d.Step, d.Number, string(d.Kind), string(d.Result), d.At, idOf(d.ActivityID)}
		}), ""), err
	}))
	type turn = func(context.Context, sequence.ID, party.ID) (sequence.Reader, error)
	for _, step := range []struct {
		id, method, path, summary string
		do                        func(*sequence.Sequences) turn
	}{
		{"remove-sequence-reader", http.MethodDelete, "", "Take a reader out of a sequence", func(q *sequence.Sequences) turn { return q.Remove }},
		{"pause-sequence-reader", http.MethodPost, "/pause", "Have a reader stay where he is", func(q *sequence.Sequences) turn { return q.Rest }},
		{"resume-sequence-reader", http.MethodPost, "/resume", "Let a reader who was stopped go on", func(q *sequence.Sequences) turn { return q.GoOn }},
		{"skip-sequence-step", http.MethodPost, "/skip", "Have a reader go on at once: a wait ends, a step that is due is left out", func(q *sequence.Sequences) turn { return q.Skip }},
	} {
		add(a, route{ID: step.id, Method: step.method, Path: "/sequences/{id}/readers/{party}" + step.path, Tag: sequenceTag, Rights: send, Summary: step.summary},
			news(func(ctx context.Context, n *newsletter.Newsletters, in *ofSequence) (*Out[SequenceReader], error) {
				r, err := step.do(n.Sequences)(ctx, sequenceID(in.ID), partyID(in.Party))
				return &Out[SequenceReader]{sequenceReaderOf(r)}, err
			}))
	}
	r = get("list-party-sequences", "/parties/{id}/sequences", sequenceTag, "List where a party stands in all sequences, the latest first")
	r.Rights = read
	add(a, r, func(ctx context.Context, m *crm.Module, in *one) (*Listed[PartySequence], error) {
		if m.Newsletters == nil {
			return nil, errNoNewsletters
		}
		if err := visible(ctx, m, &party.Party{}, partyID(in.ID)); err != nil {
			return nil, err
		}
		rows, err := m.Newsletters.Sequences.Of(ctx, partyID(in.ID))
		return listed(callOf(ctx), each(rows, func(r sequence.Row) PartySequence {
			return PartySequence{idOf(r.SequenceID), r.Sequence, sequenceRowOf(r)}
		}), ""), err
	})
}

// PartySequence is where a party stands in one sequence.
type PartySequence struct {
	SequenceID ID     `json:"sequence_id"`
	Sequence   string `json:"sequence" doc:"Its name."`
	SequenceReader
}
