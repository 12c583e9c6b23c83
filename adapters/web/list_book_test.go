package web

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/custom"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/store"
)

// TestListsLeadToTheirWorkbooks: the page of a list leads to a workbook of what it shows, with what it is narrowed by on the
// cover; who takes no reports finds no way there.
func TestListsLeadToTheirWorkbooks(t *testing.T) {
	w := newScreensWorld(t)
	_, err := w.module.Fields.Add(w.as("kati"), custom.Draft{Kinds: []string{"lead", "opportunity"}, Name: "vip", Label: "Kiemelt", Type: store.YesNoField})
	w.must(err)
	first := w.lead("anna", "Kovács Béla", "Erdei Bútor Kft.", "bela@erdei.hu")
	w.lead("peter", "Nagy Lajos", "", "lajos@nagy.hu")
	card, err := w.module.Leads.Get(w.as("anna"), first)
	w.must(err)
	revenue := money.MustAmount("1200.5")
	for name, vip := range map[string]bool{"Raktár": true, "Iroda": false} {
		_, err := w.module.Opportunities.Create(w.as("anna"), opportunity.Draft{PartyID: card.Party.ID, Name: name, ExpectedRevenue: &revenue, Custom: map[string]any{"vip": vip}})
		w.must(err)
	}
	pipelines := w.module.Opportunities.Pipelines()
	second, err := pipelines.Add(w.as("kati"), opportunity.PipelineDraft{Name: "Bérlés"})
	w.must(err)
	known, err := pipelines.List(w.as("kati"))
	w.must(err)
	usual, other := known[0].ID.String(), second.ID.String()
	_, err = w.module.Opportunities.Create(w.as("anna"), opportunity.Draft{PartyID: card.Party.ID, Name: "Másik", Pipeline: second.ID})
	w.must(err)
	now := w.Clock.Now()
	for subject, due := range map[string]time.Time{"Felhívni ma": now.Add(time.Hour), "Felhívni egyszer": now.AddDate(0, 2, 0)} {
		_, err := w.module.Activities.Plan(w.as("anna"), activity.Plan{Party: card.Party.ID, Kind: activity.Call, Subject: subject, Due: due})
		w.must(err)
	}
	_, err = w.module.RunOnce(context.Background()) // what is searched for
	w.must(err)
	kati, anna := w.browser("kati"), w.browser("anna")
	for _, one := range []struct {
		page, book string
		has, lacks []string
	}{
		{"/leads?owner=kovacs", "lead-list.xlsx?owner=kovacs", []string{"Kovács Béla", "Állapot: nyitott"}, []string{"Nagy Lajos"}},
		{"/leads?find=lajos", "lead-list.xlsx?find=lajos", []string{"Nagy Lajos", "Keresés: lajos"}, []string{"Kovács Béla"}},
		{"/leads?find=nag&status=all", "lead-list.xlsx?find=nag&amp;status=all", []string{"Nagy Lajos"}, []string{"Kovács Béla"}},
		{"/leads?status=converted", "lead-list.xlsx?status=converted", []string{"Nincs adat"}, []string{"Kovács Béla"}},
		{"/opportunities?as=list&custom.vip=1", "opportunities.xlsx?as=list&amp;custom.vip=1", []string{"Raktár", "Kiemelt: Igen"}, []string{"Iroda"}},
		{"/opportunities?as=list&custom.vip=0&owner=kovacs", "opportunities.xlsx?as=list&amp;custom.vip=0&amp;owner=kovacs", []string{"Iroda", "Kiemelt: Nem"}, []string{"Raktár"}},
		{"/opportunities", "opportunities.xlsx?pipeline=" + usual + "&amp;state=open", []string{"Raktár", "Iroda", ": Értékesítés"}, []string{"Másik"}},
		{"/opportunities?owner=kovacs&pipeline=" + other, "opportunities.xlsx?owner=kovacs&amp;pipeline=" + other + "&amp;state=open", []string{"Másik", "Felelős: "}, []string{"Raktár"}},
		{"/calendar?window=today&who=all", "activities.xlsx?who=all&amp;window=today", []string{"Felhívni ma", "Teendők: Ma"}, []string{"Felhívni egyszer"}},
		{"/calendar?view=month&who=kovacs", "activities.xlsx?view=month&amp;who=kovacs", []string{"Felhívni ma"}, []string{"Felhívni egyszer"}},
		{"/customers?find=zzz", "customers.xlsx?find=zzz", []string{"Keresés: zzz", "Nincs adat"}, nil},
		{"/customers", "customers.xlsx", []string{"Ügyfelek", "Vevőkód"}, nil},
		{"/suggestions?kind=less", "suggestions.xlsx?kind=less", []string{"Kevesebbet vesz"}, nil},
		{"/values?class=A&quiet=1", "values.xlsx?class=A&amp;quiet=1", []string{"Csak akik elmaradtak"}, nil},
	} {
		address := "/crm/reports/" + one.book
		if page := kati.get(one.page).ok(http.StatusOK); !strings.Contains(page.Body, `id="list-book" href="`+address+`"`) {
			t.Errorf("%s does not lead to %s", one.page, address)
		}
		book := unzipped(t, kati.get(strings.ReplaceAll(strings.TrimPrefix(address, "/crm"), "&amp;", "&")).ok(http.StatusOK).Body)
		for _, want := range one.has {
			if !strings.Contains(book, want) {
				t.Errorf("the workbook of %s does not say %q", one.page, want)
			}
		}
		for _, no := range one.lacks {
			if strings.Contains(book, no) {
				t.Errorf("the workbook of %s says %q", one.page, no)
			}
		}
		name, _, _ := strings.Cut(one.book, "?")
		anna.get("/reports/" + name).ok(http.StatusForbidden)
		if page := anna.get(one.page); strings.Contains(page.Body, name) {
			t.Errorf("who takes no reports is led from %s to %s", one.page, name)
		}
	}
	kati.get("/audit").ok(http.StatusOK).has("kimentette", "Szűrés", "Keresés: zzz")
}

// TestSearchedLeadsAllStandInTheirWorkbook: the page of a search shows the first hits, its workbook has all that the filter
// lets through, in the same order.
func TestSearchedLeadsAllStandInTheirWorkbook(t *testing.T) {
	w := newScreensWorld(t)
	names := func(n int) string { return fmt.Sprintf("Szűcs Ábel%03d", n) }
	for n := range 120 {
		id := w.lead("anna", names(n), "", fmt.Sprintf("abel%03d@example.com", n))
		if n == 7 {
			_, err := w.module.Leads.SetStatus(w.as("anna"), id, 0, lead.Move{To: lead.StatusWorking})
			w.must(err)
		}
	}
	w.lead("anna", "Kovács Béla", "", "bela@example.com")
	_, err := w.module.RunOnce(context.Background())
	w.must(err)
	kati := w.browser("kati")
	kati.get("/leads?find=szucs").ok(http.StatusOK).has(names(119)).lacks(names(7))
	book := unzipped(t, kati.get("/reports/lead-list.xlsx?find=szucs").ok(http.StatusOK).Body)
	for n := range 120 {
		if !strings.Contains(book, names(n)) {
			t.Errorf("the workbook lacks %s", names(n))
		}
	}
	if strings.Contains(book, "Kovács Béla") || strings.Contains(book, "az első") || strings.Index(book, names(119)) > strings.Index(book, names(0)) {
		t.Error("the workbook has others, too, says that it lacks some, or has them in another order")
	}
	book = unzipped(t, kati.get("/reports/lead-list.xlsx?find=szucs&status=working").ok(http.StatusOK).Body)
	if !strings.Contains(book, names(7)) || strings.Contains(book, names(8)) {
		t.Error("the workbook is not narrowed to those at work")
	}
}

// TestTeamsTasks: the list of what a team has to do is that of the team.
func TestTeamsTasks(t *testing.T) {
	w := newScreensWorld(t)
	for clerk, subject := range map[string]string{"anna": "Északi", "peter": "Déli"} {
		id := w.lead(clerk, "Őrsi "+clerk, "", clerk+"@example.com")
		card, err := w.module.Leads.Get(w.as(clerk), id)
		w.must(err)
		_, err = w.module.Activities.Plan(w.as(clerk), activity.Plan{Party: card.Party.ID, Kind: activity.Call, Subject: subject, Due: w.Clock.Now().Add(time.Hour)})
		w.must(err)
	}
	w.browser("gabor").get("/calendar?window=all&who=all").ok(http.StatusOK).has("Északi", "Déli")
	w.browser("gabor").get("/calendar?window=all&who=team").ok(http.StatusOK).has("Északi").lacks("Déli")
}
