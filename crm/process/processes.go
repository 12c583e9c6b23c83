package process

import (
	"context"
	"errors"
	"slices"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/calendar"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/policy"
	"github.com/crmplus/crmplus/crm/store"
)

// Config is what the package is told by its surroundings; Calendars and Activities are needed.
type Config struct {
	Calendars  *calendar.Calendars
	Activities *activity.Activities
	// Members are the users of a team, inside a transaction; nil where the host does not tell, and then the owner does
	// what is for a team.
	Members func(ctx context.Context, s *store.Session, team string) ([]string, error)
}

// Processes keeps the processes of all companies, and the templates by which each starts them; what is published holds
// for what is started from then on. It is safe for many goroutines.
//
// What the company decides is read and changed by Plan, SaveDraft, Discard, Publish and Versions of [policy.Keeper].
type Processes struct {
	policy.Keeper[Plan]

	db     *store.DB
	config Config
}

// New makes a Processes on a database.
func New(db *store.DB, c Config) *Processes {
	return &Processes{Keeper: policy.Keep(db, plans, policy.Terms[Plan]{Check: check, Publishing: publishing}), db: db, config: c}
}

// In gives a view that works inside an open session.
func (p *Processes) In(s *store.Session) *Processes {
	return New(s.Inside(), p.config)
}

// Document are a company's templates with their draft.
type Document = policy.Document[Plan]

var plans = policy.Kind[Plan]{Name: "process", Noun: "the templates"}

func check(_ context.Context, _ *store.Session, p *Plan) (fault.List, error) { return p.check(), nil }

// publishing gives new templates their ids.
func publishing(_ context.Context, s *store.Session, _ Document, p *Plan) error {
	p.Templates = slices.Clone(p.Templates)
	for i := range p.Templates {
		if p.Templates[i].ID.IsZero() {
			p.Templates[i].ID = store.NewKey[TemplateTag](s)
		}
	}
	return nil
}

// Filter chooses processes; zero fields do not narrow.
type Filter struct {
	State    State
	Template TemplateID
	// Owner is whose the record is, or who has an open step.
	Owner string
	// Overdue chooses those with a step that is late.
	Overdue bool
	// Noun and Record choose those on one record; Party those with one person or company, whatever they are on.
	Noun   Noun
	Record RecordID
	Party  [16]byte
	Page   store.Page
}

// Row is a process with the name of what it is on.
type Row struct {
	Process

	About string `json:"about" bun:"about"`
}

// List is one page of processes.
type List struct {
	Rows []Row  `json:"rows"`
	Next string `json:"next,omitempty"`
}

// List gives processes, those that began last in front. It needs actor.ActivityRead, and sees what the actor sees.
func (p *Processes) List(ctx context.Context, f Filter) (List, error) {
	return store.Read(ctx, p.db, actor.ActivityRead, func(ctx context.Context, s *store.Session) (List, error) {
		where, args := "", []any{}
		and := func(part string, values ...any) { where, args = where+" AND "+part, append(args, values...) }
		if f.State != "" {
			and("p.state = ?", f.State)
		}
		if !f.Template.IsZero() {
			and("p.template_id = ?", f.Template)
		}
		if f.Owner != "" {
			and("(p.owner_user = ? OR p.id IN (SELECT st.process_id FROM crm_process_step AS st WHERE st.company = ? AND st.who_user = ? AND st.state = 'open'))", f.Owner, s.Actor.Company, f.Owner)
		}
		if f.Overdue {
			and("p.state = 'running' AND p.due_at < ?", s.Now)
		}
		if !f.Record.IsZero() {
			and("p.record_id = ? AND p.noun = ?", f.Record, f.Noun)
		}
		if f.Party != [16]byte{} {
			and("p.party_id = ?", store.Key[any](f.Party))
		}
		tail, err := s.PagedSQL(store.Order{Column: "p.started_at", ID: "p.id", Desc: true}, f.Page)
		if err != nil {
			return List{}, err
		}
		var out List
		err = s.Query(ctx, &out.Rows, store.From[Process]("p"), "SELECT p.*, COALESCE(o.name, w.name) AS about FROM crm_process AS p JOIN crm_party AS w ON w.id = p.party_id LEFT JOIN crm_opportunity AS o ON o.id = p.opportunity_id WHERE {scope}"+where+tail.SQL, append(args, tail.Args...)...)
		if n := len(out.Rows); n == f.Page.Size() {
			out.Next = store.Cursor(out.Rows[n-1].StartedAt, out.Rows[n-1].ID)
		}
		return out, err
	})
}

// Card is a process with its steps in order.
type Card struct {
	Row

	Line []Step `json:"steps"`
}

// Get reads one process. It needs actor.ActivityRead.
func (p *Processes) Get(ctx context.Context, id ID) (Card, error) {
	return store.Read(ctx, p.db, actor.ActivityRead, func(ctx context.Context, s *store.Session) (Card, error) {
		var out Card
		if err := s.Get(ctx, &out.Process, id); err != nil {
			return out, err
		}
		var names []string
		err := s.Query(ctx, &names, store.From[Process]("p"), "SELECT COALESCE(o.name, w.name) FROM crm_process AS p JOIN crm_party AS w ON w.id = p.party_id LEFT JOIN crm_opportunity AS o ON o.id = p.opportunity_id WHERE {scope} AND p.id = ?", id)
		if err != nil {
			return out, err
		}
		if len(names) > 0 {
			out.About = names[0]
		}
		out.Line, err = stepsOf(ctx, s, id)
		return out, err
	})
}

func stepsOf(ctx context.Context, s *store.Session, id ID) ([]Step, error) {
	var steps []Step
	err := s.Select(&steps).Where("step.process_id = ?", id).OrderExpr("step.position").Limit(maxSteps).Scan(ctx)
	return steps, err
}

func ignoreMissing(err error) error {
	if errors.Is(err, fault.NotFound) {
		return nil
	}
	return err
}
