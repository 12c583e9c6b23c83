package party_test

import (
	"context"
	"errors"
	"testing"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/testutil"
)

func hungarian(string) locale.Locale {
	return locale.Locale{Language: locale.Hungarian, Currency: "HUF"}
}

func add(t *testing.T, env *testutil.Env, d party.Draft) party.Party {
	t.Helper()
	p, err := party.New(env.DB, hungarian).Add(env.System(), d)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestAddNormalisesAndRoundTrips(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		p := add(t, env, party.Draft{
			FullName: "dr. Kovács-Tóth Anna Mária", Emails: []string{"Anna.Kovacs@Example.com", "anna@example.org"},
			Phones: []string{"06 30 123 4567"}, Address: party.Address{PostalCode: "1051", City: "Budapest", Country: "Magyarország"},
		})
		got, err := party.New(env.DB, hungarian).Get(env.System(), p.ID)
		if err != nil {
			t.Fatal(err)
		}
		if got.Family != "Kovács-Tóth" || got.Given != "Anna" || got.Phone != "+36301234567" || got.Email != "anna.kovacs@example.com" || got.Country != "HU" {
			t.Errorf("got %+v", got)
		}
		points, err := party.New(env.DB, hungarian).Points(env.System(), p.ID)
		if err != nil || len(points) != 1 || points[0].Value != "anna@example.org" {
			t.Errorf("points %v, %v", points, err)
		}
	})
}

func TestAddNamesEveryFault(t *testing.T) {
	env := testutil.SQLite(t)
	_, err := party.New(env.DB, hungarian).Add(env.System(), party.Draft{FullName: "Kiss Béla", Emails: []string{"nem jó"}, TaxID: "12345678-1-11"})
	paths := map[string]bool{}
	for _, f := range fault.Of(err) {
		paths[f.Path] = true
	}
	if !errors.Is(err, fault.Invalid) || !paths["email"] || !paths["tax_id"] {
		t.Errorf("got %v, want faults at email and tax_id", err)
	}
}

func TestFindExplainsTheMatch(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		parties := party.New(env.DB, hungarian)
		same := add(t, env, party.Draft{FullName: "Kovács Anna", Emails: []string{"anna@example.com"}, Phones: []string{"+36301234567"}})
		add(t, env, party.Draft{FullName: "Szabó Béla", Emails: []string{"bela@example.com"}})
		out, _ := party.Prepare(party.Draft{FullName: "Anna Kovács", Phones: []string{"06-30/123-4567"}}, hungarian(""))
		found, err := parties.Find(env.System(), out, "")
		if err != nil {
			t.Fatal(err)
		}
		if len(found) != 1 || found[0].Party.ID != same.ID || found[0].Match.Score < party.Likely || len(found[0].Match.Reasons) < 2 {
			t.Errorf("found %+v", found)
		}
	})
}

func TestFindManyAnswersEach(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		parties := party.New(env.DB, hungarian)
		a := add(t, env, party.Draft{FullName: "A", Emails: []string{"a@example.com"}})
		b := add(t, env, party.Draft{FullName: "B", Phones: []string{"+36301234567"}})
		var batch []*party.Prepared
		for _, d := range []party.Draft{
			{FullName: "A", Emails: []string{"a@example.com"}}, {FullName: "y", Emails: []string{"none@example.com"}}, {FullName: "B", Mobile: "+36 30 123 4567"},
		} {
			out, _ := party.Prepare(d, hungarian(""))
			batch = append(batch, &out)
		}
		known, err := parties.FindMany(env.System(), batch, make([]string, len(batch)))
		if err != nil {
			t.Fatal(err)
		}
		if known[0].Party.ID != a.ID || !known[1].Party.ID.IsZero() || known[2].Party.ID != b.ID {
			t.Errorf("found %+v, want %v, none, %v", known, a.ID, b.ID)
		}
	})
}

func TestMergeKeepsBothAndCanBeUndone(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		ctx, parties := env.System(), party.New(env.DB, hungarian)
		a := add(t, env, party.Draft{FullName: "Kovács Anna", Emails: []string{"anna@example.com"}})
		b := add(t, env, party.Draft{FullName: "Kovács Anna", Emails: []string{"anna@work.example.com"}, Phones: []string{"+36301234567"}})
		id, err := parties.Merge(ctx, a.ID, b.ID)
		if err != nil {
			t.Fatal(err)
		}
		got, err := parties.Get(ctx, b.ID)
		if err != nil || got.ID != a.ID || got.Phone != "+36301234567" {
			t.Errorf("the loser stands for %v with %q, %v", got.ID, got.Phone, err)
		}
		points, _ := parties.Points(ctx, a.ID)
		if len(points) != 1 || points[0].Value != "anna@work.example.com" {
			t.Errorf("points %v", points)
		}
		family, err := parties.Family(ctx, a.ID)
		if err != nil || len(family) != 2 || family[1] != b.ID {
			t.Errorf("family %v, %v", family, err)
		}
		if err := parties.Unmerge(ctx, id); err != nil {
			t.Fatal(err)
		}
		got, _ = parties.Get(ctx, a.ID)
		points, _ = parties.Points(ctx, a.ID)
		if got.Phone != "" || len(points) != 0 {
			t.Errorf("after the undo: phone %q, points %v", got.Phone, points)
		}
		if got, _ := parties.Get(ctx, b.ID); got.ID != b.ID {
			t.Errorf("after the undo the loser stands for %v", got.ID)
		}
	})
}

func TestTwoCustomersAreNotMerged(t *testing.T) {
	env := testutil.SQLite(t)
	parties := party.New(env.DB, hungarian)
	var ids []party.ID
	for _, c := range []erpbridge.Customer{{Key: "C1", Name: "Minta Kft."}, {Key: "C2", Name: "Minta Zrt."}} {
		p, err := parties.OfCustomer(env.System(), c)
		if err != nil {
			t.Fatal(err)
		}
		again, err := parties.OfCustomer(env.System(), c)
		if err != nil || again.ID != p.ID {
			t.Fatalf("the second touch gave %v, %v", again.ID, err)
		}
		ids = append(ids, p.ID)
	}
	_, err := parties.Merge(env.System(), ids[0], ids[1])
	if !errors.Is(err, fault.Invalid) {
		t.Errorf("got %v", err)
	}
}

func TestVisibility(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		parties := party.New(env.DB, hungarian)
		p := add(t, env, party.Draft{FullName: "Kovács Anna", Owner: party.Owner{User: "kovacs", Team: "north"}})
		stranger := actor.With(context.Background(), actor.System(env.Company+"x", "test"))
		for _, c := range []struct {
			name string
			ctx  context.Context
			sees bool
		}{
			{"owner", env.As("kovacs", actor.Seller, actor.Own), true},
			{"colleague who sees own", env.As("szabo", actor.Seller, actor.Own, "north"), false},
			{"colleague who sees the team", env.As("szabo", actor.Seller, actor.Team, "north"), true},
			{"other team", env.As("nagy", actor.Seller, actor.Team, "south"), false},
			{"manager", env.As("boss", actor.Manager, actor.All), true},
			{"other company", stranger, false},
		} {
			t.Run(c.name, func(t *testing.T) {
				_, err := parties.Get(c.ctx, p.ID)
				if c.sees != (err == nil) || err != nil && !errors.Is(err, fault.NotFound) {
					t.Errorf("got %v", err)
				}
				if err := parties.Assign(c.ctx, p.ID, party.Owner{User: "kovacs", Team: "north"}); c.sees != (err == nil) {
					t.Errorf("assign: %v", err)
				}
			})
		}
		if err := parties.Share(env.System(), p.ID, "nagy"); err != nil {
			t.Fatal(err)
		}
		if _, err := parties.Get(env.As("nagy", actor.Seller, actor.Own), p.ID); err != nil {
			t.Errorf("shared: %v", err)
		}
	})
}

func TestConcurrentMergesOfOnePair(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		parties := party.New(env.DB, hungarian)
		a := add(t, env, party.Draft{FullName: "Kovács Anna"})
		b := add(t, env, party.Draft{FullName: "Kovács Anna"})
		results := make(chan error)
		for i := range 8 {
			go func() {
				first, second := a.ID, b.ID
				if i%2 == 1 {
					first, second = second, first
				}
				_, err := parties.Merge(env.System(), first, second)
				results <- err
			}()
		}
		done := 0
		for range 8 {
			if err := <-results; err == nil {
				done++
			} else if !errors.Is(err, fault.Invalid) {
				t.Errorf("got %v", err)
			}
		}
		if done != 1 {
			t.Errorf("%d merges went through", done)
		}
		var rows int
		err := env.DB.Read(env.System(), func(ctx context.Context, s *store.Session) error {
			return s.Query(ctx, &rows, store.From[party.Merge]("m"), "SELECT COUNT(*) FROM crm_merge AS m WHERE {scope}")
		})
		if err != nil || rows != 1 {
			t.Errorf("%d merges on record, %v", rows, err)
		}
	})
}
