package crm_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/crmplus/crmplus/adapters/sqlite"
	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/erpbridge/apihost"
	"github.com/crmplus/crmplus/erpbridge/convert"
	"github.com/crmplus/crmplus/quote"
	"github.com/crmplus/crmplus/testutil"
	"github.com/crmplus/crmplus/testutil/erpapi"
)

// nervous is an outbox for a host that acts at once, or as soon as it is given up: a request is given up
// after unanswered, and what it does late begins within late, long before the call has settled.
var nervous = convert.Outbox{Settle: time.Second, Patience: 1500 * time.Millisecond, Pause: 50 * time.Millisecond, Attempts: 1000, Senders: 6}

const unanswered, late = 200 * time.Millisecond, 300 * time.Millisecond

// patient is how long the test itself waits for the server, which does it no harm.
const patient = 30 * time.Second

// apiModule is CRM+ with the host of a shipped description.
func apiModule(w *world, name string, settings map[string]string, timeout time.Duration) (*crm.Module, erpbridge.Host, error) {
	d, err := apihost.Open(name)
	if err != nil {
		return nil, erpbridge.Host{}, err
	}
	d.Limits.PerSecond, d.Limits.Burst = 100_000, 100_000 // the server of the test has none
	host, err := apihost.New(d, apihost.Options{Settings: settings, PlainHTTP: true, Timeout: timeout, Transport: erpapi.Patient{RoundTripper: http.DefaultTransport}})
	if err != nil {
		return nil, erpbridge.Host{}, err
	}
	m, err := crm.New(w.db, crm.Config{Host: host, Outbox: nervous, Log: quiet, Poll: 20 * time.Millisecond})
	return m, host, err
}

// workByAPI is a child process: it sends what is in the outbox until it is killed.
func workByAPI(file, name, reach string) error {
	db, err := sqlite.Open(file)
	if err != nil {
		return err
	}
	var settings map[string]string
	if err := json.Unmarshal([]byte(reach), &settings); err != nil {
		return err
	}
	module, _, err := apiModule(&world{db: db}, name, settings, unanswered)
	if err != nil {
		return err
	}
	fmt.Println("ready")
	return module.Run(context.Background())
}

// abroad is a company whose ERP is reached by a shipped description.
type abroad struct {
	*far
	name   string
	server *erpapi.Server
	faults *erpapi.Faults
	// broken says whether requests go wrong.
	broken atomic.Bool
	host   erpbridge.Host
	// reached is what child processes need to reach the server.
	reached string
	// refused are conversions that waited for a person, with why.
	refused map[convert.ID]string
	kills   int
}

// tables are where the servers keep what is made, and how their own records begin.
var tables = map[string]struct {
	customers, orders string
	seeded            int
}{
	"business-central": {"customers", "salesOrders", 2},
	"sap-business-one": {"BusinessPartners", "Orders", 2},
}

func newAbroad(t *testing.T, name string) *abroad {
	t.Helper()
	env := testutil.SQLite(t)
	env.DB = env.DB.WithClock(time.Now) // leases run in the children's time
	a := &abroad{name: name, refused: map[convert.ID]string{}}
	kinds := append([]erpapi.Fault{erpapi.WrongCurrency}, erpapi.AllFaults...)
	a.faults = erpapi.NewFaults(11, 0.06, kinds...)
	a.faults.Only = func(*http.Request) bool { return a.broken.Load() }
	start := map[string]func(testing.TB, erpapi.Options) *erpapi.Server{"business-central": erpapi.BusinessCentral, "sap-business-one": erpapi.BusinessOne}
	a.server = start[name](t, erpapi.Options{Faults: a.faults, Late: late})
	a.far = &far{world: &world{db: env.DB, company: a.server.Company, file: env.File}}
	reached, err := json.Marshal(a.server.Settings())
	if err != nil {
		t.Fatal(err)
	}
	a.reached = string(reached)
	if a.module, a.host, err = apiModule(a.world, name, a.server.Settings(), patient); err != nil {
		t.Fatal(err)
	}
	return a
}

// TestKillByAPI kills real processes with SIGKILL while they send conversions to servers that behave as
// Business Central and SAP Business One document, and that time out before and after acting, act late,
// break connections off and answers in half, answer twice, in the wrong currency, with 429, 503 and 500.
// In the end each customer, contact and order is there once, and each customer's orders came in the
// order in which they were asked for. CRMPLUS_SOAK=1 sends 10,000, CRMPLUS_SOAK=n that many.
func TestKillByAPI(t *testing.T) {
	conversions, patience := 500, 12*time.Second
	if text := os.Getenv("CRMPLUS_SOAK"); text != "" {
		conversions, patience = 10_000, time.Hour
		var n int
		if _, err := fmt.Sscan(text, &n); err == nil && n > 1 {
			conversions = n
		}
	} else if testing.Short() {
		conversions, patience = 60, 3*time.Second
	}
	for _, name := range slices.Sorted(maps.Keys(tables)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // it waits more than it works
			a := newAbroad(t, name)
			each := conversions / 2
			leads, customers := each*2/5, each/5
			began := time.Now()
			asked := a.askForCustomers(t, leads)
			left := a.work(t, patience/3)
			made := a.done(t, asked)
			orders := a.askForOrders(t, made[:customers], each-leads)
			left += a.work(t, patience)
			ordered := a.done(t, orders)
			took := time.Since(began)
			a.hasAll(t, made, ordered)
			a.kept(t, ordered)
			a.once(t)
			faults := a.faults.Made()
			t.Logf("%d conversions in %s, %d of them after the faults had ended; %d processes killed, %d requests carried out, faults %v, %d waited for a person",
				each, took.Round(time.Millisecond), left, a.kills, len(a.server.Journal()), faults, len(a.refused))
			if a.kills == 0 {
				t.Error("no process was killed at work")
			}
			if !testing.Short() && len(faults) <= len(erpapi.AllFaults) {
				t.Errorf("only these faults happened: %v", faults)
			}
		})
	}
}

func (a *abroad) askForCustomers(t *testing.T, n int) []convert.Result {
	t.Helper()
	var asked []convert.Result
	for i := range n {
		r, err := a.module.Convert.Lead(a.boss(), a.lead(t, fmt.Sprintf("%s%05d", a.name[:1], i)), convert.LeadChoice{})
		if err != nil || r.State != convert.Pending {
			t.Fatalf("%+v, %v", r, err)
		}
		asked = append(asked, r)
	}
	return asked
}

// askForOrders asks for n orders, of accepted quotes and of opportunities by turns, for all customers.
func (a *abroad) askForOrders(t *testing.T, customers []convert.Result, n int) []convert.Result {
	t.Helper()
	var asked []convert.Result
	for i := range n {
		c := customers[i%len(customers)]
		from := a.deal
		if (i/len(customers)+i)%2 == 0 {
			from = a.offer
		}
		r, err := a.module.Convert.Order(a.boss(), from(t, c.Party, i))
		if err != nil || r.State != convert.Pending {
			t.Fatalf("%+v, %v", r, err)
		}
		asked = append(asked, r)
	}
	return asked
}

func (a *abroad) deal(t *testing.T, p party.ID, i int) convert.DocumentInput {
	t.Helper()
	o, err := a.module.Opportunities.Create(a.boss(), opportunity.Draft{PartyID: p, Name: fmt.Sprintf("Bővítés %d", i), Lines: []opportunity.Line{
		{ProductKey: a.server.Products[0], Quantity: money.MustQuantity("2"), UnitPrice: money.MustAmount("1500")},
		{ProductKey: a.server.Products[1], Quantity: money.MustQuantity("1"), UnitPrice: money.MustAmount("99.9")},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return fromDeal(o.ID)
}

func (a *abroad) offer(t *testing.T, p party.ID, _ int) convert.DocumentInput {
	t.Helper()
	line := func(product, quantity, price string) quote.DraftLine {
		return quote.DraftLine{
			Product: product, Quantity: money.MustQuantity(quantity), UnitPrice: ptr(money.MustAmount(price)), Discount: ptr(money.MustPercent("5")),
			VATCode: a.server.VATCode, VATRate: ptr(money.MustPercent("27")),
		}
	}
	ctx := a.boss()
	card, err := a.module.Quotes.Draft(ctx, quote.DraftInput{Party: p, Lines: []quote.DraftLine{line(a.server.Products[0], "3", "640"), line(a.server.Products[1], "1.5", "120.5")}})
	if err == nil {
		card, err = a.module.Quotes.Issue(ctx, card.Quote.ID)
	}
	if err == nil {
		_, err = a.module.Quotes.Accept(ctx, card.Quote.ID, quote.Answer{By: "Őrsi Zsófia"})
	}
	if err != nil {
		t.Fatal(err)
	}
	return fromQuote(card.Quote)
}

// work lets two processes send what is asked for, and kills them again and again, among faults as long as
// patience lasts. Then the faults end; how many conversions were left is given.
func (a *abroad) work(t *testing.T, patience time.Duration) (left int) {
	t.Helper()
	a.broken.Store(true)
	open := a.count(t, "crm_host_call", "state <> 'done'")
	window := 700 * time.Millisecond
	for deadline := time.Now().Add(patience); open > 0 && time.Now().Before(deadline); {
		children := []*exec.Cmd{a.child(t), a.child(t)}
		for _, c := range children {
			time.Sleep(rand.N(window)) // the moment of the kill is the point of the test
			a.kill(c)
			a.kills++
		}
		a.repeat(t)
		now := a.count(t, "crm_host_call", "state <> 'done'")
		if open-now < 4 { // a busy machine
			window = min(2*window, 5*time.Second)
		}
		open = now
	}
	a.broken.Store(false)
	left = open
	last := a.child(t)
	defer a.kill(last)
	for deadline := time.Now().Add(5 * time.Minute); a.count(t, "crm_host_call", "state <> 'done'") > 0; {
		a.repeat(t)
		if time.Sleep(20 * time.Millisecond); time.Now().After(deadline) {
			t.Fatalf("without faults the outbox was not emptied: %+v", a.calls(t, convert.CallFilter{}))
		}
	}
	return left
}

func (a *abroad) child(t *testing.T) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run", "^$")
	cmd.Env = append(os.Environ(), childFile+"="+a.file, childAPI+"="+a.name, childReach+"="+a.reached)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err == nil {
		_, err = bufio.NewReader(out).ReadString('\n')
	}
	if err != nil {
		t.Fatal(err)
	}
	return cmd
}

func (a *abroad) kill(c *exec.Cmd) {
	_ = c.Process.Kill()
	_ = c.Wait()
}

// repeat is the person who repeats what failed. Only one fault makes a call fail: an order in another
// currency than the customer was promised is taken back.
func (a *abroad) repeat(t *testing.T) {
	t.Helper()
	for _, c := range a.calls(t, convert.CallFilter{Waiting: convert.WaitingForPerson}) {
		if c.Operation != convert.DocumentCall || !strings.Contains(c.Reason, "USD") {
			t.Errorf("a call waits for a person (%s %s): %s", c.Operation, c.ReasonCode, c.Reason)
		}
		a.refused[c.ConversionID] = c.Reason
		if _, err := a.module.Convert.Retry(a.boss(), c.ID); err != nil {
			t.Fatal(err)
		}
	}
}

// hasAll holds what the ERP has against what we know: nothing lost, nothing besides.
func (a *abroad) hasAll(t *testing.T, customers, orders []convert.Result) {
	t.Helper()
	s := erpbridge.Session{Company: a.company, Now: time.Now()}
	known := map[string]map[string]convert.Result{} // orders by customer and key
	for _, o := range orders {
		d, err := a.host.Documents.Document(t.Context(), s, o.Document.Ref)
		if err != nil || d.State != erpbridge.Open || len(d.Lines) != 2 || d.Reference == "" || d.Currency != "EUR" || !d.Gross.Equal(o.Document.Gross) {
			t.Errorf("the order %+v is at the ERP %+v, %v", o.Document, d, err)
		}
		if known[d.Customer] == nil {
			known[d.Customer] = map[string]convert.Result{}
		}
		known[d.Customer][d.Key] = o
	}
	cancelled, keys := 0, map[string]bool{}
	for _, c := range customers {
		keys[c.Customer.Key] = true
		if a.host.Contacts != nil {
			people, err := a.host.Contacts.ContactsOf(t.Context(), s, c.Customer.Key)
			if err != nil || len(people) != 1 || len(c.Contacts) != 1 {
				t.Errorf("customer %s has the contacts %+v, and we know %+v (%v)", c.Customer.Key, people, c.Contacts, err)
			}
		}
		list, err := a.host.Documents.(erpbridge.DocumentHistory).History(t.Context(), s, c.Customer.Key, 100)
		if err != nil {
			t.Fatal(err)
		}
		of := known[c.Customer.Key]
		for _, d := range list {
			if d.Kind != erpbridge.Order {
				continue
			}
			if d.State == erpbridge.Cancelled {
				cancelled++
			} else if _, ok := of[d.Key]; !ok {
				t.Errorf("customer %s has the order %s, of which we know nothing", c.Customer.Key, d.Number)
			}
			delete(of, d.Key)
		}
		if len(of) > 0 {
			t.Errorf("customer %s lacks the orders %v", c.Customer.Key, slices.Collect(maps.Keys(of)))
		}
	}
	at := tables[a.name]
	if n := a.server.Count(at.customers) - at.seeded; n != len(customers) || len(keys) != len(customers) {
		t.Errorf("the ERP has %d customers of ours, and we know %d of %d", n, len(keys), len(customers))
	}
	if n := a.server.Count(at.orders) - cancelled; n != len(orders) {
		t.Errorf("the ERP has %d orders beside %d cancelled ones, want %d", n, cancelled, len(orders))
	}
	if cancelled < len(a.refused) {
		t.Errorf("%d orders failed and %d were taken back", len(a.refused), cancelled)
	}
	want := len(customers) + len(orders)
	if a.host.Contacts != nil {
		want += len(customers)
	}
	if n := a.count(t, "crm_link", ""); n != want {
		t.Errorf("%d links, want %d", n, want)
	}
}

// kept expects each customer's orders with ascending numbers in the order in which they were asked for,
// but for those that were refused first: a refusal does not hold up the others.
func (a *abroad) kept(t *testing.T, orders []convert.Result) {
	t.Helper()
	last := map[string]string{}
	for _, o := range orders {
		if _, ok := a.refused[o.ID]; ok {
			continue
		}
		d := o.Document
		if d.Number <= last[d.Customer] {
			t.Errorf("customer %s got the order %s after %s", d.Customer, d.Number, last[d.Customer])
		}
		last[d.Customer] = d.Number
	}
}

// once expects that nothing was ever made a second time under its token, also if it is gone by now.
func (a *abroad) once(t *testing.T) {
	t.Helper()
	if doubles := a.server.Doubles(); len(doubles) > 0 {
		t.Errorf("made twice: %v", doubles)
	}
	made := map[string]int{}
	for _, e := range a.server.Journal() {
		var body map[string]any
		if e.Method != http.MethodPost || e.Status != http.StatusCreated || json.Unmarshal([]byte(e.Body), &body) != nil {
			continue
		}
		for _, field := range []string{"externalDocumentNumber", "U_CRMToken", "number", "CardCode"} {
			if token, ok := body[field].(string); ok {
				made[e.Path+" "+token]++
				break // an order has its customer's code besides
			}
		}
	}
	for what, n := range made {
		if n > 1 {
			t.Errorf("made %d times: %s", n, what)
		}
	}
	if len(made) == 0 {
		t.Error("the journal names no token")
	}
}
