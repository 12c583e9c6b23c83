package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"golang.org/x/text/encoding/charmap"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
)

// TestBrowserStories are what people do all day, in a real browser with the real policy. Each seat fails the
// test where its console says anything.
func TestBrowserStories(t *testing.T) {
	browser := startBrowser(t)
	o := openOffice(t)
	o.start(t)
	for _, story := range []struct {
		name string
		tell func(*testing.T, *office, context.Context)
	}{
		{"from the web form to the posted invoice", fromFormToInvoice},
		{"the board by mouse and by keys", moveOnTheBoard},
		{"a file is imported, two are one, and two again", importAndMerge},
		{"two change the same", changeTogether},
		{"what is typed outlives the server", restartWhileTyping},
		{"the keyboard alone, in Hungarian", workByKeys},
		{"without JavaScript", workWithoutScript},
	} {
		t.Run(story.name, func(t *testing.T) { story.tell(t, o, browser) })
	}
}

// anna is the actor behind the seat of HU01/kovacs.
func (o *office) anna(t *testing.T) context.Context {
	t.Helper()
	who, err := o.user(t.Context(), "HU01", "kovacs")
	if err != nil {
		t.Fatal(err)
	}
	return actor.With(t.Context(), actorOf("HU01", who))
}

func (o *office) capture(t *testing.T, name, organization, email string) lead.Result {
	t.Helper()
	got, err := o.module.Leads.Capture(o.anna(t), lead.Draft{
		Name: name, Organization: organization, Emails: []string{email}, Address: party.Address{City: "Pécs", Country: "HU"}, Interest: "12 íróasztal",
		Origin: lead.Origin{Channel: lead.ByHand, Source: "web"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func fromFormToInvoice(t *testing.T, o *office, browser context.Context) {
	anna := o.seat(t, browser, manner{who: "HU01/kovacs"})
	anna.open("/crm/leads")
	anna.script(`window.samePage = true`)

	visitor := o.seat(t, browser, manner{phone: true})
	visitor.open("/f/hu01")
	visitor.fill("[name=name]", "Szűcs Ágnes")
	visitor.fill("[name=email]", "agnes@fenypont.test")
	visitor.script(`document.querySelectorAll("[name=consent]").forEach(e => { e.checked = true })`)
	visitor.fill("[name=message]", "6 íróasztal kellene")
	visitor.script(`new Promise(done => setTimeout(done, 2100))`) // a person takes longer than two seconds
	visitor.click("button[type=submit]")
	visitor.until(`document.querySelector(".done")`)

	anna.sees("Szűcs Ágnes")
	if !ask[bool](anna, `window.samePage === true`) {
		t.Error("the list was loaded anew instead of moving by itself")
	}
	anna.press("td.name a", "Szűcs Ágnes")
	anna.at("/crm/leads/[0-9a-f-]{36}$")
	anna.click(`form[action$="/take"] button`)
	anna.sees("Kovács Anna")
	card := anna.path()
	anna.click(`a[href*="/quotes/new"]`)
	anna.at("/quotes/new$")
	anna.click(`form[action$="/quotes/new"] button.primary`)
	anna.at("/quotes/[0-9a-f-]{36}$")
	quote := anna.path()
	anna.fill("tbody.line:nth-of-type(1) [name=code]", "DSK-050")
	anna.fill("tbody.line:nth-of-type(1) [name=quantity]", "6")
	anna.sees("903 600 Ft")
	anna.click("button[name=do][value=issue]:not(.hidden)")
	anna.sees("Q-20", "Kiadva")
	anna.click(`a[href$="/send"]`)
	anna.until(found("dialog [name=to]", ""))
	anna.leaving(func() { anna.click("dialog .form-foot button.primary") })
	anna.at(quote)
	anna.sees("agnes@fenypont.test", "Elküldve")
	anna.open("/mails")
	link := ask[string](anna, `[...document.querySelectorAll("a")].find(a => a.href.includes("/q/")).href`)
	anna.open("/crm/today")

	visitor.open(link)
	visitor.sees("Íróasztal Lift 140")
	if over := ask[float64](visitor, wideness); over > 0 {
		t.Errorf("the quote is %v px wider than the phone", over)
	}
	visitor.fill("#accept-name", "Szűcs Ágnes")
	visitor.script(`new Promise(done => setTimeout(done, 2100))`)
	visitor.click("button[value=accept]")
	visitor.sees("Köszönjük")

	anna.until(`document.querySelector(".bell .badge")`)
	anna.click(".bell")
	anna.sees("Elfogadták az ajánlatát")
	anna.open("/crm/today")
	anna.sees("Szűcs Ágnes")

	anna.open(card)
	anna.click(`a[href$="/convert"]`)
	anna.until(found("dialog [name=tax_id]", ""))
	for field, value := range map[string]string{"line1": "Király utca 3.", "postal_code": "7621", "city": "Pécs", "country": "Magyarország"} {
		anna.fill("dialog [name="+field+"]", value)
	}
	anna.click("dialog .form-foot button.primary")
	anna.at("/conversions/")
	anna.sees("C0000")

	anna.open(quote)
	for _, step := range []string{"/make/order", "/make/delivery", "/make/invoice"} {
		anna.script(fmt.Sprintf(`document.querySelector('a[href$=%q]').click()`, step))
		anna.until(found("dialog form.primary, dialog .form-foot button.primary", ""))
		anna.leaving(func() { anna.click("dialog .form-foot button.primary") })
		anna.at(quote)
	}
	invoice := ask[string](anna, `[...document.querySelectorAll("a")].find(a => a.href.includes("/erp/documents/invoice/")).href`)
	anna.open(invoice)
	anna.click(`form[action$="/post"] button`)
	anna.sees("Könyvelve")
	anna.open(card)
	anna.sees("Vevő lett")
}

// moveOnTheBoard drags a card with the mouse while a colleague watches, and moves it on by keys.
func moveOnTheBoard(t *testing.T, o *office, browser context.Context) {
	ctx := o.anna(t)
	buyer := o.capture(t, "Halász Dóra", "Tóparti Panzió Kft.", "dora@toparti.test")
	price := money.MustAmount("1200000")
	deal, err := o.module.Opportunities.Create(ctx, opportunity.Draft{PartyID: buyer.Party, Name: "Panzió berendezése", ExpectedRevenue: &price})
	if err != nil {
		t.Fatal(err)
	}
	anna, gabor := o.seat(t, browser, manner{who: "HU01/kovacs"}), o.seat(t, browser, manner{who: "HU01/manager-hu"})
	anna.open("/crm/opportunities")
	gabor.open("/crm/opportunities")
	card := "#deal-" + deal.ID.String()
	for _, s := range []*seat{anna, gabor} {
		s.until(fmt.Sprintf(`document.querySelector(%q) && document.querySelector("#board").dataset.ready`, card))
	}
	column := func(n int) string {
		return fmt.Sprintf(`document.querySelectorAll("#board ul[data-stage]")[%d].querySelector(%q)`, n, card)
	}
	anna.until(column(0))
	middle := func(script string) (x, y float64) {
		at := ask[[]float64](anna, fmt.Sprintf(`(b => [b.left + b.width / 2, b.top + Math.min(40, b.height / 2)])(%s.getBoundingClientRect())`, script))
		return at[0], at[1]
	}
	fromX, fromY := middle(fmt.Sprintf("document.querySelector(%q)", card))
	toX, toY := middle(`document.querySelectorAll("#board ul[data-stage]")[1]`)
	mouse := func(kind input.DispatchMouseEventType, x, y float64) {
		_, err := chromedp.Run(anna.ctx, chromedp.MouseEvent(kind, x, y, chromedp.ButtonLeft))
		anna.must(err)
	}
	mouse(input.DispatchMouseEventTypeMousePressed, fromX, fromY)
	meanwhile, err := o.module.Opportunities.Create(ctx, opportunity.Draft{PartyID: buyer.Party, Name: "Terasz bútorai"})
	if err != nil {
		t.Fatal(err)
	}
	gabor.until(fmt.Sprintf(`document.querySelector(%q)`, "#deal-"+meanwhile.ID.String()))
	anna.script(`new Promise(done => setTimeout(done, 500))`) // her board is told, too, and waits until the card is let go
	for i := 1; i <= 12; i++ {
		mouse(input.DispatchMouseEventTypeMouseMoved, fromX+(toX-fromX)*float64(i)/12, fromY+(toY-fromY)*float64(i)/12)
	}
	mouse(input.DispatchMouseEventTypeMouseReleased, toX, toY)
	anna.until(column(1))
	gabor.until(column(1))
	anna.until(fmt.Sprintf(`document.querySelector(%q)`, "#deal-"+meanwhile.ID.String()))

	anna.until(fmt.Sprintf(`!document.querySelector(".moving") && !document.querySelector(".htmx-request") && document.querySelector(%q)`, card))
	anna.script(fmt.Sprintf(`document.querySelector(%q).focus()`, card))
	anna.keys("m")
	anna.until(`document.querySelector(".held")`)
	anna.keys(kb.ArrowRight)
	anna.keys(kb.Enter)
	anna.until(column(2) + ` && !document.querySelector(".moving")`)
	gabor.until(column(2))
	moves, err := o.module.Opportunities.History(ctx, deal.ID)
	if err != nil {
		t.Fatal(err)
	}
	if got := len(moves); got != 3 {
		t.Errorf("the opportunity has been in %d stages, want 3", got)
	}
}

// importAndMerge takes a file in the encoding of old Hungarian programs, joins two of its leads and parts them.
func importAndMerge(t *testing.T, o *office, browser context.Context) {
	text, err := charmap.Windows1250.NewEncoder().String("Név;Cég;E-mail;Telefon;Város\r\nŐrsi Zsófia;Tűzfal Kft.;zsofi@tuzfal.test;+36 30 111 2233;Győr\r\nŐrsi Zsófia;Tűzfal Kft.;orsi.zsofia@tuzfal.test;;Győr\r\nSzűcs Réka;Fűzfa Bt.;nem-cim;;Pécs\r\n")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "vásár.csv")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	gabor := o.seat(t, browser, manner{who: "HU01/manager-hu"})
	gabor.open("/crm/leads/import")
	if _, err := chromedp.Run(gabor.ctx, chromedp.SetUploadFiles("#import-file", []string{file})); err != nil {
		t.Fatal(err)
	}
	gabor.press("button.primary", "")
	gabor.at("/uploads/")
	gabor.sees("windows-1250", "Őrsi Zsófia", "Tűzfal Kft.")
	gabor.press("button.primary", "")
	gabor.at("/imports/")
	gabor.sees("kész", "Hibás sorok letöltése")

	gabor.open("/crm/leads?find=%C5%91rsi")
	gabor.press("td.name a", "Őrsi Zsófia")
	gabor.at("/leads/[0-9a-f-]{36}$")
	gabor.open(gabor.path() + "/duplicates")
	gabor.press("a", "Összehasonlítás")
	gabor.at("/merge/")
	gabor.sees("zsofi@tuzfal.test", "orsi.zsofia@tuzfal.test")
	gabor.press("button.primary", "Egyesítés")
	gabor.sees("beolvadt ide")
	gabor.press(".toast button", "Visszavonás")
	gabor.sees("Az egyesítés visszavonva")
	gabor.open("/crm/leads?find=%C5%91rsi")
	gabor.until(`document.querySelectorAll("tr[id^=lead-]").length === 2`)
}

// changeTogether lets two people save the same field: the later one sees both values.
func changeTogether(t *testing.T, o *office, browser context.Context) {
	who := o.capture(t, "Vadász Imre", "Erdei Vadászház Kft.", "imre@vadaszhaz.test").Lead.String()
	anna, gabor := o.seat(t, browser, manner{who: "HU01/kovacs"}), o.seat(t, browser, manner{who: "HU01/manager-hu"})
	for s, text := range map[*seat]string{anna: "Anna szerint 20 szék", gabor: "Gábor szerint 30 szék"} {
		s.open("/crm/leads/" + who + "/edit")
		s.fill("[name=interest]", text)
	}
	gabor.press("button.primary", "")
	gabor.at("/leads/[0-9a-f-]{36}$")
	anna.press("button.primary", "")
	anna.sees("Tóth Gábor", "Anna szerint 20 szék", "Gábor szerint 30 szék")
	anna.click(`[name="pick.interest"][value=theirs]`)
	anna.press("button.primary", "")
	anna.at("/leads/[0-9a-f-]{36}$")
	anna.sees("Gábor szerint 30 szék")
}

// restartWhileTyping stops the server under a half-typed form; its new process does not know the old session.
func restartWhileTyping(t *testing.T, o *office, browser context.Context) {
	var lc net.ListenConfig
	listener, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	serve := func(l net.Listener) *http.Server {
		pages, err := newServer(o.shop)
		if err != nil {
			t.Fatal(err)
		}
		server := &http.Server{Handler: pages.handler(), ReadHeaderTimeout: time.Minute}
		go func() { _ = server.Serve(l) }()
		return server
	}
	first := serve(listener)
	there := &office{shop: o.shop, web: o.web}
	anna := there.seat(t, browser, manner{})
	anna.base = "http://" + address
	signIn := func() {
		anna.open("/login")
		anna.click(`button[value="HU01/kovacs"]`)
		anna.at("/crm/today")
	}
	signIn()
	anna.open("/crm/leads/new")
	anna.fill("[name=name]", "Kelemen Judit")
	anna.fill("[name=email]", "judit@kelemen.test")
	anna.fill("[name=interest]", "hosszan leírt igény, amelyet senki sem akar újra begépelni")
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	anna.press("button.primary", "") // nobody answers
	anna.until(`location.protocol === "chrome-error:"`)
	again, err := lc.Listen(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	second := serve(again)
	defer second.Close()
	anna.faults = nil // that nobody answered is what the console says, rightly
	signIn()
	anna.open("/crm/leads/new")
	anna.until(`document.querySelector("[name=name]").value === "Kelemen Judit" && document.querySelector("[name=interest]").value.startsWith("hosszan leírt")`)
	anna.press("button.primary", "")
	anna.sees("Az érdeklődő felvéve.", "Kelemen Judit")
	anna.open("/crm/leads/new")
	anna.until(`document.readyState === "complete"`)
	if got := ask[string](anna, `document.querySelector("[name=name]").value`); got != "" {
		t.Errorf("what was taken is offered again: %q", got)
	}
}

// tabTo presses Tab until the focus is on what a selector names.
func (s *seat) tabTo(selector string) {
	s.t.Helper()
	s.until(`document.readyState === "complete"`)
	is := fmt.Sprintf(`document.activeElement.matches(%s)`, quoted(selector))
	for range 150 {
		if ask[bool](s, is) {
			if !ask[bool](s, `(e => { const b = e.getBoundingClientRect(); return b.width > 0 && b.bottom > 0 && b.top < innerHeight })(document.activeElement)`) {
				s.t.Errorf("%s has the focus where nobody sees it", selector)
			}
			return
		}
		s.keys(kb.Tab)
	}
	s.t.Fatalf("Tab does not come to %s at %s: %s", selector, s.path(), ask[string](s, "document.activeElement.outerHTML.slice(0,300)"))
}

// workByKeys does the seller's whole day without touching the mouse.
func workByKeys(t *testing.T, o *office, browser context.Context) {
	anna := o.seat(t, browser, manner{who: "HU01/kovacs"})
	anna.keys("g")
	anna.keys("l")
	anna.at("/crm/leads$")
	anna.keys("c")
	anna.until(`document.activeElement.matches("dialog textarea[name=text]")`)
	anna.write("Hajdú Márton\nMartonfalvi Malom Kft.\n1117 Budapest, Bartók Béla út 42.\n+36 30 777 0001\nmarton@malom.test")
	anna.keys(kb.Enter, chromedp.ModifierCtrl)
	anna.until(found("dialog [name=email]", "") + `?.value === "marton@malom.test"`)
	anna.leaving(func() { anna.keys(kb.Enter, chromedp.ModifierCtrl) })
	anna.sees("Az érdeklődő felvéve.")
	anna.keys("j")
	anna.until(`document.activeElement.matches("tr[data-href]")`)
	anna.keys(kb.Enter)
	anna.at("/leads/[0-9a-f-]{36}$")
	anna.sees("Hajdú Márton")
	card := anna.path()
	anna.tabTo(`a[href*="/quotes/new"]`)
	anna.keys(kb.Enter)
	anna.at("/quotes/new$")
	anna.tabTo(`form[action$="/quotes/new"] button.primary`)
	anna.keys(kb.Enter)
	anna.at("/quotes/[0-9a-f-]{36}$")
	quote := anna.path()
	anna.tabTo("[name=code]")
	anna.write("DSK-050")
	anna.tabTo("[name=quantity]")
	anna.write("4")
	anna.sees("602 400 Ft")
	anna.script(`document.activeElement.blur()`)
	anna.tabTo("button[value=issue]")
	anna.keys(kb.Enter)
	anna.sees("Q-20", "Kiadva")
	anna.tabTo(`a[href$="/send"]`)
	anna.keys(kb.Enter)
	anna.until(`document.activeElement.matches("dialog input, dialog textarea")`)
	anna.leaving(func() { anna.keys(kb.Enter, chromedp.ModifierCtrl) })
	anna.tabTo(`a[href$="/accept"]`)
	anna.keys(kb.Enter)
	anna.until(`document.activeElement.matches("dialog input, dialog textarea")`)
	anna.write("Hajdú Márton")
	anna.leaving(func() { anna.keys(kb.Enter, chromedp.ModifierCtrl) })
	anna.sees("Elfogadva")
	anna.open(card)
	anna.tabTo(`a[href$="/convert"]`)
	anna.keys(kb.Enter)
	anna.until(found("dialog [name=tax_id]", ""))
	anna.tabTo("[name=tax_id]")
	anna.write("47110025-2-41")
	anna.tabTo("[name=line1]")
	anna.script(`document.activeElement.select()`)
	anna.write("Bartók Béla út 42.")
	anna.tabTo("[name=country]")
	anna.script(`document.activeElement.select()`)
	anna.write("Magyarország")
	anna.keys(kb.Enter, chromedp.ModifierCtrl)
	anna.at("/conversions/")
	anna.open(quote)
	for range []string{"order", "delivery", "invoice"} {
		anna.leaving(func() {
			anna.keys("n")
			anna.until(`document.querySelector("dialog[open] .form-foot button.primary")`)
			anna.keys(kb.Enter, chromedp.ModifierCtrl)
		})
	}
	anna.tabTo(`a[href*="/erp/documents/invoice/"]`)
	anna.keys(kb.Enter)
	anna.at("/erp/documents/invoice/")
	anna.tabTo(`form[action$="/post"] button`)
	anna.keys(kb.Enter)
	anna.sees("Könyvelve")
}

// workWithoutScript does the same in a browser that runs no scripts.
func workWithoutScript(t *testing.T, o *office, browser context.Context) {
	anna := o.seat(t, browser, manner{who: "HU01/kovacs", raw: true})
	anna.open("/crm/leads/capture")
	anna.fill("[name=text]", "Bencze Tibor\nTiszaparti Kikötő Kft.\n6720 Szeged, Tisza Lajos körút 1.\ntibor@kikoto.test")
	anna.click("main button.primary")
	anna.fill("[name=interest]", "20 pad")
	anna.click("main button.primary")
	anna.sees("Az érdeklődő felvéve.")
	anna.press("td.name a", "Bencze Tibor")
	anna.at("/leads/[0-9a-f-]{36}$")
	card := anna.path()
	anna.click(`a[href*="/quotes/new"]`)
	anna.at("/quotes/new$")
	anna.click("main button.primary")
	anna.at("/quotes/[0-9a-f-]{36}$")
	quote := anna.path()
	anna.fill("tbody.line:nth-of-type(1) [name=code]", "DSK-050")
	anna.fill("tbody.line:nth-of-type(1) [name=quantity]", "2")
	anna.click("button[name=do][value=issue]:not(.hidden)")
	anna.sees("Q-20", "Kiadva")
	anna.click(`a[href$="/send"]`)
	anna.at("/send$")
	anna.click("main button.primary")
	anna.at(quote + "$")
	anna.until(`document.body.innerText.includes("Elküldve") || (location.reload(), false)`)
	anna.click(`a[href$="/accept"]`)
	anna.fill("main form[action$='/accept'] input:not([type=hidden])", "Bencze Tibor")
	anna.click("main form[action$='/accept'] button.primary")
	anna.sees("Elfogadva")
	anna.open(card + "/convert")
	anna.fill("[name=tax_id]", "47110032-2-06")
	anna.fill("[name=line1]", "Tisza Lajos körút 1.")
	anna.fill("[name=country]", "Magyarország")
	anna.click("main form[action$='/convert'] button.primary")
	anna.at("/conversions/")
	for _, step := range []string{"order", "delivery", "invoice"} {
		anna.open(quote)
		anna.open(ask[string](anna, fmt.Sprintf(`document.querySelector('a[href$="/make/%s"]').href`, step)))
		anna.click("main .form-foot button.primary")
		anna.until(`!location.pathname.includes("/make/")`)
	}
	anna.open(quote)
	anna.open(ask[string](anna, `document.querySelector('a[href*="/erp/documents/invoice/"]').href`))
	anna.click(`form[action$="/post"] button`)
	anna.sees("Könyvelve")
}
