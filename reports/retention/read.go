package retention

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// Turn is a period of whole months and what lies before it, by first days of months: the one before begins with Before,
// the period with First; Behind is the first month after it.
type Turn struct{ Before, First, Behind civil.Date }

// By is what sums are broken down to.
type By string

// What sums are broken down to; a customer's owner and address are those of his party, "" where CRM+ does not know him.
const (
	Whole    By = ""
	BySeller By = "seller"
	ByTeam   By = "team"
	ByRegion By = "region"
)

// Filter narrows customers by who looks after them; zero fields do not.
type Filter struct {
	Seller string
	Team   string
}

// Question asks who ordered again.
type Question struct {
	Turn
	Of Filter
	By By
}

// Sums are the customers of a part, and what they ordered, in the company's currency without VAT.
type Sums struct {
	Key string `bun:"k" json:"key"`
	// AtRisk ordered in the period before, Again of them in this one too, Fresh in this one alone.
	AtRisk int64 `bun:"at_risk" json:"at_risk"`
	Again  int64 `bun:"again" json:"again"`
	Fresh  int64 `bun:"fresh" json:"fresh"`
	// Was is what those at risk ordered in the period before; Lost of it that of those who did not come again; Less is by
	// how much others ordered less than before, More by how much more. FreshNet is what those ordered who were none at risk.
	Was      money.Amount `bun:"was" json:"was"`
	Lost     money.Amount `bun:"lost" json:"lost"`
	Less     money.Amount `bun:"less" json:"less"`
	More     money.Amount `bun:"more" json:"more"`
	FreshNet money.Amount `bun:"fresh_net" json:"fresh_net"`
}

// Gone is how many of those at risk did not come again.
func (s Sums) Gone() int64 { return s.AtRisk - s.Again }

// Kept is what those at risk ordered in the period.
func (s Sums) Kept() money.Amount { return s.Was.Sub(s.Lost).Sub(s.Less).Add(s.More) }

// Net is all that was ordered in the period.
func (s Sums) Net() money.Amount { return s.Kept().Add(s.FreshNet) }

// buyer is one customer, or several who are one: the rows "x" of statements.
type buyer struct {
	bun.BaseModel `bun:"table:crm_bought_month,alias:x"`

	Company  string `bun:"company,pk,type:nvarchar(40)"`
	Customer string `bun:"customer,pk,type:nvarchar(80)"`
}

// Guard lets a user see the customers whose party he sees, of merged ones the one that stands for them; those whom CRM+
// does not know are seen by who sees everything.
func (buyer) Guard(a actor.Actor, alias string) store.Predicate {
	p := party.Party{}.Guard(a, "whose")
	return store.Exists("SELECT 1 FROM crm_role AS has JOIN crm_party AS alias ON alias.id = has.party_id JOIN crm_party AS whose ON whose.id = COALESCE(alias.merged_into, alias.id)"+
		" WHERE has.company = "+alias+".company AND has.role = 'customer' AND has.host_key = "+alias+".customer AND "+p.SQL, p.Args...)
}

// owned joins the party that stands for a buyer.
const owned = " LEFT JOIN crm_role AS held ON held.company = x.company AND held.role = 'customer' AND held.host_key = x.customer LEFT JOIN crm_party AS known ON known.id = held.party_id" +
	" LEFT JOIN crm_party AS owner ON owner.id = COALESCE(known.merged_into, known.id)"

// reading is one look at a count.
type reading struct {
	s     *store.Session
	count Count
	// families says that there are customers who are one.
	families bool
}

func lookAt(ctx context.Context, s *store.Session, c Count) (*reading, error) {
	r := &reading{s: s, count: c}
	var some []string
	text, args := r.family()
	err := s.Query(ctx, &some, store.From[month]("b"), "SELECT f.customer FROM ("+text+") AS f WHERE f.customer <> f.one AND EXISTS (SELECT 1 FROM crm_bought_month AS b WHERE {scope} AND b.company = ? AND b.customer = f.customer) ORDER BY f.customer"+s.Limit(1),
		append(args, s.Actor.Company)...)
	r.families = len(some) > 0
	return r, err
}

// family is the SQL of the customers who have others beside them, with the least key of each family: those whose parties
// were merged, and those of one party.
func (r *reading) family() (string, []any) {
	company, some := r.s.Actor.Company, []byte{0}
	return "SELECT r.host_key AS customer, MIN(r.host_key) OVER (PARTITION BY f.family) AS one FROM (" +
		"SELECT m.id AS member, m.merged_into AS family FROM crm_party AS m WHERE m.company = ? AND m.merged_into > ?" +
		" UNION SELECT m.merged_into, m.merged_into FROM crm_party AS m WHERE m.company = ? AND m.merged_into > ?" +
		" UNION SELECT p.id, COALESCE(p.merged_into, p.id) FROM (SELECT n.party_id FROM crm_role AS n WHERE n.company = ? AND n.role = 'customer' GROUP BY n.party_id HAVING COUNT(*) > 1) AS d JOIN crm_party AS p ON p.id = d.party_id" +
		") AS f JOIN crm_role AS r ON r.party_id = f.member AND r.company = ? AND r.role = 'customer'", []any{company, some, company, some, company, company}
}

// one joins the families to rows "b" of customers, and says by which key a customer counts.
func (r *reading) one() (join, key string, args []any) {
	if !r.families {
		return "", "b.customer", nil
	}
	text, args := r.family()
	return " LEFT JOIN (" + text + ") AS kin ON kin.customer = b.customer", "COALESCE(kin.one, b.customer)", args
}

// live are the rows "b" of the count from one month on and before another.
func (r *reading) live(from, behind civil.Date) (string, []any) {
	return " WHERE b.company = ? AND b.month >= ? AND b.month < ? AND b.from_count <= ? AND b.until_count > ?", []any{r.s.Actor.Company, from, behind, r.count.Number, r.count.Number}
}

// buyers is the SQL of the rows "x": company, customer, what he ordered before (was) and in the period (net), whether he
// did (earlier, later), and the last month in which he did.
func (r *reading) buyers(t Turn) (string, []any) {
	where, bounds := r.live(t.Before, t.Behind)
	text := "SELECT b.company, b.customer, SUM(CASE WHEN b.month < ? THEN b.net ELSE 0 END) AS was, SUM(b.net) AS whole, MIN(b.month) AS first_month, MAX(b.month) AS last_month" +
		" FROM crm_bought_month AS b" + where + " GROUP BY b.company, b.customer"
	args := append([]any{t.First, t.First, t.First}, bounds...)
	if r.families {
		join, key, kin := r.one()
		text = "SELECT b.company, " + key + " AS customer, SUM(b.was) AS was, SUM(b.whole) AS whole, MIN(b.first_month) AS first_month, MAX(b.last_month) AS last_month FROM (" + text + ") AS b" + join +
			" GROUP BY b.company, " + key
		args = append(args, kin...)
	}
	return "SELECT y.company, y.customer, y.was, y.whole - y.was AS net, CASE WHEN y.first_month < ? THEN 1 ELSE 0 END AS earlier, CASE WHEN y.last_month >= ? THEN 1 ELSE 0 END AS later, y.last_month FROM (" + text + ") AS y", args
}

// narrow are the conditions on buyers "x" beside what the actor sees; they need [owned] where it says so.
func (r *reading) narrow(q Question, key *string) (where string, args []any, joined bool) {
	and := func(column, value string) {
		where, args, joined = where+" AND "+column+" = ?", append(args, value), true
	}
	if q.Of.Seller != "" {
		and("owner.owner_user", q.Of.Seller)
	}
	if q.Of.Team != "" {
		and("owner.owner_team", q.Of.Team)
	}
	if key != nil && q.By != Whole {
		and(r.key(q.By), *key)
	}
	return where, args, joined || q.By != Whole
}

// key is the SQL of the part in which a customer stands.
func (r *reading) key(by By) string {
	switch by {
	case BySeller:
		return "COALESCE(owner.owner_user, '')"
	case ByTeam:
		return "COALESCE(owner.owner_team, '')"
	case ByRegion:
		exact := ""
		if r.s.Dialect() == store.MSSQL {
			exact = " COLLATE Latin1_General_100_BIN2"
		}
		return "CASE WHEN owner.region <> '' THEN owner.region" + exact + " ELSE COALESCE(owner.country, '')" + exact + " END"
	case Whole:
	}
	return "''"
}

// sums are those of buyers "x".
const sums = "COALESCE(SUM(x.earlier), 0) AS at_risk, COALESCE(SUM(CASE WHEN x.earlier = 1 THEN x.later ELSE 0 END), 0) AS again, COALESCE(SUM(CASE WHEN x.earlier = 0 THEN x.later ELSE 0 END), 0) AS fresh," +
	" COALESCE(SUM(CASE WHEN x.earlier = 1 THEN x.was ELSE 0 END), 0) AS was, COALESCE(SUM(CASE WHEN x.earlier = 1 AND x.later = 0 THEN x.was ELSE 0 END), 0) AS lost," +
	" COALESCE(SUM(CASE WHEN x.earlier = 1 AND x.later = 1 AND x.net < x.was THEN x.was - x.net ELSE 0 END), 0) AS less," +
	" COALESCE(SUM(CASE WHEN x.earlier = 1 AND x.later = 1 AND x.net > x.was THEN x.net - x.was ELSE 0 END), 0) AS more, COALESCE(SUM(CASE WHEN x.earlier = 0 THEN x.net ELSE 0 END), 0) AS fresh_net"

// Read gives the sums of each part, of the whole one row, by the count c. It is for sessions that read.
func Read(ctx context.Context, s *store.Session, c Count, q Question) ([]Sums, error) {
	var out []Sums
	err := steady(ctx, s, &c, func() error {
		r, err := lookAt(ctx, s, c)
		if err != nil {
			return err
		}
		inner, args := r.buyers(q.Turn)
		where, narrowed, joined := r.narrow(q, nil)
		key, joins := r.key(q.By), ""
		if joined {
			joins = owned
		}
		text := "SELECT " + key + " AS k, " + sums + " FROM (" + inner + ") AS x" + joins + " WHERE {scope}" + where
		if q.By != Whole {
			text += " GROUP BY " + key
		}
		out = nil
		return s.Query(ctx, &out, store.From[buyer]("x"), text, append(args, narrowed...)...)
	})
	return out, err
}

// steady reads anew where another count became the one that readers see meanwhile. SQLite shows a session one state.
func steady(ctx context.Context, s *store.Session, c *Count, read func() error) error {
	for tries := 0; ; tries++ {
		if err := read(); err != nil || s.Dialect() == store.SQLite {
			return err
		}
		now, err := Counted(ctx, s)
		if err != nil || now.Number == c.Number || tries == 3 {
			return err
		}
		*c = now
	}
}

// Kind is which customers are listed.
type Kind string

// The kinds of lists.
const (
	// AtRisk ordered in the period before, Gone of them not in this one, Again in both; Less and More are those of Again by
	// what they ordered against before; Fresh ordered in this period alone.
	AtRisk Kind = "at_risk"
	Gone   Kind = "gone"
	Again  Kind = "again"
	Less   Kind = "less"
	More   Kind = "more"
	Fresh  Kind = "fresh"
)

// Kinds are all of them.
var Kinds = []Kind{AtRisk, Gone, Again, Less, More, Fresh}

var conditions = map[Kind]string{
	AtRisk: "x.earlier = 1", Gone: "x.earlier = 1 AND x.later = 0", Again: "x.earlier = 1 AND x.later = 1", Fresh: "x.earlier = 0 AND x.later = 1",
	Less: "x.earlier = 1 AND x.later = 1 AND x.net < x.was", More: "x.earlier = 1 AND x.later = 1 AND x.net > x.was",
}

// Customer is one of them.
type Customer struct {
	// Key is the host's; of several customers who are one the least.
	Key string `bun:"customer" json:"customer"`
	// PartyID and Name are of the party that stands for him, where CRM+ knows him.
	PartyID party.ID `bun:"party_id" json:"party_id"`
	Name    string   `bun:"name" json:"name"`
	Owner   string   `bun:"owner_user" json:"owner"`
	// Was is what he ordered in the period before, Net in this one.
	Was   money.Amount `bun:"was" json:"was"`
	Net   money.Amount `bun:"net" json:"net"`
	Again bool         `bun:"later" json:"again"`
	// Last is the first day of the last month of both periods in which he ordered.
	Last civil.Date `bun:"last_month" json:"last_month"`
	// Class is what he is worth today, "" where nothing was counted.
	Class string `bun:"class" json:"class"`
}

// Listing is one page of customers, those who ordered most before first; of those who are fresh, most now.
type Listing struct {
	Rows []Customer `json:"rows"`
	Next string     `json:"next,omitempty"`
}

// Behind asks for the customers behind sums: of the part with a key where By says so.
type Behind struct {
	Question
	Key  string
	Kind Kind
	Page store.Page
}

// List gives a page of the customers behind sums, by the count c. It is for sessions that read.
func List(ctx context.Context, s *store.Session, c Count, b Behind) (Listing, error) {
	only, ok := conditions[b.Kind]
	if !ok {
		var faults fault.List
		faults.Add("kind", "choice", "is %.20q; choose one of %q", string(b.Kind), Kinds)
		return Listing{}, faults.Err("customers cannot be listed")
	}
	column := "x.was"
	if b.Kind == Fresh {
		column = "x.net"
	}
	after, seek, err := place(b.Page.After, column)
	if err != nil {
		return Listing{}, err
	}
	var out Listing
	err = steady(ctx, s, &c, func() error {
		r, err := lookAt(ctx, s, c)
		if err != nil {
			return err
		}
		inner, args := r.buyers(b.Turn)
		where, narrowed, _ := r.narrow(b.Question, &b.Key)
		out = Listing{}
		return s.Query(ctx, &out.Rows, store.From[buyer]("x"), "SELECT x.customer, owner.id AS party_id, COALESCE(owner.name, '') AS name, COALESCE(owner.owner_user, '') AS owner_user, x.was, x.net, x.later, x.last_month,"+
			" COALESCE(v.class, '') AS class FROM ("+inner+") AS x"+owned+" LEFT JOIN crm_customer_value AS v ON v.company = x.company AND v.customer = x.customer WHERE {scope} AND "+only+where+after+
			" ORDER BY "+column+" DESC, x.customer"+s.Limit(b.Page.Size()), append(append(args, narrowed...), seek...)...)
	})
	if n := len(out.Rows); err == nil && n == b.Page.Size() {
		last := out.Rows[n-1]
		by := last.Was
		if b.Kind == Fresh {
			by = last.Net
		}
		scaled, err := by.Scaled()
		if err != nil {
			return Listing{}, err
		}
		out.Next = base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%d %s", scaled, last.Key))
	}
	return out, err
}

// place reads where a page begins. The keys of the host are text, so that store.Cursor does not serve.
func place(after, column string) (string, []any, error) {
	if after == "" {
		return "", nil, nil
	}
	bad := fault.New(fault.Invalid, "the page link is damaged; start again at the first page")
	text, err := base64.RawURLEncoding.DecodeString(after)
	if err != nil || len(after) > 1024 {
		return "", nil, bad
	}
	var scaled int64
	number, key, found := strings.Cut(string(text), " ")
	if _, err := fmt.Sscanf(number, "%d", &scaled); err != nil || !found {
		return "", nil, bad
	}
	return strings.ReplaceAll(" AND {c} <= ? AND ({c} < ? OR x.customer > ?)", "{c}", column), []any{scaled, scaled, key}, nil
}
