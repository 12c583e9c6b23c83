package activity_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/testutil"
)

// rowsVariable sets how many activities the benchmarks run over; 100,000 where it is not set.
const rowsVariable = "CRMPLUS_BENCH_ROWS"

// history is a company with many activities: a company with 40 people and an eleventh of all entries, a
// customer with 20,000, and 18 or 19 for everybody else.
type history struct {
	acts            *activity.Activities
	db              *sql.DB
	ctx             context.Context
	firm, customer  party.ID
	company         string
	rows            int
	customerEntries int
}

func newHistory(b *testing.B) history {
	b.Helper()
	rows := 100_000
	if text := os.Getenv(rowsVariable); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 50_000 {
			b.Fatalf("%s=%q is no number from 50,000", rowsVariable, text)
		}
		rows = n
	}
	env := testutil.SQLite(b)
	parties := party.New(env.DB, func(string) locale.Locale { return locale.Locale{Language: locale.Hungarian} })
	h := history{
		acts: activity.New(env.DB, parties), db: env.DB.SQL(), company: env.Company, rows: rows,
		ctx: env.As("anna", actor.Seller, actor.Own, "north"), customerEntries: min(20_000, rows/5),
	}
	add := func(name string, kind party.Kind) party.ID {
		p, err := parties.Add(env.System(), party.Draft{Kind: kind, FullName: name, Owner: party.Owner{User: "anna"}})
		if err != nil {
			b.Fatal(err)
		}
		return p.ID
	}
	h.firm, h.customer = add("Nagykereskedelmi Zrt.", party.Company), add("Kovács Anna", party.Person)
	var people []party.ID
	for i := range 40 {
		id := add(fmt.Sprintf("Munkatárs %d", i), party.Person)
		if err := parties.Employ(env.System(), id, h.firm); err != nil {
			b.Fatal(err)
		}
		people = append(people, id)
	}
	at := env.Clock.Now().Add(-time.Duration(rows) * time.Minute)
	const batch = 5000
	for from := 0; from < rows; from += batch {
		err := env.DB.Write(env.System(), func(ctx context.Context, s *store.Session) error {
			list := make([]activity.Activity, 0, batch)
			var others []party.Party
			for i := from; i < min(from+batch, rows); i++ {
				at = at.Add(time.Minute)
				act := activity.Activity{
					ID: store.NewKey[activity.Tag](s), Kind: activity.Kinds[i%7], State: activity.Done, At: at, DoneAt: at,
					Subject: "Egyeztetés a szállításról", Body: "A vevő a jövő heti szállítást kéri, a régi áron.", Minutes: 15,
					OwnerUser: []string{"anna", "boris", "clara"}[i%3], OwnerTeam: "north",
				}
				switch {
				case i < h.customerEntries:
					act.PartyID = h.customer
				case i%11 == 0:
					act.PartyID = people[i/11%len(people)]
				default:
					act.PartyID = party.ID{0: 1, 13: byte(i / 20 >> 16), 14: byte(i / 20 >> 8), 15: byte(i / 20)}
					if len(others) == 0 || others[len(others)-1].ID != act.PartyID {
						others = append(others, party.Party{ID: act.PartyID, Kind: party.Person, DisplayName: "Vevő Viktor", SortKey: []byte{byte(i)}})
					}
				}
				if i%200 == 0 {
					act.State, act.Open, act.DueAt, act.DoneAt = activity.Planned, true, at, time.Time{}
				}
				list = append(list, act)
			}
			if err := s.InsertQuiet(ctx, &others); err != nil {
				return err
			}
			return s.InsertQuiet(ctx, &list)
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	return h
}

// page reads one page and says how many entries it has.
func page(b *testing.B, want int, read func() (activity.List, error)) string {
	b.Helper()
	list, err := read()
	if err != nil || len(list.Items) != want {
		b.Fatalf("%d entries, want %d, %v", len(list.Items), want, err)
	}
	return list.Next
}

// BenchmarkTimeline reads pages of 50 entries: by database/sql alone with the best index, then through
// the package with visibility, family, names and files.
func BenchmarkTimeline(b *testing.B) {
	h := newHistory(b)
	b.Run("bare query, one party", func(b *testing.B) {
		for b.Loop() {
			h.bare(b)
		}
	})
	run := func(name string, read func(after string) (activity.List, error)) {
		next := page(b, 50, func() (activity.List, error) { return read("") })
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				page(b, 50, func() (activity.List, error) { return read("") })
			}
		})
		b.Run(name+", next page", func(b *testing.B) {
			for b.Loop() {
				page(b, 50, func() (activity.List, error) { return read(next) })
			}
		})
	}
	run("customer", func(after string) (activity.List, error) {
		return h.acts.Timeline(h.ctx, h.customer, nil, store.Page{After: after})
	})
	run("customer, calls only", func(after string) (activity.List, error) {
		return h.acts.Timeline(h.ctx, h.customer, []activity.Kind{activity.Call}, store.Page{After: after})
	})
	run("company with 40 people", func(after string) (activity.List, error) {
		return h.acts.Timeline(h.ctx, h.firm, nil, store.Page{After: after})
	})
	run("own tasks", func(after string) (activity.List, error) {
		return h.acts.Tasks(h.ctx, "", activity.AllOpen, store.Page{After: after})
	})
	b.Run("today", func(b *testing.B) {
		for b.Loop() {
			if sum, err := h.acts.Today(h.ctx); err != nil || sum.Open == 0 {
				b.Fatal(sum, err)
			}
		}
	})
}

func (h history) bare(b *testing.B) {
	b.Helper()
	rows, err := h.db.Query("SELECT id, kind, state, subject, body, at, minutes, owner_user FROM crm_activity"+
		" WHERE party_id = ? AND is_open = 0 ORDER BY at DESC, id DESC LIMIT 50", h.customer)
	if err != nil {
		b.Fatal(err)
	}
	defer rows.Close()
	n := 0
	for rows.Next() {
		var id []byte
		var kind, state, subject, body, owner string
		var at time.Time
		var minutes int
		if err := rows.Scan(&id, &kind, &state, &subject, &body, &at, &minutes, &owner); err != nil {
			b.Fatal(err)
		}
		n++
	}
	if err := rows.Err(); err != nil || n != 50 {
		b.Fatal(n, err)
	}
}
