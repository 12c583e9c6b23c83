package opportunity

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/store"
)

// Pipelines sets up how a company sells. Reading needs actor.OpportunityRead, changing actor.Settings.
type Pipelines struct{ o *Opportunities }

// Pipelines gives the company's pipelines.
func (o *Opportunities) Pipelines() *Pipelines { return &Pipelines{o} }

// PipelineDraft describes a new pipeline.
type PipelineDraft struct {
	Name string `json:"name"`
	// Currency defaults to the company's own.
	Currency string `json:"currency"`
	// Stages defaults to six usual ones in the company's language.
	Stages []StageDraft `json:"stages"`
}

// PipelineEdit changes a pipeline; nil leaves a field as it is.
type PipelineEdit struct {
	// Version is the one that was read, 0 for whichever there is.
	Version  int64   `json:"version"`
	Name     *string `json:"name"`
	Currency *string `json:"currency"`
}

// List gives all pipelines in their order, archived ones last. A company without any gets its first
// one now, in its language.
func (p *Pipelines) List(ctx context.Context) ([]Pipeline, error) {
	all, err := store.Read(ctx, p.o.db, actor.OpportunityRead, pipelines)
	if err != nil || len(all) > 0 {
		return all, err
	}
	return store.Write(ctx, p.o.db, actor.OpportunityRead, func(ctx context.Context, s *store.Session) ([]Pipeline, error) {
		if _, err := p.o.firstPipeline(ctx, s); err != nil {
			return nil, err
		}
		return pipelines(ctx, s)
	})
}

// Get reads one pipeline with its stages.
func (p *Pipelines) Get(ctx context.Context, id PipelineID) (Pipeline, error) {
	return store.Read(ctx, p.o.db, actor.OpportunityRead, func(ctx context.Context, s *store.Session) (Pipeline, error) {
		return pipelineOf(ctx, s, id)
	})
}

// Add makes a pipeline; it stands behind the others.
func (p *Pipelines) Add(ctx context.Context, d PipelineDraft) (Pipeline, error) {
	return store.Write(ctx, p.o.db, actor.Settings, func(ctx context.Context, s *store.Session) (Pipeline, error) {
		all, err := pipelines(ctx, s)
		if err != nil {
			return Pipeline{}, err
		}
		return p.o.addPipeline(ctx, s, d, len(all)+1)
	})
}

func (o *Opportunities) addPipeline(ctx context.Context, s *store.Session, d PipelineDraft, position int) (Pipeline, error) {
	l := o.locale(s.Actor.Company)
	row := Pipeline{ID: store.NewKey[PipelineTag](s), Name: strings.TrimSpace(d.Name), Position: position, Currency: d.Currency}
	if row.Currency == "" {
		row.Currency = l.Currency
	}
	if len(d.Stages) == 0 {
		d.Stages = defaultStages(l.Language)
	}
	faults := checkPipeline(row)
	has := map[State]bool{}
	for i, sd := range d.Stages {
		st := Stage{
			ID: store.NewKey[StageTag](s), PipelineID: row.ID, Name: sd.Name, Position: i + 1, Kind: sd.Kind, Chance: sd.Chance,
			RequiredFields: sd.RequiredFields, RequiredActivities: sd.RequiredActivities, LimitHours: sd.LimitHours,
		}
		faults.Merge("stages"+index(i), o.checkStage(&st))
		has[st.Kind] = true
		row.Stages = append(row.Stages, st)
	}
	for _, kind := range []State{Open, Won, Lost} {
		if !has[kind] {
			faults.Add("stages", "stage.kind", "a pipeline needs at least one %s stage; add it", kind)
		}
	}
	if err := faults.Err("the pipeline cannot be saved"); err != nil {
		return Pipeline{}, err
	}
	if err := s.Insert(ctx, &row); err != nil {
		return Pipeline{}, err
	}
	return row, s.Insert(ctx, &row.Stages)
}

func checkPipeline(p Pipeline) fault.List {
	var faults fault.List
	faults.Required("name", p.Name)
	checkCurrency(&faults, p.Currency)
	return faults
}

func checkCurrency(faults *fault.List, code string) {
	if !money.ValidCurrency(code) {
		faults.Add("currency", "currency.form", "%q is no currency; give its ISO 4217 code, as in EUR", code)
	}
}

// Edit changes a pipeline's name or currency.
func (p *Pipelines) Edit(ctx context.Context, id PipelineID, e PipelineEdit) (Pipeline, error) {
	return p.change(ctx, id, func(ctx context.Context, s *store.Session, row Pipeline) error {
		if e.Version != 0 {
			row.Version = e.Version
		}
		next := row
		set(&next.Name, trimmed(e.Name))
		set(&next.Currency, e.Currency)
		if err := checkPipeline(next).Err("the pipeline cannot be saved"); err != nil {
			return err
		}
		return s.Save(ctx, &row, &next)
	})
}

// change locks a pipeline, which also keeps two people from rebuilding its stages at once, and gives
// it as it is afterwards.
func (p *Pipelines) change(ctx context.Context, id PipelineID, verb func(context.Context, *store.Session, Pipeline) error) (Pipeline, error) {
	return store.Write(ctx, p.o.db, actor.Settings, func(ctx context.Context, s *store.Session) (Pipeline, error) {
		var row Pipeline
		if err := s.Lock(ctx, &row, id); err != nil {
			return row, err
		}
		if err := verb(ctx, s, row); err != nil {
			return row, err
		}
		return pipelineOf(ctx, s, id)
	})
}

// Arrange puts the pipelines into a new order; ids must name each of them that is not archived once.
func (p *Pipelines) Arrange(ctx context.Context, ids ...PipelineID) ([]Pipeline, error) {
	return store.Write(ctx, p.o.db, actor.Settings, func(ctx context.Context, s *store.Session) ([]Pipeline, error) {
		all, err := pipelines(ctx, s)
		if err != nil {
			return nil, err
		}
		var live []PipelineID
		for _, row := range all {
			if row.ArchivedAt.IsZero() {
				live = append(live, row.ID)
			}
		}
		if err := sameSet("pipelines", live, ids); err != nil {
			return nil, err
		}
		for _, row := range all {
			next := row
			if next.Position = slices.Index(ids, row.ID) + 1; next.Position == 0 {
				continue
			}
			if err := s.Save(ctx, &row, &next); err != nil {
				return nil, err
			}
		}
		return pipelines(ctx, s)
	})
}

// sameSet refuses an order that leaves something out, names it twice, or names what is not there.
func sameSet[Noun any](path string, want, got []store.Key[Noun]) error {
	var faults fault.List
	for _, id := range want {
		if !slices.Contains(got, id) {
			faults.Add(path, "order.missing", "%s is missing from the order; name each one once", id)
		}
	}
	for i, id := range got {
		if !slices.Contains(want, id) {
			faults.Add(path+index(i), "order.unknown", "%s is not among them; leave it out", id)
		} else if slices.Index(got, id) != i {
			faults.Add(path+index(i), "order.twice", "%s stands twice; name each one once", id)
		}
	}
	return faults.Err("the order cannot be saved")
}

// Archive takes a pipeline out of use. It must hold no open opportunities and not be the last one.
func (p *Pipelines) Archive(ctx context.Context, id PipelineID) (Pipeline, error) {
	return p.change(ctx, id, func(ctx context.Context, s *store.Session, row Pipeline) error {
		if !row.ArchivedAt.IsZero() {
			return nil
		}
		all, err := pipelines(ctx, s)
		if err != nil {
			return err
		}
		var faults fault.List
		if !slices.ContainsFunc(all, func(o Pipeline) bool { return o.ArchivedAt.IsZero() && o.ID != id }) {
			faults.Add("archived_at", "pipeline.last", "this is the last pipeline in use; add another one first")
		}
		n, err := openIn(ctx, s, "held.pipeline_id = ?", id)
		if err != nil {
			return err
		}
		if n > 0 {
			faults.Add("archived_at", "pipeline.used", "%d open opportunities are in it; move or close them first", n)
		}
		if err := faults.Err("the pipeline cannot be archived"); err != nil {
			return err
		}
		next := row
		next.ArchivedAt = s.Now
		return s.Save(ctx, &row, &next)
	})
}

// Restore takes an archived pipeline back into use.
func (p *Pipelines) Restore(ctx context.Context, id PipelineID) (Pipeline, error) {
	return p.change(ctx, id, func(ctx context.Context, s *store.Session, row Pipeline) error {
		next := row
		next.ArchivedAt = time.Time{}
		return s.Save(ctx, &row, &next)
	})
}

// census is the table of opportunities as setting up sees it: whole, whoever owns the rows.
type census struct {
	bun.BaseModel `bun:"table:crm_opportunity,alias:held"`

	ID      ID     `bun:"id,pk"`
	Company string `bun:"company"`
}

// openIn counts open opportunities.
func openIn(ctx context.Context, s *store.Session, where string, args ...any) (int, error) {
	var n int
	err := s.Query(ctx, &n, store.From[census]("held"), "SELECT COUNT(*) FROM crm_opportunity AS held WHERE {scope} AND held.state = 'open' AND "+where, args...)
	return n, err
}

// pipelines reads all pipelines of the company with their stages.
func pipelines(ctx context.Context, s *store.Session) ([]Pipeline, error) {
	var all []Pipeline
	err := s.Select(&all).Where("pipeline.company = ?", s.Actor.Company).OrderExpr("pipeline.position, pipeline.id").Scan(ctx)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(all, func(a, b Pipeline) int { return archivedLast(a.ArchivedAt, b.ArchivedAt) })
	for i := range all {
		if all[i].Stages, err = stagesOf(ctx, s, all[i].ID); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func pipelineOf(ctx context.Context, s *store.Session, id PipelineID) (Pipeline, error) {
	var row Pipeline
	if err := s.Get(ctx, &row, id); err != nil {
		return row, err
	}
	var err error
	row.Stages, err = stagesOf(ctx, s, id)
	return row, err
}

// firstPipeline gives the default pipeline, which is made where the company has none.
func (o *Opportunities) firstPipeline(ctx context.Context, s *store.Session) (Pipeline, error) {
	all, err := pipelines(ctx, s)
	if err != nil {
		return Pipeline{}, err
	}
	if len(all) == 0 {
		// Taking the number makes others who come first at the same time wait until we have committed.
		if _, err := s.NextNumber(ctx, "pipeline", 0); err != nil {
			if s.Duplicate(err) {
				return Pipeline{}, fault.Wrap(err, fault.Retryable, "somebody else is making the first pipeline")
			}
			return Pipeline{}, err
		}
		if all, err = pipelines(ctx, s); err != nil {
			return Pipeline{}, err
		}
	}
	if len(all) == 0 {
		return o.addPipeline(ctx, s, PipelineDraft{Name: texts.T(o.locale(s.Actor.Company).Language, "pipeline")}, 1)
	}
	return all[0], nil
}
