package convert

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
)

// Tag is the noun of conversion ids.
type Tag struct{}

// ID identifies a conversion.
type ID = store.Key[Tag]

// Kind says what a conversion makes.
type Kind string

// The kinds of conversion.
const (
	ToCustomer Kind = "customer"
	ToOrder    Kind = "order"
	ToDelivery Kind = "delivery"
	ToInvoice  Kind = "invoice"
)

// SubjectKind says what a conversion starts from.
type SubjectKind string

// The kinds of subject.
const (
	Lead        SubjectKind = "lead"
	Quote       SubjectKind = "quote"
	Opportunity SubjectKind = "opp"
	// Conversion: a delivery note or an invoice that follows the document of an earlier conversion.
	Conversion SubjectKind = "conversion"
)

// SubjectID is the id of a lead, quote, opportunity or conversion.
type SubjectID = store.Key[any]

// Subject is what a document is made from.
type Subject struct {
	Kind SubjectKind
	ID   SubjectID
}

// State says how far a conversion has come.
type State string

// The states of a conversion.
const (
	// Done: the host has it. A host in the same transaction always answers so.
	Done State = "done"
	// Pending: it is on its way to a host that is reached by an API.
	Pending State = "pending"
	// Unknown: the host was asked and did not answer; it is looked up before it is asked again.
	Unknown State = "unknown"
	// Failed: the host, or a rule of ours after the host had answered, refused; the reason is in the
	// result. What is wrong can be corrected and the call repeated, or the conversion abandoned.
	Failed State = "failed"
	// Undoing: it is done, and taking it back is on its way to a host that is reached by an API.
	Undoing State = "undoing"
	// Undone: it was taken back.
	Undone State = "undone"
	// Abandoned: it was given up before the host had anything; the subject can be converted again.
	Abandoned State = "abandoned"
)

// row is a conversion in the database.
type row struct {
	bun.BaseModel `bun:"table:crm_conversion,alias:conversion"`

	ID ID `bun:"id,pk"`
	store.Record
	Kind        Kind        `bun:"kind,type:nvarchar(16)"`
	SubjectKind SubjectKind `bun:"subject_kind,type:nvarchar(12)"`
	SubjectID   SubjectID   `bun:"subject_id"`
	// Step tells several conversions of one kind from one subject apart: the second part delivery. It is
	// made unique when a conversion is undone or abandoned, so that the subject can be converted again.
	Step string `bun:"step,type:nvarchar(80)"`
	// Token is what the host knows the record by that was made. A host that is elsewhere is sent each
	// write of a conversion under a token of its own, the conversion's with a number; when it is done
	// that of the customer or document stands here.
	Token string `bun:"token,type:nvarchar(40)"`
	State State  `bun:"state,type:nvarchar(10)"`
	// Request, Result and Manifest are JSON.
	Request  string    `bun:"request"`
	Result   string    `bun:"result"`
	Manifest string    `bun:"manifest"`
	UndoneAt time.Time `bun:"undone_at,nullzero"`
	UndoneBy string    `bun:"undone_by,type:nvarchar(64)"`
}

// Link connects one of our records with a record of the host.
type Link struct {
	bun.BaseModel `bun:"table:crm_link,alias:link"`

	ID           store.Key[Link] `bun:"id,pk"`
	Company      string          `bun:"company,type:nvarchar(40)"`
	ConversionID ID              `bun:"conversion_id"`
	RecordKind   SubjectKind     `bun:"record_kind,type:nvarchar(12)"`
	RecordID     SubjectID       `bun:"record_id"`
	PartyID      party.ID        `bun:"party_id"`
	// HostKind is customer, contact, or a kind of document.
	HostKind   string       `bun:"host_kind,type:nvarchar(16)"`
	HostKey    string       `bun:"host_key,type:nvarchar(80)"`
	HostNumber string       `bun:"host_number,type:nvarchar(60)"`
	Total      money.Amount `bun:"total"`
	Currency   string       `bun:"currency,type:nvarchar(3)"`
	// HostState is how far the document has come at the host.
	HostState erpbridge.State `bun:"host_state,type:nvarchar(16)"`
	CreatedAt time.Time       `bun:"created_at"`
}

// Guard shows a link to whoever sees its party.
func (Link) Guard(a actor.Actor, alias string) store.Predicate { return byParty(a, alias) }

// Result is what a conversion did. The same call again gives the same result.
type Result struct {
	ID    ID    `json:"id"`
	Kind  Kind  `json:"kind"`
	State State `json:"state"`
	// Reason says, where the conversion is not done, why, in a sentence that a person can act on.
	Reason string `json:"reason,omitempty"`
	// Customer, with the host's key, is set by the conversion of a lead.
	Customer *erpbridge.Customer `json:"customer,omitempty"`
	// CreatedCustomer says that the customer was made, not picked.
	CreatedCustomer bool                    `json:"created_customer,omitempty"`
	Filled          []erpbridge.FilledField `json:"filled,omitempty"`
	Contacts        []erpbridge.Contact     `json:"contacts,omitempty"`
	Party           party.ID                `json:"party"`
	// Opportunity is the one that was made or picked: opportunity.ID(result.Opportunity) is its id.
	Opportunity store.Key[any] `json:"opportunity,omitzero"`
	// Leads are all leads that were converted together; lead.ID of each is its id.
	Leads []store.Key[any] `json:"leads,omitempty"`
	// Document is the order, delivery note or invoice as the host keeps it.
	Document *erpbridge.Document `json:"document,omitempty"`
	// Repeated says that the conversion had been made before this call.
	Repeated bool `json:"-"`
}

// find looks for an earlier conversion of the subject.
func find(ctx context.Context, s *store.Session, kind Kind, subject Subject, step string) (*row, error) {
	var rows []row
	err := s.Select(&rows).Where("conversion.kind = ?", kind).Where("conversion.subject_kind = ?", subject.Kind).
		Where("conversion.subject_id = ?", subject.ID).Where("conversion.step = ?", step).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("looking for an earlier conversion: %w", err)
	}
	if len(rows) == 0 {
		return nil, nil
	}
	return &rows[0], nil
}

func (r *row) result() (Result, error) {
	var out Result
	if err := json.Unmarshal([]byte(r.Result), &out); err != nil {
		return out, fmt.Errorf("the result of conversion %s: %w", r.ID, err)
	}
	out.State, out.Repeated = r.State, true
	return out, nil
}

// request reads what was asked for.
func (r *row) request(into any) error {
	if err := json.Unmarshal([]byte(r.Request), into); err != nil {
		return fmt.Errorf("the request of conversion %s: %w", r.ID, err)
	}
	return nil
}

func (r *row) manifest() (manifest, error) {
	var m manifest
	if err := json.Unmarshal([]byte(r.Manifest), &m); err != nil {
		return m, fmt.Errorf("the manifest of conversion %s: %w", r.ID, err)
	}
	return m, nil
}

// begin makes the conversion's row. Whoever comes second at the same moment fails on its unique key and
// is told to repeat the transaction, in which [find] then gives the first result.
func begin(s *store.Session, kind Kind, subject Subject, step string, request any) (*row, error) {
	text, err := json.Marshal(request)
	if err != nil {
		return nil, err
	}
	id := store.NewKey[Tag](s)
	return &row{ID: id, Kind: kind, SubjectKind: subject.Kind, SubjectID: subject.ID, Step: step, Token: id.String(), State: Done, Request: string(text)}, nil
}

// finish writes the conversion's row with its result and manifest. The row of one that was pending is
// there already.
func (r *row) finish(ctx context.Context, s *store.Session, out *Result, m manifest) error {
	was := *r
	r.State, out.Reason = Done, ""
	r.Token = firstOf(m.madeUnder, r.Token)
	if err := r.keep(out, m); err != nil {
		return err
	}
	if was.Version > 0 {
		return s.Save(ctx, &was, r)
	}
	return r.insert(ctx, s)
}

// keep puts result and manifest into the row.
func (r *row) keep(out *Result, m manifest) error {
	out.ID, out.Kind, out.State = r.ID, r.Kind, r.State
	for _, part := range []struct {
		from any
		to   *string
	}{{out, &r.Result}, {m, &r.Manifest}} {
		text, err := json.Marshal(part.from)
		if err != nil {
			return err
		}
		*part.to = string(text)
	}
	return nil
}

func (r *row) insert(ctx context.Context, s *store.Session) error {
	err := s.Insert(ctx, r)
	if err != nil && s.Duplicate(err) {
		return fault.Wrap(err, fault.Retryable, "the record is being converted by somebody else; repeat the transaction to get that result")
	}
	return err
}
