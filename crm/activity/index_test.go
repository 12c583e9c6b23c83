package activity

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/testutil"
)

// statement is one hand-written statement with what is expected of its plan.
type statement struct {
	name  string
	from  store.Source
	query string
	args  []any
	index string
	// sorted is set where a sort is expected: of the few rows that a page's seeks gave.
	sorted bool
}

func statements(t *testing.T, s *store.Session) []statement {
	t.Helper()
	cursor := store.Page{After: store.Cursor(s.Now, ID{1})}
	all := []statement{
		{name: "reminders", from: store.From[Activity]("a"), query: dueReminders + s.Limit(sweep), args: []any{beginning, s.Now}, index: "ix_activity_company_remind_at_id"},
		{name: "today", from: store.From[companyRow]("a"), query: todaySums, args: []any{s.Now, s.Now, s.Now, s.Now, s.Now, "anna"}, index: "ix_activity_company_owner_user_is_open_at_id"},
		{name: "delegated count", from: store.From[companyRow]("a"), query: delegatedCount, args: []any{"anna"}, index: "ix_activity_company_delegated_by_is_open_at_id"},
		{name: "done for an opportunity", from: store.From[Activity]("a"), query: countDone, args: []any{OpportunityID{1}}, index: "ix_activity_company_opportunity_id_is_open_at_id", sorted: true},
	}
	add := func(name string, from store.Source, index string, l listing) {
		query, args, err := l.sql(s)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, statement{name: name, from: from, query: query, args: args, index: index})
	}
	opportunity := store.Predicate{SQL: "a.opportunity_id = ?", Args: []any{OpportunityID{1}}}
	add("timeline of an opportunity", store.From[Activity]("a"), "ix_activity_company_opportunity_id_is_open_at_id", listing{where: opportunity, page: cursor})
	add("upcoming of an opportunity", store.From[Activity]("a"), "ix_activity_company_opportunity_id_is_open_at_id", listing{where: opportunity, open: true})
	add("own tasks", store.From[companyRow]("a"), "ix_activity_company_owner_user_is_open_at_id", listing{where: due("anna", beginning, s.Now), open: true, page: cursor})
	add("another's tasks", store.From[Activity]("a"), "ix_activity_company_owner_user_is_open_at_id", listing{where: due("boris", beginning, s.Now), open: true})
	add("everyone's tasks", store.From[Activity]("a"), "ix_activity_company_is_open_at_id", listing{where: due(Everyone, s.Now, s.Now), open: true, page: cursor})
	add("delegated", store.From[companyRow]("a"), "ix_activity_company_delegated_by_is_open_at_id", listing{where: store.Predicate{SQL: "a.delegated_by = ?", Args: []any{"anna"}}, open: true})
	month := CalendarFilter{From: s.Now, Until: s.Now.AddDate(0, 1, 0)}
	for name, row := range map[string]struct {
		owner, team string
		index       string
	}{
		"calendar of a user":   {"boris", "", "ix_activity_company_owner_user_is_open_at_id"},
		"calendar of a team":   {"", "north", "ix_activity_company_owner_team_is_open_at_id"},
		"calendar of everyone": {Everyone, "", "ix_activity_company_at_id"},
	} {
		f := month
		f.Owner, f.Team = row.owner, row.team
		for _, q := range f.statements(s) {
			all = append(all, statement{name: name, from: store.From[Activity]("a"), query: q.SQL, args: q.Args, index: row.index})
		}
	}
	for name, row := range map[string]struct {
		filter ListFilter
		index  string
	}{
		"list of a user":            {ListFilter{Owner: "boris", Page: cursor}, "ix_activity_company_owner_user_is_open_at_id"},
		"list of a team":            {ListFilter{Team: "north", Kinds: []Kind{Call}}, "ix_activity_company_owner_team_is_open_at_id"},
		"list of everyone":          {ListFilter{Owner: Everyone, Page: cursor}, "ix_activity_company_at_id"},
		"tasks of everyone":         {ListFilter{Owner: Everyone, Window: Week, Page: cursor}, "ix_activity_company_is_open_at_id"},
		"what waits":                {ListFilter{Waiting: true}, "ix_activity_company_owner_user_is_open_at_id"},
		"list of what is delegated": {ListFilter{Delegated: true, Page: cursor}, "ix_activity_company_delegated_by_is_open_at_id"},
	} {
		if err := row.filter.settle(s, daysAt(s.Now, time.UTC)); err != nil {
			t.Fatal(err)
		}
		list, err := row.filter.statements(s)
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range list {
			all = append(all, statement{name: name, from: row.filter.source(s), query: q.SQL, args: q.Args, index: row.index})
		}
	}
	for name, row := range map[string]struct {
		filter FileFilter
		family []party.ID
		index  string
		sorted bool
	}{
		"files, newest first":     {FileFilter{Page: store.Page{After: AttachmentID{1}.String()}}, nil, "ix_attachment_company_id (company=? AND id<?)", false},
		"files by name":           {FileFilter{Sort: ByFileName, Name: "á", Page: store.Page{After: store.Cursor("b", AttachmentID{1})}}, nil, "ix_attachment_company_name_key_id", false},
		"files of a party":        {FileFilter{}, []party.ID{{1}, {2}}, "ix_activity_party_id_is_open_at_id (party_id=?)", true},
		"files of an opportunity": {FileFilter{Opportunity: OpportunityID{1}}, nil, "ix_activity_company_opportunity_id_is_open_at_id", true},
	} {
		query, args, err := row.filter.statement(s, row.family)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, statement{name, store.From[attachmentRow]("f"), query, args, row.index, row.sorted})
	}
	for _, size := range []int{1, 3, familySize} {
		for name, l := range map[string]listing{
			"timeline": {}, "calls on its next page": {page: cursor, kinds: []Kind{Call, Mail}}, "upcoming": {open: true}, "upcoming, next page": {open: true, page: cursor},
		} {
			query, args, err := l.familySQL(s, make([]party.ID, size))
			if err != nil {
				t.Fatal(err)
			}
			name = fmt.Sprintf("%s of %d parties", name, size)
			all = append(all, statement{name, store.From[companyRow]("a"), query, args, "SCAN k\nSEARCH a USING INDEX sqlite_autoindex_crm_activity_1 (id=?)", size > 1})
		}
	}
	return all
}

// derived are the names that a family's statement gives to what its seeks found.
var derived = regexp.MustCompile(`^SCAN (k|u|s\d+|\(subquery-\d+\))$`)

// No statement reads a whole table or sorts more than it shows: each is looked at as the database
// would run it for a user who sees only his own.
func TestEveryStatementUsesItsIndex(t *testing.T) {
	env := testutil.SQLite(t)
	ctx := env.As("anna", actor.Seller, actor.Team, "north")
	err := env.DB.Read(ctx, func(ctx context.Context, s *store.Session) error {
		for _, row := range statements(t, s) {
			t.Run(row.name, func(t *testing.T) {
				var lines []struct {
					Detail string `bun:"detail"`
				}
				if err := s.Query(ctx, &lines, row.from, "EXPLAIN QUERY PLAN "+row.query, row.args...); err != nil {
					t.Fatalf("%v\n%s", err, row.query)
				}
				var plan []string
				for _, line := range lines {
					plan = append(plan, line.Detail)
					if strings.HasPrefix(line.Detail, "SEARCH b ") && !strings.Contains(line.Detail, "USING COVERING INDEX ix_activity_party_id_is_open_at_id (party_id=? AND is_open=?") {
						t.Errorf("a party's seek is none: %s", line.Detail)
					}
					if strings.HasPrefix(line.Detail, "SCAN") && !derived.MatchString(line.Detail) {
						t.Errorf("a full scan: %s", line.Detail)
					}
					if strings.Contains(line.Detail, "TEMP B-TREE") && !row.sorted {
						t.Errorf("sorted, not read in order: %s", line.Detail)
					}
				}
				if all := strings.Join(plan, "\n"); !strings.Contains(all, row.index) || t.Failed() {
					t.Errorf("want %s, got:\n%s", row.index, all)
				}
			})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// The statement for a family in both dialects, held as text.
func TestFamilyStatement(t *testing.T) {
	env := testutil.SQLite(t)
	err := env.DB.Read(env.System(), func(_ context.Context, s *store.Session) error {
		l := listing{kinds: []Kind{Call, Mail}, page: store.Page{Limit: 20, After: store.Cursor(s.Now, ID{1})}}
		query, args, err := l.familySQL(s, []party.ID{{1}, {2}})
		if err != nil {
			return err
		}
		if n := strings.Count(query, "?"); n != len(args) {
			t.Errorf("%d parameters for %d marks", len(args), n)
		}
		broken := regexp.MustCompile(` (FROM|WHERE|AND|UNION|ORDER BY|LEFT JOIN|JOIN) `).ReplaceAllString(query, "\n$1 ")
		testutil.Golden(t, "family.sql", []byte(broken+"\n"))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// With a page and all kinds, the largest family statement stays below what SQL Server takes.
func TestFamilyStatementFitsIntoSQLServer(t *testing.T) {
	env := testutil.SQLite(t)
	err := env.DB.Read(env.System(), func(_ context.Context, s *store.Session) error {
		l := listing{kinds: Kinds, page: store.Page{After: store.Cursor(s.Now, ID{1})}}
		_, args, err := l.familySQL(s, make([]party.ID, familySize))
		const scope, most = 20, 2100
		if len(args)+scope > most {
			t.Errorf("%d parameters, at most %d", len(args)+scope, most)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
