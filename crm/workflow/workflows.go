package workflow

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/calendar"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/leadrule"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/rule"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
)

// The limits.
const (
	// MaxRules is how many rules a company has.
	MaxRules = 200
	// MaxDepth is how many rules may stand behind one another.
	MaxDepth = 5
	// MaxPerHour is how often one rule acts on one record within an hour.
	MaxPerHour = 20
	// MaxAttempts is how often a run is tried: for about two hours.
	MaxAttempts = 10
	// Keep is how long runs stay in the log after their time.
	Keep = 400 * 24 * time.Hour
)

// Config is what the package is told by its surroundings.
type Config struct {
	// Terms, Steps, Calendars and Locales are needed.
	Terms     *leadrule.Terms
	Steps     *event.Registry
	Calendars *calendar.Calendars
	Locales   func(company string) locale.Locale
	// Staff tells a user's manager, inside a transaction; nil where the host does not tell.
	Staff func(ctx context.Context, s *store.Session, id string) (erpbridge.User, error)
	// Language is the one that a user of the host has chosen, "" for the company's; nil where nobody chooses.
	Language func(ctx context.Context, s *store.Session, user string) (locale.Language, error)
	// Link is the address of a record's card by its noun, "" or nil for none.
	Link func(company, noun string, id RecordID) string
	// Limit is how long one run may take; 5 seconds where it is 0.
	Limit time.Duration
}

// Workflows keeps the rules of all companies and has them done. It is safe for many goroutines.
type Workflows struct {
	db     *store.DB
	config Config
	known  *known
}

// New makes a Workflows on a database.
func New(db *store.DB, c Config) *Workflows {
	if c.Limit == 0 {
		c.Limit = 5 * time.Second
	}
	return &Workflows{db: db, config: c, known: &known{by: map[string]*rules{}}}
}

// On gives the same workflows on another view of the database.
func (w *Workflows) On(db *store.DB) *Workflows {
	view := *w
	view.db = db
	return &view
}

// In gives a view that works inside an open session.
func (w *Workflows) In(s *store.Session) *Workflows {
	view := w.On(s.Inside())
	view.config.Calendars = view.config.Calendars.In(s)
	return view
}

// The rights: to look at rules and what they did, and to make them.
const (
	Read  = actor.ReportRead
	Write = actor.Settings
)

// Drafting is what a rule is saved with.
type Drafting struct {
	// ID is zero for a new rule; Version is the one that was read.
	ID      ID
	Version int64
	Name    string
	Noun    leadrule.Noun
	Plan    Plan
}

// Save writes a rule's draft; what was published holds on. It needs actor.Settings. An older version is fault.Conflict.
func (w *Workflows) Save(ctx context.Context, d Drafting) (Rule, error) {
	return store.Write(ctx, w.db, Write, func(ctx context.Context, s *store.Session) (Rule, error) {
		var was Rule
		if !d.ID.IsZero() {
			if err := s.Get(ctx, &was, d.ID); err != nil {
				return was, err
			}
			d.Noun = was.Noun // what a rule is about never changes: its runs are about that
		}
		judged := draft{name: d.Name, noun: d.Noun, plan: d.Plan}
		faults, err := w.check(ctx, s, &judged)
		if err == nil {
			err = faults.Err("the rule cannot be saved")
		}
		if err != nil {
			return was, err
		}
		next := was
		next.Name, next.Noun, next.Plan = judged.name, judged.noun, judged.plan
		if d.ID.IsZero() {
			var n int
			if err := s.Query(ctx, &n, store.From[Rule]("w"), "SELECT COUNT(*) FROM crm_workflow AS w WHERE {scope}"); err != nil {
				return was, err
			}
			if n >= MaxRules {
				return was, fault.New(fault.Limit, "there are %d rules; remove one first", n)
			}
			next.ID, next.State = store.NewKey[Tag](s), Draft
			return next, s.Insert(ctx, &next)
		}
		was.Version = d.Version
		return next, s.Save(ctx, &was, &next)
	})
}

// Publish makes the draft hold from now on. It needs actor.Settings, the sight of all records of the company, and what
// saving needs.
func (w *Workflows) Publish(ctx context.Context, id ID, version int64) (Rule, error) {
	return w.turn(ctx, id, version, func(ctx context.Context, s *store.Session, next *Rule) error {
		if s.Actor.See != actor.All {
			return fault.New(fault.Forbidden, "a rule acts on everybody's records, and you do not see all of them; ask somebody who does to publish it")
		}
		judged := draft{name: next.Name, noun: next.Noun, plan: next.Plan}
		faults, err := w.check(ctx, s, &judged)
		if err == nil {
			err = faults.Err("the rule cannot be published")
		}
		if err != nil {
			return err
		}
		next.Live++
		next.State, next.LiveAt, next.LiveBy = Live, s.Now, s.Actor.UserID
		v := Version{WorkflowID: id, Number: next.Live, SavedAt: s.Now, SavedBy: s.Actor.UserID, Plan: judged.plan}
		if err := s.InsertQuiet(ctx, &v); err != nil {
			return err
		}
		return w.schedule(ctx, s, id, judged.plan.Trigger)
	})
}

// Stop switches a rule off: runs that wait are cancelled when their time comes. It needs actor.Settings.
func (w *Workflows) Stop(ctx context.Context, id ID, version int64) (Rule, error) {
	return w.turn(ctx, id, version, func(ctx context.Context, s *store.Session, next *Rule) error {
		if next.State == Live {
			next.State = Off
		}
		return w.schedule(ctx, s, id, Trigger{})
	})
}

// Remove takes a rule away that never held; others are switched off by Stop, because their runs speak of them. It needs
// actor.Settings.
func (w *Workflows) Remove(ctx context.Context, id ID, version int64) error {
	_, err := store.Write(ctx, w.db, Write, func(ctx context.Context, s *store.Session) (Rule, error) {
		var was Rule
		if err := s.Lock(ctx, &was, id); err != nil {
			return was, err
		}
		if was.Live > 0 {
			return was, fault.New(fault.Invalid, "the rule has been published; switch it off instead")
		}
		was.Version = version
		return was, s.Delete(ctx, &was)
	})
	return err
}

func (w *Workflows) turn(ctx context.Context, id ID, version int64, how func(ctx context.Context, s *store.Session, next *Rule) error) (Rule, error) {
	return store.Write(ctx, w.db, Write, func(ctx context.Context, s *store.Session) (Rule, error) {
		var was Rule
		if err := s.Lock(ctx, &was, id); err != nil {
			return was, err
		}
		next := was
		was.Version = version
		if err := how(ctx, s, &next); err != nil {
			return was, err
		}
		return next, s.Save(ctx, &was, &next)
	})
}

// Get reads a rule. It needs actor.ReportRead.
func (w *Workflows) Get(ctx context.Context, id ID) (Rule, error) {
	return store.Read(ctx, w.db, Read, func(ctx context.Context, s *store.Session) (Rule, error) {
		var out Rule
		return out, s.Get(ctx, &out, id)
	})
}

// Versions gives what a rule said, the newest first, at most the last hundred. It needs actor.ReportRead.
func (w *Workflows) Versions(ctx context.Context, id ID) ([]Version, error) {
	return store.Read(ctx, w.db, Read, func(ctx context.Context, s *store.Session) ([]Version, error) {
		var rows []Version
		return rows, s.Query(ctx, &rows, store.From[Version]("v"), "SELECT v.* FROM crm_workflow_version AS v WHERE {scope} AND v.workflow_id = ? ORDER BY v.number DESC"+s.Limit(100), id)
	})
}

// Environment gives what conditions of rules about a noun can speak of. It needs actor.ReportRead.
func (w *Workflows) Environment(ctx context.Context, noun leadrule.Noun) (*rule.Environment, error) {
	return store.Read(ctx, w.db, Read, func(ctx context.Context, s *store.Session) (*rule.Environment, error) {
		return w.config.Terms.About(ctx, s, noun)
	})
}

// Steps are the actions that rules about a noun can do, with the company's own fields and templates among what their
// parameters are chosen from. It needs actor.ReportRead.
func (w *Workflows) Steps(ctx context.Context, noun leadrule.Noun) ([]event.Step, error) {
	return store.Read(ctx, w.db, Read, func(ctx context.Context, s *store.Session) ([]event.Step, error) {
		steps := w.config.Steps.Steps(string(noun)) // anew where the unit of work is repeated
		fields, err := s.Fields(ctx, string(noun))
		for i := range steps {
			steps[i].Parameters = slices.Clone(steps[i].Parameters)
			for j := range steps[i].Parameters {
				if err == nil {
					err = offer(ctx, s, noun, &steps[i].Parameters[j], fields)
				}
			}
		}
		return steps, err
	})
}

// offer adds what a company has of its own to the choices of a parameter.
func offer(ctx context.Context, s *store.Session, noun leadrule.Noun, p *event.Parameter, fields []store.CustomField) error {
	p.Choices = slices.Clone(p.Choices)
	if p.Kind == event.FieldChoice {
		for _, f := range fields {
			p.Choices = append(p.Choices, "custom."+f.Name)
		}
	}
	if p.Find == nil {
		return nil
	}
	found, err := p.Find(ctx, s, string(noun))
	p.Choices = append(p.Choices, found...)
	return err
}

// known are the live rules of companies, ready to be asked. They are made anew where a rule has changed since.
type known struct {
	mu sync.Mutex
	by map[string]*rules
}

// rules are the live ones of a company.
type rules struct {
	stamp int64
	all   []*ready
}

// ready is a live rule with its condition.
type ready struct {
	Rule
	plan Plan
	// when is nil where the rule has no condition; broken is why it cannot be asked any more.
	when   *rule.Condition
	env    *rule.Environment
	broken error
}

// live gives the company's live rules in the order they were made. One small question to the database tells whether
// those that are known still hold: versions only grow, so their sum is never the same again. A custom field that came
// or went since changes nothing for rules that were published before.
func (w *Workflows) live(ctx context.Context, s *store.Session) ([]*ready, error) {
	var stamp int64
	if err := s.Query(ctx, &stamp, store.From[Rule]("w"), "SELECT COALESCE(SUM(w.version), 0) FROM crm_workflow AS w WHERE {scope} AND w.live > 0"); err != nil || stamp == 0 {
		return nil, err
	}
	w.known.mu.Lock()
	was := w.known.by[s.Actor.Company]
	w.known.mu.Unlock()
	if was != nil && was.stamp == stamp {
		return was.all, nil
	}
	fresh := &rules{stamp: stamp}
	var rows []Rule
	if err := s.Select(&rows).Where("workflow.state = ?", Live).OrderExpr("workflow.id").Scan(ctx); err != nil {
		return nil, err
	}
	for _, row := range rows {
		one, err := w.ready(ctx, s, row, row.Live)
		if err != nil {
			return nil, err
		}
		fresh.all = append(fresh.all, one)
	}
	w.known.mu.Lock()
	w.known.by[s.Actor.Company] = fresh
	w.known.mu.Unlock()
	return fresh.all, nil
}

// ready makes one version of a rule ready.
func (w *Workflows) ready(ctx context.Context, s *store.Session, row Rule, number int64) (*ready, error) {
	var versions []Version
	err := s.Query(ctx, &versions, store.From[Version]("v"), "SELECT v.* FROM crm_workflow_version AS v WHERE {scope} AND v.workflow_id = ? AND v.number = ?", row.ID, number)
	if err != nil {
		return nil, err
	}
	if len(versions) == 0 {
		return nil, fault.New(fault.NotFound, "the rule %q has no version %d", row.Name, number)
	}
	out := &ready{Rule: row, plan: versions[0].Plan}
	if out.env, err = w.config.Terms.About(ctx, s, row.Noun); err != nil {
		return nil, err
	}
	if out.plan.When != "" {
		out.when, out.broken = out.env.Parse(out.plan.When)
	}
	return out, nil
}
