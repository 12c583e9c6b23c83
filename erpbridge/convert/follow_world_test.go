package convert_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"sync/atomic"
	"testing"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/lead"
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

// followed is an ERP with CRM+ inside, and one deal that goes its way there.
type followed struct {
	*testing.T
	env     *testutil.Env
	books   *erp.ERP
	module  *crm.Module
	company string
	host    erpbridge.Host
}

func follow(t *testing.T, env *testutil.Env) *followed {
	t.Helper()
	f := &followed{T: t, env: env, company: env.Company + "-HU01"}
	f.books = erp.New(env.DB.SQL(), string(env.DB.Dialect())).WithClock(env.DB.Now)
	f.ok(f.books.Install(t.Context()))
	f.ok(f.books.Seed(t.Context(), erp.Sample{Prefix: env.Company + "-", Companies: []string{"HU01"}, SkipHistory: true}))
	f.embed(f.books.Host())
	return f
}

// embed puts CRM+ on a host, which may be the ERP behind something.
func (f *followed) embed(host erpbridge.Host) {
	f.Helper()
	f.host = host
	locales, err := erpbridge.Locales(f.Context(), f.env.DB.SQL(), f.books.Host(), f.company)
	f.ok(err)
	f.module, err = crm.New(f.env.DB, crm.Config{Host: host, Locale: locales, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	f.ok(err)
}

func (f *followed) ok(err error) {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
}

// boss is a user who may do everything; system is the background.
func (f *followed) boss() context.Context {
	return actor.With(f.Context(), actor.User{Company: f.company, ID: "manager-hu", Name: "manager-hu", Rights: actor.Admin, See: actor.All, Teams: []string{"budapest"}}.Actor())
}

func (f *followed) system() context.Context {
	return actor.With(f.Context(), actor.System(f.company, "test"))
}

// clerk works at the ERP itself, where nobody knows of CRM+.
func (f *followed) clerk(do func(ctx context.Context, s erpbridge.Session) error) {
	f.Helper()
	f.ok(f.books.Work(f.Context(), erp.Clerk{Company: f.company, User: "kovacs"}, do))
}

var followedLeads atomic.Int64

// customer converts a lead.
func (f *followed) customer(name string) convert.Result {
	f.Helper()
	n := followedLeads.Add(1)
	captured, err := f.module.Leads.Capture(f.boss(), lead.Draft{
		Name: "Őrsi Zsófia " + name, Organization: "Tűzliliom " + name + " Kft.", Emails: []string{fmt.Sprintf("follow%d@example.com", n)},
		Address: party.Address{Line1: "Fő utca 1.", PostalCode: "1011", City: "Budapest", Country: "HU"}, Origin: lead.Origin{Source: "web"},
	})
	f.ok(err)
	made, err := f.module.Convert.Lead(f.boss(), captured.Lead, convert.LeadChoice{
		Customer:    convert.CustomerChoice{Completed: erpbridge.Customer{TaxID: "47110018-2-41"}},
		Opportunity: &convert.OpportunityChoice{Draft: opportunity.Draft{Name: "12 munkahely", Team: opportunity.Team{Owner: "kovacs"}}},
	})
	f.ok(err)
	return made
}

// accepted has a quote accepted: 12 desks and 5 shelves.
func (f *followed) accepted(customer convert.Result) quote.Quote {
	f.Helper()
	card, err := f.module.Quotes.Draft(f.boss(), quote.DraftInput{
		Party: customer.Party, Header: quote.Header{Opportunity: quote.OpportunityID(customer.Opportunity)},
		Lines: []quote.DraftLine{{Product: "DSK-010", Quantity: money.MustQuantity("12")}, {Product: "DSK-030", Quantity: money.MustQuantity("5")}},
	})
	f.ok(err)
	card, err = f.module.Quotes.Issue(f.boss(), card.Quote.ID)
	f.ok(err)
	_, err = f.module.Quotes.Accept(f.boss(), card.Quote.ID, quote.Answer{By: "Őrsi Zsófia"})
	f.ok(err)
	return card.Quote
}

// order has such a quote ordered.
func (f *followed) order(customer convert.Result) (quote.Quote, convert.Result) {
	f.Helper()
	q := f.accepted(customer)
	made, err := f.module.Convert.Order(f.boss(), convert.DocumentInput{From: convert.Subject{Kind: convert.Quote, ID: convert.SubjectID(q.ID)}})
	f.ok(err)
	return q, made
}

func leadOf(r convert.Result) lead.ID { return lead.ID(r.Leads[0]) }

func from(r convert.Result) convert.DocumentInput {
	return convert.DocumentInput{From: convert.Subject{Kind: convert.Conversion, ID: convert.SubjectID(r.ID)}}
}

// background looks at the host until nothing is due, and carries out what follows.
func (f *followed) background() {
	f.Helper()
	for range 10 {
		n, err := f.module.Convert.Follow(f.system(), 100)
		f.ok(err)
		_, err = f.module.RunOnce(context.Background())
		f.ok(err)
		if n == 0 {
			return
		}
	}
	f.Fatal("following does not come to an end")
}

// shows asserts how far opportunity and quote are.
func (f *followed) shows(customer convert.Result, q quote.Quote, want opportunity.Progress) opportunity.Card {
	f.Helper()
	card, err := f.module.Opportunities.Get(f.boss(), opportunity.ID(customer.Opportunity))
	f.ok(err)
	seen, err := f.module.Quotes.Get(f.boss(), q.ID)
	f.ok(err)
	if card.Progress != want || seen.Quote.Progress != want {
		f.Errorf("the opportunity is %q and the quote %q, want %q", card.Progress, seen.Quote.Progress, want)
	}
	return card
}

// timeline gives what stands on the opportunity's timeline.
func (f *followed) timeline(customer convert.Result) []string {
	f.Helper()
	page, err := f.module.Activities.Timeline(f.boss(), customer.Party, nil, store.Page{})
	f.ok(err)
	var subjects []string
	for _, item := range page.Items {
		subjects = append(subjects, item.Subject)
	}
	return subjects
}

// seedStranger is somebody who is no customer.
func seedStranger(f *followed) party.ID {
	f.Helper()
	captured, err := f.module.Leads.Capture(f.boss(), lead.Draft{Name: "Új Ember", Emails: []string{fmt.Sprintf("uj%d@example.com", followedLeads.Add(1))}})
	f.ok(err)
	card, err := f.module.Leads.Get(f.boss(), captured.Lead)
	f.ok(err)
	return card.Lead.PartyID
}
