package web_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/crmplus/crmplus/adapters/web"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/newsletter/subscription"
	"github.com/crmplus/crmplus/testutil"
	"github.com/crmplus/crmplus/testutil/mailtest"
)

// subscribers is a company with two newsletters, and a reader with his browser.
type subscribers struct {
	*testutil.Env
	t            testing.TB
	n            *subscription.Subscriptions
	parties      *party.Parties
	mails        *mail.Mails
	box          *mailtest.Box
	pages        http.Handler
	log          bytes.Buffer
	out          context.Context
	news, offers subscription.Topic
}

const readerBase = "https://erp.example.com/crm/s/"

func newSubscribers(t testing.TB, change func(*web.ReaderPagesConfig)) *subscribers {
	t.Helper()
	r := &subscribers{Env: testutil.SQLite(t), t: t, box: &mailtest.Box{}}
	hungarian := func(string) locale.Locale { return locale.Locale{Language: locale.Hungarian, Currency: "HUF"} }
	r.parties = party.New(r.DB, hungarian)
	r.mails = mail.New(r.DB, mail.Config{Mailer: r.box, Purposes: subscription.Purposes, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	signer, err := subscription.NewSigner(subscription.Key{ID: 1, Secret: bytes.Repeat([]byte("k"), 32)})
	r.ok(err)
	r.n, err = subscription.New(r.DB, subscription.Config{
		Parties: r.parties, Mails: r.mails, Locales: hungarian, Signer: signer, HashKey: bytes.Repeat([]byte("h"), 32), AddressRate: 50, ClientRate: 50,
		Sender: func(string) mail.Address {
			return mail.Address{Name: "Fényforrás Zrt.", Email: "hirlevel@fenyforras.example"}
		},
		PublicURL: func(string) string { return readerBase },
	})
	r.ok(err)
	r.out = actor.With(context.Background(), actor.Public(r.Company))
	r.news = r.topic("hirlevel", map[locale.Language]subscription.TopicText{
		locale.Hungarian: {Name: "Fényforrás hírlevél", Description: "Havonta egyszer: új termékek, megvalósult projektek."},
		locale.English:   {Name: "Light news", Description: "Once a month: new products and finished projects."},
		locale.Hebrew:    {Name: "חדשות התאורה", Description: "פעם בחודש: מוצרים חדשים ופרויקטים."},
		locale.Russian:   {Name: "Новости света", Description: "Раз в месяц: новинки и готовые проекты."},
		locale.Greek:     {Name: "Νέα φωτισμού", Description: "Μία φορά τον μήνα: νέα προϊόντα και έργα."},
	})
	r.offers = r.topic("akciok", map[locale.Language]subscription.TopicText{locale.Hungarian: {Name: "Akciók"}, locale.English: {Name: "Offers <b>&"}})
	c := web.ReaderPagesConfig{Now: r.Clock.Now, Log: slog.New(slog.NewTextHandler(&r.log, nil)), Look: func(string) (string, string) { return "#0b5d57", "#ffffff" }}
	if change != nil {
		change(&c)
	}
	r.pages, err = web.ReaderPages(r.n, c)
	r.ok(err)
	return r
}

func (r *subscribers) ok(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *subscribers) topic(code string, texts map[locale.Language]subscription.TopicText) subscription.Topic {
	r.t.Helper()
	t, err := r.n.AddTopic(r.System(), subscription.TopicDraft{Code: code, Texts: texts})
	r.ok(err)
	return t
}

// asked asks for the newsletter and gives the path of the page behind the letter's link.
func (r *subscribers) asked(l locale.Language) string {
	r.t.Helper()
	r.ok(r.n.Request(r.out, subscription.RequestInput{Address: string(l) + "@minta.example", Topics: []subscription.TopicID{r.news.ID, r.offers.ID}, Person: subscription.Person{Language: l}}))
	before := len(r.box.Messages())
	_, err := r.mails.Send(r.System(), 0)
	r.ok(err)
	_, link, ok := strings.Cut(r.box.Messages()[before].Text, readerBase)
	if !ok {
		r.t.Fatal("the letter has no link")
	}
	return "/crm/s/" + strings.Fields(link)[0]
}

// links are the paths of a letter of the newsletter to whom a confirmation was for.
func (r *subscribers) links(confirm string, topic subscription.TopicID) (preference, unsubscribe string) {
	r.t.Helper()
	l, err := r.n.LinkOf(confirm[strings.LastIndexByte(confirm, '/')+1:])
	r.ok(err)
	p, err := r.parties.Get(r.System(), l.Party)
	r.ok(err)
	links := r.n.Links(subscription.Letter{Company: r.Company, Party: l.Party, Topic: topic, Channel: subscription.Email, Address: p.Email, At: r.Clock.Now()})
	return "/crm/s/" + strings.TrimPrefix(links.Preference, readerBase), "/crm/s/" + strings.TrimPrefix(links.Unsubscribe, readerBase)
}

func (r *subscribers) do(method, path string, form url.Values) *httptest.ResponseRecorder {
	r.t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	q := httptest.NewRequest(method, path, body)
	q.RemoteAddr = "203.0.113.77:4444"
	q.Header.Set("Accept-Language", "el-GR,el;q=0.9")
	if form != nil {
		q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	w := httptest.NewRecorder()
	r.pages.ServeHTTP(w, q)
	return w
}

func (r *subscribers) get(path string) string {
	r.t.Helper()
	w := r.do(http.MethodGet, path, nil)
	if w.Code != http.StatusOK {
		r.t.Fatalf("GET %s: %d %s", path, w.Code, w.Body)
	}
	return w.Body.String()
}

// press posts a form and follows to the page that stands then.
func (r *subscribers) press(path string, form url.Values) string {
	r.t.Helper()
	if form == nil {
		form = url.Values{}
	}
	w := r.do(http.MethodPost, path, form)
	if w.Code != http.StatusSeeOther {
		r.t.Fatalf("POST %s: %d %s", path, w.Code, w.Body)
	}
	return r.get(path[:strings.LastIndexByte(path, '/')+1] + w.Header().Get("Location"))
}

func (r *subscribers) states(confirm string) string {
	r.t.Helper()
	l, err := r.n.LinkOf(confirm[strings.LastIndexByte(confirm, '/')+1:])
	r.ok(err)
	rows, err := r.n.Of(r.System(), l.Party)
	r.ok(err)
	var out []string
	for _, s := range rows {
		out = append(out, map[subscription.TopicID]string{r.news.ID: "news", r.offers.ID: "offers"}[s.TopicID]+"="+string(s.State))
	}
	return strings.Join(out, " ")
}

func contains(t testing.TB, page string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(page, text) {
			t.Errorf("the page does not say %q:\n%s", text, page)
		}
	}
}

func TestReaderConfirmsChoosesLeavesAndComesBack(t *testing.T) {
	r := newSubscribers(t, nil)
	confirm := r.asked(locale.English)
	contains(t, r.get(confirm), "Confirm your subscription", "Light news", "Offers &lt;b&gt;&amp;", "en@minta.example", "I agree that Fényforrás Zrt. sends me", "Subscribe</button>", `dir="ltr"`)
	for range 3 { // programs that look through mails
		r.get(confirm)
		r.do(http.MethodHead, confirm, nil)
	}
	if got := r.states(confirm); got != "news=pending offers=pending" {
		t.Fatalf("after looking: %s", got)
	}
	contains(t, r.press(confirm, nil), "Your subscription is confirmed", "All my choices", `class="tick"`)
	if got := r.states(confirm); got != "news=active offers=active" {
		t.Fatalf("after the press: %s", got)
	}
	preference, unsubscribe := r.links(confirm, r.news.ID)
	contains(t, r.get(preference), "What may we send you?", "checked")
	page := r.press(preference, url.Values{"shown": {r.news.ID.String(), r.offers.ID.String(), "nonsense"}, "topic": {r.news.ID.String()}})
	contains(t, page, "Your choices are saved.")
	if got := r.states(confirm); got != "news=active offers=unsubscribed" {
		t.Errorf("after choosing: %s", got)
	}
	contains(t, r.get(unsubscribe), "Unsubscribe?", "Light news", "Unsubscribe from everything")
	contains(t, r.press(unsubscribe, nil), "You are unsubscribed", "Subscribe again")
	if got := r.states(confirm); got != "news=unsubscribed offers=unsubscribed" {
		t.Errorf("after leaving: %s", got)
	}
	contains(t, r.get(confirm), "You are unsubscribed") // the old letter
	contains(t, r.press(unsubscribe, url.Values{"act": {"back"}}), "Unsubscribe?")
	if got := r.states(confirm); got != "news=active offers=unsubscribed" {
		t.Errorf("after coming back: %s", got)
	}
	contains(t, r.press(preference, url.Values{"act": {"all"}}), "You have unsubscribed from everything")
	if got := r.states(confirm); got != "news=unsubscribed offers=unsubscribed" {
		t.Errorf("after leaving all: %s", got)
	}
}

func TestMailProgramUnsubscribesByOneClick(t *testing.T) {
	r := newSubscribers(t, func(c *web.ReaderPagesConfig) { c.Rate = web.FormRate{Burst: 1, Every: 1 << 40} })
	confirm := r.asked(locale.Hungarian)
	r.do(http.MethodPost, confirm, url.Values{})
	_, unsubscribe := r.links(confirm, r.news.ID)
	var multi bytes.Buffer
	parts := multipart.NewWriter(&multi)
	r.ok(parts.WriteField("List-Unsubscribe", "One-Click"))
	r.ok(parts.Close())
	for name, row := range map[string]struct{ kind, body string }{
		"urlencoded": {"application/x-www-form-urlencoded", "List-Unsubscribe=One-Click"},
		"multipart":  {parts.FormDataContentType(), multi.String()},
		"again":      {"application/x-www-form-urlencoded", "List-Unsubscribe=One-Click"},
	} {
		q := httptest.NewRequest(http.MethodPost, unsubscribe, strings.NewReader(row.body))
		q.Header.Set("Content-Type", row.kind)
		q.RemoteAddr = "203.0.113.77:4444"
		w := httptest.NewRecorder()
		r.pages.ServeHTTP(w, q)
		if w.Code != http.StatusOK || len(w.Result().Cookies()) > 0 {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
	if got := r.states(confirm); got != "news=unsubscribed offers=active" {
		t.Errorf("after it: %s", got)
	}
}

func TestWholeChannelIsLeftAndTakenBackAsItWas(t *testing.T) {
	r := newSubscribers(t, nil)
	confirm := r.asked(locale.Russian)
	r.press(confirm, nil)
	preference, all := r.links(confirm, subscription.TopicID{})
	r.press(preference, url.Values{"shown": {r.offers.ID.String()}}) // ended before
	r.Clock.Advance(1e9)
	contains(t, r.get(all), "Отписаться от всего?")
	contains(t, r.press(all, nil), "Вы отписаны", "Подписаться снова")
	r.press(all, url.Values{"act": {"back"}})
	if got := r.states(confirm); got != "news=active offers=unsubscribed" {
		t.Errorf("after coming back: %s", got)
	}
}

func TestReaderPagesRefuseWithoutTellingWhy(t *testing.T) {
	r := newSubscribers(t, nil)
	confirm := r.asked(locale.Hungarian)
	preference, unsubscribe := r.links(confirm, r.news.ID)
	for name, row := range map[string]struct {
		method, path string
		status       int
	}{
		"no token":                     {http.MethodGet, "/crm/s/c/", http.StatusNotFound},
		"no page":                      {http.MethodGet, "/", http.StatusNotFound},
		"a forged token":               {http.MethodGet, confirm[:len(confirm)-4] + "AAAA", http.StatusNotFound},
		"another page's token":         {http.MethodGet, strings.Replace(unsubscribe, "/u/", "/c/", 1), http.StatusNotFound},
		"a preference token as letter": {http.MethodPost, strings.Replace(preference, "/p/", "/u/", 1), http.StatusNotFound},
		"another method":               {http.MethodDelete, confirm, http.StatusMethodNotAllowed},
	} {
		w := r.do(row.method, row.path, nil)
		if w.Code != row.status {
			t.Errorf("%s: %d, want %d", name, w.Code, row.status)
		}
		if row.status == http.StatusNotFound {
			contains(t, w.Body.String(), "Ο σύνδεσμος δεν λειτουργεί") // in the browser's language
		}
	}
	r.ok(r.n.Suppress(r.System(), subscription.Block{Channel: subscription.Email, Address: "hu@minta.example", Reason: subscription.Manual}))
	if w := r.do(http.MethodPost, confirm, url.Values{}); w.Code != http.StatusConflict {
		t.Errorf("a suppressed address is confirmed: %d", w.Code)
	}
	r.Clock.Advance(subscription.LinkLife + 1e9)
	if w := r.do(http.MethodGet, unsubscribe, nil); w.Code != http.StatusNotFound {
		t.Errorf("an old link: %d", w.Code)
	}
	if strings.Contains(r.log.String(), "@") {
		t.Errorf("the log names people: %s", r.log.String())
	}
	if _, err := web.ReaderPages(nil, web.ReaderPagesConfig{Rate: web.FormRate{Burst: -1}}); err == nil {
		t.Error("a wrong configuration is taken")
	}
}

func TestReaderPagesLimitWhoAsksTooOften(t *testing.T) {
	r := newSubscribers(t, func(c *web.ReaderPagesConfig) { c.Rate = web.FormRate{Burst: 2, Every: 1e9} })
	confirm := r.asked(locale.Hungarian)
	r.get(confirm)
	r.get(confirm)
	if w := r.do(http.MethodGet, confirm, nil); w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") == "" {
		t.Errorf("the third: %d", w.Code)
	}
	r.Clock.Advance(1e9)
	r.get(confirm)
}

// TestReaderPagesInAllLanguages goes through every page in every language. With CRMPLUS_READER_PAGES it leaves them in
// that folder, to be looked at.
func TestReaderPagesInAllLanguages(t *testing.T) {
	r := newSubscribers(t, nil)
	folder := os.Getenv("CRMPLUS_READER_PAGES")
	for _, l := range locale.Languages {
		confirm := r.asked(l)
		preference, unsubscribe := r.links(confirm, r.news.ID)
		pages := []struct{ name, page string }{{"confirm", r.get(confirm)}, {"confirmed", r.press(confirm, nil)}, {"choose", r.get(preference)}, {"leave", r.get(unsubscribe)}, {"left", r.press(unsubscribe, nil)}}
		pages = append(pages, struct{ name, page string }{"saved", r.press(preference, url.Values{"shown": {r.news.ID.String()}, "topic": {r.news.ID.String()}})})
		for _, p := range pages {
			direction := "ltr"
			if l.RightToLeft() {
				direction = "rtl"
			}
			contains(t, p.page, fmt.Sprintf(`<html lang="%s" dir="%s">`, l, direction), "Fényforrás Zrt.")
			if strings.Contains(p.page, "<script") || strings.Contains(p.page, "_title") || strings.Contains(p.page, "do_") {
				t.Errorf("%s (%s) has a script, or a text is missing", p.name, l)
			}
			if folder != "" {
				r.ok(os.WriteFile(filepath.Join(folder, p.name+"-"+string(l)+".html"), []byte(p.page), 0o600))
			}
		}
	}
}
