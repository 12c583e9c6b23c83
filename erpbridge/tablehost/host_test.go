package tablehost_test

import (
	"context"
	"database/sql"
	"os"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/erpbridge/tablehost"
	"github.com/crmplus/crmplus/testutil"
	"github.com/crmplus/crmplus/testutil/erp"
	"github.com/crmplus/crmplus/testutil/hosttest"
)

// shop is testutil's ERP reached by its mapping, with a company of its own and just enough in it to sell.
type shop struct {
	*erp.ERP
	host                              erpbridge.Host
	db                                *sql.DB
	company, other, customer, blocked string
}

func amount(s string) *money.Amount     { a := money.MustAmount(s); return &a }
func quantity(s string) *money.Quantity { q := money.MustQuantity(s); return &q }

func (s shop) work(t testing.TB, do func(ctx context.Context, s erpbridge.Session) error) {
	t.Helper()
	if err := s.Work(t.Context(), erp.Clerk{Company: s.company, User: "kovacs"}, do); err != nil {
		t.Fatal(err)
	}
}

// loaded reads a mapping that is shipped.
func loaded(t testing.TB, file string) tablehost.Mapping {
	t.Helper()
	f, err := os.Open("mappings/" + file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	mapping, err := tablehost.Load(f)
	if err != nil {
		t.Fatal(err)
	}
	return mapping
}

// mapped makes a host of a mapping.
func mapped(t testing.TB, db *sql.DB, mapping tablehost.Mapping) erpbridge.Host {
	t.Helper()
	host, err := tablehost.New(t.Context(), db, mapping, tablehost.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return host
}

func openShop(t testing.TB, env *testutil.Env, mapping tablehost.Mapping) shop {
	t.Helper()
	books := erp.New(env.DB.SQL(), string(env.DB.Dialect())).WithClock(env.Clock.Now)
	if err := books.Install(t.Context()); err != nil {
		t.Fatal(err)
	}
	s := shop{ERP: books, db: env.DB.SQL(), company: env.Company, other: env.Company + "-2"}
	s.host = mapped(t, s.db, mapping)
	for _, key := range []string{s.company, s.other} {
		err := books.Work(t.Context(), erp.Clerk{Company: key, User: "kovacs"}, func(ctx context.Context, session erpbridge.Session) error {
			return s.stockUp(ctx, session)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	s.work(t, func(ctx context.Context, session erpbridge.Session) error {
		for _, to := range []*string{&s.customer, &s.blocked} {
			session.Token += "x"
			c, err := s.host.Customers.Create(ctx, session, erpbridge.Customer{
				Name: "Minta Kereskedelmi Kft.", TaxID: "12345676-2-41", PriceList: "VIP",
				Address: erpbridge.Address{Line1: "Fő utca 1.", PostalCode: "1011", City: "Budapest", Country: "HU"},
			})
			if err != nil {
				return err
			}
			*to = c.Key
		}
		return books.BlockCustomer(ctx, session, s.blocked)
	})
	return s
}

func (s shop) stockUp(ctx context.Context, session erpbridge.Session) error {
	budapest, err := time.LoadLocation("Europe/Budapest")
	if err != nil {
		return err
	}
	steps := []error{
		s.AddCompany(ctx, session, erp.Company{PaymentDays: 8, Company: erpbridge.Company{
			Name: "Próba Zrt.", Address: erpbridge.Address{City: "Budapest", Country: "HU"}, Locale: locale.Locale{Language: locale.Hungarian, Zone: budapest, Currency: "HUF"},
		}}),
		s.AddUser(ctx, session, erp.User{Role: erp.Seller, Language: locale.Hungarian, User: erpbridge.User{ID: "kovacs", Name: "Kovács Anna", Teams: []string{"bp"}}}),
		s.AddVAT(ctx, session, erp.VAT{Code: "27", Name: "27 %", Rate: money.MustPercent("27")}),
		s.AddVAT(ctx, session, erp.VAT{Code: "5", Name: "5 %", Rate: money.MustPercent("5")}),
		s.AddVAT(ctx, session, erp.VAT{Code: "25", Name: "25 %", Rate: money.MustPercent("25"), To: civil.Date{Year: 2011, Month: 12, Day: 31}}),
		s.AddGroup(ctx, session, erpbridge.ProductGroup{Key: "G1", Name: "Bútor"}),
		s.AddProduct(ctx, session, erpbridge.Product{Code: "P-100", Name: "Íróasztal tölgyből", Group: "G1", Unit: "db", VATCode: "27", Cost: amount("600"), Stock: quantity("100")}),
		s.AddProduct(ctx, session, erpbridge.Product{Code: "P-200", Name: "Könyvespolc", Group: "G1", Unit: "db", VATCode: "5", Stock: quantity("100")}),
		s.AddProduct(ctx, session, erpbridge.Product{Code: "P-300", Name: "Kifutott szék", Group: "G1", Unit: "db", VATCode: "27", Discontinued: true}),
		s.AddPriceList(ctx, session, erp.PriceList{Code: "STD", Name: "Listaár", Standard: true}),
		s.AddPriceList(ctx, session, erp.PriceList{Code: "VIP", Name: "Kiemelt"}),
	}
	july := civil.Date{Year: 2026, Month: 7, Day: 1}
	for _, p := range []erp.PriceRow{
		{List: "STD", Product: "P-100", Currency: "HUF", To: july.AddDays(-1), Unit: money.MustAmount("900")},
		{List: "STD", Product: "P-100", Currency: "HUF", From: july, Unit: money.MustAmount("1000")},
		{List: "STD", Product: "P-100", Currency: "HUF", From: july, MinQuantity: money.MustQuantity("10"), Unit: money.MustAmount("950.5")},
		{List: "STD", Product: "P-100", Currency: "EUR", Unit: money.MustAmount("2.4999")},
		{List: "STD", Product: "P-200", Currency: "HUF", Unit: money.MustAmount("500")},
		{List: "VIP", Product: "P-100", Currency: "HUF", Unit: money.MustAmount("1000"), Discount: money.MustPercent("12.5")},
	} {
		steps = append(steps, s.AddPrice(ctx, session, p))
	}
	for _, err := range steps {
		if err != nil {
			return err
		}
	}
	return nil
}

// subject is the shop as the conformance suite takes it.
func (s shop) subject(env *testutil.Env) hosttest.Subject {
	day := civil.Of(env.Clock.Now())
	ask := func(q erpbridge.PriceQuestion, quantity string) erpbridge.PriceQuestion {
		q.Quantity = money.MustQuantity(quantity)
		return q
	}
	standard := erpbridge.PriceQuestion{Product: "P-100", Currency: "HUF", Date: day}
	vip, old, euro, other := standard, standard, standard, standard
	vip.Customer, old.Date, euro.Currency = s.customer, civil.Date{Year: 2026, Month: 6, Day: 30}, "EUR"
	other.Product, other.Customer = "P-200", s.customer
	lengths := map[string]int{}
	if env.DB.Dialect() == store.MSSQL { // the columns are TEXT on SQLite
		lengths["address.postal_code"] = 20
	}
	return hosttest.Subject{
		Host:    s.host,
		Begin:   func(ctx context.Context) (*sql.Tx, error) { return s.db.BeginTx(ctx, nil) },
		Company: s.company, OtherCompany: s.other, UserID: "kovacs",
		Customer: s.customer, BlockedCustomer: s.blocked, Products: []string{"P-100", "P-200"}, VATCode: "27", Currency: "HUF",
		Now: env.Clock.Now(),
		Clerk: hosttest.Clerk{
			Post: func(ctx context.Context, session erpbridge.Session, ref erpbridge.Ref) error {
				_, err := s.PostInvoice(ctx, session, ref.Key)
				return err
			},
			Pay: func(ctx context.Context, session erpbridge.Session, ref erpbridge.Ref, amount money.Amount) error {
				_, err := s.Receive(ctx, session, erp.Receipt{Document: ref, Amount: amount})
				return err
			},
			Block: s.BlockCustomer, Unblock: s.UnblockCustomer,
		},
		Lengths: lengths,
		Lacks:   []hosttest.Feature{hosttest.Quotations},
		Prices: []hosttest.PriceCase{
			{Name: "standard", Question: ask(standard, "1"), Unit: money.MustAmount("1000")},
			{Name: "below the quantity break", Question: ask(standard, "9.999999"), Unit: money.MustAmount("1000")},
			{Name: "at the quantity break", Question: ask(standard, "10"), Unit: money.MustAmount("950.5")},
			{Name: "yesterday's price", Question: ask(old, "10"), Unit: money.MustAmount("900")},
			{Name: "another currency", Question: ask(euro, "1"), Unit: money.MustAmount("2.4999")},
			{Name: "the customer's list", Question: ask(vip, "50"), Unit: money.MustAmount("1000"), Discount: money.MustPercent("12.5")},
			{Name: "not in the customer's list", Question: ask(other, "1"), Unit: money.MustAmount("500")},
		},
	}
}

func TestTheExampleConforms(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		hosttest.Run(t, openShop(t, env, loaded(t, "example.yaml")).subject(env))
	})
}

// TestTheExampleConformsWithoutColumnsOfOurs has the same ERP without columns that were made for being found
// by: CRM+ remembers what tokens made, and customers are compared in memory.
func TestTheExampleConformsWithoutColumnsOfOurs(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		m := loaded(t, "example.yaml")
		ours := tablehost.Value{Formula: "token"}
		m.Customers.Token, m.Customers.Set["token"] = "", ours
		m.Contacts.Token, m.Contacts.Set["token"] = "", ours
		m.Customers.Match = map[string]tablehost.Match{"email": {Column: "email"}, "phone": {Column: "phone"}, "tax_id": {Column: "tax_id"}, "name": {Column: "name"}}
		m.Customers.Search, m.Customers.Sort, m.Customers.Remove = nil, "", "block"
		for _, d := range m.Documents {
			if d.Token != "" {
				d.Token, d.Set["token"] = "", ours
			}
		}
		hosttest.Run(t, openShop(t, env, m).subject(env))
	})
}
