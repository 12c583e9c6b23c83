package webhook

import (
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/store"
)

// Tag is the noun of the ids of webhooks.
type Tag struct{}

// ID identifies a webhook.
type ID = store.Key[Tag]

// DeliveryTag is the noun of the ids of deliveries.
type DeliveryTag struct{}

// DeliveryID identifies a delivery; it is its webhook-id.
type DeliveryID = store.Key[DeliveryTag]

// State is where a webhook stands.
type State string

// The states of a webhook.
const (
	Active State = "active"
	// Paused: events are collected and sent when it is resumed.
	Paused State = "paused"
	// Disabled: the receiver did not answer, or is gone. New events are not collected; those that waited when
	// it was disabled are sent when it is resumed.
	Disabled State = "disabled"
)

// In is the state's word in a language.
func (s State) In(l locale.Language) string { return Texts.T(l, "state."+string(s)) }

// Webhook is a subscription.
type Webhook struct {
	bun.BaseModel `bun:"table:crm_webhook,alias:webhook"`

	ID ID `bun:"id,pk" json:"id"`
	store.Record
	Name string `bun:"name,type:nvarchar(120)" json:"name"`
	URL  string `bun:"url,type:nvarchar(500)" json:"url"`
	// KindList are kinds ("lead.captured") and families ("lead.*", "*"), with commas between them.
	KindList string `bun:"kinds,type:nvarchar(2000)" json:"-"`
	State    State  `bun:"state,type:nvarchar(10)" json:"state"`
	// ReasonCode and Reason say why it is disabled: gone, exhausted.
	ReasonCode string `bun:"reason_code,type:nvarchar(20)" json:"reason_code,omitempty"`
	Reason     string `bun:"reason,type:nvarchar(1000)" json:"reason,omitempty"`
	// OwnerUser is told when it is disabled.
	OwnerUser string `bun:"owner_user,type:nvarchar(64)" json:"owner"`
	// DeliveredAt is when something last got through.
	DeliveredAt time.Time `bun:"delivered_at,nullzero" json:"delivered_at,omitzero"`
}

// Kinds are the kinds and families that the webhook is for.
func (w Webhook) Kinds() []string { return strings.Split(w.KindList, ",") }

func (w Webhook) wants(kind string) bool {
	for _, k := range w.Kinds() {
		family, all := strings.CutSuffix(k, "*")
		if k == kind || all && strings.HasPrefix(kind, family) {
			return true
		}
	}
	return false
}

// DeliveryState is where a delivery stands.
type DeliveryState string

// The states of a delivery.
const (
	// Pending: it waits for its first or next try.
	Pending DeliveryState = "pending"
	// Sending: a process is at it.
	Sending   DeliveryState = "sending"
	Delivered DeliveryState = "delivered"
	// Failed: it was given up.
	Failed DeliveryState = "failed"
)

// In is the state's word in a language.
func (s DeliveryState) In(l locale.Language) string { return Texts.T(l, "delivery."+string(s)) }

// Delivery is one event on its way to one webhook.
type Delivery struct {
	bun.BaseModel `bun:"table:crm_webhook_delivery,alias:webhook_delivery"`

	ID            DeliveryID     `bun:"id,pk" json:"id"`
	Company       string         `bun:"company,type:nvarchar(40)" json:"-"`
	WebhookID     ID             `bun:"webhook_id" json:"webhook_id"`
	EventID       event.ID       `bun:"event_id" json:"event_id"`
	Kind          string         `bun:"kind,type:nvarchar(60)" json:"kind"`
	RecordID      store.Key[any] `bun:"record_id" json:"record"`
	RecordVersion int64          `bun:"record_version" json:"version"`
	CreatedAt     time.Time      `bun:"created_at" json:"created_at"`
	State         DeliveryState  `bun:"state,type:nvarchar(10)" json:"state"`
	// Attempts is how often it was sent since it was written or redelivered.
	Attempts int `bun:"attempts" json:"attempts"`
	// DueAt is when it is tried next; while it is being sent, when another process may take it over. Zero
	// where nothing happens any more.
	DueAt      time.Time `bun:"due_at,nullzero" json:"due_at,omitzero"`
	LeaseOwner string    `bun:"lease_owner,type:nvarchar(64)" json:"-"`
	// SentAt, StatusCode and TookMS are of the last try: when, the answer's code (0 where there was none),
	// and how many milliseconds it took.
	SentAt     time.Time `bun:"sent_at,nullzero" json:"sent_at,omitzero"`
	StatusCode int       `bun:"status_code" json:"status_code,omitempty"`
	TookMS     int       `bun:"took_ms" json:"took_ms,omitempty"`
	// Reason is what went wrong last.
	Reason string `bun:"reason,type:nvarchar(1000)" json:"reason,omitempty"`
}

// secret is a signing secret of a webhook. Secrets are in a table of their own, so that no list of webhooks
// and no audit entry ever holds one.
type secret struct {
	bun.BaseModel `bun:"table:crm_webhook_secret,alias:webhook_secret"`

	ID        store.Key[secret] `bun:"id,pk"`
	Company   string            `bun:"company,type:nvarchar(40)"`
	WebhookID ID                `bun:"webhook_id"`
	Secret    string            `bun:"secret,type:nvarchar(120)"`
	CreatedAt time.Time         `bun:"created_at"`
	// ValidUntil is set on a secret that was replaced.
	ValidUntil time.Time `bun:"valid_until,nullzero"`
}
