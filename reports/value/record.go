package value

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/reports/buying"
)

// Tag is the noun of a value's id.
type Tag struct{}

// ID identifies a value.
type ID = store.Key[Tag]

// Value is what a customer of the host is worth; the figures are those of package buying.
type Value struct {
	bun.BaseModel `bun:"table:crm_customer_value,alias:v"`

	ID      ID     `bun:"id,pk" json:"id"`
	Company string `bun:"company,type:nvarchar(40)" json:"-"`
	// Customer is the host's key.
	Customer string       `bun:"customer,type:nvarchar(80)" json:"customer"`
	Class    buying.Class `bun:"class,type:nvarchar(1)" json:"class"`
	// WasClass is the class before ClassSince, "" where there was none.
	WasClass   buying.Class `bun:"was_class,type:nvarchar(1)" json:"was_class"`
	ClassSince civil.Date   `bun:"class_since" json:"class_since"`
	Recency    int          `bun:"recency" json:"recency"`
	Frequency  int          `bun:"frequency" json:"frequency"`
	Money      int          `bun:"money" json:"money"`
	Revenue    money.Amount `bun:"revenue" json:"revenue"`
	Orders     int          `bun:"orders" json:"orders"`
	Days       int          `bun:"order_days" json:"order_days"`
	Gap        int          `bun:"gap" json:"gap"`
	First      civil.Date   `bun:"first_on" json:"first_on"`
	Last       civil.Date   `bun:"last_on" json:"last_on"`
	Quiet      bool         `bun:"quiet" json:"quiet"`
	Unrated    bool         `bun:"unrated" json:"unrated"`
	// TaskedOn is when the last contact was planned for him.
	TaskedOn civil.Date `bun:"tasked_on" json:"tasked_on"`
}

// Guard lets a user see the values of the customers whose party he sees; those whom nobody has dealt with in CRM+ yet are
// seen by who sees everything.
func (Value) Guard(a actor.Actor, alias string) store.Predicate { return OfVisible(a, alias) }

// OfVisible is the predicate that the customer of a row, by its columns company and customer, has a party that the actor
// sees.
func OfVisible(a actor.Actor, alias string) store.Predicate {
	p := party.Party{}.Guard(a, "whose")
	return store.Exists("SELECT 1 FROM crm_role AS has JOIN crm_party AS whose ON whose.id = has.party_id WHERE has.company = "+alias+".company AND has.role = 'customer' AND has.host_key = "+alias+".customer AND "+p.SQL, p.Args...)
}

// run is the state of a company's count.
type run struct {
	bun.BaseModel `bun:"table:crm_value_run,alias:run"`

	Company     string     `bun:"company,pk,type:nvarchar(40)"`
	CountedOn   civil.Date `bun:"counted_on"`
	PlanVersion int64      `bun:"plan_version"`
	LeaseOwner  string     `bun:"lease_owner,type:nvarchar(36)"`
	LeaseUntil  time.Time  `bun:"lease_until,nullzero"`
	FinishedAt  time.Time  `bun:"finished_at,nullzero"`
	Customers   int        `bun:"customers"`
	Orders      int        `bun:"orders"`
}

// of makes the row of a customer.
func of(c *buying.Customer) Value {
	return Value{
		Customer: c.Key, Class: c.Class, Recency: c.Recency, Frequency: c.Frequency, Money: c.Money, Revenue: c.Revenue, Orders: c.Orders,
		Days: c.Days, Gap: c.Gap, First: c.First, Last: c.Last, Quiet: c.Quiet, Unrated: c.Unrated,
	}
}

// follows takes over from the row before what the count does not say, and reports whether the row is the same.
func (v *Value) follows(was Value, today civil.Date) (same bool) {
	v.ID, v.Company, v.TaskedOn, v.WasClass, v.ClassSince = was.ID, was.Company, was.TaskedOn, was.WasClass, was.ClassSince
	if v.Class != was.Class {
		v.WasClass, v.ClassSince = was.Class, today
	}
	a, b := *v, was
	if !a.Revenue.Equal(b.Revenue) {
		return false
	}
	b.Revenue = a.Revenue
	return a == b
}
