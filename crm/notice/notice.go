// Package notice tells people what concerns them: somebody mentioned them, gave them work, answered their
// quote; an import is done, the ERP refused a document.
//
// Notices are made from events by the handler that [Notices.Register] adds, in the transaction that notes that
// it ran, so that each event makes each of its notices once. A user reads only his own. What a notice says is
// worded when it is read, in the reader's language ([Notice.Text]).
package notice

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/setting"
	"github.com/crmplus/crmplus/crm/store"
)

// Tag is the noun of notice ids.
type Tag struct{}

// ID identifies a notice.
type ID = store.Key[Tag]

// RecordTag is the noun of [RecordID].
type RecordTag struct{}

// RecordID is the id of whatever record a notice is about; RecordKind says what it is.
type RecordID = store.Key[RecordTag]

// Kind says what happened.
type Kind string

// The kinds.
const (
	Mentioned         Kind = "comment.mentioned"
	Delegated         Kind = "activity.delegated"
	Declined          Kind = "activity.declined"
	Accepted          Kind = "activity.accepted"
	Reminder          Kind = "activity.reminder"
	LeadAssigned      Kind = "lead.assigned"
	ImportFinished    Kind = "import.finished"
	OpportunityHanded Kind = "opportunity.handed_over"
	OpportunityJoined Kind = "opportunity.joined"
	QuoteAccepted     Kind = "quote.accepted"
	QuoteDeclined     Kind = "quote.declined"
	QuoteAsked        Kind = "quote.asked"
	MailFailed        Kind = "mail.failed"
	ConversionFailed  Kind = "conversion.failed"
	ConversionWaiting Kind = "conversion.waiting"
	WebhookDisabled   Kind = "webhook.disabled"
	WebhookFailed     Kind = "webhook.failed"
	ClockReminded     Kind = "clock.reminded"
	ClockEscalated    Kind = "clock.escalated"
	RuleTold          Kind = "workflow.told"
	RuleFailed        Kind = "workflow.failed"
	RuleStopped       Kind = "workflow.stopped"
)

// Kinds are all kinds, in the order in which preferences list them; setting.Preferences.Muted names some.
var Kinds = []Kind{
	Mentioned, Delegated, Accepted, Declined, Reminder, LeadAssigned, ClockReminded, ClockEscalated, RuleTold, OpportunityHanded, OpportunityJoined,
	QuoteAccepted, QuoteDeclined, QuoteAsked, MailFailed, ConversionFailed, ConversionWaiting, WebhookDisabled, WebhookFailed, RuleFailed, RuleStopped, ImportFinished,
}

// Parameters are what the text of a notice is made with. They are plain text.
type Parameters struct {
	// Subject is what it is about: the name of an opportunity, the number of a quote.
	Subject string `json:"subject,omitempty"`
	// Note is what was said with it: why an activity or a quote was declined.
	Note string `json:"note,omitempty"`
	// Counts belong to an import: rows taken, merged and bad.
	Counts []int64 `json:"counts,omitempty"`
}

// Value stores JSON.
func (p Parameters) Value() (driver.Value, error) {
	text, err := json.Marshal(p)
	return string(text), err
}

// Scan reads JSON.
func (p *Parameters) Scan(src any) error {
	var text []byte
	switch v := src.(type) {
	case string:
		text = []byte(v)
	case []byte:
		text = v
	default:
		return fmt.Errorf("notice: cannot read parameters from %T", src)
	}
	return json.Unmarshal(text, p)
}

// Notice is one thing that one user should know.
type Notice struct {
	bun.BaseModel `bun:"table:crm_notice,alias:notice"`

	ID      ID     `bun:"id,pk" json:"id"`
	Company string `bun:"company,type:nvarchar(40)" json:"-"`
	UserID  string `bun:"user_id,type:nvarchar(64)" json:"user_id"`
	// EventID is the event that made it.
	EventID event.ID `bun:"event_id" json:"event_id"`
	Kind    Kind     `bun:"kind,type:nvarchar(40)" json:"kind"`
	// RecordKind and RecordID say what to open: "lead", "opportunity", "activity", "quote", "mail",
	// "conversion", "webhook", "workflow" or "import".
	RecordKind string   `bun:"record_kind,type:nvarchar(40)" json:"record_kind"`
	RecordID   RecordID `bun:"record_id" json:"record_id"`
	// ActorUser did it; empty where nobody of the host did. ActorName is his name then.
	ActorUser  string     `bun:"actor_user,type:nvarchar(64)" json:"actor_user"`
	ActorName  string     `bun:"actor_name,type:nvarchar(120)" json:"actor_name"`
	Parameters Parameters `bun:"parameters" json:"parameters"`
	At         time.Time  `bun:"at" json:"at"`
	// ReadAt is zero while it is unread.
	ReadAt time.Time `bun:"read_at,nullzero" json:"read_at"`
}

// The live events of notices, which no handler gets; their payload is [Told].
const (
	EventMade = "notice.made"
	EventRead = "notice.read"
)

// Told is the payload of EventMade and EventRead.
type Told struct {
	User string `json:"user"`
}

// Notices keeps the notices of all users.
type Notices struct {
	db       *store.DB
	settings *setting.Settings
}

// New makes a Notices on a database; settings say who does not want what.
func New(db *store.DB, settings *setting.Settings) *Notices { return &Notices{db, settings} }

// In gives a view that works inside an open session.
func (n *Notices) In(s *store.Session) *Notices { return &Notices{s.Inside(), n.settings.In(s)} }

// Filter says which notices a list holds.
type Filter struct {
	Unread bool
	Page   store.Page
}

// List is one page.
type List struct {
	Notices []Notice `json:"notices"`
	// Next is the store.Page.After of the next page, "" after the last one.
	Next string `json:"next"`
}

// reader is the user whose notices are read.
func reader(s *store.Session) (string, error) {
	if id := s.Actor.HostUser(); id != "" {
		return id, nil
	}
	return "", fault.New(fault.Forbidden, "%s is no user of the host; only users have notices", s.Actor.UserID)
}

// List gives the user's notices, the newest first.
func (n *Notices) List(ctx context.Context, f Filter) (List, error) {
	var out List
	err := n.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		user, err := reader(s)
		if err != nil {
			return err
		}
		q := s.Select(&out.Notices).Where("notice.company = ?", s.Actor.Company).Where("notice.user_id = ?", user)
		if f.Unread {
			q = q.Where("notice.read_at IS NULL")
		}
		if err := s.Paged(q, store.Order{Column: "notice.at", ID: "notice.id", Desc: true}, f.Page).Scan(ctx); err != nil {
			return err
		}
		if len(out.Notices) == f.Page.Size() {
			last := out.Notices[len(out.Notices)-1]
			out.Next = store.Cursor(last.At, last.ID)
		}
		return nil
	})
	return out, err
}

// Get gives one notice of the user; fault.NotFound where he has none of that id.
func (n *Notices) Get(ctx context.Context, id ID) (Notice, error) {
	var rows []Notice
	err := n.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		user, err := reader(s)
		if err != nil {
			return err
		}
		return s.Select(&rows).Where("notice.id = ?", id).Where("notice.user_id = ?", user).Scan(ctx)
	})
	if err == nil && len(rows) == 0 {
		err = fault.New(fault.NotFound, "there is no such notice")
	}
	if err != nil {
		return Notice{}, err
	}
	return rows[0], nil
}

// CountLimit is how far [Notices.Unread] counts: 100 means "more than 99".
const CountLimit = 100

// Unread counts the user's unread notices, by one seek.
func (n *Notices) Unread(ctx context.Context) (int, error) {
	count := 0
	err := n.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		user, err := reader(s)
		if err != nil {
			return err
		}
		return s.Query(ctx, &count, store.From[Notice]("n"), "SELECT COUNT(*) FROM (SELECT n.id FROM crm_notice AS n WHERE {scope} AND n.company = ? AND n.user_id = ? AND n.read_at IS NULL"+
			" ORDER BY n.at, n.id"+s.Limit(CountLimit)+") AS unread", s.Actor.Company, user)
	})
	return count, err
}

// MarkRead marks notices of the user as read; those of others and those that are read stay as they are.
func (n *Notices) MarkRead(ctx context.Context, ids ...ID) error {
	if len(ids) > store.MaxLimit {
		return fault.New(fault.Limit, "%d notices are too many at once; at most %d are marked, or all of them by MarkAllRead", len(ids), store.MaxLimit)
	}
	if len(ids) == 0 {
		return nil
	}
	args := make([]any, len(ids))
	for i, id := range ids {
		args[i] = id
	}
	return n.mark(ctx, store.Predicate{SQL: "id IN (" + store.In(len(ids)) + ")", Args: args})
}

// MarkAllRead marks all notices of the user as read that were made until an instant: that of the newest one
// he has seen. Zero means now.
func (n *Notices) MarkAllRead(ctx context.Context, until time.Time) error {
	if until.IsZero() {
		until = n.db.Now()
	}
	return n.mark(ctx, store.Predicate{SQL: "at <= ?", Args: []any{until}})
}

func (n *Notices) mark(ctx context.Context, which store.Predicate) error {
	return n.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		user, err := reader(s)
		if err != nil {
			return err
		}
		args := append([]any{s.Now, user}, which.Args...)
		changed, err := s.Exec(ctx, store.From[Notice](""), "UPDATE crm_notice SET read_at = ? WHERE {scope} AND user_id = ? AND read_at IS NULL AND "+which.SQL, args...)
		if err != nil || changed == 0 {
			return err
		}
		id := s.NewID()
		return event.Note(ctx, s, event.Fact{Kind: EventRead, Record: id[:], Version: 1, Payload: Told{user}})
	})
}

// How long notices are kept.
const (
	// KeepRead is from the reading on.
	KeepRead = 90 * 24 * time.Hour
	// KeepUnread is for notices that nobody reads any more.
	KeepUnread = 365 * 24 * time.Hour
)

const purgeChunk = 500

// Purge removes notices of the actor's company that are old enough, and reports how many went. It is for the
// background.
func (n *Notices) Purge(ctx context.Context) (int, error) {
	total := 0
	for _, old := range []struct {
		where string
		keep  time.Duration
	}{{"o.read_at < ?", KeepRead}, {"o.read_at IS NULL AND o.at < ?", KeepUnread}} {
		for {
			var gone int64
			err := n.db.Write(ctx, func(ctx context.Context, s *store.Session) (err error) {
				gone, err = s.Exec(ctx, store.From[Notice](""), "DELETE FROM crm_notice WHERE {scope} AND id IN (SELECT o.id FROM crm_notice AS o WHERE o.company = ? AND "+
					old.where+" ORDER BY o.at, o.id"+s.Limit(purgeChunk)+")", s.Actor.Company, s.Now.Add(-old.keep))
				return err
			})
			total += int(gone)
			if err != nil {
				return total, err
			}
			if gone < purgeChunk {
				break
			}
		}
	}
	return total, nil
}
