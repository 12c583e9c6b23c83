package main

import (
	"context"

	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/store"
)

// fillPipeline makes opportunities of the first imported leads and spreads them over the stages, so that
// the manager has a pipeline to look at.
func (s *story) fillPipeline(ctx context.Context) error {
	ctx, err := s.as(ctx, hungary, "manager-hu")
	if err != nil {
		return err
	}
	leads, err := s.module.Leads.List(ctx, lead.Filter{Statuses: []lead.Status{lead.StatusNew}}, lead.ByName, store.Page{Limit: 10})
	if err != nil {
		return err
	}
	pipelines, err := s.module.Opportunities.Pipelines().List(ctx)
	if err != nil {
		return err
	}
	var open []opportunity.Stage
	for _, st := range pipelines[0].Stages {
		if st.Kind == opportunity.Open {
			open = append(open, st)
		}
	}
	var revenue, weighted money.Amount
	for i, row := range leads.Rows {
		// The early stages hold more deals than the late ones, as in life.
		stage := open[i*i*len(open)/(len(leads.Rows)*len(leads.Rows))]
		worth := money.AmountFromScaled(int64(350_000*(i+1)) * 10_000)
		o, err := s.module.Opportunities.Create(ctx, opportunity.Draft{
			PartyID: row.PartyID, Name: row.Name, Stage: stage.ID, ExpectedRevenue: &worth, Currency: "HUF",
		})
		if err != nil {
			return err
		}
		revenue, weighted = revenue.Add(o.ExpectedRevenue), weighted.Add(o.Weighted)
	}
	totals, err := s.module.Opportunities.Totals(ctx, opportunity.Scope{})
	if err != nil {
		return err
	}
	var deals int64
	var sum, sumWeighted money.Amount
	for _, t := range totals {
		deals += t.Count
		sum, sumWeighted = sum.Add(t.Revenue), sumWeighted.Add(t.Weighted)
	}
	if err := same("the pipeline's revenue", sum.String(), revenue.String()); err != nil {
		return err
	}
	if err := same("the pipeline's weighted revenue", sumWeighted.String(), weighted.String()); err != nil {
		return err
	}
	s.say("%d open opportunities, %s, weighted %s", deals, s.money(sum, "HUF"), s.money(sumWeighted, "HUF"))
	return nil
}
