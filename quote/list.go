package quote

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"strconv"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// Filter says which quotes a list shows; zero fields do not narrow it.
type Filter struct {
	States []State
	// Party takes in the people of a company and parties that were merged into it.
	Party       party.ID
	Opportunity OpportunityID
	Owner       string
	// From and To bound the day on which the quote was drafted, in the company's zone, both inclusive.
	From, To civil.Date
	// Custom narrows by custom fields.
	Custom []store.CustomFilter
	// Show are the names of custom fields whose values the rows carry.
	Show []string
	Page store.Page
}

// Row is one line of a list. It has no cover, closing, addressee and evidence.
type Row struct {
	bun.BaseModel `bun:"table:crm_quote,alias:quote" json:"-"`
	Quote
	PartyName string `bun:"party_name,scanonly" json:"party_name"`
	// Custom are the values that Filter.Show asked for.
	Custom map[string]any `bun:"-" json:"-"`
}

func (r *Row) custom() ([16]byte, *map[string]any) { return r.ID, &r.Custom }

// Listing is one page of a list, the newest quote first.
type Listing struct {
	Rows []Row `json:"rows"`
	// Next asks for the page behind this one; "" where there is none.
	Next string `json:"next,omitempty"`
}

// List reads one page of the quotes that the actor may see. It needs actor.QuoteRead.
func (q *Quotes) List(ctx context.Context, f Filter) (Listing, error) {
	return store.Read(ctx, q.db, actor.QuoteRead, func(ctx context.Context, s *store.Session) (Listing, error) {
		own, err := s.CustomWhere(ctx, recordKind, "quote.id", f.Custom)
		if err != nil {
			return Listing{}, err
		}
		ways := f.ways(s.Actor)
		if own.First.SQL != "" { // few have the value: they are read, whoever sees them
			ways = []store.Predicate{own.First}
		}
		var found []Row
		for _, way := range ways {
			var rows []Row
			query := s.Select(&rows).Where(way.SQL+own.SQL, slices.Concat(way.Args, own.Args)...)
			if own.First.SQL != "" {
				query = query.ModelTableExpr(store.CustomFirst + " CROSS JOIN crm_quote AS quote")
			}
			query, err := q.listed(ctx, s, query, f)
			if err != nil {
				return Listing{}, err
			}
			if err := query.Scan(ctx); err != nil {
				return Listing{}, err
			}
			found = append(found, rows...)
		}
		if len(ways) > 1 {
			slices.SortFunc(found, func(a, b Row) int {
				return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), bytes.Compare(b.ID[:], a.ID[:]))
			})
			found = slices.CompactFunc(found, func(a, b Row) bool { return a.ID == b.ID })
		}
		l := Listing{Rows: found[:min(len(found), f.Page.Size())]}
		if n := len(l.Rows); n == f.Page.Size() {
			l.Next = store.Cursor(l.Rows[n-1].CreatedAt, l.Rows[n-1].ID)
		}
		return l, store.ShowCustom(ctx, s, store.CustomShow{Kind: recordKind, Names: f.Show}, l.Rows, (*Row).custom)
	})
}

// ways are the sets of quotes that are read each by itself; one where the filter is narrow enough.
func (f Filter) ways(a actor.Actor) []store.Predicate {
	if !f.Party.IsZero() || !f.Opportunity.IsZero() || f.Owner != "" {
		return []store.Predicate{{SQL: "1 = 1"}}
	}
	return store.Ways(a, "quote", shared(a, "quote"))
}

// listed puts filter, order and page on a query.
func (q *Quotes) listed(ctx context.Context, s *store.Session, query *bun.SelectQuery, f Filter) (*bun.SelectQuery, error) {
	var faults fault.List
	for i, state := range f.States {
		if !slices.Contains(States, state) {
			faults.Add("states["+strconv.Itoa(i)+"]", "choice", "%.20q is no state; choose from %v", state, States)
		}
	}
	if !f.From.IsZero() {
		checkDate(&faults, "from", f.From)
	}
	if !f.To.IsZero() {
		checkDate(&faults, "to", f.To)
	}
	if err := faults.Err("the list cannot be shown"); err != nil {
		return nil, err
	}
	query = query.ExcludeColumn("cover", "closing", "addressee", "decision_evidence").
		ColumnExpr("buyer.name AS party_name").Join("JOIN crm_party AS buyer ON buyer.id = quote.party_id")
	if len(f.States) > 0 {
		query = query.Where("quote.state IN (?)", bun.List(f.States))
	}
	if !f.Party.IsZero() {
		family, err := q.config.Parties.In(s).Family(ctx, f.Party)
		if err != nil {
			return nil, err
		}
		query = query.Where("quote.party_id IN (?)", bun.List(family))
	}
	if !f.Opportunity.IsZero() {
		query = query.Where("quote.opportunity_id = ?", f.Opportunity)
	}
	if f.Owner != "" {
		query = query.Where("quote.owner_user = ?", f.Owner)
	}
	zone := q.locale(s).Location()
	if !f.From.IsZero() {
		query = query.Where("quote.created_at >= ?", f.From.Time(zone))
	}
	if !f.To.IsZero() {
		query = query.Where("quote.created_at < ?", f.To.AddDays(1).Time(zone))
	}
	return s.Paged(query, store.Order{Column: "quote.created_at", ID: "quote.id", Desc: true}, f.Page), nil
}
