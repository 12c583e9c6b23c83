package web

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/erpbridge"
)

// Who must not see the records of a customer is told so, and is offered nothing that would be refused.
func TestCustomerOfAColleague(t *testing.T) {
	w := newScreensWorld(t)
	c, err := w.module.Customer(w.as("kati"), "C000002")
	w.must(err)
	p, err := w.module.Parties.OfCustomer(w.as("kati"), c)
	w.must(err)
	w.must(w.module.Parties.Assign(w.as("kati"), p.ID, party.Owner{User: "manager-hu", Team: "budapest"}))

	peter := w.browser("peter")
	card := peter.get("/customers/"+c.Key).ok(http.StatusOK).has(c.Name, "Ezzel a vevővel egy kollégája foglalkozik").lacks("Előzmények megnyitása", "Még nem volt dolgunk")
	for _, way := range []string{"/opportunities/new", "/quotes/new"} {
		if card.offers(way + "?customer=") {
			t.Errorf("%s is offered and would be refused", way)
		}
		// a link that was kept leads to the card that says why
		peter.get(way+"?customer="+c.Key).ok(http.StatusOK).has(c.Name, "Ezzel a vevővel egy kollégája foglalkozik")
	}

	// who sees them all can go on as ever
	boss := w.browser("gabor").get("/customers/" + c.Key).ok(http.StatusOK).lacks("egy kollégája foglalkozik")
	if !boss.offers("/opportunities/new?customer=") {
		t.Error("who sees the customer is not offered an opportunity")
	}
}

// offers reports whether the page links to an address that begins so.
func (p *shown) offers(path string) bool {
	return strings.Contains(p.Body, `href="`+p.b.w.screens.path+path)
}

// A lead is seen by its owner with the person that it is of, whoever the person belongs to.
func TestLeadOfACustomerOfAColleague(t *testing.T) {
	w := newScreensWorld(t)
	all, err := w.module.Customers(w.as("kati"), "", "", 500)
	w.must(err)
	at := slices.IndexFunc(all, func(c erpbridge.Customer) bool { return c.Person && c.Email != "" && c.Phone != "" })
	c := all[at]
	p, err := w.module.Parties.OfCustomer(w.as("kati"), c)
	w.must(err)
	w.must(w.module.Parties.Assign(w.as("kati"), p.ID, party.Owner{User: "manager-hu", Team: "budapest"}))
	peter := w.browser("peter")
	to, values := peter.get("/leads/new").ok(http.StatusOK).form("/leads/new")
	values.Set("name", c.Name)
	values.Set("email", c.Email)
	values.Set("phone", c.Phone)
	to, values = peter.send(to, values).ok(http.StatusUnprocessableEntity).has("Más kollégáé").form("/leads/new") // he is asked first
	peter.send(to, values).ok(http.StatusOK).has("Az érdeklődő felvéve.", c.Name, "Ezzel a vevővel egy kollégája foglalkozik").lacks("Új ajánlat", "Vevővé alakítás")
}

// Who leads one team and gives a lead to another is not led to a page that does not exist for him.
func TestLeadGivenToAnotherTeam(t *testing.T) {
	w := newScreensWorld(t)
	of := w.lead("anna", "Kiss Márk", "Márk Kft.", "mark@kiss.example")
	zsuzsa := w.browser("zsuzsa")
	card := zsuzsa.get(w.leadPath(of)).ok(http.StatusOK).has("Kiss Márk")
	to, values := card.follow("/leads/" + of.String() + "/assign").ok(http.StatusOK).form("/leads/" + of.String() + "/assign")
	values.Set("owner", "nagy")
	page := zsuzsa.send(to, values).ok(http.StatusOK).has("Nagy Péter")
	if page.Path != w.screens.path+"/leads" {
		t.Errorf("led to %s", page.Path)
	}
}
