package value

import (
	"context"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/calendar"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/policy"
	"github.com/crmplus/crmplus/crm/rule"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/reports/buying"
)

// Config is what the package is told by its surroundings.
type Config struct {
	Host       erpbridge.Host
	Locales    func(company string) locale.Locale
	Parties    *party.Parties
	Activities *activity.Activities
	Calendars  *calendar.Calendars
	// Also is called in each transaction that writes values, with the customers that it is about; who has gone has
	// nothing but a key. nil for nobody.
	Also func(ctx context.Context, s *store.Session, found *buying.Found, some []*buying.Customer) error
}

// Values keeps the values of the customers of all companies. It is safe for many goroutines.
//
// What the company decides is read and changed by Plan, SaveDraft, Discard, Publish and Versions of [policy.Keeper].
type Values struct {
	policy.Keeper[Plan]

	db     *store.DB
	config Config
}

// New makes a Values on a database.
func New(db *store.DB, c Config) *Values {
	return &Values{Keeper: policy.Keep(db, plans, policy.Terms[Plan]{Check: check}), db: db, config: c}
}

// Known reports whether the host tells what there is to count.
func (v *Values) Known() bool {
	_, ok := v.config.Host.Documents.(erpbridge.Sales)
	return ok
}

// Row is a value with the name of its customer, where CRM+ knows him.
type Row struct {
	Value
	PartyID party.ID `bun:"party_id" json:"party_id"`
	Name    string   `bun:"name" json:"name"`
	Owner   string   `bun:"owner_user" json:"owner"`
	// Silent is how many days ago the last order was.
	Silent int `bun:"-" json:"silent"`
}

// Filter narrows a list; zero fields do not.
type Filter struct {
	Class buying.Class
	// Quiet: those who are quiet only.
	Quiet bool
	// Owner is the user whose customers they are.
	Owner string
	Page  store.Page
}

// Listing is one page.
type Listing struct {
	Rows []Row  `json:"rows"`
	Next string `json:"next"`
}

const columns = "SELECT v.*, whose.id AS party_id, COALESCE(whose.name, '') AS name, COALESCE(whose.owner_user, '') AS owner_user FROM crm_customer_value AS v" +
	" LEFT JOIN crm_role AS is_one ON is_one.company = v.company AND is_one.role = 'customer' AND is_one.host_key = v.customer LEFT JOIN crm_party AS whose ON whose.id = is_one.party_id WHERE {scope}"

// List gives a page of values, the largest revenue first. It needs actor.ReportRead.
func (v *Values) List(ctx context.Context, f Filter) (Listing, error) {
	return store.Read(ctx, v.db, actor.ReportRead, func(ctx context.Context, s *store.Session) (Listing, error) {
		query, args := columns+" AND v.company = ?", []any{s.Actor.Company}
		if f.Class != "" {
			query += " AND v.class = ?"
			args = append(args, string(f.Class))
		}
		if f.Quiet {
			query += " AND v.quiet = 1"
		}
		if f.Owner != "" {
			query += " AND whose.owner_user = ?"
			args = append(args, f.Owner)
		}
		tail, err := s.PagedSQL(store.Order{Column: "v.revenue", ID: "v.id", Desc: true}, f.Page)
		if err != nil {
			return Listing{}, err
		}
		var out Listing
		if err := s.Query(ctx, &out.Rows, store.From[Value]("v"), query+tail.SQL, append(args, tail.Args...)...); err != nil {
			return Listing{}, err
		}
		v.silence(s, out.Rows)
		if n := len(out.Rows); n == f.Page.Size() {
			scaled, err := out.Rows[n-1].Revenue.Scaled()
			if err != nil {
				return Listing{}, err
			}
			out.Next = store.Cursor(scaled, out.Rows[n-1].ID)
		}
		return out, nil
	})
}

func (v *Values) silence(s *store.Session, rows []Row) {
	today := v.today(s)
	for i := range rows {
		rows[i].Silent = rows[i].Last.DaysUntil(today)
	}
}

func (v *Values) today(s *store.Session) civil.Date {
	return civil.In(s.Now, v.config.Locales(s.Actor.Company).Location())
}

// Of gives the value of one customer by the host's key; fault.NotFound where none was counted, or where the actor may
// not see it. It needs actor.LeadRead.
func (v *Values) Of(ctx context.Context, customer string) (Row, error) {
	return store.Read(ctx, v.db, actor.LeadRead, func(ctx context.Context, s *store.Session) (Row, error) {
		var rows []Row
		err := s.Query(ctx, &rows, store.From[Value]("v"), columns+" AND v.company = ? AND v.customer = ?", s.Actor.Company, customer)
		if err == nil && len(rows) == 0 {
			err = fault.New(fault.NotFound, "nothing was counted of customer %s, or you may not see it", customer)
		}
		if err != nil {
			return Row{}, err
		}
		v.silence(s, rows)
		return rows[0], nil
	})
}

// Group is the customers of a class.
type Group struct {
	Class     buying.Class `bun:"class" json:"class"`
	Customers int          `bun:"customers" json:"customers"`
	Revenue   money.Amount `bun:"revenue" json:"revenue"`
	Quiet     int          `bun:"quiet" json:"quiet"`
}

// Summary is the classes, with when and from how many orders they were counted.
type Summary struct {
	Groups    []Group    `json:"groups"`
	CountedOn civil.Date `json:"counted_on"`
	Orders    int        `json:"orders"`
}

// Summary counts the customers of each class that the actor sees. It needs actor.ReportRead.
func (v *Values) Summary(ctx context.Context) (Summary, error) {
	return store.Read(ctx, v.db, actor.ReportRead, func(ctx context.Context, s *store.Session) (Summary, error) {
		var out Summary
		err := s.Query(ctx, &out.Groups, store.From[Value]("v"), "SELECT v.class, COUNT(*) AS customers, SUM(v.revenue) AS revenue, SUM(CASE WHEN v.quiet = 1 THEN 1 ELSE 0 END) AS quiet FROM crm_customer_value AS v WHERE {scope} GROUP BY v.class ORDER BY v.class")
		if err != nil {
			return out, err
		}
		var runs []run
		err = s.Select(&runs).Where("run.company = ?", s.Actor.Company).Scan(ctx)
		if len(runs) > 0 {
			out.CountedOn, out.Orders = runs[0].CountedOn, runs[0].Orders
		}
		return out, err
	})
}

// List for conditions: what rules and segments can say of customers.
func List() rule.List {
	return rule.List{
		Name: "customer_values", Doc: "what the party is worth as a customer of the host; none where it is no customer", Key: "worth_of.party_id", Company: "worth.company",
		From: "crm_customer_value AS worth JOIN crm_role AS worth_of ON worth_of.company = worth.company AND worth_of.role = 'customer' AND worth_of.host_key = worth.customer",
		Fields: []rule.Field{
			{Name: "class", Kind: rule.Text, Doc: "the class by revenue: A, B, C", Column: "worth.class", Choices: []string{"A", "B", "C"}},
			{Name: "recency", Kind: rule.Number, Doc: "the quintile of days since the last order, 5 the best", Column: "worth.recency"},
			{Name: "frequency", Kind: rule.Number, Doc: "the quintile of orders, 5 the best", Column: "worth.frequency"},
			{Name: "money", Kind: rule.Number, Doc: "the quintile of revenue, 5 the best", Column: "worth.money"},
			{Name: "revenue", Kind: rule.Number, Doc: "revenue of the window in the company's currency", Column: "worth.revenue", Places: 4},
			{Name: "orders", Kind: rule.Number, Doc: "orders of the window", Column: "worth.orders"},
			{Name: "gap", Kind: rule.Number, Doc: "the days that usually lie between orders, 0 where there is no rhythm", Column: "worth.gap"},
			{Name: "last_on", Kind: rule.Date, Doc: "the day of the last order", Column: "worth.last_on"},
			{Name: "quiet", Kind: rule.YesNo, Doc: "whether he did not order for longer than is usual with him", Column: "worth.quiet"},
		},
	}
}
