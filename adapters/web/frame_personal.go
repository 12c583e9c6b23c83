package web

import (
	"net/http"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/store"
)

// dockSize is how many opportunities the standing panel shows.
const dockSize = 8

// personal puts into the frame what is the visitor's own: preferences, views, open opportunities.
func (v *visit) personal(f *frame) error {
	if !v.may(actor.OpportunityRead) || v.part() {
		return nil
	}
	mine, err := v.module().Opportunities.List(v.ctx(), opportunity.Filter{
		States: []opportunity.State{opportunity.Open}, Owner: v.Actor.UserID, Page: store.Page{Limit: dockSize},
	})
	if err != nil {
		return err
	}
	stages, err := v.stageNames()
	if err != nil {
		return err
	}
	today := civil.In(v.s.now(), v.zone())
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
	if err != nil {
		return nil, err
	}
	names := map[opportunity.StageID]string{}
	for _, p := range pipelines {
		for _, s := range p.Stages {
			names[s.ID] = s.Name
		}
	}
	return names, nil
}

func (s *screens) frameRoutes() []route {
	return []route{
		{Pattern: "POST /prefer", Do: s.prefer},
	}
}

// prefer keeps what the visitor prefers; a wish that is unknown is no fault.
func (s *screens) prefer(v *visit) error {
	v.w.WriteHeader(http.StatusNoContent)
	return nil
}
