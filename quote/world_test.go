package quote_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/quote"
	"github.com/crmplus/crmplus/testutil"
	"github.com/crmplus/crmplus/testutil/mailtest"
)

// host is the little of an ERP that quotes read.
type host struct {
	company  erpbridge.Company
	products map[string]erpbridge.Product
	// prices by list and product; the standard list is "".
	prices    map[string]map[string]string
	customers map[string]erpbridge.Customer
	users     map[string]erpbridge.User
	// asked are the questions to the price list.
	asked []erpbridge.PriceQuestion
}

func (h *host) Company(_ context.Context, s erpbridge.Session) (erpbridge.Company, error) {
	c := h.company
	c.Key = s.Company
	return c, nil
}

func (h *host) Product(_ context.Context, _ erpbridge.Session, key string) (erpbridge.Product, error) {
	p, ok := h.products[key]
	if !ok {
		return p, fault.New(fault.NotFound, "no product %s", key)
	}
	return p, nil
}

func (h *host) Products(context.Context, erpbridge.Session, string, int) ([]erpbridge.Product, error) {
	return nil, nil
}

func (h *host) Groups(context.Context, erpbridge.Session) ([]erpbridge.ProductGroup, error) {
	return nil, nil
}

// Price knows a quantity discount of 5 % from 100 pieces on, on the customer's own list.
func (h *host) Price(_ context.Context, _ erpbridge.Session, q erpbridge.PriceQuestion) (erpbridge.Price, error) {
	h.asked = append(h.asked, q)
	list := ""
	if q.Customer != "" {
		list = h.customers[q.Customer].PriceList
	}
	for _, l := range []string{list, ""} {
		if p, ok := h.prices[q.Currency+l][q.Product]; ok {
			price := erpbridge.Price{Unit: money.MustAmount(p), List: l}
			if l != "" && q.Quantity.Cmp(money.MustQuantity("100")) >= 0 {
				price.Discount = money.MustPercent("5")
			}
			return price, nil
		}
	}
	return erpbridge.Price{}, fault.New(fault.NotFound, "no price of %s in %s", q.Product, q.Currency)
}

type customers struct {
	erpbridge.Customers
	h *host
}

func (c customers) Customer(_ context.Context, _ erpbridge.Session, key string) (erpbridge.Customer, error) {
	return c.h.customers[key], nil
}

type users struct{ h *host }

func (u users) User(_ context.Context, _ erpbridge.Session, id string) (erpbridge.User, error) {
	has, ok := u.h.users[id]
	if !ok {
		return has, fault.New(fault.NotFound, "no user %s", id)
	}
	return has, nil
}

func (u users) ListUsers(context.Context, erpbridge.Session) ([]erpbridge.User, error) {
	return nil, nil
}

func newHost() *host {
	return &host{
		company: erpbridge.Company{
			Name: "Fényforrás Kereskedelmi Zrt.", TaxID: "12345676-2-41", EUVatID: "HU12345676",
			Address: erpbridge.Address{Line1: "Váci út 76.", PostalCode: "1133", City: "Budapest", Country: "HU"},
			Phone:   "+36 1 555 0100", Email: "ertekesites@fenyforras.example", Website: "fenyforras.example",
			BankAccount: "11700000-12345678-00000000", IBAN: "HU42 1177 3016 1111 1018 0000 0000",
		},
		products: map[string]erpbridge.Product{
			"LAMP":  {Key: "LAMP", Code: "L-40", Name: "LED lámpatest 40 W", Description: "IP65, 4000 K, 5 év garancia", Group: "LIGHT", Unit: "db", VATCode: "27", VATRate: money.MustPercent("27")},
			"POLE":  {Key: "POLE", Code: "P-6", Name: "Oszlop 6 m", Group: "LIGHT", Unit: "db", VATCode: "27", VATRate: money.MustPercent("27")},
			"BOOK":  {Key: "BOOK", Code: "B-1", Name: "Világítástechnikai kézikönyv", Group: "BOOK", Unit: "db", VATCode: "5", VATRate: money.MustPercent("5")},
			"COURS": {Key: "COURS", Code: "O-1", Name: "Oktatás", Group: "SERVICE", Unit: "óra", VATCode: "AAM"},
			"OLD":   {Key: "OLD", Code: "X-1", Name: "Izzó", Unit: "db", VATCode: "27", VATRate: money.MustPercent("27"), Discontinued: true},
		},
		prices: map[string]map[string]string{
			"HUF":     {"LAMP": "12500", "POLE": "98000", "BOOK": "7990", "COURS": "15000", "OLD": "100"},
			"HUFnagy": {"LAMP": "11000"},
			"EUR":     {"LAMP": "31.25", "POLE": "245", "BOOK": "19.99", "COURS": "37.5"},
		},
		customers: map[string]erpbridge.Customer{"C000123": {Key: "C000123", Name: "Minta Világítás Kft.", Currency: "HUF", PriceList: "nagy"}},
		users: map[string]erpbridge.User{
			"kovacs.anna": {ID: "kovacs.anna", Name: "Kovács Anna", JobTitle: "értékesítési vezető", Phone: "+36 30 555 0111", Email: "anna@fenyforras.example"},
			"szabo":       {ID: "szabo", Name: "Szabó Éva"},
		},
	}
}

func (h *host) ports() erpbridge.Host {
	return erpbridge.Host{Name: "Próba ERP", Place: erpbridge.SameDatabase, Companies: h, Catalogue: h, Prices: h, Customers: customers{h: h}, Users: users{h}}
}

var budapest = must(time.LoadLocation("Europe/Budapest"))

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func hungarian(string) locale.Locale {
	return locale.Locale{Language: locale.Hungarian, Currency: "HUF", Zone: budapest}
}

// world is a company with users, a customer and a lead.
type world struct {
	*testutil.Env
	t          testing.TB
	host       *host
	config     quote.Config
	mails      *mail.Mails
	box        *mailtest.Box
	quotes     *quote.Quotes
	parties    *party.Parties
	activities *activity.Activities
	// anna owns what she makes and sees only that; admin sees everything; reader answers by link.
	anna, admin, reader context.Context
	// minta is a customer with a price list of its own, éva works there; kiss is a lead.
	minta, eva, kiss party.Party
}

func newWorld(t testing.TB, env *testutil.Env) *world {
	w := &world{Env: env, t: t, host: newHost()}
	w.parties = party.New(env.DB, hungarian)
	w.activities = activity.New(env.DB, w.parties)
	w.config = quote.Config{Host: w.host.ports(), Parties: w.parties, Activities: w.activities, Locales: hungarian}
	w.box = &mailtest.Box{}
	w.mails = mail.New(env.DB, mail.Config{Mailer: w.box, Purposes: []mail.Purpose{quote.SentPurpose}, Log: quiet})
	w.config.Mails, w.config.LinkKey = w.mails, bytes.Repeat([]byte("k"), 32)
	w.config.PublicURL = func(string) string { return pages }
	w.quotes = quote.New(env.DB, w.config)
	w.anna = env.As("kovacs.anna", actor.Seller, actor.Own, "pest")
	w.admin = env.As("admin", actor.Admin, actor.All)
	w.reader = actor.With(context.Background(), actor.Public(env.Company))
	owner := party.Owner{User: "kovacs.anna", Team: "pest"}
	var err error
	w.minta, err = w.parties.Add(w.anna, party.Draft{Kind: party.Company, FullName: "Minta Világítás Kft.", Language: locale.Hungarian, Owner: owner,
		TaxID: "HU12345676", Address: party.Address{Line1: "Petőfi utca 5.", PostalCode: "6720", City: "Szeged", Country: "HU"}})
	w.ok(err)
	w.ok(w.parties.SetRole(env.System(), w.minta.ID, party.Link{Role: party.Customer, HostKey: "C000123"}, [16]byte{}))
	w.eva, err = w.parties.Add(w.anna, party.Draft{Kind: party.Person, FullName: "Szabó Éva", Language: locale.Hungarian, Owner: owner})
	w.ok(err)
	w.ok(w.parties.Employ(w.anna, w.eva.ID, w.minta.ID))
	w.kiss, err = w.parties.Add(w.anna, party.Draft{Kind: party.Person, FullName: "Kiss Péter", Emails: []string{"kiss.peter@example.hu"}, Owner: owner})
	w.ok(err)
	return w
}

func (w *world) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// lamps is one line of n lamps.
func lamps(n string) quote.DraftLine {
	return quote.DraftLine{Product: "LAMP", Quantity: money.MustQuantity(n)}
}

func (w *world) draft(change func(*quote.DraftInput)) quote.Card {
	w.t.Helper()
	in := quote.DraftInput{Party: w.minta.ID, Header: quote.Header{Title: "Raktár világítása", Contact: w.eva.ID}, Lines: []quote.DraftLine{lamps("40")}}
	if change != nil {
		change(&in)
	}
	card, err := w.quotes.Draft(w.anna, in)
	w.ok(err)
	return card
}

func (w *world) issued(change func(*quote.DraftInput)) quote.Card {
	w.t.Helper()
	card, err := w.quotes.Issue(w.anna, w.draft(change).Quote.ID)
	w.ok(err)
	return card
}

func (w *world) get(id quote.ID) quote.Card {
	w.t.Helper()
	card, err := w.quotes.Get(w.admin, id)
	w.ok(err)
	return card
}

// events are the kinds of what happened to a quote, in order.
func (w *world) events(id quote.ID) []string {
	w.t.Helper()
	var kinds []string
	w.ok(w.DB.Read(w.System(), func(ctx context.Context, s *store.Session) error {
		return s.Query(ctx, &kinds, store.From[event.Event]("e"), "SELECT e.kind FROM crm_event AS e WHERE {scope} AND e.record_id = ? ORDER BY e.record_version", id)
	}))
	return kinds
}

func (w *world) sameEvents(id quote.ID, want ...string) {
	w.t.Helper()
	if got := w.events(id); !slices.Equal(got, want) {
		w.t.Errorf("events %v, want %v", got, want)
	}
}

func is(t testing.TB, what string, got, want any) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func wantCode(t testing.TB, err error, code fault.Code) {
	t.Helper()
	if !errors.Is(err, code) {
		t.Fatalf("error %v, want %s", err, code)
	}
}

// paths are the paths of an error's faults, sorted.
func paths(err error) []string {
	var out []string
	for _, f := range fault.Of(err) {
		out = append(out, f.Path)
	}
	slices.Sort(out)
	return out
}

func ptr[T any](v T) *T { return &v }
