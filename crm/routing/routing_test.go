package routing_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/leadrule"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/routing"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/testutil"
)

type world struct {
	*testutil.Env
	t      testing.TB
	leads  *lead.Leads
	routes *routing.Routes
	acts   *activity.Activities
	mails  *mail.Mails
	events event.Worker
	admin  context.Context
	// absent are users whom the host calls absent.
	absent []string
	taken  int
}

func hungarian(string) locale.Locale {
	return locale.Locale{Language: locale.Hungarian, Currency: "HUF"}
}

func newWorld(t testing.TB, env *testutil.Env) *world {
	w := &world{Env: env, t: t, admin: env.As("admin", actor.Admin, actor.All)}
	parties := party.New(env.DB, hungarian)
	w.acts = activity.New(env.DB, parties)
	w.mails = mail.New(env.DB, mail.Config{})
	w.leads = lead.New(env.DB, lead.Config{Parties: parties, Route: func(ctx context.Context, s *store.Session, l lead.Lead) (party.Owner, error) {
		d, _, err := w.routes.In(s).Route(ctx, s, l)
		return d.Owner(), err
	}})
	w.routes = routing.New(env.DB, routing.Config{
		Terms: leadrule.New(hungarian), Leads: w.leads, Activities: w.acts, Locales: hungarian, Mails: w.mails,
		Staff: func(_ context.Context, _ *store.Session, id string) (erpbridge.User, error) {
			if id == "stranger" {
				return erpbridge.User{}, fault.New(fault.NotFound, "unknown")
			}
			return erpbridge.User{ID: id, Name: "Seller " + id, Email: strings.ReplaceAll(id, "ő", "o") + "@example.hu", Teams: []string{"pest"}, Absent: slices.Contains(w.absent, id)}, nil
		},
		Sender: func(context.Context, *store.Session) (mail.Address, error) {
			return mail.Address{Name: "Minta", Email: "crm@example.hu"}, nil
		},
		Link: func(_ string, id lead.ID) string { return "https://erp.example.hu/crm/leads/" + id.String() },
	})
	registry := event.NewRegistry()
	w.routes.Register(registry)
	w.events = event.Worker{DB: env.DB, Registry: registry}
	return w
}

func (w *world) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) save(p routing.Plan) routing.Document {
	w.t.Helper()
	was, err := w.routes.Plan(w.admin)
	w.ok(err)
	d, err := w.routes.Publish(w.admin, was.Version, p)
	w.ok(err)
	return d
}

// form takes a lead in as a web form does.
func (w *world) form(change func(*lead.Draft)) lead.ID {
	w.t.Helper()
	w.taken++
	d := lead.Draft{Name: fmt.Sprintf("Szabó Éva %d", w.taken), Emails: []string{fmt.Sprintf("eva%d@example.hu", w.taken)}}
	if change != nil {
		change(&d)
	}
	out, err := w.leads.Capture(actor.With(context.Background(), actor.Public(w.Company)), d)
	w.ok(err)
	return out.Lead
}

func (w *world) owner(id lead.ID) string {
	w.t.Helper()
	card, err := w.leads.Get(w.admin, id)
	w.ok(err)
	return card.Lead.OwnerUser
}

func (w *world) why(id lead.ID) routing.Decision {
	w.t.Helper()
	list, err := w.routes.Decisions(w.admin, routing.Filter{Lead: id})
	w.ok(err)
	if len(list.Rows) == 0 {
		w.t.Fatal("nothing was decided")
	}
	return list.Rows[0]
}

func place(country, code string) func(*lead.Draft) {
	return func(d *lead.Draft) { d.Address.Country, d.Address.PostalCode = country, code }
}

func members(users ...string) []routing.Member {
	out := make([]routing.Member, len(users))
	for i, u := range users {
		out[i].User = u
	}
	return out
}

func TestTheFirstRuleThatFitsDecidesAndSaysWhy(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		w.save(routing.Plan{
			Rules: []routing.Rule{
				{Name: "Ajánlatkérés", When: `lead.source == "googleads"`, To: routing.Target{Method: routing.ToUser, User: "δημήτρης"}},
				{Name: "Budapest", Areas: []routing.Area{{Country: "hu", From: "1000", To: "1999"}}, To: routing.Target{Method: routing.ToUser, User: "kovács"}},
				{Name: "London SW", Areas: []routing.Area{{Country: "GB", From: "sw1", To: "sw9"}}, To: routing.Target{Method: routing.ToTeam, Team: "london"}},
				{Name: "Ki van kapcsolva", Off: true, To: routing.Target{Method: routing.ToUser, User: "senki"}},
				{Name: "Izrael", Areas: []routing.Area{{Country: "IL"}}, To: routing.Target{Method: routing.ToKnown}},
			},
			Fallback: routing.Target{Method: routing.ToUser, User: "szabó"},
		})
		for _, c := range []struct {
			name, owner string
			draft       func(*lead.Draft)
			steps       []routing.Outcome
		}{
			{"a source", "δημήτρης", func(d *lead.Draft) { d.Origin.Source = "GoogleAds" }, []routing.Outcome{routing.Chosen}},
			{"a postal code", "kovács", place("HU", "1137"), []routing.Outcome{routing.Unmet, routing.Chosen}},
			{"one outside", "szabó", place("HU", "2000"), []routing.Outcome{routing.Unmet, routing.Outside, routing.Outside, routing.Outside, routing.Chosen}},
			{"a team", "", place("GB", "SW7 2AZ"), []routing.Outcome{routing.Unmet, routing.Outside, routing.Chosen}},
			{"nobody known", "szabó", place("IL", "6100001"), []routing.Outcome{routing.Unmet, routing.Outside, routing.Outside, routing.Nobody, routing.Chosen}},
		} {
			id := w.form(c.draft)
			if got := w.owner(id); got != c.owner {
				t.Errorf("%s: %q got it, want %q", c.name, got, c.owner)
			}
			var got []routing.Outcome
			for _, step := range w.why(id).Why {
				got = append(got, step.Outcome)
			}
			if !slices.Equal(got, c.steps) {
				t.Errorf("%s: the steps are %v, want %v", c.name, got, c.steps)
			}
		}
	})
}

func TestManyAtOnceGetTheirTurns(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		w.save(routing.Plan{Rules: []routing.Rule{{Name: "Sorban", To: routing.Target{Method: routing.InTurn, Members: members("anna", "béla", "כהן")}}}})
		const each = 8
		var all sync.WaitGroup
		for g := range 3 {
			all.Go(func() {
				for n := range each {
					_, err := w.leads.Capture(actor.With(context.Background(), actor.Public(w.Company)), lead.Draft{
						Name: fmt.Sprintf("Πελάτης %d %d", g, n), Emails: []string{fmt.Sprintf("p%d-%d@example.gr", g, n)},
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		list, err := w.routes.Decisions(w.admin, routing.Filter{Page: store.Page{Limit: 500}})
		w.ok(err)
		turns, got := map[int64]int{}, map[string]int{}
		for _, d := range list.Rows {
			turns[d.Why[len(d.Why)-1].Turn]++
			got[d.User]++
		}
		if len(turns) != 3*each || got["anna"] != each || got["béla"] != each || got["כהן"] != each {
			t.Errorf("%d turns, given to %v", len(turns), got)
		}
	})
}

func TestTurnsSurviveAbsenceCapsAndReassignment(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		w.save(routing.Plan{Rules: []routing.Rule{{Name: "Sorban", To: routing.Target{Method: routing.InTurn, Members: []routing.Member{{User: "anna"}, {User: "béla"}, {User: "cili", Cap: 2}}}}}})
		round := func(n int) (got []string) {
			for range n {
				w.Clock.Advance(time.Minute)
				got = append(got, w.owner(w.form(nil)))
			}
			return got
		}
		expect := func(what string, got []string, want ...string) {
			t.Helper()
			if !slices.Equal(got, want) {
				t.Errorf("%s: %v, want %v", what, got, want)
			}
		}
		expect("in turn", round(4), "anna", "béla", "cili", "anna")
		w.absent = []string{"béla"}
		expect("béla is away, cili is full after her second", round(3), "cili", "anna", "anna")
		w.absent = nil
		expect("béla is back, and does not get what he missed", round(3), "béla", "anna", "béla")
		// A colleague takes the last one over: béla is owed a turn.
		w.Clock.Advance(time.Minute)
		list, err := w.routes.Decisions(w.admin, routing.Filter{User: "béla"})
		w.ok(err)
		_, err = w.leads.Assign(w.admin, list.Rows[0].LeadID, 0, party.Owner{User: "anna"})
		w.ok(err)
		_, err = w.events.RunOnce(context.Background())
		w.ok(err)
		expect("a turn that was lost comes at once", round(3), "béla", "anna", "béla")
		w.Clock.Advance(31 * 24 * time.Hour)
		expect("a new month", round(2), "cili", "anna")
	})
}

func TestLoadAndDeputies(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		seller := env.As("béla", actor.Seller, actor.Own)
		for i := range 3 {
			_, err := w.leads.Capture(seller, lead.Draft{Organization: fmt.Sprintf("Régi Ügyfél %d Kft.", i), Emails: []string{fmt.Sprintf("info@regi%d.hu", i)}})
			w.ok(err)
		}
		w.save(routing.Plan{Rules: []routing.Rule{
			{Name: "Cég", When: `party.kind == "company"`, To: routing.Target{Method: routing.ToUser, User: "anna"}},
			{Name: "Terhelés", To: routing.Target{Method: routing.ByLoad, Members: members("béla", "cili")}},
		}})
		var got []string
		for range 5 {
			w.Clock.Advance(time.Minute)
			got = append(got, w.owner(w.form(nil)))
		}
		if want := []string{"cili", "cili", "cili", "béla", "cili"}; !slices.Equal(got, want) {
			t.Errorf("by load %v, want %v", got, want)
		}
		today := civil.In(env.Clock.Now(), time.UTC)
		for _, a := range []routing.Absence{{User: "anna", From: today.AddDays(-1), Until: today, Deputy: "béla"}, {User: "béla", From: today, Until: today.AddDays(3), Deputy: "dóra"}} {
			_, err := w.routes.AddAbsence(w.admin, a)
			w.ok(err)
		}
		company := func(d *lead.Draft) {
			d.Name, d.Organization, d.Emails = "", "Új Fény Kft.", []string{"info@ujfeny.hu"}
		}
		id := w.form(company)
		if d := w.why(id); d.User != "dóra" || len(d.Why) != 3 || d.Why[0].User != "anna" || d.Why[1].User != "béla" {
			t.Errorf("the deputy's deputy should have it: %+v", d)
		}
		if _, err := w.routes.AddAbsence(seller, routing.Absence{User: "anna", From: today, Until: today}); !errors.Is(err, fault.Forbidden) {
			t.Errorf("a seller sends another one away: %v", err)
		}
	})
}

func TestWhoeverGetsALeadIsToldOnce(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		w.save(routing.Plan{Fallback: routing.Target{Method: routing.ToUser, User: "anna"}})
		id := w.form(func(d *lead.Draft) { d.Interest = "40 lámpatest\nhttps://elsewhere.example" })
		for range 2 {
			_, err := w.events.RunOnce(context.Background())
			w.ok(err)
		}
		mails, err := w.mails.List(env.System(), mail.Filter{})
		w.ok(err)
		if len(mails.Rows) != 1 || !strings.Contains(mails.Rows[0].Recipients, "anna@example.hu") {
			t.Fatalf("the mails are %+v", mails.Rows)
		}
		full, err := w.mails.Get(env.System(), mails.Rows[0].ID)
		w.ok(err)
		msg, err := full.Message()
		w.ok(err)
		if !strings.Contains(msg.Text, "40 lámpatest") || !strings.Contains(msg.Text, "/crm/leads/"+id.String()) || strings.Contains(msg.HTML, `href="https://elsewhere`) {
			t.Errorf("the mail says %s", msg.HTML)
		}
		tasks, err := w.acts.Tasks(env.As("anna", actor.Seller, actor.Own), "", activity.AllOpen, store.Page{})
		w.ok(err)
		if len(tasks.Items) != 1 {
			t.Errorf("%d tasks", len(tasks.Items))
		}
	})
}

func TestByHandAndTrying(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		var ids []lead.ID
		for i := range 4 {
			w.Clock.Advance(time.Minute)
			ids = append(ids, w.form(place("HU", fmt.Sprint(1000+i*700))))
		}
		if _, err := w.routes.Assign(w.admin, ids[0]); !errors.Is(err, fault.Invalid) {
			t.Errorf("without rules: %v", err)
		}
		p := routing.Plan{Rules: []routing.Rule{
			{Name: "Budapest", Areas: []routing.Area{{Country: "HU", From: "1"}}, To: routing.Target{Method: routing.ToUser, User: "anna"}},
			{Name: "Vidék", To: routing.Target{Method: routing.InTurn, Members: members("béla", "cili")}},
		}}
		trial, err := w.routes.Try(w.admin, p)
		w.ok(err)
		if trial.Leads != 4 || trial.Elsewhere != 4 || fmt.Sprint(trial.Rules) != "[{Budapest 2} {Vidék 2} { 0}]" || fmt.Sprint(trial.People) != "[{anna 2} {béla 1} {cili 1}]" || trial.Rows[0].Lead != ids[3] {
			t.Errorf("the trial says %+v", trial)
		}
		w.save(p)
		if list, err := w.routes.Decisions(w.admin, routing.Filter{}); err != nil || len(list.Rows) != 0 {
			t.Errorf("trying left %d decisions, %v", len(list.Rows), err)
		}
		d, err := w.routes.Assign(w.admin, ids[2])
		w.ok(err)
		if d.User != "béla" || w.owner(ids[2]) != "béla" || d.Team != "pest" {
			t.Errorf("the first turn went to %+v", d)
		}
		for who, sees := range map[string]int{"it": 0, "béla": 1} { // counts are the company's, names only of the leads that one sees
			rights := actor.Rights{actor.Settings}
			if who == "béla" {
				rights = append(rights, actor.LeadRead)
			}
			trial, err := w.routes.Try(env.As(who, rights, actor.Own), p)
			w.ok(err)
			match, err := w.routes.Match(env.As(who, rights, actor.Own), p.Rules[1])
			w.ok(err)
			if trial.Leads != 4 || len(trial.Rows) != sees || match.Fit != 4 || len(match.Rows) != sees || sees > 0 && (trial.Rows[0].Lead != ids[2] || match.Rows[0].Lead != ids[2]) {
				t.Errorf("%s is shown %+v and %+v", who, trial, match)
			}
		}
		if _, err := w.routes.Assign(env.As("anna", actor.Seller, actor.All), ids[1]); !errors.Is(err, fault.Forbidden) {
			t.Errorf("a seller routes: %v", err)
		}
		if _, err := w.routes.Decisions(env.As("anna", actor.Seller, actor.All), routing.Filter{}); !errors.Is(err, fault.Forbidden) {
			t.Errorf("a seller reads everybody's: %v", err)
		}
	})
}

func TestSaveNamesEverythingThatIsWrong(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	_, err := w.routes.Publish(w.admin, 0, routing.Plan{
		Rules: []routing.Rule{
			{When: `lead.sorce == "x"`, Areas: []routing.Area{{Country: "Hungary"}, {Country: "HU", From: "9", To: "1"}}, To: routing.Target{Method: "dice"}},
			{Name: "Ok", To: routing.Target{Method: routing.InTurn, Members: []routing.Member{{User: "anna"}, {User: "anna", Cap: -1}}}},
		},
		Fallback: routing.Target{Method: routing.ToTeam},
	})
	var got []string
	for _, f := range fault.Of(err) {
		got = append(got, f.Path)
	}
	want := []string{"fallback.team", "rules[0].areas[0].country", "rules[0].areas[1].from", "rules[0].name", "rules[0].to.method", "rules[0].when", "rules[1].to.members[1].cap", "rules[1].to.members[1].user"}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("the faults are at %v, want %v", got, want)
	}
}

func TestTexts(t *testing.T) {
	if missing := routing.Texts.Missing(); len(missing) > 0 {
		t.Error(missing)
	}
}

// TestProductGroupOfInterestDecides: a lead names what it wants in its own words, or an import or another program by a
// field that the company added; both are conditions, and each group has its rule.
func TestProductGroupOfInterestDecides(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	w.ok(w.DB.Write(w.System(), func(ctx context.Context, s *store.Session) error {
		return s.AddField(ctx, &store.CustomField{RecordKind: "lead", Name: "product_group", Label: "Termékcsoport", Type: store.ChoiceField, Rules: store.FieldRules{
			Choices: []store.FieldChoice{{Value: "CHAIR"}, {Value: "DESK"}},
		}})
	}))
	w.save(routing.Plan{
		Rules: []routing.Rule{
			{Name: "Székek", When: `lead.custom.product_group == "CHAIR" || lead.interest contains "szék"`, To: routing.Target{Method: routing.ToUser, User: "anna"}},
			{Name: "Asztalok", When: `lead.custom.product_group == "DESK" || lead.interest contains "asztal"`, To: routing.Target{Method: routing.ToTeam, Team: "pest"}},
		},
		Fallback: routing.Target{Method: routing.ToUser, User: "gabor"},
	})
	for _, row := range []struct{ name, interest, group, user, team string }{
		{"in its own words", "20 forgószék", "", "anna", "pest"},
		{"by the field", "árajánlat", "CHAIR", "anna", "pest"},
		{"the group of a team", "12 íróasztal", "DESK", "", "pest"},
		{"of nobody", "polcok", "", "gabor", "pest"},
	} {
		d := lead.Draft{Name: row.name, Emails: []string{strings.ReplaceAll(row.name, " ", ".") + "@example.hu"}, Interest: row.interest, Custom: map[string]any{}}
		if row.group != "" {
			d.Custom["product_group"] = row.group
		}
		taken, err := w.leads.Capture(w.System(), d)
		w.ok(err)
		card, err := w.leads.Get(w.admin, taken.Lead)
		w.ok(err)
		if card.Lead.OwnerUser != row.user || card.Lead.OwnerTeam != row.team {
			t.Errorf("%s: %q of %q got it, want %q of %q", row.name, card.Lead.OwnerUser, card.Lead.OwnerTeam, row.user, row.team)
		}
	}
}

func TestPublishNamesWhomTheHostDoesNotKnow(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	p := routing.Plan{
		Rules: []routing.Rule{
			{Name: "In turn", To: routing.Target{Method: routing.InTurn, Members: []routing.Member{{User: "anna"}, {User: "stranger"}}}},
			{Name: "Left", Off: true, To: routing.Target{Method: routing.ToUser, User: "stranger"}},
		},
		Fallback: routing.Target{Method: routing.ToUser, User: "stranger"},
	}
	_, err := w.routes.Publish(w.admin, 0, p)
	var got []string
	for _, f := range fault.Of(err) {
		got = append(got, f.Path)
	}
	if want := []string{"fallback.user", "rules[0].to.members[1].user"}; !slices.Equal(got, want) {
		t.Errorf("the faults are at %v, want %v: %v", got, want, err)
	}
	p.Rules[0].To.Members[1].User, p.Fallback = "bence", routing.Target{}
	w.save(p)
}
