package opportunity

import (
	"context"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// The kinds of events, each with its payload.
const (
	EventCreated   = "opportunity.created"   // Created
	EventChanged   = "opportunity.changed"   // Changed
	EventMoved     = "opportunity.moved"     // Moved
	EventWon       = "opportunity.won"       // Moved
	EventLost      = "opportunity.lost"      // Moved
	EventReopened  = "opportunity.reopened"  // Moved
	EventDiscarded = "opportunity.discarded" // Summary of what is gone
	EventCommented = "opportunity.commented" // Commented; the event's record is the comment
)

// Summary is what every payload says about the opportunity as it is after the change.
type Summary struct {
	ID              ID            `json:"id"`
	PartyID         party.ID      `json:"party_id"`
	Name            string        `json:"name"`
	State           State         `json:"state"`
	PipelineID      PipelineID    `json:"pipeline_id"`
	StageID         StageID       `json:"stage_id"`
	Chance          money.Percent `json:"chance"`
	ExpectedRevenue money.Amount  `json:"expected_revenue"`
	Currency        string        `json:"currency"`
	ExpectedClose   civil.Date    `json:"expected_close"`
	Owner           string        `json:"owner"`
}

// Created is the payload of EventCreated.
type Created struct {
	Summary
	LeadID   LeadID   `json:"lead_id"`
	Source   string   `json:"source,omitempty"`
	Campaign string   `json:"campaign,omitempty"`
	Sellers  []string `json:"sellers,omitempty"`
}

// Changed is the payload of EventChanged.
type Changed struct {
	Summary
	// Fields are the names of what changed, parts ("lines", "team", "competitors", "custom") included.
	Fields []string `json:"fields"`
	// SellersAdded and SellersRemoved are users.
	SellersAdded   []string `json:"sellers_added,omitempty"`
	SellersRemoved []string `json:"sellers_removed,omitempty"`
}

// Moved is the payload of EventMoved, EventWon, EventLost and EventReopened.
type Moved struct {
	Summary
	From StageID `json:"from"`
	To   StageID `json:"to"`
	// Seconds is how long the opportunity had been in From.
	Seconds    int64         `json:"seconds"`
	FromChance money.Percent `json:"from_chance"`
	// Reason, Competitor and Lesson belong to a lost opportunity.
	Reason     string `json:"reason,omitempty"`
	Competitor string `json:"competitor,omitempty"`
	Lesson     string `json:"lesson,omitempty"`
}

// Commented is the payload of EventCommented.
type Commented struct {
	Summary
	CommentID CommentID `json:"comment_id"`
	By        string    `json:"by"`
	Body      string    `json:"body"`
	Mentions  []string  `json:"mentions,omitempty"`
}

func (o Opportunity) summary() Summary {
	return Summary{
		ID: o.ID, PartyID: o.PartyID, Name: o.Name, State: o.State, PipelineID: o.PipelineID, StageID: o.StageID, Chance: o.Chance,
		ExpectedRevenue: o.ExpectedRevenue, Currency: o.Currency, ExpectedClose: o.ExpectedClose, Owner: o.OwnerUser,
	}
}

func emit(ctx context.Context, s *store.Session, kind string, o Opportunity, payload any) error {
	return event.Emit(ctx, s, event.Fact{Kind: kind, Record: o.ID.Bytes(), Version: o.Version, Payload: payload})
}
