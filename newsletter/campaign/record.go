package campaign

import (
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// Tag is the noun of campaign ids.
type Tag struct{}

// ID identifies a campaign.
type ID = store.Key[Tag]

// The rights that campaigns ask for.
const (
	// Read: see campaigns, their recipients and figures.
	Read = actor.CampaignRead
	// Write: draft and change campaigns.
	Write = actor.CampaignWrite
	// Send: schedule, pause, resume and cancel them, decide about unknown recipients.
	Send = actor.CampaignSend
)

// State says where a campaign stands.
type State string

// The states of a campaign.
const (
	Draft State = "draft"
	// Scheduled: it begins at its time; the audience is not fixed yet.
	Scheduled State = "scheduled"
	// Freezing: the ledger is being written.
	Freezing State = "freezing"
	Running  State = "running"
	// Paused: nothing leaves until somebody resumes it; [Campaign.ReasonCode] says why.
	Paused    State = "paused"
	Done      State = "done"
	Cancelled State = "cancelled"
)

// States are all states of a campaign.
var States = []State{Draft, Scheduled, Freezing, Running, Paused, Done, Cancelled}

// In names the state in a reader's language.
func (s State) In(l locale.Language) string { return Texts.T(l, "state."+string(s)) }

// Policy says what happens to recipients of whom nobody knows whether they got their mail.
type Policy string

// The policies.
const (
	// Skip: they are listed, and a person decides.
	Skip Policy = "skip"
	// Again: they get it again after a while, some of them for the second time.
	Again Policy = "again"
)

// Clock says by whose clock quiet hours are kept.
type Clock string

// The clocks.
const (
	// CompanyClock is that of the company.
	CompanyClock Clock = "company"
	// ReaderClock is that of the reader's country, where that has one zone and is known; else the company's.
	ReaderClock Clock = "reader"
)

// The reasons of a campaign that is paused.
const (
	// ByPerson: somebody paused it.
	ByPerson = "person"
	// ByBudget: its cost would pass its budget.
	ByBudget = "budget"
	// ByContent: it cannot be composed; the event campaign.paused says why.
	ByContent = "content"
)

// Campaign is one newsletter to many readers.
type Campaign struct {
	bun.BaseModel `bun:"table:crm_campaign,alias:campaign"`

	ID ID `bun:"id,pk" json:"id"`
	store.Record
	// Number is short and unique in the whole database; tokens and return paths carry it.
	Number int64  `bun:"number" json:"number"`
	Name   string `bun:"name,type:nvarchar(200)" json:"name"`
	// Channel is email or sms.
	Channel Channel `bun:"channel,type:nvarchar(10)" json:"channel"`
	State   State   `bun:"state,type:nvarchar(10)" json:"state"`
	// ReasonCode says why it is paused; "" otherwise.
	ReasonCode string `bun:"reason,type:nvarchar(20)" json:"reason_code,omitempty"`
	// Audience is what [Config.Audience] makes an [Audience] of: JSON.
	Audience string `bun:"audience" json:"audience"`
	// SenderName and SenderAddress are From; ReplyTo is "" where answers go to the sender.
	SenderName    string `bun:"sender_name,type:nvarchar(120)" json:"sender_name"`
	SenderAddress string `bun:"sender_address,type:nvarchar(254)" json:"sender_address"`
	ReplyTo       string `bun:"reply_to,type:nvarchar(254)" json:"reply_to,omitempty"`
	// ReturnDomain is where bounces go; SigningKey names the key of its DKIM signature, Transport the way out
	// in [Config.Transports].
	ReturnDomain string `bun:"return_domain,type:nvarchar(253)" json:"return_domain,omitempty"`
	SigningKey   string `bun:"signing_key,type:nvarchar(80)" json:"signing_key,omitempty"`
	Transport    string `bun:"transport,type:nvarchar(40)" json:"transport,omitempty"`
	// Language is that of readers whose own one the campaign has no content in.
	Language locale.Language `bun:"language,type:nvarchar(5)" json:"language"`
	// SeedLines are addresses of one's own that get it too, one a line; see [Campaign.Seeds].
	SeedLines string `bun:"seeds" json:"-"`
	// ScheduledAt is when it begins; StartedAt when the audience was frozen; EndedAt when the last recipient
	// had an end, or it was cancelled.
	ScheduledAt time.Time `bun:"scheduled_at,nullzero" json:"scheduled_at,omitzero"`
	StartedAt   time.Time `bun:"started_at,nullzero" json:"started_at,omitzero"`
	EndedAt     time.Time `bun:"ended_at,nullzero" json:"ended_at,omitzero"`
	// PerHour is how many may leave in an hour, over all processes; 0 for no limit.
	PerHour int `bun:"per_hour" json:"per_hour,omitempty"`
	// QuietFrom and QuietTo are minutes of the day between which nothing leaves (1320 and 480: from 22:00 to
	// 8:00), by the clock of QuietZone. Equal ones mean no quiet hours.
	QuietFrom int   `bun:"quiet_from" json:"quiet_from"`
	QuietTo   int   `bun:"quiet_to" json:"quiet_to"`
	QuietZone Clock `bun:"quiet_zone,type:nvarchar(10)" json:"quiet_zone"`
	// UnknownPolicy is for recipients of whom nobody knows.
	UnknownPolicy Policy `bun:"unknown_policy,type:nvarchar(10)" json:"unknown_policy"`
	// TestShare is which percentage of the audience the variants are tried on, in equal parts; the others
	// wait for the winner. 100 splits the whole audience. DecideAfter is how many minutes after the last
	// one of the test the winner is chosen by clicks; 0 waits for a person.
	TestShare   int    `bun:"test_share" json:"test_share"`
	DecideAfter int    `bun:"decide_after" json:"decide_after"`
	Winner      string `bun:"winner,type:nvarchar(10)" json:"winner,omitempty"`
	// CostEach and CostFixed are what a message and the campaign cost, in Currency (ISO 4217). Where Budget
	// is not 0, a campaign whose audience costs more is paused before its first message.
	CostEach  money.Amount `bun:"cost_each" json:"cost_each"`
	CostFixed money.Amount `bun:"cost_fixed" json:"cost_fixed"`
	Budget    money.Amount `bun:"budget" json:"budget"`
	Currency  string       `bun:"currency,type:nvarchar(3)" json:"currency,omitempty"`
	// Standing says that another package fills it while it runs; see [Campaigns.Open].
	Standing  bool   `bun:"standing" json:"standing,omitempty"`
	OwnerUser string `bun:"owner_user,type:nvarchar(64)" json:"owner_user"`
	OwnerTeam string `bun:"owner_team,type:nvarchar(64)" json:"owner_team"`
}

// Guard shows a campaign to its owner and, to those who see their team, that of the team.
func (Campaign) Guard(a actor.Actor, alias string) store.Predicate { return store.OwnedBy(a, alias) }

// Seeds are the addresses of one's own that get the campaign too.
func (c Campaign) Seeds() []string {
	if c.SeedLines == "" {
		return nil
	}
	return strings.Split(c.SeedLines, "\n")
}

// Channel is how a campaign reaches people.
type Channel string

// The channels.
const (
	Email Channel = "email"
	SMS   Channel = "sms"
)

// Content is what a campaign says in one variant and language.
type Content struct {
	bun.BaseModel `bun:"table:crm_campaign_content,alias:campaign_content"`

	ID store.Key[Content] `bun:"id,pk" json:"-"`
	store.Record
	CampaignID ID `bun:"campaign_id" json:"-"`
	// Variant is a capital letter: A where nothing is compared.
	Variant  string          `bun:"variant,type:nvarchar(10)" json:"variant"`
	Language locale.Language `bun:"language,type:nvarchar(5)" json:"language"`
	Subject  string          `bun:"subject,type:nvarchar(400)" json:"subject"`
	// Design is what the [Composer] reads: the JSON of newsletter/content's design.
	Design string `bun:"design" json:"design"`
}

// variantsOf lists the variants, sorted.
func variantsOf(contents []Content) []string {
	var list []string
	for _, p := range contents {
		if !slices.Contains(list, p.Variant) {
			list = append(list, p.Variant)
		}
	}
	slices.Sort(list)
	return list
}

// Standing says where a recipient stands.
type Standing string

// The standings of a recipient.
const (
	Pending Standing = "pending"
	// Sending: a process is at it.
	Sending Standing = "sending"
	// Sent: the server has taken it.
	Sent Standing = "sent"
	// Deferred: it is tried when it is due.
	Deferred Standing = "deferred"
	// Failed: it cannot be sent, for reasons that are not the mailbox's, or was put off for too long.
	Failed Standing = "failed"
	// Bounced: the mailbox does not take it.
	Bounced Standing = "bounced"
	// Complained: the reader called it unwanted.
	Complained Standing = "complained"
	// Unknown: nobody knows whether the server has taken it.
	Unknown Standing = "unknown"
)

// Standings are all standings of a recipient.
var Standings = []Standing{Pending, Sending, Sent, Deferred, Failed, Bounced, Complained, Unknown}

// In names the standing in a reader's language.
func (s Standing) In(l locale.Language) string { return Texts.T(l, "standing."+string(s)) }

// Recipient is one row of the ledger.
type Recipient struct {
	bun.BaseModel `bun:"table:crm_campaign_recipient,alias:campaign_recipient"`

	CampaignID ID `bun:"campaign_id" json:"-"`
	// Seq counts the recipients of a campaign from 1, without gaps.
	Seq     int    `bun:"seq" json:"seq"`
	Company string `bun:"company,type:nvarchar(40)" json:"-"`
	// PartyID is zero for addresses of one's own; see [Campaign.Seeds].
	PartyID party.ID `bun:"party_id" json:"party_id,omitzero"`
	// Address is as party.NormalizeEmail gives it, or a phone number in E.164.
	Address  string          `bun:"address,type:nvarchar(254)" json:"address"`
	Name     string          `bun:"name,type:nvarchar(120)" json:"name"`
	Language locale.Language `bun:"language,type:nvarchar(5)" json:"language"`
	// Country is ISO 3166, read only where quiet hours go by the reader's clock.
	Country string `bun:"country,type:nvarchar(2)" json:"-"`
	// Variant is "" while the recipient waits for the winner.
	Variant string    `bun:"variant,type:nvarchar(10)" json:"variant"`
	State   Standing  `bun:"state,type:nvarchar(10)" json:"state"`
	SentAt  time.Time `bun:"sent_at,nullzero" json:"sent_at,omitzero"`
}

// answer is what is known of a recipient beside the ledger: why it was not simply sent.
type answer struct {
	bun.BaseModel `bun:"table:crm_campaign_answer,alias:campaign_answer"`

	CampaignID ID       `bun:"campaign_id"`
	Seq        int      `bun:"seq"`
	Company    string   `bun:"company,type:nvarchar(40)"`
	State      Standing `bun:"state,type:nvarchar(10)"`
	Attempts   int      `bun:"attempts"`
	// DueAt is when it is tried next; while it is claimed or sent again, when its lease ends.
	DueAt      time.Time `bun:"due_at,nullzero"`
	LeaseOwner string    `bun:"lease_owner,type:nvarchar(64)"`
	GiveUpAt   time.Time `bun:"give_up_at,nullzero"`
	AnsweredAt time.Time `bun:"answered_at"`
	Code       string    `bun:"code,type:nvarchar(20)"`
	Reason     string    `bun:"reason,type:nvarchar(500)"`
}

// run is how far a campaign has come. It is apart from the campaign, so that the work raises no versions.
type run struct {
	bun.BaseModel `bun:"table:crm_campaign_run,alias:campaign_run"`

	CampaignID ID     `bun:"campaign_id"`
	Company    string `bun:"company,type:nvarchar(40)"`
	// Frozen is 1 when the ledger is complete; FrozenTo is the last party that was looked at before. Seen
	// counts the audience as it was looked at, Total what came into the ledger.
	Frozen   int      `bun:"frozen"`
	FrozenTo party.ID `bun:"frozen_to"`
	Seen     int64    `bun:"seen"`
	Total    int64    `bun:"total"`
	// NextTest and NextRest are the first rows that no process has claimed: of those with a variant, and of
	// those that wait for the winner.
	NextTest int64     `bun:"next_test"`
	NextRest int64     `bun:"next_rest"`
	TestedAt time.Time `bun:"tested_at,nullzero"`
	// PaceAt is up to when the throttle has been used.
	PaceAt time.Time `bun:"pace_at,nullzero"`
	// Two samples of how many were sent, for the figure per second.
	RateAt       time.Time `bun:"rate_at,nullzero"`
	RateSent     int64     `bun:"rate_sent"`
	RateLastAt   time.Time `bun:"rate_last_at,nullzero"`
	RateLastSent int64     `bun:"rate_last_sent"`
}

// count is how many recipients of a variant stand where.
type count struct {
	bun.BaseModel `bun:"table:crm_campaign_count,alias:campaign_count"`

	CampaignID ID     `bun:"campaign_id"`
	Variant    string `bun:"variant,type:nvarchar(10)"`
	Company    string `bun:"company,type:nvarchar(40)"`
	Pending    int64  `bun:"pending"`
	Sending    int64  `bun:"sending"`
	Sent       int64  `bun:"sent"`
	Deferred   int64  `bun:"deferred"`
	Failed     int64  `bun:"failed"`
	Bounced    int64  `bun:"bounced"`
	Complained int64  `bun:"complained"`
	Unknown    int64  `bun:"unknown"`
}

// The parts of a ledger that are worked through one after the other.
const (
	// testPart are the rows that have a variant: all, where nothing waits for a winner.
	testPart = 1
	// restPart are those that wait for the winner.
	restPart = 2
)

// chunk is a piece of the ledger that belongs to one process until its lease ends.
type chunk struct {
	bun.BaseModel `bun:"table:crm_campaign_chunk,alias:campaign_chunk"`

	CampaignID ID        `bun:"campaign_id"`
	Part       int       `bun:"part"`
	FirstSeq   int       `bun:"first_seq"`
	LastSeq    int       `bun:"last_seq"`
	Company    string    `bun:"company,type:nvarchar(40)"`
	LeaseOwner string    `bun:"lease_owner,type:nvarchar(64)"`
	LeaseUntil time.Time `bun:"lease_until"`
}
