package search

import (
	"cmp"
	"slices"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
)

// Kind is a kind of records that can be found.
type Kind string

// The kinds.
const (
	Lead Kind = "lead"
	// Contact is a person of a company party, or of a customer of the host. Somebody who is only a lead stands
	// under leads.
	Contact Kind = "contact"
	// Customer is a customer of the host, whether CRM+ ever had to do with it or not.
	Customer    Kind = "customer"
	Opportunity Kind = "opportunity"
	Quote       Kind = "quote"
)

// Kinds are all kinds, in the order in which they are shown.
var Kinds = []Kind{Lead, Contact, Customer, Opportunity, Quote}

// rights are those of which any one lets an actor read records of a kind; see party for people.
var rights = map[Kind][]actor.Right{
	Lead:        {actor.LeadRead},
	Contact:     {actor.LeadRead, actor.OpportunityRead, actor.ActivityRead, actor.QuoteRead},
	Customer:    {actor.LeadRead, actor.OpportunityRead, actor.ActivityRead, actor.QuoteRead},
	Opportunity: {actor.OpportunityRead},
	Quote:       {actor.QuoteRead},
}

// Field says where in a record something was found.
type Field string

// The fields.
const (
	InName    Field = "name"
	InCompany Field = "company"
	InTitle   Field = "title"
	// InNumber is the number of a quote, the code of a customer, the key of a lead where it came from.
	InNumber Field = "number"
	InEmail  Field = "email"
	InPhone  Field = "phone"
	InTaxID  Field = "tax_id"
	InCity   Field = "city"
	// InEarlier is a name under which the record was known before a merge.
	InEarlier Field = "earlier_name"
)

// Fields are all fields.
var Fields = []Field{InName, InCompany, InTitle, InNumber, InEmail, InPhone, InTaxID, InCity, InEarlier}

// Query is a question.
type Query struct {
	// Text is what was typed: words in any order, each of which begins a word of the record; accents and
	// case do not matter. Of longer texts the first eight words count.
	Text string
	// Kinds are those that are looked for, all where there are none.
	Kinds []Kind
	// Limit is how many hits of each kind are given, [DefaultLimit] where it is 0, at most [MaxLimit].
	Limit int
}

// The bounds of a question.
const (
	DefaultLimit = 8
	MaxLimit     = 50
	// MaxAll is how many hits [Searches.All] gives.
	MaxAll = 10_000
)

// Result is what was found.
type Result struct {
	// Groups have the kinds that were looked for and found, in the order of [Kinds].
	Groups []Group `json:"groups"`
	// Customers says whether the host was asked for customers that CRM+ never had to do with.
	Customers HostAnswer `json:"customers"`
	// Building says that the index is being built: there may be more than was found.
	Building bool `json:"building"`
}

// HostAnswer says how far the host's own customers were looked through.
type HostAnswer string

// The answers. All but the first two mean that customers can be missing.
const (
	// HostAnswered: they are complete.
	HostAnswered HostAnswer = "answered"
	// HostNotNeeded: customers were not asked for, or this actor sees only what is his.
	HostNotNeeded HostAnswer = "not_needed"
	// HostCannot: the host has no search for customers.
	HostCannot HostAnswer = "cannot"
	// HostSlow: it did not answer in time.
	HostSlow HostAnswer = "slow"
	// HostFailed: it answered with an error, which was logged.
	HostFailed HostAnswer = "failed"
	// HostNotAsked: the search runs inside another transaction, which nothing may put at risk.
	HostNotAsked HostAnswer = "not_asked"
)

// CustomersMissing reports whether customers of the host can be missing from the result.
func (r Result) CustomersMissing() bool {
	return r.Customers != HostAnswered && r.Customers != HostNotNeeded
}

// Group are the hits of one kind.
type Group struct {
	Kind Kind  `json:"kind"`
	Hits []Hit `json:"hits"`
	// More says that there are further ones.
	More bool `json:"more"`
}

// Hit is one record that answers the question.
type Hit struct {
	Kind Kind `json:"kind"`
	// ID is the record's: of a contact or customer the party's. It is zero for a customer that CRM+ never
	// had to do with.
	ID store.Key[any] `json:"id"`
	// PartyID is who it is about, zero as ID is.
	PartyID party.ID `json:"party_id"`
	// HostKey is the host's key of a customer.
	HostKey string `json:"host_key,omitempty"`
	// Title is what the record is called, Subtitle what tells it from its likes: company, number, e-mail,
	// phone, stage.
	Title    string `json:"title"`
	Subtitle string `json:"subtitle"`
	// State is the code of a lead's status, of an opportunity's or a quote's state.
	State string `json:"state,omitempty"`
	// Where says in which fields it was found.
	Where []Field `json:"where"`
}

// Config is what a search needs beside its database; the zero Config works.
type Config struct {
	// Host is asked for customers if its customers implement erpbridge.CustomerList.
	Host erpbridge.Host
	// Locale tells a company's zone, for what the host is told.
	Locale func(company string) locale.Locale
	// HostWait is how long a search waits for the host, 80 ms where it is 0.
	HostWait time.Duration
	// Failed is told why the host did not answer; nil where nobody wants to know.
	Failed func(company string, err error)
}

// Searches finds records of all kinds.
type Searches struct {
	db     *store.DB
	config Config
	// shared is what all views of one Searches have in common.
	shared *shared
}

// New makes a Searches on a database.
func New(db *store.DB, config Config) *Searches {
	config.HostWait = cmp.Or(config.HostWait, 80*time.Millisecond)
	if config.Locale == nil {
		config.Locale = func(string) locale.Locale { return locale.Locale{Language: locale.English} }
	}
	return &Searches{db: db, config: config, shared: newShared()}
}

// On gives a view that works on another view of the database, such as one bound to the host's transaction.
func (x *Searches) On(db *store.DB) *Searches {
	view := *x
	view.db = db
	return &view
}

// In gives a view that works inside an open session.
func (x *Searches) In(s *store.Session) *Searches { return x.On(s.Inside()) }

// check refuses what cannot be asked.
func (q Query) check() error {
	var faults fault.List
	for _, k := range q.Kinds {
		if !slices.Contains(Kinds, k) {
			faults.Add("kinds", "choice", "%q is no kind of record; choose among %v", string(k), Kinds)
		}
	}
	if q.Limit < 0 {
		faults.Add("limit", "negative", "is %d; give how many hits of each kind are wanted, up to %d", q.Limit, MaxLimit)
	}
	return faults.Err("this cannot be searched for")
}

// kindsFor are the kinds that the actor may read, of those that are asked for.
func (q Query) kindsFor(a actor.Actor) ([]Kind, error) {
	var kinds []Kind
	for _, k := range Kinds {
		if (len(q.Kinds) == 0 || slices.Contains(q.Kinds, k)) && slices.ContainsFunc(rights[k], a.May) {
			kinds = append(kinds, k)
		}
	}
	if len(kinds) == 0 && !slices.ContainsFunc(rights[Contact], a.May) {
		return nil, a.Require(actor.LeadRead)
	}
	return kinds, nil
}

func (q Query) size() int {
	if q.Limit == 0 {
		return DefaultLimit
	}
	return min(q.Limit, MaxLimit)
}
