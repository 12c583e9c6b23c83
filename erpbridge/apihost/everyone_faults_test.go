package apihost_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/erpbridge/apihost"
	"github.com/crmplus/crmplus/testutil/erpapi"
)

// everyoneOf calls the ports that read all customers.
func everyoneOf(t *testing.T, h erpbridge.Host, s erpbridge.Session, limit int) map[string]func() (int, error) {
	t.Helper()
	return map[string]func() (int, error){
		"backlog": func() (int, error) {
			list, err := h.Documents.(erpbridge.Backlog).Backlog(t.Context(), s, erpbridge.BacklogQuery{Limit: limit})
			return len(list), err
		},
		"receivables": func() (int, error) {
			list, err := h.Documents.(erpbridge.Receivables).Receivables(t.Context(), s, erpbridge.ReceivablesQuery{Limit: limit})
			return len(list), err
		},
	}
}

// TestEveryFaultInTheMiddleOfPages: what breaks behind the first page gives no part of the list, and nothing is lost when
// it is asked for again.
func TestEveryFaultInTheMiddleOfPages(t *testing.T) {
	t.Parallel() // it waits more than it works
	const many = 7
	for name := range shipped {
		r := &rig{name: name, faults: &erpapi.Faults{}, clock: newClock()}
		r.erp = shipped[name](t, erpapi.Options{Faults: r.faults, Now: r.clock.now, Page: 2})
		r.host = open(t, name, r.erp, func(_ *apihost.Description, o *apihost.Options) {
			o.Timeout, o.Now, o.Transport = patience/2, r.clock.now, r.transport()
		})
		for i := range many {
			token := strconv.Itoa(i)
			if _, err := r.host.Documents.Create(t.Context(), r.session("o"+token, 0), r.order(1)); err != nil {
				t.Fatal(err)
			}
			bill := r.order(1)
			bill.Kind = erpbridge.Invoice
			if _, err := r.host.Documents.Create(t.Context(), r.session("i"+token, 0), bill); err != nil {
				t.Fatal(err)
			}
		}
		for what, call := range everyoneOf(t, r.host, r.session("", 0), 100) {
			for _, f := range erpapi.AllFaults {
				t.Run(name+"/"+what+"/"+string(f), func(t *testing.T) {
					r.faults.Next("", "", f)
					if n, err := call(); fault.CodeOf(err) != fault.Unavailable || n != 0 {
						t.Fatalf("got %d and %v, want it unavailable", n, err)
					}
					r.clock.move(time.Minute)
					r.settle()
					if n, err := call(); err != nil || n != many {
						t.Errorf("asked again it gives %d of %d (%v)", n, many, err)
					}
				})
			}
		}
	}
}

// TestMistakenListsAreRefused with the field and what to do: nothing that was left out counts as nothing.
func TestMistakenListsAreRefused(t *testing.T) {
	orders := func(change func(o map[string]any)) map[string]any {
		o := apiOrder("1", day(0), "1")
		change(o)
		return map[string]any{"data": []any{o}}
	}
	line := func(o map[string]any) map[string]any { return o["rows"].([]any)[0].(map[string]any) }
	bill := func(buyer any, more ...any) map[string]any {
		o := map[string]any{"buyer": buyer, "id": "1", "day": "2026-03-01", "due": "2026-03-02", "open": json.Number("5")}
		for i := 0; i+1 < len(more); i += 2 {
			o[more[i].(string)] = more[i+1]
		}
		return map[string]any{"data": []any{o}}
	}
	list := func(items ...map[string]any) map[string]any {
		var out []any
		for _, one := range items {
			out = append(out, one["data"].([]any)...)
		}
		return map[string]any{"data": out}
	}
	cases := []struct {
		name, port string
		body       any
		says       []string
	}{
		{"no list", "backlog", map[string]any{"error": "later"}, []string{"no list at data", "paging.items"}},
		{"a text as list", "backlog", map[string]any{"data": "x"}, []string{"no list at data"}},
		{"nothing", "receivables", nil, []string{"no list at data"}},
		{"a list of texts", "backlog", map[string]any{"data": []any{"x"}}, []string{"no key"}},
		{"a list of lists", "receivables", map[string]any{"data": []any{[]any{}}}, []string{"no customer", "documents.invoice.open_read.customer"}},
		{"an order without a day", "backlog", orders(func(o map[string]any) { delete(o, "day") }), []string{"order N-1 has no date", "documents.order.read.date"}},
		{"an order without a customer", "backlog", orders(func(o map[string]any) { o["buyer"] = "" }), []string{"order N-1 has no customer"}},
		{"a day that is none", "backlog", orders(func(o map[string]any) { o["day"] = "soon" }), []string{`"soon" is no date`}},
		{"an unknown state", "backlog", orders(func(o map[string]any) { o["state"] = "somewhere" }), []string{"state"}},
		{"lines that are a text", "backlog", orders(func(o map[string]any) { o["rows"] = "two" }), []string{"order N-1 has no list of lines at rows"}},
		{"a line without a quantity", "backlog", orders(func(o map[string]any) { delete(line(o), "ordered") }), []string{"line 1 of order N-1 has no quantity", "documents.order.line_read.quantity"}},
		{"a line that does not say what was delivered", "backlog", orders(func(o map[string]any) { line(o)["delivered"] = nil }), []string{"no delivered"}},
		{"a quantity that is a record", "backlog", orders(func(o map[string]any) { line(o)["ordered"] = map[string]any{} }), []string{"quantity"}},
		{"an order before the one before", "backlog", map[string]any{"data": []any{apiOrder("1", day(1), "1"), apiOrder("2", day(0), "1")}}, []string{"not in the order of their dates", "take sorted away"}},
		{"an item without its customer", "receivables", bill(nil), []string{"no customer"}},
		{"an item that does not say what is open", "receivables", bill("C", "open", nil), []string{"no open", "documents.invoice.open_read.open"}},
		{"what is open in words", "receivables", bill("C", "open", "a lot"), []string{"open"}},
		{"customers that stand apart", "receivables", list(bill("C"), bill("D"), bill("C", "id", "2")), []string{"those of C stand apart", "take sorted away"}},
		{"a payment without an invoice's key", "settled", map[string]any{"data": []any{map[string]any{"buyer": "C", "day": "2026-03-01", "invoices": []any{map[string]any{"kind": "invoice", "due": "2026-03-01"}}}}}, []string{"a payment has no key", "documents.invoice.settled.read.key"}},
		{"no list of payments", "settled", []any{}, []string{"no list at data"}},
	}
	for _, c := range cases {
		t.Run(c.port+"/"+c.name, func(t *testing.T) {
			l := &ledger{page: 10, lists: map[string][]map[string]any{"/api/orders": {}, "/api/invoices": {}, "/api/payments": {}}, answer: func(*http.Request, map[string]any) any { return c.body }}
			h := l.host(t, func(d *apihost.Description) { d.Products = nil })
			calls := everyoneOf(t, h, erpbridge.Session{}, 10)
			calls["settled"] = func() (int, error) {
				list, err := h.Documents.(erpbridge.Receivables).Settled(t.Context(), erpbridge.Session{}, []string{"C"}, day(-9))
				return len(list), err
			}
			n, err := calls[c.port]()
			if fault.CodeOf(err) != fault.Unavailable || n != 0 {
				t.Fatalf("got %d and %v, want it unavailable", n, err)
			}
			for _, says := range c.says {
				if !strings.Contains(err.Error(), says) {
					t.Errorf("%q does not say %q", err, says)
				}
			}
		})
	}
}

// TestListsThatDoNotEnd are given up: pages without an end, a page that names itself, and two that name each other.
func TestListsThatDoNotEnd(t *testing.T) {
	n := 0
	for name, c := range map[string]struct {
		next  func() string
		says  string
		asked int
	}{
		"without an end":    {func() string { n++; return fmt.Sprint("?cursor=", n) }, "more than 40 pages; raise limits.pages", 40},
		"the same again":    {func() string { return "?cursor=1" }, "goes in a circle", 2},
		"there and back":    {func() string { n++; return fmt.Sprint("?cursor=", n%2) }, "goes in a circle", 3},
		"at another's":      {func() string { return "https://evil.example/api/orders" }, "another address", 1},
		"an address like %": {func() string { return "http://%zz" }, "another address", 1},
	} {
		for _, port := range []string{"backlog", "receivables"} {
			t.Run(name+"/"+port, func(t *testing.T) {
				n = 0
				l := &ledger{page: 10, lists: map[string][]map[string]any{"/api/orders": {}, "/api/invoices": {}}, answer: func(*http.Request, map[string]any) any {
					return map[string]any{"data": []any{}, "next": c.next()}
				}}
				h := l.host(t, func(d *apihost.Description) { d.Limits.Pages = 40 })
				_, err := everyoneOf(t, h, erpbridge.Session{}, 10)[port]()
				if fault.CodeOf(err) != fault.Unavailable || !strings.Contains(err.Error(), c.says) {
					t.Errorf("got %v, want %q", err, c.says)
				}
				if len(l.asked) != c.asked {
					t.Errorf("%d requests were sent: %v", len(l.asked), l.asked)
				}
			})
		}
	}
}

// TestAListThatIgnoresAfter would give the first page again and again.
func TestAListThatIgnoresAfter(t *testing.T) {
	l := &ledger{page: 10, lists: map[string][]map[string]any{"/api/invoices": {}}, answer: func(*http.Request, map[string]any) any {
		var list []any
		for i, c := range []string{"A", "B", "C"} {
			list = append(list, map[string]any{"buyer": c, "id": strconv.Itoa(i), "open": json.Number("1")})
		}
		return map[string]any{"data": list}
	}}
	port := l.host(t, nil).Documents.(erpbridge.Receivables)
	if _, err := port.Receivables(t.Context(), erpbridge.Session{}, erpbridge.ReceivablesQuery{After: "B", Limit: 10}); fault.CodeOf(err) != fault.Unavailable || !strings.Contains(err.Error(), "begin behind after") {
		t.Errorf("got %v", err)
	}
	// A list that begins with him and not behind him is as good.
	list, err := port.Receivables(t.Context(), erpbridge.Session{}, erpbridge.ReceivablesQuery{After: "A", Limit: 10})
	if err != nil || len(list) != 2 || list[0].Customer != "B" {
		t.Errorf("got %+v (%v)", list, err)
	}
}

// TestAListThatMoves between two of its pages names a record twice: it counts once.
func TestAListThatMoves(t *testing.T) {
	l := &ledger{page: 2, lists: map[string][]map[string]any{"/api/items": {}}}
	for i, key := range []string{"1", "2", "2", "3"} {
		l.lists["/api/orders"] = append(l.lists["/api/orders"], apiOrder(key, day(0), "1"))
		l.lists["/api/invoices"] = append(l.lists["/api/invoices"], map[string]any{"buyer": "C", "id": key, "due": day(i).String(), "open": json.Number("1")})
	}
	for what, call := range everyoneOf(t, l.host(t, nil), erpbridge.Session{}, 10) {
		if n, err := call(); err != nil || n != 3 {
			t.Errorf("%s: got %d (%v)", what, n, err)
		}
	}
}

// TestAnUnknownListIsNoAnswer: that a host has no such list must not read as orders that do not say what was delivered.
func TestAnUnknownListIsNoAnswer(t *testing.T) {
	for what, call := range everyoneOf(t, (&ledger{}).host(t, nil), erpbridge.Session{}, 10) {
		if _, err := call(); fault.CodeOf(err) != fault.Unavailable || !strings.Contains(err.Error(), "does not know the list") {
			t.Errorf("%s: got %v", what, err)
		}
	}
}

// TestMemoryDoesNotGrowWithTheList reads a long list that is not sorted, of which only a page is asked for.
func TestMemoryDoesNotGrowWithTheList(t *testing.T) {
	const pages, size = 120, 100
	var most uint64
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	l := &ledger{lists: map[string][]map[string]any{"/api/orders": {}, "/api/invoices": {}}}
	start := heap()
	l.answer = func(r *http.Request, _ map[string]any) any {
		n, _ := strconv.Atoi(r.URL.Query().Get("n"))
		if n%40 == 39 {
			most = max(most, heap())
		}
		var list []any
		for i := range size {
			key := fmt.Sprintf("%07d", pages*size-n*size-i)
			o := apiOrder(key, day(0), "1")
			o["buyer"], o["open"], o["filler"] = key, json.Number("1"), strings.Repeat("x", 500)
			list = append(list, o)
		}
		body := map[string]any{"data": list}
		if n+1 < pages {
			body["next"] = fmt.Sprint("?n=", n+1)
		}
		return body
	}
	h := l.host(t, func(d *apihost.Description) {
		d.Products = nil
		d.Documents[erpbridge.Order].Backlog.Sorted = false
		d.Documents[erpbridge.Invoice].Receivables = &apihost.Receivables{List: apihost.Request{Path: "/invoices"}}
	})
	for what, call := range everyoneOf(t, h, erpbridge.Session{}, 50) {
		if n, err := call(); err != nil || n != 50 {
			t.Fatalf("%s: got %d (%v)", what, n, err)
		}
	}
	if grown := int64(most) - int64(start); grown > 2<<20 {
		t.Errorf("reading %d records took %d bytes", pages*size, grown)
	}
}

// TestHostsWithoutTheLists say that they cannot tell, with any of the other ports.
func TestHostsWithoutTheLists(t *testing.T) {
	for bits := range 1 << 5 {
		has := func(i int) bool { return bits>>i&1 == 1 }
		find, history, open, owed, backlog := has(0), has(1), has(2), has(3), has(4)
		if owed && !open {
			continue // it is refused
		}
		d := (&ledger{}).host(t, func(d *apihost.Description) {
			order, bill := d.Documents[erpbridge.Order], d.Documents[erpbridge.Invoice]
			if find {
				order.Find = &apihost.Request{Path: "/orders"}
			}
			if history {
				order.History = &apihost.Request{Path: "/orders"}
			}
			if !open {
				bill.OpenItems = nil
			}
			if !owed {
				bill.Receivables, bill.Settled = nil, nil
			}
			if !backlog {
				order.Backlog = nil
			}
		}).Documents
		_, a := d.(erpbridge.DocumentLookup)
		_, b := d.(erpbridge.DocumentHistory)
		_, c := d.(erpbridge.OpenItems)
		_, err := d.(erpbridge.Receivables).Receivables(t.Context(), erpbridge.Session{}, erpbridge.ReceivablesQuery{Limit: 1})
		e := fault.CodeOf(err) != fault.NotFound
		_, err = d.(erpbridge.Backlog).Backlog(t.Context(), erpbridge.Session{}, erpbridge.BacklogQuery{Limit: 1})
		f := fault.CodeOf(err) != fault.NotFound
		if got, want := [5]bool{a, b, c, e, f}, [5]bool{find, history, open, owed, backlog}; got != want {
			t.Errorf("the ports are %v, want %v", got, want)
		}
	}
}

// TestListsAreChecked: every mistake is named at its place.
func TestListsAreChecked(t *testing.T) {
	cases := []struct {
		name       string
		spoil      func(d *apihost.Description)
		path, says string
	}{
		{"backlog of invoices", func(d *apihost.Description) {
			d.Documents[erpbridge.Invoice].Backlog = &apihost.Backlog{List: apihost.Request{Path: "/x"}}
		}, "documents.invoice.backlog", "documents.order"},
		{"backlog without what was delivered", func(d *apihost.Description) { delete(d.Documents[erpbridge.Order].LineRead, "delivered") }, "documents.order.line_read.delivered", "missing"},
		{"a limit that cuts the list", func(d *apihost.Description) {
			d.Documents[erpbridge.Order].Backlog.List.Query["top"] = "{limit}"
		}, "documents.order.backlog.list.query.top", "limit"},
		{"receivables without open items", func(d *apihost.Description) { d.Documents[erpbridge.Invoice].OpenItems = nil }, "documents.invoice.receivables", "open_items"},
		{"receivables without customers", func(d *apihost.Description) { delete(d.Documents[erpbridge.Invoice].OpenRead, "customer") }, "documents.invoice.open_read.customer", "missing"},
		{"sorted and not behind after", func(d *apihost.Description) { d.Documents[erpbridge.Invoice].Receivables.List.Query = nil }, "documents.invoice.receivables.sorted", "take sorted away"},
		{"after and not sorted", func(d *apihost.Description) { d.Documents[erpbridge.Invoice].Receivables.Sorted = false }, "documents.invoice.receivables.list.query.after", "after"},
		{"two sorted lists", func(d *apihost.Description) {
			credit := *d.Documents[erpbridge.Invoice]
			credit.Settled = nil
			d.Documents[erpbridge.CreditNote] = &credit
		}, "documents.credit.receivables.sorted", "take sorted away"},
		{"settled orders", func(d *apihost.Description) {
			d.Documents[erpbridge.Order].Settled = d.Documents[erpbridge.Invoice].Settled
		}, "documents.order.settled", "documents.invoice"},
		{"settled alone", func(d *apihost.Description) { d.Documents[erpbridge.Invoice].Receivables = nil }, "documents.invoice.settled", "receivables"},
		{"settled without the day", func(d *apihost.Description) { delete(d.Documents[erpbridge.Invoice].Settled.Read, "paid") }, "documents.invoice.settled.read.paid", "missing"},
		{"settled without due days", func(d *apihost.Description) { delete(d.Documents[erpbridge.Invoice].Settled.Read, "due") }, "documents.invoice.settled.read.due", "missing"},
		{"payments of nobody", func(d *apihost.Description) {
			d.Documents[erpbridge.Invoice].Settled.Payments = apihost.Among{List: apihost.Request{Path: "/payments"}, AtOnce: -1}
		}, "documents.invoice.settled.payments.list", "{filter}"},
		{"no condition", func(d *apihost.Description) { d.Documents[erpbridge.Invoice].Settled.Payments.By = "" }, "documents.invoice.settled.payments.by", "missing"},
		{"fewer than one at once", func(d *apihost.Description) { d.Documents[erpbridge.Invoice].Settled.Payments.AtOnce = -1 }, "documents.invoice.settled.payments.at_once", "-1"},
		{"customers by an unknown variable", func(d *apihost.Description) {
			d.Customers.Among = &apihost.Among{List: apihost.Request{Path: "/customers", Query: map[string]string{"id": "{filter}"}}, By: "{customer.key}"}
		}, "customers.among.by", "customer"},
		{"products without a condition", func(d *apihost.Description) {
			d.Products.Among = &apihost.Among{List: apihost.Request{Path: "/items"}, By: "{value}"}
		}, "products.among.list", "{filter}"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d, err := apihost.Parse([]byte(ledgerText))
			if err != nil {
				t.Fatal(err)
			}
			if faults := apihost.Check(d); len(faults) > 0 {
				t.Fatal(faults)
			}
			c.spoil(d)
			faults := apihost.Check(d)
			if !slices.ContainsFunc(faults, func(f fault.Fault) bool { return f.Path == c.path && strings.Contains(f.Message, c.says) }) {
				t.Errorf("nothing at %s says %q: %v", c.path, c.says, faults)
			}
		})
	}
}

// TestDeliveriesOfBusinessOne shorten what is left; a line that was closed by hand leaves nothing.
func TestDeliveriesOfBusinessOne(t *testing.T) {
	r := newRig(t, "sap-business-one", nil, slow)
	draft := r.order(3)
	order := r.create(t, "o", draft)
	other := r.create(t, "p", r.order(1))
	r.create(t, "d", follow(erpbridge.DeliveryNote, order, "", "1.5", ""))
	r.erp.Edit("Orders", "DocEntry", order.Key, func(o map[string]any) {
		lines, _ := json.Marshal(o["DocumentLines"])
		var list []any
		_ = json.Unmarshal(lines, &list)
		list[2].(map[string]any)["LineStatus"] = "bost_Close"
		o["DocumentLines"] = list
	})
	list, err := r.host.Documents.(erpbridge.Backlog).Backlog(t.Context(), r.session("", 0), erpbridge.BacklogQuery{From: draft.Date, Limit: 10})
	if err != nil || len(list) != 2 || list[0].Order != order.Ref || list[1].Order != other.Ref || len(list[0].Lines) != 2 {
		t.Fatalf("got %+v (%v)", list, err)
	}
	one := list[0]
	if l := one.Lines[1]; !one.Lines[0].Left.Equal(money.MustQuantity("1")) || !l.Left.Equal(money.MustQuantity("0.5")) || l.Group != "100" || l.Unit != "db" || l.Name != "tétel 2" || one.Customer != r.erp.Customer || one.Date != draft.Date {
		t.Errorf("the order reads %+v", one)
	}
	if list, err = r.host.Documents.(erpbridge.Backlog).Backlog(t.Context(), r.session("", 0), erpbridge.BacklogQuery{From: draft.Date.AddDays(1), Limit: 10}); err != nil || len(list) != 0 {
		t.Errorf("from the next day on: %+v (%v)", list, err)
	}
}

// TestWhoHasPaid: payments name their invoices, and those whether all of them came in.
func TestWhoHasPaid(t *testing.T) {
	r := newRig(t, "sap-business-one", nil, slow)
	var bills []erpbridge.Document
	for i := range 4 {
		draft := r.order(1)
		draft.Kind, draft.Due = erpbridge.Invoice, draft.Date.AddDays(8*i)
		bills = append(bills, r.create(t, fmt.Sprint("i", i), draft))
	}
	pay := func(i int, amount money.Amount) {
		t.Helper()
		if err := r.erp.Pay(bills[i].Key, amount.Decimal); err != nil {
			t.Fatal(err)
		}
	}
	half := money.MustAmount("50")
	pay(0, bills[0].Gross)
	pay(1, half)
	pay(2, half)
	r.clock.move(48 * time.Hour)
	pay(2, bills[2].Gross.Sub(half))
	first := civil.Of(newClock().at)
	port := r.host.Documents.(erpbridge.Receivables)
	settled := func(since civil.Date, customers ...string) []erpbridge.Settled {
		t.Helper()
		list, err := port.Settled(t.Context(), r.session("", 0), customers, since)
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	list := settled(first, r.erp.Customer, "C30000", "nobody")
	if len(list) != 2 || list[0] != (erpbridge.Settled{Customer: r.erp.Customer, Document: bills[0].Ref, Due: bills[0].Due, Paid: first}) ||
		list[1] != (erpbridge.Settled{Customer: r.erp.Customer, Document: bills[2].Ref, Due: bills[2].Due, Paid: first.AddDays(2)}) {
		t.Errorf("settled are %+v", list)
	}
	if list := settled(first.AddDays(1), r.erp.Customer); len(list) != 1 || list[0].Document != bills[2].Ref {
		t.Errorf("since the next day settled are %+v", list)
	}
	if list := settled(civil.Date{}, "C30000"); len(list) != 0 {
		t.Errorf("others settled %+v", list)
	}
	central := newRig(t, "business-central", nil, slow) // its API does not say when
	if list, err := central.host.Documents.(erpbridge.Receivables).Settled(t.Context(), central.session("", 0), []string{central.erp.Customer}, civil.Date{}); err != nil || list != nil {
		t.Errorf("got %+v (%v)", list, err)
	}
}

// TestManyAreReadByFewRequests: the customers and the groups of products that reports ask for.
func TestManyAreReadByFewRequests(t *testing.T) {
	r := newRig(t, "sap-business-one", nil, slow)
	var keys []string
	for i := range 45 {
		c, err := r.host.Customers.Create(t.Context(), r.session(fmt.Sprint("c", i), 0), r.customer(i))
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, c.Key)
	}
	before := len(r.erp.Journal())
	list, err := r.host.Customers.(erpbridge.CustomerStates).Customers(t.Context(), r.session("", 0), append(keys, "nobody", "it's"))
	if asked := len(r.erp.Journal()) - before; err != nil || len(list) != len(keys) || asked != 3 {
		t.Errorf("%d of %d customers by %d requests (%v)", len(list), len(keys), asked, err)
	}
	r.create(t, "o", r.order(2))
	for i, want := range []int{2, 1} { // the groups are known the second time
		before = len(r.erp.Journal())
		orders, err := r.host.Documents.(erpbridge.Backlog).Backlog(t.Context(), r.session("", 0), erpbridge.BacklogQuery{Limit: 5})
		if asked := len(r.erp.Journal()) - before; err != nil || len(orders) != 1 || orders[0].Lines[1].Group != "100" || asked != want {
			t.Errorf("call %d: %+v by %d requests (%v)", i, orders, asked, err)
		}
	}
}
