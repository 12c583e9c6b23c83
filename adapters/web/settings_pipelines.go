package web

import (
	"slices"
	"strconv"
	"strings"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/store"
)

func (s *screens) pipelineRoutes() []route {
	return []route{
		{Pattern: "GET /settings/pipelines", Right: actor.Settings, Do: s.showPipelines},
		{Pattern: "POST /settings/pipelines", Right: actor.Settings, Do: s.addPipeline},
		{Pattern: "POST /settings/pipelines/{id}", Right: actor.Settings, Do: s.savePipeline},
		{Pattern: "POST /settings/pipelines/{id}/archive", Right: actor.Settings, Do: s.archivePipeline},
		{Pattern: "POST /settings/pipelines/{id}/restore", Right: actor.Settings, Do: s.restorePipeline},
		{Pattern: "GET /settings/pipelines/{id}/stages/new", Right: actor.Settings, Do: s.newStage},
		{Pattern: "POST /settings/pipelines/{id}/stages/new", Right: actor.Settings, Do: s.addStage},
		{Pattern: "GET /settings/stages/{id}", Right: actor.Settings, Do: s.editStage},
		{Pattern: "POST /settings/stages/{id}", Right: actor.Settings, Do: s.saveStage},
		{Pattern: "POST /settings/stages/{id}/move", Right: actor.Settings, Do: s.moveStage},
		{Pattern: "POST /settings/stages/{id}/archive", Right: actor.Settings, Do: s.archiveStage},
		{Pattern: "POST /settings/stages/{id}/restore", Right: actor.Settings, Do: s.restoreStage},
	}
}

const pipelinePage = "/settings/pipelines"

// pipelineSettings are a company's pipelines, with how long their stages may take, in words.
type pipelineSettings struct {
	Pipelines []opportunity.Pipeline
	Limits    map[opportunity.StageID]string
	// Needs are what must be known and done before something comes into a stage, in words.
	Needs map[opportunity.StageID]string
}

func (s *screens) showPipelines(v *visit) error { return s.drawPipelines(v, v.blank()) }

func (s *screens) drawPipelines(v *visit, f *input) error {
	all, err := v.module().Opportunities.Pipelines().List(v.ctx())
	if err != nil {
		return err
	}
	own, err := v.customFields("opportunity")
	if err != nil {
		return err
	}
	d := pipelineSettings{Pipelines: all, Limits: map[opportunity.StageID]string{}, Needs: map[opportunity.StageID]string{}}
	for _, p := range all {
		for _, st := range p.Stages {
			var needs []string
			for _, field := range st.RequiredFields {
				needs = append(needs, v.requiredField(own, field))
			}
			for _, kind := range st.RequiredActivities {
				needs = append(needs, v.t("deal.needs.activity", activity.Kind(kind).In(v.Locale.Language)))
			}
			d.Needs[st.ID] = strings.Join(needs, ", ")
			if st.LimitHours > 0 {
				d.Limits[st.ID] = v.limitText(int64(st.LimitHours) * 3600)
			}
		}
	}
	return v.showSetting(f.statusOf(), "settings_pipelines", pipelinePage, f, d)
}

// requiredField is a field that a stage needs as a word of a sentence; own are the company's own fields of opportunities.
func (v *visit) requiredField(own []store.CustomField, field string) string {
	if name, custom := strings.CutPrefix(field, customPrefix); custom {
		if f, err := store.FieldNamed(own, name); err == nil {
			return f.Text(v.Locale.Language)
		}
		return name // removed since
	}
	return v.t("deal.field." + field)
}

// changed answers a change of a pipeline: with a word, or with what was wrong at the form.
func (s *screens) pipelineChanged(v *visit, err error) error {
	if err != nil {
		f := v.posted()
		if err := v.refuse(f, err); err != nil {
			return err
		}
		return s.drawPipelines(v, f)
	}
	v.done("settings.saved")
	return v.redirect(v.link(pipelinePage))
}

func (s *screens) addPipeline(v *visit) error {
	f := v.posted()
	_, err := v.module().Opportunities.Pipelines().Add(v.ctx(), opportunity.PipelineDraft{Name: f.text("name"), Currency: strings.ToUpper(f.text("currency"))})
	return s.pipelineChanged(v, err)
}

func (s *screens) savePipeline(v *visit) error {
	id, err := key[opportunity.PipelineTag](v, "id")
	if err != nil {
		return err
	}
	f := v.posted()
	name, currency := f.text("name"), strings.ToUpper(f.text("currency"))
	_, err = v.module().Opportunities.Pipelines().Edit(v.ctx(), id, opportunity.PipelineEdit{Version: f.version("version"), Name: &name, Currency: &currency})
	return s.pipelineChanged(v, err)
}

func (s *screens) archivePipeline(v *visit) error {
	id, err := key[opportunity.PipelineTag](v, "id")
	if err != nil {
		return err
	}
	_, err = v.module().Opportunities.Pipelines().Archive(v.ctx(), id)
	return s.pipelineChanged(v, err)
}

func (s *screens) restorePipeline(v *visit) error {
	id, err := key[opportunity.PipelineTag](v, "id")
	if err != nil {
		return err
	}
	_, err = v.module().Opportunities.Pipelines().Restore(v.ctx(), id)
	return s.pipelineChanged(v, err)
}

// stageForm is the dialog of one stage.
type stageForm struct {
	Form     *input
	Action   string
	New      bool
	Kinds    []option
	Fields   []option
	Activity []option
}

func (s *screens) newStage(v *visit) error {
	id, err := key[opportunity.PipelineTag](v, "id")
	if err != nil {
		return err
	}
	if _, err := v.module().Opportunities.Pipelines().Get(v.ctx(), id); err != nil {
		return err
	}
	return s.drawStage(v, v.blank("name", "", "kind", string(opportunity.Open), "chance", "", "limit_hours", ""), stageForm{New: true})
}

func (s *screens) drawStage(v *visit, f *input, d stageForm) error {
	d.Form, d.Action = f, v.r.URL.Path
	d.Kinds = v.options("stage.kind.", f.Get("kind"), string(opportunity.Open), string(opportunity.Won), string(opportunity.Lost))
	for _, field := range opportunity.Requirable() {
		d.Fields = append(d.Fields, option{Value: field, Label: capital(v.t("deal.field." + field)), On: slices.Contains(f.Values["required_fields"], field)})
	}
	own, err := v.customFields("opportunity")
	if err != nil {
		return err
	}
	required := slices.Clone(f.Values["required_fields"])
	for _, one := range own {
		name := customPrefix + one.Name
		d.Fields = append(d.Fields, option{Value: name, Label: one.Text(v.Locale.Language), On: slices.Contains(required, name)})
	}
	for _, kind := range []activity.Kind{activity.Call, activity.Meeting, activity.Task, activity.Mail} {
		d.Activity = append(d.Activity, option{Value: string(kind), Label: kind.In(v.Locale.Language), On: slices.Contains(f.Values["required_activities"], string(kind))})
	}
	if v.part() {
		return v.fill(f.statusOf(), "settings_stage", "dialog", d)
	}
	return v.show(f.statusOf(), "settings_stage", head{Title: v.t(map[bool]string{false: "stage.title", true: "stage.new"}[d.New]), Section: "settings", Crumbs: []crumb{{v.t("settings.pipelines"), v.link(pipelinePage)}}}, d)
}

func (s *screens) addStage(v *visit) error {
	id, err := key[opportunity.PipelineTag](v, "id")
	if err != nil {
		return err
	}
	f := v.posted()
	d := opportunity.StageDraft{Name: f.text("name"), Kind: opportunity.State(f.Get("kind")), RequiredFields: f.Values["required_fields"], RequiredActivities: f.Values["required_activities"], LimitHours: f.count("limit_hours")}
	if p := f.percent("chance"); p != nil {
		d.Chance = *p
	}
	if !f.bad() {
		if _, err = v.module().Opportunities.Pipelines().AddStage(v.ctx(), id, d); err == nil {
			v.done("settings.saved")
			return v.redirect(v.link(pipelinePage))
		}
		if err := v.refuse(f, err); err != nil {
			return err
		}
	}
	return s.drawStage(v, f, stageForm{New: true})
}

// stageOf finds a stage and its pipeline.
func (v *visit) stageOf() (opportunity.Pipeline, opportunity.Stage, error) {
	id, err := key[opportunity.StageTag](v, "id")
	if err != nil {
		return opportunity.Pipeline{}, opportunity.Stage{}, err
	}
	all, err := v.module().Opportunities.Pipelines().List(v.ctx())
	if err != nil {
		return opportunity.Pipeline{}, opportunity.Stage{}, err
	}
	for _, p := range all {
		for _, st := range p.Stages {
			if st.ID == id {
				return p, st, nil
			}
		}
	}
	return opportunity.Pipeline{}, opportunity.Stage{}, errNoPage
}

func (s *screens) editStage(v *visit) error {
	_, st, err := v.stageOf()
	if err != nil {
		return err
	}
	f := v.blank("name", st.Name, "kind", string(st.Kind), "chance", v.Locale.Language.Percent(st.Chance), "limit_hours", "", "version", formatVersion(st.Version))
	if st.LimitHours > 0 {
		f.Values.Set("limit_hours", strconv.Itoa(st.LimitHours))
	}
	f.Values["required_fields"], f.Values["required_activities"] = st.RequiredFields, st.RequiredActivities
	return s.drawStage(v, f, stageForm{})
}

func (s *screens) saveStage(v *visit) error {
	_, st, err := v.stageOf()
	if err != nil {
		return err
	}
	f := v.posted()
	name, fields, activities, limit := f.text("name"), f.Values["required_fields"], f.Values["required_activities"], f.count("limit_hours")
	e := opportunity.StageEdit{Version: f.version("version"), Name: &name, RequiredFields: &fields, RequiredActivities: &activities, LimitHours: &limit}
	if st.Kind == opportunity.Open {
		e.Chance = f.percent("chance")
	}
	if !f.bad() {
		if _, err = v.module().Opportunities.Pipelines().EditStage(v.ctx(), st.ID, e); err == nil {
			v.done("settings.saved")
			return v.redirect(v.link(pipelinePage))
		}
		if err := v.refuse(f, err); err != nil {
			return err
		}
	}
	return s.drawStage(v, f, stageForm{})
}

// moveStage moves a stage one place up or down.
func (s *screens) moveStage(v *visit) error {
	p, st, err := v.stageOf()
	if err != nil {
		return err
	}
	var ids []opportunity.StageID
	for _, one := range p.Stages {
		if one.ArchivedAt.IsZero() {
			ids = append(ids, one.ID)
		}
	}
	at := slices.Index(ids, st.ID)
	to := at + 1
	if v.r.PostFormValue("to") == "up" {
		to = at - 1
	}
	if at >= 0 && to >= 0 && to < len(ids) {
		ids[at], ids[to] = ids[to], ids[at]
		for _, one := range p.Stages {
			if !one.ArchivedAt.IsZero() {
				ids = append(ids, one.ID)
			}
		}
		_, err = v.module().Opportunities.Pipelines().ArrangeStages(v.ctx(), p.ID, ids...)
	}
	return s.pipelineChanged(v, err)
}

func (s *screens) archiveStage(v *visit) error {
	id, err := key[opportunity.StageTag](v, "id")
	if err != nil {
		return err
	}
	if _, err = v.module().Opportunities.Pipelines().ArchiveStage(v.ctx(), id); err == nil {
		v.toast(toast{Text: v.t("stage.archived"), Undo: v.link("/settings/stages", id.String(), "restore")})
		return v.redirect(v.link(pipelinePage))
	}
	return s.pipelineChanged(v, err)
}

func (s *screens) restoreStage(v *visit) error {
	id, err := key[opportunity.StageTag](v, "id")
	if err != nil {
		return err
	}
	_, err = v.module().Opportunities.Pipelines().RestoreStage(v.ctx(), id)
	return s.pipelineChanged(v, err)
}
