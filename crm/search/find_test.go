package search_test

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/search"
)

func TestPeopleAreFoundHoweverTheyAreTyped(t *testing.T) {
	const (
		anna, antal = "lead Kovács Anna", "lead Kovács Antal"
		john, ivan  = "lead John O'Neill", "lead Иван Петрович Щербаков"
		george      = "lead Γιώργος Παπαδόπουλος"
		sara        = "lead שרה כהן"
	)
	each(t, func(t *testing.T, w *world) {
		w.people(t)
		w.index(t)
		for _, row := range []struct {
			name, text string
			want       []string
		}{
			{"beginnings in another order", "an kov", []string{anna, antal}},
			{"beginnings", "kov an", []string{anna, antal}},
			{"the rest of a word", "kov ann", []string{anna}},
			{"without accents", "orsi tarsa", []string{antal}},
			{"with accents that are not there", "kövács ánna", []string{anna}},
			{"capitals", "KOVÁCS ANTAL", []string{antal}},
			{"the middle of a word", "ovacs", nil},
			{"company and name", "kovács zöld", []string{anna}},
			{"city", "szekesfeh", []string{anna}},
			{"apostrophe and o", "o'neill", []string{john}},
			{"Danish o, German u", "muller son", []string{john}},
			{"Cyrillic", "щербаков иван", []string{ivan}},
			{"Cyrillic in Latin letters", "shcherbakov", []string{ivan}},
			{"Cyrillic company in Latin letters", "romash", []string{ivan}},
			{"Greek without accents", "παπαδοπουλος", []string{george}},
			{"Greek with a final sigma and capitals", "ΓΙΏΡΓΟΣ", []string{george}},
			{"Greek in Latin letters", "papadop", []string{george}},
			{"Hebrew", "כהן שרה", []string{sara}},
			{"Hebrew beginning", "תפוז", []string{sara}},
			{"e-mail", "anna.kovacs@zoldkert.hu", []string{anna}},
			{"domain", "@zoldkert.hu", []string{anna}},
			{"local part", "titkarsag", []string{antal}},
			{"phone as dialled at home", "06 30 123 4567", []string{anna}},
			{"phone in one piece", "06301234567", []string{anna}},
			{"phone from abroad", "+36 (30) 123-4567", []string{anna}},
			{"phone with two zeros", "0036301234567", []string{anna}},
			{"beginning of a phone", "+36 30 12", []string{anna}},
			{"beginning of a phone as dialled", "06301", []string{anna}},
			{"phone without its country", "30/123-4567", []string{anna}},
			{"last seven digits", "123 4567", []string{anna, ivan, george, sara}},
			{"another area", "0620 123 4567", nil},
			{"Russian trunk", "8 (495) 123-45-67", []string{ivan}},
			{"English trunk", "020 7946 0958", []string{john}},
			{"name and phone", "kovács 06-30-123-4567", []string{anna}},
			{"nothing", "", nil},
			{"no letters", " %*\"-- ' ", nil},
		} {
			t.Run(row.name, func(t *testing.T) { w.expect(t, w.boss(), row.text, row.want...) })
		}
	})
}

func TestAllKindsAreFoundAndSayWhere(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		firm, person := w.customer(t, "C000123", "Szikra Gépgyár Zrt.", "Őrsi Zsófia", party.Owner{})
		captured := w.capture(t, lead.Draft{Name: "Szikra Béla", Emails: []string{"bela@pelda.hu"}})
		w.deal(t, "Szikra: új gépsor", firm.ID, opportunity.Team{})
		w.quote(t, "AJ-2026/00042", "Gépsor telepítéssel", firm.ID, party.Owner{})
		w.index(t)
		boss := w.boss()
		w.expect(t, boss, "szikra", "lead Szikra Béla", "contact Őrsi Zsófia", "customer Szikra Gépgyár Zrt.", "opportunity Szikra: új gépsor", "quote AJ-2026/00042")
		w.expect(t, boss, "zsófia szikra", "contact Őrsi Zsófia")
		w.expect(t, boss, "c000123", "customer Szikra Gépgyár Zrt.")
		for _, number := range []string{"AJ-2026/00042", "2026/00042", "aj 2026", "00042"} {
			w.expect(t, boss, number, "quote AJ-2026/00042")
		}
		if got := w.find(t, boss, "szikra", search.Quote, search.Contact); !slices.Equal(got, []string{"contact Őrsi Zsófia", "quote AJ-2026/00042"}) {
			t.Errorf("of two kinds: %v", got)
		}
		out, err := w.search.Find(boss, search.Query{Text: "szikra"})
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range out.Groups {
			h := g.Hits[0]
			switch h.Kind {
			case search.Lead:
				if [16]byte(h.ID) != [16]byte(captured.Lead) || !slices.Equal(h.Where, []search.Field{search.InName}) || h.State != "new" {
					t.Errorf("the lead is shown as %+v", h)
				}
			case search.Contact:
				if h.PartyID != person.ID || !slices.Equal(h.Where, []search.Field{search.InCompany}) || h.Subtitle != "Szikra Gépgyár Zrt. · beszerző" {
					t.Errorf("the contact is shown as %+v", h)
				}
			case search.Customer:
				if h.HostKey != "C000123" || h.Subtitle != "C000123 · Pécs" {
					t.Errorf("the customer is shown as %+v", h)
				}
			case search.Quote:
				if h.Subtitle != "Gépsor telepítéssel · Szikra Gépgyár Zrt." || h.State != "issued" {
					t.Errorf("the quote is shown as %+v", h)
				}
			case search.Opportunity:
				if !strings.HasPrefix(h.Subtitle, "Szikra Gépgyár Zrt. · ") || h.State != "open" {
					t.Errorf("the opportunity is shown as %+v", h)
				}
			}
		}
	})
}

func TestNobodyFindsWhatHeMayNotOpen(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		owners := map[string]party.Owner{
			"anna": {User: "anna", Team: "pest"}, "bela": {User: "bela", Team: "pest"}, "cili": {User: "cili", Team: "buda"}, "senki": {},
		}
		shared := map[string]party.ID{}
		for _, name := range []string{"anna", "bela", "cili", "senki"} {
			o := owners[name]
			d := leadOf("Titkos " + name)
			d.Owner = o
			captured := w.capture(t, d)
			firm, _ := w.customer(t, "K-"+name, "Titkos Kft. "+name, "Titkos Ember "+name, o)
			shared[name] = captured.Party
			w.quote(t, "AJ-"+name, "Titkos ajánlat", firm.ID, o)
			w.deal(t, "Titkos üzlet "+name, firm.ID, opportunity.Team{Owner: o.User, OwnerTeam: o.Team})
		}
		if err := w.parties.Share(w.System(), shared["cili"], "anna"); err != nil {
			t.Fatal(err)
		}
		w.deal(t, "Titkos közös üzlet", shared["cili"], opportunity.Team{Owner: "cili", OwnerTeam: "buda", Sellers: opportunity.Even("cili", "anna")})
		w.index(t)
		of := func(names ...string) (all []string) {
			for _, n := range names {
				all = append(all, "lead Titkos "+n, "contact Titkos Ember "+n, "customer Titkos Kft. "+n, "quote AJ-"+n, "opportunity Titkos üzlet "+n)
			}
			return all
		}
		common := []string{"lead Titkos cili", "opportunity Titkos közös üzlet"}
		for _, row := range []struct {
			name string
			ctx  context.Context
			want []string
		}{
			{"everything", w.As("x", actor.Seller, actor.All), append(of("anna", "bela", "cili", "senki"), common[1])},
			{"own, shared, sold in", w.As("anna", actor.Seller, actor.Own), append(of("anna"), common...)},
			{"own", w.As("bela", actor.Seller, actor.Own), of("bela")},
			{"nothing own", w.As("dora", actor.Seller, actor.Own), nil},
			{"team and unowned", w.As("bela", actor.Seller, actor.Team, "pest"), of("anna", "bela", "senki")},
			{"two teams", w.As("bela", actor.Seller, actor.Team, "pest", "buda"), append(of("anna", "bela", "cili", "senki"), common[1])},
			{"no team", w.As("dora", actor.Seller, actor.Team), of("senki")},
			{"quotes alone", w.As("x", actor.Rights{actor.QuoteRead}, actor.All), onlyKinds(of("anna", "bela", "cili", "senki"), "quote", "contact", "customer")},
			{"leads alone", w.As("x", actor.Rights{actor.LeadRead}, actor.All), onlyKinds(of("anna", "bela", "cili", "senki"), "lead", "contact", "customer")},
			{"another company", actor.With(context.Background(), actor.User{Company: w.Company + "x", ID: "anna", Rights: actor.Admin, See: actor.All}.Actor()), nil},
			{"a group of companies", actor.With(context.Background(), actor.User{Company: w.Company + "x", ID: "anna", Rights: actor.Admin, See: actor.All, Group: []string{w.Company}}.Actor()), append(of("anna", "bela", "cili", "senki"), common[1])},
		} {
			t.Run(row.name, func(t *testing.T) { w.expect(t, row.ctx, "titk", row.want...) })
		}
		for _, a := range []actor.Actor{actor.Public(w.Company), actor.User{Company: w.Company, ID: "x", See: actor.All}.Actor(), {}} {
			if _, err := w.search.Find(actor.With(context.Background(), a), search.Query{Text: "titk"}); !errors.Is(err, fault.Forbidden) {
				t.Errorf("%s without rights: %v", a.Kind, err)
			}
		}
	})
}

func onlyKinds(all []string, kinds ...string) []string {
	return slices.DeleteFunc(all, func(hit string) bool {
		kind, _, _ := strings.Cut(hit, " ")
		return !slices.Contains(kinds, kind)
	})
}

func TestWhatCannotBeAskedIsRefused(t *testing.T) {
	w := newWorld(t, testutilSQLite(t))
	_, err := w.search.Find(w.boss(), search.Query{Text: "x", Kinds: []search.Kind{"invoice"}, Limit: -1})
	if !errors.Is(err, fault.Invalid) || len(fault.Of(err)) != 2 {
		t.Errorf("got %v", err)
	}
}

func FuzzFind(f *testing.F) {
	for _, text := range []string{
		`"`, `kov* OR 1`, "NEAR(a b)", "a AND NOT b", "words:kov", "^kov", "x\x00y", strings.Repeat("kovács ", 2000), "'; DROP TABLE crm_lead; --", "{scope}", "?", "%", "_", "[a-z]", "þ", "ð7654321",
		"\xff\xfe", "+36 30 123 4567 8901234567890", "06", "0", "-kov", "\u202ekov", "כהן", "ﷺ", "１２３", "a\u0301\u0301", strings.Repeat("9", 10_000),
	} {
		f.Add(text)
	}
	w := newWorld(f, testutilSQLite(f))
	w.people(f)
	w.index(f)
	words := newWorld(f, w.Env)
	search.UseWordTable(words.search)
	f.Fuzz(func(t *testing.T, text string) {
		for _, ctx := range w.users() {
			if _, err := w.search.Find(ctx, search.Query{Text: text}); err != nil {
				t.Fatalf("%q: %v", text, err)
			}
			if _, err := words.search.Find(ctx, search.Query{Text: text}); err != nil {
				t.Fatalf("words: %q: %v", text, err)
			}
		}
	})
}

func TestQuestionsAreData(t *testing.T) {
	for _, row := range []struct{ text, contains, match string }{
		{`kov" OR "x*`, `("kov*") AND ("or*") AND ("x*")`, `("kov" *) AND ("or" *) AND ("x" *)`},
		{"Щербаков", `("щербаков*") OR ("shcherbakov*")`, `("щербак" *) OR ("shcher" *)`},
	} {
		strip := strings.NewReplacer("((", "(", "))", ")")
		if got := strip.Replace(search.Contains(row.text)); got != row.contains {
			t.Errorf("CONTAINS is asked %s, want %s", got, row.contains)
		}
		if got := strip.Replace(search.Match(row.text)); got != row.match {
			t.Errorf("MATCH is asked %s, want %s", got, row.match)
		}
	}
}

// FuzzQuestion holds what is sent to the engines: quoted words of letters and digits, and nothing else.
func FuzzQuestion(f *testing.F) {
	for _, text := range []string{`"`, `kov* OR 1`, "a AND NOT b", "06 30 123 4567", "x\x00y", "כהן Щербаков", "\xff", "þ ð", strings.Repeat("a1 ", 4000)} {
		f.Add(text)
	}
	plain := regexp.MustCompile(`^(\(|\)| AND | OR |"[\p{L}\p{N}\p{M}]+"? ?\*"?)*$`)
	f.Fuzz(func(t *testing.T, text string) {
		for _, sent := range []string{search.Match(text), search.Contains(text)} {
			if !plain.MatchString(sent) {
				t.Errorf("%q is asked as %s", text, sent)
			}
			if len(sent) > 8000 {
				t.Errorf("%d bytes are asked", len(sent))
			}
		}
	})
}
