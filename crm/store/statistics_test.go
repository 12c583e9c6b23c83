package store_test

import (
	"strings"
	"testing"

	"github.com/crmplus/crmplus/testutil"
)

// TestOptimizeKeepsThePlans: after SQLite has looked at a few rows for itself, and after Optimize, the list of
// one owner is still read through the index that begins with him.
func TestOptimizeKeepsThePlans(t *testing.T) {
	env := testutil.SQLite(t)
	db := env.DB.SQL()
	statistics := func() string {
		var all string
		if err := db.QueryRowContext(t.Context(), "SELECT GROUP_CONCAT(idx || ':' || stat) FROM (SELECT idx, stat FROM sqlite_stat1 WHERE tbl = 'crm_lead' ORDER BY idx)").Scan(&all); err != nil {
			t.Fatal(err)
		}
		return all
	}
	planned := statistics()
	if !strings.Contains(planned, "ix_lead_owner_arrival:1000000") {
		t.Fatalf("the migrations planned nothing: %s", planned)
	}
	if _, err := db.ExecContext(t.Context(), "UPDATE sqlite_stat1 SET stat = '401 401 401 1' WHERE tbl = 'crm_lead'"); err != nil {
		t.Fatal(err)
	}
	if err := env.DB.Optimize(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := statistics(); got != planned {
		t.Errorf("the statistics are\n%s, want\n%s", got, planned)
	}
	for order, index := range map[string]string{"arrived_at": "ix_lead_owner_arrival", "score": "ix_lead_owner_score"} {
		var id, parent, unused int
		var plan string
		err := db.QueryRowContext(t.Context(), "EXPLAIN QUERY PLAN SELECT l.id FROM crm_lead AS l CROSS JOIN crm_party AS p WHERE l.company = 'HU01' AND p.id = l.party_id AND l.merged_into IS NULL"+
			" AND l.status IN ('new', 'working') AND l.source = 'web' AND l.owner_user = 'anna' ORDER BY l."+order+" DESC, l.id DESC LIMIT 50").Scan(&id, &parent, &unused, &plan)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(plan, index) {
			t.Errorf("by %s the list of an owner is read by %s, want %s", order, plan, index)
		}
	}
}
