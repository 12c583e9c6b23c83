package web

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/crmplus/crmplus/adapters/sqlite"
	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/notice"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/quote"
	"github.com/crmplus/crmplus/testutil"
	"github.com/crmplus/crmplus/testutil/erp"
)

const (
	// loadClerks is how many people click at once; loadSellers how many own what they click through,
	// and loadTeams in how many teams these are. The clerks are the first of the sellers.
	loadClerks  = 20
	loadSellers = 200
	loadTeams   = 20
)

// loadRows is the number of leads: CRMPLUS_BENCH_ROWS, 20,000 without it. There is an opportunity for each
// ten leads, a quote for each twenty, and an activity for each two.
func loadRows(b *testing.B) int {
	text := os.Getenv("CRMPLUS_BENCH_ROWS")
	if text == "" {
		return 20_000
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1000 {
		b.Fatalf("CRMPLUS_BENCH_ROWS is %q, want a number of rows from 1000 on", text)
	}
	return n
}

// loadWorld is an ERP with CRM+ and its screens, with many records in one company.
type loadWorld struct {
	b       *testing.B
	db      *store.DB
	company string
	module  *crm.Module
	screens *screens
	server  *httptest.Server
	stages  []opportunity.Stage
}

// loadUser is the n-th seller: half of them see their own, some their team's and some everything.
func loadUser(n int) actor.User {
	u := actor.User{
		ID: fmt.Sprintf("clerk%d", n), Name: loadFamilies[n%len(loadFamilies)] + " " + loadGivens[n/3%len(loadGivens)],
		Teams: []string{fmt.Sprintf("team%d", n%loadTeams)}, Rights: actor.Seller, See: actor.Own,
	}
	switch n % 10 {
	case 5, 6, 7:
		u.See = actor.Team
	case 8, 9:
		u.See, u.Rights = actor.All, actor.Manager
	}
	return u
}

// openLoadWorld fills a database with n leads, or opens the file named by CRMPLUS_BENCH_FILE again, so
// that a large one is filled once.
func openLoadWorld(b *testing.B, env *testutil.Env, n int) *loadWorld {
	b.Helper()
	ctx := context.Background()
	prefix := env.Company + "-"
	w := &loadWorld{b: b, db: env.DB}
	if file := os.Getenv("CRMPLUS_BENCH_FILE"); file != "" && env.File != "" {
		prefix = ""
		var err error
		w.db, err = sqlite.Open(file)
		w.must(err)
		b.Cleanup(func() { _ = w.db.SQL().Close() })
		w.must(w.db.Migrate(ctx))
	}
	w.db = w.db.WithClock(time.Now)
	w.company = prefix + "HU01"
	books := erp.New(w.db.SQL(), string(w.db.Dialect())).WithClock(time.Now)
	w.must(books.Install(ctx))
	w.must(books.Seed(ctx, erp.Sample{Prefix: prefix, Companies: []string{"HU01"}, SkipHistory: true}))
	host := books.Host()
	locales, err := erpbridge.Locales(ctx, w.db.SQL(), host, w.company)
	w.must(err)
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	w.module, err = crm.New(w.db, crm.Config{Host: host, Locale: locales, Log: quiet})
	w.must(err)
	w.screens, err = newScreens(w.module, Config{Visitor: w.visitor, SignIn: "/login", Key: bytes.Repeat([]byte("k"), 32), Log: slog.New(slog.NewTextHandler(os.Stderr, nil))})
	w.must(err)
	pipelines, err := w.module.Opportunities.Pipelines().List(w.as(9))
	w.must(err)
	w.stages = pipelines[0].Stages
	list, err := w.module.Leads.List(w.as(9), lead.Filter{}, lead.ByArrival, store.Page{Limit: 1})
	w.must(err)
	if len(list.Rows) == 0 {
		w.hire(books)
		w.fill(n)
	}
	return w
}

func (w *loadWorld) must(err error) {
	w.b.Helper()
	if err != nil {
		w.b.Fatal(err)
	}
}

// as is a context in which the n-th seller acts.
func (w *loadWorld) as(n int) context.Context {
	u := loadUser(n)
	u.Company = w.company
	return actor.With(context.Background(), u.Actor())
}

// visitor reads the number of a clerk from a cookie, as a host reads its session.
func (w *loadWorld) visitor(r *http.Request) (Visitor, error) {
	cookie, err := r.Cookie("clerk")
	if err != nil {
		return Visitor{}, nil //nolint:nilerr // nobody
	}
	n, err := strconv.Atoi(cookie.Value)
	if err != nil {
		return Visitor{}, err
	}
	u := loadUser(n)
	u.Company = w.company
	l := w.module.Parties.Locale(w.company)
	l.Language = locale.Hungarian
	return Visitor{Actor: u.Actor(), Locale: l, Session: "session of " + u.ID}, nil
}

// hire writes the clerks into the ERP, which names them in lists.
func (w *loadWorld) hire(books *erp.ERP) {
	w.must(books.Work(context.Background(), erp.Clerk{Company: w.company, User: "admin-hu"}, func(ctx context.Context, s erpbridge.Session) error {
		for n := range loadClerks {
			u := loadUser(n)
			if err := books.AddUser(ctx, s, erp.User{User: erpbridge.User{ID: u.ID, Name: u.Name, Teams: u.Teams}, Language: locale.Hungarian, Role: "seller"}); err != nil {
				return err
			}
		}
		return nil
	}))
}

var (
	loadFamilies = strings.Fields("Nagy Kovács Tóth Szabó Horváth Varga Kiss Molnár Németh Farkas Balogh Papp Takács Juhász Lakatos Mészáros Oláh Simon Rácz Fekete Szilágyi Török Fehér Balázs Gál Szűcs Kocsis Pintér Fodor Szalai Sipos Magyar Lukács Gulyás Biró Király Иванов Смирнов Παπαδόπουλος כהן Müller Smith")
	loadGivens   = strings.Fields("Anna Mária Katalin Erzsébet Ilona Éva Zsuzsanna Margit Judit Ágnes Andrea Ildikó István József János Zoltán Sándor Gábor Ferenc Attila Péter Tamás Zsolt Tibor András Csaba Imre Lajos György")
	loadTrades   = strings.Fields("Építő Villamos Kereskedelmi Szállító Informatikai Mérnöki Élelmiszer Gépipari Faipari Textil Nyomda Logisztika")
	loadTowns    = strings.Fields("Budapest Budapest Budapest Debrecen Szeged Miskolc Pécs Győr Nyíregyháza Kecskemét Székesfehérvár")
	loadStatuses = []lead.Status{
		lead.StatusNew, lead.StatusWorking, lead.StatusWorking, lead.StatusQualified, lead.StatusNurturing,
		lead.StatusNurturing, lead.StatusDisqualified, lead.StatusDisqualified, lead.StatusConverted, lead.StatusWorking,
	}
	loadSources = strings.Fields("web web vásár ajánlás google")
)

// fill writes n leads of three years and what belongs to them straight into the tables, and builds the search.
func (w *loadWorld) fill(n int) {
	start := time.Now()
	system := actor.With(context.Background(), actor.System(w.company, "load"))
	f := &loadFiller{w: w, n: n, random: rand.New(rand.NewPCG(1, 2)), now: w.db.Now()}
	const batch = 2000
	for from := 0; from < n; from += batch {
		w.must(w.db.Write(system, func(ctx context.Context, s *store.Session) error { return f.batch(ctx, s, from, min(from+batch, n)) }))
	}
	w.must(w.db.Write(system, f.notices))
	w.b.Logf("%d leads filled in %s", n, time.Since(start).Round(time.Second))
	start = time.Now()
	_, err := w.module.Search.Rebuild(system)
	w.must(err)
	w.b.Logf("search built in %s", time.Since(start).Round(time.Second))
	w.must(w.db.Optimize(context.Background()))
	if w.db.Dialect() == store.SQLite {
		_, err := w.db.SQL().Exec("PRAGMA wal_checkpoint(TRUNCATE)")
		w.must(err)
	}
}

// loadFiller makes the records.
type loadFiller struct {
	w      *loadWorld
	n      int
	random *rand.Rand
	now    time.Time
	// about are some leads, for the notices.
	about []lead.ID
}

func (f *loadFiller) pick(from []string) string { return from[f.random.IntN(len(from))] }

// batch writes the leads from one number to another: each five with a company.
func (f *loadFiller) batch(ctx context.Context, s *store.Session, from, to int) error {
	l := f.w.module.Parties.LocaleOf(s)
	firms, people := []*party.Prepared{}, []*party.Prepared{}
	for i := from; i < to; i++ {
		owner := party.Owner{User: fmt.Sprintf("clerk%d", i%loadSellers), Team: fmt.Sprintf("team%d", i%loadTeams)}
		if i%5 == 0 {
			firm, _ := party.Prepare(party.Draft{Kind: party.Company, FullName: fmt.Sprintf("%s %s %d Kft.", f.pick(loadFamilies), f.pick(loadTrades), i/5), Owner: owner}, l)
			firms = append(firms, &firm)
		}
		given := f.pick(loadGivens)
		person, _ := party.Prepare(party.Draft{
			Kind: party.Person, FullName: f.pick(loadFamilies) + " " + given, Emails: []string{fmt.Sprintf("%s%d@ceg%d.hu", party.Fold(given), i, i/5)},
			Phones: []string{fmt.Sprintf("+36 30 %03d %04d", i/10_000%1000, i%10_000)}, Address: party.Address{City: f.pick(loadTowns), Country: "HU"}, Owner: owner,
		}, l)
		people = append(people, &person)
	}
	if err := f.w.module.Parties.In(s).AddMany(ctx, firms); err != nil {
		return err
	}
	for i := range people {
		people[i].Party.EmployerID = firms[i/5].Party.ID
	}
	if err := f.w.module.Parties.In(s).AddMany(ctx, people); err != nil {
		return err
	}
	return f.records(ctx, s, from, people)
}

// records writes what belongs to people: a lead each, and of some an activity, an opportunity, a quote.
func (f *loadFiller) records(ctx context.Context, s *store.Session, from int, people []*party.Prepared) error {
	var r loadRecords
	for i, p := range people {
		i += from
		arrived := store.UTC(f.now.Add(-time.Duration(f.n-i) * (3 * 365 * 24 * time.Hour / time.Duration(f.n))))
		one := lead.Lead{
			ID: store.NewKey[lead.Tag](s), PartyID: p.Party.ID, OrganizationID: p.Party.EmployerID, Organization: "Minta Kft.", Status: loadStatuses[f.random.IntN(len(loadStatuses))],
			Interest: "12 íróasztal és székek", ExpectedValue: money.MustAmount(fmt.Sprint(10_000 + f.random.IntN(990_000))), Currency: "HUF", Source: f.pick(loadSources),
			ArrivedAt: arrived, Score: f.random.IntN(100), OwnerUser: p.Party.OwnerUser, OwnerTeam: p.Party.OwnerTeam,
		}
		if one.Status != lead.StatusNew || i%10 != 0 {
			one.FirstResponseAt = arrived
		}
		if one.Status == lead.StatusConverted {
			one.ConvertedAt = arrived
		}
		if i%50 < 2 {
			f.about = append(f.about[max(0, len(f.about)-loadClerks*40):], one.ID)
		}
		r.leads = append(r.leads, one)
		r.touches = append(r.touches, lead.Touch{ID: store.NewKey[lead.TouchTag](s), PartyID: one.PartyID, LeadID: one.ID, At: arrived, Origin: lead.Origin{Channel: lead.ByForm, Source: one.Source}})
		if i%2 == 0 {
			r.activity(f, s, i, one)
		}
		if i%10 == i/10%10 { // so that every seller has some
			r.opportunity(f, s, i, one)
		}
	}
	for _, rows := range []any{&r.leads, &r.touches, &r.activities, &r.opportunities, &r.sellers, &r.lines, &r.quotes, &r.quoteLines} {
		if err := s.InsertMany(ctx, rows); err != nil {
			return err
		}
	}
	return nil
}

type loadRecords struct {
	leads         []lead.Lead
	touches       []lead.Touch
	activities    []activity.Activity
	opportunities []opportunity.Opportunity
	sellers       []opportunity.Seller
	lines         []opportunity.Line
	quotes        []quote.Quote
	quoteLines    []quote.Line
}

// activity adds something that was done, or of each tenth lead's something that is planned within weeks.
func (r *loadRecords) activity(f *loadFiller, s *store.Session, i int, one lead.Lead) {
	act := activity.Activity{
		ID: store.NewKey[activity.Tag](s), PartyID: one.PartyID, Kind: activity.Call, State: activity.Done, Direction: activity.Out, At: one.ArrivedAt, DoneAt: one.ArrivedAt,
		Subject: "Egyeztetés a szállításról", Body: "A vevő a jövő heti szállítást kéri, a régi áron.", Minutes: 15, OwnerUser: one.OwnerUser, OwnerTeam: one.OwnerTeam,
	}
	if f.n-i < loadSellers*100 && i%10 == 0 {
		at := store.UTC(f.now.Add(time.Duration(f.random.IntN(40*24*60)-10*24*60) * time.Minute))
		act.State, act.Open, act.At, act.DueAt, act.DoneAt = activity.Planned, true, at, at, time.Time{}
	}
	r.activities = append(r.activities, act)
}

// opportunity adds one with its seller and lines, and to each second one a quote.
func (r *loadRecords) opportunity(f *loadFiller, s *store.Session, i int, one lead.Lead) {
	stage := f.w.stages[f.random.IntN(len(f.w.stages))]
	o := opportunity.Opportunity{
		ID: store.NewKey[opportunity.Tag](s), PartyID: one.OrganizationID, ContactID: one.PartyID, PipelineID: stage.PipelineID, StageID: stage.ID, State: stage.Kind,
		Name: fmt.Sprintf("Irodabútor %d", i), Goal: "Új iroda", Chance: stage.Chance, ExpectedRevenue: one.ExpectedValue, Weighted: money.Round(money.PercentOf(stage.Chance, one.ExpectedValue), "HUF"),
		Currency: "HUF", ExpectedClose: civil.Of(f.now).AddDays(f.random.IntN(200) - 60), StageSince: one.ArrivedAt, LeadID: opportunity.LeadID(one.ID), OwnerUser: one.OwnerUser, OwnerTeam: one.OwnerTeam,
	}
	if stage.Kind != opportunity.Open {
		o.ClosedAt = one.ArrivedAt
	}
	r.opportunities = append(r.opportunities, o)
	r.sellers = append(r.sellers, opportunity.Seller{OpportunityID: o.ID, User: o.OwnerUser, Role: "owner", Share: money.MustPercent("100")})
	for position := range 3 {
		r.lines = append(r.lines, opportunity.Line{
			ID: store.NewKey[opportunity.LineTag](s), OpportunityID: o.ID, Position: position + 1, Name: "Íróasztal", Quantity: money.MustQuantity("4"), Unit: "db",
			UnitPrice: o.ExpectedRevenue, Amount: o.ExpectedRevenue,
		})
	}
	if len(r.opportunities)%2 == 0 {
		return
	}
	id := store.NewKey[quote.Tag](s)
	q := quote.Quote{
		ID: id, PartyID: o.PartyID, ContactID: o.ContactID, OpportunityID: quote.OpportunityID(o.ID), BaseID: id, Revision: 1, State: quote.Draft, Title: o.Name, Language: locale.Hungarian,
		Currency: "HUF", PriceDate: civil.Of(f.now), ValidUntil: civil.Of(f.now).AddDays(30), Net: o.ExpectedRevenue, Gross: o.ExpectedRevenue, OwnerUser: o.OwnerUser, OwnerTeam: o.OwnerTeam,
	}
	r.quotes = append(r.quotes, q)
	for position := range 3 {
		r.quoteLines = append(r.quoteLines, quote.Line{
			ID: store.NewKey[quote.LineTag](s), QuoteID: id, Position: position + 1, Kind: quote.Item, Name: "Íróasztal", Quantity: money.MustQuantity("4"), Unit: "db", UnitPrice: o.ExpectedRevenue, Net: o.ExpectedRevenue,
		})
	}
}

// notices writes some for each clerk.
func (f *loadFiller) notices(ctx context.Context, s *store.Session) error {
	var rows []notice.Notice
	for i, about := range f.about {
		rows = append(rows, notice.Notice{
			ID: store.NewKey[notice.Tag](s), UserID: fmt.Sprintf("clerk%d", i%loadClerks), EventID: store.NewKey[event.Tag](s), Kind: notice.LeadAssigned, RecordKind: "lead",
			RecordID: notice.RecordID(about), ActorUser: "admin-hu", ActorName: "Szabó Katalin", At: store.UTC(f.now.Add(-time.Duration(i) * time.Minute)),
		})
	}
	return s.InsertMany(ctx, &rows)
}
