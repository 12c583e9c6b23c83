package api_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/crmplus/crmplus/adapters/api"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/apikey"
	"github.com/crmplus/crmplus/testutil/embedded"
)

// The API stands in the host's own mux; a program comes in with a key, which never may more than who made it.
func ExampleHandler() {
	shop, err := embedded.Open()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer shop.Close()
	program, err := api.Handler(shop.Module, api.Config{Path: "/crm/api"})
	if err != nil {
		fmt.Println(err)
		return
	}
	mux := http.NewServeMux()
	mux.Handle("/crm/api/", program)

	key, err := shop.Module.Keys.Create(shop.Admin, apikey.Draft{Name: "Planning", User: "manager-hu", UserName: "Tóth Gábor", Rights: actor.Manager, See: actor.All})
	if err != nil {
		fmt.Println(err)
		return
	}
	ask := func(method, path, body string) {
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+key.Secret)
		if body != "" {
			r.Header.Set("Content-Type", "application/json")
		}
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		text, _ := io.ReadAll(w.Body)
		fmt.Println(strings.TrimSpace(fmt.Sprint(w.Code, " ", string(text))))
	}
	ask("PUT", "/crm/api/quotas/bulk", `{"quotas": [{"kind": "team", "subject": "budapest", "measure": "count", "starts_on": "2026-07-01", "months": 3, "target": "12"}]}`)
	ask("GET", "/crm/api/figures/values?codes=deals_won&first=2026-07-01&last=2026-07-31", "")
	// Output:
	// 204
	// 200 {"items":[{"code":"deals_won","name":"Opportunities won","unit":"count","value":"0","count":0,"before":"0","last_year":"0","rows":[]}]}
}
