package web

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/html"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/newsletter"
	"github.com/crmplus/crmplus/newsletter/campaign"
	"github.com/crmplus/crmplus/newsletter/message"
	"github.com/crmplus/crmplus/newsletter/subscription"
	"github.com/crmplus/crmplus/testutil/mailtest"
)

// letterbox is a way out that keeps what it is given.
type letterbox struct {
	mu   sync.Mutex
	sent map[string]string
}

func (l *letterbox) Dial(context.Context) (message.Conn, error) { return l, nil }

func (l *letterbox) Send(_ context.Context, e message.Envelope, end func(error)) error {
	l.mu.Lock()
	l.sent[e.To] = string(e.Data)
	l.mu.Unlock()
	end(nil)
	return nil
}

func (l *letterbox) Close(context.Context) error { return nil }

// lettersOf is how the companies of tests send newsletters.
func lettersOf(out message.Transport) crm.NewsletterConfig {
	return crm.NewsletterConfig{
		PublicURL: "https://erp.example.com/n/", Transports: map[string]campaign.Transport{"": {Transport: out}},
		Sender: func(string) mail.Address { return mail.Address{Name: "Minta Kft.", Email: "hirlevel@minta.test"} },
	}
}

// newLettersWorld is a world of screens whose company sends newsletters.
func newLettersWorld(t *testing.T) (*screensWorld, *letterbox) {
	t.Helper()
	w := newScreensWorld(t)
	host := w.books.Host()
	locales, err := erpbridge.Locales(context.Background(), w.DB.SQL(), host, w.Company)
	w.must(err)
	box := &letterbox{sent: map[string]string{}}
	w.module, err = crm.New(w.DB, crm.Config{
		Host: host, Locale: locales, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Mailer: &mailtest.Box{}, LinkKey: bytes.Repeat([]byte("l"), 32),
		Quotes: crm.QuoteConfig{PublicURL: func(string) string { return "https://erp.example.com/q/" }}, Newsletter: lettersOf(box),
	})
	w.must(err)
	w.screens, err = newScreens(w.module, Config{Visitor: w.visitor, SignIn: "/login", Key: bytes.Repeat([]byte("k"), 32), Log: slog.New(slog.NewTextHandler(w.log, nil))})
	w.must(err)
	w.handler = w.screens.handler()
	return w, box
}

// system acts in the name of the company.
func (w *screensWorld) system() context.Context {
	return actor.With(context.Background(), actor.System(w.Company, "test"))
}

// topic makes one, with readers.
func (w *screensWorld) topic(code, name string, readers map[string]string) subscription.Topic {
	w.t.Helper()
	n := w.module.Newsletters.Subscriptions
	t, err := n.AddTopic(w.system(), subscription.TopicDraft{
		Channel: subscription.Email, Code: code, Offer: subscription.Public, Texts: map[locale.Language]subscription.TopicText{locale.Hungarian: {Name: name}},
	})
	w.must(err)
	for address, reader := range readers {
		_, err := n.Enter(w.system(), subscription.Entry{
			Person: subscription.Person{Name: reader, Language: locale.Hungarian}, Topics: []subscription.TopicID{t.ID}, Address: address,
			Ground: subscription.Ground{Basis: subscription.Consent, Source: "BNV 2026", Statement: "Kérem a hírlevelet.", Language: locale.Hungarian},
		})
		w.must(err)
	}
	return t
}

// editorOf is what the editor's form would send now, with one button pressed and fields filled.
func (p *shown) pressInEditor(step string, pairs ...string) *shown {
	p.b.w.t.Helper()
	for n := range p.root.Descendants() {
		if id, _ := attribute(n, "id"); n.Data == "form" && id == "letter-form" {
			to, _ := attribute(n, "action")
			values := fieldsIn(n)
			for i := 0; i+1 < len(pairs); i += 2 {
				if !values.Has(pairs[i]) {
					p.b.w.t.Fatalf("the editor has no field %s", pairs[i])
				}
				values.Set(pairs[i], pairs[i+1])
			}
			values.Set("do", step)
			return p.b.send(strings.TrimPrefix(to, p.b.w.screens.path), values)
		}
	}
	p.b.w.t.Fatalf("%s has no editor: %s", p.Path, p.text())
	return nil
}

// fillIn types into the fields of a page before it is sent with a file.
func (p *shown) fillIn(pairs ...string) *shown {
	for i := 0; i+1 < len(pairs); i += 2 {
		p.walk(func(n *html.Node) {
			if name, _ := attribute(n, "name"); name != pairs[i] {
				return
			}
			if n.Data == "textarea" {
				n.AppendChild(&html.Node{Type: html.TextNode, Data: pairs[i+1]})
				return
			}
			n.Attr = append(slices.DeleteFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "value" }), html.Attribute{Key: "value", Val: pairs[i+1]}, html.Attribute{Key: "checked"})
		})
	}
	return p
}

// TestNewsletterFromDraftToReport writes a newsletter without JavaScript, looks at it, sends it and reads the report.
func TestNewsletterFromDraftToReport(t *testing.T) {
	w, box := newLettersWorld(t)
	topic := w.topic("hirek", "Havi hírek", map[string]string{"agnes@pelda.test": "Szűcs Ágnes", "bela@pelda.test": "Kiss Béla"})
	b := w.browser("kati")
	b.get("/campaigns").ok(http.StatusOK).has("Hírlevelek")
	form := b.get("/campaigns/new").ok(http.StatusOK).has("Havi hírek", "2 olvasó")
	form.submit("/campaigns/new", "name", "Őszi akció", "sender_address", "hirlevel@minta.test").ok(http.StatusUnprocessableEntity).has("Jelöljön be legalább egy témát")
	editor := form.submit("/campaigns/new", "name", "Őszi akció", "sender_address", "hirlevel@minta.test", "topic."+topic.ID.String(), "on").ok(http.StatusOK)
	if !strings.HasSuffix(strings.SplitN(editor.Path, "?", 2)[0], "/content") {
		t.Fatalf("a new campaign leads to %s", editor.Path)
	}
	card := strings.TrimSuffix(strings.TrimPrefix(strings.SplitN(editor.Path, "?", 2)[0], w.screens.path), "/content")

	editor = editor.pressInEditor("add:heading", "subject", "Őszi árak").ok(http.StatusOK)
	editor = editor.pressInEditor("add:button", "b.1.text", "Szia {{first_name|Olvasónk}}").ok(http.StatusOK)
	editor = editor.pressInEditor("save", "b.2.label", "Megnézem", "b.2.url", "javascript:alert(1)").ok(http.StatusOK).has("Nem webcím")
	editor = editor.pressInEditor("up:2", "b.2.url", "https://minta.test/akcio").ok(http.StatusOK).has("Hibátlan")
	if _, values := editor.form(card + "/content"); values.Get("b.1.kind") != "button" || values.Get("b.2.kind") != "heading" {
		t.Errorf("after the move the blocks are %v and %v", values.Get("b.1.kind"), values.Get("b.2.kind"))
	}
	editor = editor.pressInEditor("add:product").ok(http.StatusOK)
	editor = editor.pressInEditor("find:3", "b.3.find", "CHR-010").ok(http.StatusOK).has("CHR-010")
	take := ""
	for n := range editor.root.Descendants() {
		if value, _ := attribute(n, "value"); n.Data == "button" && strings.HasPrefix(value, "take:3:") {
			take = value
		}
	}
	editor = editor.pressInEditor(take).ok(http.StatusOK).has("Hibátlan")
	if _, values := editor.form(card + "/content"); values.Get("b.3.name") == "" || values.Get("b.3.price") == "" {
		t.Errorf("the product is %q for %q", values.Get("b.3.name"), values.Get("b.3.price"))
	}

	preview := b.get(card + "/preview?variant=A&language=hu").ok(http.StatusOK)
	if policy := preview.Header.Get("Content-Security-Policy"); policy != previewPolicy {
		t.Errorf("the preview has the policy %q", policy)
	}
	for _, want := range []string{"Szia Olvasónk", "https://minta.test/akcio", "Leiratkozás"} {
		if !strings.Contains(preview.Body, want) {
			t.Errorf("the preview has no %q", want)
		}
	}

	dialog := b.get(card+"/schedule").ok(http.StatusOK).has("2", "olvasó kapja meg most")
	dialog.submit(card+"/schedule", "when", "later", "at", "2001-01-01").ok(http.StatusUnprocessableEntity).has("Ez már elmúlt")
	dialog.submit(card+"/schedule", "when", "now").ok(http.StatusOK).has("Ütemezve")
	for range 20 {
		done, err := w.module.RunOnce(context.Background())
		w.must(err)
		if done == 0 {
			break
		}
	}
	if len(box.sent) != 2 {
		t.Fatalf("%d letters left, want 2", len(box.sent))
	}
	b.get(card).ok(http.StatusOK).has("Befejezve", "Elküldve", "https://minta.test/akcio").lacks("Szüneteltetés")
	b.get(card+"/recipients?state=sent").ok(http.StatusOK).has("Szűcs Ágnes", "bela@pelda.test")
	b.get("/campaigns").ok(http.StatusOK).has("Őszi akció", "Befejezve")
	b.get(card + "/content").has("Már nem piszkozat")
}

// TestNewsletterContentOfTwo: what somebody else saved meanwhile is not lost silently, and neither is what was typed.
func TestNewsletterContentOfTwo(t *testing.T) {
	w, _ := newLettersWorld(t)
	topic := w.topic("hirek", "Havi hírek", nil)
	b := w.browser("kati")
	first := b.get("/campaigns/new").submit("/campaigns/new", "name", "Ősz", "sender_address", "hirlevel@minta.test", "topic."+topic.ID.String(), "on").ok(http.StatusOK)
	second := w.browser("gabor").get(strings.TrimPrefix(first.Path, w.screens.path)).ok(http.StatusOK)
	first.pressInEditor("save", "subject", "Az elsőé").ok(http.StatusOK)
	clash := second.pressInEditor("save", "subject", "A másodiké").ok(http.StatusConflict).has("Szabó Katalin")
	if _, values := clash.form(strings.TrimPrefix(strings.SplitN(first.Path, "?", 2)[0], w.screens.path)); values.Get("subject") != "A másodiké" {
		t.Errorf("after the clash the subject is %q", values.Get("subject"))
	}
	clash.pressInEditor("save").ok(http.StatusOK)
}

func TestNewsletterTopicsAndReaders(t *testing.T) {
	w, _ := newLettersWorld(t)
	b := w.browser("kati")
	b.get("/topics").ok(http.StatusOK).has("Még nincs téma")
	b.get("/topics/new").submit("/topics/new", "code", "Nem Jó").ok(http.StatusUnprocessableEntity).has("Kisbetű")
	b.get("/topics/new").submit("/topics/new", "code", "akciok", "name.hu", "Akciók", "name.en", "Offers").ok(http.StatusOK).has("Téma mentve: Akciók", "HU EN")
	topics, err := w.module.Newsletters.Subscriptions.Topics(w.system())
	w.must(err)
	id := topics[0].ID.String()
	b.get("/topics/"+id).submit("/topics/"+id, "name.he", "מבצעים").ok(http.StatusOK).has("HU EN HE")
	csv := []byte("Név;E-mail\nSzűcs Ágnes;agnes@pelda.test\nKiss Béla;bela@pelda.test\nRossz;nem cím\n")
	page := b.get("/readers/import").ok(http.StatusOK)
	page.upload("/readers/import", "file", "olvasok.csv", csv).ok(http.StatusUnprocessableEntity).has("Jelöljön be legalább egy témát", "Hiányzik")
	page.fillIn("source", "BNV 2026", "statement", "Kérem a hírlevelet.", "topic."+id, "on").upload("/readers/import", "file", "olvasok.csv", csv).ok(http.StatusOK).has("2 új feliratkozás", "1 hibás sor", "nem cím")
	b.get("/topics").submit("/topics/" + id + "/close").ok(http.StatusOK).has("Lezárva")
	b.get("/topics").submit("/topics/" + id + "/open").ok(http.StatusOK).has("Újra nyitva")
	w.topic("hirek", "Hírek", map[string]string{"agnes@pelda.test": "Szűcs Ágnes"})
	topics, err = w.module.Newsletters.Subscriptions.Topics(w.system())
	w.must(err)
	for _, one := range topics {
		if one.Code == "hirek" {
			id = one.ID.String()
		}
	}
	readers := b.get("/readers?topic="+id).ok(http.StatusOK).has("Szűcs Ágnes", "agnes@pelda.test", "BNV 2026", "Feliratkozott")
	evidence := ""
	for n := range readers.root.Descendants() {
		if to, _ := attribute(n, "href"); strings.HasSuffix(to, "/evidence") {
			evidence = to
		}
	}
	b.get(strings.TrimPrefix(evidence, w.screens.path)).ok(http.StatusOK).has("Munkatárs rögzítette", "Kérem a hírlevelet.")
}

func TestNewsletterPagesGuard(t *testing.T) {
	w, _ := newLettersWorld(t)
	topic := w.topic("hirek", "Havi hírek", map[string]string{"agnes@pelda.test": "Szűcs Ágnes"})
	c, err := w.module.Newsletters.Campaigns.Create(w.system(), campaign.Plan{
		Name: "Ősz", Audience: newsletter.Choice{Topics: []subscription.TopicID{topic.ID}}.String(), SenderAddress: "hirlevel@minta.test", Language: locale.Hungarian,
	})
	w.must(err)
	card := "/campaigns/" + c.ID.String()
	for _, row := range []struct {
		clerk, path string
		status      int
	}{
		{"anna", "/campaigns", http.StatusOK}, {"anna", "/topics", http.StatusOK}, {"anna", "/campaigns/new", http.StatusForbidden}, {"anna", card + "/edit", http.StatusForbidden},
		{"anna", card + "/content", http.StatusForbidden}, {"anna", card + "/schedule", http.StatusForbidden}, {"anna", "/topics/new", http.StatusForbidden}, {"anna", "/readers/import", http.StatusForbidden},
		{"gabor", card + "/content", http.StatusOK}, {"gabor", card + "/schedule", http.StatusOK}, {"olga", "/campaigns", http.StatusForbidden}, {"olga", "/readers", http.StatusForbidden},
	} {
		w.browser(row.clerk).get(row.path).ok(row.status)
	}
	w.browser("anna").get("/campaigns").has("Hírlevelek").lacks("Új hírlevél")
	w.browser("olga").get("/leads").lacks("Рассылки")
	for _, language := range languages() {
		reader := w.browser("kati", language)
		for _, path := range []string{"/campaigns", "/campaigns?state=done", "/campaigns/new", card, card + "/edit", card + "/content", card + "/content?variant=B&language=he", card + "/schedule", card + "/cancel", card + "/recipients", "/topics", "/topics/new", "/topics/" + topic.ID.String(), "/readers", "/readers?state=unsubscribed", "/readers/import"} {
			reader.get(path).ok(http.StatusOK)
		}
	}
}

// TestNoNewslettersNoPages: a host that sends none has no entry in the menu and no addresses.
func TestNoNewslettersNoPages(t *testing.T) {
	w := newScreensWorld(t)
	b := w.browser("kati")
	for _, path := range []string{"/campaigns", "/topics", "/readers"} {
		b.get(path).ok(http.StatusNotFound)
	}
	b.get("/today").ok(http.StatusOK).lacks("Hírlevelek")
}

// TestBlockPaths: each fault stands at the field of the editor that it is about.
func TestBlockPaths(t *testing.T) {
	for path, want := range map[string]string{
		"blocks[2].button.url": "2 url", "blocks[0].text.html[1:14]": "0 text", "blocks[1].columns.columns[1].blocks[0].text.html[2:3]": "1 right", "blocks[3].footer": "3 footer",
		"blocks[4].html.html": "4 html", "blocks[5].if": "5 if", "subject": "-1 subject", "blocks": "-1 blocks", "blocks[6]": "6 ",
	} {
		if i, name := blockPath(path); fmt.Sprint(i, " ", name) != want {
			t.Errorf("%s is at %d %s, want %s", path, i, name, want)
		}
	}
}
