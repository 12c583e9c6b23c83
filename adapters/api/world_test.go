package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/crmplus/crmplus/adapters/api"
	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/apikey"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/testutil"
	"github.com/crmplus/crmplus/testutil/erp"
	"github.com/crmplus/crmplus/testutil/mailtest"
)

// base is where the API of the tests is mounted.
const base = "/crm/api"

// world is a server with keys for it.
type world struct {
	t      testing.TB
	env    *testutil.Env
	module *crm.Module
	server *httptest.Server
	// company is the one that is worked in, other somebody else's.
	company, other string
	// admin may everything, seller what sellers may, alien everything in another company.
	admin, seller, reader, alien string
	log                          *bytes.Buffer
	// taken counts the letters of newsletters that left.
	taken *atomic.Int64
	doc   *contract
}

// newWorld is on SQLite, or on the server that testutil.MSSQLVariable names where CRMPLUS_API_ON=mssql.
func newWorld(t testing.TB, change ...func(*api.Config)) *world {
	t.Helper()
	if os.Getenv("CRMPLUS_API_ON") == "mssql" {
		return worldOn(t, testutil.MSSQL(t), change...)
	}
	return worldOn(t, testutil.SQLite(t), change...)
}

// worldOn is newWorld on a given database.
func worldOn(t testing.TB, env *testutil.Env, change ...func(*api.Config)) *world {
	t.Helper()
	prefix := env.Company + "-"
	books := erp.New(env.DB.SQL(), string(env.DB.Dialect())).WithClock(env.DB.Now)
	if err := books.Install(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := books.Seed(t.Context(), erp.Sample{Prefix: prefix, Companies: []string{"HU01", "GR01"}, SkipHistory: true}); err != nil {
		t.Fatal(err)
	}
	quotes := crm.QuoteConfig{
		Sender:    func(string) mail.Address { return mail.Address{Name: "Minta Kft.", Email: "sales@example.com"} },
		PublicURL: func(string) string { return "https://erp.example.com/crm/q/" },
	}
	figures := crm.FigureConfig{
		ScreensURL: func(string) string { return "https://erp.example.com/crm" }, Sender: func(string) mail.Address { return mail.Address{Email: "reports@example.com"} },
	}
	taken := &atomic.Int64{}
	module, err := crm.New(env.DB, crm.Config{Host: books.Host(), LinkKey: bytes.Repeat([]byte{7}, 32), Quotes: quotes, Log: slog.New(slog.DiscardHandler), Mailer: &mailtest.Box{}, Newsletter: letters(taken), Figures: figures})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, taken: taken, env: env, module: module, log: &bytes.Buffer{}, company: prefix + "HU01", other: prefix + "GR01"}
	config := api.Config{Path: base, Rate: -1, WrongKeys: -1, Log: slog.New(slog.NewTextHandler(w.log, nil))}
	for _, c := range change {
		c(&config)
	}
	handler, err := api.Handler(module, config)
	if err != nil {
		t.Fatal(err)
	}
	w.server = httptest.NewServer(handler)
	t.Cleanup(w.server.Close)
	w.admin = w.key(w.company, apikey.Rights(), actor.All)
	w.seller = w.key(w.company, actor.Seller, actor.Own)
	w.reader = w.key(w.company, actor.Reader, actor.All)
	w.alien = w.key(w.other, apikey.Rights(), actor.All)
	return w
}

// key makes an API key of a company.
func (w *world) key(company string, rights actor.Rights, see actor.Visibility) string {
	w.t.Helper()
	user := "kovacs"
	if company == w.other {
		user = "admin-gr"
	}
	return w.keyOf(user, company, rights, see)
}

// keyOf is the key of a user.
func (w *world) keyOf(user, company string, rights actor.Rights, see actor.Visibility) string {
	w.t.Helper()
	ctx := actor.With(context.Background(), actor.System(company, "test"))
	issued, err := w.module.Keys.Create(ctx, apikey.Draft{Name: "test", User: user, UserName: "Kovács Anna", Rights: rights, See: see})
	if err != nil {
		w.t.Fatal(err)
	}
	return issued.Secret
}

// answer is what the server said.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a answer) decode(t testing.TB, into any) {
	t.Helper()
	if err := json.Unmarshal(a.body, into); err != nil {
		t.Fatalf("%v in %s", err, a.body)
	}
}

// ask sends a request; body is JSON as text, "" for none. Headers are pairs.
func (w *world) ask(key, method, path, body string, headers ...string) answer {
	w.t.Helper()
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	r, err := http.NewRequestWithContext(context.Background(), method, w.server.URL+base+path, reader)
	if err != nil {
		w.t.Fatal(err)
	}
	if key != "" {
		r.Header.Set("Authorization", "Bearer "+key)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer response.Body.Close()
	b, err := io.ReadAll(response.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	a := answer{response.StatusCode, response.Header, b}
	if err := w.contract().judge(method, path, a); err != nil {
		w.t.Error(err)
	}
	return a
}

// contract reads the document, once.
func (w *world) contract() *contract {
	w.t.Helper()
	if w.doc == nil {
		response, err := http.Get(w.server.URL + base + "/openapi.json")
		if err != nil {
			w.t.Fatal(err)
		}
		defer response.Body.Close()
		b, err := io.ReadAll(response.Body)
		if err != nil {
			w.t.Fatal(err)
		}
		w.doc = readContract(w.t, b)
	}
	return w.doc
}

// must is ask that expects a status.
func (w *world) must(status int, key, method, path, body string, headers ...string) answer {
	w.t.Helper()
	a := w.ask(key, method, path, body, headers...)
	if a.status != status {
		w.t.Fatalf("%s %s gave %d, want %d: %s\n%s", method, path, a.status, status, a.body, w.log)
	}
	return a
}

// first is the first page of a list.
func (*world) first() store.Page { return store.Page{Limit: 50} }
