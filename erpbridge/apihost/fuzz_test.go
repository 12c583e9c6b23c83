package apihost_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/erpbridge/apihost"
)

// canned answers every request with the same bytes, without a network.
type canned struct {
	status int
	body   string
	// last is the request.
	last    *http.Request
	content string
}

func (c *canned) RoundTrip(r *http.Request) (*http.Response, error) {
	c.last = r
	if r.Body != nil {
		data, _ := io.ReadAll(r.Body)
		c.content = string(data)
	}
	return &http.Response{StatusCode: c.status, Header: http.Header{"Set-Cookie": {"B1SESSION=x"}}, Body: io.NopCloser(strings.NewReader(c.body)), Request: r}, nil
}

func offline(t testing.TB, name string, c *canned) erpbridge.Host {
	t.Helper()
	d, err := apihost.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	d.Login, d.Limits.PerSecond, d.Limits.Burst = apihost.Login{Kind: "none"}, 1e9, 1e9
	h, err := apihost.New(d, apihost.Options{Transport: c, Settings: map[string]string{
		"BC_URL": "https://bc.example", "BC_LOGIN": "https://l.example", "BC_TENANT": "t", "BC_ENVIRONMENT": "e", "BC_CLIENT_ID": "i", "BC_CLIENT_SECRET": "s3cr3t", "B1_URL": "https://b1.example", "B1_USER": "u", "B1_PASSWORD": "p4ssw0rd",
	}})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// FuzzAnswers gives every port any bytes as an answer: it is understood, or refused with a code.
func FuzzAnswers(f *testing.F) {
	for _, seed := range []string{
		`{"value":[{"id":"1","number":"A","displayName":"X","salesOrderLines":[{"sequence":1,"description":"d"},{"lineType":"Item","quantity":1.5}]}]}`,
		`{"DocEntry":5,"DocNum":7,"DocDate":"2026-03-02T00:00:00Z","DocTotal":1e3,"VatSum":-0.1,"Cancelled":"tNO","DocumentLines":[{"Quantity":2,"RemainingOpenQuantity":"1"}]}`,
		`{"error":{"code":-5002,"message":{"lang":"en-us","value":"Item [line: 3] x"}}}`, `[]`, `null`, `{"value":{}}`, `{"id":{"a":[]}}`, "\xef\xbb\xbf{}", `{"value":[[[[]]]]}`, `{"a":1e31}`, "{} {}", `{"CardCode":1.0}`,
	} {
		for _, status := range []int{200, 400, 500} {
			f.Add(status, seed)
		}
	}
	c := &canned{}
	hosts := []erpbridge.Host{offline(f, "business-central", c), offline(f, "sap-business-one", c)}
	f.Fuzz(func(t *testing.T, status int, body string) {
		c.status, c.body = 100+(status&0x7fff)%500, body
		s := erpbridge.Session{Company: "11111111-1111-4111-8111-000000000001", Token: "t"}
		for _, h := range hosts {
			check := func(err error) {
				if err != nil && fault.CodeOf(err) == "" {
					t.Errorf("an error without a code: %v", err)
				}
			}
			_, err := h.Companies.Company(t.Context(), s)
			check(err)
			_, err = h.Customers.Customer(t.Context(), s, "11111111-1111-4111-8111-000000000002")
			check(err)
			_, err = h.Customers.Create(t.Context(), s, erpbridge.Customer{Name: "X", Address: erpbridge.Address{Line1: "a", City: "b", PostalCode: "c", Country: "HU"}})
			check(err)
			_, err = h.Customers.Match(t.Context(), s, []erpbridge.MatchKey{{Email: "a@b.hu", Phone: "+361", TaxID: "HU1", Name: "x y"}})
			check(err)
			_, err = h.Catalogue.Products(t.Context(), s, "x", 5)
			check(err)
			for _, kind := range h.Documents.Kinds() {
				_, err = h.Documents.Document(t.Context(), s, erpbridge.Ref{Kind: kind, Key: "12"})
				check(err)
				_, err = h.Documents.Cancel(t.Context(), s, erpbridge.Ref{Kind: kind, Key: "12"}, "x")
				check(err)
			}
			_, err = h.Documents.(erpbridge.OpenItems).OpenItems(t.Context(), s, "11111111-1111-4111-8111-000000000002")
			check(err)
			_, err = h.Customers.(erpbridge.CustomerStates).Customers(t.Context(), s, []string{"11111111-1111-4111-8111-000000000002", "x"})
			check(err)
			_, err = h.Documents.(erpbridge.Backlog).Backlog(t.Context(), s, erpbridge.BacklogQuery{Limit: 2})
			check(err)
			_, err = h.Documents.(erpbridge.Receivables).Receivables(t.Context(), s, erpbridge.ReceivablesQuery{Limit: 2})
			check(err)
			_, err = h.Documents.(erpbridge.Receivables).Settled(t.Context(), s, []string{"C20000"}, civil.Date{})
			check(err)
			_, err = h.Documents.Create(t.Context(), s, erpbridge.Document{Ref: erpbridge.Ref{Kind: erpbridge.Order}, Customer: "11111111-1111-4111-8111-000000000002", Lines: []erpbridge.DocumentLine{{}}})
			check(err)
		}
	})
}

// paged answers with one body after the other, each with a next page while there is one.
type paged struct {
	bodies []string
	at     int
}

func (p *paged) RoundTrip(r *http.Request) (*http.Response, error) {
	body := "{}"
	if p.at < len(p.bodies) {
		body = p.bodies[p.at]
	}
	p.at++
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

// FuzzLists gives the ports that read all customers any two pages: they are refused with a code, or what is made of them
// keeps what the ports promise.
func FuzzLists(f *testing.F) {
	for _, seed := range [][2]string{
		{`{"data":[{"id":"1","buyer":"B","day":"2026-03-01","state":"open","rows":[{"kind":"goods","n":1,"item":"d","ordered":5,"delivered":"1.5"}]}],"next":"?p=2"}`, `{"data":[{"id":"0","buyer":"B","day":"2026-03-01","state":"partial","rows":{"kind":"goods","item":"d","ordered":5,"delivered":0}}]}`},
		{`{"data":[{"id":"1","buyer":"A","open":5,"due":"2026-03-01"},{"id":"2","buyer":"B","open":-1e3}],"next":"?p=2"}`, `{"data":{"id":"3","buyer":"B","open":"7"}}`},
		{`{"data":[{"buyer":"A","day":"2026-03-02T00:00:00Z","invoices":[{"kind":"invoice","id":"1","due":"2026-03-01"}]}]}`, ``},
		{`[]`, `null`}, {`{"data":[[],"x",1,null]}`, `{"data":[{}]}`}, {`{"data":[],"next":7}`, "\xff"},
	} {
		f.Add(seed[0], seed[1], true)
		f.Add(seed[0], seed[1], false)
	}
	f.Fuzz(func(t *testing.T, first, second string, sorted bool) {
		p := &paged{}
		d, err := apihost.Parse([]byte(ledgerText))
		if err != nil {
			t.Fatal(err)
		}
		d.Products = nil
		if !sorted {
			d.Documents[erpbridge.Order].Backlog.Sorted = false
			d.Documents[erpbridge.Invoice].Receivables = &apihost.Receivables{List: apihost.Request{Path: "/invoices"}}
		}
		h, err := apihost.New(d, apihost.Options{Transport: p})
		if err != nil {
			t.Fatal(err)
		}
		asks := func(err error) bool {
			if err != nil && fault.CodeOf(err) == "" {
				t.Errorf("an error without a code: %v", err)
			}
			p.at, p.bodies = 0, []string{first, second}
			return err == nil
		}
		asks(nil)
		const limit = 2
		orders, err := h.Documents.(erpbridge.Backlog).Backlog(t.Context(), erpbridge.Session{}, erpbridge.BacklogQuery{Limit: limit})
		if asks(err) && len(orders) > limit {
			t.Errorf("a page of %d has %d orders", limit, len(orders))
		}
		for i, o := range orders {
			if o.Order.Key == "" || o.Customer == "" || len(o.Lines) == 0 || i > 0 && (o.Date.Before(orders[i-1].Date) || o.Date == orders[i-1].Date && o.Order.Key <= orders[i-1].Order.Key) {
				t.Errorf("order %d of %+v", i, orders)
			}
			for _, l := range o.Lines {
				if l.Product == "" || !l.Left.IsPositive() {
					t.Errorf("a line reads %+v", l)
				}
			}
		}
		owed, err := h.Documents.(erpbridge.Receivables).Receivables(t.Context(), erpbridge.Session{}, erpbridge.ReceivablesQuery{Limit: limit})
		asks(err)
		ended := map[string]bool{}
		for i, o := range owed {
			if i > 0 && o.Customer != owed[i-1].Customer {
				ended[owed[i-1].Customer] = true
			}
			if o.Customer == "" || o.Open.IsZero() || ended[o.Customer] || len(owed) > limit && o.Customer != owed[0].Customer {
				t.Errorf("item %d of %+v", i, owed)
			}
		}
		settled, err := h.Documents.(erpbridge.Receivables).Settled(t.Context(), erpbridge.Session{}, []string{"A", "B"}, civil.Date{})
		asks(err)
		for _, o := range settled {
			if o.Customer != "A" && o.Customer != "B" || o.Document.Key == "" || o.Due.IsZero() || o.Paid.IsZero() {
				t.Errorf("settled is %+v", o)
			}
		}
	})
}

// FuzzValues writes any text into paths, filters and bodies: it arrives as the value it is, or not at all.
func FuzzValues(f *testing.F) {
	for _, seed := range []string{"C20000", "O'Brien", "' or 1 eq 1 or '", "a/b", "..", "%2e%2e", "x&$top=1", "{customer.name}", `"},{"x":"`, "\x00", "שלום", "=1+1", "a\nb", "\xff"} {
		f.Add(seed)
	}
	c := &canned{status: 200, body: `{"value":[]}`}
	one := offline(f, "sap-business-one", c)
	f.Fuzz(func(t *testing.T, value string) {
		s := erpbridge.Session{Company: "DB", Token: "t"}
		c.last = nil
		_, _ = one.Customers.Customer(t.Context(), s, value)
		if c.last != nil {
			got, err := url.PathUnescape(c.last.URL.EscapedPath())
			if want := "/b1s/v2/BusinessPartners('" + strings.ReplaceAll(value, "'", "''") + "')"; err != nil || got != want || c.last.URL.RawQuery != "" || c.last.URL.Host != "b1.example" {
				t.Errorf("%q became %s", value, c.last.URL)
			}
		}
		c.last = nil
		_, _ = one.Customers.(erpbridge.CustomerList).Search(t.Context(), s, value, "", 3)
		if c.last != nil {
			q, err := url.ParseQuery(c.last.URL.RawQuery)
			if err != nil || len(q) != 2 || !strings.Contains(q.Get("$filter"), "contains(CardName,'"+strings.ReplaceAll(value, "'", "''")+"')") {
				t.Errorf("%q became %s", value, c.last.URL.RawQuery)
			}
		}
		c.content = ""
		_, _ = one.Customers.Create(t.Context(), s, erpbridge.Customer{Name: value, Address: erpbridge.Address{Line1: value, City: "x", PostalCode: "x", Country: "HU"}})
		if c.content == "" {
			return // refused here
		}
		var body map[string]any
		if err := json.Unmarshal([]byte(c.content), &body); err != nil || len(body) != 11 || body["CardName"] != strings.ToValidUTF8(value, "\ufffd") && body["CardName"] != value && !strings.Contains(value, "\xff") {
			if valid := strings.ToValidUTF8(value, ""); valid == value {
				t.Errorf("%q became %s (%v)", value, c.content, err)
			}
		}
	})
}

// FuzzDescriptions reads and checks any text as a description.
func FuzzDescriptions(f *testing.F) {
	f.Add(acme)
	f.Add(ledgerText)
	f.Add("customers:\n  read: {key: 'a[b=c][1].d|e'}\n  create: [{path: '/{{x}}{\"}\"}', body: {$each: line, $if: true}}]\n")
	f.Fuzz(func(t *testing.T, text string) {
		d, err := apihost.Parse([]byte(text))
		if err != nil {
			if fault.CodeOf(err) == "" {
				t.Errorf("an error without a code: %v", err)
			}
			return
		}
		if faults := apihost.Check(d); len(faults) == 0 {
			_, _ = apihost.New(d, apihost.Options{})
		}
		_ = apihost.Explain(d)
	})
}
