package lead

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// Tag is the noun of lead ids.
type Tag struct{}

// ID identifies a lead.
type ID = store.Key[Tag]

// ConversionTag is the noun of conversion ids, which erpbridge/convert gives out.
type ConversionTag struct{}

// Lead is one interest of one person or company. Who that is stands in the party.
type Lead struct {
	bun.BaseModel `bun:"table:crm_lead,alias:lead"`

	ID ID `bun:"id,pk" json:"id"`
	store.Record
	// PartyID is the person, or the company where no person is known.
	PartyID party.ID `bun:"party_id" json:"party_id"`
	// OrganizationID is the company the person works for, or PartyID where that is a company; leads
	// of one company share it. Organization is its name as it came with the lead.
	OrganizationID party.ID `bun:"organization_id" json:"organization_id"`
	Organization   string   `bun:"organization,type:nvarchar(240)" json:"organization"`

	Status       Status `bun:"status,type:nvarchar(16)" json:"status"`
	StatusReason string `bun:"status_reason,type:nvarchar(400)" json:"status_reason"`
	// Interest is what is wanted, in the lead's words.
	Interest      string       `bun:"interest" json:"interest"`
	ExpectedValue money.Amount `bun:"expected_value" json:"expected_value"`
	Currency      string       `bun:"currency,type:nvarchar(3)" json:"currency"`

	// Source, Medium and Campaign are those of the first touch.
	Source   string `bun:"source,type:nvarchar(60)" json:"source"`
	Medium   string `bun:"medium,type:nvarchar(60)" json:"medium"`
	Campaign string `bun:"campaign,type:nvarchar(80)" json:"campaign"`
	// ExternalID is the lead's key in the system it came from.
	ExternalID string `bun:"external_id,type:nvarchar(80)" json:"external_id"`

	ArrivedAt       time.Time `bun:"arrived_at" json:"arrived_at"`
	AssignedAt      time.Time `bun:"assigned_at,nullzero" json:"assigned_at"`
	FirstResponseAt time.Time `bun:"first_response_at,nullzero" json:"first_response_at"`
	Score           int       `bun:"score" json:"score"`

	// ImportID is the import that brought the lead.
	ImportID     ImportID                 `bun:"import_id" json:"import_id"`
	ConversionID store.Key[ConversionTag] `bun:"conversion_id" json:"conversion_id"`
	ConvertedAt  time.Time                `bun:"converted_at,nullzero" json:"converted_at"`
	// MergedInto is set on a lead that was found to be another one; it then stands for that one.
	MergedInto ID     `bun:"merged_into" json:"merged_into"`
	OwnerUser  string `bun:"owner_user,type:nvarchar(64)" json:"owner_user"`
	OwnerTeam  string `bun:"owner_team,type:nvarchar(64)" json:"owner_team"`
}

// Guard lets a user see the leads of his visibility and those whose party is shared with him.
func (Lead) Guard(a actor.Actor, alias string) store.Predicate {
	return store.Or(store.OwnedBy(a, alias),
		store.Exists("SELECT 1 FROM crm_party_share AS share WHERE share.party_id = "+alias+".party_id AND share.user_id = ?", a.UserID))
}

// Owner gives who looks after the lead.
func (l Lead) Owner() party.Owner { return party.Owner{User: l.OwnerUser, Team: l.OwnerTeam} }

// TouchTag is the noun of touch ids.
type TouchTag struct{}

// TouchID identifies a touch.
type TouchID = store.Key[TouchTag]

// Touch is one arrival of a lead: a form sent, a call, a row of a file. The first one is the lead's
// first touch, the latest its last touch.
type Touch struct {
	bun.BaseModel `bun:"table:crm_touch,alias:touch"`

	ID      TouchID   `bun:"id,pk" json:"id"`
	Company string    `bun:"company,type:nvarchar(40)" json:"-"`
	PartyID party.ID  `bun:"party_id" json:"party_id"`
	LeadID  ID        `bun:"lead_id" json:"lead_id"`
	At      time.Time `bun:"at" json:"at"`
	Origin
	// Consent is the text that was agreed to, as it stood beside the box.
	Consent string `bun:"consent,type:nvarchar(1000)" json:"consent"`
}

// Origin is where a lead came from. All of it may come from outside and is cut to what fits, because
// no lead is refused for a long link.
type Origin struct {
	// Channel is the way it came in; one of the Channel constants.
	Channel Channel `bun:"channel,type:nvarchar(20)" json:"channel"`
	// Source, Medium, Campaign, Term and Content are the UTM values of the link. Source and Medium
	// are kept in lower case. Without a source it is the host of the referrer, else the channel.
	Source   string `bun:"source,type:nvarchar(60)" json:"source"`
	Medium   string `bun:"medium,type:nvarchar(60)" json:"medium"`
	Campaign string `bun:"campaign,type:nvarchar(80)" json:"campaign"`
	Term     string `bun:"term,type:nvarchar(120)" json:"term"`
	Content  string `bun:"content,type:nvarchar(120)" json:"content"`
	// ClickID is the advertiser's id of the click (gclid, fbclid, ...).
	ClickID  string `bun:"click_id,type:nvarchar(160)" json:"click_id"`
	Referrer string `bun:"referrer,type:nvarchar(400)" json:"referrer"`
	Page     string `bun:"page,type:nvarchar(400)" json:"page"`
}

// Channel is the way a lead comes in.
type Channel string

// The channels.
const (
	ByForm    Channel = "form"
	ByHand    Channel = "hand"
	ByFile    Channel = "file"
	ByCard    Channel = "card"
	ByEmail   Channel = "email"
	ByPhone   Channel = "phone"
	ByAd      Channel = "ad"
	ByHost    Channel = "host"
	ByMeeting Channel = "meeting"
	ByOther   Channel = "other"
)

// Channels are all channels.
var Channels = []Channel{ByForm, ByHand, ByFile, ByCard, ByEmail, ByPhone, ByAd, ByHost, ByMeeting, ByOther}
