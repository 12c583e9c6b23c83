package search_test

import (
	"context"
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/search"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/quote"
	"github.com/crmplus/crmplus/testutil"
)

var budapest = locale.Locale{Language: locale.Hungarian, Zone: time.FixedZone("CEST", 2*3600), Currency: "HUF"}

// world is a search with what it looks through.
type world struct {
	*testutil.Env
	parties *party.Parties
	leads   *lead.Leads
	deals   *opportunity.Opportunities
	search  *search.Searches
	events  *event.Registry
}

func newWorld(t testing.TB, env *testutil.Env) *world {
	t.Helper()
	return newWorldAt(t, env, search.Config{})
}

func newWorldAt(t testing.TB, env *testutil.Env, config search.Config) *world {
	t.Helper()
	locales := func(string) locale.Locale { return budapest }
	w := &world{Env: env, parties: party.New(env.DB, locales), events: event.NewRegistry(), search: search.New(env.DB, config)}
	w.leads = lead.New(env.DB, lead.Config{Parties: w.parties, Host: erpbridge.Host{}})
	w.deals = opportunity.New(env.DB, opportunity.Config{Locale: locales})
	w.search.Register(w.events)
	return w
}

// each runs a test on both databases, and on SQLite also with the table of words.
func each(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) { test(t, newWorld(t, env)) })
	t.Run("words", func(t *testing.T) {
		w := newWorld(t, testutil.SQLite(t))
		search.UseWordTable(w.search)
		test(t, w)
	})
}

// index does what the background does.
func (w *world) index(t testing.TB) {
	t.Helper()
	worker := event.Worker{DB: w.DB, Registry: w.events, Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
	if _, err := worker.RunOnce(context.Background()); err != nil {
		t.Fatal(err)
	}
	for more := true; more; {
		var err error
		if more, err = w.search.Index(w.System()); err != nil {
			t.Fatal(err)
		}
	}
}

func (w *world) boss() context.Context { return w.As("vezeto", actor.Admin, actor.All) }

func (w *world) users() []context.Context {
	return []context.Context{w.boss(), w.As("anna", actor.Seller, actor.Own), w.As("anna", actor.Seller, actor.Team, "pest", "buda")}
}

// find gives the hits as "kind title", sorted.
func (w *world) find(t testing.TB, ctx context.Context, text string, kinds ...search.Kind) []string {
	t.Helper()
	out, err := w.search.Find(ctx, search.Query{Text: text, Kinds: kinds, Limit: search.MaxLimit})
	if err != nil {
		t.Fatalf("%.60q: %v", text, err)
	}
	list := []string{}
	for _, g := range out.Groups {
		for _, h := range g.Hits {
			list = append(list, string(h.Kind)+" "+h.Title)
		}
	}
	slices.Sort(list)
	return list
}

func (w *world) expect(t testing.TB, ctx context.Context, text string, want ...string) {
	t.Helper()
	slices.Sort(want)
	if got := w.find(t, ctx, text); !slices.Equal(got, want) {
		t.Errorf("%.80q found\n  %s\nwant\n  %s", text, strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

func (w *world) capture(t testing.TB, d lead.Draft) lead.Result {
	t.Helper()
	out, err := w.leads.Capture(w.System(), d)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (w *world) write(t testing.TB, unit store.Unit) {
	t.Helper()
	if err := w.DB.Write(w.System(), unit); err != nil {
		t.Fatal(err)
	}
}

// deal makes an opportunity.
func (w *world) deal(t testing.TB, name string, who party.ID, team opportunity.Team) opportunity.Opportunity {
	t.Helper()
	o, err := w.deals.Create(w.System(), opportunity.Draft{PartyID: who, Name: name, Team: team})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// quote writes a quote as its package does.
func (w *world) quote(t testing.TB, number, title string, who party.ID, owner party.Owner) quote.ID {
	t.Helper()
	var id quote.ID
	w.write(t, func(ctx context.Context, s *store.Session) error {
		id = store.NewKey[quote.Tag](s)
		q := quote.Quote{
			ID: id, BaseID: id, Revision: 1, PartyID: who, Number: number, Title: title, State: quote.Issued, Currency: "HUF",
			Language: locale.Hungarian, OwnerUser: owner.User, OwnerTeam: owner.Team, Net: money.MustAmount("1"),
		}
		if err := s.Insert(ctx, &q); err != nil {
			return err
		}
		return event.Emit(ctx, s, event.Fact{Kind: quote.EventIssued, Record: id.Bytes(), Version: 1})
	})
	return id
}

// customer makes a company that is a customer of the host, with one person.
func (w *world) customer(t testing.TB, key, name, contact string, owner party.Owner) (firm, person party.Party) {
	t.Helper()
	ctx := w.System()
	var err error
	if firm, err = w.parties.Add(ctx, party.Draft{Kind: party.Company, FullName: name, Owner: owner, Address: party.Address{City: "Pécs", Country: "HU"}}); err != nil {
		t.Fatal(err)
	}
	if err = w.parties.SetRole(ctx, firm.ID, party.Link{Role: party.Customer, HostKey: key}, [16]byte{}); err != nil {
		t.Fatal(err)
	}
	if person, err = w.parties.Add(ctx, party.Draft{Kind: party.Person, FullName: contact, Owner: owner, JobTitle: "beszerző"}); err != nil {
		t.Fatal(err)
	}
	if err = w.parties.Employ(ctx, person.ID, firm.ID); err != nil {
		t.Fatal(err)
	}
	return firm, person
}

// people are leads in five languages.
func (w *world) people(t testing.TB) {
	t.Helper()
	for _, d := range []lead.Draft{
		{Name: "Kovács Anna", Organization: "Zöld Kert Kft.", Emails: []string{"anna.kovacs@zoldkert.hu"}, Phones: []string{"+36 30 123 4567"}, Address: party.Address{City: "Székesfehérvár", Country: "HU"}},
		{Name: "Kovács Antal", Organization: "Őrsi és Társa Bt.", Emails: []string{"titkarsag@orsi.hu"}, Phones: []string{"+36 1 987 6543"}},
		{Name: "John O'Neill", Organization: "Müller & Søn Ltd", Emails: []string{"john@muller-son.co.uk"}, Phones: []string{"+44 20 7946 0958"}, Language: locale.English},
		{Name: "Иван Петрович Щербаков", Organization: "ООО Ромашка", Emails: []string{"ivan@romashka.ru"}, Phones: []string{"+7 495 123-45-67"}, Language: locale.Russian},
		{Name: "Γιώργος Παπαδόπουλος", Organization: "Ελληνικά Πλοία ΑΕ", Emails: []string{"george@ploia.gr"}, Phones: []string{"+30 21 0123 4567"}, Language: locale.Greek},
		{Name: "שרה כהן", Organization: "תפוזים בע״מ", Emails: []string{"sara@tapuzim.co.il"}, Phones: []string{"+972 50 123 4567"}, Language: locale.Hebrew},
	} {
		w.capture(t, d)
	}
}

// merge makes one lead of the first two.
func (w *world) merge(t testing.TB) (survivor, loser lead.ID, id party.MergeID) {
	t.Helper()
	list, err := w.leads.List(w.boss(), lead.Filter{Name: "Kovács"}, lead.ByName, store.Page{})
	if err != nil || len(list.Rows) != 2 {
		t.Fatalf("%d leads, %v", len(list.Rows), err)
	}
	survivor, loser = list.Rows[0].ID, list.Rows[1].ID
	if id, err = w.leads.Merge(w.boss(), survivor, loser); err != nil {
		t.Fatal(err)
	}
	return survivor, loser, id
}
