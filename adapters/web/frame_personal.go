package web

import (
	"context"
	"net/http"
	"slices"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/setting"
	"github.com/crmplus/crmplus/crm/store"
)

// dockSize is how many opportunities the standing panel shows.
const dockSize = 8

// personal puts into the frame what is the visitor's own: preferences, notices, views, open opportunities.
func (v *visit) personal(f *frame) error {
	f.Theme, f.Density, f.DockShut = string(v.prefs.Theme), string(v.prefs.Density), v.prefs.PanelShut
	f.Live = v.link("/live")
	return v.module().DB().Read(v.ctx(), func(ctx context.Context, s *store.Session) (err error) {
		if f.Unread, err = v.module().Notices.In(s).Unread(ctx); err != nil {
			return err
		}
		if err := v.menuViews(ctx, s, f); err != nil || !v.may(actor.OpportunityRead) {
			return err
		}
		return v.dock(ctx, s, f)
	})
}

func (v *visit) menuViews(ctx context.Context, s *store.Session, f *frame) error {
	for _, page := range []string{"leads", "opportunities", "quotes"} {
		views, err := v.module().Settings.In(s).Views(ctx, page)
		if err != nil {
			return err
		}
		for _, one := range views {
			address := v.viewPath(one)
			f.Views = append(f.Views, menuView{Name: one.Name, Path: address, Shared: one.Shared != setting.Private, Here: address == v.here()})
		}
	}
	return nil
}

func (v *visit) dock(ctx context.Context, s *store.Session, f *frame) error {
	opportunities := v.module().Opportunities.In(s)
	mine, err := opportunities.List(ctx, opportunity.Filter{
		States: []opportunity.State{opportunity.Open}, Owner: v.Actor.UserID, Page: store.Page{Limit: dockSize},
	})
	if err != nil || len(mine.Rows) == 0 {
		return err
	}
	pipelines, err := opportunities.Pipelines().List(ctx)
	if err != nil {
		return err
	}
	stages, today := stageNamesOf(pipelines), civil.In(v.s.now(), v.zone())
	for _, o := range mine.Rows {
		row := dockRow{
			Path: v.link("/opportunities", o.ID.String()), Name: o.Name, Party: o.PartyName, Stage: stages[o.StageID],
			Value: shortMoney(v.Locale.Language, o.ExpectedRevenue, o.Currency),
		}
		if !o.ExpectedClose.IsZero() {
			row.Due, row.Late = v.Locale.Language.Date(o.ExpectedClose), o.ExpectedClose.Before(today)
		}
		f.Dock = append(f.Dock, row)
	}
	return nil
}

// stageNames are the names of all stages of the company's pipelines.
func (v *visit) stageNames() (map[opportunity.StageID]string, error) {
	pipelines, err := v.module().Opportunities.Pipelines().List(v.ctx())
	return stageNamesOf(pipelines), err
}

func stageNamesOf(pipelines []opportunity.Pipeline) map[opportunity.StageID]string {
	names := map[opportunity.StageID]string{}
	for _, p := range pipelines {
		for _, s := range p.Stages {
			names[s.ID] = s.Name
		}
	}
	return names
}

func (s *screens) frameRoutes() []route {
	return slices.Concat([]route{{Pattern: "POST /prefer", Do: s.prefer}}, s.liveRoutes(), s.noticeRoutes(), s.searchRoutes(), s.viewRoutes())
}

// prefer keeps one preference that a page's script tells at once; a wish that is unknown is no fault.
func (s *screens) prefer(v *visit) error {
	if v.r.PostFormValue("name") == "dock" {
		shut := v.r.PostFormValue("value") == "shut"
		if _, err := v.module().Settings.SetPreferences(v.ctx(), setting.Patch{PanelShut: &shut}); err != nil {
			return err
		}
	}
	v.w.WriteHeader(http.StatusNoContent)
	return nil
}
