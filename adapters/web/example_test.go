package web_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/crmplus/crmplus/adapters/web"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/testutil/embedded"
)

// The screens stand under a path of the host's mux and ask the host at each request who it is.
func ExampleHandler() {
	shop, err := embedded.Open()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer shop.Close()
	screens, err := web.Handler(shop.Module, web.Config{
		Path: "/erp/crm", SignIn: "/login", Key: bytes.Repeat([]byte{7}, 32), // of your own secrets
		Visitor: func(r *http.Request) (web.Visitor, error) {
			session, err := r.Cookie("erp_session") // look it up as the ERP does
			if err != nil {
				return web.Visitor{}, nil //nolint:nilerr // a stranger, who is sent to SignIn
			}
			who := actor.User{Company: embedded.Company, ID: "kovacs", Name: "Kovács Anna", Teams: []string{"budapest"}, Rights: actor.Seller, See: actor.Team}
			return web.Visitor{Actor: who.Actor(), Locale: locale.Locale{Language: locale.Hungarian, Currency: "HUF"}, Session: session.Value}, nil
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	mux := http.NewServeMux()
	mux.Handle("/erp/crm/", screens)

	r := httptest.NewRequest(http.MethodGet, "/erp/crm/leads", nil)
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, r)
	fmt.Println("a stranger:", w.Code, w.Header().Get("Location"))

	r.AddCookie(&http.Cookie{Name: "erp_session", Value: "s-1"})
	w = httptest.NewRecorder()
	mux.ServeHTTP(w, r)
	fmt.Println("a seller:", w.Code)

	// Output:
	// a stranger: 303 /login?next=%2Ferp%2Fcrm%2Fleads
	// a seller: 200
}
