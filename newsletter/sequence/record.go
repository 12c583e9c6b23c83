package sequence

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter/campaign"
	"github.com/crmplus/crmplus/newsletter/segment"
	"github.com/crmplus/crmplus/newsletter/subscription"
)

// The rights of the package; they are those of campaigns.
const (
	// Read sees sequences, their readers and figures.
	Read = actor.CampaignRead
	// Write drafts and changes them.
	Write = actor.CampaignWrite
	// Send starts, pauses and archives them, and puts readers in and takes them out.
	Send = actor.CampaignSend
)

// Tag is the noun of sequence ids.
type Tag struct{}

// ID identifies a sequence.
type ID = store.Key[Tag]

// State says where a sequence stands.
type State string

// The states of a sequence.
const (
	// Draft was never started.
	Draft   State = "draft"
	Running State = "running"
	// Paused: nobody comes in, and no step is taken, until somebody resumes it.
	Paused State = "paused"
	// Archived: it has ended for all its readers.
	Archived State = "archived"
)

// States are all states of a sequence.
var States = []State{Draft, Running, Paused, Archived}

// Sequence is a way through letters and tasks.
type Sequence struct {
	bun.BaseModel `bun:"table:crm_sequence,alias:sequence"`

	ID ID `bun:"id,pk" json:"id"`
	store.Record
	Name  string `bun:"name,type:nvarchar(120)" json:"name"`
	State State  `bun:"state,type:nvarchar(10)" json:"state"`
	// TopicID is the topic that its readers get; it is fixed when the sequence is started first.
	TopicID subscription.TopicID `bun:"topic_id" json:"topic_id"`
	// PlanJSON is the plan that is being drafted; see [Sequence.Plan].
	PlanJSON string `bun:"plan_json" json:"-"`
	// Live is the number of the version that new readers start on; 0 where it was never started.
	Live int `bun:"live" json:"live"`
	// Listens says that the version takes readers in by events: [Entry.Topic], [Entry.Capture].
	Listens bool `bun:"listens" json:"-"`
	// StartedAt is when it was started first.
	StartedAt time.Time `bun:"started_at,nullzero" json:"started_at,omitzero"`
	OwnerUser string    `bun:"owner_user,type:nvarchar(64)" json:"owner_user"`
	OwnerTeam string    `bun:"owner_team,type:nvarchar(64)" json:"owner_team"`
}

// Plan reads the plan that is being drafted.
func (q Sequence) Plan() (Plan, error) { return readPlan(q.PlanJSON) }

// Version is a plan that was started; it never changes.
type Version struct {
	bun.BaseModel `bun:"table:crm_sequence_version,alias:sequence_version"`

	SequenceID ID        `bun:"sequence_id,pk" json:"-"`
	Number     int       `bun:"number,pk" json:"number"`
	Company    string    `bun:"company,type:nvarchar(40)" json:"-"`
	PlanJSON   string    `bun:"plan_json" json:"-"`
	StartedAt  time.Time `bun:"started_at" json:"started_at"`
	StartedBy  string    `bun:"started_by,type:nvarchar(64)" json:"started_by"`
}

// Plan reads the version's plan.
func (v Version) Plan() (Plan, error) { return readPlan(v.PlanJSON) }

func readPlan(text string) (Plan, error) {
	var p Plan
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		return p, fmt.Errorf("the plan of a sequence: %w", err)
	}
	return p, nil
}

// letter is the standing campaign that sends a step of a version to the readers of a lap.
type letter struct {
	bun.BaseModel `bun:"table:crm_sequence_letter,alias:sequence_letter"`

	SequenceID ID          `bun:"sequence_id,pk"`
	Number     int         `bun:"number,pk"`
	Step       string      `bun:"step,pk,type:nvarchar(12)"`
	Lap        int         `bun:"lap,pk"`
	Company    string      `bun:"company,type:nvarchar(40)"`
	CampaignID campaign.ID `bun:"campaign_id"`
}

// Standing says where a reader stands.
type Standing string

// The standings of a reader.
const (
	Active  Standing = "active"
	Resting Standing = "paused"
	// Done: he came to the end.
	Done Standing = "done"
	// Left: something took him out; [Reader.Reason] says what.
	Left Standing = "left"
)

// Standings are all standings of a reader.
var Standings = []Standing{Active, Resting, Done, Left}

// Source says how a reader came in.
type Source string

// The sources.
const (
	ByHand    Source = "hand"
	BySegment Source = "segment"
	ByTopic   Source = "topic"
	ByCapture Source = "capture"
)

// Because says what an active reader waits for.
type Because string

// What readers wait for.
const (
	// ForTurn: the next step is due.
	ForTurn Because = "turn"
	// ForStep: a step of the plan says so; [Reader.BecauseOf] is its key.
	ForStep Because = "wait"
	// ForGap: another sequence wrote to the reader a short while ago; BecauseOf is its name.
	ForGap Because = "gap"
	// ForAnswer: all steps are done, and the reader has some days left to answer.
	ForAnswer Because = "answer"
)

// Reason says why a reader is done or left.
type Reason string

// The reasons.
const (
	// Through: all steps were done.
	Through Reason = "through"
	// Responded: all steps were done, and the reader followed a link or answered.
	Responded    Reason = "responded"
	NoResponse   Reason = "no_response"
	Replied      Reason = "replied"
	Converted    Reason = "converted"
	Customer     Reason = "customer"
	Unsubscribed Reason = "unsubscribed"
	Suppressed   Reason = "suppressed"
	Goal         Reason = "goal"
	// ByCondition: a condition of the plan ended it; [Reader.BecauseOf] is the step's key.
	ByCondition Reason = "condition"
	ByPerson    Reason = "person"
	Erased      Reason = "erased"
	// Ended: the sequence was archived.
	Ended Reason = "archived"
)

// Reasons are all reasons, in the order in which they are listed.
var Reasons = []Reason{Replied, Converted, Customer, Goal, Responded, Through, NoResponse, ByCondition, Unsubscribed, Suppressed, ByPerson, Erased, Ended}

// Reader is somebody in a sequence. A party is in each sequence once.
type Reader struct {
	bun.BaseModel `bun:"table:crm_sequence_reader,alias:sequence_reader"`

	SequenceID ID       `bun:"sequence_id,pk" json:"sequence_id"`
	PartyID    party.ID `bun:"party_id,pk" json:"party_id"`
	Company    string   `bun:"company,type:nvarchar(40)" json:"-"`
	// Number is the version that he is on.
	Number int `bun:"number" json:"number"`
	// Step is the key of the step that comes next, "" behind the last one.
	Step string `bun:"step,type:nvarchar(12)" json:"step"`
	// Lap counts from 1 how often he began at the top, LapAt is when he did last.
	Lap   int       `bun:"lap" json:"lap"`
	LapAt time.Time `bun:"lap_at" json:"lap_at"`
	State Standing  `bun:"state,type:nvarchar(10)" json:"state"`
	// LeadID is the lead that he came in by; zero where that is not known.
	LeadID    lead.ID   `bun:"lead_id" json:"lead_id,omitzero"`
	Source    Source    `bun:"source,type:nvarchar(20)" json:"source"`
	EnteredAt time.Time `bun:"entered_at" json:"entered_at"`
	EnteredBy string    `bun:"entered_by,type:nvarchar(64)" json:"entered_by"`
	// DueAt is when he is looked at next; while a process has him, when its lease ends.
	DueAt      time.Time `bun:"due_at,nullzero" json:"-"`
	LeaseOwner string    `bun:"lease_owner,type:nvarchar(64)" json:"-"`
	// Because and BecauseOf say what he waits for, until WaitUntil.
	Because   Because   `bun:"because,type:nvarchar(20)" json:"because,omitempty"`
	BecauseOf string    `bun:"because_of,type:nvarchar(200)" json:"because_of,omitempty"`
	WaitUntil time.Time `bun:"wait_until,nullzero" json:"wait_until,omitzero"`
	// Reason and Note say why he is done or left.
	Reason Reason    `bun:"reason,type:nvarchar(20)" json:"reason,omitempty"`
	Note   string    `bun:"note,type:nvarchar(400)" json:"note,omitempty"`
	LeftAt time.Time `bun:"left_at,nullzero" json:"left_at,omitzero"`
}

// Guard shows a reader to those who see the party.
func (Reader) Guard(a actor.Actor, alias string) store.Predicate {
	p := party.Party{}.Guard(a, "reader")
	return store.Exists("SELECT 1 FROM crm_party AS reader WHERE reader.id = "+alias+".party_id AND "+p.SQL, p.Args...)
}

// sealed is a Reader without its guard, for the background and for verbs that have asked before.
type sealed Reader

// Result says what a step came to.
type Result string

// The results.
const (
	// Sent: the letter is in the ledger of its campaign.
	Sent Result = "sent"
	// Planned: the task is planned.
	Planned Result = "planned"
	// True and False are those of a condition.
	True  Result = "true"
	False Result = "false"
	// Skipped: a person skipped it.
	Skipped Result = "skipped"
	// NoAddress: the reader has not asked for short messages.
	NoAddress Result = "no_address"
	// NoOwner: there is nobody to do the task.
	NoOwner Result = "no_owner"
)

// Deed is a step that was taken for a reader; rows are only added.
type Deed struct {
	bun.BaseModel `bun:"table:crm_sequence_deed,alias:sequence_deed"`

	SequenceID ID        `bun:"sequence_id,pk" json:"-"`
	PartyID    party.ID  `bun:"party_id,pk" json:"-"`
	Lap        int       `bun:"lap,pk" json:"lap"`
	Step       string    `bun:"step,pk,type:nvarchar(12)" json:"step"`
	Company    string    `bun:"company,type:nvarchar(40)" json:"-"`
	Number     int       `bun:"number" json:"number"`
	Kind       Kind      `bun:"kind,type:nvarchar(12)" json:"kind"`
	Result     Result    `bun:"result,type:nvarchar(12)" json:"result"`
	At         time.Time `bun:"at" json:"at"`
	// CampaignID and Seq are the row of the ledger of a letter, ActivityID is the task.
	CampaignID campaign.ID `bun:"campaign_id" json:"campaign_id,omitzero"`
	Seq        int         `bun:"seq" json:"seq,omitempty"`
	ActivityID activity.ID `bun:"activity_id" json:"activity_id,omitzero"`
}

// contact is when a sequence last did something with a party.
type contact struct {
	bun.BaseModel `bun:"table:crm_sequence_contact,alias:sequence_contact"`

	Company    string    `bun:"company,pk,type:nvarchar(40)"`
	PartyID    party.ID  `bun:"party_id,pk"`
	SequenceID ID        `bun:"sequence_id"`
	At         time.Time `bun:"at"`
}

// sweep is when a sequence looks next at all its readers, and for new ones.
type sweep struct {
	bun.BaseModel `bun:"table:crm_sequence_sweep,alias:sequence_sweep"`

	SequenceID ID        `bun:"sequence_id,pk"`
	Company    string    `bun:"company,type:nvarchar(40)"`
	DueAt      time.Time `bun:"due_at"`
	EnterAt    time.Time `bun:"enter_at"`
}

// RuleTag is the noun of the rules' ids.
type RuleTag struct{}

// Rule is what holds for all sequences of a company.
type Rule struct {
	bun.BaseModel `bun:"table:crm_sequence_rule,alias:sequence_rule"`

	ID store.Key[RuleTag] `bun:"id,pk" json:"-"`
	store.Record
	// GapHours is how many hours lie at least between two steps of different sequences for one reader.
	GapHours int `bun:"gap_hours" json:"gap_hours"`
}

// Calendar knows the working days of companies.
type Calendar interface {
	// Working reports whether a company works on a day.
	Working(ctx context.Context, s *store.Session, day civil.Date) (bool, error)
}

// Config is what the package is told by its surroundings.
type Config struct {
	// Campaigns (needed) send the letters, Segments (needed) know conditions, Activities and Leads (needed) are
	// where tasks and the ends of leads go.
	Campaigns  *campaign.Campaigns
	Segments   *segment.Segments
	Activities *activity.Activities
	Leads      *lead.Leads
	// Audience (needed) writes the topic as the audience of a campaign.
	Audience func(subscription.TopicID) string
	// Locales (needed) gives a company's language and zone.
	Locales func(company string) locale.Locale
	// Calendar knows the working days; Monday to Friday where it is nil.
	Calendar Calendar

	// Claim is how many readers a process claims at once, Lease how long a claim outlives its process, Turn how
	// long one look works; 100, 2 minutes and 10 seconds where they are 0.
	Claim int
	Lease time.Duration
	Turn  time.Duration
	// Sweep is the pause between two looks at all readers for those who are to leave, Enter between two looks for
	// those whom a segment brings in; 1 and 15 minutes where they are 0.
	Sweep time.Duration
	Enter time.Duration
	// Log gets warnings; slog.Default where it is nil.
	Log *slog.Logger
}

// Sequences is the package's door. It is safe for many goroutines.
type Sequences struct {
	db     *store.DB
	config Config
}

// New makes a Sequences on a database. The error names everything that is missing.
func New(db *store.DB, c Config) (*Sequences, error) {
	var faults fault.List
	for _, need := range []struct {
		name string
		lack bool
	}{
		{"campaigns", c.Campaigns == nil}, {"segments", c.Segments == nil}, {"activities", c.Activities == nil}, {"leads", c.Leads == nil},
		{"audience", c.Audience == nil}, {"locales", c.Locales == nil},
	} {
		if need.lack {
			faults.Add(need.name, "required", "is missing; sequences need it")
		}
	}
	if c.Claim == 0 {
		c.Claim = 100
	}
	for _, d := range []struct {
		at    *time.Duration
		usual time.Duration
	}{{&c.Lease, 2 * time.Minute}, {&c.Turn, 10 * time.Second}, {&c.Sweep, time.Minute}, {&c.Enter, 15 * time.Minute}} {
		if *d.at == 0 {
			*d.at = d.usual
		}
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	return &Sequences{db: db, config: c}, faults.Err("sequences cannot be set up")
}

// On gives the same sequences on another view of the database.
func (q *Sequences) On(db *store.DB) *Sequences {
	c := q.config
	c.Campaigns, c.Segments = c.Campaigns.On(db), c.Segments.On(db)
	return &Sequences{db: db, config: c}
}

// In gives a view that works inside an open session.
func (q *Sequences) In(s *store.Session) *Sequences { return q.On(s.Inside()) }
