package web_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/crmplus/crmplus/adapters/web"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/testutil"
)

const (
	home    = "https://erp.example.com"
	partner = "https://www.minta.hu"
	urlType = "application/x-www-form-urlencoded"
)

// world is a company with forms in five languages and real leads.
type world struct {
	*testutil.Env
	t     testing.TB
	forms *web.Forms
	log   *bytes.Buffer
}

// exampleForms are one form for each language, named after it.
func exampleForms(company string) []web.Form {
	consents := map[locale.Language]string{
		locale.Hungarian: "Hozzájárulok, hogy a Minta Kft. a megadott elérhetőségeimen megkeressen, és adataimat ehhez kezelje.",
		locale.English:   "I agree that Minta Ltd. may contact me and process my details for this purpose.",
		locale.Hebrew:    "אני מאשר/ת שחברת מינטה תיצור עמי קשר ותעבד את פרטיי לצורך זה.",
		locale.Russian:   "Я согласен на обработку моих данных компанией «Минта» для ответа на обращение.",
		locale.Greek:     "Συμφωνώ να επικοινωνήσει μαζί μου η Minta ΑΕ και να επεξεργαστεί τα στοιχεία μου για τον σκοπό αυτό.",
	}
	brands := map[locale.Language]string{
		locale.Hungarian: "Minta Világítástechnika Kft.", locale.English: "Minta Lighting Ltd.", locale.Hebrew: "מינטה תאורה בע״מ",
		locale.Russian: "ООО «Минта Свет»", locale.Greek: "Minta Φωτισμός ΑΕ",
	}
	var forms []web.Form
	for _, language := range locale.Languages {
		forms = append(forms, web.Form{
			Key: string(language), Company: company, Language: language, Origins: []string{web.OwnPage, partner}, Source: "website", Campaign: "spring",
			Fields: []web.FormField{
				{Name: web.FieldFullName, Required: true}, {Name: web.FieldOrganization}, {Name: web.FieldEmail, Required: true}, {Name: web.FieldPhone},
				{Name: web.FieldMessage, Required: true},
			},
			Consent: web.FormConsent{Text: consents[language], Version: "2026-07", PolicyURL: "https://www.minta.hu/privacy", Required: true},
			Brand:   web.FormBrand{Name: brands[language], Accent: "#0b5d57"},
		})
	}
	return forms
}

func newWorld(t testing.TB, env *testutil.Env, change func(*web.FormsConfig)) *world {
	t.Helper()
	parties := party.New(env.DB, func(string) locale.Locale { return locale.Locale{Language: locale.English, Currency: "EUR"} })
	leads := lead.New(env.DB, lead.Config{Parties: parties})
	w := &world{Env: env, t: t, log: &bytes.Buffer{}}
	w.forms = newForms(t, env, leads, func(c *web.FormsConfig) {
		c.Log = slog.New(slog.NewTextHandler(w.log, nil))
		if change != nil {
			change(c)
		}
	})
	return w
}

func newForms(t testing.TB, env *testutil.Env, leads web.Capturer, change func(*web.FormsConfig)) *web.Forms {
	t.Helper()
	c := web.FormsConfig{
		Forms: exampleForms(env.Company), Secret: bytes.Repeat([]byte("s"), 32), Now: env.Clock.Now,
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")},
	}
	if change != nil {
		change(&c)
	}
	forms, err := web.NewForms(leads, c)
	if err != nil {
		t.Fatal(err)
	}
	return forms
}

// do sends a request to the forms, mounted as a host would.
func (w *world) do(r *http.Request) *httptest.ResponseRecorder {
	w.t.Helper()
	mux := http.NewServeMux()
	mux.Handle("/crm/", http.StripPrefix("/crm", w.forms))
	recorder := httptest.NewRecorder()
	mux.ServeHTTP(recorder, r)
	return recorder
}

var tokenInPage = regexp.MustCompile(`name="form_token" value="([^"]+)"`)

// token opens the form's page and waits as long as a person types.
func (w *world) token(key string) string {
	w.t.Helper()
	answer := w.do(httptest.NewRequest(http.MethodGet, home+"/crm/f/"+key, nil))
	token := w.tokenOf(answer)
	w.Clock.Advance(20 * time.Second)
	return token
}

func (w *world) tokenOf(answer *httptest.ResponseRecorder) string {
	w.t.Helper()
	found := tokenInPage.FindStringSubmatch(answer.Body.String())
	if found == nil {
		w.t.Fatalf("no token in the page: %s", answer.Body)
	}
	return found[1]
}

// anna is a post as a browser makes it of the Hungarian page.
func anna(token string) url.Values {
	return url.Values{
		"name": {"Kovács Anna"}, "company": {"Erdei Bútor Kft."}, "email": {"Anna@Erdei.hu"}, "phone": {"06 30 123 4567"},
		"message": {"40 lámpatest a raktárba,\r\nszeptemberig."}, "consent": {"2026-07"}, "form_token": {token}, "contact_link": {""},
	}
}

func post(key string, values url.Values) *http.Request {
	r := httptest.NewRequest(http.MethodPost, home+"/crm/f/"+key, strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", urlType)
	r.Header.Set("Origin", home)
	return r
}

func postJSON(key, body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, home+"/crm/f/"+key, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Origin", partner)
	return r
}

// rows are everything that captures have left in the test's company.
type rows struct {
	leads   []lead.Lead
	touches []lead.Touch
	parties []party.Party
}

func (w *world) rows() rows {
	w.t.Helper()
	var out rows
	err := w.DB.Read(w.System(), func(ctx context.Context, s *store.Session) error {
		out = rows{}
		if err := s.Select(&out.leads).OrderBy("arrived_at", "ASC").Scan(ctx); err != nil {
			return err
		}
		if err := s.Select(&out.touches).OrderBy("at", "ASC").Scan(ctx); err != nil {
			return err
		}
		return s.Select(&out.parties).OrderBy("kind", "DESC").Scan(ctx)
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}
