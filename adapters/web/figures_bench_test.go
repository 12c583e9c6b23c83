package web

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/scoring"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/reports/kpi"
	"github.com/crmplus/crmplus/reports/quantity"
	"github.com/crmplus/crmplus/reports/receipt"
	"github.com/crmplus/crmplus/testutil"
)

// bareFigures are key figures as somebody would ask the database for them by hand: of all records of the company, in
// one period, without currencies, shares and rights. $1 to $3 are the company and the period, $4 is where the one before begins.
var bareFigures = map[kpi.Code]string{
	kpi.Meetings:       "SELECT COUNT(*) FROM crm_activity WHERE company = $1 AND is_open = 0 AND at >= $2 AND at < $3 AND kind = 'meeting' AND state = 'done'",
	kpi.Calls:          "SELECT COUNT(*) FROM crm_activity WHERE company = $1 AND is_open = 0 AND at >= $2 AND at < $3 AND kind = 'call' AND state = 'done'",
	kpi.Leads:          "SELECT COUNT(*) FROM crm_lead WHERE company = $1 AND arrived_at >= $2 AND arrived_at < $3 AND merged_into IS NULL",
	kpi.LeadConversion: "SELECT SUM(CASE WHEN converted_at IS NOT NULL OR EXISTS (SELECT 1 FROM crm_opportunity AS o WHERE o.lead_id = l.id) THEN 1 ELSE 0 END) FROM crm_lead AS l WHERE company = $1 AND arrived_at >= $2 AND arrived_at < $3 AND merged_into IS NULL",
	kpi.ResponseTime:   "SELECT AVG(UNIXEPOCH(first_response_at) - UNIXEPOCH(arrived_at)) FROM crm_lead WHERE company = $1 AND arrived_at >= $2 AND arrived_at < $3 AND merged_into IS NULL AND first_response_at > arrived_at",
	kpi.DealsCreated:   "SELECT COUNT(*) FROM crm_opportunity WHERE company = $1 AND created_at >= $2 AND created_at < $3",
	kpi.DealsWon:       "SELECT COUNT(*) FROM crm_opportunity WHERE company = $1 AND closed_at >= $2 AND closed_at < $3 AND state = 'won'",
	kpi.WinRate:        "SELECT state, COUNT(*) FROM crm_opportunity WHERE company = $1 AND closed_at >= $2 AND closed_at < $3 GROUP BY state",
	kpi.Revenue:        "SELECT SUM(expected_revenue) FROM crm_opportunity WHERE company = $1 AND closed_at >= $2 AND closed_at < $3 AND state = 'won'",
	kpi.AverageDeal:    "SELECT AVG(expected_revenue) FROM crm_opportunity WHERE company = $1 AND closed_at >= $2 AND closed_at < $3 AND state = 'won'",
	kpi.AverageDiscount: "SELECT SUM(l.quantity / 1000000 * l.unit_price), SUM(l.amount) FROM crm_opportunity AS o JOIN crm_opportunity_line AS l ON l.opportunity_id = o.id" +
		" WHERE o.company = $1 AND o.closed_at >= $2 AND o.closed_at < $3 AND o.state = 'won'",
	kpi.WorkTime: "SELECT SUM(a.minutes) FROM crm_opportunity AS o CROSS JOIN crm_activity AS a ON a.company = o.company AND a.opportunity_id = o.id AND a.is_open = 0" +
		" WHERE o.company = $1 AND o.closed_at >= $2 AND o.closed_at < $3 AND o.state = 'won' AND a.state = 'done'",
	kpi.SalesCycle: "SELECT AVG(UNIXEPOCH(closed_at) - UNIXEPOCH(created_at)) FROM crm_opportunity WHERE company = $1 AND closed_at >= $2 AND closed_at < $3 AND state = 'won'",
	kpi.StageTime: "SELECT AVG(m.seconds) FROM crm_stage_move AS m JOIN crm_opportunity AS o ON o.id = m.opportunity_id" +
		" WHERE m.company = $1 AND m.moved_at >= $2 AND m.moved_at < $3 AND m.from_stage IS NOT NULL",
	kpi.Funnel: "SELECT COUNT(DISTINCT m.opportunity_id) FROM crm_stage_move AS m JOIN crm_opportunity AS o ON o.id = m.opportunity_id" +
		" WHERE m.company = $1 AND m.moved_at >= $2 AND m.moved_at < $3",
	kpi.DealsLost:    "SELECT COUNT(*) FROM crm_opportunity WHERE company = $1 AND closed_at >= $2 AND closed_at < $3 AND state = 'lost'",
	kpi.WinRateValue: "SELECT state, SUM(expected_revenue) FROM crm_opportunity WHERE company = $1 AND closed_at >= $2 AND closed_at < $3 GROUP BY state",
	kpi.Margin: "SELECT SUM(l.amount - l.quantity / 1000000 * c.unit_cost) FROM crm_opportunity AS o JOIN crm_opportunity_line AS l ON l.opportunity_id = o.id JOIN crm_line_cost AS c ON c.line_id = l.id" +
		" WHERE o.company = $1 AND o.closed_at >= $2 AND o.closed_at < $3 AND o.state = 'won' AND c.known = 1",
	kpi.CompetitorWinRate: "SELECT state, COUNT(*) FROM crm_opportunity AS o WHERE company = $1 AND closed_at >= $2 AND closed_at < $3" +
		" AND EXISTS (SELECT 1 FROM crm_competitor AS c WHERE c.opportunity_id = o.id) GROUP BY state",
	kpi.CampaignRevenue: "SELECT SUM(expected_revenue) FROM crm_opportunity WHERE company = $1 AND closed_at >= $2 AND closed_at < $3 AND state = 'won' AND campaign <> ''",
	kpi.CampaignReturn: "SELECT (SELECT SUM(expected_revenue) FROM crm_opportunity WHERE company = $1 AND closed_at >= $2 AND closed_at < $3 AND state = 'won' AND campaign <> '')," +
		" (SELECT SUM(c.cost_each * n.sent + c.cost_fixed) FROM crm_campaign AS c JOIN crm_campaign_count AS n ON n.campaign_id = c.id WHERE c.company = $1 AND c.started_at >= $2 AND c.started_at < $3)",
	kpi.RegulationsKept:   "SELECT state, COUNT(*) FROM crm_clock WHERE company = $1 AND kind = 'regulation' AND state IN ('kept', 'missed') AND due_at >= $2 AND due_at < $3 GROUP BY state",
	kpi.CustomerRetention: bareRetention, kpi.CustomerChurn: bareRetention,
	kpi.RevenueChurn: "SELECT SUM(before), SUM(CASE WHEN again = 0 THEN before ELSE 0 END) FROM (SELECT SUM(CASE WHEN o.closed_at < $2 THEN o.expected_revenue ELSE 0 END) AS before, MAX(o.closed_at >= $2) AS again" +
		" FROM crm_opportunity AS o JOIN crm_party AS p ON p.id = o.party_id WHERE o.company = $1 AND o.state = 'won' AND o.closed_at >= $4 AND o.closed_at < $3 GROUP BY COALESCE(p.merged_into, p.id))",
	kpi.OrderRetention: bareOrders, kpi.OrderChurn: bareOrders, kpi.OrderRevenueChurn: bareOrders, kpi.NetRevenueRetention: bareOrders,
	kpi.LostReasons: "SELECT COUNT(*) FROM crm_opportunity WHERE company = $1 AND closed_at >= $2 AND closed_at < $3 AND state = 'lost'",
}

const bareRetention = "SELECT COUNT(*), SUM(again) FROM (SELECT MIN(o.closed_at >= $2) AS fresh, MAX(o.closed_at >= $2) AS again FROM crm_opportunity AS o JOIN crm_party AS p ON p.id = o.party_id" +
	" WHERE o.company = $1 AND o.state = 'won' AND o.closed_at >= $4 AND o.closed_at < $3 GROUP BY COALESCE(p.merged_into, p.id)) WHERE fresh = 0"

// bareOrders is who ordered again, from what each customer ordered by month; it takes first days of months.
const bareOrders = "SELECT SUM(was <> 0), SUM(CASE WHEN was <> 0 THEN later END), SUM(was), SUM(CASE WHEN later = 0 THEN was END), SUM(CASE WHEN was <> 0 THEN net END) FROM (SELECT SUM(CASE WHEN month < $2 THEN net ELSE 0 END) AS was," +
	" SUM(CASE WHEN month >= $2 THEN net ELSE 0 END) AS net, MAX(month >= $2) AS later FROM crm_bought_month WHERE company = $1 AND month >= $4 AND month < $3 GROUP BY customer)"

// BenchmarkFigures measures sales figures in a large company (CRMPLUS_BENCH_ROWS leads, a tenth of that in opportunities,
// twice that in activities, five times that in lines of the host's orders; CRMPLUS_BENCH_FILE as in BenchmarkScreens):
// each key figure of a year beside its bare SQL, the dashboard of eight, the card of a customer with fifty orders, and
// leads scored again beside bare updates. SQLite only.
func BenchmarkFigures(b *testing.B) {
	w := openLoadWorld(b, testutil.SQLite(b), loadRows(b))
	w.history()
	w.details()
	w.bought()
	w.server = httptest.NewServer(w.screens.handler())
	b.Cleanup(w.server.Close)
	today := civil.Of(w.db.Now())
	period := kpi.Period{First: today.AddDays(-365), Last: today.AddDays(-1)}
	for _, d := range kpi.Definitions() {
		bare, known := bareFigures[d.Code]
		if !known {
			b.Errorf("%s has no bare SQL to be measured against", d.Code)
			continue
		}
		from, to, q := any(w.db.Now().AddDate(0, 0, -365)), any(w.db.Now()), kpi.Query{Period: period}
		before := any(w.db.Now().AddDate(0, 0, -730))
		if d.Of == kpi.CustomerKind { // twelve months, with the running one
			q.Period = kpi.Months(today.AddDays(-335), 12, 1)[0]
			from, to, before = q.Period.First, q.Period.Last.AddDays(1), q.Period.Before().First
		}
		b.Run(string(d.Code), func(b *testing.B) {
			beside(b, func() {
				_, err := w.module.KPIs.Recounting().Figure(w.as(9), d.Code, q)
				w.must(err)
			}, func() {
				asked := []any{w.company, from, to}
				if strings.Contains(bare, "$4") {
					asked = append(asked, before)
				}
				w.must(drain(w.db.SQL().QueryContext(b.Context(), bare, asked...)))
			})
		})
	}
	b.Run("dashboard", func(b *testing.B) { w.page(b, "/crm/dashboard", func() {}) })
	b.Run("dashboard-live", func(b *testing.B) { // a lead is answered and a deal is changed before each load
		now := w.db.Now().AddDate(0, -1, 0)
		w.page(b, "/crm/dashboard", func() {
			for _, text := range []string{"UPDATE crm_lead SET owner_team = owner_team WHERE id = (SELECT id FROM crm_lead WHERE company = $1 AND arrived_at > $2 LIMIT 1)",
				"UPDATE crm_opportunity SET owner_team = owner_team WHERE id = (SELECT id FROM crm_opportunity WHERE company = $1 AND closed_at > $2 LIMIT 1)"} {
				_, err := w.db.SQL().Exec(text, w.company, now)
				w.must(err)
			}
		})
	})
	b.Run("quantity", func(b *testing.B) {
		for b.Loop() {
			_, err := w.module.Quantities.Table(w.as(9), quantity.Query{})
			w.must(err)
		}
	})
	b.Run("receipt", func(b *testing.B) {
		for b.Loop() {
			_, err := w.module.Receipts.Table(w.as(9), receipt.Query{})
			w.must(err)
		}
	})
	b.Run("customer", func(b *testing.B) { w.page(b, "/crm/customers/"+w.customer(), func() {}) })
	b.Run("scores", w.rescored)
}

// drain reads rows to their end.
func drain(rows *sql.Rows, err error) error {
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() { //nolint:revive // stepping is the work
	}
	return rows.Err()
}

// beside runs ours and a bare limit in turns, so that whatever else the machine does slows both, and reports their
// medians.
func beside(b *testing.B, ours, bare func()) {
	var took [2][]float64
	run := func(n int, f func()) {
		start := time.Now()
		f()
		took[n] = append(took[n], float64(time.Since(start).Microseconds())/1000)
	}
	ours()
	bare()
	for b.Loop() {
		run(0, ours)
		run(1, bare)
	}
	var median [2]float64
	for n := range took {
		slices.Sort(took[n])
		median[n] = took[n][len(took[n])/2]
	}
	b.ReportMetric(median[0], "ours-ms")
	b.ReportMetric(median[1], "bare-ms")
	b.ReportMetric(median[0]/median[1], "ratio")
}

// page reports the first and the median load of a page; before is what happens ahead of each.
func (w *loadWorld) page(b *testing.B, path string, before func()) {
	client := &http.Client{}
	var took []float64
	for b.Loop() {
		before()
		r, err := http.NewRequestWithContext(b.Context(), http.MethodGet, w.server.URL+path, nil)
		w.must(err)
		r.AddCookie(&http.Cookie{Name: "clerk", Value: "9"})
		start := time.Now()
		answer, err := client.Do(r)
		w.must(err)
		w.must(answer.Body.Close())
		if answer.StatusCode != http.StatusOK {
			b.Fatalf("%s: %d", path, answer.StatusCode)
		}
		took = append(took, float64(time.Since(start).Microseconds())/1000)
	}
	b.ReportMetric(took[0], "first-ms")
	slices.Sort(took)
	b.ReportMetric(took[len(took)/2], "median-ms")
}

// customer is the key of a customer with orders.
func (w *loadWorld) customer() string {
	var key string
	w.must(w.db.SQL().QueryRow("SELECT customer FROM erp_order WHERE company = $1 AND number LIKE 'F%' LIMIT 1", w.company).Scan(&key))
	return key
}

// exec changes rows of the database.
func (w *loadWorld) exec(text string, args ...any) int64 {
	w.b.Helper()
	done, err := w.db.SQL().Exec(text, args...)
	w.must(err)
	n, err := done.RowsAffected()
	w.must(err)
	return n
}

// details adds competitors of every third opportunity, campaigns of every tenth, what half of the lines cost, and two
// passages of regulations for each.
func (w *loadWorld) details() {
	w.b.Helper()
	var rivals int
	w.must(w.db.SQL().QueryRow("SELECT COUNT(*) FROM (SELECT 1 FROM crm_competitor WHERE company = $1 LIMIT 1000)", w.company).Scan(&rivals))
	if rivals == 1000 {
		return
	}
	w.exec(`INSERT INTO crm_competitor (id, company, opportunity_id, name, strengths, weaknesses, price, won)
SELECT randomblob(16), company, id, printf('Versenytárs %02d', abs(random()) % 40), '', '', 0, 0 FROM crm_opportunity WHERE company = $1 AND rowid % 3 = 0`, w.company)
	w.exec("UPDATE crm_opportunity SET campaign = printf('Kampány %03d', rowid % 200) WHERE company = $1 AND rowid % 10 = 0", w.company)
	w.exec(`WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 199)
INSERT INTO crm_campaign (id, company, version, created_at, created_by, updated_at, updated_by, number, name, channel, state, reason, audience, sender_name, sender_address, reply_to, return_domain, signing_key, transport,
 language, seeds, started_at, per_hour, quiet_from, quiet_to, quiet_zone, unknown_policy, test_share, decide_after, winner, cost_each, cost_fixed, budget, currency, standing, owner_user, owner_team)
SELECT randomblob(16), $1, 1, $2, '', $2, '', 1000000 + i, printf('Kampány %03d', i), 'mail', 'sent', '', '{}', '', '', '', '', '', '', 'hu', '[]', strftime('%Y-%m-%d %H:%M:%f', $2, printf('-%d days', i * 2)),
 0, 0, 0, '', '', 0, 0, '', 20000, 500000000, 0, 'HUF', 0, 'clerk9', 'team9' FROM n`, w.company, w.db.Now().Format("2006-01-02 15:04:05.000"))
	w.exec(`INSERT INTO crm_campaign_count (campaign_id, variant, company, pending, sending, sent, deferred, failed, bounced, complained, unknown)
SELECT id, '', company, 0, 0, 5000, 0, 0, 0, 0, 0 FROM crm_campaign WHERE company = $1 AND number >= 1000000`, w.company)
	w.exec(`INSERT OR IGNORE INTO crm_line_cost (line_id, company, known, unit_cost, noted_at) SELECT id, company, 1, unit_price * 3 / 4, '2026-01-01 00:00:00.000' FROM crm_opportunity_line WHERE company = $1 AND rowid % 2 = 0`, w.company)
	for _, rule := range []string{"Ajánlat egy napon belül", "Számla két napon belül"} {
		w.exec(`INSERT INTO crm_clock (id, company, version, created_at, created_by, updated_at, updated_by, kind, record_id, party_id, rule_name, state, started_at, stopped_at, limit_seconds, spent_seconds, due_at, level,
 owner_user, owner_team, told_owner, told_manager, noun)
SELECT randomblob(16), company, 1, created_at, '', created_at, '', 'regulation', id, party_id, $2, CASE WHEN rowid % 4 = 0 THEN 'missed' ELSE 'kept' END, created_at, strftime('%Y-%m-%d %H:%M:%f', created_at, '+5 hours'), 28800, 18000,
 strftime('%Y-%m-%d %H:%M:%f', $3, printf('-%d days', 1 + rowid % 360)), 0, owner_user, owner_team, '', '', 'opportunity' FROM crm_opportunity WHERE company = $1`, w.company, rule, w.db.Now().Format("2006-01-02 15:04:05.000"))
	}
	w.must(w.db.Optimize(context.Background()))
}

// bought adds what a tenth as many customers as leads ordered in the last three years, each in every third month or so.
func (w *loadWorld) bought() {
	w.b.Helper()
	today := civil.Of(w.db.Now())
	first := kpi.Months(today, 1, 1)[0].First
	if w.exec("INSERT OR IGNORE INTO crm_bought_count (company, number, known_from, counted_on, currency, missing) VALUES ($1, 1, $2, $3, 'HUF', '')", w.company, kpi.Months(first.AddDays(-1090), 1, 1)[0].First, today) == 0 {
		return
	}
	w.exec(`WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < $2 - 1), m(k) AS (SELECT 0 UNION ALL SELECT k + 1 FROM m WHERE k < 35)
INSERT INTO crm_bought_month (company, month, customer, from_count, until_count, net, orders)
SELECT $1, date($3, printf('-%d months', k)), printf('B%07d', i), 1, $4, 100000000 + abs(random()) % 9000000000, 1 + abs(random()) % 4 FROM n, m WHERE abs(random()) % 3 = 0`, w.company, loadRows(w.b)/10, first, int64(1)<<62)
	w.must(w.db.Optimize(context.Background()))
}

// history adds what figures are about: activities and steps of opportunities, and orders of the host.
func (w *loadWorld) history() {
	w.b.Helper()
	var moves int
	w.must(w.db.SQL().QueryRow("SELECT COUNT(*) FROM (SELECT 1 FROM crm_stage_move WHERE company = $1 LIMIT 1000)", w.company).Scan(&moves))
	if moves == 1000 {
		return
	}
	start := time.Now()
	w.exec("CREATE TABLE bench_deal AS SELECT contact_id, MIN(id) AS id FROM crm_opportunity WHERE company = $1 GROUP BY contact_id", w.company)
	w.exec("CREATE UNIQUE INDEX ux_bench_deal ON bench_deal (contact_id)")
	w.copies("crm_activity", 3, map[string]string{
		"id": "randomblob(16)", "kind": "CASE WHEN abs(random()) % 3 = 0 THEN 'meeting' ELSE 'call' END",
		"opportunity_id": "(SELECT o.id FROM bench_deal AS o WHERE o.contact_id = t.party_id)",
	}, "t.company = '"+w.company+"' AND t.is_open = 0", w.exec)
	w.exec("DROP TABLE bench_deal")
	for step := range 3 {
		w.exec(fmt.Sprintf(`INSERT INTO crm_stage_move (id, company, opportunity_id, from_stage, to_stage, moved_by, moved_at, seconds, from_chance, to_chance)
SELECT randomblob(16), company, id, CASE WHEN %d = 0 THEN NULL ELSE stage_id END, stage_id, owner_user, COALESCE(closed_at, stage_since), 86400 + abs(random()) %% 864000, 0, chance
FROM crm_opportunity WHERE company = $1`, step), w.company)
	}
	orders := loadRows(w.b) // fifty for each of so many customers
	w.exec(`WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < $2 - 1)
INSERT INTO erp_order (company, number, token, customer, doc_date, due_date, currency, reference, note, source_kind, source_number, net, vat, gross, state, cancel_reason, created_by, created_at)
SELECT $1, printf('F%07d', i), 'f' || i, CASE WHEN i < 50 THEN (SELECT MIN(code) FROM erp_customer WHERE company = $1) ELSE printf('C%06d', i / 50) END,
 date('2026-11-01', printf('-%d days', (i * 37) % 1080)), '2026-11-22', 'HUF', '', '', '', '', 0, 0, 0, 'open', '', '', '' FROM n`, w.company, orders)
	w.exec(`WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < $2 - 1)
INSERT INTO erp_order_line (company, number, row_no, source_row, product, name, quantity, unit, unit_price, discount, vat_code, vat_rate, net, delivered, invoiced)
SELECT $1, printf('F%07d', i / 5), i % 5, 0, printf('P%05d', (i * 7919) % 2000), 'Íróasztal', 2000000, 'db', 1000000, 0, '27', 270000, 2000000 + i % 977 * 10000, 0, 0 FROM n`, w.company, 5*orders)
	w.must(w.db.Optimize(context.Background()))
	w.b.Logf("history filled in %s", time.Since(start).Round(time.Second))
}

// copies writes rows of a table again, some columns otherwise.
func (w *loadWorld) copies(table string, times int, other map[string]string, where string, run func(string, ...any) int64) {
	rows, err := w.db.SQL().Query("SELECT name FROM pragma_table_info($1)", table)
	w.must(err)
	var names, values []string
	for rows.Next() {
		var name string
		w.must(rows.Scan(&name))
		names, values = append(names, name), append(values, "t."+name)
		if text, ok := other[name]; ok {
			values[len(values)-1] = text
		}
	}
	w.must(rows.Err())
	w.must(rows.Close())
	var last int64
	w.must(w.db.SQL().QueryRow("SELECT MAX(rowid) FROM " + table).Scan(&last))
	for range times {
		run("INSERT INTO "+table+" ("+strings.Join(names, ", ")+") SELECT "+strings.Join(values, ", ")+" FROM "+table+" AS t WHERE t.rowid <= $1 AND "+where, last)
	}
}

// rescored publishes a model, and has all leads scored by it: fifty in a transaction, as the background does; beside it bare
// updates of rows in transactions as large, of 200,000 leads at most.
func (w *loadWorld) rescored(b *testing.B) {
	system := actor.With(context.Background(), actor.System(w.company, "scores"))
	d, err := w.module.Scores.Plan(w.as(9))
	w.must(err)
	model := scoring.Model{
		Groups: []scoring.Group{{Key: "deeds", Name: "Amit tett", Cap: 60}},
		Rules: []scoring.Rule{
			{Name: "Mindenki", When: "true", Points: 1 + int(d.Version%9)}, // another score for every lead, also in a file scored before
			{Name: "Nagy érték", When: "lead.value >= 500000", Points: 20}, {Name: "Ajánlás", When: `lead.source == "ajánlás"`, Points: 15},
			{Name: "Budapest", When: `party.city == "Budapest"`, Points: 5}, {Name: "Űrlap", Group: "deeds", List: "touches", Points: 10, HalfLife: 60},
		},
		Bands: []scoring.Band{{From: 0, Name: "Hideg"}, {From: 30, Name: "Meleg"}},
	}
	_, err = w.module.Scores.Publish(actor.With(context.Background(), actor.System(w.company, "scores")), d.Version, model)
	w.must(err)
	_, err = w.db.SQL().Exec("UPDATE crm_score SET model_version = 0 WHERE company = $1", w.company) // a file used again may have later ones
	w.must(err)
	enough := loadRows(b)
	b.Run("ours", func(b *testing.B) {
		leads := 0
		start := time.Now()
		for b.Loop() {
			for leads < enough {
				n, err := w.module.Scores.Work(system)
				w.must(err)
				if n == 0 {
					b.Fatalf("only %d leads were to be scored", leads)
				}
				leads += n
			}
		}
		b.ReportMetric(float64(time.Since(start).Microseconds())/float64(leads), "us/lead")
	})
	b.Run("bare", func(b *testing.B) {
		detail := "{}" + strings.Repeat(" ", 200)
		texts := [3]string{
			"UPDATE crm_lead SET score = $1, version = version + 1, updated_at = $2 WHERE id = $3",
			"INSERT INTO crm_score (lead_id, company, score, band, detail, model_version, revision, scored_at) VALUES ($1, $2, $3, 'Hideg', $4, 1, 1, $5)" +
				" ON CONFLICT (lead_id) DO UPDATE SET score = excluded.score, detail = excluded.detail, revision = revision + 1",
			"INSERT INTO crm_score_history (id, company, lead_id, at, old_score, new_score, model_version, detail) VALUES (randomblob(16), $1, $2, $3, 0, $4, 1, $5)",
		}
		var ids [][]byte
		rows, err := w.db.SQL().Query("SELECT id FROM crm_lead WHERE company = $1 ORDER BY id LIMIT $2", w.company, min(enough, 200_000))
		w.must(err)
		for rows.Next() {
			var id []byte
			w.must(rows.Scan(&id))
			ids = append(ids, id)
		}
		w.must(rows.Err())
		start, n := time.Now(), 0
		for b.Loop() {
			for part := range slices.Chunk(ids, 50) {
				w.must(w.db.Write(system, func(ctx context.Context, s *store.Session) error {
					now := s.Now.Format("2006-01-02 15:04:05.000") // as the file has it, for those who open it again
					var bare [3]*sql.Stmt
					for i, text := range texts {
						stmt, err := s.Tx().PrepareContext(ctx, text)
						if err != nil {
							return err
						}
						defer stmt.Close()
						bare[i] = stmt
					}
					for i, id := range part {
						if _, err := bare[0].ExecContext(ctx, (n+i)%100, now, id); err != nil {
							return err
						}
						if _, err := bare[1].ExecContext(ctx, id, w.company, i, detail, now); err != nil {
							return err
						}
						if _, err := bare[2].ExecContext(ctx, w.company, id, now, i, detail); err != nil {
							return err
						}
					}
					return nil
				}))
				n += len(part)
			}
		}
		b.ReportMetric(float64(time.Since(start).Microseconds())/float64(n), "us/lead")
	})
}
