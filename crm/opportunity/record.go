package opportunity

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// The nouns of ids.
type (
	Tag           struct{}
	LineTag       struct{}
	CompetitorTag struct{}
	MoveTag       struct{}
	CommentTag    struct{}
	// LeadTag stands for a lead, whose package this one does not know: opportunity.LeadID(lead.ID)
	// converts.
	LeadTag struct{}
)

// The ids.
type (
	ID           = store.Key[Tag]
	LineID       = store.Key[LineTag]
	CompetitorID = store.Key[CompetitorTag]
	MoveID       = store.Key[MoveTag]
	CommentID    = store.Key[CommentTag]
	LeadID       = store.Key[LeadTag]
)

// State says whether an opportunity is open or how it ended. It is the kind of the stage it stands in.
type State string

// The states.
const (
	Open State = "open"
	Won  State = "won"
	Lost State = "lost"
)

// Opportunity is a possible sale.
type Opportunity struct {
	bun.BaseModel `bun:"table:crm_opportunity,alias:opportunity"`

	ID ID `bun:"id,pk" json:"id"`
	store.Record
	// PartyID is who may buy; ContactID the person there who decides, if known.
	PartyID    party.ID   `bun:"party_id" json:"party_id"`
	ContactID  party.ID   `bun:"contact_id" json:"contact_id"`
	PipelineID PipelineID `bun:"pipeline_id" json:"pipeline_id"`
	StageID    StageID    `bun:"stage_id" json:"stage_id"`
	State      State      `bun:"state,type:nvarchar(4)" json:"state"`
	// Progress is how far the host has come with it; see [Opportunities.Reflect].
	Progress Progress `bun:"progress,type:nvarchar(12)" json:"progress"`
	Name     string   `bun:"name,type:nvarchar(200)" json:"name"`
	// Goal is what the customer wants to reach.
	Goal string `bun:"goal" json:"goal"`
	// Chance is in percent, 0 to 100. ChanceManual says that a person set it: it then stays until
	// the next stage move.
	Chance       money.Percent `bun:"chance" json:"chance"`
	ChanceManual bool          `bun:"chance_manual" json:"chance_manual"`
	// ExpectedRevenue is net, in Currency: the sum of the lines, or where RevenueManual what a person set.
	ExpectedRevenue money.Amount `bun:"expected_revenue" json:"expected_revenue"`
	RevenueManual   bool         `bun:"revenue_manual" json:"revenue_manual"`
	// Weighted is revenue times chance, rounded to the currency so that shown rows add up to shown sums.
	Weighted money.Amount `bun:"weighted" json:"weighted"`
	// Currency is an ISO 4217 code.
	Currency      string     `bun:"currency,type:nvarchar(3)" json:"currency"`
	ExpectedClose civil.Date `bun:"expected_close" json:"expected_close"`
	// StageSince is when it came into its stage.
	StageSince time.Time `bun:"stage_since" json:"stage_since"`
	// NextStepAt is when something has to be done next.
	NextStepAt time.Time `bun:"next_step_at,nullzero" json:"next_step_at"`
	Source     string    `bun:"source,type:nvarchar(60)" json:"source"`
	Campaign   string    `bun:"campaign,type:nvarchar(80)" json:"campaign"`
	// LeadID is the lead it was converted from.
	LeadID LeadID `bun:"lead_id" json:"lead_id"`
	// LostReason, LostTo (the competitor) and Lesson are given when it is closed as lost.
	LostReason string    `bun:"lost_reason,type:nvarchar(200)" json:"lost_reason"`
	LostTo     string    `bun:"lost_to,type:nvarchar(200)" json:"lost_to"`
	Lesson     string    `bun:"lesson" json:"lesson"`
	ClosedAt   time.Time `bun:"closed_at,nullzero" json:"closed_at"`
	OwnerUser  string    `bun:"owner_user,type:nvarchar(64)" json:"owner_user"`
	OwnerTeam  string    `bun:"owner_team,type:nvarchar(64)" json:"owner_team"`
}

// Guard lets a user see the opportunities of his visibility and those he is a seller of.
func (Opportunity) Guard(a actor.Actor, alias string) store.Predicate {
	return store.Or(store.OwnedBy(a, alias), sold(a, alias))
}

// sold are the opportunities that the actor is a seller of.
func sold(a actor.Actor, alias string) store.Predicate {
	return store.Granted(a, alias+".id", store.Grant{Table: "crm_opportunity_seller", Alias: "own", Key: "opportunity_id"})
}

// weigh sets Weighted from revenue and chance.
func (o *Opportunity) weigh() {
	o.Weighted = money.Round(money.PercentOf(o.Chance, o.ExpectedRevenue), o.Currency)
}

// Line is one thing that may be sold: a product or product group of the host, or free text.
type Line struct {
	bun.BaseModel `bun:"table:crm_opportunity_line,alias:line"`

	ID            LineID `bun:"id,pk" json:"id"`
	Company       string `bun:"company,type:nvarchar(40)" json:"-"`
	OpportunityID ID     `bun:"opportunity_id" json:"-"`
	// Position counts from 1.
	Position int `bun:"position" json:"position"`
	// ProductKey and ProductGroup are the host's keys. One of them or Name is given.
	ProductKey   string         `bun:"product_key,type:nvarchar(80)" json:"product_key"`
	ProductGroup string         `bun:"product_group,type:nvarchar(80)" json:"product_group"`
	Name         string         `bun:"name,type:nvarchar(240)" json:"name"`
	Quantity     money.Quantity `bun:"quantity" json:"quantity"`
	Unit         string         `bun:"unit,type:nvarchar(20)" json:"unit"`
	UnitPrice    money.Amount   `bun:"unit_price" json:"unit_price"`
	// Discount is in percent of the price, 0 to 100.
	Discount money.Percent `bun:"discount" json:"discount"`
	// Amount is quantity times price less discount, rounded to the currency; it is computed.
	Amount money.Amount `bun:"amount" json:"amount"`
}

// Seller is one member of the team that works on an opportunity.
type Seller struct {
	bun.BaseModel `bun:"table:crm_opportunity_seller,alias:seller"`

	OpportunityID ID     `bun:"opportunity_id,pk" json:"-"`
	User          string `bun:"user_id,pk,type:nvarchar(64)" json:"user"`
	Company       string `bun:"company,type:nvarchar(40)" json:"-"`
	// Role is a word of the company's own: "owner", "presales", "support".
	Role string `bun:"role,type:nvarchar(30)" json:"role"`
	// Share is the seller's part of the revenue in percent; the shares of a team add up to 100.
	Share money.Percent `bun:"share" json:"share"`
}

// Competitor is somebody else who wants the same sale.
type Competitor struct {
	bun.BaseModel `bun:"table:crm_competitor,alias:competitor"`

	ID            CompetitorID `bun:"id,pk" json:"id"`
	Company       string       `bun:"company,type:nvarchar(40)" json:"-"`
	OpportunityID ID           `bun:"opportunity_id" json:"-"`
	Name          string       `bun:"name,type:nvarchar(200)" json:"name"`
	Strengths     string       `bun:"strengths" json:"strengths"`
	Weaknesses    string       `bun:"weaknesses" json:"weaknesses"`
	// Price is what it asks, in the opportunity's currency; 0 where that is not known.
	Price money.Amount `bun:"price" json:"price"`
	// Won says that the sale was lost to it; CloseLost sets it.
	Won bool `bun:"won" json:"won"`
}

// StageMove is one step of an opportunity's way.
type StageMove struct {
	bun.BaseModel `bun:"table:crm_stage_move,alias:stage_move"`

	ID            MoveID `bun:"id,pk" json:"id"`
	Company       string `bun:"company,type:nvarchar(40)" json:"-"`
	OpportunityID ID     `bun:"opportunity_id" json:"-"`
	// From is zero for the first move, by which the opportunity was created.
	From StageID   `bun:"from_stage" json:"from"`
	To   StageID   `bun:"to_stage" json:"to"`
	By   string    `bun:"moved_by,type:nvarchar(64)" json:"by"`
	At   time.Time `bun:"moved_at" json:"at"`
	// Seconds is how long it had been in From.
	Seconds    int64         `bun:"seconds" json:"seconds"`
	FromChance money.Percent `bun:"from_chance" json:"from_chance"`
	ToChance   money.Percent `bun:"to_chance" json:"to_chance"`
}

// Comment is one entry of an opportunity's feed.
type Comment struct {
	bun.BaseModel `bun:"table:crm_comment,alias:comment"`

	ID CommentID `bun:"id,pk" json:"id"`
	store.Record
	OpportunityID ID     `bun:"opportunity_id" json:"-"`
	Body          string `bun:"body" json:"body"`
	// Mentions are the users named in Body.
	Mentions Words `bun:"mentions" json:"mentions"`
}
