package segment_test

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/rule"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter/segment"
	"github.com/crmplus/crmplus/testutil"
)

// put writes a row of another package's table: what is not given is 0 or empty, by the column's type.
func put(t *testing.T, db *sql.DB, table string, given map[string]any) {
	t.Helper()
	rows, err := db.Query("SELECT name, type, \"notnull\" FROM pragma_table_info('" + table + "')")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var columns []string
	var args []any
	for rows.Next() {
		var name, kind string
		var needed bool
		if err := rows.Scan(&name, &kind, &needed); err != nil {
			t.Fatal(err)
		}
		value, is := given[name]
		switch {
		case is:
		case kind == "INTEGER":
			value = 0
		case needed && kind == "BLOB":
			value = []byte(fmt.Sprintf("%016d", len(args)))
		case needed && kind == "DATETIME":
			value = "2026-07-01 00:00:00.000"
		case needed:
			value = ""
		}
		columns, args = append(columns, name), append(args, value)
	}
	if len(columns) == 0 {
		t.Fatalf("there is no table %s", table)
	}
	if err := rows.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("INSERT INTO "+table+" ("+strings.Join(columns, ", ")+") VALUES ("+store.In(len(args))+")", args...); err != nil {
		t.Fatal(err)
	}
}

// TestListsOfOtherPackages holds the lists against the schema of the packages they read.
func TestListsOfOtherPackages(t *testing.T) {
	env := testutil.SQLite(t)
	w := newTown(t, env)
	g, err := segment.New(env.DB, segment.Config{
		Locales: func(string) locale.Locale { return locale.Locale{} }, Lists: []rule.List{segment.Subscriptions(), segment.Mails()},
	})
	if err != nil {
		t.Fatal(err)
	}
	topic, campaign := []byte("topic-----------"), []byte("campaign--------")
	db := env.DB.SQL()
	put(t, db, "crm_topic", map[string]any{"id": topic, "company": env.Company, "code": "news"})
	put(t, db, "crm_campaign", map[string]any{"id": campaign, "company": env.Company, "number": 12, "name": "Tavasz"})
	for i, name := range []string{"Kovács Anna", "Ángel", "דנה"} {
		id := w.ids[name]
		put(t, db, "crm_subscription", map[string]any{"id": []byte(fmt.Sprintf("s%015d", i)), "company": env.Company, "topic_id": topic, "party_id": id[:], "address_hash": []byte(name), "state": []string{"active", "active", "unsubscribed"}[i]})
		put(t, db, "crm_campaign_recipient", map[string]any{"campaign_id": campaign, "seq": i + 1, "company": env.Company, "party_id": id[:], "address": name, "state": "sent"})
	}
	put(t, db, "crm_campaign_recipient", map[string]any{"campaign_id": campaign, "seq": 9, "company": env.Company, "party_id": nil, "address": "seed", "state": "sent"})
	put(t, db, "crm_track_reader", map[string]any{"campaign": 12, "seq": 2, "company": env.Company, "opens": 3, "clicks": 1})
	for _, row := range []struct {
		condition string
		want      []string
	}{
		{`any(subscriptions, .topic == "news" and .state == "active")`, []string{"Kovács Anna", "Ángel"}},
		{`none(subscriptions, .topic == "news")`, []string{"Szabó Gábor"}},
		{`any(mails, .campaign == 12 and .clicked)`, []string{"Ángel"}},
		{`any(mails, .campaign == 12 and not .opened)`, []string{"Kovács Anna", "דנה"}},
		{`none(mails, .campaign == 12)`, []string{"Szabó Gábor"}},
		{`sum(mails, .opens) >= 3 and fold(party.name) == "angel"`, []string{"Ángel"}},
	} {
		rows, err := g.Sample(env.System(), segment.Selection{Condition: row.condition})
		if err != nil {
			t.Errorf("%s: %v", row.condition, err)
			continue
		}
		var names []string
		for _, r := range rows {
			names = append(names, r.Name)
		}
		slices.Sort(names)
		slices.Sort(row.want)
		if !slices.Equal(names, row.want) {
			t.Errorf("%s finds %v, want %v", row.condition, names, row.want)
		}
	}
}

func TestEnvironmentIsDocumented(t *testing.T) {
	env := testutil.SQLite(t)
	w := newTown(t, env)
	err := env.DB.Write(env.System(), func(ctx context.Context, s *store.Session) error {
		return s.AddField(ctx, &store.CustomField{RecordKind: "party", Name: "grade", Label: "Grade of the customer", Type: store.TextField})
	})
	if err != nil {
		t.Fatal(err)
	}
	e, err := w.segments.Environment(env.System())
	if err != nil {
		t.Fatal(err)
	}
	testutil.Golden(t, "environment.md", []byte(e.Document()))
}
