package reports

import (
	"context"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/reports/forecast"
	"github.com/crmplus/crmplus/reports/kpi"
	"github.com/crmplus/crmplus/reports/workbook"
)

// stageRow is one stage of one pipeline in one currency.
type stageRow struct {
	Pipeline string       `bun:"pipeline"`
	Stage    string       `bun:"stage"`
	Currency string       `bun:"currency"`
	Deals    int64        `bun:"deals"`
	Revenue  money.Amount `bun:"revenue"`
	Weighted money.Amount `bun:"weighted"`
}

// pipeline sums up the open opportunities by stage and currency. Revenue is the expected revenue,
// weighted the same times the chance. They are formulas over the sheet of the open ones.
func pipeline(l locale.Locale) table {
	c, open := columns{l.Language}, openDeals(l, nil, kpi.Filter{}).behind()
	return table{
		name: texts.T(l.Language, "sheet.pipeline"),
		columns: []workbook.Column{
			c.text("pipeline"), c.text("stage"), c.text("currency"), c.count("deals"),
			c.money("revenue"), c.money("weighted"),
		},
		charts: []workbook.Chart{{Kind: workbook.FunnelChart, Title: texts.T(l.Language, "chart.pipeline"), Category: "stage", Values: []string{"deals"}}},
		rows: func(ctx context.Context, s *store.Session, each func(...workbook.Value) error) error {
			var rows []stageRow
			err := s.Query(ctx, &rows, store.From[opportunity.Opportunity]("o"), `SELECT p.name AS pipeline, st.name AS stage, sums.currency, sums.deals, sums.revenue, sums.weighted
FROM (SELECT o.stage_id, o.currency, COUNT(*) AS deals, SUM(o.expected_revenue) AS revenue, SUM(o.weighted) AS weighted
	FROM crm_opportunity AS o WHERE {scope} AND o.state = 'open' GROUP BY o.stage_id, o.currency) AS sums
JOIN crm_stage AS st ON st.id = sums.stage_id JOIN crm_pipeline AS p ON p.id = st.pipeline_id
ORDER BY p.position, p.id, st.position, st.id, sums.currency`)
			if err != nil {
				return err
			}
			var all int64
			names := map[string]int{}
			for _, r := range rows {
				all += r.Deals
				names[strings.ToLower(strings.Join([]string{r.Pipeline, r.Stage, r.Currency}, "\x00"))]++
			}
			for i, r := range rows {
				deals, revenue, weighted := workbook.Integer(r.Deals), workbook.Money(r.Revenue, r.Currency), workbook.Money(r.Weighted, r.Currency)
				alone := names[strings.ToLower(strings.Join([]string{r.Pipeline, r.Stage, r.Currency}, "\x00"))] == 1
				if alone && all <= mostBehind && comparable(r.Pipeline, r.Stage, r.Currency) {
					here := []when{{"pipeline", "=", cellAt(0, i)}, {"stage", "=", cellAt(1, i)}, {"currency", "=", cellAt(2, i)}}
					deals, revenue, weighted = open.count(deals, here...), open.sum(revenue, "revenue", here...), open.sum(weighted, "weighted", here...)
				}
				err := each(workbook.Text(r.Pipeline), workbook.Text(r.Stage), workbook.Text(r.Currency), deals, revenue, weighted)
				if err != nil {
					return err
				}
			}
			return nil
		},
	}
}

// dealRow is an opportunity with the names that people know it by.
type dealRow struct {
	ID            opportunity.ID `bun:"id"`
	Name          string         `bun:"name"`
	Party         string         `bun:"party_name"`
	Pipeline      string         `bun:"pipeline_name"`
	Stage         string         `bun:"stage_name"`
	Owner         string         `bun:"owner_user"`
	Chance        money.Percent  `bun:"chance"`
	Revenue       money.Amount   `bun:"expected_revenue"`
	Weighted      money.Amount   `bun:"weighted"`
	Currency      string         `bun:"currency"`
	ExpectedClose civil.Date     `bun:"expected_close"`
	State         string         `bun:"state"`
	CreatedAt     time.Time      `bun:"created_at"`
	ClosedAt      time.Time      `bun:"closed_at"`
	LostReason    string         `bun:"lost_reason"`
	LostTo        string         `bun:"lost_to"`
}

func (r dealRow) key() [16]byte { return r.ID }

const dealQuery = `SELECT o.id, o.name, p.name AS party_name, pi.name AS pipeline_name, st.name AS stage_name, o.owner_user, o.chance, o.expected_revenue, o.weighted,
	o.currency, o.expected_close, o.state, o.created_at, o.closed_at, o.lost_reason, o.lost_to
FROM crm_opportunity AS o JOIN crm_party AS p ON p.id = o.party_id JOIN crm_stage AS st ON st.id = o.stage_id JOIN crm_pipeline AS pi ON pi.id = st.pipeline_id
WHERE {scope}`

// openDeals lists the open opportunities of a filter, oldest first.
func openDeals(l locale.Locale, names Labels, of kpi.Filter) table {
	c, own := columns{l.Language}, &own{kind: "opportunity", locale: l}
	return table{
		own:  own,
		name: texts.T(l.Language, "sheet.open"),
		columns: []workbook.Column{
			c.text("name"), c.text("party"), c.text("pipeline"), c.text("stage"), c.text("owner"), c.percent("chance"), c.text("currency"),
			c.money("revenue"), c.money("weighted"), c.date("expected_close"), c.time("created_at"),
		},
		rows: func(ctx context.Context, s *store.Session, each func(...workbook.Value) error) error {
			order := store.Order{Column: "o.created_at", ID: "o.id"}
			key := func(r dealRow) string { return store.Cursor(r.CreatedAt, r.ID) }
			only, err := forecast.Behind(ctx, s, of)
			if err != nil {
				return err
			}
			return pages(ctx, s, paging[dealRow]{store.From[opportunity.Opportunity]("o"), dealQuery + " AND o.state = 'open'" + only.SQL, only.Args, order, key, own}, func(r dealRow) error {
				return each(own.behind(r.ID, workbook.Text(r.Name), workbook.Text(r.Party), workbook.Text(r.Pipeline), workbook.Text(r.Stage), names.of(kpi.Seller, r.Owner),
					workbook.Percent(r.Chance), workbook.Text(r.Currency), workbook.Money(r.Revenue, r.Currency),
					workbook.Money(r.Weighted, r.Currency), workbook.Date(r.ExpectedClose), workbook.DateTime(r.CreatedAt))...)
			})
		},
	}
}

// closedDeals lists the opportunities that were won or lost in the period, in the order of their
// closing.
func closedDeals(l locale.Locale, p Period, names Labels) table {
	c, own := columns{l.Language}, &own{kind: "opportunity", locale: l}
	return table{
		own:  own,
		name: texts.T(l.Language, "sheet.closed"),
		columns: []workbook.Column{
			c.time("closed_at"), c.text("state"), c.text("name"), c.text("party"), c.text("owner"), c.text("currency"), c.money("revenue"),
			c.text("lost_reason"), c.text("lost_to"), c.time("created_at"),
		},
		rows: func(ctx context.Context, s *store.Session, each func(...workbook.Value) error) error {
			order := store.Order{Column: "o.closed_at", ID: "o.id"}
			key := func(r dealRow) string { return store.Cursor(r.ClosedAt, r.ID) }
			within := p.where("o.closed_at")
			query := dealQuery + " AND o.closed_at IS NOT NULL" + within.SQL
			return pages(ctx, s, paging[dealRow]{store.From[opportunity.Opportunity]("o"), query, within.Args, order, key, own}, func(r dealRow) error {
				return each(own.behind(r.ID, workbook.DateTime(r.ClosedAt), workbook.Text(texts.T(l.Language, "state."+r.State)), workbook.Text(r.Name),
					workbook.Text(r.Party), names.of(kpi.Seller, r.Owner), workbook.Text(r.Currency), workbook.Money(r.Revenue, r.Currency),
					names.of(kpi.LostReason, r.LostReason), workbook.Text(r.LostTo), workbook.DateTime(r.CreatedAt))...)
			})
		},
	}
}

// leadRow is a lead with the data of its party.
type leadRow struct {
	ID            lead.ID      `bun:"id"`
	Name          string       `bun:"name"`
	Organization  string       `bun:"organization"`
	Email         string       `bun:"email"`
	Phone         string       `bun:"phone"`
	City          string       `bun:"city"`
	Country       string       `bun:"country"`
	Status        string       `bun:"status"`
	Source        string       `bun:"source"`
	Campaign      string       `bun:"campaign"`
	Owner         string       `bun:"owner_user"`
	Score         int64        `bun:"score"`
	Value         money.Amount `bun:"expected_value"`
	Currency      string       `bun:"currency"`
	ArrivedAt     time.Time    `bun:"arrived_at"`
	FirstResponse time.Time    `bun:"first_response_at"`
	ConvertedAt   time.Time    `bun:"converted_at"`
}

func (r leadRow) key() [16]byte { return r.ID }

const leadQuery = `SELECT l.id, p.name, l.organization, p.email, p.phone, p.city, p.country, l.status, l.source, l.campaign, l.owner_user, l.score,
	l.expected_value, l.currency, l.arrived_at, l.first_response_at, l.converted_at
FROM crm_lead AS l JOIN crm_party AS p ON p.id = l.party_id
WHERE {scope} AND l.merged_into IS NULL`

// leads lists the leads that arrived in the period, in the order of their arrival.
func leads(l locale.Locale, p Period, names Labels) table {
	c, own := columns{l.Language}, &own{kind: "lead", locale: l}
	return table{
		own:  own,
		name: texts.T(l.Language, "sheet.leads"),
		columns: []workbook.Column{
			c.time("arrived_at"), c.text("name"), c.text("organization"), c.text("email"), c.text("phone"), c.text("city"), c.text("country"),
			c.text("status"), c.text("source"), c.text("campaign"), c.text("owner"), c.text("currency"), c.money("value"),
			c.time("first_response"), c.time("converted_at"),
		},
		rows: func(ctx context.Context, s *store.Session, each func(...workbook.Value) error) error {
			order := store.Order{Column: "l.arrived_at", ID: "l.id"}
			key := func(r leadRow) string { return store.Cursor(r.ArrivedAt, r.ID) }
			within := p.where("l.arrived_at")
			return pages(ctx, s, paging[leadRow]{store.From[lead.Lead]("l"), leadQuery + within.SQL, within.Args, order, key, own}, func(r leadRow) error {
				value := workbook.Empty()
				if !r.Value.IsZero() && r.Currency != "" {
					value = workbook.Money(r.Value, r.Currency)
				}
				return each(own.behind(r.ID, workbook.DateTime(r.ArrivedAt), workbook.Text(r.Name), workbook.Text(r.Organization), workbook.Text(r.Email),
					workbook.Text(r.Phone), workbook.Text(r.City), workbook.Text(r.Country), workbook.Text(texts.T(l.Language, "status."+r.Status)),
					names.of(kpi.Source, r.Source), workbook.Text(r.Campaign), names.of(kpi.Seller, r.Owner), workbook.Text(r.Currency), value,
					workbook.DateTime(r.FirstResponse), workbook.DateTime(r.ConvertedAt))...)
			})
		},
	}
}

// columns makes columns with headings in one language.
type columns struct{ language locale.Language }

func (c columns) of(key string, kind workbook.Kind) workbook.Column {
	return workbook.Column{Key: key, Heading: texts.T(c.language, "column."+key), Kind: kind}
}

func (c columns) text(key string) workbook.Column    { return c.of(key, workbook.KindText) }
func (c columns) date(key string) workbook.Column    { return c.of(key, workbook.KindDate) }
func (c columns) time(key string) workbook.Column    { return c.of(key, workbook.KindDateTime) }
func (c columns) percent(key string) workbook.Column { return c.of(key, workbook.KindPercent) }

func (c columns) count(key string) workbook.Column {
	col := c.of(key, workbook.KindInteger)
	col.Total = workbook.Sum
	return col
}

// money is a column of amounts in the currency of the column "currency", summed up per currency.
func (c columns) money(key string) workbook.Column {
	col := c.of(key, workbook.KindMoney)
	col.CurrencyColumn, col.Total = "currency", workbook.Sum
	return col
}
