package search_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/search"
	"github.com/crmplus/crmplus/testutil"
)

// whole are the ways that read through all rows of a company.
var whole = regexp.MustCompile(`SEARCH \w+ .*\(company=\?\)`)

// mayReadAll are the statements that are meant to: they read one row of a company, or stop after a page. The
// roles of a party are read so by party.
var mayReadAll = regexp.MustCompile(`(FROM|UPDATE) (crm_audit|crm_search_state|crm_event)|ORDER BY r.role`)

func TestNoStatementReadsThroughATable(t *testing.T) {
	env, plans := testutil.Planned(t)
	w := newWorld(t, env)
	w.people(t)
	w.index(t)
	w.merge(t)
	w.index(t)
	for _, ctx := range w.users() {
		for _, text := range []string{"k", "kovács anna", "06 30 123 4567", "budapesti", "anna@"} {
			if _, err := w.search.Find(ctx, search.Query{Text: text}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := w.search.Rebuild(w.As("admin", actor.Admin, actor.All)); err != nil {
		t.Fatal(err)
	}
	for _, s := range plans.Scans() {
		if !strings.Contains(s, "SCAN f VIRTUAL TABLE INDEX") { // asking FTS5 for words is called so
			t.Errorf("a scan: %s", s)
		}
	}
	n := 0
	for statement, plan := range plans.Each {
		n++
		if whole.MatchString(plan) && !mayReadAll.MatchString(statement) {
			t.Errorf("reads a whole company:\n%s\n%s", statement, plan)
		}
	}
	if n < 30 {
		t.Errorf("only %d statements were seen", n)
	}
}
