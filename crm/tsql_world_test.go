package crm_test

import (
	"context"
	"database/sql"
	"fmt"
	"testing"
	"time"

	"github.com/crmplus/crmplus/adapters/mssql"
	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/testutil"
	"github.com/crmplus/crmplus/testutil/erp"
	"github.com/crmplus/crmplus/testutil/tsql"
)

// recorded is a world whose statements are golden text.
type recorded struct {
	*world
	t     *testing.T
	clock *testutil.Clock
}

// record opens a world on testdata/NAME.tsql. The ERP's tables and goods are there before, and so is
// what the scenes made; what they send is not in the file.
func record(t *testing.T, name string, scenes ...scene) recorded {
	t.Helper()
	env := tsql.Env(t, name, func(ctx context.Context, db *sql.DB) error { return prepare(ctx, db, scenes) })
	w, err := embed(env)
	if err != nil {
		t.Fatal(err)
	}
	return recorded{w, t, env.Clock}
}

// scene makes rows that a test finds.
type scene func(w *world) error

func embed(env *testutil.Env) (*world, error) {
	w := &world{db: env.DB, company: env.Company, books: erp.New(env.DB.SQL(), string(env.DB.Dialect())).WithClock(env.Clock.Now)}
	hungarian := locale.Locale{Language: locale.Hungarian, Currency: "HUF"}
	module, err := crm.New(w.db, crm.Config{Host: w.books.Host(), Locale: func(string) locale.Locale { return hungarian }, Log: quiet})
	w.module = module
	return w, err
}

func prepare(ctx context.Context, db *sql.DB, scenes []scene) error {
	clock, next := testutil.NewClock(time.Date(2026, 7, 12, 9, 0, 0, 0, time.UTC)), testutil.IDs()
	ids := func() [16]byte {
		id := next()
		id[8] |= 0x20 // beside those of the test
		return id
	}
	w, err := embed(&testutil.Env{DB: mssql.Use(db).WithClock(clock.Now).WithIDs(ids), Company: tsql.Company, Clock: clock})
	if err != nil {
		return err
	}
	if err := w.books.Install(ctx); err != nil {
		return err
	}
	if err := w.books.Work(ctx, erp.Clerk{Company: w.company, User: "manager-hu"}, w.stock); err != nil {
		return err
	}
	for _, s := range scenes {
		if err := s(w); err != nil {
			return err
		}
		clock.Advance(time.Hour)
	}
	return nil
}

// stock opens a small shop at the ERP.
func (w *world) stock(ctx context.Context, s erpbridge.Session) error {
	company := erp.Company{PaymentDays: 8, Company: erpbridge.Company{
		Name: "Minta Bútor Kft.", TaxID: "12345676-2-41", Address: erpbridge.Address{Line1: "Fő utca 2.", PostalCode: "1011", City: "Budapest", Country: "HU"},
		Locale: locale.Locale{Language: locale.Hungarian, Zone: time.UTC, Currency: "HUF"},
	}}
	steps := []func() error{
		func() error { return w.books.AddCompany(ctx, s, company) },
		func() error {
			return w.books.AddVAT(ctx, s, erp.VAT{Code: "27", Name: "27 %", Rate: money.MustPercent("27")})
		},
		func() error {
			return w.books.AddGroup(ctx, s, erpbridge.ProductGroup{Key: "DSK", Name: "Íróasztalok"})
		},
		func() error {
			return w.books.AddPriceList(ctx, s, erp.PriceList{Code: "STD", Name: "Listaár", Standard: true})
		},
		func() error {
			_, err := w.books.Host().Customers.Create(ctx, s, erpbridge.Customer{Name: "Régi Vevő Kft.", Email: "iroda@regivevo.example"})
			return err
		},
	}
	for _, u := range []string{"manager-hu", "kovacs", "szabo"} {
		steps = append(steps, func() error {
			return w.books.AddUser(ctx, s, erp.User{Role: erp.Seller, Language: locale.Hungarian, User: erpbridge.User{ID: u, Name: u, Teams: []string{"budapest"}}})
		})
	}
	for _, code := range []string{"DSK-010", "DSK-030"} {
		steps = append(steps, func() error {
			return w.books.AddProduct(ctx, s, erpbridge.Product{
				Code: code, Name: "Íróasztal " + code, Group: "DSK", Unit: "db", VATCode: "27",
				Cost: ptr(money.MustAmount("600")), Stock: ptr(money.MustQuantity("100")),
			})
		}, func() error {
			return w.books.AddPrice(ctx, s, erp.PriceRow{List: "STD", Product: code, Currency: "HUF", Unit: money.MustAmount("84900")})
		})
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// seller sees his own records and works in a team, colleague those of the team.
func (w *world) seller() context.Context {
	return w.as("kovacs", actor.Seller, actor.Own, "budapest")
}

func (w *world) colleague() context.Context {
	return w.as("szabo", actor.Seller, actor.Team, "budapest", "győr")
}

// people are the leads of [arrive].
var people = []struct{ name, organization, email, city string }{
	{"Őrsi Zsófia", "Tűzliliom Kft.", "zsofia@tuzliliom.example", "Budapest"},
	{"Kovács Béla", "", "bela@example.com", "Győr"},
	{"Szűcs Ádám", "Napraforgó Zrt.", "adam@napraforgo.example", "Szeged"},
}

// arrive takes three leads in: a seller's, nobody's, the manager's.
func arrive(w *world) error {
	actors := []context.Context{w.seller(), actor.With(context.Background(), actor.System(w.company, "web")), w.boss()}
	for i := range people {
		if _, err := w.module.Leads.Capture(actors[i], w.draftLead(i)); err != nil {
			return err
		}
	}
	return nil
}

func (w *world) draftLead(i int) lead.Draft {
	p := people[i]
	d := lead.Draft{Name: p.name, Organization: p.organization, Emails: []string{p.email}, Interest: "12 munkahely", Origin: lead.Origin{Source: "web"}}
	d.Address.Line1, d.Address.PostalCode, d.Address.City, d.Address.Country = "Fő utca 1.", "1011", p.city, "HU"
	return d
}

// row finds a lead of [arrive] by the beginning of its name.
func (r recorded) row(name string) lead.Row {
	r.t.Helper()
	l, err := r.named(name)
	r.ok(err)
	return l
}

func (w *world) named(name string) (lead.Row, error) {
	list, err := w.module.Leads.List(w.boss(), lead.Filter{Name: name}, lead.ByName, page(1))
	if err == nil && len(list.Rows) != 1 {
		err = fmt.Errorf("%d leads of the name %s", len(list.Rows), name)
	}
	if err != nil {
		return lead.Row{}, err
	}
	return list.Rows[0], nil
}

func (r recorded) ok(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}
