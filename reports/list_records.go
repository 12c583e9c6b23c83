package reports

import (
	"cmp"
	"context"
	"io"
	"slices"
	"strconv"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/quote"
	"github.com/crmplus/crmplus/reports/kpi"
	"github.com/crmplus/crmplus/reports/workbook"
)

// QuoteList writes the list of quotes as a workbook, the newest first, and their sums by state and currency; versions
// that others took the place of are quotes too, so that only the sums of one state are those of offers. f narrows it as it
// does the screen; its page is not looked at. It needs actor.ReportRead and actor.QuoteRead.
func (r *Reports) QuoteList(ctx context.Context, w io.Writer, quotes *quote.Quotes, f quote.Filter, b FigureBook) error {
	return writeList(ctx, r, w, b, func(l locale.Locale) list[quote.Row] {
		c := columns{l.Language}
		return list[quote.Row]{
			name: "quotes", kind: "quote", right: actor.QuoteRead,
			columns: []column[quote.Row]{
				{c.text("quote_number"), func(q quote.Row) workbook.Value { return workbook.Text(q.Number) }},
				{c.of("revision", workbook.KindInteger), func(q quote.Row) workbook.Value { return workbook.Integer(int64(q.Revision)) }},
				{c.text("party"), func(q quote.Row) workbook.Value { return workbook.Text(q.PartyName) }},
				{c.text("subject"), func(q quote.Row) workbook.Value { return workbook.Text(q.Title) }},
				{c.text("status"), func(q quote.Row) workbook.Value { return workbook.Text(q.State.In(l.Language)) }},
				{c.text("owner"), func(q quote.Row) workbook.Value { return b.Label.of(kpi.Seller, q.OwnerUser) }},
				{c.text("currency"), func(q quote.Row) workbook.Value { return workbook.Text(q.Currency) }},
				{c.money("net_total"), func(q quote.Row) workbook.Value { return workbook.Money(q.Net, q.Currency) }},
				{c.money("vat"), func(q quote.Row) workbook.Value { return workbook.Money(q.VAT, q.Currency) }},
				{c.money("gross_total"), func(q quote.Row) workbook.Value { return workbook.Money(q.Gross, q.Currency) }},
				{c.time("created_at"), func(q quote.Row) workbook.Value { return workbook.DateTime(q.CreatedAt) }},
				{c.date("issued_on"), func(q quote.Row) workbook.Value { return workbook.Date(q.IssuedOn) }},
				{c.date("valid_until"), func(q quote.Row) workbook.Value { return workbook.Date(q.ValidUntil) }},
				{c.time("decided_at"), func(q quote.Row) workbook.Value { return workbook.DateTime(q.DecidedAt) }},
				{c.text("decided_by"), func(q quote.Row) workbook.Value { return workbook.Text(q.DecidedBy) }},
			},
			id: func(q quote.Row) [16]byte { return q.ID },
			read: func(ctx context.Context, s *store.Session, page store.Page) ([]quote.Row, string, error) {
				f.Page, f.Show = page, nil
				found, err := quotes.In(s).List(ctx, f)
				return found.Rows, found.Next, err
			},
			sums: &summary{by: []string{"status", "currency"}, of: []string{"net_total", "vat", "gross_total"}, first: words(quote.States, func(s quote.State) string { return s.In(l.Language) })},
		}
	})
}

func words[Word ~string](all []Word, in func(Word) string) []string {
	out := make([]string, len(all))
	for i, one := range all {
		out[i] = in(one)
	}
	return out
}

// ContactList writes the list of people, or of companies, as a workbook, in the order of their names. f narrows it as it
// does the screen; its page is not looked at. It needs actor.ReportRead and actor.LeadRead.
func (r *Reports) ContactList(ctx context.Context, w io.Writer, parties *party.Parties, f party.ListFilter, b FigureBook) error {
	return writeList(ctx, r, w, b, func(l locale.Locale) list[party.ListRow] {
		c := columns{l.Language}
		return list[party.ListRow]{
			name: "contacts", kind: "party", right: actor.LeadRead, // parties by themselves are for whoever works with them
			columns: []column[party.ListRow]{
				{c.text("name"), func(p party.ListRow) workbook.Value { return workbook.Text(p.DisplayName) }},
				{c.text("organization"), func(p party.ListRow) workbook.Value { return workbook.Text(p.Employer) }},
				{c.text("job_title"), func(p party.ListRow) workbook.Value { return workbook.Text(p.JobTitle) }},
				{c.text("email"), func(p party.ListRow) workbook.Value { return workbook.Text(p.Email) }},
				{c.text("phone"), func(p party.ListRow) workbook.Value { return workbook.Text(p.Phone) }},
				{c.text("mobile"), func(p party.ListRow) workbook.Value { return workbook.Text(p.Mobile) }},
				{c.text("postal_code"), func(p party.ListRow) workbook.Value { return workbook.Text(p.PostalCode) }},
				{c.text("city"), func(p party.ListRow) workbook.Value { return workbook.Text(p.City) }},
				{c.text("address"), func(p party.ListRow) workbook.Value { return workbook.Text(p.Line1) }},
				{c.text("country"), func(p party.ListRow) workbook.Value { return workbook.Text(p.Country) }},
				{c.text("tax_id"), func(p party.ListRow) workbook.Value { return workbook.Text(p.TaxID) }},
				{c.text("customer_key"), func(p party.ListRow) workbook.Value { return workbook.Text(p.HostKey) }},
				{c.text("owner"), func(p party.ListRow) workbook.Value { return b.Label.of(kpi.Seller, p.OwnerUser) }},
				{c.time("created_at"), func(p party.ListRow) workbook.Value { return workbook.DateTime(p.CreatedAt) }},
			},
			id: func(p party.ListRow) [16]byte { return p.ID },
			read: func(ctx context.Context, s *store.Session, page store.Page) ([]party.ListRow, string, error) {
				f.Page, f.Show = page, nil
				found, err := parties.In(s).List(ctx, f)
				return found.Rows, found.Next, err
			},
		}
	})
}

// CustomerPages gives pages of a list of the host's customers.
type CustomerPages func(ctx context.Context, page store.Page) (rows []erpbridge.Customer, next string, err error)

// CustomerList writes a list of the host's customers as a workbook, in the order in which they are given. It needs
// actor.ReportRead and actor.LeadRead.
func (r *Reports) CustomerList(ctx context.Context, w io.Writer, customers CustomerPages, b FigureBook) error {
	return writeList(ctx, r, w, b, func(l locale.Locale) list[erpbridge.Customer] {
		c := columns{l.Language}
		return list[erpbridge.Customer]{
			name: "customers", kind: "customer", right: actor.LeadRead, outside: true,
			columns: []column[erpbridge.Customer]{
				{c.text("name"), func(h erpbridge.Customer) workbook.Value { return workbook.Text(h.Name) }},
				{c.text("customer_key"), func(h erpbridge.Customer) workbook.Value { return workbook.Text(cmp.Or(h.Code, h.Key)) }},
				{c.text("postal_code"), func(h erpbridge.Customer) workbook.Value { return workbook.Text(h.Address.PostalCode) }},
				{c.text("city"), func(h erpbridge.Customer) workbook.Value { return workbook.Text(h.Address.City) }},
				{c.text("address"), func(h erpbridge.Customer) workbook.Value { return workbook.Text(h.Address.Line1) }},
				{c.text("country"), func(h erpbridge.Customer) workbook.Value { return workbook.Text(h.Address.Country) }},
				{c.text("phone"), func(h erpbridge.Customer) workbook.Value { return workbook.Text(h.Phone) }},
				{c.text("email"), func(h erpbridge.Customer) workbook.Value { return workbook.Text(h.Email) }},
				{c.text("tax_id"), func(h erpbridge.Customer) workbook.Value { return workbook.Text(h.TaxID) }},
				{c.text("currency"), func(h erpbridge.Customer) workbook.Value { return workbook.Text(h.Currency) }},
				{c.of("blocked", workbook.KindBool), func(h erpbridge.Customer) workbook.Value { return workbook.Bool(h.Blocked) }},
			},
			read: func(ctx context.Context, _ *store.Session, page store.Page) ([]erpbridge.Customer, string, error) {
				return customers(ctx, page)
			},
		}
	})
}

// LeadQuery says which leads a list has, and in which order.
type LeadQuery struct {
	Filter lead.Filter
	Order  lead.Sort
	// Found are leads that a search found: with them the list has only these, as far as the filter lets them through, and in
	// their order.
	Found []lead.ID
}

// read gives a page of the leads.
func (q LeadQuery) read(ctx context.Context, leads *lead.Leads, page store.Page) ([]lead.Row, string, error) {
	if q.Found == nil {
		found, err := leads.List(ctx, q.Filter, q.Order, page)
		return found.Rows, found.Next, err
	}
	at, _ := strconv.Atoi(page.After)
	end := min(at+page.Size(), len(q.Found))
	if at >= end {
		return nil, "", nil
	}
	q.Filter.Among = q.Found[at:end]
	found, err := leads.List(ctx, q.Filter, q.Order, store.Page{Limit: page.Limit})
	rank := make(map[lead.ID]int, end-at)
	for i, id := range q.Filter.Among {
		rank[id] = i
	}
	slices.SortFunc(found.Rows, func(a, b lead.Row) int { return rank[a.ID] - rank[b.ID] })
	if end == len(q.Found) {
		return found.Rows, "", err
	}
	return found.Rows, strconv.Itoa(end), err
}

// LeadList writes the list of leads as a workbook, and what they are worth by status and currency, narrowed and ordered as
// the screen is. It needs actor.ReportRead and actor.LeadRead.
func (r *Reports) LeadList(ctx context.Context, w io.Writer, leads *lead.Leads, q LeadQuery, b FigureBook) error {
	return writeList(ctx, r, w, b, func(l locale.Locale) list[lead.Row] {
		c := columns{l.Language}
		status := func(s lead.Status) string { return texts.T(l.Language, "status."+string(s)) }
		return list[lead.Row]{
			name: "leads", kind: "lead", right: actor.LeadRead,
			columns: []column[lead.Row]{
				{c.text("name"), func(r lead.Row) workbook.Value { return workbook.Text(r.Name) }},
				{c.text("organization"), func(r lead.Row) workbook.Value { return workbook.Text(r.Organization) }},
				{c.text("status"), func(r lead.Row) workbook.Value { return workbook.Text(status(r.Status)) }},
				{c.text("currency"), func(r lead.Row) workbook.Value { return workbook.Text(r.Currency) }},
				{c.money("value"), func(r lead.Row) workbook.Value {
					if r.ExpectedValue.IsZero() || r.Currency == "" {
						return workbook.Empty()
					}
					return workbook.Money(r.ExpectedValue, r.Currency)
				}},
				{c.text("owner"), func(r lead.Row) workbook.Value { return b.Label.of(kpi.Seller, r.OwnerUser) }},
				{c.text("team"), func(r lead.Row) workbook.Value { return workbook.Text(r.OwnerTeam) }},
				{c.text("source"), func(r lead.Row) workbook.Value { return b.Label.of(kpi.Source, r.Source) }},
				{c.text("campaign"), func(r lead.Row) workbook.Value { return workbook.Text(r.Campaign) }},
				{c.time("arrived_at"), func(r lead.Row) workbook.Value { return workbook.DateTime(r.ArrivedAt) }},
				{c.time("first_response"), func(r lead.Row) workbook.Value { return workbook.DateTime(r.FirstResponseAt) }},
				{c.time("converted_at"), func(r lead.Row) workbook.Value { return workbook.DateTime(r.ConvertedAt) }},
				{c.of("score", workbook.KindInteger), func(r lead.Row) workbook.Value { return workbook.Integer(int64(r.Score)) }},
				{c.text("email"), func(r lead.Row) workbook.Value { return workbook.Text(r.Email) }},
				{c.text("phone"), func(r lead.Row) workbook.Value { return workbook.Text(r.Phone) }},
				{c.text("mobile"), func(r lead.Row) workbook.Value { return workbook.Text(r.Mobile) }},
				{c.text("city"), func(r lead.Row) workbook.Value { return workbook.Text(r.City) }},
				{c.text("interest"), func(r lead.Row) workbook.Value { return workbook.Text(r.Interest) }},
			},
			id: func(r lead.Row) [16]byte { return r.ID },
			read: func(ctx context.Context, s *store.Session, page store.Page) ([]lead.Row, string, error) {
				q.Filter.Show = nil
				return q.read(ctx, leads.In(s), page)
			},
			sums: &summary{by: []string{"status", "currency"}, of: []string{"value"}, first: words(lead.Statuses, status)},
		}
	})
}

// OpportunitySource is where a list of opportunities is read from.
type OpportunitySource struct {
	Opportunities *opportunity.Opportunities
	Activities    *activity.Activities
}

// stageNames are a stage's and its pipeline's.
type stageNames struct {
	ID       opportunity.StageID `bun:"id"`
	Stage    string              `bun:"stage"`
	Pipeline string              `bun:"pipeline"`
}

// OpportunityList writes the list of opportunities as a workbook, and what they are worth by stage and currency. f narrows
// and orders it as it does the screen; its page is not looked at. Next steps are those of the opportunities, and with
// actor.ActivityRead those that activities plan. It needs actor.ReportRead and actor.OpportunityRead.
func (r *Reports) OpportunityList(ctx context.Context, w io.Writer, from OpportunitySource, f opportunity.Filter, b FigureBook) error {
	return writeList(ctx, r, w, b, func(l locale.Locale) list[opportunity.Row] {
		c := columns{l.Language}
		known := map[opportunity.StageID]stageNames{}
		return list[opportunity.Row]{
			name: "opportunities", kind: "opportunity", right: actor.OpportunityRead,
			columns: []column[opportunity.Row]{
				{c.text("title"), func(o opportunity.Row) workbook.Value { return workbook.Text(o.Name) }},
				{c.text("party"), func(o opportunity.Row) workbook.Value { return workbook.Text(o.PartyName) }},
				{c.text("pipeline"), func(o opportunity.Row) workbook.Value { return workbook.Text(known[o.StageID].Pipeline) }},
				{c.text("stage"), func(o opportunity.Row) workbook.Value { return workbook.Text(known[o.StageID].Stage) }},
				{c.text("status"), func(o opportunity.Row) workbook.Value {
					return workbook.Text(texts.T(l.Language, "state."+string(o.State)))
				}},
				{c.text("owner"), func(o opportunity.Row) workbook.Value { return b.Label.of(kpi.Seller, o.OwnerUser) }},
				{c.text("team"), func(o opportunity.Row) workbook.Value { return workbook.Text(o.OwnerTeam) }},
				{c.text("currency"), func(o opportunity.Row) workbook.Value { return workbook.Text(o.Currency) }},
				{c.money("revenue"), func(o opportunity.Row) workbook.Value { return workbook.Money(o.ExpectedRevenue, o.Currency) }},
				{c.percent("chance"), func(o opportunity.Row) workbook.Value { return workbook.Percent(o.Chance) }},
				{c.money("weighted"), func(o opportunity.Row) workbook.Value { return workbook.Money(o.Weighted, o.Currency) }},
				{c.date("expected_close"), func(o opportunity.Row) workbook.Value { return workbook.Date(o.ExpectedClose) }},
				{c.time("stage_since"), func(o opportunity.Row) workbook.Value { return workbook.DateTime(o.StageSince) }},
				{c.time("next_step"), func(o opportunity.Row) workbook.Value { return workbook.DateTime(o.NextStepAt) }},
				{c.text("source"), func(o opportunity.Row) workbook.Value { return b.Label.of(kpi.Source, o.Source) }},
				{c.text("campaign"), func(o opportunity.Row) workbook.Value { return workbook.Text(o.Campaign) }},
				{c.time("created_at"), func(o opportunity.Row) workbook.Value { return workbook.DateTime(o.CreatedAt) }},
				{c.time("closed_at"), func(o opportunity.Row) workbook.Value { return workbook.DateTime(o.ClosedAt) }},
				{c.text("lost_reason"), func(o opportunity.Row) workbook.Value { return b.Label.of(kpi.LostReason, o.LostReason) }},
				{c.text("lost_to"), func(o opportunity.Row) workbook.Value { return workbook.Text(o.LostTo) }},
			},
			id: func(o opportunity.Row) [16]byte { return o.ID },
			read: func(ctx context.Context, s *store.Session, page store.Page) ([]opportunity.Row, string, error) {
				if len(known) == 0 {
					if err := stagesOf(ctx, s, known); err != nil {
						return nil, "", err
					}
				}
				f.Page, f.Show = page, nil
				found, err := from.Opportunities.In(s).List(ctx, f)
				if err == nil && s.Actor.May(actor.ActivityRead) {
					err = PlannedSteps(ctx, from.Activities.Guarded(s), found.Rows)
				}
				return found.Rows, found.Next, err
			},
			sums: &summary{by: []string{"pipeline", "stage", "currency"}, of: []string{"revenue", "weighted"}},
		}
	})
}

// stagesOf reads the names of all stages.
func stagesOf(ctx context.Context, s *store.Session, into map[opportunity.StageID]stageNames) error {
	var rows []stageNames
	err := s.Query(ctx, &rows, store.From[opportunity.Pipeline]("p"), "SELECT st.id, st.name AS stage, p.name AS pipeline FROM crm_pipeline AS p JOIN crm_stage AS st ON st.pipeline_id = p.id WHERE {scope}")
	for _, row := range rows {
		into[row.ID] = row
	}
	return err
}

// PlannedSteps counts a planned activity as the next step of opportunities, where it comes before the one that somebody
// typed. It needs actor.ActivityRead.
func PlannedSteps(ctx context.Context, activities *activity.Activities, rows []opportunity.Row) error {
	ids := make([]activity.OpportunityID, len(rows))
	for i, row := range rows {
		ids[i] = activity.OpportunityID(row.ID)
	}
	steps, err := activities.NextSteps(ctx, ids)
	for i := range rows {
		at := steps[activity.OpportunityID(rows[i].ID)]
		if !at.IsZero() && (rows[i].NextStepAt.IsZero() || at.Before(rows[i].NextStepAt)) {
			rows[i].NextStepAt = at
		}
	}
	return err
}

// ActivityList writes a list of activities as a workbook, the earliest first, and how many there are and how much time they
// took by owner, kind and state. f narrows it as it does the screen; its page is not looked at. It needs actor.ReportRead
// and actor.ActivityRead.
func (r *Reports) ActivityList(ctx context.Context, w io.Writer, activities *activity.Activities, f activity.ListFilter, b FigureBook) error {
	return writeList(ctx, r, w, b, func(l locale.Locale) list[activity.Item] {
		c := columns{l.Language}
		return list[activity.Item]{
			name: "activities", kind: "activity", right: actor.ActivityRead,
			columns: []column[activity.Item]{
				{c.time("at"), func(a activity.Item) workbook.Value { return workbook.DateTime(a.At) }},
				{c.text("kind"), func(a activity.Item) workbook.Value { return workbook.Text(a.Kind.In(l.Language)) }},
				{c.text("status"), func(a activity.Item) workbook.Value { return workbook.Text(a.State.In(l.Language)) }},
				{c.text("direction"), func(a activity.Item) workbook.Value {
					if a.Direction == "" {
						return workbook.Empty()
					}
					return workbook.Text(a.Direction.In(l.Language))
				}},
				{c.text("subject"), func(a activity.Item) workbook.Value { return workbook.Text(a.Subject) }},
				{c.text("party"), func(a activity.Item) workbook.Value { return workbook.Text(a.PartyName) }},
				{c.text("owner"), func(a activity.Item) workbook.Value { return b.Label.of(kpi.Seller, a.OwnerUser) }},
				{c.text("team"), func(a activity.Item) workbook.Value { return workbook.Text(a.OwnerTeam) }},
				{c.count("minutes"), func(a activity.Item) workbook.Value {
					if a.Minutes == 0 {
						return workbook.Empty()
					}
					return workbook.Integer(int64(a.Minutes))
				}},
				{c.time("due_at"), func(a activity.Item) workbook.Value { return workbook.DateTime(a.DueAt) }},
				{c.time("done_at"), func(a activity.Item) workbook.Value { return workbook.DateTime(a.DoneAt) }},
				{c.text("outcome"), func(a activity.Item) workbook.Value { return workbook.Text(a.Outcome) }},
				{c.text("delegated_by"), func(a activity.Item) workbook.Value { return b.Label.of(kpi.Seller, a.DelegatedBy) }},
				{c.of("files", workbook.KindInteger), func(a activity.Item) workbook.Value {
					if len(a.Files) == 0 {
						return workbook.Empty()
					}
					return workbook.Integer(int64(len(a.Files)))
				}},
				{c.text("note"), func(a activity.Item) workbook.Value { return workbook.Text(a.Body) }},
			},
			id: func(a activity.Item) [16]byte { return a.ID },
			read: func(ctx context.Context, s *store.Session, page store.Page) ([]activity.Item, string, error) {
				f.Page = page
				found, err := activities.Guarded(s).List(ctx, f)
				return found.Items, found.Next, err
			},
			sums: &summary{by: []string{"owner", "kind", "status"}, of: []string{"minutes"}},
		}
	})
}
