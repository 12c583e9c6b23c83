package apihost_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/erpbridge/apihost"
)

// ledgerText describes an API that tells orders and open items of all customers.
const ledgerText = `
version: 1
name: Ledger
base: https://ledger.example/api
values: plain
login: {kind: none}
token: {none: true}
paging: {items: data, next: next}
limits: {pages: 1000, per_second: 1000000, burst: 1000000}
customers:
  read: {key: id, name: title}
  get: {path: "/customers/{customer.key}"}
  create: [{name: made, method: POST, path: /customers, body: {title: =customer.name}}]
products:
  read: {key: id, code: id, name: title, group: family}
  get: {path: "/items/{product.key}"}
  search: [{path: /items}]
documents:
  order:
    read: {key: id, number: no, customer: buyer, date: day, due: promised, currency: '="EUR"', net: =0, gross: =0, state: state}
    lines: rows
    where: {kind: goods}
    line_read: {key: n, product: item, name: text, quantity: ordered, unit: unit, unit_price: =0, delivered: delivered}
    get: {path: "/orders/{document.key}"}
    backlog: {sorted: true, list: {path: /orders, query: {from: "{from}"}}}
  invoice: &bill
    read: {key: id, number: no, customer: buyer, date: day, currency: '="EUR"', net: =0, gross: =0, state: state, due: due}
    lines: rows
    line_read: {key: n, product: item, quantity: ordered, unit_price: =0}
    get: {path: "/invoices/{document.key}"}
    open_items: {path: /invoices, query: {of: "{customer.key}"}}
    open_read: {customer: buyer, key: id, number: no, date: day, due: due, currency: '="EUR"', amount: all, open: open}
    receivables: {sorted: true, list: {path: /invoices, query: {after: "{after}"}}}
    settled:
      payments: {list: {path: /payments, query: {since: "{since}", of: "{filter}"}}, by: "{value}", or: ","}
      items: invoices
      where: {kind: invoice}
      read: {customer: $parent.buyer, key: id, paid: $parent.day, number: no, due: due}
`

// ledger answers for that API, without a network.
type ledger struct {
	// lists are the records by path: "/api/orders"; page is how many a page has.
	lists map[string][]map[string]any
	page  int
	// asked are the addresses that were asked for.
	asked []string
	// answer spoils an answer before it is written; nil for none.
	answer func(r *http.Request, body map[string]any) any
}

func (l *ledger) RoundTrip(r *http.Request) (*http.Response, error) {
	l.asked = append(l.asked, r.URL.RequestURI())
	reply := func(status int, v any) (*http.Response, error) {
		data, err := json.Marshal(v)
		return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(string(data))), Request: r}, err
	}
	q := r.URL.Query()
	list, ok := l.lists[r.URL.Path]
	if !ok {
		path, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/api/"), "/")
		for _, one := range l.lists["/api/"+path] {
			if one["id"] == key {
				return reply(http.StatusOK, one)
			}
		}
		return reply(http.StatusNotFound, map[string]any{})
	}
	if after := q.Get("after"); after != "" { // the list goes on behind him, in its own order
		i := slices.IndexFunc(list, func(m map[string]any) bool { return m["buyer"] == after })
		for ; i >= 0 && i < len(list) && list[i]["buyer"] == after; i++ {
		}
		list = list[max(i, 0):]
	}
	from, _ := strconv.Atoi(q.Get("page"))
	start := min(from*l.page, len(list))
	end := min(start+l.page, len(list))
	body := map[string]any{"data": append([]map[string]any{}, list[start:end]...)}
	if end < len(list) {
		q.Set("page", strconv.Itoa(from+1))
		body["next"] = "?" + q.Encode()
	}
	if l.answer != nil {
		return reply(http.StatusOK, l.answer(r, body))
	}
	return reply(http.StatusOK, body)
}

func (l *ledger) host(t interface {
	Helper()
	Fatal(args ...any)
}, change func(d *apihost.Description)) erpbridge.Host {
	t.Helper()
	d, err := apihost.Parse([]byte(ledgerText))
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(d)
	}
	h, err := apihost.New(d, apihost.Options{Transport: l})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func day(n int) civil.Date { return civil.Date{Year: 2026, Month: 3, Day: 1}.AddDays(n) }

// apiOrder is an order as the API gives it.
func apiOrder(key string, on civil.Date, left string) map[string]any {
	return map[string]any{
		"id": key, "no": "N-" + key, "buyer": "B", "day": on.String(), "promised": on.AddDays(5).String(), "state": "open",
		"rows": []any{
			map[string]any{"n": 1, "kind": "goods", "item": "desk", "text": "Desk", "unit": "pc", "ordered": json.Number("10"), "delivered": json.Number(money.MustQuantity("10").Sub(money.MustQuantity(left)).String())},
			map[string]any{"n": 2, "kind": "text", "text": "by lorry"},
		},
	}
}

// TestBacklogEqualsAModel walks through the orders of an API that pages and sorts as it likes.
func TestBacklogEqualsAModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := &ledger{page: rapid.IntRange(1, 7).Draw(t, "page of the API"), lists: map[string][]map[string]any{"/api/orders": {}, "/api/items": {{"id": "desk", "title": "Desk", "family": "furniture"}}}}
		sorted := rapid.Bool().Draw(t, "sorted")
		heads := rapid.Bool().Draw(t, "heads only")
		from := civil.Date{}
		if rapid.Bool().Draw(t, "since a day") {
			from = day(2)
		}
		var want []erpbridge.Undelivered
		keys := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-cA-C0-9á-]{1,3}`), 0, 30, rapid.ID[string]).Draw(t, "keys")
		for _, key := range keys {
			on := day(rapid.IntRange(0, 4).Draw(t, "day"))
			left := rapid.SampledFrom([]string{"0", "2.5", "10", "-1"}).Draw(t, "left")
			o := apiOrder(key, on, left)
			o["state"] = rapid.SampledFrom([]string{"open", "partial", "open", "cancelled", "completed"}).Draw(t, "state")
			l.lists["/api/orders"] = append(l.lists["/api/orders"], o)
			if money.MustQuantity(left).IsPositive() && (o["state"] == "open" || o["state"] == "partial") && !on.Before(from) {
				want = append(want, erpbridge.Undelivered{
					Order: erpbridge.Ref{Kind: erpbridge.Order, Key: key, Number: "N-" + key}, Customer: "B", Date: on, Due: on.AddDays(5),
					Lines: []erpbridge.UndeliveredLine{{Product: "desk", Name: "Desk", Unit: "pc", Group: "furniture", Left: money.MustQuantity(left)}},
				})
			}
		}
		if sorted { // by the date, and in any order within a day
			slices.SortStableFunc(l.lists["/api/orders"], func(a, b map[string]any) int { return cmp.Compare(a["day"].(string), b["day"].(string)) })
		}
		slices.SortFunc(want, func(a, b erpbridge.Undelivered) int {
			return cmp.Or(a.Date.Compare(b.Date), cmp.Compare(a.Order.Key, b.Order.Key))
		})
		l.answer = func(_ *http.Request, body map[string]any) any {
			for i, o := range body["data"].([]map[string]any) {
				if head := cloned(o); heads {
					delete(head, "rows")
					body["data"].([]map[string]any)[i] = head
				}
			}
			return body
		}
		h := l.host(t, func(d *apihost.Description) { d.Documents[erpbridge.Order].Backlog.Sorted = sorted })
		limit := rapid.IntRange(1, 6).Draw(t, "limit")
		q := erpbridge.BacklogQuery{From: from, Limit: limit}
		var got []erpbridge.Undelivered
		for {
			page, err := h.Documents.(erpbridge.Backlog).Backlog(t.Context(), erpbridge.Session{}, q)
			if err != nil {
				t.Fatal(err)
			}
			if len(page) == 0 {
				break
			}
			if len(page) > limit || len(page) < limit && len(got)+len(page) < len(want) {
				t.Fatalf("a page of %d has %d orders", limit, len(page))
			}
			got = append(got, page...)
			last := page[len(page)-1]
			q.After = &erpbridge.Undelivered{Date: last.Date, Order: erpbridge.Ref{Key: last.Order.Key}}
		}
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Fatalf("the orders (-want +got):\n%s", diff)
		}
	})
}

func cloned(m map[string]any) map[string]any {
	out := map[string]any{}
	for k, v := range m {
		out[k] = v
	}
	return out
}

// backwards is an order of keys that no program expects.
func backwards(key string) string {
	r := []rune(key)
	slices.Reverse(r)
	return strings.ToLower(string(r))
}

// TestReceivablesEqualAModel walks through what is owed: as the API orders customers, or as we do.
func TestReceivablesEqualAModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := &ledger{page: rapid.IntRange(1, 7).Draw(t, "page of the API"), lists: map[string][]map[string]any{"/api/invoices": {}, "/api/credits": {}}}
		sorted := rapid.Bool().Draw(t, "sorted")
		several := !sorted && rapid.Bool().Draw(t, "several kinds")
		want := map[string][]erpbridge.Receivable{}
		customers := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-cA-C0-9á]{1,3}`), 0, 9, backwards).Draw(t, "customers")
		n := 0
		for _, c := range customers {
			for range rapid.IntRange(1, 5).Draw(t, "items") {
				n++
				open := rapid.SampledFrom([]string{"0", "12.5", "-3"}).Draw(t, "open")
				due := day(rapid.IntRange(0, 2).Draw(t, "due"))
				kind, path := erpbridge.Invoice, "/api/invoices"
				if several && rapid.Bool().Draw(t, "credit") {
					kind, path = erpbridge.CreditNote, "/api/credits"
				}
				key := strconv.Itoa(n)
				l.lists[path] = append(l.lists[path], map[string]any{"buyer": c, "id": key, "no": key, "day": day(0).String(), "due": due.String(), "all": json.Number("20"), "open": json.Number(open)})
				if open != "0" {
					want[c] = append(want[c], erpbridge.Receivable{Customer: c, OpenItem: erpbridge.OpenItem{
						Document: erpbridge.Ref{Kind: kind, Key: key, Number: key}, Date: day(0), Due: due, Currency: "EUR", Amount: money.MustAmount("20"), Open: money.MustAmount(open),
					}})
				}
			}
		}
		order := func(c string) string { return c }
		if sorted {
			order = backwards
			slices.SortStableFunc(l.lists["/api/invoices"], func(a, b map[string]any) int {
				return cmp.Compare(backwards(a["buyer"].(string)), backwards(b["buyer"].(string)))
			})
		} else {
			for path, list := range l.lists {
				l.lists[path] = rapid.Permutation(list).Draw(t, "order")
			}
		}
		slices.SortFunc(customers, func(a, b string) int { return cmp.Compare(order(a), order(b)) })
		var whole []erpbridge.Receivable
		for _, c := range customers {
			slices.SortFunc(want[c], func(a, b erpbridge.Receivable) int {
				return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.Document.Number, b.Document.Number))
			})
			whole = append(whole, want[c]...)
		}
		h := l.host(t, func(d *apihost.Description) {
			if !sorted {
				d.Documents[erpbridge.Invoice].Receivables = &apihost.Receivables{List: apihost.Request{Path: "/invoices"}}
			}
			if several {
				credit := *d.Documents[erpbridge.Invoice]
				credit.Receivables, credit.Settled = &apihost.Receivables{List: apihost.Request{Path: "/credits"}}, nil
				d.Documents[erpbridge.CreditNote] = &credit
			}
		})
		limit := rapid.IntRange(1, 6).Draw(t, "limit")
		q := erpbridge.ReceivablesQuery{Limit: limit}
		var got []erpbridge.Receivable
		for {
			page, err := h.Documents.(erpbridge.Receivables).Receivables(t.Context(), erpbridge.Session{}, q)
			if err != nil {
				t.Fatal(err)
			}
			if len(page) == 0 {
				break
			}
			if first, last := page[0].Customer, page[len(page)-1].Customer; len(page) > limit && first != last || len(got) > 0 && got[len(got)-1].Customer == first {
				t.Fatalf("a page of %d begins with %s and ends with %s: %d items, behind %d", limit, first, last, len(page), len(got))
			}
			got, q.After = append(got, page...), page[len(page)-1].Customer
		}
		if diff := gocmp.Diff(whole, got); diff != "" {
			t.Fatalf("what is owed (-want +got):\n%s", diff)
		}
	})
}

// TestSortedListsAreReadAsFarAsNeeded: a page of the port costs a few pages of the API, however long its list is.
func TestSortedListsAreReadAsFarAsNeeded(t *testing.T) {
	l := &ledger{page: 10, lists: map[string][]map[string]any{"/api/items": {}}}
	for i := range 3000 {
		l.lists["/api/orders"] = append(l.lists["/api/orders"], apiOrder(fmt.Sprintf("%04d", i), day(i/4), "1"))
		l.lists["/api/invoices"] = append(l.lists["/api/invoices"], map[string]any{"buyer": fmt.Sprintf("C%04d", i/3), "id": strconv.Itoa(i), "open": json.Number("1")})
	}
	h := l.host(t, nil)
	if _, err := h.Documents.(erpbridge.Backlog).Backlog(t.Context(), erpbridge.Session{}, erpbridge.BacklogQuery{Limit: 20}); err != nil || len(l.asked) > 5 {
		t.Errorf("20 of 3000 orders cost %d requests (%v)", len(l.asked), err)
	}
	l.asked = nil
	page, err := h.Documents.(erpbridge.Receivables).Receivables(t.Context(), erpbridge.Session{}, erpbridge.ReceivablesQuery{Limit: 20, After: "C0500"})
	if err != nil || len(page) != 18 || page[0].Customer != "C0501" || len(l.asked) > 3 {
		t.Errorf("20 of 3000 items cost %d requests and give %d of them (%v)", len(l.asked), len(page), err)
	}
}
