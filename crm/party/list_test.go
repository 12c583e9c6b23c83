package party_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/testutil"
)

func TestListsOfPeopleAndCompanies(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		parties := party.New(env.DB, hungarian)
		ann, bor := party.Owner{User: "anna", Team: "north"}, party.Owner{User: "boris", Team: "south"}
		firm := add(t, env, party.Draft{Kind: party.Company, FullName: "Minta Kft.", Owner: ann})
		eva := add(t, env, party.Draft{FullName: "Mészáros Éva", Emails: []string{"eva@minta.hu"}, Owner: ann})
		add(t, env, party.Draft{FullName: "Kiss Béla", Owner: bor})
		add(t, env, party.Draft{FullName: "Ács Ödön", Owner: party.Owner{}})
		shared := add(t, env, party.Draft{FullName: "Иван Петров", Language: "ru", Owner: bor})
		if err := parties.Employ(env.System(), eva.ID, firm.ID); err != nil {
			t.Fatal(err)
		}
		if err := parties.Share(env.System(), shared.ID, "anna"); err != nil {
			t.Fatal(err)
		}
		for id, link := range map[party.ID]party.Link{eva.ID: {Role: party.Contact, HostKey: "K7"}, firm.ID: {Role: party.Customer, HostKey: "C42"}} {
			if err := parties.SetRole(env.System(), id, link, [16]byte{1}); err != nil {
				t.Fatal(err)
			}
		}
		names := func(ctx context.Context, f party.ListFilter) []string {
			t.Helper()
			out := []string{}
			for {
				got, err := parties.List(ctx, f)
				if err != nil {
					t.Fatal(err)
				}
				for _, r := range got.Rows {
					out = append(out, strings.TrimRight(strings.Join([]string{r.DisplayName, r.Employer, r.HostKey}, "|"), "|"))
				}
				if f.Page.After = got.Next; f.Page.After == "" {
					return out
				}
			}
		}
		all, anna, north := env.As("x", actor.Reader, actor.All), env.As("anna", actor.Reader, actor.Own, "north"), env.As("anna", actor.Reader, actor.Team, "north")
		for _, row := range []struct {
			name   string
			ctx    context.Context
			filter party.ListFilter
			want   []string
		}{
			{"people, in pages", all, party.ListFilter{Kind: party.Person, Page: store.Page{Limit: 2}}, []string{"Ács Ödön", "Kiss Béla", "Mészáros Éva|Minta Kft.|K7", "Иван Петров"}},
			{"companies", all, party.ListFilter{Kind: party.Company}, []string{"Minta Kft.||C42"}},
			{"by the beginning of the name", all, party.ListFilter{Name: "més"}, []string{"Mészáros Éva|Minta Kft.|K7"}},
			{"of one company", all, party.ListFilter{Employer: firm.ID}, []string{"Mészáros Éva|Minta Kft.|K7"}},
			{"my own and those shared with me", anna, party.ListFilter{Page: store.Page{Limit: 1}}, []string{"Mészáros Éva|Minta Kft.|K7", "Minta Kft.||C42", "Иван Петров"}},
			{"my team's and nobody's too", north, party.ListFilter{Kind: party.Person}, []string{"Ács Ödön", "Mészáros Éva|Minta Kft.|K7", "Иван Петров"}},
		} {
			if got := names(row.ctx, row.filter); !slices.Equal(got, row.want) {
				t.Errorf("%s: %q, want %q", row.name, got, row.want)
			}
		}
	})
}

func TestListOfCustomers(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		parties := party.New(env.DB, hungarian)
		for _, c := range []struct{ name, key, owner string }{{"Zöld Bt.", "C001", "anna"}, {"Kék Zrt.", "C002", "boris"}, {"Zöldség Kft.", "C100", "anna"}} {
			p := add(t, env, party.Draft{Kind: party.Company, FullName: c.name, Owner: party.Owner{User: c.owner}})
			if err := parties.SetRole(env.System(), p.ID, party.Link{Role: party.Customer, HostKey: c.key}, [16]byte{1}); err != nil {
				t.Fatal(err)
			}
		}
		all, anna := env.As("x", actor.Reader, actor.All), env.As("anna", actor.Reader, actor.Own)
		for _, row := range []struct {
			name   string
			ctx    context.Context
			filter party.CustomerFilter
			want   []string
		}{
			{"all, in pages", all, party.CustomerFilter{Page: store.Page{Limit: 2}}, []string{"C001", "C002", "C100"}},
			{"mine", anna, party.CustomerFilter{Page: store.Page{Limit: 1}}, []string{"C001", "C100"}},
			{"by key", all, party.CustomerFilter{HostKey: "C00"}, []string{"C001", "C002"}},
			{"by name, in pages", all, party.CustomerFilter{Name: "zöld", Page: store.Page{Limit: 1}}, []string{"C001", "C100"}},
		} {
			got := []string{}
			for {
				page, err := parties.ListCustomers(row.ctx, row.filter)
				if err != nil {
					t.Fatalf("%s: %v", row.name, err)
				}
				for _, r := range page.Rows {
					got = append(got, r.HostKey)
				}
				if row.filter.Page.After = page.Next; page.Next == "" {
					break
				}
			}
			if !slices.Equal(got, row.want) {
				t.Errorf("%s: %v, want %v", row.name, got, row.want)
			}
		}
	})
}

func TestListsSeek(t *testing.T) {
	env, plans := testutil.Planned(t)
	parties := party.New(env.DB, hungarian)
	team := env.As("anna", actor.Reader, actor.Team, "north")
	for _, f := range []party.ListFilter{{Kind: party.Person}, {Name: "k"}, {Page: store.Page{After: store.Cursor([]byte{1}, party.ID{1})}}} {
		for _, ctx := range []context.Context{team, env.As("x", actor.Reader, actor.All)} {
			if _, err := parties.List(ctx, f); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, f := range []party.CustomerFilter{{}, {Name: "k"}, {HostKey: "C", Page: store.Page{After: store.Cursor("C1", party.ID{1})}}} {
		if _, err := parties.ListCustomers(team, f); err != nil {
			t.Fatal(err)
		}
	}
	for _, scan := range plans.Scans() {
		t.Errorf("reads a whole table:\n%s", scan)
	}
}
