package quote_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/quote"
	"github.com/crmplus/crmplus/testutil"
)

func TestIssueFreezes(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		draft := w.draft(nil)
		issued, err := w.quotes.Issue(w.anna, draft.Quote.ID)
		w.ok(err)
		q := w.get(draft.Quote.ID).Quote
		is(t, "number", q.Number, "Q-2026-00001")
		is(t, "state", q.State, quote.Issued)
		is(t, "issued on", q.IssuedOn.String(), "2026-07-13")
		is(t, "addressee", q.Addressee.Name+"|"+q.Addressee.Attention+"|"+strings.Join(q.Addressee.Lines, "|"), "Minta Világítás Kft.|Szabó Éva|6720 Szeged|Petőfi utca 5.")
		w.sameEvents(q.ID, "quote.drafted", "quote.issued")

		file, err := w.quotes.PDF(w.anna, q.ID)
		w.ok(err)
		sum := sha256.Sum256(file)
		is(t, "hash of the PDF", hex.EncodeToString(sum[:]), string(q.PDFHash))
		var text []byte
		w.ok(env.DB.Read(env.System(), func(ctx context.Context, s *store.Session) (err error) {
			text, err = s.Blob(ctx, q.DocumentHash)
			return err
		}))
		var doc quote.Document
		w.ok(json.Unmarshal(text, &doc))
		is(t, "frozen number", doc.Number, q.Number)
		is(t, "frozen gross", doc.Totals.Gross.String(), "558800")
		is(t, "frozen line", doc.Lines[0].UnitPrice.String(), "11000")
		is(t, "frozen seller", doc.Seller.Name, "Fényforrás Kereskedelmi Zrt.")

		// the world moves on, the quote does not
		w.host.products["LAMP"], w.host.company.Name = w.host.products["POLE"], "Sötétség Kft."
		_, err = w.parties.Change(w.anna, w.minta.ID, w.minta.Version, party.Draft{Kind: party.Company, FullName: "Minta Zrt."})
		w.ok(err)
		env.Clock.Advance(48 * time.Hour)
		again, err := w.quotes.Issue(w.anna, q.ID)
		w.ok(err)
		is(t, "version after the second call", again.Quote.Version, issued.Quote.Version)
		same, err := w.quotes.PDF(w.anna, q.ID)
		w.ok(err)
		if !bytes.Equal(file, same) {
			t.Error("the PDF of an issued quote changed")
		}
		_, err = w.quotes.SetLines(w.anna, q.ID, 0, []quote.DraftLine{lamps("1")})
		wantCode(t, err, fault.Invalid)
		wantCode(t, w.quotes.Delete(w.anna, q.ID, 0), fault.Invalid)

		list, err := w.activities.Timeline(w.anna, w.minta.ID, []activity.Kind{activity.Quote}, store.Page{})
		w.ok(err)
		is(t, "timeline", list.Items[0].RefText+" "+list.Items[0].Subject, "Q-2026-00001 Q-2026-00001 árajánlat kiadva: 558\u00a0800\u00a0Ft")
	})
}

func TestIssueNamesEverythingThatIsMissing(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	nobody, err := w.parties.Add(w.anna, party.Draft{Kind: party.Person, Phones: []string{"+36301234567"}, Owner: party.Owner{User: "kovacs.anna"}})
	w.ok(err)
	draft := w.draft(func(in *quote.DraftInput) {
		in.Party, in.Contact = nobody.ID, party.ID{}
		in.Lines = []quote.DraftLine{{Kind: quote.Heading, Name: "Tételek"}}
		in.ValidUntil = civil.Date{Year: 2026, Month: 7, Day: 12}
	})
	w.host.company.Name = ""
	_, err = w.quotes.Issue(w.anna, draft.Quote.ID)
	wantCode(t, err, fault.Invalid)
	is(t, "faults", fmt.Sprint(paths(err)), "[addressee lines seller.name valid_until]")
	is(t, "state", w.get(draft.Quote.ID).Quote.State, quote.Draft)
}

func TestNumbers(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		w.config.Series = func(string) quote.Series { return quote.Series{Name: "ajánlat", Format: "ÁR{yy}/{n:03}"} }
		w.quotes = quote.New(env.DB, w.config)
		is(t, "first", w.issued(nil).Quote.Number, "ÁR26/001")
		is(t, "second", w.issued(nil).Quote.Number, "ÁR26/002")
		// half an hour before midnight UTC it is New Year in Budapest
		env.Clock.Advance(time.Date(2026, 12, 31, 23, 30, 0, 0, time.UTC).Sub(env.Clock.Now()))
		is(t, "new year in the company's zone", w.issued(nil).Quote.Number, "ÁR27/001")
	})
}

func TestSeriesCheck(t *testing.T) {
	for _, row := range []struct {
		name, format string
		right        bool
	}{
		{"default", quote.DefaultSeries.Format, true},
		{"no year", "AJ{n}", true},
		{"Hebrew", "הצעה {n:04}/{yy}", true},
		{"no number", "Q-{year}", false},
		{"unknown mark", "{month}-{n}", false},
		{"open bracket", "{n", false},
		{"silly width", "{n:099}", false},
		{"zero width", "{n:00}", false},
		{"too long", strings.Repeat("Q", 40) + "{n}", false},
		{"empty", "", false},
	} {
		t.Run(row.name, func(t *testing.T) {
			err := quote.Series{Name: "quote", Format: row.format}.Check()
			if (err == nil) != row.right {
				t.Errorf("%q: %v", row.format, err)
			}
		})
	}
}

func FuzzSeries(f *testing.F) {
	for _, seed := range []string{"Q-{year}-{n:05}", "{n}", "{{n}}", "}{", "{n:0", "ÁR{yy}/{n:03}", "%d{n}"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, format string) {
		err := quote.Series{Name: "quote", Format: format}.Check()
		if err == nil && !strings.Contains(format, "{n") {
			t.Errorf("%q passes without a number", format)
		}
	})
}

func TestIssueAtOnce(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		draft := w.draft(nil)
		cards := make([]quote.Card, 16)
		inParallel(len(cards), func(i int) {
			var err error
			if cards[i], err = w.quotes.Issue(w.anna, draft.Quote.ID); err != nil {
				t.Error(err)
			}
		})
		for _, c := range cards {
			is(t, "number", c.Quote.Number, "Q-2026-00001")
			is(t, "file", c.Quote.PDFHash, cards[0].Quote.PDFHash)
			is(t, "version", c.Quote.Version, int64(2))
		}
		w.sameEvents(draft.Quote.ID, "quote.drafted", "quote.issued")
	})
}

func TestNumbersHaveNoGaps(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		const n = 15
		drafts := make([]quote.ID, n)
		failing := map[quote.ID]bool{}
		for i := range drafts {
			drafts[i] = w.draft(nil).Quote.ID
			failing[drafts[i]] = i%3 == 0
		}
		// a third fails when the PDF is drawn, after the number was taken
		w.config.AcceptLink = func(_ string, id quote.ID) string {
			if failing[id] {
				return "ftp://nowhere"
			}
			return "https://fenyforras.example/q/" + id.String()
		}
		w.quotes = quote.New(env.DB, w.config)
		var mu sync.Mutex
		var numbers []string
		inParallel(n, func(i int) {
			card, err := w.quotes.Issue(w.anna, drafts[i])
			if failing[drafts[i]] != (err != nil) {
				t.Errorf("quote %d: %v", i, err)
				return
			}
			if err == nil {
				mu.Lock()
				defer mu.Unlock()
				numbers = append(numbers, card.Quote.Number)
			}
		})
		slices.Sort(numbers)
		for i, number := range numbers {
			is(t, "number", number, fmt.Sprintf("Q-2026-%05d", i+1))
		}
		is(t, "issued", len(numbers), n-n/3)
	})
}

// What the host rolls back leaves nothing of ours, and the number is free again.
func TestIssueInTheHostsTransaction(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		id := w.draft(nil).Quote.ID
		for _, commit := range []bool{false, true} {
			tx, err := env.DB.SQL().BeginTx(context.Background(), nil)
			w.ok(err)
			card, err := quote.New(env.DB.Bind(tx), w.config).Issue(w.anna, id)
			w.ok(err)
			is(t, "number", card.Quote.Number, "Q-2026-00001")
			if commit {
				w.ok(tx.Commit())
				is(t, "state", w.get(id).Quote.State, quote.Issued)
				continue
			}
			w.ok(tx.Rollback())
			is(t, "state", w.get(id).Quote.State, quote.Draft)
			w.sameEvents(id, "quote.drafted")
		}
	})
}

func TestTextsAreComplete(t *testing.T) {
	if missing := quote.Texts.Missing(); len(missing) > 0 {
		t.Error(missing)
	}
	for _, s := range quote.States {
		for _, l := range locale.Languages {
			if strings.HasPrefix(s.In(l), "state.") {
				t.Errorf("state %s has no word in %s", s, l)
			}
		}
	}
}

// inParallel runs f(0) to f(n-1) at once.
func inParallel(n int, f func(i int)) {
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-start
			f(i)
		})
	}
	close(start)
	wg.Wait()
}

func TestVersions(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		first := w.issued(func(in *quote.DraftInput) {
			in.Lines = []quote.DraftLine{lamps("40"), {Product: "POLE", Quantity: money.MustQuantity("1"), UnitPrice: ptr(money.MustAmount("90000"))}}
		})
		second, err := w.quotes.NewVersion(w.anna, first.Quote.ID)
		w.ok(err)
		is(t, "revision", second.Quote.Revision, 2)
		is(t, "lines", len(second.Lines), 2)
		is(t, "price by hand", second.Lines[1].PriceManual, true)
		is(t, "number of the draft", second.Quote.Number, "")
		same, err := w.quotes.NewVersion(w.anna, first.Quote.ID)
		w.ok(err)
		is(t, "the draft that exists", same.Quote.ID, second.Quote.ID)

		file, err := w.quotes.PDF(w.anna, first.Quote.ID)
		w.ok(err)
		second, err = w.quotes.Issue(w.anna, second.Quote.ID)
		w.ok(err)
		is(t, "number", second.Quote.Number, "Q-2026-00001/2")
		old := w.get(first.Quote.ID)
		is(t, "old one", old.Quote.State, quote.Superseded)
		is(t, "versions", len(old.Versions), 2)
		kept, err := w.quotes.PDF(w.anna, first.Quote.ID)
		w.ok(err)
		is(t, "its file", bytes.Equal(file, kept), true)
		w.sameEvents(first.Quote.ID, "quote.drafted", "quote.issued", "quote.superseded")
		_, err = w.quotes.Accept(w.anna, first.Quote.ID, quote.Answer{By: "Szabó Éva"})
		wantCode(t, err, fault.Conflict)

		third, err := w.quotes.NewVersion(w.anna, second.Quote.ID)
		w.ok(err)
		_, err = w.quotes.Accept(w.anna, second.Quote.ID, quote.Answer{By: "Szabó Éva"})
		w.ok(err)
		_, err = w.quotes.Issue(w.anna, third.Quote.ID)
		wantCode(t, err, fault.Invalid)
		w.ok(w.quotes.Delete(w.anna, third.Quote.ID, 0))
		_, err = w.quotes.NewVersion(w.anna, second.Quote.ID)
		wantCode(t, err, fault.Invalid)
		is(t, "a new quote has the next number", w.issued(nil).Quote.Number, "Q-2026-00002")
	})
}

// A new version and the answer to the old one: whoever comes first wins, and the other one is told.
func TestNewVersionAgainstAnswer(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		for range 5 {
			first := w.issued(nil).Quote.ID
			second, err := w.quotes.NewVersion(w.anna, first)
			w.ok(err)
			var issue, accept error
			inParallel(2, func(i int) {
				if i == 0 {
					_, issue = w.quotes.Issue(w.anna, second.Quote.ID)
				} else {
					_, accept = w.quotes.Accept(w.reader, first, quote.Answer{By: "Szabó Éva"})
				}
			})
			if (issue == nil) == (accept == nil) {
				t.Fatalf("issue: %v, accept: %v; one of them must win", issue, accept)
			}
			want := map[bool]quote.State{true: quote.Superseded, false: quote.Accepted}[issue == nil]
			is(t, "old version", w.get(first).Quote.State, want)
		}
	})
}

func TestNewVersionsAtOnce(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		first := w.issued(nil).Quote.ID
		got := make([]quote.ID, 8)
		inParallel(len(got), func(i int) {
			card, err := w.quotes.NewVersion(w.anna, first)
			if err != nil {
				t.Error(err)
			}
			got[i] = card.Quote.ID
		})
		is(t, "drafts", len(slices.Compact(got)), 1)
	})
}
