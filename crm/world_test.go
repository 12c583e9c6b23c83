package crm_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/crmplus/crmplus/adapters/sqlite"
	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/erpbridge/convert"
	"github.com/crmplus/crmplus/quote"
	"github.com/crmplus/crmplus/testutil"
	"github.com/crmplus/crmplus/testutil/erp"
)

// world is an ERP with CRM+ embedded, on one database, and one company of it.
type world struct {
	db      *store.DB
	books   *erp.ERP
	module  *crm.Module
	company string
	file    string
	// withLetters says that the module has newsletters.
	withLetters bool
}

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

// newWorld installs the ERP beside CRM+ and loads its Hungarian company.
func newWorld(t testing.TB, env *testutil.Env) *world {
	t.Helper()
	w := &world{db: env.DB, company: env.Company + "-HU01", file: env.File}
	if err := w.open(env.Company + "-"); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) open(prefix string) error {
	ctx := context.Background()
	w.books = erp.New(w.db.SQL(), string(w.db.Dialect())).WithClock(w.db.Now)
	if err := w.books.Install(ctx); err != nil {
		return err
	}
	if err := w.books.Seed(ctx, erp.Sample{Prefix: prefix, Companies: []string{"HU01"}, SkipHistory: true}); err != nil {
		return err
	}
	return w.assemble()
}

func (w *world) assemble() error {
	host := w.books.Host()
	locales, err := erpbridge.Locales(context.Background(), w.db.SQL(), host, w.company)
	if err != nil {
		return err
	}
	config := crm.Config{Host: host, Locale: locales, Log: quiet}
	config.Figures = crm.FigureConfig{ScreensURL: func(string) string { return "https://erp.example.com/crm" }, Sender: func(string) mail.Address { return mail.Address{Email: "erp@feherlo.test"} }}
	if w.withLetters {
		config.LinkKey = bytes.Repeat([]byte("k"), 32)
		config.Newsletter = crm.NewsletterConfig{PublicURL: "https://erp.example.com/n/", Sender: func(string) mail.Address { return mail.Address{Email: "hirlevel@feherlo.test"} }}
	}
	w.module, err = crm.New(w.db, config)
	return err
}

// reopen opens a database file again, as another process does.
func reopen(file, company string) (*world, error) {
	db, err := sqlite.Open(file)
	if err != nil {
		return nil, err
	}
	w := &world{db: db, company: company, file: file, books: erp.New(db.SQL(), string(db.Dialect()))}
	return w, w.assemble()
}

func (w *world) as(user string, rights actor.Rights, see actor.Visibility, teams ...string) context.Context {
	return actor.With(context.Background(), actor.User{Company: w.company, ID: user, Name: user, Rights: rights, See: see, Teams: teams}.Actor())
}

// boss is a user of the ERP who may do everything.
func (w *world) boss() context.Context {
	return w.as("manager-hu", actor.Admin, actor.All, "budapest")
}

// addresses makes e-mail addresses different.
var addresses atomic.Int64

// completeLead captures a lead with everything that invoicing needs.
func (w *world) completeLead(ctx context.Context, n string) (lead.ID, error) {
	r, err := w.module.Leads.Capture(ctx, lead.Draft{
		Name: "Őrsi Zsófia " + n, Organization: "Tűzliliom " + n + " Kft.", TaxID: "",
		Emails: []string{fmt.Sprintf("zsofia%d@example.com", addresses.Add(1))}, JobTitle: "beszerző",
		Address:  party.Address{Line1: "Fő utca 1.", PostalCode: "1011", City: "Budapest", Country: "HU"},
		Interest: "12 munkahely", Origin: lead.Origin{Source: "web"},
	})
	return r.Lead, err
}

// choice completes what the lead lacks, and asks for an opportunity with two lines.
func (w *world) choice(lines []opportunity.Line) convert.LeadChoice {
	return convert.LeadChoice{
		Customer:    convert.CustomerChoice{Completed: erpbridge.Customer{TaxID: "47110018-2-41"}},
		Opportunity: &convert.OpportunityChoice{Draft: opportunity.Draft{Name: "12 munkahely", Lines: lines}},
	}
}

// lines are two products of the ERP at list price.
func (w *world) lines() []quote.DraftLine {
	return []quote.DraftLine{
		{Product: "DSK-010", Quantity: money.MustQuantity("12")},
		{Product: "DSK-030", Quantity: money.MustQuantity("5"), Discount: ptr(money.MustPercent("7.5"))},
	}
}

func ptr[T any](v T) *T { return &v }

// accepted makes an accepted quote for a party.
func (w *world) accepted(ctx context.Context, p party.ID, o opportunity.ID) (quote.Quote, error) {
	card, err := w.module.Quotes.Draft(ctx, quote.DraftInput{Party: p, Header: quote.Header{Opportunity: quote.OpportunityID(o)}, Lines: w.lines()})
	if err != nil {
		return quote.Quote{}, err
	}
	if card, err = w.module.Quotes.Issue(ctx, card.Quote.ID); err != nil {
		return quote.Quote{}, err
	}
	_, err = w.module.Quotes.Accept(ctx, card.Quote.ID, quote.Answer{By: "Őrsi Zsófia"})
	return card.Quote, err
}

func fromQuote(q quote.Quote) convert.DocumentInput {
	return convert.DocumentInput{From: convert.Subject{Kind: convert.Quote, ID: convert.SubjectID(q.ID)}}
}

func following(r convert.Result) convert.DocumentInput {
	return convert.DocumentInput{From: convert.Subject{Kind: convert.Conversion, ID: convert.SubjectID(r.ID)}}
}

// count counts rows of a table of the world's company.
func (w *world) count(t testing.TB, table, where string, args ...any) int {
	t.Helper()
	query := "SELECT COUNT(*) FROM " + table + " WHERE company = ?"
	if where != "" {
		query += " AND " + where
	}
	if w.db.Dialect() == store.MSSQL {
		for n := 1; strings.Contains(query, "?"); n++ {
			query = strings.Replace(query, "?", "@p"+string(rune('0'+n)), 1)
		}
	}
	var n int
	if err := w.db.SQL().QueryRow(query, append([]any{w.company}, args...)...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
