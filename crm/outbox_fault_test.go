package crm_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/erpbridge/convert"
	"github.com/crmplus/crmplus/testutil"
)

// TestElsewhereIsDown: nothing is lost while the host cannot be reached, and after the last attempt a
// person is told.
func TestElsewhereIsDown(t *testing.T) {
	f := newFar(t, testutil.SQLite(t), rates{})
	id := f.lead(t, "Várakozó")
	down := newPort("http://127.0.0.1:1")
	module, err := crm.New(f.db, crm.Config{Host: down.host(), Log: quiet, Outbox: convert.Outbox{Attempts: 3}})
	if err != nil {
		t.Fatal(err)
	}
	up := f.module
	f.module = module
	r, err := f.module.Convert.Lead(f.boss(), id, f.choice(nil))
	if err != nil {
		t.Fatal(err)
	}
	if r = f.finish(t, r.ID); r.State != convert.Failed || !strings.Contains(r.Reason, "3 times") || !strings.Contains(r.Reason, "no route") {
		t.Fatalf("%+v", r)
	}
	f.module = up
	if _, err := f.module.Convert.Retry(f.boss(), f.calls(t, convert.CallFilter{})[0].ID); err != nil {
		t.Fatal(err)
	}
	if r = f.finish(t, r.ID); r.State != convert.Done {
		t.Errorf("%+v", r)
	}
}

// TestElsewhereNoAnswer: a call without an answer is left alone until it has settled, then looked up, and
// sent again only where the host has nothing.
func TestElsewhereNoAnswer(t *testing.T) {
	for name, r := range map[string]rates{"before it acts": {Before: 100}, "after it acted": {After: 100}, "acting late": {Late: 100}} {
		t.Run(name, func(t *testing.T) {
			f := newFar(t, testutil.SQLite(t), r)
			id := f.lead(t, "Néma")
			choice := f.choice(nil)
			choice.Contact.Skip = convert.SkipContact
			asked, err := f.module.Convert.Lead(f.boss(), id, choice)
			if err != nil {
				t.Fatal(err)
			}
			f.background(t)
			if r, err := f.module.Convert.Get(f.boss(), asked.ID); err != nil || r.State != convert.Unknown || r.Reason == "" {
				t.Fatalf("%+v, %v", r, err)
			}
			f.erp.rates = rates{}
			call := f.calls(t, convert.CallFilter{States: []convert.CallState{convert.CallUnknown}})[0]
			for range 2 { // impatience changes nothing
				if _, err := f.module.Convert.Retry(f.boss(), call.ID); err != nil {
					t.Fatal(err)
				}
			}
			f.background(t)
			if f.erp.asked != 1 || f.erp.looked != 0 {
				t.Fatalf("before it has settled it was asked %d times and searched %d times", f.erp.asked, f.erp.looked)
			}
			if _, err := f.module.Convert.Abandon(f.boss(), call.ID, convert.Abandonment{}); !errors.Is(err, fault.Invalid) {
				t.Errorf("given up while the host may have it: %v", err)
			}
			done := f.finish(t, asked.ID)
			if n := len(f.erp.made("customer")); done.State != convert.Done || n != 1 || f.erp.looked == 0 {
				t.Errorf("%+v; the host has %d customers and was searched %d times", done, n, f.erp.looked)
			}
		})
	}
}

// TestElsewhereSlowerThanItsLease: a process whose call takes longer than its lease writes nothing any
// more when another one has taken the call over.
func TestElsewhereSlowerThanItsLease(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		f := newFar(t, env, rates{})
		id := f.lead(t, "Lassú")
		asked, err := f.module.Convert.Lead(f.boss(), id, f.choice(nil))
		if err != nil {
			t.Fatal(err)
		}
		host, entered, release := f.port.host(), make(chan struct{}), make(chan struct{})
		host.Customers = slowCustomers{remoteCustomers{f.port}, entered, release}
		slow, err := crm.New(f.db, crm.Config{Host: host, Log: quiet})
		if err != nil {
			t.Fatal(err)
		}
		ctx := actor.With(context.Background(), actor.System(f.company, "background"))
		stopped := make(chan error)
		go func() {
			_, err := slow.Convert.Send(ctx, 0)
			stopped <- err
		}()
		<-entered
		f.background(t)
		if n := len(f.erp.made("customer")); n != 1 || f.erp.looked != 0 {
			t.Fatalf("while one process is at it, another touched it: %d customers", n)
		}
		f.clock.Advance(5 * time.Minute)
		done := f.finish(t, asked.ID)
		close(release)
		if err := <-stopped; err != nil {
			t.Error(err)
		}
		if again := f.finish(t, asked.ID); done.State != convert.Done || again.State != convert.Done || again.Customer.Key != done.Customer.Key {
			t.Errorf("first %+v, then %+v", done, again)
		}
		f.check(t, 1, 0)
		if n := f.count(t, "crm_host_call", "state = 'done'"); n != 1 {
			t.Error("the call is not done any more")
		}
		if n := f.count(t, "crm_event", "kind = 'lead.converted'"); n != 1 {
			t.Errorf("%d events", n)
		}
	})
}

// TestElsewhereTakesOverWhatWasBegun: an earlier call that is repeated and a later one that a process left
// behind do not wait for each other for ever.
func TestElsewhereTakesOverWhatWasBegun(t *testing.T) {
	f := newFar(t, testutil.SQLite(t), rates{})
	c := f.converted(t, "Sorban")
	var asked []convert.Result
	for _, name := range []string{"első", "második"} {
		deal, err := f.module.Opportunities.Create(f.boss(), opportunity.Draft{PartyID: c.Party, Name: name, Lines: sold(name)})
		if err != nil {
			t.Fatal(err)
		}
		r, err := f.module.Convert.Order(f.boss(), fromDeal(deal.ID))
		if err != nil {
			t.Fatal(err)
		}
		asked = append(asked, r)
	}
	f.erp.refused["első"] = "no"
	host, entered, release := f.port.host(), make(chan struct{}), make(chan struct{})
	host.Documents = slowDocuments{remoteDocuments{f.port}, entered, release}
	slow, err := crm.New(f.db, crm.Config{Host: host, Log: quiet})
	if err != nil {
		t.Fatal(err)
	}
	stopped := make(chan error)
	go func() {
		_, err := slow.Convert.Send(actor.With(context.Background(), actor.System(f.company, "background")), 0)
		stopped <- err
	}()
	<-entered // the second order; the first was refused
	delete(f.erp.refused, "első")
	if _, err := f.module.Convert.Retry(f.boss(), f.calls(t, convert.CallFilter{Waiting: convert.WaitingForPerson})[0].ID); err != nil {
		t.Fatal(err)
	}
	f.clock.Advance(5 * time.Minute)
	for _, r := range asked {
		if r = f.finish(t, r.ID); r.State != convert.Done {
			t.Errorf("%+v", r)
		}
	}
	close(release)
	if err := <-stopped; err != nil {
		t.Error(err)
	}
	f.check(t, 1, 2)
}

// slowDocuments answers when it is released, unless the ERP refuses.
type slowDocuments struct {
	remoteDocuments
	entered, release chan struct{}
}

func (s slowDocuments) Create(ctx context.Context, hs erpbridge.Session, draft erpbridge.Document) (erpbridge.Document, error) {
	made, err := s.remoteDocuments.Create(ctx, hs, draft)
	if err == nil {
		s.entered <- struct{}{}
		<-s.release
	}
	return made, err
}

// TestElsewhereStopsWithoutDoubt: a process that is to stop waits for the answer that is under way.
func TestElsewhereStopsWithoutDoubt(t *testing.T) {
	f := newFar(t, testutil.SQLite(t), rates{})
	asked, err := f.module.Convert.Lead(f.boss(), f.lead(t, "Leálló"), f.choice(nil))
	if err != nil {
		t.Fatal(err)
	}
	host, entered, release := f.port.host(), make(chan struct{}), make(chan struct{})
	host.Customers = slowCustomers{remoteCustomers{f.port}, entered, release}
	module, err := crm.New(f.db, crm.Config{Host: host, Log: quiet})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	stopped := make(chan error)
	go func() { stopped <- module.Run(ctx) }()
	<-entered
	cancel()
	close(release)
	if err := <-stopped; err != nil {
		t.Error(err)
	}
	if r, err := f.module.Convert.Get(f.boss(), asked.ID); err != nil || r.State != convert.Pending {
		t.Errorf("%+v, %v", r, err)
	}
	f.background(t)
	if r, err := f.module.Convert.Get(f.boss(), asked.ID); err != nil || r.State != convert.Done || f.erp.looked != 0 {
		t.Errorf("%+v, %v; searched %d times", r, err, f.erp.looked)
	}
	f.check(t, 1, 0)
}

// TestElsewherePanics: a port that breaks down leaves an unknown outcome, and the process at work.
func TestElsewherePanics(t *testing.T) {
	f := newFar(t, testutil.SQLite(t), rates{})
	host := f.port.host()
	host.Customers = brokenCustomers{remoteCustomers{f.port}}
	right := f.module
	module, err := crm.New(f.db, crm.Config{Host: host, Log: quiet})
	if err != nil {
		t.Fatal(err)
	}
	f.module = module
	asked, err := f.module.Convert.Lead(f.boss(), f.lead(t, "Törött"), f.choice(nil))
	if err != nil {
		t.Fatal(err)
	}
	f.background(t)
	r, err := f.module.Convert.Get(f.boss(), asked.ID)
	if err != nil || r.State != convert.Unknown || !strings.Contains(r.Reason, "broke down") || strings.Contains(r.Reason, "goroutine") {
		t.Fatalf("%+v, %v", r, err)
	}
	f.module = right
	if r = f.finish(t, asked.ID); r.State != convert.Done {
		t.Errorf("%+v", r)
	}
	f.check(t, 1, 0)
}

type brokenCustomers struct{ remoteCustomers }

func (b brokenCustomers) Create(ctx context.Context, hs erpbridge.Session, draft erpbridge.Customer) (erpbridge.Customer, error) {
	_, _ = b.remoteCustomers.Create(ctx, hs, draft)
	panic("index out of range")
}

// slowCustomers answers when it is released.
type slowCustomers struct {
	remoteCustomers
	entered, release chan struct{}
}

func (s slowCustomers) Create(ctx context.Context, hs erpbridge.Session, draft erpbridge.Customer) (erpbridge.Customer, error) {
	made, err := s.remoteCustomers.Create(ctx, hs, draft)
	s.entered <- struct{}{}
	<-s.release
	return made, err
}

// TestFaultElsewhere works many conversions through a network and a host that fail in every way, with
// several processes at once: nothing is made twice, nothing is lost, and each customer's documents come
// in the order in which they were asked for. CRMPLUS_SOAK=1 makes it long.
func TestFaultElsewhere(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		leads, orders := 12, 4
		if env.DB.Dialect() == store.MSSQL {
			leads, orders = 5, 3
		}
		if os.Getenv("CRMPLUS_SOAK") != "" {
			leads, orders = 20*leads, 2*orders
		}
		f := newFar(t, env, rates{Before: 8, After: 10, Late: 8, Busy: 6, Broken: 8, Refuse: 5, Blind: 10})
		others := []*crm.Module{f.process(t, convert.Outbox{Senders: 2}), f.process(t, convert.Outbox{Senders: 1})}
		var asked []convert.Result
		for i := range leads {
			r, err := f.module.Convert.Lead(f.boss(), f.lead(t, fmt.Sprintf("F%d", i)), f.choice(sold("asztal")))
			if err != nil {
				t.Fatal(err)
			}
			asked = append(asked, r)
		}
		customers := f.work(t, asked, others)
		asked = nil
		for i, c := range customers {
			for n := range orders {
				deal, err := f.module.Opportunities.Create(f.boss(), opportunity.Draft{PartyID: c.Party, Name: fmt.Sprintf("%d/%02d", i, n), Lines: sold("szék")})
				if err != nil {
					t.Fatal(err)
				}
				r, err := f.module.Convert.Order(f.boss(), fromDeal(deal.ID))
				if err != nil {
					t.Fatal(err)
				}
				asked = append(asked, r)
			}
		}
		ordered := f.work(t, asked, others)
		f.check(t, leads, len(ordered))
		f.inOrder(t)
		t.Logf("the host was asked %d times and searched %d times for %d records", f.erp.asked, f.erp.looked, len(f.erp.entries))
	})
}

// work lets the background work until all is done, and repeats what was refused.
func (f *far) work(t *testing.T, asked []convert.Result, others []*crm.Module) []convert.Result {
	t.Helper()
	for range 2000 {
		f.background(t, others...)
		for _, c := range f.calls(t, convert.CallFilter{Waiting: convert.WaitingForPerson}) {
			if _, err := f.module.Convert.Retry(f.boss(), c.ID); err != nil {
				t.Fatal(err)
			}
		}
		if f.count(t, "crm_host_call", "state <> 'done'") == 0 {
			break
		}
	}
	done := make([]convert.Result, len(asked))
	for i, a := range asked {
		var err error
		if done[i], err = f.module.Convert.Get(f.boss(), a.ID); err != nil || done[i].State != convert.Done {
			t.Fatalf("conversion %d: %+v, %v", i, done[i], err)
		}
	}
	return done
}

// check holds what the host has against what we know.
func (f *far) check(t *testing.T, leads, orders int) {
	t.Helper()
	for kind, want := range map[string]int{"customer": leads, "contact": leads, "order": orders} {
		made := f.erp.made(kind)
		if len(made) != want {
			t.Errorf("the host has %d records of the kind %s, want %d", len(made), kind, want)
		}
		tokens := map[string]bool{}
		for _, e := range made {
			if tokens[e.Token] {
				t.Errorf("%s %s was made twice under %s", kind, e.Key, e.Token)
			}
			tokens[e.Token] = true
			if n := f.count(t, "crm_link", "host_key = ?", e.Key); n != 1 {
				t.Errorf("%s %s has %d links", kind, e.Key, n)
			}
			if n := f.count(t, "crm_conversion", "token = ?", e.Token); kind != "contact" && n != 1 {
				t.Errorf("%s %s was made under %s, which %d conversions say", kind, e.Key, e.Token, n)
			}
		}
	}
	if n, want := f.count(t, "crm_link", ""), 2*leads+orders; n != want {
		t.Errorf("%d links, want %d", n, want)
	}
}

// inOrder expects each customer's orders in the order of their names, but for those that were refused
// first: a refusal does not hold up the others.
func (f *far) inOrder(t *testing.T) {
	t.Helper()
	var late []string
	for _, e := range f.erp.made("order") {
		if strings.HasSuffix(e.Token, ":1") { // the first number: it was never refused
			late = append(late, e.Customer+" "+e.Name)
		}
	}
	byCustomer := map[string][]string{}
	for _, text := range late {
		customer, name, _ := strings.Cut(text, " ")
		byCustomer[customer] = append(byCustomer[customer], name)
	}
	for customer, names := range byCustomer {
		if !slices.IsSorted(names) {
			t.Errorf("customer %s got %v", customer, names)
		}
	}
}
