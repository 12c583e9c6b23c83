package subscription_test

import (
	"strings"
	"testing"

	"github.com/crmplus/crmplus/newsletter/subscription"
	"github.com/crmplus/crmplus/testutil"
)

func TestEveryStatementHasAnIndex(t *testing.T) {
	env, plans := testutil.Planned(t)
	w := newWorld(t, env)
	who := w.subscribed("eva@minta.example")
	preference, unsubscribe := w.links(who, w.news.ID, "eva@minta.example")
	topics := []subscription.TopicID{w.news.ID, w.prices.ID}
	file := "e-mail\nanna@minta.example\npal@minta.example\neva@minta.example\n"
	steps := []func() error{
		func() error { return second(w.n.Preference(w.out, preference)) },
		func() error {
			return second(w.n.Import(w.anna, subscription.ImportPlan{Topics: topics, Ground: fair}, strings.NewReader(file)))
		},
		func() error { return second(w.n.Counts(w.anna)) },
		func() error { return second(w.n.List(w.anna, subscription.Filter{Topic: w.news.ID})) },
		func() error { return second(w.n.Of(w.anna, who)) },
		func() error { w.audience(w.news.ID); w.audience(topics...); return nil },
		func() error { return second(w.n.Unsubscribe(w.out, unsubscribe, visit)) },
		func() error { return second(w.n.Resubscribe(w.out, unsubscribe, visit)) },
		func() error { return second(w.n.UnsubscribeAll(w.out, preference, visit)) },
		func() error { return second(w.n.Suppressions(w.anna)) },
		func() error { return w.n.Lift(w.anna, subscription.Email, "eva@minta.example", "kérte") },
		func() error { return second(w.n.EvidenceOfAddress(w.privacy, subscription.Email, "eva@minta.example")) },
		func() error { w.acts(who); return nil },
		func() error { return second(w.n.Tidy(w.system, 5)) },
		func() error { return w.n.Erase(w.privacy, who) },
	}
	for _, step := range steps {
		w.ok(step())
	}
	for _, scan := range plans.Scans() {
		if strings.Contains(scan, "crm_event") || strings.Contains(scan, "SELECT COUNT(*) FROM crm_") { // the test's own
			continue
		}
		t.Errorf("reads a whole table: %s", scan)
	}
}

func TestPagesOfAnAudienceAreReadInTheOrderOfAnIndex(t *testing.T) {
	env, plans := testutil.Planned(t)
	w := newWorld(t, env)
	w.subscribed("eva@minta.example")
	w.audience(w.news.ID)
	found := false
	for statement, plan := range plans.Each {
		if strings.Contains(statement, "AS a WHERE a.party_id >") {
			found = true
			if strings.Contains(plan, "TEMP B-TREE") || !strings.Contains(plan, "ix_subscription_company_topic_id_party_id (company=? AND topic_id=? AND party_id>?)") {
				t.Errorf("a page does not begin with a seek:\n%s\n%s", statement, plan)
			}
		}
	}
	is(t, "statements seen", found, true)
}
