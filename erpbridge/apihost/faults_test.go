package apihost_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/erpbridge/apihost"
	"github.com/crmplus/crmplus/testutil/erpapi"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// clock is a time that stands until it is moved.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// rig is a server with faults, and a host that reaches it.
type rig struct {
	name   string
	erp    *erpapi.Server
	host   erpbridge.Host
	faults *erpapi.Faults
	clock  *clock
	// dialed counts the connections: one for each request.
	dialed atomic.Int64
}

// transport gives every request a connection of its own, so that settle knows when the last one is over.
func (r *rig) transport() *http.Transport {
	return &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := (&net.Dialer{}).DialContext(ctx, network, address)
		if err == nil {
			r.dialed.Add(1)
		}
		return c, err
	}}
}

// settle waits until the server has done whatever it will do.
func (r *rig) settle() { r.erp.Settle(int(r.dialed.Load())) }

var shipped = map[string]func(testing.TB, erpapi.Options) *erpapi.Server{
	"business-central": erpapi.BusinessCentral, "sap-business-one": erpapi.BusinessOne,
}

// patience is how long tests wait for an answer that may never come; where an answer will come they wait
// long enough for a slow machine.
const patience, slow = 700 * time.Millisecond, 20 * time.Second

func newRig(t testing.TB, name string, faults *erpapi.Faults, wait time.Duration) *rig {
	t.Helper()
	r := &rig{name: name, faults: faults, clock: newClock()}
	if r.faults == nil {
		r.faults = &erpapi.Faults{}
	}
	r.erp = shipped[name](t, erpapi.Options{Faults: r.faults, Now: r.clock.now})
	r.host = open(t, name, r.erp, func(_ *apihost.Description, o *apihost.Options) {
		o.Timeout, o.Now, o.Transport = wait, r.clock.now, r.transport()
	})
	return r
}

func (r *rig) session(token string, attempt int) erpbridge.Session {
	return erpbridge.Session{Company: r.erp.Company, UserID: r.erp.UserID, Token: token, Attempt: attempt, Now: r.clock.now(), Today: civil.Date{Year: 2026, Month: 3, Day: 2}}
}

func (r *rig) customer(n int) erpbridge.Customer {
	return erpbridge.Customer{
		Name: fmt.Sprintf("Őrség Kft. %d", n), Email: fmt.Sprintf("info%d@orseg.example", n), Phone: "+3612345678", Currency: "EUR", Language: locale.Hungarian,
		Address: erpbridge.Address{Line1: "Fő tér 1.", PostalCode: "9941", City: "Őriszentpéter", Country: "HU"},
	}
}

func (r *rig) order(lines int) erpbridge.Document {
	d := erpbridge.Document{Ref: erpbridge.Ref{Kind: erpbridge.Order}, Customer: r.erp.Customer, Date: civil.Date{Year: 2026, Month: 3, Day: 2}, Currency: "EUR", Reference: "A-2026-7", Note: "reggel szállítsák"}
	for i := range lines {
		d.Lines = append(d.Lines, erpbridge.DocumentLine{
			Product: r.erp.Products[i%2], Name: fmt.Sprintf("tétel %d", i+1), Quantity: money.MustQuantity(fmt.Sprint(i + 1)), UnitPrice: money.MustAmount("100.50"), VATCode: r.erp.VATCode,
		})
	}
	return d
}

// attempts is how convert drives a port: until it is done or refused, with the attempts counted.
func (r *rig) attempts(t testing.TB, call func(s erpbridge.Session) error, token string) (tries int, err error) {
	t.Helper()
	unsure := 0
	r.settle() // a call before this one may have been given up
	for tries = 1; tries <= 60; tries++ {
		err = call(r.session(token, unsure))
		switch fault.CodeOf(err) {
		case "":
			if err != nil {
				t.Fatalf("an error without a code: %v", err)
			}
			return tries, nil
		case fault.Unknown:
			unsure++
			r.settle()
		case fault.Unavailable, fault.Retryable:
			r.clock.move(3 * time.Second)
			r.settle()
		default:
			return tries, err
		}
	}
	return tries, err
}

// expected says what a fault at a write means.
func expected(f erpapi.Fault) fault.Code {
	if f == erpapi.TooMany || f == erpapi.Busy {
		return fault.Unavailable
	}
	return fault.Unknown
}

func TestEveryFaultOfOneWrite(t *testing.T) {
	t.Parallel() // it waits more than it works
	for name := range shipped {
		r := newRig(t, name, nil, patience)
		for i, f := range erpapi.AllFaults {
			t.Run(name+"/customer/"+string(f), func(t *testing.T) {
				r.faults.Only = erpapi.Writes
				r.faults.Next(f)
				token := fmt.Sprintf("customer-%d", i)
				_, err := r.host.Customers.Create(t.Context(), r.session(token, 0), r.customer(i))
				if fault.CodeOf(err) != expected(f) {
					t.Fatalf("got %v, want %s", err, expected(f))
				}
				var when *apihost.Later
				if expected(f) == fault.Unavailable && (!errors.As(err, &when) || !when.RetryAt().Equal(r.clock.now().Add(2*time.Second))) {
					t.Errorf("%v does not say when to come back", err)
				}
				var made erpbridge.Customer
				_, err = r.attempts(t, func(s erpbridge.Session) (err error) {
					made, err = r.host.Customers.Create(t.Context(), s, r.customer(i))
					return err
				}, token)
				if err != nil || made.Name != r.customer(i).Name {
					t.Fatalf("the next attempt gives %+v, %v", made, err)
				}
				r.clean(t)
			})
		}
	}
}

// clean asserts that nothing was made twice.
func (r *rig) clean(t testing.TB) {
	t.Helper()
	r.settle()
	if doubles := r.erp.Doubles(); len(doubles) > 0 {
		t.Errorf("made twice: %v", doubles)
	}
}

// TestEveryFaultOfEveryStep breaks each request of an order with three lines in each way.
func TestEveryFaultOfEveryStep(t *testing.T) {
	t.Parallel() // it waits more than it works
	steps := map[string]int{"business-central": 6, "sap-business-one": 1}
	for name := range shipped {
		r := newRig(t, name, nil, patience)
		for step := range steps[name] {
			for _, f := range erpapi.AllFaults {
				t.Run(fmt.Sprintf("%s/%d/%s", name, step, f), func(t *testing.T) {
					r.faults.Only = erpapi.Writes
					for range step {
						r.faults.Next("")
					}
					r.faults.Next(f)
					token := fmt.Sprintf("order-%d-%s", step, f)
					_, err := r.host.Documents.Create(t.Context(), r.session(token, 0), r.order(3))
					want := expected(f)
					if step > 0 {
						want = fault.Unknown // a part of it was written before
					}
					if fault.CodeOf(err) != want {
						t.Fatalf("got %v, want %s", err, want)
					}
					r.whole(t, token)
				})
			}
		}
	}
}

// whole drives an order to its end and asserts that it is the one that was asked for.
func (r *rig) whole(t testing.TB, token string) {
	t.Helper()
	var made erpbridge.Document
	if _, err := r.attempts(t, func(s erpbridge.Session) (err error) {
		made, err = r.host.Documents.Create(context.Background(), s, r.order(3))
		return err
	}, token); err != nil {
		t.Fatal(err)
	}
	if len(made.Lines) != 3 || made.Reference != "A-2026-7" || made.Note != "reggel szállítsák" || !made.Net.Equal(money.MustAmount("603")) {
		t.Fatalf("the order is not whole: %+v", made)
	}
	for i, l := range made.Lines {
		if !l.Quantity.Equal(money.MustQuantity(fmt.Sprint(i + 1))) {
			t.Errorf("line %d has the quantity %s", i, l.Quantity)
		}
	}
	found, err := r.host.Documents.(erpbridge.DocumentLookup).FindDocument(context.Background(), r.session("", 0), erpbridge.Order, token)
	if err != nil || found.Key != made.Key {
		t.Errorf("the token finds %+v (%v), want %s", found.Ref, err, made.Key)
	}
	r.clean(t)
}

func TestFaultsOfReadsDidNothing(t *testing.T) {
	t.Parallel() // it waits more than it works
	for name := range shipped {
		r := newRig(t, name, nil, patience)
		for _, f := range erpapi.AllFaults {
			t.Run(name+"/"+string(f), func(t *testing.T) {
				r.faults.Next(f)
				_, err := r.host.Customers.Customer(t.Context(), r.session("", 0), r.erp.Customer)
				if fault.CodeOf(err) != fault.Unavailable {
					t.Fatalf("got %v, want it unavailable", err)
				}
				r.clock.move(time.Minute)
				if _, err := r.attempts(t, func(s erpbridge.Session) error {
					_, err := r.host.Customers.Customer(t.Context(), s, r.erp.Customer)
					return err
				}, ""); err != nil {
					t.Fatal(err)
				}
			})
		}
	}
}

// TestRandomFaults makes customers and orders through a server that breaks a fifth of all requests.
func TestRandomFaults(t *testing.T) {
	t.Parallel() // it waits more than it works
	const many = 40
	for name := range shipped {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, name, erpapi.NewFaults(7, 0.2, erpapi.AllFaults...), patience/6)
			tries := 0
			for i := range many {
				var c erpbridge.Customer
				n, err := r.attempts(t, func(s erpbridge.Session) (err error) {
					c, err = r.host.Customers.Create(t.Context(), s, r.customer(i))
					return err
				}, fmt.Sprintf("lead-%d", i))
				if err != nil {
					t.Fatal(err)
				}
				tries += n
				draft := r.order(2)
				draft.Customer = c.Key
				n, err = r.attempts(t, func(s erpbridge.Session) error {
					made, err := r.host.Documents.Create(t.Context(), s, draft)
					if err == nil && (len(made.Lines) != 2 || made.Customer != c.Key) {
						t.Errorf("the order is not whole: %+v", made)
					}
					return err
				}, fmt.Sprintf("deal-%d", i))
				if err != nil {
					t.Fatal(err)
				}
				tries += n
			}
			r.clean(t)
			orders := map[string]string{"business-central": "salesOrders", "sap-business-one": "Orders"}[name]
			if got := r.erp.Count(orders); got != many {
				t.Errorf("%d orders were made, want %d", got, many)
			}
			t.Logf("%d customers and orders took %d attempts", many, tries)
		})
	}
}

func TestWrongCurrencyIsGivenAsTheHostHasIt(t *testing.T) {
	for name := range shipped {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, name, nil, slow)
			made, err := r.host.Documents.Create(t.Context(), r.session("currency", 0), r.order(1))
			if err != nil {
				t.Fatal(err)
			}
			r.faults.Next(erpapi.WrongCurrency)
			got, err := r.host.Documents.Document(t.Context(), r.session("", 0), made.Ref)
			if err != nil || got.Currency != "USD" {
				t.Errorf("got %q, %v", got.Currency, err)
			}
		})
	}
}

// TestRefusedInTheMiddle: what was begun is taken back, so that a refusal leaves nothing half written.
func TestRefusedInTheMiddle(t *testing.T) {
	faults := &erpapi.Faults{Only: erpapi.Writes}
	erp := erpapi.BusinessCentral(t, erpapi.Options{Faults: faults})
	r := &rig{faults: faults, clock: newClock()}
	host := open(t, "business-central", erp, func(d *apihost.Description, o *apihost.Options) {
		d.Products, d.Prices = nil, nil // so that nothing is checked before
		o.Timeout, o.Transport = patience, r.transport()
	})
	r.erp, r.host = erp, host
	draft := r.order(3)
	draft.Lines[1].Product = "99999999-5717-4562-b3fc-2c963f660000"
	create := func(attempt int) error {
		_, err := host.Documents.Create(t.Context(), r.session("bad", attempt), draft)
		return err
	}
	err := create(0)
	if !errors.Is(err, fault.Invalid) || len(fault.Of(err)) != 1 || fault.Of(err)[0].Path != "lines[1].product" {
		t.Fatalf("got %v, want lines[1].product refused", err)
	}
	if n := erp.Count("salesOrders") + erp.Count("salesOrderLines"); n != 0 {
		t.Errorf("%d records of the refused order are left", n)
	}
	// The same, and the DELETE that takes it back is lost: then nobody knows, and the next attempt clears up.
	faults.Next("", "", "", "", "", erpapi.TimeoutBefore)
	if err := create(0); !errors.Is(err, fault.Unknown) {
		t.Fatalf("got %v, want it unknown", err)
	}
	if erp.Count("salesOrders") != 1 {
		t.Fatal("the begun order is not there")
	}
	r.settle()
	if err := create(1); !errors.Is(err, fault.Invalid) {
		t.Fatalf("got %v, want it refused", err)
	}
	if n := erp.Count("salesOrders") + erp.Count("salesOrderLines"); n != 0 {
		t.Errorf("%d records of the refused order are left", n)
	}
}

func TestNobodyThere(t *testing.T) {
	for name := range shipped {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, name, nil, slow)
			r.erp.Close()
			_, err := r.host.Customers.Create(t.Context(), r.session("x", 0), r.customer(1))
			if fault.CodeOf(err) != fault.Unavailable {
				t.Errorf("got %v, want it unavailable", err)
			}
			_, err = r.host.Documents.Create(t.Context(), r.session("x", 0), r.order(1))
			if fault.CodeOf(err) != fault.Unavailable {
				t.Errorf("got %v, want it unavailable", err)
			}
		})
	}
}

func TestACancelledCallerIsHeard(t *testing.T) {
	r := newRig(t, "sap-business-one", nil, slow)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := r.host.Customers.Create(ctx, r.session("x", 0), r.customer(1))
	if fault.CodeOf(err) != fault.Unavailable || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want it unavailable because of the context", err)
	}
}

func TestLoginsEnd(t *testing.T) {
	for name, end := range map[string]time.Duration{"business-central": time.Hour, "sap-business-one": 31 * time.Minute} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, name, nil, slow)
			for range 3 {
				if _, err := r.host.Customers.Customer(t.Context(), r.session("", 0), r.erp.Customer); err != nil {
					t.Fatal(err)
				}
				r.clock.move(end)
			}
			if _, err := r.host.Documents.Create(t.Context(), r.session("late", 0), r.order(2)); err != nil {
				t.Fatal(err)
			}
			logins := 0
			for _, e := range r.erp.Journal() {
				if strings.HasSuffix(e.Path, "/token") || strings.HasSuffix(e.Path, "/Login") {
					logins++
				}
			}
			if logins != 4 {
				t.Errorf("there were %d logins, want one for each time that the last had ended", logins)
			}
			r.clean(t)
		})
	}
}

// TestSecretsStaySecret: hosts echo what they were sent; no error may.
func TestSecretsStaySecret(t *testing.T) {
	const wrong = "hunter2-is-my-password"
	for name := range shipped {
		t.Run(name, func(t *testing.T) {
			erp := shipped[name](t, erpapi.Options{})
			host := open(t, name, erp, func(_ *apihost.Description, o *apihost.Options) {
				delete(o.Settings, "BC_CLIENT_SECRET")
				delete(o.Settings, "B1_PASSWORD")
				o.Secret = func(string) (string, error) { return wrong, nil }
			})
			_, err := host.Customers.Customer(t.Context(), erpbridge.Session{Company: erp.Company}, erp.Customer)
			if fault.CodeOf(err) != fault.Unavailable || !strings.Contains(err.Error(), "administrator") {
				t.Errorf("got %v, want it unavailable, with a word to the administrator", err)
			}
			if strings.Contains(fmt.Sprintf("%v %+v %#v", err, err, err), wrong) {
				t.Errorf("the error tells the secret: %v", err)
			}
		})
	}
}
