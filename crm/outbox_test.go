package crm_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/erpbridge/convert"
	"github.com/crmplus/crmplus/testutil"
)

// far is a company whose ERP is elsewhere.
type far struct {
	*world
	erp   *remote
	port  port
	clock *testutil.Clock
}

func newFar(t *testing.T, env *testutil.Env, r rates) *far {
	t.Helper()
	f := &far{world: &world{db: env.DB, company: env.Company, file: env.File}, clock: env.Clock}
	f.erp = &remote{rates: r, random: rand.New(rand.NewPCG(1, 2)), now: env.Clock.Now, refused: map[string]string{}, kinds: map[string]int{}}
	server := httptest.NewServer(f.erp)
	t.Cleanup(server.Close)
	f.port = newPort(server.URL)
	f.module = f.process(t, convert.Outbox{})
	return f
}

// process assembles CRM+ once more on the same database, as another process has it.
func (f *far) process(t *testing.T, o convert.Outbox) *crm.Module {
	t.Helper()
	m, err := crm.New(f.db, crm.Config{Host: f.port.host(), Outbox: o, Log: quiet})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// background does what is due, and lets a minute pass.
func (f *far) background(t *testing.T, modules ...*crm.Module) {
	t.Helper()
	var wg sync.WaitGroup
	for _, m := range append(modules, f.module) {
		wg.Go(func() {
			ctx := actor.With(context.Background(), actor.System(f.company, "background"))
			if _, err := m.Convert.Send(ctx, 0); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	f.clock.Advance(time.Minute)
	f.erp.catchUp()
}

func (f *far) lead(t *testing.T, name string) lead.ID {
	t.Helper()
	id, err := f.completeLead(f.boss(), name)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func sold(name string) []opportunity.Line {
	return []opportunity.Line{{Name: name, Quantity: money.MustQuantity("2"), UnitPrice: money.MustAmount("1500")}}
}

func (f *far) converted(t *testing.T, name string) convert.Result {
	t.Helper()
	id := f.lead(t, name)
	first, err := f.module.Convert.Lead(f.boss(), id, f.choice(sold(name)))
	if err != nil || first.State != convert.Pending {
		t.Fatalf("%+v, %v", first, err)
	}
	return f.finish(t, first.ID)
}

// finish lets the background work until a conversion is not on its way any more.
func (f *far) finish(t *testing.T, id convert.ID) convert.Result {
	t.Helper()
	for range 300 {
		r, err := f.module.Convert.Get(f.boss(), id)
		if err != nil {
			t.Fatal(err)
		}
		if r.State != convert.Pending && r.State != convert.Unknown && r.State != convert.Undoing {
			return r
		}
		f.background(t)
	}
	t.Fatal("the conversion came to no end")
	return convert.Result{}
}

func (f *far) calls(t *testing.T, filter convert.CallFilter) []convert.Call {
	t.Helper()
	got, err := f.module.Convert.Calls(f.boss(), filter)
	if err != nil {
		t.Fatal(err)
	}
	return got.Rows
}

func fromDeal(id opportunity.ID) convert.DocumentInput {
	return convert.DocumentInput{From: convert.Subject{Kind: convert.Opportunity, ID: convert.SubjectID(id)}}
}

// TestElsewhere is the main job with a host that is reached by a network: pending first, then done, and
// what follows something pending is refused with a sentence that says so.
func TestElsewhere(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		f := newFar(t, env, rates{})
		ctx := f.boss()
		id := f.lead(t, "Anna")
		if _, err := f.module.Convert.Lead(ctx, id, convert.LeadChoice{}); !errors.Is(err, fault.Invalid) || fault.Of(err)[0].Path != "customer.tax_id" {
			t.Fatalf("what is missing is said at once: %v", err)
		}
		bad := f.choice([]opportunity.Line{{}})
		if _, err := f.module.Convert.Lead(ctx, id, bad); !errors.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "opportunity") {
			t.Fatalf("what our own rules refuse is said at once: %v", err)
		}
		if n := f.count(t, "crm_conversion", "") + f.count(t, "crm_host_call", "") + f.count(t, "crm_opportunity", "") + f.erp.asked; n != 0 {
			t.Fatalf("%d traces of refused conversions", n)
		}
		preview, err := f.module.Convert.PreviewLead(ctx, id, convert.CustomerChoice{})
		if err != nil || len(preview.Missing) != 1 || preview.Missing[0].Path != "tax_id" {
			t.Fatalf("preview: %+v, %v", preview, err)
		}
		first, err := f.module.Convert.Lead(ctx, id, f.choice(sold("asztal")))
		if err != nil || first.State != convert.Pending || first.Repeated || first.Party.IsZero() {
			t.Fatalf("first: %+v, %v", first, err)
		}
		again, err := f.module.Convert.Lead(ctx, id, convert.LeadChoice{})
		if err != nil || again.ID != first.ID || again.State != convert.Pending || !again.Repeated {
			t.Fatalf("again: %+v, %v", again, err)
		}
		if err := f.module.Convert.Undo(ctx, first.ID, "mégsem"); !errors.Is(err, fault.Invalid) {
			t.Errorf("a pending conversion was taken back: %v", err)
		}
		deal, err := f.module.Opportunities.Create(ctx, opportunity.Draft{PartyID: first.Party, Name: "előbb", Lines: sold("előbb")})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.module.Convert.Order(ctx, fromDeal(deal.ID)); err == nil || fault.Of(err)[0].Code != "customer.pending" {
			t.Errorf("an order for a customer who is on his way: %v", err)
		}
		if f.erp.asked != 0 {
			t.Fatal("the host was called before the background was")
		}
		done := f.finish(t, first.ID)
		if done.State != convert.Done || done.Customer == nil || done.Customer.Key == "" || len(done.Contacts) != 1 || done.Opportunity.IsZero() {
			t.Fatalf("done: %+v", done)
		}
		ordered, err := f.module.Convert.Order(ctx, fromDeal(opportunity.ID(done.Opportunity)))
		if err != nil || ordered.State != convert.Pending {
			t.Fatalf("ordered: %+v, %v", ordered, err)
		}
		if _, err := f.module.Convert.Invoice(ctx, following(ordered)); err == nil || fault.Of(err)[0].Code != "pending" {
			t.Errorf("an invoice of a pending order: %v", err)
		}
		ordered = f.finish(t, ordered.ID)
		won, err := f.module.Opportunities.Get(ctx, opportunity.ID(done.Opportunity))
		if err != nil || won.State != opportunity.Won || ordered.Document == nil || ordered.Document.Number == "" {
			t.Fatalf("the order %+v, the opportunity %s, %v", ordered, won.State, err)
		}
		invoice, err := f.module.Convert.Invoice(ctx, following(ordered))
		if err != nil {
			t.Fatal(err)
		}
		invoice = f.finish(t, invoice.ID)
		if err := f.module.Convert.Undo(ctx, ordered.ID, "tévedés"); !errors.Is(err, fault.Invalid) {
			t.Errorf("an order with an invoice was taken back: %v", err)
		}
		for range 2 {
			if err := f.module.Convert.Undo(ctx, invoice.ID, "tévedés"); err != nil {
				t.Fatal(err)
			}
		}
		if r, err := f.module.Convert.Get(ctx, invoice.ID); err != nil || r.State != convert.Undoing {
			t.Errorf("while it is taken back: %+v, %v", r, err)
		}
		if r := f.finish(t, invoice.ID); r.State != convert.Undone || !f.erp.made("invoice")[0].Gone {
			t.Errorf("taken back: %+v", r)
		}
		if n := f.count(t, "crm_host_call", "state <> 'done'"); n != 0 {
			t.Errorf("%d calls are open", n)
		}
		if n := f.count(t, "crm_link", ""); n != 4 {
			t.Errorf("%d links", n)
		}
	})
}

// TestElsewhereInsideSomebodysTransaction: what was asked for inside a transaction is gone with its
// rollback, and on its way with its commit.
func TestElsewhereInsideSomebodysTransaction(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		f := newFar(t, env, rates{})
		id := f.lead(t, "Gazda")
		for _, commit := range []bool{false, true} {
			tx, err := f.db.SQL().Begin()
			if err != nil {
				t.Fatal(err)
			}
			r, err := f.module.WithTx(tx).Convert.Lead(f.boss(), id, f.choice(nil))
			if err != nil || r.State != convert.Pending {
				t.Fatalf("%+v, %v", r, err)
			}
			end := tx.Rollback
			if commit {
				end = tx.Commit
			}
			if err := end(); err != nil {
				t.Fatal(err)
			}
			f.background(t)
			want := 0
			if commit {
				want = 1
			}
			if n := len(f.erp.made("customer")); n != want {
				t.Fatalf("commit %v: the host has %d customers", commit, n)
			}
		}
	})
}

// TestSameServer: with its tables in another database of the host's server a conversion is done at once.
func TestSameServer(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	host := w.books.Host()
	host.Place = erpbridge.SameServer
	module, err := crm.New(w.db, crm.Config{Host: host, Log: quiet})
	if err != nil {
		t.Fatal(err)
	}
	w.module = module
	id, err := w.completeLead(w.boss(), "Szomszéd")
	if err != nil {
		t.Fatal(err)
	}
	if r, err := w.module.Convert.Lead(w.boss(), id, w.choice(nil)); err != nil || r.State != convert.Done {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestRunSendsCallsAndStopsCleanly(t *testing.T) {
	f := newFar(t, testutil.SQLite(t), rates{})
	id := f.lead(t, "Ébren")
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent()) // after the server of the test was started
	ctx, cancel := context.WithCancel(context.Background())
	stopped := make(chan error)
	module, err := crm.New(f.db, crm.Config{Host: f.port.host(), Log: quiet, Poll: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	f.module = module
	go func() { stopped <- module.Run(ctx) }()
	r, err := f.module.Convert.Lead(f.boss(), id, f.choice(nil))
	if err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(30 * time.Second); ; {
		if r, err = f.module.Convert.Get(f.boss(), r.ID); err != nil || r.State == convert.Done {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the commit did not wake the background; it would have waited an hour")
		}
	}
	cancel()
	if failed := <-stopped; failed != nil || err != nil {
		t.Error(failed, err)
	}
	f.db.SQL().Close()
}
