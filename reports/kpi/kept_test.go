package kpi_test

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/reports/kpi"
	"github.com/crmplus/crmplus/testutil"
)

// companies numbers those of the tests of this file, behind firstCompany.
var companies atomic.Int64

const firstCompany = 1000

// written is a figure as others see it.
func written(t interface{ Fatal(args ...any) }, f any, err error) string {
	if err != nil {
		t.Fatal(err)
	}
	out, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// eyes are somebody who sees everything, one who sees his team and one who sees his own.
func eyes(env *testutil.Env, n int) context.Context {
	see := []actor.Visibility{actor.All, actor.Team, actor.Own}[n%3]
	user := sellers[n/3%len(sellers)]
	return env.As(user, actor.Admin, see, "team-"+user)
}

// askedFor are questions about a company's figures.
func askedFor(pick func(int) int, today civil.Date) (kpi.Definition, kpi.Query) {
	all := kpi.Definitions()
	for {
		d := all[pick(len(all))]
		first := today.AddDays(-pick(300))
		q := kpi.Query{Period: kpi.Period{First: first, Last: first.AddDays(pick(200))}}
		switch pick(8) {
		case 0:
			q.Of.Seller = sellers[pick(len(sellers))]
		case 1:
			q.Of.Source = sources[pick(len(sources))]
		case 2:
			q.Of.ProductGroup = groups[pick(len(groups))]
		case 3:
			q.Of.Custom = []store.CustomFilter{{Field: "branch", Is: branches[pick(2)]}}
		}
		if n := pick(len(d.By) + 1); n > 0 {
			q.By = d.By[n-1]
		}
		if d.Fits(q.Of) && d.Of != kpi.CustomerKind { // those know whole months alone
			return d, q
		}
	}
}

// meddle changes something behind the back of every verb, as the SQL of a host may.
func (h *history) meddle() {
	t := h.t
	literal := "X'%x'"
	if h.env.DB.Dialect() == store.MSSQL {
		literal = "0x%x"
	}
	if len(h.deals) == 0 {
		return
	}
	deal := fmt.Sprintf(literal, rapid.SampledFrom(h.deals).Draw(t, "meddled").id.Bytes())
	day := h.env.Clock.Now().AddDate(0, 0, -rapid.IntRange(0, 120).Draw(t, "back")).Format("2006-01-02T15:04:05.000")
	if h.env.DB.Dialect() == store.SQLite {
		day = strings.Replace(day, "T", " ", 1)
	}
	texts := []string{
		"UPDATE crm_opportunity SET owner_user = 'anna', owner_team = 'team-anna' WHERE id = " + deal,
		"UPDATE crm_opportunity SET closed_at = '" + day + "' WHERE closed_at IS NOT NULL AND id = " + deal,
		"UPDATE crm_opportunity SET created_at = '" + day + "' WHERE id = " + deal,
		"UPDATE crm_opportunity SET expected_revenue = expected_revenue + 70000, source = 'web', campaign = 'x', lost_reason = 'y' WHERE id = " + deal,
		"UPDATE crm_opportunity_line SET amount = amount + 10000, product_group = 'desks' WHERE opportunity_id = " + deal,
		"UPDATE crm_opportunity_seller SET share = share / 2 WHERE opportunity_id = " + deal,
		"DELETE FROM crm_opportunity_seller WHERE user_id = 'anna' AND opportunity_id = " + deal,
		"DELETE FROM crm_competitor WHERE opportunity_id = " + deal,
		"UPDATE crm_stage_move SET seconds = seconds + 5, moved_at = '" + day + "' WHERE opportunity_id = " + deal,
		"DELETE FROM crm_stage_move WHERE opportunity_id = " + deal,
		"UPDATE crm_activity SET minutes = minutes + 1, at = '" + day + "' WHERE opportunity_id = " + deal,
		"UPDATE crm_activity SET owner_user = 'anna' WHERE opportunity_id = " + deal,
		"DELETE FROM crm_activity WHERE opportunity_id = " + deal,
		"UPDATE crm_lead SET arrived_at = '" + day + "', first_response_at = '" + day + "' WHERE source = 'web' AND company = '" + h.env.Company + "'",
		"UPDATE crm_lead SET owner_user = 'anna' WHERE company = '" + h.env.Company + "'",
		"UPDATE crm_opportunity SET lead_id = (SELECT MIN(id) FROM crm_lead WHERE company = '" + h.env.Company + "') WHERE id = " + deal,
		"UPDATE crm_rate SET rate = rate + 10000 WHERE company = '" + h.env.Company + "'",
		"DELETE FROM crm_rate WHERE company = '" + h.env.Company + "'",
		"UPDATE crm_line_cost SET unit_cost = unit_cost + 10000 WHERE company = '" + h.env.Company + "'",
		"UPDATE crm_custom_value SET text_key = 'other', text_value = 'other' WHERE record_id = " + deal,
		"UPDATE crm_custom_value SET text_key = '" + branches[0] + "', text_value = '" + branches[0] + "' WHERE company = '" + h.env.Company + "'",
		"DELETE FROM crm_custom_value WHERE company = '" + h.env.Company + "'",
		"UPDATE crm_party SET owner_user = 'anna' WHERE company = '" + h.env.Company + "'",
		"UPDATE crm_party SET owner_user = 'other', owner_team = 'other' WHERE company = '" + h.env.Company + "'",
		"INSERT INTO crm_party_share (party_id, user_id, company) SELECT id, 'anna', company FROM crm_party AS p WHERE company = '" + h.env.Company +
			"' AND NOT EXISTS (SELECT 1 FROM crm_party_share AS s WHERE s.party_id = p.id AND s.user_id = 'anna')",
		"DELETE FROM crm_party_share WHERE company = '" + h.env.Company + "'",
	}
	if h.env.DB.Dialect() == store.MSSQL {
		texts = slices.DeleteFunc(texts, func(s string) bool { return strings.Contains(s, "MIN(id)") }) // of bytes it has none
	}
	text := rapid.SampledFrom(texts).Draw(t, "text")
	if _, err := h.env.DB.SQL().Exec(text); err != nil {
		t.Fatal(text, err)
	}
}

// TestKeptFiguresEqualARecount changes records by verbs and by bare SQL, and asks for figures that were asked before.
func TestKeptFiguresEqualARecount(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		rapid.Check(t, func(t *rapid.T) {
			h := begin(t, env, firstCompany+int(companies.Add(1)))
			type question struct {
				d   kpi.Definition
				q   kpi.Query
				who int
			}
			var asked []question
			rounds, again := 40, 20
			if env.DB.Dialect() == store.MSSQL { // each statement is a way there and back
				rounds, again = 15, 6
			}
			for range rounds {
				h.env.Clock.Advance(time.Duration(rapid.IntRange(0, 170*3600).Draw(t, "pause")) * time.Second)
				switch rapid.IntRange(0, 9).Draw(t, "act") {
				case 0, 1:
					h.create()
				case 2:
					h.ask()
				case 3, 4, 5:
					h.meddle()
				case 6:
					_, err := h.costs.Work(h.env.System())
					h.ok(err)
				default:
					h.work()
				}
				pick := func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "pick") }
				for range 3 {
					d, q := askedFor(pick, civil.In(h.env.Clock.Now(), h.zone))
					asked = append(asked, question{d, q, pick(9)})
				}
				for range again {
					one := asked[pick(len(asked))]
					ctx := eyes(h.env, one.who)
					got, err := h.kpis.Figure(ctx, one.d.Code, one.q)
					is := written(t, got, err)
					want, err := h.kpis.Recounting().Figure(ctx, one.d.Code, one.q)
					if should := written(t, want, err); is != should {
						t.Fatalf("%s of %+v:\n got %s\nwant %s", one.d.Code, one.q, is, should)
					}
				}
			}
		})
	})
}

// lone is a history without rapid's shrinking, for tests with many goroutines.
func lone(t *testing.T, env *testutil.Env, work func(h *history)) {
	t.Helper()
	rapid.Check(t, func(rt *rapid.T) { work(begin(rt, env, firstCompany+int(companies.Add(1)))) })
}

// TestKeptFiguresAmongWriters has readers ask while others write: what one session is shown is what it can count. On
// SQL Server a session sees what others commit meanwhile, so that there the last answers are held against a recount.
func TestKeptFiguresAmongWriters(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		lone(t, env, func(h *history) {
			for range 10 {
				h.create()
				h.ask()
			}
			env := h.env
			zone := h.zone
			today := civil.In(env.Clock.Now(), zone)
			var all sync.WaitGroup
			var over atomic.Bool
			var failed atomic.Pointer[string]
			asks := 40
			if env.DB.Dialect() == store.MSSQL {
				asks = 6
			}
			fail := func(text string, args ...any) {
				s := fmt.Sprintf(text, args...)
				failed.CompareAndSwap(nil, &s)
				over.Store(true)
			}
			ids := make([]opportunity.ID, len(h.deals))
			for i, d := range h.deals {
				ids[i] = d.id
			}
			for w := range 4 {
				all.Go(func() {
					random := rand.New(rand.NewPCG(1, uint64(w)))
					for i := 0; i < 25 && !over.Load(); i++ {
						id := ids[random.IntN(len(ids))]
						ctx := env.As(sellers[random.IntN(len(sellers))], actor.Admin, actor.All)
						var err error
						switch random.IntN(4) {
						case 0:
							_, err = h.opps.CloseWon(ctx, id, opportunity.Win{})
						case 1:
							_, err = h.opps.Reopen(ctx, id, opportunity.Reopening{})
						case 2: // takes it back
							back := errors.New("no")
							err = env.DB.Write(ctx, func(ctx context.Context, s *store.Session) error {
								if _, err := h.opps.In(s).CloseWon(ctx, id, opportunity.Win{}); err != nil {
									return err
								}
								if _, err := h.kpis.In(s).Figure(ctx, kpi.DealsWon, kpi.Query{Period: kpi.Period{First: today, Last: today}}); err != nil {
									return err
								}
								return back
							})
						default:
							_, err = env.DB.SQL().Exec("UPDATE crm_lead SET owner_user = 'anna' WHERE company = '" + env.Company + "'")
						}
						_ = err // some have nothing to close or to open
					}
				})
			}
			for r := range 8 {
				all.Go(func() {
					random := rand.New(rand.NewPCG(2, uint64(r)))
					for i := 0; i < asks && !over.Load(); i++ {
						d, q := askedFor(random.IntN, today)
						ctx := eyes(env, random.IntN(3))
						err := env.DB.Read(ctx, func(ctx context.Context, s *store.Session) error {
							got, err := h.kpis.In(s).Figure(ctx, d.Code, q)
							if err != nil || env.DB.Dialect() != store.SQLite {
								return err
							}
							want, err := h.kpis.Recounting().In(s).Figure(ctx, d.Code, q)
							if a, b := fmt.Sprint(got), fmt.Sprint(want); err == nil && a != b {
								fail("%s of %+v:\n got %s\nwant %s", d.Code, q, a, b)
							}
							return err
						})
						if err != nil {
							fail("%v", err)
						}
					}
				})
			}
			all.Wait()
			if text := failed.Load(); text != nil {
				h.t.Fatal(*text)
			}
			for r := range 8 {
				random := rand.New(rand.NewPCG(2, uint64(r)))
				for range asks {
					d, q := askedFor(random.IntN, today)
					ctx := eyes(env, random.IntN(3))
					got, err := h.kpis.Figure(ctx, d.Code, q)
					is := written(h.t, got, err)
					want, err := h.kpis.Recounting().Figure(ctx, d.Code, q)
					if should := written(h.t, want, err); is != should {
						h.t.Fatalf("%s of %+v:\n got %s\nwant %s", d.Code, q, is, should)
					}
				}
			}
		})
	})
}

// TestFiguresAreKept takes the triggers away: only then what was counted is shown although the records have changed.
func TestFiguresAreKept(t *testing.T) {
	env := testutil.SQLite(t)
	k := kpi.New(env.DB, func(string) locale.Locale { return locale.Locale{Zone: time.UTC, Currency: "HUF"} })
	today := civil.Of(env.Clock.Now())
	ctx := env.As("anna", actor.Admin, actor.All)
	exec := func(text string) {
		t.Helper()
		if _, err := env.DB.SQL().Exec(text); err != nil {
			t.Fatal(err)
		}
	}
	q := kpi.Query{Period: kpi.Period{First: today.AddDays(-60), Last: today}}
	shows := func(want string, when string) {
		t.Helper()
		f, err := k.Figure(ctx, kpi.Calls, q)
		if err != nil {
			t.Fatal(err)
		}
		if got := f.Value.Decimal.String(); got != want {
			t.Errorf("%s there are %s calls, want %s", when, got, want)
		}
	}
	id := hex.EncodeToString(make([]byte, 15))
	insertParty(t, env, "X'"+id+"01'")
	call := func(n int) {
		exec(fmt.Sprintf(`INSERT INTO crm_activity (id, company, version, created_at, created_by, updated_at, updated_by, party_id, kind, state, direction, subject, body, outcome, at, is_open, minutes, delegated_by, decline_reason, ref_kind, ref_text, owner_user, owner_team)
VALUES (X'%s%02x', '%s', 1, '2026-01-01 00:00:00', '', '2026-01-01 00:00:00', '', X'%s01', 'call', 'done', '', '', '', '', '%s 10:00:00.000', 0, 5, '', '', '', '', 'anna', '')`, id, n, env.Company, id, today))
	}
	call(1)
	shows("1", "at first")
	call(2)
	shows("2", "after another")
	exec("DROP TRIGGER tr_change_activity_insert")
	call(3)
	shows("2", "without the trigger")
	if f, err := k.Recounting().Figure(ctx, kpi.Calls, q); err != nil || f.Value.Decimal.String() != "3" {
		t.Errorf("counted anew: %v %v", f, err)
	}
}

// insertParty writes a bare person.
func insertParty(t *testing.T, env *testutil.Env, id string) {
	t.Helper()
	rows, err := env.DB.SQL().Query("SELECT name, type, \"notnull\" FROM pragma_table_info('crm_party')")
	if err != nil {
		t.Fatal(err)
	}
	var names, values []string
	for rows.Next() {
		var name, kind string
		var needed bool
		if err := rows.Scan(&name, &kind, &needed); err != nil {
			t.Fatal(err)
		}
		if !needed {
			continue
		}
		value := "''"
		switch {
		case name == "id":
			value = id
		case name == "company":
			value = "'" + env.Company + "'"
		case kind == "INTEGER":
			value = "0"
		case kind == "BLOB":
			value = "X'00'"
		}
		names, values = append(names, name), append(values, value)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := env.DB.SQL().Exec("INSERT INTO crm_party (" + strings.Join(names, ", ") + ") VALUES (" + strings.Join(values, ", ") + ")"); err != nil {
		t.Fatal(err)
	}
}

var (
	aliased   = regexp.MustCompile(`(?:FROM|JOIN) (crm_\w+) AS (\w+)`)
	reads     = regexp.MustCompile(`\b([a-z_]+)\.([a-z_]+)\b`)
	watches   = regexp.MustCompile(`AFTER UPDATE OF ([a-z_, ]+) ON (crm_\w+)`)
	msTrigger = regexp.MustCompile(`(?s)CREATE TRIGGER tr_change_\w+ ON (crm_\w+) AFTER.*?\nEND;`)
	msColumn  = regexp.MustCompile(`UPDATE\((\w+)\)`)
	// unkept is what no sum is kept of, read anew with each question.
	unkept = []string{"crm_change", "crm_pipeline", "crm_stage", "crm_custom_field", "crm_clock", "crm_campaign", "crm_campaign_count"}
)

func watched(t *testing.T, d store.Dialect) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	for _, m := range store.Migrations(d) {
		if m.Name != "change" {
			continue
		}
		for _, found := range watches.FindAllStringSubmatch(m.Up, -1) {
			out[found[2]] = strings.Split(found[1], ", ")
		}
		for _, found := range msTrigger.FindAllStringSubmatch(m.Up, -1) {
			for _, column := range msColumn.FindAllStringSubmatch(found[0], -1) {
				out[found[1]] = append(out[found[1]], column[1])
			}
		}
	}
	if len(out) < 10 {
		t.Fatalf("only %d tables are watched on %s", len(out), d)
	}
	return out
}

// TestEveryWriteIsNumbered writes each watched column, and looks that rows which come and go are watched too; parties
// need not be, since nothing refers to one before it is there and after it is gone.
func TestEveryWriteIsNumbered(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		var h *history
		tried := 0
		rapid.Check(t, func(rt *rapid.T) {
			if tried++; tried > 1 {
				return
			}
			h = begin(rt, env, firstCompany+int(companies.Add(1)))
			for range 12 {
				h.create()
				h.ask()
			}
		})
		states := func() string {
			var out string
			if err := env.DB.Read(h.env.As("anna", actor.Admin, actor.All), func(ctx context.Context, s *store.Session) error {
				changes, err := s.Changes(ctx)
				out = fmt.Sprint(changes)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return out
		}
		for table, columns := range watched(t, env.DB.Dialect()) {
			var n int
			if err := env.DB.SQL().QueryRow("SELECT COUNT(*) FROM " + table + " WHERE company = '" + h.env.Company + "'").Scan(&n); err != nil {
				t.Fatal(err)
			}
			for _, column := range columns {
				before := states()
				if _, err := env.DB.SQL().Exec("UPDATE " + table + " SET " + column + " = " + column + " WHERE company = '" + h.env.Company + "'"); err != nil {
					t.Fatal(err)
				}
				if n > 0 && states() == before {
					t.Errorf("writing %s.%s is not numbered", table, column)
				}
			}
			before := states()
			if _, err := env.DB.SQL().Exec("UPDATE " + table + " SET company = company WHERE company = 'nobody'"); err != nil {
				t.Fatal(err)
			}
			if states() != before {
				t.Errorf("writing %s of another company is numbered here", table)
			}
		}
		for _, m := range store.Migrations(env.DB.Dialect()) {
			for table := range watched(t, env.DB.Dialect()) {
				for _, event := range []string{"INSERT", "DELETE"} {
					watch := regexp.MustCompile("AFTER " + event + " ON " + table + " |ON " + table + " AFTER INSERT, UPDATE, DELETE AS")
					if m.Name == "change" && table != "crm_party" && !watch.MatchString(m.Up) {
						t.Errorf("no trigger watches %s of %s", event, table)
					}
				}
			}
		}
	})
}

// TestEveryColumnOfAFigureIsWatched holds the statements of all figures against the triggers: a column that a figure
// reads and no trigger watches would have an old figure shown.
func TestEveryColumnOfAFigureIsWatched(t *testing.T) {
	env, plans := testutil.Planned(t)
	columns := watched(t, store.SQLite)
	if other := watched(t, store.MSSQL); fmt.Sprint(other) != fmt.Sprint(columns) {
		t.Errorf("SQL Server watches %v, SQLite %v", other, columns)
	}
	rapid.Check(t, func(t *rapid.T) {
		h := begin(t, env, firstCompany+int(companies.Add(1)))
		today := civil.In(env.Clock.Now(), h.zone)
		for _, d := range kpi.Definitions() {
			for _, by := range append([]kpi.Dimension{kpi.Whole}, d.By...) {
				for _, of := range []kpi.Filter{{}, {Seller: "anna"}, {Team: "t"}, {Source: "web"}, {ProductGroup: "desks"}, {Pipeline: h.steps[0].PipelineID}, {Custom: []store.CustomFilter{{Field: "branch", Is: branches[0]}}}} {
					for n := range 3 {
						if !d.Fits(of) {
							continue
						}
						period := kpi.Period{First: today, Last: today}
						if d.Of == kpi.CustomerKind {
							period = kpi.Months(today, 1, 1)[0]
						}
						_, err := h.kpis.Recounting().Figure(eyes(h.env, n), d.Code, kpi.Query{Period: period, Of: of, By: by})
						h.ok(err)
					}
				}
			}
		}
	})
	seen := 0
	for statement := range plans.Each {
		if !strings.HasPrefix(statement, "SELECT") || !strings.Contains(statement, " AS x") && !strings.Contains(statement, "crm_rate AS r WHERE") {
			continue // no figure's
		}
		if strings.Contains(statement, "FROM crm_party AS home ") {
			continue // what is broken down to regions is counted anew each time
		}
		if strings.Contains(statement, " AS buyer") || strings.Contains(statement, " crm_bought_") {
			continue // and so is who bought again
		}
		tables := map[string]string{}
		for _, found := range aliased.FindAllStringSubmatch(statement, -1) {
			tables[found[2]] = found[1]
		}
		for _, found := range reads.FindAllStringSubmatch(statement, -1) {
			table, column := tables[found[1]], found[2]
			if table == "" || slices.Contains(unkept, table) || column == "id" || table == "crm_rate" && column == "day" {
				continue
			}
			seen++
			if !slices.Contains(columns[table], column) {
				t.Errorf("no trigger watches %s.%s, which is read in %s", table, column, statement)
			}
		}
	}
	if seen < 500 {
		t.Errorf("only %d columns were looked at", seen)
	}
}
