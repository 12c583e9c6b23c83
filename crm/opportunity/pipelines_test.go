package opportunity_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/testutil"
)

func names(stages []opportunity.Stage) []string {
	var all []string
	for _, st := range stages {
		all = append(all, st.Name)
	}
	return all
}

func TestFirstPipelineSpeaksTheCompanysLanguage(t *testing.T) {
	for _, row := range []struct {
		language locale.Language
		want     []string
	}{
		{locale.Hungarian, []string{"Értékesítés", "Minősítés", "Elveszett"}},
		{locale.English, []string{"Sales", "Qualification", "Lost"}},
		{locale.Hebrew, []string{"מכירות", "סינון ראשוני", "אבדה"}},
		{locale.Russian, []string{"Продажи", "Квалификация", "Проиграна"}},
		{locale.Greek, []string{"Πωλήσεις", "Αξιολόγηση", "Χαμένη"}},
	} {
		t.Run(string(row.language), func(t *testing.T) {
			env := testutil.SQLite(t)
			opps := opportunity.New(env.DB, opportunity.Config{Locale: func(string) locale.Locale { return locale.Locale{Language: row.language} }})
			all, err := opps.Pipelines().List(env.As("reader", actor.Reader, actor.Own))
			if err != nil {
				t.Fatal(err)
			}
			stages := all[0].Stages
			same(t, "names", []string{all[0].Name, stages[0].Name, stages[5].Name}, row.want)
			same(t, "currency", all[0].Currency, "EUR")
		})
	}
}

func TestFirstPipelineIsMadeOnce(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		opps := opportunity.New(env.DB, opportunity.Config{})
		var wait sync.WaitGroup
		for range 8 {
			wait.Go(func() {
				if _, err := opps.Pipelines().List(env.System()); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		all, err := opps.Pipelines().List(env.System())
		if err != nil || len(all) != 1 || len(all[0].Stages) != 6 {
			t.Errorf("%d pipelines, %v", len(all), err)
		}
	})
}

func TestPipelineIsRebuilt(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		pipelines := w.opps.Pipelines()
		p := w.pipeline()
		o := w.create(nil)

		p, err := pipelines.AddStage(w.admin, p.ID, opportunity.StageDraft{Name: "Szerződés", Kind: opportunity.Open, Chance: percent("90")})
		w.ok(err)
		same(t, "added", names(p.Stages), []string{"Minősítés", "Igényfelmérés", "Ajánlat", "Tárgyalás", "Szerződés", "Megnyert", "Elveszett"})
		ids := make([]opportunity.StageID, len(p.Stages))
		for i, st := range p.Stages {
			ids[i] = st.ID
		}
		_, err = pipelines.ArrangeStages(w.admin, p.ID, append([]opportunity.StageID{ids[1], ids[1], {3}}, ids[2:]...)...)
		same(t, "a bad order", codes(err), []string{"stages order.missing", "stages[1] order.twice", "stages[2] order.unknown"})
		ids[0], ids[1] = ids[1], ids[0]
		p, err = pipelines.ArrangeStages(w.admin, p.ID, ids...)
		w.ok(err)
		same(t, "arranged", names(p.Stages)[:2], []string{"Igényfelmérés", "Minősítés"})

		_, err = pipelines.ArchiveStage(w.admin, o.StageID)
		same(t, "a stage in use", codes(err), []string{"archived_at stage.used"})
		_, err = pipelines.ArchiveStage(w.admin, p.Stages[5].ID)
		same(t, "the last won stage", codes(err), []string{"archived_at stage.last"})
		p, err = pipelines.ArchiveStage(w.admin, p.Stages[0].ID)
		w.ok(err)
		same(t, "archived ones stand last", names(p.Stages)[6], "Igényfelmérés")
		_, err = w.opps.Move(w.anna, o.ID, opportunity.Step{Stage: p.Stages[6].ID})
		same(t, "moving into an archived stage", codes(err), []string{"stage_id archived"})
		p, err = pipelines.RestoreStage(w.admin, p.Stages[6].ID)
		w.ok(err)
		same(t, "restored", names(p.Stages)[0], "Igényfelmérés")

		p, err = pipelines.EditStage(w.admin, p.Stages[0].ID, opportunity.StageEdit{Name: ptr("Igények"), Chance: ptr(percent("20")), LimitHours: ptr(48), RequiredFields: ptr([]string{"goal", "custom.colour"})})
		w.ok(err)
		same(t, "edited", []string{p.Stages[0].Name, p.Stages[0].Chance.String(), p.Stages[0].RequiredFields[1]}, []string{"Igények", "20", "custom.colour"})
		_, err = pipelines.EditStage(w.admin, p.Stages[0].ID, opportunity.StageEdit{Name: ptr(""), Chance: ptr(percent("-1")), LimitHours: ptr(-1), RequiredFields: ptr([]string{"shoe_size", "a b"})})
		same(t, "a bad edit", codes(err), []string{"chance range", "limit_hours range", "name required", "required_fields[0] choice", "required_fields[1] word.form"})

		second, err := pipelines.Add(w.admin, opportunity.PipelineDraft{Name: "Felújítás"})
		w.ok(err)
		_, err = pipelines.Archive(w.admin, p.ID)
		same(t, "a pipeline in use", codes(err), []string{"archived_at pipeline.used"})
		all, err := pipelines.Arrange(w.admin, second.ID, p.ID)
		w.ok(err)
		same(t, "the first is the default now", all[0].Name, "Felújítás")
		same(t, "new opportunities go there", w.create(nil).PipelineID, second.ID)
		_, err = w.opps.Move(w.anna, o.ID, opportunity.Step{Stage: second.Stages[1].ID})
		w.ok(err)
		_, err = pipelines.Archive(w.admin, p.ID)
		w.ok(err)
		_, err = pipelines.Archive(w.admin, second.ID)
		same(t, "the last pipeline in use", codes(err), []string{"archived_at pipeline.last", "archived_at pipeline.used"})
		_, err = pipelines.Restore(w.admin, p.ID)
		w.ok(err)
		_, err = pipelines.Add(w.admin, opportunity.PipelineDraft{Currency: "forint", Stages: []opportunity.StageDraft{{Kind: "maybe"}}})
		same(t, "a bad pipeline", codes(err), []string{"currency currency.form", "name required", "stages stage.kind", "stages stage.kind", "stages stage.kind", "stages[0].kind choice", "stages[0].name required"})
		_, err = pipelines.Edit(w.admin, second.ID, opportunity.PipelineEdit{Version: 99, Name: ptr("x")})
		if !errors.Is(err, fault.Conflict) {
			t.Errorf("a stale edit: %v", err)
		}
	})
}

func TestOnlySettingsChangePipelines(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	p := w.pipeline()
	pipelines := w.opps.Pipelines()
	for name, call := range map[string]func(context.Context) error{
		"Add": func(ctx context.Context) error {
			_, err := pipelines.Add(ctx, opportunity.PipelineDraft{Name: "x"})
			return err
		},
		"Edit": func(ctx context.Context) error {
			_, err := pipelines.Edit(ctx, p.ID, opportunity.PipelineEdit{})
			return err
		},
		"Arrange": func(ctx context.Context) error { _, err := pipelines.Arrange(ctx, p.ID); return err },
		"Archive": func(ctx context.Context) error { _, err := pipelines.Archive(ctx, p.ID); return err },
		"Restore": func(ctx context.Context) error { _, err := pipelines.Restore(ctx, p.ID); return err },
		"AddStage": func(ctx context.Context) error {
			_, err := pipelines.AddStage(ctx, p.ID, opportunity.StageDraft{})
			return err
		},
		"EditStage": func(ctx context.Context) error {
			_, err := pipelines.EditStage(ctx, p.Stages[0].ID, opportunity.StageEdit{})
			return err
		},
		"ArrangeStages": func(ctx context.Context) error { _, err := pipelines.ArrangeStages(ctx, p.ID); return err },
		"ArchiveStage":  func(ctx context.Context) error { _, err := pipelines.ArchiveStage(ctx, p.Stages[0].ID); return err },
		"RestoreStage":  func(ctx context.Context) error { _, err := pipelines.RestoreStage(ctx, p.Stages[0].ID); return err },
	} {
		if err := call(w.anna); !errors.Is(err, fault.Forbidden) {
			t.Errorf("%s by a seller: %v", name, err)
		}
	}
}
