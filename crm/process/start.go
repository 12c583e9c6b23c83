package process

import (
	"context"
	"slices"
	"time"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// The kinds of events; the record is the process, the payload a [Told].
const (
	EventStarted = "process.started"
	// EventEnded: it is done, or was cancelled.
	EventEnded = "process.ended"
)

// Told is the payload of the events.
type Told struct {
	Name       string   `json:"name"`
	State      State    `json:"state"`
	RecordKind Noun     `json:"record_kind"`
	Record     RecordID `json:"record"`
	Party      party.ID `json:"party"`
	Owner      string   `json:"owner"`
}

// Start begins a template on a record: its first steps open at once. It needs actor.ActivityWrite, and the record must be
// visible.
func (p *Processes) Start(ctx context.Context, template TemplateID, noun Noun, record RecordID) (Process, error) {
	return store.Write(ctx, p.db, actor.ActivityWrite, func(ctx context.Context, s *store.Session) (Process, error) {
		t, err := templateOf(ctx, s, template)
		if err != nil {
			return Process{}, err
		}
		if !t.For(noun) {
			return Process{}, fault.New(fault.Invalid, "%s cannot be started on a %s", t.Name, string(noun))
		}
		row := Process{ID: store.NewKey[Tag](s), TemplateID: t.ID, Name: t.Name, Noun: noun, RecordID: record, State: Running, StartedAt: s.Now, Steps: len(t.Steps)}
		if err := row.on(ctx, s); err != nil {
			return Process{}, err
		}
		steps := make([]Step, len(t.Steps))
		part := 0
		for i, plan := range t.Steps {
			if !plan.Along || i == 0 {
				part++
			}
			steps[i] = Step{ID: store.NewKey[StepTag](s), ProcessID: row.ID, Position: i + 1, Part: part, Name: plan.Name, Who: plan.Who, Days: plan.Days, FromStart: plan.FromStart, Skippable: plan.Skippable, State: Waiting}
		}
		if err := s.Insert(ctx, &row); err != nil {
			return Process{}, err
		}
		if err := s.Insert(ctx, &steps); err != nil {
			return Process{}, err
		}
		if err := row.tell(ctx, s, EventStarted); err != nil {
			return Process{}, err
		}
		return p.advance(ctx, s, row, steps)
	})
}

func (row Process) tell(ctx context.Context, s *store.Session, kind string) error {
	return event.Emit(ctx, s, event.Fact{Kind: kind, Record: row.ID[:], Version: row.Version, Payload: Told{Name: row.Name, State: row.State, RecordKind: row.Noun, Record: row.RecordID, Party: row.PartyID, Owner: row.OwnerUser}})
}

func templateOf(ctx context.Context, s *store.Session, id TemplateID) (Template, error) {
	d, err := plans.Read(ctx, s)
	if err != nil {
		return Template{}, err
	}
	i := slices.IndexFunc(d.Plan.Templates, func(t Template) bool { return t.ID == id })
	if i < 0 {
		return Template{}, fault.New(fault.NotFound, "there is no such template")
	}
	return d.Plan.Templates[i], nil
}

// on reads whose the record is.
func (row *Process) on(ctx context.Context, s *store.Session) error {
	switch row.Noun {
	case Lead:
		var l lead.Lead
		if err := s.Get(ctx, &l, row.RecordID); err != nil {
			return err
		}
		row.PartyID, row.OwnerUser, row.OwnerTeam = l.PartyID, l.OwnerUser, l.OwnerTeam
	case Opportunity:
		var o opportunity.Opportunity
		if err := s.Get(ctx, &o, row.RecordID); err != nil {
			return err
		}
		row.PartyID, row.OpportunityID, row.OwnerUser, row.OwnerTeam = o.PartyID, o.ID, o.OwnerUser, o.OwnerTeam
	case Party:
		var w party.Party
		if err := s.Get(ctx, &w, row.RecordID); err != nil {
			return err
		}
		row.PartyID, row.OwnerUser, row.OwnerTeam = w.ID, w.OwnerUser, w.OwnerTeam
	default:
		return fault.New(fault.Invalid, "%.20q is nothing that a process can be on", string(row.Noun))
	}
	if row.OwnerUser == "" && s.Actor.Kind == actor.KindUser {
		row.OwnerUser, row.OwnerTeam = s.Actor.HostUser(), s.Actor.Team()
	}
	return nil
}

// advance opens the steps whose turn has come, and brings the process to where its steps are. The process's row is held,
// or new.
func (p *Processes) advance(ctx context.Context, s *store.Session, was Process, steps []Step) (Process, error) {
	turn := 0
	for _, one := range steps {
		if !one.State.over() {
			turn = one.Part
			break
		}
	}
	next := was
	next.Over, next.At, next.AtUser, next.DueAt = 0, "", "", time.Time{}
	for i := range steps {
		one := &steps[i]
		if one.State == Waiting && one.Part == turn && was.State == Running {
			if err := p.open(ctx, s, was, one); err != nil {
				return was, err
			}
		}
		switch one.State {
		case Open:
			if next.At == "" {
				next.At, next.AtUser = one.Name, one.WhoUser
			}
			if next.DueAt.IsZero() || one.DueAt.Before(next.DueAt) {
				next.DueAt = one.DueAt
			}
		case Done, Skipped:
			next.Over++
		default:
		}
	}
	switch {
	case was.State == Running && next.Over == next.Steps:
		next.State, next.EndedAt = Done, s.Now
	case was.State == Done && next.Over < next.Steps:
		next.State, next.EndedAt = Running, time.Time{}
	}
	if err := s.Save(ctx, &was, &next); err != nil {
		return was, err
	}
	if next.State == Done && was.State != Done {
		return next, next.tell(ctx, s, EventEnded)
	}
	return next, nil
}

// open gives a step its task.
func (p *Processes) open(ctx context.Context, s *store.Session, row Process, one *Step) error {
	was := *one
	user, team, err := p.doer(ctx, s, row, one.Who)
	if err != nil {
		return err
	}
	cal, err := p.config.Calendars.In(s).Of(ctx, s)
	if err != nil {
		return err
	}
	from := s.Now
	if one.FromStart {
		from = row.StartedAt
	}
	one.State, one.OpenedAt, one.WhoUser = Open, s.Now, user
	if one.DueAt = cal.EndOf(civil.In(from, cal.Zone()), one.Days).UTC(); one.DueAt.Before(s.Now) {
		one.DueAt = cal.EndOf(civil.In(s.Now, cal.Zone()), 0).UTC()
	}
	if one.DueAt.Before(s.Now) { // work is over for today
		one.DueAt = s.Now
	}
	task, err := p.plan(ctx, s, row, *one, team)
	if err != nil {
		return err
	}
	one.ActivityID = task.ID
	return s.Save(ctx, &was, one)
}

// plan makes the task of a step. Who is named by the template does not have to accept it, as the company has decided.
func (p *Processes) plan(ctx context.Context, s *store.Session, row Process, one Step, team string) (activity.Activity, error) {
	owner := one.WhoUser
	if owner == "" { // nobody has the record; whoever started it sees to it
		owner = s.Actor.HostUser()
	}
	system := *s
	if owner != s.Actor.UserID {
		system.Actor = actor.System(s.Actor.Company, s.Actor.UserID)
	}
	return p.config.Activities.In(&system).Plan(actor.With(ctx, system.Actor), activity.Plan{
		Party: row.PartyID, Opportunity: activity.OpportunityID(row.OpportunityID), Kind: activity.Task, Subject: one.Name, Body: row.Name, Due: one.DueAt, Owner: owner, Team: team,
	})
}

// doer is who does a step, with his team where that is known.
func (p *Processes) doer(ctx context.Context, s *store.Session, row Process, who Who) (user, team string, err error) {
	if named, is := who.After(User); is {
		return named, "", nil
	}
	team, is := who.After(Team)
	if !is || p.config.Members == nil {
		return row.OwnerUser, row.OwnerTeam, nil
	}
	members, err := p.config.Members(ctx, s, team)
	if err != nil || len(members) == 0 {
		return row.OwnerUser, row.OwnerTeam, err
	}
	slices.Sort(members)
	args := make([]any, 0, len(members)+1)
	for _, m := range members {
		args = append(args, m)
	}
	var rows []struct {
		User string `bun:"who_user"`
		N    int    `bun:"n"`
	}
	err = s.Query(ctx, &rows, store.From[Step]("st"), "SELECT st.who_user, COUNT(*) AS n FROM crm_process_step AS st WHERE {scope} AND st.state = 'open' AND st.who_user IN ("+store.In(len(args))+") GROUP BY st.who_user", args...)
	load := map[string]int{}
	for _, r := range rows {
		load[r.User] = r.N
	}
	best := members[0] // who has the fewest of them
	for _, m := range members {
		if load[m] < load[best] {
			best = m
		}
	}
	return best, team, err
}
