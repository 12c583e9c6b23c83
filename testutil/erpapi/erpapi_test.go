package erpapi_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"go.uber.org/goleak"

	"github.com/crmplus/crmplus/testutil/erpapi"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// asker sends requests with a login.
type asker struct {
	*erpapi.Server
	header http.Header
	base   string
}

func (a *asker) ask(t *testing.T, method, path, body string, header ...string) (int, map[string]any, http.Header) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, a.base+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for k, v := range a.header {
		r.Header[k] = v
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	answer, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	data, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]any{}
	if len(data) > 0 {
		if err := json.Unmarshal(data, &out); err != nil {
			t.Fatalf("%s: %v", data, err)
		}
	}
	return answer.StatusCode, out, answer.Header
}

// code is the error's code in an answer.
func code(answer map[string]any) string {
	e, _ := answer["error"].(map[string]any)
	c, _ := e["code"].(string)
	return c
}

func central(t *testing.T, o erpapi.Options) *asker {
	s := erpapi.BusinessCentral(t, o)
	a := &asker{Server: s, base: s.URL, header: http.Header{}}
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {"client-1"}, "client_secret": {s.Secret}}.Encode()
	status, answer, _ := a.ask(t, "POST", "/tenant-1/oauth2/v2.0/token", form, "Content-Type", "application/x-www-form-urlencoded")
	if status != 200 {
		t.Fatal(answer)
	}
	a.header.Set("Authorization", fmt.Sprint("Bearer ", answer["access_token"]))
	a.base += "/v2.0/tenant-1/test/api/v2.0"
	return a
}

func one(t *testing.T, o erpapi.Options) *asker {
	s := erpapi.BusinessOne(t, o)
	a := &asker{Server: s, base: s.URL + "/b1s/v2/", header: http.Header{}}
	status, answer, header := a.ask(t, "POST", "Login", fmt.Sprintf(`{"CompanyDB":%q,"UserName":"manager","Password":%q}`, s.Company, s.Secret))
	if status != 200 {
		t.Fatal(answer)
	}
	for _, c := range header.Values("Set-Cookie") {
		pair, _, _ := strings.Cut(c, ";")
		a.header.Add("Cookie", pair)
	}
	return a
}

func TestBusinessCentralRefuses(t *testing.T) {
	a := central(t, erpapi.Options{})
	in := "/companies(" + a.Company + ")"
	none := "99999999-5717-4562-b3fc-2c963f660000"
	cases := []struct {
		name, method, path, body string
		match                    string
		status                   int
		code                     string
	}{
		{"unknown company", "GET", "/companies(" + none + ")/customers", "", "", 404, "Internal_CompanyNotFound"},
		{"key that is no GUID", "GET", in + "/customers(1)", "", "", 400, "BadRequest_NotFound"},
		{"unknown record", "GET", in + "/customers(" + none + ")", "", "", 404, "Internal_RecordNotFound"},
		{"unknown set", "GET", in + "/shoes", "", "", 404, "BadRequest_ResourceNotFound"},
		{"broken filter", "GET", in + "/customers?$filter=number%20eq%20%27x", "", "", 400, "BadRequest"},
		{"or on two fields", "GET", in + "/customers?$filter=number%20eq%20%27x%27%20or%20city%20eq%20%27y%27", "", "", 400, "BadRequest"},
		{"no JSON", "POST", in + "/customers", "{", "", 400, "BadRequest"},
		{"name too long", "POST", in + "/customers", `{"displayName":"` + strings.Repeat("ű", 101) + `"}`, "", 400, "Application_StringExceededLength"},
		{"number used before", "POST", in + "/customers", `{"number":"10000"}`, "", 400, "Internal_EntityWithSameKeyExists"},
		{"change without a tag", "PATCH", in + "/customers(" + a.Customer + ")", `{}`, "", 400, "BadRequest_InvalidToken"},
		{"change with an old tag", "PATCH", in + "/customers(" + a.Customer + ")", `{}`, `W/"old"`, 409, "Request_EntityChanged"},
		{"order without a customer", "POST", in + "/salesOrders", `{}`, "", 400, "Application_DialogException"},
		{"order of a blocked customer", "POST", in + "/salesOrders", `{"customerId":"` + a.BlockedCustomer + `"}`, "", 400, "Application_DialogException"},
		{"items are only read", "POST", in + "/items", `{}`, "", 405, "BadRequest_MethodNotAllowed"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var header []string
			if c.match != "" {
				header = []string{"If-Match", c.match}
			}
			status, answer, _ := a.ask(t, c.method, c.path, c.body, header...)
			if status != c.status || code(answer) != c.code {
				t.Errorf("got %d %v, want %d %s", status, answer, c.status, c.code)
			}
		})
	}
	t.Run("posted", func(t *testing.T) {
		_, made, _ := a.ask(t, "POST", in+"/salesInvoices", `{"customerId":"`+a.Customer+`"}`)
		at := fmt.Sprintf("%s/salesInvoices(%s)", in, made["id"])
		a.ask(t, "POST", at+"/salesInvoiceLines", `{"lineType":"Item","itemId":"`+a.Products[0]+`","quantity":1}`)
		if status, answer, _ := a.ask(t, "POST", at+"/Microsoft.NAV.post", ""); status != 204 {
			t.Fatalf("posting: %d %v", status, answer)
		}
		if status, answer, _ := a.ask(t, "PATCH", at, `{}`, "If-Match", "*"); status != 400 || !strings.Contains(fmt.Sprint(answer), "posted") {
			t.Errorf("changing what is posted: %d %v", status, answer)
		}
	})
}

func TestBusinessOneRefuses(t *testing.T) {
	a := one(t, erpapi.Options{})
	line := `"DocumentLines":[{"ItemCode":"` + a.Products[0] + `","Quantity":1},{"ItemCode":"%s","Quantity":%s}]}`
	order := `{"CardCode":"` + a.Customer + `","DocDueDate":"2026-03-02",` + line
	cases := []struct {
		name, method, path, body string
		status                   int
		code, says               string
	}{
		{"unknown partner", "GET", "BusinessPartners('X')", "", 404, "-2028", "No matching records"},
		{"code used before", "POST", "BusinessPartners", `{"CardCode":"C20000"}`, 400, "-2035", "already exists"},
		{"mail", "POST", "BusinessPartners", `{"CardCode":"X1","EmailAddress":"x@"}`, 400, "-5002", "E_Mail"},
		{"too long", "POST", "BusinessPartners", `{"CardCode":"0123456789ABCDEF"}`, 400, "-5002", "Value too long"},
		{"frozen customer", "POST", "Orders", `{"CardCode":"` + a.BlockedCustomer + `","DocDueDate":"2026-03-02"}`, 400, "-5002", "inactive"},
		{"no due date", "POST", "Orders", `{"CardCode":"` + a.Customer + `"}`, 400, "-5002", "due date"},
		{"unknown item", "POST", "Orders", fmt.Sprintf(order, "none", "1"), 400, "-5002", "[line: 2]"},
		{"no quantity", "POST", "Orders", fmt.Sprintf(order, a.Products[0], "0"), 400, "-5002", "[Orders.Quantity][line: 2]"},
		{"unknown set", "GET", "Shoes", "", 404, "-1", "Unrecognized"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			status, answer, _ := a.ask(t, c.method, c.path, c.body)
			if status != c.status || code(answer) != c.code || !strings.Contains(fmt.Sprint(answer), c.says) {
				t.Errorf("got %d %v, want %d %s %q", status, answer, c.status, c.code, c.says)
			}
		})
	}
	if a.Count("Orders") != 0 {
		t.Error("a refused order was written")
	}
}

func TestLoginsEndByTheClock(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	tick := func() time.Time { return now }
	a, b := one(t, erpapi.Options{Now: tick}), central(t, erpapi.Options{Now: tick})
	for range 3 { // requests keep a session of Business One alive
		now = now.Add(19 * time.Minute)
		if status, answer, _ := a.ask(t, "GET", "Users", ""); status != 200 {
			t.Fatal(answer)
		}
	}
	now = now.Add(30 * time.Minute)
	if status, answer, _ := a.ask(t, "GET", "Users", ""); status != 401 || code(answer) != "301" {
		t.Errorf("after half an hour: %d %v", status, answer)
	}
	if status, answer, _ := b.ask(t, "GET", "/companies("+b.Company+")/items", ""); status != 401 || code(answer) != "Authentication_InvalidCredentials" {
		t.Errorf("after an hour: %d %v", status, answer)
	}
}

func TestPagesHoldEverythingOnce(t *testing.T) {
	a := one(t, erpapi.Options{Page: 2})
	seen := map[string]bool{}
	for path, pages := "Items?$orderby=ItemCode%20desc", 0; path != ""; pages++ {
		_, answer, _ := a.ask(t, "GET", path, "")
		for _, item := range answer["value"].([]any) {
			seen[fmt.Sprint(item.(map[string]any)["ItemCode"])] = true
		}
		path, _ = answer["@odata.nextLink"].(string)
		if pages > 5 {
			t.Fatal("the pages do not end")
		}
	}
	if len(seen) != 3 {
		t.Errorf("the pages hold %v", seen)
	}
}

// TestFileOutlivesTheServer: a killed test finds again what was written, and the login still holds.
func TestFileOutlivesTheServer(t *testing.T) {
	file := filepath.Join(t.TempDir(), "erp.json")
	a := one(t, erpapi.Options{File: file})
	body := `{"CardCode":"` + a.Customer + `","DocDueDate":"2026-03-02","U_CRMToken":"T","DocumentLines":[{"ItemCode":"` + a.Products[0] + `","Quantity":2.5}]}`
	if status, answer, _ := a.ask(t, "POST", "Orders", body); status != 201 {
		t.Fatal(answer)
	}
	a.Close()
	s, err := erpapi.StartBusinessOne(erpapi.Options{File: file})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	again := &asker{Server: s, base: s.URL + "/b1s/v2/", header: a.header}
	status, answer, _ := again.ask(t, "GET", "Orders?$filter=U_CRMToken%20eq%20%27T%27", "")
	if list, _ := answer["value"].([]any); status != 200 || len(list) != 1 {
		t.Fatalf("after the restart: %d %v", status, answer)
	}
	if status, answer, _ := again.ask(t, "POST", "DeliveryNotes", `{"CardCode":"`+s.Customer+`","DocDueDate":"2026-03-02","DocumentLines":[{"BaseType":17,"BaseEntry":1,"BaseLine":0,"Quantity":2.6}]}`); status != 400 {
		t.Errorf("more was delivered than ordered after the restart: %v", answer)
	}
	if made := s.Made(); made[s.Company+"/Orders/T"] != 1 || len(s.Doubles()) != 0 {
		t.Errorf("made %v", made)
	}
}

func TestFaultsAreTheSameForTheSameSeed(t *testing.T) {
	run := func() (out string) {
		a := one(t, erpapi.Options{Faults: erpapi.NewFaults(3, 0.5, erpapi.TooMany, erpapi.Busy, erpapi.ErrorBefore, erpapi.ErrorAfter)})
		for range 30 {
			status, _, _ := a.ask(t, "GET", "Users", "")
			out += fmt.Sprint(status, " ")
		}
		return out
	}
	first := run()
	if second := run(); first != second || !strings.Contains(first, "429") || !strings.Contains(first, "200") {
		t.Errorf("the seed gives %s, then %s", first, second)
	}
}

func TestJournalAndDoubles(t *testing.T) {
	faults := &erpapi.Faults{}
	a := one(t, erpapi.Options{Faults: faults})
	body := `{"CardCode":"` + a.Customer + `","DocDueDate":"2026-03-02","U_CRMToken":"T","DocumentLines":[{"ItemCode":"` + a.Products[0] + `","Quantity":1}]}`
	faults.Next(erpapi.ErrorAfter, erpapi.ErrorBefore)
	for range 3 {
		a.ask(t, "POST", "Orders", body)
	}
	if d := a.Doubles(); len(d) != 1 || !strings.Contains(d[0], "Orders/T: 2 times") {
		t.Errorf("the doubles are %v", d)
	}
	orders := 0
	for _, e := range a.Journal() {
		if e.Path == "/b1s/v2/Orders" && e.Status == 201 {
			orders++
		}
	}
	if orders != 2 {
		t.Errorf("the journal has %d orders", orders)
	}
}

func TestATimeOutEndsWithTheClient(t *testing.T) {
	faults := &erpapi.Faults{}
	s := erpapi.BusinessOne(t, erpapi.Options{Faults: faults})
	faults.Next(erpapi.TimeoutBefore)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"/b1s/v2/Users", nil)
	if err != nil {
		t.Fatal(err)
	}
	if a, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(r); err == nil {
		_ = a.Body.Close()
		t.Error("it was answered")
	}
	s.Settle(1)
	if len(s.Journal()) != 0 {
		t.Errorf("it did %v", s.Journal())
	}
}

// TestAPageIsAsLargeAsItIsPreferred, and never larger than the server gives.
func TestAPageIsAsLargeAsItIsPreferred(t *testing.T) {
	for prefer, want := range map[string]int{"": 2, "odata.maxpagesize=1": 1, "respond-async, odata.maxpagesize=1": 1, "odata.maxpagesize=9": 2, "odata.maxpagesize=x": 2, "odata.maxpagesize=0": 2} {
		a := one(t, erpapi.Options{Page: 2})
		_, answer, _ := a.ask(t, "GET", "Items", "", "Prefer", prefer)
		if list, _ := answer["value"].([]any); len(list) != want {
			t.Errorf("%q gives pages of %d, want %d", prefer, len(list), want)
		}
	}
}

// TestPaymentsCloseInvoices when all of them came in.
func TestPaymentsCloseInvoices(t *testing.T) {
	half := decimal.RequireFromString("63.5")
	t.Run("Business One", func(t *testing.T) {
		a := one(t, erpapi.Options{})
		_, made, _ := a.ask(t, "POST", "Invoices", `{"CardCode":"`+a.Customer+`","DocDueDate":"2026-03-02","DocumentLines":[{"ItemCode":"`+a.Products[0]+`","Quantity":1,"UnitPrice":100}]}`)
		key := fmt.Sprint(made["DocEntry"])
		for _, want := range []string{"bost_Open", "bost_Close"} {
			if err := a.Pay(key, half); err != nil {
				t.Fatal(err)
			}
			if _, answer, _ := a.ask(t, "GET", "Invoices("+key+")", ""); answer["DocumentStatus"] != want {
				t.Errorf("the invoice is %v, want %s", answer, want)
			}
		}
		_, answer, _ := a.ask(t, "GET", "IncomingPayments?$filter=CardCode%20eq%20%27"+a.Customer+"%27", "")
		if list, _ := answer["value"].([]any); len(list) != 2 {
			t.Errorf("the payments are %v", answer)
		}
		if a.Pay(key, half) == nil || a.Pay("99", half) == nil {
			t.Error("an invoice that is paid, and one that is none, were paid")
		}
	})
	t.Run("Business Central", func(t *testing.T) {
		a := central(t, erpapi.Options{})
		in := "/companies(" + a.Company + ")"
		_, made, _ := a.ask(t, "POST", in+"/salesInvoices", `{"customerId":"`+a.Customer+`"}`)
		key := fmt.Sprint(made["id"])
		at := in + "/salesInvoices(" + key + ")"
		a.ask(t, "POST", at+"/salesInvoiceLines", `{"lineType":"Item","itemId":"`+a.Products[0]+`","quantity":1,"unitPrice":100}`)
		if a.Pay(key, half) == nil {
			t.Error("a draft was paid")
		}
		a.ask(t, "POST", at+"/Microsoft.NAV.post", "")
		for _, want := range []string{"Open", "Paid"} {
			if err := a.Pay(key, half); err != nil {
				t.Fatal(err)
			}
			if _, answer, _ := a.ask(t, "GET", at, ""); answer["status"] != want {
				t.Errorf("the invoice is %v, want %s", answer, want)
			}
		}
	})
}
