package opportunity

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// Sort is the order of a list.
type Sort string

// The orders.
const (
	// ByClose: the nearest expected close first; those without a date stand at the end, oldest first.
	ByClose Sort = "close"
	// ByCreated: the newest first.
	ByCreated Sort = "created"
	// ByRevenue: the largest expected revenue first, whatever the currency.
	ByRevenue Sort = "revenue"
	// ByStageSince: the longest in its stage first; it needs the filter Stage.
	ByStageSince Sort = "stage_since"
)

// Filter says which opportunities a list shows; zero fields do not narrow it.
type Filter struct {
	// States defaults to all.
	States   []State
	Pipeline PipelineID
	Stage    StageID
	Owner    string
	// Party takes in the people of a company and parties that were merged into it.
	Party party.ID
	// CloseFrom and CloseTo bound the expected close, both inclusive.
	CloseFrom, CloseTo civil.Date
	// Seller: those that he sells, alone or with others; Team is the owner's.
	Seller, Team string
	Source       string
	// ProductGroup is the host's key of a group that a line is of; Region is as [RegionSQL] has it.
	ProductGroup, Region string
	// StageBefore: those that have stood in their stage since before an instant, which are the stale ones.
	StageBefore time.Time
	// NoNextStep: those without a next step.
	NoNextStep bool
	// Custom narrows by custom fields.
	Custom []store.CustomFilter
	// Show are the names of custom fields whose values the rows carry.
	Show []string
	// Sort defaults to ByClose.
	Sort Sort
	Page store.Page

	own store.CustomSearch // Custom as SQL
}

// Row is one line of a list, or one card of the board.
type Row struct {
	Opportunity
	PartyName string `json:"party_name"`
	// Custom are the values that Filter.Show asked for.
	Custom map[string]any `json:"-"`
}

func (r *Row) custom() ([16]byte, *map[string]any) { return r.ID, &r.Custom }

// Listing is one page of a list.
type Listing struct {
	Rows []Row `json:"rows"`
	// Next asks for the page behind this one; "" where there is none.
	Next string `json:"next,omitempty"`
}

// List reads one page of the opportunities that the actor may see.
func (o *Opportunities) List(ctx context.Context, f Filter) (Listing, error) {
	return store.Read(ctx, o.db, actor.OpportunityRead, func(ctx context.Context, s *store.Session) (Listing, error) {
		if err := f.check(); err != nil {
			return Listing{}, err
		}
		var parties []party.ID
		var err error
		if f.own, err = s.CustomWhere(ctx, recordKind, "opportunity.id", f.Custom); err != nil {
			return Listing{}, err
		}
		if !f.Party.IsZero() {
			if parties, err = o.parties(s).Family(ctx, f.Party); err != nil {
				return Listing{}, err
			}
		}
		found, err := f.list(ctx, s, parties)
		if err != nil {
			return Listing{}, err
		}
		return found, store.ShowCustom(ctx, s, store.CustomShow{Kind: recordKind, Names: f.Show}, found.Rows, (*Row).custom)
	})
}

func (f *Filter) check() error {
	var faults fault.List
	if f.Sort == "" {
		f.Sort = ByClose
	}
	if len(f.States) == 0 {
		f.States = []State{Open, Won, Lost}
	}
	f.States = slices.Compact(slices.Sorted(slices.Values(f.States)))
	for i, st := range f.States {
		if st != Open && st != Won && st != Lost {
			faults.Add("states"+index(i), "choice", "%q is no state; choose open, won or lost", st)
		}
	}
	switch f.Sort {
	case ByClose, ByCreated, ByRevenue:
	case ByStageSince:
		if f.Stage.IsZero() {
			faults.Add("stage", "required", "is missing; this order is that of one stage")
		}
	default:
		faults.Add("sort", "choice", "%q is no order; choose close, created, revenue or stage_since", f.Sort)
	}
	return faults.Err("the list cannot be shown")
}

// Marks of a page link: which part of a list by expected close it leads to.
const (
	dated   = "d"
	undated = "u"
)

func (f Filter) list(ctx context.Context, s *store.Session, parties []party.ID) (Listing, error) {
	if !f.Stage.IsZero() && f.Pipeline.IsZero() {
		var st Stage
		if err := s.Get(ctx, &st, f.Stage); err != nil {
			return Listing{}, err
		}
		f.Pipeline = st.PipelineID // the indexes of stages begin with it
	}
	switch f.Sort {
	case ByCreated:
		return f.page(ctx, s, parties, part{order: store.Order{Column: "opportunity.created_at", ID: "opportunity.id", Desc: true}, value: createdAt})
	case ByStageSince:
		return f.page(ctx, s, parties, part{order: store.Order{Column: "opportunity.stage_since", ID: "opportunity.id"}, value: stageSince})
	case ByRevenue:
		return f.page(ctx, s, parties, part{order: store.Order{Column: "opportunity.expected_revenue", ID: "opportunity.id", Desc: true}, value: revenueOf, byState: true})
	}
	return f.byClose(ctx, s, parties)
}

// byClose is two lists, one behind the other: a column that may be NULL has no order that both
// databases share.
func (f Filter) byClose(ctx context.Context, s *store.Session, parties []party.ID) (Listing, error) {
	size := f.Page.Size()
	mark, after := dated, ""
	if f.Page.After != "" {
		mark, after = f.Page.After[:1], f.Page.After[1:]
	}
	var l Listing
	if mark == dated {
		f.Page = store.Page{After: after, Limit: size}
		var err error
		l, err = f.page(ctx, s, parties, part{
			mark: dated, where: "opportunity.expected_close IS NOT NULL", byState: true,
			order: store.Order{Column: "opportunity.expected_close", ID: "opportunity.id"}, value: closeDate,
		})
		if err != nil || len(l.Rows) == size || !f.CloseFrom.IsZero() || !f.CloseTo.IsZero() {
			return l, err
		}
		after = ""
	}
	f.Page = store.Page{After: after, Limit: size - len(l.Rows)}
	rest, err := f.page(ctx, s, parties, part{
		mark: undated, where: "opportunity.expected_close IS NULL", byState: true, // each state as they came, by their ids
		order: store.Order{Column: "opportunity.state", ID: "opportunity.id"}, value: stateOf,
	})
	return Listing{append(l.Rows, rest.Rows...), rest.Next}, err
}

// part is an ordered piece of a list.
type part struct {
	mark  string
	where string
	order store.Order
	value func(Opportunity) any
	// byState reads each state by itself and merges, because the index of the order begins with the
	// state; so each of them is a seek.
	byState bool
}

func createdAt(o Opportunity) any  { return o.CreatedAt }
func stateOf(o Opportunity) any    { return string(o.State) }
func stageSince(o Opportunity) any { return o.StageSince }
func closeDate(o Opportunity) any  { return o.ExpectedClose.String() }
func revenueOf(o Opportunity) any {
	n, _ := o.ExpectedRevenue.Scaled() // it came from the database
	return n
}

func (f Filter) page(ctx context.Context, s *store.Session, parties []party.ID, p part) (Listing, error) {
	groups := [][]State{f.States}
	if p.byState {
		groups = slices.Collect(slices.Chunk(f.States, 1))
	}
	ways, first := []store.Predicate{{SQL: "1 = 1"}}, ""
	switch {
	case f.own.First.SQL != "": // few have the value: they are read, whoever sees them
		ways, first, groups = []store.Predicate{f.own.First}, store.CustomFirst+" CROSS JOIN ", [][]State{f.States}
	case f.Owner == "" && len(parties) == 0: // else those few are read, whoever sees them
		ways = store.Ways(s.Actor, "opportunity", sold(s.Actor, "opportunity"))
	}
	paged, err := s.PagedSQL(p.order, f.Page)
	if err != nil {
		return Listing{}, err
	}
	source := store.From[Opportunity]("opportunity")
	text := "SELECT " + s.Columns(source) + " FROM " + first + "crm_opportunity AS opportunity WHERE {scope} AND "
	var found []Opportunity
	for _, way := range ways {
		for _, states := range groups {
			where := f.narrow(s.Dialect(), parties, states)
			if p.where != "" {
				where.SQL += " AND " + p.where
			}
			var rows []Opportunity
			args := slices.Concat(way.Args, where.Args, paged.Args)
			if err := s.Query(ctx, &rows, source, text+way.SQL+where.SQL+paged.SQL, args...); err != nil {
				return Listing{}, err
			}
			found = append(found, rows...)
		}
	}
	if len(groups)*len(ways) > 1 {
		slices.SortFunc(found, p.compare)
		found = slices.CompactFunc(found, func(a, b Opportunity) bool { return a.ID == b.ID })
		found = found[:min(len(found), f.Page.Size())]
	}
	var l Listing
	if n := len(found); n == f.Page.Size() {
		l.Next = p.mark + store.Cursor(p.value(found[n-1]), found[n-1].ID)
	}
	l.Rows, err = withNames(ctx, s, found)
	return l, err
}

// RegionSQL is the SQL of where the customer of an opportunity is: the region of its address, its country where that names
// none, as bytes, so that both databases group and compare alike.
func RegionSQL(d store.Dialect, alias string) string {
	exact := ""
	if d == store.MSSQL {
		exact = " COLLATE Latin1_General_100_BIN2"
	}
	return "(SELECT CASE WHEN home.region <> '' THEN home.region" + exact + " ELSE home.country" + exact + " END FROM crm_party AS home WHERE home.id = " + alias + ".party_id)"
}

// narrow is what the filter asks of a row, as text behind another condition.
func (f Filter) narrow(d store.Dialect, parties []party.ID, states []State) store.Predicate {
	var p store.Predicate
	and := func(text string, args ...any) {
		p.SQL += " AND opportunity." + text
		p.Args = append(p.Args, args...)
	}
	and("state IN ("+store.In(len(states))+")", anyOf(states)...)
	if !f.Pipeline.IsZero() {
		and("pipeline_id = ?", f.Pipeline)
	}
	if !f.Stage.IsZero() {
		and("stage_id = ?", f.Stage)
	}
	if f.Owner != "" {
		and("owner_user = ?", f.Owner)
	}
	if len(parties) > 0 {
		and("party_id IN ("+store.In(len(parties))+")", anyOf(parties)...)
	}
	if !f.StageBefore.IsZero() {
		and("stage_since < ?", f.StageBefore)
	}
	if f.NoNextStep {
		and("next_step_at IS NULL")
	}
	if !f.CloseFrom.IsZero() {
		and("expected_close >= ?", f.CloseFrom)
	}
	if !f.CloseTo.IsZero() {
		and("expected_close <= ?", f.CloseTo)
	}
	if f.Team != "" {
		and("owner_team = ?", f.Team)
	}
	if f.Source != "" {
		and("source = ?", f.Source)
	}
	for _, one := range []struct{ text, value string }{
		{"EXISTS (SELECT 1 FROM crm_opportunity_seller AS part WHERE part.opportunity_id = opportunity.id AND part.user_id = ?)", f.Seller},
		{"EXISTS (SELECT 1 FROM crm_opportunity_line AS line WHERE line.opportunity_id = opportunity.id AND line.product_group = ?)", f.ProductGroup},
		{RegionSQL(d, "opportunity") + " = ?", f.Region},
	} {
		if one.value != "" {
			p.SQL, p.Args = p.SQL+" AND "+one.text, append(p.Args, one.value)
		}
	}
	p.SQL, p.Args = p.SQL+f.own.SQL, append(p.Args, f.own.Args...)
	return p
}

func anyOf[V any](values []V) []any {
	out := make([]any, len(values))
	for i, v := range values {
		out[i] = v
	}
	return out
}

// compare orders rows as the database does.
func (p part) compare(a, b Opportunity) int {
	var c int
	switch x := p.value(a).(type) {
	case string:
		c = strings.Compare(x, p.value(b).(string))
	case int64:
		c = cmp.Compare(x, p.value(b).(int64))
	case time.Time:
		c = x.Compare(p.value(b).(time.Time))
	}
	if c == 0 {
		c = slices.Compare(a.ID[:], b.ID[:])
	}
	if p.order.Desc {
		return -c
	}
	return c
}

func withNames(ctx context.Context, s *store.Session, found []Opportunity) ([]Row, error) {
	ids := make([]party.ID, len(found))
	for i, o := range found {
		ids[i] = o.PartyID
	}
	names, err := partyNames(ctx, s, ids)
	if err != nil {
		return nil, err
	}
	rows := make([]Row, len(found))
	for i, o := range found {
		rows[i] = Row{Opportunity: o, PartyName: names[o.PartyID]}
	}
	return rows, nil
}
