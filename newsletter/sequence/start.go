package sequence

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/leadrule"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter/campaign"
	"github.com/crmplus/crmplus/newsletter/subscription"
)

// The kinds of events. Their payload is a [Notice].
const (
	EventStarted  = "sequence.started"
	EventPaused   = "sequence.paused"
	EventResumed  = "sequence.resumed"
	EventArchived = "sequence.archived"
)

// Notice is what events tell of a sequence.
type Notice struct {
	ID    ID     `json:"id"`
	Name  string `json:"name"`
	State State  `json:"state"`
	Live  int    `json:"live"`
	Owner string `json:"owner"`
}

func emit(ctx context.Context, s *store.Session, kind string, row Sequence) error {
	return event.Emit(ctx, s, event.Fact{Kind: kind, Record: row.ID.Bytes(), Version: row.Version,
		Payload: Notice{ID: row.ID, Name: row.Name, State: row.State, Live: row.Live, Owner: row.OwnerUser}})
}

// Underway says what becomes of readers who are under way when a new version is started.
type Underway string

// What becomes of them.
const (
	// Finish: they go through the version on which they began.
	Finish Underway = "finish"
	// MoveOn: they go on at the same step of the new version, or at the next one that it still has.
	MoveOn Underway = "move"
)

// Start makes a version of the plan and lets readers begin on it. What letters say is copied, so that changing a
// campaign afterwards changes nothing here. version is the one that was read; a sequence that was paused stays
// paused. Everything that is missing is named at once. It needs [Send].
func (q *Sequences) Start(ctx context.Context, id ID, version int64, others Underway) (Sequence, error) {
	return store.Write(ctx, q.db, Send, func(ctx context.Context, s *store.Session) (Sequence, error) {
		var row Sequence
		if err := s.LockVersion(ctx, &row, id, version); err != nil {
			return row, err
		}
		if row.State == Archived {
			return row, wrongState(row, "started")
		}
		p, err := row.Plan()
		if err != nil {
			return row, err
		}
		if err := q.complete(ctx, s, row, p, others); err != nil {
			return row, err
		}
		next := row
		next.Live++
		next.Listens = p.Entry.Topic || p.Entry.Capture
		if row.Live == 0 {
			next.State, next.StartedAt = Running, s.Now
			if err := s.InsertQuiet(ctx, &sweep{SequenceID: id, DueAt: s.Now, EnterAt: s.Now}); err != nil {
				return row, err
			}
		}
		if err := s.InsertQuiet(ctx, &Version{SequenceID: id, Number: next.Live, PlanJSON: row.PlanJSON, StartedAt: s.Now, StartedBy: s.Actor.UserID}); err != nil {
			return row, err
		}
		if err := q.openLetters(ctx, s, next, p); err != nil {
			return row, err
		}
		if others == MoveOn {
			if err := q.moveOn(ctx, s, next, p); err != nil {
				return row, err
			}
		}
		// Whoever is in a new segment comes in at the next look.
		if _, err := s.Exec(ctx, store.From[sweep](""), "UPDATE crm_sequence_sweep SET enter_at = ? WHERE {scope} AND sequence_id = ?", s.Now, id); err != nil {
			return row, err
		}
		if err := s.Save(ctx, &row, &next); err != nil {
			return row, err
		}
		s.Wake()
		return next, emit(ctx, s, EventStarted, next)
	})
}

// complete names what a plan lacks before it can be started.
func (q *Sequences) complete(ctx context.Context, s *store.Session, row Sequence, p Plan, others Underway) error {
	faults := fault.List(p.Check())
	if others != Finish && others != MoveOn {
		faults.Add("underway", "choice", "%.20q is no choice; say finish or move", string(others))
	}
	if len(p.Steps) == 0 {
		faults.Add("steps", "required", "are missing; write what the sequence does")
	}
	var topic subscription.Topic
	if err := s.Get(ctx, &topic, row.TopicID); err != nil {
		return err
	}
	if !topic.ClosedAt.IsZero() {
		faults.Add("topic", "closed", "is closed; nobody gets it any more")
	}
	for i, t := range p.Steps {
		if t.Kind != Mail && t.Kind != Text {
			continue
		}
		at := "steps[" + strconv.Itoa(i) + "].letter"
		var c campaign.Campaign
		switch err := s.Get(ctx, &c, t.Letter); {
		case t.Letter.IsZero():
			faults.Add(at, "required", "is missing; choose the campaign whose letter it sends")
		case fault.CodeOf(err) == fault.NotFound:
			faults.Add(at, "choice", "is not there any more, or not yours to see; choose another campaign")
		case err != nil:
			return err
		case (c.Channel == campaign.SMS) != (t.Kind == Text):
			faults.Add(at, "channel", "%q is for another channel (%s); choose another campaign", c.Name, c.Channel)
		case t.Kind == Mail && topic.Channel != subscription.Email, t.Kind == Text && topic.Channel != subscription.SMS && p.TextTopic.IsZero():
			faults.Add(at, "topic", "there is no topic for this channel, so nobody may get it; choose one")
		}
	}
	if err := q.completeRules(ctx, s, p, &faults); err != nil {
		return err
	}
	return faults.Err("the sequence cannot be started")
}

func (q *Sequences) completeRules(ctx context.Context, s *store.Session, p Plan, faults *fault.List) error {
	rules := map[string]string{}
	if p.Exit.Goal != "" {
		rules["exit.goal"] = p.Exit.Goal
	}
	for i, t := range p.Steps {
		if t.Kind == Condition && t.If.Asks == ByRule {
			rules["steps["+strconv.Itoa(i)+"].if.of"] = t.If.Of
		}
	}
	if len(rules) > 0 {
		env, err := q.config.Segments.In(s).Environment(ctx)
		if err != nil {
			return err
		}
		for at, text := range rules {
			if _, err := leadrule.Parse(env, s.Actor, text); err != nil {
				faults.Add(at, "rule", "%s", err)
			}
		}
	}
	if p.Entry.Segment.IsZero() {
		return nil
	}
	_, err := q.config.Segments.In(s).Get(ctx, p.Entry.Segment)
	if fault.CodeOf(err) == fault.NotFound {
		faults.Add("entry.segment", "choice", "there is no such segment; choose another one")
		return nil
	}
	return err
}

// openLetters opens the campaigns of the first lap.
func (q *Sequences) openLetters(ctx context.Context, s *store.Session, row Sequence, p Plan) error {
	var faults fault.List
	for i, t := range p.Steps {
		if t.Kind != Mail && t.Kind != Text {
			continue
		}
		_, err := q.openLetter(ctx, s, row, place{number: row.Live, step: t, lap: 1}, t.Letter)
		if found := fault.Of(err); len(found) > 0 {
			faults.Add("steps["+strconv.Itoa(i)+"].letter", found[0].Code, "%s", found[0].Message)
		} else if err != nil {
			return err
		}
	}
	return faults.Err("the sequence cannot be started")
}

// place is a step of a version on a lap.
type place struct {
	number int
	step   Step
	lap    int
}

func (q *Sequences) openLetter(ctx context.Context, s *store.Session, row Sequence, at place, of campaign.ID) (campaign.ID, error) {
	topic := row.TopicID
	if at.step.Kind == Text {
		p, err := row.versionPlan(ctx, s, at.number)
		if err != nil {
			return campaign.ID{}, err
		}
		if !p.TextTopic.IsZero() {
			topic = p.TextTopic
		}
	}
	c, err := q.config.Campaigns.In(s).Open(ctx, campaign.Opening{
		Name: row.Name + " · " + strconv.Itoa(at.number) + "/" + at.step.Key, Of: of, Audience: q.config.Audience(topic),
	})
	if err != nil {
		return c.ID, err
	}
	return c.ID, s.InsertQuiet(ctx, &letter{SequenceID: row.ID, Number: at.number, Step: at.step.Key, Lap: at.lap, CampaignID: c.ID})
}

func (q Sequence) versionPlan(ctx context.Context, s *store.Session, number int) (Plan, error) {
	var rows []Version
	err := s.Select(&rows).Where("sequence_version.sequence_id = ?", q.ID).Where("sequence_version.number = ?", number).Scan(ctx)
	if err != nil {
		return Plan{}, err
	}
	if len(rows) == 0 {
		return Plan{}, fault.New(fault.NotFound, "sequence %s has no version %d", q.ID, number)
	}
	return rows[0].Plan()
}

// letterOf finds the campaign of a step, and opens one for a lap that nobody was on before.
func (q *Sequences) letterOf(ctx context.Context, s *store.Session, row Sequence, at place) (campaign.ID, error) {
	find := func(lap int) (campaign.ID, error) {
		var found []campaign.ID
		err := s.Query(ctx, &found, store.From[letter]("l"), "SELECT l.campaign_id FROM crm_sequence_letter AS l WHERE {scope} AND l.sequence_id = ? AND l.number = ? AND l.step = ? AND l.lap = ?",
			row.ID, at.number, at.step.Key, lap)
		if err != nil || len(found) == 0 {
			return campaign.ID{}, err
		}
		return found[0], nil
	}
	id, err := find(at.lap)
	if err != nil || !id.IsZero() {
		return id, err
	}
	// One process at a time opens it: the others wait here, and then find it.
	if _, err := s.Exec(ctx, store.From[Version](""), "UPDATE crm_sequence_version SET number = number WHERE {scope} AND sequence_id = ? AND number = ?", row.ID, at.number); err != nil {
		return id, err
	}
	if id, err = find(at.lap); err != nil || !id.IsZero() {
		return id, err
	}
	of, err := find(1)
	if err != nil {
		return id, err
	}
	return q.openLetter(ctx, s, row, at, of)
}

// moveOn takes the readers under way to the newest version: each to his step, or, where that is gone, to the next one
// of the old plan that is still there.
func (q *Sequences) moveOn(ctx context.Context, s *store.Session, row Sequence, p Plan) error {
	for number := 1; number < row.Live; number++ {
		old, err := row.versionPlan(ctx, s, number)
		if err != nil {
			return err
		}
		for i := range len(old.Steps) + 1 {
			to := ""
			for _, t := range old.Steps[i:] {
				if p.place(t.Key) < len(p.Steps) {
					to = t.Key
					break
				}
			}
			_, err := s.Exec(ctx, store.From[sealed](""), "UPDATE crm_sequence_reader SET number = ?, step = ? WHERE {scope} AND sequence_id = ? AND number = ? AND step = ? AND state IN (?, ?)",
				row.Live, to, row.ID, number, old.key(i), string(Active), string(Resting))
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// Pause stops a sequence: nobody comes in and no step is taken. Letters that are in their ledger already leave. It
// needs [Send].
func (q *Sequences) Pause(ctx context.Context, id ID) (Sequence, error) {
	return q.move(ctx, id, EventPaused, []State{Running}, Paused)
}

// Resume lets a paused sequence go on; what came due meanwhile is done at once. It needs [Send].
func (q *Sequences) Resume(ctx context.Context, id ID) (Sequence, error) {
	return q.move(ctx, id, EventResumed, []State{Paused}, Running)
}

// Archive ends a sequence for all its readers, for good. It needs [Send].
func (q *Sequences) Archive(ctx context.Context, id ID) (Sequence, error) {
	return q.move(ctx, id, EventArchived, []State{Draft, Running, Paused}, Archived)
}

var doneAs = map[State]string{Running: "resumed", Paused: "paused", Archived: "archived"}

func (q *Sequences) move(ctx context.Context, id ID, kind string, from []State, to State) (Sequence, error) {
	return store.Write(ctx, q.db, Send, func(ctx context.Context, s *store.Session) (Sequence, error) {
		var row Sequence
		if err := s.Lock(ctx, &row, id); err != nil {
			return row, err
		}
		if !slices.Contains(from, row.State) {
			return row, wrongState(row, doneAs[to])
		}
		next := row
		next.State = to
		if err := s.Save(ctx, &row, &next); err != nil {
			return row, err
		}
		if to == Archived {
			if err := q.end(ctx, s, id); err != nil {
				return row, err
			}
		}
		s.Wake()
		return next, emit(ctx, s, kind, next)
	})
}

// end takes everybody out and closes the letters.
func (q *Sequences) end(ctx context.Context, s *store.Session, id ID) error {
	_, err := s.Exec(ctx, store.From[sealed](""), "UPDATE crm_sequence_reader SET state = ?, reason = ?, left_at = ?, because = '', because_of = '', due_at = ?, wait_until = ?, lease_owner = ''"+
		" WHERE {scope} AND sequence_id = ? AND state IN (?, ?)", string(Left), string(Ended), s.Now, time.Time{}, time.Time{}, id, string(Active), string(Resting))
	if err != nil {
		return err
	}
	var letters []campaign.ID
	if err := s.Query(ctx, &letters, store.From[letter]("l"), "SELECT l.campaign_id FROM crm_sequence_letter AS l WHERE {scope} AND l.sequence_id = ?", id); err != nil {
		return err
	}
	for _, c := range letters {
		if err := q.config.Campaigns.In(s).End(ctx, c); err != nil {
			return err
		}
	}
	return nil
}
