package segment_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/rule"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter/segment"
	"github.com/crmplus/crmplus/testutil"
)

var editor = actor.Rights{segment.Read, segment.Write, actor.LeadRead, actor.OpportunityRead, actor.QuoteRead, actor.ActivityRead}

// town is a small company with people whose countries are known.
type town struct {
	env      *testutil.Env
	segments *segment.Segments
	ids      map[string]party.ID
}

func newTown(t testing.TB, env *testutil.Env) *town {
	t.Helper()
	g, err := segment.New(env.DB, segment.Config{Locales: func(string) locale.Locale {
		return locale.Locale{Language: locale.Hungarian, Zone: budapest, Currency: "HUF"}
	}})
	if err != nil {
		t.Fatal(err)
	}
	w := &town{env: env, segments: g, ids: map[string]party.ID{}}
	err = env.DB.Write(env.System(), func(ctx context.Context, s *store.Session) error {
		for _, p := range []party.Party{
			{DisplayName: "Kovács Anna", Country: "HU", City: "Pécs", Email: "anna@example.hu", Language: locale.Hungarian, OwnerUser: "béla"},
			{DisplayName: "Szabó Gábor", Country: "HU", City: "Győr", Mobile: "+36301234567", Language: locale.Hungarian},
			{DisplayName: "Ángel", Country: "AT", Email: "angel@example.at", Language: locale.English},
			{DisplayName: "דנה", Country: "IL", Email: "dana@example.co.il", Language: locale.Hebrew},
		} {
			p.ID, p.Kind, p.SortKey = store.NewKey[party.Tag](s), party.Person, []byte(p.DisplayName)
			if err := s.Insert(ctx, &p); err != nil {
				return err
			}
			w.ids[p.DisplayName] = p.ID
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *town) count(t *testing.T, sel segment.Selection) int {
	t.Helper()
	n, err := w.segments.Count(w.env.System(), sel)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func (w *town) save(t *testing.T, d segment.Draft) segment.Segment {
	t.Helper()
	out, err := w.segments.Save(w.env.As("anna", editor, actor.All), d)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// audience reads the addresses of an audience as a campaign does: in pages, out of FROM.
func (w *town) audience(t *testing.T, id segment.ID, by segment.By) []string {
	t.Helper()
	a, err := w.segments.Audience(w.env.System(), id, by)
	if err != nil {
		t.Fatal(err)
	}
	return w.addresses(t, a)
}

func (w *town) addresses(t *testing.T, a segment.Selector) []string {
	t.Helper()
	var addresses []string
	err := w.env.DB.Read(w.env.System(), func(ctx context.Context, s *store.Session) error {
		text, args, err := a.Select(s)
		if err != nil {
			return err
		}
		var after party.ID
		for {
			var page []struct {
				PartyID  party.ID `bun:"party_id"`
				Address  string   `bun:"address"`
				Language string   `bun:"language"`
				Name     string   `bun:"name"`
			}
			query := "SELECT a.party_id, a.address, a.language, a.name FROM (" + text + ") AS a WHERE a.party_id > ? AND EXISTS (SELECT 1 FROM crm_party AS party WHERE {scope}) ORDER BY a.party_id" + s.Limit(1)
			if err := s.Query(ctx, &page, store.From[party.Party]("party"), query, append(slices.Clone(args), after[:])...); err != nil || len(page) == 0 {
				return err
			}
			after = page[0].PartyID
			addresses = append(addresses, page[0].Address)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(addresses)
	return addresses
}

func TestASegmentIsSavedWithItsVersions(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newTown(t, env)
		hu := w.save(t, segment.Draft{Name: " Magyarok ", Condition: `party.country=="HU"`})
		if hu.Name != "Magyarok" || hu.Condition != `party.country == "HU"` || hu.Kind != segment.Dynamic || hu.Version != 1 {
			t.Errorf("saved as %+v", hu)
		}
		tree, err := w.segments.Tree(env.System(), hu.ID)
		if err != nil || tree.Op != rule.Equal || tree.Left.Field != "party.country" {
			t.Errorf("a form shows %+v (%v)", tree, err)
		}
		env.Clock.Advance(time.Hour)
		next := w.save(t, segment.Draft{ID: hu.ID, Version: 1, Name: "Magyarok", Tree: &rule.Node{Op: rule.And, Nodes: []rule.Node{*tree, {Op: rule.Empty, Left: &rule.Operand{Field: "party.mobile"}}}}})
		if next.Condition != `party.country == "HU" and party.mobile == nil` || next.Version != 2 {
			t.Errorf("saved again as %+v", next)
		}
		same := w.save(t, segment.Draft{ID: hu.ID, Version: 2, Name: "Magyarok", Condition: next.Condition})
		versions, err := w.segments.Versions(env.System(), hu.ID)
		if err != nil || len(versions) != 2 || versions[1].Condition != hu.Condition || versions[0].SavedBy != "anna" || same.Version != 2 {
			t.Errorf("versions %+v (%v), %d", versions, err, same.Version)
		}
		_, err = w.segments.Save(env.As("béla", editor, actor.All), segment.Draft{ID: hu.ID, Version: 1, Name: "x", Condition: "true"})
		if !errors.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "anna") {
			t.Errorf("a stale draft: %v", err)
		}
		if err := w.segments.Archive(env.System(), hu.ID); err != nil {
			t.Fatal(err)
		}
		if l, err := w.segments.List(env.System(), segment.Filter{}); err != nil || len(l.Rows) != 0 {
			t.Errorf("an archived one is listed: %v (%v)", l, err)
		}
		if n := w.count(t, segment.Selection{Segment: hu.ID}); n != 1 {
			t.Errorf("an archived one finds %d", n)
		}
		if err := w.segments.Restore(env.System(), hu.ID); err != nil {
			t.Fatal(err)
		}
		if l, err := w.segments.List(env.System(), segment.Filter{}); err != nil || len(l.Rows) != 1 {
			t.Errorf("a restored one is not listed: %v (%v)", l, err)
		}
	})
}

func TestFaultsOfADraftComeTogether(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newTown(t, env)
		_, err := w.segments.Save(env.System(), segment.Draft{Kind: "fluid", Condition: `party.citty == "Pécs"`})
		for _, path := range []string{"name", "kind", "condition:7"} {
			if !slices.ContainsFunc(fault.Of(err), func(f fault.Fault) bool { return f.Path == path }) {
				t.Errorf("%v names no %s", err, path)
			}
		}
		if _, err := w.segments.Save(env.As("eve", actor.Rights{actor.LeadRead}, actor.All), segment.Draft{Name: "x", Condition: "true"}); !errors.Is(err, fault.Forbidden) {
			t.Errorf("without the right: %v", err)
		}
		if _, err := w.segments.Count(env.As("eve", actor.Rights{actor.LeadRead}, actor.All), segment.Selection{Condition: "true"}); !errors.Is(err, fault.Forbidden) {
			t.Errorf("counting without the right: %v", err)
		}
	})
}

func TestExclusions(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newTown(t, env)
		hu := w.save(t, segment.Draft{Name: "HU", Condition: `party.country == "HU"`})
		gyor := w.save(t, segment.Draft{Name: "Győr", Condition: `fold(party.city) == "gyor"`}) // beyond SQL
		young := w.save(t, segment.Draft{Name: "young", Condition: `party.birth_date > date("2000-01-01")`})
		list := w.save(t, segment.Draft{Name: "list", Kind: segment.Static})
		if n, err := w.segments.Add(env.System(), list.ID, []party.ID{w.ids["דנה"], w.ids["דנה"]}); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		for _, row := range []struct {
			name    string
			exclude []segment.ID
			want    int
		}{
			{"nobody", nil, 4},
			{"Hungarians", []segment.ID{hu.ID}, 2},
			{"those that only Go finds", []segment.ID{gyor.ID}, 3},
			{"members", []segment.ID{list.ID}, 3},
			{"of whom nobody knows whether they are young, nobody", []segment.ID{young.ID}, 4},
			{"several", []segment.ID{hu.ID, gyor.ID, list.ID}, 1},
		} {
			if n := w.count(t, segment.Selection{Condition: "true", Exclude: row.exclude}); n != row.want {
				t.Errorf("without %s there are %d, want %d", row.name, n, row.want)
			}
		}
		rest := w.save(t, segment.Draft{Name: "rest", Condition: "true", Exclude: []segment.ID{hu.ID, gyor.ID}})
		if n := w.count(t, segment.Selection{Condition: "true", Exclude: []segment.ID{rest.ID}}); n != 2 {
			t.Errorf("without those without Hungarians there are %d", n)
		}
		if got := w.audience(t, rest.ID, segment.ByEmail); !slices.Equal(got, []string{"angel@example.at", "dana@example.co.il"}) {
			t.Errorf("the audience is %v", got)
		}
		_, err := w.segments.Save(env.System(), segment.Draft{ID: hu.ID, Name: "HU", Condition: "true", Exclude: []segment.ID{rest.ID}})
		if !errors.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "leads back to the segment itself") {
			t.Errorf("a circle: %v", err)
		}
	})
}

func TestMembersAreKept(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newTown(t, env)
		list := w.save(t, segment.Draft{Name: "lista", Kind: segment.Static})
		hu := segment.Selection{Condition: `party.country == "HU"`}
		for _, want := range []int{2, 0} { // the second time all are in
			if n, err := w.segments.Fill(env.System(), list.ID, hu); n != want || err != nil {
				t.Errorf("filled with %d (%v), want %d", n, err, want)
			}
		}
		if _, err := w.segments.Add(env.As("anna", editor, actor.Own), list.ID, []party.ID{w.ids["דנה"]}); !errors.Is(err, fault.Invalid) {
			t.Errorf("somebody unseen was put in: %v", err)
		}
		if n, err := w.segments.Remove(env.System(), list.ID, []party.ID{w.ids["Kovács Anna"], w.ids["דנה"]}); n != 1 || err != nil {
			t.Errorf("took out %d (%v)", n, err)
		}
		if got := w.audience(t, list.ID, segment.ByMobile); !slices.Equal(got, []string{"+36301234567"}) {
			t.Errorf("the audience is %v", got)
		}
		dynamic := w.save(t, segment.Draft{Name: "HU", Condition: hu.Condition})
		if _, err := w.segments.Add(env.System(), dynamic.ID, nil); !errors.Is(err, fault.Invalid) {
			t.Errorf("members of a dynamic one: %v", err)
		}
		// Merged into another one, a member is that one.
		err := env.DB.Write(env.System(), func(ctx context.Context, s *store.Session) error {
			_, err := s.Exec(ctx, store.From[party.Party](""), "UPDATE crm_party SET merged_into = ? WHERE {scope} AND id = ?", w.ids["Ángel"], w.ids["Szabó Gábor"])
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := w.audience(t, list.ID, segment.ByEmail); !slices.Equal(got, []string{"angel@example.at"}) {
			t.Errorf("after the merge the audience is %v", got)
		}
	})
}

func TestAnAudienceBeyondSQLIsEvaluatedFirst(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newTown(t, env)
		id := w.save(t, segment.Draft{Name: "ékezet", Condition: `fold(party.city) in ["pecs", "gyor"] or party.country == "IL"`}).ID
		for range 2 { // the second time members are replaced
			if got := w.audience(t, id, segment.ByEmail); !slices.Equal(got, []string{"anna@example.hu", "dana@example.co.il"}) {
				t.Errorf("the audience is %v", got)
			}
		}
		if s, err := w.segments.Get(env.System(), id); err != nil || !s.EvaluatedAt.Equal(env.Clock.Now()) {
			t.Errorf("evaluated at %s (%v)", s.EvaluatedAt, err)
		}
	})
}

// allWithEmail is an audience of another package.
type allWithEmail struct{ company string }

func (a allWithEmail) Select(*store.Session) (string, []any, error) {
	return "SELECT p.id AS party_id, 'x' || p.email AS address, p.language AS language, p.name AS name FROM crm_party AS p WHERE p.company = ? AND p.email <> ''", []any{a.company}, nil
}

func TestAnotherAudienceIsNarrowed(t *testing.T) {
	env := testutil.SQLite(t)
	w := newTown(t, env)
	hu := w.save(t, segment.Draft{Name: "not HU", Condition: `party.country != "HU"`})
	// Ángel was merged into Gábor, who is a Hungarian: what Ángel subscribed to is Gábor's now.
	err := env.DB.Write(env.System(), func(ctx context.Context, s *store.Session) error {
		_, err := s.Exec(ctx, store.From[party.Party](""), "UPDATE crm_party SET merged_into = ? WHERE {scope} AND id = ?", w.ids["Szabó Gábor"], w.ids["Ángel"])
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	a, err := w.segments.Audience(env.System(), hu.ID, segment.ByEmail)
	if err != nil {
		t.Fatal(err)
	}
	if got := w.addresses(t, a.Of(allWithEmail{env.Company})); !slices.Equal(got, []string{"xdana@example.co.il"}) {
		t.Errorf("the audience is %v", got)
	}
}

func TestWhoSeesWhom(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newTown(t, env)
		for _, row := range []struct {
			ctx  context.Context
			want int
		}{
			{env.As("béla", editor, actor.Own), 1}, {env.As("cili", editor, actor.Own), 0}, {env.As("béla", editor, actor.All), 4},
		} {
			n, err := w.segments.Count(row.ctx, segment.Selection{Condition: "true"})
			rows, sampled := w.segments.Sample(row.ctx, segment.Selection{Condition: `fold(party.name) != ""`})
			if n != row.want || len(rows) != row.want || err != nil || sampled != nil {
				t.Errorf("sees %d and %d (%v, %v), want %d", n, len(rows), err, sampled, row.want)
			}
		}
		other := *env
		other.Company = env.Company + "x"
		if n, err := w.segments.Count(other.System(), segment.Selection{Condition: "true"}); n != 0 || err != nil {
			t.Errorf("another company sees %d (%v)", n, err)
		}
	})
}

func TestQueriesUseIndexes(t *testing.T) {
	env, plans := testutil.Planned(t)
	w := newTown(t, env)
	id := w.save(t, segment.Draft{Name: "x", Condition: `any(leads, .status == "new") and opportunity.won > 1 and activity.last_contact_at < days_ago(30) and fold(party.city) == "pecs" and count(quotes) == 0`}).ID
	list := w.save(t, segment.Draft{Name: "y", Kind: segment.Static, Exclude: []segment.ID{id}}).ID
	w.audience(t, id, segment.ByEmail)
	w.count(t, segment.Selection{Segment: list})
	if _, err := w.segments.Sample(env.System(), segment.Selection{Segment: id}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.segments.Fill(env.System(), list, segment.Selection{Segment: id}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.segments.Versions(env.System(), id); err != nil {
		t.Fatal(err)
	}
	for _, scan := range plans.Scans() {
		t.Errorf("a scan: %s", scan)
	}
	for statement, plan := range plans.Each {
		if strings.HasPrefix(statement, "SELECT 1 AS one") && !strings.Contains(plan, "ix_party_merged_into") {
			t.Errorf("%s\n%s", statement, plan)
		}
	}
}

func TestConfigIsChecked(t *testing.T) {
	env := testutil.SQLite(t)
	if _, err := segment.New(env.DB, segment.Config{}); !errors.Is(err, fault.Invalid) {
		t.Errorf("no locales: %v", err)
	}
	_, err := segment.New(env.DB, segment.Config{Locales: func(string) locale.Locale { return locale.Locale{} }, Lists: []rule.List{{Name: "leads"}}})
	if !errors.Is(err, fault.Invalid) || !strings.Contains(fmt.Sprint(err), "leads") {
		t.Errorf("a list twice: %v", err)
	}
}
