package suggest

import (
	"encoding/json"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/reports/buying"
	"github.com/crmplus/crmplus/reports/value"
)

// Tag is the noun of a suggestion's id.
type Tag struct{}

// ID identifies a suggestion.
type ID = store.Key[Tag]

// State is what became of a suggestion.
type State string

// The states.
const (
	Open State = "open"
	// Taken: an opportunity was made of it. Dismissed: somebody said that it is none.
	Taken     State = "taken"
	Dismissed State = "dismissed"
)

// States are all states.
var States = []State{Open, Taken, Dismissed}

// Rest is for how many days a suggestion does not come back after it was taken or dismissed.
const Rest = 180

// row is a suggestion as it is kept.
type row struct {
	bun.BaseModel `bun:"table:crm_suggestion,alias:sg"`

	ID ID `bun:"id,pk"`
	store.Record
	Customer  string         `bun:"customer,type:nvarchar(80)"`
	Kind      buying.Kind    `bun:"kind,type:nvarchar(10)"`
	Product   string         `bun:"product,type:nvarchar(80)"`
	Items     string         `bun:"items"`
	Because   string         `bun:"because"`
	Worth     money.Amount   `bun:"worth"`
	Due       civil.Date     `bun:"due_on"`
	State     State          `bun:"state,type:nvarchar(10)"`
	RestUntil civil.Date     `bun:"rest_until"`
	Deal      opportunity.ID `bun:"opportunity_id"`
}

// Guard lets a user see the suggestions for customers whose value he sees.
func (row) Guard(a actor.Actor, alias string) store.Predicate { return value.OfVisible(a, alias) }

// Suggestion is something that a customer may want.
type Suggestion struct {
	ID      ID    `json:"id"`
	Version int64 `json:"version"`
	// Customer is the host's key; Party, Name and Owner are set where CRM+ knows him.
	Customer string   `json:"customer"`
	Party    party.ID `json:"party_id"`
	Name     string   `json:"name"`
	Owner    string   `json:"owner"`
	buying.Suggestion
	State State `json:"state"`
	// Opportunity is what was made of it.
	Opportunity opportunity.ID `json:"opportunity_id"`
}

// named is a row with its customer.
type named struct {
	row
	Party party.ID `bun:"party_id"`
	Name  string   `bun:"name"`
	Owner string   `bun:"owner_user"`
}

func (n named) suggestion() (Suggestion, error) {
	out := Suggestion{
		ID: n.ID, Version: n.Version, Customer: n.Customer, Party: n.Party, Name: n.Name, Owner: n.Owner, State: n.State, Opportunity: n.Deal,
		Suggestion: buying.Suggestion{Kind: n.Kind, Product: n.Product, Worth: n.Worth, Due: n.Due},
	}
	err := json.Unmarshal([]byte(n.Items), &out.Items)
	if err == nil {
		err = json.Unmarshal([]byte(n.row.Because), &out.Because)
	}
	return out, err
}

// of makes the row of what was found.
func of(customer string, s buying.Suggestion) (row, error) {
	items, err := json.Marshal(s.Items)
	if err != nil {
		return row{}, err
	}
	because, err := json.Marshal(s.Because)
	return row{Customer: customer, Kind: s.Kind, Product: s.Product, Items: string(items), Because: string(because), Worth: s.Worth, Due: s.Due, State: Open}, err
}
