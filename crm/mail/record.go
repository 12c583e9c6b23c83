package mail

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// Tag is the noun of mail ids.
type Tag struct{}

// ID identifies a mail.
type ID = store.Key[Tag]

// State says where a mail stands.
type State string

// The states of a mail.
const (
	// Queued: it waits for the worker.
	Queued State = "queued"
	// Sending: a process is at it.
	Sending State = "sending"
	// Sent: the server has taken it.
	Sent State = "sent"
	// Deferred: it is tried again when it is due.
	Deferred State = "deferred"
	// Failed: the server refused it, or was not to be had for too long.
	Failed State = "failed"
	// NoAnswer: nobody knows whether the server has taken it; a person decides.
	NoAnswer State = "unknown"
	// Cancelled: it was taken back before it went out.
	Cancelled State = "cancelled"
	// Dismissed: it failed or has no answer, and a person has dealt with that.
	Dismissed State = "dismissed"
)

// States are all states.
var States = []State{Queued, Sending, Sent, Deferred, Failed, NoAnswer, Cancelled, Dismissed}

// In names the state in a reader's language.
func (s State) In(l locale.Language) string { return Texts.T(l, "state."+string(s)) }

// Mail is a message with what became of it.
type Mail struct {
	bun.BaseModel `bun:"table:crm_mail,alias:mail"`

	ID ID `bun:"id,pk" json:"id"`
	store.Record
	RequestKey string   `bun:"request_key,type:nvarchar(80)" json:"-"`
	Purpose    string   `bun:"purpose,type:nvarchar(40)" json:"purpose"`
	RecordKind string   `bun:"record_kind,type:nvarchar(20)" json:"record_kind"`
	RecordID   RecordID `bun:"record_id" json:"record_id"`
	PartyID    party.ID `bun:"party_id" json:"party_id"`
	State      State    `bun:"state,type:nvarchar(10)" json:"state"`
	Subject    string   `bun:"subject,type:nvarchar(400)" json:"subject"`
	// Recipients are those of To and Cc as people read them, shortened.
	Recipients string `bun:"recipients,type:nvarchar(1000)" json:"recipients"`
	// Content is the [Message] as JSON; lists leave it out.
	Content  string `bun:"message" json:"-"`
	Attempts int    `bun:"attempts" json:"attempts"`
	// DueAt is when it is tried next; while it is being sent, when its lease ends.
	DueAt time.Time `bun:"due_at,nullzero" json:"due_at,omitzero"`
	// GiveUpAt is when "later" becomes "failed".
	GiveUpAt   time.Time `bun:"give_up_at,nullzero" json:"give_up_at,omitzero"`
	LeaseOwner string    `bun:"lease_owner,type:nvarchar(64)" json:"-"`
	// ReasonCode is one of temporary, permanent, gave_up, no_answer, died, file; "" where nothing went wrong.
	ReasonCode string `bun:"reason_code,type:nvarchar(20)" json:"reason_code"`
	// Reason is what went wrong last, as the server said it.
	Reason    string    `bun:"reason,type:nvarchar(1000)" json:"reason"`
	SentAt    time.Time `bun:"sent_at,nullzero" json:"sent_at,omitzero"`
	OwnerUser string    `bun:"owner_user,type:nvarchar(64)" json:"owner_user"`
	OwnerTeam string    `bun:"owner_team,type:nvarchar(64)" json:"owner_team"`
}

// Guard shows a mail to whoever answers for it, and to those with whom its party is shared.
func (Mail) Guard(a actor.Actor, alias string) store.Predicate {
	return store.Or(store.OwnedBy(a, alias),
		store.Granted(a, alias+".party_id", store.Grant{Table: "crm_party_share", Alias: "share", Key: "party_id"}))
}

// Message reads what is sent; attachments have no content yet.
func (m Mail) Message() (Message, error) {
	var out Message
	if err := json.Unmarshal([]byte(m.Content), &out); err != nil {
		return out, fmt.Errorf("mail %s: %w", m.ID, err)
	}
	out.Purpose, out.RecordKind, out.Record, out.Party = m.Purpose, m.RecordKind, m.RecordID, m.PartyID
	out.Owner = party.Owner{User: m.OwnerUser, Team: m.OwnerTeam}
	return out, nil
}

// Config is what the package is told by its surroundings; the zero Config keeps mails queued.
type Config struct {
	// Mailer sends; where it is nil, mails wait.
	Mailer Mailer
	// Purposes are what templates exist for.
	Purposes []Purpose
	// Letters gives what letters that rules write about records of a noun can merge in, beside who reads them and who
	// answers for the record; fault.Invalid for a noun that there are no rules about. nil has no such letters.
	Letters func(ctx context.Context, s *store.Session, noun string) ([]Field, error)
	// Patience is how long one attempt may take; 2 minutes where it is 0.
	Patience time.Duration
	// Pause is the first pause after "later"; it doubles each time up to an hour, and half of it is random.
	// 1 minute where it is 0.
	Pause time.Duration
	// GiveUp is how long a mail is tried; 48 hours where it is 0.
	GiveUp time.Duration
	// Senders is how many mails one process sends at once; 2 where it is 0.
	Senders int
	// Log gets warnings; slog.Default where it is nil.
	Log *slog.Logger
}

// Check names what is wrong with the values.
func (c Config) Check() []fault.Fault {
	var faults fault.List
	for _, v := range []struct {
		name string
		d    time.Duration
	}{{"patience", c.Patience}, {"pause", c.Pause}, {"give_up", c.GiveUp}} {
		if v.d < 0 {
			faults.Add(v.name, "negative", "is %s; give how long, or zero for the usual", v.d)
		}
	}
	if c.Senders < 0 {
		faults.Add("senders", "negative", "is %d; give how many, or zero for the usual", c.Senders)
	}
	return faults
}

// Mails is the package's door. It is safe for many goroutines.
type Mails struct {
	db     *store.DB
	config Config
	// inside is set on a view inside another package's session.
	inside bool
	// rest is when the server is tried again after it was down, in Unix milliseconds.
	rest *atomic.Int64
}

// New makes a Mails on a database.
func New(db *store.DB, config Config) *Mails {
	if config.Patience == 0 {
		config.Patience = 2 * time.Minute
	}
	if config.Pause == 0 {
		config.Pause = time.Minute
	}
	if config.GiveUp == 0 {
		config.GiveUp = 48 * time.Hour
	}
	if config.Senders == 0 {
		config.Senders = 2
	}
	if config.Log == nil {
		config.Log = slog.Default()
	}
	return &Mails{db: db, config: config, rest: new(atomic.Int64)}
}

// In gives a view that works inside an open session, as part of its unit of work. It trusts the package
// whose session it is to have decided who may send what.
func (m *Mails) In(s *store.Session) *Mails {
	return &Mails{db: s.Inside(), config: m.config, inside: true, rest: m.rest}
}

// Ready reports whether there is a Mailer, so that what is queued will go out.
func (m *Mails) Ready() bool { return m.config.Mailer != nil }

// cut shortens a text to n UTF-16 code units.
func cut(text string, n int) string {
	text = strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", ""), "?")
	if utf16Length(text) <= n {
		return text
	}
	size := 1 // the ellipsis
	for i, r := range text {
		size++
		if r > 0xFFFF {
			size++
		}
		if size > n {
			return text[:i] + "…"
		}
	}
	return text
}

// On gives the same outbox on a view of the database.
func (m *Mails) On(db *store.DB) *Mails {
	view := *m
	view.db = db
	return &view
}
