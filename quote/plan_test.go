package quote

import (
	"context"
	"strings"
	"testing"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/testutil"
)

// TestPlans reads SQLite's plans: no list may walk through the whole table, and those in an order of an
// index may not sort.
func TestPlans(t *testing.T) {
	env := testutil.SQLite(t)
	q := New(env.DB, Config{Parties: party.New(env.DB, func(string) locale.Locale { return locale.Locale{} })})
	wide := env.As("admin", actor.Admin, actor.All)
	narrow := env.As("szabo", actor.Seller, actor.Team, "pest", "buda")
	day := civil.Date{Year: 2026, Month: 7, Day: 13}
	for _, row := range []struct {
		name   string
		ctx    context.Context
		filter Filter
		// index is the one that the pages come out of, "" for several ways of which none scans.
		index string
	}{
		{"all", wide, Filter{}, "ix_quote_company_created_at_id"},
		{"what a user sees", narrow, Filter{}, ""},
		{"one state", wide, Filter{States: []State{Issued}}, "ix_quote_company_state_created_at_id"},
		{"opportunity", wide, Filter{Opportunity: OpportunityID{1}}, "ix_quote_opportunity_id_created_at_id"},
		{"owner", wide, Filter{Owner: "szabo"}, "ix_quote_company_owner_user_created_at_id"},
		{"period", wide, Filter{From: day, To: day}, "ix_quote_company_created_at_id"},
	} {
		t.Run(row.name, func(t *testing.T) {
			err := env.DB.Read(row.ctx, func(ctx context.Context, s *store.Session) error {
				for _, way := range row.filter.ways(s.Actor) {
					var rows []Row
					query, err := q.listed(ctx, s, s.Select(&rows).Where(way.SQL, way.Args...), row.filter)
					if err != nil {
						return err
					}
					plan, want, sorts := explain(ctx, t, s, query.String()), row.index, false
					if want == "" {
						want, sorts = wayIndex(way), strings.Contains(way.SQL, "crm_party_share")
					}
					if strings.Contains(plan, "SCAN") || strings.Contains(plan, "TEMP B-TREE") && !sorts || !strings.Contains(plan, want) {
						t.Errorf("%s\n%s", query.String(), plan)
					}
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		})
	}
	for name, text := range map[string]string{
		"lines":    "SELECT * FROM crm_quote_line AS line WHERE line.company = 'HU' AND line.quote_id = x'00' ORDER BY line.position, line.id",
		"versions": "SELECT * FROM crm_quote AS quote WHERE quote.company = 'HU' AND quote.base_id = x'00' ORDER BY quote.revision",
		"expiry":   "SELECT quote.id FROM crm_quote AS quote WHERE quote.company = 'HU' AND quote.state = 'issued' AND quote.valid_until < '2026-07-13' ORDER BY quote.valid_until, quote.id LIMIT 20",
		"parties":  "SELECT quote.id FROM crm_quote AS quote WHERE quote.company = 'HU' AND quote.party_id IN (x'00', x'01')",
	} {
		t.Run(name, func(t *testing.T) {
			err := env.DB.Read(wide, func(ctx context.Context, s *store.Session) error {
				if plan := explain(ctx, t, s, text); strings.Contains(plan, "SCAN") || name == "expiry" && strings.Contains(plan, "TEMP B-TREE") {
					t.Error(plan)
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}

// wayIndex is the index that holds together what a user sees in one way.
func wayIndex(way store.Predicate) string {
	switch {
	case strings.Contains(way.SQL, "crm_party_share"):
		return "ix_quote_party_id_created_at_id"
	case strings.HasPrefix(way.SQL, "quote.owner_team"):
		return "ix_quote_company_owner_team_created_at_id"
	}
	return "ix_quote_company_owner_user_created_at_id"
}

func explain(ctx context.Context, t *testing.T, s *store.Session, query string) string {
	t.Helper()
	rows, err := s.Tx().QueryContext(ctx, "EXPLAIN QUERY PLAN "+query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var plan []string
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			t.Fatal(err)
		}
		plan = append(plan, detail)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return strings.Join(plan, "\n")
}
