package web

import (
	"net/http"
	"time"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/process"
	"github.com/crmplus/crmplus/erpbridge/convert"
	"github.com/crmplus/crmplus/quote"
)

// opportunityCard is the page of one opportunity.
type opportunityCard struct {
	opportunity.Card
	Owner string
	// Processes are those on it; nil where there is nothing to show.
	Processes *cardProcesses
	// Path are the stages along the top.
	Path     []pathStep
	Facts    factsView
	Team     teamView
	Rivals   rivalsView
	Feed     feedView
	Lines    lineTable
	Quotes   []quoteRow
	Deal     dealView
	History  []historyRow
	Timeline timelineView
	// Progress is how far the host has come, in words.
	Progress string
	// LateClose says that the expected close has passed.
	LateClose bool
	// Write says that the visitor may change it, Open that it is open.
	Write, Open bool
	// MakeQuote and Order are what can be made of it now.
	MakeQuote, Order bool
	// Accepted says that one of its quotes was accepted, from which the documents are made.
	Accepted bool
}

type pathStep struct {
	opportunity.Stage
	Days       int
	Past, Here bool
	Age        stageAge
}

type historyRow struct {
	From, To, By string
	At           time.Time
	Days         int
	Chance       money.Percent
}

func (s *screens) showOpportunity(v *visit) error {
	id, err := key[opportunity.Tag](v, "id")
	if err != nil {
		return err
	}
	return s.drawOpportunity(v, http.StatusOK, id, opportunityForms{Open: v.r.URL.Query().Get("edit")})
}

// opportunityForms are the forms of the card that were refused, and the panel that is open for editing.
type opportunityForms struct {
	Facts, Team, Rivals, Feed *input
	Lines                     *lineTable
	Open                      string
}

func (s *screens) drawOpportunity(v *visit, status int, id opportunity.ID, forms opportunityForms) error {
	card, err := v.module().Opportunities.Get(v.ctx(), id)
	if err != nil {
		return err
	}
	names, err := v.names()
	if err != nil {
		return err
	}
	now := v.s.now()
	d := opportunityCard{Card: card, Owner: nameIn(names, card.OwnerUser), Open: card.State == opportunity.Open, Write: v.may(actor.OpportunityWrite)}
	d.Progress = card.Progress.In(v.Locale.Language)
	d.LateClose = d.Open && !card.ExpectedClose.IsZero() && card.ExpectedClose.Before(civil.In(now, v.zone()))
	d.MakeQuote = v.may(actor.QuoteWrite) && d.Open
	ages, err := v.ageing([]opportunity.Row{{Opportunity: card.Opportunity}}, map[opportunity.StageID]int{card.StageID: card.Stage.LimitHours})
	if err != nil {
		return err
	}
	d.Path = pathOf(card, ages, now)
	d.History = historyOf(card, names)
	if d.Processes, err = v.processesOn(process.Opportunity, process.RecordID(card.ID)); err != nil {
		return err
	}
	if d.Facts, err = v.facts(card, forms.Facts, forms.Open == "facts"); err != nil {
		return err
	}
	if d.Team, err = v.team(card, forms.Team, forms.Open == "team"); err != nil {
		return err
	}
	d.Rivals = v.rivals(card, forms.Rivals, forms.Open == "competitors")
	if d.Feed, err = v.feed(card, forms.Feed); err != nil {
		return err
	}
	if d.Lines = v.opportunityLines(card); forms.Lines != nil {
		d.Lines = *forms.Lines
	}
	if v.may(actor.QuoteRead) {
		found, err := v.module().Quotes.List(v.ctx(), quote.Filter{Opportunity: quote.OpportunityID(id)})
		if err != nil {
			return err
		}
		for _, row := range found.Rows {
			d.Quotes = append(d.Quotes, quoteRow{Row: row, StateText: row.State.In(v.Locale.Language), Dot: quoteDots[row.State]})
		}
	}
	var accepted []convert.Subject
	for _, q := range d.Quotes {
		if q.State == quote.Accepted {
			accepted = append(accepted, quoteSubject(q.ID))
		}
	}
	d.Accepted = len(accepted) > 0
	if d.Deal, err = v.dealOf(opportunitySubject(id), card.PartyID, accepted...); err != nil {
		return err
	}
	d.Order = v.mayConvert() && card.State != opportunity.Lost && len(card.Lines) > 0 && !d.Deal.Ordered && !quoted(d.Quotes)
	about := subject{Party: card.PartyID, Opportunity: activity.OpportunityID(id), Path: v.link("/opportunities", id.String())}
	if d.Timeline, err = v.timeline(about); err != nil {
		return err
	}
	return v.show(status, "opportunity_card", head{
		Title: card.Name, Section: "opportunities", Wide: true, Crumbs: []crumb{{v.t("menu.opportunities"), v.link("/opportunities")}}, Scripts: []string{"lines.js"},
	}, d)
}

// quoted reports whether one of the quotes waits or was accepted, so that the order is made from it.
func quoted(all []quoteRow) bool {
	for _, q := range all {
		if q.State == quote.Issued || q.State == quote.Accepted {
			return true
		}
	}
	return false
}

// pathOf are the open stages with the days in each, and at its end, of a closed one, how it ended.
func pathOf(card opportunity.Card, ages ageing, now time.Time) []pathStep {
	var out []pathStep
	for _, stage := range card.Pipeline.Stages {
		if stage.Kind != opportunity.Open && stage.ID != card.StageID || !stage.ArchivedAt.IsZero() && card.Path[stage.ID] == 0 {
			continue
		}
		step := pathStep{Stage: stage, Days: daysIn(card.Path[stage.ID]), Here: stage.ID == card.StageID}
		step.Past = card.State == opportunity.Won || stage.Position < card.Stage.Position && card.State == opportunity.Open || card.Path[stage.ID] > 0
		if step.Here && card.State == opportunity.Open {
			step.Age = ages.of(opportunity.Row{Opportunity: card.Opportunity}, now)
		}
		out = append(out, step)
	}
	return out
}

func historyOf(card opportunity.Card, names map[string]string) []historyRow {
	stages := map[opportunity.StageID]string{}
	for _, stage := range card.Pipeline.Stages {
		stages[stage.ID] = stage.Name
	}
	out := make([]historyRow, len(card.Moves))
	for i, m := range card.Moves {
		out[len(out)-1-i] = historyRow{
			From: stages[m.From], To: stages[m.To], By: nameIn(names, m.By), At: m.At, Days: daysIn(m.Seconds), Chance: m.ToChance,
		}
	}
	return out
}
