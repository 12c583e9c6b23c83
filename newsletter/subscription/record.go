package subscription

import (
	"slices"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// State says where a subscription stands.
type State string

// The states.
const (
	// Pending: asked for, not confirmed; nothing is sent but the confirmation.
	Pending State = "pending"
	// Active: letters go out.
	Active State = "active"
	// Unsubscribed: the reader, or somebody for him, ended it.
	Unsubscribed State = "unsubscribed"
	// Suppressed: the address is not to be written to at all; see [Suppression].
	Suppressed State = "suppressed"
)

// States are all states.
var States = []State{Pending, Active, Unsubscribed, Suppressed}

// In names the state in a reader's language.
func (s State) In(l locale.Language) string { return Texts.T(l, "state."+string(s)) }

// Basis is the legal ground for writing to somebody (Regulation (EU) 2016/679, article 6(1)).
type Basis string

// The bases.
const (
	// Consent: article 6(1)(a); the text that was agreed to is needed.
	Consent Basis = "consent"
	// Contract: article 6(1)(b).
	Contract Basis = "contract"
	// LegitimateInterest: article 6(1)(f), as of a customer who is told of similar products (Directive
	// 2002/58/EC, article 13(2)).
	LegitimateInterest Basis = "legitimate_interest"
)

// Bases are all bases.
var Bases = []Basis{Consent, Contract, LegitimateInterest}

// In names the basis in a reader's language.
func (b Basis) In(l locale.Language) string { return Texts.T(l, "basis."+string(b)) }

// Tag is the noun of subscription ids.
type Tag struct{}

// ID identifies a subscription.
type ID = store.Key[Tag]

// Subscription is what a reader gets of one topic, and at which address.
type Subscription struct {
	bun.BaseModel `bun:"table:crm_subscription,alias:subscription"`

	ID ID `bun:"id,pk" json:"id"`
	store.Record
	TopicID TopicID  `bun:"topic_id" json:"topic_id"`
	Channel Channel  `bun:"channel,type:nvarchar(10)" json:"channel"`
	PartyID party.ID `bun:"party_id" json:"party_id"`
	// Address is normalised, as party.NormalizeEmail and party.NormalizePhone do.
	Address     string          `bun:"address,type:nvarchar(254)" json:"address"`
	AddressHash Hash            `bun:"address_hash" json:"-"`
	Language    locale.Language `bun:"language,type:nvarchar(5)" json:"language"`
	State       State           `bun:"state,type:nvarchar(12)" json:"state"`
	Basis       Basis           `bun:"basis,type:nvarchar(20)" json:"basis"`
	// Source is where the subscriber came from: a page, a fair, a file.
	Source string `bun:"source,type:nvarchar(200)" json:"source"`
	// ConfirmedAt is when it became active last; EndedAt when it ended last.
	ConfirmedAt time.Time `bun:"confirmed_at,nullzero" json:"confirmed_at,omitzero"`
	EndedAt     time.Time `bun:"ended_at,nullzero" json:"ended_at,omitzero"`
}

// Guard shows a subscription to those who see its party.
func (Subscription) Guard(a actor.Actor, alias string) store.Predicate {
	p := party.Party{}.Guard(a, "reader")
	return store.Exists("SELECT 1 FROM crm_party AS reader WHERE reader.id = "+alias+".party_id AND "+p.SQL, p.Args...)
}

// sealed is a Subscription without its guard: for readers themselves, and for verbs that have asked for the
// party before.
type sealed Subscription

// transitions are the states that may follow each state.
var transitions = map[State][]State{
	"":           {Pending, Active, Unsubscribed},
	Pending:      {Active, Unsubscribed, Suppressed},
	Active:       {Unsubscribed, Suppressed},
	Unsubscribed: {Pending, Active, Suppressed},
	Suppressed:   {Pending, Active, Unsubscribed},
}

// Config is what the package is told by its surroundings.
type Config struct {
	// Parties (needed) are who readers are.
	Parties *party.Parties
	// Mails is the outbox for confirmations; without it nobody can ask for a subscription. Its Purposes have to
	// hold [Purposes].
	Mails *mail.Mails
	// Texter sends confirmations of SMS topics; without it those are entered by the company's own people.
	Texter Texter
	// Sender is the mailbox that a company's letters come from, and its name; it is needed where Mails is given.
	Sender func(company string) mail.Address
	// Locales gives language and zone of a company.
	Locales func(company string) locale.Locale
	// Signer makes the links.
	Signer *Signer
	// HashKey makes the suppression list: at least 32 random bytes, the same in all processes and for ever,
	// because a list made by another key is forgotten.
	HashKey []byte
	// PublicURL is the address below which the readers' pages are reached from outside, with a slash at its end:
	// "https://erp.example.com/crm/s/".
	PublicURL func(company string) string
	// AddressRate and ClientRate are how many requests per hour are taken for one address and from one network
	// (/24 of IPv4, /48 of IPv6); 3 and 30 where they are 0.
	AddressRate, ClientRate int
}

// HashKeyLength is how many bytes Config.HashKey has at least.
const HashKeyLength = 32

// Check names what is wrong with the values.
func (c Config) Check() []fault.Fault {
	var faults fault.List
	if c.Parties == nil {
		faults.Add("parties", "required", "is missing; readers are parties")
	}
	if len(c.HashKey) < HashKeyLength {
		faults.Add("hash_key", "length", "has %d bytes; give at least %d random ones, and never change them", len(c.HashKey), HashKeyLength)
	}
	for _, p := range Purposes {
		if c.Mails != nil && !slices.ContainsFunc(c.Mails.Purposes(), func(has mail.Purpose) bool { return has.Key == p.Key }) {
			faults.Add("mails", "purpose", "know no %s; add subscription.Purposes to mail.Config.Purposes", p.Key)
		}
	}
	if c.Mails != nil && c.Sender == nil {
		faults.Add("sender", "required", "is missing; say whom confirmations come from")
	}
	if c.Mails != nil && c.PublicURL == nil {
		faults.Add("public_url", "required", "is missing; say where the readers' pages are reached")
	}
	if c.Mails != nil && c.Signer == nil {
		faults.Add("signer", "required", "is missing; it makes the links in letters")
	}
	if c.AddressRate < 0 || c.ClientRate < 0 {
		faults.Add("rate", "negative", "is below zero; give how many requests per hour are taken, or zero for the usual")
	}
	return faults
}

// Subscriptions is the package's door. It is safe for many goroutines.
type Subscriptions struct {
	db     *store.DB
	config Config
	// hashKeys are the companies' keys: company -> []byte.
	hashKeys *sync.Map
}

// New makes a Subscriptions on a database. The error names everything that is wrong with the configuration.
func New(db *store.DB, config Config) (*Subscriptions, error) {
	if err := fault.List(config.Check()).Err("newsletters cannot be set up"); err != nil {
		return nil, err
	}
	if config.AddressRate == 0 {
		config.AddressRate = 3
	}
	if config.ClientRate == 0 {
		config.ClientRate = 30
	}
	if config.Locales == nil {
		config.Locales = func(string) locale.Locale { return locale.Locale{Language: locale.English} }
	}
	return &Subscriptions{db: db, config: config, hashKeys: new(sync.Map)}, nil
}

// In gives a view that works inside an open session, as part of its unit of work.
func (n *Subscriptions) In(s *store.Session) *Subscriptions { return n.On(s.Inside()) }

// On gives the same on a view of the database.
func (n *Subscriptions) On(db *store.DB) *Subscriptions {
	return &Subscriptions{db: db, config: n.config, hashKeys: n.hashKeys}
}

func (n *Subscriptions) language(s *store.Session) locale.Language {
	return languageOf(n.config.Locales(s.Actor.Company).Language, locale.English)
}
