package web

import (
	"net/http"

	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/store"
)

// newDeal is the page of a new opportunity.
type newDeal struct {
	Form      *input
	Buyer     buyer
	Finder    finder
	Pipelines []option
	Currency  string
	Custom    []field
}

func (s *screens) newOpportunity(v *visit) error {
	b, err := v.buyerOf(v.r.URL.Query())
	if err != nil {
		return err
	}
	if b.Colleague {
		return v.redirect(v.link("/customers", b.Customer.Key))
	}
	f := v.blank("name", "", "expected_revenue", "", "expected_close", "", "next_step_at", "", "goal", "", "pipeline", "")
	fields, err := v.customFields("opportunity")
	if err != nil {
		return err
	}
	v.putCustom(f, fields, nil)
	if b.Lead != nil {
		v.takeCustom(f, fields, b.Lead.Sheet)
		f.Values.Set("name", firstLine(b.Lead.Lead.Interest))
		f.Values.Set("goal", b.Lead.Lead.Interest)
		if value := b.Lead.Lead.ExpectedValue; !value.IsZero() {
			f.Values.Set("expected_revenue", v.Locale.Language.Number(value.Decimal, money.Digits(b.Lead.Lead.Currency)))
		}
	}
	return s.drawNewOpportunity(v, f, b)
}

func (s *screens) drawNewOpportunity(v *visit, f *input, b buyer) error {
	d := newDeal{Form: f, Buyer: b}
	var err error
	if !b.Known() {
		if d.Finder, err = v.findBuyers(v.asked().text("q"), v.link("/opportunities/new")); err != nil {
			return err
		}
		if v.part() && v.target() == "buyers" {
			return v.fill(http.StatusOK, "opportunity_new", "buyers", d.Finder)
		}
	}
	pipelines, err := v.module().Opportunities.Pipelines().List(v.ctx())
	if err != nil {
		return err
	}
	for _, p := range pipelines {
		if p.ArchivedAt.IsZero() {
			d.Pipelines = append(d.Pipelines, option{Value: p.ID.String(), Label: p.Name})
		}
	}
	d.Currency = pipelines[0].Currency
	fields, err := v.customFields("opportunity")
	if err != nil {
		return err
	}
	d.Custom = v.customInputs(f, fields)
	return v.show(f.statusOf(), "opportunity_new", head{
		Title: v.t("deal.new"), Section: "opportunities", Crumbs: []crumb{{v.t("menu.opportunities"), v.link("/opportunities")}},
	}, d)
}

func (s *screens) createOpportunity(v *visit) error {
	f := v.posted()
	b, err := v.buyerOf(v.r.PostForm)
	if err != nil {
		return err
	}
	if b.Colleague {
		return v.redirect(v.link("/customers", b.Customer.Key))
	}
	if !b.Known() {
		f.wrong("", "deal.new.who")
		return s.drawNewOpportunity(v, f, b)
	}
	draft := opportunity.Draft{
		ContactID: b.Contact, Name: f.text("name"), Goal: f.text("goal"), ExpectedRevenue: f.amount("expected_revenue"),
		ExpectedClose: f.day("expected_close"), NextStepAt: f.moment("next_step_at"),
	}
	draft.Pipeline, _ = store.ParseKey[opportunity.PipelineTag](f.text("pipeline"))
	if b.Lead != nil {
		draft.LeadID = opportunity.LeadID(b.Lead.Lead.ID)
		draft.Source, draft.Campaign = sourceOf(b.Lead)
	}
	fields, err := v.customFields("opportunity")
	if err != nil {
		return err
	}
	draft.Custom = v.readCustom(f, fields)
	if !f.bad() {
		if err := b.settle(v); err != nil {
			return err
		}
		draft.PartyID = b.Party
		made, err := v.module().Opportunities.Create(v.ctx(), draft)
		if err == nil {
			v.done("deal.created")
			return v.redirect(v.link("/opportunities", made.ID.String()))
		}
		if err := v.refuse(f, err); err != nil {
			return err
		}
	}
	return s.drawNewOpportunity(v, f, b)
}

func sourceOf(card *lead.Card) (source, campaign string) {
	return card.First.Source, card.First.Campaign
}
