package web

import (
	"net/http"
	"net/url"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/reports"
)

func (s *screens) opportunityRoutes() []route {
	read, write := actor.OpportunityRead, actor.OpportunityWrite
	return []route{
		{Pattern: "GET /opportunities", Right: read, Do: s.showOpportunities},
		{Pattern: "GET /opportunities/new", Right: write, Do: s.newOpportunity},
		{Pattern: "POST /opportunities/new", Right: write, Do: s.createOpportunity},
		{Pattern: "GET /opportunities/{id}", Right: read, Do: s.showOpportunity},
		{Pattern: "POST /opportunities/{id}/move", Right: write, Do: s.moveOpportunity},
		{Pattern: "GET /opportunities/{id}/won", Right: write, Do: s.askWon},
		{Pattern: "POST /opportunities/{id}/won", Right: write, Do: s.closeWon},
		{Pattern: "GET /opportunities/{id}/lost", Right: write, Do: s.askLost},
		{Pattern: "POST /opportunities/{id}/lost", Right: write, Do: s.closeLost},
		{Pattern: "POST /opportunities/{id}/reopen", Right: write, Do: s.reopenOpportunity},
		{Pattern: "GET /opportunities/{id}/facts", Right: read, Do: s.showFacts},
		{Pattern: "POST /opportunities/{id}/facts", Right: write, Do: s.saveFacts},
		{Pattern: "GET /opportunities/{id}/team", Right: read, Do: s.showTeam},
		{Pattern: "POST /opportunities/{id}/team", Right: write, Do: s.saveTeam},
		{Pattern: "GET /opportunities/{id}/competitors", Right: read, Do: s.showCompetitors},
		{Pattern: "POST /opportunities/{id}/competitors", Right: write, Do: s.saveCompetitors},
		{Pattern: "GET /opportunities/{id}/feed", Right: read, Do: s.showFeed},
		{Pattern: "POST /opportunities/{id}/feed", Right: write, Do: s.comment},
		{Pattern: "POST /opportunities/{id}/lines", Right: write, Do: s.saveOpportunityLines},
		{Pattern: "POST /opportunities/{id}/sums", Right: write, Do: s.sumOpportunityLines},
	}
}

// showOpportunities is the board, or with ?as=list the list.
func (s *screens) showOpportunities(v *visit) error {
	if v.r.URL.Query().Get("as") == "list" {
		return s.listOpportunities(v)
	}
	b, err := v.board(v.r.URL)
	if err != nil {
		return err
	}
	if v.part() && v.target() == "board" {
		return v.fill(http.StatusOK, "opportunity_board", "board", b)
	}
	return v.show(http.StatusOK, "opportunity_board", head{
		Title: v.t("menu.opportunities"), Section: "opportunities", Wide: true, Scripts: []string{"sortable.min.js", "board.js"},
	}, b)
}

// board is the page of one pipeline.
type board struct {
	Pipeline  opportunity.Pipeline
	Columns   []boardColumn
	Pipelines []option
	Owners    []option
	Owner     string
	// Address is that of this page, List that of the list with the same filter.
	Address, List string
	Mine          string
	Write         bool
	// Open is how many opportunities the columns hold together.
	Open int64
	// Book is the workbook of what the columns hold, the cards beyond those that are shown as well.
	Book bookLink
}

type boardColumn struct {
	Stage  opportunity.Stage
	Totals []opportunity.Total
	Count  int64
	Cards  []boardCard
	// Rest is how many cards are not shown; More lists them.
	Rest int64
	More string
	// Targets are the other stages, for moving without a mouse or script.
	Targets []opportunity.Stage
}

type boardCard struct {
	opportunity.Row
	Owner string
	stageAge
	// NoStep says that nothing is planned, LateStep that it should have been done, LateClose that the
	// expected close has passed.
	NoStep, LateStep, LateClose bool
}

// board reads the board that an address of it asks for.
func (v *visit) board(address *url.URL) (board, error) {
	query := address.Query()
	b := board{Owner: query.Get("owner"), Mine: v.Actor.UserID, Write: v.may(actor.OpportunityWrite)}
	wish := opportunity.View{Owner: b.Owner}
	wish.Pipeline, _ = store.ParseKey[opportunity.PipelineTag](query.Get("pipeline")) // an unknown one is the first
	all, err := v.module().Opportunities.Pipelines().List(v.ctx())
	if err != nil {
		return b, err
	}
	known := false
	for _, p := range all {
		known = known || p.ID == wish.Pipeline
	}
	if !known {
		wish.Pipeline = all[0].ID
	}
	read, err := v.module().Opportunities.Board(v.ctx(), wish)
	if err != nil {
		return b, err
	}
	b.Pipeline = read.Pipeline
	for _, p := range all {
		if p.ArchivedAt.IsZero() || p.ID == b.Pipeline.ID {
			b.Pipelines = append(b.Pipelines, option{Value: p.ID.String(), Label: p.Name, On: p.ID == b.Pipeline.ID})
		}
	}
	if b.Owners, err = v.ownerFilter(b.Owner); err != nil {
		return b, err
	}
	page := url.Values{}
	if b.Owner != "" {
		page.Set("owner", b.Owner)
	}
	if b.Pipeline.ID != all[0].ID {
		page.Set("pipeline", b.Pipeline.ID.String())
	}
	b.Address = withValues(v.link("/opportunities"), page)
	if v.may(actor.ReportRead) {
		held := url.Values{"pipeline": {b.Pipeline.ID.String()}, "state": {string(opportunity.Open)}}
		if b.Owner != "" {
			held.Set("owner", b.Owner)
		}
		b.Book.Path = withValues(v.link("/reports/opportunities.xlsx"), held)
	}
	page.Set("as", "list")
	b.List = withValues(v.link("/opportunities"), page)
	names, err := v.names()
	if err != nil {
		return b, err
	}
	var rows []opportunity.Row
	limits := map[opportunity.StageID]int{}
	for _, c := range read.Columns {
		rows, limits[c.Stage.ID] = append(rows, c.Cards...), c.Stage.LimitHours
	}
	ages, err := v.ageing(rows, limits)
	if err != nil {
		return b, err
	}
	for _, c := range read.Columns {
		if err := v.plannedSteps(c.Cards); err != nil {
			return b, err
		}
		b.Columns = append(b.Columns, v.boardColumn(c, read, boardPage{names, page, ages}))
		b.Open += b.Columns[len(b.Columns)-1].Count
	}
	return b, nil
}

// plannedSteps counts a planned activity as the next step, where it comes before the one that somebody typed.
func (v *visit) plannedSteps(rows []opportunity.Row) error {
	if !v.may(actor.ActivityRead) {
		return nil
	}
	return reports.PlannedSteps(v.ctx(), v.module().Activities, rows)
}

// boardPage is what the columns of one board share.
type boardPage struct {
	names map[string]string
	page  url.Values
	ages  ageing
}

func (v *visit) boardColumn(c opportunity.Column, read opportunity.Board, in boardPage) boardColumn {
	now := v.s.now()
	today := civil.In(now, v.zone())
	out := boardColumn{Stage: c.Stage, Totals: c.Totals}
	for _, t := range c.Totals {
		out.Count += t.Count
	}
	for _, other := range read.Columns {
		if other.Stage.ID != c.Stage.ID && other.Stage.ArchivedAt.IsZero() {
			out.Targets = append(out.Targets, other.Stage)
		}
	}
	for _, row := range c.Cards {
		out.Cards = append(out.Cards, boardCard{
			Row: row, Owner: nameIn(in.names, row.OwnerUser), stageAge: in.ages.of(row, now), NoStep: row.NextStepAt.IsZero(),
			LateStep:  !row.NextStepAt.IsZero() && row.NextStepAt.Before(now),
			LateClose: !row.ExpectedClose.IsZero() && row.ExpectedClose.Before(today),
		})
	}
	if c.Next != "" {
		more := url.Values{"as": {"list"}, "stage": {c.Stage.ID.String()}, "sort": {string(opportunity.ByStageSince)}, "after": {c.Next}}
		if owner := in.page.Get("owner"); owner != "" {
			more.Set("owner", owner)
		}
		out.More, out.Rest = withValues(v.link("/opportunities"), more), out.Count-int64(len(out.Cards))
	}
	return out
}

// nameIn is a colleague's name, his id where the host has none for him.
func nameIn(names map[string]string, id string) string {
	if name := names[id]; name != "" {
		return name
	}
	return id
}

// ownerFilter are the choices of a filter by owner: all, the visitor, everybody else.
func (v *visit) ownerFilter(chosen string) ([]option, error) {
	all, err := v.colleagues()
	if err != nil {
		return nil, err
	}
	out := []option{{Label: v.t("sale.owner.all"), On: chosen == ""}, {Value: v.Actor.UserID, Label: v.t("sale.owner.me"), On: chosen == v.Actor.UserID}}
	for _, u := range all {
		if u.ID != v.Actor.UserID {
			out = append(out, option{Value: u.ID, Label: u.Name, On: u.ID == chosen})
		}
	}
	return out, nil
}

// withValues is a path with a query.
func withValues(path string, values url.Values) string {
	if len(values) == 0 {
		return path
	}
	return path + "?" + values.Encode()
}
