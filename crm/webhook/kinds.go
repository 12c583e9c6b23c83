package webhook

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/crmplus/crmplus/crm/event"
)

// Kind is a kind of event that webhooks can be for.
type Kind struct {
	// Name is noun.verb in the past: "lead.captured".
	Name string
	// Record is the noun of the record that the event is about.
	Record string
	// Fields are the fields of the event's payload that are delivered as its data, in the order of the
	// document; a path with points is a field of a field. Everything else stays inside.
	Fields []string
}

// The kinds of events of this package. Their payload is a [Notice].
const (
	// EventDisabled: the record is the webhook.
	EventDisabled = "webhook.disabled"
	// EventFailed: a delivery was given up while others get through. The record is the delivery, and the
	// version the milliseconds of the time, because a delivery can fail, be redelivered and fail again.
	EventFailed = "webhook.failed"
	// EventPing is what [Webhooks.Ping] sends; nobody subscribes to it.
	EventPing = "webhook.ping"
)

// Notice is the payload of the events of this package.
type Notice struct {
	Webhook ID     `json:"webhook"`
	Name    string `json:"name"`
	Owner   string `json:"owner"`
	// Delivery is the one that was given up.
	Delivery   DeliveryID `json:"delivery"`
	ReasonCode string     `json:"reason_code"`
	Reason     string     `json:"reason"`
}

func fields(lists ...[]string) []string { return slices.Concat(lists...) }

var (
	leadArrival = []string{"party", "arrived_at", "channel", "source", "medium", "campaign", "owner", "team"}
	sale        = []string{"id", "party_id", "state", "pipeline_id", "stage_id", "chance", "expected_revenue", "currency", "expected_close", "owner"}
	stageMove   = fields(sale, []string{"from", "to", "seconds", "from_chance", "competitor"})
	offer       = []string{"id", "base_id", "revision", "number", "state", "party_id", "opportunity_id", "currency", "net", "gross", "valid_until", "owner"}
	doing       = []string{"id", "party", "opportunity", "kind", "direction", "at", "owner", "contact", "minutes"}
	made        = []string{
		"id", "kind", "state", "party", "opportunity", "leads", "customer.key", "created_customer", "document.kind", "document.key",
		"document.number", "document.state", "document.currency", "document.net", "document.gross",
	}
	hostCall = []string{"id", "conversion_id", "party_id", "operation", "state", "attempts", "due_at", "reason_code"}
	mail     = []string{"id", "state", "purpose", "record_kind", "record_id", "party_id", "owner", "reason_code"}
	told     = []string{"kind", "record_kind", "record", "owner", "to", "due_at"}
	running  = []string{"name", "state", "record_kind", "record", "party", "owner"}
	ruleRun  = []string{"rule", "name", "owner", "record_kind", "record", "reason"}
	notice   = []string{"webhook", "delivery", "owner", "reason_code"}
)

var catalogue = []Kind{
	{"lead.captured", "lead", leadArrival},
	{"lead.returned", "lead", fields(leadArrival, []string{"filled"})},
	{"lead.changed", "lead", []string{"party"}},
	{"lead.status", "lead", []string{"party", "from", "to"}},
	{"lead.assigned", "lead", []string{"party", "from", "from_team", "to", "to_team"}},
	{"lead.routed", "routing decision", []string{"lead", "party", "user", "team", "rule"}},
	{"lead.responded", "lead", []string{"party", "arrived_at", "at", "by"}},
	{"lead.merged", "lead", []string{"loser", "merge", "undone"}},
	{"lead.imported", "import", []string{"leads", "returned"}},
	{"lead.import_finished", "import", []string{"by", "read", "taken", "merged", "bad"}},
	{"lead.converted", "conversion", made},
	{"opportunity.created", "opportunity", fields(sale, []string{"lead_id", "source", "campaign", "sellers"})},
	{"opportunity.changed", "opportunity", fields(sale, []string{"fields", "sellers_added", "sellers_removed"})},
	{"opportunity.moved", "opportunity", stageMove},
	{"opportunity.won", "opportunity", stageMove},
	{"opportunity.lost", "opportunity", stageMove},
	{"opportunity.discarded", "opportunity", sale},
	{"opportunity.reopened", "opportunity", stageMove},
	{"opportunity.progressed", "opportunity", fields(sale, []string{"was", "is"})},
	{"opportunity.commented", "comment", fields(sale, []string{"comment_id", "by", "mentions"})},
	{"quote.drafted", "quote", offer},
	{"quote.changed", "quote", offer},
	{"quote.issued", "quote", offer},
	{"quote.accepted", "quote", offer},
	{"quote.declined", "quote", offer},
	{"quote.expired", "quote", offer},
	{"quote.superseded", "quote", offer},
	{"quote.withdrawn", "quote", offer},
	{"quote.sent", "quote", fields(offer, []string{"sending"})},
	{"quote.not_sent", "quote", fields(offer, []string{"sending", "mail_state"})},
	{"quote.opened", "quote", fields(offer, []string{"sending"})},
	{"quote.asked", "quote", fields(offer, []string{"sending"})},
	{"quote.progressed", "quote", fields(offer, []string{"was", "is"})},
	{"party.changed", "person or company", []string{"id", "owner", "team"}},
	{"process.started", "process", running},
	{"process.ended", "process", running},
	{"clock.reminded", "clock", told},
	{"clock.escalated", "clock", told},
	{"activity.planned", "activity", doing},
	{"activity.done", "activity", doing},
	{"activity.delegated", "activity", fields(doing, []string{"delegated_by"})},
	{"activity.accepted", "activity", doing},
	{"activity.declined", "activity", doing},
	{"activity.cancelled", "activity", doing},
	{"activity.reminder", "activity", doing},
	{"document.made", "conversion", made},
	{"document.found", "conversion", made},
	{"document.gone", "conversion", made},
	{"document.changed", "link", []string{"id", "party", "document.kind", "document.key", "document.number", "was", "is", "total", "paid", "currency"}},
	{"conversion.undone", "conversion", made},
	{"customer.changed", "link", []string{"party", "role", "key", "state"}},
	{"hostcall.asked", "host call", hostCall},
	{"hostcall.pending", "host call", hostCall},
	{"hostcall.done", "host call", hostCall},
	{"hostcall.failed", "host call", hostCall},
	{"hostcall.unknown", "host call", hostCall},
	{"hostcall.retried", "host call", hostCall},
	{"hostcall.resolved", "host call", hostCall},
	{"hostcall.abandoned", "host call", hostCall},
	{"mail.sent", "mail", mail},
	{"mail.failed", "mail", mail},
	{"mail.unknown", "mail", mail},
	{"mail.cancelled", "mail", mail},
	{"mail.resent", "mail", mail},
	{"mail.dismissed", "mail", mail},
	{EventCalled, "call", []string{"rule", "note", "record_kind", "record", "party", "opportunity", "owner"}},
	{"workflow.failed", "workflow run", ruleRun},
	{"workflow.stopped", "workflow run", ruleRun},
	{EventDisabled, "webhook", notice},
	{EventFailed, "webhook delivery", notice},
}

// internal are families of events that are of no use outside: what one user is shown of what others are told
// of anyway.
var internal = []string{"notice.", "workflow.told"}

func isInternal(kind string) bool {
	return slices.ContainsFunc(internal, func(family string) bool { return strings.HasPrefix(kind, family) })
}

// Kinds lists the kinds of events that a webhook can be for, with what they deliver. An event of a kind that
// is not listed is delivered to webhooks for its family or for all, without data.
func (w *Webhooks) Kinds() []Kind { return slices.Concat(catalogue, w.config.Kinds) }

func (w *Webhooks) kind(name string) (Kind, bool) {
	for _, list := range [][]Kind{catalogue, w.config.Kinds} {
		if i := slices.IndexFunc(list, func(k Kind) bool { return k.Name == name }); i >= 0 {
			return list[i], true
		}
	}
	return Kind{}, false
}

// knows reports whether something can be subscribed to: a kind, a family ("lead.*"), or everything.
func (w *Webhooks) knows(name string) bool {
	family, all := strings.CutSuffix(name, ".*")
	return name == "*" || slices.ContainsFunc(w.Kinds(), func(k Kind) bool {
		return k.Name == name || all && strings.HasPrefix(k.Name, family+".")
	})
}

// payload is the body of a delivery. Fields are only ever added.
type payload struct {
	ID      event.ID `json:"id"`
	Type    string   `json:"type"`
	At      string   `json:"at"`
	Company string   `json:"company"`
	Record  string   `json:"record"`
	Version int64    `json:"version"`
	Data    any      `json:"data"`
}

// timeForm is RFC 3339 in UTC with milliseconds, always.
const timeForm = "2006-01-02T15:04:05.000Z"

// body is what is delivered of an event.
func (w *Webhooks) body(e event.Event) ([]byte, error) {
	record, err := uuid.FromBytes(e.RecordID)
	if err != nil {
		return nil, err
	}
	known, _ := w.kind(e.Kind)
	data := map[string]any{}
	var raw map[string]json.RawMessage
	if err := e.Decode(&raw); err != nil {
		return nil, err
	}
	for _, path := range known.Fields {
		pick(raw, data, strings.Split(path, "."))
	}
	return json.Marshal(payload{e.ID, e.Kind, e.At.UTC().Format(timeForm), e.Company, record.String(), e.RecordVersion, data})
}

// pick copies the field at a path, if there is one.
func pick(from map[string]json.RawMessage, into map[string]any, path []string) {
	value, ok := from[path[0]]
	if !ok || string(value) == "null" {
		return
	}
	if len(path) == 1 {
		into[path[0]] = value
		return
	}
	var inner map[string]json.RawMessage
	if json.Unmarshal(value, &inner) != nil {
		return
	}
	picked, _ := into[path[0]].(map[string]any)
	if picked == nil {
		picked = map[string]any{}
	}
	if pick(inner, picked, path[1:]); len(picked) > 0 {
		into[path[0]] = picked
	}
}
