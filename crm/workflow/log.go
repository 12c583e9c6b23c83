package workflow

import (
	"context"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/leadrule"
	"github.com/crmplus/crmplus/crm/store"
)

// Filter picks runs; zero fields do not narrow it.
type Filter struct {
	Rule    ID
	Record  RecordID
	Outcome Outcome
	// Open picks those that wait, which have no outcome.
	Open bool
	Page store.Page
}

// RunRow is a run in the log, with the names of its rule and record; a record that is gone has none.
type RunRow struct {
	Run
	Rule   string `bun:"-" json:"rule"`
	Record Record `bun:"-" json:"record"`
}

// Runs is one page of the log, the latest first.
type Runs struct {
	Rows []RunRow `json:"rows"`
	// Next asks for the page behind this one; "" where there is none.
	Next string `json:"next,omitempty"`
}

// Runs lists what rules did and why, by when it was due. It needs actor.ReportRead, and shows runs for records that the
// actor sees.
func (w *Workflows) Runs(ctx context.Context, f Filter) (Runs, error) {
	return store.Read(ctx, w.db, Read, func(ctx context.Context, s *store.Session) (Runs, error) {
		var rows []Run
		q := s.Select(&rows).Where("workflow_run.company = ?", s.Actor.Company)
		if !f.Rule.IsZero() {
			q = q.Where("workflow_run.workflow_id = ?", f.Rule)
		}
		if !f.Record.IsZero() {
			q = q.Where("workflow_run.record_id = ?", f.Record)
		}
		if f.Outcome != "" || f.Open {
			q = q.Where("workflow_run.outcome = ?", f.Outcome)
		}
		err := s.Paged(q, store.Order{Column: "workflow_run.planned_at", ID: "workflow_run.id", Desc: true}, f.Page).Scan(ctx)
		if err != nil {
			return Runs{}, err
		}
		out := Runs{Rows: make([]RunRow, len(rows))}
		for i, r := range rows {
			out.Rows[i].Run = r
		}
		if n := len(rows); n == f.Page.Size() {
			out.Next = store.Cursor(rows[n-1].PlannedAt, rows[n-1].ID)
		}
		return out, out.name(ctx, s)
	})
}

func (r Runs) name(ctx context.Context, s *store.Session) error {
	var rules []Rule
	if err := s.Select(&rules).Column("id", "name").OrderExpr("workflow.id").Scan(ctx); err != nil {
		return err
	}
	names := make(map[ID]string, len(rules))
	for _, one := range rules {
		names[one.ID] = one.Name
	}
	for _, noun := range leadrule.Nouns {
		var ids []RecordID
		for _, row := range r.Rows {
			if row.Noun == noun {
				ids = append(ids, row.RecordID)
			}
		}
		found, err := records(ctx, s, noun, ids)
		if err != nil {
			return err
		}
		for i := range r.Rows {
			if row := &r.Rows[i]; row.Noun == noun {
				row.Rule, row.Record = names[row.WorkflowID], found[row.RecordID]
			}
		}
	}
	return nil
}

// Row is a rule in the list, with how often it came to what.
type Row struct {
	Rule
	Counts map[Outcome]int64 `bun:"-" json:"counts"`
}

// List gives the company's rules by their names, with what became of their runs in the log. It needs actor.ReportRead.
func (w *Workflows) List(ctx context.Context) ([]Row, error) {
	return store.Read(ctx, w.db, Read, func(ctx context.Context, s *store.Session) ([]Row, error) {
		var rules []Rule
		if err := s.Select(&rules).OrderExpr("workflow.name, workflow.id").Scan(ctx); err != nil {
			return nil, err
		}
		out := make([]Row, len(rules))
		for i, r := range rules {
			counts, err := countsOf(ctx, s, r.ID)
			if err != nil {
				return nil, err
			}
			out[i] = Row{Rule: r, Counts: counts}
		}
		return out, nil
	})
}

// countsOf is what became of a rule's runs.
func countsOf(ctx context.Context, s *store.Session, id ID) (map[Outcome]int64, error) {
	var rows []struct {
		Outcome Outcome `bun:"outcome"`
		N       int64   `bun:"n"`
	}
	err := s.Query(ctx, &rows, store.From[Run]("r"), "SELECT r.outcome, COUNT(*) AS n FROM crm_workflow_run AS r WHERE {scope} AND r.workflow_id = ? GROUP BY r.outcome", id)
	out := map[Outcome]int64{}
	for _, r := range rows {
		out[r.Outcome] = r.N
	}
	return out, err
}

// Retry has a run that failed tried again, from the beginning. It needs actor.Settings.
func (w *Workflows) Retry(ctx context.Context, id RunID) (Run, error) {
	return store.Write(ctx, w.db, Write, func(ctx context.Context, s *store.Session) (Run, error) {
		var run Run
		n, err := s.Exec(ctx, store.From[Run](""), "UPDATE crm_workflow_run SET state = 'new', outcome = '', attempts = 0, due_at = ?, finished_at = NULL WHERE {scope} AND id = ? AND state = 'dead'", s.Now, id)
		if err != nil {
			return run, err
		}
		if err := s.Get(ctx, &run, id); err != nil {
			return run, err
		}
		if n == 0 && run.State != store.StateNew {
			return run, fault.New(fault.Invalid, "only a run that failed is tried again; this one %s", run.Outcome)
		}
		s.Wake()
		return run, nil
	})
}
