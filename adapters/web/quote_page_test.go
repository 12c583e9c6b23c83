package web_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/crmplus/crmplus/adapters/web"
	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/quote"
	"github.com/crmplus/crmplus/quote/pdf"
	"github.com/crmplus/crmplus/testutil"
	"github.com/crmplus/crmplus/testutil/mailtest"
)

// reading is a company that sends quotes, and a reader with his browser.
type reading struct {
	*testutil.Env
	t      testing.TB
	quotes *quote.Quotes
	mails  *mail.Mails
	pages  http.Handler
	log    *bytes.Buffer
	seller context.Context
	buyer  party.Party
	logo   []byte
}

const quoteBase = "https://erp.example.com/crm/q/"

func (r *reading) Company(_ context.Context, s erpbridge.Session) (erpbridge.Company, error) {
	return erpbridge.Company{
		Key: s.Company, Name: "Fényforrás Kereskedelmi Zrt.", TaxID: "12345676-2-41", Phone: "+36 1 555 0100", Email: "ertekesites@fenyforras.example",
		Address: erpbridge.Address{Line1: "Váci út 76.", PostalCode: "1133", City: "Budapest", Country: "HU"}, Logo: r.logo,
	}, nil
}

func (r *reading) User(_ context.Context, _ erpbridge.Session, id string) (erpbridge.User, error) {
	return erpbridge.User{ID: id, Name: "Kovács Anna", JobTitle: "értékesítési vezető", Phone: "+36 30 555 0111", Email: "anna@fenyforras.example"}, nil
}

func (r *reading) ListUsers(context.Context, erpbridge.Session) ([]erpbridge.User, error) {
	return nil, nil
}

func newReading(t testing.TB, env *testutil.Env, change func(*web.QuotePagesConfig)) *reading {
	t.Helper()
	r := &reading{Env: env, t: t, log: &bytes.Buffer{}}
	hungarian := func(string) locale.Locale { return locale.Locale{Language: locale.Hungarian, Currency: "HUF"} }
	parties := party.New(env.DB, hungarian)
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	r.mails = mail.New(env.DB, mail.Config{Mailer: &mailtest.Box{}, Purposes: []mail.Purpose{quote.SentPurpose}, Log: quiet})
	r.quotes = quote.New(env.DB, quote.Config{
		Host: erpbridge.Host{Name: "Próba", Place: erpbridge.SameDatabase, Companies: r, Users: r}, Parties: parties, Activities: activity.New(env.DB, parties),
		Locales: hungarian, Mails: r.mails, LinkKey: bytes.Repeat([]byte("k"), 32), PublicURL: func(string) string { return quoteBase },
		Theme: func(string) quote.Theme { return quote.Theme{Accent: pdf.Color{R: 11, G: 93, B: 87}} },
	})
	r.seller = env.As("anna", actor.Seller, actor.All)
	var err error
	r.buyer, err = parties.Add(r.seller, party.Draft{Kind: party.Company, FullName: "Minta Világítás Kft.", Language: locale.Hungarian, Emails: []string{"eva@minta.example"},
		Address: party.Address{Line1: "Petőfi utca 5.", PostalCode: "6720", City: "Szeged", Country: "HU"}})
	r.ok(err)
	c := web.QuotePagesConfig{Secret: bytes.Repeat([]byte("s"), 32), Now: env.Clock.Now, Log: slog.New(slog.NewTextHandler(r.log, nil))}
	if change != nil {
		change(&c)
	}
	r.pages, err = web.QuotePages(r.quotes, c)
	r.ok(err)
	return r
}

func (r *reading) ok(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func quoteLine(kind quote.Kind, group, name, quantity, price, unit string) quote.DraftLine {
	p, rate := money.MustAmount(price), money.MustPercent("27")
	return quote.DraftLine{Kind: kind, AlternativeGroup: group, Name: name, Quantity: money.MustQuantity(quantity), UnitPrice: &p, VATRate: &rate, Unit: unit}
}

// plainLines have nothing to choose, richLines everything.
func plainLines() []quote.DraftLine {
	return []quote.DraftLine{quoteLine(quote.Item, "", "LED lámpatest 40 W", "40", "12500", "db"), quoteLine(quote.Item, "", "Oszlop 6 m", "4", "98000", "db")}
}

func richLines() []quote.DraftLine {
	ten := money.MustPercent("10")
	lamp := quoteLine(quote.Item, "", "LED lámpatest 40 W", "40", "12500", "db")
	lamp.Description, lamp.Discount = "IP65, 4000 K, 5 év garancia", &ten
	return []quote.DraftLine{
		{Kind: quote.Heading, Name: "Csarnokvilágítás"}, lamp,
		quoteLine(quote.Item, "A", "Oszlop 6 m, festett", "4", "98000", "db"), quoteLine(quote.Item, "A", "Oszlop 6 m, horganyzott", "4", "112000", "db"),
		{Kind: quote.Text, Description: "A daruzás költségét az ár tartalmazza."},
		{Kind: quote.Heading, Name: "Szolgáltatások"}, quoteLine(quote.Item, "", "Szerelés", "16.5", "9000", "óra"), quoteLine(quote.Optional, "", "Éves karbantartás", "1", "120000", "év"),
	}
}

// sent issues and sends a quote, and gives its id and token.
func (r *reading) sent(l locale.Language, lines []quote.DraftLine, annexes ...activity.File) (quote.ID, string) {
	r.t.Helper()
	card, err := r.quotes.Draft(r.seller, quote.DraftInput{Party: r.buyer.ID, Header: quote.Header{
		Title: "Raktár világítása", Cover: "Köszönjük érdeklődését. Az egyeztetés szerint az alábbi ajánlatot adjuk.", Terms: "Átutalás, 15 nap", DeliveryTerms: "4 hét, díjmentes kiszállítás",
		Closing: "Várjuk megrendelését.",
	}, Lines: lines})
	r.ok(err)
	card, err = r.quotes.Issue(r.seller, card.Quote.ID)
	r.ok(err)
	return card.Quote.ID, r.send(card.Quote.ID, l, annexes...)
}

func (r *reading) send(id quote.ID, l locale.Language, annexes ...activity.File) string {
	r.t.Helper()
	sending, err := r.quotes.Send(r.seller, id, quote.SendInput{To: []mail.Address{{Email: "eva@minta.example"}}, Subject: "Ajánlat", Text: quote.LinkField, Language: l, Annexes: annexes})
	r.ok(err)
	_, err = r.mails.Send(r.System(), 0)
	r.ok(err)
	row, err := r.mails.Get(r.seller, sending.MailID)
	r.ok(err)
	letter, err := row.Message()
	r.ok(err)
	return strings.TrimPrefix(letter.Text, quoteBase)
}

// get asks for a path as a browser does.
func (r *reading) get(path string) *httptest.ResponseRecorder {
	r.t.Helper()
	return r.do(httptest.NewRequest(http.MethodGet, quoteBase+path, nil))
}

func (r *reading) do(req *http.Request) *httptest.ResponseRecorder {
	req.RemoteAddr = "192.0.2.7:5000"
	req.Header.Set("User-Agent", "Firefox")
	w := httptest.NewRecorder()
	r.pages.ServeHTTP(w, req)
	return w
}

var hiddenToken = regexp.MustCompile(`name="form_token" value="([^"]+)"`)

// post opens the page, waits as a person does, and sends a form.
func (r *reading) post(token string, values url.Values) *httptest.ResponseRecorder {
	r.t.Helper()
	if values.Get("form_token") == "" {
		match := hiddenToken.FindStringSubmatch(r.get(token).Body.String())
		if match == nil {
			r.t.Fatal("the page has no form")
		}
		values.Set("form_token", match[1])
		r.Clock.Advance(5 * time.Second)
	}
	req := httptest.NewRequest(http.MethodPost, quoteBase+token, strings.NewReader(values.Encode()))
	req.Header.Set("Content-Type", urlType)
	return r.do(req)
}

func (r *reading) state(id quote.ID) quote.Quote {
	r.t.Helper()
	card, err := r.quotes.Get(r.seller, id)
	r.ok(err)
	return card.Quote
}

func wantPage(t *testing.T, w *httptest.ResponseRecorder, status int, texts ...string) {
	t.Helper()
	if w.Code != status {
		t.Fatalf("status %d, want %d\n%s", w.Code, status, w.Body)
	}
	for _, text := range texts {
		if !strings.Contains(w.Body.String(), text) {
			t.Errorf("the page does not say %q\n%s", text, w.Body)
		}
	}
}

func TestQuotePage(t *testing.T) {
	r := newReading(t, testutil.SQLite(t), nil)
	id, token := r.sent(locale.Hungarian, richLines(), activity.File{Name: "Műszaki lap.txt", Content: []byte("IP65")})
	w := r.get(token)
	wantPage(t, w, http.StatusOK, `lang="hu" dir="ltr"`, "Q-2026-00001", "Minta Világítás Kft.", "Raktár világítása", "LED lámpatest 40 W", "Átutalás, 15 nap", "Műszaki lap.txt", "Kovács Anna", "választható", "alternatíva")
	if n := w.Body.Len(); n > 30_000 {
		t.Errorf("the page has %d bytes", n)
	}
	if strings.Contains(w.Body.String(), "<script") || strings.Contains(w.Body.String(), "http://") || strings.Contains(w.Body.String(), "https://") {
		t.Error("the page has a script, or asks for something elsewhere")
	}
	h := w.Header()
	for name, want := range map[string]string{"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"} {
		if h.Get(name) != want {
			t.Errorf("%s: %q, want %q", name, h.Get(name), want)
		}
	}
	if policy := h.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none'; style-src 'sha256-") || strings.Contains(policy, "unsafe") {
		t.Errorf("policy %s", policy)
	}
	pdf := r.get(token + "/pdf")
	if pdf.Code != 200 || pdf.Header().Get("Content-Disposition") != "attachment; filename=Q-2026-00001.pdf" || !bytes.HasPrefix(pdf.Body.Bytes(), []byte("%PDF")) {
		t.Errorf("PDF: %d %v", pdf.Code, pdf.Header())
	}
	annex := r.get(token + "/file/1")
	if annex.Code != 200 || annex.Body.String() != "IP65" || !strings.HasPrefix(annex.Header().Get("Content-Disposition"), "attachment; filename*=utf-8''") {
		t.Errorf("annex: %d %v", annex.Code, annex.Header())
	}
	for _, path := range []string{"", "x", token + "x", token + "/file/2", token + "/file/0", token + "/file/-1", token + "/file/../pdf", token + "/logo", token + "/other", "../q/"} {
		if w := r.get(path); w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), "This link opens no quote") {
			t.Errorf("%q: %d", path, w.Code)
		}
	}
	if s := r.state(id); s.State != quote.Issued {
		t.Errorf("reading made it %s", s.State)
	}
	hebrew := httptest.NewRequest(http.MethodGet, quoteBase+"x", nil)
	hebrew.Header.Set("Accept-Language", "fr;q=0.9, he-IL, en")
	wantPage(t, r.do(hebrew), http.StatusNotFound, `dir="rtl"`)
}

func TestQuotePageLogo(t *testing.T) {
	r := newReading(t, testutil.SQLite(t), nil)
	r.logo = quoteLogo()
	_, token := r.sent(locale.English, plainLines())
	wantPage(t, r.get(token), http.StatusOK, `src="`+token+`/logo" alt="Fényforrás Kereskedelmi Zrt."`)
	w := r.get(token + "/logo")
	if w.Code != 200 || w.Header().Get("Content-Type") != "image/png" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
}

// quoteLogo is a small logo.
func quoteLogo() []byte {
	img := image.NewRGBA(image.Rect(0, 0, 160, 40))
	for i := range 160 * 40 {
		img.Set(i%160, i/160, color.RGBA{11, 93, 87, 255})
	}
	var b bytes.Buffer
	_ = png.Encode(&b, img)
	return b.Bytes()
}

func TestQuotePageAccept(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		r := newReading(t, env, nil)
		id, token := r.sent(locale.Hungarian, plainLines())
		w := r.post(token, url.Values{"act": {"accept"}, "role": {"beszerző <b>"}})
		wantPage(t, w, http.StatusUnprocessableEntity, "Adja meg a nevét.", "beszerző &lt;b&gt;", `aria-invalid="true"`)
		w = r.post(token, url.Values{"act": {"accept"}, "name": {"Szabó Éva"}, "role": {"beszerző"}, "reference": {"PO-77"}, "note": {"Kérjük\r\nhamar."}})
		if w.Code != http.StatusSeeOther || w.Header().Get("Location") != token {
			t.Fatalf("%d %v\n%s", w.Code, w.Header(), w.Body)
		}
		q := r.state(id)
		if q.State != quote.Accepted || q.DecidedBy != "Szabó Éva" || q.DecisionNote != "Kérjük\nhamar." || q.Evidence.Address != "192.0.2.7" || q.Evidence.Reference != "PO-77" || q.Evidence.Email != "eva@minta.example" {
			t.Errorf("%s by %s: %q %+v", q.State, q.DecidedBy, q.DecisionNote, q.Evidence)
		}
		wantPage(t, r.get(token), http.StatusOK, "Szabó Éva elfogadta ezt az ajánlatot: 2026.")
		again := r.post(token, url.Values{"act": {"decline"}, "name": {"Más"}, "form_token": {"x"}})
		wantPage(t, again, http.StatusUnprocessableEntity, "Szabó Éva elfogadta")
		if r.state(id).State != quote.Accepted {
			t.Error("it was declined after all")
		}
	})
}

func TestQuotePageChoices(t *testing.T) {
	r := newReading(t, testutil.SQLite(t), nil)
	id, token := r.sent(locale.English, richLines())
	wantPage(t, r.get(token), http.StatusOK, `type="radio" name="group-0" value="3" checked`, `type="checkbox" name="option" value="8">`, "Continue to the summary")
	w := r.post(token, url.Values{"act": {"accept"}, "name": {"Éva"}, "option": {"8"}, "group-0": {"4"}})
	// 450,000 + 448,000 + 148,500 + 120,000 = 1,166,500 net, 1,481,455 with 27 % VAT.
	wantPage(t, w, http.StatusOK, "This is what you accept", "horganyzott", "Éves karbantartás", "1,166,500", "1,481,455", `value="confirm"`)
	if strings.Contains(w.Body.String(), "festett") || r.state(id).State != quote.Issued {
		t.Error("the summary shows the other alternative, or accepts already")
	}
	values := url.Values{"act": {"back"}, "name": {"Éva"}, "option": {"4", "8"}, "form_token": {hiddenToken.FindStringSubmatch(w.Body.String())[1]}}
	wantPage(t, r.post(token, values), http.StatusOK, `name="group-0" value="4" checked`, `name="option" value="8" checked`, `value="Éva"`)
	values.Set("act", "confirm")
	if w := r.post(token, values); w.Code != http.StatusSeeOther {
		t.Fatalf("%d\n%s", w.Code, w.Body)
	}
	if q := r.state(id); q.State != quote.Accepted || fmt.Sprint(q.Evidence.Options) != "[4 8]" {
		t.Errorf("%s with %v", q.State, q.Evidence.Options)
	}
}

func TestQuotePageDeclineAndAsk(t *testing.T) {
	r := newReading(t, testutil.SQLite(t), nil)
	id, token := r.sent(locale.Greek, plainLines())
	w := r.post(token, url.Values{"act": {"ask"}, "name": {"Éva"}})
	wantPage(t, w, http.StatusUnprocessableEntity, "Γράψτε την ερώτησή σας.", "<details open>")
	w = r.post(token, url.Values{"act": {"ask"}, "name": {"Éva"}, "note": {"Πότε;"}})
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != token+"?asked=1" {
		t.Fatalf("%d %v", w.Code, w.Header())
	}
	wantPage(t, r.get(token+"?asked=1"), http.StatusOK, "Λάβαμε την ερώτησή σας")
	if w := r.post(token, url.Values{"act": {"decline"}, "name": {"Éva"}, "note": {"ακριβό"}}); w.Code != http.StatusSeeOther {
		t.Fatal(w.Code)
	}
	if q := r.state(id); q.State != quote.Declined || q.DecisionNote != "ακριβό" {
		t.Errorf("%s %q", q.State, q.DecisionNote)
	}
	wantPage(t, r.get(token), http.StatusOK, "Ο/Η Éva απέρριψε την προσφορά στις")
}

func TestQuotePageStates(t *testing.T) {
	r := newReading(t, testutil.SQLite(t), nil)
	id, old := r.sent(locale.English, plainLines())
	next, err := r.quotes.NewVersion(r.seller, id)
	r.ok(err)
	_, err = r.quotes.Issue(r.seller, next.Quote.ID)
	r.ok(err)
	w := r.get(old)
	wantPage(t, w, http.StatusOK, "There is a newer version of this quote")
	if strings.Contains(w.Body.String(), "Open the newer version") || strings.Contains(w.Body.String(), "<form") {
		t.Error("it leads to a version that was not sent, or can be answered")
	}
	newer := r.send(next.Quote.ID, locale.English)
	wantPage(t, r.get(old), http.StatusOK, `href="`+newer+`"`)
	r.Clock.Advance(40 * 24 * time.Hour)
	w = r.get(newer)
	wantPage(t, w, http.StatusOK, "This quote has expired", "I have a question")
	if strings.Contains(w.Body.String(), `value="accept"`) {
		t.Error("an expired quote can be accepted")
	}
	id, taken := r.sent(locale.English, plainLines())
	_, err = r.quotes.Withdraw(r.seller, id, "tévedés")
	r.ok(err)
	w = r.get(taken)
	wantPage(t, w, http.StatusOK, "This quote was withdrawn")
	if strings.Contains(w.Body.String(), "tévedés") {
		t.Error("the reader is told what is none of his business")
	}
}

func TestQuotePageIsGuarded(t *testing.T) {
	r := newReading(t, testutil.SQLite(t), func(c *web.QuotePagesConfig) {
		c.ReadRate, c.AnswerRate = web.FormRate{Burst: 25, Every: time.Hour}, web.FormRate{Burst: 8, Every: time.Hour}
	})
	id, token := r.sent(locale.English, plainLines())
	_, other := r.sent(locale.English, plainLines())
	good := hiddenToken.FindStringSubmatch(r.get(token).Body.String())[1]
	foreign := hiddenToken.FindStringSubmatch(r.get(other).Body.String())[1]
	answer := func(change func(*http.Request), values url.Values) *httptest.ResponseRecorder {
		req := httptest.NewRequest(http.MethodPost, quoteBase+token, strings.NewReader(values.Encode()))
		req.Header.Set("Content-Type", urlType)
		if change != nil {
			change(req)
		}
		return r.do(req)
	}
	accept := func(form string) url.Values {
		return url.Values{"act": {"accept"}, "name": {"Éva"}, "form_token": {form}}
	}
	wantPage(t, answer(nil, accept(good)), http.StatusUnprocessableEntity, "One more step", `value="Éva"`) // too quick
	r.Clock.Advance(time.Minute)
	for name, w := range map[string]*httptest.ResponseRecorder{
		"no token":              answer(nil, accept("")),
		"token of another page": answer(nil, accept(foreign)),
		"from another site":     answer(func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }, accept(good)),
	} {
		if w.Code != http.StatusUnprocessableEntity || r.state(id).State != quote.Issued {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
	for name, w := range map[string]*httptest.ResponseRecorder{
		"JSON":         answer(func(r *http.Request) { r.Header.Set("Content-Type", "application/json") }, accept(good)),
		"unknown act":  answer(nil, url.Values{"act": {"pay"}}),
		"odd option":   answer(nil, url.Values{"act": {"accept"}, "option": {"99999"}}),
		"too large":    answer(nil, url.Values{"act": {"accept"}, "note": {strings.Repeat("x", 70_000)}}),
		"no such verb": answer(func(r *http.Request) { r.Method = http.MethodPut }, nil),
	} {
		if w.Code != http.StatusBadRequest && w.Code != http.StatusMethodNotAllowed {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
	codes := ""
	for range 6 {
		codes += fmt.Sprint(answer(nil, accept("x")).Code, " ")
	}
	if !strings.HasSuffix(codes, "429 ") {
		t.Errorf("answers: %s", codes)
	}
	last := 0
	for range 25 {
		last = r.get(token).Code
	}
	if last != http.StatusTooManyRequests {
		t.Errorf("readings: %d", last)
	}
	for _, secret := range []string{token, "Éva", "minta.example"} {
		if strings.Contains(r.log.String(), secret) {
			t.Errorf("the log says %q", secret)
		}
	}
}

func TestQuotePagesConfiguration(t *testing.T) {
	_, err := web.QuotePages(nil, web.QuotePagesConfig{Secret: []byte("short"), ReadRate: web.FormRate{Burst: -1}, MinFill: -1})
	for _, want := range []string{"secret", "read_rate", "token_life", "quotes"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not name %s", err, want)
		}
	}
}
