package sequence

import (
	"context"
	"time"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter/campaign"
	"github.com/crmplus/crmplus/newsletter/subscription"
)

// claimed is a reader whom this process holds.
type claimed struct {
	row   Sequence
	token string
	who   party.ID
	// plans are those that were read in this turn, by number.
	plans map[int]Plan
}

// walker takes one reader on, in one transaction.
type walker struct {
	q    *Sequences
	s    *store.Session
	row  Sequence
	plan Plan
	r    Reader
}

// take takes a reader as far as he comes now. Where another process, or a person, was faster, nothing is done: the
// first statement locks his row and asks whether it is still ours.
func (q *Sequences) take(ctx context.Context, s *store.Session, c claimed) error {
	n, err := s.Exec(ctx, store.From[sealed](""), "UPDATE crm_sequence_reader SET lease_owner = '', due_at = ? WHERE {scope} AND sequence_id = ? AND party_id = ? AND state = 'active' AND lease_owner = ?",
		s.Now, c.row.ID, c.who, c.token)
	if err != nil || n == 0 {
		return err
	}
	var rows []sealed
	if err := s.Select(&rows).Where("sequence_reader.sequence_id = ?", c.row.ID).Where("sequence_reader.party_id = ?", c.who).Scan(ctx); err != nil || len(rows) == 0 {
		return err
	}
	var now Sequence
	if err := s.Get(ctx, &now, c.row.ID); err != nil || now.State != Running { // paused meanwhile: he is due when it goes on
		return err
	}
	w := &walker{q: q, s: s, row: now, r: Reader(rows[0])}
	plan, known := c.plans[w.r.Number]
	if !known {
		if plan, err = now.versionPlan(ctx, s, w.r.Number); err != nil {
			return err
		}
		c.plans[w.r.Number] = plan
	}
	w.plan = plan
	return w.walk(ctx)
}

func (w *walker) walk(ctx context.Context) error {
	out, err := w.q.leavers(ctx, w.s, w.row, w.plan.Exit, w.r.PartyID, 1)
	if err != nil {
		return err
	}
	if len(out) > 0 {
		return w.leave(ctx, Left, out[0].Reason, "")
	}
	if goal := w.plan.Exit.Goal; goal != "" {
		reached, err := w.q.picks(ctx, w.s, goal, w.r)
		if err != nil {
			return err
		}
		if reached {
			return w.leave(ctx, Left, Goal, "")
		}
	}
	for i := w.plan.place(w.r.Step); i < len(w.plan.Steps); {
		next, stop, err := w.step(ctx, i)
		if err != nil || stop {
			return err
		}
		i = next
		w.r.Step = w.plan.key(i)
	}
	w.r.Step = ""
	return w.finish(ctx)
}

// step takes one step; it gives the index of the one that follows, or says that the reader stops here.
func (w *walker) step(ctx context.Context, i int) (next int, stop bool, err error) {
	t := w.plan.Steps[i]
	if t.Kind == Wait {
		until, err := w.q.until(ctx, w.s, t.Wait)
		if err != nil || !until.After(w.s.Now) {
			return i + 1, false, err
		}
		w.r.Step = w.plan.key(i + 1)
		return 0, true, w.wait(ctx, until, ForStep, t.Key)
	}
	done, err := w.did(ctx, t.Key)
	if err != nil || done {
		return i + 1, false, err
	}
	if t.touches() {
		w.r.Step = t.Key
		if stop, err := w.keepsGap(ctx); err != nil || stop {
			return 0, stop, err
		}
	}
	deed := Deed{Kind: t.Kind, Step: t.Key}
	next = i + 1
	switch t.Kind {
	case Mail, Text:
		err = w.send(ctx, t, &deed)
	case Task:
		err = w.assign(ctx, t, &deed)
	default:
		var yes bool
		if yes, err = w.q.holds(ctx, w.s, w.r, t.If); err != nil {
			return 0, true, err
		}
		deed.Result = True
		if !yes {
			deed.Result, next = False, w.plan.place(t.Else)
		}
		if !yes && t.Else == "" {
			if err := w.note(ctx, deed); err != nil {
				return 0, true, err
			}
			w.r.BecauseOf = t.Key
			return 0, true, w.leave(ctx, Left, ByCondition, t.Key)
		}
	}
	if err != nil {
		return 0, true, err
	}
	return next, false, w.note(ctx, deed)
}

// did reports whether a step was taken on this lap.
func (w *walker) did(ctx context.Context, step string) (bool, error) {
	var found []int
	err := w.s.Query(ctx, &found, store.From[Deed]("d"), "SELECT 1 AS one FROM crm_sequence_deed AS d WHERE {scope} AND d.sequence_id = ? AND d.party_id = ? AND d.lap = ? AND d.step = ?",
		w.row.ID, w.r.PartyID, w.r.Lap, step)
	return len(found) > 0, err
}

func (w *walker) note(ctx context.Context, d Deed) error {
	d.SequenceID, d.PartyID, d.Lap, d.Number, d.At = w.row.ID, w.r.PartyID, w.r.Lap, w.r.Number, w.s.Now
	return w.s.InsertQuiet(ctx, &d)
}

// wait has the reader wait.
func (w *walker) wait(ctx context.Context, until time.Time, why Because, of string) error {
	_, err := w.s.Exec(ctx, store.From[sealed](""), "UPDATE crm_sequence_reader SET step = ?, lap = ?, lap_at = ?, due_at = ?, wait_until = ?, because = ?, because_of = ? WHERE {scope} AND sequence_id = ? AND party_id = ?",
		w.r.Step, w.r.Lap, w.r.LapAt, until, until, string(why), of, w.row.ID, w.r.PartyID)
	return err
}

func (w *walker) leave(ctx context.Context, to Standing, why Reason, note string) error {
	_, err := w.s.Exec(ctx, store.From[sealed](""), "UPDATE crm_sequence_reader SET step = ?, lap = ?, lap_at = ? WHERE {scope} AND sequence_id = ? AND party_id = ?", w.r.Step, w.r.Lap, w.r.LapAt, w.row.ID, w.r.PartyID)
	if err != nil {
		return err
	}
	_, err = leave(ctx, w.s, w.row.ID, w.r.PartyID, to, why, note)
	return err
}

// keepsGap has the reader wait where another sequence did something with him a short while ago. The row of his
// contacts is locked by it, so that two sequences do not do so at once.
func (w *walker) keepsGap(ctx context.Context) (stop bool, err error) {
	rule, err := ruleOf(ctx, w.s)
	if err != nil || rule.GapHours == 0 {
		return false, err
	}
	gap := time.Duration(rule.GapHours) * time.Hour
	n, err := w.s.Exec(ctx, store.From[contact](""), "UPDATE crm_sequence_contact SET sequence_id = ?, at = ? WHERE {scope} AND party_id = ? AND (sequence_id = ? OR at <= ?)",
		w.row.ID, w.s.Now, w.r.PartyID, w.row.ID, w.s.Now.Add(-gap))
	if err != nil || n > 0 {
		return false, err
	}
	var found []struct {
		At   time.Time `bun:"at"`
		Name string    `bun:"name"`
	}
	err = w.s.Query(ctx, &found, store.From[contact]("k"), "SELECT k.at, q.name FROM crm_sequence_contact AS k JOIN crm_sequence AS q ON q.id = k.sequence_id WHERE {scope} AND k.party_id = ?", w.r.PartyID)
	if err != nil {
		return false, err
	}
	if len(found) == 0 {
		return false, w.s.InsertQuiet(ctx, &contact{PartyID: w.r.PartyID, SequenceID: w.row.ID, At: w.s.Now})
	}
	return true, w.wait(ctx, found[0].At.Add(gap), ForGap, found[0].Name)
}

// send puts the reader into the ledger of the step's letter.
func (w *walker) send(ctx context.Context, t Step, deed *Deed) error {
	topic := w.row.TopicID
	if t.Kind == Text && !w.plan.TextTopic.IsZero() {
		topic = w.plan.TextTopic
	}
	to, err := w.addressee(ctx, topic)
	if err != nil {
		return err
	}
	if deed.Result = NoAddress; to.Address == "" {
		return nil
	}
	id, err := w.q.letterOf(ctx, w.s, w.row, place{number: w.r.Number, step: t, lap: w.r.Lap})
	if err != nil {
		return err
	}
	deed.Result, deed.CampaignID = Sent, id
	deed.Seq, err = w.q.config.Campaigns.In(w.s).Add(ctx, id, to)
	return err
}

// addressee is the address at which the reader gets a topic; none where he does not.
func (w *walker) addressee(ctx context.Context, topic subscription.TopicID) (campaign.Addressee, error) {
	var found []struct {
		Address  string          `bun:"address"`
		Language locale.Language `bun:"language"`
		Name     string          `bun:"name"`
	}
	err := w.s.Query(ctx, &found, store.From[sealed]("r"), "SELECT x.address, x.language, p.name FROM crm_sequence_reader AS r JOIN crm_party AS p ON p.id = r.party_id"+
		" JOIN crm_subscription AS x ON x.company = r.company AND x.topic_id = ? AND "+same("x.party_id")+
		" WHERE {scope} AND r.sequence_id = ? AND r.party_id = ? AND x.state = 'active'"+
		" AND NOT EXISTS (SELECT 1 FROM crm_suppression AS no WHERE no.company = x.company AND no.channel = x.channel AND no.address_hash = x.address_hash) ORDER BY x.id",
		topic, w.row.ID, w.r.PartyID)
	if err != nil || len(found) == 0 {
		return campaign.Addressee{}, err
	}
	return campaign.Addressee{Party: w.r.PartyID, Address: found[0].Address, Name: found[0].Name, Language: found[0].Language}, nil
}

// assign plans a task for the owner of the reader's lead, else of the reader, else of the sequence.
func (w *walker) assign(ctx context.Context, t Step, deed *Deed) error {
	l, err := leadOf(ctx, w.s, w.r)
	if err != nil {
		return err
	}
	owner := l.Owner()
	if owner.User == "" {
		var found party.Party
		if err := w.s.Get(ctx, &found, w.r.PartyID); err != nil {
			return err
		}
		owner = party.Owner{User: found.OwnerUser, Team: found.OwnerTeam}
	}
	if owner.User == "" {
		owner = party.Owner{User: w.row.OwnerUser, Team: w.row.OwnerTeam}
	}
	if deed.Result = NoOwner; owner.User == "" {
		return nil
	}
	due, err := w.q.until(ctx, w.s, Pause{Count: t.Days, Unit: WorkingDays})
	if err != nil {
		return err
	}
	a, err := w.q.config.Activities.In(w.s).Plan(ctx, activity.Plan{Party: w.r.PartyID, Kind: activity.Task, Subject: t.Subject, Body: t.Body, Due: due, Owner: owner.User, Team: owner.Team})
	deed.Result, deed.ActivityID = Planned, a.ID
	return err
}

// finish is for a reader who has all steps behind him: he has some days left to answer, and then comes the end.
func (w *walker) finish(ctx context.Context) error {
	end := w.plan.End
	if end.Days > 0 && w.r.Because != ForAnswer {
		return w.wait(ctx, w.s.Now.Add(time.Duration(end.Days)*24*time.Hour), ForAnswer, "")
	}
	if end.Do == Stay {
		return w.leave(ctx, Done, Through, "")
	}
	for _, ask := range []Asks{Answered, Clicked} {
		yes, err := w.q.holds(ctx, w.s, w.r, Question{Asks: ask})
		if err != nil {
			return err
		}
		if yes {
			return w.leave(ctx, Done, Responded, "")
		}
	}
	to := lead.StatusNurturing
	switch end.Do {
	case Again:
		if w.r.Lap < end.Laps {
			w.r.Lap, w.r.LapAt, w.r.Step, w.r.Because = w.r.Lap+1, w.s.Now, w.plan.key(0), ForTurn
			return w.wait(ctx, w.s.Now, ForTurn, "")
		}
	case Disqualify:
		to = lead.StatusDisqualified
	case Stay, Nurture:
	}
	if err := w.q.settle(ctx, w.s, w.r, to, w.row.Name); err != nil {
		return err
	}
	return w.leave(ctx, Done, NoResponse, string(end.Do))
}
