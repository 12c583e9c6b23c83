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

// Opportunity is a possible sale.
type Opportunity struct {
	ID              ID        `json:"id"`
	Version         int64     `json:"version"`
	Name            string    `json:"name"`
	PartyID         ID        `json:"party_id" doc:"Who may buy."`
	PartyName       string    `json:"party_name,omitempty"`
	ContactID       ID        `json:"contact_id,omitempty" doc:"The person there who decides."`
	PipelineID      ID        `json:"pipeline_id"`
	StageID         ID        `json:"stage_id"`
	State           string    `json:"state" enum:"open,won,lost"`
	Progress        string    `json:"progress,omitempty" doc:"How far the host has come: ordered, delivering, delivered, invoicing, invoiced, paying, paid, void."`
	Goal            string    `json:"goal,omitempty"`
	Chance          Decimal   `json:"chance" doc:"In percent." example:"60"`
	ChanceManual    bool      `json:"chance_manual" doc:"A person set it; it stays until the next stage."`
	ExpectedRevenue Decimal   `json:"expected_revenue" doc:"Net, in currency."`
	RevenueManual   bool      `json:"revenue_manual" doc:"A person set it; otherwise it is the sum of the lines."`
	Weighted        Decimal   `json:"weighted" doc:"Revenue times chance."`
	Currency        string    `json:"currency" example:"EUR"`
	ExpectedClose   Date      `json:"expected_close,omitempty"`
	StageSince      time.Time `json:"stage_since"`
	NextStepAt      time.Time `json:"next_step_at,omitzero"`
	Source          string    `json:"source,omitempty"`
	Campaign        string    `json:"campaign,omitempty"`
	LeadID          ID        `json:"lead_id,omitempty"`
	LostReason      string    `json:"lost_reason,omitempty"`
	LostTo          string    `json:"lost_to,omitempty"`
	Lesson          string    `json:"lesson,omitempty"`
	ClosedAt        time.Time `json:"closed_at,omitzero"`
	OwnerUser       string    `json:"owner_user"`
	OwnerTeam       string    `json:"owner_team"`
	CreatedAt       time.Time `json:"created_at"`
	UpdatedAt       time.Time `json:"updated_at"`
	UpdatedBy       string    `json:"updated_by"`
}

func opportunityOf(o opportunity.Opportunity) Opportunity {
	return Opportunity{
		ID: idOf(o.ID), Version: o.Version, Name: o.Name, PartyID: idOf(o.PartyID), ContactID: idOf(o.ContactID), PipelineID: idOf(o.PipelineID),
		StageID: idOf(o.StageID), State: string(o.State), Progress: string(o.Progress), Goal: o.Goal, Chance: decimalOf(o.Chance), ChanceManual: o.ChanceManual,
		ExpectedRevenue: decimalOf(o.ExpectedRevenue), RevenueManual: o.RevenueManual, Weighted: decimalOf(o.Weighted), Currency: o.Currency,
		ExpectedClose: dateOf(o.ExpectedClose), StageSince: o.StageSince, NextStepAt: o.NextStepAt, Source: o.Source, Campaign: o.Campaign,
		LeadID: idOf(o.LeadID), LostReason: o.LostReason, LostTo: o.LostTo, Lesson: o.Lesson, ClosedAt: o.ClosedAt,
		OwnerUser: o.OwnerUser, OwnerTeam: o.OwnerTeam, CreatedAt: o.CreatedAt, UpdatedAt: o.UpdatedAt, UpdatedBy: o.UpdatedBy,
	}
}

func opportunityRow(r opportunity.Row) Opportunity {
	o := opportunityOf(r.Opportunity)
	o.PartyName = r.PartyName
	return o
}

// OpportunityLine is one thing that may be sold.
type OpportunityLine struct {
	ID           ID      `json:"id,omitempty" doc:"Of a line that is there, so that it keeps its identity."`
	ProductKey   string  `json:"product_key,omitempty" maxLength:"80" doc:"The host's key of the product."`
	ProductGroup string  `json:"product_group,omitempty" maxLength:"80"`
	Name         string  `json:"name,omitempty" maxLength:"240"`
	Quantity     Decimal `json:"quantity,omitempty" example:"40"`
	Unit         string  `json:"unit,omitempty" maxLength:"20"`
	UnitPrice    Decimal `json:"unit_price,omitempty" example:"12500"`
	Discount     Decimal `json:"discount,omitempty" doc:"In percent."`
	Amount       Decimal `json:"amount,omitempty" readOnly:"true" doc:"Quantity times price less discount; it is computed."`
}

func lineOf(l opportunity.Line) OpportunityLine {
	return OpportunityLine{
		ID: idOf(l.ID), ProductKey: l.ProductKey, ProductGroup: l.ProductGroup, Name: l.Name, Quantity: decimalOf(l.Quantity), Unit: l.Unit,
		UnitPrice: decimalOf(l.UnitPrice), Discount: decimalOf(l.Discount), Amount: decimalOf(l.Amount),
	}
}

func opportunityLines(n *numbers, lines []OpportunityLine) []opportunity.Line {
	out := make([]opportunity.Line, len(lines))
	for i, l := range lines {
		at := at("lines", i)
		out[i] = opportunity.Line{
			ID: keyOf[opportunity.LineTag](l.ID), ProductKey: l.ProductKey, ProductGroup: l.ProductGroup, Name: l.Name, Unit: l.Unit,
			Quantity:  number(n, at+".quantity", l.Quantity, money.ParseQuantity),
			UnitPrice: n.amount(at+".unit_price", l.UnitPrice), Discount: number(n, at+".discount", l.Discount, money.ParsePercent),
		}
	}
	return out
}

// Competitor is somebody else who wants the same sale.
type Competitor struct {
	ID         ID      `json:"id,omitempty"`
	Name       string  `json:"name" maxLength:"200"`
	Strengths  string  `json:"strengths,omitempty" maxLength:"4000"`
	Weaknesses string  `json:"weaknesses,omitempty" maxLength:"4000"`
	Price      Decimal `json:"price,omitempty" doc:"What it asks, left out where that is not known."`
	Won        bool    `json:"won,omitempty" readOnly:"true" doc:"The sale was lost to it."`
}

func competitorOf(c opportunity.Competitor) Competitor {
	return Competitor{idOf(c.ID), c.Name, c.Strengths, c.Weaknesses, known(c.Price), c.Won}
}

func competitors(n *numbers, all []Competitor) []opportunity.Competitor {
	out := make([]opportunity.Competitor, len(all))
	for i, c := range all {
		out[i] = opportunity.Competitor{
			ID: keyOf[opportunity.CompetitorTag](c.ID), Name: c.Name, Strengths: c.Strengths, Weaknesses: c.Weaknesses,
			Price: n.amount(at("competitors", i)+".price", c.Price),
		}
	}
	return out
}

// Seller is one member of the team.
type Seller struct {
	User  string  `json:"user" maxLength:"64"`
	Role  string  `json:"role,omitempty" maxLength:"30" example:"owner"`
	Share Decimal `json:"share" doc:"Of the revenue, in percent; the shares add up to 100."`
}

// Team is everybody who works on an opportunity.
type Team struct {
	Owner     string   `json:"owner,omitempty" maxLength:"64" doc:"The user who answers for it; one of the sellers."`
	OwnerTeam string   `json:"owner_team,omitempty" maxLength:"64"`
	Sellers   []Seller `json:"sellers,omitempty" maxItems:"500"`
}

func (t *Team) team(n *numbers) opportunity.Team {
	if t == nil {
		return opportunity.Team{}
	}
	out := opportunity.Team{Owner: t.Owner, OwnerTeam: t.OwnerTeam}
	for i, s := range t.Sellers {
		out.Sellers = append(out.Sellers, opportunity.Seller{User: s.User, Role: s.Role, Share: number(n, at("sellers", i)+".share", s.Share, money.ParsePercent)})
	}
	return out
}

// OpportunityDraft describes a new opportunity.
type OpportunityDraft struct {
	PartyID         ID                `json:"party_id"`
	Name            string            `json:"name" maxLength:"200"`
	ContactID       ID                `json:"contact_id,omitempty"`
	PipelineID      ID                `json:"pipeline_id,omitempty" doc:"The company's first one where it is left out."`
	StageID         ID                `json:"stage_id,omitempty" doc:"The pipeline's first open stage where it is left out."`
	Goal            string            `json:"goal,omitempty" maxLength:"20000"`
	Chance          *Decimal          `json:"chance,omitempty" doc:"The stage's where it is left out."`
	ExpectedRevenue *Decimal          `json:"expected_revenue,omitempty" doc:"The sum of the lines where it is left out."`
	Currency        string            `json:"currency,omitempty" maxLength:"3" doc:"The pipeline's where it is left out."`
	ExpectedClose   Date              `json:"expected_close,omitempty"`
	NextStepAt      *time.Time        `json:"next_step_at,omitempty"`
	Source          string            `json:"source,omitempty" maxLength:"60"`
	Campaign        string            `json:"campaign,omitempty" maxLength:"80"`
	LeadID          ID                `json:"lead_id,omitempty"`
	Lines           []OpportunityLine `json:"lines,omitempty" maxItems:"500"`
	Competitors     []Competitor      `json:"competitors,omitempty" maxItems:"500"`
	Team            *Team             `json:"team,omitempty" doc:"The key's user alone where it is left out."`
	Custom          map[string]any    `json:"custom,omitempty"`
}

func (d OpportunityDraft) draft(n *numbers) opportunity.Draft {
	return opportunity.Draft{
		PartyID: partyID(d.PartyID), ContactID: partyID(d.ContactID), Pipeline: keyOf[opportunity.PipelineTag](d.PipelineID), Stage: keyOf[opportunity.StageTag](d.StageID),
		Name: d.Name, Goal: d.Goal, Chance: optional(n, "chance", d.Chance, money.ParsePercent), ExpectedRevenue: optional(n, "expected_revenue", d.ExpectedRevenue, money.ParseAmount),
		Currency: d.Currency, ExpectedClose: day(d.ExpectedClose), NextStepAt: timesOf(d.NextStepAt), Source: d.Source, Campaign: d.Campaign,
		LeadID: keyOf[opportunity.LeadTag](d.LeadID), Lines: opportunityLines(n, d.Lines), Competitors: competitors(n, d.Competitors), Team: d.Team.team(n), Custom: d.Custom,
	}
}

// OpportunityPatch changes fields; what is left out stays.
type OpportunityPatch struct {
	Name            *string        `json:"name,omitempty" maxLength:"200"`
	Goal            *string        `json:"goal,omitempty" maxLength:"20000"`
	ContactID       *ID            `json:"contact_id,omitempty"`
	Chance          *Decimal       `json:"chance,omitempty"`
	StageChance     bool           `json:"stage_chance,omitempty" doc:"Takes the stage's chance back."`
	ExpectedRevenue *Decimal       `json:"expected_revenue,omitempty"`
	LineRevenue     bool           `json:"line_revenue,omitempty" doc:"Takes the sum of the lines back."`
	Currency        *string        `json:"currency,omitempty" maxLength:"3"`
	ExpectedClose   *Date          `json:"expected_close,omitempty"`
	NextStepAt      *time.Time     `json:"next_step_at,omitempty"`
	Source          *string        `json:"source,omitempty" maxLength:"60"`
	Campaign        *string        `json:"campaign,omitempty" maxLength:"80"`
	Custom          map[string]any `json:"custom,omitempty"`
}

// StageStep says where an opportunity moves.
type StageStep struct {
	StageID    ID       `json:"stage_id"`
	From       ID       `json:"from,omitempty" doc:"The stage it was seen in; the move is refused where somebody else moved it meanwhile."`
	Chance     *Decimal `json:"chance,omitempty"`
	KeepChance bool     `json:"keep_chance,omitempty"`
}

// Win says how an opportunity was won.
type Win struct {
	StageID         ID       `json:"stage_id,omitempty"`
	ExpectedRevenue *Decimal `json:"expected_revenue,omitempty" doc:"What was really agreed, where that differs."`
}

// Loss says how an opportunity was lost.
type Loss struct {
	StageID    ID     `json:"stage_id,omitempty"`
	LostReason string `json:"lost_reason" maxLength:"200"`
	LostTo     string `json:"lost_to" maxLength:"200" doc:"The competitor, or - where nobody won it."`
	Lesson     string `json:"lesson" maxLength:"20000"`
}

// Reopening says where a closed opportunity goes on.
type Reopening struct {
	StageID ID `json:"stage_id,omitempty" doc:"Where it was closed from where it is left out."`
}

// CommentDraft is a new entry of the feed.
type CommentDraft struct {
	Body string `json:"body" maxLength:"16384" doc:"@user names a user of the company."`
}

// Comment is an entry of the feed.
type Comment struct {
	ID        ID        `json:"id"`
	Body      string    `json:"body"`
	Mentions  []string  `json:"mentions"`
	CreatedBy string    `json:"created_by"`
	CreatedAt time.Time `json:"created_at"`
}

func commentOf(c opportunity.Comment) Comment {
	return Comment{idOf(c.ID), c.Body, some([]string(c.Mentions)), c.CreatedBy, c.CreatedAt}
}

// StageMove is one step of an opportunity's way.
type StageMove struct {
	ID         ID        `json:"id"`
	From       ID        `json:"from,omitempty" doc:"Left out for the first move."`
	To         ID        `json:"to"`
	By         string    `json:"by"`
	At         time.Time `json:"at"`
	Seconds    int64     `json:"seconds" doc:"How long it had been in from."`
	FromChance Decimal   `json:"from_chance"`
	ToChance   Decimal   `json:"to_chance"`
}

func moveOf(m opportunity.StageMove) StageMove {
	return StageMove{idOf(m.ID), idOf(m.From), idOf(m.To), m.By, m.At, m.Seconds, decimalOf(m.FromChance), decimalOf(m.ToChance)}
}

// OpportunityCard is an opportunity with everything that belongs to it.
type OpportunityCard struct {
	Opportunity Opportunity       `json:"opportunity"`
	ContactName string            `json:"contact_name,omitempty"`
	Pipeline    Pipeline          `json:"pipeline"`
	Stage       Stage             `json:"stage"`
	Path        map[string]int64  `json:"path" doc:"How long it has been in each stage, in seconds, by the stage's id."`
	Lines       []OpportunityLine `json:"lines"`
	Sellers     []Seller          `json:"sellers"`
	Competitors []Competitor      `json:"competitors"`
	Moves       []StageMove       `json:"moves"`
	Comments    []Comment         `json:"comments" doc:"The newest first; GET …/comments has all."`
	Custom      map[string]any    `json:"custom"`
}

func cardOf(c opportunity.Card) OpportunityCard {
	path := make(map[string]int64, len(c.Path))
	for id, seconds := range c.Path {
		path[id.String()] = seconds
	}
	return OpportunityCard{
		Opportunity: opportunityRow(opportunity.Row{Opportunity: c.Opportunity, PartyName: c.PartyName}), ContactName: c.ContactName,
		Pipeline: pipelineOf(c.Pipeline), Stage: stageOf(c.Stage), Path: path, Lines: each(c.Lines, lineOf),
		Sellers: each(c.Sellers, func(s opportunity.Seller) Seller { return Seller{s.User, s.Role, decimalOf(s.Share)} }), Competitors: each(c.Competitors, competitorOf),
		Moves: each(c.Moves, moveOf), Comments: each(c.Feed.Comments, commentOf), Custom: customOf(c.Sheet.Values),
	}
}

// StageTotal is the sum of the opportunities of one stage in one currency.
type StageTotal struct {
	PipelineID ID      `json:"pipeline_id,omitempty"`
	StageID    ID      `json:"stage_id,omitempty"`
	Currency   string  `json:"currency"`
	Count      int64   `json:"count"`
	Revenue    Decimal `json:"revenue"`
	Weighted   Decimal `json:"weighted"`
}

func totalOf(t opportunity.Total) StageTotal {
	return StageTotal{idOf(t.PipelineID), idOf(t.StageID), t.Currency, t.Count, decimalOf(t.Revenue), decimalOf(t.Weighted)}
}

// Board shows the open opportunities of one pipeline, stage by stage.
type Board struct {
	Pipeline Pipeline      `json:"pipeline"`
	Columns  []BoardColumn `json:"columns"`
}

// BoardColumn is one open stage.
type BoardColumn struct {
	Stage  Stage         `json:"stage"`
	Totals []StageTotal  `json:"totals" doc:"By currency, over all opportunities of the stage."`
	Cards  []Opportunity `json:"cards" doc:"Those longest in the stage first."`
	After  string        `json:"after,omitempty" doc:"The cursor for further ones: GET /opportunities?stage=…&sort=stage_since&after=…"`
}

func columnOf(c opportunity.Column) BoardColumn {
	return BoardColumn{stageOf(c.Stage), each(c.Totals, totalOf), each(c.Cards, opportunityRow), c.Next}
}

func opportunityID(id ID) opportunity.ID { return keyOf[opportunity.Tag](id) }

// tagOpportunity gives what a verb made of an opportunity.
func tagOpportunity(o opportunity.Opportunity, err error) (*Tagged[Opportunity], error) {
	return &Tagged[Opportunity]{etag(o.Version), opportunityOf(o)}, err
}

// changing is an input that changes one record.
type changing[B any] struct {
	ByID
	Match
	Body B
}

// onOpportunity makes a verb of a function that changes an opportunity, under the version that was read.
func onOpportunity[B any](do func(ctx context.Context, m *crm.Module, id opportunity.ID, in *changing[B]) (opportunity.Opportunity, error)) verb[changing[B], Tagged[Opportunity]] {
	return func(ctx context.Context, m *crm.Module, in *changing[B]) (*Tagged[Opportunity], error) {
		if err := locked(ctx, m, &opportunity.Opportunity{}, opportunityID(in.ID), in.version); err != nil {
			return nil, err
		}
		return tagOpportunity(do(ctx, m, opportunityID(in.ID), in))
	}
}

// OpportunityQuestion asks for opportunities; what is left out does not narrow.
type OpportunityQuestion struct {
	OwnFilter
	State     []string `query:"state" enum:"open,won,lost" doc:"Any of them, by comma."`
	Pipeline  ID       `query:"pipeline"`
	Stage     ID       `query:"stage"`
	Owner     string   `query:"owner" maxLength:"64"`
	Seller    string   `query:"seller" maxLength:"64" doc:"Who sells it, alone or with others."`
	Team      string   `query:"team" maxLength:"64"`
	Source    string   `query:"source" maxLength:"80"`
	Group     string   `query:"product_group" maxLength:"80"`
	Region    string   `query:"region" maxLength:"80" doc:"The region of the customer's address, its country where that names none."`
	Party     ID       `query:"party" doc:"With the people of a company and parties merged into it."`
	CloseFrom Date     `query:"close_from" doc:"The first expected close."`
	CloseTo   Date     `query:"close_to" doc:"The last expected close."`
	Sort      string   `query:"sort" enum:"close,created,revenue,stage_since" default:"close" doc:"stage_since needs stage."`
}

func (q OpportunityQuestion) filter(ctx context.Context, m *crm.Module) (opportunity.Filter, error) {
	own, err := q.own(ctx, m, "opportunity")
	return opportunity.Filter{
		Custom: own,
		States: words[opportunity.State](q.State), Pipeline: keyOf[opportunity.PipelineTag](q.Pipeline), Stage: keyOf[opportunity.StageTag](q.Stage),
		Owner: q.Owner, Seller: q.Seller, Team: q.Team, Source: q.Source, ProductGroup: q.Group, Region: q.Region,
		Party: partyID(q.Party), CloseFrom: day(q.CloseFrom), CloseTo: day(q.CloseTo), Sort: opportunity.Sort(q.Sort),
	}, err
}

func (a *server) opportunities() {
	const tag = "Opportunities"
	read, write := rights(actor.OpportunityRead), rights(actor.OpportunityWrite)
	add(a, route{ID: "create-opportunity", Method: http.MethodPost, Path: "/opportunities", Tag: tag, Rights: write, Status: http.StatusCreated, Summary: "Make an opportunity"},
		func(ctx context.Context, m *crm.Module, in *struct{ Body OpportunityDraft }) (*Made[Opportunity], error) {
			var n numbers
			d := in.Body.draft(&n)
			if err := n.err(); err != nil {
				return nil, err
			}
			if err := convertCustom(ctx, m, "opportunity", d.Custom); err != nil {
				return nil, err
			}
			o, err := m.Opportunities.Create(ctx, d)
			return &Made[Opportunity]{etag(o.Version), callOf(ctx).r.URL.Path + "/" + o.ID.String(), opportunityOf(o)}, err
		})
	add(a, route{ID: "list-opportunities", Method: http.MethodGet, Path: "/opportunities", Tag: tag, Rights: read, Summary: "List opportunities"},
		func(ctx context.Context, m *crm.Module, in *struct {
			Fields
			Paging
			OpportunityQuestion
		}) (*Listed[Opportunity], error) {
			filter, err := in.filter(ctx, m)
			if err != nil {
				return nil, err
			}
			filter.Page = in.page()
			list, err := m.Opportunities.List(ctx, filter)
			return listed(callOf(ctx), each(list.Rows, opportunityRow), list.Next), err
		})
	add(a, route{ID: "get-opportunity", Method: http.MethodGet, Path: "/opportunities/{id}", Tag: tag, Rights: read, Summary: "Read an opportunity with everything that belongs to it"},
		func(ctx context.Context, m *crm.Module, in *struct {
			ByID
			Fields
		}) (*Tagged[OpportunityCard], error) {
			card, err := m.Opportunities.Get(ctx, opportunityID(in.ID))
			return &Tagged[OpportunityCard]{etag(card.Version), cardOf(card)}, err
		})
	add(a, route{ID: "edit-opportunity", Method: http.MethodPatch, Path: "/opportunities/{id}", Tag: tag, Rights: write, Summary: "Change an opportunity"},
		onOpportunity(func(ctx context.Context, m *crm.Module, id opportunity.ID, in *changing[OpportunityPatch]) (opportunity.Opportunity, error) {
			var n numbers
			b := in.Body
			e := opportunity.Edit{
				Version: in.version, Name: b.Name, Goal: b.Goal, Chance: optional(&n, "chance", b.Chance, money.ParsePercent), StageChance: b.StageChance,
				ExpectedRevenue: optional(&n, "expected_revenue", b.ExpectedRevenue, money.ParseAmount), LineRevenue: b.LineRevenue, Currency: b.Currency,
				ExpectedClose: days(b.ExpectedClose), NextStepAt: b.NextStepAt, Source: b.Source, Campaign: b.Campaign, Custom: b.Custom,
			}
			if b.ContactID != nil {
				contact := partyID(*b.ContactID)
				e.ContactID = &contact
			}
			if err := n.err(); err != nil {
				return opportunity.Opportunity{}, err
			}
			if err := convertCustom(ctx, m, "opportunity", e.Custom); err != nil {
				return opportunity.Opportunity{}, err
			}
			return m.Opportunities.Edit(ctx, id, e)
		}))
	add(a, route{ID: "set-opportunity-lines", Method: http.MethodPut, Path: "/opportunities/{id}/lines", Tag: tag, Rights: write, Summary: "Replace all lines"},
		onOpportunity(func(ctx context.Context, m *crm.Module, id opportunity.ID, in *changing[OpportunityLines]) (opportunity.Opportunity, error) {
			var n numbers
			lines := opportunityLines(&n, in.Body.Lines)
			if err := n.err(); err != nil {
				return opportunity.Opportunity{}, err
			}
			return m.Opportunities.SetLines(ctx, id, in.version, lines)
		}))
	add(a, route{ID: "set-opportunity-team", Method: http.MethodPut, Path: "/opportunities/{id}/team", Tag: tag, Rights: write, Summary: "Replace the whole team"},
		onOpportunity(func(ctx context.Context, m *crm.Module, id opportunity.ID, in *changing[Team]) (opportunity.Opportunity, error) {
			var n numbers
			team := in.Body.team(&n)
			if err := n.err(); err != nil {
				return opportunity.Opportunity{}, err
			}
			return m.Opportunities.SetTeam(ctx, id, in.version, team)
		}))
	add(a, route{ID: "set-opportunity-competitors", Method: http.MethodPut, Path: "/opportunities/{id}/competitors", Tag: tag, Rights: write, Summary: "Replace all competitors"},
		onOpportunity(func(ctx context.Context, m *crm.Module, id opportunity.ID, in *changing[Competitors]) (opportunity.Opportunity, error) {
			var n numbers
			all := competitors(&n, in.Body.Competitors)
			if err := n.err(); err != nil {
				return opportunity.Opportunity{}, err
			}
			return m.Opportunities.SetCompetitors(ctx, id, in.version, all)
		}))
	a.opportunityMoves(tag, write)
	a.opportunityViews(tag, read)
}

// OpportunityLines are all lines.
type OpportunityLines struct {
	Lines []OpportunityLine `json:"lines" maxItems:"500"`
}

// Competitors are all competitors.
type Competitors struct {
	Competitors []Competitor `json:"competitors" maxItems:"500"`
}

// opportunityMoves adds what brings an opportunity forward.
func (a *server) opportunityMoves(tag string, write []actor.Right) {
	add(a, route{ID: "move-opportunity", Method: http.MethodPost, Path: "/opportunities/{id}/stage", Tag: tag, Rights: write, Summary: "Move an opportunity to another open stage", Doc: "What the stage requires must be there: each missing field and activity is a fault of its own."},
		onOpportunity(func(ctx context.Context, m *crm.Module, id opportunity.ID, in *changing[StageStep]) (opportunity.Opportunity, error) {
			var n numbers
			step := opportunity.Step{
				Stage: keyOf[opportunity.StageTag](in.Body.StageID), From: keyOf[opportunity.StageTag](in.Body.From),
				Chance: optional(&n, "chance", in.Body.Chance, money.ParsePercent), KeepChance: in.Body.KeepChance,
			}
			if err := n.err(); err != nil {
				return opportunity.Opportunity{}, err
			}
			return m.Opportunities.Move(ctx, id, step)
		}))
	add(a, route{ID: "win-opportunity", Method: http.MethodPost, Path: "/opportunities/{id}/win", Tag: tag, Rights: write, Summary: "Close an opportunity as won"},
		onOpportunity(func(ctx context.Context, m *crm.Module, id opportunity.ID, in *changing[Win]) (opportunity.Opportunity, error) {
			var n numbers
			win := opportunity.Win{Stage: keyOf[opportunity.StageTag](in.Body.StageID), Revenue: optional(&n, "expected_revenue", in.Body.ExpectedRevenue, money.ParseAmount)}
			if err := n.err(); err != nil {
				return opportunity.Opportunity{}, err
			}
			return m.Opportunities.CloseWon(ctx, id, win)
		}))
	add(a, route{ID: "lose-opportunity", Method: http.MethodPost, Path: "/opportunities/{id}/lose", Tag: tag, Rights: write, Summary: "Close an opportunity as lost"},
		onOpportunity(func(ctx context.Context, m *crm.Module, id opportunity.ID, in *changing[Loss]) (opportunity.Opportunity, error) {
			b := in.Body
			return m.Opportunities.CloseLost(ctx, id, opportunity.Loss{Stage: keyOf[opportunity.StageTag](b.StageID), Reason: b.LostReason, Competitor: b.LostTo, Lesson: b.Lesson})
		}))
	add(a, route{ID: "reopen-opportunity", Method: http.MethodPost, Path: "/opportunities/{id}/reopen", Tag: tag, Rights: write, Summary: "Open a closed opportunity again"},
		onOpportunity(func(ctx context.Context, m *crm.Module, id opportunity.ID, in *changing[Reopening]) (opportunity.Opportunity, error) {
			return m.Opportunities.Reopen(ctx, id, opportunity.Reopening{Stage: keyOf[opportunity.StageTag](in.Body.StageID)})
		}))
	add(a, route{ID: "comment-opportunity", Method: http.MethodPost, Path: "/opportunities/{id}/comments", Tag: tag, Rights: write, Status: http.StatusCreated, Summary: "Add a comment to the feed"},
		func(ctx context.Context, m *crm.Module, in *struct {
			ByID
			Body CommentDraft
		}) (*Out[Comment], error) {
			c, err := m.Opportunities.Comment(ctx, opportunityID(in.ID), in.Body.Body)
			return &Out[Comment]{commentOf(c)}, err
		})
}

// opportunityViews adds what only reads.
func (a *server) opportunityViews(tag string, read []actor.Right) {
	add(a, route{ID: "list-opportunity-comments", Method: http.MethodGet, Path: "/opportunities/{id}/comments", Tag: tag, Rights: read, Summary: "List the feed, the newest first"},
		func(ctx context.Context, m *crm.Module, in *struct {
			ByID
			Paging
		}) (*Listed[Comment], error) {
			feed, err := m.Opportunities.Comments(ctx, opportunityID(in.ID), in.page())
			return listed(callOf(ctx), each(feed.Comments, commentOf), feed.Next), err
		})
	add(a, route{ID: "list-opportunity-moves", Method: http.MethodGet, Path: "/opportunities/{id}/moves", Tag: tag, Rights: read, Summary: "List all stage moves, the first one first"},
		func(ctx context.Context, m *crm.Module, in *struct{ ByID }) (*Listed[StageMove], error) {
			moves, err := m.Opportunities.History(ctx, opportunityID(in.ID))
			return listed(callOf(ctx), each(moves, moveOf), ""), err
		})
	add(a, route{ID: "get-board", Method: http.MethodGet, Path: "/board", Tag: tag, Rights: read, Summary: "Read the board of a pipeline"},
		func(ctx context.Context, m *crm.Module, in *struct {
			Pipeline ID     `query:"pipeline" doc:"The company's first one where it is left out."`
			Owner    string `query:"owner" maxLength:"64"`
			Cards    int    `query:"cards" minimum:"1" maximum:"100" default:"20"`
		}) (*Out[Board], error) {
			b, err := m.Opportunities.Board(ctx, opportunity.View{Pipeline: keyOf[opportunity.PipelineTag](in.Pipeline), Owner: in.Owner, Cards: in.Cards})
			return &Out[Board]{Board{pipelineOf(b.Pipeline), each(b.Columns, columnOf)}}, err
		})
	add(a, route{ID: "list-totals", Method: http.MethodGet, Path: "/opportunities/totals", Tag: tag, Rights: read, Summary: "Sum up opportunities by stage and currency"},
		func(ctx context.Context, m *crm.Module, in *struct {
			Pipeline ID     `query:"pipeline"`
			State    string `query:"state" enum:"open,won,lost" default:"open"`
			Owner    string `query:"owner" maxLength:"64"`
		}) (*Listed[StageTotal], error) {
			totals, err := m.Opportunities.Totals(ctx, opportunity.Scope{Pipeline: keyOf[opportunity.PipelineTag](in.Pipeline), State: opportunity.State(in.State), Owner: in.Owner})
			return listed(callOf(ctx), each(totals, totalOf), ""), err
		})
}
