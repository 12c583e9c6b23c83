package mail

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// Queue writes a message into the outbox, as part of the session's transaction: it goes out when that
// commits, and never when it does not. It works on [Mails.In] only. Everything that is wrong with the
// message is named at once. A key that was used before gives the mail it was used for.
func (m *Mails) Queue(ctx context.Context, msg Message) (Mail, error) {
	if !m.inside {
		return Mail{}, fault.New(fault.Forbidden, "mails are queued by the verbs that ask for them, inside their own session")
	}
	var out Mail
	err := m.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		if err := fault.List(msg.Check()).Err("the mail cannot be sent"); err != nil {
			return err
		}
		if msg.Key != "" {
			var rows []sealed
			if err := s.Select(&rows).Where("mail.request_key = ?", msg.Key).Scan(ctx); err != nil {
				return err
			}
			if len(rows) > 0 {
				out = Mail(rows[0])
				return nil
			}
		}
		row, err := m.row(s, msg)
		if err != nil {
			return err
		}
		if err := s.InsertQuiet(ctx, &row); err != nil {
			return err
		}
		s.Wake()
		out = row
		return nil
	})
	return out, err
}

// sealed is a Mail without its guard, for the worker and for a key that somebody else used.
type sealed Mail

func (m *Mails) row(s *store.Session, msg Message) (Mail, error) {
	id := store.NewKey[Tag](s)
	_, domain, _ := strings.Cut(msg.From.Email, "@")
	msg.MessageID, msg.Date = id.String()+"@"+domain, s.Now
	if msg.Owner.User == "" {
		msg.Owner = party.Owner{User: s.Actor.UserID, Team: s.Actor.Team()}
	}
	text, err := json.Marshal(msg)
	if err != nil {
		return Mail{}, err
	}
	key := msg.Key
	if key == "" {
		key = id.String()
	}
	var names []string
	for _, list := range [][]Address{msg.To, msg.Cc} {
		for _, a := range list {
			names = append(names, a.String())
		}
	}
	return Mail{
		ID: id, RequestKey: key, Purpose: msg.Purpose, RecordKind: msg.RecordKind, RecordID: msg.Record, PartyID: msg.Party, State: Queued,
		Subject: msg.Subject, Recipients: cut(strings.Join(names, ", "), 1000), Content: string(text),
		DueAt: s.Now, GiveUpAt: s.Now.Add(m.config.GiveUp), OwnerUser: msg.Owner.User, OwnerTeam: msg.Owner.Team,
	}, nil
}

// The kinds of events. Their payload is a [Notice].
const (
	EventSent      = "mail.sent"
	EventFailed    = "mail.failed"
	EventUnknown   = "mail.unknown"
	EventCancelled = "mail.cancelled"
	EventResent    = "mail.resent"
	EventDismissed = "mail.dismissed"
)

// Notice is what events tell of a mail.
type Notice struct {
	ID         ID       `json:"id"`
	State      State    `json:"state"`
	Purpose    string   `json:"purpose"`
	RecordKind string   `json:"record_kind"`
	RecordID   RecordID `json:"record_id"`
	PartyID    party.ID `json:"party_id"`
	Subject    string   `json:"subject"`
	Recipients string   `json:"recipients"`
	Owner      string   `json:"owner"`
	ReasonCode string   `json:"reason_code,omitempty"`
	Reason     string   `json:"reason,omitempty"`
}

func emit(ctx context.Context, s *store.Session, kind string, m Mail) error {
	return event.Emit(ctx, s, event.Fact{Kind: kind, Record: m.ID.Bytes(), Version: m.Version, Payload: Notice{
		ID: m.ID, State: m.State, Purpose: m.Purpose, RecordKind: m.RecordKind, RecordID: m.RecordID, PartyID: m.PartyID, Subject: m.Subject,
		Recipients: m.Recipients, Owner: m.OwnerUser, ReasonCode: m.ReasonCode, Reason: m.Reason,
	}})
}

// Filter picks mails; zero fields do not narrow it.
type Filter struct {
	States []State
	// Record is the record they belong to.
	Record RecordID
	Party  party.ID
	Page   store.Page
}

// Listing is one page of mails, the newest first, without their content.
type Listing struct {
	Rows []Mail `json:"rows"`
	// Next asks for the page behind this one; "" where there is none.
	Next string `json:"next,omitempty"`
}

// List reads one page of the mails that the actor may see. It needs actor.ActivityRead.
func (m *Mails) List(ctx context.Context, f Filter) (Listing, error) {
	return store.Read(ctx, m.db, actor.ActivityRead, func(ctx context.Context, s *store.Session) (Listing, error) {
		var out Listing
		q := s.Select(&out.Rows).ExcludeColumn("message")
		if len(f.States) > 0 {
			q = q.Where("mail.state IN (?)", bun.List(f.States))
		}
		if !f.Record.IsZero() {
			q = q.Where("mail.record_id = ?", f.Record)
		}
		if !f.Party.IsZero() {
			q = q.Where("mail.party_id = ?", f.Party)
		}
		order := store.Order{Column: "mail.created_at", ID: "mail.id", Desc: true}
		if err := s.Paged(q, order, f.Page).Scan(ctx); err != nil {
			return Listing{}, err
		}
		if n := len(out.Rows); n == f.Page.Size() {
			out.Next = store.Cursor(out.Rows[n-1].CreatedAt, out.Rows[n-1].ID)
		}
		return out, nil
	})
}

// Get reads one mail with its content; see [Mail.Message]. It needs actor.ActivityRead.
func (m *Mails) Get(ctx context.Context, id ID) (Mail, error) {
	return store.Read(ctx, m.db, actor.ActivityRead, func(ctx context.Context, s *store.Session) (Mail, error) {
		var row Mail
		return row, s.Get(ctx, &row, id)
	})
}

// Recent counts the mails of a purpose that were queued for a user since an instant, at most most of them, so that those who
// write to colleagues can stop before it is a flood. It works on [Mails.In] only.
func (m *Mails) Recent(ctx context.Context, purpose, user string, since time.Time, most int) (int, error) {
	if !m.inside {
		return 0, fault.New(fault.Forbidden, "mails are counted by those who queue them")
	}
	count := 0
	err := m.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		return s.Query(ctx, &count, store.From[Mail]("m"), "SELECT COUNT(*) FROM (SELECT m.id FROM crm_mail AS m WHERE {scope} AND m.company = ? AND m.created_at >= ? AND m.purpose = ? AND m.owner_user = ?"+
			" ORDER BY m.created_at, m.id"+s.Limit(most)+") AS recent", s.Actor.Company, since, purpose, user)
	})
	return count, err
}

// Of reads mails whose records the caller has checked; it works on [Mails.In] only.
func (m *Mails) Of(ctx context.Context, ids []ID) (map[ID]Mail, error) {
	if !m.inside {
		return nil, fault.New(fault.Forbidden, "mails are read by List and Get")
	}
	out := make(map[ID]Mail, len(ids))
	err := m.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		for from := 0; from < len(ids); from += 500 {
			var rows []sealed
			if err := s.Select(&rows).Where("mail.id IN (?)", bun.List(ids[from:min(from+500, len(ids))])).Scan(ctx); err != nil {
				return err
			}
			for _, r := range rows {
				out[r.ID] = Mail(r)
			}
		}
		return nil
	})
	return out, err
}
