package regulation

import (
	"context"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/clock"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
)

// Standing is how a passage stands.
type Standing string

// The standings.
const (
	// Kept: the second step came in time. Broken: too late, or it has not come though the limit is passed.
	Kept   Standing = "kept"
	Broken Standing = "broken"
	// Open: there is time left. Void: the deal was lost, or the first step undone.
	Open Standing = "open"
	Void Standing = "void"
	// Late: broken, and the second step has not come yet.
	Late Standing = "late"
)

// Standings are those that rows are looked for by.
var Standings = []Standing{Kept, Broken, Late, Open, Void}

// Filter chooses passages by the time of their limit; Until itself is not in it. Zero fields do not narrow.
type Filter struct {
	From, Until time.Time
	Regulation  ID
	Owner       string
	Standing    Standing
	Page        store.Page
}

// where is the condition on crm_clock AS c.
func (f Filter) where(s *store.Session) (string, []any) {
	text, args := " AND c.kind = ?", []any{clock.Regulation}
	and := func(part string, values ...any) { text, args = text+" AND "+part, append(args, values...) }
	if !f.From.IsZero() {
		and("c.due_at >= ?", f.From)
	}
	if !f.Until.IsZero() {
		and("c.due_at < ?", f.Until)
	}
	if !f.Regulation.IsZero() {
		and("c.part_id = ?", f.Regulation)
	}
	if f.Owner != "" {
		and("c.owner_user = ?", f.Owner)
	}
	switch f.Standing {
	case Kept:
		and("c.state = 'kept'")
	case Broken:
		and("c.state IN ('missed', 'running') AND (c.state <> 'running' OR c.due_at < ?)", s.Now)
	case Late:
		and("c.state = 'running' AND c.due_at < ?", s.Now)
	case Open:
		and("c.state = 'running' AND c.due_at >= ?", s.Now)
	case Void:
		and("c.state = 'dropped'")
	}
	return text, args
}

// Result counts the passages of one regulation and owner whose limit is in one month of the company's zone.
type Result struct {
	Regulation ID     `json:"regulation"`
	Name       string `json:"name"`
	Owner      string `json:"owner"`
	// Month is the first instant of it.
	Month        time.Time `json:"month"`
	Kept, Broken int64
	// Seconds is the working time that those kept and those that ended too late took together, Ended their number.
	Seconds, Ended int64
}

// Results counts passages month by month; what is open or void is not in it. The period has at most three years. It
// needs actor.OpportunityRead, and sees what the actor sees.
func (r *Regulations) Results(ctx context.Context, f Filter) ([]Result, error) {
	if f.From.IsZero() || f.Until.IsZero() || f.Until.Sub(f.From) > 1100*24*time.Hour {
		return nil, fault.New(fault.Invalid, "say from when until when, at most three years")
	}
	return store.Read(ctx, r.db, actor.OpportunityRead, func(ctx context.Context, s *store.Session) ([]Result, error) {
		cal, err := r.config.Calendars.In(s).Of(ctx, s)
		if err != nil {
			return nil, err
		}
		named, err := names(ctx, s)
		if err != nil {
			return nil, err
		}
		var out []Result
		for from := f.From; from.Before(f.Until); {
			local := from.In(cal.Zone())
			month := time.Date(local.Year(), local.Month(), 1, 0, 0, 0, 0, cal.Zone())
			part := f
			part.From, part.Until = from, month.AddDate(0, 1, 0)
			if f.Until.Before(part.Until) {
				part.Until = f.Until
			}
			where, args := part.where(s)
			var rows []struct {
				Part    ID     `bun:"part_id"`
				Name    string `bun:"name"`
				Owner   string `bun:"owner_user"`
				Kept    int64  `bun:"kept"`
				Broken  int64  `bun:"broken"`
				Seconds int64  `bun:"seconds"`
				Ended   int64  `bun:"ended"`
			}
			err := s.Query(ctx, &rows, store.From[clock.Clock]("c"), "SELECT c.part_id, MAX(c.rule_name) AS name, c.owner_user, SUM(CASE WHEN c.state = 'kept' THEN 1 ELSE 0 END) AS kept, SUM(CASE WHEN c.state = 'kept' THEN 0 ELSE 1 END) AS broken,"+
				" SUM(CASE WHEN c.state = 'running' THEN 0 ELSE c.spent_seconds END) AS seconds, SUM(CASE WHEN c.state = 'running' THEN 0 ELSE 1 END) AS ended"+
				" FROM crm_clock AS c WHERE {scope}"+where+" AND c.state IN ('kept', 'missed', 'running') AND (c.state <> 'running' OR c.due_at < ?) GROUP BY c.part_id, c.owner_user ORDER BY c.part_id, c.owner_user", append(args, s.Now)...)
			if err != nil {
				return nil, err
			}
			for _, row := range rows {
				one := Result{Regulation: row.Part, Name: row.Name, Owner: row.Owner, Month: month, Kept: row.Kept, Broken: row.Broken, Seconds: row.Seconds, Ended: row.Ended}
				if name := named[row.Part]; name != "" {
					one.Name = name
				}
				out = append(out, one)
			}
			from = part.Until
		}
		return out, nil
	})
}

// names are what the regulations that hold are called now.
func names(ctx context.Context, s *store.Session) (map[ID]string, error) {
	d, err := plans.Read(ctx, s)
	out := map[ID]string{}
	for _, one := range d.Plan.Regulations {
		out[one.ID] = one.Name
	}
	return out, err
}

// Row is a passage with the name of what it is about.
type Row struct {
	clock.Clock

	Name string `json:"name" bun:"name"`
	// Left is the working time until the limit, for those that run; negative after it.
	Left time.Duration `json:"left,omitempty" bun:"-"`
}

// Standing is how the passage stands at an instant.
func (r Row) Standing(now time.Time) Standing {
	switch {
	case r.State == clock.Kept:
		return Kept
	case r.State == clock.Missed:
		return Broken
	case r.State == clock.Dropped:
		return Void
	case now.After(r.DueAt):
		return Late
	}
	return Open
}

// List is one page of passages.
type List struct {
	Rows []Row  `json:"rows"`
	Next string `json:"next,omitempty"`
}

// List gives passages, those with the latest limit first; open ones and those that are late with the earliest limit
// first. It needs actor.OpportunityRead, and sees what the actor sees.
func (r *Regulations) List(ctx context.Context, f Filter) (List, error) {
	return store.Read(ctx, r.db, actor.OpportunityRead, func(ctx context.Context, s *store.Session) (List, error) {
		where, args := f.where(s)
		tail, err := s.PagedSQL(store.Order{Column: "c.due_at", ID: "c.id", Desc: f.Standing != Open && f.Standing != Late}, f.Page)
		if err != nil {
			return List{}, err
		}
		var out List
		if err := s.Query(ctx, &out.Rows, store.From[clock.Clock]("c"), "SELECT c.*, COALESCE(o.name, p.name) AS name FROM crm_clock AS c JOIN crm_party AS p ON p.id = c.party_id"+
			" LEFT JOIN crm_opportunity AS o ON o.id = c.record_id AND c.noun = 'opportunity' WHERE {scope}"+where+tail.SQL, append(args, tail.Args...)...); err != nil {
			return List{}, err
		}
		cal, err := r.config.Calendars.In(s).Of(ctx, s)
		if err != nil {
			return List{}, err
		}
		named, err := names(ctx, s)
		if err != nil {
			return List{}, err
		}
		for i := range out.Rows {
			row := &out.Rows[i]
			if row.State == clock.Running {
				row.Left = row.Clock.Left(cal, s.Now)
			}
			if name := named[ID(row.PartID)]; name != "" {
				row.RuleName = name
			}
		}
		if n := len(out.Rows); n == f.Page.Size() {
			out.Next = store.Cursor(out.Rows[n-1].DueAt, out.Rows[n-1].ID)
		}
		return out, nil
	})
}
