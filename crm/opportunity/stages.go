package opportunity

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/store"
)

// StageEdit changes a stage; nil leaves a field as it is. The kind of a stage never changes.
type StageEdit struct {
	// Version is the one that was read, 0 for whichever there is.
	Version int64   `json:"version"`
	Name    *string `json:"name"`
	// Chance holds for opportunities that come into the stage from now on.
	Chance             *money.Percent `json:"chance"`
	RequiredFields     *[]string      `json:"required_fields"`
	RequiredActivities *[]string      `json:"required_activities"`
	LimitHours         *int           `json:"limit_hours"`
}

// AddStage adds a stage to a pipeline, behind the last one of its kind.
func (p *Pipelines) AddStage(ctx context.Context, id PipelineID, d StageDraft) (Pipeline, error) {
	return p.change(ctx, id, func(ctx context.Context, s *store.Session, _ Pipeline) error {
		st := Stage{
			ID: store.NewKey[StageTag](s), PipelineID: id, Name: d.Name, Kind: d.Kind, Chance: d.Chance,
			RequiredFields: d.RequiredFields, RequiredActivities: d.RequiredActivities, LimitHours: d.LimitHours,
		}
		if err := p.o.checkStage(&st).Err("the stage cannot be saved"); err != nil {
			return err
		}
		stages, err := stagesOf(ctx, s, id)
		if err != nil {
			return err
		}
		at := 0
		for i, other := range stages {
			if other.Kind == st.Kind && other.ArchivedAt.IsZero() {
				at = i + 1
			}
		}
		st.Position = at + 1
		for _, other := range stages[at:] {
			next := other
			next.Position++
			if err := s.Save(ctx, &other, &next); err != nil {
				return err
			}
		}
		return s.Insert(ctx, &st)
	})
}

// EditStage changes a stage.
func (p *Pipelines) EditStage(ctx context.Context, id StageID, e StageEdit) (Pipeline, error) {
	return p.changeStage(ctx, id, func(ctx context.Context, s *store.Session, row Stage) error {
		if e.Version != 0 {
			row.Version = e.Version
		}
		next := row
		set(&next.Name, e.Name)
		set(&next.Chance, e.Chance)
		set(&next.RequiredFields, (*Words)(e.RequiredFields))
		set(&next.RequiredActivities, (*Words)(e.RequiredActivities))
		set(&next.LimitHours, e.LimitHours)
		if err := p.o.checkStage(&next).Err("the stage cannot be saved"); err != nil {
			return err
		}
		return s.Save(ctx, &row, &next)
	})
}

// ArrangeStages puts the stages of a pipeline into a new order; ids must name each of them that is not
// archived once.
func (p *Pipelines) ArrangeStages(ctx context.Context, id PipelineID, ids ...StageID) (Pipeline, error) {
	return p.change(ctx, id, func(ctx context.Context, s *store.Session, _ Pipeline) error {
		stages, err := stagesOf(ctx, s, id)
		if err != nil {
			return err
		}
		var live []StageID
		for _, st := range stages {
			if st.ArchivedAt.IsZero() {
				live = append(live, st.ID)
			}
		}
		if err := sameSet("stages", live, ids); err != nil {
			return err
		}
		for _, st := range stages {
			next := st
			if next.Position = slices.Index(ids, st.ID) + 1; next.Position == 0 {
				continue
			}
			if err := s.Save(ctx, &st, &next); err != nil {
				return err
			}
		}
		return nil
	})
}

// ArchiveStage takes a stage out of use. It must hold no open opportunities and not be the last of its
// kind.
func (p *Pipelines) ArchiveStage(ctx context.Context, id StageID) (Pipeline, error) {
	return p.changeStage(ctx, id, func(ctx context.Context, s *store.Session, row Stage) error {
		if !row.ArchivedAt.IsZero() {
			return nil
		}
		stages, err := stagesOf(ctx, s, row.PipelineID)
		if err != nil {
			return err
		}
		var faults fault.List
		if !slices.ContainsFunc(stages, func(o Stage) bool { return o.ID != id && o.Kind == row.Kind && o.ArchivedAt.IsZero() }) {
			faults.Add("archived_at", "stage.last", "this is the last %s stage of the pipeline; add another one first", row.Kind)
		}
		n, err := openIn(ctx, s, "held.pipeline_id = ? AND held.stage_id = ?", row.PipelineID, id)
		if err != nil {
			return err
		}
		if n > 0 {
			faults.Add("archived_at", "stage.used", "%d open opportunities are in it; move or close them first", n)
		}
		if err := faults.Err("the stage cannot be archived"); err != nil {
			return err
		}
		next := row
		next.ArchivedAt = s.Now
		return s.Save(ctx, &row, &next)
	})
}

// RestoreStage takes an archived stage back into use.
func (p *Pipelines) RestoreStage(ctx context.Context, id StageID) (Pipeline, error) {
	return p.changeStage(ctx, id, func(ctx context.Context, s *store.Session, row Stage) error {
		next := row
		next.ArchivedAt = time.Time{}
		return s.Save(ctx, &row, &next)
	})
}

// changeStage locks the stage's pipeline, then the stage.
func (p *Pipelines) changeStage(ctx context.Context, id StageID, verb func(context.Context, *store.Session, Stage) error) (Pipeline, error) {
	return store.Write(ctx, p.o.db, actor.Settings, func(ctx context.Context, s *store.Session) (Pipeline, error) {
		var found Stage
		if err := s.Get(ctx, &found, id); err != nil {
			return Pipeline{}, err
		}
		return p.o.In(s).Pipelines().change(ctx, found.PipelineID, func(ctx context.Context, s *store.Session, _ Pipeline) error {
			var row Stage
			if err := s.Lock(ctx, &row, id); err != nil {
				return err
			}
			return verb(ctx, s, row)
		})
	})
}

// stagesOf reads the stages of a pipeline in their order, archived ones last.
func stagesOf(ctx context.Context, s *store.Session, id PipelineID) ([]Stage, error) {
	var stages []Stage
	err := s.Select(&stages).Where("stage.pipeline_id = ?", id).OrderExpr("stage.position, stage.id").Scan(ctx)
	slices.SortStableFunc(stages, func(a, b Stage) int { return archivedLast(a.ArchivedAt, b.ArchivedAt) })
	return stages, err
}

// first gives the first stage in use of a kind; a pipeline always has one.
func first(stages []Stage, kind State) Stage {
	for _, st := range stages {
		if st.Kind == kind && st.ArchivedAt.IsZero() {
			return st
		}
	}
	return Stage{}
}

func archivedLast(a, b time.Time) int {
	switch {
	case a.IsZero() == b.IsZero():
		return 0
	case a.IsZero():
		return -1
	}
	return 1
}

// set copies a value where one is given.
func set[T any](field, value *T) {
	if value != nil {
		*field = *value
	}
}

func trimmed(s *string) *string {
	if s == nil {
		return nil
	}
	t := strings.TrimSpace(*s)
	return &t
}

func index(i int) string { return "[" + strconv.Itoa(i) + "]" }
