package segment

import (
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/rule"
	"github.com/crmplus/crmplus/crm/store"
)

// The rights of the package; they are those of all newsletters.
const (
	// Read counts, samples and lists segments.
	Read = actor.NewsletterRead
	// Write saves them and changes members.
	Write = actor.NewsletterWrite
)

// Tag is the noun of segment ids.
type Tag struct{}

// ID identifies a segment.
type ID = store.Key[Tag]

// Kind says where the members of a segment come from.
type Kind string

// The kinds.
const (
	// Dynamic: whoever the condition is true for, at the moment it is asked.
	Dynamic Kind = "dynamic"
	// Static: those who were put in.
	Static Kind = "static"
)

// Segment is a saved segment of a company.
type Segment struct {
	bun.BaseModel `bun:"table:crm_segment,alias:segment"`

	ID ID `bun:"id,pk" json:"id"`
	store.Record
	Name        string `bun:"name,type:nvarchar(120)" json:"name"`
	NameKey     []byte `bun:"name_key" json:"-"`
	Description string `bun:"description,type:nvarchar(1000)" json:"description"`
	Kind        Kind   `bun:"kind,type:nvarchar(10)" json:"kind"`
	// Condition is the expression in its one form; "" for a static segment.
	Condition string `bun:"condition_text,type:nvarchar(4000)" json:"condition"`
	// Excluded are the ids of segments whose members are left out, with blanks between them.
	Excluded string `bun:"excluded,type:nvarchar(800)" json:"-"`
	// EvaluatedAt is when [Segments.Evaluate] kept the members last.
	EvaluatedAt time.Time `bun:"evaluated_at,nullzero" json:"evaluated_at,omitzero"`
	ArchivedAt  time.Time `bun:"archived_at,nullzero" json:"archived_at,omitzero"`
}

// Exclusions are the segments whose members are left out.
func (s Segment) Exclusions() []ID {
	var ids []ID
	for text := range strings.FieldsSeq(s.Excluded) {
		if id, err := store.ParseKey[Tag](text); err == nil {
			ids = append(ids, id)
		}
	}
	return ids
}

func joinIDs(ids []ID) string {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = id.String()
	}
	return strings.Join(texts, " ")
}

// Version is one state of a segment; rows are only added.
type Version struct {
	bun.BaseModel `bun:"table:crm_segment_version,alias:segment_version"`

	SegmentID ID `bun:"segment_id,pk" json:"segment_id"`
	// Number is the segment's version when it was saved.
	Number    int64     `bun:"number,pk" json:"number"`
	Company   string    `bun:"company,type:nvarchar(40)" json:"-"`
	SavedAt   time.Time `bun:"saved_at" json:"saved_at"`
	SavedBy   string    `bun:"saved_by,type:nvarchar(64)" json:"saved_by"`
	Name      string    `bun:"name,type:nvarchar(120)" json:"name"`
	Condition string    `bun:"condition_text,type:nvarchar(4000)" json:"condition"`
	Excluded  string    `bun:"excluded,type:nvarchar(800)" json:"-"`
}

// Member is a party in a static segment, or one that an evaluation found.
type Member struct {
	bun.BaseModel `bun:"table:crm_segment_member,alias:member"`

	SegmentID ID        `bun:"segment_id,pk" json:"segment_id"`
	PartyID   party.ID  `bun:"party_id,pk" json:"party_id"`
	Company   string    `bun:"company,type:nvarchar(40)" json:"-"`
	AddedAt   time.Time `bun:"added_at" json:"added_at"`
	AddedBy   string    `bun:"added_by,type:nvarchar(64)" json:"added_by"`
}

// Config is what the package is told by its surroundings.
type Config struct {
	// Locales (needed) gives each company's language, zone and currency.
	Locales func(company string) locale.Locale
	// Lists are what parties have in other packages and at the host, with [rule.List.Key] referring to
	// party.id: subscriptions, mails, purchases. A host in the same database gives a table, one elsewhere a
	// Loader.
	Lists []rule.List
}

// Segments is the package's door. It is safe for many goroutines.
type Segments struct {
	db     *store.DB
	config Config
}

// New makes a Segments on a database. The error names everything that is wrong with the configuration.
func New(db *store.DB, config Config) (*Segments, error) {
	var faults fault.List
	if config.Locales == nil {
		faults.Add("locales", "required", "is missing; days and sums depend on zone and currency")
	} else if _, err := environment(surroundings{}, config.Lists); err != nil {
		faults.Add("lists", "lists", "%s", err)
	}
	if err := faults.Err("segments cannot be set up"); err != nil {
		return nil, err
	}
	return &Segments{db: db, config: config}, nil
}

// On gives the same segments on another view of the database.
func (g *Segments) On(db *store.DB) *Segments { return &Segments{db: db, config: g.config} }

// In gives a view that works inside an open session, as part of its unit of work.
func (g *Segments) In(s *store.Session) *Segments { return g.On(s.Inside()) }

// at is the moment of a session, with the company's days.
func (g *Segments) at(s *store.Session) rule.At {
	return rule.At{Now: s.Now, Zone: g.config.Locales(s.Actor.Company).Location()}
}
