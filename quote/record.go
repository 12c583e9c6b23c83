package quote

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// The nouns of ids.
type (
	Tag     struct{}
	LineTag struct{}
)

// The ids. An opportunity's package is above this one: quote.OpportunityID(o.ID) converts.
type (
	ID            = store.Key[Tag]
	LineID        = store.Key[LineTag]
	OpportunityID = activity.OpportunityID
)

// State says where a quote stands.
type State string

// The states. A draft can be changed and deleted; everything else is frozen and only moves on.
const (
	Draft State = "draft"
	// Issued: it has its number and PDF, and waits for an answer.
	Issued   State = "issued"
	Accepted State = "accepted"
	Declined State = "declined"
	// Expired: nobody answered until ValidUntil.
	Expired State = "expired"
	// Superseded: a later version was issued.
	Superseded State = "superseded"
	// Withdrawn: the seller took it back.
	Withdrawn State = "withdrawn"
)

// States are all states, in the order of a quote's life.
var States = []State{Draft, Issued, Accepted, Declined, Expired, Superseded, Withdrawn}

// Quote is one version of a quote.
type Quote struct {
	bun.BaseModel `bun:"table:crm_quote,alias:quote"`

	ID ID `bun:"id,pk" json:"id"`
	store.Record
	// PartyID is who may buy, ContactID the person there who reads it.
	PartyID       party.ID      `bun:"party_id" json:"party_id"`
	ContactID     party.ID      `bun:"contact_id" json:"contact_id"`
	OpportunityID OpportunityID `bun:"opportunity_id" json:"opportunity_id"`
	// BaseID is the id of the first version; Revision counts the versions from 1.
	BaseID   ID  `bun:"base_id" json:"base_id"`
	Revision int `bun:"revision" json:"revision"`
	// Number is what people call it by, "" for a draft. Versions share it, from the second on with
	// "/2" behind.
	Number string `bun:"number,type:nvarchar(40)" json:"number"`
	State  State  `bun:"state,type:nvarchar(10)" json:"state"`
	// Progress is how far the host has come with an accepted quote; see [Quotes.Reflect].
	Progress opportunity.Progress `bun:"progress,type:nvarchar(12)" json:"progress"`
	Title    string               `bun:"title,type:nvarchar(200)" json:"title"`
	Language locale.Language      `bun:"language,type:nvarchar(5)" json:"language"`
	Currency string               `bun:"currency,type:nvarchar(3)" json:"currency"`
	// PriceDate is the day whose price lists hold.
	PriceDate civil.Date `bun:"price_date" json:"price_date"`
	// ValidUntil is the last day on which it can be accepted.
	ValidUntil civil.Date `bun:"valid_until" json:"valid_until"`
	IssuedAt   time.Time  `bun:"issued_at,nullzero" json:"issued_at"`
	// IssuedOn is the business date of issue in the company's zone.
	IssuedOn civil.Date `bun:"issued_on" json:"issued_on"`
	// DecidedAt, DecidedBy and DecisionNote say who accepted, declined or withdrew it, and what was
	// said; Evidence is what an acceptance can be proved with.
	DecidedAt    time.Time `bun:"decided_at,nullzero" json:"decided_at"`
	DecidedBy    string    `bun:"decided_by,type:nvarchar(120)" json:"decided_by"`
	DecisionNote string    `bun:"decision_note,type:nvarchar(1000)" json:"decision_note"`
	Evidence     Evidence  `bun:"decision_evidence" json:"evidence"`
	// Cover stands above the lines, Closing below; line breaks are kept.
	Cover   string `bun:"cover" json:"cover"`
	Closing string `bun:"closing" json:"closing"`
	// Terms are those of payment, DeliveryTerms those of delivery.
	Terms         string `bun:"terms,type:nvarchar(400)" json:"terms"`
	DeliveryTerms string `bun:"delivery_terms,type:nvarchar(400)" json:"delivery_terms"`
	// Addressee is frozen when the quote is issued; it is empty in a draft.
	Addressee Addressee `bun:"addressee" json:"addressee"`
	// Net, VAT and Gross are the totals of the lines that count; see [Card.Chosen]. OptionalNet is
	// what the optional lines would add.
	Net         money.Amount `bun:"net" json:"net"`
	VAT         money.Amount `bun:"vat" json:"vat"`
	Gross       money.Amount `bun:"gross" json:"gross"`
	OptionalNet money.Amount `bun:"optional_net" json:"optional_net"`
	// DocumentHash is the SHA-256 of the frozen document as canonical JSON, PDFHash that of the PDF
	// file; both name files of the company. See [Document].
	DocumentHash store.Hash `bun:"document_hash,type:nvarchar(64)" json:"document_hash"`
	PDFHash      store.Hash `bun:"pdf_hash,type:nvarchar(64)" json:"pdf_hash"`
	OwnerUser    string     `bun:"owner_user,type:nvarchar(64)" json:"owner_user"`
	OwnerTeam    string     `bun:"owner_team,type:nvarchar(64)" json:"owner_team"`
}

// Guard lets a user see the quotes of his visibility and those for parties that are shared with him.
func (Quote) Guard(a actor.Actor, alias string) store.Predicate {
	return store.Or(store.OwnedBy(a, alias), shared(a, alias))
}

// shared are the quotes for parties that are shared with the actor.
func shared(a actor.Actor, alias string) store.Predicate {
	return store.Granted(a, alias+".party_id", store.Grant{Table: "crm_party_share", Alias: "share", Key: "party_id"})
}

// sealed is a Quote without its guard, for verbs that have decided who may do what: the answer of a
// reader who sees nothing else, and the other versions of a quote that is seen.
type sealed Quote

// Addressee is who a quote is for, as it stands in the window of the envelope.
type Addressee struct {
	Name      string `json:"name"`
	Attention string `json:"attention,omitempty"`
	// Lines are those of the address, in the reader's language.
	Lines []string `json:"lines,omitempty"`
	TaxID string   `json:"tax_id,omitempty"`
}

// IsZero reports whether nobody was named yet.
func (a Addressee) IsZero() bool {
	return a.Name == "" && a.Attention == "" && len(a.Lines) == 0 && a.TaxID == ""
}

// Value stores JSON, "" for nobody.
func (a Addressee) Value() (driver.Value, error) { return toJSON(a, a.IsZero()) }

// Scan reads JSON.
func (a *Addressee) Scan(src any) error { return fromJSON(src, a) }

// Evidence is what an answer can be proved with later. All fields may be empty.
type Evidence struct {
	// Address is the network address, UserAgent the browser that the answer came from.
	Address   string `json:"address,omitempty"`
	UserAgent string `json:"user_agent,omitempty"`
	// Email is the address that the link was sent to.
	Email string `json:"email,omitempty"`
	// Role is what the one who answers is at the reader's company.
	Role string `json:"role,omitempty"`
	// Sending is the sending whose link was used.
	Sending SendingID `json:"sending,omitzero"`
	// Reference is the reader's own order number, or where his letter is filed.
	Reference string `json:"reference,omitempty"`
	// Options are the positions of optional and alternative lines that he takes; see [Card.Chosen].
	Options []int `json:"options,omitempty"`
	// DocumentHash is that of the document which was answered.
	DocumentHash store.Hash `json:"document_hash,omitempty"`
}

// IsZero reports whether there is none.
func (e Evidence) IsZero() bool {
	return e.Address == "" && e.UserAgent == "" && e.Email == "" && e.Role == "" && e.Sending.IsZero() && e.Reference == "" && len(e.Options) == 0 && e.DocumentHash == ""
}

// Value stores JSON, "" for none.
func (e Evidence) Value() (driver.Value, error) { return toJSON(e, e.IsZero()) }

// Scan reads JSON.
func (e *Evidence) Scan(src any) error { return fromJSON(src, e) }

func toJSON(v any, empty bool) (driver.Value, error) {
	if empty {
		return "", nil
	}
	b, err := json.Marshal(v)
	return string(b), err
}

func fromJSON[T any](src any, into *T) error {
	*into = *new(T)
	var text []byte
	switch v := src.(type) {
	case nil:
	case string:
		text = []byte(v)
	case []byte:
		text = v
	default:
		return fmt.Errorf("quote: cannot read JSON from %T", src)
	}
	if len(text) == 0 {
		return nil
	}
	return json.Unmarshal(text, into)
}

// Kind says what a line is.
type Kind string

// The kinds of line.
const (
	// Item is sold.
	Item Kind = "item"
	// Optional is offered beside; it counts only when the reader takes it.
	Optional Kind = "optional"
	// Text is a comment, Heading begins a part of the table; neither has a price.
	Text    Kind = "text"
	Heading Kind = "heading"
)

// Priced reports whether lines of the kind have quantity and price.
func (k Kind) Priced() bool { return k == Item || k == Optional }

// Line is one row of a quote.
type Line struct {
	bun.BaseModel `bun:"table:crm_quote_line,alias:line"`

	ID      LineID `bun:"id,pk" json:"id"`
	Company string `bun:"company,type:nvarchar(40)" json:"-"`
	QuoteID ID     `bun:"quote_id" json:"-"`
	// Position counts all lines from 1. What is printed before a line is given by [Numbers].
	Position int  `bun:"position" json:"position"`
	Kind     Kind `bun:"kind,type:nvarchar(10)" json:"kind"`
	// AlternativeGroup names the lines of which the reader takes one, "A"; the first of them counts.
	AlternativeGroup string `bun:"alternative_group,type:nvarchar(20)" json:"alternative_group"`
	// ProductKey and ProductGroup are the host's keys, "" for free text.
	ProductKey   string         `bun:"product_key,type:nvarchar(80)" json:"product_key"`
	ProductGroup string         `bun:"product_group,type:nvarchar(80)" json:"product_group"`
	Code         string         `bun:"code,type:nvarchar(40)" json:"code"`
	Name         string         `bun:"name,type:nvarchar(240)" json:"name"`
	Description  string         `bun:"description" json:"description"`
	Quantity     money.Quantity `bun:"quantity" json:"quantity"`
	Unit         string         `bun:"unit,type:nvarchar(20)" json:"unit"`
	// ListPrice and ListDiscount are what the host's price list says.
	ListPrice money.Amount `bun:"list_price" json:"list_price"`
	// UnitPrice is the net price of one unit before Discount. PriceManual says that a person set it;
	// otherwise it is ListPrice.
	UnitPrice    money.Amount  `bun:"unit_price" json:"unit_price"`
	PriceManual  bool          `bun:"price_manual" json:"price_manual"`
	ListDiscount money.Percent `bun:"list_discount" json:"list_discount"`
	// Discount is in percent of the price, 0 to 100. It follows ListDiscount unless a person set
	// another one.
	Discount money.Percent `bun:"discount" json:"discount"`
	VATCode  string        `bun:"vat_code,type:nvarchar(20)" json:"vat_code"`
	VATRate  money.Percent `bun:"vat_rate" json:"vat_rate"`
	// Net is quantity times price less discount, rounded to the currency.
	Net money.Amount `bun:"net" json:"net"`
}

// Card is a quote with everything that belongs to it.
type Card struct {
	Quote Quote  `json:"quote"`
	Lines []Line `json:"lines"`
	// VAT has one row for each VAT code and rate of the lines that count.
	VAT []VATRow `json:"vat"`
	// Versions are all versions of the quote that the reader may see, the first one first.
	Versions []Version `json:"versions"`
	// Sheet are the company's custom fields of quotes with this one's values.
	Sheet store.CustomSheet `json:"-"`
}

// Version is one version of a quote, in short.
type Version struct {
	ID       ID           `bun:"id" json:"id"`
	Revision int          `bun:"revision" json:"revision"`
	Number   string       `bun:"number" json:"number"`
	State    State        `bun:"state" json:"state"`
	IssuedOn civil.Date   `bun:"issued_on" json:"issued_on"`
	Currency string       `bun:"currency" json:"currency"`
	Gross    money.Amount `bun:"gross" json:"gross"`
}
