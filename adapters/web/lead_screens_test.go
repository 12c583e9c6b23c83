package web

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"

	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/store"
)

// leads are all leads of the company, by name.
func (w *screensWorld) leads() map[string]lead.Row {
	w.t.Helper()
	list, err := w.module.Leads.List(w.as("kati"), lead.Filter{}, lead.ByArrival, store.Page{Limit: 200})
	w.must(err)
	out := map[string]lead.Row{}
	for _, r := range list.Rows {
		out[r.Name] = r
	}
	return out
}

func TestLeadList(t *testing.T) {
	w := newScreensWorld(t)
	empty := w.browser("anna").get("/leads").ok(http.StatusOK)
	empty.has("Itt gyűlnek az érdeklődők")
	w.lead("anna", "Kovács Béla", "Erdei Bútor Kft.", "bela@erdei.hu")
	w.lead("gabor", "Őrsi Zsófia", "Tűzliliom Kft.", "zsofi@tuzliliom.hu")
	w.lead("peter", "Nagy Lajos", "", "lajos@nagy.hu")
	tests := []struct {
		name, clerk, path string
		has, lacks        []string
	}{
		{"a seller sees his own and his team's", "anna", "/leads", []string{"Kovács Béla", "Erdei Bútor Kft.", "Őrsi Zsófia", "2 / 2"}, []string{"Nagy Lajos"}},
		{"a manager sees all", "gabor", "/leads", []string{"Kovács Béla", "Nagy Lajos", "450 000 Ft"}, nil},
		{"mine", "anna", "/leads?owner=me", []string{"Kovács Béla", "Felelős: én"}, []string{"Zsófia"}},
		{"by name", "gabor", "/leads?find=%C5%91rsi", []string{"Őrsi Zsófia"}, []string{"Kovács Béla"}},
		{"nothing fits", "gabor", "/leads?status=converted", []string{"Nincs ilyen érdeklődő", "Szűrők törlése"}, []string{"Kovács Béla"}},
		{"this week", "gabor", "/leads?since=week", []string{"ezen a héten", "Kovács Béla"}, nil},
		{"nonsense in the address does no harm", "gabor", "/leads?status=x&owner=%27&sort=drop&since=%00&import=1", []string{"Érdeklődők"}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w.t = t
			w.browser(test.clerk).get(test.path).ok(http.StatusOK).has(test.has...).lacks(test.lacks...)
		})
	}
	w.t = t
	for i := range 43 {
		w.lead("anna", fmt.Sprintf("Soros Név%02d", i), "", fmt.Sprintf("sor%d@example.com", i))
	}
	first := w.browser("anna").get("/leads").ok(http.StatusOK).has("40 / 45")
	first.follow("/leads?after=").ok(http.StatusOK).has("5 / 45", "Első oldal")
}

func TestLeadPagesInAllLanguages(t *testing.T) {
	w := newScreensWorld(t)
	id := w.lead("gabor", "Kovács Béla", "Erdei Bútor Kft.", "bela@erdei.hu")
	other := w.lead("gabor", "Kovács Béla", "Erdei Bútor Kft.", "b.kovacs@erdei.hu")
	for _, language := range languages() {
		b := w.browser("gabor", language)
		for _, path := range []string{
			"/leads", "/leads?status=all&owner=me&since=week", "/leads?status=converted", "/leads/new", "/leads/capture", "/leads/import", "/views/new?page=leads&query=owner%3Dme",
			"/leads/" + id.String() + "/edit", "/leads/" + id.String() + "/status?to=disqualified", "/leads/" + id.String() + "/assign",
			"/leads/" + id.String() + "/duplicates", "/leads/" + id.String() + "/merge/" + other.String(),
		} {
			b.get(path).ok(http.StatusOK)
		}
		b.post("/leads/bulk", "id", id.String(), "do", "status", "to_status", "disqualified").ok(http.StatusOK)
	}
}

func TestNewLead(t *testing.T) {
	w := newScreensWorld(t)
	b := w.browser("anna")
	form := b.get("/leads/new").ok(http.StatusOK)
	wrong := form.submit("/leads/new", "name", "Kovács Béla", "email", "bela-erdei.hu", "country", "Sehol", "expected_value", "sok").ok(http.StatusUnprocessableEntity)
	wrong.has("Ismeretlen ország.", "Nem szám")
	if _, values := wrong.form("/leads/new"); values.Get("email") != "bela-erdei.hu" || values.Get("expected_value") != "sok" {
		t.Errorf("what was typed is gone: %v", values)
	}
	card := wrong.submit("/leads/new", "email", "bela@erdei.hu", "country", "Magyarország", "expected_value", "1 250 000", "organization", "Erdei Bútor Kft.").ok(http.StatusOK)
	got := w.leads()["Kovács Béla"]
	if card.Path != w.screens.path+"/leads/"+got.ID.String() || !got.ExpectedValue.Equal(money.MustAmount("1250000")) || got.OwnerUser != "kovacs" {
		t.Errorf("came to %s with %+v", card.Path, got)
	}
	again := b.get("/leads/new").submit("/leads/new", "name", "Kovács Béla", "organization", "Erdei Bútor Kft.", "phone", "06 30 123 4567").ok(http.StatusUnprocessableEntity)
	again.has("Lehet, hogy ő az", "Ehhez adom", "Felvétel újként")
	_, values := again.form("/leads/new")
	if values.Get("seen") == "" {
		t.Fatal("the page does not say whom it has shown")
	}
	t.Run("add to it", func(t *testing.T) {
		w.t = t
		joined := again.submit("/leads/new", "into", got.ID.String()).ok(http.StatusOK)
		joined.has("Hozzáadva a meglévő érdeklődőhöz.")
		if n := len(w.leads()); n != 1 {
			t.Fatalf("%d leads, want 1", n)
		}
		joined.submit("/merges/").ok(http.StatusOK).has("Az egyesítés visszavonva")
	})
	t.Run("take in as new", func(t *testing.T) {
		w.t = t
		b.get("/leads/new").submit("/leads/new", "name", "Kovács Béla", "organization", "Erdei Bútor Kft.", "city", "Pécs", "postal_code", "7621", "seen", values.Get("seen")).
			ok(http.StatusUnprocessableEntity).submit("/leads/new").ok(http.StatusOK)
	})
}

func TestEditLeadInConflict(t *testing.T) {
	w := newScreensWorld(t)
	id := w.lead("gabor", "Kovács Béla", "Erdei Bútor Kft.", "bela@erdei.hu")
	path := "/leads/" + id.String() + "/edit"
	anna := w.browser("anna").get(path).ok(http.StatusOK)
	w.browser("gabor").get(path).submit(path, "interest", "20 szék", "city", "Győr").ok(http.StatusOK)
	t.Run("what only one changed is joined", func(t *testing.T) {
		w.t = t
		anna.submit(path, "job_title", "beszerző").ok(http.StatusOK)
		card, err := w.module.Leads.Get(w.as("kati"), id)
		w.must(err)
		if card.Party.JobTitle != "beszerző" || card.Party.City != "Győr" || card.Lead.Interest != "20 szék" {
			t.Errorf("got %q, %q, %q", card.Party.JobTitle, card.Party.City, card.Lead.Interest)
		}
	})
	t.Run("what both changed is asked", func(t *testing.T) {
		w.t = t
		anna := w.browser("anna").get(path)
		w.browser("gabor").get(path).submit(path, "interest", "30 szék", "city", "Sopron").ok(http.StatusOK)
		asked := anna.submit(path, "interest", "5 asztal", "city", "Szeged").ok(http.StatusConflict)
		asked.has("Tóth Gábor", "30 szék", "5 asztal", "Sopron", "Szeged")
		asked.submit(path, "pick.interest", "theirs", "pick.city", "mine").ok(http.StatusOK)
		card, err := w.module.Leads.Get(w.as("kati"), id)
		w.must(err)
		if card.Lead.Interest != "30 szék" || card.Party.City != "Szeged" {
			t.Errorf("got %q and %q", card.Lead.Interest, card.Party.City)
		}
	})
}

func TestLeadCells(t *testing.T) {
	w := newScreensWorld(t)
	id := w.lead("anna", "Kovács Béla", "Erdei Bútor Kft.", "bela@erdei.hu")
	cell := func(name string) string { return "/leads/" + id.String() + "/cell/" + name }
	b := w.browser("anna")
	b.Header = http.Header{"Hx-Request": {"true"}, "Hx-Current-Url": {"https://erp.example.com/crm/leads"}}
	b.get(cell("status")).ok(http.StatusOK).has("Új", "Folyamatban")
	b.get(cell("value")).ok(http.StatusOK)
	b.get("/leads/" + id.String() + "/cell/name").ok(http.StatusNotFound)
	b.post(cell("status"), "status", "working", "version", "1").ok(http.StatusOK).has("Folyamatban")
	b.post(cell("value"), "value", "sok", "version", "2").ok(http.StatusUnprocessableEntity).has("Nem szám")
	b.post(cell("value"), "value", "99", "version", "2", "was", `{"value":"450000","version":"2","currency":"HUF"}`).ok(http.StatusOK).has("99 Ft")
	stale := b.post(cell("value"), "value", "77", "version", "2", "was", `{"value":"450000","version":"2","currency":"HUF"}`).ok(http.StatusConflict)
	if stale.Header.Get("Hx-Retarget") != "#crm-dialog-body" {
		t.Error("a conflict does not open as a dialog")
	}
	stale.has("77", "99")
	reason := b.post(cell("status"), "status", "disqualified", "version", "3").ok(http.StatusOK)
	if reason.Header.Get("Hx-Retarget") != "#crm-dialog-body" {
		t.Error("a reason is not asked for in a dialog")
	}
	if got := w.leads()["Kovács Béla"]; got.Status != lead.StatusWorking || !got.ExpectedValue.Equal(money.MustAmount("99")) {
		t.Errorf("the lead is %s, %s", got.Status, got.ExpectedValue)
	}
}

func TestLeadStatusAndOwnerWithoutScript(t *testing.T) {
	w := newScreensWorld(t)
	id := w.lead("gabor", "Kovács Béla", "Erdei Bútor Kft.", "bela@erdei.hu")
	status, assign := "/leads/"+id.String()+"/status", "/leads/"+id.String()+"/assign"
	gabor := w.browser("gabor")
	gabor.get(status+"?to=disqualified").submit(status, "reason", "").ok(http.StatusUnprocessableEntity)
	gone := gabor.get(status+"?to=disqualified").submit(status, "reason", "Nincs rá keret").ok(http.StatusOK)
	gone.has("Elvetett")
	gabor.get(assign).submit(assign, "owner", "kovacs").ok(http.StatusOK).has("Kovács Anna")
	if got := w.leads()["Kovács Béla"]; got.OwnerUser != "kovacs" || got.Status != lead.StatusDisqualified || got.StatusReason != "Nincs rá keret" {
		t.Errorf("got %+v", got.Lead)
	}
}

func TestLeadBulk(t *testing.T) {
	w := newScreensWorld(t)
	first, second := w.lead("gabor", "Kovács Béla", "", "bela@erdei.hu"), w.lead("gabor", "Őrsi Zsófia", "", "zsofi@orsi.hu")
	gabor := w.browser("gabor")
	gabor.post("/leads/bulk", "do", "owner").ok(http.StatusOK).has("Nincs kijelölt sor")
	preview := gabor.post("/leads/bulk", "do", "owner", "to_owner", "nagy", "id", first.String(), "id", second.String()).ok(http.StatusOK)
	preview.has("Kovács Béla", "Őrsi Zsófia", "Tóth Gábor", "Nagy Péter", "2 érdeklődő")
	if got := w.leads()["Kovács Béla"]; got.OwnerUser != "manager-hu" {
		t.Fatalf("the preview gave the lead to %s", got.OwnerUser)
	}
	done := preview.submit("/leads/bulk/run").ok(http.StatusOK).has("2 érdeklődő módosult.")
	if got := w.leads()["Őrsi Zsófia"]; got.OwnerUser != "nagy" {
		t.Fatalf("the lead belongs to %s", got.OwnerUser)
	}
	done.submit("/leads/bulk/undo").ok(http.StatusOK).has("2 érdeklődő visszaállítva.")
	if got := w.leads()["Őrsi Zsófia"]; got.OwnerUser != "manager-hu" {
		t.Errorf("after the undo the lead belongs to %s", got.OwnerUser)
	}
}

func TestQuickCapture(t *testing.T) {
	w := newScreensWorld(t)
	b := w.browser("anna")
	page := b.get("/leads/capture").ok(http.StatusOK)
	page.submit("/leads/capture", "text", "…").ok(http.StatusUnprocessableEntity).has("Nem találtunk benne nevet")
	read := page.submit("/leads/capture", "text", "Üdvözlettel:\nSzűcs Réka\nbeszerzési vezető\nTűzliliom Kft.\n7621 Pécs, Király utca 3.\nTel.: +36 30 123 4567\nreka@tuzliliom.hu").ok(http.StatusOK)
	_, values := read.form("/leads/capture")
	for name, want := range map[string]string{"name": "Szűcs Réka", "organization": "Tűzliliom Kft.", "email": "reka@tuzliliom.hu"} {
		if values.Get(name) != want {
			t.Errorf("%s is %q, want %q", name, values.Get(name), want)
		}
	}
	read.submit("/leads/capture").ok(http.StatusOK).has("Az érdeklődő felvéve.", "Szűcs Réka")
	page.upload("/leads/capture", "file", "reka.vcf", []byte("BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ősz Ádám\r\nEMAIL:adam@osz.hu\r\nEND:VCARD\r\n")).ok(http.StatusOK)
}

func TestLeadImport(t *testing.T) {
	w := newScreensWorld(t)
	gabor := w.browser("gabor")
	text, err := charmap.Windows1250.NewEncoder().String("Név;Cég;E-mail;Város\r\nŐrsi Zsófia;Tűzliliom Kft.;zsofi@tuzliliom.hu;Győr\r\nSzűcs Réka;Fűzfa Bt.;nem-cim;Pécs\r\nNagy Lajos;;lajos@nagy.hu;Érd\r\n")
	w.must(err)
	start := gabor.get("/leads/import").ok(http.StatusOK)
	start.submit("/leads/import").ok(http.StatusUnprocessableEntity).has("Nincs kiválasztott fájl")
	preview := start.upload("/leads/import", "file", "vásár.csv", []byte(text)).ok(http.StatusOK)
	preview.has("windows-1250", "Őrsi Zsófia", "Tűzliliom Kft.", "Hibás sorok")
	preview.b = w.browser("kati")
	preview.b.get(strings.TrimPrefix(preview.Path, w.screens.path)).ok(http.StatusUnprocessableEntity).has("A fájl már nincs nálunk")
	preview.b = gabor
	w.screens.uploads = newUploads() // the program was started again meanwhile: what the wizard has stays
	action := strings.TrimPrefix(preview.Path, w.screens.path)
	preview.submit(action, "do", "again", "column3", "").ok(http.StatusOK).lacks("Győr Győr")
	result := preview.submit(action, "do", "run").ok(http.StatusOK)
	result.has("kész", "Hibás sorok letöltése", "Őrsi Zsófia")
	if n := len(w.leads()); n != 2 {
		t.Errorf("%d leads, want 2", n)
	}
	if rejects := result.follow("/imports/").ok(http.StatusOK); !strings.Contains(rejects.Body, "nem-cim") {
		t.Errorf("the rejects are %s", rejects.Body)
	}
	start.upload("/leads/import", "file", "vásár.csv", []byte(text)).ok(http.StatusOK).has("már importálták")
	result.submit("/imports/").ok(http.StatusOK).has("2 érdeklődő törölve", "visszavonva")
}

func TestMergeLeads(t *testing.T) {
	w := newScreensWorld(t)
	first := w.lead("gabor", "Kovács Béla", "Erdei Bútor Kft.", "bela@erdei.hu")
	second := w.lead("gabor", "Kovács Béla", "Erdei Bútor Kft.", "b.kovacs@erdei.hu")
	gabor := w.browser("gabor")
	list := gabor.get("/leads/" + first.String() + "/duplicates").ok(http.StatusOK).has("Kovács Béla")
	pair := list.follow("/leads/"+first.String()+"/merge/").ok(http.StatusOK).has("bela@erdei.hu b.kovacs@erdei.hu", "átvéve")
	merged := pair.submit("/leads/" + first.String() + "/merge/").ok(http.StatusOK).has("beolvadt ide")
	if n := len(w.leads()); n != 1 {
		t.Fatalf("%d leads, want 1", n)
	}
	merged.submit("/merges/").ok(http.StatusOK).has("Az egyesítés visszavonva")
	gabor.get("/leads/" + first.String() + "/merge/" + second.String()).ok(http.StatusOK)
}

func TestLeadViews(t *testing.T) {
	w := newScreensWorld(t)
	b := w.browser("anna")
	b.get("/leads?owner=me&since=week").ok(http.StatusOK).follow("/views/new").ok(http.StatusOK).
		submit("/views", "name", "").ok(http.StatusUnprocessableEntity).
		submit("/views", "name", "Heti munkám", "shared", "company").ok(http.StatusOK).has("Heti munkám", "mentve")
	w.browser("gabor").get("/leads").has("Heti munkám")
	b.get("/leads").follow("/leads?owner=me&since=week").ok(http.StatusOK).follow("/views/").ok(http.StatusOK).submit("/views/").ok(http.StatusOK)
}

// TestLeadRights holds every address of the leads against people who may not go there.
func TestLeadRights(t *testing.T) {
	w := newScreensWorld(t)
	own := w.lead("anna", "Kovács Béla", "", "bela@erdei.hu").String()
	tests := []struct {
		name, clerk, method, path string
		status                    int
	}{
		{"a reader does not edit", "olga", "GET", "/leads/" + own + "/edit", 403},
		{"a reader does not capture", "olga", "GET", "/leads/new", 403},
		{"a reader does not change a cell", "olga", "POST", "/leads/" + own + "/cell/status", 403},
		{"a reader does not merge", "olga", "POST", "/leads/" + own + "/merge/" + own, 403},
		{"a seller does not import", "anna", "GET", "/leads/import", 403},
		{"a seller does not undo imports", "anna", "POST", "/imports/" + own + "/undo", 403},
		{"nobody reads", "nobody", "GET", "/leads", 403},
		{"a colleague's lead is not there", "peter", "GET", "/leads/" + own + "/edit", 404},
		{"a colleague's lead is not changed", "peter", "POST", "/leads/" + own + "/status", 404},
		{"no id", "anna", "GET", "/leads/1%27/edit", 404},
		{"a foreign id", "anna", "GET", "/leads/" + strings.Repeat("0", 31) + "1/duplicates", 404},
		{"no merge", "anna", "POST", "/merges/" + own + "/undo", 404},
		{"no view", "anna", "GET", "/views/" + own, 404},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w.t = t
			b := w.browser(test.clerk)
			if test.method == "GET" {
				b.get(test.path).ok(test.status)
			} else {
				b.post(test.path).ok(test.status)
			}
		})
	}
	t.Run("without the token", func(t *testing.T) {
		w.t = t
		for _, path := range []string{"/leads/new", "/leads/bulk/run", "/leads/" + own + "/cell/status", "/leads/columns", "/views"} {
			w.browser("anna").send(path, nil).ok(403)
		}
	})
}
