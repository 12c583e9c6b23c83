package notice

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/crm/webhook"
	"github.com/crmplus/crmplus/quote"
)

// Register adds the handler that makes notices from events.
func (n *Notices) Register(r *event.Registry) {
	kinds := make([]string, 0, len(sources))
	for kind := range sources {
		kinds = append(kinds, kind)
	}
	slices.Sort(kinds)
	r.On(event.Handler{Name: "notice", Kinds: kinds, Do: n.tell})
}

// sources say for each kind of event which notices it makes, without their ids and times.
var sources = map[string]func(ctx context.Context, s *store.Session, e event.Event) ([]Notice, error){
	opportunity.EventCommented: commented,
	opportunity.EventCreated:   created,
	opportunity.EventChanged:   changed,
	activity.EventDelegated:    ofActivity(Delegated, forOwner),
	activity.EventAccepted:     ofActivity(Accepted, forDelegator),
	activity.EventDeclined:     ofActivity(Declined, forOwner),
	activity.EventReminder:     ofActivity(Reminder, forOwner),
	lead.EventAssigned:         assigned,
	lead.EventCaptured:         captured,
	lead.EventImportFinished:   imported,
	quote.EventAccepted:        ofQuote(QuoteAccepted),
	quote.EventDeclined:        ofQuote(QuoteDeclined),
	"quote.asked":              ofQuote(QuoteAsked),
	"mail.failed":              mailFailed,
	webhook.EventDisabled:      ofWebhook(WebhookDisabled),
	webhook.EventFailed:        ofWebhook(WebhookFailed),
	"hostcall.failed":          hostFailed,
	"hostcall.unknown":         hostUnknown,
	"clock.reminded":           ofClock(ClockReminded),
	"clock.escalated":          ofClock(ClockEscalated),
	string(RuleTold):           toldByRule,
	string(RuleFailed):         ofWorkflow(RuleFailed),
	string(RuleStopped):        ofWorkflow(RuleStopped),
}

// own are kinds that a user is told of although he did it himself: it came later, or by itself.
var own = []Kind{Reminder, ImportFinished, MailFailed, ConversionFailed, ConversionWaiting, WebhookDisabled, WebhookFailed, RuleTold, RuleFailed, RuleStopped}

func (n *Notices) tell(ctx context.Context, s *store.Session, e event.Event) error {
	found, err := sources[e.Kind](ctx, s, e)
	if err != nil {
		return err
	}
	in := n.In(s)
	name, asked := "", false
	for _, row := range found {
		if row.UserID == "" || row.UserID == e.ByUser && !slices.Contains(own, row.Kind) {
			continue
		}
		preferences, err := in.settings.PreferencesOf(ctx, row.UserID)
		if err != nil {
			return err
		}
		if slices.Contains(preferences.Muted, string(row.Kind)) {
			continue
		}
		if !asked {
			if name, err = actorOf(ctx, s, e); err != nil {
				return err
			}
			asked = true
		}
		row.ID, row.EventID, row.At = store.NewKey[Tag](s), e.ID, e.At
		if name != "" && row.UserID != e.ByUser {
			row.ActorUser, row.ActorName = e.ByUser, name
		}
		row.Parameters.Subject, row.Parameters.Note = party.Clean(row.Parameters.Subject, 240), party.Clean(row.Parameters.Note, 400)
		if err := s.InsertQuiet(ctx, &row); err != nil {
			return err
		}
		if err := event.Note(ctx, s, event.Fact{Kind: EventMade, Record: row.ID.Bytes(), Version: 1, Payload: Told{row.UserID}}); err != nil {
			return err
		}
	}
	return nil
}

// actorOf is the name of the user who did what the event tells, as the audit log has it; "" where it was
// background work or the public.
func actorOf(ctx context.Context, s *store.Session, e event.Event) (string, error) {
	var rows []store.AuditEntry
	err := s.Select(&rows).Column("user_name", "user_id", "actor_kind").Where("audit.record_id = ?", e.RecordID).
		Where("audit.record_version = ?", e.RecordVersion).OrderExpr("audit.id").Limit(20).Scan(ctx)
	for _, row := range rows {
		if row.UserID == e.ByUser && row.ActorKind == "user" {
			return row.UserName, err
		}
	}
	return "", err
}

func about(kind Kind, recordKind string, id []byte) Notice {
	n := Notice{Kind: kind, RecordKind: recordKind}
	copy(n.RecordID[:], id)
	return n
}

func commented(_ context.Context, _ *store.Session, e event.Event) ([]Notice, error) {
	var p opportunity.Commented
	if err := e.Decode(&p); err != nil {
		return nil, err
	}
	var out []Notice
	for _, user := range p.Mentions {
		n := about(Mentioned, "opportunity", p.ID[:])
		n.UserID, n.Parameters.Subject = user, p.Name
		out = append(out, n)
	}
	return out, nil
}

func created(_ context.Context, _ *store.Session, e event.Event) ([]Notice, error) {
	var p opportunity.Created
	if err := e.Decode(&p); err != nil {
		return nil, err
	}
	return handed(p.Summary, true, p.Sellers), nil
}

func changed(_ context.Context, _ *store.Session, e event.Event) ([]Notice, error) {
	var p opportunity.Changed
	if err := e.Decode(&p); err != nil {
		return nil, err
	}
	return handed(p.Summary, slices.Contains(p.Fields, "owner_user"), p.SellersAdded), nil
}

// handed tells the new owner, and those who joined the team.
func handed(o opportunity.Summary, over bool, joined []string) []Notice {
	var out []Notice
	add := func(kind Kind, user string) {
		n := about(kind, "opportunity", o.ID[:])
		n.UserID, n.Parameters.Subject = user, o.Name
		out = append(out, n)
	}
	if over {
		add(OpportunityHanded, o.Owner)
	}
	for _, user := range joined {
		if user != o.Owner {
			add(OpportunityJoined, user)
		}
	}
	return out
}

func assigned(ctx context.Context, s *store.Session, e event.Event) ([]Notice, error) {
	var p lead.AssignedFact
	if err := e.Decode(&p); err != nil || p.To == "" || p.To == p.From {
		return nil, err
	}
	return leadOf(ctx, s, e, p.To, p.Party)
}

func captured(ctx context.Context, s *store.Session, e event.Event) ([]Notice, error) {
	var p lead.CapturedFact
	if err := e.Decode(&p); err != nil || p.Owner == "" {
		return nil, err
	}
	return leadOf(ctx, s, e, p.Owner, p.Party)
}

// leadOf names the lead by its party, which may be gone by now.
func leadOf(ctx context.Context, s *store.Session, e event.Event, user string, id party.ID) ([]Notice, error) {
	var names []string
	err := s.Query(ctx, &names, store.From[party.Party]("p"), "SELECT p.name FROM crm_party AS p WHERE {scope} AND p.id = ?", id)
	if err != nil || len(names) == 0 {
		return nil, err
	}
	n := about(LeadAssigned, "lead", e.RecordID)
	n.UserID, n.Parameters.Subject = user, names[0]
	return []Notice{n}, nil
}

func imported(_ context.Context, _ *store.Session, e event.Event) ([]Notice, error) {
	var p lead.ImportFinishedFact
	if err := e.Decode(&p); err != nil {
		return nil, err
	}
	n := about(ImportFinished, "import", e.RecordID)
	n.UserID = asker(p.By)
	n.Parameters = Parameters{Subject: p.File, Counts: []int64{p.Taken, p.Merged, p.Bad}}
	return []Notice{n}, nil
}

// asker is the user behind "request:kovacs", whose wish came by a row in crm_request.
func asker(user string) string { return strings.TrimPrefix(user, "request:") }

func forOwner(n activity.Notice) string     { return n.Owner }
func forDelegator(n activity.Notice) string { return n.DelegatedBy }

func ofActivity(kind Kind, to func(activity.Notice) string) func(context.Context, *store.Session, event.Event) ([]Notice, error) {
	return func(_ context.Context, _ *store.Session, e event.Event) ([]Notice, error) {
		var p activity.Notice
		if err := e.Decode(&p); err != nil {
			return nil, err
		}
		n := about(kind, "activity", p.ID[:])
		n.UserID, n.Parameters = to(p), Parameters{Subject: p.Subject, Note: p.Reason}
		return []Notice{n}, nil
	}
}

func ofQuote(kind Kind) func(context.Context, *store.Session, event.Event) ([]Notice, error) {
	return func(_ context.Context, _ *store.Session, e event.Event) ([]Notice, error) {
		var p quote.Notice
		if err := e.Decode(&p); err != nil {
			return nil, err
		}
		n := about(kind, "quote", p.ID[:])
		n.UserID, n.Parameters = p.Owner, Parameters{Subject: strings.TrimSpace(p.Number + " " + p.Title), Note: cmp.Or(p.Note, p.Question)}
		return []Notice{n}, nil
	}
}

// mailFact is what is read of the payload of mail.failed.
type mailFact struct {
	Subject    string `json:"subject"`
	Recipients string `json:"recipients"`
	Owner      string `json:"owner"`
	Reason     string `json:"reason"`
}

func mailFailed(_ context.Context, _ *store.Session, e event.Event) ([]Notice, error) {
	var p mailFact
	if err := e.Decode(&p); err != nil {
		return nil, err
	}
	n := about(MailFailed, "mail", e.RecordID)
	n.UserID, n.Parameters = p.Owner, Parameters{Subject: p.Subject, Note: strings.TrimSpace(p.Recipients + ": " + p.Reason)}
	return []Notice{n}, nil
}

// ofWebhook tells the webhook's owner; what is opened is the webhook, also where one delivery failed.
func ofWebhook(kind Kind) func(context.Context, *store.Session, event.Event) ([]Notice, error) {
	return func(_ context.Context, _ *store.Session, e event.Event) ([]Notice, error) {
		var p webhook.Notice
		if err := e.Decode(&p); err != nil {
			return nil, err
		}
		n := about(kind, "webhook", p.Webhook[:])
		n.UserID, n.Parameters = p.Owner, Parameters{Subject: p.Name, Note: p.Reason}
		return []Notice{n}, nil
	}
}

// callFact is what is read of the payload of hostcall.*, whose record is the call.
type callFact struct {
	Conversion store.Key[any] `json:"conversion_id"`
	Party      party.ID       `json:"party_id"`
	CreatedBy  string         `json:"created_by"`
	DueAt      time.Time      `json:"due_at"`
	Reason     string         `json:"reason"`
}

// clockFact is what is read of the payload of clock.*, whose record is the clock.
type clockFact struct {
	RecordKind string   `json:"record_kind"`
	Record     RecordID `json:"record"`
	Name       string   `json:"name"`
	Owner      string   `json:"owner"`
	OwnerName  string   `json:"owner_name"`
	To         string   `json:"to"`
}

// ofClock opens what the clock watches; a manager is told whose it is.
func ofClock(kind Kind) func(context.Context, *store.Session, event.Event) ([]Notice, error) {
	return func(_ context.Context, _ *store.Session, e event.Event) ([]Notice, error) {
		var p clockFact
		if err := e.Decode(&p); err != nil {
			return nil, err
		}
		n := about(kind, p.RecordKind, p.Record[:])
		if n.UserID, n.Parameters.Subject = p.To, p.Name; p.To != p.Owner {
			n.Parameters.Note = cmp.Or(p.OwnerName, p.Owner)
		}
		return []Notice{n}, nil
	}
}

func hostFailed(ctx context.Context, s *store.Session, e event.Event) ([]Notice, error) {
	return ofCall(ctx, s, e, ConversionFailed)
}

// hostUnknown tells only when nothing happens by itself any more.
func hostUnknown(ctx context.Context, s *store.Session, e event.Event) ([]Notice, error) {
	return ofCall(ctx, s, e, ConversionWaiting)
}

func ofCall(ctx context.Context, s *store.Session, e event.Event, kind Kind) ([]Notice, error) {
	var p callFact
	if err := e.Decode(&p); err != nil || kind == ConversionWaiting && !p.DueAt.IsZero() {
		return nil, err
	}
	var names []string
	if !p.Party.IsZero() {
		err := s.Query(ctx, &names, store.From[party.Party]("p"), "SELECT p.name FROM crm_party AS p WHERE {scope} AND p.id = ?", p.Party)
		if err != nil {
			return nil, err
		}
	}
	n := about(kind, "conversion", p.Conversion[:])
	n.UserID, n.Parameters = asker(p.CreatedBy), Parameters{Subject: strings.Join(names, ""), Note: p.Reason}
	return []Notice{n}, nil
}
