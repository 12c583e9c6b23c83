package process

import (
	"context"
	"errors"
	"slices"
	"time"

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

// Processes keeps the processes of all companies. It is safe for many goroutines.
type Processes struct {
	db     *store.DB
	config Config
}

// New makes a Processes on a database.
func New(db *store.DB, c Config) *Processes { return &Processes{db: db, config: c} }

// In gives a view that works inside an open session.
func (p *Processes) In(s *store.Session) *Processes {
	return &Processes{db: s.Inside(), config: p.config}
}

const kind = "process"

// Document are a company's templates with their version.
type Document struct {
	// Version is 0 where there are none yet; [Processes.Save] wants the one that was read.
	Version int64     `json:"version"`
	Plan    Plan      `json:"plan"`
	SavedAt time.Time `json:"saved_at,omitzero"`
	SavedBy string    `json:"saved_by,omitempty"`
}

func document(d policy.Document[Plan]) Document {
	return Document{Version: d.Version, Plan: d.Body, SavedAt: d.PublishedAt, SavedBy: d.PublishedBy}
}

// Plan reads the company's templates; whoever acts may.
func (p *Processes) Plan(ctx context.Context) (Document, error) {
	var out Document
	err := p.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		d, err := policy.Read[Plan](ctx, s, kind)
		out = document(d)
		return err
	})
	return out, err
}

// Save makes templates hold for what is started from now on. version is the one that was read; another one is
// fault.Conflict. It needs actor.Settings.
func (p *Processes) Save(ctx context.Context, version int64, plan Plan) (Document, error) {
	return store.Write(ctx, p.db, actor.Settings, func(ctx context.Context, s *store.Session) (Document, error) {
		plan.Templates = slices.Clone(plan.Templates)
		if err := plan.check().Err("the templates cannot be saved"); err != nil {
			return Document{}, err
		}
		was, err := policy.Read[Plan](ctx, s, kind)
		if err != nil {
			return Document{}, err
		}
		if was.Version != version && (was.Version == 0 || version == 0) {
			return Document{}, fault.New(fault.Conflict, "the templates are not the ones you read; look at them again")
		}
		for i := range plan.Templates {
			if plan.Templates[i].ID.IsZero() {
				plan.Templates[i].ID = store.NewKey[TemplateTag](s)
			}
		}
		was.Version = version
		d, err := policy.Publish(ctx, s, was, plan)
		return document(d), err
	})
}

// Versions gives the templates that held before, the newest first, at most the last hundred. It needs actor.Settings.
func (p *Processes) Versions(ctx context.Context) ([]policy.State[Plan], error) {
	return store.Read(ctx, p.db, actor.Settings, func(ctx context.Context, s *store.Session) ([]policy.State[Plan], error) {
		return policy.States[Plan](ctx, s, kind)
	})
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
