package api

import (
	"context"
	"net/http"
	"time"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
)

// Pipeline is a row of stages that a kind of sale goes through.
type Pipeline struct {
	ID         ID        `json:"id"`
	Version    int64     `json:"version"`
	Name       string    `json:"name"`
	Position   int       `json:"position" doc:"From 1; the first one is the default."`
	Currency   string    `json:"currency"`
	ArchivedAt time.Time `json:"archived_at,omitzero"`
	Stages     []Stage   `json:"stages"`
}

// Stage is one step of a pipeline.
type Stage struct {
	ID                 ID        `json:"id"`
	Version            int64     `json:"version"`
	PipelineID         ID        `json:"pipeline_id"`
	Name               string    `json:"name"`
	Position           int       `json:"position"`
	Kind               string    `json:"kind" enum:"open,won,lost"`
	Chance             Decimal   `json:"chance" doc:"In percent."`
	RequiredFields     []string  `json:"required_fields"`
	RequiredActivities []string  `json:"required_activities"`
	LimitHours         int       `json:"limit_hours" doc:"How long an opportunity may stay before it counts as stale, 0 for ever."`
	ArchivedAt         time.Time `json:"archived_at,omitzero"`
}

func pipelineOf(p opportunity.Pipeline) Pipeline {
	return Pipeline{idOf(p.ID), p.Version, p.Name, p.Position, p.Currency, p.ArchivedAt, each(p.Stages, stageOf)}
}

func stageOf(s opportunity.Stage) Stage {
	return Stage{
		idOf(s.ID), s.Version, idOf(s.PipelineID), s.Name, s.Position, string(s.Kind), decimalOf(s.Chance), some([]string(s.RequiredFields)),
		some([]string(s.RequiredActivities)), s.LimitHours, s.ArchivedAt,
	}
}

// PipelineDraft describes a new pipeline.
type PipelineDraft struct {
	Name     string       `json:"name" maxLength:"80"`
	Currency string       `json:"currency,omitempty" maxLength:"3"`
	Stages   []StageDraft `json:"stages,omitempty" maxItems:"100" doc:"Six usual ones in the company's language where they are left out."`
}

// StageDraft describes a new stage.
type StageDraft struct {
	Name               string   `json:"name" maxLength:"80"`
	Kind               string   `json:"kind,omitempty" enum:"open,won,lost"`
	Chance             Decimal  `json:"chance,omitempty"`
	RequiredFields     []string `json:"required_fields,omitempty" maxItems:"50" maxLength:"80"`
	RequiredActivities []string `json:"required_activities,omitempty" maxItems:"50" maxLength:"20"`
	LimitHours         int      `json:"limit_hours,omitempty" minimum:"0" maximum:"100000"`
}

func (d StageDraft) draft(n *numbers, path string) opportunity.StageDraft {
	kind := opportunity.State(d.Kind)
	if kind == "" {
		kind = opportunity.Open
	}
	return opportunity.StageDraft{
		Name: d.Name, Kind: kind, Chance: number(n, path+"chance", d.Chance, money.ParsePercent), RequiredFields: d.RequiredFields,
		RequiredActivities: d.RequiredActivities, LimitHours: d.LimitHours,
	}
}

// PipelinePatch changes a pipeline; what is left out stays.
type PipelinePatch struct {
	Name     *string `json:"name,omitempty" maxLength:"80"`
	Currency *string `json:"currency,omitempty" maxLength:"3"`
}

// StagePatch changes a stage; what is left out stays.
type StagePatch struct {
	Name               *string   `json:"name,omitempty" maxLength:"80"`
	Chance             *Decimal  `json:"chance,omitempty"`
	RequiredFields     *[]string `json:"required_fields,omitempty" maxItems:"50" maxLength:"80"`
	RequiredActivities *[]string `json:"required_activities,omitempty" maxItems:"50" maxLength:"20"`
	LimitHours         *int      `json:"limit_hours,omitempty" minimum:"0" maximum:"100000"`
}

// Arrangement is a new order: each id that is not archived, once.
type Arrangement struct {
	IDs []ID `json:"ids" maxItems:"500"`
}

func pipelineID(id ID) opportunity.PipelineID { return keyOf[opportunity.PipelineTag](id) }
func stageID(id ID) opportunity.StageID       { return keyOf[opportunity.StageTag](id) }

func tagPipeline(p opportunity.Pipeline, err error) (*Tagged[Pipeline], error) {
	return &Tagged[Pipeline]{etag(p.Version), pipelineOf(p)}, err
}

// onPipeline makes a verb of a function that changes a pipeline, onStage of one that changes a stage; both
// give the pipeline.
func onPipeline[B any](do func(ctx context.Context, p *opportunity.Pipelines, id opportunity.PipelineID, in *changing[B]) (opportunity.Pipeline, error)) verb[changing[B], Tagged[Pipeline]] {
	return func(ctx context.Context, m *crm.Module, in *changing[B]) (*Tagged[Pipeline], error) {
		if err := locked(ctx, m, &opportunity.Pipeline{}, pipelineID(in.ID), in.version); err != nil {
			return nil, err
		}
		return tagPipeline(do(ctx, m.Opportunities.Pipelines(), pipelineID(in.ID), in))
	}
}

func onStage[B any](do func(ctx context.Context, p *opportunity.Pipelines, id opportunity.StageID, in *changing[B]) (opportunity.Pipeline, error)) verb[changing[B], Tagged[Pipeline]] {
	return func(ctx context.Context, m *crm.Module, in *changing[B]) (*Tagged[Pipeline], error) {
		if err := locked(ctx, m, &opportunity.Stage{}, stageID(in.ID), in.version); err != nil {
			return nil, err
		}
		return tagPipeline(do(ctx, m.Opportunities.Pipelines(), stageID(in.ID), in))
	}
}

// matched is an input that changes a record and has no body.
type matched struct {
	ByID
	Match
}

func (a *server) pipelines() {
	const tag = "Pipelines"
	read, write := rights(actor.OpportunityRead), rights(actor.Settings)
	add(a, route{ID: "list-pipelines", Method: http.MethodGet, Path: "/pipelines", Tag: tag, Rights: read, Summary: "List all pipelines with their stages"},
		func(ctx context.Context, m *crm.Module, in *struct{ Fields }) (*Listed[Pipeline], error) {
			all, err := m.Opportunities.Pipelines().List(ctx)
			return listed(callOf(ctx), each(all, pipelineOf), ""), err
		})
	add(a, route{ID: "get-pipeline", Method: http.MethodGet, Path: "/pipelines/{id}", Tag: tag, Rights: read, Summary: "Read a pipeline"},
		func(ctx context.Context, m *crm.Module, in *struct {
			ByID
			Fields
		}) (*Tagged[Pipeline], error) {
			return tagPipeline(m.Opportunities.Pipelines().Get(ctx, pipelineID(in.ID)))
		})
	add(a, route{ID: "add-pipeline", Method: http.MethodPost, Path: "/pipelines", Tag: tag, Rights: write, Status: http.StatusCreated, Summary: "Make a pipeline"},
		func(ctx context.Context, m *crm.Module, in *struct{ Body PipelineDraft }) (*Made[Pipeline], error) {
			var n numbers
			d := opportunity.PipelineDraft{Name: in.Body.Name, Currency: in.Body.Currency}
			for i, s := range in.Body.Stages {
				d.Stages = append(d.Stages, s.draft(&n, at("stages", i)+"."))
			}
			if err := n.err(); err != nil {
				return nil, err
			}
			p, err := m.Opportunities.Pipelines().Add(ctx, d)
			return &Made[Pipeline]{etag(p.Version), callOf(ctx).r.URL.Path + "/" + p.ID.String(), pipelineOf(p)}, err
		})
	add(a, route{ID: "arrange-pipelines", Method: http.MethodPut, Path: "/pipelines/order", Tag: tag, Rights: write, Summary: "Put the pipelines into a new order"},
		func(ctx context.Context, m *crm.Module, in *struct{ Body Arrangement }) (*Listed[Pipeline], error) {
			all, err := m.Opportunities.Pipelines().Arrange(ctx, keysOf[opportunity.PipelineTag](in.Body.IDs)...)
			return listed(callOf(ctx), each(all, pipelineOf), ""), err
		})
	add(a, route{ID: "edit-pipeline", Method: http.MethodPatch, Path: "/pipelines/{id}", Tag: tag, Rights: write, Summary: "Change a pipeline"},
		onPipeline(func(ctx context.Context, p *opportunity.Pipelines, id opportunity.PipelineID, in *changing[PipelinePatch]) (opportunity.Pipeline, error) {
			return p.Edit(ctx, id, opportunity.PipelineEdit{Version: in.version, Name: in.Body.Name, Currency: in.Body.Currency})
		}))
	add(a, route{ID: "archive-pipeline", Method: http.MethodPost, Path: "/pipelines/{id}/archive", Tag: tag, Rights: write, Summary: "Take a pipeline out of use"},
		func(ctx context.Context, m *crm.Module, in *matched) (*Tagged[Pipeline], error) {
			if err := locked(ctx, m, &opportunity.Pipeline{}, pipelineID(in.ID), in.version); err != nil {
				return nil, err
			}
			return tagPipeline(m.Opportunities.Pipelines().Archive(ctx, pipelineID(in.ID)))
		})
	add(a, route{ID: "restore-pipeline", Method: http.MethodPost, Path: "/pipelines/{id}/restore", Tag: tag, Rights: write, Summary: "Take an archived pipeline back into use"},
		func(ctx context.Context, m *crm.Module, in *matched) (*Tagged[Pipeline], error) {
			if err := locked(ctx, m, &opportunity.Pipeline{}, pipelineID(in.ID), in.version); err != nil {
				return nil, err
			}
			return tagPipeline(m.Opportunities.Pipelines().Restore(ctx, pipelineID(in.ID)))
		})
	a.stages(tag, write)
}

func (a *server) stages(tag string, write []actor.Right) {
	add(a, route{ID: "add-stage", Method: http.MethodPost, Path: "/pipelines/{id}/stages", Tag: tag, Rights: write, Status: http.StatusCreated, Summary: "Add a stage to a pipeline"},
		onPipeline(func(ctx context.Context, p *opportunity.Pipelines, id opportunity.PipelineID, in *changing[StageDraft]) (opportunity.Pipeline, error) {
			var n numbers
			d := in.Body.draft(&n, "")
			if err := n.err(); err != nil {
				return opportunity.Pipeline{}, err
			}
			return p.AddStage(ctx, id, d)
		}))
	add(a, route{ID: "arrange-stages", Method: http.MethodPut, Path: "/pipelines/{id}/stages/order", Tag: tag, Rights: write, Summary: "Put the stages of a pipeline into a new order"},
		onPipeline(func(ctx context.Context, p *opportunity.Pipelines, id opportunity.PipelineID, in *changing[Arrangement]) (opportunity.Pipeline, error) {
			return p.ArrangeStages(ctx, id, keysOf[opportunity.StageTag](in.Body.IDs)...)
		}))
	add(a, route{ID: "edit-stage", Method: http.MethodPatch, Path: "/stages/{id}", Tag: tag, Rights: write, Summary: "Change a stage", Doc: "If-Match is the stage's version, not the pipeline's."},
		onStage(func(ctx context.Context, p *opportunity.Pipelines, id opportunity.StageID, in *changing[StagePatch]) (opportunity.Pipeline, error) {
			var n numbers
			b := in.Body
			e := opportunity.StageEdit{
				Version: in.version, Name: b.Name, Chance: optional(&n, "chance", b.Chance, money.ParsePercent), RequiredFields: b.RequiredFields,
				RequiredActivities: b.RequiredActivities, LimitHours: b.LimitHours,
			}
			if err := n.err(); err != nil {
				return opportunity.Pipeline{}, err
			}
			return p.EditStage(ctx, id, e)
		}))
	add(a, route{ID: "archive-stage", Method: http.MethodPost, Path: "/stages/{id}/archive", Tag: tag, Rights: write, Summary: "Take a stage out of use", Doc: "If-Match is the stage's version, not the pipeline's."},
		func(ctx context.Context, m *crm.Module, in *matched) (*Tagged[Pipeline], error) {
			if err := locked(ctx, m, &opportunity.Stage{}, stageID(in.ID), in.version); err != nil {
				return nil, err
			}
			return tagPipeline(m.Opportunities.Pipelines().ArchiveStage(ctx, stageID(in.ID)))
		})
	add(a, route{ID: "restore-stage", Method: http.MethodPost, Path: "/stages/{id}/restore", Tag: tag, Rights: write, Summary: "Take an archived stage back into use", Doc: "If-Match is the stage's version, not the pipeline's."},
		func(ctx context.Context, m *crm.Module, in *matched) (*Tagged[Pipeline], error) {
			if err := locked(ctx, m, &opportunity.Stage{}, stageID(in.ID), in.version); err != nil {
				return nil, err
			}
			return tagPipeline(m.Opportunities.Pipelines().RestoreStage(ctx, stageID(in.ID)))
		})
}
