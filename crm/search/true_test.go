package search_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/search"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/testutil"
)

func testutilSQLite(t testing.TB) *testutil.Env { return testutil.SQLite(t) }

func leadOf(name string) lead.Draft {
	n := strings.ReplaceAll(party.Fold(name), " ", ".")
	return lead.Draft{Name: name, Emails: []string{n + "@pelda.hu"}}
}

func TestMergedLeadsAreFoundAsOne(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.people(t)
		w.index(t)
		w.expect(t, w.boss(), "kovács", "lead Kovács Anna", "lead Kovács Antal")
		_, _, id := w.merge(t)
		w.index(t)
		w.expect(t, w.boss(), "kovács", "lead Kovács Anna")
		w.expect(t, w.boss(), "kovács antal", "lead Kovács Anna")
		w.expect(t, w.boss(), "őrsi", "lead Kovács Anna")
		if err := w.leads.Unmerge(w.boss(), id); err != nil {
			t.Fatal(err)
		}
		w.index(t)
		w.expect(t, w.boss(), "kovács", "lead Kovács Anna", "lead Kovács Antal")
		w.expect(t, w.boss(), "kovács antal", "lead Kovács Antal")
	})
}

func TestChangesWithoutAnEventAreFound(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		firm, person := w.customer(t, "C1", "Régi Név Kft.", "Kis Éva", party.Owner{})
		captured := w.capture(t, leadOf("Nagy Elek"))
		w.quote(t, "AJ-1", "Ajánlat", firm.ID, party.Owner{})
		w.index(t)
		w.expect(t, w.boss(), "régi", "customer Régi Név Kft.", "contact Kis Éva", "quote AJ-1")
		if _, err := w.parties.Change(w.System(), firm.ID, firm.Version, party.Draft{Kind: party.Company, FullName: "Új Név Zrt."}); err != nil {
			t.Fatal(err)
		}
		who, err := w.parties.Get(w.System(), captured.Party)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.parties.Change(w.System(), who.ID, who.Version, party.Draft{Kind: party.Person, FullName: "Nagy Előd"}); err != nil {
			t.Fatal(err)
		}
		if err := w.parties.Assign(w.System(), person.ID, party.Owner{User: "anna"}); err != nil {
			t.Fatal(err)
		}
		w.expect(t, w.boss(), "régi") // the index is behind, but no hit is wrong
		w.index(t)
		w.expect(t, w.boss(), "új név", "customer Új Név Zrt.", "contact Kis Éva", "quote AJ-1")
		w.expect(t, w.boss(), "előd", "lead Nagy Előd")
		w.expect(t, w.As("anna", actor.Seller, actor.Own), "kis", "contact Kis Éva")
	})
}

func TestAnUndoneImportIsGone(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		file := "Név;Cég;E-mail\nFehér Ágota;Hattyú Kft.;agota@hattyu.hu\nFekete Ubul;Holló Bt.;ubul@hollo.hu\n"
		src := lead.Source{Name: "vasar.csv", File: strings.NewReader(file), Size: int64(len(file))}
		boss := w.As("vezeto", actor.Manager, actor.All)
		preview, err := w.leads.Preview(boss, src, lead.PreviewOptions{})
		if err != nil {
			t.Fatal(err)
		}
		out, err := w.leads.Import(boss, src, preview.Plan)
		if err != nil {
			t.Fatal(err)
		}
		w.index(t)
		w.expect(t, boss, "ubul holló", "lead Fekete Ubul")
		if n := w.entries(t); n < 2 {
			t.Errorf("%d entries", n)
		}
		if _, err := w.leads.UndoImport(boss, out.ID); err != nil {
			t.Fatal(err)
		}
		w.expect(t, boss, "ubul") // at once
		w.index(t)
		w.Clock.Advance(11 * time.Minute)
		w.index(t)
		if n := w.entries(t); n != 0 {
			t.Errorf("%d entries are left of an import that was undone", n)
		}
	})
}

// entries counts what the index has of the company.
func (w *world) entries(t testing.TB) (n int) {
	t.Helper()
	w.write(t, func(ctx context.Context, s *store.Session) error {
		return s.Query(ctx, &n, store.From[search.Entry]("search"), "SELECT COUNT(*) FROM crm_search AS search WHERE {scope}")
	})
	return n
}

func TestAnIndexIsBuiltWhereThereIsNone(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for i := range 3 {
			w.capture(t, leadOf(fmt.Sprintf("Régi Lead %c", 'A'+i)))
		}
		out, err := w.search.Find(w.boss(), search.Query{Text: "régi"})
		if err != nil || !out.Building || len(out.Groups) > 0 {
			t.Errorf("before it is built: %+v, %v", out, err)
		}
		for more := true; more; { // the background alone, without events
			if more, err = w.search.Index(w.System()); err != nil {
				t.Fatal(err)
			}
		}
		w.expect(t, w.boss(), "régi", "lead Régi Lead A", "lead Régi Lead B", "lead Régi Lead C")
		if out, err = w.search.Find(w.boss(), search.Query{Text: "régi"}); err != nil || out.Building {
			t.Errorf("when it is built: %+v, %v", out, err)
		}
	})
}

func TestRebuildGoesOnWhereItBrokeOff(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	n := 3*search.BuildChunk + 7
	for i := range n {
		w.capture(t, lead.Draft{Name: fmt.Sprintf("Soros %d", i), Emails: []string{fmt.Sprintf("s%d@sor.hu", i)}})
	}
	ctx, cancel := context.WithCancel(w.boss())
	begun := 0
	stop := w.search.On(w.DB.WithClock(func() time.Time { // ends when the third chunk begins
		if begun++; begun == 4 {
			cancel()
		}
		return w.Clock.Now()
	}))
	if _, err := stop.Rebuild(ctx); err == nil {
		t.Fatal("it was not broken off")
	}
	had := w.entries(t)
	if had == 0 || had >= n {
		t.Fatalf("%d of %d entries were there when it broke off", had, n)
	}
	read, err := w.search.Rebuild(w.boss())
	if err != nil || w.entries(t) != n {
		t.Fatalf("%d of %d entries, %v", w.entries(t), n, err)
	}
	if read < int64(n) {
		t.Errorf("%d records were counted", read)
	}
	if _, err := w.search.Rebuild(w.boss()); err != nil || w.entries(t) != n {
		t.Errorf("built again there are %d of %d entries, %v", w.entries(t), n, err)
	}
	if _, err := w.search.Rebuild(w.As("anna", actor.Seller, actor.All)); err == nil {
		t.Error("a seller may rebuild the index")
	}
}

// TestIndexIsWhatAScanFinds does random things to leads and compares the search with a look at every lead.
func TestIndexIsWhatAScanFinds(t *testing.T) {
	names := []string{"Kovács Anna", "Kovács Antal", "Nagy Ödön", "Иван Щербаков", "Γιώργος Νικολάου", "שרה כהן", "John Smith", "Müller Änne", "Kiss-Nagy Éva", "Őry Kő"}
	firms := []string{"", "Zöld Kert Kft.", "Kovács és Fia Bt.", "ООО Ромашка", "Πλοία ΑΕ"}
	run := func(t *testing.T, words bool) {
		w := newWorld(t, testutil.SQLite(t))
		if words {
			search.UseWordTable(w.search)
		}
		count := 0
		rapid.Check(t, func(r *rapid.T) {
			all := w.all(t)
			pick := func(name string) lead.Row { return all[rapid.IntRange(0, len(all)-1).Draw(r, name)] }
			for range rapid.IntRange(1, 4).Draw(r, "operations") {
				switch op := rapid.IntRange(0, 5).Draw(r, "operation"); {
				case op <= 2 || len(all) < 2:
					count++
					w.capture(t, lead.Draft{
						Name: rapid.SampledFrom(names).Draw(r, "name"), Organization: rapid.SampledFrom(firms).Draw(r, "firm"),
						Emails: []string{fmt.Sprintf("x%d@pelda.hu", count)}, Owner: party.Owner{User: rapid.SampledFrom([]string{"anna", "bela"}).Draw(r, "owner")},
					})
				case op == 3:
					l, firm := pick("edited"), rapid.SampledFrom(firms[1:]).Draw(r, "new firm")
					if _, err := w.leads.Edit(w.boss(), l.ID, 0, lead.Patch{Organization: &firm}); err != nil {
						t.Fatal(err)
					}
				case op == 4:
					if _, err := w.leads.Assign(w.boss(), pick("assigned").ID, 0, party.Owner{User: rapid.SampledFrom([]string{"anna", "bela", ""}).Draw(r, "to")}); err != nil {
						t.Fatal(err)
					}
				default: // found by nobody any more is not random enough: parties change
					l := pick("renamed")
					p, err := w.parties.Get(w.System(), l.PartyID)
					if err != nil {
						t.Fatal(err)
					}
					d := party.Draft{Kind: p.Kind, FullName: rapid.SampledFrom(names).Draw(r, "new name"), Emails: []string{p.Email}}
					if _, err := w.parties.Change(w.System(), p.ID, p.Version, d); err != nil {
						t.Fatal(err)
					}
				}
				all = w.all(t)
			}
			w.index(t)
			var asked []string
			for _, word := range strings.Fields(party.Fold(rapid.SampledFrom(append(names, firms[1:]...)).Draw(r, "of"))) {
				letters := []rune(word)
				asked = append(asked, string(letters[:rapid.IntRange(1, len(letters)).Draw(r, "letters")]))
			}
			slices.Reverse(asked)
			for i, ctx := range []context.Context{w.boss(), w.As("anna", actor.Seller, actor.Own), w.As("bela", actor.Seller, actor.Team)} {
				var want []string
				for _, l := range all {
					mine := i == 0 || i == 1 && l.OwnerUser == "anna" || i == 2 && (l.OwnerUser == "bela" || l.OwnerUser == "" && l.OwnerTeam == "")
					if mine && begins(l, asked) {
						want = append(want, l.ID.String())
					}
				}
				out, err := w.search.Find(ctx, search.Query{Text: strings.Join(asked, " "), Kinds: []search.Kind{search.Lead}, Limit: search.MaxLimit})
				if err != nil {
					t.Fatal(err)
				}
				var got []string
				for _, g := range out.Groups {
					for _, h := range g.Hits {
						got = append(got, h.ID.String())
					}
				}
				slices.Sort(got)
				slices.Sort(want)
				every, err := w.search.All(ctx, search.Query{Text: strings.Join(asked, " "), Kinds: []search.Kind{search.Lead}, Limit: 1})
				if err != nil {
					t.Fatal(err)
				}
				var whole []string
				for _, g := range every.Groups {
					for _, h := range g.Hits {
						whole = append(whole, h.ID.String())
					}
					if g.More {
						t.Fatalf("user %d, %q: more than all", i, asked)
					}
				}
				if slices.Sort(whole); !slices.Equal(whole, want) {
					t.Fatalf("user %d, %q: all are %d, a scan has %d", i, asked, len(whole), len(want))
				}
				if len(want) > search.MaxLimit { // any of them
					want = slices.DeleteFunc(want, func(id string) bool { return !slices.Contains(got, id) })
					if len(got) != search.MaxLimit {
						t.Fatalf("user %d, %q: %d hits of many", i, asked, len(got))
					}
				}
				if !slices.Equal(got, want) {
					t.Fatalf("user %d, %q: found %d, a scan %d", i, asked, len(got), len(want))
				}
			}
		})
	}
	t.Run("fts5", func(t *testing.T) { run(t, false) })
	t.Run("words", func(t *testing.T) { run(t, true) })
}

// begins says by itself whether every word begins a word of the lead, in its own letters or in Latin ones.
func begins(l lead.Row, asked []string) bool {
	text := l.Name + " " + l.Organization + " " + l.Email
	have := append(strings.Fields(party.Fold(text)), strings.Fields(party.Transliterate(text))...)
	for _, a := range asked {
		if !slices.ContainsFunc(have, func(h string) bool { return strings.HasPrefix(h, a) || strings.HasPrefix(h, party.Transliterate(a)) }) {
			return false
		}
	}
	return true
}

func (w *world) all(t testing.TB) (all []lead.Row) {
	t.Helper()
	for after := ""; ; {
		list, err := w.leads.List(w.boss(), lead.Filter{}, lead.ByArrival, store.Page{Limit: 500, After: after})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, list.Rows...)
		if after = list.Next; after == "" {
			return all
		}
	}
}
